/* stager-scrub: files and archives as the supervisor passes them, until there are no more. */
#include "scrub_unit.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "stager/archive.h"
#include "stager/context.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/records.h"
#include "stager/report.h"
#include "stager/rows.h"
#include "stager/source.h"
#include "stager/suggest.h"
#include "stager/wire.h"
#include "stager/withdrawn.h"

/*
 * What a reader left of a pipe, so that who fills it comes to its end and can say that all of it was good. Whether this
 * was the end only that program knows, and says to the supervisor.
 */
static int
drain(struct unit *u, int fd, struct err *e)
{
	ssize_t n;

	while ((n = io_read(fd, u->rest, sizeof(u->rest), "source", e)) > 0)
		continue;
	return n == -1 ? -1 : 0;
}

/* What a file is called, and by which number. None of its bytes. */
static int
take_name(const struct source *in, struct err *e)
{
	struct buf line;
	int rc = -1;

	buf_init(&line, 65536);
	if (buf_printf(&line, e, "%" PRIu64 "\t%s\n", in->number, in->name) == 0)
		rc = io_write(ENTRIES_FD, line.data, line.len, "names", e);
	buf_free(&line);
	return rc;
}

static int
take_one(struct unit *u, struct source *from, struct err *e)
{
	struct metered metered;
	struct source *in = scrub_metered(&metered, from, u);

	if (u->mode == MODE_NAMES)
		return take_name(in, e);
	if (u->mode == MODE_SUGGEST)
		return suggest_file(u->suggest, in, e);
	if (u->mode == MODE_GATHER && u->records != NULL)
		return records_file(&u->scrub, in, e);
	return u->mode == MODE_GATHER ? gather_file(&u->gather, in, e) : scrub_file(&u->scrub, in, e);
}

static int
take_file(struct unit *u, const char *name, uint64_t size, int fd, bool piped, struct err *e)
{
	struct source_fd source;

	source_fd_init(&source, fd, size, ++u->number, name);
	u->files++;
	if (take_one(u, &source.source, e) == -1)
		return -1;
	return piped ? drain(u, fd, e) : 0;
}

static int
take_archive(struct unit *u, const char *folder, uint64_t size, int fd, bool piped, struct err *e)
{
	/* A zip in a pipe is held in memory: its list stands at its end. */
	const struct scrub_need need = {.memory = piped ? size : 0};
	uint64_t first = u->number + 1;
	struct archive_reader *r;
	struct source *member;
	int rc = -1;

	if (scrub_turn_begin(u, &need, e) == -1)
		return -1;
	r = archive_open(fd, size, folder, &u->number, e);
	while (r != NULL && (rc = archive_next(r, &member, e)) == 1) {
		u->files++;
		if ((rc = take_one(u, member, e)) == -1)
			break;
	}
	archive_close(r);
	if (rc == 0 && piped)
		rc = drain(u, fd, e);
	if (rc == -1)
		err_context(e, "file %" PRIu64, first);
	return rc;
}

/* A file or an archive with its descriptor. */
static int
take_source(struct unit *u, const struct wire_message *m, struct err *e)
{
	static const char *const keys[] = {"name", "number", "size", NULL};
	struct json *j = json_parse(m->payload.data, m->payload.len, "control message", e);
	int64_t number, size;
	const char *name;
	int rc = -1;

	if (j == NULL || json_expect_keys(j, keys, "control message", e) == -1 ||
	    (name = json_need_string(j, "name", "control message", e)) == NULL ||
	    json_need_int(j, "number", 1, JSON_INT_MAX, "control message", &number, e) == -1 ||
	    json_need_int(j, "size", 0, JSON_INT_MAX, "control message", &size, e) == -1)
		goto out;
	if (m->fds[0] == -1 || m->fds[1] != -1) {
		err_set(e, ERR_INPUT, "control message: not one descriptor");
		goto out;
	}
	/* The sender cannot know how many files an archive held: a number is never given twice. */
	if ((uint64_t)number > u->number + 1)
		u->number = (uint64_t)number - 1;
	rc = m->type == WIRE_FILE || m->type == WIRE_PIPED_FILE
		 ? take_file(u, name, (uint64_t)size, m->fds[0], m->type == WIRE_PIPED_FILE, e)
		 : take_archive(u, name, (uint64_t)size, m->fds[0], m->type == WIRE_PIPED_ARCHIVE, e);
out:
	json_free(j);
	return rc;
}

