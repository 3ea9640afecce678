/* stager-node's command line, and what its commands write. */
#ifndef ROLES_NODE_H
#define ROLES_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/node.h"

enum node_command {
	NODE_KEYGEN,
	NODE_LIST,
	NODE_CAT,
	NODE_FETCH,
	NODE_RECEIPT,
	NODE_RUN,
	NODE_DOCTOR,
	NODE_GATEWAY
};

struct carrier;

struct node_options {
	enum node_command command;
	bool help, json, plain_http;
	const char *out, *pub;
	const char *house, *pin, *request, *job_key, *from;
	const char *to, *version, *set, *ca;
	const char *manifest, *minimum;
	uint64_t streams, tries, max_rate; /* 0: the default; no cap */
	const char *receipts;              /* folder for those that could not be sent; NULL */
	uint64_t slot, restart; /* below RELEASE_SLOTS_MAX; restart with the links of the chain in it */
	uint64_t chain;         /* the job's place in a chain of jobs */
	uint64_t wait;          /* seconds for which the house is tried again */
	uint64_t memory, port, ready_fd, listen_fd; /* of a gateway; 0: any port, no descriptor */
	const char *results, *ready;
	uint64_t *rows; /* of the shards named, in that order; owned */
	size_t row_count;
	char **argv; /* of a command that runs another one: that one's words, NULL after them; not owned */
};

/* The program. */
int node_main(int argc, char **argv);

/* ERR_USAGE. free o->rows. */
int node_options_parse(int argc, char **argv, struct node_options *o, struct err *e) MUST_CHECK;
void node_help(void);

/* Where --from says that sealed objects lie: a folder that this process reads itself, or what a stager-send reaches. */
struct node_source {
	struct node_store *store;
	struct carrier *carrier; /* NULL: a folder */
	int folder;              /* the version's, the store's own; -1: none */
};
/*
 * Before confinement. set: which the version is known to have, looked for in a folder; NULL. near: a folder is read by
 * this process; else by a stager-send too. A caller without a folder needs no file system; one with a carrier
 * SANDBOX_PASS_FD and SANDBOX_WAIT.
 */
int node_source_open(const struct node_options *o, const char *version_id, const char *set, bool near,
    struct node_source *out, struct err *e) MUST_CHECK;
void node_source_close(struct node_source *s);

/* stager-node doctor. ERR_REFUSED where the node does not give what is asked. */
int node_doctor(const struct node_options *o, struct err *e) MUST_CHECK;
/* stager-node fetch. */
int node_fetch_main(const struct node_options *o, int argc, char **argv, struct err *e) MUST_CHECK;

/* What a gateway needs open before it is confined. */
struct sandbox;
struct node_serving {
	int listen_fd, results, ready_fd; /* -1: none */
	int ready_folder;                 /* of --ready; -1 */
	const char *ready_name;           /* in it */
	uint16_t port;
	int outputs[2];          /* folders that may be written below */
	struct carrier *carrier; /* stopped when the end is told; NULL: a folder */
};
#define NODE_SERVING_NONE \
	((struct node_serving){.listen_fd = -1, .results = -1, .ready_fd = -1, .ready_folder = -1})
/* Before confinement: opens all that, and says in box what it needs. */
int node_gateway_open(
    const struct node_options *o, struct node_serving *s, struct sandbox *box, struct err *e) MUST_CHECK;
/* Confined, with a release of all rows: serve until SIGTERM, SIGINT or SIGHUP. */
int node_gateway(const struct node_options *o, const struct node_serving *s, const struct house_card *card,
    const struct node_release *r, struct node_store *store, struct err *e) MUST_CHECK;
void node_gateway_close(struct node_serving *s);

/* The members of all shards, by the index, on stdout: a line each, or the index's own JSON lines. */
int node_list(const struct node_release *r, struct node_store *store, bool json, struct err *e) MUST_CHECK;
/* From a signal handler: node_cat breaks its tar off, as with any fault, before it writes more. */
void node_stop(void);
/* One tar on stdout of the rows, in that order. */
int node_cat(const struct node_release *r, struct node_store *store, const uint64_t *rows, size_t count,
    struct err *e) MUST_CHECK;

/* A command beside a gateway; argv as main's. Before sandbox_first: what that does the command would inherit. The exit status. */
int node_run(int argc, char **argv);
/* Send the receipts that wait in a folder. */
int node_receipt(const struct node_options *o, struct err *e) MUST_CHECK;

#endif
