/* What a change of policy lets out: each kind of change in its direction and back, and none that goes unsaid. */
#include <stdlib.h>

#include "check.h"
#include "stager/json.h"
#include "stager/policy_diff.h"

static struct err e;

/* Two policies that differ in one part; the parts stand where %s is. */
#define POLICY                                                                                      \
	"{\"accept\":%s,\"dates\":%s,\"disclosure\":%s,\"files\":[%s],\"name\":\"n\",\"policy\":1," \
	"\"project\":%s,"                                                                           \
	"\"pseudonym\":{\"domain\":\"d\",\"key\":1},\"sets\":{%s},\"shards\":%s,\"subject\":%s,\"text\":%s}"

enum part { ACCEPT, DATES, DISCLOSURE, FILES, PROJECT, SETS, SHARDS, SUBJECT, TEXT, PARTS };
static const char *const plain[PARTS] = {"{\"files\":{\"count\":0},\"records\":{\"ppm\":10}}",
    "{\"order\":[\"a\"],\"shift\":{\"max\":364,\"step\":7}}", "{\"k\":10,\"quasi\":[\"age\",\"sex\"]}",
    "{\"format\":\"text\",\"match\":\"a\"}", "\"p\"",
    "\"abroad\":{\"evidence\":\"none\",\"hold\":[\"NL\"],\"open\":[\"lumi\"]}",
    "{\"names\":\"generated\",\"size\":1}",
    "{\"exclude\":\"o\",\"known\":{\"person\":[\"a\",\"b\"]},\"unmatched\":\"hold\"}",
    "{\"bsn\":{\"context\":\"any\"},\"default\":\"tag\",\"extra\":[{\"kind\":\"zis\"}]}"};

static struct json *
policy(enum part part, const char *text)
{
	const char *p[PARTS];
	char all[8192];
	struct json *j;

	memcpy(p, plain, sizeof(p));
	p[part] = text;
	snprintf(all, sizeof(all), POLICY, p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8]);
	j = json_parse(all, strlen(all), "policy", &e);
	CHECK(j != NULL);
	return j;
}

/* The first change from a to b has that danger and these words. */
static void
one(enum part part, const char *a, const char *b, const char *danger, const char *words)
{
	struct json *before = policy(part, a), *after = policy(part, b), *all = policy_diff(before, after);
	bool good = all->count > 0 && strcmp(json_get(all->items[0], "danger")->string, danger) == 0 &&
		    strstr(json_get(all->items[0], "text")->string, words) != NULL;

	if (!good)
		fprintf(stderr, "%s > %s: %s %s\n", a, b,
		    all->count == 0 ? "nothing" : json_get(all->items[0], "danger")->string,
		    all->count == 0 ? "" : json_get(all->items[0], "text")->string);
	CHECK(good);
	json_free(before);
	json_free(after);
	json_free(all);
}

/* Out there, tighter back. */
static void
both(enum part part, const char *a, const char *b, const char *danger, const char *words)
{
	one(part, a, b, danger, words);
	one(part, b, a, "tighter", "");
}

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

#define COARSE(round, top, bottom) \
	"{\"bottom\":" bottom ",\"range\":null,\"round\":" round ",\"top\":" top "}"
#define LEVEL(file, level, other) "{\"hierarchy\":\"" file "\",\"level\":" level ",\"other\":\"" other "\"}"
#define COLUMN(action) \
	"{\"columns\":[{\"action\":" action ",\"name\":\"c\"}],\"format\":\"csv\",\"match\":\"a\"}"
#define IMAGE(rest) "{\"format\":\"dicom\",\"match\":\"a\"," rest "}"

