/* A house's first keys: one blob a purpose, an empty register of stewards, and the public card. */
#include <string.h>

#include "key_open.h"
#include "stager/json.h"
#include "stager/keystore.h"

#define FIRST_GENERATION 1

/* Seal keys for a purpose and put the blob into the reply. */
static int
put_blob(struct json *reply, const char *name, const struct secret *root, enum key_purpose purpose,
    const char *house, const struct secret *keys, struct err *e)
{
	struct secret *subkey = NULL;
	struct buf blob;
	int rc = -1;

	buf_init(&blob, 1u << 16);
	if ((subkey = keystore_subkey(root, purpose, house, e)) == NULL ||
	    keystore_seal(subkey, purpose, FIRST_GENERATION, house, keys, &blob, e) == -1)
		goto out;
	json_set(reply, name, json_base64(blob.data, blob.len));
	rc = 0;
out:
	secret_free(subkey);
	buf_free(&blob);
	return rc;
}

/* vault | KEK key | MAC key | card, and the empty register under the MAC key. */
static int
put_open(struct json *reply, const struct secret *root, const char *house, const struct secret *vault,
    const struct buf *card, struct err *e)
{
	struct secret *mac_key = NULL, *kek_key = NULL, *all = NULL;
	struct steward_register nobody = {.count = 0};
	struct buf text;
	int rc = -1;

	buf_init(&text, 4096);
	if ((mac_key = secret_random(32, e)) == NULL || (kek_key = secret_random(32, e)) == NULL ||
	    (all = secret_new(KEY_OPEN_SECRETS + card->len, e)) == NULL)
		goto out;
	memcpy(all->bytes, vault->bytes, 32);
	memcpy(all->bytes + 32, kek_key->bytes, 32);
	memcpy(all->bytes + 64, mac_key->bytes, 32);
	memcpy(all->bytes + KEY_OPEN_SECRETS, card->data, card->len);
	if (put_blob(reply, "open", root, KEY_OPEN, house, all, e) == -1 ||
	    register_encode(&nobody, mac_key, &text, e) == -1)
		goto out;
	json_set(reply, "register", json_base64(text.data, text.len));
	rc = 0;
out:
	secret_free(all);
	secret_free(kek_key);
	secret_free(mac_key);
	buf_free(&text);
	return rc;
}

int
key_init(const struct secret *root, const char *house, struct json **reply, struct err *e)
{
	struct secret *vault = NULL, *ingest = NULL, *sign = NULL, *pseudonym = NULL, *log = NULL;
	struct json *j = json_object();
	struct house_card card;
	struct buf text;
	int rc = -1;

	buf_init(&text, 2048);
	memset(&card, 0, sizeof(card));
	memcpy(card.house, house, strlen(house) + 1);
	if ((vault = header_keypair(card.vault, e)) == NULL ||
	    (ingest = header_keypair(card.ingest, e)) == NULL ||
	    (sign = secret_random(SIGN_SEED_LEN, e)) == NULL || (pseudonym = secret_random(32, e)) == NULL ||
	    (log = secret_random(SIGN_SEED_LEN, e)) == NULL || sign_public(sign, card.key, e) == -1 ||
	    sign_public(log, card.log_key, e) == -1 || house_card_encode(&card, &text, e) == -1)
		goto out;
	if (put_open(j, root, house, vault, &text, e) == -1 ||
	    put_blob(j, "ingest", root, KEY_INGEST, house, ingest, e) == -1 ||
	    put_blob(j, "sign", root, KEY_SIGN, house, sign, e) == -1 ||
	    put_blob(j, "pseudonym", root, KEY_PSEUDONYM, house, pseudonym, e) == -1 ||
	    put_blob(j, "log", root, KEY_LOG, house, log, e) == -1)
		goto out;
	json_set(j, "card", json_base64(text.data, text.len));
	*reply = j;
	j = NULL;
	rc = 0;
out:
	json_free(j);
	secret_free(log);
	secret_free(pseudonym);
	secret_free(sign);
	secret_free(ingest);
	secret_free(vault);
	buf_free(&text);
	return rc;
}
