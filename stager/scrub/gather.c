/* The first pass: the subject table, row by row, into the context. */
#include "stager/gather.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "disclosure.h"
#include "format/csv.h"
#include "format/fixed.h"
#include "stager/context.h"
#include "stager/encoding.h"
#include "stager/policy.h"
#include "stager/rows.h"
#include "stager/source.h"
#include "stager/unpack.h"
#include "stager/utf8.h"
#include "stager/withdrawn.h"
#include "linkage.h"
#include "packed.h"
#include "policy_form.h"
#include "reference.h"
#include "subject.h"

#define WINDOW (256u << 10)
#define VALUE_MAX 512         /* bytes of a value that anything is made of */
#define RECORD_MAX (1u << 20) /* as for every table: csv.c */

/* The table in hand. */
struct table {
	struct gather *g;
	struct source *in;
	struct csv_scan scan;
	char *window;
	size_t filled; /* bytes ever there, to be wiped */
	char *plain;   /* a value without its doubled quotes */
	size_t most;   /* bytes of it that ever were */
	size_t columns, key;
	size_t *from, *at;                         /* of each attribute; at: of those that have one */
	size_t sensitive[ANONYMITY_SENSITIVE_MAX]; /* of the policy's `l` */
	size_t known[POLICY_KNOWN_KINDS][POLICY_KNOWN_MAX];
	uint8_t body[CONTEXT_BODY_MAX];
	uint64_t rows;
};

static int
bad(struct err *e, const char *what)
{
	return err_set(e, ERR_INPUT, "subject table: %s", what);
}

static const char *
field_value(struct table *t, const struct csv_field *field, size_t *len)
{
	char *to = t->plain;

	*len = field->len;
	if (!field->doubled)
		return field->at;
	for (const char *at = field->at; at < field->at + field->len; at += *at == '"' ? 2 : 1)
		*to++ = *at;
	*len = (size_t)(to - t->plain);
	t->most = t->most < *len ? *len : t->most;
	return t->plain;
}

static int
window_fill(struct table *t, struct err *e)
{
	size_t left = (size_t)(t->scan.end - t->scan.at);
	ssize_t n;

	memmove(t->window, t->scan.at, left);
	if ((n = source_read_full(t->in, t->window + left, WINDOW, e)) == -1)
		return -1;
	if (t->filled < left + (size_t)n)
		t->filled = left + (size_t)n;
	csv_scan_window(&t->scan, t->window, t->window + left + (size_t)n, (size_t)n < WINDOW);
	return 0;
}

/* The column of that name. */
static int
find_column(struct table *t, const struct csv_record *header, const char *name, size_t *column, struct err *e)
{
	size_t found = 0, len;

	for (size_t i = 0; i < header->count && i < t->scan.field_max; i++) {
		const char *value = field_value(t, &t->scan.fields[i], &len);

		if (strlen(name) == len && memcmp(name, value, len) == 0) {
			*column = i;
			found++;
		}
	}
	if (found != 1)
		return err_set(e, ERR_INPUT, "subject table: %s column of the name that the policy gives",
		    found == 0 ? "there is no" : "there is more than one");
	return 0;
}

static int
take_header(struct table *t, const struct csv_record *header, struct err *e)
{
	const struct subject_rules *rules = t->g->policy->subject;
	const struct disclosure *d = t->g->policy->disclosure;

	if (header->stray || !utf8_valid((const uint8_t *)header->at, header->len))
		return bad(e, "its header row cannot be read");
	t->columns = header->count;
	if (find_column(t, header, rules->column, &t->key, e) == -1)
		return -1;
	for (size_t i = 0; i < rules->attribute_count; i++) {
		const struct attribute *a = &rules->attributes[i];

		if (find_column(t, header, a->from, &t->from[i], e) == -1 ||
		    (a->at != NULL && find_column(t, header, a->at, &t->at[i], e) == -1))
			return -1;
	}
	for (size_t i = 0; d != NULL && i < d->sensitive_count; i++)
		if (find_column(t, header, d->sensitive[i], &t->sensitive[i], e) == -1)
			return -1;
	for (size_t k = 0; k < POLICY_KNOWN_KINDS; k++)
		for (size_t i = 0; i < rules->known_count[k]; i++)
			if (find_column(t, header, rules->known[k][i], &t->known[k][i], e) == -1)
				return -1;
	return 0;
}

/* A column's value, empty where it stands for "not known"; copied, since values share a buffer. False for one that is too long. */
static bool
column_value(struct table *t, size_t column, char out[static VALUE_MAX], struct view *v)
{
	size_t len;
	const char *value = field_value(t, &t->scan.fields[column], &len);

	while (len > 0 && *value == ' ') {
		value++;
		len--;
	}
	while (len > 0 && value[len - 1] == ' ')
		len--;
	if (len > VALUE_MAX)
		return false;
	if (action_missing(t->g->policy->subject->table, value, len))
		len = 0;
	if (len > 0)
		memcpy(out, value, len);
	*v = view_of(out, len, "value");
	return true;
}

