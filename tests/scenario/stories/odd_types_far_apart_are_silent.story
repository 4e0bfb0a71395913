# Three NULL queries an hour apart, and types that are rare but assigned.
at 10:00:00
repeat 3 every 1h
  client 192.0.2.10 asks NULL www.example-domain.net -> NOERROR
repeat 50 every 1s
  client 192.0.2.10 asks HTTPS h{i}.example-domain.net -> NOERROR
  client 192.0.2.10 asks CAA c{i}.example-domain.net -> NOERROR
  client 192.0.2.10 asks TLSA _443._tcp.t{i}.example-domain.net -> NXDOMAIN
expect nothing
