/* Disclosure control from a subject table to the context: who is shown how, who does not count, and what the report says of it. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../stager/scrub/subject.h"
#include "check.h"
#include "pseudonym_key.h"
#include "stager/context.h"
#include "stager/gather.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/source.h"

#define SUBJECTS_MAX 600

static const char form[] =
    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n"
    "subject:\n  from: p.csv\n  key: {column: nr, pattern: '[0-9]{1,7}', pad: 7}\n  attributes:\n"
    "    pc: {from: pc, prefix: 4, wider: [2, 1]}\n    sex: {from: g, map: {M: M, V: F, X: ''}}\n"
    "files:\n  - match: p.csv\n    format: csv\n    csv: {delimiter: ';', missing: [NA]}\n"
    "    columns: {nr: pseudonym, pc: {attribute: pc}, g: {attribute: sex}, d: {keep: code, pattern: '.*'}}\n"
    "sets: {abroad: {hold: [NL, FI], open: [lumi]}}\n"
    "disclosure: {%s}\n";

static struct err e;
static struct pseudonym_key *key;

struct shown {
	bool there;
	char pc[8], sex[8];
};

struct run {
	struct shown shown[SUBJECTS_MAX + 1]; /* by key */
	struct report *report;
	int rc;
};

static uint64_t
told(const struct run *r, const char *section, const char *what)
{
	return report_get(r->report, section, what);
}

static struct policy *
policy_with(const char *disclosure)
{
	char yaml[2000];
	struct json *resolved;
	struct policy *p = NULL;

	(void)snprintf(yaml, sizeof(yaml), form, disclosure);
	if ((resolved = policy_from_yaml(yaml, strlen(yaml), &e)) != NULL)
		p = policy_decode(resolved, &e);
	json_free(resolved);
	return p;
}

static void
look_up(struct run *r, int fd)
{
	struct context *c = context_open(fd, &e);
	enum subject_state state;
	struct subject s;
	struct view v;
	char text[16];

	CHECK(c != NULL);
	for (unsigned i = 0; c != NULL && i <= SUBJECTS_MAX; i++) {
		struct shown *shown = &r->shown[i];

		(void)snprintf(text, sizeof(text), "%07u", i);
		pseudonym_make(key, text, 7, s.pseudonym);
		if (!context_find(c, s.pseudonym, &state, &s.body, &s.body_len) || state != SUBJECT_GOOD)
			continue;
		shown->there = subject_attribute(&s, 0, &v);
		(void)snprintf(shown->pc, sizeof(shown->pc), "%.*s", shown->there ? (int)v.len : 0, v.data);
		CHECK(subject_attribute(&s, 1, &v) == shown->there);
		(void)snprintf(shown->sex, sizeof(shown->sex), "%.*s", shown->there ? (int)v.len : 0, v.data);
	}
	context_close(c);
}

/* excluded: a list, or NULL. Free with run_free. */
static void
run_table(struct run *r, const char *disclosure, const char *table, const char *excluded)
{
	struct policy *p = policy_with(disclosure);
	uint8_t digest[DIGEST_LEN], salt[DIGEST_LEN] = {0};
	int fd = memfd_create("context", MFD_CLOEXEC);
	struct source_mem source;
	struct gather g = {.policy = p, .key = key};
	uint64_t count;

	*r = (struct run){.report = report_new(), .rc = -1};
	CHECK(p != NULL);
	if (p == NULL) {
		fprintf(stderr, "%s\n", e.text);
		close(fd);
		return;
	}
	g.maker = context_maker_new(fd, &e);
	CHECK_OK(gather_begin(&g, &e));
	if (excluded != NULL) {
		source_mem_init(&source, excluded, strlen(excluded), "");
		CHECK_OK(gather_exclude(&g, &source.source, salt, digest, &count, &e));
	}
	source_mem_init(&source, table, strlen(table), "p.csv");
	CHECK_OK(gather_file(&g, &source.source, &e));
	r->rc = gather_end(&g, r->report, &e);
	if (r->rc == 0) {
		CHECK_OK(context_finish(g.maker, digest, &count, &e));
		look_up(r, fd);
	}
	gather_free(&g);
	context_maker_free(g.maker);
	policy_free(p);
	close(fd);
}

static void
run_free(struct run *r)
{
	report_free(r->report);
}

static bool
is(const struct run *r, unsigned number, const char *pc, const char *sex)
{
	const struct shown *s = &r->shown[number];

	return pc == NULL ? !s->there : s->there && strcmp(s->pc, pc) == 0 && strcmp(s->sex, sex) == 0;
}

