/* The context of a dataset in a memfd: subjects one behind the other, then an index by their pseudonyms. */
#include "stager/context.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "context_form.h"
#include "stager/io.h"

#define FIRST_SLOTS 1024
#define PENDING_LEN (256u << 10)

struct context_maker {
	int fd;
	uint64_t *slots; /* as in the file */
	size_t slot_count;
	uint64_t subjects, excluded;
	uint64_t written; /* of the file */
	size_t pending_len;
	uint8_t pending[PENDING_LEN]; /* what follows */
};

struct context_maker *
context_maker_new(int fd, struct err *e)
{
	struct context_maker *m = calloc(1, sizeof(*m));

	if (m == NULL || (m->slots = calloc(FIRST_SLOTS, sizeof(*m->slots))) == NULL) {
		err_sys(e, "context");
		context_maker_free(m);
		return NULL;
	}
	m->fd = fd;
	m->slot_count = FIRST_SLOTS;
	return m;
}

void
context_maker_free(struct context_maker *m)
{
	if (m == NULL)
		return;
	explicit_bzero(m->pending, sizeof(m->pending));
	free(m->slots);
	free(m);
}

static int
flush(struct context_maker *m, struct err *e)
{
	if (m->pending_len > 0 && io_write(m->fd, m->pending, m->pending_len, "context", e) == -1)
		return -1;
	m->written += m->pending_len;
	m->pending_len = 0;
	return 0;
}

static int
append(struct context_maker *m, const void *data, size_t len, struct err *e)
{
	const uint8_t *from = data;

	if (m->written + m->pending_len + len > CONTEXT_BYTES_MAX)
		return err_set(
		    e, ERR_LIMIT, "context: more than %llu bytes", (unsigned long long)CONTEXT_BYTES_MAX);
	while (len > 0) {
		size_t n = PENDING_LEN - m->pending_len < len ? PENDING_LEN - m->pending_len : len;

		memcpy(m->pending + m->pending_len, from, n);
		m->pending_len += n;
		from += n;
		len -= n;
		if (m->pending_len == PENDING_LEN && flush(m, e) == -1)
			return -1;
	}
	return 0;
}

