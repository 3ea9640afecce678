/* One HTTP request by libcurl: handles with their connections are kept; the other side is believed in nothing. */
#include "http.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "http_handle.h"

/* Slower than this for as long as a stall may last is stalled. */
#define STALL_BYTES 1024
#define CONNECT_MAX_S 30
/* For whole small requests, and for those that may think. */
#define SMALL_S 180
#define SLOW_S 1800

/* What the callbacks of one request know. */
struct transfer {
	struct http *h;
	struct http_request *r;
	struct http_answer *ans;
	struct attempt *a;
	struct err *e;
	CURL *c;
	bool begun;      /* the answer's head was looked at */
	bool failed;     /* e is set by a callback */
	bool enough;     /* the range is whole, and more would come */
	uint64_t sent;   /* where the next byte of the body comes from */
	size_t piece;    /* at most so much at once, so that pace is even */
	uint64_t unused; /* bytes that came with a fault and do not fit */
};

static int
callback_fault(struct transfer *t, enum err_code code, bool again, const char *what)
{
	t->failed = true;
	t->a->again = again;
	return err_set(t->e, code, "%s: %s", t->r->name, what);
}

/* "bytes 5-9/100" must be what was asked for, as far as the object goes. */
static int
check_content_range(struct transfer *t)
{
	struct curl_header *header;
	unsigned long long from, to, total;
	char tail;
	int n;

	if (curl_easy_header(t->c, "Content-Range", 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return callback_fault(t, ERR_FORGED, false, "part of an object, and which is not said");
	n = sscanf(header->value, "bytes %llu-%llu/%llu%c", &from, &to, &total, &tail);
	if (n != 3 && (sscanf(header->value, "bytes %llu-%llu/*%c", &from, &to, &tail) != 2))
		return callback_fault(t, ERR_FORGED, false, "part of an object, and which is not said");
	if (from != t->r->offset || to < from || to - from >= t->r->range_len || (n == 3 && to >= total))
		return callback_fault(t, ERR_FORGED, false, "another part of the object than asked for");
	if (to - from + 1 < t->r->range_len && n == 3 && to + 1 == total)
		return callback_fault(t, ERR_FORGED, false, "shorter than it should be");
	return 0;
}

/* Before the first byte of a body, and after an answer without one. */
static int
look_at_head(struct transfer *t)
{
	curl_off_t length = -1;

	if (t->begun)
		return 0;
	t->begun = true;
	(void)curl_easy_getinfo(t->c, CURLINFO_RESPONSE_CODE, &t->ans->status);
	if (t->r->range == NULL)
		return 0;
	if (t->ans->status == 206)
		return check_content_range(t);
	if (t->ans->status != 200)
		return 0;
	/* A server that knows no ranges: good for the start of an object and nothing else. */
	if (t->r->offset > 0)
		return callback_fault(t, ERR_REFUSED, false, "the server gives no ranges of objects");
	(void)curl_easy_getinfo(t->c, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	if (length >= 0 && (uint64_t)length < t->r->range_len)
		return callback_fault(t, ERR_FORGED, false, "shorter than it should be");
	return 0;
}

static bool
is_range(const struct transfer *t)
{
	return t->r->range != NULL && (t->ans->status == 206 || t->ans->status == 200);
}

static size_t
take(char *data, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	size_t len = size * count, n = len;

	if (look_at_head(t) == -1)
		return CURL_WRITEFUNC_ERROR;
	rate_wait(t->h->p->rate, len, &t->h->p->stopped);
	if (is_range(t)) {
		if (n > t->r->range_len - t->a->done)
			n = t->r->range_len - t->a->done;
		memcpy(t->r->range + t->a->done, data, n);
		t->a->done += n;
		if (n < len && t->ans->status == 206) {
			callback_fault(t, ERR_FORGED, false, "more than was asked for");
			return CURL_WRITEFUNC_ERROR;
		}
		t->enough = n < len;
		return t->enough ? CURL_WRITEFUNC_ERROR : len;
	}
	/* A page of a list is kept whole or refused; of a fault's text the beginning will do. */
	if (t->ans->text.len + len > HTTP_TEXT_MAX) {
		callback_fault(t, ERR_REMOTE, false, "an answer past all limits");
		return CURL_WRITEFUNC_ERROR;
	}
	if (buf_put(&t->ans->text, data, len, t->e) == -1) {
		t->failed = true;
		return CURL_WRITEFUNC_ERROR;
	}
	return len;
}

static size_t
give(char *out, size_t size, size_t count, void *ctx)
{
	struct transfer *t = ctx;
	size_t len = size * count;

	if (len > t->piece)
		len = t->piece;
	if (len > t->r->body_len - t->sent)
		len = (size_t)(t->r->body_len - t->sent);
	if (len == 0)
		return 0;
	rate_wait(t->h->p->rate, len, &t->h->p->stopped);
	if (t->r->read == NULL) {
		memcpy(out, t->r->body + t->sent, len);
	} else if (t->r->read(t->r->read_ctx, t->sent, (uint8_t *)out, len, t->e) == -1) {
		t->failed = true;
		return CURL_READFUNC_ABORT;
	}
	t->sent += len;
	return len;
}

/* libcurl sends anew over another connection where a kept one turns out dead. */
static int
rewind_body(void *ctx, curl_off_t offset, int origin)
{
	struct transfer *t = ctx;

	if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > t->r->body_len)
		return CURL_SEEKFUNC_FAIL;
	t->sent = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

static int
watch(void *ctx, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up)
{
	struct transfer *t = ctx;

	(void)down_total;
	(void)down;
	(void)up_total;
	(void)up;
	return !t->r->last && atomic_load(&t->h->p->stopped);
}

/* What became of a transfer that gave no whole answer. */
static int
transfer_fault(struct transfer *t, CURLcode rc, const char *detail)
{
	enum err_code code = ERR_REMOTE;
	const char *what = detail[0] != '\0' ? detail : curl_easy_strerror(rc);

	if (t->failed)
		return -1;
	switch (rc) {
	case CURLE_ABORTED_BY_CALLBACK:
		return err_set(t->e, ERR_REMOTE, "%s: stopped", t->r->name);
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
		code = ERR_REFUSED;
		break;
	case CURLE_FAILED_INIT:
	case CURLE_BAD_FUNCTION_ARGUMENT:
	case CURLE_NOT_BUILT_IN:
		code = ERR_SYSTEM;
		break;
	default:
		t->a->again = true;
		break;
	}
	return err_set(t->e, code, "%s: %s: %s", t->r->name, t->r->method, what);
}

/* Over long paths with some loss it fills the link where the default does not; not all kernels have it. */
static int
on_socket(void *ctx, curl_socket_t fd, curlsocktype purpose)
{
	(void)ctx;
	if (purpose == CURLSOCKTYPE_IPCXN)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "bbr", 3);
	return CURL_SOCKOPT_OK;
}

static int
set_up(struct transfer *t, struct curl_slist *headers, char *detail)
{
	const struct endpoint_options *o = &t->h->p->options;
	struct curl_blob ca = {.data = t->h->ca.data, .len = t->h->ca.len, .flags = CURL_BLOB_NOCOPY};
	struct http_request *r = t->r;
	uint64_t share = o->max_rate == 0 ? UINT64_MAX : o->max_rate / o->streams;
	long stall = share / 8 < STALL_BYTES ? (long)(share / 8) + 1 : STALL_BYTES;
	bool bulk = r->range != NULL || r->read != NULL || r->body_len > (1u << 20);
	int failed = 0;

#define SET(option, value) failed |= curl_easy_setopt(t->c, option, value) != CURLE_OK
	curl_easy_reset(t->c);
	t->piece = share / 8 < (64u << 10) ? (size_t)(share / 8) + 512 : (2u << 20);
	SET(CURLOPT_URL, r->url);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	/* In the clear on this machine alone: a proxy would carry it elsewhere, credentials and all. */
	if (!o->plain_http && strncmp(r->url, "http://", 7) == 0)
		SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_ERRORBUFFER, detail);
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_USERAGENT, "stager");
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_CAINFO_BLOB, &ca);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_SOCKOPTFUNCTION, on_socket);
	SET(CURLOPT_CONNECTTIMEOUT, o->stall_s < CONNECT_MAX_S ? (long)o->stall_s : CONNECT_MAX_S);
	if (bulk) {
		SET(CURLOPT_LOW_SPEED_LIMIT, stall);
		SET(CURLOPT_LOW_SPEED_TIME, (long)o->stall_s);
	} else {
		SET(CURLOPT_TIMEOUT, r->slow                ? (long)SLOW_S
				     : o->stall_s < SMALL_S ? (long)o->stall_s
							    : SMALL_S);
	}
	SET(CURLOPT_BUFFERSIZE,
	    t->piece < (512u << 10) ? (long)(t->piece < 1024 ? 1024 : t->piece) : 512L << 10);
	SET(CURLOPT_UPLOAD_BUFFERSIZE, 2L << 20);
	SET(CURLOPT_WRITEFUNCTION, take);
	SET(CURLOPT_WRITEDATA, t);
	/* Over a kept connection that turns out dead libcurl asks again by itself: not for what is done once. */
	SET(CURLOPT_FRESH_CONNECT, r->once ? 1L : 0L);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, watch);
	SET(CURLOPT_XFERINFODATA, t);
	if (t->h->sign != NULL) {
		SET(CURLOPT_AWS_SIGV4, t->h->sign->provider);
		SET(CURLOPT_USERNAME, t->h->sign->user);
		SET(CURLOPT_PASSWORD, t->h->sign->secret);
	}
	if (t->h->login != NULL) {
		SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		SET(CURLOPT_USERNAME, t->h->login);
		SET(CURLOPT_PASSWORD, t->h->login_password);
	}
	if (strcmp(r->method, "HEAD") == 0) {
		SET(CURLOPT_NOBODY, 1L);
	} else if (strcmp(r->method, "POST") == 0) {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_len);
		SET(CURLOPT_POSTFIELDS, r->body == NULL ? "" : (const char *)r->body);
	} else if (r->has_body) {
		SET(CURLOPT_UPLOAD, 1L);
		SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)r->body_len);
		SET(CURLOPT_READFUNCTION, give);
		SET(CURLOPT_READDATA, t);
		SET(CURLOPT_SEEKFUNCTION, rewind_body);
		SET(CURLOPT_SEEKDATA, t);
	}
	if (strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0 && strcmp(r->method, "POST") != 0)
		SET(CURLOPT_CUSTOMREQUEST, r->method);
