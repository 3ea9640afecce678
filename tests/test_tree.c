/* The tree against the vectors of Certificate Transparency, and every proof of every small tree both ways. */
#include "stager/tree.h"

#include <stdbool.h>
#include <stdint.h>

#include "check.h"
#include "stager/commitment.h"
#include "stager/enc.h"

#define SIZE_MAX_TESTED 70

static struct err e;

/* RFC 6962's own recursions over a list of leaf hashes: slow, plain, and nothing like tree.c. */
struct leaves {
	size_t count;
	uint8_t hash[SIZE_MAX_TESTED][DIGEST_LEN];
	bool fail; /* make the source of hashes fail */
};

static size_t
naive_split(size_t n)
{
	size_t k = 1;

	while (2 * k < n)
		k *= 2;
	return k;
}

static void
naive_root(uint8_t (*leaf)[DIGEST_LEN], size_t n, uint8_t out[static DIGEST_LEN])
{
	uint8_t left[DIGEST_LEN], right[DIGEST_LEN];

	if (n == 0) {
		digest_bytes(NULL, 0, out);
		return;
	}
	if (n == 1) {
		memcpy(out, leaf[0], DIGEST_LEN);
		return;
	}
	naive_root(leaf, naive_split(n), left);
	naive_root(leaf + naive_split(n), n - naive_split(n), right);
	tree_node(left, right, out);
}

static int
leaves_get(void *ctx, unsigned level, uint64_t index, uint8_t out[static DIGEST_LEN], struct err *err)
{
	struct leaves *l = ctx;

	if (l->fail)
		return err_set(err, ERR_SYSTEM, "made to fail");
	CHECK((index + 1) << level <= l->count);
	naive_root(l->hash + (index << level), (size_t)1 << level, out);
	return 0;
}