/* The subject's body (subject.h): its length, or 0 where a value is too long for one. */
static size_t
make_body(struct table *t, const char *key, size_t key_len)
{
	const struct policy *policy = t->g->policy;
	const struct subject_rules *rules = policy->subject;
	char from[VALUE_MAX], at[VALUE_MAX], made[ATTRIBUTE_VALUE_MAX];
	uint32_t days = 0;
	size_t len = 0, room = 0;

	if (policy->shift_step != 0)
		days = (uint32_t)(int32_t)subject_shift_of(policy, t->g->key, key, key_len);
	for (unsigned i = 0; i < 4; i++)
		t->body[len++] = (uint8_t)(days >> (8 * i));
	t->body[len++] = (uint8_t)rules->attribute_count;
	t->body[len++] = 0;
	for (size_t i = 0; i < rules->attribute_count; i++) {
		const struct attribute *a = &rules->attributes[i];
		struct view v = {0}, w = {0};
		int n = -1;

		if (column_value(t, t->from[i], from, &v) &&
		    (a->at == NULL || column_value(t, t->at[i], at, &w)))
			n = attribute_make(policy, a, v, w, made);
		t->body[len++] = n == -1 ? ATTRIBUTE_UNKNOWN : (uint8_t)n;
		if (n > 0) {
			memcpy(t->body + len, made, (size_t)n);
			len += (size_t)n;
			room += attribute_room(a, made, (size_t)n);
		}
	}
	for (size_t k = 0; k < POLICY_KNOWN_KINDS; k++) {
		for (size_t i = 0; i < rules->known_count[k]; i++) {
			struct view v;

			if (!column_value(t, t->known[k][i], from, &v) || v.len > KNOWN_VALUE_MAX) {
				len = 0;
				goto out;
			}
			/* A key as others write it, too: with all its zeros. */
			if (t->known[k][i] == t->key)
				v = view_of(key, key_len, "key");
			if (v.len == 0)
				continue;
			t->body[len++] = (uint8_t)k;
			t->body[len++] = (uint8_t)v.len;
			memcpy(t->body + len, v.data, v.len);
			len += v.len;
		}
	}
	/* A wider band may have more figures: its place is where it stands. */
	if (policy->disclosure != NULL) {
		memset(t->body + len, 0, room);
		len += room;
	}
out:
	explicit_bzero(from, sizeof(from));
	explicit_bzero(at, sizeof(at));
	return len;
}

static int
note_sensitive(struct table *t, uint64_t number, struct row *row, struct err *e)
{
	const struct disclosure *d = t->g->policy->disclosure;
	char text[VALUE_MAX];
	struct view v;
	int rc = 0;

	for (size_t i = 0; d != NULL && i < d->sensitive_count && rc == 0; i++) {
		size_t len = column_value(t, t->sensitive[i], text, &v) ? v.len : 0;

		rc = disclosing_sensitive(t->g->disclosing, number, i, text, len, e);
		if (t->g->rows != NULL)
			rows_sensitive(t->g->rows, row, text, len);
	}
	explicit_bzero(text, sizeof(text));
	return rc;
}

static int
take_row(struct table *t, const struct csv_record *record, struct err *e)
{
	const struct subject_rules *rules = t->g->policy->subject;
	char pseudonym[PSEUDONYM_LEN + 1], key[SUBJECT_KEY_MAX];
	size_t len, key_len;
	const char *value;
	struct row row = {.known = 0};
	uint64_t number;

	/* What the second pass holds, for the same reasons. */
	if (record->stray || record->count != t->columns || memchr(record->at, '\0', record->len) != NULL ||
	    !utf8_valid((const uint8_t *)record->at, record->len))
		return 0;
	value = field_value(t, &t->scan.fields[t->key], &len);
	if (action_missing(rules->table, value, len) ||
	    !reference_key(rules->table->subject_reference, &value, &len) ||
	    !subject_key(rules, value, len, key, &key_len))
		return 0;
	pseudonym_make(t->g->key, key, key_len, pseudonym);
	if (t->g->rows != NULL)
		rows_look(t->g->rows, key, key_len, &row);
	if (withdrawn_has(t->g->withdrawn, key, key_len)) {
		explicit_bzero(key, sizeof(key));
		if (t->g->rows != NULL)
			rows_gone(t->g->rows, &row);
		return context_add(t->g->maker, pseudonym, SUBJECT_EXCLUDED, "", 0, e);
	}
	len = make_body(t, key, key_len);
	t->body[SUBJECT_AGE_AT] |= row.known > 0 ? SUBJECT_CARRIED : 0;
	explicit_bzero(key, sizeof(key));
	number = context_count(t->g->maker);
	if (context_add(t->g->maker, pseudonym, len == 0 ? SUBJECT_BROKEN : SUBJECT_GOOD, t->body, len, e) ==
	    -1)
		return -1;
	/* Of one that was there before nothing is shown. */
	if (context_count(t->g->maker) == number)
		return 0;
	return note_sensitive(t, number, &row, e) == -1 ? -1
	       : t->g->rows == NULL                     ? 0
							: rows_put(t->g->rows, number, &row, e);
}

