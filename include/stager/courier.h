/*
 * The courier: a process of a node's own that reaches the house, so that the one with the keys need not. It starts the
 * house's command or connects to its socket whenever a conversation is wanted, sends receipts and keeps those that
 * could not be sent. It is forked before any key is read; it sees sealed headers, signed asks and signed receipts, and
 * never a key or plaintext. stager/node/courier*.c. DESIGN.md, "Reaching the house".
 */
#ifndef STAGER_COURIER_H
#define STAGER_COURIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/node.h"

struct courier;
struct tally;

#define COURIER_WAIT_DEFAULT 120 /* seconds for which the house is tried again */
#define COURIER_WAIT_MAX 86400

/*
 * Start it: before the caller reads a key, starts a thread or confines itself (SANDBOX_PASS_FD and SANDBOX_WAIT are
 * wanted). It lives until courier_free, or until its parent dies.
 *
 * house      a command for sh, which speaks for the house on its standard input and output; or unix:PATH, a socket
 * receipts   a folder for receipts that could not be sent (made with mode 0700 if it is missing); NULL: none are kept
 *
 * ERR_USAGE for a socket's path that is too long.
 */
int courier_start(const char *house, const char *receipts, struct courier **out, struct err *e) MUST_CHECK;
/* Ends it, with what it has under way. Takes NULL. */
void courier_free(struct courier *c);

/*
 * node_ask by way of the courier. Where the house cannot be reached, hangs up, keeps silent or is busy, it is asked
 * again after growing pauses (1 s to 30 s) until wait_s seconds have passed: each time with the same node key, so that an
 * answer that was lost is given once more, without another redemption. A line on stderr tells of each pause. Receipts that wait in the folder are
 * sent afterwards, in the courier's own time. -1 as node_ask; ERR_REMOTE in the end.
 */
int courier_ask(struct courier *c, const struct node *n, unsigned wait_s, const struct secret *own,
    const uint8_t key[static X25519_LEN], const struct node_want *want, struct node_release *out,
    struct err *e) MUST_CHECK;

/*
 * Make the receipt of a release (in parts, where it is long), signed with the job key, and send it; what cannot be sent
 * is kept in the folder. ERR_REMOTE where it was neither sent nor kept. done: the command ended well.
 */
int courier_receipt(struct courier *c, const struct node *n, const struct node_release *r,
    const uint8_t key[static X25519_LEN], const struct tally *tally, bool done, struct err *e) MUST_CHECK;

/*
 * Send all receipts of a folder, without a courier: stager-node receipt. *sent, *left: how many. What the house refuses stays where it is; the first
 * refusal is told in the end. 0 where none is left.
 */
int courier_empty(
    const char *house, const char *receipts, size_t *sent, size_t *left, struct err *e) MUST_CHECK;

/*
 * What was opened of a release, counted by whoever opens it: for rows [first, end). Safe from any thread. Times are
 * when tally_add was called.
 */
struct tally *tally_new(uint64_t first, uint64_t end, struct err *e) MUST_CHECK;
void tally_free(struct tally *t);
/* segments more of a row were opened and proven. Takes NULL, and rows that it does not count. */
void tally_add(struct tally *t, uint64_t row, uint64_t segments);

#endif
