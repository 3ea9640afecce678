/*
 * Drafts for random datasets. Each must be a policy as it stands, and with its proposals taken at their word (the comment signs taken
 * away as its text says); and what is pushed under it is dropped or a pseudonym, whatever the data are.
 */
#include <stdlib.h>

#include "check.h"
#include "scrub_run.h"
#include "stager/suggest.h"

#define ROUNDS 400
#define FILES_MAX 12
#define LEN_MAX (64u << 10)
#define MARK "Zwartewaal" /* in every value that is long enough for it */

static struct err e;
static struct pseudonym_key *key;
static uint64_t state;

struct file {
	char name[160];
	struct buf bytes;
};

static unsigned
pick(unsigned below)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(state >> 33) % below;
}

#define ONE_OF(list) (list)[pick(sizeof(list) / sizeof((list)[0]))]

static void
add(struct file *f, const char *text)
{
	if (f->bytes.len + strlen(text) < LEN_MAX)
		CHECK_OK(buf_put_str(&f->bytes, text, &e));
}

static const char *
name_of_field(void)
{
	static const char *const names[] = {"patientnr", "patientnr", "client", "bsn", "geboortedatum",
	    "geboren", "birthdate", "opnamedatum", "postcode", "naam", "achternaam", "straat", "crp",
	    "geslacht", "opmerking", "x: y", "# z", "it's", "\"q\"", "null", "~", "-", "- a", "? b", "*alias",
	    "&anchor", "!tag", "{k}", "[l]", "%d", " voor", "achter ", "\xc3\xab\xc3\xa9n",
	    "\xe2\x80\xa8lijn", "\xc2\x85nel",
	    ("\xef\xbb\xbf"
	     "bom"),
	    "\x01", "Jan Jansen", "123456782", "a,b", "a;b", ""};

	return ONE_OF(names);
}

/* Of one kind by `kind`; row numbers make keys that differ. */
static void
value_of(char *out, size_t len, unsigned kind, unsigned row)
{
	unsigned day = 1 + pick(28), month = 1 + pick(12), year = 1930 + pick(90);

	switch (kind % 11) {
	case 0:
		snprintf(out, len, "%u", 1000 + row);
		break;
	case 1:
		snprintf(out, len, "%02u-%02u-%04u", day, month, year);
		break;
	case 2:
		snprintf(out, len, "%04u-%02u-%02uT08:00:00Z", year, month, day);
		break;
	case 3:
		snprintf(out, len, "%u/%u/%04u", month, day, year);
		break;
	case 4:
		snprintf(out, len, "%04u%02u%02u", year, month, day);
		break;
	case 5:
		snprintf(out, len, "%u maart %u", day, year);
		break;
	case 6:
		snprintf(out, len, "%u%c%u", pick(300), pick(2) ? ',' : '.', pick(10));
		break;
	case 7:
		snprintf(out, len, MARK "%u", pick(20));
		break;
	case 8:
		snprintf(out, len, "Mevrouw " MARK " belt over %u dagen op 0612345678.", pick(9));
		break;
	case 9:
		snprintf(out, len, "%s", pick(2) ? "" : "M");
		break;
	default:
		snprintf(out, len, "%s", pick(2) ? "999993653" : "NL91ABNA0417164300");
		break;
	}
}

static void
make_table(struct file *f)
{
	static const char *const between[] = {",", ";", "\t", "|"};
	const char *mark = ONE_OF(between);
	unsigned columns = 2 + pick(8), rows = pick(60), kinds[10];
	char value[160];

	for (unsigned i = 0; i < columns; i++) {
		const char *name = name_of_field();

		kinds[i] = strcmp(name, "patientnr") == 0 ? 0 : pick(11);
		add(f, i == 0 ? "" : mark);
		add(f, strpbrk(name, ",;\"") != NULL ? "kop" : name);
	}
	for (unsigned r = 0; r < rows; r++) {
		add(f, "\n");
		for (unsigned i = 0; i < columns; i++) {
			value_of(value, sizeof(value), kinds[i], r);
			add(f, i == 0 ? "" : mark);
			add(f, "\"");
			add(f, value);
			add(f, "\"");
		}
	}
	add(f, "\n");
}

static void
add_json(struct file *f, unsigned depth, unsigned row)
{
	char value[160];
	unsigned n = pick(4);

	switch (depth > 40 || pick(3) == 0 ? 2 : pick(2)) {
	case 0:
		add(f, "{");
		for (unsigned i = 0; i < n; i++) {
			snprintf(value, sizeof(value), "%s\"k%u\": ", i == 0 ? "" : ", ", i);
			if (pick(2))
				snprintf(value, sizeof(value), "%s\"%u %s\": ", i == 0 ? "" : ", ", i, MARK);
			add(f, value);
			add_json(f, depth + 1, row);
		}
		add(f, "}");
		break;
	case 1:
		add(f, "[");
		for (unsigned i = 0; i < n; i++) {
			add(f, i == 0 ? "" : ", ");
			add_json(f, depth + 1 + (pick(8) == 0 ? 1 : 0), row);
		}
		add(f, "]");
		break;
	default:
		if (pick(6) == 0) {
			add(f, pick(2) ? "null" : "true");
			break;
		}
		value_of(value, sizeof(value), pick(11), row);
		add(f, "\"");
		add(f, value);
		add(f, "\"");
	}
}

