# A client tries to copy a zone and is turned away; it is one story for the server it asked.
at 10:00:00
client 192.0.2.10 asks AXFR example-domain.net over tcp -> REFUSED
client 192.0.2.10 asks AXFR example-domain.org over tcp -> REFUSED
# What is new in a zone is as much as all of it to somebody who has none.
client 192.0.2.11 asks IXFR example-domain.net -> REFUSED
expect protocol_anomaly entity 192.0.2.11 reason transfer_refused domain example-domain.net count 1
expect protocol_anomaly entity 192.0.2.10 reason transfer_refused domain example-domain.net count 2
