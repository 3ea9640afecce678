/* s3://BUCKET/PREFIX: opening it, its requests, and objects read and removed. Source: Amazon S3 API Reference, 2006-03-01. */
#include "s3.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stager/enc.h"
#include "xml.h"

#define SHA256_LEN 32
/* What shipped settings for Ceph's gateways give; S3 itself takes 10,000. */
#define PARTS_MAX 1000

int
s3_request(struct s3 *s, struct s3_request *q, const char *method, const char *name, const char *query,
    struct err *e)
{
	uint8_t digest[SHA256_LEN];
	char hex[2 * SHA256_LEN + 1];
	struct http_request *r = &q->r;
	int len;

	len = snprintf(q->url, sizeof(q->url), "%s%s%s%s%s%s", s->bucket, name == NULL ? "" : "/",
	    name == NULL ? "" : s->prefix, name == NULL ? "" : name, query[0] == '\0' ? "" : "?", query);
	if (len < 0 || (size_t)len >= sizeof(q->url))
		return err_set(e, ERR_LIMIT, "%s: an address past its limit", name == NULL ? "bucket" : name);
	r->method = method;
	r->url = q->url;
	r->name = name == NULL ? "bucket" : name;
	/* The other side checks the body against it before it keeps a byte: damage under way is seen there. */
	if (EVP_Digest(r->body == NULL ? "" : (const void *)r->body,
		r->body == NULL ? 0 : (size_t)r->body_len, digest, NULL, EVP_sha256(), NULL) != 1)
		return err_set(e, ERR_SYSTEM, "%s: hash", r->name);
	hex_encode(digest, sizeof(digest), hex);
	if (http_header(r, e, "x-amz-content-sha256: %s", hex) == -1)
		return -1;
	if (s->aws.token[0] != '\0' && http_header(r, e, "x-amz-security-token: %s", s->aws.token) == -1)
		return -1;
	return 0;
}

