/* What would go, shown before anything does: withdraw and erase without --yes. */
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"
#include "stager/json.h"

/* Of one version, a line each: "request ID ends". */
static void
tell_each(const struct json *list, const char *before, const char *after)
{
	for (size_t i = 0; i < list->count; i++)
		(void)printf("  %s%s%s\n", before, list->items[i]->string, after);
}

static void
tell_version(const struct json *v)
{
	(void)printf("version %" PRId64 " %s, %s: %" PRId64 " shards, %" PRId64 " members, %.1f MB\n",
	    json_get(v, "version")->integer, json_get(v, "version-id")->string, json_get(v, "state")->string,
	    json_get(v, "shards")->integer, json_get(v, "members")->integer,
	    (double)json_get(v, "bytes")->integer / 1e6);
	tell_each(json_get(v, "requests"), "request ", " ends");
	tell_each(json_get(v, "copies"), "what was sent to ", " is removed there");
}

int
preview_tell(const struct common *common, const char *command, const char *words, struct json *j,
    struct json *versions, struct err *e)
{
	json_set(j, "versions", versions);
	json_set(j, "done", json_bool(false));
	if (!common->json) {
		if (words != NULL)
			(void)printf("%s\n", words);
		for (size_t i = 0; i < versions->count; i++)
			tell_version(versions->items[i]);
		if (versions->count == 0)
			(void)printf("Nothing would go.\n");
	}
	/* What goes on from here is another run. */
	if (cli_result(common, j, NULL, e) == -1)
		return -1;
	if (fflush(stdout) == EOF)
		return err_sys(e, "output");
	return err_set(e, ERR_WAIT,
	    "%s: nothing was done. Nothing brings back what goes: the same command with --yes does it",
	    command);
}
