/* The parser of canonical JSON: strict, bounded, for bytes that may come from anybody. */
#include "stager/json.h"

#include <stdlib.h>
#include <string.h>

#include "stager/utf8.h"

#define JSON_DEPTH_MAX 64

struct parser {
	const uint8_t *data;
	size_t len;
	size_t at;
	const char *what;
	struct err *e;
	struct buf text; /* the string being read */
};

static struct json *parse_value(struct parser *p, unsigned depth);

static int
bad(struct parser *p, const char *why)
{
	return err_set(p->e, ERR_INPUT, "%s: JSON: %s at byte %zu", p->what, why, p->at);
}

static void
skip_space(struct parser *p)
{
	while (p->at < p->len && (p->data[p->at] == ' ' || p->data[p->at] == '\t' || p->data[p->at] == '\n' ||
				     p->data[p->at] == '\r'))
		p->at++;
}

static bool
take(struct parser *p, char c)
{
	if (p->at >= p->len || p->data[p->at] != (uint8_t)c)
		return false;
	p->at++;
	return true;
}

static int
parse_hex4(struct parser *p, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++) {
		uint8_t c = p->at < p->len ? p->data[p->at] : 0;

		if (c >= '0' && c <= '9')
			*out = *out << 4 | (uint32_t)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			*out = *out << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return bad(p, "bad \\u escape");
		p->at++;
	}
	return 0;
}

/* What follows a backslash. */
static int
parse_escape(struct parser *p)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *known;
	uint8_t utf8[UTF8_MAX];
	uint32_t code, low;
	size_t len;

	if (p->at >= p->len)
		return bad(p, "string not closed");
	if (p->data[p->at] != 'u') {
		known = p->data[p->at] == 0 ? NULL : strchr(from, p->data[p->at]);
		if (known == NULL)
			return bad(p, "bad escape");
		p->at++;
		return buf_put_u8(&p->text, (uint8_t)to[known - from], p->e);
	}
	p->at++;
	if (parse_hex4(p, &code) == -1)
		return -1;
	if (code >= 0xd800 && code <= 0xdbff) {
		if (!take(p, '\\') || !take(p, 'u') || parse_hex4(p, &low) == -1 || low < 0xdc00 ||
		    low > 0xdfff)
			return bad(p, "lone surrogate");
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	} else if (code >= 0xdc00 && code <= 0xdfff) {
		return bad(p, "lone surrogate");
	}
	if (code == 0)
		return bad(p, "NUL in a string");
	len = utf8_encode(code, utf8);
	return buf_put(&p->text, utf8, len, p->e);
}

static bool
is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* A string, its opening quote taken already, into p->text. */
static int
parse_string(struct parser *p)
{
	size_t n;

	buf_clear(&p->text);
	for (;;) {
		/* What stands for itself, which is nearly all, in one piece. */
		for (n = 0; p->at + n < p->len && is_plain(p->data[p->at + n]); n++)
			continue;
		if (n > 0 && buf_put(&p->text, p->data + p->at, n, p->e) == -1)
			return -1;
		p->at += n;
		if (p->at >= p->len)
			return bad(p, "string not closed");
		if (take(p, '"'))
			return 0;
		if (take(p, '\\')) {
			if (parse_escape(p) == -1)
				return -1;
			continue;
		}
		if (p->data[p->at] < 0x20)
			return bad(p, "control character in a string");
		if ((n = utf8_sequence(p->data + p->at, p->len - p->at)) == 0)
			return bad(p, "not UTF-8");
		if (buf_put(&p->text, p->data + p->at, n, p->e) == -1)
			return -1;
		p->at += n;
	}
}

