/* The house's public card, which nodes and stewards pin. */
#include <string.h>

#include "stager/json.h"
#include "stager/release.h"

#include "fields.h"

#define CARD_MAX 1024

int
house_card_encode(const struct house_card *c, struct buf *out, struct err *e)
{
	struct json *j = json_object();
	size_t before = out->len;
	struct house_card again;
	int rc;

	json_set_string(j, "house", c->house);
	json_set_hex(j, "ingest", c->ingest, X25519_LEN);
	json_set_hex(j, "key", c->key, SIGN_PUBLIC_LEN);
	json_set_hex(j, "log-key", c->log_key, SIGN_PUBLIC_LEN);
	json_set_hex(j, "vault", c->vault, X25519_LEN);
	rc = field_encode(j, CARD_MAX, "house card", out, e);
	if (rc == 0 && (rc = house_card_decode(out->data + before, out->len - before, &again, e)) == -1)
		out->len = before;
	json_free(j);
	return rc;
}

int
house_card_decode(const void *data, size_t len, struct house_card *out, struct err *e)
{
	static const char *const keys[] = {"house", "ingest", "key", "log-key", "vault", NULL};
	static const char what[] = "house card";
	struct json *j = NULL;
	struct house_card c;
	int rc = -1;

	memset(&c, 0, sizeof(c));
	if (len > CARD_MAX)
		return err_set(e, ERR_LIMIT, "%s: over %d bytes", what, CARD_MAX);
	/* People copy this one by hand and it is neither signed nor hashed: white space may differ. */
	if ((j = json_parse(data, len, what, e)) == NULL || json_expect_keys(j, keys, what, e) == -1 ||
	    field_name(j, "house", c.house, what, e) == -1 ||
	    json_need_hex(j, "ingest", c.ingest, X25519_LEN, what, e) == -1 ||
	    json_need_hex(j, "key", c.key, SIGN_PUBLIC_LEN, what, e) == -1 ||
	    json_need_hex(j, "log-key", c.log_key, SIGN_PUBLIC_LEN, what, e) == -1 ||
	    json_need_hex(j, "vault", c.vault, X25519_LEN, what, e) == -1)
		goto out;
	*out = c;
	rc = 0;
out:
	json_free(j);
	return rc;
}
