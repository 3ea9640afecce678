/*
 * bcrypt_pbkdf, with which OpenSSH and some Crypt4GH tools lock private keys. No library of Debian's has it, so it
 * stands here: Blowfish as bcrypt schedules it (Provos and Mazières, "A Future-Adaptable Password Scheme", 1999)
 * and the derivation around it (OpenBSD, bcrypt_pbkdf(3)).
 */
#include "stager/keyfile.h"

#include <string.h>

#include <sodium.h>

#include "stager/secret.h"

#define SUBKEYS 18
#define BOX 256
#define PI_WORDS (SUBKEYS + 4 * BOX) /* Blowfish starts as the binary digits of pi behind the point */
#define PI_GUARD 3                   /* words: the integer part before, two for what rounding loses behind */
#define HASH_LEN 32                  /* of one bcrypt hash */
#define OUT_MAX (HASH_LEN * HASH_LEN)

struct blowfish {
	uint32_t p[SUBKEYS];
	uint32_t s[4][BOX];
};

/* All that a derivation holds: key material or made of it. */
struct work {
	struct blowfish fresh, state;
	uint8_t pass[crypto_hash_sha512_BYTES], salt[crypto_hash_sha512_BYTES];
	uint8_t hash[HASH_LEN], sum[HASH_LEN];
};

/* n /= by, as words with the most significant first; words before `from` are 0. Returns the new `from`. */
static size_t
pi_divide(uint32_t *n, size_t len, size_t from, uint32_t by)
{
	uint64_t rest = 0;

	for (size_t i = from; i < len; i++) {
		rest = rest << 32 | n[i];
		n[i] = (uint32_t)(rest / by);
		rest %= by;
	}
	while (from < len && n[from] == 0)
		from++;
	return from;
}

/* sum += or -= times * arctan(1/x), by its series. term and part are room of the same length. */
static void
pi_arctan(uint32_t *sum, uint32_t *term, uint32_t *part, size_t len, uint32_t times, uint32_t x, bool minus)
{
	size_t from;

	memset(term, 0, len * sizeof(*term));
	term[0] = times;
	from = pi_divide(term, len, 0, x);
	for (uint32_t k = 1; from < len; k += 2) {
		uint64_t carry = 0;

		memcpy(part, term, len * sizeof(*part));
		(void)pi_divide(part, len, from, k);
		for (size_t i = len; i-- > 0 && (i >= from || carry != 0);) {
			carry =
			    minus ? (uint64_t)sum[i] - part[i] - carry : (uint64_t)sum[i] + part[i] + carry;
			sum[i] = (uint32_t)carry;
			carry = carry >> 32 & 1;
		}
		minus = !minus;
		from = pi_divide(term, len, from, x * x);
	}
}

/* pi = 16 arctan(1/5) - 4 arctan(1/239) (Machin). Computed, for 1042 words in a table could be mistyped. */
static void
blowfish_start(struct blowfish *b)
{
	uint32_t sum[PI_WORDS + PI_GUARD] = {0}, term[PI_WORDS + PI_GUARD], part[PI_WORDS + PI_GUARD];
	const size_t len = PI_WORDS + PI_GUARD;

	pi_arctan(sum, term, part, len, 16, 5, false);
	pi_arctan(sum, term, part, len, 4, 239, true);
	memcpy(b->p, sum + 1, sizeof(b->p));
	memcpy(b->s, sum + 1 + SUBKEYS, sizeof(b->s));
}

static void
blowfish_encrypt(const struct blowfish *b, uint32_t *left, uint32_t *right)
{
	uint32_t l = *left ^ b->p[0], r = *right, swap;

	for (unsigned i = 1; i <= 16; i++) {
		r ^= (((b->s[0][l >> 24] + b->s[1][l >> 16 & 0xff]) ^ b->s[2][l >> 8 & 0xff]) +
			 b->s[3][l & 0xff]) ^
		     b->p[i];
		swap = l;
		l = r;
		r = swap;
	}
	*left = r ^ b->p[SUBKEYS - 1];
	*right = l;
}

/* The next word of 64 bytes that go round and round. */
static uint32_t
next_word(const uint8_t *bytes, size_t *at)
{
	uint32_t w = (uint32_t)bytes[*at] << 24 | (uint32_t)bytes[*at + 1] << 16 |
		     (uint32_t)bytes[*at + 2] << 8 | bytes[*at + 3];

	*at = (*at + 4) % crypto_hash_sha512_BYTES;
	return w;
}

