# A stager fetches a program piece by piece from TXT records of numbered names.
at 10:00:00
repeat 120 every 1s
  client 192.0.2.10 asks TXT {i}.stage.example-domain.net -> NOERROR TXT "{hex}{hex}{hex}{hex}{hex}{hex}{hex}{hex}"
expect data_infiltration entity 192.0.2.10 domain example-domain.net reason tunnel_download
