/* Canaries: each file of each form holds the values that must be gone, which the second scan's matching finds in it as it stands. */
#include <sodium.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../stager/house/canary.h"
#include "check.h"
#include "stager/check.h"
#include "stager/entry.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/scrub.h"
#include "stager/source.h"
#include "stager/unpack.h"

static struct err e;

static struct json *
parse(const char *text)
{
	struct json *j = json_parse((const uint8_t *)text, strlen(text), "test", &e);

	if (j == NULL) {
		fprintf(stderr, "%s\n", e.text);
		abort();
	}
	return j;
}

#define POLICY(known)                                                           \
	"{\"dates\":{\"order\":[\"dd-MM-yyyy\"]},\"subject\":{\"known\":" known \
	"},\"text\":{\"person\":\"tag\"}}"

/* How many of the values are in what is planted for a rule; -1: nothing is planted for it. */
static int
planted(const struct canaries *c, const char *rule_text, struct buf *out)
{
	struct json *rule = parse(rule_text);
	int made, found = 0;

	buf_clear(out);
	made = canaries_file(c, rule, out, &e);
	json_free(rule);
	if (made != 1)
		return made == 0 ? -1 : -2;
	for (size_t i = 0; i < c->values->count; i++) {
		int rc = check_canary(out->data, out->len, strstr(rule_text, "json") != NULL,
		    json_get(c->values->items[i], "value")->string, &e);

		CHECK(rc == 0 || rc == 1);
		found += rc;
	}
	return found;
}

#define XML(fields)                                                                                    \
	"{\"format\":\"xml\",\"namespaces\":[{\"prefix\":\"\",\"uri\":\"urn:a&b\"},{\"prefix\":\"p\"," \
	"\"uri\":\"urn:p\"}],\"fields\":[" fields "]}"
#define PATH(path, action) "{\"name\":\"" path "\",\"action\":{" action "}}"
#define DO(word) "\"do\":\"" word "\""

static bool
has(const struct buf *out, const char *text)
{
	return memmem(out->data, out->len, text, strlen(text)) != NULL;
}

