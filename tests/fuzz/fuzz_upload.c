/* A body sealed for the house, with any edit list, any byte of it altered: what opens is what was sealed, of the length that was told. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <sodium.h>

#include "stager/secret.h"
#include "stager/upload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define PLAIN 200

/* The edit list by brute force. */
static bool
kept(const uint64_t *edits, size_t count, uint64_t at)
{
	for (size_t k = 0; k < count; k++) {
		if (at < edits[k])
			return k % 2 == 1;
		at -= edits[k];
	}
	return count == 0 || count % 2 == 1;
}

static void
compare(const struct packets *p, const uint8_t *plain, size_t n, int out, uint64_t size)
{
	uint8_t got[PLAIN], want[PLAIN] = {0};
	size_t have = 0;

	for (size_t i = 0; i < n; i++)
		if (kept(p->edits, p->edit_count, i))
			want[have++] = plain[i];
	if (size != have || pread(out, got, sizeof(got), 0) != (ssize_t)have || memcmp(got, want, have) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static int in = -1, out = -1, hand = -1;
	static struct secret *key;
	uint8_t plain[PLAIN], segment[PLAIN + 28] = {0};
	struct packets p = {.key_count = 1, .data_packets = 1, .one_writer = true}, q;
	uint64_t edits[32], size = 0;
	bool ordered = false, altered, fits;
	size_t n, at;
	struct err e;

	if (key == NULL && (secret_start(&e) == -1 || (key = secret_random(32, &e)) == NULL ||
			       (in = memfd_create("in", 0)) == -1 || (out = memfd_create("out", 0)) == -1 ||
			       (hand = memfd_create("hand", 0)) == -1))
		abort();
	/* Any bytes as what stager-key hands over. */
	if (ftruncate(hand, 0) == -1 || pwrite(hand, data, len, 0) != (ssize_t)len ||
	    lseek(hand, 0, SEEK_SET) == -1)
		abort();
	if (packets_take(hand, &q, &e) == 0)
		packets_free(&q);
	if (len < 4)
		return 0;
	n = 1 + data[0] % PLAIN;
	altered = data[1] != 0;
	at = data[2] % (n + 28);
	for (size_t i = 0; i < n; i++)
		plain[i] = (uint8_t)(3 * i + 1);
	if ((data[3] & 1) != 0)
		segment[8] = 1; /* the last, in our order */
	else
		memset(segment, 0x99, 12);
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(
	    segment + 12, NULL, plain, n, NULL, 0, NULL, segment, key->bytes);
	segment[at] ^= data[1];
	for (at = 4; at < len && p.edit_count < 32; at++)
		edits[p.edit_count++] = data[at] == 255 ? UINT64_MAX - 7 : data[at] % 90;
	p.keys = key;
	p.edited = p.edit_count > 0;
	p.edits = p.edited ? edits : NULL;
	if (ftruncate(in, 0) == -1 || ftruncate(out, 0) == -1 || lseek(out, 0, SEEK_SET) == -1 ||
	    pwrite(in, segment, n + 28, 0) != (ssize_t)(n + 28) || lseek(in, 0, SEEK_SET) == -1 ||
	    upload_size(&p, n + 28, &size, &e) == -1)
		abort();
	fits = upload_open(&p, in, n + 28, out, &ordered, &e) == 0;
	if (fits && altered)
		abort();
	if (fits)
		compare(&p, plain, n, out, size);
	else if (!altered)
		abort();
	else if (lseek(out, 0, SEEK_END) != 0)
		abort();
	return 0;
}
