/* Inside stager-send. stager-node, built alone, holds it too and starts itself under that name. */
#ifndef STAGER_ROLES_SEND_H
#define STAGER_ROLES_SEND_H

#include <stdint.h>

#include "stager/err.h"

struct endpoint;
struct json;
struct wire_message;

/* The program. */
int send_main(int argc, char **argv);

/*
 * One PUT, with its descriptors; answer receives what CARRIED says, or -1 with e. SENT goes to channel
 * meanwhile. send_put.c.
 */
int send_put(struct endpoint *p, int channel, struct wire_message *m, const struct json *ask,
    struct json *answer, struct err *e) MUST_CHECK;

#endif
