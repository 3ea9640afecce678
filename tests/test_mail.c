/* Mail: headers, addresses, dates, encodings, parts, HTML, what is held and why. */
#include "document_run.h"

#define POLICY(more)                                                                                         \
	"policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\nfiles:\n"                                   \
	"  - match: '*.eml'\n    format: eml\n    headers: {From: pseudonym, To: pseudonym, Subject: text, " \
	"Date: year, "                                                                                       \
	"X-First: {first: 3}, X-Blank: blank, Message-ID: pseudonym}\n" more                                 \
	"sets: {abroad: {hold: [NL], open: [lumi]}}\n"
#define MADE "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
#define PASS(in, want) expect_len(__LINE__, "a.eml", in, strlen(in), want, strlen(want), NULL)
#define HELD(in, reason) expect_len(__LINE__, "a.eml", in, strlen(in), "", 0, reason)
#define PLAIN "Content-Type: text/plain\n"

static void
with(const char *yaml)
{
	with_table(yaml, "", "");
}

/* A header's value: out NULL, it is held for the reason. */
static void
header(int line, const char *name, const char *in, const char *out, const char *reason)
{
	char mail[1024], want[1024];

	snprintf(mail, sizeof(mail), "%s: %s\n\nx\n", name, in);
	snprintf(want, sizeof(want), "%s: %s\n" MADE "x\n", name, out == NULL ? "" : out);
	expect_len(line, "a.eml", mail, strlen(mail), want, strlen(want), reason);
}
#define HEADER(name, in, out) header(__LINE__, name, in, out, NULL)
#define HEADER_HELD(name, in, reason) header(__LINE__, name, in, NULL, reason)

/* The pseudonyms of addresses, one behind the other. */
static const char *
names(const char *first, const char *second)
{
	static char out[100];
	char one[PSEUDONYM_LEN + 1], two[PSEUDONYM_LEN + 1];

	pseudonym_make(key, first, strlen(first), one);
	pseudonym_make(key, second, strlen(second), two);
	snprintf(out, sizeof(out), "%s%s%s", one, *second == '\0' ? "" : ", ", *second == '\0' ? "" : two);
	return out;
}

