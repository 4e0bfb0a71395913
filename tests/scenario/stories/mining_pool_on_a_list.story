# A miner asks its pool again and again, by name and by alias.
seeds
at 10:00:00
repeat 30 every 1m
  client 192.0.2.10 asks A eth.2miners.com -> NOERROR A 198.51.100.1
client 192.0.2.11 asks A pool.innocent-domain.net -> NOERROR CNAME eth.2miners.com; A 198.51.100.1
expect currency_mining entity 192.0.2.10 domain 2miners.com count 30 reason mining_listed severity Low seconds 1740 samples 1
expect currency_mining entity 192.0.2.11 domain innocent-domain.net reason mining_listed matched eth.2miners.com
