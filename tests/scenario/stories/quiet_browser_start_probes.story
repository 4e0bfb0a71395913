# Chromium asks for three names that cannot exist, bare and with the search suffix.
seeds
at 08:30:00
repeat 30 every 20s
  client 10.1.1.{i} asks A {letters} -> NXDOMAIN
  client 10.1.1.{i} asks A {letters} -> NXDOMAIN
  client 10.1.1.{i} asks A {letters} -> NXDOMAIN
  client 10.1.1.{i} asks A {letters}.corp.company-domain.net -> NXDOMAIN
expect nothing
