/* Between the parts of the report: counting (report.c, report_fields.c), adding up (report_merge.c), telling (report_tell.c). */
#ifndef SCRUB_REPORT_PARTS_H
#define SCRUB_REPORT_PARTS_H

#include "stager/report.h"

#define REPORT_FILES_MAX 100 /* numbers of files listed with a reason */
#define REPORT_KEYS_MAX 256  /* different keys in one section */

/*
 * The sections with all the keys that there are: words of this build's, so that a captured child has none of its
 * own to put a person's name or number into. always: with 0 from the beginning; else made as they come.
 */
struct section {
	const char *name;
	const char *const *keys;
	bool always;
	bool part; /* also counted for each rule and file */
};
#define REPORT_SECTIONS 13
extern const struct section report_sections[];
/* NULL where there is none of that name. */
const struct section *report_section(const char *name);
bool report_listed(const char *const *list, const char *key);

/* The same counts again, for each rule of the policy and each of the first files: how many of them there may be. */
struct partition {
	const char *name;
	size_t max;
	bool rule; /* each says of which rule it is */
};
#define REPORT_PARTITIONS 2
extern const struct partition report_partitions[REPORT_PARTITIONS];

#define REPORT_UNITS 3 /* of enum hold_unit */
extern const char *const report_hold_prefix[REPORT_UNITS];

/* Can n, which is hostile, be added to what total has under the key? report_merge.c */
int report_check_number(const struct json *total, const char *key, const struct json *n, const char *where,
    struct err *e) MUST_CHECK;
/* The child of that name, to be changed; made where it is not there. */
struct json *report_child(struct json *object, const char *key, struct json *(*make)(void));
struct json *report_zero(void);
/* Counting stops at the largest number that there is; merging refuses what would pass it. */
void report_bump(struct json *number, uint64_t n);
/* Add what part has counted to the one of that number in a partition, where there is room for it. */
void report_part_add(struct json *whole, size_t max, uint64_t number, const struct json *part);
/* "RULE:FIELD", both from 1. False where it is none. report_fields.c */
bool report_field_key(const char *key, uint64_t *rule, uint64_t *field);
/* What delta says of columns and paths: may it be added to total's; and add it, where it may. report_fields.c */
int report_fields_check(const struct json *total, const struct json *delta, struct err *e) MUST_CHECK;
void report_fields_add(struct json *total, const struct json *delta);
/* Reasons of a file that have a column. */
bool report_has_column(const char *key);
/* Note the file's number, and its column if there is one, where there is room; files come in order, so the same one
 * again is the last one. */
void report_held_file(struct json *entry, int64_t number, int64_t column);

#endif
