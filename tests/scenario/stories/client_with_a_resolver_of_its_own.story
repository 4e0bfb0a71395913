# A client that has resolvers asks a server of its own beside them, again and again.
config
  resolvers: [198.51.100.53]
at 10:00:00
repeat 25 every 5s
  client 192.0.2.10 asks A www.example.com -> NOERROR A 203.0.113.7
  client 192.0.2.10 asks A www.example.org from 203.0.113.99 -> NOERROR A 203.0.113.8
expect protocol_anomaly entity 192.0.2.10 resolver 203.0.113.99 reason unexpected_resolver