/* A file with planted values, read as one rule says. */
static int
take_canary(struct unit *u, const struct wire_message *m, struct err *e)
{
	static const char *const keys[] = {"rule", "name", "size", "known", NULL};
	struct json *j = json_parse(m->payload.data, m->payload.len, "control message", e);
	const struct json *known;
	struct source_fd source;
	int64_t rule, size;
	const char *name;
	int rc = -1;

	if (j == NULL || json_expect_keys(j, keys, "control message", e) == -1 ||
	    json_need_int(j, "rule", 1, JSON_INT_MAX, "control message", &rule, e) == -1 ||
	    (name = json_need_string(j, "name", "control message", e)) == NULL ||
	    json_need_int(j, "size", 0, ENTRY_CANARY_MAX, "control message", &size, e) == -1 ||
	    (known = json_need(j, "known", JSON_OBJECT, "control message", e)) == NULL)
		goto out;
	if ((u->mode != MODE_UNIT && u->mode != MODE_UNIT_CONTEXT) || u->files > 0 || m->fds[0] == -1 ||
	    m->fds[1] != -1) {
		err_set(e, ERR_INPUT, "control message: a canary where none was due");
		goto out;
	}
	source_fd_init(&source, m->fds[0], (uint64_t)size, ENTRY_FILE_CANARY, name);
	rc = scrub_canary(&u->scrub, (size_t)rule - 1, known, &source.source, e);
out:
	json_free(j);
	return rc;
}

/* Records that passed, and their sum. */
static void
set_sum(struct json *j, const struct unit *u)
{
	uint8_t sum[RECORDS_SUM_LEN];

	record_sum_encode(records_sum(u->records), sum);
	json_set_int(j, "records", (int64_t)records_sum(u->records)->count);
	json_set_hex(j, "sum", sum, sizeof(sum));
}

static int
send_done(const struct unit *u, struct err *e)
{
	struct json *j = json_object();
	int rc;

	json_set(j, "report", report_json(u->scrub.report));
	json_set_int(j, "entries", (int64_t)u->out.entries);
	json_set_int(j, "bytes", (int64_t)u->out.bytes);
	json_set_int(j, "files", (int64_t)u->files);
	if (u->records != NULL)
		set_sum(j, u);
	rc = wire_send(WIRE_FD, WIRE_DONE, j, NULL, 0, e);
	json_free(j);
	return rc;
}

/* An exclusion list with its descriptor. */
static int
take_exclusions(struct unit *u, const struct wire_message *m, struct err *e)
{
	static const char *const keys[] = {"salt", NULL};
	struct json *j = json_parse(m->payload.data, m->payload.len, "control message", e), *ok = NULL;
	uint8_t salt[DIGEST_LEN], commitment[DIGEST_LEN];
	struct source_fd source;
	struct stat st;
	uint64_t count;
	int rc = -1;

	if (j == NULL || json_expect_keys(j, keys, "control message", e) == -1 ||
	    json_need_hex(j, "salt", salt, sizeof(salt), "control message", e) == -1)
		goto out;
	if (u->mode != MODE_GATHER || u->files > 0 || m->fds[0] == -1 || m->fds[1] != -1) {
		err_set(e, ERR_INPUT, "control message: an exclusion list where none was due");
		goto out;
	}
	if (fstat(m->fds[0], &st) == -1) {
		err_sys(e, "exclusion list: stat");
		goto out;
	}
	if (st.st_size > EXCLUSION_LIST_MAX) {
		err_set(e, ERR_LIMIT, "exclusion list: larger than %u MiB", EXCLUSION_LIST_MAX >> 20);
		goto out;
	}
	source_fd_init(&source, m->fds[0], (uint64_t)st.st_size, 1, "");
	if (gather_exclude(&u->gather, &source.source, salt, commitment, &count, e) == -1)
		goto out;
	ok = json_object();
	json_set_hex(ok, "commitment", commitment, sizeof(commitment));
	json_set_int(ok, "keys", (int64_t)count);
	rc = wire_send(WIRE_FD, WIRE_OK, ok, NULL, 0, e);
out:
	json_free(j);
	json_free(ok);
	return rc;
}

/* For each thread. */
static int
share_withdrawn(struct unit *u, struct err *e)
{
	u->gather.withdrawn = u->scrub.withdrawn = u->withdrawn[0];
	for (unsigned i = 0; i < u->thread_count; i++) {
		if ((u->withdrawn[1 + i] = withdrawn_again(u->withdrawn[0], e)) == NULL)
			return -1;
		u->threads[i].withdrawn = u->withdrawn[1 + i];
	}
	return 0;
}

/* Who was withdrawn before: as if they stood on an exclusion list. A unit has them, too, for the table may not have all of their rows. */
static int
take_withdrawn(struct unit *u, const struct wire_message *m, struct err *e)
{
	static const char *const keys[] = {"marks", NULL};
	struct json *j = json_parse(m->payload.data, m->payload.len, "control message", e);
	int64_t count;
	int rc = -1;

	if (j == NULL || json_expect_keys(j, keys, "control message", e) == -1 ||
	    json_need_int(j, "marks", 1, WITHDRAWN_MAX, "control message", &count, e) == -1)
		goto out;
	if ((u->mode != MODE_GATHER && u->mode != MODE_UNIT_CONTEXT) || u->files > 0 ||
	    u->withdrawn[0] != NULL || m->fds[0] == -1 || m->fds[1] == -1)
		err_set(e, ERR_INPUT, "control message: withdrawn subjects where none were due");
	else if ((u->withdrawn[0] = withdrawn_take(m->fds[0], (size_t)count, m->fds[1], e)) != NULL)
		rc = share_withdrawn(u, e);
out:
	json_free(j);
	return rc;
}

