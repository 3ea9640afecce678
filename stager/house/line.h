/* Lines between the house and one node. stager/house/line.c. */
#ifndef STAGER_HOUSE_LINE_H
#define STAGER_HOUSE_LINE_H

#include "stager/buf.h"
#include "stager/err.h"

struct json;

struct line {
	int in, out;
	struct buf read; /* what was read and not taken yet */
	size_t taken;
};

void line_init(struct line *l, int in, int out);
void line_free(struct line *l);
/* The node's next line, without its newline, appended to out; past out's limit is ERR_LIMIT. 1, 0 where it hung up
 * before the first byte, -1; ERR_REMOTE where it says nothing for 60 seconds, or hangs up in the middle. */
int line_next(struct line *l, struct buf *out, struct err *e) MUST_CHECK;
/* The same, where one must come: 0, -1. */
int line_read(struct line *l, struct buf *out, struct err *e) MUST_CHECK;
int line_write(struct line *l, struct json *j, struct err *e) MUST_CHECK;

#endif
