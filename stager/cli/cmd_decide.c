/* stager accept, reject, request, approve, release: what people and nodes ask of the house. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "stager/house.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/sign.h"

#define ENVELOPE_MAX (1u << 20)
#define DAYS_MAX 400

/* What accept and approve begin with: the envelope that is named, and the house. False: *rc is what the command returns. */
static bool
open_envelope(int argc, char **argv, const char *wanted, struct common *common, struct buf *envelope,
    struct house **h, int *rc, struct err *e)
{
	const struct option_spec specs[] = {{.name = NULL}};
	const char *words[1];

	return options_words(argc, argv, specs, common, words, 1, wanted, rc, e) &&
	       cli_read(words[0], ENVELOPE_MAX, envelope, e) == 0 && (*h = cli_house(common, e)) != NULL;
}

int
cmd_accept(int argc, char **argv, struct err *e)
{
	char id[MANIFEST_ID_LEN + 1] = "";
	struct common common = {.house = NULL};
	struct house *h = NULL;
	struct buf envelope;
	struct json *j;
	int rc = -1;

	buf_init(&envelope, ENVELOPE_MAX);
	if (open_envelope(
		argc, argv, "accept: an envelope is wanted (stager-sign)", &common, &envelope, &h, &rc, e) &&
	    house_accept(h, envelope.data, envelope.len, id, e) == 0) {
		j = json_object();
		json_set_string(j, "version-id", id);
		json_set_string(j, "state", "ACCEPTED");
		rc = cli_result(&common, j, id, e);
	}
	house_close(h);
	buf_free(&envelope);
	return rc;
}

int
cmd_reject(int argc, char **argv, struct err *e)
{
	const struct option_spec specs[] = {{.name = NULL}};
	struct common common = {.house = NULL};
	const char *words[1];
	struct house *h;
	struct json *j;
	int rc = -1;

	if (!options_words(argc, argv, specs, &common, words, 1, "reject: a version is wanted", &rc, e))
		return rc;
	if ((h = cli_house(&common, e)) == NULL)
		return -1;
	if (house_reject(h, words[0], e) == 0) {
		j = json_object();
		json_set_string(j, "version-id", words[0]);
		json_set_string(j, "state", "REJECTED");
		rc = cli_result(&common, j, words[0], e);
	}
	house_close(h);
	return rc;
}

/* The job's public key, in PEM. */
static int
read_job_key(const char *path, uint8_t out[static SIGN_PUBLIC_LEN], struct err *e)
{
	struct buf text;
	int rc = -1;

	buf_init(&text, 4096);
	if (cli_read(path, 4096, &text, e) == 0)
		rc = sign_public_from_pem((const char *)text.data, text.len, out, path, e);
	if (rc == -1 && e->code == ERR_INPUT)
		err_context(e, "--job-key wants the public half (stager-node keygen --pub)");
	buf_free(&text);
	return rc;
}

/* The document goes to --out, or the id to stdout. */
static int
request_result(struct house *h, const struct common *common, const struct request *r,
    const struct buf *document, const char *out, const char *state, struct err *e)
{
	struct json *j;

	if (out != NULL && cli_write(out, document->data, document->len, e) == -1)
		return -1;
	if ((j = json_parse(document->data, document->len, "request", e)) == NULL)
		return -1;
	json_set_string(j, "id", r->id);
	json_set_string(j, "state", state);
	if (request_uses(h, common, r->id, j, e) == -1) {
		json_free(j);
		return -1;
	}
	return cli_result(common, j, r->id, e);
}

static int
request_new(struct house *h, const struct common *common, const char *version, const char *const *options,
    struct err *e)
{
	/* site, job-key, requester, slots, redemptions, days, set, out, until */
	struct request r = {.slots = 0};
	int64_t slots = 1, redemptions, days = 7, now = (int64_t)time(NULL);
	struct buf document;
	int rc = -1;

