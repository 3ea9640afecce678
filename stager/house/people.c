/* Holders and the stewards who decide for them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "children.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"

#define REGISTER_MAX (16u << 20)
#define STEWARDS_MAX 256 /* of one holder */

static int
insert_holder(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	(void)index;
	return ledger_run(h->ledger, e, "INSERT INTO holder VALUES (?, ?)", "si", ctx, (int64_t)time(NULL));
}

int
house_add_holder(struct house *h, const char *holder, struct err *e)
{
	struct ledger_query *q;
	struct json *j;
	int there, rc;

	if (!manifest_name_ok(holder))
		return err_set(e, ERR_USAGE, "holder name: small letters, digits, '.' and '-', at most %d",
		    MANIFEST_NAME_MAX);
	q = ledger_query(h->ledger, e, "SELECT 1 FROM holder WHERE name = ?", "s", holder);
	there = ledger_next(q, e);
	ledger_end(q);
	if (there != 0)
		return there == 1 ? err_set(e, ERR_USAGE, "holder %s: is there already", holder) : -1;
	j = json_object();
	json_set_string(j, "holder", holder);
	rc = house_record(h, "holder", j, holder,
	    (struct effect){.run = insert_holder, .ctx = (void *)(uintptr_t)holder}, NULL, e);
	json_free(j);
	return rc;
}

/* What an envelope of this payload type is over. */
static const char *
envelope_words(const char *type)
{
	if (strcmp(type, DSSE_REPORT) == 0)
		return "a report (stager accept takes it)";
	if (strcmp(type, DSSE_REQUEST) == 0)
		return "a request (stager approve takes it)";
	if (strcmp(type, DSSE_STEWARD) == 0)
		return "a steward's statement (stager steward add takes it)";
	return strcmp(type, DSSE_MANIFEST) == 0 ? "a manifest" : "something else";
}

int
house_envelope_check(
    const struct dsse *d, const char *type, const char *what, const char *over, struct err *e)
{
	if (strcmp(d->type, type) == 0)
		return 0;
	return err_set(
	    e, ERR_INPUT, "%s: this envelope is over %s, not over %s", what, envelope_words(d->type), over);
}

int
house_no_envelope(struct err *e)
{
	return e->code != ERR_INPUT ? -1
				    : err_context(e, "this file is no envelope, as stager-sign prints one");
}

/* The statement that all the envelopes must carry, into *added. */
static int
steward_statement(const struct buf *envelope, struct buf *statement, struct steward *added, struct err *e)
{
	struct dsse *d = dsse_decode(envelope->data, envelope->len, "steward envelope", e);
	int rc = -1;

	if (d == NULL)
		return house_no_envelope(e);
	if (house_envelope_check(d, DSSE_STEWARD, "steward", "a steward's statement", e) == 0 &&
	    steward_decode(d->payload.data, d->payload.len, added, e) == 0)
		rc = buf_put(statement, d->payload.data, d->payload.len, e);
	dsse_free(d);
	return rc;
}

struct steward *
house_stewards(struct house *h, const char *holder, size_t *count, struct err *e)
{
	struct steward *list = calloc(STEWARDS_MAX, sizeof(*list));
	struct ledger_query *q = NULL;
	int more = -1;

	*count = 0;
	if (list == NULL) {
		err_set(e, ERR_SYSTEM, "stewards: out of memory");
		return NULL;
	}
	q = ledger_query(h->ledger, e,
	    "SELECT holder, person, key FROM steward WHERE holder = ? ORDER BY at, key", "s", holder);
	while ((more = ledger_next(q, e)) == 1) {
		struct steward *s = &list[*count];

		if (*count == STEWARDS_MAX || strlen(ledger_text(q, 0)) >= sizeof(s->holder) ||
		    strlen(ledger_text(q, 1)) >= sizeof(s->person)) {
			more = err_set(e, ERR_FORGED, "ledger: a steward's row is damaged");
			break;
		}
		(void)snprintf(s->holder, sizeof(s->holder), "%s", ledger_text(q, 0));
		(void)snprintf(s->person, sizeof(s->person), "%s", ledger_text(q, 1));
		if (hex_decode(ledger_text(q, 2), s->key, sizeof(s->key), "ledger: a steward's key", e) ==
		    -1) {
			e->code = ERR_FORGED;
			more = -1;
			break;
		}
		(*count)++;
	}
	ledger_end(q);
	if (more == 0)
		return list;
	free(list);
	return NULL;
}

