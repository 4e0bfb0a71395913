# One name every five minutes: by rate nothing, by what the names carry a tunnel within the hour.
at 00:00:00
repeat 60 every 5m
  client 192.0.2.10 asks A {hex}{hex}{hex}{hex}.example-domain.net -> NOERROR A 203.0.113.7
expect data_exfiltration entity 192.0.2.10 domain example-domain.net
