/* The part `disclosure` of a policy whose unit is a record, as people write it, checked and resolved. */
#include <string.h>

#include "coarse.h"
#include "policy_form.h"
#include "policy_resolve.h"
#include "stager/anonymity.h"
#include "stager/policy.h"

/* The rule whose records they are, resolved. */
struct records {
	const struct json *rule, *fields;
	const struct linking *linking;
};

/* What a column of `l` is looked for in. */
struct counted {
	const struct records *records;
	const struct json *quasi;
};

static bool
of_records(const struct json *rule)
{
	const char *format = json_get(rule, "format")->string;

	return strcmp(format, "csv") == 0 || strcmp(format, "fixed") == 0 || strcmp(format, "jsonl") == 0;
}

static const struct json *
fields_of(const struct json *rule)
{
	const struct json *columns = json_get(rule, "columns");

	return columns != NULL ? columns : json_get(rule, "fields");
}

/* The rule with this `match`, or the only one that has records. */
static int
find_rule(const struct yaml_node *n, const struct json *rules, struct records *records, struct err *e)
{
	const struct yaml_node *from = yaml_get(n, "from");
	const char *text = NULL;

	if (from != NULL && (text = yaml_need_text(from, "`from`", e)) == NULL)
		return -1;
	for (size_t i = 0; i < rules->count; i++) {
		const struct json *rule = rules->items[i];

		if (from == NULL ? !of_records(rule) : strcmp(json_get(rule, "match")->string, text) != 0)
			continue;
		if (records->rule != NULL)
			return yaml_bad(from != NULL ? from : n, e,
			    from != NULL ? "more than one rule of `files` has this `match`"
					 : "more than one rule of `files` has records: `from` says whose");
		records->rule = rule;
	}
	if (records->rule == NULL || !of_records(records->rule))
		return yaml_bad(from != NULL ? from : n, e,
		    "no rule of `files` of format csv, tsv, fixed or jsonl %s",
		    from != NULL ? "has this `match`" : "has records");
	if (json_get(records->rule, "subject")->type != JSON_NULL)
		return yaml_bad(n, e,
		    "the rule's records have a `subject`, who may have several: k of them is about nobody "
		    "(`unit: subject`)");
	records->fields = fields_of(records->rule);
	return 0;
}

/* What is done with a field; NULL with e set where there is none, or where it shows nothing that could be alike. */
static const struct json *
find_action(const struct yaml_node *n, const struct records *records, const char *name, struct err *e)
{
	for (size_t i = 0; i < records->fields->count; i++) {
		const struct json *field = records->fields->items[i], *action = json_get(field, "action");
		const struct json *word = json_get(action, "do");

		if (strcmp(json_get(field, "name")->string, name) != 0)
			continue;
		if (strpbrk(name, "*[") != NULL &&
		    strcmp(json_get(records->rule, "format")->string, "jsonl") == 0) {
			yaml_bad(n, e, "`%.64s` leads to several values: a path without wildcards is wanted",
			    name);
			return NULL;
		}
		if (word != NULL && strcmp(word->string, "year") != 0) {
			yaml_bad(n, e, "`%.64s` is under `%s`: what counts is kept, or said less exactly",
			    name, word->string);
			return NULL;
		}
		return action;
	}
	yaml_bad(n, e, "the rule has no column or field `%.64s`", name);
	return NULL;
}

static int
resolve_quasi(const struct yaml_node *n, const struct records *records, struct json *list, struct err *e)
{
	if (yaml_need_list(n, 1, "`quasi`", e) == -1)
		return -1;
	if (n->count > ANONYMITY_QUASI_MAX)
		return yaml_bad(n, e, "`quasi` has more than %d columns", ANONYMITY_QUASI_MAX);
	for (size_t i = 0; i < n->count; i++) {
		const char *name = yaml_need_text(n->items[i], "`quasi`", e);

		if (name == NULL || find_action(n->items[i], records, name, e) == NULL)
			return -1;
		for (size_t k = 0; k < i; k++)
			if (strcmp(list->items[k]->string, name) == 0)
				return yaml_bad(n->items[i], e, "`%.64s` stands twice in `quasi`", name);
		json_push(list, json_string(name));
	}
	return 0;
}

