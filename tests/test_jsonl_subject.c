/* Whom a JSON record is about, where its key stands at several places: lists, kinds of objects, several paths; one person, or held. */
#include <stdlib.h>

#include "check.h"
#include "exact.h"
#include "person_run.h"

static struct err e;
static struct pseudonym_key *key;
static char one[PSEUDONYM_LEN + 1]; /* of 0000123 */

#define HEAD \
	"policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\nsets: {abroad: {hold: [NL], open: [x]}}\n"
#define REFERENCE "{do: pseudonym, reference: [Patient, Group]}"
#define TABLE                                                                                            \
	"subject: {from: t.csv, key: {column: id, pattern: '[0-9]{1,7}', pad: 7},\n  attributes: {sex: " \
	"{from: g, map: {M: M, V: F}}}}\n"
#define BUNDLE                                                                                   \
	"subject: ['$.entry[*].resource.subject.reference', '$.entry[*].resource.patient.*', "   \
	"'$.entry[*].resource[resourceType=Patient].id'], fields: {$.resourceType: drop, "       \
	"'$.entry[*].fullUrl': drop, '$.entry[*].resource.resourceType': {keep: code, pattern: " \
	"'[A-Za-z]*'}, '$.entry[*].resource.id': pseudonym, "                                    \
	"'$.entry[*].resource.subject.reference': " REFERENCE                                    \
	", '$.entry[*].resource.patient.*': pseudonym, '$.entry[*].resource.g': %s}}\n"
#define FILES                                                                                             \
	"files:\n  - {match: t.csv, format: csv, columns: {id: pseudonym, g: {attribute: sex}}}\n"        \
	"  - {match: b.json, format: json, " BUNDLE                                                       \
	"  - {match: n.jsonl, format: jsonl, subject: ['$[kind=P].id', $.who, '$.l[*][*].who'], fields: " \
	"{$.kind: drop, $.id: pseudonym, $.who: pseudonym, '$.l[*][*].who': drop, $.g: {attribute: sex}}}\n"

static void
check_read(struct person_run *p, const char *name, const char *data, const char *want)
{
	struct scrub_run run;
	char *copy = exact_copy(data, strlen(data));

	CHECK_OK(person_read(p, &run, name, copy, strlen(data), &e));
	CHECK(scrub_run_is(&run, want));
	scrub_run_free(&run);
	free(copy);
}

static void
check_held(struct person_run *p, const char *name, const char *data, const char *why)
{
	struct scrub_run run;
	char *copy = exact_copy(data, strlen(data));

	CHECK_OK(person_read(p, &run, name, copy, strlen(data), &e));
	if (scrub_run_held(&run, why) != 1 || run.entries != 0) {
		fprintf(stderr, "not held for %s: %s\n", why, data);
		CHECK(!"it is held");
	}
	scrub_run_free(&run);
	free(copy);
}

#define ENTRY(inside) "{\"fullUrl\":\"u\",\"resource\":{" inside "}}"
#define PATIENT(id) "\"resourceType\":\"Patient\",\"id\":\"" id "\",\"g\":\"x\""
#define OTHER(id, ref) \
	"\"resourceType\":\"Observation\",\"id\":\"" id "\",\"subject\":{\"reference\":\"" ref "\"}"
#define BUNDLE_OF(entries) "{\"resourceType\":\"Bundle\",\"entry\":[" entries "]}"

