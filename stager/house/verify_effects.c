/* Proving that what the log has an entry about stands in the ledger: nobody's row can go, or go back, unseen. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stager/enc.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/manifest.h"
#include "verify.h"

/*
 * For each type of entry: what its opening is about, and the row that it must have left. In the statement ?1 is what it is
 * about, ?2 the second key's value, ?3 the entry's place. Types that are not here leave nothing in the ledger.
 */
static const struct {
	const char *type, *about, *second, *row;
} effects[] = {
    {"holder", "holder", NULL, "SELECT 1 FROM holder WHERE name = ?1"},
    {"steward", "key", "person", "SELECT 1 FROM steward WHERE key = ?1 AND person = ?2"},
    {"gather", "version-id", "context",
	"SELECT 1 FROM gathered WHERE version = ?1 AND context = ?2 AND place = ?3"},
    {"manifest", "version-id", "manifest",
	"SELECT 1 FROM version WHERE id = ?1 AND digest = ?2 AND state IN ('LOGGED', 'ACCEPTED', 'SENT', "
	"'REJECTED', "
	"'WITHDRAWN', 'ERASED')"},
    {"review", "version-id", "set",
	"SELECT 1 FROM review WHERE version = ?1 AND set_name = ?2 AND place <= ?3"},
    {"accept", "version-id", NULL,
	"SELECT 1 FROM version WHERE id = ?1 AND state IN ('ACCEPTED', 'SENT', 'WITHDRAWN', 'ERASED')"},
    {"erase", "version-id", NULL,
	"SELECT 1 FROM version WHERE id = ?1 AND state = 'ERASED' AND NOT EXISTS (SELECT 1 FROM shard WHERE "
	"version = ?1)"},
    {"withdraw-list", "dataset-id", NULL, "SELECT 1 FROM withdrawal WHERE dataset = ?1 AND place = ?3"},
    {"withdraw-begin", "version-id", "dataset-id", "SELECT 1 FROM version WHERE id = ?1 AND dataset = ?2"},
    {"append-begin", "version-id", "dataset-id", "SELECT 1 FROM version WHERE id = ?1 AND dataset = ?2"},
    {"withdraw", "version-id", NULL,
	"SELECT 1 FROM version WHERE id = ?1 AND state IN ('WITHDRAWN', 'ERASED') AND NOT EXISTS (SELECT 1 "
	"FROM shard WHERE version = ?1)"},
    {"reject", "version-id", NULL, "SELECT 1 FROM version WHERE id = ?1 AND state = 'REJECTED'"},
    {"request", "request", NULL, "SELECT 1 FROM request WHERE id = ?1"},
    {"approval", "request", "steward", "SELECT 1 FROM approval WHERE request = ?1 AND key = ?2"},
    {"cancel", "request", NULL, "SELECT 1 FROM request WHERE id = ?1 AND state = 'CANCELLED'"},
    {"release", "request", "node", "SELECT 1 FROM release WHERE request = ?1 AND node = ?2 AND place = ?3"},
    {"refusal", "request", NULL, NULL},
    {"receipt", "request", "receipt",
	"SELECT 1 FROM receipt WHERE request = ?1 AND digest = ?2 AND place = ?3"},
    {"endpoint", "endpoint", "url", "SELECT 1 FROM endpoint WHERE name = ?1 AND url = ?2"},
    {"endpoint-remove", "endpoint", NULL, "SELECT 1 FROM endpoint WHERE name = ?1 AND removed = 1"},
    {"send", "version-id", "url", "SELECT 1 FROM delivery WHERE version = ?1 AND url = ?2"},
    {"remove", "version-id", "url",
	"SELECT 1 FROM delivery d JOIN version v ON v.id = d.version WHERE v.id = ?1 AND d.url = ?2 AND "
	"d.state IN "
	"('REMOVING', 'REMOVED') AND v.state IN ('WITHDRAWN', 'ERASED')"},
    {"removed", "version-id", "url",
	"SELECT 1 FROM delivery WHERE version = ?1 AND url = ?2 AND state = 'REMOVED'"},
    {"delivery", "version-id", "url",
	"SELECT 1 FROM delivery_record r JOIN delivery d ON d.place = r.delivery JOIN version v ON v.id = "
	"d.version WHERE "
	"v.id = ?1 AND d.url = ?2 AND r.place = ?3 AND v.state IN ('SENT', 'WITHDRAWN', 'ERASED')"},
};

