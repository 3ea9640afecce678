/* Splitting the root secret into shares and joining them: Shamir over GF(2^8), without tables or branches on secrets. */
#include "stager/share.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "stager/digest.h"
#include "stager/secret.h"

#define SUM_HEX_LEN 16
#define VALUE_HEX_LEN (2 * (size_t)ROOT_LEN)

/* a * b modulo 0x11d: eight steps, whatever they are. */
static uint8_t
multiply(uint8_t a, uint8_t b)
{
	unsigned x = a, sum = 0;

	for (unsigned bit = 0; bit < 8; bit++) {
		sum ^= x & (0u - (b >> bit & 1u));
		x = x << 1 ^ (0x11du & (0u - (x >> 7 & 1u)));
	}
	return (uint8_t)sum;
}

/*
 * sum = sum * by ^ add, or sum ^= add * by: a secret's bytes at once. Compilers spill such loops to the stack: each has a
 * frame of its own, which the caller wipes with wipe_frame.
 */
static void __attribute__((noinline)) scale_add(uint8_t *sum, uint8_t by, const uint8_t *add)
{
	for (size_t i = 0; i < ROOT_LEN; i++)
		sum[i] = multiply(sum[i], by) ^ add[i];
}

static void __attribute__((noinline)) add_scaled(uint8_t *sum, const uint8_t *add, uint8_t by)
{
	for (size_t i = 0; i < ROOT_LEN; i++)
		sum[i] ^= multiply(add[i], by);
}

static void
wipe_frame(void)
{
	sodium_stackzero(1024);
}

/* a^254, which is 1/a. Of share numbers alone, which are public. */
static uint8_t
invert(uint8_t a)
{
	uint8_t power = a, product = 1;

	for (unsigned bit = 1; bit < 8; bit++) {
		power = multiply(power, power);
		product = multiply(product, power);
	}
	return product;
}

struct secret *
share_polynomial(const struct secret *root, unsigned threshold, struct err *e)
{
	struct secret *polynomial;

	if (root->len != ROOT_LEN || threshold < 2 || threshold > SHARES_MAX) {
		err_set(e, ERR_LIMIT, "shares: a threshold from 2 to %d is wanted", SHARES_MAX);
		return NULL;
	}
	if ((polynomial = secret_random((size_t)threshold * ROOT_LEN, e)) != NULL)
		memcpy(polynomial->bytes, root->bytes, ROOT_LEN);
	return polynomial;
}

struct secret *
share_value(const struct secret *polynomial, unsigned index, struct err *e)
{
	struct secret *value;

	if (index < 1 || index > 255 || polynomial->len % ROOT_LEN != 0) {
		err_set(e, ERR_LIMIT, "shares: number %u", index);
		return NULL;
	}
	if ((value = secret_new(ROOT_LEN, e)) == NULL)
		return NULL;
	/* Horner, from the highest coefficient down. */
	for (size_t at = polynomial->len; at > 0; at -= ROOT_LEN)
		scale_add(value->bytes, (uint8_t)index, polynomial->bytes + at - ROOT_LEN);
	wipe_frame();
	return value;
}

/* The lines before the value, which are public. Returns their length. */
static size_t
public_lines(const struct share *s, char *out, size_t size)
{
	char set[2 * SHARE_SET_LEN + 1], check[2 * ROOT_CHECK_LEN + 1];
	int len;

	(void)sodium_bin2hex(set, sizeof(set), s->set, SHARE_SET_LEN);
	(void)sodium_bin2hex(check, sizeof(check), s->check, ROOT_CHECK_LEN);
	len = snprintf(out, size,
	    "stager root share 1\nhouse: %s\nshare: %u of %u, of which %u are needed\nset: %s\ncheck: "
	    "%s\nvalue: ",
	    s->house, s->index, s->count, s->threshold, set, check);
	return len < 0 || (size_t)len >= size ? 0 : (size_t)len;
}

struct secret *
share_encode(const struct share *s, struct err *e)
{
	char lines[SHARE_TEXT_MAX], sum[SUM_HEX_LEN + 1];
	size_t at = public_lines(s, lines, sizeof(lines));
	uint8_t digest[DIGEST_LEN];
	struct secret *text;

	if (at == 0 || s->value->len != ROOT_LEN) {
		err_set(e, ERR_LIMIT, "share: a length is wrong");
		return NULL;
	}
	if ((text = secret_new(at + VALUE_HEX_LEN + strlen("\nsum: ") + SUM_HEX_LEN + 1, e)) == NULL)
		return NULL;
	memcpy(text->bytes, lines, at);
	/* Its NUL is where the next line's newline will be. */
	(void)sodium_bin2hex((char *)text->bytes + at, VALUE_HEX_LEN + 1, s->value->bytes, ROOT_LEN);
	at += VALUE_HEX_LEN;
	text->bytes[at++] = '\n';
	/* Against slips of a pen; that the joined secret is the right one, check says. */
	digest_bytes(text->bytes, at, digest);
	(void)sodium_bin2hex(sum, sizeof(sum), digest, SUM_HEX_LEN / 2);
	memcpy(text->bytes + at, "sum: ", 5);
	memcpy(text->bytes + at + 5, sum, SUM_HEX_LEN);
	text->bytes[at + 5 + SUM_HEX_LEN] = '\n';
	return text;
}

