/* The scrub report: counting what happened to a dataset. */
#include "stager/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_parts.h"
#include "stager/json.h"

#define REPORT_KEY_MAX 64 /* with its unit */

struct report {
	struct json *tree;
	struct json
	    *part; /* what is counted of the file between report_file_begin and report_file_end; else NULL */
	uint64_t part_file, part_rule;
};

static const char *const files_keys[] = {"seen", "passed", "held", "dropped", NULL};
static const char *const records_keys[] = {"seen", "passed", "held", NULL};
static const char *const bytes_keys[] = {"in", "out", NULL};
static const char *const members_keys[] = {"out", NULL};
static const char *const canaries_keys[] = {"planted", "checked", NULL};
static const char *const check_keys[] = {"members", "bytes", "not-rescanned", NULL};

/* Records and files by whom they are about; the last two were dropped. */
static const char *const subjects_keys[] = {"linked", "unlinked", "excluded", "unmatched", "carried", NULL};
/* What was done about who stands alone (gather). held: 1 where it was not enough, or too much. By the policy's `quasi`, from 1: how
 * many different values are shown, and how many subjects the rarest has. By the policy's sets, from 1, where there are several: the
 * classes that each shows, and the smallest of them. */
#define SET(n) "set-" n "-classes", "set-" n "-smallest"
static const char *const disclosure_keys[] = {"subjects", "records", "below", "widened", "blanked", "classes",
    "smallest", "held", SET("1"), SET("2"), SET("3"), SET("4"), SET("5"), SET("6"), SET("7"), SET("8"), NULL};
#define QUASI(n) n "-values", n "-smallest"
static const char *const quasi_keys[] = {QUASI("1"), QUASI("2"), QUASI("3"), QUASI("4"), QUASI("5"),
    QUASI("6"), QUASI("7"), QUASI("8"), QUASI("9"), QUASI("10"), QUASI("11"), QUASI("12"), QUASI("13"),
    QUASI("14"), QUASI("15"), QUASI("16"), NULL};
static const char *const sealed_keys[] = {"order-proven", "order-not-proven", NULL};
static const char *const formats_keys[] = {
    "csv", "fixed", "jsonl", "json", "xml", "text", "eml", "dicom", "opaque", "drop", NULL};
static const char *const actions_keys[] = {"keep", "drop", "blank", "pseudonym", "year", "first", "text",
    "attribute", "shift", "coarse", "hierarchy", "attachment-dropped", "dicom-shifted", "dicom-attribute",
    "dicom-removed", "dicom-private-removed", "dicom-emptied", "dicom-dummy", "dicom-uid",
    "dicom-text-emptied", "dicom-overwritten", NULL};
static const char *const found_keys[] = {"person", "address", "postcode", "place", "institution", "date",
    "age", "phone", "email", "url", "bsn", "rsin", "onderwijsnummer", "btw", "brin", "iban", "kenteken",
    "document", "agb", "big", "kvk", "v-nummer", "patient", "number", "ip", "mac", "card", "known", "extra",
    NULL};

const struct section report_sections[] = {
    {"files", files_keys, true, true},
    {"sealed", sealed_keys, false, false},
    {"formats", formats_keys, false, false},
    {"records", records_keys, true, true},
    {"bytes", bytes_keys, true, false},
    {"members", members_keys, true, false},
    {"actions", actions_keys, false, true},
    {"found", found_keys, false, true},
    {"subjects", subjects_keys, false, false},
    {"canaries", canaries_keys, true, false},
    {"disclosure", disclosure_keys, false, false},
    {"quasi", quasi_keys, false, false},
    {"check", check_keys, true, false},
};
_Static_assert(
    sizeof(report_sections) / sizeof(report_sections[0]) == REPORT_SECTIONS, "as report_parts.h says");

const struct partition report_partitions[REPORT_PARTITIONS] = {
    {"rules", REPORT_RULES_MAX, false},
    {"by-file", REPORT_LISTED_MAX, true},
};

const char *const report_hold_prefix[REPORT_UNITS] = {
    [HOLD_FILE] = "file:",
    [HOLD_RECORD] = "record:",
    [HOLD_CHECK] = "check:",
};

bool
report_listed(const char *const *list, const char *key)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, key) == 0)
			return true;
	return false;
}

const struct section *
report_section(const char *name)
{
	for (size_t i = 0; i < REPORT_SECTIONS; i++)
		if (strcmp(report_sections[i].name, name) == 0)
			return &report_sections[i];
	return NULL;
}

struct json *
report_child(struct json *object, const char *key, struct json *(*make)(void))
{
	for (size_t i = 0; i < object->count; i++)
		if (strcmp(object->keys[i], key) == 0)
			return object->items[i];
	json_set(object, key, make());
	return object->items[object->count - 1];
}

struct json *
report_zero(void)
{
	return json_int(0);
}

void
report_bump(struct json *number, uint64_t n)
{
	if (n > (uint64_t)(JSON_INT_MAX - number->integer))
		number->integer = JSON_INT_MAX;
	else
		number->integer += (int64_t)n;
}

struct report *
report_new(void)
{
	struct report *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	r->tree = json_object();
	for (size_t i = 0; i < REPORT_SECTIONS; i++) {
		struct json *section = json_object();

		for (const char *const *key = report_sections[i].keys;
		     report_sections[i].always && *key != NULL; key++)
			json_set_int(section, *key, 0);
		json_set(r->tree, report_sections[i].name, section);
	}
	json_set(r->tree, "held", json_object());
	for (size_t i = 0; i < REPORT_PARTITIONS; i++)
		json_set(r->tree, report_partitions[i].name, json_object());
	return r;
}

