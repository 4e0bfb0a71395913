# A server that is also asked sends thirty answers nobody asked for: a guess at the cache.
at 10:00:00
client 192.0.2.10 asks A www.example-domain.net -> NOERROR A 203.0.113.7
repeat 30 every 100ms
  client 192.0.2.10 gets A w{i}.example-domain.net -> NOERROR A 203.0.113.9
client 192.0.2.10 asks A last.example-domain.net -> NOERROR A 203.0.113.7
repeat 25 every 100ms
  client 192.0.2.10 gets A x{i}.example-domain.net -> NOERROR A 203.0.113.9
expect protocol_anomaly entity 192.0.2.10 reason unsolicited
