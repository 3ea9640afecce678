/* Any bytes as a request, a steward's statement, an answer, a card, a receipt or an ask. */
#include <stdlib.h>
#include <string.h>

#include "stager/json.h"
#include "stager/receipt.h"
#include "stager/release.h"
#include "stager/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
expect(int rc, struct buf *again, const uint8_t *data, size_t len)
{
	if (rc == -1 || again->len != len || memcmp(again->data, data, len) != 0)
		abort();
	buf_clear(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint8_t house[SIGN_PUBLIC_LEN] = {7};
	struct json *facts = NULL;
	struct house_card card, card2;
	struct request r;
	struct steward s;
	struct answer a;
	struct receipt p;
	struct ask k;
	struct buf again;
	struct err e;

	if (secret_start(&e) == -1)
		abort();
	buf_init(&again, 1u << 20);
	if (request_decode(data, len, &r, &e) == 0)
		expect(request_encode(&r, &again, &e), &again, data, len);
	if (steward_decode(data, len, &s, &e) == 0)
		expect(steward_encode(&s, &again, &e), &again, data, len);
	if (answer_decode(data, len, &a, &e) == 0)
		expect(answer_encode(&a, &again, &e), &again, data, len);
	if (receipt_decode(data, len, &p, &e) == 0) {
		expect(receipt_encode(&p, &again, &e), &again, data, len);
		receipt_free(&p);
	}
	if (house_card_decode(data, len, &card, &e) == 0) {
		if (house_card_encode(&card, &again, &e) == -1 ||
		    house_card_decode(again.data, again.len, &card2, &e) == -1 ||
		    memcmp(&card, &card2, sizeof(card)) != 0)
			abort();
	}
	memset(&r, 0, sizeof(r));
	r.slots = 4;
	/* Nobody has the key of all zeros. */
	if (ask_decode(data, len, house, &r, &k, &facts, &e) == 0)
		abort();
	json_free(facts);
	buf_free(&again);
	return 0;
}
