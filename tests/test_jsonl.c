/* JSON Lines: paths, actions, what is dropped, what is held, and the same whatever the chunks. */
#include <stdio.h>
#include <sys/wait.h>

#include "scrub_run.h"
#include "stager/pattern.h"

#define JSON_DOCUMENT_MAX (8u << 20)
#define FIELDS(...) \
	(struct field[]){__VA_ARGS__}, sizeof((struct field[]){__VA_ARGS__}) / sizeof(struct field)

static struct err e;
static struct pseudonym_key *key;
static struct pattern *code;
static const struct policy policy = {
    .text = {.bsn_any = true},
    .date_orders = (enum date_order[]){DATE_DMY, DATE_YMD},
    .date_order_count = 2,
};
static struct rule rule = {.format = FORMAT_JSONL, .decimal = '.', .sample_record = true};

static struct action keep_code, keep_number = {.kind = ACTION_KEEP_NUMBER},
				keep_enum = {.kind = ACTION_KEEP_ENUM,
				    .values = (char *[]){(char[]){"a"}, (char[]){"true"}, (char[]){"7"}},
				    .value_count = 3};
static const struct action drop = {.kind = ACTION_DROP}, blank = {.kind = ACTION_BLANK},
			   pseudonym = {.kind = ACTION_PSEUDONYM}, year = {.kind = ACTION_YEAR},
			   first = {.kind = ACTION_FIRST, .first = 2}, text = {.kind = ACTION_TEXT};

static void
fields(struct field *list, size_t count)
{
	rule.fields = list;
	rule.field_count = count;
}

/* The members are want, and the report says so. reason NULL: nothing is held; else one record for it. */
static void
expect(int line, const char *in, const char *want, const char *reason)
{
	static const size_t chunks[] = {0, 1, 2, 3, 7, 4096};
	char unit[64];

	for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		struct scrub_run run;
		bool good;

		CHECK_OK(scrub_run(&run, jsonl_scrub, &policy, &rule, key, in, strlen(in), chunks[i], &e));
		good = scrub_run_is(&run, want);
		if (reason != NULL) {
			snprintf(unit, sizeof(unit), "record:%s", reason);
			good = good && scrub_run_held(&run, unit) == 1 &&
			       scrub_run_number(&run, "records", "held") == 1;
		} else {
			good = good && scrub_run_number(&run, "records", "held") == 0;
		}
		good =
		    good && scrub_run_number(&run, "bytes", "in") == (int64_t)strlen(in) &&
		    scrub_run_number(&run, "members", "out") == (int64_t)run.entries &&
		    scrub_run_number(&run, "records", "passed") + scrub_run_number(&run, "records", "held") ==
			scrub_run_number(&run, "records", "seen");
		if (!good)
			fprintf(stderr, "line %d, chunk %zu\n", line, chunks[i]);
		CHECK(good);
		scrub_run_free(&run);
	}
}

#define GIVES(in, want) expect(__LINE__, in "\n", "<x.json>" want "\n", NULL)
#define STAYS(in) expect(__LINE__, in "\n", "<x.json>" in "\n", NULL)
#define HELD(in, reason) expect(__LINE__, in "\n", "", reason)

