/* Adding up what sandboxed children counted: their reports are hostile until they are shown to be of our form. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_parts.h"
#include "stager/json.h"

static int
misshapen(struct err *e, const char *where)
{
	return err_set(e, ERR_INPUT, "report: %s is not of the form it must have", where);
}

/* A number that can be added to what total has under the same key. */
int
report_check_number(
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
		if (!report_listed(s->keys, delta->keys[i]))
			return misshapen(e, s->name);
		if (report_check_number(total, delta->keys[i], delta->items[i], s->name, e) == -1)
			return -1;
	}
	return 0;
}

static bool
held_key_ok(const char *key)
{
	for (size_t i = 0; i < REPORT_UNITS; i++) {
		size_t len = strlen(report_hold_prefix[i]);

		if (strncmp(key, report_hold_prefix[i], len) == 0)
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

	if (entry == NULL || entry->type != JSON_OBJECT || entry->count != (report_has_column(key) ? 3 : 2))
		return false;
	count = json_get(entry, "count");
	files = json_get(entry, "files");
	columns = json_get(entry, "columns");
	if (count == NULL || count->type != JSON_INT || count->integer < 0 ||
	    !numbers_ok(files, 0, JSON_INT_MAX))
		return false;
	return !report_has_column(key) ||
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
		if (report_check_number(have, "count", json_get(delta->items[i], "count"), "held", e) == -1)
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
		const struct section *s = report_section(part->keys[i]);
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
	const char *name = report_partitions[at].name;

	if (delta == NULL || delta->type != JSON_OBJECT || delta->count > report_partitions[at].max ||
	    (total != NULL && total->type != JSON_OBJECT))
		return misshapen(e, name);
	for (size_t i = 0; i < delta->count; i++) {
		if (!number_ok(delta->keys[i],
			report_partitions[at].rule ? (uint64_t)JSON_INT_MAX : REPORT_RULE_MAX))
			return misshapen(e, name);
		if (check_part(json_get(total, delta->keys[i]), delta->items[i], report_partitions[at].rule,
			name, e) == -1)
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
	if (delta->count !=
	    REPORT_SECTIONS + REPORT_PARTITIONS + 1 + (json_get(delta, "fields") != NULL ? 1 : 0))
		return misshapen(e, "the list of sections");
	for (size_t i = 0; i < REPORT_SECTIONS; i++)
		if (check_section(&report_sections[i], json_get(total, report_sections[i].name),
			json_get(delta, report_sections[i].name), e) == -1)
			return -1;
	for (size_t i = 0; i < REPORT_PARTITIONS; i++)
		if (check_partition(i, json_get(total, report_partitions[i].name),
			json_get(delta, report_partitions[i].name), e) == -1)
			return -1;
	if (report_fields_check(json_get(total, "fields"), json_get(delta, "fields"), e) == -1)
		return -1;
	return check_held(json_get(total, "held"), json_get(delta, "held"), e);
}

/* A number of the delta's own count as it is in the whole; -1 where it is none. */
static int64_t
renumbered(int64_t n, uint64_t first, int64_t by)
{
	if (n < 0 || (uint64_t)n < first || n > JSON_INT_MAX / 2 || by > JSON_INT_MAX / 2 || n + by < 1)
		return -1;
	return n + by;
}

int
report_renumber(struct json *delta, uint64_t first, int64_t by, struct err *e)
{
	const struct json *held = json_get(delta, "held"), *by_file = json_get(delta, "by-file"), *files;
	struct json *moved = json_object();
	char key[24];
	int64_t n;

	for (size_t i = 0; held != NULL && i < held->count; i++) {
		files = json_get(held->items[i], "files");
		for (size_t k = 0; files != NULL && k < files->count; k++) {
			n = files->items[k]->type == JSON_INT ? files->items[k]->integer : -1;
			if ((n = renumbered(n, first, by)) == -1)
				goto other;
			files->items[k]->integer = n;
		}
	}
	if (by_file == NULL || by_file->type != JSON_OBJECT || by_file->count > REPORT_LISTED_MAX)
		goto other;
	for (size_t i = 0; i < by_file->count; i++) {
		if (!number_ok(by_file->keys[i], (uint64_t)JSON_INT_MAX) ||
		    (n = renumbered((int64_t)strtoull(by_file->keys[i], NULL, 10), first, by)) == -1)
			goto other;
		(void)snprintf(key, sizeof(key), "%" PRId64, n);
		json_set(moved, key, json_copy(by_file->items[i]));
	}
	json_set(delta, "by-file", moved);
	return 0;
other:
	json_free(moved);
	return err_set(e, ERR_INPUT, "report: tells of a file that is not its own");
}

int
report_merge(struct json *total, const struct json *delta, struct err *e)
{
	const struct json *from;
	struct json *to, *entry;

	if (check_delta(total, delta, e) == -1)
		return -1;
	for (size_t i = 0; i < REPORT_SECTIONS; i++) {
		from = json_get(delta, report_sections[i].name);
		to = report_child(total, report_sections[i].name, json_object);
		for (size_t k = 0; k < from->count; k++)
			report_bump(
			    report_child(to, from->keys[k], report_zero), (uint64_t)from->items[k]->integer);
	}
	for (size_t i = 0; i < REPORT_PARTITIONS; i++) {
		from = json_get(delta, report_partitions[i].name);
		to = report_child(total, report_partitions[i].name, json_object);
		for (size_t k = 0; k < from->count; k++)
			report_part_add(
			    to, report_partitions[i].max, strtoull(from->keys[k], NULL, 10), from->items[k]);
	}
	if ((from = json_get(delta, "fields")) != NULL)
		report_fields_add(total, from);
	from = json_get(delta, "held");
	to = report_child(total, "held", json_object);
	for (size_t k = 0; k < from->count; k++) {
		const struct json *files = json_get(from->items[k], "files");
		const struct json *columns = json_get(from->items[k], "columns");

		entry = report_child(to, from->keys[k], json_object);
		report_bump(report_child(entry, "count", report_zero),
		    (uint64_t)json_get(from->items[k], "count")->integer);
		(void)report_child(entry, "files", json_array);
		if (columns != NULL)
			(void)report_child(entry, "columns", json_array);
		for (size_t f = 0; f < files->count; f++)
			report_held_file(entry, files->items[f]->integer,
			    columns == NULL ? 0 : columns->items[f]->integer);
	}
	return 0;
}
