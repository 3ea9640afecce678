/* The root secret as the house has it from somewhere, without ever looking at it. stager/house/root.c. */
#ifndef STAGER_HOUSE_ROOT_H
#define STAGER_HOUSE_ROOT_H

#include "children.h"
#include "stager/house.h"

struct json;

/*
 * One root secret. `setting` is what stands about it in the ledger: {"check","generation","kind": "file" | "passphrase" |
 * "given","since"} and, of a file, "path", of a passphrase "salt","passes","memory". generation: of the key store; since:
 * the one with which this root secret came.
 */
struct root {
	int folder;           /* of the house, borrowed */
	char *file;           /* passed as it is; NULL with a keeper */
	struct helper keeper; /* stager-key root */
	struct json *setting; /* of a new one; else NULL */
};

#define ROOT_NONE ((struct root){.folder = -1, .keeper = HELPER_NONE})

/* The house's own, from where this command has it, or as its setting says. ERR_REFUSED where it is another one. */
int root_start(struct root *r, int folder, const char *house, const struct json *setting,
    const struct root_from *from, struct err *e) MUST_CHECK;
/* A new one for this generation, with its setting. */
int root_make(struct root *r, int folder, const char *house, const struct root_choice *choice,
    uint32_t generation, struct err *e) MUST_CHECK;
/* A descriptor from which the 32 bytes are read once. Caller closes. */
int root_fd(struct root *r, struct err *e) MUST_CHECK;
void root_end(struct root *r);
/* The file with the root secret is the one that the house's setting was made for: ERR_FORGED. Other kinds are compared
 * whenever they are used. */
int root_prove(const struct house *h, struct err *e) MUST_CHECK;

/* The root secret that stands in the house's folder since this generation: "root.key", "root-2.key", ... */
#define ROOT_NAME_MAX 32
void root_name(uint32_t generation, char out[static ROOT_NAME_MAX]);

/* A question with a descriptor to a keeper; as helper_ask. */
struct json *root_ask(
    struct helper *keeper, enum wire_type type, struct json *json, int fd, struct err *e) MUST_CHECK;
/* stager-key root, with fd (-1: none) as the source of that name. */
int root_keeper(struct helper *x, const char *source, int fd, struct err *e) MUST_CHECK;

/* --- store.c: generations of the key store --- */

/* The setting, and from it h->generation; ERR_FORGED where its key store is not there. */
int store_load(struct house *h, struct err *e) MUST_CHECK;
/* This process alone works with the house from now on; ERR_REMOTE where others do, after a while of waiting. */
int store_alone(struct house *h, struct err *e) MUST_CHECK;
/*
 * Write generation next of the key store beside the one in force: every blob resealed, under fresh (NULL: the same root
 * secret), without the KEK of the dataset `without` (NULL: all). Nothing is in force yet.
 */
int store_write(
    struct house *h, uint32_t next, struct root *fresh, const char *without, struct err *e) MUST_CHECK;
/* As the effect of an entry: the setting ctx (struct json) comes into force, and with it its generation. rotate.c */
int store_switch(struct house *h, void *ctx, uint64_t index, struct err *e) MUST_CHECK;
/* What went out of force is removed: older generations, and root secrets that were made here. Alone. */
int store_sweep(struct house *h, struct err *e) MUST_CHECK;
/* Whether there is something to sweep. 1, 0, -1. */
int store_stale(struct house *h, struct err *e) MUST_CHECK;
/* The path of a blob of the generation in force: "keys/1/open.key". */
void store_path(const struct house *h, const char *purpose, char *out, size_t size);

#endif
