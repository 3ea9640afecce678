/* One table: its header row held against the policy, and its records, value by value, made into scrubbed
 * rows.
 */
#include "csv.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../action.h"
#include "../reference.h"
#include "../value_date.h"
#include "stager/entry.h"
#include "stager/pattern.h"
#include "stager/policy.h"
#include "stager/utf8.h"

/* One made value: a text may grow by its tags, but never past this. */
#define MADE_MAX ENTRY_BUFFERED_MAX
/* A value adds at most a delimiter and two quotes to twice its length, and a pseudonym stands for one byte.
 */
#define FIELD_EXTRA (PSEUDONYM_LEN + 3)

/* The value of a field without its quotes and their doubling. */
static inline const char *
field_value(const struct csv_table *t, const struct csv_field *field, size_t *len)
{
	const char *at = field->at, *end = field->at + field->len;
	char *to = t->plain;

	*len = field->len;
	if (!field->doubled)
		return field->at;
	while (at < end) {
		*to++ = *at;
		at += *at == '"' ? 2 : 1;
	}
	*len = (size_t)(to - t->plain);
	return t->plain;
}

/* RFC 4180, and spaces at the ends, which some readers take away. */
static bool
needs_quote(const struct csv_table *t, const char *value, size_t len)
{
	if (len == 0)
		return false;
	if (value[0] == ' ' || value[len - 1] == ' ')
		return true;
	for (size_t i = 0; i < len; i++)
		if (t->quote_for[(unsigned char)value[i]])
			return true;
	return false;
}

/* Both put a value at `to`, where 2 * len + 2 + CSV_SLACK bytes are free, and return where it ends. */
static char *
put_quoted(char *to, const char *value, size_t len)
{
	*to++ = '"';
	for (size_t i = 0; i < len; i++) {
		if (value[i] == '"')
			*to++ = '"';
		*to++ = value[i];
	}
	*to++ = '"';
	return to;
}

static char *
put_made(const struct csv_table *t, char *to, const char *value, size_t len)
{
	if (needs_quote(t, value, len))
		return put_quoted(to, value, len);
	if (len > 0)
		memcpy(to, value, len);
	return to + len;
}

/* A kept value. One that stood without quotes holds no delimiter, quote or line end. */
static inline char *
put_kept(const struct csv_table *t, char *to, const char *value, size_t len, bool quoted)
{
	if (len == 0)
		return to;
	if (quoted || value[0] == ' ' || value[len - 1] == ' ')
		return put_made(t, to, value, len);
	if (len <= CSV_SLACK)
		memcpy(to, value, CSV_SLACK);
	else
		memcpy(to, value, len);
	return to + len;
}

static inline bool
missing(const struct csv_table *t, const char *value, size_t len)
{
	return len == 0 || ((t->missing[(unsigned char)value[0]] >> (len < 31 ? len : 31) & 1) != 0 &&
			       action_missing(t->scrub->rule, value, len));
}

