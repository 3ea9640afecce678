/* Sifting: who is named where, records of every encoding taken out, shards passed without what is theirs, and everything that is not ours refused. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../stager/ingest/tar.h"
#include "check.h"
#include "stager/sift.h"

static struct err e;

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccc"
#define D "dddddddddddddddddddddddddd"

static struct sift_list *
list_of(const char *text)
{
	struct sift_list *l = sift_list_new((const uint8_t *)text, strlen(text) / SIFT_PSEUDONYM_LEN, &e);

	if (l == NULL)
		abort();
	return l;
}

static void
test_list(void)
{
	struct sift_list *l = list_of(A C);
	bool there;

	CHECK(!sift_met(l, 0, &there) && there);
	CHECK(sift_listed(l, C) && !sift_listed(l, B));
	CHECK(!sift_met(l, 0, &there) && there && sift_met(l, 1, &there) && there);
	CHECK(!sift_met(l, 2, &there) && !there);
	sift_list_free(l);
	CHECK(sift_list_new((const uint8_t *)C A, 2, &e) == NULL && e.code == ERR_INPUT);
	CHECK(sift_list_new((const uint8_t *)A A, 2, &e) == NULL && e.code == ERR_INPUT);
	CHECK(sift_list_new((const uint8_t *)A, 0, &e) == NULL && e.code == ERR_INPUT);
}

/* text as UTF-16, little or big endian, with or without its mark. */
static size_t
widen(const char *text, size_t len, bool big, bool mark, uint8_t *out)
{
	size_t to = 0;

	if (mark) {
		out[to++] = big ? 0xfe : 0xff;
		out[to++] = big ? 0xff : 0xfe;
	}
	for (size_t i = 0; i < len; i++) {
		out[to++] = big ? 0 : (uint8_t)text[i];
		out[to++] = big ? (uint8_t)text[i] : 0;
	}
	return to;
}

/* What is left of a member is want; in all encodings. */
static void
check_member(const char *ext, const char *text, const char *want, uint64_t gone)
{
	struct sift_list *l = list_of(A);
	uint8_t data[4096], wanted[4096];
	uint64_t records;
	size_t len, want_len;

	for (unsigned kind = 0; kind < 5; kind++) {
		bool big = kind > 2, mark = kind % 2 == 1;

		records = 0;
		if (kind == 0) {
			memcpy(data, text, len = strlen(text));
			memcpy(wanted, want, want_len = strlen(want));
		} else {
			len = widen(text, strlen(text), big, mark, data);
			want_len =
			    gone > 0 && want[0] == '\0' ? 0 : widen(want, strlen(want), big, mark, wanted);
		}
		CHECK(sift_member(l, ext, data, len, &records, &e) == (ssize_t)want_len);
		CHECK(memcmp(data, wanted, want_len) == 0 && records == gone);
	}
	sift_list_free(l);
}

