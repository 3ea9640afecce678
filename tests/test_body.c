/* Bodies of any writer: order where nonces prove it, several keys, edit lists and ranges, repeated nonces. */
#include "vectors.h"
#include "stager/crypt4gh.h"

static struct err e;
static struct secret *reader;
static uint8_t plain[140001], got[200000];

/* ---- cuts ---- */

/* The same by brute force: which bytes of 0 .. n-1 go out. */
static size_t
naive(const uint64_t *edits, size_t count, uint64_t start, uint64_t len, size_t n, uint8_t *out)
{
	size_t kept = 0, written = 0;

	for (size_t i = 0; i < n; i++) {
		bool keep = true;

		if (edits != NULL) {
			uint64_t end = 0;
			size_t k = 0;

			for (; k < count; k++) {
				end += edits[k];
				if (i < end)
					break;
			}
			keep = k < count ? k % 2 == 1 : count % 2 == 1;
		}
		if (!keep)
			continue;
		if (kept >= start && kept - start < len)
			out[written++] = (uint8_t)i;
		kept++;
	}
	return written;
}

static void
test_cut(void)
{
	static const uint64_t lists[][5] = {{0, 3}, {3, 4, 5}, {1, 1, 1, 1}, {0}, {7}, {300, 2}, {0, 0, 0, 9},
	    {2, 0, 2, 3, 4}, {10, 300}, {INT64_MAX}};
	static const size_t counts[] = {2, 3, 4, 1, 1, 2, 4, 5, 2, 1};
	static const uint64_t lens[] = {UINT64_MAX, 1, 5, 100};
	uint8_t want[256];

	for (size_t l = 0; l <= sizeof(counts) / sizeof(counts[0]); l++) {
		const bool whole = l == sizeof(counts) / sizeof(counts[0]);
		const uint64_t *edits = whole ? NULL : lists[l];
		const size_t count = whole ? 0 : counts[l];

		for (uint64_t start = 0; start < 12; start++)
			for (size_t k = 0; k < 4; k++)
				for (size_t piece = 1; piece < 40; piece += 3) {
					size_t expect = naive(edits, count, start, lens[k], 100, want),
					       have = 0;
					struct cut c;

					cut_init(&c, edits, count, start, lens[k]);
					for (size_t at = 0; at < 100;) {
						size_t n = at + piece > 100 ? 100 - at : piece, before = have;
						bool wants = cut_wants(&c, n);

						if (cut_done(&c))
							CHECK(have == expect && !wants);
						while (n > 0) {
							bool keep;
							size_t took = cut_take(&c, n, &keep);

							CHECK(took > 0 && took <= n);
							for (size_t i = 0; i < took; i++)
								if (keep)
									got[have++] = (uint8_t)(at + i);
							at += took;
							n -= took;
						}
						CHECK(wants == (have > before));
					}
					CHECK(have == expect && memcmp(got, want, have) == 0);
				}
	}
}

/* ---- bodies ---- */

/* A whole file, opened as `decrypt` does. -1 with e set; else the length in got. */
static int
open_file(const struct buf *file, uint64_t start, uint64_t len, size_t *out_len, enum body_order *order)
{
	size_t at = 16, out = 0;
	struct body_keys *keys = NULL;
	struct packets p;
	static uint8_t opened[C4GH_PLAIN_MAX];
	struct body body;
	struct cut cut;
	int rc = -1;

	for (uint32_t i = file->data[12]; i > 0 && file->len - at >= 4; i--) {
		at += (uint32_t)file->data[at] | (uint32_t)file->data[at + 1] << 8;
		if (at > file->len)
			at = file->len;
	}
	if (packets_open(file->data, at, reader, NULL, &p, &e) == -1)
		return -1;
	if ((keys = body_keys_new(&p, &e)) == NULL)
		goto out;
	body_init(&body, &p, 0);
	cut_init(&cut, p.edits, p.edit_count, start, len);
	while (at < file->len && !cut_done(&cut)) {
		size_t n = file->len - at > C4GH_SEGMENT_MAX ? C4GH_SEGMENT_MAX : file->len - at, left;
		struct place place;

		if (body_place(&body, file->data + at, n, at + n == file->len, &place, &e) == -1 ||
		    body_keys_open(keys, &place, file->data + at, n, opened, &e) == -1)
			goto out;
		for (left = n - 28; left > 0;) {
			bool keep;
			size_t took = cut_take(&cut, left, &keep);

			if (keep) {
				memcpy(got + out, opened + n - 28 - left, took);
				out += took;
			}
			left -= took;
		}
		at += n;
	}
	*out_len = out;
	*order = body.order;
	rc = cut_done(&cut) ? 0 : body_end(&body, &cut, &e);
out:
	body_keys_free(keys);
	packets_free(&p);
	return rc;
}

