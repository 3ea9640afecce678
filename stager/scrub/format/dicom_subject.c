/* What the context says of a DICOM file's subject, as values of the file: dates that were moved, attributes. */
#include "dicom_parts.h"

#include <stdio.h>
#include <string.h>

#include "../subject.h"
#include "../value_date.h"
#include "stager/policy.h"

#define DATE_LEN 8 /* of DA, and of DT before its time of day */

bool
dicom_longitudinal(const struct dicom_attribute *a)
{
	/* Of births and deaths, in whatever calendar: a moved one would still give the age away to the day. */
	static const uint32_t life[] = {DICOM_TAG(0x0010, 0x0030), DICOM_TAG(0x0010, 0x0032),
	    DICOM_TAG(0x0010, 0x0033), DICOM_TAG(0x0010, 0x0034), DICOM_TAG(0x0010, 0x0035)};

	if (a->vr != VR_DA && a->vr != VR_DT && a->vr != VR_TM)
		return false;
	for (size_t i = 0; i < sizeof(life) / sizeof(life[0]); i++)
		if (a->tag == life[i])
			return false;
	return true;
}

bool
dicom_dates_moved(const struct rule *rule)
{
	bool moved = rule->shift_dates;

	for (size_t i = 0; i < rule->tag_count; i++)
		moved = moved || rule->tags[i].action.kind == ACTION_SHIFT;
	return moved;
}

static bool
time_only(const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((at[i] < '0' || at[i] > '9') && at[i] != '.' && at[i] != '+' && at[i] != '-')
			return false;
	return true;
}

/* One of a value's parts. What follows the date in DT is a time of day and its zone: figures and four marks. */
static int
shift_part(enum dicom_vr vr, struct view part, long days, struct buf *out, struct err *e)
{
	const char *value = (const char *)part.data;
	struct value_date date;

	if (part.len == 0)
		return 1;
	if (part.len < DATE_LEN || (vr == VR_DA && part.len != DATE_LEN) ||
	    !time_only(value + DATE_LEN, part.len - DATE_LEN) ||
	    !value_date_in(DATE_YMD, value, DATE_LEN, &date) || date.month_at != 4)
		return 0;
	switch (value_date_shift(&date, value, DATE_LEN, days, out, e)) {
	case 1:
		return buf_put(out, value + DATE_LEN, part.len - DATE_LEN, e) == -1 ? -1 : 1;
	case 0:
		return 0;
	default:
		return -1;
	}
}

int
dicom_shift_dates(
    const struct scrub *s, enum dicom_vr vr, const uint8_t *value, size_t len, struct buf *out, struct err *e)
{
	long days;
	int rc;

	if ((vr != VR_DA && vr != VR_DT) || s->subject == NULL || !subject_shift(s->subject, &days))
		return 0;
	for (size_t at = 0;;) {
		const uint8_t *end = len > at ? memchr(value + at, '\\', len - at) : NULL;
		size_t part = end != NULL ? (size_t)(end - (value + at)) : len - at;

		if ((rc = shift_part(vr, dicom_trim(value + at, part), days, out, e)) != 1)
			return rc;
		if (end == NULL)
			return 1;
		if (buf_put_u8(out, '\\', e) == -1)
			return -1;
		at += part + 1;
	}
}

int
dicom_put_attribute(
    const struct scrub *s, size_t attribute, const struct dicom_attribute *a, struct buf *out, struct err *e)
{
	char age[ATTRIBUTE_VALUE_MAX + 1] = "";
	unsigned years;
	struct view v;

	if (s->subject == NULL || !subject_attribute(s->subject, attribute, &v) || v.len == 0)
		return 0;
	/* An age is a number and a unit (PS3.5 section 6.2): of a band its beginning. */
	if (a->vr == VR_AS) {
		memcpy(age, v.data, v.len);
		if (sscanf(age, "%3u", &years) != 1)
			return 0;
		return buf_printf(out, e, "%03uY", years) == -1 ? -1 : 1;
	}
	if (dicom_value_check(a, v.data, v.len) != DICOM_VALUE_GOOD)
		return 0;
	return buf_put(out, v.data, v.len, e) == -1 ? -1 : 1;
}
