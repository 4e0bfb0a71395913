# Pools one swims in, time servers, mines of other kinds, coins one reads about.
seeds
at 10:00:00
client 192.0.2.10 asks A carpool.com -> NOERROR A 198.51.100.1
client 192.0.2.10 asks A determine.org -> NOERROR A 198.51.100.1
client 192.0.2.10 asks A whirlpool.net -> NOERROR A 198.51.100.1
client 192.0.2.10 asks A www.poolparty-shop.net -> NOERROR A 198.51.100.1
client 192.0.2.10 asks A mineral-domain.net -> NOERROR A 198.51.100.1
client 192.0.2.10 asks A 0.us.pool.ntp.org -> NOERROR A 198.51.100.1
client 192.0.2.10 asks A stratum2-1.ntp.good-domain.net -> NOERROR A 198.51.100.1
client 192.0.2.10 asks A www.coinbase.com -> NOERROR A 198.51.100.1
client 192.0.2.10 asks A www.bitcoin.org -> NOERROR A 198.51.100.1
client 192.0.2.10 asks A www.minecraft.net -> NOERROR A 198.51.100.1
expect nothing