static void
test_foreign(void)
{
	enum body_order order;
	struct buf file;
	size_t len;

	CHECK_OK(vector_read("c4gh-full/two-recipients.c4gh", &file, &e));
	CHECK_OK(open_file(&file, 0, UINT64_MAX, &len, &order));
	CHECK(order == BODY_FOREIGN && len == sizeof(plain) && memcmp(got, plain, len) == 0);
	CHECK_OK(open_file(&file, 65530, 70000, &len, &order));
	CHECK(len == 70000 && memcmp(got, plain + 65530, len) == 0);
	file.data[file.len - 1] ^= 1;
	CHECK_ERR(open_file(&file, 0, UINT64_MAX, &len, &order), ERR_FORGED);
	buf_free(&file);
	CHECK_OK(vector_read("c4gh-full/rearranged.c4gh", &file, &e));
	CHECK_OK(open_file(&file, 0, UINT64_MAX, &len, &order));
	CHECK(order == BODY_FOREIGN && len == 70000 && memcmp(got, plain + 65530, len) == 0);
	buf_free(&file);
	CHECK_OK(vector_read("c4gh-full/edits-even.c4gh", &file, &e));
	CHECK_OK(open_file(&file, 0, UINT64_MAX, &len, &order));
	CHECK(len == 120 && memcmp(got, plain + 10, 20) == 0 && memcmp(got + 20, plain + 65530, 100) == 0);
	buf_free(&file);
	CHECK_OK(vector_read("c4gh-full/edits-odd.c4gh", &file, &e));
	CHECK_OK(open_file(&file, 0, UINT64_MAX, &len, &order));
	CHECK(len == 900 && got[0] == plain[100] && memcmp(got + 1, plain + 69101, 899) == 0);
	buf_free(&file);
	CHECK_OK(vector_read("c4gh-full/two-keys.c4gh", &file, &e));
	CHECK_OK(open_file(&file, 0, UINT64_MAX, &len, &order));
	CHECK(len == 70000 && memcmp(got, plain, len) == 0);
	buf_free(&file);
}

/* A file in our profile of whole segments and a rest, with any header. */
static void
make_stream(
    struct buf *file, const struct packets *p, const struct secret *writer, size_t len, uint64_t first)
{
	struct secret *key = secret_of(p->keys->bytes, C4GH_KEY_LEN);
	uint8_t to[X25519_LEN];
	struct c4gh *c = c4gh_new(key, true, &e);

	buf_init(file, 1u << 20);
	CHECK_OK(header_public(reader, to, &e));
	CHECK_OK(packets_write(p, writer, to, 1, file, &e));
	for (size_t at = 0; at < len; at += C4GH_PLAIN_MAX) {
		size_t n = len - at > C4GH_PLAIN_MAX ? C4GH_PLAIN_MAX : len - at;
		uint8_t *room = buf_reserve(file, n + 28, &e);

		CHECK_OK(c4gh_seal(c, first + at / C4GH_PLAIN_MAX, at + n == len, plain + at, n, room, &e));
		file->len += n + 28;
	}
	c4gh_free(c);
	secret_free(key);
}

