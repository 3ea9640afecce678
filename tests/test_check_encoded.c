/* The second scan of what is encoded: XML's references and sections, base64, quoted-printable, RFC 2047, per cent signs. */
#include <stdlib.h>

#include "check.h"
#include "stager/check.h"

static struct err e;

static const char *
scan(enum rescan rescan, const char *text)
{
	size_t len = strlen(text);
	uint8_t *data = malloc(len + 1); /* so that a byte past the end is seen */
	const char *reason = "no memory";

	if (data != NULL) {
		memcpy(data, text, len);
		CHECK(check_member(rescan, data, len, &reason, &e) != -1);
	}
	free(data);
	return reason == NULL ? "" : reason;
}
#define FINDS(rescan, text, why) CHECK(strcmp(scan(rescan, text), why) == 0)

/* 123456782 passes the 11-test, 123456789 does not; NL91ABNA0417164300 is a good account. */
static void
test_xml(void)
{
	FINDS(RESCAN_XML, "<a b='c'>niets</a>", "");
	FINDS(RESCAN_XML, "<a>jan@example.org</a>", "check-email");
	FINDS(RESCAN_XML, "<a b='jan@example.org'/>", "check-email");
	FINDS(RESCAN_XML, "<a>jan&#64;example.org</a>", "check-email");
	FINDS(RESCAN_XML, "<a>jan&#x40;example.org</a>", "check-email");
	FINDS(RESCAN_XML, "<a><![CDATA[jan@example.org]]></a>", "check-email");
	FINDS(RESCAN_XML, "<a>jan<b/>@example.org</a>", "check-email");
	FINDS(RESCAN_XML, "<!-- jan@example.org --><a/>", "check-email");
	FINDS(RESCAN_XML, "<?x jan@example.org?><a/>", "check-email");
	FINDS(RESCAN_XML, "<a>NL91 ABNA 0417 1643 00</a>", "check-iban");
	FINDS(RESCAN_XML, "<a>NL91 ABNA <b>0417</b> 1643 00</a>", "check-iban");
	FINDS(RESCAN_XML, "<a>BSN <b>123456782</b></a>", "check-bsn");
	FINDS(RESCAN_XML, "<bsn>123456782</bsn>", "check-bsn");
	FINDS(RESCAN_XML, "<bsn>123456789</bsn>", "");
	FINDS(RESCAN_XML, "<a>123456782</a>", "");
	FINDS(RESCAN_XML, "<id extension='123456782' root='2.16.840.1.113883.2.4.6.3'/>", "check-bsn");
	FINDS(RESCAN_XML, "<id root='2.16.840.1.113883.2.4.6.3' extension='123456782'/>", "check-bsn");
	FINDS(RESCAN_XML, "<id root='2.16.840.1.113883.2.4.6.4' extension='123456782'/>", "");
	FINDS(RESCAN_XML, "<a>data amFuQGV4YW1wbGUub3JnIGJlbHQgbmlldA==</a>", "check-email");
	/* What cannot be read to its end. */
	FINDS(RESCAN_XML, "<a b='", "check-xml");
	FINDS(RESCAN_XML, "<a", "check-xml");
	FINDS(RESCAN_XML, "<!DOCTYPE a><a/>", "check-xml");
	FINDS(RESCAN_XML, "<a>&x;</a>", "check-xml");
	FINDS(RESCAN_XML, "<a>&#xD800;</a>", "check-xml");
	FINDS(RESCAN_XML, "<a><![CDATA[x]]</a>", "check-xml");
	FINDS(RESCAN_XML, "<a><!-- x</a>", "check-xml");
	FINDS(RESCAN_XML, "<a b='>jan@example.org'/>", "check-email");
	FINDS(RESCAN_XML, "<a>\xff</a>", "check-xml");
}

