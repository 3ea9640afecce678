/* A whole file to an endpoint: its parts by several threads at once, or all of it in one stream; hashed as it goes. */
#include <openssl/evp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"
#include "stager/io.h"

#define SHA256_LEN 32
#define STACK_LEN (512u << 10)

struct put {
	struct endpoint_put *u;
	int fd;
	const uint8_t *sha256; /* or NULL */
	int (*check)(void *ctx, uint64_t offset, const uint8_t *data, size_t len, struct err *e);
	void (*sent)(void *ctx, uint64_t bytes);
	void *ctx;

	pthread_mutex_t lock; /* over all below; broadcast under it */
	pthread_cond_t turned;
	EVP_MD_CTX *hash;  /* of the file so far; NULL where nobody wants to know */
	uint64_t claimed;  /* parts that a thread has taken on, in order */
	uint64_t hashed;   /* parts in hash, in order */
	uint64_t streamed; /* put_stream: bytes told of */
	uint64_t position; /* bytes in hash, of this try */
	bool failed;
	struct err err; /* the first fault */
};

static uint64_t
part_bytes(const struct endpoint_put *u, uint64_t number)
{
	uint64_t offset = number * u->part_len;

	return u->size - offset < u->part_len ? u->size - offset : u->part_len;
}

static int
read_range(struct put *w, uint64_t offset, uint8_t *out, size_t len, struct err *e)
{
	ssize_t n = io_pread(w->fd, out, len, offset, w->u->name, e);

	if (n == -1)
		return -1;
	if ((size_t)n != len)
		return err_set(e, ERR_FORGED, "%s: the file became shorter", w->u->name);
	return 0;
}

/* Before its last byte goes out: so nobody sees what is another file. */
static int
check_hash(struct put *w, struct err *e)
{
	uint8_t got[SHA256_LEN];

	if (EVP_DigestFinal_ex(w->hash, got, NULL) != 1)
		return err_set(e, ERR_SYSTEM, "%s: hash", w->u->name);
	if (memcmp(got, w->sha256, sizeof(got)) != 0)
		return err_set(e, ERR_FORGED, "%s: the file is not the one that was sealed", w->u->name);
	return 0;
}

/* Into the file's hash, when it is this part's turn. -1 where another thread failed. */
static int
hash_part(struct put *w, uint64_t number, const uint8_t *data, size_t len, struct err *e)
{
	int rc = -1;

	if (w->hash == NULL)
		return 0;
	(void)pthread_mutex_lock(&w->lock);
	while (w->hashed != number && !w->failed)
		(void)pthread_cond_wait(&w->turned, &w->lock);
	if (w->failed) {
		(void)pthread_mutex_unlock(&w->lock);
		return err_set(e, ERR_SYSTEM, "stopped");
	}
	(void)pthread_mutex_unlock(&w->lock);
	/* No one else is at it: its turn is this part's until hashed moves. */
	if (EVP_DigestUpdate(w->hash, data, len) != 1)
		err_set(e, ERR_SYSTEM, "%s: hash", w->u->name);
	else
		rc = number + 1 == w->u->parts ? check_hash(w, e) : 0;
	(void)pthread_mutex_lock(&w->lock);
	w->hashed++;
	(void)pthread_cond_broadcast(&w->turned);
	(void)pthread_mutex_unlock(&w->lock);
	return rc;
}

static int
put_part(struct put *w, uint64_t number, uint8_t *data, bool *went, struct err *e)
{
	size_t len = (size_t)part_bytes(w->u, number);
	struct endpoint *p = w->u->p;
	struct policy y = {0};
	struct attempt a;
	int rc;

	if (read_range(w, number * w->u->part_len, data, len, e) == -1 ||
	    hash_part(w, number, data, len, e) == -1 ||
	    (w->check != NULL && w->check(w->ctx, number * w->u->part_len, data, len, e) == -1))
		return -1;
	do {
		memset(&a, 0, sizeof(a));
		rc = p->ops->put(w->u, number, data, len, &a, e);
	} while (rc == -1 && policy_again(p, &a, &y));
	*went = rc == 0 && !a.had;
	return rc;
}

