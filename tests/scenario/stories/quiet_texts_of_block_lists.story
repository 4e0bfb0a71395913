# A list that nobody has heard of says in words why an address is on it.
at 09:00:00
repeat 250 every 4s
  client 10.1.0.25 asks A {i}.113.0.203.bl.list-domain.org -> NOERROR A 127.0.0.4
  client 10.1.0.25 asks TXT {i}.113.0.203.bl.list-domain.org -> NOERROR TXT "Listed for spam, see https://www.list-domain.org/query?ip=203.0.113.{i}"
expect nothing
