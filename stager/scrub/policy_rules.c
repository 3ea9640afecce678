/* A policy's rules for files, as people write them, checked and resolved. */
#include "policy_resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_form.h"
#include "stager/dicom.h"
#include "stager/policy.h"

/* Which formats a key of a rule belongs to, a bit each. */
enum {
	CSV = 1,
	TSV = 2,
	JSONL = 4,
	TEXT = 8,
	DICOM = 16,
	OPAQUE = 32,
	DROP = 64,
	JSON = 128,
	FIXED = 256,
	XML = 512,
	EML = 1024
};
#define ALL (CSV | TSV | FIXED | JSONL | JSON | XML | TEXT | EML | DICOM | OPAQUE | DROP)

static const struct {
	const char *name;
	unsigned bit;
	const char *resolved;
} formats[] = {
    {"csv", CSV, "csv"},
    {"tsv", TSV, "csv"},
    {"fixed", FIXED, "fixed"},
    {"jsonl", JSONL, "jsonl"},
    {"json", JSON, "json"},
    {"xml", XML, "xml"},
    {"text", TEXT, "text"},
    {"eml", EML, "eml"},
    {"dicom", DICOM, "dicom"},
    {"opaque", OPAQUE, "opaque"},
    {"drop", DROP, "drop"},
};

static const struct {
	const char *name;
	unsigned formats;
} rule_keys[] = {
    {"match", ALL},
    {"format", ALL},
    {"csv", CSV | TSV | FIXED},
    {"fixed", FIXED},
    {"columns", CSV | TSV | FIXED},
    {"fields", JSONL | JSON | XML},
    {"namespaces", XML},
    {"headers", EML},
    {"html", EML},
    {"attachments", EML},
    {"sample", JSONL | DICOM},
    {"subject", CSV | TSV | FIXED | JSONL | JSON | XML | TEXT | EML | DICOM | OPAQUE},
    {"modality", DICOM},
    {"burned_in", DICOM},
    {"tags", DICOM},
    {"options", DICOM},
    {"ext", OPAQUE},
    {"set", ALL & ~(unsigned)DROP},
};

static const struct yaml_key rule_key_list[] = {{"match", false}, {"format", false}, {"csv", false},
    {"fixed", false}, {"columns", false}, {"fields", false}, {"sample", false}, {"subject", false},
    {"modality", false}, {"burned_in", false}, {"tags", false}, {"ext", false}, {"options", false},
    {"namespaces", false}, {"headers", false}, {"html", false}, {"attachments", false}, {"set", false},
    {"face", true}, {NULL, false}};

/* The columns or fields: [{"name", "action"}], in the order they stand in. */
static int
resolve_fields(const struct yaml_node *rule, const struct linking *linking, const char *key,
    bool (*ok)(const char *), const char *form, struct json *out, struct err *e)
{
	const struct yaml_node *n = yaml_need(rule, key, "the rule", e);
	struct json *list, *one;

	if (n == NULL)
		return -1;
	if (n->kind != YAML_MAP || n->count == 0)
		return yaml_bad(n, e, "`%s` is not a mapping of names to actions", key);
	if (n->count > POLICY_FIELDS_MAX)
		return yaml_bad(n, e, "`%s` has more than %d entries", key, POLICY_FIELDS_MAX);
	list = json_array();
	json_set(out, key, list);
	for (size_t i = 0; i < n->count; i++) {
		if (!ok(n->keys[i]->text))
			return yaml_bad(n->keys[i], e, "`%.64s` is not %s", n->keys[i]->text, form);
		one = json_object();
		json_push(list, one);
		json_set_string(one, "name", n->keys[i]->text);
		if (resolve_field_set(n->items[i], linking, one, e) == -1)
			return -1;
	}
	return 0;
}

