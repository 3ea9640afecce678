/* stager send: from what is sealed here to what is proven to be there, in that order. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "children.h"
#include "sending.h"
#include "stager/enc.h"
#include "stager/io.h"

#define SEND_LOCK "send.lock"
#define SENDER_LEN 8 /* bytes */

int
delivery_lock(struct house *h, const char *version_id, const char *url, struct err *e)
{
	const struct digest_part parts[] = {{version_id, strlen(version_id)}, {url, strlen(url)}};
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
	uint8_t digest[DIGEST_LEN];
	int fd = openat(h->folder, SEND_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd == -1)
		return err_sys(e, "%s: open", SEND_LOCK);
	digest_prefixed(parts, 2, digest);
	for (unsigned i = 0; i < 7; i++)
		lock.l_start = lock.l_start << 8 | digest[i];
	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return fd;
	if (errno == EAGAIN || errno == EACCES)
		err_set(e, ERR_REMOTE, "version %s: another sender is at work on it there", version_id);
	else
		err_sys(e, "%s: lock", SEND_LOCK);
	io_close(&fd);
	return -1;
}

int
delivery_carrier(struct house *h, const struct place *place, const char *url,
    const struct endpoint_options *options, struct carrier **out, struct err *e)
{
	struct endpoint_options o = *options;
	uint8_t digest[DIGEST_LEN];
	char sender[2 * SENDER_LEN + 1];

	/* A house's own, of all its runs. */
	digest_bytes(h->card.key, sizeof(h->card.key), digest);
	hex_encode(digest, SENDER_LEN, sender);
	o.sender = sender;
	o.gateway = place->gateway[0] != '\0' ? place->gateway : NULL;
	return carrier_start(url, &o, out, e);
}

/* What must change there or in the ledger. */
static uint64_t
outstanding(struct sending *s)
{
	uint64_t count = 0;

	s->total = s->done = 0;
	for (size_t i = 0; i < s->count; i++) {
		if (!s->objects[i].good)
			s->total += s->objects[i].size;
		if (!s->objects[i].good || s->objects[i].fresh)
			count++;
	}
	return count;
}

/* What was read and found good, as the ledger is to know it. */
static int
keep_fresh(struct sending *s, struct err *e)
{
	for (size_t i = 0; i < s->count; i++) {
		struct object *o = &s->objects[i];

		if (!o->fresh)
			continue;
		o->was = o->is;
		o->known = true;
		if (sending_keep(s, o, e) == -1)
			return -1;
	}
	return 0;
}

/* All of it once more, as it stands there now. */
static int
check_all(struct sending *s, struct err *e)
{
	if (sending_look(s, e) == -1)
		return -1;
	for (size_t i = 0; i < s->count; i++) {
		const struct object *o = &s->objects[i];

		if (!o->there || o->is.size != o->size || strcmp(o->is.tag, o->was.tag) != 0)
			return err_set(e, ERR_REMOTE, "%s: %s while the others were sent", o->name,
			    o->there ? "changed" : "vanished");
	}
	return 0;
}

static int
deliver(struct sending *s, struct err *e)
{
	if (sending_look(s, e) == -1 || sending_run(s, 0, s->count, sending_judge, e) == -1)
		return -1;
	if (outstanding(s) == 0 && s->delivered) {
		s->result->unchanged = true;
		return sending_last_record(s, e);
	}
	/* The log has it first. Then leftovers go that are of no use, of senders that were killed: no other one is at work below
	 * this name. */
	if (sending_begin(s, e) == -1 || keep_fresh(s, e) == -1 || sending_clean(s, e) == -1)
		return -1;
	/* The table after what it lists, and the manifest last: until it is there, nobody takes a part for the whole. */
	if (sending_run(s, 0, s->count - 2, sending_put, e) == -1 ||
	    sending_run(s, s->count - 2, s->count - 1, sending_put, e) == -1 ||
	    sending_run(s, s->count - 1, s->count, sending_put, e) == -1 || check_all(s, e) == -1)
		return -1;
	s->ended_well = true;
	if (sending_clean(s, e) == -1)
		return -1;
	return sending_finish(s, e);
}

int
house_send(struct house *h, const struct send *ask, struct send_result *result, struct err *e)
{
	struct sending s = {.h = h, .ask = ask, .result = result, .place = -1};
	int rc = -1, lock = -1;

	memset(result, 0, sizeof(*result));
	buf_init(&result->record, 4u * DELIVERY_MAX);
	(void)pthread_mutex_init(&s.lock, NULL);
	(void)pthread_cond_init(&s.ended, NULL);
	if (house_endpoint_find(h, ask->to, &result->place, result->url, e) == -1 ||
	    sending_plan(&s, e) == -1 || (lock = delivery_lock(h, s.v->id, result->url, e)) == -1 ||
	    sending_load(&s, e) == -1)
		goto out;
	if (ask->check && s.place == -1) {
		err_set(
		    e, ERR_UNKNOWN, "version %s: it was never sent there; without --check it is", s.v->id);
		goto out;
	}
	if (delivery_carrier(h, &result->place, result->url, &ask->options, &s.carrier, e) == -1)
		goto out;
	rc = deliver(&s, e);
out:
	sending_free(&s);
	io_close(&lock);
	return rc;
}
