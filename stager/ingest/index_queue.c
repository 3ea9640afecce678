/* Lines of the index that wait for their shard's turn, packed. */
#include "index_queue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sealed.h"
#include "stager/buf.h"
#include "stager/entry.h"

#define LINE_MAX_LEN 512
/* As a packed line: three numbers, two lengths, subject and ext. */
#define PACKED_MAX (3 * 8 + 2 + ENTRY_SUBJECT_MAX + ENTRY_EXT_MAX)
#define LINES_MAX ((size_t)1 << 40) /* the queue's own limit comes first */

struct waiting {
	bool finished;
	struct buf lines; /* packed; of the first shard always empty */
};

struct index_queue {
	struct waiting *shards; /* those from number `first` on, up to the last that was opened */
	size_t count, cap;
	uint64_t first;
	uint64_t bytes, bytes_max; /* that wait */
};

struct index_queue *
index_queue_new(uint64_t waiting_max, struct err *e)
{
	struct index_queue *q = calloc(1, sizeof(*q));

	if (q == NULL)
		err_set(e, ERR_SYSTEM, "shards: out of memory");
	else
		q->bytes_max = waiting_max;
	return q;
}

void
index_queue_free(struct index_queue *q)
{
	if (q == NULL)
		return;
	for (size_t i = 0; i < q->count; i++)
		buf_free(&q->shards[i].lines);
	free(q->shards);
	free(q);
}

int
index_queue_from(struct index_queue *q, uint64_t first, struct err *e)
{
	if (q->count > 0 || q->first > 0)
		return err_set(e, ERR_SYSTEM, "shards: numbered too late");
	q->first = first;
	return 0;
}

int
index_queue_open(struct index_queue *q, uint64_t number, struct err *e)
{
	struct waiting *grown;

	if (number != q->first + q->count)
		return err_set(e, ERR_SYSTEM, "shards: opened out of order");
	if (q->count == q->cap) {
		size_t cap = q->cap == 0 ? 16 : 2 * q->cap;

		if ((grown = reallocarray(q->shards, cap, sizeof(*grown))) == NULL)
			return err_set(e, ERR_SYSTEM, "shards: out of memory");
		q->shards = grown;
		q->cap = cap;
	}
	q->shards[q->count] = (struct waiting){.finished = false};
	buf_init(&q->shards[q->count++].lines, LINES_MAX);
	return 0;
}

/* Canonical JSON as it stands: keys in order, and nothing in it that would need an escape. */
static int
write_line(struct sealed *index, uint64_t shard, const char *subject, const char *ext,
    const uint64_t n[static 3], struct err *e)
{
	char line[LINE_MAX_LEN];
	int len = snprintf(line, sizeof(line),
	    "{\"member\":\"%s/%06" PRIu64 ".%s\",\"offset\":%" PRIu64 ",\"shard\":%" PRIu64
	    ",\"size\":%" PRIu64 ",\"subject\":\"%s\"}\n",
	    subject, n[0], ext, n[1], shard, n[2], subject);

	if (len < 0 || (size_t)len >= sizeof(line))
		return err_set(e, ERR_SYSTEM, "shards: index line");
	return sealed_write(index, line, (size_t)len, e);
}

int
index_queue_add(struct index_queue *q, uint64_t number, const struct index_line *line, struct sealed *index,
    struct err *e)
{
	const uint64_t n[3] = {line->sample, line->offset, line->entry->size};
	uint8_t packed[PACKED_MAX];
	size_t subject_len = strlen(line->entry->subject), ext_len = strlen(line->entry->ext),
	       len = sizeof(n);
	struct waiting *w;

	if (number < q->first || number - q->first >= q->count || q->shards[number - q->first].finished)
		return err_set(e, ERR_SYSTEM, "shards: a member of no open shard");
	if (number == q->first)
		return write_line(index, number, line->entry->subject, line->entry->ext, n, e);
	w = &q->shards[number - q->first];
	memcpy(packed, n, sizeof(n));
	packed[len++] = (uint8_t)subject_len;
	packed[len++] = (uint8_t)ext_len;
	memcpy(packed + len, line->entry->subject, subject_len);
	len += subject_len;
	memcpy(packed + len, line->entry->ext, ext_len);
	len += ext_len;
	q->bytes += len;
	return buf_put(&w->lines, packed, len, e);
}

/* All that a shard's lines have waited for has come. */
static int
write_waiting(struct index_queue *q, struct waiting *w, struct sealed *index, struct err *e)
{
	char subject[ENTRY_SUBJECT_MAX + 1], ext[ENTRY_EXT_MAX + 1];
	const uint8_t *at = w->lines.data, *end = at + w->lines.len;
	uint64_t n[3];

	while (at < end) {
		const size_t subject_len = at[sizeof(n)], ext_len = at[sizeof(n) + 1];

		memcpy(n, at, sizeof(n));
		at += sizeof(n) + 2;
		memcpy(subject, at, subject_len);
		subject[subject_len] = '\0';
		at += subject_len;
		memcpy(ext, at, ext_len);
		ext[ext_len] = '\0';
		at += ext_len;
		if (write_line(index, q->first, subject, ext, n, e) == -1)
			return -1;
	}
	q->bytes -= w->lines.len;
	buf_free(&w->lines);
	buf_init(&w->lines, LINES_MAX);
	return 0;
}

int
index_queue_finish(struct index_queue *q, uint64_t number, struct sealed *index, struct err *e)
{
	if (number < q->first || number - q->first >= q->count)
		return err_set(e, ERR_SYSTEM, "shards: finished one that is not open");
	q->shards[number - q->first].finished = true;
	while (q->count > 0 && q->shards[0].finished) {
		buf_free(&q->shards[0].lines);
		memmove(q->shards, q->shards + 1, --q->count * sizeof(*q->shards));
		q->first++;
		if (q->count > 0 && write_waiting(q, &q->shards[0], index, e) == -1)
			return -1;
	}
	return 0;
}

bool
index_queue_full(const struct index_queue *q)
{
	return q->bytes > q->bytes_max;
}
