/* The register of stewards: who may decide for a holder, and who may say so. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "key_open.h"
#include "stager/dsse.h"
#include "stager/json.h"

static const char what[] = "stewards' register";

static void
register_mac(const struct secret *mac_key, const void *json, size_t len, uint8_t out[static DIGEST_LEN])
{
	const struct digest_part part = {json, len};

	key_mac(mac_key, "stager register v1", &part, 1, out);
}

int
register_encode(struct steward_register *r, const struct secret *mac_key, struct buf *out, struct err *e)
{
	struct json *j = json_object(), *list = json_array(), *one;
	size_t before = out->len;
	int rc = -1;

	json_set_int(j, "count", (int64_t)r->count);
	json_set(j, "stewards", list);
	for (size_t i = 0; i < r->steward_count; i++) {
		json_push(list, one = json_object());
		json_set_string(one, "holder", r->stewards[i].holder);
		json_set_string(one, "person", r->stewards[i].person);
		json_set_hex(one, "key", r->stewards[i].key, SIGN_PUBLIC_LEN);
	}
	if (json_encode(j, out, e) == -1)
		goto out;
	register_mac(mac_key, out->data + before, out->len - before, r->mac);
	if (buf_put(out, r->mac, DIGEST_LEN, e) == -1)
		goto out;
	rc = 0;
out:
	if (rc == -1)
		out->len = before;
	json_free(j);
	return rc;
}

static int
steward_read(const struct json *j, struct steward *s, struct err *e)
{
	static const char *const keys[] = {"holder", "person", "key", NULL};
	const char *holder, *person;

	if (json_expect_keys(j, keys, what, e) == -1 ||
	    (holder = json_need_string(j, "holder", what, e)) == NULL ||
	    (person = json_need_string(j, "person", what, e)) == NULL ||
	    json_need_hex(j, "key", s->key, SIGN_PUBLIC_LEN, what, e) == -1)
		return -1;
	if (!manifest_name_ok(holder) || !release_person_ok(person))
		return err_set(e, ERR_INPUT, "%s: a name of no good form", what);
	memcpy(s->holder, holder, strlen(holder) + 1);
	memcpy(s->person, person, strlen(person) + 1);
	return 0;
}

int
register_decode(
    struct steward_register *r, const struct secret *mac_key, const void *data, size_t len, struct err *e)
{
	static const char *const keys[] = {"count", "stewards", NULL};
	struct steward_register read = {.count = 0};
	const struct json *list;
	struct json *j = NULL;
	int64_t count = 0;
	int rc = -1;

	if (len <= DIGEST_LEN || len > REGISTER_LEN_MAX)
		return err_set(e, ERR_FORGED, "%s: wrong length", what);
	len -= DIGEST_LEN;
	register_mac(mac_key, data, len, read.mac);
	if (!digest_equal(read.mac, (const uint8_t *)data + len))
		return err_set(e, ERR_FORGED, "%s: altered, or of another house", what);
	if ((j = json_parse_canonical(data, len, what, e)) == NULL ||
	    json_expect_keys(j, keys, what, e) == -1 ||
	    json_need_int(j, "count", 0, JSON_INT_MAX, what, &count, e) == -1 ||
	    (list = json_need(j, "stewards", JSON_ARRAY, what, e)) == NULL)
		goto out;
	if (list->count > REGISTER_STEWARDS_MAX) {
		err_set(e, ERR_LIMIT, "%s: over %d stewards", what, REGISTER_STEWARDS_MAX);
		goto out;
	}
	/* One more than needed: an empty register has memory too. */
	if ((read.stewards = calloc(list->count + 1, sizeof(*read.stewards))) == NULL) {
		err_sys(e, "%s", what);
		goto out;
	}
	for (size_t i = 0; i < list->count; i++)
		if (steward_read(list->items[i], &read.stewards[i], e) == -1)
			goto out;
	read.count = (uint64_t)count;
	read.steward_count = list->count;
	register_free(r);
	*r = read;
	read.stewards = NULL;
	rc = 0;
out:
	free(read.stewards);
	json_free(j);
	return rc;
}

void
register_free(struct steward_register *r)
{
	free(r->stewards);
	*r = (struct steward_register){.count = 0};
}

/*
 * A person or a key stands for one steward of a holder; a key for one person in the whole house. *there: exactly
 * this steward was admitted before, and the supervisor, which a crash kept from noting it, asks again.
 */
