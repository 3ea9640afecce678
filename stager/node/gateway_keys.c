/* The gateway's keys: made with every start, told once, never on a command line. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stager/enc.h"
#include "stager/gateway.h"
#include "stager/secret.h"

#define RANDOM_LEN 32
#define LINE_MAX_LEN 1024

/* 256 random bits as base32 text, in locked memory all the way. */
static struct secret *
random_text(struct err *e)
{
	struct secret *bytes = secret_random(RANDOM_LEN, e), *text = NULL, *out = NULL;

	if (bytes == NULL || (text = secret_new(BASE32_LEN(RANDOM_LEN) + 1, e)) == NULL ||
	    (out = secret_new(BASE32_LEN(RANDOM_LEN), e)) == NULL)
		goto out;
	base32_encode(bytes->bytes, bytes->len, (char *)text->bytes);
	memcpy(out->bytes, text->bytes, out->len);
out:
	secret_free(bytes);
	secret_free(text);
	return out;
}

int
gateway_keys_new(struct gateway_keys *k, struct err *e)
{
	struct secret *name;

	memset(k, 0, sizeof(*k));
	if ((name = random_text(e)) == NULL)
		return -1;
	/* Shaped as AWS's are, for clients that look. It is a name, no secret. */
	(void)snprintf(
	    k->access, sizeof(k->access), "STGR%.*s", GATEWAY_ACCESS_LEN - 4, (const char *)name->bytes);
	for (char *c = k->access; *c != '\0'; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
	secret_free(name);
	if ((k->secret = random_text(e)) == NULL || (k->token = random_text(e)) == NULL) {
		gateway_keys_free(k);
		return -1;
	}
	return 0;
}

void
gateway_keys_free(struct gateway_keys *k)
{
	secret_free(k->secret);
	secret_free(k->token);
	memset(k, 0, sizeof(*k));
}

struct secret *
gateway_ready(const struct gateway_keys *k, uint16_t port, const char *bucket, bool results, struct err *e)
{
	struct secret *line = secret_new(LINE_MAX_LEN, e), *exact = NULL;
	int len;

	if (line == NULL)
		return NULL;
	len = snprintf((char *)line->bytes, line->len,
	    "{\"access-key\":\"%s\",\"bearer\":\"%.*s\",\"bucket\":\"%s\",\"pid\":%ld,\"results\":%s,"
	    "\"secret-key\":\"%.*s\",\"url\":\"http://127.0.0.1:%u\"}\n",
	    k->access, (int)k->token->len, (const char *)k->token->bytes, bucket, (long)getpid(),
	    results ? "true" : "false", (int)k->secret->len, (const char *)k->secret->bytes, port);
	if (len < 0 || len >= LINE_MAX_LEN)
		err_set(e, ERR_LIMIT, "ready line: too long");
	else if ((exact = secret_new((size_t)len, e)) != NULL)
		memcpy(exact->bytes, line->bytes, (size_t)len);
	secret_free(line);
	return exact;
}
