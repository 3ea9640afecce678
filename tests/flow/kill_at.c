/*
 * A library to preload: kills the program at its STAGER_KILL_AT-th step that changes files (fsync, fdatasync, rename, unlink,
 * mkdir, open for writing, write), before the step is done. Without the variable it counts them and writes the count to
 * the file STAGER_KILL_COUNT at the end. Children of stager have an empty environment and are not touched.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static long count;

static void
step(void)
{
	const char *at = getenv("STAGER_KILL_AT");

	count++;
	if (at != NULL && count == strtol(at, NULL, 10))
		(void)kill(getpid(), SIGKILL);
}

__attribute__((destructor)) static void
report(void)
{
	const char *path = getenv("STAGER_KILL_COUNT");
	FILE *f = path == NULL ? NULL : fopen(path, "w");

	if (f != NULL) {
		(void)fprintf(f, "%ld\n", count);
		(void)fclose(f);
	}
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int
fsync(int fd)
{
	step();
	return REAL(fsync)(fd);
}

int
fdatasync(int fd)
{
	step();
	return REAL(fdatasync)(fd);
}

int
renameat(int from, const char *old, int to, const char *path)
{
	step();
	return REAL(renameat)(from, old, to, path);
}

int
unlink(const char *path)
{
	step();
	return REAL(unlink)(path);
}

int
unlinkat(int dir, const char *path, int flags)
{
	step();
	return REAL(unlinkat)(dir, path, flags);
}

int
mkdirat(int dir, const char *path, mode_t mode)
{
	step();
	return REAL(mkdirat)(dir, path, mode);
}

ssize_t
pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	step();
	return REAL(pwrite64)(fd, data, len, at);
}

ssize_t
write(int fd, const void *data, size_t len)
{
	step();
	return REAL(write)(fd, data, len);
}