static void
test_stream(void)
{
	const size_t full = C4GH_SEGMENT_MAX;
	struct secret *writer = secret_random(32, &e), *both = secret_random(64, &e),
		      *other = secret_random(32, &e);
	struct packets p = {.keys = both, .key_count = 1};
	uint64_t edits[2] = {30, 70000};
	enum body_order order;
	uint8_t *segment, *spare = malloc(full);
	struct buf file;
	size_t len, head;

	make_stream(&file, &p, writer, sizeof(plain), 0);
	head = file.len - sizeof(plain) - 3 * 28;
	segment = file.data + head;
	CHECK_OK(open_file(&file, 0, UINT64_MAX, &len, &order));
	CHECK(order == BODY_STREAM && len == sizeof(plain) && memcmp(got, plain, len) == 0);
	/* Cut everywhere near a boundary; at a boundary too, unlike what others take. */
	for (size_t at = 0; at <= 2 * full; at += full)
		for (size_t near = 0; near < 40; near++) {
			struct buf cut = file;

			cut.len = head + at + near;
			if (cut.len == file.len)
				continue;
			CHECK_ERR(open_file(&cut, 0, UINT64_MAX, &len, &order), ERR_FORGED);
			if (at > 0) {
				cut.len = head + at - near;
				CHECK_ERR(open_file(&cut, 0, UINT64_MAX, &len, &order), ERR_FORGED);
			}
		}
	/* Swapped, repeated, left out, the last one first. */
	memcpy(spare, segment, full);
	memmove(segment, segment + full, full);
	memcpy(segment + full, spare, full);
	CHECK_ERR(open_file(&file, 0, UINT64_MAX, &len, &order), ERR_FORGED);
	memcpy(segment, segment + full, full);
	CHECK_ERR(open_file(&file, 0, UINT64_MAX, &len, &order), ERR_FORGED);
	buf_free(&file);
	/* A byte behind the end; a whole segment behind it. */
	make_stream(&file, &p, writer, 2 * C4GH_PLAIN_MAX, 0);
	CHECK_OK(open_file(&file, 0, UINT64_MAX, &len, &order));
	CHECK_OK(buf_put_u8(&file, 0, &e));
	CHECK_ERR(open_file(&file, 0, UINT64_MAX, &len, &order), ERR_FORGED);
	CHECK_OK(buf_put(&file, plain, 100, &e));
	CHECK_ERR(open_file(&file, 0, UINT64_MAX, &len, &order), ERR_FORGED);
	/* Each nonce in a foreign form, whatever the MAC then says. */
	file.len -= 101;
	file.data[head + full + 11] = 1;
	CHECK_ERR(open_file(&file, 0, UINT64_MAX, &len, &order), ERR_FORGED);
	buf_free(&file);
	/* The right body, but not from its start, and no edit list that says so. */
	make_stream(&file, &p, writer, sizeof(plain), 1);
	CHECK_ERR(open_file(&file, 0, UINT64_MAX, &len, &order), ERR_FORGED);
	buf_free(&file);
	/* An edit list may leave segments out at both ends, but none of what it keeps. */
	p = (struct packets){.keys = both, .key_count = 1, .edited = true, .edits = edits, .edit_count = 2};
	make_stream(&file, &p, writer, sizeof(plain), 7);
	CHECK_OK(open_file(&file, 0, UINT64_MAX, &len, &order));
	CHECK(order == BODY_STREAM && len == 70000 && memcmp(got, plain + 30, len) == 0);
	head = file.len - sizeof(plain) - 3 * 28;
	file.len = head + 2 * full;
	CHECK_OK(open_file(&file, 0, UINT64_MAX, &len, &order));
	CHECK(len == 70000);
	file.len = head + full;
	CHECK_ERR(open_file(&file, 0, UINT64_MAX, &len, &order), ERR_FORGED);
	buf_free(&file);
	/* To the end means to the last one. */
	p.edit_count = 1;
	make_stream(&file, &p, writer, sizeof(plain), 7);
	CHECK_OK(open_file(&file, 0, UINT64_MAX, &len, &order));
	CHECK(len == sizeof(plain) - 30);
	file.len = head - 8 + 2 * full;
	CHECK_ERR(open_file(&file, 0, UINT64_MAX, &len, &order), ERR_FORGED);
	buf_free(&file);
	/* A second packet: with another key, with the same again, by another writer. */
	p = (struct packets){.keys = both, .key_count = 2};
	make_stream(&file, &p, writer, 1000, 0);
	CHECK_ERR(open_file(&file, 0, UINT64_MAX, &len, &order), ERR_FORGED);
	buf_free(&file);
	for (int same = 0; same < 3; same++) {
		struct packets one = {.keys = same == 2 ? other : both, .key_count = 1};
		struct buf second, whole;

		p.key_count = 1;
		make_stream(&file, &p, writer, 1000, 0);
		make_stream(&second, &one, same == 0 ? writer : other, 1000, 0);
		buf_init(&whole, 4096);
		CHECK_OK(buf_put(&whole, file.data, 124, &e));
		whole.data[12] = 2;
		CHECK_OK(buf_put(&whole, second.data + 16, 108, &e));
		CHECK_OK(buf_put(&whole, file.data + 124, file.len - 124, &e));
		CHECK_ERR(open_file(&whole, 0, UINT64_MAX, &len, &order), ERR_FORGED);
		buf_free(&whole);
		buf_free(&second);
		buf_free(&file);
	}
	/* Nothing behind the header proves nothing, unless the list wants nothing. */
	p = (struct packets){.keys = both, .key_count = 1};
	make_stream(&file, &p, writer, 0, 0);
	CHECK_ERR(open_file(&file, 0, UINT64_MAX, &len, &order), ERR_FORGED);
	buf_free(&file);
	edits[0] = INT64_MAX;
	p = (struct packets){.keys = both, .key_count = 1, .edited = true, .edits = edits, .edit_count = 1};
	make_stream(&file, &p, writer, 0, 0);
	CHECK_OK(open_file(&file, 0, UINT64_MAX, &len, &order));
	CHECK(len == 0);
	buf_free(&file);
	free(spare);
	secret_free(writer);
	secret_free(both);
	secret_free(other);
}

