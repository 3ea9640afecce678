/* A purpose's blob into the next generation: under another root secret, or the same, and with a new key for the KEKs. */
#include <string.h>

#include "key_open.h"
#include "stager/json.h"
#include "stager/keystore.h"

#define BLOB_MAX 8192

/* The open purpose's blob with a fresh sealing key for KEKs: an old KEK's blob opens nowhere in the new generation. */
static int
reseal_open(struct key_reseal *x, const struct secret *from, const struct secret *to, const char *house,
    const struct buf *blob, struct buf *out, struct err *e)
{
	struct secret *keys = NULL, *old = NULL, *fresh = NULL;
	int rc = -1;

	if ((keys = keystore_open(from, KEY_OPEN, house, blob->data, blob->len, NULL, e)) == NULL)
		goto out;
	if (keys->len <= KEY_OPEN_SECRETS) {
		err_set(e, ERR_FORGED, "keys: too short");
		goto out;
	}
	if ((old = secret_new(32, e)) == NULL || (fresh = secret_random(32, e)) == NULL)
		goto out;
	memcpy(old->bytes, keys->bytes + 32, 32);
	memcpy(keys->bytes + 32, fresh->bytes, 32);
	if ((x->kek_from = keystore_subkey(old, KEY_KEK, house, e)) == NULL ||
	    (x->kek_to = keystore_subkey(fresh, KEY_KEK, house, e)) == NULL ||
	    keystore_seal_proven(to, KEY_OPEN, x->to, house, keys, out, e) == -1)
		goto out;
	rc = 0;
out:
	secret_free(fresh);
	secret_free(old);
	secret_free(keys);
	return rc;
}

int
key_reseal(struct key_reseal *x, enum key_purpose purpose, const struct secret *root,
    const struct secret *new_root, const char *house, const struct json *body, struct json **reply,
    struct err *e)
{
	struct secret *from = NULL, *to = NULL;
	struct json *j = json_object();
	struct buf blob, out;
	int64_t generation;
	int rc = -1;

	buf_init(&blob, BLOB_MAX);
	buf_init(&out, BLOB_MAX);
	if (json_need_base64(body, "blob", &blob, "keys", e) == -1 ||
	    json_need_int(body, "generation", 2, UINT32_MAX, "keys", &generation, e) == -1)
		goto out;
	x->from = keystore_generation(blob.data, blob.len);
	x->to = (uint32_t)generation;
	if ((from = keystore_subkey(root, purpose, house, e)) == NULL ||
	    (to = keystore_subkey(new_root != NULL ? new_root : root, purpose, house, e)) == NULL)
		goto out;
	if (purpose == KEY_OPEN
		? reseal_open(x, from, to, house, &blob, &out, e) == -1
		: keystore_reseal(from, to, purpose, x->to, house, blob.data, blob.len, &out, e) == -1)
		goto out;
	/* After the blob was proven: so is the generation it says. */
	if (x->to <= x->from) {
		err_set(e, ERR_INPUT, "keys: generation %u does not follow %u", x->to, x->from);
		goto out;
	}
	json_set(j, "blob", json_base64(out.data, out.len));
	*reply = j;
	j = NULL;
	rc = 0;
out:
	json_free(j);
	secret_free(to);
	secret_free(from);
	buf_free(&out);
	buf_free(&blob);
	return rc;
}

int
key_reseal_kek(struct key_reseal *x, const struct json *body, struct json **reply, struct err *e)
{
	const char *dataset = json_need_string(body, "dataset", "KEK", e);
	struct json *j = json_object();
	struct buf blob, out;
	int rc = -1;

	buf_init(&blob, BLOB_MAX);
	buf_init(&out, BLOB_MAX);
	if (dataset == NULL || json_need_base64(body, "blob", &blob, "KEK", e) == -1)
		goto out;
	if (keystore_generation(blob.data, blob.len) != x->from) {
		err_set(e, ERR_FORGED, "KEK: of another generation than %u, which is in force", x->from);
		goto out;
	}
	if (keystore_reseal(x->kek_from, x->kek_to, KEY_KEK, x->to, dataset, blob.data, blob.len, &out, e) ==
	    -1)
		goto out;
	json_set(j, "blob", json_base64(out.data, out.len));
	*reply = j;
	j = NULL;
	rc = 0;
out:
	json_free(j);
	buf_free(&out);
	buf_free(&blob);
	return rc;
}

void
key_reseal_free(struct key_reseal *x)
{
	secret_free(x->kek_from);
	secret_free(x->kek_to);
	memset(x, 0, sizeof(*x));
}
