/* Re-reading and proving everything: the ledger against the signatures, the log, the key store and the vault. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "children.h"
#include "entries.h"
#include "receipt.h"
#include "request.h"
#include "root.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/log.h"
#include "verify.h"
#include "version.h"

/* What followed from an entry stands in the ledger. */
static int
followed(void *ctx, uint64_t place, const char *type, const char *about, const void *json, size_t len,
    struct err *e)
{
	/*
	 * About nothing: a crash came before its effect (house_record). But what an opening is about is in no commitment, and who
	 * writes to the ledger could have a cancelled request back so: of that the effect must be there. After a crash it is
	 * cancelled again.
	 */
	if (about == NULL && strcmp(type, "cancel") != 0)
		return 0;
	return verify_effect(ctx, place, type, about, json, len, e);
}

int
verify_entry_before(struct house *h, int64_t place, const char *type, const char *about, const char *key,
    const char *value, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT json FROM opening WHERE type = ? AND about = ? AND place < ?", "ssi", type, about, place);
	int more, found = 0;

	while ((more = ledger_next(q, e)) == 1) {
		size_t len;
		const void *data = ledger_blob(q, 0, &len);
		struct json *j = json_parse(data, len, "opening", e);
		const struct json *is = json_get(j, key);

		found |= is != NULL && is->type == JSON_STRING && strcmp(is->string, value) == 0;
		json_free(j);
	}
	ledger_end(q);
	if (more == -1)
		return -1;
	if (!found)
		return err_set(e, ERR_FORGED, "ledger: %s %.64s is not as the log has it", type, about);
	return 0;
}

int
verify_entry(
    struct house *h, const char *type, const char *about, const char *key, const char *value, struct err *e)
{
	return verify_entry_before(h, INT64_MAX, type, about, key, value, e);
}

int
verify_file(struct house *h, const char *path, struct err *e)
{
	if (faccessat(h->folder, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return errno == ENOENT ? err_set(e, ERR_FORGED, "%s: missing", path) : err_sys(e, "%s", path);
}

/* Kept in a file, and not given by another way. */
static bool
file_root(const struct house *h)
{
	const struct json *kind = json_get(h->root_setting, "kind");

	return kind != NULL && kind->type == JSON_STRING && strcmp(kind->string, "file") == 0 &&
	       h->root_from.fd == -1 && h->root_from.credential == NULL;
}

/* The card as it was at the house's first log entry, and each key blob by having it opened. */
static int
verify_keys(struct house *h, uint64_t log_size, struct err *e)
{
	static const char *const purposes[] = {"sign", "pseudonym", "ingest"};
	static const char *const blobs[] = {"sign", "pseudonym", "ingest", "open", "log"};
	char hex[DIGEST_HEX_LEN + 1], zeros[DIGEST_HEX_LEN + 1];
	uint8_t digest[DIGEST_LEN];
	struct helper x = HELPER_NONE;
	struct json *j, *got;
	struct buf card;
	char path[64];
	int64_t seen;
	int rc = -1;

	buf_init(&card, 4096);
	if (verify_generation(h, e) == -1 || (file_root(h) && root_prove(h, e) == -1))
		goto out;
	if (io_read_file(h->folder, "house.json", &card, e) == -1)
		goto out;
	digest_bytes(card.data, card.len, digest);
	hex_encode(digest, DIGEST_LEN, hex);
	if (verify_entry(h, "house", "house", "card", hex, e) == -1)
		goto out;
	for (size_t i = 0; i < sizeof(blobs) / sizeof(blobs[0]); i++) {
		store_path(h, blobs[i], path, sizeof(path));
		if (verify_file(h, path, e) == -1)
			goto out;
	}
	if (verify_file(h, "keys/open.journal", e) == -1 || verify_file(h, "keys/register", e) == -1)
		goto out;
	for (size_t i = 0; i < sizeof(purposes) / sizeof(purposes[0]); i++)
		if (house_key_start(h, purposes[i], false, &x, e) == -1 || helper_end(&x, e) == -1)
			goto out;
	if (house_log_start(h, &x, e) == -1 || helper_end(&x, e) == -1)
		goto out;
	/* A judge reads the whole journal and the register before it gives a challenge. */
	if (house_key_start(h, "open", true, &x, e) == -1)
		goto out;
	memset(zeros, '0', DIGEST_HEX_LEN);
	zeros[DIGEST_HEX_LEN] = '\0';
	j = json_object();
	json_set_string(j, "request", zeros);
	if ((got = helper_ask(&x, WIRE_CHALLENGE, j, WIRE_CHALLENGE_IS, e)) == NULL)
		goto out;
	if (json_need_int(got, "size", 0, JSON_INT_MAX, "stager-key", &seen, e) == -1)
		rc = -1;
	else if ((uint64_t)seen > log_size)
		rc = err_set(
		    e, ERR_FORGED, "log: rolled back: stager-key has seen %lld entries", (long long)seen);
	else if (release_journal_check(h, seen, e) == 0)
		rc = helper_end(&x, e);
	json_free(got);
out:
	helper_kill(&x);
	buf_free(&card);
	return rc;
}

/* Holders, stewards: each as its log entry has it. */
static int
verify_people(struct house *h, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e, "SELECT name FROM holder", "");
	int more;

	while ((more = ledger_next(q, e)) == 1)
		if (verify_entry(h, "holder", ledger_text(q, 0), "holder", ledger_text(q, 0), e) == -1)
			goto fail;
	ledger_end(q);
	if (more == -1)
		return -1;
	q = ledger_query(h->ledger, e, "SELECT key, holder, person FROM steward", "");
	while ((more = ledger_next(q, e)) == 1)
		if (verify_entry(h, "steward", ledger_text(q, 0), "holder", ledger_text(q, 1), e) == -1 ||
		    verify_entry(h, "steward", ledger_text(q, 0), "person", ledger_text(q, 2), e) == -1)
			goto fail;
	ledger_end(q);
	return more;
fail:
	ledger_end(q);
	return -1;
}

/* Requests: their bytes, that they were logged, and where they are called approved, that they are. */
static int
verify_requests(struct house *h, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e, "SELECT id, version FROM request", "");
	char hex[DIGEST_HEX_LEN + 1], digest_hex[DIGEST_HEX_LEN + 1];
	bool approved;
	struct case_file *c = NULL;
	int more, rc = -1;

	while ((more = ledger_next(q, e)) == 1) {
		case_free(c);
		if ((c = case_load(h, ledger_text(q, 0), e)) == NULL)
			goto out;
		hex_encode(c->request.digest, DIGEST_LEN, digest_hex);
		if (strcmp(c->request.version_id, ledger_text(q, 1)) != 0) {
			err_set(e, ERR_FORGED, "ledger: request %s is about another version", c->request.id);
			goto out;
		}
		if (verify_entry(h, "request", c->request.id, "request", digest_hex, e) == -1)
			goto out;
		for (size_t i = 0; i < c->approval_count; i++) {
			uint8_t digest[DIGEST_LEN];

			digest_bytes(c->envelopes[i].data, c->envelopes[i].len, digest);
			hex_encode(digest, DIGEST_LEN, hex);
			if (verify_entry(h, "approval", c->request.id, "envelope", hex, e) == -1)
				goto out;
		}
		if (strcmp(c->state, "CANCELLED") == 0) {
			if (verify_entry(h, "cancel", c->request.id, "request", digest_hex, e) == -1)
				goto out;
			continue;
		}
		approved = c->approval_count >= 2 &&
			   request_check_approvals(&c->request, c->text.data, c->text.len, c->stewards,
			       c->steward_count, c->approvals, c->approval_count, e) == 0;
		if (approved != (strcmp(c->state, "APPROVED") == 0)) {
			err_set(e, ERR_FORGED, "ledger: request %s is called %s, which it is not",
			    c->request.id, c->state);
			goto out;
		}
	}
	rc = more;
out:
	case_free(c);
	ledger_end(q);
	return rc;
}

