/* The ground floor: buffers, views, text encodings, canonical JSON, whole files. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "stager/buf.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/io_aligned.h"
#include "stager/json.h"
#include "stager/progress.h"

static struct err e;

static void
test_buf(void)
{
	struct buf b;
	struct view v;
	uint64_t n64;
	uint32_t n32;
	uint16_t n16;
	uint8_t n8;

	buf_init(&b, 15);
	CHECK_OK(buf_put_u64le(&b, UINT64_C(0x1122334455667788), &e));
	CHECK_OK(buf_put_u32be(&b, 0xa1b2c3d4, &e));
	CHECK_OK(buf_put_u16be(&b, 0x0102, &e));
	CHECK_OK(buf_put_u8(&b, 9, &e));
	CHECK_ERR(buf_put_u8(&b, 9, &e), ERR_LIMIT);
	CHECK(b.len == 15);
	v = view_of(b.data, b.len, "thing");
	CHECK_OK(view_u64le(&v, &n64, &e));
	CHECK_OK(view_u32be(&v, &n32, &e));
	CHECK_ERR(view_expect_end(&v, &e), ERR_INPUT);
	CHECK_OK(view_u16be(&v, &n16, &e));
	CHECK_OK(view_u8(&v, &n8, &e));
	CHECK(n64 == UINT64_C(0x1122334455667788) && n32 == 0xa1b2c3d4 && n16 == 0x0102 && n8 == 9);
	CHECK_ERR(view_u8(&v, &n8, &e), ERR_INPUT);
	CHECK_OK(view_expect_end(&v, &e));
	buf_free(&b);
	buf_init(&b, 4);
	CHECK_OK(buf_printf(&b, &e, "%d", 1234));
	CHECK(strcmp(buf_cstr(&b, &e), "1234") == 0);
	CHECK_ERR(buf_printf(&b, &e, "%d", 5), ERR_LIMIT);
	buf_free(&b);
}

static void
test_enc(void)
{
	/* RFC 4648 section 10 */
	static const char *const base64[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
	static const char *const base32[] = {"", "my", "mzxq", "mzxw6", "mzxw6yq", "mzxw6ytb", "mzxw6ytboi"};
	static const char *const wrong[] = {"Zg=", "Zh==", "Zm9=", "Z===", "Zm 8", "Zm8=Zm8=", "Zm8\n"};
	char out[64];
	uint8_t bytes[3];
	struct buf b;

	buf_init(&b, 64);
	for (size_t i = 0; i < 7; i++) {
		buf_clear(&b);
		CHECK_OK(base64_encode("foobar", i, &b, &e));
		CHECK(b.len == strlen(base64[i]) && memcmp(b.data, base64[i], b.len) == 0);
		buf_clear(&b);
		CHECK_OK(base64_decode(base64[i], strlen(base64[i]), &b, "x", &e));
		CHECK(b.len == i && memcmp(b.data, "foobar", i) == 0);
		base32_encode((const uint8_t *)"foobar", i, out);
		CHECK(strcmp(out, base32[i]) == 0);
	}
	buf_clear(&b);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK_ERR(base64_decode(wrong[i], strlen(wrong[i]), &b, "x", &e), ERR_INPUT);
	CHECK(b.len == 0);
	buf_free(&b);
	hex_encode((const uint8_t *)"\x00\xab\xff", 3, out);
	CHECK(strcmp(out, "00abff") == 0);
	CHECK_OK(hex_decode("00abff", bytes, 3, "x", &e));
	CHECK_ERR(hex_decode("00ABFF", bytes, 3, "x", &e), ERR_INPUT);
	CHECK_ERR(hex_decode("00abf", bytes, 3, "x", &e), ERR_INPUT);
}

static int
parse(const char *text)
{
	struct json *j = json_parse(text, strlen(text), "test", &e);

	json_free(j);
	return j == NULL ? -1 : 0;
}

