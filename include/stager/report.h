/*
 * The scrub report: numbers and reasons, never a value or a name.
 *
 * Scrub and check each keep one and send it as JSON when they are done; the supervisor adds them up. Shape:
 * {"files": {"seen","passed","held","dropped"}, "sealed":
 * {"order-proven","order-not-proven"} (sealed sources, by the supervisor), "formats": {FORMAT: n}, "records": {"seen","passed","held"},
 *  "bytes": {"in","out"}, "members": {"out"}, "actions": {ACTION: n}, "found": {KIND: n},
 *  "subjects": {"linked","unlinked","excluded","unmatched"} (records and files; the last two were dropped),
 *  "check": {"members","bytes","not-rescanned"},
 *  "held": {"file:REASON" | "record:REASON" | "check:REASON": {"count": n, "files": [numbers of the first 100
 * files]}}}
 *  "rules": {NUMBER: part}, "by-file": {NUMBER: part with "rule"},
 *  "fields": {"RULE:FIELD": {"file:REASON" | "record:REASON": n}} (only where something was held for a value)}
 * A part is what of files, records, actions and found falls to one rule of the policy (by its place there, from 1; 0: no
 * rule, or several), or to one file. Rules past the first REPORT_RULES_MAX and files past the first REPORT_LISTED_MAX that
 * were met are in the sums alone. The house adds "previous" (house/previous.c), and
 * to a version that people were withdrawn from "withdrawn": {"subjects","members","records","shards"}, what went since the rest was counted.
 * A REASON that begins with "column-" has "columns" beside "files", as many numbers: which column of each file it is,
 * from 1; for column-missing, the place that it has among the columns of the policy's rule.
 * RULE and FIELD are places in the policy, from 1: of a rule, and of a column or path among those of the rule; of what was held for
 * a value (report_reason_of_field) they say whose value it was. The first REPORT_FIELDS_MAX that were met are there; the others are in "held"
 * alone. The policy's words for them ("match" of the rule, "name") stand beside the counts in what is told to people (report_fields_name),
 * and nowhere before.
 */
#ifndef STAGER_REPORT_H
#define STAGER_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

#define REPORT_RULES_MAX 200  /* rules that are counted apart */
#define REPORT_LISTED_MAX 300 /* files that are */
#define REPORT_RULE_MAX 1000  /* places of rules in a policy */
#define REPORT_FIELDS_MAX 100 /* columns and paths that are counted apart */

struct json;
struct report;

enum hold_unit { HOLD_FILE, HOLD_RECORD, HOLD_CHECK };

struct report *report_new(void); /* aborts out of memory */
void report_free(struct report *r);
/* Add n to SECTION.KEY, a key that report.c lists; another aborts. Not for inner loops: count there, add at the
 * end of the file. */
void report_add(struct report *r, const char *section, const char *key, uint64_t n);
/*
 * Count n held things of one file. reason is a short fixed word from the code ("column-unnamed",
 * "value-type", "quote-open") that report_text.c explains, never made from data; another aborts. A HOLD_FILE
 * also adds 1 to files.held; the caller adds seen and passed, and for HOLD_RECORD records.held is added here.
 */
void report_hold(struct report *r, enum hold_unit unit, const char *reason, uint64_t file_number, uint64_t n);
/* One file for a reason that begins with "column-", and only so: column is 1 to REPORT_COLUMN_MAX. */
#define REPORT_COLUMN_MAX 65537
void report_hold_column(struct report *r, const char *reason, uint64_t file_number, size_t column);
/*
 * Of n that report_hold counts, the column or path whose value held them: its place among those of the rule that the file in hand has,
 * from 1. Nothing where the reason is not about a value, or there is no such place (0), file or rule.
 */
void report_hold_field(struct report *r, enum hold_unit unit, const char *reason, size_t field, uint64_t n);
/* Between these two what is counted of files, records, actions and found counts for this file and rule, too. */
void report_file_begin(struct report *r, uint64_t file_number, uint64_t rule);
void report_file_end(struct report *r);
/* What stands under SECTION.KEY; 0 where nothing does. */
uint64_t report_get(const struct report *r, const char *section, const char *key);
/* The report so far, as a new tree. Caller frees. */
struct json *report_json(const struct report *r);
/*
 * Add delta (from a sandboxed child: hostile) to total. -1 with ERR_INPUT where delta is not of the shape
 * above, has a key or a reason that is none of this build's, or a number would pass 2^53.
 */
int report_merge(struct json *total, const struct json *delta, struct err *e) MUST_CHECK;
/*
 * Where delta's files are numbered from first on, they are numbered from first + by on: what comes before them in the whole is
 * known only now. -1 with ERR_INPUT where it tells of a file before first. Of delta's form nothing is believed: report_merge looks at it.
 */
int report_renumber(struct json *delta, uint64_t first, int64_t by, struct err *e) MUST_CHECK;
/*
 * The report as it is told to people: nobody is found by a small count. least: the policy's min_cell. Up to 1: the same.
 *
 * Else counts of people's records, values and finds are whole multiples of least. Totals are rounded up, so that what is there is
 * seen: 1 stands there as least. What falls to one rule or file is rounded down, and left out below least, so that no part can be
 * had from a total and the others. Of the difference from the version before the size is rounded up. A new section says so:
 * "told": {"least"}. Counts of files, members, bytes, canaries and of what the second check withheld are of the process, and stay.
 * DESIGN.md, "Small counts". Caller frees.
 */
struct json *report_tell(const struct json *report, int64_t least);
/* Does every column and path that the report tells of stand in the resolved policy? -1 with ERR_INPUT where one does not. report_fields.c */
int report_fields_known(const struct json *report, const struct json *policy, struct err *e) MUST_CHECK;
/* Give each of them the words that the resolved policy has for it. What the policy lacks stays without. */
void report_fields_name(struct json *told, const struct json *policy);
/* The reason is about one value, so that it has a column or path. */
bool report_reason_of_field(const char *reason);
/* One line that says what a reason means, for reports to people; NULL where the reason is not known. */
const char *report_reason_text(const char *reason);

#endif
