/* What the files of stager-scrub share: scrub.c starts it, scrub_policy.c reads policies, scrub_sources.c takes files and archives. */
#ifndef ROLES_SCRUB_UNIT_H
#define ROLES_SCRUB_UNIT_H

#include "stager/entry.h"
#include "stager/gather.h"
#include "stager/ring.h"
#include "stager/scrub.h"
#include "stager/source.h"

struct suggest;
struct wire_message;
struct withdrawn;

#define ENTRIES_FD 4 /* of a unit; where a gather writes the context, and "names" what files are called */
#define REST_LEN 65536

enum mode { MODE_POLICY, MODE_SUGGEST, MODE_NAMES, MODE_GATHER, MODE_WITHDRAW, MODE_UNIT, MODE_UNIT_CONTEXT };

/* One unit of a push: files and archives in their order, until the supervisor says that there are no more. Or the first
 * pass, which meets files in the same way. */
struct unit {
	enum mode mode;
	struct gather gather;
	struct scrub scrub;
	struct context *context;
	/* The first of each is this thread's; the others are for the threads that large files are given to. */
	struct policy *policies[1 + RING_PROCESSORS_MAX];
	struct pseudonym_key *keys[1 + RING_PROCESSORS_MAX];
	struct withdrawn
	    *withdrawn[1 + RING_PROCESSORS_MAX]; /* as these; the others have their marks of the first */
	struct scrub_thread threads[RING_PROCESSORS_MAX];
	unsigned thread_count;
	struct entry_writer out;
	uint8_t held[ENTRY_HELD_LEN]; /* small members on their way out */
	uint8_t rest[REST_LEN];       /* of a pipe, read and forgotten */
	uint64_t number;              /* of the last file, from 1 */
	int meter[2];  /* whose positions say how many bytes were read, and of which file; -1: nobody asks */
	uint64_t read; /* bytes of sources */
	int turn;      /* a pipe that ends when this unit's turn comes; -1: it has */
	uint64_t before_memory; /* bytes that a file may take before */
	uint64_t before_plain;  /* that were passed as they are before, or nearly */
	uint64_t files;
	struct suggest *suggest;
	struct records *records; /* where records are units of disclosure control; scrub's */
};

/* "policy": one policy from YAML, and what stands beside it, to its resolved form. */
int scrub_policy_serve(struct err *e) MUST_CHECK;
/* METER: how far it is, is shown there. */
int scrub_meter_take(struct unit *u, struct wire_message *m, struct err *e) MUST_CHECK;
/* A source that is another, and shows there what is read of it; it lives no longer than s and in. */
struct metered {
	struct source source; /* use this one */
	struct source *inner;
	struct unit *unit;
};
struct source *scrub_metered(struct metered *s, struct source *in, struct unit *u);
/* TURN: units before this one are not through. Whoever takes it asks about every file from then on. */
int scrub_turn_take(struct unit *u, struct wire_message *m, struct err *e) MUST_CHECK;
/* A file that comes to this is begun: waits for the turn where it should. */
int scrub_turn_begin(void *unit, const struct scrub_need *need, struct err *e) MUST_CHECK;
/* Messages until END, and what is said then. */
int scrub_sources_serve(struct unit *u, struct err *e) MUST_CHECK;

#endif
