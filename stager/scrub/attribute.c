/* Attributes of a subject: an age's band, the beginning of a postcode, one word for another. */
#include <stdio.h>
#include <string.h>

#include "hierarchy.h"
#include "subject.h"
#include "value_date.h"
#include "stager/utf8.h"

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
attribute_band(const struct attribute *a, unsigned step, unsigned years, char out[static ATTRIBUTE_VALUE_MAX])
{
	const struct attribute_bands *bands = &a->bands[step];
	size_t i = bands->count;

	while (i > 1 && years < bands->at[i - 1])
		i--;
	if (i == bands->count)
		return snprintf(out, ATTRIBUTE_VALUE_MAX, "%u+", bands->at[i - 1]);
	return snprintf(out, ATTRIBUTE_VALUE_MAX, "%u-%u", bands->at[i - 1], bands->at[i] - 1);
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
	return years > AGE_MOST ? -1 : attribute_band(a, 0, years, out);
}

/* Characters but spaces, as many as the policy says. */
static int
make_prefix(const struct attribute *a, struct view from, char out[static ATTRIBUTE_VALUE_MAX])
{
	size_t count = 0, len = 0;

	for (size_t i = 0; i < from.len; i++) {
		if (from.data[i] == ' ')
			continue;
		if ((from.data[i] & 0xc0) != 0x80 && count++ == a->prefix[0])
			break;
		if (len == ATTRIBUTE_VALUE_MAX)
			return -1;
		out[len++] = (char)from.data[i];
	}
	return (int)len;
}

static int
map_find(const struct attribute_map *map, const void *value, size_t len, char out[static ATTRIBUTE_VALUE_MAX])
{
	for (size_t i = 0; i < map->key_count; i++)
		if (strlen(map->keys[i]) == len && memcmp(map->keys[i], value, len) == 0)
			return put(map->values[i], strlen(map->values[i]), out);
	return -1;
}

static int
level_find(const struct attribute *a, size_t from, const void *value, size_t len, size_t to,
    char out[static ATTRIBUTE_VALUE_MAX])
{
	struct view v;

	return hierarchy_find(a->hierarchy, from, value, len, to, &v) ? put((const char *)v.data, v.len, out)
								      : -1;
}

int
attribute_make(const struct policy *policy, const struct attribute *a, struct view from, struct view at,
    char out[static ATTRIBUTE_VALUE_MAX])
{
	int len = -1;

	/* Nothing known, and so nothing said. */
	if (from.len == 0)
		return 0;
	switch (a->kind) {
	case ATTRIBUTE_AGE:
		return a->at != NULL && at.len == 0 ? 0 : make_age(policy, a, from, at, out);
	case ATTRIBUTE_PREFIX:
		return make_prefix(a, from, out);
	case ATTRIBUTE_MAP:
		len = map_find(&a->maps[0], from.data, from.len, out);
		break;
	case ATTRIBUTE_HIERARCHY:
		len = level_find(a, 0, from.data, from.len, a->level, out);
		break;
	}
	return len == -1 && a->other_blank ? 0 : len;
}

int
attribute_wider(const struct attribute *a, unsigned step, const void *value, size_t len,
    char out[static ATTRIBUTE_VALUE_MAX])
{
	const char *text = value;
	unsigned years = 0;

	if (len == 0)
		return 0;
	switch (a->kind) {
	case ATTRIBUTE_AGE:
		/* Where the band begins: wider ones are made of whole ones. */
		for (size_t i = 0; i < len && i < 3 && text[i] >= '0' && text[i] <= '9'; i++)
			years = years * 10 + (unsigned)(text[i] - '0');
		return attribute_band(a, step, years, out);
	case ATTRIBUTE_PREFIX:
		return put(text, utf8_first(text, len, a->prefix[step]), out);
	case ATTRIBUTE_MAP:
		return map_find(&a->maps[step], value, len, out);
	case ATTRIBUTE_HIERARCHY:
		break;
	}
	return level_find(a, a->level + step - 1, value, len, a->level + step, out);
}

size_t
attribute_room(const struct attribute *a, const void *value, size_t len)
{
	char made[2][ATTRIBUTE_VALUE_MAX];
	const void *from = value;
	size_t longest = len, now = len;

	for (unsigned step = 1; step <= a->wider_count; step++) {
		int n = attribute_wider(a, step, from, now, made[step % 2]);

		if (n == -1)
			break;
		from = made[step % 2];
		now = (size_t)n;
		longest = now > longest ? now : longest;
	}
	return longest - len;
}
