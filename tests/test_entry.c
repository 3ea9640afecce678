/* The entry stream and the sources: what goes in comes out; cut, altered and over-long is refused. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "stager/buf.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/source.h"

static struct err e;

/* A file with nobody's name that holds the bytes, at its front. */
static int
file_of(const void *data, size_t len)
{
	char path[] = "/tmp/stager-test-XXXXXX";
	int fd = mkstemp(path);

	if (fd == -1 || unlink(path) == -1 || io_write(fd, data, len, "test file", &e) == -1 ||
	    lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

static void
bytes_of(int fd, struct buf *b)
{
	if (lseek(fd, 0, SEEK_SET) != 0 || io_read_all(fd, b, "test file", &e) == -1)
		abort();
}

static void
put(struct entry_writer *w, const char *subject, const char *ext, bool continues, const char *content)
{
	struct entry entry;

	entry_init(&entry, subject, ext, RESCAN_TEXT, strlen(content));
	entry.continues = continues;
	CHECK_OK(entry_put(w, &entry, content, strlen(content), &e));
}

/* Three entries: a sample of two, one without content. */
static void
sample_stream(struct buf *b)
{
	struct entry_writer w;
	int fd = file_of("", 0);

	entry_writer_init(&w, fd);
	put(&w, "abc234", "json", false, "{\"a\":1}\n");
	put(&w, "abc234", "txt", true, "twelve bytes");
	put(&w, "x", "csv", false, "");
	CHECK(w.entries == 3 && w.bytes == 20 && w.left == 0);
	bytes_of(fd, b);
	CHECK(b->len == 3 * ENTRY_FIXED_LEN + 6 + 4 + 6 + 3 + 1 + 3 + 20);
	(void)close(fd);
}

/* Reads a whole stream in pieces; the number of entries, or -1. */
static int
read_up(int fd, size_t piece, struct buf *content)
{
	struct entry_reader *r = malloc(sizeof(*r));
	uint8_t *bytes = malloc(piece);
	struct entry entry;
	size_t got;
	int rc, count = 0;

	entry_reader_init(r, fd);
	while ((rc = entry_next(r, &entry, &e)) == 1) {
		count++;
		do {
			if ((rc = entry_read(r, bytes, piece, &got, &e)) == -1)
				goto out;
			if (content != NULL)
				CHECK_OK(buf_put(content, bytes, got, &e));
		} while (got > 0);
	}
	if (rc == 0)
		rc = count;
out:
	entry_reader_free(r);
	free(bytes);
	free(r);
	return rc;
}

static int
read_bytes(const uint8_t *data, size_t len)
{
	int fd = file_of(data, len), rc = read_up(fd, 5, NULL);

	(void)close(fd);
	return rc;
}

static void
test_round_trip(void)
{
	struct entry_reader *r = malloc(sizeof(*r));
	struct entry entry;
	struct buf b, content;
	uint8_t bytes[64];
	size_t got;
	int fd;

	buf_init(&b, 4096);
	buf_init(&content, 4096);
	sample_stream(&b);
	/* The head as DESIGN.md fixes it. */
	CHECK(memcmp(b.data,
		  "SDGE\x04\x03\x00\x00\x00\x06\x04\x08\x00\x00\x00\x00\x00\x00\x00"
		  "\x00\x00\x00\x00\x00\x00\x00\x00"
		  "abc234json{\"a\":1}\n",
		  ENTRY_FIXED_LEN + 10 + 8) != 0); /* rescan is RESCAN_TEXT there, not JSONL */
	CHECK(memcmp(b.data,
		  "SDGE\x04\x01\x00\x00\x00\x06\x04\x08\x00\x00\x00\x00\x00\x00\x00"
		  "\x00\x00\x00\x00\x00\x00\x00\x00"
		  "abc234json{\"a\":1}\n",
		  ENTRY_FIXED_LEN + 10 + 8) == 0);
	fd = file_of(b.data, b.len);
	entry_reader_init(r, fd);
	CHECK(entry_next(r, &entry, &e) == 1);
	CHECK(strcmp(entry.subject, "abc234") == 0 && strcmp(entry.ext, "json") == 0);
	CHECK(entry.size == 8 && !entry.continues && entry.rescan == RESCAN_TEXT);
	CHECK_ERR(entry_next(r, &entry, &e), ERR_SYSTEM);
	CHECK_OK(entry_read(r, bytes, sizeof(bytes), &got, &e));
	CHECK(got == 8 && memcmp(bytes, "{\"a\":1}\n", 8) == 0);
	CHECK_OK(entry_read(r, bytes, sizeof(bytes), &got, &e));
	CHECK(got == 0);
	CHECK(entry_next(r, &entry, &e) == 1 && entry.continues && strcmp(entry.ext, "txt") == 0);
	CHECK_OK(entry_read(r, bytes, 5, &got, &e));
	CHECK(got == 5);
	CHECK_OK(entry_read(r, bytes + 5, sizeof(bytes) - 5, &got, &e));
	CHECK(got == 7 && memcmp(bytes, "twelve bytes", 12) == 0);
	CHECK(entry_next(r, &entry, &e) == 1 && entry.size == 0 && !entry.continues);
	CHECK_OK(entry_read(r, bytes, sizeof(bytes), &got, &e));
	CHECK(got == 0);
	CHECK(entry_next(r, &entry, &e) == 0);
	CHECK(entry_next(r, &entry, &e) == 0);
	CHECK(r->entries == 3 && r->bytes == 20);
	(void)close(fd);
	free(r);
	buf_free(&b);
	buf_free(&content);
}

static void
test_hostile(void)
{
	struct buf b;
	int ends[2] = {ENTRY_FIXED_LEN + 10 + 8, ENTRY_FIXED_LEN + 10 + 8 + ENTRY_FIXED_LEN + 9 + 12}, rc;
	struct entry_writer w;
	struct entry entry;
	uint8_t *copy;
	int fd;

	buf_init(&b, 4096);
	sample_stream(&b);
	CHECK(read_bytes(b.data, b.len) == 3);
	/* Cut anywhere but between two entries. */
	for (size_t len = 1; len < b.len; len++) {
		if ((int)len == ends[0] || (int)len == ends[1])
			CHECK(read_bytes(b.data, len) == ((int)len == ends[0] ? 1 : 2));
		else
			CHECK_ERR(read_bytes(b.data, len), ERR_INPUT);
	}
	/* Every bit of the first head: never read as what it was. */
	copy = malloc(b.len);
	for (size_t at = 0; at < ENTRY_FIXED_LEN; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			memcpy(copy, b.data, b.len);
			copy[at] ^= (uint8_t)(1u << bit);
			rc = read_bytes(copy, b.len);
			/* another rescan class is well formed: 1 ^ 4 is 5, 1 ^ 2 is 3 */
			if (at == 5 && (bit == 1 || bit == 2))
				CHECK(rc == 3);
			else if (at == 7 && bit < 2) /* another encoding */
				CHECK(rc == 3);
			else if (at >= 19 && at < 24) /* another file's number, below 2^40 */
				CHECK(rc == 3);
			else
				CHECK(rc == -1 && (e.code == ERR_INPUT || e.code == ERR_LIMIT));
		}
	}
	/* Subject and ext outside their alphabet. */
	for (size_t at = ENTRY_FIXED_LEN; at < ENTRY_FIXED_LEN + 10; at++) {
		memcpy(copy, b.data, b.len);
		copy[at] = at % 2 == 0 ? '/' : 'A';
		CHECK_ERR(read_bytes(copy, b.len), ERR_INPUT);
	}
	/* A continuation of another subject's sample, and one of nothing. */
	memcpy(copy, b.data, b.len);
	copy[ENTRY_FIXED_LEN] = 'z';
	CHECK_ERR(read_bytes(copy, b.len), ERR_INPUT);
	CHECK_ERR(read_bytes(b.data + ends[0], b.len - (size_t)ends[0]), ERR_INPUT);
	/* One of another set's; the last set, and one more. */
	memcpy(copy, b.data, b.len);
	copy[(size_t)ends[0] + 8] = 1;
	CHECK_ERR(read_bytes(copy, b.len), ERR_INPUT);
	copy[8] = 1;
	CHECK(read_bytes(copy, b.len) == 3);
	copy[8] = copy[(size_t)ends[0] + 8] = ENTRY_SETS_MAX - 1;
	CHECK(read_bytes(copy, b.len) == 3);
	copy[8] = copy[(size_t)ends[0] + 8] = ENTRY_SETS_MAX;
	CHECK_ERR(read_bytes(copy, b.len), ERR_INPUT);
	/* The limit, and one more. */
	memcpy(copy, b.data, b.len);
	memcpy(copy + 11, "\x00\x00\x00\x00\x10\x00\x00\x00", 8);
	CHECK_ERR(read_bytes(copy, b.len), ERR_INPUT); /* allowed, but cut short */
	memcpy(copy + 11, "\x01\x00\x00\x00\x10\x00\x00\x00", 8);
	CHECK_ERR(read_bytes(copy, b.len), ERR_LIMIT);
	free(copy);
	buf_free(&b);

	fd = file_of("", 0);
	entry_writer_init(&w, fd);
	entry_init(&entry, "x", "txt", RESCAN_NONE, 4);
	CHECK_ERR(entry_put(&w, &entry, "abc", 3, &e), ERR_SYSTEM);
	CHECK_OK(entry_begin(&w, &entry, &e));
	CHECK_ERR(entry_begin(&w, &entry, &e), ERR_SYSTEM);
	CHECK_ERR(entry_write(&w, "abcde", 5, &e), ERR_SYSTEM);
	CHECK_OK(entry_write(&w, "abc", 3, &e));
	CHECK_ERR(entry_write(&w, "de", 2, &e), ERR_SYSTEM);
	CHECK_OK(entry_write(&w, "d", 1, &e));
	entry_init(&entry, "x", "txt", RESCAN_NONE, ENTRY_SIZE_MAX + 1);
	CHECK_ERR(entry_begin(&w, &entry, &e), ERR_LIMIT);
	(void)close(fd);
}

/* A writer that holds small entries writes the same bytes, only later: sizes below, at and past its room. */
static void
test_held(void)
{
	static const size_t sizes[] = {3, 0, 30000, 40000, 0, ENTRY_HELD_LEN - ENTRY_FIXED_LEN - 4, 1,
	    ENTRY_HELD_LEN - ENTRY_FIXED_LEN - 3, ENTRY_HELD_LEN, 7, 200000, 5};
	uint8_t *data = malloc(200100), *held = malloc(ENTRY_HELD_LEN);
	struct entry_writer plain, holding;
	int fds[] = {file_of("", 0), file_of("", 0)};
	struct entry entry;
	struct buf want, got;

	for (size_t i = 0; i < 200100; i++)
		data[i] = (uint8_t)(i * 7 + (i >> 9));
	buf_init(&want, 1 << 20);
	buf_init(&got, 1 << 20);
	entry_writer_init(&plain, fds[0]);
	entry_writer_init(&holding, fds[1]);
	entry_writer_hold(&holding, held);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		entry_init(&entry, "x", "txt", RESCAN_TEXT, sizes[i]);
		CHECK_OK(entry_put(&plain, &entry, data + i, sizes[i], &e));
		CHECK_OK(entry_begin(&holding, &entry, &e));
		CHECK_OK(entry_write(&holding, data + i, sizes[i] / 3, &e));
		CHECK_OK(entry_write(&holding, data + i + sizes[i] / 3, sizes[i] - sizes[i] / 3, &e));
		if (i == 2)
			CHECK(lseek(fds[1], 0, SEEK_CUR) == 0);
	}
	bytes_of(fds[0], &want);
	bytes_of(fds[1], &got);
	CHECK(got.len < want.len);
	CHECK_OK(entry_flush(&holding, &e));
	buf_clear(&got);
	bytes_of(fds[1], &got);
	CHECK(got.len == want.len && memcmp(got.data, want.data, want.len) == 0);
	CHECK(holding.bytes == plain.bytes && holding.entries == plain.entries);
	/* Nothing is left to go twice. */
	CHECK_OK(entry_flush(&holding, &e));
	CHECK(lseek(fds[1], 0, SEEK_END) == (off_t)want.len);
	(void)close(fds[0]);
	(void)close(fds[1]);
	CHECK_OK(entry_put(&holding, &entry, data, 5, &e));
	CHECK_ERR(entry_flush(&holding, &e), ERR_SYSTEM);
	buf_free(&want);
	buf_free(&got);
	free(held);
	free(data);
}

