# Half of what makes an alert is enough where the knob is low.
config
  detectors:
    data_exfiltration: {confidence: low}
at 10:00:00
repeat 7 every 10s
  client 192.0.2.10 asks A {hex}{hex}{hex}{hex}.example-domain.net -> NXDOMAIN
expect data_exfiltration entity 192.0.2.10 confidence 44
