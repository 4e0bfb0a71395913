# Five clients ask for it before the first answer comes: that is a service, not one machine's secret.
at 10:00:00
client 192.0.2.1 asks A qxzvkwjh7xkq.net -> NXDOMAIN
client 192.0.2.2 asks A qxzvkwjh7xkq.net -> NXDOMAIN
client 192.0.2.3 asks A qxzvkwjh7xkq.net -> NXDOMAIN
client 192.0.2.4 asks A qxzvkwjh7xkq.net -> NXDOMAIN
+1m client 192.0.2.5 asks A qxzvkwjh7xkq.net -> NOERROR A 203.0.113.7
# Known since the day before.
client 192.0.2.1 asks A wxkqzvjh4qzk.net -> NXDOMAIN
+25h client 192.0.2.1 asks A wxkqzvjh4qzk.net -> NOERROR A 203.0.113.7
expect nothing
