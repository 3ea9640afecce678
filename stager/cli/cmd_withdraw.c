/* stager withdraw: some people out of what is sealed already. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "stager/json.h"
#include "stager/prune.h"
#include "stager/withdraw.h"

static const char waiting[] = "stager: a push of the same dataset is under way: waiting for it\n";

static void
tell_waiting(void *ctx)
{
	(void)ctx;
	(void)fputs(waiting, stderr);
}

static struct json *
result_json(const struct withdraw_result *r)
{
	struct json *j = json_object(), *lines = json_array();

	json_set(j, "version-id", r->version_id[0] == '\0' ? json_null() : json_string(r->version_id));
	json_set(j, "state", r->state[0] == '\0' ? json_null() : json_string(r->state));
	json_set_string(j, "holder", r->holder);
	json_set_string(j, "dataset", r->dataset);
	json_set(j, "existed", json_bool(r->existed));
	json_set_int(j, "keys", (int64_t)r->keys);
	json_set_int(j, "unknown", (int64_t)r->unknown);
	for (size_t i = 0; i < r->unknown && i < WITHDRAW_LINES_MAX; i++)
		json_push(lines, json_int((int64_t)r->lines[i]));
	json_set(j, "unknown-lines", lines);
	json_set_int(j, "shards", (int64_t)r->shards);
	json_set_int(j, "shards-changed", (int64_t)r->touched);
	json_set_int(j, "members-removed", (int64_t)r->members);
	json_set_int(j, "records-removed", (int64_t)r->records);
	json_set_int(j, "versions-withdrawn", (int64_t)r->versions);
	json_set_int(j, "versions-left", (int64_t)r->others);
	json_set_int(j, "requests-ended", (int64_t)r->requests);
	json_set_hex(j, "commitment", r->commitment, sizeof(r->commitment));
	json_set_hex(j, "salt", r->salt, sizeof(r->salt));
	return j;
}

/* What a person must know, which scripts have in the result. */
static void
tell(const struct withdraw_result *r)
{
	if (r->versions > 0)
		(void)fprintf(stderr,
		    "stager: %" PRIu64 " of %" PRIu64 " shards changed, %" PRIu64 " members and %" PRIu64
		    " records removed; %" PRIu64 " version(s) withdrawn, %" PRIu64 " request(s) ended\n"
		    "stager: what was released stays with those who have it: delivered keys, and models "
		    "trained with it, cannot "
		    "be recalled\n",
		    r->touched, r->shards, r->members, r->records, r->versions, r->requests);
	if (r->others > 0)
		(void)fprintf(stderr,
		    "stager: %" PRIu64
		    " other version(s) of the dataset are left as they are, and may hold these people: "
		    "stager list\n",
		    r->others);
	if (r->nothing_left)
		(void)fputs("stager: nothing but theirs was in it: there is no new version\n", stderr);
	if (strcmp(r->state, "HELD") == 0)
		(void)fputs(
		    "stager: the new version is HELD: a steward decides (stager report, stager accept)\n",
		    stderr);
	else if (r->versions > 0 && r->version_id[0] != '\0')
		(void)fputs(
		    "stager: a steward accepts the new version before it can be sent or asked for\n", stderr);
}

/* Without --yes. */
static int
show(const struct common *common, const struct withdraw *ask, const struct withdraw_result *r, struct err *e)
{
	char words[512] = "They are in no version that could be withdrawn from.";

	if (ask->alone)
		(void)snprintf(words, sizeof(words), "No new version is made. This would go:");
	else if (r->touched > 0)
		(void)snprintf(words, sizeof(words),
		    "A new version would be made without %" PRIu64 " member(s) and %" PRIu64
		    " record(s) of %" PRIu64 " key(s); %" PRIu64 " of %" PRIu64
		    " shards change. This would go:",
		    r->members, r->records, r->keys, r->touched, r->shards);
	else if (!r->existed)
		(void)snprintf(
		    words, sizeof(words), "The latest version has nothing of theirs. Others would go:");
	return preview_tell(common, "withdraw", words, result_json(r), ask->preview, e);
}

int
cmd_withdraw(int argc, char **argv, struct err *e)
{
	static const char wanted[] = "withdraw: a version or a dataset's name, and --subjects are wanted";
	struct withdraw ask = {.progress = progress_show, .waits = tell_waiting};
	bool yes = false;
	const struct option_spec specs[] = {{.name = "subjects", .value = &ask.subjects},
	    {.name = "holder", .value = &ask.holder}, {.name = "unknown", .flag = &ask.unknown},
	    {.name = "no-new-version", .flag = &ask.alone}, {.name = "yes", .flag = &yes}, {.name = NULL}};
	struct common common = {.house = NULL};
	struct prune prune = {.holder = NULL};
	struct withdraw_result result;
	struct progress progress;
	struct json *j;
	size_t open = 0;
	const char *words[1];
	struct house *h;
	int rc = -1;

	if (!options_words(argc, argv, specs, &common, words, 1, wanted, &rc, e))
		return rc;
	if (ask.subjects == NULL)
		return err_set(e, ERR_USAGE, "%s", wanted);
	if (!yes && common.receipt != NULL)
		return err_set(e, ERR_USAGE, "withdraw: --receipt goes with --yes");
	ask.what = words[0];
	if ((h = cli_house(&common, e)) == NULL)
		return -1;
	if (!yes)
		ask.preview = json_array();
	progress_start(&progress);
	ask.ctx = &progress;
	rc = house_withdraw(h, &ask, &result, e);
	progress_end(&progress);
	if (!yes) {
		if (rc == 0)
			rc = show(&common, &ask, &result, e);
		else
			json_free(ask.preview);
	} else if (rc == 0) {
		/* First what cannot fail for want of another: bodies without their keys are noise, wherever they lie. */
		tell(&result);
		j = result_json(&result);
		prune.holder = result.holder;
		prune.dataset = result.dataset;
		if ((rc = prune_report(h, &common, &prune, j, &open, e)) == -1)
			json_free(j);
		else
			rc = cli_result(
			    &common, j, result.version_id[0] == '\0' ? NULL : result.version_id, e);
		if (rc == 0 && strcmp(result.state, "HELD") == 0)
			rc = err_exit_status(ERR_WAIT);
	}
	if (rc >= 0 && open > 0)
		rc = err_set(e, ERR_REMOTE,
		    "withdraw: it is done here; %zu places still hold bodies of what was withdrawn: stager "
		    "prune tries again",
		    open);
	house_close(h);
	return rc;
}
