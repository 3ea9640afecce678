/*
 * stager-key root FROM: the root secret out of a passphrase, shares or a descriptor, kept in locked memory while one
 * command of the supervisor's runs, and written into the pipes that the other programs read it from.
 *
 * FROM: raw (descriptor 4 has the 32 bytes), line (a passphrase), terminal, terminal-new (one that is typed), shares
 * (they come in messages).
 */
#include "key_root.h"

#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "key_open.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/sandbox.h"
#include "stager/share.h"

#define ROOT_FD 4

struct keeper {
	bool is_passphrase, is_shares;
	struct secret *passphrase; /* until ROOT_OPEN */
	size_t passphrase_len;
	struct share shares[SHARES_MAX]; /* until ROOT_OPEN */
	size_t share_count;
	struct secret *root;
	bool open;
	struct share split; /* what all shares of the split under way have in common */
	struct secret *polynomial;
};

static int
take_source(struct keeper *k, const char *from, struct err *e)
{
	static const struct {
		const char *name;
		enum passphrase_from from;
	} phrases[] = {
	    {"line", PASSPHRASE_LINE}, {"terminal", PASSPHRASE_TERMINAL}, {"terminal-new", PASSPHRASE_NEW}};

	if (from != NULL && strcmp(from, "raw") == 0)
		return (k->root = secret_read(ROOT_FD, ROOT_LEN, "root secret", e)) == NULL ? -1 : 0;
	if (from != NULL && strcmp(from, "shares") == 0) {
		k->is_shares = true;
		return 0;
	}
	for (size_t i = 0; from != NULL && i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (strcmp(from, phrases[i].name) != 0)
			continue;
		k->is_passphrase = true;
		k->passphrase = passphrase_read(ROOT_FD, phrases[i].from, &k->passphrase_len, e);
		return k->passphrase == NULL ? -1 : 0;
	}
	return err_set(e, ERR_USAGE, "root: from raw, line, terminal, terminal-new or shares");
}

static int
derive(struct keeper *k, const struct json *body, struct err *e)
{
	struct root_kdf kdf;
	int64_t passes, memory;

	if (json_need_hex(body, "salt", kdf.salt, ROOT_SALT_LEN, "root secret", e) == -1 ||
	    json_need_int(body, "passes", ROOT_PASSES_MIN, ROOT_PASSES_MAX, "root secret", &passes, e) ==
		-1 ||
	    json_need_int(body, "memory", (int64_t)ROOT_MEMORY_MIN, (int64_t)ROOT_MEMORY_MAX, "root secret",
		&memory, e) == -1)
		return -1;
	kdf.passes = (uint32_t)passes;
	kdf.memory = (uint64_t)memory;
	k->root = root_from_passphrase(k->passphrase, k->passphrase_len, &kdf, e);
	secret_free(k->passphrase);
	k->passphrase = NULL;
	return k->root == NULL ? -1 : 0;
}

/* ROOT_OPEN: the root secret is made, and is the right one where the house knows it. */
static int
open_root(struct keeper *k, const struct json *body, struct json **reply, struct err *e)
{
	const struct json *named = json_get(body, "house");
	const char *house = named != NULL && named->type == JSON_STRING ? named->string : NULL;
	uint8_t check[ROOT_CHECK_LEN], wanted[ROOT_CHECK_LEN];

	if (k->is_passphrase && derive(k, body, e) == -1)
		return -1;
	if (k->is_shares) {
		if ((k->root = share_join(k->shares, k->share_count, e)) == NULL)
			return -1;
		if (house == NULL)
			house = k->shares[0].house;
		if (strcmp(house, k->shares[0].house) != 0)
			return err_set(e, ERR_REFUSED, "shares: of house %s", k->shares[0].house);
	}
	if (house == NULL || !manifest_name_ok(house))
		return err_set(e, ERR_INPUT, "root secret: of which house?");
	if (root_check(k->root, house, check, e) == -1)
		return -1;
	if (json_get(body, "check") != NULL) {
		if (json_need_hex(body, "check", wanted, ROOT_CHECK_LEN, "root secret", e) == -1)
			return -1;
		if (sodium_memcmp(check, wanted, ROOT_CHECK_LEN) != 0)
			return err_set(e, ERR_REFUSED,
			    k->is_passphrase ? "wrong passphrase for house %s"
					     : "this is not the root secret of house %s",
			    house);
	}
	memcpy(k->split.house, house, strlen(house) + 1);
	memcpy(k->split.check, check, ROOT_CHECK_LEN);
	k->open = true;
	*reply = json_object();
	json_set_string(*reply, "house", house);
	json_set_hex(*reply, "check", check, ROOT_CHECK_LEN);
	for (size_t i = 0; i < k->share_count; i++)
		share_clear(&k->shares[i]);
	k->share_count = 0;
	return 0;
}

