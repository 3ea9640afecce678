/* The part `subject` of a policy, as people write it, checked and resolved. */
#include "policy_resolve.h"

#include <string.h>

#include "policy_form.h"
#include "stager/policy.h"

/* A list of names, or one name alone. */
static int
resolve_exclude(const struct yaml_node *n, struct json *list, struct err *e)
{
	const struct yaml_node *item;

	for (size_t i = 0; n != NULL && i < (n->kind == YAML_LIST ? n->count : 1); i++) {
		item = n->kind == YAML_LIST ? n->items[i] : n;
		if (yaml_need_text(item, "`exclude`", e) == NULL)
			return -1;
		if (!policy_name_ok(item->text))
			return yaml_bad(item, e, "`%.64s` in `exclude` is not a name", item->text);
		for (size_t k = 0; k < list->count; k++)
			if (strcmp(list->items[k]->string, item->text) == 0)
				return yaml_bad(item, e, "`%.64s` stands twice in `exclude`", item->text);
		if (i == POLICY_EXCLUDE_MAX)
			return yaml_bad(item, e, "`exclude` has more than %d names", POLICY_EXCLUDE_MAX);
		json_push(list, json_string(item->text));
	}
	return 0;
}

static int
resolve_key(const struct yaml_node *subject, struct linking *linking, struct json *out, struct err *e)
{
	static const struct yaml_key keys[] = {
	    {"column", false}, {"pattern", false}, {"pad", false}, {NULL, false}};
	const struct yaml_node *n = yaml_need(subject, "key", "`subject`", e), *column, *pattern, *pad;
	struct json *key;
	const char *text;
	int64_t count = 0;

	if (n == NULL || yaml_expect_keys(n, keys, "`key`", e) == -1 ||
	    (column = yaml_need(n, "column", "`key`", e)) == NULL ||
	    (linking->column = yaml_need_text(column, "`column`", e)) == NULL)
		return -1;
	if (yaml_get(yaml_get(linking->table, "columns"), linking->column) == NULL)
		return yaml_bad(
		    column, e, "the rule of the subject table has no column `%.64s`", linking->column);
	pattern = yaml_get(n, "pattern");
	if (pattern != NULL && resolve_pattern(pattern, "`pattern`", false, e) == -1)
		return -1;
	if ((pad = yaml_get(n, "pad")) != NULL) {
		if ((text = yaml_need_text(pad, "`pad`", e)) == NULL)
			return -1;
		if (!policy_integer(text, 1, POLICY_PAD_MAX, &count))
			return yaml_bad(pad, e, "`pad` is not between 1 and %d", POLICY_PAD_MAX);
	}
	key = json_object();
	json_set_string(key, "column", linking->column);
	json_set(key, "pattern", pattern == NULL ? json_null() : json_string(pattern->text));
	json_set_int(key, "pad", count);
	json_set(out, "key", key);
	return 0;
}

/* The rule for the table: the one with the same glob, or the one whose glob takes that name. */
static const struct yaml_node *
table_rule(const struct yaml_node *from, const struct yaml_node *files, struct err *e)
{
	const struct yaml_node *found = NULL, *format;

	for (size_t i = 0; files->kind == YAML_LIST && i < files->count; i++) {
		const struct yaml_node *match = yaml_get(files->items[i], "match");

		if (match == NULL || match->kind != YAML_TEXT || policy_glob_wrong(match->text) != NULL ||
		    (strcmp(match->text, from->text) != 0 &&
			(strpbrk(from->text, "*?") != NULL || !policy_glob(match->text, from->text))))
			continue;
		if (found != NULL) {
			yaml_bad(from, e, "more than one rule of `files` takes the subject table");
			return NULL;
		}
		found = files->items[i];
	}
	format = yaml_get(found, "format");
	if (found == NULL)
		yaml_bad(
		    from, e, "no rule of `files` takes the subject table: one with this `match` is wanted");
	else if (format == NULL || format->kind != YAML_TEXT ||
		 (strcmp(format->text, "csv") != 0 && strcmp(format->text, "tsv") != 0 &&
		     strcmp(format->text, "fixed") != 0))
		yaml_bad(found, e, "the subject table is of format csv, tsv or fixed");
	else
		return found;
	return NULL;
}

