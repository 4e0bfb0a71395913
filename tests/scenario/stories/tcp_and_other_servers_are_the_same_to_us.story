# Transport and server do not change what a name is; the alert shows the first server asked.
feed evil c2 80
  evil-domain.net
at 10:00:00
client 192.0.2.10 asks TXT evil-domain.net from 9.9.9.9 over tcp -> NOERROR TXT "some text; with a mark"
client 192.0.2.10 asks A evil-domain.net from 2001:db8::53 -> NOERROR A 198.51.100.1
expect threat_intel entity 192.0.2.10 count 2 resolver 9.9.9.9 samples 2