/* ROOT_SHARE: one share's file. */
static int
take_share(struct keeper *k, int fd, struct json **reply, struct err *e)
{
	struct secret *text;
	struct share *s;
	ssize_t len;
	int rc;

	if (k->share_count == SHARES_MAX)
		return err_set(e, ERR_LIMIT, "shares: over %d", SHARES_MAX);
	/* A byte more than there may be, so that a longer file is seen. */
	if ((text = secret_new(SHARE_TEXT_MAX + 1, e)) == NULL)
		return -1;
	s = &k->shares[k->share_count];
	if ((len = io_read(fd, text->bytes, text->len, "share", e)) == -1)
		rc = -1;
	else
		rc = share_decode(text, (size_t)len, s, e);
	secret_free(text);
	if (rc == -1)
		return -1;
	k->share_count++;
	*reply = json_object();
	json_set_string(*reply, "house", s->house);
	json_set_int(*reply, "share", s->index);
	return 0;
}

/* ROOT_SPLIT: one share into a file; the first draws the polynomial, the last forgets it. */
static int
give_share(struct keeper *k, const struct json *body, int fd, struct json **reply, struct err *e)
{
	struct share *s = &k->split;
	int64_t threshold, count, index;
	struct secret *text = NULL;
	int rc = -1;

	if (json_need_int(body, "threshold", 2, SHARES_MAX, "split", &threshold, e) == -1 ||
	    json_need_int(body, "shares", threshold, SHARES_MAX, "split", &count, e) == -1 ||
	    json_need_int(body, "share", 1, count, "split", &index, e) == -1)
		return -1;
	if (k->polynomial == NULL) {
		if ((k->polynomial = share_polynomial(k->root, (unsigned)threshold, e)) == NULL)
			return -1;
		s->threshold = (unsigned)threshold;
		s->count = (unsigned)count;
		s->index = 0;
		randombytes_buf(s->set, SHARE_SET_LEN);
	}
	if (s->threshold != threshold || s->count != count || index != s->index + 1)
		return err_set(e, ERR_INPUT, "split: the shares are not asked for in their order");
	s->index++;
	if ((s->value = share_value(k->polynomial, s->index, e)) == NULL ||
	    (text = share_encode(s, e)) == NULL || io_write(fd, text->bytes, text->len, "share", e) == -1)
		goto out;
	if (s->index == s->count) {
		secret_free(k->polynomial);
		k->polynomial = NULL;
	}
	*reply = json_object();
	rc = 0;
out:
	secret_free(text);
	secret_free(s->value);
	s->value = NULL;
	return rc;
}

static int
answer(void *ctx, const struct wire_message *m, const struct json *body, enum wire_type *reply_type,
    struct json **reply, struct err *e)
{
	struct keeper *k = ctx;
	bool with_fd = m->type == WIRE_ROOT_GIVE || m->type == WIRE_ROOT_SHARE || m->type == WIRE_ROOT_SPLIT;

	if (m->fds[1] != -1 || with_fd != (m->fds[0] != -1))
		return err_set(e, ERR_INPUT, "control message: type %d with wrong descriptors", (int)m->type);
	*reply_type = WIRE_OK;
	if (m->type == WIRE_ROOT_OPEN && !k->open)
		return open_root(k, body, reply, e);
	if (m->type == WIRE_ROOT_SHARE && !k->open && k->is_shares)
		return take_share(k, m->fds[0], reply, e);
	if (m->type == WIRE_ROOT_SPLIT && k->open)
		return give_share(k, body, m->fds[0], reply, e);
	if (m->type == WIRE_ROOT_GIVE && k->open) {
		if (io_write(m->fds[0], k->root->bytes, ROOT_LEN, "root secret", e) == -1)
			return -1;
		*reply = json_object();
		return 0;
	}
	return err_set(e, ERR_INPUT, "control message: type %d is not due", (int)m->type);
}

int
key_root(int argc, char **argv, struct err *e)
{
	struct sandbox sandbox = {.allow = SANDBOX_PASS_FD | SANDBOX_SECRETS, .folder = -1};
	struct keeper k = {.open = false};
	int rc = -1;

	if (secret_start(e) == -1 || take_source(&k, argc > 2 ? argv[2] : NULL, e) == -1)
		goto out;
	(void)close(ROOT_FD);
	if (sandbox_enter(&sandbox, NULL, e) == -1)
		goto out;
	sandbox_prove(argc, argv);
	while ((rc = wire_serve(WIRE_FD, answer, &k, e)) == 1)
		continue;
out:
	for (size_t i = 0; i < k.share_count; i++)
		share_clear(&k.shares[i]);
	secret_free(k.polynomial);
	secret_free(k.passphrase);
	secret_free(k.root);
	return rc;
}