static void
test_member(void)
{
	static const char *const escapes[] = {"\\n", "\\t", "\\r", "\\b", "\\f", "\\u000a", "\\u000A",
	    "\\u2028", "\\\"", "\\\\", "\\/", "\\u0022\\n"};
	static const char *const none[] = {"\\a", "\\u00a", "\\u00g0", "\\u", "n", "u000a", "\\x0a"};
	struct sift_list *l;
	uint64_t records = 0;
	uint8_t open[] = "nr\n\"" A "\n";

	check_member("csv", "nr;a\n" A ";1\n" B ";2\n", "nr;a\n" B ";2\n", 1);
	check_member("csv", "nr;a\n" B ";2\n" A ";1", "nr;a\n" B ";2\n", 1);
	check_member("csv", "nr;a\n" B ";\"x\n" A "\n\"\"y\"\n" C ";\"\"\n", "nr;a\n" C ";\"\"\n", 1);
	check_member("csv", "nr;a\n" A ";1\n" A ";2\n", "", 2);
	check_member("tsv", "nr\ta\n" B "\t\"\n\"\n" A "\t1\n", "nr\ta\n" B "\t\"\n\"\n", 1);
	/* A word of its own, no part of one, and of this case. */
	check_member("csv", "nr;a\nx" A ";1\n" A "0;2\n", "nr;a\nx" A ";1\n" A "0;2\n", 0);
	check_member("csv", "nr;a\n[" A "];1\n", "", 1);
	check_member(
	    "csv", "nr;a\nAAAAAAAAAAAAAAAAAAAAAAAAAA;1\n", "nr;a\nAAAAAAAAAAAAAAAAAAAAAAAAAA;1\n", 0);
	/* A header stays, whatever it says, as long as there is a row. */
	check_member("csv", A ";a\n" B ";1\n", A ";a\n" B ";1\n", 0);
	check_member("jsonl", "{\"a\":\"" A "\"}\n{\"a\":\"\\\"\"}\n{\"b\":\"Patient/" A "\"}\n",
	    "{\"a\":\"\\\"\"}\n", 2);
	check_member("jsonl", "{\"a\":\"" A "\"}", "", 1);
	check_member("json", "{\"a\":\"" A "\"}", "", 1);
	check_member("json", "{\"a\":\"" B "\"}", "{\"a\":\"" B "\"}", 0);
	check_member("txt", "voor [" A "]", "", 1);
	/* Behind an escape of JSON, which is no part of the word; and what is no escape, or leaves no word of that length. */
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		char text[200], rest[200];

		snprintf(text, sizeof(text), "{\"a\":\"x%s" A "\"}\n{\"b\":\"" B "\"}\n", escapes[i]);
		check_member("jsonl", text, "{\"b\":\"" B "\"}\n", 1);
		snprintf(text, sizeof(text), "{\"a\":\"%s" A "%s\"}", escapes[i], escapes[i]);
		check_member("json", text, "", 1);
		snprintf(rest, sizeof(rest), "{\"a\":\"%sx" A "\"}", escapes[i]);
		check_member("json", rest, rest, 0);
		snprintf(rest, sizeof(rest), "{\"a\":\"%s" A "a\"}", escapes[i]);
		check_member("json", rest, rest, 0);
		snprintf(rest, sizeof(rest), "{\"a\":\"%.25s\"}", A);
		check_member("json", rest, rest, 0);
		snprintf(rest, sizeof(rest), "{\"a\":\"%s" B "\"}", escapes[i]);
		check_member("json", rest, rest, 0);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		char text[200];

		snprintf(text, sizeof(text), "{\"a\":\"%s" A "\"}", none[i]);
		check_member("json", text, text, 0);
	}
	/* A word that begins with what an escape ends with. */
	l = list_of("naaaaaaaaaaaaaaaaaaaaaaaaa");
	CHECK(sift_names(l, (const uint8_t *)"\\naaaaaaaaaaaaaaaaaaaaaaaaa", 27));
	CHECK(sift_names(l, (const uint8_t *)"\\nnaaaaaaaaaaaaaaaaaaaaaaaaa", 28));
	CHECK(!sift_names(l, (const uint8_t *)"\\nnnaaaaaaaaaaaaaaaaaaaaaaaaa", 29));
	sift_list_free(l);
	check_member("txt", "", "", 0);
	l = list_of(A);
	CHECK_ERR((int)sift_member(l, "csv", open, sizeof(open) - 1, &records, &e), ERR_FORGED);
	sift_list_free(l);
}

