/* CSV: what passes, what is held and why, at every chunk and window; and against Python's csv module. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../stager/scrub/format/csv.h"
#include "check.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/pattern.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/secret.h"
#include "stager/source.h"

static struct err e;
static struct secret *key;
static struct pattern *anything, *code;

static const struct csv_limits usual = {.window = 256 << 10, .record_max = 1 << 20, .part_max = 16 << 20};

struct result {
	struct buf out; /* the members' contents, one after the other */
	size_t members;
	size_t largest;
	char held[512]; /* "record:field-count=2 ", sorted */
	int64_t seen, passed, bytes;
	struct json *report;
	char ext[ENTRY_EXT_MAX + 1];
};

static void
result_free(struct result *r)
{
	buf_free(&r->out);
	json_free(r->report);
}

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
		CHECK(entry.rescan == RESCAN_CSV && strcmp(entry.subject, "x") == 0 && !entry.continues);
		memcpy(r->ext, entry.ext, sizeof(r->ext));
		r->members++;
		if (entry.size > r->largest)
			r->largest = (size_t)entry.size;
		do {
			if ((to = buf_reserve(&r->out, 65536, &e)) == NULL)
				break;
			CHECK_OK(entry_read(&reader, to, 65536, &got, &e));
			r->out.len += got;
		} while (got > 0);
	}
	CHECK(next == 0);
}

static void
take_report(struct result *r, const struct report *report)
{
	const struct json *held;
	struct buf sorted;
	size_t at = 0;

	buf_init(&sorted, 1 << 16);
	r->report = report_json(report);
	CHECK_OK(json_encode(r->report, &sorted, &e)); /* sorts the keys */
	held = json_get(r->report, "held");
	for (size_t i = 0; i < held->count; i++)
		at += (size_t)snprintf(r->held + at, sizeof(r->held) - at, "%s=%d ", held->keys[i],
		    (int)json_get(held->items[i], "count")->integer);
	r->seen = json_get(json_get(r->report, "records"), "seen")->integer;
	r->passed = json_get(json_get(r->report, "records"), "passed")->integer;
	r->bytes = json_get(json_get(r->report, "bytes"), "in")->integer;
	CHECK(json_get(json_get(r->report, "members"), "out")->integer == (int64_t)r->members);
	buf_free(&sorted);
}

static int
scrub_source(
    struct result *r, const struct rule *rule, struct source *source, const struct csv_limits *limits)
{
	static enum date_order orders[] = {DATE_DMY};
	static const struct policy policy = {.date_orders = orders, .date_order_count = 1};
	struct entry_writer out;
	struct scrub s = {.policy = &policy, .rule = rule, .key = key, .out = &out};
	int fd = memfd_create("members", MFD_CLOEXEC), rc;

	*r = (struct result){0};
	buf_init(&r->out, 256 << 20);
	s.report = report_new();
	entry_writer_init(&out, fd);
	rc = csv_scrub_limits(&s, source, limits, &e);
	if (rc == 0) {
		take_members(r, fd);
		take_report(r, s.report);
	}
	report_free(s.report);
	close(fd);
	return rc;
}

static int
scrub_bytes(struct result *r, const struct rule *rule, const char *text, size_t len, size_t chunk,
    const struct csv_limits *limits)
{
	struct source_mem source;

	source_mem_init(&source, text, len, "table.csv");
	source.chunk = chunk;
	return scrub_source(r, rule, &source.source, limits);
}

static bool
is_out(const struct result *r, const char *want)
{
	return r->out.len == strlen(want) && (r->out.len == 0 || memcmp(r->out.data, want, r->out.len) == 0);
}

#define BYTES(text) text, sizeof(text) - 1

/* The same at every chunk and window size. */
static void
expect_len(const struct rule *rule, const char *text, size_t len, const char *want, const char *held)
{
	static const size_t chunks[] = {0, 1, 2, 3, 7, 4096}, windows[] = {16, 19, 65, 4096};
	struct result r;

	for (size_t c = 0; c < sizeof(chunks) / sizeof(chunks[0]); c++)
		for (size_t w = 0; w < sizeof(windows) / sizeof(windows[0]); w++) {
			struct csv_limits limits = {
			    .window = windows[w], .record_max = 4096, .part_max = 1 << 20};

			CHECK_OK(scrub_bytes(&r, rule, text, len, chunks[c], &limits));
			CHECK(is_out(&r, want));
			CHECK(strcmp(r.held, held) == 0);
			CHECK(r.members == (want[0] != '\0' ? 1u : 0u));
			CHECK(strncmp(held, "file:", 5) == 0 || r.bytes == (int64_t)len);
			if (c + w == 0 && (!is_out(&r, want) || strcmp(r.held, held) != 0))
				fprintf(stderr, "input <%.*s>\ngave <%.*s> held <%s>\n", (int)len, text,
				    (int)r.out.len, (const char *)r.out.data, r.held);
			result_free(&r);
		}
}

