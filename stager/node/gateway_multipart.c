/*
 * Results in parts, as boto3 and s3fs send whatever is large: parts come in any order and at once. They wait, sealed under
 * a key that only this process has, in a file that has no name any more; when all are there they are opened again and
 * sealed for the house, in order.
 */
#include "gateway_multipart.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "stager/enc.h"
#include "stager/io.h"
#include "stager/secret.h"

/* A file that is written for as long as a job runs may send a part now and then. */
#define IDLE_S (24 * 3600)
#define IDLE_FULL_S 3600
#define TEMPORARY ".part-"

static void
upload_free(struct gateway_upload *u)
{
	if (u == NULL)
		return;
	io_close(&u->fd);
	secret_free(u->key);
	free(u->parts);
	free(u);
}

void
gateway_upload_leave(struct gateway_results *r, struct gateway_upload *u)
{
	bool last;

	if (u == NULL)
		return;
	(void)pthread_mutex_lock(&r->lock);
	last = --u->users == 0;
	u->touched = time(NULL);
	(void)pthread_mutex_unlock(&r->lock);
	if (last)
		upload_free(u);
}

struct gateway_upload *
gateway_upload_find(struct gateway_results *r, const char *id, const char *name, bool take)
{
	struct gateway_upload **at, *found;

	(void)pthread_mutex_lock(&r->lock);
	for (at = &r->uploads; *at != NULL && (strcmp((*at)->id, id) != 0 || strcmp((*at)->name, name) != 0);)
		at = &(*at)->next;
	if ((found = *at) != NULL) {
		if (take) {
			*at = found->next;
			r->upload_count--;
		} else {
			found->users++;
		}
	}
	(void)pthread_mutex_unlock(&r->lock);
	return found;
}

void
gateway_uploads_expire(struct gateway_results *r, time_t now)
{
	struct gateway_upload **at, **idlest, *gone;
	time_t idle;

	(void)pthread_mutex_lock(&r->lock);
	for (;;) {
		for (idlest = NULL, at = &r->uploads; *at != NULL; at = &(*at)->next)
			if ((*at)->users == 1 && (idlest == NULL || (*at)->touched < (*idlest)->touched))
				idlest = at;
		idle = r->upload_count >= GATEWAY_UPLOADS_MAX ? IDLE_FULL_S : IDLE_S;
		if (idlest == NULL || (*idlest)->touched > now - idle)
			break;
		gone = *idlest;
		*idlest = gone->next;
		r->upload_count--;
		upload_free(gone);
	}
	(void)pthread_mutex_unlock(&r->lock);
}

void
gateway_uploads_free(struct gateway_results *r)
{
	while (r->uploads != NULL) {
		struct gateway_upload *next = r->uploads->next;

		upload_free(r->uploads);
		r->uploads = next;
	}
}

/* A file that is gone when it is closed, however this process ends. */
static int
open_nameless(int folder, struct err *e)
{
	uint8_t random[12];
	char name[sizeof(TEMPORARY) + 2 * sizeof(random)], hex[2 * sizeof(random) + 1];
	int fd;

	randombytes_buf(random, sizeof(random));
	hex_encode(random, sizeof(random), hex);
	(void)snprintf(name, sizeof(name), TEMPORARY "%s", hex);
	if ((fd = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) == -1)
		return err_sys(e, "result: make a file for its parts");
	if (unlinkat(folder, name, 0) == -1) {
		err_sys(e, "result: take the name from its file for parts");
		io_close(&fd);
		return -1;
	}
	return fd;
}

