/* What is seen of HTML, as text: tags and what is not shown left out, blocks on lines of their own, references read. */
#include "mail.h"

#include <string.h>
#include <strings.h>

#include "stager/utf8.h"

struct page {
	const uint8_t *s, *end;
	struct buf *out;
	size_t from; /* of out: where this page's text begins */
	unsigned
	    gap; /* what stands before the next word: 0 nothing, 1 a space, 2 a tab, 3 a line's end, 4 an empty line */
};

static bool
is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void
gap(struct page *p, unsigned how)
{
	if (how > p->gap)
		p->gap = how;
}

static int
put(struct page *p, const void *bytes, size_t len, struct err *e)
{
	static const char *const gaps[] = {"", " ", "\t", "\n", "\n\n"};

	if (p->out->len > p->from && buf_put_str(p->out, gaps[p->gap], e) == -1)
		return -1;
	p->gap = 0;
	return buf_put(p->out, bytes, len, e);
}

/* The character of a reference at s (its &): bytes read; 0: none that is known, and it stands for itself. */
static size_t
reference(const uint8_t *s, const uint8_t *end, uint32_t *code)
{
	/* HTML's names of Latin-1 from 160 on, in their order; and some others. */
	static const char latin[] = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not "
				    "shy reg macr deg plusmn sup2 sup3 acute "
				    "micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest "
				    "Agrave Aacute Acirc Atilde Auml Aring AElig "
				    "Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde "
				    "Ograve Oacute Ocirc Otilde Ouml times Oslash "
				    "Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde "
				    "auml aring aelig ccedil egrave eacute ecirc "
				    "euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde "
				    "ouml divide oslash ugrave uacute ucirc uuml "
				    "yacute thorn yuml ";
	static const struct {
		const char *name;
		uint16_t code;
	} others[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"euro", 0x20ac},
	    {"ndash", 0x2013}, {"mdash", 0x2014}, {"lsquo", 0x2018}, {"rsquo", 0x2019}, {"ldquo", 0x201c},
	    {"rdquo", 0x201d}, {"bull", 0x2022}, {"hellip", 0x2026}, {"commat", '@'}, {"period", '.'},
	    {"colon", ':'}, {"zwnj", 0x200c}, {"ensp", ' '}, {"emsp", ' '}, {"thinsp", ' '}, {"oelig", 0x153},
	    {"scaron", 0x161}};
	const uint8_t *at = s + 1;
	unsigned base = 10, digits = 0;
	size_t len;

	*code = 0;
	if (at < end && *at == '#') {
		if (++at < end && (*at | 0x20) == 'x') {
			base = 16;
			at++;
		}
		for (; at < end && digits < 8; at++, digits++) {
			unsigned d =
			    *at >= '0' && *at <= '9' ? (unsigned)(*at - '0') : (*at | 0x20u) - 'a' + 10;

			if (d >= base)
				break;
			*code = *code * base + d;
		}
		if (digits == 0 || *code == 0 || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
			return 0;
		return (size_t)(at - s) + (at < end && *at == ';');
	}
	while (at < end && at - s < 10 && ((uint8_t)((*at | 0x20) - 'a') < 26 || (*at >= '0' && *at <= '9')))
		at++;
	len = (size_t)(at - s) - 1;
	if (len < 2 || at == end || *at != ';')
		return 0;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strlen(others[i].name) == len && memcmp(others[i].name, s + 1, len) == 0) {
			*code = others[i].code;
			return len + 2;
		}
	*code = 160;
	for (const char *name = latin, *next; *name != '\0'; name = next + 1, ++*code) {
		next = strchr(name, ' ');
		if ((size_t)(next - name) == len && memcmp(name, s + 1, len) == 0)
			return len + 2;
	}
	return 0;
}