static struct json *
parse_integer(struct parser *p)
{
	bool negative = take(p, '-');
	size_t start = p->at;
	int64_t v = 0;

	while (p->at < p->len && p->data[p->at] >= '0' && p->data[p->at] <= '9') {
		v = v * 10 + (p->data[p->at] - '0');
		if (v > JSON_INT_MAX) {
			bad(p, "integer past 2^53");
			return NULL;
		}
		p->at++;
	}
	if (p->at == start && !negative) {
		bad(p, "no value where one is due");
		return NULL;
	}
	if (p->at == start || (p->data[start] == '0' && (p->at - start > 1 || negative))) {
		bad(p, "bad integer");
		return NULL;
	}
	if (p->at < p->len && (p->data[p->at] == '.' || (p->data[p->at] | 0x20) == 'e')) {
		bad(p, "not an integer");
		return NULL;
	}
	return json_int(negative ? -v : v);
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Duplicates refused, without comparing all with all. */
static int
check_duplicates(struct parser *p, const struct json *object)
{
	char **sorted;
	int rc = 0;

	if (object->count < 2)
		return 0;
	if ((sorted = calloc(object->count, sizeof(*sorted))) == NULL)
		return err_set(p->e, ERR_SYSTEM, "%s: JSON: out of memory", p->what);
	memcpy(sorted, object->keys, object->count * sizeof(*sorted));
	qsort(sorted, object->count, sizeof(*sorted), compare_keys);
	for (size_t i = 1; rc == 0 && i < object->count; i++)
		if (strcmp(sorted[i - 1], sorted[i]) == 0)
			rc = bad(p, "the same key twice in the object that ends");
	free(sorted);
	return rc;
}

static int
parse_member(struct parser *p, struct json *object, unsigned depth)
{
	struct json *value;
	char *key;

	skip_space(p);
	if (!take(p, '"'))
		return bad(p, "no key");
	if (parse_string(p) == -1)
		return -1;
	for (size_t i = 0; i < p->text.len; i++)
		if (p->text.data[i] >= 0x80)
			return bad(p, "key not in ASCII");
	if ((key = strndup(p->text.len > 0 ? (const char *)p->text.data : "", p->text.len)) == NULL)
		return err_set(p->e, ERR_SYSTEM, "%s: JSON: out of memory", p->what);
	skip_space(p);
	if (!take(p, ':')) {
		free(key);
		return bad(p, "no colon");
	}
	if ((value = parse_value(p, depth + 1)) == NULL) {
		free(key);
		return -1;
	}
	/* Pushed, not set: json_set would look through all keys each time, and let the second of two pass. */
	json_push(object, value);
	object->keys[object->count - 1] = key;
	return 0;
}

static struct json *
parse_container(struct parser *p, bool is_object, unsigned depth)
{
	struct json *j = is_object ? json_object() : json_array(), *value;
	char close = is_object ? '}' : ']';

	if (depth >= JSON_DEPTH_MAX) {
		bad(p, "nested too deep");
		goto fail;
	}
	skip_space(p);
	if (take(p, close))
		return j;
	for (;;) {
		if (is_object) {
			if (parse_member(p, j, depth) == -1)
				goto fail;
		} else {
			if ((value = parse_value(p, depth + 1)) == NULL)
				goto fail;
			json_push(j, value);
		}
		skip_space(p);
		if (take(p, close))
			break;
		if (!take(p, ',')) {
			bad(p, "no comma");
			goto fail;
		}
	}
	if (is_object && check_duplicates(p, j) == -1)
		goto fail;
	return j;
fail:
	json_free(j);
	return NULL;
}

static struct json *
parse_word(struct parser *p, const char *word, struct json *value)
{
	size_t len = strlen(word);

	if (p->len - p->at >= len && memcmp(p->data + p->at, word, len) == 0) {
		p->at += len;
		return value;
	}
	json_free(value);
	bad(p, "no value");
	return NULL;
}

static struct json *
parse_value(struct parser *p, unsigned depth)
{
	skip_space(p);
	if (take(p, '{'))
		return parse_container(p, true, depth);
	if (take(p, '['))
		return parse_container(p, false, depth);
	if (take(p, '"')) {
		if (parse_string(p) == -1)
			return NULL;
		return json_string_len(p->text.len > 0 ? (const char *)p->text.data : "", p->text.len);
	}
	if (p->at < p->len && p->data[p->at] == 't')
		return parse_word(p, "true", json_bool(true));
	if (p->at < p->len && p->data[p->at] == 'f')
		return parse_word(p, "false", json_bool(false));
	if (p->at < p->len && p->data[p->at] == 'n')
		return parse_word(p, "null", json_null());
	return parse_integer(p);
}

struct json *
json_parse(const void *data, size_t len, const char *what, struct err *e)
{
	struct parser p = {.data = data, .len = len, .what = what, .e = e};
	struct json *j;

	buf_init(&p.text, len);
	j = parse_value(&p, 0);
	skip_space(&p);
	if (j != NULL && p.at != p.len) {
		bad(&p, "trailing bytes");
		json_free(j);
		j = NULL;
	}
	buf_free(&p.text);
	return j;
}

struct json *
json_parse_canonical(const void *data, size_t len, const char *what, struct err *e)
{
	struct json *j = json_parse(data, len, what, e);
	struct buf again;

	if (j == NULL)
		return NULL;
	buf_init(&again, len + 1);
	if (json_encode(j, &again, e) == -1 || again.len != len || memcmp(again.data, data, len) != 0) {
		err_set(e, ERR_INPUT, "%s: JSON: not in canonical form", what);
		json_free(j);
		j = NULL;
	}
	buf_free(&again);
	return j;
}
