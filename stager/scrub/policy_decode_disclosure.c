/* The part `disclosure` out of a policy's resolved form. */
#include <stdlib.h>
#include <string.h>

#include "policy_decode.h"
#include "policy_form.h"
#include "stager/anonymity.h"
#include "stager/json.h"

static int
decode_quasi(struct policy *p, struct disclosure *d, const struct json *list, struct err *e)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i]->type != JSON_STRING ||
		    decode_attribute_use(p, list->items[i]->string, false, &d->quasi[i], e) == -1)
			return decode_bad(e, "quasi");
		for (size_t k = 0; k < i; k++)
			if (d->quasi[k] == d->quasi[i])
				return decode_bad(e, "quasi");
		d->quasi_count++;
	}
	return 0;
}

static bool
column_there(const struct rule *table, const char *name)
{
	for (size_t i = 0; i < table->field_count; i++)
		if (strcmp(table->fields[i].name, name) == 0)
			return true;
	return false;
}

static int
decode_l(struct policy *p, struct disclosure *d, const struct json *l, struct err *e)
{
	if (l == NULL || l->type != JSON_OBJECT || l->count > ANONYMITY_SENSITIVE_MAX)
		return decode_bad(e, "l");
	for (size_t i = 0; i < l->count; i++) {
		const struct json *n = l->items[i];

		if (n->type != JSON_INT || n->integer < 2 || n->integer > ANONYMITY_L_MAX ||
		    !column_there(p->subject->table, l->keys[i]))
			return decode_bad(e, "l");
		if ((d->sensitive[i] = strdup(l->keys[i])) == NULL)
			return err_sys(e, "resolved policy");
		d->l[i] = (uint32_t)n->integer;
		d->sensitive_count++;
	}
	return 0;
}

/* One attribute more that is widened. */
static int
decode_widen(const struct policy *p, struct disclosure *d, const struct json *name, struct err *e)
{
	size_t attribute, steps = 0;
	bool quasi = false;

	if (name->type != JSON_STRING || decode_attribute_use(p, name->string, false, &attribute, e) == -1 ||
	    p->subject->attributes[attribute].wider_count == 0)
		return decode_bad(e, "widen");
	for (size_t i = 0; i < d->quasi_count; i++)
		quasi = quasi || d->quasi[i] == attribute;
	for (size_t i = 0; i < d->widen_count; i++) {
		quasi = quasi && d->widen[i] != attribute;
		steps += p->subject->attributes[d->widen[i]].wider_count;
	}
	if (!quasi || steps + p->subject->attributes[attribute].wider_count > ANONYMITY_STEPS_MAX)
		return decode_bad(e, "widen");
	d->widen[d->widen_count++] = attribute;
	return 0;
}

int
decode_disclosure_below(struct disclosure *d, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"widen", "then", "max", NULL}, *const thens[] = {"blank", NULL};
	int64_t max;

	if (json_expect_keys(j, keys, "resolved policy: below", e) == -1 ||
	    json_need_int(j, "max", 0, 1000000, "resolved policy", &max, e) == -1 ||
	    decode_choice(j, "then", thens, e) == -1)
		return -1;
	d->max_blank = (uint32_t)max;
	return 0;
}

static int
decode_below(struct policy *p, struct disclosure *d, const struct json *j, struct err *e)
{
	const struct json *widen = json_get(j, "widen");

	if (decode_disclosure_below(d, j, e) == -1)
		return -1;
	if (widen == NULL)
		return decode_bad(e, "widen");
	if (widen->type == JSON_NULL)
		return 0;
	if (widen->type == JSON_STRING)
		return decode_widen(p, d, widen, e);
	if (widen->type != JSON_ARRAY || widen->count < 2 || widen->count > ANONYMITY_QUASI_MAX)
		return decode_bad(e, "widen");
	for (size_t i = 0; i < widen->count; i++)
		if (decode_widen(p, d, widen->items[i], e) == -1)
			return -1;
	return 0;
}

int
decode_disclosure(struct policy *p, const struct json *root, struct err *e)
{
	static const char *const keys[] = {"unit", "quasi", "k", "l", "below", "min_cell", NULL};
	static const char *const units[] = {"subject", "record", NULL};
	const struct json *j = json_get(root, "disclosure"), *list;
	struct disclosure *d;
	int64_t k, cell;
	int unit;

	if (j == NULL)
		return 0;
	if ((d = p->disclosure = calloc(1, sizeof(*d))) == NULL)
		return err_sys(e, "resolved policy");
	if ((unit = decode_choice(j, "unit", units, e)) == -1 ||
	    json_need_int(j, "k", 2, ANONYMITY_K_MAX, "resolved policy", &k, e) == -1 ||
	    json_need_int(j, "min_cell", 1, ANONYMITY_K_MAX, "resolved policy", &cell, e) == -1)
		return -1;
	d->k = (uint32_t)k;
	d->min_cell = (uint32_t)cell;
	if (unit == 1)
		return decode_disclosure_record(p, j, e);
	if (p->subject == NULL)
		return decode_bad(e, "disclosure");
	if (json_expect_keys(j, keys, "resolved policy: disclosure", e) == -1 ||
	    (list = decode_list(j, "quasi", 1, ANONYMITY_QUASI_MAX, e)) == NULL ||
	    decode_quasi(p, d, list, e) == -1)
		return -1;
	return decode_l(p, d, json_get(j, "l"), e) == -1 ? -1 : decode_below(p, d, json_get(j, "below"), e);
}

void
decode_disclosure_free(struct disclosure *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->sensitive_count; i++)
		free(d->sensitive[i]);
	for (size_t i = 0; i < ANONYMITY_QUASI_MAX; i++)
		decode_widening_free(&d->wider[i]);
	free(d);
}
