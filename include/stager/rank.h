/*
 * The ranks of a job on one node, and the one gateway between them. stager/node/rank.c, keeper.c, rank_env.c.
 *
 * Below a folder that its user alone can read, one folder for each gateway:
 *   lock        held (flock) by whoever comes, starts the gateway, or ends it
 *   ranks       held shared by every rank for as long as its command runs; its length is how many have come
 *   alive       held by the keeper, the process that started the gateway, for as long as it lives
 *   ready.json  the gateway's own word that it serves, and how (gateway.h)
 *   ended       the gateway's exit status, once it has ended
 *   curl/       .curlrc and netrc, for CURL_HOME
 */
#ifndef STAGER_RANK_H
#define STAGER_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "stager/err.h"

struct json;

struct rank {
	char *path; /* of the folder */
	int folder;
	int ranks, alive; /* descriptors of the files; ranks is held shared */
	bool alone;       /* nobody joins: the folder goes when this rank leaves */
	struct json *ready;
};
#define RANK_NONE ((struct rank){.folder = -1, .ranks = -1, .alive = -1})

#define RANK_WORDS_MAX 200

/* What is to be started where nobody has started it yet. */
struct rank_gateway {
	char *const *argv; /* "stager-node", "gateway", its options */
	size_t argc;       /* words there are, at most RANK_WORDS_MAX */
	const char *join;  /* ranks of the same name share it; NULL: nobody shares */
	unsigned expected; /* how many ranks come on this node; 1 or more */
};

/*
 * Come: find the gateway of this node, or start it, and wait until it serves. Its own words went to stderr. -1 with the code
 * of the gateway's status where it could not start, or has ended before.
 */
int rank_join(struct rank *r, const struct rank_gateway *g, struct err *e) MUST_CHECK;
/* Does it still serve? False once it has ended; then *status is its exit status (1 where nobody knows). */
bool rank_served(const struct rank *r, int *status);
/* Leave. Where this rank is the last, wait until the gateway has ended and sent its receipt. Takes one that never came. */
void rank_leave(struct rank *r);

/*
 * The keeper's process: starts the gateway, holds `alive`, ends it when the last rank has left. path: of the folder. tell
 * gets a byte when the gateway is ready, or is closed. Has no other descriptors than these and 0 to 2. keeper.c
 */
_Noreturn void keeper_run(const char *path, int folder, const struct rank_gateway *g, int tell);

/* Variables of the environment for the command, and the files of CURL_HOME. rank_env.c */
int rank_env_files(const struct rank *r, struct err *e) MUST_CHECK;
int rank_env_set(const struct rank *r, struct err *e) MUST_CHECK;

#endif
