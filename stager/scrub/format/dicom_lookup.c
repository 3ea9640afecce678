/* Finding a DICOM attribute by its tag or its keyword. */
#include "stager/dicom_table.h"

#include <string.h>

#include "stager/dicom.h"

const struct dicom_attribute *
dicom_attribute(uint32_t tag)
{
	size_t low = 0, high = dicom_table_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (dicom_table[middle].tag == tag)
			return &dicom_table[middle];
		if (dicom_table[middle].tag < tag)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

int
dicom_keyword(const char *keyword, uint16_t *group, uint16_t *element)
{
	for (size_t i = 0; i < dicom_table_count; i++) {
		if (strcmp(dicom_table[i].keyword, keyword) != 0)
			continue;
		*group = (uint16_t)(dicom_table[i].tag >> 16);
		*element = (uint16_t)dicom_table[i].tag;
		return 0;
	}
	return -1;
}
