/* Policies: globs, what is refused and in which line, what a policy resolves to, and its reading back. */
#include <stdlib.h>
#include <time.h>

#include "check.h"
#include "stager/buf.h"
#include "stager/json.h"
#include "stager/pattern.h"
#include "stager/policy.h"

static struct err e;

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

static const char head[] = "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n";
static const char sets[] = "sets: {abroad: {hold: [NL, FI], open: [lumi]}}\n";
static const char files[] = "files:\n  - {match: '*.txt', format: text}\n";

static struct json *
resolve(const char *text)
{
	return policy_from_yaml(text, strlen(text), &e);
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
	    "\"text\":{\"bsn\":{\"context\":\"any\",\"do\":\"tag\"},\"default\":\"tag\",\"extra\":[],"
	    "\"language\":[\"nl\"]}}");
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
	    {"shards: {size: 1MiB}\n", "\"size\":1048576"},
	    {"shards: {size: 5GiB, order: source, names: generated}\n", "\"size\":5368709120"},
	    {"shards: {size: 2048KiB}\n", "\"size\":2097152"},
	    {"dates: {order: [dd-MM-yyyy, MM-dd-yyyy]}\n", "\"order\":[\"dd-MM-yyyy\",\"MM-dd-yyyy\"]"},
	    {"text: {default: blank, bsn: {context: near}}\n",
		"\"text\":{\"bsn\":{\"context\":\"near\",\"do\":\"blank\"},\"default\":\"blank\""},
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

/* The YAML must be refused, in that line, with that in the text. */
static void
refused(const char *yaml, size_t len, unsigned line, const char *why)
{
	char want[32];

	e = (struct err){0};
	CHECK(policy_from_yaml(yaml, len, &e) == NULL);
	CHECK(e.code == ERR_INPUT);
	snprintf(want, sizeof(want), "line %u: ", line);
	if (strncmp(e.text, want, strlen(want)) != 0 || strstr(e.text, why) == NULL) {
		fprintf(
		    stderr, "%.*s\nwanted line %u and '%s', got: %s\n", (int)len, yaml, line, why, e.text);
		CHECK(!"it is refused in the right line for the right reason");
	}
}

static void
test_refused_whole(void)
{
	static const struct {
		const char *yaml;
		unsigned line;
		const char *why;
	} cases[] = {
	    {"", 1, "empty"},
	    {"# only a comment\n", 2, "empty"},
	    {"- a\n", 1, "not a mapping"},
	    {"text\n", 1, "not a mapping"},
	    {"policy: 1\nname: &x n\n", 2, "anchors"},
	    {"policy: 1\nname: *x\n", 2, "aliases"},
	    {"policy: 1\nfiles: &x [a]\n", 2, "anchors"},
	    {"policy: 1\nfiles: &x {a: b}\n", 2, "anchors"},
	    {"policy: 1\nname: !!str n\n", 2, "tags"},
	    {"policy: 1\nname: ! n\n", 2, "tags"},
	    {"policy: 1\nfiles: !x [a]\n", 2, "tags"},
	    {"policy: 1\nname: a\nproject: b\nname: c\n", 4, "`name` stands twice, first in line 2"},
	    {"policy: 1\n---\npolicy: 1\n", 2, "second document"},
	    {"%YAML 1.1\n---\npolicy: 1\n", 1, "directives"},
	    {"%TAG !x! tag:x,2000:\n---\npolicy: 1\n", 1, "directives"},
	    {"policy: 1\n{a: b}: c\n", 2, ""},
	    {"policy: 1\n? [a, b]\n: c\n", 2, "key"},
	    {"policy: 1\nname: \"a\\0b\"\n", 2, "NUL"},
	    {"policy: 1\nname: 'open\n", 3, "end of stream"},
	    {"policy: 1\n\tname: n\n", 2, "found a tab"},
	    {"policy: 1\nfoo: n\n", 2, "unknown key `foo` in the policy"},
	    {"policy: 1\n<<: {name: n}\n", 2, "unknown key `<<`"},
	    {"policy: 1\nsubject: {from: x}\n", 2, "`subject` is not done by this version"},
	    {"policy: 1\nname: n\ndisclosure: {k: 10}\n", 3, "`disclosure` is not done by this version"},
	    {"name: n\n", 1, "`policy` is missing"},
	    {"policy: 2\n", 1, "not 1"},
	    {"policy: [1]\n", 1, "not a single value"},
	    {"policy: 1\n", 1, "`name` is missing"},
	    {"policy: 1\nname: N\n", 2, "not a name"},
	    {"policy: 1\nname: a..b\n", 2, "not a name"},
	    {"policy: 1\nname: .a\n", 2, "not a name"},
	    {"policy: 1\nname: ''\n", 2, "not a name"},
	    {"policy: 1\nname: a/b\n", 2, "not a name"},
	    {"policy: 1\nname: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", 2,
		"not a name"},
	    {"policy: 1\nname: n\n", 1, "`project` is missing"},
	    {"policy: 1\nname: n\nproject: p\n", 1, "`pseudonym` is missing"},
	    {"policy: 1\nname: n\nproject: p\npseudonym: {key: 1}\n", 4, "`domain` is missing"},
	    {"policy: 1\nname: n\nproject: p\npseudonym: {domain: d, key: 0}\n", 4, "generation"},
	    {"policy: 1\nname: n\nproject: p\npseudonym: {domain: d, key: 01}\n", 4, "generation"},
	    {"policy: 1\nname: n\nproject: p\npseudonym: {domain: d, kay: 1}\n", 4, "unknown key `kay`"},
	    {"policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n", 1, "`files` is missing"},
	};
	char deep[200];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refused(cases[i].yaml, strlen(cases[i].yaml), cases[i].line, cases[i].why);
	refused("policy: \xff\n", 10, 1, "UTF-8");
	refused("p\0olicy: 1\n", 11, 1, "control characters");
	memset(deep, '[', sizeof(deep));
	refused(deep, sizeof(deep), 1, "too deep");
}

