/* Requests, approvals, asks and answers: against an independent program's, and every rule that refuses one.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "mutate.h"
#include "stager/digest.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/release.h"
#include "stager/secret.h"

static struct err e;

static int
same(const struct buf *again, const void *data, size_t len)
{
	return again->len == len && memcmp(again->data, data, len) == 0 ? 0 : 1;
}

/* A value of vectors/release/values.txt. */
static void
value(const char *name, uint8_t out[static 32])
{
	struct buf text = mutate_vector("release/values.txt");
	const char *all = buf_cstr(&text, &e), *at;
	char key[64], hex[65];

	(void)snprintf(key, sizeof(key), "\n%s ", name);
	at = strncmp(all, key + 1, strlen(key + 1)) == 0 ? all : strstr(all, key);
	if (at == NULL)
		abort();
	memcpy(hex, strchr(at + 1, ' ') + 1, 64);
	hex[64] = '\0';
	if (hex_decode(hex, out, 32, name, &e) == -1)
		abort();
	buf_free(&text);
}

static struct secret *
seed_of(const char *name)
{
	struct secret *s = secret_new(SIGN_SEED_LEN, &e);

	if (s == NULL)
		abort();
	value(name, s->bytes);
	return s;
}

/* ---- documents ---- */

static int
take_request(const void *data, size_t len, struct err *err)
{
	struct request r, copy;
	struct buf again;
	int rc;

	if (request_decode(data, len, &r, err) == -1)
		return -1;
	buf_init(&again, 1 << 16);
	copy = r;
	memset(copy.digest, 0, sizeof(copy.digest));
	memset(copy.id, 0, sizeof(copy.id));
	rc = request_encode(&copy, &again, err) == -1 ? 1 : same(&again, data, len);
	if (memcmp(copy.digest, r.digest, DIGEST_LEN) != 0 || strcmp(copy.id, r.id) != 0)
		rc = 1;
	buf_free(&again);
	return rc;
}

static int
take_steward(const void *data, size_t len, struct err *err)
{
	struct steward s;
	struct buf again;
	int rc;

	if (steward_decode(data, len, &s, err) == -1)
		return -1;
	buf_init(&again, 1 << 16);
	rc = steward_encode(&s, &again, err) == -1 ? 1 : same(&again, data, len);
	buf_free(&again);
	return rc;
}

static int
take_answer(const void *data, size_t len, struct err *err)
{
	struct answer a;
	struct buf again;
	int rc;

	if (answer_decode(data, len, &a, err) == -1)
		return -1;
	buf_init(&again, 1 << 16);
	rc = answer_encode(&a, &again, err) == -1 ? 1 : same(&again, data, len);
	buf_free(&again);
	return rc;
}

static struct json *
text_of(size_t len, char c)
{
	char text[8192];

	memset(text, c, sizeof(text));
	return json_string_len(text, len);
}

