#!/usr/bin/python3
"""Odd files for 46-odd-values.sh: odd_values.py FOLDER. What must not leave is Zwartewaal, also in pieces, and 06-12345678.

Prints a line a file: its name, and what must be held of it ("-": nothing).
"""
import base64
import os
import sys

folder = sys.argv[1]
expected = {}


def put(name, data, held="-"):
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    expected[name] = held


def lines(*items):
    return "\n".join(items) + "\n"


WHO = "De heer Zwartewaal, 06-12345678"
# --- tables
put("bom-within.csv", b"a,b\n1,x\n\xef\xbb\xbf2," + WHO.replace(",", "").encode() + b"\n3,y\xef\xbb\xbf\n", "record:value-type")
put("line-ends.csv", 'a,b\r\n1,x\n2,y\r3,"%s"\r\n' % WHO)
put("cr-alone.csv", 'a,b\r1,x\r2,"%s"\r' % WHO)
put("empty.csv", "", "file:header-missing")
put("header-alone.csv", "a,b\n")
put("header-again.csv", "a,b\n1,x\na,b\n2,y\n", "record:value-type")
put("column-twice.csv", "a,b,a\n1,%s,2\n" % WHO.replace(",", ""), "file:column-repeated")
put("sep.csv", 'sep=;\na;b\n1;"%s"\n' % WHO, "file:column-unnamed")
put("comment.csv", "# %s\na,b\n1,x\n" % WHO, "file:column-unnamed")
put("quote-within.csv", 'a,b\n1,De "heer" Zwartewaal\n2,x\n', "record:quote-stray")
put("backslash.csv", 'a,b\n1,\\"%s\\"\n' % WHO.replace(",", ""), "record:quote-stray")
put("utf16-odd.csv", ("a,b\n1,x\n2,%s\n" % WHO.replace(",", "")).encode("utf-16")[:-1], "record:not-utf8")
put("surrogate.csv", b"\xff\xfe" + "a,b\n1,Zwartewaal".encode("utf-16-le") + b"\x00\xd8" + "\n2,y\n".encode("utf-16-le"), "record:not-utf8")
put("utf32.csv", "a,b\n1,x\n".encode("utf-32"), "file:kind-unknown")
put("numbers.csv", "a,b\n0x10,x\nNaN,x\ninf,x\n1_000,x\n\u0661,x\n 1,x\n1.,x\n.5,x\n+AC0-1,x\n", "record:value-type")
put("quotes.csv", 'a,b\n1,"' + '""' * 400000 + '"\n')
put("open-end.tsv", 'a\tb\n1\t"x\n', "file:quote-open")
put("commas.tsv", "a,b\n1,x\n", "file:column-unnamed")
# --- lines of fixed width
put("cr.fix", ("001De heer Zwarte\rwaal".ljust(61) + "\n"), "record:field-count")
put("nul.fix", b"001Zwartewaal\x00" + b" " * 46 + b"\n", "record:nul-byte")
put("wide.fix", "001" + "x" * 57 + "Zwartewaal\n", "record:field-count")
put("quote.fix", '001"De heer Zwartewaal\n002x\n')
put("empty.fix", "")
# --- records
put("keys.jsonl", lines('{"\\u0062":"%s"}' % WHO, '{"d":{"n\\u0061me":"%s"}}' % WHO))
put("keys-twice.jsonl", lines('{"b":"x","\\u0062":"Zwartewaal"}', '{"b":"Zwartewaal","b":"x"}', '{"d":{"x":"Zwartewaal","x":"y"}}',
                              '{"d":{"n":"Zwartewaal","\\u006e":"y"}}'), "record:json-duplicate-key")
put("key-names.jsonl", lines('{"d":{"\\ud83d\\ude00":"x"}}', '{"d":{"":"x"}}', '{"d":{"a\\u0000b":"x"}}', '{"b":["Zwartewaal"]}'), "record:field-unnamed")
put("forms.jsonl", lines('{"b":"x"}{"b":"Zwartewaal"}', '{"b":"x"},', '"Zwartewaal"', '{"b":"x"} // Zwartewaal', '{"b":"x",}', "{'b':'x'}",
                         '{b:"Zwartewaal"}', '{"a":00012}', '{"a":+1}', '{"a":.5}', '{"a":NaN}', '{"b":"\\udc00\\ud800"}', '\ufeff{"b":"Zwartewaal"}',
                         '{"b":"x"}\r{"b":"Zwartewaal"}'), "record:json-broken")
