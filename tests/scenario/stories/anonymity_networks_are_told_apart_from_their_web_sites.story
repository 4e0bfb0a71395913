# Two services of the old kind are two stories. What only a Tor client asks for is infrastructure;
# reading the project's web pages is informational.
seeds
at 10:00:00
client 192.0.2.10 asks A 3g2upl4pq6kufc4m.onion -> NXDOMAIN
client 192.0.2.10 asks A expyuzz4wqqyqhjn.onion -> NXDOMAIN
client 192.0.2.11 asks A stats.i2p
client 192.0.2.12 asks A bridges.torproject.org -> NOERROR A 116.202.120.165
client 192.0.2.13 asks A www.torproject.org -> NOERROR A 116.202.120.166
expect dark_web entity 192.0.2.10 domain 3g2upl4pq6kufc4m.onion reason anonymity_namespace
expect dark_web entity 192.0.2.10 domain expyuzz4wqqyqhjn.onion reason anonymity_namespace
expect dark_web entity 192.0.2.11 domain stats.i2p reason anonymity_namespace severity Low
expect dark_web entity 192.0.2.12 reason anonymity_host severity Low
expect dark_web entity 192.0.2.13 reason anonymity_site severity Informational