/* len bytes that were appended before. */
static int
read_back(struct context_maker *m, uint64_t at, uint8_t *out, size_t len, struct err *e)
{
	if (at + len > m->written) {
		if (at < m->written && flush(m, e) == -1)
			return -1;
		if (at >= m->written) {
			memcpy(out, m->pending + (at - m->written), len);
			return 0;
		}
	}
	while (len > 0) {
		ssize_t n = pread(m->fd, out, len, (off_t)at);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? err_set(e, ERR_SYSTEM, "context: it became shorter")
				      : err_sys(e, "context: read");
		out += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

/* Twice as many slots. Each one's hash is read back: its tag has 20 bits of it, not all. */
static int
grow(struct context_maker *m, struct err *e)
{
	size_t count = m->slot_count * 2, at;
	uint64_t *slots = calloc(count, sizeof(*slots));
	char pseudonym[PSEUDONYM_LEN];

	if (slots == NULL)
		return err_sys(e, "context: memory for %zu subjects", count);
	for (size_t i = 0; i < m->slot_count; i++) {
		if (m->slots[i] == 0)
			continue;
		if (read_back(m, (m->slots[i] & OFFSET_MASK) - 1, (uint8_t *)pseudonym, sizeof(pseudonym),
			e) == -1) {
			free(slots);
			return -1;
		}
		at = context_hash(pseudonym) & (count - 1);
		while (slots[at] != 0)
			at = (at + 1) & (count - 1);
		slots[at] = m->slots[i];
	}
	free(m->slots);
	m->slots = slots;
	m->slot_count = count;
	return 0;
}

/* The slot that a pseudonym has, or would get. 1 where it is there, 0, -1. */
static int
find_slot(struct context_maker *m, const char *pseudonym, uint64_t hash, size_t *at, struct err *e)
{
	char there[PSEUDONYM_LEN];

	for (*at = hash & (m->slot_count - 1); m->slots[*at] != 0; *at = (*at + 1) & (m->slot_count - 1)) {
		if (m->slots[*at] >> TAG_SHIFT != hash >> TAG_SHIFT)
			continue;
		if (read_back(m, (m->slots[*at] & OFFSET_MASK) - 1, (uint8_t *)there, sizeof(there), e) == -1)
			return -1;
		if (memcmp(there, pseudonym, sizeof(there)) == 0)
			return 1;
	}
	return 0;
}

int
context_add(struct context_maker *m, const char pseudonym[static PSEUDONYM_LEN], enum subject_state state,
    const void *body, size_t len, struct err *e)
{
	const uint64_t hash = context_hash(pseudonym), states = UINT64_C(15) << OFFSET_BITS;
	uint8_t head[CONTEXT_HEAD_LEN];
	uint64_t offset;
	size_t at;
	int found;

	if (len > CONTEXT_BODY_MAX)
		return err_set(e, ERR_LIMIT, "context: a subject of more than %d bytes", CONTEXT_BODY_MAX);
	if ((found = find_slot(m, pseudonym, hash, &at, e)) == -1)
		return -1;
	if (found == 1) {
		enum subject_state was = (enum subject_state)(m->slots[at] >> OFFSET_BITS & 15);

		if (was != SUBJECT_EXCLUDED && state == SUBJECT_EXCLUDED)
			m->excluded++;
		else
			state = was == SUBJECT_EXCLUDED ? SUBJECT_EXCLUDED : SUBJECT_REPEATED;
		m->slots[at] = (m->slots[at] & ~states) | (uint64_t)state << OFFSET_BITS;
		return 0;
	}
	if (m->subjects == CONTEXT_SUBJECTS_MAX)
		return err_set(e, ERR_LIMIT, "context: more than %d subjects", CONTEXT_SUBJECTS_MAX);
	/* Three quarters full: from there on places are looked for too long. */
	if ((m->subjects + 1) * 4 > m->slot_count * 3) {
		if (grow(m, e) == -1 || find_slot(m, pseudonym, hash, &at, e) == -1)
			return -1;
	}
	if (state != SUBJECT_GOOD)
		len = 0;
	offset = m->written + m->pending_len;
	memcpy(head, pseudonym, PSEUDONYM_LEN);
	head[PSEUDONYM_LEN] = (uint8_t)len;
	head[PSEUDONYM_LEN + 1] = (uint8_t)(len >> 8);
	if (append(m, head, sizeof(head), e) == -1 || append(m, body, len, e) == -1)
		return -1;
	m->slots[at] = (offset + 1) | (uint64_t)state << OFFSET_BITS | hash >> TAG_SHIFT << TAG_SHIFT;
	m->subjects++;
	m->excluded += state == SUBJECT_EXCLUDED;
	return 0;
}

uint64_t
context_count(const struct context_maker *m)
{
	return m->subjects;
}

static int
compare_offsets(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Where those stand that are not good, in order. NULL with e set. Caller frees. */
static uint64_t *
others(const struct context_maker *m, size_t *count, struct err *e)
{
	uint64_t *list = calloc(m->subjects + 1, sizeof(*list));

	*count = 0;
	if (list == NULL) {
		err_sys(e, "context: memory for subjects");
		return NULL;
	}
	for (size_t i = 0; i < m->slot_count; i++)
		if (m->slots[i] != 0 && (m->slots[i] >> OFFSET_BITS & 15) != SUBJECT_GOOD)
			list[(*count)++] = (m->slots[i] & OFFSET_MASK) - 1;
	qsort(list, *count, sizeof(*list), compare_offsets);
	return list;
}

/* A subject whose body was changed, back to its place. */
static int
rewrite(struct context_maker *m, uint64_t at, const uint8_t *subject, size_t len, struct err *e)
{
	ssize_t n;

	while ((n = pwrite(m->fd, subject, len, (off_t)at)) == -1 && errno == EINTR)
		continue;
	if (n == -1)
		return err_sys(e, "context: write");
	return n == (ssize_t)len ? 0 : err_set(e, ERR_SYSTEM, "context: written in part");
}

int
context_each(struct context_maker *m,
    int (*visit)(void *ctx, uint64_t number, uint8_t *body, size_t len, struct err *e), void *ctx,
    struct err *e)
{
	size_t other_count, other = 0, from = 0, filled = 0, len;
	uint64_t *list, at = 0, read = 0;
	int changed, rc = -1;

	if (flush(m, e) == -1 || (list = others(m, &other_count, e)) == NULL)
		return -1;
	/* Nothing is pending now: what is read back has its room. */
	for (uint64_t number = 0; number < m->subjects; number++) {
		if (filled - from < CONTEXT_HEAD_LEN + CONTEXT_BODY_MAX && read < m->written) {
			memmove(m->pending, m->pending + from, filled - from);
			filled -= from;
			from = 0;
			len = m->written - read < PENDING_LEN - filled ? (size_t)(m->written - read)
								       : PENDING_LEN - filled;
			if (read_back(m, read, m->pending + filled, len, e) == -1)
				goto out;
			read += len;
			filled += len;
		}
		len = (size_t)m->pending[from + PSEUDONYM_LEN] | (size_t)m->pending[from + PSEUDONYM_LEN + 1]
								     << 8;
		if (other < other_count && list[other] == at) {
			other++;
		} else {
			changed = visit(ctx, number, m->pending + from + CONTEXT_HEAD_LEN, len, e);
			if (changed == -1 || (changed == 1 && rewrite(m, at, m->pending + from,
								  CONTEXT_HEAD_LEN + len, e) == -1))
				goto out;
		}
		from += CONTEXT_HEAD_LEN + len;
		at += CONTEXT_HEAD_LEN + len;
	}
	rc = 0;
out:
	free(list);
	return rc;
}

/* SHA-256 of what was written, read back. */
static int
digest_back(struct context_maker *m, uint8_t digest[static DIGEST_LEN], struct err *e)
{
	crypto_hash_sha256_state state;
	int rc = 0;

	(void)crypto_hash_sha256_init(&state);
	for (uint64_t at = 0; rc == 0 && at < m->written; at += PENDING_LEN) {
		size_t len = m->written - at < PENDING_LEN ? (size_t)(m->written - at) : PENDING_LEN;

		rc = read_back(m, at, m->pending, len, e);
		if (rc == 0)
			(void)crypto_hash_sha256_update(&state, m->pending, len);
	}
	(void)crypto_hash_sha256_final(&state, digest);
	return rc;
}

int
context_finish(struct context_maker *m, uint8_t digest[static DIGEST_LEN], uint64_t *subjects, struct err *e)
{
	const uint64_t index_at = m->written + m->pending_len;
	uint8_t slot[8], end[CONTEXT_END_LEN] = CONTEXT_MAGIC;

	for (size_t i = 0; i < m->slot_count; i++) {
		context_put64(slot, m->slots[i]);
		if (append(m, slot, sizeof(slot), e) == -1)
			return -1;
	}
	context_put64(end + 8, index_at);
	context_put64(end + 16, m->slot_count);
	context_put64(end + 24, m->subjects);
	context_put64(end + 32, m->excluded);
	*subjects = m->subjects;
	if (append(m, end, sizeof(end), e) == -1 || flush(m, e) == -1)
		return -1;
	return digest_back(m, digest, e);
}

void
context_digest(const struct context *c, uint8_t digest[static DIGEST_LEN])
{
	digest_bytes(c->data, c->len, digest);
}
