# A monitor asks for every machine of a farm by its number, and a shop keeps its pictures on many.
at 10:00:00
repeat 900 every 1s
  client 192.0.2.10 asks A web{i}.farm-domain.net -> NOERROR A 203.0.113.7
  client 192.0.2.10 asks A node-{i}.rack{i}.farm-domain.org -> NOERROR A 203.0.113.8
expect nothing
