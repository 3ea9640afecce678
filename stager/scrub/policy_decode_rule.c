/* The rules for files out of a policy's resolved form. */
#include "policy_decode.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format/xml.h"
#include "coarse.h"
#include "policy_form.h"
#include "stager/json.h"
#include "stager/pattern.h"

static int
decode_range(struct action *a, const struct json *j, struct err *e)
{
	const struct json *range = json_get(j, "range");

	if (range == NULL)
		return decode_bad(e, "range");
	if (range->type == JSON_NULL)
		return 0;
	if (range->type != JSON_ARRAY || range->count != 2 || range->items[0]->type != JSON_STRING ||
	    range->items[1]->type != JSON_STRING || !policy_number(range->items[0]->string, &a->min) ||
	    !policy_number(range->items[1]->string, &a->max) || a->min > a->max)
		return decode_bad(e, "range");
	a->has_range = true;
	return 0;
}

static int
decode_keep(struct action *a, const struct json *j, struct err *e)
{
	static const char *const kinds[] = {"code", "number", "enum", NULL};
	static const char *const code_keys[] = {"keep", "pattern", NULL},
				 *const number_keys[] = {"keep", "range", NULL},
				 *const enum_keys[] = {"keep", "values", NULL};

	switch (decode_choice(j, "keep", kinds, e)) {
	case 0:
		a->kind = ACTION_KEEP_CODE;
		if (json_expect_keys(j, code_keys, "resolved policy: keep", e) == -1)
			return -1;
		return (a->pattern = decode_pattern(j, true, e)) == NULL ? -1 : 0;
	case 1:
		a->kind = ACTION_KEEP_NUMBER;
		if (json_expect_keys(j, number_keys, "resolved policy: keep", e) == -1)
			return -1;
		return decode_range(a, j, e);
	case 2:
		a->kind = ACTION_KEEP_ENUM;
		if (json_expect_keys(j, enum_keys, "resolved policy: keep", e) == -1)
			return -1;
		return decode_strings(j, "values", 1, POLICY_LIST_MAX, NULL, &a->values, &a->value_count, e);
	default:
		return -1;
	}
}

static int
decode_first(struct action *a, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"first", "pattern", NULL};
	const struct json *pattern = json_get(j, "pattern");
	int64_t n;

	a->kind = ACTION_FIRST;
	if (json_expect_keys(j, keys, "resolved policy: first", e) == -1 ||
	    json_need_int(j, "first", 1, POLICY_FIRST_MAX, "resolved policy", &n, e) == -1)
		return -1;
	a->first = (size_t)n;
	if (pattern == NULL)
		return decode_bad(e, "first");
	if (pattern->type != JSON_NULL && (a->pattern = decode_pattern(j, true, e)) == NULL)
		return -1;
	return 0;
}

/* {"attribute": NAME}, perhaps with the tag that it is for. */
static int
decode_attribute(const struct policy *p, const struct json *j, size_t *attribute, struct err *e)
{
	static const char *const keys[] = {"attribute", "tag", NULL};
	const char *name;

	if (json_expect_keys(j, keys, "resolved policy: attribute", e) == -1 ||
	    (name = json_need_string(j, "attribute", "resolved policy", e)) == NULL)
		return -1;
	return decode_attribute_use(p, name, false, attribute, e);
}

