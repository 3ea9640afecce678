/*
 * HTTP/1.1 for servers, on buffers: heads, bodies, ranges; no socket in it. For the node's gateway (blocking threads)
 * and the service (bufferevents). stager/net/. RFC 9110, RFC 9112; where those leave a choice the stricter one, so that
 * nobody in between reads a message otherwise than we do.
 */
#ifndef STAGER_HTTP_H
#define STAGER_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "stager/buf.h"
#include "stager/err.h"

#define HTTP_LINE_MAX 8192        /* bytes of the request line; past it 414 */
#define HTTP_FIELDS_MAX 64        /* header fields of a head; past it 431 */
#define HTTP_HEAD_MAX 32768       /* bytes of a whole head; past it 431 */
#define HTTP_CHUNK_LINE_MAX 512   /* bytes of a chunk's size with its extensions */
#define HTTP_TRAILER_MAX 8192     /* bytes of all trailer fields */
#define HTTP_LENGTH_MAX INT64_MAX /* of a body */

/* A piece of somebody else's bytes, without a NUL at its end. */
struct http_text {
	const char *at;
	size_t len;
};

struct http_field {
	struct http_text name, value; /* the value without the white space around it */
};

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_PUT, HTTP_POST, HTTP_DELETE, HTTP_OPTIONS, HTTP_OTHER };

/* A request's head. All text points into the bytes that were parsed, and lives as long as they do. */
struct http_request {
	enum http_method method;
	struct http_text method_name;
	struct http_text target; /* as it stood: origin-form, or "*" of OPTIONS */
	struct http_text path;   /* of it, up to the '?' */
	struct http_text query;  /* behind the '?'; at is NULL where there was none */
	unsigned minor;          /* HTTP/1.minor: 0 or 1 */
	struct http_field fields[HTTP_FIELDS_MAX];
	size_t field_count;
	struct http_text host; /* of Host; len 0 where HTTP/1.0 had none */
	bool chunked;          /* the body is chunked; else length bytes of it follow */
	bool has_length;       /* Content-Length was there */
	uint64_t length;
	bool keep_alive;      /* the other side would go on after this one */
	bool expect_continue; /* it waits for 100 before it sends the body */
};

/* Where the search for a head's end stands, so that bytes which come one by one are looked at once. */
struct http_scan {
	size_t at;    /* looked at up to here */
	size_t line;  /* where the open line begins */
	size_t lines; /* ended so far */
};
void http_scan_init(struct http_scan *s);

/*
 * Look for a head's end in the len bytes that came so far. 1 with *head_len; 0: more must come; -1 with e and the
 * *status to answer with, after which the connection must be closed: 400 (a line end that is no CRLF), 414, 431. One
 * empty line before the request line is passed over (RFC 9112 2.2) and counts to the head.
 */
int http_scan(struct http_scan *s, const void *data, size_t len, size_t *head_len, int *status,
    struct err *e) MUST_CHECK;

/*
 * Parse a whole head, as http_scan found it. 0, or -1 with e (ERR_INPUT, ERR_LIMIT) and the status to answer with, after
 * which the connection must be closed, for where the next message begins is not known: 400, 417, 431, 501 (another
 * transfer coding than chunked), 505.
 *
 * Refused: white space before a colon, folded lines, control characters, a target in another form than origin-form
 * ("*" for OPTIONS), bytes in it that RFC 3986 has not, '%' without two hex digits; no Host in HTTP/1.1, one of a bad
 * form; and of Host, Content-Length, Transfer-Encoding, Authorization, Range, Expect, and others that mean one thing, any
 * that stands twice; Content-Length with Transfer-Encoding; Transfer-Encoding in HTTP/1.0, or other than "chunked" alone.
 */
int http_request_parse(
    const void *data, size_t len, struct http_request *out, int *status, struct err *e) MUST_CHECK;

/* The field of that name (lower case): 1 with *value, 0 where there is none, -1 where there are several. */
int http_field(const struct http_request *r, const char *name, struct http_text *value) MUST_CHECK;
/* Without regard to case. */
bool http_text_is(struct http_text t, const char *word);
/* A comma-separated list holds this word, without regard to case. */
bool http_list_has(struct http_text list, const char *word);

/*
 * Undo percent-encoding, appended to out. plus: '+' is a space, as in forms. ERR_INPUT for NUL, for what is not UTF-8
 * afterwards, and for '%' without two hex digits.
 */
int http_decode(struct http_text t, bool plus, struct buf *out, struct err *e) MUST_CHECK;
/*
 * The path decoded, appended to out. ERR_INPUT also for control characters, a backslash, an encoded '/', and for a part
 * that is empty (but for one '/' at the end), "." or "..", however it was written.
 */
int http_path(const struct http_request *r, struct buf *out, struct err *e) MUST_CHECK;
/* The next NAME=VALUE of a query, still encoded; false at its end. Begin with *rest = r->query. */
bool http_query_next(struct http_text *rest, struct http_text *name, struct http_text *value);

/*
 * A body on its way in: the slices of data in what comes, wherever it is cut. Chunked or of a known length.
 */
struct http_body {
	bool chunked, done;
	int state;
	uint64_t left;  /* of the body, or of the open chunk */
	uint64_t total; /* data so far */
	size_t line_len;
	size_t trailer_len;
	char line[HTTP_CHUNK_LINE_MAX];
	/* Each extension text of a chunk ("" where there is none) before its data comes, and each trailer line; may be NULL. -1
	 * with e ends it. */
	int (*on_chunk)(void *ctx, uint64_t size, struct http_text extension, struct err *e);
	int (*on_trailer)(void *ctx, struct http_text name, struct http_text value, struct err *e);
	void *ctx;
};
void http_body_init(struct http_body *b, const struct http_request *r);
/* A body in chunks, whatever a head said: aws-chunked within another. */
void http_body_init_chunked(struct http_body *b);
/*
 * Take from the len bytes that came: *used of them are settled, and of those the last *out_len, from *out on, are data.
 * Call it again with the rest until all are used or it is done. 1: the body is at its end, and what is not used belongs
 * to the next request; 0: go on; -1: ERR_INPUT or ERR_LIMIT.
 */
int http_body_feed(struct http_body *b, const void *in, size_t len, size_t *used, const uint8_t **out,
    size_t *out_len, struct err *e) MUST_CHECK;

/*
 * A Range field against something of size bytes (RFC 9110 14.1.2). HTTP_RANGE_WHOLE: there is none, it has another form
 * or unit, or several ranges: all of it is the answer. HTTP_RANGE_PART: *first, *len. HTTP_RANGE_NONE: 416.
 */
enum http_range { HTTP_RANGE_WHOLE, HTTP_RANGE_PART, HTTP_RANGE_NONE };
enum http_range http_range(struct http_text value, uint64_t size, uint64_t *first, uint64_t *len);

/* Writing a response's head, appended to out. */
int http_status(struct buf *out, int status, struct err *e) MUST_CHECK;
/* ERR_INPUT for a value with control characters: nothing that came from outside can end a field. */
int http_put(struct buf *out, const char *name, const char *value, struct err *e) MUST_CHECK;
int http_put_number(struct buf *out, const char *name, uint64_t value, struct err *e) MUST_CHECK;
int http_end(struct buf *out, struct err *e) MUST_CHECK;
/* "OK", "Not Found", ... */
const char *http_reason(int status);
/* IMF-fixdate (RFC 9110 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT". */
#define HTTP_DATE_LEN 29
void http_date(time_t t, char out[static HTTP_DATE_LEN + 1]);

#endif
