/* Fuzzes the second scan: any member of any kind, and the tail of a long DICOM member in pieces. */
#include <stdlib.h>
#include <string.h>

#include "stager/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A DICOM member is judged the same whole and with its tail in small pieces. */
static void
in_pieces(const uint8_t *data, size_t size, const char *whole)
{
	const char *reason = NULL;
	struct check_tail tail;
	size_t used = 0;
	int clean = 0;

	if (check_dicom_head(data, size, size, &used, &tail, &reason) == 0) {
		clean = 1;
		for (size_t at = used; at < size && clean; at += 3)
			clean = check_tail_feed(&tail, data + at, size - at < 3 ? size - at : 3);
		clean = clean && check_tail_end(&tail);
	}
	if (clean != (whole == NULL))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *reason = NULL;
	struct err e;
	int rc;

	if (size < 1)
		return 0;
	for (int rescan = RESCAN_TEXT; rescan <= RESCAN_DICOM; rescan++) {
		rc = check_member((enum rescan)rescan, data + 1, size - 1, &reason, &e);
		if (rc == -1 || rc != (reason != NULL))
			abort();
		if (rescan == RESCAN_DICOM && size > 1)
			in_pieces(data + 1, size - 1, reason);
	}
	return 0;
}
