/* Who was withdrawn from a dataset, and what its versions had to do with that, as the log has it. stager/house/withdraw_log.c. */
#ifndef STAGER_HOUSE_WITHDRAW_LOG_H
#define STAGER_HOUSE_WITHDRAW_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/house.h"

struct version;
struct withdraw_event;

struct withdraw_log {
	struct buf marks; /* of all lists of the dataset, in the order of their entries */
	struct buf form;  /* of the keys that they are made of; empty where there is none */
	bool one_form;    /* of all of them alike */
	struct withdraw_event *events;
	size_t count;
};

void withdraw_log_init(struct withdraw_log *w);
void withdraw_log_free(struct withdraw_log *w);
/*
 * What the log has of the dataset dataset_id (NULL: of all; then without marks): each entry is proven, and each row of a withdrawal is what its
 * entry says, none besides. ERR_FORGED else; also where another dataset of its holder and name had people withdrawn. holder, dataset: NULL: not
 * asked.
 */
int withdraw_log_read(struct house *h, const char *dataset_id, const char *holder, const char *dataset,
    struct withdraw_log *w, struct err *e) MUST_CHECK;
/*
 * ERR_FORGED where an entry's row is missing: somebody took it, or a crash cut stager withdraw there, and the same list was not given
 * again since. Who that is, nobody knows then: nothing is pushed.
 */
int withdraw_log_whole(const struct withdraw_log *w, struct err *e) MUST_CHECK;
/*
 * How many of the marks were left out when version id was made, or taken out of what it was made of, by its entry "gather" and the
 * entries "withdraw" that lead to it.
 */
uint64_t withdraw_log_left_out(const struct withdraw_log *w, const char *id);
/* Whether version id has an entry of what its first pass came to. */
bool withdraw_log_gathered(const struct withdraw_log *w, const char *id);
/* ERR_FORGED where the log says that version id was withdrawn, rejected or erased. */
int withdraw_log_living(const struct withdraw_log *w, const char *id, struct err *e) MUST_CHECK;

#endif