/* One patient's Bundle is that patient's, however it is spelled; an id of another kind of resource is nobody's. */
static void
test_bundle(void)
{
	struct person_run p;
	char yaml[4000], want[1000], id[PSEUDONYM_LEN + 1];
	static const char table[] = "id,g\n0000123,V\n0000124,M\n";

	(void)snprintf(yaml, sizeof(yaml), HEAD TABLE FILES, "{attribute: sex}");
	CHECK(person_open(&p, key, yaml, "t.csv", table, strlen(table), &e) == NULL);
	pseudonym_make(key, "124", 3, id);
	(void)snprintf(want, sizeof(want),
	    "<%s.json>{\"entry\":[{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"%s\",\"g\":\"F\"}},"
	    "{\"resource\":{\"resourceType\":\"Observation\",\"id\":\"%s\",\"subject\":{\"reference\":"
	    "\"Patient/"
	    "%s\"}}},{\"resource\":{\"resourceType\":\"A\",\"patient\":{\"ref\":\"%s\"}}}]}",
	    one, one, id, one, one);
	check_read(&p, "b.json",
	    BUNDLE_OF(ENTRY(PATIENT("00123")) "," ENTRY(OTHER("124",
		"https://h/fhir/Patient/123/_history/2")) "," ENTRY("\"resourceType\":\"A\",\"patient\":{"
								    "\"ref\":\" 123 \"}")),
	    want);
	/* The same, what it asks for behind what it is asked for, and keys and values with escapes. */
	(void)snprintf(want, sizeof(want),
	    "<%s.json>{\"entry\":[{\"res\\u006furce\":{\"id\":\"%s\",\"resourceType\":\"P\\u0061tient\"}}]}",
	    one, one);
	check_read(&p, "b.json",
	    "{\"entry\":[{\"res\\u006furce\":{\"id\":\"1\\u00323\",\"resourceType\":\"P\\u0061tient\"}}]}",
	    want);
	/* Two persons, in every order; one of them unknown. */
	check_held(&p, "b.json", BUNDLE_OF(ENTRY(PATIENT("123")) "," ENTRY(OTHER("1", "Patient/124"))),
	    "record:subject-several");
	check_held(&p, "b.json", BUNDLE_OF(ENTRY(OTHER("1", "Patient/124")) "," ENTRY(PATIENT("123"))),
	    "record:subject-several");
	check_held(&p, "b.json", BUNDLE_OF(ENTRY(PATIENT("123")) "," ENTRY(PATIENT("999"))),
	    "record:subject-several");
	check_held(
	    &p, "b.json", BUNDLE_OF(ENTRY(PATIENT("123")) "," ENTRY(PATIENT("x"))), "record:subject-several");
	check_held(&p, "b.json",
	    BUNDLE_OF(ENTRY(PATIENT("123")) "," ENTRY("\"patient\":{\"a\":123,\"b\":124}")),
	    "record:subject-several");
	check_held(&p, "b.json", BUNDLE_OF(ENTRY(PATIENT("999"))), "record:subject-unmatched");
	check_held(&p, "b.json", BUNDLE_OF(ENTRY(PATIENT("x"))), "record:subject-key");
	check_held(&p, "b.json", BUNDLE_OF(ENTRY(PATIENT("123")) "," ENTRY(OTHER("1", "Device/123"))),
	    "record:reference-form");
	/* Nobody. */
	check_held(&p, "b.json", BUNDLE_OF(""), "record:subject-missing");
	check_held(&p, "b.json", BUNDLE_OF(ENTRY("\"resourceType\":\"Patient\",\"id\":\" \"")),
	    "record:subject-missing");
	check_held(&p, "b.json", BUNDLE_OF(ENTRY("\"resourceType\":\"Observation\",\"id\":\"123\"")),
	    "record:subject-missing");
	check_held(&p, "b.json", BUNDLE_OF(ENTRY("\"resourceType\":\"patient\",\"id\":\"123\"")),
	    "record:subject-missing");
	check_held(&p, "b.json", BUNDLE_OF(ENTRY("\"id\":\"123\"")), "record:subject-missing");
	check_held(
	    &p, "b.json", BUNDLE_OF(ENTRY("\"resourceType\":null,\"id\":\"123\"")), "record:subject-missing");
	check_held(&p, "b.json",
	    BUNDLE_OF(ENTRY("\"resourceType\":\"Patient\",\"resourceType\":\"Patient\",\"id\":\"123\"")),
	    "record:json-duplicate-key");
	person_close(&p);
}

