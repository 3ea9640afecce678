/* DICOM members in the second scan: a walk of its own over the dataset, up to the pixel data and past it. */
#include "stager/check.h"

#include <string.h>

#include "check_parts.h"

#define PREAMBLE 128
#define DEPTH_MAX 40
#define UNDEFINED UINT32_C(0xffffffff)
#define UID_PLACE 65
#define PSEUDONYM_CHARS 26

#define TAG(group, element) ((uint32_t)(group) << 16 | (element))
#define ITEM TAG(0xfffe, 0xe000)
#define ITEM_END TAG(0xfffe, 0xe00d)
#define SEQUENCE_END TAG(0xfffe, 0xe0dd)
#define PATIENT_ID TAG(0x0010, 0x0020)
#define IDENTITY_REMOVED TAG(0x0012, 0x0062)
#define VR(a, b) ((unsigned)(a) << 8 | (unsigned)(b))

/* What says most plainly who it is: these must be empty, or hold a dummy. Sorted. */
static const uint32_t identifying[] = {
    TAG(0x0008, 0x0050), /* AccessionNumber */
    TAG(0x0008, 0x0080), /* InstitutionName */
    TAG(0x0008, 0x0081), /* InstitutionAddress */
    TAG(0x0008, 0x0090), /* ReferringPhysicianName */
    TAG(0x0008, 0x0092), /* ReferringPhysicianAddress */
    TAG(0x0008, 0x0094), /* ReferringPhysicianTelephoneNumbers */
    TAG(0x0008, 0x009c), /* ConsultingPhysicianName */
    TAG(0x0008, 0x1040), /* InstitutionalDepartmentName */
    TAG(0x0008, 0x1048), /* PhysiciansOfRecord */
    TAG(0x0008, 0x1050), /* PerformingPhysicianName */
    TAG(0x0008, 0x1060), /* NameOfPhysiciansReadingStudy */
    TAG(0x0008, 0x1070), /* OperatorsName */
    TAG(0x0010, 0x0010), /* PatientName */
    TAG(0x0010, 0x0021), /* IssuerOfPatientID */
    TAG(0x0010, 0x0030), /* PatientBirthDate */
    TAG(0x0010, 0x0032), /* PatientBirthTime */
    TAG(0x0010, 0x1000), /* OtherPatientIDs */
    TAG(0x0010, 0x1001), /* OtherPatientNames */
    TAG(0x0010, 0x1005), /* PatientBirthName */
    TAG(0x0010, 0x1040), /* PatientAddress */
    TAG(0x0010, 0x1060), /* PatientMotherBirthName */
    TAG(0x0010, 0x1090), /* MedicalRecordLocator */
    TAG(0x0010, 0x2154), /* PatientTelephoneNumbers */
    TAG(0x0010, 0x2155), /* PatientTelecomInformation */
    TAG(0x0010, 0x2297), /* ResponsiblePerson */
    TAG(0x0010, 0x2299), /* ResponsibleOrganization */
    TAG(0x0010, 0x4000), /* PatientComments */
    TAG(0x0032, 0x1032), /* RequestingPhysician */
    TAG(0x0038, 0x0010), /* AdmissionID */
    TAG(0x0038, 0x0300), /* CurrentPatientLocation */
    TAG(0x0038, 0x0400), /* PatientInstitutionResidence */
    TAG(0x0040, 0x0006), /* ScheduledPerformingPhysicianName */
    TAG(0x0040, 0x2016), /* PlacerOrderNumberImagingServiceRequest */
    TAG(0x0040, 0x2017), /* FillerOrderNumberImagingServiceRequest */
    TAG(0x0040, 0xa075), /* VerifyingObserverName */
    TAG(0x0040, 0xa123), /* PersonName */
};

struct element {
	uint32_t tag, len;
	unsigned vr; /* 0: the syntax has none, or the tag */
};

struct walk {
	const uint8_t *s;
	size_t at, end;
	bool explicit_vr;
	bool big;       /* numbers, from the highest byte on */
	bool delimited; /* by an item delimiter, rather than at end */
	unsigned depth;
};

struct member {
	uint64_t size;  /* of the whole */
	size_t have;    /* of it in memory */
	bool fragments; /* the syntax puts pixel data in them */
	bool removed;   /* (0012,0062) YES was met */
	size_t pixels;  /* where the pixel data begin; 0: none yet */
	uint32_t pixels_len;
	const char *reason;
};

