/* What the tests of DICOM share: a key, the last run, and a name that must not be found again. */
#ifndef TESTS_DICOM_CASE_H
#define TESTS_DICOM_CASE_H

#include "check.h"
#include "dicom_run.h"
#include "dicom_make.h"

#define CT "1.2.840.10008.5.1.4.1.1.2"

#define NAME "Planted^Geheim"

static struct pseudonym_key *key;
static struct dicom_run run;

/* 0, or the status to end with: 77 where no memory can be locked. */
static inline int
case_start(void)
{
	if (secret_start(&e) == -1 || (key = pseudonym_key_of(7, &e)) == NULL) {
		fprintf(stderr, "%s\n", e.text);
		return 77;
	}
	buf_init(&run.out, 1 << 24);
	return 0;
}

static inline int
case_end(void)
{
	buf_free(&run.out);
	pseudonym_key_free(key);
	return check_done();
}

#endif
