/* A large table on several threads: batches are scrubbed in the belief that each begins with a record, and taken in order. */
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "../record.h"
#include "batch.h"
#include "csv_reader.h"
#include "stager/apart.h"
#include "stager/entry.h"
#include "stager/policy.h"
#include "stager/source.h"

/* What a thread has of its own. */
struct csv_worker {
	alignas(APART_LINE) struct scrub scrub;
	struct csv_scan scan;
	struct csv_tables tables;
};

/* What a thread says of a batch. */
struct made {
	bool whole; /* it ends where a record ends, and all that it holds is in the tally and in out */
	struct tally tally;
};

/* Only for what is large: a file that fits into a window or two is done before threads have begun. */
static bool
threads_wanted(const struct csv_run *r)
{
	return r->scrub->thread_count > 1 && !r->scan.last &&
	       (!r->in->size_known || r->in->size >= r->limits->threads_from);
}

int
csv_threads_open(struct csv_run *r, const struct csv_record *header, struct err *e)
{
	const struct scrub *s = r->scrub;
	const char *reason;
	struct buf rows[ENTRY_SETS_MAX];
	int rc = -1;

	if (!threads_wanted(r))
		return 0;
	for (size_t i = 0; i < ENTRY_SETS_MAX; i++)
		buf_init_wiped(&rows[i], ENTRY_BUFFERED_MAX);
	if ((r->workers = apart_calloc(s->thread_count, sizeof(*r->workers))) == NULL) {
		err_set(e, ERR_SYSTEM, "file: out of memory for threads");
		goto out;
	}
	for (unsigned i = 0; i < s->thread_count; i++) {
		struct csv_worker *w = &r->workers[i];

		w->scrub = *s;
		w->scrub.policy = s->threads[i].policy;
		w->scrub.rule = w->scrub.policy->rules + (s->rule - s->policy->rules);
		w->scrub.key = s->threads[i].key;
		w->scrub.withdrawn = s->threads[i].withdrawn;
		w->scrub.subject = s->subject != NULL ? &w->tables.of[0].subject : NULL;
		w->scan = r->scan;
		if ((w->scan.fields = apart_calloc(w->scan.field_max, sizeof(*w->scan.fields))) == NULL) {
			err_set(e, ERR_SYSTEM, "file: out of memory for threads");
			goto out;
		}
		memcpy(w->scan.fields, r->scan.fields, w->scan.field_max * sizeof(*w->scan.fields));
		for (size_t k = 0; k < ENTRY_SETS_MAX; k++)
			buf_clear(&rows[k]);
		if (csv_tables_open(
			&w->tables, &w->scrub, &w->scan, header, r->limits->part_max, rows, &reason, e) != 1)
			goto out;
	}
	rc = 0;
out:
	for (size_t i = 0; i < ENTRY_SETS_MAX; i++)
		buf_free(&rows[i]);
	return rc;
}

void
csv_threads_close(struct csv_run *r)
{
	for (unsigned i = 0; r->workers != NULL && i < r->scrub->thread_count; i++) {
		free(r->workers[i].scan.fields);
		csv_tables_close(&r->workers[i].tables);
	}
	free(r->workers);
}

/* A batch in a thread, in the belief that it begins with a record: who writes it knows whether that is so. */
static int
work_batch(void *ctx, unsigned thread, struct batch *b, struct err *e)
{
	struct csv_run *r = ctx;
	struct csv_worker *w = &r->workers[thread];
	struct made *made = b->note;
	struct csv_record record;
	struct text_finds finds;
	enum csv_found found;
	size_t touched;
	int done;

	csv_scan_window(&w->scan, b->in, b->in + b->len, b->last);
	while ((found = csv_scan_next(&w->scan, &record)) == CSV_RECORD) {
		done = csv_tally_record(&w->tables, &w->scan, &record, b->out, &made->tally, &finds, e);
		for (size_t i = 0; i < w->tables.count; i++) {
			touched = done == 1 ? b->out[i].len
					    : csv_table_touched(&w->tables.of[i], &record, &b->out[i]);
			b->touched[i] = touched > b->touched[i] ? touched : b->touched[i];
		}
		/* What does not fit here has its room in the part, when its turn comes. */
		if (done == -1)
			return e->code == ERR_LIMIT ? 0 : -1;
		made->tally.passed += done == 1;
		if (done == 1 && csv_quasi_tuple(&w->tables.of[0]) != NULL)
			record_sum_add(&made->tally.sum, &csv_quasi_tuple(&w->tables.of[0])->sum);
		if (done == 1 && w->tables.texts)
			tally_finds(&made->tally.finds, &finds);
	}
	made->whole = (found == CSV_END || (found == CSV_MORE && w->scan.at == w->scan.end)) &&
		      !made->tally.fields_more;
	return 0;
}

/* All parts have room for it. */
static bool
fits(const struct csv_run *r, const struct batch *b)
{
	for (size_t i = 0; i < r->tables.count; i++)
		if (r->part[i].len + b->out[i].len > r->limits->part_max)
			return false;
	return true;
}

static int
append_batch(struct csv_run *r, const struct batch *b, struct err *e)
{
	const struct tally *t = &((const struct made *)b->note)->tally;

	for (size_t i = 0; i < r->tables.count; i++)
		if (buf_put(&r->part[i], b->out[i].data, b->out[i].len, e) == -1)
			return -1;
	r->part_records += t->passed;
	tally_finds(&r->part_finds, &t->finds);
	tally_add(&r->all, t);
	if (csv_quasi_tuple(&r->tables.of[0]) != NULL)
		record_take_sum(r->scrub, &t->sum);
	/* None of it is left in the window. */
	r->scan.at = r->scan.end;
	return b->last && csv_part_write(r, true, e) == -1 ? -1 : 1;
}

/*
 * A batch in its turn. What the thread made of it goes into the part as it is; but where the batch did not begin with
 * a record, or does not end with one, or the part is cut within it, all of it is done again, here, as without threads.
 */
static int
write_batch(void *ctx, struct batch *b, struct err *e)
{
	struct csv_run *r = ctx;
	const struct made *made = b->note;
	int more;

	r->ahead += b->len;
	if (r->carried == 0 && made->whole && fits(r, b))
		return append_batch(r, b, e);
	memcpy(r->window + r->carried, b->in, b->len);
	if (r->filled < r->carried + b->len)
		r->filled = r->carried + b->len;
	csv_scan_window(&r->scan, r->window, r->window + r->carried + b->len, b->last);
	if ((more = csv_take_records(r, e)) != 1)
		return more;
	r->carried = (size_t)(r->scan.end - r->scan.at);
	memmove(r->window, r->scan.at, r->carried);
	return 1;
}

int
csv_threads_read(struct csv_run *r, struct err *e)
{
	const struct batch_use use = {.source = r->in,
	    .threads = r->scrub->thread_count,
	    .window = r->limits->window,
	    .line_max = r->limits->record_max,
	    .out_count = r->tables.count,
	    .out_max = r->limits->out_max / (r->tables.count > 1 ? 2 : 1),
	    .note_len = sizeof(struct made),
	    .ctx = r,
	    .work = work_batch,
	    .write = write_batch};

	size_t begun_len = (size_t)(r->scan.end - r->scan.at);

	r->ahead -= begun_len;
	return batch_run(&use, r->scan.at, begun_len, &r->bytes, e);
}
