/* One version as the ledger has it. */
#include "version.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "children.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"

#define POLICY_MAX (16u << 20)

void
version_new_id(char out[static MANIFEST_ID_LEN + 1])
{
	uint8_t bytes[16];

	randombytes_buf(bytes, sizeof(bytes));
	base32_encode(bytes, sizeof(bytes), out);
}

void
version_salted(const uint8_t salt[static 32], const struct buf *bytes, uint8_t out[static DIGEST_LEN])
{
	digest_sha256((const struct digest_part[]){{salt, 32}, {bytes->data, bytes->len}}, 2, out);
}

int
version_set_state(struct house *h, const char *id, const char *state, struct err *e)
{
	return ledger_run(h->ledger, e, "UPDATE version SET state = ? WHERE id = ?", "ss", state, id);
}

int
version_state_effect(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	const struct version_state *s = ctx;

	(void)index;
	return version_set_state(h, s->id, s->state, e);
}

/* Text of a column into a fixed field; what does not fit was not written by us. */
static int
take_text(struct ledger_query *q, int column, char *out, size_t size, struct err *e)
{
	const char *text = ledger_text(q, column);

	if (strlen(text) >= size)
		return err_set(e, ERR_FORGED, "ledger: a version's row is damaged");
	memcpy(out, text, strlen(text) + 1);
	return 0;
}

static int
take_blob(struct ledger_query *q, int column, struct buf *out, struct err *e)
{
	size_t len;
	const void *data = ledger_blob(q, column, &len);

	return buf_put(out, data, len, e);
}

static int
take_salt(struct ledger_query *q, int column, uint8_t out[static 32], struct err *e)
{
	size_t len;
	const void *data = ledger_blob(q, column, &len);

	if (len != 32)
		return err_set(e, ERR_FORGED, "ledger: a version's row is damaged");
	memcpy(out, data, 32);
	return 0;
}

/* Canonical JSON of a column; what is none was altered. */
static struct json *
take_json(const struct buf *text, const char *what, struct err *e)
{
	struct json *j = json_parse_canonical(text->data, text->len, what, e);

	if (j == NULL)
		e->code = ERR_FORGED;
	return j;
}

static int
take_row(struct ledger_query *q, struct version *v, struct err *e)
{
	struct buf meta;
	int rc = -1;

	buf_init(&meta, POLICY_MAX);
	if (take_text(q, 0, v->id, sizeof(v->id), e) == -1 ||
	    take_text(q, 1, v->dataset_id, sizeof(v->dataset_id), e) == -1 ||
	    take_text(q, 2, v->dataset, sizeof(v->dataset), e) == -1 ||
	    take_text(q, 3, v->holder, sizeof(v->holder), e) == -1 ||
	    take_text(q, 4, v->state, sizeof(v->state), e) == -1 ||
	    take_text(q, 5, v->scrubber, sizeof(v->scrubber), e) == -1 ||
	    take_text(q, 6, v->ruleset, sizeof(v->ruleset), e) == -1 ||
	    take_text(q, 7, v->predecessor, sizeof(v->predecessor), e) == -1 ||
	    take_blob(q, 9, &v->policy_text, e) == -1 || take_blob(q, 10, &meta, e) == -1 ||
	    take_blob(q, 11, &v->report_text, e) == -1 || take_salt(q, 12, v->policy_salt, e) == -1 ||
	    take_salt(q, 13, v->report_salt, e) == -1 || take_blob(q, 14, &v->manifest, e) == -1 ||
	    take_text(q, 15, v->digest, sizeof(v->digest), e) == -1 ||
	    take_blob(q, 16, &v->acceptance, e) == -1)
		goto out;
	v->number = ledger_int(q, 8);
	if ((v->policy = take_json(&v->policy_text, "ledger: policy", e)) == NULL ||
	    (v->meta = take_json(&meta, "ledger: meta", e)) == NULL)
		goto out;
	if (v->report_text.len > 0 && (v->report = take_json(&v->report_text, "ledger: report", e)) == NULL)
		goto out;
	rc = 0;
out:
	buf_free(&meta);
	return rc;
}

static int
take_sets(struct house *h, struct version *v, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT name, shards, members, bytes FROM shard_set WHERE version = ? ORDER BY name", "s", v->id);
	int more;

	while ((more = ledger_next(q, e)) == 1) {
		struct version_set *set = &v->sets[v->set_count];

		if (v->set_count == MANIFEST_SETS_MAX || !manifest_name_ok(ledger_text(q, 0))) {
			more = err_set(e, ERR_FORGED, "ledger: the sets of version %s are damaged", v->id);
			break;
		}
		(void)snprintf(set->name, sizeof(set->name), "%s", ledger_text(q, 0));
		v->shards += set->shards = ledger_int(q, 1);
		v->members += set->members = ledger_int(q, 2);
		v->bytes += set->bytes = ledger_int(q, 3);
		v->set_count++;
	}
	ledger_end(q);
	if (more == 0 && v->set_count == 0)
		return err_set(e, ERR_FORGED, "ledger: version %s has no set", v->id);
	return more;
}

