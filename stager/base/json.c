/* Canonical JSON as a tree: building, looking up, and the encoder of RFC 8785's subset. The parser is
 * json_parse.c. */
#include "stager/json.h"

#include <stdlib.h>
#include <string.h>

#include "stager/enc.h"

/* Trees are small and of our own making, or bounded by what was parsed: running out of memory here ends the
 * program. */
static void *
must(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

static struct json *
json_new(enum json_type type)
{
	struct json *j = must(calloc(1, sizeof(*j)));

	j->type = type;
	return j;
}

void
json_free(struct json *j)
{
	if (j == NULL)
		return;
	for (size_t i = 0; i < j->count; i++) {
		if (j->keys != NULL)
			free(j->keys[i]);
		json_free(j->items[i]);
	}
	free(j->keys);
	free(j->items);
	free(j->string);
	free(j);
}

struct json *
json_object(void)
{
	return json_new(JSON_OBJECT);
}

struct json *
json_array(void)
{
	return json_new(JSON_ARRAY);
}

struct json *
json_string_len(const char *s, size_t len)
{
	struct json *j = json_new(JSON_STRING);

	j->string = must(malloc(len + 1));
	memcpy(j->string, s, len);
	j->string[len] = '\0';
	return j;
}

struct json *
json_string(const char *s)
{
	return json_string_len(s, strlen(s));
}

struct json *
json_int(int64_t v)
{
	struct json *j = json_new(JSON_INT);

	j->integer = v;
	return j;
}

struct json *
json_bool(bool v)
{
	struct json *j = json_new(JSON_BOOL);

	j->boolean = v;
	return j;
}

struct json *
json_null(void)
{
	return json_new(JSON_NULL);
}

/* Room for one more child. */
static void
json_grow(struct json *j)
{
	size_t cap;

	if (j->count < j->cap)
		return;
	cap = j->cap == 0 ? 8 : j->cap * 2;
	j->items = must(reallocarray(j->items, cap, sizeof(*j->items)));
	if (j->type == JSON_OBJECT)
		j->keys = must(reallocarray(j->keys, cap, sizeof(*j->keys)));
	j->cap = cap;
}

void
json_set(struct json *object, const char *key, struct json *value)
{
	for (size_t i = 0; i < object->count; i++) {
		if (strcmp(object->keys[i], key) == 0) {
			json_free(object->items[i]);
			object->items[i] = value;
			return;
		}
	}
	json_grow(object);
	object->keys[object->count] = must(strdup(key));
	object->items[object->count++] = value;
}

void
json_set_string(struct json *object, const char *key, const char *s)
{
	json_set(object, key, json_string(s));
}

void
json_set_int(struct json *object, const char *key, int64_t v)
{
	json_set(object, key, json_int(v));
}

void
json_push(struct json *array, struct json *value)
{
	json_grow(array);
	array->items[array->count++] = value;
}

struct json *
json_copy(const struct json *j)
{
	struct json *copy = json_new(j->type);

	copy->boolean = j->boolean;
	copy->integer = j->integer;
	if (j->string != NULL)
		copy->string = must(strdup(j->string));
	for (size_t i = 0; i < j->count; i++) {
		json_grow(copy);
		if (j->type == JSON_OBJECT)
			copy->keys[i] = must(strdup(j->keys[i]));
		copy->items[i] = json_copy(j->items[i]);
		copy->count++;
	}
	return copy;
}

const struct json *
json_get(const struct json *j, const char *key)
{
	if (j == NULL || j->type != JSON_OBJECT)
		return NULL;
	for (size_t i = 0; i < j->count; i++)
		if (strcmp(j->keys[i], key) == 0)
			return j->items[i];
	return NULL;
}

const struct json *
json_need(const struct json *j, const char *key, enum json_type type, const char *what, struct err *e)
{
	static const char *const names[] = {
	    "null", "a boolean", "an integer", "a string", "a list", "an object"};
	const struct json *value = json_get(j, key);

	if (value == NULL) {
		err_set(e, ERR_INPUT, "%s: %s is missing", what, key);
		return NULL;
	}
	if (value->type != type) {
		err_set(e, ERR_INPUT, "%s: %s is not %s", what, key, names[type]);
		return NULL;
	}
	return value;
}

const char *
json_need_string(const struct json *j, const char *key, const char *what, struct err *e)
{
	const struct json *value = json_need(j, key, JSON_STRING, what, e);

	return value == NULL ? NULL : value->string;
}

int
json_need_int(const struct json *j, const char *key, int64_t min, int64_t max, const char *what, int64_t *out,
    struct err *e)
{
	const struct json *value = json_need(j, key, JSON_INT, what, e);

	if (value == NULL)
		return -1;
	if (value->integer < min || value->integer > max)
		return err_set(e, ERR_INPUT, "%s: %s is out of range", what, key);
	*out = value->integer;
	return 0;
}

void
json_set_hex(struct json *j, const char *key, const uint8_t *data, size_t len)
{
	char text[2 * JSON_HEX_MAX + 1];

	if (len > JSON_HEX_MAX)
		abort();
	hex_encode(data, len, text);
	json_set_string(j, key, text);
}

struct json *
json_base64(const void *data, size_t len)
{
	struct json *j;
	struct buf text;

	buf_init(&text, SIZE_MAX / 2);
	if (base64_encode(data, len, &text, NULL) == -1)
		abort();
	j = json_string_len(text.len > 0 ? (const char *)text.data : "", text.len);
	buf_free(&text);
	return j;
}

int
json_need_hex(
    const struct json *j, const char *key, uint8_t *out, size_t len, const char *what, struct err *e)
{
	const char *text = json_need_string(j, key, what, e);

	if (text == NULL)
		return -1;
	if (hex_decode(text, out, len, key, e) == -1)
		return err_context(e, "%s", what);
	return 0;
}

int
json_need_base64(const struct json *j, const char *key, struct buf *out, const char *what, struct err *e)
{
	const char *text = json_need_string(j, key, what, e);

	if (text == NULL)
		return -1;
	if (base64_decode(text, strlen(text), out, key, e) == -1)
		return err_context(e, "%s", what);
	return 0;
}

int
json_expect_keys(const struct json *j, const char *const *keys, const char *what, struct err *e)
{
	if (j == NULL || j->type != JSON_OBJECT)
		return err_set(e, ERR_INPUT, "%s: not an object", what);
	for (size_t i = 0; i < j->count; i++) {
		size_t k = 0;

		while (keys[k] != NULL && strcmp(keys[k], j->keys[i]) != 0)
			k++;
		if (keys[k] == NULL)
			return err_set(e, ERR_INPUT, "%s: unknown key", what);
	}
	return 0;
}

/* Heap sort, as qsort has no way to carry the items along with their keys. */
static void
json_swap(struct json *j, size_t a, size_t b)
{
	char *key = j->keys[a];
	struct json *item = j->items[a];

	j->keys[a] = j->keys[b];
	j->items[a] = j->items[b];
	j->keys[b] = key;
	j->items[b] = item;
}

static void
json_sift(struct json *j, size_t root, size_t end)
{
	for (size_t child = 2 * root + 1; child < end; root = child, child = 2 * root + 1) {
		if (child + 1 < end && strcmp(j->keys[child], j->keys[child + 1]) < 0)
			child++;
		if (strcmp(j->keys[root], j->keys[child]) >= 0)
			return;
		json_swap(j, root, child);
	}
}

static void
json_sort(struct json *j)
{
	for (size_t i = j->count / 2; i-- > 0;)
		json_sift(j, i, j->count);
	for (size_t end = j->count; end > 1; end--) {
		json_swap(j, 0, end - 1);
		json_sift(j, 0, end - 1);
	}
}

/* RFC 8785 section 3.2.2.2: the two-character escapes where there are any, \u00xx for other controls, all
 * else as it is. */
static int
json_encode_string(const char *s, struct buf *out, struct err *e)
{
	const char *start = s;

	if (buf_put_u8(out, '"', e) == -1)
		return -1;
	for (;; s++) {
		unsigned char c = (unsigned char)*s;
		char escape[8];
		size_t len = 2;

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		if (buf_put(out, start, (size_t)(s - start), e) == -1)
			return -1;
		if (c == '\0')
			break;
		start = s + 1;
		escape[0] = '\\';
		switch (c) {
		case '\b':
			escape[1] = 'b';
			break;
		case '\t':
			escape[1] = 't';
			break;
		case '\n':
			escape[1] = 'n';
			break;
		case '\f':
			escape[1] = 'f';
			break;
		case '\r':
			escape[1] = 'r';
			break;
		case '"':
		case '\\':
			escape[1] = (char)c;
			break;
		default:
			escape[1] = 'u';
			escape[2] = '0';
			escape[3] = '0';
			hex_encode(&c, 1, escape + 4);
			len = 6;
		}
		if (buf_put(out, escape, len, e) == -1)
			return -1;
	}
	return buf_put_u8(out, '"', e);
}

int
json_encode(struct json *j, struct buf *out, struct err *e)
{
	switch (j->type) {
	case JSON_NULL:
		return buf_put_str(out, "null", e);
	case JSON_BOOL:
		return buf_put_str(out, j->boolean ? "true" : "false", e);
	case JSON_INT:
		return buf_printf(out, e, "%lld", (long long)j->integer);
	case JSON_STRING:
		return json_encode_string(j->string, out, e);
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	}
	if (j->type == JSON_OBJECT)
		json_sort(j);
	if (buf_put_u8(out, j->type == JSON_OBJECT ? '{' : '[', e) == -1)
		return -1;
	for (size_t i = 0; i < j->count; i++) {
		if (i > 0 && buf_put_u8(out, ',', e) == -1)
			return -1;
		if (j->type == JSON_OBJECT &&
		    (json_encode_string(j->keys[i], out, e) == -1 || buf_put_u8(out, ':', e) == -1))
			return -1;
		if (json_encode(j->items[i], out, e) == -1)
			return -1;
	}
	return buf_put_u8(out, j->type == JSON_OBJECT ? '}' : ']', e);
}
