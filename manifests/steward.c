/* Stewards: the statement that names one, and the rule of two that approves a request. */
#include <string.h>
#include <strings.h>

#include "stager/dsse.h"
#include "stager/json.h"
#include "stager/release.h"

#include "fields.h"

#define APPROVALS_MAX (RELEASE_ENVELOPES_MAX * DSSE_SIGNATURES_MAX)

int
steward_decode(const void *data, size_t len, struct steward *s, struct err *e)
{
	static const char *const keys[] = {"type", "holder", "person", "key", NULL};
	static const char what[] = "steward statement";
	struct json *j = NULL;
	struct steward q;
	int rc = -1;

	memset(&q, 0, sizeof(q));
	if ((j = field_decode(data, len, STEWARD_MAX, STEWARD_TYPE, keys, what, e)) == NULL ||
	    field_name(j, "holder", q.holder, what, e) == -1 ||
	    field_person(j, "person", q.person, what, e) == -1 ||
	    json_need_hex(j, "key", q.key, SIGN_PUBLIC_LEN, what, e) == -1)
		goto out;
	*s = q;
	rc = 0;
out:
	json_free(j);
	return rc;
}

int
steward_encode(const struct steward *s, struct buf *out, struct err *e)
{
	struct json *j = json_object();
	size_t before = out->len;
	struct steward again;
	int rc;

	json_set_string(j, "type", STEWARD_TYPE);
	json_set_string(j, "holder", s->holder);
	json_set_string(j, "person", s->person);
	json_set_hex(j, "key", s->key, SIGN_PUBLIC_LEN);
	rc = field_encode(j, STEWARD_MAX, "steward statement", out, e);
	if (rc == 0 && (rc = steward_decode(out->data + before, out->len - before, &again, e)) == -1)
		out->len = before;
	json_free(j);
	return rc;
}

/* The approvals found so far: indexes into the stewards. */
struct approvals {
	size_t count;
	size_t steward[APPROVALS_MAX];
};

/*
 * Whose is this signature? A steward of the holder whose key made it: his index. A key's name only narrows
 * the search. -1 where no steward is meant, -2 where one is meant and his signature is bad.
 */
static long
find_signer(const struct request *r, const struct steward *stewards, size_t count, const char *keyid,
    const uint8_t *signature, const struct buf *pae)
{
	char own[SIGN_KEYID_LEN + 1];
	bool meant = false;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(stewards[i].holder, r->holder) != 0)
			continue;
		if (keyid[0] != '\0') {
			sign_keyid(stewards[i].key, own);
			if (strcmp(own, keyid) != 0)
				continue;
			meant = true;
		}
		if (sign_check(stewards[i].key, pae->data, pae->len, signature, "approval", NULL) == 0)
			return (long)i;
	}
	return meant ? -2 : -1;
}

/* The rules that hold for each approval by itself. */
static int
check_person(const struct request *r, const struct steward *s, struct err *e)
{
	if (strcasecmp(s->person, r->requester) == 0)
		return err_set(e, ERR_REFUSED, "request %s: a requester may not approve", r->id);
	if (memcmp(s->key, r->job_key, SIGN_PUBLIC_LEN) == 0)
		return err_set(e, ERR_REFUSED, "request %s: the job's own key may not approve", r->id);
	return 0;
}

int
request_check_left(
    const struct request *r, const struct steward *stewards, size_t steward_count, struct err *e)
{
	const struct steward *out = NULL;

	for (size_t i = 0; i < steward_count; i++) {
		const struct steward *a = &stewards[i];

		if (strcmp(a->holder, r->holder) != 0)
			continue;
		if (check_person(r, a, NULL) == -1) {
			out = a;
			continue;
		}
		for (size_t k = i + 1; k < steward_count; k++) {
			const struct steward *b = &stewards[k];

			if (strcmp(b->holder, r->holder) == 0 && check_person(r, b, NULL) == 0 &&
			    strcasecmp(a->person, b->person) != 0 &&
			    memcmp(a->key, b->key, SIGN_PUBLIC_LEN) != 0)
				return 0;
		}
	}
	if (out == NULL)
		return 0;
	return err_set(e, ERR_REFUSED,
	    "request: %s: a steward of %s, who may not approve %s; without them there are not two who could",
	    out->person, r->holder,
	    strcasecmp(out->person, r->requester) == 0 ? "what they ask for" : "by the job's own key");
}