static void
expect(const struct rule *rule, const char *text, const char *want, const char *held)
{
	expect_len(rule, text, strlen(text), want, held);
}

#define KEEP(what)                                                  \
	{                                                           \
		.name = what, .action = {.kind = ACTION_KEEP_CODE } \
	}

static char name_a[] = "a", name_b[] = "b", name_c[] = "c";
static struct field abc[] = {KEEP(name_a), KEEP(name_b), KEEP(name_c)};
static struct rule three = {.delimiter = ',', .decimal = '.', .fields = abc, .field_count = 3};
static struct rule one = {.delimiter = ',', .decimal = '.', .fields = abc, .field_count = 1};

static void
test_forms(void)
{
	struct rule rule = three;

	/* line ends, the last line, the byte order mark */
	expect(&three, "a,b,c\n1,2,3\n", "a,b,c\n1,2,3\n", "");
	expect(&three, "a,b,c\n1,2,3", "a,b,c\n1,2,3\n", "");
	expect(&three, "a,b,c\r\n1,2,3\r\n4,5,6\r\n", "a,b,c\n1,2,3\n4,5,6\n", "");
	expect(&three, "a,b,c\r1,2,3\r4,5,6", "a,b,c\n1,2,3\n4,5,6\n", "");
	expect(&three, "a,b,c\r1,2,3\n4,5,6\r\n7,8,9\n\r", "a,b,c\n1,2,3\n4,5,6\n7,8,9\n", "");
	expect(&three,
	    "\xef\xbb\xbf"
	    "a,b,c\n1,2,3\n",
	    "a,b,c\n1,2,3\n", "");
	expect(&three, "\xef\xbb\xbf\"a\",b,c\n1,2,3\n", "a,b,c\n1,2,3\n", "");
	expect(&three,
	    "\xef\xbb\xbf\xef\xbb\xbf"
	    "a,b,c\n1,2,3\n",
	    "", "file:column-unnamed=1 ");
	/* empty lines are no records */
	expect(&three, "\n\na,b,c\n\n1,2,3\r\n\r\n4,5,6\n\n\n", "a,b,c\n1,2,3\n4,5,6\n", "");
	/* quotes */
	expect(&three, "\"a\",\"b\",\"c\"\n\"1\",\"2\",\"3\"\n", "a,b,c\n1,2,3\n", "");
	expect(&three, "a,b,c\n\"1,5\",\"say \"\"hi\"\"\",\"two\nlines\"\n",
	    "a,b,c\n\"1,5\",\"say \"\"hi\"\"\",\"two\nlines\"\n", "");
	expect(&three, "a,b,c\n\"x\r\ny\",\"\r\",\"\"\"\"\n", "a,b,c\n\"x\r\ny\",\"\r\",\"\"\"\"\n", "");
	expect(&three, "a,b,c\n\"\",\"\"\"\"\"\",\"\"", "a,b,c\n,\"\"\"\"\"\",\n", "");
	expect(&three, "a,b,c\n1,2,\"3\"", "a,b,c\n1,2,3\n", "");
	expect(&three, "a,b,c\n1,2,\"3\n\"", "a,b,c\n1,2,\"3\n\"\n", "");
	expect(&three, "a,b,c\n1,2,\"\"\"\"", "a,b,c\n1,2,\"\"\"\"\n", "");
	expect(&three, "a,b,c\n 1,2 , \n", "a,b,c\n\" 1\",\"2 \",\" \"\n", "");
	expect(&three, "a,b,c\n=1,+2,@3\n", "a,b,c\n=1,+2,@3\n", "");
	expect(&three, "a,b,c\n,,\n", "a,b,c\n,,\n", "");
	expect(&three, "a,b,c\n,,", "a,b,c\n,,\n", "");
	expect(&three, "a,b,c\n\xc3\xa9,\xe2\x82\xac,\xf0\x9f\x98\x80\n",
	    "a,b,c\n\xc3\xa9,\xe2\x82\xac,\xf0\x9f\x98\x80\n", "");
	/* order of the columns is the file's */
	expect(&three, "c,a,b\n1,2,3\n", "c,a,b\n1,2,3\n", "");
	/* one column: a lone empty value needs its quotes */
	expect(&one, "a\n1\n\"\"\n2\n", "a\n1\n\"\"\n2\n", "");
	/* a header alone */
	expect(&three, "a,b,c\n", "", "");
	expect(&three, "a,b,c", "", "");
	rule.delimiter = ';';
	expect(&rule, "a;b;c\n1,5;2;3\n", "a;b;c\n1,5;2;3\n", "");
	expect(&rule, "a;b;c\n\"1;5\";2;3\n", "a;b;c\n\"1;5\";2;3\n", "");
	rule.delimiter = '\t';
	expect(&rule, "a\tb\tc\n1\t2\t3\n", "a\tb\tc\n1\t2\t3\n", "");
	rule.delimiter = ' ';
	expect(&rule, "a b c\n1 2 \"3 4\"\n", "a b c\n1 2 \"3 4\"\n", "");
	rule.delimiter = '\x1f';
	expect(&rule,
	    "a\x1f"
	    "b\x1f"
	    "c\n1\x1f"
	    "2\x1f"
	    "3\n",
	    "a\x1f"
	    "b\x1f"
	    "c\n1\x1f"
	    "2\x1f"
	    "3\n",
	    "");
}

