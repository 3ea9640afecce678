/* What a change of policy lets out: each kind of change in its direction and back, and none that goes unsaid. */
#include <stdlib.h>

#include "policy_diff_run.h"

#define SET(hold, open, evidence, results)                                                                   \
	"{\"evidence\":\"" evidence "\",\"hold\":[" hold "],\"open\":[" open "],\"results\":\"" results "\"" \
	"}"

/* From one set to another: two whole policies. */
static void
moved(const char *from, const char *to, const char *sets, const char *danger, const char *words)
{
	struct json *all, *policies[2];

	for (int i = 0; i < 2; i++) {
		const char *name = i == 0 ? from : to;
		char text[1024];

		snprintf(text, sizeof(text),
		    "{\"files\":[{\"format\":\"text\",\"match\":\"a\"%s%s%s}],\"sets\":{%s}}",
		    *name == '\0' ? "" : ",\"set\":\"", name, *name == '\0' ? "" : "\"", sets);
		policies[i] = json_parse(text, strlen(text), "policy", &e);
		CHECK(policies[i] != NULL);
	}
	all = policy_diff(policies[0], policies[1]);
	if (danger == NULL) /* only the words differ, not what is done */
		CHECK(all->count == 1 && strcmp(json_get(all->items[0], "danger")->string, "look") == 0);
	else if (all->count != 1 || strcmp(json_get(all->items[0], "danger")->string, danger) != 0 ||
		 strstr(json_get(all->items[0], "text")->string, words) == NULL) {
		fprintf(stderr, "%s > %s under %s: %s\n", from, to, sets,
		    all->count == 0 ? "nothing" : json_get(all->items[0], "text")->string);
		CHECK(!"it is told");
	}
	json_free(policies[0]);
	json_free(policies[1]);
	json_free(all);
}

static void
test_sets(void)
{
	static const char narrower[] = "\"abroad\":" SET("\"NL\",\"FI\"", "\"lumi\"", "none",
	    "sealed") ",\"domestic\":" SET("\"NL\"", "\"lumi\"", "none", "sealed");
	static const char wider[] = "\"abroad\":" SET("\"NL\"", "\"lumi\"", "none",
	    "sealed") ",\"domestic\":" SET("\"NL\"", "\"lumi\",\"snellius\"", "none", "sealed");
	static const char countries[] = "\"abroad\":" SET("\"NL\"", "\"lumi\"", "none",
	    "sealed") ",\"domestic\":" SET("\"NL\",\"DE\"", "\"lumi\"", "none", "sealed");
	static const char results[] = "\"abroad\":" SET("\"NL\"", "\"lumi\"", "none",
	    "none") ",\"domestic\":" SET("\"NL\"", "\"lumi\"", "none", "sealed");
	static const char evidence[] = "\"abroad\":" SET("\"NL\"", "\"lumi\"", "tpm",
	    "sealed") ",\"domestic\":" SET("\"NL\"", "\"lumi\"", "none", "sealed");
	static const char three[] =
	    "\"abroad\":" SET("\"NL\",\"FI\"", "\"lumi\"", "none", "sealed") ",\"near\":" SET(
		"\"NL\"", "\"lumi\"", "none", "none") ",\"other\":" SET("\"NL\"", "\"lumi\"", "none", "none");

	moved("", "domestic", narrower, "tighter", "\"domestic\", no longer to \"abroad\"");
	moved("domestic", "", narrower, "out", "never sent");
	moved("abroad", "domestic", narrower, "tighter", "");
	/* Never sent, but others may open it, in more countries, with results, or without evidence. */
	moved("", "domestic", wider, "out", "did not allow all");
	moved("", "domestic", countries, "out", "did not allow all");
	moved("", "domestic", results, "out", "did not allow all");
	moved("", "domestic", evidence, "out", "did not allow all");
	moved("domestic", "", wider, "out", "never sent");
	/* Between two that may be sent. */
	moved("", "near", three, "tighter", "\"near\"");
	moved("near", "", three, "out", "did not allow all");
	moved("near", "other", three, "look", "\"other\", no longer to \"near\"");
	moved("", "abroad", three, NULL, NULL);
}

