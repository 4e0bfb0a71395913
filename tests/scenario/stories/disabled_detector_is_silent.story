# Switched off is off; the others go on.
config
  detectors:
    threat_intel: {enabled: false}
feed evil c2 80
  evil-domain.net
feed sinks sinkhole 90
  203.0.113.7
at 10:00:00
client 192.0.2.10 asks A evil-domain.net -> NOERROR A 203.0.113.7
expect sinkholed_domain entity 192.0.2.10
counter findings_suppressed 0