static void
test_json(void)
{
	static const char *const good[] = {"{}", "[]", " [1, -5 ,\"a\\u00e9\\ud83d\\ude00\"] ",
	    "9007199254740991", "true", "{\"b\":{\"c\":[[],null]}}", "\"\xc3\xa9\""};
	static const char *const wrong[] = {"", "{", "[1,]", "{\"a\":1,\"a\":2}", "1.0", "1e3", "-0", "01",
	    "+1", "9007199254740992", "\"\\ud800\"", "\"\\u0000\"", "\"\x80\"", "\"\xc0\x80\"",
	    "\"\xed\xa0\x80\"", "\"a\nb\"", "nul", "[1 2]", "{\"a\" 1}", "{\"\xc3\xa9\":1}", "1 1", "\"\\x\"",
	    "-", "{a:1}", "\"abc"};
	static const char text[] =
	    "{\"z\":[1,\"\\n\\u0001\\\"\\\\/\xc3\xa9\"],\"a\":{\"y\":null,\"x\":true}}";
	static const char canonical[] =
	    "{\"a\":{\"x\":true,\"y\":null},\"z\":[1,\"\\n\\u0001\\\"\\\\/\xc3\xa9\"]}";
	struct json *j, *copy;
	struct buf b;
	char deep[140];
	int64_t n;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK_OK(parse(good[i]));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK_ERR(parse(wrong[i]), ERR_INPUT);
	memset(deep, '[', 64);
	memset(deep + 64, ']', 64);
	deep[128] = '\0';
	CHECK_OK(parse(deep));
	memset(deep, '[', 65);
	memset(deep + 65, ']', 65);
	deep[130] = '\0';
	CHECK_ERR(parse(deep), ERR_INPUT);

	buf_init(&b, 4096);
	j = json_parse(text, sizeof(text) - 1, "test", &e);
	CHECK(j != NULL);
	copy = json_copy(j);
	json_free(j);
	CHECK_OK(json_encode(copy, &b, &e));
	CHECK(b.len == sizeof(canonical) - 1 && memcmp(b.data, canonical, b.len) == 0);
	json_free(copy);
	CHECK(json_parse_canonical(text, sizeof(text) - 1, "test", &e) == NULL && e.code == ERR_INPUT);
	j = json_parse_canonical(canonical, sizeof(canonical) - 1, "test", &e);
	CHECK(j != NULL);
	CHECK(json_need_int(j, "a", 0, 5, "test", &n, &e) == -1);
	CHECK(json_need_int(j, "q", 0, 5, "test", &n, &e) == -1);
	json_set_int(j, "q", 6);
	CHECK(json_need_int(j, "q", 0, 5, "test", &n, &e) == -1);
	CHECK(json_need_int(j, "q", 0, 6, "test", &n, &e) == 0 && n == 6);
	json_free(j);
	buf_free(&b);
}

/* Bytes in a tree: what was put in comes out, and nothing else does. */
static void
test_json_bytes(void)
{
	uint8_t in[JSON_HEX_MAX], out[JSON_HEX_MAX + 1];
	struct buf b;

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 37 + 200);
	buf_init(&b, 4096);
	for (size_t len = 0; len <= sizeof(in); len++) {
		struct json *j = json_object();

		json_set_hex(j, "hex", in, len);
		json_set(j, "base64", json_base64(in, len));
		CHECK_OK(json_need_hex(j, "hex", out, len, "test", &e));
		CHECK(memcmp(in, out, len) == 0);
		CHECK_ERR(json_need_hex(j, "hex", out, len + 1, "test", &e), ERR_INPUT);
		buf_clear(&b);
		CHECK_OK(json_need_base64(j, "base64", &b, "test", &e));
		CHECK(b.len == len && (len == 0 || memcmp(b.data, in, len) == 0));
		json_free(j);
	}
	buf_free(&b);
}

static void
test_io(void)
{
	char folder[] = "/tmp/stager-test-XXXXXX";
	struct buf b;
	int fd;

	CHECK(mkdtemp(folder) != NULL);
	fd = open(folder, O_RDONLY | O_DIRECTORY);
	buf_init(&b, 5);
	CHECK_OK(io_make_dirs(fd, "a/b/c", &e));
	CHECK_OK(io_make_dirs(fd, "a/b/c", &e));
	CHECK_OK(io_replace_file(fd, "a/b/c/file", "hello", 5, 0600, &e));
	CHECK_OK(io_read_file(fd, "a/b/c/file", &b, &e));
	CHECK(b.len == 5 && memcmp(b.data, "hello", 5) == 0);
	CHECK_OK(io_replace_file(fd, "a/b/c/file", "hello!", 6, 0600, &e));
	buf_clear(&b);
	CHECK_ERR(io_read_file(fd, "a/b/c/file", &b, &e), ERR_LIMIT);
	CHECK(symlinkat("file", fd, "a/b/c/link") == 0);
	CHECK_ERR(io_read_file(fd, "a/b/c/link", &b, &e), ERR_SYSTEM);
	CHECK_ERR(io_replace_file(fd, "none/file", "x", 1, 0600, &e), ERR_SYSTEM);
	CHECK_OK(io_remove_tree(fd, "a", &e));
	CHECK_OK(io_remove_tree(fd, "a", &e));
	CHECK(faccessat(fd, "a", F_OK, 0) == -1);
	buf_free(&b);
	(void)close(fd);
	(void)rmdir(folder);
}

