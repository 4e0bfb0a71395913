# A name of many labels of two letters is no name with a search suffix.
at 10:00:00
repeat 150 every 2s
  client 192.0.2.10 asks A ab.cd.{hex}.ef.fe.dc.ba.ac.ca.bd.example-domain.net -> NXDOMAIN
expect data_exfiltration entity 192.0.2.10 domain example-domain.net reason tunnel_upload
