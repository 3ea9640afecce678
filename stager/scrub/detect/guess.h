/*
 * A guess at what the rules left open: who or what a run of words in capitals is, by a linear model over the words in and
 * around it. guess.c finds the runs and acts on the guess, guess_look.c says what the model looks at, guess_weights.c
 * is the model, made by tests/bench/guess_train.c, which has both from here. DESIGN.md, "Guesses".
 */
#ifndef SCRUB_GUESS_H
#define SCRUB_GUESS_H

#include "name.h"

enum guess_label { GUESS_NONE, GUESS_PERSON, GUESS_PLACE, GUESS_HOUSE, GUESS_LABELS };

#define GUESS_BITS 15
#define GUESS_SLOTS (1 << GUESS_BITS)
#define GUESS_LOOKS_MAX 120
#define GUESS_TOKENS_MAX 7 /* of a run */
#define GUESS_SCALE 16     /* a weight of 1.0 */

/* By slot, what speaks for a person, a place, an institution, one behind the other; for none of them: 0. */
#define GUESS_KINDS (GUESS_LABELS - 1)
extern const int8_t guess_weights[GUESS_SLOTS * GUESS_KINDS];
/* The digest of the slots of a text that tests and training know: other code than the model was made with, another digest. */
extern const uint32_t guess_made_with;

/* A run of words, and what the rules say of it. */
struct guess_run {
	long first, last;       /* tokens, both in it */
	const struct find *had; /* the longest find in it; NULL: none */
	bool placed;            /* its last word is a place */
};

/* What the model looks at: slots, the same one more than once perhaps. */
struct guess_looks {
	size_t count;
	uint16_t slot[GUESS_LOOKS_MAX];
};
void guess_look(const struct work *w, const struct guess_run *run, struct guess_looks *looks);

/* For training: is told of each run before anything is done about it. Not in the product. */
struct guess_tap {
	void (*take)(void *arg, const struct work *w, const struct guess_run *run);
	void *arg;
};

#endif
