# Somebody followed a link. Phishing is its own kind of alert, and no threat alert besides.
feed phish phishing 85
  login-bank-domain.net
  tenant-phish.github.io
at 10:00:00
client 192.0.2.10 asks A login-bank-domain.net -> NOERROR A 198.51.100.1
client 192.0.2.10 asks HTTPS login-bank-domain.net -> NOERROR
client 192.0.2.11 asks A tenant-phish.github.io -> NOERROR A 198.51.100.1
client 192.0.2.12 asks A other-tenant.github.io -> NOERROR A 198.51.100.1
client 192.0.2.13 asks A bank-domain.net -> NOERROR A 198.51.100.1
expect phishing_domain entity 192.0.2.10 domain login-bank-domain.net count 2 reason phishing_listed severity Informational
expect phishing_domain entity 192.0.2.11 domain tenant-phish.github.io
