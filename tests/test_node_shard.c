/* A shard read anywhere, by many threads at once, whole and damaged; and rows one after the other. */
#include <pthread.h>

#include "node_house.h"

#define THREADS 6
#define READS 400

static struct node_store *store;
static struct node_release r;
static struct buf whole; /* row 0, as node_open_rows gives it */

static int
collect(void *ctx, const uint8_t *data, size_t len, struct err *err)
{
	return buf_put(ctx, data, len, err);
}

/* So many bytes of row 0 that segments [first, first + count) hold. */
static size_t
plain_of(uint64_t first, size_t count)
{
	uint64_t left = h.line[0].plain - first * C4GH_PLAIN_MAX, len = (uint64_t)count * C4GH_PLAIN_MAX;

	return (size_t)(len < left ? len : left);
}

static void
test_ranges(struct node_shard *s)
{
	uint64_t segments = h.line[0].segments;
	uint8_t *out = malloc(NODE_READ_MAX * C4GH_PLAIN_MAX);
	size_t good;

	CHECK(node_shard_line(s)->segments == segments && segments >= 3);
	for (uint64_t first = 0; first < segments; first++) {
		for (size_t count = 1; count <= segments - first; count++) {
			CHECK_OK(node_shard_read(s, first, count, out, &good, &e));
			CHECK(good == plain_of(first, count) &&
			      memcmp(out, whole.data + first * C4GH_PLAIN_MAX, good) == 0);
		}
		/* One past the end. */
		CHECK_ERR(node_shard_read(s, first, segments - first + 1, out, &good, &e), ERR_USAGE);
		CHECK(good == 0);
	}
	CHECK_ERR(node_shard_read(s, segments, 1, out, &good, &e), ERR_USAGE);
	CHECK_ERR(node_shard_read(s, UINT64_MAX, 2, out, &good, &e), ERR_USAGE);
	CHECK_ERR(node_shard_read(s, 0, 0, out, &good, &e), ERR_USAGE);
	CHECK_ERR(node_shard_read(s, 0, NODE_READ_MAX + 1, out, &good, &e), ERR_USAGE);
	free(out);
}

/* A byte of one segment: what stands before it is given, what stands beside it too, it and what follows it are not. */
static void
test_damage(struct node_shard *s)
{
	uint64_t segments = h.line[0].segments;
	int fd = file_in_folder("shard-00000", "body", O_RDWR);
	uint8_t *out = malloc(segments * C4GH_PLAIN_MAX), byte;
	size_t good, len, beyond;

	for (uint64_t bad = 0; bad < segments; bad++) {
		off_t at = (off_t)(bad * C4GH_SEGMENT_MAX + 40);

		if (pread(fd, &byte, 1, at) != 1)
			abort();
		byte ^= 4;
		if (pwrite(fd, &byte, 1, at) != 1)
			abort();
		len = plain_of(0, segments);
		memset(out, 0xee, len);
		CHECK_ERR(node_shard_read(s, 0, segments, out, &good, &e), ERR_FORGED);
		CHECK(good == bad * C4GH_PLAIN_MAX && memcmp(out, whole.data, good) == 0);
		/* Not one byte of what follows. */
		for (beyond = good + C4GH_PLAIN_MAX; beyond < len && out[beyond] == 0xee; beyond++)
			continue;
		CHECK(beyond >= len);
		for (uint64_t one = 0; one < segments; one++)
			CHECK((node_shard_read(s, one, 1, out, &good, &e) == 0) == (one != bad));
		byte ^= 4;
		if (pwrite(fd, &byte, 1, at) != 1)
			abort();
	}
	/* A file that shrinks while it is open. */
	must(ftruncate(fd, (off_t)h.line[0].body - 1));
	CHECK_ERR(node_shard_read(s, segments - 1, 1, out, &good, &e), ERR_FORGED);
	CHECK_OK(node_shard_read(s, 0, 1, out, &good, &e));
	must(pread(fd, &byte, 1, 0) == 1 ? 0 : -1);
	free(out);
	(void)close(fd);
}

static void *
read_much(void *ctx)
{
	struct node_shard *s = ctx;
	uint64_t segments = h.line[0].segments;
	uint8_t *out = malloc(segments * C4GH_PLAIN_MAX);
	unsigned seed = (unsigned)(uintptr_t)&out;
	struct err mine = {.code = ERR_NONE};
	uint64_t wrong = 0;

	for (int i = 0; i < READS; i++) {
		uint64_t first = (uint64_t)rand_r(&seed) % segments;
		size_t count = 1 + (uint64_t)rand_r(&seed) % (segments - first), good;

		if (node_shard_read(s, first, count, out, &good, &mine) == -1 ||
		    good != plain_of(first, count) ||
		    memcmp(out, whole.data + first * C4GH_PLAIN_MAX, good) != 0)
			wrong++;
	}
	free(out);
	return (void *)(uintptr_t)wrong;
}

static void
test_threads(struct node_shard *s)
{
	pthread_t threads[THREADS];
	void *wrong;

	for (int i = 0; i < THREADS; i++)
		must(pthread_create(&threads[i], NULL, read_much, s) == 0 ? 0 : -1);
	for (int i = 0; i < THREADS; i++) {
		CHECK(pthread_join(threads[i], &wrong) == 0);
		CHECK(wrong == NULL);
	}
}

/* ---- rows ---- */