/* bcrypt's key schedule. salt: NULL for the plain one of Blowfish. */
static void
blowfish_expand(struct blowfish *b, const uint8_t *salt, const uint8_t *key)
{
	uint32_t l = 0, r = 0;
	size_t at = 0;

	for (unsigned i = 0; i < SUBKEYS; i++)
		b->p[i] ^= next_word(key, &at);
	at = 0;
	for (unsigned i = 0; i < SUBKEYS + 4 * BOX; i += 2) {
		uint32_t *to = i < SUBKEYS ? b->p + i : b->s[(i - SUBKEYS) / BOX] + (i - SUBKEYS) % BOX;

		if (salt != NULL) {
			l ^= next_word(salt, &at);
			r ^= next_word(salt, &at);
		}
		blowfish_encrypt(b, &l, &r);
		to[0] = l;
		to[1] = r;
	}
}

/* w->hash of w->pass and w->salt. */
static void
bcrypt_hash(struct work *w)
{
	static const uint8_t magic[HASH_LEN + 1] = "OxychromaticBlowfishSwatDynamite";
	uint32_t text[HASH_LEN / 4];
	size_t at = 0;

	w->state = w->fresh;
	blowfish_expand(&w->state, w->salt, w->pass);
	for (unsigned i = 0; i < 64; i++) {
		blowfish_expand(&w->state, NULL, w->salt);
		blowfish_expand(&w->state, NULL, w->pass);
	}
	for (unsigned i = 0; i < HASH_LEN / 4; i++)
		text[i] = next_word(magic, &at);
	for (unsigned i = 0; i < 64; i++)
		for (unsigned k = 0; k < HASH_LEN / 4; k += 2)
			blowfish_encrypt(&w->state, &text[k], &text[k + 1]);
	for (unsigned i = 0; i < HASH_LEN; i++)
		w->hash[i] = (uint8_t)(text[i / 4] >> 8 * (i % 4));
	sodium_memzero(text, sizeof(text));
}

/* SHA-512 of the salt and a block's number. */
static void
salt_of_block(struct work *w, const uint8_t *salt, size_t salt_len, uint32_t block)
{
	const uint8_t number[4] = {
	    (uint8_t)(block >> 24), (uint8_t)(block >> 16), (uint8_t)(block >> 8), (uint8_t)block};
	crypto_hash_sha512_state sha;

	(void)crypto_hash_sha512_init(&sha);
	(void)crypto_hash_sha512_update(&sha, salt, salt_len);
	(void)crypto_hash_sha512_update(&sha, number, sizeof(number));
	(void)crypto_hash_sha512_final(&sha, w->salt);
}

int
bcrypt_pbkdf(const struct secret *passphrase, const uint8_t *salt, size_t salt_len, uint32_t rounds,
    struct secret *out, struct err *e)
{
	const size_t stride = (out->len + HASH_LEN - 1) / HASH_LEN; /* blocks */
	const size_t amount = (out->len + stride - 1) / stride;     /* bytes used of each */
	struct secret *memory;
	struct work *w;

	if (salt_len == 0)
		return err_set(e, ERR_INPUT, "bcrypt: no salt");
	if (rounds == 0 || rounds > BCRYPT_ROUNDS_MAX || salt_len > BCRYPT_SALT_MAX || out->len > OUT_MAX)
		return err_set(e, ERR_LIMIT, "bcrypt: rounds, salt or length out of bounds");
	if ((memory = secret_new(sizeof(*w), e)) == NULL)
		return -1;
	w = (struct work *)(void *)memory->bytes;
	blowfish_start(&w->fresh);
	(void)crypto_hash_sha512(w->pass, passphrase->bytes, passphrase->len);
	for (size_t block = 0; block < stride; block++) {
		salt_of_block(w, salt, salt_len, (uint32_t)block + 1);
		bcrypt_hash(w);
		memcpy(w->sum, w->hash, sizeof(w->sum));
		for (uint32_t i = 1; i < rounds; i++) {
			(void)crypto_hash_sha512(w->salt, w->hash, sizeof(w->hash));
			bcrypt_hash(w);
			for (unsigned k = 0; k < HASH_LEN; k++)
				w->sum[k] ^= w->hash[k];
		}
		/* The key's bytes go over the blocks in turn, so that none can be had without all. */
		for (size_t i = 0; i < amount && i * stride + block < out->len; i++)
			out->bytes[i * stride + block] = w->sum[i];
	}
	secret_free(memory);
	return 0;
}
