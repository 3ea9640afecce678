/* One table being read, and what the files that read it share: csv.c on one thread, csv_threads.c on several. */
#ifndef FORMAT_CSV_READER_H
#define FORMAT_CSV_READER_H

#include "csv.h"
#include "tally.h"

struct csv_worker;

struct csv_run {
	struct scrub *scrub;
	struct source *in;
	const struct csv_limits *limits;
	struct csv_scan scan;
	struct csv_table table;
	char *window; /* 2 * record_max + window bytes, and the slack */
	size_t filled;
	struct csv_worker *workers; /* scrub->thread_count of them, where there are threads */
	size_t carried;         /* bytes at the window's front, of a record that goes on in the next batch */
	struct buf part;        /* begins with the header row */
	size_t header_len;      /* 0 until it has been read */
	struct csv_side *sides; /* the other sets that the rule writes to; NULL: none */
	bool texts;             /* any of their tables, or this one, has some */
	/* Of the part in the making; they count once it is written. */
	uint64_t part_records;
	struct text_finds part_finds;
	/* Of the file. */
	uint64_t bytes, members;
	struct tally all;      /* passed: in parts that were written */
	const char *file_held; /* the reason, once there is one */
};

/* The record behind what is in out, or counted as held or dropped. 1, 0 where it is not there, -1. No part has more than room. csv_tally.c */
int csv_tally_record(struct csv_table *table, const struct csv_scan *scan, const struct csv_record *record,
    size_t room, struct buf *out, struct tally *t, struct text_finds *finds, struct err *e) MUST_CHECK;

/* The records of the window: 1 where it wants more bytes, 0 at the end of the file or where it is held, -1. csv.c */
int csv_take_records(struct csv_run *r, struct err *e) MUST_CHECK;
/* Write the first len bytes of the part as a member, and keep the header row for the next. csv.c */
int csv_part_write(struct csv_run *r, size_t len, struct err *e) MUST_CHECK;

/*
 * csv_sets.c. A rule that writes to several sets: tables and parts of the others. Nothing for a rule with one. 1; 0 where the file
 * must be held, r->file_held says why; -1. To be closed in every case.
 */
int csv_sets_open(struct csv_run *r, const struct csv_record *header, struct err *e) MUST_CHECK;
void csv_sets_close(struct csv_run *r);
/* The record, which is in the rule's own part, behind the others of their parts: 1, 0 where it must be held, -1. */
int csv_sets_record(struct csv_run *r, const struct csv_record *record, struct text_finds *finds,
    const char **reason, struct err *e) MUST_CHECK;
/* One of their parts has become too large with it: all end with the record before. */
bool csv_sets_full(const struct csv_run *r);
/* Their parts as members, without the record in hand; whole: with it, for there is none. */
int csv_sets_write(struct csv_run *r, bool whole, struct err *e) MUST_CHECK;

/*
 * csv_threads.c. Each thread's own table, with the same header row, where the file is large enough for threads; freed with
 * csv_threads_close, also where it fails.
 */
int csv_threads_open(struct csv_run *r, const struct csv_record *header, struct err *e) MUST_CHECK;
void csv_threads_close(struct csv_run *r);
/* All that follows the header row. */
int csv_threads_read(struct csv_run *r, struct err *e) MUST_CHECK;

#endif
