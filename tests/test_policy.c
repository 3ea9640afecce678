/* Policies: globs, and what a policy resolves to. */
#include <time.h>

#include "policy_yaml.h"
#include "stager/buf.h"

static void
test_glob(void)
{
	static const struct {
		const char *glob, *name;
		bool match;
	} cases[] = {
	    {"patients.csv", "patients.csv", true},
	    {"patients.csv", "a/patients.csv", false},
	    {"patients.csv", "Patients.csv", false},
	    {"*.csv", "patients.csv", true},
	    {"*.csv", ".csv", true},
	    {"*.csv", "a/patients.csv", false},
	    {"*.csv", "patients.csv.gz", false},
	    {"*", "a/b", false},
	    {"*/*", "a/b", true},
	    {"*/*", "a", false},
	    {"?", "a", true},
	    {"?", "", false},
	    {"?", "ab", false},
	    {"?", "\xc3\xa9", true},
	    {"??", "\xc3\xa9", false},
	    {"a?c", "a/c", false},
	    {"a*c", "a/c", false},
	    {"a*b*c", "aXbXbXc", true},
	    {"a*b*c", "aXbXbX", false},
	    {"**", "a", true},
	    {"**", "a/b/c", true},
	    {"**/Thumbs.db", "Thumbs.db", true},
	    {"**/Thumbs.db", "a/b/Thumbs.db", true},
	    {"**/Thumbs.db", "a/xThumbs.db", false},
	    {"**/Thumbs.db", "a/Thumbs.db/c", false},
	    {"dicom/**", "dicom/1.dcm", true},
	    {"dicom/**", "dicom/a/b/1.dcm", true},
	    {"dicom/**", "dicom", false},
	    {"dicom/**", "dicomx/1.dcm", false},
	    {"a/**/b", "a/b", true},
	    {"a/**/b", "a/x/b", true},
	    {"a/**/b", "a/x/y/b", true},
	    {"a/**/b", "a/x/y", false},
	    {"a/**/b", "b", false},
	    {"a/**/b/**/c", "a/b/b/x/c", true},
	    {"a/**/b/**/c", "a/x/c/b", false},
	    {"**/*.dcm", "x/y.dcm", true},
	    {"**/*.dcm", "x/y.dc", false},
	    {"**/a/**", "x/a", false},
	    {"**/a/**", "x/a/y", true},
	    {"**/**/a", "a", true},
	    {"x{a,b}", "x{a,b}", true},
	};
	char stars[512], name[4096];
	clock_t start = clock();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (policy_glob(cases[i].glob, cases[i].name) != cases[i].match) {
			fprintf(stderr, "%s %s\n", cases[i].glob, cases[i].name);
			CHECK(!"the glob matches as it should");
		}
	}
	/* What takes other matchers for ever: many stars, and a name that fails at its end. */
	for (size_t i = 0; i + 2 < sizeof(stars); i += 2)
		memcpy(stars + i, "*a", 2);
	stars[510] = '\0';
	memset(name, 'a', sizeof(name));
	name[4094] = 'b';
	name[4095] = '\0';
	CHECK(!policy_glob(stars, name));
	for (size_t i = 0; i + 5 < sizeof(stars); i += 5)
		memcpy(stars + i, "**/a/", 5);
	stars[504] = '\0';
	for (size_t i = 1; i < 4094; i += 2)
		name[i] = '/';
	CHECK(!policy_glob(stars, name));
	CHECK((double)(clock() - start) / CLOCKS_PER_SEC < 1.0);
}

/* The canonical text of what the YAML resolves to must have this in it. */
static void
gives(const char *text, const char *want)
{
	struct json *j = resolve(text), *again;
	struct policy *p;
	struct buf b;

	buf_init(&b, 1 << 20);
	CHECK(j != NULL);
	if (j == NULL) {
		fprintf(stderr, "%s\n%s\n", text, e.text);
		return;
	}
	CHECK_OK(json_encode(j, &b, &e));
	CHECK_OK(buf_put_u8(&b, 0, &e));
	if (strstr((char *)b.data, want) == NULL) {
		fprintf(stderr, "%s\nhas no %s\n", (char *)b.data, want);
		CHECK(!"it resolves to what it should");
	}
	again = json_parse_canonical(b.data, b.len - 1, "policy", &e);
	CHECK(again != NULL);
	p = policy_decode(again, &e);
	CHECK(p != NULL);
	policy_free(p);
	json_free(again);
	json_free(j);
	buf_free(&b);
}

