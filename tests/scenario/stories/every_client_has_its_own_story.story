# Three clients, one domain: three alerts that each say how many asked.
feed evil c2 80
  evil-domain.net
at 10:00:00
client 192.0.2.10 asks A evil-domain.net
client 192.0.2.11 asks A www.evil-domain.net
client 2001:db8::12 asks A evil-domain.net
client 192.0.2.10 asks A evil-domain.net
expect threat_intel entity 192.0.2.10 count 2 clients 3
expect threat_intel entity 192.0.2.11 count 1 clients 3
expect threat_intel entity 2001:db8::12 count 1 clients 3
