/* Fuzzes dicom_scrub: no crash, and what is written is scrubbed once more without being held. */
#include <stdint.h>

#include "../dicom_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static char subject[] = "PatientID";
	static const struct rule rule = {.format = FORMAT_DICOM, .subject = subject};
	static struct dicom_run run, again;
	static struct pseudonym_key *key;
	struct err e = {0};

	if (key == NULL) {
		if (secret_start(&e) == -1 || (key = pseudonym_key_of(0, &e)) == NULL)
			abort();
		buf_init(&run.out, (size_t)1 << 26);
		buf_init(&again.out, (size_t)1 << 26);
	}
	if (dicom_run(&run, &rule, key, data, len, &e) == -1)
		abort();
	if (run.reason[0] != '\0')
		return 0;
	if (dicom_run(&again, &rule, key, run.out.data, run.out.len, &e) == -1 || again.reason[0] != '\0')
		abort();
	return 0;
}