static size_t
place_in(const struct json *quasi, const char *name)
{
	size_t at = 0;

	while (at < quasi->count && strcmp(quasi->items[at]->string, name) != 0)
		at++;
	return at;
}

/* A column that `l` names: of the rule, and not one by which records are alike. */
static int
check_l(const struct yaml_node *n, const char *name, const void *ctx, struct err *e)
{
	const struct counted *c = ctx;

	if (find_action(n, c->records, name, e) == NULL)
		return -1;
	return place_in(c->quasi, name) == c->quasi->count
		   ? 0
		   : yaml_bad(n, e, "`%.64s` stands in `quasi`, too", name);
}

/* Whole numbers, each further than the one before: down for characters, up for levels. */
static int
check_whole(const struct yaml_node *n, int64_t from, int64_t least, int64_t most, bool down, struct err *e)
{
	for (size_t i = 0; i < n->count; i++) {
		int64_t to;

		if (!policy_integer(n->items[i]->text, least, most, &to) || (down ? to >= from : to <= from))
			return yaml_bad(n->items[i], e,
			    down ? "`widen`: so many first characters, each time fewer than before"
				 : "`widen`: levels of the hierarchy, each further up than the one before");
		from = to;
	}
	return 0;
}

/* Multiples, each larger than the one before. */
static int
check_multiples(const struct yaml_node *n, const struct json *round, struct err *e)
{
	struct decimal before = {.count = 0}, to;

	if (round != NULL && round->type == JSON_STRING &&
	    decimal_read(&before, '.', round->string, strlen(round->string)) != NULL)
		return yaml_bad(n, e, "`round` is no number");
	for (size_t i = 0; i < n->count; i++) {
		const char *text = n->items[i]->text;
		struct coarse coarse;
		double number;

		if (!policy_number(text, &number) || !coarse_init(&coarse, text, NULL, NULL, NULL) ||
		    decimal_read(&to, '.', text, strlen(text)) != NULL || decimal_compare(&before, &to) >= 0)
			return yaml_bad(n->items[i], e,
			    "`widen`: what numbers are rounded to, above 0 and each time more than before");
		before = to;
	}
	return 0;
}

static int
hierarchy_levels(const struct records *records, const struct json *action)
{
	const struct json *used = records->linking->beside->hierarchies;

	for (size_t i = 0; i < used->count; i++)
		if (strcmp(json_get(used->items[i], "name")->string, json_get(action, "hierarchy")->string) ==
		    0)
			return (int)json_get(used->items[i], "columns")->integer - 1;
	return 0;
}

/* The steps of one column, as its action has them. */
static int
check_steps(
    const struct yaml_node *n, const struct records *records, const struct json *action, struct err *e)
{
	const struct json *keep = json_get(action, "keep"), *first = json_get(action, "first");

	if (yaml_need_list(n, 1, "the steps of a column that is widened", e) == -1)
		return -1;
	if (n->count > ATTRIBUTE_STEPS_MAX)
		return yaml_bad(n, e, "more than %d steps", ATTRIBUTE_STEPS_MAX);
	for (size_t i = 0; i < n->count; i++)
		if (yaml_need_text(n->items[i], "a step", e) == NULL)
			return -1;
	if (json_get(action, "hierarchy") != NULL)
		return check_whole(
		    n, json_get(action, "level")->integer, 1, hierarchy_levels(records, action), false, e);
	if (first != NULL)
		return check_whole(n, first->integer, 1, POLICY_FIRST_MAX, true, e);
	if (keep != NULL && strcmp(keep->string, "code") == 0)
		return check_whole(n, POLICY_FIRST_MAX + 1, 1, POLICY_FIRST_MAX, true, e);
	if (keep != NULL && strcmp(keep->string, "enum") == 0)
		return yaml_bad(n, e, "values of an enum have no wider ones: a `hierarchy` has");
	return check_multiples(n, json_get(action, "round"), e);
}

