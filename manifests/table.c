/* The shard table of a set: one canonical JSON line a shard, then the index. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stager/c4gh.h"
#include "stager/json.h"
#include "stager/manifest.h"

#include "fields.h"

#define LINE_MAX_LEN 512 /* the longest line that can be is under 300 bytes */

static bool
line_name_ok(const char *name)
{
	if (strcmp(name, "index") == 0)
		return true;
	if (strncmp(name, "shard-", 6) != 0 || strlen(name) != 11)
		return false;
	for (size_t i = 6; i < 11; i++)
		if (name[i] < '0' || name[i] > '9')
			return false;
	return true;
}

/* Bodies have one length for a plaintext's: 28 bytes for each begun 64 KiB. */
static int
line_check_shape(const struct shard_line *l, struct err *e)
{
	if (l->segments != (l->plain + C4GH_PLAIN_MAX - 1) / C4GH_PLAIN_MAX ||
	    l->body != l->plain + l->segments * (C4GH_SEGMENT_MAX - C4GH_PLAIN_MAX))
		return err_set(e, ERR_INPUT, "shard table: %s: lengths do not fit each other", l->name);
	if (l->members == 0 && strcmp(l->name, "index") != 0)
		return err_set(e, ERR_INPUT, "shard table: %s: no members", l->name);
	return 0;
}

int
table_decode_line(const struct json *j, bool extra, struct shard_line *out, struct err *e)
{
	static const char *const keys[] = {
	    "name", "body", "plain", "segments", "members", "sums", "commitment", NULL, NULL};
	static const char *const with[] = {
	    "name", "body", "plain", "segments", "members", "sums", "commitment", "header", NULL};
	static const char what[] = "shard table";
	struct shard_line l;
	const char *name;

	memset(&l, 0, sizeof(l));
	if (json_expect_keys(j, extra ? with : keys, what, e) == -1 ||
	    (name = json_need_string(j, "name", what, e)) == NULL)
		return -1;
	if (!line_name_ok(name))
		return err_set(e, ERR_INPUT, "%s: bad shard name", what);
	memcpy(l.name, name, strlen(name) + 1);
	if (field_u64(j, "body", 1, (uint64_t)C4GH_SEGMENTS_MAX * C4GH_SEGMENT_MAX, what, &l.body, e) == -1 ||
	    field_u64(j, "plain", 1, (uint64_t)C4GH_SEGMENTS_MAX * C4GH_PLAIN_MAX, what, &l.plain, e) == -1 ||
	    field_u64(j, "segments", 1, C4GH_SEGMENTS_MAX, what, &l.segments, e) == -1 ||
	    field_u64(j, "members", 0, JSON_INT_MAX, what, &l.members, e) == -1 ||
	    json_need_hex(j, "sums", l.sums, DIGEST_LEN, what, e) == -1 ||
	    json_need_hex(j, "commitment", l.commitment, DIGEST_LEN, what, e) == -1)
		return -1;
	if (line_check_shape(&l, e) == -1)
		return -1;
	*out = l;
	return 0;
}

int
table_encode_line(const struct shard_line *line, struct buf *out, struct err *e)
{
	struct json *j = json_object();
	size_t before = out->len;
	struct shard_line again;
	int rc = -1;

	json_set_string(j, "name", line->name);
	json_set_hex(j, "sums", line->sums, DIGEST_LEN);
	json_set_hex(j, "commitment", line->commitment, DIGEST_LEN);
	if (field_set_u64(j, "body", line->body, e) == -1 ||
	    field_set_u64(j, "plain", line->plain, e) == -1 ||
	    field_set_u64(j, "segments", line->segments, e) == -1 ||
	    field_set_u64(j, "members", line->members, e) == -1)
		goto out;
	/* Nothing is written that a reader would refuse. */
	if (table_decode_line(j, false, &again, e) == -1)
		goto out;
	if (field_encode(j, LINE_MAX_LEN, "shard table", out, e) == -1)
		goto out;
	if (buf_put_u8(out, '\n', e) == -1) {
		out->len = before;
		goto out;
	}
	rc = 0;
out:
	json_free(j);
	return rc;
}

/* Line number `number` of count: it must have the name that its place gives it. */
static int
decode_row(
    const uint8_t *text, size_t len, size_t number, size_t count, struct shard_line *out, struct err *e)
{
	struct json *j = NULL;
	char want[16];
	int rc = -1;

	if (len > LINE_MAX_LEN) {
		err_set(e, ERR_LIMIT, "shard table: line %zu: over %d bytes", number + 1, LINE_MAX_LEN);
		goto out;
	}
	if ((j = json_parse_canonical(text, len, "shard table", e)) == NULL ||
	    table_decode_line(j, false, out, e) == -1) {
		err_context(e, "line %zu", number + 1);
		goto out;
	}
	if (number + 1 == count)
		(void)snprintf(want, sizeof(want), "index");
	else
		(void)snprintf(want, sizeof(want), "shard-%05u", (unsigned)number % 100000u);
	if (strcmp(out->name, want) != 0) {
		err_set(e, ERR_INPUT, "shard table: line %zu: not %s", number + 1, want);
		goto out;
	}
	rc = 0;
out:
	json_free(j);
	return rc;
}

struct shard_table *
table_decode(const void *data, size_t len, struct err *e)
{
	const uint8_t *at = data, *end = at + len, *newline;
	struct shard_table *t = NULL;
	size_t count = 0;
	int rc = -1;

	if (len == 0 || end[-1] != '\n') {
		err_set(e, ERR_INPUT, "shard table: cut short");
		return NULL;
	}
	for (const uint8_t *p = at; p < end; p++)
		count += *p == '\n';
	if (count > MANIFEST_SHARDS_MAX + 1) {
		err_set(e, ERR_LIMIT, "shard table: over %d shards", MANIFEST_SHARDS_MAX);
		return NULL;
	}
	if (count < 2) {
		err_set(e, ERR_INPUT, "shard table: no shard");
		return NULL;
	}
	if ((t = calloc(1, sizeof(*t))) == NULL || (t->shards = calloc(count, sizeof(*t->shards))) == NULL) {
		err_sys(e, "shard table");
		goto out;
	}
	for (t->count = 0; t->count < count; t->count++) {
		newline = memchr(at, '\n', (size_t)(end - at));
		if (newline == NULL) {
			err_set(e, ERR_INPUT, "shard table: cut short");
			goto out;
		}
		if (decode_row(at, (size_t)(newline - at), t->count, count, &t->shards[t->count], e) == -1)
			goto out;
		at = newline + 1;
	}
	rc = 0;
out:
	if (rc == -1) {
		table_free(t);
		t = NULL;
	}
	return t;
}

void
table_free(struct shard_table *t)
{
	if (t == NULL)
		return;
	free(t->shards);
	free(t);
}
