/* What a rule for XML has beside its paths: as people write it, and as it is resolved. */
#include "policy_decode.h"
#include "policy_resolve.h"

#include <stdlib.h>
#include <string.h>

#include "format/xml.h"
#include "policy_form.h"
#include "stager/json.h"

/* Prefixes of the paths, and what they stand for: [{"prefix", "uri"}]. */
int
resolve_namespaces(const struct yaml_node *n, struct json *list, struct err *e)
{
	const char *uri;
	struct json *one;

	if (n != NULL && n->kind != YAML_MAP)
		return yaml_bad(n, e, "`namespaces` is not a mapping of prefixes to namespaces");
	for (size_t i = 0; n != NULL && i < n->count; i++) {
		if (i == POLICY_NAMESPACES_MAX)
			return yaml_bad(n, e, "`namespaces` has more than %d entries", POLICY_NAMESPACES_MAX);
		if (!policy_prefix_ok(n->keys[i]->text))
			return yaml_bad(n->keys[i], e, "`%.64s` is not a prefix", n->keys[i]->text);
		if ((uri = yaml_need_text(n->items[i], "a namespace", e)) == NULL)
			return -1;
		if (!policy_column_ok(uri))
			return yaml_bad(n->items[i], e, "a namespace has not 1 to 256 bytes");
		for (size_t k = 0; k < i; k++)
			if (strcmp(n->items[k]->text, uri) == 0)
				return yaml_bad(n->items[i], e, "a namespace has two prefixes");
		one = json_object();
		json_set_string(one, "prefix", n->keys[i]->text);
		json_set_string(one, "uri", uri);
		json_push(list, one);
	}
	return 0;
}

/* The paths [from, to) of `fields`, or that of `subject` alone, as the reader will take them. 1; 0 where it will not. */
static int
paths_hold(const struct yaml_node *fields, size_t from, size_t to, const struct yaml_node *subject,
    const struct json *namespaces, struct err *e)
{
	struct rule rule = {.namespace_count = namespaces->count};
	struct xml_paths paths = {0};
	int rc = -1;

	rule.prefixes = calloc(namespaces->count + 1, sizeof(*rule.prefixes));
	rule.fields = calloc(to - from + 1, sizeof(*rule.fields));
	if (rule.prefixes == NULL || rule.fields == NULL) {
		err_sys(e, "policy: memory for paths");
		goto out;
	}
	for (size_t i = 0; i < namespaces->count; i++)
		rule.prefixes[i] = json_get(namespaces->items[i], "prefix")->string;
	for (size_t i = from; i < to; i++)
		rule.fields[rule.field_count++].name = fields->keys[i]->text;
	rule.subject = subject != NULL ? subject->text : NULL;
	rc = xml_paths_make(&paths, &rule, subject != NULL, e) == 0;
	if (rc == 0 && e->code == ERR_SYSTEM)
		rc = -1;
	xml_paths_free(&paths);
out:
	free(rule.prefixes);
	free(rule.fields);
	return rc;
}

/* The line of what is wrong, which the reader of the resolved policy could not say. */
int
resolve_xml_paths(const struct yaml_node *fields, const struct yaml_node *subject,
    const struct json *namespaces, struct err *e)
{
	int rc;

	if (subject != NULL && (rc = paths_hold(NULL, 0, 0, subject, namespaces, e)) != 1)
		return rc == -1 ? -1
				: yaml_bad(subject, e, "a path has a prefix that is none of `namespaces`");
	if ((rc = paths_hold(fields, 0, fields->count, NULL, namespaces, e)) != 0)
		return rc == 1 ? 0 : -1;
	for (size_t i = 0; i < fields->count; i++)
		if ((rc = paths_hold(fields, i, i + 1, NULL, namespaces, e)) != 1)
			return rc == -1 ? -1
					: yaml_bad(fields->keys[i], e,
					      "`%.64s` has a prefix that is none of `namespaces`",
					      fields->keys[i]->text);
	return yaml_bad(fields, e, "`fields` has a path twice, or too many");
}

int
decode_namespaces(struct rule *r, const struct json *j, struct err *e)
{
	static const char *const keys[] = {"prefix", "uri", NULL};
	const struct json *list = decode_list(j, "namespaces", 0, POLICY_NAMESPACES_MAX, e);

	if (list == NULL)
		return -1;
	if ((r->prefixes = calloc(list->count + 1, sizeof(char *))) == NULL ||
	    (r->uris = calloc(list->count + 1, sizeof(char *))) == NULL)
		return err_sys(e, "resolved policy");
	for (size_t i = 0; i < list->count; i++) {
		r->namespace_count++;
		if (json_expect_keys(list->items[i], keys, "resolved policy: namespace", e) == -1 ||
		    (r->prefixes[i] = decode_string(list->items[i], "prefix", policy_prefix_ok, e)) == NULL ||
		    (r->uris[i] = decode_string(list->items[i], "uri", policy_column_ok, e)) == NULL)
			return -1;
		for (size_t k = 0; k < i; k++)
			if (strcmp(r->prefixes[k], r->prefixes[i]) == 0 ||
			    strcmp(r->uris[k], r->uris[i]) == 0)
				return decode_bad(e, "namespaces");
	}
	return 0;
}