static bool
hold(struct member *m, const char *reason)
{
	m->reason = reason;
	return false;
}

static bool
broken(struct member *m)
{
	return hold(m, "check-dicom");
}

static unsigned
le16(const uint8_t *s)
{
	return (unsigned)s[0] | (unsigned)s[1] << 8;
}

static uint32_t
le32(const uint8_t *s)
{
	return (uint32_t)le16(s) | (uint32_t)le16(s + 2) << 16;
}

static unsigned
get16(const struct walk *w, const uint8_t *s)
{
	return w->big ? (unsigned)s[0] << 8 | (unsigned)s[1] : le16(s);
}

static uint32_t
get32(const struct walk *w, const uint8_t *s)
{
	return w->big ? (uint32_t)get16(w, s) << 16 | (uint32_t)get16(w, s + 2) : le32(s);
}

/* PS3.5 section 7.1.2: VRs with a length of 32 bits behind two reserved bytes. 0 known, 1 long, -1 none. */
static int
vr_form(unsigned vr)
{
	static const char all[] = "AEASATCSDADSDTFDFLISLOLTPNSHSLSSSTTMUIULUS";
	static const char longs[] = "OBODOFOLOVOWSQSVUCUNURUTUV";

	for (const char *p = all; *p != '\0'; p += 2)
		if (vr == VR(p[0], p[1]))
			return 0;
	for (const char *p = longs; *p != '\0'; p += 2)
		if (vr == VR(p[0], p[1]))
			return 1;
	return -1;
}

/* The next element's head. */
static bool
head(struct member *m, struct walk *w, struct element *el)
{
	const uint8_t *s = w->s + w->at;
	size_t size = 8;
	int form;

	if (w->end - w->at < size)
		return broken(m);
	*el = (struct element){.tag = TAG(get16(w, s), get16(w, s + 2)), .len = get32(w, s + 4)};
	if (w->explicit_vr && el->tag >> 16 != 0xfffe) {
		el->vr = VR(s[4], s[5]);
		if ((form = vr_form(el->vr)) == -1)
			return broken(m);
		el->len = get16(w, s + 6);
		if (form == 1) {
			size = 12;
			if (w->end - w->at < size || le16(s + 6) != 0)
				return broken(m);
			el->len = get32(w, s + 8);
		}
	}
	w->at += size;
	return true;
}

static bool
text_vr(unsigned vr)
{
	static const char texts[] = "AECSLOLTPNSHSTUCURUT";

	for (const char *p = texts; *p != '\0'; p += 2)
		if (vr == VR(p[0], p[1]))
			return true;
	return false;
}

/* Could it be text, where the syntax does not say? Numbers have control characters in them sooner or later. */
static bool
looks_like_text(const uint8_t *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] < 0x20 && s[i] != '\t' && s[i] != '\n' && s[i] != '\f' && s[i] != '\r' &&
		    s[i] != 0x1b)
			return false;
	return true;
}

static size_t
trim(const uint8_t **value, size_t len)
{
	while (len > 0 && ((*value)[len - 1] == ' ' || (*value)[len - 1] == '\0'))
		len--;
	for (; len > 0 && **value == ' '; len--)
		++*value;
	return len;
}

static bool
is_dummy(const uint8_t *value, size_t len)
{
	static const char *const dummies[] = {
	    "ANONYMIZED", "19000101", "19000101000000", "000000", "000Y", "0"};

	for (size_t i = 0; i < sizeof(dummies) / sizeof(dummies[0]); i++)
		if (strlen(dummies[i]) == len && memcmp(dummies[i], value, len) == 0)
			return true;
	return len == 0;
}

static bool
is_pseudonym(const uint8_t *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!(value[i] >= 'a' && value[i] <= 'z') && !(value[i] >= '2' && value[i] <= '7'))
			return false;
	return len == PSEUDONYM_CHARS || len == 0;
}

static bool
is_identifying(const struct element *el)
{
	/* Names of people, whatever they are called. */
	if (el->vr == VR('P', 'N'))
		return true;
	for (size_t i = 0; i < sizeof(identifying) / sizeof(identifying[0]); i++)
		if (identifying[i] == el->tag)
			return true;
	return false;
}

