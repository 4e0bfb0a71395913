# Services that carry a connection past the firewall, in any letter case; one that limits itself is told once.
own_rules
at 10:00:00
client 192.0.2.11 asks A 3f2a.ngrok-free.app -> NOERROR A 203.0.113.7
client 192.0.2.11 asks A 3f2b.ngrok.io -> NOERROR A 203.0.113.7
client 192.0.2.12 asks A Some-Words.TryCloudflare.com -> NOERROR A 203.0.113.7
client 192.0.2.13 asks A mine.loca.lt -> NOERROR A 203.0.113.7
client 192.0.2.14 asks A serveo.net -> NOERROR A 203.0.113.7
client 192.0.2.15 asks A 7f000001.c0a80001.rbndr.us -> NOERROR A 127.0.0.1
expect signature entity 192.0.2.11 sid 1000009 count 1
expect signature entity 192.0.2.12 sid 1000010 severity Medium
expect signature entity 192.0.2.13 sid 1000011
expect signature entity 192.0.2.14 sid 1000012
expect signature entity 192.0.2.15 sid 1000008