static void
test_err(void)
{
	CHECK(err_set(&e, ERR_INPUT, "name %s", "a\x1b[2Jb\n") == -1);
	CHECK(strcmp(e.text, "name a\\x1b[2Jb\\x0a") == 0);
	CHECK(err_context(&e, "archive %d", 3) == -1);
	CHECK(strcmp(e.text, "archive 3: name a\\x1b[2Jb\\x0a") == 0 && e.code == ERR_INPUT);
	for (int code = ERR_NONE; code <= ERR_SYSTEM; code++)
		CHECK(err_exit_status(err_from_exit_status(err_exit_status((enum err_code)code))) ==
		      err_exit_status((enum err_code)code));
	/* A failure that forgot to say why is one all the same. */
	e.code = ERR_NONE;
	CHECK(err_report("test", &e) == 1);
}

/* Pieces written and read as one: empty ones among them, a full pipe in between, an end in the middle. */
static void
test_parts(void)
{
	static uint8_t a[70000], b[3], c[100000], got[sizeof(a) + sizeof(b) + sizeof(c)];
	char path[] = "/tmp/stager-parts-XXXXXX";
	struct iovec parts[70];
	int pair[2], fd = mkstemp(path);
	pid_t reader;
	int status;

	CHECK(fd != -1 && unlink(path) == 0);
	memset(a, 'a', sizeof(a));
	memset(b, 'b', sizeof(b));
	memset(c, 'c', sizeof(c));
	for (int k = 0; k < 2; k++) {
		parts[0] = (struct iovec){a, sizeof(a)};
		parts[1] = parts[4] = (struct iovec){b, 0};
		parts[2] = (struct iovec){b, sizeof(b)};
		parts[3] = (struct iovec){c, sizeof(c)};
		if (k == 0) {
			CHECK_OK(io_write_parts(fd, parts, 5, "parts", &e));
			continue;
		}
		/* A pipe takes a part of it at a time. */
		CHECK(pipe(pair) == 0 && (reader = fork()) != -1);
		if (reader == 0) {
			(void)close(pair[1]);
			_exit(io_read(pair[0], got, sizeof(got), "pipe", NULL) == (ssize_t)sizeof(got) &&
				      got[0] == 'a' && got[sizeof(a)] == 'b' && got[sizeof(got) - 1] == 'c'
				  ? 0
				  : 1);
		}
		(void)close(pair[0]);
		CHECK_OK(io_write_parts(pair[1], parts, 5, "parts", &e));
		(void)close(pair[1]);
		CHECK(waitpid(reader, &status, 0) == reader && status == 0);
	}
	/* Back, in other pieces, from an offset; more of them than one call takes. */
	for (size_t i = 0; i < 70; i++)
		parts[i] = (struct iovec){got + i * 1000, 1000};
	CHECK(io_pread_parts(fd, parts, 70, 1, "parts", &e) == 70000);
	CHECK(got[0] == 'a' && got[69998] == 'a' && got[69999] == 'b');
	parts[0] = (struct iovec){got, 10};
	parts[1] = (struct iovec){got + 10, 10};
	CHECK(io_pread_parts(fd, parts, 2, sizeof(got) - 15, "parts", &e) == 15);
	CHECK(io_pread_parts(fd, parts, 0, 0, "parts", &e) == 0);
	parts[0] = (struct iovec){got, 10};
	CHECK(io_pread_parts(fd, parts, 1, sizeof(got), "parts", &e) == 0);
	(void)close(fd);
	parts[0] = (struct iovec){got, 10};
	CHECK(io_pread_parts(fd, parts, 1, 0, "parts", &e) == -1 && e.code == ERR_SYSTEM);
	CHECK_ERR(io_write_parts(fd, parts, 1, "parts", &e), ERR_SYSTEM);
}