int
resolve_rule_choice(const struct yaml_node *rule, const char *key, const char *first, const char *second,
    const char *later, struct json *out, struct err *e)
{
	const struct yaml_node *n = yaml_get(rule, key);
	const char *text = n == NULL ? first : yaml_need_text(n, key, e);

	if (text == NULL)
		return -1;
	if (later != NULL && strcmp(text, later) == 0)
		return yaml_bad(n, e, "`%s: %s` is not done by this version", key, later);
	if (strcmp(text, first) != 0 && (second == NULL || strcmp(text, second) != 0))
		return yaml_bad(n, e, "`%.64s` is not a value that `%s` can have", text, key);
	json_set_string(out, key, text);
	return 0;
}

static int
resolve_missing(const struct yaml_node *n, struct json *list, struct err *e)
{
	json_push(list, json_string(""));
	if (n == NULL)
		return 0;
	if (yaml_need_list(n, 0, "`missing`", e) == -1)
		return -1;
	if (n->count > POLICY_LIST_MAX)
		return yaml_bad(n, e, "`missing` has more than %d entries", POLICY_LIST_MAX);
	for (size_t i = 0; i < n->count; i++) {
		const char *text = yaml_need_text(n->items[i], "`missing`", e);

		if (text == NULL)
			return -1;
		if (*text != '\0')
			json_push(list, json_string(text));
	}
	return 0;
}

int
resolve_rule_subject(
    const struct yaml_node *rule, const struct linking *linking, const char **said, struct err *e)
{
	const struct yaml_node *n = yaml_get(rule, "subject");

	*said = NULL;
	if (n == NULL)
		return linking->table == NULL || rule == linking->table
			   ? 0
			   : yaml_bad(rule, e,
				 "`subject` is missing in a rule of `files`: the policy has `subject`, so "
				 "each rule "
				 "says whose its records are, or `subject: none`");
	if ((*said = yaml_need_text(n, "`subject`", e)) == NULL)
		return -1;
	if (linking->table != NULL && strcmp(*said, "none") == 0) {
		if (rule == linking->table)
			return yaml_bad(n, e, "the `subject` of the subject table is its key");
		*said = NULL;
	}
	return 0;
}

/* always: what the format has between its columns, where the policy does not say. */
static int
resolve_csv(const struct yaml_node *rule, const struct linking *linking, const char *always, struct json *out,
    struct err *e)
{
	static const struct yaml_key keys[] = {
	    {"delimiter", false}, {"decimal", false}, {"missing", false}, {NULL, false}};
	const struct yaml_node *n = yaml_get(rule, "csv"), *delimiter = yaml_get(n, "delimiter"),
			       *decimal = yaml_get(n, "decimal"), *subject = yaml_get(rule, "subject");
	struct json *csv = json_object(), *missing = json_array();
	const char *text;

	json_set(out, "csv", csv);
	json_set(csv, "missing", missing);
	if (n != NULL && yaml_expect_keys(n, keys, "`csv`", e) == -1)
		return -1;
	if (delimiter != NULL && always != NULL)
		return yaml_bad(delimiter, e,
		    *always == '\t' ? "the `delimiter` of format tsv is a tab"
				    : "format fixed has no `delimiter`");
	text = always != NULL      ? always
	       : delimiter == NULL ? ","
				   : yaml_need_text(delimiter, "`delimiter`", e);
	if (text == NULL)
		return -1;
	if (!policy_delimiter_ok(text))
		return yaml_bad(delimiter, e, "`delimiter` is not one byte, and no quote or line end");
	json_set_string(csv, "delimiter", text);
	if ((text = decimal == NULL ? "." : yaml_need_text(decimal, "`decimal`", e)) == NULL)
		return -1;
	if (strcmp(text, ".") != 0 && strcmp(text, ",") != 0)
		return yaml_bad(decimal, e, "`decimal` is not '.' or ','");
	json_set_string(csv, "decimal", text);
	if (resolve_missing(yaml_get(n, "missing"), missing, e) == -1 ||
	    resolve_fields(
		rule, linking, "columns", policy_column_ok, "a column's name (1 to 256 bytes)", out, e) == -1)
		return -1;
	if (resolve_rule_subject(rule, linking, &text, e) == -1)
		return -1;
	if (rule == linking->table) {
		if (text != NULL && strcmp(text, linking->column) != 0)
			return yaml_bad(subject, e, "the `subject` of the subject table is its key");
		text = linking->column;
	}
	if (text == NULL)
		return 0;
	if (yaml_get(yaml_get(rule, "columns"), text) == NULL)
		return yaml_bad(
		    subject != NULL ? subject : rule, e, "the column of `subject` is not among `columns`");
	json_set_string(out, "subject", text);
	return 0;
}

