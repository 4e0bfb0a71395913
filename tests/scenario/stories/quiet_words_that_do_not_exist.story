# Browsers that start all day ask for names that cannot exist, with the search suffix behind them; a
# person tries which names there are.
at 08:30:00
repeat 240 every 2m
  client 10.1.1.7 asks A {letters}.company-domain.net -> NXDOMAIN
  client 10.1.1.7 asks A {letters}.hq.company-domain.org -> NXDOMAIN
expect nothing
