/* stager-scrub: reads policies, and the raw bytes of one unit, which it scrubs onto the entry stream;
 * confined. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "stager/archive.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/sandbox.h"
#include "stager/scrub.h"
#include "stager/secret.h"
#include "stager/source.h"
#include "stager/wire.h"

#define ENTRIES_FD 4
#define KEY_FD 5
#define KEY_LEN 32
#define POLICY_YAML_MAX (1u << 20)
#define REST_LEN 65536

/* One unit of a push: files and archives in their order, until the supervisor says that there are no more. */
struct unit {
	struct scrub scrub;
	struct policy *policy;
	struct pseudonym_key *key;
	struct entry_writer out;
	uint8_t held[ENTRY_HELD_LEN]; /* small members on their way out */
	uint8_t rest[REST_LEN];       /* of a pipe, read and forgotten */
	uint64_t number;              /* of the last file, from 1 */
	uint64_t files;
};

/* "policy": one policy from YAML to its resolved form. */
static int
serve_policy(struct err *e)
{
	struct json *source = NULL, *resolved = NULL;
	struct buf yaml;
	int rc = -1;

	/* One byte more than may be, so that too large is told apart from just large enough. */
	buf_init(&yaml, POLICY_YAML_MAX + 1);
	if ((source = wire_expect(WIRE_FD, WIRE_SOURCE, NULL, 0, e)) == NULL ||
	    json_need_base64(source, "yaml", &yaml, "control message", e) == -1 ||
	    (resolved = policy_from_yaml(yaml.data, yaml.len, e)) == NULL)
		goto out;
	rc = wire_send(WIRE_FD, WIRE_POLICY, resolved, NULL, 0, e);
out:
	json_free(source);
	json_free(resolved);
	buf_free(&yaml);
	return rc;
}

static int
take_policy(struct unit *u, struct err *e)
{
	struct json *resolved = wire_expect(WIRE_FD, WIRE_POLICY, NULL, 0, e);

	if (resolved == NULL)
		return -1;
	u->policy = policy_decode(resolved, e);
	u->scrub.policy = u->policy;
	json_free(resolved);
	return u->policy == NULL ? -1 : 0;
}

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

static int
take_file(struct unit *u, const char *name, uint64_t size, int fd, bool piped, struct err *e)
{
	struct source_fd source;

	source_fd_init(&source, fd, size, ++u->number, name);
	u->files++;
	if (scrub_file(&u->scrub, &source.source, e) == -1)
		return -1;
	return piped ? drain(u, fd, e) : 0;
}

static int
take_archive(struct unit *u, const char *folder, uint64_t size, int fd, bool piped, struct err *e)
{
	uint64_t first = u->number + 1;
	struct archive_reader *r = archive_open(fd, size, folder, &u->number, e);
	struct source *member;
	int rc = -1;

	while (r != NULL && (rc = archive_next(r, &member, e)) == 1) {
		u->files++;
		if ((rc = scrub_file(&u->scrub, member, e)) == -1)
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

static int
send_done(const struct unit *u, struct err *e)
{
	struct json *j = json_object();
	int rc;

	json_set(j, "report", report_json(u->scrub.report));
	json_set_int(j, "entries", (int64_t)u->out.entries);
	json_set_int(j, "bytes", (int64_t)u->out.bytes);
	json_set_int(j, "files", (int64_t)u->files);
	rc = wire_send(WIRE_FD, WIRE_DONE, j, NULL, 0, e);
	json_free(j);
	return rc;
}

/* Messages until END. */
static int
serve_sources(struct unit *u, struct err *e)
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
	return rc == -1 || entry_flush(&u->out, e) == -1 ? -1 : send_done(u, e);
}

/* The subkey, straight from stager-key. */
static int
take_key(struct unit *u, struct err *e)
{
	struct secret *subkey = secret_read(KEY_FD, KEY_LEN, "pseudonym subkey", e);

	if (subkey != NULL)
		u->key = pseudonym_key_new(subkey, e);
	secret_free(subkey);
	(void)close(KEY_FD);
	return u->key == NULL ? -1 : 0;
}

static int
serve_unit(struct unit *u, struct err *e)
{
	entry_writer_init(&u->out, ENTRIES_FD);
	entry_writer_hold(&u->out, u->held);
	u->scrub = (struct scrub){.key = u->key, .report = report_new(), .out = &u->out};
	if (take_policy(u, e) == -1)
		return -1;
	return serve_sources(u, e);
}

int
main(int argc, char *argv[])
{
	struct sandbox sandbox = {.allow = SANDBOX_PASS_FD, .folder = -1};
	struct unit unit = {.key = NULL};
	struct err e = {.code = ERR_NONE};
	bool policy = argc > 1 && strcmp(argv[1], "policy") == 0;
	int rc = -1;

	sandbox_first();
	sandbox_help(argc, argv, "stager-scrub");
	if (!policy && (argc < 2 || strcmp(argv[1], "unit") != 0)) {
		err_set(&e, ERR_USAGE, "usage: stager-scrub policy|unit (started by stager)");
		goto out;
	}
	if (!policy) {
		sandbox.allow |= SANDBOX_SECRETS;
		if (secret_start(&e) == -1 || take_key(&unit, &e) == -1 || archive_warm(&e) == -1)
			goto out;
	}
	if (sandbox_enter(&sandbox, NULL, &e) == -1)
		goto out;
	sandbox_prove(argc, argv);
	rc = policy ? serve_policy(&e) : serve_unit(&unit, &e);
out:
	report_free(unit.scrub.report);
	policy_free(unit.policy);
	pseudonym_key_free(unit.key);
	explicit_bzero(unit.held, sizeof(unit.held));
	explicit_bzero(unit.rest, sizeof(unit.rest));
	return rc == 0 ? 0 : err_report("stager-scrub", &e);
}
