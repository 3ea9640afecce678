/* stager push. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "stager/house.h"
#include "stager/json.h"

#define SOURCES_MAX 1024

static void
say_waits(void *ctx)
{
	(void)ctx;
	(void)fprintf(stderr, "stager: another push of this dataset is at work; waiting for it\n");
}

int
cmd_push(int argc, char **argv, struct err *e)
{
	const char *sources[SOURCES_MAX];
	struct push push = {.sources = sources, .progress = progress_show, .waits = say_waits};
	const struct option_spec specs[] = {{.name = "name", .value = &push.name},
	    {.name = "policy", .value = &push.policy}, {.name = "holder", .value = &push.holder},
	    {.name = "meta", .value = &push.meta}, {.name = NULL}};
	struct common common = {.house = NULL};
	struct push_result result;
	struct progress progress;
	struct house *h;
	struct json *j;
	int rc;

	if (options_parse(argc, argv, specs, &common, sources, SOURCES_MAX, &push.source_count, e) == -1)
		return -1;
	if (common.help)
		return CLI_HELP;
	if (push.source_count == 0 || push.name == NULL || push.policy == NULL)
		return err_set(e, ERR_USAGE, "push: a source, --name and --policy are wanted");
	if ((h = cli_house(&common, e)) == NULL)
		return -1;
	progress_start(&progress);
	push.ctx = &progress;
	rc = house_push(h, &push, &result, e);
	progress_end(&progress);
	house_close(h);
	if (rc == -1)
		return -1;
	j = json_object();
	json_set_string(j, "version-id", result.version_id);
	json_set_string(j, "state", result.state);
	json_set(j, "existed", json_bool(result.existed));
	if (!common.json && result.existed)
		(void)fprintf(
		    stderr, "stager: unchanged: this version was pushed before and is %s\n", result.state);
	if (cli_result(&common, j, result.version_id, e) == -1)
		return -1;
	if (strcmp(result.state, "HELD") == 0) {
		(void)fprintf(stderr,
		    "stager: HELD: more was held back than the policy accepts: see `stager report %s`\n",
		    result.version_id);
		return err_exit_status(ERR_WAIT);
	}
	return 0;
}
