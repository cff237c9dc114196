"""The matrix: messages in every shape that mail comes in, signed by `signer.py`.

    matrix.py          prints one JSON object a line: {"name", "raw" (base64), "dns": {name: [record as its strings]}, "intact"}

What is `intact` is signed as the RFC says and was not touched, so it verifies. Names read `part / what`, so that the
disagreements between verifiers can be told by name.
"""

import base64
import json
import re
import sys
import time

sys.dont_write_bytecode = True  # nothing is left beside the sources

import signer
from signer import Ed25519, Rsa

ALGORITHMS = ["rsa-sha256", "rsa-sha1", "ed25519-sha256"]
FORMS = ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"]

HEAD = (
    b"From: Brand <receipts@brand.example>\r\nTo: seed@mailbox.example\r\nSubject: Order 17 is confirmed\r\n"
    b"Date: Mon, 23 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@brand.example>\r\nContent-Type: text/plain; charset=utf-8\r\n"
)
FIELDS = ["from", "to", "subject", "date", "content-type"]
BODY = b"Hello there\r\n\r\nyour order is on its way.\r\n"

BODIES = {
    "plain": BODY,
    "empty": b"",
    "one empty line": b"\r\n",
    "empty lines alone": b"\r\n\r\n\r\n",
    "empty lines at the end": b"Hello\r\n\r\n\r\n\r\n",
    "blank lines at the end": b"Hello\r\n \r\n\t\r\n  \t \r\n",
    "blank lines alone": b" \r\n\t\r\n",
    "blanks alone without a line break": b" \t ",
    "no line break at the end": b"Hello",
    "blanks at the end without a line break": b"Hello  \t",
    "runs of blanks": b" lead  and \t run \t\r\n\r\n end  \r\n",
    "form feed and vertical tab": b"a \x0c b \x0b\r\n\x0c\r\n",
    "eight bit": "Grüße – 注文\r\n".encode(),
    "no UTF-8": b"Gr\xfc\xdfe\xff\xfe\r\n\x80\r\n",
    "no-break space at the end": "Hello\u00a0\r\n\u00a0\r\n".encode(),
    "long lines": b"0123456789 " * 400 + b"\r\n" + b"x" * 5000 + b"\r\n",
    "dots": b".\r\n..\r\n.hidden\r\n",
    "bare line feeds": b"one\ntwo\r\nthree\n",
    "bare line feeds at the end": b"Hello\r\n\n\n",
    "bare carriage returns": b"one\rtwo\r\nthree\r",
    "carriage returns before the line break": b"one\r\r\ntwo\r\r\n",
    "NUL": b"a\x00b\r\n\x00\r\n",
}


def sign(key, raw, **more):
    return signer.sign(key, raw, **({"h": FIELDS} | more))


# -- the parts

def put(name, raw, dns, intact=False):
    records = {where: [one if isinstance(one, list) else [one] for one in texts] for where, texts in dns.items()}
    print(json.dumps({"name": name, "raw": base64.b64encode(raw).decode(), "dns": records, "intact": intact}))


def at(*texts, selector="k"):
    return {f"{selector}._domainkey.brand.example": list(texts)}


def bodies(keys):
    for algorithm in ALGORITHMS:
        key = keys[algorithm]
        for body, content in BODIES.items():
            for form in FORMS:
                raw = sign(key, HEAD + b"\r\n" + content, algorithm=algorithm, form=form)
                put(f"bodies / {algorithm} {form} {body}", raw, at(key.record), intact=algorithm != "rsa-sha1")
                if algorithm == "rsa-sha256":
                    put(f"bodies / {algorithm} {form} {body}, a line added", raw + b"\r\nmore\r\n", at(key.record))
    key = keys["rsa-sha256"]
    raw = HEAD + b"\r\n" + BODIES["runs of blanks"]
    for form in FORMS:
        signed = sign(key, raw, form=form)
        put(f"bodies / {form} blanks squeezed on the way", signed.replace(b"and \t run", b"and run"), at(key.record))
        put(f"bodies / {form} blanks at a line's end lost", signed.replace(b"end  \r\n", b"end\r\n"), at(key.record))
        put(f"bodies / {form} empty lines added at the end", signed + b"\r\n\r\n", at(key.record))
        put(f"bodies / {form} a blank line added at the end", signed + b" \r\n", at(key.record))
        put(f"bodies / {form} a letter changed", signed.replace(b"lead", b"load"), at(key.record))