struct version *
version_load(struct house *h, const char *id, struct err *e)
{
	struct version *v = calloc(1, sizeof(*v));
	struct ledger_query *q = NULL;
	int more;

	if (v == NULL) {
		err_set(e, ERR_SYSTEM, "version: out of memory");
		return NULL;
	}
	buf_init(&v->policy_text, POLICY_MAX);
	buf_init(&v->report_text, POLICY_MAX);
	buf_init(&v->manifest, POLICY_MAX);
	buf_init(&v->acceptance, POLICY_MAX);
	q = ledger_query(h->ledger, e,
	    "SELECT v.id, d.id, d.name, d.holder, v.state, v.scrubber, v.ruleset, v.predecessor, v.number, "
	    "v.policy, v.meta, v.report,"
	    " v.policy_salt, v.report_salt, v.manifest, v.digest, v.acceptance"
	    " FROM version v JOIN dataset d ON d.id = v.dataset WHERE v.id = ?",
	    "s", id);
	if ((more = ledger_next(q, e)) == 0)
		err_set(e, ERR_UNKNOWN, "version %.32s: there is no such version (see stager list)", id);
	if (more != 1 || take_row(q, v, e) == -1 || take_sets(h, v, e) == -1) {
		version_free(v);
		v = NULL;
	}
	ledger_end(q);
	return v;
}

void
version_free(struct version *v)
{
	if (v == NULL)
		return;
	json_free(v->policy);
	json_free(v->meta);
	json_free(v->report);
	buf_free(&v->policy_text);
	buf_free(&v->report_text);
	buf_free(&v->manifest);
	buf_free(&v->acceptance);
	free(v);
}

const struct version_set *
version_set(const struct version *v, const char *name)
{
	for (size_t i = 0; i < v->set_count; i++)
		if (strcmp(v->sets[i].name, name) == 0)
			return &v->sets[i];
	return NULL;
}

void
version_set_names(const struct version *v, char *out, size_t size)
{
	size_t at = 0;

	*out = '\0';
	for (size_t i = 0; i < v->set_count && at < size; i++)
		if (v->sets[i].shards > 0)
			at += (size_t)snprintf(
			    out + at, size - at, "%s%s", at == 0 ? "" : ", ", v->sets[i].name);
}

int
house_version_policy(struct house *h, const char *version_id, struct buf *resolved, struct err *e)
{
	struct version *v = version_load(h, version_id, e);
	int rc = v == NULL ? -1 : buf_put(resolved, v->policy_text.data, v->policy_text.len, e);

	version_free(v);
	return rc;
}

int
version_read(struct house *h, const char *id, const char *name, struct buf *out, struct err *e)
{
	char path[4 * MANIFEST_NAME_MAX];

	(void)snprintf(path, sizeof(path), "vault/%s/%s", id, name);
	return io_read_file(h->folder, path, out, e);
}

int
version_logged(struct house *h, const char *type, const char *about, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT 1 FROM opening WHERE type = ? AND about = ? AND place IS NOT NULL", "ss", type, about);
	int rc = ledger_next(q, e);

	ledger_end(q);
	return rc;
}

/* max: {"count": n} or {"ppm": n} of total. */
static bool
past_limit(const struct json *accept, const char *what, int64_t held, int64_t total)
{
	const struct json *max = json_get(accept, what), *count = json_get(max, "count"),
			  *ppm = json_get(max, "ppm");

	if (count != NULL)
		return held > count->integer;
	/* held / total > ppm / 10^6, without overflow: both are within 2^53 only in theory. */
	if (ppm != NULL)
		return (double)held * 1e6 > (double)total * (double)ppm->integer;
	return held > 0;
}

static int64_t
report_number(const struct json *report, const char *section, const char *key)
{
	const struct json *n = json_get(json_get(report, section), key);

	return n == NULL ? 0 : n->integer;
}

int64_t
version_least(const struct json *policy)
{
	const struct json *least = json_get(json_get(policy, "disclosure"), "min_cell");

	return least == NULL || least->type != JSON_INT ? 1 : least->integer;
}

struct json *
version_held_for(const struct json *policy, const struct json *report, uint64_t shards)
{
	const struct json *accept = json_get(policy, "accept"), *held = json_get(report, "held");
	struct json *reasons = json_array();
	bool check = false;

	for (size_t i = 0; held != NULL && held->type == JSON_OBJECT && i < held->count; i++)
		check = check || strncmp(held->keys[i], "check:", 6) == 0;
	/* What check found was missed by scrub: no policy accepts that unseen. */
	if (check)
		json_push(reasons, json_string("check"));
	if (shards == 0)
		json_push(reasons, json_string("nothing"));
	if (report_number(report, "disclosure", "held") > 0)
		json_push(reasons, json_string("disclosure"));
	if (past_limit(accept, "files", report_number(report, "files", "held"),
		report_number(report, "files", "seen")))
		json_push(reasons, json_string("files"));
	if (past_limit(accept, "records", report_number(report, "records", "held"),
		report_number(report, "records", "seen")))
		json_push(reasons, json_string("records"));
	return reasons;
}

bool
version_must_hold(const struct json *policy, const struct json *report, uint64_t shards)
{
	struct json *reasons = version_held_for(policy, report, shards);
	const bool held = reasons->count > 0;

	json_free(reasons);
	return held;
}
