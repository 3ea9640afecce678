/* Which transfer syntaxes the DICOM reader takes, and which SOP classes the Basic Profile can clean. */
#include "dicom_parts.h"

#include <string.h>

static enum dicom_codec
codec_of(const char *rest)
{
	if (strcmp(rest, ".5") == 0)
		return DICOM_CODEC_RLE;
	if (strcmp(rest, ".1.98") == 0)
		return DICOM_CODEC_PLAIN;
	if (strncmp(rest, ".4.", 3) != 0)
		return DICOM_CODEC_OTHER;
	rest += 3;
	if (rest[0] >= '5' && rest[0] <= '8' && rest[1] != '\0' && rest[2] == '\0')
		return DICOM_CODEC_JPEG;
	if ((rest[0] == '9' && rest[1] != '\0') || strncmp(rest, "20", 2) == 0)
		return DICOM_CODEC_J2K;
	return DICOM_CODEC_OTHER;
}

/* PS3.6 annex A. What is not here is held; so is what keeps its pixels elsewhere (JPIP, SMPTE). */
struct dicom_transfer
dicom_transfer(const char *uid)
{
	static const char prefix[] = "1.2.840.10008.1.2";
	/* Below the prefix: JPEG, JPEG-LS, JPEG 2000, MPEG, HEVC, JPEG XL, HTJ2K, RLE, uncompressed
	 * fragments. */
	static const char *const encapsulated[] = {".4.50", ".4.51", ".4.52", ".4.53", ".4.54", ".4.55",
	    ".4.56", ".4.57", ".4.58", ".4.59", ".4.60", ".4.61", ".4.62", ".4.63", ".4.64", ".4.65", ".4.66",
	    ".4.70", ".4.80", ".4.81", ".4.90", ".4.91", ".4.92", ".4.93", ".4.100", ".4.100.1", ".4.101",
	    ".4.101.1", ".4.102", ".4.102.1", ".4.103", ".4.103.1", ".4.104", ".4.104.1", ".4.105",
	    ".4.105.1", ".4.106", ".4.106.1", ".4.107", ".4.108", ".4.110", ".4.111", ".4.112", ".4.201",
	    ".4.202", ".4.203", ".5", ".1.98"};
	struct dicom_transfer transfer = {.hold = "dicom-syntax"};
	size_t known = sizeof(encapsulated) / sizeof(encapsulated[0]);
	const char *rest;

	if (strncmp(uid, prefix, sizeof(prefix) - 1) != 0)
		return transfer;
	rest = uid + sizeof(prefix) - 1;
	if (strcmp(rest, "") == 0)
		return (struct dicom_transfer){0};
	if (strcmp(rest, ".1") == 0)
		return (struct dicom_transfer){.syntax = {.explicit_vr = true}};
	if (strcmp(rest, ".2") == 0)
		return (struct dicom_transfer){.syntax = {.explicit_vr = true, .big = true}};
	if (strcmp(rest, ".1.99") == 0)
		return (struct dicom_transfer){.hold = "dicom-deflated"};
	for (size_t i = 0; i < known; i++)
		if (strcmp(rest, encapsulated[i]) == 0)
			return (struct dicom_transfer){.syntax = {.explicit_vr = true, .encapsulated = true},
			    .codec = codec_of(rest),
			    .several = strcmp(rest, ".4.92") == 0 || strcmp(rest, ".4.93") == 0};
	return transfer;
}

/*
 * PS3.4 annex B.5, below 1.2.840.10008.5.1.4.1.1. Not here, and so held: structured reports, encapsulated
 * documents, presentation states, waveforms (their annotations and sound are text and voice), raw data,
 * treatment records, protocols, directories, private classes.
 */
