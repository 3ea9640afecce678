/* Rounding, bounds and hierarchies in every format; attributes widened one after the other, the same in table, letter and image. */
#include <stdlib.h>

#include "person_run.h"

/* Behind those that have an e of their own as a parameter. */
#include "dicom_make.h"

static struct pseudonym_key *key;

static const char care[] =
    "A01;infectie;ziek;*\nA02;infectie;ziek;*\nB01;\"nieuw;vorming\";ziek;*\n\xc3\xa9;overig;ziek;*\n"
    "45;even;getal;*\n";
static const struct policy_file beside[] = {{"zorg.csv", care, sizeof(care) - 1}};

#define HEAD \
	"policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\nsets: {abroad: {hold: [NL], open: [x]}}\n"
#define FIELDS                                                                                           \
	"r: {round: 5}, t: {top: 90, bottom: 18.5}, h: {hierarchy: zorg.csv}, i: {hierarchy: zorg.csv, " \
	"level: 2, "                                                                                     \
	"other: blank}"
#define PATHS                                                                                               \
	"$.r: {round: 5}, $.t: {top: 90, bottom: 18.5}, $.h: {hierarchy: zorg.csv}, '$.i[*]': {hierarchy: " \
	"zorg.csv, "                                                                                        \
	"level: 2, other: blank}"

static void
reads(struct person_run *p, const char *name, const char *data, const char *want)
{
	struct scrub_run run;

	CHECK_OK(person_read(p, &run, name, data, strlen(data), &e));
	CHECK(scrub_run_is(&run, want));
	scrub_run_free(&run);
}

static void
held(struct person_run *p, const char *name, const char *data, const char *why)
{
	struct scrub_run run;

	CHECK_OK(person_read(p, &run, name, data, strlen(data), &e));
	if (scrub_run_held(&run, why) != 1 || run.entries != 0) {
		fprintf(stderr, "%s: not held for %s: %s: %.*s\n", name, why, data, (int)run.members.len,
		    run.members.data);
		CHECK(!"it is held");
	}
	scrub_run_free(&run);
}

static void
test_formats(void)
{
	static const char yaml[] = HEAD "files:\n  - {match: t.csv, format: csv, csv: {delimiter: ';', "
					"decimal: ',', missing: [NA]}, columns: {" FIELDS "}}\n"
					"  - {match: f.txt, format: fixed, fixed: {r: [1, 6], t: [7, 6], h: "
					"[13, 6], i: [19, 6]}, columns: {" FIELDS "}}\n"
					"  - {match: l.jsonl, format: jsonl, fields: {" PATHS "}}\n"
					"  - {match: o.json, format: json, fields: {" PATHS "}}\n";
	struct person_run p;
	struct scrub_run run;

	CHECK(person_open(&p, key, yaml, "", "", 0, &e) == NULL);
	reads(&p, "t.csv",
	    "r;t;h;i\n12,5;18,4;A01;B01\n-12,5;18,6;B01;X99\nNA;NA;NA;\n\"7\";90,01;\xc3\xa9;A02\n",
	    "<x.csv>r;t;h;i\n15;18,5;infectie;ziek\n-15;18,6;\"nieuw;vorming\";\nNA;NA;NA;\n5;90;overig;"
	    "ziek\n");
	held(&p, "t.csv", "r;t;h;i\n12.5;1;A01;A01\n", "record:value-type");
	held(&p, "t.csv", "r;t;h;i\n1;1 ;A01;A01\n", "record:value-type");
	held(&p, "t.csv", "r;t;h;i\n1;1;a01;A01\n", "record:value-unlisted");
	held(&p, "t.csv", "r;t;h;i\n1;1;A01 ;A01\n", "record:value-unlisted");
	held(&p, "t.csv", "r;t;h;i\n1;1;\"A01;infectie\";A01\n", "record:value-unlisted");
	held(&p, "t.csv", "r;t;h;i\n1e80;1;A01;A01\n", "record:value-range");
	reads(&p, "f.txt", "12.5  18.4  A01   B01   \n", "<x.csv>r,t,h,i\n15,18.5,infectie,ziek\n");
	held(&p, "f.txt", "12.5  18.4  A9    B01   \n", "record:value-unlisted");
	reads(&p, "l.jsonl",
	    "{\"r\": 12.5, \"t\":1.84e1,\"h\":\"A01\",\"i\":[45,\"x\",null, "
	    "\"A01\"]}\n{\"r\":\"7\",\"t\":\"90.01\"}\n",
	    "<x.json>{\"r\": 15, \"t\":18.5,\"h\":\"infectie\",\"i\":[\"getal\",\"\",null, "
	    "\"ziek\"]}\n<x.json>{\"r\":\"5\",\"t\":\"90\"}\n");
	held(&p, "l.jsonl", "{\"r\":true}\n", "record:value-type");
	held(&p, "l.jsonl", "{\"h\":46}\n", "record:value-unlisted");
	held(&p, "l.jsonl", "{\"h\":false}\n", "record:value-type");
	reads(&p, "o.json", "{\"r\":-0.1,\"t\":20,\n \"h\":45}",
	    "<x.json>{\"r\":0,\"t\":20,\n \"h\":\"even\"}");
	held(&p, "o.json", "{\"t\":\"veel\"}", "record:value-type");
	CHECK_OK(person_read(&p, &run, "o.json", "{\"r\":1,\"h\":45}", 14, &e));
	CHECK(scrub_run_number(&run, "actions", "coarse") == 1 &&
	      scrub_run_number(&run, "actions", "hierarchy") == 1);
	scrub_run_free(&run);
	person_close(&p);
}

