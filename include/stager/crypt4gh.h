/*
 * Crypt4GH v1 (GA4GH) whole: headers of many packets, several data keys, edit lists, bodies of any writer. For
 * stager-crypt4gh and sealed uploads; what the house seals itself is the strict profile of header.h and c4gh.h.
 * crypto/packets.c, packets_write.c, cut.c, body.c, nonces.c.
 */
#ifndef STAGER_CRYPT4GH_H
#define STAGER_CRYPT4GH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/c4gh.h"
#include "stager/err.h"
#include "stager/header.h"

struct secret;

#define PACKETS_MAX 65536          /* in a header */
#define PACKET_MAX 65536           /* bytes of a packet, its length field among them */
#define PACKETS_LEN_MAX (1u << 24) /* bytes of a whole header: 65,536 recipients have 7 MB */
#define DATA_KEYS_MAX 256          /* different ones that one reader may be given */
#define EDITS_MAX 8182             /* lengths of an edit list: what a packet holds */

/* What a header says to one reader. */
struct packets {
	struct secret
	    *keys; /* data keys of C4GH_KEY_LEN bytes, one behind the other; NULL where there are none */
	size_t key_count;    /* different ones */
	size_t data_packets; /* packets that gave them */
	bool one_writer;     /* all packets that opened are by the same writer */
	bool edited;         /* there is an edit list */
	uint64_t *edits;   /* owned; discard, keep, discard, keep, ...; an odd count keeps all that is left */
	size_t edit_count; /* 1 to EDITS_MAX where there is one */
	struct buf others; /* packets that did not open, as they stood */
	size_t other_count;
	bool not_ours; /* packets_open failed because no packet opened that has a data key */
};

/*
 * A whole header from fd, and not one byte behind it, appended to raw (whose limit should be PACKETS_LEN_MAX).
 * ERR_FORGED where it is no header, is cut short or is past a limit above.
 */
int packets_read(int fd, struct buf *raw, struct err *e) MUST_CHECK;
/*
 * Open what reader_secret opens. writer: where it is not NULL, packets by other writers count as not opened.
 * ERR_FORGED where no packet gives a data key; a packet has an unknown type or a wrong length; methods are
 * mixed or unknown; there are two edit lists, or one by another writer than a data key's.
 * On success packets_free; on failure nothing is held, but not_ours may be true.
 */
int packets_open(const uint8_t *raw, size_t len, const struct secret *reader_secret, const uint8_t *writer,
    struct packets *p, struct err *e) MUST_CHECK;
void packets_free(struct packets *p);
/*
 * Write a header for each of count recipients (X25519_LEN bytes each, one behind the other): p's keys and its
 * edit list; then p's other packets as they are. One curve operation a recipient. Appended to out.
 */
int packets_write(const struct packets *p, const struct secret *writer_secret, const uint8_t *recipients,
    size_t count, struct buf *out, struct err *e) MUST_CHECK;

/*
 * Which bytes of a body's plaintext go out: the edit list first, then a range of what it leaves. Fed in order.
 */
struct cut {
	const uint64_t *edits; /* not owned */
	size_t edit_count, edit_at;
	uint64_t edit_left; /* of edits[edit_at] */
	uint64_t skip;      /* of what the list keeps, before the range begins */
	uint64_t left;      /* of the range; UINT64_MAX: to the end */
};
/* edits NULL: no list. start, len: the range; len UINT64_MAX: to the end. */
void cut_init(struct cut *c, const uint64_t *edits, size_t edit_count, uint64_t start, uint64_t len);
/* Would any of the next len bytes go out? */
bool cut_wants(const struct cut *c, size_t len);
/* Nothing that follows goes out. */
bool cut_done(const struct cut *c);
/*
 * Take from the next len bytes: returns how many of them are settled, and in *keep whether they go out. Call it
 * until all len are. 0 only where len is 0.
 */
size_t cut_take(struct cut *c, size_t len, bool *keep);

/* The order of a body's segments: whether its writer's nonces prove it, and then that it is kept. */
enum body_order { BODY_UNKNOWN, BODY_STREAM, BODY_FOREIGN };
struct body {
	enum body_order order; /* known from the first segment on */
	bool strict;           /* one data packet by one writer: what the profile demands */
	bool edited;           /* an edit list may leave segments out before the first and after the last */
	bool ended;            /* the segment with the last flag was there */
	uint64_t next;         /* index of the next segment */
};
/* Where one segment stands; what body_keys_open needs. */
struct place {
	enum body_order order;
	uint64_t index;
	bool last;
};
/* first: index of the first segment that will be placed. */
void body_init(struct body *b, const struct packets *p, uint64_t first);
/*
 * Place the next segment, of len bytes, by its nonce. end: nothing follows it. ERR_FORGED where its length is
 * none of a segment, or where any segment's nonce has the profile's form and this one's says otherwise than its
 * place. In order of the body, by one thread.
 */
int body_place(struct body *b, const uint8_t *segment, size_t len, bool end, struct place *place,
    struct err *e) MUST_CHECK;
/*
 * The body ended where c may still want bytes. ERR_FORGED where its writer did not end it there, and where there
 * was no segment but c wants some: an empty body proves nothing.
 */
int body_end(const struct body *b, const struct cut *c, struct err *e) MUST_CHECK;

/* A body's data keys, set up; each thread has its own. */
struct body_keys;
struct body_keys *body_keys_new(const struct packets *p, struct err *e) MUST_CHECK;
void body_keys_free(struct body_keys *k);
/* Open a segment that was placed; the key that opened the last one is tried first. out receives len - 28 bytes.
 * ERR_FORGED: out holds nothing. */
int body_keys_open(struct body_keys *k, const struct place *place, const uint8_t *segment, size_t len,
    uint8_t *out, struct err *e) MUST_CHECK;

/*
 * Nonces that must not repeat under one key: a writer that repeats them shows its plaintext and lets others
 * forge. Memory is bounded: nothing while they count up as the profile's do, at most 48 bytes for each of
 * C4GH_SEGMENTS_MAX others.
 */
struct nonces;
struct nonces *nonces_new(struct err *e) MUST_CHECK;
void nonces_free(struct nonces *n);
/* ERR_INPUT where it came before (the text says which segment), ERR_LIMIT past the bound. */
int nonces_add(struct nonces *n, const uint8_t nonce[static C4GH_NONCE_LEN], struct err *e) MUST_CHECK;

#endif
