/* stager-scrub: reads policies; gathers who there is in a dataset (pass 1); and scrubs the raw bytes of one unit onto the
 * entry stream (pass 2); confined. */
#include "scrub_unit.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scrub_withdraw.h"
#include "stager/archive.h"
#include "stager/context.h"
#include "stager/entry.h"
#include "stager/gather.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/records.h"
#include "stager/report.h"
#include "stager/ring.h"
#include "stager/rows.h"
#include "stager/sandbox.h"
#include "stager/scrub.h"
#include "stager/secret.h"
#include "stager/suggest.h"
#include "stager/wire.h"
#include "stager/withdrawn.h"

#define KEY_FD 5
#define CONTEXT_FD 6 /* of a unit, where there is one */
#define MEMORY_MAX (UINT64_C(1) << 30)
#define KEY_LEN 32

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

/* Is what counts a record, of whom no table knows? */
static bool
of_records(const struct policy *p)
{
	return p->disclosure != NULL && p->disclosure->rule != NULL;
}

/* What was gathered: a context, or the table of records. */
static int
open_context(struct unit *u, struct err *e)
{
	if (!of_records(u->policies[0]))
		return (u->scrub.context = u->context = context_open(CONTEXT_FD, e)) == NULL ? -1 : 0;
	return (u->scrub.records = u->records = records_open(u->policies[0], CONTEXT_FD, e)) == NULL ? -1 : 0;
}

/* The context that the policy wants, and its digest, where the supervisor asks for that. */
static int
take_context(struct unit *u, struct err *e)
{
	uint8_t wanted[DIGEST_LEN], is[DIGEST_LEN];
	const struct json *verify;
	struct json *j;
	int rc = -1;

	if ((u->mode == MODE_UNIT_CONTEXT) != (u->policies[0]->subject != NULL || of_records(u->policies[0])))
		return err_set(
		    e, ERR_INPUT, "control message: a policy that goes with no context, or wants one");
	if (u->mode != MODE_UNIT_CONTEXT)
		return 0;
	if ((j = wire_expect(WIRE_FD, WIRE_CONTEXT, NULL, 0, e)) == NULL)
		return -1;
	if (json_need_hex(j, "context", wanted, sizeof(wanted), "control message", e) == -1 ||
	    (verify = json_need(j, "verify", JSON_BOOL, "control message", e)) == NULL ||
	    open_context(u, e) == -1)
		goto out;
	(void)close(CONTEXT_FD);
	if (verify->boolean) {
		if (u->records != NULL)
			records_digest(u->records, is);
		else
			context_digest(u->context, is);
		if (!digest_equal(is, wanted)) {
			err_set(e, ERR_FORGED, "context: it is not the one that was gathered");
			goto out;
		}
	}
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
	return scrub_sources_serve(u, e);
}

static int
serve_gather(struct unit *u, struct err *e)
{
	if (take_policy(u, e) == -1)
		return -1;
	if (of_records(u->policies[0])) {
		/* Scrubbed to be counted: what is made goes nowhere. */
		entry_writer_nowhere(&u->out);
		if ((u->records = records_new(u->policies[0], e)) == NULL)
			return -1;
		u->scrub = (struct scrub){
		    .policy = u->policies[0], .key = u->keys[0], .records = u->records, .out = &u->out};
		return scrub_sources_serve(u, e);
	}
	if (u->policies[0]->subject == NULL)
		return err_set(e, ERR_INPUT, "control message: a policy without subjects to gather");
	u->gather = (struct gather){.policy = u->policies[0], .key = u->keys[0]};
	if (gather_begin(&u->gather, e) == -1 || (u->gather.maker = context_maker_new(ENTRIES_FD, e)) == NULL)
		return -1;
	return scrub_sources_serve(u, e);
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
	return scrub_sources_serve(u, e);
}

/* The mode that the arguments name; false where they name none. */
static bool
mode_of(int argc, char *const *argv, enum mode *mode)
{
	static const struct {
		const char *first, *second;
	} names[] = {[MODE_POLICY] = {"policy", NULL},
	    [MODE_SUGGEST] = {"suggest", NULL},
	    [MODE_NAMES] = {"names", NULL},
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
	struct unit unit = {.number = 0, .turn = -1, .meter = {-1, -1}};
	struct err e = {.code = ERR_NONE};
	int rc = -1;

	sandbox_first();
	sandbox_help(argc, argv, "stager-scrub");
	if (!mode_of(argc, argv, &unit.mode)) {
		err_set(&e, ERR_USAGE,
		    "usage: stager-scrub policy|suggest|names|gather|withdraw|unit [context] (started by "
		    "stager)");
		goto out;
	}
	/* No key for a draft, or a list of names: they scrub nothing. */
	if ((unit.mode == MODE_SUGGEST || unit.mode == MODE_NAMES) && archive_warm(&e) == -1)
		goto out;
	if (unit.mode != MODE_POLICY && unit.mode != MODE_SUGGEST && unit.mode != MODE_NAMES) {
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
	rc = unit.mode == MODE_POLICY     ? scrub_policy_serve(&e)
	     : unit.mode == MODE_SUGGEST  ? serve_suggest(&unit, &e)
	     : unit.mode == MODE_NAMES    ? scrub_sources_serve(&unit, &e)
	     : unit.mode == MODE_GATHER   ? serve_gather(&unit, &e)
	     : unit.mode == MODE_WITHDRAW ? serve_withdraw(&unit, &e)
					  : serve_unit(&unit, &e);
out:
	suggest_free(unit.suggest);
	report_free(unit.scrub.report);
	context_maker_free(unit.gather.maker);
	gather_free(&unit.gather);
	rows_free(unit.gather.rows);
	context_close(unit.context);
	records_free(unit.records);
	for (unsigned i = 0; i <= unit.thread_count; i++) {
		policy_free(unit.policies[i]);
		withdrawn_free(unit.withdrawn[i]);
		pseudonym_key_free(unit.keys[i]);
	}
	explicit_bzero(unit.held, sizeof(unit.held));
	explicit_bzero(unit.rest, sizeof(unit.rest));
	secret_stack_wipe();
	secret_registers_wipe();
	return rc == 0 ? 0 : err_report("stager-scrub", &e);
}