TRICKS = {
    "folded by a blank": (b"Subject: Order\r\n 17 is\r\n  confirmed\r\n", ["subject"]),
    "folded by a tab": (b"Subject: Order\r\n\t17 is\r\n\t\tconfirmed\r\n", ["subject"]),
    "folded right after the colon": (b"Subject:\r\n Order 17\r\n", ["subject"]),
    "a folded line of blanks alone": (b"Subject: Order\r\n \t \r\n 17\r\n", ["subject"]),
    "tabs": (b"Subject:\tOrder\t\t17 \t is\r\n", ["subject"]),
    "blanks at the end": (b"Subject: Order 17  \t \r\n", ["subject"]),
    "no blank after the colon": (b"Subject:Order 17\r\n", ["subject"]),
    "blanks before the colon": (b"Subject \t: Order 17\r\n", ["subject"]),
    "an empty value": (b"X-Empty:\r\n", ["x-empty"]),
    "a value of blanks": (b"X-Empty: \t \r\n", ["x-empty"]),
    "colons in the value": (b"X-Colons: a: b:c :\r\n", ["x-colons"]),
    "eight bit": ("Subject: Grüße\r\n".encode(), ["subject"]),
    "no UTF-8": (b"Subject: Gr\xfc\xdfe\r\n", ["subject"]),
    "form feed and vertical tab": (b"Subject: Order \x0c 17\x0b\r\n", ["subject"]),
    "a bare carriage return": (b"Subject: Order\r17\r\n", ["subject"]),
    "a bare line feed": (b"X-Feed: Order\n 17\r\n", ["x-feed"]),
    "a long line": (b"Subject: " + b"0123456789" * 300 + b"\r\n", ["subject"]),
    "capitals": (b"SUBJECT: Order 17\r\n", ["Subject"]),
    "odd letters in a name": (b"X_a.b!c: 17\r\n", ["x_a.b!c"]),
    "two fields, the lower signed": (b"X-Twice: first\r\nX-Twice: second\r\n", ["x-twice"]),
    "two fields, both signed": (b"X-Twice: first\r\nX-Twice: second\r\n", ["x-twice", "x-twice"]),
    "two fields, signed three times": (b"X-Twice: first\r\nX-Twice: second\r\n", ["x-twice", "x-twice", "x-twice"]),
    "two fields apart, named apart": (b"X-Twice: first\r\nX-A: 1\r\nX-Twice: second\r\n", ["x-twice", "x-a", "x-twice"]),
    "a field that is not there": (b"", ["x-absent"]),
    "From oversigned": (b"", ["from"]),
    "a name that begins like another": (b"X-Two: 1\r\nX-Twofold: 2\r\n", ["x-two"]),
    "another signature signed": (b"DKIM-Signature: v=1; a=rsa-sha256; d=gone.example; s=x; h=from; bh=AAAA; b=AAAA\r\n", ["dkim-signature"]),
}


