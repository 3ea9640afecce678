/* The subject table's rows that a version has: which of them are new in this one, and whether the others are shown as they were. */
#include "stager/rows.h"

#include <stdlib.h>
#include <string.h>

#include "stager/context.h"
#include "stager/io.h"
#include "stager/mac.h"
#include "stager/policy.h"
#include "stager/secret.h"
#include "subject.h"

#define KEY_LEN 32
#define HELD_ROWS 2048

struct macs {
	struct mac mark, shown;
};

struct rows {
	struct secret *memory; /* holds macs */
	struct macs *macs;
	int out;
	uint8_t *known; /* sorted */
	bool *met;      /* of each of them */
	size_t known_count;
	struct row *rows; /* by the subjects' numbers; zeros where there is none */
	size_t cap;
	/* rows_finish: */
	const struct policy *policy;
	uint64_t count, changed;
	size_t held_count;
	uint8_t held[HELD_ROWS * ROW_LEN];
};

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, ROW_MARK_LEN);
}

/* The macs, in memory of their own; the labels' NULs are their own terminators. */
static int
take_key(struct rows *r, int key, struct err *e)
{
	struct secret *subkey = secret_read(key, KEY_LEN, "key of rows", e);

	if (subkey != NULL && (r->memory = secret_new(sizeof(*r->macs), e)) != NULL) {
		r->macs = (struct macs *)(void *)r->memory->bytes;
		mac_prepare(&r->macs->mark, subkey->bytes, subkey->len, "row", sizeof("row"));
		mac_prepare(&r->macs->shown, subkey->bytes, subkey->len, "shown", sizeof("shown"));
	}
	secret_free(subkey);
	return r->memory == NULL ? -1 : 0;
}

struct rows *
rows_take(int known, size_t count, int key, int out, struct err *e)
{
	struct rows *r = NULL;

	if ((r = calloc(1, sizeof(*r))) == NULL) {
		err_set(e, ERR_SYSTEM, "rows: out of memory");
		io_close(&out);
		return NULL;
	}
	r->out = out;
	if (count > ROWS_MAX) {
		err_set(e, ERR_LIMIT, "rows: more than %d", ROWS_MAX);
		goto fail;
	}
	if ((r->known = malloc(count * ROW_LEN + 1)) == NULL ||
	    (r->met = calloc(count + 1, sizeof(*r->met))) == NULL) {
		err_set(e, ERR_SYSTEM, "rows: out of memory");
		goto fail;
	}
	if (count > 0 &&
	    io_pread(known, r->known, count * ROW_LEN, 0, "rows", e) != (ssize_t)(count * ROW_LEN)) {
		err_set(e, ERR_INPUT, "rows: fewer than they are said to be");
		goto fail;
	}
	if (take_key(r, key, e) == -1)
		goto fail;
	r->known_count = count;
	for (size_t i = 1; i < count; i++) {
		if (compare(r->known + (i - 1) * ROW_LEN, r->known + i * ROW_LEN) >= 0) {
			err_set(e, ERR_INPUT, "rows: not in order");
			goto fail;
		}
	}
	return r;
fail:
	rows_free(r);
	return NULL;
}

static void
wiped_free(void *memory, size_t len)
{
	if (memory != NULL)
		explicit_bzero(memory, len);
	free(memory);
}

void
rows_free(struct rows *r)
{
	if (r == NULL)
		return;
	io_close(&r->out);
	secret_free(r->memory);
	/* Marks and what is shown are made with a key; all the same they tell who is who to whoever has it. */
	wiped_free(r->known, r->known_count * ROW_LEN);
	wiped_free(r->met, r->known_count * sizeof(*r->met));
	wiped_free(r->rows, r->cap * sizeof(*r->rows));
	wiped_free(r, sizeof(*r));
}

void
rows_look(struct rows *r, const char *key, size_t len, struct row *row)
{
	uint8_t whole[MAC_LEN];
	const uint8_t *at;

	*row = (struct row){.known = 0};
	mac_make(&r->macs->mark, key, len, whole);
	memcpy(row->mark, whole, sizeof(row->mark));
	explicit_bzero(whole, sizeof(whole));
	at = r->known_count == 0 ? NULL : bsearch(row->mark, r->known, r->known_count, ROW_LEN, compare);
	if (at != NULL)
		row->known = (uint32_t)((size_t)(at - r->known) / ROW_LEN) + 1;
}

