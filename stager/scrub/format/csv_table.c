/* A table's records, value by value, made into scrubbed rows. */
#include "csv.h"

#include <string.h>

#include "../action.h"
#include "../record.h"
#include "../reference.h"
#include "../value_date.h"
#include "stager/pattern.h"
#include "stager/policy.h"
#include "stager/utf8.h"

/* A value adds at most a delimiter and two quotes to twice its length, and a pseudonym stands for one byte.
 */
#define FIELD_EXTRA (PSEUDONYM_LEN + 3)

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

/* Bytes that the value in `made` may take behind the row so far; SIZE_MAX where the record is too long with it. */
static size_t
made_room(const struct csv_table *t, size_t row_len)
{
	size_t len = t->made.len;

	for (size_t i = 0; i < t->made.len; i++)
		len += t->made.data[i] == '"';
	return row_len + len > t->room ? SIZE_MAX : len + 2;
}

char *
csv_put_made(const struct csv_table *t, char *to, const char *value, size_t len)
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
		return csv_put_made(t, to, value, len);
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

/* len is at least 1: an empty value is a missing one. */
static inline bool
enum_has(const struct csv_column *column, const char *value, size_t len)
{
	const struct action *a = column->action;
	const uint64_t first = csv_first_eight(value, len);
	unsigned found = 0;

	if (len > sizeof(first)) {
		for (size_t i = 0; i < a->value_count; i++)
			if (column->values[i] == first && column->value_lens[i] == len &&
			    memcmp(a->values[i] + sizeof(first), value + sizeof(first),
				len - sizeof(first)) == 0)
				return true;
		return false;
	}
	/* To look at all of a few costs less than to guess which of them it will be. */
	for (size_t i = 0; i < a->value_count && found == 0;)
		for (size_t end = i + 8 < a->value_count ? i + 8 : a->value_count; i < end; i++)
			found |=
			    (unsigned)(column->values[i] == first) & (unsigned)(column->value_lens[i] == len);
	return found != 0;
}

#define EACH_BYTE(c) (UINT64_C(0x0101010101010101) * (c))

/*
 * As action_number, for the numbers that tables are full of: up to eight bytes, digits with at most one
 * decimal separator among them. They are held in one word, first character lowest, so that no loop's end is
 * to be guessed. Anything else goes the long way.
 */
static inline __attribute__((always_inline)) const char *
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
static inline __attribute__((always_inline)) const char *
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

	*reason = NULL; /* of a column before it may still be there, which nobody asked for */
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
		if ((*reason = action_pseudonym(t->scrub, value, &len, made)) != NULL)
			return true;
		break;
	default:
		return false;
	}
	/* Figures and small letters want no quotes, but where one of them is the delimiter. */
	if (t->odd)
		*to = csv_put_made(t, *to, made, len);
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

	value = csv_field_value(t, &scan->fields[t->subject_column], &len);
	if (missing(t, value, len)) {
		*reason = "subject-missing";
		return 0;
	}
	if (!reference_key(t->scrub->rule->subject_reference, &value, &len)) {
		*reason = "reference-form";
		t->wrong = t->columns[t->subject_column].action;
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
	return 2 * record->len + t->count * FIELD_EXTRA + CSV_SLACK + 3 +
	       (t->quasi != NULL ? RECORD_PARTS_MAX * (2 * RECORD_VALUE_MAX + 2 + CSV_SLACK) : 0);
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
	size_t bound = record_bound(t, record), before = out->len, len, need;
	/* At hand, for any byte that is written could be the table's, as far as a compiler knows. */
	const struct csv_column *const columns = t->columns;
	const struct csv_field *const fields = scan->fields;
	const size_t count = t->count;
	const char delimiter = t->delimiter;
	const char *value;
	bool first = true;
	char *to, *row;
	int done;

	t->wrong = NULL;
	if (!t->second && (*reason = record_wrong(t, scan, record)) != NULL)
		return 0;
	if (!t->second && t->subject_column != SIZE_MAX && (done = find_subject(t, scan, reason)) != 1)
		return done;
	if (t->kept == 0 && t->quasi == NULL)
		return 1;
	if (t->quasi != NULL)
		csv_quasi_begin(t);
	if ((to = (char *)buf_reserve(out, bound, e)) == NULL)
		return -1;
	row = to;
	for (size_t i = 0; i < count; i++) {
		const struct csv_column *column = &columns[i];
		const struct csv_field *field = &fields[i];
		enum action_kind kind = column->kind;

		if (kind == ACTION_DROP || column->away) {
			if (column->part == 0)
				continue;
			value = csv_field_value(t, field, &len);
			if ((done = csv_quasi_put(t, column, value, len, row, &to, reason, e)) == 1)
				continue;
			t->wrong = column->action;
			out->len = before;
			return done;
		}
		if (!first)
			*to++ = delimiter;
		first = false;
		if (kind == ACTION_BLANK)
			continue;
		value = csv_field_value(t, field, &len);
		if (kind <= ACTION_KEEP_ENUM) {
			/* Missing or of its type: it stays. */
			if (len > 0 && (*reason = keep_wrong(t, column, value, len)) != NULL &&
			    !missing(t, value, len)) {
				t->wrong = column->action;
				out->len = before;
				return 0;
			}
			to = put_kept(t, to, value, len, field->quoted);
			continue;
		}
		if (column->part != 0) {
			if ((done = csv_quasi_put(t, column, value, len, row, &to, reason, e)) == 1)
				continue;
			t->wrong = column->action;
			out->len = before;
			return done;
		}
		if (kind != ACTION_ATTRIBUTE && missing(t, value, len)) {
			to = put_kept(t, to, value, len, field->quoted);
			continue;
		}
		if (i == t->subject_column && kind == ACTION_PSEUDONYM) {
			to = csv_put_made(t, to, t->scrub->subject->pseudonym, PSEUDONYM_LEN);
			continue;
		}
		if (put_short(t, column->action, value, len, field->quoted, &to, reason)) {
			if (*reason == NULL)
				continue;
			t->wrong = column->action;
			out->len = before;
			return 0;
		}
		buf_clear(&t->made);
		if (i == t->subject_column && kind == ACTION_REFERENCE)
			done =
			    action_subject(t->scrub, column->action, value, len, &t->made, e) == -1 ? -1 : 1;
		else if (kind == ACTION_TEXT && t->quasi != NULL && csv_quasi_unread(t, record))
			done = 1;
		else
			done = action_apply(t->scrub, column->action, value, len, &t->made, finds, reason, e);
		/* More than `made` takes is more than any record has room for. */
		need = done == 1 ? made_room(t, (size_t)(to - row)) : 0;
		if (need == SIZE_MAX || (done == -1 && e->code == ERR_LIMIT)) {
			*reason = "record-too-long";
			done = 0;
		}
		if (done != 1) {
			t->wrong = column->action;
			out->len = before;
			return done;
		}
		if (kind >= ACTION_TEXT) {
			/* Longer than it was, perhaps. */
			out->len = before + (size_t)(to - row);
			if ((to = (char *)buf_reserve(out, bound + need, e)) == NULL) {
				out->len = before;
				return -1;
			}
			row = to - (out->len - before);
		}
		to = csv_put_made(t, to, (const char *)t->made.data, t->made.len);
	}
	if (t->quasi != NULL) {
		out->len = before;
		if ((done = csv_quasi_end(t, row, &to, out, reason, e)) != 1)
			return done;
		row = (char *)out->data + before;
		if (t->kept == 0)
			return 1;
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
