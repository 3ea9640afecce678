/* Disclosure control: count classes, widen the rows of those that are too small, count again, blank the rest. */
#include "stager/anonymity.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "anonymity_classes.h"

#define BLOCK_ROWS 4096
#define MILLION 1000000

/* A class by its name: enough to find its rows again. */
struct named {
	uint32_t count; /* 0: none */
	uint8_t level;  /* steps that its rows were widened by */
	uint64_t key;
};

struct run {
	const struct anonymity *a;
	const struct anonymity_rows *rows;
	uint8_t *decisions;
	struct anonymity_result *result;
	struct classes classes;
	size_t width;   /* codes of a row, its weight among them */
	uint64_t total; /* rows, each by its weight */
	uint8_t steps[ANONYMITY_STEPS_MAX + 1]
		     [ANONYMITY_QUASI_MAX]; /* of each quasi-identifier, at each level */
	unsigned bits[ANONYMITY_QUASI_MAX];
	struct named smallest[2]; /* of the classes that are shown */
	/* The reading under way. */
	uint64_t at;      /* of the block's first row */
	size_t got;       /* rows in the block */
	uint32_t codes[]; /* BLOCK_ROWS of them */
};

static int
rules_check(const struct anonymity *a, const struct anonymity_rows *rows, struct err *e)
{
	unsigned bits = 0;
	uint32_t turns = 0;

	if (rows->count > ANONYMITY_ROWS_MAX || (rows->weighted && rows->total > ANONYMITY_ROWS_MAX))
		return err_set(e, ERR_LIMIT, "disclosure: more than %" PRIu32 " rows", ANONYMITY_ROWS_MAX);
	if (a->k < 1 || a->k > ANONYMITY_K_MAX || a->quasi_count < 1 ||
	    a->quasi_count > ANONYMITY_QUASI_MAX || a->sensitive_count > ANONYMITY_SENSITIVE_MAX ||
	    a->steps > ANONYMITY_STEPS_MAX || a->max_blank > MILLION || a->memory < ANONYMITY_MEMORY_MIN)
		return err_set(e, ERR_LIMIT, "disclosure: a rule past its limit");
	for (unsigned i = 0; i < a->steps; i++) {
		if (a->turn[i] >= a->quasi_count)
			return err_set(e, ERR_INPUT, "disclosure: a step that widens nothing");
		turns |= UINT32_C(1) << a->turn[i];
	}
	for (size_t i = 0; i < a->sensitive_count; i++)
		if (a->sensitive[i].l < 2 || a->sensitive[i].l > ANONYMITY_L_MAX)
			return err_set(e, ERR_LIMIT, "disclosure: l is 2 to %d", ANONYMITY_L_MAX);
	for (size_t i = 0; i < a->quasi_count; i++) {
		const struct anonymity_quasi *q = &a->quasi[i];

		if (q->values == 0)
			return err_set(e, ERR_INPUT, "disclosure: a quasi-identifier without values");
		for (uint32_t v = q->values - 1; v != 0; v /= 2)
			bits++;
		if ((q->wider != NULL) != ((turns >> i & 1) != 0))
			return err_set(e, ERR_INPUT,
			    "disclosure: widened are those that steps are for, and all of them");
		for (uint32_t v = 0; q->wider != NULL && v < q->values; v++)
			if (q->wider[v] >= q->values)
				return err_set(e, ERR_INPUT, "disclosure: a wider value that is none");
	}
	if (bits > ANONYMITY_KEY_BITS)
		return err_set(e, ERR_LIMIT,
		    "disclosure: the quasi-identifiers have too many different values: fewer, or coarser "
		    "ones");
	return 0;
}

/* How many rows this one stands for. */
static inline uint32_t
weight_of(const struct run *r, size_t row)
{
	return r->rows->weighted ? r->codes[row * r->width + r->width - 1] : 1;
}

static int
read_begin(struct run *r, struct err *e)
{
	r->at = 0;
	r->got = 0;
	r->result->readings++;
	return r->rows->rewind(r->rows->ctx, e);
}

/* The next block: 1, 0 behind the last row, -1. */
static int
read_block(struct run *r, struct err *e)
{
	const struct anonymity *a = r->a;

	r->at += r->got;
	if (r->rows->next(r->rows->ctx, r->codes, BLOCK_ROWS, &r->got, e) == -1)
		return -1;
	if (r->got > BLOCK_ROWS || r->got > r->rows->count - r->at ||
	    (r->got == 0 && r->at != r->rows->count))
		return err_set(e, ERR_INPUT, "disclosure: the rows are not those of the reading before");
	for (size_t row = 0; row < r->got; row++) {
		for (size_t i = 0; i < a->quasi_count; i++)
			if (r->codes[row * r->width + i] >= a->quasi[i].values)
				return err_set(e, ERR_INPUT, "disclosure: a code that is no value");
		if (weight_of(r, row) == 0 || weight_of(r, row) > r->total)
			return err_set(e, ERR_INPUT, "disclosure: a weight that none can have");
	}
	return r->got > 0;
}

