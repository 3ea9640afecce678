/* The Merkle tree of RFC 6962 section 2.1: roots, inclusion and consistency proofs. */
#ifndef STAGER_TREE_H
#define STAGER_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "stager/digest.h"
#include "stager/err.h"

#define TREE_PROOF_MAX 64
/* Leaves of a tree: so that no shift or sum of sizes can pass 64 bits, and no proof TREE_PROOF_MAX. */
#define TREE_SIZE_MAX (UINT64_C(1) << 62)

struct tree_proof {
	size_t count;
	uint8_t hashes[TREE_PROOF_MAX][DIGEST_LEN];
};

void tree_leaf(const void *entry, size_t len, uint8_t out[static DIGEST_LEN]); /* SHA-256(0x00 | entry) */
void tree_node(const uint8_t left[static DIGEST_LEN], const uint8_t right[static DIGEST_LEN],
    uint8_t out[static DIGEST_LEN]); /* SHA-256(0x01 | left | right) */
/* The root of no leaves: SHA-256 of nothing. */
void tree_empty(uint8_t out[static DIGEST_LEN]);

/* Where hashes of whole subtrees come from: level 0 are leaves; index counts subtrees of that level. */
typedef int (*tree_hash_fn)(
    void *ctx, unsigned level, uint64_t index, uint8_t out[static DIGEST_LEN], struct err *e);

/* Of the tree of the first `size` leaves. */
int tree_root(
    uint64_t size, tree_hash_fn get, void *ctx, uint8_t out[static DIGEST_LEN], struct err *e) MUST_CHECK;
int tree_inclusion(uint64_t index, uint64_t size, tree_hash_fn get, void *ctx, struct tree_proof *out,
    struct err *e) MUST_CHECK;
int tree_consistency(uint64_t old_size, uint64_t size, tree_hash_fn get, void *ctx, struct tree_proof *out,
    struct err *e) MUST_CHECK;
/* ERR_FORGED where the proof does not lead to root. */
int tree_check_inclusion(const uint8_t leaf[static DIGEST_LEN], uint64_t index, uint64_t size,
    const struct tree_proof *proof, const uint8_t root[static DIGEST_LEN], struct err *e) MUST_CHECK;
/* old_size 0 is consistent with everything. */
int tree_check_consistency(uint64_t old_size, const uint8_t old_root[static DIGEST_LEN], uint64_t size,
    const uint8_t root[static DIGEST_LEN], const struct tree_proof *proof, struct err *e) MUST_CHECK;

#endif
