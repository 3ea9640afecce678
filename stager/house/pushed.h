/* What a version has of its sources: a mark of each file and list that was pushed, and of each row of its subject table, so that an
 * append takes none twice. They are bound to their version with its origin (origin.h). stager/house/pushed.c. */
#ifndef STAGER_HOUSE_PUSHED_H
#define STAGER_HOUSE_PUSHED_H

#include "stager/buf.h"
#include "stager/digest.h"
#include "stager/house.h"

/* A file: the first bytes of its name's MAC, and of that of what it holds (stager-open digest). */
#define PUSHED_PART_LEN 16
#define PUSHED_FILE_LEN (2 * PUSHED_PART_LEN)
#define PUSHED_FILES_MAX 16000000
/* What a name is of: of each kind there can be one of a name. */
enum pushed_kind { PUSHED_FILE, PUSHED_ARCHIVE, PUSHED_WHOLE_ARCHIVE, PUSHED_EXCLUSIONS };

struct pushed {
	struct buf files; /* sorted, none of a name twice, once it was sorted or loaded */
	struct buf rows;  /* rows.h, sorted */
};

void pushed_init(struct pushed *p);
void pushed_free(struct pushed *p);
/* files in their order. ERR_SYSTEM where two are of one name: MACs do not meet. */
int pushed_sort(struct pushed *p, struct err *e) MUST_CHECK;
/* The entry (PUSHED_FILE_LEN) of the name at the front of file; NULL where there is none. p is sorted. */
const uint8_t *pushed_find(const struct pushed *p, const uint8_t *file);
/* All of p and what more has: of a name, and of a subject, more's. Both sorted; so is p afterwards. */
int pushed_merge(struct pushed *p, const struct pushed *more, struct err *e) MUST_CHECK;
/* What an origin has of it. */
void pushed_digest(
    const void *files, size_t files_len, const void *rows, size_t rows_len, uint8_t out[static DIGEST_LEN]);
/* That of a version as the ledger has it; proven by origin_check alone. */
int pushed_load(struct house *h, const char *version_id, struct pushed *p, struct err *e) MUST_CHECK;
/* In the transaction that seals it. And, without a look at it, for a version that was made of another. */
int pushed_keep(struct house *h, const char *version_id, const struct pushed *p, struct err *e) MUST_CHECK;
int pushed_copy(struct house *h, const char *from, const char *to, struct err *e) MUST_CHECK;

#endif
