/* XML documents: paths, actions, namespaces, what is dropped, what is held and why. */
#include "document_run.h"

#define RULE(fields)                                                                              \
	"policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\nfiles:\n"                        \
	"  - match: '*.xml'\n    format: xml\n    namespaces: {'': 'urn:a', b: 'urn:b'}\n" fields \
	"sets: {abroad: {hold: [NL], open: [lumi]}}\n"
#define POLICY(fields) RULE("    fields:\n" fields)
#define PASS(in, want) expect_len(__LINE__, "a.xml", in, strlen(in), want, strlen(want), NULL)
#define HELD(in, reason) expect_len(__LINE__, "a.xml", in, strlen(in), "", 0, reason)
#define A(inside) "<a xmlns='urn:a'>" inside "</a>"

static void
with(const char *yaml)
{
	with_table(yaml, "", "");
}

static void
test_values(void)
{
	with(POLICY("      $.a.k: {keep: enum, values: [x, 'a&b', '\xc3\xa9']}\n"
		    "      $.a.k.@n: {keep: number, range: [0, 100]}\n"
		    "      $.a.d: drop\n      $.a.t.d: drop\n      $.a.e.@d: drop\n      $.a.bl: blank\n     "
		    " $.a.bl.@v: blank\n"
		    "      $.a.p.@v: pseudonym\n      $.a.f: {first: 2}\n      $.a.f.@v: {first: 2}\n"
		    "      $.a.t: text\n      $.a.t.@v: text\n      $.a.y: year\n"));
	PASS(A("<k>x</k>"), A("<k>x</k>"));
	/* Bytes outside of what changes are those that came. */
	PASS("<?xml version=\"1.0\"?>\n<a  xmlns = 'urn:a' >\r\n <k\tn=\"1.5\" > x\r\n</k > "
	     "<k>a&amp;b</k><k>&#xE9;</k><k><![CDATA[a&b]]></k></a >\n",
	    "<?xml version=\"1.0\"?>\n<a  xmlns = 'urn:a' >\r\n <k\tn=\"1.5\" > x\r\n</k > "
	    "<k>a&amp;b</k><k>&#xE9;</k><k><![CDATA[a&b]]></k></a >\n");
	HELD(A("<k>y</k>"), "value-type");
	HELD(A("<k>x y</k>"), "value-type");
	HELD(A("<k n='101'>x</k>"), "value-range");
	HELD(A("<k n='1,5'>x</k>"), "value-type");
	/* Whole elements, and attributes with the white space before them. */
	HELD(A("1"), "field-unnamed");
	PASS(A("<d q='1'>J<x/>n<d/></d><e  d='1'/><e d=\"2\" />"), A("<e/><e />"));
	PASS(A("<bl v='J'>Jan</bl>"), A("<bl v=''></bl>"));
	PASS(A("<f v='&lt;&amp;x'> &lt;&quot;abc\n</f>"), A("<f v='&lt;&amp;'> &lt;\"\n</f>"));
	PASS(A("<y>12-03-2024</y>"), A("<y>2024</y>"));
	HELD(A("<y>morgen</y>"), "date-form");
	PASS(A("<t v='mail jan@example.org'>Bel 06-12345678 &amp; mail <!-- jan "
	       "-->jan@example<!--x-->.org</t>"),
	    A("<t v='mail [EMAIL-1]'>Bel [TELEFOON-1] &amp; mail [EMAIL-1]</t>"));
	/* A comment within what stays goes alone. */
	PASS(A("<!-- Jan --><t>niets<?jan x?> hier</t>"), A("<t>niets hier</t>"));
	PASS(A("<t>]<!-- x -->]></t><t>]]<d/>></t>"), A("<t>]<!---->]></t><t>]]<!---->></t>"));
	PASS(A("<t><![CDATA[<b> bel 06-12345678]]></t>"), A("<t>&lt;b&gt; bel [TELEFOON-1]</t>"));
}

