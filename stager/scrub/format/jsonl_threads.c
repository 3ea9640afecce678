/* Large files of JSON Lines on several threads: batches of whole lines are scrubbed by them, and taken in order. */
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "../record.h"
#include "batch.h"
#include "jsonl_reader.h"
#include "stager/apart.h"
#include "stager/encoding.h"
#include "stager/policy.h"
#include "stager/source.h"

/* What a thread has of its own. */
struct jsonl_worker {
	alignas(APART_LINE) struct scrub scrub;
	struct jsonl_records records;
};

/*
 * What a thread says of a batch. Its outs have the lines that passed, as each set has them; where each is a member of its own, the
 * pseudonym of whom it is about stands before it in the first, NUL included.
 */
struct made {
	bool whole; /* it ends where a line ends, and all that it holds is in the tally and in out */
	struct jsonl_tally tally;
};

int
jsonl_threads_open(struct jsonl_run *r, struct err *e)
{
	const struct scrub *s = r->scrub;

	if (s->thread_count <= 1 || (r->in->size_known && r->in->size < r->limits->threads_from))
		return 0;
	if ((r->workers = apart_calloc(s->thread_count, sizeof(*r->workers))) == NULL)
		return err_set(e, ERR_SYSTEM, "file: out of memory for threads");
	for (unsigned i = 0; i < s->thread_count; i++) {
		struct jsonl_worker *w = &r->workers[i];

		w->scrub = *s;
		w->scrub.policy = s->threads[i].policy;
		w->scrub.rule = w->scrub.policy->rules + (s->rule - s->policy->rules);
		w->scrub.key = s->threads[i].key;
		w->scrub.withdrawn = s->threads[i].withdrawn;
		w->scrub.subject = s->subject != NULL ? &w->records.of[0].person : NULL;
		if (jsonl_records_open(&w->records, &w->scrub, e) == -1)
			return -1;
	}
	return 0;
}

void
jsonl_threads_close(struct jsonl_run *r)
{
	for (unsigned i = 0; r->workers != NULL && i < r->scrub->thread_count; i++)
		jsonl_records_close(&r->workers[i].records);
	free(r->workers);
}

/* The line that was scrubbed last, behind those of each set. 1; 0 where there is no room; -1. */
static int
put_made(struct jsonl_records *records, struct buf *out, struct err *e)
{
	char subject[PSEUDONYM_LEN + 1];
	size_t head = records->of[0].scrub->rule->sample_record ? sizeof(subject) : 0;

	for (size_t i = 0; i < records->count; i++)
		if (out[i].limit - out[i].len < records->of[i].out.len + (i == 0 ? head : 0))
			return 0;
	if (head > 0) {
		memset(subject, 0, sizeof(subject));
		jsonl_tally_subject(&records->of[0], subject);
		if (buf_put(&out[0], subject, head, e) == -1)
			return -1;
	}
	for (size_t i = 0; i < records->count; i++)
		if (buf_put(&out[i], records->of[i].out.data, records->of[i].out.len, e) == -1)
			return -1;
	return 1;
}

/* In a thread, in the belief that the batch begins with a line: who writes it knows whether that is so. */
static int
work_batch(void *ctx, unsigned thread, struct batch *b, struct err *e)
{
	struct jsonl_run *r = ctx;
	struct jsonl_worker *w = &r->workers[thread];
	struct made *made = b->note;
	const uint8_t *at = (const uint8_t *)b->in, *end = at + b->len, *line_end;
	int done = 1;

	for (; at < end && done == 1; at = line_end + (line_end < end)) {
		line_end = memchr(at, '\n', (size_t)(end - at));
		if (line_end == NULL && !b->last)
			return 0;
		if (line_end == NULL)
			line_end = end;
		done = jsonl_tally_line(
		    &w->records.of[0], r->limits, &made->tally, at, (size_t)(line_end - at), e);
		/* Lines after one that is too long are nobody's. */
		if (done == JSONL_TOO_LONG)
			return 0;
		if (done == 1)
			done = put_made(&w->records, b->out, e);
		else if (done == 0)
			done = 1;
		for (size_t i = 0; i < w->records.count; i++)
			b->touched[i] = b->out[i].len;
	}
	made->whole = done == 1 && !made->tally.records.fields_more;
	return done == -1 ? -1 : 0;
}

