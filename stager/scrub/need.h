/* Before a file is read: what that comes to. stager/scrub/need.c. */
#ifndef SCRUB_NEED_H
#define SCRUB_NEED_H

#include "stager/err.h"

struct scrub;
struct source;

/* s->begin, where there is one, is told of the file that s->rule (NULL: none) took. -1 with e set. */
int scrub_begin(struct scrub *s, const struct source *in, struct err *e) MUST_CHECK;

#endif
