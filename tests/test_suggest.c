/* Drafts of policies: what files are taken for, what is said of their columns, and that the draft is a policy that lets nothing out. */
#include <stdlib.h>

#include "check.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/source.h"
#include "stager/suggest.h"

static struct err e;

struct file {
	const char *name, *content;
	size_t len; /* 0: of the string */
};

/* The draft for these files, which must be a policy. Caller frees. */
static char *
draft(const struct file *files, size_t count)
{
	struct suggest *s = suggest_new();
	struct json *resolved;
	struct policy *policy;
	struct buf out;
	char *text;

	buf_init(&out, SUGGEST_DRAFT_MAX);
	for (size_t i = 0; i < count; i++) {
		struct source_mem source;

		source_mem_init(&source, (const uint8_t *)files[i].content,
		    files[i].len == 0 ? strlen(files[i].content) : files[i].len, files[i].name);
		CHECK_OK(suggest_file(s, &source.source, &e));
	}
	CHECK_OK(suggest_write(s, &out, &e));
	text = strndup((const char *)out.data, out.len);
	if ((resolved = policy_from_yaml(out.data, out.len, &e)) == NULL)
		fprintf(stderr, "%s\n%s\n", e.text, text);
	CHECK(resolved != NULL);
	policy = policy_decode(resolved, &e);
	CHECK(policy != NULL);
	for (size_t i = 0; policy != NULL && i < policy->rule_count; i++) {
		CHECK(policy->rules[i].format != FORMAT_OPAQUE && policy->rules[i].format != FORMAT_TEXT &&
		      policy->rules[i].format != FORMAT_DICOM);
		for (size_t k = 0; k < policy->rules[i].field_count; k++)
			CHECK(policy->rules[i].fields[k].action.kind == ACTION_DROP ||
			      policy->rules[i].fields[k].action.kind == ACTION_PSEUDONYM);
	}
	policy_free(policy);
	json_free(resolved);
	buf_free(&out);
	suggest_free(s);
	return text;
}

static bool
says(const char *text, const char *part)
{
	bool found = strstr(text, part) != NULL;

	if (!found)
		fprintf(stderr, "no '%s' in:\n%s\n", part, text);
	return found;
}

static void
test_table(void)
{
	static char rows[65536] = "patientnr;bsn;leeftijd;crp;naam;'quote: x;datum;geslacht;opmerking\n";
	static const char *const bsn[] = {"999993653", "999991723", "999995078", "111222333"};
	struct file file = {"map/patients.csv", rows, 0};
	char *text;

	for (int i = 0; i < 400; i++)
		snprintf(rows + strlen(rows), 160,
		    "%d;%s;%d;%d,5;Jansen%d;q;0%d-03-2020;%c;Belt morgen op het nummer 06-123456%02d "
		    "terug.\n",
		    1000 + i, bsn[i % 4], 20 + i % 60, i % 30, i, 1 + i % 9, i % 2 ? 'M' : 'V', i % 90);
	text = draft(&file, 1);
	CHECK(says(text, "- match: 'map/patients.csv'") && says(text, "delimiter: ';', decimal: ','"));
	CHECK(says(text, "'patientnr': pseudonym  # whole numbers, nearly each one different"));
	CHECK(says(text, "'bsn': drop  # whole numbers, 2 to 10 different; bsn in all"));
	CHECK(says(text, "'leeftijd': drop  # whole numbers, 11 to 100 different") &&
	      says(text, "could be: {round: 5, top: 90}, under `disclosure`"));
	CHECK(says(text, "'crp': drop  # numbers, 11 to 100 different"));
	CHECK(says(text, "its name says that it tells who somebody is"));
	CHECK(says(text, "'''quote: x': drop") && says(text, "always the same"));
	CHECK(says(text, "'datum': drop  # dates, 2 to 10 different; date in all; could be: year, or shift"));
	CHECK(says(text, "'geslacht': drop  # words or codes, 2 to 10 different; could be: {keep: enum"));
	CHECK(says(text, "'opmerking': drop  # free text") && says(text, "phone in all"));
	/* No value of any column. */
	CHECK(strstr(text, "Jansen") == NULL && strstr(text, "999993653") == NULL &&
	      strstr(text, "123456") == NULL);
	free(text);
}