static void
test_paths(void)
{
	with(POLICY("      $.a.x.@v: {first: 1}\n      $.a.*.@v: {first: 2}\n      $.a.**.@v: {first: 3}\n"
		    "      $.a.**.@*: drop\n      $.a.**.x: {first: 1}\n      $.a.**: {first: 4}\n"
		    "      $.a.r[@k=1].@v: {first: 5}\n      $.a.r.@k: {keep: number}\n"
		    "      $.a.gone: drop\n      $.a.part: drop\n      $.a.part.in.@v: {first: 2}\n"));
	/* The exact last step counts first, and of like ones the step before. */
	PASS(A("<x v='123456'/><y v='123456' w='1'/><y><z v='123456'/></y>"),
	    A("<x v='1'/><y v='12'/><y><z v='123'/></y>"));
	PASS(A("<y><x>123456</x>123456</y>"), A("<y><x>1</x>1234</y>"));
	PASS(A("<r k='1' v='123456'/><r k='2' v='123456'/><r v='123456'/>"),
	    A("<r k='1' v='12345'/><r k='2' v='12'/><r v='12'/>"));
	HELD(A("<r k='&#49;x' v='123456'/>"), "value-type");
	PASS(A("<gone><x v='1'/></gone>"), A(""));
	PASS(A("<part><in v='123'/><other/></part>"), A(""));
	/* Names that only a wildcard takes could say who somebody is. */
	HELD(A("<n1234567/>"), "field-unnamed");
	HELD(A("<Jansen/>"), "field-unnamed");
	HELD(A("<Jan_Jansen/>"), "field-unnamed");
	PASS(A("<n123456/>"), A("<n123456/>"));
	/* Dropped where more exact paths go on inside: they stay. */
	with(POLICY("      $.a.*: drop\n      $.a.part.in.@v: {first: 2}\n      $.a.part.*: drop\n"));
	PASS(A("<part><in v='123'/><other>x</other></part><z>y</z>"), A("<part><in v='12'/></part>"));
	HELD(A("<part w='1'/>"), "field-unnamed");
	/* What is beside it, and what is in it, none too. */
	with(POLICY("      $.a.**.t.**: {first: 1}\n      $.a.**.u: {first: 2}\n"));
	PASS(A("<t>123<t>123<b>123</b></t></t><q><t>123</t></q>"),
	    A("<t>1<t>1<b>1</b></t></t><q><t>1</t></q>"));
	PASS(A("<t><u>123</u></t><u>123</u>"), A("<t><u>12</u></t><u>12</u>"));
	HELD(A("<q>123</q>"), "field-unnamed");
	HELD("<b xmlns='urn:a'/>", "field-unnamed");
}

static void
test_namespaces(void)
{
	with(POLICY("      $.a.x: {first: 1}\n      $.a.b:x: {first: 2}\n      $.a.x.@b:v: {first: 1}\n"
		    "      $.a.x.@v: {first: 2}\n      $.a.x.@xml:lang: {keep: enum, values: [nl]}\n"
		    "      $.a.gone: drop\n"));
	PASS("<h:a xmlns:h='urn:a' xmlns='urn:b'><h:x>123</h:x><x>123</x></h:a>",
	    "<h:a xmlns:h='urn:a' xmlns='urn:b'><h:x>1</h:x><x>12</x></h:a>");
	PASS("<a xmlns='urn:a' xmlns:p='urn:b'><x v='123' p:v='123' xml:lang='nl'>1</x></a>",
	    "<a xmlns='urn:a' xmlns:p='urn:b'><x v='12' p:v='1' xml:lang='nl'>1</x></a>");
	PASS(A("<x xmlns='urn:b'>123</x><x>123</x>"), A("<x xmlns='urn:b'>12</x><x>1</x>"));
	HELD("<a/>", "field-unnamed");
	HELD("<a xmlns='urn:b'/>", "field-unnamed");
	HELD("<a xmlns='urn:a' xmlns:jan='urn:jansen'/>", "xml-namespace");
	PASS(A("<gone xmlns:q='urn:jan'><q:x/></gone>"), A(""));
	HELD(A("<gone><q:x/></gone>"), "xml-broken");
	HELD(A("<x q:v='1'/>"), "xml-broken");
	HELD(A("<q:x/>"), "xml-broken");
	HELD(A("<x xmlns:b=''/>"), "xml-broken");
	HELD(A("<x xmlns:xml='urn:b'/>"), "xml-broken");
	HELD(A("<xmlns:x/>"), "xml-broken");
	HELD("<a xmlns='urn:a' xmlns:p='urn:b' xmlns:q='urn:b'><x p:v='1' q:v='2'/></a>", "xml-broken");
	HELD(A("<x xmlns=''/>"), "field-unnamed");
}

