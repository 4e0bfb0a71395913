# Words are not name spaces.
seeds
at 10:00:00
client 192.0.2.10 asks A onion.good-domain.net -> NOERROR A 198.51.100.1
client 192.0.2.10 asks A www.theonion.com -> NOERROR A 198.51.100.1
client 192.0.2.10 asks A entertainment.theonion.com -> NOERROR A 198.51.100.1
client 192.0.2.10 asks A tor.good-domain.net -> NOERROR A 198.51.100.1
client 192.0.2.10 asks A i2p -> NXDOMAIN
client 192.0.2.10 asks A vectorproxy-onions.net -> NOERROR A 198.51.100.1
expect nothing
