/* Rows of a subject table beside those that a version has: which are new, whether the others are shown as they were, who is missing. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
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
#include "stager/rows.h"
#include "stager/secret.h"
#include "stager/source.h"
#include "stager/withdrawn.h"

static struct err e;
static struct pseudonym_key *key;

static const char plain[] =
    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n"
    "subject: {from: p.csv, key: {column: nr, pattern: '[0-9]{1,4}', pad: 4}}\n"
    "files:\n  - {match: p.csv, format: csv, columns: {nr: pseudonym, wijk: drop, icd: drop}}\n"
    "sets: {abroad: {hold: [NL], open: [lumi]}}\n";
static const char grouped[] =
    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n"
    "subject:\n  from: p.csv\n  key: {column: nr, pattern: '[0-9]{1,4}', pad: 4}\n"
    "  attributes: {wijk: {from: wijk, map: {n: N, z: Z}, other: blank}}\n"
    "disclosure: {quasi: [wijk], k: 2, l: {icd: 2}, below: {then: blank, max: 100%}}\n"
    "files:\n  - {match: p.csv, format: csv, columns: {nr: pseudonym, wijk: {attribute: wijk}, icd: {keep: "
    "code, pattern: '[A-Z]'}}}\n"
    "sets: {abroad: {hold: [NL], open: [lumi]}}\n";

static int
memory(const void *data, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	if (fd == -1 || io_write(fd, data, len, "test", &e) == -1)
		abort();
	return fd;
}

/* A pipe with a key of this byte. */
static int
key_pipe(uint8_t byte, size_t len)
{
	uint8_t bytes[64];
	int fds[2];

	memset(bytes, byte, sizeof(bytes));
	if (pipe2(fds, O_CLOEXEC) == -1 || io_write(fds[1], bytes, len, "test", &e) == -1)
		abort();
	(void)close(fds[1]);
	return fds[0];
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, ROW_LEN);
}

/* What a first pass over a table came to. */
struct pass {
	uint8_t rows[64 * ROW_LEN]; /* sorted */
	uint64_t count, changed, missing;
	char carried[16]; /* of the keys 0001 to 0009: 'y', 'n', '-' where nobody good is */
};

/* before: rows of another pass, or NULL. gone: a key that is withdrawn, or NULL. */
static void
pass(struct pass *x, const char *yaml, const char *table, const struct pass *before, const char *gone,
    uint8_t with)
{
	struct json *j = policy_from_yaml(yaml, strlen(yaml), &e);
	struct policy *p = j == NULL ? NULL : policy_decode(j, &e);
	int fd = memory("", 0), out = memory("", 0), copy = dup(out), keys = key_pipe(with, 32),
	    known =
		memory(before == NULL ? NULL : before->rows, before == NULL ? 0 : before->count * ROW_LEN);
	struct report *report = report_new();
	struct gather g = {.policy = p, .key = key};
	struct secret *subkey = secret_new(32, &e);
	uint8_t digest[DIGEST_LEN], mark[WITHDRAWN_MARK_LEN];
	enum subject_state state = SUBJECT_BROKEN;
	struct source_mem source;
	struct context *c;
	struct subject s;
	uint64_t subjects;
	char text[16];

	*x = (struct pass){.count = 0};
	CHECK(p != NULL && subkey != NULL);
	memset(subkey->bytes, 5, 32);
	if (gone != NULL) {
		struct withdrawn *w = withdrawn_new(subkey, NULL, 0, &e);

		withdrawn_mark(w, gone, strlen(gone), mark);
		withdrawn_free(w);
		g.withdrawn = withdrawn_new(subkey, mark, 1, &e);
	}
	g.maker = context_maker_new(fd, &e);
	CHECK_OK(gather_begin(&g, &e));
	CHECK((g.rows = rows_take(known, before == NULL ? 0 : before->count, keys, out, &e)) != NULL);
	source_mem_init(&source, table, strlen(table), "p.csv");
	CHECK_OK(gather_file(&g, &source.source, &e));
	CHECK_OK(gather_end(&g, report, &e));
	CHECK_OK(rows_finish(g.rows, p, g.maker, &x->count, &x->changed, &x->missing, &e));
	CHECK(x->count <= 64 &&
	      io_pread(copy, x->rows, sizeof(x->rows), 0, "test", &e) == (ssize_t)(x->count * ROW_LEN));
	qsort(x->rows, x->count, ROW_LEN, compare);
	CHECK_OK(context_finish(g.maker, digest, &subjects, &e));
	CHECK((c = context_open(fd, &e)) != NULL);
	for (unsigned i = 1; i <= 9; i++) {
		(void)snprintf(text, sizeof(text), "%04u", i);
		pseudonym_make(key, text, 4, s.pseudonym);
		s.body = NULL;
		x->carried[i - 1] =
		    !context_find(c, s.pseudonym, &state, &s.body, &s.body_len) || state != SUBJECT_GOOD ? '-'
		    : subject_carried(&s)                                                                ? 'y'
					  : 'n';
		/* How many steps ages are wider is no other number by it. */
		CHECK(state != SUBJECT_GOOD || s.body == NULL || p->subject->attribute_count == 0 ||
		      subject_age_step(&s, &p->subject->attributes[0]) == 0);
	}
	context_close(c);
	rows_free(g.rows);
	gather_free(&g);
	withdrawn_free(g.withdrawn);
	context_maker_free(g.maker);
	report_free(report);
	secret_free(subkey);
	policy_free(p);
	json_free(j);
	for (size_t i = 0; i < 4; i++)
		(void)close((const int[]){fd, copy, keys, known}[i]);
}

