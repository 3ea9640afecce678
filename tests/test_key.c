/* stager-key open in its own process: releases that are right, and every way in which one is not. */
#include "key_ask.h"

static void
test_redemptions(void)
{
	struct test_house h;
	off_t len;

	house_make(&h);
	make_ask(&h, 0, 0, 1);
	check_released(&h, release(&h));
	len = journal_len(&h);
	CHECK(len == 2 * JOURNAL_RECORD_LEN); /* the register was empty when it was loaded */
	/* The same message again, and the same node under a new challenge: the same answer, no new
	 * redemption. */
	h.from = h.key.journal.log_size;
	check_released(&h, release(&h));
	CHECK(journal_len(&h) == len);
	make_ask(&h, 0, 0, 1);
	check_released(&h, release(&h));
	CHECK(journal_len(&h) == len + JOURNAL_RECORD_LEN && h.key.journal.count == 1);
	/* Another node key under the same count. */
	make_ask(&h, 0, 0, 2);
	REFUSED(&h, ERR_REFUSED, "another node key");
	/* All of this holds in a new instance too. */
	restart(&h);
	make_ask(&h, 0, 0, 2);
	REFUSED(&h, ERR_REFUSED, "another node key");
	/* Restarted with another node: supersedes; the old one is out. */
	make_ask(&h, 0, 3, 2);
	check_released(&h, release(&h));
	make_ask(&h, 0, 0, 1);
	REFUSED(&h, ERR_REFUSED, "came before");
	make_ask(&h, 0, 3, 1);
	REFUSED(&h, ERR_REFUSED, "another node key");
	/* The other slot is the third redemption of three, and then there is none left. */
	make_ask(&h, 1, 0, 3);
	h.ask.first = 1;
	h.ask.end = 2;
	sign_ask(&h);
	log_ask(&h);
	{
		struct buf all = h.part[WRAPPED], one;

		buf_init(&one, 1024);
		CHECK_OK(buf_put(&one, all.data + WRAPPED_LEN, WRAPPED_LEN, &e));
		h.part[WRAPPED] = one;
		check_released(&h, release(&h));
		buf_free(&one);
		h.part[WRAPPED] = all;
	}
	make_ask(&h, 1, 1, 3);
	REFUSED(&h, ERR_REFUSED, "used up");
	make_ask(&h, 1, 0, 3);
	check_released(&h, release(&h));
	/* Rows past the table; a slot that is not there. */
	make_ask(&h, 1, 0, 3);
	h.ask.end = ROWS + 1;
	sign_ask(&h);
	log_ask(&h);
	REFUSED(&h, ERR_REFUSED, "past the end");
	make_ask(&h, 0, 4, 2);
	h.ask.slot = 2;
	sign_ask(&h);
	log_ask(&h);
	REFUSED(&h, ERR_REFUSED, "slot");
	house_free(&h);
}