/* Three of 1011 stay; two of 1012 and one of 1099 meet in 10; one of 2000 finds nobody, and is blanked with those of 10. */
static void
test_steps(void)
{
	static const char table[] =
	    "nr;pc;g;d\n1;1011 AA;M;a\n2;1011 AB;M;b\n3;1011;M;a\n4;1012;M;a\n5;1012;M;a\n6;1099;M;a\n";
	char more[400];
	struct run r;

	run_table(&r, "quasi: [pc, sex], k: 3, below: {widen: pc, max: 0%}, min_cell: 1", table, NULL);
	CHECK(r.rc == 0);
	CHECK(
	    is(&r, 1, "1011", "M") && is(&r, 3, "1011", "M") && is(&r, 4, "10", "M") && is(&r, 6, "10", "M"));
	CHECK(told(&r, "disclosure", "subjects") == 6 && told(&r, "disclosure", "below") == 3);
	CHECK(told(&r, "disclosure", "widened") == 3 && told(&r, "disclosure", "blanked") == 0);
	CHECK(told(&r, "disclosure", "classes") == 2 && told(&r, "disclosure", "smallest") == 3);
	CHECK(told(&r, "disclosure", "held") == 0);
	CHECK(told(&r, "quasi", "1-values") == 2 && told(&r, "quasi", "1-smallest") == 3);
	CHECK(told(&r, "quasi", "2-values") == 1 && told(&r, "quasi", "2-smallest") == 6);
	run_free(&r);
	/* The same without a step: three of six would have to go. */
	run_table(&r, "quasi: [pc, sex], k: 3, below: {max: 50%}", table, NULL);
	CHECK(is(&r, 1, "1011", "M") && is(&r, 4, "", "") && is(&r, 6, "", "") &&
	      told(&r, "disclosure", "held") == 0);
	run_free(&r);
	run_table(&r, "quasi: [pc, sex], k: 3, below: {max: 49.9999%}", table, NULL);
	CHECK(told(&r, "disclosure", "held") == 1 && is(&r, 4, "", "") && is(&r, 1, "1011", "M"));
	run_free(&r);
	/* No `below`: nothing may be blanked. */
	run_table(&r, "quasi: [pc, sex], k: 3", table, NULL);
	CHECK(told(&r, "disclosure", "held") == 1);
	run_free(&r);
	/* The seventh alone would be found among blanked rows: the smallest class joins it, and of equals the one less widened. */
	(void)snprintf(more, sizeof(more), "%s7;2000;M;a\n", table);
	run_table(&r, "quasi: [pc, sex], k: 3, below: {widen: pc, max: 100%}, min_cell: 5", more, NULL);
	CHECK(is(&r, 7, "", "") && is(&r, 1, "", "") && is(&r, 3, "", "") && is(&r, 4, "10", "M"));
	/* 4 below, 3 widened, 4 blanked: none of that is told. */
	CHECK(told(&r, "disclosure", "below") == 5 && told(&r, "disclosure", "widened") == 5);
	CHECK(told(&r, "disclosure", "blanked") == 5 && told(&r, "disclosure", "smallest") == 5);
	run_free(&r);
	/* More than there are: all is blanked, and held. */
	run_table(&r, "quasi: [pc, sex], k: 8, below: {widen: pc, max: 100%}", more, NULL);
	CHECK(told(&r, "disclosure", "held") == 1);
	for (unsigned i = 1; i <= 7; i++)
		CHECK(is(&r, i, "", ""));
	run_free(&r);
}

/* Spaces and capitals make no other value of one. */
static void
test_spellings(void)
{
	char value[1000];
	struct run r;

	for (unsigned other = 0; other < 2; other++) {
		(void)snprintf(value, sizeof(value), "nr;pc;g;d\n1;1011;M;HIV\n2;1011;M; hiv\n3;1011;M;%s\n",
		    other ? "hi v" : "Hiv  ");
		run_table(&r, "quasi: [pc, sex], k: 3, l: {d: 2}", value, NULL);
		CHECK(told(&r, "disclosure", "held") == (other ? 0 : 1));
		run_free(&r);
		/* Where what is hashed at once ends, too. */
		(void)snprintf(value, sizeof(value),
		    "nr;pc;g;d\n1;1011;M;%0255dA\n2;1011;M;%0255da \n3;1011;M;%0255d%s\n", 0, 0, 0,
		    other ? "ab" : "A");
		run_table(&r, "quasi: [pc, sex], k: 3, l: {d: 2}", value, NULL);
		CHECK(told(&r, "disclosure", "held") == (other ? 0 : 1));
		run_free(&r);
	}
}

