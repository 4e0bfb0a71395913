# Machines, printers and services look for each other, by multicast's names that leaked to DNS, by bare
# names and by what the router hands out.
seeds
at 08:00:00
repeat 120 every 1s
  client 10.1.1.7 asks A DESKTOP-{hex}.local -> NXDOMAIN
  client 10.1.1.7 asks PTR _ipp._tcp.local -> NXDOMAIN
  client 10.1.1.7 asks PTR lb._dns-sd._udp.0.1.1.10.in-addr.arpa -> NXDOMAIN
  client 10.1.1.7 asks TXT {hex}._device-info._tcp.local -> NXDOMAIN
  client 10.1.1.8 asks A desktop-{i} -> NXDOMAIN
  client 10.1.1.8 asks AAAA isatap -> NXDOMAIN
  client 10.1.1.8 asks A wpad.home.arpa -> NXDOMAIN
  client 10.1.1.8 asks A printer{i}.lan -> NOERROR A 10.1.1.{i}
  client 10.1.1.8 asks SRV _kerberos._udp.corp.internal -> NXDOMAIN
expect nothing
