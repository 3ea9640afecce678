/* Values of a DICOM dataset that do not stay: emptied, keyed, dummies, or what the policy puts in their place. */
#include "dicom_parts.h"

#include <stdio.h>
#include <string.h>

#include "../coarse.h"
#include "../subject.h"
#include "stager/policy.h"
#include "stager/scrub.h"

#define TAG_SOP_CLASS DICOM_TAG(0x0008, 0x0016)
#define TAG_SOP_INSTANCE DICOM_TAG(0x0008, 0x0018)
#define TAG_PATIENT_ID DICOM_TAG(0x0010, 0x0020)

const struct tag_rule *
dicom_rule_of(const struct rule *rule, uint32_t tag)
{
	/* The file's own class and identity are not for a policy to drop: nothing could read it. */
	if (tag == TAG_SOP_CLASS || tag == TAG_SOP_INSTANCE)
		return NULL;
	for (size_t i = 0; i < rule->tag_count; i++)
		if (DICOM_TAG(rule->tags[i].group, rule->tags[i].element) == tag)
			return &rule->tags[i];
	return NULL;
}

enum dicom_action
dicom_action_of(const struct tag_rule *rule)
{
	switch (rule->action.kind) {
	case ACTION_DROP:
		return DICOM_REMOVE;
	case ACTION_BLANK:
		return DICOM_ZERO;
	case ACTION_SHIFT:
		return DICOM_SHIFT;
	case ACTION_ATTRIBUTE:
		return DICOM_ATTRIBUTE;
	case ACTION_COARSE:
	case ACTION_HIERARCHY:
		return DICOM_APPLY;
	default:
		return DICOM_KEEP;
	}
}

/* Of a PatientID, wherever it stands; false where it has not the form of the policy's keys. */
static bool
patient_pseudonym(const struct scrub *s, struct view id, char out[static PSEUDONYM_LEN + 1])
{
	const char *value = (const char *)id.data;
	char key[SUBJECT_KEY_MAX];
	size_t len = id.len;

	if (s->context != NULL) {
		if (!subject_key(s->policy->subject, value, len, key, &len))
			return false;
		value = key;
	}
	pseudonym_make(s->key, value, len, out);
	explicit_bzero(key, sizeof(key));
	return true;
}

/*
 * An age is a number and a unit; less exactly said it is one of years, and a bound is one of years, too. 1, or 0 where it is none.
 */
static int
apply_age(
    const struct scrub *s, const struct action *action, struct view part, struct buf *out, struct err *e)
{
	static const char units[] = "YMWD";
	static const unsigned years_in[] = {1, 12, 52, 365};
	const struct coarse *c = action->coarse;
	char text[8], age[COARSE_LEN_MAX];
	const char *unit;
	unsigned years = 0;
	size_t len;

	if (part.len != 4 || (unit = memchr(units, part.data[3], 4)) == NULL)
		return 0;
	for (size_t i = 0; i < 3; i++) {
		if (part.data[i] < '0' || part.data[i] > '9')
			return 0;
		years = years * 10 + (unsigned)(part.data[i] - '0');
	}
	years /= years_in[unit - units];
	len = (size_t)snprintf(text, sizeof(text), "%u", years);
	if (coarse_make(c, s->rule->decimal, text, len, age, &len) != NULL)
		return 0;
	/* In the middle, where nothing is rounded: as it was. */
	if (!c->has_round && len == strlen(text) && memcmp(age, text, len) == 0)
		return buf_put(out, part.data, part.len, e) == -1 ? -1 : 1;
	if (len > 3 || memchr(age, '-', len) != NULL || memchr(age, '.', len) != NULL)
		return 0;
	return buf_printf(out, e, "%.*s%.*sY", (int)(3 - len), "00", (int)len, age) == -1 ? -1 : 1;
}

/*
 * The rule's action on each of the values that stand between backslashes: 1, 0 where one is not what the action is for, so that all leave; -1.
 * With d->hold set the file is held.
 */
