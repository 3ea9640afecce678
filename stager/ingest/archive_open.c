/* Opening an archive: what it is, by its first bytes; libarchive's view of the file; one format, one filter. */
#include "archive_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stager/io.h"
#include "stager/names.h"

static enum packing
packing_of(const uint8_t *head, size_t len, bool *known)
{
	*known = true;
	if (len >= 3 && memcmp(head, "\x1f\x8b\x08", 3) == 0)
		return PACKED_GZIP;
	if (len >= 6 && memcmp(head, "\xfd\x37zXZ\0", 6) == 0)
		return PACKED_XZ;
	if (len >= 4 && memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0)
		return PACKED_ZSTD;
	/* A member first, the mark of an empty archive, or that of a split one. */
	if (len >= 4 && memcmp(head, "PK", 2) == 0 &&
	    (memcmp(head + 2, "\3\4", 2) == 0 || memcmp(head + 2, "\5\6", 2) == 0 ||
		memcmp(head + 2, "\7\10", 2) == 0))
		return PACKED_ZIP;
	*known = len >= 263 && memcmp(head + 257, "ustar", 5) == 0 && (head[262] == '\0' || head[262] == ' ');
	return PACKED_NOT;
}

bool
archive_magic(const uint8_t *head, size_t len)
{
	bool known;

	(void)packing_of(head, len, &known);
	return known;
}

/* --- the file, for libarchive --- */

/* The next bytes of the file: the count, 0 at its end, -1 with e set. */
static ssize_t
file_pull(void *ctx, void *out, size_t len, struct err *e)
{
	struct archive_reader *r = ctx;
	ssize_t n;

	if (len > r->size - r->at)
		len = (size_t)(r->size - r->at);
	if (len == 0)
		return 0;
	if (r->whole != NULL) {
		memcpy(out, r->whole + r->at, len);
		r->at += len;
		return (ssize_t)len;
	}
	if (r->head_done < r->head_len) {
		if (len > r->head_len - r->head_done)
			len = r->head_len - r->head_done;
		memcpy(out, r->head + r->head_done, len);
		r->head_done += len;
		r->at += len;
		return (ssize_t)len;
	}
	do
		n = read(r->fd, out, len);
	while (n == -1 && errno == EINTR);
	if (n > 0) {
		r->at += (uint64_t)n;
		return n;
	}
	if (n == -1)
		err_sys(e, "archive: read");
	else
		err_set(e, ERR_INPUT, "archive: changed while it was read");
	return -1;
}

/* What libarchive reads: the file, or what its gzip holds. */
static la_ssize_t
file_read(struct archive *a, void *ctx, const void **data)
{
	struct archive_reader *r = ctx;
	ssize_t n;

	*data = r->piece;
	n = r->gunzip != NULL ? gunzip_read(r->gunzip, r->piece, sizeof(r->piece), &r->file_error)
			      : file_pull(r, r->piece, sizeof(r->piece), &r->file_error);
	if (n >= 0)
		return n;
	archive_set_error(a, EIO, "read");
	return ARCHIVE_FATAL;
}

static la_int64_t
file_seek(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
	struct archive_reader *r = ctx;
	int64_t base = whence == SEEK_SET ? 0 : (int64_t)(whence == SEEK_CUR ? r->at : r->size), to;

	if (__builtin_add_overflow(base, offset, &to) || to < 0 || (uint64_t)to > r->size) {
		archive_set_error(a, EINVAL, "seek");
		return ARCHIVE_FATAL;
	}
	if (r->whole == NULL && lseek(r->fd, (off_t)to, SEEK_SET) == -1) {
		err_sys(&r->file_error, "archive: seek");
		archive_set_error(a, EIO, "seek");
		return ARCHIVE_FATAL;
	}
	r->at = (uint64_t)to;
	return to;
}

int
archive_damage(const struct archive_reader *r, struct err *e)
{
	if (r->file_error.code != ERR_NONE) {
		if (e != NULL)
			*e = r->file_error;
		return -1;
	}
	if (archive_errno(r->archive) == ENOMEM)
		return err_set(e, ERR_LIMIT, "unpacking wants more memory than it may have");
	return err_set(e, ERR_INPUT, "damaged or cut short");
}

/* --- opening --- */

/* One format and at most one filter, each built in: ARCHIVE_WARN would mean a program to be started. */
static int
enable(struct archive_reader *r, struct err *e)
{
	struct archive *a = r->archive;
	int rc = ARCHIVE_OK;

	switch (r->packing) {
	case PACKED_GZIP:
		/* libarchive's filter takes no notice of gzip's checksum: ours unpacks, and libarchive sees the tar. */
		if ((r->gunzip = gunzip_new(file_pull, r, e)) == NULL)
			return -1;
		break;
	case PACKED_XZ:
		rc = archive_read_support_filter_xz(a);
		break;
	case PACKED_ZSTD:
		rc = archive_read_support_filter_zstd(a);
		break;
	case PACKED_NOT:
	case PACKED_ZIP:
		break;
	}
	if (rc != ARCHIVE_OK)
		return err_set(e, ERR_SYSTEM, "archive: this libarchive lacks a filter");
	/* Names in headers without a character set are UTF-8 or nothing. */
	if (r->packing == PACKED_ZIP) {
		if (archive_read_support_format_zip_seekable(a) != ARCHIVE_OK ||
		    archive_read_set_format_option(a, "zip", "hdrcharset", "UTF-8") != ARCHIVE_OK ||
		    archive_read_set_seek_callback(a, file_seek) != ARCHIVE_OK)
			return err_set(e, ERR_SYSTEM, "archive: this libarchive cannot read zip");
		return 0;
	}
	/* Read on past zeros, so that nothing stands unseen behind them and the filter reads its own end. */
	if (archive_read_support_format_tar(a) != ARCHIVE_OK ||
	    archive_read_set_format_option(a, "tar", "hdrcharset", "UTF-8") != ARCHIVE_OK ||
	    archive_read_set_format_option(a, "tar", "read_concatenated_archives", "1") != ARCHIVE_OK)
		return err_set(e, ERR_SYSTEM, "archive: this libarchive cannot read tar");
	return 0;
}

