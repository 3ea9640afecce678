/* Sealed shards: opened again segment by segment, read by other people's tar, padded, whole, and in order. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../stager/ingest/tar.h"
#include "check.h"
#include "stager/c4gh.h"
#include "stager/digest.h"
#include "stager/enc.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/secret.h"
#include "stager/shard.h"
#include "shard_vault.h"

static void
fill(uint8_t *data, size_t len, unsigned seed)
{
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(seed * 97 + i * 31 + (i >> 9));
}

/* One member, given in pieces. */
static int
add(struct shard_writer *w, const char *subject, const char *ext, bool continues, size_t size, size_t piece)
{
	struct entry entry;
	uint8_t *data = malloc(size + 1);
	size_t at = 0, n;
	int rc = -1;

	fill(data, size, (unsigned)(size + strlen(subject)));
	entry_init(&entry, subject, ext, RESCAN_TEXT, size);
	entry.continues = continues;
	if (shard_entry(w, &entry, &e) == -1)
		goto out;
	for (; at < size; at += n) {
		n = size - at < piece ? size - at : piece;
		if (shard_write(w, data + at, n, &e) == -1)
			goto out;
	}
	rc = 0;
out:
	free(data);
	return rc;
}

/* What a command prints about the bytes. */
static void
ask_peer(const char *command, const struct buf *tar, struct buf *answer)
{
	char path[] = "/tmp/stager-test-XXXXXX", line[4096];
	int fd = mkstemp(path);
	FILE *f;

	buf_clear(answer);
	if (fd == -1 || io_write(fd, tar->data, tar->len, "tar", &e) == -1)
		abort();
	(void)snprintf(line, sizeof(line), command, getenv("STAGER_TESTS"), path);
	if ((f = popen(line, "r")) == NULL) /* NOLINT: a test's own words */
		abort();
	while (fgets(line, sizeof(line), f) != NULL)
		CHECK_OK(buf_put_str(answer, line, &e));
	CHECK(pclose(f) == 0);
	(void)close(fd);
	(void)unlink(path);
}

/* The line that peer_tar.py must print for add()'s member. */
static void
expect_line(struct buf *b, const char *subject, unsigned sample, const char *ext, size_t size,
    uint64_t offset, unsigned in_shard)
{
	uint8_t *data = malloc(size + 1), digest[DIGEST_LEN];
	char hex[DIGEST_HEX_LEN + 1];

	fill(data, size, (unsigned)(size + strlen(subject)));
	digest_bytes(data, size, digest);
	hex_encode(digest, DIGEST_LEN, hex);
	CHECK_OK(buf_printf(
	    b, &e, "%s/%06u.%s %zu %s %d %u\n", subject, sample, ext, size, hex, (int)offset, in_shard));
	free(data);
}

static void
check_tail(const struct buf *tar, uint64_t used)
{
	size_t wrong = 0;

	CHECK(tar->len == tar_padded_len(used + TAR_END) && tar->len % 512 == 0);
	for (size_t i = used; i < tar->len; i++)
		wrong += tar->data[i] != 0;
	CHECK(wrong == 0);
}