/* Lines 5 and on of an otherwise good policy. */
static void
test_refused_parts(void)
{
	static const struct {
		const char *yaml, *why;
	} cases[] = {
	    {"dates: {shift: {step: 7}}", "`shift` is not done"},
	    {"dates: {order: []}", "empty"},
	    {"dates: {order: [yy-MM-dd]}", "`yy-MM-dd` in `order`"},
	    {"dates: {order: [dd-MM-yyyy, dd-MM-yyyy]}", "twice"},
	    {"dates: {order: dd-MM-yyyy}", "not a list"},
	    {"dates: {foo: 1}", "unknown key `foo` in `dates`"},
	    {"text: {date: shift}", "`date` is not done"},
	    {"text: {age: {attribute: age}}", "`age` is not done"},
	    {"text: {keep_words: [x]}", "`keep_words` is not done"},
	    {"text: {language: [en]}", "`en` is not done"},
	    {"text: {language: [xx]}", "`xx`"},
	    {"text: {default: keep}", "`keep` is not a value"},
	    {"text: {default: pseudonym}", "`default: pseudonym` is not done"},
	    {"text: {bsn: {context: far}}", "`far` is not a value"},
	    {"text: {bsn: {do: blank}}", "not done by this version"},
	    {"text: {bsn: {foo: blank}}", "unknown key `foo` in `bsn`"},
	    {"text: {extra: [{kind: zis}]}", "`pattern` is missing"},
	    {"text: {extra: [{pattern: a}]}", "`kind` is missing"},
	    {"text: {extra: [{kind: bsn, pattern: a}]}", "`kind`"},
	    {"text: {extra: [{kind: Z, pattern: a}]}", "`kind`"},
	    {"text: {extra: [{kind: z, pattern: 'a('}]}", "pattern: the group is not closed, at character 3"},
	    {"text: {extra: [{kind: z, pattern: 'a*'}]}", "empty value"},
	    {"accept: {review: {letters: 50}}", "`review` is not done"},
	    {"accept: {files: -1}", "neither"},
	    {"accept: {files: 1.5}", "neither"},
	    {"accept: {files: 101%}", "neither"},
	    {"accept: {files: 100.0001%}", "neither"},
	    {"accept: {files: 0.00001%}", "neither"},
	    {"accept: {files: 1.%}", "neither"},
	    {"accept: {files: .1%}", "neither"},
	    {"accept: {files: 1%%}", "neither"},
	    {"accept: {files: '%'}", "neither"},
	    {"accept: {files: [1]}", "not a single value"},
	    {"accept: {other: 1}", "unknown key `other` in `accept`"},
	    {"shards: {order: shuffled}", "`order: shuffled` is not done"},
	    {"shards: {names: keep}", "`names: keep` is not done"},
	    {"shards: {size: 1023KiB}", "between"},
	    {"shards: {size: 6GiB}", "between"},
	    {"shards: {size: 5368709121}", "between"},
	    {"shards: {size: 99999999999999999999GiB}", "size"},
	    {"shards: {size: 512MB}", "unit"},
	    {"shards: {size: MiB}", "not a size"},
	    {"shards: {sise: 1MiB}", "unknown key `sise` in `shards`"},
	};
	char text[2048];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "%s%s\n%s%s", head, cases[i].yaml, files, sets);
		refused(text, strlen(text), 5, cases[i].why);
	}
}