static void
test_values(void)
{
	char want[200], name[PSEUDONYM_LEN + 1];

	fields(FIELDS({(char[]){"$.c"}, keep_code}, {(char[]){"$.n"}, keep_number},
	    {(char[]){"$.e"}, keep_enum}, {(char[]){"$.b"}, blank}, {(char[]){"$.p"}, pseudonym},
	    {(char[]){"$.y"}, year}, {(char[]){"$.f"}, first}, {(char[]){"$.t"}, text}));
	STAYS("{}");
	STAYS("{\"c\":\"J18\"}");
	STAYS(" { \"c\" : \"J\\u00318\" ,\t\"n\" : -0.50e+1 } ");
	STAYS("{\"c\":\"\",\"n\":null,\"e\":null,\"b\":null,\"p\":null,\"y\":null,\"f\":null,\"t\":null}");
	HELD("{\"c\":\"j18\"}", "value-type");
	STAYS("{\"n\":0}");
	STAYS("{\"n\":100}");
	STAYS("{\"n\":1E2}");
	STAYS("{\"n\":\"12.5\"}");
	HELD("{\"n\":101}", "value-range");
	HELD("{\"n\":-1e1}", "value-range");
	HELD("{\"n\":1e999}", "value-range");
	HELD("{\"n\":\"veel\"}", "value-type");
	/* a number where text is wanted: what is found leaves; one with an exponent or a sign could be a telephone's, its zero lost */
	STAYS("{\"t\":123456}");
	GIVES("{\"t\":1234567}", "{\"t\":\"[NUMMER-1]\"}");
	GIVES("{\"t\":111222333}", "{\"t\":\"[BSN-1]\"}");
	GIVES("{\"t\":612345678}", "{\"t\":\"[NUMMER-1]\"}");
	HELD("{\"t\":1.11222333e8}", "value-type");
	GIVES("{\"t\":-12345678}", "{\"t\":\"-[NUMMER-1]\"}");
	GIVES("{\"t\":\"0612345678\"}", "{\"t\":\"[TELEFOON-1]\"}");
	HELD("{\"n\":true}", "value-type");
	STAYS("{\"e\":\"a\"}");
	STAYS("{\"e\":true}");
	STAYS("{\"e\":7}");
	HELD("{\"e\":7.0}", "value-type");
	HELD("{\"e\":false}", "value-type");
	HELD("{\"e\":\"b\"}", "value-type");
	GIVES("{\"b\":\"x\"}", "{\"b\":null}");
	GIVES("{\"b\":12 }", "{\"b\":null }");
	GIVES("{\"b\":false}", "{\"b\":null}");
	GIVES("{\"y\":\"03-05-2019\"}", "{\"y\":\"2019\"}");
	HELD("{\"y\":20190503}", "value-type");
	HELD("{\"y\":\"mei\"}", "date-form");
	GIVES("{\"f\":\"\\u00e9\xe2\x82\xac\\n\"}", "{\"f\":\"\xc3\xa9\xe2\x82\xac\"}");
	GIVES("{\"f\":\"\\\"\\\\x\"}", "{\"f\":\"\\\"\\\\\"}");
	GIVES("{\"f\":\"\\u0001\\u001fx\"}", "{\"f\":\"\\u0001\\u001f\"}");
	GIVES("{\"f\":\"\\u0000\\tx\"}", "{\"f\":\"\\u0000\\t\"}");
	HELD("{\"f\":1234}", "value-type");
	GIVES("{\"t\":\"bel 06-12345678\\nof mail a@b.nl\"}",
	    "{\"t\":\"bel [TELEFOON-1]\\nof mail [EMAIL-1]\"}");
	GIVES("{\"t\":\"0\\u0036-123456\\u00378\"}", "{\"t\":\"[TELEFOON-1]\"}");
	STAYS("{\"t\":\"niets \\u0041\\/\"}");
	GIVES("{\"t\":111222333}", "{\"t\":\"[BSN-1]\"}");
	STAYS("{\"t\":37.5}");
	HELD("{\"t\":true}", "value-type");
	HELD("{\"p\":true}", "value-type");
	/* the same pseudonym for a number, a string, and a string with spaces around it */
	pseudonym_make(key, "123", 3, name);
	snprintf(want, sizeof(want), "<x.json>{\"p\":\"%s\"}\n", name);
	expect(__LINE__, "{\"p\":123}\n", want, NULL);
	expect(__LINE__, "{\"p\":\"123\"}\n", want, NULL);
	expect(__LINE__, "{\"p\":\" 12\\u0033 \"}\n", want, NULL);
}

