/*
 * A scan for reading: each attribute that was kept, a line, up to the pixels, which are not shown. A walk of its own:
 * neither the reader's nor the second scan's.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stager/dicom_table.h"
#include "render.h"

#define PREAMBLE 128
#define DEPTH_MAX 40
#define VALUE_MAX 1024 /* bytes of a value that are shown */
#define NUMBERS_MAX 16
#define UNDEFINED UINT32_C(0xffffffff)
#define ITEM UINT32_C(0xfffee000)
#define ITEM_END UINT32_C(0xfffee00d)
#define SEQUENCE_END UINT32_C(0xfffee0dd)
#define PIXELS UINT32_C(0x7fe00010)
#define SYNTAX UINT32_C(0x00020010)

/* In the order of enum dicom_vr. */
static const char letters[] = "AEASATCSDADSDTFDFLISLOLTOBODOFOLOVOWPNSHSLSQSSSTSVTMUCUIULUNURUSUTUV";

struct walk {
	struct review_text *t;
	const uint8_t *s;
	size_t at, len;
	bool explicit_vr, big;
	bool ended; /* at the pixels, or where it cannot be followed */
	unsigned depth;
};

struct element {
	uint32_t tag, len;
	unsigned vr; /* enum dicom_vr; VR_COUNT: not known */
};

static uint32_t
number(const struct walk *w, const uint8_t *s, size_t bytes)
{
	uint32_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n |= (uint32_t)s[i] << 8 * (w->big ? bytes - 1 - i : i);
	return n;
}

static int
say(struct walk *w, const char *text, struct err *e)
{
	w->t->indent = 2 * (size_t)w->depth;
	return review_puts(w->t, text, e) == -1 ? -1 : review_end_line(w->t, e);
}

static int
lost(struct walk *w, struct err *e)
{
	char line[100];

	w->ended = true;
	(void)snprintf(line, sizeof(line), "[cannot be followed from byte %zu on: not shown]", w->at);
	return say(w, line, e);
}

static unsigned
vr_of(const uint8_t *two)
{
	for (unsigned i = 0; i < VR_COUNT; i++)
		if (two[0] == (uint8_t)letters[2 * i] && two[1] == (uint8_t)letters[2 * i + 1])
			return i;
	return VR_COUNT;
}

static bool
long_form(unsigned vr)
{
	static const uint8_t all[] = {
	    VR_OB, VR_OD, VR_OF, VR_OL, VR_OV, VR_OW, VR_SQ, VR_SV, VR_UC, VR_UN, VR_UR, VR_UT, VR_UV};

	return memchr(all, (int)vr, sizeof(all)) != NULL;
}

/* The next element's head: false where there is none whole. */
static bool
head(struct walk *w, struct element *el)
{
	const uint8_t *s = w->s + w->at;
	const struct dicom_attribute *known;

	if (w->len - w->at < 8)
		return false;
	*el = (struct element){.tag = number(w, s, 2) << 16 | number(w, s + 2, 2), .vr = VR_COUNT};
	if (!w->explicit_vr || el->tag >> 16 == 0xfffe) {
		el->len = number(w, s + 4, 4);
		known = dicom_attribute(el->tag);
		if (known != NULL && known->vr < VR_COUNT)
			el->vr = known->vr;
		w->at += 8;
		return true;
	}
	if ((el->vr = vr_of(s + 4)) == VR_COUNT)
		return false;
	if (!long_form(el->vr)) {
		el->len = number(w, s + 6, 2);
		w->at += 8;
		return true;
	}
	if (w->len - w->at < 12)
		return false;
	el->len = number(w, s + 8, 4);
	w->at += 12;
	return true;
}

static int
put_numbers(
    struct walk *w, const uint8_t *s, const struct element *el, size_t bytes, bool is_signed, struct err *e)
{
	char text[32];

	for (size_t i = 0; i < el->len / bytes && i < NUMBERS_MAX; i++) {
		uint32_t n = number(w, s + i * bytes, bytes);
		int64_t value =
		    is_signed ? (bytes == 2 ? (int64_t)(int16_t)n : (int64_t)(int32_t)n) : (int64_t)n;

		(void)snprintf(text, sizeof(text), "%s%" PRId64, i == 0 ? "" : "\\", value);
		if (review_puts(w->t, text, e) == -1)
			return -1;
	}
	return el->len / bytes > NUMBERS_MAX ? review_puts(w->t, " ...", e) : 0;
}

