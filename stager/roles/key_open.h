/*
 * Inside stager-key: what the purpose `open` keeps, and what it does on each message. key.c is the program
 * around it; tests/test_key.c calls the same functions.
 */
#ifndef ROLES_KEY_OPEN_H
#define ROLES_KEY_OPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/digest.h"
#include "stager/err.h"
#include "stager/keystore.h"
#include "stager/release.h"
#include "stager/secret.h"
#include "stager/wire.h"

struct json;

/* --- key_journal.c: what was released already, and how far the log and the register had come --- */

/*
 * A file of records, each of JOURNAL_RECORD_LEN bytes: u32 LE type | u32 LE slot | u32 LE restart | u32 0 |
 * u64 LE number | digest 32 | node 32 | MAC 32, where MAC = HMAC(MAC key, "stager journal v1" | 0x00 | the
 * MAC before | the 88 bytes).
 *
 * redemption   number: seconds since 1970; digest: the request's
 * checkpoint   number: the log's size; digest: its root
 * register     number: the count; digest: the MAC of the stewards' register
 *
 * Whoever passes the descriptor holds a lock (flock) on it: two judges never write one journal.
 */
#define JOURNAL_RECORD_LEN 120
#define JOURNAL_RECORDS_MAX 2000000

enum record_type { RECORD_REDEMPTION = 1, RECORD_CHECKPOINT = 2, RECORD_REGISTER = 3 };

struct record {
	enum record_type type;
	uint32_t slot, restart;
	uint64_t number;
	uint8_t digest[DIGEST_LEN];
	uint8_t node[X25519_LEN];
};

struct redemption {
	uint8_t request[DIGEST_LEN];
	uint8_t node[X25519_LEN];
	uint32_t slot, restart;
};

struct journal {
	int fd; /* borrowed; -1: this instance is no judge */
	const struct secret *mac_key;
	uint64_t end; /* of the records that are proven */
	uint8_t mac[DIGEST_LEN];
	bool torn; /* an append failed: nothing more is written */
	struct redemption *redemptions;
	size_t count, cap;
	uint64_t log_size; /* the last checkpoint seen; size 0 before the first */
	uint8_t log_root[DIGEST_LEN];
	uint64_t register_count;
	uint8_t register_mac[DIGEST_LEN];
};

/*
 * Read the journal: a record that a crash cut short (or left as zeros) is truncated away, an altered byte
 * anywhere before is ERR_FORGED.
 */
int journal_open(struct journal *j, int fd, const struct secret *mac_key, struct err *e) MUST_CHECK;
void journal_close(struct journal *j); /* frees what is inside; the descriptor stays open */
/* Append and fsync; only then the records count. */
int journal_append(struct journal *j, const struct record *records, size_t count, struct err *e) MUST_CHECK;
/*
 * May this node key have this slot of the request under this restart count? A higher count supersedes; the
 * same with the same node key is the same answer again (*again: no new redemption); else, and past max
 * redemptions, ERR_REFUSED.
 */
int journal_judge(const struct journal *j, const uint8_t request[static DIGEST_LEN], uint32_t slot,
    uint32_t restart, const uint8_t node[static X25519_LEN], uint32_t max, bool *again,
    struct err *e) MUST_CHECK;

/* --- key_register.c: the stewards --- */

#define REGISTER_STEWARDS_MAX 4096
#define REGISTER_LEN_MAX (4u << 20)

struct steward_register {
	uint64_t count; /* of changes: goes up by one with each */
	struct steward *stewards;
	size_t steward_count;
	uint8_t mac[DIGEST_LEN];
};

/* {"count","stewards":[{"holder","person","key"}]} as canonical JSON | HMAC(MAC key, "stager register v1" |
 * 0x00 | JSON), appended to out. */
int register_encode(
    struct steward_register *r, const struct secret *mac_key, struct buf *out, struct err *e) MUST_CHECK;
int register_decode(struct steward_register *r, const struct secret *mac_key, const void *data, size_t len,
    struct err *e) MUST_CHECK;
void register_free(struct steward_register *r);
/*
 * Admit the steward of a statement: signed by the new key itself, and, where the holder has two or more
 * already, by two different ones of them. ERR_REFUSED for a person or key that is there, or for signatures
 * that are missing; ERR_FORGED for a bad signature.
 */
int register_admit(struct steward_register *r, const struct buf *statement, struct dsse *const *envelopes,
    size_t envelope_count, struct err *e) MUST_CHECK;