void
rows_sensitive(struct rows *r, struct row *row, const void *value, size_t len)
{
	uint8_t both[2 * ROW_SHOWN_LEN], whole[MAC_LEN];

	/* A chain, so that no two lists of values are alike. */
	memcpy(both, row->sensitive, ROW_SHOWN_LEN);
	mac_make(&r->macs->shown, value, len, whole);
	memcpy(both + ROW_SHOWN_LEN, whole, ROW_SHOWN_LEN);
	mac_make(&r->macs->shown, both, sizeof(both), whole);
	memcpy(row->sensitive, whole, ROW_SHOWN_LEN);
	explicit_bzero(both, sizeof(both));
	explicit_bzero(whole, sizeof(whole));
}

void
rows_gone(struct rows *r, const struct row *row)
{
	if (row->known > 0)
		r->met[row->known - 1] = true;
}

int
rows_put(struct rows *r, uint64_t number, const struct row *row, struct err *e)
{
	struct row *grown;
	size_t cap = r->cap == 0 ? 1024 : r->cap;

	while (cap <= number)
		cap *= 2;
	if (cap > r->cap) {
		if ((grown = calloc(cap, sizeof(*grown))) == NULL)
			return err_set(e, ERR_SYSTEM, "rows: out of memory");
		if (r->cap > 0)
			memcpy(grown, r->rows, r->cap * sizeof(*grown));
		wiped_free(r->rows, r->cap * sizeof(*grown));
		r->rows = grown;
		r->cap = cap;
	}
	r->rows[number] = *row;
	return 0;
}

/* What is shown of a subject, by all that makes its class. */
static void
make_shown(
    struct rows *r, const struct row *row, const struct subject *subject, uint8_t out[static ROW_SHOWN_LEN])
{
	const struct disclosure *d = r->policy->disclosure;
	uint8_t text[ANONYMITY_QUASI_MAX * (1 + ATTRIBUTE_VALUE_MAX) + ROW_SHOWN_LEN], whole[MAC_LEN];
	size_t len = 0;
	struct view v;

	memset(out, 0, ROW_SHOWN_LEN);
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->quasi_count; i++) {
		bool there = subject_attribute(subject, d->quasi[i], &v) && v.len <= ATTRIBUTE_VALUE_MAX;

		text[len++] = there ? (uint8_t)v.len : ATTRIBUTE_UNKNOWN;
		if (there) {
			memcpy(text + len, v.data, v.len);
			len += v.len;
		}
	}
	memcpy(text + len, row->sensitive, ROW_SHOWN_LEN);
	len += ROW_SHOWN_LEN;
	mac_make(&r->macs->shown, text, len, whole);
	memcpy(out, whole, ROW_SHOWN_LEN);
	explicit_bzero(text, sizeof(text));
	explicit_bzero(whole, sizeof(whole));
}

static int
flush(struct rows *r, struct err *e)
{
	if (r->held_count > 0 && io_write(r->out, r->held, r->held_count * ROW_LEN, "rows", e) == -1)
		return -1;
	r->held_count = 0;
	return 0;
}

static int
visit(void *ctx, uint64_t number, uint8_t *body, size_t len, struct err *e)
{
	const struct subject subject = {.body = body, .body_len = len};
	struct rows *r = ctx;
	uint8_t *to = r->held + r->held_count * ROW_LEN;
	const struct row *row;

	if (number >= r->cap)
		return err_set(e, ERR_SYSTEM, "rows: a subject that no row was of");
	row = &r->rows[number];
	memcpy(to, row->mark, ROW_MARK_LEN);
	make_shown(r, row, &subject, to + ROW_MARK_LEN);
	if (row->known > 0) {
		r->met[row->known - 1] = true;
		r->changed += memcmp(r->known + (row->known - 1) * ROW_LEN, to, ROW_LEN) != 0;
	}
	r->count++;
	return ++r->held_count == HELD_ROWS ? flush(r, e) : 0;
}

int
rows_finish(struct rows *r, const struct policy *policy, struct context_maker *maker, uint64_t *count,
    uint64_t *changed, uint64_t *missing, struct err *e)
{
	r->policy = policy;
	if (context_each(maker, visit, r, e) == -1 || flush(r, e) == -1)
		return -1;
	*count = r->count;
	*changed = r->changed;
	*missing = 0;
	for (size_t i = 0; i < r->known_count; i++)
		*missing += !r->met[i];
	return 0;
}
