/* Tokens in an Authorization field: Bearer, and Basic with the token as its password. */
#include <string.h>
#include <strings.h>

#include <sodium.h>

#include "stager/http_auth.h"
#include "stager/secret.h"

#define BASIC_USER "stager:"
#define BASIC_MAX 1024 /* bytes of base64 */

/* t begins with the scheme and a space: what follows is *rest. */
static bool
has_scheme(const struct http_text *t, const char *scheme, struct http_text *rest)
{
	size_t len = strlen(scheme);

	if (t->len <= len || strncasecmp(t->at, scheme, len) != 0 || t->at[len] != ' ')
		return false;
	rest->at = t->at + len + 1;
	rest->len = t->len - len - 1;
	return true;
}

static bool
same_token(const void *claimed, size_t len, const struct secret *token)
{
	uint8_t one[DIGEST_LEN], other[DIGEST_LEN];

	digest_bytes(claimed, len, one);
	digest_bytes(token->bytes, token->len, other);
	return digest_equal(one, other);
}

static bool
basic_is(const struct http_text *text, const struct secret *token)
{
	const size_t user = strlen(BASIC_USER);
	struct secret *plain = NULL;
	bool same = false;
	size_t len = 0;

	if (text->len == 0 || text->len > BASIC_MAX || (plain = secret_new(text->len, NULL)) == NULL)
		return false;
	if (sodium_base642bin(plain->bytes, plain->len, text->at, text->len, NULL, &len, NULL,
		sodium_base64_VARIANT_ORIGINAL) == 0 &&
	    len > user && memcmp(plain->bytes, BASIC_USER, user) == 0)
		same = same_token(plain->bytes + user, len - user, token);
	secret_free(plain);
	return same;
}

bool
http_bearer_is(const struct http_request *r, const struct secret *token)
{
	struct http_text t, rest;

	if (http_field(r, "authorization", &t) != 1)
		return false;
	if (has_scheme(&t, "Bearer", &rest))
		return same_token(rest.at, rest.len, token);
	return has_scheme(&t, "Basic", &rest) && basic_is(&rest, token);
}