/* All parts have room for all of it, as most do: each line would find it. */
static bool
fits(const struct jsonl_run *r, const struct batch *b)
{
	for (size_t i = 0; i < r->records.count; i++)
		if (r->part[i].len + b->out[i].len > r->limits->part_max)
			return false;
	return true;
}

/* Line by line: each set has as many of them. */
static int
append_lines(struct jsonl_run *r, const struct batch *b, struct err *e)
{
	size_t head = r->scrub->rule->sample_record ? PSEUDONYM_LEN + 1 : 0;
	size_t at[ENTRY_SETS_MAX] = {0};
	struct jsonl_line lines[ENTRY_SETS_MAX] = {0};

	while (at[0] < b->out[0].len) {
		const char *subject = (const char *)b->out[0].data + at[0];

		at[0] += head;
		for (size_t i = 0; i < r->records.count; i++) {
			const uint8_t *line = b->out[i].data + at[i];
			const uint8_t *end = memchr(line, '\n', b->out[i].len - at[i]);

			lines[i] = (struct jsonl_line){line, (size_t)(end - line) + 1};
			at[i] += lines[i].len;
		}
		if (jsonl_put(r, subject, lines, e) == -1)
			return -1;
	}
	return 0;
}

static int
append_batch(struct jsonl_run *r, const struct batch *b, struct err *e)
{
	const struct made *made = b->note;

	tally_add(&r->all.records, &made->tally.records);
	tally_finds(&r->all.records.finds, &made->tally.records.finds);
	r->all.records.passed += made->tally.records.passed;
	if (r->records.of[0].tuple != NULL)
		record_take_sum(r->scrub, &made->tally.records.sum);
	for (size_t i = 0; i < JSONL_ACTIONS; i++)
		r->all.actions[i] += made->tally.actions[i];
	if (r->scrub->rule->sample_record || !fits(r, b))
		return append_lines(r, b, e);
	for (size_t i = 0; i < r->records.count; i++)
		if (buf_put(&r->part[i], b->out[i].data, b->out[i].len, e) == -1)
			return -1;
	return 0;
}

/*
 * A batch in its turn. What the thread made of it is taken as it is; but where the batch begins or ends within a line, which is
 * a long one then, or there was no room, or members begin to leave in another encoding within it, all of it is done again, here, as without threads.
 */
static int
write_batch(void *ctx, struct batch *b, struct err *e)
{
	struct jsonl_run *r = ctx;
	const struct made *made = b->note;
	const uint64_t from = r->ahead - r->filled;
	int more = 1;

	r->ahead += b->len;
	if (r->filled == 0 && made->whole && !encoded_turns(r->scrub->out, r->in, from, r->ahead)) {
		if (append_batch(r, b, e) == -1)
			return -1;
	} else {
		memcpy(r->window + r->filled, b->in, b->len);
		r->filled += b->len;
		if (r->most < r->filled)
			r->most = r->filled;
		if ((more = jsonl_take_lines(r, e)) == -1)
			return -1;
		memmove(r->window, r->window + r->start, r->filled - r->start);
		r->filled -= r->start;
		r->scanned -= r->start;
		r->start = 0;
	}
	if (!b->last && more == 1)
		return 1;
	return jsonl_take_end(r, e);
}

int
jsonl_threads_read(struct jsonl_run *r, struct err *e)
{
	const struct batch_use use = {.source = r->in,
	    .threads = r->scrub->thread_count,
	    .window = r->limits->window,
	    .line_max = r->limits->line_max,
	    .out_count = r->records.count,
	    .out_max = r->limits->out_max / (r->records.count > 1 ? 2 : 1),
	    .note_len = sizeof(struct made),
	    .ctx = r,
	    .work = work_batch,
	    .write = write_batch};
	size_t begun_len = r->filled - r->start;
	uint8_t *begun = malloc(begun_len + 1);
	int rc;

	if (begun == NULL)
		return err_set(e, ERR_SYSTEM, "file: out of memory for threads");
	/* The window is the writer's from now on. */
	memcpy(begun, r->window + r->start, begun_len);
	r->start = r->scanned = r->filled = 0;
	r->ahead -= begun_len;
	rc = batch_run(&use, (const char *)begun, begun_len, &r->bytes, e);
	explicit_bzero(begun, begun_len);
	free(begun);
	return rc;
}