int
house_verify(struct house *h, const char *version_id,
    void (*progress)(void *ctx, uint64_t bytes, uint64_t total), void *ctx, struct verify_result *result,
    struct err *e)
{
	struct verification x = {.h = h, .progress = progress, .ctx = ctx, .result = result};
	struct ledger_query *q = NULL;
	struct log *log = NULL;
	int rc = -1, folder = -1, more;
	uint64_t entries;
	bool found = false;

	*result = (struct verify_result){.entries = 0};
	if (ledger_check(h->ledger, e) == -1 || (log = house_log(h, &folder, e)) == NULL ||
	    log_verify(log, e) == -1 || entries_each(h, followed, h, &entries, e) == -1 ||
	    verify_keys(h, entries, e) == -1 || verify_people(h, e) == -1 || verify_requests(h, e) == -1 ||
	    verify_releases(h, e) == -1 || verify_receipts(h, e) == -1 || verify_deliveries(h, e) == -1 ||
	    verify_withdrawals(h, e) == -1 || verify_gathered(h, NULL, NULL, e) == -1 ||
	    verify_origins(h, version_id, e) == -1)
		goto out;
	result->entries = entries;
	q = ledger_query(h->ledger, e, "SELECT id FROM version ORDER BY at, id", "");
	while ((more = ledger_next(q, e)) == 1) {
		if (version_id != NULL && strcmp(version_id, ledger_text(q, 0)) != 0)
			continue;
		found = true;
		if (verify_version(&x, ledger_text(q, 0), e) == -1)
			goto out;
	}
	if (more == -1)
		goto out;
	if (version_id != NULL && !found) {
		err_set(e, ERR_UNKNOWN, "version %.32s: there is no such version", version_id);
		goto out;
	}
	rc = 0;
out:
	ledger_end(q);
	log_free(log);
	io_close(&folder);
	return rc;
}