	buf_init(&document, 65536);
	if (options[0] == NULL || options[1] == NULL || options[2] == NULL)
		return err_set(e, ERR_USAGE, "request new: --site, --job-key and --requester are wanted");
	if (strlen(version) > MANIFEST_ID_LEN || strlen(options[0]) > MANIFEST_NAME_MAX ||
	    strlen(options[2]) > RELEASE_PERSON_MAX ||
	    (options[6] != NULL && strlen(options[6]) > MANIFEST_NAME_MAX))
		return err_set(e, ERR_USAGE, "request new: a name that is too long");
	if ((options[3] != NULL &&
		options_number(options[3], "slots", 1, RELEASE_SLOTS_MAX, &slots, e) == -1) ||
	    (options[5] != NULL && options_number(options[5], "days", 1, DAYS_MAX, &days, e) == -1))
		return -1;
	if (options[5] != NULL && options[8] != NULL)
		return err_set(e, ERR_USAGE, "request new: either --days or --until");
	redemptions = slots;
	if (options[4] != NULL &&
	    options_number(options[4], "redemptions", slots, RELEASE_SLOTS_MAX, &redemptions, e) == -1)
		return -1;
	(void)snprintf(r.version_id, sizeof(r.version_id), "%s", version);
	(void)snprintf(r.site, sizeof(r.site), "%s", options[0]);
	(void)snprintf(r.requester, sizeof(r.requester), "%s", options[2]);
	(void)snprintf(r.set, sizeof(r.set), "%s", options[6] == NULL ? "" : options[6]);
	r.slots = (uint32_t)slots;
	r.redemptions = (uint32_t)redemptions;
	r.not_before = now;
	r.not_after = now + days * 86400;
	if (options[8] != NULL &&
	    options_number(options[8], "until", now + 1, now + DAYS_MAX * 86400, &r.not_after, e) == -1)
		return -1;
	if (read_job_key(options[1], r.job_key, e) == 0 && house_request(h, &r, &document, e) == 0)
		rc = request_result(h, common, &r, &document, options[7], "OPEN", e);
	buf_free(&document);
	return rc;
}