#undef SET
	return failed ? err_set(t->e, ERR_SYSTEM, "%s: this libcurl lacks an option", r->name) : 0;
}

static void
read_head(struct transfer *t)
{
	struct curl_header *header;
	curl_off_t number = -1;

	(void)curl_easy_getinfo(t->c, CURLINFO_RESPONSE_CODE, &t->ans->status);
	if (curl_easy_header(t->c, "ETag", 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
		http_tag(header->value, t->ans->tag);
	t->ans->length = UINT64_MAX;
	if (curl_easy_getinfo(t->c, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &number) == CURLE_OK && number >= 0)
		t->ans->length = (uint64_t)number;
	if (curl_easy_getinfo(t->c, CURLINFO_RETRY_AFTER, &number) == CURLE_OK && number > 0)
		t->a->after_ms = number > 3600 ? 3600000 : (unsigned)number * 1000;
}

int
http_do(struct http *h, struct http_request *r, struct http_answer *ans, struct attempt *a, struct err *e)
{
	struct transfer t = {.h = h, .r = r, .ans = ans, .a = a, .e = e};
	struct curl_slist *headers = NULL, *more;
	char detail[CURL_ERROR_SIZE] = "";
	CURLcode done;
	int rc = -1;

	memset(ans, 0, sizeof(*ans));
	buf_init(&ans->text, HTTP_TEXT_MAX);
	if ((t.c = handle_take(h)) == NULL) {
		err_set(e, ERR_SYSTEM, "%s: out of memory", r->name);
		goto out;
	}
	for (size_t i = 0; i < r->header_count; i++) {
		if ((more = curl_slist_append(headers, r->headers[i])) == NULL) {
			err_set(e, ERR_SYSTEM, "%s: out of memory", r->name);
			goto out;
		}
		headers = more;
	}
	if (set_up(&t, headers, detail) == -1)
		goto out;
	done = curl_easy_perform(t.c);
	read_head(&t);
	if (done == CURLE_WRITE_ERROR && t.enough)
		done = CURLE_OK;
	if (done != CURLE_OK) {
		transfer_fault(&t, done, detail);
		goto out;
	}
	/* An empty body has not been looked at. */
	if (look_at_head(&t) == -1)
		goto out;
	if (is_range(&t) && a->done < r->range_len) {
		a->again = true;
		err_set(e, ERR_REMOTE, "%s: %s: broke off", r->name, r->method);
		goto out;
	}
	rc = 0;
out:
	curl_slist_free_all(headers);
	handle_give(h, t.c);
	return rc;
}

void
http_answer_free(struct http_answer *ans)
{
	buf_free(&ans->text);
}
