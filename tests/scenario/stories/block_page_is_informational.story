# The resolver already blocked the name by policy; a sinkhole would be worse.
seeds
at 10:00:00
client 192.0.2.10 asks A www.gambling-domain.net -> NOERROR A 146.112.61.106
client 192.0.2.10 asks A 146.112.61.106 -> NXDOMAIN
expect sinkholed_domain domain gambling-domain.net reason block_page severity Informational
