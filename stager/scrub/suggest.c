/* A draft of a policy: what files look alike. The YAML is written in suggest_write.c. */
#include "stager/suggest.h"

#include <stdlib.h>
#include <string.h>

#include "stager/encoding.h"
#include "stager/source.h"
#include "stager/unpack.h"
#include "suggest.h"

#define SHAPES_MAX 900 /* rules of a draft */

struct suggest *
suggest_new(void)
{
	struct suggest *s = calloc(1, sizeof(*s));

	if (s == NULL)
		abort();
	s->rules.bsn_any = true;
	buf_init_wiped(&s->text, (SUGGEST_READ_MAX) + 4096);
	return s;
}

static bool
is_letter_or_digit(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static void
shape_free(struct shape *shape)
{
	for (size_t i = 0; i < shape->count; i++)
		free(shape->fields[i].name);
	free(shape->fields);
	free(shape->name);
	free(shape->folder);
	free(shape->end);
}

void
suggest_free(struct suggest *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->count; i++)
		shape_free(&s->shapes[i]);
	free(s->shapes);
	spans_free(&s->spans);
	buf_free(&s->text);
	free(s);
}

static bool
records(const struct shape *shape)
{
	return shape->format == FORMAT_JSONL || shape->format == FORMAT_JSON;
}

/* Is one rule for both? Of a table all columns must be named, in any file; records have what they have. */
static bool
alike(const struct shape *a, const struct shape *b)
{
	if (a->format != b->format || strcmp(a->folder, b->folder) != 0 || strcmp(a->end, b->end) != 0 ||
	    (a->why == NULL) != (b->why == NULL) || (a->why != NULL && strcmp(a->why, b->why) != 0))
		return false;
	if (a->why != NULL || a->format == FORMAT_DICOM || a->format == FORMAT_TEXT || records(a))
		return true;
	if (a->delimiter != b->delimiter || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->fields[i].name, b->fields[i].name) != 0)
			return false;
	return true;
}

static void
add_modality(struct shape *to, const char *modality)
{
	for (size_t i = 0; i < to->modalities; i++)
		if (strcmp(to->modality[i], modality) == 0)
			return;
	if (to->modalities < sizeof(to->modality) / sizeof(to->modality[0]))
		memcpy(to->modality[to->modalities++], modality, sizeof(to->modality[0]));
}

static void
add_field(struct profile *to, const struct profile *from)
{
	to->values += from->values;
	to->empty += from->empty;
	to->whole += from->whole;
	to->decimal += from->decimal;
	to->dates += from->dates;
	to->words += from->words;
	to->sentences += from->sentences;
	to->eleven += from->eleven;
	for (size_t i = 0; i < SUGGEST_ORDERS; i++)
		to->orders[i] += from->orders[i];
	for (size_t i = 0; i < SPAN_TYPES; i++)
		to->hits[i] += from->hits[i];
	if (to->longest < from->longest)
		to->longest = from->longest;
	for (size_t i = 0; i < SKETCH_LEN; i++)
		if (to->sketch[i] < from->sketch[i])
			to->sketch[i] = from->sketch[i];
}

static int
add_fields(struct shape *to, const struct shape *from, struct err *e)
{
	for (size_t i = 0; i < from->count; i++) {
		const char *name = from->fields[i].name;
		struct profile *field = suggest_field(to, name, strlen(name), e);

		if (field == NULL && e->code != ERR_LIMIT)
			return -1;
		if (field == NULL) {
			e->code = ERR_NONE;
			to->why = "they have more different fields than are looked at";
			return 0;
		}
		add_field(field, &from->fields[i]);
	}
	return 0;
}

/* To the shape that it is alike, or as a new one. */
static int
add_shape(struct suggest *s, struct shape *shape, struct err *e)
{
	for (size_t i = 0; i < s->count; i++) {
		struct shape *to = &s->shapes[i];

		if (!alike(to, shape))
			continue;
		to->files += shape->files;
		to->records += shape->records;
		to->cut = to->cut || shape->cut;
		if (add_fields(to, shape, e) == -1) {
			shape_free(shape);
			return -1;
		}
		for (size_t k = 0; k < shape->modalities; k++)
			add_modality(to, shape->modality[k]);
		add_field(&to->named, &shape->named);
		if (to->behind != shape->behind)
			to->behind = '/';
		shape_free(shape);
		return 0;
	}
	if (s->count == s->cap) {
		size_t cap = s->cap == 0 ? 16 : s->cap * 2;
		struct shape *shapes = reallocarray(s->shapes, cap, sizeof(*shapes));

		if (shapes == NULL) {
			shape_free(shape);
			return err_set(e, ERR_SYSTEM, "suggest: out of memory");
		}
		s->shapes = shapes;
		s->cap = cap;
	}
	s->shapes[s->count++] = *shape;
	return 0;
}

