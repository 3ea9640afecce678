/* What is known of the subjects of one record, and a value's search for it. check_facts.c; the second scan only. */
#ifndef SCRUB_CHECK_FACTS_H
#define SCRUB_CHECK_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/context.h"
#include "stager/err.h"
#include "stager/scrub.h"

#define FACTS_NAMES 64
#define FACTS_PHRASES 16
#define FACTS_TOKENS 8 /* of a phrase */
#define FACTS_NUMBERS 24
#define FACTS_NUMBER 40  /* bytes of a number */
#define FACTS_SUBJECTS 8 /* of one record */

struct fact_name {
	uint64_t hash, like; /* check_facts.c: as it is spelled, and with figures in place of letters */
	bool place;          /* of an address: counts in free text alone */
	bool seen;           /* in this record */
};

/* Of the subjects that the record in hand is about. */
struct facts {
	struct fact_name names[FACTS_NAMES];
	size_t name_count;
	uint64_t mask, mask_like; /* a bit for each of those of each name */
	struct {
		uint64_t tokens[FACTS_TOKENS];
		size_t count, at;
	} phrases[FACTS_PHRASES];
	size_t phrase_count;
	struct {
		uint8_t text[FACTS_NUMBER];
		size_t len;
	} numbers[FACTS_NUMBERS];
	size_t number_count;
	char subjects[FACTS_SUBJECTS][PSEUDONYM_LEN];
	size_t subject_count;
	size_t names_seen;
};

/* Anew: only who the whole member is about (a pseudonym, or anything else for nobody). */
void facts_begin(struct facts *f, const struct context *context, const char *subject);
/* A value that has the form of a pseudonym says whom its record is about. */
void facts_subject(struct facts *f, const struct context *context, const uint8_t *s, size_t len);
/* One value of the record, UTF-8: is there anything in it, or in those before it, that is known? */
bool facts_in(struct facts *f, const uint8_t *s, size_t len, bool free_text);

#endif
