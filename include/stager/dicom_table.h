/* The DICOM data dictionary as the scrubber needs it: an attribute's value representation and what becomes of
 * it. */
#ifndef STAGER_DICOM_TABLE_H
#define STAGER_DICOM_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* Value representations (PS3.5 section 6.2) in the order of their letters; then those that depend on the
 * object. */
enum dicom_vr {
	VR_AE,
	VR_AS,
	VR_AT,
	VR_CS,
	VR_DA,
	VR_DS,
	VR_DT,
	VR_FD,
	VR_FL,
	VR_IS,
	VR_LO,
	VR_LT,
	VR_OB,
	VR_OD,
	VR_OF,
	VR_OL,
	VR_OV,
	VR_OW,
	VR_PN,
	VR_SH,
	VR_SL,
	VR_SQ,
	VR_SS,
	VR_ST,
	VR_SV,
	VR_TM,
	VR_UC,
	VR_UI,
	VR_UL,
	VR_UN,
	VR_UR,
	VR_US,
	VR_UT,
	VR_UV,
	VR_COUNT, /* from here on only in the dictionary */
	VR_OB_OW = VR_COUNT,
	VR_US_SS,
	VR_US_OW,
	VR_US_SS_OW,
};

enum dicom_action {
	DICOM_KEEP,   /* stays; a sequence is scrubbed inside */
	DICOM_REMOVE, /* X */
	DICOM_ZERO,   /* Z: zero length */
	DICOM_DUMMY,  /* D: a fixed value of its VR; a sequence keeps one item, all of it dummies */
	DICOM_UID,    /* U: a keyed UID under 2.25. */
	/* Only by a policy, never in the table. */
	DICOM_SHIFT,     /* a date, moved with its subject's */
	DICOM_ATTRIBUTE, /* of the subject, in its place */
	DICOM_APPLY,     /* the rule's action on each of the values */
};

struct dicom_attribute {
	uint32_t tag;        /* group << 16 | element */
	uint8_t vr;          /* enum dicom_vr */
	uint8_t max;         /* values at most; 0: no bound */
	uint8_t action;      /* enum dicom_action */
	const char *keyword; /* "PatientName" */
};

/* Sorted by tag. Generated: make_dicom_table.py. */
extern const struct dicom_attribute dicom_table[];
extern const size_t dicom_table_count;

/* The attribute with this tag, or NULL: then it is not one of the standard's, and leaves. */
const struct dicom_attribute *dicom_attribute(uint32_t tag);

#endif
