/* From the context's subjects to rows of codes, and from what was decided of each row back into the context. */
#include "disclosure.h"

#include <stdio.h>
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
	uint32_t *wider; /* of each code of the attribute that is widened */
	size_t wider_cap;
	uint32_t *values; /* of each subject the sensitive codes, + 1; 0: missing */
	size_t value_cap; /* subjects that there is room for */
	/* The rows: subjects that are shown. */
	size_t width;
	uint32_t *codes;
	uint64_t rows, at;
	uint8_t *decisions;
};

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
	return d;
}

void
disclosing_free(struct disclosing *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < ANONYMITY_QUASI_MAX; i++)
		dictionary_free(&d->quasi[i]);
	for (size_t i = 0; i < ANONYMITY_SENSITIVE_MAX; i++)
		dictionary_free(&d->sensitive[i]);
	free(d->wider);
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
	if (dictionary_code(&d->sensitive[column], 0, value, len, &code, e) == -1)
		return -1;
	d->values[subject * count + column] = code + 1;
	return 0;
}

/* The first characters of a value. */
static size_t
first_of(const uint8_t *value, size_t len, size_t characters)
{
	size_t at = 0;

	for (; characters > 0 && at < len; characters--)
		for (at++; at < len && (value[at] & 0xc0) == 0x80;)
			at++;
	return at;
}

/* The code of a value of the attribute that is widened, and those of its wider ones. */
static int
wider_code(struct disclosing *d, struct dictionary *dictionary, const struct attribute *a, struct view v,
    uint32_t *code, struct err *e)
{
	uint32_t count = dictionary->count, from, to;
	size_t len = v.len, cap;

	if (dictionary_code(dictionary, 0, v.data, len, code, e) == -1)
		return -1;
	from = *code;
	for (size_t step = 0; step < a->wider_count && dictionary->count > count; step++, from = to) {
		len = first_of(v.data, len, a->wider[step]);
		/* A kind of its own for each step: codes that were widened are never those of values as they came. */
		if (dictionary_code(dictionary, (uint8_t)(step + 1), v.data, len, &to, e) == -1)
			return -1;
		if (dictionary->count > d->wider_cap) {
			uint32_t *grown;

			cap = 2 * (size_t)dictionary->count + 64;
			if ((grown = reallocarray(d->wider, cap, sizeof(*grown))) == NULL)
				return err_set(e, ERR_SYSTEM, "disclosure: out of memory for values");
			d->wider = grown;
			d->wider_cap = cap;
		}
		d->wider[from] = to;
		d->wider[to] = to;
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
	for (size_t i = 0; i < d->rules->quasi_count; i++) {
		size_t attribute = d->rules->quasi[i];
		int rc;

		if (!subject_attribute(&subject, attribute, &v))
			return 0;
		rc =
		    attribute == d->rules->widen
			? wider_code(d, &d->quasi[i], &d->policy->subject->attributes[attribute], v, row++, e)
			: dictionary_code(&d->quasi[i], 0, v.data, v.len, row++, e);
		if (rc == -1)
			return -1;
	}
	for (size_t i = 0; i < count; i++)
		*row++ = number < d->value_cap ? d->values[number * count + i] : 0;
	d->rows++;
	return 0;
}

static bool
is_quasi(const struct disclosing *d, size_t attribute)
{
	for (size_t i = 0; i < d->rules->quasi_count; i++)
		if (d->rules->quasi[i] == attribute)
			return true;
	return false;
}

/* The body again, its attributes as they may be shown: never longer than it was, and zeros behind. */
static int
put_subject(void *ctx, uint64_t number, uint8_t *body, size_t len, struct err *e)
{
	struct disclosing *d = ctx;
	const struct subject_rules *rules = d->policy->subject;
	const struct subject subject = subject_with(body, len);
	bool known = all_known(d, &subject);
	uint8_t decision = known ? d->decisions[d->at++] : 0, made[CONTEXT_BODY_MAX];
	size_t to = SUBJECT_HEAD_LEN;
	enum known_kind kind;
	struct view v;

	(void)number;
	(void)e;
	if (known && decision == 0)
		return 0;
	memcpy(made, body, SUBJECT_HEAD_LEN);
	for (size_t i = 0; i < rules->attribute_count; i++) {
		bool quasi = is_quasi(d, i), there = subject_attribute(&subject, i, &v);

		if (!there || (quasi && !known)) {
			made[to++] = ATTRIBUTE_UNKNOWN;
			continue;
		}
		if (quasi && decision == ANONYMITY_BLANK)
			v.len = 0;
		else if (i == d->rules->widen && decision > 0)
			v.len = first_of(v.data, v.len, rules->attributes[i].wider[decision - 1]);
		made[to++] = (uint8_t)v.len;
		memcpy(made + to, v.data, v.len);
		to += v.len;
	}
	/* What is known of it stays; zeros behind it are nothing. */
	for (size_t at = 0; subject_known(&subject, &at, &kind, &v);) {
		made[to++] = (uint8_t)kind;
		made[to++] = (uint8_t)v.len;
		memcpy(made + to, v.data, v.len);
		to += v.len;
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

/* A count for the report: one that is too small to be told stands there as the smallest that may be. */
static uint64_t
told(const struct disclosing *d, uint64_t count)
{
	return count > 0 && count < d->rules->min_cell ? d->rules->min_cell : count;
}

static void
tell(const struct disclosing *d, const struct anonymity_result *result, struct report *report)
{
	char key[32];

	report_add(report, "disclosure", "subjects", told(d, d->rows));
	report_add(report, "disclosure", "below", told(d, result->below));
	report_add(report, "disclosure", "widened", told(d, result->widened));
	report_add(report, "disclosure", "blanked", told(d, result->blanked));
	report_add(report, "disclosure", "classes", result->classes);
	report_add(report, "disclosure", "smallest", told(d, result->smallest));
	report_add(report, "disclosure", "held", result->held ? 1 : 0);
	for (size_t i = 0; i < d->rules->quasi_count; i++) {
		(void)snprintf(key, sizeof(key), "%zu-values", i + 1);
		report_add(report, "quasi", key, result->shown[i].values);
		(void)snprintf(key, sizeof(key), "%zu-smallest", i + 1);
		report_add(report, "quasi", key, told(d, result->shown[i].smallest));
	}
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
		if (rules->quasi[i] == rules->widen && d->rows > 0) {
			a.quasi[i].wider = d->wider;
			a.steps = (unsigned)d->policy->subject->attributes[rules->widen].wider_count;
		}
	}
	for (size_t i = 0; i < rules->sensitive_count; i++)
		a.sensitive[i].l = rules->l[i];
	if (anonymity_run(&a, &rows, d->decisions, &result, e) == -1)
		return -1;
	tell(d, &result, report);
	d->at = 0;
	return context_each(maker, put_subject, d, e);
}
