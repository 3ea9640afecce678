/* Samples shuffled over several open shards: each once, whole and in one shard; an index in order; the same key, the same bytes. */
#define BODIES_MAX 400
#include "shard_vault.h"

#include "stager/entry.h"
#include "stager/json.h"

#define SAMPLES 400

/* What a run came to. */
struct result {
	struct vault v;
	struct buf plain[BODIES_MAX]; /* of shards, by number */
	struct buf index;
	size_t shards;
};

static struct result results[3];

/* Sample i: one member, or two of one stem, of some hundred bytes that say its number. */
static int
add_sample(struct shard_writer *w, unsigned i)
{
	static const char *const exts[] = {"txt", "json"};
	char subject[32], text[1024];

	(void)snprintf(subject, sizeof(subject), "subject%u", i % 37);
	for (unsigned m = 0; m < 1 + (i % 3 == 0); m++) {
		size_t len = 64 + (size_t)(i * 131 + m) % 900;
		struct entry entry;

		memset(text, 'a' + (int)(i % 26), sizeof(text));
		(void)snprintf(text, sizeof(text), "sample %u member %u", i, m);
		entry_init(&entry, subject, exts[m], RESCAN_TEXT, len);
		entry.continues = m > 0;
		if (shard_entry(w, &entry, &e) == -1 || shard_write(w, text, len, &e) == -1)
			return -1;
	}
	return 0;
}

static void
run(struct result *r, uint8_t seed, uint64_t waiting_max)
{
	struct secret *key = secret_new(SHARD_ORDER_KEY_LEN, &e);
	struct shard_sink sink = vault_init(&r->v);
	struct shard_writer *w = shard_new(16384, r->v.public_key, &sink, &e);

	memset(key->bytes, seed, key->len);
	CHECK_OK(shard_shuffle(w, key, waiting_max, &e));
	for (unsigned i = 1; i <= SAMPLES; i++)
		CHECK_OK(add_sample(w, i));
	CHECK_ERR(shard_shuffle(w, key, waiting_max, &e), ERR_SYSTEM); /* too late */
	CHECK_OK(shard_finish(w, &e));
	shard_free(w);
	secret_free(key);
	CHECK(r->v.done == r->v.count);
	buf_init(&r->index, 8 << 20);
	for (size_t i = 0; i < r->v.count; i++) {
		unsigned n;

		if (sscanf(r->v.bodies[i].name, "shard-%u", &n) != 1) {
			open_body(&r->v, i, &r->index);
			continue;
		}
		CHECK(n == r->shards++);
		buf_init(&r->plain[n], 1 << 20);
		open_body(&r->v, i, &r->plain[n]);
	}
}

static void
result_free(struct result *r)
{
	for (size_t i = 0; i < r->shards; i++)
		buf_free(&r->plain[i]);
	buf_free(&r->index);
	vault_free(&r->v);
}

/* The index names every member once, shard by shard and in each by offset; and there it is. */
static void
check_index(const struct result *r)
{
	const char *at = (const char *)r->index.data, *end = at + r->index.len, *line_end;
	int64_t shard, offset, size, last_shard = 0, last_offset = 0;
	bool seen[2][SAMPLES + 1] = {{false}};
	size_t members = 0, crossed = 0;
	unsigned before = 0;

	for (; at < end; at = line_end + 1, members++) {
		struct json *j;
		const char *name, *ext;
		unsigned sample, said, member;

		line_end = memchr(at, '\n', (size_t)(end - at));
		CHECK(line_end != NULL);
		if (line_end == NULL)
			return;
		j = json_parse_canonical(at, (size_t)(line_end - at), "line", &e);
		CHECK_OK(json_need_int(j, "shard", last_shard, (int64_t)r->shards - 1, "line", &shard, &e));
		CHECK_OK(json_need_int(j, "offset", 0, 1 << 20, "line", &offset, &e));
		CHECK_OK(json_need_int(j, "size", 0, 1 << 20, "line", &size, &e));
		CHECK(shard > last_shard || offset > last_offset);
		name = json_need_string(j, "member", "line", &e);
		ext = strrchr(name, '.');
		sample = (unsigned)strtoul(strchr(name, '/') + 1, NULL, 10);
		CHECK(sscanf((const char *)r->plain[shard].data + offset, "sample %u member %u", &said,
			  &member) == 2);
		CHECK(said == sample && member == (strcmp(ext, ".json") == 0));
		/* Members of a sample follow each other. */
		CHECK(member == 0 || before == sample);
		if (sample > SAMPLES)
			abort();
		CHECK(sample >= 1 && !seen[member][sample]);
		seen[member][sample] = true;
		crossed += before > sample;
		before = sample;
		last_shard = shard;
		last_offset = offset;
		json_free(j);
	}
	CHECK(members == SAMPLES + SAMPLES / 3);
	/* In each shard they are in the order of the source, and the next shard goes back. */
	CHECK(crossed > 8 && crossed < r->shards);
}

static bool
same(const struct result *a, const struct result *b)
{
	if (a->shards != b->shards || a->index.len != b->index.len ||
	    memcmp(a->index.data, b->index.data, a->index.len) != 0)
		return false;
	for (size_t i = 0; i < a->shards; i++)
		if (a->plain[i].len != b->plain[i].len ||
		    memcmp(a->plain[i].data, b->plain[i].data, a->plain[i].len) != 0)
			return false;
	return true;
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	run(&results[0], 1, SHARD_WAITING_MAX);
	CHECK(results[0].shards > SHARD_LANES);
	check_index(&results[0]);
	run(&results[1], 1, SHARD_WAITING_MAX);
	CHECK(same(&results[0], &results[1]));
	result_free(&results[1]);
	results[1] = (struct result){0};
	run(&results[1], 2, SHARD_WAITING_MAX);
	check_index(&results[1]);
	CHECK(!same(&results[0], &results[1]));
	/* With little room for what waits shards end before they are full, and all else is the same. */
	run(&results[2], 1, 2000);
	check_index(&results[2]);
	CHECK(results[2].shards > results[0].shards);
	for (size_t i = 0; i < 3; i++)
		result_free(&results[i]);
	return check_done();
}