/* {"round","top","bottom","range"}, each a text or null, but for the range two. */
static int
decode_coarse(struct action *a, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"round", "top", "bottom", "range", NULL};
	const struct json *range = json_get(j, "range");
	const char *text[3] = {NULL}, *limits[2] = {NULL};

	a->kind = ACTION_COARSE;
	if (json_expect_keys(j, keys, "resolved policy: round", e) == -1)
		return -1;
	for (size_t i = 0; i < 3; i++) {
		const struct json *one = json_get(j, keys[i]);

		if (one == NULL || (one->type != JSON_NULL && one->type != JSON_STRING))
			return decode_bad(e, keys[i]);
		text[i] = one->string;
	}
	if (range == NULL || (range->type != JSON_NULL && range->type != JSON_ARRAY))
		return decode_bad(e, "range");
	for (size_t i = 0; range->type == JSON_ARRAY && i < 2; i++) {
		if (range->count != 2 || range->items[i]->type != JSON_STRING)
			return decode_bad(e, "range");
		limits[i] = range->items[i]->string;
	}
	if ((a->coarse = calloc(1, sizeof(*a->coarse))) == NULL)
		return err_sys(e, "resolved policy");
	return coarse_init(a->coarse, text[0], text[1], text[2], range->type == JSON_NULL ? NULL : limits)
		   ? 0
		   : decode_bad(e, "round");
}

static int
decode_hierarchy(struct action *a, const struct policy *p, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"hierarchy", "level", "other", NULL};

	a->kind = ACTION_HIERARCHY;
	if (json_expect_keys(j, keys, "resolved policy: hierarchy", e) == -1)
		return -1;
	return decode_hierarchy_use(p, j, &a->hierarchy, &a->level, &a->other_blank, e);
}

static int
decode_action(struct action *a, const struct policy *p, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"do", "reference", NULL}, *const words[] = {"drop", "blank",
									 "pseudonym", "year", "text", "shift",
									 NULL};
	static const enum action_kind kinds[] = {
	    ACTION_DROP, ACTION_BLANK, ACTION_PSEUDONYM, ACTION_YEAR, ACTION_TEXT, ACTION_SHIFT};
	int word;

	if (j == NULL || j->type != JSON_OBJECT)
		return decode_bad(e, "action");
	if (json_get(j, "keep") != NULL)
		return decode_keep(a, j, e);
	if (json_get(j, "first") != NULL)
		return decode_first(a, j, e);
	if (json_get(j, "round") != NULL)
		return decode_coarse(a, j, e);
	if (json_get(j, "hierarchy") != NULL)
		return decode_hierarchy(a, p, j, e);
	if (json_get(j, "attribute") != NULL) {
		a->kind = ACTION_ATTRIBUTE;
		return decode_attribute(p, j, &a->attribute, e);
	}
	if (json_expect_keys(j, keys, "resolved policy: action", e) == -1 ||
	    (word = decode_choice(j, "do", words, e)) == -1)
		return -1;
	a->kind = kinds[word];
	if (json_get(j, "reference") != NULL) {
		if (a->kind != ACTION_PSEUDONYM)
			return decode_bad(e, "reference");
		a->kind = ACTION_REFERENCE;
		return decode_strings(
		    j, "reference", 1, POLICY_TYPES_MAX, policy_resource_ok, &a->values, &a->value_count, e);
	}
	return a->kind == ACTION_SHIFT && p->shift_step == 0 ? decode_bad(e, "shift") : 0;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
check_unique(const struct rule *r, struct err *e)
{
	char **names = calloc(r->field_count, sizeof(char *));
	int rc = 0;

	if (names == NULL)
		return err_sys(e, "resolved policy");
	for (size_t i = 0; i < r->field_count; i++)
		names[i] = r->fields[i].name;
	qsort(names, r->field_count, sizeof(char *), compare_names);
	for (size_t i = 1; rc == 0 && i < r->field_count; i++)
		if (strcmp(names[i - 1], names[i]) == 0)
			rc = decode_bad(e, "a name that stands twice");
	free(names);
	return rc;
}

