# Mail servers, directories, block lists, certificates, browsers and the search suffix of a company
# fill names with numbers, hashes and other names. None of it is a tunnel.
seeds
at 10:00:00
repeat 300 every 1s
  client 192.0.2.10 asks A {i}.113.0.203.zen.example-list.org -> NOERROR A 127.0.0.2
  client 192.0.2.10 asks TXT _acme-challenge.www.example-domain.net -> NOERROR TXT "{hex}{hex}{hex}"
  client 192.0.2.10 asks TXT s{i}._domainkey.example-domain.org -> NOERROR TXT "v=DKIM1; p={hex}"
  client 192.0.2.10 asks SRV _ldap._tcp.site{i}._sites.dc._msdcs.example-domain.com -> NOERROR SRV 0 100 389 dc1.example-domain.com
  client 192.0.2.10 asks PTR {i}.113.0.203.in-addr.arpa -> NXDOMAIN
  client 192.0.2.10 asks A 203-0-113-{i}.dsl.example-provider.net -> NOERROR A 203.0.113.7
  client 192.0.2.10 asks A {letters} -> NXDOMAIN
  client 192.0.2.10 asks A www.example{i}.com.office.example-company.net -> NXDOMAIN
expect nothing
