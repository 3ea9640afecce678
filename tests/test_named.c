/*
 * Who is excluded, or was withdrawn, is named by a key that becomes a pseudonym: in every format the record or document that has it is left out,
 * whoever it is linked to, wherever the key stands in it and however it is spelled; and nothing else is.
 */
#include <stdlib.h>

#include "check.h"
#include "exact.h"
#include "person_run.h"
#include "stager/withdrawn.h"

static struct err e;
static struct pseudonym_key *key;
static struct person_run p;

#define UUID "0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
#define UUID_CAPITAL "0C3151BD-1CBF-4D64-B04D-CD9187A4C6E0"
#define UUID_OTHER "0c3151bd-1cbf-4d64-b04d-cd9187a4c6e1"
#define MARKER "{keep: code, pattern: '#[0-9]+'}"
#define HEAD                                                                                             \
	"policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n"                                       \
	"sets: {domestic: {hold: [NL], open: [x]}, abroad: {hold: [NL], open: [y]}}\n"                   \
	"subject: {from: t.csv, key: {column: id, pattern: '[A-Za-z0-9@.-]{1,40}', pad: 7}, unmatched: " \
	"hold%s}\n"
#define FILES                                                                                              \
	"files:\n"                                                                                         \
	"  - {match: t.csv, format: csv, columns: {id: pseudonym, mother: pseudonym, n: " MARKER "}}\n"    \
	"  - {match: none.csv, format: csv, subject: none, columns: {a: "                                  \
	"pseudonym, x: drop, b: pseudonym, n: " MARKER ", c: {do: pseudonym, set: domestic}}}\n"           \
	"  - {match: none.tsv, format: tsv, subject: none, columns: {a: pseudonym, n: " MARKER "}}\n"      \
	"  - {match: own.csv, format: csv, subject: id, columns: {id: pseudonym, partner: pseudonym, "     \
	"n: " MARKER "}}\n"                                                                                \
	"  - {match: none.txt, format: fixed, fixed: {a: [1, 8], n: [9, 6]}, subject: none, columns: {a: " \
	"pseudonym, n: " MARKER "}}\n"                                                                     \
	"  - {match: none.jsonl, format: jsonl, subject: none, fields: {$.a: pseudonym, '$.l[*].who': "    \
	"pseudonym, $.n: " MARKER ", '$.h': {do: pseudonym, set: domestic}}}\n"                            \
	"  - {match: parts.jsonl, format: jsonl, sample: file, subject: none, fields: {$.a: pseudonym, "   \
	"$.n: " MARKER "}}\n"                                                                              \
	"  - {match: own.jsonl, format: jsonl, subject: $.s.reference, fields: {$.s.reference: {do: "      \
	"pseudonym, reference: Patient}, $.d.reference: {do: pseudonym, reference: Practitioner}, "        \
	"$.o.reference: {do: pseudonym, reference: [Patient, Encounter]}, $.n: " MARKER "}}\n"             \
	"  - {match: none.json, format: json, subject: none, fields: {'$.e[*].s': {do: pseudonym, "        \
	"reference: [Patient, Encounter]}, '$.e[*].id': pseudonym, '$.e[*].n': " MARKER "}}\n"             \
	"  - {match: none.xml, format: xml, subject: none, fields: {$.d.p.@id: pseudonym, $.d.q: "         \
	"pseudonym, "                                                                                      \
	"$.d.n: " MARKER "}}\n"                                                                            \
	"  - {match: none.eml, format: eml, subject: none, headers: {From: pseudonym, To: pseudonym, "     \
	"Subject: "                                                                                        \
	"drop}}\n"
#define TABLE                                                                                 \
	"id,mother,n\n0000123,0000200,#1\n0000124,,#2\n0000125,123,#3\nJan@mail.nl,0000124,#" \
	"4\n" UUID_CAPITAL ",,#5\n"

