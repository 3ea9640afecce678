/* The report that a steward signs to accept a version, in plain words: all of it, whatever sections it has. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "acceptance_review.h"
#include "stager/acceptance.h"
#include "stager/enc.h"
#include "stager/json.h"

#define LINE_MAX 90 /* bytes of a line; one word may be longer */
#define INDENT "                 "

/* Where the line would become too long the next begins, under the first's words. */
static int
wrap(struct buf *out, size_t *line, size_t len, struct err *e)
{
	if (out->len + len - *line <= LINE_MAX)
		return 0;
	*line = out->len + 1;
	return buf_put_str(out, "\n" INDENT, e);
}

/* "key n, key n" behind what stands in the line, which begins at *line. */
static int
put_counters(struct buf *out, size_t *line, const struct json *j, const char *before, struct err *e)
{
	for (size_t i = 0; i < j->count; i++) {
		if (i > 0 && buf_put_str(out, ",", e) == -1)
			return -1;
		if (wrap(out, line, strlen(j->keys[i]) + 22, e) == -1 ||
		    buf_printf(out, e, "%s%s %" PRId64, i == 0 ? before : " ", j->keys[i],
			j->items[i]->integer) == -1)
			return -1;
	}
	return 0;
}

/* "  label: key n, key n", or nothing where the section is empty. */
static int
describe_counters(const struct json *section, const char *label, struct buf *out, struct err *e)
{
	size_t line = out->len;

	if (section->count == 0)
		return 0;
	return buf_printf(out, e, "  %-15s", label) == -1 || put_counters(out, &line, section, "", e) == -1
		   ? -1
		   : buf_put_str(out, "\n", e);
}

/* "30 seen, 27 passed": these first, though they be none; then what else there is. */
static int
describe_seen(const struct json *section, const char *label, struct buf *out, struct err *e)
{
	static const char *const keys[] = {"seen", "passed", "held", "dropped"};
	const char *between = "";

	if (buf_printf(out, e, "  %-15s", label) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct json *n = json_get(section, keys[i]);

		/* Records are not dropped. */
		if (n == NULL && strcmp(keys[i], "dropped") == 0)
			continue;
		if (buf_printf(out, e, "%s%" PRId64 " %s", between, n == NULL ? 0 : n->integer, keys[i]) ==
		    -1)
			return -1;
		between = ", ";
	}
	for (size_t i = 0; section != NULL && i < section->count; i++) {
		bool said = false;

		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
			said |= strcmp(section->keys[i], keys[k]) == 0;
		if (!said && buf_printf(out, e, ", %" PRId64 " %s", section->items[i]->integer,
				 section->keys[i]) == -1)
			return -1;
	}
	return buf_put_str(out, "\n", e);
}

static int
describe_told(const struct json *told, const char *label, struct buf *out, struct err *e)
{
	const struct json *least = json_get(told, "least");

	return least == NULL || least->integer <= 1
		   ? 0
		   : buf_printf(out, e,
			 "  %-15sof people's records, values and finds: in multiples of %" PRId64
			 ", upwards\n",
			 label, least->integer);
}

/* Numbers of files, each with its column where there are any. */
static int
put_files(struct buf *out, const struct json *files, const struct json *columns, struct err *e)
{
	size_t line = out->len;

	if (files->count == 0)
		return 0;
	if (buf_put_str(out, INDENT "in files", e) == -1)
		return -1;
	for (size_t i = 0; i < files->count; i++) {
		if (wrap(out, &line, 24, e) == -1 ||
		    buf_printf(out, e, " %" PRId64, files->items[i]->integer) == -1 ||
		    (columns != NULL &&
			buf_printf(out, e, " (column %" PRId64 ")", columns->items[i]->integer) == -1))
			return -1;
	}
	return buf_put_str(out, "\n", e);
}

