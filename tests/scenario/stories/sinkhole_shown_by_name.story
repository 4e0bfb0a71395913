# The lists that come with the program know the operators' names, wherever they stand in the answer.
seeds
at 10:00:00
client 192.0.2.10 asks A botnet-one.net -> NOERROR CNAME a.sinkhole.cert.pl; A 198.51.100.1
client 192.0.2.11 asks A botnet-two.net -> NOERROR A 198.51.100.1; authority NS ns1.microsoftinternetsafety.net
client 192.0.2.12 asks A botnet-three.net -> NXDOMAIN authority SOA ns1.good-domain.net hostmaster.sinkhole.ch 1 7200 900 86400 300
client 192.0.2.13 asks NS botnet-four.net -> NOERROR NS ns1.good-domain.net; NS ns2.sinkdns.org
client 192.0.2.14 asks A sinkhole.shadowserver.org -> NOERROR A 198.51.100.1
expect sinkholed_domain entity 192.0.2.10 domain botnet-one.net reason sinkhole_cname matched a.sinkhole.cert.pl
expect sinkholed_domain entity 192.0.2.11 domain botnet-two.net reason sinkhole_delegation matched ns1.microsoftinternetsafety.net
expect sinkholed_domain entity 192.0.2.12 domain botnet-three.net reason sinkhole_delegation matched hostmaster.sinkhole.ch
expect sinkholed_domain entity 192.0.2.13 domain botnet-four.net reason sinkhole_delegation matched ns2.sinkdns.org
expect sinkholed_domain entity 192.0.2.14 reason sinkhole_name