static void
test_paths(void)
{
	fields(FIELDS({(char[]){"$.a.b"}, keep_number}, {(char[]){"$.l[*].x"}, first},
	    {(char[]){"$.l[*].d"}, drop}, {(char[]){"$.m[*]"}, text}, {(char[]){"$.o.*"}, keep_number},
	    {(char[]){"$.o.z"}, first}, {(char[]){"$.g"}, drop}, {(char[]){"$.s.*[*]"}, keep_number},
	    {(char[]){"$.s.q"}, drop}));
	STAYS("{\"a\":{\"b\":1}}");
	HELD("{\"a\":{\"c\":1}}", "field-unnamed");
	HELD("{\"a\":1}", "field-unnamed");
	HELD("{\"a\":null}", "field-unnamed");
	HELD("{\"b\":1}", "field-unnamed");
	HELD("{\"Jan Jansen\":{}}", "field-unnamed");
	HELD("{\"a\":{\"b\":{\"c\":1}}}", "field-unnamed");
	HELD("{\"a\":{\"b\":[1]}}", "field-unnamed");
	STAYS("{\"a\":{},\"l\":[],\"m\":[ ]}");
	GIVES("{\"l\":[{\"x\":\"abc\"},{\"x\":\"d\"},{}]}", "{\"l\":[{\"x\":\"ab\"},{\"x\":\"d\"},{}]}");
	HELD("{\"l\":[\"abc\"]}", "field-unnamed");
	HELD("{\"l\":{\"x\":\"abc\"}}", "field-unnamed");
	GIVES("{\"l\":[{\"d\":{\"wie\":[1,{}]},\"x\":\"a\"}]}", "{\"l\":[{\"x\":\"a\"}]}");
	GIVES("{\"m\":[\"a@b.nl\",\"a@b.nl\"]}", "{\"m\":[\"[EMAIL-1]\",\"[EMAIL-1]\"]}");
	HELD("{\"m\":[[\"x\"]]}", "field-unnamed");
	/* What is no text would part a name in two. */
	HELD("{\"m\":[\"de heer Jan\\u0000sen\"]}", "nul-byte");
	/* .* names every key that looks like a field's, and the more exact path comes first */
	GIVES("{\"o\":{\"k\":1,\"_K9\":2,\"z\":\"abc\"}}", "{\"o\":{\"k\":1,\"_K9\":2,\"z\":\"ab\"}}");
	HELD("{\"o\":{\"Jan Jansen\":1}}", "field-unnamed");
	HELD("{\"o\":{\"9k\":1}}", "field-unnamed");
	HELD("{\"o\":{\"Jansen\":1}}", "field-unnamed");
	HELD("{\"o\":{\"Jan_Jansen\":1}}", "field-unnamed");
	STAYS("{\"o\":{\"Status\":1,\"LeukocytenAantal\":2,\"Datum_Opname\":3}}");
	HELD("{\"o\":{\"\":1}}", "field-unnamed");
	HELD("{\"o\":{\"k\\u00e9\":1}}", "field-unnamed");
	STAYS("{\"o\":{\"\\u006b\":1}}");
	STAYS("{\"o\":{\"kabcdefghi_abcdefghi_abcdefghi_abcdefghi_abcdefghi_abcdefghi_abc\":1}}");
	HELD("{\"o\":{\"kabcdefghi_abcdefghi_abcdefghi_abcdefghi_abcdefghi_abcdefghi_abcd\":1}}",
	    "field-unnamed");
	/* figures enough to say who it is */
	STAYS("{\"o\":{\"w2019_12\":1}}");
	HELD("{\"o\":{\"p1112223\":1}}", "field-unnamed");
	HELD("{\"o\":{\"bsn_111_222_333\":1}}", "field-unnamed");
	GIVES("{\"s\":{\"p\":[1,2],\"q\":[\"x\"],\"r\":[3]}}", "{\"s\":{\"p\":[1,2],\"r\":[3]}}");
	/* what is dropped takes one comma along, wherever it stands */
	GIVES("{\"g\":1}", "{}");
	GIVES("{ \"g\" : {\"x\":[1,\"}\"]} }", "{ }");
	GIVES("{\"g\":1,\"a\":{\"b\":2}}", "{\"a\":{\"b\":2}}");
	GIVES("{\"a\":{\"b\":2},\"g\":1}", "{\"a\":{\"b\":2}}");
	GIVES("{ \"a\":{\"b\":2} , \"g\":1 , \"m\":[] }", "{ \"a\":{\"b\":2}  , \"m\":[] }");
	GIVES("{\"a\":{\"b\":2},\"\\u0067\":\"\\\"\"}", "{\"a\":{\"b\":2}}");
	fields(FIELDS({(char[]){"$.g"}, drop}, {(char[]){"$.h"}, drop}, {(char[]){"$.a"}, keep_number},
	    {(char[]){"$.b"}, keep_number}, {(char[]){"$.l[*]"}, drop}));
	GIVES("{\"g\":1,\"h\":2}", "{}");
	GIVES("{\"g\":1,\"h\":2,\"a\":3}", "{\"a\":3}");
	GIVES("{\"g\":1,\"a\":3,\"h\":2,\"b\":4}", "{\"a\":3,\"b\":4}");
	GIVES("{\"a\":3,\"g\":1,\"h\":2,\"b\":4}", "{\"a\":3,\"b\":4}");
	GIVES("{\"a\":3,\"g\":1,\"b\":4,\"h\":2}", "{\"a\":3,\"b\":4}");
	GIVES("{\"l\":[1,\"x\",{\"y\":[]}],\"a\":3}", "{\"l\":[],\"a\":3}");
	/* everything that no path names: dropped, but not what a more exact path goes into */
	fields(FIELDS({(char[]){"$.a.b"}, keep_number}, {(char[]){"$.*"}, drop}));
	GIVES("{\"Jan\":1,\"a\":{\"b\":1},\"x y\":[{}]}", "{\"a\":{\"b\":1}}");
	GIVES("{\"a\":7}", "{}");
	HELD("{\"a\":{\"c\":1}}", "field-unnamed");
	fields(FIELDS({(char[]){"$.*.c"}, keep_number}, {(char[]){"$.a.b"}, keep_number}));
	STAYS("{\"a\":{\"b\":1,\"c\":2},\"d\":{\"c\":3}}");
	HELD("{\"d\":{\"b\":3}}", "field-unnamed");
}