static void
test_held_files(void)
{
	static const char utf16[] = "\xff\xfe"
				    "a\0,\0b\0",
			  utf16be[] = "\xfe\xff\0a\0,", utf32[] = "\0\0\xfe\xff\0\0\0a";

	expect(&three, "", "", "file:header-missing=1 ");
	expect(&three, "\n\r\n", "", "file:header-missing=1 ");
	expect(&three, "\xef\xbb\xbf", "", "file:header-missing=1 ");
	expect(&three, "a,b\n1,2\n", "", "file:column-missing=1 ");
	expect(&three, "a,b,d\n1,2,3\n", "", "file:column-unnamed=1 ");
	expect(&three, "a,b,C\n1,2,3\n", "", "file:column-unnamed=1 ");
	expect(&three, "a,b, c\n1,2,3\n", "", "file:column-unnamed=1 ");
	expect(&three, "a,b,\n1,2,3\n", "", "file:column-unnamed=1 ");
	expect(&three, "a,b,c,d\n1,2,3,4\n", "", "file:column-unnamed=1 ");
	expect(&three, "a,b,c,\n1,2,3,4\n", "", "file:column-unnamed=1 ");
	expect(&three, "a,b,a\n1,2,3\n", "", "file:column-repeated=1 ");
	expect(&three, "a,b,c,c\n1,2,3,4\n", "", "file:column-repeated=1 ");
	expect(&three, "a,b,c,c,d,e,f,g\n", "", "file:column-repeated=1 ");
	expect(&three, "a,b,\"c\"d\n1,2,3\n", "", "file:quote-stray=1 ");
	expect(&three, "a,b,\"c\n1,2,3\n", "", "file:quote-open=1 ");
	expect(&three, "a,b,\xe9\n1,2,3\n", "", "file:not-utf8=1 ");
	/* other kinds */
	expect_len(&three, utf16, sizeof(utf16) - 1, "", "file:kind-unknown=1 ");
	expect_len(&three, utf16be, sizeof(utf16be) - 1, "", "file:kind-unknown=1 ");
	expect_len(&three, utf32, sizeof(utf32) - 1, "", "file:kind-unknown=1 ");
	expect_len(&three, "a\0,\0b\0,\0c\0\n\0", 12, "", "file:kind-unknown=1 ");
	expect(&three, "PK\x03\x04\n1,2,3\n", "", "file:kind-unknown=1 ");
	expect(&three, "\x1f\x8b\x08\n1,2,3\n", "", "file:kind-unknown=1 ");
	expect_len(&three, "\"\0\0\0", 4, "", "file:kind-unknown=1 ");
	/* from the open quote on nothing is sure, and what was not written stays here */
	expect(&three, "a,b,c\n1,2,3\n4,5,\"6\n7,8,9\n", "", "file:quote-open=1 ");
	expect(&three, "a,b,c\n1,2,3\n\"", "", "file:quote-open=1 ");
	expect(&three, "a,b,c\n1,2,\"\"\"", "", "file:quote-open=1 ");
	expect(&three, "a,b,c\n1,x\"y\n4,5,\"6", "", "file:quote-open=1 record:quote-stray=1 ");
}

