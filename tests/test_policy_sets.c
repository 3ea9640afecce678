/* Policies with several sets: which fields go where, and what must be refused. */
#include <string.h>

#include "policy_yaml.h"

#define TWO "sets: {domestic: {hold: [NL], open: [snellius]}, abroad: {hold: [NL, FI], open: [lumi]}}\n"
#define THREE                                                                                           \
	"sets: {domestic: {hold: [NL], open: [snellius]}, abroad: {hold: [NL, FI], open: [lumi]}, eu: " \
	"{hold: [NL, BE], open: [x]}}\n"
#define ONE "sets: {domestic: {hold: [NL], open: [snellius]}}\n"

/* The policy of these rules and sets, resolved and read back. */
static struct policy *
made(const char *rules, const char *sets_part)
{
	char text[4096];
	struct json *j;
	struct policy *p = NULL;

	snprintf(text, sizeof(text), "%sfiles:\n%s%s", head, rules, sets_part);
	e = (struct err){0};
	if ((j = resolve(text)) != NULL)
		p = policy_decode(j, &e);
	if (p == NULL)
		fprintf(stderr, "%s%s\n", text, e.text);
	CHECK(p != NULL);
	json_free(j);
	return p;
}

/* The name of the set that a field of the first rule goes to; "*": all of its rule's. */
static const char *
set_of(const struct policy *p, const char *field)
{
	const struct rule *r = &p->rules[0];

	for (size_t i = 0; i < r->field_count; i++)
		if (strcmp(r->fields[i].name, field) == 0)
			return r->fields[i].action.set == POLICY_SET_EVERY ? "*"
									   : p->sets[r->fields[i].action.set];
	return "?";
}

static void
test_fields(void)
{
	struct policy *p =
	    made("  - match: a\n    format: csv\n    columns: {nr: pseudonym, own: {do: pseudonym, "
		 "set: domestic}, job: {do: text, set: domestic}, crp: {keep: number}, here: "
		 "{keep: code, pattern: a, set: abroad}, bsn: drop}\n",
		TWO);

	if (p == NULL)
		return;
	CHECK(p->set_count == 2 && strcmp(p->sets[0], "abroad") == 0 && strcmp(p->sets[1], "domestic") == 0);
	CHECK(p->set_first == 0 && p->rules[0].set == 0);
	CHECK(p->rules[0].set_count == 2 && p->rules[0].sets[0] == 0 && p->rules[0].sets[1] == 1);
	CHECK(strcmp(set_of(p, "nr"), "*") == 0 && strcmp(set_of(p, "own"), "domestic") == 0);
	CHECK(strcmp(set_of(p, "job"), "domestic") == 0 && strcmp(set_of(p, "crp"), "abroad") == 0);
	CHECK(strcmp(set_of(p, "here"), "abroad") == 0);
	CHECK(policy_action_in(&p->rules[0].fields[0].action, 0) &&
	      policy_action_in(&p->rules[0].fields[0].action, 1));
	CHECK(!policy_action_in(&p->rules[0].fields[2].action, 0) &&
	      policy_action_in(&p->rules[0].fields[2].action, 1));
	policy_free(p);
}

static void
test_rules(void)
{
	/* A whole rule elsewhere; of its fields one comes back. */
	struct policy *p =
	    made("  - {match: a, format: jsonl, set: domestic, fields: {$.nr: pseudonym, $.t: text, "
		 "$.c: {keep: number, set: abroad}}}\n  - {match: b, format: text}\n  - {match: c, "
		 "format: opaque, ext: nii, set: domestic}\n  - {match: d, format: dicom, set: "
		 "domestic}\n  - {match: e, format: drop}\n",
		TWO);

	if (p != NULL) {
		CHECK(strcmp(set_of(p, "$.t"), "domestic") == 0 && strcmp(set_of(p, "$.c"), "abroad") == 0);
		CHECK(p->rules[0].set == 1 && p->rules[0].set_count == 2 && p->rules[0].sets[0] == 1);
		CHECK(p->rules[1].set == 0 && p->rules[1].set_count == 1);
		CHECK(p->rules[2].set == 1 && p->rules[2].set_count == 1 && p->rules[3].set == 1);
		policy_free(p);
	}
	/* One set, whatever it is called, has all of it. */
	p = made(
	    "  - {match: a, format: csv, columns: {nr: pseudonym, x: {keep: number, set: domestic}}}\n", ONE);
	if (p != NULL) {
		CHECK(p->set_first == 0 && p->rules[0].set_count == 1);
		policy_free(p);
	}
	p = made(
	    "  - {match: a, format: csv, columns: {nr: pseudonym, x: {keep: number, set: eu}, y: {do: text, "
	    "set: domestic}}}\n",
	    THREE);
	if (p != NULL) {
		CHECK(p->rules[0].set_count == 3 && p->rules[0].sets[0] == 0 && p->rules[0].sets[1] == 2);
		policy_free(p);
	}
}

