/* The rules for files out of a policy's resolved form. */
#include "policy_decode.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format/xml.h"
#include "policy_form.h"
#include "stager/json.h"

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

int
decode_rule_subject(
    struct rule *r, const struct json *j, bool optional, bool (*ok)(const char *), struct err *e)
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
	    decode_rule_subject(r, j, false, policy_column_ok, e) == -1)
		return -1;
	for (size_t i = 0; r->subject != NULL && i < r->field_count; i++)
		found = found || strcmp(r->subject, r->fields[i].name) == 0;
	if (r->subject != NULL && !found)
		return decode_bad(e, "subject");
	return r->format == FORMAT_FIXED ? decode_places(r, j, e) : 0;
}

/* The paths of a rule for JSON that name its subject, one or several, each with the action of the field that it leads to. */
static int
decode_subject_paths(struct rule *r, const struct json *j, struct err *e)
{
	const struct json *subject = json_get(j, "subject");
	const bool several = subject != NULL && subject->type == JSON_ARRAY;
	const size_t count = several ? subject->count : 1;

	if (subject == NULL || (several && (count == 0 || count > SUBJECT_PATHS_MAX)))
		return decode_bad(e, "subject");
	if (subject->type == JSON_NULL)
		return 0;
	if ((r->subject_paths = calloc(count, sizeof(*r->subject_paths))) == NULL)
		return err_sys(e, "resolved policy");
	for (size_t i = 0; i < count; i++) {
		const struct json *one = several ? subject->items[i] : subject;
		struct subject_path *path = &r->subject_paths[r->subject_path_count];
		char *field;

		if (one->type != JSON_STRING || !policy_subject_path_ok(one->string))
			return decode_bad(e, "subject");
		if ((path->path = strdup(one->string)) == NULL ||
		    (field = policy_subject_field(path->path)) == NULL)
			return err_sys(e, "resolved policy");
		r->subject_path_count++;
		for (size_t k = 0; k < r->field_count; k++)
			if (r->fields[k].action.kind == ACTION_REFERENCE &&
			    strcmp(r->fields[k].name, field) == 0)
				path->reference = &r->fields[k].action;
		free(field);
	}
	return (r->subject = strdup(r->subject_paths[0].path)) == NULL ? err_sys(e, "resolved policy") : 0;
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
	if (decode_fields(r, p, j, "fields", policy_path_ok, e) == -1 || decode_subject_paths(r, j, e) == -1)
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
	    decode_rule_subject(r, j, false, policy_xml_subject_ok, e) == -1)
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
	return decode_rule_subject(r, j, true, key_glob_ok, e);
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
		return decode_rule_subject(r, j, true, key_glob_ok, e);
	case FORMAT_EML:
		return decode_eml(r, p, j, e);
	case FORMAT_TEXT:
		if (json_expect_keys(j, text_keys, "resolved policy: rule", e) == -1)
			return -1;
		return decode_rule_subject(r, j, true, key_glob_ok, e);
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

void
decode_rule_free(struct rule *r)
{
	for (size_t i = 0; i < r->field_count; i++) {
		free(r->fields[i].name);
		decode_action_clear(&r->fields[i].action);
	}
	for (size_t i = 0; i < r->tag_count; i++)
		decode_action_clear(&r->tags[i].action);
	free(r->fields);
	free(r->places);
	decode_strings_free(r->missing, r->missing_count);
	decode_strings_free(r->modalities, r->modality_count);
	decode_strings_free(r->prefixes, r->prefixes == NULL ? 0 : r->namespace_count);
	decode_strings_free(r->uris, r->uris == NULL ? 0 : r->namespace_count);
	for (size_t i = 0; i < r->subject_path_count; i++)
		free(r->subject_paths[i].path);
	free(r->subject_paths);
	free(r->tags);
	free(r->match);
	free(r->subject);
	free(r->ext);
	free(r->html);
}