#define ATTRIBUTES(list) "{\"attributes\":[" list "],\"from\":\"t\"}"
#define AGE(bands) ATTRIBUTES("{\"at\":\"d\",\"bands\":" bands ",\"from\":\"b\",\"name\":\"age\"}")
#define PREFIX(n) ATTRIBUTES("{\"from\":\"p\",\"name\":\"pc\",\"prefix\":" n "}")
#define MAP(keys, values, other)                                                           \
	ATTRIBUTES("{\"from\":\"g\",\"keys\":" keys ",\"name\":\"sex\",\"other\":\"" other \
		   "\",\"values\":" values "}")
#define DX(file, n)                                                          \
	ATTRIBUTES("{\"from\":\"i\",\"hierarchy\":\"" file "\",\"level\":" n \
		   ",\"name\":\"dx\",\"other\":\"hold\"}")

static void
test_attributes(void)
{
	both(SUBJECT, AGE("[0,18,90]"), AGE("[0,18,45,90]"), "looser", "cut in smaller ones");
	both(SUBJECT, AGE("[0]"), AGE("[0,1,2,3]"), "looser", "[0,1,2,3], no longer at [0]");
	one(SUBJECT, AGE("[0,18,90]"), AGE("[0,20,90]"), "look", "elsewhere");
	one(SUBJECT, AGE("[0,18,90]"), AGE("[0,17,18]"), "look", "elsewhere");
	one(SUBJECT, AGE("[0,18]"),
	    ATTRIBUTES("{\"at\":\"e\",\"bands\":[0,18],\"from\":\"b\",\"name\":\"age\"}"), "look",
	    "was \"d\", is \"e\"");
	both(SUBJECT, PREFIX("2"), PREFIX("4"), "looser",
	    "first 4 characters are told, no longer the first 2");
	one(SUBJECT, PREFIX("2"), ATTRIBUTES(""), "look", "gone");
	one(SUBJECT, ATTRIBUTES(""), PREFIX("2"), "look", "new");
	one(SUBJECT, PREFIX("2"), ATTRIBUTES("{\"bands\":[0],\"from\":\"p\",\"name\":\"pc\"}"), "look",
	    "was");
	both(SUBJECT, MAP("[\"a\",\"b\",\"c\"]", "[\"x\",\"x\",\"y\"]", "hold"),
	    MAP("[\"a\",\"b\",\"c\"]", "[\"x\",\"z\",\"y\"]", "hold"), "looser", "told apart");
	both(SUBJECT, MAP("[\"a\"]", "[\"x\"]", "hold"), MAP("[\"a\",\"b\"]", "[\"x\",\"x\"]", "hold"),
	    "looser", "one value more is told: \"b\"");
	both(SUBJECT, MAP("[\"a\"]", "[\"x\"]", "hold"), MAP("[\"a\"]", "[\"x\"]", "blank"), "looser",
	    "blank, no longer hold");
	one(SUBJECT, MAP("[\"a\",\"b\"]", "[\"x\",\"y\"]", "hold"),
	    MAP("[\"a\",\"b\"]", "[\"y\",\"x\"]", "hold"), "look", "other words");
	/* Some apart, others as one: both are said, the worse first. */
	one(SUBJECT, MAP("[\"a\",\"b\",\"c\"]", "[\"x\",\"x\",\"y\"]", "hold"),
	    MAP("[\"a\",\"b\",\"c\"]", "[\"x\",\"y\",\"y\"]", "hold"), "looser", "told apart");
	both(SUBJECT, DX("f.csv", "2"), DX("f.csv", "1"), "looser", "level 1");
	one(SUBJECT, DX("f.csv", "2"), DX("g.csv", "1"), "look", "");
	both(DISCLOSURE, "{\"below\":{\"max\":0,\"then\":\"blank\"},\"k\":10}",
	    "{\"below\":{\"max\":20000,\"then\":\"blank\"},\"k\":10}", "looser", "20000 in a million");
	one(DISCLOSURE, "{\"below\":{\"max\":0,\"widen\":\"a\"},\"k\":10}",
	    "{\"below\":{\"max\":0,\"widen\":\"b\"},\"k\":10}", "look", "was \"a\", is \"b\"");
}

#define FIND(what) "{\"age\":" what ",\"default\":\"tag\"}"

