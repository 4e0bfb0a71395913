# Names that fail together and were not generated, or not by malware.
at 10:00:00
# A browser finds out whether the network answers for names that do not exist.
repeat 20 every 1h
  client 192.0.2.10 asks A {letters} -> NXDOMAIN
  client 192.0.2.10 asks A {letters}.corp.example.com -> NXDOMAIN
  client 192.0.2.10 asks A {letters}.belkin -> NXDOMAIN
# Everything gets the search domain appended.
repeat 20 every 1s
  client 192.0.2.11 asks A www.{letters}.net.branch.firm-of-mine.com -> NXDOMAIN
# A mail server looks at its senders' domains.
client 192.0.2.12 asks MX oldtownbakery.com -> NXDOMAIN
client 192.0.2.12 asks MX mueller-bau.de -> NXDOMAIN
client 192.0.2.12 asks MX riverside-hotel.net -> NXDOMAIN
client 192.0.2.12 asks MX cheapflights4u.net -> NXDOMAIN
client 192.0.2.12 asks MX gardenclub1987.org -> NXDOMAIN
client 192.0.2.12 asks MX greenenergyfund.eu -> NXDOMAIN
client 192.0.2.12 asks MX joesgarage.biz -> NXDOMAIN
client 192.0.2.12 asks MX lakeviewdental.com -> NXDOMAIN
client 192.0.2.12 asks MX northstarlogistics.com -> NXDOMAIN
client 192.0.2.12 asks MX familytreehistory.com -> NXDOMAIN
# Somebody types badly.
client 192.0.2.13 asks A gogle.com -> NXDOMAIN
client 192.0.2.13 asks A facebok.com -> NXDOMAIN
client 192.0.2.13 asks A wikipeda.org -> NXDOMAIN
client 192.0.2.13 asks A amazom.com -> NXDOMAIN
client 192.0.2.13 asks A hotmial.com -> NXDOMAIN
client 192.0.2.13 asks A linkedln.com -> NXDOMAIN
# Two or three generated names are not enough to say so.
client 192.0.2.14 asks A qxkzjwvhqp.net -> NXDOMAIN
client 192.0.2.14 asks A wqjxkvzphg.net -> NXDOMAIN
client 192.0.2.14 asks A zjxqvkwhpd.net -> NXDOMAIN
expect nothing