/* The public lines' numbers and names, out of a copy that holds no secret. */
static bool
read_lines(const char *lines, struct share *out)
{
	char house[SHARE_HOUSE_MAX + 1], set[2 * SHARE_SET_LEN + 1], check[2 * ROOT_CHECK_LEN + 1];
	size_t set_len, check_len;

	_Static_assert(SHARE_HOUSE_MAX == 64 && SHARE_SET_LEN == 8 && ROOT_CHECK_LEN == 16, "widths below");
	if (sscanf(lines,
		"stager root share 1\nhouse: %64[a-z0-9.-]\nshare: %3u of %3u, of which %3u are needed\nset: "
		"%16[0-9a-f]\ncheck: %32[0-9a-f]\n",
		house, &out->index, &out->count, &out->threshold, set, check) != 6)
		return false;
	memcpy(out->house, house, sizeof(out->house));
	return out->threshold >= 2 && out->threshold <= out->count && out->count <= SHARES_MAX &&
	       out->index >= 1 && out->index <= out->count &&
	       sodium_hex2bin(out->set, SHARE_SET_LEN, set, strlen(set), NULL, &set_len, NULL) == 0 &&
	       sodium_hex2bin(out->check, ROOT_CHECK_LEN, check, strlen(check), NULL, &check_len, NULL) ==
		   0 &&
	       set_len == SHARE_SET_LEN && check_len == ROOT_CHECK_LEN;
}

int
share_decode(const struct secret *text, size_t len, struct share *out, struct err *e)
{
	static const char key[] = "\nvalue: ";
	char lines[SHARE_TEXT_MAX] = "";
	struct secret *again = NULL;
	size_t at = 0, value_len = 0;
	int rc = -1;

	memset(out, 0, sizeof(*out));
	if (len > text->len)
		len = text->len;
	while (at + sizeof(key) - 1 < len && at < sizeof(lines) - sizeof(key) &&
	       memcmp(text->bytes + at, key, sizeof(key) - 1) != 0)
		at++;
	/* The last line needed stays terminated by its newline. */
	if (at + sizeof(key) - 1 + VALUE_HEX_LEN > len || at >= sizeof(lines) - sizeof(key) ||
	    memchr(text->bytes, '\0', at) != NULL)
		goto out;
	memcpy(lines, text->bytes, at + 1);
	if (!read_lines(lines, out) || (out->value = secret_new(ROOT_LEN, e)) == NULL ||
	    sodium_hex2bin(out->value->bytes, ROOT_LEN, (const char *)text->bytes + at + sizeof(key) - 1,
		VALUE_HEX_LEN, NULL, &value_len, NULL) != 0 ||
	    value_len != ROOT_LEN)
		goto out;
	/* Exactly what would be written: no other spelling, and the sum is right. */
	if ((again = share_encode(out, e)) == NULL)
		goto out;
	if (again->len == len && sodium_memcmp(again->bytes, text->bytes, len) == 0)
		rc = 0;
out:
	secret_free(again);
	sodium_memzero(lines, sizeof(lines));
	if (rc == -1) {
		err_set(e, ERR_FORGED, "share: damaged, or no share of a root secret");
		share_clear(out);
	}
	return rc;
}

/* Whether these belong together, and are enough. */
static int
join_check(const struct share *shares, size_t count, struct err *e)
{
	if (count == 0)
		return err_set(e, ERR_REFUSED, "shares: none given");
	for (size_t i = 0; i < count; i++) {
		if (strcmp(shares[i].house, shares[0].house) != 0)
			return err_set(e, ERR_REFUSED, "shares: of two houses, %s and %s", shares[0].house,
			    shares[i].house);
		if (memcmp(shares[i].set, shares[0].set, SHARE_SET_LEN) != 0 ||
		    memcmp(shares[i].check, shares[0].check, ROOT_CHECK_LEN) != 0 ||
		    shares[i].threshold != shares[0].threshold || shares[i].count != shares[0].count)
			return err_set(e, ERR_REFUSED,
			    "shares: number %u and number %u are of two different splits", shares[0].index,
			    shares[i].index);
		for (size_t j = 0; j < i; j++)
			if (shares[i].index == shares[j].index)
				return err_set(
				    e, ERR_REFUSED, "shares: number %u is given twice", shares[i].index);
	}
	if (count < shares[0].threshold)
		return err_set(
		    e, ERR_REFUSED, "shares: %u are needed, %zu given", shares[0].threshold, count);
	return 0;
}

struct secret *
share_join(const struct share *shares, size_t count, struct err *e)
{
	uint8_t check[ROOT_CHECK_LEN];
	struct secret *root = NULL;
	size_t used;

	if (join_check(shares, count, e) == -1 || (root = secret_new(ROOT_LEN, e)) == NULL)
		return NULL;
	used = shares[0].threshold;
	for (size_t i = 0; i < used; i++) {
		uint8_t weight = 1;

		/* Lagrange at 0: the product of x_j / (x_j - x_i); minus is xor. */
		for (size_t j = 0; j < used; j++)
			if (j != i)
				weight = multiply(
				    weight, multiply((uint8_t)shares[j].index,
						invert((uint8_t)(shares[j].index ^ shares[i].index))));
		add_scaled(root->bytes, shares[i].value->bytes, weight);
	}
	wipe_frame();
	if (root_check(root, shares[0].house, check, e) == -1)
		goto fail;
	if (sodium_memcmp(check, shares[0].check, ROOT_CHECK_LEN) != 0) {
		err_set(e, ERR_FORGED, "shares: what they give is not the secret that was split");
		goto fail;
	}
	return root;
fail:
	secret_free(root);
	return NULL;
}

void
share_clear(struct share *s)
{
	secret_free(s->value);
	memset(s, 0, sizeof(*s));
}
