/*
 * Over random policies and random data: whatever is planted is gone, and whatever is not is byte-equal. Each value is made with what must leave of it, by a model that
 * shares nothing with the scrubber but the pseudonyms' HMAC; what leaves is compared whole, and looked through for what was planted.
 */
#include <stdlib.h>
#include <time.h>

#include "../stager/scrub/subject.h"
#include "person_run.h"

#define ROUNDS 400
#define FIELDS_MAX 12
#define ROWS_MAX 12
#define TEXT_MAX 160

static struct err e;
static struct pseudonym_key *key;
static uint64_t state;

static unsigned
pick(unsigned count)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)((state >> 33) % count);
}

enum kind {
	CODE,
	NUMBER,
	ENUM,
	DROP,
	BLANK,
	PSEUDONYM,
	REFERENCE,
	YEAR,
	FIRST,
	SHIFT,
	ATTRIBUTE,
	WORDS,
	ROUND,
	BOUNDS,
	LEVEL,
	KINDS
};
static const char *const actions[KINDS] = {"{keep: code, pattern: '[a-z; ,\"-]*'}",
    "{keep: number, range: [-50, 500]}", "{keep: enum, values: [rood, 'groen, geel', blauw]}", "drop",
    "blank", "pseudonym", "{do: pseudonym, reference: [Patient, Group]}", "year", "{first: 3}", "shift",
    "{attribute: pc}", "text", "{round: 5}", "{top: 90, bottom: 20}",
    "{hierarchy: h.csv, level: 1, other: hold}"};
static const char levels[] = "aap;dier;*\nnoot;\"plant; eetbaar\";*\nmies;mens;*\n";
static const struct policy_file beside[] = {{"h.csv", levels, sizeof(levels) - 1}};

/* A value, what must leave of it, and what must not be found again. */
struct cell {
	char in[TEXT_MAX], out[TEXT_MAX], planted[24];
	bool number, held; /* a number where the format has them; the record must be held */
};

struct person {
	char nr[8], pseudonym[PSEUDONYM_LEN + 1], area[5];
	long days;
};

/* Ten letters that stand nowhere else. */
static void
plant(struct cell *c)
{
	strcpy(c->planted, "zqx");
	for (unsigned i = 3; i < 10; i++)
		c->planted[i] = (char)('a' + pick(26));
	c->planted[10] = '\0';
}

static void
date_of(long days, char out[static 16])
{
	time_t t = (time_t)days * 86400;
	struct tm tm;

	(void)gmtime_r(&t, &tm);
	(void)strftime(out, 16, "%Y-%m-%d", &tm);
}

static void
make(struct cell *c, enum kind kind, const struct person *p, bool bad)
{
	static const char *const colours[] = {"rood", "groen, geel", "blauw"},
				 *const beasts[] = {"aap", "noot", "mies"},
				 *const kinds[] = {"dier", "plant; eetbaar", "mens"};
	char one[PSEUDONYM_LEN + 1];
	int n = (int)pick(700) - 100, size = abs(n);
	long day = 15000 + pick(5000);

	*c = (struct cell){.held = false};
	switch (kind) {
	case CODE:
		for (unsigned i = 0, len = 1 + pick(20); i < len; i++)
			c->in[i] = "abcdefgh; ,\"-"[pick(13)];
		strcpy(c->out, c->in);
		break;
	case NUMBER:
		n = (int)pick(550) - 50;
		(void)snprintf(c->in, TEXT_MAX, "%d%s", n, n < 500 && n > -50 && pick(2) ? ".50" : "");
		strcpy(c->out, c->in);
		c->number = true;
		break;
	case ENUM:
		strcpy(c->in, colours[pick(3)]);
		strcpy(c->out, c->in);
		break;
	case DROP:
	case BLANK:
		plant(c);
		(void)snprintf(c->in, TEXT_MAX, "%s %s", c->planted, pick(2) ? "\"x\"" : "");
		break;
	case PSEUDONYM:
		plant(c);
		strcpy(c->in, c->planted);
		pseudonym_make(key, c->in, strlen(c->in), c->out);
		break;
	case REFERENCE:
		plant(c);
		pseudonym_make(key, c->planted, strlen(c->planted), one);
		(void)snprintf(c->in, TEXT_MAX, "%s%s%s",
		    pick(2) ? "https://zqxhost/fhir/Patient/" : "Patient/", c->planted,
		    pick(2) ? "/_history/3" : "");
		(void)snprintf(c->out, TEXT_MAX, "Patient/%s", one);
		break;
	case YEAR:
		date_of(day, c->in);
		memcpy(c->out, c->in, 4);
		break;
	case FIRST:
		plant(c);
		(void)snprintf(c->in, TEXT_MAX,
		    "a\xc3\xa9"
		    "b%s",
		    c->planted);
		strcpy(c->out, "a\xc3\xa9"
			       "b");
		break;
	case SHIFT:
		date_of(day, c->in);
		date_of(day + p->days, c->out);
		break;
	case ATTRIBUTE:
		plant(c);
		strcpy(c->in, c->planted);
		strcpy(c->out, p->area);
		break;
	case WORDS:
		plant(c);
		(void)snprintf(c->in, TEXT_MAX, "Het mailadres is %s@voorbeeld.nl; verder, \"goed\" %u.",
		    c->planted, pick(90));
		(void)snprintf(c->out, TEXT_MAX, "Het mailadres is [EMAIL-1]%s", strstr(c->in, ";"));
		break;
	case ROUND:
		(void)snprintf(c->in, TEXT_MAX, "%d", n);
		size = (2 * size + 5) / 10 * 5;
		(void)snprintf(c->out, TEXT_MAX, "%d", n < 0 ? -size : size);
		c->number = true;
		break;
	case BOUNDS:
		(void)snprintf(c->in, TEXT_MAX, "%d", n);
		(void)snprintf(c->out, TEXT_MAX, "%d", n >= 90 ? 90 : n <= 20 ? 20 : n);
		c->number = true;
		break;
	case LEVEL:
		n = (int)pick(3);
		strcpy(c->in, beasts[n]);
		strcpy(c->out, kinds[n]);
		break;
	case KINDS:
		break;
	}
	/* One value of the wrong type: its whole record, with all that is planted in it, is held. */
	if (bad && (kind <= ENUM || kind == REFERENCE || kind == YEAR || kind == SHIFT ||
		       (kind >= ROUND && kind <= LEVEL))) {
		plant(c);
		(void)snprintf(c->in, TEXT_MAX, "%s9", c->planted);
		c->number = false;
		c->held = true;
	}
}

