/* Crypt4GH headers of any writer: read whole, within limits, and opened by one reader. */
#include "stager/crypt4gh.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "packets.h"
#include "stager/io.h"
#include "stager/secret.h"

#define PACKET_LEN_MIN 8 /* length and method */

static uint32_t
u32le(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint64_t
u64le(const uint8_t *at)
{
	return u32le(at) | (uint64_t)u32le(at + 4) << 32;
}

/* The 16 bytes that lead a header. */
static int
lead_check(const uint8_t *lead, uint32_t *count, struct err *e)
{
	if (memcmp(lead, packets_magic, sizeof(packets_magic)) != 0)
		return err_set(e, ERR_FORGED, "header: not Crypt4GH, or not its version 1");
	*count = u32le(lead + sizeof(packets_magic));
	if (*count > PACKETS_MAX)
		return err_set(e, ERR_FORGED, "header: more than %d packets", PACKETS_MAX);
	return 0;
}

static int
length_check(uint32_t len, struct err *e)
{
	if (len < PACKET_LEN_MIN || len > PACKET_MAX)
		return err_set(e, ERR_FORGED, "header: a packet has a length that none has");
	return 0;
}

/* len more bytes of fd. */
static int
take(int fd, struct buf *raw, size_t len, struct err *e)
{
	uint8_t *room = raw->len + len > PACKETS_LEN_MAX ? NULL : buf_reserve(raw, len, e);

	if (raw->len + len > PACKETS_LEN_MAX)
		return err_set(e, ERR_FORGED, "header: longer than %u bytes", PACKETS_LEN_MAX);
	if (room == NULL)
		return -1;
	if (io_read_exact(fd, room, len, "header", e) == -1) {
		if (e != NULL && e->code == ERR_INPUT)
			e->code = ERR_FORGED;
		return -1;
	}
	raw->len += len;
	return 0;
}

int
packets_read(int fd, struct buf *raw, struct err *e)
{
	uint32_t count, len;

	if (take(fd, raw, PACKETS_LEAD, e) == -1 ||
	    lead_check(raw->data + raw->len - PACKETS_LEAD, &count, e) == -1)
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		if (take(fd, raw, 4, e) == -1)
			return -1;
		len = u32le(raw->data + raw->len - 4);
		if (length_check(len, e) == -1 || take(fd, raw, len - 4, e) == -1)
			return -1;
	}
	return 0;
}

/* What stays the same from packet to packet while a header is opened. */
struct opening {
	const struct secret *reader;
	const uint8_t *wanted_writer;
	struct secret *shared; /* with the last packet's writer: most headers have one */
	uint8_t writer[X25519_LEN];
	uint8_t first_writer[X25519_LEN]; /* of the packets that opened */
	bool opened, mixed;
	struct packets *p;
};

/* The packet's plaintext, NULL with *failed false where it is not for this reader. */
static struct secret *
packet_open(struct opening *o, const uint8_t *packet, size_t len, bool *failed, struct err *e)
{
	const uint8_t *writer = packet + PACKET_LEN_MIN, *nonce = writer + X25519_LEN;
	const uint8_t *sealed = nonce + crypto_aead_chacha20poly1305_ietf_NPUBBYTES;
	struct secret *plain;
	size_t sealed_len;

	*failed = false;
	if (u32le(packet + 4) != 0 || len < PACKET_OVERHEAD + 8)
		return NULL;
	if (o->wanted_writer != NULL && memcmp(writer, o->wanted_writer, X25519_LEN) != 0)
		return NULL;
	sealed_len = len - (size_t)(sealed - packet);
	if (o->shared == NULL || memcmp(o->writer, writer, X25519_LEN) != 0) {
		struct err bad = {.code = ERR_NONE};

		secret_free(o->shared);
		memcpy(o->writer, writer, X25519_LEN);
		if ((o->shared = header_shared_reader(o->reader, writer, &bad)) == NULL) {
			if (bad.code == ERR_FORGED)
				return NULL; /* a writer key that is none */
			*failed = true;
			if (e != NULL)
				*e = bad;
			return NULL;
		}
	}
	if ((plain = secret_new(sealed_len - crypto_aead_chacha20poly1305_ietf_ABYTES, e)) == NULL) {
		*failed = true;
		return NULL;
	}
	if (crypto_aead_chacha20poly1305_ietf_decrypt(
		plain->bytes, NULL, NULL, sealed, sealed_len, NULL, 0, nonce, o->shared->bytes) != 0) {
		secret_free(plain);
		return NULL;
	}
	return plain;
}