/* Documents that no reader takes. */
static void
test_broken(void)
{
	static const char *const broken[] = {"", " ", "x", "<a", "<a xmlns='urn:a'>", "</a>", A("") "<a/>",
	    A("") "x", "x" A(""), A("</b>"), A("<x></y>"), A("<x y></x>"), A("<x y=1/>"), A("<x y='1/>"),
	    A("<x y='<'/>"), A("<x y='1'z='2'/>"), A("<x y='1' y='2'/>"), A("<x / >"), A("<1/>"), A("< x/>"),
	    A("<:x/>"), A("<x:/>"), A("<x:y:z/>"), A("]]>"), A("<!-- -- -->"), A("<!-- --->"), A("<!--"),
	    A("<![CDATA[x]]"), A("<!ELEMENT a>"), A("<?xml version='1.0'?>"), A("<?XML x?>"), A("<?x"),
	    A("<?"
	      "?>"),
	    A("<?x+?>"), A("\x01"), A("\xef\xbf\xbf"), " <?xml version='1.0'?>" A(""),
	    "<?xml version='1.1'?>" A(""), "<?xml?>" A(""),
	    "<?xml version='1.0' encoding='utf-8' standalone='maybe'?>" A(""), "<![CDATA[x]]>" A(""),
	    "&amp;" A(""), A("<\xc3\xa9/>"), "<?xml encoding='utf-8' version='1.0'?>" A(""), A("<x") "/>",
	    "<?x?>", "<!-- -->"};

	with(POLICY("      $.a.**: {first: 9}\n      $.a.**.@*: {first: 9}\n"));
	PASS("<!-- x --><?x y?>" A("<x y='1'>&#9;</x>") " <!-- x -->\n", A("<x y='1'>&#9;</x>") " \n");
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
		HELD(broken[i], "xml-broken");
	HELD("<!DOCTYPE a><a xmlns='urn:a'/>", "xml-doctype");
	HELD("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x 'y'>]>" A("&x;"), "xml-doctype");
	HELD(A("<!DOCTYPE a>"), "xml-doctype");
	HELD(A("&x;"), "xml-entity");
	HELD(A("&"), "xml-entity");
	HELD(A("&#0;"), "xml-entity");
	HELD(A("&#xD800;"), "xml-entity");
	HELD(A("&#x110000;"), "xml-entity");
	HELD(A("&#99999999999999999999;"), "xml-entity");
	HELD(A("<x y='&nbsp;'/>"), "xml-entity");
	expect_len(__LINE__, "a.xml", A("\0"), sizeof(A("\0")) - 1, "", 0, "xml-broken");
}

static void
test_encodings(void)
{
	static const char wide[] = "\xff\xfe<\0a\0 \0x\0m\0l\0n\0s\0=\0'\0u\0r\0n\0:\0a\0'\0>\0\xe9\0"
				   "1\0002\0003\0004\0<\0/\0a\0>\0";
	static const char wide_out[] = "\xff\xfe<\0a\0 \0x\0m\0l\0n\0s\0=\0'\0u\0r\0n\0:\0a\0'\0>\0\xe9\0"
				       "1\0002\0003\0<\0/\0a\0>\0";

	with(POLICY("      $.a: {first: 4}\n"));
	PASS(A("\xc3\xa9ren"), A("\xc3\xa9ren"));
	PASS("\xef\xbb\xbf" A("\xc3\xa9ren"), A("\xc3\xa9ren"));
	PASS("<?xml version='1.0' encoding='UTF-8'?>" A("1234\xc3\xa9"),
	    "<?xml version='1.0' encoding='UTF-8'?>" A("1234"));
	HELD("<?xml version='1.0' encoding='UTF-8'?>" A("\xe9"), "xml-encoding");
	HELD(A("\xe9"), "xml-encoding");
	PASS("<?xml version='1.0' encoding='iso-8859-1'?>" A("\xe9"),
	    "<?xml version='1.0' encoding='iso-8859-1'?>" A("\xe9"));
	/* What is made anew is spelled so that it reads in any encoding. */
	PASS("<?xml version='1.0' encoding='windows-1252'?>" A("\xe9\x80"
							       "12345"),
	    "<?xml version='1.0' encoding='windows-1252'?>" A("&#233;&#8364;12"));
	HELD("<?xml version='1.0' encoding='iso-8859-1'?>" A("\xc3\xa9"), "xml-encoding");
	HELD("<?xml version='1.0' encoding='UTF-16'?>" A("x"), "xml-encoding");
	HELD("<?xml version='1.0' encoding='EBCDIC-CP-NL'?>" A("x"), "xml-encoding");
	HELD("<?xml version='1.0' encoding='iso-8859-15'?>" A("x"), "xml-encoding");
	HELD(A("a\xff\xfe"), "xml-encoding");
	expect_len(__LINE__, "a.xml", wide, sizeof(wide) - 1, wide_out, sizeof(wide_out) - 1, NULL);
}

