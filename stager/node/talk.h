/* Lines between a node and a house: one canonical JSON object each. stager/node/talk.c. */
#ifndef NODE_TALK_H
#define NODE_TALK_H

#include "stager/buf.h"
#include "stager/err.h"

struct json;

/*
 * The house's next line from `from` (polled, so a pipe, a socket or a terminal), as an object of this type. Where it says
 * "error" instead, that is the error, its text after "the house says". ERR_REMOTE where it hung up or kept silent for
 * wait_ms; ERR_FORGED for anything else. Caller frees.
 */
struct json *talk_hear(int from, const char *type, int wait_ms, struct err *e) MUST_CHECK;
/* One line, to which the newline is added. ERR_REMOTE where nobody reads it, or nothing of it for wait_ms. */
int talk_say(int to, struct buf *line, int wait_ms, struct err *e) MUST_CHECK;
/* Whatever is wrong with something that the house sent is a forgery to us: sets that code, and returns -1. */
int talk_forged(struct err *e);

#endif