/* Who is excluded, stands there twice, or has an attribute that nobody knows is shown nowhere, and makes no class larger. */
static void
test_uncounted(void)
{
	static const char table[] =
	    "nr;pc;g;d\n1;1011;M;a\n2;1011;M;a\n3;1011;M;a\n4;1011;M;a\n4;1011;M;a\n5;1011;?;a\n";
	struct run r;

	run_table(&r, "quasi: [pc, sex], k: 3", table, NULL);
	CHECK(told(&r, "disclosure", "held") == 0 && is(&r, 3, "1011", "M"));
	CHECK(is(&r, 4, NULL, NULL) && is(&r, 5, NULL, NULL));
	run_free(&r);
	run_table(&r, "quasi: [pc, sex], k: 4", table, NULL);
	CHECK(told(&r, "disclosure", "held") == 1 && told(&r, "disclosure", "subjects") == 4);
	run_free(&r);
	run_table(&r, "quasi: [pc, sex], k: 3, min_cell: 1", table, "2\n");
	CHECK(told(&r, "disclosure", "held") == 1 && told(&r, "disclosure", "subjects") == 2 &&
	      is(&r, 2, NULL, NULL));
	run_free(&r);
	/* An attribute that is no quasi-identifier is left as it was. */
	run_table(&r, "quasi: [sex], k: 3, below: {max: 100%}",
	    "nr;pc;g;d\n1;1011;M;a\n2;1012;M;a\n3;1013;V;a\n", NULL);
	CHECK(is(&r, 1, "1011", "") && is(&r, 3, "1013", ""));
	run_free(&r);
	run_table(&r, "quasi: [pc, sex], k: 3", "nr;pc;g;d\n", NULL);
	CHECK(r.rc == 0 && told(&r, "disclosure", "held") == 0 && told(&r, "disclosure", "subjects") == 0);
	run_free(&r);
}

/* Two diagnoses at least; a missing one is none, spaces around it make no other. */
static void
test_various(void)
{
	static const char good[] = "nr;pc;g;d\n1;1011;M;a\n2;1011;M;NA\n3;1011;M;b\n",
			  bad[] = "nr;pc;g;d\n1;1011;M;a\n2;1011;M;NA\n3;1011;M; a\n";
	struct run r;

	run_table(&r, "quasi: [pc, sex], k: 3, l: {d: 2}", good, NULL);
	CHECK(told(&r, "disclosure", "held") == 0);
	run_free(&r);
	run_table(&r, "quasi: [pc, sex], k: 3, l: {d: 2}", bad, NULL);
	CHECK(told(&r, "disclosure", "held") == 1);
	run_free(&r);
	run_table(&r, "quasi: [pc, sex], k: 3, l: {d: 3}", good, NULL);
	CHECK(told(&r, "disclosure", "held") == 1);
	run_free(&r);
}

/* Texts tell ages by their bands, but not of a subject whose own band was blanked. */
static void
test_text(void)
{
	static const char yaml[] = "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n"
				   "subject:\n  from: p.csv\n  key: {column: nr}\n  attributes: {age: {from: "
				   "b, at: 2026-01-01, bands: [0, 50]}}\n"
				   "text: {age: {attribute: age}}\n"
				   "files: [{match: p.csv, format: csv, columns: {nr: pseudonym, b: drop}}]\n"
				   "sets: {abroad: {hold: [NL, FI], open: [lumi]}}\n%s";
	static const char text[] = "Een man van 61 jaar.";
	uint8_t shown[] = {0, 0, 0, 0, 1, 0, 3, '5', '0', '+'}, blanked[] = {0, 0, 0, 0, 1, 0, 0, 0, 0, 0};
	struct subject subject = {.body = shown, .body_len = sizeof(shown)};
	char with[1000];

	for (unsigned i = 0; i < 4; i++) {
		struct json *resolved;
		struct policy *p = NULL;
		struct text_finds finds = {0};
		struct scrub s = {.subject = &subject};
		struct buf out;

		(void)snprintf(with, sizeof(with), yaml, i < 2 ? "disclosure: {quasi: [age], k: 2}\n" : "");
		if ((resolved = policy_from_yaml(with, strlen(with), &e)) != NULL)
			p = policy_decode(resolved, &e);
		json_free(resolved);
		CHECK(p != NULL);
		s.policy = p;
		subject.body = i % 2 == 0 ? shown : blanked;
		buf_init(&out, 1000);
		CHECK_OK(text_clean(&s, text, strlen(text), &out, &finds, &e));
		CHECK((memmem(out.data, out.len, "50+", 3) != NULL) == (i != 1));
		CHECK(memmem(out.data, out.len, "61", 2) == NULL);
		buf_free(&out);
		policy_free(p);
	}
}

