/* The part `disclosure` of a policy, as people write it, checked and resolved. */
#include <string.h>

#include "policy_form.h"
#include "policy_resolve.h"
#include "stager/anonymity.h"

int
resolve_disclosure_number(const struct yaml_node *n, const char *key, int64_t min, int64_t max,
    int64_t missing, struct json *out, struct err *e)
{
	const char *text;
	int64_t number = missing;

	if (n != NULL) {
		if ((text = yaml_need_text(n, key, e)) == NULL)
			return -1;
		if (!policy_integer(text, min, max, &number))
			return yaml_bad(
			    n, e, "`%s` is not between %lld and %lld", key, (long long)min, (long long)max);
	}
	json_set_int(out, key, number);
	return 0;
}

static int
resolve_quasi(const struct yaml_node *n, const struct linking *linking, struct json *list, struct err *e)
{
	const char *name;

	if (yaml_need_list(n, 1, "`quasi`", e) == -1)
		return -1;
	if (n->count > ANONYMITY_QUASI_MAX)
		return yaml_bad(n, e, "`quasi` has more than %d attributes", ANONYMITY_QUASI_MAX);
	for (size_t i = 0; i < n->count; i++) {
		if (resolve_attribute_use(n->items[i], linking, false, &name, e) == -1)
			return -1;
		for (size_t k = 0; k < i; k++)
			if (strcmp(list->items[k]->string, name) == 0)
				return yaml_bad(n->items[i], e, "`%s` stands twice in `quasi`", name);
		json_push(list, json_string(name));
	}
	return 0;
}

int
resolve_disclosure_l(const struct yaml_node *n,
    int (*check)(const struct yaml_node *n, const char *name, const void *ctx, struct err *e),
    const void *ctx, struct json *out, struct err *e)
{
	if (n == NULL)
		return 0;
	if (n->kind != YAML_MAP || n->count == 0)
		return yaml_bad(n, e, "`l` is not a mapping of columns to numbers");
	if (n->count > ANONYMITY_SENSITIVE_MAX)
		return yaml_bad(n, e, "`l` has more than %d columns", ANONYMITY_SENSITIVE_MAX);
	for (size_t i = 0; i < n->count; i++) {
		const char *name = n->keys[i]->text;

		if (check(n->keys[i], name, ctx, e) == -1)
			return -1;
		for (const char *c = name; *c != '\0'; c++)
			if (*c < ' ' || *c > '~')
				return yaml_bad(n->keys[i], e, "a column under `l` has a name beyond ASCII");
		if (resolve_disclosure_number(n->items[i], name, 2, ANONYMITY_L_MAX, 0, out, e) == -1)
			return -1;
	}
	return 0;
}

/* A column that `l` names: of the subject table. */
static int
check_l(const struct yaml_node *n, const char *name, const void *ctx, struct err *e)
{
	const struct linking *linking = ctx;

	return yaml_get(yaml_get(linking->table, "columns"), name) != NULL
		   ? 0
		   : yaml_bad(n, e, "the rule of the subject table has no column `%.64s`", name);
}

/* One attribute that is widened. */
static int
resolve_widened(const struct yaml_node *n, const struct linking *linking, const struct json *quasi,
    const char **name, struct err *e)
{
	const struct yaml_node *attribute;
	size_t at = 0;

	if (resolve_attribute_use(n, linking, false, name, e) == -1)
		return -1;
	attribute = yaml_get(linking->attributes, *name);
	if (yaml_get(attribute, "wider") == NULL && yaml_get(attribute, "hierarchy") == NULL)
		return yaml_bad(n, e, "`%.64s` has no `wider`, which says how it is widened", *name);
	while (at < quasi->count && strcmp(quasi->items[at]->string, *name) != 0)
		at++;
	return at < quasi->count ? 0 : yaml_bad(n, e, "`%.64s` is none of `quasi`", *name);
}

/* An attribute, or several that are widened one after the other. */
static int
resolve_widen(const struct yaml_node *n, const struct linking *linking, const struct json *quasi,
    struct json *out, struct err *e)
{
	struct json *list;
	const char *name;

