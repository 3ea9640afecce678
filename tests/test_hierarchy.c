/* Hierarchies: the files as ARX writes them, what is refused of them, lookups, and how a policy takes them in. */
#include <stdlib.h>

#include "../stager/scrub/hierarchy.h"
#include "exact.h"
#include "policy_yaml.h"

static struct json *
read_text(const char *text)
{
	size_t len = strlen(text);
	char *copy = exact_copy(text, len);
	struct json *j = hierarchy_read("h.csv", copy, len, &e);

	free(copy);
	return j;
}

static void
finds(const struct hierarchy *h, size_t from, const char *value, size_t to, const char *want)
{
	struct view v;
	bool found = hierarchy_find(h, from, value, strlen(value), to, &v);

	CHECK(found == (want != NULL));
	CHECK(!found || want == NULL || (v.len == strlen(want) && memcmp(v.data, want, v.len) == 0));
}

static void
test_good(void)
{
	static const char text[] =
	    "\xef\xbb\xbf"
	    "Private;Non-Government;*\r\nState-gov;Government;*\n\n\"a;\"\"b\"\"\";Government;*\n"
	    ";Unknown;*\n\xc3\xa9\xc3\xa9n;;*"; /* no last line end */
	struct json *j = read_text(text);
	struct hierarchy h;

	CHECK(j != NULL);
	CHECK_OK(hierarchy_decode(&h, j, &e));
	CHECK(h.rows == 5 && h.columns == 3);
	finds(&h, 0, "Private", 1, "Non-Government");
	finds(&h, 0, "Private", 2, "*");
	finds(&h, 0, "State-gov", 1, "Government");
	finds(&h, 0, "a;\"b\"", 1, "Government");
	finds(&h, 0, "\xc3\xa9\xc3\xa9n", 1, "");
	finds(&h, 1, "Government", 2, "*");
	finds(&h, 1, "", 2, "*");
	finds(&h, 0, "private", 1, NULL);
	finds(&h, 0, "Privat", 1, NULL);
	finds(&h, 0, "Private ", 1, NULL);
	finds(&h, 0, "", 1, "Unknown");
	finds(&h, 0, "zzz", 1, NULL);
	finds(&h, 1, "*", 2, NULL);
	hierarchy_free(&h);
	json_free(j);
}

/* Each with the row and the reason. */
static void
test_refused(void)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
	    {"", "h.csv, row 1: the file is empty"},
	    {"\n\n", "row 1: the file is empty"},
	    {"a\n", "row 1: it is not VALUE;LEVEL;.."},
	    {"a,b,*\n", "row 1: it is not VALUE;LEVEL;.."},
	    {"a;b;c;d;e;f;g;h;i;j\n", "one to eight levels"},
	    {"a;b;*\nc;d\n", "row 2: it has more or fewer cells"},
	    {"a;b;*\nc;d;*;*\n", "row 2: it has more or fewer cells"},
	    {"a;b\nc;d\na;b\n", "row 3: its value stands in a row before"},
	    {"a;x;1\nb;x;2\n", "row 2: levels are not nested"},
	    {"a;\"b\n", "a quote is never closed"},
	    {"a;\"b\"c\n", "a quote stands where none may be"},
	    {"a;\"b\nc\"\n", "a control character or a line end in a cell"},
	    {"a;b\tc\n", "a control character"},
	    {"a;\x7f\n", "a control character"},
	    {"a;\xe9\n", "it is not text in UTF-8"},
	};
	char *big = malloc(HIERARCHY_BYTES_MAX + 1), text[600];
	size_t len = 0;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		e = (struct err){0};
		CHECK(read_text(cases[i].text) == NULL && e.code == ERR_INPUT);
		if (strstr(e.text, cases[i].why) == NULL)
			fprintf(stderr, "%s: %s\n", cases[i].text, e.text);
		CHECK(strstr(e.text, cases[i].why) != NULL);
	}
	CHECK(hierarchy_read("h.csv", "a;\0b\n", 5, &e) == NULL && strstr(e.text, "UTF-8") != NULL);
	/* One byte past each limit. */
	(void)snprintf(text, sizeof(text), "%0*d;b\n", HIERARCHY_VALUE_MAX, 0);
	json_free(read_text(text));
	(void)snprintf(text, sizeof(text), "%0*d;b\n", HIERARCHY_VALUE_MAX + 1, 0);
	CHECK(read_text(text) == NULL && strstr(e.text, "its value is too long") != NULL);
	(void)snprintf(text, sizeof(text), "a;%064d\n", 0);
	json_free(read_text(text));
	(void)snprintf(text, sizeof(text), "a;%065d\n", 0);
	CHECK(read_text(text) == NULL && strstr(e.text, "a level of it is too long") != NULL);
	for (unsigned i = 0; i <= HIERARCHY_ROWS_MAX; i++)
		len += (size_t)sprintf(big + len, "%u;x\n", i);
	CHECK(hierarchy_read("h.csv", big, len, &e) == NULL &&
	      strstr(e.text, "row 50001: there are more rows") != NULL);
	len = (size_t)((char *)memrchr(big, '\n', len - 1) + 1 - big);
	json_free(hierarchy_read("h.csv", big, len, &e));
	memset(big, 'a', HIERARCHY_BYTES_MAX + 1);
	CHECK(hierarchy_read("h.csv", big, HIERARCHY_BYTES_MAX + 1, &e) == NULL &&
	      strstr(e.text, "larger than") != NULL);
	free(big);
}

