# A site publishes its onion address as a host name; the operator has let it through.
feed ours allow 100
  mirror-domain.net
at 10:00:00
client 192.0.2.10 asks A duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.mirror-domain.net
expect nothing
