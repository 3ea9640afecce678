/* The ledger against the log: every opening is what an entry commits to, and every entry has one. */
#include "entries.h"

#include <inttypes.h>
#include <string.h>

#include "children.h"
#include "stager/commitment.h"
#include "stager/io.h"
#include "stager/ledger.h"
#include "stager/log.h"

/* The opening in q against entry number `next` of the log. */
static int
compare(struct log *log, uint64_t next, struct ledger_query *q, struct buf *there, struct err *e)
{
	uint8_t entry[COMMITMENT_ENTRY_LEN];
	size_t json_len, salt_len;
	const void *json = ledger_blob(q, 2, &json_len), *salt = ledger_blob(q, 3, &salt_len);

	if ((uint64_t)ledger_int(q, 0) != next || next >= log_checkpoint(log)->size ||
	    salt_len != COMMITMENT_SALT_LEN)
		return err_set(e, ERR_FORGED,
		    "ledger: the opening of log entry %" PRIu64 " is missing or damaged", next);
	buf_clear(there);
	if (log_entry(log, next, there, e) == -1)
		return -1;
	commitment_make(salt, ledger_text(q, 1), json, json_len, entry);
	if (there->len != sizeof(entry) || memcmp(there->data, entry, sizeof(entry)) != 0)
		return err_set(e, ERR_FORGED,
		    "ledger: the opening of log entry %" PRIu64 " is not what was committed to", next);
	return 0;
}

int
entries_each(struct house *h, entry_fn *each, void *ctx, uint64_t *size, struct err *e)
{
	struct ledger_query *q = NULL;
	struct log *log = NULL;
	int folder = -1, lock = -1, rc = -1, more;
	struct buf there;
	uint64_t next = 0;

	buf_init(&there, LOG_ENTRY_MAX);
	/* Log and ledger of one moment: no entry is under way, and from its first row on the ledger is read as it was then. */
	if ((lock = house_lock(h, "record.lock", e)) == -1 || (log = house_log(h, &folder, e)) == NULL)
		goto out;
	q = ledger_query(h->ledger, e,
	    "SELECT place, type, json, salt, about FROM opening WHERE place IS NOT NULL ORDER BY place", "");
	while ((more = ledger_next(q, e)) == 1) {
		size_t len;
		const void *json;

		io_close(&lock);
		if (compare(log, next, q, &there, e) == -1)
			goto out;
		json = ledger_blob(q, 2, &len);
		if (each(ctx, next, ledger_text(q, 1), ledger_null(q, 4) ? NULL : ledger_text(q, 4), json,
			len, e) == -1)
			goto out;
		next++;
	}
	if (more == -1)
		goto out;
	if (next != log_checkpoint(log)->size) {
		err_set(e, ERR_FORGED, "ledger: the opening of log entry %" PRIu64 " is missing", next);
		goto out;
	}
	if (size != NULL)
		*size = next;
	rc = 0;
out:
	ledger_end(q);
	log_free(log);
	io_close(&folder);
	io_close(&lock);
	buf_free(&there);
	return rc;
}
