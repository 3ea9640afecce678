/* How much memory this process may still have, read from /proc and /sys; and wiping it. */
#include "stager/memory.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stager/io.h"

/* cgroup v2: the least that this group's limit, or one's above it, leaves. */
static uint64_t
cgroup_leaves(void)
{
	char group[1024], path[1200], text[64];
	uint64_t least = UINT64_MAX, most, used;
	char *slash;

	if (io_peek("/proc/self/cgroup", group, sizeof(group)) == -1 || strncmp(group, "0::/", 4) != 0)
		return least;
	group[strcspn(group, "\n")] = '\0';
	for (;;) {
		(void)snprintf(path, sizeof(path), "/sys/fs/cgroup%.900s/memory.max", group + 3);
		if (io_peek(path, text, sizeof(text)) == 0 && isdigit((unsigned char)text[0])) {
			most = strtoull(text, NULL, 10);
			(void)snprintf(path, sizeof(path), "/sys/fs/cgroup%.900s/memory.current", group + 3);
			used = io_peek(path, text, sizeof(text)) == 0 ? strtoull(text, NULL, 10) : 0;
			if (most > used && most - used < least)
				least = most - used;
			if (most <= used)
				least = 0;
		}
		if ((slash = strrchr(group + 3, '/')) == NULL || slash == group + 3)
			return least;
		*slash = '\0';
	}
}

uint64_t
memory_available(void)
{
	uint64_t machine = 0, group = cgroup_leaves();
	char text[4096];
	const char *at;

	if (io_peek("/proc/meminfo", text, sizeof(text)) == 0 && (at = strstr(text, "MemAvailable:")) != NULL)
		machine = strtoull(at + 13, NULL, 10) * 1024;
	return group < machine ? group : machine;
}

void
memory_wipe_free(void *data, size_t len)
{
	if (data != NULL)
		explicit_bzero(data, len);
	free(data);
}