/* --- key_open.c --- */

/* The blob of the purpose: vault X25519 secret 32 | KEK sealing key 32 | MAC key 32 | house card (JSON). */
#define KEY_OPEN_SECRETS 96

struct key_open {
	struct house_card card;
	uint32_t generation; /* of the blob: every KEK's must be the same */
	struct secret *vault, *kek_key, *mac_key;
	struct secret *kek; /* of one dataset at a time; NULL before the first */
	char dataset[MANIFEST_ID_LEN + 1];
	struct journal journal;
	bool has_register;
	struct steward_register stewards;
	int64_t now; /* seconds since 1970, for tests; 0: the clock's */
};

/* keys: what the blob held, which was of this generation. journal_fd: -1 where this instance is no judge. */
int key_open_start(struct key_open *k, const char *house, uint32_t generation, const struct secret *keys,
    int journal_fd, struct err *e) MUST_CHECK;
void key_open_free(struct key_open *k);
/* Answer one message: *reply_type 0 where it has no reply. Caller frees *reply. */
int key_open_message(struct key_open *k, enum wire_type type, const struct json *body,
    enum wire_type *reply_type, struct json **reply, struct err *e) MUST_CHECK;
/* HMAC(MAC key, label | 0x00 | parts); at most 4 parts. */
void key_mac(const struct secret *mac_key, const char *label, const struct digest_part *parts, size_t count,
    uint8_t out[static DIGEST_LEN]);
/* The challenge's MAC: nonce, expiry (u64 BE) and the request's digest. */
void key_challenge_mac(const struct key_open *k, const uint8_t nonce[static RELEASE_NONCE_LEN],
    int64_t expiry, const uint8_t request[static DIGEST_LEN], uint8_t out[static DIGEST_LEN]);
int64_t key_now(const struct key_open *k);

/* The data key of a message's "wrapped" and "commitment", of this shard. NULL with e set, as keystore_unwrap; caller frees. */
struct secret *key_unwrap(
    const struct key_open *k, const struct json *body, const char *shard, struct err *e) MUST_CHECK;

/* --- key_lend.c --- */

/* WIRE_KEY_LEND, into the pipe that came along. */
int key_lend(
    const struct key_open *k, const struct json *body, int fd, struct json **reply, struct err *e) MUST_CHECK;

/* --- key_release.c --- */

/* WIRE_RELEASE, the whole case: 0 with *reply (WIRE_RELEASED), or -1; ERR_FORGED for anything altered,
 * ERR_REFUSED for what the rules deny, ERR_INPUT for an ask of no good form. */
int key_release(struct key_open *k, const struct json *body, struct json **reply, struct err *e) MUST_CHECK;

/* --- key_init.c --- */

/* WIRE_KEY_INIT: fresh keys for every purpose, sealed under the root. */
int key_init(const struct secret *root, const char *house, struct json **reply, struct err *e) MUST_CHECK;

/* --- key_reseal.c --- */

struct key_reseal {
	uint32_t from, to;                /* generations */
	struct secret *kek_from, *kek_to; /* sealing keys of KEKs; of the purpose `open` alone */
};

/*
 * WIRE_KEY_RESEAL: the purpose's blob under new_root (NULL: the same) and the next generation. Of `open` also with a new
 * sealing key for KEKs, which are then resealed one by one. ERR_FORGED as keystore_open.
 */
int key_reseal(struct key_reseal *x, enum key_purpose purpose, const struct secret *root,
    const struct secret *new_root, const char *house, const struct json *body, struct json **reply,
    struct err *e) MUST_CHECK;
/* WIRE_KEK_RESEAL. ERR_FORGED also for a KEK of another generation. */
int key_reseal_kek(
    struct key_reseal *x, const struct json *body, struct json **reply, struct err *e) MUST_CHECK;
void key_reseal_free(struct key_reseal *x);

/* --- key_rewrap.c --- */

/* "VERSION-ID/SET/NAME" */
bool key_shard_path_ok(const char *path);
/* WIRE_KEY_REWRAP */
int key_rewrap(struct key_open *k, const struct json *body, struct json **reply, struct err *e) MUST_CHECK;

/* An envelope from an item of an array, in base64; NULL with e set. Caller frees with dsse_free. */
struct dsse *key_envelope(const struct json *item, const char *what, struct err *e) MUST_CHECK;

#endif