static void
test_held_records(void)
{
	expect(&three, "a,b,c\n1,2\n1,2,3,4\n1,2,3\n1\n", "a,b,c\n1,2,3\n", "record:field-count=3 ");
	expect(&three, "a,b,c\n1,2,3,\n,,,,,,,,,,,,,\n1,2,3\n", "a,b,c\n1,2,3\n", "record:field-count=2 ");
	expect(&one, "a\n1,2\n3\n", "a\n3\n", "record:field-count=1 ");
	expect(&three, "a,b,c\n1,\xff,3\n1,2,3\n1,\xc3,\xa9\n", "a,b,c\n1,2,3\n", "record:not-utf8=2 ");
	expect_len(&three, "a,b,c\n1,\0,3\n1,2,3\n\0\n", 20, "a,b,c\n1,2,3\n", "record:nul-byte=2 ");
	/* strays: the record ends with its line, outside quotes */
	expect(&three, "a,b,c\n1,5\" pipe,3\n1,2,3\n", "a,b,c\n1,2,3\n", "record:quote-stray=1 ");
	expect(&three, "a,b,c\n1,\"2\"x,3\n1,2,3\n", "a,b,c\n1,2,3\n", "record:quote-stray=1 ");
	expect(&three, "a,b,c\n1,\"2\" ,3\n1,2,3\n", "a,b,c\n1,2,3\n", "record:quote-stray=1 ");
	expect(&three, "a,b,c\n1,x\"y,\"two\nlines\"\n1,2,3\n", "a,b,c\n1,2,3\n", "record:quote-stray=1 ");
	expect(&three, "a,b,c\n1, \"2\",3\n1,2,3\n", "a,b,c\n1,2,3\n", "record:quote-stray=1 ");
	expect(
	    &three, "a,b,c\n\"he said \"hi\" to\",2,3\n1,2,3\n", "a,b,c\n1,2,3\n", "record:quote-stray=1 ");
	expect(&three, "a,b,c\n1,2,3\n1,2,\"3\"\"\"x", "a,b,c\n1,2,3\n", "record:quote-stray=1 ");
	expect(&three, "a,b,c\n1,2,3\n1,2,x\"", "a,b,c\n1,2,3\n", "record:quote-stray=1 ");
}

static char name_id[] = "id", name_sex[] = "sex", name_born[] = "born", name_crp[] = "crp",
	    name_icd[] = "icd", name_zip[] = "zip", name_bsn[] = "bsn", name_street[] = "street",
	    value_m[] = "M", value_v[] = "V", nothing[] = "", na[] = "NA";
static char *sexes[] = {value_m, value_v}, *missing[] = {nothing, na};
static struct field typed[] = {
    {.name = name_id, .action = {.kind = ACTION_PSEUDONYM}},
    {.name = name_bsn, .action = {.kind = ACTION_DROP}},
    {.name = name_sex, .action = {.kind = ACTION_KEEP_ENUM, .values = sexes, .value_count = 2}},
    {.name = name_born, .action = {.kind = ACTION_YEAR}},
    {.name = name_street, .action = {.kind = ACTION_BLANK}},
    {.name = name_crp, .action = {.kind = ACTION_KEEP_NUMBER, .has_range = true, .min = 0, .max = 1000}},
    {.name = name_icd, .action = {.kind = ACTION_KEEP_CODE}},
    {.name = name_zip, .action = {.kind = ACTION_FIRST, .first = 4}},
};
static struct rule patients = {.delimiter = ';',
    .decimal = ',',
    .fields = typed,
    .field_count = 8,
    .missing = missing,
    .missing_count = 2};

#define HEAD "id;bsn;sex;born;street;crp;icd;zip\n"
#define HEAD_OUT "id;sex;born;street;crp;icd;zip\n"

