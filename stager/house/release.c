/* The house's side of one node's conversation: hello, challenge, ask, answer. No entry, no effect. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "children.h"
#include "line.h"
#include "receipt.h"
#include "request.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/keystore.h"
#include "stager/ledger.h"
#include "stager/log.h"
#include "stager/receipt.h"
#include "version.h"

struct talk {
	struct house *h;
	struct line line;
	struct case_file *c;
	struct version *v;
	struct buf table; /* SET/shards.jsonl */
	struct shard_table *rows;
};

/* hello: which request. It must be approved, its window open, its version accepted. */
static int
hear_hello(struct talk *t, const struct json *j, struct err *e)
{
	const char *type, *suite;
	uint8_t digest[DIGEST_LEN];
	char id[MANIFEST_ID_LEN + 1];

	if ((type = json_need_string(j, "type", "hello", e)) == NULL ||
	    (suite = json_need_string(j, "suite", "hello", e)) == NULL ||
	    json_need_hex(j, "request", digest, sizeof(digest), "hello", e) == -1)
		return -1;
	if (strcmp(type, "hello") != 0 || strcmp(suite, RELEASE_SUITE) != 0)
		return err_set(e, ERR_INPUT, "hello: this house speaks " RELEASE_SUITE);
	base32_encode(digest, 16, id);
	if ((t->c = case_load(t->h, id, e)) == NULL)
		return -1;
	if (memcmp(t->c->request.digest, digest, DIGEST_LEN) != 0)
		return err_set(
		    e, ERR_REFUSED, "request %s: there is no such request here, or it was changed", id);
	if (strcmp(t->c->state, "OPEN") == 0)
		return err_set(e, ERR_WAIT, "request %s: it waits for two stewards' approval, and has %zu",
		    id, t->c->approval_count);
	if (strcmp(t->c->state, "APPROVED") != 0)
		return err_set(e, ERR_REFUSED, "request %s: it was cancelled", id);
	return 0;
}

/* The version that is asked for, its manifest and its table. */
static int
find_version(struct talk *t, struct err *e)
{
	char name[2 * MANIFEST_NAME_MAX];
	int64_t now = (int64_t)time(NULL);

	if (now < t->c->request.not_before || now > t->c->request.not_after)
		return err_set(e, ERR_REFUSED, "request %s: its window %s", t->c->request.id,
		    now < t->c->request.not_before ? "has not begun" : "is over");
	if ((t->v = version_load(t->h, t->c->request.version_id, e)) == NULL)
		return -1;
	if (strcmp(t->v->state, "ACCEPTED") != 0 && strcmp(t->v->state, "SENT") != 0)
		return err_set(e, ERR_REFUSED, "version %s: it is %s, not accepted", t->v->id, t->v->state);
	(void)snprintf(name, sizeof(name), "%s/shards.jsonl", t->c->request.set);
	if (version_read(t->h, t->v->id, name, &t->table, e) == -1)
		return -1;
	if ((t->rows = table_decode(t->table.data, t->table.len, e)) == NULL) {
		e->code = ERR_FORGED;
		return -1;
	}
	return 0;
}

/* A challenge from the key, without the journal: nothing is decided yet. *got keeps it. */
static struct json *
ask_challenge(struct talk *t, struct helper *key, struct err *e)
{
	char hex[DIGEST_HEX_LEN + 1];
	struct json *j = json_object();

	hex_encode(t->c->request.digest, DIGEST_LEN, hex);
	json_set_string(j, "request", hex);
	return helper_ask(key, WIRE_CHALLENGE, j, WIRE_CHALLENGE_IS, e);
}

static int
say_challenge(struct talk *t, struct err *e)
{
	static const char *const parts[] = {"nonce", "expiry", "mac"};
	struct helper key = HELPER_NONE;
	struct json *j = NULL, *got = NULL;
	int rc = -1;

	if (house_key_start(t->h, "open", false, &key, e) == -1 ||
	    (got = ask_challenge(t, &key, e)) == NULL || helper_end(&key, e) == -1)
		goto out;
	j = json_object();
	json_set_string(j, "type", "challenge");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (json_get(got, parts[i]) == NULL) {
			err_set(e, ERR_SYSTEM, "stager-key: challenge without %s", parts[i]);
			goto out;
		}
		json_set(j, parts[i], json_copy(json_get(got, parts[i])));
	}
	json_set(j, "manifest", json_base64(t->v->manifest.data, t->v->manifest.len));
	json_set(j, "request", json_base64(t->c->text.data, t->c->text.len));
	json_set(j, "table", json_base64(t->table.data, t->table.len));
	rc = line_write(&t->line, j, e);
out:
	json_free(j);
	json_free(got);
	helper_kill(&key);
	return rc;
}

