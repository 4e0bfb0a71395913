# A tunnel straight to its server needs no domain: every name ends in another word that no registry
# knows.
at 10:00:00
repeat 100 every 1s
  client 192.0.2.10 asks TXT dnscat.45bf01f500{hex}{hex}.{hex}{hex} -> NOERROR TXT "45bf01f500{hex}"
expect data_obfuscation entity 192.0.2.10
