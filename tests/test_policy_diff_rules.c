/* What a change of a policy's rules lets out: files, formats, columns and paths, and what looks like less. */
#include <stdlib.h>

#include "policy_diff_run.h"

#define IMAGE(rest) "{\"format\":\"dicom\",\"match\":\"a\"," rest "}"
#define LEVEL(file, level, other) "{\"hierarchy\":\"" file "\",\"level\":" level ",\"other\":\"" other "\"}"
#define COARSE(round, top, bottom) \
	"{\"bottom\":" bottom ",\"range\":null,\"round\":" round ",\"top\":" top "}"

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

int
main(void)
{
	test_rules();
	test_gone();
	return check_done();
}