/* Lines of several kinds, each with its key elsewhere; several lists deep. */
static void
test_lines(void)
{
	struct person_run p;
	char yaml[4000], want[1000];
	static const char table[] = "id,g\n123,V\n124,M\n";

	(void)snprintf(yaml, sizeof(yaml), HEAD TABLE FILES, "{attribute: sex}");
	CHECK(person_open(&p, key, yaml, "t.csv", table, strlen(table), &e) == NULL);
	(void)snprintf(want, sizeof(want),
	    "<%s.json>{\"id\":\"%s\",\"g\":\"F\"}\n<%s.json>{\"who\":\"%s\",\"g\":\"F\"}\n"
	    "<%s.json>{\"g\":\"F\",\"l\":[[{},{}],[],[{}]]}\n",
	    one, one, one, one, one);
	check_read(&p, "n.jsonl",
	    "{\"kind\":\"P\",\"id\":\"123\",\"g\":1}\n{\"kind\":\"O\",\"who\":123,\"g\":1}\n"
	    "{\"g\":1,\"l\":[[{\"who\":123},{\"who\":\"0123\"}],[],[{\"who\":null}]]}\n",
	    want);
	check_held(&p, "n.jsonl", "{\"kind\":\"P\",\"id\":\"123\",\"who\":124}\n", "record:subject-several");
	check_held(&p, "n.jsonl", "{\"l\":[[{\"who\":123}],[{\"who\":124}]]}\n", "record:subject-several");
	check_held(&p, "n.jsonl", "{\"kind\":\"O\",\"id\":\"123\"}\n", "record:subject-missing");
	check_held(&p, "n.jsonl", "{\"l\":{\"a\":{\"who\":123}}}\n", "record:field-unnamed");
	/* Cut anywhere it is held, or empty: nothing passes half read. */
	for (size_t len = 1; len < strlen("{\"kind\":\"P\",\"id\":\"123\",\"l\":[[{\"who\":123}]]}"); len++) {
		char line[64];
		struct scrub_run run;

		(void)snprintf(line, sizeof(line), "{\"kind\":\"P\",\"id\":\"123\",\"l\":[[{\"who\":123}]]}");
		CHECK_OK(person_read(&p, &run, "n.jsonl", line, len, &e));
		CHECK(run.entries == 0 && scrub_run_number(&run, "records", "held") == 1);
		scrub_run_free(&run);
	}
	person_close(&p);
}

/* Without a table the member stands under the pseudonym of what is written there; two that are written differently are two. */
static void
test_alone(void)
{
	struct person_run p;
	char yaml[4000], want[300], own[PSEUDONYM_LEN + 1];

	(void)snprintf(yaml, sizeof(yaml), HEAD "files:\n  - {match: b.json, format: json, " BUNDLE, "drop");
	CHECK(person_open(&p, key, yaml, "", "", 0, &e) == NULL);
	pseudonym_make(key, "123", 3, own);
	(void)snprintf(want, sizeof(want),
	    "<%s.json>{\"entry\":[{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"%s\"}},{\"resource\":{"
	    "\"resourceType\":\"Observation\",\"id\":\"%s\",\"subject\":{\"reference\":\"Group/%s\"}}}]}",
	    own, own, own, own);
	check_read(&p, "b.json", BUNDLE_OF(ENTRY(PATIENT("123")) "," ENTRY(OTHER("123", "Group/123"))), want);
	check_held(&p, "b.json", BUNDLE_OF(ENTRY(PATIENT("123")) "," ENTRY(OTHER("1", "Group/0123"))),
	    "record:subject-several");
	check_held(&p, "b.json", BUNDLE_OF(""), "record:subject-missing");
	person_close(&p);
}