static int
describe_held(const struct json *held, const char *label, struct buf *out, struct err *e)
{
	if (held == NULL || held->count == 0)
		return buf_printf(out, e, "  %-15snothing\n", label);
	for (size_t i = 0; i < held->count; i++) {
		const char *colon = strchr(held->keys[i], ':');

		if (buf_printf(out, e, "  %-15s%.*s: %s, %" PRId64 " times\n", i == 0 ? label : "",
			(int)(colon - held->keys[i]), held->keys[i], colon + 1,
			json_get(held->items[i], "count")->integer) == -1 ||
		    put_files(
			out, json_get(held->items[i], "files"), json_get(held->items[i], "columns"), e) == -1)
			return -1;
	}
	return 0;
}

/* Of one column or path: which one, by the policy's words, and what was held for its values. */
static int
describe_field(const char *key, const struct json *one, const char *label, struct buf *out, struct err *e)
{
	const struct json *match = json_get(one, "match"), *name = json_get(one, "name");
	const char *between = ": ";

	if (buf_printf(out, e, "  %-15s", label) == -1 ||
	    (name == NULL ? buf_printf(out, e, "column %s", strchr(key, ':') + 1)
			  : buf_put_shown(out, name->string, e)) == -1 ||
	    buf_put_str(out, " of ", e) == -1 ||
	    (match == NULL ? buf_printf(out, e, "rule %lld", strtoll(key, NULL, 10))
			   : buf_put_shown(out, match->string, e)) == -1)
		return -1;
	for (size_t i = 0; i < one->count; i++) {
		const char *reason = strchr(one->keys[i], ':');

		if (one->items[i]->type != JSON_INT || reason == NULL)
			continue;
		if (buf_printf(out, e, "%s%" PRId64 " %s%s %s", between, one->items[i]->integer,
			strncmp(one->keys[i], "file:", 5) == 0 ? "file" : "record",
			one->items[i]->integer == 1 ? "" : "s", reason + 1) == -1)
			return -1;
		between = ", ";
	}
	return buf_put_str(out, "\n", e);
}

static int
describe_fields(const struct json *fields, const char *label, struct buf *out, struct err *e)
{
	for (size_t i = 0; i < fields->count; i++)
		if (describe_field(fields->keys[i], fields->items[i], i == 0 ? label : "", out, e) == -1)
			return -1;
	return 0;
}

/* A line for each rule or file: its sections one behind the other. */
static int
describe_parts(const struct json *parts, const char *label, struct buf *out, struct err *e)
{
	for (size_t i = 0; i < parts->count; i++) {
		const struct json *part = parts->items[i];
		const char *between = " ";
		size_t line = out->len;

		if (buf_printf(out, e, "  %-15s%s", label, parts->keys[i]) == -1)
			return -1;
		if (json_get(part, "rule") != NULL &&
		    buf_printf(out, e, " (rule %" PRId64 ")", json_get(part, "rule")->integer) == -1)
			return -1;
		for (size_t k = 0; k < part->count; k++) {
			if (part->items[k]->type != JSON_OBJECT || part->items[k]->count == 0)
				continue;
			if (buf_put_str(out, between, e) == -1 ||
			    wrap(out, &line, strlen(part->keys[k]) + 22, e) == -1 ||
			    buf_printf(out, e, "%s", part->keys[k]) == -1 ||
			    put_counters(out, &line, part->items[k], " ", e) == -1)
				return -1;
			between = "; ";
		}
		if (buf_put_str(out, "\n", e) == -1)
			return -1;
	}
	return 0;
}

/* What changed since the version before. */
static int
describe_previous(const struct json *previous, const char *label, struct buf *out, struct err *e)
{
	const struct json *all = json_get(previous, "difference");

	if (buf_printf(out, e, "  %-15sversion %" PRId64 " (%s): policy %s, scrubber %s\n", label,
		json_get(previous, "version")->integer, json_get(previous, "version-id")->string,
		json_get(previous, "policy")->string, json_get(previous, "scrubber")->string) == -1)
		return -1;
	for (size_t i = 0; i < all->count; i++) {
		size_t line = out->len;

		if (all->items[i]->count == 0)
			continue;
		if (buf_printf(out, e, INDENT "more or less, %s:", all->keys[i]) == -1 ||
		    put_counters(out, &line, all->items[i], " ", e) == -1 || buf_put_str(out, "\n", e) == -1)
			return -1;
	}
	return 0;
}

