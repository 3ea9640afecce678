/* How well the scrubber's detectors find what annotators marked: deid [OPTION...] < cases.jsonl. README, "Quality". */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <fcntl.h>

#include "deid_case.h"
#include "deid_report.h"
#include "deid_score.h"
#include "stager/buf.h"
#include "stager/detect.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/policy.h"

#define POLICY_MAX (16u << 20)
#define TEXTS_MAX (UINT32_C(1) << 31) /* with --rounds all texts are kept */

static const char help[] =
    "usage: deid [OPTION...] < CASES\n"
    "\n"
    "Reads cases, one JSON object a line: {\"text\": STRING, \"spans\": [[START, END, KIND], ...]}. Offsets "
    "count\n"
    "characters (code points). Kinds: person, location, institution, date, age, phone, email, url, id, each "
    "with a\n"
    "sub-kind behind a colon if you like (id:bsn). Runs the scrubber's detectors and prints how they "
    "compare.\n"
    "\n"
    "  --show-errors      each miss (MISS) and each false alarm (FALSE), by overlap, with what stands around "
    "it\n"
    "  --show-bounds      the same, and finds that are right but begin or end elsewhere (BOUND)\n"
    "  --kinds LIST       compare these kinds alone (person,date): for cases in which only some are "
    "annotated\n"
    "  --by-subkind       a second table: recall by sub-kind of the gold spans\n"
    "  --by-rule          a third: what each rule of the detectors found, and how much of it is right\n"
    "  --policy FILE      the text rules of this policy; without it every detector is on, BSNs without a "
    "keyword too\n"
    "  --rounds N         run over all texts N times more and say how fast, by processor time\n"
    "  --json             one JSON object instead of tables (all of the above but errors)\n"
    "  --spans            no comparison: what was found, a line a case: {\"spans\": [[START, END, KIND, "
    "RULE], ...]}\n"
    "  --help\n"
    "\n"
    "Exit status: 0 done, 1 a line is no case (its number and the reason are told), 2 usage.\n";

struct bench {
	struct detect_with with;
	struct deid_score score;
	struct deid_case c;
	struct spans spans;
	struct deid_spans found;
	struct deid_marks marks;
	struct buf texts; /* with --rounds: one behind the other */
	size_t *lens;
	size_t len_count, len_cap;
	bool errors, bounds, json, list;
	long rounds;
};

/* Bytes to code points, and the product's spans to the bench's. */
static int
take_spans(struct bench *b, struct err *e)
{
	size_t at = 0, character = 0;

	b->found.count = 0;
	for (size_t i = 0; i < b->spans.count; i++) {
		const struct span *s = &b->spans.items[i];
		const char *kind = span_kind(s->type);
		struct deid_span found = {.kind = deid_kind(kind, strlen(kind)), .rule = s->rule};

		for (; at < s->start; at++)
			character += (b->c.text.data[at] & 0xc0) != 0x80;
		found.start = character;
		for (; at < s->end; at++)
			character += (b->c.text.data[at] & 0xc0) != 0x80;
		found.end = character;
		if (found.kind == DEID_KINDS)
			return err_set(
			    e, ERR_SYSTEM, "the detectors gave a kind that the bench does not know");
		if (deid_spans_add(&b->found, &found, e) == -1)
			return -1;
	}
	return 0;
}

static int
keep_text(struct bench *b, struct err *e)
{
	if (b->len_count == b->len_cap) {
		size_t cap = b->len_cap == 0 ? 1024 : b->len_cap * 2;
		size_t *lens = reallocarray(b->lens, cap, sizeof(*lens));

		if (lens == NULL)
			return err_sys(e, "memory for texts");
		b->lens = lens;
		b->len_cap = cap;
	}
	b->lens[b->len_count++] = b->c.text.len;
	return buf_put(&b->texts, b->c.text.data, b->c.text.len, e);
}

static int
one_case(struct bench *b, const char *line, size_t len, uint64_t number, struct err *e)
{
	if (deid_case_read(&b->c, line, len, e) == -1)
		return -1;
	if (b->c.text.len == 0)
		b->spans.count = 0;
	else if (detect_text(&b->with, (const char *)b->c.text.data, b->c.text.len, &b->spans, e) == -1)
		return -1;
	if (take_spans(b, e) == -1)
		return -1;
	if (b->list)
		deid_report_spans(stdout, &b->found);
	if (deid_score_case(&b->score, &b->c, &b->found, &b->marks, e) == -1)
		return -1;
	if (b->errors)
		deid_report_errors(stdout, &b->c, &b->found, &b->marks, number, b->bounds);
	return b->rounds > 0 ? keep_text(b, e) : 0;
}

/* All lines; blank ones are passed over, and so is a byte order mark. */
static int
read_cases(struct bench *b, FILE *in, struct err *e)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int rc = -1;

	for (uint64_t number = 1; (len = getline(&line, &cap, in)) != -1; number++) {
		size_t skip = number == 1 && len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

		if (strspn(line + skip, " \t\r\n") == (size_t)len - skip)
			continue;
		if (one_case(b, line + skip, (size_t)len - skip, number, e) == -1) {
			err_context(e, "line %" PRIu64, number);
			goto out;
		}
	}
	if (ferror(in)) {
		err_sys(e, "read cases");
		goto out;
	}
	if (b->score.cases == 0) {
		err_set(e, ERR_INPUT, "there is no case on standard input");
		goto out;
	}
	rc = 0;
