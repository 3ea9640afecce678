/* Crypt4GH headers for any number of recipients: new ones, and what another header said, sealed again. */
#include "stager/crypt4gh.h"

#include <string.h>

#include <sodium.h>

#include "packets.h"
#include "stager/secret.h"

_Static_assert(PACKET_OVERHEAD + 8 + 8 * EDITS_MAX <= PACKET_MAX, "the longest edit list fits a packet");

static void
put_u32le(uint8_t *at, uint32_t n)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(n >> 8 * i);
}

/* One packet with this plaintext. */
static int
packet_put(struct buf *out, const struct secret *shared, const uint8_t *writer, const uint8_t *plain,
    size_t len, struct err *e)
{
	const size_t whole = PACKET_OVERHEAD + len;
	uint8_t *at = buf_reserve(out, whole, e), *nonce;

	if (at == NULL)
		return -1;
	nonce = at + 8 + X25519_LEN;
	put_u32le(at, (uint32_t)whole);
	put_u32le(at + 4, 0);
	memcpy(at + 8, writer, X25519_LEN);
	randombytes_buf(nonce, crypto_aead_chacha20poly1305_ietf_NPUBBYTES);
	(void)crypto_aead_chacha20poly1305_ietf_encrypt(nonce + crypto_aead_chacha20poly1305_ietf_NPUBBYTES,
	    NULL, plain, len, NULL, 0, NULL, nonce, shared->bytes);
	out->len += whole;
	return 0;
}

/* u32 LE type 1 | u32 LE count | count × u64 LE */
static int
edits_encode(const struct packets *p, struct buf *out, struct err *e)
{
	if (buf_put_u32le(out, PACKET_EDIT_LIST, e) == -1 ||
	    buf_put_u32le(out, (uint32_t)p->edit_count, e) == -1)
		return -1;
	for (size_t i = 0; i < p->edit_count; i++)
		if (buf_put_u64le(out, p->edits[i], e) == -1)
			return -1;
	return 0;
}

/* All packets for one recipient. plain: room for a data key's packet. */
static int
recipient_put(const struct packets *p, const struct buf *edits, const struct secret *shared,
    const uint8_t *writer, struct secret *plain, struct buf *out, struct err *e)
{
	for (size_t k = 0; k < p->key_count; k++) {
		memcpy(plain->bytes + 8, p->keys->bytes + k * C4GH_KEY_LEN, C4GH_KEY_LEN);
		if (packet_put(out, shared, writer, plain->bytes, plain->len, e) == -1)
			return -1;
	}
	return edits->len == 0 ? 0 : packet_put(out, shared, writer, edits->data, edits->len, e);
}

int
packets_write(const struct packets *p, const struct secret *writer_secret, const uint8_t *recipients,
    size_t count, struct buf *out, struct err *e)
{
	struct secret *plain = NULL, *shared = NULL;
	uint8_t writer[X25519_LEN];
	const size_t each = p->key_count + p->edited;
	struct buf edits;
	int rc = -1;

	buf_init(&edits, PACKET_MAX);
	if (count == 0 || p->key_count == 0) {
		err_set(e, ERR_INPUT, "header: no recipient, or no data key");
		goto out;
	}
	if (count > PACKETS_MAX || each > PACKETS_MAX || p->other_count > PACKETS_MAX ||
	    count * each + p->other_count > PACKETS_MAX || p->edit_count > EDITS_MAX ||
	    p->edited != (p->edit_count > 0)) {
		err_set(e, ERR_LIMIT, "header: more than %d packets, or a longer edit list than one holds",
		    PACKETS_MAX);
		goto out;
	}
	if (header_public(writer_secret, writer, e) == -1 ||
	    (plain = secret_new(8 + C4GH_KEY_LEN, e)) == NULL ||
	    (p->edited && edits_encode(p, &edits, e) == -1) ||
	    buf_put(out, packets_magic, sizeof(packets_magic), e) == -1 ||
	    buf_put_u32le(out, (uint32_t)(count * each + p->other_count), e) == -1)
		goto out;
	for (size_t i = 0; i < count; i++) {
		if ((shared = header_shared_writer(writer_secret, recipients + i * X25519_LEN, e)) == NULL) {
			err_context(e, "recipient %zu", i + 1);
			goto out;
		}
		if (recipient_put(p, &edits, shared, writer, plain, out, e) == -1)
			goto out;
		secret_free(shared);
		shared = NULL;
	}
	if (p->other_count > 0 && buf_put(out, p->others.data, p->others.len, e) == -1)
		goto out;
	rc = 0;
out:
	secret_free(shared);
	secret_free(plain);
	buf_free(&edits);
	return rc;
}
