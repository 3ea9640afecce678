/* Records as units of disclosure control: counted in one pass, shown in another, and what leaves held against k and l by a count of its own. */
#include "records_run.h"

#define TABLE_MAX (1u << 20)
#define OUT "<x.csv>" HEAD

static char table[TABLE_MAX];

static unsigned
pick(unsigned count)
{
	static uint64_t state = 20261122;

	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(state >> 33) % count;
}

/* Lines of a table: the first three columns are a class, the fourth is sensitive. Is each class k large with l values? */
struct class
{
	char shown[40], values[4][12];
	unsigned count, different;
};

static bool
classes_hold(const struct buf *bytes, unsigned k, unsigned l, unsigned *records, unsigned *blank)
{
	static struct class classes[4000];
	unsigned count = 0, at, commas;
	const char *line = (const char *)bytes->data, *end = line + bytes->len, *stop, *c;
	bool holds = true;

	*records = *blank = 0;
	for (; line < end; line = stop + 1) {
		char value[12] = "";

		stop = memchr(line, '\n', (size_t)(end - line));
		if (strncmp(line, "pc,", 3) == 0)
			continue;
		for (c = line, commas = 0; commas < 3; c++)
			commas += *c == ',';
		(void)snprintf(value, sizeof(value), "%.*s", (int)strcspn(c, ",\n"), c);
		for (at = 0; at < count && (strlen(classes[at].shown) != (size_t)(c - line) ||
					       memcmp(classes[at].shown, line, (size_t)(c - line)) != 0);)
			at++;
		if (at == count && count < 3999) {
			classes[count] = (struct class){.count = 0};
			(void)snprintf(
			    classes[count++].shown, sizeof(classes[0].shown), "%.*s", (int)(c - line), line);
		}
		classes[at].count++;
		++*records;
		*blank += strncmp(line, ",,,", 3) == 0;
		for (unsigned i = 0; i < 4 && value[0] != '\0' && strcmp(value, "NA") != 0; i++) {
			if (i == classes[at].different && i < 4)
				(void)snprintf(classes[at].values[classes[at].different++], 12, "%s", value);
			if (strcmp(classes[at].values[i], value) == 0)
				break;
		}
	}
	for (at = 0; at < count; at++)
		holds = holds && classes[at].count >= k && classes[at].different >= l;
	return holds;
}

static size_t
random_table(unsigned rows, unsigned areas)
{
	size_t len = (size_t)snprintf(table, sizeof(table), "pc,age,sex,d,t\n");

	for (unsigned i = 0; i < rows; i++) {
		unsigned area = pick(areas) * pick(areas) / areas, wrong = pick(40);

		len += (size_t)snprintf(table + len, sizeof(table) - len, "%u%s,%u,%s,%s,%s\n", 1000 + area,
		    wrong == 0 ? "" : "AB", 20 + pick(9) * pick(9),
		    wrong == 1 ? "man"
		    : pick(2)  ? "m"
			       : "v",
		    wrong == 2     ? "veel"
		    : pick(3) == 0 ? "5"
		    : pick(3) == 0 ? "6"
		    : pick(6) == 0 ? "NA"
				   : "7",
		    wrong == 3     ? "a,b"
		    : pick(4) == 0 ? "Jan de Vries"
				   : "");
	}
	return len;
}