/* CSV_SLACK: they may be read, however many the value has. */
static inline uint64_t
first_eight(const char *value, size_t len)
{
	uint64_t word;

	memcpy(&word, value, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return len >= sizeof(word) ? word : word & ((UINT64_C(1) << (8 * len)) - 1);
}

static inline bool
enum_has(const struct csv_column *column, const char *value, size_t len)
{
	const struct action *a = column->action;
	const uint64_t first = first_eight(value, len);

	for (size_t i = 0; i < a->value_count; i++)
		if (column->values[i] == first && column->value_lens[i] == len &&
		    (len <= sizeof(first) || memcmp(a->values[i] + sizeof(first), value + sizeof(first),
						 len - sizeof(first)) == 0))
			return true;
	return false;
}

#define EACH_BYTE(c) (UINT64_C(0x0101010101010101) * (c))

/*
 * As action_number, for the numbers that tables are full of: up to eight bytes, digits with at most one
 * decimal separator among them. They are held in one word, first character lowest, so that no loop's end is
 * to be guessed. Anything else goes the long way.
 */
static inline const char *
number_wrong(const struct csv_column *column, char decimal, const char *value, size_t len)
{
	const struct action *a = column->action;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t word, hits, below;
	unsigned at, places = 0;

	if (len > sizeof(word))
		return action_number(a, decimal, value, len);
	memcpy(&word, value, sizeof(word)); /* CSV_SLACK: it may be read */
	/* The last character highest, and zeros before the first. */
	word = word << (64 - 8 * len) | EACH_BYTE('0') >> (4 * len) >> (4 * len);
	hits = word ^ EACH_BYTE((unsigned char)decimal);
	hits = (hits - EACH_BYTE(1)) & ~hits & EACH_BYTE(0x80);
	if (hits != 0) {
		at = (unsigned)__builtin_ctzll(hits) / 8;
		if (at == 7 || at == 8 - len)
			return action_number(a, decimal, value, len);
		/* What stands before the separator moves up into its place. */
		below = (UINT64_C(1) << (8 * at)) - 1;
		word = (word & ~(below << 8 | 0xff)) | (word & below) << 8 | '0';
		places = 7 - at;
	}
	if (((word & EACH_BYTE(0xf0)) | ((word + EACH_BYTE(6)) & EACH_BYTE(0xf0)) >> 4) != EACH_BYTE(0x33))
		return action_number(a, decimal, value, len);
	if (!a->has_range)
		return NULL;
	/* Pairs of digits, then fours, then all eight. */
	word = (word & EACH_BYTE(0x0f)) * (10 << 8 | 1) >> 8;
	word = (word & UINT64_C(0x00ff00ff00ff00ff)) * (100 << 16 | 1) >> 16;
	word = (word & UINT64_C(0x0000ffff0000ffff)) * (UINT64_C(10000) << 32 | 1) >> 32;
	return word >= column->least[places] && word <= column->most[places] ? NULL : "value-range";
#else
	return action_number(a, decimal, value, len);
#endif
}

/* As action_apply for the typed keeps, without a copy: NULL, or the reason. */
static inline const char *
keep_wrong(const struct csv_table *t, const struct csv_column *column, const char *value, size_t len)
{
	const struct action *a = column->action;
	bool passes = false;

	if (a->kind == ACTION_KEEP_NUMBER)
		return number_wrong(column, t->scrub->rule->decimal, value, len);
	if (a->kind == ACTION_KEEP_CODE)
		passes = a->pattern != NULL && pattern_match(a->pattern, value, len);
	else if (a->kind == ACTION_KEEP_ENUM)
		passes = enum_has(column, value, len);
	return passes ? NULL : "value-type";
}

bool
csv_value_fits(const struct csv_table *t, size_t column, const char *value, size_t len)
{
	const struct action *a = t->columns[column].action;
	struct value_date date;
	unsigned year;

	if (action_missing(t->scrub->rule, value, len))
		return true;
	if (a->kind == ACTION_KEEP_NUMBER)
		return action_number(a, t->scrub->rule->decimal, value, len) == NULL;
	if (a->kind <= ACTION_KEEP_ENUM)
		return keep_wrong(t, &t->columns[column], value, len) == NULL;
	if (a->kind == ACTION_SHIFT)
		return value_date(t->scrub->policy, value, len, &date);
	return a->kind != ACTION_YEAR || action_year(t->scrub->policy, value, len, &year);
}

static const char *
record_wrong(const struct csv_table *t, const struct csv_scan *scan, const struct csv_record *record)
{
	if (record->unusual) {
		if (memchr(record->at, '\0', record->len) != NULL)
			return "nul-byte";
		if (!utf8_valid((const uint8_t *)record->at, record->len))
			return "not-utf8";
	}
	if (record->stray)
		return "quote-stray";
	if (record->count != t->count)
		return "field-count";
	if (record->lines > 0 && csv_swallowed(t, scan, record))
		return "quote-records";
	return NULL;
}

/*
 * As action_apply, without a buffer between, for the actions after which a value is short; false for all others. *to moves on, or *reason
 * says why the record must be held.
 */
static inline bool
put_short(struct csv_table *t, const struct action *a, const char *value, size_t len, bool quoted, char **to,
    const char **reason)
{
	char made[PSEUDONYM_LEN + 1];
	unsigned year;

	switch (a->kind) {
	case ACTION_FIRST:
		if ((*reason = action_first(a, value, &len)) == NULL)
			*to = put_kept(t, *to, value, len, quoted);
		return true;
	case ACTION_YEAR:
		if (!action_year(t->scrub->policy, value, len, &year)) {
			*reason = "date-form";
			return true;
		}
		action_year_text(year, made);
		len = 4;
		break;
	case ACTION_PSEUDONYM:
		len = action_pseudonym(t->scrub->key, value, len, made);
		break;
	default:
		return false;
	}
	/* Figures and small letters want no quotes, but where one of them is the delimiter. */
	if (t->odd)
		*to = put_made(t, *to, made, len);
	else
		*to = (char *)mempcpy(*to, made, len);
	return true;
}

/* Whom the record is about: 1, 0 where it must be held, CSV_DROPPED. */
static int
find_subject(struct csv_table *t, const struct csv_scan *scan, const char **reason)
{
	const char *value, *dropped;
	size_t len;

	value = field_value(t, &scan->fields[t->subject_column], &len);
	if (missing(t, value, len)) {
		*reason = "subject-missing";
		return 0;
	}
	if (!reference_key(t->scrub->rule, &value, &len)) {
		*reason = "reference-form";
		return 0;
	}
	switch (subject_find(t->scrub, value, len, &dropped, reason)) {
	case SUBJECT_TAKEN:
		return 1;
	case SUBJECT_DROPPED:
		*reason = dropped;
		return CSV_DROPPED;
	case SUBJECT_HELD:
		break;
	}
	return 0;
}

/* Bytes that a record without texts may take. */
static size_t
record_bound(const struct csv_table *t, const struct csv_record *record)
{
	return 2 * record->len + t->count * FIELD_EXTRA + CSV_SLACK + 3;
}

size_t
csv_table_touched(const struct csv_table *t, const struct csv_record *record, const struct buf *out)
{
	size_t bound = record_bound(t, record);

	/* Texts can be anywhere. */
	return t->texts > 0 || out->cap - out->len < bound ? out->cap : out->len + bound;
}

int
csv_table_record(struct csv_table *t, const struct csv_scan *scan, const struct csv_record *record,
    struct buf *out, struct text_finds *finds, const char **reason, struct err *e)
{
	/* Enough for all of the record at once, so that nothing below asks again but for texts. */
	size_t bound = record_bound(t, record), before = out->len, len;
	const char *value;
	bool first = true;
	char *to, *row;
	int done;

	if (!t->second && (*reason = record_wrong(t, scan, record)) != NULL)
		return 0;
	if (!t->second && t->subject_column != SIZE_MAX && (done = find_subject(t, scan, reason)) != 1)
		return done;
	if (t->kept == 0)
		return 1;
	if ((to = (char *)buf_reserve(out, bound, e)) == NULL)
		return -1;
	row = to;
	for (size_t i = 0; i < t->count; i++) {
		const struct csv_column *column = &t->columns[i];
		const struct csv_field *field = &scan->fields[i];
		enum action_kind kind = column->action->kind;

		if (kind == ACTION_DROP || column->away)
			continue;
		if (!first)
			*to++ = t->delimiter;
		first = false;
		if (kind == ACTION_BLANK)
			continue;
		value = field_value(t, field, &len);
		if (kind != ACTION_ATTRIBUTE && missing(t, value, len)) {
			to = put_kept(t, to, value, len, field->quoted);
			continue;
		}
		if (kind <= ACTION_KEEP_ENUM) {
			if ((*reason = keep_wrong(t, column, value, len)) != NULL) {
				out->len = before;
				return 0;
			}
			to = put_kept(t, to, value, len, field->quoted);
			continue;
		}
		if (i == t->subject_column && kind == ACTION_PSEUDONYM) {
			to = put_made(t, to, t->scrub->subject->pseudonym, PSEUDONYM_LEN);
			continue;
		}
		if (put_short(t, column->action, value, len, field->quoted, &to, reason)) {
			if (*reason == NULL)
				continue;
			out->len = before;
			return 0;
		}
		buf_clear(&t->made);
		if (i == t->subject_column && kind == ACTION_REFERENCE)
			done =
			    action_subject(t->scrub, column->action, value, len, &t->made, e) == -1 ? -1 : 1;
		else
			done = action_apply(t->scrub, column->action, value, len, &t->made, finds, reason, e);
		if (done != 1) {
			out->len = before;
			return done;
		}
		if (kind >= ACTION_TEXT) {
			/* Longer than it was, perhaps. */
			out->len = before + (size_t)(to - row);
			if ((to = (char *)buf_reserve(out, bound + 2 * t->made.len, e)) == NULL) {
				out->len = before;
				return -1;
			}
			row = to - (out->len - before);
		}
		to = put_made(t, to, (const char *)t->made.data, t->made.len);
	}
	/* One empty value alone would be an empty line, which is no record. */
	if (to == row) {
		*to++ = '"';
		*to++ = '"';
	}
	*to++ = '\n';
	out->len = before + (size_t)(to - row);
	return 1;
}

/* The field that the policy has for this column name; field_count where it has none. */
static size_t
field_find(const struct rule *rule, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < rule->field_count; i++)
		if (strlen(rule->fields[i].name) == len && memcmp(rule->fields[i].name, name, len) == 0)
			break;
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
		name = field_value(t, &scan->fields[i], &len);
		t->wrong_column = i + 1;
		if ((found = field_find(rule, name, len)) == rule->field_count)
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
		column->values[i] = first_eight(padded, sizeof(padded));
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

		name = field_value(t, &scan->fields[t->count], &len);
		field = &rule->fields[field_find(rule, name, len)];
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
		to = put_made(t, to, name, len);
	}
	*to++ = '\n';
	out->len = (size_t)(to - (char *)out->data);
	rc = 1;
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
	free(t->columns);
	free(t->plain);
	buf_free(&t->made);
	*t = (struct csv_table){0};
}