static void
test_request(void)
{
	struct buf text = mutate_vector("release/request.json"), id = mutate_vector("release/request-id.txt"),
		   out;
	uint8_t want[32];
	struct request r;

	CHECK_OK(request_decode(text.data, text.len, &r, &e));
	CHECK(strcmp(r.holder, "umc-voorbeeld") == 0 && strcmp(r.set, "abroad") == 0);
	CHECK(r.slots == 4 && r.redemptions == 16 && r.not_after - r.not_before == 14 * 86400);
	CHECK(strcmp(r.requester, "onderzoeker@uni.example") == 0 && r.salt[15] == 15);
	value("request", want);
	CHECK(digest_equal(r.digest, want));
	value("statement", want);
	CHECK(digest_equal(r.manifest, want));
	value("job-key", want);
	CHECK(memcmp(r.job_key, want, 32) == 0);
	CHECK(id.len == MANIFEST_ID_LEN + 1 && memcmp(r.id, id.data, MANIFEST_ID_LEN) == 0);

	mutate_all(take_request, &text, NULL, NULL);
	mutate_twice(take_request, &text);
#define TAKEN(path, v) mutate_value(take_request, &text, path, v, true)
#define REFUSED(path, v) mutate_value(take_request, &text, path, v, false)
	TAKEN("slots", json_int(16));
	REFUSED("slots", json_int(17)); /* more than redemptions */
	REFUSED("slots", json_int(0));
	TAKEN("redemptions", json_int(4));
	REFUSED("redemptions", json_int(3));
	TAKEN("redemptions", json_int(RELEASE_SLOTS_MAX));
	REFUSED("redemptions", json_int(RELEASE_SLOTS_MAX + 1));
	TAKEN("not-after", json_int(1804000001));
	REFUSED("not-after", json_int(1804000000));
	REFUSED("not-before", json_int(-1));
	TAKEN("requester", text_of(RELEASE_PERSON_MAX, 'a'));
	REFUSED("requester", text_of(RELEASE_PERSON_MAX + 1, 'a'));
	REFUSED("requester", json_string("a b"));
	REFUSED("requester", json_string("ren\xc3\xa9"));
	REFUSED("salt", text_of(30, 'a'));
	REFUSED("salt", text_of(34, 'a'));
	REFUSED("type", json_string("stager.request.2"));
	REFUSED("site", json_string("../lumi"));
#undef TAKEN
#undef REFUSED
	/* The writer refuses what the reader would, and puts out nothing. */
	buf_init(&out, 1 << 16);
	r.slots = 17;
	CHECK_ERR(request_encode(&r, &out, &e), ERR_INPUT);
	r.slots = 4;
	r.holder[0] = '/';
	CHECK_ERR(request_encode(&r, &out, &e), ERR_INPUT);
	CHECK(out.len == 0);
	/* White space before, not canonical though it is JSON. */
	CHECK_OK(buf_put_str(&out, " ", &e));
	CHECK_OK(buf_put(&out, text.data, text.len, &e));
	CHECK_ERR(request_decode(out.data, out.len, &r, &e), ERR_INPUT);
	buf_clear(&out);
	while (out.len <= REQUEST_MAX)
		CHECK_OK(buf_put(&out, "[[[[[[[[", 8, &e));
	CHECK_ERR(request_decode(out.data, out.len, &r, &e), ERR_LIMIT);
	buf_free(&out);
	buf_free(&id);
	buf_free(&text);
}

static void
test_small(void)
{
	struct buf text = mutate_vector("release/steward.json"), again;
	struct house_card card;
	struct steward s;
	struct answer a;
	uint8_t want[32];

	mutate_all(take_steward, &text, NULL, NULL);
	mutate_twice(take_steward, &text);
	CHECK_OK(steward_decode(text.data, text.len, &s, &e));
	value("anna-key", want);
	CHECK(strcmp(s.person, "anna@umc.example") == 0 && memcmp(s.key, want, 32) == 0);
	buf_free(&text);

	text = mutate_vector("release/answer.json");
	mutate_all(take_answer, &text, NULL, NULL);
	mutate_twice(take_answer, &text);
	CHECK_OK(answer_decode(text.data, text.len, &a, &e));
	value("t", want);
	CHECK(memcmp(a.t, want, 32) == 0 && a.index == 11 && a.first == 0 && a.end == 3);
	CHECK(strncmp(a.checkpoint, "stager/proefhuis\n12\n", 20) == 0);
	mutate_value(take_answer, &text, "end", json_int(0), false);
	mutate_value(take_answer, &text, "first", json_int(3), false);
	mutate_value(take_answer, &text, "end", json_int(MANIFEST_SHARDS_MAX + 1), true);
	mutate_value(take_answer, &text, "end", json_int(MANIFEST_SHARDS_MAX + 2), false);
	mutate_value(take_answer, &text, "checkpoint", text_of(NOTE_MAX, '\n'), true);
	mutate_value(take_answer, &text, "checkpoint", text_of(NOTE_MAX + 1, '\n'), false);
	buf_init(&again, 1 << 16);
	a.end = a.first;
	CHECK_ERR(answer_encode(&a, &again, &e), ERR_INPUT);
	CHECK(again.len == 0);
	buf_free(&text);

	text = mutate_vector("release/card.json");
	CHECK_OK(house_card_decode(text.data, text.len, &card, &e));
	value("house-key", want);
	CHECK(strcmp(card.house, "proefhuis") == 0 && memcmp(card.key, want, 32) == 0);
	CHECK_OK(house_card_encode(&card, &again, &e));
	CHECK(same(&again, text.data, text.len) == 0);
	for (size_t n = 0; n < text.len; n++)
		CHECK_ERR(house_card_decode(text.data, n, &card, &e), ERR_INPUT);
	CHECK_OK(buf_put_str(&text, "\n", &e));
	CHECK_OK(house_card_decode(text.data, text.len, &card, &e));
	CHECK_OK(buf_put_str(&text, "x", &e));
	CHECK_ERR(house_card_decode(text.data, text.len, &card, &e), ERR_INPUT);
	buf_clear(&text);
	CHECK_OK(buf_put_str(&text, "{\"house\":\"a\"}", &e));
	CHECK_ERR(house_card_decode(text.data, text.len, &card, &e), ERR_INPUT);
	card.house[0] = '.';
	buf_clear(&again);
	CHECK_ERR(house_card_encode(&card, &again, &e), ERR_INPUT);
	CHECK(again.len == 0);
	buf_free(&again);
	buf_free(&text);
}

