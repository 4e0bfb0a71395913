# A scanner or a log analyser looks up the names of a whole network.
seeds
at 02:00:00
repeat 254 every 20ms
  client 10.1.0.9 asks PTR {i}.2.0.192.in-addr.arpa -> NXDOMAIN
  client 10.1.0.9 asks PTR {i}.100.51.198.in-addr.arpa -> NOERROR PTR host{i}.good-domain.net
client 10.1.0.9 asks PTR 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa -> NXDOMAIN
expect nothing
