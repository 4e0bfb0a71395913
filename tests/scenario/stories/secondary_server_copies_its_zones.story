# Transfers between name servers are given: whole zones at first, changes later.
at 10:00:00
repeat 30 every 1s
  client 192.0.2.53 asks AXFR z{i}.example-domain.net over tcp -> NOERROR SOA ns.example-domain.net hostmaster.example-domain.net 7 3600 600 86400 300
  client 192.0.2.53 asks IXFR z{i}.example-domain.net over tcp -> NOERROR
expect nothing
