/* One table being read, and what the files that read it share: csv.c on one thread, csv_threads.c on several. */
#ifndef FORMAT_CSV_READER_H
#define FORMAT_CSV_READER_H

#include "csv.h"
#include "stager/entry.h"
#include "tally.h"

struct csv_worker;

/* What a table is made into: one for each set that its rule writes to, the rule's own first. */
struct csv_tables {
	struct csv_table of[ENTRY_SETS_MAX];
	uint8_t set[ENTRY_SETS_MAX];
	size_t count;
	size_t header_len[ENTRY_SETS_MAX];
	size_t room[ENTRY_SETS_MAX];   /* bytes of a part behind its header row */
	size_t before[ENTRY_SETS_MAX]; /* where the record in hand begins */
	bool texts;                    /* any of them has some */
	const struct action *wrong;    /* as of the table that the record in hand was held in */
};

struct csv_run {
	struct scrub *scrub;
	struct source *in;
	const struct csv_limits *limits;
	struct csv_scan scan;
	struct csv_tables tables;
	char *window; /* 2 * record_max + window bytes, and the slack */
	size_t filled;
	struct csv_worker *workers; /* scrub->thread_count of them, where there are threads */
	size_t carried; /* bytes at the window's front, of a record that goes on in the next batch */
	struct buf part[ENTRY_SETS_MAX]; /* of each set; they begin with their header rows */
	/* Of the parts in the making; they count once these are written. */
	uint64_t part_records;
	struct text_finds part_finds;
	/* Of the file. */
	uint64_t bytes, members;
	uint64_t ahead;        /* bytes of it up to the window's end */
	struct tally all;      /* passed: in parts that were written */
	const char *file_held; /* the reason, once there is one */
};

/*
 * The record behind what is in out, of which there is one a set, or counted as held or dropped. 1, 0 where it is not there, -1.
 * csv_tally.c
 */
int csv_tally_record(struct csv_tables *tables, const struct csv_scan *scan, const struct csv_record *record,
    struct buf *out, struct tally *t, struct text_finds *finds, struct err *e) MUST_CHECK;

/* The records of the window: 1 where it wants more bytes, 0 at the end of the file or where it is held, -1. csv.c */
int csv_take_records(struct csv_run *r, struct err *e) MUST_CHECK;
/* Write the parts as members, without the record in hand; whole: with it, for there is none. Header rows stay for the next. csv.c */
int csv_part_write(struct csv_run *r, bool whole, struct err *e) MUST_CHECK;

/*
 * csv_sets.c. Take the header row, and append it to rows, one a set, as each set has it. 1; 0 where the file must be held, *reason
 * says why; -1. To be closed in every case.
 */
int csv_tables_open(struct csv_tables *t, const struct scrub *s, const struct csv_scan *scan,
    const struct csv_record *header, size_t part_max, struct buf *rows, const char **reason,
    struct err *e) MUST_CHECK;
void csv_tables_close(struct csv_tables *t);
/* As csv_table_record, into each set's out; nothing into any where one does not get it. */
int csv_tables_record(struct csv_tables *t, const struct csv_scan *scan, const struct csv_record *record,
    struct buf *out, struct text_finds *finds, const char **reason, struct err *e) MUST_CHECK;

/*
 * csv_threads.c. Each thread's own table, with the same header row, where the file is large enough for threads; freed with
 * csv_threads_close, also where it fails.
 */
int csv_threads_open(struct csv_run *r, const struct csv_record *header, struct err *e) MUST_CHECK;
void csv_threads_close(struct csv_run *r);
/* All that follows the header row. */
int csv_threads_read(struct csv_run *r, struct err *e) MUST_CHECK;

#endif
