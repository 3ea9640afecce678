/* The forms of single values in a policy. */
#include "policy_form.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stager/dicom_table.h"
#include "format/xml.h"
#include "stager/detect.h"
#include "stager/utf8.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define POLICY_GLOB_MAX 512
#define POLICY_PATH_STEPS_MAX 32

static bool
made_of(const char *text, const char *letters, size_t max)
{
	size_t len = strspn(text, letters);

	return len >= 1 && len <= max && text[len] == '\0';
}

bool
policy_name_ok(const char *text)
{
	return made_of(text, LOWER DIGITS ".-", 64) && *text != '.' && *text != '-' &&
	       strstr(text, "..") == NULL;
}

bool
policy_ext_ok(const char *text)
{
	return made_of(text, LOWER DIGITS, 16);
}

const char *const policy_word_lists[] = {"keep_words", "names", "places", "institutions", NULL};

const char *const policy_kinds[] = {
    "age", "date", "email", "id", "institution", "location", "person", "phone", "url", NULL};

bool
policy_kind_stays(const char *kind)
{
	static const char *const kinds[] = {"age", "date", "institution", "location", "url"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i], kind) == 0)
			return true;
	return false;
}

bool
policy_phrase_ok(const char *text)
{
	size_t len = strlen(text);
	bool gap = true; /* one may not come now */

	if (len < 2 || len > POLICY_PHRASE_MAX || !utf8_valid((const uint8_t *)text, len))
		return false;
	for (size_t i = 0; i < len; i++) {
		bool word = (text[i] & 0x80) != 0 ||
			    strchr(LOWER DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZ", text[i]) != NULL;

		/* "'t Harde" and "Jan J." */
		if (!word && ((gap && (i > 0 || text[i] != '\'')) || strchr(" -.'", text[i]) == NULL) &&
		    !(text[i] == ' ' && i > 0 && text[i - 1] == '.'))
			return false;
		gap = !word;
	}
	return !gap || text[len - 1] == '.';
}

bool
policy_kind_ok(const char *text)
{
	for (unsigned type = 0; type < SPAN_TYPES; type++)
		if (strcmp(span_word((enum span_type)type), text) == 0)
			return false;
	return made_of(text, LOWER DIGITS "-", 20);
}

bool
policy_country_ok(const char *text)
{
	/* ISO 3166-1, the 249 officially assigned codes. */
	static const char codes[] = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI "
				    "BJ BL BM BN BO BQ BR BS BT BV BW BY "
				    "BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM "
				    "DO DZ EC EE EG EH ER ES ET FI FJ FK "
				    "FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM "
				    "HN HR HT HU ID IE IL IM IN IO IQ IR "
				    "IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS "
				    "LT LU LV LY MA MC MD ME MF MG MH MK "
				    "ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP "
				    "NR NU NZ OM PA PE PF PG PH PK PL PM "
				    "PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM "
				    "SN SO SR SS ST SV SX SY SZ TC TD TF "
				    "TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
				    "VN VU WF WS YE YT ZA ZM ZW ";

	if (strlen(text) != 2 || text[0] < 'A' || text[0] > 'Z' || text[1] < 'A' || text[1] > 'Z')
		return false;
	for (const char *at = codes; *at != '\0'; at += 3)
		if (memcmp(at, text, 2) == 0)
			return true;
	return false;
}

bool
policy_modality_ok(const char *text)
{
	return made_of(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "_ ", 16);
}

bool
policy_file_ok(const char *text)
{
	size_t len = strlen(text);

	if (len < 5 || (strcmp(text + len - 4, ".csv") != 0 && strcmp(text + len - 4, ".txt") != 0))
		return false;
	return text[0] != '.' && text[0] != '-' && text[0] != '_' &&
	       made_of(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" DIGITS "._-", 100);
}

bool
policy_resource_ok(const char *text)
{
	return *text >= 'A' && *text <= 'Z' &&
	       made_of(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 64);
}

bool
policy_column_ok(const char *text)
{
	size_t len = strlen(text);

	return len >= 1 && len <= POLICY_FIELD_NAME_MAX;
}

bool
policy_path_ok(const char *text)
{
	size_t steps = 0, len;

	if (*text++ != '$' || strlen(text) >= POLICY_FIELD_NAME_MAX)
		return false;
	while (*text != '\0') {
		if (++steps > POLICY_PATH_STEPS_MAX)
			return false;
		if (strncmp(text, "[*]", 3) == 0 || (strncmp(text, ".*", 2) == 0)) {
			text += *text == '[' ? 3 : 2;
			continue;
		}
		if (*text++ != '.')
			return false;
		len = strcspn(text, ".[]*");
		if (len == 0)
			return false;
		text += len;
	}
	return steps > 0;
}

/* [name=value]: its length; 0 where there is none. */
static size_t
asks_len(const char *text)
{
	size_t name, value;

	if (*text != '[' || (name = strcspn(text + 1, "=.[]*")) == 0 || text[1 + name] != '=')
		return 0;
	value = strcspn(text + 2 + name, "=[]*");
	return value == 0 || text[2 + name + value] != ']' ? 0 : 3 + name + value;
}

char *
policy_subject_field(const char *path)
{
	char *out = calloc(1, strlen(path) + 1), *to = out;
	size_t len;

	while (out != NULL && *path != '\0')
		if ((len = asks_len(path)) > 0)
			path += len;
		else
			*to++ = *path++;
	return out;
}

bool
policy_subject_path_ok(const char *text)
{
	char *field;
	size_t len;
	bool ok;

	if (strlen(text) >= POLICY_FIELD_NAME_MAX || (field = policy_subject_field(text)) == NULL)
		return false;
	ok = policy_path_ok(field);
	free(field);
	/* One behind a step, and a step behind it. */
	for (; ok && *text != '\0'; text++)
		if ((len = asks_len(text)) > 0)
			ok = text[len] == '.' || (text[len] == '[' && asks_len(text + len) == 0);
	return ok;
}

bool
policy_xml_path_ok(const char *text)
{
	return xml_path_ok(text, true);
}

bool
policy_xml_subject_ok(const char *text)
{
	return xml_path_ok(text, false);
}

bool
policy_prefix_ok(const char *text)
{
	return *text == '\0' ||
	       (made_of(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-" DIGITS, 32) &&
		   strchr("-" DIGITS, *text) == NULL && strcmp(text, "xml") != 0 &&
		   strcmp(text, "xmlns") != 0);
}

bool
policy_header_ok(const char *text)
{
	return made_of(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-" DIGITS, 64) &&
	       strncasecmp(text, "content-", 8) != 0 && strcasecmp(text, "mime-version") != 0;
}

bool
policy_number(const char *text, double *out)
{
	const char *at = text + (*text == '-');
	size_t whole = strspn(at, DIGITS), part = 0;

	if (whole == 0 || strlen(text) > 32)
		return false;
	at += whole;
	if (*at == '.') {
		part = strspn(at + 1, DIGITS);
		if (part == 0)
			return false;
		at += 1 + part;
	}
	if (*at != '\0')
		return false;
	/* The locale of numbers is C: only LC_CTYPE is ever set. */
	*out = strtod(text, NULL);
	return true;
}

bool
policy_delimiter_ok(const char *text)
{
	return text[0] != '\0' && text[1] == '\0' && strchr("\"\r\n", text[0]) == NULL;
}

const char *
policy_glob_wrong(const char *text)
{
	const char *part = text;

	if (*text == '\0')
		return "is empty";
	if (strlen(text) > POLICY_GLOB_MAX)
		return "is longer than 512 bytes";
	if (strpbrk(text, "[]\\") != NULL)
		return "holds one of [ ] \\, which is not done by this version";
	for (;;) {
		size_t len = strcspn(part, "/");

		if (len == 0)
			return "has an empty part: it is relative, with single slashes between";
		if ((len == 1 && *part == '.') || (len == 2 && memcmp(part, "..", 2) == 0))
			return "has a part . or ..";
		for (size_t i = 0; i + 1 < len; i++)
			if (part[i] == '*' && part[i + 1] == '*' && len != 2)
				return "has ** beside other characters: it stands alone between slashes";
		if (part[len] == '\0')
			return NULL;
		part += len + 1;
	}
}

const char *
policy_key_glob_wrong(const char *text)
{
	const char *key = strstr(text, "{key}");

	if (key == NULL || strstr(key + 1, "{key}") != NULL)
		return "has not one {key} in it";
	return policy_glob_wrong(text);
}

static bool
hex4(const char *text, uint16_t *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++) {
		char c = text[i];
		int digit;

		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (c | 0x20) - 'a' + 10;
		else
			return false;
		*out = (uint16_t)(*out << 4 | digit);
	}
	return true;
}

bool
policy_tag(const char *text, uint16_t *group, uint16_t *element)
{
	return strlen(text) == 11 && text[0] == '(' && text[5] == ',' && text[10] == ')' &&
	       hex4(text + 1, group) && hex4(text + 6, element);
}

#define TAG(group, element) ((uint32_t)(group) << 16 | (element))

/*
 * What names one person, or one person's papers, whatever else a policy wants to keep; and what the second
 * scan withholds whenever it has a value. Names of people (VR PN) are not listed: they all are. Sorted.
 */
static const uint32_t identifiers[] = {
    TAG(0x0008, 0x0050), /* AccessionNumber */
    TAG(0x0008, 0x0080), /* InstitutionName */
    TAG(0x0008, 0x0081), /* InstitutionAddress */
    TAG(0x0008, 0x0092), /* ReferringPhysicianAddress */
    TAG(0x0008, 0x0094), /* ReferringPhysicianTelephoneNumbers */
    TAG(0x0008, 0x0096), /* ReferringPhysicianIdentificationSequence */
    TAG(0x0008, 0x009d), /* ConsultingPhysicianIdentificationSequence */
    TAG(0x0008, 0x1040), /* InstitutionalDepartmentName */
    TAG(0x0008, 0x1049), /* PhysiciansOfRecordIdentificationSequence */
    TAG(0x0008, 0x1052), /* PerformingPhysicianIdentificationSequence */
    TAG(0x0008, 0x1062), /* PhysiciansReadingStudyIdentificationSequence */
    TAG(0x0008, 0x1072), /* OperatorIdentificationSequence */
    TAG(0x0010, 0x0020), /* PatientID */
    TAG(0x0010, 0x0021), /* IssuerOfPatientID */
    TAG(0x0010, 0x0024), /* IssuerOfPatientIDQualifiersSequence */
    TAG(0x0010, 0x0030), /* PatientBirthDate */
    TAG(0x0010, 0x0032), /* PatientBirthTime */
    TAG(0x0010, 0x0033), /* PatientBirthDateInAlternativeCalendar */
    TAG(0x0010, 0x0050), /* PatientInsurancePlanCodeSequence */
    TAG(0x0010, 0x1000), /* OtherPatientIDs */
    TAG(0x0010, 0x1002), /* OtherPatientIDsSequence */
    TAG(0x0010, 0x1040), /* PatientAddress */
    TAG(0x0010, 0x1050), /* InsurancePlanIdentification */
    TAG(0x0010, 0x1080), /* MilitaryRank */
    TAG(0x0010, 0x1081), /* BranchOfService */
    TAG(0x0010, 0x1090), /* MedicalRecordLocator */
    TAG(0x0010, 0x1100), /* ReferencedPatientPhotoSequence */
    TAG(0x0010, 0x2154), /* PatientTelephoneNumbers */
    TAG(0x0010, 0x2155), /* PatientTelecomInformation */
    TAG(0x0010, 0x2299), /* ResponsibleOrganization */
    TAG(0x0010, 0x4000), /* PatientComments */
    TAG(0x0038, 0x0010), /* AdmissionID */
    TAG(0x0038, 0x0060), /* ServiceEpisodeID */
    TAG(0x0038, 0x0300), /* CurrentPatientLocation */
    TAG(0x0038, 0x0400), /* PatientInstitutionResidence */
    TAG(0x0040, 0x000b), /* ScheduledPerformingPhysicianIdentificationSequence */
    TAG(0x0040, 0x1101), /* PersonIdentificationCodeSequence */
    TAG(0x0040, 0x1102), /* PersonAddress */
    TAG(0x0040, 0x1103), /* PersonTelephoneNumbers */
    TAG(0x0040, 0x1104), /* PersonTelecomInformation */
    TAG(0x0040, 0x2009), /* OrderEntererLocation */
    TAG(0x0040, 0x2010), /* OrderCallbackPhoneNumber */
    TAG(0x0040, 0x2011), /* OrderCallbackTelecomInformation */
    TAG(0x0040, 0x2016), /* PlacerOrderNumberImagingServiceRequest */
    TAG(0x0040, 0x2017), /* FillerOrderNumberImagingServiceRequest */
};

static bool
is_identifier(uint32_t tag)
{
	const struct dicom_attribute *a = dicom_attribute(tag);

	if (a != NULL && a->vr == VR_PN)
		return true;
	for (size_t i = 0; i < sizeof(identifiers) / sizeof(identifiers[0]); i++)
		if (identifiers[i] == tag)
			return true;
	return false;
}

/* Curves and overlays: drawn or written over the image. */
static bool
is_drawn(uint16_t group)
{
	return (group & 0xff00) == 0x5000 || (group & 0xff00) == 0x6000;
}

const char *
policy_tag_wrong(uint16_t group, uint16_t element, bool keep)
{
	if (group < 0x0008)
		return "is of the file's own frame, which is always made anew";
	if (group == 0xfffe)
		return "only delimits items";
	if (element == 0x0000)
		return "is a group length, which is always dropped";
	if (keep && group % 2 == 1)
		return "is private, and private tags cannot be kept by this version";
	if (keep && TAG(group, element) == TAG(0x0010, 0x0020))
		return "identifies people and cannot be kept: `subject: PatientID` makes it a pseudonym";
	if (keep && is_identifier(TAG(group, element)))
		return "identifies people and cannot be kept";
	if (keep && is_drawn(group))
		return "is of a curve or an overlay, which are always dropped";
	return NULL;
}

bool
policy_integer(const char *text, int64_t min, int64_t max, int64_t *out)
{
	if (!made_of(text, DIGITS, 15) || (text[0] == '0' && text[1] != '\0'))
		return false;
	*out = strtoll(text, NULL, 10);
	return *out >= min && *out <= max;
}
