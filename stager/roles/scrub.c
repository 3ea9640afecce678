/* stager-scrub: reads policies; gathers who there is in a dataset (pass 1); and scrubs the raw bytes of one unit onto the
 * entry stream (pass 2); confined. */
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scrub_withdraw.h"
#include "stager/archive.h"
#include "stager/context.h"
#include "stager/enc.h"
#include "stager/entry.h"
#include "stager/gather.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/ring.h"
#include "stager/sandbox.h"
#include "stager/scrub.h"
#include "stager/secret.h"
#include "stager/source.h"
#include "stager/suggest.h"
#include "stager/wire.h"
#include "stager/withdrawn.h"

#define ENTRIES_FD 4 /* of a unit; where a gather writes the context */
#define KEY_FD 5
#define CONTEXT_FD 6 /* of a unit, where there is one */
#define MEMORY_MAX (UINT64_C(1) << 30)
#define KEY_LEN 32
#define POLICY_YAML_MAX (1u << 20)
#define REST_LEN 65536

enum mode { MODE_POLICY, MODE_SUGGEST, MODE_GATHER, MODE_WITHDRAW, MODE_UNIT, MODE_UNIT_CONTEXT };

/* One unit of a push: files and archives in their order, until the supervisor says that there are no more. Or the first
 * pass, which meets files in the same way. */
struct unit {
	enum mode mode;
	struct gather gather;
	struct scrub scrub;
	struct context *context;
	/* The first of each is this thread's; the others are for the threads that large files are given to. */
	struct policy *policies[1 + RING_PROCESSORS_MAX];
	struct pseudonym_key *keys[1 + RING_PROCESSORS_MAX];
	struct scrub_thread threads[RING_PROCESSORS_MAX];
	unsigned thread_count;
	struct entry_writer out;
	uint8_t held[ENTRY_HELD_LEN]; /* small members on their way out */
	uint8_t rest[REST_LEN];       /* of a pipe, read and forgotten */
	uint64_t number;              /* of the last file, from 1 */
	uint64_t files;
	struct suggest *suggest;
};

/* The files beside a policy, as they were asked for. -1 with e set; files of data are freed by the caller also then. */
static int
take_beside(const struct json *names, struct buf *data, struct policy_file *files, struct err *e)
{
	struct json *wanted = json_object(), *beside = NULL;
	const struct json *list;
	int rc = -1;

	json_set(wanted, "files", json_copy(names));
	if (wire_send(WIRE_FD, WIRE_WANTED, wanted, NULL, 0, e) == -1 ||
	    (beside = wire_expect(WIRE_FD, WIRE_BESIDE, NULL, 0, e)) == NULL ||
	    (list = json_need(beside, "files", JSON_ARRAY, "control message", e)) == NULL)
		goto out;
	if (list->count != names->count) {
		err_set(e, ERR_INPUT, "control message: not the files that were asked for");
		goto out;
	}
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i]->type != JSON_STRING ||
		    base64_decode(list->items[i]->string, strlen(list->items[i]->string), &data[i],
			"control message", e) == -1)
			goto out;
		files[i] = (struct policy_file){names->items[i]->string, data[i].data, data[i].len};
	}
	rc = 0;
out:
	json_free(wanted);
	json_free(beside);
	return rc;
}

/* "policy": one policy from YAML, and what stands beside it, to its resolved form. */
static int
serve_policy(struct err *e)
{
	struct json *source = NULL, *resolved = NULL, *names = NULL;
	struct policy_file files[POLICY_BESIDE_MAX];
	struct buf yaml, data[POLICY_BESIDE_MAX];
	int rc = -1;

	/* One byte more than may be, so that too large is told apart from just large enough. */
	buf_init(&yaml, POLICY_YAML_MAX + 1);
	for (size_t i = 0; i < POLICY_BESIDE_MAX; i++)
		buf_init(&data[i], POLICY_BESIDE_BYTES_MAX);
	if ((source = wire_expect(WIRE_FD, WIRE_SOURCE, NULL, 0, e)) == NULL ||
	    json_need_base64(source, "yaml", &yaml, "control message", e) == -1 ||
	    (names = policy_files_wanted(yaml.data, yaml.len, e)) == NULL ||
	    take_beside(names, data, files, e) == -1 ||
	    (resolved = policy_from_files(yaml.data, yaml.len, files, names->count, e)) == NULL)
		goto out;
	rc = wire_send(WIRE_FD, WIRE_POLICY, resolved, NULL, 0, e);
out:
	json_free(source);
	json_free(resolved);
	json_free(names);
	for (size_t i = 0; i < POLICY_BESIDE_MAX; i++)
		buf_free(&data[i]);
	buf_free(&yaml);
	return rc;
}

