/* What a policy's rule says of DICOM files, as people write it, checked and resolved. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy_form.h"
#include "policy_resolve.h"
#include "stager/dicom.h"

static int
compare_tags(const void *a, const void *b)
{
	const struct json *const *x = a, *const *y = b;

	return strcmp(json_get(*x, "tag")->string, json_get(*y, "tag")->string);
}

/* What becomes of a tag, into one. */
static int
resolve_tag_action(
    const struct yaml_node *item, const struct linking *linking, struct json *one, struct err *e)
{
	struct json *action;
	const char *name;

	if (yaml_get(item, "set") != NULL)
		return yaml_bad(yaml_get(item, "set"), e,
		    "a tag has no `set`: a DICOM file goes whole to the `set` of its rule");
	if (yaml_get(item, "attribute") != NULL && item->count == 1) {
		if (resolve_attribute_use(yaml_get(item, "attribute"), linking, false, &name, e) == -1)
			return -1;
		json_set_string(one, "attribute", name);
		return 0;
	}
	if (item->kind == YAML_TEXT && strcmp(item->text, "shift") == 0 && !linking->shift)
		return yaml_bad(item, e, "`shift` wants `shift: {step, max}` under `dates`");
	if (item->kind == YAML_MAP &&
	    (yaml_get(item, "round") != NULL || yaml_get(item, "top") != NULL ||
		yaml_get(item, "bottom") != NULL || yaml_get(item, "hierarchy") != NULL)) {
		if ((action = resolve_action(item, linking, e)) == NULL)
			return -1;
		json_set(one, "action", action);
		return 0;
	}
	if (item->kind != YAML_TEXT ||
	    (strcmp(item->text, "keep") != 0 && strcmp(item->text, "drop") != 0 &&
		strcmp(item->text, "blank") != 0 && strcmp(item->text, "shift") != 0))
		return yaml_bad(item, e,
		    "the action of a tag is not keep, drop, blank, shift, {attribute: NAME}, {hierarchy: "
		    "FILE}, {round: N}, {top: N} or {bottom: N}");
	json_set_string(one, "do", item->text);
	return 0;
}

static int
resolve_tags(const struct yaml_node *n, const struct linking *linking, struct json *list, struct err *e)
{
	if (n == NULL)
		return 0;
	if (n->kind != YAML_MAP)
		return yaml_bad(n, e, "`tags` is not a mapping of attributes to actions");
	if (n->count > POLICY_TAGS_MAX)
		return yaml_bad(n, e, "`tags` has more than %d entries", POLICY_TAGS_MAX);
	for (size_t i = 0; i < n->count; i++) {
		const struct yaml_node *key = n->keys[i], *item = n->items[i];
		char tag[16];
		const char *wrong;
		uint16_t group, element;
		struct json *one;

		if (!policy_tag(key->text, &group, &element) &&
		    dicom_keyword(key->text, &group, &element) == -1)
			return yaml_bad(
			    key, e, "`%.64s` is neither a DICOM keyword nor a tag '(gggg,eeee)'", key->text);
		if ((wrong = policy_tag_wrong(group, element,
			 item->kind == YAML_TEXT ? strcmp(item->text, "keep") == 0
						 : yaml_get(item, "attribute") == NULL &&
						       yaml_get(item, "hierarchy") == NULL)) != NULL)
			return yaml_bad(key, e, "`%.64s` %s", key->text, wrong);
		snprintf(tag, sizeof(tag), "(%04x,%04x)", group, element);
		for (size_t k = 0; k < list->count; k++)
			if (strcmp(json_get(list->items[k], "tag")->string, tag) == 0)
				return yaml_bad(key, e, "`%.64s` stands twice in `tags`", key->text);
		one = json_object();
		json_set_string(one, "tag", tag);
		json_push(list, one);
		if (resolve_tag_action(item, linking, one, e) == -1)
			return -1;
	}
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), compare_tags);
	return 0;
}

/* Options of DICOM's profiles (PS3.15 annex E), by name. */
static int
resolve_options(const struct yaml_node *n, const struct linking *linking, struct json *list, struct err *e)
{
	static const char *const later[] = {"clean-descriptors", "retain-uids", "retain-device-identity",
	    "retain-institution-identity", "retain-patient-characteristics", "longitudinal-full-dates",
	    "clean-pixel-data", "clean-recognizable", "clean-graphics", "clean-structured-content"};
	const char *text;

	if (yaml_need_list(n, 1, "`options`", e) == -1)
		return -1;
	for (size_t i = 0; i < n->count; i++) {
		if ((text = yaml_need_text(n->items[i], "`options`", e)) == NULL)
			return -1;
		for (size_t k = 0; k < sizeof(later) / sizeof(later[0]); k++)
			if (strcmp(text, later[k]) == 0)
				return yaml_bad(
				    n->items[i], e, "option `%s` is not done by this version", text);
		if (strcmp(text, "longitudinal-modified-dates") != 0)
			return yaml_bad(n->items[i], e, "unknown option `%.64s`", text);
		if (list->count > 0)
			return yaml_bad(n->items[i], e, "`%s` stands twice in `options`", text);
		if (!linking->shift)
			return yaml_bad(
			    n->items[i], e, "`%s` wants `shift: {step, max}` under `dates`", text);
		json_push(list, json_string(text));
	}
	return 0;
}

int
resolve_dicom(const struct yaml_node *rule, const struct linking *linking, struct json *out, struct err *e)
{
	const struct yaml_node *subject = yaml_get(rule, "subject"), *modality = yaml_get(rule, "modality");
	struct json *modalities = json_array(), *tags = json_array(), *options;
	const char *text;

	json_set(out, "modality", modalities);
	json_set(out, "tags", tags);
	if (yaml_get(rule, "options") != NULL) {
		json_set(out, "options", options = json_array());
		if (resolve_options(yaml_get(rule, "options"), linking, options, e) == -1)
			return -1;
	}
	if (modality != NULL) {
		if (yaml_need_list(modality, 1, "`modality`", e) == -1)
			return -1;
		if (modality->count > POLICY_SITES_MAX)
			return yaml_bad(modality, e, "`modality` has more than %d entries", POLICY_SITES_MAX);
		for (size_t i = 0; i < modality->count; i++) {
			if ((text = yaml_need_text(modality->items[i], "`modality`", e)) == NULL)
				return -1;
			if (!policy_modality_ok(text))
				return yaml_bad(
				    modality->items[i], e, "`%.64s` is not a DICOM modality", text);
			json_push(modalities, json_string(text));
		}
	}
	if (resolve_rule_choice(rule, "burned_in", "hold", "keep", NULL, out, e) == -1 ||
	    resolve_rule_choice(rule, "sample", "file", NULL, "series", out, e) == -1 ||
	    resolve_tags(yaml_get(rule, "tags"), linking, tags, e) == -1)
		return -1;
	if (resolve_rule_subject(rule, linking, &text, e) == -1)
		return -1;
	if (text == NULL)
		return 0;
	if (strcmp(text, "PatientID") != 0)
		return yaml_bad(subject, e, "the `subject` of format dicom can only be PatientID");
	json_set_string(out, "subject", text);
	return 0;
}