/* A run of text up to the next tag. */
static int
text(struct page *p, const uint8_t *to, struct err *e)
{
	uint8_t bytes[UTF8_MAX];
	const uint8_t *plain;
	uint32_t code;
	size_t used;

	while (p->s < to) {
		if (is_space(*p->s)) {
			gap(p, 1);
			p->s++;
			continue;
		}
		if (*p->s == '&' && (used = reference(p->s, to, &code)) > 0) {
			p->s += used;
			if (code == 0xad || code == 0x200b || code == 0x200c || code == 0x200d)
				continue; /* not seen: soft dashes and the like */
			if (code == 0xa0 || code < 0x20) {
				gap(p, 1);
				continue;
			}
			if (put(p, bytes, utf8_encode(code, bytes), e) == -1)
				return -1;
			continue;
		}
		for (plain = p->s++; p->s < to && !is_space(*p->s) && *p->s != '&';)
			p->s++;
		if (put(p, plain, (size_t)(p->s - plain), e) == -1)
			return -1;
	}
	return 0;
}

/* From s (behind its <) to the tag's end, quotes passed over; the page's end where there is none. */
static const uint8_t *
tag_end(const uint8_t *s, const uint8_t *end)
{
	for (uint8_t quote = 0; s < end; s++) {
		if (quote != 0)
			quote = *s == quote ? 0 : quote;
		else if ((*s == '"' || *s == '\'') && s[-1] == '=')
			quote = *s;
		else if (*s == '>')
			return s + 1;
	}
	return end;
}

static bool
named(const uint8_t *s, size_t len, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strlen(*names) == len && strncasecmp(*names, (const char *)s, len) == 0)
			return true;
	return false;
}

static void
tag(struct page *p)
{
	static const char *const blocks[] = {"p", "ul", "ol", "table", "blockquote", "h1", "h2", "h3", "h4",
	    "h5", "h6", "pre", "hr", NULL},
				 *const lines[] = {"br", "div", "tr", "li", "dt", "dd", "section", "article",
				     "header", "footer", "form", "option", "title", "address", "center",
				     "caption", "thead", "tbody", NULL},
				 *const cells[] = {"td", "th", NULL},
				 *const hidden[] = {"script", "style", "template", "textarea", NULL};
	const uint8_t *name = p->s + 1, *at, *end;
	bool closing = name < p->end && *name == '/';
	char close[16];
	size_t len;

	if (p->end - p->s >= 4 && memcmp(p->s, "<!--", 4) == 0) {
		at = memmem(p->s + 4, (size_t)(p->end - p->s - 4), "-->", 3);
		p->s = at == NULL ? p->end : at + 3;
		return;
	}
	for (at = name += closing;
	     at < p->end && ((uint8_t)((*at | 0x20) - 'a') < 26 || (*at >= '0' && *at <= '9'));)
		at++;
	len = (size_t)(at - name);
	end = tag_end(name, p->end);
	gap(p, named(name, len, blocks) ? 4 : named(name, len, lines) ? 3 : named(name, len, cells) ? 2 : 0);
	p->s = end;
	if (closing || !named(name, len, hidden))
		return;
	/* Up to "</style" and the like: nothing in between is seen. */
	close[0] = '<';
	close[1] = '/';
	memcpy(close + 2, name, len);
	for (; p->end - p->s >= (ptrdiff_t)(len + 2); p->s++) {
		if ((at = memchr(p->s, '<', (size_t)(p->end - p->s))) == NULL ||
		    p->end - at < (ptrdiff_t)(len + 2))
			break;
		p->s = at;
		if (strncasecmp((const char *)at, close, len + 2) == 0)
			return;
	}
	p->s = p->end;
}

int
mail_html(const uint8_t *s, size_t len, struct buf *out, struct err *e)
{
	struct page p = {.s = s, .end = s + len, .out = out, .from = out->len};

	while (p.s < p.end) {
		const uint8_t *next = memchr(p.s, '<', (size_t)(p.end - p.s));

		/* A < before anything but a name is one that people see. */
		while (next != NULL &&
		       !(p.end - next >= 2 && (next[1] == '/' || next[1] == '!' || next[1] == '?' ||
						  (uint8_t)((next[1] | 0x20) - 'a') < 26)))
			next = memchr(next + 1, '<', (size_t)(p.end - next - 1));
		if (text(&p, next == NULL ? p.end : next, e) == -1)
			return -1;
		if (next != NULL)
			tag(&p);
	}
	return out->len > p.from ? buf_put_u8(out, '\n', e) : 0;
}