static void
test_refused_sets(void)
{
	static const struct {
		const char *yaml, *why;
	} cases[] = {
	    {"sets: {}", "no set"},
	    {"sets: []", "no set"},
	    {"sets: {a: {hold: [NL], open: [x]}, b: {hold: [NL], open: [x]}}",
		"more than one set is not done"},
	    {"sets: {A: {hold: [NL], open: [x]}}", "name"},
	    {"sets: {a: {open: [x]}}", "`hold` is missing"},
	    {"sets: {a: {hold: [NL]}}", "`open` is missing"},
	    {"sets: {a: {hold: [], open: [x]}}", "empty"},
	    {"sets: {a: {hold: [UK], open: [x]}}", "`UK` in `hold` is not an ISO 3166"},
	    {"sets: {a: {hold: [nl], open: [x]}}", "`nl`"},
	    {"sets: {a: {hold: ['D ', DE], open: [x]}}", "`D `"},
	    {"sets: {a: {hold: [NL, NL], open: [x]}}", "twice"},
	    {"sets: {a: {hold: [NL], open: [LUMI]}}", "`LUMI`"},
	    {"sets: {a: {hold: [NL], open: [x], evidence: tpm}}", "`tpm`"},
	    {"sets: {a: {hold: [NL], open: [x], results: open}}", "`open`"},
	    {"sets: {a: {hold: [NL], open: [x], rezults: none}}", "unknown key `rezults` in a set"},
	};
	char text[2048];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "%s%s%s\n", head, files, cases[i].yaml);
		refused(text, strlen(text), 7, cases[i].why);
	}
	snprintf(text, sizeof(text), "%s%s", head, files);
	refused(text, strlen(text), 1, "`sets` is missing");
}

