/* The table of what may not be shown as it is: its writer, and its reader, who never trusts it to be what that would make. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <sodium.h>

#include "record.h"
#include "stager/io.h"

/*
 * "stgrrec1" | key (16) | key of the sums (16) | u32 LE bits | u32 LE tuples | starts: u32 LE each, 2^bits + 1 of them |
 * tuples, each its hash (16) | decision (1), never 0
 *
 * A tuple stands in the bucket of its hash's upper bits, which begins at its start and ends at the next one.
 */
#define TABLE_MAGIC "stgrrec1"
#define HEAD_LEN 48
#define TUPLE_LEN (RECORD_HASH_LEN + 1)
#define BITS_MAX 24
#define TABLE_BYTES_MAX (UINT64_C(1) << 32)
#define PIECE_LEN (256u << 10)

struct writing {
	int fd;
	crypto_hash_sha256_state state;
	size_t len;
	uint8_t piece[PIECE_LEN];
};

static void
put32(uint8_t *to, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t
get32(const uint8_t *from)
{
	return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

static uint32_t
bucket_of(const uint8_t *hash, unsigned bits)
{
	return bits == 0 ? 0 : get32(hash) >> (32 - bits);
}

static int
flush(struct writing *w, struct err *e)
{
	(void)crypto_hash_sha256_update(&w->state, w->piece, w->len);
	if (w->len > 0 && io_write(w->fd, w->piece, w->len, "table of records", e) == -1)
		return -1;
	w->len = 0;
	return 0;
}

static int
put(struct writing *w, const void *data, size_t len, struct err *e)
{
	if (w->len + len > PIECE_LEN && flush(w, e) == -1)
		return -1;
	memcpy(w->piece + w->len, data, len);
	w->len += len;
	return 0;
}

/* Of each bucket where it begins, and the tuples in the order of their buckets. */
static uint32_t
sort_tuples(const struct record_counts *c, unsigned bits, uint32_t *starts, uint32_t *order)
{
	const uint32_t buckets = UINT32_C(1) << bits;
	uint64_t count = record_counts_tuples(c);
	const uint8_t *hash;
	uint32_t tuples = 0, here;

	for (uint64_t i = 0; i < count; i++)
		if (record_counts_decision(c, i, &hash) != 0)
			starts[bucket_of(hash, bits)]++;
	for (uint32_t b = 0; b <= buckets; b++) {
		here = starts[b];
		starts[b] = tuples;
		tuples += here;
	}
	for (uint64_t i = 0; order != NULL && i < count; i++)
		if (record_counts_decision(c, i, &hash) != 0)
			order[starts[bucket_of(hash, bits)]++] = (uint32_t)i;
	/* Each start has moved to where the next one was. */
	for (uint32_t b = buckets; order != NULL && b > 0; b--)
		starts[b] = starts[b - 1];
	starts[0] = 0;
	return tuples;
}

static int
write_all(const struct records *r, struct writing *w, unsigned bits, const uint32_t *starts,
    const uint32_t *order, uint32_t tuples, struct err *e)
{
	uint8_t head[HEAD_LEN] = TABLE_MAGIC, number[4], tuple[TUPLE_LEN];
	const uint8_t *hash;

	memcpy(head + 8, r->key, sizeof(r->key));
	memcpy(head + 24, r->sum_key, sizeof(r->sum_key));
	put32(head + 40, bits);
	put32(head + 44, tuples);
	if (put(w, head, sizeof(head), e) == -1)
		return -1;
	for (uint32_t b = 0; b <= UINT32_C(1) << bits; b++) {
		put32(number, starts[b]);
		if (put(w, number, sizeof(number), e) == -1)
			return -1;
	}
	for (uint32_t i = 0; i < tuples; i++) {
		tuple[RECORD_HASH_LEN] = record_counts_decision(r->counts, order[i], &hash);
		memcpy(tuple, hash, RECORD_HASH_LEN);
		if (put(w, tuple, sizeof(tuple), e) == -1)
			return -1;
	}
	return flush(w, e);
}

int
record_table_write(struct records *r, int fd, uint8_t digest[static DIGEST_LEN], struct err *e)
{
	const uint64_t count = record_counts_tuples(r->counts);
	struct writing *w = malloc(sizeof(*w));
	uint32_t *starts = NULL, *order = NULL, tuples;
	const uint8_t *hash;
	uint64_t some = 0;
	unsigned bits = 0;
	int rc = -1;

	for (uint64_t i = 0; i < count; i++)
		some += record_counts_decision(r->counts, i, &hash) != 0 ? 1 : 0;
	while (bits < BITS_MAX && UINT64_C(2) << bits <= some)
		bits++;
	starts = calloc((UINT64_C(1) << bits) + 2, sizeof(*starts));
	order = calloc(some + 1, sizeof(*order));
	if (w == NULL || starts == NULL || order == NULL) {
		err_set(e, ERR_SYSTEM, "disclosure: out of memory for the table of records");
		goto out;
	}
	w->fd = fd;
	w->len = 0;
	(void)crypto_hash_sha256_init(&w->state);
	tuples = sort_tuples(r->counts, bits, starts, order);
	if (write_all(r, w, bits, starts, order, tuples, e) == -1)
		goto out;
	(void)crypto_hash_sha256_final(&w->state, digest);
	rc = 0;
out:
	if (w != NULL)
		sodium_memzero(w, sizeof(*w));
	free(w);
	free(starts);
	free(order);
	return rc;
}

int
record_table_map(struct records *r, int fd, struct err *e)
{
	struct stat st;
	uint64_t rest;
	void *data;

	if (fstat(fd, &st) == -1)
		return err_sys(e, "table of records: stat");
	if (st.st_size < HEAD_LEN || (uint64_t)st.st_size > TABLE_BYTES_MAX)
		goto bad;
	if ((data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0)) == MAP_FAILED)
		return err_sys(e, "table of records: map");
	r->data = data;
	r->len = (size_t)st.st_size;
	memcpy(r->key, r->data + 8, sizeof(r->key));
	memcpy(r->sum_key, r->data + 24, sizeof(r->sum_key));
	r->bits = get32(r->data + 40);
	r->tuples = get32(r->data + 44);
	if (memcmp(r->data, TABLE_MAGIC, 8) != 0 || r->bits > BITS_MAX)
		goto bad;
	rest = ((UINT64_C(1) << r->bits) + 1) * 4;
	if (r->len - HEAD_LEN < rest || r->len - HEAD_LEN - rest != r->tuples * TUPLE_LEN)
		goto bad;
	r->starts = r->data + HEAD_LEN;
	r->entries = r->starts + rest;
	return 0;
bad:
	return err_set(e, ERR_INPUT, "table of records: it is not of the form it must have");
}

uint8_t
record_table_find(const struct records *r, const uint8_t hash[static RECORD_HASH_LEN])
{
	const uint8_t *start = r->starts + (size_t)bucket_of(hash, r->bits) * 4;
	uint64_t end = get32(start + 4);

	for (uint64_t i = get32(start); i < end && i < r->tuples; i++) {
		const uint8_t *tuple = r->entries + i * TUPLE_LEN;

		if (memcmp(tuple, hash, RECORD_HASH_LEN) == 0)
			return tuple[RECORD_HASH_LEN];
	}
	return 0;
}

void
records_digest(const struct records *r, uint8_t digest[static DIGEST_LEN])
{
	digest_bytes(r->data, r->len, digest);
}

void
records_free(struct records *r)
{
	if (r == NULL)
		return;
	record_counts_free(r->counts);
	if (r->data != NULL)
		(void)munmap((void *)(uintptr_t)r->data, r->len);
	sodium_memzero(r, sizeof(*r));
	free(r);
}
