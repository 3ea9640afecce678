/* Whom a JSON record is about: the value at one path, looked for before the record is scrubbed. */
#include "jsonl.h"

#include <string.h>

/* Past a value that is not looked into; what it looks like inside is for the walk that follows. */
static int
skip(struct jsonl_record *r, struct err *e)
{
	struct jsonl_string string;
	size_t depth = 0;
	int rc;

	do {
		if (r->at >= r->len)
			return 0;
		switch (r->s[r->at]) {
		case '"':
			if ((rc = jsonl_string(r, &string, e)) != 1)
				return rc;
			continue;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			if (depth == 0)
				return 1; /* of what is around a number or a word */
			depth--;
			break;
		case ',':
			if (depth == 0)
				return 1;
			break;
		default:
			if (depth == 0) {
				while (r->at < r->len && r->s[r->at] != ',' && r->s[r->at] != '}' &&
				       r->s[r->at] != ']')
					r->at++;
				return 1;
			}
		}
		r->at++;
	} while (depth > 0);
	return 1;
}

/* To the value of this key in the object at r->at. 1, or 0 where it is not there. */
static int
find_key(struct jsonl_record *r, const char *name, size_t len, struct err *e)
{
	struct jsonl_string key;
	int rc;

	if (r->at >= r->len || r->s[r->at++] != '{')
		return 0;
	for (;;) {
		jsonl_space(r);
		if ((rc = jsonl_string(r, &key, e)) != 1)
			return rc;
		jsonl_space(r);
		if (r->at >= r->len || r->s[r->at++] != ':')
			return 0;
		jsonl_space(r);
		if (key.len == len && (len == 0 || memcmp(key.bytes, name, len) == 0))
			return 1;
		if ((rc = skip(r, e)) != 1)
			return rc;
		jsonl_space(r);
		if (r->at >= r->len || r->s[r->at++] != ',')
			return 0;
	}
}

int
jsonl_subject_read(struct jsonl_record *r, struct err *e)
{
	struct jsonl_string string;
	const uint8_t *value = NULL;
	size_t len = 0, start;
	int rc = 1;

	for (size_t i = 0; i < r->paths->subject_count; i++)
		if ((rc = find_key(r, r->paths->subject[i].name, r->paths->subject[i].len, e)) != 1)
			break;
	if (rc == 1 && r->at < r->len && r->s[r->at] == '"') {
		if ((rc = jsonl_string(r, &string, e)) == 1) {
			value = string.bytes;
			len = string.len;
		}
	} else if (rc == 1) {
		start = r->at;
		if (jsonl_number(r)) {
			value = r->s + start;
			len = r->at - start;
		}
	}
	r->reason = NULL;
	if (rc == -1)
		return -1;
	for (size_t i = 0; i < len; i++)
		r->has_subject = r->has_subject || value[i] != ' ';
	if (!r->has_subject)
		return 0;
	buf_clear(&r->subject);
	return buf_put(&r->subject, value, len, e);
}
