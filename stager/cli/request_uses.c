/* What became of a request: its releases, what was refused, and what nodes said that they opened, from the log's openings. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "stager/dsse.h"
#include "stager/house.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/receipt.h"

static int64_t
number(const struct json *opening, const char *key)
{
	const struct json *n = json_get(opening, key);

	return n != NULL && n->type == JSON_INT ? n->integer : 0;
}

static void
use_release(const struct json *opening, bool done, struct json *use, char *line, size_t size)
{
	json_set_int(use, "first", number(opening, "first"));
	json_set_int(use, "end", number(opening, "end"));
	json_set(use, "done", json_bool(done));
	(void)snprintf(line, size, "%lld shards%s",
	    (long long)(number(opening, "end") - number(opening, "first")),
	    done ? "" : ", which came to nothing");
}

static void
use_refusal(const struct json *opening, struct json *use, char *line, size_t size)
{
	const struct json *alarm = json_get(opening, "alarm");
	bool loud = alarm != NULL && alarm->type == JSON_BOOL && alarm->boolean;

	json_set_int(use, "status", number(opening, "status"));
	json_set(use, "alarm", json_bool(loud));
	(void)snprintf(
	    line, size, "status %lld%s", (long long)number(opening, "status"), loud ? ", ALARM" : "");
}

/* The numbers stand in what the node signed. */
static int
use_receipt(const void *envelope, size_t len, struct json *use, char *line, size_t size, struct err *e)
{
	struct dsse *d = dsse_decode(envelope, len, "receipt", e);
	struct receipt r;

	if (d == NULL || receipt_decode(d->payload.data, d->payload.len, &r, e) == -1) {
		dsse_free(d);
		e->code = ERR_FORGED;
		return -1;
	}
	dsse_free(d);
	json_set_int(use, "part", r.part);
	json_set_int(use, "parts", r.parts);
	json_set_int(use, "begun", r.begun);
	json_set_int(use, "ended", r.ended);
	json_set_string(use, "result", r.done ? "done" : "failed");
	json_set_int(use, "shards", (int64_t)r.count);
	json_set_int(use, "segments", (int64_t)receipt_segments(&r));
	(void)snprintf(line, size, "%zu shards, %llu segments opened in %lld s, %s", r.count,
	    (unsigned long long)receipt_segments(&r), (long long)(r.ended - r.begun),
	    r.done ? "done" : "failed");
	receipt_free(&r);
	return 0;
}

/* One entry; columns as in request_uses. */
static struct json *
use_of(struct ledger_query *q, const struct common *common, struct err *e)
{
	const char *type = ledger_text(q, 1);
	size_t len, envelope_len;
	const void *text = ledger_blob(q, 2, &len), *envelope = ledger_blob(q, 5, &envelope_len);
	struct json *opening = json_parse(text, len, "log entry", e), *use;
	time_t at = (time_t)ledger_int(q, 4);
	const struct json *node;
	char line[128] = "", when[32] = "";
	struct tm tm;
	int rc = 0;

	if (opening == NULL)
		return NULL;
	use = json_object();
	json_set_int(use, "place", ledger_int(q, 0));
	json_set_string(use, "type", type);
	json_set_int(use, "slot", number(opening, "slot"));
	json_set_int(use, "restart", number(opening, "restart"));
	if ((node = json_get(opening, "node")) != NULL && node->type == JSON_STRING)
		json_set_string(use, "node", node->string);
	if (at == 0)
		at = (time_t)number(opening, "at");
	json_set_int(use, "at", (int64_t)at);
	if (gmtime_r(&at, &tm) != NULL)
		(void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &tm);
	if (strcmp(type, "release") == 0)
		use_release(opening, ledger_int(q, 3) != 0, use, line, sizeof(line));
	else if (strcmp(type, "refusal") == 0)
		use_refusal(opening, use, line, sizeof(line));
	else
		rc = use_receipt(envelope, envelope_len, use, line, sizeof(line), e);
	if (rc == 0 && !common->json)
		(void)printf("log entry %-5lld %-8s %-23s slot %lld restart %lld: %s\n",
		    (long long)ledger_int(q, 0), type, when, (long long)number(opening, "slot"),
		    (long long)number(opening, "restart"), line);
	json_free(opening);
	if (rc == 0)
		return use;
	json_free(use);
	return NULL;
}

int
request_uses(struct house *h, const struct common *common, const char *id, struct json *j, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT o.place, o.type, o.json, r.done, r.at, c.envelope FROM opening o LEFT JOIN release r ON "
	    "r.place = "
	    "o.place LEFT JOIN receipt c ON c.place = o.place WHERE o.about = ? AND o.place IS NOT NULL AND "
	    "o.type IN "
	    "('release', 'refusal', 'receipt') ORDER BY o.place",
	    "s", id);
	struct json *list = json_array(), *use;
	int more;

	while ((more = ledger_next(q, e)) == 1) {
		if ((use = use_of(q, common, e)) == NULL) {
			more = -1;
			break;
		}
		json_push(list, use);
	}
	ledger_end(q);
	json_set(j, "uses", list);
	return more;
}
