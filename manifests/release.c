/* What a node asks of the house: the transcript T, the line that carries it, and the log's entry of it. */
#include "stager/release.h"

#include <stdlib.h>
#include <string.h>

#include "stager/dsse.h"
#include "stager/json.h"

#include "fields.h"

#define FACT_KEY_MAX 64
#define FACT_MAX 256
#define ENVELOPE_MAX 4096 /* an envelope over those, as JSON */

static const char what[] = "ask";

static void
put_u32(uint8_t out[static 4], uint32_t v)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void
put_u64(uint8_t out[static 8], uint64_t v)
{
	put_u32(out, (uint32_t)(v >> 32));
	put_u32(out + 4, (uint32_t)v);
}

void
ask_transcript(const struct ask *a, uint8_t t[static DIGEST_LEN])
{
	uint8_t slot[4], restart[4], expiry[8];
	const struct digest_part parts[] = {
	    {RELEASE_SUITE, strlen(RELEASE_SUITE)},
	    {a->house_key, SIGN_PUBLIC_LEN},
	    {a->request, DIGEST_LEN},
	    {a->manifest, DIGEST_LEN},
	    {slot, sizeof(slot)},
	    {restart, sizeof(restart)},
	    {a->nonce, RELEASE_NONCE_LEN},
	    {expiry, sizeof(expiry)},
	    {a->node, X25519_LEN},
	    {a->facts, DIGEST_LEN},
	    {a->evidence_type, strlen(a->evidence_type)},
	};

	put_u32(slot, a->slot);
	put_u32(restart, a->restart);
	put_u64(expiry, (uint64_t)a->expiry);
	digest_prefixed(parts, sizeof(parts) / sizeof(parts[0]), t);
}

void
ask_payload(const struct ask *a, uint8_t out[static ASK_PAYLOAD_LEN])
{
	ask_transcript(a, out);
	memcpy(out + DIGEST_LEN, a->evidence, DIGEST_LEN);
}

/* An object of at most RELEASE_FACTS_MAX strings, short and printable. */
static int
check_facts(const struct json *facts, struct err *e)
{
	if (facts == NULL || facts->type != JSON_OBJECT)
		return err_set(e, ERR_INPUT, "%s: facts are no object", what);
	if (facts->count > RELEASE_FACTS_MAX)
		return err_set(e, ERR_INPUT, "%s: over %d facts", what, RELEASE_FACTS_MAX);
	for (size_t i = 0; i < facts->count; i++) {
		const struct json *fact = facts->items[i];

		if (!field_text_ok(facts->keys[i], FACT_KEY_MAX) || fact->type != JSON_STRING ||
		    (fact->string[0] != '\0' && !field_text_ok(fact->string, FACT_MAX)))
			return err_set(e, ERR_INPUT, "%s: fact %zu has a bad form", what, i + 1);
	}
	return 0;
}

int
ask_facts(const struct json *facts, uint8_t out[static DIGEST_LEN], struct err *e)
{
	struct json *copy = NULL;
	struct buf text;
	int rc = -1;

	buf_init(&text, RELEASE_ASK_MAX);
	if (check_facts(facts, e) == -1)
		goto out;
	copy = json_copy(facts);
	if (json_encode(copy, &text, e) == -1)
		goto out;
	digest_bytes(text.data, text.len, out);
	rc = 0;
out:
	json_free(copy);
	buf_free(&text);
	return rc;
}

/* "shards": [first, end), of rows that a table can have. */
static int
parse_range(const struct json *j, struct ask *a, struct err *e)
{
	const struct json *range = json_need(j, "shards", JSON_ARRAY, what, e);

	if (range == NULL)
		return -1;
	if (range->count != 2 || range->items[0]->type != JSON_INT || range->items[1]->type != JSON_INT ||
	    range->items[0]->integer < 0 || range->items[0]->integer >= range->items[1]->integer ||
	    range->items[1]->integer > MANIFEST_SHARDS_MAX + 1)
		return err_set(e, ERR_INPUT, "%s: shards is no range of rows", what);
	a->first = (uint64_t)range->items[0]->integer;
	a->end = (uint64_t)range->items[1]->integer;
	return 0;
}

/* The form of the line alone. The envelope's JSON goes to envelope; facts and evidence become their digests.
 */