static void
make_records(struct file *f, bool document)
{
	unsigned rows = document ? 1 : 1 + pick(30), deep = pick(10) == 0 ? 30 + pick(12) : 0;
	char start[64];

	for (unsigned r = 0; r < rows; r++) {
		snprintf(start, sizeof(start), "{\"patientnr\": \"%u\", \"deel\": ", 1000 + r);
		add(f, start);
		for (unsigned i = 0; i < deep; i++)
			add(f, "[");
		add_json(f, 0, r);
		for (unsigned i = 0; i < deep; i++)
			add(f, "]");
		add(f, "}\n");
	}
}

static void
make_lines(struct file *f)
{
	char value[160];

	for (unsigned i = 0, n = pick(20); i < n; i++) {
		value_of(value, sizeof(value), pick(11), i);
		add(f, value);
		add(f, pick(2) ? "   " MARK "\r\n" : "\n");
	}
}

/* As Windows-1252 or UTF-16, where there is a sign for it. */
static void
encode(struct file *f)
{
	struct buf wide;

	buf_init(&wide, 4 * LEN_MAX);
	for (size_t i = 0; i < f->bytes.len; i++)
		CHECK(buf_put_u8(&wide, f->bytes.data[i] < 0x80 ? f->bytes.data[i] : 0xeb, &e) == 0 &&
		      buf_put_u8(&wide, 0, &e) == 0);
	buf_free(&f->bytes);
	f->bytes = wide;
}

static void
make_file(struct file *f, unsigned number)
{
	static const char *const folders[] = {"", "", "map/", "map/", "a b/", "it's/", "x[1]/", "q?/",
	    "\xc3\xab/", "st*r/"},
				 *const ends[] = {".csv", ".csv", ".tsv", ".jsonl", ".json", ".txt", ".md",
				     ".xml", ".eml", ".dcm", ".bin", "", ".CSV", "."};
	const char *end = ONE_OF(ends);

	buf_init(&f->bytes, 4 * LEN_MAX);
	if (pick(20) == 0)
		snprintf(f->name, sizeof(f->name), "%s.csv", ONE_OF(folders));
	else
		snprintf(f->name, sizeof(f->name), "%s%u%s%s", ONE_OF(folders), number + 1000,
		    pick(2) ? "_brief" : "", end);
	if (strcmp(end, ".jsonl") == 0 || strcmp(end, ".json") == 0) {
		make_records(f, strcmp(end, ".json") == 0);
	} else if (strcmp(end, ".dcm") == 0) {
		CHECK_OK(buf_put(&f->bytes, (const uint8_t[128]){0}, 128, &e));
		add(f, "DICM");
		add(f, MARK);
	} else if (strcmp(end, ".bin") == 0) {
		CHECK_OK(buf_put(&f->bytes, "\0\1\2", 3, &e));
	} else if (strcmp(end, ".xml") == 0) {
		add(f, "<?xml version=\"1.0\"?>\n<a><b c=\"" MARK "\">" MARK "</b></a>\n");
	} else if (strcmp(end, ".eml") == 0) {
		add(f, "From: " MARK " <z@example.nl>\nSubject: " MARK "\n\nBeste " MARK ",\n");
	} else if (strcasecmp(end, ".csv") == 0 || strcmp(end, ".tsv") == 0 || strcmp(end, ".") == 0) {
		make_table(f);
	} else {
		make_lines(f);
	}
	if (pick(8) == 0)
		encode(f);
	else if (pick(12) == 0 && f->bytes.len > 0)
		f->bytes.len = pick((unsigned)f->bytes.len);
}

/*
 * The draft's proposals taken at their word, as its text says: the # before `subject` and `disclosure`, up to the next empty line, and
 * before each rule's subject; with `instead`, the lines that may stand in the place of `format: drop` too. Caller frees.
 */
static char *
taken(const char *draft, bool instead)
{
	static const char *const keys[] = {
	    "format", "subject", "modality", "burned_in", "headers", "attachments"};
	char *out = calloc(1, strlen(draft) + 1), *to = out;
	bool block = false, alternative = false;

	CHECK(out != NULL);
	for (const char *line = draft, *next; *line != '\0'; line = next) {
		const char *stop = strchr(line, '\n');
		size_t len;
		bool word = false, has = strstr(draft, "# subject:\n") != NULL;

		CHECK(stop != NULL);
		next = stop + 1;
		len = (size_t)(next - line);
		block = len > 1 && (block || strncmp(line, "# subject:\n", 11) == 0 ||
				       strncmp(line, "# disclosure:\n", 14) == 0);
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			word = word || (strncmp(line, "    # ", 6) == 0 &&
					   strncmp(line + 6, keys[i], strlen(keys[i])) == 0 &&
					   line[6 + strlen(keys[i])] == ':');
		if (strncmp(line, "  - match:", 10) == 0)
			alternative = false;
		if (strncmp(line, "    format: drop\n", 17) == 0) {
			/* Does a line follow that can stand in its place? */
			const char *until = strstr(next, "  - match:"),
				   *found = strstr(next, "\n    # format: ");

			alternative = true;
			if (instead && found != NULL && (until == NULL || found < until))
				continue;
		}
		if (block) {
			CHECK(line[0] == '#' && line[1] == ' ');
			line += 2;
			len -= 2;
		} else if (word && (alternative ? instead : has)) {
			memcpy(to, "    ", 4);
			to += 4;
			line += 6;
			len -= 6;
		}
		memcpy(to, line, len);
		to += len;
	}
	return out;
}