/* Every bit of a small file, and that nothing of it came out. */
static void
test_flips(void)
{
	struct secret *writer = secret_random(32, &e), *key = secret_random(32, &e);
	struct packets p = {.keys = key, .key_count = 1};
	enum body_order order;
	struct buf file;
	size_t len;

	make_stream(&file, &p, writer, 40, 0);
	CHECK_OK(open_file(&file, 0, UINT64_MAX, &len, &order));
	for (size_t i = 0; i < 8 * file.len; i++) {
		memset(got, 0xaa, 40);
		file.data[i / 8] ^= (uint8_t)(1u << i % 8);
		CHECK_ERR(open_file(&file, 0, UINT64_MAX, &len, &order), ERR_FORGED);
		CHECK(got[0] == 0xaa && got[39] == 0xaa);
		file.data[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	buf_free(&file);
	secret_free(writer);
	secret_free(key);
}

/* ---- nonces ---- */

static void
test_nonces(void)
{
	struct nonces *n = nonces_new(&e);
	uint8_t nonce[C4GH_NONCE_LEN] = {0};

	CHECK(n != NULL);
	/* Counting up is free; the last has its flag. */
	for (uint32_t i = 0; i < 5000; i++) {
		nonce[0] = (uint8_t)i;
		nonce[1] = (uint8_t)(i >> 8);
		CHECK_OK(nonces_add(n, nonce, &e));
	}
	nonce[8] = 1;
	CHECK_OK(nonces_add(n, nonce, &e));
	CHECK_ERR(nonces_add(n, nonce, &e), ERR_INPUT);
	nonce[8] = 0;
	CHECK_ERR(nonces_add(n, nonce, &e), ERR_INPUT);
	CHECK(strstr(e.text, "segment 5001: has the nonce of segment 4999") != NULL);
	memset(nonce, 0, sizeof(nonce));
	CHECK_ERR(nonces_add(n, nonce, &e), ERR_INPUT);
	/* Any others, in any order. */
	memset(nonce, 0x80, sizeof(nonce));
	for (uint32_t i = 0; i < 5000; i++) {
		nonce[3] = (uint8_t)(i * 7);
		nonce[7] = (uint8_t)(i * 7 >> 8);
		CHECK_OK(nonces_add(n, nonce, &e));
	}
	nonce[3] = (uint8_t)(1234 * 7);
	nonce[7] = (uint8_t)(1234 * 7 >> 8);
	CHECK_ERR(nonces_add(n, nonce, &e), ERR_INPUT);
	CHECK(strstr(e.text, "segment 6235") != NULL);
	nonces_free(n);
	/* All zeros, again and again: what a tool that forgot about them writes. */
	n = nonces_new(&e);
	memset(nonce, 0, sizeof(nonce));
	CHECK_OK(nonces_add(n, nonce, &e));
	CHECK_ERR(nonces_add(n, nonce, &e), ERR_INPUT);
	nonces_free(n);
#ifndef STAGER_SANITIZED
	/* The bound. */
	n = nonces_new(&e);
	memset(nonce, 0x55, sizeof(nonce));
	for (uint32_t i = 0; i <= C4GH_SEGMENTS_MAX; i++) {
		memcpy(nonce + 4, &i, sizeof(i));
		if (nonces_add(n, nonce, &e) != (i < C4GH_SEGMENTS_MAX ? 0 : -1)) {
			CHECK(!"the bound is elsewhere");
			break;
		}
	}
	CHECK(e.code == ERR_LIMIT);
	nonces_free(n);
#endif
	nonces_free(NULL);
}

static void
test_place(void)
{
	uint8_t nonce[C4GH_NONCE_LEN] = {1, 2, 3, 4, 0, 0, 0, 0, 1};
	uint64_t index;
	bool last;

	CHECK(c4gh_nonce_place(nonce, &index, &last) && index == 0x04030201 && last);
	nonce[8] = 0;
	CHECK(c4gh_nonce_place(nonce, &index, &last) && !last);
	for (unsigned i = 5; i < C4GH_NONCE_LEN; i++) {
		nonce[i] ^= 2;
		CHECK(!c4gh_nonce_place(nonce, &index, &last));
		nonce[i] ^= 2;
	}
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(7 * i + 3 * (i >> 8));
	reader = vector_secret("c4gh-full/reader.hex");
	test_cut();
	test_foreign();
	test_stream();
	test_flips();
	test_nonces();
	test_place();
	secret_free(reader);
	return check_done();
}