#define BIG (5u << 20)

static void *
write_big(void *arg)
{
	int *fd = arg;
	struct err mine;
	struct entry_writer w;
	struct entry entry;
	uint8_t *data = malloc(BIG);

	for (size_t i = 0; i < BIG; i++)
		data[i] = (uint8_t)(i * 31 + (i >> 12));
	entry_writer_init(&w, *fd);
	entry_init(&entry, "x", "bin", RESCAN_NONE, BIG);
	if (entry_put(&w, &entry, data, BIG, &mine) == -1)
		abort();
	/* then many small ones, whose heads the reader finds in what it read ahead */
	for (int i = 0; i < 5000; i++) {
		entry_init(&entry, "x", "txt", RESCAN_TEXT, (uint64_t)(i % 7));
		if (entry_put(&w, &entry, data, (size_t)(i % 7), &mine) == -1)
			abort();
	}
	(void)close(*fd);
	free(data);
	return NULL;
}

/* Through a real pipe, where writes and reads come in parts. */
static void
test_pipe(void)
{
	static const size_t pieces[] = {100, 4096, 65536, 1 << 20};
	struct buf content;
	pthread_t thread;
	int pair[2];
	size_t wrong;

	for (size_t p = 0; p < 4; p++) {
		buf_init(&content, BIG + 5000 * 7);
		if (pipe(pair) == -1 || pthread_create(&thread, NULL, write_big, &pair[1]) != 0)
			abort();
		CHECK(read_up(pair[0], pieces[p], &content) == 5001);
		(void)pthread_join(thread, NULL);
		(void)close(pair[0]);
		wrong = 0;
		for (size_t i = 0; i < BIG && i < content.len; i++)
			if (content.data[i] != (uint8_t)(i * 31 + (i >> 12)))
				wrong++;
		CHECK(wrong == 0);
		CHECK(content.len > BIG);
		buf_free(&content);
	}
}

