# Resolvers that everybody is offered, servers inside, a machine that moves to another network for good,
# and a server that answers without recursion being asked of the network's own: nobody is blamed.
config
  resolvers: [198.51.100.53]
at 10:00:00
repeat 25 every 5s
  client 192.0.2.10 asks A www.example.com -> NOERROR A 203.0.113.7
  client 192.0.2.10 asks A www.example.org from 8.8.8.8 -> NOERROR A 203.0.113.8
  client 192.0.2.11 asks A www.example.com -> NOERROR A 203.0.113.7
  client 192.0.2.11 asks A www.example.org from 10.8.0.1 -> NOERROR A 203.0.113.8
repeat 40 every 5s
  client 192.0.2.12 asks A www.example.com -> NOERROR A 203.0.113.7
repeat 40 every 5s
  client 192.0.2.12 asks A www.example.org from 203.0.113.99 -> NOERROR A 203.0.113.8
expect nothing