/* One value of defined length. */
static bool
value_ok(struct member *m, const struct walk *w, const struct element *el)
{
	const uint8_t *value = w->s + w->at;
	size_t len = trim(&value, el->len);
	struct check_text t = {.s = value, .len = len, .quote = '"'};
	const char *reason;

	if (el->tag == PATIENT_ID && !is_pseudonym(value, len) && !is_dummy(value, len))
		return hold(m, "check-dicom-tag");
	if (is_identifying(el) && !is_dummy(value, len))
		return hold(m, "check-dicom-tag");
	if (el->tag == IDENTITY_REMOVED && w->depth == 0)
		m->removed = len == 3 && memcmp(value, "YES", 3) == 0;
	if (el->vr == 0 ? !looks_like_text(value, len) : !text_vr(el->vr))
		return true;
	reason = check_numbers(&t, CHECK_IBAN);
	if (reason == NULL)
		reason = check_emails(&t);
	return reason == NULL || hold(m, reason);
}

static bool dataset(struct member *m, struct walk *w);

/* The items of a sequence. */
static bool
sequence(struct member *m, struct walk *w, const struct element *el, bool explicit_vr)
{
	struct walk items = *w, item;
	bool delimited = el->len == UNDEFINED;
	struct element mark;

	if (w->depth >= DEPTH_MAX)
		return broken(m);
	items.explicit_vr = explicit_vr;
	items.big = w->big && explicit_vr;
	if (!delimited)
		items.end = w->at + el->len;
	while (delimited || items.at < items.end) {
		if (!head(m, &items, &mark))
			return false;
		if (delimited && mark.tag == SEQUENCE_END && mark.len == 0)
			break;
		if (mark.tag != ITEM || (mark.len != UNDEFINED && mark.len > items.end - items.at))
			return broken(m);
		item = items;
		item.depth++;
		item.delimited = mark.len == UNDEFINED;
		if (!item.delimited)
			item.end = items.at + mark.len;
		if (!dataset(m, &item))
			return false;
		items.at = item.at;
	}
	w->at = items.at;
	return true;
}

static bool
is_pixels(uint32_t tag)
{
	/* PixelData, FloatPixelData, DoubleFloatPixelData */
	return tag == TAG(0x7fe0, 0x0010) || tag == TAG(0x7fe0, 0x0008) || tag == TAG(0x7fe0, 0x0009);
}

/* Which elements may not be there at all. */
static const char *
forbidden(uint32_t tag)
{
	unsigned group = tag >> 16, element = tag & 0xffff;

	if (group % 2 != 0)
		return "check-private-tag";
	/* Curves; what is drawn or written over the image. */
	if ((group & 0xff00) == 0x5000 ||
	    ((group & 0xff00) == 0x6000 && (element == 0x3000 || element == 0x4000)))
		return "check-dicom-tag";
	return NULL;
}

/* One element whose head has been read. */
static bool
element(struct member *m, struct walk *w, const struct element *el)
{
	const char *reason = forbidden(el->tag);
	bool unsaid = el->vr == 0 || el->vr == VR('U', 'N'); /* what kind of value it is */

	if (reason != NULL)
		return hold(m, reason);
	/* PS3.5 section 6.2.2: of UN all that is inside is implicit, and little endian. */
	if (el->vr == VR('S', 'Q') || (unsaid && el->len == UNDEFINED)) {
		if (el->len != UNDEFINED && el->len > w->end - w->at)
			return broken(m);
		return sequence(m, w, el, el->vr == VR('S', 'Q') && w->explicit_vr);
	}
	if (el->len == UNDEFINED || el->len > w->end - w->at)
		return broken(m);
	if (unsaid && el->len >= 8 && le32(w->s + w->at) == UINT32_C(0xe000fffe))
		return sequence(m, w, el, false);
	if (!value_ok(m, w, el))
		return false;
	w->at += el->len;
	return true;
}

static bool
dataset(struct member *m, struct walk *w)
{
	struct element el;
	uint32_t last = 0;

	while (w->delimited || w->at < w->end) {
		if (!head(m, w, &el))
			return false;
		if (w->delimited && el.tag == ITEM_END && el.len == 0)
			return true;
		/* In order, each once: a second value would be one that other readers see. */
		if (el.tag >> 16 == 0xfffe || el.tag >> 16 < 0x0004 || el.tag <= last)
			return broken(m);
		last = el.tag;
		if (w->depth == 0 && is_pixels(el.tag)) {
			m->pixels = w->at;
			m->pixels_len = el.len;
			return true;
		}
		if (!element(m, w, &el))
			return false;
	}
	return true;
}

