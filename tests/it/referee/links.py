"""The referee of links: Lexbor (by selectolax), a parser of HTML that shares nothing with ours.

    links.py < lines    reads {"name", "html"} a line, prints {"name", "base", "links": [[href, text]]}: the attributes as they are decoded,
                        the text as a reader sees it, white space and what takes no place collapsed
"""

import json
import re
import sys

from selectolax.lexbor import LexborHTMLParser

BLANKS = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u200b-\u200d\u2060\ufeff\xad]+")


def shorten(text):
    return BLANKS.sub(" ", text).strip(" ")[:200]


def children(node):
    child = node.child
    while child is not None:
        yield child
        child = child.next


def walk(node, text, pictures):
    """Text in document order, a blank where another line begins; the words of pictures apart."""
    for child in children(node):
        if child.tag == "-text":
            text.append(child.text_content or "")
        elif child.tag == "img":
            pictures.append(child.attributes.get("alt") or "")
        elif child.tag in ("br", "p", "div", "td"):
            text.append(" ")
        walk(child, text, pictures)


def words(element):
    text, pictures = [], []
    walk(element, text, pictures)
    return shorten("".join(text)) or shorten(" ".join(pictures))


def read(html):
    base, links = None, []
    for node in LexborHTMLParser(html).root.traverse():
        if node.tag == "base" and base is None and "href" in node.attributes:
            base = node.attributes["href"] or ""
        if node.tag in ("a", "area"):
            name = "href" if "href" in node.attributes else "xlink:href"
            if name in node.attributes:
                alternative = node.attributes.get("alt") or ""
                links.append([node.attributes[name] or "", shorten(alternative) if node.tag == "area" else words(node)])
    return base, links


sys.setrecursionlimit(100_000)
for line in sys.stdin:
    page = json.loads(line)
    base, links = read(page["html"])
    print(json.dumps({"name": page["name"], "base": base, "links": links}))
