/* One sealed body on its way to a file: segments, their sums, the key's commitment and its wrapped header. */
#ifndef INGEST_SEALED_H
#define INGEST_SEALED_H

#include <stddef.h>
#include <stdint.h>

#include "stager/c4gh.h"
#include "stager/err.h"
#include "stager/header.h"

struct sealed;
struct shard_line;

/* Plaintext bytes that one body can hold. */
#define SEALED_PLAIN_MAX ((uint64_t)C4GH_SEGMENTS_MAX * C4GH_PLAIN_MAX)

/*
 * A new body under a data key of its own, which nobody else ever sees but wrapped for vault: header gets
 * that, by a fresh writer key. name: "shard-00000", "index"; body and sums are open for writing and become
 * the body's own, also where this fails. Caller frees.
 */
struct sealed *sealed_new(
    const char *name, int body, int sums, const uint8_t vault[static X25519_LEN], struct err *e) MUST_CHECK;
/* len more bytes of plaintext. ERR_LIMIT past SEALED_PLAIN_MAX. */
int sealed_write(struct sealed *s, const void *data, size_t len, struct err *e) MUST_CHECK;
/* Plaintext bytes so far. */
uint64_t sealed_len(const struct sealed *s);
/*
 * Seal the last segment, close both files and say what they hold: all of line but its members. There must
 * have been a byte. Nothing was synced: that is for the one who opened them.
 */
int sealed_finish(
    struct sealed *s, struct shard_line *line, uint8_t header[static HEADER_LEN], struct err *e) MUST_CHECK;
/* Wipes and closes; takes NULL. */
void sealed_free(struct sealed *s);

#endif
