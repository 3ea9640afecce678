/* Addresses in the web: with a scheme, with www., or a domain under a well-known end. */
#include "detect.h"

#include <string.h>

#define URL_MAX 65536

/* A byte of a URL; brackets and quotes end it. */
static bool
url_byte(const struct text_in *in, size_t at)
{
	uint8_t c = text_at(in, at);

	return c > ' ' && c != '"' && c != '<' && c != '>' && c != '\\' && c != '^' && c != '`' && c != '{' &&
	       c != '|' && c != '}' && c != 0x7f;
}

static size_t
url_end(const struct text_in *in, size_t at, size_t start)
{
	size_t open = 0, close = 0;

	while (at - start < URL_MAX && url_byte(in, at))
		at++;
	for (size_t i = start; i < at; i++) {
		open += in->s[i] == '(';
		close += in->s[i] == ')';
	}
	/* What ends the sentence is not the address's. */
	while (at > start && (strchr(".,;:!?'*_", in->s[at - 1]) != NULL ||
				 (in->s[at - 1] == ')' && close > open) || in->s[at - 1] == ']')) {
		close -= in->s[at - 1] == ')';
		at--;
	}
	return at;
}

static bool
host_byte(uint8_t c)
{
	return (detect_class[c] & IS_ALNUM) || c == '-' || c == '.' || c == '_';
}

static int
put(struct work *w, size_t start, size_t end, const char *rule, uint8_t score, struct err *e)
{
	struct find f = {.start = start, .end = end, .type = SPAN_URL, .rule = rule, .score = score};

	f.value = text_value(w->in.s + start, end - start, "");
	return find_add(w, &f, e);
}

/* The domain that ends with this token: its start, or the token's own where there is none before the dot. */
static size_t
domain_start(const struct text_in *in, size_t at)
{
	size_t start = at;

	while (start > 0 && at - start < 255 && host_byte(in->s[start - 1]))
		start--;
	while (start < at && (in->s[start] == '.' || in->s[start] == '-' || in->s[start] == '_'))
		start++;
	return start;
}

int
url_find(struct work *w, struct err *e)
{
	const struct text_in *in = &w->in;
	size_t known = 0; /* where the last one ended: what begins inside of it is all its own */

	for (size_t i = 0; i < w->mark_count; i++) {
		const struct token *t = &w->tokens[w->marks[i]];
		size_t end = token_end(t), start = t->start;
		uint8_t behind = text_at(in, end);

		if (t->len < 2 || t->len > 9 || start < known)
			continue;
		if (behind == ':' && text_at(in, end + 1) == '/' && text_at(in, end + 2) == '/' &&
		    t->classes & W_SCHEME) {
			if ((end = url_end(in, end + 3, start)) <= token_end(t) + 3)
				continue;
			known = end;
			if (put(w, start, end, "url/scheme", 100, e) == -1)
				return -1;
		} else if (behind == '.' && t->classes & W_WWW && host_byte(text_at(in, end + 1)) &&
			   text_before(in, start, 1) != '/') {
			if ((end = url_end(in, end + 1, start)) <= start + 6)
				continue;
			known = end;
			if (put(w, start, end, "url/www", 100, e) == -1)
				return -1;
		} else if (text_before(in, start, 1) == '.' && behind != '@' && t->classes & W_TOP) {
			size_t from = domain_start(in, start - 1);

			/* "gezien.De", "enz.nu": a word behind a full stop, but for its space */
			if (start - from < 4 || text_before(in, from, 1) == '@' ||
			    text_before(in, from, 1) == '/' ||
			    (behind == '.' && host_byte(text_at(in, end + 1))) || behind == '-' ||
			    (t->shape & TOKEN_TITLE && !(t[-1].shape & TOKEN_TITLE)) ||
			    (behind != '/' && t->classes & W_TOPWORD))
				continue;
			end = behind == '/' || behind == ':' || behind == '?' ? url_end(in, end, from) : end;
			known = end;
			if (put(w, from, end, "url/domain", 85, e) == -1)
				return -1;
		}
	}
	return 0;
}
