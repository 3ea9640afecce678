/* What doctor finds on the machine that tests run on, and how demands are read. */
#include <stdio.h>
#include <string.h>

#include "../stager/node/doctor.h"
#include "check.h"
#include "stager/memory.h"
#include "stager/sandbox.h"

static struct err e;

static void
test_demands(void)
{
	struct doctor d = {.lockable = 64u << 20, .ram = UINT64_C(8) << 30};
	static const char *const unknown[] = {"bogus", "landlock=1", "locked=", "locked=1x", "locked=-1",
	    "ram=1MM", "locked=99999999999999999999", "ram=99999999999999999G", "no-swap,bogus"};
	static const struct {
		const char *demands, *missing;
	} cases[] = {{"", ""}, {"landlock", ""}, {"no-swap", "no-swap"}, {"landlock,no-swap,,", "no-swap"},
	    {"locked=64M", ""}, {"locked=65537K", "locked=65537K"}, {"ram=8G,locked=1G", "locked=1G"},
	    {"no-swap,locked=1G", "no-swap,locked=1G"}};
	char missing[512], small[8], long_list[600];
	bool met;

	doctor_say(&d, "landlock", false, true, "ABI %d", 7);
	doctor_say(&d, "no-swap", false, false, "there is some");
	doctor_say(&d, "locked", false, true, "x");
	doctor_say(&d, "ram", false, true, "x");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_OK(doctor_check(&d, cases[i].demands, missing, sizeof(missing), &met, &e));
		CHECK(strcmp(missing, cases[i].missing) == 0 && met == (cases[i].missing[0] == '\0'));
	}
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		CHECK_ERR(doctor_check(&d, unknown[i], missing, sizeof(missing), &met, &e), ERR_USAGE);
	memset(long_list, ',', sizeof(long_list) - 1);
	long_list[sizeof(long_list) - 1] = '\0';
	CHECK_ERR(doctor_check(&d, long_list, missing, sizeof(missing), &met, &e), ERR_USAGE);
	/* A list that does not fit is cut, not written past its end. */
	CHECK_OK(doctor_check(&d, "no-swap,no-swap,no-swap", small, sizeof(small), &met, &e));
	CHECK(!met && strlen(small) < sizeof(small));
	/* What stager-node cannot do without is missed, asked for or not. */
	doctor_say(&d, "seccomp", true, false, "none");
	CHECK_OK(doctor_check(&d, "no-swap", missing, sizeof(missing), &met, &e));
	CHECK(!met && strcmp(missing, "seccomp,no-swap") == 0);
	/* More findings than there is room for are left out. */
	for (int i = 0; i < 2 * DOCTOR_FINDINGS_MAX; i++)
		doctor_say(&d, "more", false, true, "x");
	CHECK(d.count == DOCTOR_FINDINGS_MAX);
}

static void
test_reading(void)
{
	char text[DOCTOR_BYTES_LEN];
	bool kept;

	CHECK(strcmp(doctor_bytes(100, text), "100 bytes") == 0);
	CHECK(strcmp(doctor_bytes(UINT64_C(64) << 20, text), "64 MiB") == 0);
	CHECK(strcmp(doctor_bytes(UINT64_MAX, text), "16777215 TiB") == 0);
	CHECK(strstr(doctor_core_pattern("|/usr/lib/systemd/systemd-coredump %P", &kept), "program") && kept);
	CHECK(strstr(doctor_core_pattern("core", &kept), "files") && kept);
	CHECK(strstr(doctor_core_pattern("", &kept), "no core") && !kept);
	CHECK(memory_available() > 0);
}

static void
test_look(void)
{
	static const char *const names[] = {"kernel", "seccomp", "landlock", "locked", "memfd-secret", "ram",
	    "not-dumpable", "no-core", "no-swap", "no-hibernation", "hidepid", "ptrace-scope"};
	struct doctor d;

	doctor_look(&d);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CHECK(
		    doctor_finding(&d, names[i]) != NULL && doctor_finding(&d, names[i])->detail[0] != '\0');
	CHECK(doctor_finding(&d, "none") == NULL);
	CHECK(doctor_finding(&d, "seccomp")->has && doctor_finding(&d, "not-dumpable")->has);
	CHECK(d.lockable <= DOCTOR_LOCK_MAX && d.ram > 0);
}

int
main(void)
{
	sandbox_first();
	test_demands();
	test_reading();
	test_look();
	return check_done();
}
