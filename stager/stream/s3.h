/* An S3 bucket as an endpoint: what s3.c, s3_put.c and s3_list.c share. */
#ifndef STREAM_S3_H
#define STREAM_S3_H

#include <pthread.h>

#include "aws.h"
#include "http.h"

#define S3_PREFIX_MAX 400
#define S3_CODE_MAX 64

struct s3 {
	struct endpoint p;
	struct http *http;
	struct http_sign sign;
	struct aws aws;
	char bucket[HTTP_URL_MAX];      /* its URL, path-style */
	char prefix[S3_PREFIX_MAX + 2]; /* "" or with a slash at its end */
	pthread_mutex_t lock;
	bool there, missing; /* the bucket, as far as was asked; under the lock */
};

struct s3_put {
	struct endpoint_put u;
	char upload[1100];         /* its id, encoded for a query; "" for an object of one part */
	char (*tags)[64];          /* of each part */
	char (*had)[64];           /* of those that an earlier put left there, "" of others; or NULL */
	struct endpoint_info info; /* of an object of one part, once it is there */
};

struct s3_request {
	struct http_request r;
	char url[HTTP_URL_MAX];
};

/*
 * A request, signed with the digest of its body. name: an object below the prefix, or NULL for the bucket; query: encoded and
 * sorted by name, or "". q->r.body and the like stand before.
 */
int s3_request(struct s3 *s, struct s3_request *q, const char *method, const char *name, const char *query,
    struct err *e) MUST_CHECK;
/* http_do, and -1 with S3's fault where the status is no success; code: what it said, or "". */
int s3_do(struct s3 *s, struct s3_request *q, struct http_answer *ans, char code[static S3_CODE_MAX],
    struct attempt *a, struct err *e) MUST_CHECK;

/* s3_put.c */
int s3_put_begin(struct endpoint_put *u, struct attempt *a, struct err *e);
int s3_put(struct endpoint_put *u, uint64_t number, const uint8_t *data, size_t len, struct attempt *a,
    struct err *e);
int s3_put_commit(struct endpoint_put *u, struct endpoint_info *out, struct attempt *a, struct err *e);
int s3_put_abandon(struct endpoint_put *u, struct attempt *a, struct err *e);
void s3_put_free(struct endpoint_put *u);
int s3_abort(struct s3 *s, const char *name, const char *upload, struct attempt *a, struct err *e);
int s3_head(
    struct endpoint *p, const char *name, struct endpoint_info *out, struct attempt *a, struct err *e);

/* s3_list.c */
int s3_list(struct endpoint *p, const char *prefix, char **next,
    int (*each)(void *ctx, const char *name, const struct endpoint_info *info, struct err *e), void *ctx,
    struct attempt *a, struct err *e);
int s3_clean(
    struct endpoint *p, const char *prefix, bool all, uint64_t *count, struct attempt *a, struct err *e);
/*
 * Each upload of a name of ours that was begun and not ended, whose key begins with prefix (of the bucket, so with s's own
 * in it). upload: encoded for a query. A -1 of each ends it.
 */
int s3_uploads(struct s3 *s, const char *prefix,
    int (*each)(void *ctx, const char *name, const char *upload, struct err *e), void *ctx, struct attempt *a,
    struct err *e) MUST_CHECK;
/* The text of an answer into room bytes; "" where it is too long for one of ours. */
void s3_keep(char *out, size_t room, const char *text);
/* &NAME=VALUE, encoded; nothing where the value is empty. first: without the &. */
int s3_query(struct buf *q, const char *name, const char *value, struct err *e) MUST_CHECK;

/* s3_resume.c: the upload of w's name that has most of its parts, into w->upload and w->had; others of that name are
 * ended. w->upload stays "" where there is none that fits. */
int s3_resume(struct s3_put *w, struct attempt *a, struct err *e) MUST_CHECK;

#endif
