/* Erasing a dataset: its keys first and for good, then its bodies. */
#include <stdio.h>
#include <string.h>

#include "root.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/preview.h"

/* A version's wrapped keys go with its state. secure_delete: SQLite overwrites what it deletes. */
static int
erase_version(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	(void)index;
	if (ledger_run(h->ledger, e, "UPDATE version SET state = 'ERASED' WHERE id = ?", "s", ctx) == -1)
		return -1;
	/* No push is compared with it any more. */
	if (ledger_run(h->ledger, e, "DELETE FROM source_content WHERE version = ?", "s", ctx) == -1)
		return -1;
	if (ledger_run(h->ledger, e, "DELETE FROM pushed WHERE version = ?", "s", ctx) == -1)
		return -1;
	return ledger_run(h->ledger, e, "DELETE FROM shard WHERE version = ?", "s", ctx);
}

/* The next version of the dataset for which this is so: 1 and its id, 0, -1. */
static int
next_version(struct house *h, const char *dataset, const char *after, bool erased, char *id, size_t size,
    struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    erased ? "SELECT id FROM version WHERE dataset = ? AND id > ? AND state = 'ERASED' ORDER BY id "
		     "LIMIT 1"
		   : "SELECT id FROM version WHERE dataset = ? AND id > ? AND state NOT IN ('ERASED', "
		     "'REJECTED') "
		     "ORDER BY id LIMIT 1",
	    "ss", dataset, after);
	int more = ledger_next(q, e);

	if (more == 1)
		(void)snprintf(id, size, "%s", ledger_text(q, 0));
	ledger_end(q);
	return more;
}

static int
record_versions(struct house *h, const char *dataset, struct err *e)
{
	char id[MANIFEST_ID_LEN + 1] = "";
	struct json *j;
	int more, rc;

	while ((more = next_version(h, dataset, id, false, id, sizeof(id), e)) == 1) {
		j = json_object();
		json_set_string(j, "version-id", id);
		json_set_string(j, "dataset-id", dataset);
		rc = house_record(
		    h, "erase", j, id, (struct effect){.run = erase_version, .ctx = id}, NULL, e);
		json_free(j);
		if (rc == -1)
			return -1;
	}
	return more;
}

/* The generation without the KEK comes into force. */
static int
record_keys(struct house *h, const char *dataset, uint32_t next, struct err *e)
{
	struct json *setting = json_copy(h->root_setting), *j = json_object();
	int rc;

	json_set_int(setting, "generation", next);
	json_set_string(j, "dataset-id", dataset);
	json_set_int(j, "generation", next);
	rc = house_record(
	    h, "erase-keys", j, dataset, (struct effect){.run = store_switch, .ctx = setting}, NULL, e);
	json_free(j);
	json_free(setting);
	return rc;
}

static int
find_dataset(struct house *h, const char *holder, const char *dataset, char *id, size_t size, struct err *e)
{
	struct ledger_query *q = ledger_query(
	    h->ledger, e, "SELECT id FROM dataset WHERE holder = ? AND name = ?", "ss", holder, dataset);
	int more = ledger_next(q, e);

	if (more == 1)
		(void)snprintf(id, size, "%s", ledger_text(q, 0));
	ledger_end(q);
	if (more == 0)
		return err_set(e, ERR_UNKNOWN, "erase: %s has no dataset %s", holder, dataset);
	return more == 1 ? 0 : -1;
}

int
house_erase(struct house *h, const char *holder, const char *dataset, size_t *count, struct err *e)
{
	char id[MANIFEST_ID_LEN + 1], version[MANIFEST_ID_LEN + 1] = "", path[128];
	uint32_t next;
	int more;

	*count = 0;
	if (store_alone(h, e) == -1 || find_dataset(h, holder, dataset, id, sizeof(id), e) == -1)
		return -1;
	next = h->generation + 1;
	/* The new generation is whole before the first version is gone: what can fail has not failed then. */
	if (store_write(h, next, NULL, id, e) == -1 || record_versions(h, id, e) == -1 ||
	    record_keys(h, id, next, e) == -1 || store_load(h, e) == -1 || store_sweep(h, e) == -1)
		return -1;
	while ((more = next_version(h, id, version, true, version, sizeof(version), e)) == 1) {
		for (size_t i = 0; i < 2; i++) {
			(void)snprintf(path, sizeof(path), "%s/%s", i == 0 ? "vault" : "staging", version);
			if (io_remove_tree(h->folder, path, e) == -1)
				return -1;
		}
		(*count)++;
	}
	return more;
}

int
house_erasing(struct house *h, const char *holder, const char *dataset, struct json *list, struct err *e)
{
	char id[MANIFEST_ID_LEN + 1], version[MANIFEST_ID_LEN + 1] = "";
	int more;

	if (find_dataset(h, holder, dataset, id, sizeof(id), e) == -1)
		return -1;
	while ((more = next_version(h, id, version, false, version, sizeof(version), e)) == 1)
		if (house_going(h, version, list, e) == -1)
			return -1;
	return more;
}
