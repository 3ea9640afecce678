/* The part `text` out of a policy's resolved form. */
#include <stdlib.h>
#include <string.h>

#include "policy_decode.h"
#include "policy_form.h"
#include "stager/detect.h"
#include "stager/json.h"
#include "stager/pattern.h"

static int
decode_extra(struct text_rules *t, const struct json *text, struct err *e)
{
	static const char *const keys[] = {"kind", "pattern", NULL};
	const struct json *list = decode_list(text, "extra", 0, POLICY_EXTRA_MAX, e);

	if (list == NULL)
		return -1;
	if ((t->extra = calloc(list->count + 1, sizeof(*t->extra))) == NULL)
		return err_sys(e, "resolved policy");
	for (size_t i = 0; i < list->count; i++) {
		struct text_extra *extra = &t->extra[t->extra_count++];

		if (json_expect_keys(list->items[i], keys, "resolved policy: extra", e) == -1 ||
		    (extra->kind = decode_string(list->items[i], "kind", policy_kind_ok, e)) == NULL ||
		    (extra->pattern = decode_pattern(list->items[i], false, e)) == NULL)
			return -1;
	}
	return 0;
}

static int
decode_language(struct text_rules *t, const struct json *text, struct err *e)
{
	const struct json *list = decode_list(text, "language", 1, 2, e);
	unsigned dutch = 0, english = 0;

	if (list == NULL)
		return -1;
	for (size_t i = 0; i < list->count; i++) {
		const char *word = list->items[i]->type == JSON_STRING ? list->items[i]->string : "";

		dutch += strcmp(word, "nl") == 0;
		english += strcmp(word, "en") == 0;
	}
	if (dutch != 1 || english > 1 || dutch + english != list->count)
		return decode_bad(e, "language");
	t->english = english == 1;
	return 0;
}

/* What becomes of one kind; bsn is the one type that can differ from its kind. */
static int
decode_kind(
    const struct policy *p, struct text_rules *t, const struct json *text, const char *kind, struct err *e)
{
	static const char *const words[] = {
	    [TEXT_TAG] = "tag", [TEXT_BLANK] = "blank", [TEXT_KEEP] = "keep", NULL};
	static const char *const cap_keys[] = {"cap", NULL}, *const attribute_keys[] = {"attribute", NULL};
	const struct json *j = json_get(text, kind);
	const char *name;
	size_t attribute;
	int64_t cap;
	int word;

	if (j != NULL && strcmp(kind, "age") == 0 && json_get(j, "attribute") != NULL) {
		if (json_expect_keys(j, attribute_keys, "resolved policy: age", e) == -1 ||
		    (name = json_need_string(j, "attribute", "resolved policy", e)) == NULL ||
		    decode_attribute_use(p, name, true, &attribute, e) == -1)
			return -1;
		t->age = &p->subject->attributes[attribute];
		return 0;
	}
	if (j != NULL && j->type == JSON_STRING && strcmp(kind, "date") == 0 &&
	    strcmp(j->string, "shift") == 0) {
		t->date_shift = true;
		return p->shift_step == 0 ? decode_bad(e, kind) : 0;
	}
	if (j != NULL && j->type == JSON_OBJECT && strcmp(kind, "age") == 0) {
		if (json_expect_keys(j, cap_keys, "resolved policy: age", e) == -1 ||
		    json_need_int(j, "cap", 1, POLICY_AGE_MAX, "resolved policy", &cap, e) == -1)
			return -1;
		t->age_cap = (unsigned)cap;
		return 0;
	}
	if ((word = decode_choice(text, kind, words, e)) == -1)
		return -1;
	if (word == TEXT_KEEP && !policy_kind_stays(kind))
		return decode_bad(e, kind);
	for (unsigned type = 0; type < SPAN_TYPES; type++)
		if (strcmp(span_kind((enum span_type)type), kind) == 0)
			t->action[type] = (enum text_do)word;
	return 0;
}

static int
decode_words(const struct json *text, const char *key, struct phrases **out, struct err *e)
{
	char **items = NULL;
	size_t count = 0;
	int rc = -1;

	if (decode_strings(text, key, 0, POLICY_WORDS_MAX, policy_phrase_ok, &items, &count, e) == -1)
		goto out;
	if (count > 0 && (*out = phrases_new(items, count, e)) == NULL)
		goto out;
	rc = 0;
out:
	for (size_t i = 0; i < count; i++)
		free(items[i]);
	free(items);
	return rc;
}

int
decode_text(struct policy *p, const struct json *root, struct err *e)
{
	static const char *const keys[] = {"language", "default", "bsn", "extra", "age", "date", "email",
	    "id", "institution", "location", "person", "phone", "url", "keep_words", "names", "places",
	    "institutions", NULL};
	static const char *const bsn_keys[] = {"do", "context", NULL};
	static const char *const words[] = {"tag", "blank", NULL}, *const contexts[] = {"any", "near", NULL};
	const struct json *text = json_get(root, "text"), *bsn = json_get(text, "bsn");
	struct text_rules *t = &p->text;
	int word, bsn_word, context;

	if (json_expect_keys(text, keys, "resolved policy: text", e) == -1 ||
	    json_expect_keys(bsn, bsn_keys, "resolved policy: bsn", e) == -1 ||
	    (word = decode_choice(text, "default", words, e)) == -1 ||
	    (bsn_word = decode_choice(bsn, "do", words, e)) == -1 ||
	    (context = decode_choice(bsn, "context", contexts, e)) == -1 || decode_language(t, text, e) == -1)
		return -1;
	for (unsigned type = 0; type < SPAN_TYPES; type++)
		t->action[type] = (enum text_do)word;
	for (size_t i = 0; policy_kinds[i] != NULL; i++)
		if (decode_kind(p, t, text, policy_kinds[i], e) == -1)
			return -1;
	t->action[SPAN_BSN] = (enum text_do)bsn_word;
	t->bsn_any = context == 0;
	if (decode_words(text, "keep_words", &t->keep, e) == -1 ||
	    decode_words(text, "names", &t->names, e) == -1 ||
	    decode_words(text, "places", &t->places, e) == -1 ||
	    decode_words(text, "institutions", &t->institutions, e) == -1)
		return -1;
	return decode_extra(t, text, e);
}

void
decode_text_free(struct text_rules *t)
{
	for (size_t i = 0; i < t->extra_count; i++) {
		free(t->extra[i].kind);
		pattern_free(t->extra[i].pattern);
	}
	free(t->extra);
	phrases_free(t->keep);
	phrases_free(t->names);
	phrases_free(t->places);
	phrases_free(t->institutions);
}
