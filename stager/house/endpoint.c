/* Endpoints that the house may send to: a URL with the country and the site that it stands in. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/send.h"

static int
insert_place(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	const struct place *p = ctx;

	(void)index;
	return ledger_run(h->ledger, e, "INSERT INTO endpoint VALUES (?, ?, ?, ?, ?, 0, ?)", "sssssi",
	    p->name, p->url, p->country, p->site, p->gateway, (int64_t)time(NULL));
}

/* https://HOST[:PORT], or http://, which only --plain-http or loopback lets be used. */
static bool
gateway_ok(const char *url)
{
	const char *host = strncmp(url, "https://", 8) == 0  ? url + 8
			   : strncmp(url, "http://", 7) == 0 ? url + 7
							     : NULL;

	return host != NULL && delivery_url_ok(url) && strchr(host, '/') == NULL;
}

int
house_endpoint_add(struct house *h, const struct place *p, struct err *e)
{
	struct place place = *p;
	struct ledger_query *q;
	struct json *j;
	size_t len = strlen(place.url);
	int there, rc;

	while (len > 0 && place.url[len - 1] == '/')
		place.url[--len] = '\0';
	for (len = strlen(place.gateway); len > 0 && place.gateway[len - 1] == '/';)
		place.gateway[--len] = '\0';
	if (!manifest_name_ok(place.name) || !manifest_name_ok(place.site))
		return err_set(e, ERR_USAGE,
		    "endpoint: name and site: small letters, digits, '.' and '-', at most %d",
		    MANIFEST_NAME_MAX);
	if (!delivery_country_ok(place.country))
		return err_set(
		    e, ERR_USAGE, "endpoint %s: country: two capital letters (ISO 3166)", place.name);
	if (!delivery_url_ok(place.url))
		return err_set(e, ERR_USAGE,
		    "endpoint %s: URL: dir:/PATH, s3://BUCKET/PREFIX, https://HOST/PATH; no credentials, "
		    "'..' or '//' in it",
		    place.name);
	/* A bucket's name does not say in which country it stands: the gateway that it is asked of does. */
	if (strncmp(place.url, "s3://", 5) == 0 ? !gateway_ok(place.gateway) : place.gateway[0] != '\0')
		return err_set(e, ERR_USAGE,
		    "endpoint %s: --gateway: https://HOST of the S3 service, with s3:// alone", place.name);
	q = ledger_query(h->ledger, e, "SELECT 1 FROM endpoint WHERE name = ?", "s", place.name);
	there = ledger_next(q, e);
	ledger_end(q);
	if (there != 0)
		return there == 1 ? err_set(e, ERR_USAGE,
					"endpoint %s: the name is taken (stager endpoint list), and stays so "
					"when it is removed",
					place.name)
				  : -1;
	j = json_object();
	json_set_string(j, "endpoint", place.name);
	json_set_string(j, "url", place.url);
	json_set_string(j, "country", place.country);
	json_set_string(j, "site", place.site);
	json_set_string(j, "gateway", place.gateway);
	rc = house_record(
	    h, "endpoint", j, place.name, (struct effect){.run = insert_place, .ctx = &place}, NULL, e);
	json_free(j);
	return rc;
}

static int
mark_removed(struct house *h, void *ctx, uint64_t index, struct err *e)
{
	(void)index;
	return ledger_run(h->ledger, e, "UPDATE endpoint SET removed = 1 WHERE name = ?", "s", ctx);
}

int
house_endpoint_remove(struct house *h, const char *name, struct err *e)
{
	struct ledger_query *q =
	    ledger_query(h->ledger, e, "SELECT removed FROM endpoint WHERE name = ?", "s", name);
	int more = ledger_next(q, e), rc;
	bool removed = more == 1 && ledger_int(q, 0) == 1;
	struct json *j;

	ledger_end(q);
	if (more != 1)
		return more == 0 ? err_set(e, ERR_UNKNOWN, "endpoint %.64s: there is no such endpoint", name)
				 : -1;
	if (removed)
		return 0;
	j = json_object();
	json_set_string(j, "endpoint", name);
	rc = house_record(h, "endpoint-remove", j, name,
	    (struct effect){.run = mark_removed, .ctx = (void *)(uintptr_t)name}, NULL, e);
	json_free(j);
	return rc;
}

