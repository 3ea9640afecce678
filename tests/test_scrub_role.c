/* stager-scrub as its supervisor meets it: policies, files and archives in, entries and a report out. */
#include <dirent.h>

#include "scrub_role.h"

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
	/* The same from pipes, which are read to their end whatever becomes of them. */
	send_source(&r, WIRE_PIPED_FILE, "b/patients.csv", 9, table, sizeof(table) - 1, sizeof(table) - 1);
	send_source(&r, WIRE_PIPED_FILE, "y/junk.tmp", 10, large, 60000, 60000);
	send_source(&r, WIRE_PIPED_FILE, "unknown.xyz", 11, large, 60000, 60000);
	CHECK_OK(wire_send(r.control, WIRE_END, NULL, NULL, 0, &e));
	done = wire_expect(r.control, WIRE_DONE, NULL, 0, &e);
	CHECK(done != NULL);
	CHECK(finish(&r, said) == 0 && said[0] == '\0');
	if (done == NULL) {
		fprintf(stderr, "%s\n", said);
		return;
	}
	report = json_get(done, "report");
	CHECK(json_get(done, "files")->integer == 11 && json_get(done, "entries")->integer == 6);
	CHECK(number_at(report, "files", "seen") == 11 && number_at(report, "files", "passed") == 6);
	CHECK(number_at(report, "files", "held") == 3 && number_at(report, "files", "dropped") == 2);
	CHECK(number_at(report, "formats", "csv") == 2 && number_at(report, "formats", "drop") == 2 &&
	      number_at(report, "formats", "opaque") == 2 && number_at(report, "formats", "text") == 1);
	CHECK(number_at(report, "members", "out") == 6);
	CHECK(
	    number_at(report, "bytes", "in") == (int64_t)(2 * (sizeof(table) - 1) + 15 + sizeof(large) + 10));
	CHECK(number_at(report, "bytes", "out") == json_get(done, "bytes")->integer);
	CHECK(number_at(report, "records", "held") == 2);
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
	want_entry(&reader, RESCAN_CSV, "csv", &b);
	CHECK(strstr((char *)b.data, ",45\n") != NULL);
	CHECK(entry_next(&reader, &entry, &e) == 0);
	io_close(&entries);
	buf_free(&b);
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
	send_source(&r, WIRE_PIPED_ARCHIVE, "folder", 2, tar, len, (int64_t)len);
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

/*
 * The archives that test_archive reads, through the confined program: every good one whole, every other one refused. Out of
 * a pipe it is the same.
 */
static void
test_archives(enum wire_type type)
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
		if (type == WIRE_PIPED_ARCHIVE && b.len > 65536) {
			buf_free(&b);
			continue;
		}
		r = start("unit", 32, -1, NULL);
		send_policy(&r, all);
		send_source(&r, type, "", 1, b.data, b.len, (int64_t)b.len);
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

int
main(void)
{
	if (!role_start())
		return 77;
	test_policy();
	test_unit();
	test_archive();
	test_archives(WIRE_ARCHIVE);
	test_archives(WIRE_PIPED_ARCHIVE);
	return check_done();
}