static void
test_property(void)
{
	static const char *const rules[] = {
	    ("quasi: [pc, age, sex], k: 4, l: {d: 2}, below: {widen: {pc: [3, 2], "
	     "age: [10, 20]}, max: 100%}, from: t.csv"),
	    "quasi: [sex, pc, age], k: 3, below: {widen: {age: [30]}, max: 100%}, from: t.csv",
	    "quasi: [age, sex, pc], k: 25, l: {d: 3}, below: {max: 100%}, from: t.csv"};
	static const unsigned limits[][2] = {{4, 2}, {3, 0}, {25, 3}};
	unsigned records, blank;

	for (unsigned seed = 0; seed < 30; seed++) {
		size_t len = random_table(1 + pick(seed < 10 ? 60 : 3000), 1 + pick(200));
		struct report *report = report_new();
		struct scrub_run one, several;
		struct record_sum sum;
		struct records *r;

		CHECK(policy_with(rules[seed % 3], false));
		r = count("t.csv", table, len, report, &sum);
		CHECK(r != NULL);
		if (r == NULL)
			break;
		CHECK_OK(show(&one, 0, r, table, len, 1));
		CHECK(classes_hold(&one.bytes, limits[seed % 3][0], limits[seed % 3][1], &records, &blank) ||
		      report_get(report, "disclosure", "held") == 1);
		/* What is told is what left. */
		CHECK(records == sum.count && record_sum_same(&sum, records_sum(r)));
		CHECK((uint64_t)scrub_run_number(&one, "records", "passed") == sum.count);
		r->sum = (struct record_sum){.count = 0};
		CHECK_OK(show(&several, 0, r, table, len, THREADS));
		CHECK(several.members.len == one.members.len &&
		      memcmp(several.members.data, one.members.data, one.members.len) == 0);
		CHECK(record_sum_same(&sum, records_sum(r)));
		scrub_run_free(&one);
		scrub_run_free(&several);
		records_free(r);
		report_free(report);
	}
}

static void
run_csv(const char *disclosure, const char *text, const char *want, struct report *report)
{
	struct record_sum sum;
	struct scrub_run run;
	struct records *r;

	if (!policy_with(disclosure, false) ||
	    (r = count("t.csv", text, strlen(text), report, &sum)) == NULL) {
		fprintf(stderr, "%s\n", e.text);
		CHECK(false);
		return;
	}
	CHECK_OK(show(&run, 0, r, text, strlen(text), 1));
	CHECK(scrub_run_is(&run, want));
	CHECK(record_sum_same(&sum, records_sum(r)));
	scrub_run_free(&run);
	records_free(r);
}

/* At the limit, and one below it; held records count for nobody; what is missing stays so. */
static void
test_edges(void)
{
	struct report *report = report_new();

	run_csv("from: t.csv, quasi: [pc, sex], k: 3, below: {max: 100%}",
	    HEAD "1000AB,1,m,1,\n1000AB,2,m,1,\n1000AB,3,m,1,\n",
	    OUT "1000,0,m,1,\n1000,0,m,1,\n1000,5,m,1,\n", report);
	CHECK(report_get(report, "disclosure", "held") == 0 &&
	      report_get(report, "disclosure", "records") == 3);
	report_free(report);
	report = report_new();
	/* Two are below k, and one that is held does not make them three: all are blank, and it is HELD. */
	run_csv("from: t.csv, quasi: [pc, sex], k: 3, below: {max: 100%}",
	    HEAD "1000AB,1,m,1,\n1000AB,2,m,1,\n1000AB,3,m,viel,\n", OUT ",0,,1,\n,0,,1,\n", report);
	CHECK(report_get(report, "disclosure", "held") == 1);
	report_free(report);
	report = report_new();
	/* Nothing widens what is not known; and top coding stays what it says. */
	run_csv("from: t.csv, quasi: [age], k: 2, below: {widen: {age: [20]}, max: 100%}",
	    HEAD "1000AB,95,m,1,\n1000AB,91,m,1,\n1000AB,NA,m,1,\n1000AB,NA,m,1,\n1000AB,21,m,1,\n1000AB,14,"
		 "m,1,\n",
	    OUT "1000,90,m,1,\n1000,90,m,1,\n1000,NA,m,1,\n1000,NA,m,1,\n1000,20,m,1,\n1000,20,m,1,\n",
	    report);
	CHECK(report_get(report, "disclosure", "widened") == 2);
	report_free(report);
	report = report_new();
	/* 5, 5.0 and 05 are one value; and one that is missing is none. */
	run_csv("from: t.csv, quasi: [pc], k: 2, l: {d: 2}, below: {max: 100%}",
	    HEAD "1000AB,1,m,5,\n1000AB,1,m,5.0,\n1000AB,1,m,05,\n1000AB,1,m,NA,\n1000AB,1,m,,\n"
		 "2000AB,1,m,5,\n2000AB,1,m,6,\n3000AB,1,m,7,\n3000AB,1,m,8,\n",
	    OUT
	    ",0,m,5,\n,0,m,5.0,\n,0,m,05,\n,0,m,NA,\n,0,m,,\n,0,m,5,\n,0,m,6,\n3000,0,m,7,\n3000,0,m,8,\n",
	    report);
	CHECK(
	    report_get(report, "disclosure", "held") == 0 && report_get(report, "disclosure", "below") == 5);
	report_free(report);
	report = report_new();
	run_csv("from: t.csv, quasi: [pc], k: 2", HEAD, "", report);
	report_free(report);
}