/* To a reader that reads all, one that stops after some of it, one that reads slowly, and one that is gone. */
static void
test_patient(void)
{
	static uint8_t data[300000], got[sizeof(data)];
	int pair[2], status, rc;
	pid_t reader;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 31 + i / 255);
	for (int k = 0; k < 2; k++) {
		for (int how = 0; how < 3; how++) {
			CHECK((k % 2 == 0 ? pipe(pair) : socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) == 0);
			CHECK((reader = fork()) != -1);
			if (reader == 0) {
				(void)close(pair[1]);
				if (how == 0)
					_exit(io_read(pair[0], got, sizeof(got), "got", NULL) ==
							  (ssize_t)sizeof(got) &&
						      memcmp(got, data, sizeof(got)) == 0
						  ? 0
						  : 1);
				if (how == 1 && io_read(pair[0], got, 1000, "got", NULL) == 1000)
					for (;;)
						(void)pause();
				_exit(0);
			}
			(void)close(pair[0]);
			rc = io_write_patient(
			    pair[1], data, sizeof(data), how == 1 ? 300 : 60000, "reader", &e);
			CHECK(how == 0 ? rc == 0 : rc == -1 && e.code == ERR_REMOTE);
			CHECK(how != 1 || strcmp(e.text, "reader: it took nothing for 0 seconds") == 0);
			(void)close(pair[1]);
			if (how == 1)
				CHECK(kill(reader, SIGKILL) == 0);
			CHECK(waitpid(reader, &status, 0) == reader && (how == 1 || status == 0));
		}
	}
	CHECK_ERR(io_write_patient(-2, data, 1, 1, "reader", &e), ERR_REMOTE);
	CHECK_OK(io_write_patient(-2, data, 0, 1, "reader", &e));
}

