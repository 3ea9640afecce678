/* The attributes of a policy's subjects, as people write them, checked and resolved. */
#include <string.h>

#include "policy_form.h"
#include "policy_resolve.h"
#include "stager/policy.h"
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

/* Ages that rise, from 0 on; of, where it is not NULL: fewer, and each of them one of these. NULL with e set. */
static struct json *
resolve_bands(const struct yaml_node *n, const char *what, const struct json *of, struct err *e)
{
	struct json *list = json_array();
	const char *text;
	int64_t band, last = -1;
	size_t next = 0;

	if (yaml_need_list(n, 1, what, e) == -1)
		goto fail;
	if (n->count > POLICY_BANDS_MAX) {
		yaml_bad(n, e, "%s has more than %d entries", what, POLICY_BANDS_MAX);
		goto fail;
	}
	for (size_t i = 0; i < n->count; i++) {
		if ((text = yaml_need_text(n->items[i], what, e)) == NULL)
			goto fail;
		if (!policy_integer(text, 0, POLICY_BAND_MAX, &band) || band <= last ||
		    (i == 0 && band != 0)) {
			yaml_bad(n->items[i], e, "%s are ages that rise, from 0 on: [0, 18, 65]", what);
			goto fail;
		}
		while (of != NULL && next < of->count && of->items[next]->integer != band)
			next++;
		if (of != NULL && next == of->count) {
			yaml_bad(n->items[i], e,
			    "no band of the step before begins at %lld: wider bands are made of whole ones",
			    (long long)band);
			goto fail;
		}
		json_push(list, json_int(last = band));
	}
	if (of == NULL || list->count < of->count)
		return list;
	yaml_bad(n, e, "the bands of this step are those of the step before");
fail:
	json_free(list);
	return NULL;
}

/* {from, at, bands} */
static int
resolve_age(const struct yaml_node *n, const struct linking *linking, struct json *out, struct err *e)
{
	const struct yaml_node *at = yaml_need(n, "at", "the attribute", e);
	struct value_date date;
	struct json *list;
	const char *text;

	if (at == NULL || (text = yaml_need_text(at, "`at`", e)) == NULL)
		return -1;
	if (value_date_in(DATE_YMD, text, strlen(text), &date)) {
		json_set_int(out, "day", value_date_days(&date));
	} else {
		if (column_of(n, "at", linking, e) == NULL)
			return -1;
		json_set_string(out, "at", text);
	}
	if ((list = resolve_bands(yaml_get(n, "bands"), "`bands`", NULL, e)) == NULL)
		return -1;
	json_set(out, "bands", list);
	return 0;
}

/* Values to values, as "keys" and "values" of out. */
static int
resolve_values(const struct yaml_node *map, const char *what, struct json *out, struct err *e)
{
	struct json *keys, *values;
	const char *text;

	if (map->kind != YAML_MAP || map->count == 0)
		return yaml_bad(map, e, "%s is not a mapping of values to values", what);
	if (map->count > POLICY_LIST_MAX)
		return yaml_bad(map, e, "%s has more than %d entries", what, POLICY_LIST_MAX);
	json_set(out, "keys", keys = json_array());
	json_set(out, "values", values = json_array());
	for (size_t i = 0; i < map->count; i++) {
		if ((text = yaml_need_text(map->items[i], what, e)) == NULL)
			return -1;
		if (strlen(text) > POLICY_ATTRIBUTE_VALUE_MAX)
			return yaml_bad(map->items[i], e, "a value of %s has more than %d bytes", what,
			    POLICY_ATTRIBUTE_VALUE_MAX);
		json_push(keys, json_string(map->keys[i]->text));
		json_push(values, json_string(text));
	}
	return 0;
}

/* {from, map, other} */
static int
resolve_map(const struct yaml_node *n, struct json *out, struct err *e)
{
	const struct yaml_node *other = yaml_get(n, "other");
	const char *text;

	if (resolve_values(yaml_get(n, "map"), "`map`", out, e) == -1 ||
	    (text = other == NULL ? "hold" : yaml_need_text(other, "`other`", e)) == NULL)
		return -1;
	if (strcmp(text, "hold") != 0 && strcmp(text, "blank") != 0)
		return yaml_bad(other, e, "`other` is not hold or blank");
	json_set_string(out, "other", text);
	return 0;
}