void
report_free(struct report *r)
{
	if (r == NULL)
		return;
	json_free(r->tree);
	json_free(r->part);
	free(r);
}

void
report_add(struct report *r, const char *section, const char *key, uint64_t n)
{
	const struct section *known = report_section(section);

	/* Keys are words of ours: a wrong one is a fault in the program, found by the first test that meets
	 * it. */
	if (known == NULL || !report_listed(known->keys, key))
		abort();
	report_bump(report_child(report_child(r->tree, section, json_object), key, report_zero), n);
	if (r->part != NULL && known->part && n > 0)
		report_bump(report_child(report_child(r->part, section, json_object), key, report_zero), n);
}

void
report_part_add(struct json *whole, size_t max, uint64_t number, const struct json *part)
{
	char key[24];
	struct json *to;

	(void)snprintf(key, sizeof(key), "%llu", (unsigned long long)number);
	if (json_get(whole, key) == NULL && whole->count >= max)
		return;
	to = report_child(whole, key, json_object);
	for (size_t i = 0; i < part->count; i++) {
		if (part->items[i]->type == JSON_INT) {
			json_set_int(to, part->keys[i], part->items[i]->integer);
			continue;
		}
		for (size_t k = 0; k < part->items[i]->count; k++)
			report_bump(report_child(report_child(to, part->keys[i], json_object),
					part->items[i]->keys[k], report_zero),
			    (uint64_t)part->items[i]->items[k]->integer);
	}
}

void
report_file_begin(struct report *r, uint64_t file_number, uint64_t rule)
{
	if (r->part != NULL || file_number > (uint64_t)JSON_INT_MAX || rule > REPORT_RULE_MAX)
		abort();
	r->part = json_object();
	r->part_file = file_number;
	r->part_rule = rule;
}

void
report_file_end(struct report *r)
{
	if (r->part == NULL)
		abort();
	for (size_t i = 0; i < REPORT_PARTITIONS; i++) {
		if (report_partitions[i].rule)
			json_set_int(r->part, "rule", (int64_t)r->part_rule);
		report_part_add(report_child(r->tree, report_partitions[i].name, json_object),
		    report_partitions[i].max, report_partitions[i].rule ? r->part_file : r->part_rule,
		    r->part);
	}
	json_free(r->part);
	r->part = NULL;
}

bool
report_has_column(const char *key)
{
	return strncmp(key, "file:column-", strlen("file:column-")) == 0;
}

void
report_held_file(struct json *entry, int64_t number, int64_t column)
{
	struct json *files = report_child(entry, "files", json_array);

	if (files->count >= REPORT_FILES_MAX)
		return;
	for (size_t i = files->count; i > 0; i--)
		if (files->items[i - 1]->integer == number)
			return;
	json_push(files, json_int(number));
	if (column != 0)
		json_push(report_child(entry, "columns", json_array), json_int(column));
}

static void
hold(struct report *r, enum hold_unit unit, const char *reason, uint64_t file_number, uint64_t n,
    size_t column)
{
	char key[REPORT_KEY_MAX];
	struct json *entry;

	snprintf(key, sizeof(key), "%s%s", report_hold_prefix[unit], reason);
	if (report_reason_text(reason) == NULL || file_number > (uint64_t)JSON_INT_MAX ||
	    report_has_column(key) != (column != 0) || column > REPORT_COLUMN_MAX)
		abort();
	if (n == 0)
		return;
	entry = report_child(report_child(r->tree, "held", json_object), key, json_object);
	report_bump(report_child(entry, "count", report_zero), n);
	report_held_file(entry, (int64_t)file_number, (int64_t)column);
	if (unit == HOLD_FILE)
		report_add(r, "files", "held", 1);
	else if (unit == HOLD_RECORD)
		report_add(r, "records", "held", n);
}

void
report_hold(struct report *r, enum hold_unit unit, const char *reason, uint64_t file_number, uint64_t n)
{
	hold(r, unit, reason, file_number, n, 0);
}

void
report_hold_column(struct report *r, const char *reason, uint64_t file_number, size_t column)
{
	hold(r, HOLD_FILE, reason, file_number, 1, column);
}

void
report_hold_field(struct report *r, enum hold_unit unit, const char *reason, size_t field, uint64_t n)
{
	char key[REPORT_KEY_MAX];
	struct json *delta, *one;

	if (!report_reason_of_field(reason) || field == 0 || field > REPORT_COLUMN_MAX || r->part == NULL ||
	    r->part_rule == 0 || n == 0)
		return;
	delta = json_object();
	snprintf(key, sizeof(key), "%llu:%zu", (unsigned long long)r->part_rule, field);
	json_set(delta, key, one = json_object());
	snprintf(key, sizeof(key), "%s%s", report_hold_prefix[unit], reason);
	json_set_int(one, key, n > (uint64_t)JSON_INT_MAX ? JSON_INT_MAX : (int64_t)n);
	report_fields_add(r->tree, delta);
	json_free(delta);
}

uint64_t
report_get(const struct report *r, const char *section, const char *key)
{
	const struct json *n = json_get(json_get(r->tree, section), key);

	return n == NULL ? 0 : (uint64_t)n->integer;
}

struct json *
report_json(const struct report *r)
{
	return json_copy(r->tree);
}