static void
test_headers(void)
{
	with(POLICY(""));
	PASS("Subject: x\n\nhallo\n", "Subject: x\n" MADE "hallo\n");
	PASS("subject: x\r\nX-Other: Jan\r\n\r\nhallo\r\n",
	    "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; "
	    "charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nhallo\r\n");
	PASS("From - Mon Jan 1\nSubject: x\n\n", "Subject: x\n" MADE);
	PASS("Subject: x\n", "Subject: x\n" MADE);
	PASS("X: y\n\nbel 06-12345678", MADE "bel [TELEFOON-1]\n");
	/* What is quoted goes on over the marks, which stay. */
	PASS("X: y\n\n> BSN: 1234\n> 56782 en\n>> 06-12345678\n> > x\n>\n> 5\n",
	    MADE "> BSN: [BSN-1]\n>  en\n>> [TELEFOON-1]\n> > x\n>\n> 5\n");
	PASS("X: y\n\nrek NL91 ABNA\n> 0417\n> > 1643 00\nx", MADE "rek [IBAN-1]\n> \n> > \nx\n");
	PASS("Subject: > a\n\n>\n> ", "Subject: > a\n" MADE ">\n> \n");
	/* RFC 3676: of flowed lines the space before a break is none, where it says so. */
	PASS("Content-Type: text/plain; format=flowed; delsp=yes\n\njan.de \n kok@voor \r\nbeeld.nl x\n> "
	     "06-1234 \n> 5678\ny \n-- \nz \n",
	    MADE "[EMAIL-1] x\n> [TELEFOON-1]\ny\n-- \nz\n");
	PASS("Content-Type: text/plain; format=flowed\n\nwo \nord\n", MADE "wo \nord\n");
	PASS("Content-Type: text/plain; format=flowed; delsp=yes\n\n \n", MADE " \n");
	/* One tag for one value, in the subject and in the text. */
	PASS("Subject: bel 06-12345678\n\n06-87654321 of 06-12345678\n",
	    "Subject: bel [TELEFOON-1]\n" MADE "[TELEFOON-2] of [TELEFOON-1]\n");
	HEADER("Subject", "een\n  vouw", "een vouw");
	HEADER("Subject", "", "");
	HEADER("X-Blank", "Jan", "");
	HEADER("X-First", "Jansen", "Jan");
	HEADER("Subject",
	    "=?utf-8?Q?caf=C3=A9?= en =?ISO-8859-1?B?6On6?=", "caf\xc3\xa9 en \xc3\xa8\xc3\xa9\xc3\xba");
	HEADER("Subject", "=?utf-8?Q?caf=C3?=\n =?utf-8?Q?=A9_x?=", "caf\xc3\xa9 x");
	HEADER("Subject", "=?utf-8*nl?Q?a?= b", "a b");
	HEADER("Subject", "=?iso-8859-15?Q?=A4=BD?=", "\xe2\x82\xac\xc5\x93");
	HEADER("Subject", "caf\xc3\xa9", "caf\xc3\xa9");
	HEADER("Subject", "caf\xe9", "caf\xc3\xa9");
	HEADER_HELD("Subject", "=?utf-8?Q?caf=C3?=", "not-utf8");
	HEADER_HELD("Subject", "=?utf-7?Q?caf?=", "mail-charset");
	HEADER_HELD("Subject", "=?utf-8?X?caf?=", "mail-header");
	HEADER_HELD("Subject", "=?utf-8?Q?caf=?=", "mail-encoding");
	HEADER_HELD("Subject", "=?utf-8?Q?a\x01?=", "mail-header");
	HEADER_HELD("Subject", "=?utf-8?Q?a=00?=", "mail-header");
	HEADER_HELD("Subject", "=?utf-8?B?!!!?=", "mail-encoding");
	HEADER_HELD("X-First", "=?utf-8?B?YQ=", "mail-header");
	HELD("Subject x\n\nx", "mail-header");
	HELD("Subject : x\n\nx", "mail-header");
	HELD(": x\n\nx", "mail-header");
	HELD(" x\n\nx", "mail-header");
	HELD("\nx", "mail-header");
	HELD("Subject: a\rb\n\nx", "mail-header");
	HELD("", "mail-header");
	expect_len(__LINE__, "a.eml", "Subject: a\0b\n\nx", 15, "", 0, "nul-byte");
	expect_len(__LINE__, "a.eml", "Subject: a\n\nx\0", 15, "", 0, "nul-byte");
	/* Only the value leaves of what was sent in a body that has the form of a header. */
	PASS("Subject: x\n\nTo: jan@example.org\n", "Subject: x\n" MADE "To: [EMAIL-1]\n");
}

static void
test_addresses(void)
{
	HEADER("To", "jan@example.org", names("jan@example.org", ""));
	HEADER(
	    "To", "Jan <Jan@Example.ORG>, <piet@example.org>", names("jan@example.org", "piet@example.org"));
	HEADER("To", "\"Jansen, Jan \\\" <x@y>\" <jan@example.org> (thuis), piet@example.org (Piet)",
	    names("jan@example.org", "piet@example.org"));
	HEADER("To", "(a (b) c) jan@example.org", names("jan@example.org", ""));
	HEADER("To", "Groep: jan@example.org,\n piet@example.org;",
	    names("jan@example.org", "piet@example.org"));
	HEADER("To", "undisclosed-recipients:;", "");
	HEADER("To", "<>", "");
	HEADER("To", "Jansen, Jan <jan@example.org>", names("jan@example.org", ""));
	HEADER_HELD("To", "jan@example.org piet@example.org", "mail-address");
	HEADER_HELD("To", "<jan@example.org", "mail-address");
	HEADER_HELD("To", "<jan@example.org> piet@example.org", "mail-address");
	HEADER_HELD("To", "\"Jan <jan@example.org>", "mail-address");
	HEADER_HELD("To", "(Jan jan@example.org", "mail-address");
	HEADER_HELD("To", "<jan <jan@example.org>>", "mail-address");
	HEADER("Message-ID", "<a@b>", names("a@b", ""));
	HEADER_HELD("Message-ID", "a@b", "mail-address");
}

