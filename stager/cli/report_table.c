/* The scrub report as a table for people: numbers, reasons and what they mean. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "stager/json.h"
#include "stager/report.h"

static int64_t
number(const struct json *report, const char *section, const char *key)
{
	const struct json *n = json_get(json_get(report, section), key);

	return n == NULL || n->type != JSON_INT ? 0 : n->integer;
}

/* 1234567 as "1,234,567". */
static const char *
grouped(int64_t n, char out[static 32])
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRId64, n), at = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

/* A row of counts; the first that a section never has ends it. */
static int
row(struct buf *out, const struct json *report, const char *section, const char *const *columns, size_t count,
    struct err *e)
{
	char text[32];

	if (buf_printf(out, e, "  %-16s", section) == -1)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (columns[i][0] == '-')
			break;
		if (buf_printf(out, e, "%14s", grouped(number(report, section, columns[i]), text)) == -1)
			return -1;
	}
	return buf_put_u8(out, '\n', e);
}

/* Of disclosure control `held` says whether, not how many. */
static bool
yes_or_no(const char *section, const char *key)
{
	return strcmp(section, "disclosure") == 0 && strcmp(key, "held") == 0;
}

/* All counters of a section, two to a line: a terminal has 80 columns. */
static int
counters(struct buf *out, const struct json *report, const char *section, const char *title, struct err *e)
{
	const struct json *all = json_get(report, section);
	char text[32];
	size_t shown = 0;

	if (all == NULL || all->count == 0)
		return 0;
	if (buf_printf(out, e, "\n%s\n", title) == -1)
		return -1;
	for (size_t i = 0; i < all->count; i++) {
		if (all->items[i]->type != JSON_INT)
			continue;
		if (buf_printf(out, e, "%s  %-22s%12s",
			shown == 0       ? ""
			: shown % 2 == 0 ? "\n"
					 : "    ",
			all->keys[i],
			!yes_or_no(section, all->keys[i]) ? grouped(all->items[i]->integer, text)
			: all->items[i]->integer > 0      ? "yes"
							  : "no") == -1)
			return -1;
		shown++;
	}
	return buf_put_u8(out, '\n', e);
}

/* What was held back: count, reason, meaning, and the first few files' numbers. */
static int
held(struct buf *out, const struct json *report, struct err *e)
{
	const struct json *all = json_get(report, "held");
	char text[32];

	if (all == NULL || all->count == 0)
		return buf_put_str(out, "\nHeld back: nothing\n", e);
	if (buf_put_str(out, "\nHeld back (files by their number in source order)\n", e) == -1)
		return -1;
	for (size_t i = 0; i < all->count; i++) {
		const struct json *count = json_get(all->items[i], "count"),
				  *files = json_get(all->items[i], "files"),
				  *columns = json_get(all->items[i], "columns");
		const char *colon = strchr(all->keys[i], ':'),
			   *reason = colon == NULL ? all->keys[i] : colon + 1;
		const char *meaning = report_reason_text(reason);

		if (buf_printf(out, e, "  %10s  %s\n", grouped(count == NULL ? 0 : count->integer, text),
			all->keys[i]) == -1 ||
		    (meaning != NULL && buf_printf(out, e, "              %s\n", meaning) == -1))
			return -1;
		if (files == NULL || files->count == 0)
			continue;
		if (buf_put_str(out, "              in files", e) == -1)
			return -1;
		for (size_t k = 0; k < files->count && k < 12; k++)
			if (buf_printf(out, e, " %" PRId64, files->items[k]->integer) == -1 ||
			    (columns != NULL && k < columns->count &&
				buf_printf(out, e, " (column %" PRId64 "%s)", columns->items[k]->integer,
				    strcmp(reason, "column-missing") == 0 ? " of the policy's" : "") == -1))
				return -1;
		if (buf_put_str(out, files->count > 12 ? " ...\n" : "\n", e) == -1)
			return -1;
	}
	return 0;
}

/* Both are columns or paths, "RULE:FIELD", of one rule. */
static bool
one_rule(const char *a, const char *b)
{
	size_t len = strcspn(a, ":");

	return len == strcspn(b, ":") && memcmp(a, b, len) == 0;
}

