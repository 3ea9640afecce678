/*
 * Control messages between the supervisor and its children, over a socket pair: u32 LE length of what follows
 * | u16 LE type | payload; up to three descriptors travel with the first byte. Every message there is stands in
 * the table below; payloads are canonical JSON unless said otherwise. A message with another type than
 * expected ends the conversation (ERR_INPUT).
 */
#ifndef STAGER_WIRE_H
#define STAGER_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"

struct json;

/* The control socket is descriptor 3 in every child. */
#define WIRE_FD 3
#define WIRE_FDS_MAX 3

/* clang-format off */
enum wire_type {
	/* type                    direction        payload, descriptors, reply */
	WIRE_POLICY = 1,        /* > scrub          the resolved policy */
	WIRE_FILE = 2,          /* > scrub          {"name","number","size"} + the open file */
	WIRE_ARCHIVE = 3,       /* > scrub          {"name","number","size"} + the open archive; "name" is a folder before its
	                                             members' names, or "" */
	WIRE_END = 4,           /* > scrub, check, seal  no more; reply DONE. To seal: {"entries"} to expect */
	WIRE_DONE = 5,          /* < any            scrub, check: {"report","entries","bytes","files"}, scrub of records that disclosure
	                                             control counts also "records","sum": hex 16 (records.h), check also
	                                             "sets": [{"entries","bytes"}], of each set what went on; seal: {"entries","bytes"};
	                                             open: {"ordered"}: 1 where the order of segments is proven;
	                                             scrub suggest: {"draft": base64 of a policy} */
	WIRE_SEAL = 6,          /* > seal           {"ahead" (bytes that may be read of units before their turn),"set" (which entries are sealed here: those of another are refused),"lanes" (shards
	                                             open at once: more than 1 and the key of their order is on descriptor
	                                             4),"size" (shard target, bytes),"shards","samples" (that there are before
	                                             the first),"vault" (hex public key)} */
	WIRE_SHARD_OPEN = 7,    /* < seal           {"name": "shard-00000" ... or "index"}; reply SHARD_FILES */
	WIRE_SHARD_FILES = 8,   /* > seal           {} + body and sums, open for writing */
	WIRE_SHARD_DONE = 9,    /* < seal           a line of the shard table (manifest.h) and "header": hex, 124 bytes for the
	                                             vault key; reply OK {} */
	WIRE_KEY_INIT = 10,     /* > key init       {"house"}; reply KEY_BLOBS */
	WIRE_KEY_BLOBS = 11,    /* < key            {"open","ingest","sign","pseudonym","log","register": base64 blobs,
	                                             "card": base64 of the house card} */
	WIRE_KEY_LOAD = 12,     /* > key            {"house","blob": base64}; first message to every purpose; no reply */
	WIRE_KEY_SUBKEY = 13,   /* > key pseudonym  {"holder","project","domain","generation"} + a pipe that gets the 32
	                                             bytes; reply OK {} */
	WIRE_KEY_SIGN = 14,     /* > key sign       {"type","payload": base64}; reply KEY_SIGNED */
	WIRE_KEY_SIGNED = 15,   /* < key            {"envelope": base64} */
	WIRE_KEK_NEW = 16,      /* > key open       {"dataset"}; makes a KEK and loads it; reply KEK_BLOB */
	WIRE_KEK_BLOB = 17,     /* < key            {"blob": base64} */
	WIRE_KEK_LOAD = 18,     /* > key open       {"dataset","blob": base64}; no reply */
	WIRE_KEY_INTAKE = 19,   /* > key open       {"shard": "VERSION-ID/SET/shard-00000","commitment","header"}; reply
	                                             KEY_WRAPPED */
	WIRE_KEY_WRAPPED = 20,  /* < key            {"wrapped": hex} */
	WIRE_CHALLENGE = 21,    /* > key open       {"request": hex}; reply CHALLENGE_IS */
	WIRE_CHALLENGE_IS = 22, /* < key            {"nonce","expiry","mac","size"}; size: entries in the last checkpoint of the
	                                             journal, from which RELEASE's consistency proof must lead on; 0 also
	                                             where there is no journal */
	WIRE_RELEASE = 23,      /* > key open       {"manifest","request","approvals": [..],"ask" (the line),"table": base64
	                                             each,"salt": hex,"index","proof": [hex],"note": base64,"consistency":
	                                             [hex],"wrapped": base64, 72 bytes a shard asked for}; reply RELEASED */
	WIRE_RELEASED = 24,     /* < key            {"writer": hex,"headers": base64} */
	WIRE_STEWARD = 25,      /* > key open       {"statement": base64,"envelopes": [base64]}; reply OK {"register": base64} */
	WIRE_OK = 26,           /* < any            done; payload as the request says */
	WIRE_LOG_OPEN = 27,     /* > log            {"house","blob": base64}; reply LOG_HEAD */
	WIRE_LOG_APPEND = 28,   /* > log            {"entries": [hex]}; reply LOG_HEAD */
	WIRE_LOG_HEAD = 29,     /* < log            {"first","note": base64} */
	WIRE_REGISTER = 30,     /* > key open       {"register": base64, the stewards}; after KEY_LOAD, before anything that
	                                             needs stewards; no reply */
	WIRE_SOURCE = 31,       /* > scrub policy   {"yaml": base64}; reply WANTED */
	WIRE_KEY_PROVE = 32,    /* > key open       {"shard","commitment","wrapped": hex}: it opens to what was committed to; reply OK {} */
	WIRE_KEY_UNSEAL = 33,   /* > key ingest     {"header": base64, of a sealed source} + a pipe that gets what it says to the
	                                             house (upload.h); reply OK {} */
	WIRE_UNSEAL = 34,       /* > open           {"body": bytes} + the open file behind its header, the pipe of KEY_UNSEAL, and a
	                                             pipe that gets the plaintext; reply UNSEALED, and when all is written DONE */
	WIRE_UNSEALED = 35,     /* < open           {"size": bytes of plaintext that will come} */
	WIRE_PIPED_FILE = 36,   /* > scrub          as FILE, with a pipe that gives the file's bytes; read to its end */
	WIRE_PIPED_ARCHIVE = 37, /* > scrub         as ARCHIVE, the same */
	WIRE_KEY_RESEAL = 40,   /* > key, not init  {"house","blob": base64,"generation"}; in place of KEY_LOAD; the new root secret
	                                             is on descriptor 6, or the same; reply KEY_RESEALED */
	WIRE_KEY_RESEALED = 41, /* < key            {"blob": base64} */
	WIRE_KEK_RESEAL = 42,   /* > key open       {"dataset","blob": base64}; after KEY_RESEAL; reply KEY_RESEALED */
	WIRE_ROOT_OPEN = 43,    /* > key root       {"house" (shares say it themselves),"check": hex, where it is known}, for a
	                                             passphrase also {"salt": hex,"passes","memory"}; reply OK {"house","check"} */
	WIRE_ROOT_GIVE = 44,    /* > key root       {} + a pipe or file that gets the 32 bytes; reply OK {} */
	WIRE_ROOT_SHARE = 45,   /* > key root       {} + a share's file, to be read; before ROOT_OPEN; reply OK {"house","share"} */
	WIRE_ROOT_SPLIT = 46,   /* > key root       {"threshold","shares","share"} + a file that gets that share; in order; reply
	                                             OK {} */
	WIRE_EXCLUDE = 47,      /* > scrub gather   {"salt": hex 32} + an exclusion list; after POLICY, before any file; reply OK
	                                             {"commitment": hex,"keys"} */
	WIRE_CONTEXT = 48,      /* > scrub unit     {"context": hex, SHA-256 of the one on its descriptor 6,"verify": boolean};
	                                             after a POLICY with `subject`, or `disclosure` of records; no reply */
	WIRE_GATHERED = 49,     /* < scrub gather   {"context": hex,"subjects","report","rows","rows-changed","rows-missing" (rows.h)}, of records
	                                             "records","sum", too (DONE): reply to END */
	WIRE_CARRY = 50,        /* > send           {"url","streams","max-rate","part","plain-http","foreign","reads","tries"}, "ca" and "gateway" where there is one
	                                             (carrier.h); reply CARRIED {"streams","part"} */
	WIRE_CHANNEL = 51,      /* > send           {"window": bytes} + one more socket and its window, a memfd; after the last CARRIED {}: it
	                                             is confined. What follows goes over these channels, one at a time on each */
	WIRE_GET = 52,          /* > send           {"name","offset","len"}; reply CARRIED {}: the bytes stand in the window */
	WIRE_HEAD = 53,         /* > send           {"name"}; reply CARRIED {"there"}, and where it is "size","tag" */
	WIRE_PUT = 54,          /* > send           {"name","size"} + the file; "sha256" of it, or "sums", the SHA-256 of its sums + the
	                                             sums; any number of SENT; reply CARRIED {"size","tag"} */
	WIRE_SENT = 55,         /* < send           {"bytes"}: so many more went out; no reply */
	WIRE_LIST = 56,         /* > send           {"prefix"}; any number of LISTED; reply CARRIED {} */
	WIRE_LISTED = 57,       /* < send           {"objects": [{"name","size","tag"}]}; reply OK {"more": whether to go on} */
	WIRE_REMOVE = 58,       /* > send           {"name"}; reply CARRIED {} */
	WIRE_CLEAN = 59,        /* > send           {"prefix", "all"}; reply CARRIED {"count"} */
	WIRE_STOP = 60,         /* > send           without payload, over the control socket: all that is under way ends with FAULT */
	WIRE_CARRIED = 61,      /* < send           done; payload as the request says */
	WIRE_FAULT = 62,        /* < send           {"code": exit status,"text"}: in place of CARRIED */
	WIRE_TURN = 63,         /* > scrub unit     {"memory"} + a pipe that ends when all units before are through; before any source. Until
	                                             then it begins no file that takes more memory than that, or that gains nothing by being early
	                                             (scrub_turn.c); no reply */
	WIRE_METER = 64,        /* > scrub unit, gather  {} + two descriptors whose positions it sets: to the bytes of sources that it has
	                                             read, and to the number of the file that it is at; before any source; no reply */
	WIRE_WAY_OPEN = 70,     /* > courier        {}; reply WAY_IS. What was open before is closed */
	WIRE_WAY_IS = 71,       /* < courier        {"status": 0} + to write to the house and to read from it; or {"status","text"} */
	WIRE_RECEIPT_SEND = 72, /* > courier        {"envelope": base64}; reply OK {"sent","kept": booleans,"text"} */
	WIRE_RECEIPTS_SEND = 73, /* > courier       {}: those in the folder; no reply */
	WIRE_CANARY = 80,       /* > scrub unit     {"rule": its place, from 1,"name": its end says how it is compressed,"size","known": of its subject} + an open file with planted
	                                             values; before any source. It is read as that rule says, counts nowhere, and is ENTRY_FILE_CANARY */
	WIRE_CANARIES = 81,     /* > check          {"values": [{"kind","value"}]}: of each unit's canaries; no reply */
	WIRE_WANTED = 82,       /* < scrub policy   {"files": [names]} that stand beside the policy; reply BESIDE */
	WIRE_BESIDE = 83,       /* > scrub policy   {"files": [base64]}, in that order; reply POLICY with the resolved policy */
	WIRE_ENTRIES = 84,      /* > seal           {} + a pipe with the entries of one unit: units are sealed in the order in which they
	                                             come here; before END; no reply */
	WIRE_ENTRIES_READ = 85, /* < seal           {}: the entries of one unit more are at their end; no reply */
	WIRE_SEALED = 91,       /* > open           {"body","offset","len": bytes,"sums": base64 of the sums of the segments that these bytes
	                                             of plaintext lie in,"sample": boolean} + the body, the pipe of KEY_LEND, and a pipe
	                                             that gets the bytes (before them, where sample is true, the 32 bytes that a review's
	                                             sample is drawn by); when all is written DONE {} */
	WIRE_REVIEW_DRAW = 92,  /* > review draw    {"bytes": of the index,"shards","letters","scans": how many are wanted}; the index, the 32 bytes
	                                             before it, are on descriptor 4; reply REVIEW_DRAWN */
	WIRE_REVIEW_DRAWN = 93, /* < review draw    {"others": n,"letters","scans": {"population": n,"members": [[member, shard, offset,
	                                             size, extension]]}} */
	WIRE_REVIEW_TAKE = 94,  /* > review show    {"extension","size": of the member,"columns": of the screen, 0: lines are not broken} + a pipe that
	                                             gives its first bytes; reply OK {"lines"} */
	WIRE_REVIEW_PAGE = 95,  /* > review show    {"from","count": lines}: they go to descriptor 4; reply OK {} */
	WIRE_KEY_LEND = 100,    /* > key open       {"shard","commitment","wrapped": hex} + a pipe that gets the data key (upload.h), for
	                                             what is opened inside the house; whoever asks has logged it; reply OK {} */
	WIRE_KEY_REWRAP = 101,  /* > key open       {"from","to": "VERSION-ID/SET/shard-00000","commitment","wrapped": hex}: the same
	                                             key for the same body in another version; reply KEY_WRAPPED */
	WIRE_SEAL_STREAM = 102, /* > seal stream    {"name","vault"} + a pipe with the plaintext, body and sums; then END {"bytes","members"};
	                                             reply SHARD_DONE, or OK {} where there was no byte */
	WIRE_SUBJECTS = 103,    /* < scrub withdraw {"keys","commitment": hex,"lines": [numbers],"marks": base64, 16 bytes each,
	                                             "spellings","others": [types of references that are nobody]}: reply to EXCLUDE, in the
	                                             order of the pseudonyms, which are in its descriptor 4, with other spellings' behind */
	WIRE_WITHDRAWN = 104,   /* > scrub gather, unit context  {"marks"} + a file with so many marks, and a pipe with the key that they are made by; after
	                                             the exclusion lists; of a unit after CONTEXT; no reply */
	WIRE_SIFT_LIST = 105,   /* > sift           {"keys","spellings","others"} + their pseudonyms and spellings (sift.h); first; no
	                                             reply */
	WIRE_SIFT_INDEX = 106,  /* > sift           {"plain","shards","wide"} + a pipe with an index; reply SIFTED {"shards": for each
	                                             [members, listed, 1 where it is to be looked through],"samples"} */
	WIRE_SIFT_BEGIN = 107,  /* > sift           {"plain"} + a pipe with an index, and one for the new index; no reply */
	WIRE_SIFT_KEEP = 108,   /* > sift           {"shard","as"}: its lines stay; reply SIFTED {"members"} */
	WIRE_SIFT_SHARD = 109,  /* > sift           {"shard","as","plain","members","wide"} + a pipe with its plaintext, and one for what is left
	                                             of it, or none: then it is only looked through; reply SIFTED
	                                             {"bytes","members","content","dropped","records"} */
	WIRE_SIFT_END = 110,    /* > sift           {}: the index is at its end; reply SIFTED {"bytes","members"} of the new one */
	WIRE_SIFT_UNMET = 111,  /* > sift           {}; reply SIFTED {"places": [of those in the list that were not met]} */
	WIRE_SIFTED = 112,      /* < sift           as the question says */
	WIRE_SIFT_NEXT = 115,   /* > sift           {"plain"} + a pipe with an index that goes on behind the one of SIFT_BEGIN, whose
	                                             lines must all have passed; no reply */
	WIRE_ROWS = 116,        /* > scrub gather   {"rows"} + a file with so many rows of the table that the version has which is appended to
	                                             (rows.h), a pipe with their key, an empty file for those of this table; before any file; no reply */
	WIRE_CONTENT = 113,     /* > open digest    {"kind","name" (pushed.h),"size"} + a file; reply OK {"mac": hex, of all its bytes,
	                                             "name": hex, of kind and name} */
	WIRE_ORIGIN = 114,      /* > open digest    {"row": hex of 32 bytes (origin.c)}; reply OK {"mac": hex} */
};
/* clang-format on */

