/* An upload that a sender left when it was killed or cut: which parts of it stand there, so that they need not go again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "s3.h"
#include "xml.h"

#define QUERY_MAX 2048
#define MD5_HEX_LEN 32

/* One upload's parts, as the server lists them. */
struct parts {
	struct s3_put *w;
	char (*tags)[64]; /* of each part of ours, "" where it is not there or its tag is no MD5 */
	uint64_t count;   /* of parts that are there */
	bool misfit;      /* it has one that is none of ours */
	/* Of the part that is open. */
	char number[24], size[24], tag[64];
	/* Of the page. */
	bool more;
	char next[24];
};

/* All uploads of one name. */
struct choice {
	struct s3_put *w;
	struct attempt *a;
	char best[sizeof(((struct s3_put *)NULL)->upload)]; /* "": none yet */
	char (*tags)[64];
	uint64_t count;
};

static uint64_t
decimal(const char *text)
{
	size_t len = strlen(text);

	return len == 0 || len > 18 || strspn(text, "0123456789") != len ? UINT64_MAX
									 : strtoull(text, NULL, 10);
}

static void
on_part(struct parts *p)
{
	const struct endpoint_put *u = &p->w->u;
	uint64_t number = decimal(p->number), size = decimal(p->size), want;

	/* Cut in another way: nothing of it is of use. */
	if (number == 0 || number > u->parts) {
		p->misfit = true;
		return;
	}
	want = number < u->parts ? u->part_len : u->size - (u->parts - 1) * u->part_len;
	if (size != want) {
		p->misfit = true;
		return;
	}
	p->count++;
	if (strlen(p->tag) == MD5_HEX_LEN && strspn(p->tag, "0123456789abcdef") == MD5_HEX_LEN)
		memcpy(p->tags[number - 1], p->tag, sizeof(p->tag));
}

static int
part_element(void *ctx, const char *path, const char *text, struct err *e)
{
	struct parts *p = ctx;

	(void)e;
	if (strcmp(path, "ListPartsResult/Part/PartNumber") == 0)
		s3_keep(p->number, sizeof(p->number), text);
	else if (strcmp(path, "ListPartsResult/Part/Size") == 0)
		s3_keep(p->size, sizeof(p->size), text);
	else if (strcmp(path, "ListPartsResult/Part/ETag") == 0)
		http_tag(text, p->tag);
	else if (strcmp(path, "ListPartsResult/IsTruncated") == 0)
		p->more = strcmp(text, "true") == 0;
	else if (strcmp(path, "ListPartsResult/NextPartNumberMarker") == 0)
		s3_keep(p->next, sizeof(p->next), text);
	else if (strcmp(path, "ListPartsResult/Part") == 0) {
		on_part(p);
		p->number[0] = p->size[0] = p->tag[0] = '\0';
	}
	return 0;
}

/* A page of them, behind part number `behind`. */
static int
parts_page(struct parts *p, const char *upload, uint64_t behind, struct attempt *a, struct err *e)
{
	struct s3 *s = (struct s3 *)p->w->u.p;
	const char *name = p->w->u.name;
	struct s3_request q = {0};
	struct http_answer ans = {0};
	char query[QUERY_MAX], code[S3_CODE_MAX];
	int rc = -1;

	p->more = false;
	p->next[0] = '\0';
	(void)snprintf(query, sizeof(query), "max-parts=1000&part-number-marker=%llu&uploadId=%s",
	    (unsigned long long)behind, upload);
	if (s3_request(s, &q, "GET", name, query, e) == -1 || s3_do(s, &q, &ans, code, a, e) == -1)
		goto out;
	if (xml_walk((const char *)ans.text.data, ans.text.len, part_element, p, e) == -1) {
		err_context(e, "%s: parts", name);
		goto out;
	}
	rc = 0;
out:
	http_answer_free(&ans);
	return rc;
}

/* 0 with what stands there, -1 with a->absent where that upload is gone. */
static int
list_parts(struct parts *p, const char *upload, struct attempt *a, struct err *e)
{
	uint64_t behind = 0, next;

	for (;;) {
		if (parts_page(p, upload, behind, a, e) == -1)
			return -1;
		if (!p->more || p->misfit)
			return 0;
		next = decimal(p->next);
		/* More than all of ours. */
		if (next != UINT64_MAX && next >= p->w->u.parts) {
			p->misfit = true;
			return 0;
		}
		if (next == UINT64_MAX || next <= behind)
			return err_set(e, ERR_FORGED, "%s: parts: it says that there are more, and not where",
			    p->w->u.name);
		behind = next;
	}
}

/* Keep the better one of two, and end the other. */
static int
on_upload(void *ctx, const char *name, const char *upload, struct err *e)
{
	struct choice *c = ctx;
	struct s3 *s = (struct s3 *)c->w->u.p;
	struct parts p = {.w = c->w};
	char(*worse)[64];
	int rc = -1;

	/* The list is of keys that begin so. */
	if (strcmp(name, c->w->u.name) != 0)
		return 0;
	if ((p.tags = calloc(c->w->u.parts, sizeof(*p.tags))) == NULL)
		return err_sys(e, "%s", name);
	if (list_parts(&p, upload, c->a, e) == -1) {
		rc = c->a->absent ? 0 : -1;
		c->a->absent = false;
		goto out;
	}
	if (p.misfit || strlen(upload) >= sizeof(c->best) || (c->best[0] != '\0' && p.count <= c->count)) {
		rc = s3_abort(s, name, upload, c->a, e);
		goto out;
	}
	rc = c->best[0] == '\0' ? 0 : s3_abort(s, name, c->best, c->a, e);
	(void)snprintf(c->best, sizeof(c->best), "%s", upload);
	c->count = p.count;
	worse = c->tags;
	c->tags = p.tags;
	p.tags = worse;
out:
	free(p.tags);
	return rc;
}

int
s3_resume(struct s3_put *w, struct attempt *a, struct err *e)
{
	struct s3 *s = (struct s3 *)w->u.p;
	struct choice c = {.w = w, .a = a};
	char prefix[S3_PREFIX_MAX + ENDPOINT_NAME_MAX + 3];
	int rc;

	(void)snprintf(prefix, sizeof(prefix), "%s%s", s->prefix, w->u.name);
	rc = s3_uploads(s, prefix, on_upload, &c, a, e);
	/* Who may not ask what there is, may put. */
	if (rc == -1 && e->code == ERR_REFUSED && c.best[0] == '\0')
		rc = 0;
	if (rc == 0) {
		free(w->had);
		w->had = c.tags;
		c.tags = NULL;
		memcpy(w->upload, c.best, sizeof(w->upload));
	}
	free(c.tags);
	return rc;
}