/* It must be a policy. Caller frees. */
static struct policy *
policy_of(const char *yaml, size_t len)
{
	struct json *resolved = policy_from_yaml(yaml, len, &e);
	struct policy *policy;

	if (resolved == NULL)
		fprintf(stderr, "seed %llu: %s\n%.*s\n", (unsigned long long)state, e.text, (int)len, yaml);
	CHECK(resolved != NULL);
	policy = resolved == NULL ? NULL : policy_decode(resolved, &e);
	CHECK(policy != NULL);
	json_free(resolved);
	if (policy == NULL)
		exit(check_done());
	return policy;
}

/* One rule takes it or none, and nothing leaves but what is a pseudonym. */
static void
check_file(const struct policy *policy, const struct file *f)
{
	struct scrub_run run;
	const struct json *actions;
	bool several = false;

	CHECK(policy_rule(policy, f->name, &several) != NULL || !several);
	CHECK_OK(scrub_run_with(&run, scrub_file, &(struct scrub){.policy = policy, .key = key}, f->name,
	    f->bytes.data == NULL ? (const uint8_t *)"" : f->bytes.data, f->bytes.len, 0, &e));
	actions = json_get(run.report, "actions");
	for (size_t i = 0; actions != NULL && i < actions->count; i++)
		CHECK(strcmp(actions->keys[i], "drop") == 0 || strcmp(actions->keys[i], "pseudonym") == 0);
	CHECK(run.bytes.len == 0 || memmem(run.bytes.data, run.bytes.len, MARK, strlen(MARK)) == NULL);
	scrub_run_free(&run);
}

/* How many of these say it: a test in which nothing is ever proposed tests nothing. */
static unsigned drafts_with_subject, drafts_with_instead, drafts_with_names, drafts_with_months;

static void
test_round(unsigned seed)
{
	struct file files[FILES_MAX];
	struct suggest *s = suggest_new();
	struct policy *policy;
	unsigned count;
	struct buf out;
	char *draft;

	state = seed;
	count = 1 + pick(FILES_MAX);
	for (unsigned i = 0; i < count; i++) {
		struct source_mem source;

		make_file(&files[i], i);
		source_mem_init(&source,
		    files[i].bytes.data == NULL ? (const uint8_t *)"" : files[i].bytes.data,
		    files[i].bytes.len, files[i].name);
		CHECK_OK(suggest_file(s, &source.source, &e));
	}
	buf_init(&out, SUGGEST_DRAFT_MAX);
	CHECK_OK(suggest_write(s, &out, &e));
	draft = strndup((const char *)out.data, out.len);
	policy = policy_of(draft, strlen(draft));
	for (unsigned i = 0; i < count; i++)
		check_file(policy, &files[i]);
	policy_free(policy);
	CHECK(strstr(draft, MARK) == NULL);
	for (int instead = 0; instead < 2; instead++) {
		char *yaml = taken(draft, instead == 1);

		policy_free(policy_of(yaml, strlen(yaml)));
		drafts_with_subject += strstr(yaml, "\nsubject:\n") != NULL;
		drafts_with_instead += strstr(yaml, "\n    format: text\n") != NULL;
		drafts_with_names += strstr(yaml, "{key}_*") != NULL;
		drafts_with_months += strstr(yaml, "MM-dd-yyyy]") != NULL;
		free(yaml);
	}
	free(draft);
	buf_free(&out);
	suggest_free(s);
	for (unsigned i = 0; i < count; i++)
		buf_free(&files[i].bytes);
}

int
main(int argc, char **argv)
{
	CHECK_OK(secret_start(&e));
	key = pseudonym_key_of(7, &e);
	CHECK(key != NULL);
	if (argc > 1)
		test_round((unsigned)atoi(argv[1]));
	for (unsigned i = 0; argc == 1 && i < ROUNDS; i++)
		test_round(i);
	if (argc == 1)
		CHECK(drafts_with_subject > 20 && drafts_with_instead > 20 && drafts_with_months > 20);
	fprintf(stderr, "drafts: %u with a subject, %u with text, %u with names, %u months first\n",
	    drafts_with_subject, drafts_with_instead, drafts_with_names, drafts_with_months);
	pseudonym_key_free(key);
	return check_done();
}
