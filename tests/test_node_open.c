/* The node's shards, damaged in every way, and the tar that passes. */
#include "node_house.h"

#include "../stager/ingest/tar.h"

static struct buf plain;
static struct node_store *store;

static int
collect(void *ctx, const uint8_t *data, size_t len, struct err *err)
{
	(void)ctx;
	return buf_put(&plain, data, len, err);
}

static int
open_row(const struct node_release *r, uint64_t row)
{
	const struct node_sink sink = {NULL, collect, NULL};

	buf_clear(&plain);
	return node_open_rows(r, store, &row, 1, &sink, &e);
}

static void
flip_byte(const char *name, const char *ext, off_t at)
{
	int fd = file_in_folder(name, ext, O_RDWR);
	uint8_t byte;

	if (pread(fd, &byte, 1, at) != 1)
		abort();
	byte ^= 0x10;
	if (pwrite(fd, &byte, 1, at) != 1)
		abort();
	(void)close(fd);
}

static void
set_length(const char *name, const char *ext, uint64_t len)
{
	int fd = file_in_folder(name, ext, O_RDWR);

	must(ftruncate(fd, (off_t)len));
	(void)close(fd);
}

static void
swap_files(const char *a, const char *b)
{
	must(renameat(h.folder, a, h.folder, "away"));
	must(renameat(h.folder, b, h.folder, a));
	must(renameat(h.folder, "away", h.folder, b));
}

/* Every shard's members are where the index says, with the bytes that went in. */
static void
test_contents(const struct node_release *all, const struct node_release *index)
{
	struct buf lines;
	char *at, *end;
	int member = 0;

	buf_init(&lines, 65536);
	CHECK_OK(open_row(index, h.rows - 1));
	CHECK(plain.len == h.line[h.rows - 1].plain);
	must(buf_put(&lines, plain.data, plain.len, &e));
	must(buf_put_u8(&lines, 0, &e));
	for (at = (char *)lines.data; *at != '\0'; at = end + 1, member++) {
		struct json *j;
		int64_t shard = 0, offset = 0, size = 0;
		bool same = true;

		end = strchr(at, '\n');
		must((j = json_parse(at, (size_t)(end - at), "index", &e)) == NULL ? -1 : 0);
		must(json_need_int(j, "shard", 0, 100, "index", &shard, &e));
		must(json_need_int(j, "offset", 0, 1000000, "index", &offset, &e));
		must(json_need_int(j, "size", 0, 1000000, "index", &size, &e));
		CHECK_OK(open_row(all, (uint64_t)shard));
		CHECK(plain.len == h.line[shard].plain && size == MEMBER_SIZE);
		for (size_t i = 0; i < MEMBER_SIZE; i++)
			same = same && plain.data[(size_t)offset + i] == member_byte(member, i);
		CHECK(same);
		json_free(j);
	}
	CHECK(member == MEMBERS);
	buf_free(&lines);
}

/* Flip one byte in each segment of a body: what stands before that segment comes out, and nothing of it. */
static void
test_flipped_bodies(const struct node_release *r)
{
	static const size_t places[] = {0, 8, 12, 5000, C4GH_SEGMENT_MAX - 1};
	struct buf whole;

	buf_init(&whole, 1u << 20);
	CHECK_OK(open_row(r, 0));
	must(buf_put(&whole, plain.data, plain.len, &e));
	for (uint64_t segment = 0; segment < h.line[0].segments; segment++) {
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
			uint64_t at = segment * C4GH_SEGMENT_MAX + places[i];

			if (at >= h.line[0].body)
				at = h.line[0].body - 1;
			flip_byte("shard-00000", "body", (off_t)at);
			CHECK_ERR(open_row(r, 0), ERR_FORGED);
			CHECK(plain.len == segment * C4GH_PLAIN_MAX &&
			      memcmp(plain.data, whole.data, plain.len) == 0);
			flip_byte("shard-00000", "body", (off_t)at);
		}
	}
	CHECK_OK(open_row(r, 0));
	buf_free(&whole);
}

