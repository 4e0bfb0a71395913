# A resolver is slow now and then, and a program that asks two of them closes its port after the first
# answer: for hours some responses of each minute are sent back. None of it is traffic of its own. Where
# the queries are seen it may as well be two each second.
feed evil c2 80
  evil-domain.net
at 10:00:00
repeat 720 every 30s
  client 192.0.2.10 asks A www.example-domain.net -> NOERROR A 203.0.113.7
  client 192.0.2.10 asks A www.example-domain.net from 198.51.100.54 -> NOERROR A 203.0.113.7
  client 192.0.2.10 sends back A www.example-domain.net from 198.51.100.54 -> NOERROR A 203.0.113.7
  client 192.0.2.11 sends back A evil-domain.net -> NOERROR A 203.0.113.7
  +2s client 192.0.2.11 sends back TXT evil-domain.net -> NOERROR TXT "{letters}{letters}{letters}"
  +3s client 192.0.2.11 sends back A evil-domain.net
repeat 600 every 500ms
  client 192.0.2.12 asks A www.example-domain.net -> NOERROR A 203.0.113.7
  client 192.0.2.12 asks A www.example-domain.net from 198.51.100.54 -> NOERROR A 203.0.113.7
  client 192.0.2.12 sends back A www.example-domain.net from 198.51.100.54 -> NOERROR A 203.0.113.7
expect nothing
counter transactions 2640
