# A client tries to copy a zone and is turned away; it is one story for the server it asked.
at 10:00:00
client 192.0.2.10 asks AXFR example-domain.net over tcp -> REFUSED
client 192.0.2.10 asks AXFR example-domain.org over tcp -> REFUSED
expect protocol_anomaly entity 192.0.2.10 reason transfer_refused domain example-domain.net count 2
