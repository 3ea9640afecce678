/* The ledger: SQLite opened the careful way, and statements with their parameters in one call. */
#include "stager/ledger.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ledger_schema.h"

#define TEXT_OF(number) #number
#define TEXT(name) TEXT_OF(name)

struct ledger {
	sqlite3 *db;
};

struct ledger_query {
	sqlite3 *db;
	sqlite3_stmt *statement;
};

/* Say what SQLite said, in terms of what the caller can do. */
static int
ledger_fail(sqlite3 *db, int code, const char *step, struct err *e)
{
	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(
		    e, ERR_FORGED, "ledger: %s: the file is damaged (%s)", step, sqlite3_errstr(code));
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(e, ERR_REMOTE, "ledger: %s: busy", step);
	default:
		return err_set(e, ERR_SYSTEM, "ledger: %s: %s", step,
		    db == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(db));
	}
}

static int
ledger_script(sqlite3 *db, const char *sql, const char *step, struct err *e)
{
	int code = sqlite3_exec(db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : ledger_fail(db, code, step, e);
}

static int
ledger_make(sqlite3 *db, const char *step, struct err *e)
{
	for (size_t i = 0; ledger_schema[i] != NULL; i++)
		if (ledger_script(db, ledger_schema[i], step, e) == -1)
			return -1;
	return 0;
}

/* PRAGMA user_version, which tells our file from another's. */
static int
ledger_schema_version(sqlite3 *db, int64_t *out, struct err *e)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL);

	if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		*out = sqlite3_column_int64(statement, 0);
		code = SQLITE_OK;
	}
	(void)sqlite3_finalize(statement);
	return code == SQLITE_OK ? 0 : ledger_fail(db, code, "open", e);
}

