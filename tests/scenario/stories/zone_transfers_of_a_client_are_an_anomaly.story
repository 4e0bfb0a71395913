# Four zones in a row are asked for by somebody who is given none.
at 10:00:00
repeat 4 every 5s
  client 192.0.2.10 asks AXFR z{i}.example-domain.net over tcp
+1m
expect protocol_anomaly entity 192.0.2.10 reason zone_transfer count 1
