/* Which members are looked at: from the index of a set, drawn by a key that nobody chose. */
#include "stager/review.h"

#include <stdlib.h>
#include <string.h>

#include "stager/digest.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/json.h"

#define LINE_LEN_MAX 4096 /* 512 is what seal writes */

struct drawn {
	uint8_t rank[DIGEST_LEN];
	int64_t number, shard, offset, size;
	char extension[ENTRY_EXT_MAX + 1];
};

/* The lowest ranks so far, the highest of them first (a heap). */
struct stratum {
	struct drawn *drawn;
	size_t count, want;
	int64_t population;
};

struct drawing {
	uint8_t key[REVIEW_KEY_LEN];
	struct stratum strata[REVIEW_STRATA];
	int64_t members, others, shards;
	size_t len;
	char line[LINE_LEN_MAX];
};

static bool
above(const struct drawn *a, const struct drawn *b)
{
	return memcmp(a->rank, b->rank, sizeof(a->rank)) > 0;
}

/* Put d at or below place i, where the heap lacks one. */
static void
sift(struct stratum *s, size_t i, const struct drawn *d)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= s->count)
			break;
		if (child + 1 < s->count && above(&s->drawn[child + 1], &s->drawn[child]))
			child++;
		if (!above(&s->drawn[child], d))
			break;
		s->drawn[i] = s->drawn[child];
		i = child;
	}
	s->drawn[i] = *d;
}

static void
offer(struct stratum *s, const struct drawn *d)
{
	s->population++;
	if (s->want == 0)
		return;
	if (s->count == s->want) {
		if (above(&s->drawn[0], d))
			sift(s, 0, d);
		return;
	}
	/* Up from the end. */
	size_t i = s->count++;

	for (; i > 0 && above(d, &s->drawn[(i - 1) / 2]); i = (i - 1) / 2)
		s->drawn[i] = s->drawn[(i - 1) / 2];
	s->drawn[i] = *d;
}

/* SUBJECT/NNNNNN.EXT, of which the extension is wanted. */
static int
extension_of(const char *name, char out[static ENTRY_EXT_MAX + 1], struct err *e)
{
	const char *dot = strrchr(name, '.');
	size_t len = dot == NULL ? 0 : strlen(dot + 1);

	if (len == 0 || len > ENTRY_EXT_MAX || strspn(dot + 1, "abcdefghijklmnopqrstuvwxyz0123456789") != len)
		return err_set(e, ERR_FORGED, "index: a member's name has a bad form");
	memcpy(out, dot + 1, len + 1);
	return 0;
}

static int
take_line(struct drawing *x, struct err *e)
{
	static const char *const keys[] = {"member", "offset", "shard", "size", "subject", NULL};
	struct json *j = json_parse_canonical(x->line, x->len, "index", e);
	struct drawn d = {.number = ++x->members};
	uint8_t number[8];
	const char *name;
	enum review_stratum stratum;
	int rc = -1;

	if (j == NULL || json_expect_keys(j, keys, "index", e) == -1 ||
	    (name = json_need_string(j, "member", "index", e)) == NULL ||
	    json_need_int(j, "shard", 0, x->shards - 1, "index", &d.shard, e) == -1 ||
	    json_need_int(j, "offset", 0, JSON_INT_MAX, "index", &d.offset, e) == -1 ||
	    json_need_int(j, "size", 0, JSON_INT_MAX, "index", &d.size, e) == -1 ||
	    extension_of(name, d.extension, e) == -1)
		goto out;
	if ((stratum = review_stratum_of(d.extension)) == REVIEW_OTHERS) {
		x->others++;
	} else {
		for (unsigned i = 0; i < 8; i++)
			number[i] = (uint8_t)((uint64_t)d.number >> (56 - 8 * i));
		digest_hmac(x->key, sizeof(x->key), (const struct digest_part[]){{number, sizeof(number)}}, 1,
		    d.rank);
		offer(&x->strata[stratum], &d);
	}
	rc = 0;
out:
	json_free(j);
	if (rc == -1 && e != NULL)
		e->code = ERR_FORGED;
	return rc;
}

static int
take_bytes(struct drawing *x, const uint8_t *data, size_t len, struct err *e)
{
	const uint8_t *newline;
	size_t piece;

	while (len > 0) {
		newline = memchr(data, '\n', len);
		piece = newline == NULL ? len : (size_t)(newline - data);
		if (piece > sizeof(x->line) - x->len)
			return err_set(e, ERR_FORGED, "index: a line is too long");
		memcpy(x->line + x->len, data, piece);
		x->len += piece;
		if (newline == NULL)
			return 0;
		if (take_line(x, e) == -1)
			return -1;
		x->len = 0;
		data += piece + 1;
		len -= piece + 1;
	}
	return 0;
}

static int
compare(const void *a, const void *b)
{
	return memcmp(((const struct drawn *)a)->rank, ((const struct drawn *)b)->rank, DIGEST_LEN);
}

static struct json *
told(struct stratum *s)
{
	struct json *j = json_object(), *list = json_array();

	if (s->count > 0)
		qsort(s->drawn, s->count, sizeof(*s->drawn), compare);
	for (size_t i = 0; i < s->count; i++) {
		struct json *one = json_array();

		json_push(one, json_int(s->drawn[i].number));
		json_push(one, json_int(s->drawn[i].shard));
		json_push(one, json_int(s->drawn[i].offset));
		json_push(one, json_int(s->drawn[i].size));
		json_push(one, json_string(s->drawn[i].extension));
		json_push(list, one);
	}
	json_set(j, "members", list);
	json_set_int(j, "population", s->population);
	return j;
}

static int
read_index(struct drawing *x, int fd, uint64_t bytes, struct err *e)
{
	uint8_t block[65536];
	int rc = 0;

	while (bytes > 0 && rc == 0) {
		size_t len = bytes < sizeof(block) ? (size_t)bytes : sizeof(block);

		if ((rc = io_read_exact(fd, block, len, "index", e)) == 0)
			rc = take_bytes(x, block, len, e);
		bytes -= len;
	}
	explicit_bzero(block, sizeof(block));
	if (rc == 0 && x->len != 0)
		return err_set(e, ERR_FORGED, "index: its last line has no end");
	return rc;
}

int
review_draw(int fd, uint64_t bytes, uint64_t shards, const uint64_t want[static REVIEW_STRATA],
    struct json **out, struct err *e)
{
	struct drawing *x = calloc(1, sizeof(*x));
	int rc = -1;

	if (x == NULL)
		return err_set(e, ERR_SYSTEM, "index: out of memory");
	x->shards = (int64_t)shards;
	for (size_t i = 0; i < REVIEW_STRATA; i++) {
		x->strata[i].want = want[i] < REVIEW_DRAW_MAX ? (size_t)want[i] : REVIEW_DRAW_MAX;
		if ((x->strata[i].drawn = calloc(x->strata[i].want + 1, sizeof(struct drawn))) == NULL) {
			err_set(e, ERR_SYSTEM, "index: out of memory");
			goto out;
		}
	}
	if (io_read_exact(fd, x->key, sizeof(x->key), "index", e) == -1 || read_index(x, fd, bytes, e) == -1)
		goto out;
	*out = json_object();
	for (size_t i = 0; i < REVIEW_STRATA; i++)
		json_set(*out, review_strata[i], told(&x->strata[i]));
	json_set_int(*out, "others", x->others);
	rc = 0;
out:
	for (size_t i = 0; i < REVIEW_STRATA; i++)
		free(x->strata[i].drawn);
	explicit_bzero(x, sizeof(*x));
	free(x);
	return rc;
}
