/* DICOM values: their representations, what may stand in them, and what is written in their place. */
#include "dicom_parts.h"

#include <string.h>

#include "stager/scrub.h"

static const char vr_letters[VR_COUNT][3] = {"AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO",
    "LT", "OB", "OD", "OF", "OL", "OV", "OW", "PN", "SH", "SL", "SQ", "SS", "ST", "SV", "TM", "UC", "UI",
    "UL", "UN", "UR", "US", "UT", "UV"};

enum dicom_vr
dicom_vr_of(const uint8_t letters[static 2])
{
	for (unsigned i = 0; i < VR_COUNT; i++)
		if (letters[0] == (uint8_t)vr_letters[i][0] && letters[1] == (uint8_t)vr_letters[i][1])
			return (enum dicom_vr)i;
	return VR_COUNT;
}

const char *
dicom_vr_letters(enum dicom_vr vr)
{
	return vr_letters[vr];
}

bool
dicom_vr_long(enum dicom_vr vr)
{
	switch (vr) {
	case VR_OB:
	case VR_OD:
	case VR_OF:
	case VR_OL:
	case VR_OV:
	case VR_OW:
	case VR_SQ:
	case VR_SV:
	case VR_UC:
	case VR_UN:
	case VR_UR:
	case VR_UT:
	case VR_UV:
		return true;
	default:
		return false;
	}
}

/* VRs that writers take for one another; none of them can carry what the other is not checked for. */
static unsigned
family(enum dicom_vr vr)
{
	switch (vr) {
	case VR_LO:
	case VR_SH:
	case VR_ST:
	case VR_LT:
	case VR_UT:
	case VR_UC:
		return 1;
	case VR_IS:
	case VR_DS:
		return 2;
	case VR_US:
	case VR_SS:
	case VR_US_SS:
		return 3;
	case VR_OB:
	case VR_OW:
	case VR_OB_OW:
		return 4;
	default:
		return 100u + (unsigned)vr;
	}
}

bool
dicom_vr_fits(enum dicom_vr written, enum dicom_vr dictionary)
{
	if (dictionary == VR_US_OW || dictionary == VR_US_SS_OW)
		return written == VR_US || written == VR_OW ||
		       (written == VR_SS && dictionary == VR_US_SS_OW);
	return family(written) == family(dictionary);
}

enum dicom_vr
dicom_vr_plain(enum dicom_vr dictionary)
{
	switch (dictionary) {
	case VR_OB_OW:
	case VR_US_OW:
	case VR_US_SS_OW:
		return VR_OW;
	case VR_US_SS:
		return VR_US;
	default:
		return dictionary;
	}
}

/* Bytes of one number of a binary VR; 0: it is none. */
static size_t
number_size(enum dicom_vr vr, bool *counted)
{
	*counted = true;
	switch (vr) {
	case VR_US:
	case VR_SS:
	case VR_US_SS:
		return 2;
	case VR_UL:
	case VR_SL:
	case VR_FL:
	case VR_AT:
		return 4;
	case VR_FD:
	case VR_SV:
	case VR_UV:
		return 8;
	default:
		break;
	}
	*counted = false; /* one value of any length */
	switch (vr) {
	case VR_OW:
	case VR_US_OW:
	case VR_US_SS_OW:
		return 2;
	case VR_OF:
	case VR_OL:
		return 4;
	case VR_OD:
	case VR_OV:
		return 8;
	default:
		return 0;
	}
}

static bool
digit_or(uint8_t c, const char *others)
{
	return (c >= '0' && c <= '9') || (c != '\0' && strchr(others, c) != NULL);
}

/* Has the VR this character, control characters apart? */
static bool
character_good(enum dicom_vr vr, uint8_t c)
{
	switch (vr) {
	case VR_AS:
		return digit_or(c, "DWMY \\");
	case VR_CS:
		return digit_or(c, " _\\") || (c >= 'A' && c <= 'Z');
	case VR_DA:
		return digit_or(c, ".- \\");
	case VR_DS:
	case VR_IS:
		return digit_or(c, "+-.eE \\");
	case VR_DT:
		return digit_or(c, "+-. \\");
	case VR_TM:
		return digit_or(c, ".:- \\");
	case VR_UI:
		return digit_or(c, ".\\ ");
	default:
		return true;
	}
}

/* Most characters that one value of the VR has; 0: text, whose length says nothing. */
static size_t
value_max(enum dicom_vr vr)
{
	switch (vr) {
	case VR_AS:
		return 4;
	case VR_CS:
	case VR_AE:
		return 16;
	case VR_DS:
	case VR_IS:
		return 32; /* 16 and 12, but writers are careless with digits */
	case VR_DA:
		return 18;
	case VR_TM:
		return 28;
	case VR_DT:
		return 54;
	case VR_UI:
		return DICOM_UID_MAX;
	default:
		return 0;
	}
}

