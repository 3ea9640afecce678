#!/bin/sh
# Goal: what a steward reads of a run: the page says what the signed report says, in two languages, runs nothing, loads nothing and holds no
# value; counts stand by rule and by file; and what changed since the version before.
set -u
. "$STAGER_TESTS/flow/lib.sh"
policy=$top/deploy/policies/sample.yaml

ok "a house" make_house "$work/house"
cp -R "$top/deploy/sample/data" "$work/data"
ok "a push" stager push "$work/data" --name sample --policy "$policy"
first=$(tail -n 1 "$work/out")
ok "the page" stager report "$first" --html "$work/both.html"
same "it prints nothing else" "$(cat "$work/out")" ""
same "only its owner reads it" "$(stat -c %a "$work/both.html")" 600
ok "in Dutch" stager report "$first" --html "$work/nl.html" --lang nl
ok "in English, with the document" stager report "$first" --html "$work/en.html" --lang en --out "$work/report.json"
expect_status 2 "another language is refused" stager report "$first" --html "$work/x" --lang fr
expect_status 2 "--lang without --html, too" stager report "$first" --lang nl
not_ok "no file is left of them" test -e "$work/x"
not_ok "a folder that is not there" stager report "$first" --html "$work/none/x.html"

# What an HTML parser sees: balanced, no script, nothing loaded, one language each; and the numbers of the report.
cat >"$work/page.py" <<'PY'
import hashlib, html.parser, json, re, sys, base64
path, langs, report = sys.argv[1], sys.argv[2].split(","), json.load(open(sys.argv[3]))
void = {"meta", "input", "br", "rect"}
class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(); self.open, self.text, self.style, self.mains, self.csp = [], "", "", [], None
    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        assert tag not in ("script", "link", "img", "iframe", "object", "embed", "form", "a", "base"), tag
        for name, value in attrs:
            assert not name.startswith("on") and name not in ("src", "href", "style", "action"), name
        if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy": self.csp = a["content"]
        if tag == "main": self.mains.append(a["lang"])
        if tag not in void: self.open.append(tag)
    def handle_startendtag(self, tag, attrs): self.handle_starttag(tag, attrs); tag in void or self.open.pop()
    def handle_endtag(self, tag):
        if tag == "rect": return
        assert self.open and self.open[-1] == tag, (tag, self.open); self.open.pop()
    def handle_data(self, data):
        if self.open and self.open[-1] == "style": self.style += data
        else: self.text += data
page = Page(); page.feed(open(path, encoding="utf-8").read()); page.close()
assert not page.open, page.open
assert page.mains == langs, page.mains
digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
assert page.csp == "default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'" % digest, page.csp
assert "url(" not in page.style and "@import" not in page.style and "expression" not in page.style
group = (lambda n: format(n, ",").replace(",", ".")) if langs[0] == "nl" else (lambda n: format(n, ","))
r = report["report"]
for section in ("actions", "found"):
    for key, n in r[section].items():
        assert n == 0 or re.search(r"(?<![0-9])%s(?![0-9])" % re.escape(group(n)), page.text), (section, key, n)
for word in (report["version-id"], report["policy"], hashlib.sha256(open(sys.argv[3], "rb").read()).hexdigest()):
    assert word in page.text, word
PY
ok "both languages, well formed, nothing that runs or loads" /usr/bin/python3 "$work/page.py" "$work/both.html" nl,en "$work/report.json"
ok "Dutch alone" /usr/bin/python3 "$work/page.py" "$work/nl.html" nl "$work/report.json"
ok "English alone" /usr/bin/python3 "$work/page.py" "$work/en.html" en "$work/report.json"
not_ok "that test sees a page of something else" /usr/bin/python3 "$work/page.py" "$work/en.html" nl "$work/report.json"
sed 's/<main/<script>1<\/script><main/' "$work/en.html" >"$work/bad.html"
not_ok "and a script" /usr/bin/python3 "$work/page.py" "$work/bad.html" en "$work/report.json"

