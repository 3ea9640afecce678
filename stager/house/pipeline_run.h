/* The state of a running push, between pipeline.c (its units in order), pipeline_unit.c (one of them: scrub and check) and
 * pipeline_seal.c (seal and the keys). */
#ifndef STAGER_HOUSE_PIPELINE_RUN_H
#define STAGER_HOUSE_PIPELINE_RUN_H

#include "children.h"
#include "pipeline.h"
#include "stager/records.h"
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
	int nowhere; /* in a dry run, what every check writes to */
	uint64_t total_entries;
	uint64_t opened; /* shards begun: the next one's number */
	size_t streams;  /* units whose entries it was given and has not read to their end */
	struct writing shards[SHARD_LANES], index; /* as many as are open at once */
	bool indexed;                              /* the index is sealed, after which nothing comes */
	bool ended;                                /* it was told that there is no more */
	bool done;
};

struct plan_file;

/* Units that have been begun and not been added up, at most: those in the making, and as many that wait for one before them. */
#define PIPELINE_UNITS_MAX (2 * HOUSE_JOBS_MAX)

/* One unit: its files, and the programs that are at them. Or the first pass. */
struct unit {
	struct helper scrub, check, open; /* open: from its first sealed file on */
	size_t first, next,
	    end;        /* files of the plan: its first, to be given out, the first that is not its own */
	bool end_sent;  /* scrub has all */
	bool unsealing; /* open is at a file: nothing else is given out before it says that it was good */
	int file;       /* given to scrub last; -1 */
	int meter
	    [2]; /* positions that scrub sets: bytes that it has read, the number of the file that it is at; -1 */
	int turn; /* closed when all units before it are through, which scrub waits for where it must; -1: they are */
	size_t source;                   /* its number among the sources */
	struct json *scrubbed, *checked; /* what they said in the end; NULL before that */
	uint64_t unproven, proven;       /* sealed files, by whether the order of their segments is proven */
	bool failed;                     /* of this, which is told when it is the first of all: */
	struct err err;
};

/* Whether anything moves. */
#define WATCHED_MAX (3 + MANIFEST_SETS_MAX)
struct watch {
	uint64_t sum;                 /* of all that moves, when it was looked at */
	int64_t looked_ms, since_ms;  /* since when it has been the same; 0: it was never looked at */
	int64_t used_ms[WATCHED_MAX]; /* of processor, by each program then */
};

/* What runs, and where it is. */
struct run {
	struct pipeline *p;
	struct helper key_open, key_pseudonym,
	    key_ingest;                         /* of the push; the last from its first sealed file on */
	struct sealing sets[MANIFEST_SETS_MAX]; /* as the pipeline's */
	struct unit gathering;                  /* the first pass */
	struct unit units[PIPELINE_UNITS_MAX];  /* begun and not added up, in the order of their files */
	size_t unit_count;
	struct watch watch;
	size_t next;      /* first file of the plan that is in no unit yet */
	bool stopped;     /* one failed: no more is begun */
	uint64_t number;  /* of the next file that is added up, as reports count */
	uint64_t read;    /* bytes of files that are behind us */
	uint64_t planted; /* canaries given to scrub, of all units */
	int context;      /* of the first pass, sealed; -1: the policy wants none */
	int marks;        /* of who was withdrawn before, sealed; -1: of nobody, or nobody asked yet */
	char context_digest[DIGEST_HEX_LEN + 1];
	struct record_sum counted,
	    scrubbed; /* in the first pass, and by all units: where records are units of disclosure control */
};

/* Nothing runs yet. stager/house/pipeline_unit.c. */
void unit_init(struct unit *u);
/* What is left is killed and closed. */
void unit_free(struct unit *u);
/* A new scrub and a new check for the files from r->next on, joined by a pipe; r->next goes on. *u is the caller's to free in any case. */
int unit_start(struct run *r, struct unit *u, struct err *e) MUST_CHECK;
/* Give scrub its next file, or the end. Called when its control socket has room. */
int unit_feed(struct run *r, struct unit *u, struct err *e) MUST_CHECK;
/* scrub, or check, has something to say: that it is done. */
int unit_scrubbed(struct unit *u, struct err *e) MUST_CHECK;
int unit_checked(struct unit *u, struct err *e) MUST_CHECK;
/* All before it are through. */
void unit_turn(struct unit *u);
/* It is done with, and all before it are: its counts into those of the push. */
int unit_add(struct run *r, struct unit *u, struct err *e) MUST_CHECK;

