# Phishing sites live for days: an entry fetched three weeks ago says nothing any more, C2 still does.
feed old-phishing phishing 80 fetched 2025-12-10
  phish-domain.net
feed old-c2 c2 80 fetched 2025-12-10
  evil-domain.net
feed new-phishing phishing 80 fetched 2025-12-30
  fresh-phish-domain.net
at 10:00:00
client 192.0.2.10 asks A phish-domain.net
client 192.0.2.10 asks A evil-domain.net
client 192.0.2.10 asks A fresh-phish-domain.net
expect threat_intel domain evil-domain.net
expect phishing_domain domain fresh-phish-domain.net
