/* The Merkle tree of RFC 6962: hashes of ranges of leaves, proofs made of them, and their checks. */
#include "stager/tree.h"

#include <stdbool.h>
#include <string.h>

/* A run of leaves, begin <= leaf < end, whose hash is a node of the tree: begin is a multiple of a power of
 * two that is at least end - begin. */
struct range {
	uint64_t begin, end;
};

void
tree_leaf(const void *entry, size_t len, uint8_t out[static DIGEST_LEN])
{
	static const uint8_t prefix = 0x00;
	const struct digest_part parts[] = {{&prefix, 1}, {entry, len}};

	digest_sha256(parts, 2, out);
}

void
tree_node(const uint8_t left[static DIGEST_LEN], const uint8_t right[static DIGEST_LEN],
    uint8_t out[static DIGEST_LEN])
{
	static const uint8_t prefix = 0x01;
	const struct digest_part parts[] = {{&prefix, 1}, {left, DIGEST_LEN}, {right, DIGEST_LEN}};

	digest_sha256(parts, 3, out);
}

void
tree_empty(uint8_t out[static DIGEST_LEN])
{
	digest_bytes("", 0, out);
}

/* MTH(D[begin:end]): the whole subtrees that the range consists of grow to the left, so fold from the right.
 */
static int
range_hash(struct range r, tree_hash_fn get, void *ctx, uint8_t out[static DIGEST_LEN], struct err *e)
{
	uint8_t left[DIGEST_LEN];
	uint64_t len = r.end - r.begin, end = r.end;
	bool first = true;

	for (unsigned level = 0; level < 64 && len >> level != 0; level++) {
		if (((len >> level) & 1) == 0)
			continue;
		end -= UINT64_C(1) << level;
		if (get(ctx, level, end >> level, first ? out : left, e) == -1)
			return -1;
		if (!first)
			tree_node(left, out, out);
		first = false;
	}
	return 0;
}

/* The largest power of two smaller than len; len is at least 2. */
static uint64_t
split(uint64_t len)
{
	uint64_t k = 1;

	while (k < len - k)
		k *= 2;
	return k;
}

/* The hashes of count ranges, found on the way down, in the order of the way up. */
static int
proof_fill(const struct range *ranges, size_t count, tree_hash_fn get, void *ctx, struct tree_proof *out,
    struct err *e)
{
	out->count = 0;
	while (count > 0) {
		if (range_hash(ranges[--count], get, ctx, out->hashes[out->count], e) == -1)
			return -1;
		out->count++;
	}
	return 0;
}

int
tree_root(uint64_t size, tree_hash_fn get, void *ctx, uint8_t out[static DIGEST_LEN], struct err *e)
{
	if (size > TREE_SIZE_MAX)
		return err_set(e, ERR_LIMIT, "tree: too many leaves");
	if (size == 0) {
		tree_empty(out);
		return 0;
	}
	return range_hash((struct range){0, size}, get, ctx, out, e);
}

int
tree_inclusion(
    uint64_t index, uint64_t size, tree_hash_fn get, void *ctx, struct tree_proof *out, struct err *e)
{
	struct range here = {0, size}, ranges[TREE_PROOF_MAX];
	size_t count = 0;
	uint64_t middle;

	if (size > TREE_SIZE_MAX)
		return err_set(e, ERR_LIMIT, "tree: too many leaves");
	if (index >= size)
		return err_set(e, ERR_INPUT, "inclusion proof: the tree has no such leaf");
	/* RFC 6962, 2.1.1: at every fork the other side's hash. Each step halves the power of two that bounds
	 * the range, so from TREE_SIZE_MAX there are at most 62. */
	while (here.end - here.begin > 1) {
		middle = here.begin + split(here.end - here.begin);
		if (index < middle) {
			ranges[count++] = (struct range){middle, here.end};
			here.end = middle;
		} else {
			ranges[count++] = (struct range){here.begin, middle};
			here.begin = middle;
		}
	}
	return proof_fill(ranges, count, get, ctx, out, e);
}

