# The client's query and the resolver's own, further up, are seen by the same tap.
config
  resolvers: [198.51.100.53]
feed evil c2 80
  evil-domain.net
at 10:00:00
client 192.0.2.10 asks A evil-domain.net
client 198.51.100.53 asks A evil-domain.net from 203.0.113.1 -> NOERROR A 203.0.113.9
client 192.0.2.10 gets A evil-domain.net -> NOERROR A 203.0.113.9
expect threat_intel entity 192.0.2.10 count 1 resolver 198.51.100.53
counter findings_suppressed 1