static void
test_damage(const struct node_release *r)
{
	uint64_t sums_len = h.line[0].segments * SUM_LEN;

	for (uint64_t i = 0; i < sums_len; i += 7) {
		flip_byte("shard-00000", "sums", (off_t)i);
		CHECK_ERR(open_row(r, 0), ERR_FORGED);
		CHECK(plain.len == 0);
		flip_byte("shard-00000", "sums", (off_t)i);
	}
	/* Of another shard, alone and both together. */
	swap_files("shard-00000.body", "shard-00001.body");
	CHECK_ERR(open_row(r, 0), ERR_FORGED);
	CHECK(plain.len == 0);
	swap_files("shard-00000.sums", "shard-00001.sums");
	CHECK_ERR(open_row(r, 0), ERR_FORGED);
	swap_files("shard-00000.body", "shard-00001.body");
	CHECK_ERR(open_row(r, 0), ERR_FORGED);
	swap_files("shard-00000.sums", "shard-00001.sums");
	CHECK_OK(open_row(r, 0));
	/* Longer by one; absent; a link; a pipe that nobody writes to; a folder. */
	set_length("shard-00000", "body", h.line[0].body + 1);
	CHECK_ERR(open_row(r, 0), ERR_FORGED);
	set_length("shard-00000", "body", h.line[0].body);
	set_length("shard-00000", "sums", sums_len + 1);
	CHECK_ERR(open_row(r, 0), ERR_FORGED);
	set_length("shard-00000", "sums", sums_len);
	CHECK_OK(open_row(r, 0));
	must(renameat(h.folder, "shard-00000.body", h.folder, "kept"));
	CHECK_ERR(open_row(r, 0), ERR_REMOTE);
	must(symlinkat("kept", h.folder, "shard-00000.body"));
	CHECK_ERR(open_row(r, 0), ERR_FORGED);
	must(unlinkat(h.folder, "shard-00000.body", 0));
	must(mkfifoat(h.folder, "shard-00000.body", 0600));
	CHECK_ERR(open_row(r, 0), ERR_FORGED);
	must(unlinkat(h.folder, "shard-00000.body", 0));
	must(mkdirat(h.folder, "shard-00000.body", 0700));
	CHECK_ERR(open_row(r, 0), ERR_FORGED);
	must(unlinkat(h.folder, "shard-00000.body", AT_REMOVEDIR));
	must(renameat(h.folder, "kept", h.folder, "shard-00000.body"));
	CHECK_OK(open_row(r, 0));
	/* Cut, last of all. */
	set_length("shard-00000", "body", h.line[0].body - 1);
	CHECK_ERR(open_row(r, 0), ERR_FORGED);
	CHECK(plain.len == 0);
}

static void
put_copy(int folder, const char *name, const struct buf *b)
{
	must(io_replace_file(folder, name, b->data, b->len, 0600, &e));
}

static void
test_copy(const struct node_release *r)
{
	CHECK_OK(node_check_copy(&h.node, r, store, &e));
	put_copy(h.folder, "shards.jsonl", &h.table);
	put_copy(h.version, "manifest.json", &h.envelope);
	CHECK_OK(node_check_copy(&h.node, r, store, &e));
	for (size_t i = 0; i < h.table.len; i += 13) {
		h.table.data[i] ^= 1;
		put_copy(h.folder, "shards.jsonl", &h.table);
		h.table.data[i] ^= 1;
		CHECK_ERR(node_check_copy(&h.node, r, store, &e), ERR_FORGED);
	}
	put_copy(h.folder, "shards.jsonl", &h.table);
	h.envelope.data[h.envelope.len / 2] ^= 1;
	put_copy(h.version, "manifest.json", &h.envelope);
	h.envelope.data[h.envelope.len / 2] ^= 1;
	CHECK_ERR(node_check_copy(&h.node, r, store, &e), ERR_FORGED);
	must(unlinkat(h.version, "manifest.json", 0));
	must(unlinkat(h.folder, "shards.jsonl", 0));
}

static void
test_shards(void)
{
	struct node_release all, index;
	const struct node_want want = {.kind = NODE_WANT_RANGE, .first = 0, .end = h.rows - 1};

	all_good();
	buf_init(&plain, 1u << 20);
	must(node_store_folder(fcntl(h.version, F_DUPFD_CLOEXEC, 3), &store, &e));
	must(hold_talk(&h.challenge_line, &h.answer_line, &want, &all));
	make_answer(h.rows - 1, h.rows);
	must(hold_talk(
	    &h.challenge_line, &h.answer_line, &(struct node_want){.kind = NODE_WANT_INDEX}, &index));
	CHECK_ERR(open_row(&all, h.rows - 1), ERR_USAGE);
	CHECK_ERR(open_row(&index, 0), ERR_USAGE);
	test_contents(&all, &index);
	node_release_free(&index);
	test_flipped_bodies(&all);
	test_copy(&all);
	/* The key of one shard does not open another, whatever the table says. */
	all.table->shards[0].commitment[0] ^= 1;
	CHECK_ERR(open_row(&all, 0), ERR_FORGED);
	all.table->shards[0].commitment[0] ^= 1;
	/* A shape that no body has. */
	all.table->shards[0].plain--;
	CHECK_ERR(open_row(&all, 0), ERR_FORGED);
	all.table->shards[0].plain++;
	CHECK_OK(open_row(&all, 0));
	test_damage(&all);
	node_release_free(&all);
	node_store_free(store);
	buf_free(&plain);
}

