/* A folder as an endpoint: what dir.c and dir_walk.c share. */
#ifndef STREAM_DIR_H
#define STREAM_DIR_H

#include <sys/stat.h>

#include "ops.h"

/* An object's temporary name ends with a tilde, which no object's name has, and a random number. */
#define DIR_TEMP_RANDOM 8
#define DIR_TEMP_MAX (ENDPOINT_NAME_MAX + 2 + 2 * DIR_TEMP_RANDOM)

struct dir {
	struct endpoint p;
	int fd;
	mode_t mode; /* of the folder: what is put may be read by whom the folder may be */
};

/* -1 with what errno says, for the one above: may it pass, is it a no. */
int dir_fault(struct attempt *a, struct err *e, const char *name, const char *step);
/*
 * Open the folder that name stands in, part by part, no symbolic link among them. make: those that are not there.
 * The descriptor, or -1; *last: the part after the last slash.
 */
int dir_folder(struct dir *d, const char *name, bool make, const char **last, struct attempt *a,
    struct err *e) MUST_CHECK;
/* The time of change with the time of writing: nobody can put the former back. */
void dir_info(const struct stat *st, struct endpoint_info *out);

/* dir_walk.c */
int dir_list(struct endpoint *p, const char *prefix, char **next,
    int (*each)(void *ctx, const char *name, const struct endpoint_info *info, struct err *e), void *ctx,
    struct attempt *a, struct err *e);
int dir_clean(
    struct endpoint *p, const char *prefix, bool all, uint64_t *count, struct attempt *a, struct err *e);

#endif