enum dicom_value
dicom_value_check(const struct dicom_attribute *attribute, const uint8_t *value, size_t len)
{
	enum dicom_vr vr = (enum dicom_vr)attribute->vr;
	enum dicom_value result = DICOM_VALUE_GOOD;
	size_t size, max, run = 0;
	bool counted, lines;

	if ((size = number_size(vr, &counted)) != 0) {
		if (len % size != 0 || (counted && attribute->max != 0 && len > size * attribute->max))
			return DICOM_VALUE_BROKEN;
		return DICOM_VALUE_GOOD;
	}
	if (vr == VR_OB || vr == VR_OB_OW || vr == VR_UN || vr == VR_SQ)
		return DICOM_VALUE_GOOD;
	while (len > 0 && value[len - 1] == '\0')
		len--;
	max = value_max(vr);
	lines = vr == VR_ST || vr == VR_LT || vr == VR_UT || vr == VR_UC;
	for (size_t i = 0; i < len; i++) {
		uint8_t c = value[i];

		if (c < 0x20 && c != 0x1b && !(lines && (c == '\t' || c == '\n' || c == '\f' || c == '\r')))
			return DICOM_VALUE_BROKEN;
		run = c == '\\' ? 0 : run + 1;
		if (!character_good(vr, c) || (max != 0 && run > max))
			result = DICOM_VALUE_BAD;
	}
	return result;
}

const char *
dicom_dummy(enum dicom_vr vr, size_t *len)
{
	const char *text;

	switch (vr) {
	case VR_AS:
		text = "000Y";
		break;
	case VR_DA:
		text = "19000101";
		break;
	case VR_DT:
		text = "19000101000000";
		break;
	case VR_TM:
		text = "000000";
		break;
	case VR_DS:
	case VR_IS:
		text = "0 ";
		break;
	case VR_UR:
		text = "urn:removed ";
		break;
	case VR_AE:
	case VR_CS:
	case VR_LO:
	case VR_LT:
	case VR_PN:
	case VR_SH:
	case VR_ST:
	case VR_UC:
	case VR_UT:
		text = "ANONYMIZED";
		break;
	case VR_UI:
	case VR_SQ:
		return NULL;
	default:
		/* One zero of the widest number there is fits every binary VR but the 2 and 4 byte ones. */
		*len = 8;
		switch (vr) {
		case VR_US:
		case VR_SS:
		case VR_US_SS:
		case VR_US_OW:
		case VR_US_SS_OW:
		case VR_OW:
		case VR_OB:
		case VR_OB_OW:
		case VR_UN:
			*len = 2;
			break;
		case VR_UL:
		case VR_SL:
		case VR_FL:
		case VR_AT:
		case VR_OF:
		case VR_OL:
			*len = 4;
			break;
		default:
			break;
		}
		return "\0\0\0\0\0\0\0";
	}
	*len = strlen(text);
	return text;
}

struct view
dicom_trim(const uint8_t *value, size_t len)
{
	while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\0'))
		len--;
	while (len > 0 && value[0] == ' ') {
		value++;
		len--;
	}
	return view_of(value, len, "DICOM value");
}

/* Well-known instances of the standard: frames of reference of atlases (1.4), colour palettes (1.5). */
static bool
uid_well_known(struct view uid)
{
	static const char root[] = "1.2.840.10008.1.";
	size_t at = sizeof(root) - 1;

	if (uid.len < at + 3 || uid.len > at + 8 || memcmp(uid.data, root, at) != 0)
		return false;
	if ((uid.data[at] != '4' && uid.data[at] != '5') || uid.data[at + 1] != '.')
		return false;
	for (at += 2; at < uid.len; at++)
		if (!digit_or(uid.data[at], "."))
			return false;
	return true;
}

/* "2.25." and the 128 bits as one decimal number (PS3.5 section B.2). */
static int
uid_make(const struct scrub *s, struct view uid, struct buf *out, struct err *e)
{
	uint8_t bits[16];
	uint32_t words[4];
	char digits[46], *first = digits + sizeof(digits) - 1;

	pseudonym_uid(s->key, (const char *)uid.data, uid.len, bits);
	for (size_t i = 0; i < 4; i++)
		words[i] = (uint32_t)bits[4 * i] << 24 | (uint32_t)bits[4 * i + 1] << 16 |
			   (uint32_t)bits[4 * i + 2] << 8 | bits[4 * i + 3];
	/* Nine digits at a time, the last first; five times nine are more than 128 bits have. */
	*first = '\0';
	for (unsigned round = 0; round < 5; round++) {
		uint64_t rest = 0;

		for (size_t i = 0; i < 4; i++) {
			rest = rest << 32 | words[i];
			words[i] = (uint32_t)(rest / 1000000000);
			rest %= 1000000000;
		}
		for (unsigned i = 0; i < 9; i++, rest /= 10)
			*--first = (char)('0' + rest % 10);
	}
	while (first[0] == '0' && first[1] != '\0')
		first++;
	if (buf_put_str(out, "2.25.", e) == -1)
		return -1;
	return buf_put_str(out, first, e);
}

int
dicom_uid_replace(const struct scrub *s, const uint8_t *value, size_t len, struct buf *out, struct err *e)
{
	size_t before = out->len;
	int rc = 0;

	for (size_t at = 0; at < len && rc == 0;) {
		const uint8_t *end = memchr(value + at, '\\', len - at);
		size_t part = end != NULL ? (size_t)(end - (value + at)) : len - at;
		struct view uid = dicom_trim(value + at, part);

		if (uid_well_known(uid))
			rc = buf_put(out, uid.data, uid.len, e);
		else if (uid.len > 0)
			rc = uid_make(s, uid, out, e);
		if (rc == 0 && end != NULL)
			rc = buf_put_u8(out, '\\', e);
		at += part + 1;
	}
	if (rc == 0 && (out->len - before) % 2 != 0)
		rc = buf_put_u8(out, '\0', e);
	return rc;
}