static int
read_table(struct table *t, struct err *e)
{
	struct csv_record record;
	bool header = false;

	t->scan.at = t->scan.end = t->window;
	if (window_fill(t, e) == -1)
		return -1;
	if (t->scan.end - t->scan.at >= 3 && memcmp(t->scan.at, "\xef\xbb\xbf", 3) == 0)
		csv_scan_window(&t->scan, t->scan.at + 3, t->scan.end, t->scan.last);
	for (;;) {
		switch (csv_scan_next(&t->scan, &record)) {
		case CSV_RECORD:
			if (header ? take_row(t, &record, e) == -1 : take_header(t, &record, e) == -1)
				return -1;
			t->rows += header;
			header = true;
			break;
		case CSV_MORE:
			if (window_fill(t, e) == -1)
				return -1;
			break;
		case CSV_END:
			return header ? 0 : bad(e, "it has no header row");
		case CSV_QUOTE_OPEN:
			return bad(e, "a quoted field is never closed");
		case CSV_TOO_LONG:
			return bad(e, "a row is longer than it may be");
		}
	}
}

int
gather_file(struct gather *g, struct source *in, struct err *e)
{
	const struct subject_rules *rules = g->policy->subject;
	struct encoded encoded = {.inner = NULL};
	struct fixed fixed = {.inner = NULL};
	struct table t = {.g = g, .in = &encoded.source};
	struct unpacked *unpacked = NULL;
	bool several, inner;
	int rc = -1;

	if (!packed_glob(rules->from, in->name))
		return 0;
	if (packed_rule(g->policy, in->name, &several, &inner) != rules->table)
		return bad(e, "another rule of the policy takes this file, too");
	if (g->tables++ > 0)
		return bad(e, "there is more than one file of its name");
	t.scan = (struct csv_scan){.delimiter = rules->table->delimiter,
	    .record_max = RECORD_MAX,
	    .field_max = rules->table->field_count + 1};
	t.window = malloc(RECORD_MAX + WINDOW + CSV_SLACK);
	t.plain = malloc(RECORD_MAX + CSV_SLACK);
	t.scan.fields = calloc(t.scan.field_max, sizeof(*t.scan.fields));
	t.from = calloc(rules->attribute_count + 1, sizeof(*t.from));
	t.at = calloc(rules->attribute_count + 1, sizeof(*t.at));
	if (t.from == NULL || t.at == NULL || t.window == NULL || t.plain == NULL || t.scan.fields == NULL)
		err_set(e, ERR_SYSTEM, "subject table: out of memory");
	else if ((unpack_name(in->name) == 0 || (unpacked = unpack_new(in, e)) != NULL) &&
		 encoded_init(&encoded, unpacked != NULL ? unpack_source(unpacked) : in, e) == 0 &&
		 (rules->table->format != FORMAT_FIXED ||
		     fixed_init(&fixed, &encoded.source, rules->table, e) == 0)) {
		if (rules->table->format == FORMAT_FIXED)
			t.in = &fixed.source;
		rc = read_table(&t, e);
		if (rc == 0 && unpacked != NULL)
			rc = unpack_finish(unpacked, e);
	}
	fixed_free(&fixed);
	encoded_free(&encoded, NULL);
	unpack_free(unpacked);
	if (t.window != NULL)
		explicit_bzero(t.window, t.filled);
	if (t.plain != NULL)
		explicit_bzero(t.plain, t.most);
	free(t.window);
	free(t.plain);
	explicit_bzero(t.body, sizeof(t.body));
	free(t.scan.fields);
	free(t.from);
	free(t.at);
	return rc;
}

int
gather_begin(struct gather *g, struct err *e)
{
	if (g->policy->disclosure != NULL && (g->disclosing = disclosing_new(g->policy, e)) == NULL)
		return -1;
	return 0;
}

int
gather_end(struct gather *g, struct report *report, struct err *e)
{
	if (g->tables != 1)
		return bad(e, "no file of the sources has its name (`subject: from`)");
	return g->disclosing == NULL ? 0 : disclosing_run(g->disclosing, g->maker, report, e);
}

void
gather_free(struct gather *g)
{
	disclosing_free(g->disclosing);
	g->disclosing = NULL;
}
