# A mail server checks every sender; listed ones are answered with 127.0.0.x.
seeds
at 09:00:00
repeat 300 every 200ms
  client 10.1.0.25 asks A {i}.2.0.192.zen.spamhaus.org -> NOERROR A 127.0.0.4
  client 10.1.0.25 asks A {i}.2.0.192.bl.spamcop.net -> NXDOMAIN
  client 10.1.0.25 asks A sender{i}-domain.net.dbl.spamhaus.org -> NOERROR A 127.0.1.2
  client 10.1.0.25 asks TXT {i}.2.0.192.origin.asn.cymru.com -> NOERROR TXT "64496 | 192.0.2.0/24 | ZZ"
  client 10.1.0.25 asks A {hex}{hex}{hex}c0de.hash.cymru.com -> NXDOMAIN
expect nothing