static void
test_broken(void)
{
	static const char *const broken[] = {"[]", "[{\"a\":1}]", "1", "\"a\"", "null", "{", "}", "{\"a\"}",
	    "{\"a\":}", "{\"a\":1,}", "{,}", "{\"a\":1 \"b\":2}", "{\"a\" 1}", "{a:1}", "{'a':1}",
	    "{\"a\":01}", "{\"a\":1.}", "{\"a\":.5}", "{\"a\":+1}", "{\"a\":1e}", "{\"a\":-}", "{\"a\":NaN}",
	    "{\"a\":Infinity}", "{\"a\":tru}", "{\"a\":nul}", "{\"a\":1}}", "{\"a\":1} x",
	    "{\"a\":1}{\"a\":1}", "{\"a\":\"x}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}",
	    "{\"a\":\"\\ud800\"}", "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"\\udc00\"}",
	    "{\"a\":\"\\ud83d\\ud83d\"}", "{\"a\":\"\t\"}", "{\"a\":\"\x01\"}", "{\"a\":[1,2}",
	    "{\"a\":[1 2]}", "{\"a\":[1,]}", "{\"a\":[,1]}", "{\"a\":1;\"b\":2}", "{\"a\":\"\\",
	    "{\"a\":\"\\u00", "{\"a\": //x\n1}"};
	char deep[400];

	fields(FIELDS({(char[]){"$.*"}, drop}));
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]) - 1; i++)
		expect(1000 + (int)i, broken[i], "", "json-broken");
	GIVES("{\"a\":\"\\ud83d\\ude00\"}", "{}");
	HELD("{\"a\":1,\"a\":2}", "json-duplicate-key");
	HELD("{\"a\":1,\"\\u0061\":2}", "json-duplicate-key");
	HELD("{\"a\":{\"b\":{\"c\":1,\"d\":1,\"c\":1}}}", "json-duplicate-key");
	HELD("{\"\":1,\"b\":1,\"\":2}", "json-duplicate-key");
	HELD("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":"
	     "1,\"m\":1,"
	     "\"n\":1,\"o\":1,\"p\":1,\"q\":1,\"r\":1,\"\\u0062\":1}",
	    "json-duplicate-key");
	GIVES("{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":2}]}", "{}");
	HELD("{\"a\":\"\xff\"}", "not-utf8");
	HELD("{\"a\":\"\xed\xa0\x80\"}", "not-utf8");
	HELD("{\"\xc0\x80\":1}", "not-utf8");
	for (int depth = 63; depth <= 64; depth++) {
		size_t n = (size_t)snprintf(deep, sizeof(deep), "{\"a\":");

		for (int i = 0; i < depth; i++)
			deep[n++] = '[';
		for (int i = 0; i < depth; i++)
			deep[n++] = ']';
		snprintf(deep + n, sizeof(deep) - n, "}\n");
		if (depth == 63)
			expect(__LINE__, deep, "<x.json>{}\n", NULL);
		else
			expect(__LINE__, deep, "", "json-depth");
	}
}

