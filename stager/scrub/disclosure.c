/* From the context's subjects to rows of codes, and from what was decided of each row back into the context. */
#include "disclosure.h"

#include <stdlib.h>
#include <string.h>

#include "dictionary.h"
#include "stager/context.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "subject.h"

#define TABLE_MEMORY ((size_t)128 << 20)
#define CODES_MAX ((size_t)512 << 20) /* bytes */

struct disclosing {
	const struct policy *policy;
	const struct disclosure *rules;
	struct dictionary quasi[ANONYMITY_QUASI_MAX], sensitive[ANONYMITY_SENSITIVE_MAX];
	uint32_t *wider[ANONYMITY_QUASI_MAX]; /* of each code of an attribute that is widened */
	size_t wider_cap[ANONYMITY_QUASI_MAX];
	unsigned steps;
	uint8_t turn[ANONYMITY_STEPS_MAX]; /* which quasi-identifier each of them widens */
	uint32_t *values;                  /* of each subject the sensitive codes, + 1; 0: missing */
	size_t value_cap;                  /* subjects that there is room for */
	/* The rows: subjects that are shown. */
	size_t width;
	uint32_t *codes;
	uint64_t rows, at;
	uint8_t *decisions;
};

/* The attributes that are widened, one after the other, each to its last step. */
static void
take_turns(struct disclosing *d)
{
	const struct disclosure *rules = d->rules;

	for (size_t i = 0; i < rules->widen_count; i++) {
		size_t quasi = 0;

		while (rules->quasi[quasi] != rules->widen[i])
			quasi++;
		for (size_t k = 0; k < d->policy->subject->attributes[rules->widen[i]].wider_count; k++)
			d->turn[d->steps++] = (uint8_t)quasi;
	}
}

struct disclosing *
disclosing_new(const struct policy *policy, struct err *e)
{
	struct disclosing *d = calloc(1, sizeof(*d));

	if (d == NULL) {
		err_set(e, ERR_SYSTEM, "disclosure: out of memory");
		return NULL;
	}
	d->policy = policy;
	d->rules = policy->disclosure;
	d->width = d->rules->quasi_count + d->rules->sensitive_count;
	take_turns(d);
	return d;
}

void
disclosing_free(struct disclosing *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < ANONYMITY_QUASI_MAX; i++) {
		dictionary_free(&d->quasi[i]);
		free(d->wider[i]);
	}
	for (size_t i = 0; i < ANONYMITY_SENSITIVE_MAX; i++)
		dictionary_free(&d->sensitive[i]);
	free(d->values);
	free(d->codes);
	free(d->decisions);
	free(d);
}

int
disclosing_sensitive(
    struct disclosing *d, uint64_t subject, size_t column, const void *value, size_t len, struct err *e)
{
	size_t count = d->rules->sensitive_count, cap = d->value_cap;
	uint32_t *grown, code;

	if (subject >= cap) {
		cap = cap == 0 ? 1024 : 2 * cap;
		/* Numbers come one by one: twice as much is enough. */
		if (subject >= cap || (grown = reallocarray(d->values, cap * count, sizeof(*grown))) == NULL)
			return err_set(e, ERR_SYSTEM, "disclosure: out of memory for subjects");
		memset(grown + d->value_cap * count, 0, (cap - d->value_cap) * count * sizeof(*grown));
		d->values = grown;
		d->value_cap = cap;
	}
	if (len == 0)
		return 0;
	if (dictionary_code_folded(&d->sensitive[column], 0, value, len, &code, e) == -1)
		return -1;
	d->values[subject * count + column] = code + 1;
	return 0;
}

/* So many steps of the quasi-identifier are among the first ones of all. */
static unsigned
steps_of(const struct disclosing *d, size_t quasi, unsigned steps)
{
	unsigned count = 0;

	for (unsigned i = 0; i < steps; i++)
		count += d->turn[i] == quasi;
	return count;
}

/* The wider code of a code. */
static int
note_wider(struct disclosing *d, size_t quasi, uint32_t from, uint32_t to, struct err *e)
{
	size_t cap = 2 * (size_t)d->quasi[quasi].count + 64;
	uint32_t *grown;

	if (d->quasi[quasi].count > d->wider_cap[quasi]) {
		if ((grown = reallocarray(d->wider[quasi], cap, sizeof(*grown))) == NULL)
			return err_set(e, ERR_SYSTEM, "disclosure: out of memory for values");
		d->wider[quasi] = grown;
		d->wider_cap[quasi] = cap;
	}
	d->wider[quasi][from] = to;
	d->wider[quasi][to] = to;
	return 0;
}