/* An element or attribute for each path, with its prefix and its condition; none where the value is kept as it is. */
static void
test_xml(const struct canaries *c, int all, struct buf *out)
{
	char want[256];

	CHECK(planted(c,
		  XML(PATH("$.a.b", DO("text")) "," PATH("$.a.b.@c", DO("year")) "," PATH(
		      "$.a.d.@p:e", DO("blank"))),
		  out) == all);
	CHECK(has(out, "<a xmlns=\"urn:a&amp;b\" xmlns:p=\"urn:p\"><b c=\""));
	snprintf(want, sizeof(want), "<d p:e=\"%s\"></d>", c->key);
	CHECK(has(out, want));
	/* wildcards; more exact paths lead elsewhere */
	CHECK(planted(c,
		  XML(PATH("$.a.**", DO("text")) "," PATH("$.a.*", DO("drop")) "," PATH(
		      "$.a.**.@*", DO("drop")) "," PATH("$.a.**.b", DO("drop")) "," PATH("$.a.b",
		      "\"keep\":\"code\"") "," PATH("$.a.**.e.@f", "\"keep\":\"code\"")),
		  out) == all - 1);
	/* what goes by one path, and is searched by another, has what is searched for */
	snprintf(want, sizeof(want), "<kanarie>%.60s", c->text);
	CHECK(has(out, want));
	snprintf(want, sizeof(want), "<kanarie><kanarie kanarie=\"%s\">", c->key);
	CHECK(has(out, want));
	snprintf(want, sizeof(want), "<b>%.60s", c->text);
	CHECK(has(out, want));
	CHECK(!has(out, "\"><b>") && !has(out, "<e"));
	/* where paths differ, only what is gone by all of them */
	CHECK(planted(c, XML(PATH("$.a.**", DO("text")) "," PATH("$.a.b.**", DO("shift"))), out) == all - 2);
	CHECK(!has(out, "<b>"));
	CHECK(planted(c, XML(PATH("$.a.**.@*", DO("drop")) "," PATH("$.a.b.@v", DO("shift"))), out) == 2);
	snprintf(want, sizeof(want), "<b v=\"%s\">", c->day);
	CHECK(has(out, want));
	CHECK(planted(c, XML(PATH("$.a.**.b", "\"keep\":\"code\"") "," PATH("$.a.*.b", DO("blank"))), out) ==
	      -1);
	CHECK(planted(c, XML(PATH("$.a.**", "\"keep\":\"code\"") "," PATH("$.a.b", DO("blank"))), out) == -1);
	CHECK(planted(c,
		  XML(PATH("$.a.*", DO("drop")) "," PATH(
		      "$.a.b", "\"do\":\"pseudonym\",\"reference\":[\"Patient\"]") "," PATH("$.a.c",
		      "\"do\":\"pseudonym\",\"reference\":[\"Patient\"]")),
		  out) == 1);
	CHECK(!has(out, "Patient/"));
	/* of several by an attribute, which the rule must say something of, and which stands there once */
	CHECK(planted(c,
		  XML(PATH("$.a.b[@r=1.2].@e", DO("pseudonym")) "," PATH("$.a.b[@r=1.2].@r", DO("drop"))),
		  out) == 1);
	snprintf(want, sizeof(want), "<b r=\"1.2\" e=\"%s\"></b>", c->key);
	CHECK(has(out, want));
	CHECK(planted(c, XML(PATH("$.a.b[@r=1.2].@e", DO("pseudonym"))), out) == -1);
	CHECK(
	    planted(c, XML(PATH("$.a.b[@r=<].@e", DO("pseudonym")) "," PATH("$.**.@*", "\"keep\":\"code\"")),
		out) == -1);
	CHECK(planted(c,
		  XML(PATH("$.a.b[@r=x].@e", DO("pseudonym")) "," PATH(
		      "$.a.**.@r", "\"keep\":\"enum\",\"values\":[\"w\",\"x\"]")),
		  out) == 1);
	CHECK(planted(c,
		  XML(PATH("$.a.b[@r=x].@e", DO("pseudonym")) "," PATH(
		      "$.a.**.@r", "\"keep\":\"enum\",\"values\":[\"w\"]")),
		  out) == -1);
	/* one document has one root; nothing leaves of one that is dropped, nor of one where all is kept */
	CHECK(planted(c, XML(PATH("$.a.b", DO("drop")) "," PATH("$.z.y", DO("drop"))), out) == 1);
	CHECK(has(out, "<b>") && !has(out, "<y>"));
	CHECK(planted(c, XML(PATH("$.**.b", DO("blank"))), out) == 1);
	CHECK(planted(c, XML(PATH("$.a.b", DO("text")) "," PATH("$.a", DO("drop"))), out) == -1);
	CHECK(planted(c, XML(PATH("$.a.b", DO("text")) "," PATH("$.**", DO("drop"))), out) == -1);
	CHECK(planted(c, XML(PATH("$.a.b", "\"keep\":\"number\"")), out) == -1);
	CHECK(planted(c, "{\"format\":\"xml\"}", out) == -1);
}

/* Many .** in one path are as soon done as one: each may end at any element, which is no reason to try all ways. */
static void
test_xml_deep(const struct canaries *c, int all, struct buf *out)
{
	struct buf rule;

	buf_init(&rule, 1 << 16);
	CHECK_OK(buf_put_str(&rule, "{\"format\":\"xml\",\"fields\":[{\"name\":\"$.a", &e));
	for (int i = 0; i < 30; i++)
		CHECK_OK(buf_put_str(&rule, ".**.b", &e));
	CHECK_OK(buf_put_str(&rule, ".c\",\"action\":{\"keep\":\"code\"}},{\"name\":\"$.a", &e));
	for (int i = 0; i < 60; i++)
		CHECK_OK(buf_put_str(&rule, ".b", &e));
	CHECK_OK(buf_put_str(&rule, ".d\",\"action\":{\"do\":\"text\"}}]}", &e));
	/* It leads nowhere of what the other path makes; and to all of it where both end alike. */
	CHECK(planted(c, buf_cstr(&rule, &e), out) == all - 2);
	memcpy(strstr((char *)rule.data, ".c\""), ".d\"", 3);
	CHECK(planted(c, buf_cstr(&rule, &e), out) == -1);
	buf_free(&rule);
}

