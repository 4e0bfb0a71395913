# A query sent three times is one transaction; so are an answer and its copy. An answer that comes too
# late, or says something else than the first, is looked at by itself.
feed evil c2 80
  203.0.113.7
at 10:00:00
client 192.0.2.10 asks A one-domain.net
+1s client 192.0.2.10 asks again A one-domain.net
+1s client 192.0.2.10 asks again A one-domain.net -> NOERROR A 203.0.113.7
client 192.0.2.10 gets A one-domain.net -> NOERROR A 203.0.113.7
client 192.0.2.11 asks A two-domain.net
+8s client 192.0.2.11 gets A two-domain.net -> NOERROR A 203.0.113.7
client 192.0.2.12 asks A three-domain.net -> NOERROR A 198.51.100.1
client 192.0.2.12 gets A three-domain.net -> NOERROR A 203.0.113.7
expect threat_intel entity 192.0.2.10 count 1
expect threat_intel entity 192.0.2.11 count 1
expect threat_intel entity 192.0.2.12 count 1
counter queries_repeated 2
counter responses_duplicate 1
counter responses_late 1