static void
test_sources(void)
{
	struct source_mem m;
	struct source_fd f;
	uint8_t bytes[64];
	int fd = file_of("twelve bytes", 12);

	source_fd_init(&f, fd, 12, 7, "folder/name.txt");
	CHECK(f.source.size_known && f.source.size == 12 && f.source.number == 7);
	CHECK(strcmp(f.source.name, "folder/name.txt") == 0);
	CHECK(f.source.read(&f.source, bytes, 5, &e) == 5);
	CHECK(source_read_full(&f.source, bytes + 5, 40, &e) == 7);
	CHECK(memcmp(bytes, "twelve bytes", 12) == 0);
	CHECK(f.source.read(&f.source, bytes, 5, &e) == 0);
	/* one more and one fewer than it has */
	(void)lseek(fd, 0, SEEK_SET);
	source_fd_init(&f, fd, 11, 7, "a");
	CHECK(f.source.read(&f.source, bytes, sizeof(bytes), &e) == 11);
	CHECK_ERR(f.source.read(&f.source, bytes, sizeof(bytes), &e), ERR_INPUT);
	CHECK(strstr(e.text, "file 7") != NULL && strstr(e.text, "changed") != NULL);
	(void)lseek(fd, 0, SEEK_SET);
	source_fd_init(&f, fd, 13, 7, "a");
	CHECK_ERR((int)source_read_full(&f.source, bytes, sizeof(bytes), &e), ERR_INPUT);
	(void)close(fd);
	source_fd_init(&f, -1, 13, 7, "a");
	CHECK_ERR((int)f.source.read(&f.source, bytes, sizeof(bytes), &e), ERR_SYSTEM);
	fd = file_of("", 0);
	source_fd_init(&f, fd, 0, 1, "a");
	CHECK(f.source.read(&f.source, bytes, sizeof(bytes), &e) == 0);
	(void)close(fd);

	source_mem_init(&m, "0123456789", 10, "m");
	m.chunk = 3;
	CHECK(m.source.read(&m.source, bytes, 8, &e) == 3);
	CHECK(source_read_full(&m.source, bytes + 3, sizeof(bytes) - 3, &e) == 7);
	CHECK(memcmp(bytes, "0123456789", 10) == 0);
	CHECK(source_read_full(&m.source, bytes, 5, &e) == 0);

	/* to the end, behind what is there; no further than the limit; what is read short of its size */
	for (size_t limit = 9; limit <= 14; limit++) {
		struct buf all;

		buf_init(&all, limit);
		CHECK_OK(buf_put(&all, "abc", 3, &e));
		source_mem_init(&m, "0123456789", 10, "m");
		m.chunk = 3;
		CHECK_OK(source_read_all(&m.source, &all, &e));
		CHECK(
		    all.len == (limit < 13 ? limit : 13) && memcmp(all.data, "abc0123456789", all.len) == 0);
		buf_free(&all);
	}
	fd = file_of("twelve bytes", 12);
	for (uint64_t size = 11; size <= 13; size += 2) {
		struct buf all;

		buf_init(&all, 64);
		(void)lseek(fd, 0, SEEK_SET);
		source_fd_init(&f, fd, size, 7, "a");
		CHECK_ERR(source_read_all(&f.source, &all, &e), ERR_INPUT);
		buf_free(&all);
	}
	(void)close(fd);
}

int
main(void)
{
	test_round_trip();
	test_hostile();
	test_held();
	test_pipe();
	test_sources();
	return check_done();
}