struct ledger *
ledger_open(const char *path, bool create, struct err *e)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_NOFOLLOW |
		    (create ? SQLITE_OPEN_CREATE : 0);
	struct ledger *l = calloc(1, sizeof(*l));
	int64_t version = 0;
	int code;

	if (l == NULL) {
		err_set(e, ERR_SYSTEM, "ledger: out of memory");
		return NULL;
	}
	if ((code = sqlite3_open_v2(path, &l->db, flags, NULL)) != SQLITE_OK) {
		ledger_fail(l->db, code, "open", e);
		goto fail;
	}
	(void)sqlite3_extended_result_codes(l->db, 1);
	(void)sqlite3_busy_timeout(l->db, 30000);
	(void)sqlite3_db_config(l->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(l->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	if (ledger_script(l->db,
		"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA "
		"foreign_keys=ON;"
		"PRAGMA cell_size_check=ON",
		"open", e) == -1)
		goto fail;
	if (create && (ledger_script(l->db, "BEGIN IMMEDIATE", "make", e) == -1 ||
			  ledger_make(l->db, "make", e) == -1 ||
			  ledger_script(l->db, "PRAGMA user_version=" TEXT(LEDGER_VERSION) "; COMMIT", "make",
			      e) == -1))
		goto fail;
	if (ledger_schema_version(l->db, &version, e) == -1)
		goto fail;
	if (version != LEDGER_VERSION) {
		err_set(e, ERR_FORGED, "ledger: schema version %lld where %d was due", (long long)version,
		    LEDGER_VERSION);
		goto fail;
	}
	return l;
fail:
	ledger_close(l);
	return NULL;
}

void
ledger_close(struct ledger *l)
{
	if (l == NULL)
		return;
	(void)sqlite3_close(l->db);
	free(l);
}

static struct ledger_query *
ledger_prepare(struct ledger *l, struct err *e, const char *sql, const char *types, va_list ap)
{
	struct ledger_query *q = calloc(1, sizeof(*q));
	int code;

	if (q == NULL) {
		err_set(e, ERR_SYSTEM, "ledger: out of memory");
		return NULL;
	}
	q->db = l->db;
	code = sqlite3_prepare_v2(l->db, sql, -1, &q->statement, NULL);
	for (int i = 1; code == SQLITE_OK && *types != '\0'; types++, i++) {
		if (*types == 's') {
			code = sqlite3_bind_text(
			    q->statement, i, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
		} else if (*types == 'i') {
			code = sqlite3_bind_int64(q->statement, i, va_arg(ap, int64_t));
		} else if (*types == 'b') {
			const void *data = va_arg(ap, const void *);

			code =
			    sqlite3_bind_blob64(q->statement, i, data, va_arg(ap, size_t), SQLITE_TRANSIENT);
		} else {
			code = sqlite3_bind_null(q->statement, i);
		}
	}
	if (code != SQLITE_OK) {
		ledger_fail(l->db, code, "prepare", e);
		/* Our statements are fixed: where one no longer fits, the tables are not ours any more. */
		if ((code & 0xff) == SQLITE_ERROR && e != NULL)
			e->code = ERR_FORGED;
		ledger_end(q);
		return NULL;
	}
	return q;
}

struct ledger_query *
ledger_query(struct ledger *l, struct err *e, const char *sql, const char *types, ...)
{
	struct ledger_query *q;
	va_list ap;

	va_start(ap, types);
	q = ledger_prepare(l, e, sql, types, ap);
	va_end(ap);
	return q;
}

int
ledger_run(struct ledger *l, struct err *e, const char *sql, const char *types, ...)
{
	struct ledger_query *q;
	va_list ap;
	int rc = -1;

	va_start(ap, types);
	q = ledger_prepare(l, e, sql, types, ap);
	va_end(ap);
	if (q != NULL)
		rc = ledger_next(q, e);
	ledger_end(q);
	return rc == -1 ? -1 : 0;
}

int
ledger_next(struct ledger_query *q, struct err *e)
{
	int code;

	if (q == NULL)
		return -1;
	code = sqlite3_step(q->statement);
	if (code == SQLITE_ROW)
		return 1;
	if (code == SQLITE_DONE)
		return 0;
	return ledger_fail(q->db, code, "step", e);
}

void
ledger_end(struct ledger_query *q)
{
	if (q == NULL)
		return;
	(void)sqlite3_finalize(q->statement);
	free(q);
}

const char *
ledger_text(struct ledger_query *q, int column)
{
	const unsigned char *text = sqlite3_column_text(q->statement, column);

	return text == NULL ? "" : (const char *)text;
}

int64_t
ledger_int(struct ledger_query *q, int column)
{
	return sqlite3_column_int64(q->statement, column);
}

const void *
ledger_blob(struct ledger_query *q, int column, size_t *len)
{
	const void *data = sqlite3_column_blob(q->statement, column);

	*len = data == NULL ? 0 : (size_t)sqlite3_column_bytes(q->statement, column);
	return data == NULL ? "" : data;
}

bool
ledger_null(struct ledger_query *q, int column)
{
	return sqlite3_column_type(q->statement, column) == SQLITE_NULL;
}

int
ledger_begin(struct ledger *l, struct err *e)
{
	return ledger_script(l->db, "BEGIN IMMEDIATE", "begin", e);
}

int
ledger_commit(struct ledger *l, struct err *e)
{
	return ledger_script(l->db, "COMMIT", "commit", e);
}

void
ledger_rollback(struct ledger *l)
{
	if (sqlite3_get_autocommit(l->db) == 0)
		(void)sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
}

/* The schema's own text must be what this build makes: a bit of it changes what every row means. */
static int
ledger_check_schema(struct ledger *l, struct err *e)
{
	static const char sql[] = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema WHERE "
				  "name <> 'sqlite_stat1' ORDER BY type, name";
	struct ledger fresh = {.db = NULL};
	struct ledger_query *is = NULL, *due = NULL;
	int code, rc = -1, more, more_due;

	if ((code = sqlite3_open(":memory:", &fresh.db)) != SQLITE_OK) {
		ledger_fail(fresh.db, code, "check", e);
		goto out;
	}
	if (ledger_make(fresh.db, "check", e) == -1)
		goto out;
	is = ledger_query(l, e, sql, "");
	due = ledger_query(&fresh, e, sql, "");
	do {
		if ((more = ledger_next(is, e)) == -1 || (more_due = ledger_next(due, e)) == -1)
			goto out;
		for (int i = 0; more == more_due && more == 1 && i < 4; i++)
			if (strcmp(ledger_text(is, i), ledger_text(due, i)) != 0)
				more = 0;
		if (more != more_due) {
			err_set(e, ERR_FORGED,
			    "ledger: its schema is not this program's: it was changed, or the house was made "
			    "by an earlier one");
			goto out;
		}
	} while (more == 1);
	rc = 0;
out:
	ledger_end(is);
	ledger_end(due);
	(void)sqlite3_close(fresh.db);
	return rc;
}

int
ledger_check(struct ledger *l, struct err *e)
{
	struct ledger_query *q = ledger_query(l, e, "PRAGMA integrity_check(1)", "");
	int rc = -1, more = ledger_next(q, e);

	if (more == 1 && strcmp(ledger_text(q, 0), "ok") == 0)
		rc = 0;
	else if (more != -1)
		err_set(e, ERR_FORGED, "ledger: SQLite's own check finds the file damaged");
	ledger_end(q);
	if (rc == -1)
		return -1;
	q = ledger_query(l, e, "PRAGMA foreign_key_check", "");
	more = ledger_next(q, e);
	ledger_end(q);
	if (more == 1)
		return err_set(e, ERR_FORGED, "ledger: a row refers to one that is not there");
	return more == -1 ? -1 : ledger_check_schema(l, e);
}
