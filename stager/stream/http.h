/* One HTTP request and its answer: what s3.c and web.c stand on. Nothing else here knows of libcurl. */
#ifndef STREAM_HTTP_H
#define STREAM_HTTP_H

#include "ops.h"
#include "stager/buf.h"

/* Of an answer that is no object: a page of a list, a fault. */
#define HTTP_TEXT_MAX (16u << 20)
#define HTTP_URL_MAX 4096
#define HTTP_HEADERS_MAX 10
#define HTTP_HEADER_MAX 4200

struct http;

/* How all requests of one endpoint are signed: AWS Signature Version 4, service s3. Strings live as long as the http. */
struct http_sign {
	const char *user, *secret;
	char provider[96]; /* "aws:amz:REGION:s3" */
};

struct http_request {
	const char *method;
	const char *url;  /* path and query encoded, the query sorted: libcurl 7.88 signs it as it is */
	const char *name; /* the object, for messages */
	char headers[HTTP_HEADERS_MAX][HTTP_HEADER_MAX];
	size_t header_count;
	/* What goes out: body, or what read gives; body_len bytes of it where has_body. */
	bool has_body;
	const uint8_t *body;
	uint64_t body_len;
	put_read_fn read;
	void *read_ctx;
	/* Where a range goes: exactly range_len bytes from offset. NULL: the body goes to the answer's text. */
	uint8_t *range;
	uint64_t offset;
	size_t range_len;
	bool slow; /* the other side may think for minutes before it answers */
	bool once; /* libcurl may not ask again by itself */
	bool last; /* also where the endpoint was stopped: to clean up */
};

struct http_answer {
	long status;
	char tag[64];    /* ETag without its quotes, or "" */
	uint64_t length; /* Content-Length; UINT64_MAX where there is none */
	struct buf text; /* the body, but for a range */
};

/* ca: a file, or NULL for the system's. plain: http:// elsewhere than on loopback may be used. */
struct http *http_new(const struct endpoint *p, const struct endpoint_options *options, const char *ca,
    struct err *e) MUST_CHECK;
void http_sign(struct http *h, const struct http_sign *sign); /* kept, not copied */
/* All requests with these, as HTTP Basic; kept, not copied. */
void http_login(struct http *h, const char *user, const char *password);
void http_free(struct http *h);

/*
 * 0 where an answer of any status came, whole: see http_fault. For a range: where all of it came. -1 where none did, or a
 * range broke off (a->done says where). ans: http_answer_free, also after a failure.
 */
int http_do(
    struct http *h, struct http_request *r, struct http_answer *ans, struct attempt *a, struct err *e);
void http_answer_free(struct http_answer *ans);
int http_header(struct http_request *r, struct err *e, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* An ETag (RFC 9110 8.8.3) without W/ and quotes; "" where it is too long or has a byte that is not printable ASCII. */
void http_tag(const char *text, char tag[static 64]);

/* -1 with what a status that is no success means. code: S3's word for it, or "". */
int http_fault(const struct http_request *r, long status, const char *code, struct attempt *a, struct err *e);

/* scheme://host[:port][/path], without a query, fragment or user: into base, without a slash at its end. */
int http_base(const char *url, bool plain, char base[static HTTP_URL_MAX], struct err *e) MUST_CHECK;
/* s, each byte that is not unreserved (RFC 3986) as %XX; keep: those that stay too. */
int http_escape(struct buf *out, const char *s, const char *keep, struct err *e) MUST_CHECK;

#endif
