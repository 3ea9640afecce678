/* Recording: openings in the ledger, commitments in the log, in the order that survives a crash. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "children.h"
#include "stager/commitment.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/log.h"

struct log *
house_log(struct house *h, int *folder, struct err *e)
{
	struct log *log;

	if ((*folder = openat(h->folder, "log", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1) {
		err_sys(e, "log: open folder");
		return NULL;
	}
	if ((log = log_open(*folder, h->origin, h->card.log_key, e)) == NULL)
		io_close(folder);
	return log;
}

/* Remember the log's head, and alarm where it is behind, or another than, what was remembered. */
static int
remember_checkpoint(struct house *h, struct log *log, struct err *e)
{
	const struct checkpoint *now = log_checkpoint(log);
	uint8_t record[8 + DIGEST_LEN];
	struct tree_proof proof;
	uint64_t size = 0;
	struct buf old;
	struct view v;
	int rc = -1, found;

	buf_init(&old, sizeof(record));
	if ((found = house_setting(h, "checkpoint", &old, e)) == -1)
		goto out;
	if (found == 1) {
		v = view_of(old.data, old.len, "remembered checkpoint");
		if (old.len != sizeof(record) || view_u64le(&v, &size, e) == -1) {
			err_set(e, ERR_FORGED, "ledger: the remembered checkpoint is damaged");
			goto out;
		}
		if (size > now->size) {
			err_set(e, ERR_FORGED, "log: rolled back: %llu entries where %llu were seen",
			    (unsigned long long)now->size, (unsigned long long)size);
			goto out;
		}
		if (log_consistency(log, size, &proof, e) == -1 ||
		    tree_check_consistency(size, v.data, now->size, now->root, &proof, e) == -1) {
			err_set(e, ERR_FORGED, "log: it does not continue what was seen at entry %llu",
			    (unsigned long long)size);
			goto out;
		}
	}
	/* The first opening of a new house remembers the empty log; from then on there always is one. */
	if (found == 0 && now->size > 0) {
		err_set(e, ERR_FORGED, "ledger: the remembered checkpoint is missing");
		goto out;
	}
	for (unsigned i = 0; i < 8; i++)
		record[i] = (uint8_t)(now->size >> (8 * i));
	memcpy(record + 8, now->root, DIGEST_LEN);
	rc = 0;
	if (found == 0 || size != now->size)
		rc = house_set(h, "checkpoint", record, sizeof(record), e);
out:
	buf_free(&old);
	return rc;
}

/* What was appended since the checkpoint was last remembered must be there too. */
static int
last_place(struct house *h, struct log *log, struct err *e)
{
	struct ledger_query *q =
	    ledger_query(h->ledger, e, "SELECT coalesce(max(place), -1) FROM opening", "");
	int rc = ledger_next(q, e) == 1 ? 0 : -1;

	if (rc == 0 && ledger_int(q, 0) >= (int64_t)log_checkpoint(log)->size)
		rc = err_set(e, ERR_FORGED, "log: rolled back: %llu entries where %llu were seen",
		    (unsigned long long)log_checkpoint(log)->size, (unsigned long long)ledger_int(q, 0) + 1);
	ledger_end(q);
	return rc;
}

/* The commitment of one opening. */
static int
opening_entry(struct ledger_query *q, uint8_t entry[static COMMITMENT_ENTRY_LEN], struct err *e)
{
	size_t json_len, salt_len;
	const void *json = ledger_blob(q, 2, &json_len);
	const void *salt = ledger_blob(q, 3, &salt_len);

	if (salt_len != COMMITMENT_SALT_LEN)
		return err_set(e, ERR_FORGED, "ledger: opening %lld is damaged", (long long)ledger_int(q, 0));
	commitment_make(salt, ledger_text(q, 1), json, json_len, entry);
	return 0;
}

/* Where an entry stands at or past `after`; UINT64_MAX where it does not. */
static int
find_entry(struct log *log, uint64_t after, const uint8_t *entry, uint64_t *place, struct err *e)
{
	struct buf there;
	int rc = -1;

	buf_init(&there, LOG_ENTRY_MAX);
	*place = UINT64_MAX;
	for (uint64_t i = after; i < log_checkpoint(log)->size; i++) {
		buf_clear(&there);
		if (log_entry(log, i, &there, e) == -1)
			goto out;
		if (there.len == COMMITMENT_ENTRY_LEN && memcmp(there.data, entry, there.len) == 0) {
			*place = i;
			break;
		}
	}
	rc = 0;
out:
	buf_free(&there);
	return rc;
}

/* Append one entry by stager-log. */
static int
append(struct house *h, const uint8_t *entry, uint64_t *place, struct err *e)
{
	char hex[2 * COMMITMENT_ENTRY_LEN + 1];
	struct json *j = json_object(), *list = json_array(), *head = NULL;
	struct helper log = HELPER_NONE;
	int64_t first;
	int rc = -1;

	hex_encode(entry, COMMITMENT_ENTRY_LEN, hex);
	json_push(list, json_string(hex));
	json_set(j, "entries", list);
	if (house_log_start(h, &log, e) == -1) {
		json_free(j);
		goto out;
	}
	if ((head = helper_ask(&log, WIRE_LOG_APPEND, j, WIRE_LOG_HEAD, e)) == NULL ||
	    json_need_int(head, "first", 0, JSON_INT_MAX, "log", &first, e) == -1 ||
	    helper_end(&log, e) == -1)
		goto out;
	*place = (uint64_t)first;
	rc = 0;
out:
	json_free(head);
	helper_kill(&log);
	return rc;
}