static const uint32_t *
sensitive_of(const struct run *r, size_t row)
{
	return r->codes + row * r->width + r->a->quasi_count;
}

/* What a row shows of one quasi-identifier, so many steps wider. */
static inline uint32_t
shown_code(const struct run *r, size_t row, size_t quasi, unsigned level)
{
	uint32_t code = r->codes[row * r->width + quasi];

	for (unsigned steps = r->steps[level][quasi]; steps > 0; steps--)
		code = r->a->quasi[quasi].wider[code];
	return code;
}

/* All of what it shows, the first quasi-identifier highest: keys order as the tuples do. */
static inline uint64_t
shown_key(const struct run *r, size_t row, unsigned level)
{
	uint64_t key = 0;

	for (size_t i = 0; i < r->a->quasi_count; i++)
		key = key << r->bits[i] | shown_code(r, row, i, level);
	return key;
}

static bool
before(const struct named *a, const struct named *b)
{
	if (b->count == 0 || a->count != b->count)
		return b->count == 0 || a->count < b->count;
	return a->level != b->level ? a->level < b->level : a->key < b->key;
}

/* A class that is shown: counted, and kept where it is one of the two smallest. */
static void
class_shown(struct run *r, const struct named *class)
{
	r->result->classes++;
	if (before(class, &r->smallest[0])) {
		r->smallest[1] = r->smallest[0];
		r->smallest[0] = *class;
	} else if (before(class, &r->smallest[1])) {
		r->smallest[1] = *class;
	}
}

/* What the table holds after a reading. Is any class of it too small? */
static bool
classes_tell(struct run *r, unsigned level)
{
	const struct classes *c = &r->classes;
	bool fails = false;

	for (size_t at = 0; at < c->places; at++) {
		if (c->counts[at] == 0)
			continue;
		if (classes_pass(c, at, r->a->k))
			class_shown(
			    r, &(struct named){
				   .count = c->counts[at], .level = (uint8_t)level, .key = c->keys[at]});
		else
			fails = true;
	}
	return fails;
}

static int
count_rows(struct run *r, unsigned level, struct err *e)
{
	int more;

	if (read_begin(r, e) == -1)
		return -1;
	while ((more = read_block(r, e)) == 1)
		for (size_t row = 0; row < r->got; row++)
			if (r->decisions[r->at + row] == level)
				classes_add(&r->classes, shown_key(r, row, level), sensitive_of(r, row),
				    weight_of(r, row));
	return more;
}

/* The rows of the table's classes that are too small go one step on. Adds up how many. */
static int
move_rows(struct run *r, unsigned level, uint8_t to, uint64_t *moved, struct err *e)
{
	size_t place;
	int more;

	if (read_begin(r, e) == -1)
		return -1;
	while ((more = read_block(r, e)) == 1)
		for (size_t row = 0; row < r->got; row++) {
			if (r->decisions[r->at + row] != level)
				continue;
			place = classes_find(&r->classes, shown_key(r, row, level));
			if (place == SIZE_MAX || classes_pass(&r->classes, place, r->a->k))
				continue;
			r->decisions[r->at + row] = to;
			*moved += weight_of(r, row);
		}
	return more;
}

/* All rows of one step: those of classes that are too small are moved to the next. */
static int
level_run(struct run *r, unsigned level, uint64_t *moved, struct err *e)
{
	uint8_t to = level < r->a->steps ? (uint8_t)(level + 1) : ANONYMITY_BLANK;

	*moved = 0;
	classes_first(&r->classes);
	do {
		if (count_rows(r, level, e) == -1)
			return -1;
		if (classes_tell(r, level) && move_rows(r, level, to, moved, e) == -1)
			return -1;
	} while (classes_more(&r->classes));
	return 0;
}

/* Do the blanked rows hold l values of each sensitive attribute? They are a class like others: the table counts it. */
static int
blanked_pass(struct run *r, bool *pass, struct err *e)
{
	size_t place;
	int more;

	classes_first(&r->classes);
	if (read_begin(r, e) == -1)
		return -1;
	while ((more = read_block(r, e)) == 1)
		for (size_t row = 0; row < r->got; row++)
			if (r->decisions[r->at + row] == ANONYMITY_BLANK)
				classes_add(&r->classes, 0, sensitive_of(r, row), weight_of(r, row));
	place = classes_find(&r->classes, 0);
	*pass = place != SIZE_MAX && classes_pass(&r->classes, place, r->a->k);
	return more;
}