static int
put_floats(struct walk *w, const uint8_t *s, const struct element *el, size_t bytes, struct err *e)
{
	char text[48];

	for (size_t i = 0; i < el->len / bytes && i < NUMBERS_MAX; i++) {
		uint64_t low = number(w, s + i * bytes, 4),
			 high = bytes == 8 ? number(w, s + i * bytes + 4, 4) : 0;
		uint64_t both = w->big ? low << 32 | high : high << 32 | low;
		uint32_t single = (uint32_t)low;
		double value;
		float f;

		memcpy(&f, &single, sizeof(f));
		memcpy(&value, &both, sizeof(value));
		(void)snprintf(
		    text, sizeof(text), "%s%.9g", i == 0 ? "" : "\\", bytes == 8 ? value : (double)f);
		if (review_puts(w->t, text, e) == -1)
			return -1;
	}
	return el->len / bytes > NUMBERS_MAX ? review_puts(w->t, " ...", e) : 0;
}

static int
put_text(struct walk *w, const uint8_t *s, size_t len, struct err *e)
{
	size_t used, shown;

	while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\0'))
		len--;
	shown = len < VALUE_MAX ? len : VALUE_MAX;
	w->t->indent += 4;
	for (size_t i = 0; i < shown; i += used)
		if (review_put(w->t, render_code(s + i, len - i, &used), e) == -1)
			return -1;
	w->t->indent -= 4;
	return shown < len ? review_puts(w->t, " [cut here]", e) : 0;
}

/* What is neither text nor numbers: as text where it is printable from end to end, else its length. */
static int
put_bytes(struct walk *w, const uint8_t *s, const struct element *el, struct err *e)
{
	char text[64];

	for (size_t i = 0; i < el->len; i++) {
		if ((s[i] >= ' ' && s[i] != 0x7f) || s[i] == '\r' || s[i] == '\n' || s[i] == '\t' ||
		    (s[i] == '\0' && i + 1 == el->len))
			continue;
		(void)snprintf(text, sizeof(text), "[%" PRIu32 " bytes, not shown]", el->len);
		return review_puts(w->t, text, e);
	}
	return put_text(w, s, el->len, e);
}

static int
put_value(struct walk *w, const struct element *el, struct err *e)
{
	const uint8_t *s = w->s + w->at;

	switch (el->vr) {
	case VR_US:
	case VR_AT:
		return put_numbers(w, s, el, 2, false, e);
	case VR_SS:
		return put_numbers(w, s, el, 2, true, e);
	case VR_UL:
		return put_numbers(w, s, el, 4, false, e);
	case VR_SL:
		return put_numbers(w, s, el, 4, true, e);
	case VR_FL:
		return put_floats(w, s, el, 4, e);
	case VR_FD:
		return put_floats(w, s, el, 8, e);
	case VR_OB:
	case VR_OD:
	case VR_OF:
	case VR_OL:
	case VR_OV:
	case VR_OW:
	case VR_SV:
	case VR_UV:
	case VR_UN:
	case VR_COUNT:
		return put_bytes(w, s, el, e);
	default:
		return put_text(w, s, el->len, e);
	}
}

/* Of the file meta information, which the table of what is scrubbed has not. */
static const char *
meta_keyword(uint32_t tag)
{
	static const struct {
		uint32_t tag;
		const char *keyword;
	} all[] = {{0x00020000, "FileMetaInformationGroupLength"}, {0x00020001, "FileMetaInformationVersion"},
	    {0x00020002, "MediaStorageSOPClassUID"}, {0x00020003, "MediaStorageSOPInstanceUID"},
	    {SYNTAX, "TransferSyntaxUID"}, {0x00020012, "ImplementationClassUID"},
	    {0x00020013, "ImplementationVersionName"}};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].tag == tag)
			return all[i].keyword;
	return "?";
}

