# A link in a message leads to pages that borrow a brand: by its own domain on the left, by a letter of
# another alphabet, by a word that lures under a provider's suffix. Each is told once for its domain.
at 10:00:00
client 192.0.2.10 asks A usps.com-redelivery-notice.top -> NOERROR A 203.0.113.7
client 192.0.2.11 asks A www.xn--pypal-4ve.net -> NOERROR A 203.0.113.7
client 192.0.2.12 asks A metamask-login.webflow.io -> NOERROR A 203.0.113.7
client 192.0.2.12 asks A metamask-login.webflow.io -> NOERROR A 203.0.113.7
expect phishing_domain entity 192.0.2.10 domain com-redelivery-notice.top reason lookalike_embedded severity Informational
expect phishing_domain entity 192.0.2.11 domain xn--pypal-4ve.net reason lookalike_homoglyph
expect phishing_domain entity 192.0.2.12 domain metamask-login.webflow.io reason lookalike_combined count 2