def headers(keys):
    for algorithm in ["rsa-sha256", "ed25519-sha256"]:
        key = keys[algorithm]
        for trick, (lines, names) in TRICKS.items():
            own = HEAD.replace(b"Subject: Order 17 is confirmed\r\n", b"") if b"ubject" in lines or b"UBJECT" in lines else HEAD
            base = [field for field in FIELDS if field != "subject" or own is HEAD]
            for form in FORMS if algorithm == "rsa-sha256" else FORMS[-1:]:
                raw = sign(key, lines + own + b"\r\n" + BODY, algorithm=algorithm, form=form, h=base + names)
                put(f"headers / {algorithm} {form} {trick}", raw, at(key.record), intact=True)
    key = keys["rsa-sha256"]
    raw = HEAD + b"\r\n" + BODY
    twice = b"X-Twice: first\r\nX-Twice: second\r\n" + raw
    for form in FORMS:
        def changed(what, signed, old, new):
            assert old in signed, what
            put(f"headers / {form} {what}", signed.replace(old, new, 1), at(key.record))

        plain = sign(key, raw, form=form)
        changed("refolded on the way", plain, b"Order 17 is", b"Order 17\r\n is")
        changed("a tab for a blank", plain, b"Order 17", b"Order\t17")
        changed("a blank more after the colon", plain, b"Subject: ", b"Subject:  ")
        changed("the blank after the colon lost", plain, b"Subject: ", b"Subject:")
        changed("a blank at the end", plain, b"confirmed\r\n", b"confirmed \r\n")
        changed("capitals in a name", plain, b"Subject:", b"SUBJECT:")
        changed("capitals in a value", plain, b"Order 17", b"ORDER 17")
        changed("an unsigned field changed", plain, b"<1@brand.example>", b"<2@brand.example>")
        changed("a signed field removed", plain, b"To: seed@mailbox.example\r\n", b"")
        changed("fields exchanged", plain, b"To: seed@mailbox.example\r\nSubject: Order 17 is confirmed\r\n", b"Subject: Order 17 is confirmed\r\nTo: seed@mailbox.example\r\n")
        changed("a second Subject above", plain, b"From: Brand", b"Subject: Sale\r\nFrom: Brand")
        changed("a second Subject below", plain, b"Content-Type:", b"Subject: Sale\r\nContent-Type:")
        changed("a second From above", plain, b"From: Brand", b"From: other@evil.example\r\nFrom: Brand")
        over = sign(key, raw, form=form, h=FIELDS + ["from", "subject", "x-absent"])
        changed("oversigned, a second From above", over, b"From: Brand", b"From: other@evil.example\r\nFrom: Brand")
        changed("oversigned, a second Subject above", over, b"From: Brand", b"Subject: Sale\r\nFrom: Brand")
        changed("oversigned, the absent field added", over, b"From: Brand", b"X-Absent: now\r\nFrom: Brand")
        one = sign(key, twice, form=form, h=FIELDS + ["x-twice"])
        changed("of two fields the unsigned upper one changed", one, b"first", b"other")
        changed("of two fields the signed lower one changed", one, b"second", b"other")
        both = sign(key, twice, form=form, h=FIELDS + ["x-twice", "x-twice"])
        changed("two signed fields exchanged", both, b"X-Twice: first\r\nX-Twice: second", b"X-Twice: second\r\nX-Twice: first")


def spaced(text):
    return text.replace("; ", " ;\r\n\t").replace("=", " = ", 5)


def reversed_tags(text):
    return "; ".join(reversed(text.split("; ")))