static const char *const ct_leaves[8] = {
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
static const char *const ct_roots[8] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static bool
proof_is(const struct tree_proof *proof, const char *const *want, size_t count)
{
	char hex[2 * DIGEST_LEN + 1];

	if (proof->count != count)
		return false;
	for (size_t i = 0; i < count; i++) {
		hex_encode(proof->hashes[i], DIGEST_LEN, hex);
		if (strcmp(hex, want[i]) != 0)
			return false;
	}
	return true;
}

/* Leaves, roots and paths as in certificate-transparency's merkletree tests. */
static void
test_vectors(void)
{
	static const char *const path_0_8[] = {
	    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
	    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
	    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"};
	static const char *const path_5_8[] = {
	    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
	    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
	    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"};
	static const char *const path_2_3[] = {
	    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"};
	static const char *const path_1_5[] = {
	    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
	    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"};
	static const char *const from_6_to_8[] = {
	    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
	    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
	    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"};
	static const char *const from_2_to_5[] = {
	    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
	    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"};
	struct leaves l = {.count = 8};
	struct tree_proof proof;
	uint8_t root[DIGEST_LEN], bytes[16];
	char hex[2 * DIGEST_LEN + 1];

	tree_empty(root);
	hex_encode(root, DIGEST_LEN, hex);
	CHECK(strcmp(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855") == 0);
	for (size_t i = 0; i < 8; i++) {
		const size_t len = strlen(ct_leaves[i]) / 2;

		CHECK_OK(hex_decode(ct_leaves[i], bytes, len, "leaf", &e));
		tree_leaf(bytes, len, l.hash[i]);
		CHECK_OK(tree_root(i + 1, leaves_get, &l, root, &e));
		hex_encode(root, DIGEST_LEN, hex);
		CHECK(strcmp(hex, ct_roots[i]) == 0);
	}
	CHECK_OK(tree_inclusion(0, 1, leaves_get, &l, &proof, &e));
	CHECK(proof.count == 0);
	CHECK_OK(tree_inclusion(0, 8, leaves_get, &l, &proof, &e));
	CHECK(proof_is(&proof, path_0_8, 3));
	CHECK_OK(tree_inclusion(5, 8, leaves_get, &l, &proof, &e));
	CHECK(proof_is(&proof, path_5_8, 3));
	CHECK_OK(tree_inclusion(2, 3, leaves_get, &l, &proof, &e));
	CHECK(proof_is(&proof, path_2_3, 1));
	CHECK_OK(tree_inclusion(1, 5, leaves_get, &l, &proof, &e));
	CHECK(proof_is(&proof, path_1_5, 3));
	CHECK_OK(tree_consistency(1, 1, leaves_get, &l, &proof, &e));
	CHECK(proof.count == 0);
	CHECK_OK(tree_consistency(1, 8, leaves_get, &l, &proof, &e));
	CHECK(proof_is(&proof, path_0_8, 3));
	CHECK_OK(tree_consistency(6, 8, leaves_get, &l, &proof, &e));
	CHECK(proof_is(&proof, from_6_to_8, 3));
	CHECK_OK(tree_consistency(2, 5, leaves_get, &l, &proof, &e));
	CHECK(proof_is(&proof, from_2_to_5, 2));
}

/* Leave one out, put one in, swap two, flip a bit of each: `refused` must hold for each changed proof. */
static void
test_tampered(const struct tree_proof *proof, int (*check)(const struct tree_proof *))
{
	struct tree_proof bad;

	for (size_t i = 0; i < proof->count; i++) {
		bad = *proof;
		bad.hashes[i][i % DIGEST_LEN] ^= 0x10;
		CHECK_ERR(check(&bad), ERR_FORGED);
		bad = *proof;
		memmove(bad.hashes[i], bad.hashes[i + 1], (--bad.count - i) * DIGEST_LEN);
		CHECK_ERR(check(&bad), ERR_FORGED);
		if (i == 0)
			continue;
		bad = *proof;
		memcpy(bad.hashes[i], proof->hashes[i - 1], DIGEST_LEN);
		memcpy(bad.hashes[i - 1], proof->hashes[i], DIGEST_LEN);
		CHECK_ERR(check(&bad), ERR_FORGED);
	}
	bad = *proof;
	memset(bad.hashes[bad.count++], 0x5a, DIGEST_LEN);
	CHECK_ERR(check(&bad), ERR_FORGED);
	bad.count = TREE_PROOF_MAX + 1;
	CHECK_ERR(check(&bad), ERR_FORGED);
}

static struct {
	uint8_t leaf[DIGEST_LEN], old_root[DIGEST_LEN], root[DIGEST_LEN];
	uint64_t index, old_size, size;
} now;

static int
check_inclusion(const struct tree_proof *proof)
{
	return tree_check_inclusion(now.leaf, now.index, now.size, proof, now.root, &e);
}

static int
check_consistency(const struct tree_proof *proof)
{
	return tree_check_consistency(now.old_size, now.old_root, now.size, now.root, proof, &e);
}

static void
test_inclusion(struct leaves *l)
{
	struct tree_proof proof;

	for (now.size = 1; now.size <= SIZE_MAX_TESTED; now.size++) {
		naive_root(l->hash, now.size, now.root);
		for (now.index = 0; now.index < now.size; now.index++) {
			memcpy(now.leaf, l->hash[now.index], DIGEST_LEN);
			CHECK_OK(tree_inclusion(now.index, now.size, leaves_get, l, &proof, &e));
			CHECK_OK(check_inclusion(&proof));
			/* Another place, another leaf, another root. (A neighbour's index may walk the same
			 * turns in a smaller tree, never in one of the same size.) */
			if (now.index > 0)
				CHECK_ERR(tree_check_inclusion(
					      now.leaf, now.index - 1, now.size, &proof, now.root, &e),
				    ERR_FORGED);
			CHECK_ERR(tree_check_inclusion(now.leaf, now.size, now.size, &proof, now.root, &e),
			    ERR_FORGED);
			CHECK_ERR(
			    tree_check_inclusion(now.root, now.index, now.size + 1, &proof, now.leaf, &e),
			    ERR_FORGED);
			if (now.size % 9 == 7)
				test_tampered(&proof, check_inclusion);
		}
		CHECK_ERR(tree_inclusion(now.size, now.size, leaves_get, l, &proof, &e), ERR_INPUT);
	}
}

static void
test_consistency(struct leaves *l)
{
	struct tree_proof proof;

	for (now.size = 0; now.size <= SIZE_MAX_TESTED; now.size++) {
		naive_root(l->hash, now.size, now.root);
		for (now.old_size = 0; now.old_size <= now.size; now.old_size++) {
			naive_root(l->hash, now.old_size, now.old_root);
			CHECK_OK(tree_consistency(now.old_size, now.size, leaves_get, l, &proof, &e));
			CHECK_OK(check_consistency(&proof));
			if (now.old_size == 0)
				continue;
			if (now.size % 9 == 7)
				test_tampered(&proof, check_consistency);
			/* A root that is not the old one's, and not the new one's. */
			now.old_root[5] ^= 1;
			CHECK_ERR(check_consistency(&proof), ERR_FORGED);
			now.old_root[5] ^= 1;
			now.root[31] ^= 0x80;
			CHECK_ERR(check_consistency(&proof), ERR_FORGED);
			now.root[31] ^= 0x80;
			if (now.old_size < now.size)
				CHECK_ERR(tree_check_consistency(
					      now.size, now.root, now.old_size, now.old_root, &proof, &e),
				    ERR_FORGED);
		}
		CHECK_ERR(tree_consistency(now.size + 1, now.size, leaves_get, l, &proof, &e), ERR_INPUT);
	}
}

/* A tree of one leaf many times over, so that any subtree is known by its level: the largest there may be. */
static int
same_get(void *ctx, unsigned level, uint64_t index, uint8_t out[static DIGEST_LEN], struct err *err)
{
	uint8_t(*by_level)[DIGEST_LEN] = ctx;

	(void)err;
	CHECK(index < TREE_SIZE_MAX >> level);
	memcpy(out, by_level[level], DIGEST_LEN);
	return 0;
}

static void
test_large(void)
{
	static const uint64_t sizes[] = {TREE_SIZE_MAX, TREE_SIZE_MAX - 1, (TREE_SIZE_MAX >> 1) + 1,
	    0x123456789abcdef, 0x2aaaaaaaaaaaaaaa};
	uint8_t by_level[63][DIGEST_LEN], root[DIGEST_LEN], old_root[DIGEST_LEN];
	struct tree_proof proof;

	tree_leaf("x", 1, by_level[0]);
	for (size_t i = 1; i < 63; i++)
		tree_node(by_level[i - 1], by_level[i - 1], by_level[i]);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		const uint64_t size = sizes[i], places[] = {0, size / 3, size - 1};

		CHECK_OK(tree_root(size, same_get, by_level, root, &e));
		for (size_t k = 0; k < 3; k++) {
			CHECK_OK(tree_inclusion(places[k], size, same_get, by_level, &proof, &e));
			CHECK_OK(tree_check_inclusion(by_level[0], places[k], size, &proof, root, &e));
			CHECK_OK(tree_root(places[k] + 1, same_get, by_level, old_root, &e));
			CHECK_OK(tree_consistency(places[k] + 1, size, same_get, by_level, &proof, &e));
			CHECK_OK(tree_check_consistency(places[k] + 1, old_root, size, root, &proof, &e));
		}
	}
	CHECK_ERR(tree_root(TREE_SIZE_MAX + 1, same_get, by_level, root, &e), ERR_LIMIT);
	CHECK_ERR(tree_inclusion(0, UINT64_MAX, same_get, by_level, &proof, &e), ERR_LIMIT);
	CHECK_ERR(tree_consistency(1, UINT64_MAX, same_get, by_level, &proof, &e), ERR_LIMIT);
	CHECK_ERR(tree_check_inclusion(by_level[0], 0, UINT64_MAX, &proof, root, &e), ERR_FORGED);
	CHECK_ERR(tree_check_consistency(1, root, UINT64_MAX, root, &proof, &e), ERR_FORGED);
	CHECK_ERR(tree_check_consistency(UINT64_MAX, root, UINT64_MAX, root, &proof, &e), ERR_FORGED);
}

/* Values from Python's hmac: hmac.new(bytes(range(32)), b"stager.release.1\0" + b'{"a":1}', "sha256"). */
static void
test_commitment(void)
{
	uint8_t salt[COMMITMENT_SALT_LEN], out[COMMITMENT_ENTRY_LEN], other[COMMITMENT_ENTRY_LEN];
	char hex[2 * COMMITMENT_ENTRY_LEN + 1];

	for (size_t i = 0; i < sizeof(salt); i++)
		salt[i] = (uint8_t)i;
	commitment_make(salt, "stager.release.1", "{\"a\":1}", 7, out);
	hex_encode(out, sizeof(out), hex);
	CHECK(strcmp(hex, "016da6c08d991c150e76adf29bde7ce7a389c5ee7b407b6949f4e84ee99583b0a5") == 0);
	commitment_make(salt, "stager.release.2", "{\"a\":1}", 7, other);
	CHECK(memcmp(out, other, sizeof(out)) != 0);
	salt[31] ^= 1;
	commitment_make(salt, "stager.release.1", "{\"a\":1}", 7, other);
	CHECK(memcmp(out, other, sizeof(out)) != 0);
}

int
main(void)
{
	struct leaves l = {.count = SIZE_MAX_TESTED};
	struct tree_proof proof;
	uint8_t root[DIGEST_LEN];

	for (size_t i = 0; i < SIZE_MAX_TESTED; i++)
		tree_leaf(&(uint8_t){(uint8_t)i}, 1, l.hash[i]);
	test_vectors();
	test_inclusion(&l);
	test_consistency(&l);
	test_large();
	test_commitment();

	l.fail = true;
	CHECK_ERR(tree_root(5, leaves_get, &l, root, &e), ERR_SYSTEM);
	CHECK_ERR(tree_inclusion(3, 5, leaves_get, &l, &proof, &e), ERR_SYSTEM);
	CHECK_ERR(tree_consistency(3, 5, leaves_get, &l, &proof, &e), ERR_SYSTEM);
	return check_done();
}