/* What is asked for, and where it stands; what became of it follows. */
static void
request_words(const struct request *r, const char *state)
{
	time_t until = (time_t)r->not_after;
	char when[32] = "";
	struct tm tm;

	if (gmtime_r(&until, &tm) != NULL)
		(void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M UTC", &tm);
	(void)printf("%-12s %s\n%-12s %s, set %s\n%-12s %s\n%-12s %s\n%-12s %lu\n%-12s %lu\n%-12s %s\n",
	    "state", state, "version", r->version_id, r->set, "site", r->site, "requester", r->requester,
	    "slots", (unsigned long)r->slots, "redemptions", (unsigned long)r->redemptions, "until", when);
}

static int
request_show(struct house *h, const struct common *common, const char *id, const char *out, struct err *e)
{
	struct ledger_query *q =
	    ledger_query(h->ledger, e, "SELECT json, state FROM request WHERE id = ?", "s", id);
	struct request r;
	struct buf document;
	const void *data;
	size_t len;
	int rc = -1, more = ledger_next(q, e);

	buf_init(&document, 65536);
	if (more == 0)
		err_set(
		    e, ERR_UNKNOWN, "request %.32s: there is no such request (see stager request list)", id);
	if (more != 1)
		goto out;
	data = ledger_blob(q, 0, &len);
	if (buf_put(&document, data, len, e) == -1 || request_decode(data, len, &r, e) == -1)
		goto out;
	if (!common->json)
		request_words(&r, ledger_text(q, 1));
	rc = request_result(h, common, &r, &document, out, ledger_text(q, 1), e);
out:
	ledger_end(q);
	buf_free(&document);
	return rc;
}

/* Every request: its state, its site, and how much of it was used. */
static int
request_list(struct house *h, const struct common *common, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT r.id, r.state, r.version, r.json, (SELECT count(*) FROM (SELECT DISTINCT slot, restart, "
	    "node FROM release x WHERE"
	    " x.request = r.id AND x.done = 1)), (SELECT count(*) FROM approval a WHERE a.request = r.id), "
	    "(SELECT count(*) FROM opening o WHERE o.about = r.id AND o.type = 'refusal' AND CAST(o.json AS "
	    "TEXT) "
	    "LIKE '%\"alarm\":true%') FROM request r ORDER BY r.at",
	    "");
	struct json *list = json_array(), *j;
	struct request r;
	int more;

	if (!common->json)
		(void)printf("%-26s %-9s %5s %-12s %-12s %6s %s\n", "REQUEST", "STATE", "SIGNS", "SITE",
		    "USED", "ALARMS", "VERSION");
	while ((more = ledger_next(q, e)) == 1) {
		size_t len;
		const void *data = ledger_blob(q, 3, &len);
		char used[32];

		if (request_decode(data, len, &r, e) == -1) {
			e->code = ERR_FORGED;
			more = -1;
			break;
		}
		j = json_object();
		json_set_string(j, "id", ledger_text(q, 0));
		json_set_string(j, "state", ledger_text(q, 1));
		json_set_string(j, "version-id", ledger_text(q, 2));
		json_set_string(j, "site", r.site);
		json_set_string(j, "requester", r.requester);
		json_set_int(j, "slots", r.slots);
		json_set_int(j, "redemptions", r.redemptions);
		json_set_int(j, "used", ledger_int(q, 4));
		json_set_int(j, "approvals", ledger_int(q, 5));
		json_set_int(j, "alarms", ledger_int(q, 6));
		json_set_int(j, "not-after", r.not_after);
		json_push(list, j);
		(void)snprintf(used, sizeof(used), "%lld of %lu", (long long)ledger_int(q, 4),
		    (unsigned long)r.redemptions);
		if (!common->json)
			(void)printf("%-26s %-9s %5lld %-12s %-12s %6lld %s\n", ledger_text(q, 0),
			    ledger_text(q, 1), (long long)ledger_int(q, 5), r.site, used,
			    (long long)ledger_int(q, 6), ledger_text(q, 2));
	}
	return cli_list_end(common, q, more, list, e);
}

int
cmd_request(int argc, char **argv, struct err *e)
{
	const char *o[9] = {NULL}, *words[2];
	const struct option_spec specs[] = {{.name = "site", .value = &o[0]},
	    {.name = "job-key", .value = &o[1]}, {.name = "requester", .value = &o[2]},
	    {.name = "slots", .value = &o[3]}, {.name = "redemptions", .value = &o[4]},
	    {.name = "days", .value = &o[5]}, {.name = "set", .value = &o[6]},
	    {.name = "out", .value = &o[7]}, {.name = "until", .value = &o[8]}, {.name = NULL}};
	struct common common = {.house = NULL};
	struct house *h;
	size_t count;
	struct json *j;
	int rc = -1;

	if (options_parse(argc, argv, specs, &common, words, 2, &count, e) == -1)
		return -1;
	if (common.help)
		return CLI_HELP;
	if (count != 2 && !(count == 1 && strcmp(words[0], "list") == 0))
		return err_set(e, ERR_USAGE,
		    "request: `new VERSION`, `list`, `show REQUEST` or `cancel REQUEST` is wanted");
	if ((h = cli_house(&common, e)) == NULL)
		return -1;
	if (count == 1) {
		rc = request_list(h, &common, e);
	} else if (strcmp(words[0], "new") == 0) {
		rc = request_new(h, &common, words[1], o, e);
	} else if (strcmp(words[0], "show") == 0) {
		rc = request_show(h, &common, words[1], o[7], e);
	} else if (strcmp(words[0], "cancel") == 0) {
		if ((rc = house_cancel(h, words[1], e)) == 0) {
			j = json_object();
			json_set_string(j, "id", words[1]);
			json_set_string(j, "state", "CANCELLED");
			rc = cli_result(&common, j, words[1], e);
		}
	} else {
		err_set(e, ERR_USAGE,
		    "request: `new VERSION`, `list`, `show REQUEST` or `cancel REQUEST` is wanted");
	}
	house_close(h);
	return rc;
}

int
cmd_approve(int argc, char **argv, struct err *e)
{
	char id[MANIFEST_ID_LEN + 1] = "", line[128];
	struct common common = {.house = NULL};
	struct house *h = NULL;
	struct buf envelope;
	struct json *j;
	bool approved;
	int rc = -1;

	buf_init(&envelope, ENVELOPE_MAX);
	if (open_envelope(
		argc, argv, "approve: an envelope is wanted (stager-sign)", &common, &envelope, &h, &rc, e) &&
	    house_approve(h, envelope.data, envelope.len, id, &approved, e) == 0) {
		j = json_object();
		json_set_string(j, "id", id);
		json_set_string(j, "state", approved ? "APPROVED" : "OPEN");
		(void)snprintf(line, sizeof(line), "request %s: %s", id,
		    approved ? "approved by two stewards" : "approved by one steward; it waits for a second");
		rc = cli_result(&common, j, line, e);
	}
	house_close(h);
	buf_free(&envelope);
	return rc;
}

int
cmd_release(int argc, char **argv, struct err *e)
{
	const struct option_spec specs[] = {{.name = NULL}};
	struct common common = {.house = NULL};
	struct house *h;
	bool told = false;
	struct stat in;
	int rc;

	if (!options_words(argc, argv, specs, &common, NULL, 0, NULL, &rc, e))
		return rc;
	if ((h = cli_house(&common, e)) == NULL)
		return -1;
	rc = house_release(h, STDIN_FILENO, STDOUT_FILENO, &told, e);
	house_close(h);
	/* A node that started this command, by ssh or by itself, has said it to the same person; a service has a log of its own. */
	if (rc == -1 && told && fstat(STDIN_FILENO, &in) == 0 &&
	    (!S_ISSOCK(in.st_mode) || getenv("SSH_CONNECTION") != NULL))
		return err_exit_status(e->code);
	return rc;
}