/* ---- approvals ---- */

enum { ANNA, BRAM, CORA, ANNA_SECOND, OTHER_HOLDER, REQUESTER, JOB, SAME_KEY, STEWARDS };

static struct steward stewards[STEWARDS];
static struct secret *seeds[STEWARDS];

static void
people(void)
{
	static const struct {
		const char *holder, *person;
	} names[STEWARDS] = {
	    [ANNA] = {"umc-voorbeeld", "anna@umc.example"},
	    [BRAM] = {"umc-voorbeeld", "bram@umc.example"},
	    [CORA] = {"umc-voorbeeld", "cora@umc.example"},
	    [ANNA_SECOND] = {"umc-voorbeeld", "Anna@UMC.example"},
	    [OTHER_HOLDER] = {"ander-huis", "dirk@ander.example"},
	    [REQUESTER] = {"umc-voorbeeld", "Onderzoeker@Uni.Example"},
	    [JOB] = {"umc-voorbeeld", "eva@umc.example"},
	    [SAME_KEY] = {"umc-voorbeeld", "fred@umc.example"},
	};

	for (size_t i = 0; i < STEWARDS; i++) {
		(void)snprintf(stewards[i].holder, sizeof(stewards[i].holder), "%s", names[i].holder);
		(void)snprintf(stewards[i].person, sizeof(stewards[i].person), "%s", names[i].person);
		seeds[i] = i == ANNA   ? seed_of("anna-seed")
			   : i == BRAM ? seed_of("bram-seed")
			   : i == JOB  ? seed_of("job-seed")
				       : secret_random(SIGN_SEED_LEN, &e);
		if (seeds[i] == NULL || sign_public(seeds[i], stewards[i].key, &e) == -1)
			abort();
	}
}

static struct dsse *
approve(size_t who, const char *type, const struct buf *text)
{
	struct buf envelope;
	struct dsse *d;

	buf_init(&envelope, 1 << 16);
	if (dsse_sign(seeds[who], type, text->data, text->len, &envelope, &e) == -1)
		abort();
	if ((d = dsse_decode(envelope.data, envelope.len, "approval", &e)) == NULL)
		abort();
	buf_free(&envelope);
	return d;
}

