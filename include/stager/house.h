/*
 * The house: one installation below one folder, and what it does. Every front (command line, later the service) calls this.
 *
 * HOUSE/house.json   the public card (release.h), which nodes pin
 * HOUSE/keys/        N/: generation N of the key store; the journal, the register
 * HOUSE/ledger.db    the ledger
 * HOUSE/log/         the tiles and the checkpoint
 * HOUSE/vault/       VERSION-ID/manifest.json, and a folder a set: shard-00000.body, .sums, ..., shards.jsonl
 * HOUSE/staging/     what is being made; emptied after a crash
 * HOUSE/root.key     the root secret (root-N.key: made for generation N), unless init was told of another place
 * HOUSE/send.lock    one byte of it a delivery: whoever sends holds that
 * HOUSE/keys.lock    shared by all who work with the house; alone for whoever makes a generation
 *
 * Nothing here parses a dataset or holds a key: that is what the programs it starts are for.
 */
#ifndef STAGER_HOUSE_H
#define STAGER_HOUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"
#include "stager/release.h"

struct json;
struct ledger;
struct root;

/* Where one command has the root secret from, before anything that the house knows itself. */
struct root_from {
	int fd;                 /* has the 32 bytes; -1: none */
	int passphrase_fd;      /* has a line with the passphrase; -1: the terminal is asked */
	const char *credential; /* path of a file with the 32 bytes; NULL: none */
};
#define ROOT_FROM_NONE ((struct root_from){.fd = -1, .passphrase_fd = -1})

enum root_kind { ROOT_FILE, ROOT_PASSPHRASE, ROOT_GIVEN };
/* A new root secret. */
struct root_choice {
	enum root_kind kind;
	const char *file; /* ROOT_FILE: 32 bytes that stand elsewhere; NULL: made in the house's folder */
	struct root_from from;
};

struct house {
	int folder; /* descriptor of HOUSE */
	char *path; /* of HOUSE, absolute */
	struct house_card card;
	struct ledger *ledger;
	char origin[NOTE_NAME_MAX + 1]; /* of the log: "stager/NAME" */
	int keys_lock;                  /* held shared as long as the house is open */
	uint32_t generation;            /* of the key store */
	unsigned
	    patience; /* seconds that stager-key and stager-log may take to answer, or to end; 0: for ever */
	struct json *root_setting; /* what the ledger knows of the root secret */
	struct root_from root_from;
	struct root *root; /* started when it is first wanted */
};

/* Make a house in a folder that does not exist or is empty. */
int house_init(const char *path, const char *name, const struct root_choice *root, bool allow_swap,
    struct err *e) MUST_CHECK;
/* Open one; from: where this command has the root secret from (NULL: where the house knows). Reads the card, the ledger, finishes log entries that a crash cut, compares the log with the
 * remembered checkpoint. */
struct house *house_open(const char *path, const struct root_from *from, struct err *e) MUST_CHECK;
void house_close(struct house *h);

/* --- people: house/people.c --- */
int house_add_holder(struct house *h, const char *holder, struct err *e) MUST_CHECK;
/* envelopes: the newcomer's own (stager-sign steward), and from the third steward on two more of that
 * holder's. */
int house_add_steward(struct house *h, const struct buf *envelopes, size_t count, struct steward *added,
    struct err *e) MUST_CHECK;

/* --- pushing: house/push.c and what it uses --- */
#define HOUSE_JOBS_MAX 8
#define HOUSE_STALL 600 /* seconds */
#define HOUSE_STALL_MAX 1000000
struct push {
	const char *const *sources; /* paths of folders, files and archives */
	size_t source_count;
	const char *holder; /* NULL: the only one there is */
	const char *name;
	const char *policy;          /* path of the YAML */
	const char *const *excludes; /* "NAME=FILE": the exclusion lists that the policy wants */
	size_t exclude_count;
	const char *meta; /* path of canonical or plain JSON:
			       {"licence","purposes","legal-basis","retention"}; NULL: none */
	bool append;      /* add what is new in the sources to the dataset's latest version */
	unsigned
	    jobs; /* units scrubbed at once, 1 to HOUSE_JOBS_MAX; 0: as many as processors and memory allow. What comes of it is the same */
	unsigned
	    stall; /* seconds that a program may move nothing, or three times as much processor time, before the push ends; 0: for ever */
	bool dry;  /* scrub and check alone: nothing is sealed, kept or entered; the result is its document */
	/* Called now and then with what was read and written so far; may be NULL. total 0: not known. */
	void (*progress)(void *ctx, uint64_t bytes, uint64_t total);
	/* Called once before it waits for another push of the same dataset; may be NULL. */
	void (*waits)(void *ctx);
	void *ctx;
};
struct push_result {
	char version_id[MANIFEST_ID_LEN + 1];
	char state
	    [16]; /* "LOGGED", "HELD", or what an identical earlier push has come to; dry: "SEALED" or "HELD" */
	bool existed;                      /* nothing new: unchanged source and policy */
	char base_id[MANIFEST_ID_LEN + 1]; /* of an append: the version that was added to; else "" */
	/*
	 * Of a dry run alone, owned by the caller: {"type": "stager.dry-run.1","house","holder","dataset","policy": hex,"report",
	 * "sets": {SET: {"members","bytes","hold","open"}},"state": "sealed" | "held": what a push would come to,"held-for": why (version_held_for),"accept","disclosure": as the policy says,"members","bytes"}. version_id is empty.
	 */
	struct json *document;
};
/* 0; also for HELD, which result->state says. */
int house_push(struct house *h, const struct push *p, struct push_result *result, struct err *e) MUST_CHECK;
/*
 * Draft a policy for these sources (suggest.h), appended to draft: text without control characters. No house is wanted, so
 * sealed sources are refused (ERR_REFUSED). house/suggest.c.
 */
