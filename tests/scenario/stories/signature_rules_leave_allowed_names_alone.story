# What the allow list lets through is silent, and so is a detector that is switched off.
config
  resolvers: [192.0.2.53]
feed ours allow 100
  evil-loader.net
rules
  alert dns any any -> any any (msg:"Loader's domain"; dns.query; dotprefix; content:".evil-loader.net"; endswith; sid:9000001;)
  alert dns any any -> any any (msg:"Other"; dns.query; dotprefix; content:".other.net"; endswith; sid:9000002;)
at 10:00:00
client 192.0.2.10 asks A cdn.evil-loader.net -> NOERROR A 203.0.113.7
client 192.0.2.53 asks A www.other.net -> NOERROR A 203.0.113.7
expect nothing
counter rules_held_back 1
