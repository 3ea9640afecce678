/* The attributes of a policy's subjects out of its resolved form, and the hierarchies that they and fields use. */
#include <stdlib.h>
#include <string.h>

#include "hierarchy.h"
#include "policy_decode.h"
#include "policy_form.h"
#include "stager/json.h"

int
decode_hierarchies(struct policy *p, const struct json *root, struct err *e)
{
	const struct json *list;

	if (json_get(root, "hierarchies") == NULL)
		return 0;
	if ((list = decode_list(root, "hierarchies", 1, POLICY_BESIDE_MAX, e)) == NULL)
		return -1;
	if ((p->hierarchies = calloc(list->count, sizeof(*p->hierarchies))) == NULL)
		return err_sys(e, "resolved policy");
	for (size_t i = 0; i < list->count; i++) {
		p->hierarchy_count = i + 1;
		if (hierarchy_decode(&p->hierarchies[i], list->items[i], e) == -1)
			return err_context(e, "resolved policy");
		for (size_t k = 0; k < i; k++)
			if (strcmp(p->hierarchies[k].name, p->hierarchies[i].name) == 0)
				return decode_bad(e, "hierarchies");
	}
	return 0;
}

void
decode_hierarchies_free(struct policy *p)
{
	for (size_t i = 0; i < p->hierarchy_count; i++)
		hierarchy_free(&p->hierarchies[i]);
	free(p->hierarchies);
}

int
decode_hierarchy_use(const struct policy *p, const struct json *j, const struct hierarchy **hierarchy,
    size_t *level, bool *blank, struct err *e)
{
	static const char *const others[] = {"hold", "blank", NULL};
	const char *name = json_need_string(j, "hierarchy", "resolved policy", e);
	int other = decode_choice(j, "other", others, e);
	int64_t n;

	if (name == NULL || other == -1)
		return -1;
	*blank = other == 1;
	for (size_t i = 0; i < p->hierarchy_count; i++) {
		if (strcmp(p->hierarchies[i].name, name) != 0)
			continue;
		*hierarchy = &p->hierarchies[i];
		if (json_need_int(
			j, "level", 1, (int64_t)(*hierarchy)->columns - 1, "resolved policy", &n, e) == -1)
			return -1;
		*level = (size_t)n;
		return 0;
	}
	return decode_bad(e, "hierarchy");
}

/* Ages that rise from 0 on; of, where it is not NULL: each of them one of these. */
static int
decode_bands(
    struct attribute_bands *b, const struct json *list, const struct attribute_bands *of, struct err *e)
{
	size_t next = 0;

	if (list->type != JSON_ARRAY || list->count < 1 || list->count > POLICY_BANDS_MAX ||
	    (of != NULL && list->count >= of->count))
		return decode_bad(e, "bands");
	if ((b->at = calloc(list->count, sizeof(*b->at))) == NULL)
		return err_sys(e, "resolved policy");
	for (size_t i = 0; i < list->count; i++) {
		const struct json *band = list->items[i];

		if (band->type != JSON_INT || band->integer < 0 || band->integer > POLICY_BAND_MAX ||
		    (i == 0 ? band->integer != 0 : band->integer <= list->items[i - 1]->integer))
			return decode_bad(e, "bands");
		while (of != NULL && next < of->count && of->at[next] != (unsigned)band->integer)
			next++;
		if (of != NULL && next == of->count)
			return decode_bad(e, "wider");
		b->at[b->count++] = (unsigned)band->integer;
	}
	return 0;
}

static int
decode_age(struct attribute *a, const struct json *j, struct err *e)
{
	const struct json *day = json_get(j, "day");

	if (json_get(j, "at") != NULL) {
		if ((a->at = decode_string(j, "at", policy_column_ok, e)) == NULL)
			return -1;
	} else {
		if (day == NULL || day->type != JSON_INT || day->integer < -1000000 || day->integer > 3000000)
			return decode_bad(e, "day");
		a->at_days = (long)day->integer;
	}
	return decode_bands(&a->bands[0], json_get(j, "bands"), NULL, e);
}

static bool
value_ok(const char *text)
{
	return strlen(text) <= POLICY_ATTRIBUTE_VALUE_MAX;
}

static int
decode_map(struct attribute_map *map, const struct json *j, struct err *e)
{
	if (decode_strings(j, "keys", 1, POLICY_LIST_MAX, NULL, &map->keys, &map->key_count, e) == -1 ||
	    decode_strings(j, "values", 1, POLICY_LIST_MAX, value_ok, &map->values, &map->value_count, e) ==
		-1)
		return -1;
	return map->key_count == map->value_count ? 0 : decode_bad(e, "values");
}

/* Every value of the one before has a wider one. */
static int
check_maps(const struct attribute_map *before, const struct attribute_map *map, struct err *e)
{
	for (size_t i = 0; i < before->value_count; i++) {
		size_t k = 0;

		while (k < map->key_count && strcmp(map->keys[k], before->values[i]) != 0)
			k++;
		if (k == map->key_count && before->values[i][0] != '\0')
			return decode_bad(e, "wider");
	}
	return 0;
}

