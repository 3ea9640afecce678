/* Counting records by what they show: each different combination once, with how many show it and which sensitive values. */
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "coarse.h"
#include "dictionary.h"
#include "disclosure.h"
#include "record.h"
#include "stager/memory.h"

#define TABLE_MEMORY ((size_t)128 << 20)
#define TUPLES_FIRST 1024
#define SLOTS_FIRST 4096

struct record_counts {
	const struct policy *policy;
	const struct disclosure *rules;
	struct dictionary quasi[ANONYMITY_QUASI_MAX], sensitive[ANONYMITY_SENSITIVE_MAX];
	uint32_t *wider[ANONYMITY_QUASI_MAX]; /* of each code of a quasi-identifier that is widened */
	size_t wider_cap[ANONYMITY_QUASI_MAX];
	/* The tuples, in the order in which they came. */
	uint64_t count, cap, most;
	uint8_t (*hashes)[RECORD_HASH_LEN];
	uint32_t *records; /* that show it */
	uint32_t *codes;   /* quasi_count each */
	uint32_t
	    *values; /* of each sensitive column the first l different ones, + 1; 0 where there are fewer */
	size_t value_count; /* a tuple's in values */
	uint32_t *slots;    /* their numbers + 1, by their hashes */
	uint64_t slot_count;
	uint64_t total; /* records */
	/* As rows: as many of each tuple as it has values in the column with the most of them, and one at least. */
	uint64_t rows, row, tuple, first; /* the row in hand, its tuple, and the first row of that */
	uint8_t *decisions;               /* of each row */
	uint32_t *row_of;                 /* the first row of each tuple */
};

static int
no_memory(struct err *e)
{
	return err_set(e, ERR_SYSTEM, "disclosure: out of memory for combinations");
}

struct record_counts *
record_counts_new(const struct policy *policy, size_t bytes_max, struct err *e)
{
	struct record_counts *c = calloc(1, sizeof(*c));
	size_t each;

	if (c == NULL || (c->slots = calloc(SLOTS_FIRST, sizeof(*c->slots))) == NULL) {
		no_memory(e);
		record_counts_free(c);
		return NULL;
	}
	c->slot_count = SLOTS_FIRST;
	c->policy = policy;
	c->rules = policy->disclosure;
	for (size_t i = 0; i < c->rules->sensitive_count; i++)
		c->value_count += c->rules->l[i];
	/* And two slots, a first row. */
	each = RECORD_HASH_LEN + sizeof(uint32_t) * (4 + c->rules->quasi_count + c->value_count);
	c->most = bytes_max / each;
	return c;
}

void
record_counts_free(struct record_counts *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < ANONYMITY_QUASI_MAX; i++) {
		dictionary_free(&c->quasi[i]);
		free(c->wider[i]);
	}
	for (size_t i = 0; i < ANONYMITY_SENSITIVE_MAX; i++)
		dictionary_free(&c->sensitive[i]);
	memory_wipe_free(c->hashes, c->count * RECORD_HASH_LEN);
	if (c->rules != NULL) {
		memory_wipe_free(c->codes, c->count * c->rules->quasi_count * sizeof(*c->codes));
		memory_wipe_free(c->values, c->count * c->value_count * sizeof(*c->values));
	}
	free(c->records);
	free(c->slots);
	free(c->decisions);
	free(c->row_of);
	free(c);
}

static uint64_t
home_of(const struct record_counts *c, const uint8_t *hash)
{
	uint64_t h;

	/* The table's buckets go by the first bytes, slots by the last. */
	memcpy(&h, hash + 8, sizeof(h));
	return h & (c->slot_count - 1);
}

/* The slot of the hash, or the free one where it would be. */
static uint32_t *
slot_of(struct record_counts *c, const uint8_t *hash)
{
	uint64_t at = home_of(c, hash);

	while (c->slots[at] != 0 && memcmp(c->hashes[c->slots[at] - 1], hash, RECORD_HASH_LEN) != 0)
		at = (at + 1) & (c->slot_count - 1);
	return &c->slots[at];
}

static int
more_slots(struct record_counts *c, struct err *e)
{
	uint32_t *slots = calloc(2 * c->slot_count, sizeof(*slots));

	if (slots == NULL)
		return no_memory(e);
	free(c->slots);
	c->slots = slots;
	c->slot_count *= 2;
	for (uint64_t i = 0; i < c->count; i++)
		*slot_of(c, c->hashes[i]) = (uint32_t)i + 1;
	return 0;
}

