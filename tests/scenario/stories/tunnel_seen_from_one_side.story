# The sensor is shown queries alone. Short names may ask for data as well as carry it, and without a
# pause they do; names that are full carry it.
at 10:00:00
repeat 200 every 1s
  client 192.0.2.10 asks A {hex}.short-names.net
  client 192.0.2.11 asks A {hex}{hex}{hex}{hex}{hex}.{hex}{hex}{hex}{hex}{hex}.full-names.net
repeat 200 every 50ms
  client 192.0.2.12 asks TXT {hex}.hasty-names.net
expect data_obfuscation entity 192.0.2.10 domain short-names.net
expect data_exfiltration entity 192.0.2.11 domain full-names.net
expect data_infiltration entity 192.0.2.12 domain hasty-names.net