static void
test_rules(void)
{
	struct test_house h;
	struct json *saved;

	house_make(&h);
	make_ask(&h, 0, 0, 1);
	/* Approvals: one only, one steward twice, the requester, none, of a changed request. */
	h.approvals = 1;
	REFUSED(&h, ERR_REFUSED, "approved by 1");
	h.approvals = 0;
	REFUSED(&h, ERR_REFUSED, "approved by 0");
	make_request(&h, 1, 1);
	REFUSED(&h, ERR_REFUSED, "twice by one person");
	make_request(&h, 0, 1);
	h.request.redemptions = 4;
	buf_clear(&h.part[REQUEST]);
	CHECK_OK(request_encode(&h.request, &h.part[REQUEST], &e));
	REFUSED(&h, ERR_FORGED, "another request");
	(void)snprintf(h.request.requester, sizeof(h.request.requester), "Bob@umc.example");
	make_request(&h, 0, 1);
	REFUSED(&h, ERR_REFUSED, "requester may not");
	(void)snprintf(h.request.requester, sizeof(h.request.requester), "researcher@example");
	/* A stranger's approval. */
	make_request(&h, 0, 1);
	sign_envelope(&h.part[APPROVAL_2], h.job, DSSE_REQUEST, &h.part[REQUEST]);
	REFUSED(&h, ERR_REFUSED, "nobody");
	/* Places and things that the manifest does not give. */
	(void)snprintf(h.request.site, sizeof(h.request.site), "snellius");
	make_request(&h, 0, 1);
	REFUSED(&h, ERR_REFUSED, "this site");
	(void)snprintf(h.request.site, sizeof(h.request.site), "lumi");
	(void)snprintf(h.request.set, sizeof(h.request.set), "domestic");
	make_request(&h, 0, 1);
	REFUSED(&h, ERR_REFUSED, "no such set");
	(void)snprintf(h.request.set, sizeof(h.request.set), "abroad");
	(void)snprintf(h.request.dataset, sizeof(h.request.dataset), "letters");
	make_request(&h, 0, 1);
	REFUSED(&h, ERR_REFUSED, "another dataset");
	(void)snprintf(h.request.dataset, sizeof(h.request.dataset), "scans");
	h.request.manifest[0] ^= 1;
	make_request(&h, 0, 1);
	REFUSED(&h, ERR_FORGED, "another manifest");
	h.request.manifest[0] ^= 1;
	/* Time: of the request, of the challenge. */
	h.request.not_after = NOW - 1;
	make_request(&h, 0, 1);
	make_ask(&h, 0, 0, 1);
	REFUSED(&h, ERR_REFUSED, "is over");
	h.request.not_after = NOW + 100;
	h.request.not_before = NOW + 1;
	make_request(&h, 0, 1);
	make_ask(&h, 0, 0, 1);
	REFUSED(&h, ERR_REFUSED, "not come");
	h.request.not_before = NOW - 100;
	make_request(&h, 2, 1);
	make_ask(&h, 0, 0, 1);
	h.key.now = NOW + RELEASE_CHALLENGE_SECONDS + 1;
	REFUSED(&h, ERR_REFUSED, "expired");
	h.key.now = NOW;
	/* A challenge made longer, and one for another request. */
	h.ask.expiry++;
	sign_ask(&h);
	log_ask(&h);
	REFUSED(&h, ERR_FORGED, "challenge");
	make_ask(&h, 0, 0, 1);
	h.request.salt[0]++;
	make_request(&h, 0, 1);
	sign_ask(&h);
	log_ask(&h);
	REFUSED(&h, ERR_FORGED, "challenge");
	/* Another job key signed it. */
	make_ask(&h, 0, 0, 1);
	saved = release_message(&h);
	h.request.job_key[0] ^= 1;
	make_request(&h, 0, 1);
	REFUSED(&h, ERR_FORGED, "");
	h.request.job_key[0] ^= 1;
	make_request(&h, 0, 1);
	/* A manifest that somebody else signed, though all else fits it. */
	make_manifest(&h, h.job);
	REFUSED(&h, ERR_FORGED, "manifest");
	make_manifest(&h, h.sign);
	/* Another KEK; then, with the right one back, it was good all the time. */
	h.key.dataset[0] ^= 1;
	REFUSED(&h, ERR_INPUT, "KEK");
	h.key.dataset[0] ^= 1;
	check_released(&h, tell(&h, WIRE_RELEASE, saved));
	house_free(&h);
}

static void
test_log(void)
{
	struct test_house h;
	struct buf old_note;
	uint64_t size;

	house_make(&h);
	buf_init(&old_note, NOTE_MAX);
	/* Not in the log at all: the entry of another ask stands there. */
	make_ask(&h, 0, 0, 1);
	h.ask.restart = 7;
	sign_ask(&h);
	REFUSED(&h, ERR_FORGED, "not in the log");
	/* In the log at another place. */
	make_ask(&h, 0, 0, 1);
	h.index--;
	REFUSED(&h, ERR_FORGED, "not in the log");
	h.index++;
	check_released(&h, release(&h));
	CHECK_OK(buf_put(&old_note, h.part[NOTE].data, h.part[NOTE].len, &e));
	size = h.size;
	make_ask(&h, 1, 0, 2);
	make_ask(&h, 1, 0, 2);
	check_released(&h, release(&h));
	CHECK(h.key.journal.log_size == h.size);
	/* The head from before, signed though it is. */
	buf_clear(&h.part[NOTE]);
	CHECK_OK(buf_put(&h.part[NOTE], old_note.data, old_note.len, &e));
	h.from = 0;
	REFUSED(&h, ERR_FORGED, "rollback");
	/* A log of the same length, and of a greater one, with another past. */
	h.from = h.size;
	h.leaves[0][0] ^= 1;
	make_note(&h);
	REFUSED(&h, ERR_FORGED, "rollback");
	make_ask(&h, 1, 1, 3);
	REFUSED(&h, ERR_FORGED, "rollback");
	/* With its true past again it goes on. A proof from elsewhere does not do. */
	h.leaves[0][0] ^= 1;
	make_note(&h);
	h.from = size;
	REFUSED(&h, ERR_FORGED, "rollback");
	h.from = h.key.journal.log_size;
	check_released(&h, release(&h));
	restart(&h);
	CHECK(h.key.journal.log_size == h.size);
	buf_free(&old_note);
	house_free(&h);
}

