/* The part `disclosure` whose unit is a record, out of a policy's resolved form. */
#include <stdlib.h>
#include <string.h>

#include "coarse.h"
#include "hierarchy.h"
#include "policy_decode.h"
#include "policy_form.h"
#include "stager/anonymity.h"
#include "stager/json.h"

static const struct rule *
find_rule(const struct policy *p, const char *match)
{
	const struct rule *found = NULL;

	for (size_t i = 0; i < p->rule_count; i++)
		if (strcmp(p->rules[i].match, match) == 0) {
			if (found != NULL)
				return NULL;
			found = &p->rules[i];
		}
	if (found != NULL && found->format != FORMAT_CSV && found->format != FORMAT_FIXED &&
	    found->format != FORMAT_JSONL)
		return NULL;
	return found == NULL || found->subject != NULL ? NULL : found;
}

/* A field whose values can be alike. */
static bool
find_field(const struct rule *rule, const char *name, size_t *field)
{
	for (*field = 0; *field < rule->field_count; ++*field) {
		if (strcmp(rule->fields[*field].name, name) != 0)
			continue;
		if (rule->format == FORMAT_JSONL && strpbrk(name, "*[") != NULL)
			return false;
		switch (rule->fields[*field].action.kind) {
		case ACTION_KEEP_CODE:
		case ACTION_KEEP_NUMBER:
		case ACTION_KEEP_ENUM:
		case ACTION_YEAR:
		case ACTION_FIRST:
		case ACTION_COARSE:
		case ACTION_HIERARCHY:
			return true;
		default:
			return false;
		}
	}
	return false;
}

static size_t
quasi_of(const struct disclosure *d, size_t field)
{
	size_t at = 0;

	while (at < d->quasi_count && d->quasi[at] != field)
		at++;
	return at;
}

static int
decode_quasi(struct disclosure *d, const struct json *list, struct err *e)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i]->type != JSON_STRING ||
		    !find_field(d->rule, list->items[i]->string, &d->quasi[i]) ||
		    quasi_of(d, d->quasi[i]) < d->quasi_count)
			return decode_bad(e, "quasi");
		d->quasi_count++;
	}
	return 0;
}

static int
decode_l(struct disclosure *d, const struct json *l, struct err *e)
{
	if (l == NULL || l->type != JSON_OBJECT || l->count > ANONYMITY_SENSITIVE_MAX)
		return decode_bad(e, "l");
	for (size_t i = 0; i < l->count; i++) {
		const struct json *n = l->items[i];

		if (n->type != JSON_INT || n->integer < 2 || n->integer > ANONYMITY_L_MAX ||
		    !find_field(d->rule, l->keys[i], &d->sensitive_field[i]) ||
		    quasi_of(d, d->sensitive_field[i]) < d->quasi_count)
			return decode_bad(e, "l");
		if ((d->sensitive[i] = strdup(l->keys[i])) == NULL)
			return err_sys(e, "resolved policy");
		d->l[i] = (uint32_t)n->integer;
		d->sensitive_count++;
	}
	return 0;
}

/* Number i of the steps: characters or a level, each further than the one before. */
static int
decode_whole(struct widening *w, const char *text, int64_t from, int64_t most, bool down, struct err *e)
{
	int64_t to;

	if (w->count > 0)
		from = (int64_t)w->to[w->count - 1];
	if (!policy_integer(text, 1, most, &to) || (down ? to >= from : to <= from))
		return decode_bad(e, "widen");
	w->to[w->count++] = (size_t)to;
	return 0;
}