static void *
put_parts(void *arg)
{
	struct put *w = arg;
	struct gate *gate = w->u->p->gate;
	size_t len;
	struct err e = {0};
	uint64_t number;
	uint8_t *data;
	bool went = false;
	int rc = 0;

	/* The gate first and then a part: so the thread whose turn it is to hash never waits at the gate. */
	for (;;) {
		gate_enter(gate);
		(void)pthread_mutex_lock(&w->lock);
		number = w->failed ? w->u->parts : w->claimed;
		if (number < w->u->parts)
			w->claimed++;
		(void)pthread_mutex_unlock(&w->lock);
		if (number == w->u->parts) {
			gate_leave(gate);
			return NULL;
		}
		len = (size_t)(w->u->size < w->u->part_len ? w->u->size : w->u->part_len) + 1;
		if ((data = gate_buffer(gate, &len)) == NULL) {
			rc = err_sys(&e, "%s: memory for a part", w->u->name);
		} else {
			rc = put_part(w, number, data, &went, &e);
			gate_buffer_back(gate, data, len);
		}
		gate_leave(gate);
		(void)pthread_mutex_lock(&w->lock);
		if (rc == -1 && !w->failed) {
			w->failed = true;
			w->err = e;
		}
		if (rc == 0 && went && w->sent != NULL)
			w->sent(w->ctx, part_bytes(w->u, number));
		(void)pthread_cond_broadcast(&w->turned);
		(void)pthread_mutex_unlock(&w->lock);
	}
}

/* This thread and as many more as there are streams and parts for. */
static int
put_by_parts(struct put *w, struct err *e)
{
	pthread_t threads[ENDPOINT_STREAMS_MAX];
	unsigned want = w->u->p->options.streams, started = 0;
	pthread_attr_t attr;
	sigset_t all, before;

	if (want > w->u->parts)
		want = (unsigned)w->u->parts;
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, STACK_LEN);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	/* Fewer threads are slower, no fault. */
	while (started + 1 < want && pthread_create(&threads[started], &attr, put_parts, w) == 0)
		started++;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	put_parts(w);
	for (unsigned i = 0; i < started; i++)
		(void)pthread_join(threads[i], NULL);
	if (w->failed && e != NULL)
		*e = w->err;
	return w->failed ? -1 : 0;
}

static int
stream_read(void *ctx, uint64_t offset, uint8_t *out, size_t len, struct err *e)
{
	struct put *w = ctx;
	uint64_t fresh;

	if (read_range(w, offset, out, len, e) == -1 ||
	    (w->check != NULL && w->check(w->ctx, offset, out, len, e) == -1))
		return -1;
	/* A second try begins at the start, and so does its hash. */
	if (offset == 0) {
		w->position = 0;
		if (w->hash != NULL && EVP_DigestInit_ex(w->hash, EVP_sha256(), NULL) != 1)
			return err_set(e, ERR_SYSTEM, "%s: hash", w->u->name);
	}
	if (offset != w->position)
		return err_set(e, ERR_SYSTEM, "%s: bytes out of order", w->u->name);
	w->position += len;
	if (w->hash != NULL && EVP_DigestUpdate(w->hash, out, len) != 1)
		return err_set(e, ERR_SYSTEM, "%s: hash", w->u->name);
	if (w->hash != NULL && w->position == w->u->size && check_hash(w, e) == -1)
		return -1;
	fresh = w->position > w->streamed ? w->position - w->streamed : 0;
	w->streamed += fresh;
	if (w->sent != NULL && fresh > 0)
		w->sent(w->ctx, fresh);
	return 0;
}

static int
put_by_stream(struct put *w, struct err *e)
{
	struct endpoint *p = w->u->p;
	struct policy y = {0};
	struct attempt a;
	int rc;

	gate_enter(p->gate);
	do {
		memset(&a, 0, sizeof(a));
		rc = p->ops->put_stream(w->u, stream_read, w, &a, e);
		a.done = 0; /* it starts anew: no progress */
	} while (rc == -1 && policy_again(p, &a, &y));
	gate_leave(p->gate);
	/* An empty one had no last byte. */
	if (rc == 0 && w->u->size == 0 && w->hash != NULL)
		rc = check_hash(w, e);
	return rc;
}

