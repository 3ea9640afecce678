/* The record of a delivery, and what may stand in one: countries, URLs. */
#include "stager/delivery.h"

#include <stdio.h>
#include <string.h>

#include "fields.h"
#include "stager/json.h"

#define TYPE "urn:stager:delivery:1"

bool
delivery_country_ok(const char *text)
{
	return strlen(text) == DELIVERY_COUNTRY_LEN && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' &&
	       text[1] <= 'Z';
}

/* A dot, a slash or a backslash as %XX: a server would take "%2e%2e" for "..", and lead out of what was entered. */
static bool
hides(const char *p)
{
	return p[0] == '%' && ((p[1] == '2' && (p[2] == 'e' || p[2] == 'E' || p[2] == 'f' || p[2] == 'F')) ||
				  (p[1] == '5' && (p[2] == 'c' || p[2] == 'C')));
}

bool
delivery_url_ok(const char *url)
{
	static const char *const schemes[] = {"dir:/", "s3://", "https://", "http://"};
	const char *rest = NULL, *slash;

	if (strlen(url) > DELIVERY_URL_MAX)
		return false;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
			rest = url + strlen(schemes[i]);
	if (rest == NULL)
		return false;
	for (const char *p = rest; *p != '\0'; p++)
		if (*p <= 0x20 || *p > 0x7e || strchr("?#@\\", *p) != NULL ||
		    (hides(p) && strncmp(url, "dir:", 4) != 0))
			return false;
	for (; rest != NULL; rest = slash == NULL ? NULL : slash + 1) {
		size_t len = (slash = strchr(rest, '/')) == NULL ? strlen(rest) : (size_t)(slash - rest);

		if (len == 0 || (len == 1 && rest[0] == '.') ||
		    (len == 2 && rest[0] == '.' && rest[1] == '.'))
			return false;
	}
	return true;
}

int
delivery_encode(const struct delivery *d, struct buf *out, struct err *e)
{
	struct json *j = json_object();
	size_t before = out->len;
	struct delivery again;
	int rc = -1;

	json_set_string(j, "_type", TYPE);
	json_set_string(j, "house", d->house);
	json_set_string(j, "version-id", d->version_id);
	json_set_string(j, "set", d->set);
	json_set_hex(j, "manifest", d->manifest, DIGEST_LEN);
	json_set_hex(j, "table", d->table, DIGEST_LEN);
	json_set_hex(j, "listing", d->listing, DIGEST_LEN);
	json_set_string(j, "endpoint", d->endpoint);
	json_set_string(j, "url", d->url);
	json_set_string(j, "country", d->country);
	json_set_string(j, "site", d->site);
	json_set_int(j, "at", d->at);
	if (field_set_u64(j, "objects", d->objects, e) == -1 ||
	    field_set_u64(j, "bytes", d->bytes, e) == -1 ||
	    field_encode(j, DELIVERY_MAX, "delivery", out, e) == -1)
		goto out;
	if ((rc = delivery_decode(out->data + before, out->len - before, &again, e)) == -1)
		out->len = before;
out:
	json_free(j);
	return rc;
}

int
delivery_decode(const void *data, size_t len, struct delivery *out, struct err *e)
{
	static const char *const keys[] = {"_type", "at", "bytes", "country", "endpoint", "house", "listing",
	    "manifest", "objects", "set", "site", "table", "url", "version-id", NULL};
	static const char what[] = "delivery";
	const char *url, *country;
	struct json *j = NULL;
	struct delivery d;
	int rc = -1;

	memset(&d, 0, sizeof(d));
	if ((j = field_decode(data, len, DELIVERY_MAX, NULL, keys, what, e)) == NULL ||
	    field_type(j, "_type", TYPE, what, e) == -1 || field_name(j, "house", d.house, what, e) == -1 ||
	    field_id(j, "version-id", d.version_id, what, e) == -1 ||
	    field_name(j, "set", d.set, what, e) == -1 ||
	    json_need_hex(j, "manifest", d.manifest, DIGEST_LEN, what, e) == -1 ||
	    json_need_hex(j, "table", d.table, DIGEST_LEN, what, e) == -1 ||
	    json_need_hex(j, "listing", d.listing, DIGEST_LEN, what, e) == -1 ||
	    field_name(j, "endpoint", d.endpoint, what, e) == -1 ||
	    field_name(j, "site", d.site, what, e) == -1 ||
	    field_u64(j, "objects", 1, JSON_INT_MAX, what, &d.objects, e) == -1 ||
	    field_u64(j, "bytes", 1, JSON_INT_MAX, what, &d.bytes, e) == -1 ||
	    json_need_int(j, "at", 0, JSON_INT_MAX, what, &d.at, e) == -1 ||
	    (url = json_need_string(j, "url", what, e)) == NULL ||
	    (country = json_need_string(j, "country", what, e)) == NULL)
		goto out;
	if (!delivery_url_ok(url) || !delivery_country_ok(country)) {
		err_set(e, ERR_INPUT, "%s: %s", what, delivery_url_ok(url) ? "country" : "url");
		goto out;
	}
	(void)snprintf(d.url, sizeof(d.url), "%s", url);
	(void)snprintf(d.country, sizeof(d.country), "%s", country);
	*out = d;
	rc = 0;
out:
	json_free(j);
	return rc;
}
