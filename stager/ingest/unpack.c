/* Single files that are compressed, as sources of what they hold. */
#include "stager/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stager/archive.h"
#include "gunzip.h"

#define PIECE_LEN 65536

static const struct {
	const char *magic;
	size_t len;
} magics[] = {[PACKED_GZIP] = {"\x1f\x8b\x08", 3},
    [PACKED_XZ] = {"\xfd"
		   "7zXZ\0",
	6},
    [PACKED_ZSTD] = {"\x28\xb5\x2f\xfd", 4}};

struct unpacked {
	struct source source; /* first */
	struct source *inner;
	enum packing kind;
	char *name;
	struct gunzip *gunzip;
	struct archive *archive;
	struct err inner_error;
	uint64_t in, out; /* bytes */
	bool begun, ended, broken, empty;
	uint8_t piece[PIECE_LEN];
	/* The first bytes of what it holds, to see what they are. */
	uint8_t head[ARCHIVE_MAGIC_LEN];
	size_t head_len, head_done;
};

/* The packed bytes. The first of them must say what they are. */
static ssize_t
pull(void *ctx, void *out, size_t len, struct err *e)
{
	struct unpacked *u = ctx;
	const size_t magic = magics[u->kind].len;
	ssize_t n;

	if (!u->begun) {
		u->begun = true;
		if ((n = source_read_full(u->inner, out, len, e)) == -1)
			return -1;
		if ((size_t)n < magic || memcmp(out, magics[u->kind].magic, magic) != 0)
			return err_set(e, ERR_INPUT, "not compressed as its name says");
	} else if ((n = u->inner->read(u->inner, out, len, e)) == -1) {
		return -1;
	}
	u->in += (uint64_t)n;
	return n;
}

static la_ssize_t
pull_archive(struct archive *a, void *ctx, const void **data)
{
	struct unpacked *u = ctx;
	ssize_t n = pull(u, u->piece, sizeof(u->piece), &u->inner_error);

	*data = u->piece;
	if (n == -1)
		archive_set_error(a, EIO, "read");
	return n == -1 ? ARCHIVE_FATAL : n;
}

static int
damaged(const struct unpacked *u, struct err *e)
{
	if (u->inner_error.code != ERR_NONE) {
		*e = u->inner_error;
		return -1;
	}
	if (u->archive != NULL && archive_errno(u->archive) == ENOMEM)
		return err_set(e, ERR_LIMIT, "unpacking wants more memory than it may have");
	return err_set(e, ERR_INPUT, "damaged or cut short");
}

/* libarchive's format "raw": what the filter gives, as one file. */
static int
open_archive(struct unpacked *u, struct err *e)
{
	struct archive_entry *entry;
	int rc;

	if ((u->archive = archive_read_new()) == NULL)
		return err_set(e, ERR_SYSTEM, "out of memory");
	if ((u->kind == PACKED_XZ ? archive_read_support_filter_xz(u->archive)
				  : archive_read_support_filter_zstd(u->archive)) != ARCHIVE_OK ||
	    archive_read_support_format_raw(u->archive) != ARCHIVE_OK ||
	    archive_read_support_format_empty(u->archive) != ARCHIVE_OK)
		return err_set(e, ERR_SYSTEM, "this libarchive lacks a filter");
	if (archive_read_open(u->archive, u, NULL, pull_archive, NULL) != ARCHIVE_OK ||
	    ((rc = archive_read_next_header(u->archive, &entry)) != ARCHIVE_OK && rc != ARCHIVE_EOF))
		return damaged(u, e);
	u->empty = rc == ARCHIVE_EOF;
	return archive_filter_count(u->archive) == 2 ? 0 : err_set(e, ERR_INPUT, "compressed twice");
}