/* The code of a value of a quasi-identifier; where it is one that is widened those of its wider ones, too. */
static int
quasi_code(struct disclosing *d, size_t quasi, struct view v, uint32_t *code, struct err *e)
{
	const struct attribute *a = &d->policy->subject->attributes[d->rules->quasi[quasi]];
	struct dictionary *dictionary = &d->quasi[quasi];
	char made[2][ATTRIBUTE_VALUE_MAX];
	uint32_t count = dictionary->count, from, to;
	unsigned steps = steps_of(d, quasi, d->steps);
	int len;

	if (dictionary_code(dictionary, 0, v.data, v.len, code, e) == -1)
		return -1;
	from = *code;
	for (unsigned step = 1; step <= steps && dictionary->count > count; step++, from = to) {
		if ((len = attribute_wider(a, step, v.data, v.len, made[step % 2])) == -1)
			return err_set(e, ERR_SYSTEM, "disclosure: a value that cannot be widened");
		v = view_of(made[step % 2], (size_t)len, "value");
		/* A kind of its own for each step: codes that were widened are never those of values as they came. */
		if (dictionary_code(dictionary, (uint8_t)step, v.data, v.len, &to, e) == -1 ||
		    note_wider(d, quasi, from, to, e) == -1)
			return -1;
	}
	return 0;
}

/* Is each quasi-identifier of the subject known? Where one is not, what shows it is held. */
static bool
all_known(const struct disclosing *d, const struct subject *subject)
{
	struct view v;

	for (size_t i = 0; i < d->rules->quasi_count; i++)
		if (!subject_attribute(subject, d->rules->quasi[i], &v))
			return false;
	return true;
}

static struct subject
subject_with(const uint8_t *body, size_t len)
{
	return (struct subject){.body = body, .body_len = len};
}

/* A subject of the context as a row. */
static int
take_subject(void *ctx, uint64_t number, uint8_t *body, size_t len, struct err *e)
{
	struct disclosing *d = ctx;
	const struct subject subject = subject_with(body, len);
	uint32_t *row = d->codes + d->rows * d->width;
	size_t count = d->rules->sensitive_count;
	struct view v;

	if (!all_known(d, &subject))
		return 0;
	for (size_t i = 0; i < d->rules->quasi_count; i++)
		if (!subject_attribute(&subject, d->rules->quasi[i], &v) ||
		    quasi_code(d, i, v, row++, e) == -1)
			return -1;
	for (size_t i = 0; i < count; i++)
		*row++ = number < d->value_cap ? d->values[number * count + i] : 0;
	d->rows++;
	return 0;
}

/* Which quasi-identifier an attribute is; quasi_count: none. */
static size_t
quasi_of(const struct disclosing *d, size_t attribute)
{
	size_t i = 0;

	while (i < d->rules->quasi_count && d->rules->quasi[i] != attribute)
		i++;
	return i;
}

/* An attribute as it may be shown, into out. Its length, or -1. */
static int
show(const struct disclosing *d, size_t attribute, size_t quasi, uint8_t decision, struct view v,
    char out[static ATTRIBUTE_VALUE_MAX])
{
	unsigned steps = decision == ANONYMITY_BLANK ? 0 : steps_of(d, quasi, decision);
	char made[2][ATTRIBUTE_VALUE_MAX];
	int len;

	if (decision == ANONYMITY_BLANK)
		return 0;
	for (unsigned step = 1; step <= steps; step++) {
		len = attribute_wider(
		    &d->policy->subject->attributes[attribute], step, v.data, v.len, made[step % 2]);
		if (len == -1)
			return -1;
		v = view_of(made[step % 2], (size_t)len, "value");
	}
	memcpy(out, v.data, v.len);
	return (int)v.len;
}

/* The body again, its attributes as they may be shown: room for that is there (attribute_room), and zeros behind. */
static int
put_subject(void *ctx, uint64_t number, uint8_t *body, size_t len, struct err *e)
{
	struct disclosing *d = ctx;
	const struct subject_rules *rules = d->policy->subject;
	const struct subject subject = subject_with(body, len);
	const struct attribute *age = d->policy->text.age;
	bool known = all_known(d, &subject);
	uint8_t decision = known ? d->decisions[d->at++] : 0;
	uint8_t made[CONTEXT_BODY_MAX + ATTRIBUTE_VALUE_MAX * ANONYMITY_QUASI_MAX];
	size_t to = SUBJECT_HEAD_LEN, quasi;
	enum known_kind kind;
	struct view v;
	int n;

	(void)number;
	if (known && decision == 0)
		return 0;
	memcpy(made, body, SUBJECT_HEAD_LEN);
	if (known && age != NULL && decision != ANONYMITY_BLANK &&
	    (quasi = quasi_of(d, (size_t)(age - rules->attributes))) < d->rules->quasi_count)
		made[SUBJECT_AGE_AT] =
		    (uint8_t)(steps_of(d, quasi, decision) | (body[SUBJECT_AGE_AT] & SUBJECT_CARRIED));
	for (size_t i = 0; i < rules->attribute_count; i++) {
		bool there = subject_attribute(&subject, i, &v);

		quasi = quasi_of(d, i);
		if (!there || (quasi < d->rules->quasi_count && !known)) {
			made[to++] = ATTRIBUTE_UNKNOWN;
			continue;
		}
		if (quasi < d->rules->quasi_count) {
			if ((n = show(d, i, quasi, decision, v, (char *)made + to + 1)) == -1)
				return err_set(e, ERR_SYSTEM, "disclosure: a value that cannot be widened");
		} else {
			memcpy(made + to + 1, v.data, v.len);
			n = (int)v.len;
		}
		made[to] = (uint8_t)n;
		to += 1 + (size_t)n;
	}
	/* What is known of it stays; zeros behind it are nothing. */
	for (size_t at = 0; subject_known(&subject, &at, &kind, &v);) {
		made[to++] = (uint8_t)kind;
		made[to++] = (uint8_t)v.len;
		memcpy(made + to, v.data, v.len);
		to += v.len;
	}
	if (to > len) {
		explicit_bzero(made, to);
		return err_set(e, ERR_SYSTEM, "disclosure: no room for what is shown");
	}
	memcpy(body, made, to);
	memset(body + to, 0, len - to);
	explicit_bzero(made, to);
	return 1;
}