/* In text what is proposed for a column, and the line of `disclosure` uncommented: the policy that a person would write. */
static char *
taken(const char *text)
{
	static const char mark[] = ": drop  # ", could[] = "could be: {", line[] = "#     disclosure: {";
	char *out = malloc(2 * strlen(text) + 1), *to = out;

	for (const char *end; *text != '\0'; text = end) {
		const char *drop, *be;

		end = strchr(text, '\n') + 1;
		drop = strstr(text, mark);
		be = strstr(text, could);
		if (strncmp(text, line, strlen(line)) == 0) {
			to += sprintf(to, "%.*s", (int)(end - text - 6), text + 6);
		} else if (drop != NULL && drop < end && be != NULL && be < end &&
			   strstr(be, "}, under") != NULL && strstr(be, "}, under") < end) {
			const char *close = strstr(be, "}, under") + 1;

			to += sprintf(
			    to, "%.*s: %.*s\n", (int)(drop - text), text, (int)(close - be - 10), be + 10);
		} else {
			to += sprintf(to, "%.*s", (int)(end - text), text);
		}
	}
	*to = '\0';
	return out;
}

/* A table of nobody's key: its quasi-identifiers less exact, and its records counted. */
static void
test_records(void)
{
	static char rows[65536] = "leeftijd,postcode,inkomen,gewicht,opname,oordeel\n",
		    plain[65536] = "a,b\n";
	struct file file = {"enquete/a.csv", rows, 0}, none = {"b.csv", plain, 0};
	struct json *resolved;
	char *text, *policy;

	for (int i = 0; i < 200; i++) {
		snprintf(rows + strlen(rows), 160, "%d,%d AB,%d,%d.5,%02d-03-2020,goed\n", 20 + i % 60,
		    1000 + i, 20000 + 100 * i, 50 + i % 40, 1 + i % 28);
		snprintf(plain + strlen(plain), 160, "%d,x\n", i % 7);
	}
	text = draft(&file, 1);
	CHECK(says(text,
	    "#     disclosure: {unit: record, from: 'enquete/a.csv', quasi: ['leeftijd', 'postcode', "
	    "'inkomen', 'gewicht'], k: 10, below: {then: blank, max: 2%}}\n"));
	CHECK(says(text, "could be: {first: 4, pattern: '[0-9]{4} ?[A-Z]{2}'}, under") &&
	      says(text, "could be: {round: 1000, top: 100000}, under") &&
	      says(text, "could be: {round: 5}, under"));
	/* Taken at its word it is a policy, too. */
	policy = taken(text);
	CHECK(
	    says(policy, "'leeftijd': {round: 5, top: 90}\n") && says(policy, "\ndisclosure: {unit: record"));
	if ((resolved = policy_from_yaml(policy, strlen(policy), &e)) == NULL)
		fprintf(stderr, "%s\n%s\n", e.text, policy);
	CHECK(resolved != NULL);
	json_free(resolved);
	free(policy);
	free(text);
	text = draft(&none, 1);
	CHECK(strstr(text, "#     disclosure") == NULL && says(text, "`disclosure: {unit: record, ...}`"));
	free(text);
}

