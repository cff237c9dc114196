# Makes rsa-*.eml and dns.json: keys of these sizes by openssl, signatures by dkimpy. Kept for the record; the files are fixtures.
import base64, json, subprocess, sys, dkim, dkim.crypto
out = sys.argv[1]
entries = []
for bits in (512, 768, 1024):
    pem = subprocess.run(["openssl", "genrsa", "-traditional", str(bits)], check=True, capture_output=True).stdout
    der = subprocess.run(["openssl", "rsa", "-pubout", "-outform", "DER"], input=pem, check=True, capture_output=True).stdout
    raw = f"From: a@brand.example\r\nTo: seed@mailbox.example\r\nSubject: {bits} bits\r\n\r\nHello\r\n".encode()
    sig = dkim.sign(raw, f"k{bits}".encode(), b"brand.example", pem, canonicalize=(b"relaxed", b"relaxed"), include_headers=[b"from", b"to", b"subject"])
    open(f"{out}/rsa-{bits}.eml", "wb").write(sig + raw)
    entries.append({"name": f"k{bits}._domainkey.brand.example", "type": "TXT", "answer": {"answer": "records", "value": [f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"]}})
json.dump(entries, open(f"{out}/dns.json", "w"), indent=1)