static int
take_key(struct packets *p, const struct secret *plain, struct err *e)
{
	if (u32le(plain->bytes + 4) != 0)
		return err_set(e, ERR_FORGED,
		    "header: a data key for a method that is not known here, or methods mixed");
	if (plain->len != 8 + C4GH_KEY_LEN)
		return err_set(e, ERR_FORGED, "header: a data key of a wrong length");
	p->data_packets++;
	for (size_t i = 0; i < p->key_count; i++)
		if (sodium_memcmp(p->keys->bytes + i * C4GH_KEY_LEN, plain->bytes + 8, C4GH_KEY_LEN) == 0)
			return 0;
	if (p->key_count == DATA_KEYS_MAX)
		return err_set(e, ERR_FORGED, "header: more than %d data keys for one reader", DATA_KEYS_MAX);
	memcpy(p->keys->bytes + p->key_count * C4GH_KEY_LEN, plain->bytes + 8, C4GH_KEY_LEN);
	p->key_count++;
	return 0;
}

static int
take_edits(struct packets *p, const struct secret *plain, struct err *e)
{
	uint32_t count = u32le(plain->bytes + 4);

	if (p->edited)
		return err_set(e, ERR_FORGED, "header: more than one edit list");
	if (count == 0 || count > EDITS_MAX || plain->len != 8 + 8 * (size_t)count)
		return err_set(e, ERR_FORGED, "header: an edit list of a wrong length");
	if ((p->edits = calloc(count, sizeof(*p->edits))) == NULL)
		return err_set(e, ERR_SYSTEM, "header: out of memory");
	for (uint32_t i = 0; i < count; i++)
		p->edits[i] = u64le(plain->bytes + 8 + 8 * i);
	p->edit_count = count;
	p->edited = true;
	return 0;
}

static int
take_packet(struct opening *o, const uint8_t *packet, size_t len, struct err *e)
{
	struct packets *p = o->p;
	struct secret *plain;
	bool failed;
	int rc;

	if ((plain = packet_open(o, packet, len, &failed, e)) == NULL) {
		if (failed)
			return -1;
		p->other_count++;
		return buf_put(&p->others, packet, len, e);
	}
	if (o->opened && memcmp(o->first_writer, o->writer, X25519_LEN) != 0)
		o->mixed = true;
	o->opened = true;
	if (!o->mixed)
		memcpy(o->first_writer, o->writer, X25519_LEN);
	switch (u32le(plain->bytes)) {
	case PACKET_DATA_KEY:
		rc = take_key(p, plain, e);
		break;
	case PACKET_EDIT_LIST:
		rc = take_edits(p, plain, e);
		break;
	default:
		rc = err_set(e, ERR_FORGED, "header: a packet of a type that is not known here");
	}
	secret_free(plain);
	return rc;
}

int
packets_open(const uint8_t *raw, size_t len, const struct secret *reader_secret, const uint8_t *writer,
    struct packets *p, struct err *e)
{
	struct opening o = {.reader = reader_secret, .wanted_writer = writer, .p = p};
	bool not_ours = false;
	size_t at = PACKETS_LEAD;
	uint32_t count, packet_len;
	int rc = -1;

	*p = (struct packets){.keys = NULL};
	buf_init(&p->others, PACKETS_LEN_MAX);
	if (len < PACKETS_LEAD || len > PACKETS_LEN_MAX) {
		err_set(e, ERR_FORGED, "header: cut short, or too long");
		goto out;
	}
	if (lead_check(raw, &count, e) == -1 ||
	    (p->keys = secret_new((size_t)DATA_KEYS_MAX * C4GH_KEY_LEN, e)) == NULL)
		goto out;
	for (uint32_t i = 0; i < count; i++) {
		if (len - at < PACKET_LEN_MIN) {
			err_set(e, ERR_FORGED, "header: cut short");
			goto out;
		}
		packet_len = u32le(raw + at);
		if (length_check(packet_len, e) == -1)
			goto out;
		if (packet_len > len - at) {
			err_set(e, ERR_FORGED, "header: cut short");
			goto out;
		}
		if (take_packet(&o, raw + at, packet_len, e) == -1)
			goto out;
		at += packet_len;
	}
	if (at != len)
		err_set(e, ERR_FORGED, "header: trailing bytes");
	else if ((not_ours = p->key_count == 0))
		err_set(e, ERR_FORGED, "header: no packet gives this key a data key%s",
		    writer == NULL ? "" : " by the sender expected");
	else if (p->edited && o.mixed)
		/* Whoever knows a public key can add an edit list for it; who made the body's key is another matter. */
		err_set(e, ERR_FORGED, "header: an edit list beside packets of another writer");
	else
		rc = 0;
	p->one_writer = !o.mixed;
out:
	secret_free(o.shared);
	if (rc == -1)
		packets_free(p);
	p->not_ours = not_ours;
	return rc;
}

void
packets_free(struct packets *p)
{
	secret_free(p->keys);
	free(p->edits);
	buf_free(&p->others);
	*p = (struct packets){.keys = NULL};
}
