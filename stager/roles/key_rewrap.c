/* A wrapped data key for the same body under another name: of a shard that a new version has from the one before it. */
#include "key_open.h"
#include "stager/json.h"
#include "stager/keystore.h"

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
