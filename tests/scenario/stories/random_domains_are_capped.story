# A client walks through random-looking domains: twenty a day are told, one alert
# speaks for the others (some of the forty do not look random enough).
at 10:00:00
repeat 40 every 5m
  client 192.0.2.10 asks A q{hex}zx.net -> NOERROR A 203.0.113.7
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 count 1
expect random_domain entity 192.0.2.10 reason random_more count 11
