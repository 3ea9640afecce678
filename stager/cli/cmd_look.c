/* stager list, show, report, verify: looking at what there is. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "stager/acceptance.h"
#include "stager/house.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/report_html.h"
#include "stager/send.h"

int
cmd_list(int argc, char **argv, struct err *e)
{
	const char *holder = NULL;
	const struct option_spec specs[] = {{.name = "holder", .value = &holder}, {.name = NULL}};
	struct common common = {.house = NULL};
	struct ledger_query *q = NULL;
	struct json *list, *j;
	struct house *h;
	int more, rc = -1;

	if (!options_words(argc, argv, specs, &common, NULL, 0, NULL, &rc, e))
		return rc;
	if ((h = cli_house(&common, e)) == NULL)
		return -1;
	q = ledger_query(h->ledger, e,
	    "SELECT v.id, d.holder, d.name, v.number, v.state, sum(s.shards), sum(s.members), sum(s.bytes) "
	    "FROM "
	    "version v JOIN dataset d ON d.id = v.dataset JOIN shard_set s ON s.version = v.id WHERE ?1 IS "
	    "NULL "
	    "OR d.holder = ?1 GROUP BY v.id ORDER BY d.holder, d.name, v.number",
	    "s", holder);
	list = json_array();
	if (!common.json)
		(void)printf("%-26s %-9s %-20s %-20s %4s %8s %10s\n", "VERSION", "STATE", "HOLDER", "DATASET",
		    "NO", "MEMBERS", "BYTES");
	while ((more = ledger_next(q, e)) == 1) {
		j = json_object();
		json_set_string(j, "version-id", ledger_text(q, 0));
		json_set_string(j, "holder", ledger_text(q, 1));
		json_set_string(j, "dataset", ledger_text(q, 2));
		json_set_int(j, "version", ledger_int(q, 3));
		json_set_string(j, "state", ledger_text(q, 4));
		json_set_int(j, "shards", ledger_int(q, 5));
		json_set_int(j, "members", ledger_int(q, 6));
		json_set_int(j, "bytes", ledger_int(q, 7));
		json_push(list, j);
		if (!common.json)
			(void)printf("%-26s %-9s %-20s %-20s %4lld %8lld %10lld\n", ledger_text(q, 0),
			    ledger_text(q, 4), ledger_text(q, 1), ledger_text(q, 2),
			    (long long)ledger_int(q, 3), (long long)ledger_int(q, 6),
			    (long long)ledger_int(q, 7));
	}
	ledger_end(q);
	if (more == 0)
		rc = cli_result(&common, list, NULL, e);
	else
		json_free(list);
	house_close(h);
	return rc;
}

/* One log entry: its place, when, what, and which request it is about. */
static struct json *
show_entry(struct ledger_query *q, const char *version, const struct common *common, struct err *e)
{
	size_t len;
	const void *data = ledger_blob(q, 3, &len);
	struct json *opening = json_parse(data, len, "log entry", e), *entry;
	const struct json *at = json_get(opening, "at");
	bool other = strcmp(ledger_text(q, 2), version) != 0;
	char when[32] = "";
	struct tm tm;
	time_t t;

	if (opening == NULL)
		return NULL;
	entry = json_object();
	json_set_int(entry, "place", ledger_int(q, 0));
	json_set_string(entry, "type", ledger_text(q, 1));
	if (other)
		json_set_string(entry, "request", ledger_text(q, 2));
	/* A release's entry holds just what its node signed; when it was stands beside it. */
	t = at != NULL && at->type == JSON_INT ? (time_t)at->integer : (time_t)ledger_int(q, 4);
	if (t != 0) {
		json_set_int(entry, "at", (int64_t)t);
		if (gmtime_r(&t, &tm) != NULL)
			(void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M UTC", &tm);
	}
	json_free(opening);
	if (!common->json)
		(void)printf("log entry %-5lld %-9s %-20s%s%s\n", (long long)ledger_int(q, 0),
		    ledger_text(q, 1), when, other ? " request " : "", other ? ledger_text(q, 2) : "");
	return entry;
}

/* What is in each of its sets. */
static int
show_sets(struct house *h, const struct common *common, const char *id, struct json *j, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT name, shards, members, bytes FROM shard_set WHERE version = ? ORDER BY name", "s", id);
	static const char *const names[] = {"shards", "members", "bytes"};
	struct json *sets = json_object(), *set;
	int more;

	json_set(j, "sets", sets);
	while ((more = ledger_next(q, e)) == 1) {
		json_set(sets, ledger_text(q, 0), set = json_object());
		for (int i = 0; i < 3; i++)
			json_set_int(set, names[i], ledger_int(q, i + 1));
		if (!common->json)
			(void)printf("%-12s %s: %lld shards, %lld members, %lld bytes\n", "set",
			    ledger_text(q, 0), (long long)ledger_int(q, 1), (long long)ledger_int(q, 2),
			    (long long)ledger_int(q, 3));
	}
	ledger_end(q);
	return more;
}

/* Lines about one version; its log entries with their places. */
static int
show_version(struct house *h, const struct common *common, const char *id, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT d.holder, d.name, v.number, v.state, v.digest, v.scrubber, sum(s.shards), "
	    "sum(s.members), "
	    "sum(s.bytes), v.predecessor FROM"
	    " version v JOIN dataset d ON d.id = v.dataset JOIN shard_set s ON s.version = v.id WHERE v.id = "
	    "? GROUP BY v.id",
	    "s", id);
	static const char *const names[] = {"holder", "dataset", "version", "state", "manifest", "scrubber",
	    "shards", "members", "bytes", "predecessor"};
	static const bool numbers[] = {[2] = true, [6] = true, [7] = true, [8] = true, [9] = false};
	struct json *j = json_object(), *entries = json_array(), *entry, *sent;
	int more = ledger_next(q, e);

	if (more == 0)
		err_set(e, ERR_UNKNOWN, "version %.32s: there is no such version (see stager list)", id);
	if (more != 1)
		goto fail;
	json_set_string(j, "version-id", id);
	for (int i = 0; i < 10; i++) {
		if (ledger_null(q, i))
			continue;
		if (numbers[i])
			json_set_int(j, names[i], ledger_int(q, i));
		else
			json_set_string(j, names[i], ledger_text(q, i));
		if (!common->json)
			(void)printf("%-12s %s\n", names[i], ledger_text(q, i));
	}
	ledger_end(q);
	q = NULL;
	if (show_sets(h, common, id, j, e) == -1 || (sent = house_deliveries(h, id, NULL, NULL, e)) == NULL)
		goto fail;
	json_set(j, "deliveries", sent);
	for (size_t i = 0; i < sent->count && !common->json; i++)
		(void)printf("%-12s %s, %s\n", "delivery", json_get(sent->items[i], "url")->string,
		    json_get(sent->items[i], "state")->string);
	q = ledger_query(h->ledger, e,
	    "SELECT place, type, about, json, (SELECT at FROM release r WHERE r.place = opening.place) FROM "
	    "opening WHERE (about = ?1 OR about IN (SELECT id FROM request WHERE "
	    "version = ?1)) AND place IS NOT"
	    " NULL ORDER BY place",
	    "s", id);
	while ((more = ledger_next(q, e)) == 1) {
		if ((entry = show_entry(q, id, common, e)) == NULL) {
			more = -1;
			break;
		}
		json_push(entries, entry);
	}
	if (more == -1)
		goto fail;
	ledger_end(q);
	json_set(j, "log", entries);
	return cli_result(common, j, NULL, e);
fail:
	ledger_end(q);
	json_free(j);
	json_free(entries);
	return -1;
}

