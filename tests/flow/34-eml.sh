#!/bin/sh
# Goal: mail by a policy: what leaves is mail that others read, with the subject of its name and nothing of who wrote it; and mail made
# to do harm is held with a reason.
set -u
. "$STAGER_TESTS/flow/lib.sh"

cat >"$work/policy.yaml" <<'YAML'
policy: 1
name: mail
project: flow
pseudonym: {domain: research, key: 1}
subject:
  from: patienten.csv
  key: {column: patientnr, pattern: '[0-9]{1,7}', pad: 7}
  known: {person: [voornaam, achternaam], number: [bsn], address: [straat, postcode, plaats]}
dates: {order: [dd-MM-yyyy], shift: {step: 7, max: 364}}
text: {date: shift}
files:
  - match: patienten.csv
    format: csv
    csv: {delimiter: ';'}
    columns: {patientnr: pseudonym, bsn: drop, voornaam: drop, achternaam: drop, straat: drop, postcode: drop, plaats: drop,
      geboortedatum: year, geslacht: {keep: enum, values: [M, V]}}
  - match: mail/*.eml
    format: eml
    subject: mail/{key}_*.eml
    headers: {From: pseudonym, To: pseudonym, Subject: text, Date: shift}
    attachments: drop
accept: {files: 100%}
sets:
  abroad: {hold: [NL], open: [lumi], evidence: none, results: sealed}
shards: {size: 1MiB}
YAML
ok "a house" make_house "$work/house"
/usr/bin/python3 "$STAGER_TESTS/formats_make.py" mail "$work/data" 30 || exit 1
ok "the mail is pushed" stager push "$work/data" --name mail --policy "$work/policy.yaml"
first=$(tail -n 1 "$work/out")
stager report "$first" --json >"$work/report"
same "all passes" "$(json "$work/report" '[j["report"]["files"][k] for k in ("seen", "passed", "held")]')" "[31, 31, 0]"
same "it is linked" "$(json "$work/report" 'j["report"]["subjects"]')" "{'linked': 60}"
ok "it is opened" release "$first" "$work/out.tar"
mkdir "$work/out.d" && tar -xif "$work/out.tar" -C "$work/out.d"
cat >"$work/look.py" <<'PY'
import email, email.policy, email.utils, glob, json, os, re, sys
out, data = sys.argv[1:]
gone, kept = (json.load(open(f"{data}.{what}.json")) for what in ("gone", "kept"))
files = glob.glob(out + "/*/*.eml")
if len(files) != 30: sys.exit(f"{len(files)} mails")
everything = ""
for f in files:
    raw = open(f, "rb").read()
    m = email.message_from_bytes(raw, policy=email.policy.SMTPUTF8)
    if m.defects: sys.exit(f"defects: {m.defects}")
    who, text = os.path.basename(os.path.dirname(f)), m.get_content()
    if f"[{who}]" not in text + m["Subject"]: sys.exit("known values are not linked")
    day = email.utils.parsedate_to_datetime(m["Date"])
    if f"{day:%d-%m-%Y}" not in text: sys.exit("another day in the text than in the header")
    if f"{day:%a}" != m["Date"][:3]: sys.exit("another day of the week")
    everything += raw.decode()
left, lost = [g for g in gone if g in everything], [k for k in kept if k not in everything]
if left or lost: sys.exit(f"left: {left[:5]}, lost: {lost}")
PY
ok "nothing of the people is left, and the rest is" /usr/bin/python3 "$work/look.py" "$work/out.d" "$work/data"
ok "a draft is made" stager policy suggest "$work/data"
if grep -q 'format: eml' "$work/out" && ! grep -q 'format: text' "$work/out"; then pass "it says what mail is"; else fail "the draft" "$work/out"; fi

# --- made to do harm
mkdir -p "$work/bad/mail"
cp "$work/data/patienten.csv" "$work/bad"
/usr/bin/python3 - "$work/bad" <<'PY'
import base64, csv, os, sys
key = next(csv.DictReader(open(sys.argv[1] + "/patienten.csv"), delimiter=";"))["patientnr"]
def put(name, data): open(os.path.join(sys.argv[1], "mail", f"{key}_{name}.eml"), "wb").write(data)
def multi(n, inside): return b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n%s\n--b%d--\n" % (n, n, inside, n)
bomb = b"\nx"
for n in range(10000): bomb = multi(n, bomb) if n < 2000 else bomb
put("mail-depth", b"Subject: x\n" + bomb)
put("mail-parts", b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n\n" * 1000000 + b"--b--\n")
put("mail-broken-1", b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx")
put("mail-broken-2", b"Content-Type: multipart/mixed; boundary=" + b"b" * 1000000 + b"\n\n--b\n\nx")
put("mail-broken-3", b"Content-Type: text/plain; " + b'charset="' * 100000 + b"\n\nx")
put("mail-header-1", b"X: y\n" * 1000000 + b"\nx")
put("mail-header-2", b"Subject: " + b"x" * 10000000 + b"\n\nx")
put("mail-header-3", b"Subject:" + b"\n x" * 1000000 + b"\n\nx")
put("mail-header-4", b"\xff\xfe" + "Subject: zwartewaal\n\n".encode("utf-16-le"))
put("mail-header-5", b"\x00" * 1000000)
put("mail-address", b"To: " + b"(" * 1000000 + b"\n\nx")
put("mail-address-2", b"To: " + b'"' * 999999 + b"\n\nx")
put("mail-charset", b"Content-Type: text/plain; charset=utf-7\n\n+AHo-wartewaal")
put("mail-encoding", b"Content-Transfer-Encoding: base64\n\n" + b"=" * 1000000)
put("text-too-large", b"Subject: x\n\n" + b"x" * (17 << 20))
put("nul-byte", b"Subject: x\n\n\x00")
put("not-utf8", b"Content-Type: text/plain; charset=utf-8\n\n\xe9")
put("html", b"Content-Type: text/html\n\n" + b"<b" * 1000000 + b"<!--" * 1000000 + b"&#" * 1000000 + b"<style>" * 100000)
put("words", b"Subject: " + b"=?utf-8?Q?a?= " * 50000 + b"\n\nx")
PY
ok "hostile mail is pushed within a minute" timeout 60 stager push "$work/bad" --name bad --policy "$work/policy.yaml"
second=$(tail -n 1 "$work/out")
stager report "$second" --json >"$work/report"
same "each is held for its reason" "$(json "$work/report" '{k: v["count"] for k, v in sorted(j["report"]["held"].items())}')" \
	"{'file:mail-address': 2, 'file:mail-broken': 3, 'file:mail-charset': 1, 'file:mail-depth': 1, 'file:mail-encoding': 1, 'file:mail-header': 3, 'file:mail-parts': 1, 'file:not-utf8': 1, 'file:nul-byte': 3, 'file:text-too-large': 1}"
same "what is odd and good is not" "$(json "$work/report" 'j["report"]["files"]["passed"]')" 3
finish