out:
	free(line);
	return rc;
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Detection alone, over all texts, the best of the rounds. */
static int
measure(struct bench *b, struct deid_speed *speed, struct err *e)
{
	speed->bytes = b->texts.len;
	for (long round = 0; round < b->rounds && b->texts.len > 0; round++) {
		double start = seconds(), rate;
		size_t at = 0;

		for (size_t i = 0; i < b->len_count; at += b->lens[i++])
			if (detect_text(
				&b->with, (const char *)b->texts.data + at, b->lens[i], &b->spans, e) == -1)
				return -1;
		rate = (double)b->texts.len / 1e6 / (seconds() - start);
		if (rate > speed->mb_per_second)
			speed->mb_per_second = rate;
	}
	return 0;
}

static struct policy *
read_policy(const char *path, struct err *e)
{
	struct policy *policy = NULL;
	struct json *resolved = NULL;
	struct buf yaml;

	buf_init(&yaml, POLICY_MAX);
	if (io_read_file(AT_FDCWD, path, &yaml, e) == -1 ||
	    (resolved = policy_from_yaml(yaml.data, yaml.len, e)) == NULL)
		goto out;
	policy = policy_decode(resolved, e);
out:
	if (policy == NULL)
		err_context(e, "policy");
	json_free(resolved);
	buf_free(&yaml);
	return policy;
}

/* "person,date" */
static int
read_kinds(const char *list, bool kinds[static DEID_KINDS], struct err *e)
{
	memset(kinds, 0, DEID_KINDS * sizeof(*kinds));
	for (;;) {
		size_t len = strcspn(list, ",");
		int kind = deid_kind(list, len);

		if (kind == DEID_KINDS)
			return err_set(e, ERR_USAGE,
			    "--kinds: a list of person, location, institution, date, age, phone, email, url, "
			    "id");
		kinds[kind] = true;
		if (list[len] == '\0')
			return 0;
		list += len + 1;
	}
}

static int
run(struct bench *b, bool subs, bool rules, struct err *e)
{
	struct deid_speed speed = {0};

	if (read_cases(b, stdin, e) == -1 || measure(b, &speed, e) == -1)
		return -1;
	if (b->json)
		deid_report_json(stdout, &b->score, &speed);
	else if (!b->list)
		deid_report_table(stdout, &b->score, subs, rules, &speed);
	if (fflush(stdout) != 0 || ferror(stdout))
		return err_sys(e, "write the report");
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {{"show-errors", no_argument, NULL, 'e'},
	    {"show-bounds", no_argument, NULL, 'b'}, {"kinds", required_argument, NULL, 'k'},
	    {"by-subkind", no_argument, NULL, 's'}, {"by-id-subkind", no_argument, NULL, 's'},
	    {"by-rule", no_argument, NULL, 'r'}, {"policy", required_argument, NULL, 'p'},
	    {"rounds", required_argument, NULL, 'n'}, {"json", no_argument, NULL, 'j'},
	    {"spans", no_argument, NULL, 'l'}, {"help", no_argument, NULL, 'h'}, {0}};
	static const struct text_rules everything = {.bsn_any = true, .english = true};
	struct bench b = {.with = {.rules = &everything}};
	struct policy *policy = NULL;
	bool subs = false, rules = false;
	int option, status = 1;
	struct err e = {0};
	char *end;

	deid_case_init(&b.c);
	buf_init(&b.texts, TEXTS_MAX);
	for (int kind = 0; kind < DEID_KINDS; kind++)
		b.score.kinds[kind] = true;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'b':
			b.bounds = true;
			b.errors = true;
			break;
		case 'e':
			b.errors = true;
			break;
		case 'k':
			if (read_kinds(optarg, b.score.kinds, &e) == -1) {
				status = err_report("deid", &e);
				goto out;
			}
			break;
		case 's':
			subs = true;
			break;
		case 'r':
			rules = true;
			break;
		case 'p':
			policy_free(policy);
			if ((policy = read_policy(optarg, &e)) == NULL) {
				err_report("deid", &e);
				goto out;
			}
			b.with.rules = &policy->text;
			break;
		case 'n':
			b.rounds = strtol(optarg, &end, 10);
			if (end == optarg || *end != '\0' || b.rounds < 1 || b.rounds > 1000) {
				fputs("deid: --rounds: 1 to 1000\n", stderr);
				status = 2;
				goto out;
			}
			break;
		case 'j':
			b.json = true;
			break;
		case 'l':
			b.list = true;
			break;
		case 'h':
			fputs(help, stdout);
			status = 0;
			goto out;
		default:
			fputs(help, stderr);
			status = 2;
			goto out;
		}
	}
	if (optind != argc) {
		fputs("deid: cases are read from standard input, and there are no other arguments\n", stderr);
		status = 2;
	} else if (b.json + b.errors + b.list > 1) {
		fputs("deid: --json, --show-errors and --spans do not go together\n", stderr);
		status = 2;
	} else if (run(&b, subs, rules, &e) == -1) {
		err_report("deid", &e);
	} else {
		status = 0;
	}
out:
	policy_free(policy);
	deid_case_free(&b.c);
	deid_score_free(&b.score);
	deid_marks_free(&b.marks);
	spans_free(&b.spans);
	free(b.found.items);
	buf_free(&b.texts);
	free(b.lens);
	return status;
}
