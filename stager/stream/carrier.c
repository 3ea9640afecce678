/* The parent's side of stager-send: asking it, from many threads at once. */
#include "stager/carrier.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "carrier_parts.h"
#include "stager/enc.h"
#include "stager/json.h"
#include "stager/wire.h"

#define DIGEST_BYTES 32

/* It is of no use any more: say why, once, and to everybody the same. */
static int
carrier_lost(struct carrier *c, const char *why, struct err *e)
{
	struct err own = {.code = ERR_NONE};

	(void)pthread_mutex_lock(&c->lock);
	if (!c->dead) {
		c->dead = true;
		/* One that lives on has broken off the conversation; one that died has said more than its sockets. */
		if (c->child.pid != -1)
			(void)kill(c->child.pid, SIGKILL);
		if (child_wait(&c->child, &own) == -1 && strstr(own.text, "signal 9") == NULL)
			err_set(&c->death, ERR_REMOTE, "%s", own.text);
		else
			err_set(&c->death, ERR_REMOTE, "stager-send: %s", why);
	}
	if (e != NULL)
		*e = c->death;
	(void)pthread_cond_broadcast(&c->freed);
	(void)pthread_mutex_unlock(&c->lock);
	return -1;
}

static struct channel *
channel_take(struct carrier *c, struct err *e)
{
	struct channel *ch;

	(void)pthread_mutex_lock(&c->lock);
	while (c->free == NULL && !c->dead)
		(void)pthread_cond_wait(&c->freed, &c->lock);
	ch = c->dead ? NULL : c->free;
	if (ch != NULL)
		c->free = ch->next;
	else if (e != NULL)
		*e = c->death;
	(void)pthread_mutex_unlock(&c->lock);
	return ch;
}

static void
channel_give_back(struct carrier *c, struct channel *ch)
{
	(void)pthread_mutex_lock(&c->lock);
	ch->next = c->free;
	c->free = ch;
	(void)pthread_cond_signal(&c->freed);
	(void)pthread_mutex_unlock(&c->lock);
}

/* What FAULT says, as our own. */
static int
take_fault(struct carrier *c, const struct json *j, struct err *e)
{
	const char *text;
	int64_t status;

	if ((text = json_need_string(j, "text", "FAULT", NULL)) == NULL ||
	    json_need_int(j, "code", 1, 6, "FAULT", &status, NULL) == -1)
		return carrier_lost(c, "answered with what is no answer", e);
	return err_set(e, err_from_exit_status((int)status), "%s", text);
}

/*
 * The next message on the channel, which is of one of two types (one may be given twice): *type and its JSON. NULL with e
 * where it was FAULT, or where there is none to be had.
 */
static struct json *
receive(struct carrier *c, struct channel *ch, enum wire_type either, enum wire_type *type, struct err *e)
{
	struct pollfd p = {.fd = ch->fd, .events = POLLIN};
	struct json *j = NULL;
	struct wire_message m;
	unsigned patience = c->stop_ms / 100;

	wire_message_init(&m);
	while (poll(&p, 1, 100) != 1) {
		unsigned stopped = atomic_load(&c->stopped);

		if (stopped > 1 || (stopped == 1 && patience-- == 0)) {
			(void)carrier_lost(c, "did not stop", e);
			goto out;
		}
	}
	if (wire_receive(ch->fd, &m, NULL) != 1) {
		(void)carrier_lost(c, "ended", e);
		goto out;
	}
	if ((m.type != WIRE_CARRIED && m.type != WIRE_FAULT && m.type != either) || m.fds[0] != -1 ||
	    (j = json_parse(m.payload.data, m.payload.len, "stager-send", NULL)) == NULL) {
		(void)carrier_lost(c, "answered with what is no answer", e);
		goto out;
	}
	*type = m.type;
	if (m.type == WIRE_FAULT) {
		(void)take_fault(c, j, e);
		json_free(j);
		j = NULL;
	}
out:
	wire_message_free(&m);
	return j;
}

/* Takes json. */
static int
tell(struct carrier *c, struct channel *ch, enum wire_type type, struct json *json, const int *fds,
    size_t count, struct err *e)
{
	int rc = wire_send(ch->fd, type, json, fds, count, NULL);

	json_free(json);
	return rc == -1 ? carrier_lost(c, "ended", e) : 0;
}

