/* The second scan for what is known of a record's subjects, in each form that members have: whose record it is, and its values. */
#include <stdlib.h>
#include <string.h>

#include "check_facts.h"
#include "check_parts.h"
#include "stager/check.h"

#define VALUES_MAX 65536 /* of a record: a table with more was withheld */
#define HEADER_LEAST 4   /* bytes of a text in a header */

struct check_known {
	struct context *context;
	struct facts facts;
};

struct check_known *
check_known_new(struct context *context)
{
	struct check_known *k = calloc(1, sizeof(*k));

	if (k != NULL)
		k->context = context;
	return k;
}

void
check_known_free(struct check_known *k)
{
	if (k == NULL)
		return;
	explicit_bzero(k, sizeof(*k));
	free(k);
}

/* A table: the record's values twice, for the one that says whose they are may be the last. */
struct table {
	struct check_known *k;
	const char *subject;
	struct {
		const uint8_t *s;
		size_t len;
	} values[VALUES_MAX];
	size_t count;
	uint64_t column;
	bool found;
};

static void
table_record(struct table *t)
{
	facts_begin(&t->k->facts, t->k->context, t->subject);
	for (size_t i = 0; i < t->count; i++)
		facts_subject(&t->k->facts, t->k->context, t->values[i].s, t->values[i].len);
	for (size_t i = 0; i < t->count && !t->found; i++)
		t->found = facts_in(&t->k->facts, t->values[i].s, t->values[i].len, false);
	t->count = 0;
}

static void
table_value(void *ctx, uint64_t column, const uint8_t *value, size_t len)
{
	struct table *t = ctx;

	/* A record of more values than there is room for is looked through in parts. */
	if (column <= t->column || t->count == sizeof(t->values) / sizeof(t->values[0]))
		table_record(t);
	t->column = column;
	t->values[t->count].s = value;
	t->values[t->count++].len = len;
}

static int
known_table(struct check_known *k, const char *subject, const uint8_t *data, size_t len, struct err *e)
{
	struct table *t = calloc(1, sizeof(*t));
	bool found;

	if (t == NULL)
		return err_set(e, ERR_SYSTEM, "check: out of memory");
	t->k = k;
	t->subject = subject;
	check_csv_each(data, len, table_value, t);
	table_record(t);
	found = t->found;
	free(t);
	return found;
}

/* As it is written, and as it looks. */
static int
known_table_seen(struct check_known *k, const char *subject, const uint8_t *data, size_t len, struct err *e)
{
	uint8_t *seen;
	size_t seen_len;
	int rc = known_table(k, subject, data, len, e);

	if (rc != 0)
		return rc;
	if ((rc = check_seen(data, len, false, &seen, &seen_len, e)) == 1)
		rc = known_table(k, subject, seen, seen_len, e);
	if (seen != NULL)
		explicit_bzero(seen, seen_len);
	free(seen);
	return rc;
}

/* Each string of a record whose escapes are undone; keys are left out. */
static bool
record_knows(struct check_known *k, const uint8_t *s, size_t len, bool subjects)
{
	const uint8_t *quote = memchr(s, '"', len), *end;

	/* Numbers stand outside of strings. */
	if (!subjects && facts_in(&k->facts, s, quote == NULL ? len : (size_t)(quote - s), false))
		return true;
	while (quote != NULL) {
		const size_t from = (size_t)(quote - s) + 1;
		size_t after, next;

		if ((end = memchr(s + from, '"', len - from)) == NULL)
			return false;
		after = (size_t)(end - s) + 1;
		next = after;
		while (next < len && (s[next] == ' ' || s[next] == '\t'))
			next++;
		if (next == len || s[next] != ':') {
			if (subjects)
				facts_subject(&k->facts, k->context, s + from, (size_t)(end - s) - from);
			else if (facts_in(&k->facts, s + from, (size_t)(end - s) - from, false))
				return true;
		}
		quote = memchr(s + after, '"', len - after);
		if (!subjects && facts_in(&k->facts, s + after,
				     (quote == NULL ? len : (size_t)(quote - s)) - after, false))
			return true;
	}
	return false;
}