/* Where no table says who there is, a document must: at a path whose value is not kept. */
static void
test_xml_subject(void)
{
	struct json *policy = parse("{\"text\":{}}");
	struct canaries c;
	struct buf out;

	buf_init(&out, 1 << 20);
	CHECK_OK(canaries_make(&c, policy, &e));
	CHECK(planted(&c,
		  "{\"format\":\"xml\",\"subject\":\"$.a.@id\",\"fields\":[" PATH(
		      "$.a.@id", DO("pseudonym")) "]}",
		  &out) == 1);
	CHECK(planted(&c,
		  "{\"format\":\"xml\",\"subject\":\"$.a.@id\",\"fields\":[" PATH("$.a.@*", DO("drop")) "]}",
		  &out) == -1);
	canaries_free(&c);
	json_free(policy);
	buf_free(&out);
}

static void
test_forms(void)
{
	struct json *policy = parse(POLICY("{\"person\":[\"a\"],\"number\":[\"b\"],\"address\":[\"c\"]}"));
	struct canaries c;
	struct buf out;
	int all, in_text;

	buf_init(&out, 1 << 20);
	CHECK_OK(canaries_make(&c, policy, &e));
	all = (int)c.values->count;
	CHECK(all == 17);
	in_text = all - 2; /* the key and the day stand in fields of their own */
	CHECK(planted(&c, "{\"format\":\"text\"}", &out) == in_text);
	CHECK(planted(&c,
		  "{\"format\":\"csv\",\"csv\":{\"delimiter\":\";\"},\"columns\":[{\"name\":\"a\",\"action\":"
		  "{\"do\":\"text\"}},"
		  "{\"name\":\"b\",\"action\":{\"attribute\":\"age\"}},{\"name\":\"c\",\"action\":{\"do\":"
		  "\"shift\"}}]}",
		  &out) == all);
	CHECK(planted(&c,
		  "{\"format\":\"jsonl\",\"fields\":[{\"name\":\"$.a[*].b\",\"action\":{\"do\":\"text\"}},"
		  "{\"name\":\"$.c\",\"action\":{\"do\":\"year\"}},{\"name\":\"$.d\",\"action\":{\"do\":"
		  "\"blank\"}}]}",
		  &out) == all);
	CHECK(planted(&c,
		  "{\"format\":\"json\",\"fields\":[{\"name\":\"$.a\",\"action\":{\"do\":\"pseudonym\"}}]}",
		  &out) == 1);
	/* A pseudonym of a reference takes one. */
	CHECK(planted(&c,
		  "{\"format\":\"json\",\"fields\":[{\"name\":\"$.a\",\"action\":{\"do\":\"pseudonym\","
		  "\"reference\":[\"Patient\"]}}]}",
		  &out) == 1);
	CHECK(memmem(out.data, out.len, "Patient/", 8) != NULL);
	CHECK(planted(&c,
		  "{\"format\":\"fixed\",\"fixed\":[{\"at\":2,\"width\":9},{\"at\":20,\"width\":161},{\"at\":"
		  "181,\"width\":10}],"
		  "\"columns\":[{\"name\":\"a\",\"action\":{\"do\":\"drop\"}},{\"name\":\"b\",\"action\":{"
		  "\"do\":\"text\"}},"
		  "{\"name\":\"c\",\"action\":{\"do\":\"shift\"}}]}",
		  &out) == all);
	/* Too narrow for anything: of an empty line nothing would come out to be looked at. */
	CHECK(planted(&c,
		  "{\"format\":\"fixed\",\"fixed\":[{\"at\":1,\"width\":3}],\"columns\":[{\"name\":\"a\","
		  "\"action\":{\"do\":\"text\"}}]}",
		  &out) == -1);
	CHECK(planted(&c, "{\"format\":\"dicom\",\"modality\":[],\"tags\":[]}", &out) ==
	      all - 1); /* the day is in none */
	CHECK(
	    planted(&c, "{\"format\":\"dicom\",\"modality\":[\"US\",\"MR\"],\"tags\":[]}", &out) == all - 1);
	CHECK(memmem(out.data, out.len, "1.2.840.10008.5.1.4.1.1.4", 26) != NULL);
	/* What the policy decides itself is left alone: the name of PatientName stands in PatientComments, too. */
	CHECK(
	    planted(&c,
		"{\"format\":\"dicom\",\"modality\":[],\"tags\":[{\"tag\":\"(0010,4000)\",\"do\":\"keep\"}]}",
		&out) == 4);
	CHECK(planted(&c, "{\"format\":\"dicom\",\"modality\":[\"US\"],\"tags\":[]}", &out) == -1);
	test_xml(&c, all, &out);
	test_xml_deep(&c, all, &out);
	CHECK(planted(&c, "{\"format\":\"opaque\"}", &out) == -1);
	CHECK(planted(&c, "{\"format\":\"drop\"}", &out) == -1);
	canaries_free(&c);
	json_free(policy);
	buf_free(&out);
}

