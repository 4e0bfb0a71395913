# Twenty names and no more: which way the data went is decided when nothing further comes, and an
# hour later the alert is closed while other clients go on.
at 10:00:00
repeat 20 every 1s
  client 192.0.2.10 asks A {hex}{hex}{hex}.example-domain.net -> NOERROR A 203.0.113.7
+2h client 192.0.2.11 asks A www.example-domain.org -> NOERROR A 203.0.113.7
expect data_exfiltration entity 192.0.2.10 domain example-domain.net
