/* The members of an archive as sources, by libarchive; whatever is not plain refuses the whole archive. */
#include "stager/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stager/io.h"
#include "stager/names.h"
#include "stager/source.h"
#include "seen.h"

#define PIECE_LEN 65536 /* bytes asked of the file at a time */
#define TAR_BLOCK_LEN 512
#define TAR_MARK_LEN 1024 /* the end-of-archive mark, two blocks of zeros */

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
	uint64_t at; /* where fd stands */
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

static la_ssize_t
file_read(struct archive *a, void *ctx, const void **data)
{
	struct archive_reader *r = ctx;
	size_t len = sizeof(r->piece);
	ssize_t n;

	if (len > r->size - r->at)
		len = (size_t)(r->size - r->at);
	*data = r->piece;
	if (len == 0)
		return 0;
	do
		n = read(r->fd, r->piece, len);
	while (n == -1 && errno == EINTR);
	if (n > 0) {
		r->at += (uint64_t)n;
		return n;
	}
	if (n == -1)
		err_sys(&r->file_error, "archive: read");
	else
		err_set(&r->file_error, ERR_INPUT, "archive: changed while it was read");
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
	if (lseek(r->fd, (off_t)to, SEEK_SET) == -1) {
		err_sys(&r->file_error, "archive: seek");
		archive_set_error(a, EIO, "seek");
		return ARCHIVE_FATAL;
	}
	r->at = (uint64_t)to;
	return to;
}

/* What went wrong inside libarchive. Its own texts may quote names, so they stay there. */
static int
damage(const struct archive_reader *r, struct err *e)
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
		rc = archive_read_support_filter_gzip(a);
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

struct archive_reader *
archive_open(int fd, uint64_t size, const char *prefix, uint64_t *number, struct err *e)
{
	struct archive_reader *r = NULL;
	bool known;
	size_t len;
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
	len = size < ARCHIVE_MAGIC_LEN ? (size_t)size : ARCHIVE_MAGIC_LEN;
	if (lseek(fd, 0, SEEK_SET) == -1) {
		err_sys(e, "archive: seek");
		goto out;
	}
	if (io_read_exact(fd, r->piece, len, "archive", e) == -1)
		goto out;
	r->packing = packing_of(r->piece, len, &known);
	if (!known) {
		err_set(e, ERR_INPUT, "archive: neither tar nor zip");
		goto out;
	}
	if (lseek(fd, 0, SEEK_SET) == -1) {
		err_sys(e, "archive: seek");
		goto out;
	}
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
			damage(r, e);
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
	    (r->packing == PACKED_NOT || r->packing == PACKED_ZIP ? 1 : 2)) {
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
	explicit_bzero(r->piece, sizeof(r->piece));
	explicit_bzero(r->drain, sizeof(r->drain));
	explicit_bzero(r->member.head, sizeof(r->member.head));
	free(r->prefix);
	free(r->name);
	seen_free(&r->seen);
	free(r);
}

/* --- a member's bytes --- */

static int
check_ratio(const struct archive_reader *r, struct err *e)
{
	uint64_t most, unpacked = 0;

	if (__builtin_mul_overflow(r->size, r->limits.ratio, &most) ||
	    __builtin_add_overflow(most, r->limits.slack, &most))
		most = UINT64_MAX;
	/* Headers and padding are unpacked too, without being anyone's bytes. */
	if (r->packing != PACKED_ZIP)
		unpacked = (uint64_t)archive_filter_bytes(r->archive, 0);
	if (r->bytes > most || unpacked > most)
		return err_set(
		    e, ERR_LIMIT, "unpacks to more than %" PRIu64 " times its size", r->limits.ratio);
	return 0;
}

