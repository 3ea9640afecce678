/* DSSE envelopes: what is signed (PAE), the JSON around it, and who signed it. */
#include "stager/dsse.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stager/enc.h"
#include "stager/json.h"

#include "fields.h"

/* What a payload's base64 and the signatures may come to. */
#define ENVELOPE_MAX (2u << 20)

static int
check_parts(const char *type, size_t len, struct err *e)
{
	if (!field_printable_ok(type, DSSE_TYPE_MAX))
		return err_set(e, ERR_INPUT, "envelope: bad payload type");
	if (len == 0)
		return err_set(e, ERR_INPUT, "envelope: empty payload");
	if (len > DSSE_PAYLOAD_MAX)
		return err_set(e, ERR_LIMIT, "envelope: payload over %u bytes", DSSE_PAYLOAD_MAX);
	return 0;
}

int
dsse_pae(const char *type, const void *payload, size_t len, struct buf *out, struct err *e)
{
	size_t before = out->len;

	if (check_parts(type, len, e) == -1)
		return -1;
	if (buf_printf(out, e, "DSSEv1 %zu %s %zu ", strlen(type), type, len) == -1 ||
	    buf_put(out, payload, len, e) == -1) {
		out->len = before;
		return -1;
	}
	return 0;
}

int
dsse_encode(const char *type, const void *payload, size_t len, const uint8_t key[static SIGN_PUBLIC_LEN],
    const uint8_t signature[static SIGNATURE_LEN], struct buf *out, struct err *e)
{
	struct json *j = NULL, *list, *one;
	char keyid[SIGN_KEYID_LEN + 1];
	int rc;

	if (check_parts(type, len, e) == -1)
		return -1;
	j = json_object();
	json_set_string(j, "payloadType", type);
	json_set(j, "payload", json_base64(payload, len));
	json_set(j, "signatures", list = json_array());
	json_push(list, one = json_object());
	sign_keyid(key, keyid);
	json_set_string(one, "keyid", keyid);
	json_set(one, "sig", json_base64(signature, SIGNATURE_LEN));
	rc = field_encode(j, ENVELOPE_MAX, "envelope", out, e);
	json_free(j);
	return rc;
}

int
dsse_sign(const struct secret *seed, const char *type, const void *payload, size_t len, struct buf *out,
    struct err *e)
{
	uint8_t key[SIGN_PUBLIC_LEN], signature[SIGNATURE_LEN];
	struct buf pae;
	int rc = -1;

	buf_init(&pae, DSSE_PAE_MAX);
	if (dsse_pae(type, payload, len, &pae, e) == -1 || sign_public(seed, key, e) == -1 ||
	    sign_make(seed, pae.data, pae.len, signature, e) == -1)
		goto out;
	rc = dsse_encode(type, payload, len, key, signature, out, e);
out:
	buf_free(&pae);
	return rc;
}

/* One signature: {"keyid", "sig"}. The key's name is a hint that others may leave out; ours is 16 hex digits.
 */
static int
decode_signature(struct dsse *d, const struct json *one, const char *what, struct err *e)
{
	static const char *const keys[] = {"keyid", "sig", NULL};
	uint8_t id[SIGN_KEYID_LEN / 2];
	const char *keyid = "";
	struct buf raw;
	int rc = -1;

	buf_init(&raw, SIGNATURE_LEN);
	if (json_expect_keys(one, keys, what, e) == -1)
		goto out;
	if (json_get(one, "keyid") != NULL && (keyid = json_need_string(one, "keyid", what, e)) == NULL)
		goto out;
	if (keyid[0] != '\0' && hex_decode(keyid, id, sizeof(id), "keyid", e) == -1) {
		err_context(e, "%s", what);
		goto out;
	}
	if (json_need_base64(one, "sig", &raw, what, e) == -1)
		goto out;
	if (raw.len != SIGNATURE_LEN) {
		err_set(e, ERR_INPUT, "%s: a signature of another length", what);
		goto out;
	}
	memcpy(d->signatures[d->count].keyid, keyid, strlen(keyid) + 1);
	memcpy(d->signatures[d->count].signature, raw.data, SIGNATURE_LEN);
	d->count++;
	rc = 0;
out:
	buf_free(&raw);
	return rc;
}

struct dsse *
dsse_decode(const void *data, size_t len, const char *what, struct err *e)
{
	static const char *const keys[] = {"payload", "payloadType", "signatures", NULL};
	const struct json *list;
	const char *type;
	struct json *j = NULL;
	struct dsse *d = NULL;
	int rc = -1;

	if (len > ENVELOPE_MAX) {
		err_set(e, ERR_LIMIT, "%s: over %u bytes", what, ENVELOPE_MAX);
		return NULL;
	}
	if ((j = json_parse(data, len, what, e)) == NULL || json_expect_keys(j, keys, what, e) == -1 ||
	    (type = json_need_string(j, "payloadType", what, e)) == NULL ||
	    (list = json_need(j, "signatures", JSON_ARRAY, what, e)) == NULL)
		goto out;
	if (!field_printable_ok(type, DSSE_TYPE_MAX)) {
		err_set(e, ERR_INPUT, "%s: bad payload type", what);
		goto out;
	}
	if (list->count < 1 || list->count > DSSE_SIGNATURES_MAX) {
		err_set(e, ERR_INPUT, "%s: not 1 to %d signatures", what, DSSE_SIGNATURES_MAX);
		goto out;
	}
	if ((d = calloc(1, sizeof(*d))) == NULL || (d->type = strdup(type)) == NULL) {
		err_sys(e, "%s", what);
		goto out;
	}
	buf_init(&d->payload, DSSE_PAYLOAD_MAX);
	if (json_need_base64(j, "payload", &d->payload, what, e) == -1)
		goto out;
	if (d->payload.len == 0) {
		err_set(e, ERR_INPUT, "%s: empty payload", what);
		goto out;
	}
	for (size_t i = 0; i < list->count; i++)
		if (decode_signature(d, list->items[i], what, e) == -1)
			goto out;
	rc = 0;
out:
	json_free(j);
	if (rc == -1) {
		dsse_free(d);
		d = NULL;
	}
	return d;
}

void
dsse_free(struct dsse *d)
{
	if (d == NULL)
		return;
	free(d->type);
	buf_free(&d->payload);
	free(d);
}

int
dsse_check(const struct dsse *d, const char *type, const uint8_t key[static SIGN_PUBLIC_LEN],
    const char *what, struct err *e)
{
	char keyid[SIGN_KEYID_LEN + 1];
	struct buf pae;
	int rc = -1;

	buf_init(&pae, DSSE_PAE_MAX);
	if (strcmp(d->type, type) != 0) {
		err_set(e, ERR_FORGED, "%s: signed as another kind of thing", what);
		goto out;
	}
	if (dsse_pae(d->type, d->payload.data, d->payload.len, &pae, e) == -1)
		goto out;
	sign_keyid(key, keyid);
	/* The key's name only narrows the search: what counts is that the signature is this key's. */
	for (size_t i = 0; rc == -1 && i < d->count; i++)
		if (d->signatures[i].keyid[0] == '\0' || strcmp(d->signatures[i].keyid, keyid) == 0)
			rc = sign_check(key, pae.data, pae.len, d->signatures[i].signature, what, NULL);
	if (rc == -1)
		err_set(e, ERR_FORGED, "%s: no good signature by key %s", what, keyid);
out:
	buf_free(&pae);
	return rc;
}
