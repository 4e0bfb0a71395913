# No list is needed for an address that proves itself, nor for a plausible one under a gateway's name.
# The last name has one letter changed.
at 10:00:00
client 192.0.2.10 asks A duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.fresh-domain.net
client 192.0.2.11 asks A pay.duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.fresh-domain.net
client 192.0.2.12 asks A 3g2upl4pq6kufc4m.onion-fresh.net -> NOERROR A 198.51.100.1
client 192.0.2.13 asks A duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczed.fresh-domain.net
client 192.0.2.13 asks A 3g2upl4pq6kufc4m.fresh-domain.net -> NOERROR A 198.51.100.1
feed any c2 80
  other-domain.net
expect dark_web_proxy entity 192.0.2.10 domain fresh-domain.net reason onion_label feed none
expect dark_web_proxy entity 192.0.2.11 domain fresh-domain.net reason onion_label
expect dark_web_proxy entity 192.0.2.12 domain onion-fresh.net reason gateway_onion