static int
describe_sets(const struct acceptance *a, struct buf *out, struct err *e)
{
	for (size_t i = 0; i < a->set_count; i++)
		if (buf_printf(out, e,
			"  set            %s: %" PRIu64 " shards, %" PRIu64 " members, %" PRIu64 " bytes\n",
			a->sets[i].name, a->sets[i].shards, a->sets[i].members, a->sets[i].bytes) == -1)
			return -1;
	return 0;
}

/* In this order; a section that is not here comes behind them, under its own name. */
static const struct {
	const char *name, *label;
	int (*describe)(const struct json *section, const char *label, struct buf *out, struct err *e);
} sections[] = {
    {"files", "files", describe_seen},
    {"records", "records", describe_seen},
    {"told", "counts", describe_told},
    {"held", "held back", describe_held},
    {"fields", "held values of", describe_fields},
    {"sealed", "sealed sources", describe_counters},
    {"formats", "formats", describe_counters},
    {"found", "found", describe_counters},
    {"actions", "actions", describe_counters},
    {"subjects", "about whom", describe_counters},
    {"disclosure", "stand alone", describe_counters},
    {"quasi", "what is shown", describe_counters},
    {"canaries", "canaries", describe_counters},
    {"check", "checked again", describe_counters},
    {"appended", "carried over", describe_counters},
    {"withdrawn", "withdrawn since", describe_counters},
    {"previous", "before it", describe_previous},
    {"rules", "rule", describe_parts},
    {"by-file", "file", describe_parts},
};
#define SECTION_COUNT (sizeof(sections) / sizeof(sections[0]))

static bool
is_listed(const char *name)
{
	for (size_t i = 0; i < SECTION_COUNT; i++)
		if (strcmp(sections[i].name, name) == 0)
			return true;
	return false;
}

static int
describe_report(const struct json *report, struct buf *out, struct err *e)
{
	for (size_t i = 0; i < SECTION_COUNT; i++) {
		const struct json *section = json_get(report, sections[i].name);

		/* That there was nothing of these is said, too. */
		if ((section != NULL || sections[i].describe == describe_seen ||
			sections[i].describe == describe_held) &&
		    sections[i].describe(section, sections[i].label, out, e) == -1)
			return -1;
	}
	for (size_t i = 0; i < report->count; i++)
		if (!is_listed(report->keys[i]) &&
		    describe_counters(report->items[i], report->keys[i], out, e) == -1)
			return -1;
	return 0;
}

int
acceptance_describe(
    const struct acceptance *a, const uint8_t digest[static DIGEST_LEN], struct buf *out, struct err *e)
{
	char policy[DIGEST_HEX_LEN + 1], report[DIGEST_HEX_LEN + 1];

	hex_encode(a->policy, DIGEST_LEN, policy);
	hex_encode(digest, DIGEST_LEN, report);
	if (buf_printf(out, e,
		"To accept a version of a dataset, so that it may be sent and requested:\n"
		"  house          %s\n"
		"  holder         %s\n"
		"  dataset        %s, version %" PRIu64 " (%s)\n"
		"  state          %s\n"
		"  policy         %s\n"
		"  report         %s\n",
		a->house, a->holder, a->dataset, a->version, a->version_id,
		a->held ? "HELD: it goes past what the policy accepts without a person" : "sealed", policy,
		report) == -1 ||
	    describe_sets(a, out, e) == -1)
		return -1;
	return acceptance_review_describe(a->review, out, e) == -1 ? -1 : describe_report(a->report, out, e);
}
