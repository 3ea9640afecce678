/* The memory image of a program that has done its work and is about to end: are there keys in it? Linux's ptrace stops
 * a process in its exit, before its memory goes. */
#ifndef TESTS_IMAGE_H
#define TESTS_IMAGE_H

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define IMAGE_PIECE (1u << 20)

/* Watch this child's end. False where this user or kernel does not allow that: then there is nothing to test. Call it
 * late: a child that is watched stops at each signal until image_stop_at_exit. */
static inline bool
image_watch(pid_t pid)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)(uintptr_t)PTRACE_O_TRACEEXIT) == 0)
		return true;
	printf("skipped: memory image: ptrace: %s\n", strerror(errno));
	return false;
}

/* Wait until it is in its exit. */
static inline bool
image_stop_at_exit(pid_t pid)
{
	int status;

	for (;;) {
		if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
			return false;
		if (status >> 16 == PTRACE_EVENT_EXIT)
			return true;
		(void)ptrace(
		    PTRACE_CONT, pid, NULL, (void *)(uintptr_t)(status >> 16 == 0 ? WSTOPSIG(status) : 0));
	}
}

/* Let it go. */
static inline void
image_release(pid_t pid)
{
	(void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
}

/* How often the bytes stand in the stopped process's memory; -1 where it cannot be read. Says where. */
static inline long
image_count(pid_t pid, const void *bytes, size_t len, const char *what)
{
	static uint8_t piece[IMAGE_PIECE];
	char path[64], line[512], access[8];
	uint64_t start, end;
	long found = 0, read_bytes = 0;
	FILE *maps;
	int mem;

	(void)snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	maps = fopen(path, "re");
	(void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	if (maps == NULL || mem == -1)
		found = -1;
	while (found >= 0 && fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &start, &end, access) != 3 ||
		    access[0] != 'r')
			continue;
		/* Pieces overlap, so that nothing lies across two; where none can be read (vvar), go on. */
		for (uint64_t at = start; at + len <= end; at += IMAGE_PIECE - len + 1) {
			size_t want = end - at < IMAGE_PIECE ? (size_t)(end - at) : IMAGE_PIECE;
			ssize_t n = pread(mem, piece, want, (off_t)at);
			const uint8_t *hit = piece;

			if (n < (ssize_t)len)
				break;
			read_bytes += n;
			while ((hit = memmem(hit, (size_t)(piece + n - hit), bytes, len)) != NULL) {
				fprintf(stderr, "%s: in the memory image at %" PRIx64 ": %s", what,
				    at + (uint64_t)(hit - piece), line);
				found++;
				hit++;
			}
		}
	}
	if (maps != NULL)
		(void)fclose(maps);
	if (mem != -1)
		(void)close(mem);
	return read_bytes == 0 ? -1 : found;
}

/* A key of 32 bytes is nowhere, whole or by half. */
static inline bool
image_without_key(pid_t pid, const uint8_t *key, const char *what)
{
	return image_count(pid, key, 16, what) == 0 && image_count(pid, key + 16, 16, what) == 0;
}

#endif
