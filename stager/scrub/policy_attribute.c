/* The attributes of a policy's subjects, as people write them, checked and resolved. */
#include <string.h>

#include "policy_form.h"
#include "policy_resolve.h"
#include "stager/anonymity.h"
#include "value_date.h"

static const char *
column_of(const struct yaml_node *n, const char *key, const struct linking *linking, struct err *e)
{
	const struct yaml_node *column = yaml_need(n, key, "the attribute", e);
	const char *text = column == NULL ? NULL : yaml_need_text(column, key, e);

	if (text != NULL && yaml_get(yaml_get(linking->table, "columns"), text) == NULL) {
		yaml_bad(column, e, "the rule of the subject table has no column `%.64s`", text);
		return NULL;
	}
	return text;
}

/* {from, at, bands} */
static int
resolve_age(const struct yaml_node *n, const struct linking *linking, struct json *out, struct err *e)
{
	const struct yaml_node *bands = yaml_get(n, "bands"), *at = yaml_need(n, "at", "the attribute", e);
	struct value_date date;
	struct json *list;
	const char *text;
	int64_t band, last = -1;

	if (at == NULL || (text = yaml_need_text(at, "`at`", e)) == NULL)
		return -1;
	if (value_date_in(DATE_YMD, text, strlen(text), &date)) {
		json_set_int(out, "day", value_date_days(&date));
	} else {
		if (column_of(n, "at", linking, e) == NULL)
			return -1;
		json_set_string(out, "at", text);
	}
	json_set(out, "bands", list = json_array());
	if (yaml_need_list(bands, 1, "`bands`", e) == -1)
		return -1;
	if (bands->count > POLICY_BANDS_MAX)
		return yaml_bad(bands, e, "`bands` has more than %d entries", POLICY_BANDS_MAX);
	for (size_t i = 0; i < bands->count; i++) {
		if ((text = yaml_need_text(bands->items[i], "`bands`", e)) == NULL)
			return -1;
		if (!policy_integer(text, 0, 130, &band) || band <= last || (i == 0 && band != 0))
			return yaml_bad(
			    bands->items[i], e, "`bands` are ages that rise, from 0 on: [0, 18, 65]");
		json_push(list, json_int(last = band));
	}
	return 0;
}

/* {from, map, other} */
static int
resolve_map(const struct yaml_node *n, struct json *out, struct err *e)
{
	const struct yaml_node *map = yaml_get(n, "map"), *other = yaml_get(n, "other");
	struct json *keys, *values;
	const char *text;

	if (map->kind != YAML_MAP || map->count == 0)
		return yaml_bad(map, e, "`map` is not a mapping of values to values");
	if (map->count > POLICY_LIST_MAX)
		return yaml_bad(map, e, "`map` has more than %d entries", POLICY_LIST_MAX);
	json_set(out, "keys", keys = json_array());
	json_set(out, "values", values = json_array());
	for (size_t i = 0; i < map->count; i++) {
		if ((text = yaml_need_text(map->items[i], "`map`", e)) == NULL)
			return -1;
		if (strlen(text) > POLICY_ATTRIBUTE_VALUE_MAX)
			return yaml_bad(map->items[i], e, "a value of `map` has more than %d bytes",
			    POLICY_ATTRIBUTE_VALUE_MAX);
		json_push(keys, json_string(map->keys[i]->text));
		json_push(values, json_string(text));
	}
	if ((text = other == NULL ? "hold" : yaml_need_text(other, "`other`", e)) == NULL)
		return -1;
	if (strcmp(text, "hold") != 0 && strcmp(text, "blank") != 0)
		return yaml_bad(other, e, "`other` is not hold or blank");
	json_set_string(out, "other", text);
	return 0;
}

