/* A table's header row held against the policy, and what is known of its columns beforehand. */
#include "csv.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../action.h"
#include "../reference.h"
#include "stager/entry.h"
#include "stager/policy.h"
#include "stager/utf8.h"

/* One made value: a text may grow by its tags, but never past this. */
#define MADE_MAX ENTRY_BUFFERED_MAX

static bool
is_named(const struct field *field, const char *name, size_t len)
{
	return strlen(field->name) == len && memcmp(field->name, name, len) == 0;
}

/* The field that the policy has for this column name; field_count where it has none. Mostly both have them in one order: place is the column's. */
static size_t
field_find(const struct rule *rule, size_t place, const char *name, size_t len)
{
	size_t i = 0;

	if (place < rule->field_count && is_named(&rule->fields[place], name, len))
		return place;
	while (i < rule->field_count && !is_named(&rule->fields[i], name, len))
		i++;
	return i;
}

/* Bytes that no table has: the file is something else, whatever its name. */
static bool
control_bytes(const char *text, size_t len, char delimiter)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r' && text[i] != delimiter) || c == 0x7f)
			return true;
	}
	return false;
}

/* NULL where each column is named once by the policy and none is lacking. Notes the column that is wrong. */
static const char *
header_wrong(struct csv_table *t, const struct csv_scan *scan, const struct csv_record *header, bool *named)
{
	const struct rule *rule = t->scrub->rule;
	size_t len, found;
	const char *name;

	if (header->count == 0)
		return "header-missing";
	if (control_bytes(header->at, header->len, t->delimiter))
		return "kind-unknown";
	if (!utf8_valid((const uint8_t *)header->at, header->len))
		return "not-utf8";
	if (header->stray)
		return "quote-stray";
	/* With more columns than fields one of those looked at has no name, or one that was had before. */
	for (size_t i = 0; i < header->count && i < scan->field_max; i++) {
		name = csv_field_value(t, &scan->fields[i], &len);
		t->wrong_column = i + 1;
		if ((found = field_find(rule, i, name, len)) == rule->field_count)
			return "column-unnamed";
		if (named[found])
			return "column-repeated";
		named[found] = true;
	}
	for (size_t i = 0; i < rule->field_count; i++) {
		t->wrong_column = i + 1;
		if (!named[i])
			return "column-missing";
	}
	return NULL;
}

/* More than eight digits make. */
#define DIGITS_END UINT32_C(100000000)

/*
 * The least integer whose quotient by 10^places is at least bound, or (above) more than bound, by the same
 * division as action_number's; DIGITS_END where none is.
 */
