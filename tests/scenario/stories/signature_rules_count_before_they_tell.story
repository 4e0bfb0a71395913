# Thresholds, marks that one rule leaves for another, rules that pass, and rules that only mark.
rules
  alert dns any any -> any any (msg:"Often"; dns.query; content:"often.example"; endswith; threshold:type both, track by_src, count 3, seconds 60; sid:9000001;)
  alert dns any any -> any any (msg:"First step"; dns.query; content:"step-one.example"; endswith; xbits:set,stage,track ip_src,expire 60; noalert; sid:9000002;)
  alert dns any any -> any any (msg:"Second step"; dns.query; content:"step-two.example"; endswith; xbits:isset,stage,track ip_src; sid:9000003;)
  pass dns any any -> any any (msg:"Ours"; dns.query; content:"ours.often.example"; endswith; sid:9000004;)
at 10:00:00
client 192.0.2.10 asks A a.often.example
client 192.0.2.10 asks A b.often.example
client 192.0.2.11 asks A c.often.example
client 192.0.2.12 asks A ours.often.example
client 192.0.2.12 asks A ours.often.example
client 192.0.2.12 asks A ours.often.example
client 192.0.2.10 asks A step-two.example
+5s client 192.0.2.10 asks A step-one.example
+5s client 192.0.2.11 asks A step-two.example
client 192.0.2.10 asks A step-two.example
+2m client 192.0.2.10 asks A step-two.example
client 192.0.2.13 asks A d.often.example
client 192.0.2.13 asks A e.often.example
client 192.0.2.13 asks A f.often.example
client 192.0.2.13 asks A g.often.example
expect signature entity 192.0.2.13 sid 9000001 count 1 qname f.often.example
expect signature entity 192.0.2.10 sid 9000003 count 1
