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
	CHECK(says(text, "'leeftijd': drop  # whole numbers, 11 to 100 different; could be: {keep: number") ||
	      says(text, "'leeftijd': drop  # whole numbers, 11 to 100 different; age in"));
	CHECK(says(text, "'crp': drop  # numbers, 11 to 100 different"));
	CHECK(says(text, "its name says that it tells who somebody is"));
	CHECK(says(text, "'''quote: x': drop") && says(text, "always the same"));
	CHECK(says(text, "'datum': drop  # dates, 2 to 10 different; date in all; could be: year"));
	CHECK(says(text, "'geslacht': drop  # words or codes, 2 to 10 different; could be: {keep: enum"));
	CHECK(says(text, "'opmerking': drop  # free text") && says(text, "phone in all"));
	/* No value of any column. */
	CHECK(strstr(text, "Jansen") == NULL && strstr(text, "999993653") == NULL &&
	      strstr(text, "123456") == NULL);
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
	CHECK(says(text, "#     age: {from: 'geboortedatum', at: yyyy-MM-dd") &&
	      says(text, "#     pc: {from: 'postcode', prefix: 4"));
	CHECK(says(text, "- match: 'letters.jsonl'\n    format: jsonl\n    # subject: '$.patientnr'"));
	CHECK(says(text, "- match: 'visits.csv'\n    format: csv\n    csv: {delimiter: ';', decimal: '.'}\n  "
			 "  # subject: 'patientnr'") ||
	      says(text, "- match: 'visits.csv'\n    format: csv\n    csv: {delimiter: ';', decimal: ','}\n  "
			 "  # subject: 'patientnr'"));
	/* Whose numbers are others' is not linked; nothing of it is more than a comment. */
	CHECK(strstr(text,
		  "'other.csv'\n    format: csv\n    csv: {delimiter: ';', decimal: '.'}\n    # subject") ==
		  NULL &&
	      strstr(text,
		  "'other.csv'\n    format: csv\n    csv: {delimiter: ';', decimal: ','}\n    # subject") ==
		  NULL);
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
	strcpy(rows, "a\x01,b\n1,2\n");
	text = draft(&file, 1);
	CHECK(says(text, "its first row looks like values"));
	free(text);
	free(rows);
}

int
main(void)
{
	test_table();
	test_subject();
	test_kinds();
	test_limits();
	return check_done();
}