int house_suggest(const char *const *sources, size_t count, struct buf *draft, struct err *e) MUST_CHECK;
/*
 * The files of these sources by the numbers that a push of them gives them in reports and errors, in order: {"number", "path"} each, appended to
 * the array files. An archive's members are counted one by one; the bytes of other files are not read. ERR_REFUSED for a sealed archive.
 */
int house_files(const char *const *sources, size_t count, struct json *files, struct err *e) MUST_CHECK;
/* Read a policy and give it resolved, as canonical JSON text. */
int house_policy(const char *path, struct buf *resolved, struct err *e) MUST_CHECK;
/* The same of a version: the policy that it was made under. ERR_USAGE where there is no such version. */
int house_version_policy(
    struct house *h, const char *version_id, struct buf *resolved, struct err *e) MUST_CHECK;

/* --- deciding: house/accept.c --- */
/* The document that a steward signs (acceptance.h), appended to out; state: the version's in the ledger, which the document does not say. */
#define HOUSE_STATE_MAX 16
int house_acceptance(struct house *h, const char *version_id, struct buf *out,
    char state[static HOUSE_STATE_MAX], struct err *e) MUST_CHECK;
int house_accept(struct house *h, const void *envelope, size_t len,
    char version_id[static MANIFEST_ID_LEN + 1], struct err *e) MUST_CHECK;
int house_reject(struct house *h, const char *version_id, struct err *e) MUST_CHECK;

/* --- requests: house/request.c --- */
int house_request(struct house *h, struct request *r, struct buf *out,
    struct err *e) MUST_CHECK; /* fills manifest, holder, salt */
/* The envelope's request is found by its payload. *approved: now by two stewards. */
int house_approve(struct house *h, const void *envelope, size_t len,
    char request_id[static MANIFEST_ID_LEN + 1], bool *approved, struct err *e) MUST_CHECK;
int house_cancel(struct house *h, const char *request_id, struct err *e) MUST_CHECK;

/* --- the root secret and the key store: house/rotate.c, house/erase.c --- */
/*
 * Everything in the key store under a new root secret, as generation + 1: the old one is in force, or the new one. NULL:
 * of the kind there is. ERR_REMOTE while others work with the house.
 */
int house_rotate(struct house *h, const struct root_choice *choice, struct err *e) MUST_CHECK;
/* The root secret in `count` shares, of which `threshold` give it back: share-1.txt, ... in a folder, made if missing. */
int house_split(
    struct house *h, unsigned threshold, unsigned count, const char *folder, struct err *e) MUST_CHECK;
/*
 * The root secret from shares, of the house that they name (into house): into a new file of mode 0600, or (file NULL)
 * into a pipe whose other end is *fd.
 */
int house_join(const char *const *shares, size_t count, const char *file, int *fd,
    char house[static MANIFEST_NAME_MAX + 1], struct err *e) MUST_CHECK;
/*
 * Erase a dataset: the wrapped keys and the bodies of all its versions, its KEK, and every blob that the KEK could come
 * back from, by a new generation. Runs again from wherever it was cut. *count: versions that are ERASED now.
 */
int house_erase(
    struct house *h, const char *holder, const char *dataset, size_t *count, struct err *e) MUST_CHECK;

/* --- releasing: house/release.c --- */
/* One node's conversation, on two descriptors, to its end. What goes wrong is also told to the node: *told, where it could be. */
int house_release(struct house *h, int in, int out, bool *told, struct err *e) MUST_CHECK;

/* --- proving: house/verify.c --- */
struct verify_result {
	uint64_t entries, versions, shards, bytes; /* of the log; checked; checked; of bodies read */
};
/* Everything, or (version_id not NULL) one version and the log. ERR_FORGED names the first thing that is
 * wrong. */
int house_verify(struct house *h, const char *version_id,
    void (*progress)(void *ctx, uint64_t bytes, uint64_t total), void *ctx, struct verify_result *result,
    struct err *e) MUST_CHECK;

/* --- recording: house/record.c --- */
/*
 * What follows from an entry in the ledger: run in the transaction that gives the opening its place, so that
 * the log never has an entry about something whose effect is missing, but for a crash (below). run may be
 * NULL.
 */
struct effect {
	int (*run)(struct house *h, void *ctx, uint64_t index, struct err *e);
	void *ctx;
};
#define EFFECT_NONE ((struct effect){.run = NULL})
/*
 * No entry, no effect: append {type, json} to the log, opening first, and return only when it is durable and
 * its effect stands. json gets "at" added where it has none. about: the version or request it is about. index
 * may be NULL. The opening's salt is kept in the ledger. After a crash between entry and effect the entry
 * stands in the log with an opening that is about nothing: whoever wanted it runs again and it is recorded
 * anew.
 */
int house_record(struct house *h, const char *type, struct json *json, const char *about,
    struct effect effect, uint64_t *index, struct err *e) MUST_CHECK;

#endif
