/* What a record shows, said less exactly step by step. */
#include <string.h>

#include "action.h"
#include "coarse.h"
#include "hierarchy.h"
#include "record.h"
#include "stager/utf8.h"

unsigned
record_steps(const struct disclosure *d)
{
	unsigned steps = 0;

	for (size_t i = 0; i < d->quasi_count; i++)
		steps += (unsigned)d->wider[i].count;
	return steps;
}

unsigned
record_steps_of(const struct disclosure *d, size_t quasi, unsigned steps)
{
	for (size_t i = 0; i < d->widen_count && steps > 0; i++) {
		size_t at = 0, count;

		while (d->quasi[at] != d->widen[i])
			at++;
		count = d->wider[at].count < steps ? d->wider[at].count : steps;
		if (at == quasi)
			return (unsigned)count;
		steps -= (unsigned)count;
	}
	return 0;
}

static bool
beyond(const struct coarse *c, char separator, const char *value, size_t len)
{
	struct decimal d;

	return decimal_read(&d, separator, value, len) == NULL &&
	       ((c->has_top && decimal_compare(&d, &c->top) >= 0) ||
		   (c->has_bottom && decimal_compare(&d, &c->bottom) <= 0));
}

size_t
record_widen(const struct disclosure *d, const struct rule *rule, size_t quasi, unsigned step,
    enum record_kind *kind, const void *value, size_t len, char out[static RECORD_VALUE_MAX])
{
	const struct action *a = &rule->fields[d->quasi[quasi]].action;
	const struct widening *w = &d->wider[quasi];
	char separator = *kind == RECORD_NUMBER && rule->format == FORMAT_JSONL ? '.' : rule->decimal;
	const char *text = value;
	struct view v;

	/* What says that nothing is known says it at any step. */
	if (*kind > RECORD_NUMBER || action_missing(rule, value, len))
		goto same;
	switch (a->kind) {
	case ACTION_KEEP_CODE:
	case ACTION_FIRST:
		len = utf8_first(text, len, w->to[step - 1]);
		*kind = RECORD_TEXT;
		goto same;
	case ACTION_HIERARCHY:
		*kind = RECORD_TEXT;
		if (!hierarchy_find(a->hierarchy, step == 1 ? a->level : w->to[step - 2], value, len,
			w->to[step - 1], &v))
			return 0;
		memcpy(out, v.data, v.len);
		return v.len;
	default:
		break;
	}
	/* 90 that says "90 or more" is no number to be rounded. */
	if (beyond(&w->coarse[step - 1], separator, text, len))
		goto same;
	_Static_assert(COARSE_LEN_MAX <= RECORD_VALUE_MAX, "a number that was made has room");
	if (coarse_make(&w->coarse[step - 1], separator, text, len, out, &len) == NULL)
		return len;
	/* A number with too many figures to be rounded shows nothing. */
	*kind = *kind == RECORD_NUMBER ? RECORD_NULL : RECORD_TEXT;
	return 0;
same:
	if (len > 0)
		memcpy(out, value, len);
	return len;
}
