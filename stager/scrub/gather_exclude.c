/* Lists of subjects, a key a line: exclusion lists, of whom nothing may leave, and those who are withdrawn. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "stager/context.h"
#include "stager/gather.h"
#include "stager/pattern.h"
#include "stager/policy.h"
#include "stager/source.h"
#include "reference.h"
#include "subject.h"

#define CHUNK (64u << 10)
/* No key is longer, and the name of a column is no longer than a policy's. */
#define LINE_MAX_LEN 512

struct list {
	const char *what;
	const struct subject_rules *rules;
	int (*each)(void *ctx, const char *key, size_t len, uint64_t line, struct err *e);
	void *ctx;
	uint64_t line, keys;
	size_t len; /* of the line so far */
	char text[LINE_MAX_LEN];
};

static int
bad(const struct list *l, const char *what, struct err *e)
{
	return err_set(e, ERR_INPUT, "%s: line %" PRIu64 " %s", l->what, l->line, what);
}

static int
take_line(struct list *l, struct err *e)
{
	const struct subject_rules *rules = l->rules;
	char key[SUBJECT_KEY_MAX], *text = l->text;
	size_t len = l->len, key_len;
	int rc;

	l->line++;
	l->len = 0;
	if (l->line == 1 && len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	while (len > 0 && (text[len - 1] == '\r' || text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	while (len > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		len--;
	}
	if (len == 0)
		return 0;
	if (l->line == 1 && len == strlen(rules->column) && memcmp(text, rules->column, len) == 0)
		return 0;
	/* Somebody asked to be left out, and nobody knows who: nothing may be made before that is clear. */
	if (!subject_key(rules, text, len, key, &key_len))
		return bad(l, "has not the form of a key", e);
	rc = l->each(l->ctx, key, key_len, l->line, e);
	explicit_bzero(key, sizeof(key));
	l->keys++;
	return rc;
}

static int
take_bytes(struct list *l, const uint8_t *bytes, size_t len, struct err *e)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n') {
			if (take_line(l, e) == -1)
				return -1;
		} else if (l->len == sizeof(l->text)) {
			l->line++;
			return bad(l, "has not the form of a key", e);
		} else {
			l->text[l->len++] = (char)bytes[i];
		}
	}
	return 0;
}

int
gather_list(const char *what, const struct subject_rules *rules, struct source *in,
    const uint8_t salt[static DIGEST_LEN],
    int (*each)(void *ctx, const char *key, size_t len, uint64_t line, struct err *e), void *ctx,
    uint8_t commitment[static DIGEST_LEN], uint64_t *keys, struct err *e)
{
	struct list list = {.what = what, .rules = rules, .each = each, .ctx = ctx};
	crypto_hash_sha256_state state;
	uint8_t *chunk = malloc(CHUNK);
	int rc = -1;
	ssize_t n;

	if (chunk == NULL)
		return err_sys(e, "%s", what);
	(void)crypto_hash_sha256_init(&state);
	(void)crypto_hash_sha256_update(&state, salt, DIGEST_LEN);
	while ((n = source_read_full(in, chunk, CHUNK, e)) > 0) {
		(void)crypto_hash_sha256_update(&state, chunk, (size_t)n);
		if (take_bytes(&list, chunk, (size_t)n, e) == -1)
			goto out;
	}
	if (n == -1 || (list.len > 0 && take_line(&list, e) == -1))
		goto out;
	*keys = list.keys;
	rc = 0;
out:
	(void)crypto_hash_sha256_final(&state, commitment);
	explicit_bzero(chunk, CHUNK);
	explicit_bzero(list.text, sizeof(list.text));
	free(chunk);
	return rc;
}

static int
exclude(void *ctx, const char *key, size_t len, uint64_t line, struct err *e)
{
	struct gather *g = ctx;
	char pseudonym[PSEUDONYM_LEN + 1], cased[REFERENCE_UUID_LEN];
	int rc;

	(void)line;
	pseudonym_make(g->key, key, len, pseudonym);
	rc = context_add(g->maker, pseudonym, SUBJECT_EXCLUDED, "", 0, e);
	for (int capital = 0; rc == 0 && capital < 2; capital++) {
		if (!reference_uuid_cased(key, len, capital == 1, cased))
			continue;
		pseudonym_make(g->key, cased, len, pseudonym);
		rc = context_add(g->maker, pseudonym, SUBJECT_EXCLUDED, "", 0, e);
	}
	explicit_bzero(cased, sizeof(cased));
	return rc;
}

int
gather_exclude(struct gather *g, struct source *in, const uint8_t salt[static DIGEST_LEN],
    uint8_t commitment[static DIGEST_LEN], uint64_t *keys, struct err *e)
{
	return gather_list("exclusion list", g->policy->subject, in, salt, exclude, g, commitment, keys, e);
}

int
gather_spellings(const struct subject_rules *rules, const char *key, size_t len,
    int (*each)(void *ctx, const char *value, size_t len, struct err *e), void *ctx, struct err *e)
{
	char low[SUBJECT_KEY_MAX];
	bool capital = false;
	int rc = 0;

	for (size_t i = 1; rc == 0 && len == rules->pad && i < len && key[i - 1] == '0'; i++)
		if (key[i] != ' ' &&
		    (rules->pattern == NULL || pattern_match(rules->pattern, key + i, len - i)))
			rc = each(ctx, key + i, len - i, e);
	for (int upper = 0; rc == 0 && upper < 2; upper++)
		if (reference_uuid_cased(key, len, upper == 1, low))
			rc = each(ctx, low, len, e);
	if (rc == -1 || len > sizeof(low) || memchr(key, '@', len) == NULL)
		return rc;
	for (size_t i = 0; i < len; i++) {
		low[i] = (char)(key[i] >= 'A' && key[i] <= 'Z' ? key[i] | 0x20 : key[i]);
		capital = capital || low[i] != key[i];
	}
	rc = capital ? each(ctx, low, len, e) : 0;
	explicit_bzero(low, sizeof(low));
	return rc;
}