static void
test_typed(void)
{
	static const char good[] = HEAD "123;111222333;M;31-12-1999;Kade 3;12,5;J18.9;1234 AB\n"
					" 123 ;;V;1-1-2001;;1e2;J18;1234\nNA;x;NA;NA;NA;NA;NA;NA\n;;;;;;;\n";
	char want[1000], made[PSEUDONYM_LEN + 1];
	struct rule rule = patients;
	const struct json *actions;
	struct result r;

	pseudonym_make(key, "123", 3, made);
	snprintf(want, sizeof(want),
	    HEAD_OUT "%s;M;1999;;12,5;J18.9;1234\n%s;V;2001;;1e2;J18;1234\nNA;NA;NA;;NA;NA;NA\n;;;;;;\n",
	    made, made);
	expect(&patients, good, want, "");
	CHECK_OK(scrub_bytes(&r, &patients, good, sizeof(good) - 1, 0, &usual));
	CHECK(r.seen == 4 && r.passed == 4 && strcmp(r.ext, "csv") == 0);
	actions = json_get(r.report, "actions");
	CHECK(json_get(actions, "keep")->integer == 12);
	CHECK(json_get(actions, "drop")->integer == 4 && json_get(actions, "blank")->integer == 4);
	CHECK(json_get(actions, "pseudonym")->integer == 4 && json_get(actions, "year")->integer == 4);
	CHECK(json_get(actions, "first")->integer == 4);
	result_free(&r);

	/* A good record beside each kind of wrong one; the dropped and the blanked may hold anything. */
	snprintf(want, sizeof(want), HEAD_OUT "%s;M;1999;;12,5;J18.9;1234\n", made);
#define GOOD "123;\"a;\nb\";M;31-12-1999;\"\"\"\";12,5;J18.9;1234 AB\n"
	expect(&patients, HEAD "1;;X;;;;;\n" GOOD, want, "record:value-type=1 ");
	expect(&patients, HEAD GOOD "1;;M;2000-01-01;;;;\n", want, "record:date-form=1 ");
	expect(&patients, HEAD "1;;M;;;1.5;;\n" GOOD "1;;M;;;x;;\n", want, "record:value-type=2 ");
	expect(&patients, HEAD "1;;M;;;1000,1;;\n" GOOD, want, "record:value-range=1 ");
	expect(&patients, HEAD "1;;M;;;;Jansen;\n" GOOD, want, "record:value-type=1 ");
	expect(&patients, HEAD "\xff;;;;;;;\n1;;M;;;;\n1;;a\"b;;;;;\n" GOOD ";;\"m\";;;;;", want,
	    "record:field-count=1 record:not-utf8=1 record:quote-stray=1 record:value-type=1 ");
	/* Nothing kept: nothing comes out, and it has passed. */
	rule.fields = &typed[1];
	rule.field_count = 1;
	expect(&rule, "bsn\n1\n2\n", "", "");
	/* The one column that stays is blanked. */
	rule.fields = &typed[4];
	expect(&rule, "street\nKade 3\n", "street\n\"\"\n", "");
}

/* Free text may grow, and what was found in a record that is held does not count. */
static void
test_text(void)
{
	struct field fields[] = {KEEP(name_a), {.name = name_b, .action = {.kind = ACTION_TEXT}}};
	struct rule rule = {.delimiter = ',', .decimal = '.', .fields = fields, .field_count = 2};
	struct buf text;
	struct result r;

	fields[0].action = (struct action){.kind = ACTION_KEEP_NUMBER};
	expect(&rule, "a,b\n1,\"mail jan@example.org, please\"\n2,\n3,nothing\n",
	    "a,b\n1,\"mail [EMAIL-1], please\"\n2,\n3,nothing\n", "");
	CHECK_OK(scrub_bytes(&r, &rule, BYTES("a,b\n1,j@example.org\nx,p@example.org\n"), 0, &usual));
	CHECK(is_out(&r, "a,b\n1,[EMAIL-1]\n") && strcmp(r.held, "record:value-type=1 ") == 0);
	CHECK(json_get(json_get(r.report, "found"), "email")->integer == 1);
	CHECK(json_get(json_get(r.report, "actions"), "text")->integer == 1);
	result_free(&r);

	/* One record of many addresses, each shorter than its tag. */
	buf_init(&text, 1 << 20);
	CHECK_OK(buf_put_str(&text, "b,a\n", &e));
	for (unsigned i = 0; i < 20000; i++)
		CHECK_OK(buf_put_str(&text, "a@b.nl ", &e));
	CHECK_OK(buf_put_str(&text, ",7\n", &e));
	CHECK_OK(scrub_bytes(&r, &rule, (const char *)text.data, text.len, 0, &usual));
	CHECK(r.passed == 1 && strcmp(r.held, "") == 0 && r.out.len > text.len);
	CHECK(memcmp(r.out.data, "b,a\n\"[EMAIL-1] ", 15) == 0);
	CHECK(memcmp(r.out.data + r.out.len - 5, " \",7\n", 5) == 0);
	result_free(&r);
	buf_free(&text);
}

