# Probes of name servers, each asked for once.
own_rules
config
  detectors: {protocol_anomaly: {enabled: false}}
at 10:00:00
client 192.0.2.11 asks TXT version.bind -> REFUSED
client 192.0.2.12 asks TXT VERSION.SERVER -> REFUSED
client 192.0.2.13 asks TXT authors.bind -> REFUSED
client 192.0.2.14 asks AXFR . -> REFUSED
client 192.0.2.15 asks A shop-domain.net opcode 1 -> NOTIMP
expect signature entity 192.0.2.11 sid 1000001 severity Low
expect signature entity 192.0.2.12 sid 1000002
expect signature entity 192.0.2.13 sid 1000003
expect signature entity 192.0.2.14 sid 1000004
expect signature entity 192.0.2.15 sid 1000005 severity Low
