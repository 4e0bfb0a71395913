# A public name with the address of the metadata service.
at 10:00:00
client 192.0.2.10 asks A m.example-domain.net -> NOERROR A 169.254.169.254
expect protocol_anomaly entity 192.0.2.10 reason metadata_address qname m.example-domain.net