/* Room for one tuple more. */
static int
more_tuples(struct record_counts *c, struct err *e)
{
	uint64_t cap = c->cap == 0 ? TUPLES_FIRST : 2 * c->cap;
	const size_t quasi = c->rules->quasi_count;
	void *hashes, *records, *codes, *values;

	if (c->count >= c->most)
		return err_set(e, ERR_LIMIT,
		    "disclosure: records show more than %llu different combinations of the columns under "
		    "`quasi`: "
		    "fewer columns, or coarser values, are wanted",
		    (unsigned long long)c->most);
	cap = cap > c->most ? c->most : cap;
	if ((hashes = reallocarray(c->hashes, cap, RECORD_HASH_LEN)) != NULL)
		c->hashes = hashes;
	if ((records = reallocarray(c->records, cap, sizeof(*c->records))) != NULL)
		c->records = records;
	if ((codes = reallocarray(c->codes, cap * quasi, sizeof(*c->codes))) != NULL)
		c->codes = codes;
	if ((values = reallocarray(c->values, cap * c->value_count + 1, sizeof(*c->values))) != NULL)
		c->values = values;
	if (hashes == NULL || records == NULL || codes == NULL || values == NULL)
		return no_memory(e);
	c->cap = cap;
	return 0;
}

/* The wider code of a code. */
static int
note_wider(struct record_counts *c, size_t quasi, uint32_t from, uint32_t to, struct err *e)
{
	size_t cap = 2 * (size_t)c->quasi[quasi].count + 64;
	uint32_t *grown;

	if (c->quasi[quasi].count > c->wider_cap[quasi]) {
		if ((grown = reallocarray(c->wider[quasi], cap, sizeof(*grown))) == NULL)
			return no_memory(e);
		c->wider[quasi] = grown;
		c->wider_cap[quasi] = cap;
	}
	c->wider[quasi][from] = to;
	c->wider[quasi][to] = to;
	return 0;
}

/* Kinds of the dictionary: values of different steps, or written in different ways, have no code in common. */
static uint8_t
kind_of(unsigned step, enum record_kind kind)
{
	return (uint8_t)(4 * step + kind);
}

/* The code of what is shown of a quasi-identifier, and those of the wider values. */
static int
quasi_code(struct record_counts *c, size_t quasi, const struct record_value *v, uint32_t *code, struct err *e)
{
	const size_t steps = c->rules->wider[quasi].count;
	struct dictionary *dictionary = &c->quasi[quasi];
	char made[2][RECORD_VALUE_MAX];
	const uint32_t count = dictionary->count;
	uint32_t from, to;
	enum record_kind kind = v->kind;
	const char *value = v->bytes;
	size_t len = v->len;

	if (dictionary_code(dictionary, kind_of(0, kind), value, len, code, e) == -1)
		return -1;
	from = *code;
	for (unsigned step = 1; step <= steps && dictionary->count > count; step++, from = to) {
		len = record_widen(c->rules, c->rules->rule, quasi, step, &kind, value, len, made[step % 2]);
		value = made[step % 2];
		if (dictionary_code(dictionary, kind_of(step, kind), value, len, &to, e) == -1 ||
		    note_wider(c, quasi, from, to, e) == -1)
			return -1;
	}
	return 0;
}

/* A number as one spelling of all that it has: 5, 5.0 and 05 are not three different ones. */
static size_t
one_spelling(const struct rule *rule, const struct record_value *v, char out[static RECORD_VALUE_MAX])
{
	struct decimal d;
	size_t len = 0;

	if (decimal_read(&d, v->kind == RECORD_NUMBER ? '.' : rule->decimal, v->bytes, v->len) == NULL &&
	    d.places <= COARSE_FIGURES_MAX) {
		while (d.count > 0 && d.places > 0 && d.figures[d.count - 1] == 0) {
			d.count--;
			d.places--;
		}
		if (d.negative && d.count > 0)
			out[len++] = '-';
		for (size_t i = 0; i < d.count; i++)
			out[len++] = (char)('0' + d.figures[i]);
		out[len++] = '/';
		out[len++] = (char)(d.count == 0 ? 0 : d.places);
		return len;
	}
	memcpy(out, v->bytes, v->len);
	return v->len;
}

