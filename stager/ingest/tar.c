/* Writing tar: headers, and how far an archive is padded. */
#include "tar.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Octal digits and a NUL over the whole field. */
static void
put_octal(uint8_t *field, size_t len, uint64_t v)
{
	for (size_t i = len - 1; i-- > 0; v >>= 3)
		field[i] = (uint8_t)('0' + (v & 7));
	field[len - 1] = '\0';
	if (v != 0)
		abort();
}

void
tar_block(const char *folder, const char *name, uint64_t size, char type, uint8_t out[static TAR_BLOCK])
{
	size_t folder_len = strlen(folder), name_len = strlen(name);
	unsigned sum = 0;

	if (folder_len > TAR_FOLDER_MAX || name_len == 0 || name_len > TAR_NAME_MAX)
		abort();
	memset(out, 0, TAR_BLOCK);
	/* The prefix field only where the name field is too short: many readers show the fields apart. */
	if (folder_len + 1 + name_len <= TAR_NAME_MAX) {
		memcpy(out, folder, folder_len);
		if (folder_len > 0)
			out[folder_len++] = '/';
		memcpy(out + folder_len, name, name_len);
	} else {
		memcpy(out, name, name_len);
		memcpy(out + 345, folder, folder_len);
	}
	put_octal(out + 100, 8, 0644); /* mode */
	put_octal(out + 108, 8, 0);    /* uid */
	put_octal(out + 116, 8, 0);    /* gid */
	put_octal(out + 124, 12, size);
	put_octal(out + 136, 12, 0); /* mtime */
	memset(out + 148, ' ', 8);   /* the sum counts its own field as spaces */
	out[156] = (uint8_t)type;
	memcpy(out + 257, "ustar\00000", 8); /* magic with its NUL, version without */
	put_octal(out + 329, 8, 0);          /* devmajor */
	put_octal(out + 337, 8, 0);          /* devminor */
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += out[i];
	put_octal(out + 148, 7, sum); /* six digits and a NUL; the space after it stays */
}

/* "LEN size=N\n", where LEN counts itself. */
static size_t
pax_size_record(uint64_t size, char *out, size_t cap)
{
	size_t len = 0, next = (size_t)snprintf(NULL, 0, " size=%" PRIu64 "\n", size);

	/* Grows by a digit at most once, so this ends. */
	while (len != next) {
		len = next;
		next = (size_t)snprintf(out, cap, "%zu size=%" PRIu64 "\n", len, size);
	}
	return len;
}

size_t
tar_head(const char *folder, const char *name, uint64_t size, uint8_t out[static TAR_HEAD_MAX])
{
	size_t len;

	if (size <= TAR_USTAR_SIZE_MAX) {
		tar_block(folder, name, size, '0', out);
		return TAR_BLOCK;
	}
	memset(out, 0, TAR_HEAD_MAX);
	len = pax_size_record(size, (char *)out + TAR_BLOCK, TAR_BLOCK);
	tar_block("", "././@PaxHeader", len, 'x', out);
	tar_block(folder, name, 0, '0', out + TAR_HEAD_MAX - TAR_BLOCK);
	return TAR_HEAD_MAX;
}

uint64_t
tar_file_len(uint64_t size)
{
	uint64_t head = size <= TAR_USTAR_SIZE_MAX ? TAR_BLOCK : TAR_HEAD_MAX;

	return head + (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

static unsigned
log2_floor(uint64_t v)
{
	unsigned n = 0;

	while (v >>= 1)
		n++;
	return n;
}

uint64_t
tar_padded_len(uint64_t len)
{
	uint64_t mask = 0;
	unsigned exponent;

	if (len >= 2) {
		exponent = log2_floor(len);
		/* 1 <= exponent, and log2(exponent) + 1 <= exponent. */
		mask = (UINT64_C(1) << /* NOLINT(clang-analyzer-core.UndefinedBinaryOperatorResult) */
			   (exponent - (log2_floor(exponent) + 1))) -
		       1;
	}
	len = (len + mask) & ~mask;
	return (len + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}
