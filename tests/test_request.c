/* Requests, stewards, answers and cards: against an independent program's documents, and every limit. */
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
	rc = request_encode(&copy, &again, err) == -1 ? 1 : mutate_same(&again, data, len);
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
	rc = steward_encode(&s, &again, err) == -1 ? 1 : mutate_same(&again, data, len);
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
	rc = answer_encode(&a, &again, err) == -1 ? 1 : mutate_same(&again, data, len);
	buf_free(&again);
	return rc;
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
	release_value("request", want);
	CHECK(digest_equal(r.digest, want));
	release_value("statement", want);
	CHECK(digest_equal(r.manifest, want));
	release_value("job-key", want);
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
	TAKEN("requester", mutate_text(RELEASE_PERSON_MAX, 'a'));
	REFUSED("requester", mutate_text(RELEASE_PERSON_MAX + 1, 'a'));
	REFUSED("requester", json_string("a b"));
	REFUSED("requester", json_string("ren\xc3\xa9"));
	REFUSED("salt", mutate_text(30, 'a'));
	REFUSED("salt", mutate_text(34, 'a'));
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
	release_value("anna-key", want);
	CHECK(strcmp(s.person, "anna@umc.example") == 0 && memcmp(s.key, want, 32) == 0);
	buf_free(&text);

	text = mutate_vector("release/answer.json");
	mutate_all(take_answer, &text, NULL, NULL);
	mutate_twice(take_answer, &text);
	CHECK_OK(answer_decode(text.data, text.len, &a, &e));
	release_value("t", want);
	CHECK(memcmp(a.t, want, 32) == 0 && a.index == 11 && a.first == 0 && a.end == 3);
	CHECK(strncmp(a.checkpoint, "stager/proefhuis\n12\n", 20) == 0);
	mutate_value(take_answer, &text, "end", json_int(0), false);
	mutate_value(take_answer, &text, "first", json_int(3), false);
	mutate_value(take_answer, &text, "end", json_int(MANIFEST_SHARDS_MAX + 1), true);
	mutate_value(take_answer, &text, "end", json_int(MANIFEST_SHARDS_MAX + 2), false);
	mutate_value(take_answer, &text, "checkpoint", mutate_text(NOTE_MAX, '\n'), true);
	mutate_value(take_answer, &text, "checkpoint", mutate_text(NOTE_MAX + 1, '\n'), false);
	buf_init(&again, 1 << 16);
	a.end = a.first;
	CHECK_ERR(answer_encode(&a, &again, &e), ERR_INPUT);
	CHECK(again.len == 0);
	buf_free(&text);

	text = mutate_vector("release/card.json");
	CHECK_OK(house_card_decode(text.data, text.len, &card, &e));
	release_value("house-key", want);
	CHECK(strcmp(card.house, "proefhuis") == 0 && memcmp(card.key, want, 32) == 0);
	CHECK_OK(house_card_encode(&card, &again, &e));
	CHECK(mutate_same(&again, text.data, text.len) == 0);
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

int
main(void)
{
	if (secret_start(&e) == -1) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	test_request();
	test_small();
	return check_done();
}