static void
test_refused_rules(void)
{
	static const struct {
		const char *yaml, *why;
	} cases[] = {
	    {"{match: a}", "`format` is missing"},
	    {"{format: text}", "`match` is missing"},
	    {"{match: a, format: pdf}", "unknown format `pdf`"},
	    {"{match: a, format: text, foo: 1}", "unknown key `foo` in `files`"},
	    {"{match: a, format: text, columns: {x: drop}}", "`columns` does not go with format text"},
	    {"{match: a, format: text, subject: x}", "`subject` does not go"},
	    {"{match: a, format: drop, ext: x}", "`ext` does not go"},
	    {"{match: a, format: dicom, face: hold}", "`face` is not done"},
	    {"{match: a, format: dicom, options: [x]}", "`options` is not done"},
	    {"{match: a, format: dicom, sample: series}", "`sample: series` is not done"},
	    {"{match: a, format: jsonl, sample: series, fields: {$.a: drop}}",
		"`sample: series` is not done"},
	    {"{match: a, format: dicom, sample: record}", "`record`"},
	    {"{match: /a, format: text}", "empty part"},
	    {"{match: a//b, format: text}", "empty part"},
	    {"{match: a/, format: text}", "empty part"},
	    {"{match: '', format: text}", "empty"},
	    {"{match: ../a, format: text}", ".."},
	    {"{match: ./a, format: text}", ". or .."},
	    {"{match: 'a[bc]', format: text}", "not done"},
	    {"{match: 'a**', format: text}", "**"},
	    {"{match: '***', format: text}", "**"},
	    {"{match: a, format: csv}", "`columns` is missing"},
	    {"{match: a, format: csv, columns: {}}", "not a mapping"},
	    {"{match: a, format: csv, columns: [x]}", "not a mapping"},
	    {"{match: a, format: csv, columns: {x: drop, x: drop}}", "`x` stands twice"},
	    {"{match: a, format: csv, columns: {'': drop}}", "column's name"},
	    {"{match: a, format: csv, columns: {x: keep}}", "`keep` wants a type"},
	    {"{match: a, format: csv, columns: {x: {do: keep}}}", "`keep` wants a type"},
	    {"{match: a, format: csv, columns: {x: shift}}", "`shift` is not done"},
	    {"{match: a, format: csv, columns: {x: {attribute: age}}}", "`attribute` is not done"},
	    {"{match: a, format: csv, columns: {x: {do: text, set: domestic}}}", "`set` is not done"},
	    {"{match: a, format: csv, columns: {x: hash}}", "unknown action `hash`"},
	    {"{match: a, format: csv, columns: {x: [drop]}}", "not a mapping"},
	    {"{match: a, format: csv, columns: {x: {}}}", "one of"},
	    {"{match: a, format: csv, columns: {x: {pattern: a}}}", "one of"},
	    {"{match: a, format: csv, columns: {x: {keep: code, do: drop}}}", "one of"},
	    {"{match: a, format: csv, columns: {x: {do: drop, pattern: a}}}", "nothing beside"},
	    {"{match: a, format: csv, columns: {x: {keep: code}}}", "wants a `pattern`"},
	    {"{match: a, format: csv, columns: {x: {keep: code, pattern: '[', range: [1, 2]}}}", "alone"},
	    {"{match: a, format: csv, columns: {x: {keep: code, pattern: '['}}}", "class is not closed"},
	    {"{match: a, format: csv, columns: {x: {keep: number, pattern: a}}}", "alone"},
	    {"{match: a, format: csv, columns: {x: {keep: number, range: [2, 1]}}}", "range"},
	    {"{match: a, format: csv, columns: {x: {keep: number, range: [1]}}}", "range"},
	    {"{match: a, format: csv, columns: {x: {keep: number, range: [1, x]}}}", "range"},
	    {"{match: a, format: csv, columns: {x: {keep: number, range: [1, 1e5]}}}", "range"},
	    {"{match: a, format: csv, columns: {x: {keep: number, range: [nan, 2]}}}", "range"},
	    {"{match: a, format: csv, columns: {x: {keep: enum}}}", "wants `values`"},
	    {"{match: a, format: csv, columns: {x: {keep: enum, values: []}}}", "empty"},
	    {"{match: a, format: csv, columns: {x: {keep: enum, values: [a], pattern: b}}}", "alone"},
	    {"{match: a, format: csv, columns: {x: {keep: all}}}", "`keep` is not code"},
	    {"{match: a, format: csv, columns: {x: {first: 0}}}", "first"},
	    {"{match: a, format: csv, columns: {x: {first: 65}}}", "first"},
	    {"{match: a, format: csv, columns: {x: {first: 1, range: [1, 2]}}}", "alone"},
	    {"{match: a, format: csv, columns: {x: {foo: 1}}}", "unknown key `foo` in an action"},
	    {"{match: a, format: csv, columns: {x: drop}, subject: y}", "not among"},
	    {"{match: a, format: csv, columns: {x: drop}, csv: {delimiter: ';;'}}", "delimiter"},
	    {"{match: a, format: csv, columns: {x: drop}, csv: {delimiter: '\"'}}", "delimiter"},
	    {"{match: a, format: csv, columns: {x: drop}, csv: {decimal: x}}", "decimal"},
	    {"{match: a, format: csv, columns: {x: drop}, csv: {quote: x}}", "unknown key `quote` in `csv`"},
	    {"{match: a, format: csv, columns: {x: drop}, csv: {missing: NA}}", "not a list"},
	    {"{match: a, format: tsv, columns: {x: drop}, csv: {delimiter: ','}}", "tab"},
	    {"{match: a, format: jsonl}", "`fields` is missing"},
	    {"{match: a, format: jsonl, fields: {a: drop}}", "path"},
	    {"{match: a, format: jsonl, fields: {$: drop}}", "path"},
	    {"{match: a, format: jsonl, fields: {$.: drop}}", "path"},
	    {"{match: a, format: jsonl, fields: {$..a: drop}}", "path"},
	    {"{match: a, format: jsonl, fields: {'$.a[0]': drop}}", "path"},
	    {"{match: a, format: jsonl, fields: {$.a: drop}, subject: '$.*'}", "wildcards"},
	    {"{match: a, format: dicom, subject: StudyID}", "only be PatientID"},
	    {"{match: a, format: dicom, modality: []}", "empty"},
	    {"{match: a, format: dicom, modality: [ct]}", "`ct`"},
	    {"{match: a, format: dicom, burned_in: maybe}", "`maybe`"},
	    {"{match: a, format: dicom, tags: {NoSuchThing: keep}}", "`NoSuchThing` is neither"},
	    {"{match: a, format: dicom, tags: {'(0018,006)': keep}}", "neither"},
	    {"{match: a, format: dicom, tags: {PatientAge: {attribute: age}}}", "`attribute` is not done"},
	    {"{match: a, format: dicom, tags: {StudyDate: shift}}", "`shift` is not done"},
	    {"{match: a, format: dicom, tags: {PatientAge: text}}", "not keep, drop or blank"},
	    {"{match: a, format: dicom, tags: {'(0009,1001)': keep}}", "private"},
	    {"{match: a, format: dicom, tags: {'(0002,0010)': keep}}", "frame"},
	    {"{match: a, format: dicom, tags: {PatientName: keep}}", "`PatientName` identifies people"},
	    {"{match: a, format: dicom, tags: {'(0010,0010)': keep}}", "`(0010,0010)` identifies people"},
	    {"{match: a, format: dicom, tags: {PatientID: keep}}", "`subject: PatientID`"},
	    {"{match: a, format: dicom, tags: {PatientBirthDate: keep}}", "identifies people"},
	    {"{match: a, format: dicom, tags: {OtherPatientIDsSequence: keep}}", "identifies people"},
	    {"{match: a, format: dicom, tags: {OperatorsName: keep}}", "identifies people"},
	    {"{match: a, format: dicom, tags: {ContentCreatorName: keep}}", "identifies people"},
	    {"{match: a, format: dicom, tags: {InstitutionName: keep}}", "identifies people"},
	    {"{match: a, format: dicom, tags: {AccessionNumber: keep}}", "identifies people"},
	    {"{match: a, format: dicom, tags: {'(6002,3000)': keep}}", "overlay"},
	    {"{match: a, format: dicom, tags: {'(5000,3000)': keep}}", "curve"},
	    {"{match: a, format: dicom, tags: {PatientAge: keep, '(0010,1010)': drop}}", "twice"},
	    {"{match: a, format: opaque}", "`ext` is missing"},
	    {"{match: a, format: opaque, ext: .nii}", "`ext`"},
	    {"{match: a, format: opaque, ext: NII}", "`ext`"},
	};
	char text[2048];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "%sfiles:\n  - %s\n%s", head, cases[i].yaml, sets);
		refused(text, strlen(text), 6, cases[i].why);
	}
	snprintf(text, sizeof(text), "%sfiles: []\n%s", head, sets);
	refused(text, strlen(text), 5, "empty");
	snprintf(text, sizeof(text),
	    "%sfiles:\n  - match: a\n    format: csv\n    columns:\n      a: drop\n      b: hash\n%s", head,
	    sets);
	refused(text, strlen(text), 10, "unknown action `hash`");
}