/* A good table, cut at each length and with each byte changed: whatever comes out is whole rows of the
 * header's width, and every record is counted. */
static void
test_damage(void)
{
	static const char good[] = "a,b,c\r\n1,\"x,\"\"y\"\"\",3\n\"4\n4\",5,\"6\"\n";
	static const struct csv_limits limits = {.window = 16, .record_max = 64, .part_max = 1000};
	static const char others[] = {',', '"', '\n', '\r', '\0', 'x', ' ', (char)0xc3, (char)0xff};
	char text[sizeof(good)];
	struct result r;
	int64_t held;

	for (size_t i = 0; i < sizeof(good); i++)
		for (size_t k = 0; k <= sizeof(others); k++) {
			size_t len = k == sizeof(others) ? i : sizeof(good) - 1;

			memcpy(text, good, sizeof(text));
			if (k < sizeof(others))
				text[i] = others[k];
			CHECK_OK(scrub_bytes(&r, &three, text, len, 5, &limits));
			held = json_get(json_get(r.report, "records"), "held")->integer;
			if (strncmp(r.held, "file:", 5) == 0)
				CHECK(r.out.len == 0 && r.passed == 0);
			else
				CHECK(r.seen == r.passed + held);
			CHECK((r.passed > 0) == (r.members == 1));
			CHECK(r.out.len == 0 ||
			      (memcmp(r.out.data, "a,b,c\n", 6) == 0 && r.out.data[r.out.len - 1] == '\n'));
			result_free(&r);
		}
}

static void
test_limits(void)
{
	struct csv_limits limits = {.window = 16, .record_max = 20, .part_max = 29};
	static const char parts[] = "a\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\na\n13\n14\n";
	struct result r;

	/* Twenty bytes fit, twenty-one do not, in and out of quotes, with and without an end. */
	CHECK_OK(scrub_bytes(&r, &one, BYTES("a\n12345678901234567890\nx\n"), 0, &limits));
	CHECK(r.passed == 2 && r.members == 1 && strcmp(r.held, "") == 0);
	result_free(&r);
	CHECK_OK(scrub_bytes(&r, &one, BYTES("a\nx\n123456789012345678901\nx\n"), 0, &limits));
	CHECK(r.passed == 0 && r.members == 0 && strcmp(r.held, "file:record-too-long=1 ") == 0);
	result_free(&r);
	CHECK_OK(scrub_bytes(&r, &one, BYTES("a\n\"1234567890123456789"), 0, &limits));
	CHECK(strcmp(r.held, "file:quote-open=1 ") == 0);
	result_free(&r);
	CHECK_OK(scrub_bytes(&r, &one, BYTES("a\n\"12345678901234567890"), 0, &limits));
	CHECK(strcmp(r.held, "file:record-too-long=1 ") == 0);
	result_free(&r);
	CHECK_OK(scrub_bytes(&r, &one, BYTES("a\n\"12345678901234567890\"\n"), 0, &limits));
	CHECK(strcmp(r.held, "file:record-too-long=1 ") == 0);
	result_free(&r);
	CHECK_OK(scrub_bytes(&r, &one, BYTES("a234567890123456789012345678901234567890"), 0, &limits));
	CHECK(strcmp(r.held, "file:record-too-long=1 ") == 0);
	result_free(&r);

	/* Parts: cut at record ends, each with the header row, none longer than it may be. */
	CHECK_OK(
	    scrub_bytes(&r, &one, BYTES("a\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n"), 0, &limits));
	CHECK(r.members == 2 && r.passed == 14 && r.largest == 29);
	CHECK(is_out(&r, parts));
	result_free(&r);
	/* A record that no part could take is held; the same with one byte less passes. */
	limits.record_max = 100;
	CHECK_OK(scrub_bytes(
	    &r, &one, BYTES("a\n1\n123456789012345678901234567\n12345678901234567890123456\n"), 0, &limits));
	CHECK(r.passed == 2 && r.members == 2 && strcmp(r.held, "record:record-too-long=1 ") == 0);
	result_free(&r);
	/* Parts that were written before a quote is left open stay; the file counts as held all the same. */
	CHECK_OK(scrub_bytes(&r, &one, BYTES("a\n123456789012345678901234\n12345\n\""), 0, &limits));
	CHECK(r.passed == 1 && r.seen == 2 && r.members == 1 && strcmp(r.held, "file:quote-open=1 ") == 0);
	result_free(&r);
}