/* Whatever differs between the passes shows in the sums, but for the order. */
static void
test_changed(void)
{
	static const char was[] = HEAD "1000AB,1,m,1,\n1000AB,7,v,2,\n2000AB,1,m,1,\n2000AB,1,m,2,\n";
	static const struct {
		const char *text;
		bool same;
	} cases[] = {{was, true}, {HEAD "2000AB,1,m,2,\n1000AB,7,v,2,\n2000AB,1,m,1,\n1000AB,1,m,1,\n", true},
	    {HEAD "1000AB,1,m,1,\n1000AB,7,v,2,\n2000AB,1,m,1,\n", false},
	    {HEAD "1000AB,1,m,1,\n1000AB,7,v,2,\n2000AB,1,m,1,\n2000AB,1,m,2,\n2000AB,1,m,2,\n", false},
	    {HEAD "1001AB,1,m,1,\n1000AB,7,v,2,\n2000AB,1,m,1,\n2000AB,1,m,2,\n", false},
	    {HEAD "1000AB,1,m,1,\n1000AB,7,v,2,\n2000AB,1,m,1,\n2000AB,1,m,3,\n", false},
	    {HEAD "1000AB,1,m,1,\n1000AB,7,v,2,\n2000AB,1,m,1,\n2000AB,1,man,2,\n", false},
	    {HEAD "1000AB,1,m,1,\n1000AB,7,v,2,\n2000AB,1,m,2,\n2000AB,1,m,2,\n", false}};

	CHECK(policy_with("from: t.csv, quasi: [pc], k: 2, l: {d: 2}", false));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct report *report = report_new();
		struct record_sum sum;
		struct records *r = count("t.csv", was, strlen(was), report, &sum);
		struct scrub_run run;

		CHECK(r != NULL);
		CHECK_OK(show(&run, 0, r, cases[i].text, strlen(cases[i].text), 1));
		CHECK(record_sum_same(&sum, records_sum(r)) == cases[i].same);
		scrub_run_free(&run);
		records_free(r);
		report_free(report);
	}
}

/* A file that is held in its middle refuses the push; one that is held when it is opened, or another rule's, counts for nothing. */
static void
test_held(void)
{
	struct report *report = report_new();
	struct record_sum sum;
	struct records *r;

	CHECK(policy_with("from: t.csv, quasi: [pc], k: 2", false));
	CHECK(count("t.csv", HEAD "1000AB,1,m,1,\n1000AB,\"1,m,1,\n",
		  strlen(HEAD "1000AB,1,m,1,\n1000AB,\"1,m,1,\n"), report, &sum) == NULL);
	CHECK(
	    e.code == ERR_INPUT && strstr(e.text, "file 7") != NULL && strstr(e.text, "quote-open") != NULL);
	/* Nothing of it has passed. */
	r = count("t.csv", HEAD "1000,1,m,1,\n1000AB,\"1,m,1,\n",
	    strlen(HEAD "1000,1,m,1,\n1000AB,\"1,m,1,\n"), report, &sum);
	CHECK(r != NULL && sum.count == 0);
	records_free(r);
	r = count("t.csv", "pc,age\n1,2\n", 11, report, &sum);
	CHECK(r != NULL && sum.count == 0);
	records_free(r);
	r = count("other.csv", HEAD "1000AB,1,m,1,\n", strlen(HEAD "1000AB,1,m,1,\n"), report, &sum);
	CHECK(r != NULL && sum.count == 0);
	records_free(r);
	report_free(report);
}

