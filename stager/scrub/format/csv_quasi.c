/* Tables whose records are units of disclosure control: what a record shows of the columns that count, and what may be shown of them. */
#include <stdlib.h>
#include <string.h>

#include "../action.h"
#include "../record.h"
#include "csv.h"

struct csv_quasi {
	struct record_tuple tuple;
	/* Where in the record, from its beginning, what leaves of each quasi-identifier stands; in the order of the columns. */
	struct {
		size_t part, at, len;
	} places[ANONYMITY_QUASI_MAX];
	size_t count;
};

int
csv_quasi_open(struct csv_table *t, struct err *e)
{
	const struct records *records = record_use(t->scrub);

	if (records == NULL)
		return 0;
	if ((t->quasi = calloc(1, sizeof(*t->quasi))) == NULL)
		return err_set(e, ERR_SYSTEM, "table: out of memory");
	for (size_t i = 0; i < t->count; i++) {
		struct csv_column *column = &t->columns[i];

		if ((column->part = record_part(t->scrub, column->action)) > 0) {
			/* Past the ways for values that are kept as they are. */
			column->kind = ACTION_ATTRIBUTE;
		} else if (record_counting(records) && column->kind == ACTION_PSEUDONYM) {
			/* Whatever it is, the record passes. */
			column->kind = ACTION_BLANK;
		}
	}
	return 0;
}

bool
csv_quasi_unread(const struct csv_table *t, const struct csv_record *record)
{
	return record_counting(t->scrub->records) && record->len <= RECORD_UNREAD_MAX;
}

void
csv_quasi_close(struct csv_table *t)
{
	if (t->quasi != NULL)
		explicit_bzero(t->quasi, sizeof(*t->quasi));
	free(t->quasi);
}

void
csv_quasi_begin(struct csv_table *t)
{
	record_begin(&t->quasi->tuple);
	t->quasi->count = 0;
}

int
csv_quasi_put(struct csv_table *t, const struct csv_column *column, const char *value, size_t len,
    const char *row, char **to, const char **reason, struct err *e)
{
	struct csv_quasi *q = t->quasi;
	char *from = *to;
	int done;

	buf_clear(&t->made);
	if ((done = action_apply(t->scrub, column->action, value, len, &t->made, NULL, reason, e)) != 1)
		return done;
	if ((*reason = record_put(&q->tuple, column->part, RECORD_TEXT, t->made.data, t->made.len)) != NULL)
		return 0;
	if (column->away)
		return 1;
	/* No longer than RECORD_VALUE_MAX, for which csv_table_record has kept room. */
	*to = csv_put_made(t, from, (const char *)t->made.data, t->made.len);
	if (column->part <= t->scrub->policy->disclosure->quasi_count) {
		q->places[q->count].part = column->part;
		q->places[q->count].at = (size_t)(from - row);
		q->places[q->count++].len = (size_t)(*to - from);
	}
	return 1;
}

int
csv_quasi_end(
    struct csv_table *t, const char *row, char **to, struct buf *out, const char **reason, struct err *e)
{
	struct csv_quasi *q = t->quasi;
	const size_t len = (size_t)(*to - row);
	size_t copied = 0;
	char *at;

	if ((*reason = record_decide(t->scrub, &q->tuple)) != NULL)
		return 0;
	if (q->tuple.decision == 0)
		return 1;
	/* The whole record again, beside itself. */
	buf_clear(&t->made);
	if ((at = (char *)buf_reserve(
		 &t->made, len + q->count * (2 * RECORD_VALUE_MAX + 2 + CSV_SLACK), e)) == NULL)
		return -1;
	for (size_t i = 0; i < q->count; i++) {
		const struct record_value *shown = &q->tuple.parts[q->places[i].part - 1];

		at = (char *)mempcpy(at, row + copied, q->places[i].at - copied);
		at = csv_put_made(t, at, shown->bytes, shown->len);
		copied = q->places[i].at + q->places[i].len;
	}
	at = (char *)mempcpy(at, row + copied, len - copied);
	t->made.len = (size_t)(at - (char *)t->made.data);
	/* Room for the quotes and the line's end that follow. */
	if ((at = (char *)buf_reserve(out, t->made.len + 3, e)) == NULL)
		return -1;
	*to = (char *)mempcpy(at, t->made.data, t->made.len);
	return 1;
}

const struct record_tuple *
csv_quasi_tuple(const struct csv_table *t)
{
	return t->quasi == NULL ? NULL : &t->quasi->tuple;
}
