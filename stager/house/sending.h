/* One run of stager send, between send.c (what is done when), send_plan.c (what there is to send, and whether it may go),
 * send_run.c (threads) and send_record.c (ledger, log, signature). */
#ifndef STAGER_HOUSE_SENDING_H
#define STAGER_HOUSE_SENDING_H

#include <pthread.h>

#include "stager/carrier.h"
#include "stager/send.h"
#include "version.h"

/* An object, by one name in the vault and at the endpoint. */
struct object {
	char name[ENDPOINT_NAME_MAX + 1]; /* "VERSION-ID/SET/shard-00000.body" */
	uint64_t size;
	bool body;                  /* looked at by its sums; else as a whole */
	uint8_t sha256[DIGEST_LEN]; /* of the whole; of a body: of its sums */
	bool known;                 /* the ledger has it as it was put, or read, before */
	struct endpoint_info was;   /* then: its tag */
	bool there;                 /* at the last look */
	struct endpoint_info is;    /* then */
	bool good;                  /* it is what it must be */
	bool fresh;                 /* and the ledger does not know it so */
};

struct sending {
	struct house *h;
	const struct send *ask;
	struct send_result *result;
	struct version *v;
	uint8_t manifest[DIGEST_LEN], table[DIGEST_LEN];
	struct object *objects; /* bodies and sums, then the table, then the manifest */
	size_t count;
	struct object **by_name; /* the same, sorted */
	struct carrier *carrier;
	bool listed;     /* the endpoint can list */
	int64_t place;   /* of the delivery; -1: there is none yet */
	bool delivered;  /* its state */
	bool ended_well; /* all is there: nothing of what senders left will be gone on with */

	pthread_mutex_t lock; /* of all below, of result, of the ledger and of the callbacks */
	pthread_cond_t ended;
	int (*step)(struct sending *s, struct object *o, struct err *e);
	size_t next, end; /* of objects */
	unsigned active;  /* threads */
	bool failed;
	struct err err;
	uint64_t done, total; /* bytes, for progress */
};

/*
 * One sender for a version and a URL at a time, or one who removes it. A byte of one lock file each, by its digest, so that
 * others are not in the way: a descriptor, with which it is let go, or -1. send.c
 */
int delivery_lock(struct house *h, const char *version_id, const char *url, struct err *e) MUST_CHECK;
/* stager-send for that place, in this house's name; options: but for sender and gateway. */
int delivery_carrier(struct house *h, const struct place *place, const char *url,
    const struct endpoint_options *options, struct carrier **out, struct err *e) MUST_CHECK;

/* The version, its manifest and table, proven; ERR_REFUSED where it may not go there. Fills objects. send_plan.c */
int sending_plan(struct sending *s, struct err *e) MUST_CHECK;
void sending_free(struct sending *s);
/* NULL where none of that name is part of it. */
struct object *sending_object(const struct sending *s, const char *name);

/* Step on objects from to end - 1, as many at once as there are streams. The first fault ends it. send_run.c */
int sending_run(struct sending *s, size_t from, size_t end,
    int (*step)(struct sending *s, struct object *o, struct err *e), struct err *e) MUST_CHECK;
/* What is there now: there and is of every object. */
int sending_look(struct sending *s, struct err *e) MUST_CHECK;
/* What killed senders left below the version's name, ended_well said: see carrier_clean. */
int sending_clean(struct sending *s, struct err *e) MUST_CHECK;
/* A step: whether what is there is good, by its tag, or by reading it. */
int sending_judge(struct sending *s, struct object *o, struct err *e) MUST_CHECK;
/* A step: put it where it is not good. */
int sending_put(struct sending *s, struct object *o, struct err *e) MUST_CHECK;
void sending_event(struct sending *s, const char *what, const struct object *o);

/* ERR_REMOTE while somebody sends this version to a place that the ledger knows of. send_record.c */
int sending_idle(struct house *h, const char *version_id, struct err *e) MUST_CHECK;
/* The delivery's row and what the ledger knows of its objects. send_record.c */
int sending_load(struct sending *s, struct err *e) MUST_CHECK;
/* The entry that must be in the log before the first byte. */
int sending_begin(struct sending *s, struct err *e) MUST_CHECK;
/* Under the lock. */
int sending_keep(struct sending *s, const struct object *o, struct err *e) MUST_CHECK;
/* All is there: the signed record, its entry, and the states that follow from it. */
int sending_finish(struct sending *s, struct err *e) MUST_CHECK;
/* The record that stands: into result. */
int sending_last_record(struct sending *s, struct err *e) MUST_CHECK;

#endif
