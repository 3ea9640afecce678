/* Fields of canonical JSON objects as manifests, requests and answers use them: one rule a kind, for reading
 * and for writing. */
#ifndef MANIFESTS_FIELDS_H
#define MANIFESTS_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"
#include "stager/manifest.h"
#include "stager/release.h"

struct json;

/* 26 characters of lower-case base32. */
bool field_id_ok(const char *text);
/* 1 to max characters of [a-z0-9-]: evidence types, reasons, versions of formats. */
bool field_word_ok(const char *text, size_t max);
/* 1 to max characters of printable ASCII, no space: persons, types of payloads, DUO codes. */
bool field_printable_ok(const char *text, size_t max);
/* 1 to max bytes of printable text: UTF-8 without control characters. */
bool field_text_ok(const char *text, size_t max);

/* Each reads one key. 0, or -1 with ERR_INPUT naming what and the key. */
int field_type(
    const struct json *j, const char *key, const char *want, const char *what, struct err *e) MUST_CHECK;
int field_name(const struct json *j, const char *key, char out[static MANIFEST_NAME_MAX + 1],
    const char *what, struct err *e) MUST_CHECK;
int field_id(const struct json *j, const char *key, char out[static MANIFEST_ID_LEN + 1], const char *what,
    struct err *e) MUST_CHECK;
int field_person(const struct json *j, const char *key, char out[static RELEASE_PERSON_MAX + 1],
    const char *what, struct err *e) MUST_CHECK;
int field_u64(const struct json *j, const char *key, uint64_t min, uint64_t max, const char *what,
    uint64_t *out, struct err *e) MUST_CHECK;
int field_u32(const struct json *j, const char *key, uint32_t min, uint32_t max, const char *what,
    uint32_t *out, struct err *e) MUST_CHECK;

/*
 * Parse a whole document.
 *
 * data       len bytes, at most max of them, canonical JSON
 * type       what its key "type" must say; NULL: it has no such key, or the caller looks
 * keys       its keys, all and no others, ended by NULL
 *
 * Returns the object, which the caller frees, or NULL with e set: ERR_LIMIT past max, else ERR_INPUT, naming what.
 */
struct json *field_decode(const void *data, size_t len, size_t max, const char *type, const char *const *keys,
    const char *what, struct err *e) MUST_CHECK;

/* Numbers past 2^53 stand in no document: ERR_LIMIT. */
int field_set_u64(struct json *j, const char *key, uint64_t v, struct err *e) MUST_CHECK;

/* Append j's canonical text, at most max bytes of it (ERR_LIMIT). On failure out is as it was. */
int field_encode(struct json *j, size_t max, const char *what, struct buf *out, struct err *e) MUST_CHECK;

#endif
