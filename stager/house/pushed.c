/* What a version has of its sources, in the ledger. */
#include "pushed.h"

#include <stdlib.h>
#include <string.h>

#include "stager/ledger.h"
#include "stager/rows.h"

void
pushed_init(struct pushed *p)
{
	buf_init(&p->files, (size_t)PUSHED_FILES_MAX * PUSHED_FILE_LEN);
	buf_init(&p->rows, (size_t)ROWS_MAX * ROW_LEN);
}

void
pushed_free(struct pushed *p)
{
	buf_free(&p->files);
	buf_free(&p->rows);
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, PUSHED_PART_LEN);
}

int
pushed_sort(struct pushed *p, struct err *e)
{
	const size_t count = p->files.len / PUSHED_FILE_LEN;

	if (count > 1)
		qsort(p->files.data, count, PUSHED_FILE_LEN, compare);
	for (size_t i = 1; i < count; i++)
		if (compare(p->files.data + (i - 1) * PUSHED_FILE_LEN, p->files.data + i * PUSHED_FILE_LEN) ==
		    0)
			return err_set(e, ERR_SYSTEM, "source: two files of one name");
	return 0;
}

const uint8_t *
pushed_find(const struct pushed *p, const uint8_t *file)
{
	return p->files.len == 0
		   ? NULL
		   : bsearch(file, p->files.data, p->files.len / PUSHED_FILE_LEN, PUSHED_FILE_LEN, compare);
}

/* Two sorted lists of entries into one; where both have one of the same beginning, b's. */
static int
merge(struct buf *a, const struct buf *b, size_t len, struct err *e)
{
	size_t i = 0, k = 0;
	struct buf out;
	int rc = 0;

	buf_init(&out, a->limit);
	while (rc == 0 && (i < a->len || k < b->len)) {
		int order = i == a->len ? 1 : k == b->len ? -1 : compare(a->data + i, b->data + k);

		if (order < 0) {
			rc = buf_put(&out, a->data + i, len, e);
			i += len;
			continue;
		}
		rc = buf_put(&out, b->data + k, len, e);
		k += len;
		i += order == 0 ? len : 0;
	}
	if (rc == -1) {
		buf_free(&out);
		return -1;
	}
	buf_free(a);
	*a = out;
	return 0;
}

int
pushed_merge(struct pushed *p, const struct pushed *more, struct err *e)
{
	_Static_assert(PUSHED_PART_LEN == ROW_MARK_LEN, "both begin with as much");

	return merge(&p->files, &more->files, PUSHED_FILE_LEN, e) == -1 ||
		       merge(&p->rows, &more->rows, ROW_LEN, e) == -1
		   ? -1
		   : 0;
}

void
pushed_digest(
    const void *files, size_t files_len, const void *rows, size_t rows_len, uint8_t out[static DIGEST_LEN])
{
	digest_prefixed((const struct digest_part[]){{files, files_len}, {rows, rows_len}}, 2, out);
}

int
pushed_load(struct house *h, const char *version_id, struct pushed *p, struct err *e)
{
	struct ledger_query *q =
	    ledger_query(h->ledger, e, "SELECT files, rows FROM pushed WHERE version = ?", "s", version_id);
	int more = ledger_next(q, e), rc = -1;
	const void *data;
	size_t len;

	if (more == 1) {
		data = ledger_blob(q, 0, &len);
		rc = len % PUSHED_FILE_LEN == 0 ? buf_put(&p->files, data, len, e) : -2;
		data = ledger_blob(q, 1, &len);
		if (rc == 0)
			rc = len % ROW_LEN == 0 ? buf_put(&p->rows, data, len, e) : -2;
	}
	if (more == 0 || rc == -2)
		rc = err_set(e, ERR_FORGED, "ledger: what was pushed of version %.32s is missing or damaged",
		    version_id);
	ledger_end(q);
	return rc;
}

int
pushed_keep(struct house *h, const char *version_id, const struct pushed *p, struct err *e)
{
	/* An empty blob, and not NULL. */
	return ledger_run(h->ledger, e, "INSERT OR REPLACE INTO pushed VALUES (?, ?, ?)", "sbb", version_id,
	    p->files.len == 0 ? (const void *)"" : p->files.data, p->files.len,
	    p->rows.len == 0 ? (const void *)"" : p->rows.data, p->rows.len);
}

int
pushed_copy(struct house *h, const char *from, const char *to, struct err *e)
{
	return ledger_run(h->ledger, e,
	    "INSERT OR REPLACE INTO pushed SELECT ?1, files, rows FROM pushed WHERE version = ?2", "ss", to,
	    from);
}
