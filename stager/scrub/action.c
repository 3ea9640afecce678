/* What the policy does to one value: typed keeps that fail closed, and the ways to say less. */
#include "action.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "coarse.h"
#include "hierarchy.h"
#include "reference.h"
#include "stager/buf.h"
#include "stager/pattern.h"
#include "stager/scrub.h"
#include "subject.h"
#include "value_date.h"

/* 10^22 is the largest power of ten that a double holds exactly. */
#define EXACT_POWER_MAX 22
/* Integers up to here are exact in a double. */
#define EXACT_INTEGER_MAX (UINT64_C(1) << 53)

const char *
action_word(enum action_kind kind)
{
	switch (kind) {
	case ACTION_KEEP_CODE:
	case ACTION_KEEP_NUMBER:
	case ACTION_KEEP_ENUM:
		return "keep";
	case ACTION_DROP:
		return "drop";
	case ACTION_BLANK:
		return "blank";
	case ACTION_PSEUDONYM:
	case ACTION_REFERENCE:
		return "pseudonym";
	case ACTION_YEAR:
		return "year";
	case ACTION_FIRST:
		return "first";
	case ACTION_TEXT:
		return "text";
	case ACTION_ATTRIBUTE:
		return "attribute";
	case ACTION_SHIFT:
		return "shift";
	case ACTION_COARSE:
		return "coarse";
	case ACTION_HIERARCHY:
		return "hierarchy";
	case ACTION_KINDS:
		break;
	}
	abort();
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
same(const char *word, const char *value, size_t len)
{
	return strlen(word) == len && memcmp(word, value, len) == 0;
}

bool
action_missing(const struct rule *rule, const char *value, size_t len)
{
	if (len == 0)
		return true;
	for (size_t i = 0; i < rule->missing_count; i++)
		if (same(rule->missing[i], value, len))
			return true;
	return false;
}

/* A value that has the form of a number, as a double: the C library's conversion, which rounds rightly. */
static double
number_slow(char decimal, const char *value, size_t len)
{
	char text[NUMBER_LEN_MAX + 1];

	for (size_t i = 0; i < len; i++)
		text[i] = (char)(value[i] == decimal ? '.' : value[i]);
	text[len] = '\0';
	/* LC_NUMERIC is never set, so the point is a point. */
	return strtod(text, NULL);
}

const char *
action_number(const struct action *a, char decimal, const char *value, size_t len)
{
	static const double power[EXACT_POWER_MAX + 1] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	    1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	const char *at = value, *end = value + len, *digits;
	size_t places = 0, figures;
	uint64_t whole = 0;
	bool exponent = false;
	double number;

	if (len == 0 || len > NUMBER_LEN_MAX)
		return "value-type";
	if (*at == '+' || *at == '-')
		at++;
	/* whole wraps past 19 digits: it is used only where figures says that it did not. */
	for (digits = at; at < end && digit(*at); at++)
		whole = whole * 10 + (uint64_t)(*at - '0');
	if (at == digits)
		return "value-type";
	figures = (size_t)(at - digits);
	if (at < end && *at == decimal) {
		for (digits = ++at; at < end && digit(*at); at++)
			whole = whole * 10 + (uint64_t)(*at - '0');
		if (at == digits)
			return "value-type";
		places = (size_t)(at - digits);
		figures += places;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		exponent = true;
		if (++at < end && (*at == '+' || *at == '-'))
			at++;
		for (digits = at; at < end && digit(*at); at++)
			;
		if (at == digits)
			return "value-type";
	}
	if (at != end)
		return "value-type";
	if (!a->has_range)
		return NULL;
	/* Both exact, so one division rounds once, as strtod does. */
	if (!exponent && figures <= 19 && whole <= EXACT_INTEGER_MAX && places <= EXACT_POWER_MAX) {
		number = (double)whole / power[places];
		if (*value == '-')
			number = -number;
	} else {
		number = number_slow(decimal, value, len);
	}
	return number >= a->min && number <= a->max ? NULL : "value-range";
}

static bool
enum_has(const struct action *a, const char *value, size_t len)
{
	for (size_t i = 0; i < a->value_count; i++)
		if (same(a->values[i], value, len))
			return true;
	return false;
}

bool
action_year(const struct policy *policy, const char *value, size_t len, unsigned *year)
{
	struct value_date date;

	if (!value_date(policy, value, len, &date))
		return false;
	*year = date.year;
	return true;
}

void
action_year_text(unsigned year, char out[static 4])
{
	for (size_t k = 4; k > 0; year /= 10)
		out[--k] = (char)('0' + year % 10);
}

static int
apply_year(const struct policy *policy, const char *value, size_t len, struct buf *out, const char **reason,
    struct err *e)
{
	unsigned year;
	char text[4];

	if (!action_year(policy, value, len, &year)) {
		*reason = "date-form";
		return 0;
	}
	action_year_text(year, text);
	return buf_put(out, text, sizeof(text), e) == -1 ? -1 : 1;
}

/* The bytes of the first count code points. The value is valid UTF-8; in anything else, stray continuation
 * bytes stay with the one before. */
static size_t
first_len(const char *value, size_t len, size_t count)
{
	size_t at = 0;

	for (; count > 0 && at < len; count--)
		for (at++; at < len && ((unsigned char)value[at] & 0xc0) == 0x80;)
			at++;
	return at;
}

static bool
all_spaces(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (value[i] != ' ')
			return false;
	return true;
}

const char *
action_first(const struct action *a, const char *value, size_t *len)
{
	if (a->pattern != NULL && !pattern_match(a->pattern, value, *len))
		return "value-type";
	*len = first_len(value, *len, a->first);
	return NULL;
}

const char *
action_pseudonym(const struct scrub *s, const char *value, size_t *len, char out[static PSEUDONYM_LEN + 1])
{
	const size_t value_len = *len;

	*len = 0;
	if (all_spaces(value, value_len))
		return NULL;
	pseudonym_make(s->key, value, value_len, out);
	*len = PSEUDONYM_LEN;
	return subject_excluded(s, value, value_len, out) ? SUBJECT_NAMED : NULL;
}

static int
apply_attribute(
    const struct scrub *s, const struct action *a, struct buf *out, const char **reason, struct err *e)
{
	struct view v;

	if (s->subject == NULL || !subject_attribute(s->subject, a->attribute, &v)) {
		*reason = "attribute-unknown";
		return 0;
	}
	return buf_put(out, v.data, v.len, e) == -1 ? -1 : 1;
}

static int
apply_shift(
    const struct scrub *s, const char *value, size_t len, struct buf *out, const char **reason, struct err *e)
{
	struct value_date date;
	long days;
	int rc;

	if (s->subject == NULL || !subject_shift(s->subject, &days) ||
	    !value_date(s->policy, value, len, &date))
		rc = 0;
	else
		rc = value_date_shift(&date, value, len, days, out, e);
	if (rc == 0)
		*reason = "date-form";
	return rc;
}

static int
apply_coarse(const struct scrub *s, const struct action *a, const char *value, size_t len, struct buf *out,
    const char **reason, struct err *e)
{
	char made[COARSE_LEN_MAX];
	size_t made_len;

	if ((*reason = coarse_make(a->coarse, s->rule->decimal, value, len, made, &made_len)) != NULL)
		return 0;
	return buf_put(out, made, made_len, e) == -1 ? -1 : 1;
}

static int
apply_hierarchy(const struct action *a, const char *value, size_t len, struct buf *out, const char **reason,
    struct err *e)
{
	struct view v;

	if (hierarchy_find(a->hierarchy, 0, value, len, a->level, &v))
		return buf_put(out, v.data, v.len, e) == -1 ? -1 : 1;
	if (a->other_blank)
		return 1;
	*reason = "value-unlisted";
	return 0;
}

/* The version and the server's address go: of both the type and the id are left. */
static int
apply_reference(const struct scrub *s, const struct action *a, const char *value, size_t len, struct buf *out,
    const char **reason, struct err *e)
{
	char pseudonym[PSEUDONYM_LEN + 1];
	struct reference r;

	if (!reference_read(a, value, len, &r)) {
		*reason = "reference-form";
		return 0;
	}
	pseudonym_make(s->key, r.id, r.id_len, pseudonym);
	if (s->context != NULL && reference_of_subject(s->policy, &r) &&
	    subject_excluded(s, r.id, r.id_len, pseudonym)) {
		*reason = SUBJECT_NAMED;
		return 0;
	}
	if (buf_put(out, r.front, r.front_len, e) == -1 || buf_put(out, pseudonym, PSEUDONYM_LEN, e) == -1)
		return -1;
	return 1;
}

int
action_subject(const struct scrub *s, const struct action *a, const char *value, size_t len, struct buf *out,
    struct err *e)
{
	struct reference r = {.front = ""};

	if (a->kind == ACTION_REFERENCE && !reference_read(a, value, len, &r))
		return err_set(e, ERR_SYSTEM, "action: the subject was no reference");
	return buf_put(out, r.front, r.front_len, e) == -1
		   ? -1
		   : buf_put(out, s->subject->pseudonym, PSEUDONYM_LEN, e);
}

const char *
action_keep(const struct rule *rule, const struct action *a, const char *value, size_t len)
{
	bool passes = false;

	if (action_missing(rule, value, len))
		return NULL;
	if (a->kind == ACTION_KEEP_NUMBER)
		return action_number(a, rule->decimal, value, len);
	if (a->kind == ACTION_KEEP_CODE)
		passes = a->pattern != NULL && pattern_match(a->pattern, value, len);
	else if (a->kind == ACTION_KEEP_ENUM)
		passes = enum_has(a, value, len);
	return passes ? NULL : "value-type";
}

int
action_apply(const struct scrub *s, const struct action *a, const char *value, size_t len, struct buf *out,
    struct text_finds *finds, const char **reason, struct err *e)
{
	char pseudonym[PSEUDONYM_LEN + 1];
	const char *wrong = NULL;

	if (a->kind == ACTION_DROP)
		return err_set(e, ERR_SYSTEM, "action: a dropped field has no value");
	if (a->kind == ACTION_BLANK)
		return 1;
	/* Of an attribute what stands here does not matter: it comes from the subject table. */
	if (a->kind != ACTION_ATTRIBUTE && action_missing(s->rule, value, len))
		return buf_put(out, value, len, e) == -1 ? -1 : 1;

	switch (a->kind) {
	case ACTION_KEEP_CODE:
	case ACTION_KEEP_NUMBER:
	case ACTION_KEEP_ENUM:
		wrong = action_keep(s->rule, a, value, len);
		break;
	case ACTION_FIRST:
		wrong = action_first(a, value, &len);
		break;
	case ACTION_PSEUDONYM:
		if ((*reason = action_pseudonym(s, value, &len, pseudonym)) != NULL)
			return 0;
		return buf_put(out, pseudonym, len, e) == -1 ? -1 : 1;
	case ACTION_YEAR:
		return apply_year(s->policy, value, len, out, reason, e);
	case ACTION_TEXT:
		/* An escape of JSON can make one; it would part a name in two. */
		if (memchr(value, '\0', len) != NULL) {
			*reason = "nul-byte";
			return 0;
		}
		return text_clean(s, value, len, out, finds, e) == -1 ? -1 : 1;
	case ACTION_ATTRIBUTE:
		return apply_attribute(s, a, out, reason, e);
	case ACTION_SHIFT:
		return apply_shift(s, value, len, out, reason, e);
	case ACTION_COARSE:
		return apply_coarse(s, a, value, len, out, reason, e);
	case ACTION_HIERARCHY:
		return apply_hierarchy(a, value, len, out, reason, e);
	case ACTION_REFERENCE:
		return apply_reference(s, a, value, len, out, reason, e);
	case ACTION_DROP:
	case ACTION_BLANK:
	case ACTION_KINDS:
		break;
	}
	if (wrong != NULL) {
		*reason = wrong;
		return 0;
	}
	return buf_put(out, value, len, e) == -1 ? -1 : 1;
}
