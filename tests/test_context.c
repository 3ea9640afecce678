/* The context: what goes in is found again, by nobody else's name; damaged in any byte it is refused or finds less. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../stager/scrub/subject.h"
#include "check.h"
#include "pseudonym_key.h"
#include "stager/context.h"
#include "stager/gather.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/secret.h"
#include "stager/source.h"

static struct err e;
static struct pseudonym_key *key;

static int
file(void)
{
	int fd = memfd_create("context", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd == -1)
		abort();
	return fd;
}

static void
named(unsigned n, char out[static PSEUDONYM_LEN + 1])
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	pseudonym_make(key, text, strlen(text), out);
}

static void
test_many(void)
{
	const unsigned count = 5000;
	char pseudonym[PSEUDONYM_LEN + 1], body[64];
	uint8_t digest[DIGEST_LEN], again[DIGEST_LEN];
	int fd = file();
	struct context_maker *m = context_maker_new(fd, &e);
	enum subject_state state;
	const uint8_t *found;
	struct context *c;
	uint64_t subjects;
	size_t len;

	for (unsigned i = 0; i < count; i++) {
		named(i, pseudonym);
		snprintf(body, sizeof(body), "body of %u", i);
		CHECK_OK(context_add(m, pseudonym, SUBJECT_GOOD, body, strlen(body), &e));
	}
	CHECK_OK(context_finish(m, digest, &subjects, &e));
	CHECK(subjects == count);
	context_maker_free(m);
	CHECK((c = context_open(fd, &e)) != NULL);
	context_digest(c, again);
	CHECK(digest_equal(digest, again));
	for (unsigned i = 0; i < count; i++) {
		named(i, pseudonym);
		snprintf(body, sizeof(body), "body of %u", i);
		CHECK(context_find(c, pseudonym, &state, &found, &len) && state == SUBJECT_GOOD &&
		      len == strlen(body) && memcmp(found, body, len) == 0);
	}
	for (unsigned i = count; i < 2 * count; i++) {
		named(i, pseudonym);
		CHECK(!context_find(c, pseudonym, &state, &found, &len));
	}
	context_close(c);
	close(fd);
}

static void
test_states(void)
{
	static const struct {
		enum subject_state first, second, want;
	} cases[] = {{SUBJECT_GOOD, SUBJECT_GOOD, SUBJECT_REPEATED},
	    {SUBJECT_GOOD, SUBJECT_EXCLUDED, SUBJECT_EXCLUDED},
	    {SUBJECT_EXCLUDED, SUBJECT_GOOD, SUBJECT_EXCLUDED},
	    {SUBJECT_EXCLUDED, SUBJECT_EXCLUDED, SUBJECT_EXCLUDED},
	    {SUBJECT_BROKEN, SUBJECT_GOOD, SUBJECT_REPEATED},
	    {SUBJECT_BROKEN, SUBJECT_EXCLUDED, SUBJECT_EXCLUDED}};
	const size_t count = sizeof(cases) / sizeof(cases[0]);
	char pseudonym[PSEUDONYM_LEN + 1];
	static char body[CONTEXT_BODY_MAX + 1];
	uint8_t digest[DIGEST_LEN];
	int fd = file();
	struct context_maker *m = context_maker_new(fd, &e);
	enum subject_state state;
	const uint8_t *found;
	struct context *c;
	uint64_t subjects;
	size_t len;

	for (size_t i = 0; i < count; i++) {
		named((unsigned)i, pseudonym);
		CHECK_OK(context_add(m, pseudonym, cases[i].first, "first", 5, &e));
		CHECK_OK(context_add(m, pseudonym, cases[i].second, "second", 6, &e));
	}
	named(100, pseudonym);
	CHECK_OK(context_add(m, pseudonym, SUBJECT_BROKEN, "left out", 8, &e));
	named(101, pseudonym);
	CHECK_OK(context_add(m, pseudonym, SUBJECT_GOOD, body, CONTEXT_BODY_MAX, &e));
	named(102, pseudonym);
	CHECK_ERR(context_add(m, pseudonym, SUBJECT_GOOD, body, CONTEXT_BODY_MAX + 1, &e), ERR_LIMIT);
	CHECK_OK(context_finish(m, digest, &subjects, &e));
	CHECK(subjects == count + 2);
	context_maker_free(m);
	CHECK((c = context_open(fd, &e)) != NULL);
	for (size_t i = 0; i < count; i++) {
		named((unsigned)i, pseudonym);
		CHECK(context_find(c, pseudonym, &state, &found, &len) && state == cases[i].want &&
		      found == NULL);
	}
	named(100, pseudonym);
	CHECK(context_find(c, pseudonym, &state, &found, &len) && state == SUBJECT_BROKEN && len == 0);
	named(101, pseudonym);
	CHECK(context_find(c, pseudonym, &state, &found, &len) && state == SUBJECT_GOOD &&
	      len == CONTEXT_BODY_MAX && memcmp(found, body, len) == 0);
	context_close(c);
	close(fd);
}

static void
test_sealed(void)
{
	char pseudonym[PSEUDONYM_LEN + 1];
	uint8_t digest[DIGEST_LEN];
	int fd = file();
	struct context_maker *m = context_maker_new(fd, &e);
	uint64_t subjects;

	named(1, pseudonym);
	CHECK_OK(context_add(m, pseudonym, SUBJECT_GOOD, "x", 1, &e));
	CHECK_OK(context_finish(m, digest, &subjects, &e));
	context_maker_free(m);
	CHECK_ERR(context_sealed(fd, &e), ERR_INPUT);
	CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0);
	CHECK_ERR(context_sealed(fd, &e),
	    ERR_INPUT); /* another seal could still be thought of: the last one is wanted */
	CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL) == 0);
	CHECK_OK(context_sealed(fd, &e));
	CHECK(pwrite(fd, "x", 1, 0) == -1 && ftruncate(fd, 0) == -1 && ftruncate(fd, 1 << 20) == -1);
	close(fd);
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	CHECK_ERR(context_sealed(fd, &e), ERR_INPUT);
	close(fd);
}

