/* Proving one version: manifest, acceptance, shard table, wrapped keys, and every sum of every body. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "children.h"
#include "stager/c4gh.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/keystore.h"
#include "stager/ledger.h"
#include "verify.h"
#include "version.h"

/* A body: its length, each segment's place in its nonce, each segment's sum, and the sums' digest. */
static int
verify_body(struct verification *x, const struct version *v, const char *set, const struct shard_line *line,
    struct sums *sums, struct err *e)
{
	uint8_t *segment = malloc(C4GH_SEGMENT_MAX), sum[SUM_LEN], stored[SUM_LEN], digest[SUM_LEN];
	char path[4 * MANIFEST_NAME_MAX];
	int body = -1, sums_fd = -1, rc = -1;
	uint64_t left = line->body;
	struct stat st;

	if (segment == NULL) {
		err_set(e, ERR_SYSTEM, "verify: out of memory");
		goto out;
	}
	(void)snprintf(path, sizeof(path), "vault/%s/%s/%s.sums", v->id, set, line->name);
	if ((sums_fd = openat(x->h->folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) == -1 ||
	    fstat(sums_fd, &st) == -1 || (uint64_t)st.st_size != line->segments * SUM_LEN) {
		err_set(e, ERR_FORGED, "%s: missing, or of the wrong length", path);
		goto out;
	}
	(void)snprintf(path, sizeof(path), "vault/%s/%s/%s.body", v->id, set, line->name);
	if ((body = openat(x->h->folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) == -1 ||
	    fstat(body, &st) == -1 || (uint64_t)st.st_size != line->body) {
		err_set(e, ERR_FORGED, "%s: missing, or of the wrong length", path);
		goto out;
	}
	for (uint64_t i = 0; i < line->segments; i++) {
		size_t len = left < C4GH_SEGMENT_MAX ? (size_t)left : C4GH_SEGMENT_MAX;

		if (io_read_exact(body, segment, len, path, e) == -1 ||
		    io_read_exact(sums_fd, stored, SUM_LEN, path, e) == -1 ||
		    sums_segment(sums, segment, len, sum, e) == -1 ||
		    sums_update(sums, stored, SUM_LEN, e) == -1)
			goto out;
		if (memcmp(sum, stored, SUM_LEN) != 0) {
			err_set(e, ERR_FORGED, "%s: segment %llu is not what its sum says", path,
			    (unsigned long long)i);
			goto out;
		}
		left -= len;
		x->result->bytes += len;
		if (x->progress != NULL && i % 64 == 0)
			x->progress(x->ctx, x->result->bytes, 0);
	}
	if (sums_final(sums, digest, e) == -1)
		goto out;
	if (memcmp(digest, line->sums, SUM_LEN) != 0) {
		err_set(e, ERR_FORGED, "%s: its sums are not the ones that the shard table names", path);
		goto out;
	}
	x->result->shards++;
	rc = 0;
out:
	free(segment);
	io_close(&body);
	io_close(&sums_fd);
	return rc;
}

/* A row of the ledger: the table's very line, and a wrapped key that opens to what the line commits to. */
static int
verify_row(struct helper *key, const struct version *v, const char *set, struct ledger_query *q,
    const struct shard_line *line, size_t at, struct err *e)
{
	char shard[4 * MANIFEST_NAME_MAX], commitment[2 * COMMITMENT_LEN + 1], wrapped[2 * WRAPPED_LEN + 1];
	struct buf expected;
	struct json *j, *ok;
	size_t len;
	const void *data = ledger_blob(q, 0, &len);
	int rc = -1;

	buf_init(&expected, 4096);
	if (table_encode_line(line, &expected, e) == -1)
		goto out;
	if (len != expected.len || memcmp(data, expected.data, len) != 0 ||
	    strcmp(ledger_text(q, 2), line->name) != 0 || ledger_int(q, 3) != (int64_t)at) {
		err_set(e, ERR_FORGED, "ledger: %s of version %s is not as the shard table has it",
		    line->name, v->id);
		goto out;
	}
	data = ledger_blob(q, 1, &len);
	if (len != WRAPPED_LEN) {
		err_set(e, ERR_FORGED, "ledger: the key of %s of version %s is damaged", line->name, v->id);
		goto out;
	}
	hex_encode(data, len, wrapped);
	hex_encode(line->commitment, COMMITMENT_LEN, commitment);
	(void)snprintf(shard, sizeof(shard), "%s/%s/%s", v->id, set, line->name);
	j = json_object();
	json_set_string(j, "shard", shard);
	json_set_string(j, "commitment", commitment);
	json_set_string(j, "wrapped", wrapped);
	if ((ok = helper_ask(key, WIRE_KEY_PROVE, j, WIRE_OK, e)) != NULL) {
		json_free(ok);
		rc = 0;
	}
out:
	buf_free(&expected);
	return rc;
}

/* All of a set: table, rows, keys, bodies. digest NULL: not signed yet (HELD). */
static int
verify_set(struct verification *x, const struct version *v, const struct version_set *set,
    const uint8_t *digest, struct err *e)
{
	struct shard_table *table = NULL;
	struct helper key = HELPER_NONE;
	struct ledger_query *q = NULL;
	struct sums *sums = NULL;
	uint8_t is[DIGEST_LEN];
	char name[2 * MANIFEST_NAME_MAX];
	struct buf text;
	uint64_t bytes = 0, members = 0;
	size_t row = 0;
	int rc = -1, more;

	buf_init(&text, 64u << 20);
	(void)snprintf(name, sizeof(name), "%s/shards.jsonl", set->name);
	if (version_read(x->h, v->id, name, &text, e) == -1 ||
	    (table = table_decode(text.data, text.len, e)) == NULL) {
		e->code = ERR_FORGED;
		goto out;
	}
	digest_bytes(text.data, text.len, is);
	if ((digest != NULL && memcmp(digest, is, DIGEST_LEN) != 0) ||
	    (int64_t)table->count != set->shards + 1) {
		err_set(e, ERR_FORGED, "version %s: its shard table is not the one that the manifest names",
		    v->id);
		goto out;
	}
	if ((sums = sums_new(e)) == NULL || house_key_start(x->h, "open", false, &key, e) == -1 ||
	    house_kek(x->h, &key, v->dataset_id, e) == -1)
		goto out;
	q = ledger_query(x->h->ledger, e,
	    "SELECT line, wrapped, name, row FROM shard WHERE version = ? AND set_name = ? ORDER BY row",
	    "ss", v->id, set->name);
	while ((more = ledger_next(q, e)) == 1) {
		if (row == table->count) {
			err_set(e, ERR_FORGED, "ledger: version %s has more shards than its table", v->id);
			goto out;
		}
		if (verify_row(&key, v, set->name, q, &table->shards[row], row, e) == -1 ||
		    verify_body(x, v, set->name, &table->shards[row], sums, e) == -1)
			goto out;
		/* The last row is the index, which is no member. */
		if (++row < table->count) {
			bytes += table->shards[row - 1].plain;
			members += table->shards[row - 1].members;
		}
	}
	if (more == -1)
		goto out;
	if (bytes != (uint64_t)set->bytes || members != (uint64_t)set->members) {
		err_set(e, ERR_FORGED, "ledger: the counts of version %s are not its shard table's", v->id);
		goto out;
	}
	if (row != table->count) {
		err_set(e, ERR_FORGED, "ledger: shards of version %s are missing", v->id);
		goto out;
	}
	rc = helper_end(&key, e);
out:
	ledger_end(q);
	helper_kill(&key);
	sums_free(sums);
	table_free(table);
	buf_free(&text);
	return rc;
}

/* Each that is not empty. m NULL: not signed yet (HELD). */
static int
verify_sets(struct verification *x, const struct version *v, const struct manifest *m, struct err *e)
{
	for (size_t i = 0; i < v->set_count; i++)
		if (v->sets[i].shards > 0 &&
		    verify_set(x, v, &v->sets[i], m == NULL ? NULL : manifest_set(m, v->sets[i].name)->table,
			e) == -1)
			return -1;
	return 0;
}

/* The sets of the statement are those of the ledger that are not empty. */
static bool
same_sets(const struct version *v, const struct manifest *m)
{
	size_t there = 0;

	for (size_t i = 0; i < v->set_count; i++) {
		const struct manifest_set *set = manifest_set(m, v->sets[i].name);

		if (v->sets[i].shards == 0)
			continue;
		if (set == NULL || (int64_t)set->shards != v->sets[i].shards ||
		    (int64_t)set->members != v->sets[i].members)
			return false;
		there++;
	}
	return there == m->set_count;
}

/* The statement against the row. */
static int
compare(struct house *h, const struct version *v, const struct manifest *m, struct err *e)
{
	uint8_t policy[DIGEST_LEN], report[DIGEST_LEN];
	char ruleset[DIGEST_HEX_LEN + 1], predecessor[DIGEST_HEX_LEN + 1] = "";

	version_salted(v->policy_salt, &v->policy_text, policy);
	version_salted(v->report_salt, &v->report_text, report);
	hex_encode(m->ruleset, DIGEST_LEN, ruleset);
	if (m->has_predecessor)
		hex_encode(m->predecessor, DIGEST_LEN, predecessor);
	if (strcmp(m->house, h->card.house) != 0 || strcmp(m->holder, v->holder) != 0 ||
	    strcmp(m->dataset, v->dataset) != 0 || strcmp(m->dataset_id, v->dataset_id) != 0 ||
	    strcmp(m->version_id, v->id) != 0 || (int64_t)m->version != v->number ||
	    memcmp(m->policy, policy, DIGEST_LEN) != 0 || memcmp(m->report, report, DIGEST_LEN) != 0 ||
	    !same_sets(v, m) || strcmp(m->scrubber, v->scrubber) != 0 || strcmp(ruleset, v->ruleset) != 0 ||
	    strcmp(predecessor, v->predecessor) != 0)
		return err_set(
		    e, ERR_FORGED, "ledger: the row of version %s is not what its manifest says", v->id);
	return 0;
}

struct manifest *
verify_manifest(struct house *h, const struct version *v, struct err *e)
{
	char hex[DIGEST_HEX_LEN + 1];
	uint8_t digest[DIGEST_LEN];
	struct manifest *m = NULL;
	struct dsse *d = NULL;
	struct buf stored;
	char path[128];
	bool good = false;

	buf_init(&stored, 4 * MANIFEST_MAX);
	(void)snprintf(path, sizeof(path), "vault/%s/manifest.json", v->id);
	if (verify_file(h, path, e) == -1 || version_read(h, v->id, "manifest.json", &stored, e) == -1)
		goto out;
	if (stored.len != v->manifest.len || memcmp(stored.data, v->manifest.data, stored.len) != 0) {
		err_set(e, ERR_FORGED, "version %s: the manifest in the vault is not the ledger's", v->id);
		goto out;
	}
	if ((d = dsse_decode(stored.data, stored.len, "manifest", e)) == NULL) {
		e->code = ERR_FORGED;
		goto out;
	}
	if (dsse_check(d, DSSE_MANIFEST, h->card.key, "manifest", e) == -1 ||
	    (m = manifest_decode(d->payload.data, d->payload.len, e)) == NULL)
		goto out;
	digest_bytes(d->payload.data, d->payload.len, digest);
	hex_encode(digest, DIGEST_LEN, hex);
	if (strcmp(hex, v->digest) != 0) {
		err_set(e, ERR_FORGED, "ledger: the manifest digest of version %s is wrong", v->id);
		goto out;
	}
	if (compare(h, v, m, e) == -1 || verify_entry(h, "manifest", v->id, "manifest", hex, e) == -1)
		goto out;
	good = true;
out:
	if (!good) {
		manifest_free(m);
		m = NULL;
	}
	dsse_free(d);
	buf_free(&stored);
	return m;
}

/* By a steward of the holder, over this very version. */
static int
check_acceptance(struct verification *x, const struct version *v, struct err *e)
{
	struct dsse *d = dsse_decode(v->acceptance.data, v->acceptance.len, "acceptance", e);
	struct steward by;
	int rc = -1;

	if (d == NULL || version_check_acceptance(x->h, v, d, &by, e) == -1)
		e->code = ERR_FORGED;
	else
		rc = 0;
	dsse_free(d);
	return rc;
}

static int
verify_acceptance(struct verification *x, const struct version *v, struct err *e)
{
	char hex[DIGEST_HEX_LEN + 1];
	uint8_t digest[DIGEST_LEN];

	if (check_acceptance(x, v, e) == -1)
		return -1;
	digest_bytes(v->acceptance.data, v->acceptance.len, digest);
	hex_encode(digest, DIGEST_LEN, hex);
	return verify_entry(x->h, "accept", v->id, "envelope", hex, e);
}

/*
 * States that no log entry speaks of yet. That none of them hides one that the log does speak of is verify_effect's to see; here:
 * that what was counted is what the state says.
 */
static int
verify_unlogged(struct verification *x, const struct version *v, struct err *e)
{
	bool hold, held = strcmp(v->state, "HELD") == 0;

	if (!held && strcmp(v->state, "SEALED") != 0) {
		if (strcmp(v->state, "RECEIVED") == 0 && v->report == NULL && v->manifest.len == 0)
			return 0; /* nothing of it is there yet */
		return err_set(
		    e, ERR_FORGED, "ledger: version %s is called %s, which it is not", v->id, v->state);
	}
	hold = v->report != NULL && version_must_hold(v->policy, v->report, (uint64_t)v->shards);
	if (v->report == NULL || (held && !hold))
		return err_set(
		    e, ERR_FORGED, "ledger: version %s is called %s, which it is not", v->id, v->state);
	if (!held && hold && check_acceptance(x, v, e) == -1)
		return err_context(e, "version %s: SEALED though it was to be held", v->id);
	return verify_sets(x, v, NULL, e);
}

/* A version that was added to another: the log knows for it that the other was opened, before it has any other entry about it. */
static int
verify_appended(struct house *h, const struct version *v, struct err *e)
{
	const struct json *appended = json_get(v->report, "appended");
	char base[MANIFEST_ID_LEN + 1] = "";
	struct ledger_query *q;
	int64_t number, first = INT64_MAX;
	int more;

	if (appended == NULL)
		return 0;
	if (json_need_int(appended, "version", 1, JSON_INT_MAX, "ledger: report", &number, e) == -1) {
		e->code = ERR_FORGED;
		return -1;
	}
	q = ledger_query(h->ledger, e, "SELECT id FROM version WHERE dataset = ? AND number = ?", "si",
	    v->dataset_id, number);
	if ((more = ledger_next(q, e)) == 1)
		(void)snprintf(base, sizeof(base), "%s", ledger_text(q, 0));
	ledger_end(q);
	if (more == -1)
		return -1;
	q = ledger_query(
	    h->ledger, e, "SELECT min(place) FROM opening WHERE about = ? AND place IS NOT NULL", "s", v->id);
	if ((more = ledger_next(q, e)) == 1 && !ledger_null(q, 0))
		first = ledger_int(q, 0);
	ledger_end(q);
	return more == -1 ? -1 : verify_entry_before(h, first, "append-begin", base, "successor", v->id, e);
}

int
verify_version(struct verification *x, const char *id, struct err *e)
{
	struct version *v = version_load(x->h, id, e);
	struct manifest *m = NULL;
	bool signed_one, accepted;
	int rc = -1;

	if (v == NULL)
		return -1;
	accepted = strcmp(v->state, "ACCEPTED") == 0 || strcmp(v->state, "SENT") == 0;
	signed_one = accepted || strcmp(v->state, "LOGGED") == 0;
	x->result->versions++;
	if (verify_review(x->h, id, e) == -1 || verify_appended(x->h, v, e) == -1) {
		rc = -1;
	} else if (strcmp(v->state, "REJECTED") == 0) {
		rc = verify_entry(x->h, "reject", id, "version-id", id, e);
	} else if (strcmp(v->state, "WITHDRAWN") == 0) {
		rc = verify_entry(x->h, "withdraw", id, "version-id", id, e);
	} else if (strcmp(v->state, "ERASED") == 0) {
		rc = verify_entry(x->h, "erase", id, "version-id", id, e);
	} else if (signed_one) {
		if ((m = verify_manifest(x->h, v, e)) != NULL &&
		    (!accepted || verify_acceptance(x, v, e) == 0) &&
		    (strcmp(v->state, "SENT") != 0 ||
			verify_entry(x->h, "delivery", id, "version-id", id, e) == 0))
			rc = verify_sets(x, v, m, e);
	} else {
		rc = verify_unlogged(x, v, e);
	}
	manifest_free(m);
	version_free(v);
	return rc;
}