/* Of a request the log has the digest, whose beginning is the id. */
static int
subject_of(const struct json *j, const char *key, char *out, size_t size, struct err *e)
{
	const char *value = json_need_string(j, key, "opening", e);
	uint8_t digest[DIGEST_LEN];

	if (value == NULL)
		return -1;
	if (strcmp(key, "request") != 0) {
		(void)snprintf(out, size, "%s", value);
		return 0;
	}
	if (hex_decode(value, digest, sizeof(digest), "opening: request", e) == -1)
		return -1;
	base32_encode(digest, 16, out);
	return 0;
}

/* What stands in a new version was opened before: of a withdrawal the log says so first, of the same version by the same list. */
static int
opened_before(
    struct house *h, uint64_t place, const char *subject, const struct json *withdraw, struct err *e)
{
	const struct json *successor = json_get(withdraw, "successor");
	const char *list = json_need_string(withdraw, "list", "opening", e);

	if (list == NULL) {
		e->code = ERR_FORGED;
		return -1;
	}
	if (successor == NULL || successor->type != JSON_STRING)
		return 0;
	return verify_entry_before(h, (int64_t)place, "withdraw-begin", subject, "list", list, e) == -1
		   ? err_context(e, "log entry %" PRIu64 " (withdraw): nothing was opened for it", place)
		   : 0;
}

/* The version of a request can be released: 0 or 1; -1 with e set. */
static int
releasable(struct house *h, const char *request, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT 1 FROM request r JOIN version v ON v.id = r.version WHERE r.id = ? AND v.state IN "
	    "('ACCEPTED', 'SENT')",
	    "s", request);
	int found = ledger_next(q, e);

	ledger_end(q);
	return found;
}

int
verify_effect(struct house *h, uint64_t place, const char *type, const char *about, const void *text,
    size_t len, struct err *e)
{
	char subject[256] = "";
	const char *second = "";
	struct ledger_query *q;
	struct json *j = NULL;
	int rc = -1, found;
	size_t i;

	for (i = 0; i < sizeof(effects) / sizeof(effects[0]); i++)
		if (strcmp(effects[i].type, type) == 0)
			break;
	if (i == sizeof(effects) / sizeof(effects[0]))
		return 0;
	if ((j = json_parse(text, len, "opening", e)) == NULL ||
	    subject_of(j, effects[i].about, subject, sizeof(subject), e) == -1 ||
	    (effects[i].second != NULL &&
		(second = json_need_string(j, effects[i].second, "opening", e)) == NULL)) {
		e->code = ERR_FORGED;
		goto out;
	}
	if (about != NULL && strcmp(subject, about) != 0) {
		err_set(e, ERR_FORGED,
		    "ledger: the opening of log entry %" PRIu64 " is said to be about something else", place);
		goto out;
	}
	if (effects[i].row == NULL) {
		rc = 0;
		goto out;
	}
	/* A withdrawal that was cut, and cancels what nobody can have any more, goes on when it is run again. */
	if (about == NULL && (found = releasable(h, subject, e)) != 1) {
		rc = found;
		goto out;
	}
	q = ledger_query(h->ledger, e, effects[i].row,
	    strstr(effects[i].row, "?3") != NULL ? "ssi"
	    : effects[i].second != NULL          ? "ss"
						 : "s",
	    subject, second, (int64_t)place);
	found = ledger_next(q, e);
	ledger_end(q);
	if (found == 0)
		err_set(e, ERR_FORGED,
		    "ledger: what followed from log entry %" PRIu64 " (%s) is missing or was changed", place,
		    effects[i].type);
	rc = found == 1 ? 0 : -1;
	if (rc == 0 && strcmp(type, "withdraw") == 0)
		rc = opened_before(h, place, subject, j, e);
out:
	json_free(j);
	return rc;
}

