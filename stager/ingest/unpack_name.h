/* How a file is packed, by its name. stager/ingest only. */
#ifndef INGEST_UNPACK_NAME_H
#define INGEST_UNPACK_NAME_H

#include <stddef.h>

enum packing { PACKED_GZIP, PACKED_XZ, PACKED_ZSTD };

/* As unpack_name; *kind where it is not 0. */
size_t unpack_kind(const char *name, enum packing *kind);

#endif
