/* Kept DICOM values that are text: what the detectors of free text find in them. */
#include "dicom_parts.h"

#include <string.h>

#include "../detect/detect.h"
#include "../subject.h"
#include "stager/policy.h"
#include "stager/scrub.h"

/* Nothing that the detectors look for has fewer digits, but for an address. */
#define DIGITS_LEAST 4
#define BSN_DIGITS 9
#define TAG_CHARACTER_SET DICOM_TAG(0x0008, 0x0005)

/* Can there be anything? Other forms of digits and of @ are not ASCII. */
static bool
worth_reading(const struct scrub *s, const uint8_t *value, size_t len)
{
	size_t digits = 0;

	if (s->policy->text.extra_count > 0 || (s->subject != NULL && !subject_known_none(s->subject)))
		return true;
	for (size_t i = 0; i < len; i++) {
		if (value[i] == '@' || value[i] >= 0x80)
			return true;
		digits += value[i] >= '0' && value[i] <= '9';
	}
	return digits >= DIGITS_LEAST;
}

/* A whole number of nine digits that passes the 11-test, whatever zeros stand behind its point. */
static bool
is_bsn(struct view v)
{
	uint8_t digit[BSN_DIGITS];
	size_t at = 0, count = 0;

	if (v.len > 0 && (v.data[0] == '+' || v.data[0] == '-'))
		at++;
	for (; at < v.len && v.data[at] >= '0' && v.data[at] <= '9'; at++) {
		if (count == 0 && v.len - at > BSN_DIGITS && v.data[at] == '0' && v.data[at + 1] >= '0' &&
		    v.data[at + 1] <= '9' && memchr(v.data + at, '.', v.len - at) == NULL)
			continue; /* written with more zeros than it has */
		if (count == BSN_DIGITS)
			return false;
		digit[count++] = (uint8_t)(v.data[at] - '0');
	}
	if (at < v.len && v.data[at] == '.')
		for (at++; at < v.len && v.data[at] == '0'; at++)
			;
	return at == v.len && count == BSN_DIGITS && bsn_eleven(digit, BSN_DIGITS);
}

static bool
number_found(const uint8_t *value, size_t len)
{
	for (size_t at = 0; at < len;) {
		const uint8_t *end = memchr(value + at, '\\', len - at);
		size_t part = end != NULL ? (size_t)(end - (value + at)) : len - at;

		if (part >= BSN_DIGITS && is_bsn(dicom_trim(value + at, part)))
			return true;
		at += part + 1;
	}
	return false;
}

/* PS3.3 section C.12.1.1.2: the names of character sets. "ISO 2022 IR 87" looks like a postcode. */
static bool
character_sets(const uint8_t *value, size_t len)
{
	for (size_t at = 0; at < len;) {
		const uint8_t *end = memchr(value + at, '\\', len - at);
		size_t part = end != NULL ? (size_t)(end - (value + at)) : len - at, digits;
		struct view v = dicom_trim(value + at, part);

		for (digits = 0; digits < v.len && digits < 4; digits++)
			if (v.data[v.len - 1 - digits] < '0' || v.data[v.len - 1 - digits] > '9')
				break;
		at += part + 1;
		if (v.len == 0 || (v.len == 3 && memcmp(v.data, "GBK", 3) == 0) ||
		    (v.len == 7 && memcmp(v.data, "GB18030", 7) == 0))
			continue;
		v.len -= digits;
		if (digits == 0 || digits > 3 ||
		    !((v.len == 7 && memcmp(v.data, "ISO_IR ", 7) == 0) ||
			(v.len == 12 && memcmp(v.data, "ISO 2022 IR ", 12) == 0)))
			return false;
	}
	return true;
}

int
dicom_text_found(const struct scrub *s, const struct dicom_attribute *attribute, const uint8_t *value,
    size_t len, struct err *e)
{
	struct text_finds finds = {0};
	struct buf out;
	int rc;

	if (attribute->tag == TAG_CHARACTER_SET)
		return !character_sets(value, len);
	switch ((enum dicom_vr)attribute->vr) {
	case VR_DS:
	case VR_IS:
		return number_found(value, len);
	case VR_AE:
	case VR_CS:
	case VR_LO:
	case VR_LT:
	case VR_SH:
	case VR_ST:
	case VR_UC:
	case VR_UT:
		break;
	default:
		return 0;
	}
	if (!worth_reading(s, value, len))
		return 0;
	buf_init_wiped(&out, DICOM_MADE_MAX);
	rc = text_clean(s, (const char *)value, len, &out, &finds, e);
	buf_free(&out);
	if (rc == -1)
		return -1;
	/* Persons are not looked for: these are short, mostly English, and full of makers' names. */
	for (size_t kind = 0; kind < SPAN_TYPES; kind++)
		if (kind != SPAN_PERSON && finds.count[kind] > 0)
			return 1;
	return 0;
}
