/*
 * The record of a delivery: what the house signs (DSSE_DELIVERY) when every object of a version's set stands at an
 * endpoint and was looked at. manifests/delivery.c.
 *
 * Canonical JSON: {"_type": "urn:stager:delivery:1", "house", "version-id", "set", "manifest": hex SHA-256 of its statement,
 * "table": hex SHA-256 of shards.jsonl, "endpoint", "url", "country", "site", "objects": n, "bytes": n, "listing": hex
 * SHA-256 of one line an object, by name: name SP size SP tag LF; "at": seconds since 1970}
 */
#ifndef STAGER_DELIVERY_H
#define STAGER_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/digest.h"
#include "stager/err.h"
#include "stager/manifest.h"

#define DELIVERY_MAX 4096
#define DELIVERY_URL_MAX 1024
#define DELIVERY_COUNTRY_LEN 2 /* ISO 3166-1 alpha-2, in capitals */

struct delivery {
	char house[MANIFEST_NAME_MAX + 1];
	char version_id[MANIFEST_ID_LEN + 1];
	char set[MANIFEST_NAME_MAX + 1];
	uint8_t manifest[DIGEST_LEN], table[DIGEST_LEN], listing[DIGEST_LEN];
	char endpoint[MANIFEST_NAME_MAX + 1];
	char url[DELIVERY_URL_MAX + 1];
	char country[DELIVERY_COUNTRY_LEN + 1];
	char site[MANIFEST_NAME_MAX + 1];
	uint64_t objects, bytes;
	int64_t at;
};

/* Two capital letters. */
bool delivery_country_ok(const char *text);
/*
 * dir:/PATH, s3://BUCKET[/PREFIX], http[s]://HOST[:PORT][/PATH]: printable ASCII without spaces, '?', '#', '@' (no
 * credentials), empty, "." or ".." parts, and with no slash at its end.
 */
bool delivery_url_ok(const char *url);
/* The canonical document, appended to out. ERR_INPUT where d could not be decoded again. */
int delivery_encode(const struct delivery *d, struct buf *out, struct err *e) MUST_CHECK;
/* From canonical bytes; ERR_INPUT. Checks all forms and limits. */
int delivery_decode(const void *data, size_t len, struct delivery *out, struct err *e) MUST_CHECK;

#endif
