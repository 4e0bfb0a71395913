# A gzip file small enough for one name.
at 10:00:00
client 192.0.2.10 asks A 1f8b08084d1c2f6702ff646f632e74787400f348cdc9c95728.cf2fca4951e402.example-domain.net -> NXDOMAIN
expect data_exfiltration entity 192.0.2.10 reason tunnel_file severity Informational
