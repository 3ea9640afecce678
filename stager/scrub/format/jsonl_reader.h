/* One file of JSON being read, and what the files that read it share: jsonl.c on one thread, jsonl_threads.c on several. */
#ifndef FORMAT_JSONL_READER_H
#define FORMAT_JSONL_READER_H

#include "jsonl.h"
#include "tally.h"

/* Tests take small ones, to stand at every edge with little data. */
struct jsonl_limits {
	size_t window;     /* bytes read at a time; at least 4 */
	size_t record_max; /* bytes of a line without its end, and of a document */
	size_t part_max;   /* bytes of one member of several records; one record alone may be longer */
	/* With threads: a line that is longer is no thread's work; what one may make of a window; and how large a file is that they
	 * are started for. */
	size_t line_max, out_max;
	uint64_t threads_from;
};

/* jsonl_scrub with limits of one's own. */
int jsonl_scrub_limits(
    struct scrub *s, struct source *in, const struct jsonl_limits *limits, struct err *e) MUST_CHECK;

/* Lines, counted. */
struct jsonl_tally {
	struct tally records;
	uint64_t actions[JSONL_ACTIONS]; /* of those that passed */
};

struct jsonl_worker;

struct jsonl_run {
	struct scrub *scrub;
	struct source *in;
	const struct jsonl_limits *limits;
	struct jsonl_paths paths;
	struct jsonl_record record;
	uint8_t *window; /* a record, its line end, and what one read or one batch brings */
	size_t window_len;
	/* The next line; no LF before `scanned`; bytes that are there, and that ever were. */
	size_t start, scanned, filled, most;
	struct jsonl_worker *workers; /* scrub->thread_count of them, where there are threads */
	struct buf part;
	struct jsonl_side *sides; /* the other sets that the rule writes to; NULL: none */
	uint64_t bytes, members;
	struct jsonl_tally all;
	const char *file_held; /* the reason, once there is one */
};

#define JSONL_TOO_LONG 2
/*
 * jsonl_tally.c. The record of a line (without its LF), scrubbed and counted: 1, it stands in record->out with the end of its
 * line, which a document has not; 0 where nothing of it leaves, or there is none; JSONL_TOO_LONG: the file is held for it; -1.
 */
int jsonl_tally_line(struct jsonl_record *record, const struct jsonl_limits *limits, struct jsonl_tally *t,
    const uint8_t *line, size_t len, struct err *e) MUST_CHECK;
/* Whom the record that was scrubbed last is about: its pseudonym, or "x". */
void jsonl_tally_subject(struct jsonl_record *record, char out[static PSEUDONYM_LEN + 1]);

/* The lines that the window has, from r->start on. 1 where it wants more bytes; 0 where the file is held; -1. jsonl.c */
int jsonl_take_lines(struct jsonl_run *r, struct err *e) MUST_CHECK;
/* What is left in the window is the last line, which has no end; and the last part. jsonl.c */
int jsonl_take_end(struct jsonl_run *r, struct err *e) MUST_CHECK;
/* A record that passed, its line end included: as a member, or behind the others. jsonl.c */
int jsonl_put(
    struct jsonl_run *r, const char *subject, const uint8_t *line, size_t len, struct err *e) MUST_CHECK;

/* These bytes as a member of this set. jsonl.c */
int jsonl_put_member(struct jsonl_run *r, uint8_t set, const char *subject, const char *ext,
    const struct buf *bytes, struct err *e) MUST_CHECK;

/*
 * jsonl_sets.c. A rule that writes to several sets: what of its paths goes to its own and, in records and parts of their own, to
 * the others. Nothing for a rule with one. To be closed also where it fails.
 */
int jsonl_sets_open(struct jsonl_run *r, struct err *e) MUST_CHECK;
void jsonl_sets_close(struct jsonl_run *r);
/* No part has room for what the line in hand has become: all end with the same line. */
bool jsonl_sets_full(const struct jsonl_run *r);
/* The line in hand: as a member of each of the other sets, or behind the others of its part. */
int jsonl_sets_put(struct jsonl_run *r, const char *subject, struct err *e) MUST_CHECK;
int jsonl_sets_part(struct jsonl_run *r, struct err *e) MUST_CHECK;

/*
 * jsonl_threads.c. Each thread's own record and paths, where the file is large enough for threads; freed with
 * jsonl_threads_close, also where it fails.
 */
int jsonl_threads_open(struct jsonl_run *r, struct err *e) MUST_CHECK;
void jsonl_threads_close(struct jsonl_run *r);
/* All that follows r->start. */
int jsonl_threads_read(struct jsonl_run *r, struct err *e) MUST_CHECK;

#endif
