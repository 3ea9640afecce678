/* Any bytes as a manifest, a shard table or a report: what is taken is written again byte for byte. */
#include <stdlib.h>
#include <string.h>

#include "stager/acceptance.h"
#include "stager/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
expect(int rc, const struct buf *again, const uint8_t *data, size_t len)
{
	if (rc == -1 || again->len != len || memcmp(again->data, data, len) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint8_t digest[DIGEST_LEN] = {1};
	struct manifest *m;
	struct shard_table *t;
	struct acceptance a;
	struct buf again;
	struct err e;
	int rc = 0;

	buf_init(&again, 4u << 20);
	if ((m = manifest_decode(data, len, &e)) != NULL)
		expect(manifest_encode(m, &again, &e), &again, data, len);
	manifest_free(m);
	buf_clear(&again);
	if ((t = table_decode(data, len, &e)) != NULL) {
		for (size_t i = 0; rc == 0 && i < t->count; i++)
			rc = table_encode_line(&t->shards[i], &again, &e);
		expect(rc, &again, data, len);
	}
	table_free(t);
	buf_clear(&again);
	if (acceptance_decode(data, len, &a, &e) == 0) {
		expect(acceptance_encode(&a, &again, &e), &again, data, len);
		buf_clear(&again);
		if (acceptance_describe(&a, digest, &again, &e) == -1)
			abort();
		/* Nothing but lines of text reaches a steward's terminal. */
		for (size_t i = 0; i < again.len; i++)
			if ((again.data[i] < 0x20 && again.data[i] != '\n') || again.data[i] >= 0x7f)
				abort();
		acceptance_free(&a);
	}
	buf_free(&again);
	return 0;
}
