# Malware walks through the names of its generator: one alert, however many names follow. The one
# that exists is part of it and no story of its own.
at 10:00:00
client 192.0.2.10 asks A www.smith-and-sons-plumbing.net -> NXDOMAIN
repeat 40 every 2s
  client 192.0.2.10 asks A {letters}.net -> NXDOMAIN
client 192.0.2.10 asks A wqjxkvzphg.net -> NOERROR A 203.0.113.7
# The same names of another client, and the first one again after a day.
+1m
repeat 12 every 5m
  client 192.0.2.11 asks A {letters}.info -> NXDOMAIN
+25h
repeat 20 every 1s
  client 192.0.2.10 asks A {hex}.org -> NXDOMAIN
expect generated_domains entity 192.0.2.10 reason generated_reached severity Informational
expect generated_domains entity 192.0.2.11 reason generated_letters
expect generated_domains entity 192.0.2.10 reason generated_letters
