# New pools come every week, but their names are made of few words.
seeds
at 10:00:00
client 192.0.2.10 asks A stratum.fresh-domain.net -> NOERROR A 198.51.100.1
client 192.0.2.11 asks A xmr-eu1.fresh-pool.net -> NOERROR A 198.51.100.1
client 192.0.2.12 asks A eth.fresh-minerpool.net -> NOERROR A 198.51.100.1
expect currency_mining entity 192.0.2.10 domain fresh-domain.net reason mining_pattern feed none
expect currency_mining entity 192.0.2.11 reason mining_pattern
expect currency_mining entity 192.0.2.12 reason mining_pattern
