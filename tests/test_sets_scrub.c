/* Readers of tables and records under rules with several sets: each set's columns and paths, parts that end alike, and all or none. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pseudonym_key.h" /* before there is an `e` of all */

#include "../stager/scrub/format/csv.h"
#include "../stager/scrub/format/jsonl_reader.h"
#include "policy_yaml.h"
#include "stager/entry.h"
#include "stager/report.h"
#include "stager/source.h"

#define TWO "sets: {domestic: {hold: [NL], open: [x]}, abroad: {hold: [NL], open: [y]}}\n"
#define ROWS 60

static struct pseudonym_key *key;

/* What went to each set, member after member; parts: with a line "--" between them. */
struct result {
	struct buf sets[2];
	size_t members[2], largest;
	struct json *report;
};

static void
take_members(struct result *r, int fd)
{
	struct entry_reader reader;
	struct entry entry;
	uint8_t *to;
	size_t got;
	int next;

	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	entry_reader_init(&reader, fd);
	while ((next = entry_next(&reader, &entry, &e)) == 1) {
		struct buf *out = &r->sets[entry.set < 2 ? entry.set : 0];

		CHECK(entry.set < 2);
		r->members[entry.set < 2 ? entry.set : 0]++;
		if (entry.size > r->largest)
			r->largest = (size_t)entry.size;
		do {
			if ((to = buf_reserve(out, 65536, &e)) == NULL)
				break;
			CHECK_OK(entry_read(&reader, to, 65536, &got, &e));
			out->len += got;
		} while (got > 0);
		CHECK_OK(buf_put_str(out, "--\n", &e));
	}
	CHECK(next == 0);
}

/* rule is the first of the policy's. */
static struct result
run(const char *rule, const char *text, size_t part_max)
{
	const struct csv_limits csv = {.window = 64, .record_max = 4096, .part_max = part_max};
	const struct jsonl_limits jsonl = {.window = 64, .record_max = 4096, .part_max = part_max};
	char yaml[4096];
	struct json *j;
	struct policy *p;
	struct result r = {.largest = 0};
	struct source_mem source;
	struct entry_writer out;
	struct scrub s = {.key = key, .out = &out};
	int fd = memfd_create("members", MFD_CLOEXEC);

	snprintf(yaml, sizeof(yaml), "%sfiles:\n  - %s\n%s", head, rule, TWO);
	for (size_t i = 0; i < 2; i++)
		buf_init(&r.sets[i], 1 << 20);
	e = (struct err){0};
	if ((j = resolve(yaml)) == NULL || (p = policy_decode(j, &e)) == NULL) {
		fprintf(stderr, "%s\n", e.text);
		abort();
	}
	s.policy = p;
	s.rule = &p->rules[0];
	s.report = report_new();
	entry_writer_init(&out, fd);
	out.set = s.rule->set;
	source_mem_init(&source, text, strlen(text), "file");
	CHECK_OK(s.rule->format == FORMAT_CSV ? csv_scrub_limits(&s, &source.source, &csv, &e)
					      : jsonl_scrub_limits(&s, &source.source, &jsonl, &e));
	CHECK(out.set == s.rule->set);
	take_members(&r, fd);
	r.report = report_json(s.report);
	report_free(s.report);
	policy_free(p);
	json_free(j);
	close(fd);
	return r;
}

static void
result_free(struct result *r)
{
	buf_free(&r->sets[0]);
	buf_free(&r->sets[1]);
	json_free(r->report);
}

static bool
has(const struct result *r, size_t set, const char *what)
{
	return memmem(r->sets[set].data, r->sets[set].len, what, strlen(what)) != NULL;
}

static int64_t
count(const struct result *r, const char *section, const char *name)
{
	const struct json *n = json_get(json_get(r->report, section), name);

	return n == NULL ? 0 : n->integer;
}

/* Lines of each part, "3 2 5 ", header row and all. */
static void
shape(const struct buf *b, char out[static 1024])
{
	const char *at = (const char *)b->data, *end = at + b->len, *next;
	size_t lines = 0, len = 0;

	for (; at < end; at = next + 1) {
		next = memchr(at, '\n', (size_t)(end - at));
		if (strncmp(at, "--\n", 3) != 0) {
			lines++;
			continue;
		}
		len += (size_t)snprintf(out + len, 1024 - len, "%zu ", lines);
		lines = 0;
	}
}

