/* The scrub report: counting what happened to a dataset, and adding up what sandboxed children counted. */
#include "stager/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stager/json.h"

#define REPORT_KEY_MAX 64    /* with its unit */
#define REPORT_FILES_MAX 100 /* numbers of files listed with a reason */
#define REPORT_KEYS_MAX 256  /* different keys in one section */

struct report {
	struct json *tree;
	struct json
	    *part; /* what is counted of the file between report_file_begin and report_file_end; else NULL */
	uint64_t part_file, part_rule;
};

/*
 * The sections with all the keys that there are: words of this build's, so that a captured child has none of its
 * own to put a person's name or number into. always: with 0 from the beginning; else made as they come.
 */
struct section {
	const char *name;
	const char *const *keys;
	bool always;
	bool part; /* also counted for each rule and file */
};

static const char *const files_keys[] = {"seen", "passed", "held", "dropped", NULL};
static const char *const records_keys[] = {"seen", "passed", "held", NULL};
static const char *const bytes_keys[] = {"in", "out", NULL};
static const char *const members_keys[] = {"out", NULL};
static const char *const canaries_keys[] = {"planted", "checked", NULL};
static const char *const check_keys[] = {"members", "bytes", "not-rescanned", NULL};

/* Records and files by whom they are about; the last two were dropped. */
static const char *const subjects_keys[] = {"linked", "unlinked", "excluded", "unmatched", NULL};
/* What was done about who stands alone (gather). held: 1 where it was not enough, or too much. By the policy's `quasi`, from 1: how
 * many different values are shown, and how many subjects the rarest has. */
static const char *const disclosure_keys[] = {
    "subjects", "below", "widened", "blanked", "classes", "smallest", "held", NULL};
#define QUASI(n) n "-values", n "-smallest"
static const char *const quasi_keys[] = {QUASI("1"), QUASI("2"), QUASI("3"), QUASI("4"), QUASI("5"),
    QUASI("6"), QUASI("7"), QUASI("8"), QUASI("9"), QUASI("10"), QUASI("11"), QUASI("12"), QUASI("13"),
    QUASI("14"), QUASI("15"), QUASI("16"), NULL};
static const char *const sealed_keys[] = {"order-proven", "order-not-proven", NULL};
static const char *const formats_keys[] = {
    "csv", "fixed", "jsonl", "json", "xml", "text", "eml", "dicom", "opaque", "drop", NULL};
static const char *const actions_keys[] = {"keep", "drop", "blank", "pseudonym", "year", "first", "text",
    "attribute", "shift", "dicom-shifted", "dicom-attribute", "dicom-removed", "dicom-private-removed",
    "dicom-emptied", "dicom-dummy", "dicom-uid", "dicom-text-emptied", "dicom-overwritten", NULL};
static const char *const found_keys[] = {"person", "address", "postcode", "place", "institution", "date",
    "age", "phone", "email", "url", "bsn", "rsin", "onderwijsnummer", "btw", "brin", "iban", "kenteken",
    "document", "agb", "big", "kvk", "v-nummer", "patient", "number", "ip", "mac", "card", "known", "extra",
    NULL};