static void
test_sizes(void)
{
	size_t len = (1u << 20) + 1;
	char *text = malloc(len), *at;

	memset(text, '#', len);
	refused(text, len, 1, "1 MiB");
	refused(text, len - 1, 2, "empty");
	memcpy(text, "name: ", 6);
	memset(text + 6, 'a', 4097);
	refused(text, 6 + 4097, 1, "4096");
	at = text;
	*at++ = '[';
	while (at + 2 < text + (1u << 20)) {
		*at++ = 'a';
		*at++ = ',';
	}
	*at++ = ']';
	refused(text, (size_t)(at - text), 1, "100000");
	free(text);
}

static const char whole[] =
    "policy: 1\n"
    "name: ct\n"
    "project: ct-2027\n"
    "pseudonym: {domain: research, key: 3}\n"
    "dates: {order: [dd-MM-yyyy, MM-dd-yyyy, yyyy-MM-dd]}\n"
    "text: {language: [nl], default: tag, bsn: {do: tag, context: near}, extra: [{kind: zis, pattern: "
    "'Z[0-9]{7}'}]}\n"
    "files:\n"
    "  - match: patients.csv\n"
    "    format: csv\n"
    "    csv: {delimiter: ';', decimal: ',', missing: ['', NA, '-9']}\n"
    "    subject: nr\n"
    "    columns:\n"
    "      nr: pseudonym\n"
    "      icd10: {keep: code, pattern: '[A-Z][0-9]{2}'}\n"
    "      crp: {keep: number, range: [0, 1000]}\n"
    "      sex: {keep: enum, values: [M, V]}\n"
    "      pc: {first: 4, pattern: '[0-9]{4} ?[A-Z]{2}'}\n"
    "      day: year\n"
    "      note: text\n"
    "      bsn: drop\n"
    "      street: blank\n"
    "  - {match: letters.jsonl, format: jsonl, subject: $.nr, sample: file, fields: {$.nr: pseudonym, $.t: "
    "text}}\n"
    "  - {match: 'dicom/**', format: dicom, subject: PatientID, modality: [CT], tags: {PatientSex: keep, "
    "'(0018,0060)': drop}}\n"
    "  - {match: '**/Thumbs.db', format: drop}\n"
    "  - {match: '*.nii', format: opaque, ext: nii}\n"
    "  - {match: 'n/*.txt', format: text}\n"
    "  - {match: 'patients.*', format: drop}\n"
    "accept: {files: 1%, records: 5}\n"
    "sets: {abroad: {hold: [NL, FI, 'NO'], open: [lumi], evidence: none, results: sealed}}\n"
    "shards: {size: 64MiB}\n";