/* A mapping in which each value of the step before stands. NULL with e set. */
static struct json *
resolve_wider_map(const struct yaml_node *n, const struct json *before, struct err *e)
{
	const struct json *values = json_get(before, "values");
	struct json *one = json_object();

	if (resolve_values(n, "`wider`", one, e) == -1)
		goto fail;
	for (size_t i = 0; i < values->count; i++) {
		if (values->items[i]->string[0] != '\0' && yaml_get(n, values->items[i]->string) == NULL) {
			yaml_bad(n, e, "the value `%.64s` of the step before has no wider one here",
			    values->items[i]->string);
			goto fail;
		}
	}
	return one;
fail:
	json_free(one);
	return NULL;
}

/* Fewer characters than in the step before. NULL with e set. */
static struct json *
resolve_fewer(const struct yaml_node *n, int64_t last, struct err *e)
{
	const char *text = yaml_need_text(n, "`wider`", e);
	int64_t count;

	if (text == NULL)
		return NULL;
	if (policy_integer(text, 1, POLICY_PREFIX_MAX, &count) && count < last)
		return json_int(count);
	yaml_bad(n, e, "`wider` are numbers of characters, ever fewer than `prefix`: [2, 1]");
	return NULL;
}

/*
 * What is said of groups that are too small, step by step: numbers of characters, lists of bands (or one such list), or mappings, each from what was
 * said before.
 */
static int
resolve_wider(const struct yaml_node *n, struct json *out, struct err *e)
{
	const struct json *last = json_get(out, "bands") != NULL    ? json_get(out, "bands")
				  : json_get(out, "prefix") != NULL ? json_get(out, "prefix")
								    : out;
	struct json *list, *one;
	bool bands = json_get(out, "bands") != NULL;
	size_t count;

	if (n == NULL)
		return 0;
	json_set(out, "wider", list = json_array());
	if (yaml_need_list(n, 1, "`wider`", e) == -1)
		return -1;
	count = bands && n->items[0]->kind == YAML_TEXT ? 1 : n->count;
	if (count > ATTRIBUTE_STEPS_MAX)
		return yaml_bad(n, e, "`wider` has more than %d steps", ATTRIBUTE_STEPS_MAX);
	for (size_t i = 0; i < count; i++, last = one) {
		const struct yaml_node *item =
		    bands && count == 1 && n->items[0]->kind == YAML_TEXT ? n : n->items[i];

		one = bands                       ? resolve_bands(item, "`wider`", last, e)
		      : last->type == JSON_OBJECT ? resolve_wider_map(item, last, e)
						  : resolve_fewer(item, last->integer, e);
		if (one == NULL)
			return -1;
		json_push(list, one);
	}
	return 0;
}

static int
resolve_attribute(const char *name, const struct yaml_node *n, const struct linking *linking,
    struct json *out, struct err *e)
{
	static const struct yaml_key age[] = {{"from", false}, {"at", false}, {"bands", false},
	    {"wider", false}, {NULL, false}},
				     prefix[] = {{"from", false}, {"prefix", false}, {"wider", false},
					 {NULL, false}},
				     map[] = {{"from", false}, {"map", false}, {"other", false},
					 {"wider", false}, {NULL, false}},
				     hierarchy[] = {{"from", false}, {"hierarchy", false}, {"level", false},
					 {"other", false}, {NULL, false}};
	static const struct {
		const char *key;
		const struct yaml_key *keys;
	} kinds[] = {{"bands", age}, {"prefix", prefix}, {"map", map}, {"hierarchy", hierarchy}};
	const struct yaml_key *keys = NULL;
	const struct yaml_node *length = yaml_get(n, "prefix");
	const char *text;
	int64_t count;
	unsigned said = 0;

	json_set_string(out, "name", name);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (yaml_get(n, kinds[i].key) != NULL) {
			keys = kinds[i].keys;
			said++;
		}
	}
	if (said != 1)
		return yaml_bad(n, e, "an attribute wants one of `bands`, `prefix`, `map` and `hierarchy`");
	if (yaml_expect_keys(n, keys, "the attribute", e) == -1 ||
	    (text = column_of(n, "from", linking, e)) == NULL)
		return -1;
	json_set_string(out, "from", text);
	if (keys == hierarchy)
		return resolve_hierarchy(n, linking, out, NULL, e);
	if (keys == prefix) {
		if ((text = yaml_need_text(length, "`prefix`", e)) == NULL)
			return -1;
		if (!policy_integer(text, 1, POLICY_PREFIX_MAX, &count))
			return yaml_bad(length, e, "`prefix` is not between 1 and %d", POLICY_PREFIX_MAX);
		json_set_int(out, "prefix", count);
	} else if ((keys == map ? resolve_map(n, out, e) : resolve_age(n, linking, out, e)) == -1) {
		return -1;
	}
	return resolve_wider(yaml_get(n, "wider"), out, e);
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
