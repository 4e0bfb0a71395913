# A ransom note's link: the service's address in front of a gateway that the lists know.
seeds
at 10:00:00
client 192.0.2.10 asks A 3g2upl4pq6kufc4m.onion.to -> NOERROR A 198.51.100.1
+2s client 192.0.2.10 asks A 3g2upl4pq6kufc4m.onion.to -> NOERROR A 198.51.100.1
client 192.0.2.11 asks A onion.to -> NOERROR A 198.51.100.1
expect dark_web_proxy entity 192.0.2.10 domain onion.to count 2 reason gateway_onion severity Low confidence 99 matched 3g2upl4pq6kufc4m.onion.to
expect dark_web_proxy entity 192.0.2.11 domain onion.to count 1 reason gateway_host