/* Without subjects nothing is known of anybody; what the policy keeps need not be gone. */
static void
test_less(void)
{
	struct json *policy = parse("{\"text\":{\"person\":\"keep\"}}");
	struct canaries c;

	CHECK_OK(canaries_make(&c, policy, &e));
	CHECK(c.values->count == 12);
	CHECK(c.known->count == 0);
	CHECK(c.day[0] == '\0');
	canaries_free(&c);
	json_free(policy);
}

/* What a compressed file holds, as a reader of files unpacks it: 0, or -1 where it refuses. */
static int
unpacked(const uint8_t *data, size_t len, const char *name, struct buf *out)
{
	struct source_mem in;
	struct unpacked *u;
	uint8_t *to;
	ssize_t n;
	int rc = -1;

	buf_clear(out);
	source_mem_init(&in, data, len, name);
	if ((u = unpack_new(&in.source, &e)) == NULL)
		return -1;
	while ((to = buf_reserve(out, 65536, &e)) != NULL &&
	       (n = unpack_source(u)->read(unpack_source(u), to, 65536, &e)) > 0)
		out->len += (size_t)n;
	if (to != NULL && n == 0)
		rc = unpack_finish(u, &e);
	unpack_free(u);
	return rc;
}

static int
pack(const char *rule_text, const char *name, struct buf *file)
{
	struct json *rule = parse(rule_text);
	int rc = canaries_pack(rule, name, file, &e);

	json_free(rule);
	return rc;
}

/* Of any length it comes out as it went in; cut anywhere, or changed where a sum tells, it does not. */
static void
test_packed(void)
{
	static const size_t lens[] = {
	    0, 1, 2, 3, 4, 300, 65535, 65536, 65537, 131070, 131071, 131072, 131073, 300000};
	static const struct {
		const char *rule, *name;
		bool sum;
	} kinds[] = {{"{\"format\":\"csv\"}", "a.gz", true}, {"{\"format\":\"text\"}", "b/a.txt.XZ", true},
	    {"{\"format\":\"xml\"}", "a.zst", false}};
	static const char *const plain[][2] = {{"{\"format\":\"csv\"}", "a.csv"},
	    {"{\"format\":\"dicom\"}", "a.gz"}, {"{\"format\":\"csv\"}", "a/.gz"},
	    {"{\"format\":\"csv\"}", "a.gz/b"}, {"{}", "a.gz"}};
	static uint8_t data[300000];
	struct buf file, out;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)('a' + (i * 7 + (i >> 9)) % 26);
	buf_init(&out, 1 << 20);
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
			buf_init(&file, 1 << 20);
			CHECK_OK(buf_put(&file, data, lens[i], &e));
			CHECK_OK(pack(kinds[k].rule, kinds[k].name, &file));
			CHECK(file.len > lens[i]);
			CHECK_OK(unpacked(file.data, file.len, kinds[k].name, &out));
			CHECK(out.len == lens[i] && memcmp(out.data, data, out.len) == 0);
			for (size_t cut = 0; lens[i] <= 300 && cut < file.len; cut++)
				CHECK_ERR(unpacked(file.data, cut, kinds[k].name, &out), ERR_INPUT);
			if (kinds[k].sum && lens[i] > 0) {
				((uint8_t *)memmem(file.data + 12, file.len - 12, data,
				    lens[i] < 300 ? lens[i] : 300))[0] ^= 1;
				CHECK_ERR(unpacked(file.data, file.len, kinds[k].name, &out), ERR_INPUT);
			}
			buf_free(&file);
		}
		/* No room for what stands around it. */
		buf_init(&file, 300);
		CHECK_OK(buf_put(&file, data, 295, &e));
		CHECK_ERR(pack(kinds[k].rule, kinds[k].name, &file), ERR_LIMIT);
		CHECK(file.len == 295 && memcmp(file.data, data, 295) == 0);
		buf_free(&file);
	}
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		buf_init(&file, 1 << 20);
		CHECK_OK(buf_put(&file, data, 300, &e));
		CHECK_OK(pack(plain[i][0], plain[i][1], &file));
		CHECK(file.len == 300 && memcmp(file.data, data, 300) == 0);
		buf_free(&file);
	}
	buf_free(&out);
}

