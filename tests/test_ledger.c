/* The ledger: made, reopened, transactions, constraints, and a damaged file. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "stager/ledger.h"

static struct err e;

static int64_t
count_holders(struct ledger *l)
{
	struct ledger_query *q = ledger_query(l, &e, "SELECT count(*) FROM holder", "");
	int64_t n = ledger_next(q, &e) == 1 ? ledger_int(q, 0) : -1;

	ledger_end(q);
	return n;
}

/* Every page's first bytes overwritten: opening or checking must say that it is damaged. */
static void
test_damage(const char *path)
{
	struct ledger *l;
	int fd = open(path, O_RDWR), rc = -1;
	off_t size = lseek(fd, 0, SEEK_END);

	for (off_t at = 4096; at < size; at += 4096)
		CHECK(pwrite(fd, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, at) == 8);
	(void)close(fd);
	e.code = ERR_NONE;
	if ((l = ledger_open(path, false, &e)) != NULL)
		rc = ledger_check(l, &e);
	CHECK(rc == -1 && e.code == ERR_FORGED);
	ledger_close(l);
	/* And one that is no ledger at all. */
	fd = open(path, O_RDWR | O_TRUNC);
	CHECK(write(fd, "not a database, but long enough to be read as the head of one, perhaps", 70) == 70);
	(void)close(fd);
	CHECK(ledger_open(path, false, &e) == NULL && e.code == ERR_FORGED);
}

int
main(void)
{
	char folder[] = "/tmp/stager-test-XXXXXX", path[64];
	struct ledger_query *q;
	struct ledger *l;
	size_t len;

	CHECK(mkdtemp(folder) != NULL);
	(void)snprintf(path, sizeof(path), "%s/ledger.db", folder);
	CHECK(ledger_open(path, false, &e) == NULL && e.code == ERR_SYSTEM);
	CHECK((l = ledger_open(path, true, &e)) != NULL);
	CHECK(ledger_open(path, true, &e) == NULL);
	CHECK_OK(ledger_run(l, &e, "INSERT INTO holder VALUES (?, ?)", "si", "umc", (int64_t)7));
	CHECK_ERR(ledger_run(l, &e, "INSERT INTO holder VALUES (?, ?)", "si", "umc", (int64_t)7), ERR_SYSTEM);
	/* Foreign keys and the list of states hold. */
	CHECK_ERR(ledger_run(l, &e, "INSERT INTO dataset VALUES ('a', 'nobody', 'x', 1)", ""), ERR_SYSTEM);
	CHECK_OK(ledger_begin(l, &e));
	CHECK_OK(ledger_run(l, &e, "INSERT INTO holder VALUES ('other', 1)", ""));
	ledger_rollback(l);
	ledger_rollback(l);
	CHECK(count_holders(l) == 1);
	CHECK_OK(ledger_begin(l, &e));
	CHECK_OK(ledger_run(l, &e, "INSERT INTO setting VALUES ('k', ?)", "b", "a\0b", (size_t)3));
	CHECK_OK(ledger_commit(l, &e));
	ledger_close(l);
	CHECK((l = ledger_open(path, false, &e)) != NULL);
	CHECK_OK(ledger_check(l, &e));
	q = ledger_query(l, &e, "SELECT value, NULL FROM setting WHERE key = ?", "s", "k");
	CHECK(ledger_next(q, &e) == 1);
	CHECK(memcmp(ledger_blob(q, 0, &len), "a\0b", 3) == 0 && len == 3);
	CHECK(ledger_null(q, 1) && strcmp(ledger_text(q, 1), "") == 0);
	CHECK(ledger_next(q, &e) == 0);
	ledger_end(q);
	CHECK(ledger_query(l, &e, "SELECT nothing FROM nowhere", "") == NULL && e.code == ERR_FORGED);
	CHECK(ledger_next(NULL, &e) == -1);
	ledger_end(NULL);
	ledger_close(l);
	ledger_close(NULL);
	test_damage(path);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/ledger.db-wal", folder);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/ledger.db-shm", folder);
	(void)unlink(path);
	(void)rmdir(folder);
	return check_done();
}