int
verify_generation(struct house *h, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT json FROM opening WHERE type IN ('root-rotate', 'erase-keys') AND place IS NOT NULL AND "
	    "about "
	    "IS NOT NULL ORDER BY place",
	    "");
	int64_t last = 1, next = 0;
	int more;

	while ((more = ledger_next(q, e)) == 1) {
		size_t len;
		const void *text = ledger_blob(q, 0, &len);
		struct json *j = json_parse(text, len, "opening", e);
		bool follows = j != NULL &&
			       json_need_int(j, "generation", 2, UINT32_MAX, "opening", &next, e) == 0 &&
			       next == last + 1;

		json_free(j);
		if (!follows) {
			more = err_set(e, ERR_FORGED,
			    "log: generation %" PRId64 " of the key store does not follow %" PRId64, next,
			    last);
			break;
		}
		last = next;
	}
	ledger_end(q);
	if (more == -1)
		return -1;
	if (last != h->generation)
		return err_set(e, ERR_FORGED,
		    "key store: generation %u is in force, where the log says %" PRId64, h->generation, last);
	return 0;
}

int
verify_releases(struct house *h, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT r.place, r.request, r.slot, r.restart, r.node, o.json FROM release r "
	    "LEFT JOIN opening o ON o.place = r.place AND o.type = 'release' AND o.about = r.request",
	    "");
	int more, rc = -1;

	while ((more = ledger_next(q, e)) == 1) {
		const struct json *slot, *restart, *node;
		struct json *j = NULL;
		bool same = false;
		size_t len;
		const void *text = ledger_blob(q, 5, &len);

		if (!ledger_null(q, 5) && (j = json_parse(text, len, "opening", e)) != NULL) {
			slot = json_get(j, "slot");
			restart = json_get(j, "restart");
			node = json_get(j, "node");
			same = slot != NULL && slot->integer == ledger_int(q, 2) && restart != NULL &&
			       restart->integer == ledger_int(q, 3) && node != NULL &&
			       node->type == JSON_STRING && strcmp(node->string, ledger_text(q, 4)) == 0;
		}
		json_free(j);
		if (!same) {
			err_set(e, ERR_FORGED, "ledger: a release of request %.32s is not as the log has it",
			    ledger_text(q, 1));
			goto out;
		}
	}
	rc = more;
out:
	ledger_end(q);
	return rc;
}

/* The entry says what the row says, and of which version. */
static bool
same_gathered(const void *text, size_t len, const void *row, size_t row_len)
{
	struct json *j = json_parse(text, len, "opening", NULL), *said = json_object();
	struct buf out;
	bool same;

	buf_init(&out, row_len);
	for (size_t i = 0; j != NULL && i < j->count; i++)
		if (strcmp(j->keys[i], "at") != 0 && strcmp(j->keys[i], "version-id") != 0)
			json_set(said, j->keys[i], json_copy(j->items[i]));
	same = j != NULL && json_encode(said, &out, NULL) == 0 && out.len == row_len &&
	       memcmp(out.data, row, row_len) == 0;
	buf_free(&out);
	json_free(said);
	json_free(j);
	return same;
}

int
verify_gathered(struct house *h, const char *version_id, uint64_t *rows, struct err *e)
{
	/* One that was never entered (HELD, and what may follow from that) has no entry yet. */
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT g.version, g.json, o.json, g.place IS NULL AND v.digest IS NULL FROM gathered g JOIN "
	    "version "
	    "v ON "
	    "v.id = g.version LEFT JOIN opening o ON o.place = g.place AND o.type = 'gather' AND o.about = "
	    "g.version WHERE ?1 IS NULL OR g.version = ?1",
	    "s", version_id);
	uint64_t seen = 0;
	int more;

	while ((more = ledger_next(q, e)) == 1) {
		size_t row_len, len;
		const void *row = ledger_blob(q, 1, &row_len), *text = ledger_blob(q, 2, &len);

		seen++;
		if (ledger_int(q, 3) == 0 && (ledger_null(q, 2) || !same_gathered(text, len, row, row_len))) {
			more = err_set(e, ERR_FORGED,
			    "ledger: what was gathered of version %.32s is not as the log has it",
			    ledger_text(q, 0));
			break;
		}
	}
	ledger_end(q);
	if (rows != NULL)
		*rows = seen;
	return more;
}
