/* The root secret: from a passphrase, and in shares; values that libgfshare's gfsplit and the argon2 program made. */
#include <stdlib.h>

#include "check.h"
#include "stager/enc.h"
#include "stager/secret.h"
#include "stager/share.h"

static struct err e;

#define N 5
#define K 3

static struct secret *
secret_of(const void *bytes, size_t len)
{
	struct secret *s = secret_new(len, &e);

	if (s == NULL)
		abort();
	memcpy(s->bytes, bytes, len);
	return s;
}

/* A split of root as the key role does it. */
static void
split(const struct secret *root, const char *house, unsigned k, unsigned n, uint8_t set, struct share *out)
{
	struct secret *polynomial = share_polynomial(root, k, &e);

	CHECK(polynomial != NULL);
	for (unsigned i = 0; i < n; i++) {
		out[i] = (struct share){.threshold = k, .count = n, .index = i + 1};
		(void)snprintf(out[i].house, sizeof(out[i].house), "%s", house);
		memset(out[i].set, set, SHARE_SET_LEN);
		CHECK_OK(root_check(root, house, out[i].check, &e));
		CHECK((out[i].value = share_value(polynomial, i + 1, &e)) != NULL);
	}
	secret_free(polynomial);
}

static void
clear(struct share *shares, size_t count)
{
	for (size_t i = 0; i < count; i++)
		share_clear(&shares[i]);
}

static bool
joins(const struct share *const *some, size_t count, const struct secret *root)
{
	struct share list[SHARES_MAX];
	struct secret *got;
	bool same;

	for (size_t i = 0; i < count; i++)
		list[i] = *some[i];
	e.code = ERR_NONE;
	got = share_join(list, count, &e);
	same = got != NULL && memcmp(got->bytes, root->bytes, ROOT_LEN) == 0;
	secret_free(got);
	return same;
}

/* Shares that gfsplit -n 3 -m 5 (libgfshare 2.0.0) made of this text. */
static void
test_libgfshare(void)
{
	static const struct {
		unsigned index;
		const char *value;
	} made[] = {{8, "80d698a7bed984e38e3985e06fc9f001f48dc56c9988dc38dfe3af9ef3e68a63"},
	    {113, "a09bd45d11c18a47c71a08f829d22a2a4391b2a8cd9fb32be188e22786d0ee77"},
	    {114, "9215a6b7b1d4642086e82ff4cd593c3e78bcac4e47654195a44b977563766899"},
	    {119, "dd1816c84436dc6077fd5e1b162ae6c5fef6b9380d4d85130cfdd700a1f3ca4d"},
	    {238, "48a2836512dc2377b0067fa8fed15b250e57b351a8d890752d8fb56f430b3bdf"}};
	struct secret *root = secret_of("secret of thirty-two bytes - ok!", ROOT_LEN);
	struct share all[5];
	int good = 0;

	memset(all, 0, sizeof(all));
	for (unsigned i = 0; i < 5; i++) {
		all[i].threshold = K;
		all[i].count = N;
		all[i].index = made[i].index;
		(void)snprintf(all[i].house, sizeof(all[i].house), "h");
		CHECK_OK(root_check(root, "h", all[i].check, &e));
		all[i].value = secret_new(ROOT_LEN, &e);
		CHECK_OK(hex_decode(made[i].value, all[i].value->bytes, ROOT_LEN, "vector", &e));
	}
	for (unsigned a = 0; a < 5; a++)
		for (unsigned b = 0; b < 5; b++)
			for (unsigned c = 0; c < 5; c++)
				if (a != b && b != c && a != c)
					good +=
					    joins((const struct share *const[]){&all[a], &all[b], &all[c]}, 3,
						root);
	CHECK(good == 60);
	clear(all, 5);
	secret_free(root);
}

