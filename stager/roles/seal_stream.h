/* stager-seal's second way of working: bodies out of streams. stager/roles/seal_stream.c. */
#ifndef ROLES_SEAL_STREAM_H
#define ROLES_SEAL_STREAM_H

#include <stdint.h>

#include "stager/err.h"
#include "stager/header.h"

struct json;
struct shard_line;

/* SEAL_STREAM after SEAL_STREAM, until the supervisor is through. */
int seal_streams(struct err *e) MUST_CHECK;
/* What SHARD_DONE says of a body, into j. seal.c */
void shard_line_json(const struct shard_line *line, const uint8_t header[static HEADER_LEN], struct json *j);

#endif
