/* The report a steward signs: against a document that another program made. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "mutate.h"
#include "stager/acceptance.h"
#include "stager/digest.h"

static struct err e;

static int
take_acceptance(const void *data, size_t len, struct err *err)
{
	struct acceptance a;
	struct buf again;
	int rc;

	buf_init(&again, ACCEPTANCE_MAX);
	if (acceptance_decode(data, len, &a, err) == -1)
		return -1;
	rc = acceptance_encode(&a, &again, err) == -1 ? 1 : mutate_same(&again, data, len);
	acceptance_free(&a);
	buf_free(&again);
	return rc;
}

static void
test_acceptance(void)
{
	static const char *const free_form[] = {
	    "report", "files", "formats", "records", "found", "held", "sets", NULL};
	/* A column for each file, or none at all. The first one is good. */
	static const char *const columns[] = {"{\"count\":1,\"files\":[1],\"columns\":[7]}",
	    "{\"count\":1,\"files\":[1],\"columns\":[]}", "{\"count\":1,\"files\":[1],\"columns\":[1,2]}",
	    "{\"count\":1,\"files\":[1],\"columns\":[-1]}", "{\"count\":1,\"files\":[1],\"columns\":[\"x\"]}",
	    "{\"count\":1,\"files\":[1],\"columns\":7}", "{\"count\":1,\"columns\":[1]}"};
	/* The same of parts, and of the version before. */
	static const char *const parts[] = {"{\"12\":{\"rule\":3,\"found\":{\"bsn\":1}}}", "[]", "{\"x\":{}}",
	    "{\"1\":1}", "{\"1\":{\"rule\":-1}}", "{\"1\":{\"rule\":\"x\"}}", "{\"1\":{\"a b\":{}}}",
	    "{\"1\":{\"found\":{\"bsn\":-1}}}", "{\"1\":{\"found\":1}}", "{\"11111111111111111\":{}}"};
	/* The first three are good. */
	static const char *const fields[] = {"{}",
	    "{\"1:12\":{\"file:date-form\":1,\"record:value-type\":7},\"1000:65537\":{}}",
	    "{\"1:2\":{\"match\":\"a/**\",\"name\":\"Één kolom\",\"record:value-type\":7}}", "[]", "7",
	    "{\"1\":{}}", "{\"1:\":{}}", "{\":1\":{}}", "{\"1:2:3\":{}}", "{\"1:a\":{}}",
	    "{\"11111111111111111:1\":{}}", "{\"1:11111111111111111\":{}}", "{\"1:2\":7}",
	    "{\"1:2\":{\"value-type\":7}}", "{\"1:2\":{\"check:value-type\":7}}",
	    "{\"1:2\":{\"record:a b\":7}}", "{\"1:2\":{\"record:value-type\":-1}}",
	    "{\"1:2\":{\"record:value-type\":\"x\"}}", "{\"1:2\":{\"name\":7}}", "{\"1:2\":{\"name\":\"\"}}",
	    "{\"1:2\":{\"match\":[]}}", "{\"1:2\":{\"other\":\"x\"}}"};
#define PREVIOUS(difference, policy)                                                                    \
	"{\"difference\":" difference ",\"policy\":\"" policy "\",\"scrubber\":\"same\",\"version\":1," \
	"\"version-id\":\"aaaaaaaaaaaaaaaaaaaaaaaaaa\"}"
	static const char *const previous[] = {PREVIOUS("{\"held\":{\"file:nul-byte\":-3}}", "changed"),
	    PREVIOUS("{}", "other"), PREVIOUS("[]", "same"), PREVIOUS("{\"files\":1}", "same"),
	    PREVIOUS("{\"files\":{\"seen\":\"x\"}}", "same"), PREVIOUS("{\"files\":{\"A b\":1}}", "same"),
	    "[]", "{\"difference\":{}}"};
#undef PREVIOUS
	static const char *const sets[] = {"{\"abroad\":{\"bytes\":536936449,\"members\":4322,\"shards\":2}}",
	    "{}", "[]", "{\"Abroad\":{\"bytes\":536936449,\"members\":4322,\"shards\":2}}",
	    "{\"abroad\":{\"bytes\":536936449,\"members\":4322}}", "{\"abroad\":4322}",
	    "{\"abroad\":{\"bytes\":536936449,\"members\":4322,\"more\":1,\"shards\":2}}"};
	/* And of what people looked at. */
#define PART(reviewed, ppm) \
	"{\"at-most-ppm\":" ppm ",\"changed\":0,\"found\":1,\"population\":9,\"reviewed\":" reviewed "}"
#define LOOKED(set, letters, by, until, hex)                                              \
	"{\"by\":[" by "],\"digest\":\"" hex hex hex hex "\",\"from\":5,\"sets\":{\"" set \
	"\":{\"letters\":" letters ",\"others\":3,\"scans\":" PART(                       \
	    "0", "1000000") "}},\"until\":" until ",\"wanted\":{\"found\":0,\"letters\":2,\"scans\":0}}"
