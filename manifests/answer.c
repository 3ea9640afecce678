/* What the house signs for a node: the release it logged, and the headers that go with it. */
#include <string.h>

#include "stager/json.h"
#include "stager/release.h"

#include "fields.h"

#define ANSWER_TYPE "stager.answer.1"
#define ANSWER_MAX (2 * NOTE_MAX + 2048)

static const char what[] = "answer";

int
answer_decode(const void *data, size_t len, struct answer *out, struct err *e)
{
	static const char *const keys[] = {
	    "type", "t", "manifest", "headers", "writer", "checkpoint", "index", "first", "end", NULL};
	struct json *j = NULL;
	const char *note;
	struct answer a;
	int rc = -1;

	memset(&a, 0, sizeof(a));
	if ((j = field_decode(data, len, ANSWER_MAX, ANSWER_TYPE, keys, what, e)) == NULL ||
	    json_need_hex(j, "t", a.t, DIGEST_LEN, what, e) == -1 ||
	    json_need_hex(j, "manifest", a.manifest, DIGEST_LEN, what, e) == -1 ||
	    json_need_hex(j, "headers", a.headers, DIGEST_LEN, what, e) == -1 ||
	    json_need_hex(j, "writer", a.writer, X25519_LEN, what, e) == -1 ||
	    (note = json_need_string(j, "checkpoint", what, e)) == NULL ||
	    field_u64(j, "index", 0, JSON_INT_MAX, what, &a.index, e) == -1 ||
	    field_u64(j, "first", 0, MANIFEST_SHARDS_MAX, what, &a.first, e) == -1 ||
	    field_u64(j, "end", 1, MANIFEST_SHARDS_MAX + 1, what, &a.end, e) == -1)
		goto out;
	if (strlen(note) < 1 || strlen(note) > NOTE_MAX) {
		err_set(e, ERR_INPUT, "%s: checkpoint is empty or too long", what);
		goto out;
	}
	if (a.first >= a.end) {
		err_set(e, ERR_INPUT, "%s: no range of rows", what);
		goto out;
	}
	memcpy(a.checkpoint, note, strlen(note) + 1);
	*out = a;
	rc = 0;
out:
	json_free(j);
	return rc;
}

int
answer_encode(const struct answer *a, struct buf *out, struct err *e)
{
	struct json *j = json_object();
	size_t before = out->len;
	struct answer again;
	int rc = -1;

	json_set_string(j, "type", ANSWER_TYPE);
	json_set_hex(j, "t", a->t, DIGEST_LEN);
	json_set_hex(j, "manifest", a->manifest, DIGEST_LEN);
	json_set_hex(j, "headers", a->headers, DIGEST_LEN);
	json_set_hex(j, "writer", a->writer, X25519_LEN);
	json_set_string(j, "checkpoint", a->checkpoint);
	if (field_set_u64(j, "index", a->index, e) == -1 || field_set_u64(j, "first", a->first, e) == -1 ||
	    field_set_u64(j, "end", a->end, e) == -1)
		goto out;
	if (field_encode(j, ANSWER_MAX, what, out, e) == -1)
		goto out;
	/* Nothing is signed that a node would refuse. */
	if ((rc = answer_decode(out->data + before, out->len - before, &again, e)) == -1)
		out->len = before;
out:
	json_free(j);
	return rc;
}
