/* A wrapped data key for the same body under another name: of a shard that a new version has from the one before it. */
#include <string.h>

#include "key_open.h"
#include "stager/json.h"
#include "stager/keystore.h"

struct secret *
key_unwrap(const struct key_open *k, const struct json *body, const char *shard, struct err *e)
{
	uint8_t commitment[COMMITMENT_LEN], real[COMMITMENT_LEN], wrapped[WRAPPED_LEN];
	struct secret *data_key;

	if (json_need_hex(body, "commitment", commitment, sizeof(commitment), "data key", e) == -1 ||
	    json_need_hex(body, "wrapped", wrapped, sizeof(wrapped), "data key", e) == -1)
		return NULL;
	if (k->kek == NULL || !key_shard_path_ok(shard)) {
		err_set(e, ERR_INPUT, "data key: no KEK is loaded, or no shard's path");
		return NULL;
	}
	if ((data_key = keystore_unwrap(k->kek, k->dataset, shard, commitment, wrapped, e)) == NULL)
		return NULL;
	header_commitment(data_key, real);
	if (memcmp(real, commitment, COMMITMENT_LEN) != 0) {
		err_set(e, ERR_FORGED, "%s: the data key is not the one committed to", shard);
		secret_free(data_key);
		return NULL;
	}
	return data_key;
}

int
key_rewrap(struct key_open *k, const struct json *body, struct json **reply, struct err *e)
{
	static const char *const keys[] = {"from", "to", "commitment", "wrapped", NULL};
	uint8_t commitment[COMMITMENT_LEN], wrapped[WRAPPED_LEN];
	struct secret *data_key = NULL;
	const char *from, *to;
	int rc = -1;

	if (json_expect_keys(body, keys, "data key", e) == -1 ||
	    (from = json_need_string(body, "from", "data key", e)) == NULL ||
	    (to = json_need_string(body, "to", "data key", e)) == NULL ||
	    json_need_hex(body, "commitment", commitment, sizeof(commitment), "data key", e) == -1)
		return -1;
	if (!key_shard_path_ok(to))
		return err_set(e, ERR_INPUT, "data key: no shard's path");
	if ((data_key = key_unwrap(k, body, from, e)) == NULL)
		return -1;
	if (keystore_wrap(k->kek, k->dataset, to, commitment, data_key, wrapped, e) == 0) {
		*reply = json_object();
		json_set_hex(*reply, "wrapped", wrapped, sizeof(wrapped));
		rc = 0;
	}
	secret_free(data_key);
	return rc;
}
