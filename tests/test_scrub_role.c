/* stager-scrub as its supervisor meets it: policies, files and archives in, entries and a report out. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "stager/buf.h"
#include "stager/enc.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/wire.h"

static struct err e;
static char program[4096];

struct run {
	pid_t pid;
	int control, entries, complaint;
};

/* A file in memory that holds these bytes. */
static int
file_of(const void *data, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	if (fd == -1 || io_write(fd, data, len, "test", &e) == -1 || lseek(fd, 0, SEEK_SET) == -1)
		abort();
	return fd;
}

/* Entries go to a file in memory, or where `entries` says. */
static struct run
start(const char *mode, size_t key_len, int entries, const char *prove)
{
	struct run r = {.entries = entries != -1 ? entries : file_of("", 0)};
	int pair[2], complaint[2], key[2];
	uint8_t bytes[64];

	memset(bytes, 7, sizeof(bytes));
	if (wire_pair(pair, &e) == -1 || pipe2(complaint, O_CLOEXEC) == -1 || pipe2(key, O_CLOEXEC) == -1 ||
	    write(key[1], bytes, key_len) != (ssize_t)key_len || close(key[1]) == -1 ||
	    (r.pid = fork()) == -1)
		abort();
	if (r.pid == 0) {
		int high[] = {
		    fcntl(pair[1], F_DUPFD, 20), fcntl(r.entries, F_DUPFD, 20), fcntl(key[0], F_DUPFD, 20)};

		for (int i = 0; i < 3; i++)
			if (dup2(high[i], 3 + i) == -1)
				_exit(99);
		for (int i = 0; i < 3; i++)
			(void)close(high[i]);
		if (dup2(complaint[1], 2) == -1 || (prove != NULL && dup2(complaint[1], 1) == -1))
			_exit(99);
		if (prove != NULL)
			(void)execl(program, "stager-scrub", mode, "--prove", prove, (char *)NULL);
		else
			(void)execl(program, "stager-scrub", mode, (char *)NULL);
		_exit(99);
	}
	(void)close(pair[1]);
	(void)close(complaint[1]);
	(void)close(key[0]);
	r.control = pair[0];
	r.complaint = complaint[0];
	return r;
}

