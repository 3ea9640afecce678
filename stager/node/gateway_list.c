/* Buckets and lists as S3 has them: ListBuckets, HeadBucket, GetBucketLocation, ListObjectsV2. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gateway_parts.h"
#include "stager/enc.h"

#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define XMLNS " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""
#define KEYS_MAX 1000
#define LIST_MAX (8u << 20)
#define DATE_LEN 24 /* 2026-11-22T00:00:00.000Z */

static void
iso_date(time_t t, char out[static DATE_LEN + 8])
{
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	(void)gmtime_r(&t, &tm);
	(void)strftime(out, DATE_LEN + 8, "%Y-%m-%dT%H:%M:%S.000Z", &tm);
}

int
gateway_buckets(struct gateway_call *c, struct err *e)
{
	const char *names[] = {c->g->bucket, c->g->results != NULL ? GATEWAY_BUCKET_RESULTS : NULL};
	char date[DATE_LEN + 8];
	struct buf body;
	int rc = -1;

	buf_init(&body, 4096);
	iso_date(c->g->started_at, date);
	if (buf_put_str(&body,
		XML_HEAD "<ListAllMyBucketsResult" XMLNS
			 "><Owner><ID>stager</ID><DisplayName>stager</DisplayName></Owner><Buckets>",
		e) == -1)
		goto out;
	for (size_t i = 0; i < 2; i++)
		if (names[i] != NULL &&
		    buf_printf(&body, e, "<Bucket><Name>%s</Name><CreationDate>%s</CreationDate></Bucket>",
			names[i], date) == -1)
			goto out;
	if (buf_put_str(&body, "</Buckets></ListAllMyBucketsResult>\n", e) == 0)
		rc = gateway_respond(c, 200, "application/xml", "", body.data, body.len, e);
out:
	buf_free(&body);
	return rc;
}

/* What a list was asked for. */
struct list {
	char prefix[CATALOG_NAME_MAX + 1], delimiter[CATALOG_NAME_MAX + 1], after[CATALOG_NAME_MAX + 1];
	char token[2 * CATALOG_NAME_MAX + 1],
	    from[CATALOG_NAME_MAX + 2]; /* from: the first name that may come */
	char next[CATALOG_NAME_MAX + 2];
	uint64_t max, count;
	bool v2, url, truncated;
	struct buf items;
};

/* The first text behind all that begin with this one; "" where there is none. */
static void
successor(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && (unsigned char)text[len - 1] == 0xff)
		len--;
	if (len > 0)
		text[len - 1] = (char)((unsigned char)text[len - 1] + 1);
	text[len] = '\0';
}

/* Hex of the name to go on from: opaque to clients, and safe in a URL. */
static int
read_token(struct list *l, struct err *e)
{
	size_t len = strlen(l->token);

	if (len % 2 != 0 || len / 2 >= sizeof(l->from) ||
	    hex_decode(l->token, (uint8_t *)l->from, len / 2, "continuation-token", e) == -1)
		return err_set(e, ERR_INPUT, "continuation-token: it is not one of ours");
	l->from[len / 2] = '\0';
	return 0;
}

static int
read_parameters(const struct http_request *r, struct list *l, struct err *e)
{
	char max[16] = "", encoding[16] = "", type[4] = "";
	int token;

	if (gateway_parameter(r, "prefix", l->prefix, sizeof(l->prefix), e) == -1 ||
	    gateway_parameter(r, "delimiter", l->delimiter, sizeof(l->delimiter), e) == -1 ||
	    gateway_parameter(r, "max-keys", max, sizeof(max), e) == -1 ||
	    gateway_parameter(r, "encoding-type", encoding, sizeof(encoding), e) == -1 ||
	    gateway_parameter(r, "list-type", type, sizeof(type), e) == -1)
		return -1;
	l->v2 = strcmp(type, "2") == 0;
	if ((token = gateway_parameter(r, "continuation-token", l->token, sizeof(l->token), e)) == -1 ||
	    gateway_parameter(r, l->v2 ? "start-after" : "marker", l->after, sizeof(l->after), e) == -1)
		return -1;
	l->url = strcmp(encoding, "url") == 0;
	if ((encoding[0] != '\0' && !l->url) || (type[0] != '\0' && !l->v2))
		return err_set(e, ERR_INPUT, "encoding-type or list-type: there is only one");
	l->max = KEYS_MAX;
	if (max[0] != '\0') {
		if (strspn(max, "0123456789") != strlen(max) || strlen(max) > 9)
			return err_set(e, ERR_INPUT, "max-keys: a number is wanted");
		l->max = strtoull(max, NULL, 10);
		l->max = l->max > KEYS_MAX ? KEYS_MAX : l->max;
	}
	if (token == 1 && l->v2)
		return read_token(l, e);
	/* Behind this name, and whatever it is a part of comes: no name has a byte below a space. */
	if (l->after[0] != '\0')
		(void)snprintf(l->from, sizeof(l->from), "%s\x01", l->after);
	return 0;
}

static int
put_key(struct gateway_call *c, struct list *l, const struct catalog_entry *entry, const char *date,
    struct err *e)
{
	char tag[CATALOG_TAG_LEN + 1];

	catalog_tag(c->g->catalog, entry->name, tag);
	if (buf_put_str(&l->items, "<Contents><Key>", e) == -1 ||
	    gateway_put_text(&l->items, entry->name, l->url, e) == -1)
		return -1;
	return buf_printf(&l->items, e,
	    "</Key><LastModified>%s</LastModified><ETag>&quot;%.*s&quot;</ETag><Size>%" PRIu64
	    "</Size><StorageClass>STANDARD</StorageClass></Contents>\n",
	    date, CATALOG_TAG_LEN - 2, tag + 1, entry->len);
}