/* An array of hex digests. */
static struct json *
proof_json(const struct tree_proof *proof)
{
	struct json *list = json_array();
	char hex[DIGEST_HEX_LEN + 1];

	for (size_t i = 0; i < proof->count; i++) {
		hex_encode(proof->hashes[i], DIGEST_LEN, hex);
		json_push(list, json_string(hex));
	}
	return list;
}

/* Entry, proofs and checkpoint into the case; the note into *answer. */
static int
case_proofs(
    struct talk *t, uint64_t index, uint64_t seen, struct json *j, struct answer *answer, struct err *e)
{
	struct tree_proof inclusion, consistency;
	struct log *log = NULL;
	struct buf note;
	int folder = -1, rc = -1;

	buf_init(&note, NOTE_MAX);
	if ((log = house_log(t->h, &folder, e)) == NULL || log_note(log, &note, e) == -1 ||
	    log_inclusion(log, index, &inclusion, e) == -1 ||
	    log_consistency(log, seen, &consistency, e) == -1)
		goto out;
	json_set_int(j, "index", (int64_t)index);
	json_set(j, "proof", proof_json(&inclusion));
	json_set(j, "consistency", proof_json(&consistency));
	json_set(j, "note", json_base64(note.data, note.len));
	memcpy(answer->checkpoint, note.data, note.len);
	answer->checkpoint[note.len] = '\0';
	rc = 0;
out:
	log_free(log);
	io_close(&folder);
	buf_free(&note);
	return rc;
}

/* The wrapped keys of the rows asked for. */
static int
case_wrapped(struct talk *t, const struct ask *ask, struct json *j, struct err *e)
{
	struct ledger_query *q = NULL;
	struct buf wrapped;
	uint64_t row = ask->first;
	int rc = -1, more;

	buf_init(&wrapped, WIRE_PAYLOAD_MAX / 2);
	q = ledger_query(t->h->ledger, e,
	    "SELECT wrapped, row FROM shard WHERE version = ? AND set_name = ? AND row >= ? AND row < ? "
	    "ORDER BY row",
	    "ssii", t->v->id, t->c->request.set, (int64_t)ask->first, (int64_t)ask->end);
	while ((more = ledger_next(q, e)) == 1) {
		size_t len;
		const void *data = ledger_blob(q, 0, &len);

		if (len != WRAPPED_LEN || ledger_int(q, 1) != (int64_t)row++) {
			err_set(e, ERR_FORGED, "ledger: a shard's row of version %s is damaged", t->v->id);
			goto out;
		}
		if (buf_put(&wrapped, data, len, e) == -1)
			goto out;
	}
	if (more == -1)
		goto out;
	if (row != ask->end) {
		err_set(e, ERR_FORGED, "ledger: rows of version %s are missing", t->v->id);
		goto out;
	}
	json_set(j, "wrapped", json_base64(wrapped.data, wrapped.len));
	rc = 0;
out:
	ledger_end(q);
	buf_free(&wrapped);
	return rc;
}

/* The refusal stands in the log too. What went wrong first is what counts. */
static void
record_refusal(struct talk *t, const struct ask *ask, const struct err *why)
{
	char hex[DIGEST_HEX_LEN + 1];
	struct json *j = json_object();

	hex_encode(t->c->request.digest, DIGEST_LEN, hex);
	json_set_string(j, "request", hex);
	hex_encode(ask->node, X25519_LEN, hex);
	json_set_string(j, "node", hex);
	json_set_int(j, "slot", ask->slot);
	json_set_int(j, "restart", ask->restart);
	json_set_int(j, "status", err_exit_status(why->code));
	json_set(j, "alarm", json_bool(strstr(why->text, "alarm: ") != NULL));
	(void)!house_record(t->h, "refusal", j, t->c->request.id, EFFECT_NONE, NULL, NULL);
	json_free(j);
}

/* Whoever runs this machine hears of an alarm, not the node alone, whose command this may be. */
static void
sound_alarm(const struct talk *t, const struct err *why)
{
	if (strstr(why->text, "alarm: ") == NULL && why->code != ERR_FORGED)
		return;
	openlog("stager", LOG_PID, LOG_AUTHPRIV);
	syslog(LOG_ALERT, "release: house %s, request %s: %s", t->h->card.house,
	    t->c != NULL ? t->c->request.id : "unknown", why->text);
	closelog();
}

/* A release as the effect of its entry; done is set when the key has answered. */
struct new_release {
	const char *request;
	const struct ask *ask;
};

static int
insert_release(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	const struct new_release *n = ctx;
	char node[2 * X25519_LEN + 1];

	hex_encode(n->ask->node, X25519_LEN, node);
	return ledger_run(h->ledger, e,
	    "INSERT INTO release (request, slot, restart, node, place, done, at) VALUES (?, ?, ?, ?, ?, 0, "
	    "?)",
	    "siisii", n->request, (int64_t)n->ask->slot, (int64_t)n->ask->restart, node, (int64_t)index,
	    (int64_t)time(NULL));
}

