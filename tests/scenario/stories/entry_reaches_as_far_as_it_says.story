# name: with everything below; =name: alone; *.name: only what is below.
feed evil c2 80
  whole-domain.net
  =exact-domain.net
  *.below-domain.net
at 10:00:00
client 192.0.2.10 asks A whole-domain.net
client 192.0.2.11 asks A a.b.whole-domain.net
client 192.0.2.12 asks A exact-domain.net
client 192.0.2.13 asks A www.exact-domain.net
client 192.0.2.14 asks A below-domain.net
client 192.0.2.15 asks A www.below-domain.net
expect threat_intel entity 192.0.2.10
expect threat_intel entity 192.0.2.11 domain whole-domain.net qname a.b.whole-domain.net
expect threat_intel entity 192.0.2.12
expect threat_intel entity 192.0.2.15
