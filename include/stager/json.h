/*
 * Canonical JSON: what manifests, policies, reports, requests and log entries are made of.
 *
 * The subset of RFC 8785 that DESIGN.md fixes: objects, arrays, strings, booleans, null and integers within
 * 2^53; no floats; keys in ASCII, sorted; duplicates refused; at most 64 deep. Not for datasets: those have
 * readers of their own.
 */
#ifndef STAGER_JSON_H
#define STAGER_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_INT, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_type type;
	bool boolean;
	int64_t integer;
	char *string; /* UTF-8, NUL-terminated; a NUL inside is refused */
	size_t count; /* children of an array or object */
	size_t cap;
	char **keys; /* of an object; in order of insertion until encoded or parsed */
	struct json **items;
};

#define JSON_INT_MAX INT64_C(9007199254740991)

/* Parse exactly one value, spaces allowed around it. NULL with ERR_INPUT naming what and the offset. Caller
 * frees. */
struct json *json_parse(const void *data, size_t len, const char *what, struct err *e) MUST_CHECK;
/* The same, and refuse text that is not byte for byte canonical (for whatever is signed or hashed). */
struct json *json_parse_canonical(const void *data, size_t len, const char *what, struct err *e) MUST_CHECK;
void json_free(struct json *j);

/*
 * Builders. A child given to a parent belongs to it. Out of memory they abort(): a few hundred bytes of our
 * own making are not something to recover from. Adding a key that stands already replaces it.
 */
struct json *json_object(void);
struct json *json_array(void);
struct json *json_string(const char *s);
struct json *json_string_len(const char *s, size_t len);
struct json *json_int(int64_t v);
struct json *json_bool(bool v);
struct json *json_null(void);
struct json *json_copy(const struct json *j);
void json_set(struct json *object, const char *key, struct json *value);
void json_set_string(struct json *object, const char *key, const char *s);
void json_set_int(struct json *object, const char *key, int64_t v);
void json_push(struct json *array, struct json *value);

/* Look up; NULL where j is NULL, no object, or has no such key. */
const struct json *json_get(const struct json *j, const char *key);
/* Look up and demand the type; -1 (or NULL) with ERR_INPUT naming what and the key. Strings live as long as
 * j. */
const char *json_need_string(
    const struct json *j, const char *key, const char *what, struct err *e) MUST_CHECK;
int json_need_int(const struct json *j, const char *key, int64_t min, int64_t max, const char *what,
    int64_t *out, struct err *e) MUST_CHECK;
const struct json *json_need(
    const struct json *j, const char *key, enum json_type type, const char *what, struct err *e) MUST_CHECK;
/* The counterparts of json_need_hex and json_need_base64. Hex: at most JSON_HEX_MAX bytes; more aborts. */
#define JSON_HEX_MAX 128
void json_set_hex(struct json *j, const char *key, const uint8_t *data, size_t len);
struct json *json_base64(const void *data, size_t len);
/* A string of exactly 2*len lower-case hex digits into out. */
int json_need_hex(const struct json *j, const char *key, uint8_t *out, size_t len, const char *what,
    struct err *e) MUST_CHECK;
/* A base64 string of at most max bytes, appended to out. */
int json_need_base64(
    const struct json *j, const char *key, struct buf *out, const char *what, struct err *e) MUST_CHECK;
/* Refuse any key that is not in the list, which NULL ends. */
int json_expect_keys(
    const struct json *j, const char *const *keys, const char *what, struct err *e) MUST_CHECK;

/* Append the canonical text. Sorts j's keys in place, hence not const. */
int json_encode(struct json *j, struct buf *out, struct err *e) MUST_CHECK;

#endif
