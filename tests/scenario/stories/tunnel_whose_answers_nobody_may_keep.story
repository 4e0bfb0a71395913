# A tunnel's server has nothing to say but that it does not know: each answer is a failure. That is a
# little surer than the same names with answers that live a minute.
at 10:00:00
repeat 100 every 1s
  client 192.0.2.10 asks A {hex}{hex}{hex}.failing-names.net -> NXDOMAIN
  client 192.0.2.11 asks A {hex}{hex}{hex}.lasting-names.net -> NOERROR A 203.0.113.7
expect data_exfiltration entity 192.0.2.10 domain failing-names.net confidence 89
expect data_exfiltration entity 192.0.2.11 domain lasting-names.net confidence 85
# Ordinary names that fail are no tunnel.
repeat 100 every 1s
  client 192.0.2.12 asks A host{i}.plain-names.net -> NXDOMAIN