/* The markers that leave, in their order; of two sets those of the first. */
static void
markers(const struct scrub_run *run, char out[static 512])
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < run->bytes.len && len < 500; i++) {
		if (run->bytes.data[i] != '#')
			continue;
		for (out[len++] = '#'; i + 1 < run->bytes.len && run->bytes.data[i + 1] >= '0' &&
				       run->bytes.data[i + 1] <= '9' && len < 500;)
			out[len++] = (char)run->bytes.data[++i];
		out[len] = '\0';
	}
}

static bool
has(const struct scrub_run *run, const char *value)
{
	char pseudonym[PSEUDONYM_LEN + 1];

	pseudonym_make(key, value, strlen(value), pseudonym);
	return run->bytes.len > 0 &&
	       memmem(run->bytes.data, run->bytes.len, pseudonym, PSEUDONYM_LEN) != NULL;
}

/* What is left of a file while 0000123, 0000007, Jan@mail.nl and ann@mail.nl may not leave, and how many records or files were left out. */
static bool excluding;
static void
left(int line, const char *name, const char *data, const char *want, int64_t gone)
{
	static const char *const theirs[] = {"0000123", "123", "00123", "0000007", "7", "Jan@mail.nl",
	    "jan@mail.nl", "JAN@MAIL.NL", "ann@mail.nl", UUID, UUID_CAPITAL};
	const bool file = strstr(name, ".xml") != NULL || strstr(name, ".eml") != NULL;
	char *copy = exact_copy(data, strlen(data)), got[512];
	struct scrub_run run;
	bool good;

	CHECK_OK(person_read(&p, &run, name, copy, strlen(data), &e));
	markers(&run, got);
	good = scrub_run_number(&run, "subjects", "excluded") == (excluding ? gone : 0);
	if (excluding)
		good = good && strcmp(got, want) == 0;
	else if (gone > 0)
		good = good && strlen(got) > strlen(want);
	if (file)
		good = good && scrub_run_number(&run, "files", "dropped") == (excluding ? gone : 0) &&
		       (int64_t)run.entries == (excluding ? 1 - gone : 1) &&
		       scrub_run_number(&run, "subjects", "unlinked") == (excluding ? 1 - gone : 1);
	else
		good = good && scrub_run_number(&run, "records", "passed") + (excluding ? gone : 0) ==
				   scrub_run_number(&run, "records", "seen");
	good = good && scrub_run_number(&run, "records", "held") == 0 &&
	       scrub_run_number(&run, "files", "held") == 0;
	/* Nothing of theirs, but what somebody else's number is made into. */
	for (size_t i = 0;
	     i < sizeof(theirs) / sizeof(theirs[0]) && excluding && strstr(data, "Encounter/") == NULL; i++)
		good = good && !has(&run, theirs[i]);
	if (!good) {
		struct buf report;

		buf_init(&report, 1 << 20);
		CHECK_OK(json_encode(run.report, &report, &e));
		fprintf(stderr, "line %d: %s left, wanted %s\n%.*s\n%.*s\n", line, got, want,
		    (int)run.members.len, run.members.len == 0 ? "" : (char *)run.members.data,
		    (int)report.len, (char *)report.data);
		buf_free(&report);
		CHECK(!"what leaves");
	}
	scrub_run_free(&run);
	free(copy);
}
#define left(name, data, want, gone) left(__LINE__, name, data, want, gone)