static void
test_two_shards(size_t piece, struct buf first[2])
{
	const char *python = "/usr/bin/python3 %s/peer_tar.py %s";
	const char *gnu = ": %s; tar --list --file %s";
	struct vault v;
	struct shard_sink sink = vault_init(&v);
	struct shard_writer *w = shard_new(1 << 20, v.public_key, &sink, &e);
	struct buf tar[2], index, answer, want;
	struct json *j;
	uint64_t offset;

	for (size_t i = 0; i < 2; i++)
		buf_init(&tar[i], 8 << 20);
	buf_init(&index, 1 << 20);
	buf_init(&answer, 1 << 20);
	buf_init(&want, 1 << 20);
	/* Sample 2 begins where there is room and stays together, past the target; sample 3 finds it full. */
	CHECK_OK(add(w, "abcdefghijklmnopqrstuvwxyz", "json", false, 600000, piece));
	CHECK_OK(add(w, "x", "csv", false, 100, piece));
	CHECK_OK(add(w, "x", "txt", true, 700001, piece));
	CHECK_OK(add(w, "x", "dcm", true, 0, piece));
	CHECK_OK(add(w, "y2", "txt", false, 0, piece));
	CHECK_OK(add(w, "y2", "csv", false, 512, piece));
	CHECK(v.done == 1 && v.count == 3); /* the first was handed over as soon as it was full */
	CHECK_OK(shard_finish(w, &e));
	CHECK(shard_entries(w) == 6 && shard_bytes(w) == 600000 + 100 + 700001 + 512);
	shard_free(w);

	CHECK(v.count == 3 && v.done == 3);
	CHECK(strcmp(v.bodies[0].name, "index") == 0 && strcmp(v.bodies[1].name, "shard-00000") == 0 &&
	      strcmp(v.bodies[2].name, "shard-00001") == 0);
	CHECK(
	    v.bodies[0].line.members == 6 && v.bodies[1].line.members == 4 && v.bodies[2].line.members == 2);
	CHECK(memcmp(v.bodies[1].line.commitment, v.bodies[2].line.commitment, COMMITMENT_LEN) != 0);
	open_body(&v, 1, &tar[0]);
	open_body(&v, 2, &tar[1]);
	open_body(&v, 0, &index);

	ask_peer(python, &tar[0], &answer);
	expect_line(&want, "abcdefghijklmnopqrstuvwxyz", 1, "json", 600000, 512, 1);
	offset = 512 + 600064 + 512;
	expect_line(&want, "x", 2, "csv", 100, offset, 2);
	offset += 512 + 512;
	expect_line(&want, "x", 2, "txt", 700001, offset, 2);
	offset += 700416 + 512;
	expect_line(&want, "x", 2, "dcm", 0, offset, 2);
	check_tail(&tar[0], offset);
	CHECK(answer.len == want.len && memcmp(answer.data, want.data, want.len) == 0);
	buf_clear(&want);
	ask_peer(python, &tar[1], &answer);
	expect_line(&want, "y2", 3, "txt", 0, 512, 1);
	expect_line(&want, "y2", 4, "csv", 512, 1024, 2);
	check_tail(&tar[1], 1536);
	CHECK(answer.len == want.len && memcmp(answer.data, want.data, want.len) == 0);
	ask_peer(gnu, &tar[1], &answer);
	CHECK(strcmp(buf_cstr(&answer, &e), "y2/000003.txt\ny2/000004.csv\n") == 0);

	/* The index: canonical JSON, and its offsets are where the bytes are. */
	{
		const char *at = buf_cstr(&index, &e), *end;
		static const char *const members[] = {"abcdefghijklmnopqrstuvwxyz/000001.json",
		    "x/000002.csv", "x/000002.txt", "x/000002.dcm", "y2/000003.txt", "y2/000004.csv"};
		static const int64_t sizes[] = {600000, 100, 700001, 0, 0, 512};
		int64_t shard, size, from;
		uint8_t byte;

		for (size_t i = 0; i < 6; i++, at = end + 1) {
			CHECK((end = strchr(at, '\n')) != NULL);
			j = json_parse_canonical(at, (size_t)(end - at), "line", &e);
			CHECK(j != NULL && j->count == 5);
			CHECK(strcmp(json_need_string(j, "member", "line", &e), members[i]) == 0);
			CHECK(strncmp(json_need_string(j, "subject", "line", &e), members[i],
				  strcspn(members[i], "/")) == 0);
			CHECK_OK(json_need_int(j, "shard", 0, 1, "line", &shard, &e));
			CHECK_OK(json_need_int(j, "size", 0, 1 << 20, "line", &size, &e));
			CHECK_OK(json_need_int(j, "offset", 0, 1 << 21, "line", &from, &e));
			CHECK(shard == (i >= 4) && size == sizes[i]);
			if (size > 0) {
				fill(&byte, 1, (unsigned)((size_t)size + strcspn(members[i], "/")));
				CHECK(tar[shard].data[from] == byte);
			}
			json_free(j);
		}
		CHECK(*at == '\0');
	}
	/* The same entries, in whatever pieces, give the same plaintext. */
	for (size_t i = 0; i < 2; i++) {
		if (first[i].len == 0)
			CHECK_OK(buf_put(&first[i], tar[i].data, tar[i].len, &e));
		CHECK(first[i].len == tar[i].len && memcmp(first[i].data, tar[i].data, tar[i].len) == 0);
		buf_free(&tar[i]);
	}
	buf_free(&index);
	buf_free(&answer);
	buf_free(&want);
	vault_free(&v);
}