/* What is no path, and the limits. */
static void
test_refused(void)
{
	static const char *const wrong[] = {"$", "'$[a=b]'", "'$.a[b=c]'", "'$.a[b=c][d=e].f'", "'$.a[=c].f'",
	    "'$.a[b=].f'", "'$.a[b].f'", "'$.a[b=c'", "'$.a[b=c]d'", "'$.a[b==c].d'", "'$.a[*b=c].d'", "[]",
	    "[$.a, $.a]", "[$.a, none]", "[$.a, [$.b]]", "{a: b}", "a", "'$.a.'", "'$..a'"};
	static const char *const good[] = {"$.a", "'$.a[*].b'", "'$[a=b].c'", "'$.a[b=c].*'",
	    "'$.a[b=c d:e/f].d'", "'$.a[*][b=c].d'", "'$[*].a'", "[$.a, '$.b[*].c']"};
	char yaml[4000];
	struct json *j;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]) + sizeof(good) / sizeof(good[0]); i++) {
		const bool bad = i < sizeof(wrong) / sizeof(wrong[0]);
		const char *path = bad ? wrong[i] : good[i - sizeof(wrong) / sizeof(wrong[0])];

		(void)snprintf(yaml, sizeof(yaml),
		    HEAD "files: [{match: x, format: json, fields: {$.x: drop}, subject: %s}]\n", path);
		j = policy_from_yaml(yaml, strlen(yaml), &e);
		if ((j == NULL) != bad)
			fprintf(stderr, "%s: %s\n", path, bad ? "taken" : e.text);
		CHECK((j == NULL) == bad);
		json_free(j);
	}
	/* 16 paths, and one more; 32 steps, and one more. */
	for (int more = 0; more < 2; more++) {
		char list[500] = "", steps[200] = "$";

		for (int i = 0; i < 16 + more; i++)
			(void)snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s$.p%d",
			    i == 0 ? "" : ", ", i);
		for (int i = 0; i < 32 + more; i++)
			strcat(steps, ".a");
		(void)snprintf(yaml, sizeof(yaml),
		    HEAD "files: [{match: x, format: json, fields: {$.x: drop}, subject: [%s]}]\n", list);
		j = policy_from_yaml(yaml, strlen(yaml), &e);
		CHECK((j == NULL) == (more == 1));
		json_free(j);
		(void)snprintf(yaml, sizeof(yaml),
		    HEAD "files: [{match: x, format: json, fields: {$.x: drop}, subject: %s}]\n", steps);
		j = policy_from_yaml(yaml, strlen(yaml), &e);
		CHECK((j == NULL) == (more == 1));
		json_free(j);
	}
	/* A table has one. */
	(void)snprintf(yaml, sizeof(yaml), "%s",
	    HEAD "files: [{match: x, format: csv, columns: {a: drop, b: drop}, subject: [a, b]}]\n");
	CHECK((j = policy_from_yaml(yaml, strlen(yaml), &e)) == NULL);
	json_free(j);
}

#define URN "urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349d"
#define URN2 "urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349e"
#define AT(url, inside) "{\"fullUrl\":\"" url "\",\"resource\":{" inside "}}"
#define OF(ref) "\"resourceType\":\"O\",\"subject\":{\"reference\":\"" ref "\"}"
#define ONE AT(URN, PATIENT("00123"))
#define TWO AT(URN2, PATIENT("124"))