/* Tables: in each key column, first row and last; a column of another set alone; a row of somebody else; the subject table itself. */
static void
test_tables(void)
{
	left("none.csv",
	    "a,x,b,n,c\n0000123,,1,#1,2\n0000124,0000123,0000125,#2,9\n5,,123,#3,9\n5,, 00123 "
	    ",#4,9\n5,,6,#5,\"123\"\n"
	    "1123,,0000124,#6,12\n1230,,01234,#7,\n23,,\"\",#8,x123\n0000007,,1,#9,1\n9,,9,#10,123\n"
	    "9,, 0000123,#11,9\n\" 00123\",,9,#12,9\n9,,9,#13,0000007  \n9,,Jan@mail.nl ,#14,9\n"
	    "9,, 0000124,#15,9\n",
	    "#2#6#7#8#15", 10);
	left("none.tsv", "a\tn\n123\t#1\n", "", 1);
	left("none.tsv", "a\tn\n" UUID "\t#1\n" UUID_CAPITAL "\t#2\n" UUID_OTHER "\t#3\n", "#3", 2);
	left("none.tsv", "a\tn\n124\t#1\n\"123\"\t#2\n000123\t#3\n00000123\t#4\n", "#1#4", 2);
	left("own.csv", "id,partner,n\n124,0000125,#1\n0000124,000123,#2\n0000125,,#3\n123,124,#4\n", "#1#3",
	    2);
	left("none.txt", "0000123 #1\n0000124 #2\n    123 #3\n123     #4\n1234    #5\n", "#2#5", 3);
	left("t.csv", TABLE, "#2", 4);
}

/* Records: at the first place and the last, in a list, of a set; and where their spelling has escapes, or is a number. */
static void
test_records(void)
{
	left("none.jsonl",
	    "{\"a\":\"123\",\"n\":\"#1\"}\n{\"a\":\"124\",\"n\":\"#2\"}\n"
	    "{\"n\":\"#3\",\"l\":[{\"who\":\"5\"},{\"who\":\"1\\u00323\"}]}\n{\"n\":\"#4\",\"l\":[{\"who\":"
	    "\"5\"}],\"a\":123}\n"
	    "{\"n\":\"#5\",\"l\":[{\"who\":\"1234\"},{\"who\":1123}],\"a\":null}\n{\"n\":\"#6\",\"h\":"
	    "\"0123\"}\n"
	    "{\"n\":\"#7\",\"h\":\"0124\"}\n{\"n\":\"#8\",\"a\":7}\n"
	    "{\"n\":\"#9\",\"a\":\" 0000123\"}\n{\"n\":\"#10\",\"a\":\" 00123\"}\n"
	    "{\"n\":\"#11\",\"a\":\"Jan@mail.nl  \"}\n{\"n\":\"#12\",\"a\":\" 0000124\"}\n",
	    "#2#5#7#12", 8);
	left("parts.jsonl",
	    "{\"a\":\"1\",\"n\":\"#1\"}\n{\"a\":\"0123\",\"n\":\"#2\"}\n{\"a\":\"2\",\"n\":\"#3\"}\n", "#1#3",
	    1);
	left("parts.jsonl", "{\"a\":\"0123\",\"n\":\"#2\"}\n", "", 1);
	/* A practitioner or an encounter of the same number is no patient; a URN could be. */
	left("own.jsonl",
	    "{\"s\":{\"reference\":\"Patient/124\"},\"d\":{\"reference\":\"Practitioner/"
	    "0000123\"},\"n\":\"#1\"}\n"
	    "{\"s\":{\"reference\":\"Patient/124\"},\"o\":{\"reference\":\"https://h/Patient/123/_history/"
	    "2\"},\"n\":\"#2\"}\n"
	    "{\"s\":{\"reference\":\"Patient/124\"},\"o\":{\"reference\":\"Encounter/123\"},\"n\":\"#3\"}\n"
	    "{\"s\":{\"reference\":\"Patient/123\"},\"n\":\"#4\"}\n",
	    "#1#3", 2);
}

#define URN(n) "{\"e\":[" ENTRY("urn:uuid:" UUID_OTHER, "a", "#1") "," ENTRY("urn:uuid:" n, "b", "#2") "]}"
#define ENTRY(s, id, n) "{\"s\":\"" s "\",\"id\":\"" id "\",\"n\":\"" n "\"}"

