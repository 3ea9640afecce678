/* stager push. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "stager/house.h"
#include "stager/io.h"
#include "stager/json.h"

#define SOURCES_MAX 1024
#define EXCLUDES_MAX 16
#define FILES_MAX (256u << 20)

static void
say_waits(void *ctx)
{
	(void)ctx;
	(void)fprintf(stderr, "stager: another push of this dataset is at work; waiting for it\n");
}

/* What a push would come to, on the terminal and as a page. */
static int
tell_dry(const struct common *common, struct push_result *result, const char *html,
    enum report_language language, struct err *e)
{
	struct buf table;
	int rc = -1;

	buf_init(&table, 1u << 20);
	if ((html == NULL || report_page(html, result->document, NULL, NULL, language, e) == 0) &&
	    (common->json || html != NULL ||
		(report_table(result->document, NULL, &table, e) == 0 &&
		    dry_table(result->document, &table, e) == 0 &&
		    io_write(STDOUT_FILENO, table.data, table.len, "output", e) == 0)))
		rc = 0;
	buf_free(&table);
	if (rc == -1) {
		json_free(result->document);
		return -1;
	}
	if (cli_result(common, result->document, NULL, e) == -1)
		return -1;
	if (strcmp(result->state, "HELD") != 0)
		return 0;
	if (html != NULL)
		(void)fprintf(stderr,
		    "stager: a push now would be HELD: it goes past what the policy accepts without a "
		    "person: see "
		    "%s\n",
		    html);
	return err_exit_status(ERR_WAIT);
}

/* Which file each number stands for. */
static int
tell_files(const struct common *common, const struct push *push, struct err *e)
{
	struct json *result = json_object(), *files = json_array();
	struct buf lines;
	int rc = -1;

	buf_init(&lines, FILES_MAX);
	json_set(result, "files", files);
	if (house_files(push->sources, push->source_count, files, e) == -1)
		goto out;
	for (size_t i = 0; !common->json && i < files->count; i++)
		if (buf_printf(&lines, e, "%" PRId64 "\t", json_get(files->items[i], "number")->integer) ==
			-1 ||
		    buf_put_shown(&lines, json_get(files->items[i], "path")->string, e) == -1 ||
		    buf_put_u8(&lines, '\n', e) == -1)
			goto out;
	if (io_write(STDOUT_FILENO, lines.data, lines.len, "output", e) == 0) {
		rc = cli_result(common, result, NULL, e);
		result = NULL;
	}
out:
	json_free(result);
	buf_free(&lines);
	return rc;
}

int
cmd_push(int argc, char **argv, struct err *e)
{
	const char *sources[SOURCES_MAX], *excludes[EXCLUDES_MAX], *html = NULL, *lang = NULL, *jobs = NULL,
								   *stall = NULL;
	int64_t at_once = 0, stall_s = HOUSE_STALL;
	bool list_files = false;
	enum report_language language;
	struct push push = {
	    .sources = sources, .excludes = excludes, .progress = progress_show, .waits = say_waits};
	const struct option_spec specs[] = {{.name = "name", .value = &push.name},
	    {.name = "policy", .value = &push.policy}, {.name = "holder", .value = &push.holder},
	    {.name = "meta", .value = &push.meta},
	    {.name = "exclude",
		.list = excludes,
		.list_count = &push.exclude_count,
		.list_max = EXCLUDES_MAX},
	    {.name = "append", .flag = &push.append}, {.name = "jobs", .value = &jobs},
	    {.name = "stall", .value = &stall}, {.name = "dry-run", .flag = &push.dry},
	    {.name = "html", .value = &html}, {.name = "lang", .value = &lang},
	    {.name = "list-files", .flag = &list_files}, {.name = NULL}};
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
	if (list_files && push.append)
		return err_set(e, ERR_USAGE,
		    "--list-files: an append numbers the new files alone, behind those that the version has "
		    "(report: appended: files)");
	if (list_files && push.source_count > 0)
		return tell_files(&common, &push, e);
	if (push.source_count == 0 || push.name == NULL || push.policy == NULL)
		return err_set(e, ERR_USAGE, "push: a source, --name and --policy are wanted");
	if (jobs != NULL && options_number(jobs, "jobs", 1, HOUSE_JOBS_MAX, &at_once, e) == -1)
		return -1;
	push.jobs = (unsigned)at_once;
	if (stall != NULL && options_number(stall, "stall", 0, HOUSE_STALL_MAX, &stall_s, e) == -1)
		return -1;
	push.stall = (unsigned)stall_s;
	if (html != NULL && !push.dry)
		return err_set(
		    e, ERR_USAGE, "--html: goes with --dry-run; of a version, stager report makes it");
	if (report_page_language(lang, html, &language, e) == -1 || (h = cli_house(&common, e)) == NULL)
		return -1;
	progress_start(&progress);
	push.ctx = &progress;
	rc = house_push(h, &push, &result, e);
	progress_end(&progress);
	house_close(h);
	if (rc == -1)
		return -1;
	if (push.dry)
		return tell_dry(&common, &result, html, language, e);
	j = json_object();
	json_set_string(j, "version-id", result.version_id);
	json_set_string(j, "state", result.state);
	json_set(j, "existed", json_bool(result.existed));
	if (push.append)
		json_set_string(j, "appended-to", result.base_id);
	if (!common.json && result.existed)
		(void)fprintf(stderr, "stager: %s: this version was pushed before and is %s\n",
		    push.append ? "nothing new" : "unchanged", result.state);
	if (cli_result(&common, j, result.version_id, e) == -1)
		return -1;
	if (strcmp(result.state, "HELD") == 0) {
		(void)fprintf(stderr,
		    "stager: HELD: it goes past what the policy accepts without a person: see `stager report "
		    "%s`\n",
		    result.version_id);
		return err_exit_status(ERR_WAIT);
	}
	return 0;
}