def signatures(keys):
    key = keys["rsa-sha256"]
    raw = HEAD + b"\r\n" + BODY
    past, now = 1_600_000_000, int(time.time())
    shapes = {
        "blanks and folds around everything": {"shape": spaced},
        "tags the other way round": {"shape": reversed_tags},
        "a semicolon at the end": {"shape": lambda text: text + ";"},
        "two semicolons at the end": {"shape": lambda text: text + ";;"},
        "no blanks": {"shape": lambda text: text.replace("; ", ";")},
        "an unknown tag": {"tags": {"zz": "what = ever"}},
        "an unknown tag that ends in b": {"tags": {"b": None, "xb": "1", "b ": ""}, "shape": lambda text: text.replace("b =", "b=")},
        "a tag without a value": {"tags": {"z": ""}},
        "a tag twice": {"shape": lambda text: text.replace("s=k", "s=k; s=k")},
        "a part that is no tag": {"shape": lambda text: text.replace("s=k", "s=k; junk")},
        "no c=": {"tags": {"c": None}, "form": "simple/simple"},
        "c= of the fields alone": {"tags": {"c": "relaxed"}, "form": "relaxed/simple"},
        "c= in capitals": {"tags": {"c": "Relaxed/Relaxed"}},
        "an unknown c=": {"tags": {"c": "nowsp/relaxed"}},
        "a= in capitals": {"tags": {"a": "RSA-SHA256"}},
        "an unknown a=": {"tags": {"a": "rsa-sha512"}},
        "no v=": {"tags": {"v": None}},
        "v= 2": {"tags": {"v": "2"}},
        "v= 0.5": {"tags": {"v": "0.5"}},
        "no d=": {"tags": {"d": None}},
        "an empty d=": {"tags": {"d": ""}},
        "d= in capitals": {"tags": {"d": "BRAND.example"}},
        "no s=": {"tags": {"s": None}},
        "no h=": {"tags": {"h": None}},
        "an empty h=": {"h": ""},
        "From not signed": {"h": ["to", "subject"]},
        "folds in h=": {"h": "from :\r\n\tto:  subject:\r\n date"},
        "capitals in h=": {"h": ["FROM", "To", "SUBJECT"]},
        "an empty name in h=": {"h": "from::to"},
        "q=": {"tags": {"q": "dns/txt"}},
        "an unknown q=": {"tags": {"q": "http/well-known"}},
        "an unknown q= besides": {"tags": {"q": "http/well-known:dns/txt"}},
        "i= of the domain": {"tags": {"i": "@brand.example"}},
        "i= of a person": {"tags": {"i": "joe@brand.example"}},
        "i= of a subdomain": {"tags": {"i": "joe@mail.brand.example"}},
        "i= in capitals": {"tags": {"i": "@BRAND.example"}},
        "i= of another domain": {"tags": {"i": "@other.example"}},
        "i= of a domain that ends alike": {"tags": {"i": "@notbrand.example"}},
        "i= of the parent": {"tags": {"i": "@example"}},
        "t= and x= to come": {"tags": {"t": str(past), "x": str(now + 86_400)}},
        "x= past": {"tags": {"t": str(past), "x": str(past + 3600)}},
        "x= past without t=": {"tags": {"x": str(past)}},
        "x= before t=": {"tags": {"t": str(now + 90), "x": str(now + 80)}},
        "t= tomorrow": {"tags": {"t": str(now + 86_400)}},
        "t= no number": {"tags": {"t": "soon"}},
        "x= no number": {"tags": {"x": "never"}},
        "l= of the whole body": {"tags": {"l": str(len(BODY))}},
        "l= of a part": {"tags": {"l": "5"}},
        "l= 0": {"tags": {"l": "0"}},
        "l= beyond the body": {"tags": {"l": "5000"}},
        "l= no number": {"tags": {"l": "-1"}},
        "z= with the fields": {"tags": {"z": "From:Brand|To:seed@mailbox.example|Subject:Order=2017"}},
        "the field's name in lower case": {"name": b"dkim-signature"},
        "the field's name in capitals": {"name": b"DKIM-SIGNATURE"},
    }
    for what, more in shapes.items():
        for form in ["simple/simple", "relaxed/relaxed"]:
            if "form" in more and form == "simple/simple":
                continue
            signed = sign(key, raw, **({"form": form} | more))
            put(f"signatures / {more.get('form', form)} {what}", signed, at(key.record))
    for form in ["simple/simple", "relaxed/relaxed"]:
        signed = sign(key, raw, form=form)
        end = signed.index(b"\r\n")
        cut = re.search(rb"[; ]b=", signed).end() + 40
        put(f"signatures / {form} b= folded afterwards", signed[:cut] + b"\r\n\t" + signed[cut:], at(key.record))
        put(f"signatures / {form} b= with blanks inside", signed[:cut] + b"  " + signed[cut:], at(key.record))
        put(f"signatures / {form} b= cut short", signed[: end - 8] + signed[end:], at(key.record))
        put(f"signatures / {form} b= empty", signed[: cut - 40] + signed[end:], at(key.record))
        put(f"signatures / {form} b= no base64", signed[:cut] + b"!!!!" + signed[cut + 4 :], at(key.record))
        put(f"signatures / {form} bh= folded", sign(key, raw, form=form, shape=lambda text: re.sub("bh=(.{10})", "bh=\\1\r\n\t ", text)), at(key.record))
        put(f"signatures / {form} bh= of another hash", sign(key, raw, form=form, tags={"bh": base64.b64encode(b"x" * 32).decode()}), at(key.record))
        put(f"signatures / {form} bh= cut short", sign(key, raw, form=form, tags={"bh": base64.b64encode(b"x" * 20).decode()}), at(key.record))
    part = sign(key, raw, tags={"l": "5"})
    put("signatures / l= of a part, the rest changed", part.replace(b"your order", b"our order"), at(key.record))
    put("signatures / l= of a part, the part changed", part.replace(b"Hello there", b"Hallo there"), at(key.record))
    blanks = HEAD + b"\r\na  b\r\nc\r\n"
    put("signatures / l= counts canonical bytes", sign(key, blanks, tags={"l": "5"}), at(key.record))
    modern = keys["ed25519-sha256"]
    both = at(key.record) | at(modern.record, selector="ed")
    twice = sign(modern, sign(key, raw), algorithm="ed25519-sha256", tags={"s": "ed"})
    put("signatures / two of them", twice, both)
    put("signatures / two of them, the body changed", twice + b"more\r\n", both)
    put("signatures / two of them, the key of the upper one gone", twice, at(key.record))