/* The draft with its proposal taken at its word: comment signs away from `subject`, and from what links records. */
static void
test_subject(void)
{
	static char rows[65536] = "patientnr;voornaam;bsn;woonplaats;postcode;geboortedatum;crp\n",
		    letters[65536] = "", others[65536] = "patientnr;x;y\n", twice[65536] = "patientnr;x\n";
	struct file files[] = {{"map/patients.csv", rows, 0}, {"letters.jsonl", letters, 0},
	    {"other.csv", others, 0}, {"visits.csv", twice, 0}};
	char *text;

	for (int i = 0; i < 400; i++) {
		snprintf(rows + strlen(rows), 160, "%d;Jan%d;99999365%d;Ergens;%d AB;01-02-19%02d;%d\n",
		    1000 + 7 * i, i, i % 10, 1000 + i, i % 100, i);
		snprintf(letters + strlen(letters), 160, "{\"patientnr\": %d, \"tekst\": \"Een brief.\"}\n",
		    1000 + 7 * (i % 300));
		snprintf(others + strlen(others), 160, "%d;1;2\n", 900000 + i);
		snprintf(twice + strlen(twice), 160, "%d;1\n", 1000 + 7 * (i / 4));
	}
	text = draft(files, 4);
	CHECK(says(text, "# subject:\n#   from: 'map/patients.csv'\n#   key: {column: 'patientnr'}\n"));
	CHECK(says(text, "#     person: ['voornaam']\n#     number: ['patientnr', 'bsn']\n#     address: "
			 "['woonplaats', 'postcode']\n"));
	CHECK(says(text, "#     age: {from: 'geboortedatum', at: 20") &&
	      says(text, "#     pc: {from: 'postcode', prefix: 4") &&
	      says(text, "# disclosure:\n#   quasi: [age, pc]\n"));
	CHECK(says(text, "- match: 'letters.jsonl'\n    format: jsonl\n    # subject: '$.patientnr'"));
	CHECK(says(text, "- match: 'visits.csv'\n    format: csv\n    csv: {delimiter: ';', decimal: '.'}\n  "
			 "  # subject: 'patientnr'") ||
	      says(text, "- match: 'visits.csv'\n    format: csv\n    csv: {delimiter: ';', decimal: ','}\n  "
			 "  # subject: 'patientnr'"));
	/* Whose numbers are others' is not linked; nothing of it is more than a comment. */
	CHECK(says(text,
	    "'other.csv'\n    format: csv\n    csv: {delimiter: ';', decimal: '.'}\n    # subject: none  #"));
	CHECK(strstr(text, "\nsubject:") == NULL && strstr(text, "\n    subject:") == NULL);
	free(text);
	/* A number that is often there twice is nobody's row. */
	text = draft(files + 3, 1);
	CHECK(says(text, "no `subject` is proposed") && strstr(text, "# subject:") == NULL);
	free(text);
}

static void
test_kinds(void)
{
	static char image[512];
	static const struct file files[] = {{"a/1.txt", "Een brief, met een komma.\nEn een regel.\n", 0},
	    {"a/2.txt", "Nog een brief.", 0},
	    {"r.jsonl",
		"{\"id\": 1, \"adres\": {\"stad\": \"x\"}, \"lijst\": [{\"c\": \"y\"}], \"123456782\": "
		"1}\n{\"id\": 2}\n",
		0},
	    {"fhir/1.json", "{\"a\": 1, \"b\": {\"c\": 2}}", 0}, {"fhir/2.json", "{\"d\": [3], \"a\": 4}", 0},
	    {"bad.jsonl", "{\"id\": \n{broken\n{\n", 0},
	    {"data.csv", "Jan;12-03-1950;0612345678\nPiet;1;2\n", 0}, {"twice.csv", "a,b,a\n1,2,3\n", 0},
	    {"empty.csv", "", 0}, {"bin.dat", "x\0y", 3}, {"latin.csv", "a;b\n\xe9;1\n", 0},
	    {"scans/1.dcm", image, sizeof(image)}, {"scans/2.dcm", image, sizeof(image)},
	    {"mix/1.csv", "a,b\n1,2\n", 0}, {"mix/2.csv", "a,b\n1,2\n", 0}, {"mix/3.csv", "c;d\n1;2\n", 0}};
	char *text;

	memcpy(image + 128, "DICM", 4);
	memcpy(image + 200,
	    "\x08\0\x60\0"
	    "CS\x02\0MR",
	    10);
	text = draft(files, sizeof(files) / sizeof(files[0]));
	CHECK(says(text, "# 2 files\n  - match: 'a/*.txt'\n    format: drop"));
	CHECK(says(text, "'$.id': drop") && says(text, "'$.adres.stad': drop") &&
	      says(text, "'$.lijst[*].c': drop"));
	CHECK(says(text, "'$.*': drop") && strstr(text, "123456782") == NULL);
	CHECK(says(text, "'bad.jsonl': it is no JSON"));
	/* Records of one folder have one rule, with all that stands in any of them. */
	CHECK(says(text, "# 2 files, fewer than 10 records\n  - match: 'fhir/*.json'\n    format: json\n    "
			 "fields:\n      "
			 "'$.a': drop") &&
	      says(text, "'$.b.c': drop") && says(text, "'$.d[*]': drop"));
	CHECK(says(text, "'data.csv': its first row looks like values") && strstr(text, "Piet") == NULL &&
	      strstr(text, "0612345678") == NULL);
	CHECK(says(text, "'twice.csv': two of its columns have the same name"));
	CHECK(says(text, "'empty.csv': it is empty") && says(text, "'bin.dat': it is neither text") &&
	      says(text, "- match: 'latin.csv'\n    format: csv"));
	CHECK(says(text, "- match: 'scans/*.dcm'") && says(text, "# modality: [MR]"));
	/* One glob would take in both kinds. */
	CHECK(says(text, "'mix/1.csv' and 1 more like it: other files have names like these") &&
	      says(text, "- match: 'mix/3.csv'"));
	free(text);
	text = draft(NULL, 0);
	CHECK(says(text, "from 0 files"));
	free(text);
}

