# A program hides what it fetches beside the answers: the address that was asked for is always the
# same, but a text comes along. Another has it written into the records of authority it asks for.
at 10:00:00
repeat 60 every 1s
  client 192.0.2.10 asks A {i}.files.example-domain.net -> NOERROR A 203.0.113.7; additional TXT "{hex}{hex}{hex}"
  client 192.0.2.11 asks SOA {i}.files.example-domain.org -> NOERROR SOA {hex}{hex}{hex}.example-domain.org. a.example-domain.org. 1 2 3 4 5
expect data_infiltration entity 192.0.2.10 domain example-domain.net reason tunnel_download
expect data_infiltration entity 192.0.2.11 domain example-domain.org reason tunnel_download