static void
test_any_k(void)
{
	struct secret *root = secret_random(ROOT_LEN, &e), *other = secret_random(ROOT_LEN, &e), *bad;
	struct share s[N], t[N], u[SHARES_MAX];
	const struct share *all[SHARES_MAX];

	split(root, "house-a", K, N, 1, s);
	for (unsigned set = 0; set < 1u << N; set++) {
		size_t count = 0;

		for (unsigned i = 0; i < N; i++)
			if (set >> i & 1)
				all[count++] = &s[i];
		if (count >= K) {
			CHECK(joins(all, count, root));
		} else {
			CHECK(!joins(all, count, root) && e.code == ERR_REFUSED);
		}
	}
	/* Order does not matter; a share twice does. */
	CHECK(joins((const struct share *const[]){&s[4], &s[0], &s[2]}, 3, root));
	CHECK(!joins((const struct share *const[]){&s[4], &s[0], &s[4]}, 3, root) && e.code == ERR_REFUSED);
	/* Another split of the same root; another house's; one that says it is of the same. */
	split(root, "house-a", K, N, 2, t);
	CHECK(!joins((const struct share *const[]){&s[0], &s[1], &t[2]}, 3, root) && e.code == ERR_REFUSED);
	memset(t[2].set, 1, SHARE_SET_LEN);
	CHECK(!joins((const struct share *const[]){&s[0], &s[1], &t[2]}, 3, root) && e.code == ERR_FORGED);
	clear(t, N);
	split(other, "house-a", K, N, 1, t);
	CHECK(!joins((const struct share *const[]){&s[0], &s[1], &t[2]}, 3, root) && e.code == ERR_REFUSED);
	clear(t, N);
	split(root, "house-b", K, N, 1, t);
	CHECK(!joins((const struct share *const[]){&s[0], &s[1], &t[2]}, 3, root) && e.code == ERR_REFUSED);
	clear(t, N);
	/* Two shares say nothing: for any third value there is a secret. Here: an altered one gives another, which is seen. */
	s[2].value->bytes[31] ^= 1;
	CHECK(!joins((const struct share *const[]){&s[0], &s[1], &s[2]}, 3, root) && e.code == ERR_FORGED);
	clear(s, N);
	/* The limits. */
	split(root, "house-a", SHARES_MAX, SHARES_MAX, 1, u);
	for (unsigned i = 0; i < SHARES_MAX; i++)
		all[i] = &u[i];
	CHECK(joins(all, SHARES_MAX, root));
	CHECK(!joins(all, SHARES_MAX - 1, root) && e.code == ERR_REFUSED);
	clear(u, SHARES_MAX);
	CHECK(share_polynomial(root, 1, &e) == NULL && e.code == ERR_LIMIT);
	CHECK(share_polynomial(root, SHARES_MAX + 1, &e) == NULL && e.code == ERR_LIMIT);
	bad = share_polynomial(root, 2, &e);
	CHECK(share_value(bad, 0, &e) == NULL && share_value(bad, 256, &e) == NULL);
	secret_free(bad);
	secret_free(other);
	secret_free(root);
}

static void
test_text(void)
{
	struct secret *root = secret_random(ROOT_LEN, &e), *text, *bad;
	struct share s[N], got;
	size_t refused = 0;

	split(root, "umc-waterdam.1", K, N, 7, s);
	CHECK((text = share_encode(&s[3], &e)) != NULL);
	CHECK(memmem(text->bytes, text->len, "share: 4 of 5, of which 3 are needed\n", 37) != NULL);
	CHECK_OK(share_decode(text, text->len, &got, &e));
	CHECK(got.index == 4 && got.count == N && got.threshold == K && strcmp(got.house, s[3].house) == 0 &&
	      memcmp(got.value->bytes, s[3].value->bytes, ROOT_LEN) == 0 &&
	      memcmp(got.check, s[3].check, ROOT_CHECK_LEN) == 0 &&
	      memcmp(got.set, s[3].set, SHARE_SET_LEN) == 0);
	share_clear(&got);
	/* Every flipped bit, every cut, one byte more. */
	bad = secret_of(text->bytes, text->len);
	for (size_t i = 0; i < text->len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			bad->bytes[i] ^= (uint8_t)(1u << bit);
			e.code = ERR_NONE;
			refused += share_decode(bad, bad->len, &got, &e) == -1 && e.code == ERR_FORGED &&
				   got.value == NULL;
			bad->bytes[i] ^= (uint8_t)(1u << bit);
		}
	CHECK(refused == 8 * text->len);
	for (size_t len = 0; len < text->len; len++)
		CHECK_ERR(share_decode(text, len, &got, &e), ERR_FORGED);
	secret_free(bad);
	bad = secret_new(text->len + 1, &e);
	memcpy(bad->bytes, text->bytes, text->len);
	for (unsigned c = 0; c < 256; c += 10) {
		bad->bytes[text->len] = (uint8_t)c;
		CHECK_ERR(share_decode(bad, bad->len, &got, &e), ERR_FORGED);
	}
	secret_free(bad);
	secret_free(text);
	clear(s, N);
	secret_free(root);
}