/* Of those of i's rule that were held for this, how many by each; nothing where one before i has said so. */
static int
held_by(struct buf *out, const struct json *fields, size_t i, const char *why, struct err *e)
{
	const struct json *match = json_get(fields->items[i], "match"), *n, *name;
	const char *reason = strchr(why, ':') + 1, *between = "";
	char text[32];
	int64_t sum = 0;

	for (size_t k = 0; k < fields->count; k++) {
		n = one_rule(fields->keys[i], fields->keys[k]) ? json_get(fields->items[k], why) : NULL;
		if (n != NULL && k < i)
			return 0;
		sum += n == NULL ? 0 : n->integer;
	}
	if (buf_printf(out, e, "  %10s  %s of ", grouped(sum, text),
		strncmp(why, "record:", 7) == 0 ? "records" : "files") == -1 ||
	    (match != NULL ? buf_put_shown(out, match->string, e) == -1
			   : buf_printf(out, e, "rule %" PRId64,
				 (int64_t)strtoll(fields->keys[i], NULL, 10)) == -1) ||
	    buf_printf(out, e, ": %s in ", reason) == -1)
		return -1;
	for (size_t k = i; k < fields->count; k++) {
		n = one_rule(fields->keys[i], fields->keys[k]) ? json_get(fields->items[k], why) : NULL;
		if (n == NULL)
			continue;
		name = json_get(fields->items[k], "name");
		if (buf_put_str(out, between, e) == -1 ||
		    (name != NULL
			    ? buf_put_shown(out, name->string, e)
			    : buf_printf(out, e, "column %s", strchr(fields->keys[k], ':') + 1)) == -1 ||
		    buf_printf(out, e, " (%s)", grouped(n->integer, text)) == -1)
			return -1;
		between = ", ";
	}
	return buf_put_u8(out, '\n', e);
}

/* Whose values they were that something was held for. */
static int
held_fields(struct buf *out, const struct json *report, struct err *e)
{
	const struct json *fields = json_get(report, "fields");

	if (fields == NULL || fields->count == 0)
		return 0;
	if (buf_put_str(out, "\nHeld back for a value, by what the policy calls it\n", e) == -1)
		return -1;
	for (size_t i = 0; i < fields->count; i++)
		for (size_t k = 0; k < fields->items[i]->count; k++)
			if (fields->items[i]->items[k]->type == JSON_INT &&
			    strchr(fields->items[i]->keys[k], ':') != NULL &&
			    held_by(out, fields, i, fields->items[i]->keys[k], e) == -1)
				return -1;
	return 0;
}

/* What goes where. */
static int
each_set(struct buf *out, const struct json *sets, struct err *e)
{
	char text[2][32];

	for (size_t i = 0; i < sets->count; i++)
		if (buf_printf(out, e, "  Set %s: members %s, bytes %s%s\n", sets->keys[i],
			grouped(json_get(sets->items[i], "members")->integer, text[0]),
			grouped(json_get(sets->items[i], "bytes")->integer, text[1]),
			i + 1 == sets->count ? "\n" : "") == -1)
			return -1;
	return 0;
}

/* Why a person must look, as far as the report says it. */
static const char *
held_why(const struct json *document)
{
	const struct json *report = json_get(document, "report"), *held = json_get(report, "held");

	for (size_t i = 0; held != NULL && held->type == JSON_OBJECT && i < held->count; i++)
		if (strncmp(held->keys[i], "check:", 6) == 0)
			return "HELD: the second check withheld something\n";
	/* A withdrawal does not count groups again: they may be smaller than they were. */
	if (number(report, "disclosure", "held") > 0)
		return number(report, "withdrawn", "subjects") > 0
			   ? "HELD: people were taken out, and groups may be smaller than the policy wants\n"
			   : "HELD: more stand alone, or were blanked, than the policy accepts\n";
	if (json_get(document, "members")->integer == 0)
		return "HELD: nothing passed\n";
	return "HELD: more was held back than the policy accepts\n";
}