enum dicom_class
dicom_class(const char *uid)
{
	static const char prefix[] = "1.2.840.10008.5.1.4.1.1.";
	static const struct {
		const char *rest;
		enum dicom_class class;
	} known[] = {
	    {"1", DICOM_CLASS_PASS},   /* CR */
	    {"1.1", DICOM_CLASS_PASS}, /* digital X-ray, for presentation; for processing */
	    {"1.1.1", DICOM_CLASS_PASS},
	    {"1.2", DICOM_CLASS_PASS}, /* mammography */
	    {"1.2.1", DICOM_CLASS_PASS},
	    {"1.3", DICOM_CLASS_PASS}, /* intra-oral */
	    {"1.3.1", DICOM_CLASS_PASS},
	    {"2", DICOM_CLASS_PASS}, /* CT; enhanced; converted */
	    {"2.1", DICOM_CLASS_PASS},
	    {"2.2", DICOM_CLASS_PASS},
	    {"3", DICOM_CLASS_CAPTURE}, /* ultrasound, multi-frame */
	    {"3.1", DICOM_CLASS_CAPTURE},
	    {"4", DICOM_CLASS_PASS}, /* MR; enhanced; spectroscopy; colour; converted */
	    {"4.1", DICOM_CLASS_PASS},
	    {"4.2", DICOM_CLASS_PASS},
	    {"4.3", DICOM_CLASS_PASS},
	    {"4.4", DICOM_CLASS_PASS},
	    {"5", DICOM_CLASS_PASS},    /* nuclear medicine, retired */
	    {"6", DICOM_CLASS_CAPTURE}, /* ultrasound */
	    {"6.1", DICOM_CLASS_CAPTURE},
	    {"6.2", DICOM_CLASS_CAPTURE},
	    {"7", DICOM_CLASS_CAPTURE}, /* secondary capture and its multi-frame kin */
	    {"7.1", DICOM_CLASS_CAPTURE},
	    {"7.2", DICOM_CLASS_CAPTURE},
	    {"7.3", DICOM_CLASS_CAPTURE},
	    {"7.4", DICOM_CLASS_CAPTURE},
	    {"12.1", DICOM_CLASS_PASS}, /* XA; XRF */
	    {"12.1.1", DICOM_CLASS_PASS},
	    {"12.2", DICOM_CLASS_PASS},
	    {"12.2.1", DICOM_CLASS_PASS},
	    {"12.3", DICOM_CLASS_PASS},
	    {"13.1.1", DICOM_CLASS_PASS}, /* X-ray 3D; craniofacial; tomosynthesis */
	    {"13.1.2", DICOM_CLASS_PASS},
	    {"13.1.3", DICOM_CLASS_PASS},
	    {"13.1.4", DICOM_CLASS_PASS},
	    {"13.1.5", DICOM_CLASS_PASS},
	    {"14.1", DICOM_CLASS_PASS}, /* intravascular OCT */
	    {"14.2", DICOM_CLASS_PASS},
	    {"20", DICOM_CLASS_PASS},   /* nuclear medicine */
	    {"30", DICOM_CLASS_PASS},   /* parametric map */
	    {"66.1", DICOM_CLASS_PASS}, /* registration; segmentation */
	    {"66.3", DICOM_CLASS_PASS},
	    {"66.4", DICOM_CLASS_PASS},
	    {"77.1.1", DICOM_CLASS_PASS}, /* endoscopy, microscopy */
	    {"77.1.1.1", DICOM_CLASS_PASS},
	    {"77.1.2", DICOM_CLASS_PASS},
	    {"77.1.2.1", DICOM_CLASS_PASS},
	    {"77.1.3", DICOM_CLASS_PASS},
	    {"77.1.4", DICOM_CLASS_PERSON}, /* photographs, video */
	    {"77.1.4.1", DICOM_CLASS_PERSON},
	    {"77.1.5.1", DICOM_CLASS_PASS}, /* ophthalmic */
	    {"77.1.5.2", DICOM_CLASS_PASS},
	    {"77.1.5.4", DICOM_CLASS_PASS},
	    {"77.1.5.5", DICOM_CLASS_PASS},
	    {"77.1.5.6", DICOM_CLASS_PASS},
	    {"77.1.5.7", DICOM_CLASS_PASS},
	    {"77.1.6", DICOM_CLASS_PASS},   /* whole slide */
	    {"77.1.7", DICOM_CLASS_PERSON}, /* dermoscopy */
	    {"81.1", DICOM_CLASS_PASS},     /* ophthalmic thickness map, corneal topography */
	    {"82.1", DICOM_CLASS_PASS},
	    {"128", DICOM_CLASS_PASS}, /* PET; converted; enhanced */
	    {"128.1", DICOM_CLASS_PASS},
	    {"130", DICOM_CLASS_PASS},
	    {"481.1", DICOM_CLASS_PASS}, /* RT image, dose, structure set, plan, ion plan */
	    {"481.2", DICOM_CLASS_PASS},
	    {"481.3", DICOM_CLASS_PASS},
	    {"481.5", DICOM_CLASS_PASS},
	    {"481.8", DICOM_CLASS_PASS},
	};

	if (strncmp(uid, prefix, sizeof(prefix) - 1) != 0)
		return DICOM_CLASS_NO;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(uid + sizeof(prefix) - 1, known[i].rest) == 0)
			return known[i].class;
	return DICOM_CLASS_NO;
}