static void
test_lines(void)
{
	struct scrub_run run;

	fields(FIELDS({(char[]){"$.a"}, keep_number}));
	expect(__LINE__, "", "", NULL);
	expect(__LINE__, "\n\n \t\n\r\n", "", NULL);
	expect(__LINE__, "{\"a\":1}", "<x.json>{\"a\":1}\n", NULL);
	expect(__LINE__, "{\"a\":1}\r\n{\"a\":2}\r\n", "<x.json>{\"a\":1}\n<x.json>{\"a\":2}\n", NULL);
	expect(
	    __LINE__, "\xef\xbb\xbf{\"a\":1}\n\n{\"a\":2}", "<x.json>{\"a\":1}\n<x.json>{\"a\":2}\n", NULL);
	expect(__LINE__, "{\"a\":1}\n{\"a\":\"x\"}\n{\"a\":3}\n", "<x.json>{\"a\":1}\n<x.json>{\"a\":3}\n",
	    "value-type");
	rule.sample_record = false;
	expect(__LINE__, "{\"a\":1}\r\n{\"b\":2}\n{\"a\": 3}", "<x.jsonl>{\"a\":1}\n{\"a\": 3}\n",
	    "field-unnamed");
	expect(__LINE__, "{\"b\":2}\n", "", "field-unnamed");
	rule.sample_record = true;
	/* UTF-16 */
	CHECK_OK(scrub_run(&run, jsonl_scrub, &policy, &rule, key, "\xff\xfe{\0}\0\n\0", 8, 0, &e));
	CHECK(run.entries == 0 && scrub_run_held(&run, "file:not-utf8") == 1 &&
	      scrub_run_number(&run, "files", "held") == 1);
	scrub_run_free(&run);
	/* a path of another form stops the push */
	fields(FIELDS({(char[]){"$.a["}, keep_number}));
	CHECK_ERR(scrub_run(&run, jsonl_scrub, &policy, &rule, key, "{}\n", 3, 0, &e), ERR_INPUT);
	scrub_run_free(&run);
}

/* A document is one record, laid out as it likes, and byte for byte itself where nothing is changed. */
static void
test_document(void)
{
	static char large[JSON_DOCUMENT_MAX + 16];
	struct scrub_run run;

	rule.format = FORMAT_JSON;
	fields(FIELDS({(char[]){"$.a"}, keep_number}, {(char[]){"$.l[*].n"}, drop},
	    {(char[]){"$.l[*].t"}, text}, {(char[]){"$[*].a"}, keep_number}));
#define DOCUMENT(in, want) expect(__LINE__, in, "<x.json>" want, NULL)
	DOCUMENT("{\"a\": 1}", "{\"a\": 1}");
	DOCUMENT("{\n  \"a\": 1\n}\n", "{\n  \"a\": 1\n}\n");
	DOCUMENT("\r\n{\r\n\t\"a\":\r\n1}\r\n\r\n", "\r\n{\r\n\t\"a\":\r\n1}\r\n\r\n");
	DOCUMENT("[ {\"a\": 1},\n {\"a\": 2} ]\n", "[ {\"a\": 1},\n {\"a\": 2} ]\n");
	DOCUMENT("[]", "[]");
	DOCUMENT("{\"l\": [\n{\"n\": \"Jan\", \"t\": \"bel 06-12345678\"},\n{\"t\": \"goed\"}]}",
	    "{\"l\": [\n{\"t\": \"bel [TELEFOON-1]\"},\n{\"t\": \"goed\"}]}");
	expect(__LINE__, "\xef\xbb\xbf{\"a\": 1}", "<x.json>{\"a\": 1}", NULL);
#define DOCUMENT_HELD(in, reason) expect(__LINE__, in, "", reason)
	DOCUMENT_HELD("", "json-broken");
	DOCUMENT_HELD(" \n", "json-broken");
	DOCUMENT_HELD("1", "json-broken");
	DOCUMENT_HELD("\"a\"", "json-broken");
	DOCUMENT_HELD("{\"a\": 1}\n{\"a\": 2}", "json-broken");
	DOCUMENT_HELD("[{\"a\": 1}", "json-broken");
	DOCUMENT_HELD("[1]", "field-unnamed");
	DOCUMENT_HELD("[{\"b\": 1}]", "field-unnamed");
	DOCUMENT_HELD("{\"a\": \"x\"}", "value-type");
	DOCUMENT_HELD("{\"a\": 1\n,\n\"a\": 2}", "json-duplicate-key");
	DOCUMENT_HELD("{\"a\": 1, \"\xff\": 2}", "not-utf8");
	/* The limit, and one past it. */
	memset(large, ' ', sizeof(large));
	memcpy(large, "{\"a\":1}", 7);
	for (size_t past = 0; past <= 1; past++) {
		CHECK_OK(scrub_run(
		    &run, jsonl_scrub, &policy, &rule, key, large, JSON_DOCUMENT_MAX + past, 0, &e));
		CHECK(
		    run.entries == 1 - past && scrub_run_held(&run, "file:record-too-long") == (int64_t)past);
		scrub_run_free(&run);
	}
	rule.format = FORMAT_JSONL;
	HELD("[{\"a\": 1}]", "json-broken");
}

