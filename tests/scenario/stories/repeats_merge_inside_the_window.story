# Three look-ups within the window of each other, then silence for longer than the window, then one.
config
  alerts: {window_s: 600}
feed evil c2 80
  evil-domain.net
at 10:00:00
repeat 3 every 9m
  client 192.0.2.10 asks A evil-domain.net -> NOERROR A 198.51.100.1
+11m client 192.0.2.10 asks A evil-domain.net -> NOERROR A 198.51.100.1
expect threat_intel domain evil-domain.net count 3 seconds 1080
expect threat_intel domain evil-domain.net count 1 seconds 0
