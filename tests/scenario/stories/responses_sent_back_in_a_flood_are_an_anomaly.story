# Somebody asks in the names of 192.0.2.10 and 2001:db8::10, who send back what they never asked for.
# Their own look-ups go on as ever, and what was listed is told of those who asked, not of them.
feed evil c2 80
  evil-domain.net
at 10:00:00
client 192.0.2.10 asks A www.example-domain.net -> NOERROR A 203.0.113.7
client 2001:db8::10 asks A www.example-domain.net from 2001:db8::53 -> NOERROR A 203.0.113.7
repeat 300 every 1s
  client 192.0.2.10 sends back TXT evil-domain.net -> NOERROR TXT "{letters}{letters}{letters}"
  client 2001:db8::10 sends back A w{i}.example-domain.org from 2001:db8::53 -> NXDOMAIN
expect protocol_anomaly entity 192.0.2.10 reason bounced resolver 198.51.100.53 qname evil-domain.net count 191 severity Low
expect protocol_anomaly entity 2001:db8::10 reason bounced resolver 2001:db8::53
counter messages_in 4
counter transactions 2