/* Days and months: by what is in the columns, and no age of a day that the policy could not read. */
static void
test_dates(void)
{
	static char month[16384] = "patientnr;geboortedatum;opname\n",
		    day[16384] = "patientnr;geboortedatum;opname;inclusie\n", other[16384] = "nr;datum\n",
		    words[16384] = "patientnr;geboortedatum\n";
	const struct file files[] = {
	    {"month.csv", month, 0}, {"day.csv", day, 0}, {"other.csv", other, 0}, {"words.csv", words, 0}};
	char *text;

	for (int i = 0; i < 60; i++) {
		snprintf(month + strlen(month), 80, "%d;%d/%d/19%02d;%04d%02d%02d\n", 1000 + i, 1 + i % 12,
		    1 + i % 28, i, 2001 + i % 9, 1 + i % 12, 1 + i % 28);
		snprintf(day + strlen(day), 80, "%d;%02d-%02d-19%02d;%s;2001-02-%02d 09:00\n", 1000 + i,
		    1 + i % 28, 1 + i % 12, i, i == 5 ? "" : "01-01-2001", 1 + i % 28);
		snprintf(other + strlen(other), 80, "%d;%d-%d-2020\n", i, 1 + i % 12, 1 + i % 28);
		snprintf(words + strlen(words), 80, "%d;%d maart 1950\n", 1000 + i, 1 + i % 28);
	}
	text = draft(&files[0], 1);
	CHECK(says(text, "dates: {order: [yyyy-MM-dd, MM-dd-yyyy]}") &&
	      says(text, "'geboortedatum': drop  # dates, nearly each one different") &&
	      says(text, "age: {from: 'geboortedatum', at: 'opname', bands") &&
	      says(text, "'opname': drop  # dates,"));
	free(text);
	/* A column with an empty value is not every row's day. */
	text = draft(&files[1], 1);
	CHECK(says(text, "dates: {order: [yyyy-MM-dd, dd-MM-yyyy]}") &&
	      says(text, "age: {from: 'geboortedatum', at: 'inclusie', bands"));
	free(text);
	/* Both: one of them stays dropped, and the age of the table that it is in is not proposed. */
	text = draft(files, 1);
	CHECK(strstr(text, "others the month") == NULL);
	free(text);
	text = draft(files + 1, 2);
	CHECK(says(text, "dates: {order: [yyyy-MM-dd, dd-MM-yyyy]}") &&
	      says(text, "# Some columns have the day first") &&
	      says(text, "; date in all; the month comes first here, and elsewhere the day: leave it"));
	free(text);
	text = draft(&files[3], 1);
	CHECK(says(text, "# subject:") && strstr(text, " age: {") == NULL &&
	      strstr(text, "# disclosure:") == NULL &&
	      says(text, "they are written as no `dates: order` reads them"));
	free(text);
}

/* Whose a letter is may stand in its name; where the names begin with a word it does not. */
static void
test_names(void)
{
	static char rows[16384] = "patientnr;x\n", names[90][40];
	struct file files[31] = {{"p.csv", rows, 0}};
	char *text;

	for (int i = 0; i < 90; i++)
		snprintf(rows + strlen(rows), 40, "%d;1\n", 1000 + i);
	for (int kind = 0; kind < 6; kind++) {
		for (int i = 0; i < 30; i++) {
			snprintf(names[i], sizeof(names[i]),
			    kind == 0   ? "b/%d_%d.txt"
			    : kind == 1 ? "b/%d.eml"
			    : kind == 2 ? "b/brief%d_%d.txt"
			    : kind == 3 ? "b/9%d_%d.txt"
			    : kind == 4 ? (i % 2 == 0 ? "b/%d_%d.txt" : "b/%d-%d.txt")
					: "b/%d_%d.txt",
			    kind == 5 ? 1000 + i % 3 : 1000 + i, i);
			files[1 + i] = (struct file){names[i], "Een brief.\n", 0};
		}
		text = draft(files, 31);
		CHECK(says(text,
		    kind == 0   ? "    # subject: 'b/{key}_*.txt'  #"
		    : kind == 1 ? "    # headers: {Subject: text}\n    # attachments: hold\n    # subject: "
				  "'b/{key}.eml'  #"
				: "    # format: text\n    # subject: none  #"));
		free(text);
	}
}