static int
apply_each(struct dicom *d, const struct tag_rule *rule, const struct dicom_attribute *a,
    const uint8_t *value, size_t len, struct buf *out, struct err *e)
{
	const struct action *action = &rule->action;
	const char *reason = NULL;
	int rc;

	for (size_t at = 0;;) {
		const uint8_t *end = len > at ? memchr(value + at, '\\', len - at) : NULL;
		struct view part =
		    dicom_trim(value + at, end != NULL ? (size_t)(end - (value + at)) : len - at);

		if (part.len == 0)
			rc = 1;
		else if (action->kind == ACTION_COARSE && a->vr == VR_AS)
			rc = apply_age(d->s, action, part, out, e);
		else
			rc = action_apply(
			    d->s, action, (const char *)part.data, part.len, out, NULL, &reason, e);
		if (rc == 0 && action->kind == ACTION_HIERARCHY) {
			d->hold = reason;
			d->hold_tag = (size_t)(rule - d->s->rule->tags) + 1;
		}
		if (rc != 1)
			return rc;
		if (end == NULL)
			break;
		if (buf_put_u8(out, '\\', e) == -1)
			return -1;
		at = (size_t)(end + 1 - value);
	}
	/* What a hierarchy says is in UTF-8, which the file may not be; IS holds whole numbers alone. */
	for (size_t i = 0; i < out->len; i++)
		if ((out->data[i] & 0x80) != 0 || (a->vr == VR_IS && out->data[i] == '.'))
			return 0;
	return out->len > 0 && dicom_value_check(a, out->data, out->len) != DICOM_VALUE_GOOD ? 0 : 1;
}

/* What takes the value's place by the policy's word: 1, or 0 where nothing is said that could stand here. */
static int
replace_linked(struct dicom *d, struct dicom_syntax syntax, const struct dicom_element *el,
    const uint8_t *value, const struct dicom_attribute *a, enum dicom_action action, struct err *e)
{
	enum dicom_vr vr = dicom_vr_plain((enum dicom_vr)a->vr);
	const struct tag_rule *rule = dicom_rule_of(d->s->rule, el->tag);
	struct buf made;
	int rc;

	buf_init_wiped(&made, DICOM_MADE_MAX);
	if (action == DICOM_SHIFT)
		rc = dicom_shift_dates(d->s, vr, value, el->len, &made, e);
	else if (action == DICOM_ATTRIBUTE)
		rc = dicom_put_attribute(d->s, rule->action.attribute, a, &made, e);
	else
		rc = apply_each(d, rule, a, value, el->len, &made, e);
	if (rc == 1 && made.len % 2 != 0)
		rc = buf_put_u8(&made, ' ', e) == -1 ? -1 : 1;
	if (rc == 1 && dicom_out_element(&d->out, syntax, el->tag, vr, made.data, made.len, e) == -1)
		rc = -1;
	if (rc == 1 && action == DICOM_SHIFT)
		d->shifted++;
	if (rc == 1 && action == DICOM_ATTRIBUTE)
		d->attributes++;
	if (rc == 1 && action == DICOM_APPLY)
		d->applied[rule->action.kind == ACTION_HIERARCHY]++;
	buf_free(&made);
	return rc;
}

int
dicom_replace(struct dicom *d, struct dicom_syntax syntax, const struct dicom_element *el,
    const uint8_t *value, const struct dicom_attribute *a, enum dicom_action action, struct err *e)
{
	enum dicom_vr vr = dicom_vr_plain((enum dicom_vr)a->vr);
	char pseudonym[PSEUDONYM_LEN + 1];
	struct view id = dicom_trim(value, el->len);
	const char *dummy;
	struct buf uids;
	size_t len;
	int rc;

	if (action >= DICOM_SHIFT) {
		if ((rc = replace_linked(d, syntax, el, value, a, action, e)) != 0)
			return rc == 1 ? 0 : -1;
		if (d->hold != NULL)
			return 1;
		action = DICOM_ZERO;
	}
	if (action == DICOM_ZERO || el->len == 0) {
		d->zeroed++;
		return dicom_out_element(&d->out, syntax, el->tag, vr, NULL, 0, e);
	}
	if (vr == VR_UI) {
		buf_init(&uids, DICOM_MADE_MAX);
		rc = dicom_uid_replace(d->s, value, el->len, &uids, e);
		if (rc == 0)
			rc = dicom_out_element(&d->out, syntax, el->tag, vr, uids.data, uids.len, e);
		buf_free(&uids);
		d->uids++;
		return rc;
	}
	d->dummies++;
	if (el->tag == TAG_PATIENT_ID) {
		if (d->s->rule->subject == NULL || id.len == 0 || !patient_pseudonym(d->s, id, pseudonym))
			return dicom_out_element(&d->out, syntax, el->tag, vr, NULL, 0, e);
		if (subject_excluded(d->s, (const char *)id.data, id.len, pseudonym)) {
			d->hold = SUBJECT_NAMED;
			return 1;
		}
		return dicom_out_text(&d->out, syntax, el->tag, vr, pseudonym, e);
	}
	dummy = dicom_dummy(vr, &len);
	return dicom_out_element(&d->out, syntax, el->tag, vr, dummy, len, e);
}
