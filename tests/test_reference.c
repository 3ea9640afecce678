/* FHIR references: which are read, and that Patient/123 is the person whom 123 is, in every format. */
#include <stdlib.h>

#include "../stager/scrub/reference.h"
#include "check.h"
#include "exact.h"
#include "person_run.h"

static struct err e;
static struct pseudonym_key *key;

/* "front|id"; "!" where it is none. The value has no byte behind its end. */
static const char *
reads(const char *value)
{
	static char text[200];
	static char patient[] = "Patient", group[] = "Group";
	char *types[] = {patient, group};
	const struct action a = {.kind = ACTION_REFERENCE, .values = types, .value_count = 2};
	size_t len = strlen(value);
	char *copy = exact_copy(value, len);
	struct reference r;

	if (reference_read(&a, copy, len, &r))
		(void)snprintf(
		    text, sizeof(text), "%.*s|%.*s", (int)r.front_len, r.front, (int)r.id_len, r.id);
	else
		strcpy(text, "!");
	free(copy);
	return text;
}

static void
test_forms(void)
{
	static const char *const good[][2] = {
	    {"Patient/123", "Patient/|123"},
	    {"Group/a-b.C9", "Group/|a-b.C9"},
	    {"Patient/123/_history/1", "Patient/|123"},
	    {"https://host/fhir/Patient/123", "Patient/|123"},
	    {"http://h:8080/a/b/Patient/123/_history/x", "Patient/|123"},
	    {"https://host/Patient/123", "Patient/|123"},
	    {"https://host/Patient/Patient/Patient", "Patient/|Patient"},
	    {"Patient/_history/_history/1", "!"}, /* an id has no underscore */
	    {"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
		"urn:uuid:|0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"},
	    {"urn:uuid:0C3151BD-1cbf-4d64-b04d-cd9187a4c6e0",
		"urn:uuid:|0C3151BD-1cbf-4d64-b04d-cd9187a4c6e0"},
	    {"Patient/1234567890123456789012345678901234567890123456789012345678901234",
		"Patient/|1234567890123456789012345678901234567890123456789012345678901234"},
	};
	static const char *const wrong[] = {"", "123", "/", "Patient", "Patient/", "/123", "/Patient/123",
	    "Practitioner/123", "patient/123", "Patients/123", "xPatient/123", "Patient/12 3", " Patient/123",
	    "Patient/123 ", "Patient//123", "Patient/123/", "Patient/123/_history", "Patient/123/_history/",
	    "Patient/123/_history/1/2", "Patient/123/_History/1", "Patient/123/x", "#p1", "Patient/#1",
	    "Patient?name=Jansen", "Patient/123?x=1", "Patient/123|1", "https://host/fhir/Practitioner/123",
	    "https:///Patient/123", "https://Patient/123", "http:/Patient/1", "ftp://host/Patient/123",
	    "host/Patient/123", "https://ho st/Patient/123", "https://host/?q/Patient/123",
	    "https://host/#/Patient/123", "https://host\xc3\xa9/Patient/123", "urn:uuid:", "urn:uuid:123",
	    "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e", "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e00",
	    "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6eg", "urn:uuid:0c3151bd1cbf-4d64-b04d-cd9187a4c6e0-",
	    "urn:oid:1.2.3", "Patient/12345678901234567890123456789012345678901234567890123456789012345"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK(strcmp(reads(good[i][0]), good[i][1]) == 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (strcmp(reads(wrong[i]), "!") != 0)
			CHECK(!"it is no reference to a type that is listed");
}

#define HEAD \
	"policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\nsets: {abroad: {hold: [NL], open: [x]}}\n"
#define REFERENCE "{do: pseudonym, reference: [Patient, Group]}"
#define PLAIN_FILES                                                                                        \
	"files:\n  - {match: t.csv, format: csv, columns: {nr: pseudonym, ref: " REFERENCE "}}\n"          \
	"  - {match: f.txt, format: fixed, fixed: {nr: [1, 4], ref: [5, 30]}, columns: {nr: pseudonym, "   \
	"ref: " REFERENCE                                                                                  \
	"}}\n  - {match: o.json, format: json, subject: $.s.reference, fields: {$.s.reference: " REFERENCE \
	"}}\n"                                                                                             \
	"  - {match: l.jsonl, format: jsonl, subject: $.id, fields: {$.id: pseudonym, "                    \
	"'$.s[*].reference': " REFERENCE "}}\n"

static void
check_read(struct person_run *p, const char *name, const char *data, const char *want)
{
	struct scrub_run run;

	CHECK_OK(person_read(p, &run, name, data, strlen(data), &e));
	CHECK(scrub_run_is(&run, want));
	scrub_run_free(&run);
}

static void
check_held(struct person_run *p, const char *name, const char *data, const char *why)
{
	struct scrub_run run;

	CHECK_OK(person_read(p, &run, name, data, strlen(data), &e));
	if (scrub_run_held(&run, why) != 1 || run.entries != 0) {
		fprintf(stderr, "%s: not held for %s: %s\n", name, why, data);
		CHECK(!"it is held");
	}
	scrub_run_free(&run);
}

/* Nobody is looked up: the id's pseudonym is that of the same text in another field. */
static void
test_alone(void)
{
	struct person_run p;
	char one[PSEUDONYM_LEN + 1], want[400];

	pseudonym_make(key, "123", 3, one);
	CHECK(person_open(&p, key, HEAD PLAIN_FILES, "", "", 0, &e) == NULL);
	(void)snprintf(
	    want, sizeof(want), "<x.csv>nr,ref\n%s,Patient/%s\n%s,Group/%s\n,\n", one, one, one, one);
	check_read(
	    &p, "t.csv", "nr,ref\n123,https://h/fhir/Patient/123\n123,\"Group/123/_history/7\"\n,\n", want);
	(void)snprintf(want, sizeof(want), "<x.csv>nr,ref\n%s,Patient/%s\n", one, one);
	check_read(&p, "f.txt", "123 Patient/123                   \n", want);
	(void)snprintf(want, sizeof(want), "<%s.json>{ \"s\": {\"reference\":\"Patient/%s\"}}", one, one);
	check_read(&p, "o.json", "{ \"s\": {\"reference\":\"Patient/123/_history/1\"}}", want);
	(void)snprintf(want, sizeof(want),
	    "<%s.json>{\"id\":\"%s\",\"s\":[{\"reference\":\"Group/%s\"},{\"reference\":null}]}\n", one, one,
	    one);
	check_read(&p, "l.jsonl",
	    "{\"id\":123,\"s\":[{\"reference\":\"Group\\/123\"},{\"reference\":null}]}\n", want);
	check_held(
	    &p, "l.jsonl", "{\"id\":123,\"s\":[{\"reference\":\"Device/123\"}]}\n", "record:reference-form");
	check_held(&p, "l.jsonl", "{\"id\":123,\"s\":[{\"reference\":123}]}\n", "record:value-type");
	check_held(&p, "l.jsonl", "{\"id\":123,\"s\":[{\"reference\":true}]}\n", "record:value-type");
	check_held(&p, "o.json", "{\"s\":{\"reference\":\"#1\"}}", "record:reference-form");
	check_held(&p, "t.csv", "nr,ref\n123,Patient/\n", "record:reference-form");
	check_held(&p, "f.txt", "123 123                           \n", "record:reference-form");
	person_close(&p);
}

#define PERSON_FILES                                                                                     \
	"subject: {from: t.csv, key: {column: id, pattern: '[0-9]{1,7}', pad: 7},\n  attributes: {sex: " \
	"{from: g, "                                                                                     \
	"map: {M: M, V: F}}}}\nfiles:\n"                                                                 \
	"  - {match: t.csv, format: csv, columns: {id: %s, g: {attribute: sex}}}\n"                      \
	"  - {match: r.csv, format: csv, subject: ref, columns: {ref: " REFERENCE                        \
	", x: {attribute: sex}}}\n"                                                                      \
	"  - {match: o.json, format: json, subject: $.s.reference, fields: {$.s.reference: " REFERENCE   \
	", $.g: {attribute: sex}}}\n"

/* The table has 0000123; whoever refers to Patient/123 is that person, and of that sex. */
static void
test_linked(const char *action, const char *table)
{
	struct person_run p;
	char one[PSEUDONYM_LEN + 1], want[400], yaml[2000];

	(void)snprintf(yaml, sizeof(yaml), HEAD PERSON_FILES, action);
	pseudonym_make(key, "0000123", 7, one);
	CHECK(person_open(&p, key, yaml, "t.csv", table, strlen(table), &e) == NULL);
	(void)snprintf(want, sizeof(want), "<x.csv>ref,x\nPatient/%s,F\nGroup/%s,F\n", one, one);
	check_read(&p, "r.csv", "ref,x\nPatient/123,\nhttp://h/Group/0123/_history/2,\n", want);
	(void)snprintf(
	    want, sizeof(want), "<%s.json>{\"g\":\"F\",\"s\":{\"reference\":\"Patient/%s\"}}", one, one);
	check_read(&p, "o.json", "{\"g\":1,\"s\":{\"reference\":\"https://h/Patient/00123\"}}", want);
	check_held(
	    &p, "o.json", "{\"g\":1,\"s\":{\"reference\":\"Patient/124\"}}", "record:subject-unmatched");
	check_held(&p, "o.json", "{\"g\":1,\"s\":{\"reference\":\"Patient/x\"}}", "record:subject-key");
	check_held(&p, "o.json", "{\"g\":1,\"s\":{\"reference\":\"123\"}}", "record:reference-form");
	check_held(&p, "r.csv", "ref,x\n123,\n", "record:reference-form");
	check_held(&p, "r.csv", "ref,x\nDevice/123,\n", "record:reference-form");
	check_held(&p, "r.csv", "ref,x\n,\n", "record:subject-missing");
	person_close(&p);
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	CHECK((key = pseudonym_key_of(5, &e)) != NULL);
	test_forms();
	test_alone();
	test_linked("pseudonym", "id,g\n0000123,V\n");
	test_linked(REFERENCE, "id,g\nPatient/123,V\nbad,M\n");
	pseudonym_key_free(key);
	return check_done();
}