/* A zip that cannot be read from its end on, behind the len bytes that were looked at. */
static int
hold_whole(struct archive_reader *r, size_t len, struct err *e)
{
	if (r->size > ARCHIVE_PIPED_ZIP_MAX)
		return err_set(e, ERR_LIMIT,
		    "archive: a sealed zip of more than %llu MiB: seal a tar, or each file",
		    (unsigned long long)(ARCHIVE_PIPED_ZIP_MAX >> 20));
	if ((r->whole = malloc((size_t)r->size)) == NULL)
		return err_set(e, ERR_SYSTEM, "archive: out of memory");
	memcpy(r->whole, r->head, len);
	return io_read_exact(r->fd, r->whole + len, (size_t)r->size - len, "archive", e);
}

/* What it is, by its first bytes, which are read once more where that can be done. */
static int
look(struct archive_reader *r, struct err *e)
{
	const size_t len = r->size < ARCHIVE_MAGIC_LEN ? (size_t)r->size : ARCHIVE_MAGIC_LEN;
	bool known;

	r->piped = lseek(r->fd, 0, SEEK_SET) == -1 && errno == ESPIPE;
	if (!r->piped && lseek(r->fd, 0, SEEK_SET) == -1)
		return err_sys(e, "archive: seek");
	if (io_read_exact(r->fd, r->head, len, "archive", e) == -1)
		return -1;
	r->packing = packing_of(r->head, len, &known);
	if (!known)
		return err_set(e, ERR_INPUT, "archive: neither tar nor zip");
	if (r->piped && r->packing == PACKED_ZIP)
		return hold_whole(r, len, e);
	if (r->piped)
		r->head_len = len;
	else if (lseek(r->fd, 0, SEEK_SET) == -1)
		return err_sys(e, "archive: seek");
	return 0;
}

struct archive_reader *
archive_open(int fd, uint64_t size, const char *prefix, uint64_t *number, struct err *e)
{
	struct archive_reader *r = NULL;
	int rc = -1;

	if ((r = calloc(1, sizeof(*r))) == NULL || (r->prefix = strdup(prefix)) == NULL ||
	    (r->name = malloc(strlen(prefix) + 1 + NAME_MAX_LEN + 1)) == NULL ||
	    (r->archive = archive_read_new()) == NULL) {
		err_set(e, ERR_SYSTEM, "archive: out of memory");
		goto out;
	}
	r->fd = fd;
	r->size = size;
	r->number = number;
	r->member.reader = r;
	r->limits = (struct archive_limits){
	    .members = ARCHIVE_MEMBERS_MAX,
	    .member_bytes = ARCHIVE_MEMBER_MAX,
	    .ratio = ARCHIVE_RATIO_MAX,
	    .slack = ARCHIVE_SLACK,
	};
	if (look(r, e) == -1)
		goto out;
	if (enable(r, e) == -1)
		goto out;
	if (archive_read_set_read_callback(r->archive, file_read) != ARCHIVE_OK ||
	    archive_read_set_callback_data(r->archive, r) != ARCHIVE_OK) {
		err_set(e, ERR_SYSTEM, "archive: libarchive refuses its callbacks");
		goto out;
	}
	if (archive_read_open1(r->archive) != ARCHIVE_OK) {
		/* libarchive looks at the format here; nothing but damage or another format stops it. */
		if (r->file_error.code != ERR_NONE || archive_errno(r->archive) == ENOMEM)
			archive_damage(r, e);
		else
			err_set(e, ERR_INPUT, "%s",
			    r->packing == PACKED_ZIP   ? "a zip that is damaged or cut short"
			    : r->packing == PACKED_NOT ? "a tar that is damaged"
						       : "not a tar inside, or damaged");
		err_context(e, "archive");
		goto out;
	}
	/* libarchive unpacks as long as it sees a magic number; we unpack once. Its own end counts as one. */
	if (archive_filter_count(r->archive) !=
	    (r->packing == PACKED_XZ || r->packing == PACKED_ZSTD ? 2 : 1)) {
		err_set(e, ERR_INPUT, "archive: compressed twice");
		goto out;
	}
	rc = 0;
out:
	if (rc == -1) {
		archive_close(r);
		r = NULL;
	}
	return r;
}

void
archive_set_limits(struct archive_reader *r, const struct archive_limits *limits)
{
	r->limits = *limits;
}

void
archive_close(struct archive_reader *r)
{
	if (r == NULL)
		return;
	if (r->archive != NULL)
		(void)archive_read_free(r->archive);
	gunzip_free(r->gunzip);
	if (r->whole != NULL)
		explicit_bzero(r->whole, (size_t)r->size);
	free(r->whole);
	explicit_bzero(r->head, sizeof(r->head));
	explicit_bzero(r->piece, sizeof(r->piece));
	explicit_bzero(r->drain, sizeof(r->drain));
	explicit_bzero(r->member.head, sizeof(r->member.head));
	free(r->prefix);
	free(r->name);
	seen_free(&r->seen);
	free(r);
}