static int
begin(struct gateway_call *c, struct err *e)
{
	struct gateway_results *r = c->g->results;
	struct err why = {.code = ERR_NONE};
	struct gateway_upload *u = calloc(1, sizeof(*u));
	uint8_t random[GATEWAY_UPLOAD_LEN / 2];
	bool full;
	struct buf body;
	int rc = -1;

	if (u == NULL)
		return err_set(e, ERR_SYSTEM, "upload: out of memory");
	u->users = 1;
	u->touched = time(NULL);
	u->fd = -1;
	randombytes_buf(random, sizeof(random));
	hex_encode(random, sizeof(random), u->id);
	(void)snprintf(u->name, sizeof(u->name), "%s", c->key);
	if ((u->key = secret_random(C4GH_KEY_LEN, &why)) == NULL ||
	    (u->fd = open_nameless(r->folder, &why)) == -1) {
		upload_free(u);
		return gateway_fail(c, &why, e);
	}
	buf_init(&body, 8192);
	if (buf_put_str(&body,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<InitiateMultipartUploadResult" GATEWAY_XMLNS
		"><Bucket>" GATEWAY_BUCKET_RESULTS "</Bucket><Key>",
		e) == -1 ||
	    gateway_put_text(&body, c->key, false, e) == -1 ||
	    buf_printf(&body, e, "</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>\n", u->id) ==
		-1) {
		upload_free(u);
		goto out;
	}
	gateway_uploads_expire(r, time(NULL));
	(void)pthread_mutex_lock(&r->lock);
	full = r->upload_count >= GATEWAY_UPLOADS_MAX;
	if (!full) {
		u->next = r->uploads;
		r->uploads = u;
		r->upload_count++;
	}
	(void)pthread_mutex_unlock(&r->lock);
	if (full)
		upload_free(u);
	rc = full ? gateway_refuse(c, 503, "SlowDown", "too many uploads are under way", e)
		  : gateway_respond(c, 200, "application/xml", "", body.data, body.len, e);
out:
	buf_free(&body);
	return rc;
}

/* ---- one part ---- */

struct part_writer {
	struct gateway_upload *of;
	struct c4gh *key;
	uint64_t next, end; /* segments that are left to it */
	size_t have;
	uint8_t plain[C4GH_PLAIN_MAX];
	uint8_t sealed[C4GH_SEGMENT_MAX];
};

/* A segment's place is its number and never used twice, a replaced part's neither: so no nonce repeats. */
static int
write_segment(struct part_writer *w, struct err *e)
{
	size_t len = C4GH_NONCE_LEN + w->have + C4GH_MAC_LEN, at = 0;
	ssize_t n;

	if (w->next == w->end)
		return err_set(e, ERR_INPUT, "request body: it is longer than was said");
	if (c4gh_seal(w->key, w->next, w->have < C4GH_PLAIN_MAX, w->plain, w->have, w->sealed, e) == -1)
		return -1;
	for (; at < len; at += (size_t)n)
		if ((n = pwrite(w->of->fd, w->sealed + at, len - at,
			 (off_t)(w->next * C4GH_SEGMENT_MAX + at))) == -1) {
			if (errno != EINTR)
				return err_sys(e, "result: write a part");
			n = 0;
		}
	w->next++;
	w->have = 0;
	return 0;
}

static int
take_plain(void *ctx, const uint8_t *data, size_t len, struct err *e)
{
	struct part_writer *w = ctx;
	size_t piece;

	for (; len > 0; data += piece, len -= piece) {
		piece = sizeof(w->plain) - w->have < len ? sizeof(w->plain) - w->have : len;
		memcpy(w->plain + w->have, data, piece);
		w->have += piece;
		if (w->have == sizeof(w->plain) && write_segment(w, e) == -1)
			return -1;
	}
	return 0;
}

/* In its place by number; what stood there is forgotten. */
static int
record(struct gateway_results *r, struct gateway_upload *u, const struct gateway_part *p, struct err *e)
{
	struct gateway_part *bigger;
	size_t at = 0;
	int rc = 0;

	(void)pthread_mutex_lock(&r->lock);
	while (at < u->part_count && u->parts[at].number < p->number)
		at++;
	if (at < u->part_count && u->parts[at].number == p->number) {
		u->parts[at] = *p;
		goto out;
	}
	if (u->part_count == u->part_cap) {
		if ((bigger = realloc(u->parts, (u->part_cap * 2 + 16) * sizeof(*bigger))) == NULL) {
			rc = err_set(e, ERR_SYSTEM, "upload: out of memory");
			goto out;
		}
		u->parts = bigger;
		u->part_cap = u->part_cap * 2 + 16;
	}
	memmove(&u->parts[at + 1], &u->parts[at], (u->part_count - at) * sizeof(*u->parts));
	u->parts[at] = *p;
	u->part_count++;
out:
	(void)pthread_mutex_unlock(&r->lock);
	return rc;
}

/* How long the part will be: its place in the file is taken before it comes. */
static int
told_len(const struct gateway_call *c, uint64_t *out, struct err *e)
{
	struct http_text t;

	*out = c->request->length;
	if (c->is_signed && c->proof.payload != SIGV4_UNSIGNED && c->proof.payload != SIGV4_DIGEST) {
		*out = 0;
		if (http_field(c->request, "x-amz-decoded-content-length", &t) != 1 || t.len > 12)
			return err_set(e, ERR_INPUT, "x-amz-decoded-content-length is wanted");
		for (size_t i = 0; i < t.len; i++)
			if (t.at[i] >= '0' && t.at[i] <= '9')
				*out = *out * 10 + (uint64_t)(t.at[i] - '0');
			else
				return err_set(e, ERR_INPUT, "x-amz-decoded-content-length is no number");
	} else if (!c->request->has_length) {
		return err_set(e, ERR_INPUT, "a part's length is wanted");
	}
	return *out > 0 ? 0 : err_set(e, ERR_INPUT, "an empty part");
}

