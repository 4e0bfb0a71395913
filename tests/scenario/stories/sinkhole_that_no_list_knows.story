# Operators put the word into their servers' names; a domain's own hosts may have it for other reasons.
seeds
at 10:00:00
client 192.0.2.10 asks A botnet-one.net -> NOERROR CNAME victims.sinkhole.some-cert.org; A 198.51.100.1
client 192.0.2.11 asks A botnet-two.net -> NOERROR A 198.51.100.1; authority NS ns1.acme-sinkhole.com
client 192.0.2.12 asks A botnet-three.net -> NXDOMAIN authority SOA ns1.sinkhole-ops.net hostmaster.good-domain.net 1 7200 900 86400 300
client 192.0.2.13 asks A www.sinkhole-kitchens.com -> NOERROR A 198.51.100.1; authority NS ns1.sinkhole-kitchens.com
expect sinkholed_domain entity 192.0.2.10 domain botnet-one.net reason sinkhole_cname matched victims.sinkhole.some-cert.org
expect sinkholed_domain entity 192.0.2.11 domain botnet-two.net reason sinkhole_delegation matched ns1.acme-sinkhole.com
expect sinkholed_domain entity 192.0.2.12 domain botnet-three.net reason sinkhole_delegation matched ns1.sinkhole-ops.net
