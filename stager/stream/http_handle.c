/* libcurl's handles, kept with their connections; the certificates that they trust; URLs, headers, and statuses. */
#include "http_handle.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stager/io.h"

#define CA_MAX (16u << 20)

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode once_result;

static void
start_curl(void)
{
	once_result = curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* Read here and given to libcurl as bytes: it would open the file when it first connects, after confinement. */
static int
load_ca(struct http *h, const char *path, struct err *e)
{
	static const char *const usual[] = {"/etc/ssl/certs/ca-certificates.crt",
	    "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};
	int fd = -1, rc;

	if (path == NULL)
		path = getenv("SSL_CERT_FILE");
	if (path != NULL && path[0] == '\0')
		path = NULL;
	if (path != NULL && (fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1) {
		err_sys(e, "certificates: open");
		if (e != NULL)
			e->code = ERR_INPUT;
		return -1;
	}
	for (size_t i = 0; fd == -1 && i < sizeof(usual) / sizeof(usual[0]); i++)
		fd = open(usual[i], O_RDONLY | O_CLOEXEC | O_NOCTTY);
	/* None at all: https then fails where it is tried, and plain http needs none. */
	if (fd == -1)
		return 0;
	rc = io_read_all(fd, &h->ca, "certificates", e);
	io_close(&fd);
	return rc;
}

struct http *
http_new(const struct endpoint *p, const struct endpoint_options *options, const char *ca, struct err *e)
{
	struct http *h = NULL;

	(void)pthread_once(&once, start_curl);
	if (once_result != CURLE_OK) {
		err_set(e, ERR_SYSTEM, "libcurl: cannot be started");
		return NULL;
	}
	if ((h = calloc(1, sizeof(*h))) == NULL) {
		err_sys(e, "endpoint");
		return NULL;
	}
	h->p = p;
	buf_init(&h->ca, CA_MAX);
	(void)pthread_mutex_init(&h->lock, NULL);
	if (load_ca(h, options->ca != NULL ? options->ca : ca, e) == -1) {
		http_free(h);
		return NULL;
	}
	return h;
}

void
http_sign(struct http *h, const struct http_sign *sign)
{
	h->sign = sign;
}

void
http_login(struct http *h, const char *user, const char *password)
{
	h->login = user;
	h->login_password = password;
}

void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < h->idle_count; i++)
		curl_easy_cleanup(h->idle[i]);
	buf_free(&h->ca);
	(void)pthread_mutex_destroy(&h->lock);
	free(h);
}

CURL *
handle_take(struct http *h)
{
	CURL *c = NULL;

	(void)pthread_mutex_lock(&h->lock);
	if (h->idle_count > 0)
		c = h->idle[--h->idle_count];
	(void)pthread_mutex_unlock(&h->lock);
	return c != NULL ? c : curl_easy_init();
}

void
handle_give(struct http *h, CURL *c)
{
	if (c == NULL)
		return;
	/* Nothing of this request stays with it. */
	curl_easy_reset(c);
	(void)pthread_mutex_lock(&h->lock);
	if (h->idle_count < ENDPOINT_STREAMS_MAX) {
		h->idle[h->idle_count++] = c;
		c = NULL;
	}
	(void)pthread_mutex_unlock(&h->lock);
	curl_easy_cleanup(c);
}

int
http_header(struct http_request *r, struct err *e, const char *fmt, ...)
{
	va_list ap;
	int len;

	if (r->header_count == HTTP_HEADERS_MAX)
		return err_set(e, ERR_LIMIT, "%s: too many headers", r->name);
	va_start(ap, fmt);
	len = vsnprintf(r->headers[r->header_count], HTTP_HEADER_MAX, fmt, ap);
	va_end(ap);
	if (len < 0 || len >= HTTP_HEADER_MAX)
		return err_set(e, ERR_LIMIT, "%s: a header past its limit", r->name);
	for (const char *s = r->headers[r->header_count]; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return err_set(e, ERR_INPUT, "%s: a header with a control character", r->name);
	r->header_count++;
	return 0;
}

void
http_tag(const char *text, char tag[static 64])
{
	size_t len;

	text += strncmp(text, "W/", 2) == 0 ? 2 : 0;
	text += *text == '"';
	len = strcspn(text, "\"");
	for (size_t i = 0; i < len; i++)
		if (text[i] <= 0x20 || text[i] > 0x7e)
			len = 0;
	if (len >= 64)
		len = 0;
	memcpy(tag, text, len);
	tag[len] = '\0';
}

int
http_fault(const struct http_request *r, long status, const char *code, struct attempt *a, struct err *e)
{
	static const char *const passing[] = {"SlowDown", "InternalError", "ServiceUnavailable",
	    "RequestTimeout", "OperationAborted", "BadDigest", "XAmzContentSHA256Mismatch", "Throttling",
	    "ThrottlingException"};
	const char *between = code[0] == '\0' ? "" : " ";

	a->again = status == 408 || status == 425 || status == 429 ||
		   (status >= 500 && status != 501 && status != 505 && status != 507);
	for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		a->again |= strcmp(code, passing[i]) == 0;
	if (status == 404 || status == 410)
		a->absent = true;
	if (status == 416)
		return err_set(e, ERR_FORGED, "%s: shorter than it should be", r->name);
	if (status >= 300 && status < 400)
		return err_set(e, ERR_REFUSED,
		    "%s: %s: the server sends us elsewhere (%ld); give that address itself", r->name,
		    r->method, status);
	if (status == 401 || status == 403 || status == 405 || status == 407 || status == 501)
		return err_set(e, ERR_REFUSED, "%s: %s: the server says no: %ld%s%s", r->name, r->method,
		    status, between, code);
	if (a->absent)
		return err_set(e, ERR_REMOTE, "%s: no such object%s%s", r->name, between, code);
	return err_set(
	    e, ERR_REMOTE, "%s: %s: the server says %ld%s%s", r->name, r->method, status, between, code);
}

static bool
is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	       (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host));
}