static uint32_t
bound_find(double bound, bool above, unsigned places)
{
	static const double power[8] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
	uint32_t low = 0, high = DIGITS_END, middle;
	double number;

	while (low < high) {
		middle = low + (high - low) / 2;
		number = middle / power[places];
		if (above ? number > bound : number >= bound)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void
range_open(struct csv_column *column)
{
	const struct action *a = column->action;
	uint32_t end;

	for (unsigned places = 0; places < 8; places++) {
		column->least[places] = bound_find(a->min, false, places);
		end = bound_find(a->max, true, places);
		/* Nothing is small enough: a range that holds nothing. */
		if (end == 0)
			column->least[places] = DIGITS_END;
		column->most[places] = end == 0 ? 0 : end - 1;
	}
}

static int
column_open(struct csv_column *column, const struct field *field, struct err *e)
{
	const struct action *a = &field->action;

	column->action = a;
	column->kind = a->kind;
	if (a->kind == ACTION_KEEP_NUMBER && a->has_range)
		range_open(column);
	if (a->kind != ACTION_KEEP_ENUM)
		return 0;
	column->value_lens = calloc(a->value_count + 1, sizeof(*column->value_lens));
	column->values = calloc(a->value_count + 1, sizeof(*column->values));
	if (column->value_lens == NULL || column->values == NULL)
		return err_set(e, ERR_SYSTEM, "table: out of memory");
	for (size_t i = 0; i < a->value_count; i++) {
		char padded[sizeof(uint64_t)] = {0};

		column->value_lens[i] = strlen(a->values[i]);
		memcpy(padded, a->values[i],
		    column->value_lens[i] < sizeof(padded) ? column->value_lens[i] : sizeof(padded));
		column->values[i] = csv_first_eight(padded, sizeof(padded));
	}
	return 0;
}

/* What is known of all records beforehand. */
static void
table_prepare(struct csv_table *t)
{
	const struct rule *rule = t->scrub->rule;

	for (size_t i = 0; i < rule->missing_count; i++) {
		size_t len = strlen(rule->missing[i]);

		t->missing[(unsigned char)rule->missing[i][0]] |= UINT32_C(1) << (len < 31 ? len : 31);
	}
	t->odd = isalnum((unsigned char)t->delimiter) != 0;
	t->quote_for['"'] = t->quote_for['\n'] = t->quote_for['\r'] = true;
	t->quote_for[(unsigned char)t->delimiter] = true;
}

int
csv_table_open(struct csv_table *t, const struct scrub *scrub, uint8_t set, const struct csv_scan *scan,
    const struct csv_record *header, struct buf *out, const char **reason, struct err *e)
{
	const struct rule *rule = scrub->rule;
	bool *named = NULL;
	size_t len;
	const char *name;
	char *to;
	int rc = -1;

	*t = (struct csv_table){.scrub = scrub,
	    .second = rule->set_count > 1 && set != rule->set,
	    .delimiter = scan->delimiter,
	    .subject_column = SIZE_MAX};
	buf_init_wiped(&t->made, MADE_MAX);
	table_prepare(t);
	t->columns = calloc(rule->field_count + 1, sizeof(*t->columns));
	t->plain = malloc(scan->record_max + CSV_SLACK);
	named = calloc(rule->field_count + 1, sizeof(*named));
	if (t->columns == NULL || t->plain == NULL || named == NULL) {
		err_set(e, ERR_SYSTEM, "table: out of memory");
		goto out;
	}
	if ((*reason = header_wrong(t, scan, header, named)) != NULL) {
		rc = 0;
		goto out;
	}
	if ((to = (char *)buf_reserve(out, 2 * header->len + 3 * header->count + CSV_SLACK + 1, e)) == NULL)
		goto out;
	for (t->count = 0; t->count < header->count; t->count++) {
		const struct field *field;

		name = csv_field_value(t, &scan->fields[t->count], &len);
		field = &rule->fields[field_find(rule, t->count, name, len)];
		if (column_open(&t->columns[t->count], field, e) == -1)
			goto out;
		t->columns[t->count].away = rule->set_count > 1 && !policy_action_in(&field->action, set);
		t->texts += field->action.kind == ACTION_TEXT && !t->columns[t->count].away ? 1 : 0;
		if (scrub->context != NULL && rule->subject != NULL &&
		    strcmp(field->name, rule->subject) == 0)
			t->subject_column = t->count;
		if (field->action.kind == ACTION_DROP || t->columns[t->count].away)
			continue;
		if (t->kept++ > 0)
			*to++ = t->delimiter;
		to = csv_put_made(t, to, name, len);
	}
	*to++ = '\n';
	out->len = (size_t)(to - (char *)out->data);
	rc = csv_quasi_open(t, e) == -1 ? -1 : 1;
out:
	free(named);
	return rc;
}

void
csv_table_free(struct csv_table *t)
{
	if (t->columns != NULL)
		for (size_t i = 0; i <= t->scrub->rule->field_count; i++) {
			free(t->columns[i].value_lens);
			free(t->columns[i].values);
		}
	csv_quasi_close(t);
	free(t->columns);
	free(t->plain);
	buf_free(&t->made);
	*t = (struct csv_table){0};
}