/* The members that come of a planted file; -1 where it is refused. */
static int
scrubbed(struct policy *policy, size_t rule, const char *name, const void *data, size_t len)
{
	struct json *known = json_object();
	struct entry_writer out;
	struct source_mem in;
	struct scrub scrub = {.policy = policy, .out = &out};
	int rc;

	entry_writer_init(&out, memfd_create("entries", MFD_CLOEXEC));
	source_mem_init(&in, data, len, name);
	rc = scrub_canary(&scrub, rule, known, &in.source, &e);
	(void)close(out.fd);
	json_free(known);
	return rc == -1 ? -1 : (int)out.entries;
}

/* A planted file goes the way that files of its name go, and no other: also where the rule says nothing of compressed ones. */
static void
test_packed_way(void)
{
	static const char yaml[] = "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\nfiles:\n"
				   "  - {match: '*.csv', format: csv, columns: {a: text}}\n"
				   "  - {match: '*.csv.gz', format: csv, columns: {a: text}}\n"
				   "sets: {abroad: {hold: [NL], open: [lumi]}}\n";
	static const char *const names[] = {"canary", "canary.gz", "canary.xz", "canary.zst"};
	struct json *resolved = policy_from_yaml(yaml, strlen(yaml), &e);
	const struct json *rules;
	struct policy *policy;
	struct canaries c;
	struct buf plain, packed;

	if (resolved == NULL || (policy = policy_decode(resolved, &e)) == NULL)
		abort();
	rules = json_get(resolved, "files");
	buf_init(&plain, ENTRY_CANARY_MAX);
	buf_init(&packed, ENTRY_CANARY_MAX);
	CHECK_OK(canaries_make(&c, resolved, &e));
	CHECK(canaries_file(&c, rules->items[0], &plain, &e) == 1);
	for (size_t rule = 0; rule < 2; rule++)
		CHECK(scrubbed(policy, rule, names[0], plain.data, plain.len) == 1);
	for (size_t i = 1; i < 4; i++) {
		buf_clear(&packed);
		CHECK_OK(buf_put(&packed, plain.data, plain.len, &e));
		CHECK_OK(canaries_pack(rules->items[0], names[i], &packed, &e));
		for (size_t rule = 0; rule < 2; rule++) {
			CHECK(scrubbed(policy, rule, names[i], packed.data, packed.len) == 1);
			CHECK(scrubbed(policy, rule, names[i], packed.data, packed.len - 1) == -1 &&
			      e.code == ERR_INPUT);
			CHECK(scrubbed(policy, rule, names[i % 3 + 1], packed.data, packed.len) == -1 &&
			      e.code == ERR_INPUT);
			CHECK(scrubbed(policy, rule, names[i], plain.data, plain.len) == -1 &&
			      e.code == ERR_INPUT);
		}
	}
	canaries_free(&c);
	buf_free(&plain);
	buf_free(&packed);
	policy_free(policy);
	json_free(resolved);
}

int
main(void)
{
	if (sodium_init() == -1)
		return 77;
	for (int i = 0; i < 50; i++)
		test_forms();
	test_xml_subject();
	test_less();
	test_packed();
	test_packed_way();
	return check_done();
}