struct seen {
	struct buf bytes;
	uint64_t rows[ROWS_MAX];
	size_t count, stop_at;
};

static int
see(void *ctx, const uint8_t *data, size_t len, struct err *err)
{
	struct seen *s = ctx;

	if (s->stop_at > 0 && s->bytes.len >= s->stop_at)
		return err_set(err, ERR_REMOTE, "enough");
	return buf_put(&s->bytes, data, len, err);
}

static int
see_end(void *ctx, uint64_t row, struct err *err)
{
	struct seen *s = ctx;

	(void)err;
	s->rows[s->count++] = row;
	return 0;
}

static void
test_rows(void)
{
	struct seen one = {.count = 0}, all = {.count = 0};
	const struct node_sink to_one = {&one, see, see_end}, to_all = {&all, see, see_end};
	uint64_t rows[ROWS_MAX];
	size_t count = h.rows - 1, gone = count / 2;

	buf_init(&one.bytes, 4u << 20);
	buf_init(&all.bytes, 4u << 20);
	for (size_t i = 0; i < count; i++) {
		rows[i] = count - 1 - i;
		CHECK_OK(node_open_rows(&r, store, &rows[i], 1, &to_one, &e));
	}
	CHECK_OK(node_open_rows(&r, store, rows, count, &to_all, &e));
	CHECK(all.count == count && memcmp(all.rows, rows, count * sizeof(rows[0])) == 0);
	CHECK(all.bytes.len == one.bytes.len && memcmp(all.bytes.data, one.bytes.data, one.bytes.len) == 0);
	CHECK_OK(node_open_rows(&r, store, rows, 0, &to_all, &e));
	/* One that is not there: those before it come out whole, and then the fault. */
	must(renameat(h.folder, "shard-00001.sums", h.folder, "away"));
	for (size_t i = 0; i < count; i++)
		gone = rows[i] == 1 ? i : gone;
	all.count = all.bytes.len = 0;
	CHECK_ERR(node_open_rows(&r, store, rows, count, &to_all, &e), ERR_REMOTE);
	CHECK(all.count == gone && memcmp(all.bytes.data, one.bytes.data, all.bytes.len) == 0);
	must(renameat(h.folder, "away", h.folder, "shard-00001.sums"));
	/* Who takes no more stops it all, wherever it is. */
	for (size_t at = 1; at < one.bytes.len - h.line[0].plain; at += 50001) {
		all.count = all.bytes.len = 0;
		all.stop_at = at;
		CHECK_ERR(node_open_rows(&r, store, rows, count, &to_all, &e), ERR_REMOTE);
		CHECK(memcmp(all.bytes.data, one.bytes.data, all.bytes.len) == 0);
	}
	all.stop_at = 0;
	rows[0] = h.rows;
	CHECK_ERR(node_open_rows(&r, store, rows, 1, &to_all, &e), ERR_USAGE);
	buf_free(&one.bytes);
	buf_free(&all.bytes);
}

/* What a store says of what is no object of the right length. */
static void
test_store(void)
{
	struct node_object *o = NULL;
	uint64_t size = 0;
	uint8_t byte;

	CHECK(node_store_streams(store) == 0);
	CHECK(node_store_size(store, "abroad/shard-00000.body", &size, &e) == 1 && size == h.line[0].body);
	CHECK(node_store_size(store, "abroad/none", &size, &e) == 0);
	CHECK_ERR(node_store_size(store, "abroad", &size, &e), ERR_FORGED);
	CHECK_ERR(node_object_open(store, "abroad/none", 1, &o, &e), ERR_REMOTE);
	CHECK_ERR(node_object_open(store, "abroad", 1, &o, &e), ERR_FORGED);
	CHECK_ERR(node_object_open(store, "abroad/shard-00000.body", 1, &o, &e), ERR_FORGED);
	CHECK_OK(node_object_open(store, "abroad/shard-00000.body", size, &o, &e));
	CHECK_OK(node_object_read(o, size - 1, &byte, 1, &e));
	CHECK_ERR(node_object_read(o, size, &byte, 1, &e), ERR_FORGED);
	node_object_free(o);
	node_object_free(NULL);
	node_shard_free(NULL);
	node_store_free(NULL);
}

int
main(void)
{
	const struct node_want want = {.kind = NODE_WANT_RANGE, .first = 0, .end = 0};
	struct node_want all = want;
	struct node_sink to_whole = {&whole, collect, NULL};
	struct node_shard *s = NULL;

	setup();
	all_good();
	all.end = h.rows - 1;
	must(hold_talk(&h.challenge_line, &h.answer_line, &all, &r));
	must(node_store_folder(fcntl(h.version, F_DUPFD_CLOEXEC, 3), &store, &e));
	buf_init(&whole, 4u << 20);
	must(node_open_rows(&r, store, &(uint64_t){0}, 1, &to_whole, &e));
	CHECK(whole.len == h.line[0].plain);
	test_store();
	test_rows();
	CHECK_ERR(node_shard_open(&r, store, h.rows - 1, &s, &e), ERR_USAGE);
	CHECK_ERR(node_shard_open(&r, store, UINT64_MAX, &s, &e), ERR_USAGE);
	must(node_shard_open(&r, store, 0, &s, &e));
	test_ranges(s);
	test_threads(s);
	test_damage(s);
	node_shard_free(s);
	node_store_free(store);
	node_release_free(&r);
	buf_free(&whole);
	teardown();
	return check_done();
}
