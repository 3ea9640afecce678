/* Any bytes as an envelope: what is taken has a form that can be written again, and nobody's good signature. */
#include <stdlib.h>
#include <string.h>

#include "stager/dsse.h"
#include "stager/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint8_t key[SIGN_PUBLIC_LEN] = {9};
	struct buf text;
	struct dsse *d, *again;
	struct err e;

	if (secret_start(&e) == -1)
		abort();
	if ((d = dsse_decode(data, len, "envelope", &e)) == NULL)
		return 0;
	if (dsse_check(d, d->type, key, "envelope", &e) == 0)
		abort();
	buf_init(&text, 4u << 20);
	if (dsse_encode(
		d->type, d->payload.data, d->payload.len, key, d->signatures[0].signature, &text, &e) == -1)
		abort();
	if ((again = dsse_decode(text.data, text.len, "envelope", &e)) == NULL)
		abort();
	if (strcmp(again->type, d->type) != 0 || again->payload.len != d->payload.len ||
	    memcmp(again->payload.data, d->payload.data, d->payload.len) != 0 || again->count != 1)
		abort();
	dsse_free(again);
	dsse_free(d);
	buf_free(&text);
	return 0;
}