/* {COLUMN: [steps], ...}, in the order in which they are written: one column after the other. */
static int
resolve_widened(const struct yaml_node *n, const struct records *records, const struct json *quasi,
    struct json *list, size_t *steps, struct err *e)
{
	if (n->kind != YAML_MAP || n->count == 0)
		return yaml_bad(n, e, "`widen` is not a mapping of columns to the steps they are widened by");
	for (size_t i = 0; i < n->count; i++) {
		const char *name = n->keys[i]->text;
		const struct json *action;
		struct json *one, *to;

		if (place_in(quasi, name) == quasi->count)
			return yaml_bad(n->keys[i], e, "`%.64s` is none of `quasi`", name);
		if ((action = find_action(n->keys[i], records, name, e)) == NULL ||
		    check_steps(n->items[i], records, action, e) == -1)
			return -1;
		if ((*steps += n->items[i]->count) > ANONYMITY_STEPS_MAX)
			return yaml_bad(
			    n->items[i], e, "`widen` has more than %d steps", ANONYMITY_STEPS_MAX);
		json_push(list, one = json_object());
		json_set_string(one, "name", name);
		json_set(one, "to", to = json_array());
		for (size_t k = 0; k < n->items[i]->count; k++)
			json_push(to, json_string(n->items[i]->items[k]->text));
	}
	return 0;
}

int
resolve_disclosure_record(
    const struct yaml_node *root, const struct linking *linking, struct json *out, struct err *e)
{
	static const struct yaml_key keys[] = {{"unit", false}, {"from", false}, {"quasi", false},
	    {"k", false}, {"l", false}, {"below", false}, {"min_cell", false}, {NULL, false}};
	const struct yaml_node *n = yaml_get(root, "disclosure"), *quasi, *k, *below, *widen;
	struct records records = {.linking = linking};
	struct json *made, *list, *part;
	const char *unit;
	size_t steps = 0;

	if (n == NULL || json_get(out, "disclosure") != NULL)
		return 0;
	if (yaml_expect_keys(n, keys, "`disclosure`", e) == -1 || resolve_disclosure_unit(n, &unit, e) == -1)
		return -1;
	if (linking->table != NULL)
		return yaml_bad(n, e,
		    "`unit: record` goes with no `subject` at the top: who may have several records is a "
		    "unit "
		    "there");
	json_set(out, "disclosure", made = json_object());
	if (find_rule(n, json_get(out, "files"), &records, e) == -1)
		return -1;
	json_set_string(made, "unit", "record");
	json_set_string(made, "from", json_get(records.rule, "match")->string);
	json_set(made, "quasi", list = json_array());
	if ((quasi = yaml_need(n, "quasi", "`disclosure`", e)) == NULL ||
	    resolve_quasi(quasi, &records, list, e) == -1 ||
	    (k = yaml_need(n, "k", "`disclosure`", e)) == NULL ||
	    resolve_disclosure_number(k, "k", 2, ANONYMITY_K_MAX, 0, made, e) == -1)
		return -1;
	json_set(made, "l", part = json_object());
	if (resolve_disclosure_l(yaml_get(n, "l"), check_l, &(struct counted){&records, list}, part, e) == -1)
		return -1;
	json_set(made, "below", part = json_object());
	below = yaml_get(n, "below");
	if (resolve_disclosure_below(below, part, e) == -1)
		return -1;
	if ((widen = yaml_get(below, "widen")) != NULL) {
		struct json *wider = json_array();

		json_set(part, "widen", wider);
		if (resolve_widened(widen, &records, list, wider, &steps, e) == -1)
			return -1;
	}
	return resolve_disclosure_number(
	    yaml_get(n, "min_cell"), "min_cell", 1, ANONYMITY_K_MAX, json_get(made, "k")->integer, made, e);
}