/* Where the columns stand: [{"at", "width"}], as many and in their order, none over another. */
static int
resolve_fixed(const struct yaml_node *rule, struct json *out, struct err *e)
{
	const struct yaml_node *n = yaml_need(rule, "fixed", "the rule (format fixed)", e),
			       *columns = yaml_get(rule, "columns");
	struct json *list = json_array(), *one;
	int64_t at, width, next = 1;

	json_set(out, "fixed", list);
	if (n == NULL)
		return -1;
	if (n->kind != YAML_MAP)
		return yaml_bad(n, e, "`fixed` is not a mapping of columns to [first character, width]");
	for (size_t i = 0; i < n->count; i++) {
		const struct yaml_node *place = n->items[i];

		if (i >= columns->count || strcmp(n->keys[i]->text, columns->keys[i]->text) != 0)
			return yaml_bad(n->keys[i], e,
			    "`fixed` and `columns` do not name the same columns in the same order");
		if (place->kind != YAML_LIST || place->count != 2 || place->items[0]->kind != YAML_TEXT ||
		    place->items[1]->kind != YAML_TEXT ||
		    !policy_integer(place->items[0]->text, 1, POLICY_WIDTH_MAX, &at) ||
		    !policy_integer(place->items[1]->text, 1, POLICY_WIDTH_MAX, &width))
			return yaml_bad(place, e,
			    "a column's place is not [first character, width], from 1 to %d",
			    POLICY_WIDTH_MAX);
		if (at < next)
			return yaml_bad(place, e, "the column begins before the end of the one before");
		next = at + width;
		one = json_object();
		json_set_int(one, "at", at);
		json_set_int(one, "width", width);
		json_push(list, one);
	}
	if (n->count != columns->count)
		return yaml_bad(n, e, "`fixed` and `columns` do not name the same columns in the same order");
	return 0;
}

/* A path, or a list of them. */
static int
resolve_subject_paths(
    const struct yaml_node *rule, const struct linking *linking, struct json *out, struct err *e)
{
	static const char form[] = "a path such as $.a.b, $.list[*].name or $.a[name=value].b";
	const struct yaml_node *subject = yaml_get(rule, "subject");
	struct json *list;
	const char *text;

	if (subject != NULL && subject->kind == YAML_LIST) {
		list =
		    resolve_list(subject, "`subject`", 1, SUBJECT_PATHS_MAX, policy_subject_path_ok, form, e);
		if (list != NULL)
			json_set(out, "subject", list);
		return list == NULL ? -1 : 0;
	}
	if (resolve_rule_subject(rule, linking, &text, e) == -1)
		return -1;
	if (text == NULL)
		return 0;
	if (!policy_subject_path_ok(text))
		return yaml_bad(subject, e, "`subject` is not %s", form);
	json_set_string(out, "subject", text);
	return 0;
}

static int
resolve_jsonl(const struct yaml_node *rule, const struct linking *linking, struct json *out, struct err *e)
{
	if (resolve_fields(rule, linking, "fields", policy_path_ok, "a path such as $.a.b or $.list[*].name",
		out, e) == -1 ||
	    resolve_rule_choice(rule, "sample", "record", "file", "series", out, e) == -1)
		return -1;
	return resolve_subject_paths(rule, linking, out, e);
}

