# A validating resolver's look-ups, and secondaries that refresh their zones over TCP.
seeds
at 04:00:00
repeat 40 every 1s
  client 10.1.0.53 asks DNSKEY zone{i}-domain.net -> NOERROR
  client 10.1.0.53 asks DS zone{i}-domain.net -> NOERROR
  client 10.1.0.53 asks SOA zone{i}-domain.net -> NOERROR SOA ns1.zone{i}-domain.net hostmaster.zone{i}-domain.net 2026010100 7200 900 1209600 300
  client 10.1.0.54 asks AXFR zone{i}-domain.net over tcp -> NOERROR SOA ns1.zone{i}-domain.net hostmaster.zone{i}-domain.net 1 2 3 4 5; NS ns1.zone{i}-domain.net
  client 10.1.0.53 asks NULL _ta-4f66 -> NXDOMAIN
expect nothing
