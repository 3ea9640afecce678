/* XML of S3's answers: what is read of it, and that nothing else of XML is taken: cut at every length, damaged, too deep. */
#include <stdint.h>

#include "../stager/stream/xml.h"
#include "check.h"
#include "stager/buf.h"

static struct err e;
static struct buf seen;

static int
note(void *ctx, const char *path, const char *text, struct err *err)
{
	if (ctx != NULL && strcmp(path, ctx) == 0)
		return err_set(err, ERR_LIMIT, "enough");
	return buf_printf(&seen, err, "%s=%s;", path, text);
}

static const char *
walked(const char *text)
{
	buf_clear(&seen);
	e.text[0] = '\0';
	if (xml_walk(text, strlen(text), note, NULL, &e) == -1)
		return e.code == ERR_FORGED ? "wrong" : "?";
	return buf_cstr(&seen, &e);
}

static void
test_read(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	    {"<a/>", "a=;"},
	    {"<a></a>", "a=;"},
	    {"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a xmlns='x' y = \"z\" >t</a >\n", "a=t;"},
	    {"<a><b>1</b><b>2</b></a>", "a/b=1;a/b=2;a=;"},
	    {"<s:a><s:b/></s:a>", "a/b=;a=;"},
	    {"<a>&lt;&amp;&gt;&quot;&apos;&#65;&#x4a;&#xe9;</a>", "a=<&>\"'AJ\xc3\xa9;"},
	    {"<a><![CDATA[<b>&amp;]]></a>", "a=<b>&amp;;"},
	    {"<!-- c --><a>x<!-- <b> -->y</a>", "a=xy;"},
	    {"\xef\xbb\xbf<a>x</a>", "a=x;"},
	    {"  \n <a>x</a>", "a=x;"},
	    /* What stands before a child is not the text of its parent's end. */
	    {"<a>x<b/>y</a>", "a/b=;a=y;"},
	};
	static const char *const wrong[] = {"", " ", "x", "<", "<a", "<a>", "</a>", "<a></b>", "<a></a",
	    "<a/>x", "<a/><b/>", "<a/></a>", "<a><b></a></b>", "<!DOCTYPE a><a/>",
	    "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a>&b;</a>", "<a>&;</a>", "<a>&#;</a>",
	    "<a>&#x;</a>", "<a>&#0;</a>", "<a>&#xd800;</a>", "<a>&#x110000;</a>", "<a>&#9999999999;</a>",
	    "<a>&lt</a>", "<a>\x01</a>", "<a>\xff</a>", "<a>\xc0\x80</a>", "<a b></a>", "<a b=c/>",
	    "<a b='c/>", "<a b='<'/>", "<a b='c'd='e'/>", "<1/>", "<a:/>", "<:/>", "< a/>", "<a / >",
	    "<![CDATA[x]]><a/>", "<a><![CDATA[x</a>", "<!-- <a/>", "<?xml <a/>", "&lt;<a/>", "{}"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(strcmp(walked(cases[i].text), cases[i].want) == 0);
		/* No beginning of it is whole. */
		for (size_t len = 0; len + 1 < strlen(cases[i].text); len++) {
			buf_clear(&seen);
			CHECK_ERR(xml_walk(cases[i].text, len, note, NULL, &e), ERR_FORGED);
		}
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK(strcmp(walked(wrong[i]), "wrong") == 0);
	CHECK_ERR(xml_walk("<a>\0</a>", 8, note, NULL, &e), ERR_FORGED);
	/* A caller's no ends it. */
	CHECK_ERR(xml_walk("<a><b/><c/></a>", 15, note, (void *)(uintptr_t) "a/b", &e), ERR_LIMIT);
}

static void
test_limits(void)
{
	struct buf text;

	buf_init(&text, 1 << 20);
	for (unsigned depth = XML_DEPTH_MAX; depth <= XML_DEPTH_MAX + 1; depth++) {
		buf_clear(&text);
		for (unsigned i = 0; i < depth; i++)
			CHECK_OK(buf_put_str(&text, "<a>", &e));
		for (unsigned i = 0; i < depth; i++)
			CHECK_OK(buf_put_str(&text, "</a>", &e));
		CHECK((strcmp(walked(buf_cstr(&text, &e)), "wrong") != 0) == (depth == XML_DEPTH_MAX));
	}
	for (size_t len = XML_TEXT_MAX; len <= XML_TEXT_MAX + 1; len++) {
		buf_clear(&text);
		CHECK_OK(buf_put_str(&text, "<a>", &e));
		for (size_t i = 0; i < len; i++)
			CHECK_OK(buf_put_str(&text, "x", &e));
		CHECK_OK(buf_put_str(&text, "</a>", &e));
		CHECK((strcmp(walked(buf_cstr(&text, &e)), "wrong") != 0) == (len == XML_TEXT_MAX));
	}
	/* A path, one byte too long. */
	for (size_t len = XML_PATH_MAX - 2; len <= XML_PATH_MAX - 1; len++) {
		buf_clear(&text);
		CHECK_OK(buf_put_str(&text, "<", &e));
		for (size_t i = 0; i < len; i++)
			CHECK_OK(buf_put_str(&text, "n", &e));
		CHECK_OK(buf_put_str(&text, "/>", &e));
		CHECK((strcmp(walked(buf_cstr(&text, &e)), "wrong") != 0) == (len == XML_PATH_MAX - 2));
	}
	buf_free(&text);
}

int
main(void)
{
	buf_init(&seen, 1 << 20);
	test_read();
	test_limits();
	buf_free(&seen);
	return check_done();
}