static int
decode_fields(struct rule *r, const struct policy *p, const struct json *j, const char *key,
    bool (*ok)(const char *), struct err *e)
{
	static const char *const keys[] = {"name", "action", "set", NULL};
	const struct json *list = decode_list(j, key, 1, POLICY_FIELDS_MAX, e);

	if (list == NULL)
		return -1;
	if ((r->fields = calloc(list->count, sizeof(*r->fields))) == NULL)
		return err_sys(e, "resolved policy");
	for (size_t i = 0; i < list->count; i++) {
		struct field *f = &r->fields[r->field_count++];

		if (json_expect_keys(list->items[i], keys, "resolved policy: field", e) == -1 ||
		    (f->name = decode_string(list->items[i], "name", ok, e)) == NULL ||
		    decode_action(&f->action, p, json_get(list->items[i], "action"), e) == -1 ||
		    decode_set_use(p, list->items[i],
			f->action.kind == ACTION_PSEUDONYM || f->action.kind == ACTION_REFERENCE
			    ? POLICY_SET_EVERY
			    : r->set,
			&f->action.set, e) == -1)
			return -1;
	}
	return check_unique(r, e);
}

/* The subject: null, or accepted by ok. optional: it need not be said. */
static int
decode_subject(struct rule *r, const struct json *j, bool optional, bool (*ok)(const char *), struct err *e)
{
	const struct json *subject = json_get(j, "subject");

	if (subject == NULL)
		return optional ? 0 : decode_bad(e, "subject");
	if (subject->type == JSON_NULL)
		return 0;
	if ((r->subject = decode_string(j, "subject", ok, e)) == NULL)
		return -1;
	for (size_t i = 0; i < r->field_count; i++)
		if (r->fields[i].action.kind == ACTION_REFERENCE &&
		    strcmp(r->fields[i].name, r->subject) == 0)
			r->subject_reference = &r->fields[i].action;
	return 0;
}

/* Where the columns of a line stand. */
static int
decode_places(struct rule *r, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"at", "width", NULL};
	const struct json *list = decode_list(j, "fixed", 1, POLICY_FIELDS_MAX, e);
	int64_t at, width, next = 1;

	if (list == NULL)
		return -1;
	if (list->count != r->field_count)
		return decode_bad(e, "fixed");
	if ((r->places = calloc(list->count, sizeof(*r->places))) == NULL)
		return err_sys(e, "resolved policy");
	for (size_t i = 0; i < list->count; i++) {
		if (json_expect_keys(list->items[i], keys, "resolved policy: fixed", e) == -1 ||
		    json_need_int(list->items[i], "at", next, POLICY_WIDTH_MAX, "resolved policy", &at, e) ==
			-1 ||
		    json_need_int(
			list->items[i], "width", 1, POLICY_WIDTH_MAX, "resolved policy", &width, e) == -1)
			return -1;
		r->places[i] = (struct column_place){(size_t)at, (size_t)width};
		next = at + width;
	}
	return 0;
}

static int
decode_csv(struct rule *r, const struct policy *p, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"match", "format", "set", "subject", "csv", "columns", NULL},
				 *const fixed_keys[] = {
				     "match", "format", "set", "subject", "csv", "columns", "fixed", NULL};
	static const char *const csv_keys[] = {"delimiter", "decimal", "missing", NULL};
	static const char *const decimals[] = {".", ",", NULL};
	const struct json *csv = json_get(j, "csv");
	const char *delimiter;
	int decimal;
	bool found = false;

	if (json_expect_keys(j, r->format == FORMAT_FIXED ? fixed_keys : keys, "resolved policy: rule", e) ==
		-1 ||
	    json_expect_keys(csv, csv_keys, "resolved policy: csv", e) == -1 ||
	    (delimiter = json_need_string(csv, "delimiter", "resolved policy", e)) == NULL ||
	    (decimal = decode_choice(csv, "decimal", decimals, e)) == -1)
		return -1;
	if (!policy_delimiter_ok(delimiter))
		return decode_bad(e, "delimiter");
	r->delimiter = delimiter[0];
	r->decimal = decimals[decimal][0];
	if (decode_strings(csv, "missing", 1, POLICY_LIST_MAX + 1, NULL, &r->missing, &r->missing_count, e) ==
	    -1)
		return -1;
	if (r->missing[0][0] != '\0')
		return decode_bad(e, "missing");
	if (decode_fields(r, p, j, "columns", policy_column_ok, e) == -1 ||
	    decode_subject(r, j, false, policy_column_ok, e) == -1)
		return -1;
	for (size_t i = 0; r->subject != NULL && i < r->field_count; i++)
		found = found || strcmp(r->subject, r->fields[i].name) == 0;
	if (r->subject != NULL && !found)
		return decode_bad(e, "subject");
	return r->format == FORMAT_FIXED ? decode_places(r, j, e) : 0;
}