/* Rows of which now one set's half is long and now the other's: no part is too large, and all end with the same record. */
static void
test_csv_parts(void)
{
	static const char rule[] =
	    "{match: a, format: csv, columns: {nr: pseudonym, here: {keep: code, pattern: '[a-z]*'}, "
	    "home: {keep: code, pattern: '[A-Z]*', set: domestic}, gone: drop}}";
	char *text = malloc(ROWS * 400), shapes[2][1024];
	struct result r;
	size_t at;

	at = (size_t)sprintf(text, "nr,here,home,gone\n");
	for (int i = 0; i < ROWS; i++)
		at += (size_t)sprintf(text + at, "%d,%.*s,%.*s,weg\n", i, 1 + i % 7 * 20,
		    "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefgh"
		    "ijabcdefghijabcdefghijabcdefghijabcdefghij",
		    1 + (i + 3) % 5 * 25,
		    "ABCDEFGHIJABCDEFGHIJABCDEFGHIJABCDEFGHIJABCDEFGHIJABCDEFGHIJABCDEFGHIJABCDEFGHIJABCDEFGH"
		    "IJABCDEFGHIJABCDEFGHIJ");
	r = run(rule, text, 600);
	CHECK(r.members[0] == r.members[1] && r.members[0] > 10 && r.largest <= 600);
	shape(&r.sets[0], shapes[0]);
	shape(&r.sets[1], shapes[1]);
	CHECK(strcmp(shapes[0], shapes[1]) == 0);
	CHECK(count(&r, "records", "passed") == ROWS && count(&r, "actions", "keep") == 2 * ROWS &&
	      count(&r, "actions", "pseudonym") == ROWS && count(&r, "actions", "drop") == ROWS);
	CHECK(count(&r, "members", "out") == (int64_t)(r.members[0] + r.members[1]));
	CHECK(memcmp(r.sets[0].data, "nr,here\n", 8) == 0 && memcmp(r.sets[1].data, "nr,home\n", 8) == 0);
	CHECK(!has(&r, 0, "ABC") && !has(&r, 1, "abc") && !has(&r, 0, "home") && !has(&r, 1, "here"));
	CHECK(!has(&r, 0, "weg") && !has(&r, 1, "weg"));
	result_free(&r);
	/* Each record, from the first to the last, in a part of its own. */
	r = run(rule, text, 150);
	CHECK(r.members[0] == r.members[1] && r.largest <= 150);
	CHECK(count(&r, "records", "passed") + count(&r, "records", "held") == ROWS);
	CHECK(json_get(json_get(r.report, "held"), "record:record-too-long") != NULL);
	result_free(&r);
	free(text);
}

static void
test_csv_held(void)
{
	static const char rule[] =
	    "{match: a, format: csv, columns: {nr: pseudonym, n: {keep: number}, w: {keep: enum, "
	    "values: [x], set: domestic}, t: {do: text, set: domestic}}}";
	struct result r =
	    run(rule, "nr,n,w,t\n1,1,x,eerste\n2,twee,x,tweede\n3,3,y,derde\n4,4,,vierde\n", 4096);

	CHECK(r.members[0] == 1 && r.members[1] == 1);
	CHECK(count(&r, "records", "passed") == 2 && count(&r, "records", "held") == 2);
	CHECK(json_get(json_get(json_get(r.report, "held"), "record:value-type"), "count")->integer == 2);
	CHECK(has(&r, 1, "eerste") && has(&r, 1, "vierde") && !has(&r, 1, "tweede") && !has(&r, 1, "derde"));
	CHECK(has(&r, 0, ",1\n") && has(&r, 0, ",4\n") && !has(&r, 0, ",3\n"));
	result_free(&r);
	/* A rule that is domestic, and one column that is not. */
	r = run("{match: a, format: csv, set: domestic, columns: {nr: pseudonym, n: {keep: number, set: "
		"abroad}, w: {keep: "
		"enum, values: [x]}}}",
	    "nr,n,w\n1,7,x\n", 4096);
	CHECK(has(&r, 0, ",7\n") && has(&r, 0, "nr,n\n") && has(&r, 1, "nr,w\n") && has(&r, 1, ",x\n") &&
	      !has(&r, 1, "7\n"));
	result_free(&r);
	/* A header that is wrong holds both. */
	r = run(rule, "nr,n,w\n1,1,x\n", 4096);
	CHECK(r.members[0] == 0 && r.members[1] == 0 &&
	      json_get(json_get(r.report, "held"), "file:column-missing") != NULL);
	result_free(&r);
}

#define JSONL                                                                                               \
	"{match: a, format: jsonl, sample: %s, fields: {$.nr: pseudonym, $.a.here: {keep: number}, "        \
	"$.a.home: "                                                                                        \
	"{do: text, set: domestic}, '$.only[*].x': {do: text, set: domestic}, '$.both[*].x': {do: text, "   \
	"set: "                                                                                             \
	"domestic}, '$.both[*].n': {keep: number}, $.gone: drop, '$.rest.*': {keep: number}, $.rest.home: " \
	"{keep: number, set: domestic}}}"