/* What is not UTF-8, read as a push would read it; unchanged where that is no text either. */
static int
read_encoded(struct suggest *s, struct shape *shape, const uint8_t *data, size_t len, struct err *e)
{
	struct source_mem raw;
	struct encoded text;
	uint8_t *out = malloc(SUGGEST_READ_MAX + 1);
	ssize_t n = -1;
	int rc = -1;

	source_mem_init(&raw, data, len, shape->name);
	if (out == NULL)
		return err_set(e, ERR_SYSTEM, "suggest: out of memory");
	if (encoded_init(&text, &raw.source, e) == -1 ||
	    (n = source_read_full(&text.source, out, SUGGEST_READ_MAX + 1, e)) == -1)
		goto out;
	shape->cut = shape->cut || n > (ssize_t)SUGGEST_READ_MAX;
	rc = suggest_read(s, shape, out, n > (ssize_t)SUGGEST_READ_MAX ? SUGGEST_READ_MAX : (size_t)n, e);
out:
	encoded_free(&text, NULL);
	explicit_bzero(out, n > 0 ? (size_t)n : 0);
	free(out);
	return rc;
}

/* A run of letters and figures that its name begins with, and what stands behind it: perhaps whose file it is. */
static void
read_name(struct shape *shape, const char *base)
{
	size_t len = 0;

	while (is_letter_or_digit(base[len]))
		len++;
	if (strcmp(base + len, shape->end) != 0)
		shape->behind = base[len];
	suggest_count(&shape->named, base, len);
}

static int
read_file(struct suggest *s, struct source *in, struct err *e)
{
	const char *slash = strrchr(in->name, '/'), *base = slash == NULL ? in->name : slash + 1;
	const char *dot = strrchr(base, '.');
	/* And one byte more, so that more is seen. */
	const size_t room =
	    in->size_known && in->size < SUGGEST_READ_MAX ? (size_t)in->size + 1 : SUGGEST_READ_MAX + 1;
	struct shape shape = {.files = 1};
	uint8_t *data = NULL;
	ssize_t n = 0;
	int rc = -1;

	s->files++;
	shape.name = strdup(in->name);
	shape.folder = strndup(in->name, (size_t)(base - in->name));
	shape.end = strdup(dot == NULL ? "" : dot);
	data = malloc(room);
	if (shape.name == NULL || shape.folder == NULL || shape.end == NULL || data == NULL) {
		err_set(e, ERR_SYSTEM, "suggest: out of memory");
		goto out;
	}
	read_name(&shape, base);
	if ((n = source_read_full(in, data, room, e)) == -1)
		goto out;
	shape.cut = n > (ssize_t)SUGGEST_READ_MAX;
	if (suggest_read(s, &shape, data, shape.cut ? SUGGEST_READ_MAX : (size_t)n, e) == -1)
		goto out;
	if (shape.why == suggest_no_text) {
		shape.why = NULL;
		if (read_encoded(s, &shape, data, shape.cut ? SUGGEST_READ_MAX : (size_t)n, e) == -1)
			goto out;
	}
	if (s->count >= SHAPES_MAX)
		shape.why = "there are too many kinds of files for one draft";
	rc = add_shape(s, &shape, e);
	memset(&shape, 0, sizeof(shape)); /* given away */
out:
	if (data != NULL)
		explicit_bzero(data, n > 0 ? (size_t)n : 0);
	free(data);
	shape_free(&shape);
	return rc;
}

int
suggest_file(struct suggest *s, struct source *in, struct err *e)
{
	struct unpacked *u;
	int rc = -1;

	if (unpack_name(in->name) == 0)
		return read_file(s, in, e);
	if ((u = unpack_new(in, e)) != NULL)
		rc = read_file(s, unpack_source(u), e);
	unpack_free(u);
	return rc;
}
