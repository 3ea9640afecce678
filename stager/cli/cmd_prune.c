/* stager prune: what was erased or withdrawn goes from where it was sent, too. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "stager/json.h"
#include "stager/prune.h"

/* Of one that may not be there, few: the next call tries again. */
#define TRIES 3

static volatile sig_atomic_t stop;

static void
stop_soon(int number)
{
	(void)number;
	stop = stop < 2 ? stop + 1 : 2;
}

struct told {
	bool json; /* nothing but the result is printed */
	struct json *removed, *held;
};

static void
tell(void *ctx, const struct pruned *what)
{
	struct told *t = ctx;
	struct json *j = json_object();

	json_set_string(j, "version-id", what->version_id);
	json_set_string(j, "set", what->set);
	json_set_string(j, "endpoint", what->endpoint);
	json_set_string(j, "url", what->url);
	if (what->why != NULL)
		json_set_string(j, "reason", what->why);
	else
		json_set_int(j, "objects", (int64_t)what->objects);
	json_push(what->why != NULL ? t->held : t->removed, j);
	if (t->json)
		return;
	if (what->why != NULL)
		(void)fprintf(stderr, "stager: %s still holds bodies of %s: %s\n", what->url,
		    what->version_id, what->why);
	else
		(void)printf("%s: removed from %s, %llu objects\n", what->version_id, what->url,
		    (unsigned long long)what->objects);
}

int
prune_report(struct house *h, const struct common *common, const struct prune *p, struct json *j,
    size_t *open, struct err *e)
{
	struct told t = {.json = common->json, .removed = json_array(), .held = json_array()};
	struct prune run = *p;
	int rc;

	(void)signal(SIGINT, stop_soon);
	(void)signal(SIGTERM, stop_soon);
	(void)signal(SIGHUP, stop_soon);
	run.stop = &stop;
	run.event = tell;
	run.ctx = &t;
	if (run.options.tries == 0)
		run.options.tries = TRIES;
	rc = house_prune(h, &run, open, e);
	json_set(j, "removed-from", t.removed);
	json_set(j, "held-at", t.held);
	return rc;
}

int
cmd_prune(int argc, char **argv, struct err *e)
{
	struct prune p = {.holder = NULL};
	const char *o[2] = {NULL};
	const struct option_spec specs[] = {{.name = "dataset", .value = &p.dataset},
	    {.name = "holder", .value = &p.holder}, {.name = "to", .value = &p.to},
	    {.name = "gone", .flag = &p.gone}, {.name = "streams", .value = &o[0]},
	    {.name = "tries", .value = &o[1]}, {.name = "ca", .value = &p.options.ca},
	    {.name = "plain-http", .flag = &p.options.plain_http}, {.name = NULL}};
	struct common common = {.house = NULL};
	int64_t streams = 0, tries = 0;
	size_t words, open = 0;
	struct house *h;
	struct json *j;
	int rc;

	if (options_parse(argc, argv, specs, &common, NULL, 0, &words, e) == -1 ||
	    (o[0] != NULL && options_number(o[0], "streams", 1, ENDPOINT_STREAMS_MAX, &streams, e) == -1) ||
	    (o[1] != NULL && options_number(o[1], "tries", 1, 1000, &tries, e) == -1))
		return -1;
	if (common.help)
		return CLI_HELP;
	if ((p.dataset == NULL) != (p.holder == NULL))
		return err_set(e, ERR_USAGE, "prune: --dataset and --holder, or neither");
	p.options.streams = (unsigned)streams;
	p.options.tries = (unsigned)tries;
	if ((h = cli_house(&common, e)) == NULL)
		return -1;
	j = json_object();
	if ((rc = prune_report(h, &common, &p, j, &open, e)) == -1)
		json_free(j);
	else
		rc = cli_result(&common, j, NULL, e);
	if (rc == 0 && open > 0)
		rc = err_set(
		    e, ERR_REMOTE, "prune: %zu places still hold bodies; the same command tries again", open);
	house_close(h);
	return rc;
}