static void
test_jsonl(void)
{
	static const struct {
		const char *in, *abroad, *domestic; /* NULL: held */
	} cases[] = {
	    {"{\"nr\":1,\"a\":{\"here\":2,\"home\":\"thuis\"},\"gone\":3}", ",\"a\":{\"here\":2}}",
		",\"a\":{\"home\":\"thuis\"}}"},
	    {"{\"a\":{\"home\":\"thuis\"},\"nr\":1}",
		"{\"a\":{},\"nr\":", "{\"a\":{\"home\":\"thuis\"},\"nr\":"},
	    /* Nothing tells abroad how many there were of what is all domestic. */
	    {"{\"nr\":1,\"only\":[{\"x\":\"een\"},{\"x\":\"twee\"}],\"a\":{\"here\":1}}",
		",\"a\":{\"here\":1}}", ",\"only\":[{\"x\":\"een\"},{\"x\":\"twee\"}],\"a\":{}}"},
	    {"{\"nr\":1,\"both\":[{\"x\":\"een\",\"n\":1},{\"n\":2}]}", ",\"both\":[{\"n\":1},{\"n\":2}]}",
		",\"both\":[{\"x\":\"een\"},{}]}"},
	    {"{\"rest\":{\"p\":1,\"home\":2,\"q\":3},\"nr\":1}",
		"{\"rest\":{\"p\":1,\"q\":3},\"nr\":", "{\"rest\":{\"home\":2},\"nr\":"},
	    /* What one of them cannot take, neither does; what nobody named is somebody's to hold. */
	    {"{\"nr\":1,\"a\":{\"here\":\"x\",\"home\":\"thuis\"}}", NULL, NULL},
	    {"{\"nr\":1,\"a\":{\"home\":true}}", NULL, NULL},
	    {"{\"nr\":1,\"only\":[{\"x\":\"een\",\"y\":1}]}", NULL, NULL},
	    {"{\"nr\":1,\"only\":[{\"x\":\"een\",\"x\":\"een\"}]}", NULL, NULL},
	    {"{\"nr\":1,\"only\":{\"y\":1}}", NULL, NULL},
	    {"{\"nr\":1,\"other\":1}", NULL, NULL},
	    {"{\"nr\":1,\"a\":{\"home\":{\"deep\":1}}}", NULL, NULL},
	    {"{\"nr\":1,\"a\":{\"home\":\"\\ud800\"}}", NULL, NULL},
	};
	char rule[1024];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct result r;
		bool good;

		snprintf(rule, sizeof(rule), JSONL, "record");
		r = run(rule, cases[i].in, 4096);
		good = cases[i].abroad == NULL
			   ? r.members[0] + r.members[1] == 0 && count(&r, "records", "held") == 1
			   : r.members[0] == 1 && r.members[1] == 1 && has(&r, 0, cases[i].abroad) &&
				 has(&r, 1, cases[i].domestic) && count(&r, "records", "passed") == 1 &&
				 count(&r, "actions", "pseudonym") == 1;
		if (!good)
			fprintf(stderr, "%s\n> %.*s> %.*s\n", cases[i].in, (int)r.sets[0].len,
			    (char *)r.sets[0].data, (int)r.sets[1].len, (char *)r.sets[1].data);
		CHECK(good);
		result_free(&r);
	}
}

static void
test_jsonl_parts(void)
{
	char *text = malloc(ROWS * 400), rule[1024], shapes[2][1024];
	struct result r;
	size_t at = 0;

	for (int i = 0; i < ROWS; i++)
		at += (size_t)sprintf(text + at, "{\"nr\":%d,\"a\":{\"here\":%d,\"home\":\"%.*s\"}}\n", i, i,
		    1 + i % 9 * 12,
		    "een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien "
		    "zestien");
	snprintf(rule, sizeof(rule), JSONL, "file");
	r = run(rule, text, 500);
	CHECK(r.members[0] == r.members[1] && r.members[0] > 5 && r.largest <= 500);
	shape(&r.sets[0], shapes[0]);
	shape(&r.sets[1], shapes[1]);
	CHECK(strcmp(shapes[0], shapes[1]) == 0);
	CHECK(!has(&r, 0, "een") && !has(&r, 1, "here") && count(&r, "records", "passed") == ROWS);
	result_free(&r);
	free(text);
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	key = pseudonym_key_of(3, &e);
	test_csv_parts();
	test_csv_held();
	test_jsonl();
	test_jsonl_parts();
	pseudonym_key_free(key);
	return check_done();
}
