/* What a store of sealed objects is made of: see include/stager/node.h. */
#ifndef NODE_STORE_H
#define NODE_STORE_H

#include "stager/node.h"

#define NODE_STORE_NAME_MAX 160 /* of an object: "SET/shard-00000.body" and a carrier's prefix */

struct node_store_ops {
	int (*size)(struct node_store *s, const char *name, uint64_t *size, struct err *e);
	int (*open)(
	    struct node_store *s, const char *name, uint64_t size, struct node_object **out, struct err *e);
	int (*read)(struct node_object *o, uint64_t offset, uint8_t *out, size_t len, struct err *e);
	void (*close)(struct node_object *o); /* frees o */
	void (*free)(struct node_store *s);   /* frees s */
};

/* Every kind of store and of object begins with these. */
struct node_store {
	const struct node_store_ops *ops;
	unsigned streams;
};
struct node_object {
	struct node_store *store;
};

/* A whole object of len bytes, in reads that are not too long for anybody. */
int node_object_read_all(struct node_object *o, uint8_t *out, size_t len, struct err *e) MUST_CHECK;
/* A small object, appended to out: 1; 0 where there is none; -1 (ERR_FORGED past out's limit). */
int node_store_load(struct node_store *s, const char *name, struct buf *out, struct err *e) MUST_CHECK;

#endif