static void
test_dates(void)
{
	static const char *const wrong[] = {"Tue, 12 Mar 24 14:30:00 +0100", "12 Mrt 2024 14:30 +0100",
	    "30 Feb 2024 14:30 +0100", "12 Mar 2024", "12 Mar 2024 25:00 +0100", "12 Mar 2024 14:30 Jan",
	    "12 Mar 2024 14:30 +01000", "Tue 12 Mar 2024 14:30 +0100", "12 Mar 2024 14:30 +0100 Jan",
	    "12 Mar 2024 14:30 +0100 (Jan) Jan", "0 Mar 2024 14:30 +0100"};
	static const char yaml[] =
	    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n"
	    "subject:\n  from: t.csv\n  key: {column: nr}\n  known: {person: [naam]}\n"
	    "dates: {order: [yyyy-MM-dd], shift: {step: 7, max: 7}}\n"
	    "files:\n  - match: t.csv\n    format: csv\n    columns: {nr: pseudonym, naam: drop}\n"
	    "  - match: '*.eml'\n    format: eml\n    subject: '{key}.eml'\n    headers: {Date: shift, "
	    "Subject: text}\n"
	    "sets: {abroad: {hold: [NL], open: [lumi]}}\n";
	char pseudonym[PSEUDONYM_LEN + 1], want[300];
	struct scrub_run run;

	HEADER("Date", "Tue, 12 Mar 2024 14:30:00 +0100 (CET)", "2024");
	HEADER("Date", "1 jan 2024 14:30 GMT", "2024");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		HEADER_HELD("Date", wrong[i], "date-form");
	with_table(yaml, "t.csv", "nr,naam\n12,Zwartewaal\n");
	pseudonym_make(key, "12", 2, pseudonym);
	CHECK_OK(person_read(&person, &run, "12.eml",
	    "Date: 12 Mar 2024 14:30 UT\nSubject: Zwartewaal\n\nBeste Zwartewaal\n", 64, &e));
	for (int later = 0; later < 2; later++) {
		snprintf(want, sizeof(want),
		    "<%s.eml>Date: Tue, %d Mar 2024 14:30:00 +0000\nSubject: [%s]\n" MADE "Beste [%s]\n",
		    pseudonym, later ? 19 : 5, pseudonym, pseudonym);
		if (run.members.len == strlen(want) && memcmp(run.members.data, want, run.members.len) == 0)
			break;
		CHECK(later == 0);
	}
	CHECK(scrub_run_number(&run, "subjects", "linked") == 1);
	scrub_run_free(&run);
	expect_len(__LINE__, "13.eml", "Subject: x\n\nx", 13, "", 0, "subject-unmatched");
}

static void
test_bodies(void)
{
	with(POLICY(""));
	PASS(PLAIN
	    "Content-Transfer-Encoding: quoted-printable\n\nbel 06-1234=\n5678 caf=C3=A9 =\n  =3D  \nx=",
	    MADE "bel [TELEFOON-1] caf\xc3\xa9   =\nx\n");
	PASS(
	    PLAIN "Content-Transfer-Encoding: BASE64\n\nYmVsIDA2LTEyMzQ1\nNjc4\n", MADE "bel [TELEFOON-1]\n");
	PASS("Content-Type: text/plain; charset=iso-8859-15\n\n\xa4 5\n", MADE "\xe2\x82\xac 5\n");
	PASS("Content-Type: text/plain; charset=\"ISO-8859-1\"\n\ncaf\xe9 \x80\n",
	    MADE "caf\xc3\xa9 \xe2\x82\xac\n");
	/* What says that it is another one, and is UTF-8. */
	PASS("Content-Type: text/plain; charset=us-ascii\n\ncaf\xc3\xa9\n", MADE "caf\xc3\xa9\n");
	HELD("Content-Type: text/plain; charset=utf-7\n\nx\n", "mail-charset");
	HELD("Content-Type: text/plain; charset=iso-8859-1\n\n\x81\n", "not-utf8");
	HELD("Content-Type: text/plain; charset=iso-8859-15\n\n\x80\n", "not-utf8");
	HELD(PLAIN "Content-Transfer-Encoding: x-uuencode\n\nx\n", "mail-encoding");
	HELD(PLAIN "Content-Transfer-Encoding: base64\n\nYmVs!\n", "mail-encoding");
	HELD(PLAIN "Content-Transfer-Encoding: base64\n\nYmVsY\n", "mail-encoding");
	HELD(PLAIN "Content-Transfer-Encoding: base64\n\nYm==VsYQ\n", "mail-encoding");
	HELD(PLAIN "Content-Transfer-Encoding: quoted-printable\n\na=4x\n", "mail-encoding");
	HELD(
	    PLAIN "Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\nx\n", "mail-broken");
	HELD(PLAIN PLAIN "\nx\n", "mail-broken");
	HELD("Content-Type: text\n\nx\n", "mail-broken");
	HELD("Content-Type: text/plain; charset=utf-8; charset=latin1\n\nx\n", "mail-broken");
	HELD("Content-Type: text/plain; charset=\"utf-8\n\nx\n", "mail-broken");
	HELD(PLAIN "\n\x1b[2J\n", "kind-unknown");
	HELD("Content-Type: application/pdf\n\nx\n", "mail-attachment");
	HELD("Content-Type: text/csv\n\nx\n", "mail-attachment");
	HELD(PLAIN "Content-Disposition: attachment\n\nx\n", "mail-attachment");
	HELD(PLAIN "Content-Disposition: inline; filename=x.txt\n\nx\n", "mail-attachment");
	HELD("Content-Type: text/plain; name*0=x\n\nx\n", "mail-attachment");
	HELD("Content-Type: message/rfc822\n\nSubject: x\n\nx\n", "mail-attachment");
}