#define HEX "0123456789abcdef"
	static const char *const review[] = {LOOKED("abroad", PART("9", "1"), "\"a@b\"", "5", HEX),
	    LOOKED("Abroad", PART("9", "1"), "\"a@b\"", "5", HEX),
	    LOOKED("abroad", PART("10", "1"), "\"a@b\"", "5", HEX),
	    LOOKED("abroad", PART("-1", "1"), "\"a@b\"", "5", HEX),
	    LOOKED("abroad", PART("9", "1000001"), "\"a@b\"", "5", HEX),
	    LOOKED("abroad", PART("9", "\"1\""), "\"a@b\"", "5", HEX),
	    LOOKED("abroad", "{}", "\"a@b\"", "5", HEX), LOOKED("abroad", "7", "\"a@b\"", "5", HEX),
	    LOOKED("abroad", PART("9", "1"), "\"a b\"", "5", HEX),
	    LOOKED("abroad", PART("9", "1"), "7", "5", HEX),
	    LOOKED("abroad", PART("9", "1"), "\"a@b\"", "4", HEX),
	    LOOKED("abroad", PART("9", "1"), "\"a@b\"", "5", "0123456789abcdeF"), "{}", "[]", "7"};
#undef LOOKED
#undef PART
#undef HEX
	struct buf text = mutate_vector("release/report.json"), words;
	uint8_t digest[DIGEST_LEN];
	struct acceptance a;
	struct json *many;
	char *said;

	mutate_all(take_acceptance, &text, NULL, free_form);
	mutate_twice(take_acceptance, &text);
#define REFUSED(path, value) mutate_value(take_acceptance, &text, path, value, false)
	REFUSED("state", json_string("accepted"));
	mutate_value(take_acceptance, &text, "state", json_string("sealed"), true);
	REFUSED("report.files.seen", json_int(-1));
	/* Each set is named once, and together they are what is said of all. */
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		mutate_value(
		    take_acceptance, &text, "sets", json_parse(sets[i], strlen(sets[i]), "sets", &e), i == 0);
	REFUSED("sets.domestic.members", json_int(2));
	REFUSED("sets.domestic.shards", json_int(-1));
	REFUSED("bytes", json_int(536936448));
	REFUSED("report.held.file:a b", json_object());
	REFUSED("report.held.file:kind-unknown.count", json_int(-1));
	REFUSED("report.held.file:kind-unknown.files.0", json_int(-1));
	REFUSED("report.held.person:x", json_parse("{\"count\":1,\"files\":[]}", 22, "held", &e));
	mutate_value(take_acceptance, &text, "report.held.check:x",
	    json_parse("{\"count\":1,\"files\":[]}", 22, "held", &e), true);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		mutate_value(take_acceptance, &text, "report.held.file:column-unnamed",
		    json_parse(columns[i], strlen(columns[i]), "held", &e), i == 0);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		mutate_value(take_acceptance, &text, "report.by-file",
		    json_parse(parts[i], strlen(parts[i]), "parts", &e), i == 0);
		mutate_value(take_acceptance, &text, "report.rules",
		    json_parse(parts[i], strlen(parts[i]), "parts", &e), i == 0);
	}
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		mutate_value(take_acceptance, &text, "report.fields",
		    json_parse(fields[i], strlen(fields[i]), "fields", &e), i < 3);
	for (size_t n = 100; n <= 101; n++) {
		many = json_object();
		for (size_t i = 1; i <= n; i++) {
			char key[16];

			(void)snprintf(key, sizeof(key), "1:%zu", i);
			json_set(many, key, json_object());
		}
		mutate_value(take_acceptance, &text, "report.fields", many, n == 100);
	}
	for (size_t i = 0; i < sizeof(previous) / sizeof(previous[0]); i++)
		mutate_value(take_acceptance, &text, "report.previous",
		    json_parse(previous[i], strlen(previous[i]), "previous", &e), i == 0);
	for (size_t n = 100; n <= 101; n++) {
		many = json_array();
		for (size_t i = 0; i < n; i++)
			json_push(many, json_int((int64_t)i + 1));
		mutate_value(take_acceptance, &text, "report.held.file:kind-unknown.files", many, n == 100);
	}
	for (size_t i = 0; i < sizeof(review) / sizeof(review[0]); i++)
		mutate_value(take_acceptance, &text, "review",
		    json_parse(review[i], strlen(review[i]), "review", &e), i == 0);
#undef REFUSED
	buf_init(&words, 1 << 16);
	CHECK_OK(acceptance_decode(text.data, text.len, &a, &e));
	CHECK(a.held && a.version == 2 && a.members == 4322 && a.set_count == 2 && a.shards == 2);
	CHECK(a.set_count == 2 && strcmp(a.sets[1].name, "domestic") == 0 && a.sets[1].members == 1);
	digest_bytes(text.data, text.len, digest);
	CHECK_OK(acceptance_describe(&a, digest, &words, &e));
	said = strndup((char *)words.data, words.len);
	CHECK(said != NULL && strstr(said, "HELD") != NULL &&
	      strstr(said, "file: kind-unknown, 2 times") != NULL);
	CHECK(said != NULL && strstr(said, "30 seen, 27 passed, 2 held, 1 dropped") != NULL);
	CHECK(said != NULL && strstr(said, "bsn 12, email 3") != NULL);
	CHECK(said != NULL && strstr(said, "abroad: 1 shards, 4321 members, 536936448 bytes\n") != NULL &&
	      strstr(said, "domestic: 1 shards, 1 members, 1 bytes\n") != NULL);
	free(said);
	acceptance_free(&a);
	CHECK_ERR(acceptance_encode(&a, &words, &e), ERR_INPUT); /* no report any more */
	buf_free(&words);
	buf_free(&text);
}