static bool
path_ok(const char *text)
{
	return policy_path_ok(text, true);
}

static bool
plain_path_ok(const char *text)
{
	return policy_path_ok(text, false);
}

static int
decode_jsonl(struct rule *r, const struct policy *p, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"match", "format", "set", "subject", "sample", "fields", NULL};
	static const char *const samples[] = {"file", "record", NULL};
	int sample;

	if (json_expect_keys(j, keys, "resolved policy: rule", e) == -1 ||
	    (sample = decode_choice(j, "sample", samples, e)) == -1)
		return -1;
	r->decimal = '.';
	r->sample_record = sample == 1;
	if (r->format == FORMAT_JSON && !r->sample_record)
		return decode_bad(e, "sample");
	if (decode_fields(r, p, j, "fields", path_ok, e) == -1 ||
	    decode_subject(r, j, false, plain_path_ok, e) == -1)
		return -1;
	return 0;
}

/* The paths are made once here, so that what has no namespace is met by who writes the policy. */
static int
decode_xml(struct rule *r, const struct policy *p, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"match", "format", "set", "subject", "namespaces", "fields", NULL};
	struct xml_paths paths = {0};
	int rc = -1;

	r->decimal = '.';
	if (json_expect_keys(j, keys, "resolved policy: rule", e) == -1 || decode_namespaces(r, j, e) == -1 ||
	    decode_fields(r, p, j, "fields", policy_xml_path_ok, e) == -1 ||
	    decode_subject(r, j, false, policy_xml_subject_ok, e) == -1)
		return -1;
	if (xml_paths_make(&paths, r, false, e) == 0)
		rc = 0;
	xml_paths_free(&paths);
	if (rc == 0 && r->subject != NULL) {
		rc = xml_paths_make(&paths, r, true, e);
		xml_paths_free(&paths);
	}
	return rc;
}

/* What is done with a tag; *keep: nothing, or not always something. */
static int
decode_tag_action(struct action *a, const struct policy *p, const struct json *j, bool *keep, struct err *e)
{
	static const char *const keys[] = {"tag", "do", NULL}, *const words[] = {
								   "keep", "drop", "blank", "shift", NULL};
	static const enum action_kind kinds[] = {ACTION_KEEP_CODE, ACTION_DROP, ACTION_BLANK, ACTION_SHIFT};
	static const char *const action_keys[] = {"tag", "action", NULL};
	int word;

	*keep = false;
	if (json_get(j, "attribute") != NULL) {
		a->kind = ACTION_ATTRIBUTE;
		return decode_attribute(p, j, &a->attribute, e);
	}
	if (json_get(j, "action") != NULL) {
		if (json_expect_keys(j, action_keys, "resolved policy: tag", e) == -1 ||
		    decode_action(a, p, json_get(j, "action"), e) == -1)
			return -1;
		*keep = a->kind == ACTION_COARSE;
		return *keep || a->kind == ACTION_HIERARCHY ? 0 : decode_bad(e, "action");
	}
	if (json_expect_keys(j, keys, "resolved policy: tag", e) == -1 ||
	    (word = decode_choice(j, "do", words, e)) == -1)
		return -1;
	*keep = word == 0;
	a->kind = kinds[word];
	return a->kind == ACTION_SHIFT && p->shift_step == 0 ? decode_bad(e, "shift") : 0;
}

