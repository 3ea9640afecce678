/* What stager-key open remembers: its journal, and the register of stewards. */
#include "key_ask.h"

/* The journal: every byte altered is found out, a cut record is taken away, an older register is refused. */
static void
test_journal(void)
{
	uint8_t bytes[4 * JOURNAL_RECORD_LEN], zeros[JOURNAL_RECORD_LEN] = {0};
	struct buf newest;
	struct test_house h;
	ssize_t len;

	house_make(&h);
	buf_init(&newest, 65536);
	restart(&h); /* sees the register of three */
	make_ask(&h, 0, 0, 1);
	check_released(&h, release(&h));
	len = pread(h.journal, bytes, sizeof(bytes), 0);
	CHECK(len == 3 * JOURNAL_RECORD_LEN);
	for (ssize_t i = 0; i < len; i++) {
		bytes[i] ^= 0x40;
		CHECK(pwrite(h.journal, bytes + i, 1, i) == 1);
		key_open_free(&h.key);
		CHECK_ERR(start_key(&h), ERR_FORGED);
		bytes[i] ^= 0x40;
		CHECK(pwrite(h.journal, bytes + i, 1, i) == 1);
	}
	/* Two records swapped; the first one gone. */
	CHECK(pwrite(h.journal, bytes + JOURNAL_RECORD_LEN, JOURNAL_RECORD_LEN, 0) == JOURNAL_RECORD_LEN);
	CHECK(pwrite(h.journal, bytes, JOURNAL_RECORD_LEN, JOURNAL_RECORD_LEN) == JOURNAL_RECORD_LEN);
	CHECK_ERR(start_key(&h), ERR_FORGED);
	CHECK(pwrite(h.journal, bytes + JOURNAL_RECORD_LEN, (size_t)len - JOURNAL_RECORD_LEN, 0) > 0);
	CHECK_ERR(start_key(&h), ERR_FORGED);
	CHECK(pwrite(h.journal, bytes, (size_t)len, 0) == len);
	/* A crash within the append of one more: whatever is there of it goes. */
	for (size_t more = 1; more < JOURNAL_RECORD_LEN; more++) {
		CHECK(pwrite(h.journal, bytes, more, len) == (ssize_t)more);
		key_open_free(&h.key);
		CHECK_OK(start_key(&h));
		CHECK(journal_len(&h) == len && h.key.journal.count == 1);
	}
	CHECK(pwrite(h.journal, zeros, sizeof(zeros), len) == (ssize_t)sizeof(zeros));
	key_open_free(&h.key);
	CHECK_OK(start_key(&h));
	CHECK(journal_len(&h) == len && h.key.journal.count == 1);
	/* A record of another house at the end. */
	CHECK(pwrite(h.journal, bytes, JOURNAL_RECORD_LEN, len) == JOURNAL_RECORD_LEN);
	key_open_free(&h.key);
	CHECK_ERR(start_key(&h), ERR_FORGED);
	CHECK(ftruncate(h.journal, len) == 0);

	/* The register: init's is older than the one seen; any bit of the newest altered. */
	CHECK_OK(buf_put(&newest, h.register_text.data, h.register_text.len, &e));
	get_base64(h.blobs, "register", &h.register_text);
	CHECK_ERR(start_key(&h), ERR_FORGED);
	CHECK(strstr(e.text, "rollback") != NULL);
	for (size_t i = 0; i < newest.len; i++) {
		buf_clear(&h.register_text);
		CHECK_OK(buf_put(&h.register_text, newest.data, newest.len, &e));
		h.register_text.data[i] ^= 0x01;
		key_open_free(&h.key);
		CHECK_ERR(start_key(&h), ERR_FORGED);
	}
	buf_clear(&h.register_text);
	CHECK_OK(buf_put(&h.register_text, newest.data, newest.len, &e));
	key_open_free(&h.key);
	CHECK_OK(start_key(&h));
	buf_free(&newest);
	house_free(&h);
}