static void
test_subject(void)
{
	char want[300], name[PSEUDONYM_LEN + 1], other[PSEUDONYM_LEN + 1];

	fields(
	    FIELDS({(char[]){"$.p.id"}, drop}, {(char[]){"$.p.name"}, drop}, {(char[]){"$.a"}, keep_number}));
	rule.subject = (char[]){"$.p.id"};
	rule.subject_paths = &(struct subject_path){.path = rule.subject};
	rule.subject_path_count = 1;
	pseudonym_make(key, "42", 2, name);
	pseudonym_make(key, "43", 2, other);
	snprintf(want, sizeof(want),
	    "<%s.json>{\"a\":1,\"p\":{}}\n<%s.json>{\"p\":{}}\n<%s.json>{\"p\":{}}\n", name, name, other);
	expect(__LINE__,
	    "{\"a\":1,\"p\":{\"id\":\"42\",\"name\":\"J\"}}\n{\"p\":{\"id\":42}}\n{\"p\":{\"id\":\" 43 "
	    "\"}}\n",
	    want, NULL);
	HELD("{\"a\":1}", "subject-missing");
	HELD("{\"p\":{}}", "subject-missing");
	HELD("{\"p\":{\"id\":null}}", "subject-missing");
	HELD("{\"p\":{\"id\":\"\"}}", "subject-missing");
	HELD("{\"p\":{\"id\":\"  \"}}", "subject-missing");
	HELD("{\"p\":{\"id\":true}}", "subject-missing");
	HELD("{\"p\":{\"id\":[42]}}", "subject-missing");
	HELD("{\"p\":{\"name\":{\"id\":42}}}", "subject-missing");
	HELD("{\"id\":42}", "field-unnamed");
	/* inside of what is dropped whole */
	fields(FIELDS({(char[]){"$.p"}, drop}));
	snprintf(want, sizeof(want), "<%s.json>{}\n", name);
	expect(__LINE__, "{\"p\":{\"id\":\"4\\u0032\"}}\n", want, NULL);
	rule.subject = NULL;
	rule.subject_path_count = 0;
}

/* The longest record, one byte more, and parts of 16 MiB. */
static void
test_sizes(void)
{
	size_t max = 8u << 20;
	struct scrub_run run;
	struct buf in;

	fields(FIELDS({(char[]){"$.t"}, text}));
	buf_init(&in, 64u << 20);
	for (size_t more = 0; more <= 1; more++) {
		for (int crlf = 0; crlf <= 1; crlf++) {
			buf_clear(&in);
			CHECK_OK(buf_put_str(&in, "{\"t\":\"", &e));
			memset(buf_reserve(&in, max + more - 8, &e), 'x', max + more - 8);
			in.len += max + more - 8;
			CHECK_OK(buf_put_str(&in, crlf ? "\"}\r\n{}\n" : "\"}\n{}\n", &e));
			CHECK_OK(scrub_run(&run, jsonl_scrub, &policy, &rule, key, in.data, in.len, 0, &e));
			CHECK(run.entries == (more ? 0 : 2));
			CHECK(scrub_run_held(&run, "file:record-too-long") == (int64_t)more);
			CHECK(more || run.bytes.len == max + 1 + 3);
			scrub_run_free(&run);
		}
	}
	rule.sample_record = false;
	buf_clear(&in);
	for (int i = 0; i < 9; i++) {
		CHECK_OK(buf_put_str(&in, "{\"t\":\"", &e));
		memset(buf_reserve(&in, (2u << 20) - 9, &e), 'x', (2u << 20) - 9);
		in.len += (2u << 20) - 9;
		CHECK_OK(buf_put_str(&in, "\"}\n", &e));
	}
	CHECK_OK(scrub_run(&run, jsonl_scrub, &policy, &rule, key, in.data, in.len, 100000, &e));
	CHECK(run.entries == 2 && run.bytes.len == in.len && memcmp(run.bytes.data, in.data, in.len) == 0);
	CHECK(memcmp(run.members.data + 9 + (16u << 20), "<x.jsonl>", 9) == 0);
	scrub_run_free(&run);
	rule.sample_record = true;
	buf_free(&in);
}