/* "(0010,0020) LO PatientID: " */
static int
put_name(struct walk *w, const struct element *el, struct err *e)
{
	const struct dicom_attribute *known = dicom_attribute(el->tag);
	char line[128];

	w->t->indent = 2 * (size_t)w->depth;
	(void)snprintf(line, sizeof(line), "(%04X,%04X) %.2s %s: ", (unsigned)(el->tag >> 16),
	    (unsigned)(el->tag & 0xffff), el->vr == VR_COUNT ? "--" : letters + (size_t)2 * el->vr,
	    known == NULL ? meta_keyword(el->tag) : known->keyword);
	return review_puts(w->t, line, e);
}

static int elements(struct walk *w, size_t end, bool delimited, struct err *e);

/* Items, to their end. */
static int
items(struct walk *w, const struct element *sequence, struct err *e)
{
	size_t end = sequence->len == UNDEFINED ? w->len : w->at + sequence->len;
	struct element el;
	char line[32];

	for (unsigned i = 1; w->at < end && !w->ended; i++) {
		if (!head(w, &el) || (el.tag != ITEM && el.tag != SEQUENCE_END) ||
		    (el.len != UNDEFINED && el.len > end - w->at))
			return lost(w, e);
		if (el.tag == SEQUENCE_END)
			return 0;
		(void)snprintf(line, sizeof(line), "item %u", i);
		w->depth++;
		if (say(w, line, e) == -1 ||
		    elements(w, el.len == UNDEFINED ? end : w->at + el.len, el.len == UNDEFINED, e) == -1)
			return -1;
		w->depth--;
	}
	return 0;
}

static int
element(struct walk *w, const struct element *el, size_t end, struct err *e)
{
	if (el->tag == PIXELS) {
		w->ended = true;
		return say(w, "[here are the pixels; they, and what stands behind them, are not shown]", e);
	}
	if (put_name(w, el, e) == -1)
		return -1;
	if (el->vr == VR_SQ || el->len == UNDEFINED) {
		if (review_end_line(w->t, e) == -1)
			return -1;
		if (w->depth >= DEPTH_MAX || (el->len != UNDEFINED && el->len > end - w->at))
			return lost(w, e);
		return items(w, el, e);
	}
	if (el->len > end - w->at)
		return review_end_line(w->t, e) == -1 ? -1 : lost(w, e);
	if (put_value(w, el, e) == -1)
		return -1;
	w->at += el->len;
	return review_end_line(w->t, e);
}

static int
elements(struct walk *w, size_t end, bool delimited, struct err *e)
{
	struct element el;

	while (w->at < end && !w->ended) {
		if (!head(w, &el))
			return lost(w, e);
		if (el.tag == ITEM_END && delimited)
			return 0;
		if (element(w, &el, end, e) == -1)
			return -1;
	}
	return 0;
}

/* The file meta information, always explicit and little endian; the syntax of what follows is in it. */
static int
meta(struct walk *w, struct err *e)
{
	bool explicit_vr = true, big = false;
	struct element el;

	while (w->len - w->at >= 8 && w->s[w->at] == 2 && w->s[w->at + 1] == 0 && !w->ended) {
		if (!head(w, &el))
			return lost(w, e);
		if (el.tag == SYNTAX && el.len <= w->len - w->at) {
			char uid[65] = "";

			memcpy(uid, w->s + w->at, el.len < sizeof(uid) - 1 ? el.len : sizeof(uid) - 1);
			uid[strcspn(uid, " ")] = '\0';
			explicit_vr = strcmp(uid, "1.2.840.10008.1.2") != 0;
			big = strcmp(uid, "1.2.840.10008.1.2.2") == 0;
		}
		if (element(w, &el, w->len, e) == -1)
			return -1;
	}
	w->explicit_vr = explicit_vr;
	w->big = big;
	return 0;
}

int
render_dicom(struct review_text *t, const uint8_t *data, size_t len, struct err *e)
{
	struct walk w = {.t = t, .s = data, .len = len, .at = PREAMBLE + 4, .explicit_vr = true};

	if (len < PREAMBLE + 4 || memcmp(data + PREAMBLE, "DICM", 4) != 0)
		return say(&w, "[this is no DICOM file: not shown]", e);
	if (meta(&w, e) == -1 || elements(&w, len, false, e) == -1)
		return -1;
	return w.ended ? 0 : say(&w, "[no pixels in what was read]", e);
}