static void
test_encoded(void)
{
	static const enum rescan all[] = {RESCAN_TEXT, RESCAN_CSV, RESCAN_JSONL, RESCAN_XML};
	static const struct {
		const char *text, *reason;
	} cases[] = {
	    /* base64 of "jan@example.org belt niet", from any of its signs on, in either alphabet */
	    {"amFuQGV4YW1wbGUub3JnIGJlbHQgbmlldA==", "check-email"},
	    {"xamFuQGV4YW1wbGUub3JnIGJlbHQgbmlldA==", "check-email"},
	    {"xxamFuQGV4YW1wbGUub3JnIGJlbHQgbmlldA==", "check-email"},
	    {"xxxamFuQGV4YW1wbGUub3JnIGJlbHQgbmlldA==", "check-email"},
	    /* "NL91ABNA0417164300", and "BSN: 123456782 of zo" */
	    {"TkwxMUFCTkEwNDE3MTY0MzAw", ""},
	    {"Tkw5MUFCTkEwNDE3MTY0MzAw", "check-iban"},
	    {"QlNOOiAxMjM0NTY3ODIgb2Ygem8=", "check-bsn"},
	    {"QlNOOiAxMjM0NTY3ODkgb2Ygem8=", ""},
	    /* too short to be one: "a@bc.nl" */
	    {"YUBiYy5ubA==", ""},
	    {"jan=40example.org", "check-email"},
	    {"BSN 1234=3567=382", "check-bsn"},
	    {"jan%40example.org", "check-email"},
	    {"a=b, 5 % van 100%", ""},
	    {"=?utf-8?Q?jan=40example.org?=", "check-email"},
	    {"=?utf-8?B?amFuQGV4YW1wbGUub3Jn?=", "check-email"},
	    {"=?utf-8?b?amFuQGV4?= =?utf-8?q?ample=2eorg?=", "check-email"},
	    {"=?utf-8?q?BSN_123456782?=", "check-bsn"},
	    {"=?utf-8?q?x", ""},
	    {"=?x?=", ""},
	    {"=?"
	     "?=",
		""},
	};
	char text[200];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
			snprintf(text, sizeof(text),
			    all[k] == RESCAN_JSONL ? "{\"a\":\"%s\"}\n"
			    : all[k] == RESCAN_XML ? "<a>%s</a>"
						   : "x\n%s\n",
			    cases[i].text);
			if (strcmp(scan(all[k], text), cases[i].reason) != 0)
				fprintf(stderr, "%s: %s\n", text, scan(all[k], text));
			FINDS(all[k], text, cases[i].reason);
		}
	/* Lines that go on: over the break stands "jan@example.org". */
	FINDS(RESCAN_TEXT,
	    "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhIGphbkBl\r\neGFtcGxlLm9yZyBiYmJi"
	    "\r\n",
	    "check-email");
	FINDS(RESCAN_TEXT, "jan=40exam=\r\nple.org", "check-email");
	FINDS(RESCAN_JSONL, "{\"a\":\"amFuQGV4YW1wbGUub3JnIGJlbHQ\\/\"}\n", "check-email");
}

/* A file of some kind in base64 cannot be read; a sequence of bases is none, nor are figures. */
static void
test_files(void)
{
	static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static char text[600];
	uint32_t x = 1;

	for (size_t i = 0; i < 512; i++) {
		x = x * 1664525 + 1013904223;
		text[i] = signs[x >> 26];
	}
	FINDS(RESCAN_TEXT, text, "check-encoded");
	text[511] = '\0';
	FINDS(RESCAN_TEXT, text, "");
	for (size_t i = 0; i < 599; i++) {
		x = x * 1664525 + 1013904223;
		text[i] = "ACGT"[x >> 30];
	}
	FINDS(RESCAN_TEXT, text, "");
	for (size_t i = 0; i < 599; i++)
		text[i] = (char)('a' + i % 26);
	FINDS(RESCAN_TEXT, text, "");
}

/* Encoded words that begin, many times, and never end: the time that it takes grows with the text, not with its square. */
static void
test_endless(void)
{
	static char text[8u << 20];

	for (size_t i = 0; i + 1 < sizeof(text); i++)
		text[i] = "=?a?q?y "[i % 8];
	FINDS(RESCAN_TEXT, text, "");
	memcpy(text, "=?utf-8?q?jan=40example.org?= ", 30);
	FINDS(RESCAN_TEXT, text, "check-email");
}

int
main(void)
{
	test_xml();
	test_encoded();
	test_files();
	test_endless();
	return check_done();
}