/* A small context with this byte changed, or cut there: opening it may fail; what it finds lies inside of it. */
static void
damaged(const uint8_t *bytes, size_t len, const uint8_t *was, size_t was_len)
{
	char pseudonym[PSEUDONYM_LEN + 1];
	int fd = file();
	enum subject_state state;
	const uint8_t *found;
	struct context *c;
	unsigned sum = 0;
	size_t n;

	CHECK_OK(io_write(fd, bytes, len, "test", &e));
	if ((c = context_open(fd, &e)) != NULL) {
		for (unsigned i = 0; i < 4; i++) {
			named(i, pseudonym);
			if (context_find(c, pseudonym, &state, &found, &n))
				for (size_t k = 0; k < n; k++)
					sum += found[k]; /* read, so that the sanitizers see it */
		}
		CHECK(len != was_len || memcmp(bytes, was, len) != 0);
	}
	CHECK(sum < 1000000);
	context_close(c);
	close(fd);
}

static void
test_damaged(void)
{
	char pseudonym[PSEUDONYM_LEN + 1];
	uint8_t digest[DIGEST_LEN], *bytes, *copy;
	int fd = file();
	struct context_maker *m = context_maker_new(fd, &e);
	uint64_t subjects;
	off_t len;

	for (unsigned i = 0; i < 3; i++) {
		named(i, pseudonym);
		CHECK_OK(context_add(m, pseudonym, SUBJECT_GOOD, "something", 9, &e));
	}
	CHECK_OK(context_finish(m, digest, &subjects, &e));
	context_maker_free(m);
	len = lseek(fd, 0, SEEK_END);
	bytes = malloc((size_t)len);
	copy = malloc((size_t)len);
	CHECK(bytes != NULL && copy != NULL && pread(fd, bytes, (size_t)len, 0) == len);
	for (off_t i = 0; i < len; i++) {
		/* Of the empty slots a few are enough. */
		if (i > 400 && i < len - 200 && bytes[i] == 0 && i % 61 != 0)
			continue;
		memcpy(copy, bytes, (size_t)len);
		copy[i] ^= (uint8_t)(1u << (i % 8));
		damaged(copy, (size_t)len, bytes, (size_t)len);
		copy[i] = 0xff;
		if (bytes[i] != 0xff)
			damaged(copy, (size_t)len, bytes, (size_t)len);
		if (i < 300 || i > len - 100)
			damaged(bytes, (size_t)i, bytes, (size_t)len);
	}
	free(bytes);
	free(copy);
	close(fd);
}