static void
test_stewards(void)
{
	struct secret *dave = NULL, *eve = NULL;
	struct json *message;
	struct test_house h;

	house_make(&h); /* alice and bob by themselves, carol by the two of them */
	must_have(dave = secret_random(SIGN_SEED_LEN, &e));
	must_have(eve = secret_random(SIGN_SEED_LEN, &e));
	CHECK(!admit(&h, "dave@umc.example", dave, 0, true) && e.code == ERR_REFUSED);
	CHECK(!admit(&h, "dave@umc.example", dave, 1, true) && e.code == ERR_REFUSED);
	CHECK(!admit(&h, "dave@umc.example", dave, 3, false) && e.code == ERR_REFUSED);
	/* A person or a key that is there already. */
	CHECK(!admit(&h, "Alice@umc.example", dave, 6, true) && e.code == ERR_REFUSED);
	CHECK(!admit(&h, "dave@umc.example", h.steward[0], 6, true) && e.code == ERR_REFUSED);
	/* One steward twice is one. */
	message = steward_message(&h, "dave@umc.example", dave, 1, true);
	json_push(message->items[1], json_copy(message->items[1]->items[0]));
	CHECK(tell(&h, WIRE_STEWARD, message) == NULL && e.code == ERR_REFUSED);
	/* Envelopes over another statement; of another kind. */
	message = steward_message(&h, "dave@umc.example", dave, 3, true);
	{
		struct json *other = steward_message(&h, "eve@umc.example", dave, 3, true);

		json_set(message, "envelopes", json_copy(json_get(other, "envelopes")));
		json_free(other);
	}
	CHECK(tell(&h, WIRE_STEWARD, message) == NULL && e.code == ERR_FORGED);
	/* A stranger's signature among them. */
	message = steward_message(&h, "dave@umc.example", dave, 3, true);
	{
		struct json *body = json_object();
		struct buf statement, envelope;

		buf_init(&statement, 4096);
		buf_init(&envelope, 65536);
		get_base64(message, "statement", &statement);
		sign_envelope(&envelope, eve, DSSE_STEWARD, &statement);
		set_base64(body, "x", &envelope);
		json_push(message->items[1], json_copy(json_get(body, "x")));
		CHECK(tell(&h, WIRE_STEWARD, json_copy(message)) == NULL && e.code == ERR_REFUSED);
		sign_envelope(&envelope, h.steward[0], DSSE_REQUEST, &statement);
		set_base64(body, "x", &envelope);
		json_free(message->items[1]->items[3]);
		message->items[1]->items[3] = json_copy(json_get(body, "x"));
		CHECK(tell(&h, WIRE_STEWARD, message) == NULL && e.code == ERR_FORGED);
		json_free(body);
		buf_free(&statement);
		buf_free(&envelope);
	}
	CHECK(h.key.stewards.steward_count == 3);
	CHECK(admit(&h, "dave@umc.example", dave, 5, true));
	CHECK(h.key.stewards.steward_count == 4 && h.key.stewards.count == 4);
	/* The very same again, by himself alone: admitted he was, and nothing changes. Not with another's name. */
	CHECK(admit(&h, "dave@umc.example", dave, 0, true));
	CHECK(!admit(&h, "dave@umc.example", dave, 0, false) && e.code == ERR_REFUSED);
	CHECK(!admit(&h, "Dave@umc.example", dave, 0, true) && e.code == ERR_REFUSED);
	CHECK(!admit(&h, "dave@umc.example", eve, 0, true) && e.code == ERR_REFUSED);
	CHECK(h.key.stewards.steward_count == 4 && h.key.stewards.count == 4);
	restart(&h);
	CHECK(h.key.stewards.steward_count == 4 && h.key.journal.register_count == 4);
	secret_free(dave);
	secret_free(eve);
	house_free(&h);
}

int
main(void)
{
	must(secret_start(&e));
	test_journal();
	test_stewards();
	return check_done();
}