static const struct section sections[] = {
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
#define SECTION_COUNT (sizeof(sections) / sizeof(sections[0]))

/* The same counts again, for each rule of the policy and each of the first files: how many of them there may be. */
static const struct {
	const char *name;
	size_t max;
	bool rule; /* each says of which rule it is */
} partitions[] = {
    {"rules", REPORT_RULES_MAX, false},
    {"by-file", REPORT_LISTED_MAX, true},
};
#define PARTITION_COUNT (sizeof(partitions) / sizeof(partitions[0]))

static const char *const hold_prefix[] = {
    [HOLD_FILE] = "file:",
    [HOLD_RECORD] = "record:",
    [HOLD_CHECK] = "check:",
};

static bool
listed(const char *const *list, const char *key)
{
	for (; *list != NULL; list++)
		if (strcmp(*list, key) == 0)
			return true;
	return false;
}

static const struct section *
section_find(const char *name)
{
	for (size_t i = 0; i < SECTION_COUNT; i++)
		if (strcmp(sections[i].name, name) == 0)
			return &sections[i];
	return NULL;
}

/* The child of that name, to be changed; made where it is not there. */
static struct json *
child(struct json *object, const char *key, struct json *(*make)(void))
{
	for (size_t i = 0; i < object->count; i++)
		if (strcmp(object->keys[i], key) == 0)
			return object->items[i];
	json_set(object, key, make());
	return object->items[object->count - 1];
}

static struct json *
zero(void)
{
	return json_int(0);
}

/* Counting stops at the largest number that there is; merging refuses what would pass it. */
static void
bump(struct json *number, uint64_t n)
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
	for (size_t i = 0; i < SECTION_COUNT; i++) {
		struct json *section = json_object();

		for (const char *const *key = sections[i].keys; sections[i].always && *key != NULL; key++)
			json_set_int(section, *key, 0);
		json_set(r->tree, sections[i].name, section);
	}
	json_set(r->tree, "held", json_object());
	for (size_t i = 0; i < PARTITION_COUNT; i++)
		json_set(r->tree, partitions[i].name, json_object());
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
	const struct section *known = section_find(section);

	/* Keys are words of ours: a wrong one is a fault in the program, found by the first test that meets
	 * it. */
	if (known == NULL || !listed(known->keys, key))
		abort();
	bump(child(child(r->tree, section, json_object), key, zero), n);
	if (r->part != NULL && known->part && n > 0)
		bump(child(child(r->part, section, json_object), key, zero), n);
}