static void
test_decode(void)
{
	struct json *j = resolve(whole);
	struct policy *p = j == NULL ? NULL : policy_decode(j, &e);
	const struct rule *r;
	bool several;

	CHECK(p != NULL);
	if (p == NULL) {
		fprintf(stderr, "%s\n", e.text);
		return;
	}
	CHECK(strcmp(p->name, "ct") == 0 && strcmp(p->project, "ct-2027") == 0 &&
	      strcmp(p->domain, "research") == 0);
	CHECK(p->generation == 3 && p->rule_count == 7);
	CHECK(p->date_order_count == 3 && p->date_orders[0] == DATE_DMY && p->date_orders[1] == DATE_MDY &&
	      p->date_orders[2] == DATE_YMD);
	CHECK(p->text.action == TEXT_TAG && !p->text.bsn_any && p->text.extra_count == 1);
	CHECK(strcmp(p->text.extra[0].kind, "zis") == 0 &&
	      pattern_match(p->text.extra[0].pattern, "Z1234567", 8));
	r = &p->rules[0];
	CHECK(r->format == FORMAT_CSV && r->delimiter == ';' && r->decimal == ',' && r->missing_count == 3);
	CHECK(strcmp(r->missing[0], "") == 0 && strcmp(r->missing[1], "NA") == 0 &&
	      strcmp(r->missing[2], "-9") == 0);
	CHECK(strcmp(r->subject, "nr") == 0 && r->field_count == 9);
	CHECK(r->fields[0].action.kind == ACTION_PSEUDONYM && strcmp(r->fields[0].name, "nr") == 0);
	CHECK(r->fields[1].action.kind == ACTION_KEEP_CODE &&
	      pattern_match(r->fields[1].action.pattern, "I10", 3));
	CHECK(r->fields[2].action.kind == ACTION_KEEP_NUMBER && r->fields[2].action.has_range &&
	      r->fields[2].action.min == 0.0 && r->fields[2].action.max == 1000.0);
	CHECK(r->fields[3].action.kind == ACTION_KEEP_ENUM && r->fields[3].action.value_count == 2 &&
	      strcmp(r->fields[3].action.values[1], "V") == 0);
	CHECK(r->fields[4].action.kind == ACTION_FIRST && r->fields[4].action.first == 4 &&
	      pattern_match(r->fields[4].action.pattern, "1234 AB", 7));
	CHECK(r->fields[5].action.kind == ACTION_YEAR && r->fields[6].action.kind == ACTION_TEXT &&
	      r->fields[7].action.kind == ACTION_DROP && r->fields[8].action.kind == ACTION_BLANK);
	r = &p->rules[1];
	CHECK(r->format == FORMAT_JSONL && !r->sample_record && strcmp(r->subject, "$.nr") == 0 &&
	      r->field_count == 2);
	r = &p->rules[2];
	CHECK(r->format == FORMAT_DICOM && r->modality_count == 1 && strcmp(r->modalities[0], "CT") == 0 &&
	      r->burned_in_hold && r->tag_count == 2);
	CHECK(r->tags[0].group == 0x0010 && r->tags[0].element == 0x0040 &&
	      r->tags[0].kind == ACTION_KEEP_CODE);
	CHECK(r->tags[1].group == 0x0018 && r->tags[1].element == 0x0060 && r->tags[1].kind == ACTION_DROP);
	CHECK(p->rules[3].format == FORMAT_DROP && p->rules[5].format == FORMAT_TEXT);
	CHECK(p->rules[4].format == FORMAT_OPAQUE && strcmp(p->rules[4].ext, "nii") == 0);

	CHECK(policy_rule(p, "dicom/a/b.dcm", &several) == &p->rules[2] && !several);
	CHECK(policy_rule(p, "letters.jsonl", &several) == &p->rules[1] && !several);
	CHECK(policy_rule(p, "nothing", &several) == NULL && !several);
	CHECK(policy_rule(p, "patients.csv", &several) == NULL && several);
	CHECK(policy_rule(p, "dicom/Thumbs.db", &several) == NULL && several);
	policy_free(p);
	policy_free(NULL);
	json_free(j);
}

