# A listed domain that is sinkholed by now: both things are true.
feed evil c2 80
  evil-domain.net
feed sinks sinkhole 90
  203.0.113.7
at 10:00:00
client 192.0.2.10 asks A evil-domain.net -> NOERROR A 203.0.113.7
expect threat_intel domain evil-domain.net
expect sinkholed_domain domain evil-domain.net