static void
test_finds(void)
{
	/* From what leaves least to what leaves most; a find that stays as it is goes out. */
	static const char *const order[] = {
	    "\"blank\"", "\"tag\"", "\"shift\"", "{\"cap\":80}", "{\"cap\":90}", "\"keep\""};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		for (size_t k = 0; k < i; k++) {
			char less[80], more[80];

			snprintf(less, sizeof(less), "{\"age\":%s,\"default\":\"tag\"}", order[k]);
			snprintf(more, sizeof(more), "{\"age\":%s,\"default\":\"tag\"}", order[i]);
			both(TEXT, less, more, i == 5 ? "out" : "looser", "");
		}
	both(TEXT, FIND("\"tag\""), FIND("{\"attribute\":\"age\"}"), "looser", "more of it stays");
	one(TEXT, FIND("{\"attribute\":\"age\"}"), FIND("{\"attribute\":\"old\"}"), "look", "");
}

static void
test_parts(void)
{
	both(ACCEPT, plain[ACCEPT], "{\"files\":{\"count\":1},\"records\":{\"ppm\":10}}", "looser",
	    "more files may be held");
	both(ACCEPT, plain[ACCEPT], "{\"files\":{\"count\":0},\"records\":{\"ppm\":11}}", "looser",
	    "11 in a million");
	one(ACCEPT, plain[ACCEPT], "{\"files\":{\"count\":0},\"records\":{\"count\":1}}", "look", "");
	both(ACCEPT, "{\"review\":{\"letters\":50}}", "{\"review\":{\"letters\":40}}", "looser",
	    "at 40, no longer at 50");
	both(ACCEPT, "{\"review\":{\"letters\":50}}", "{}", "looser", "at 0, no longer at 50");
	both(ACCEPT, "{\"review\":{\"found\":0}}", "{\"review\":{\"found\":2}}", "looser",
	    "2 may show something");
	one(DATES, plain[DATES], "{\"order\":[\"a\"]}", "out", "no longer shifted");
	one(DATES, plain[DATES], "{\"order\":[\"b\"],\"shift\":{\"max\":364,\"step\":7}}", "look", "");
	both(
	    DISCLOSURE, plain[DISCLOSURE], "{\"k\":9,\"quasi\":[\"age\",\"sex\"]}", "out", "9, no longer 10");
	both(DISCLOSURE, plain[DISCLOSURE], "{\"k\":10,\"quasi\":[\"age\"]}", "out", "no longer counts");
	one(DISCLOSURE, plain[DISCLOSURE], "{\"quasi\":[\"age\",\"sex\"]}", "out", "no longer asked for");
	one(PROJECT, plain[PROJECT], "\"q\"", "look", "other pseudonyms");
	both(SETS, plain[SETS],
	    "\"abroad\":{\"evidence\":\"none\",\"hold\":[\"NL\",\"FI\"],\"open\":[\"lumi\"]}", "out",
	    "\"FI\"");
	both(SETS, plain[SETS],
	    "\"abroad\":{\"evidence\":\"none\",\"hold\":[\"NL\"],\"open\":[\"lumi\",\"x\"]}", "out",
	    "one site more");
	both(SETS, "\"abroad\":{\"evidence\":\"tpm\",\"hold\":[\"NL\"],\"open\":[\"lumi\"]}", plain[SETS],
	    "out", "evidence");
	both(SETS, plain[SETS],
	    "\"abroad\":{\"evidence\":\"none\",\"hold\":[\"NL\"],\"open\":[\"lumi\"]},\"b\":{}", "out",
	    "a new set");
	one(SHARDS, plain[SHARDS], "{\"names\":\"keep\",\"size\":1}", "out", "source names");
	one(SHARDS, plain[SHARDS], "{\"names\":\"generated\",\"size\":2}", "look", "was 1, is 2");
	both(SUBJECT, plain[SUBJECT],
	    "{\"exclude\":\"o\",\"known\":{\"person\":[\"a\"]},\"unmatched\":\"hold\"}", "out",
	    "no longer removed");
	one(SUBJECT, plain[SUBJECT],
	    "{\"exclude\":\"o\",\"known\":{\"person\":[\"a\",\"b\"]},\"unmatched\":\"keep\"}", "out",
	    "no longer held");
	one(SUBJECT, plain[SUBJECT], "{\"known\":{\"person\":[\"a\",\"b\"]},\"unmatched\":\"hold\"}", "out",
	    "nobody is left out");
	both(TEXT, plain[TEXT],
	    "{\"bsn\":{\"context\":\"near\"},\"default\":\"tag\",\"extra\":[{\"kind\":\"zis\"}]}", "looser",
	    "11-test");
	both(TEXT, plain[TEXT], "{\"bsn\":{\"context\":\"any\"},\"default\":\"tag\",\"extra\":[]}", "out",
	    "no longer searched");
	one(TEXT, plain[TEXT],
	    "{\"bsn\":{\"context\":\"any\"},\"date\":\"keep\",\"default\":\"tag\",\"extra\":[{\"kind\":"
	    "\"zis\"}]}",
	    "out", "stays in the text");
	one(TEXT, plain[TEXT],
	    "{\"bsn\":{\"context\":\"any\"},\"date\":\"year\",\"default\":\"tag\",\"extra\":[{\"kind\":"
	    "\"zis\"}]}",
	    "look", "");
}