/* The rows of the subject table that a version has; and where those of this table go. */
static int
take_rows(struct unit *u, struct wire_message *m, struct err *e)
{
	static const char *const keys[] = {"rows", NULL};
	struct json *j = json_parse(m->payload.data, m->payload.len, "control message", e);
	int64_t count;
	int rc = -1;

	if (j == NULL || json_expect_keys(j, keys, "control message", e) == -1 ||
	    json_need_int(j, "rows", 0, ROWS_MAX, "control message", &count, e) == -1)
		goto out;
	if (u->mode != MODE_GATHER || u->files > 0 || u->gather.rows != NULL || m->fds[0] == -1 ||
	    m->fds[1] == -1 || m->fds[2] == -1)
		err_set(e, ERR_INPUT, "control message: rows where none were due");
	else {
		u->gather.rows = rows_take(m->fds[0], (size_t)count, m->fds[1], m->fds[2], e);
		m->fds[2] = -1;
		rc = u->gather.rows == NULL ? -1 : 0;
	}
out:
	json_free(j);
	return rc;
}

/* The first pass is over: what it came to. */
static int
send_gathered(struct unit *u, struct err *e)
{
	uint8_t digest[DIGEST_LEN];
	uint64_t subjects = 0, rows = 0, changed = 0, missing = 0;
	struct json *j;
	int rc;

	u->scrub.report = report_new();
	if (u->records != NULL)
		rc = records_finish(u->records, ENTRIES_FD, u->scrub.report, digest, e);
	else if ((rc = gather_end(&u->gather, u->scrub.report, e)) == 0 &&
		 (u->gather.rows == NULL || (rc = rows_finish(u->gather.rows, u->gather.policy,
						 u->gather.maker, &rows, &changed, &missing, e)) == 0))
		rc = context_finish(u->gather.maker, digest, &subjects, e);
	if (rc == -1)
		return -1;
	j = json_object();
	if (u->records != NULL)
		set_sum(j, u);
	json_set(j, "report", report_json(u->scrub.report));
	json_set_hex(j, "context", digest, sizeof(digest));
	json_set_int(j, "subjects", (int64_t)subjects);
	json_set_int(j, "rows", (int64_t)rows);
	json_set_int(j, "rows-changed", (int64_t)changed);
	json_set_int(j, "rows-missing", (int64_t)missing);
	rc = wire_send(WIRE_FD, WIRE_GATHERED, j, NULL, 0, e);
	json_free(j);
	return rc;
}

static int
send_draft(const struct unit *u, struct err *e)
{
	struct json *j = json_object();
	struct buf draft;
	int rc;

	buf_init(&draft, SUGGEST_DRAFT_MAX);
	if ((rc = suggest_write(u->suggest, &draft, e)) == 0) {
		json_set(j, "draft", json_base64(draft.data, draft.len));
		rc = wire_send(WIRE_FD, WIRE_DONE, j, NULL, 0, e);
	}
	buf_free(&draft);
	json_free(j);
	return rc;
}

static int
send_named(const struct unit *u, struct err *e)
{
	struct json *j = json_object();
	int rc;

	json_set_int(j, "files", (int64_t)u->files);
	rc = wire_send(WIRE_FD, WIRE_DONE, j, NULL, 0, e);
	json_free(j);
	return rc;
}

int
scrub_sources_serve(struct unit *u, struct err *e)
{
	struct wire_message m;
	bool ended = false;
	int rc = 0;

	wire_message_init(&m);
	while (rc == 0 && !ended) {
		if ((rc = wire_receive(WIRE_FD, &m, e)) != 1) {
			rc = rc == -1 ? -1
				      : err_set(e, ERR_SYSTEM, "control socket: the other side went away");
			break;
		}
		switch (m.type) {
		case WIRE_FILE:
		case WIRE_ARCHIVE:
		case WIRE_PIPED_FILE:
		case WIRE_PIPED_ARCHIVE:
			rc = take_source(u, &m, e);
			break;
		case WIRE_METER:
			rc = scrub_meter_take(u, &m, e);
			break;
		case WIRE_TURN:
			rc = scrub_turn_take(u, &m, e);
			break;
		case WIRE_CANARY:
			rc = take_canary(u, &m, e);
			break;
		case WIRE_EXCLUDE:
			rc = take_exclusions(u, &m, e);
			break;
		case WIRE_WITHDRAWN:
			rc = take_withdrawn(u, &m, e);
			break;
		case WIRE_ROWS:
			rc = take_rows(u, &m, e);
			break;
		case WIRE_END:
			ended = true;
			rc = 0;
			break;
		default:
			rc = err_set(
			    e, ERR_INPUT, "control message: type %d where a source was due", (int)m.type);
		}
		wire_message_free(&m);
		wire_message_init(&m);
	}
	wire_message_free(&m);
	if (rc == 0 && u->mode == MODE_SUGGEST)
		return send_draft(u, e);
	if (rc == 0 && u->mode == MODE_GATHER)
		return send_gathered(u, e);
	if (rc == 0 && u->mode == MODE_NAMES)
		return send_named(u, e);
	return rc == -1 || entry_flush(&u->out, e) == -1 ? -1 : send_done(u, e);
}