/* Python's json beside this reader: peer_jsonl.py writes records, whole and damaged, and reads what came out.
 */
static int
peer(const char *what, const char *folder)
{
	const char *tests = getenv("STAGER_TESTS");
	char script[4096];
	int status = -1;
	pid_t pid;

	snprintf(script, sizeof(script), "%s/peer_jsonl.py", tests != NULL ? tests : "tests");
	if ((pid = fork()) == 0) {
		execlp("python3", "python3", script, what, folder, (char *)NULL);
		_exit(127);
	}
	CHECK(pid != -1 && waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
test_peer(void)
{
	static const struct action cut = {.kind = ACTION_FIRST, .first = 64},
				   three = {.kind = ACTION_FIRST, .first = 3};
	char folder[] = "/tmp/stager-jsonl-XXXXXX", path[4200];
	struct action number = {.kind = ACTION_KEEP_NUMBER};
	struct scrub_run run;
	struct buf in;
	FILE *f;
	int n, c;

	CHECK(mkdtemp(folder) != NULL);
	n = peer("make", folder);
	if (n == 127) {
		fprintf(stderr, "no python3: the peer is skipped\n");
		rmdir(folder);
		return;
	}
	CHECK(n == 0);
	buf_init(&in, 64u << 20);
	snprintf(path, sizeof(path), "%s/in.jsonl", folder);
	CHECK((f = fopen(path, "r")) != NULL);
	while (f != NULL && (c = getc(f)) != EOF)
		CHECK_OK(buf_put_u8(&in, (uint8_t)c, &e));
	if (f != NULL)
		fclose(f);
	unlink(path);
	fields(FIELDS({(char[]){"$.k"}, cut}, {(char[]){"$.n"}, number}, {(char[]){"$.e"}, keep_enum},
	    {(char[]){"$.d"}, drop}, {(char[]){"$.b"}, blank}, {(char[]){"$.l[*].x"}, three},
	    {(char[]){"$.l[*].d"}, drop}, {(char[]){"$.o.*"}, first}));
	rule.sample_record = false;
	CHECK_OK(scrub_run(&run, jsonl_scrub, &policy, &rule, key, in.data, in.len, 777, &e));
	rule.sample_record = true;
	CHECK(scrub_run_number(&run, "records", "passed") > 500 &&
	      scrub_run_number(&run, "records", "held") > 500);
	snprintf(path, sizeof(path), "%s/out.jsonl", folder);
	CHECK((f = fopen(path, "w")) != NULL);
	if (f != NULL) {
		CHECK(fwrite(run.bytes.data, 1, run.bytes.len, f) == run.bytes.len);
		fclose(f);
	}
	CHECK(peer("compare", folder) == 0);
	unlink(path);
	rmdir(folder);
	scrub_run_free(&run);
	buf_free(&in);
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	key = pseudonym_key_of(0, &e);
	code = pattern_compile("[A-Z][0-9]{2}", &e);
	CHECK(key != NULL && code != NULL);
	keep_code = (struct action){.kind = ACTION_KEEP_CODE, .pattern = code};
	keep_number.has_range = true;
	keep_number.min = -5;
	keep_number.max = 100;
	test_values();
	test_paths();
	test_broken();
	test_lines();
	test_document();
	test_subject();
	test_sizes();
	test_peer();
	pattern_free(code);
	pseudonym_key_free(key);
	return check_done();
}
