# The question alone says nothing; the answer alone, in a capture that saw one direction only, says all.
feed sinks sinkhole 90
  203.0.113.7
at 10:00:00
client 192.0.2.10 asks A botnet-domain.net
client 192.0.2.11 gets A botnet-domain.net -> NOERROR A 203.0.113.7
expect sinkholed_domain entity 192.0.2.11 domain botnet-domain.net
counter transactions_query_only 1
counter transactions_response_only 1
