# Names that exist get the company's suffix appended, several times over.
seeds
at 12:00:00
repeat 50 every 1s
  client 10.1.1.7 asks A www.google.com.corp.company-domain.net -> NXDOMAIN
  client 10.1.1.7 asks A host{i}.corp.company-domain.net.corp.company-domain.net.corp.company-domain.net -> NXDOMAIN
  client 10.1.1.7 asks A printer{i}.local -> NXDOMAIN
  client 10.1.1.7 asks AAAA server{i} -> NXDOMAIN
expect nothing
