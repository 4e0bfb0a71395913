# What newer software adds to DNS: cookies, padding, letters that are large at random, sessions that
# are kept open (DSO), zones that say they have changed, and machines that register themselves.
seeds
at 08:00:00
repeat 100 every 1s
  client 10.1.1.7 asks A www.good-domain.net padded mixed -> NOERROR A 203.0.113.7
  client 10.1.1.7 asks AAAA host{i}.good-domain.net mixed -> NXDOMAIN
  client 10.1.1.7 asks HTTPS www.good-domain.net padded over tcp -> NOERROR
  client 10.1.1.8 asks SOA session.good-domain.net opcode 6 over tcp -> NOERROR
  client 10.1.0.53 asks SOA zone{i}.company-domain.net opcode 4 from 10.1.0.54 -> NOERROR
  client 10.1.1.9 asks SOA corp.company-domain.net opcode 5 from 10.1.0.1 -> NOERROR
  client 10.1.1.9 asks SOA corp.company-domain.net opcode 5 from 10.1.0.1 -> REFUSED
expect nothing