put("escapes.jsonl", lines('{"b":"' + "".join("\\u%04x" % ord(c) for c in WHO) + '"}'))
put("numbers.jsonl", lines('{"a":"1\\u0000"}', '{"a":" 1"}', '{"a":"0x1"}'), "record:value-type")
put("utf16.jsonl", ('{"b":"%s"}\n' % WHO).encode("utf-16-le"))
put("empty.jsonl", "")
put("many.jsonl", '{"d":{' + ",".join('"k%d":"x"' % i for i in range(100000)) + ',"k7":"Zwartewaal"}}\n', "record:json-duplicate-key")
put("arrays.json", "[" * 1000000 + "Zwartewaal" + "]" * 1000000, "record:field-unnamed")
put("two.json", '{"b":"Zwartewaal"}{"b":"x"}', "record:json-broken")
put("tail.json", b'{"b":"Zwartewaal"}\x00', "record:json-broken")
put("empty.json", "", "record:json-broken")
# --- texts
put("bom-within.txt", b"De heer Zwartewaal\xef\xbb\xbf 06-12345678\r\nx\ry\n")
put("utf16-odd.txt", WHO.encode("utf-16") + b"\0", "file:not-utf8")
put("surrogate.txt", b"\xff\xfeZ\0w\0\x00\xd8h\0", "file:not-utf8")
put("empty.txt", "")
put("marks.txt", "De heer Zw" + "\u0301" * 100000 + "artewaal")
# --- documents
put("cdata.xml", "<r>De heer <![CDATA[Zwartewaal]]> 06-<!-- x -->12345678</r>")
put("references.xml", "<r>" + "".join("&#%d;" % ord(c) for c in WHO) + "</r>")
put("instruction.xml", "<r><?php %s ?></r>" % WHO)
put("twice.xml", "<r a='x' a='Zwartewaal'/>", "file:xml-broken")
put("behind.xml", "<r>x</r>Zwartewaal", "file:xml-broken")
put("namespace.xml", "<r><x xmlns='urn:o'>Zwartewaal</x></r>", "file:xml-namespace")
put("prefix.xml", "<r xmlns:x='urn:x' x:a='Zwartewaal'/>", "file:xml-namespace")
put("version.xml", "<?xml version='1.1'?><r>Zwartewaal</r>", "file:xml-broken")
put("reference.xml", "<r>Zwartewaal&#0;</r>", "file:xml-entity")
put("doctype.xml", "<!DOCTYPE html><r>Zwartewaal</r>", "file:xml-doctype")
put("empty.xml", "", "file:xml-broken")
put("name.xml", "<" + "r" * 1000000 + "/>", "file:xml-broken")
# --- mail
HEAD = "From: a@b.nl\r\nSubject: x\r\n"
put("boundary.eml", HEAD + 'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nZwartewaal\r\n----\r\n', "file:mail-broken")
put("boundaries.eml", HEAD + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" * 10000,
    "file:mail-broken")
put("header.eml", "Subject: " + "Zwartewaal " * 200000 + "\r\n\r\nx\r\n", "file:mail-header")
put("headers.eml", "X-H: Zwartewaal\r\n" * 100000 + HEAD + "\r\nx\r\n", "file:mail-header")
put("charset.eml", HEAD + "Content-Type: text/plain; charset=" + "x" * 100000 + "\r\n\r\nZwartewaal\r\n", "file:mail-charset")
put("charset-path.eml", HEAD + 'Content-Type: text/plain; charset="../../etc/passwd"\r\n\r\nZwartewaal\r\n', "file:mail-charset")
put("inside.eml", HEAD + "Content-Type: message/rfc822\r\n\r\n" + HEAD + "\r\nZwartewaal\r\n")
put("html.eml", HEAD + "Content-Type: text/html\r\n\r\n<p>De heer Zwarte<b>waal</b> <!-- 06-12345678 --><script>Zwartewaal</script>&#48;6-12345678</p>")
put("padding.eml", HEAD + "Content-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(WHO.encode()).decode() + "====\r\n", "file:mail-encoding")
put("nul.eml", HEAD.encode() + b"\r\nZwartewaal\0\r\n", "file:nul-byte")
put("empty.eml", "", "file:mail-header")
# --- other kinds under a name that is not theirs
put("zip.txt", b"PK\x03\x04" + b"Zwartewaal" * 10, "file:kind-unknown")
put("seven.csv", b"7z\xbc\xaf\x27\x1c\0\4Zwartewaal", "file:kind-unknown")
put("rar.txt", b"Rar!\x1a\x07\x01\0Zwartewaal", "file:nul-byte")
put("archive.7z", b"7z\xbc\xaf\x27\x1c\0\4Zwartewaal", "file:file-unmatched")
for name in sorted(expected):
    print(name, expected[name])
