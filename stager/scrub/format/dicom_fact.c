/* The values of the outermost dataset by which a DICOM file is judged as a whole. */
#include "dicom_parts.h"

enum dicom_fact
dicom_fact_of(uint32_t tag)
{
	static const uint32_t tags[FACT_COUNT] = {
	    [FACT_IMAGE_TYPE] = DICOM_TAG(0x0008, 0x0008),
	    [FACT_SOP_CLASS] = DICOM_TAG(0x0008, 0x0016),
	    [FACT_SOP_INSTANCE] = DICOM_TAG(0x0008, 0x0018),
	    [FACT_MODALITY] = DICOM_TAG(0x0008, 0x0060),
	    [FACT_CONVERSION_TYPE] = DICOM_TAG(0x0008, 0x0064),
	    [FACT_SERIES_DESCRIPTION] = DICOM_TAG(0x0008, 0x103e),
	    [FACT_PATIENT_ID] = DICOM_TAG(0x0010, 0x0020),
	    [FACT_BURNED_IN] = DICOM_TAG(0x0028, 0x0301),
	    [FACT_RECOGNIZABLE] = DICOM_TAG(0x0028, 0x0302),
	};

	for (unsigned i = 0; i < FACT_COUNT; i++)
		if (tags[i] == tag && tag != 0)
			return (enum dicom_fact)i;
	/* Secondary capture and hardcopy devices, PS3.3 section C.8.6.1. */
	if (tag >= DICOM_TAG(0x0018, 0x1010) && tag <= DICOM_TAG(0x0018, 0x101b))
		return FACT_CAPTURE_DEVICE;
	return FACT_COUNT;
}

void
dicom_fact_note(struct dicom *d, const struct dicom_element *el, const uint8_t *value)
{
	enum dicom_fact fact = dicom_fact_of(el->tag);

	if (fact == FACT_COUNT || el->len == DICOM_UNDEFINED || d->fact[fact].len > 0)
		return;
	d->fact[fact] = dicom_trim(value, el->len);
}