static int
check_new(
    const struct steward_register *r, const struct steward *s, size_t *fellows, bool *there, struct err *e)
{
	*fellows = 0;
	*there = false;
	for (size_t i = 0; i < r->steward_count; i++) {
		const struct steward *t = &r->stewards[i];
		bool fellow = strcmp(t->holder, s->holder) == 0;
		bool same_person = strcasecmp(t->person, s->person) == 0;

		if (fellow && strcmp(t->person, s->person) == 0 &&
		    memcmp(t->key, s->key, SIGN_PUBLIC_LEN) == 0) {
			*there = true;
			continue;
		}
		if (fellow && same_person)
			return err_set(
			    e, ERR_REFUSED, "steward: this person is a steward of %s already", s->holder);
		if (memcmp(t->key, s->key, SIGN_PUBLIC_LEN) == 0 && (fellow || !same_person))
			return err_set(e, ERR_REFUSED, "steward: the key is another steward's");
		*fellows += fellow;
	}
	return 0;
}

/*
 * Who signed one envelope, which must be over exactly the statement: the newcomer (*own), and fellows, marked
 * in `by` by their place in the register.
 */
static int
check_envelope(const struct steward_register *r, const struct steward *s, const struct buf *statement,
    const struct dsse *d, bool *own, bool *by, struct err *e)
{
	char name[SIGN_KEYID_LEN + 1];
	bool anybody = false, meant = false;

	if (strcmp(d->type, DSSE_STEWARD) != 0)
		return err_set(e, ERR_FORGED, "steward: an envelope of another kind");
	if (d->payload.len != statement->len || memcmp(d->payload.data, statement->data, statement->len) != 0)
		return err_set(e, ERR_FORGED, "steward: an envelope over another statement");
	for (size_t i = 0; i <= r->steward_count; i++) {
		/* The newcomer, then the fellows. */
		const struct steward *t = i == 0 ? s : &r->stewards[i - 1];

		if (strcmp(t->holder, s->holder) != 0)
			continue;
		sign_keyid(t->key, name);
		for (size_t n = 0; n < d->count; n++)
			meant = meant || strcmp(d->signatures[n].keyid, name) == 0;
		if (dsse_check(d, DSSE_STEWARD, t->key, "steward", NULL) == 0) {
			*(i == 0 ? own : &by[i - 1]) = true;
			anybody = true;
		}
	}
	if (!anybody && meant)
		return err_set(e, ERR_FORGED, "steward: a bad signature");
	if (!anybody)
		return err_set(e, ERR_REFUSED,
		    "steward: an envelope that neither the newcomer nor a steward of %s signed", s->holder);
	return 0;
}

int
register_admit(struct steward_register *r, const struct buf *statement, struct dsse *const *envelopes,
    size_t envelope_count, struct err *e)
{
	struct steward s, *more;
	size_t fellows, signers = 0;
	bool own = false, *by = NULL, there;
	int rc = -1;

	if (steward_decode(statement->data, statement->len, &s, e) == -1 ||
	    check_new(r, &s, &fellows, &there, e) == -1)
		return -1;
	if (r->steward_count >= REGISTER_STEWARDS_MAX)
		return err_set(e, ERR_LIMIT, "%s: over %d stewards", what, REGISTER_STEWARDS_MAX);
	if ((by = calloc(r->steward_count + 1, sizeof(*by))) == NULL)
		return err_sys(e, "%s", what);
	for (size_t i = 0; i < envelope_count; i++)
		if (check_envelope(r, &s, statement, envelopes[i], &own, by, e) == -1)
			goto out;
	if (!own) {
		err_set(e, ERR_REFUSED, "steward: the newcomer's own signature is missing");
		goto out;
	}
	if (there) {
		rc = 0;
		goto out;
	}
	/* No two in the register are one person or one key, so each mark is another person's. */
	for (size_t i = 0; i < r->steward_count; i++)
		signers += by[i];
	if (fellows >= 2 && signers < 2) {
		err_set(e, ERR_REFUSED,
		    "steward: signed by %zu of the two stewards of %s that it takes: they sign the "
		    "newcomer's envelope "
		    "(stager-sign --key KEY ENVELOPE), and all three are handed in at once",
		    signers, s.holder);
		goto out;
	}
	if ((more = realloc(r->stewards, (r->steward_count + 1) * sizeof(*more))) == NULL) {
		err_sys(e, "%s", what);
		goto out;
	}
	r->stewards = more;
	r->stewards[r->steward_count++] = s;
	r->count++;
	rc = 0;
out:
	free(by);
	return rc;
}
