# Allow wins where it is as specific as the block; a host blocked by name stays blocked.
feed evil c2 80
  tool-domain.net
  evil.hosting-domain.net
  203.0.113.7
feed ours allow 100
  tool-domain.net
  hosting-domain.net
at 10:00:00
client 192.0.2.10 asks A tool-domain.net -> NOERROR A 203.0.113.7
client 192.0.2.10 asks A x.tool-domain.net -> NOERROR A 203.0.113.7
client 192.0.2.10 asks A good.hosting-domain.net -> NOERROR A 198.51.100.1
client 192.0.2.10 asks A evil.hosting-domain.net -> NOERROR A 198.51.100.1
expect threat_intel domain hosting-domain.net qname evil.hosting-domain.net
