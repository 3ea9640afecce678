/* One file of JSON being read, and what the files that read it share: jsonl.c on one thread, jsonl_threads.c on several. */
#ifndef FORMAT_JSONL_READER_H
#define FORMAT_JSONL_READER_H

#include "jsonl.h"
#include "stager/entry.h"
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

/* What a line is made into: a record for each set that its rule writes to, the rule's own first; each has the next as its `also`. */
struct jsonl_records {
	struct jsonl_record of[ENTRY_SETS_MAX];
	struct jsonl_paths paths[ENTRY_SETS_MAX];
	size_t count;
};

/* What it has been made into for one of them, its line end included. */
struct jsonl_line {
	const uint8_t *at;
	size_t len;
};

struct jsonl_run {
	struct scrub *scrub;
	struct source *in;
	const struct jsonl_limits *limits;
	struct jsonl_records records;
	uint8_t *window; /* a record, its line end, and what one read or one batch brings */
	size_t window_len;
	/* The next line; no LF before `scanned`; bytes that are there, and that ever were. */
	size_t start, scanned, filled, most;
	struct jsonl_worker *workers;    /* scrub->thread_count of them, where there are threads */
	struct buf part[ENTRY_SETS_MAX]; /* of each set */
	uint64_t bytes, members;
	uint64_t ahead; /* bytes of the file up to the window's end */
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
/* A line that passed, one a set: as members, or behind the others of their parts. jsonl.c */
int jsonl_put(
    struct jsonl_run *r, const char *subject, const struct jsonl_line *lines, struct err *e) MUST_CHECK;

/* jsonl_sets.c. To be closed also where it fails. */
int jsonl_records_open(struct jsonl_records *records, const struct scrub *s, struct err *e) MUST_CHECK;
void jsonl_records_close(struct jsonl_records *records);

/*
 * jsonl_threads.c. Each thread's own records and paths, where the file is large enough for threads; freed with
 * jsonl_threads_close, also where it fails.
 */
int jsonl_threads_open(struct jsonl_run *r, struct err *e) MUST_CHECK;
void jsonl_threads_close(struct jsonl_run *r);
/* All that follows r->start. */
int jsonl_threads_read(struct jsonl_run *r, struct err *e) MUST_CHECK;

#endif
