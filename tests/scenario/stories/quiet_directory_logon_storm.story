# Two hundred machines look for their domain controllers on Monday morning.
seeds
at 08:00:00
repeat 200 every 100ms
  client 10.1.1.{i} asks SRV _ldap._tcp.dc._msdcs.corp.company-domain.net -> NOERROR SRV 0 100 389 dc1.corp.company-domain.net
  client 10.1.1.{i} asks SRV _kerberos._tcp.site-{i}._sites.dc._msdcs.corp.company-domain.net -> NXDOMAIN
  client 10.1.1.{i} asks A dc1.corp.company-domain.net -> NOERROR A 10.1.0.1
  client 10.1.1.{i} asks SOA pc-{i}.corp.company-domain.net -> NOERROR authority SOA dc1.corp.company-domain.net hostmaster.corp.company-domain.net 1 900 600 86400 3600
  client 10.1.1.{i} asks A wpad.corp.company-domain.net -> NXDOMAIN
  client 10.1.1.{i} asks A wpad
expect nothing