/* Close the conversation; the exit status (or minus the signal), and what it said. */
static int
finish(struct run *r, char said[static 600])
{
	ssize_t n;
	int status;

	io_close(&r->control);
	n = io_read(r->complaint, said, 599, "complaint", &e);
	said[n < 0 ? 0 : n] = '\0';
	io_close(&r->complaint);
	io_close(&r->entries);
	if (waitpid(r->pid, &status, 0) != r->pid)
		abort();
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* The resolved policy from the program itself; NULL where it refuses, with its status and words. */
static struct json *
resolve(const char *yaml, int *status, char said[static 600])
{
	struct run r = start("policy", 0, -1, NULL);
	struct json *j = json_object(), *resolved;
	struct buf b;

	buf_init(&b, 1 << 24);
	CHECK_OK(base64_encode(yaml, strlen(yaml), &b, &e));
	json_set_string(j, "yaml", buf_cstr(&b, &e));
	CHECK_OK(wire_send(r.control, WIRE_SOURCE, j, NULL, 0, &e));
	resolved = wire_expect(r.control, WIRE_POLICY, NULL, 0, &e);
	*status = finish(&r, said);
	json_free(j);
	buf_free(&b);
	return resolved;
}

static const char yaml[] =
    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n"
    "files:\n"
    "  - {match: '**/*.csv', format: csv, columns: {nr: pseudonym, bsn: drop, age: {keep: number}}}\n"
    "  - {match: '**/*.txt', format: text}\n"
    "  - {match: '**/*.jsonl', format: jsonl, fields: {$.a: {keep: enum, values: [x]}}}\n"
    "  - {match: '**/*.bin', format: opaque, ext: bin}\n"
    "  - {match: 'two.*', format: drop}\n"
    "  - {match: '**/*.tmp', format: drop}\n"
    "sets: {abroad: {hold: [NL], open: [lumi]}}\n";

static void
test_policy(void)
{
	char said[600], large[8];
	struct json *j;
	int status;

	j = resolve(yaml, &status, said);
	CHECK(j != NULL && status == 0 && said[0] == '\0');
	CHECK(json_get(j, "files") != NULL && json_get(j, "files")->count == 6);
	json_free(j);
	j = resolve("policy: 1\nfoo: x\n", &status, said);
	CHECK(j == NULL && status == 3);
	CHECK(strcmp(said, "stager-scrub: line 2: unknown key `foo` in the policy\n") == 0);
	json_free(j);
	memset(large, 0, sizeof(large));
	j = resolve(large, &status, said);
	CHECK(j == NULL && status == 3 && strstr(said, "line 1: ") != NULL);
	json_free(j);
}

static void
send_source(const struct run *r, enum wire_type type, const char *name, int64_t number, const void *data,
    size_t len, int64_t size)
{
	struct json *j = json_object();
	int fd = file_of(data, len);

	json_set_string(j, "name", name);
	json_set_int(j, "number", number);
	json_set_int(j, "size", size);
	CHECK_OK(wire_send(r->control, type, j, &fd, 1, &e));
	json_free(j);
	(void)close(fd);
}

static void
send_policy(const struct run *r, const char *text)
{
	static const char *last; /* a policy is resolved once in a row */
	static struct json *resolved;
	char said[600];
	int status;

	if (text != last) {
		json_free(resolved);
		resolved = resolve(text, &status, said);
		CHECK(resolved != NULL);
		last = text;
	}
	if (resolved != NULL)
		CHECK_OK(wire_send(r->control, WIRE_POLICY, resolved, NULL, 0, &e));
}

static int64_t
number_at(const struct json *j, const char *section, const char *key)
{
	const struct json *n = json_get(json_get(j, section), key);

	return n == NULL ? 0 : n->integer;
}

/* The next entry must be of this kind; its bytes are appended to b. */
static void
want_entry(struct entry_reader *r, enum rescan rescan, const char *ext, struct buf *b)
{
	struct entry entry;
	uint8_t bytes[4096];
	size_t got = 0;

	CHECK(entry_next(r, &entry, &e) == 1);
	CHECK(entry.rescan == rescan && strcmp(entry.ext, ext) == 0);
	buf_clear(b);
	do {
		CHECK_OK(entry_read(r, bytes, sizeof(bytes), &got, &e));
		CHECK_OK(buf_put(b, bytes, got, &e));
	} while (got > 0);
	CHECK_OK(buf_put_u8(b, 0, &e));
}

static void
test_unit(void)
{
	static const char table[] = "nr,bsn,age\n17,999993653,45\n18,111222333,veel\n";
	static const char large[600000] = "PAR1";
	struct run r = start("unit", 32, -1, NULL);
	struct json *done;
	const struct json *report;
	struct entry_reader reader;
	struct entry entry;
	struct buf b;
	char said[600];
	int entries = fcntl(r.entries, F_DUPFD_CLOEXEC, 20);

	buf_init(&b, 1 << 24);
	send_policy(&r, yaml);
	send_source(&r, WIRE_FILE, "a/patients.csv", 1, table, sizeof(table) - 1, sizeof(table) - 1);
	send_source(&r, WIRE_FILE, "letter.txt", 2, "bel 0612345678\n", 15, 15);
	send_source(&r, WIRE_FILE, "unknown.xyz", 3, "x", 1, 1);
	send_source(&r, WIRE_FILE, "two.txt", 4, "x", 1, 1);
	send_source(&r, WIRE_FILE, "x/junk.tmp", 5, "x", 1, 1);
	send_source(&r, WIRE_FILE, "scan.bin", 6, large, sizeof(large), sizeof(large));
	send_source(&r, WIRE_FILE, "r.jsonl", 7, "{\"a\":\"x\"}\n", 10, 10);
	send_source(&r, WIRE_FILE, "empty.bin", 8, "", 0, 0);
	CHECK_OK(wire_send(r.control, WIRE_END, NULL, NULL, 0, &e));
	done = wire_expect(r.control, WIRE_DONE, NULL, 0, &e);
	CHECK(done != NULL);
	CHECK(finish(&r, said) == 0 && said[0] == '\0');
	if (done == NULL) {
		fprintf(stderr, "%s\n", said);
		return;
	}
	report = json_get(done, "report");
	CHECK(json_get(done, "files")->integer == 8 && json_get(done, "entries")->integer == 5);
	CHECK(number_at(report, "files", "seen") == 8 && number_at(report, "files", "passed") == 5);
	CHECK(number_at(report, "files", "held") == 2 && number_at(report, "files", "dropped") == 1);
	CHECK(number_at(report, "formats", "csv") == 1 && number_at(report, "formats", "drop") == 1 &&
	      number_at(report, "formats", "opaque") == 2 && number_at(report, "formats", "text") == 1);
	CHECK(number_at(report, "members", "out") == 5);
	CHECK(number_at(report, "bytes", "in") == (int64_t)(sizeof(table) - 1 + 15 + sizeof(large) + 10));
	CHECK(number_at(report, "bytes", "out") == json_get(done, "bytes")->integer);
	CHECK(number_at(report, "records", "held") == 1);
	CHECK(
	    json_get(json_get(json_get(report, "held"), "file:file-unmatched"), "files")->items[0]->integer ==
	    3);
	CHECK(json_get(json_get(json_get(report, "held"), "file:file-several-rules"), "files")
		  ->items[0]
		  ->integer == 4);
	json_free(done);

	CHECK(lseek(entries, 0, SEEK_SET) == 0);
	entry_reader_init(&reader, entries);
	want_entry(&reader, RESCAN_CSV, "csv", &b);
	CHECK(strncmp((char *)b.data, "nr,age\n", 7) == 0 && strstr((char *)b.data, ",45\n") != NULL);
	CHECK(strstr((char *)b.data, "999993653") == NULL && strstr((char *)b.data, "veel") == NULL);
	want_entry(&reader, RESCAN_TEXT, "txt", &b);
	CHECK(strstr((char *)b.data, "0612345678") == NULL && strncmp((char *)b.data, "bel ", 4) == 0);
	want_entry(&reader, RESCAN_NONE, "bin", &b);
	CHECK(b.len == sizeof(large) + 1 && memcmp(b.data, large, sizeof(large)) == 0);
	want_entry(&reader, RESCAN_JSONL, "json", &b);
	want_entry(&reader, RESCAN_NONE, "bin", &b);
	CHECK(b.len == 1);
	CHECK(entry_next(&reader, &entry, &e) == 0);
	io_close(&entries);
	buf_free(&b);
}

/* A tar with one member in ustar form. */
static size_t
tar_of(uint8_t *out, const char *name, const char *text)
{
	unsigned sum = 0;

	memset(out, 0, 4 * 512);
	snprintf((char *)out, 100, "%s", name);
	memcpy(out + 100, "0000644\0000000000\0000000000\000", 24);
	snprintf((char *)out + 124, 12, "%011zo", strlen(text));
	memcpy(out + 136, "00000000000", 11);
	memset(out + 148, ' ', 8);
	out[156] = '0';
	memcpy(out + 257, "ustar\00000", 8);
	for (int i = 0; i < 512; i++)
		sum += out[i];
	snprintf((char *)out + 148, 8, "%06o", sum);
	memcpy(out + 512, text, strlen(text));
	return 4 * 512;
}

static void
test_archive(void)
{
	struct run r = start("unit", 32, -1, NULL);
	uint8_t tar[4 * 512];
	size_t len = tar_of(tar, "in/x.txt", "niets\n");
	struct json *done;
	char said[600];

	send_policy(&r, yaml);
	send_source(&r, WIRE_ARCHIVE, "", 1, tar, len, (int64_t)len);
	send_source(&r, WIRE_ARCHIVE, "folder", 2, tar, len, (int64_t)len);
	send_source(&r, WIRE_FILE, "no-rule", 2, "x", 1, 1); /* a number that was given already */
	send_source(&r, WIRE_FILE, "no-rule", 9, "x", 1, 1);
	CHECK_OK(wire_send(r.control, WIRE_END, NULL, NULL, 0, &e));
	done = wire_expect(r.control, WIRE_DONE, NULL, 0, &e);
	CHECK(done != NULL);
	if (done != NULL) {
		const struct json *report = json_get(done, "report"),
				  *held = json_get(
				      json_get(json_get(report, "held"), "file:file-unmatched"), "files");

		CHECK(number_at(report, "files", "passed") == 2 && json_get(done, "files")->integer == 4);
		CHECK(held != NULL && held->count == 2 && held->items[0]->integer == 3 &&
		      held->items[1]->integer == 9);
	}
	json_free(done);
	CHECK(finish(&r, said) == 0 && said[0] == '\0');
}

/* The archives that test_archive reads, through the confined program: every good one whole, every other one refused. */
static void
test_archives(void)
{
	static const char all[] = "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n"
				  "files: [{match: '**', format: opaque, ext: bin}]\n"
				  "sets: {abroad: {hold: [NL], open: [lumi]}}\n";
	char path[4096], said[600];
	const struct dirent *file;
	size_t good = 0, bad = 0;
	DIR *folder;
	struct buf b;

	snprintf(path, sizeof(path), "%s/vectors/archives", getenv("STAGER_TESTS"));
	CHECK((folder = opendir(path)) != NULL);
	while (folder != NULL && (file = readdir(folder)) != NULL) {
		bool fine = strncmp(file->d_name, "good", 4) == 0;
		struct json *done;
		struct run r;
		int status;

		/* An empty zip is one without members; the others are no archives. */
		if (file->d_name[0] == '.' || strcmp(file->d_name, "make.py") == 0 ||
		    strcmp(file->d_name, "text.txt") == 0 || strcmp(file->d_name, "empty.zip") == 0)
			continue;
		buf_init(&b, 1 << 24);
		CHECK_OK(io_read_file(dirfd(folder), file->d_name, &b, &e));
		r = start("unit", 32, -1, NULL);
		send_policy(&r, all);
		send_source(&r, WIRE_ARCHIVE, "", 1, b.data, b.len, (int64_t)b.len);
		/* It may have gone away already. */
		(void)!wire_send(r.control, WIRE_END, NULL, NULL, 0, &e);
		done = wire_expect(r.control, WIRE_DONE, NULL, 0, &e);
		CHECK((done != NULL) == fine);
		if (done != NULL)
			CHECK(number_at(json_get(done, "report"), "files", "passed") ==
			      json_get(done, "files")->integer);
		json_free(done);
		status = finish(&r, said);
		if (status != (fine ? 0 : 3) ||
		    (!fine && strncmp(said, "stager-scrub: file 1: archive", 29) != 0)) {
			fprintf(stderr, "%s: %d: %s\n", file->d_name, status, said);
			CHECK(!"a good archive is read, any other refused");
		}
		good += fine;
		bad += !fine;
		buf_free(&b);
	}
	CHECK(good >= 10 && bad >= 40);
	if (folder != NULL)
		(void)closedir(folder);
}

/* One run that must fail: what it says and its status. */
static void
fails(struct run *r, int status, const char *why)
{
	char said[600];
	struct json *done = wire_expect(r->control, WIRE_DONE, NULL, 0, &e);
	int got;

	CHECK(done == NULL);
	json_free(done);
	got = finish(r, said);
	if (got != status || strstr(said, why) == NULL) {
		fprintf(stderr, "wanted %d and '%s', got %d: %s\n", status, why, got, said);
		CHECK(!"it fails as it should");
	}
	CHECK(strchr(said, '\n') == said + strlen(said) - 1);
}

static void
test_failures(void)
{
	static const uint8_t large[ENTRY_HELD_LEN + 1];
	uint8_t tar[4 * 512];
	size_t len;
	struct run r;
	int ends[2];

	r = start("unit", 31, -1, NULL);
	fails(&r, 3, "pseudonym subkey");
	r = start("unit", 33, -1, NULL);
	fails(&r, 3, "pseudonym subkey");
	r = start("nothing", 32, -1, NULL);
	fails(&r, 2, "usage");

	r = start("unit", 32, -1, NULL);
	CHECK_OK(wire_send(r.control, WIRE_END, NULL, NULL, 0, &e));
	fails(&r, 3, "control message");
	r = start("unit", 32, -1, NULL);
	send_policy(&r, yaml);
	CHECK_OK(wire_send(r.control, WIRE_LOG_OPEN, NULL, NULL, 0, &e));
	fails(&r, 3, "type 27");
	/* The supervisor gone is no end. */
	r = start("unit", 32, -1, NULL);
	send_policy(&r, yaml);
	CHECK(shutdown(r.control, SHUT_WR) == 0);
	fails(&r, 1, "went away");

	/* A file that is not as long as it was. */
	r = start("unit", 32, -1, NULL);
	send_policy(&r, yaml);
	send_source(&r, WIRE_FILE, "a.bin", 1, "abc", 3, 4);
	fails(&r, 3, "changed");
	r = start("unit", 32, -1, NULL);
	send_policy(&r, yaml);
	send_source(&r, WIRE_FILE, "a.bin", 1, "abc", 3, 2);
	fails(&r, 3, "changed");

	len = tar_of(tar, "../x.txt", "niets\n");
	r = start("unit", 32, -1, NULL);
	send_policy(&r, yaml);
	send_source(&r, WIRE_ARCHIVE, "", 1, tar, len, (int64_t)len);
	fails(&r, 3, "file 1: archive: member 1: ");

	/* Nobody reads the entries any more: seen when the small ones leave, and at once by a large one. */
	if (pipe2(ends, O_CLOEXEC) == -1)
		abort();
	r = start("unit", 32, ends[1], NULL);
	(void)close(ends[0]);
	send_policy(&r, yaml);
	send_source(&r, WIRE_FILE, "a.bin", 1, "abc", 3, 3);
	CHECK_OK(wire_send(r.control, WIRE_END, NULL, NULL, 0, &e));
	fails(&r, 1, "Broken pipe");
	if (pipe2(ends, O_CLOEXEC) == -1)
		abort();
	r = start("unit", 32, ends[1], NULL);
	(void)close(ends[0]);
	send_policy(&r, yaml);
	send_source(&r, WIRE_FILE, "a.bin", 1, large, sizeof(large), sizeof(large));
	fails(&r, 1, "Broken pipe");
}

#ifndef STAGER_SANITIZED
static void
test_confined(void)
{
	static const char *const modes[] = {"policy", "unit"}, *const tries[] = {"open", "create"},
				 *const deadly[] = {
				     "socket", "unix", "exec", "ptrace", "mount", "fork", "limit", "raise"};
	char said[600];

	for (size_t m = 0; m < 2; m++) {
		for (size_t i = 0; i < 2; i++) {
			struct run r = start(modes[m], 32, -1, tries[i]);

			CHECK(finish(&r, said) == 0 && strstr(said, "refused") != NULL);
		}
		for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
			struct run r = start(modes[m], 32, -1, deadly[i]);
			int status = finish(&r, said);

			if (status != -SIGSYS && !(status == 0 && strstr(said, "refused") != NULL)) {
				fprintf(stderr, "%s %s: %d %s\n", modes[m], deadly[i], status, said);
				CHECK(!"it is refused");
			}
		}
	}
}
#endif

int
main(void)
{
	const char *build = getenv("STAGER_BUILD");

	if (build == NULL || getenv("STAGER_TESTS") == NULL) {
		printf("skipped: STAGER_BUILD does not name the folder of stager-scrub\n");
		return 77;
	}
	snprintf(program, sizeof(program), "%s/stager-scrub", build);
	test_policy();
	test_unit();
	test_archive();
	test_archives();
	test_failures();
#ifndef STAGER_SANITIZED
	test_confined();
#endif
	return check_done();
}
