/* Secret bytes: libsodium's guarded pages, shared by small secrets, with the check of mlock that libsodium leaves
 * out. */
#include "stager/secret.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <sodium.h>

#include "stager/io.h"

#ifdef STAGER_SANITIZED
/* A free slot, and what lies behind a secret in its slot, is poison: AddressSanitizer sees what guard pages see
 * for secrets with pages of their own. Nothing in other builds. */
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#endif

#define SECRET_LEN_MAX (1u << 16) /* the longest is a key file's text; the locked pages are few */
#define SLOT_LEN 64               /* keys, seeds, a signing key: nearly all there is */
#define SLOTS 63                  /* of a page: the 64th holds libsodium's canary */

/* One secret. s comes first: secret_free gets a pointer to that. */
struct held {
	struct secret s;
	struct arena *arena; /* whose slot it has; NULL: pages of its own */
};

/* A locked page between two guards, cut into slots. */
struct arena {
	uint8_t *slots;
	uint64_t used; /* a bit a slot */
	struct held held[SLOTS];
	struct arena *next;
};

/* All arenas. The first stays for good; another goes when its last secret does. */
static struct arena *arenas;
static bool locked; /* false in a child after fork, which inherits no lock */
static pthread_mutex_t arena_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void
before_fork(void)
{
	(void)pthread_mutex_lock(&arena_mutex);
}

static void
after_fork(void)
{
	(void)pthread_mutex_unlock(&arena_mutex);
}

static void
after_fork_child(void)
{
	locked = false;
	(void)pthread_mutex_unlock(&arena_mutex);
}

static void
watch_forks(void)
{
	(void)pthread_atfork(before_fork, after_fork, after_fork_child);
}

int
secret_start(struct err *e)
{
	struct secret *s;

	if (sodium_init() == -1)
		return err_set(e, ERR_SYSTEM, "libsodium: cannot start");
	if ((s = secret_random(32, e)) == NULL)
		return -1;
	secret_free(s);
	return 0;
}

/* sodium_malloc has locked these pages already, or has failed to and kept silent: locking twice is free. */
static int
lock_again(void *pages, size_t len, struct err *e)
{
	return mlock(pages, len) == -1 ? err_sys(e, "secret memory: cannot be locked (RLIMIT_MEMLOCK?)") : 0;
}

static struct arena *
arena_new(struct err *e)
{
	struct arena *a = NULL;

	if ((a = calloc(1, sizeof(*a))) == NULL || (a->slots = sodium_malloc(SLOTS * SLOT_LEN)) == NULL) {
		err_sys(e, "secret memory");
		goto fail;
	}
	if (lock_again(a->slots, SLOTS * SLOT_LEN, e) == -1)
		goto fail;
	sodium_memzero(a->slots, SLOTS * SLOT_LEN); /* sodium_malloc fills with 0xdb */
	ASAN_POISON_MEMORY_REGION(a->slots, SLOTS * SLOT_LEN);
	return a;
fail:
	if (a != NULL)
		sodium_free(a->slots);
	free(a);
	return NULL;
}

/* A slot in the first arena that has one; under the mutex. */
static struct held *
slot_take(struct err *e)
{
	const uint64_t all = (UINT64_C(1) << SLOTS) - 1;
	struct arena *a;
	unsigned n;

	if (!locked) {
		for (a = arenas; a != NULL; a = a->next)
			if (lock_again(a->slots, SLOTS * SLOT_LEN, e) == -1)
				return NULL;
		locked = true;
	}
	for (a = arenas; a != NULL && a->used == all; a = a->next)
		continue;
	if (a == NULL) {
		if ((a = arena_new(e)) == NULL)
			return NULL;
		/* The first one stays first: it is the one that is kept. */
		if (arenas == NULL) {
			arenas = a;
		} else {
			a->next = arenas->next;
			arenas->next = a;
		}
	}
	n = (unsigned)__builtin_ctzll(~a->used);
	a->used |= UINT64_C(1) << n;
	a->held[n] = (struct held){.arena = a, .s.bytes = a->slots + (size_t)n * SLOT_LEN};
	return &a->held[n];
}

