/* What stands in a bucket below a prefix: objects, and uploads that were begun and never ended. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "s3.h"
#include "xml.h"

#define QUERY_MAX 3900
#define KEY_MAX 1200

struct page {
	struct s3 *s;
	int (*each)(void *ctx, const char *name, const struct endpoint_info *info, struct err *e);
	void *ctx;
	/* Of the entry that is open. */
	char key[3 * KEY_MAX], size[24], tag[128], upload[1100];
	/* Of the page. */
	bool more;
	char last[3 * KEY_MAX]; /* key, anybody's */
	char next[XML_TEXT_MAX + 1], next_upload[1100];
	/* Of uploads. */
	int (*each_upload)(void *ctx, const char *name, const char *upload, struct err *e);
	struct attempt *a;
};

void
s3_keep(char *out, size_t room, const char *text)
{
	size_t len = strlen(text);

	if (len >= room)
		len = 0;
	memcpy(out, text, len);
	out[len] = '\0';
}

static int
digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

/* encoding-type=url, in place. A broken %XX stays, and is in no name of ours. */
static void
unescape(char *s)
{
	char *out = s;

	for (; *s != '\0'; s++) {
		if (*s == '%' && digit(s[1]) != -1 && digit(s[2]) != -1 && (digit(s[1]) | digit(s[2])) != 0) {
			*out++ = (char)(digit(s[1]) * 16 + digit(s[2]));
			s += 2;
		} else {
			*out++ = *s;
		}
	}
	*out = '\0';
}

/* The object's name where the open entry's key is one of ours; NULL. */
static const char *
own_name(struct page *g)
{
	size_t len = strlen(g->s->prefix);

	unescape(g->key);
	if (strncmp(g->key, g->s->prefix, len) != 0 || !endpoint_name_valid(g->key + len))
		return NULL;
	return g->key + len;
}

static int
on_object(struct page *g, struct err *e)
{
	const char *name = own_name(g);
	struct endpoint_info info = {0};
	char *end;

	memcpy(g->last, g->key, sizeof(g->last));
	if (name == NULL)
		return 0;
	info.size = strtoull(g->size, &end, 10); /* past its range: the largest */
	if (!isdigit((unsigned char)g->size[0]) || *end != '\0' || info.size > ENDPOINT_SIZE_MAX)
		return err_set(e, ERR_FORGED, "%s: list: no size", name);
	http_tag(g->tag, info.tag);
	return g->each(g->ctx, name, &info, e);
}

static int
list_element(void *ctx, const char *path, const char *text, struct err *e)
{
	struct page *g = ctx;
	int rc = 0;

	if (strcmp(path, "ListBucketResult/Contents/Key") == 0)
		s3_keep(g->key, sizeof(g->key), text);
	else if (strcmp(path, "ListBucketResult/Contents/Size") == 0)
		s3_keep(g->size, sizeof(g->size), text);
	else if (strcmp(path, "ListBucketResult/Contents/ETag") == 0)
		s3_keep(g->tag, sizeof(g->tag), text);
	else if (strcmp(path, "ListBucketResult/IsTruncated") == 0)
		g->more = strcmp(text, "true") == 0;
	else if (strcmp(path, "ListBucketResult/NextContinuationToken") == 0)
		s3_keep(g->next, sizeof(g->next), text);
	else if (strcmp(path, "ListBucketResult/Contents") == 0) {
		rc = on_object(g, e);
		g->key[0] = g->size[0] = g->tag[0] = '\0';
	}
	return rc;
}

int
s3_query(struct buf *q, const char *name, const char *value, struct err *e)
{
	if (value[0] == '\0')
		return 0;
	if (buf_printf(q, e, "%s%s=", q->len == 0 ? "" : "&", name) == -1)
		return -1;
	return http_escape(q, value, "", e);
}