static void
test_words(void)
{
	both(TEXT, "{\"names\":[\"a\",\"b\"]}", "{\"names\":[\"a\"]}", "out", "own list: \"b\"");
	both(TEXT, "{\"keep_words\":[]}", "{\"keep_words\":[\"a\"]}", "looser", "words more stay");
	one(TEXT, "{\"person\":\"tag\"}", "{\"person\":\"keep\"}", "out", "stays in the text");
}

static void
test_whole(void)
{
	struct json *before = policy(ACCEPT, plain[ACCEPT]), *after = policy(ACCEPT, plain[ACCEPT]), *all;
	const char *last = "out", *const order = "out looser look tighter";

	all = policy_diff(before, after);
	CHECK(all->count == 0);
	json_free(all);
	/* A key that nobody knows; and a list that only changed its order. */
	json_set_int(after, "later", 1);
	all = policy_diff(before, after);
	CHECK(all->count == 1 && strcmp(json_get(all->items[0], "danger")->string, "look") == 0);
	json_free(all);
	json_free(after);
	after =
	    policy(SETS, "\"abroad\":{\"evidence\":\"none\",\"hold\":[\"NL\"],\"open\":[\"x\",\"lumi\"]}");
	json_free(before);
	before =
	    policy(SETS, "\"abroad\":{\"evidence\":\"none\",\"hold\":[\"NL\"],\"open\":[\"lumi\",\"x\"]}");
	all = policy_diff(before, after);
	CHECK(all->count == 1);
	json_free(all);
	json_free(before);
	json_free(after);
	/* Most dangerous first. */
	before = policy(FILES, COLUMN("{\"do\":\"drop\"}"));
	after = policy(FILES, COLUMN("{\"keep\":\"number\"}"));
	json_set(
	    after, "accept", json_parse("{\"files\":{\"count\":9},\"records\":{\"ppm\":1}}", 44, "x", &e));
	json_set_int(after, "later", 1);
	all = policy_diff(before, after);
	CHECK(all->count == 4);
	for (size_t i = 0; i < all->count; i++) {
		const char *danger = json_get(all->items[i], "danger")->string;

		CHECK(strstr(order, danger) >= strstr(order, last));
		last = danger;
	}
	json_free(all);
	json_free(before);
	json_free(after);
}

/* Files beside the policies. */
static void
test_beside(void)
{
	static const char *const files[] = {"{}",
	    "{\"hierarchies\":[{\"cells\":[\"a\",\"b\"],\"columns\":2,\"name\":\"h.csv\"}]}",
	    "{\"hierarchies\":[{\"cells\":[\"a\",\"c\"],\"columns\":2,\"name\":\"h.csv\"}]}"};
	static const char *const words[3][3] = {{NULL, "is used now", "is used now"},
	    {"no longer used", NULL, "other rows"}, {"no longer used", "other rows", NULL}};

	for (size_t i = 0; i < 3; i++) {
		for (size_t k = 0; k < 3; k++) {
			struct json *before = json_parse(files[i], strlen(files[i]), "policy", &e),
				    *after = json_parse(files[k], strlen(files[k]), "policy", &e),
				    *all = policy_diff(before, after);

			CHECK(all->count == (words[i][k] != NULL));
			CHECK(all->count == 0 ||
			      (strstr(json_get(all->items[0], "text")->string, words[i][k]) != NULL &&
				  strstr(json_get(all->items[0], "where")->string, "h.csv") != NULL));
			json_free(before);
			json_free(after);
			json_free(all);
		}
	}
}

int
main(void)
{
	test_parts();
	test_sets();
	test_attributes();
	test_finds();
	test_words();
	test_whole();
	test_beside();
	return check_done();
}
