# A session inside DNS: every name asks something, every answer says something.
at 10:00:00
repeat 120 every 1s
  client 192.0.2.10 asks TXT {hex}{hex}.example-domain.net -> NOERROR TXT "{hex}{hex}{hex}{hex}"
expect data_obfuscation entity 192.0.2.10 domain example-domain.net reason tunnel_transfer
