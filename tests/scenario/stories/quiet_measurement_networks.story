# Measurement of the network itself: every probe has a name of its own, by design.
seeds
at 10:00:00
repeat 200 every 1s
  client 10.1.1.7 asks A {hex}{hex}.u{i}.s1.am.i4.ap.dotnxdomain.net -> NOERROR A 198.51.100.1
  client 10.1.1.7 asks AAAA 0du-{hex}-c13-a04cb-s{i}-i5-v6.ap2.dotnxdomain.net -> NOERROR AAAA 2001:db8::1
  client 10.1.1.8 asks A {i}.1000.{hex}.bash.ws -> NOERROR A 198.51.100.2
  client 10.1.1.9 asks A {hex}{hex}.test.dnsleaktest.com -> NXDOMAIN
expect nothing
