/* Attributes of a subject: an age's band, the beginning of a postcode, one word for another. */
#include <stdio.h>
#include <string.h>

#include "subject.h"
#include "value_date.h"

#define AGE_MOST 130

static int
put(const char *text, size_t len, char out[static ATTRIBUTE_VALUE_MAX])
{
	if (len > ATTRIBUTE_VALUE_MAX)
		return -1;
	if (len > 0)
		memcpy(out, text, len);
	return (int)len;
}

int
attribute_band(const struct attribute *a, unsigned years, char out[static ATTRIBUTE_VALUE_MAX])
{
	size_t i = a->band_count;

	while (i > 1 && years < a->bands[i - 1])
		i--;
	if (i == a->band_count)
		return snprintf(out, ATTRIBUTE_VALUE_MAX, "%u+", a->bands[i - 1]);
	return snprintf(out, ATTRIBUTE_VALUE_MAX, "%u-%u", a->bands[i - 1], a->bands[i] - 1);
}

static int
make_age(const struct policy *policy, const struct attribute *a, struct view from, struct view at,
    char out[static ATTRIBUTE_VALUE_MAX])
{
	struct value_date born, day = {0};
	unsigned years;

	if (!value_date(policy, (const char *)from.data, from.len, &born))
		return -1;
	if (a->at != NULL) {
		if (!value_date(policy, (const char *)at.data, at.len, &day))
			return -1;
	} else {
		value_date_of(a->at_days, &day);
	}
	if (value_date_days(&day) < value_date_days(&born))
		return -1;
	years = day.year - born.year;
	if (day.month < born.month || (day.month == born.month && day.day < born.day))
		years--;
	return years > AGE_MOST ? -1 : attribute_band(a, years, out);
}

/* Characters but spaces, as many as the policy says. */
static int
make_prefix(const struct attribute *a, struct view from, char out[static ATTRIBUTE_VALUE_MAX])
{
	size_t count = 0, len = 0;

	for (size_t i = 0; i < from.len; i++) {
		if (from.data[i] == ' ')
			continue;
		if ((from.data[i] & 0xc0) != 0x80 && count++ == a->prefix)
			break;
		if (len == ATTRIBUTE_VALUE_MAX)
			return -1;
		out[len++] = (char)from.data[i];
	}
	return (int)len;
}

int
attribute_make(const struct policy *policy, const struct attribute *a, struct view from, struct view at,
    char out[static ATTRIBUTE_VALUE_MAX])
{
	/* Nothing known, and so nothing said. */
	if (from.len == 0)
		return 0;
	switch (a->kind) {
	case ATTRIBUTE_AGE:
		return a->at != NULL && at.len == 0 ? 0 : make_age(policy, a, from, at, out);
	case ATTRIBUTE_PREFIX:
		return make_prefix(a, from, out);
	case ATTRIBUTE_MAP:
		break;
	}
	for (size_t i = 0; i < a->key_count; i++)
		if (strlen(a->keys[i]) == from.len && memcmp(a->keys[i], from.data, from.len) == 0)
			return put(a->values[i], strlen(a->values[i]), out);
	return a->other_blank ? 0 : -1;
}
