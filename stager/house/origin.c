/*
 * What versions were pushed from. A later push is answered by it, so it is bound to its version by a MAC under a key that the ledger
 * does not have: whoever writes to the ledger can take a row away, but neither change, copy nor swap one.
 */
#include "origin.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pushed.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "verify.h"

int
origin_helper(struct house *h, const char *holder, const char *dataset_id, struct helper *x, struct err *e)
{
	static const char *const argv[] = {"stager-open", "digest", NULL};
	struct helper pseudonym = HELPER_NONE;
	int key = -1, rc = -1;

	if (house_key_start(h, "pseudonym", false, &pseudonym, e) == -1 ||
	    house_subkey(&pseudonym, holder, dataset_id, "sources", 1, &key, e) == -1 ||
	    helper_end(&pseudonym, e) == -1 ||
	    helper_start(x, argv, &(struct spawn_fd){.from = key, .to = 5}, 1, e) == -1)
		goto out;
	rc = 0;
out:
	helper_kill(&pseudonym);
	io_close(&key);
	return rc;
}

int
origin_prove(struct helper *x, struct origin *o, struct err *e)
{
	char files[24], bytes[24];
	uint8_t row[DIGEST_LEN];
	struct json *j, *got;
	int rc = -1;

	(void)snprintf(files, sizeof(files), "%" PRId64, o->files);
	(void)snprintf(bytes, sizeof(bytes), "%" PRId64, o->bytes);
	digest_prefixed(
	    (const struct digest_part[]){{o->version_id, strlen(o->version_id)},
		{o->source, strlen(o->source)}, {o->content, strlen(o->content)}, {files, strlen(files)},
		{bytes, strlen(bytes)}, {o->policy, DIGEST_LEN}, {o->meta, DIGEST_LEN},
		{o->scrubber, strlen(o->scrubber)}, {o->pushed, DIGEST_LEN}},
	    9, row);
	j = json_object();
	json_set_hex(j, "row", row, sizeof(row));
	if ((got = helper_ask(x, WIRE_ORIGIN, j, WIRE_OK, e)) != NULL)
		rc = json_need_hex(got, "mac", o->mac, sizeof(o->mac), "stager-open", e);
	json_free(got);
	return rc;
}

/* Text that we wrote fits. */
static bool
take(struct ledger_query *q, int column, char *out, size_t size)
{
	return (size_t)snprintf(out, size, "%s", ledger_text(q, column)) < size;
}

/* As the ledger has it: 1; 0: there is none, or what it is was not written by us; -1. */
static int
load(struct house *h, const char *version_id, struct origin *o, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT v.id, v.source, c.digest, v.scrubber, c.files, c.bytes, v.policy, v.meta, c.mac, "
	    "p.files, p.rows FROM "
	    "version v "
	    "JOIN source_content c ON c.version = v.id JOIN pushed p ON p.version = v.id WHERE v.id = ?",
	    "s", version_id);
	int more = ledger_next(q, e);
	const void *data, *rows;
	size_t len, rows_len;

	if (more == 1) {
		o->files = ledger_int(q, 4);
		o->bytes = ledger_int(q, 5);
		data = ledger_blob(q, 6, &len);
		digest_bytes(data, len, o->policy);
		data = ledger_blob(q, 7, &len);
		digest_bytes(data, len, o->meta);
		data = ledger_blob(q, 9, &len);
		rows = ledger_blob(q, 10, &rows_len);
		pushed_digest(data, len, rows, rows_len, o->pushed);
		data = ledger_blob(q, 8, &len);
		if (len == DIGEST_LEN)
			memcpy(o->mac, data, DIGEST_LEN);
		more = len == DIGEST_LEN && take(q, 0, o->version_id, sizeof(o->version_id)) &&
		       take(q, 1, o->source, sizeof(o->source)) &&
		       take(q, 2, o->content, sizeof(o->content)) &&
		       take(q, 3, o->scrubber, sizeof(o->scrubber));
	}
	ledger_end(q);
	return more;
}

int
origin_check(struct house *h, struct helper *x, const char *version_id, struct origin *o, struct err *e)
{
	struct origin is;
	int there = load(h, version_id, o, e);

	is = *o;
	if (there == -1 || (there == 1 && origin_prove(x, &is, e) == -1))
		return -1;
	if (there == 0 || !digest_equal(is.mac, o->mac))
		return err_set(e, ERR_FORGED, "ledger: what version %.32s was pushed from is %s", version_id,
		    there == 0 ? "missing or damaged" : "not what was proven of it");
	return 0;
}

int
origin_keep(struct house *h, const struct origin *o, struct err *e)
{
	if (ledger_run(h->ledger, e, "INSERT OR REPLACE INTO source_content VALUES (?, ?, ?, ?, ?)", "ssiib",
		o->version_id, o->content, o->files, o->bytes, o->mac, sizeof(o->mac)) == -1)
		return -1;
	return ledger_run(
	    h->ledger, e, "UPDATE version SET source = ? WHERE id = ?", "ss", o->source, o->version_id);
}

/* ---- all of them ---- */

/* The next version in the order of datasets: 1 and what it is, 0, -1. */
struct place {
	char dataset[MANIFEST_ID_LEN + 1], version[MANIFEST_ID_LEN + 1], holder[MANIFEST_NAME_MAX + 1];
	bool wanted; /* it must have one; else it must have none */
	bool there;
};

static int
next(struct house *h, struct place *at, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT v.dataset, v.id, d.holder, v.state NOT IN ('RECEIVED', 'ERASED'), c.version IS NOT NULL "
	    "OR "
	    "p.version IS NOT NULL FROM "
	    "version v JOIN dataset d ON d.id = v.dataset LEFT JOIN source_content c ON c.version = v.id "
	    "LEFT JOIN pushed p ON p.version = v.id "
	    "WHERE "
	    "(v.dataset, v.id) > (?, ?) ORDER BY v.dataset, v.id LIMIT 1",
	    "ss", at->dataset, at->version);
	int more = ledger_next(q, e);

	if (more == 1) {
		at->wanted = ledger_int(q, 3) != 0;
		at->there = ledger_int(q, 4) != 0;
		if (!take(q, 0, at->dataset, sizeof(at->dataset)) ||
		    !take(q, 1, at->version, sizeof(at->version)) ||
		    !take(q, 2, at->holder, sizeof(at->holder)))
			more = err_set(e, ERR_FORGED, "ledger: a version's row is damaged");
	}
	ledger_end(q);
	return more;
}

int
verify_origins(struct house *h, const char *version_id, struct err *e)
{
	char dataset[MANIFEST_ID_LEN + 1] = "";
	struct place at = {.wanted = false};
	struct helper x = HELPER_NONE;
	struct origin o;
	int more;

	while ((more = next(h, &at, e)) == 1) {
		if (version_id != NULL && strcmp(version_id, at.version) != 0)
			continue;
		if (!at.wanted && !at.there)
			continue;
		if (!at.wanted) {
			more = err_set(e, ERR_FORGED,
			    "ledger: version %s has what it was pushed from, and should have nothing of it",
			    at.version);
			break;
		}
		/* One program a dataset: its key opens no other's. */
		if (strcmp(dataset, at.dataset) != 0) {
			helper_kill(&x);
			memcpy(dataset, at.dataset, sizeof(dataset));
			if (origin_helper(h, at.holder, dataset, &x, e) == -1) {
				more = -1;
				break;
			}
		}
		if (origin_check(h, &x, at.version, &o, e) == -1) {
			more = -1;
			break;
		}
	}
	helper_kill(&x);
	return more;
}