static const char yaml[] =
    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n"
    "subject: {from: p.csv, key: {column: nr, pattern: '[0-9]{1,7}', pad: 7}, exclude: [out]}\n"
    "files:\n  - {match: p.csv, format: csv, csv: {delimiter: ';', missing: ['-']}, columns: {nr: pseudonym, "
    "a: drop}}\n"
    "sets: {abroad: {hold: [NL], open: [lumi]}}\n";

static struct policy *
policy_of(const char *text)
{
	struct json *resolved = policy_from_yaml(text, strlen(text), &e);
	struct policy *p = resolved == NULL ? NULL : policy_decode(resolved, &e);

	if (p == NULL)
		fprintf(stderr, "%s\n", e.text);
	json_free(resolved);
	return p;
}

static void
test_key(void)
{
	static const struct {
		const char *value, *want;
	} cases[] = {{"123", "0000123"}, {"0000123", "0000123"}, {"  123 ", "0000123"},
	    {"1234567", "1234567"}, {"12345678", NULL}, {"", NULL}, {"   ", NULL}, {"12a", NULL},
	    {"1 2", NULL}, {"-1", NULL}};
	struct policy *p = policy_of(yaml);
	char out[SUBJECT_KEY_MAX];
	size_t len;

	CHECK(p != NULL);
	for (size_t i = 0; p != NULL && i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool is = subject_key(p->subject, cases[i].value, strlen(cases[i].value), out, &len);

		CHECK(is == (cases[i].want != NULL));
		CHECK(!is || (len == strlen(cases[i].want) && memcmp(out, cases[i].want, len) == 0));
	}
	policy_free(p);
}

static void
test_glob(void)
{
	static const struct {
		const char *glob, *name, *key;
	} cases[] = {{"b/{key}.txt", "b/123.txt", "123"}, {"b/{key}_*.txt", "b/12_34.txt", "12"},
	    {"b/*_{key}.txt", "b/12_34.txt", "34"}, {"b/{key}/**", "b/77/a/b.txt", "77"},
	    {"**/{key}/*", "a/b/c.txt", "b"}, {"{key}", "abc", "abc"}, {"{key}*", "12-34", "12"},
	    {"b/{key}.txt", "b/1-2.txt", NULL}, {"b/{key}.txt", "c/12.txt", NULL},
	    {"b/{key}.txt", "b/.txt", NULL}, {"b/{key}.txt", "b/12", NULL},
	    {"b/x{key}.txt", "b/x12.txt", NULL}};
	const char *at;
	size_t len;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool is = policy_glob_key(cases[i].glob, cases[i].name, &at, &len);

		CHECK(is == (cases[i].key != NULL));
		CHECK(!is || (len == strlen(cases[i].key) && memcmp(at, cases[i].key, len) == 0));
	}
}

struct gathered {
	int fd;
	struct gather g;
};

static void
gather_start(struct gathered *x, const struct policy *p)
{
	x->fd = file();
	x->g = (struct gather){.policy = p, .key = key, .maker = context_maker_new(x->fd, &e)};
}

static int
take(struct gathered *x, const char *name, const char *text, size_t chunk)
{
	struct source_mem source;

	source_mem_init(&source, text, strlen(text), name);
	source.chunk = chunk;
	return gather_file(&x->g, &source.source, &e);
}

static int
take_list(struct gathered *x, const char *text, size_t chunk, uint64_t *keys)
{
	uint8_t salt[DIGEST_LEN] = {7}, commitment[DIGEST_LEN], want[DIGEST_LEN];
	struct source_mem source;
	int rc;

	source_mem_init(&source, text, strlen(text), "");
	source.chunk = chunk;
	rc = gather_exclude(&x->g, &source.source, salt, commitment, keys, &e);
	digest_sha256((const struct digest_part[]){{salt, sizeof(salt)}, {text, strlen(text)}}, 2, want);
	CHECK(rc == -1 || digest_equal(commitment, want));
	return rc;
}

