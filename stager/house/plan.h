/* What a push will read: the files of its sources, in order, and whether they stayed as they were.
 * stager/house/plan.c. */
#ifndef STAGER_HOUSE_PLAN_H
#define STAGER_HOUSE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "stager/digest.h"
#include "stager/err.h"

#define PLAN_FILES_MAX 1000000
#define PLAN_DEPTH_MAX 64
#define SEALED_END ".c4gh"

struct plan_file {
	char *path;    /* relative to its source */
	char *name;    /* the same as the policy's rules see it: of a sealed file without SEALED_END */
	bool sealed;   /* by its name */
	char *prefix;  /* of an archive: folder before its members' names, "" for a source that is an archive
			  itself; else NULL */
	size_t source; /* which one */
	size_t
	    number; /* its place among all files of the sources by name, from 1, by which messages name it */
	uint64_t size;
	uint64_t device, inode;
	struct timespec changed, modified;
};

struct plan {
	struct plan_file *files; /* sorted by name */
	size_t count, cap;
	uint64_t bytes;
	bool borrowed; /* part of another plan, to which names and descriptors belong */
	int *roots;    /* a descriptor a source: of the folder, or of the folder that the file stands in */
	size_t root_count;
};

/*
 * Walk the sources without following a link. Links, devices, sockets and pipes are refused (ERR_INPUT), as in
 * archives; so are two files of one name and names that archives could not have. house: its absolute path; a source in it or around it is ERR_REFUSED; NULL: there is no house. Caller frees with plan_free.
 */
struct plan *plan_make(const char *const *sources, size_t count, const char *house, struct err *e) MUST_CHECK;
struct helper;
/* File i, as it stands, to a stager-scrub that reads sources without a policy (suggest, names). files.c */
int plan_give(const struct plan *p, size_t i, struct helper *scrub, struct err *e) MUST_CHECK;
void plan_free(struct plan *p);
/* Those files that wanted (one for each) says. It lives as long as p. NULL with e set. */
struct plan *plan_part(const struct plan *p, const bool *wanted, struct err *e) MUST_CHECK;
/* Open file i; ERR_INPUT where it is another than when the plan was made. */
int plan_open(const struct plan *p, size_t i, struct err *e) MUST_CHECK;
/* SHA-256 over names, sizes and times. */
void plan_fingerprint(const struct plan *p, uint8_t out[static DIGEST_LEN]);
/* 0 where every file still is what it was; ERR_INPUT ("changed while it was read"). */
int plan_check(const struct plan *p, struct err *e) MUST_CHECK;

#endif
