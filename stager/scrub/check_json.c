/* JSON Lines in the second scan: escapes are undone before matching, and what a key names belongs to it. */
#include "check_parts.h"

#include <stdlib.h>
#include <string.h>

#include "stager/utf8.h"

/* Stands for a quote inside a string, so that those around strings are the only ones left. */
#define INNER_QUOTE 0x01

/*
 * A keyword belongs to a number in the same string, to the value of the key it is in, and to the value after
 * the one it is in ({"system": "http://fhir.nl/fhir/NamingSystem/bsn", "value": "..."}): at most one key stands
 * between.
 */
static bool
near_key(void *ctx, const uint8_t *s, size_t from, size_t at, size_t to)
{
	size_t keys = 0;

	(void)ctx;
	(void)to;
	for (size_t i = from; i < at; i++) {
		if (s[i] != '"')
			continue;
		while (i + 1 < at && (s[i + 1] == ' ' || s[i + 1] == '\t'))
			i++;
		keys += i + 1 < at && s[i + 1] == ':';
	}
	return keys <= 1;
}

static int
match(const uint8_t *s, size_t len, const char **reason, struct err *e)
{
	const struct check_text t = {.s = s, .len = len, .quote = INNER_QUOTE, .related = near_key};

	return check_plain(&t, reason, e);
}

static bool
hex4(const uint8_t *s, size_t len, uint32_t *out)
{
	*out = 0;
	if (len < 4)
		return false;
	for (size_t i = 0; i < 4; i++) {
		uint8_t c = s[i] | 0x20;

		if (check_digit(s[i]))
			*out = *out << 4 | (uint32_t)(s[i] - '0');
		else if (c >= 'a' && c <= 'f')
			*out = *out << 4 | (uint32_t)(c - 'a' + 10);
		else
			return false;
	}
	return true;
}

/* One escape at s (its backslash) to out: bytes read, 0 where it is none; *made bytes written. */
static size_t
escape(const uint8_t *s, size_t len, uint8_t *out, size_t *made)
{
	static const char from[] = "\"\\/bfnrt",
			  to[] = {INNER_QUOTE, '\\', '/', '\b', '\f', '\n', '\r', '\t'};
	const char *found;
	uint32_t code, low;
	size_t used = 6;

	*made = 1;
	if (len < 2 || s[1] == '\0')
		return 0;
	if ((found = strchr(from, s[1])) != NULL) {
		out[0] = (uint8_t)to[found - from];
		return 2;
	}
	if (s[1] != 'u' || !hex4(s + 2, len - 2, &code))
		return 0;
	if (code >= 0xd800 && code < 0xdc00 && len >= 12 && s[6] == '\\' && s[7] == 'u' &&
	    hex4(s + 8, len - 8, &low) && low >= 0xdc00 && low < 0xe000) {
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		used = 12;
	} else if (code >= 0xd800 && code < 0xe000) {
		return 0;
	}
	if (code == '"')
		out[0] = INNER_QUOTE;
	else
		*made = utf8_encode(code, out);
	return used;
}

bool
check_unescape(const uint8_t *s, size_t len, uint8_t *out, size_t *out_len)
{
	size_t at = 0, put = 0, used, made;
	const uint8_t *next;

	while ((next = memchr(s + at, '\\', len - at)) != NULL) {
		size_t plain = (size_t)(next - (s + at));

		memcpy(out + put, s + at, plain);
		put += plain;
		at += plain;
		if ((used = escape(s + at, len - at, out + put, &made)) == 0)
			return false;
		at += used;
		put += made;
	}
	memcpy(out + put, s + at, len - at);
	*out_len = put + (len - at);
	return true;
}

int
check_json(const uint8_t *data, size_t len, const char **reason, struct err *e)
{
	uint8_t *plain = NULL;
	size_t plain_len = 0;
	int rc = -1;

	if (len == 0 || memchr(data, '\\', len) == NULL)
		return match(data, len, reason, e);
	if ((plain = malloc(len + CHECK_UNESCAPE_SLACK)) == NULL)
		return err_set(e, ERR_SYSTEM, "check: out of memory for %zu bytes", len);
	if (check_unescape(data, len, plain, &plain_len)) {
		rc = match(plain, plain_len, reason, e);
	} else {
		*reason = "check-jsonl";
		rc = 1;
	}
	explicit_bzero(plain, len + CHECK_UNESCAPE_SLACK);
	free(plain);
	return rc;
}
