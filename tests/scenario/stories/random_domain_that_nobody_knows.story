# A domain with a name drawn at random, new and unpopular, resolves: reported once, host names and all.
at 10:00:00
client 192.0.2.10 asks A www.qxzvkwjh7xkq.net -> NOERROR A 203.0.113.7
+2s client 192.0.2.10 asks AAAA www.qxzvkwjh7xkq.net -> NOERROR
+2s client 192.0.2.10 asks A cdn.qxzvkwjh7xkq.net -> NOERROR A 203.0.113.7
# One that is spelled like a hash value.
+1m client 192.0.2.11 asks A a415642fdd5190c763dc.com -> NOERROR CNAME edge.example.net; A 203.0.113.9
expect random_domain entity 192.0.2.10 domain qxzvkwjh7xkq.net count 2 severity Informational
expect random_domain entity 192.0.2.11 domain a415642fdd5190c763dc.com count 1
