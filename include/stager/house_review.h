/*
 * A steward's look at a version before it is accepted: a sample drawn by a key of the sealed index, its members opened inside
 * the house, one at a time, onto the steward's screen; and what the steward said of each. stager/house/review*.c.
 *
 * The one who calls sees no plaintext and no key: stager-key gives a shard's data key to stager-open, which writes into
 * a pipe that stager-review reads, which writes to the screen. Each session stands in the log before a key leaves.
 */
#ifndef STAGER_HOUSE_REVIEW_H
#define STAGER_HOUSE_REVIEW_H

#include "stager/house.h"
#include "stager/release.h"
#include "stager/review.h"

#define REVIEW_EXTENSION_MAX 16
#define REVIEW_KIND_MAX 16

/* One of the sample. */
struct review_member {
	enum review_stratum stratum;
	int64_t rank;   /* its place in the stratum's sample, from 1 */
	int64_t number; /* its place in the set, from 1 */
	int64_t shard, offset, size;
	char extension[REVIEW_EXTENSION_MAX + 1];
	char verdict[8];                /* "ok", "found", or "" */
	char kind[REVIEW_KIND_MAX + 1]; /* of what was found, else "" */
};

struct house_review; /* a session */

/*
 * set         NULL: the version's only one, else ERR_USAGE
 * reviewer    a person who is a steward of the version's holder; else ERR_REFUSED
 * want        how many of each stratum; -1: as many as the policy says, or REVIEW_LETTERS_DEFAULT and REVIEW_SCANS_DEFAULT
 *
 * ERR_REFUSED where the version is in no state to be decided on.
 */
#define REVIEW_LETTERS_DEFAULT 50
#define REVIEW_SCANS_DEFAULT 20
int house_review_open(struct house *h, const char *version_id, const char *set, const char *reviewer,
    const int64_t want[static REVIEW_STRATA], struct house_review **out, struct err *e) MUST_CHECK;
/* The names of the version's sets that have shards, by name. Caller frees with free. NULL with e set, also where there is none. */
char (*house_review_sets(
    struct house *h, const char *version_id, size_t *count, struct err *e))[MANIFEST_NAME_MAX + 1];
/* Letters by rank, then scans. They live as long as the session. */
const struct review_member *house_review_members(const struct house_review *r, size_t *count);
/* Of the whole set; REVIEW_OTHERS: what is in no sample. */
int64_t house_review_population(const struct house_review *r, enum review_stratum stratum);
const char *house_review_set(const struct house_review *r);
/*
 * Open member i. columns: of the screen that out leads to; 0: lines stay as they are. *lines: how many it takes. Then any
 * of them go to out. ERR_FORGED where what is sealed is damaged: nothing of it is shown.
 */
int house_review_take(
    struct house_review *r, size_t i, int out, size_t columns, size_t *lines, struct err *e) MUST_CHECK;
int house_review_page(struct house_review *r, size_t from, size_t count, struct err *e) MUST_CHECK;
/* A verdict: "ok", or "found" with a kind of review_kinds. In the ledger when it returns. ERR_REFUSED where the version was
 * decided on meanwhile. */
extern const char *const review_kinds[]; /* NULL ends them */
int house_review_say(
    struct house_review *r, size_t i, const char *verdict, const char *kind, struct err *e) MUST_CHECK;
/*
 * Verdicts from a file, all or none: {"type": "stager.verdicts.1","version-id","set","verdicts": [{"member": number,"verdict": "ok" |
 * "found","kind" with "found"}]}. ERR_INPUT for a file of another form, or a member twice; ERR_REFUSED for another
 * version or set, and a member that is not in the sample. *count: how many.
 */
#define REVIEW_FILE_TYPE "stager.verdicts.1"
int house_review_take_file(
    struct house_review *r, const void *data, size_t len, size_t *count, struct err *e) MUST_CHECK;
/* What was said in it goes into the log. Frees r in any case. */
int house_review_close(struct house_review *r, struct err *e) MUST_CHECK;

/* What stands in the document that is signed (acceptance.h, "review"); *out NULL where nobody wants or gave any. Caller frees. */
int house_review_summary(
    struct house *h, const char *version_id, struct json **out, struct err *e) MUST_CHECK;
/*
 * The first `most` verdicts (-1: all) as they were given: {"type": "stager.review.1","house","version-id","verdicts": [{"set","stratum",
 * "rank","member","verdict","kind","person","at"}]}, canonical; appended to out. The summary's digest is of all. *count
 * (may be NULL): how many.
 */
int house_review_record(struct house *h, const char *version_id, int64_t most, struct buf *out,
    int64_t *count, struct err *e) MUST_CHECK;

#endif
