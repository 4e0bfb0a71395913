# A crawler meets new domains by the hundred: that one of them looks random is no news any more …
at 10:00:00
repeat 600 every 100ms
  client 192.0.2.10 asks A shop{i}garden.net -> NOERROR A 203.0.113.7
client 192.0.2.10 asks A qxzvkwjhxkq.net -> NOERROR A 203.0.113.7
# … but it is for the client beside it, and for the crawler the next day.
client 192.0.2.11 asks A wxkqzvjhqzk.net -> NOERROR A 203.0.113.7
+24h client 192.0.2.10 asks A zvxqkjhwqxv.net -> NOERROR A 203.0.113.7
expect random_domain entity 192.0.2.11 domain wxkqzvjhqzk.net
expect random_domain entity 192.0.2.10 domain zvxqkjhwqxv.net
