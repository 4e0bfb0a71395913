# What other providers rate High.
config
  severity_profile: strict
feed phish phishing 85
  phish-domain.net
feed evil c2 85
  evil-domain.net
feed pools mining 85
  pool-domain.net
at 10:00:00
client 192.0.2.10 asks A phish-domain.net
client 192.0.2.10 asks A evil-domain.net
client 192.0.2.10 asks A pool-domain.net
expect phishing_domain severity High
expect threat_intel severity High
expect currency_mining severity High
