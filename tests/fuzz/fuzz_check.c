/* Fuzzes the second scan: any member of any kind, of a subject of whom much is known, and the tail of a long DICOM member in pieces. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "stager/check.h"
#include "stager/context.h"

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

#define SUBJECT "abcdefghijklmnopqrstuvwxyz"

/* One subject with a name, a number and an address. */
static struct check_known *
make_known(void)
{
	static const char body[] = "\0\0\0\0\0" /* days, attributes */
				   "\0\012De Vries 1"
				   "\1\011123456782"
				   "\2\013Lange Laan 1";
	struct err e;
	uint8_t digest[DIGEST_LEN];
	uint64_t subjects;
	int fd = memfd_create("context", MFD_CLOEXEC);
	struct context_maker *m = context_maker_new(fd, &e);
	struct check_known *k;
	struct context *c;

	if (m == NULL || context_add(m, SUBJECT, SUBJECT_GOOD, body, sizeof(body) - 1, &e) == -1 ||
	    context_finish(m, digest, &subjects, &e) == -1 || (c = context_open(fd, &e)) == NULL ||
	    (k = check_known_new(c)) == NULL)
		abort();
	context_maker_free(m);
	return k;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct check_known *known;
	static struct check_share *share;

	const char *reason = NULL;
	struct err e;
	int rc;

	if (known == NULL)
		known = make_known();
	if (share == NULL && (share = check_share_new()) == NULL)
		abort();
	if (size < 1)
		return 0;
	for (int rescan = RESCAN_TEXT; rescan <= RESCAN_XML; rescan++) {
		rc = check_member((enum rescan)rescan, data + 1, size - 1, &reason, &e);
		if (rc == -1 || rc != (reason != NULL))
			abort();
		if (rescan == RESCAN_DICOM && size > 1)
			in_pieces(data + 1, size - 1, reason);
		if (reason == NULL &&
		    check_known_member(known, (enum rescan)rescan, size % 2 == 0 ? SUBJECT : "x", data + 1,
			size - 1, &reason, &e) == -1)
			abort();
	}
	for (int rescan = RESCAN_CSV; rescan <= RESCAN_JSONL; rescan++)
		check_share_member(share, (enum rescan)rescan, data + 1, size - 1);
	if (data[0] % 16 == 0)
		(void)check_share_end(share);
	return 0;
}
