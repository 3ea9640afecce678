/* How much memory a push may come to, all its programs together, and what of it may wait for its turn. */
#include "pipeline_run.h"
#include "stager/ahead.h"

#define MIB (UINT64_C(1) << 20)

/*
 * Resident memory, in MiB, as tests/bench/memory.sh measures it; beside it come the context, some 200 bytes a subject, and the report.
 * It is added up from what a push comes to at most: the unit whose turn it is may take whatever its files need.
 */
#define PUSH_MAX 512
#define FIXED 40      /* stager, stager-key, stager-open, stager-log and one stager-seal */
#define SEAL 9        /* each more */
#define FIRST_MAX 282 /* the scrub and the check of the unit whose turn it is: a DICOM file of 256 MiB */
#define UNIT 14       /* those of any other, with small files */
#define WAITING_UNIT \
	64 /* more gains nothing: with n units at once, n - 1 are halfway through, taken all together */
#define FILE_MAX 64

/* What is left beside all that, for what waits and for larger files in units before their turn. */
static uint64_t
spare(const struct pipeline *p)
{
	const uint64_t taken = FIXED + SEAL * (p->set_count - 1) + FIRST_MAX + (uint64_t)UNIT * (p->jobs - 1);

	return taken < PUSH_MAX ? PUSH_MAX - taken : 0;
}

uint64_t
pipeline_waiting_max(const struct pipeline *p)
{
	const uint64_t most = (uint64_t)WAITING_UNIT * (p->jobs - 1);
	uint64_t waiting = spare(p) / 2;

	if (waiting > most)
		waiting = most;
	return waiting * MIB / p->set_count;
}

uint64_t
pipeline_file_max(const struct pipeline *p)
{
	const uint64_t each = p->jobs > 1 ? spare(p) / 2 / (p->jobs - 1) : FILE_MAX;

	return (each < FILE_MAX ? each : FILE_MAX) * MIB;
}
