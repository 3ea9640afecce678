/* Whether a file is packed, by its name. Apart from unpack.c, for the supervisor asks too, and links nothing that unpacks. */
#include "stager/unpack.h"

#include <string.h>
#include <strings.h>

size_t
unpack_kind(const char *name, enum packing *kind)
{
	static const char *const ends[] = {
	    [PACKED_GZIP] = ".gz", [PACKED_XZ] = ".xz", [PACKED_ZSTD] = ".zst"};
	const size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		const size_t end = strlen(ends[i]);

		if (len > end && strcasecmp(name + len - end, ends[i]) == 0 && name[len - end - 1] != '/') {
			*kind = (enum packing)i;
			return len - end;
		}
	}
	return 0;
}

size_t
unpack_name(const char *name)
{
	enum packing kind;

	return unpack_kind(name, &kind);
}