int
house_record_bytes(struct house *h, const char *type, const struct buf *text, const char *about,
    uint8_t salt[static COMMITMENT_SALT_LEN], struct effect effect, uint64_t *index, struct err *e)
{
	uint8_t entry[COMMITMENT_ENTRY_LEN];
	struct ledger_query *q = NULL;
	struct log *log = NULL;
	uint64_t place = 0, after;
	int rc = -1, folder = -1, lock = -1;
	int64_t id = -1;

	/* One at a time, so that nobody's recovery takes an entry that is under way for one that a crash cut. */
	if ((lock = house_lock(h, "record.lock", e)) == -1 || (log = house_log(h, &folder, e)) == NULL)
		goto out;
	after = log_checkpoint(log)->size;
	randombytes_buf(salt, COMMITMENT_SALT_LEN);
	q = ledger_query(h->ledger, e,
	    "INSERT INTO opening (type, json, salt, after, place, about) VALUES (?, ?, ?, ?, NULL, ?) "
	    "RETURNING id",
	    "sbbis", type, text->data, text->len, salt, (size_t)COMMITMENT_SALT_LEN, (int64_t)after, about);
	if (ledger_next(q, e) != 1)
		goto out;
	id = ledger_int(q, 0);
	if (ledger_next(q, e) == -1)
		goto out;
	ledger_end(q);
	q = NULL;
	commitment_make(salt, type, text->data, text->len, entry);
	if (append(h, entry, &place, e) == -1) {
		err_context(e, "log entry");
		goto out;
	}
	if (ledger_begin(h->ledger, e) == -1)
		goto out;
	if (ledger_run(h->ledger, e, "UPDATE opening SET place = ? WHERE id = ?", "ii", (int64_t)place, id) ==
		-1 ||
	    (effect.run != NULL && effect.run(h, effect.ctx, place, e) == -1) ||
	    ledger_commit(h->ledger, e) == -1) {
		ledger_rollback(h->ledger);
		goto out;
	}
	if (index != NULL)
		*index = place;
	rc = 0;
out:
	ledger_end(q);
	log_free(log);
	io_close(&folder);
	io_close(&lock);
	return rc;
}

int
house_record(struct house *h, const char *type, struct json *json, const char *about, struct effect effect,
    uint64_t *index, struct err *e)
{
	uint8_t salt[COMMITMENT_SALT_LEN];
	struct buf text;
	int rc = -1;

	buf_init(&text, 1u << 20);
	if (json_get(json, "at") == NULL)
		json_set_int(json, "at", (int64_t)time(NULL));
	if (json_encode(json, &text, e) == 0)
		rc = house_record_bytes(h, type, &text, about, salt, effect, index, e);
	buf_free(&text);
	return rc;
}

int
house_recover(struct house *h, struct err *e)
{
	uint8_t entry[COMMITMENT_ENTRY_LEN];
	struct ledger_query *q = NULL;
	int rc = -1, folder = -1, lock = -1, more;
	struct log *log = NULL;
	uint64_t place;

	if ((lock = house_lock(h, "record.lock", e)) == -1 || (log = house_log(h, &folder, e)) == NULL ||
	    remember_checkpoint(h, log, e) == -1 || last_place(h, log, e) == -1)
		goto out;
	q = ledger_query(h->ledger, e,
	    "SELECT id, type, json, salt, after FROM opening WHERE place IS NULL ORDER BY id", "");
	while ((more = ledger_next(q, e)) == 1) {
		if (opening_entry(q, entry, e) == -1 ||
		    find_entry(log, (uint64_t)ledger_int(q, 4), entry, &place, e) == -1)
			goto out;
		/*
		 * Not there: the crash came before the log had it, so nothing followed from it. It is
		 * dropped, not appended: whoever wanted it will run again and record it anew. There, but its
		 * effect is not: it stands about nothing, but where nothing was to follow.
		 */
		if (place == UINT64_MAX) {
			if (ledger_run(h->ledger, e, "DELETE FROM opening WHERE id = ? AND after <= ?", "ii",
				ledger_int(q, 0), (int64_t)log_checkpoint(log)->size) == -1)
				goto out;
		} else if (ledger_run(h->ledger, e,
			       "UPDATE opening SET place = ?, about = CASE WHEN type IN ('house', 'refusal') "
			       "THEN about END WHERE id = ?",
			       "ii", (int64_t)place, ledger_int(q, 0)) == -1) {
			goto out;
		}
	}
	rc = more;
out:
	ledger_end(q);
	log_free(log);
	io_close(&folder);
	io_close(&lock);
	return rc;
}
