/* The part `text` of a policy: what free text is read for, and what becomes of what is found. */
#include "policy_resolve.h"

#include <string.h>

#include "policy_form.h"
#include "stager/detect.h"
#include "stager/err.h"

static struct json *
resolve_extra(const struct yaml_node *n, struct err *e)
{
	static const struct yaml_key keys[] = {{"kind", false}, {"pattern", false}, {NULL, false}};
	struct json *list = json_array(), *one;

	if (n == NULL)
		return list;
	if (yaml_need_list(n, 0, "`extra`", e) == -1)
		goto fail;
	if (n->count > POLICY_EXTRA_MAX) {
		yaml_bad(n, e, "`extra` has more than %d entries", POLICY_EXTRA_MAX);
		goto fail;
	}
	for (size_t i = 0; i < n->count; i++) {
		const struct yaml_node *item = n->items[i], *kind, *pattern;
		const char *text;

		if (yaml_expect_keys(item, keys, "`extra`", e) == -1 ||
		    (kind = yaml_need(item, "kind", "`extra`", e)) == NULL ||
		    (pattern = yaml_need(item, "pattern", "`extra`", e)) == NULL ||
		    (text = yaml_need_text(kind, "`kind`", e)) == NULL)
			goto fail;
		if (!policy_kind_ok(text)) {
			yaml_bad(kind, e,
			    "`kind` is a-z, 0-9 and dashes, at most 20, and none of the kinds that there "
			    "are");
			goto fail;
		}
		if (resolve_pattern(pattern, "`pattern`", false, e) == -1)
			goto fail;
		one = json_object();
		json_set_string(one, "kind", text);
		json_set_string(one, "pattern", pattern->text);
		json_push(list, one);
	}
	return list;
fail:
	json_free(list);
	return NULL;
}

static bool
language_ok(const char *text)
{
	return strcmp(text, "nl") == 0 || strcmp(text, "en") == 0;
}

/* Dutch is always read; English forms beside it where the list has `en`. */
static struct json *
resolve_language(const struct yaml_node *n, struct err *e)
{
	struct json *list;
	bool dutch = false;

	if (n == NULL) {
		list = json_array();
		json_push(list, json_string("nl"));
		return list;
	}
	if ((list = resolve_list(
		 n, "`language`", 1, 2, language_ok, "a language that is known: nl, en", e)) == NULL)
		return NULL;
	for (size_t i = 0; i < list->count; i++)
		dutch = dutch || strcmp(list->items[i]->string, "nl") == 0;
	if (dutch)
		return list;
	json_free(list);
	yaml_bad(n, e, "`language` is without nl: Dutch is always read");
	return NULL;
}

/* What becomes of the finds of one kind: a word, or for ages {cap: N} or {attribute: NAME}. NULL with e set. */
static struct json *
resolve_kind(const struct yaml_node *map, const struct linking *linking, const char *kind, const char *word,
    struct err *e)
{
	static const struct yaml_key cap_keys[] = {{"cap", false}, {"attribute", false}, {NULL, false}};
	static const char *const words[] = {"tag", "blank", NULL}, *const all[] = {
								       "tag", "blank", "keep", NULL};
	static const char *const later[] = {"pseudonym", "drop", NULL};
	const struct yaml_node *n = yaml_get(map, kind), *cap;
	const char *text;
	struct json *j;
	int64_t years;

	if (n == NULL)
		return json_string(word);
	if (strcmp(kind, "age") == 0 && n->kind == YAML_MAP) {
		if (resolve_keys(n, cap_keys, "`age`", e) == -1)
			return NULL;
		if (yaml_get(n, "attribute") != NULL && n->count == 1) {
			if (resolve_attribute_use(yaml_get(n, "attribute"), linking, true, &text, e) == -1)
				return NULL;
			j = json_object();
			json_set_string(j, "attribute", text);
			return j;
		}
		if (n->count > 1) {
			yaml_bad(n, e, "`age` takes one of `cap` and `attribute`");
			return NULL;
		}
		if ((cap = yaml_need(n, "cap", "`age`", e)) == NULL ||
		    (text = yaml_need_text(cap, "`cap`", e)) == NULL)
			return NULL;
		if (!policy_integer(text, 1, POLICY_AGE_MAX, &years)) {
			yaml_bad(cap, e, "`cap` is not a number of years, 1 to %d", POLICY_AGE_MAX);
			return NULL;
		}
		j = json_object();
		json_set_int(j, "cap", years);
		return j;
	}
	if (strcmp(kind, "date") == 0 && n->kind == YAML_TEXT && strcmp(n->text, "shift") == 0) {
		if (!linking->shift) {
			yaml_bad(n, e, "`shift` wants `shift: {step, max}` under `dates`");
			return NULL;
		}
		return json_string("shift");
	}
	if ((text = resolve_one_of(map, kind, policy_kind_stays(kind) ? all : words, later, e)) == NULL)
		return NULL;
	return json_string(text);
}

int
resolve_text(const struct yaml_node *root, const struct linking *linking, struct json *out, struct err *e)
{
	static const struct yaml_key keys[] = {{"language", false}, {"default", false}, {"bsn", false},
	    {"extra", false}, {"person", false}, {"location", false}, {"institution", false}, {"date", false},
	    {"age", false}, {"phone", false}, {"email", false}, {"url", false}, {"id", false},
	    {"keep_words", false}, {"names", false}, {"places", false}, {"institutions", false},
	    {NULL, false}};
	static const struct yaml_key bsn_keys[] = {{"do", false}, {"context", false}, {NULL, false}};
	static const char *const words[] = {"tag", "blank", NULL};
	static const char *const later[] = {"pseudonym", "drop", NULL};
	static const char *const contexts[] = {"any", "near", NULL};
	const struct yaml_node *n = yaml_get(root, "text"), *bsn = yaml_get(n, "bsn");
	struct json *text, *j;
	const char *word, *bsn_word, *context;

	if (resolve_keys(n, keys, "`text`", e) == -1 || resolve_keys(bsn, bsn_keys, "`bsn`", e) == -1 ||
	    (word = resolve_one_of(n, "default", words, later, e)) == NULL)
		return -1;
	text = json_object();
	json_set_string(text, "default", word);
	for (size_t i = 0; policy_kinds[i] != NULL; i++) {
		if ((j = resolve_kind(n, linking, policy_kinds[i], word, e)) == NULL)
			goto fail;
		json_set(text, policy_kinds[i], j);
	}
	/* A BSN goes as the other numbers do, if nothing else is said. */
	bsn_word = yaml_get(bsn, "do") == NULL ? json_get(text, "id")->string
					       : resolve_one_of(bsn, "do", words, later, e);
	if (bsn_word == NULL || (context = resolve_one_of(bsn, "context", contexts, NULL, e)) == NULL)
		goto fail;
	j = json_object();
	json_set_string(j, "do", bsn_word);
	json_set_string(j, "context", context);
	json_set(text, "bsn", j);
	if ((j = resolve_language(yaml_get(n, "language"), e)) == NULL)
		goto fail;
	json_set(text, "language", j);
	if ((j = resolve_extra(yaml_get(n, "extra"), e)) == NULL)
		goto fail;
	json_set(text, "extra", j);
	for (size_t i = 0; policy_word_lists[i] != NULL; i++) {
		if ((j = resolve_words(n, policy_word_lists[i], linking, e)) == NULL)
			goto fail;
		json_set(text, policy_word_lists[i], j);
	}
	json_set(out, "text", text);
	return 0;
fail:
	json_free(text);
	return -1;
}
