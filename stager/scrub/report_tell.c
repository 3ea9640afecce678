/* The report as it is told: counts about people in whole multiples of the policy's smallest cell. */
#include <string.h>

#include "report_parts.h"
#include "stager/json.h"

/*
 * Sections whose counts are about people. In `disclosure` and `quasi` the groups and their sizes are not among them: the first pass
 * has counted no group smaller than may be told, and how large the smallest one is, is what a reader must know.
 */
static const char *const about_people[] = {"records", "actions", "found", "subjects", NULL};
static const char *const disclosure_keys[] = {"subjects", "records", "below", "widened", "blanked", NULL};
/* Of what was withdrawn since: not how many shards changed. */
static const char *const withdrawn_keys[] = {"subjects", "members", "records", NULL};

static int64_t
up(int64_t n, int64_t least)
{
	if (n > JSON_INT_MAX - least)
		return n / least * least;
	return (n + least - 1) / least * least;
}

static int64_t
down(int64_t n, int64_t least)
{
	return n / least * least;
}

/* A difference keeps its direction. */
static int64_t
outward(int64_t n, int64_t least)
{
	return n < 0 ? -up(-n, least) : up(n, least);
}

/* The section with every number (or those under these keys alone) made by `how`; what comes to 0 by that is left out. */
static struct json *
told_section(
    const struct json *section, const char *const *keys, int64_t (*how)(int64_t, int64_t), int64_t least)
{
	struct json *out = json_object();

	for (size_t i = 0; i < section->count; i++) {
		const struct json *n = section->items[i];
		int64_t told;

		if (n->type != JSON_INT || (keys != NULL && !report_listed(keys, section->keys[i]))) {
			json_set(out, section->keys[i], json_copy(n));
			continue;
		}
		told = how(n->integer, least);
		if (told != 0 || (n->integer == 0 && how != down))
			json_set_int(out, section->keys[i], told);
	}
	return out;
}

static struct json *
told_part(const struct json *part, int64_t least)
{
	struct json *out = json_object(), *section;

	for (size_t i = 0; i < part->count; i++) {
		if (part->items[i]->type != JSON_OBJECT || !report_listed(about_people, part->keys[i])) {
			json_set(out, part->keys[i], json_copy(part->items[i]));
			continue;
		}
		section = told_section(part->items[i], NULL, down, least);
		if (section->count > 0)
			json_set(out, part->keys[i], section);
		else
			json_free(section);
	}
	return out;
}

static struct json *
told_parts(const struct json *parts, int64_t least)
{
	struct json *out = json_object();

	for (size_t i = 0; i < parts->count; i++)
		json_set(out, parts->keys[i], told_part(parts->items[i], least));
	return out;
}

static bool
of_records(const char *key)
{
	return strncmp(key, report_hold_prefix[HOLD_RECORD], strlen(report_hold_prefix[HOLD_RECORD])) == 0;
}

/* Records by reason; *sum what they come to as they are, *told as they are told. */
static struct json *
told_held(const struct json *held, int64_t least, int64_t *sum, int64_t *told)
{
	struct json *out = json_copy(held);

	for (size_t i = 0; i < out->count; i++) {
		const struct json *count = json_get(out->items[i], "count");
		int64_t n;

		if (!of_records(out->keys[i]) || count == NULL)
			continue;
		n = up(count->integer, least);
		*sum += count->integer;
		*told += n;
		json_set_int(out->items[i], "count", n);
	}
	return out;
}

/* Columns and paths are parts: their records downwards, and left out where nothing stays; files as they are. */
static struct json *
told_fields(const struct json *fields, int64_t least)
{
	struct json *out = json_object(), *one;

	for (size_t i = 0; i < fields->count; i++) {
		const struct json *from = fields->items[i];

		one = json_object();
		for (size_t k = 0; k < from->count; k++) {
			int64_t n = from->items[k]->integer;

			n = of_records(from->keys[k]) ? down(n, least) : n;
			if (n > 0)
				json_set_int(one, from->keys[k], n);
		}
		if (one->count > 0)
			json_set(out, fields->keys[i], one);
		else
			json_free(one);
	}
	return out;
}

static struct json *
told_difference(const struct json *difference, int64_t least)
{
	struct json *out = json_object();

	for (size_t i = 0; i < difference->count; i++) {
		const char *name = difference->keys[i];
		const struct json *section = difference->items[i];

		if (report_listed(about_people, name) || strcmp(name, "rules") == 0) {
			json_set(out, name, told_section(section, NULL, outward, least));
		} else if (strcmp(name, "held") == 0) {
			struct json *held = json_copy(section);

			for (size_t k = 0; k < held->count; k++)
				if (of_records(held->keys[k]))
					held->items[k]->integer = outward(held->items[k]->integer, least);
			json_set(out, name, held);
		} else {
			json_set(out, name, json_copy(section));
		}
	}
	return out;
}

static struct json *
told_previous(const struct json *previous, int64_t least)
{
	struct json *out = json_copy(previous);
	const struct json *difference = json_get(previous, "difference");

	if (difference != NULL && difference->type == JSON_OBJECT)
		json_set(out, "difference", told_difference(difference, least));
	return out;
}

/* What is held is the sum of its reasons, told as they are: many small reasons and their sum give none of them away. */
static struct json *
told_records(const struct json *records, int64_t sum, int64_t told, int64_t least)
{
	struct json *out = told_section(records, NULL, up, least);
	const struct json *held = json_get(records, "held");

	if (held != NULL && held->integer == sum)
		json_set_int(out, "held", told);
	return out;
}

struct json *
report_tell(const struct json *report, int64_t least)
{
	int64_t sum = 0, told = 0;
	struct json *out = json_object(), *held = NULL;

	if (least <= 1) {
		json_free(out);
		return json_copy(report);
	}
	if (json_get(report, "held") != NULL)
		held = told_held(json_get(report, "held"), least, &sum, &told);
	for (size_t i = 0; i < report->count; i++) {
		const char *name = report->keys[i];
		const struct json *section = report->items[i];
		struct json *made;

		if (strcmp(name, "held") == 0)
			continue;
		if (strcmp(name, "records") == 0)
			made = told_records(section, sum, told, least);
		else if (report_listed(about_people, name))
			made = told_section(section, NULL, up, least);
		else if (strcmp(name, "disclosure") == 0)
			made = told_section(section, disclosure_keys, up, least);
		else if (strcmp(name, "withdrawn") == 0)
			made = told_section(section, withdrawn_keys, up, least);
		else if (strcmp(name, "rules") == 0 || strcmp(name, "by-file") == 0)
			made = told_parts(section, least);
		else if (strcmp(name, "fields") == 0)
			made = told_fields(section, least);
		else if (strcmp(name, "previous") == 0)
			made = told_previous(section, least);
		else
			made = json_copy(section);
		json_set(out, name, made);
	}
	if (held != NULL)
		json_set(out, "held", held);
	json_set(out, "told", held = json_object());
	json_set_int(held, "least", least);
	return out;
}
