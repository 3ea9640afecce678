/* What an entry of the log must have left in the ledger and must follow: entries of a made log, read one by one. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../stager/house/verify.h"
#include "check.h"
#include "stager/ledger.h"

static struct err e;

#define FIRST "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SECOND "bbbbbbbbbbbbbbbbbbbbbbbbbb"
#define DATASET "dddddddddddddddddddddddddd"
#define BEGIN(list) "{\"dataset-id\":\"" DATASET "\",\"list\":\"" list "\",\"version-id\":\"" FIRST "\"}"
#define WITHDRAW(successor)                                                        \
	"{\"dataset-id\":\"" DATASET "\",\"list\":\"11\",\"successor\":" successor \
	",\"version-id\":\"" FIRST "\"}"

static void
put_version(struct house *h, const char *id, int64_t number, const char *state)
{
	CHECK_OK(ledger_run(h->ledger, &e,
	    "INSERT INTO version VALUES (?, ?, ?, ?, '', x'', x'', NULL, x'', '', '', x'', NULL, NULL, NULL, "
	    "NULL, 1)",
	    "ssis", id, DATASET, number, state));
}

/* place -1: it never reached the log. */
static void
put_opening(struct house *h, int64_t place, const char *type, const char *about, const char *json)
{
	CHECK_OK(
	    ledger_run(h->ledger, &e, "INSERT INTO opening VALUES (NULL, ?, ?, x'', 0, nullif(?, -1), ?)",
		"sbis", type, json, strlen(json), place, about));
}

static void
forget(struct house *h)
{
	CHECK_OK(ledger_run(h->ledger, &e, "DELETE FROM opening", ""));
}

/* The withdrawal at place 5, by the list 11, as house_verify comes to it. */
static int
withdrawn(struct house *h, const char *json)
{
	e.code = ERR_NONE;
	return verify_effect(h, 5, "withdraw", FIRST, json, strlen(json), &e);
}

/* Of a new version the log says first that the old one was opened: by the same list, before, and in the log. */
static void
test_withdraw(struct house *h)
{
	static const struct {
		int64_t place;
		const char *type, *about, *json;
		bool good;
	} begins[] = {{3, "withdraw-begin", FIRST, BEGIN("11"), true},
	    {0, "withdraw-begin", FIRST, BEGIN("11"), true}, {4, "withdraw-begin", FIRST, BEGIN("11"), true},
	    {6, "withdraw-begin", FIRST, BEGIN("11"), false},
	    {-1, "withdraw-begin", FIRST, BEGIN("11"), false},
	    {3, "withdraw-begin", FIRST, BEGIN("12"), false},
	    {3, "withdraw-begin", FIRST, "{\"version-id\":\"" FIRST "\"}", false},
	    {3, "withdraw-begin", SECOND, BEGIN("11"), false},
	    {3, "withdraw-begin", NULL, BEGIN("11"), false}, {3, "append-begin", FIRST, BEGIN("11"), false}};
	static const char with[] = WITHDRAW("\"" SECOND "\"");

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		forget(h);
		put_opening(h, begins[i].place, begins[i].type, begins[i].about, begins[i].json);
		if (begins[i].good) {
			CHECK_OK(withdrawn(h, with));
		} else {
			CHECK_ERR(withdrawn(h, with), ERR_FORGED);
			CHECK(strstr(e.text, "log entry 5 (withdraw): nothing was opened for it") != NULL);
		}
	}
	/* Two looked, and only the other led to it; and it after one that led to none. */
	forget(h);
	put_opening(h, 2, "withdraw-begin", FIRST, BEGIN("12"));
	CHECK_ERR(withdrawn(h, with), ERR_FORGED);
	put_opening(h, 3, "withdraw-begin", FIRST, BEGIN("11"));
	CHECK_OK(withdrawn(h, with));
	/* Where no version was made of it nothing need have been opened. */
	forget(h);
	CHECK_ERR(withdrawn(h, with), ERR_FORGED);
	CHECK_OK(withdrawn(h, WITHDRAW("null")));
	CHECK_ERR(withdrawn(h, "{\"successor\":null,\"version-id\":\"" FIRST "\"}"), ERR_FORGED);
	/* And what followed from it is there. */
	put_opening(h, 3, "withdraw-begin", FIRST, BEGIN("11"));
	CHECK_OK(ledger_run(h->ledger, &e, "UPDATE version SET state = 'ACCEPTED' WHERE id = ?", "s", FIRST));
	CHECK_ERR(withdrawn(h, with), ERR_FORGED);
	CHECK(strstr(e.text, "what followed from log entry 5") != NULL);
}

/* An entry before a place, which verify asks of what was added to, too. */
static void
test_before(struct house *h)
{
	static const char begin[] =
	    "{\"dataset-id\":\"" DATASET "\",\"successor\":\"" SECOND "\",\"version-id\":\"" FIRST "\"}";

	forget(h);
	put_opening(h, 7, "append-begin", FIRST, begin);
	CHECK_OK(verify_entry_before(h, 8, "append-begin", FIRST, "successor", SECOND, &e));
	CHECK_OK(verify_entry(h, "append-begin", FIRST, "successor", SECOND, &e));
	CHECK_ERR(verify_entry_before(h, 7, "append-begin", FIRST, "successor", SECOND, &e), ERR_FORGED);
	CHECK_ERR(verify_entry_before(h, 8, "append-begin", FIRST, "successor", FIRST, &e), ERR_FORGED);
	CHECK_ERR(verify_entry_before(h, 8, "append-begin", SECOND, "successor", SECOND, &e), ERR_FORGED);
	forget(h);
	put_opening(h, -1, "append-begin", FIRST, begin);
	CHECK_ERR(verify_entry(h, "append-begin", FIRST, "successor", SECOND, &e), ERR_FORGED);
}

int
main(void)
{
	char folder[] = "/tmp/stager-test-XXXXXX", path[64];
	struct house h = {.folder = -1};

	CHECK(mkdtemp(folder) != NULL);
	(void)snprintf(path, sizeof(path), "%s/ledger.db", folder);
	if ((h.ledger = ledger_open(path, true, &e)) == NULL)
		return 1;
	CHECK_OK(ledger_run(h.ledger, &e, "INSERT INTO holder VALUES ('umc', 1)", ""));
	CHECK_OK(ledger_run(h.ledger, &e, "INSERT INTO dataset VALUES (?, 'umc', 'ct', 1)", "s", DATASET));
	put_version(&h, FIRST, 1, "WITHDRAWN");
	put_version(&h, SECOND, 2, "SEALED");
	test_withdraw(&h);
	test_before(&h);
	ledger_close(h.ledger);
	(void)unlink(path);
	(void)rmdir(folder);
	return check_done();
}
