/* What a file is, and what stands in it: tables, records, images, text. It only looks; nothing is written from it. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "format/csv.h"
#include "format/jsonl.h"
#include "policy_form.h"
#include "stager/utf8.h"
#include "suggest.h"

#define CSV_FIELDS (SUGGEST_FIELDS_MAX + 1)
#define RECORD_MAX (1u << 20)
#define SNIFF_LINES 20

const char suggest_no_text[] = "it is neither text nor an image";

static bool
ends_in(const struct shape *shape, const char *end)
{
	return strcasecmp(shape->end, end) == 0;
}

/* --- tables --- */

struct table {
	struct csv_scan scan;
	struct csv_field *fields;
	char *value; /* one without doubled quotes */
	size_t room; /* for it */
};

static int
table_start(struct table *t, const uint8_t *data, size_t len, bool whole, char delimiter, struct err *e)
{
	const size_t fields = len < CSV_FIELDS ? len + 1 : CSV_FIELDS;

	memset(t, 0, sizeof(*t));
	/* No more than what there is to be read can want: most files are small. */
	t->room = (len < RECORD_MAX ? len : RECORD_MAX) + CSV_SLACK;
	t->fields = calloc(fields, sizeof(*t->fields));
	t->value = malloc(t->room);
	if (t->fields == NULL || t->value == NULL)
		return err_set(e, ERR_SYSTEM, "suggest: out of memory");
	t->scan = (struct csv_scan){
	    .delimiter = delimiter, .record_max = RECORD_MAX, .fields = t->fields, .field_max = fields};
	csv_scan_window(&t->scan, (const char *)data, (const char *)data + len, whole);
	return 0;
}

static void
table_end(struct table *t)
{
	free(t->fields);
	if (t->value != NULL)
		explicit_bzero(t->value, t->room);
	free(t->value);
}

static const char *
plain(const struct table *t, const struct csv_field *f, size_t *len)
{
	size_t n = 0;

	*len = f->len;
	if (!f->doubled)
		return f->at;
	for (size_t i = 0; i < f->len; i++) {
		t->value[n++] = f->at[i];
		if (f->at[i] == '"')
			i++;
	}
	*len = n;
	return t->value;
}

/* How many fields the header has; in a file that need not be a table 0 where the first lines have not all as many. */
static int
fields_by(
    const uint8_t *data, size_t len, bool whole, bool table, char delimiter, size_t *count, struct err *e)
{
	struct csv_record record;
	struct table t;
	size_t lines = 0;
	int rc = -1;

	*count = 0;
	if (table_start(&t, data, len, whole, delimiter, e) == -1)
		goto out;
	rc = 0;
	while (lines < (table ? 1 : SNIFF_LINES) && csv_scan_next(&t.scan, &record) == CSV_RECORD) {
		if (record.stray || (lines > 0 && record.count != *count)) {
			*count = 0;
			break;
		}
		*count = record.count;
		lines++;
	}
out:
	table_end(&t);
	return rc;
}

static int
sniff(const uint8_t *data, size_t len, bool whole, bool table, char *delimiter, struct err *e)
{
	static const char usual[] = ",;\t|";
	size_t best = 1, count;

	*delimiter = '\0';
	for (const char *c = usual; *c != '\0'; c++) {
		if (fields_by(data, len, whole, table, *c, &count, e) == -1)
			return -1;
		if (count > best && count < SUGGEST_FIELDS_MAX) {
			best = count;
			*delimiter = *c;
		}
	}
	return 0;
}

/* The header's names, if they are names. */
static int
take_header(struct suggest *s, struct shape *shape, const struct table *t, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		size_t len, before = shape->count;
		const char *name = plain(t, &t->fields[i], &len);

		if (!suggest_name_ok(s, name, len)) {
			shape->why = "its first row looks like values, or has no name for a column: there is "
				     "no header row";
			return 0;
		}
		if (suggest_field(shape, name, len, e) == NULL)
			return -1;
		if (shape->count == before) {
			shape->why = "two of its columns have the same name";
			return 0;
		}
	}
	return 0;
}

