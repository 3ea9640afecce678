/* Any edit list and range over 96 bytes in pieces of any size, against the plainest reading; any nonces as an order. */
#include <stdlib.h>
#include <string.h>

#include "stager/crypt4gh.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define BYTES 96

/* Does byte number at go out? kept: how many did before a range is looked at. */
static bool
goes(const uint64_t *edits, size_t count, size_t at)
{
	uint64_t left = at;

	for (size_t k = 0; k < count; k++) {
		if (left < edits[k])
			return k % 2 == 1;
		left -= edits[k];
	}
	return count % 2 == 1;
}

static void
try_cut(const uint64_t *edits, size_t count, uint64_t start, uint64_t range, size_t piece)
{
	uint64_t kept = 0;
	struct cut c;
	bool keep;

	cut_init(&c, count == 0 ? NULL : edits, count, start, range);
	for (size_t at = 0; at < BYTES;) {
		size_t n = at + piece > BYTES ? BYTES - at : piece, took;
		bool wants = cut_wants(&c, n), done = cut_done(&c), any = false;

		for (; n > 0; n -= took) {
			if ((took = cut_take(&c, n, &keep)) == 0 || took > n)
				abort();
			any = any || keep;
			for (size_t i = 0; i < took; i++, at++) {
				bool want = count == 0 || goes(edits, count, at);

				if (want)
					kept++;
				want = want && kept > start && (range == UINT64_MAX || kept - start <= range);
				if (want != keep)
					abort();
			}
		}
		if (wants != any || (done && any))
			abort();
	}
}

/* 64 bytes a nonce and what else; whatever is taken must be in order. */
static void
try_order(const uint8_t *data, size_t len)
{
	static uint8_t segment[C4GH_SEGMENT_MAX];
	struct packets p = {.one_writer = true, .data_packets = 1, .edited = len > 0 && (data[0] & 1) != 0};
	struct place place;
	struct body body;
	uint64_t before = 0, index;
	bool any = false, last;
	struct err e;

	body_init(&body, &p, 0);
	for (; len >= C4GH_NONCE_LEN + 1; data += C4GH_NONCE_LEN + 1, len -= C4GH_NONCE_LEN + 1) {
		bool end = (data[0] & 2) != 0;

		memcpy(segment, data + 1, C4GH_NONCE_LEN);
		if (body_place(&body, segment, (data[0] & 4) != 0 ? 29u + data[0] : C4GH_SEGMENT_MAX, end,
			&place, &e) == -1)
			return;
		if (c4gh_nonce_place(segment, &index, &last) != (place.order == BODY_STREAM) ||
		    (any && place.index != before + 1) ||
		    (place.order == BODY_STREAM &&
			(place.index != index || place.last != last || (last && !end))))
			abort();
		before = place.index;
		any = true;
		if (end)
			return;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint64_t edits[32], huge[] = {UINT64_MAX, INT64_MAX, UINT32_MAX, 0};
	size_t count = 0;

	try_order(data, len);
	if (len < 4)
		return 0;
	for (size_t i = 3; i < len && count < 32; i++, count++)
		edits[count] = data[i] >= 252 ? huge[data[i] - 252] : data[i] % 40;
	try_cut(
	    edits, count, data[0] % 120, data[1] == 255 ? UINT64_MAX : 1u + data[1] % 120, 1u + data[2] % 50);
	return 0;
}