static void
put(struct buf *b, const char *text)
{
	CHECK_OK(buf_put_str(b, text, &e));
}

/* As RFC 4180 has it; always: quotes where none are wanted. */
static void
put_csv(struct buf *b, const char *text, bool always)
{
	size_t len = strlen(text);
	bool quote =
	    always || (len > 0 && (strpbrk(text, ";\"\n") != NULL || text[0] == ' ' || text[len - 1] == ' '));

	put(b, quote ? "\"" : "");
	for (; *text != '\0'; text++)
		CHECK(buf_put(b, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1, &e) == 0);
	put(b, quote ? "\"" : "");
}

static void
put_json(struct buf *b, const struct cell *c, const char *text)
{
	if (c->number && text[0] != '\0') {
		put(b, text);
		return;
	}
	put(b, "\"");
	for (; *text != '\0'; text++)
		CHECK(buf_put(b, *text == '"' ? "\\\"" : text, *text == '"' ? 2 : 1, &e) == 0);
	put(b, "\"");
}

static void
compare(const struct scrub_run *run, const struct buf *want, const char *yaml, const char *format)
{
	if (run->members.len == want->len &&
	    (want->len == 0 || memcmp(run->members.data, want->data, want->len) == 0))
		return;
	fprintf(stderr, "%s\n%s\ngot:\n%.*s\nwanted:\n%.*s\n", format, yaml, (int)run->members.len,
	    run->members.data, (int)want->len, want->data);
	for (size_t i = 0; json_get(run->report, "held") != NULL && i < json_get(run->report, "held")->count;
	     i++)
		fprintf(stderr, "held: %s %lld\n", json_get(run->report, "held")->keys[i],
		    (long long)json_get(json_get(run->report, "held")->items[i], "count")->integer);
	CHECK(!"what is not planted is byte-equal");
}

static void
gone(const struct scrub_run *run, struct cell cells[ROWS_MAX][FIELDS_MAX], unsigned rows, unsigned fields)
{
	if (run->members.len == 0)
		return;
	for (unsigned r = 0; r < rows; r++)
		for (unsigned i = 0; i < fields; i++)
			CHECK(cells[r][i].planted[0] == '\0' ||
			      memmem(run->members.data, run->members.len, cells[r][i].planted, 10) == NULL);
	CHECK(memmem(run->members.data, run->members.len, "zqxhost", 7) == NULL);
}

static unsigned held_rows, passed_rows;