static void
test_documents(void)
{
	left("none.json", "{\"e\":[" ENTRY("Patient/123", "a", "#1") "," ENTRY("Patient/124", "b", "#2") "]}",
	    "", 1);
	left("none.json",
	    "{\"e\":[" ENTRY("Patient/124", "a", "#1") "," ENTRY(
		"Patient/124", "b", "#2") ",{\"n\":\"#3\",\"id\":\"0000123\"}]}",
	    "", 1);
	left("none.json", "{\"e\":[{\"n\":\"#3\",\"s\":\"Patient/000123\"}]}", "", 1);
	left("none.json",
	    "{\"e\":[" ENTRY("Patient/1234", "a123", "#1") "," ENTRY("Encounter/123", "b", "#2") "]}", "#1#2",
	    0);
	/* letters of both kinds are read in a UUID */
	left("none.json", URN(UUID), "", 1);
	left("none.json", URN(UUID_CAPITAL), "", 1);
	left("none.json", URN(UUID_OTHER), "#1#2", 0);
	left("none.xml", "<d><p id=\"123\"/><n>#1</n></d>", "", 1);
	left("none.xml", "<d><n>#1</n><p id=\"124\"/><q>5</q><q> &#49;23\n</q></d>", "", 1);
	left("none.xml", "<d><n>#1</n><p id=\"1234\"/><q>5</q><q>1 23</q></d>", "#1", 0);
	left("none.eml", "From: A <ann@mail.nl>\nTo: x@mail.nl\n\nDag #1\n", "", 1);
	left("none.eml", "From: x@mail.nl\nTo: y@mail.nl, \"B\" <ANN@mail.NL>\n\nDag #1\n", "", 1);
	left("none.eml", "From: x@mail.nl\nTo: Jan@mail.nl\n\nDag #1\n", "", 1);
	left("none.eml", "From: an@mail.nl\nTo: y@mail.nl\nCc: ann@mail.nl\n\nDag #1\n", "#1", 0);
}

static void
test_all(bool out, const char *exclude)
{
	char yaml[4096];
	const char *wrong;

	(void)snprintf(yaml, sizeof(yaml), HEAD FILES, exclude);
	excluding = out;
	if ((wrong = person_open(&p, key, yaml, "t.csv", TABLE, strlen(TABLE), &e)) != NULL)
		fprintf(stderr, "%s: %s\n", wrong, e.text);
	CHECK(wrong == NULL);
	if (wrong == NULL) {
		test_tables();
		test_records();
		test_documents();
	}
	person_close(&p);
}

/* The marks of who was withdrawn, and a second one for another thread. */
static struct withdrawn *
withdrawn(struct withdrawn **again)
{
	static const char *const keys[] = {"0000123", "0000007", "Jan@mail.nl", "ann@mail.nl", UUID};
	uint8_t marks[sizeof(keys) / sizeof(keys[0])][WITHDRAWN_MARK_LEN];
	struct secret *subkey = secret_new(32, &e);
	struct withdrawn *w;

	memset(subkey->bytes, 7, subkey->len);
	w = withdrawn_new(subkey, NULL, 0, &e);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		withdrawn_mark(w, keys[i], strlen(keys[i]), marks[i]);
	withdrawn_free(w);
	w = withdrawn_new(subkey, marks[0], sizeof(keys) / sizeof(keys[0]), &e);
	secret_free(subkey);
	*again = withdrawn_again(w, &e);
	CHECK(*again != NULL && withdrawn_has(*again, "0000123", 7) && !withdrawn_has(*again, "123", 3));
	return w;
}

int
main(void)
{
	struct withdrawn *first;

	CHECK_OK(secret_start(&e));
	if ((key = pseudonym_key_of(1, &e)) == NULL)
		return 1;
	test_all(false, "");
	person_excluded = "123\n 0000007\nJan@mail.nl\nann@mail.nl\n" UUID "\n";
	test_all(true, ", exclude: optout");
	/* Withdrawn before: some have a row of the table, some have none. */
	person_excluded = NULL;
	first = withdrawn(&person_withdrawn);
	test_all(true, "");
	withdrawn_free(person_withdrawn);
	withdrawn_free(first);
	pseudonym_key_free(key);
	return check_done();
}