static void
test_defaults(void)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s%s%s", head, files, sets);
	gives(text,
	    "{\"accept\":{\"files\":{\"count\":0},\"records\":{\"count\":0}},"
	    "\"dates\":{\"order\":[\"yyyy-MM-dd\",\"dd-MM-yyyy\"]},"
	    "\"files\":[{\"format\":\"text\",\"match\":\"*.txt\"}],\"name\":\"n\",\"policy\":1,\"project\":"
	    "\"p\","
	    "\"pseudonym\":{\"domain\":\"d\",\"key\":1},"
	    "\"sets\":{\"abroad\":{\"evidence\":\"none\",\"hold\":[\"NL\",\"FI\"],\"open\":[\"lumi\"],"
	    "\"results\":\"none\"}},"
	    "\"shards\":{\"names\":\"generated\",\"order\":\"source\",\"size\":536870912},"
	    "\"text\":{\"age\":\"tag\",\"bsn\":{\"context\":\"any\",\"do\":\"tag\"},\"date\":\"tag\","
	    "\"default\":"
	    "\"tag\",\"email\":\"tag\",\"extra\":[],\"id\":\"tag\",\"institution\":\"tag\",\"institutions\":["
	    "],"
	    "\"keep_words\":[],\"language\":[\"nl\"],\"location\":\"tag\",\"names\":[],\"person\":\"tag\","
	    "\"phone\":"
	    "\"tag\",\"places\":[],\"url\":\"tag\"}}");
}

/* Something between head and sets, and what it gives. */
static void
test_parts(void)
{
	static const struct {
		const char *yaml, *want;
	} cases[] = {
	    {"accept: {files: 3, records: 0.1%}\n",
		"\"accept\":{\"files\":{\"count\":3},\"records\":{\"ppm\":1000}}"},
	    {"accept: {files: 100%, records: 0.0001%}\n",
		"\"accept\":{\"files\":{\"ppm\":1000000},\"records\":{\"ppm\":1}}"},
	    {"accept: {files: 0, review: {letters: 50, scans: 20}}\n",
		"\"review\":{\"found\":0,\"letters\":50,\"scans\":20}}"},
	    {"accept: {review: {letters: 10000, found: 2}}\n",
		"\"review\":{\"found\":2,\"letters\":10000,\"scans\":0}}"},
	    {"shards: {size: 1MiB}\n", "\"size\":1048576"},
	    {"shards: {size: 5GiB, order: source, names: generated}\n", "\"size\":5368709120"},
	    {"shards: {size: 2048KiB}\n", "\"size\":2097152"},
	    {"dates: {order: [dd-MM-yyyy, MM-dd-yyyy]}\n", "\"order\":[\"dd-MM-yyyy\",\"MM-dd-yyyy\"]"},
	    {"text: {default: blank, bsn: {context: near}}\n",
		"\"bsn\":{\"context\":\"near\",\"do\":\"blank\"},\"date\":\"blank\",\"default\":\"blank\""},
	    {"text: {id: blank}\n", "\"bsn\":{\"context\":\"any\",\"do\":\"blank\"},\"date\":\"tag\""},
	    {"text: {id: blank, bsn: {do: tag}, date: keep, age: {cap: 90}, location: blank}\n",
		"\"text\":{\"age\":{\"cap\":90},\"bsn\":{\"context\":\"any\",\"do\":\"tag\"},\"date\":"
		"\"keep\""},
	    {"text: {language: [en, nl]}\n", "\"language\":[\"en\",\"nl\"]"},
	    {"text: {keep_words: [Best, Van der Hoeve], names: [O'Neill], places: ['''t Harde', Sint-Jan], "
	     "institutions: "
	     "[St. Anna]}\n",
		"\"names\":[\"O'Neill\"]"},
	    {"text: {extra: [{kind: zis, pattern: 'Z[0-9]{7}'}]}\n",
		"\"extra\":[{\"kind\":\"zis\",\"pattern\":\"Z[0-9]{7}\"}]"},
	    {"\xef\xbb\xbf", "\"policy\":1"},
	};
	char text[2048];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool bom = cases[i].yaml[0] == '\xef';

		snprintf(text, sizeof(text), "%s%s%s%s%s", bom ? cases[i].yaml : "", head,
		    bom ? "" : cases[i].yaml, files, sets);
		gives(text, cases[i].want);
	}
}

