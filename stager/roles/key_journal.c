/* The journal of redemptions: chained and MACed records, durable before anything depends on them. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "key_open.h"
#include "stager/io.h"

#define RECORD_BODY_LEN (JOURNAL_RECORD_LEN - DIGEST_LEN)
#define READ_RECORDS 512

static void
record_mac(const struct journal *j, const uint8_t *body, uint8_t out[static DIGEST_LEN])
{
	const struct digest_part parts[] = {{j->mac, DIGEST_LEN}, {body, RECORD_BODY_LEN}};

	key_mac(j->mac_key, "stager journal v1", parts, 2, out);
}

static int
record_encode(const struct record *r, struct buf *out, struct err *e)
{
	if (buf_put_u32le(out, (uint32_t)r->type, e) == -1 || buf_put_u32le(out, r->slot, e) == -1 ||
	    buf_put_u32le(out, r->restart, e) == -1 || buf_put_u32le(out, 0, e) == -1 ||
	    buf_put_u64le(out, r->number, e) == -1 || buf_put(out, r->digest, DIGEST_LEN, e) == -1)
		return -1;
	return buf_put(out, r->node, X25519_LEN, e);
}

static int
record_decode(const uint8_t *body, struct record *r, struct err *e)
{
	struct view v = view_of(body, RECORD_BODY_LEN, "journal record");
	uint32_t type, zero;

	if (view_u32le(&v, &type, e) == -1 || view_u32le(&v, &r->slot, e) == -1 ||
	    view_u32le(&v, &r->restart, e) == -1 || view_u32le(&v, &zero, e) == -1 ||
	    view_u64le(&v, &r->number, e) == -1 || view_copy(&v, r->digest, DIGEST_LEN, e) == -1 ||
	    view_copy(&v, r->node, X25519_LEN, e) == -1 || view_expect_end(&v, e) == -1)
		return -1;
	if (type < RECORD_REDEMPTION || type > RECORD_REGISTER || zero != 0)
		return err_set(e, ERR_INPUT, "journal: a record of a newer kind");
	r->type = (enum record_type)type;
	return 0;
}

/* What a proven record means. */
static int
journal_apply(struct journal *j, const struct record *r, struct err *e)
{
	switch (r->type) {
	case RECORD_REDEMPTION:
		if (j->count == j->cap) {
			size_t cap = j->cap == 0 ? 64 : 2 * j->cap;
			struct redemption *more = NULL;

			if (j->count >= JOURNAL_RECORDS_MAX)
				return err_set(
				    e, ERR_LIMIT, "journal: over %d redemptions", JOURNAL_RECORDS_MAX);
			if ((more = realloc(j->redemptions, cap * sizeof(*more))) == NULL)
				return err_sys(e, "journal");
			j->redemptions = more;
			j->cap = cap;
		}
		j->redemptions[j->count].slot = r->slot;
		j->redemptions[j->count].restart = r->restart;
		memcpy(j->redemptions[j->count].request, r->digest, DIGEST_LEN);
		memcpy(j->redemptions[j->count].node, r->node, X25519_LEN);
		j->count++;
		return 0;
	case RECORD_CHECKPOINT:
		j->log_size = r->number;
		memcpy(j->log_root, r->digest, DIGEST_LEN);
		return 0;
	case RECORD_REGISTER:
		j->register_count = r->number;
		memcpy(j->register_mac, r->digest, DIGEST_LEN);
		return 0;
	}
	return err_set(e, ERR_INPUT, "journal: a record of a newer kind");
}

