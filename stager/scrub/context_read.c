/* A context's reader: mapped, and never trusted to be what its writer would make. libc alone: stager-check links it, too. */
#include "context_form.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

int
context_sealed(int fd, struct err *e)
{
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals == -1 || (seals & SEALS) != SEALS)
		return err_set(e, ERR_INPUT, "context: it is not sealed against changes");
	return 0;
}

static uint64_t
may_bit(const struct context *c, const char *pseudonym)
{
	const uint64_t hash = context_hash(pseudonym);

	return (hash ^ hash >> 32) & c->may_mask;
}

/* Sixteen bits for each of them: most others fall on none of theirs, and are not looked for in a table that no cache holds. */
static int
note_excluded(struct context *c, struct err *e)
{
	const uint64_t most = c->excluded <= c->slot_mask ? c->excluded : c->slot_mask + 1;
	uint64_t bits = 4096, slot, at, bit;

	while (bits < 16 * most)
		bits *= 2;
	if ((c->may = calloc(bits / 8, 1)) == NULL)
		return err_sys(e, "context: memory");
	c->may_mask = bits - 1;
	for (uint64_t i = 0; i <= c->slot_mask; i++) {
		slot = context_get64(c->slots + i * 8);
		at = (slot & OFFSET_MASK) - 1;
		if ((slot & OFFSET_MASK) == 0 || (slot >> OFFSET_BITS & 15) != SUBJECT_EXCLUDED ||
		    at > c->index_at || c->index_at - at < CONTEXT_HEAD_LEN)
			continue;
		bit = may_bit(c, (const char *)c->data + at);
		c->may[bit / 8] |= (uint8_t)(1u << bit % 8);
	}
	return 0;
}

bool
context_may_exclude(const struct context *c, const char pseudonym[static PSEUDONYM_LEN])
{
	uint64_t bit;

	if (c->may == NULL)
		return false;
	bit = may_bit(c, pseudonym);
	return (c->may[bit / 8] >> bit % 8 & 1) != 0;
}

struct context *
context_open(int fd, struct err *e)
{
	struct context *c = calloc(1, sizeof(*c));
	uint64_t count, room;
	const uint8_t *end;
	struct stat st;
	void *data;

	if (c == NULL) {
		err_sys(e, "context");
		return NULL;
	}
	if (fstat(fd, &st) == -1 || st.st_size < CONTEXT_END_LEN || (uint64_t)st.st_size > CONTEXT_BYTES_MAX)
		goto bad;
	if ((data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0)) == MAP_FAILED) {
		err_sys(e, "context: map");
		free(c);
		return NULL;
	}
	c->data = data;
	c->len = (size_t)st.st_size;
	end = c->data + c->len - CONTEXT_END_LEN;
	c->index_at = context_get64(end + 8);
	count = context_get64(end + 16);
	c->subjects = context_get64(end + 24);
	c->excluded = context_get64(end + 32);
	room = c->len - CONTEXT_END_LEN;
	if (memcmp(end, CONTEXT_MAGIC, 8) != 0 || count == 0 || (count & (count - 1)) != 0 ||
	    count > room / 8 || c->index_at != room - count * 8 || c->subjects >= count)
		goto bad;
	c->slots = c->data + c->index_at;
	c->slot_mask = count - 1;
	if (c->excluded > 0 && note_excluded(c, e) == -1) {
		context_close(c);
		return NULL;
	}
	return c;
bad:
	err_set(e, ERR_INPUT, "context: it is not of the form it must have");
	context_close(c);
	return NULL;
}

void
context_close(struct context *c)
{
	if (c == NULL)
		return;
	free(c->may);
	if (c->data != NULL)
		(void)munmap((void *)(uintptr_t)c->data, c->len);
	free(c);
}

bool
context_excludes(const struct context *c)
{
	return c->excluded > 0;
}

bool
context_find(const struct context *c, const char pseudonym[static PSEUDONYM_LEN], enum subject_state *state,
    const uint8_t **body, size_t *len)
{
	const uint64_t hash = context_hash(pseudonym);
	uint64_t slot, at;

	/* The index is another program's work: it may be full, and may point anywhere. */
	for (uint64_t i = 0; i <= c->slot_mask; i++) {
		if ((slot = context_get64(c->slots + ((hash + i) & c->slot_mask) * 8)) == 0)
			return false;
		if (slot >> TAG_SHIFT != hash >> TAG_SHIFT || (slot & OFFSET_MASK) == 0)
			continue;
		at = (slot & OFFSET_MASK) - 1;
		if (at > c->index_at || c->index_at - at < CONTEXT_HEAD_LEN ||
		    memcmp(c->data + at, pseudonym, PSEUDONYM_LEN) != 0)
			continue;
		*len = (size_t)c->data[at + PSEUDONYM_LEN] | (size_t)c->data[at + PSEUDONYM_LEN + 1] << 8;
		*body = c->data + at + CONTEXT_HEAD_LEN;
		*state = (enum subject_state)(slot >> OFFSET_BITS & 15);
		if (*state == SUBJECT_GOOD && *len > c->index_at - at - CONTEXT_HEAD_LEN)
			*state = SUBJECT_BROKEN;
		if (*state > SUBJECT_BROKEN)
			*state = SUBJECT_BROKEN;
		if (*state != SUBJECT_GOOD) {
			*body = NULL;
			*len = 0;
		}
		return true;
	}
	return false;
}
