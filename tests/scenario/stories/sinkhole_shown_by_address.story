# The seized domain resolves to an address that sinkholes nothing else than domains, in either family.
feed sinks sinkhole 90
  203.0.113.64/28
  2001:db8:51::/48
at 10:00:00
client 192.0.2.10 asks A www.botnet-domain.net -> NOERROR A 203.0.113.70
client 2001:db8::10 asks AAAA botnet-domain.net -> NOERROR AAAA 2001:db8:51::1
client 192.0.2.11 asks A other-domain.net -> NOERROR A 203.0.113.80
expect sinkholed_domain entity 192.0.2.10 domain botnet-domain.net reason sinkhole_address matched 203.0.113.70 entry 203.0.113.64/28 severity Medium
expect sinkholed_domain entity 2001:db8::10 domain botnet-domain.net reason sinkhole_address matched 2001:db8:51::1
