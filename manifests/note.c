/* Checkpoints as signed notes (C2SP tlog-checkpoint, signed-note): writer and reader side by side. */
#include "stager/note.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "stager/enc.h"
#include "stager/tree.h"
#include "stager/utf8.h"

#define KEYID_LEN 4
#define ALGORITHM_ED25519 0x01
#define EM_DASH "\xe2\x80\x94"
#define SIGNATURE_LEAD EM_DASH " "

/* Names are ours: printable ASCII without space and plus, a part of what C2SP allows. */
static int
name_check(const char *name, struct err *e)
{
	size_t len = strlen(name);

	if (len == 0 || len > NOTE_NAME_MAX)
		return err_set(e, ERR_INPUT, "note: key name: length");
	for (size_t i = 0; i < len; i++)
		if (name[i] <= 0x20 || name[i] >= 0x7f || name[i] == '+')
			return err_set(e, ERR_INPUT, "note: key name: a character that may not stand there");
	return 0;
}

/* SHA-256(NAME | 0x0A | 0x01 | public key)[0:4] */
static void
note_keyid(const char *name, const uint8_t key[static SIGN_PUBLIC_LEN], uint8_t out[static KEYID_LEN])
{
	static const uint8_t between[] = {'\n', ALGORITHM_ED25519};
	const struct digest_part parts[] = {
	    {name, strlen(name)}, {between, sizeof(between)}, {key, SIGN_PUBLIC_LEN}};
	uint8_t digest[DIGEST_LEN];

	digest_sha256(parts, 3, digest);
	memcpy(out, digest, KEYID_LEN);
}

int
checkpoint_body(const struct checkpoint *c, struct buf *out, struct err *e)
{
	if (name_check(c->origin, e) == -1)
		return -1;
	if (buf_printf(out, e, "%s\n%" PRIu64 "\n", c->origin, c->size) == -1 ||
	    base64_encode(c->root, DIGEST_LEN, out, e) == -1)
		return -1;
	return buf_put_u8(out, '\n', e);
}

int
checkpoint_note(const struct checkpoint *c, const uint8_t key[static SIGN_PUBLIC_LEN],
    const uint8_t signature[static SIGNATURE_LEN], struct buf *out, struct err *e)
{
	uint8_t signed_by[KEYID_LEN + SIGNATURE_LEN];

	if (checkpoint_body(c, out, e) == -1)
		return -1;
	note_keyid(c->origin, key, signed_by);
	memcpy(signed_by + KEYID_LEN, signature, SIGNATURE_LEN);
	if (buf_printf(out, e, "\n" SIGNATURE_LEAD "%s ", c->origin) == -1 ||
	    base64_encode(signed_by, sizeof(signed_by), out, e) == -1)
		return -1;
	return buf_put_u8(out, '\n', e);
}

/* UTF-8 without control characters other than the newline, ending in one. */
static int
note_check_text(const uint8_t *text, size_t len, struct err *e)
{
	if (len > NOTE_MAX)
		return err_set(e, ERR_LIMIT, "note: longer than %d bytes", NOTE_MAX);
	if (len == 0 || text[len - 1] != '\n')
		return err_set(e, ERR_INPUT, "note: does not end in a newline");
	if (!utf8_valid(text, len))
		return err_set(e, ERR_INPUT, "note: no UTF-8");
	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x20 && text[i] != '\n')
			return err_set(e, ERR_INPUT, "note: a control character");
	return 0;
}

/* The next line without its newline; the caller knows that a newline follows. */
static struct view
take_line(struct view *v)
{
	const uint8_t *end = memchr(v->data, '\n', v->len);
	struct view line = view_of(v->data, (size_t)(end - v->data), v->what);

	v->data += line.len + 1;
	v->len -= line.len + 1;
	return line;
}

/*
 * One signature line: "— NAME base64". Where it is by this name and key id, the signature must be good
 * and *good is set; a line of anybody else is passed over.
 */
static int
note_check_signature(struct view line, struct view text, const char *name,
    const uint8_t key[static SIGN_PUBLIC_LEN], bool *good, struct err *e)
{
	const size_t lead = strlen(SIGNATURE_LEAD);
	uint8_t keyid[KEYID_LEN];
	struct buf bytes;
	const uint8_t *space;
	size_t name_len;
	int rc = -1;

	buf_init(&bytes, NOTE_MAX);
	if (line.len < lead || memcmp(line.data, SIGNATURE_LEAD, lead) != 0) {
		err_set(e, ERR_INPUT, "note: a signature line does not begin with a dash");
		goto out;
	}
	line.data += lead;
	line.len -= lead;
	if ((space = memchr(line.data, ' ', line.len)) == NULL || space == line.data) {
		err_set(e, ERR_INPUT, "note: a signature line without a name");
		goto out;
	}
	name_len = (size_t)(space - line.data);
	if (memchr(line.data, '+', name_len) != NULL) {
		err_set(e, ERR_INPUT, "note: a plus sign in a key name");
		goto out;
	}
	if (base64_decode((const char *)space + 1, line.len - name_len - 1, &bytes, "note: signature", e) ==
	    -1)
		goto out;
	if (bytes.len <= KEYID_LEN) {
		err_set(e, ERR_INPUT, "note: an empty signature");
		goto out;
	}
	rc = 0;
	note_keyid(name, key, keyid);
	if (name_len != strlen(name) || memcmp(line.data, name, name_len) != 0 ||
	    memcmp(bytes.data, keyid, KEYID_LEN) != 0)
		goto out;
	if (bytes.len != KEYID_LEN + SIGNATURE_LEN)
		rc = err_set(e, ERR_FORGED, "note: the signature has a wrong length");
	else
		rc = sign_check(key, text.data, text.len, bytes.data + KEYID_LEN, "checkpoint", e);
	if (rc == 0)
		*good = true;
out:
	buf_free(&bytes);
	return rc;
}