/* The states of the keys 0000001 to 0000006, a letter each. */
static void
gather_finish(struct gathered *x, const char *want)
{
	static const char letters[] = "gerb"; /* good, excluded, repeated, broken */
	uint8_t digest[DIGEST_LEN];
	enum subject_state state;
	const uint8_t *body;
	char pseudonym[PSEUDONYM_LEN + 1], text[16], is[8] = "";
	struct context *c = NULL;
	uint64_t subjects;
	size_t len;

	CHECK_OK(context_finish(x->g.maker, digest, &subjects, &e));
	CHECK((c = context_open(x->fd, &e)) != NULL);
	for (unsigned i = 1; i <= 6; i++) {
		snprintf(text, sizeof(text), "%07u", i);
		pseudonym_make(key, text, 7, pseudonym);
		is[i - 1] = context_find(c, pseudonym, &state, &body, &len) ? letters[state] : '-';
	}
	if (strcmp(is, want) != 0)
		fprintf(stderr, "%s, wanted %s\n", is, want);
	CHECK(strcmp(is, want) == 0);
	context_close(c);
	context_maker_free(x->g.maker);
	close(x->fd);
}

static void
test_gather(void)
{
	static const char table[] = "\xef\xbb\xbfnr;a\r\n1;x\n\"2\";y\n0000003;z\n3;zz\n-;none\n;"
				    "none\n12345678;no key\n4;too;many\n5;\x81\n6;\"a\nb\"\n";
	struct policy *p = policy_of(yaml);
	struct report *report = report_new();
	struct gathered x;
	uint64_t keys;

	for (size_t chunk = 1; p != NULL && chunk < 200; chunk += 37) {
		gather_start(&x, p);
		CHECK_OK(take_list(&x, "2\n", chunk, &keys));
		CHECK(keys == 1);
		CHECK_OK(take(&x, "other.csv", "whatever\n", chunk));
		CHECK_ERR(gather_end(&x.g, report, &e), ERR_INPUT);
		CHECK_OK(take(&x, "p.csv", table, chunk));
		CHECK_OK(gather_end(&x.g, report, &e));
		CHECK_ERR(take(&x, "p.csv", table, chunk), ERR_INPUT);
		gather_finish(&x, "ger--g");
	}
	report_free(report);
	policy_free(p);
}

static void
test_gather_refused(void)
{
	static const char *const tables[] = {"", "\n\n", "a;b\n1;2\n", "nr;nr;a\n1;1;2\n", "nr;a\n1;\"x\n",
	    "nr\"x;a\n1;2\n", "nr;\x81\n1;2\n"};
	static const struct {
		const char *text, *line;
	} lists[] = {{"Jansen\n", "line 1 "}, {"1\n\n2\n3 4\n", "line 4 "}, {"nr\nnr\n", "line 2 "},
	    {"1;2", "line 1 "}, {"\xef\xbb\xbf", NULL}, {"", NULL}, {"\n\r\n 1 \r\n", NULL},
	    {"nr\r\n0000001", NULL}};
	char *long_row = malloc((3u << 20) + 16), *long_line = malloc(1000);
	struct policy *p = policy_of(yaml);
	struct gathered x;
	uint64_t keys;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		gather_start(&x, p);
		CHECK_ERR(take(&x, "p.csv", tables[i], 0), ERR_INPUT);
		CHECK(strncmp(e.text, "subject table: ", 15) == 0);
		gather_finish(&x, "------");
	}
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		gather_start(&x, p);
		if (lists[i].line == NULL) {
			CHECK_OK(take_list(&x, lists[i].text, 1, &keys));
			gather_finish(&x, keys == 1 ? "e-----" : "------");
			continue;
		}
		CHECK_ERR(take_list(&x, lists[i].text, 0, &keys), ERR_INPUT);
		CHECK(strstr(e.text, lists[i].line) != NULL);
		context_maker_free(x.g.maker);
		close(x.fd);
	}
	if (long_row != NULL && long_line != NULL) {
		memset(long_row, 'a', 3u << 20);
		memcpy(long_row, "nr;a\n1;", 7);
		long_row[3u << 20] = '\0';
		memset(long_line, '1', 999);
		long_line[999] = '\0';
		gather_start(&x, p);
		CHECK_ERR(take(&x, "p.csv", long_row, 0), ERR_INPUT);
		CHECK_ERR(take_list(&x, long_line, 0, &keys), ERR_INPUT);
		context_maker_free(x.g.maker);
		close(x.fd);
	}
	free(long_row);
	free(long_line);
	policy_free(p);
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	CHECK((key = pseudonym_key_of(5, &e)) != NULL);
	test_many();
	test_states();
	test_sealed();
	test_damaged();
	test_key();
	test_glob();
	test_gather();
	test_gather_refused();
	pseudonym_key_free(key);
	return check_done();
}
