# The question is clean; where it leads is not. What stands beside the answer does not count.
feed evil malware 75
  evil-domain.net
  203.0.113.0/28
at 10:00:00
client 192.0.2.10 asks A a.clean-one.net -> NOERROR CNAME b.clean-two.net; CNAME x.evil-domain.net; A 198.51.100.1
client 192.0.2.11 asks A a.clean-three.net -> NOERROR A 198.51.100.1; A 203.0.113.9
client 192.0.2.12 asks A a.clean-four.net -> NOERROR A 203.0.113.16; authority NS ns.evil-domain.net; additional A 203.0.113.9
expect threat_intel entity 192.0.2.10 domain clean-one.net reason threat_cname matched x.evil-domain.net entry evil-domain.net
expect threat_intel entity 192.0.2.11 domain clean-three.net reason threat_address matched 203.0.113.9 entry 203.0.113.0/28