/* ---- the tar ---- */

/* Feed in pieces: how many bytes were to keep, or -1. */
static long
feed(struct node_tar *t, const uint8_t *data, size_t len, size_t piece)
{
	size_t keep, total = 0;

	node_tar_init(t);
	for (size_t at = 0; at < len; at += piece) {
		e.code = ERR_NONE;
		if (node_tar_feed(t, data + at, len - at < piece ? len - at : piece, &keep, &e) == -1)
			return -1;
		total += keep;
	}
	return (long)total;
}

static void
test_tar(void)
{
	static const size_t pieces[] = {512, 1024, 65536, 1u << 20};
	static uint8_t tar[64 * 512];
	uint8_t header[NODE_TAR_BLOCK];
	struct node_tar t;
	size_t len = 0, keep;

	/* Three files, one of them empty, one that fills its blocks; then the mark and padding. */
	tar_block("abc", "000001.txt", 700, '0', tar);
	len += 512 + 1024;
	tar_block("abc", "000002.txt", 0, '0', tar + len);
	len += 512;
	tar_block("abc", "000003.txt", 1024, '0', tar + len);
	len += 512 + 1024;
	/* Content that looks like a header, or like the mark, is content. */
	tar_block("abc", "000009.txt", 99999, '0', tar + 512);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		CHECK(feed(&t, tar, sizeof(tar), pieces[i]) == (long)len && t.ended);
		CHECK(node_tar_between(&t));
	}
	for (size_t piece = 1; piece < 600; piece += 97)
		CHECK(feed(&t, tar, sizeof(tar), piece) >= 0 && t.ended);
	/* Where it stands, block by block. */
	node_tar_init(&t);
	for (size_t at = 0; at < len; at += 512) {
		CHECK(node_tar_between(&t) == (at == 0 || at == 1536 || at == 2048));
		CHECK_OK(node_tar_feed(&t, tar + at, 512, &keep, &e));
		CHECK(keep == 512 && !t.ended);
	}
	CHECK(node_tar_between(&t));
	/* Something after the mark; no tar; a link; a size that is none. */
	tar[len + 3 * 512] = 1;
	CHECK(feed(&t, tar, sizeof(tar), 1024) == -1 && e.code == ERR_FORGED);
	tar[len + 3 * 512] = 0;
	for (size_t at = 0; at < 512; at++) {
		bool matters = (at >= 124 && at < 136) || at == 156 || (at >= 257 && at < 263);
		long got;

		tar[at] ^= 0x40;
		got = feed(&t, tar, sizeof(tar), 4096);
		CHECK(matters ? got == -1 && e.code == ERR_FORGED : got == (long)len);
		tar[at] ^= 0x40;
	}
	/* What no reader can take for an end. */
	node_tar_error(header);
	CHECK(feed(&t, header, sizeof(header), 512) == 512 && !node_tar_between(&t) && t.skip == 1u << 20);
	CHECK_OK(node_tar_feed(&t, tar, sizeof(tar), &keep, &e));
	CHECK(!t.ended);
}

/* A file too large for ustar: its size is in a pax record. */
static void
test_pax(void)
{
	const uint64_t size = TAR_USTAR_SIZE_MAX + 700;
	uint8_t head[TAR_HEAD_MAX], changed[TAR_HEAD_MAX];
	struct node_tar t;

	CHECK(tar_head("abc", "000001.bin", size, head) == TAR_HEAD_MAX);
	CHECK(feed(&t, head, sizeof(head), 512) == TAR_HEAD_MAX);
	CHECK(t.skip == (size + 511) / 512 * 512);
	node_tar_init(&t);
	CHECK(feed(&t, head, 512, 512) == 512 && !node_tar_between(&t));
	/* Another record, another length, two pax headers, the mark after one. */
	memcpy(changed, head, sizeof(head));
	changed[512 + 5] = 'S';
	CHECK(feed(&t, changed, sizeof(head), 512) == -1 && e.code == ERR_FORGED);
	memcpy(changed, head, sizeof(head));
	changed[512]++;
	CHECK(feed(&t, changed, sizeof(head), 512) == -1 && e.code == ERR_FORGED);
	memcpy(changed, head, sizeof(head));
	memcpy(changed + 1024, head, 512);
	CHECK(feed(&t, changed, sizeof(head), 512) == -1 && e.code == ERR_FORGED);
	memset(changed + 1024, 0, 512);
	CHECK(feed(&t, changed, sizeof(head), 512) == -1 && e.code == ERR_FORGED);
}

int
main(void)
{
	setup();
	test_shards();
	test_tar();
	test_pax();
	teardown();
	return check_done();
}