/* One request with one answer. Takes json. NULL with e. */
static struct json *
ask(struct carrier *c, struct channel *ch, enum wire_type type, struct json *json, struct err *e)
{
	enum wire_type got;

	return tell(c, ch, type, json, NULL, 0, e) == -1 ? NULL : receive(c, ch, WIRE_CARRIED, &got, e);
}

static struct json *
about(const char *key, const char *value)
{
	struct json *j = json_object();

	json_set_string(j, key, value);
	return j;
}

int
carrier_get(struct carrier *c, const char *name, uint64_t offset, uint8_t *out, size_t len, struct err *e)
{
	struct channel *ch;
	struct json *j;
	size_t piece;
	int rc = 0;

	if (offset > JSON_INT_MAX - len)
		return err_set(e, ERR_USAGE, "%s: no object is so long", name);
	if ((ch = channel_take(c, e)) == NULL)
		return -1;
	for (; len > 0 && rc == 0; len -= piece, offset += piece, out += piece) {
		piece = len > c->window ? c->window : len;
		j = about("name", name);
		json_set_int(j, "offset", (int64_t)offset);
		json_set_int(j, "len", (int64_t)piece);
		if ((j = ask(c, ch, WIRE_GET, j, e)) == NULL) {
			rc = -1;
			break;
		}
		json_free(j);
		memcpy(out, ch->window, piece);
	}
	channel_give_back(c, ch);
	return rc;
}

/* Size and tag, as HEAD, PUT and LIST give them. */
static int
take_info(const struct json *j, struct endpoint_info *out)
{
	const char *tag = json_need_string(j, "tag", "stager-send", NULL);
	int64_t size;

	*out = (struct endpoint_info){.size = 0};
	if (tag == NULL || strlen(tag) >= sizeof(out->tag) ||
	    json_need_int(j, "size", 0, JSON_INT_MAX, "stager-send", &size, NULL) == -1)
		return -1;
	for (const char *p = tag; *p != '\0'; p++)
		if (*p < 0x20 || *p > 0x7e)
			return -1;
	memcpy(out->tag, tag, strlen(tag) + 1);
	out->size = (uint64_t)size;
	return 0;
}

int
carrier_head(struct carrier *c, const char *name, struct endpoint_info *out, struct err *e)
{
	struct channel *ch = channel_take(c, e);
	const struct json *there;
	struct json *j;
	int rc = -1;

	if (ch == NULL)
		return -1;
	if ((j = ask(c, ch, WIRE_HEAD, about("name", name), e)) != NULL) {
		there = json_get(j, "there");
		if (there == NULL || there->type != JSON_BOOL || (there->boolean && take_info(j, out) == -1))
			rc = carrier_lost(c, "answered with what is no answer", e);
		else
			rc = there->boolean ? 1 : 0;
		json_free(j);
	}
	channel_give_back(c, ch);
	return rc;
}

int
carrier_put(struct carrier *c, const char *name, const struct carrier_source *source,
    void (*sent)(void *ctx, uint64_t bytes), void *ctx, struct endpoint_info *out, struct err *e)
{
	const uint8_t *digest = source->sums_sha256 != NULL ? source->sums_sha256 : source->sha256;
	struct channel *ch = channel_take(c, e);
	const int fds[] = {source->fd, source->sums};
	char hex[2 * DIGEST_BYTES + 1];
	struct json *j = about("name", name);
	enum wire_type type = WIRE_SENT;
	uint64_t left = source->size;
	int64_t bytes;
	int rc = -1;

	if (ch == NULL) {
		json_free(j);
		return -1;
	}
	json_set_int(j, "size", (int64_t)source->size);
	if (digest != NULL) {
		hex_encode(digest, DIGEST_BYTES, hex);
		json_set_string(j, source->sums_sha256 != NULL ? "sums" : "sha256", hex);
	}
	if (tell(c, ch, WIRE_PUT, j, fds, source->sums_sha256 != NULL ? 2 : 1, e) == -1)
		goto out;
	while ((j = receive(c, ch, WIRE_SENT, &type, e)) != NULL && type == WIRE_SENT) {
		rc = json_need_int(j, "bytes", 0, (int64_t)left, "stager-send", &bytes, NULL);
		json_free(j);
		if (rc == -1) {
			(void)carrier_lost(c, "answered with what is no answer", e);
			goto out;
		}
		left -= (uint64_t)bytes;
		if (sent != NULL)
			sent(ctx, (uint64_t)bytes);
	}
	rc = -1;
	if (j == NULL)
		goto out;
	if (take_info(j, out) == -1)
		(void)carrier_lost(c, "answered with what is no answer", e);
	else if (out->size != source->size)
		err_set(e, ERR_FORGED, "%s: it stands there with another length than was sent", name);
	else
		rc = 0;
	json_free(j);
out:
	channel_give_back(c, ch);
	return rc;
}

