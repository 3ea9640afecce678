/* Make libarchive and the C library load what they would open later: read small archives before confinement.
 */
#include "stager/archive.h"

#include <langinfo.h>
#include <string.h>
#include <sys/mman.h>

#include "stager/io.h"
#include "stager/source.h"
#include "tar.h"

/*
 * Two stored members of one byte, made by Python's zipfile: U+00E9 marked as UTF-8 and as made on FAT, whose
 * name libarchive also looks at in wide characters; "a" without a character set.
 */
static const uint8_t zip_specimen[] =
    "PK\3\4\24\0\0\10\0\0\0\0!\0\257w\322b\1\0\0\0\1\0\0\0\2\0\0\0\303\251z"
    "PK\3\4\24\0\0\0\0\0\0\0!\0\257w\322b\1\0\0\0\1\0\0\0\1\0\0\0az"
    "PK\1\2\24\0\24\0\0\10\0\0\0\0!\0\257w\322b\1\0\0\0\1\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0\200\1\0\0\0\0\303\251"
    "PK\1\2\24\3\24\0\0\0\0\0\0\0!\0\257w\322b\1\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\200\1!\0\0\0a"
    "PK\5\6\0\0\0\0\2\0\2\0_\0\0\0A\0\0\0\0\0";

/* A pax archive: U+00E9 in a pax header, then U+00E9 in a plain ustar header. One byte each. */
static size_t
tar_specimen(uint8_t out[static 8 * TAR_BLOCK])
{
	static const char record[] = "11 path=\303\251\n";

	memset(out, 0, 8 * TAR_BLOCK);
	tar_block("", "x", sizeof(record) - 1, 'x', out);
	memcpy(out + TAR_BLOCK, record, sizeof(record) - 1);
	tar_block("", "e", 1, '0', out + 2 * TAR_BLOCK);
	out[3 * TAR_BLOCK] = 'z';
	tar_block("f", "\303\251", 1, '0', out + 4 * TAR_BLOCK);
	out[5 * TAR_BLOCK] = 'z';
	return 8 * TAR_BLOCK;
}

/* Read it from a file in memory, by the way that all archives go; it must hold two members. */
static int
read_specimen(const uint8_t *data, size_t len, struct err *e)
{
	struct archive_reader *r = NULL;
	struct source *member;
	uint64_t number = 0;
	int fd, rc = -1;

	if ((fd = memfd_create("specimen", MFD_CLOEXEC)) == -1)
		return err_sys(e, "archive: file in memory");
	if (io_write(fd, data, len, "archive: specimen", e) == -1 ||
	    (r = archive_open(fd, len, "", &number, e)) == NULL)
		goto out;
	while ((rc = archive_next(r, &member, e)) == 1)
		;
	if (rc == 0 && number != 2)
		rc = err_set(e, ERR_SYSTEM, "archive: libarchive does not read what it must");
out:
	archive_close(r);
	io_close(&fd);
	return rc;
}

int
archive_warm(struct err *e)
{
	uint8_t tar[8 * TAR_BLOCK];

	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return err_set(e, ERR_SYSTEM, "archive: the character set is not UTF-8");
	if (read_specimen(tar, tar_specimen(tar), e) == -1 ||
	    read_specimen(zip_specimen, sizeof(zip_specimen) - 1, e) == -1)
		return err_context(e, "archive: specimen");
	return 0;
}
