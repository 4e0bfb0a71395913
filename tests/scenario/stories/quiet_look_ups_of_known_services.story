# A virus scanner, a mail server that asks a block list, and certificate validation put hashes and
# addresses into names, hundreds of them. Their names look as such names do.
at 10:00:00
repeat 200 every 200ms
  client 192.0.2.10 asks A a-{i}.0.{hex}.avqs.mcafee.com -> NOERROR A 127.0.0.1
  client 192.0.2.11 asks A {i}.2.0.192.list.example-domain.net -> NOERROR A 127.0.0.2
  client 192.0.2.12 asks TXT _acme-challenge.h{i}.example-domain.net -> NXDOMAIN
expect nothing