/* All that a report can hold is put before its steward; what nobody thought of here under its own name. */
static void
test_described(void)
{
	static const char report[] =
	    "{\"actions\":{\"blank\":1001,\"coarse\":1002,\"keep\":1003},\"appended\":{\"files\":1004},"
	    "\"brand-new\":{\"odd\":1005},"
	    "\"by-file\":{\"12\":{\"found\":{\"bsn\":1006},\"records\":{\"held\":1007},\"rule\":3}},"
	    "\"bytes\":{\"in\":1008},"
	    "\"canaries\":{\"csv\":1009},\"check\":{\"members\":1010},\"disclosure\":{\"held\":1011,"
	    "\"smallest\":1012},"
	    "\"fields\":{\"1:2\":{\"file:date-form\":1,\"match\":\"brieven/"
	    "*\\u001b[2J\",\"name\":\"leef\\u202etijd\",\"record:value-type\":1013},"
	    "\"9:7\":{\"record:value-range\":1014}},\"files\":{\"carried\":1015,\"seen\":1016},\"formats\":{"
	    "\"csv\":1017},"
	    "\"found\":{\"bsn\":1018},\"held\":{\"file:column-unnamed\":{\"columns\":[1020,1021],\"count\":"
	    "1019,\"files\":[1022,1023]}},"
	    "\"members\":{\"out\":1024},\"previous\":{\"difference\":{\"held\":{\"file:nul-byte\":-1025},"
	    "\"rules\":{\"1:records:passed\":1026}},"
	    "\"policy\":\"changed\",\"scrubber\":\"same\",\"version\":1027,\"version-id\":"
	    "\"aaaaaaaaaaaaaaaaaaaaaaaaaa\"},"
	    "\"quasi\":{\"1-smallest\":1028},\"records\":{\"held\":1029},\"rules\":{\"3\":{\"actions\":{"
	    "\"keep\":1030}}},\"sealed\":{\"files\":1031},"
	    "\"subjects\":{\"excluded\":1032},\"told\":{\"least\":1033},\"withdrawn\":{\"subjects\":1034}}";
	struct acceptance a = {.version = 1,
	    .house = "h",
	    .holder = "u",
	    .dataset = "d",
	    .version_id = "aaaaaaaaaaaaaaaaaaaaaaaaaa",
	    .set_count = 1,
	    .sets = {{.name = "abroad"}},
	    .report = json_parse(report, sizeof(report) - 1, "report", &e)};
	struct buf text, words;
	char *said, number[8];
	struct acceptance back;

	buf_init(&text, ACCEPTANCE_MAX);
	buf_init(&words, 1 << 16);
	CHECK(a.report != NULL);
	CHECK_OK(acceptance_encode(&a, &text, &e));
	CHECK_OK(acceptance_decode(text.data, text.len, &back, &e));
	CHECK_OK(acceptance_describe(&back, (uint8_t[DIGEST_LEN]){0}, &words, &e));
	said = strndup((char *)words.data, words.len);
	for (int i = 1001; i <= 1034; i++) {
		(void)snprintf(number, sizeof(number), "%d", i);
		if (said == NULL || strstr(said, number) == NULL)
			(void)fprintf(stderr, "%s is not said\n", number);
		CHECK(said != NULL && strstr(said, number) != NULL);
	}
	CHECK(
	    said != NULL &&
	    strstr(said,
		"  held values of leef?tijd of brieven/*?[2J: 1 file date-form, 1013 records value-type\n") !=
		NULL);
	CHECK(said != NULL && strstr(said, "column 7 of rule 9: 1014 records value-range\n") != NULL);
	CHECK(said != NULL && strstr(said, "in files 1022 (column 1020) 1023 (column 1021)\n") != NULL);
	CHECK(said != NULL && strstr(said, "  brand-new      odd 1005\n") != NULL);
	CHECK(said != NULL && strstr(said, "1016 seen, 0 passed, 0 held, 1015 carried\n") != NULL);
	for (char *at = said; at != NULL && *at != '\0'; at++)
		CHECK((unsigned char)*at >= 0x20 || *at == '\n');
	for (char *at = said, *end; at != NULL && *at != '\0'; at = end + 1)
		CHECK((end = strchr(at, '\n')) != NULL && end - at <= 100);
	free(said);
	acceptance_free(&back);
	acceptance_free(&a);
	buf_free(&text);
	buf_free(&words);
}

int
main(void)
{
	test_acceptance();
	test_described();
	return check_done();
}