static int
put_prefix(struct list *l, const char *prefix, struct err *e)
{
	return buf_put_str(&l->items, "<CommonPrefixes><Prefix>", e) == -1 ||
		       gateway_put_text(&l->items, prefix, l->url, e) == -1 ||
		       buf_put_str(&l->items, "</Prefix></CommonPrefixes>\n", e) == -1
		   ? -1
		   : 0;
}

/* Names from `from` on that begin with the prefix; those with a delimiter behind it once for all. */
static int
collect(struct gateway_call *c, struct list *l, struct err *e)
{
	const struct catalog *catalog = c->g->catalog;
	size_t prefix = strlen(l->prefix);
	uint64_t number = catalog_find(catalog, strcmp(l->from, l->prefix) > 0 ? l->from : l->prefix);
	struct catalog_entry entry;
	char date[DATE_LEN + 8], *end;

	iso_date(c->g->started_at, date);
	for (; number < catalog_count(catalog); l->count++) {
		catalog_at(catalog, number, &entry);
		if (strncmp(entry.name, l->prefix, prefix) != 0)
			break;
		if (l->count >= l->max) {
			l->truncated = l->max > 0;
			(void)snprintf(l->next, sizeof(l->next), "%s", entry.name);
			break;
		}
		if (l->delimiter[0] != '\0' && (end = strstr(entry.name + prefix, l->delimiter)) != NULL) {
			end[strlen(l->delimiter)] = '\0';
			if (put_prefix(l, entry.name, e) == -1)
				return -1;
			successor(entry.name);
			number = catalog_find(catalog, entry.name);
		} else {
			if (put_key(c, l, &entry, date, e) == -1)
				return -1;
			number++;
		}
	}
	return 0;
}

static int
put_element(struct buf *out, const char *name, const char *value, bool url, struct err *e)
{
	return buf_printf(out, e, "<%s>", name) == -1 || gateway_put_text(out, value, url, e) == -1 ||
		       buf_printf(out, e, "</%s>", name) == -1
		   ? -1
		   : 0;
}

static int
put_list(struct gateway_call *c, struct list *l, struct buf *out, struct err *e)
{
	char hex[2 * sizeof(l->next) + 1];

	if (buf_put_str(out, XML_HEAD "<ListBucketResult" XMLNS ">", e) == -1 ||
	    put_element(out, "Name", c->g->bucket, false, e) == -1 ||
	    put_element(out, "Prefix", l->prefix, l->url, e) == -1 ||
	    (l->delimiter[0] != '\0' && put_element(out, "Delimiter", l->delimiter, l->url, e) == -1) ||
	    (l->url && put_element(out, "EncodingType", "url", false, e) == -1) ||
	    buf_printf(out, e, "<MaxKeys>%" PRIu64 "</MaxKeys><IsTruncated>%s</IsTruncated>", l->max,
		l->truncated ? "true" : "false") == -1)
		return -1;
	if (l->v2) {
		if (buf_printf(out, e, "<KeyCount>%" PRIu64 "</KeyCount>", l->count) == -1 ||
		    (l->after[0] != '\0' && put_element(out, "StartAfter", l->after, l->url, e) == -1) ||
		    (l->token[0] != '\0' && put_element(out, "ContinuationToken", l->token, false, e) == -1))
			return -1;
		hex_encode((const uint8_t *)l->next, strlen(l->next), hex);
		if (l->truncated && put_element(out, "NextContinuationToken", hex, false, e) == -1)
			return -1;
	} else if (put_element(out, "Marker", l->after, l->url, e) == -1) {
		return -1;
	}
	return buf_put(out, l->items.data, l->items.len, e) == -1 ||
		       buf_put_str(out, "</ListBucketResult>\n", e) == -1
		   ? -1
		   : 0;
}

int
gateway_list(struct gateway_call *c, struct err *e)
{
	static const char here[] = XML_HEAD "<LocationConstraint" XMLNS ">us-east-1</LocationConstraint>\n";
	struct err why = {.code = ERR_NONE};
	struct list *l = NULL;
	struct buf body;
	int rc = -1;

	if (c->request->method == HTTP_HEAD)
		return gateway_respond(
		    c, 200, "application/xml", "x-amz-bucket-region: us-east-1\r\n", NULL, 0, e);
	if (gateway_has(c->request, "location"))
		return gateway_respond(c, 200, "application/xml", "", here, sizeof(here) - 1, e);
	if ((l = calloc(1, sizeof(*l))) == NULL)
		return err_set(e, ERR_SYSTEM, "list: out of memory");
	buf_init(&body, LIST_MAX);
	buf_init(&l->items, LIST_MAX);
	if (read_parameters(c->request, l, &why) == -1 || collect(c, l, &why) == -1 ||
	    put_list(c, l, &body, &why) == -1)
		rc = gateway_fail(c, &why, e);
	else if (!l->v2 && l->truncated)
		/* Its NextMarker would be needed without a delimiter, too: nobody who needs that many asks so any more. */
		rc = gateway_refuse(c, 501, "NotImplemented", "this list is long: ask with list-type=2", e);
	else
		rc = gateway_respond(c, 200, "application/xml", "", body.data, body.len, e);
	buf_free(&l->items);
	buf_free(&body);
	free(l);
	return rc;
}