static int
put_part(struct gateway_call *c, struct gateway_upload *u, unsigned number, struct err *e)
{
	struct part_writer *w = calloc(1, sizeof(*w));
	struct err why = {.code = ERR_NONE};
	struct gateway_part p = {.number = number};
	char fields[128];
	uint64_t told, segments;
	bool fits;
	int rc;

	if (w == NULL)
		return err_set(e, ERR_SYSTEM, "upload: out of memory");
	w->of = u;
	if (told_len(c, &told, &why) == -1 || (w->key = c4gh_new(u->key, true, &why)) == NULL)
		goto fail;
	/* A length that was only said takes no place from what comes after it, nor brings the numbers round. */
	segments = told / C4GH_PLAIN_MAX + 1;
	(void)pthread_mutex_lock(&c->g->results->lock);
	p.first = w->next = u->next_segment;
	if ((fits = segments < C4GH_INDEX_MAX - u->next_segment))
		u->next_segment += segments;
	w->end = u->next_segment;
	(void)pthread_mutex_unlock(&c->g->results->lock);
	if (!fits) {
		err_set(&why, ERR_LIMIT, "upload: too large");
		goto fail;
	}
	if (gateway_body(c, take_plain, w, &p.len, p.digest, &why) == -1 ||
	    (w->have > 0 && write_segment(w, &why) == -1))
		goto fail;
	if (p.len != told) {
		err_set(&why, ERR_INPUT, "request body: it is not as long as was said");
		goto fail;
	}
	gateway_tag(p.digest, number, p.tag);
	if (record(c->g->results, u, &p, &why) == -1)
		goto fail;
	(void)snprintf(fields, sizeof(fields), "ETag: %s\r\n", p.tag);
	rc = gateway_respond(c, 200, NULL, fields, NULL, 0, e);
	goto out;
fail:
	http_conn_last(c->conn);
	rc = gateway_fail(c, &why, e);
out:
	c4gh_free(w->key);
	sodium_memzero(w->plain, sizeof(w->plain));
	free(w);
	return rc;
}

int
gateway_multipart(struct gateway_call *c, struct err *e)
{
	const struct http_request *r = c->request;
	char id[GATEWAY_UPLOAD_LEN + 2] = "", number[8] = "";
	struct err why = {.code = ERR_NONE};
	struct gateway_upload *u;
	unsigned long n;
	int rc;

	if (r->method == HTTP_POST && gateway_has(r, "uploads"))
		return begin(c, e);
	if (gateway_parameter(r, "uploadId", id, sizeof(id), &why) == -1 ||
	    gateway_parameter(r, "partNumber", number, sizeof(number), &why) == -1) {
		http_conn_last(c->conn);
		return gateway_fail(c, &why, e);
	}
	if ((u = gateway_upload_find(c->g->results, id, c->key, false)) == NULL) {
		http_conn_last(c->conn);
		return gateway_refuse(c, 404, "NoSuchUpload", "there is no such upload", e);
	}
	if (r->method == HTTP_PUT) {
		n = number[0] != '\0' && strspn(number, "0123456789") == strlen(number)
			? strtoul(number, NULL, 10)
			: 0;
		if (n < 1 || n > GATEWAY_PARTS_MAX) {
			http_conn_last(c->conn);
			rc =
			    gateway_refuse(c, 400, "InvalidArgument", "partNumber is between 1 and 10000", e);
		} else {
			rc = put_part(c, u, (unsigned)n, e);
		}
	} else if (r->method == HTTP_POST) {
		rc = gateway_upload_finish(c, u, e);
	} else if (r->method == HTTP_DELETE) {
		gateway_upload_leave(c->g->results, gateway_upload_find(c->g->results, id, c->key, true));
		rc = gateway_respond(c, 204, NULL, "", NULL, 0, e);
	} else {
		rc = gateway_refuse(c, 501, "NotImplemented", "parts are not listed", e);
	}
	gateway_upload_leave(c->g->results, u);
	return rc;
}
