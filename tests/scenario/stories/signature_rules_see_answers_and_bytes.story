# Rules may be about an answer's names, its code or the bytes of a message.
rules
  alert dns any any -> any any (msg:"Alias into a kit"; dns.answers.rrname; content:"kit.example"; endswith; sid:9000001;)
  alert dns any any -> any any (msg:"Script in a text"; content:"powershell"; nocase; dns.rrtype:16; flow:to_client; sid:9000002;)
  alert udp any any -> any 53 (msg:"Version asked for"; content:"|07|version|04|bind|00|"; nocase; offset:12; depth:14; sid:9000003;)
at 10:00:00
client 192.0.2.10 asks A www.shop.example -> NOERROR CNAME a.kit.example; A 203.0.113.7
client 192.0.2.10 asks TXT t.shop.example -> NOERROR TXT "run PowerShell -enc AAAA"
client 192.0.2.10 asks TXT powershell.shop.example -> NOERROR A 203.0.113.7
client 192.0.2.10 asks TXT version.bind -> REFUSED
client 192.0.2.10 asks TXT aversion.bind -> REFUSED
expect signature sid 9000001 reason signature_response qname www.shop.example
expect signature sid 9000002 reason signature_response
expect signature sid 9000003 reason signature_query
