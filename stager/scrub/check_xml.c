/* XML in the second scan: text without tags, tags with their attributes, references read. It shares nothing with format/xml*.c. */
#include "check_parts.h"

#include <stdlib.h>
#include <string.h>

#include "stager/utf8.h"

/* The root of citizen service numbers' identifiers, which says of what stands beside it that it is one. */
static const char bsn_oid[] = "2.16.840.1.113883.2.4.6.3";

struct views {
	const uint8_t *s, *end;
	uint8_t *tagged, *joined; /* where the next bytes go */
};

/* A reference at s: bytes read, 0 where it is none. */
static size_t
reference(const uint8_t *s, size_t len, uint32_t *code)
{
	static const char *const names[] = {"amp;", "lt;", "gt;", "quot;", "apos;"};
	static const char signs[] = "&<>\"'";
	size_t at = 2;
	unsigned digit, base = 10;

	for (size_t i = 0; i < 5; i++)
		if (len > strlen(names[i]) && memcmp(s + 1, names[i], strlen(names[i])) == 0) {
			*code = (uint32_t)signs[i];
			return 1 + strlen(names[i]);
		}
	if (len < 4 || s[1] != '#')
		return 0;
	if (s[2] == 'x') {
		base = 16;
		at++;
	}
	for (*code = 0; at < len && at < 12; at++) {
		if (s[at] == ';')
			return *code != 0 && (*code < 0xd800 || (*code > 0xdfff && *code < 0x110000)) ? at + 1
												      : 0;
		digit = check_digit(s[at]) ? (unsigned)(s[at] - '0') : (s[at] | 0x20u) - 'a' + 10;
		if (digit >= base)
			return 0;
		*code = *code * base + digit;
	}
	return 0;
}

/* What the bytes say, to one view or both; false where a reference is none. */
static bool
put(struct views *v, const uint8_t *s, size_t len, bool both)
{
	uint8_t bytes[UTF8_MAX];
	uint32_t code;
	size_t used, n;

	for (size_t at = 0; at < len; at += used) {
		used = n = 1;
		bytes[0] = s[at];
		if (s[at] == '&') {
			if ((used = reference(s + at, len - at, &code)) == 0)
				return false;
			n = utf8_encode(code, bytes);
		}
		memcpy(v->tagged, bytes, n);
		v->tagged += n;
		if (both) {
			memcpy(v->joined, bytes, n);
			v->joined += n;
		}
	}
	return true;
}

/* From s (behind its <) to the tag's end, quotes passed over; NULL where there is none. */
static const uint8_t *
tag_end(const uint8_t *s, const uint8_t *end)
{
	for (uint8_t quote = 0; s < end; s++) {
		if (quote != 0)
			quote = *s == quote ? 0 : quote;
		else if (*s == '"' || *s == '\'')
			quote = *s;
		else if (*s == '>')
			return s;
	}
	return NULL;
}

static bool
take_tag(struct views *v)
{
	const uint8_t *s = v->s + 1, *end = tag_end(s, v->end);

	if (end == NULL)
		return false;
	v->s = end + 1;
	*v->tagged++ = '\n';
	/* Before all of its attributes, in whatever order they stand. */
	if (memmem(s, (size_t)(end - s), bsn_oid, sizeof(bsn_oid) - 1) != NULL) {
		memcpy(v->tagged, "bsn ", 4);
		v->tagged += 4;
		for (const uint8_t *oid;
		     (oid = memmem(s, (size_t)(end - s), bsn_oid, sizeof(bsn_oid) - 1)) != NULL;
		     s = oid + sizeof(bsn_oid) - 1)
			if (!put(v, s, (size_t)(oid - s), false))
				return false;
	}
	if (!put(v, s, (size_t)(end - s), false))
		return false;
	*v->tagged++ = ' ';
	return true;
}

/* From behind `open` to `close`, as it stands. */
static bool
take_raw(struct views *v, size_t open, const char *close, bool both)
{
	const uint8_t *s = v->s + open, *end;
	size_t len;

	if ((size_t)(v->end - v->s) < open ||
	    (end = memmem(s, (size_t)(v->end - s), close, strlen(close))) == NULL)
		return false;
	len = (size_t)(end - s);
	memcpy(v->tagged, s, len);
	v->tagged += len;
	if (both) {
		memcpy(v->joined, s, len);
		v->joined += len;
	}
	v->s = end + strlen(close);
	return true;
}

static bool
begins(const struct views *v, const char *with)
{
	return (size_t)(v->end - v->s) >= strlen(with) && memcmp(v->s, with, strlen(with)) == 0;
}

static bool
take_all(struct views *v)
{
	while (v->s < v->end) {
		const uint8_t *next = memchr(v->s, '<', (size_t)(v->end - v->s));

		if (next == NULL)
			next = v->end;
		if (!put(v, v->s, (size_t)(next - v->s), true))
			return false;
		v->s = next;
		if (next == v->end)
			break;
		if (begins(v, "<![CDATA[") ? !take_raw(v, 9, "]]>", true)
		    : begins(v, "<!--")    ? !take_raw(v, 4, "-->", false)
		    : begins(v, "<?")      ? !take_raw(v, 2, "?>", false)
		    : begins(v, "<!")      ? true
					   : !take_tag(v))
			return false;
	}
	return true;
}

bool
check_xml_views(const uint8_t *data, size_t len, struct check_views *out)
{
	struct views v = {.s = data, .end = data + len, .tagged = out->tagged, .joined = out->joined};
	bool ok = take_all(&v);

	out->tagged_len = (size_t)(v.tagged - out->tagged);
	out->joined_len = (size_t)(v.joined - out->joined);
	return ok;
}

int
check_views_new(struct check_views *v, size_t len, struct err *e)
{
	/* Nothing gets longer but a tag with that number in it, which is left out. */
	*v = (struct check_views){.tagged = malloc(len + 1), .joined = malloc(len + 1)};
	return v->tagged == NULL || v->joined == NULL
		   ? err_set(e, ERR_SYSTEM, "check: out of memory for %zu bytes", len)
		   : 0;
}

void
check_views_free(struct check_views *v)
{
	if (v->tagged != NULL)
		explicit_bzero(v->tagged, v->tagged_len);
	if (v->joined != NULL)
		explicit_bzero(v->joined, v->joined_len);
	free(v->tagged);
	free(v->joined);
}

int
check_xml(const uint8_t *data, size_t len, const char **reason, struct err *e)
{
	struct check_text t = {.quote = '"'};
	struct check_views v;
	int rc = -1;

	if (check_views_new(&v, len, e) == -1)
		goto out;
	*reason = check_xml_views(data, len, &v) ? NULL : "check-xml";
	rc = *reason != NULL;
	for (int view = 0; view < 2 && rc == 0; view++) {
		t.s = view == 0 ? v.tagged : v.joined;
		t.len = view == 0 ? v.tagged_len : v.joined_len;
		if (t.len > 0)
			rc = check_plain(&t, reason, e);
	}
out:
	check_views_free(&v);
	return rc;
}