static int
read_table(struct suggest *s, struct shape *shape, const uint8_t *data, size_t len, struct err *e)
{
	struct csv_record record;
	struct table t;
	bool header = false;
	uint64_t commas = 0, points = 0;
	int rc = -1;

	if (table_start(&t, data, len, !shape->cut, shape->delimiter, e) == -1)
		goto out;
	while (shape->why == NULL && csv_scan_next(&t.scan, &record) == CSV_RECORD) {
		if (!header) {
			if (take_header(s, shape, &t, record.count, e) == -1)
				goto out;
			header = true;
			continue;
		}
		shape->records++;
		if (record.stray || record.count != shape->count)
			continue;
		for (size_t i = 0; i < record.count; i++) {
			size_t value_len;
			const char *value = plain(&t, &t.fields[i], &value_len);
			uint64_t decimal = shape->fields[i].decimal;

			if (suggest_value(s, &shape->fields[i], value, value_len, e) == -1)
				goto out;
			if (shape->fields[i].decimal > decimal) {
				commas += memchr(value, ',', value_len) != NULL;
				points += memchr(value, '.', value_len) != NULL;
			}
		}
	}
	shape->decimal = commas > points ? ',' : '.';
	rc = 0;
out:
	table_end(&t);
	return rc;
}

/* --- records --- */

struct walk {
	struct suggest *s;
	struct shape *shape;
	struct jsonl_record r;
	struct buf path;
	struct err *e;
};

static int walk_value(struct walk *w, unsigned depth);

/* A key that a path can name; any other is "*". */
static bool
key_ok(struct walk *w, const uint8_t *key, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!((key[i] | 0x20) >= 'a' && (key[i] | 0x20) <= 'z') &&
		    !(key[i] >= '0' && key[i] <= '9') && key[i] != '_' && key[i] != '-')
			return false;
	return suggest_name_ok(w->s, (const char *)key, len);
}

/* 1, 0 where it is no JSON, -1. */
static int
walk_members(struct walk *w, bool object, unsigned depth)
{
	struct jsonl_record *r = &w->r;
	const size_t before = w->path.len;
	struct jsonl_string key;
	int rc;

	r->at++;
	jsonl_space(r);
	if (r->at < r->len && r->s[r->at] == (object ? '}' : ']')) {
		r->at++;
		return 1;
	}
	for (;;) {
		w->path.len = before;
		if (object) {
			if ((rc = jsonl_string(r, &key, w->e)) != 1)
				return rc;
			if (buf_put_u8(&w->path, '.', w->e) == -1 ||
			    (key_ok(w, key.bytes, key.len) ? buf_put(&w->path, key.bytes, key.len, w->e)
							   : buf_put_u8(&w->path, '*', w->e)) == -1)
				return -1;
			jsonl_space(r);
			if (r->at >= r->len || r->s[r->at++] != ':')
				return 0;
			jsonl_space(r);
		} else if (buf_put_str(&w->path, "[*]", w->e) == -1) {
			return -1;
		}
		if ((rc = walk_value(w, depth + 1)) != 1)
			return rc;
		w->path.len = before;
		jsonl_space(r);
		if (r->at >= r->len)
			return 0;
		if (r->s[r->at] == (object ? '}' : ']')) {
			r->at++;
			return 1;
		}
		if (r->s[r->at++] != ',')
			return 0;
		jsonl_space(r);
	}
}

static int
walk_value(struct walk *w, unsigned depth)
{
	struct jsonl_record *r = &w->r;
	struct jsonl_string text = {.bytes = NULL};
	struct profile *p;
	size_t start = r->at, before = w->shape->count;
	int rc;

	if (depth > JSONL_DEPTH_MAX || r->at >= r->len)
		return 0;
	if (r->s[r->at] == '{' || r->s[r->at] == '[')
		return walk_members(w, r->s[r->at] == '{', depth);
	if (r->s[r->at] == '"') {
		if ((rc = jsonl_string(r, &text, w->e)) != 1)
			return rc;
	} else {
		while (r->at < r->len && strchr(",]} \t\r\n", r->s[r->at]) == NULL)
			r->at++;
		text.bytes = r->s + start;
		text.len = r->at - start;
		if (text.len == 0)
			return 0;
		if (text.len == 4 && memcmp(text.bytes, "null", 4) == 0)
			text.len = 0;
	}
	if ((p = suggest_field(w->shape, (const char *)w->path.data, w->path.len, w->e)) == NULL) {
		if (w->e->code != ERR_LIMIT)
			return -1;
		w->e->code = ERR_NONE;
		w->shape->why = "it has more different fields than are looked at";
		return 0;
	}
	if (w->shape->count > before && !policy_path_ok(p->name)) {
		w->shape->why = "a field of it stands deeper than a path of a policy may lead";
		return 0;
	}
	return suggest_value(w->s, p, text.bytes, text.len, w->e) == -1 ? -1 : 1;
}