static int
memory(const void *data, size_t len)
{
	int fd = memfd_create("test", 0);

	if (fd == -1 || write(fd, data, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	return fd;
}

static const char index_text[] =
    "{\"member\":\"" A "/000001.json\",\"offset\":512,\"shard\":0,\"size\":3,\"subject\":\"" A "\"}\n"
    "{\"member\":\"x/000002.csv\",\"offset\":1536,\"shard\":0,\"size\":40,\"subject\":\"x\"}\n"
    "{\"member\":\"" B "/000007.dcm\",\"offset\":512,\"shard\":2,\"size\":9,\"subject\":\"" B "\"}\n";

static int
read_index(
    const char *text, size_t len, uint64_t plain, size_t shards, struct sift_found *found, uint64_t *samples)
{
	struct sift_list *l = list_of(A);
	int fd = memory(text, len), rc;

	memset(found, 0, shards * sizeof(*found));
	rc = sift_index_read(l, fd, plain, false, found, shards, samples, &e);
	(void)close(fd);
	sift_list_free(l);
	return rc;
}

static void
test_index(void)
{
	const size_t len = sizeof(index_text) - 1;
	struct sift_found found[3];
	char text[sizeof(index_text)];
	uint64_t samples;

	CHECK_OK(read_index(index_text, len, len, 3, found, &samples));
	CHECK(samples == 7 && found[0].members == 2 && found[0].listed == 1 && found[0].look);
	CHECK(found[1].members == 0 && found[2].members == 1 && found[2].listed == 0 && !found[2].look);
	CHECK_ERR(read_index(index_text, len, len, 2, found, &samples), ERR_FORGED);
	CHECK_ERR(read_index(index_text, len, len + 1, 3, found, &samples), ERR_FORGED);
	CHECK_ERR(read_index(index_text, len, len - 1, 3, found, &samples), ERR_FORGED);
	/* Each byte that is another one makes no line of ours, or another subject, number or name. */
	for (size_t i = 0; i < len; i++) {
		memcpy(text, index_text, len);
		text[i] = ' ';
		CHECK_ERR(read_index(text, len, len, 3, found, &samples), ERR_FORGED);
	}
	for (size_t cut = 1; cut < len; cut++)
		if (index_text[cut - 1] != '\n')
			CHECK_ERR(read_index(index_text, cut, cut, 3, found, &samples), ERR_FORGED);
}

/* A shard with these members, as seal writes it; its length. */
struct made {
	const char *subject, *name, *content;
};

static size_t
make_shard(const struct made *members, size_t count, uint8_t *out)
{
	size_t len = 0, size, padded;

	for (size_t i = 0; i < count; i++) {
		size = strlen(members[i].content);
		len += tar_head(members[i].subject, members[i].name, size, out + len);
		memcpy(out + len, members[i].content, size);
		memset(out + len + size, 0, TAR_BLOCK);
		len += tar_file_len(size) - TAR_BLOCK;
	}
	padded = (size_t)tar_padded_len(len + TAR_END);
	memset(out + len, 0, padded - len);
	return padded;
}

static int
run_shard(const uint8_t *tar, size_t len, uint64_t plain, uint64_t members, struct sift_shard *s,
    uint8_t *out, char *lines, size_t lines_max)
{
	static struct sift_writer writer;
	struct sift_list *l = list_of(A);
	int in = memory(tar, len), made = memfd_create("test", 0), index = memfd_create("test", 0), rc;
	ssize_t n = 0;

	memset(&writer, 0, sizeof(writer));
	writer.fd = index;
	*s = (struct sift_shard){
	    .in = in, .out = made, .plain = plain, .members = members, .number = 4, .index = &writer};
	if ((rc = sift_shard_run(l, s, &e)) == 0) {
		rc = sift_write_end(&writer, &e);
		if (pread(made, out, s->bytes, 0) != (ssize_t)s->bytes ||
		    (n = pread(index, lines, lines_max - 1, 0)) < 0)
			abort();
		lines[n] = '\0';
	}
	(void)close(in);
	(void)close(made);
	(void)close(index);
	sift_list_free(l);
	return rc;
}

static void
test_shard(void)
{
	static const struct made before[] = {{A, "000001.json", "weg"},
	    {"x", "000002.csv", "nr\n" A "\n" B "\n"}, {B, "000003.txt", "blijft"}, {A, "000004.bin", ""},
	    {"x", "000005.json", "{\"a\":\"" A "\"}"}, {"x", "000006.txt", ""}};
	static const struct made after[] = {
	    {"x", "000002.csv", "nr\n" B "\n"}, {B, "000003.txt", "blijft"}, {"x", "000006.txt", ""}};
	static uint8_t tar[65536], wanted[65536], out[65536], bad[65536];
	char lines[4096];
	struct sift_shard s;
	size_t len = make_shard(before, 6, tar), want = make_shard(after, 3, wanted);

	CHECK_OK(run_shard(tar, len, len, 6, &s, out, lines, sizeof(lines)));
	CHECK(s.bytes == want && memcmp(out, wanted, want) == 0);
	CHECK(s.kept == 3 && s.dropped == 3 && s.records == 2 && s.content == 36);
	CHECK(
	    strcmp(lines,
		"{\"member\":\"x/000002.csv\",\"offset\":512,\"shard\":4,\"size\":30,\"subject\":\"x\"}\n"
		"{\"member\":\"" B "/000003.txt\",\"offset\":1536,\"shard\":4,\"size\":6,\"subject\":\"" B
		"\"}\n"
		"{\"member\":\"x/000006.txt\",\"offset\":2560,\"shard\":4,\"size\":0,\"subject\":\"x\"}\n") ==
	    0);
	/* Nothing of it is left: nothing is written. */
	len = make_shard(before, 1, tar);
	CHECK_OK(run_shard(tar, len, len, 1, &s, out, lines, sizeof(lines)));
	CHECK(s.bytes == 0 && s.kept == 0 && lines[0] == '\0');
	/* Another number of members; another length; something behind the end; any byte of a header or of the padding. */
	len = make_shard(before, 6, tar);
	CHECK_ERR(run_shard(tar, len, len, 5, &s, out, lines, sizeof(lines)), ERR_FORGED);
	CHECK_ERR(run_shard(tar, len, len, 7, &s, out, lines, sizeof(lines)), ERR_FORGED);
	CHECK_ERR(run_shard(tar, len, len - 512, 6, &s, out, lines, sizeof(lines)), ERR_FORGED);
	CHECK_ERR(run_shard(tar, len - 512, len, 6, &s, out, lines, sizeof(lines)), ERR_FORGED);
	for (size_t i = 0; i < len; i++) {
		if (i / 512 == 1 || i / 512 == 3 || i / 512 == 5 || i / 512 == 8)
			continue; /* content and its padding */
		memcpy(bad, tar, len);
		bad[i] ^= 1;
		CHECK_ERR(run_shard(bad, len, len, 6, &s, out, lines, sizeof(lines)), ERR_FORGED);
	}
}

/* A text of the most that scrub makes in memory, in UTF-16, which is twice as long: one record of it is looked through, too. */
static void
test_long(void)
{
	static const char text[] = "nr\n" A "\n";
	const size_t size = ENCODED_MOST(ENTRY_BUFFERED_MAX),
		     plain = (size_t)tar_padded_len(tar_file_len(size) + TAR_END);
	uint8_t *tar = calloc(1, plain), *at;
	struct sift_list *l = list_of(A);
	struct sift_shard s = {.out = -1, .plain = plain, .members = 1};
	size_t head;

	CHECK(tar != NULL);
	head = tar_head("x", "000001.csv", size, tar);
	at = tar + head;
	*at++ = 0xff;
	*at++ = 0xfe;
	for (size_t i = 0; i < size / 2 - 1; i++, at += 2)
		*at = i < sizeof(text) - 1 ? (uint8_t)text[i] : i % 100 == 0 ? '\n' : 'a';
	s.in = memory(tar, plain);
	CHECK_OK(sift_shard_run(l, &s, &e));
	CHECK(s.records == 1 && s.kept == 1);
	(void)close(s.in);
	sift_list_free(l);
	free(tar);
}

/* Other spellings' pseudonyms count for their person; what stands behind a type of reference that names nobody of the list is nobody's. */
static void
test_spellings(void)
{
	static const char good[] = B "\1\0\0\0" D "\0\0\0\0", twice[] = B "\0\0\0\0" B "\1\0\0\0",
			  nobody[] = B "\2\0\0\0", far[] = B "\0\0\0\1";
	struct {
		const char *text;
		bool names;
	} others[] = {{"Encounter/" A, false}, {"\"x/Encounter/" A "\"", false}, {"Encounter/" D, false},
	    {"Patient/" A, true}, {"encounter/" A, true}, {"Encounters/" A, true}, {"xEncounter/" A, true},
	    {"Encounter//" A, true}, {"Encounter/ " A, true}, {"Encounter\\/" A, true}, {"/" A, true},
	    {"Encounter/x " A, true}, {"Encounter/" B " " A, true}, {"Encounter/" B, false}};
	struct sift_list *l = list_of(A C);
	uint8_t wide[400];
	bool there;

	CHECK_ERR(sift_list_spellings(l, (const uint8_t *)twice, 2, &e), ERR_INPUT);
	CHECK_ERR(sift_list_spellings(l, (const uint8_t *)nobody, 1, &e), ERR_INPUT);
	CHECK_ERR(sift_list_spellings(l, (const uint8_t *)far, 1, &e), ERR_INPUT);
	CHECK_ERR(sift_list_spellings(l, (const uint8_t *)good, 0, &e), ERR_INPUT);
	CHECK(!sift_listed(l, B));
	CHECK_OK(sift_list_spellings(l, (const uint8_t *)good, 2, &e));
	CHECK_ERR(sift_list_spellings(l, (const uint8_t *)good, 2, &e), ERR_INPUT);
	CHECK(sift_listed(l, B) && sift_met(l, 1, &there) && !sift_met(l, 0, &there));
	CHECK(sift_listed(l, D) && sift_met(l, 0, &there));
	CHECK(!sift_listed(l, "eeeeeeeeeeeeeeeeeeeeeeeeee"));
	CHECK(sift_names(l, (const uint8_t *)"x " D, 28));
	CHECK_ERR(sift_list_other(l, "", &e), ERR_INPUT);
	CHECK_ERR(sift_list_other(l, "A/B", &e), ERR_INPUT);
	CHECK(sift_names(l, (const uint8_t *)"Encounter/" A, 36));
	CHECK_OK(sift_list_other(l, "Practitioner", &e));
	CHECK_OK(sift_list_other(l, "Encounter", &e));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		const char *text = others[i].text;

		if (sift_names(l, (const uint8_t *)text, strlen(text)) != others[i].names ||
		    sift_names(l, wide, widen(text, strlen(text), i % 2 == 0, i % 3 == 0, wide)) !=
			others[i].names) {
			fprintf(stderr, "%s\n", text);
			CHECK(!"a reference");
		}
	}
	for (size_t i = 2; i < SIFT_OTHERS_MAX; i++)
		CHECK_OK(sift_list_other(l, "Device", &e));
	CHECK_ERR(sift_list_other(l, "Device", &e), ERR_INPUT);
	sift_list_free(l);
}

int
main(void)
{
	test_list();
	test_spellings();
	test_member();
	test_index();
	test_shard();
	test_long();
	return check_done();
}
