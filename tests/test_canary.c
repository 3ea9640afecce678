/* Canaries: each file of each form holds the values that must be gone, which the second scan's matching finds in it as it stands. */
#include <sodium.h>
#include <stdlib.h>

#include "../stager/house/canary.h"
#include "check.h"
#include "stager/check.h"
#include "stager/json.h"

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

int
main(void)
{
	if (sodium_init() == -1)
		return 77;
	for (int i = 0; i < 50; i++)
		test_forms();
	test_xml_subject();
	test_less();
	return check_done();
}
