# A trusted forwarder says who asked. A network is not a client, and a stranger is not believed.
config
  forwarders: [192.0.2.53]
feed evil c2 80
  evil-domain.net
at 10:00:00
client 192.0.2.53 asks A evil-domain.net subnet 10.1.2.3/32 -> NOERROR A 198.51.100.1
client 192.0.2.53 asks A evil-domain.net subnet 2001:db8::7/128 -> NOERROR A 198.51.100.1
client 192.0.2.53 asks A evil-domain.net subnet 10.1.2.0/24 -> NOERROR A 198.51.100.1
client 192.0.2.54 asks A evil-domain.net subnet 10.9.9.9/32 -> NOERROR A 198.51.100.1
expect threat_intel entity 10.1.2.3
expect threat_intel entity 2001:db8::7
expect threat_intel entity 192.0.2.54
counter findings_suppressed 1