/* Behind shards and samples that there are already: names, numbers and the index go on. */
static void
test_continue(void)
{
	struct vault v;
	struct shard_sink sink = vault_init(&v);
	struct shard_writer *w = shard_new(4096, v.public_key, &sink, &e);
	struct buf index;

	buf_init(&index, 1 << 20);
	CHECK_OK(shard_continue(w, 7, 41, &e));
	CHECK_OK(add(w, "x", "txt", false, 3000, 100));
	CHECK_ERR(shard_continue(w, 8, 42, &e), ERR_SYSTEM); /* too late */
	CHECK_OK(add(w, "y", "txt", false, 3000, 100));
	CHECK_OK(shard_finish(w, &e));
	CHECK(v.done == 3 && strcmp(v.bodies[1].name, "shard-00007") == 0 &&
	      strcmp(v.bodies[2].name, "shard-00008") == 0);
	open_body(&v, 0, &index);
	CHECK(strcmp(buf_cstr(&index, &e),
		  "{\"member\":\"x/000042.txt\",\"offset\":512,\"shard\":7,\"size\":3000,\"subject\":\"x\"}\n"
		  "{\"member\":\"y/"
		  "000043.txt\",\"offset\":512,\"shard\":8,\"size\":3000,\"subject\":\"y\"}\n") == 0);
	shard_free(w);
	vault_free(&v);
	buf_free(&index);
	/* As many as there may be: not one more, and nothing behind more. */
	sink = vault_init(&v);
	w = shard_new(4096, v.public_key, &sink, &e);
	CHECK_ERR(shard_continue(w, MANIFEST_SHARDS_MAX + 1, 0, &e), ERR_SYSTEM);
	CHECK_OK(shard_continue(w, MANIFEST_SHARDS_MAX - 1, 0, &e));
	CHECK_OK(add(w, "x", "txt", false, 3000, 100));
	CHECK_ERR(add(w, "x", "txt", false, 3000, 100), ERR_LIMIT);
	shard_free(w);
	vault_free(&v);
}

/* The target is a bound that the last member may just reach. */
static void
test_target(void)
{
	struct vault v;
	struct shard_sink sink = vault_init(&v);
	struct shard_writer *w = shard_new(4096, v.public_key, &sink, &e);

	CHECK_OK(add(w, "x", "txt", false, 1024, 100)); /* 1536 */
	CHECK_OK(add(w, "x", "txt", false, 2048, 100)); /* 4096: still fits */
	CHECK(v.count == 2 && v.done == 0);
	CHECK_OK(add(w, "x", "txt", false, 0, 100)); /* a new one */
	CHECK(v.count == 3 && v.done == 1 && v.bodies[1].line.members == 2);
	CHECK_OK(add(w, "x", "txt", false, 3073, 100)); /* 512 + 512 + 3584 is past it */
	CHECK(v.count == 4 && v.done == 2 && v.bodies[2].line.members == 1);
	CHECK_OK(add(w, "x", "txt", false, 100000, 100000)); /* one of its own */
	CHECK_OK(add(w, "x", "txt", false, 1, 1));
	CHECK_OK(shard_finish(w, &e));
	CHECK(v.count == 6 + 0 && v.done == 6);
	shard_free(w);
	vault_free(&v);
}