/* Up to len bytes from libarchive; 0 at the member's end, -1. */
static ssize_t
pull(struct archive_reader *r, void *out, size_t len, struct err *e)
{
	struct member *m = &r->member;
	la_ssize_t n;

	if (m->ended || len == 0)
		return 0;
	if ((n = archive_read_data(r->archive, out, len)) < 0)
		return damage(r, e);
	m->got += (uint64_t)n;
	r->bytes += (uint64_t)n;
	if (m->got > r->limits.member_bytes)
		return err_set(e, ERR_LIMIT, "more than %" PRIu64 " bytes", r->limits.member_bytes);
	if (check_ratio(r, e) == -1)
		return -1;
	if (m->source.size_known && (n == 0 ? m->got != m->size : m->got > m->size))
		return err_set(e, ERR_INPUT, "has another size than its header says");
	m->ended = n == 0;
	return n;
}

/* Put the archive and the member before what went wrong, and let nothing more through. */
static int
refuse(struct archive_reader *r, struct err *e)
{
	r->broken = true;
	if (r->file_error.code != ERR_NONE)
		return -1;
	return err_context(e, "archive: member %" PRIu64, r->members);
}

static ssize_t
member_read(struct source *s, void *out, size_t len, struct err *e)
{
	struct member *m = (struct member *)s;
	size_t left = m->head_len - m->head_done;
	ssize_t n;

	if (m->reader->broken)
		return err_set(e, ERR_INPUT, "archive: refused already");
	if (left > 0) {
		if (len > left)
			len = left;
		memcpy(out, m->head + m->head_done, len);
		m->head_done += len;
		return (ssize_t)len;
	}
	if ((n = pull(m->reader, out, len, e)) == -1)
		return refuse(m->reader, e);
	return n;
}

/* --- headers --- */

/* The member's name into r->name, behind the prefix; empty for the archive's root folder. */
static int
take_name(struct archive_reader *r, struct archive_entry *entry, bool folder, struct err *e)
{
	const char *name = archive_entry_pathname(entry);
	size_t len, prefix_len = strlen(r->prefix);
	int rc;

	r->name[0] = '\0';
	/* NULL: libarchive could not make UTF-8 of it. */
	if (name == NULL)
		return err_set(e, ERR_INPUT, "name: not UTF-8");
	while (name[0] == '.' && name[1] == '/')
		name += 2;
	len = strlen(name);
	if (folder && len > 0 && name[len - 1] == '/')
		len--;
	if (folder && (len == 0 || (len == 1 && name[0] == '.')) && archive_entry_pathname(entry)[0] == '.')
		return 0;
	if (name_check(name, len, e) == -1)
		return -1;
	if (!folder) {
		if ((rc = seen_add(&r->seen, name, len, e)) == -1)
			return -1;
		if (rc == 0)
			return err_set(e, ERR_INPUT, "its name came before");
	}
	if (prefix_len > 0) {
		memcpy(r->name, r->prefix, prefix_len);
		r->name[prefix_len++] = '/';
	}
	memcpy(r->name + prefix_len, name, len);
	r->name[prefix_len + len] = '\0';
	return 0;
}

/* Only plain files and folders, in plain places, in plain packing. */
static int
check_header(struct archive_reader *r, struct archive_entry *entry, bool *folder, struct err *e)
{
	const char *format = archive_format_name(r->archive);

	if (archive_entry_hardlink(entry) != NULL)
		return err_set(e, ERR_INPUT, "a hard link");
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
		*folder = false;
		break;
	case AE_IFDIR:
		*folder = true;
		break;
	case AE_IFLNK:
		return err_set(e, ERR_INPUT, "a symbolic link");
	default:
		return err_set(e, ERR_INPUT, "a device, pipe or socket");
	}
	if (take_name(r, entry, *folder, e) == -1)
		return -1;
	if (archive_entry_is_encrypted(entry))
		return err_set(e, ERR_INPUT, "encrypted");
	if (archive_entry_sparse_count(entry) > 0)
		return err_set(e, ERR_INPUT, "a sparse file: pack it without holes");
	/* "ZIP 2.0 (deflation)": the other methods' decoders are not worth their risk. */
	if (r->packing == PACKED_ZIP && (format == NULL || (strstr(format, "(deflation)") == NULL &&
							       strstr(format, "(uncompressed)") == NULL)))
		return err_set(e, ERR_INPUT, "packed by another method than deflate");
	return 0;
}

