"""Reads a mailbox of the lab with Python's imaplib and prints what it saw as JSON: an opinion from another language."""

import imaplib
import json
import ssl
import sys

port, ca_file, user, password, junk = sys.argv[1:6]
context = ssl.create_default_context(cafile=ca_file)
client = imaplib.IMAP4_SSL("127.0.0.1", int(port), ssl_context=context, timeout=20)
seen = {"before": client.capabilities}
# imaplib quotes by itself, with the escapes of RFC 3501.
client.login(user, password)
seen["id"] = client.xatom("ID", '("name" "imaplib")')[0]
seen["folders"] = [line.decode("ascii") for line in client.list()[1]]
seen["examine"] = client.select("INBOX", readonly=True)[1][0].decode()
seen["uidnext"] = client.response("UIDNEXT")[1][0].decode()
seen["all"] = client.uid("SEARCH", None, "ALL")[1][0].decode().split()
status, data = client.uid("FETCH", seen["all"][-1], "(FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])")
parts = [part for part in data if isinstance(part, tuple)]
seen["raw"] = parts[0][1].decode("latin-1")
seen["date"] = imaplib.Internaldate2tuple(parts[0][0]) is not None
try:
    seen["store"] = client.uid("STORE", seen["all"][-1], "+FLAGS", "(\\Seen)")[0]
except imaplib.IMAP4.error as error:
    seen["store"] = "error: %s" % error
seen["junk"] = client.status('"%s"' % junk, "(MESSAGES UIDNEXT UIDVALIDITY)")[0]
seen["missing"] = client.select('"No such folder"', readonly=True)[0]
client.logout()
print(json.dumps(seen))