/* To multiples of this, within the bounds that the action has. */
static int
decode_multiple(struct widening *w, const struct action *a, const char *text, struct err *e)
{
	const struct coarse *c = a->kind == ACTION_COARSE ? a->coarse : NULL;
	const struct decimal *before = c != NULL && c->has_round ? &c->round : NULL;
	struct coarse *made;

	if (w->coarse == NULL && (w->coarse = calloc(ATTRIBUTE_STEPS_MAX, sizeof(*w->coarse))) == NULL)
		return err_sys(e, "resolved policy");
	made = &w->coarse[w->count];
	if (w->count > 0)
		before = &w->coarse[w->count - 1].round;
	if (!coarse_init(made, text, c != NULL && c->has_top ? c->top_text : NULL,
		c != NULL && c->has_bottom ? c->bottom_text : NULL, NULL) ||
	    (before != NULL && decimal_compare(before, &made->round) >= 0))
		return decode_bad(e, "widen");
	w->count++;
	return 0;
}

static int
decode_step(struct widening *w, const struct action *a, const struct json *step, struct err *e)
{
	const char *text = step->type == JSON_STRING ? step->string : "";

	switch (a->kind) {
	case ACTION_HIERARCHY:
		return decode_whole(w, text, (int64_t)a->level, (int64_t)a->hierarchy->columns - 1, false, e);
	case ACTION_FIRST:
		return decode_whole(w, text, (int64_t)a->first, POLICY_FIRST_MAX, true, e);
	case ACTION_KEEP_CODE:
		return decode_whole(w, text, POLICY_FIRST_MAX + 1, POLICY_FIRST_MAX, true, e);
	case ACTION_KEEP_NUMBER:
	case ACTION_COARSE:
	case ACTION_YEAR:
		return decode_multiple(w, a, text, e);
	default:
		return decode_bad(e, "widen");
	}
}

/* [{"name","to": [steps]}] */
static int
decode_widen(struct disclosure *d, const struct json *list, struct err *e)
{
	static const char *const keys[] = {"name", "to", NULL};
	const char *name;
	size_t field, quasi, steps = 0;

	if (list == NULL || (list->type != JSON_NULL && list->type != JSON_ARRAY))
		return decode_bad(e, "widen");
	for (size_t i = 0; list->type == JSON_ARRAY && i < list->count; i++) {
		const struct json *to;

		if (json_expect_keys(list->items[i], keys, "resolved policy: widen", e) == -1 ||
		    (name = json_need_string(list->items[i], "name", "resolved policy", e)) == NULL ||
		    (to = decode_list(list->items[i], "to", 1, ATTRIBUTE_STEPS_MAX, e)) == NULL)
			return -1;
		if (!find_field(d->rule, name, &field) || (quasi = quasi_of(d, field)) == d->quasi_count ||
		    d->wider[quasi].count > 0 || (steps += to->count) > ANONYMITY_STEPS_MAX)
			return decode_bad(e, "widen");
		for (size_t k = 0; k < to->count; k++)
			if (decode_step(&d->wider[quasi], &d->rule->fields[field].action, to->items[k], e) ==
			    -1)
				return -1;
		d->widen[d->widen_count++] = field;
	}
	return 0;
}

int
decode_disclosure_record(struct policy *p, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"unit", "from", "quasi", "k", "l", "below", "min_cell", NULL};
	struct disclosure *d = p->disclosure;
	const struct json *list;
	const char *from;

	if (json_expect_keys(j, keys, "resolved policy: disclosure", e) == -1 ||
	    (from = json_need_string(j, "from", "resolved policy", e)) == NULL)
		return -1;
	if (p->subject != NULL || (d->rule = find_rule(p, from)) == NULL)
		return decode_bad(e, "disclosure");
	if ((list = decode_list(j, "quasi", 1, ANONYMITY_QUASI_MAX, e)) == NULL ||
	    decode_quasi(d, list, e) == -1 || decode_l(d, json_get(j, "l"), e) == -1 ||
	    decode_disclosure_below(d, json_get(j, "below"), e) == -1)
		return -1;
	return decode_widen(d, json_get(json_get(j, "below"), "widen"), e);
}

void
decode_widening_free(struct widening *w)
{
	free(w->coarse);
}
