/* How a request is tried again, and how many are at work: what endpoint.c and put.c share. */
#ifndef STREAM_POLICY_H
#define STREAM_POLICY_H

#include "ops.h"

/* All zero before the first try. */
struct policy {
	unsigned tried;
	uint64_t done; /* bytes since tried was 0 */
};

/* After a failed try: true, once the pause is over, where there is to be another. */
bool policy_again(struct endpoint *p, const struct attempt *a, struct policy *y);

/* At most so many at once are between the two. */
void gate_enter(struct gate *g);
void gate_leave(struct gate *g);
/* Between them: memory for at least *len bytes, not zeroed, or NULL; *len: of how many, which the giving back wants. */
uint8_t *gate_buffer(struct gate *g, size_t *len);
void gate_buffer_back(struct gate *g, uint8_t *data, size_t len);

#endif