/* A CT image with these four values, the header's bytes into out. */
static void
scan(struct buf *out, const char *id, const char *age, const char *weight, const char *model)
{
	static const uint8_t pixels[5000];
	struct maker m = {0};

	buf_init(&m.b, 1 << 20);
	begin(&m, "1.2.840.10008.1.2.1", "1.2.840.10008.5.1.4.1.1.2");
	text(&m, 0x00080008, "CS", "ORIGINAL\\PRIMARY\\AXIAL");
	text(&m, 0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2");
	text(&m, 0x00080018, "UI", "1.2.3.4711.1");
	text(&m, 0x00080060, "CS", "CT");
	text(&m, 0x00081090, "LO", model);
	text(&m, 0x00100020, "LO", id);
	text(&m, 0x00101010, "AS", age);
	text(&m, 0x00101030, "DS", weight);
	short_number(&m, 0x00280002, 1);
	short_number(&m, 0x00280010, 50);
	short_number(&m, 0x00280011, 50);
	short_number(&m, 0x00280100, 16);
	head(&m, 0x7fe00010, "OW", sizeof(pixels));
	raw(&m, pixels, sizeof(pixels));
	buf_init(out, 1 << 20);
	CHECK_OK(buf_put(out, m.b.data, m.b.len, &e));
	buf_free(&m.b);
}

/* Does the element stand in what came out, explicit little endian? "": without a value. */
static bool
element(const struct scrub_run *run, uint32_t tag, const char *vr, const char *want)
{
	uint8_t wanted[64] = {(uint8_t)(tag >> 16), (uint8_t)(tag >> 24), (uint8_t)tag, (uint8_t)(tag >> 8),
	    (uint8_t)vr[0], (uint8_t)vr[1], (uint8_t)((strlen(want) + 1) / 2 * 2), 0};
	size_t len = (strlen(want) + 1) / 2 * 2;

	memset(wanted + 8, ' ', sizeof(wanted) - 8);
	memcpy(wanted + 8, want, strlen(want));
	return memmem(run->bytes.data, run->bytes.len, wanted, 8 + len) != NULL;
}

static void
test_dicom(void)
{
	static const struct {
		const char *age, *weight, *model;
		const char *want_age, *want_weight, *want_model;
	} cases[] = {
	    {"063Y", "72.4", "A01", "063Y", "70", "infectie"},
	    {"094Y", "172.5", "A02\\B01", "090Y", "120", "infectie\\nieuw;vorming"},
	    {"011M", "-1", "X", "018Y", "0", ""},
	    {"600W", "72.5\\67.5\\", "45", "018Y", "75\\70\\", "even"},
	    {"009D", "x", "\xe9", "018Y", "", ""},
	    {"XXXY", "1e99", "", "", "", ""},
	    {"", "", "A01 ", "", "", "infectie"},
	};
	static const char yaml[] =
	    HEAD "files:\n  - {match: '*.dcm', format: dicom, tags: {PatientAge: {top: 90, bottom: 18}, "
		 "PatientWeight: {round: 5, top: 120}, ManufacturerModelName: {hierarchy: zorg.csv, other: "
		 "blank}}}\n  - {match: '*.strict', format: dicom, tags: {ManufacturerModelName: {hierarchy: "
		 "zorg.csv}}}\n";
	struct person_run p;
	struct scrub_run run;
	struct buf file;

	CHECK(person_open(&p, key, yaml, "", "", 0, &e) == NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scan(&file, "123", cases[i].age, cases[i].weight, cases[i].model);
		CHECK_OK(person_read(&p, &run, "a.dcm", file.data, file.len, &e));
		CHECK(run.entries == 1);
		if (!element(&run, 0x00101010, "AS", cases[i].want_age) ||
		    !element(&run, 0x00101030, "DS", cases[i].want_weight) ||
		    !element(&run, 0x00081090, "LO", cases[i].want_model)) {
			fprintf(stderr, "case %zu\n", i);
			CHECK(!"what stands in its place");
		}
		scrub_run_free(&run);
		CHECK_OK(person_read(&p, &run, "a.strict", file.data, file.len, &e));
		CHECK(scrub_run_held(&run, "file:value-unlisted") ==
		      (cases[i].model[0] == 'X' || cases[i].model[0] == '\xe9'));
		scrub_run_free(&run);
		buf_free(&file);
	}
	person_close(&p);
}

static void
test_tags_refused(void)
{
	static const struct {
		const char *tags, *why;
	} cases[] = {
	    {"PatientID: {round: 5}", "identifies people and cannot be kept"},
	    {"PatientBirthDate: {top: 5}", "identifies people and cannot be kept"},
	    {"PatientWeight: {first: 2}", "the action of a tag is not"},
	    {"PatientWeight: {round: 0}", "`round` is a number above 0"},
	    {"PatientWeight: {round: x}", "`round` is not a decimal number"},
	    {"PatientWeight: {top: 5, bottom: 5}", "`bottom` is not below `top`"},
	    {"PatientWeight: {top: 5, pattern: x}", "`top` takes"},
	    {"PatientWeight: {round: 5, range: [2, 1]}", "`range` is not [lowest, highest]"},
	    {"PatientWeight: {round: 5, range: [2]}", "`range`"},
	    {"PatientWeight: {round: 5, hierarchy: zorg.csv}", "an action wants one of"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char yaml[1000];
		struct person_run p;
		const char *where;

		(void)snprintf(yaml, sizeof(yaml),
		    HEAD "files:\n  - {match: '*.dcm', format: dicom, tags: {%s}}\n", cases[i].tags);
		e = (struct err){0};
		where = person_open(&p, key, yaml, "", "", 0, &e);
		CHECK(where != NULL && strcmp(where, "policy") == 0);
		if (strstr(e.text, cases[i].why) == NULL)
			fprintf(stderr, "%s: %s\n", cases[i].tags, e.text);
		CHECK(strstr(e.text, cases[i].why) != NULL);
		person_close(&p);
	}
}

#define PERSONS                                                                                           \
	HEAD "dates: {order: [yyyy-MM-dd]}\n"                                                             \
	     "subject: {from: p.csv, key: {column: nr}, attributes: {\n"                                  \
	     "  age: {from: b, at: 2026-01-01, bands: [0, 9, 18, 50], wider: [[0, 18, 50], [0, 50]]},\n"  \
	     "  pc: {from: pc, prefix: 4, wider: [2]},\n"                                                 \
	     "  dx: {from: dx, hierarchy: zorg.csv, other: blank},\n"                                     \
	     "  w: {from: w, map: {INT: intern, LON: intern, RAD: beeld}, wider: [{intern: zorg, beeld: " \
	     "zorg}]}}}\n"                                                                                \
	     "text: {age: {attribute: age}}\n"                                                            \
	     "disclosure: {quasi: [age, pc, dx, w], k: 2, below: {widen: %s, max: 100%%}}\n"              \
	     "files:\n  - {match: p.csv, format: csv, columns: {nr: pseudonym, b: {attribute: age}, pc: " \
	     "{attribute: pc}, "                                                                          \
	     "dx: {attribute: dx}, w: {attribute: w}}}\n"                                                 \
	     "  - {match: l.jsonl, format: jsonl, subject: $.nr, fields: {$.nr: drop, $.a: {attribute: "  \
	     "age}, $.t: text}}\n"                                                                        \
	     "  - {match: '*.dcm', format: dicom, subject: PatientID, tags: {PatientAge: {attribute: "    \
	     "age}}}\n"

/* Pairs that meet after so many steps; what the table shows of each; what letters and images say. */
static void
test_persons(void)
{
	static const char table[] =
	    "nr,b,pc,dx,w\n"
	    "1,1960-01-01,1234AB,A01,INT\n2,1960-01-01,1234AC,A02,LON\n"    /* alike as they are */
	    "3,1960-01-01,2211AA,A01,INT\n4,1960-01-01,2299AA,A01,INT\n"    /* postcodes of one area */
	    "5,2020-01-01,3311AA,A01,INT\n6,2010-01-01,3399AA,A01,INT\n"    /* and ages once wider */
	    "7,2020-01-01,4411AA,A01,INT\n8,1990-01-01,4499AA,A01,INT\n"    /* twice */
	    "9,1960-01-01,5511AA,A01,INT\n10,1960-01-01,5522AA,B01,RAD\n"   /* dx and w, too */
	    "11,1960-01-01,6611AA,A01,INT\n12,1960-01-01,7722AA,A01,INT\n"; /* never */
	static const struct {
		const char *nr, *row, *letter, *age;
	} cases[] = {
	    {"1", "50+,1234,infectie,intern", "[LEEFTIJD 18-49]", "050Y"},
	    {"3", "50+,22,infectie,intern", "[LEEFTIJD 18-49]", "050Y"},
	    {"5", "0-17,33,infectie,intern", "[LEEFTIJD 18-49]", "000Y"},
	    {"7", "0-49,44,infectie,intern", "[LEEFTIJD 0-49]", "000Y"},
	    {"9", "50+,55,*,zorg", "[LEEFTIJD 0-49]", "050Y"},
	    {"11", ",,,", "[LEEFTIJD-1]", ""},
	};
	char yaml[3000], line[300], one[PSEUDONYM_LEN + 1];
	struct person_run p;
	struct scrub_run run;
	struct buf file;

	(void)snprintf(yaml, sizeof(yaml), PERSONS, "[pc, age, dx, w]");
	CHECK(person_open(&p, key, yaml, "p.csv", table, strlen(table), &e) == NULL);
	CHECK(report_get(p.report, "disclosure", "blanked") == 2 &&
	      report_get(p.report, "disclosure", "widened") == 8 &&
	      report_get(p.report, "disclosure", "held") == 0);
	CHECK_OK(person_read(&p, &run, "p.csv", table, strlen(table), &e));
	for (unsigned i = 0; i < 12; i++) {
		(void)snprintf(line, sizeof(line), "%u", i + 1);
		pseudonym_make(key, line, strlen(line), one);
		(void)snprintf(line, sizeof(line), "%s,%s\n", one, cases[i / 2].row);
		if (memmem(run.bytes.data, run.bytes.len, line, strlen(line)) == NULL) {
			fprintf(stderr, "%s not in %.*s\n", line, (int)run.bytes.len, run.bytes.data);
			CHECK(!"the table shows it");
		}
	}
	scrub_run_free(&run);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char band[32];

		(void)snprintf(
		    band, sizeof(band), "\"a\":\"%.*s\"", (int)strcspn(cases[i].row, ","), cases[i].row);
		(void)snprintf(
		    line, sizeof(line), "{\"nr\":%s,\"a\":\"\",\"t\":\"Zij is 20 jaar.\"}\n", cases[i].nr);
		CHECK_OK(person_read(&p, &run, "l.jsonl", line, strlen(line), &e));
		if (memmem(run.bytes.data, run.bytes.len, cases[i].letter, strlen(cases[i].letter)) == NULL ||
		    memmem(run.bytes.data, run.bytes.len, band, strlen(band)) == NULL) {
			fprintf(stderr, "case %zu: %.*s\n", i, (int)run.bytes.len, run.bytes.data);
			CHECK(!"the letter shows the band that the table shows, and no narrower one");
		}
		scrub_run_free(&run);
		scan(&file, cases[i].nr, "063Y", "70", "A01");
		CHECK_OK(person_read(&p, &run, "a.dcm", file.data, file.len, &e));
		CHECK(run.entries == 1 && element(&run, 0x00101010, "AS", cases[i].age));
		scrub_run_free(&run);
		buf_free(&file);
	}
	person_close(&p);
}

static void
test_persons_refused(void)
{
	static const struct {
		const char *widen, *why;
	} cases[] = {{"[pc, pc]", "stands twice in `widen`"}, {"[pc, x]", "none of the `attributes`"},
	    {"[]", "`widen`"}, {"{pc: 1}", "`attribute`"}};
	static const struct {
		const char *attribute, *why;
	} attributes[] = {
	    {"{from: b, at: 2026-01-01, bands: [0, 18], wider: [0, 18]}", "are those of the step before"},
	    {"{from: b, at: 2026-01-01, bands: [0, 18], wider: [0, 17]}",
		"no band of the step before begins at 17"},
	    {"{from: b, at: 2026-01-01, bands: [0, 18, 50], wider: [[0, 18], [0, 50]]}",
		"no band of the step before begins at 50"},
	    {"{from: b, at: 2026-01-01, bands: [0, 18], wider: []}", "`wider`"},
	    {"{from: b, map: {a: x, b: y}, wider: [{x: z}]}", "the value `y` of the step before"},
	    {"{from: b, map: {a: x}, wider: [z]}", "`wider` is not a mapping"},
	    {"{from: b, map: {a: x}, wider: {x: z}}", "`wider`"},
	    {"{from: b, prefix: 4, wider: [4]}", "ever fewer than `prefix`"}};
	char yaml[3000];
	struct person_run p;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(yaml, sizeof(yaml), PERSONS, cases[i].widen);
		e = (struct err){0};
		CHECK(person_open(&p, key, yaml, "p.csv", "", 0, &e) != NULL);
		if (strstr(e.text, cases[i].why) == NULL)
			fprintf(stderr, "%s: %s\n", cases[i].widen, e.text);
		CHECK(strstr(e.text, cases[i].why) != NULL);
		person_close(&p);
	}
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		(void)snprintf(yaml, sizeof(yaml),
		    HEAD "subject: {from: p.csv, key: {column: nr}, attributes: {a: %s}}\nfiles:\n"
			 "  - {match: p.csv, format: csv, columns: {nr: pseudonym, b: drop}}\n",
		    attributes[i].attribute);
		e = (struct err){0};
		CHECK(person_open(&p, key, yaml, "p.csv", "", 0, &e) != NULL);
		if (strstr(e.text, attributes[i].why) == NULL)
			fprintf(stderr, "%s: %s\n", attributes[i].attribute, e.text);
		CHECK(strstr(e.text, attributes[i].why) != NULL);
		person_close(&p);
	}
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	CHECK((key = pseudonym_key_of(5, &e)) != NULL);
	person_files = beside;
	person_file_count = 1;
	test_formats();
	test_dicom();
	test_tags_refused();
	test_persons();
	test_persons_refused();
	pseudonym_key_free(key);
	return check_done();
}
