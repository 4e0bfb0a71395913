# The domain, its hosts and names that do not even exist are one story.
feed evil c2 80
  evil-domain.net
at 10:00:00
client 192.0.2.10 asks A evil-domain.net -> NOERROR A 203.0.113.7
+5s client 192.0.2.10 asks A www.evil-domain.net -> NXDOMAIN
client 192.0.2.10 asks A www.not-evil-domain.net -> NOERROR A 203.0.113.8
client 192.0.2.10 asks A evil-domain.net.good-domain.net -> NXDOMAIN
expect threat_intel entity 192.0.2.10 domain evil-domain.net count 2 reason threat_name severity Medium feed evil entry evil-domain.net confidence 80 resolver 198.51.100.53