/* Preamble and file meta information: only what is needed, and nothing that says where the file was. */
static bool
meta(struct member *m, struct walk *w)
{
	static const char base[] = "1.2.840.10008.1.2";
	char uid[UID_PLACE] = "";
	const char *rest;
	struct element el;

	if (w->end < PREAMBLE + 4 || memcmp(w->s + PREAMBLE, "DICM", 4) != 0)
		return broken(m);
	for (size_t i = 0; i < PREAMBLE; i++)
		if (w->s[i] != 0)
			return broken(m);
	w->at = PREAMBLE + 4;
	w->explicit_vr = true;
	while (w->end - w->at >= 4 && le16(w->s + w->at) == 0x0002) {
		if (!head(m, w, &el))
			return false;
		if (el.len > w->end - w->at)
			return broken(m);
		switch (el.tag & 0xffff) {
		case 0x0010:
			if (el.len >= sizeof(uid))
				return broken(m);
			memcpy(uid, w->s + w->at, el.len);
			uid[el.len] = '\0';
			break;
		case 0x0000:
		case 0x0001:
		case 0x0002:
		case 0x0003:
		case 0x0012:
		case 0x0013:
			break;
		default:
			return hold(m, "check-dicom-tag");
		}
		w->at += el.len;
	}
	if (strncmp(uid, base, sizeof(base) - 1) != 0)
		return broken(m);
	rest = uid + sizeof(base) - 1;
	w->explicit_vr = rest[0] != '\0';
	w->big = strcmp(rest, ".2") == 0;
	m->fragments = strncmp(rest, ".4.", 3) == 0 || strcmp(rest, ".5") == 0 || strcmp(rest, ".1.98") == 0;
	/* Deflated datasets among others are not read here, and so do not leave. */
	return m->fragments || rest[0] == '\0' || strcmp(rest, ".1") == 0 || w->big || broken(m);
}

int
check_dicom_head(const uint8_t *data, size_t len, uint64_t size, size_t *used, struct check_tail *tail,
    const char **reason)
{
	struct member m = {.size = size, .have = len};
	struct walk w = {.s = data, .end = len};

	*tail = (struct check_tail){0};
	*used = 0;
	if (!meta(&m, &w) || !dataset(&m, &w))
		goto held;
	if (m.pixels == 0) {
		/* Without pixel data it must end in what was walked. */
		if (size != len && !broken(&m))
			goto held;
		*used = len;
	} else {
		*used = m.pixels;
		tail->fragments = m.pixels_len == UNDEFINED;
		if (tail->fragments ? !m.fragments : m.pixels_len != size - m.pixels) {
			(void)broken(&m);
			goto held;
		}
		tail->plain = tail->fragments ? 0 : m.pixels_len;
	}
	if (m.removed)
		return 0;
	(void)broken(&m);
held:
	*reason = m.reason;
	return 1;
}

bool
check_tail_feed(struct check_tail *tail, const uint8_t *data, size_t len)
{
	size_t step;
	uint32_t item;

	while (len > 0 && !tail->broken) {
		if (tail->plain > 0) {
			step = len < tail->plain ? len : (size_t)tail->plain;
			tail->plain -= step;
		} else if (tail->fragments && !tail->delimited) {
			step = sizeof(tail->mark) - tail->mark_len;
			step = len < step ? len : step;
			memcpy(tail->mark + tail->mark_len, data, step);
			tail->mark_len += step;
			if (tail->mark_len == sizeof(tail->mark)) {
				tail->mark_len = 0;
				item = TAG(le16(tail->mark), le16(tail->mark + 2));
				tail->plain = le32(tail->mark + 4);
				tail->delimited = item == SEQUENCE_END && tail->plain == 0;
				tail->broken = !tail->delimited && (item != ITEM || tail->plain == UNDEFINED);
			}
		} else {
			tail->broken = true;
			step = len;
		}
		data += step;
		len -= step;
	}
	return !tail->broken;
}

bool
check_tail_end(const struct check_tail *tail)
{
	return !tail->broken && tail->plain == 0 && (!tail->fragments || tail->delimited);
}