static int
ask(struct s3 *s, struct buf *query, struct http_answer *ans, struct attempt *a, struct err *e)
{
	struct s3_request q = {0};
	char code[S3_CODE_MAX];
	const char *text = buf_cstr(query, e);

	if (text == NULL || s3_request(s, &q, "GET", NULL, text, e) == -1 ||
	    s3_do(s, &q, ans, code, a, e) == -1) {
		/* No such bucket, which is no absent object. */
		if (a->absent)
			err_set(e, ERR_REFUSED, "bucket: no such bucket");
		a->absent = false;
		return -1;
	}
	return 0;
}

static int
full_prefix(struct buf *out, const struct s3 *s, const char *prefix, struct err *e)
{
	return buf_printf(out, e, "%s%s%s", s->prefix, prefix, prefix[0] == '\0' ? "" : "/");
}

/*
 * Where the next page begins: the server's token, or, behind START_AFTER, the last key. libcurl 8.14 and its neighbours sign
 * a query with %2B wrongly (curl issue 20543, closed in 2026), and a token may have a plus.
 */
#define START_AFTER '\n'
static int
next_page(const struct page *g, char **next, struct err *e)
{
	char text[XML_TEXT_MAX + 2];
	bool by_key = strchr(g->next, '+') != NULL && g->last[0] != '\0' && strchr(g->last, '+') == NULL;

	if (g->more) {
		(void)snprintf(text, sizeof(text), "%s%s", by_key ? "\n" : "", by_key ? g->last : g->next);
		if (g->next[0] == '\0' || (*next != NULL && strcmp(text, *next) == 0))
			return err_set(e, ERR_FORGED, "list: it says that there is more, and not where");
	}
	free(*next);
	*next = NULL;
	if (g->more && (*next = strdup(text)) == NULL)
		return err_sys(e, "list");
	return 0;
}

int
s3_list(struct endpoint *p, const char *prefix, char **next,
    int (*each)(void *ctx, const char *name, const struct endpoint_info *info, struct err *e), void *ctx,
    struct attempt *a, struct err *e)
{
	struct s3 *s = (struct s3 *)p;
	struct page *g = calloc(1, sizeof(*g));
	struct http_answer ans = {0};
	struct buf query, whole;
	const char *text;
	bool by_key = *next != NULL && **next == START_AFTER;
	int rc = -1;

	buf_init(&query, QUERY_MAX);
	buf_init(&whole, QUERY_MAX);
	if (g == NULL) {
		err_sys(e, "list");
		goto out;
	}
	*g = (struct page){.s = s, .each = each, .ctx = ctx};
	if (full_prefix(&whole, s, prefix, e) == -1 || (text = buf_cstr(&whole, e)) == NULL ||
	    s3_query(&query, "continuation-token", *next == NULL || by_key ? "" : *next, e) == -1 ||
	    s3_query(&query, "encoding-type", "url", e) == -1 ||
	    s3_query(&query, "list-type", "2", e) == -1 || s3_query(&query, "max-keys", "1000", e) == -1 ||
	    s3_query(&query, "prefix", text, e) == -1 ||
	    s3_query(&query, "start-after", by_key ? *next + 1 : "", e) == -1 ||
	    ask(s, &query, &ans, a, e) == -1)
		goto out;
	if (xml_walk((const char *)ans.text.data, ans.text.len, list_element, g, e) == -1) {
		err_context(e, "list");
		goto out;
	}
	rc = next_page(g, next, e);
out:
	free(g);
	buf_free(&query);
	buf_free(&whole);
	http_answer_free(&ans);
	return rc;
}

static int
on_upload(struct page *g, struct err *e)
{
	const char *name = own_name(g), *id;
	struct buf escaped;
	int rc = -1;

	if (name == NULL || g->upload[0] == '\0')
		return 0;
	buf_init(&escaped, sizeof(g->upload) * 3);
	if (http_escape(&escaped, g->upload, "", e) == 0 && (id = buf_cstr(&escaped, e)) != NULL)
		rc = g->each_upload(g->ctx, name, id, e);
	buf_free(&escaped);
	return rc;
}