static void
test_refused(void)
{
	struct vault v;
	struct shard_sink sink = vault_init(&v);
	struct shard_writer *w = shard_new(1 << 20, v.public_key, &sink, &e);
	struct entry entry;
	char ext[ENTRY_EXT_MAX];

	/* nothing in, nothing out */
	CHECK_OK(shard_finish(w, &e));
	CHECK(v.opened == 0 && v.finished == 0 && shard_entries(w) == 0);
	CHECK_ERR(add(w, "x", "txt", true, 1, 1), ERR_INPUT);
	CHECK_OK(add(w, "x", "txt", false, 1, 1));
	CHECK_ERR(add(w, "x", "txt", true, 1, 1), ERR_INPUT);
	CHECK_ERR(add(w, "y", "csv", true, 1, 1), ERR_INPUT);
	entry_init(&entry, "x", "txt", RESCAN_NONE, 4);
	CHECK_OK(shard_entry(w, &entry, &e));
	CHECK_ERR(shard_entry(w, &entry, &e), ERR_SYSTEM);
	CHECK_ERR(shard_finish(w, &e), ERR_SYSTEM);
	CHECK_ERR(shard_write(w, "12345", 5, &e), ERR_SYSTEM);
	CHECK_OK(shard_write(w, "1234", 4, &e));
	CHECK_ERR(shard_write(w, "5", 1, &e), ERR_SYSTEM);
	/* more members than a sample may have */
	for (int i = 1; i < SHARD_SAMPLE_MAX; i++) {
		(void)snprintf(ext, sizeof(ext), "e%d", i);
		CHECK_OK(add(w, "x", ext, true, 1, 1));
	}
	CHECK_ERR(add(w, "x", "one", true, 1, 1), ERR_LIMIT);
	/* what no body can hold */
	entry_init(&entry, "x", "bin", RESCAN_NONE, ENTRY_SIZE_MAX);
	CHECK_ERR(shard_entry(w, &entry, &e), ERR_LIMIT);
	CHECK(v.done == 0);
	shard_free(w);
	vault_free(&v);

	/* the sink fails at each of its calls */
	for (size_t n = 1; n <= 3; n++) {
		for (int which = 0; which < 2; which++) {
			sink = vault_init(&v);
			*(which == 0 ? &v.fail_open : &v.fail_done) = n;
			w = shard_new(1024, v.public_key, &sink, &e);
			CHECK(add(w, "x", "txt", false, 600, 600) == -1 ||
			      add(w, "x", "txt", false, 600, 600) == -1 || shard_finish(w, &e) == -1);
			CHECK(e.code == ERR_SYSTEM);
			shard_free(w);
			vault_free(&v);
		}
	}
}

/* Values worked out by hand from the paper's definition. */
static void
test_padding(void)
{
	/* E = floor(log2 L), S = floor(log2 E) + 1, up to a multiple of 2^(E-S); then to 512 */
	static const struct {
		uint64_t len, padded;
	} known[] = {
	    {1, 512}, {512, 512}, {1536, 1536}, {2048, 2048}, {10241, 10752}, /* E 13, S 4: 512 */
	    {100000, 100352},                                                 /* E 16, S 5: 2048 -> 100352 */
	    {1000001, 1015808},                                               /* E 19, S 5: 16384 */
	    {UINT64_C(536870912), UINT64_C(536870912)},
	    {UINT64_C(536870913), UINT64_C(553648128)},   /* E 29, S 5: 2^24 */
	    {UINT64_C(5368709121), UINT64_C(5435817984)}, /* E 32, S 6: 2^26 */
	};
	uint64_t last = 0, got;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		got = tar_padded_len(known[i].len);
		CHECK(got == known[i].padded);
		if (got != known[i].padded)
			fprintf(stderr, "%llu: %llu\n", (unsigned long long)known[i].len,
			    (unsigned long long)got);
	}
	/* never less, never falling, at most 12% and a block more */
	for (uint64_t len = 1; len < 3000000; len += 311) {
		got = tar_padded_len(len);
		CHECK(got >= len && got >= last && got % 512 == 0 && got - len <= len * 12 / 100 + 512);
		last = got;
	}
}