/* By whatever a reference leads to in its own document, it is that person's: or held. HL7 FHIR R4, Bundle, Resolving references in Bundles. */
static void
test_references(void)
{
	/* What each has besides the patient 00123, whose fullUrl is URN. The same comes out of them. */
	static const char *const good[] = {OF(URN), OF("Patient/123"), OF("https://h/fhir/Patient/0123"),
	    OF("https://h/fhir/Patient/123/_history/2"), OF(" " URN " "),
	    OF("urn:uuid:\\u00304121321-4af5-424c-a0e1-ed3aab1c349d")};
	static const struct {
		const char *data, *why;
	} bad[] = {
	    /* of another, of nobody, of both */
	    {BUNDLE_OF(ONE "," TWO "," ENTRY(OF(URN))), "record:subject-several"},
	    {BUNDLE_OF(ONE "," ENTRY(OF(URN)) "," ENTRY(OF("Patient/124"))), "record:subject-several"},
	    {BUNDLE_OF(ENTRY(OF(URN2)) "," ONE), "record:subject-several"},
	    {BUNDLE_OF(ENTRY(OF(URN)) "," AT(URN2, PATIENT("124"))), "record:subject-several"},
	    /* of a type that is not listed, or of none */
	    {BUNDLE_OF(ONE "," AT(URN2, "\"resourceType\":\"Device\",\"id\":\"123\"") "," ENTRY(OF(URN2))),
		"record:reference-form"},
	    {BUNDLE_OF(ONE "," AT(URN2, "\"id\":\"123\"") "," ENTRY(OF(URN2))), "record:reference-form"},
	    {BUNDLE_OF(ONE "," ENTRY(OF("urn:oid:1.2.3"))), "record:reference-form"},
	    {BUNDLE_OF(ONE "," ENTRY(OF("Device/123"))), "record:reference-form"},
	    /* contained: not there, in another resource, nobody that is known, another person */
	    {BUNDLE_OF(ONE "," ENTRY(OF("#p1"))), "record:reference-form"},
	    {BUNDLE_OF(ONE "," ENTRY(OF("#"))), "record:reference-form"},
	    {BUNDLE_OF(ONE "," ENTRY(
		 "\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p1\"}]") "," ENTRY(OF("#p1"))),
		"record:reference-form"},
	    {BUNDLE_OF(
		 ONE "," ENTRY("\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p1\"}]," OF("#p1"))),
		"record:reference-form"},
	    {BUNDLE_OF(ONE "," ENTRY(
		 "\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p1\",\"nr\":\"124\"}]," OF("#p1"))),
		"record:subject-several"},
	    {BUNDLE_OF(ONE "," ENTRY(
		 "\"contained\":[{\"resourceType\":\"Device\",\"id\":\"p1\",\"nr\":\"123\"}]," OF("#p1"))),
		"record:reference-form"},
	    /* a UUID that leads nowhere, and that nobody has as a key */
	    {BUNDLE_OF(ENTRY(OF(URN))), "record:subject-key"},
	};
	struct person_run p;
	char yaml[4000], want[1000], data[1000];
	static const char table[] = "id,g\n0000123,V\n0000124,M\n";

	(void)snprintf(yaml, sizeof(yaml), "%s",
	    HEAD TABLE
	    "files:\n  - {match: t.csv, format: csv, columns: {id: pseudonym, g: {attribute: sex}}}\n"
	    "  - {match: b.json, format: json, subject: ['$.entry[*].resource.subject.reference', "
	    "'$.entry[*].resource[resourceType=Patient].id', '$.entry[*].resource.contained[*].nr'], "
	    "fields: {$.resourceType: drop, '$.entry[*].fullUrl': drop, '$.entry[*].resource.id': drop, "
	    "'$.entry[*].resource.g': drop, '$.entry[*].resource.resourceType': drop, "
	    "'$.entry[*].resource.contained': drop, '$.entry[*].resource.subject.reference': " REFERENCE
	    "}}\n"
	    "  - {match: o.json, format: json, subject: [$.subject.reference, '$.contained[*].nr'], fields: "
	    "{$.resourceType: drop, $.contained: drop, $.subject.reference: " REFERENCE "}}\n");
	CHECK(person_open(&p, key, yaml, "t.csv", table, strlen(table), &e) == NULL);
	(void)snprintf(want, sizeof(want),
	    "<%s.json>{\"entry\":[{\"resource\":{}},{\"resource\":{\"subject\":{\"reference\":\"Patient/"
	    "%s\"}}}]}",
	    one, one);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		(void)snprintf(data, sizeof(data), BUNDLE_OF(ONE ",{\"resource\":{%s}}"), good[i]);
		check_read(&p, "b.json", data, want);
	}
	/* Whose a resource is that has no id, another path in it may say; and of one that is contained. */
	check_read(&p, "b.json",
	    BUNDLE_OF("{\"resource\":{},\"fullUrl\":\"x\"}," ENTRY(
		"\"contained\":[{\"nr\":123,\"id\":\"p1\",\"resourceType\":\"Patient\"}]," OF("#p1"))),
	    want);
	(void)snprintf(want, sizeof(want), "<%s.json>{\"subject\":{\"reference\":\"Group/%s\"}}", one, one);
	check_read(&p, "o.json",
	    "{" OF("#g") ",\"contained\":[{\"resourceType\":\"Group\",\"id\":\"g\",\"nr\":\"0123\"}]}", want);
	check_held(&p, "o.json", "{" OF("#g") ",\"contained\":[]}", "record:reference-form");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_held(&p, "b.json", bad[i].data, bad[i].why);
	/* Cut anywhere it is held, and nothing is read past its end. */
	(void)snprintf(data, sizeof(data), "%s",
	    BUNDLE_OF(ONE "," ENTRY(
		"\"contained\":[{\"nr\":123,\"id\":\"p\\u0031\",\"resourceType\":\"Patient\"}]," OF("#p1"))));
	for (size_t len = 1; len < strlen(data); len++) {
		struct scrub_run run;
		char *copy = exact_copy(data, len);

		CHECK_OK(person_read(&p, &run, "b.json", copy, len, &e));
		CHECK(run.entries == 0);
		scrub_run_free(&run);
		free(copy);
	}
	person_close(&p);
}

