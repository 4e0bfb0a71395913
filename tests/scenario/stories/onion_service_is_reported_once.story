# A client that asks for an onion service is reported once, however often it asks and whatever host of
# the service it names. The checksum of the address is right, so it cannot be a coincidence.
seeds
at 10:00:00
client 192.0.2.10 asks A duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion -> NXDOMAIN
+5s client 192.0.2.10 asks AAAA duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion -> NXDOMAIN
+1m client 192.0.2.10 asks A www.DuckDuckGoGG42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion -> NXDOMAIN
expect dark_web entity 192.0.2.10 domain duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion count 3 reason onion_address severity Low confidence 99 samples 3
