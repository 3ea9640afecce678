/* stager endpoint, send: where sealed sets may go, and sending them there. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/send.h"

static int
place_add(
    struct house *h, const struct common *common, const char *name, const char *const *options, struct err *e)
{
	struct place p = {.name = ""};
	const char *gateway = options[3];
	struct json *j;

	if (options[0] == NULL || options[1] == NULL || options[2] == NULL)
		return err_set(e, ERR_USAGE, "endpoint add: --url, --country and --site are wanted");
	if (strlen(options[1]) >= sizeof(p.country))
		return err_set(
		    e, ERR_USAGE, "endpoint add: --country wants the two letters of ISO 3166: NL, FI");
	if (strlen(name) >= sizeof(p.name) || strlen(options[0]) >= sizeof(p.url) ||
	    strlen(options[2]) >= sizeof(p.site))
		return err_set(e, ERR_USAGE, "endpoint add: a name, site or URL that is too long");
	(void)snprintf(p.name, sizeof(p.name), "%s", name);
	(void)snprintf(p.url, sizeof(p.url), "%s", options[0]);
	(void)snprintf(p.country, sizeof(p.country), "%s", options[1]);
	(void)snprintf(p.site, sizeof(p.site), "%s", options[2]);
	if (gateway == NULL && strncmp(p.url, "s3://", 5) == 0 &&
	    (gateway = getenv("AWS_ENDPOINT_URL_S3")) == NULL &&
	    (gateway = getenv("AWS_ENDPOINT_URL")) == NULL)
		return err_set(e, ERR_USAGE,
		    "endpoint add: a bucket's name does not say where it stands: --gateway https://HOST is "
		    "wanted");
	if (gateway != NULL && strlen(gateway) >= sizeof(p.gateway))
		return err_set(e, ERR_USAGE, "endpoint add: --gateway: too long");
	(void)snprintf(p.gateway, sizeof(p.gateway), "%s", gateway != NULL ? gateway : "");
	if (house_endpoint_add(h, &p, e) == -1)
		return -1;
	j = json_object();
	json_set_string(j, "endpoint", p.name);
	return cli_result(common, j, p.name, e);
}

static int
place_list(struct house *h, const struct common *common, struct err *e)
{
	static const char *const names[] = {"endpoint", "country", "site", "url", "gateway"};
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT name, country, site, url, gateway, removed FROM endpoint ORDER BY name", "");
	struct json *list = json_array(), *j;
	int more;

	if (!common->json)
		(void)printf("%-16s %-7s %-16s %s\n", "ENDPOINT", "COUNTRY", "SITE", "URL");
	while ((more = ledger_next(q, e)) == 1) {
		j = json_object();
		for (int i = 0; i < 5; i++)
			json_set_string(j, names[i], ledger_text(q, i));
		json_set(j, "removed", json_bool(ledger_int(q, 5) != 0));
		json_push(list, j);
		if (!common->json)
			(void)printf("%-16s %-7s %-16s %s%s%s%s\n", ledger_text(q, 0), ledger_text(q, 1),
			    ledger_text(q, 2), ledger_text(q, 3), ledger_text(q, 4)[0] != '\0' ? " at " : "",
			    ledger_text(q, 4), ledger_int(q, 5) != 0 ? " (removed)" : "");
	}
	return cli_list_end(common, q, more, list, e);
}

int
cmd_endpoint(int argc, char **argv, struct err *e)
{
	const char *o[4] = {NULL}, *words[2];
	const struct option_spec specs[] = {{.name = "url", .value = &o[0]},
	    {.name = "country", .value = &o[1]}, {.name = "site", .value = &o[2]},
	    {.name = "gateway", .value = &o[3]}, {.name = NULL}};
	struct common common = {.house = NULL};
	struct house *h;
	size_t count;
	struct json *j;
	int rc = -1;

	if (options_parse(argc, argv, specs, &common, words, 2, &count, e) == -1)
		return -1;
	if (common.help)
		return CLI_HELP;
	if (!(count == 2 && (strcmp(words[0], "add") == 0 || strcmp(words[0], "remove") == 0)) &&
	    !(count == 1 && strcmp(words[0], "list") == 0))
		return err_set(e, ERR_USAGE, "endpoint: `add NAME`, `remove NAME` or `list` is wanted");
	if ((h = cli_house(&common, e)) == NULL)
		return -1;
	if (count == 1) {
		rc = place_list(h, &common, e);
	} else if (strcmp(words[0], "add") == 0) {
		rc = place_add(h, &common, words[1], o, e);
	} else if (house_endpoint_remove(h, words[1], e) == 0) {
		j = json_object();
		json_set_string(j, "endpoint", words[1]);
		rc = cli_result(&common, j, words[1], e);
	}
	house_close(h);
	return rc;
}

static volatile sig_atomic_t stop; /* how often we were told to */