/* Rows of different lengths up to nearly len bytes; how many bytes they are. */
static size_t
fill_rows(char *text, size_t len)
{
	size_t at = (size_t)snprintf(text, len, "a,b,c\n");

	for (unsigned i = 0; at + 100 < len; i++)
		at += (size_t)snprintf(text + at, len - at, "%u,row of some length %u,%u\n", i, i * i, i % 7);
	return at;
}

/* The real limits, at full size. */
static void
test_large(void)
{
	size_t len = 3u << 20;
	char *text = malloc(len);
	struct result r;
	size_t at = 0;

	CHECK(text != NULL);
	if (text == NULL)
		return;
	memset(text, 'x', len);
	memcpy(text, "a\n\"", 3);
	text[2 + (1 << 20) - 1] = '"';
	text[2 + (1 << 20)] = '\n';
	CHECK_OK(scrub_bytes(&r, &one, text, 2 + (1 << 20) + 1, 0, &usual));
	CHECK(r.passed == 1 && r.out.len == 2 + (1 << 20) - 2 + 1);
	result_free(&r);
	CHECK_OK(scrub_bytes(&r, &one, text, len, 0, &usual));
	CHECK(strcmp(r.held, "file:record-too-long=1 ") == 0);
	result_free(&r);
	free(text);

	len = 20u << 20;
	text = malloc(len);
	CHECK(text != NULL);
	if (text == NULL)
		return;
	at = fill_rows(text, len);
	CHECK_OK(scrub_bytes(&r, &three, text, at, 0, &usual));
	CHECK(r.members == 2 && r.largest <= 16u << 20 && r.largest > (16u << 20) - 100);
	CHECK(r.seen == r.passed && r.out.len == at + 6);
	result_free(&r);
	free(text);
}

static ssize_t
broken_read(struct source *s, void *out, size_t len, struct err *err)
{
	if (s->size++ == 0) {
		memset(out, '\n', len);
		return (ssize_t)len;
	}
	return err_set(err, ERR_INPUT, "file: changed");
}

static void
test_failures(void)
{
	struct source source = {.read = broken_read, .number = 1, .name = "x.csv"};
	static const char wrong[] = {'\0', '"', '\r', '\n', (char)0x80, (char)0xff};
	struct entry_writer out;
	struct source_mem memory;
	struct rule rule = three;
	struct scrub s = {.rule = &rule, .key = key, .out = &out};
	struct result r;

	CHECK_ERR(scrub_source(&r, &three, &source, &usual), ERR_INPUT);
	result_free(&r);
	for (size_t i = 0; i < sizeof(wrong); i++) {
		rule.delimiter = wrong[i];
		CHECK_ERR(scrub_bytes(&r, &rule, "a,b,c\n", 6, 0, &usual), ERR_INPUT);
		result_free(&r);
	}
	rule.delimiter = ',';
	/* Nobody takes the members. */
	entry_writer_init(&out, -1);
	s.report = report_new();
	source_mem_init(&memory, "a,b,c\n1,2,3\n", 12, "x.csv");
	CHECK_ERR(csv_scrub(&s, &memory.source, &e), ERR_SYSTEM);
	report_free(s.report);
}

