# The address also serves ordinary customers of a cloud. Only the domain that a threat list names, too,
# is sinkholed; the list's own alert comes besides.
feed sinks sinkhole_shared 50
  203.0.113.7
feed evil malware 60
  botnet-domain.net
at 10:00:00
client 192.0.2.10 asks A www.good-domain.net -> NOERROR A 203.0.113.7
client 192.0.2.11 asks A www.botnet-domain.net -> NOERROR A 203.0.113.7
expect sinkholed_domain entity 192.0.2.11 domain botnet-domain.net reason sinkhole_shared feed sinks
expect threat_intel entity 192.0.2.11 domain botnet-domain.net reason threat_name feed evil