static void
test_rules(void)
{
	both(FILES, plain[FILES],
	    "{\"format\":\"text\",\"match\":\"a\"},{\"format\":\"text\",\"match\":\"b\"}", "out",
	    "such files leave");
	one(FILES, plain[FILES],
	    "{\"format\":\"text\",\"match\":\"a\"},{\"format\":\"drop\",\"match\":\"b\"}", "looser",
	    "no longer held");
	both(FILES, plain[FILES], "{\"ext\":\"x\",\"format\":\"opaque\",\"match\":\"a\"}", "out", "unread");
	both(FILES, "{\"format\":\"drop\",\"match\":\"a\"}", plain[FILES], "out", "no longer as \"drop\"");
	one(FILES, plain[FILES], "{\"format\":\"jsonl\",\"match\":\"a\"}", "look", "");
	one(FILES, COLUMN("{\"do\":\"drop\"}"), COLUMN("{\"keep\":\"number\"}"), "out", "leaves as it is");
	one(FILES, COLUMN("{\"do\":\"pseudonym\"}"), COLUMN("{\"do\":\"text\"}"), "out", "more of the value");
	one(FILES, COLUMN("{\"do\":\"text\"}"), COLUMN("{\"do\":\"pseudonym\"}"), "look", "something else");
	one(FILES, COLUMN("{\"do\":\"year\"}"), COLUMN("{\"do\":\"text\"}"), "looser", "more of the value");
	one(FILES, COLUMN("{\"do\":\"text\"}"), COLUMN("{\"do\":\"year\"}"), "look", "something else");
	both(FILES, COLUMN("{\"keep\":\"number\",\"range\":[\"0\",\"10\"]}"),
	    COLUMN("{\"keep\":\"number\",\"range\":[\"0\",\"100\"]}"), "looser", "0 to 100");
	both(FILES, COLUMN("{\"keep\":\"number\",\"range\":[\"0\",\"10\"]}"), COLUMN("{\"keep\":\"number\"}"),
	    "looser", "every number");
	both(FILES, COLUMN("{\"keep\":\"enum\",\"values\":[\"M\"]}"),
	    COLUMN("{\"keep\":\"enum\",\"values\":[\"M\",\"V\"]}"), "looser", "\"V\"");
	one(FILES, COLUMN("{\"keep\":\"code\",\"pattern\":\"A\"}"),
	    COLUMN("{\"keep\":\"code\",\"pattern\":\".*\"}"), "looser", "'.*'");
	one(FILES, COLUMN("{\"keep\":\"number\"}"), COLUMN("{\"keep\":\"code\",\"pattern\":\".*\"}"),
	    "looser", "");
	both(FILES, COLUMN("{\"first\":2}"), COLUMN("{\"first\":4}"), "out", "first 4");
	both(FILES, COLUMN("{\"do\":\"text\"},\"set\":\"domestic\""), COLUMN("{\"do\":\"text\"}"), "out",
	    "no longer to \"domestic\"");
	/* Where nothing of it leaves, it goes nowhere. */
	one(FILES, COLUMN("{\"do\":\"drop\"},\"set\":\"domestic\""), COLUMN("{\"do\":\"drop\"}"), "look",
	    "nothing of it leaves");
	one(FILES, COLUMN("{\"do\":\"text\"},\"set\":\"domestic\""), COLUMN("{\"do\":\"drop\"}"), "look",
	    "nothing of it leaves");
	/* A type that held what does not fit held whole records, which leave where anything goes instead. */
	one(FILES, COLUMN("{\"keep\":\"enum\",\"values\":[\"yes\"]}"), COLUMN("{\"do\":\"drop\"}"), "looser",
	    "held for their form");
	one(FILES, COLUMN("{\"keep\":\"code\",\"pattern\":\"[A-Z]\"}"), COLUMN("{\"do\":\"text\"}"), "looser",
	    "held for their form");
	one(FILES, COLUMN("{\"do\":\"year\"}"), COLUMN("{\"do\":\"pseudonym\"}"), "looser",
	    "held for their form");
	one(FILES, COLUMN("{\"first\":2,\"pattern\":\"[0-9]+\"}"), COLUMN("{\"do\":\"blank\"}"), "looser",
	    "held for their form");
	one(FILES, COLUMN("{\"first\":2,\"pattern\":\"\"}"), COLUMN("{\"do\":\"blank\"}"), "tighter",
	    "less leaves");
	one(FILES, COLUMN("{\"do\":\"text\"}"), COLUMN("{\"do\":\"drop\"}"), "tighter", "less leaves");
	one(FILES, COLUMN("{\"do\":\"pseudonym\",\"reference\":[\"Patient\"]}"),
	    COLUMN("{\"do\":\"pseudonym\"}"), "looser", "every value passes");
	one(FILES, COLUMN("{\"do\":\"pseudonym\"}"),
	    COLUMN("{\"do\":\"pseudonym\",\"reference\":[\"Patient\"]}"), "look", "references alone");
	/* What moves is not all that may change. */
	one(FILES, COLUMN("{\"do\":\"text\"}"),
	    COLUMN("{\"keep\":\"code\",\"pattern\":\".*\"},\"set\":\"domestic\""), "looser", "leaves");
	both(FILES, "{\"format\":\"text\",\"match\":\"a\",\"set\":\"domestic\"}",
	    "{\"format\":\"text\",\"match\":\"a\"}", "out", "no longer to \"domestic\"");
	one(FILES, COLUMN("{\"do\":\"drop\"}"), COLUMN("{\"do\":\"later\"}"), "look", "");
	both(FILES, "{\"columns\":[],\"format\":\"csv\",\"match\":\"a\"}", COLUMN("{\"keep\":\"number\"}"),
	    "out", "new, and it leaves");
	both(FILES, "{\"columns\":[],\"format\":\"csv\",\"match\":\"a\"}", COLUMN("{\"do\":\"drop\"}"),
	    "looser", "no longer held");
	both(FILES, "{\"csv\":{\"missing\":[\"\"]},\"format\":\"csv\",\"match\":\"a\"}",
	    "{\"csv\":{\"missing\":[\"\",\"NA\"]},\"format\":\"csv\",\"match\":\"a\"}", "looser", "\"NA\"");
	both(FILES, IMAGE("\"modality\":[\"CT\"]"), IMAGE("\"modality\":[\"CT\",\"MR\"]"), "out", "\"MR\"");
	both(FILES, IMAGE("\"modality\":[\"CT\"]"), IMAGE("\"modality\":[]"), "out", "every modality");
	both(
	    FILES, IMAGE("\"burned_in\":\"hold\""), IMAGE("\"burned_in\":\"keep\""), "out", "no longer held");
	both(FILES, COLUMN(COARSE("\"10\"", "null", "null")), COLUMN(COARSE("\"5\"", "null", "null")),
	    "looser", "`round` is 5, no longer 10");
	both(FILES, COLUMN(COARSE("\"10\"", "\"90\"", "null")), COLUMN(COARSE("\"10\"", "null", "null")),
	    "looser", "`top` is gone");
	both(FILES, COLUMN(COARSE("\"10\"", "\"90\"", "null")), COLUMN(COARSE("\"10\"", "\"95\"", "null")),
	    "looser", "`top` is 95");
	both(FILES, COLUMN(COARSE("null", "\"90\"", "\"18\"")), COLUMN(COARSE("null", "\"90\"", "\"17\"")),
	    "looser", "`bottom` is 17");
	one(FILES, COLUMN(COARSE("\"10\"", "null", "null")), COLUMN(COARSE("null", "\"90\"", "null")),
	    "looser", "more of the value leaves");
	one(FILES, COLUMN("{\"do\":\"drop\"}"), COLUMN(COARSE("\"10\"", "null", "null")), "out",
	    "more of the value leaves");
	both(FILES, COLUMN(LEVEL("a.csv", "2", "hold")), COLUMN(LEVEL("a.csv", "1", "hold")), "looser",
	    "level 1 of the hierarchy leaves");
	both(FILES, COLUMN(LEVEL("a.csv", "2", "hold")), COLUMN(LEVEL("a.csv", "2", "blank")), "looser",
	    "what is not in the hierarchy: blank");
	one(FILES, COLUMN(LEVEL("a.csv", "2", "hold")), COLUMN(LEVEL("b.csv", "2", "hold")), "look", "b.csv");
	one(FILES, COLUMN(LEVEL("a.csv", "2", "hold")), COLUMN("{\"keep\":\"number\"}"), "looser",
	    "leaves as it is");
	both(FILES, COLUMN("{\"do\":\"pseudonym\",\"reference\":[\"Patient\"]}"),
	    COLUMN("{\"do\":\"pseudonym\",\"reference\":[\"Patient\",\"Group\"]}"), "looser",
	    "one type more");
	both(FILES,
	    IMAGE("\"tags\":[{\"action\":" COARSE("\"5\"", "null", "null") ",\"tag\":\"(0010,1030)\"}]"),
	    IMAGE("\"tags\":[{\"action\":" COARSE("\"1\"", "null", "null") ",\"tag\":\"(0010,1030)\"}]"),
	    "looser", "`round` is 1");
	both(FILES,
	    IMAGE("\"tags\":[{\"action\":" COARSE("\"5\"", "null", "null") ",\"tag\":\"(0010,1030)\"}]"),
	    IMAGE("\"tags\":[{\"do\":\"keep\",\"tag\":\"(0010,1030)\"}]"), "out", "keep, no longer");
	one(FILES, IMAGE("\"tags\":[{\"attribute\":\"age\",\"tag\":\"(0010,1010)\"}]"),
	    IMAGE("\"tags\":[{\"attribute\":\"old\",\"tag\":\"(0010,1010)\"}]"), "look", "old");
	both(FILES, IMAGE("\"tags\":[]"), IMAGE("\"tags\":[{\"do\":\"keep\",\"tag\":\"(0018,0060)\"}]"),
	    "out", "keep");
	both(FILES, IMAGE("\"tags\":[{\"do\":\"drop\",\"tag\":\"(0018,0060)\"}]"), IMAGE("\"tags\":[]"),
	    "looser", "profile");
	one(FILES, IMAGE("\"subject\":\"PatientID\""), IMAGE("\"subject\":null"), "look", "");
}

