# A script sends a file in names, two a second. However long it goes on, it is one alert of one kind.
at 10:00:00
repeat 200 every 500ms
  client 192.0.2.10 asks A {hex}{hex}{hex}.{i}.files.example-domain.net -> NOERROR A 203.0.113.7
expect data_exfiltration entity 192.0.2.10 domain example-domain.net reason tunnel_upload severity Low