/* All stewards who signed one envelope, at least one, added to found. */
static int
collect(const struct request *r, const void *bytes, size_t len, const struct steward *stewards,
    size_t steward_count, const struct dsse *envelope, struct approvals *found, struct err *e)
{
	size_t before = found->count;
	struct buf pae;
	int rc = -1;

	buf_init(&pae, DSSE_PAE_MAX);
	if (strcmp(envelope->type, DSSE_REQUEST) != 0) {
		err_set(e, ERR_FORGED, "request %s: approval: signed as another kind of thing", r->id);
		goto out;
	}
	if (envelope->payload.len != len || memcmp(envelope->payload.data, bytes, len) != 0) {
		err_set(e, ERR_FORGED, "request %s: approval: of another request", r->id);
		goto out;
	}
	if (dsse_pae(envelope->type, envelope->payload.data, envelope->payload.len, &pae, e) == -1)
		goto out;
	for (size_t i = 0; i < envelope->count; i++) {
		long who = find_signer(r, stewards, steward_count, envelope->signatures[i].keyid,
		    envelope->signatures[i].signature, &pae);

		if (who == -2) {
			err_set(e, ERR_FORGED, "request %s: approval: bad signature by key %s", r->id,
			    envelope->signatures[i].keyid);
			goto out;
		}
		if (who == -1)
			continue;
		if (check_person(r, &stewards[who], e) == -1)
			goto out;
		if (found->count == APPROVALS_MAX) {
			err_set(e, ERR_LIMIT, "request %s: too many approvals", r->id);
			goto out;
		}
		found->steward[found->count++] = (size_t)who;
	}
	if (found->count == before) {
		err_set(e, ERR_REFUSED, "request %s: approval: signed by nobody who is a steward of %s",
		    r->id, r->holder);
		goto out;
	}
	rc = 0;
out:
	buf_free(&pae);
	return rc;
}

/* bytes must be what r was read from, else approvals of them say nothing about r. */
static int
check_bytes(const struct request *r, const void *bytes, size_t len, struct err *e)
{
	uint8_t digest[DIGEST_LEN];

	digest_bytes(bytes, len, digest);
	if (!digest_equal(digest, r->digest))
		return err_set(e, ERR_FORGED, "request %s: other bytes than its digest's", r->id);
	return 0;
}

long
request_check_approval(const struct request *r, const void *bytes, size_t len, const struct steward *stewards,
    size_t steward_count, const struct dsse *envelope, struct err *e)
{
	struct approvals found = {.count = 0};

	if (check_bytes(r, bytes, len, e) == -1 ||
	    collect(r, bytes, len, stewards, steward_count, envelope, &found, e) == -1)
		return -1;
	return (long)found.steward[0];
}

int
request_check_approvals(const struct request *r, const void *bytes, size_t len,
    const struct steward *stewards, size_t steward_count, struct dsse *const *envelopes,
    size_t envelope_count, struct err *e)
{
	struct approvals found = {.count = 0};
	bool same_person = false, same_key = false;

	if (envelope_count > RELEASE_ENVELOPES_MAX)
		return err_set(e, ERR_LIMIT, "request %s: over %d approvals", r->id, RELEASE_ENVELOPES_MAX);
	if (check_bytes(r, bytes, len, e) == -1)
		return -1;
	for (size_t i = 0; i < envelope_count; i++)
		if (collect(r, bytes, len, stewards, steward_count, envelopes[i], &found, e) == -1)
			return -1;
	for (size_t i = 0; i < found.count; i++) {
		const struct steward *a = &stewards[found.steward[i]];

		for (size_t k = i + 1; k < found.count; k++) {
			const struct steward *b = &stewards[found.steward[k]];

			if (strcasecmp(a->person, b->person) == 0)
				same_person = true;
			else if (memcmp(a->key, b->key, SIGN_PUBLIC_LEN) == 0)
				same_key = true;
			else
				return 0;
		}
	}
	if (same_person)
		return err_set(e, ERR_REFUSED, "request %s: approved twice by one person", r->id);
	if (same_key)
		return err_set(e, ERR_REFUSED, "request %s: approved twice with one key", r->id);
	return err_set(e, ERR_REFUSED, "request %s: approved by %zu of two stewards", r->id, found.count);
}
