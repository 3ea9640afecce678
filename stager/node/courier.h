/* Between the courier's process (courier.c), its parent's side (courier_ask.c) and what it does (errand.c). */
#ifndef NODE_COURIER_H
#define NODE_COURIER_H

#include <stddef.h>
#include <sys/types.h>

#include "stager/courier.h"
#include "stager/spawn.h"

struct courier {
	int fd; /* control socket */
	pid_t pid;
};

/* One way to the house: a command's pipes, or a socket twice. */
struct way {
	int to, from; /* -1: closed, or given away */
	struct child child;
};
#define WAY_NONE ((struct way){.to = -1, .from = -1, .child = {.pid = -1, .complaint = -1}})

/* Start the command, or connect. ERR_REMOTE where nobody is there. */
int way_open(struct way *w, const char *house, struct err *e) MUST_CHECK;
/* patient: a command may end by itself for a little while; then, or else, it is killed. */
void way_close(struct way *w, bool patient);

/* The folder of receipts; a descriptor, or -1. ERR_USAGE where it is missing, ERR_REFUSED where others may write to it. */
int errand_folder(const char *path, struct err *e) MUST_CHECK;
/* Put a signed receipt (the envelope's JSON) into the folder, whole or not at all; name: room for the file's name. */
#define ERRAND_NAME_MAX 80
int errand_keep(int folder, const void *envelope, size_t len, char name[static ERRAND_NAME_MAX],
    struct err *e) MUST_CHECK;
/* Hand one in, and hear that it is kept. w: open; it may be used again after a success. */
int errand_deliver(struct way *w, const void *envelope, size_t len, struct err *e) MUST_CHECK;
/* Hand in all that the folder has, and remove each that the house keeps. -1: the first one's fault, after trying all;
 * but a house that cannot be reached ends it at once. */
int errand_deliver_all(const char *house, int folder, size_t *sent, size_t *left, struct err *e) MUST_CHECK;

#endif