static int
resolve_xml(const struct yaml_node *rule, const struct linking *linking, struct json *out, struct err *e)
{
	const struct yaml_node *subject = yaml_get(rule, "subject");
	struct json *namespaces = json_array();
	const char *text;

	json_set(out, "namespaces", namespaces);
	if (resolve_namespaces(yaml_get(rule, "namespaces"), namespaces, e) == -1 ||
	    resolve_fields(rule, linking, "fields", policy_xml_path_ok, "a path such as $.a.b.@c or $.a.**",
		out, e) == -1 ||
	    resolve_rule_subject(rule, linking, &text, e) == -1)
		return -1;
	if (text != NULL && !policy_xml_subject_ok(text))
		return yaml_bad(subject, e, "`subject` is not a path without wildcards");
	if (resolve_xml_paths(yaml_get(rule, "fields"), text == NULL ? NULL : subject, namespaces, e) == -1)
		return -1;
	if (text != NULL)
		json_set_string(out, "subject", text);
	return 0;
}

/* Of what has no fields: part of its name. */
static int
resolve_named(const struct yaml_node *rule, const struct linking *linking, struct json *out, struct err *e)
{
	const struct yaml_node *n = yaml_get(rule, "subject");
	const char *text, *wrong;

	if (n != NULL && linking->table == NULL)
		return yaml_bad(n, e, "`subject` of this format wants a policy with `subject` at the top");
	if (linking->table == NULL)
		return 0;
	json_set(out, "subject", json_null());
	if (resolve_rule_subject(rule, linking, &text, e) == -1)
		return -1;
	if (text == NULL)
		return 0;
	if ((wrong = policy_key_glob_wrong(text)) != NULL)
		return yaml_bad(
		    n, e, "`subject` %s: it is a `match` with {key} in the place of the key", wrong);
	json_set_string(out, "subject", text);
	return 0;
}

static int
resolve_eml(const struct yaml_node *rule, const struct linking *linking, struct json *out, struct err *e)
{
	static const char *const htmls[] = {"text", "hold", "drop", NULL}, *const attachments[] = {
									       "hold", "drop", NULL};
	const char *word;

	if (resolve_fields(rule, linking, "headers", policy_header_ok,
		"a header that a policy can name (MIME-Version and Content-* are always made anew)", out,
		e) == -1 ||
	    (word = resolve_one_of(rule, "html", htmls, NULL, e)) == NULL)
		return -1;
	json_set_string(out, "html", word);
	if ((word = resolve_one_of(rule, "attachments", attachments, NULL, e)) == NULL)
		return -1;
	json_set_string(out, "attachments", word);
	return resolve_named(rule, linking, out, e);
}

static int
resolve_opaque(const struct yaml_node *rule, struct json *out, struct err *e)
{
	const struct yaml_node *n = yaml_need(rule, "ext", "the rule (format opaque)", e);
	const char *text = n == NULL ? NULL : yaml_need_text(n, "`ext`", e);

	if (text == NULL)
		return -1;
	if (!policy_ext_ok(text))
		return yaml_bad(n, e, "`ext` is not an extension: a-z and 0-9, at most 16");
	json_set_string(out, "ext", text);
	return 0;
}

/* Every key belongs to the rule's format. */
static int
check_rule_keys(const struct yaml_node *rule, unsigned format, const char *name, struct err *e)
{
	for (size_t i = 0; i < rule->count; i++)
		for (size_t k = 0; k < sizeof(rule_keys) / sizeof(rule_keys[0]); k++)
			if (strcmp(rule->keys[i]->text, rule_keys[k].name) == 0 &&
			    (rule_keys[k].formats & format) == 0)
				return yaml_bad(rule->keys[i], e, "`%s` does not go with format %s",
				    rule_keys[k].name, name);
	return 0;
}

