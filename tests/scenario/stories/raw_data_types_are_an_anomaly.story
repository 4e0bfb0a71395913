# Four queries for NULL records within a minute: hardly anything but a tunnel asks for them.
at 10:00:00
repeat 4 every 10s
  client 192.0.2.10 asks NULL a{i}.example-domain.net -> NOERROR
expect protocol_anomaly entity 192.0.2.10 reason data_type domain example-domain.net count 1