static void
test_approvals(void)
{
	struct buf text = mutate_vector("release/request.json"), changed, theirs;
	struct dsse *by[STEWARDS], *list[RELEASE_ENVELOPES_MAX + 1], *both, *other, *kind;
	struct request r, r2;
	size_t n = ANNA_SECOND + 1;

	people();
	CHECK_OK(request_decode(text.data, text.len, &r, &e));
	for (size_t i = 0; i < STEWARDS; i++)
		by[i] = approve(i, DSSE_REQUEST, &text);
#define APPROVALS(count, of, ...) \
	request_check_approvals(  \
	    &r, text.data, text.len, stewards, of, (struct dsse *[]){__VA_ARGS__}, count, &e)
#define SAYS(words) CHECK(strstr(e.text, words) != NULL)
	CHECK_OK(APPROVALS(2, n, by[ANNA], by[BRAM]));
	CHECK_OK(APPROVALS(2, n, by[CORA], by[ANNA_SECOND]));
	CHECK_OK(APPROVALS(3, n, by[ANNA], by[ANNA], by[BRAM]));
	CHECK_ERR(APPROVALS(0, n, NULL), ERR_REFUSED);
	SAYS("by 0 of two stewards");
	CHECK_ERR(APPROVALS(1, n, by[ANNA]), ERR_REFUSED);
	SAYS("by 1 of two stewards");
	CHECK_ERR(APPROVALS(2, n, by[ANNA], by[ANNA]), ERR_REFUSED);
	SAYS("approved twice by one person");
	/* One person with two keys, his name in other letters. */
	CHECK_ERR(APPROVALS(2, n, by[ANNA], by[ANNA_SECOND]), ERR_REFUSED);
	SAYS("approved twice by one person");
	/* Nobody's, and a steward's of another holder. */
	CHECK_ERR(APPROVALS(2, 1, by[ANNA], by[BRAM]), ERR_REFUSED);
	SAYS("nobody who is a steward of umc-voorbeeld");
	CHECK_ERR(APPROVALS(2, STEWARDS, by[ANNA], by[OTHER_HOLDER]), ERR_REFUSED);
	SAYS("nobody who is a steward of umc-voorbeeld");
	CHECK_ERR(APPROVALS(2, STEWARDS, by[OTHER_HOLDER], by[ANNA]), ERR_REFUSED);
	CHECK_ERR(APPROVALS(2, 0, by[ANNA], by[BRAM]), ERR_REFUSED);
	/* The requester, though a steward; also as the third. */
	CHECK_ERR(APPROVALS(2, STEWARDS, by[ANNA], by[REQUESTER]), ERR_REFUSED);
	SAYS("a requester may not approve");
	CHECK_ERR(APPROVALS(3, STEWARDS, by[ANNA], by[BRAM], by[REQUESTER]), ERR_REFUSED);
	SAYS("a requester may not approve");
	CHECK_ERR(APPROVALS(2, STEWARDS, by[JOB], by[BRAM]), ERR_REFUSED);
	SAYS("the job's own key");
	/* Two persons who share a key: whoever signs counts once. */
	memcpy(stewards[SAME_KEY].key, stewards[ANNA].key, SIGN_PUBLIC_LEN);
	CHECK_ERR(APPROVALS(2, STEWARDS, by[ANNA], by[ANNA]), ERR_REFUSED);
	/* More envelopes than are looked at. */
	for (size_t i = 0; i <= RELEASE_ENVELOPES_MAX; i++)
		list[i] = by[i % 2 == 0 ? ANNA : BRAM];
	CHECK_OK(
	    request_check_approvals(&r, text.data, text.len, stewards, n, list, RELEASE_ENVELOPES_MAX, &e));
	CHECK_ERR(request_check_approvals(
		      &r, text.data, text.len, stewards, n, list, RELEASE_ENVELOPES_MAX + 1, &e),
	    ERR_LIMIT);

	/* Of another kind of thing, and of another request. */
	kind = approve(BRAM, DSSE_REPORT, &text);
	CHECK_ERR(APPROVALS(2, n, by[ANNA], kind), ERR_FORGED);
	SAYS("another kind");
	changed = mutate_set(&text, "slots", json_int(5));
	other = approve(BRAM, DSSE_REQUEST, &changed);
	CHECK_ERR(APPROVALS(2, n, by[ANNA], other), ERR_FORGED);
	SAYS("another request");
	/* The request changed under its approvals. */
	CHECK_OK(request_decode(changed.data, changed.len, &r2, &e));
	CHECK_ERR(request_check_approvals(&r2, changed.data, changed.len, stewards, n,
		      (struct dsse *[]){by[ANNA], by[BRAM]}, 2, &e),
	    ERR_FORGED);
	/* Bytes that are not those the request was read from. */
	CHECK_ERR(request_check_approvals(
		      &r2, text.data, text.len, stewards, n, (struct dsse *[]){by[ANNA], by[BRAM]}, 2, &e),
	    ERR_FORGED);

	/* Each bit of payload and signature. */
	for (size_t i = 0; i < 8 * by[BRAM]->payload.len; i += MUTATE_STEP) {
		by[BRAM]->payload.data[i / 8] ^= (uint8_t)(1u << i % 8);
		CHECK_ERR(APPROVALS(2, n, by[ANNA], by[BRAM]), ERR_FORGED);
		by[BRAM]->payload.data[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	for (size_t i = 0; i < 8 * SIGNATURE_LEN; i++) {
		by[BRAM]->signatures[0].signature[i / 8] ^= (uint8_t)(1u << i % 8);
		CHECK_ERR(APPROVALS(2, n, by[ANNA], by[BRAM]), ERR_FORGED);
		by[BRAM]->signatures[0].signature[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	CHECK_OK(APPROVALS(2, n, by[ANNA], by[BRAM]));
	/* Under another steward's name it is a bad signature of his; under a stranger's it is nobody's. */
	memcpy(by[BRAM]->signatures[0].keyid, by[CORA]->signatures[0].keyid, SIGN_KEYID_LEN);
	CHECK_ERR(APPROVALS(2, n, by[ANNA], by[BRAM]), ERR_FORGED);
	memset(by[BRAM]->signatures[0].keyid, '0', SIGN_KEYID_LEN);
	CHECK_ERR(APPROVALS(2, n, by[ANNA], by[BRAM]), ERR_REFUSED);
	by[BRAM]->signatures[0].keyid[0] = '\0';
	CHECK_OK(APPROVALS(2, n, by[ANNA], by[BRAM]));

	/* One envelope with two signatures, made by another program. */
	theirs = mutate_vector("release/approval-both.envelope");
	both = dsse_decode(theirs.data, theirs.len, "approval", &e);
	CHECK(both != NULL && both->count == 2);
	if (both == NULL)
		abort();
	CHECK_OK(APPROVALS(1, n, both));
	both->signatures[1].signature[0] ^= 1;
	CHECK_ERR(APPROVALS(1, n, both), ERR_FORGED);
	both->count = 1;
	CHECK_ERR(APPROVALS(1, n, both), ERR_REFUSED);
	dsse_free(both);
	buf_free(&theirs);
	theirs = mutate_vector("release/approval-anna.envelope");
	both = dsse_decode(theirs.data, theirs.len, "approval", &e);
	CHECK(
	    both != NULL && memcmp(both->signatures, by[ANNA]->signatures, sizeof(both->signatures[0])) == 0);

	/* One by one. */
	CHECK(request_check_approval(&r, text.data, text.len, stewards, n, by[ANNA], &e) == ANNA);
	CHECK(request_check_approval(&r, text.data, text.len, stewards, n, by[CORA], &e) == CORA);
	CHECK_ERR(request_check_approval(&r, text.data, text.len, stewards, STEWARDS, by[REQUESTER], &e),
	    ERR_REFUSED);
	CHECK_ERR(
	    request_check_approval(&r, text.data, text.len, stewards, STEWARDS, by[JOB], &e), ERR_REFUSED);
	CHECK_ERR(request_check_approval(&r, text.data, text.len, stewards, STEWARDS, by[OTHER_HOLDER], &e),
	    ERR_REFUSED);
	CHECK_ERR(request_check_approval(&r, text.data, text.len, stewards, n, other, &e), ERR_FORGED);
	CHECK_ERR(request_check_approval(&r, text.data, text.len, stewards, n, kind, &e), ERR_FORGED);
	CHECK_ERR(request_check_approval(&r2, text.data, text.len, stewards, n, by[ANNA], &e), ERR_FORGED);
#undef APPROVALS
#undef SAYS
	dsse_free(both);
	dsse_free(other);
	dsse_free(kind);
	for (size_t i = 0; i < STEWARDS; i++) {
		dsse_free(by[i]);
		secret_free(seeds[i]);
	}
	buf_free(&theirs);
	buf_free(&changed);
	buf_free(&text);
}

/* ---- asks ---- */

static struct request asked;
static uint8_t house_key[32];

static int
take_ask(const void *data, size_t len, struct err *err)
{
	struct json *facts = NULL;
	struct ask a;

	if (ask_decode(data, len, house_key, &asked, &a, &facts, err) == -1)
		return -1;
	json_free(facts);
	return 0;
}

/* The same ask signed by the job's key, encoded here. */
static void
encode_again(const struct ask *a, const struct json *facts, const char *evidence, size_t evidence_len,
    const struct buf *want)
{
	struct secret *job = seed_of("job-seed");
	uint8_t payload[ASK_PAYLOAD_LEN], key[SIGN_PUBLIC_LEN], signature[SIGNATURE_LEN];
	struct json *more = json_copy(facts);
	struct buf pae, out;
	struct ask b = *a;

	buf_init(&pae, 1024);
	buf_init(&out, RELEASE_ASK_MAX + 1024);
	ask_payload(a, payload);
	CHECK_OK(sign_public(job, key, &e));
	CHECK_OK(dsse_pae(DSSE_ASK, payload, sizeof(payload), &pae, &e));
	CHECK_OK(sign_make(job, pae.data, pae.len, signature, &e));
#define ENCODE(a, facts) ask_encode(a, facts, evidence, evidence_len, key, signature, &out, &e)
	CHECK_OK(ENCODE(a, facts));
	CHECK(same(&out, want->data, want->len) == 0);
	buf_clear(&out);
	/* What the house would refuse is not sent. */
	signature[3] ^= 1;
	CHECK_ERR(ENCODE(a, facts), ERR_FORGED);
	signature[3] ^= 1;
	b.slot++;
	CHECK_ERR(ENCODE(&b, facts), ERR_FORGED);
	b = *a;
	b.slot = RELEASE_SLOTS_MAX;
	CHECK_ERR(ENCODE(&b, facts), ERR_INPUT);
	b = *a;
	b.facts[0] ^= 1;
	CHECK_ERR(ENCODE(&b, facts), ERR_INPUT);
	b = *a;
	b.evidence[0] ^= 1;
	CHECK_ERR(ENCODE(&b, facts), ERR_INPUT);
	b = *a;
	b.end = b.first;
	CHECK_ERR(ENCODE(&b, facts), ERR_INPUT);
	b.end = MANIFEST_SHARDS_MAX + 2;
	CHECK_ERR(ENCODE(&b, facts), ERR_INPUT);
	json_set_string(more, "more", "x");
	CHECK_ERR(ENCODE(a, more), ERR_INPUT);
	json_set_int(more, "more", 1);
	CHECK_ERR(ENCODE(a, more), ERR_INPUT);
	CHECK_ERR(ENCODE(a, NULL), ERR_INPUT);
	CHECK(out.len == 0);
#undef ENCODE
	json_free(more);
	secret_free(job);
	buf_free(&pae);
	buf_free(&out);
}

static void
test_ask(void)
{
	static const char *const open[] = {"facts", NULL};
	struct buf request = mutate_vector("release/request.json"), text = mutate_vector("release/ask.json");
	struct buf evidence = mutate_vector("release/ask-evidence.json"),
		   entry = mutate_vector("release/entry.json");
	struct json *facts = NULL, *more;
	struct mutate m = {.take = take_ask, .open = open};
	uint8_t want[32], t[DIGEST_LEN], other_key[32];
	struct request other;
	struct buf out, changed;
	struct ask a, b;
	struct json *root;

	buf_init(&out, 1 << 16);
	value("house-key", house_key);
	CHECK_OK(request_decode(request.data, request.len, &asked, &e));
	CHECK_OK(ask_decode(text.data, text.len, house_key, &asked, &a, &facts, &e));
	CHECK(a.slot == 3 && a.restart == 1 && a.expiry == 1804000060 && a.first == 0 && a.end == 3);
	value("nonce", want);
	CHECK(memcmp(a.nonce, want, 32) == 0);
	value("mac", want);
	CHECK(memcmp(a.mac, want, 32) == 0);
	value("node", want);
	CHECK(memcmp(a.node, want, 32) == 0);
	value("facts", want);
	CHECK(memcmp(a.facts, want, 32) == 0);
	CHECK_OK(ask_facts(facts, t, &e));
	CHECK(memcmp(t, want, 32) == 0);
	CHECK(strcmp(json_get(facts, "host")->string, "nid001234") == 0);
	value("t", want);
	ask_transcript(&a, t);
	CHECK(memcmp(t, want, 32) == 0);
	CHECK_OK(release_entry(&a, &out, &e));
	CHECK(same(&out, entry.data, entry.len) == 0);
	encode_again(&a, facts, NULL, 0, &text);

	/* T binds each of them. */
#define BINDS(what)                              \
	do {                                     \
		b = a;                           \
		what;                            \
		ask_transcript(&b, t);           \
		CHECK(memcmp(t, want, 32) != 0); \
	} while (0)
	BINDS(b.house_key[31] ^= 1);
	BINDS(b.request[0] ^= 1);
	BINDS(b.manifest[0] ^= 128);
	BINDS(b.slot ^= 1);
	BINDS(b.slot ^= 1u << 31);
	BINDS(b.restart ^= 1);
	BINDS(b.nonce[31] ^= 1);
	BINDS(b.expiry ^= 1);
	BINDS(b.expiry ^= INT64_C(1) << 40);
	BINDS(b.node[0] ^= 1);
	BINDS(b.facts[0] ^= 1);
	BINDS(b.evidence_type[0] = 'm');
	BINDS(b.evidence_type[3] = '\0');
#undef BINDS

	/* With evidence. */
	json_free(facts);
	facts = NULL;
	CHECK_OK(ask_decode(evidence.data, evidence.len, house_key, &asked, &a, &facts, &e));
	value("t-tpm-quote", want);
	ask_transcript(&a, t);
	CHECK(memcmp(t, want, 32) == 0 && strcmp(a.evidence_type, "tpm-quote") == 0);
	encode_again(&a, facts,
	    "\x00\x01"
	    "evidence",
	    10, &evidence);

	/* Another house, another request, another manifest, another job key: the signature says otherwise. */
	memcpy(other_key, house_key, 32);
	other_key[0] ^= 1;
	CHECK_ERR(ask_decode(text.data, text.len, other_key, &asked, &a, NULL, &e), ERR_FORGED);
	other = asked;
	other.digest[5] ^= 1;
	CHECK_ERR(ask_decode(text.data, text.len, house_key, &other, &a, NULL, &e), ERR_FORGED);
	other = asked;
	other.manifest[5] ^= 1;
	CHECK_ERR(ask_decode(text.data, text.len, house_key, &other, &a, NULL, &e), ERR_FORGED);
	other = asked;
	value("anna-key", other.job_key);
	CHECK_ERR(ask_decode(text.data, text.len, house_key, &other, &a, NULL, &e), ERR_FORGED);
	other = asked;
	other.slots = 3;
	CHECK_ERR(ask_decode(text.data, text.len, house_key, &other, &a, NULL, &e), ERR_REFUSED);

	/* What T covers, changed: forged. What it does not (mac, range) is proven elsewhere: MAC and answer.
	 */
#define FORGED(path, v)                                                         \
	do {                                                                    \
		changed = mutate_set(&evidence, path, v);                       \
		CHECK_ERR(take_ask(changed.data, changed.len, &e), ERR_FORGED); \
		buf_free(&changed);                                             \
	} while (0)
#define REFUSED(path, v)                                                       \
	do {                                                                   \
		changed = mutate_set(&evidence, path, v);                      \
		CHECK_ERR(take_ask(changed.data, changed.len, &e), ERR_INPUT); \
		buf_free(&changed);                                            \
	} while (0)
	FORGED("slot", json_int(2));
	FORGED("restart", json_int(0));
	FORGED("expiry", json_int(1804000061));
	FORGED("nonce", text_of(64, 'a'));
	FORGED("node", text_of(64, 'a'));
	FORGED("facts.host", json_string("nid001235"));
	FORGED("facts.more", json_string("x"));
	FORGED("evidence", json_string("AAFl"));
	FORGED("evidence-type", json_string("tpm"));
	mutate_value(take_ask, &evidence, "mac", text_of(64, 'a'), true);
	mutate_value(take_ask, &evidence, "shards.0", json_int(2), true);
	mutate_value(take_ask, &evidence, "shards.1", json_int(MANIFEST_SHARDS_MAX + 1), true);
	REFUSED("shards.0", json_int(3));
	REFUSED("shards.0", json_int(-1));
	REFUSED("shards.1", json_int(MANIFEST_SHARDS_MAX + 2));
	REFUSED("shards.2", json_int(4));
	REFUSED("slot", json_int(RELEASE_SLOTS_MAX));
	REFUSED("evidence-type", json_string("none"));
	REFUSED("evidence", json_string(""));
	REFUSED("evidence-type", text_of(32, 'a'));
	FORGED("evidence-type", text_of(31, 'a'));
	REFUSED("evidence-type", json_string("TPM"));
	REFUSED("facts.host", text_of(257, 'a'));
	FORGED("facts.host", text_of(256, 'a'));
	REFUSED("facts.host", json_string("a\x1b"));
	for (size_t n = RELEASE_FACTS_MAX; n <= RELEASE_FACTS_MAX + 1; n++) {
		more = json_object();
		for (size_t i = 0; i < n; i++) {
			char key[16];

			(void)snprintf(key, sizeof(key), "k%zu", i);
			json_set_string(more, key, "v");
		}
		if (n == RELEASE_FACTS_MAX)
			FORGED("facts", more);
		else
			REFUSED("facts", more);
	}
#undef FORGED
#undef REFUSED
	/* Form: each key away, one more, other types; cuts and bits. */
	CHECK((root = json_parse(text.data, text.len, "ask", &e)) != NULL);
	m.root = root;
	for (size_t i = 0; root != NULL && i < root->count; i++) {
		struct json *item = root->items[i];
		char *key = root->keys[i];

		root->keys[i] = root->keys[root->count - 1];
		root->items[i] = root->items[root->count - 1];
		root->count--;
		mutate_refused(&m, "without", key);
		root->count++;
		root->keys[i] = key;
		root->items[i] = item;
	}
	json_set(root, "more", json_null());
	mutate_refused(&m, "one key more", "more");
	json_free(root);
	mutate_twice(take_ask, &text);
	for (size_t n = 0; n < text.len; n++)
		CHECK_ERR(take_ask(text.data, n, &e), ERR_INPUT);
	for (size_t i = 0; i < 8 * text.len; i += MUTATE_STEP) {
		bool unsigned_part;

		text.data[i / 8] ^= (uint8_t)(1u << i % 8);
		/* Only the MAC and the range may change and leave a whole ask. */
		unsigned_part = take_ask(text.data, text.len, &e) == 0;
		if (unsigned_part) {
			CHECK_OK(ask_decode(text.data, text.len, house_key, &asked, &b, NULL, &e));
			CHECK(memcmp(a.mac, b.mac, 32) != 0 || a.first != b.first || a.end != b.end);
		}
		text.data[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	CHECK_OK(buf_put_str(&text, "\n", &e));
	CHECK_ERR(take_ask(text.data, text.len, &e), ERR_INPUT);
	buf_free(&out);
	buf_init(&out, RELEASE_ASK_MAX + 64);
	while (out.len <= RELEASE_ASK_MAX)
		CHECK_OK(buf_put(&out, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 32, &e));
	CHECK_ERR(take_ask(out.data, out.len, &e), ERR_LIMIT);
	json_free(facts);
	buf_free(&out);
	buf_free(&entry);
	buf_free(&evidence);
	buf_free(&text);
	buf_free(&request);
}

int
main(void)
{
	if (secret_start(&e) == -1) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	test_request();
	test_small();
	test_approvals();
	test_ask();
	return check_done();
}