#define PART(type, text) "--b\nContent-Type: " type "\n\n" text "\n"
#define MULTI(kind, parts) "Content-Type: multipart/" kind "; boundary=b\n\nvoorwoord 06-12345678\n" parts

static void
test_parts(void)
{
	PASS(MULTI("mixed", PART("text/plain", "een") "--b \t\n\ntwee\n--b--\nnawoord\n"),
	    MADE "een\n\ntwee\n");
	PASS(MULTI("alternative", PART("text/html", "<b>html") PART("text/plain", "plat") "--b--"),
	    MADE "plat\n");
	PASS(MULTI("alternative", PART("text/plain", "plat") PART("text/html", "<b>html") "--b--"),
	    MADE "plat\n");
	PASS(MULTI("alternative", PART("text/html", "<b>html") "--b--"), MADE "html\n");
	PASS(MULTI("alternative", PART("text/html", "<b>html") PART("text/html", "<b>andere") "--b--"),
	    MADE "html\n");
	PASS(MULTI("mixed", PART("text/plain", "een") PART("multipart/alternative; boundary=c",
				"--c\n\ntwee\n--c\nContent-Type: text/html\n\ndrie\n--c--") "--b--"),
	    MADE "een\n\ntwee\n");
	HELD("Content-Type: text/plain; charset=utf-8\n\ncaf\xe9\n", "not-utf8");
	PASS(MULTI("signed", PART("text/plain", "x") PART("application/pgp-signature", "y") "--b--"),
	    MADE "x\n");
	HELD(MULTI("mixed", PART("text/plain", "een") PART("image/png", "x") "--b--"), "mail-attachment");
	HELD(MULTI("mixed", PART("text/plain", "een")), "mail-broken");
	HELD(MULTI("mixed", "--b--"), "mail-broken");
	HELD(MULTI("mixed", "x"), "mail-broken");
	HELD("Content-Type: multipart/mixed\n\n--b\n\nx\n--b--\n", "mail-broken");
	HELD("Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\nx\n----\n", "mail-broken");
	HELD("Content-Type: multipart/mixed; boundary=b; boundary=c\n\n--b\n\nx\n--b--\n", "mail-broken");
	HELD("Content-Transfer-Encoding: base64\n" MULTI("mixed", PART("text/plain", "x") "--b--"),
	    "mail-encoding");
	/* --bc is no boundary b, and one in the middle of a line is none. */
	PASS(MULTI("mixed", PART("text/plain", "--bc\nx --b\n--b x") "--b--"), MADE "--bc\nx --b\n--b x\n");
	with(POLICY("    attachments: drop\n    html: drop\n"));
	PASS(MULTI("mixed", PART("text/plain", "een") PART("image/png", "x") PART("text/html", "y") "--b--"),
	    MADE "een\n");
	with(POLICY("    html: hold\n"));
	HELD("Content-Type: text/html\n\n<b>x\n", "mail-html");
	/* Nobody looks at the other half of alternatives. */
	HELD(MULTI("alternative", PART("text/plain", "plat") PART("text/html", "<b>html") "--b--"),
	    "mail-html");
}

