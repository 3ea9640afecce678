/* A tar as it passes through the node: whatever its bytes and however they are cut, no more is kept than came. */
#include <stdlib.h>

#include "stager/node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct node_tar t, whole;
	struct err e = {.code = ERR_NONE};
	size_t keep, kept = 0, piece, at = 1;
	int all, part = 0;

	if (size < 1)
		return 0;
	/* Blocks are what readers see: pieces of whole blocks must give what one piece gives. */
	piece = ((size_t)data[0] + 1) * NODE_TAR_BLOCK;
	node_tar_init(&whole);
	all = node_tar_feed(&whole, data + 1, size - 1, &keep, &e);
	if (all == -1 ? e.code != ERR_FORGED : keep > size - 1)
		abort();
	node_tar_init(&t);
	for (; part == 0 && at < size; at += piece) {
		size_t len = size - at < piece ? size - at : piece, now;

		part = node_tar_feed(&t, data + at, len, &now, &e);
		kept += part == 0 ? now : 0;
	}
	if (part != all || (all == 0 && (kept != keep || t.ended != whole.ended || t.skip != whole.skip)))
		abort();
	/* A broken-off tar never looks whole: after the error header there is always something missing. */
	if (all == 0 && !whole.ended && node_tar_between(&whole)) {
		uint8_t header[NODE_TAR_BLOCK];

		node_tar_error(header);
		if (node_tar_feed(&whole, header, sizeof(header), &keep, &e) == 0 && whole.skip == 0 &&
		    whole.pax_size == UINT64_MAX)
			abort();
	}
	return 0;
}
