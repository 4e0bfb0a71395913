# Split horizon: the company's own names lead inside, and filters answer with addresses that lead nowhere.
at 10:00:00
repeat 100 every 1s
  client 192.0.2.10 asks A files.corp.example-domain.net -> NOERROR A 10.1.2.3
  client 192.0.2.10 asks A ads.example-domain.org -> NOERROR A 0.0.0.0
  client 192.0.2.10 asks A ads.example-domain.com -> NOERROR A 127.0.0.1
expect nothing
