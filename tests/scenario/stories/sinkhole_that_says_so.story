# The operator's text says what became of the domain; policies and proofs of ownership only name hosts.
at 10:00:00
client 192.0.2.10 asks TXT botnet-one.net -> NOERROR TXT "This domain has been Sinkholed by some CERT"
client 192.0.2.11 asks TXT botnet-two.net -> NOERROR TXT "This domain has been seized by order of a court"
client 192.0.2.12 asks TXT good-domain.net -> NOERROR TXT "v=spf1 include:sinkhole.good-domain.net -all"
client 192.0.2.12 asks TXT good-domain.org -> NOERROR TXT "we write about gardens"
client 192.0.2.12 asks A good-domain.com -> NOERROR additional TXT "sinkhole"
expect sinkholed_domain entity 192.0.2.10 domain botnet-one.net reason sinkhole_text confidence 70 severity Medium
expect sinkholed_domain entity 192.0.2.11 domain botnet-two.net reason sinkhole_text
