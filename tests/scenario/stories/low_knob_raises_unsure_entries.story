# The same with the knob turned, and the severity set by hand.
config
  detectors:
    threat_intel: {confidence: low, severity: High}
feed unsure suspicious 40
  unsure-domain.net
at 10:00:00
client 192.0.2.10 asks A unsure-domain.net -> NOERROR A 198.51.100.1
expect threat_intel domain unsure-domain.net severity High confidence 40