/* Nothing would join them, or nothing would go there: in that line, counted from the first rule's. */
static void
wrong(const char *rules, const char *sets_part, unsigned line, const char *why)
{
	char text[4096];

	snprintf(text, sizeof(text), "%sfiles:\n%s%s", head, rules, sets_part);
	refused(text, strlen(text), 5 + line, why);
}

static void
test_refused(void)
{
	wrong("  - {match: a, format: csv, columns: {nr: drop, job: {do: text, set: domestic}}}\n", TWO, 1,
	    "nothing that joins them");
	wrong("  - {match: a, format: csv, columns: {nr: {do: pseudonym, set: abroad}, job: {do: text, set: "
	      "domestic}}}\n",
	    TWO, 1, "nothing that joins them");
	wrong(
	    "  - {match: a, format: csv, set: domestic, columns: {nr: drop, job: {do: text, set: abroad}}}\n",
	    TWO, 1, "nothing that joins them");
	/* Parts of a file stand under nobody; records stand under their subject. */
	wrong(
	    "  - {match: a, format: jsonl, subject: $.nr, sample: file, fields: {$.nr: drop, $.t: {do: text, "
	    "set: domestic}}}\n",
	    TWO, 1, "nothing that joins them");
	policy_free(
	    made("  - {match: a, format: jsonl, subject: $.nr, fields: {$.nr: drop, $.t: {do: text, set: "
		 "domestic}, $.c: {keep: number}}}\n",
		TWO));
	wrong("  - {match: a, format: xml, subject: $.a.@id, fields: {$.a.@id: pseudonym, $.a.b: {do: text, "
	      "set: "
	      "domestic}}}\n",
	    TWO, 1, "goes whole to the `set` of its rule");
	wrong("  - {match: a, format: csv, columns: {nr: pseudonym}}\n", TWO, 2,
	    "nothing goes to the set `domestic`");
	wrong("  - {match: a, format: text, set: domestic}\n", TWO, 2, "nothing goes to the set `abroad`");
	wrong("  - {match: a, format: text, set: domestic}\n  - {match: b, format: drop}\n", TWO, 3,
	    "nothing goes to the set `abroad`");
	wrong("  - {match: a, format: text, set: domestik}\n", TWO, 1, "there is no set `domestik`");
	wrong("  - {match: a, format: text, set: domestic}\n",
	    "sets: {domestic: {hold: [NL], open: [x]}, eu: {hold: [NL], open: [x]}}\n", 2,
	    "one is called `abroad`");
}

/* A resolved form that was not made by us. */
static void
test_decode(void)
{
	static const char *const breaks[] = {
	    "\"set\":\"eu\"", "\"set\":7", "\"set\":\"\"", "\"zet\":\"domestic\""};
	char text[4096];
	struct json *j;
	struct buf whole;
	char *at;

	snprintf(text, sizeof(text),
	    "%sfiles:\n  - {match: a, format: csv, columns: {nr: pseudonym, job: {do: text, set: "
	    "domestic}}}\n%s",
	    head, TWO);
	CHECK((j = resolve(text)) != NULL);
	buf_init(&whole, 1 << 16);
	CHECK_OK(json_encode(j, &whole, &e));
	CHECK_OK(buf_put_u8(&whole, 0, &e));
	json_free(j);
	CHECK((at = strstr((char *)whole.data, "\"set\":\"domestic\"")) != NULL);
	for (size_t i = 0; at != NULL && i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - (char *)whole.data), (char *)whole.data,
		    breaks[i], at + strlen("\"set\":\"domestic\""));
		CHECK((j = json_parse(text, strlen(text), "resolved", &e)) != NULL);
		CHECK(policy_decode(j, &e) == NULL && e.code == ERR_INPUT);
		json_free(j);
	}
	buf_free(&whole);
}

int
main(void)
{
	test_fields();
	test_rules();
	test_refused();
	test_decode();
	return check_done();
}
