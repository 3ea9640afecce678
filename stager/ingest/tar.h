/* Writing tar: the blocks of a plain ustar archive, pax only where ustar cannot say a size. */
#ifndef INGEST_TAR_H
#define INGEST_TAR_H

#include <stddef.h>
#include <stdint.h>

#define TAR_BLOCK 512
#define TAR_END (2 * TAR_BLOCK)      /* zeros: the end-of-archive mark */
#define TAR_HEAD_MAX (3 * TAR_BLOCK) /* pax header, its record, ustar header */
#define TAR_FOLDER_MAX 155
#define TAR_NAME_MAX 99
/* The largest size that fits ustar's eleven octal digits. */
#define TAR_USTAR_SIZE_MAX ((UINT64_C(1) << 33) - 1)

/*
 * One ustar header block for folder/name (folder may be ""): owner 0, mode 0644, time 0, no owner's names.
 * type: '0' for a file, 'x' for a pax header. folder and name within the limits above (else it aborts), size
 * at most TAR_USTAR_SIZE_MAX. Source: POSIX.1-2017, pax, "ustar Interchange Format".
 */
void tar_block(const char *folder, const char *name, uint64_t size, char type, uint8_t out[static TAR_BLOCK]);
/* All blocks before a file's bytes; returns their length, 512 or 1536. */
size_t tar_head(const char *folder, const char *name, uint64_t size, uint8_t out[static TAR_HEAD_MAX]);
/* What a file of size bytes takes: its head, its bytes, and zeros up to a whole block. */
uint64_t tar_file_len(uint64_t size);
/*
 * The length that an archive of len bytes is padded to with zeros: PADME (Nikitin et al., "Reducing Metadata
 * Leakage from Encrypted Files and Communication with PURBs", PoPETs 2019), then up to a whole block.
 */
uint64_t tar_padded_len(uint64_t len);

#endif