static int
find_code(void *ctx, const char *path, const char *text, struct err *e)
{
	char *code = ctx;

	(void)e;
	if (strcmp(path, "Error/Code") != 0 || strlen(text) >= S3_CODE_MAX ||
	    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.") != strlen(text))
		return 0;
	memcpy(code, text, strlen(text) + 1);
	return 0;
}

int
s3_do(struct s3 *s, struct s3_request *q, struct http_answer *ans, char code[static S3_CODE_MAX],
    struct attempt *a, struct err *e)
{
	code[0] = '\0';
	if (http_do(s->http, &q->r, ans, a, e) == -1)
		return -1;
	if (ans->status >= 200 && ans->status < 300)
		return 0;
	/* A proxy's own page is no XML of S3's: then the status alone speaks. */
	if (ans->text.len > 0 &&
	    xml_walk((const char *)ans->text.data, ans->text.len, find_code, code, NULL) == -1)
		code[0] = '\0';
	return http_fault(&q->r, ans->status, code, a, e);
}

static int
get(struct s3 *s, const char *name, uint64_t offset, uint8_t *out, size_t len, char code[static S3_CODE_MAX],
    struct attempt *a, struct err *e)
{
	struct s3_request q = {.r = {.range = out, .offset = offset, .range_len = len}};
	struct http_answer ans = {0};
	int rc = -1;

	code[0] = '\0';
	if (s3_request(s, &q, "GET", name, "", e) == 0 &&
	    http_header(&q.r, e, "Range: bytes=%llu-%llu", (unsigned long long)offset,
		(unsigned long long)(offset + len - 1)) == 0)
		rc = s3_do(s, &q, &ans, code, a, e);
	http_answer_free(&ans);
	return rc;
}

static int
s3_get(struct endpoint *p, const char *name, uint64_t offset, uint8_t *out, size_t len, struct attempt *a,
    struct err *e)
{
	char code[S3_CODE_MAX];

	return get((struct s3 *)p, name, offset, out, len, code, a, e);
}

/*
 * The answer to a HEAD has no body, and so does not say whether an object is not there or its whole bucket. Asked once, for all
 * threads: they begin with the same name at the same time.
 */
static bool
bucket_missing(struct s3 *s, const char *name)
{
	struct attempt a = {0};
	char code[S3_CODE_MAX];
	uint8_t byte;
	bool missing;

	(void)pthread_mutex_lock(&s->lock);
	if (!s->there && !s->missing) {
		bool read = get(s, name, 0, &byte, 1, code, &a, NULL) == 0;

		s->missing = strcmp(code, "NoSuchBucket") == 0;
		s->there = !s->missing && (read || code[0] != '\0');
	}
	missing = s->missing;
	(void)pthread_mutex_unlock(&s->lock);
	return missing;
}

/* Nor does it say why it was refused: a wrong key, a wrong clock. */
static void
ask_why(struct s3 *s, const char *name, struct err *e)
{
	struct err why = {.code = ERR_NONE};
	struct attempt a = {0};
	char code[S3_CODE_MAX];
	uint8_t byte;

	if (get(s, name, 0, &byte, 1, code, &a, &why) == -1 && code[0] != '\0')
		*e = why;
}

int
s3_head(struct endpoint *p, const char *name, struct endpoint_info *out, struct attempt *a, struct err *e)
{
	struct s3_request q = {0};
	char code[S3_CODE_MAX];
	struct http_answer ans = {0};
	int rc = -1;

	if (s3_request((struct s3 *)p, &q, "HEAD", name, "", e) == 0)
		rc = s3_do((struct s3 *)p, &q, &ans, code, a, e);
	if (rc == -1 && (ans.status == 400 || ans.status == 403))
		ask_why((struct s3 *)p, name, e);
	if (rc == -1 && a->absent && bucket_missing((struct s3 *)p, name)) {
		a->absent = false;
		err_set(e, ERR_REFUSED, "bucket: no such bucket");
	}
	if (rc == 0 && ans.length == UINT64_MAX)
		rc = err_set(e, ERR_FORGED, "%s: the server does not say how long it is", name);
	if (rc == 0) {
		out->size = ans.length;
		memcpy(out->tag, ans.tag, sizeof(out->tag));
	}
	http_answer_free(&ans);
	return rc;
}

static int
s3_remove(struct endpoint *p, const char *name, struct attempt *a, struct err *e)
{
	struct s3_request q = {0};
	char code[S3_CODE_MAX];
	struct http_answer ans = {0};
	int rc = -1;

	if (s3_request((struct s3 *)p, &q, "DELETE", name, "", e) == 0)
		rc = s3_do((struct s3 *)p, &q, &ans, code, a, e);
	http_answer_free(&ans);
	return rc;
}

static void
s3_free(struct endpoint *p)
{
	struct s3 *s = (struct s3 *)p;

	http_free(s->http);
	aws_wipe(&s->aws);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

static const struct endpoint_ops s3_ops = {
    .put_size = sizeof(struct s3_put),
    .parts_max = PARTS_MAX,
    .resumes = true,
    .put_begin = s3_put_begin,
    .put = s3_put,
    .put_commit = s3_put_commit,
    .put_abandon = s3_put_abandon,
    .put_free = s3_put_free,
    .get = s3_get,
    .head = s3_head,
    .list = s3_list,
    .remove = s3_remove,
    .clean = s3_clean,
    .free = s3_free,
};

/* BUCKET[/PREFIX] */
static int
take_apart(struct s3 *s, const char *where, const char *base, struct err *e)
{
	static const char bucket_bytes[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t bucket = strcspn(where, "/"), len;
	const char *prefix = where + bucket;

	if (bucket < 3 || bucket > 255 || strspn(where, bucket_bytes) != bucket || where[0] == '.')
		return err_set(e, ERR_USAGE, "s3: no name of a bucket");
	prefix += strspn(prefix, "/");
	len = strlen(prefix);
	while (len > 0 && prefix[len - 1] == '/')
		len--;
	if (len > S3_PREFIX_MAX)
		return err_set(e, ERR_USAGE, "s3: prefix past its limit");
	memcpy(s->prefix, prefix, len);
	/* An object's name's rule, piece by piece. */
	for (char *part = s->prefix, *slash; *part != '\0'; part = slash) {
		if ((slash = strchr(part, '/')) != NULL)
			*slash = '\0';
		if (!endpoint_name_valid(part))
			return err_set(e, ERR_USAGE, "s3: prefix: [A-Za-z0-9._-] between single slashes");
		if (slash == NULL)
			break;
		*slash++ = '/';
	}
	if (len > 0)
		memcpy(s->prefix + len, "/", 2);
	if ((size_t)snprintf(s->bucket, sizeof(s->bucket), "%s/%.*s", base, (int)bucket, where) >=
	    sizeof(s->bucket) / 2)
		return err_set(e, ERR_LIMIT, "s3: an address past its limit");
	return 0;
}

int
s3_open(const char *where, const struct endpoint_options *options, struct endpoint **out, struct err *e)
{
	struct s3 *s = calloc(1, sizeof(*s));
	char base[HTTP_URL_MAX], aws[128];

	if (s == NULL)
		return err_sys(e, "s3");
	(void)pthread_mutex_init(&s->lock, NULL); /* a default one: it cannot fail on Linux */
	s->p.ops = &s3_ops;
	if (aws_load(&s->aws, e) == -1)
		goto failed;
	if (strspn(s->aws.region, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") !=
	    strlen(s->aws.region)) {
		err_set(e, ERR_INPUT, "S3: no name of a region");
		goto failed;
	}
	(void)snprintf(aws, sizeof(aws), "https://s3.%s.amazonaws.com", s->aws.region);
	if (http_base(options->gateway != NULL     ? options->gateway
		      : s->aws.endpoint[0] == '\0' ? aws
						   : s->aws.endpoint,
		options->plain_http, base, e) == -1 ||
	    take_apart(s, where, base, e) == -1)
		goto failed;
	s->sign.user = s->aws.user;
	s->sign.secret = s->aws.secret;
	(void)snprintf(s->sign.provider, sizeof(s->sign.provider), "aws:amz:%s:s3", s->aws.region);
	if ((s->http = http_new(&s->p, options, s->aws.ca[0] == '\0' ? NULL : s->aws.ca, e)) == NULL)
		goto failed;
	http_sign(s->http, &s->sign);
	*out = &s->p;
	return 0;
failed:
	s3_free(&s->p);
	return -1;
}
