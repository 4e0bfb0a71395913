# A feed with a doubtful address makes no alert of a domain that everybody uses.
feed everybody popular 100
  big-domain.net
feed doubtful malware 60
  203.0.113.7
feed sure c2 90
  203.0.113.8
at 10:00:00
client 192.0.2.10 asks A www.big-domain.net -> NOERROR A 203.0.113.7
client 192.0.2.11 asks A www.big-domain.net -> NOERROR A 203.0.113.8
client 192.0.2.12 asks A www.small-domain.net -> NOERROR A 203.0.113.7
expect threat_intel entity 192.0.2.11 feed sure
expect threat_intel entity 192.0.2.12 feed doubtful
