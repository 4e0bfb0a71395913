# A beacon every ten minutes for two days: once a day somebody hears of it again.
feed evil c2 80
  evil-domain.net
at 00:00:00
repeat 288 every 10m
  client 192.0.2.10 asks A b{i}.evil-domain.net -> NOERROR A 198.51.100.1
expect threat_intel domain evil-domain.net count 144 samples 5 seconds 85801
expect threat_intel domain evil-domain.net count 144 samples 5 seconds 85801