static void
round_of(unsigned seed)
{
	static struct cell cells[ROWS_MAX][FIELDS_MAX];
	struct person persons[ROWS_MAX];
	enum kind kinds[FIELDS_MAX];
	bool held[ROWS_MAX] = {false};
	struct buf yaml, table, csv, json, want_csv, want_json;
	struct person_run p;
	struct scrub_run run;
	unsigned fields, rows, kept = 0;
	char line[800];

	state = seed;
	fields = 1 + pick(FIELDS_MAX);
	rows = 1 + pick(ROWS_MAX);
	buf_init(&yaml, 1 << 16);
	buf_init(&table, 1 << 16);
	buf_init(&csv, 1 << 16);
	buf_init(&json, 1 << 16);
	buf_init(&want_csv, 1 << 17);
	buf_init(&want_json, 1 << 17);
	put(&yaml, "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\nsets: {abroad: {hold: [NL], "
		   "open: [x]}}\n"
		   "dates: {order: [yyyy-MM-dd], shift: {step: 7, max: 364}}\n"
		   "subject: {from: p.csv, key: {column: nr}, attributes: {pc: {from: pc, prefix: 2}}}\n"
		   "files:\n  - {match: p.csv, format: csv, columns: {nr: pseudonym, pc: drop}}\n");
	for (unsigned i = 0; i < fields; i++)
		kinds[i] = (enum kind)pick(KINDS);
	for (unsigned f = 0; f < 2; f++) {
		put(&yaml, f == 0 ? "  - match: d.csv\n    format: csv\n    csv: {delimiter: ';'}\n    "
				    "subject: nr\n    columns:\n      nr: pseudonym\n"
				  : "  - match: d.jsonl\n    format: jsonl\n    subject: $.nr\n    fields:\n "
				    "     $.nr: pseudonym\n");
		for (unsigned i = 0; i < fields; i++) {
			(void)snprintf(line, sizeof(line), "      %sf%u: %s\n", f == 0 ? "" : "$.in.", i,
			    actions[kinds[i]]);
			put(&yaml, line);
		}
	}
	put(&table, "nr,pc\n");
	for (unsigned r = 0; r < rows; r++) {
		struct person *who = &persons[r];

		(void)snprintf(who->nr, sizeof(who->nr), "%u", 1000 + r);
		(void)snprintf(who->area, sizeof(who->area), "%u", 10 + pick(80));
		(void)snprintf(line, sizeof(line), "%s,%s34 AB\n", who->nr, who->area);
		put(&table, line);
		pseudonym_make(key, who->nr, strlen(who->nr), who->pseudonym);
	}
	CHECK_OK(buf_put(&yaml, "", 1, &e));
	if (person_open(&p, key, (const char *)yaml.data, "p.csv", table.data, table.len, &e) != NULL) {
		fprintf(stderr, "%s\n%s\n", e.text, (const char *)yaml.data);
		CHECK(!"the policy is read");
		goto out;
	}
	put(&csv, "nr");
	put(&want_csv, "<x.csv>nr");
	for (unsigned i = 0; i < fields; i++) {
		(void)snprintf(line, sizeof(line), ";f%u", i);
		put(&csv, line);
		if (kinds[i] != DROP)
			put(&want_csv, line);
	}
	put(&csv, "\n");
	put(&want_csv, "\n");
	for (unsigned r = 0; r < rows; r++) {
		struct person *who = &persons[r];
		bool bad = pick(8) == 0, first = true;
		size_t before[2];

		who->days = subject_shift_of(p.policy, key, who->nr, strlen(who->nr));
		put(&csv, who->nr);
		(void)snprintf(line, sizeof(line), "{\"nr\": %s ,\"in\" :{ ", who->nr);
		put(&json, line);
		before[0] = want_csv.len;
		before[1] = want_json.len;
		put(&want_csv, who->pseudonym);
		(void)snprintf(line, sizeof(line), "<%s.json>{\"nr\": \"%s\" ,\"in\" :{ ", who->pseudonym,
		    who->pseudonym);
		put(&want_json, line);
		for (unsigned i = 0; i < fields; i++) {
			struct cell *c = &cells[r][i];

			make(c, kinds[i], who, bad && pick(2) == 0);
			held[r] = held[r] || c->held;
			put(&csv, ";");
			put_csv(&csv, c->in, pick(4) == 0);
			(void)snprintf(line, sizeof(line), "%s\"f%u\" :", i == 0 ? "" : ", ", i);
			put(&json, line);
			put_json(&json, c, c->in);
			if (kinds[i] == DROP)
				continue;
			put(&want_csv, ";");
			put_csv(&want_csv, c->out, false);
			(void)snprintf(line, sizeof(line), "%s\"f%u\" :", first ? "" : ", ", i);
			put(&want_json, line);
			if (kinds[i] == BLANK)
				put(&want_json, "null");
			else
				put_json(&want_json, c, c->out);
			first = false;
		}
		put(&csv, "\n");
		put(&json, "} }\n");
		put(&want_csv, "\n");
		put(&want_json, "} }\n");
		if (held[r]) {
			want_csv.len = before[0];
			want_json.len = before[1];
			held_rows++;
		} else {
			kept++;
			passed_rows++;
		}
	}
	if (kept == 0)
		want_csv.len = 0;
	CHECK_OK(person_read(&p, &run, "d.csv", csv.data, csv.len, &e));
	compare(&run, &want_csv, (const char *)yaml.data, "csv");
	gone(&run, cells, rows, fields);
	scrub_run_free(&run);
	CHECK_OK(person_read(&p, &run, "d.jsonl", json.data, json.len, &e));
	compare(&run, &want_json, (const char *)yaml.data, "jsonl");
	gone(&run, cells, rows, fields);
	scrub_run_free(&run);
out:
	person_close(&p);
	buf_free(&yaml);
	buf_free(&table);
	buf_free(&csv);
	buf_free(&json);
	buf_free(&want_csv);
	buf_free(&want_json);
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	CHECK((key = pseudonym_key_of(5, &e)) != NULL);
	person_files = beside;
	person_file_count = 1;
	for (unsigned i = 1; i <= ROUNDS && check_failures == 0; i++)
		round_of(i);
	/* Both kinds came. */
	CHECK(held_rows > 50 && passed_rows > 500);
	pseudonym_key_free(key);
	return check_done();
}