static char *
nested(unsigned depth)
{
	char *text = malloc(64 + depth * 7), *at = text;

	if (text == NULL)
		abort();
	at += sprintf(at, "<a xmlns='urn:a'>");
	for (unsigned i = 1; i < depth; i++)
		at += sprintf(at, "<a>");
	for (unsigned i = 0; i < depth; i++)
		at += sprintf(at, "</a>");
	return text;
}

static void
test_limits(void)
{
	char *text = nested(127), *deep = nested(128), *large;
	size_t at;

	with(POLICY("      $.**: {first: 9}\n      $.**.@*: drop\n"));
	PASS(text, text);
	HELD(deep, "xml-depth");
	free(text);
	free(deep);
	CHECK((large = malloc((17u << 20) + 64)) != NULL);
	at = (size_t)sprintf(large, "<a xmlns='urn:a'");
	for (unsigned i = 0; i < 255; i++)
		at += (size_t)sprintf(large + at, " n%u='x'", i);
	memcpy(large + at, "/>", 3);
	PASS(large, "<a xmlns='urn:a'/>");
	memcpy(large + at, " m='x'/>", 9);
	HELD(large, "xml-attributes");
	/* One byte more than a document may have. */
	memset(large, ' ', 17u << 20);
	memcpy(large, "<a xmlns='urn:a'/>", 18);
	expect_len(__LINE__, "a.xml", large, (16u << 20) + 1, "", 0, "text-too-large");
	expect_len(__LINE__, "a.xml", large, 16u << 20, large, 16u << 20, NULL);
	memset(large, 'x', 200);
	memcpy(large, "<", 1);
	memcpy(large + 150, "/>", 3);
	HELD(large, "xml-broken");
	free(large);
}

/* Text that markup cuts in pieces is one to the detectors. */
static void
test_pieces(void)
{
	with(POLICY("      $.a.**: text\n      $.a.k: {keep: enum, values: [x]}\n      $.a.**.@*: drop\n"));
	PASS(A("mail jan<b>@exam</b>ple.org of <i>jan@</i>example.org"),
	    A("mail [EMAIL-1]<b></b> of <i>[EMAIL-1]</i>"));
	PASS(A("<p>bel 06-12345678</p><k>x</k><p>of 06-87654321, 06<b>-</b>12345678</p>"),
	    A("<p>bel [TELEFOON-1]</p><k>x</k><p>of [TELEFOON-2], [TELEFOON-1]<b></b></p>"));
	PASS(A("<tr><td>jan@</td><td>voorbeeld</td></tr>"), A("<tr><td>jan@</td><td>voorbeeld</td></tr>"));
	PASS(A("<p x='1'>BSN <b>123</b><b>456</b>782</p>&#10;<p>5 &lt; 6</p>"),
	    A("<p>BSN <b>[BSN-1]</b><b></b></p>&#10;<p>5 &lt; 6</p>"));
}

