/* A strict reader of the little of XML 1.0 that S3 answers in. */
#include "xml.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "stager/utf8.h"

struct xml {
	const char *at, *end;
	int (*each)(void *ctx, const char *path, const char *text, struct err *e);
	void *ctx;
	char path[XML_PATH_MAX];
	size_t path_len[XML_DEPTH_MAX + 1];  /* of path, at each depth */
	const char *name[XML_DEPTH_MAX + 1]; /* as written, prefix and all */
	size_t name_len[XML_DEPTH_MAX + 1];
	unsigned depth;
	char text[XML_TEXT_MAX + 1]; /* of the innermost open element, since its last child */
	size_t text_len;
};

static int
wrong(struct err *e, const char *what)
{
	return err_set(e, ERR_FORGED, "answer in XML: %s", what);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_name(char c, bool first)
{
	bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';

	return letter || (!first && ((c >= '0' && c <= '9') || c == '-' || c == '.'));
}

static void
skip_space(struct xml *x)
{
	while (x->at < x->end && is_space(*x->at))
		x->at++;
}

/* Past s, where it stands here. */
static bool
skip(struct xml *x, const char *s)
{
	size_t len = strlen(s);

	if ((size_t)(x->end - x->at) < len || memcmp(x->at, s, len) != 0)
		return false;
	x->at += len;
	return true;
}

/* Past the next s. */
static int
skip_past(struct xml *x, const char *s, struct err *e)
{
	const char *found = memmem(x->at, (size_t)(x->end - x->at), s, strlen(s));

	if (found == NULL)
		return wrong(e, "cut short");
	x->at = found + strlen(s);
	return 0;
}

static int
put_text(struct xml *x, const char *s, size_t len, struct err *e)
{
	/* Outside of the root there is only space, which nobody wants. */
	if (x->depth == 0)
		return 0;
	if (len > XML_TEXT_MAX - x->text_len)
		return wrong(e, "an element past its limit");
	memcpy(x->text + x->text_len, s, len);
	x->text_len += len;
	return 0;
}

/* &amp; &lt; &gt; &quot; &apos; &#N; &#xN; */
static int
read_reference(struct xml *x, struct err *e)
{
	static const struct {
		const char *name, *text;
	} known[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}};
	uint32_t code = 0, base, digit;
	uint8_t out[UTF8_MAX];
	size_t digits = 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (skip(x, known[i].name))
			return put_text(x, known[i].text, 1, e);
	if (!skip(x, "&#"))
		return wrong(e, "an entity");
	base = skip(x, "x") ? 16 : 10;
	for (; x->at < x->end && *x->at != ';'; x->at++, digits++) {
		char c = *x->at;

		digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
			: c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
			: c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
					       : 16;
		if (digit >= base || digits == 8)
			return wrong(e, "a character by number");
		code = code * base + digit;
	}
	if (x->at == x->end || digits == 0 || code < 0x20 || code > 0x10ffff ||
	    (code >= 0xd800 && code < 0xe000))
		return wrong(e, "a character by number");
	x->at++;
	return put_text(x, (const char *)out, utf8_encode(code, out), e);
}

static int
read_name(struct xml *x, const char **name, size_t *len, struct err *e)
{
	*name = x->at;
	if (x->at == x->end || !is_name(*x->at, true))
		return wrong(e, "a name");
	while (x->at < x->end && is_name(*x->at, false))
		x->at++;
	*len = (size_t)(x->at - *name);
	return 0;
}

/* Attributes (xmlns and the like) are passed over; at what ends the tag afterwards. */
static int
skip_attributes(struct xml *x, struct err *e)
{
	const char *name, *end;
	size_t len;
	char quote;

	for (;;) {
		bool space = x->at < x->end && is_space(*x->at);

		skip_space(x);
		if (x->at == x->end)
			return wrong(e, "cut short");
		if (*x->at == '>' || *x->at == '/')
			return 0;
		if (!space || read_name(x, &name, &len, e) == -1)
			return wrong(e, "a tag");
		skip_space(x);
		if (!skip(x, "="))
			return wrong(e, "an attribute");
		skip_space(x);
		if (x->at == x->end || (*x->at != '"' && *x->at != '\''))
			return wrong(e, "an attribute");
		quote = *x->at++;
		if ((end = memchr(x->at, quote, (size_t)(x->end - x->at))) == NULL ||
		    memchr(x->at, '<', (size_t)(end - x->at)) != NULL)
			return wrong(e, "an attribute");
		x->at = end + 1;
	}
}