static void
test_nesting(void)
{
	static char deep[200000];
	char *at = deep;

	with(POLICY(""));
	for (unsigned levels = 15; levels <= 16; levels++) {
		at = deep;
		for (unsigned i = 0; i < levels; i++)
			at += sprintf(at, "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n", i, i);
		strcpy(at, "\nx\n");
		at += strlen(at);
		for (unsigned i = levels; i > 0; i--)
			at += sprintf(at, "--b%u--\n", i - 1);
		if (levels == 15)
			PASS(deep, MADE "x\n");
		else
			HELD(deep, "mail-depth");
	}
	for (unsigned parts = 999; parts <= 1001; parts += 2) {
		at = deep + sprintf(deep, "Content-Type: multipart/mixed; boundary=b\n\n");
		for (unsigned i = 0; i < parts; i++)
			at += sprintf(at, "--b\n\n\n");
		sprintf(at, "--b--\n");
		if (parts == 999)
			PASS(deep, MADE);
		else
			HELD(deep, "mail-parts");
	}
	/* Long lines are cut where a word ends, and within one only where nothing else does. */
	at = deep + sprintf(deep, "Subject: x\n\n");
	for (unsigned i = 0; i < 989; i++)
		*at++ = 'a';
	strcpy(at, " b\xc3\xa9 c\n");
	at = deep + 100000 + sprintf(deep + 100000, "Subject: x\n" MADE);
	memset(at, 'a', 989);
	strcpy(at + 989, "\nb\xc3\xa9 c\n");
	PASS(deep, deep + 100000);
}

static void
html(int line, const char *in, const char *out)
{
	char mail[1024], want[1024];

	snprintf(mail, sizeof(mail), "Content-Type: text/html\n\n%s", in);
	snprintf(want, sizeof(want), MADE "%s", out);
	expect_len(line, "a.eml", mail, strlen(mail), want, strlen(want), NULL);
}
#define HTML(in, out) html(__LINE__, in, out)

static void
test_html(void)
{
	HTML("<p>een<b>twee</b> drie\n  vier<br>vijf</p><p>zes", "eentwee drie vier\nvijf\n\nzes\n");
	HTML("<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>", "a\tb\nc\n");
	HTML("<style>x</style><script>if (a</b>) '</p>'</script>y<!-- z -->", "y\n");
	HTML("<SCRIPT>x", "");
	HTML("<a href='mailto:jan@example.org' title=\"x>y\">hier</a>", "hier\n");
	HTML("5 < 6 &amp; 7 > 6 &lt;b&gt; &eacute;&#233;&#xE9; &euro; &nbsp;x&shy;y &foo; &",
	    "5 < 6 & 7 > 6 <b> \xc3\xa9\xc3\xa9\xc3\xa9 \xe2\x82\xac xy &foo; &\n");
	HTML("j<b>an@ex</b>ample.org &#106;an&commat;example.org", "[EMAIL-1] [EMAIL-1]\n");
	HTML("<p", "");
	HTML("<!-- x", "");
	HTML("", "");
	HTML("&#0;&#xD800;&#99999999;&#1", "&#0;&#xD800;&#[NUMMER-1];\n");
}

static void
test_policy(void)
{
	static const char *const bad[] = {"headers: {Content-Type: drop}", "headers: {MIME-Version: drop}",
	    "headers: {From: drop, from: drop}", "headers: {'a b': drop}", "headers: {From: shift}",
	    "html: keep", "attachments: keep", "fields: {$.a: drop}", "subject: '{key}.eml'"};
	char yaml[512];
	struct json *resolved;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(yaml, sizeof(yaml),
		    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\nfiles:\n  - match: '*.eml'\n    "
		    "format: eml\n"
		    "    %s\n%ssets: {abroad: {hold: [NL], open: [lumi]}}\n",
		    bad[i], strncmp(bad[i], "headers", 7) == 0 ? "" : "    headers: {From: drop}\n");
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
	test_headers();
	test_addresses();
	test_dates();
	test_bodies();
	test_parts();
	test_nesting();
	test_html();
	test_policy();
	person_close(&person);
	pseudonym_key_free(key);
	return check_done();
}