int
cmd_show(int argc, char **argv, struct err *e)
{
	const struct option_spec specs[] = {{.name = NULL}};
	struct common common = {.house = NULL};
	const char *words[1];
	struct house *h;
	int rc;

	if (!options_words(argc, argv, specs, &common, words, 1, "show: a version is wanted", &rc, e))
		return rc;
	if ((h = cli_house(&common, e)) == NULL)
		return -1;
	rc = show_version(h, &common, words[0], e);
	house_close(h);
	return rc;
}

int
cmd_report(int argc, char **argv, struct err *e)
{
	const char *out = NULL, *html = NULL, *lang = NULL, *words[1];
	const struct option_spec specs[] = {{.name = "out", .value = &out}, {.name = "html", .value = &html},
	    {.name = "lang", .value = &lang}, {.name = NULL}};
	enum report_language language;
	struct common common = {.house = NULL};
	char state[HOUSE_STATE_MAX];
	struct buf document, table;
	struct house *h;
	struct json *j;
	int rc = -1;

	if (!options_words(argc, argv, specs, &common, words, 1, "report: a version is wanted", &rc, e))
		return rc;
	if (report_page_language(lang, html, &language, e) == -1)
		return -1;
	if ((h = cli_house(&common, e)) == NULL)
		return -1;
	buf_init(&document, ACCEPTANCE_MAX);
	buf_init(&table, 1u << 20);
	if (house_acceptance(h, words[0], &document, state, e) == -1)
		goto out;
	if (out != NULL && cli_write(out, document.data, document.len, e) == -1)
		goto out;
	if ((j = json_parse(document.data, document.len, "report", e)) == NULL)
		goto out;
	if (html != NULL && report_page(html, j, &document, state, language, e) == -1) {
		json_free(j);
		goto out;
	}
	if (!common.json && out == NULL && html == NULL &&
	    (report_table(j, state, &table, e) == -1 ||
		io_write(STDOUT_FILENO, table.data, table.len, "output", e) == -1)) {
		json_free(j);
		goto out;
	}
	/* What is written for a steward to sign says nothing of it. */
	if ((common.json || out != NULL || html != NULL) && report_ended(state) != NULL)
		(void)fprintf(stderr, "stager: version %s is %s\n", words[0], report_ended(state));
	rc = cli_result(&common, j, NULL, e);
out:
	buf_free(&document);
	buf_free(&table);
	house_close(h);
	return rc;
}

int
cmd_verify(int argc, char **argv, struct err *e)
{
	const struct option_spec specs[] = {{.name = NULL}};
	struct common common = {.house = NULL};
	struct verify_result result;
	struct progress progress;
	const char *words[1];
	char line[256];
	struct house *h;
	struct json *j;
	size_t count;
	int rc;

	if (options_parse(argc, argv, specs, &common, words, 1, &count, e) == -1)
		return -1;
	if (common.help)
		return CLI_HELP;
	if ((h = cli_house(&common, e)) == NULL)
		return -1;
	progress_start(&progress);
	rc = house_verify(h, count == 1 ? words[0] : NULL, progress_show, &progress, &result, e);
	progress_end(&progress);
	house_close(h);
	if (rc == -1)
		return -1;
	j = json_object();
	json_set_int(j, "entries", (int64_t)result.entries);
	json_set_int(j, "versions", (int64_t)result.versions);
	json_set_int(j, "shards", (int64_t)result.shards);
	json_set_int(j, "bytes", (int64_t)result.bytes);
	(void)snprintf(line, sizeof(line),
	    "good: %llu entries in the log; versions: %llu, sealed bodies (shards and indexes): %llu, %.1f "
	    "MB",
	    (unsigned long long)result.entries, (unsigned long long)result.versions,
	    (unsigned long long)result.shards, (double)result.bytes / 1e6);
	return cli_result(&common, j, line, e);
}