#define RULE(format, match) "{\"format\":\"" format "\",\"match\":\"" match "\"}"
#define FIELDS(format, list) "{\"fields\":[" list "],\"format\":\"" format "\",\"match\":\"a\"}"
#define DROPPED(name) "{\"action\":{\"do\":\"drop\"},\"name\":\"" name "\"}"
#define KEPT(name) "{\"action\":{\"keep\":\"code\",\"pattern\":\".*\"},\"name\":\"" name "\"}"

/* What looks like less: something wider takes the place of what is gone. */
static void
test_gone(void)
{
	static const struct {
		const char *match, *other;
		bool meet;
	} pairs[] = {{"a/**", "**", true}, {"a/**", "*", false}, {"a/*.csv", "**/*.csv", true},
	    {"a.csv", "**/a.csv", true}, {"a/*.csv", "*/b*", true}, {"a/*.csv", "a/*.txt", false},
	    {"a/b", "a?b", false}, {"a-b", "a?b", true}, {"x?", "y?", false}, {"a.csv.gz", "a.csv", true},
	    {"a.csv", "a.csv.gz", true}, {"*.csv.zst", "*.csv", true}, {"a.csv.b", "a.csv", false},
	    {"a*b*c", "*x*", true}, {"a*b*c", "*d", false}, {"a/**/b", "a/*/*/b", true},
	    {"a/**/b", "a/*/*/c", false}};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		for (int drop = 0; drop < 2; drop++) {
			char before[256], after[128];

			snprintf(after, sizeof(after), "{\"format\":\"%s\",\"match\":\"%s\"}",
			    drop ? "drop" : "text", pairs[i].other);
			snprintf(before, sizeof(before), "{\"format\":\"drop\",\"match\":\"%s\"},%s",
			    pairs[i].match, after);
			one(FILES, before, after,
			    !pairs[i].meet ? "tighter"
			    : drop         ? "looser"
					   : "out",
			    pairs[i].meet ? "go by it alone" : "no other rule");
		}
	one(FILES, RULE("text", "a") "," RULE("text", "a"), RULE("text", "a"), "out", "go by it alone");
	/* A file that is read otherwise may go elsewhere, and be about nobody. */
	one(FILES, "{\"format\":\"opaque\",\"match\":\"a\",\"set\":\"domestic\"}", RULE("text", "a"), "out",
	    "no longer to \"domestic\"");
	one(FILES, "{\"format\":\"opaque\",\"match\":\"a\",\"subject\":\"a/{key}\"}",
	    "{\"format\":\"text\",\"match\":\"a\",\"subject\":null}", "look", "was \"a/{key}\"");
	/* A path that is gone, where one with wildcards stands. */
	one(FILES, FIELDS("jsonl", DROPPED("$.name") "," KEPT("$.*")), FIELDS("jsonl", KEPT("$.*")), "out",
	    "leaves as it is");
	one(FILES, FIELDS("jsonl", KEPT("$.a[*].b") "," DROPPED("$.*[*].b")),
	    FIELDS("jsonl", DROPPED("$.*[*].b")), "looser", "held for their form");
	one(FILES, FIELDS("jsonl", DROPPED("$.a.b") "," KEPT("$.*")), FIELDS("jsonl", KEPT("$.*")), "tighter",
	    "held");
	one(FILES, FIELDS("jsonl", DROPPED("$.*") "," KEPT("$.name")), FIELDS("jsonl", KEPT("$.name")),
	    "tighter", "held");
	one(FILES, FIELDS("xml", DROPPED("$.a.b.c") "," KEPT("$.a.**")), FIELDS("xml", KEPT("$.a.**")), "out",
	    "leaves as it is");
	one(FILES, FIELDS("xml", DROPPED("$.a.b[@r=1.2]") "," KEPT("$.a.b")), FIELDS("xml", KEPT("$.a.b")),
	    "out", "leaves as it is");
	one(FILES, FIELDS("xml", DROPPED("$.a.b") "," KEPT("$.a.c")), FIELDS("xml", KEPT("$.a.c")), "tighter",
	    "held");
	/* Less by its kind, and more of some values. */
	one(FILES, COLUMN("{\"do\":\"text\"}"), COLUMN("{\"first\":64,\"pattern\":\"\"}"), "looser",
	    "something else");
	one(FILES, COLUMN("{\"first\":1,\"pattern\":\"\"}"), COLUMN(COARSE("\"1\"", "null", "null")), "look",
	    "something else");
	one(FILES, COLUMN("{\"first\":1,\"pattern\":\"\"}"), COLUMN("{\"do\":\"pseudonym\"}"), "look",
	    "something else");
	one(TEXT, "{\"age\":{\"cap\":90}}", "{\"age\":{\"attribute\":\"age\"}}", "look", "");
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
	test_rules();
	test_gone();
	test_whole();
	test_beside();
	return check_done();
}