const char *const policy_known_kinds[POLICY_KNOWN_KINDS + 1] = {"person", "number", "address", NULL};

/* Columns by kind. */
static int
resolve_known(const struct yaml_node *n, const struct linking *linking, struct json *out, struct err *e)
{
	static const struct yaml_key keys[] = {
	    {"person", false}, {"number", false}, {"address", false}, {NULL, false}};
	struct json *list;

	if (yaml_expect_keys(n, keys, "`known`", e) == -1)
		return -1;
	for (size_t i = 0; i < n->count; i++) {
		const struct yaml_node *columns = n->items[i];

		if (yaml_need_list(columns, 1, n->keys[i]->text, e) == -1)
			return -1;
		if (columns->count > POLICY_KNOWN_MAX)
			return yaml_bad(
			    columns, e, "`%s` has more than %d columns", n->keys[i]->text, POLICY_KNOWN_MAX);
		json_set(out, n->keys[i]->text, list = json_array());
		for (size_t k = 0; k < columns->count; k++) {
			const char *text = yaml_need_text(columns->items[k], n->keys[i]->text, e);

			if (text == NULL)
				return -1;
			if (yaml_get(yaml_get(linking->table, "columns"), text) == NULL)
				return yaml_bad(columns->items[k], e,
				    "the rule of the subject table has no column `%.64s`", text);
			json_push(list, json_string(text));
		}
	}
	return 0;
}

static int
resolve_parts(const struct yaml_node *n, const struct yaml_node *files, struct linking *linking,
    struct json *out, struct err *e)
{
	static const struct yaml_key keys[] = {{"from", false}, {"key", false}, {"exclude", false},
	    {"unmatched", false}, {"known", false}, {"attributes", false}, {NULL, false}};
	const struct yaml_node *from, *unmatched;
	struct json *exclude, *attributes, *known;
	const char *wrong, *word;

	if (yaml_expect_keys(n, keys, "`subject`", e) == -1 ||
	    (from = yaml_need(n, "from", "`subject`", e)) == NULL ||
	    yaml_need_text(from, "`from`", e) == NULL)
		return -1;
	if ((wrong = policy_glob_wrong(from->text)) != NULL)
		return yaml_bad(from, e, "`from` %s", wrong);
	if ((linking->table = table_rule(from, files, e)) == NULL || resolve_key(n, linking, out, e) == -1)
		return -1;
	json_set_string(out, "from", from->text);
	json_set(out, "exclude", exclude = json_array());
	if (resolve_exclude(yaml_get(n, "exclude"), exclude, e) == -1)
		return -1;
	if (yaml_get(n, "known") != NULL) {
		json_set(out, "known", known = json_object());
		if (resolve_known(yaml_get(n, "known"), linking, known, e) == -1)
			return -1;
	}
	json_set(out, "attributes", attributes = json_array());
	if (resolve_attributes(yaml_get(n, "attributes"), linking, attributes, e) == -1)
		return -1;
	unmatched = yaml_get(n, "unmatched");
	if ((word = unmatched == NULL ? "hold" : yaml_need_text(unmatched, "`unmatched`", e)) == NULL)
		return -1;
	if (strcmp(word, "hold") != 0 && strcmp(word, "drop") != 0)
		return yaml_bad(
		    unmatched, e, "`%.64s` is not a value that `unmatched` can have: hold or drop", word);
	json_set_string(out, "unmatched", word);
	return 0;
}

int
resolve_subject(const struct yaml_node *root, const struct yaml_node *files, struct linking *linking,
    struct json **out, struct err *e)
{
	const struct yaml_node *n = yaml_get(root, "subject");
	struct json *made;

	linking->shift = yaml_get(yaml_get(root, "dates"), "shift") != NULL;
	if (n == NULL && linking->shift)
		return yaml_bad(yaml_get(yaml_get(root, "dates"), "shift"), e,
		    "`shift` wants a `subject` at the top, by whom dates are moved");
	if (n == NULL)
		return 0;
	made = json_object();
	if (resolve_parts(n, files, linking, made, e) == -1) {
		json_free(made);
		return -1;
	}
	*out = made;
	return 0;
}