int
tree_consistency(
    uint64_t old_size, uint64_t size, tree_hash_fn get, void *ctx, struct tree_proof *out, struct err *e)
{
	struct range here = {0, size}, ranges[TREE_PROOF_MAX];
	bool whole =
	    true; /* what is left of the old tree is the old tree itself, whose root the checker has */
	size_t count = 0;
	uint64_t middle;

	if (size > TREE_SIZE_MAX)
		return err_set(e, ERR_LIMIT, "tree: too many leaves");
	if (old_size > size)
		return err_set(e, ERR_INPUT, "consistency proof: the old tree is larger than the new one");
	out->count = 0;
	if (old_size == 0)
		return 0;
	/* RFC 6962, 2.1.2: SUBPROOF, as a walk down to the old tree's right edge. */
	while (here.end != old_size) {
		middle = here.begin + split(here.end - here.begin);
		if (old_size <= middle) {
			ranges[count++] = (struct range){middle, here.end};
			here.end = middle;
		} else {
			ranges[count++] = (struct range){here.begin, middle};
			here.begin = middle;
			whole = false;
		}
	}
	if (!whole)
		ranges[count++] = here;
	return proof_fill(ranges, count, get, ctx, out, e);
}

int
tree_check_inclusion(const uint8_t leaf[static DIGEST_LEN], uint64_t index, uint64_t size,
    const struct tree_proof *proof, const uint8_t root[static DIGEST_LEN], struct err *e)
{
	uint64_t fn = index, sn = size - 1;
	uint8_t hash[DIGEST_LEN];

	if (index >= size || size > TREE_SIZE_MAX || proof->count > TREE_PROOF_MAX)
		goto forged;
	memcpy(hash, leaf, DIGEST_LEN);
	/* RFC 9162, 2.1.3.2. */
	for (size_t i = 0; i < proof->count; i++) {
		if (sn == 0)
			goto forged;
		if ((fn & 1) == 1 || fn == sn) {
			tree_node(proof->hashes[i], hash, hash);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			tree_node(hash, proof->hashes[i], hash);
		}
		fn >>= 1;
		sn >>= 1;
	}
	if (sn == 0 && digest_equal(hash, root))
		return 0;
forged:
	return err_set(e, ERR_FORGED, "inclusion proof: does not lead to the root");
}

int
tree_check_consistency(uint64_t old_size, const uint8_t old_root[static DIGEST_LEN], uint64_t size,
    const uint8_t root[static DIGEST_LEN], const struct tree_proof *proof, struct err *e)
{
	uint8_t old_hash[DIGEST_LEN], hash[DIGEST_LEN];
	uint64_t fn = old_size - 1, sn = size - 1;
	size_t next = 0;

	if (old_size > size || size > TREE_SIZE_MAX || proof->count > TREE_PROOF_MAX)
		goto forged;
	if (old_size == 0) {
		if (proof->count != 0)
			goto forged;
		return 0;
	}
	if (old_size == size) {
		if (proof->count != 0 || !digest_equal(old_root, root))
			goto forged;
		return 0;
	}
	/* RFC 9162, 2.1.4.2: a whole old tree starts the path itself. */
	while ((fn & 1) == 1) {
		fn >>= 1;
		sn >>= 1;
	}
	if (fn == 0) {
		memcpy(old_hash, old_root, DIGEST_LEN);
	} else {
		if (proof->count == 0)
			goto forged;
		memcpy(old_hash, proof->hashes[next++], DIGEST_LEN);
	}
	memcpy(hash, old_hash, DIGEST_LEN);
	for (; next < proof->count; next++) {
		if (sn == 0)
			goto forged;
		if ((fn & 1) == 1 || fn == sn) {
			tree_node(proof->hashes[next], old_hash, old_hash);
			tree_node(proof->hashes[next], hash, hash);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			tree_node(hash, proof->hashes[next], hash);
		}
		fn >>= 1;
		sn >>= 1;
	}
	if (sn == 0 && digest_equal(old_hash, old_root) && digest_equal(hash, root))
		return 0;
forged:
	return err_set(e, ERR_FORGED, "consistency proof: the new tree does not extend the old one");
}