/* Decimal digits without leading zeros, up to TREE_SIZE_MAX. */
static int
parse_size(struct view line, uint64_t *out, struct err *e)
{
	uint64_t size = 0;

	if (line.len == 0 || line.len > 19 || (line.data[0] == '0' && line.len > 1))
		return err_set(e, ERR_INPUT, "checkpoint: size");
	for (size_t i = 0; i < line.len; i++) {
		if (line.data[i] < '0' || line.data[i] > '9')
			return err_set(e, ERR_INPUT, "checkpoint: size");
		size = size * 10 + (uint64_t)(line.data[i] - '0');
	}
	if (size > TREE_SIZE_MAX)
		return err_set(e, ERR_LIMIT, "checkpoint: size past the limit");
	*out = size;
	return 0;
}

/* The text of a note: origin, size, root, a line each. Extension lines are covered by the signature and mean
 * nothing here. */
static int
checkpoint_parse(struct view text, const char *origin, struct checkpoint *out, struct err *e)
{
	struct view line[3];
	struct buf root;
	int rc = -1;

	buf_init(&root, DIGEST_LEN);
	for (size_t i = 0; i < 3; i++) {
		if (text.len == 0) {
			err_set(e, ERR_INPUT, "checkpoint: fewer than three lines");
			goto out;
		}
		line[i] = take_line(&text);
	}
	while (text.len > 0) {
		if (take_line(&text).len == 0) {
			err_set(e, ERR_INPUT, "checkpoint: an empty line");
			goto out;
		}
	}
	if (line[0].len != strlen(origin) || memcmp(line[0].data, origin, line[0].len) != 0) {
		err_set(e, ERR_FORGED, "checkpoint: another log's origin");
		goto out;
	}
	memcpy(out->origin, origin, line[0].len + 1);
	if (parse_size(line[1], &out->size, e) == -1 ||
	    base64_decode((const char *)line[2].data, line[2].len, &root, "checkpoint: root", e) == -1)
		goto out;
	if (root.len != DIGEST_LEN) {
		err_set(e, ERR_INPUT, "checkpoint: root: length");
		goto out;
	}
	memcpy(out->root, root.data, DIGEST_LEN);
	rc = 0;
out:
	buf_free(&root);
	return rc;
}

int
checkpoint_open(const void *note, size_t len, const char *origin, const uint8_t key[static SIGN_PUBLIC_LEN],
    struct checkpoint *out, struct err *e)
{
	const uint8_t *bytes = note;
	struct checkpoint found = {0};
	struct view text, signatures;
	size_t at = len;
	bool good = false;

	if (name_check(origin, e) == -1 || note_check_text(bytes, len, e) == -1)
		return -1;
	/* The last empty line parts the text, its own newline included, from the signatures. */
	while (at >= 2 && !(bytes[at - 1] == '\n' && bytes[at - 2] == '\n'))
		at--;
	if (at < 2 || at == len)
		return err_set(e, ERR_INPUT, "note: no signatures");
	text = view_of(bytes, at - 1, "checkpoint");
	signatures = view_of(bytes + at, len - at, "note");

	while (signatures.len > 0)
		if (note_check_signature(take_line(&signatures), text, origin, key, &good, e) == -1)
			return -1;
	if (!good)
		return err_set(e, ERR_FORGED, "checkpoint: no signature by this log's key");
	if (checkpoint_parse(text, origin, &found, e) == -1)
		return -1;
	*out = found;
	return 0;
}

int
note_vkey(const char *name, const uint8_t key[static SIGN_PUBLIC_LEN], struct buf *out, struct err *e)
{
	uint8_t typed[1 + SIGN_PUBLIC_LEN], keyid[KEYID_LEN];
	char hex[2 * KEYID_LEN + 1];

	if (name_check(name, e) == -1)
		return -1;
	note_keyid(name, key, keyid);
	hex_encode(keyid, KEYID_LEN, hex);
	typed[0] = ALGORITHM_ED25519;
	memcpy(typed + 1, key, SIGN_PUBLIC_LEN);
	if (buf_printf(out, e, "%s+%s+", name, hex) == -1)
		return -1;
	return base64_encode(typed, sizeof(typed), out, e);
}
