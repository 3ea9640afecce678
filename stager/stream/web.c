/*
 * https://HOST/PATH/: objects read by ranges from any web server, and put to one that knows WebDAV (RFC 4918): PUT to a
 * temporary name beside the object, then MOVE over it, so that nobody sees half of one.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "http.h"
#include "netrc.h"
#include "stager/enc.h"

/* A tilde is in no object's name. The same for all that one sender does: what it left when it was killed is written over. */
#define TEMP "~put-"
#define SENDER_LEN 16

struct web {
	struct endpoint p;
	struct http *http;
	char base[HTTP_URL_MAX];
	char temp[sizeof(TEMP) + SENDER_LEN]; /* behind a name */
	bool mine;                            /* may be there from before: the sender said who it is */
	struct netrc login;                   /* "" where there is none */
	pthread_mutex_t lock;
	char made[ENDPOINT_NAME_MAX + 1]; /* the collection that was made last; under the lock */
};

struct web_put {
	struct endpoint_put u;
	bool asked; /* for the move, and the answer may have been lost */
};

struct web_request {
	struct http_request r;
	char url[HTTP_URL_MAX];
};

static int
web_request(struct web *w, struct web_request *q, const char *method, const char *name, const char *suffix,
    struct err *e)
{
	int len = snprintf(q->url, sizeof(q->url), "%s/%s%s", w->base, name, suffix);

	if (len < 0 || (size_t)len >= sizeof(q->url))
		return err_set(e, ERR_LIMIT, "%s: an address past its limit", name);
	q->r.method = method;
	q->r.url = q->url;
	q->r.name = name;
	return 0;
}

/* Sent, and -1 where the status is no success. */
static int
web_do(struct web *w, struct web_request *q, struct http_answer *ans, struct attempt *a, struct err *e)
{
	if (http_do(w->http, &q->r, ans, a, e) == -1)
		return -1;
	if (ans->status >= 200 && ans->status < 300)
		return 0;
	return http_fault(&q->r, ans->status, "", a, e);
}

static int
web_get(struct endpoint *p, const char *name, uint64_t offset, uint8_t *out, size_t len, struct attempt *a,
    struct err *e)
{
	struct web_request q = {.r = {.range = out, .offset = offset, .range_len = len}};
	struct http_answer ans = {0};
	int rc = -1;

	if (web_request((struct web *)p, &q, "GET", name, "", e) == 0 &&
	    http_header(&q.r, e, "Range: bytes=%llu-%llu", (unsigned long long)offset,
		(unsigned long long)(offset + len - 1)) == 0)
		rc = web_do((struct web *)p, &q, &ans, a, e);
	http_answer_free(&ans);
	return rc;
}

