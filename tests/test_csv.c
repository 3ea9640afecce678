/* CSV: what passes, what is held and why, at every chunk and window. */
#include "csv_run.h"

static struct pattern *code;

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
	    "", "file:column-unnamed=1@1 ");
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
	expect(&three, "a,b\n1,2\n", "", "file:column-missing=1@3 ");
	expect(&three, "c,b\n1,2\n", "", "file:column-missing=1@1 ");
	expect(&three, "x,a,b,c\n1,2,3,4\n", "", "file:column-unnamed=1@1 ");
	expect(&three, "a,a,b,c\n1,2,3,4\n", "", "file:column-repeated=1@2 ");
	expect(&three, "a,b,d\n1,2,3\n", "", "file:column-unnamed=1@3 ");
	expect(&three, "a,b,C\n1,2,3\n", "", "file:column-unnamed=1@3 ");
	expect(&three, "a,b, c\n1,2,3\n", "", "file:column-unnamed=1@3 ");
	expect(&three, "a,b,\n1,2,3\n", "", "file:column-unnamed=1@3 ");
	expect(&three, "a,b,c,d\n1,2,3,4\n", "", "file:column-unnamed=1@4 ");
	expect(&three, "a,b,c,\n1,2,3,4\n", "", "file:column-unnamed=1@4 ");
	expect(&three, "a,b,a\n1,2,3\n", "", "file:column-repeated=1@3 ");
	expect(&three, "a,b,c,c\n1,2,3,4\n", "", "file:column-repeated=1@4 ");
	expect(&three, "a,b,c,c,d,e,f,g\n", "", "file:column-repeated=1@4 ");
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
	expect(&three, "a,b,c\n1,2,3\n4,5,\"6\n7,8,9\n", "", "file:quote-open=1 record:quote-open=1 ");
	expect(&three, "a,b,c\n1,2,3\n\"", "", "file:quote-open=1 record:quote-open=1 ");
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
	/* where quotes went wrong each line inside them counts: it may have been a record */
	expect(&three, "a,b,c\n1,x\"y,\"two\nlines\"\n1,2,3\n", "a,b,c\n1,2,3\n", "record:quote-stray=2 ");
	expect(&three, "a,b,c\n1,2,\"3\n1,2,3\r\n1,2,3\r1,2,\"3\n1,2,3\n", "a,b,c\n1,2,3\n",
	    "record:quote-stray=4 ");
	expect(&three, "a,b,c\n1,\"2,3\n4\",5,6,7\n1,2,3\n", "a,b,c\n1,2,3\n", "record:field-count=2 ");
	expect(&three, "a,b,c\n1, \"2\",3\n1,2,3\n", "a,b,c\n1,2,3\n", "record:quote-stray=1 ");
	expect(
	    &three, "a,b,c\n\"he said \"hi\" to\",2,3\n1,2,3\n", "a,b,c\n1,2,3\n", "record:quote-stray=1 ");
	expect(&three, "a,b,c\n1,2,3\n1,2,\"3\"\"\"x", "a,b,c\n1,2,3\n", "record:quote-stray=1 ");
	expect(&three, "a,b,c\n1,2,3\n1,2,x\"", "a,b,c\n1,2,3\n", "record:quote-stray=1 ");
}

/* A quote that opens nothing takes records into one value. Whole records, and the ends of two, show it. */
static void
test_swallowed(void)
{
	static char id[] = "id", name[] = "name", sex[] = "sex", note[] = "note", m[] = "M", v[] = "V";
	char *both[] = {m, v};
	struct field columns[] = {{.name = id, .action = {.kind = ACTION_PSEUDONYM}},
	    {.name = name, .action = {.kind = ACTION_DROP}},
	    {.name = sex, .action = {.kind = ACTION_KEEP_ENUM, .values = both, .value_count = 2}},
	    {.name = note, .action = {.kind = ACTION_TEXT}}};
	struct rule rule = {.delimiter = ';', .decimal = ',', .fields = columns, .field_count = 4};
	char made[PSEUDONYM_LEN + 1], want[200];

	pseudonym_make(key, "9", 1, made);
	snprintf(want, sizeof(want), "id;sex;note\n%s;M;x\n", made);
#define TOP "id;name;sex;note\n"
#define LAST "9;Bos;M;x\n"
	/* in the text; with whole records; with other line ends; with an empty value in quotes */
	expect(&rule, TOP "1;Jansen;M;\"5 inch\n2;Smit;V;12\"\n" LAST, want, "record:quote-records=2 ");
	expect(&rule, TOP "1;Jansen;M;\"5 inch\n2;Smit;V;y\n3;Vos;M;12\"\n" LAST, want,
	    "record:quote-records=3 ");
	expect(&rule, TOP "1;Jansen;M;\"5 inch\r\n2;Smit;V;y\r\n3;Vos;M;12\"\r\n" LAST, want,
	    "record:quote-records=3 ");
	expect(&rule, TOP "1;Jansen;M;\"\r2;\"\";V;12\"\r" LAST, want, "record:quote-records=2 ");
	/* in a column that leaves: nothing would have shown it */
	expect(&rule, TOP "1;\"Jansen;M;x\n2;Smit;V;y\n3;Vos\";M;z\n" LAST, want, "record:quote-records=3 ");
	expect(&rule, TOP "\"1;Jansen;M;x\n2\";Smit;V;y\n" LAST, want, "record:quote-records=2 ");
	/* text of several lines stays text, also with delimiters in it */
	snprintf(want, sizeof(want), "id;sex;note\n%s;M;\"a;b;c\nd\"\n", made);
	expect(&rule, TOP "9;Bos;M;\"a;b;c\nd\"\n", want, "");
	snprintf(
	    want, sizeof(want), "id;sex;note\n%s;M;\"x\nGezien; goed; geen klachten; tot later\ny\"\n", made);
	expect(&rule, TOP "9;Bos;M;\"x\nGezien; goed; geen klachten; tot later\ny\"\n", want, "");
	snprintf(want, sizeof(want), "id;sex;note\n%s;M;\"x\n2;[PERSOON-1];W;12\"\n", made);
	expect(&rule, TOP "9;Bos;M;\"x\n2;Smit;W;12\"\n", want, "");
	/* two columns: a sentence is no key, a number is */
	columns[1] = columns[3];
	rule.field_count = 2;
	rule.delimiter = ',';
	snprintf(want, sizeof(want), "id,note\n%s,\"x\nde man had pijn, en koorts\"\n", made);
	expect(&rule, "id,note\n9,\"x\nde man had pijn, en koorts\"\n", want, "");
	expect(&rule, "id,note\n9,\"x\n10,en koorts\"\n", "", "record:quote-records=2 ");
#undef TOP
#undef LAST
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

int
main(void)
{
	if (csv_run_start() != 0)
		return check_done();
	code = pattern_compile("[A-Z][0-9]{2}(\\.[0-9])?", &e);
	CHECK(code != NULL);
	typed[6].action.pattern = code;
	test_forms();
	test_held_files();
	test_held_records();
	test_typed();
	test_swallowed();
	test_text();
	test_damage();
	pattern_free(code);
	return csv_run_done();
}
