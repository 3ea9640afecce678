/* One record: what it shows, what that hashes to, and what may be shown of it; and the two passes' frame around that. */
#include "record.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "packed.h"
#include "stager/json.h"
#include "stager/report.h"
#include "stager/source.h"

_Static_assert(crypto_shorthash_siphashx24_BYTES == RECORD_HASH_LEN, "SipHash of 128 bits");
_Static_assert(crypto_shorthash_siphashx24_KEYBYTES == sizeof(((struct records *)0)->key), "its key");

struct records *
record_use(const struct scrub *s)
{
	const struct disclosure *d;

	if (s->records == NULL)
		return NULL;
	d = s->policy->disclosure;
	return d != NULL && d->rule == s->rule ? s->records : NULL;
}

bool
record_counting(const struct records *r)
{
	return r->counts != NULL;
}

size_t
record_part(const struct scrub *s, const struct action *a)
{
	const struct disclosure *d = s->policy->disclosure;

	for (size_t i = 0; i < d->quasi_count; i++)
		if (&s->rule->fields[d->quasi[i]].action == a)
			return 1 + i;
	for (size_t i = 0; i < d->sensitive_count; i++)
		if (&s->rule->fields[d->sensitive_field[i]].action == a)
			return 1 + d->quasi_count + i;
	return 0;
}

void
record_begin(struct record_tuple *t)
{
	for (size_t i = 0; i < RECORD_PARTS_MAX; i++)
		t->parts[i].there = false;
	t->decision = 0;
}

const char *
record_put(struct record_tuple *t, size_t part, enum record_kind kind, const void *value, size_t len)
{
	struct record_value *v = &t->parts[part - 1];

	if (len > RECORD_VALUE_MAX)
		return "quasi-too-long";
	v->there = true;
	v->kind = kind;
	v->len = len;
	if (len > 0)
		memcpy(v->bytes, value, len);
	return NULL;
}

/* A value so that no two run together. */
static size_t
put_value(uint8_t *to, const struct record_value *v)
{
	to[0] = v->there ? (uint8_t)(1 + v->kind) : 0;
	to[1] = (uint8_t)v->len;
	to[2] = (uint8_t)(v->len >> 8);
	if (!v->there) {
		to[1] = to[2] = 0;
		return 3;
	}
	memcpy(to + 3, v->bytes, v->len);
	return 3 + v->len;
}

static void
make_hashes(const struct records *r, struct record_tuple *t)
{
	const struct disclosure *d = r->rules;
	uint8_t bytes[RECORD_PARTS_MAX * (3 + RECORD_VALUE_MAX)], sum[RECORDS_SUM_LEN];
	size_t len = 0;

	for (size_t i = 0; i < d->quasi_count; i++)
		len += put_value(bytes + len, &t->parts[i]);
	(void)crypto_shorthash_siphashx24(t->hash, bytes, len, r->key);
	for (size_t i = 0; i < d->sensitive_count; i++)
		len += put_value(bytes + len, &t->parts[d->quasi_count + i]);
	(void)crypto_shorthash_siphashx24(sum, bytes, len, r->sum_key);
	explicit_bzero(bytes, len);
	record_sum_decode(&t->sum, sum);
	t->sum.count = 1;
}

const char *
record_decide(const struct scrub *s, struct record_tuple *t)
{
	const struct records *r = s->records;
	const struct disclosure *d = s->policy->disclosure;

	for (size_t i = 0; i < d->quasi_count; i++)
		if (!t->parts[i].there)
			return "quasi-missing";
	make_hashes(r, t);
	if (r->counts != NULL || (t->decision = record_table_find(r, t->hash)) == 0)
		return NULL;
	for (size_t i = 0; i < d->quasi_count; i++) {
		struct record_value *v = &t->parts[i];
		unsigned steps = t->decision == ANONYMITY_BLANK ? 0 : record_steps_of(d, i, t->decision);
		char made[RECORD_VALUE_MAX];

		if (t->decision == ANONYMITY_BLANK) {
			v->kind = v->kind == RECORD_TEXT && s->rule->format != FORMAT_JSONL ? RECORD_TEXT
											    : RECORD_NULL;
			v->len = 0;
		}
		for (unsigned step = 1; step <= steps; step++) {
			v->len = record_widen(d, s->rule, i, step, &v->kind, v->bytes, v->len, made);
			memcpy(v->bytes, made, v->len);
		}
	}
	return NULL;
}

int
record_take(const struct scrub *s, const struct record_tuple *t, struct err *e)
{
	record_take_sum(s, &t->sum);
	return s->records->counts == NULL ? 0 : record_count(s->records->counts, t, e);
}

void
record_take_sum(const struct scrub *s, const struct record_sum *sum)
{
	record_sum_add(&s->records->sum, sum);
}

struct records *
records_new(const struct policy *policy, struct err *e)
{
	struct records *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		err_set(e, ERR_SYSTEM, "disclosure: out of memory");
		return NULL;
	}
	r->policy = policy;
	r->rules = policy->disclosure;
	randombytes_buf(r->key, sizeof(r->key));
	randombytes_buf(r->sum_key, sizeof(r->sum_key));
	if ((r->counts = record_counts_new(policy, RECORDS_BYTES_MAX, e)) == NULL) {
		records_free(r);
		return NULL;
	}
	return r;
}

/* The reason why a file of the report is held. */
static int
held_late(const struct report *report, uint64_t number, struct err *e)
{
	struct json *j = report_json(report);
	const struct json *held = json_get(j, "held");
	const char *reason = "";

	for (size_t i = 0; held != NULL && i < held->count; i++)
		if (strncmp(held->keys[i], "file:", 5) == 0)
			reason = held->keys[i] + 5;
	err_set(e, ERR_INPUT,
	    "file %llu: held (%s) after some of its records had passed: with `unit: record` all of a file "
	    "must "
	    "be counted before any of it leaves",
	    (unsigned long long)number, reason);
	json_free(j);
	return -1;
}

int
records_file(const struct scrub *scrub, struct source *in, struct err *e)
{
	struct scrub trial = *scrub;
	uint64_t passed = scrub->records->sum.count;
	bool several, inner;
	int rc;

	if (packed_rule(scrub->policy, in->name, &several, &inner) != scrub->policy->disclosure->rule)
		return 0;
	trial.report = report_new();
	rc = scrub_file(&trial, in, e);
	/* What is held when it is opened lets nothing out; of what is held later nobody knows how much. */
	if (rc == 0 && report_get(trial.report, "files", "held") > 0 && scrub->records->sum.count > passed)
		rc = held_late(trial.report, in->number, e);
	report_free(trial.report);
	return rc;
}

int
records_finish(
    struct records *r, int fd, struct report *report, uint8_t digest[static DIGEST_LEN], struct err *e)
{
	return record_counts_decide(r->counts, report, e) == -1 ? -1 : record_table_write(r, fd, digest, e);
}

struct records *
records_open(const struct policy *policy, int fd, struct err *e)
{
	struct records *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		err_set(e, ERR_SYSTEM, "disclosure: out of memory");
		return NULL;
	}
	r->policy = policy;
	r->rules = policy->disclosure;
	if (record_table_map(r, fd, e) == -1) {
		records_free(r);
		return NULL;
	}
	return r;
}

const struct record_sum *
records_sum(const struct records *r)
{
	return &r->sum;
}