static unsigned
pick(unsigned count)
{
	static uint64_t state = 20260101;

	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(state >> 33) % count;
}

/* Random tables: whatever was decided, who is shown is one of k who look alike, and shows no more than the table says. */
static void
test_random(void)
{
	static char table[64 << 10];
	static char pc[SUBJECTS_MAX][8];
	unsigned shown_at_all = 0;

	for (unsigned round = 0; round < 60; round++) {
		unsigned count = 1 + pick(SUBJECTS_MAX - 1), k = 2 + pick(9), spread = 1 + pick(40);
		char disclosure[100];
		struct run r;
		size_t len = (size_t)snprintf(table, sizeof(table), "nr;pc;g;d\n");

		for (unsigned i = 0; i < count; i++) {
			(void)snprintf(
			    pc[i], sizeof(pc[i]), "%u%03u", 1 + pick(3), pick(spread) * pick(spread) % 1000);
			len += (size_t)snprintf(
			    table + len, sizeof(table) - len, "%u;%s;%c;x\n", i, pc[i], "MVX"[pick(3)]);
		}
		(void)snprintf(disclosure, sizeof(disclosure),
		    "quasi: [pc, sex], k: %u, below: {widen: pc, max: 100%%}", k);
		run_table(&r, disclosure, table, NULL);
		CHECK(r.rc == 0);
		for (unsigned i = 0; i < count; i++) {
			unsigned alike = 0;

			CHECK(r.shown[i].there && strncmp(pc[i], r.shown[i].pc, strlen(r.shown[i].pc)) == 0);
			for (unsigned m = 0; m < count; m++)
				alike += is(&r, m, r.shown[i].pc, r.shown[i].sex);
			CHECK(alike >= k || (told(&r, "disclosure", "held") == 1 && count < k));
			shown_at_all += r.shown[i].pc[0] != '\0';
		}
		run_free(&r);
	}
	CHECK(shown_at_all > 1000);
}

static void
test_refused(void)
{
	static const struct {
		const char *disclosure, *why;
	} cases[] = {{"quasi: [pc], k: 1", "`k` is not between 2"}, {"quasi: [pc]", "`k`"},
	    {"k: 3", "`quasi`"}, {"quasi: [], k: 3", "`quasi`"}, {"quasi: [pc, pc], k: 3", "twice"},
	    {"quasi: [g], k: 3", "`g`"}, {"quasi: [pc], k: 3, unit: record", "no `subject`"},
	    {"quasi: [pc], k: 3, unit: x", "`unit`"}, {"quasi: [pc], k: 3, l: {z: 2}", "no column"},
	    {"quasi: [pc], k: 3, l: {d: 1}", "between 2"}, {"quasi: [pc], k: 3, l: {d: 65}", "between 2"},
	    {"quasi: [pc], k: 3, l: d", "`l`"},
	    {"quasi: [pc, sex], k: 3, below: {widen: sex, max: 1%}", "has no `wider`"},
	    {"quasi: [sex], k: 3, below: {widen: pc, max: 1%}", "none of `quasi`"},
	    {"quasi: [pc], k: 3, below: {then: drop}", "`then`"},
	    {"quasi: [pc], k: 3, below: {max: 5}", "share"},
	    {"quasi: [pc], k: 3, below: {max: 101%}", "`max`"}, {"quasi: [pc], k: 3, more: 1", "more"},
	    {"quasi: [pc], k: 3, min_cell: 0", "`min_cell`"}};
	struct policy *p;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		e = (struct err){0};
		p = policy_with(cases[i].disclosure);
		CHECK(p == NULL && e.code == ERR_INPUT && strncmp(e.text, "line ", 5) == 0);
		if (strstr(e.text, cases[i].why) == NULL)
			fprintf(stderr, "%s: %s\n", cases[i].disclosure, e.text);
		CHECK(strstr(e.text, cases[i].why) != NULL);
		policy_free(p);
	}
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	CHECK((key = pseudonym_key_of(5, &e)) != NULL);
	test_steps();
	test_spellings();
	test_uncounted();
	test_various();
	test_text();
	test_random();
	test_refused();
	pseudonym_key_free(key);
	return check_done();
}