static void
test_passphrase(void)
{
	/* printf 'correct horse' | argon2 'sixteen bytes ok' -id -t 3 -k 262144 -p 1 -l 32 -r */
	static const char known[] = "a5a1e9f50fd50cfb6745038bca2d174568016084dbaff415d85cea92ab9696f2";
	struct secret *phrase = secret_of("correct horse battery", 21), *root, *again;
	struct root_kdf kdf, other;
	uint8_t want[ROOT_LEN], check[ROOT_CHECK_LEN], check_b[ROOT_CHECK_LEN];

	root_kdf_new(&kdf);
	root_kdf_new(&other);
	CHECK(memcmp(kdf.salt, other.salt, ROOT_SALT_LEN) != 0);
	CHECK(kdf.passes == ROOT_PASSES_MIN && kdf.memory == ROOT_MEMORY_MIN);
	memcpy(kdf.salt, "sixteen bytes ok", ROOT_SALT_LEN);
	CHECK_OK(hex_decode(known, want, ROOT_LEN, "vector", &e));
	CHECK((root = root_from_passphrase(phrase, 13, &kdf, &e)) != NULL);
	CHECK(root != NULL && memcmp(root->bytes, want, ROOT_LEN) == 0);
	CHECK((again = root_from_passphrase(phrase, 14, &kdf, &e)) != NULL);
	CHECK(again != NULL && memcmp(root->bytes, again->bytes, ROOT_LEN) != 0);
	/* check tells roots and houses apart. */
	CHECK_OK(root_check(root, "a", check, &e));
	CHECK_OK(root_check(again, "a", check_b, &e));
	CHECK(memcmp(check, check_b, ROOT_CHECK_LEN) != 0);
	CHECK_OK(root_check(root, "b", check_b, &e));
	CHECK(memcmp(check, check_b, ROOT_CHECK_LEN) != 0);
	CHECK(root_from_passphrase(phrase, 0, &kdf, &e) == NULL && e.code == ERR_INPUT);
	CHECK(root_from_passphrase(phrase, 22, &kdf, &e) == NULL && e.code == ERR_INPUT);
	kdf.passes = ROOT_PASSES_MIN - 1;
	CHECK(root_from_passphrase(phrase, 13, &kdf, &e) == NULL && e.code == ERR_LIMIT);
	kdf.passes = ROOT_PASSES_MAX + 1;
	CHECK(root_from_passphrase(phrase, 13, &kdf, &e) == NULL && e.code == ERR_LIMIT);
	kdf.passes = ROOT_PASSES_MIN;
	kdf.memory = ROOT_MEMORY_MIN - 1;
	CHECK(root_from_passphrase(phrase, 13, &kdf, &e) == NULL && e.code == ERR_LIMIT);
	kdf.memory = ROOT_MEMORY_MAX + 1;
	CHECK(root_from_passphrase(phrase, 13, &kdf, &e) == NULL && e.code == ERR_LIMIT);
	secret_free(again);
	secret_free(root);
	secret_free(phrase);
}

int
main(void)
{
	CHECK_OK(secret_start(&e));
	test_libgfshare();
	test_any_k();
	test_text();
	test_passphrase();
	return check_done();
}
