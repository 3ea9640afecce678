/* stager-open digest: a keyed digest of each source file, of which it understands nothing; and the MAC of what versions were pushed from. */
#include <stdlib.h>
#include <string.h>

#include "open.h"
#include "stager/c4gh.h"
#include "stager/digest.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/secret.h"
#include "stager/wire.h"

#define KEY_FD 5
#define KEY_LEN 32
#define STEP (1u << 20)

struct digesting {
	struct secret *key;
	struct sums *sums; /* SHA-256 by OpenSSL: some five times libsodium's */
	uint8_t *step;     /* STEP bytes */
};

/* HMAC(key, SHA-256(bytes)). By position: a descriptor that others read from, too, stays where it is. */
static int
digest_file(struct digesting *d, int fd, uint64_t size, uint8_t out[static DIGEST_LEN], struct err *e)
{
	uint8_t inner[SUM_LEN];
	uint64_t at = 0;
	ssize_t n;

	while ((n = io_pread(fd, d->step, STEP, at, "source", e)) > 0) {
		if (sums_update(d->sums, d->step, (size_t)n, e) == -1)
			return -1;
		at += (uint64_t)n;
	}
	if (n == -1 || sums_final(d->sums, inner, e) == -1)
		return -1;
	if (at != size)
		return err_set(e, ERR_INPUT, "it changed while it was read");
	digest_hmac(d->key->bytes, d->key->len, &(struct digest_part){inner, sizeof(inner)}, 1, out);
	return 0;
}

/* HMAC(key, label | kind | name): of what stands there once, by that name. */
static int
digest_name(struct digesting *d, const struct json *j, uint8_t out[static DIGEST_LEN], struct err *e)
{
	static const char label[] = "stager source name 1";
	const char *name = json_need_string(j, "name", "control message", e);
	uint8_t kind_byte;
	int64_t kind;

	if (name == NULL || json_need_int(j, "kind", 0, UINT8_MAX, "control message", &kind, e) == -1)
		return -1;
	kind_byte = (uint8_t)kind;
	digest_hmac(d->key->bytes, d->key->len,
	    (const struct digest_part[]){{label, sizeof(label)}, {&kind_byte, 1}, {name, strlen(name)}}, 3,
	    out);
	return 0;
}

/* HMAC(key, label | digest of the row): longer than what is hashed of a file, so never one of those. */
static int
prove(struct digesting *d, const struct json *j, uint8_t out[static DIGEST_LEN], struct err *e)
{
	static const char label[] = "stager origin 1";
	uint8_t row[DIGEST_LEN];

	if (json_need_hex(j, "row", row, sizeof(row), "control message", e) == -1)
		return -1;
	digest_hmac(d->key->bytes, d->key->len,
	    (const struct digest_part[]){{label, sizeof(label)}, {row, sizeof(row)}}, 2, out);
	return 0;
}

static int
answer(struct digesting *d, const struct wire_message *m, struct err *e)
{
	static const char *const file_keys[] = {"kind", "name", "size", NULL}, *const row_keys[] = {
										   "row", NULL};
	const bool file = m->type == WIRE_CONTENT;
	struct json *j = NULL, *out = json_object();
	uint8_t mac[DIGEST_LEN], name[DIGEST_LEN];
	int64_t size;
	int rc = -1;

	if ((!file && m->type != WIRE_ORIGIN) || (m->fds[0] != -1) != file || m->fds[1] != -1) {
		err_set(e, ERR_INPUT, "control message: type %d where a file or a row was due", (int)m->type);
		goto out;
	}
	if ((j = json_parse(m->payload.data, m->payload.len, "control message", e)) == NULL ||
	    json_expect_keys(j, file ? file_keys : row_keys, "control message", e) == -1)
		goto out;
	if (file ? json_need_int(j, "size", 0, JSON_INT_MAX, "control message", &size, e) == -1 ||
		       digest_name(d, j, name, e) == -1 ||
		       digest_file(d, m->fds[0], (uint64_t)size, mac, e) == -1
		 : prove(d, j, mac, e) == -1)
		goto out;
	json_set_hex(out, "mac", mac, sizeof(mac));
	if (file)
		json_set_hex(out, "name", name, sizeof(name));
	rc = wire_send(WIRE_FD, WIRE_OK, out, NULL, 0, e);
out:
	json_free(j);
	json_free(out);
	return rc;
}

int
open_digest(struct sums *sums, struct err *e)
{
	struct digesting d = {.sums = sums};
	struct wire_message m;
	int rc = -1;

	if ((d.key = secret_read(KEY_FD, KEY_LEN, "key of digests", e)) == NULL)
		return -1;
	if ((d.step = malloc(STEP)) == NULL) {
		err_set(e, ERR_SYSTEM, "out of memory");
		goto out;
	}
	do {
		wire_message_init(&m);
		if ((rc = wire_receive(WIRE_FD, &m, e)) == 1 && answer(&d, &m, e) == -1)
			rc = -1;
		wire_message_free(&m);
	} while (rc == 1);
	explicit_bzero(d.step, STEP);
out:
	free(d.step);
	secret_free(d.key);
	return rc;
}
