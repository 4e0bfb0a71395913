# Confidence 40 is below the medium knob; low would let it through.
feed unsure suspicious 40
  unsure-domain.net
at 10:00:00
client 192.0.2.10 asks A unsure-domain.net -> NOERROR A 198.51.100.1
expect nothing
counter findings_suppressed 1