def key_records(keys):
    key, other = keys["rsa-sha256"], keys["other"]
    p = key.p
    raw = HEAD + b"\r\n" + BODY
    signed = sign(key, raw)
    below = sign(key, raw, tags={"i": "@mail.brand.example"})

    def texts(count):
        size = len(key.record) // count + 1
        return [key.record[index : index + size] for index in range(0, len(key.record), size)]

    records = {
        "p= alone": f"p={p}",
        "no k=": f"v=DKIM1; p={p}",
        "no v=": f"k=rsa; p={p}",
        "v= not first": f"k=rsa; v=DKIM1; p={p}",
        "v= in lower case": f"v=dkim1; p={p}",
        "v= DKIM2": f"v=DKIM2; p={p}",
        "an empty v=": f"v=; p={p}",
        "k= in capitals": f"v=DKIM1; k=RSA; p={p}",
        "k= unknown": f"v=DKIM1; k=dsa; p={p}",
        "an empty k=": f"v=DKIM1; k=; p={p}",
        "k= of the other algorithm": f"v=DKIM1; k=ed25519; p={p}",
        "h= sha256": f"v=DKIM1; h=sha256; p={p}",
        "h= sha1": f"v=DKIM1; h=sha1; p={p}",
        "h= both": f"v=DKIM1; h=sha1:sha256; p={p}",
        "h= both with blanks": f"v=DKIM1; h = sha1 : sha256 ; p={p}",
        "h= unknown": f"v=DKIM1; h=sha512; p={p}",
        "h= unknown besides": f"v=DKIM1; h=sha512:sha256; p={p}",
        "an empty h=": f"v=DKIM1; h=; p={p}",
        "s= email": f"v=DKIM1; s=email; p={p}",
        "s= any": f"v=DKIM1; s=*; p={p}",
        "s= other": f"v=DKIM1; s=tlsrpt; p={p}",
        "s= email besides": f"v=DKIM1; s=tlsrpt:email; p={p}",
        "s= any with blanks": f"v=DKIM1; s = other : * ; p={p}",
        "an empty s=": f"v=DKIM1; s=; p={p}",
        "t= y": f"v=DKIM1; t=y; p={p}",
        "t= s": f"v=DKIM1; t=s; p={p}",
        "t= both": f"v=DKIM1; t=y:s; p={p}",
        "t= both with blanks": f"v=DKIM1; t= y : s ; p={p}",
        "t= unknown": f"v=DKIM1; t=zz; p={p}",
        "an empty t=": f"v=DKIM1; t=; p={p}",
        "revoked": "v=DKIM1; k=rsa; p=",
        "revoked, p= of blanks": "v=DKIM1; k=rsa; p= ",
        "no p=": "v=DKIM1; k=rsa",
        "blanks in p=": "v=DKIM1; p=" + " ".join(p[index : index + 20] for index in range(0, len(p), 20)),
        "blanks around everything": f" v = DKIM1 ; k = rsa ; p = {p} ; ",
        "no blanks": f"v=DKIM1;k=rsa;p={p}",
        "a semicolon at the end": f"{key.record};",
        "two semicolons at the end": f"{key.record};;",
        "an unknown tag": f"v=DKIM1; zz=1; p={p}; yy=a=b",
        "a note": f"v=DKIM1; n=write to postmaster=40brand.example; p={p}",
        "a part that is no tag": f"v=DKIM1; junk; p={p}",
        "a tag twice": f"v=DKIM1; k=rsa; k=rsa; p={p}",
        "p= twice": f"v=DKIM1; p={p}; p={p}",
        "p= cut short": f"v=DKIM1; p={p[:100]}",
        "p= no base64": "v=DKIM1; p=!!!" + p[3:],
        "p= with junk behind": f"v=DKIM1; p={p}AAAA",
        "p= of another key": other.record,
        "p= as PKCS#1": f"v=DKIM1; p={key.pkcs1}",
        "g= any": f"v=DKIM1; g=*; p={p}",
        "an empty g=": f"v=DKIM1; g=; p={p}",
        "g= of somebody": f"v=DKIM1; g=joe; p={p}",
        "quotation marks": f'"{key.record}"',
        "no key at all": "v=spf1 -all",
        "in two strings": texts(2),
        "in five strings": texts(5),
        "an empty string in between": texts(2)[:1] + [""] + texts(2)[1:],
    }
    for what, record in records.items():
        put(f"keys / {what}", signed, at(record))
        if what.startswith("t="):
            put(f"keys / {what}, i= of a subdomain", below, at(record))
    put("keys / t= s, i= of the domain in capitals", sign(key, raw, tags={"i": "@BRAND.EXAMPLE"}), at(f"v=DKIM1; t=s; p={p}"))
    put("keys / no record", signed, {})
    put("keys / a key and a text, the key first", signed, at(key.record, "hello"))
    put("keys / a key and a text, the text first", signed, at("hello", key.record))
    put("keys / two keys, ours first", signed, at(key.record, other.record))
    put("keys / two keys, ours second", signed, at(other.record, key.record))
    for bits in [512, 768, 1023, 1024, 4096]:
        short = Rsa(bits)
        put(f"keys / {bits} bits", sign(short, raw), at(short.record))
    modern = keys["ed25519-sha256"]
    signed = sign(modern, raw, algorithm="ed25519-sha256")

    def encoded(octets):
        return base64.b64encode(octets).decode()

    for what, record in {
        "k= in capitals": f"v=DKIM1; k=Ed25519; p={modern.p}",
        "no k=": f"v=DKIM1; p={modern.p}",
        "31 octets": f"v=DKIM1; k=ed25519; p={encoded(modern.raw[:31])}",
        "33 octets": f"v=DKIM1; k=ed25519; p={encoded(modern.raw + b'x')}",
        "as SubjectPublicKeyInfo": f"v=DKIM1; k=ed25519; p={encoded(bytes.fromhex('302a300506032b6570032100') + modern.raw)}",
        "of another key": Ed25519().record,
        "revoked": "v=DKIM1; k=ed25519; p=",
        "h= sha256": f"v=DKIM1; k=ed25519; h=sha256; p={modern.p}",
        "h= sha1": f"v=DKIM1; k=ed25519; h=sha1; p={modern.p}",
        "of an RSA key": key.record,
    }.items():
        put(f"keys / ed25519, {what}", signed, at(record))


def main():
    rsa = Rsa()
    keys = {"rsa-sha256": rsa, "rsa-sha1": rsa, "ed25519-sha256": Ed25519(), "other": Rsa()}
    bodies(keys)
    headers(keys)
    signatures(keys)
    key_records(keys)


if __name__ == "__main__":
    main()
