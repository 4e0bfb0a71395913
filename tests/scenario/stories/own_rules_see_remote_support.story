# Remote support that intruders bring along is told where rules that only inform are in use.
own_rules
config
  detectors: {signature: {confidence: low}}
at 10:00:00
client 192.0.2.11 asks A relay-1a2b.net.anydesk.com -> NOERROR A 203.0.113.7
client 192.0.2.12 asks A instance-x1-relay.screenconnect.com -> NOERROR A 203.0.113.7
client 192.0.2.13 asks A agent-api.atera.com -> NOERROR A 203.0.113.7
client 192.0.2.14 asks A rs-ny.rustdesk.com -> NOERROR A 203.0.113.7
expect signature entity 192.0.2.11 sid 1000019 severity Informational
expect signature entity 192.0.2.12 sid 1000020
expect signature entity 192.0.2.13 sid 1000021
expect signature entity 192.0.2.14 sid 1000022
