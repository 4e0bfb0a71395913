# Other names are answered, so the sensor is shown answers; the tunnel's own server never gives any.
at 10:00:00
repeat 200 every 1s
  client 192.0.2.10 asks A {hex}.short-names.net
  client 192.0.2.11 asks A www.example{i}-domain.net -> NOERROR A 203.0.113.7
  client 192.0.2.12 asks A www.example{i}-domain.org -> NOERROR A 203.0.113.7
expect data_exfiltration entity 192.0.2.10 domain short-names.net