/* Whatever comes in place of a part of the resolved form is refused. */
static void
test_decode(void)
{
	static const char *const wrong[] = {"null", "{}", "{\"cells\":[\"a\",\"b\"],\"columns\":2}",
	    "{\"cells\":[\"a\",\"b\"],\"columns\":1,\"name\":\"h.csv\"}",
	    "{\"cells\":[\"a\",\"b\"],\"columns\":3,\"name\":\"h.csv\"}",
	    "{\"cells\":[],\"columns\":2,\"name\":\"h.csv\"}",
	    "{\"cells\":[\"a\",1],\"columns\":2,\"name\":\"h.csv\"}",
	    "{\"cells\":[\"a\",\"b\",\"a\",\"c\"],\"columns\":2,\"name\":\"h.csv\"}",
	    "{\"cells\":[\"a\",\"b\"],\"columns\":2,\"name\":\"../h.csv\"}",
	    "{\"cells\":[\"a\",\"b\"],\"columns\":2,\"name\":\"h\"}",
	    "{\"cells\":[\"a\",\"b\"],\"columns\":2,\"name\":\"h.csv\",\"x\":1}"};
	static const char good[] = "{\"cells\":[\"a\",\"b\"],\"columns\":2,\"name\":\"h.csv\"}";
	struct hierarchy h;
	struct json *j;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		j = json_parse(wrong[i], strlen(wrong[i]), "test", &e);
		CHECK_ERR(hierarchy_decode(&h, j, &e), ERR_INPUT);
		hierarchy_free(&h);
		json_free(j);
	}
	j = json_parse(good, strlen(good), "test", &e);
	CHECK_OK(hierarchy_decode(&h, j, &e));
	hierarchy_free(&h);
	json_free(j);
}

#define BASE                                                                                                \
	"policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\nsets: {abroad: {hold: [NL], open: [x]}}\n" \
	"subject: {from: p.csv, key: {column: nr}, attributes: {%s}}\n"                                     \
	"text: {keep_words: [%s]}\n"                                                                        \
	"files:\n  - {match: p.csv, format: csv, columns: {nr: pseudonym, a: %s}}\n%s"

static const struct policy_file beside[] = {{"h.csv", "x;1;*\ny;1;*\nz;2;*\n", 18},
    {"w.txt", "# words\nDe Wilg\r\n\n  Best \n", 26}, {"bad.csv", "x;1\nx;2\n", 8},
    {"bad.txt", "goed\na  b\n", 10}};

static struct json *
with(const char *attribute, const char *words, const char *action, const char *more)
{
	char yaml[2000];

	(void)snprintf(yaml, sizeof(yaml), BASE, attribute, words, action, more);
	e = (struct err){0};
	return policy_from_files(yaml, strlen(yaml), beside, 4, &e);
}