/* A Bundle of thousands of resources that refer to each other takes no longer for it. */
static void
test_many(void)
{
	struct person_run p;
	struct scrub_run run;
	char yaml[4000], *data = malloc(8u << 20);
	static const char table[] = "id,g\n0000123,V\n";
	size_t len = 0;

	(void)snprintf(yaml, sizeof(yaml), "%s",
	    HEAD TABLE
	    "files:\n  - {match: t.csv, format: csv, columns: {id: pseudonym, g: {attribute: sex}}}\n"
	    "  - {match: b.json, format: json, subject: ['$.entry[*].resource.subject.reference', "
	    "'$.entry[*].resource[resourceType=Patient].id'], fields: {'$.entry[*].fullUrl': drop, "
	    "'$.entry[*].resource.id': drop, '$.entry[*].resource.resourceType': drop, "
	    "'$.entry[*].resource.subject.reference': " REFERENCE "}}\n");
	CHECK(data != NULL && person_open(&p, key, yaml, "t.csv", table, strlen(table), &e) == NULL);
	len += (size_t)sprintf(data + len, "{\"entry\":[");
	for (unsigned i = 0; i < 30000; i++)
		len += (size_t)sprintf(data + len,
		    "%s{\"fullUrl\":\"urn:uuid:04121321-4af5-424c-a0e1-%012x\",\"resource\":{"
		    "\"resourceType\":\"Patient\",\"id\":"
		    "\"123\",\"subject\":{\"reference\":\"urn:uuid:04121321-4af5-424c-a0e1-%012x\"}}}",
		    i == 0 ? "" : ",", i, 29999 - i);
	len += (size_t)sprintf(data + len, "]}");
	CHECK_OK(person_read(&p, &run, "b.json", data, len, &e));
	CHECK(run.entries == 1);
	scrub_run_free(&run);
	person_close(&p);
	free(data);
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	CHECK((key = pseudonym_key_of(5, &e)) != NULL);
	pseudonym_make(key, "0000123", 7, one);
	test_bundle();
	test_lines();
	test_alone();
	test_refused();
	test_references();
	test_many();
	pseudonym_key_free(key);
	return check_done();
}
