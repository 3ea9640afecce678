/* The state of a running chain, between pipeline.c (scrub and check) and pipeline_seal.c (seal and the keys). */
#ifndef STAGER_HOUSE_PIPELINE_RUN_H
#define STAGER_HOUSE_PIPELINE_RUN_H

#include "children.h"
#include "pipeline.h"
#include "stager/shard.h"

/* A shard's two files while it is written. */
struct writing {
	bool open;
	uint64_t number;
	int body, sums;
};

/* Sealing one set. */
struct sealing {
	struct helper seal;
	int entries; /* our end of the pipe into seal: every check gets it; closed when all units are done */
	uint64_t total_entries;
	uint64_t opened;                           /* shards begun: the next one's number */
	struct writing shards[SHARD_LANES], index; /* as many as are open at once */
	bool indexed;                              /* the index is sealed, after which nothing comes */
	bool done;
};

struct plan_file;

/* What runs, and where it is. scrub: of the first pass, and then of each unit. */
struct run {
	struct pipeline *p;
	struct helper scrub, check, key_open, key_pseudonym;
	struct sealing sets[MANIFEST_SETS_MAX]; /* as the pipeline's */
	struct helper open, key_ingest; /* of a unit, and of the push, from their first sealed file on */
	size_t next;                    /* file of the plan to be given out */
	size_t unit_end;                /* first file that is not this unit's */
	uint64_t number; /* of the next file, as reports count; unit_number: of the unit's first */
	uint64_t unit_number;
	bool scrub_done, check_done, end_sent;
	bool unsealing; /* open is at a file: nothing else is given out before it says that it was good */
	uint64_t scrub_entries; /* of this unit */
	uint64_t read;
	uint64_t planted; /* canaries given to scrub, of all units */
	bool gathering;   /* the first pass is under way, at this file, from 1 */
	size_t gather_file;
	int context; /* of it, sealed; -1: the policy wants none */
	char context_digest[DIGEST_HEX_LEN + 1];
	int file; /* given to scrub last; -1 */
};

/*
 * A file of the plan, open at its front as fd, is opened for the house: *plain, the caller's, gives *size bytes of plaintext. From
 * then on r->unsealing, until pipeline_unsealed. stager/house/pipeline_open.c.
 */
int pipeline_unseal(
    struct run *r, const struct plan_file *f, int fd, int *plain, uint64_t *size, struct err *e) MUST_CHECK;
/* open has something to say: that file was good, all of it. */
int pipeline_unsealed(struct run *r, struct err *e) MUST_CHECK;

/* The first pass, where the policy has a subject table: r->context, and r->p->gathered. stager/house/pipeline_gather.c. */
int pipeline_gather(struct run *r, struct err *e) MUST_CHECK;
/* Have the pseudonym subkey written into a pipe that only one new scrub will read: *reader, the caller's. */
int pipeline_subkey(struct run *r, int *reader, struct err *e) MUST_CHECK;
/* The same of the key by which samples are shuffled: that of a domain that no policy can name. */
int pipeline_order_key(struct run *r, int *reader, struct err *e) MUST_CHECK;

/* Canaries for the unit that begins: into scrub, and what they are to check. stager/house/pipeline_canary.c. */
int pipeline_plant(struct run *r, struct err *e) MUST_CHECK;
/* All units are over: what was planted came through to check, or the version waits for a steward. */
int pipeline_planted(struct run *r, struct err *e) MUST_CHECK;

/* A pipe, close-on-exec, with much room. stager/house/pipeline.c. */
int pipeline_pipe(int fds[2], struct err *e) MUST_CHECK;

/* Nothing is open yet. */
void pipeline_seal_init(struct run *r);
/* A seal for each set; in a dry run what passed is counted and gone. stager/house/pipeline_seal.c. */
int pipeline_seal_start(struct run *r, struct err *e) MUST_CHECK;
/* Whatever the seal of this set says next: it wants files for a shard, a shard is whole, or all is done. */
int pipeline_serve_seal(struct run *r, size_t set, struct err *e) MUST_CHECK;
/* All units are over: each seal is told how many entries it must have. */
int pipeline_seal_end(struct run *r, struct err *e) MUST_CHECK;
/* Closes and kills what is left. */
void pipeline_seal_free(struct run *r);

#endif