/* Pieces of any size, from any start: the same bytes, and every write but the last ends at a multiple. */
static void
test_aligned(void)
{
	static const size_t starts[] = {0, 124, IO_ALIGN - 1, IO_ALIGN, IO_ALIGN + 1};
	static uint8_t from[3 * IO_ALIGN], *got;
	char path[] = "/tmp/stager-aligned-XXXXXX";
	struct io_aligned *w;
	struct iovec parts[40];
	struct stat st;
	int pair[2], flags = 0, fd = mkstemp(path);
	uint32_t seed = 1;

	CHECK(fd != -1 && (flags = fcntl(fd, F_GETFL)) != -1 && (got = malloc(64 * IO_ALIGN)) != NULL);
	for (size_t i = 0; i < sizeof(from); i++)
		from[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
	for (size_t k = 0; k < 2 * sizeof(starts) / sizeof(starts[0]); k++) {
		size_t start = starts[k / 2], done = 0, last;

		CHECK(ftruncate(fd, 0) == 0 && ftruncate(fd, (off_t)start) == 0);
		/* Where it stands, or (with O_APPEND) at its end wherever it stands. */
		CHECK(fcntl(fd, F_SETFL, k % 2 == 0 ? flags : flags | O_APPEND) == 0);
		CHECK(lseek(fd, k % 2 == 0 ? (off_t)start : 0, SEEK_SET) != -1);
		CHECK((w = io_aligned_new(fd, "aligned", &e)) != NULL);
		last = start;
		for (int round = 0; round < 30; round++) {
			size_t count = (seed = seed * 1664525 + 1013904223) >> 8, len = 0;

			count = round % 7 == 0 ? 40 : count % 5;
			for (size_t i = 0; i < count; i++) {
				size_t n =
				    ((seed = seed * 1664525 + 1013904223) >> 8) % (sizeof(from) / count);

				n = round % 3 == 0 ? n : n % 5000;
				parts[i] = (struct iovec){from + len, n};
				memcpy(got + done + len, from + len, n);
				len += n;
			}
			done += len;
			CHECK_OK(io_aligned_write(w, parts, count, &e));
			CHECK(fstat(fd, &st) == 0 && (size_t)st.st_size <= start + done);
			CHECK((size_t)st.st_size == last || st.st_size % (off_t)IO_ALIGN == 0);
			CHECK(start + done - (size_t)st.st_size < IO_ALIGN);
			last = (size_t)st.st_size;
			if (round == 15) {
				CHECK_OK(io_aligned_flush(w, &e));
				last = start + done;
			}
		}
		CHECK_OK(io_aligned_flush(w, &e));
		CHECK_OK(io_aligned_flush(w, &e));
		CHECK(fstat(fd, &st) == 0 && (size_t)st.st_size == start + done);
		for (size_t at = 0, n; at < done; at += n) {
			n = done - at < sizeof(from) ? done - at : sizeof(from);
			CHECK(io_pread(fd, from, n, start + at, "aligned", &e) == (ssize_t)n &&
			      memcmp(from, got + at, n) == 0);
		}
		io_aligned_free(w);
	}
	/* A pipe gets all of it at once. */
	CHECK(pipe(pair) == 0 && (w = io_aligned_new(pair[1], "pipe", &e)) != NULL);
	parts[0] = (struct iovec){from, 10};
	CHECK_OK(io_aligned_write(w, parts, 1, &e));
	CHECK(read(pair[0], got, 20) == 10 && memcmp(got, from, 10) == 0);
	CHECK_OK(io_aligned_flush(w, &e));
	io_aligned_free(w);
	(void)close(pair[0]);
	(void)close(pair[1]);
	(void)close(fd);
	/* What cannot be written says so when it is: in the middle, or at the end. */
	CHECK((fd = open(path, O_RDONLY)) != -1 && (w = io_aligned_new(fd, "aligned", &e)) != NULL);
	parts[0] = (struct iovec){from, IO_ALIGN};
	CHECK_ERR(io_aligned_write(w, parts, 1, &e), ERR_SYSTEM);
	io_aligned_free(w);
	CHECK((w = io_aligned_new(fd, "aligned", &e)) != NULL);
	parts[0] = (struct iovec){from, IO_ALIGN - 1};
	CHECK_OK(io_aligned_write(w, parts, 1, &e));
	CHECK_ERR(io_aligned_flush(w, &e), ERR_SYSTEM);
	io_aligned_free(w);
	(void)close(fd);
	CHECK(io_aligned_new(fd, "aligned", &e) == NULL && e.code == ERR_SYSTEM);
	CHECK(unlink(path) == 0);
	free(got);
}

/* What is small is told in small units: no "0.0 MB of 0.0 MB". */
static void
test_progress(void)
{
	static const struct {
		uint64_t bytes, total;
		double seconds;
		const char *line;
	} cases[] = {
	    {0, 0, 1, "0 bytes, 0 bytes/s"},
	    {0, 21, 1, "0 bytes of 21 bytes, 0 bytes/s"},
	    {7, 21, 1, "7 bytes of 21 bytes, 7 bytes/s, 2 s left"},
	    {999, 999, 1, "999 bytes of 999 bytes, 999 bytes/s"},
	    {1000, 2000, 0.5, "1.0 kB of 2.0 kB, 2.0 kB/s, 0 s left"},
	    {500, 49000, 1, "0.5 kB of 49.0 kB, 500 bytes/s, 97 s left"},
	    {12500000, 300000000, 2, "12.5 MB of 300.0 MB, 6.2 MB/s, 46 s left"},
	    {40000, 0, 1, "40.0 kB, 40.0 kB/s"},
	    {UINT64_C(3) << 30, UINT64_C(1) << 40, 10, "3.2 GB of 1099.5 GB, 322.1 MB/s, 3403 s left"},
	};
	char line[PROGRESS_LINE_LEN], small[8];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		progress_line(line, sizeof(line), cases[i].bytes, cases[i].total, cases[i].seconds);
		CHECK(strcmp(line, cases[i].line) == 0);
	}
	/* The largest numbers fit, and a place that is too short gets what it holds. */
	progress_line(line, sizeof(line), 1, UINT64_MAX, 1e9);
	CHECK(strlen(line) < sizeof(line) - 1);
	progress_line(small, sizeof(small), 7, 21, 1);
	CHECK(strcmp(small, "7 bytes") == 0);
}

int
main(void)
{
	test_progress();
	test_buf();
	test_enc();
	test_json();
	test_json_bytes();
	test_io();
	test_err();
	test_parts();
	(void)signal(SIGPIPE, SIG_IGN);
	test_patient();
	test_aligned();
	return check_done();
}