/* What a steward's entry brings: the key's new register in its place, and the row for lists. */
struct admission {
	const struct steward *steward;
	const struct buf *text;
};

static int
admit(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	const struct admission *a = ctx;
	char hex[2 * SIGN_PUBLIC_LEN + 1];

	(void)index;
	hex_encode(a->steward->key, sizeof(a->steward->key), hex);
	if (io_replace_file(h->folder, "keys/register", a->text->data, a->text->len, 0600, e) == -1)
		return -1;
	return ledger_run(h->ledger, e, "INSERT INTO steward VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
	    "sssi", hex, a->steward->holder, a->steward->person, (int64_t)time(NULL));
}

int
house_add_steward(
    struct house *h, const struct buf *envelopes, size_t count, struct steward *added, struct err *e)
{
	struct json *j = NULL, *list, *got = NULL, *entry;
	struct helper key = HELPER_NONE;
	char hex[2 * SIGN_PUBLIC_LEN + 1];
	struct ledger_query *q;
	struct buf statement, text;
	int rc = -1, there;

	buf_init(&statement, 65536);
	buf_init(&text, REGISTER_MAX);
	if (count == 0)
		return err_set(e, ERR_USAGE, "steward: no envelope");
	if (steward_statement(&envelopes[0], &statement, added, e) == -1)
		goto out;
	q = ledger_query(h->ledger, e, "SELECT 1 FROM holder WHERE name = ?", "s", added->holder);
	there = ledger_next(q, e);
	ledger_end(q);
	if (there == 0)
		err_set(e, ERR_UNKNOWN, "holder %s: there is no such holder", added->holder);
	if (there != 1)
		goto out;
	hex_encode(added->key, sizeof(added->key), hex);
	q = ledger_query(
	    h->ledger, e, "SELECT 1 FROM steward WHERE holder = ? AND key = ?", "ss", added->holder, hex);
	there = ledger_next(q, e);
	ledger_end(q);
	if (there == 1)
		err_set(e, ERR_REFUSED, "steward: this person is a steward of %s already", added->holder);
	if (there != 0)
		goto out;
	/* stager-key judges: it keeps the register that counts. It holds the journal's lock until the new register
	 * is in place, so that nobody else's is made from the old one. */
	if (house_key_start(h, "open", true, &key, e) == -1)
		goto out;
	j = json_object();
	json_set(j, "statement", json_base64(statement.data, statement.len));
	list = json_array();
	for (size_t i = 0; i < count; i++)
		json_push(list, json_base64(envelopes[i].data, envelopes[i].len));
	json_set(j, "envelopes", list);
	if ((got = helper_ask(&key, WIRE_STEWARD, j, WIRE_OK, e)) == NULL ||
	    json_need_base64(got, "register", &text, "register", e) == -1)
		goto out;
	entry = json_object();
	json_set_string(entry, "holder", added->holder);
	json_set_string(entry, "person", added->person);
	json_set_string(entry, "key", hex);
	rc = house_record(h, "steward", entry, hex,
	    (struct effect){.run = admit, .ctx = &(struct admission){.steward = added, .text = &text}}, NULL,
	    e);
	json_free(entry);
	if (rc == 0)
		rc = helper_end(&key, e);
out:
	helper_kill(&key);
	json_free(got);
	buf_free(&statement);
	buf_free(&text);
	return rc;
}