static void
run_jsonl(const char *disclosure, const char *text, const char *want, const char *held)
{
	struct report *report = report_new();
	struct record_sum sum;
	struct scrub_run run;
	struct records *r;

	CHECK(policy_with(disclosure, false));
	r = count("t.jsonl", text, strlen(text), report, &sum);
	CHECK(r != NULL);
	for (unsigned n = 1; n <= THREADS && r != NULL; n += 2) {
		r->sum = (struct record_sum){.count = 0};
		CHECK_OK(show(&run, 1, r, text, strlen(text), n));
		CHECK(scrub_run_is(&run, want));
		CHECK(record_sum_same(&sum, records_sum(r)));
		CHECK(held == NULL || scrub_run_held(&run, held) == 1);
		scrub_run_free(&run);
	}
	records_free(r);
	report_free(report);
}

static void
test_jsonl(void)
{
	/* A number stays one, first characters become a text, and a blank one null; another spelling of the same value is one by what it says. */
	run_jsonl("from: t.jsonl, quasi: [$.a.pc, $.age], k: 2, below: {widen: {$.age: [10], $.a.pc: [2]}, "
		  "max: 100%}",
	    "{\"a\":{\"pc\":\"1011\"},\"age\":31,\"d\":\"x\",\"t\":\"Jan\"}\n"
	    "{ \"age\": 30, \"a\": {\"pc\": \"10\\u00311\"}, \"d\":\"y\"}\n"
	    "{\"a\":{\"pc\":1299},\"age\":\"51\"}\n{\"a\":{\"pc\":1298},\"age\":\"52\"}\n"
	    "{\"a\":{\"pc\":\"2000\"},\"age\":null}\n{\"a\":{\"pc\":\"3000\"},\"age\":4.5}\n",
	    "<x.jsonl>{\"a\":{\"pc\":\"1011\"},\"age\":30,\"d\":\"x\",\"t\":\"[PERSOON-1]\"}\n"
	    "{ \"age\": 30, \"a\": {\"pc\": \"1011\"}, \"d\":\"y\"}\n"
	    "{\"a\":{\"pc\":\"12\"},\"age\":\"50\"}\n{\"a\":{\"pc\":\"12\"},\"age\":\"50\"}\n"
	    "{\"a\":{\"pc\":null},\"age\":null}\n{\"a\":{\"pc\":null},\"age\":null}\n",
	    NULL);
	/* Who is in a group large enough leaves in one spelling, too: what tells a record apart is nobody's to keep. */
	run_jsonl("from: t.jsonl, quasi: [$.a.pc], k: 2",
	    "{\"a\":{\"pc\":\"1\\u00311\\u0031\"},\"d\":\"\\u0078\"}\n{\"a\":{\"pc\":\"1111\"},\"d\":\"x\"}"
	    "\n",
	    "<x.jsonl>{\"a\":{\"pc\":\"1111\"},\"d\":\"\\u0078\"}\n{\"a\":{\"pc\":\"1111\"},\"d\":\"x\"}\n",
	    NULL);
	run_jsonl("from: t.jsonl, quasi: [$.a.pc], k: 2, l: {$.d: 2}, below: {max: 100%}",
	    "{\"a\":{\"pc\":\"111\\u0031\"},\"d\":\"\\u0078\"}\n{\"a\":{\"pc\":\"1111\"},\"d\":\"y\"}\n",
	    "<x.jsonl>{\"a\":{\"pc\":\"1111\"},\"d\":\"x\"}\n{\"a\":{\"pc\":\"1111\"},\"d\":\"y\"}\n", NULL);
	/* A field that is not there would say by that who a record is about. */
	run_jsonl("from: t.jsonl, quasi: [$.a.pc], k: 2",
	    "{\"a\":{\"pc\":\"1011\"}}\n{\"a\":{\"pc\":\"1011\"}}\n{\"a\":{}}\n",
	    "<x.jsonl>{\"a\":{\"pc\":\"1011\"}}\n{\"a\":{\"pc\":\"1011\"}}\n", "record:quasi-missing");
	/* Twice: held, whatever is decided of it. */
	run_jsonl("from: t.jsonl, quasi: [$.a.pc], k: 2",
	    "{\"a\":{\"pc\":\"1011\"}}\n{\"a\":{\"pc\":\"1011\"}}\n{\"a\":{\"pc\":\"1011\",\"pc\":\"1011\"}}"
	    "\n",
	    "<x.jsonl>{\"a\":{\"pc\":\"1011\"}}\n{\"a\":{\"pc\":\"1011\"}}\n", "record:json-duplicate-key");
	run_jsonl("from: t.jsonl, quasi: [$.a.pc], k: 2, l: {$.d: 2}, below: {max: 100%}",
	    "{\"a\":{\"pc\":\"1011\"},\"d\":\"x\"}\n{\"a\":{\"pc\":\"1011\"},\"d\":\"y\"}\n"
	    "{\"a\":{\"pc\":\"1012\"},\"d\":\"x\"}\n{\"a\":{\"pc\":\"1012\"}}\n{\"a\":{\"pc\":\"1013\"},"
	    "\"d\":\"z\"}\n",
	    "<x.jsonl>{\"a\":{\"pc\":\"1011\"},\"d\":\"x\"}\n{\"a\":{\"pc\":\"1011\"},\"d\":\"y\"}\n"
	    "{\"a\":{\"pc\":null},\"d\":\"x\"}\n{\"a\":{\"pc\":null}}\n{\"a\":{\"pc\":null},\"d\":\"z\"}\n",
	    NULL);
}

