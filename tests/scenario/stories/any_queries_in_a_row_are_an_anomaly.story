# One question for all records is curiosity, twenty in a minute are somebody's flood.
at 10:00:00
client 192.0.2.11 asks ANY example-domain.net -> NOERROR
repeat 20 every 2s
  client 192.0.2.10 asks ANY example-domain.net -> NOERROR
expect protocol_anomaly entity 192.0.2.10 reason any_query count 1