/*
 * A file of the plan, open at its front as fd, is opened for the house: *plain, the caller's, gives *size bytes of plaintext. From
 * then on u->unsealing, until pipeline_unsealed. stager/house/pipeline_open.c.
 */
int pipeline_unseal(struct run *r, struct unit *u, const struct plan_file *f, int fd, int *plain,
    uint64_t *size, struct err *e) MUST_CHECK;
/* open has something to say: that file was good, all of it. */
int pipeline_unsealed(struct unit *u, struct err *e) MUST_CHECK;

/* stager/house/pipeline_watch.c. Before any source is sent to its scrub: u->meter, and its ends there. */
int pipeline_meter(struct unit *u, struct err *e) MUST_CHECK;
/* ERR_SYSTEM with the program and the file where neither this unit's programs nor a seal have moved anything for as long as they may. Called often. */
int pipeline_watch(struct run *r, struct unit *u, struct err *e) MUST_CHECK;
/* Until this is to be had of fd; the same failure. */
int pipeline_wait(struct run *r, struct unit *u, int fd, short events, struct err *e) MUST_CHECK;

/* The first pass, where the policy has a subject table, or counts records: r->context, and of the former r->p->gathered. stager/house/pipeline_gather.c. */
int pipeline_gather(struct run *r, struct err *e) MUST_CHECK;
/* Tell a scrub who was withdrawn before; nothing where nobody was. */
int pipeline_withdrawn(struct run *r, struct helper *scrub, struct err *e) MUST_CHECK;
/*
 * stager/house/pipeline_records.c. The `match` of the rule whose records the policy's disclosure control counts; NULL where it counts none.
 */
const char *pipeline_records_from(const struct json *policy);
/* What a GATHERED or DONE says of them, added to sum. */
int pipeline_records_take(const struct json *j, struct record_sum *sum, struct err *e) MUST_CHECK;
/* All units are over. */
int pipeline_records_same(const struct run *r, struct err *e) MUST_CHECK;
/* Have the pseudonym subkey written into a pipe that only one new scrub will read: *reader, the caller's. */
int pipeline_subkey(struct run *r, int *reader, struct err *e) MUST_CHECK;
/* The same of the key by which samples are shuffled: that of a domain that no policy can name. */
int pipeline_order_key(struct run *r, int *reader, struct err *e) MUST_CHECK;

/* Canaries for the unit that begins: into scrub, and what they are to check. stager/house/pipeline_canary.c. */
int pipeline_plant(struct run *r, struct unit *u, struct err *e) MUST_CHECK;
/* All units are over: what was planted came through to check, or the version waits for a steward. */
int pipeline_planted(struct run *r, struct err *e) MUST_CHECK;

/* A pipe, close-on-exec, with much room. stager/house/pipeline.c. */
int pipeline_pipe(int fds[2], struct err *e) MUST_CHECK;

/*
 * How much memory a push may come to, all its programs together, and what of it may wait. stager/house/pipeline_memory.c.
 * The bytes that each stager-seal may have of units before their turn.
 */
uint64_t pipeline_waiting_max(const struct pipeline *p);
/* The bytes that a file may take in a unit whose turn has not come. */
uint64_t pipeline_file_max(const struct pipeline *p);

/* Nothing is open yet. */
void pipeline_seal_init(struct run *r);
/* A seal for each set; in a dry run what passed is counted and gone. stager/house/pipeline_seal.c. */
int pipeline_seal_start(struct run *r, struct err *e) MUST_CHECK;
/*
 * Where a unit's members of this set go: a pipe whose other end the seal has, behind those of the units before. *writer, the
 * caller's.
 */
int pipeline_seal_unit(struct run *r, size_t set, int *writer, struct err *e) MUST_CHECK;
/* No seal has as many units before it as may wait there. */
bool pipeline_seal_room(const struct run *r) MUST_CHECK;
/* Whatever the seal of this set says next: it wants files for a shard, a shard is whole, a unit was read, or all is done. */
int pipeline_serve_seal(struct run *r, size_t set, struct err *e) MUST_CHECK;
/* All units are over: each seal is told how many entries it must have. */
int pipeline_seal_end(struct run *r, struct err *e) MUST_CHECK;
/* Closes and kills what is left. */
void pipeline_seal_free(struct run *r);

#endif