/* A page of a list. 1 where each has refused. */
static int
take_listed(struct carrier *c, const char *prefix, const struct json *j,
    int (*each)(void *ctx, const char *name, const struct endpoint_info *info, struct err *e), void *ctx,
    struct err *e)
{
	const struct json *objects = json_get(j, "objects");
	size_t prefix_len = strlen(prefix);
	struct endpoint_info info;
	const char *name;

	if (objects == NULL || objects->type != JSON_ARRAY)
		return carrier_lost(c, "answered with what is no answer", e);
	for (size_t i = 0; i < objects->count; i++) {
		name = json_need_string(objects->items[i], "name", "stager-send", NULL);
		if (name == NULL || !endpoint_name_valid(name) ||
		    (prefix_len > 0 && (strncmp(name, prefix, prefix_len) != 0 || name[prefix_len] != '/')) ||
		    take_info(objects->items[i], &info) == -1)
			return carrier_lost(c, "answered with what is no answer", e);
		if (each(ctx, name, &info, e) == -1)
			return 1;
	}
	return 0;
}

int
carrier_list(struct carrier *c, const char *prefix,
    int (*each)(void *ctx, const char *name, const struct endpoint_info *info, struct err *e), void *ctx,
    struct err *e)
{
	struct channel *ch = channel_take(c, e);
	enum wire_type type = WIRE_LISTED;
	struct err refused = {.code = ERR_NONE};
	struct json *j, *answer;
	int rc = -1, page = 0;

	if (ch == NULL)
		return -1;
	if (tell(c, ch, WIRE_LIST, about("prefix", prefix), NULL, 0, e) == -1)
		goto out;
	while (
	    (j = receive(c, ch, WIRE_LISTED, &type, page == 1 ? NULL : e)) != NULL && type == WIRE_LISTED) {
		if (page == 0)
			page = take_listed(c, prefix, j, each, ctx, &refused);
		json_free(j);
		if (page == -1) {
			if (e != NULL)
				*e = refused;
			goto out;
		}
		answer = json_object();
		json_set(answer, "more", json_bool(page == 0));
		if (tell(c, ch, WIRE_OK, answer, NULL, 0, e) == -1)
			goto out;
	}
	rc = j != NULL && page == 0 ? 0 : -1;
	json_free(j);
	if (page == 1 && e != NULL)
		*e = refused;
out:
	channel_give_back(c, ch);
	return rc;
}

int
carrier_remove(struct carrier *c, const char *name, struct err *e)
{
	struct channel *ch = channel_take(c, e);
	struct json *j;
	int rc;

	if (ch == NULL)
		return -1;
	j = ask(c, ch, WIRE_REMOVE, about("name", name), e);
	rc = j == NULL ? -1 : 0;
	channel_give_back(c, ch);
	json_free(j);
	return rc;
}

int
carrier_clean(struct carrier *c, const char *prefix, bool all, uint64_t *count, struct err *e)
{
	struct channel *ch = channel_take(c, e);
	int64_t removed;
	struct json *j, *request;
	int rc = -1;

	if (ch == NULL)
		return -1;
	request = about("prefix", prefix);
	json_set(request, "all", json_bool(all));
	if ((j = ask(c, ch, WIRE_CLEAN, request, e)) != NULL) {
		if (json_need_int(j, "count", 0, JSON_INT_MAX, "stager-send", &removed, NULL) == -1)
			(void)carrier_lost(c, "answered with what is no answer", e);
		else
			rc = 0;
		json_free(j);
	}
	channel_give_back(c, ch);
	if (rc == 0 && count != NULL)
		*count = (uint64_t)removed;
	return rc;
}