int
release_journal_check(struct house *h, int64_t seen, struct err *e)
{
	struct ledger_query *q =
	    ledger_query(h->ledger, e, "SELECT coalesce(max(place), -1) FROM release WHERE done = 1", "");
	int rc = ledger_next(q, e) == 1 ? 0 : -1;
	int64_t last = rc == 0 ? ledger_int(q, 0) : -1;

	ledger_end(q);
	if (rc == 0 && last >= seen)
		return err_set(e, ERR_FORGED,
		    "keys/open.journal: rolled back: it ends before log entry %lld, a release",
		    (long long)last);
	return rc;
}

/* What was approved and accepted when the node said hello must be so now: nothing is released after a cancel. */
static int
still_good(struct talk *t, struct err *e)
{
	struct ledger_query *q = ledger_query(t->h->ledger, e,
	    "SELECT 1 FROM request r JOIN version v ON v.id = r.version WHERE r.id = ? AND r.state = "
	    "'APPROVED' "
	    "AND v.state IN ('ACCEPTED', 'SENT')",
	    "s", t->c->request.id);
	int more = ledger_next(q, e);

	ledger_end(q);
	if (more == 0)
		err_set(e, ERR_REFUSED, "request %s: it was cancelled", t->c->request.id);
	return more == 1 ? 0 : -1;
}

/*
 * Log first, then ask the key with the whole case. *headers receives the header bytes. The judge holds the journal's lock from
 * before the entry to the answer.
 */
static int
judge(struct talk *t, const struct buf *line, const struct ask *ask, struct answer *answer,
    struct buf *headers, struct err *e)
{
	struct json *j = json_object(), *got = NULL, *list = json_array();
	uint8_t salt[COMMITMENT_SALT_LEN];
	char hex[2 * COMMITMENT_SALT_LEN + 1];
	struct helper key = HELPER_NONE;
	struct buf entry;
	int64_t seen;
	int rc = -1, lock;

	buf_init(&entry, 65536);
	for (size_t i = 0; i < t->c->approval_count; i++)
		json_push(list, json_base64(t->c->envelopes[i].data, t->c->envelopes[i].len));
	json_set(j, "approvals", list);
	if ((lock = house_lock(t->h, REQUEST_LOCK, e)) == -1 || still_good(t, e) == -1 ||
	    house_key_start(t->h, "open", true, &key, e) == -1 ||
	    house_kek(t->h, &key, t->v->dataset_id, e) == -1 || (got = ask_challenge(t, &key, e)) == NULL ||
	    json_need_int(got, "size", 0, JSON_INT_MAX, "stager-key", &seen, e) == -1 ||
	    release_journal_check(t->h, seen, e) == -1)
		goto out;
	json_free(got);
	got = NULL;
	if (release_entry(ask, &entry, e) == -1 ||
	    house_record_bytes(t->h, "release", &entry, t->c->request.id, salt,
		(struct effect){.run = insert_release,
		    .ctx = &(struct new_release){.request = t->c->request.id, .ask = ask}},
		&answer->index, e) == -1 ||
	    case_proofs(t, answer->index, (uint64_t)seen, j, answer, e) == -1 ||
	    case_wrapped(t, ask, j, e) == -1)
		goto out;
	hex_encode(salt, sizeof(salt), hex);
	json_set_string(j, "salt", hex);
	json_set(j, "manifest", json_base64(t->v->manifest.data, t->v->manifest.len));
	json_set(j, "request", json_base64(t->c->text.data, t->c->text.len));
	json_set(j, "ask", json_base64(line->data, line->len));
	json_set(j, "table", json_base64(t->table.data, t->table.len));
	got = helper_ask(&key, WIRE_RELEASE, j, WIRE_RELEASED, e);
	j = NULL;
	if (got == NULL) {
		record_refusal(t, ask, e);
		goto out;
	}
	if (ledger_run(t->h->ledger, e, "UPDATE release SET done = 1 WHERE place = ?", "i",
		(int64_t)answer->index) == -1)
		goto out;
	if (json_need_hex(got, "writer", answer->writer, X25519_LEN, "stager-key", e) == -1 ||
	    json_need_base64(got, "headers", headers, "stager-key", e) == -1 || helper_end(&key, e) == -1)
		goto out;
	if (headers->len != (ask->end - ask->first) * HEADER_LEN) {
		err_set(e, ERR_SYSTEM, "stager-key: another number of headers than asked for");
		goto out;
	}
	rc = 0;
out:
	json_free(j);
	json_free(got);
	buf_free(&entry);
	helper_kill(&key);
	io_close(&lock);
	return rc;
}