static int
web_head(struct endpoint *p, const char *name, struct endpoint_info *out, struct attempt *a, struct err *e)
{
	struct web_request q = {0};
	struct http_answer ans = {0};
	int rc = -1;

	if (web_request((struct web *)p, &q, "HEAD", name, "", e) == 0)
		rc = web_do((struct web *)p, &q, &ans, a, e);
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
web_list(struct endpoint *p, const char *prefix, char **next,
    int (*each)(void *ctx, const char *name, const struct endpoint_info *info, struct err *e), void *ctx,
    struct attempt *a, struct err *e)
{
	(void)p;
	(void)prefix;
	(void)next;
	(void)each;
	(void)ctx;
	(void)a;
	return err_set(
	    e, ERR_USAGE, "a web server does not say what it has: names are known from the shard table");
}

/* Its temporary names cannot be found: a sender's next put of that name writes over its own, web_remove takes it away. */
static int
web_clean(struct endpoint *p, const char *prefix, bool all, uint64_t *count, struct attempt *a, struct err *e)
{
	(void)p;
	(void)prefix;
	(void)all;
	(void)count;
	(void)a;
	(void)e;
	return 0;
}

static int
delete_one(struct web *w, const char *name, const char *suffix, bool last, struct attempt *a, struct err *e)
{
	struct web_request q = {.r = {.last = last}};
	struct http_answer ans = {0};
	int rc = -1;

	if (web_request(w, &q, "DELETE", name, suffix, e) == 0)
		rc = web_do(w, &q, &ans, a, e);
	http_answer_free(&ans);
	return rc;
}

static int
web_remove(struct endpoint *p, const char *name, struct attempt *a, struct err *e)
{
	struct web *w = (struct web *)p;

	if (w->mine && delete_one(w, name, w->temp, false, a, e) == -1 && !a->absent)
		return -1;
	a->absent = false;
	return delete_one(w, name, "", false, a, e);
}

/*
 * The collections that name stands in, from the outermost (RFC 4918, 9.3). Some servers say 409 to a PUT where there is
 * none yet, nginx says 500 after the whole body: so they are made before. What is there already says 405, one that makes
 * them by itself says what it likes: PUT will tell.
 */
static int
web_put_begin(struct endpoint_put *u, struct attempt *a, struct err *e)
{
	struct web *w = (struct web *)u->p;
	const char *name = u->name, *last = strrchr(name, '/');
	size_t len = last == NULL ? 0 : (size_t)(last - name);
	char part[ENDPOINT_NAME_MAX + 1];
	bool made;
	int rc = 0;

	(void)pthread_mutex_lock(&w->lock);
	made = strlen(w->made) == len && memcmp(w->made, name, len) == 0;
	(void)pthread_mutex_unlock(&w->lock);
	if (made)
		return 0;
	for (const char *slash = strchr(name, '/'); rc == 0 && slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		struct web_request q = {0};
		struct http_answer ans = {0};

		memcpy(part, name, (size_t)(slash - name));
		part[slash - name] = '\0';
		rc = web_request(w, &q, "MKCOL", part, "/", e);
		if (rc == 0)
			rc = http_do(w->http, &q.r, &ans, a, e);
		http_answer_free(&ans);
	}
	if (rc == 0) {
		(void)pthread_mutex_lock(&w->lock);
		memcpy(w->made, name, len);
		w->made[len] = '\0';
		(void)pthread_mutex_unlock(&w->lock);
	}
	return rc;
}

static int
web_put_stream(struct endpoint_put *u, put_read_fn read, void *ctx, struct attempt *a, struct err *e)
{
	struct web *w = (struct web *)u->p;
	struct web_request q = {.r = {.has_body = true, .body_len = u->size, .read = read, .read_ctx = ctx}};
	struct http_answer ans = {0};
	int rc = -1;

	if (web_request(w, &q, "PUT", u->name, w->temp, e) == 0 &&
	    http_header(&q.r, e, "Content-Type: application/octet-stream") == 0)
		rc = web_do(w, &q, &ans, a, e);
	if (rc == -1) {
		a->absent = false;
		/* Another may have taken the collection away. */
		(void)pthread_mutex_lock(&w->lock);
		w->made[0] = '\0';
		(void)pthread_mutex_unlock(&w->lock);
	}
	http_answer_free(&ans);
	return rc;
}

static int
web_put_commit(struct endpoint_put *u, struct endpoint_info *out, struct attempt *a, struct err *e)
{
	struct web *w = (struct web *)u->p;
	struct web_put *put = (struct web_put *)u;
	struct web_request q = {.r = {.slow = true, .once = true}};
	struct http_answer ans = {0};
	int rc = -1;

	if (web_request(w, &q, "MOVE", u->name, w->temp, e) == 0 &&
	    http_header(&q.r, e, "Destination: %s/%s", w->base, u->name) == 0 &&
	    http_header(&q.r, e, "Overwrite: T") == 0)
		rc = web_do(w, &q, &ans, a, e);
	if (ans.status == 405 || ans.status == 501)
		err_set(e, ERR_REFUSED,
		    "%s: the server knows no MOVE (WebDAV), so nothing can be put there whole or not at all",
		    u->name);
	/* Gone, after it was asked for before: it was moved then. */
	if (rc == -1 && a->absent && put->asked)
		rc = 0;
	put->asked = true;
	a->absent = false;
	http_answer_free(&ans);
	if (rc == 0)
		rc = web_head(u->p, u->name, out, a, e);
	if (rc == 0 && out->size != u->size)
		rc = err_set(e, ERR_FORGED, "%s: the server has another length of it", u->name);
	return rc;
}

static int
web_put_abandon(struct endpoint_put *u, struct attempt *a, struct err *e)
{
	struct web *w = (struct web *)u->p;

	if (delete_one(w, u->name, w->temp, true, a, e) == 0 || a->absent)
		return 0;
	return -1;
}

static void
web_put_free(struct endpoint_put *u)
{
	(void)u;
}

static void
web_free(struct endpoint *p)
{
	struct web *w = (struct web *)p;

	http_free(w->http);
	netrc_wipe(&w->login);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

static const struct endpoint_ops web_ops = {
    .put_size = sizeof(struct web_put),
    .put_begin = web_put_begin,
    .put_stream = web_put_stream,
    .put_commit = web_put_commit,
    .put_abandon = web_put_abandon,
    .put_free = web_put_free,
    .get = web_get,
    .head = web_head,
    .list = web_list,
    .remove = web_remove,
    .clean = web_clean,
    .free = web_free,
};

static int
name_temps(struct web *w, const char *sender, struct err *e)
{
	uint8_t random[SENDER_LEN / 2];
	char hex[SENDER_LEN + 1];

	w->mine = sender != NULL;
	if (sender == NULL) {
		if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
			return err_sys(e, "web server: random bytes");
		hex_encode(random, sizeof(random), hex);
		sender = hex;
	}
	if (strlen(sender) != SENDER_LEN || strspn(sender, "0123456789abcdef") != SENDER_LEN)
		return err_set(e, ERR_USAGE, "sender: 16 hexadecimal digits");
	(void)snprintf(w->temp, sizeof(w->temp), "%s%s", TEMP, sender);
	return 0;
}

int
web_open(const char *url, const struct endpoint_options *options, struct endpoint **out, struct err *e)
{
	struct web *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return err_sys(e, "web server");
	w->p.ops = &web_ops;
	(void)pthread_mutex_init(&w->lock, NULL);
	if (name_temps(w, options->sender, e) == -1 ||
	    http_base(url, options->plain_http, w->base, e) == -1 ||
	    netrc_find(w->base, &w->login, e) == -1 ||
	    (w->http = http_new(&w->p, options, NULL, e)) == NULL) {
		web_free(&w->p);
		return -1;
	}
	if (w->login.user[0] != '\0')
		http_login(w->http, w->login.user, w->login.password);
	*out = &w->p;
	return 0;
}