static int
rows_rewind(void *ctx, struct err *e)
{
	(void)e;
	((struct disclosing *)ctx)->at = 0;
	return 0;
}

static int
rows_next(void *ctx, uint32_t *codes, size_t max, size_t *got, struct err *e)
{
	struct disclosing *d = ctx;

	(void)e;
	*got = d->rows - d->at < max ? (size_t)(d->rows - d->at) : max;
	memcpy(codes, d->codes + d->at * d->width, *got * d->width * sizeof(*codes));
	d->at += *got;
	return 0;
}

static uint32_t
shown_code(void *ctx, uint64_t row, size_t quasi)
{
	const struct disclosing *d = ctx;
	uint32_t code = d->codes[row * d->width + quasi];

	if (d->decisions[row] == ANONYMITY_BLANK)
		return d->quasi[quasi].count;
	for (unsigned step = steps_of(d, quasi, d->decisions[row]); step > 0; step--)
		code = d->wider[quasi][code];
	return code;
}

static uint32_t
sensitive_code(void *ctx, uint64_t row, size_t column)
{
	const struct disclosing *d = ctx;

	return d->codes[row * d->width + d->rules->quasi_count + column];
}

static int
tell_sets(struct disclosing *d, struct report *report, struct err *e)
{
	uint32_t values[ANONYMITY_QUASI_MAX];
	struct disclosed all = {.policy = d->policy,
	    .rows = d->rows,
	    .values = values,
	    .shown = shown_code,
	    .sensitive = sensitive_code,
	    .ctx = d,
	    .memory = TABLE_MEMORY};
	int rc;

	for (size_t i = 0; i < d->rules->quasi_count; i++)
		values[i] = d->quasi[i].count;
	if ((all.scratch = calloc(d->rows + 1, 1)) == NULL)
		return err_set(e, ERR_SYSTEM, "disclosure: out of memory for subjects");
	rc = disclosure_sets(&all, report, e);
	free(all.scratch);
	return rc;
}

int
disclosing_run(struct disclosing *d, struct context_maker *maker, struct report *report, struct err *e)
{
	const struct disclosure *rules = d->rules;
	struct anonymity a = {.k = rules->k,
	    .quasi_count = rules->quasi_count,
	    .sensitive_count = rules->sensitive_count,
	    .max_blank = rules->max_blank,
	    .memory = TABLE_MEMORY};
	struct anonymity_rows rows = {.ctx = d, .rewind = rows_rewind, .next = rows_next};
	struct anonymity_result result;
	uint64_t subjects = context_count(maker);

	if (subjects > CODES_MAX / sizeof(*d->codes) / d->width)
		return err_set(e, ERR_LIMIT, "disclosure: too many subjects for so many quasi-identifiers");
	d->codes = calloc(subjects * d->width + 1, sizeof(*d->codes));
	d->decisions = calloc(subjects + 1, 1);
	if (d->codes == NULL || d->decisions == NULL)
		return err_set(e, ERR_SYSTEM, "disclosure: out of memory for subjects");
	if (context_each(maker, take_subject, d, e) == -1)
		return -1;
	rows.count = d->rows;
	for (size_t i = 0; i < rules->quasi_count; i++) {
		a.quasi[i].values = d->quasi[i].count > 0 ? d->quasi[i].count : 1;
		if (steps_of(d, i, d->steps) > 0 && d->rows > 0)
			a.quasi[i].wider = d->wider[i];
	}
	if (d->rows > 0) {
		a.steps = d->steps;
		memcpy(a.turn, d->turn, sizeof(a.turn));
	}
	for (size_t i = 0; i < rules->sensitive_count; i++)
		a.sensitive[i].l = rules->l[i];
	if (anonymity_run(&a, &rows, d->decisions, &result, e) == -1)
		return -1;
	disclosure_tell(rules, "subjects", d->rows, &result, report);
	if (tell_sets(d, report, e) == -1)
		return -1;
	d->at = 0;
	return context_each(maker, put_subject, d, e);
}
