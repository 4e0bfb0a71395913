# The brand's own domains, somebody's ordinary words, a search domain behind a real name, and a slip of
# the finger that leads nowhere: none of them is a trap.
at 10:00:00
client 192.0.2.10 asks A www.paypal.com -> NOERROR A 203.0.113.7
client 192.0.2.10 asks A login.microsoftonline.com -> NOERROR A 203.0.113.7
client 192.0.2.10 asks A pineapple-cake-shop.net -> NOERROR A 203.0.113.7
client 192.0.2.10 asks A goggles-and-finance.net -> NOERROR A 203.0.113.7
client 192.0.2.10 asks A www.paypal.com.corp.example-domain.net -> NXDOMAIN
client 192.0.2.10 asks A faecbook-login.top -> NXDOMAIN
client 192.0.2.10 asks A www.apple.com.edgekey.net -> NOERROR A 203.0.113.7
expect nothing