static int
parse_ask(const struct json *j, struct ask *a, struct buf *envelope, struct err *e)
{
	static const char *const keys[] = {"type", "slot", "restart", "nonce", "expiry", "mac", "node",
	    "facts", "evidence-type", "evidence", "shards", "envelope", NULL};
	struct buf evidence;
	const char *type;
	int rc = -1;

	buf_init(&evidence, RELEASE_EVIDENCE_MAX);
	if (json_expect_keys(j, keys, what, e) == -1 || field_type(j, "type", "ask", what, e) == -1 ||
	    field_u32(j, "slot", 0, RELEASE_SLOTS_MAX - 1, what, &a->slot, e) == -1 ||
	    field_u32(j, "restart", 0, RELEASE_SLOTS_MAX - 1, what, &a->restart, e) == -1 ||
	    json_need_hex(j, "nonce", a->nonce, RELEASE_NONCE_LEN, what, e) == -1 ||
	    json_need_int(j, "expiry", 0, JSON_INT_MAX, what, &a->expiry, e) == -1 ||
	    json_need_hex(j, "mac", a->mac, DIGEST_LEN, what, e) == -1 ||
	    json_need_hex(j, "node", a->node, X25519_LEN, what, e) == -1 ||
	    ask_facts(json_get(j, "facts"), a->facts, e) == -1 ||
	    (type = json_need_string(j, "evidence-type", what, e)) == NULL ||
	    json_need_base64(j, "evidence", &evidence, what, e) == -1 || parse_range(j, a, e) == -1 ||
	    json_need_base64(j, "envelope", envelope, what, e) == -1)
		goto out;
	if (!field_word_ok(type, sizeof(a->evidence_type) - 1)) {
		err_set(e, ERR_INPUT, "%s: bad evidence type", what);
		goto out;
	}
	if ((strcmp(type, "none") == 0) != (evidence.len == 0)) {
		err_set(e, ERR_INPUT, "%s: evidence does not go with its type", what);
		goto out;
	}
	memcpy(a->evidence_type, type, strlen(type) + 1);
	digest_bytes(evidence.data, evidence.len, a->evidence);
	rc = 0;
out:
	buf_free(&evidence);
	return rc;
}

/* The job key's signature over T as the reader has computed it. */
static int
check_envelope(const struct ask *a, const struct buf *envelope, const uint8_t job_key[static SIGN_PUBLIC_LEN],
    struct err *e)
{
	uint8_t payload[ASK_PAYLOAD_LEN];
	struct dsse *d = NULL;
	int rc = -1;

	if ((d = dsse_decode(envelope->data, envelope->len, "ask: envelope", e)) == NULL ||
	    dsse_check(d, DSSE_ASK, job_key, "ask: envelope", e) == -1)
		goto out;
	ask_payload(a, payload);
	if (d->payload.len != sizeof(payload) || memcmp(d->payload.data, payload, sizeof(payload)) != 0) {
		err_set(e, ERR_FORGED, "%s: the job key signed another one", what);
		goto out;
	}
	rc = 0;
out:
	dsse_free(d);
	return rc;
}

int
ask_encode(const struct ask *a, const struct json *facts, const void *evidence, size_t evidence_len,
    const uint8_t job_key[static SIGN_PUBLIC_LEN], const uint8_t signature[static SIGNATURE_LEN],
    struct buf *out, struct err *e)
{
	uint8_t payload[ASK_PAYLOAD_LEN];
	struct json *j = NULL, *range;
	struct buf envelope, parsed;
	struct ask again;
	int rc = -1;

