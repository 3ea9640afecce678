/* What archive.c and archive_open.c share: the reader itself. */
#ifndef INGEST_ARCHIVE_READER_H
#define INGEST_ARCHIVE_READER_H

#include <archive.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/archive.h"
#include "stager/source.h"
#include "gunzip.h"
#include "seen.h"

#define PIECE_LEN 65536 /* bytes asked of the file at a time */

enum packing { PACKED_NOT, PACKED_GZIP, PACKED_XZ, PACKED_ZSTD, PACKED_ZIP };

struct member {
	struct source source; /* first: a struct source * of ours is a struct member * */
	struct archive_reader *reader;
	uint64_t size; /* as the header says, where source.size_known */
	uint64_t got;  /* bytes that libarchive gave */
	bool ended;
	uint8_t head[ARCHIVE_MAGIC_LEN]; /* read ahead, to see what it is */
	size_t head_len, head_done;
};

struct archive_reader {
	struct archive *archive;
	enum packing packing;
	struct archive_limits limits;
	bool open;   /* member is one whose bytes may be left to read */
	bool broken; /* it failed; nothing more will be given */

	int fd; /* borrowed */
	uint64_t size;
	uint64_t at; /* where fd stands, but for head */
	bool piped;  /* fd cannot seek: what was read to see what it is comes first */
	uint8_t head[ARCHIVE_MAGIC_LEN];
	size_t head_len, head_done; /* of a pipe */
	uint8_t *whole;             /* of a pipe with a zip: all of it; else NULL */
	struct gunzip *gunzip;      /* of a tar.gz; else NULL */
	struct err file_error;

	uint64_t members; /* headers seen, folders too: the ordinal in messages */
	uint64_t bytes;   /* of members, so far */
	uint64_t end;     /* of a tar's last member, in unpacked bytes */
	uint64_t *number;
	struct member member;
	char *prefix;
	char *name;

	struct seen seen; /* the files' names */

	uint8_t piece[PIECE_LEN];
	uint8_t drain[PIECE_LEN];
};

/*
 * What went wrong inside libarchive, into e; -1. Its own texts may quote names, so they stay there. A failure
 * of the file itself goes before.
 */
int archive_damage(const struct archive_reader *r, struct err *e);

#endif