static int
take_policy(struct unit *u, struct err *e)
{
	struct json *resolved = wire_expect(WIRE_FD, WIRE_POLICY, NULL, 0, e);

	int rc = -1;

	if (resolved == NULL)
		return -1;
	for (unsigned i = 0; i <= u->thread_count; i++)
		if ((u->policies[i] = policy_decode(resolved, e)) == NULL)
			goto out;
	for (unsigned i = 0; i < u->thread_count; i++)
		u->threads[i] = (struct scrub_thread){.policy = u->policies[1 + i], .key = u->keys[1 + i]};
	u->scrub.policy = u->policies[0];
	rc = 0;
out:
	json_free(resolved);
	return rc;
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
take_one(struct unit *u, struct source *in, struct err *e)
{
	if (u->mode == MODE_SUGGEST)
		return suggest_file(u->suggest, in, e);
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
	uint64_t first = u->number + 1;
	struct archive_reader *r = archive_open(fd, size, folder, &u->number, e);
	struct source *member;
	int rc = -1;

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
	static const char *const keys[] = {"rule", "size", "known", NULL};
	struct json *j = json_parse(m->payload.data, m->payload.len, "control message", e);
	const struct json *known;
	struct source_fd source;
	int64_t rule, size;
	int rc = -1;

	if (j == NULL || json_expect_keys(j, keys, "control message", e) == -1 ||
	    json_need_int(j, "rule", 1, JSON_INT_MAX, "control message", &rule, e) == -1 ||
	    json_need_int(j, "size", 0, ENTRY_CANARY_MAX, "control message", &size, e) == -1 ||
	    (known = json_need(j, "known", JSON_OBJECT, "control message", e)) == NULL)
		goto out;
	if ((u->mode != MODE_UNIT && u->mode != MODE_UNIT_CONTEXT) || u->files > 0 || m->fds[0] == -1 ||
	    m->fds[1] != -1) {
		err_set(e, ERR_INPUT, "control message: a canary where none was due");
		goto out;
	}
	source_fd_init(&source, m->fds[0], (uint64_t)size, ENTRY_FILE_CANARY, "canary");
	rc = scrub_canary(&u->scrub, (size_t)rule - 1, known, &source.source, e);
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

/* Who was withdrawn before: as if they stood on an exclusion list. */
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
	if (u->mode != MODE_GATHER || u->files > 0 || u->gather.withdrawn != NULL || m->fds[0] == -1 ||
	    m->fds[1] == -1)
		err_set(e, ERR_INPUT, "control message: withdrawn subjects where none were due");
	else if ((u->gather.withdrawn = withdrawn_take(m->fds[0], (size_t)count, m->fds[1], e)) != NULL)
		rc = 0;
out:
	json_free(j);
	return rc;
}

/* The first pass is over: what it came to. */
static int
send_gathered(struct unit *u, struct err *e)
{
	uint8_t digest[DIGEST_LEN];
	uint64_t subjects;
	struct json *j;
	int rc;

	u->scrub.report = report_new();
	if (gather_end(&u->gather, u->scrub.report, e) == -1 ||
	    context_finish(u->gather.maker, digest, &subjects, e) == -1)
		return -1;
	j = json_object();
	json_set(j, "report", report_json(u->scrub.report));
	json_set_hex(j, "context", digest, sizeof(digest));
	json_set_int(j, "subjects", (int64_t)subjects);
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
		case WIRE_CANARY:
			rc = take_canary(u, &m, e);
			break;
		case WIRE_EXCLUDE:
			rc = take_exclusions(u, &m, e);
			break;
		case WIRE_WITHDRAWN:
			rc = take_withdrawn(u, &m, e);
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
	return rc == -1 || entry_flush(&u->out, e) == -1 ? -1 : send_done(u, e);
}

/* The subkey, straight from stager-key. */
static int
take_key(struct unit *u, struct err *e)
{
	struct secret *subkey = secret_read(KEY_FD, KEY_LEN, "pseudonym subkey", e);
	bool made = subkey != NULL;

	for (unsigned i = 0; i <= u->thread_count && made; i++)
		made = (u->keys[i] = pseudonym_key_new(subkey, e)) != NULL;
	secret_free(subkey);
	(void)close(KEY_FD);
	return made ? 0 : -1;
}

/* The context that the policy wants, and its digest, where the supervisor asks for that. */
static int
take_context(struct unit *u, struct err *e)
{
	uint8_t wanted[DIGEST_LEN], is[DIGEST_LEN];
	const struct json *verify;
	struct json *j;
	int rc = -1;

	if ((u->mode == MODE_UNIT_CONTEXT) != (u->policies[0]->subject != NULL))
		return err_set(
		    e, ERR_INPUT, "control message: a policy that goes with no context, or wants one");
	if (u->mode != MODE_UNIT_CONTEXT)
		return 0;
	if ((j = wire_expect(WIRE_FD, WIRE_CONTEXT, NULL, 0, e)) == NULL)
		return -1;
	if (json_need_hex(j, "context", wanted, sizeof(wanted), "control message", e) == -1 ||
	    (verify = json_need(j, "verify", JSON_BOOL, "control message", e)) == NULL ||
	    (u->context = context_open(CONTEXT_FD, e)) == NULL)
		goto out;
	(void)close(CONTEXT_FD);
	if (verify->boolean) {
		context_digest(u->context, is);
		if (!digest_equal(is, wanted)) {
			err_set(e, ERR_FORGED, "context: it is not the one that was gathered");
			goto out;
		}
	}
	u->scrub.context = u->context;
	rc = 0;
out:
	json_free(j);
	return rc;
}

static int
serve_unit(struct unit *u, struct err *e)
{
	entry_writer_init(&u->out, ENTRIES_FD);
	entry_writer_hold(&u->out, u->held);
	u->scrub = (struct scrub){.key = u->keys[0],
	    .report = report_new(),
	    .out = &u->out,
	    .threads = u->threads,
	    .thread_count = u->thread_count};
	if (take_policy(u, e) == -1 || take_context(u, e) == -1)
		return -1;
	return serve_sources(u, e);
}

static int
serve_gather(struct unit *u, struct err *e)
{
	if (take_policy(u, e) == -1)
		return -1;
	if (u->policies[0]->subject == NULL)
		return err_set(e, ERR_INPUT, "control message: a policy without subjects to gather");
	u->gather = (struct gather){.policy = u->policies[0], .key = u->keys[0]};
	if (gather_begin(&u->gather, e) == -1 || (u->gather.maker = context_maker_new(ENTRIES_FD, e)) == NULL)
		return -1;
	return serve_sources(u, e);
}

/* A list of those who withdraw; the key of their marks comes where a unit has its context. */
static int
serve_withdraw(struct unit *u, struct err *e)
{
	struct secret *marks = NULL;
	int rc = -1;

	if (take_policy(u, e) == -1)
		return -1;
	if (u->policies[0]->subject == NULL)
		return err_set(e, ERR_INPUT, "control message: a policy without subjects");
	if ((marks = secret_read(CONTEXT_FD, KEY_LEN, "key of marks", e)) != NULL)
		rc = scrub_withdraw(u->policies[0], u->keys[0], marks, ENTRIES_FD, e);
	secret_free(marks);
	return rc;
}

/* Sources as of a unit, and a draft of a policy for them. */
static int
serve_suggest(struct unit *u, struct err *e)
{
	u->suggest = suggest_new();
	return serve_sources(u, e);
}

/* The mode that the arguments name; false where they name none. */
static bool
mode_of(int argc, char *const *argv, enum mode *mode)
{
	static const struct {
		const char *first, *second;
	} names[] = {[MODE_POLICY] = {"policy", NULL},
	    [MODE_SUGGEST] = {"suggest", NULL},
	    [MODE_GATHER] = {"gather", NULL},
	    [MODE_WITHDRAW] = {"withdraw", NULL},
	    [MODE_UNIT_CONTEXT] = {"unit", "context"},
	    [MODE_UNIT] = {"unit", NULL}};

	for (size_t i = sizeof(names) / sizeof(names[0]); argc > 1 && i > 0; i--) {
		*mode = (enum mode)(i - 1);
		if (strcmp(argv[1], names[*mode].first) == 0 &&
		    (names[*mode].second == NULL || (argc > 2 && strcmp(argv[2], names[*mode].second) == 0)))
			return true;
	}
	return false;
}

/* The context is mapped beside what is read: as much more memory as it is long. Seals cannot be asked for once confined. */
static int
context_ready(struct sandbox *sandbox, struct err *e)
{
	struct stat st;

	if (context_sealed(CONTEXT_FD, e) == -1)
		return -1;
	if (fstat(CONTEXT_FD, &st) == -1)
		return err_sys(e, "context: stat");
	sandbox->memory = MEMORY_MAX + (uint64_t)st.st_size;
	return 0;
}

int
main(int argc, char *argv[])
{
	struct sandbox sandbox = {.allow = SANDBOX_PASS_FD, .folder = -1, .memory = MEMORY_MAX};
	struct unit unit = {.number = 0};
	struct err e = {.code = ERR_NONE};
	int rc = -1;

	sandbox_first();
	sandbox_help(argc, argv, "stager-scrub");
	if (!mode_of(argc, argv, &unit.mode)) {
		err_set(&e, ERR_USAGE,
		    "usage: stager-scrub policy|suggest|gather|withdraw|unit [context] (started by stager)");
		goto out;
	}
	/* No key for a draft, which scrubs nothing. */
	if (unit.mode == MODE_SUGGEST && archive_warm(&e) == -1)
		goto out;
	if (unit.mode != MODE_POLICY && unit.mode != MODE_SUGGEST) {
		sandbox.allow |= SANDBOX_SECRETS;
		if (unit.mode != MODE_GATHER && unit.mode != MODE_WITHDRAW && ring_processors() > 1) {
			sandbox.allow |= SANDBOX_THREADS;
			unit.thread_count = ring_processors();
		}
		if (secret_start(&e) == -1 || take_key(&unit, &e) == -1 || archive_warm(&e) == -1 ||
		    (unit.mode == MODE_UNIT_CONTEXT && context_ready(&sandbox, &e) == -1))
			goto out;
	}
	if (sandbox_enter(&sandbox, NULL, &e) == -1)
		goto out;
	sandbox_prove(argc, argv);
	rc = unit.mode == MODE_POLICY    ? serve_policy(&e)
	     : unit.mode == MODE_SUGGEST ? serve_suggest(&unit, &e)
	     : unit.mode == MODE_GATHER  ? serve_gather(&unit, &e)
	     : unit.mode == MODE_WITHDRAW ? serve_withdraw(&unit, &e)
					 : serve_unit(&unit, &e);
out:
	suggest_free(unit.suggest);
	report_free(unit.scrub.report);
	context_maker_free(unit.gather.maker);
	gather_free(&unit.gather);
	withdrawn_free(unit.gather.withdrawn);
	context_close(unit.context);
	for (unsigned i = 0; i <= unit.thread_count; i++) {
		policy_free(unit.policies[i]);
		pseudonym_key_free(unit.keys[i]);
	}
	explicit_bzero(unit.held, sizeof(unit.held));
	explicit_bzero(unit.rest, sizeof(unit.rest));
	secret_registers_wipe();
	return rc == 0 ? 0 : err_report("stager-scrub", &e);
}
