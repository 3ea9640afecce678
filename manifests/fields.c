/* Fields of canonical JSON objects: the forms that names, ids, persons and numbers have everywhere. */
#include "fields.h"

#include <string.h>

#include "stager/enc.h"
#include "stager/json.h"

bool
manifest_name_ok(const char *name)
{
	size_t len = strlen(name);

	if (len < 1 || len > MANIFEST_NAME_MAX || name[0] == '.' || name[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = name[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'))
			return false;
		if (c == '.' && name[i + 1] == '.')
			return false;
	}
	return true;
}

bool
field_printable_ok(const char *text, size_t max)
{
	size_t len = strlen(text);

	if (len < 1 || len > max)
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] <= 0x20 || text[i] >= 0x7f)
			return false;
	return true;
}

bool
release_person_ok(const char *person)
{
	return field_printable_ok(person, RELEASE_PERSON_MAX);
}

bool
field_id_ok(const char *text)
{
	if (strlen(text) != MANIFEST_ID_LEN)
		return false;
	for (size_t i = 0; i < MANIFEST_ID_LEN; i++)
		if (!((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= '2' && text[i] <= '7')))
			return false;
	return true;
}

bool
field_word_ok(const char *text, size_t max)
{
	size_t len = strlen(text);

	if (len < 1 || len > max)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= '0' && text[i] <= '9') ||
			text[i] == '-'))
			return false;
	return true;
}

bool
field_text_ok(const char *text, size_t max)
{
	size_t len = strlen(text);

	if (len < 1 || len > max)
		return false;
	for (size_t i = 0; i < len; i++) {
		uint8_t c = (uint8_t)text[i], next = (uint8_t)text[i + 1];

		/* C0, DEL and, as UTF-8, C1: what could move a terminal's cursor. The parser has proven that
		 * it is UTF-8. */
		if (c < 0x20 || c == 0x7f || (c == 0xc2 && next >= 0x80 && next <= 0x9f))
			return false;
	}
	return true;
}

int
field_type(const struct json *j, const char *key, const char *want, const char *what, struct err *e)
{
	const char *text = json_need_string(j, key, what, e);

	if (text == NULL)
		return -1;
	if (strcmp(text, want) != 0)
		return err_set(e, ERR_INPUT, "%s: %s is not %s", what, key, want);
	return 0;
}

int
field_name(const struct json *j, const char *key, char out[static MANIFEST_NAME_MAX + 1], const char *what,
    struct err *e)
{
	const char *text = json_need_string(j, key, what, e);

	if (text == NULL)
		return -1;
	if (!manifest_name_ok(text))
		return err_set(e, ERR_INPUT, "%s: %s is no name", what, key);
	memcpy(out, text, strlen(text) + 1);
	return 0;
}

int
field_id(const struct json *j, const char *key, char out[static MANIFEST_ID_LEN + 1], const char *what,
    struct err *e)
{
	const char *text = json_need_string(j, key, what, e);

	if (text == NULL)
		return -1;
	if (!field_id_ok(text))
		return err_set(e, ERR_INPUT, "%s: %s is no id", what, key);
	memcpy(out, text, MANIFEST_ID_LEN + 1);
	return 0;
}

int
field_person(const struct json *j, const char *key, char out[static RELEASE_PERSON_MAX + 1], const char *what,
    struct err *e)
{
	const char *text = json_need_string(j, key, what, e);

	if (text == NULL)
		return -1;
	if (!release_person_ok(text))
		return err_set(e, ERR_INPUT, "%s: %s is no person's id", what, key);
	memcpy(out, text, strlen(text) + 1);
	return 0;
}

int
field_u64(const struct json *j, const char *key, uint64_t min, uint64_t max, const char *what, uint64_t *out,
    struct err *e)
{
	int64_t v = 0;

	if (max > JSON_INT_MAX)
		max = JSON_INT_MAX;
	if (json_need_int(j, key, (int64_t)min, (int64_t)max, what, &v, e) == -1)
		return -1;
	*out = (uint64_t)v;
	return 0;
}

int
field_u32(const struct json *j, const char *key, uint32_t min, uint32_t max, const char *what, uint32_t *out,
    struct err *e)
{
	uint64_t v = 0;

	if (field_u64(j, key, min, max, what, &v, e) == -1)
		return -1;
	*out = (uint32_t)v;
	return 0;
}

struct json *
field_decode(const void *data, size_t len, size_t max, const char *type, const char *const *keys,
    const char *what, struct err *e)
{
	struct json *j;

	if (len > max) {
		err_set(e, ERR_LIMIT, "%s: over %zu bytes", what, max);
		return NULL;
	}
	if ((j = json_parse_canonical(data, len, what, e)) == NULL)
		return NULL;
	if (json_expect_keys(j, keys, what, e) == -1 ||
	    (type != NULL && field_type(j, "type", type, what, e) == -1)) {
		json_free(j);
		return NULL;
	}
	return j;
}

int
field_set_u64(struct json *j, const char *key, uint64_t v, struct err *e)
{
	if (v > JSON_INT_MAX)
		return err_set(e, ERR_LIMIT, "%s is past 2^53", key);
	json_set_int(j, key, (int64_t)v);
	return 0;
}

int
field_encode(struct json *j, size_t max, const char *what, struct buf *out, struct err *e)
{
	size_t before = out->len;

	if (json_encode(j, out, e) == -1) {
		out->len = before;
		return err_context(e, "%s", what);
	}
	if (out->len - before > max) {
		out->len = before;
		return err_set(e, ERR_LIMIT, "%s: over %zu bytes", what, max);
	}
	return 0;
}