const char *
report_ended(const char *state)
{
	static const char *const ends[][2] = {
	    {"WITHDRAWN", "WITHDRAWN: nothing of it is released any more (stager list names later versions)"},
	    {"REJECTED", "REJECTED: it was deleted"},
	    {"ERASED", "ERASED: nothing of its dataset can be opened any more"}};

	for (size_t i = 0; state != NULL && i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strcmp(state, ends[i][0]) == 0)
			return ends[i][1];
	return NULL;
}

int
report_table(const struct json *document, const char *in, struct buf *out, struct err *e)
{
	static const char *const columns[] = {"seen", "passed", "held", "dropped"};
	static const char *const record_columns[] = {"seen", "passed", "held", "-"};
	const struct json *report = json_get(document, "report"), *version = json_get(document, "version");
	const char *dataset = json_need_string(document, "dataset", "report", e);
	const char *holder = json_need_string(document, "holder", "report", e);
	const char *state = json_need_string(document, "state", "report", e);
	const struct json *sets = json_need(document, "sets", JSON_OBJECT, "report", e);
	const char *why = "", *ended = report_ended(in);
	char text[3][32];

	if (dataset == NULL || holder == NULL || state == NULL || sets == NULL || report == NULL)
		return -1;
	/* What became of it is more than what it was. */
	if (ended == NULL && strcmp(state, "held") == 0)
		why = held_why(document);
	if (version == NULL
		? buf_printf(out, e,
		      "Dry run of %s (%s): nothing was sealed, kept or logged\nMembers: %s, bytes: "
		      "%s\n%s%s\n",
		      dataset, holder, grouped(json_get(document, "members")->integer, text[1]),
		      grouped(json_get(document, "bytes")->integer, text[2]),
		      why[0] != '\0' ? "A push now would be " : "", why) == -1
		: buf_printf(out, e,
		      "Scrub report of %s (%s), version %" PRId64
		      ", %s\nShards: %s, members: %s, bytes: %s\n%s\n",
		      dataset, holder, version->integer, json_get(document, "version-id")->string,
		      grouped(json_get(document, "shards")->integer, text[0]),
		      grouped(json_get(document, "members")->integer, text[1]),
		      grouped(json_get(document, "bytes")->integer, text[2]), why) == -1)
		return -1;
	if ((ended != NULL && buf_printf(out, e, "%s\n\n", ended) == -1) || each_set(out, sets, e) == -1 ||
	    buf_printf(out, e, "  %-16s%14s%14s%14s%14s\n", "", "seen", "passed", "held", "dropped") == -1 ||
	    row(out, report, "files", columns, 4, e) == -1 ||
	    row(out, report, "records", record_columns, 4, e) == -1)
		return -1;
	if (number(report, "told", "least") > 1 &&
	    buf_printf(out, e,
		"\n  Counts of people's records, values and finds are in multiples of %" PRId64
		", as the policy\n"
		"  wants: totals upwards (%" PRId64 " may be 1), by rule and file downwards.\n",
		number(report, "told", "least"), number(report, "told", "least")) == -1)
		return -1;
	if (held(out, report, e) == -1 || held_fields(out, report, e) == -1 ||
	    counters(out, report, "sealed", "Sources that were sealed for the house", e) == -1 ||
	    counters(out, report, "formats", "Files by format", e) == -1 ||
	    counters(out, report, "found", "Found in free text and replaced", e) == -1 ||
	    counters(out, report, "actions", "Values by action", e) == -1 ||
	    counters(out, report, "canaries", "Files of made-up values that scrubbing had to remove", e) ==
		-1 ||
	    counters(out, report, "disclosure",
		json_get(json_get(report, "disclosure"), "records") != NULL
		    ? "Disclosure control, in records"
		    : "Disclosure control, in subjects",
		e) == -1 ||
	    counters(out, report, "quasi", "What is shown of each quasi-identifier, in the policy's order",
		e) == -1 ||
	    counters(out, report, "subjects", "Records and files by whom they are about", e) == -1 ||
	    counters(out, report, "check", "Checked again by a second program", e) == -1 ||
	    counters(out, report, "appended",
		"Carried over from the version that was added to, and counted above", e) == -1 ||
	    counters(out, report, "withdrawn", "Withdrawn since, out of what is counted above", e) == -1)
		return -1;
	return 0;
}