	buf_init(&envelope, ENVELOPE_MAX);
	buf_init(&parsed, ENVELOPE_MAX);
	memset(&again, 0, sizeof(again));
	if (evidence_len > RELEASE_EVIDENCE_MAX) {
		err_set(e, ERR_LIMIT, "%s: evidence over %d bytes", what, RELEASE_EVIDENCE_MAX);
		goto out;
	}
	if (check_facts(facts, e) == -1)
		goto out;
	ask_payload(a, payload);
	if (dsse_encode(DSSE_ASK, payload, sizeof(payload), job_key, signature, &envelope, e) == -1)
		goto out;
	j = json_object();
	json_set_string(j, "type", "ask");
	json_set_int(j, "slot", a->slot);
	json_set_int(j, "restart", a->restart);
	json_set_hex(j, "nonce", a->nonce, RELEASE_NONCE_LEN);
	json_set_int(j, "expiry", a->expiry);
	json_set_hex(j, "mac", a->mac, DIGEST_LEN);
	json_set_hex(j, "node", a->node, X25519_LEN);
	json_set(j, "facts", json_copy(facts));
	json_set_string(j, "evidence-type", a->evidence_type);
	json_set(j, "shards", range = json_array());
	if (a->end > MANIFEST_SHARDS_MAX + 1 || a->first >= a->end) {
		err_set(e, ERR_INPUT, "%s: shards is no range of rows", what);
		goto out;
	}
	json_push(range, json_int((int64_t)a->first));
	json_push(range, json_int((int64_t)a->end));
	json_set(j, "evidence", json_base64(evidence, evidence_len));
	json_set(j, "envelope", json_base64(envelope.data, envelope.len));
	/* Nothing is sent that the house would refuse: the digests are of these facts and this evidence, and
	 * the signature is good. */
	if (parse_ask(j, &again, &parsed, e) == -1)
		goto out;
	if (memcmp(again.facts, a->facts, DIGEST_LEN) != 0 ||
	    memcmp(again.evidence, a->evidence, DIGEST_LEN) != 0) {
		err_set(e, ERR_INPUT, "%s: digests of other facts or evidence", what);
		goto out;
	}
	if (check_envelope(a, &parsed, job_key, e) == -1)
		goto out;
	rc = field_encode(j, RELEASE_ASK_MAX, what, out, e);
out:
	buf_free(&parsed);
	buf_free(&envelope);
	json_free(j);
	return rc;
}

int
ask_decode(const void *line, size_t len, const uint8_t house_key[static SIGN_PUBLIC_LEN],
    const struct request *r, struct ask *out, struct json **facts, struct err *e)
{
	struct buf envelope;
	struct json *j = NULL;
	struct ask a;
	int rc = -1;

	memset(&a, 0, sizeof(a));
	buf_init(&envelope, ENVELOPE_MAX);
	if (len > RELEASE_ASK_MAX) {
		err_set(e, ERR_LIMIT, "%s: over %u bytes", what, RELEASE_ASK_MAX);
		goto out;
	}
	if ((j = json_parse_canonical(line, len, what, e)) == NULL || parse_ask(j, &a, &envelope, e) == -1)
		goto out;
	memcpy(a.house_key, house_key, SIGN_PUBLIC_LEN);
	memcpy(a.request, r->digest, DIGEST_LEN);
	memcpy(a.manifest, r->manifest, DIGEST_LEN);
	if (check_envelope(&a, &envelope, r->job_key, e) == -1)
		goto out;
	if (facts != NULL)
		*facts = json_copy(json_get(j, "facts"));
	*out = a;
	rc = 0;
out:
	json_free(j);
	buf_free(&envelope);
	return rc;
}

int
ask_check_slot(const struct ask *a, const struct request *r, struct err *e)
{
	if (a->slot < r->slots)
		return 0;
	return err_set(e, ERR_REFUSED, "alarm: %s: the request has no slot %u", what, a->slot);
}

int
release_entry(const struct ask *a, struct buf *out, struct err *e)
{
	struct json *j = json_object();
	uint8_t t[DIGEST_LEN];
	int rc = -1;

	ask_transcript(a, t);
	json_set_string(j, "suite", RELEASE_SUITE);
	json_set_hex(j, "house-key", a->house_key, SIGN_PUBLIC_LEN);
	json_set_hex(j, "request", a->request, DIGEST_LEN);
	json_set_hex(j, "manifest", a->manifest, DIGEST_LEN);
	json_set_int(j, "slot", a->slot);
	json_set_int(j, "restart", a->restart);
	json_set_hex(j, "nonce", a->nonce, RELEASE_NONCE_LEN);
	json_set_int(j, "expiry", a->expiry);
	json_set_hex(j, "node", a->node, X25519_LEN);
	json_set_hex(j, "facts", a->facts, DIGEST_LEN);
	json_set_string(j, "evidence-type", a->evidence_type);
	json_set_hex(j, "evidence", a->evidence, DIGEST_LEN);
	json_set_hex(j, "t", t, DIGEST_LEN);
	if (field_set_u64(j, "first", a->first, e) == -1 || field_set_u64(j, "end", a->end, e) == -1)
		goto out;
	rc = field_encode(j, RELEASE_ASK_MAX, "release entry", out, e);
out:
	json_free(j);
	return rc;
}