/* What one set shows is half of it: k holds of both together, and each has what may be shown. */
static void
test_sets(void)
{
	static const char text[] =
	    "nr," HEAD ",1000AB,1,m,1,\n,1000AB,7,v,2,\n,2000AB,1,m,1,\n,2000AB,1,m,2,\n";
	static const char lines[] =
	    "{\"age\":1,\"a\":{\"pc\":\"1000\"}}\n{\"age\":2,\"a\":{\"pc\":\"1000\"}}\n"
	    "{\"age\":3,\"a\":{\"pc\":\"2000\"}}\n{\"age\":3,\"a\":{\"pc\":\"2000\"}}\n";
	struct report *report = report_new();
	struct scrub_run run;
	struct record_sum sum;
	struct records *r;

	CHECK(policy_with("from: t.csv, quasi: [pc, sex], k: 2, below: {max: 100%}", true));
	r = count("t.csv", text, strlen(text), report, &sum);
	CHECK(r != NULL);
	CHECK_OK(show(&run, 0, r, text, strlen(text), 1));
	CHECK(scrub_run_is(&run, "<x.csv>nr,pc,age,d,t\n,,0,1,\n,,5,2,\n,2000,0,1,\n,2000,0,2,\n"
				 "<x.csv>nr,sex\n,\n,\n,m\n,m\n"));
	CHECK(report_get(report, "disclosure", "set-1-smallest") == 2);
	CHECK(report_get(report, "disclosure", "set-2-smallest") == 2);
	CHECK(record_sum_same(&sum, records_sum(r)));
	scrub_run_free(&run);
	records_free(r);
	report_free(report);
	report = report_new();
	CHECK(policy_with("from: t.jsonl, quasi: [$.a.pc, $.age], k: 2, below: {max: 100%}", true));
	r = count("t.jsonl", lines, strlen(lines), report, &sum);
	CHECK(r != NULL);
	CHECK_OK(show(&run, 1, r, lines, strlen(lines), 1));
	CHECK(scrub_run_is(&run, "<x.jsonl>{\"a\":{\"pc\":null}}\n{\"a\":{\"pc\":null}}\n"
				 "{\"a\":{\"pc\":\"2000\"}}\n{\"a\":{\"pc\":\"2000\"}}\n"
				 "<x.jsonl>{\"age\":null}\n{\"age\":null}\n{\"age\":3}\n{\"age\":3}\n"));
	CHECK(record_sum_same(&sum, records_sum(r)));
	scrub_run_free(&run);
	records_free(r);
	report_free(report);
}

int
main(void)
{
	if (records_start() > 0)
		return check_done();
	test_property();
	test_edges();
	test_changed();
	test_held();
	test_jsonl();
	test_sets();
	return records_done();
}