static bool
of_numbers(const struct action *a)
{
	return a->kind == ACTION_KEEP_NUMBER || a->kind == ACTION_COARSE;
}

/* A sensitive value more of a tuple, while it has not l different ones. */
static int
note_sensitive(
    struct record_counts *c, size_t column, const struct record_value *v, uint32_t *values, struct err *e)
{
	const struct rule *rule = c->rules->rule;
	char spelled[RECORD_VALUE_MAX];
	const char *value = v->bytes;
	size_t len = v->len;
	uint32_t code;

	if (!v->there || v->kind == RECORD_NULL || action_missing(rule, value, len) ||
	    values[c->rules->l[column] - 1] != 0)
		return 0;
	if (of_numbers(&rule->fields[c->rules->sensitive_field[column]].action)) {
		len = one_spelling(rule, v, spelled);
		value = spelled;
	}
	if (dictionary_code_folded(&c->sensitive[column], 0, value, len, &code, e) == -1)
		return -1;
	for (uint32_t i = 0; i < c->rules->l[column]; i++) {
		if (values[i] == code + 1)
			return 0;
		if (values[i] == 0) {
			values[i] = code + 1;
			return 0;
		}
	}
	return 0;
}

int
record_count(struct record_counts *c, const struct record_tuple *t, struct err *e)
{
	const size_t quasi = c->rules->quasi_count;
	uint32_t *slot = slot_of(c, t->hash), *values;
	uint64_t at;

	if (c->total == ANONYMITY_ROWS_MAX)
		return err_set(
		    e, ERR_LIMIT, "disclosure: more than %lu records", (unsigned long)ANONYMITY_ROWS_MAX);
	if (*slot == 0) {
		if (c->count == c->cap && more_tuples(c, e) == -1)
			return -1;
		if (2 * c->count >= c->slot_count) {
			if (more_slots(c, e) == -1)
				return -1;
			slot = slot_of(c, t->hash);
		}
		at = c->count;
		for (size_t i = 0; i < quasi; i++)
			if (quasi_code(c, i, &t->parts[i], &c->codes[at * quasi + i], e) == -1)
				return -1;
		memcpy(c->hashes[at], t->hash, RECORD_HASH_LEN);
		c->records[at] = 0;
		if (c->value_count > 0)
			memset(c->values + at * c->value_count, 0, c->value_count * sizeof(*c->values));
		*slot = (uint32_t)++c->count;
	}
	at = *slot - 1;
	c->records[at]++;
	c->total++;
	values = c->values + at * c->value_count;
	for (size_t i = 0; i < c->rules->sensitive_count; values += c->rules->l[i++])
		if (note_sensitive(c, i, &t->parts[quasi + i], values, e) == -1)
			return -1;
	return 0;
}

/* How many rows a tuple is. */
static uint32_t
rows_of(const struct record_counts *c, uint64_t tuple)
{
	const uint32_t *values = c->values + tuple * c->value_count;
	uint32_t most = 1;

	for (size_t i = 0; i < c->rules->sensitive_count; values += c->rules->l[i++])
		for (uint32_t k = most; k < c->rules->l[i] && values[k] != 0; k++)
			most = k + 1;
	return most;
}

/* To that row, mostly the next one. */
static void
go_to(struct record_counts *c, uint64_t row)
{
	if (row < c->first)
		c->first = c->tuple = 0;
	while (row - c->first >= rows_of(c, c->tuple))
		c->first = c->row_of[++c->tuple];
	c->row = row;
}

static uint32_t
sensitive_code(void *ctx, uint64_t row, size_t column)
{
	struct record_counts *c = ctx;
	const uint32_t *values;

	go_to(c, row);
	values = c->values + c->tuple * c->value_count;
	for (size_t i = 0; i < column; i++)
		values += c->rules->l[i];
	return row - c->first < c->rules->l[column] ? values[row - c->first] : 0;
}

/* The first row stands for all of its records that the others do not. */
static uint32_t
weight(void *ctx, uint64_t row)
{
	struct record_counts *c = ctx;

	go_to(c, row);
	return row > c->first ? 1 : c->records[c->tuple] - (rows_of(c, c->tuple) - 1);
}

static uint32_t
shown_code(void *ctx, uint64_t row, size_t quasi)
{
	struct record_counts *c = ctx;
	uint32_t code;

	go_to(c, row);
	if (c->decisions[row] == ANONYMITY_BLANK)
		return c->quasi[quasi].count;
	code = c->codes[c->tuple * c->rules->quasi_count + quasi];
	for (unsigned step = record_steps_of(c->rules, quasi, c->decisions[row]); step > 0; step--)
		code = c->wider[quasi][code];
	return code;
}