	if (n->kind != YAML_LIST || n->count == 1) {
		if (resolve_widened(n->kind == YAML_LIST ? n->items[0] : n, linking, quasi, &name, e) == -1)
			return -1;
		json_set_string(out, "widen", name);
		return 0;
	}
	if (yaml_need_list(n, 1, "`widen`", e) == -1)
		return -1;
	json_set(out, "widen", list = json_array());
	for (size_t i = 0; i < n->count; i++) {
		if (resolve_widened(n->items[i], linking, quasi, &name, e) == -1)
			return -1;
		for (size_t k = 0; k < i; k++)
			if (strcmp(list->items[k]->string, name) == 0)
				return yaml_bad(n->items[i], e, "`%.64s` stands twice in `widen`", name);
		json_push(list, json_string(name));
	}
	return 0;
}

int
resolve_disclosure_below(const struct yaml_node *n, struct json *out, struct err *e)
{
	static const struct yaml_key keys[] = {
	    {"widen", false}, {"then", false}, {"max", false}, {NULL, false}};
	const struct yaml_node *then = yaml_get(n, "then");
	const char *text;
	struct json *share;
	int64_t ppm = 0;

	if (n != NULL && yaml_expect_keys(n, keys, "`below`", e) == -1)
		return -1;
	json_set(out, "widen", json_null());
	if (then != NULL) {
		if ((text = yaml_need_text(then, "`then`", e)) == NULL)
			return -1;
		if (strcmp(text, "blank") != 0)
			return yaml_bad(then, e, "`%.64s` is not a value that `then` can have: blank", text);
	}
	if (n != NULL) {
		if ((share = resolve_share(n, "max", e)) == NULL)
			return -1;
		if (json_get(share, "ppm") != NULL)
			ppm = json_get(share, "ppm")->integer;
		else if (json_get(share, "count")->integer != 0)
			ppm = -1;
		json_free(share);
		if (ppm == -1)
			return yaml_bad(n, e, "`max` is a share, such as 2%%");
	}
	json_set_int(out, "max", ppm);
	json_set_string(out, "then", "blank");
	return 0;
}

int
resolve_disclosure_unit(const struct yaml_node *n, const char **unit, struct err *e)
{
	static const char *const units[] = {"subject", "record", NULL};

	return (*unit = resolve_one_of(n, "unit", units, NULL, e)) == NULL ? -1 : 0;
}

int
resolve_disclosure(
    const struct yaml_node *root, const struct linking *linking, struct json *out, struct err *e)
{
	static const struct yaml_key keys[] = {{"unit", false}, {"quasi", false}, {"k", false}, {"l", false},
	    {"below", false}, {"min_cell", false}, {NULL, false}};
	const struct yaml_node *n = yaml_get(root, "disclosure"), *quasi, *k, *below, *widen;
	struct json *made, *list, *part;
	const char *unit;

	if (n == NULL)
		return 0;
	if (n->kind == YAML_MAP && resolve_disclosure_unit(n, &unit, e) == -1)
		return -1;
	/* Records are fields of rules, which come later. */
	if (n->kind == YAML_MAP && strcmp(unit, "record") == 0)
		return 0;
	if (linking->table == NULL)
		return yaml_bad(n, e,
		    "`disclosure` wants a `subject` at the top, whose attributes it is about, or `unit: "
		    "record`");
	json_set(out, "disclosure", made = json_object());
	if (yaml_expect_keys(n, keys, "`disclosure`", e) == -1)
		return -1;
	json_set_string(made, "unit", "subject");
	json_set(made, "quasi", list = json_array());
	if ((quasi = yaml_need(n, "quasi", "`disclosure`", e)) == NULL ||
	    resolve_quasi(quasi, linking, list, e) == -1 ||
	    (k = yaml_need(n, "k", "`disclosure`", e)) == NULL ||
	    resolve_disclosure_number(k, "k", 2, ANONYMITY_K_MAX, 0, made, e) == -1)
		return -1;
	json_set(made, "l", part = json_object());
	if (resolve_disclosure_l(yaml_get(n, "l"), check_l, linking, part, e) == -1)
		return -1;
	json_set(made, "below", part = json_object());
	below = yaml_get(n, "below");
	if (resolve_disclosure_below(below, part, e) == -1 ||
	    ((widen = yaml_get(below, "widen")) != NULL &&
		resolve_widen(widen, linking, list, part, e) == -1))
		return -1;
	/* A group that may be shown may be counted. */
	return resolve_disclosure_number(
	    yaml_get(n, "min_cell"), "min_cell", 1, ANONYMITY_K_MAX, json_get(made, "k")->integer, made, e);
}