static int
decode_tags(struct rule *r, const struct policy *p, const struct json *j, struct err *e)
{
	const struct json *list = decode_list(j, "tags", 0, POLICY_TAGS_MAX, e);
	uint32_t last = 0, tag;
	bool keep;

	if (list == NULL)
		return -1;
	if ((r->tags = calloc(list->count + 1, sizeof(*r->tags))) == NULL)
		return err_sys(e, "resolved policy");
	for (size_t i = 0; i < list->count; i++) {
		struct tag_rule *t = &r->tags[r->tag_count++];
		const char *text;

		if ((text = json_need_string(list->items[i], "tag", "resolved policy", e)) == NULL ||
		    decode_tag_action(&t->action, p, list->items[i], &keep, e) == -1)
			return -1;
		if (!policy_tag(text, &t->group, &t->element) ||
		    policy_tag_wrong(t->group, t->element, keep) != NULL)
			return decode_bad(e, "tag");
		/* In order, so none stands twice. */
		tag = (uint32_t)t->group << 16 | t->element;
		if (tag <= last)
			return decode_bad(e, "tags");
		last = tag;
	}
	return 0;
}

static bool
patient_id(const char *text)
{
	return strcmp(text, "PatientID") == 0;
}

static int
decode_dicom(struct rule *r, const struct policy *p, const struct json *j, struct err *e)
{
	static const char *const keys[] = {
	    "match", "format", "set", "subject", "sample", "modality", "burned_in", "tags", "options", NULL};
	static const char *const burned[] = {"keep", "hold", NULL}, *const samples[] = {"file", NULL};
	const struct json *options;
	int hold;

	if (json_expect_keys(j, keys, "resolved policy: rule", e) == -1 ||
	    decode_choice(j, "sample", samples, e) == -1 ||
	    (hold = decode_choice(j, "burned_in", burned, e)) == -1)
		return -1;
	r->burned_in_hold = hold == 1;
	r->decimal = '.';
	if (decode_strings(j, "modality", 0, POLICY_SITES_MAX, policy_modality_ok, &r->modalities,
		&r->modality_count, e) == -1)
		return -1;
	if (r->modality_count == 0) {
		free(r->modalities);
		r->modalities = NULL;
	}
	if (json_get(j, "options") != NULL) {
		options = decode_list(j, "options", 1, 1, e);
		if (options == NULL || p->shift_step == 0 || options->items[0]->type != JSON_STRING ||
		    strcmp(options->items[0]->string, "longitudinal-modified-dates") != 0)
			return decode_bad(e, "options");
		r->shift_dates = true;
	}
	if (decode_tags(r, p, j, e) == -1 || decode_subject(r, j, false, patient_id, e) == -1)
		return -1;
	return 0;
}

static bool
key_glob_ok(const char *text)
{
	return policy_key_glob_wrong(text) == NULL;
}

static int
decode_eml(struct rule *r, const struct policy *p, const struct json *j, struct err *e)
{
	static const char *const keys[] = {
	    "match", "format", "set", "subject", "headers", "html", "attachments", NULL};
	static const char *const htmls[] = {"text", "hold", "drop", NULL}, *const attachments[] = {
									       "hold", "drop", NULL};
	int html, attachment;

	r->decimal = '.';
	if (json_expect_keys(j, keys, "resolved policy: rule", e) == -1 ||
	    decode_fields(r, p, j, "headers", policy_header_ok, e) == -1 ||
	    (html = decode_choice(j, "html", htmls, e)) == -1 ||
	    (attachment = decode_choice(j, "attachments", attachments, e)) == -1)
		return -1;
	for (size_t i = 0; i < r->field_count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcasecmp(r->fields[i].name, r->fields[k].name) == 0)
				return decode_bad(e, "headers");
	r->attachments_drop = attachment == 1;
	if ((r->html = strdup(htmls[html])) == NULL)
		return err_sys(e, "resolved policy");
	return decode_subject(r, j, true, key_glob_ok, e);
}

