"""Mail beside Python's email package, which makes the messages and reads what leaves. usage: peer_mail.py SCRUB_TOOL"""
import base64
import email
import email.message
import email.policy
import quopri
import random
import re
import struct
import subprocess
import sys
import tempfile
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.image import MIMEImage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText

POLICY = """policy: 1
name: n
project: p
pseudonym: {domain: d}
files:
  - match: '*.eml'
    format: eml
    headers: {From: pseudonym, To: pseudonym, Cc: pseudonym, Subject: text, Date: year, Message-ID: pseudonym, References: pseudonym, X-Note: blank,
      Received: drop, X-Mailer: {keep: code, pattern: '[A-Za-z0-9 .]*'}}
    attachments: {ATTACHMENTS}
    html: {HTML}
sets: {abroad: {hold: [NL], open: [lumi]}}
"""
WORDS = "de afspraak over het verslag staat nog open één coëfficiënt ruïne façade naïef geëerd 38,5 graden en 12 stuks".split()
SECRET = ["jan.zwartewaal@voorbeeld.nl", "06-12345678", "NL91ABNA0417164300"]


class Tool:
    def __init__(self, attachments="drop", html="text"):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        self.file.write(POLICY.replace("{ATTACHMENTS}", attachments).replace("{HTML}", html))
        self.file.flush()
        self.process = subprocess.Popen([sys.argv[1], self.file.name, "a.eml"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __call__(self, data):
        self.process.stdin.write(struct.pack("<I", len(data)) + data)
        self.process.stdin.flush()
        what, length = struct.unpack("<cI", self.process.stdout.read(5))
        out = self.process.stdout.read(length)
        return (None, out.decode()) if what == b"h" else (out, None)

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


failed = 0


def wrong(what, *more):
    global failed
    failed += 1
    if failed < 10:
        print("WRONG:", what, *more)


def sentence(rng, n=12):
    return " ".join(rng.choice(WORDS) for _ in range(n))


def part(rng, subtype, text):
    """One text part, in some character set and transfer encoding."""
    charset = rng.choice(["utf-8", "iso-8859-1", "windows-1252", "iso-8859-15"])
    p = MIMENonMultipart("text", subtype, charset=charset)
    raw = text.encode(charset)
    how = rng.choice(["base64", "quoted-printable", "8bit"])
    p["Content-Transfer-Encoding"] = how
    if how == "base64":
        body = base64.encodebytes(raw).decode()
    elif how == "quoted-printable":
        body = quopri.encodestring(raw).decode()
    else:
        body = raw.decode("ascii", "surrogateescape")
    p.set_payload(body)
    if rng.random() < 0.5:
        p["Content-Disposition"] = "inline"
    return p


def html_of(text):
    lines = text.replace("&", "&amp;").replace("<", "&lt;").replace("é", "&eacute;").split("\n")
    return ("<html><head><style>p { color: red } Zwartewaal</style><title>titel</title></head><body><!-- Zwartewaal -->" +
            "".join(f'<p class="x>y">{line}</p>\n' for line in lines) + "<script>var x = '<p>Zwartewaal</p>';</script></body></html>")


def message(rng, plain):
    shape = rng.choice(["plain", "html", "alternative", "mixed", "related", "deep", "signed"])
    text, html = part(rng, "plain", plain), part(rng, "html", html_of(plain))
    image = MIMEImage(bytes(rng.randrange(256) for _ in range(200)), "png", name="Jan Zwartewaal.png")
    if shape == "plain":
        m = text
    elif shape == "html":
        m = html
    elif shape == "alternative":
        m = MIMEMultipart("alternative", _subparts=[text, html])
    elif shape == "mixed":
        m = MIMEMultipart("mixed", _subparts=[text, MIMEApplication(b"x\0" * 500, "pdf", name="brief.pdf"), MIMEMessage(MIMEText("Zwartewaal"))])
    elif shape == "related":
        m = MIMEMultipart("related", _subparts=[html, image])
    elif shape == "signed":
        m = MIMEMultipart("signed", _subparts=[text, MIMEApplication(b"sig", "pkcs7-signature")])
    else:
        m = MIMEMultipart("mixed", _subparts=[
            MIMEMultipart("alternative", _subparts=[text, MIMEMultipart("related", _subparts=[html, image])]),
            MIMEText("Zwartewaal", "csv")])
    return m, shape


def normal(text):
    return re.sub(r"\s+", " ", text).strip()


def main():
    rng = random.Random(11)
    tool, hold, no_html = Tool(), Tool(attachments="hold"), Tool(html="hold")
    shapes = {}
    for i in range(400):
        plain = "\n".join(sentence(rng) for _ in range(rng.randrange(1, 6)))
        secret = rng.choice(SECRET)
        plain += f"\nbel of mail {secret} nog even."
        m, shape = message(rng, plain)
        subject = sentence(rng, rng.randrange(1, 30)) + " via 06-87654321"
        m["From"] = str(Header("Jan Zwartewaal, dr.", "utf-8")) + " <Jan.Zwartewaal@Voorbeeld.NL>" if i % 2 else '"Zwartewaal, Jan" <jan.zwartewaal@voorbeeld.nl>'
        m["To"] = "piet@voorbeeld.nl (Piet), Groep: jan.zwartewaal@voorbeeld.nl, <kees@voorbeeld.nl>;, undisclosed-recipients:;"
        m["Subject"] = Header(subject, rng.choice(["utf-8", "iso-8859-1"]))
        m["Date"] = "Tue, 12 Mar 2024 14:30:00 +0100 (CET)"
        m["Message-ID"] = f"<{i}@mail.voorbeeld.nl>"
        m["References"] = f"<{i - 1}@mail.voorbeeld.nl>\n <{i - 2}@mail.voorbeeld.nl>"
        m["X-Note"] = "Zwartewaal"
        m["X-Mailer"] = "Outlook 16.0"
        m["X-Originating-IP"] = "[10.1.2.3]"
        m["Received"] = "from zwartewaal (1.2.3.4) by mx"
        data = m.as_bytes(policy=email.policy.compat32.clone(linesep="\r\n" if i % 3 else "\n"))
        out, why = tool(data)
        if out is None:
            wrong("held", why, shape, data[:3000])
            continue
        shapes[shape] = shapes.get(shape, 0) + 1
        for gone in [b"Zwartewaal", b"zwartewaal", b"10.1.2.3", b"06-8765", b"voorbeeld.nl"] + [s.encode() for s in SECRET]:
            if gone in out:
                wrong("left", gone, shape, out)
        if any(len(line) > 998 for line in out.splitlines()) or (b"\r\n" in out) != (b"\r\n" in data) or out.count(b"\n") != \
                out.count(b"\r\n") != 0:
            wrong("lines", out)
        r = email.message_from_bytes(out, policy=email.policy.SMTPUTF8)
        if r.defects or r.get_content_type() != "text/plain":
            wrong("defects", r.defects, out)
        said = normal(r.get_content())
        kind = {"jan": "[EMAIL-1]", "06-": "[TELEFOON-2]", "NL9": "[IBAN-1]"}[secret[:3]]
        want = normal(plain.replace(secret, kind))
        if shape == "html" or shape == "related":
            want = "titel " + want
        if said != want:
            wrong("other text", shape, said, want)
        if normal(r["Subject"]) != normal(subject.replace("06-87654321", "[TELEFOON-1]")):
            wrong("other subject", r["Subject"], subject)
        if r["Date"] != "2024" or r["X-Mailer"] != "Outlook 16.0" or r["X-Note"] != "" or r["Received"] or r["X-Originating-IP"]:
            wrong("other headers", out)
        to = [x.strip() for x in str(r["To"]).split(",")]
        if len(to) != 3 or str(r["From"]) != to[1] or len(set(to)) != 3 or len(to[0]) != 26:
            wrong("addresses", r["From"], to)
        if len(str(r["References"]).split(",")) != 2:
            wrong("references", r["References"])
        # What is the same message is the same again; and by other policies it is held.
        if hold(data)[1] != ("file:mail-attachment" if shape in ("mixed", "related", "deep") else None):
            wrong("attachments", shape, hold(data))
        if no_html(data)[1] != ("file:mail-html" if shape not in ("plain", "mixed", "signed") else None):
            wrong("html", shape, no_html(data)[1])
        # Spoiled: held, or passed without what was planted; never a fault of the program.
        for _ in range(20):
            spoiled = bytearray(data)
            for _ in range(rng.randrange(1, 4)):
                at = rng.randrange(len(spoiled))
                if rng.random() < 0.5:
                    spoiled[at] = rng.choice(b"\x00\xff=\"<>()\r\n-:; aZ")
                else:
                    del spoiled[at:at + rng.randrange(1, 40)]
            tool(bytes(spoiled))
    for t in tool, hold, no_html:
        failed_close = t.close()
        if failed_close:
            wrong("the tool failed", failed_close)
    print(shapes, failed, "wrong")
    sys.exit(1 if failed or len(shapes) != 7 else 0)


main()