/* One step more. */
static int
decode_step(struct attribute *a, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"keys", "values", NULL};
	size_t step = ++a->wider_count;

	switch (a->kind) {
	case ATTRIBUTE_AGE:
		return decode_bands(&a->bands[step], j, &a->bands[step - 1], e);
	case ATTRIBUTE_PREFIX:
		if (j->type != JSON_INT || j->integer < 1 || (size_t)j->integer >= a->prefix[step - 1])
			return decode_bad(e, "wider");
		a->prefix[step] = (size_t)j->integer;
		return 0;
	case ATTRIBUTE_MAP:
		if (json_expect_keys(j, keys, "resolved policy: wider", e) == -1 ||
		    decode_map(&a->maps[step], j, e) == -1)
			return -1;
		return check_maps(&a->maps[step - 1], &a->maps[step], e);
	case ATTRIBUTE_HIERARCHY:
		break;
	}
	return decode_bad(e, "wider");
}

static int
decode_kind(struct attribute *a, const struct policy *p, const struct json *j, struct err *e)
{
	static const char *const others[] = {"hold", "blank", NULL};
	int64_t prefix;
	int other;

	if (json_get(j, "bands") != NULL) {
		a->kind = ATTRIBUTE_AGE;
		return decode_age(a, j, e);
	}
	if (json_get(j, "prefix") != NULL) {
		a->kind = ATTRIBUTE_PREFIX;
		if (json_need_int(j, "prefix", 1, POLICY_PREFIX_MAX, "resolved policy", &prefix, e) == -1)
			return -1;
		a->prefix[0] = (size_t)prefix;
		return 0;
	}
	if (json_get(j, "hierarchy") != NULL) {
		a->kind = ATTRIBUTE_HIERARCHY;
		if (decode_hierarchy_use(p, j, &a->hierarchy, &a->level, &a->other_blank, e) == -1)
			return -1;
		a->wider_count = a->hierarchy->columns - 1 - a->level;
		return 0;
	}
	a->kind = ATTRIBUTE_MAP;
	if (decode_map(&a->maps[0], j, e) == -1 || (other = decode_choice(j, "other", others, e)) == -1)
		return -1;
	a->other_blank = other == 1;
	return 0;
}

static int
decode_attribute(struct attribute *a, const struct policy *p, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"name", "from", "at", "day", "bands", "prefix", "wider", "keys",
	    "values", "other", "hierarchy", "level", NULL};
	const struct json *list;

	if (json_expect_keys(j, keys, "resolved policy: attribute", e) == -1 ||
	    (a->name = decode_string(j, "name", policy_name_ok, e)) == NULL ||
	    (a->from = decode_string(j, "from", policy_column_ok, e)) == NULL ||
	    decode_kind(a, p, j, e) == -1)
		return -1;
	if (json_get(j, "wider") == NULL)
		return 0;
	if ((list = decode_list(j, "wider", 1, ATTRIBUTE_STEPS_MAX, e)) == NULL)
		return -1;
	for (size_t i = 0; i < list->count; i++)
		if (decode_step(a, list->items[i], e) == -1)
			return -1;
	return 0;
}

int
decode_attributes(struct policy *p, const struct json *root, struct err *e)
{
	const struct json *j = json_get(root, "subject"), *list;

	if (j == NULL)
		return p->shift_step == 0 ? 0 : decode_bad(e, "shift");
	if ((p->subject = calloc(1, sizeof(*p->subject))) == NULL)
		return err_sys(e, "resolved policy");
	if ((list = decode_list(j, "attributes", 0, POLICY_ATTRIBUTES_MAX, e)) == NULL)
		return -1;
	if ((p->subject->attributes = calloc(list->count + 1, sizeof(*p->subject->attributes))) == NULL)
		return err_sys(e, "resolved policy");
	for (size_t i = 0; i < list->count; i++) {
		struct attribute *a = &p->subject->attributes[p->subject->attribute_count++];

		if (decode_attribute(a, p, list->items[i], e) == -1)
			return -1;
		for (size_t k = 0; k < i; k++)
			if (strcmp(p->subject->attributes[k].name, a->name) == 0)
				return decode_bad(e, "attributes");
	}
	return 0;
}

int
decode_attribute_use(const struct policy *p, const char *name, bool bands, size_t *attribute, struct err *e)
{
	for (size_t i = 0; p->subject != NULL && i < p->subject->attribute_count; i++) {
		const struct attribute *a = &p->subject->attributes[i];

		if (strcmp(a->name, name) != 0 || (bands && a->kind != ATTRIBUTE_AGE))
			continue;
		*attribute = i;
		return 0;
	}
	return decode_bad(e, "attribute");
}

void
decode_attribute_free(struct attribute *a)
{
	for (size_t step = 0; step <= ATTRIBUTE_STEPS_MAX; step++) {
		struct attribute_map *map = &a->maps[step];

		for (size_t i = 0; i < map->key_count; i++)
			free(map->keys[i]);
		for (size_t i = 0; i < map->value_count; i++)
			free(map->values[i]);
		free(map->keys);
		free(map->values);
		free(a->bands[step].at);
	}
	free(a->name);
	free(a->from);
	free(a->at);
}