/* Any byte of any part; every part cut. Nothing comes out, and nothing is written down. */
static void
test_altered(void)
{
#ifdef STAGER_SANITIZED
	const size_t step = 9; /* the plain build takes each byte */
#else
	const size_t step = 1;
#endif
	static const char *const names[PARTS] = {"manifest", "request", "approval", "second approval", "ask",
	    "table", "note", "wrapped keys", "salt"};
	struct test_house h;
	off_t len;

	house_make(&h);
	make_ask(&h, 0, 0, 1);
	len = journal_len(&h);
	for (int p = 0; p < PARTS; p++) {
		struct buf *b = &h.part[p];
		size_t taken = 0, mild = 0;

		for (size_t i = 0;; i = i + step < b->len ? i + step : b->len) {
			bool cut = i == b->len; /* the last turn */
			struct json *reply;

			if (cut)
				b->len--;
			else
				b->data[i] ^= 0x01;
			reply = release(&h);
			taken += reply != NULL;
			/* The supervisor's own words and the node's line may simply be malformed; an approval
			 * whose key id says another name is nobody's. */
			mild += reply == NULL && e.code != ERR_FORGED &&
				!(p == ASK &&
				    (e.code == ERR_INPUT || e.code == ERR_REFUSED || e.code == ERR_LIMIT)) &&
				!((p == APPROVAL || p == APPROVAL_2) && e.code == ERR_REFUSED) &&
				!(p == SALT && cut && e.code == ERR_INPUT);
			json_free(reply);
			if (cut) {
				b->len++;
				break;
			}
			b->data[i] ^= 0x01;
		}
		CHECK(taken == 0 && mild == 0);
		if (taken > 0 || mild > 0)
			fprintf(stderr, "  %s: %zu taken, %zu not as forged: %s\n", names[p], taken, mild,
			    e.text);
	}
	CHECK(journal_len(&h) == len);
	check_released(&h, release(&h));
	house_free(&h);
}

/* A data key that is not the one committed to, wrapped and logged ever so well. */
static void
test_intake(void)
{
	struct secret *writer_secret, *shared, *other;
	uint8_t writer[X25519_LEN], header[HEADER_LEN], commitment[32];
	static const char *const paths[] = {"", "a/b/c", VERSION "/abroad/shard-1",
	    VERSION "/abroad/shard-0000a", VERSION "/../shard-00000", VERSION "/abroad/shard-00000/x",
	    VERSION "/Abroad/shard-00000", VERSION "/abroad/indexes"};
	struct json *body, *blob, *reply;
	struct test_house h;

	house_make(&h);
	must_have(writer_secret = header_keypair(writer, &e));
	must_have(shared = header_shared_writer(writer_secret, h.key.card.vault, &e));
	must_have(other = secret_random(32, &e));
	must(header_make(shared, writer, other, header, &e));
	header_commitment(h.data_key[0], commitment);
	body = json_object();
	json_set_string(body, "shard", VERSION "/abroad/shard-00000");
	json_set_hex(body, "header", header, HEADER_LEN);
	json_set_hex(body, "commitment", commitment, 32);
	CHECK(tell(&h, WIRE_KEY_INTAKE, json_copy(body)) == NULL && e.code == ERR_FORGED);
	header_commitment(other, commitment);
	json_set_hex(body, "commitment", commitment, 32);
	CHECK((reply = tell(&h, WIRE_KEY_INTAKE, json_copy(body))) != NULL);
	json_free(reply);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		json_set_string(body, "shard", paths[i]);
		CHECK(tell(&h, WIRE_KEY_INTAKE, json_copy(body)) == NULL && e.code == ERR_INPUT);
	}
	json_set_string(body, "shard", VERSION "/abroad/index");
	header[100] ^= 1;
	json_set_hex(body, "header", header, HEADER_LEN);
	CHECK(tell(&h, WIRE_KEY_INTAKE, json_copy(body)) == NULL && e.code == ERR_FORGED);
	json_free(body);
	/* KEKs: a new one, loaded again from its blob, under its own dataset's name alone. */
	body = json_object();
	json_set_string(body, "dataset", DATASET);
	CHECK((blob = tell(&h, WIRE_KEK_NEW, json_copy(body))) != NULL);
	json_set(body, "blob", json_copy(json_get(blob, "blob")));
	CHECK(tell(&h, WIRE_KEK_LOAD, json_copy(body)) == NULL && e.code == ERR_NONE);
	json_set_string(body, "dataset", VERSION);
	CHECK(tell(&h, WIRE_KEK_LOAD, json_copy(body)) == NULL && e.code == ERR_FORGED);
	json_set_string(body, "dataset", "no id");
	CHECK(tell(&h, WIRE_KEK_NEW, json_copy(body)) == NULL && e.code == ERR_INPUT);
	/* The data keys are under the first KEK: with this one they do not open. */
	make_ask(&h, 0, 0, 1);
	REFUSED(&h, ERR_FORGED, "wrapped data key");
	json_free(body);
	json_free(blob);
	secret_free(other);
	secret_free(shared);
	secret_free(writer_secret);
	house_free(&h);
}

int
main(void)
{
	must(secret_start(&e));
	test_redemptions();
	test_rules();
	test_log();
	test_altered();
	test_intake();
	return check_done();
}