# No value: what stands in the sources and is longer than a word must not stand there.
cut -d';' -f2,4 "$work/data/patients.csv" | tail -n +2 | tr ';' '\n' | grep -E '.{6}' | sort -u >"$work/values"
[ -s "$work/values" ] && pass "there are values to look for" || fail "there are values to look for"
not_ok "none of them is in the page" grep -F -f "$work/values" "$work/both.html"

# By rule and by file: the parts add up to the whole.
cat >"$work/parts.py" <<'PY'
import json, sys
r = json.load(open(sys.argv[1]))["report"]
for section in ("files", "records", "actions", "found"):
    for key, n in r[section].items():
        for parts in ("rules", "by-file"):
            got = sum(p.get(section, {}).get(key, 0) for p in r[parts].values())
            if got != n: sys.exit("%s.%s: %d by %s, %d in all" % (section, key, got, parts, n))
if len(r["by-file"]) != r["files"]["seen"] or not all(1 <= p["rule"] <= 10 for p in r["by-file"].values()): sys.exit("files")
if sorted(int(k) for k in r["rules"]) != list(range(1, 11)): sys.exit("rules: %r" % sorted(r["rules"]))
PY
ok "the parts add up" /usr/bin/python3 "$work/parts.py" "$work/report.json"
same "a first version has none before it" "$(json "$work/report.json" '"previous" in j["report"]')" False

# Signed as it stands, the many parts included.
ok "it is accepted" accept "$first"

# --- a second version: one file more that is held, one record less
sed -i '$d' "$work/data/lab.tsv"
echo something >"$work/data/unknown.xyz"
expect_status 6 "a second version is held" stager push "$work/data" --name sample --policy "$policy"
second=$(tail -n 1 "$work/out")
ok "its report" stager report "$second" --out "$work/second.json" --html "$work/second.html"
same "what changed" "$(json "$work/second.json" '(lambda p: ([p[k] for k in ("version", "version-id", "policy", "scrubber")],
	*[p["difference"][k] for k in ("files", "records", "held")]))(j["report"]["previous"])')" \
	"([1, '$first', 'same', 'same'], {'held': 1, 'seen': 1}, {'passed': -1, 'seen': -1}, {'file:file-unmatched': 1})"
ok "the page says so" grep -q "Verschil met versie 1" "$work/second.html"
ok "and that it is held" grep -q "VASTGEHOUDEN: uw besluit is nodig" "$work/second.html"
sed "s/^name: sample$/name: other/" "$policy" >"$work/policy.yaml"
expect_status 6 "another policy" stager push "$work/data" --name sample --policy "$work/policy.yaml"
stager report "$(tail -n 1 "$work/out")" --out "$work/third.json" >/dev/null
same "is said to be another; a version that was only held does not count as the one before" \
	"$(json "$work/third.json" '[j["report"]["previous"][k] for k in ("version", "policy")]')" "[1, 'changed']"

# --- many files: the report stays small, and is signed
mkdir "$work/many"
i=0
while [ $i -lt 700 ]; do
	echo "Bel 06-12345678 over nummer $i." >"$work/many/$i.txt"
	i=$((i + 1))
done
sed -e "s/notes\/\*.txt/'*.txt'/" "$policy" >"$work/many.yaml"
ok "700 files" stager push "$work/many" --name many --policy "$work/many.yaml"
many=$(tail -n 1 "$work/out")
ok "their report" stager report "$many" --out "$work/many.json" --html "$work/many.html" --lang en
same "lists the first 300, and counts all" "$(json "$work/many.json" 'len(j["report"]["by-file"]), j["report"]["rules"]["4"]["found"]["phone"]')" "(300, 700)"
ok "the page says how many it leaves out" grep -q "The first 300 files. The other 400 are in the totals" "$work/many.html"
ok "it is accepted" accept "$many"
ok "all of it proves" stager verify
finish