/* At a tar's end: two blocks of zeros must have stood behind the last member. */
static int
check_end(struct archive_reader *r, struct err *e)
{
	uint64_t end = (r->end + TAR_BLOCK_LEN - 1) / TAR_BLOCK_LEN * TAR_BLOCK_LEN;
	uint64_t at = (uint64_t)archive_filter_bytes(r->archive, 0);

	if (check_ratio(r, e) == -1)
		return err_context(e, "archive");
	if (r->packing != PACKED_ZIP && (at < end || at - end < TAR_MARK_LEN))
		return err_set(e, ERR_INPUT, "archive: cut short: it has no end-of-archive mark");
	return 0;
}

/* Read the open member to its end. */
static int
finish_member(struct archive_reader *r, struct err *e)
{
	ssize_t n;

	while ((n = pull(r, r->drain, sizeof(r->drain), e)) > 0)
		;
	r->open = false;
	r->end = (uint64_t)archive_filter_bytes(r->archive, 0);
	return n == 0 ? 0 : refuse(r, e);
}

/* One header: 1 a file, 0 the end, 2 a folder, -1. */
static int
next_header(struct archive_reader *r, struct err *e)
{
	struct archive_entry *entry = NULL;
	struct member *m = &r->member;
	bool folder = false;
	int rc;

	rc = archive_read_next_header(r->archive, &entry);
	if (rc == ARCHIVE_EOF)
		return check_end(r, e) == -1 ? -1 : 0;
	r->members++;
	if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN) {
		(void)damage(r, e);
		return refuse(r, e);
	}
	if (r->members > r->limits.members) {
		err_set(e, ERR_LIMIT, "more than %" PRIu64 " members", r->limits.members);
		return refuse(r, e);
	}
	if (check_ratio(r, e) == -1 || check_header(r, entry, &folder, e) == -1)
		return refuse(r, e);
	/* A header that libarchive could read only in part, though its name is fine. */
	if (rc == ARCHIVE_WARN) {
		err_set(e, ERR_INPUT, "a header with faults");
		return refuse(r, e);
	}
	m->source = (struct source){
	    .read = member_read,
	    .size_known = archive_entry_size_is_set(entry),
	    .name = r->name,
	};
	m->size = m->source.size_known ? (uint64_t)archive_entry_size(entry) : 0;
	m->source.size = m->size;
	m->got = m->head_len = m->head_done = 0;
	m->ended = false;
	r->open = true;
	if (m->size > r->limits.member_bytes) {
		err_set(e, ERR_LIMIT, "more than %" PRIu64 " bytes", r->limits.member_bytes);
		return refuse(r, e);
	}
	return folder ? 2 : 1;
}

/* The first bytes of a file, which must not be another archive's. */
static int
look_inside(struct archive_reader *r, struct err *e)
{
	struct member *m = &r->member;
	ssize_t n;

	do {
		if ((n = pull(r, m->head + m->head_len, sizeof(m->head) - m->head_len, e)) == -1)
			return refuse(r, e);
		m->head_len += (size_t)n;
	} while (n > 0 && m->head_len < sizeof(m->head));
	if (archive_magic(m->head, m->head_len)) {
		err_set(e, ERR_INPUT,
		    "an archive or compressed file: nested deeper than 1 (office documents are zip files "
		    "too)");
		return refuse(r, e);
	}
	return 0;
}

int
archive_next(struct archive_reader *r, struct source **member, struct err *e)
{
	int rc;

	*member = NULL;
	if (r->broken)
		return err_set(e, ERR_INPUT, "archive: refused already");
	do {
		if (r->open && finish_member(r, e) == -1)
			return -1;
		rc = next_header(r, e);
	} while (rc == 2);
	if (rc == 1)
		rc = look_inside(r, e) == -1 ? -1 : 1;
	if (rc == -1) {
		r->broken = true;
		return -1;
	}
	if (rc == 1) {
		r->member.source.number = ++*r->number;
		*member = &r->member.source;
	}
	return rc;
}
