/*
 * Text in other encodings than UTF-8: read as UTF-8, and written back in its own.
 *
 * Readers of text (CSV, JSON, plain text ...) see UTF-8 only; stager/scrub/encoded.c stands between them and the source, and
 * between them and the entry stream, whose entries name the encoding of their bytes. stager-check decodes by a table
 * of its own (stager/scrub/check_decode.c).
 */
#ifndef STAGER_ENCODING_H
#define STAGER_ENCODING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"
#include "stager/source.h"

struct entry_writer;

enum encoding {
	ENCODING_UTF8,
	ENCODING_WINDOWS_1252, /* and so ISO 8859-1: text has no C1 controls, and the rest is the same */
	ENCODING_UTF16LE,
	ENCODING_UTF16BE,
};
#define ENCODING_COUNT 4

/*
 * Which one it is, is decided once: UTF-16 by its byte order mark, or by zeros in every other of the first bytes; else by
 * the first byte past ASCII and what follows it, up to ENCODED_AHEAD bytes: UTF-8 where all of that is UTF-8,
 * Windows-1252 where it is not. Bytes that the encoding does not have, control characters that no text has, half surrogates,
 * UTF-8 in what began as Windows-1252, and ASCII in what began as UTF-16 (two code units running whose bytes are all
 * printable) become a byte that is no UTF-8, so that the reader holds what it stands in.
 * The byte order mark is not part of what is read.
 */
#define ENCODED_AHEAD 65536

struct encoded {
	struct source
	    source; /* use this one: UTF-8. Its size is that of the inner one, which counts other bytes */
	struct source *inner; /* borrowed */
	_Atomic(int)
	    encoding; /* an enum encoding; UTF-8 while all is ASCII. Written by who reads, read by who writes */
	bool marked; /* UTF-16 with a byte order mark */
	/* Bytes of UTF-8: read from it; of these, before it was decided; and taken by the reader, who may be ahead: UINT64_MAX, all. */
	uint64_t given, plain, taken;
	/* within */
	bool decided, begun, ended;
	uint8_t pending[4]; /* of a character for which there was no room */
	size_t pending_len;
	bool twofold;   /* the last code unit of UTF-16 could have been two characters of ASCII */
	uint8_t *ahead; /* owned: bytes of the inner source that are not decoded yet; [start, end) */
	size_t start, end;
	uint8_t *recoded; /* owned: one entry, encoded */
	size_t recoded_cap;
	const struct source *over; /* what the reader reads in its place; NULL: this one. encoded_over */
	const _Atomic(uint64_t) *over_plain;
};

/* -1 with ERR_SYSTEM without memory; to be freed also then. */
int encoded_init(struct encoded *c, struct source *inner, struct err *e) MUST_CHECK;
/* From now on what is put into w whole and as text is put in the encoding that c has found; until encoded_free. */
void encoded_writer(struct encoded *c, struct entry_writer *w);
/*
 * What is put from now on was made of the first `bytes` of what was read from `in`. For readers that read ahead of what they write: it leaves in the
 * encoding that so many bytes tell, however far ahead they are. Nothing where `in` is not the source of the writer's encoding.
 */
void encoded_taken(const struct entry_writer *w, const struct source *in, uint64_t bytes);
/*
 * A source that makes something else of what is read from `in` stands between it and the reader (over, NULL: no longer), and bytes that were
 * taken are counted there; *plain says how many of its own were made of ASCII alone: UINT64_MAX, all so far. Both are borrowed.
 */
void encoded_over(const struct entry_writer *w, const struct source *in, const struct source *over,
    const _Atomic(uint64_t) *plain);
/* Within these bytes, [from, to), what is put begins to leave in another encoding: to be asked after the last of them was read. */
bool encoded_turns(
    const struct entry_writer *w, const struct source *in, uint64_t from, uint64_t to) MUST_CHECK;
/* In which encoding text leaves through w by what has been read so far. */
enum encoding encoded_leaves(const struct entry_writer *w);
/* Wipes. w: the writer that was given, or NULL. */
void encoded_free(struct encoded *c, struct entry_writer *w);

/* Most bytes that len bytes of UTF-8 become in any of them, byte order mark included. */
#define ENCODED_MOST(len) (2 * (size_t)(len) + 2)
/*
 * Encode valid UTF-8; out has room for ENCODED_MOST(len) bytes. Returns how many were written; 0, of more than
 * nothing, where a character has no place in the encoding or the bytes are no UTF-8.
 */
size_t encoded_bytes(enum encoding to, bool mark, const uint8_t *text, size_t len, uint8_t *out);

#endif
