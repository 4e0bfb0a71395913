# Streaming and shops: long random host names below domains that everybody uses.
seeds
at 20:00:00
repeat 200 every 500ms
  client 10.1.1.7 asks A d{hex}.cloudfront.net -> NOERROR A 198.51.100.1
  client 10.1.1.7 asks A r{i}---sn-{letters}.googlevideo.com -> NOERROR A 198.51.100.2
  client 10.1.1.7 asks A e{i}.dsca.akamaiedge.net -> NOERROR CNAME a{hex}.akamai.net; A 198.51.100.3
  client 10.1.1.7 asks HTTPS {hex}.fastly-edge.com -> NOERROR
expect nothing
