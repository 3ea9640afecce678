/* DICOM attributes by their names, for the policy. The reader itself is dicom_scrub (scrub.h). */
#ifndef STAGER_DICOM_H
#define STAGER_DICOM_H

#include <stdint.h>

#include "stager/err.h"

/*
 * The tag of a keyword of the data dictionary (PS3.6): "PatientAge" is 0x0010, 0x1010. Case counts. Repeating
 * groups (overlays, curves), file meta and directory elements are not known. 0, or -1 where there is no such
 * keyword.
 */
int dicom_keyword(const char *keyword, uint16_t *group, uint16_t *element) MUST_CHECK;

#endif