/* [2, 1]: so many characters, step by step, for groups that are too small. */
static int
resolve_wider(const struct yaml_node *n, int64_t last, struct json *out, struct err *e)
{
	struct json *list;
	const char *text;
	int64_t count;

	if (n == NULL)
		return 0;
	json_set(out, "wider", list = json_array());
	if (yaml_need_list(n, 1, "`wider`", e) == -1)
		return -1;
	if (n->count > ANONYMITY_STEPS_MAX)
		return yaml_bad(n, e, "`wider` has more than %d steps", ANONYMITY_STEPS_MAX);
	for (size_t i = 0; i < n->count; i++) {
		if ((text = yaml_need_text(n->items[i], "`wider`", e)) == NULL)
			return -1;
		if (!policy_integer(text, 1, POLICY_PREFIX_MAX, &count) || count >= last)
			return yaml_bad(n->items[i], e,
			    "`wider` are numbers of characters, ever fewer than `prefix`: [2, 1]");
		json_push(list, json_int(last = count));
	}
	return 0;
}

static int
resolve_attribute(const char *name, const struct yaml_node *n, const struct linking *linking,
    struct json *out, struct err *e)
{
	static const struct yaml_key age[] = {{"from", false}, {"at", false}, {"bands", false},
	    {NULL, false}},
				     prefix[] = {{"from", false}, {"prefix", false}, {"wider", false},
					 {NULL, false}},
				     map[] = {
					 {"from", false}, {"map", false}, {"other", false}, {NULL, false}};
	const struct yaml_node *length = yaml_get(n, "prefix");
	const char *text;
	int64_t count;

	json_set_string(out, "name", name);
	if ((yaml_get(n, "bands") != NULL) + (length != NULL) + (yaml_get(n, "map") != NULL) != 1)
		return yaml_bad(n, e, "an attribute wants one of `bands`, `prefix` and `map`");
	if (yaml_expect_keys(n,
		length != NULL               ? prefix
		: yaml_get(n, "map") != NULL ? map
					     : age,
		"the attribute", e) == -1 ||
	    (text = column_of(n, "from", linking, e)) == NULL)
		return -1;
	json_set_string(out, "from", text);
	if (yaml_get(n, "map") != NULL)
		return resolve_map(n, out, e);
	if (length == NULL)
		return resolve_age(n, linking, out, e);
	if ((text = yaml_need_text(length, "`prefix`", e)) == NULL)
		return -1;
	if (!policy_integer(text, 1, POLICY_PREFIX_MAX, &count))
		return yaml_bad(length, e, "`prefix` is not between 1 and %d", POLICY_PREFIX_MAX);
	json_set_int(out, "prefix", count);
	return resolve_wider(yaml_get(n, "wider"), count, out, e);
}

int
resolve_attributes(const struct yaml_node *n, struct linking *linking, struct json *list, struct err *e)
{
	if (n == NULL)
		return 0;
	if (n->kind != YAML_MAP)
		return yaml_bad(n, e, "`attributes` is not a mapping of names to attributes");
	if (n->count > POLICY_ATTRIBUTES_MAX)
		return yaml_bad(n, e, "`attributes` has more than %d entries", POLICY_ATTRIBUTES_MAX);
	for (size_t i = 0; i < n->count; i++) {
		struct json *one = json_object();

		json_push(list, one);
		if (!policy_name_ok(n->keys[i]->text))
			return yaml_bad(
			    n->keys[i], e, "`%.64s` is not a name for an attribute", n->keys[i]->text);
		if (resolve_attribute(n->keys[i]->text, n->items[i], linking, one, e) == -1)
			return -1;
	}
	linking->attributes = n;
	return 0;
}

int
resolve_attribute_use(
    const struct yaml_node *n, const struct linking *linking, bool bands, const char **name, struct err *e)
{
	const char *text = yaml_need_text(n, "`attribute`", e);
	const struct yaml_node *attribute;

	if (text == NULL)
		return -1;
	if ((attribute = yaml_get(linking->attributes, text)) == NULL)
		return yaml_bad(n, e, "`%.64s` is none of the `attributes` of `subject`", text);
	if (bands && yaml_get(attribute, "bands") == NULL)
		return yaml_bad(n, e, "`%.64s` has no `bands`, which ages want", text);
	*name = text;
	return 0;
}