/* Wipe and give back; an arena that is empty then goes, unless it is the first. Under the mutex. */
static void
slot_give(struct held *h)
{
	struct arena *a = h->arena, **at;

	ASAN_UNPOISON_MEMORY_REGION(h->s.bytes, SLOT_LEN);
	sodium_memzero(h->s.bytes, SLOT_LEN);
	ASAN_POISON_MEMORY_REGION(h->s.bytes, SLOT_LEN);
	a->used &= ~(UINT64_C(1) << (h - a->held));
	h->s = (struct secret){.bytes = NULL};
	if (a->used != 0 || a == arenas)
		return;
	for (at = &arenas; *at != a; at = &(*at)->next)
		continue;
	*at = a->next;
	ASAN_UNPOISON_MEMORY_REGION(a->slots, SLOTS * SLOT_LEN);
	sodium_free(a->slots);
	free(a);
}

/* Pages of its own, for what is longer than a slot. */
static struct held *
pages_new(size_t len, struct err *e)
{
	struct held *h = NULL;

	if ((h = calloc(1, sizeof(*h))) == NULL || (h->s.bytes = sodium_malloc(len)) == NULL) {
		err_sys(e, "secret memory");
		goto fail;
	}
	if (lock_again(h->s.bytes, len, e) == -1)
		goto fail;
	sodium_memzero(h->s.bytes, len);
	return h;
fail:
	if (h != NULL)
		sodium_free(h->s.bytes);
	free(h);
	return NULL;
}

struct secret *
secret_new(size_t len, struct err *e)
{
	struct held *h;

	if (len == 0 || len > SECRET_LEN_MAX) {
		err_set(e, ERR_LIMIT, "secret memory: %zu bytes asked for", len);
		return NULL;
	}
	if (len <= SLOT_LEN) {
		(void)pthread_once(&fork_once, watch_forks);
		(void)pthread_mutex_lock(&arena_mutex);
		if ((h = slot_take(e)) != NULL)
			ASAN_UNPOISON_MEMORY_REGION(h->s.bytes, len);
		(void)pthread_mutex_unlock(&arena_mutex);
	} else {
		h = pages_new(len, e);
	}
	if (h == NULL)
		return NULL;
	h->s.len = len;
	return &h->s;
}

struct secret *
secret_random(size_t len, struct err *e)
{
	struct secret *s = secret_new(len, e);

	if (s != NULL)
		randombytes_buf(s->bytes, len);
	return s;
}

struct secret *
secret_copy(const struct secret *s, struct err *e)
{
	struct secret *copy = secret_new(s->len, e);

	if (copy != NULL)
		memcpy(copy->bytes, s->bytes, s->len);
	return copy;
}

struct secret *
secret_read(int fd, size_t len, const char *what, struct err *e)
{
	struct secret *s = NULL;
	uint8_t more = 0;
	ssize_t n;

	if ((s = secret_new(len, e)) == NULL)
		return NULL;
	if (io_read_exact(fd, s->bytes, len, what, e) == -1)
		goto fail;
	n = io_read(fd, &more, 1, what, e);
	sodium_memzero(&more, 1);
	if (n == -1)
		goto fail;
	if (n == 1) {
		err_set(e, ERR_INPUT, "%s: longer than %zu bytes", what, len);
		goto fail;
	}
	return s;
fail:
	secret_free(s);
	return NULL;
}

void
secret_free(struct secret *s)
{
	struct held *h = (struct held *)s; /* all are made by secret_new */

	if (s == NULL)
		return;
	if (h->arena != NULL) {
		(void)pthread_mutex_lock(&arena_mutex);
		slot_give(h);
		(void)pthread_mutex_unlock(&arena_mutex);
		return;
	}
	sodium_free(h->s.bytes); /* wipes */
	free(h);
}
