"""The referee: dkimpy, an implementation of DKIM that shares nothing with ours, signs messages and judges messages. No network: it is
handed the key records.

    dkimpy.py sign            prints one JSON object a line: {"name", "raw" (base64), "dns": {name: [record as its strings]}}
    dkimpy.py verify < lines  reads such lines and prints {"name", "verdicts": [bool, one a signature, top to bottom]}
"""

import base64
import json
import re
import subprocess
import sys

import dkim
import nacl.signing

HEAD = (
    b"From: Brand <receipts@brand.example>\r\nTo: seed@mailbox.example\r\nSubject: Order  17\tis\r\n confirmed \r\n"
    b"X-Twice: first\r\nX-Twice: second\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@brand.example>\r\n"
    b"Content-Type: text/html;\r\n\tcharset=utf-8\r\n"
)
BODIES = {
    "plain": b"Hello there\r\n",
    "empty": b"",
    "one-empty-line": b"\r\n",
    "empty-lines": b"\r\n\r\n\r\n",
    "trailing-empty-lines": b"Hello\r\n\r\n\r\n\r\n",
    "trailing-blank-lines": b"Hello\r\n \r\n\t\r\n  \t \r\n",
    "blank-lines-alone": b" \r\n\t\r\n",
    "no-final-line-break": b"Hello",
    "runs-of-blanks": b" lead  and \t run \t\r\n\r\n end  \r\n",
    "eight-bit": "Grüße – 注文\r\n".encode(),
    "long": b"0123456789 " * 400 + b"\r\n",
}
FORMS = [(h, b) for h in (b"simple", b"relaxed") for b in (b"simple", b"relaxed")]
FIELDS = [b"from", b"to", b"subject", b"date", b"content-type"]


def rsa(bits=2048):
    pem = subprocess.run(["openssl", "genrsa", str(bits)], check=True, capture_output=True).stdout
    der = subprocess.run(["openssl", "rsa", "-pubout", "-outform", "DER"], input=pem, check=True, capture_output=True).stdout
    traditional = subprocess.run(["openssl", "rsa", "-traditional"], input=pem, capture_output=True)
    return traditional.stdout or pem, "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()


def ed25519():
    key = nacl.signing.SigningKey.generate()
    public = base64.b64encode(bytes(key.verify_key)).decode()
    return base64.b64encode(bytes(key)), "v=DKIM1; k=ed25519; p=" + public


def sign_all():
    rsa_key, rsa_record = rsa()
    ed_key, ed_record = ed25519()
    _, other_record = rsa()
    good = {"rsa._domainkey.brand.example": rsa_record, "ed._domainkey.brand.example": ed_record}

    def signed(raw, form=(b"relaxed", b"relaxed"), fields=FIELDS, ed=False, **more):
        selector, key = (b"ed", ed_key) if ed else (b"rsa", rsa_key)
        algorithm = b"ed25519-sha256" if ed else b"rsa-sha256"
        return dkim.sign(raw, selector, b"brand.example", key, canonicalize=form, include_headers=fields,
                         signature_algorithm=algorithm, **more) + raw

    def put(name, raw, dns=good):
        print(json.dumps({"name": name, "raw": base64.b64encode(raw).decode(), "dns": {where: [[record]] for where, record in dns.items()}}))

    for body, content in BODIES.items():
        raw = HEAD + b"\r\n" + content
        for form in FORMS:
            name = f"{body} {form[0].decode()}/{form[1].decode()}"
            put(name, signed(raw, form))
            put(f"{name}, body changed", signed(raw, form) + b"appended\r\n")
            put(f"{name}, empty lines appended", signed(raw, form) + b"\r\n\r\n")
        put(f"{body} ed25519", signed(raw, ed=True))
        put(f"{body} ed25519, header changed", signed(raw, ed=True).replace(b"Order", b"Ardor"))
        put(f"{body} two signatures", signed(signed(raw), ed=True))
        put(f"{body} two signatures, body changed", signed(signed(raw), ed=True) + b"appended\r\n")
        put(f"{body} l=, appended to", signed(raw, length=True) + b"appended\r\n")
        put(f"{body} l=, changed within", signed(raw, length=True).replace(content[:3], b"xyz", 1) if content else signed(raw, length=True))

    raw = HEAD + b"\r\n" + BODIES["plain"]
    for form in FORMS:
        name = f"{form[0].decode()}/{form[1].decode()}"
        put(f"{name} refolded subject", signed(raw, form).replace(b"17\tis\r\n confirmed", b"17 is confirmed"))
        put(f"{name} other case of a name", signed(raw, form).replace(b"Subject:", b"SUBJECT:"))
        put(f"{name} blanks around a colon", signed(raw, form).replace(b"Subject: ", b"Subject:   "))
        put(f"{name} another key", signed(raw, form), {"rsa._domainkey.brand.example": other_record})
        put(f"{name} no key", signed(raw, form), {})
        put(f"{name} revoked key", signed(raw, form), {"rsa._domainkey.brand.example": "v=DKIM1; k=rsa; p="})
        twice = signed(raw, form, FIELDS + [b"x-twice"])
        put(f"{name} lower of two fields", twice)
        put(f"{name} upper of two fields changed", twice.replace(b"first", b"other"))
        put(f"{name} lower of two fields changed", twice.replace(b"second", b"other"))
        both = signed(raw, form, FIELDS + [b"x-twice", b"x-twice"])
        put(f"{name} both fields", both)
        put(f"{name} both fields exchanged", both.replace(b"first", b"FIRST").replace(b"second", b"first").replace(b"FIRST", b"second"))
        over = signed(raw, form, FIELDS + [b"x-absent"])
        put(f"{name} field that is not there", over)
        put(f"{name} field that is not there, added", b"X-Absent: now\r\n" + over)
        put(f"{name} second From added", b"From: other@evil.example\r\n" + signed(raw, form, FIELDS + [b"from"]))
        put(f"{name} identity of a subdomain", signed(raw, form, identity=b"@mail.brand.example"))


def verify_all():
    for line in sys.stdin:
        case = json.loads(line)
        raw = base64.b64decode(case["raw"])

        def record(name, timeout=5):
            records = case["dns"].get(name.decode().rstrip(".").lower())
            return "".join(records[0]).encode() if records else None  # the first, as its own look-up does

        verdicts = []
        head = raw.partition(b"\r\n\r\n")[0]
        for index in range(len(re.findall(rb"(?mi)^dkim-signature:", head))):
            try:
                verdicts.append(bool(dkim.DKIM(raw).verify(idx=index, dnsfunc=record)))
            except Exception:  # every way to fail is "does not verify"
                verdicts.append(False)
        print(json.dumps({"name": case["name"], "verdicts": verdicts}))


if __name__ == "__main__":
    {"sign": sign_all, "verify": verify_all}[sys.argv[1]]()