static int
say_answer(
    struct talk *t, const struct ask *ask, struct answer *answer, const struct buf *headers, struct err *e)
{
	struct buf payload, envelope;
	struct json *j = NULL;
	int rc = -1;

	buf_init(&payload, 65536);
	buf_init(&envelope, 1u << 20);
	ask_transcript(ask, answer->t);
	memcpy(answer->manifest, t->c->request.manifest, DIGEST_LEN);
	digest_bytes(headers->data, headers->len, answer->headers);
	answer->first = ask->first;
	answer->end = ask->end;
	if (answer_encode(answer, &payload, e) == -1 ||
	    house_sign(t->h, DSSE_ANSWER, &payload, &envelope, e) == -1)
		goto out;
	j = json_object();
	json_set_string(j, "type", "answer");
	json_set(j, "envelope", json_base64(envelope.data, envelope.len));
	json_set(j, "headers", json_base64(headers->data, headers->len));
	rc = line_write(&t->line, j, e);
out:
	json_free(j);
	buf_free(&payload);
	buf_free(&envelope);
	return rc;
}

/* ask, and the answer to it. */
static int
hear_ask(struct talk *t, struct err *e)
{
	struct answer *answer = calloc(1, sizeof(*answer));
	struct buf line, headers;
	struct ask ask;
	int rc = -1;

	buf_init(&line, 1u << 20);
	buf_init(&headers, (size_t)(MANIFEST_SHARDS_MAX + 1) * HEADER_LEN); /* the index has one, too */
	if (answer == NULL) {
		err_set(e, ERR_SYSTEM, "release: out of memory");
		goto out;
	}
	if (line_read(&t->line, &line, e) == -1 ||
	    ask_decode(line.data, line.len, t->h->card.key, &t->c->request, &ask, NULL, e) == -1)
		goto out;
	/* From here on it is the job's owner who speaks: what is refused stands in the log. */
	if (ask_check_slot(&ask, &t->c->request, e) == -1) {
		record_refusal(t, &ask, e);
		goto out;
	}
	if (ask.first >= ask.end || ask.end > t->rows->count) {
		err_set(e, ERR_REFUSED, "ask: there are no such shards");
		goto out;
	}
	if (judge(t, &line, &ask, answer, &headers, e) == 0)
		rc = say_answer(t, &ask, answer, &headers, e);
out:
	free(answer);
	buf_free(&line);
	buf_free(&headers);
	return rc;
}

/* Receipts, as many as come, each answered; then the hello, or nothing. 1: *hello is there. */
static int
hear_first(struct talk *t, struct json **hello, struct err *e)
{
	const struct json *type;
	struct json *j = NULL;
	struct buf line;
	int rc = -1, more;

	buf_init(&line, RECEIPT_LINE_MAX);
	for (size_t receipts = 0;; receipts++) {
		buf_clear(&line);
		json_free(j);
		j = NULL;
		if ((more = line_next(&t->line, &line, e)) == 0 && receipts > 0) {
			rc = 0;
			break;
		}
		if (more == 0)
			err_set(e, ERR_REMOTE, "node: it hung up");
		if (more != 1 || (j = json_parse(line.data, line.len, "node", e)) == NULL)
			break;
		type = json_get(j, "type");
		if (type == NULL || type->type != JSON_STRING || strcmp(type->string, "receipt") != 0) {
			*hello = j;
			j = NULL;
			rc = 1;
			break;
		}
		if (receipt_take(t->h, &t->line, j, e) == -1)
			break;
	}
	json_free(j);
	buf_free(&line);
	return rc;
}

int
house_release(struct house *h, int in, int out, bool *told, struct err *e)
{
	struct talk t = {.h = h};
	struct json *j, *hello = NULL;
	int rc;

	line_init(&t.line, in, out);
	buf_init(&t.table, 64u << 20);
	if ((rc = hear_first(&t, &hello, e)) == 1) {
		rc = -1;
		if (hear_hello(&t, hello, e) == 0 && find_version(&t, e) == 0 && say_challenge(&t, e) == 0)
			rc = hear_ask(&t, e);
	}
	if (rc == -1) {
		sound_alarm(&t, e);
		/* The node hears what our own operator hears; it names no value of any dataset. */
		j = json_object();
		json_set_string(j, "type", "error");
		json_set_int(j, "status", err_exit_status(e->code));
		json_set_string(j, "text", e->text);
		*told = line_write(&t.line, j, NULL) == 0;
		json_free(j);
	}
	json_free(hello);
	line_free(&t.line);
	table_free(t.rows);
	buf_free(&t.table);
	case_free(t.c);
	version_free(t.v);
	return rc;
}
