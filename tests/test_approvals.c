/* The rule of two stewards: each way to approve a request, and each that is refused, by name. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "mutate.h"
#include "release_values.h"
#include "stager/digest.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/release.h"
#include "stager/secret.h"

static struct err e;

#define SAYS(words) CHECK(strstr(e.text, words) != NULL)

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
		seeds[i] = i == ANNA   ? release_seed("anna-seed")
			   : i == BRAM ? release_seed("bram-seed")
			   : i == JOB  ? release_seed("job-seed")
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

/* Before anybody signs: whether two could. */
static void
test_left(void)
{
	struct buf text = mutate_vector("release/request.json");
	struct steward some[4];
	struct request r;

	CHECK_OK(request_decode(text.data, text.len, &r, &e));
#define LEFT(count, ...)                                                       \
	(memcpy(some, (struct steward[]){__VA_ARGS__}, count * sizeof(*some)), \
	    request_check_left(&r, some, count, &e))
	CHECK_OK(LEFT(2, stewards[ANNA], stewards[BRAM]));
	CHECK_OK(LEFT(3, stewards[REQUESTER], stewards[ANNA], stewards[BRAM]));
	CHECK_OK(LEFT(3, stewards[ANNA], stewards[BRAM], stewards[JOB]));
	/* Too few, of whom none asks: others may be admitted yet. */
	CHECK_OK(request_check_left(&r, some, 0, &e));
	CHECK_OK(LEFT(1, stewards[ANNA]));
	CHECK_OK(LEFT(2, stewards[ANNA], stewards[ANNA_SECOND]));
	CHECK_ERR(LEFT(2, stewards[REQUESTER], stewards[ANNA]), ERR_REFUSED);
	SAYS("Onderzoeker@Uni.Example: a steward of umc-voorbeeld, who may not approve what they ask for");
	CHECK_ERR(LEFT(1, stewards[REQUESTER]), ERR_REFUSED);
	/* One person with two keys is one, and so is one key of two persons, and another holder's is none. */
	CHECK_ERR(LEFT(3, stewards[ANNA], stewards[ANNA_SECOND], stewards[REQUESTER]), ERR_REFUSED);
	CHECK_ERR(LEFT(3, stewards[ANNA], stewards[OTHER_HOLDER], stewards[REQUESTER]), ERR_REFUSED);
	some[3] = stewards[CORA];
	memcpy(some[3].key, stewards[ANNA].key, SIGN_PUBLIC_LEN);
	CHECK_ERR(LEFT(3, stewards[ANNA], some[3], stewards[REQUESTER]), ERR_REFUSED);
	/* The job's key is a steward's. */
	CHECK_ERR(LEFT(2, stewards[ANNA], stewards[JOB]), ERR_REFUSED);
	SAYS("by the job's own key");
	buf_free(&text);
}

int
main(void)
{
	if (secret_start(&e) == -1) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	test_approvals();
	test_left();
	return check_done();
}
