/* The steps of sending, on many objects at once: looking, judging what is there, putting what is not. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sending.h"
#include "stager/c4gh.h"
#include "stager/io.h"
#include "stager/json.h"

/* Segments read back at once: some 8 MiB. */
#define READ_SEGMENTS 128
#define READ_MAX ((size_t)READ_SEGMENTS * C4GH_SEGMENT_MAX)

void
sending_event(struct sending *s, const char *what, const struct object *o)
{
	struct json *j;

	if (s->ask->event == NULL)
		return;
	j = json_object();
	json_set_string(j, "event", what);
	if (o != NULL) {
		json_set_string(j, "name", o->name);
		json_set_int(j, "bytes", (int64_t)o->size);
	}
	s->ask->event(s->ask->ctx, j);
	json_free(j);
}

static void
count_bytes(struct sending *s, uint64_t bytes)
{
	s->done += bytes;
	if (s->ask->progress != NULL)
		s->ask->progress(s->ask->ctx, s->done, s->total);
}

/* One thread's share. */
static void *
work(void *arg)
{
	struct sending *s = arg;
	struct err e;
	int rc;

	(void)pthread_mutex_lock(&s->lock);
	while (!s->failed && s->next < s->end) {
		struct object *o = &s->objects[s->next++];

		(void)pthread_mutex_unlock(&s->lock);
		e.code = ERR_NONE;
		rc = s->step(s, o, &e);
		(void)pthread_mutex_lock(&s->lock);
		if (rc == -1 && !s->failed) {
			s->failed = true;
			s->err = e;
		}
	}
	s->active--;
	(void)pthread_cond_broadcast(&s->ended);
	(void)pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* Wait for the threads, and hear whether to stop. Under the lock. */
static void
wait_for_end(struct sending *s)
{
	sig_atomic_t told = 0;
	struct timespec until;

	while (s->active > 0) {
		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 200000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		(void)pthread_cond_timedwait(&s->ended, &s->lock, &until);
		while (s->ask->stop != NULL && told < *s->ask->stop && told < 2) {
			told++;
			if (!s->failed)
				err_set(
				    &s->err, ERR_REMOTE, "send: stopped; the same command goes on from here");
			s->failed = true;
			carrier_stop(s->carrier);
		}
	}
}

int
sending_run(struct sending *s, size_t from, size_t end,
    int (*step)(struct sending *, struct object *, struct err *), struct err *e)
{
	pthread_t threads[ENDPOINT_STREAMS_MAX];
	unsigned want = carrier_streams(s->carrier), started = 0;
	sigset_t all, before;

	s->step = step;
	s->next = from;
	s->end = end;
	if (want > end - from)
		want = (unsigned)(end - from);
	/* Signals are for the one that waits. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	(void)pthread_mutex_lock(&s->lock);
	s->active = 0;
	while (started < want && pthread_create(&threads[started], NULL, work, s) == 0) {
		started++;
		s->active++;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (started == 0 && want > 0 && !s->failed) {
		s->failed = true;
		err_set(&s->err, ERR_SYSTEM, "send: no thread can be started");
	}
	wait_for_end(s);
	(void)pthread_mutex_unlock(&s->lock);
	for (unsigned i = 0; i < started; i++)
		(void)pthread_join(threads[i], NULL);
	if (s->failed)
		*e = s->err;
	return s->failed ? -1 : 0;
}

static int
look_each(void *ctx, const char *name, const struct endpoint_info *info, struct err *e)
{
	struct object *o = sending_object(ctx, name);

	(void)e;
	if (o != NULL) {
		o->there = true;
		o->is = *info;
	}
	return 0;
}

static int
look_one(struct sending *s, struct object *o, struct err *e)
{
	int there = carrier_head(s->carrier, o->name, &o->is, e);

	o->there = there == 1;
	return there == -1 ? -1 : 0;
}

/* A step for all objects at once. */
static int
look_at_all(struct sending *s, struct object *o, struct err *e)
{
	(void)o;
	s->listed = carrier_list(s->carrier, s->v->id, look_each, s, e) == 0;
	return s->listed || e->code == ERR_USAGE ? 0 : -1;
}

int
sending_look(struct sending *s, struct err *e)
{
	for (size_t i = 0; i < s->count; i++)
		s->objects[i].there = false;
	/* As a step, for then signals are heeded: the other side may take its time. */
	if (sending_run(s, 0, 1, look_at_all, e) == -1)
		return -1;
	/* A web server: one question an object. */
	return s->listed ? 0 : sending_run(s, 0, s->count, look_one, e);
}

static int
clean_all(struct sending *s, struct object *o, struct err *e)
{
	(void)o;
	return carrier_clean(s->carrier, s->v->id, s->ended_well, NULL, e);
}

int
sending_clean(struct sending *s, struct err *e)
{
	return sending_run(s, 0, 1, clean_all, e);
}

/* An object of the vault, which must be a plain file of the length that was signed. */
static int
open_local(struct sending *s, const struct object *o, int *out, struct err *e)
{
	char path[ENDPOINT_NAME_MAX + 16];
	struct stat st;

	(void)snprintf(path, sizeof(path), "vault/%s", o->name);
	if ((*out = openat(s->h->folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) == -1)
		return errno == ENOENT ? err_set(e, ERR_FORGED, "%s: missing", path)
				       : err_sys(e, "%s: open", path);
	if (fstat(*out, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == o->size)
		return 0;
	io_close(out);
	return err_set(e, ERR_FORGED, "%s: not of the length that was sealed", path);
}

/* The sums that belong to a body. */
static int
open_sums(struct sending *s, const struct object *body, int *out, struct err *e)
{
	struct object sums = *body;
	size_t len = strlen(sums.name);
	uint64_t segments, plain;

	if (c4gh_body_shape(body->size, &segments, &plain, e) == -1)
		return -1;
	(void)snprintf(sums.name + len - 5, sizeof(sums.name) - (len - 5), ".sums");
	sums.size = segments * SUM_LEN;
	return open_local(s, &sums, out, e);
}

static void
count_read(struct sending *s, size_t len)
{
	(void)pthread_mutex_lock(&s->lock);
	s->result->read_bytes += len;
	if (s->ask->progress != NULL)
		s->ask->progress(s->ask->ctx, s->result->read_bytes, s->ask->deep ? s->result->bytes : 0);
	(void)pthread_mutex_unlock(&s->lock);
}

/* The whole of what is there, hashed. 1 where it is what it must be, 0 where it is not. */
static int
read_whole(struct sending *s, const struct object *o, uint8_t *data, struct sums *hash, struct err *e)
{
	uint8_t digest[SUM_LEN];
	size_t len;

	for (uint64_t at = 0; at < o->size; at += len) {
		len = o->size - at < READ_MAX ? (size_t)(o->size - at) : READ_MAX;
		if (carrier_get(s->carrier, o->name, at, data, len, e) == -1 ||
		    sums_update(hash, data, len, e) == -1)
			return -1;
		count_read(s, len);
	}
	if (sums_final(hash, digest, e) == -1)
		return -1;
	return memcmp(digest, o->sha256, SUM_LEN) == 0;
}

/* The sums of our own copy, first held against the table, then each segment of what is there against them. */
static int
read_body(struct sending *s, const struct object *o, uint8_t *data, struct sums *hash, struct err *e)
{
	uint64_t segments = (o->size + C4GH_SEGMENT_MAX - 1) / C4GH_SEGMENT_MAX;
	size_t sums_len = (size_t)segments * SUM_LEN, len, part;
	uint8_t *sums = malloc(sums_len), sum[SUM_LEN];
	int rc = -1, fd = -1;

	if (sums == NULL) {
		err_set(e, ERR_SYSTEM, "%s: out of memory", o->name);
		goto out;
	}
	if (open_sums(s, o, &fd, e) == -1 || io_read_exact(fd, sums, sums_len, o->name, e) == -1 ||
	    sums_update(hash, sums, sums_len, e) == -1 || sums_final(hash, sum, e) == -1)
		goto out;
	if (memcmp(sum, o->sha256, SUM_LEN) != 0) {
		err_set(
		    e, ERR_FORGED, "vault/%s: its sums are not the ones that the shard table names", o->name);
		goto out;
	}
	for (uint64_t i = 0; i < segments; i += READ_SEGMENTS) {
		uint64_t at = i * C4GH_SEGMENT_MAX;

		len = o->size - at < READ_MAX ? (size_t)(o->size - at) : READ_MAX;
		if (carrier_get(s->carrier, o->name, at, data, len, e) == -1)
			goto out;
		count_read(s, len);
		for (size_t k = 0; len > 0; k++, len -= part) {
			part = len < C4GH_SEGMENT_MAX ? len : C4GH_SEGMENT_MAX;
			if (sums_segment(hash, data + k * C4GH_SEGMENT_MAX, part, sum, e) == -1)
				goto out;
			if (memcmp(sum, sums + (i + k) * SUM_LEN, SUM_LEN) != 0) {
				rc = 0;
				goto out;
			}
		}
	}
	rc = 1;
out:
	free(sums);
	io_close(&fd);
	return rc;
}

int
sending_judge(struct sending *s, struct object *o, struct err *e)
{
	bool same = o->known && o->there && o->is.size == o->was.size && o->is.tag[0] != '\0' &&
		    strcmp(o->is.tag, o->was.tag) == 0;
	struct sums *hash = NULL;
	uint8_t *data = NULL;
	int good = 0;

	if (o->there && o->is.size == o->size && same && !s->ask->deep) {
		good = 1;
	} else if (o->there && o->is.size == o->size) {
		good = -1;
		if ((data = malloc(READ_MAX)) == NULL)
			err_set(e, ERR_SYSTEM, "%s: out of memory", o->name);
		else if ((hash = sums_new(e)) != NULL)
			good = o->body ? read_body(s, o, data, hash, e) : read_whole(s, o, data, hash, e);
	}
	sums_free(hash);
	free(data);
	if (good == -1)
		return -1;
	(void)pthread_mutex_lock(&s->lock);
	o->good = good == 1;
	o->fresh = o->good && !same;
	if (o->known || (o->there && !o->good))
		sending_event(s, o->good ? "there" : o->there ? "changed" : "vanished", o);
	(void)pthread_mutex_unlock(&s->lock);
	return 0;
}

/* What one put tells while it is under way. */
static void
put_sent(void *ctx, uint64_t bytes)
{
	struct sending *s = ctx;

	(void)pthread_mutex_lock(&s->lock);
	s->result->sent_bytes += bytes;
	count_bytes(s, bytes);
	(void)pthread_mutex_unlock(&s->lock);
}

int
sending_put(struct sending *s, struct object *o, struct err *e)
{
	struct carrier_source source = {.fd = -1, .size = o->size, .sums = -1};
	int rc = -1;

	if (o->good)
		return 0;
	if (open_local(s, o, &source.fd, e) == -1 || (o->body && open_sums(s, o, &source.sums, e) == -1))
		goto out;
	if (o->body)
		source.sums_sha256 = o->sha256;
	else
		source.sha256 = o->sha256;
	if (carrier_put(s->carrier, o->name, &source, put_sent, s, &o->was, e) == -1)
		goto out;
	(void)pthread_mutex_lock(&s->lock);
	o->good = o->known = true;
	rc = sending_keep(s, o, e);
	s->result->sent_objects++;
	if (rc == 0)
		sending_event(s, "sent", o);
	(void)pthread_mutex_unlock(&s->lock);
out:
	io_close(&source.fd);
	io_close(&source.sums);
	return rc;
}
