# Labels with an underscore name services, and may be long; data in them is data all the same.
at 10:00:00
repeat 100 every 2s
  client 192.0.2.10 asks TXT _{hex}{hex}{hex}{hex}.example-domain.net -> NOERROR TXT "ok"
expect data_exfiltration entity 192.0.2.10 domain example-domain.net reason tunnel_upload