#define HEAD "nr,wijk,icd\n"

static void
test_new(void)
{
	struct pass first, second, other;

	pass(&first, plain, HEAD "1,n,A\n2,n,B\n0003,z,C\n", NULL, NULL, 9);
	CHECK(first.count == 3 && first.changed == 0 && first.missing == 0);
	CHECK(strcmp(first.carried, "nnn------") == 0);
	/* In another order, under other spellings, with other values: theirs all the same. */
	pass(&second, plain, HEAD "4,n,A\n0002,z,X\n3,n,C\n01,n,A\n", &first, NULL, 9);
	CHECK(second.count == 4 && second.changed == 0 && second.missing == 0);
	CHECK(strcmp(second.carried, "yyyn-----") == 0);
	/* Twice in the table is nobody's row; who is not there is missing. */
	pass(&second, plain, HEAD "1,n,A\n1,n,B\n4,n,A\n", &first, NULL, 9);
	CHECK(second.count == 1 && second.missing == 3);
	CHECK(strcmp(second.carried, "---n-----") == 0);
	/* Who was withdrawn is not missing, and has no row any more. */
	pass(&second, plain, HEAD "1,n,A\n2,n,B\n3,z,C\n", &first, "0002", 9);
	CHECK(second.count == 2 && second.changed == 0 && second.missing == 0);
	CHECK(strcmp(second.carried, "y-y------") == 0);
	/* Under another key nobody is known. */
	pass(&other, plain, HEAD "1,n,A\n2,n,B\n3,z,C\n", &first, NULL, 8);
	CHECK(other.count == 3 && other.missing == 3 && strcmp(other.carried, "nnn------") == 0);
	CHECK(memcmp(other.rows, first.rows, 3 * ROW_LEN) != 0);
	/* The same table, the same rows. */
	pass(&second, plain, HEAD "3,z,C\n2,n,B\n1,n,A\n", NULL, NULL, 9);
	CHECK(second.count == first.count && memcmp(second.rows, first.rows, first.count * ROW_LEN) == 0);
}

static void
test_shown(void)
{
	struct pass first, second;

	/* Three in the north; one alone in the south is blanked, and one joins. */
	pass(&first, grouped, HEAD "1,n,A\n2,n,B\n3,n,A\n4,n,B\n5,z,A\n6,z,A\n", NULL, NULL, 9);
	pass(&second, grouped, HEAD "6,z,A\n1,n,A\n2,n,B\n3,n,A\n4,n,B\n5,z,A\n", &first, NULL, 9);
	CHECK(second.count == 6 && second.changed == 0 && second.missing == 0);
	CHECK(strcmp(second.carried, "yyyyyy---") == 0);
	/* More in the north changes nothing for who was there. */
	pass(&second, grouped, HEAD "1,n,A\n2,n,B\n3,n,A\n4,n,B\n5,z,A\n6,z,A\n7,n,B\n", &first, NULL, 9);
	CHECK(second.changed == 0 && second.missing == 0);
	/* A second illness in the south: they are not blanked any more. */
	pass(&second, grouped, HEAD "1,n,A\n2,n,B\n3,n,A\n4,n,B\n5,z,A\n6,z,A\n7,z,B\n", &first, NULL, 9);
	CHECK(second.changed >= 2 && second.missing == 0);
	/* Another sensitive value of one of them, which no older shard says. */
	pass(&second, grouped, HEAD "1,n,C\n2,n,B\n3,n,A\n4,n,B\n5,z,A\n6,z,A\n", &first, NULL, 9);
	CHECK(second.changed == 1 && second.missing == 0);
	/* Another district that is blanked as well is shown the same. */
	pass(&second, grouped, HEAD "1,n,A\n2,n,B\n3,n,A\n4,n,B\n5,x,A\n6,x,A\n", &first, NULL, 9);
	CHECK(second.changed == 0);
	/* Without disclosure control nothing is said of what is shown. */
	pass(&first, plain, HEAD "1,n,A\n", NULL, NULL, 9);
	for (size_t i = ROW_MARK_LEN; i < ROW_LEN; i++)
		CHECK(first.rows[i] == 0);
}

/* What is handed in is not what it is said to be. */
static void
test_refused(void)
{
	uint8_t rows[3 * ROW_LEN] = {0};
	struct rows *r;

	rows[ROW_LEN] = 1;
	rows[2 * ROW_LEN] = 2;
	for (size_t i = 0; i < 5; i++) {
		int known = memory(rows, sizeof(rows)), keys = key_pipe(9, i == 1 ? 31 : 32);

		if (i == 3)
			(void)!pwrite(known, "\2", 1, ROW_LEN); /* twice */
		if (i == 4)
			(void)!pwrite(known, "\3", 1, ROW_LEN); /* out of order */
		r = rows_take(known, i == 2 ? 4 : 3, keys, memory("", 0), &e);
		CHECK((r != NULL) == (i == 0));
		CHECK(i < 2 || e.code == ERR_INPUT);
		rows_free(r);
		(void)close(known);
		(void)close(keys);
	}
	{
		int known = memory(rows, sizeof(rows)), keys = key_pipe(9, 32);

		CHECK(rows_take(known, (size_t)ROWS_MAX + 1, keys, memory("", 0), &e) == NULL &&
		      e.code == ERR_LIMIT);
		(void)close(known);
		(void)close(keys);
	}
	rows_free(NULL);
}

int
main(void)
{
	if (secret_start(&e) == -1 || (key = pseudonym_key_of(7, &e)) == NULL) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	test_new();
	test_shown();
	test_refused();
	pseudonym_key_free(key);
	return check_done();
}