/* What a URL names in the end: of a folder, where its links lead. */
static int
resolve(const char *url, char out[static DELIVERY_URL_MAX + 1], struct err *e)
{
	char *real;
	int rc = 0;

	if (strncmp(url, "dir:", 4) != 0) {
		(void)snprintf(out, DELIVERY_URL_MAX + 1, "%s", url);
		return 0;
	}
	if ((real = realpath(url + 4, NULL)) == NULL) {
		err_sys(e, "%s", url);
		e->code = ERR_REMOTE; /* a file system that is not mounted */
		return -1;
	}
	if (snprintf(out, DELIVERY_URL_MAX + 1, "dir:%s", real) > DELIVERY_URL_MAX)
		rc = err_set(e, ERR_LIMIT, "%s: too long", url);
	free(real);
	return rc;
}

/* Whether url is base or below it. */
static bool
lies_under(const char *url, const char *base)
{
	size_t len = strlen(base);

	return strncmp(url, base, len) == 0 && (url[len] == '\0' || url[len] == '/');
}

int
house_endpoint_find(
    struct house *h, const char *to, struct place *out, char url[static DELIVERY_URL_MAX + 1], struct err *e)
{
	bool by_name = strchr(to, ':') == NULL, found = false;
	char real[DELIVERY_URL_MAX + 1] = "", base[DELIVERY_URL_MAX + 1];
	size_t len = strlen(to);
	struct ledger_query *q;
	int more;

	while (!by_name && len > 0 && to[len - 1] == '/')
		len--;
	if (len > DELIVERY_URL_MAX)
		return err_set(e, ERR_USAGE, "--to: too long");
	(void)snprintf(url, DELIVERY_URL_MAX + 1, "%.*s", (int)len, to);
	if (!by_name && !delivery_url_ok(url))
		return err_set(e, ERR_USAGE,
		    "--to: an endpoint's name, dir:/PATH, s3://BUCKET/PREFIX or https://HOST/PATH");
	q = ledger_query(h->ledger, e,
	    "SELECT name, url, country, site, gateway FROM endpoint WHERE removed = 0 ORDER BY length(url)",
	    "");
	while ((more = ledger_next(q, e)) == 1) {
		const char *at = ledger_text(q, 1);

		if (by_name ? strcmp(ledger_text(q, 0), url) != 0 : !lies_under(url, at))
			continue;
		/* By the name of a folder, and by where it leads. */
		if (!by_name && (resolve(url, real, e) == -1 || resolve(at, base, e) == -1)) {
			more = -1;
			break;
		}
		if (!by_name && !lies_under(real, base))
			continue;
		if (strlen(ledger_text(q, 0)) >= sizeof(out->name) || strlen(at) >= sizeof(out->url) ||
		    strlen(ledger_text(q, 2)) >= sizeof(out->country) ||
		    strlen(ledger_text(q, 3)) >= sizeof(out->site) ||
		    strlen(ledger_text(q, 4)) >= sizeof(out->gateway)) {
			more = err_set(e, ERR_FORGED, "ledger: an endpoint's row is damaged");
			break;
		}
		(void)snprintf(out->name, sizeof(out->name), "%s", ledger_text(q, 0));
		(void)snprintf(out->url, sizeof(out->url), "%s", at);
		(void)snprintf(out->country, sizeof(out->country), "%s", ledger_text(q, 2));
		(void)snprintf(out->site, sizeof(out->site), "%s", ledger_text(q, 3));
		(void)snprintf(out->gateway, sizeof(out->gateway), "%s", ledger_text(q, 4));
		found = true;
	}
	ledger_end(q);
	if (more == -1)
		return -1;
	if (!found)
		return err_set(e, ERR_REFUSED,
		    "send: %s is no endpoint of this house: where it stands is unknown (stager endpoint add)",
		    url);
	if (by_name)
		(void)snprintf(url, DELIVERY_URL_MAX + 1, "%s", out->url);
	return 0;
}

struct json *
house_deliveries(
    struct house *h, const char *version_id, const char *holder, const char *dataset, struct err *e)
{
	static const char *const names[] = {
	    "version-id", "set", "endpoint", "url", "country", "site", "state"};
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT d.version, d.set_name, d.endpoint, d.url, p.country, p.site, d.state FROM delivery d "
	    "JOIN endpoint "
	    "p ON p.name = d.endpoint JOIN version v ON v.id = d.version JOIN dataset s ON s.id = v.dataset "
	    "WHERE "
	    "coalesce(v.id = ?1, s.holder = ?2 AND s.name = ?3) ORDER BY d.place",
	    "sss", version_id, holder, dataset);
	struct json *list = json_array(), *j;
	int more;

	while ((more = ledger_next(q, e)) == 1) {
		j = json_object();
		for (int i = 0; i < 7; i++)
			json_set_string(j, names[i], ledger_text(q, i));
		json_push(list, j);
	}
	ledger_end(q);
	if (more == 0)
		return list;
	json_free(list);
	return NULL;
}