static int
read_records(struct suggest *s, struct shape *shape, const uint8_t *data, size_t len, struct err *e)
{
	struct walk w = {.s = s, .shape = shape, .e = e};
	uint64_t broken = 0;
	size_t at = 0;
	int rc = -1;

	buf_init_wiped(&w.r.text, RECORD_MAX);
	buf_init_wiped(&w.r.keys_text, RECORD_MAX);
	buf_init(&w.path, 4096);
	while (at < len && shape->why == NULL) {
		const uint8_t *end = shape->format == FORMAT_JSON ? NULL : memchr(data + at, '\n', len - at);
		size_t line = end == NULL ? len - at : (size_t)(end - (data + at));

		if (end == NULL && shape->cut)
			break;
		w.r.s = data + at;
		w.r.len = line;
		w.r.at = 0;
		at += line + 1;
		jsonl_space(&w.r);
		if (w.r.at == w.r.len || line > RECORD_MAX)
			continue;
		shape->records++;
		buf_clear(&w.path);
		if (buf_put_u8(&w.path, '$', e) == -1)
			goto out;
		rc = w.r.s[w.r.at] == '{'                                   ? walk_members(&w, true, 0)
		     : w.r.s[w.r.at] == '[' && shape->format == FORMAT_JSON ? walk_members(&w, false, 0)
									    : 0;
		if (rc == -1 && e->code != ERR_LIMIT)
			goto out;
		broken += rc != 1;
	}
	if (shape->why == NULL && (shape->count == 0 || broken * 2 > shape->records))
		shape->why = shape->format != FORMAT_JSON ? "it is no JSON with an object a line"
			     : shape->cut                 ? "it is a longer JSON document than is looked at"
							  : "it is no JSON";
	rc = 0;
out:
	buf_free(&w.r.text);
	buf_free(&w.r.keys_text);
	buf_free(&w.path);
	return rc;
}

/* --- images, and text --- */

/* Modality, (0008,0060) CS, as explicit little endian writes it. */
static void
read_image(struct shape *shape, const uint8_t *data, size_t len)
{
	static const uint8_t mark[] = {0x08, 0x00, 0x60, 0x00, 'C', 'S'};
	const uint8_t *at = memmem(data, len, mark, sizeof(mark));
	char *out = shape->modality[0];
	size_t n;

	if (at == NULL || (size_t)(at - data) + 8 + 16 > len || (n = (size_t)(at[6] | at[7] << 8)) > 16)
		return;
	for (size_t i = 0; i < n; i++)
		if ((at[8 + i] >= 'A' && at[8 + i] <= 'Z') || (at[8 + i] >= '0' && at[8 + i] <= '9'))
			*out++ = (char)at[8 + i];
	*out = '\0';
	shape->modalities = out > shape->modality[0] ? 1 : 0;
}

int
suggest_read(struct suggest *s, struct shape *shape, const uint8_t *data, size_t len, struct err *e)
{
	size_t first = 0;
	struct profile *p;

	if (len >= 132 && memcmp(data + 128, "DICM", 4) == 0) {
		shape->format = FORMAT_DICOM;
		read_image(shape, data, len);
		return 0;
	}
	if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
		data += 3;
		len -= 3;
	}
	/* The last character may have been cut. */
	for (int i = 0; shape->cut && i < 3 && len > 0 && !utf8_valid(data, len); i++)
		len--;
	if (len == 0 || memchr(data, '\0', len) != NULL || !utf8_valid(data, len)) {
		shape->why = len == 0 ? "it is empty" : suggest_no_text;
		return 0;
	}
	while (first < len && strchr(" \t\r\n", data[first]) != NULL)
		first++;
	if (first < len && data[first] == '{' && (ends_in(shape, ".jsonl") || ends_in(shape, ".ndjson"))) {
		shape->format = FORMAT_JSONL;
		return read_records(s, shape, data, len, e);
	}
	if (first < len && (data[first] == '{' || data[first] == '[') && ends_in(shape, ".json")) {
		shape->format = FORMAT_JSON;
		return read_records(s, shape, data, len, e);
	}
	if (!ends_in(shape, ".md") &&
	    sniff(data, len, !shape->cut, ends_in(shape, ".csv") || ends_in(shape, ".tsv"), &shape->delimiter,
		e) == -1)
		return -1;
	if (shape->delimiter != '\0' && (!ends_in(shape, ".txt") || shape->delimiter == '\t')) {
		shape->format = FORMAT_CSV;
		return read_table(s, shape, data, len, e);
	}
	shape->format = FORMAT_TEXT;
	shape->records = 1;
	if ((p = suggest_field(shape, "text", 4, e)) == NULL)
		return -1;
	return suggest_value(s, p, data, len, e);
}