/* The same of what the record looks like; -1 without memory. */
static int
record_seen(struct check_known *k, const uint8_t *s, size_t len, struct err *e)
{
	uint8_t *seen;
	size_t seen_len;
	int rc = check_seen(s, len, false, &seen, &seen_len, e);

	if (rc == 1)
		rc = record_knows(k, seen, seen_len, false);
	if (seen != NULL)
		explicit_bzero(seen, seen_len);
	free(seen);
	return rc;
}

static int
known_records(struct check_known *k, const char *subject, const uint8_t *data, size_t len, struct err *e)
{
	uint8_t *plain = malloc(len + CHECK_UNESCAPE_SLACK);
	size_t dirty = 0;
	int rc = 0;

	if (plain == NULL)
		return err_set(e, ERR_SYSTEM, "check: out of memory for %zu bytes", len);
	for (size_t at = 0, end; rc == 0 && at < len; at = end + 1) {
		const uint8_t *line = memchr(data + at, '\n', len - at);
		size_t n;

		end = line == NULL ? len : (size_t)(line - data);
		/* What has escapes that are none was withheld before. */
		if (!check_unescape(data + at, end - at, plain, &n))
			continue;
		dirty = n > dirty ? n : dirty;
		facts_begin(&k->facts, k->context, subject);
		(void)record_knows(k, plain, n, true);
		if (k->facts.subject_count == 0)
			continue;
		rc = record_knows(k, plain, n, false) ? 1 : record_seen(k, plain, n, e);
	}
	explicit_bzero(plain, dirty);
	free(plain);
	return rc;
}

/* A header's texts: what is no printable ASCII ends them. A maker of scanners may have a subject's name: they are short values. */
static bool
known_header(struct check_known *k, const char *subject, const uint8_t *data, size_t len)
{
	facts_begin(&k->facts, k->context, subject);
	for (size_t at = 0, end; k->facts.subject_count > 0 && at < len; at = end + 1) {
		for (end = at; end < len && data[end] >= ' ' && data[end] < 0x7f;)
			end++;
		if (end - at >= HEADER_LEAST && facts_in(&k->facts, data + at, end - at, false))
			return true;
	}
	return false;
}

static const char *
look(void *ctx, const uint8_t *s, size_t len)
{
	return facts_in(ctx, s, len, true) ? "check-known" : NULL;
}

/* Free text about the subjects that are known by now, as it is written and as it looks. */
static int
known_text(struct check_known *k, const uint8_t *s, size_t len, struct err *e)
{
	const char *reason;
	uint8_t *seen;
	size_t seen_len;
	int rc;

	if (k->facts.subject_count == 0)
		return 0;
	if (facts_in(&k->facts, s, len, true))
		return 1;
	if ((rc = check_seen(s, len, true, &seen, &seen_len, e)) == 1)
		rc = facts_in(&k->facts, seen, seen_len, true);
	if (seen != NULL)
		explicit_bzero(seen, seen_len);
	free(seen);
	if (rc == 0)
		rc = check_encoded_each(s, len, look, &k->facts, &reason, e);
	return rc;
}

static int
known_document(struct check_known *k, const char *subject, const uint8_t *data, size_t len, struct err *e)
{
	struct check_views v;
	int rc = -1;

	/* What cannot be read was withheld before. */
	if (check_views_new(&v, len, e) == 0) {
		(void)check_xml_views(data, len, &v);
		facts_begin(&k->facts, k->context, subject);
		rc = known_text(k, v.tagged, v.tagged_len, e);
		if (rc == 0)
			rc = known_text(k, v.joined, v.joined_len, e);
	}
	check_views_free(&v);
	return rc;
}

int
check_known_member(struct check_known *k, enum rescan rescan, const char *subject, const uint8_t *data,
    size_t len, const char **reason, struct err *e)
{
	int rc = 0;

	if (k == NULL || len == 0)
		return 0;
	if (rescan == RESCAN_CSV) {
		rc = known_table_seen(k, subject, data, len, e);
	} else if (rescan == RESCAN_JSONL) {
		rc = known_records(k, subject, data, len, e);
	} else if (rescan == RESCAN_DICOM) {
		rc = known_header(k, subject, data, len);
	} else if (rescan == RESCAN_XML) {
		rc = known_document(k, subject, data, len, e);
	} else if (rescan == RESCAN_TEXT) {
		facts_begin(&k->facts, k->context, subject);
		rc = known_text(k, data, len, e);
	}
	if (rc == 1)
		*reason = "check-known";
	return rc;
}
