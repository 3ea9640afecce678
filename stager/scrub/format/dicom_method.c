/* What a scrubbed DICOM dataset says of itself: that, how and by what profile it was de-identified. */
#include "dicom_parts.h"

#include "stager/policy.h"
#include "stager/scrub.h"

#define TAG_IDENTITY_REMOVED DICOM_TAG(0x0012, 0x0062)
#define TAG_METHOD DICOM_TAG(0x0012, 0x0063)
#define TAG_METHOD_CODES DICOM_TAG(0x0012, 0x0064)
#define TAG_TIME_MODIFIED DICOM_TAG(0x0028, 0x0303)

#define METHOD_TEXT "Stager: DICOM PS3.15 Basic Profile"

static const uint32_t own_tags[] = {TAG_IDENTITY_REMOVED, TAG_METHOD, TAG_METHOD_CODES, TAG_TIME_MODIFIED};
#define OWN_COUNT (sizeof(own_tags) / sizeof(own_tags[0]))

bool
dicom_inserted(uint32_t tag)
{
	for (size_t i = 0; i < OWN_COUNT; i++)
		if (own_tags[i] == tag)
			return true;
	return false;
}

/* Does the policy keep a date or a time? */
static bool
dates_kept(const struct dicom *d)
{
	const struct rule *rule = d->s->rule;

	for (size_t i = 0; i < rule->tag_count; i++) {
		const struct tag_rule *t = &rule->tags[i];
		const struct dicom_attribute *a = dicom_attribute(DICOM_TAG(t->group, t->element));

		if (t->action.kind == ACTION_KEEP_CODE && a != NULL &&
		    (a->vr == VR_DA || a->vr == VR_DT || a->vr == VR_TM))
			return true;
	}
	return false;
}

static int
put_code(struct dicom *d, struct dicom_syntax syntax, const char *code, const char *meaning, struct err *e)
{
	struct dicom_out *o = &d->out;

	if (dicom_out_mark(o, syntax, DICOM_ITEM, DICOM_UNDEFINED, e) == -1 ||
	    dicom_out_text(o, syntax, DICOM_TAG(0x0008, 0x0100), VR_SH, code, e) == -1 ||
	    dicom_out_text(o, syntax, DICOM_TAG(0x0008, 0x0102), VR_SH, "DCM", e) == -1 ||
	    dicom_out_text(o, syntax, DICOM_TAG(0x0008, 0x0104), VR_LO, meaning, e) == -1)
		return -1;
	return dicom_out_mark(o, syntax, DICOM_ITEM_END, 0, e);
}

/* PS3.15 section E.1.1: codes of CID 7050. */
static int
put_method_codes(struct dicom *d, struct dicom_syntax syntax, struct err *e)
{
	if (dicom_out_head(&d->out, syntax, TAG_METHOD_CODES, VR_SQ, DICOM_UNDEFINED, e) == -1 ||
	    put_code(d, syntax, "113100", "Basic Application Confidentiality Profile", e) == -1 ||
	    (d->s->rule->shift_dates &&
		put_code(d, syntax, "113107",
		    "Retain Longitudinal Temporal Information Modified Dates Option", e) == -1))
		return -1;
	return dicom_out_mark(&d->out, syntax, DICOM_SEQUENCE_END, 0, e);
}

int
dicom_insert(struct dicom *d, struct dicom_syntax syntax, uint32_t upto, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < OWN_COUNT && rc == 0; i++) {
		if (own_tags[i] <= d->inserted || own_tags[i] > upto)
			continue;
		d->inserted = own_tags[i];
		if (own_tags[i] == TAG_IDENTITY_REMOVED)
			rc = dicom_out_text(&d->out, syntax, own_tags[i], VR_CS, "YES", e);
		else if (own_tags[i] == TAG_METHOD)
			rc = dicom_out_text(&d->out, syntax, own_tags[i], VR_LO, METHOD_TEXT, e);
		else if (own_tags[i] == TAG_METHOD_CODES)
			rc = put_method_codes(d, syntax, e);
		else
			rc = dicom_out_text(&d->out, syntax, own_tags[i], VR_CS,
			    dicom_dates_moved(d->s->rule) ? "MODIFIED"
			    : dates_kept(d)               ? "UNMODIFIED"
							  : "REMOVED",
			    e);
	}
	return rc;
}