/* More columns than are looked at; a row longer than the header; a name that is none. */
static void
test_limits(void)
{
	char *rows = malloc(1 << 20), *text;
	struct file file = {"wide.csv", rows, 0};

	CHECK(rows != NULL);
	rows[0] = '\0';
	for (size_t i = 0, at = 0; i < 5000; i++)
		at += (size_t)snprintf(rows + at, 16, "%sc%c%c%c", i == 0 ? "" : ",", 'a' + (char)(i % 26),
		    'a' + (char)(i / 26 % 26), 'a' + (char)(i / 676));
	text = draft(&file, 1);
	CHECK(strstr(text, "'caaa': drop") == NULL);
	free(text);
	strcpy(rows, "a,b\n1,2,3\n\x01,2\n");
	text = draft(&file, 1);
	CHECK(says(text, "'a': drop"));
	free(text);
	/* Names that a glob or a line of the draft cannot hold. */
	for (int i = 0; i < 6; i++) {
		static const char *const names[] = {
		    "a[1].csv", "a*.csv", "a?.csv", "x]/a.csv", "lijn\xe2\x80\xa8.csv", "nel\xc2\x85.csv"};

		strcpy(rows, "a,b\n1,2\n");
		file.name = names[i];
		text = draft(&file, 1);
		CHECK(
		    says(text, ": a `match` cannot hold such a name") && says(text, "match: 'no-such-file'"));
		CHECK(strstr(text, "\xe2\x80\xa8") == NULL && strstr(text, "\xc2\x85") == NULL);
		free(text);
	}
	file.name = "wide.csv";
	/* A path of 32 steps, and of one more. */
	for (int steps = 32; steps <= 33; steps++) {
		struct file deep = {"deep.jsonl", rows, 0};

		strcpy(rows, "{\"a\": ");
		for (int i = 1; i < steps; i++)
			strcat(rows, "[");
		strcat(rows, "1");
		for (int i = 1; i < steps; i++)
			strcat(rows, "]");
		strcat(rows, "}\n");
		text = draft(&deep, 1);
		CHECK(says(text, steps == 32 ? "[*]': drop" : "'deep.jsonl': a field of it stands deeper"));
		free(text);
	}
	strcpy(rows, "a\x01,b\n1,2\n");
	text = draft(&file, 1);
	CHECK(says(text, "its first row looks like values"));
	free(text);
	free(rows);
}

/* A draft is no longer than a policy may be: what finds no room in it has no rule. */
static void
test_long(void)
{
	static const char letters[] = "bcdfghjklmnpqrst";
	char *rows = malloc(1 << 20), names[4][16], *text;
	struct file files[4];
	size_t at = 0;

	CHECK(rows != NULL);
	for (size_t i = 0; i < 4000; i++)
		at += (size_t)snprintf(rows + at, 160, "%s%c%c%c%s", i == 0 ? "" : ",", letters[i % 16],
		    letters[i / 16 % 16], letters[i / 256],
		    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		    "x");
	for (size_t i = 0; i < 4; i++) {
		snprintf(names[i], sizeof(names[i]), "%zu/t.csv", i);
		files[i] = (struct file){names[i], rows, at};
	}
	text = draft(files, 4);
	CHECK(strlen(text) <= SUGGEST_DRAFT_MAX && says(text, "- match: '0/t.csv'") &&
	      says(text, "'3/t.csv': the draft is as long as a policy may be"));
	free(text);
	free(rows);
}

int
main(void)
{
	test_table();
	test_subject();
	test_records();
	test_dates();
	test_names();
	test_kinds();
	test_limits();
	test_long();
	return check_done();
}