static void
test_subject(void)
{
	static const char yaml[] =
	    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n"
	    "subject:\n  from: t.csv\n  key: {column: nr, pattern: '[0-9]{1,5}', pad: 5}\n  known: {person: "
	    "[naam]}\n"
	    "dates: {order: [yyyy-MM-dd], shift: {step: 7, max: 7}}\n"
	    "files:\n  - match: t.csv\n    format: csv\n    columns: {nr: pseudonym, naam: drop}\n"
	    "  - match: '*.xml'\n    format: xml\n    subject: $.a.id[@r=1.2].@v\n"
	    "    fields:\n      $.a.id.@r: {keep: number}\n      $.a.id.@v: pseudonym\n      $.a.t: text\n   "
	    "   $.a.d: shift\n"
	    "sets: {abroad: {hold: [NL], open: [lumi]}}\n";
	const char *wanted;
	char want[200], pseudonym[PSEUDONYM_LEN + 1], other[PSEUDONYM_LEN + 1];
	struct scrub_run run;

	with_table(yaml, "t.csv", "nr,naam\n00012,Zwartewaal\n00013,Oosterbaan\n00014,x\n00014,x\n");
	pseudonym_make(key, "00012", 5, pseudonym);
	pseudonym_make(key, "99", 2, other);
	snprintf(want, sizeof(want), "<a><id r='9' v='%s'/><id r='1.2' v='%s'/><t>Met [%s]</t></a>", other,
	    pseudonym, pseudonym);
	PASS("<a><id r='9' v='99'/><id r='1.2' v='12'/><t>Met Zwartewaal</t></a>", want);
	CHECK_OK(person_read(&person, &run, "a.xml", "<a><id r='1.2' v='12'/></a>", 27, &e));
	snprintf(want, sizeof(want), "<%s.xml>", pseudonym);
	CHECK(run.members.len > strlen(want) && memcmp(run.members.data, want, strlen(want)) == 0);
	CHECK(scrub_run_number(&run, "subjects", "linked") == 1);
	scrub_run_free(&run);
	/* A day is moved in HL7's spelling, too. */
	CHECK_OK(person_read(
	    &person, &run, "a.xml", "<a><id r='1.2' v='12'/><d>20240312143000+0100</d></a>", 53, &e));
	wanted = memmem(run.bytes.data, run.bytes.len, "<d>20240305143000+0100</d>", 26);
	if (wanted == NULL)
		wanted = memmem(run.bytes.data, run.bytes.len, "<d>20240319143000+0100</d>", 26);
	CHECK(wanted != NULL);
	scrub_run_free(&run);
	HELD("<a><id r='1.2' v='12'/><d>202403121</d></a>", "date-form");
	HELD("<a><id r='1.2' v='12'/><d>202403</d></a>", "date-form");
	HELD("<a><t>x</t></a>", "subject-missing");
	HELD("<a><id r='1.2' v=' '/></a>", "subject-missing");
	HELD("<a><id r='1.3' v='12'/></a>", "subject-missing");
	HELD("<a><id r='1.2' v='x'/></a>", "subject-key");
	HELD("<a><id r='1.2' v='77'/></a>", "subject-unmatched");
	HELD("<a><id r='1.2' v='14'/></a>", "subject-repeated");
	HELD("<a><id r='1.2' v='12'/><id r='1.2' v='13'/></a>", "subject-several");
	HELD("<a><id r='1.2' v='12'/>", "xml-broken");
	/* The same twice is one; the last of a file is whose it is, also where it stands behind. */
	snprintf(want, sizeof(want), "<a><t>[%s]</t><id r='1.2' v='%s'/></a>", pseudonym, pseudonym);
	PASS("<a><t>Zwartewaal</t><id r='1.2' v='12'/></a>", want);
}

static void
test_policy(void)
{
	static const char *const bad[] = {"$.a.@b.c", "$.a.**.**", "$.a.@*.x", "$.a[@b=]", "$.a[@b=1",
	    "$.a[b=1]", "$.a..b", "$", "a.b", "$.a.q:x", "$.a.@q:x", "$.1", "$.a.@", "$.a[*]", "$.a.*x",
	    "$.a.***"};
	char yaml[512];
	struct json *resolved;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(yaml, sizeof(yaml), POLICY("      '%s': drop\n"), bad[i]);
		resolved = policy_from_yaml(yaml, strlen(yaml), &e);
		CHECK(resolved == NULL && e.code == ERR_INPUT);
		json_free(resolved);
	}
	static const char *const rules[] = {RULE("    subject: $.a.*\n    fields: {$.a: drop}\n"),
	    RULE("    csv: {}\n    fields: {$.a: drop}\n"), RULE("    fields: {$.a: drop, $.a: drop}\n"),
	    RULE("    fields: {$.a: shift}\n"), RULE("    columns: {a: drop}\n"), RULE("    fields: {}\n")};
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		resolved = policy_from_yaml(rules[i], strlen(rules[i]), &e);
		CHECK(resolved == NULL && e.code == ERR_INPUT);
		json_free(resolved);
	}
	static const char *const spaces[] = {
	    "{'': urn:a, b: urn:a}", "{1: urn:a}", "{xml: urn:a}", "{b: ''}", "[b]", "{xmlns: urn:a}"};
	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
		snprintf(yaml, sizeof(yaml),
		    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\nfiles:\n  - match: '*.xml'\n    "
		    "format: "
		    "xml\n    namespaces: %s\n    fields: {$.a: drop}\nsets: {abroad: {hold: [NL], open: "
		    "[lumi]}}\n",
		    spaces[i]);
		resolved = policy_from_yaml(yaml, strlen(yaml), &e);
		CHECK(resolved == NULL && e.code == ERR_INPUT);
		json_free(resolved);
	}
}

int
main(void)
{
	if (secret_start(&e) == -1 || (key = pseudonym_key_of(0, &e)) == NULL)
		return 1;
	test_values();
	test_paths();
	test_namespaces();
	test_broken();
	test_encodings();
	test_limits();
	test_pieces();
	test_subject();
	test_policy();
	person_close(&person);
	pseudonym_key_free(key);
	return check_done();
}
