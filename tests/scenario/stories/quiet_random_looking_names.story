# Names that look random and are no business of anybody.
seeds
at 10:00:00
# They do not exist, or a filter says so.
client 192.0.2.10 asks A www.qxzvkwjh7xkq.net -> NXDOMAIN
client 192.0.2.10 asks A www.qxzvkwjh8xkq.net -> NOERROR A 0.0.0.0
client 192.0.2.10 asks A www.qxzvkwjh9xkq.net -> SERVFAIL
# Hosts of a delivery network, and tenants below a provider's suffix.
+10s client 192.0.2.10 asks A dqxzvkwjh7xkq.cloudfront.net -> NOERROR A 203.0.113.7
client 192.0.2.10 asks A r3---sn-4g5e6nsz.googlevideo.com -> NOERROR A 203.0.113.8
client 192.0.2.10 asks A qxzvkwjh7xkq.github.io -> NOERROR A 203.0.113.8
# Another script, written in ASCII.
client 192.0.2.10 asks A xn--qxzvkwjh-7xkq.net -> NOERROR A 203.0.113.9
# An address that somebody looks up, and a name of the local network.
client 192.0.2.10 asks PTR 7.113.0.203.in-addr.arpa -> NOERROR PTR qxzvkwjh7xkq.net
client 192.0.2.10 asks A qxzvkwjh7xkq.local -> NXDOMAIN
# Words, and a number.
client 192.0.2.10 asks A longcompanyname.net -> NOERROR A 203.0.113.10
client 192.0.2.10 asks A 163.com -> NOERROR A 203.0.113.10
expect nothing
