# ACME challenges, DKIM keys, DMARC, MTA-STS, TLSA and SPF macros: hashes under underscores.
seeds
at 03:00:00
repeat 50 every 1s
  client 10.1.0.25 asks TXT _acme-challenge.host{i}.company-domain.net -> NOERROR TXT "gfj9Xq_Rg85nM_{hex}{hex}{hex}"
  client 10.1.0.25 asks TXT s{i}._domainkey.company-domain.net -> NOERROR TXT "v=DKIM1; k=rsa; p=MIGfMA0GCSq{hex}{hex}{hex}"
  client 10.1.0.25 asks TXT _dmarc.sender{i}-domain.net -> NOERROR TXT "v=DMARC1; p=reject"
  client 10.1.0.25 asks TXT _mta-sts.sender{i}-domain.net -> NXDOMAIN
  client 10.1.0.25 asks TLSA _25._tcp.mx{i}.company-domain.net -> NOERROR
  client 10.1.0.25 asks A 192.0.2.{i}._spf.{letters}.company-domain.net -> NOERROR A 127.0.0.2
expect nothing