/* Real tables that nobody here made: handled, or held with a reason. */
static void
test_real(void)
{
	static const char folder[] = "/usr/lib/python3/dist-packages/sklearn/datasets/data";
	struct dirent *entry;
	size_t files = 0, passed = 0;
	struct result r;
	struct buf text;
	DIR *dir;

	if ((dir = opendir(folder)) == NULL) {
		printf("no python3-sklearn here: its tables are not tried\n");
		return;
	}
	buf_init(&text, 64 << 20);
	while ((entry = readdir(dir)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');
		struct field fields[64];
		char *names, *at, *end;
		struct rule rule = {.decimal = '.', .fields = fields};

		if (dot == NULL || strcmp(dot, ".csv") != 0)
			continue;
		buf_clear(&text);
		CHECK_OK(io_read_file(dirfd(dir), entry->d_name, &text, &e));
		files++;
		/* Under a rule for something else. */
		CHECK_OK(scrub_bytes(&r, &three, (const char *)text.data, text.len, 0, &usual));
		CHECK(strncmp(r.held, "file:column-", 12) == 0 && r.members == 0);
		result_free(&r);
		/* Under a rule made from its first line, as numbers. */
		names = strndup((const char *)text.data, text.len);
		CHECK(names != NULL);
		if (names == NULL)
			break;
		names[strcspn(names, "\r\n")] = '\0';
		rule.delimiter = strchr(names, ',') != NULL ? ',' : ' ';
		for (at = names; at != NULL && rule.field_count < 64; at = end) {
			if ((end = strchr(at, rule.delimiter)) != NULL)
				*end++ = '\0';
			fields[rule.field_count++] =
			    (struct field){.name = at, .action = {.kind = ACTION_KEEP_NUMBER}};
		}
		CHECK_OK(scrub_bytes(&r, &rule, (const char *)text.data, text.len, 7, &usual));
		CHECK(r.held[0] != '\0' || r.passed > 0);
		passed += r.passed > 0 ? 1 : 0;
		result_free(&r);
		free(names);
	}
	closedir(dir);
	buf_free(&text);
	CHECK(files >= 4 && passed >= 2);
}

static int
run_peer(const char *what, const char *folder)
{
	const char *tests = getenv("STAGER_TESTS");
	char script[4096];
	int status;
	pid_t pid;

	snprintf(script, sizeof(script), "%s/peer_csv.py", tests != NULL ? tests : "tests");
	if ((pid = fork()) == 0) {
		execlp("python3", "python3", script, what, folder, (char *)NULL);
		_exit(77);
	}
	if (pid == -1 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* Tables that Python's csv module wrote, read by it and by us: the same values. */
static void
test_peer(void)
{
	char folder[] = "/tmp/stager-csv-XXXXXX", name[32];
	struct field fields[8];
	struct rule rule = {.decimal = '.', .fields = fields};
	struct result r;
	struct buf text;
	int dirfd = -1, made;

	CHECK(mkdtemp(folder) != NULL);
	dirfd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	buf_init(&text, 64 << 20);
	if ((made = run_peer("make", folder)) == 77)
		printf("no python3 here: its tables are not tried\n");
	else
		CHECK(made == 0);
	for (unsigned i = 0; made == 0 && i < 200; i++) {
		static char names[8][3] = {"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"};
		size_t chunk = i % 7, end;

		snprintf(name, sizeof(name), "%u.in", i);
		buf_clear(&text);
		CHECK_OK(io_read_file(dirfd, name, &text, &e));
		/* The first two bytes are for us: the delimiter and the number of columns. */
		CHECK(text.len > 2);
		if (text.len <= 2)
			break;
		rule.delimiter = (char)text.data[0];
		rule.field_count = (size_t)(text.data[1] - '0');
		for (size_t k = 0; k < rule.field_count; k++)
			fields[k] = (struct field){
			    .name = names[k], .action = {.kind = ACTION_KEEP_CODE, .pattern = anything}};
		end = text.len;
		CHECK_OK(scrub_bytes(&r, &rule, (const char *)text.data + 2, end - 2, chunk, &usual));
		CHECK(strcmp(r.held, "") == 0 && r.members <= 1);
		snprintf(name, sizeof(name), "%u.out", i);
		CHECK_OK(io_replace_file(dirfd, name, r.out.data, r.out.len, 0600, &e));
		result_free(&r);
	}
	if (made == 0)
		CHECK(run_peer("compare", folder) == 0);
	buf_free(&text);
	close(dirfd);
	CHECK_OK(io_remove_tree(AT_FDCWD, folder, &e));
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	key = secret_random(32, &e);
	anything = pattern_compile("(.|\\s)*", &e);
	code = pattern_compile("[A-Z][0-9]{2}(\\.[0-9])?", &e);
	CHECK(key != NULL && anything != NULL && code != NULL);
	if (check_failures > 0)
		return check_done();
	for (size_t i = 0; i < 3; i++)
		abc[i].action.pattern = anything;
	typed[6].action.pattern = code;
	test_forms();
	test_held_files();
	test_held_records();
	test_typed();
	test_text();
	test_damage();
	test_limits();
	test_large();
	test_failures();
	test_real();
	test_peer();
	pattern_free(anything);
	pattern_free(code);
	secret_free(key);
	return check_done();
}