static bool
match_ok(const char *text)
{
	return policy_glob_wrong(text) == NULL;
}

/* What is its format's. */
static int
decode_of_format(struct rule *r, const struct policy *p, const struct json *j, struct err *e)
{
	static const char *const drop_keys[] = {"match", "format", NULL},
				 *const text_keys[] = {"match", "format", "set", "subject", NULL},
				 *const opaque_keys[] = {"match", "format", "set", "ext", "subject", NULL};

	switch (r->format) {
	case FORMAT_CSV:
	case FORMAT_FIXED:
		return decode_csv(r, p, j, e);
	case FORMAT_JSONL:
	case FORMAT_JSON:
		return decode_jsonl(r, p, j, e);
	case FORMAT_XML:
		return decode_xml(r, p, j, e);
	case FORMAT_DICOM:
		return decode_dicom(r, p, j, e);
	case FORMAT_OPAQUE:
		if (json_expect_keys(j, opaque_keys, "resolved policy: rule", e) == -1)
			return -1;
		if ((r->ext = decode_string(j, "ext", policy_ext_ok, e)) == NULL)
			return -1;
		return decode_subject(r, j, true, key_glob_ok, e);
	case FORMAT_EML:
		return decode_eml(r, p, j, e);
	case FORMAT_TEXT:
		if (json_expect_keys(j, text_keys, "resolved policy: rule", e) == -1)
			return -1;
		return decode_subject(r, j, true, key_glob_ok, e);
	case FORMAT_DROP:
		break;
	}
	return json_expect_keys(j, drop_keys, "resolved policy: rule", e);
}

int
decode_rule(struct rule *r, const struct policy *p, const struct json *j, struct err *e)
{
	static const char *const formats[] = {
	    [FORMAT_CSV] = "csv",
	    [FORMAT_FIXED] = "fixed",
	    [FORMAT_JSONL] = "jsonl",
	    [FORMAT_JSON] = "json",
	    [FORMAT_XML] = "xml",
	    [FORMAT_TEXT] = "text",
	    [FORMAT_EML] = "eml",
	    [FORMAT_DICOM] = "dicom",
	    [FORMAT_OPAQUE] = "opaque",
	    [FORMAT_DROP] = "drop",
	    NULL,
	};
	int format = decode_choice(j, "format", formats, e);

	if (format == -1 || (r->match = decode_string(j, "match", match_ok, e)) == NULL)
		return -1;
	r->format = (enum format)format;
	if (decode_set_use(p, j, p->set_first, &r->set, e) == -1 || decode_of_format(r, p, j, e) == -1)
		return -1;
	decode_rule_sets(r);
	return r->set_count > 1 && (r->format == FORMAT_XML || r->format == FORMAT_EML) ? decode_bad(e, "set")
											: 0;
}
static void
strings_free(char **strings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(strings[i]);
	free(strings);
}

static void
action_clear(struct action *a)
{
	pattern_free(a->pattern);
	free(a->coarse);
	strings_free(a->values, a->value_count);
}

void
decode_rule_free(struct rule *r)
{
	for (size_t i = 0; i < r->field_count; i++) {
		free(r->fields[i].name);
		action_clear(&r->fields[i].action);
	}
	for (size_t i = 0; i < r->tag_count; i++)
		action_clear(&r->tags[i].action);
	free(r->fields);
	free(r->places);
	strings_free(r->missing, r->missing_count);
	strings_free(r->modalities, r->modality_count);
	strings_free(r->prefixes, r->prefixes == NULL ? 0 : r->namespace_count);
	strings_free(r->uris, r->uris == NULL ? 0 : r->namespace_count);
	free(r->tags);
	free(r->match);
	free(r->subject);
	free(r->ext);
	free(r->html);
}
