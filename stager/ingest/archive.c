/* The members of an archive as sources, by libarchive; whatever is not plain refuses the whole archive. */
#include "archive_reader.h"

#include <archive_entry.h>
#include <inttypes.h>
#include <string.h>

#include "stager/names.h"
#include "tar.h"

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
		return archive_damage(r, e);
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
	uint64_t end = (r->end + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
	uint64_t at = (uint64_t)archive_filter_bytes(r->archive, 0);

	if (check_ratio(r, e) == -1)
		return err_context(e, "archive");
	if (r->packing != PACKED_ZIP && (at < end || at - end < TAR_END))
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
		(void)archive_damage(r, e);
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