/* Under these keys any text may stand: values, a column's name, a pattern, a glob. */
static bool
any_text(const char *name)
{
	static const char *const names[] = {"values", "missing", "name", "pattern", "match"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Walk over the tree; at every place in turn put something that cannot stand there. */
static size_t
damage(struct json *root, struct json *at, const char *key)
{
	size_t refusals = 0;

	for (size_t i = 0; i < at->count; i++) {
		struct json *item = at->items[i], *wrong[4];
		struct policy *p;

		wrong[0] = item->type == JSON_BOOL ? json_int(1) : json_bool(true);
		wrong[1] = item->type == JSON_STRING ? json_int(1) : json_string("\001 no such thing");
		wrong[2] = json_object();
		json_set_int(wrong[2], "x", 1);
		wrong[3] = json_array();
		json_push(wrong[3], json_null());
		for (size_t k = 0; k < 4; k++) {
			const char *name = at->type == JSON_OBJECT ? at->keys[i] : key;
			/* Any text may be a value, a column's name, or a value for missing. */

			at->items[i] = wrong[k];
			p = policy_decode(root, &e);
			if (p == NULL) {
				refusals++;
			} else if (k != 1 || !any_text(name)) {
				fprintf(stderr, "%s takes wrong value %zu\n", name, k);
				CHECK(!"a wrong value is refused");
			}
			policy_free(p);
			at->items[i] = item;
			json_free(wrong[k]);
		}
		if (at->type == JSON_OBJECT) {
			char *name = at->keys[i], renamed[] = "renamed";

			at->keys[i] = renamed;
			p = policy_decode(root, &e);
			/* A set's name is the policy's own. */
			CHECK(p == NULL || strcmp(name, "abroad") == 0);
			policy_free(p);
			at->keys[i] = name;
		}
		if (item->type == JSON_OBJECT || item->type == JSON_ARRAY)
			refusals += damage(root, item, at->type == JSON_OBJECT ? at->keys[i] : key);
		if (item->type == JSON_OBJECT) {
			json_set_int(item, "extra-key", 1);
			CHECK(policy_decode(root, &e) == NULL);
			item->count--;
			free(item->keys[item->count]);
			json_free(item->items[item->count]);
		}
	}
	return refusals;
}

static void
test_decode_damage(void)
{
	struct json *j = resolve(whole);
	struct policy *p;

	CHECK(j != NULL);
	if (j == NULL)
		return;
	CHECK(damage(j, j, "") > 300);
	p = policy_decode(j, &e);
	CHECK(p != NULL);
	policy_free(p);
	json_free(j);
	j = json_null();
	CHECK(policy_decode(j, &e) == NULL && e.code == ERR_INPUT);
	json_free(j);
}

/* Cut the text after each byte: no crash, and nothing shorter than the whole is a policy but at line ends at
 * the back. */
static void
test_cut(void)
{
	size_t good = 0, len = strlen(whole);

	for (size_t i = 0; i < len; i++) {
		struct json *j = policy_from_yaml(whole, i, &e);

		if (j != NULL) {
			good++;
			/* Only the last, optional line may be gone or without its newline. */
			CHECK(i >= (size_t)(strstr(whole, "shards:") - whole) - 1);
		}
		json_free(j);
	}
	CHECK(good >= 2 && good < 10);
}

int
main(void)
{
	test_glob();
	test_defaults();
	test_parts();
	test_rules();
	test_refused_whole();
	test_refused_parts();
	test_refused_sets();
	test_refused_rules();
	test_sizes();
	test_decode();
	test_decode_damage();
	test_cut();
	return check_done();
}
