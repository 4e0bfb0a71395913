# Next to each of our rules stands a name or message that it must not mind.
own_rules
config
  detectors: {signature: {confidence: low}}
at 10:00:00
client 192.0.2.11 asks TXT version.bind.shop-domain.net -> NXDOMAIN
client 192.0.2.11 asks TXT version.servers -> NXDOMAIN
client 192.0.2.11 asks TXT co-authors.bind.net -> NXDOMAIN
client 192.0.2.11 asks A fc.shop-domain.net -> NOERROR A 203.0.113.7
client 192.0.2.11 asks SOA shop-domain.net -> REFUSED
client 192.0.2.11 asks SOA shop-domain.net opcode 4 -> NOERROR
client 192.0.2.11 asks A notngrok.io.shop-domain.net -> NXDOMAIN
client 192.0.2.11 asks A ngrok.shop-domain.net -> NXDOMAIN
client 192.0.2.11 asks A www.nottrycloudflare.com -> NXDOMAIN
client 192.0.2.11 asks A www.local.lt -> NXDOMAIN
client 192.0.2.11 asks A preserveo.net -> NXDOMAIN
client 192.0.2.11 asks A carbndr.us -> NXDOMAIN
client 192.0.2.11 asks A www.oast.pro -> NOERROR A 203.0.113.7
client 192.0.2.11 asks A www.oastify.com -> NOERROR A 203.0.113.7
client 192.0.2.11 asks A notdnslog.cn -> NXDOMAIN
client 192.0.2.11 asks A jndi.shop-domain.net -> NXDOMAIN
client 192.0.2.11 asks A price\$.shop-domain.net -> NXDOMAIN
client 192.0.2.11 asks A wpad.shop-domain.net -> NOERROR A 203.0.113.7
client 192.0.2.11 asks A wpad.local -> NOERROR A 192.0.2.1
client 192.0.2.11 asks A wpad.com -> NXDOMAIN
client 192.0.2.11 asks A www.anydesk.com -> NOERROR A 203.0.113.7
client 192.0.2.11 asks A myscreenconnect.com -> NXDOMAIN
client 192.0.2.11 asks A www.atera.com -> NOERROR A 203.0.113.7
client 192.0.2.11 asks A rustdesk.com -> NOERROR A 203.0.113.7
expect nothing