static void
no(const char *attribute, const char *words, const char *action, const char *why)
{
	struct json *j = with(attribute, words, action, "");

	CHECK(j == NULL && e.code == ERR_INPUT && strncmp(e.text, "line ", 5) == 0);
	if (strstr(e.text, why) == NULL)
		fprintf(stderr, "wanted %s: %s\n", why, e.text);
	CHECK(strstr(e.text, why) != NULL);
	json_free(j);
}

static void
test_policy(void)
{
	static const char yaml[] = "subject: {attributes: {a: {hierarchy: h.csv}, b: {hierarchy: h.csv}, c: "
				   "{hierarchy: ../x.csv}}}\n"
				   "text: {keep_words: [Best, w.txt], names: [w.txt, n.txt], other: "
				   "[o.txt]}\nfiles: [{columns: {x: {hierarchy: i.csv}}}]\n";
	struct json *j = with("", "Best, w.txt", "{hierarchy: h.csv, level: 2, other: blank}", ""), *names;
	struct policy *p = NULL;

	CHECK(j != NULL);
	if (j != NULL)
		p = policy_decode(j, &e);
	CHECK(p != NULL && p->hierarchy_count == 1 && p->rules[0].fields[1].action.kind == ACTION_HIERARCHY &&
	      p->rules[0].fields[1].action.level == 2 && p->rules[0].fields[1].action.other_blank &&
	      p->rules[0].fields[1].action.hierarchy == &p->hierarchies[0]);
	CHECK(json_get(json_get(j, "text"), "keep_words")->count == 3);
	policy_free(p);
	json_free(j);
	/* One file for an attribute and a field stands there once; wider are the levels behind it. */
	j = with("h: {from: a, hierarchy: h.csv}", "", "{hierarchy: h.csv}",
	    "disclosure: {quasi: [h], k: 2, below: {widen: h, max: 10%}}\n");
	CHECK(j != NULL && json_get(j, "hierarchies")->count == 1);
	p = j == NULL ? NULL : policy_decode(j, &e);
	CHECK(p != NULL && p->subject->attributes[0].wider_count == 1 && p->disclosure->widen_count == 1);
	policy_free(p);
	json_free(j);
	no("", "", "{hierarchy: h.csv, level: 3}", "`level` is not between 1 and the 2 that `h.csv` has");
	no("", "", "{hierarchy: h.csv, level: 0}", "`level` is not between 1");
	no("", "", "{hierarchy: h.csv, other: keep}", "`other` is not hold or blank");
	no("", "", "{hierarchy: h.csv, pattern: x}", "`hierarchy` takes `level` and `other`");
	no("", "", "{hierarchy: i.csv}", "there is no file `i.csv` beside the policy");
	no("", "", "{hierarchy: ../h.csv}", "not the name of a file beside the policy");
	no("", "", "{hierarchy: w.txt}", "not the name of a file beside the policy");
	no("", "", "{hierarchy: bad.csv}", "bad.csv, row 2: its value stands in a row before");
	no("", "x.txt", "drop", "there is no file `x.txt` beside the policy");
	no("", "bad.txt", "drop", "bad.txt, line 2: not a name or words");
	no("h: {from: a, hierarchy: h.csv, wider: [1]}", "", "drop", "wider");
	no("h: {from: a, hierarchy: h.csv, map: {a: b}}", "", "drop",
	    "one of `bands`, `prefix`, `map` and `hierarchy`");
	/* At its last level nothing is wider. */
	CHECK(with("h: {from: a, hierarchy: h.csv, level: 2}", "", "drop",
		  "disclosure: {quasi: [h], k: 2, below: {widen: h, max: 10%}}\n") == NULL);
	names = policy_files_wanted(yaml, strlen(yaml), &e);
	CHECK(names != NULL && names->count == 4 && strcmp(names->items[0]->string, "h.csv") == 0 &&
	      strcmp(names->items[1]->string, "i.csv") == 0 &&
	      strcmp(names->items[2]->string, "w.txt") == 0 && strcmp(names->items[3]->string, "n.txt") == 0);
	json_free(names);
	CHECK(policy_files_wanted("a: [", 4, &e) == NULL && strncmp(e.text, "line ", 5) == 0);
}

int
main(void)
{
	test_good();
	test_refused();
	test_decode();
	test_policy();
	return check_done();
}