/* Up to len unpacked bytes, counted. */
static ssize_t
unpack(struct unpacked *u, void *out, size_t len, struct err *e)
{
	uint64_t most;
	ssize_t n;

	if (u->gunzip != NULL) {
		n = gunzip_read(u->gunzip, out, len, e);
	} else {
		if (u->archive == NULL && open_archive(u, e) == -1)
			return -1;
		if (u->empty)
			return 0;
		if ((n = archive_read_data(u->archive, out, len)) < 0)
			return damaged(u, e);
	}
	if (n <= 0)
		return n;
	u->out += (uint64_t)n;
	if (__builtin_mul_overflow(u->in, (uint64_t)ARCHIVE_RATIO_MAX, &most) ||
	    __builtin_add_overflow(most, (uint64_t)ARCHIVE_SLACK, &most))
		most = UINT64_MAX;
	if (u->out > most)
		return err_set(e, ERR_LIMIT, "unpacks to more than %d times its size", ARCHIVE_RATIO_MAX);
	return u->out > ARCHIVE_MEMBER_MAX ? err_set(e, ERR_LIMIT, "unpacks to more than %llu GiB",
						 (unsigned long long)(ARCHIVE_MEMBER_MAX >> 30))
					   : n;
}

/* What it holds must not be another of its kind, or an archive. */
static int
look(struct unpacked *u, struct err *e)
{
	ssize_t n;

	do {
		if ((n = unpack(u, u->head + u->head_len, sizeof(u->head) - u->head_len, e)) == -1)
			return -1;
		u->head_len += (size_t)n;
	} while (n > 0 && u->head_len < sizeof(u->head));
	u->ended = n == 0;
	return archive_magic(u->head, u->head_len)
		   ? err_set(e, ERR_INPUT,
			 "holds an archive or a compressed file: name it .tar.gz, or unpack it once")
		   : 0;
}

static ssize_t
unpacked_read(struct source *s, void *out, size_t len, struct err *e)
{
	struct unpacked *u = (struct unpacked *)s;
	size_t left;
	ssize_t n;

	if (u->broken)
		return err_set(e, ERR_INPUT, "file %llu: refused already", (unsigned long long)s->number);
	if (len == 0)
		return 0;
	if (u->head_len == 0 && !u->ended && look(u, e) == -1)
		goto refuse;
	if ((left = u->head_len - u->head_done) > 0) {
		len = len < left ? len : left;
		memcpy(out, u->head + u->head_done, len);
		u->head_done += len;
		return (ssize_t)len;
	}
	if (u->ended)
		return 0;
	if ((n = unpack(u, out, len, e)) == -1)
		goto refuse;
	u->ended = n == 0;
	return n;
refuse:
	u->broken = true;
	return err_context(e, "file %llu", (unsigned long long)s->number);
}

struct unpacked *
unpack_new(struct source *inner, struct err *e)
{
	struct unpacked *u = calloc(1, sizeof(*u));
	enum packing kind = PACKED_GZIP;
	const size_t len = unpack_kind(inner->name, &kind);

	if (u == NULL || len == 0 || (u->name = strndup(inner->name, len)) == NULL) {
		err_set(e, ERR_SYSTEM, "file: out of memory");
		unpack_free(u);
		return NULL;
	}
	u->inner = inner;
	u->source = (struct source){.read = unpacked_read, .number = inner->number, .name = u->name};
	u->kind = kind;
	if (u->kind == PACKED_GZIP && (u->gunzip = gunzip_new(pull, u, e)) == NULL) {
		unpack_free(u);
		return NULL;
	}
	return u;
}

struct source *
unpack_source(struct unpacked *u)
{
	return &u->source;
}

int
unpack_finish(struct unpacked *u, struct err *e)
{
	uint8_t rest[4096];
	ssize_t n;

	while ((n = unpacked_read(&u->source, rest, sizeof(rest), e)) > 0)
		;
	explicit_bzero(rest, sizeof(rest));
	return n == -1 ? -1 : 0;
}

void
unpack_free(struct unpacked *u)
{
	if (u == NULL)
		return;
	gunzip_free(u->gunzip);
	if (u->archive != NULL)
		(void)archive_read_free(u->archive);
	free(u->name);
	explicit_bzero(u->piece, sizeof(u->piece));
	explicit_bzero(u->head, sizeof(u->head));
	free(u);
}
