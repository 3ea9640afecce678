/* A rule of format dicom out of a policy's resolved form. */
#include "policy_decode.h"

#include <stdlib.h>
#include <string.h>

#include "policy_form.h"
#include "stager/json.h"

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
		return decode_action_attribute(p, j, &a->attribute, e);
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

int
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
	if (decode_tags(r, p, j, e) == -1 || decode_rule_subject(r, j, false, patient_id, e) == -1)
		return -1;
	return 0;
}
