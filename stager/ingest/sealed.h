/* One sealed body on its way to a file: segments, their sums, the key's commitment and its wrapped header. */
#ifndef INGEST_SEALED_H
#define INGEST_SEALED_H

#include <stddef.h>
#include <stdint.h>

#include "stager/c4gh.h"
#include "stager/err.h"
#include "stager/header.h"

struct sealer;
struct sealed;
struct shard_line;

/* Plaintext bytes that one body can hold. */
#define SEALED_PLAIN_MAX ((uint64_t)C4GH_SEGMENTS_MAX * C4GH_PLAIN_MAX)

/* The threads that seal, for any number of bodies one after the other, and up to so many side by side. Caller frees. */
struct sealer *sealer_new(unsigned workers, unsigned bodies, struct err *e) MUST_CHECK;
/* Stops, whatever is under way: before the bodies are freed. Takes NULL. */
void sealer_free(struct sealer *sealer);

/*
 * A new body under a data key of its own, which nobody else ever sees but wrapped for vault: header gets
 * that, by a fresh writer key. name: "shard-00000", "index"; body and sums are open for writing and become
 * the body's own, also where this fails. Caller frees, after the sealer where not finished.
 */
struct sealed *sealed_new(struct sealer *sealer, const char *name, int body, int sums,
    const uint8_t vault[static X25519_LEN], struct err *e) MUST_CHECK;
/* len more bytes of plaintext. ERR_LIMIT past SEALED_PLAIN_MAX. */
int sealed_write(struct sealed *s, const void *data, size_t len, struct err *e) MUST_CHECK;
/*
 * The same without a copy: room (1 to C4GH_PLAIN_MAX bytes) for the next bytes, at least one of which must then
 * come; sealed_filled says how many there are. NULL with e set as sealed_write. A fault of a thread is told by
 * whichever call comes next.
 */
uint8_t *sealed_space(struct sealed *s, size_t *room, struct err *e) MUST_CHECK;
void sealed_filled(struct sealed *s, size_t len);
/* Plaintext bytes so far. */
uint64_t sealed_len(const struct sealed *s);
/*
 * Seal the last segment, wait for all of them, close both files and say what they hold: all of line but its members.
 * There must have been a byte. Nothing was synced: that is for the one who opened them.
 */
int sealed_finish(
    struct sealed *s, struct shard_line *line, uint8_t header[static HEADER_LEN], struct err *e) MUST_CHECK;
/* Closes; takes NULL. */
void sealed_free(struct sealed *s);

#endif
