/* What the index says of the members of shards that are filled side by side: shard by shard, in the order of their numbers. */
#ifndef INGEST_INDEX_QUEUE_H
#define INGEST_INDEX_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "stager/err.h"

struct entry;
struct index_queue;
struct sealed;

struct index_line {
	const struct entry *entry;
	uint64_t sample; /* its number */
	uint64_t offset; /* of the member's bytes in the shard's plaintext */
};

/* Lines of the first shard that is not finished go straight into the index; those of later ones wait in memory. Caller frees. */
struct index_queue *index_queue_new(uint64_t waiting_max, struct err *e) MUST_CHECK;
void index_queue_free(struct index_queue *q);
/* Before the first shard: its number, where that is not 0. */
int index_queue_from(struct index_queue *q, uint64_t first, struct err *e) MUST_CHECK;
/* A shard begins: number is one more than that of the one before. */
int index_queue_open(struct index_queue *q, uint64_t number, struct err *e) MUST_CHECK;
/* One more member of an open shard. */
int index_queue_add(struct index_queue *q, uint64_t number, const struct index_line *line,
    struct sealed *index, struct err *e) MUST_CHECK;
/* It gets no more. */
int index_queue_finish(
    struct index_queue *q, uint64_t number, struct sealed *index, struct err *e) MUST_CHECK;
/* So much waits that the first open shard must be finished. */
bool index_queue_full(const struct index_queue *q);

#endif