/* How long parts are, for as many of them as the endpoint takes: whole MiB. */
static int
cut(struct endpoint_put *u, struct err *e)
{
	const struct endpoint_ops *ops = u->p->ops;
	uint64_t least;

	u->part_len = u->p->options.part;
	if (ops->parts_max != 0) {
		least = u->size / ops->parts_max + 1;
		least = (least + (1 << 20) - 1) & ~((UINT64_C(1) << 20) - 1);
		if (u->part_len < least)
			u->part_len = least;
		if (u->part_len > ENDPOINT_PART_MAX)
			return err_set(e, ERR_LIMIT, "%s: too large for an object there", u->name);
	}
	u->parts = u->size == 0 ? 1 : (u->size - 1) / u->part_len + 1;
	return 0;
}

static int
put_end(struct put *w, struct endpoint_info *out, struct err *e)
{
	struct endpoint *p = w->u->p;
	struct policy y = {0};
	struct attempt a;
	int rc;

	do {
		memset(&a, 0, sizeof(a));
		memset(out, 0, sizeof(*out));
		rc = p->ops->put_commit(w->u, out, &a, e);
	} while (rc == -1 && policy_again(p, &a, &y));
	return rc;
}

static void
put_undo(struct endpoint_put *u)
{
	struct policy y = {0};
	struct attempt a;
	int rc;

	/* As well as it can be done: the fault that brought us here is the one that is told. */
	do {
		memset(&a, 0, sizeof(a));
		rc = u->p->ops->put_abandon(u, &a, NULL);
	} while (rc == -1 && policy_again(u->p, &a, &y));
}

int
endpoint_put_checked(struct endpoint *p, const char *name, int fd, uint64_t size, const uint8_t *sha256,
    int (*check)(void *ctx, uint64_t offset, const uint8_t *data, size_t len, struct err *e),
    void (*sent)(void *ctx, uint64_t bytes), void *ctx, struct endpoint_info *out, struct err *e)
{
	struct put w = {.fd = fd, .sha256 = sha256, .check = check, .sent = sent, .ctx = ctx};
	struct endpoint_info info;
	struct policy y = {0};
	struct err fault = {.code = ERR_NONE};
	struct attempt a;
	int rc = -1;

	if (!endpoint_name_valid(name))
		return err_set(e, ERR_USAGE, "no name for an object there");
	if (size > INT64_MAX)
		return err_set(e, ERR_LIMIT, "%s: too large", name);
	(void)pthread_mutex_init(&w.lock, NULL);
	(void)pthread_cond_init(&w.turned, NULL);
	if ((w.u = calloc(1, p->ops->put_size)) == NULL) {
		err_sys(e, "%s", name);
		goto out;
	}
	w.u->p = p;
	memcpy(w.u->name, name, strlen(name) + 1);
	w.u->size = size;
	if (cut(w.u, e) == -1)
		goto out;
	if (sha256 != NULL &&
	    ((w.hash = EVP_MD_CTX_new()) == NULL || EVP_DigestInit_ex(w.hash, EVP_sha256(), NULL) != 1)) {
		err_set(e, ERR_SYSTEM, "%s: hash", name);
		goto out;
	}
	do {
		memset(&a, 0, sizeof(a));
		rc = p->ops->put_begin(w.u, &a, &fault);
	} while (rc == -1 && policy_again(p, &a, &y));
	if (rc == 0)
		rc = p->ops->put != NULL ? put_by_parts(&w, &fault) : put_by_stream(&w, &fault);
	if (rc == 0)
		rc = put_end(&w, &info, &fault);
	/* Where the next put can go on, what the other side or a signal cut is kept for it. */
	if (rc == -1 && !(p->ops->resumes && fault.code == ERR_REMOTE))
		put_undo(w.u);
	if (rc == -1 && e != NULL)
		*e = fault;
	else if (rc == 0 && out != NULL)
		*out = info;
	p->ops->put_free(w.u);
out:
	free(w.u);
	EVP_MD_CTX_free(w.hash);
	(void)pthread_cond_destroy(&w.turned);
	(void)pthread_mutex_destroy(&w.lock);
	return rc;
}

int
endpoint_put(struct endpoint *p, const char *name, int fd, uint64_t size, const uint8_t *sha256,
    void (*sent)(void *ctx, uint64_t bytes), void *ctx, struct endpoint_info *out, struct err *e)
{
	return endpoint_put_checked(p, name, fd, size, sha256, NULL, sent, ctx, out, e);
}
