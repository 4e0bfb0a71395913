# Machines come and go, and each has a number of its own in its name: builders and telephones that
# lead to private addresses, and a monitor that asks for the time so that no cache answers.
at 10:00:00
repeat 400 every 30s
  client 192.0.2.10 asks A worker-{hex}.ci.company-domain.net -> NOERROR A 10.1.7.9
  client 192.0.2.11 asks AAAA android-{hex}.company-domain.net -> NOERROR AAAA fd00::7
  client 192.0.2.12 asks A 17699{i}.check.monitor-domain.net -> NOERROR A 203.0.113.7
expect nothing
