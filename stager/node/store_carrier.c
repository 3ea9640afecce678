/* Sealed objects beyond a network, by the process that holds it: this one has keys, and no socket. */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stager/carrier.h"

struct carrier_store {
	struct node_store store;
	struct carrier *carrier;
	char prefix[NODE_STORE_NAME_MAX / 2];
};

struct carrier_object {
	struct node_object object;
	char name[NODE_STORE_NAME_MAX]; /* with the prefix */
};

static int
full_name(
    const struct carrier_store *s, const char *name, char out[static NODE_STORE_NAME_MAX], struct err *e)
{
	if ((size_t)snprintf(out, NODE_STORE_NAME_MAX, "%s%s", s->prefix, name) >= NODE_STORE_NAME_MAX)
		return err_set(e, ERR_LIMIT, "store: a name is too long");
	return 0;
}

static int
carrier_store_size(struct node_store *s, const char *name, uint64_t *size, struct err *e)
{
	struct carrier_store *c = (struct carrier_store *)s;
	struct endpoint_info info = {.size = 0};
	char full[NODE_STORE_NAME_MAX];
	int there;

	if (full_name(c, name, full, e) == -1 || (there = carrier_head(c->carrier, full, &info, e)) == -1)
		return -1;
	*size = info.size;
	return there;
}

/* The length shows in reading: a round trip less for each. */
static int
carrier_store_open(
    struct node_store *s, const char *name, uint64_t size, struct node_object **out, struct err *e)
{
	struct carrier_object *o = calloc(1, sizeof(*o));

	(void)size;
	if (o == NULL)
		return err_set(e, ERR_SYSTEM, "%s: out of memory", name);
	o->object.store = s;
	if (full_name((struct carrier_store *)s, name, o->name, e) == -1) {
		free(o);
		return -1;
	}
	*out = &o->object;
	return 0;
}

static int
carrier_store_read(struct node_object *object, uint64_t offset, uint8_t *out, size_t len, struct err *e)
{
	struct carrier_object *o = (struct carrier_object *)object;

	return carrier_get(((struct carrier_store *)object->store)->carrier, o->name, offset, out, len, e);
}

static void
carrier_store_close(struct node_object *o)
{
	free(o);
}

static void
carrier_store_free(struct node_store *s)
{
	free(s);
}

int
node_store_carrier(
    struct carrier *c, const char *prefix, unsigned streams, struct node_store **out, struct err *e)
{
	static const struct node_store_ops ops = {carrier_store_size, carrier_store_open, carrier_store_read,
	    carrier_store_close, carrier_store_free};
	struct carrier_store *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return err_set(e, ERR_SYSTEM, "store: out of memory");
	if (strlen(prefix) >= sizeof(s->prefix)) {
		free(s);
		return err_set(e, ERR_LIMIT, "store: a prefix is too long");
	}
	s->store.ops = &ops;
	s->store.streams = streams;
	s->carrier = c;
	(void)snprintf(s->prefix, sizeof(s->prefix), "%s", prefix);
	*out = &s->store;
	return 0;
}
