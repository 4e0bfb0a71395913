# Filters like Pi-hole answer with nothing, with zeros or with the loopback.
seeds
at 10:00:00
client 192.0.2.10 asks A ads.advert-domain.net -> NOERROR A 0.0.0.0
client 192.0.2.10 asks AAAA ads.advert-domain.net -> NOERROR AAAA ::
client 192.0.2.10 asks A track.advert-domain.net -> NOERROR A 127.0.0.1
client 192.0.2.10 asks A pixel.advert-domain.net -> NXDOMAIN
client 192.0.2.10 asks A banner.advert-domain.net -> REFUSED
expect nothing