static int
rows_rewind(void *ctx, struct err *e)
{
	struct record_counts *c = ctx;

	(void)e;
	c->row = c->tuple = c->first = 0;
	return 0;
}

static int
rows_next(void *ctx, uint32_t *codes, size_t max, size_t *got, struct err *e)
{
	struct record_counts *c = ctx;
	const size_t quasi = c->rules->quasi_count;
	uint64_t row = c->row;

	(void)e;
	for (*got = 0; *got < max && row < c->rows; ++*got, row++) {
		go_to(c, row);
		memcpy(codes, c->codes + c->tuple * quasi, quasi * sizeof(*codes));
		codes += quasi;
		for (size_t i = 0; i < c->rules->sensitive_count; i++)
			*codes++ = sensitive_code(c, row, i);
		*codes++ = weight(c, row);
	}
	c->row = row;
	return 0;
}

/* The quasi-identifiers that are widened, one after the other, each to its last step. */
static void
take_turns(const struct disclosure *rules, struct anonymity *a)
{
	for (size_t i = 0; i < rules->widen_count; i++) {
		size_t quasi = 0;

		while (rules->quasi[quasi] != rules->widen[i])
			quasi++;
		for (size_t k = 0; k < rules->wider[quasi].count; k++)
			a->turn[a->steps++] = (uint8_t)quasi;
	}
}

static int
tell_sets(struct record_counts *c, struct report *report, struct err *e)
{
	uint32_t values[ANONYMITY_QUASI_MAX];
	struct disclosed all = {.policy = c->policy,
	    .rows = c->rows,
	    .values = values,
	    .shown = shown_code,
	    .sensitive = sensitive_code,
	    .weight = weight,
	    .total = c->total,
	    .ctx = c,
	    .memory = TABLE_MEMORY};
	int rc;

	if (c->policy->set_count <= 1)
		return 0;
	for (size_t i = 0; i < c->rules->quasi_count; i++)
		values[i] = c->quasi[i].count;
	if ((all.scratch = calloc(c->rows + 1, 1)) == NULL)
		return no_memory(e);
	rc = disclosure_sets(&all, report, e);
	free(all.scratch);
	return rc;
}

int
record_counts_decide(struct record_counts *c, struct report *report, struct err *e)
{
	const struct disclosure *rules = c->rules;
	struct anonymity a = {.k = rules->k,
	    .quasi_count = rules->quasi_count,
	    .sensitive_count = rules->sensitive_count,
	    .max_blank = rules->max_blank,
	    .memory = TABLE_MEMORY};
	struct anonymity_rows rows = {
	    .ctx = c, .weighted = true, .total = c->total, .rewind = rows_rewind, .next = rows_next};
	struct anonymity_result result;

	if ((c->row_of = calloc(c->count + 1, sizeof(*c->row_of))) == NULL)
		return no_memory(e);
	for (uint64_t i = 0; i < c->count; i++) {
		c->row_of[i] = (uint32_t)c->rows;
		c->rows += rows_of(c, i);
	}
	if ((c->decisions = calloc(c->rows + 1, 1)) == NULL)
		return no_memory(e);
	rows.count = c->rows;
	for (size_t i = 0; i < rules->quasi_count; i++) {
		a.quasi[i].values = c->quasi[i].count > 0 ? c->quasi[i].count : 1;
		if (c->count > 0)
			a.quasi[i].wider = rules->wider[i].count > 0 ? c->wider[i] : NULL;
	}
	for (size_t i = 0; i < rules->sensitive_count; i++)
		a.sensitive[i].l = rules->l[i];
	if (c->count > 0)
		take_turns(rules, &a);
	if (anonymity_run(&a, &rows, c->decisions, &result, e) == -1)
		return -1;
	disclosure_tell(rules, "records", c->total, &result, report);
	return tell_sets(c, report, e);
}

uint64_t
record_counts_tuples(const struct record_counts *c)
{
	return c->count;
}

uint8_t
record_counts_decision(const struct record_counts *c, uint64_t tuple, const uint8_t **hash)
{
	*hash = c->hashes[tuple];
	return c->decisions[c->row_of[tuple]];
}
