"""A small signer that follows the text of RFC 6376 and shares nothing with any verifier but dkimpy's RSA arithmetic. It can sign what
libraries refuse to: rsa-sha1, bare line feeds, tags in any order and shape.
"""

import base64
import hashlib
import re
import subprocess

import nacl.signing
from dkim.crypto import RSASSA_PKCS1_v1_5_sign, parse_pem_private_key

HASHES = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}


# -- keys

class Rsa:
    def __init__(self, bits=2048):
        pem = subprocess.run(["openssl", "genrsa", str(bits)], check=True, capture_output=True).stdout
        traditional = subprocess.run(["openssl", "rsa", "-traditional"], input=pem, capture_output=True).stdout
        self.key = parse_pem_private_key(traditional or pem)

        def public(*form):
            der = ["openssl", "rsa", *form, "-outform", "DER"]
            return base64.b64encode(subprocess.run(der, input=pem, check=True, capture_output=True).stdout).decode()

        self.p, self.pkcs1 = public("-pubout"), public("-RSAPublicKey_out")
        self.record = f"v=DKIM1; k=rsa; p={self.p}"

    def sign(self, digest):
        return bytes(RSASSA_PKCS1_v1_5_sign(digest, self.key))


class Ed25519:
    def __init__(self):
        self.key = nacl.signing.SigningKey.generate()
        self.raw = bytes(self.key.verify_key)
        self.p = base64.b64encode(self.raw).decode()
        self.record = f"v=DKIM1; k=ed25519; p={self.p}"

    def sign(self, digest):
        return self.key.sign(digest.digest()).signature


# -- RFC 6376 §3.4

def fields_of(head):
    return re.findall(rb"(?s)(?:(?!\r\n).)+\r\n(?:[ \t](?:(?!\r\n).)*\r\n)*", head)


def name_of(field):
    return field.split(b":", 1)[0].strip(b" \t").lower()


def squeeze(text):
    return re.sub(rb"[ \t]+", b" ", text)


def canonical_field(field, form):
    if form == "simple":
        return field
    value = squeeze(field.split(b":", 1)[1].replace(b"\r\n", b"")).strip(b" ")
    return name_of(field) + b":" + value + b"\r\n"


def canonical_body(body, form):
    if form == "relaxed":
        body = b"\r\n".join(squeeze(line).rstrip(b" ") for line in body.split(b"\r\n"))
    while body.endswith(b"\r\n"):
        body = body[:-2]
    return b"" if form == "relaxed" and not body else body + b"\r\n"


def signed_fields(head, names):
    left, found = fields_of(head), []
    for name in names:
        for index in range(len(left) - 1, -1, -1):
            if left[index] is not None and name_of(left[index]) == name.strip().lower().encode():
                found.append(left[index])
                left[index] = None
                break
    return found


def signature(key, raw, algorithm="rsa-sha256", form="relaxed/relaxed", h=(), tags=None, shape=None, name=b"DKIM-Signature"):
    """The field, without a line break. `tags` adds, changes or (None) drops tags; `shape` rewrites the text before it is signed. A
    value of `h` may be a string, as it is to stand there."""
    head, _, body = (b"\r\n" + raw).partition(b"\r\n\r\n")
    head = head[2:] + b"\r\n"
    make = HASHES[algorithm.split("-")[1]]
    head_form, body_form = form.split("/")
    content = canonical_body(body, body_form)
    length = (tags or {}).get("l")
    hashed = content if length is None or not length.isdigit() else content[: int(length)]
    listed = h if isinstance(h, str) else ":".join(h)
    all_tags = {
        "v": "1", "a": algorithm, "c": form, "d": "brand.example", "s": "k", "h": listed,
        "bh": base64.b64encode(make(hashed).digest()).decode(), "b": "",
    } | (tags or {})
    text = "; ".join(f"{tag}={value}" for tag, value in all_tags.items() if value is not None)
    text = shape(text) if shape else text
    field = name + b": " + text.encode()
    digest = make()
    for one in signed_fields(head, re.split(r"\s*:\s*", listed.strip())):
        digest.update(canonical_field(one, head_form))
    digest.update(canonical_field(field + b"\r\n", head_form)[:-2])
    signed = base64.b64encode(key.sign(digest))
    at = re.search(rb"(?:^|[;:\s])b\s*=()", field).end()
    return field[:at] + signed + field[at:]


def sign(key, raw, **more):
    return signature(key, raw, **more) + b"\r\n" + raw
