# A filter at home says of every advertiser, many of them named at random, that it does not exist or
# is 0.0.0.0; the browser asks again and again.
seeds
at 20:00:00
repeat 60 every 10s
  client 10.1.1.7 asks A www.good-domain.net -> NOERROR A 198.51.100.1
  client 10.1.1.7 asks A ad.doubleclick.net -> NXDOMAIN
  client 10.1.1.7 asks A {hex}.safeframe.googlesyndication.com -> NXDOMAIN
  client 10.1.1.7 asks A t{i}.adnxs.com -> NXDOMAIN
  client 10.1.1.7 asks HTTPS pixel.rubiconproject.com -> NXDOMAIN
  client 10.1.1.7 asks A static.criteo.net -> NOERROR A 0.0.0.0
  client 10.1.1.7 asks AAAA static.criteo.net -> NOERROR AAAA ::
  client 10.1.1.7 asks A {hex}.cdn4.forter.com -> NXDOMAIN
expect nothing