#define WIRE_PAYLOAD_MAX (64u << 20)
#define WIRE_SHORT_MAX 4096   /* SHARD_OPEN, SHARD_DONE, ENTRIES_READ, UNSEALED, SENT, CARRIED, FAULT */
#define WIRE_LISTED_MAX 65536 /* LISTED */
#define WIRE_DONE_MAX \
	(2u << 20) /* DONE, GATHERED: a report with every key and file number that there may be */

struct wire_message {
	enum wire_type type;
	struct buf payload;
	int fds[WIRE_FDS_MAX]; /* owned; -1 where there is none */
};

void wire_message_init(struct wire_message *m);
/* Frees the payload and closes what descriptors are left in it. */
void wire_message_free(struct wire_message *m);

/* Send; fds stay the caller's. A dead peer is ERR_SYSTEM ("... went away"). json may be NULL: an empty
 * payload. */
int wire_send(int fd, enum wire_type type, struct json *json, const int *fds, size_t fd_count,
    struct err *e) MUST_CHECK;
/* Receive any one message: 1, 0 where the peer closed before its first byte, -1 with e set. */
int wire_receive(int fd, struct wire_message *m, struct err *e) MUST_CHECK;
/*
 * One message received, its payload parsed, answered, and the reply sent. answer sets *type and *reply, which is freed
 * here, where something is to be said. 1; 0 where the other side is done; -1 with e set.
 */
typedef int wire_answerer(void *ctx, const struct wire_message *m, const struct json *body,
    enum wire_type *type, struct json **reply, struct err *e);
int wire_serve(int fd, wire_answerer *answer, void *ctx, struct err *e) MUST_CHECK;
/* Receive one of exactly this type with a JSON payload, which the caller frees; its descriptors go to fds (as
 * many as fd_count). */
struct json *wire_expect(int fd, enum wire_type type, int *fds, size_t fd_count, struct err *e) MUST_CHECK;
/* A socket pair, close-on-exec. */
int wire_pair(int pair[2], struct err *e) MUST_CHECK;

#endif
