# Without configuration the servers that five clients resolve names with are the network's resolvers.
# One of these clients asks another one, too, that nobody else does.
at 10:00:00
repeat 25 every 5s
  client 192.0.2.1 asks A www.example.com -> NOERROR A 203.0.113.7
  client 192.0.2.2 asks A www.example.com -> NOERROR A 203.0.113.7
  client 192.0.2.3 asks A www.example.com -> NOERROR A 203.0.113.7
  client 192.0.2.4 asks A www.example.com -> NOERROR A 203.0.113.7
  client 192.0.2.5 asks A www.example.com -> NOERROR A 203.0.113.7
  client 192.0.2.1 asks A www.example.org from 203.0.113.99 -> NOERROR A 203.0.113.8
expect protocol_anomaly entity 192.0.2.1 resolver 203.0.113.99 reason unexpected_resolver
