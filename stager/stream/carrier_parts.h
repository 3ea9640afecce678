/* Between carrier.c (asking stager-send) and carrier_start.c (starting and ending it). */
#ifndef STREAM_CARRIER_PARTS_H
#define STREAM_CARRIER_PARTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "stager/carrier.h"
#include "stager/spawn.h"

/* A socket, and memory that stager-send puts ranges into. One request at a time; whoever has taken it is alone with it. */
struct channel {
	int fd;
	uint8_t *window;
	struct channel *next; /* of those that are free */
};

struct carrier {
	struct child child;
	int control;
	unsigned streams;
	uint64_t part;
	size_t window; /* bytes of each */
	struct channel *channels;
	atomic_uint stopped;  /* how often it was told to */
	unsigned message_s;   /* may the rest of a message take that has begun */
	unsigned stop_ms;     /* may it take then to give up what is under way */
	pthread_mutex_t lock; /* of what follows, and of child */
	pthread_cond_t freed;
	struct channel *free;
	bool dead;
	struct err death; /* of it */
};

#endif