static void
test_rules(void)
{
	static const struct {
		const char *yaml, *want;
	} cases[] = {
	    {"{match: a.csv, format: csv, columns: {NO: drop, x: blank}}",
		"{\"columns\":[{\"action\":{\"do\":\"drop\"},\"name\":\"NO\"},{\"action\":{\"do\":\"blank\"},"
		"\"name\":\"x\"}],\"csv\":{\"decimal\":\".\",\"delimiter\":\",\",\"missing\":[\"\"]},"
		"\"format\":\"csv\",\"match\":\"a.csv\",\"subject\":null}"},
	    {"{match: a.csv, format: csv, csv: {delimiter: ';', decimal: ',', missing: ['', NA, '-9']}, "
	     "subject: x, "
	     "columns: {x: pseudonym}}",
		"\"csv\":{\"decimal\":\",\",\"delimiter\":\";\",\"missing\":[\"\",\"NA\",\"-9\"]},\"format\":"
		"\"csv\","
		"\"match\":\"a.csv\",\"subject\":\"x\""},
	    {"{match: a.tsv, format: tsv, columns: {x: year}}",
		"\"delimiter\":\"\\t\",\"missing\":[\"\"]},\"format\":\"csv\""},
	    {"{match: a.csv, format: csv, columns: {x: {keep: code, pattern: '[A-Z]'}}}",
		"{\"keep\":\"code\",\"pattern\":\"[A-Z]\"}"},
	    {"{match: a.csv, format: csv, columns: {x: {keep: number}}}",
		"{\"keep\":\"number\",\"range\":null}"},
	    {"{match: a.csv, format: csv, columns: {x: {keep: number, range: [-1.5, 10]}}}",
		"{\"keep\":\"number\",\"range\":[\"-1.5\",\"10\"]}"},
	    {"{match: a.csv, format: csv, columns: {x: {keep: enum, values: [NO, yes, 1]}}}",
		"{\"keep\":\"enum\",\"values\":[\"NO\",\"yes\",\"1\"]}"},
	    {"{match: a.csv, format: csv, columns: {x: {first: 4, pattern: '[0-9]{4}[A-Z]{2}'}, y: {first: "
	     "64}}}",
		"{\"first\":4,\"pattern\":\"[0-9]{4}[A-Z]{2}\"},\"name\":\"x\"},{\"action\":{\"first\":64,"
		"\"pattern\":null},\"name\":\"y\"}"},
	    {"{match: a.csv, format: csv, columns: {x: {do: text}}}", "{\"do\":\"text\"}"},
	    {"{match: a.csv, format: csv, columns: {'na\xc3\xafve name': drop}}", "\"na\xc3\xafve name\""},
	    {"{match: a.jsonl, format: jsonl, fields: {$.a.b: text, '$.l[*].n': drop, '$.o.*': blank}, "
	     "subject: $.a.b}",
		"\"sample\":\"record\",\"subject\":\"$.a.b\""},
	    {"{match: a.jsonl, format: jsonl, fields: {$.a: text}, sample: file}", "\"sample\":\"file\""},
	    {"{match: a, format: fixed, fixed: {a: [1, 7], b: [9, 2]}, columns: {a: drop, b: text}}",
		"\"fixed\":[{\"at\":1,\"width\":7},{\"at\":9,\"width\":2}]"},
	    {"{match: a.json, format: json, fields: {'$[*].a': text}}", "\"format\":\"json\""},
	    {"{match: 'd/**', format: dicom}", "{\"burned_in\":\"hold\",\"format\":\"dicom\",\"match\":\"d/"
					       "**\",\"modality\":[],\"sample\":\"file\","
					       "\"subject\":null,\"tags\":[]}"},
	    {"{match: 'd/**', format: dicom, subject: PatientID, sample: file, modality: [CT, MR], "
	     "burned_in: keep, "
	     "tags: {'(0018,0060)': keep, PatientAge: drop, '(0010,2160)': blank}}",
		"\"modality\":[\"CT\",\"MR\"],\"sample\":\"file\",\"subject\":\"PatientID\","
		"\"tags\":[{\"do\":\"drop\",\"tag\":\"(0010,1010)\"},{\"do\":\"blank\",\"tag\":\"(0010,2160)"
		"\"},"
		"{\"do\":\"keep\",\"tag\":\"(0018,0060)\"}]"},
	    {"{match: 'd/**', format: dicom, tags: {PatientName: drop, PatientID: blank, StudyDescription: "
	     "keep, '(6000,3000)': drop}}",
		"\"tags\":[{\"do\":\"keep\",\"tag\":\"(0008,1030)\"},{\"do\":\"drop\",\"tag\":\"(0010,0010)"
		"\"},"
		"{\"do\":\"blank\",\"tag\":\"(0010,0020)\"},{\"do\":\"drop\",\"tag\":\"(6000,3000)\"}]"},
	    {"{match: a, format: opaque, ext: nii}",
		"{\"ext\":\"nii\",\"format\":\"opaque\",\"match\":\"a\"}"},
	    {"{match: a, format: drop}", "{\"format\":\"drop\",\"match\":\"a\"}"},
	};
	char text[2048];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "%sfiles:\n  - %s\n%s", head, cases[i].yaml, sets);
		gives(text, cases[i].want);
	}
}

int
main(void)
{
	test_glob();
	test_defaults();
	test_parts();
	test_rules();
	return check_done();
}
