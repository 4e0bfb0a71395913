# A crawler walks through random-looking domains: twenty a day are told, the rest is counted.
at 10:00:00
repeat 40 every 30s
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
counter findings_suppressed 20
