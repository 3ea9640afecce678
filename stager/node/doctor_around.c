/* What of the machine around us may see or keep our memory: read from /proc and /sys. */
#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"
#include "stager/io.h"

const char *
doctor_core_pattern(const char *pattern, bool *kept)
{
	*kept = pattern[0] != '\0';
	return pattern[0] == '|'    ? "cores go to a program"
	       : pattern[0] != '\0' ? "cores go to files"
				    : "no core is written";
}

static void
look_at_cores(struct doctor *d)
{
	char pattern[256];
	bool kept = true;
	const char *what = "not known";

	if (io_peek("/proc/sys/kernel/core_pattern", pattern, sizeof(pattern)) == 0)
		what = doctor_core_pattern(pattern, &kept);
	doctor_say(d, "no-core", false, !kept, "%s; none of stager-node, which is not dumpable", what);
}

/* A swap device by its name in /proc/swaps: in memory, or encrypted as far as the device mapper says. */
static bool
swap_is_sealed(const char *device)
{
	char path[128], uuid[64];
	const char *name = strrchr(device, '/');

	name = name == NULL ? device : name + 1;
	if (strncmp(name, "zram", 4) == 0)
		return true;
	(void)snprintf(path, sizeof(path), "/sys/block/%.40s/dm/uuid", name);
	return strncmp(name, "dm-", 3) == 0 && io_peek(path, uuid, sizeof(uuid)) == 0 &&
	       strncmp(uuid, "CRYPT-", 6) == 0;
}

static void
look_at_swap(struct doctor *d)
{
	char text[4096], *line, *rest = text;
	unsigned all = 0, plain = 0;

	if (io_peek("/proc/swaps", text, sizeof(text)) == -1) {
		doctor_say(d, "no-swap", false, true, "this kernel has none");
		return;
	}
	(void)strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n")) != NULL) {
		line[strcspn(line, " \t")] = '\0';
		if (*line == '\0')
			continue;
		all++;
		plain += swap_is_sealed(line) ? 0 : 1;
	}
	doctor_say(d, "no-swap", false, plain == 0, "%s",
	    all == 0     ? "there is none"
	    : plain == 0 ? "in memory or encrypted"
			 : "to a device that is not encrypted: plaintext could end there");
}

/* hidepid of the /proc that we see: others' processes are hidden, or not. */
static void
look_at_proc(struct doctor *d)
{
	char text[65536], scope[16], *at, *end;
	bool hidden = false;

	if (io_peek("/proc/mounts", text, sizeof(text)) == 0 && (at = strstr(text, " /proc proc ")) != NULL) {
		if ((end = strchr(at, '\n')) != NULL)
			*end = '\0';
		hidden = strstr(at, "hidepid=") != NULL && strstr(at, "hidepid=0") == NULL &&
			 strstr(at, "hidepid=off") == NULL;
	}
	doctor_say(d, "hidepid", false, hidden, "%s",
	    hidden ? "other users do not see our processes" : "other users see our command lines");
	if (io_peek("/proc/sys/kernel/yama/ptrace_scope", scope, sizeof(scope)) == -1)
		doctor_say(d, "ptrace-scope", false, false, "this kernel has no such limit");
	else
		doctor_say(d, "ptrace-scope", false, scope[0] != '0', "%.8s", scope);
}

static void
look_at_hibernation(struct doctor *d)
{
	char text[128];
	bool can = io_peek("/sys/power/state", text, sizeof(text)) == 0 && strstr(text, "disk") != NULL;

	doctor_say(d, "no-hibernation", false, !can, "%s",
	    can ? "this machine can write all its memory to disk" : "not possible here");
}

void
doctor_look_around(struct doctor *d)
{
	look_at_cores(d);
	look_at_swap(d);
	look_at_hibernation(d);
	look_at_proc(d);
}