/* The smallest class joins the blanked rows: it has k rows and l values, so they have, too. */
static int
smallest_joins(struct run *r, struct err *e)
{
	const struct named joins = r->smallest[0];
	int more;

	if (read_begin(r, e) == -1)
		return -1;
	while ((more = read_block(r, e)) == 1)
		for (size_t row = 0; row < r->got; row++)
			if (r->decisions[r->at + row] == joins.level &&
			    shown_key(r, row, joins.level) == joins.key)
				r->decisions[r->at + row] = ANONYMITY_BLANK;
	r->result->blanked += joins.count;
	r->result->widened -= joins.level > 0 ? joins.count : 0;
	r->result->classes--;
	r->smallest[0] = r->smallest[1];
	return more;
}

static int
blank(struct run *r, struct err *e)
{
	struct anonymity_result *result = r->result;
	bool pass = true;

	if (result->blanked > 0 && blanked_pass(r, &pass, e) == -1)
		return -1;
	if (!pass && r->smallest[0].count == 0) {
		result->held = true;
		return 0;
	}
	if (!pass && smallest_joins(r, e) == -1)
		return -1;
	/* Both below 2^32, times a million: no overflow. */
	result->held = result->blanked * MILLION > r->total * r->a->max_blank;
	result->smallest = r->smallest[0].count;
	if (result->blanked > 0 && (result->smallest == 0 || result->blanked < result->smallest))
		result->smallest = (uint32_t)result->blanked;
	return 0;
}

/* Each quasi-identifier alone: how many values are shown, and how rare the rarest is. */
static int
tell_shown(struct run *r, struct err *e)
{
	uint32_t *counts[ANONYMITY_QUASI_MAX] = {NULL};
	int more = -1;

	/* Nothing is shown of nobody, however many values there could have been. */
	if (r->rows->count == 0)
		return 0;
	for (size_t i = 0; i < r->a->quasi_count; i++)
		if ((counts[i] = calloc(r->a->quasi[i].values, sizeof(*counts[i]))) == NULL) {
			err_set(e, ERR_SYSTEM, "disclosure: out of memory for a quasi-identifier's values");
			goto out;
		}
	if (read_begin(r, e) == -1)
		goto out;
	while ((more = read_block(r, e)) == 1)
		for (size_t row = 0; row < r->got; row++) {
			uint8_t level = r->decisions[r->at + row];

			for (size_t i = 0; i < r->a->quasi_count && level != ANONYMITY_BLANK; i++)
				counts[i][shown_code(r, row, i, level)] += weight_of(r, row);
		}
	for (size_t i = 0; i < r->a->quasi_count; i++) {
		struct anonymity_shown *shown = &r->result->shown[i];

		for (uint32_t v = 0; v < r->a->quasi[i].values; v++) {
			if (counts[i][v] == 0)
				continue;
			shown->values++;
			if (shown->smallest == 0 || counts[i][v] < shown->smallest)
				shown->smallest = counts[i][v];
		}
	}
out:
	for (size_t i = 0; i < r->a->quasi_count; i++)
		free(counts[i]);
	return more;
}

static int
decide(struct run *r, struct err *e)
{
	struct anonymity_result *result = r->result;
	uint64_t pending = r->total, moved;

	/* What each step leaves behind is shown so; what it moves is the next one's. */
	for (unsigned level = 0; level <= r->a->steps && pending > 0; level++) {
		if (level_run(r, level, &moved, e) == -1)
			return -1;
		if (level == 0)
			result->below = moved;
		else
			result->widened += pending - moved;
		pending = moved;
	}
	result->blanked = pending;
	if (blank(r, e) == -1)
		return -1;
	return tell_shown(r, e);
}

int
anonymity_run(const struct anonymity *a, const struct anonymity_rows *rows, uint8_t *decisions,
    struct anonymity_result *result, struct err *e)
{
	size_t width = a->quasi_count + a->sensitive_count + (rows->weighted ? 1 : 0);
	struct run *r = NULL;
	int rc = -1;

	*result = (struct anonymity_result){0};
	if (rules_check(a, rows, e) == -1)
		return -1;
	if ((r = calloc(1, sizeof(*r) + BLOCK_ROWS * width * sizeof(*r->codes))) == NULL)
		return err_set(e, ERR_SYSTEM, "disclosure: out of memory");
	r->a = a;
	r->rows = rows;
	r->decisions = decisions;
	r->result = result;
	r->width = width;
	r->total = rows->weighted ? rows->total : rows->count;
	for (size_t i = 0; i < a->quasi_count; i++) {
		for (unsigned level = 1; level <= a->steps; level++)
			r->steps[level][i] = (uint8_t)(r->steps[level - 1][i] + (a->turn[level - 1] == i));
		for (uint32_t v = a->quasi[i].values - 1; v != 0; v /= 2)
			r->bits[i]++;
	}
	memset(decisions, 0, rows->count);
	if (classes_open(&r->classes, a, rows->count, e) == 0)
		rc = decide(r, e);
	classes_free(&r->classes);
	explicit_bzero(r->codes, BLOCK_ROWS * width * sizeof(*r->codes));
	free(r);
	return rc;
}
