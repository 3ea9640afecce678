/* Who a record is about: keys in their one form, and what the context knows of a subject. stager/scrub only. */
#ifndef SCRUB_SUBJECT_H
#define SCRUB_SUBJECT_H

#include <stddef.h>
#include <string.h>

#include "stager/buf.h"
#include "stager/context.h"
#include "stager/err.h"
#include "stager/policy.h"
#include "stager/scrub.h"

#define SUBJECT_KEY_MAX 64 /* bytes of a key in its one form */

/* The subject of the record or file in hand. */
struct subject {
	char pseudonym[PSEUDONYM_LEN + 1];
	const uint8_t *body; /* of the context, which it lives as long as; NULL: unknown */
	size_t body_len;
};

/*
 * The body of a subject in the context:
 *
 * i32 LE days that its dates are moved by | u8 count of attributes | u8 steps that ages in its texts are widened by |
 * for each attribute u8 length | bytes, or u8 255: not known |
 * known values, each u8 enum known_kind | u8 length, not 0 | bytes | zeros, perhaps
 */
#define SUBJECT_HEAD_LEN 6   /* before the attributes */
#define SUBJECT_AGE_AT 5     /* of those steps, and of SUBJECT_CARRIED */
#define SUBJECT_CARRIED 0x80 /* the version that is appended to has the row of the subject table */
#define KNOWN_VALUE_MAX 200  /* bytes of one value; a subject with a longer one is BROKEN */

enum known_kind {
	KNOWN_PERSON,  /* names: each word of them, and near-spellings */
	KNOWN_NUMBER,  /* figures and letters, however they are spaced */
	KNOWN_ADDRESS, /* streets with their number, postcodes, places */
	KNOWN_KINDS,
};

#define ATTRIBUTE_VALUE_MAX 64
#define ATTRIBUTE_UNKNOWN 255

/* By how many days its dates move; false where there is nobody. */
bool subject_shift(const struct subject *s, long *days);
/* One of the policy's attributes; false where it is not known. */
bool subject_attribute(const struct subject *s, size_t attribute, struct view *out);
/* So many steps wider are ages in texts about it told, of those that the attribute has. */
unsigned subject_age_step(const struct subject *s, const struct attribute *age);
/* The next known value from *at (0 at first) on; false after the last. */
bool subject_known(const struct subject *s, size_t *at, enum known_kind *kind, struct view *out);
/* The subject table's row stands in the version already, which this push adds to. */
bool subject_carried(const struct subject *s);
/* There is none. */
bool subject_known_none(const struct subject *s);
/*
 * By how many days the dates of a key move: whole steps, never none, at most the policy's most, earlier or later. The same
 * for the same key and pseudonym key.
 */
long subject_shift_of(const struct policy *policy, struct pseudonym_key *key, const char *text, size_t len);

/*
 * attribute.c: what is said instead of the values `from` and `at` (of an age whose day is in a column). The length of out, or -1
 * where they do not say it.
 */
int attribute_make(const struct policy *policy, const struct attribute *a, struct view from, struct view at,
    char out[static ATTRIBUTE_VALUE_MAX]);
/* Of the bands of an age, so many steps wider: "18-29", "90+". */
int attribute_band(
    const struct attribute *a, unsigned step, unsigned years, char out[static ATTRIBUTE_VALUE_MAX]);
/*
 * What is said at a step (from 1) instead of what is said at the step before it: the length of out. Nothing stays nothing. -1 where the value
 * is none of that step.
 */
int attribute_wider(const struct attribute *a, unsigned step, const void *value, size_t len,
    char out[static ATTRIBUTE_VALUE_MAX]);
/* Bytes by which a value may become longer than it is, at whatever step. */
size_t attribute_room(const struct attribute *a, const void *value, size_t len);

/*
 * A key in its one form: without spaces around it, filled up with zeros in front. False where it does not fit the
 * policy's pattern.
 */
bool subject_key(const struct subject_rules *rules, const char *value, size_t len,
    char out[static SUBJECT_KEY_MAX], size_t *out_len);

enum subject_verdict {
	SUBJECT_TAKEN, /* s->subject is it */
	SUBJECT_DROPPED, /* excluded, or unmatched where the policy drops those: counted, nothing of it may leave */
	SUBJECT_HELD, /* *reason says why */
};
/*
 * Whom a record or file with this key is about. The policy has subject rules. *dropped: the report's word under
 * "subjects" for one that is dropped.
 */
enum subject_verdict subject_find(
    const struct scrub *s, const char *value, size_t len, const char **dropped, const char **reason);

/*
 * Whether a value that becomes a pseudonym is the key, however it is spelled, of somebody of whom nothing may leave: who is excluded, or was
 * withdrawn before; whether the subject table has them or not, and whoever the record is about.
 *
 * made   the pseudonym of the value as it is spelled
 */
bool subject_excluded(
    const struct scrub *s, const char *value, size_t len, const char made[static PSEUDONYM_LEN]);
/* The reason for 0 of whatever met one, and whether a reason is that: the record or file is dropped then, and not held. */
#define SUBJECT_NAMED "excluded"
static inline bool
subject_drops(const char *reason)
{
	return reason != NULL && strcmp(reason, SUBJECT_NAMED) == 0;
}

/* The same as subject_find for a whole file: 1, which the caller counts, or 0 where it is held or dropped, which is counted. */
int subject_of_file(const struct scrub *s, const char *value, size_t len, uint64_t file);
/* Of a file: counted as dropped or as held, as its reason is. */
void subject_not_passed(const struct scrub *s, const char *reason, uint64_t file);
/* Under what the members of the file in hand stand: a pseudonym, or "x". */
const char *subject_of(const struct scrub *s);

#endif