int
http_base(const char *url, bool plain, char base[static HTTP_URL_MAX], struct err *e)
{
	char *scheme = NULL, *host = NULL, *port = NULL, *path = NULL, *other = NULL;
	CURLU *u = curl_url();
	int rc = -1, len;

	/* libcurl takes it apart, as it will when it connects. */
	if (u == NULL || curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK || host[0] == '\0' ||
	    curl_url_get(u, CURLUPART_PATH, &path, 0) != CURLUE_OK ||
	    (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)) {
		err_set(e, ERR_USAGE, "no address of a web server: https://HOST/PATH/");
		goto out;
	}
	if (curl_url_get(u, CURLUPART_USER, &other, 0) == CURLUE_OK ||
	    curl_url_get(u, CURLUPART_PASSWORD, &other, 0) == CURLUE_OK ||
	    curl_url_get(u, CURLUPART_QUERY, &other, 0) == CURLUE_OK ||
	    curl_url_get(u, CURLUPART_FRAGMENT, &other, 0) == CURLUE_OK) {
		err_set(e, ERR_USAGE, "an endpoint's address takes no user, password, query or fragment");
		goto out;
	}
	for (const char *s = path; *s != '\0'; s++) {
		if (!isalnum((unsigned char)*s) && strchr("-._~/%", *s) == NULL) {
			err_set(e, ERR_USAGE, "an endpoint's path has [A-Za-z0-9._~/-] and %%XX alone");
			goto out;
		}
	}
	if (strcmp(scheme, "http") == 0 && !plain && !is_loopback(host)) {
		err_set(e, ERR_USAGE,
		    "http:// is refused: https://, or --plain-http where the network is trusted");
		goto out;
	}
	(void)curl_url_get(u, CURLUPART_PORT, &port, 0);
	len = snprintf(base, HTTP_URL_MAX, "%s://%s%s%s%s", scheme, host, port == NULL ? "" : ":",
	    port == NULL ? "" : port, path);
	if (len < 0 || len > HTTP_URL_MAX / 2) {
		err_set(e, ERR_LIMIT, "an endpoint's address past its limit");
		goto out;
	}
	while (len > 0 && base[len - 1] == '/')
		base[--len] = '\0';
	rc = 0;
out:
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(path);
	curl_free(other);
	curl_url_cleanup(u);
	return rc;
}

int
http_escape(struct buf *out, const char *s, const char *keep, struct err *e)
{
	for (; *s != '\0'; s++) {
		if (isalnum((unsigned char)*s) || strchr("-._~", *s) != NULL || strchr(keep, *s) != NULL) {
			if (buf_put(out, s, 1, e) == -1)
				return -1;
		} else if (buf_printf(out, e, "%%%02X", (unsigned char)*s) == -1) {
			return -1;
		}
	}
	return 0;
}
