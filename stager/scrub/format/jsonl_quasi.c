/* JSON records that are units of disclosure control: what a record shows at the paths that count, and what may be shown of it. */
#include <stdlib.h>
#include <string.h>

#include "../record.h"
#include "jsonl.h"

int
jsonl_quasi_open(struct jsonl_record *r, struct err *e)
{
	const struct records *records = record_use(r->scrub);

	if (records == NULL)
		return 0;
	if ((r->tuple = calloc(1, sizeof(*r->tuple))) == NULL)
		return err_set(e, ERR_SYSTEM, "record: out of memory");
	r->counting = record_counting(records);
	return 0;
}

void
jsonl_quasi_share(struct jsonl_record *r, struct jsonl_record *other)
{
	jsonl_quasi_close(r);
	r->tuple = other->tuple;
	r->shared = true;
}

void
jsonl_quasi_close(struct jsonl_record *r)
{
	if (r->tuple != NULL && !r->shared) {
		explicit_bzero(r->tuple, sizeof(*r->tuple));
		free(r->tuple);
	}
	r->tuple = NULL;
}

/* What a token of the record that leaves says, without its quotes and escapes. 1, 0, -1. */
static int
put_token(struct jsonl_record *r, size_t part, const uint8_t *token, size_t len, struct err *e)
{
	const uint8_t *const s = r->s;
	const size_t s_len = r->len, at = r->at;
	enum record_kind kind = RECORD_NUMBER;
	struct jsonl_string string = {.bytes = token, .len = len};
	int rc = 1;

	if (*token == 'n' || *token == 't' || *token == 'f')
		kind = *token == 'n' ? RECORD_NULL : RECORD_WORD;
	if (*token == '"') {
		kind = RECORD_TEXT;
		r->s = token;
		r->len = len;
		r->at = 0;
		rc = jsonl_string(r, &string, e);
		r->s = s;
		r->len = s_len;
		r->at = at;
	}
	if (rc == 1 && (r->reason = record_put(r->tuple, part, kind, string.bytes,
			    kind == RECORD_NULL ? 0 : string.len)) != NULL)
		return 0;
	return rc;
}

/*
 * The last token of what leaves, as anybody would write it: escapes that none need would tell records apart that show the same. Numbers are
 * told apart as they are spelled, and counted so.
 */
static int
respell(struct jsonl_record *r, size_t part, size_t from, struct err *e)
{
	const struct record_value *v = &r->tuple->parts[part - 1];

	if (v->kind != RECORD_TEXT || memchr(r->out.data + from, '\\', r->out.len - from) == NULL)
		return 0;
	r->out.len = from;
	return jsonl_quote(&r->out, (const uint8_t *)v->bytes, v->len, e);
}

int
jsonl_quasi_leaf(struct jsonl_record *r, const struct jsonl_place *at, struct err *e)
{
	const struct action *a = jsonl_action(r, at);
	const size_t part = a == NULL ? 0 : record_part(r->scrub, a);
	struct jsonl_string string;
	size_t from;
	int rc;

	/* Whatever they are made into, the record passes. */
	if (r->counting && r->len <= RECORD_UNREAD_MAX && a != NULL &&
	    (a->kind == ACTION_TEXT || a->kind == ACTION_PSEUDONYM) && r->s[r->at] == '"') {
		if ((rc = jsonl_string(r, &string, e)) != 1)
			return rc;
		/* All that holds a text: action_apply. */
		return a->kind == ACTION_TEXT && string.len > 0 &&
			       memchr(string.bytes, '\0', string.len) != NULL
			   ? jsonl_held(r, "nul-byte")
			   : 1;
	}
	if (part == 0)
		return jsonl_leaf(r, at, e);
	if (jsonl_copy_to(r, r->at, e) == -1)
		return -1;
	from = r->out.len;
	if ((rc = jsonl_leaf(r, at, e)) != 1)
		return rc;
	if (jsonl_copy_to(r, r->at, e) == -1)
		return -1;
	if ((rc = put_token(r, part, r->out.data + from, r->out.len - from, e)) != 1)
		return rc;
	if (respell(r, part, from, e) == -1)
		return -1;
	if (part > r->scrub->policy->disclosure->quasi_count)
		return 1;
	/* A key that stands there twice holds the record in the end. */
	if (r->place_count == ANONYMITY_QUASI_MAX)
		return jsonl_held(r, "json-duplicate-key");
	r->places[r->place_count].part = part;
	r->places[r->place_count].at = from;
	r->places[r->place_count++].len = r->out.len - from;
	return 1;
}

static int
put_shown(struct buf *out, const struct record_value *v, struct err *e)
{
	if (v->kind == RECORD_TEXT)
		return jsonl_quote(out, (const uint8_t *)v->bytes, v->len, e);
	return v->kind == RECORD_NULL ? buf_put(out, "null", 4, e) : buf_put(out, v->bytes, v->len, e);
}

/* The record of one set again, beside itself. */
static int
show(struct jsonl_record *r, struct err *e)
{
	size_t copied = 0;

	buf_clear(&r->made);
	for (size_t i = 0; i < r->place_count; i++) {
		if (buf_put(&r->made, r->out.data + copied, r->places[i].at - copied, e) == -1 ||
		    put_shown(&r->made, &r->tuple->parts[r->places[i].part - 1], e) == -1)
			return -1;
		copied = r->places[i].at + r->places[i].len;
	}
	if (buf_put(&r->made, r->out.data + copied, r->out.len - copied, e) == -1)
		return -1;
	buf_clear(&r->out);
	return buf_put(&r->out, r->made.data, r->made.len, e);
}

int
jsonl_quasi_end(struct jsonl_record *r, struct err *e)
{
	if ((r->reason = record_decide(r->scrub, r->tuple)) != NULL)
		return 0;
	for (struct jsonl_record *one = r; one != NULL && r->tuple->decision != 0; one = one->also)
		if (show(one, e) == -1)
			/* What is shown may be longer than what it stands for. */
			return e->code == ERR_LIMIT ? jsonl_held(r, "record-too-long") : -1;
	return 1;
}