static int
upload_element(void *ctx, const char *path, const char *text, struct err *e)
{
	struct page *g = ctx;
	int rc = 0;

	if (strcmp(path, "ListMultipartUploadsResult/Upload/Key") == 0)
		s3_keep(g->key, sizeof(g->key), text);
	else if (strcmp(path, "ListMultipartUploadsResult/Upload/UploadId") == 0)
		s3_keep(g->upload, sizeof(g->upload), text);
	else if (strcmp(path, "ListMultipartUploadsResult/IsTruncated") == 0)
		g->more = strcmp(text, "true") == 0;
	else if (strcmp(path, "ListMultipartUploadsResult/NextKeyMarker") == 0)
		s3_keep(g->next, sizeof(g->next), text);
	else if (strcmp(path, "ListMultipartUploadsResult/NextUploadIdMarker") == 0)
		s3_keep(g->next_upload, sizeof(g->next_upload), text);
	else if (strcmp(path, "ListMultipartUploadsResult/Upload") == 0) {
		rc = on_upload(g, e);
		g->key[0] = g->upload[0] = '\0';
	}
	return rc;
}

/* A page of uploads below prefix, from the markers on. */
static int
upload_page(struct page *g, const char *prefix, struct err *e)
{
	char key[XML_TEXT_MAX + 1], upload[1100];
	struct http_answer ans = {0};
	struct buf query;
	int rc = -1;

	buf_init(&query, QUERY_MAX);
	memcpy(key, g->next, sizeof(key));
	memcpy(upload, g->next_upload, sizeof(upload));
	g->more = false;
	g->next[0] = g->next_upload[0] = '\0';
	if (s3_query(&query, "key-marker", key, e) == -1 ||
	    s3_query(&query, "max-uploads", "1000", e) == -1 || s3_query(&query, "prefix", prefix, e) == -1 ||
	    s3_query(&query, "upload-id-marker", upload, e) == -1 ||
	    buf_printf(&query, e, "&uploads=") == -1 || ask(g->s, &query, &ans, g->a, e) == -1)
		goto out;
	if (xml_walk((const char *)ans.text.data, ans.text.len, upload_element, g, e) == -1) {
		err_context(e, "unfinished uploads");
		goto out;
	}
	if (g->more &&
	    (g->next[0] == '\0' || (strcmp(g->next, key) == 0 && strcmp(g->next_upload, upload) == 0))) {
		err_set(e, ERR_FORGED, "unfinished uploads: it says that there is more, and not where");
		goto out;
	}
	rc = 0;
out:
	buf_free(&query);
	http_answer_free(&ans);
	return rc;
}

int
s3_uploads(struct s3 *s, const char *prefix,
    int (*each)(void *ctx, const char *name, const char *upload, struct err *e), void *ctx, struct attempt *a,
    struct err *e)
{
	struct page *g = calloc(1, sizeof(*g));
	int rc;

	if (g == NULL)
		return err_sys(e, "unfinished uploads");
	*g = (struct page){.s = s, .a = a, .each_upload = each, .ctx = ctx};
	do {
		rc = upload_page(g, prefix, e);
	} while (rc == 0 && g->more);
	free(g);
	return rc;
}

struct cleaning {
	struct s3 *s;
	struct attempt *a;
	uint64_t *count;
};

static int
clean_upload(void *ctx, const char *name, const char *upload, struct err *e)
{
	struct cleaning *c = ctx;

	if (s3_abort(c->s, name, upload, c->a, e) == -1)
		return -1;
	++*c->count;
	return 0;
}

int
s3_clean(struct endpoint *p, const char *prefix, bool all, uint64_t *count, struct attempt *a, struct err *e)
{
	struct cleaning c = {.s = (struct s3 *)p, .a = a, .count = count};
	struct buf whole;
	const char *text;
	int rc = -1;

	/* All that is ever left are parts, and with parts a put goes on. */
	if (!all)
		return 0;
	buf_init(&whole, QUERY_MAX);
	if (full_prefix(&whole, c.s, prefix, e) == 0 && (text = buf_cstr(&whole, e)) != NULL)
		rc = s3_uploads(c.s, text, clean_upload, &c, a, e);
	buf_free(&whole);
	return rc;
}