/* Sizes past ustar's digits; and a subject too long for the name field. */
static void
test_heads(void)
{
	uint8_t head[TAR_HEAD_MAX];
	char subject[ENTRY_SUBJECT_MAX + 1];
	struct buf tar, answer;

	CHECK(tar_head("x", "000001.bin", TAR_USTAR_SIZE_MAX, head) == 512);
	CHECK(memcmp(head + 124, "77777777777", 12) == 0);
	CHECK(tar_head("x", "000001.bin", TAR_USTAR_SIZE_MAX + 1, head) == 1536);
	CHECK(head[156] == 'x' && memcmp(head + 512, "19 size=8589934592\n\0", 20) == 0);
	CHECK(memcmp(head + 124, "00000000023", 12) == 0); /* 19 in octal */
	CHECK(strcmp((char *)head + 1024, "x/000001.bin") == 0);
	CHECK(tar_head("x", "000001.bin", UINT64_C(68719476735), head) == 1536);
	CHECK(memcmp(head + 512, "20 size=68719476735\n\0", 21) == 0);
	CHECK(tar_file_len(TAR_USTAR_SIZE_MAX + 1) == 1536 + TAR_USTAR_SIZE_MAX + 1);
	CHECK(tar_file_len(0) == 512 && tar_file_len(1) == 1024 && tar_file_len(513) == 1536);

	/* Only the prefix field can hold it: Python puts it together again. */
	buf_init(&tar, 8192);
	buf_init(&answer, 8192);
	memset(subject, 's', ENTRY_SUBJECT_MAX);
	subject[ENTRY_SUBJECT_MAX] = '\0';
	CHECK(tar_head(subject, "12345678901234567890.abcdefghijklmnop", 0, head) == 512);
	CHECK_OK(buf_put(&tar, head, 512, &e));
	memset(head, 0, sizeof(head));
	CHECK_OK(buf_put(&tar, head, 1024, &e));
	ask_peer("/usr/bin/python3 %s/peer_tar.py %s", &tar, &answer);
	CHECK(strncmp(buf_cstr(&answer, &e), subject, ENTRY_SUBJECT_MAX) == 0 &&
	      strncmp((char *)answer.data + ENTRY_SUBJECT_MAX, "/12345678901234567890.abcdefghijklmnop 0 ",
		  41) == 0);
	/* A size of 8 GiB and one, by GNU tar: the header alone. */
	buf_clear(&tar);
	CHECK_OK(buf_put(&tar, head, tar_head("x", "000001.bin", TAR_USTAR_SIZE_MAX + 2, head), &e));
	ask_peer(": %s; tar --list --verbose --file %s 2>/dev/null | grep -o 8589934593", &tar, &answer);
	CHECK(strcmp(buf_cstr(&answer, &e), "8589934593\n") == 0);
	buf_free(&tar);
	buf_free(&answer);
}

/* Bytes out of a pipe: also where they end with a segment, or with all that a slot of the ring holds, the last segment says that it is. */
static void
test_stream(size_t len)
{
	uint8_t *data = malloc(len);
	struct shard_stream *s;
	struct vault v;
	struct buf plain;
	int in = temp_file();

	(void)vault_init(&v);
	buf_init(&plain, 8 << 20);
	fill(data, len, 3);
	CHECK_OK(io_write(in, data, len, "stream", &e));
	CHECK(lseek(in, 0, SEEK_SET) == 0);
	v.count = 1;
	v.bodies[0].body = temp_file();
	v.bodies[0].sums = temp_file();
	v.bodies[0].whole = true;
	s = shard_stream_new("shard-00000", dup(v.bodies[0].body), dup(v.bodies[0].sums), v.public_key, &e);
	CHECK(s != NULL);
	CHECK_OK(shard_stream_fill(s, in, &e));
	CHECK(shard_stream_len(s) == len);
	CHECK_OK(shard_stream_finish(s, &v.bodies[0].line, v.bodies[0].header, &e));
	shard_stream_free(s);
	open_body(&v, 0, &plain);
	CHECK(plain.len == len && memcmp(plain.data, data, len) == 0);
	buf_free(&plain);
	vault_free(&v);
	close(in);
	free(data);
}

int
main(void)
{
	static const size_t lens[] = {1, C4GH_PLAIN_MAX, 8 * C4GH_PLAIN_MAX - 1, 8 * C4GH_PLAIN_MAX,
	    8 * C4GH_PLAIN_MAX + 1, 24 * C4GH_PLAIN_MAX, 24 * C4GH_PLAIN_MAX + C4GH_PLAIN_MAX};
	struct buf first[2];

	if (secret_start(&e) == -1) {
		fprintf(stderr, "%s\n", e.text);
		return 77;
	}
	for (size_t i = 0; i < 2; i++)
		buf_init(&first[i], 8 << 20);
	test_padding();
	test_heads();
	test_two_shards(1 << 20, first);
	test_two_shards(65536, first);
	test_two_shards(4097, first);
	for (size_t i = 0; i < 2; i++)
		buf_free(&first[i]);
	test_continue();
	test_target();
	test_refused();
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		test_stream(lens[i]);
	return check_done();
}
