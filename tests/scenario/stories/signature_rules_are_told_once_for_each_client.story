# A rule that matches is one alert of a client, whatever the names; two rules are two.
rules
  alert dns any any -> any any (msg:"Loader's domain"; dns.query; dotprefix; content:".evil-loader.net"; nocase; endswith; classtype:domain-c2; sid:9000001; rev:2; metadata:signature_severity Major, confidence High;)
  alert dns any any -> any any (msg:"Panel's name"; dns.query; content:"panel-"; startswith; pcre:"/^[0-9a-f]{6}\./R"; sid:9000002; metadata:signature_severity Critical;)
at 10:00:00
client 192.0.2.10 asks A cdn.evil-loader.net -> NOERROR A 203.0.113.7
+5s client 192.0.2.10 asks A evil-loader.net -> NXDOMAIN
client 192.0.2.10 asks A notevil-loader.net -> NXDOMAIN
client 192.0.2.11 asks A evil-loader.net -> NXDOMAIN
client 192.0.2.10 asks A panel-00ff12.shop.example -> NXDOMAIN
client 192.0.2.10 asks A panel-00xx12.shop.example -> NXDOMAIN
expect signature entity 192.0.2.10 sid 9000001 count 2 reason signature_query severity Medium confidence 90 domain evil-loader.net
expect signature entity 192.0.2.11 sid 9000001 count 1
expect signature entity 192.0.2.10 sid 9000002 count 1 severity High
counter rule_matches 4
