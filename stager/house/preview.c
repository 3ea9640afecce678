/* What ends with a version, as ledger and vault have it. */
#include "stager/preview.h"

#include "stager/json.h"
#include "stager/ledger.h"
#include "version.h"

/* The texts that a query about the version gives, as an array. */
static int
texts(struct house *h, const char *sql, const char *id, struct json *into, const char *key, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e, sql, "s", id);
	struct json *list = json_array();
	int more;

	while ((more = ledger_next(q, e)) == 1)
		json_push(list, json_string(ledger_text(q, 0)));
	ledger_end(q);
	json_set(into, key, list);
	return more;
}

int
house_going(struct house *h, const char *version_id, struct json *list, struct err *e)
{
	struct version *v = version_load(h, version_id, e);
	struct json *j = json_object();
	int rc = -1;

	if (v == NULL)
		goto out;
	json_set_string(j, "version-id", v->id);
	json_set_int(j, "version", v->number);
	json_set_string(j, "state", v->state);
	json_set_int(j, "shards", v->shards);
	json_set_int(j, "members", v->members);
	json_set_int(j, "bytes", v->bytes);
	if (texts(h, "SELECT id FROM request WHERE version = ? AND state <> 'CANCELLED' ORDER BY at, id",
		v->id, j, "requests", e) == -1 ||
	    texts(h, "SELECT url FROM delivery WHERE version = ? AND state <> 'REMOVED' ORDER BY place",
		v->id, j, "copies", e) == -1)
		goto out;
	json_push(list, j);
	j = NULL;
	rc = 0;
out:
	json_free(j);
	version_free(v);
	return rc;
}