static int
close_element(struct xml *x, struct err *e)
{
	x->text[x->text_len] = '\0';
	if (x->each(x->ctx, x->path, x->text, e) == -1)
		return -1;
	x->depth--;
	x->path[x->path_len[x->depth]] = '\0';
	x->text_len = 0;
	return 0;
}

/* At its name. */
static int
open_tag(struct xml *x, struct err *e)
{
	const char *name, *local;
	size_t len, local_len, at = x->path_len[x->depth];

	if (read_name(x, &name, &len, e) == -1)
		return -1;
	local = memrchr(name, ':', len);
	local = local == NULL ? name : local + 1;
	local_len = len - (size_t)(local - name);
	if (local_len == 0)
		return wrong(e, "a name");
	if (x->depth == XML_DEPTH_MAX || at + local_len + 2 > XML_PATH_MAX)
		return wrong(e, "too deep");
	if (at > 0)
		x->path[at++] = '/';
	memcpy(x->path + at, local, local_len);
	x->depth++;
	x->path_len[x->depth] = at + local_len;
	x->path[at + local_len] = '\0';
	x->name[x->depth] = name;
	x->name_len[x->depth] = len;
	x->text_len = 0;
	if (skip_attributes(x, e) == -1)
		return -1;
	if (skip(x, "/>"))
		return close_element(x, e);
	return skip(x, ">") ? 0 : wrong(e, "a tag");
}

static int
close_tag(struct xml *x, struct err *e)
{
	const char *name;
	size_t len;

	if (read_name(x, &name, &len, e) == -1)
		return -1;
	skip_space(x);
	if (!skip(x, ">") || x->depth == 0 || len != x->name_len[x->depth] ||
	    memcmp(name, x->name[x->depth], len) != 0)
		return wrong(e, "a tag that closes another");
	return close_element(x, e);
}

static int
read_text(struct xml *x, struct err *e)
{
	const char *from = x->at;

	while (x->at < x->end && *x->at != '<' && *x->at != '&') {
		/* Nothing but space outside of the root. */
		if (x->depth == 0 && !is_space(*x->at))
			return wrong(e, "text outside of all elements");
		x->at++;
	}
	return put_text(x, from, (size_t)(x->at - from), e);
}

static int
read_cdata(struct xml *x, struct err *e)
{
	const char *from = x->at;

	if (x->depth == 0 || skip_past(x, "]]>", e) == -1)
		return wrong(e, "CDATA");
	return put_text(x, from, (size_t)(x->at - from) - 3, e);
}

int
xml_walk(const char *data, size_t len,
    int (*each)(void *ctx, const char *path, const char *text, struct err *e), void *ctx, struct err *e)
{
	struct xml x = {.at = data, .end = data + len, .each = each, .ctx = ctx};
	bool root = false;
	int rc = 0;

	if (len == 0)
		return wrong(e, "empty");
	if (!utf8_valid((const uint8_t *)data, len))
		return wrong(e, "no UTF-8");
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)data[i] < 0x20 && !is_space(data[i]))
			return wrong(e, "a control character");
	(void)skip(&x, "\xef\xbb\xbf");
	while (rc == 0 && x.at < x.end) {
		if (*x.at != '<' && *x.at != '&') {
			rc = read_text(&x, e);
		} else if (*x.at == '&') {
			rc = x.depth == 0 ? wrong(e, "text outside of all elements") : read_reference(&x, e);
		} else if (skip(&x, "<?")) {
			rc = skip_past(&x, "?>", e);
		} else if (skip(&x, "<!--")) {
			rc = skip_past(&x, "-->", e);
		} else if (skip(&x, "<![CDATA[")) {
			rc = read_cdata(&x, e);
		} else if (skip(&x, "<!")) {
			rc = wrong(e, "a document type");
		} else if (skip(&x, "</")) {
			rc = close_tag(&x, e);
		} else {
			(void)skip(&x, "<");
			if (x.depth == 0 && root)
				rc = wrong(e, "two roots");
			else
				rc = open_tag(&x, e);
			root = true;
		}
	}
	if (rc == 0 && (!root || x.depth != 0))
		rc = wrong(e, "cut short");
	return rc;
}