static int
resolve_rule(const struct yaml_node *rule, const struct linking *linking, struct json *out, struct err *e)
{
	const struct yaml_node *match, *format;
	const char *text, *wrong;
	size_t f = 0;

	if (yaml_expect_keys(rule, rule_key_list, "`files`", e) == -1 ||
	    (match = yaml_need(rule, "match", "a rule of `files`", e)) == NULL ||
	    (format = yaml_need(rule, "format", "a rule of `files`", e)) == NULL ||
	    (text = yaml_need_text(match, "`match`", e)) == NULL)
		return -1;
	if ((wrong = policy_glob_wrong(text)) != NULL)
		return yaml_bad(match, e, "`match` %s", wrong);
	json_set_string(out, "match", text);
	if ((text = yaml_need_text(format, "`format`", e)) == NULL)
		return -1;
	while (f < sizeof(formats) / sizeof(formats[0]) && strcmp(formats[f].name, text) != 0)
		f++;
	if (f == sizeof(formats) / sizeof(formats[0]))
		return yaml_bad(format, e, "unknown format `%.64s`", text);
	json_set_string(out, "format", formats[f].resolved);
	if (check_rule_keys(rule, formats[f].bit, formats[f].name, e) == -1 ||
	    resolve_rule_set(rule, linking, out, e) == -1)
		return -1;
	if ((formats[f].bit & (CSV | TSV | FIXED | JSONL | JSON | XML | DICOM)) != 0)
		json_set(out, "subject", json_null());
	switch (formats[f].bit) {
	case CSV:
	case TSV:
		return resolve_csv(rule, linking, formats[f].bit == TSV ? "\t" : NULL, out, e);
	case FIXED:
		return resolve_csv(rule, linking, ",", out, e) == -1 ? -1 : resolve_fixed(rule, out, e);
	case JSONL:
	case JSON:
		return resolve_jsonl(rule, linking, out, e);
	case XML:
		return resolve_xml(rule, linking, out, e);
	case DICOM:
		return resolve_dicom(rule, linking, out, e);
	case OPAQUE:
		return resolve_opaque(rule, out, e) == -1 ? -1 : resolve_named(rule, linking, out, e);
	case EML:
		return resolve_eml(rule, linking, out, e);
	case TEXT:
		return resolve_named(rule, linking, out, e);
	default:
		return 0;
	}
}

/* An attribute and a shift are of somebody: a rule that links its records to nobody cannot have them. */
static int
check_linked(const struct yaml_node *rule, const struct json *out, struct err *e)
{
	static const char *const lists[] = {"columns", "fields", "headers", "tags", "options"};
	const struct json *subject = json_get(out, "subject"), *action, *word;

	if (subject != NULL && subject->type != JSON_NULL)
		return 0;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const struct json *list = json_get(out, lists[i]);

		for (size_t k = 0; list != NULL && k < list->count; k++) {
			action = json_get(list->items[k], "action");
			if (action == NULL)
				action = list->items[k];
			word = json_get(action, "do");
			if (list->items[k]->type == JSON_STRING || json_get(action, "attribute") != NULL ||
			    (word != NULL && strcmp(word->string, "shift") == 0))
				return yaml_bad(
				    rule, e, "`attribute` and `shift` want a `subject` in the same rule");
		}
	}
	return 0;
}

struct json *
resolve_files(const struct yaml_node *files, const struct linking *linking, struct err *e)
{
	struct json *list = json_array();

	if (yaml_need_list(files, 1, "`files`", e) == -1)
		goto fail;
	if (files->count > POLICY_RULES_MAX) {
		yaml_bad(files, e, "`files` has more than %d rules", POLICY_RULES_MAX);
		goto fail;
	}
	for (size_t i = 0; i < files->count; i++) {
		struct json *rule = json_object();

		json_push(list, rule);
		if (resolve_rule(files->items[i], linking, rule, e) == -1 ||
		    check_linked(files->items[i], rule, e) == -1)
			goto fail;
	}
	return list;
fail:
	json_free(list);
	return NULL;
}