static void
stop_soon(int number)
{
	(void)number;
	stop = stop < 2 ? stop + 1 : 2;
}

/* The first asks for an orderly end, a second one for an end at once. */
static void
heed_signals(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = stop_soon, .sa_flags = SA_RESTART};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaction(signals[i], &action, NULL);
}

/* A line on stdout for each thing that happens: --json. */
static void
show_event(void *ctx, struct json *event)
{
	struct buf line;

	(void)ctx;
	buf_init(&line, 4096);
	if (json_encode(event, &line, NULL) == 0 && buf_put_u8(&line, '\n', NULL) == 0)
		(void)!io_write(STDOUT_FILENO, line.data, line.len, "output", NULL);
	buf_free(&line);
}

static int
result_of(const struct common *common, const struct send *s, const struct send_result *r, struct err *e)
{
	struct json *j = json_object();
	char line[DELIVERY_URL_MAX + 256];

	json_set_string(j, "event", "result");
	json_set_string(j, "version-id", s->version_id);
	json_set_string(j, "set", r->set);
	json_set_string(j, "endpoint", r->place.name);
	json_set_string(j, "url", r->url);
	json_set_string(j, "state", "SENT");
	json_set_int(j, "objects", (int64_t)r->objects);
	json_set_int(j, "bytes", (int64_t)r->bytes);
	json_set_int(j, "sent-objects", (int64_t)r->sent_objects);
	json_set_int(j, "sent-bytes", (int64_t)r->sent_bytes);
	json_set_int(j, "read-bytes", (int64_t)r->read_bytes);
	json_set(j, "unchanged", json_bool(r->unchanged));
	(void)snprintf(line, sizeof(line),
	    "%s: %llu objects, %.1f MB at endpoint %s, %s (site %s, %s); sent now: %llu, %.1f MB",
	    s->version_id, (unsigned long long)r->objects, (double)r->bytes / 1e6, r->place.name, r->url,
	    r->place.site, r->place.country, (unsigned long long)r->sent_objects,
	    (double)r->sent_bytes / 1e6);
	if (common->receipt != NULL && cli_write(common->receipt, r->record.data, r->record.len, e) == -1) {
		json_free(j);
		return -1;
	}
	/* The receipt is the signed record, not what is printed. */
	return cli_result(&(struct common){.json = common->json}, j, line, e);
}

/* What the ends of options say, into s. */
static int
take_numbers(struct send *s, const char *const *o, struct err *e)
{
	int64_t streams = 0, rate = 0, part = 0, tries = 0;

	if ((o[0] != NULL && options_number(o[0], "streams", 1, ENDPOINT_STREAMS_MAX, &streams, e) == -1) ||
	    (o[1] != NULL && options_number(o[1], "max-rate", 1, JSON_INT_MAX, &rate, e) == -1) ||
	    (o[2] != NULL && options_number(o[2], "part", (int64_t)ENDPOINT_PART_MIN,
				 (int64_t)ENDPOINT_PART_MAX, &part, e) == -1))
		return -1;
	if (o[3] != NULL && options_number(o[3], "tries", 1, 1000, &tries, e) == -1)
		return -1;
	s->options.tries = (unsigned)tries;
	s->options.streams = (unsigned)streams;
	s->options.max_rate = (uint64_t)rate;
	s->options.part = (uint64_t)part;
	return 0;
}

int
cmd_send(int argc, char **argv, struct err *e)
{
	static const char wanted[] = "send: a version and --to are wanted";
	struct send s = {.stop = &stop, .progress = progress_show};
	const char *o[4] = {NULL}, *words[1];
	const struct option_spec specs[] = {{.name = "to", .value = &s.to}, {.name = "set", .value = &s.set},
	    {.name = "streams", .value = &o[0]}, {.name = "max-rate", .value = &o[1]},
	    {.name = "part", .value = &o[2]}, {.name = "tries", .value = &o[3]},
	    {.name = "ca", .value = &s.options.ca}, {.name = "plain-http", .flag = &s.options.plain_http},
	    {.name = "check", .flag = &s.check}, {.name = "deep", .flag = &s.deep}, {.name = NULL}};
	struct common common = {.house = NULL};
	struct send_result result;
	struct progress progress;
	struct house *h;
	int rc;

	if (!options_words(argc, argv, specs, &common, words, 1, wanted, &rc, e))
		return rc;
	if (s.to == NULL)
		return err_set(e, ERR_USAGE, "%s", wanted);
	if (take_numbers(&s, o, e) == -1 || (h = cli_house(&common, e)) == NULL)
		return -1;
	heed_signals();
	progress_start(&progress);
	s.version_id = words[0];
	s.ctx = &progress;
	s.event = common.json ? show_event : NULL;
	rc = house_send(h, &s, &result, e);
	progress_end(&progress);
	if (rc == 0)
		rc = result_of(&common, &s, &result, e);
	buf_free(&result.record);
	house_close(h);
	return rc;
}