/* Add what part has counted to the one of that number in a partition, where there is room for it. */
static void
part_add(struct json *whole, size_t max, uint64_t number, const struct json *part)
{
	char key[24];
	struct json *to;

	(void)snprintf(key, sizeof(key), "%llu", (unsigned long long)number);
	if (json_get(whole, key) == NULL && whole->count >= max)
		return;
	to = child(whole, key, json_object);
	for (size_t i = 0; i < part->count; i++) {
		if (part->items[i]->type == JSON_INT) {
			json_set_int(to, part->keys[i], part->items[i]->integer);
			continue;
		}
		for (size_t k = 0; k < part->items[i]->count; k++)
			bump(child(child(to, part->keys[i], json_object), part->items[i]->keys[k], zero),
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
	for (size_t i = 0; i < PARTITION_COUNT; i++) {
		if (partitions[i].rule)
			json_set_int(r->part, "rule", (int64_t)r->part_rule);
		part_add(child(r->tree, partitions[i].name, json_object), partitions[i].max,
		    partitions[i].rule ? r->part_file : r->part_rule, r->part);
	}
	json_free(r->part);
	r->part = NULL;
}

/* Reasons of a file that have a column. */
static bool
has_column(const char *key)
{
	return strncmp(key, "file:column-", strlen("file:column-")) == 0;
}

/* Note the file's number, and its column if there is one, where there is room; files come in order, so the same one
 * again is the last one. */
static void
held_file(struct json *entry, int64_t number, int64_t column)
{
	struct json *files = child(entry, "files", json_array);

	if (files->count >= REPORT_FILES_MAX)
		return;
	for (size_t i = files->count; i > 0; i--)
		if (files->items[i - 1]->integer == number)
			return;
	json_push(files, json_int(number));
	if (column != 0)
		json_push(child(entry, "columns", json_array), json_int(column));
}

static void
hold(struct report *r, enum hold_unit unit, const char *reason, uint64_t file_number, uint64_t n,
    size_t column)
{
	char key[REPORT_KEY_MAX];
	struct json *entry;

	snprintf(key, sizeof(key), "%s%s", hold_prefix[unit], reason);
	if (report_reason_text(reason) == NULL || file_number > (uint64_t)JSON_INT_MAX ||
	    has_column(key) != (column != 0) || column > REPORT_COLUMN_MAX)
		abort();
	if (n == 0)
		return;
	entry = child(child(r->tree, "held", json_object), key, json_object);
	bump(child(entry, "count", zero), n);
	held_file(entry, (int64_t)file_number, (int64_t)column);
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

static int
misshapen(struct err *e, const char *where)
{
	return err_set(e, ERR_INPUT, "report: %s is not of the form it must have", where);
}

/* A number that can be added to what total has under the same key. */
static int
check_number(
    const struct json *total, const char *key, const struct json *n, const char *where, struct err *e)
{
	const struct json *have = json_get(total, key);

	if (n == NULL || n->type != JSON_INT || n->integer < 0)
		return misshapen(e, where);
	if (have == NULL)
		return 0;
	if (have->type != JSON_INT || have->integer < 0)
		return misshapen(e, where);
	if (n->integer > JSON_INT_MAX - have->integer)
		return err_set(e, ERR_INPUT, "report: %s would pass 2^53", where);
	return 0;
}

static int
check_section(const struct section *s, const struct json *total, const struct json *delta, struct err *e)
{
	if (delta == NULL || delta->type != JSON_OBJECT || (total != NULL && total->type != JSON_OBJECT))
		return misshapen(e, s->name);
	if (delta->count > REPORT_KEYS_MAX ||
	    (total != NULL && total->count + delta->count > 4 * REPORT_KEYS_MAX))
		return misshapen(e, s->name);
	for (size_t i = 0; i < delta->count; i++) {
		if (!listed(s->keys, delta->keys[i]))
			return misshapen(e, s->name);
		if (check_number(total, delta->keys[i], delta->items[i], s->name, e) == -1)
			return -1;
	}
	return 0;
}

static bool
held_key_ok(const char *key)
{
	for (size_t i = 0; i < sizeof(hold_prefix) / sizeof(hold_prefix[0]); i++) {
		size_t len = strlen(hold_prefix[i]);

		if (strncmp(key, hold_prefix[i], len) == 0)
			return report_reason_text(key + len) != NULL;
	}
	return false;
}

/* Up to REPORT_FILES_MAX numbers, least to most. */
static bool
numbers_ok(const struct json *list, int64_t least, int64_t most)
{
	if (list == NULL || list->type != JSON_ARRAY || list->count > REPORT_FILES_MAX)
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i]->type != JSON_INT || list->items[i]->integer < least ||
		    list->items[i]->integer > most)
			return false;
	return true;
}

/* {"count": n, "files": [numbers]}, with "columns" where the reason has one, and nothing else. */
static bool
held_entry_ok(const char *key, const struct json *entry)
{
	const struct json *count, *files, *columns;

	if (entry == NULL || entry->type != JSON_OBJECT || entry->count != (has_column(key) ? 3 : 2))
		return false;
	count = json_get(entry, "count");
	files = json_get(entry, "files");
	columns = json_get(entry, "columns");
	if (count == NULL || count->type != JSON_INT || count->integer < 0 ||
	    !numbers_ok(files, 0, JSON_INT_MAX))
		return false;
	return !has_column(key) ||
	       (numbers_ok(columns, 1, REPORT_COLUMN_MAX) && columns->count == files->count);
}

static int
check_held(const struct json *total, const struct json *delta, struct err *e)
{
	if (delta == NULL || delta->type != JSON_OBJECT || (total != NULL && total->type != JSON_OBJECT))
		return misshapen(e, "held");
	if (delta->count > REPORT_KEYS_MAX ||
	    (total != NULL && total->count + delta->count > 4 * REPORT_KEYS_MAX))
		return misshapen(e, "held");
	for (size_t i = 0; i < delta->count; i++) {
		const struct json *have = json_get(total, delta->keys[i]);

		if (!held_key_ok(delta->keys[i]) || !held_entry_ok(delta->keys[i], delta->items[i]) ||
		    (have != NULL && !held_entry_ok(delta->keys[i], have)))
			return misshapen(e, "held");
		if (check_number(have, "count", json_get(delta->items[i], "count"), "held", e) == -1)
			return -1;
	}
	return 0;
}

/* A number as we write it: no sign, no zero before it. */
static bool
number_ok(const char *text, uint64_t most)
{
	uint64_t n = 0;

	if (*text == '\0' || (*text == '0' && text[1] != '\0'))
		return false;
	for (; *text >= '0' && *text <= '9'; text++)
		if ((n = n * 10 + (uint64_t)(*text - '0')) > most)
			return false;
	return *text == '\0';
}

/* One rule's or file's counts. */
static int
check_part(const struct json *total, const struct json *part, bool rule, const char *where, struct err *e)
{
	if (part->type != JSON_OBJECT || (total != NULL && total->type != JSON_OBJECT))
		return misshapen(e, where);
	for (size_t i = 0; i < part->count; i++) {
		const struct section *s = section_find(part->keys[i]);
		const struct json *n = part->items[i];

		if (rule && strcmp(part->keys[i], "rule") == 0) {
			if (n->type != JSON_INT || n->integer < 0 || n->integer > REPORT_RULE_MAX)
				return misshapen(e, where);
			continue;
		}
		if (s == NULL || !s->part)
			return misshapen(e, where);
		if (check_section(s, json_get(total, part->keys[i]), n, e) == -1)
			return -1;
	}
	return rule && json_get(part, "rule") == NULL ? misshapen(e, where) : 0;
}

static int
check_partition(size_t at, const struct json *total, const struct json *delta, struct err *e)
{
	const char *name = partitions[at].name;

	if (delta == NULL || delta->type != JSON_OBJECT || delta->count > partitions[at].max ||
	    (total != NULL && total->type != JSON_OBJECT))
		return misshapen(e, name);
	for (size_t i = 0; i < delta->count; i++) {
		if (!number_ok(
			delta->keys[i], partitions[at].rule ? (uint64_t)JSON_INT_MAX : REPORT_RULE_MAX))
			return misshapen(e, name);
		if (check_part(
			json_get(total, delta->keys[i]), delta->items[i], partitions[at].rule, name, e) == -1)
			return -1;
	}
	return 0;
}

/* All of delta before any of it is added: total is changed wholly or not at all. */
static int
check_delta(const struct json *total, const struct json *delta, struct err *e)
{
	if (delta == NULL || delta->type != JSON_OBJECT || total->type != JSON_OBJECT)
		return misshapen(e, "the whole");
	if (delta->count != SECTION_COUNT + PARTITION_COUNT + 1)
		return misshapen(e, "the list of sections");
	for (size_t i = 0; i < SECTION_COUNT; i++)
		if (check_section(&sections[i], json_get(total, sections[i].name),
			json_get(delta, sections[i].name), e) == -1)
			return -1;
	for (size_t i = 0; i < PARTITION_COUNT; i++)
		if (check_partition(
			i, json_get(total, partitions[i].name), json_get(delta, partitions[i].name), e) == -1)
			return -1;
	return check_held(json_get(total, "held"), json_get(delta, "held"), e);
}

int
report_merge(struct json *total, const struct json *delta, struct err *e)
{
	const struct json *from;
	struct json *to, *entry;

	if (check_delta(total, delta, e) == -1)
		return -1;
	for (size_t i = 0; i < SECTION_COUNT; i++) {
		from = json_get(delta, sections[i].name);
		to = child(total, sections[i].name, json_object);
		for (size_t k = 0; k < from->count; k++)
			bump(child(to, from->keys[k], zero), (uint64_t)from->items[k]->integer);
	}
	for (size_t i = 0; i < PARTITION_COUNT; i++) {
		from = json_get(delta, partitions[i].name);
		to = child(total, partitions[i].name, json_object);
		for (size_t k = 0; k < from->count; k++)
			part_add(to, partitions[i].max, strtoull(from->keys[k], NULL, 10), from->items[k]);
	}
	from = json_get(delta, "held");
	to = child(total, "held", json_object);
	for (size_t k = 0; k < from->count; k++) {
		const struct json *files = json_get(from->items[k], "files");
		const struct json *columns = json_get(from->items[k], "columns");

		entry = child(to, from->keys[k], json_object);
		bump(child(entry, "count", zero), (uint64_t)json_get(from->items[k], "count")->integer);
		(void)child(entry, "files", json_array);
		if (columns != NULL)
			(void)child(entry, "columns", json_array);
		for (size_t f = 0; f < files->count; f++)
			held_file(entry, files->items[f]->integer,
			    columns == NULL ? 0 : columns->items[f]->integer);
	}
	return 0;
}