/* Some file systems leave zeros where a crash came between the new length and the bytes. */
static int
rest_is_zero(int fd, uint64_t from, struct err *e)
{
	uint8_t piece[4096];
	ssize_t n;

	while ((n = io_pread(fd, piece, sizeof(piece), from, "journal", e)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			if (piece[i] != 0)
				return 0;
		from += (uint64_t)n;
	}
	return n == -1 ? -1 : 1;
}

/* Take away what was never whole: no answer depended on it. */
static int
journal_cut(struct journal *j, struct err *e)
{
	if (ftruncate(j->fd, (off_t)j->end) == -1 || fsync(j->fd) == -1)
		return err_sys(e, "journal: cut an unfinished record");
	return 0;
}

int
journal_open(struct journal *j, int fd, const struct secret *mac_key, struct err *e)
{
	uint8_t *piece = NULL;
	ssize_t n;
	int rc = -1;

	memset(j, 0, sizeof(*j));
	j->fd = fd;
	j->mac_key = mac_key;
	if (fd == -1)
		return 0;
	if ((piece = malloc((size_t)READ_RECORDS * JOURNAL_RECORD_LEN)) == NULL)
		return err_sys(e, "journal");
	do {
		n = io_pread(fd, piece, (size_t)READ_RECORDS * JOURNAL_RECORD_LEN, j->end, "journal", e);
		if (n == -1)
			goto out;
		for (ssize_t at = 0; n - at >= JOURNAL_RECORD_LEN; at += JOURNAL_RECORD_LEN) {
			uint8_t mac[DIGEST_LEN];
			struct record r;

			record_mac(j, piece + at, mac);
			if (!digest_equal(mac, piece + at + RECORD_BODY_LEN)) {
				int zero = rest_is_zero(fd, j->end, e);

				if (zero == 0)
					err_set(e, ERR_FORGED,
					    "journal: record %llu: altered, or of another house",
					    (unsigned long long)(j->end / JOURNAL_RECORD_LEN));
				rc = zero == 1 ? journal_cut(j, e) : -1;
				goto out;
			}
			if (record_decode(piece + at, &r, e) == -1 || journal_apply(j, &r, e) == -1)
				goto out;
			memcpy(j->mac, mac, DIGEST_LEN);
			j->end += JOURNAL_RECORD_LEN;
		}
	} while (n == (ssize_t)READ_RECORDS * JOURNAL_RECORD_LEN);
	rc = n % JOURNAL_RECORD_LEN == 0 ? 0 : journal_cut(j, e);
out:
	free(piece);
	if (rc == -1)
		journal_close(j);
	return rc;
}

void
journal_close(struct journal *j)
{
	free(j->redemptions);
	memset(j, 0, sizeof(*j));
	j->fd = -1;
}

int
journal_append(struct journal *j, const struct record *records, size_t count, struct err *e)
{
	uint8_t before[DIGEST_LEN];
	struct buf bytes;
	int rc = -1;

	buf_init(&bytes, 4 * JOURNAL_RECORD_LEN);
	memcpy(before, j->mac, DIGEST_LEN);
	if (j->fd == -1 || j->torn)
		return err_set(e, ERR_SYSTEM, "journal: there is none to write to");
	j->torn = true; /* until all of it is known to be on disk */
	for (size_t i = 0; i < count; i++) {
		if (record_encode(&records[i], &bytes, e) == -1)
			goto out;
		record_mac(j, bytes.data + bytes.len - RECORD_BODY_LEN, j->mac);
		if (buf_put(&bytes, j->mac, DIGEST_LEN, e) == -1)
			goto out;
	}
	if (lseek(j->fd, (off_t)j->end, SEEK_SET) == -1) {
		err_sys(e, "journal: seek");
		goto out;
	}
	if (io_write(j->fd, bytes.data, bytes.len, "journal", e) == -1)
		goto out;
	if (fsync(j->fd) == -1) {
		err_sys(e, "journal: sync");
		goto out;
	}
	for (size_t i = 0; i < count; i++)
		if (journal_apply(j, &records[i], e) == -1)
			goto out;
	j->end += bytes.len;
	j->torn = false;
	rc = 0;
out:
	if (rc == -1)
		memcpy(j->mac, before, DIGEST_LEN);
	buf_free(&bytes);
	return rc;
}

int
journal_judge(const struct journal *j, const uint8_t request[static DIGEST_LEN], uint32_t slot,
    uint32_t restart, const uint8_t node[static X25519_LEN], uint32_t max, bool *again, struct err *e)
{
	const struct redemption *last = NULL;
	uint32_t redeemed = 0;

	*again = false;
	for (size_t i = 0; i < j->count; i++) {
		const struct redemption *r = &j->redemptions[i];

		if (memcmp(r->request, request, DIGEST_LEN) != 0)
			continue;
		redeemed++;
		if (r->slot == slot && (last == NULL || r->restart > last->restart))
			last = r;
	}
	if (last != NULL && restart < last->restart)
		return err_set(e, ERR_REFUSED,
		    "slot %u: restart %u came before; a higher --restart is wanted", slot, last->restart);
	if (last != NULL && restart == last->restart) {
		if (memcmp(last->node, node, X25519_LEN) != 0)
			return err_set(e, ERR_REFUSED,
			    "alarm: slot %u: restart %u was released to another node key (a second run of a "
			    "slot wants "
			    "a higher --restart)",
			    slot, restart);
		*again = true;
		return 0;
	}
	if (redeemed >= max)
		return err_set(e, ERR_REFUSED,
		    "alarm: the request's %u redemptions are used up: a new request is wanted", max);
	return 0;
}
