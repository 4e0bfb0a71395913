# Antivirus reputation and measurement: long hashes in names, by design.
seeds
at 11:00:00
repeat 100 every 300ms
  client 10.1.1.7 asks TXT {hex}{hex}{hex}.{hex}.sophosxl.net -> NOERROR TXT "w"
  client 10.1.1.7 asks A {hex}{hex}.avqs.mcafee.com -> NOERROR A 127.0.0.128
  client 10.1.1.7 asks A {hex}.ipv4.footprintdns.com -> NOERROR A 198.51.100.1
expect nothing
