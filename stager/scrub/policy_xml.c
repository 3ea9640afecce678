/* What a rule for XML has beside its paths: as people write it, and as it is resolved. */
#include "policy_decode.h"
#include "policy_resolve.h"

#include <stdlib.h>
#include <string.h>

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
		one = json_object();
		json_set_string(one, "prefix", n->keys[i]->text);
		json_set_string(one, "uri", uri);
		json_push(list, one);
	}
	return 0;
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
