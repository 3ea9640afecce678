/* A draft of a policy: files that look alike, and the YAML. */
#include "stager/suggest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stager/encoding.h"
#include "stager/source.h"
#include "stager/unpack.h"
#include "suggest.h"

#define RECORDS_LEAST 10 /* fewer are not counted out */
#define SHAPES_MAX 900   /* rules of a draft */

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

/* The same fields, in the same order? */
static bool
alike(const struct shape *a, const struct shape *b)
{
	if (a->format != b->format || strcmp(a->folder, b->folder) != 0 || strcmp(a->end, b->end) != 0 ||
	    (a->why == NULL) != (b->why == NULL) || (a->why != NULL && strcmp(a->why, b->why) != 0))
		return false;
	if (a->why != NULL || a->format == FORMAT_DICOM || a->format == FORMAT_TEXT)
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
	for (size_t i = 0; i < SPAN_TYPES; i++)
		to->hits[i] += from->hits[i];
	if (to->longest < from->longest)
		to->longest = from->longest;
	for (size_t i = 0; i < SKETCH_LEN; i++)
		if (to->sketch[i] < from->sketch[i])
			to->sketch[i] = from->sketch[i];
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
		for (size_t k = 0; k < to->count && k < shape->count; k++)
			add_field(&to->fields[k], &shape->fields[k]);
		for (size_t k = 0; k < shape->modalities; k++)
			add_modality(to, shape->modality[k]);
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

static int
read_file(struct suggest *s, struct source *in, struct err *e)
{
	const char *slash = strrchr(in->name, '/'), *base = slash == NULL ? in->name : slash + 1;
	const char *dot = strrchr(base, '.');
	struct shape shape = {.files = 1};
	uint8_t *data = NULL;
	ssize_t n = 0;
	int rc = -1;

	s->files++;
	shape.name = strdup(in->name);
	shape.folder = strndup(in->name, (size_t)(base - in->name));
	shape.end = strdup(dot == NULL || dot == base ? "" : dot);
	data = malloc(SUGGEST_READ_MAX + 1);
	if (shape.name == NULL || shape.folder == NULL || shape.end == NULL || data == NULL) {
		err_set(e, ERR_SYSTEM, "suggest: out of memory");
		goto out;
	}
	if ((n = source_read_full(in, data, SUGGEST_READ_MAX + 1, e)) == -1)
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

int
suggest_quoted(struct buf *out, const char *text, struct err *e)
{
	if (buf_put_u8(out, '\'', e) == -1)
		return -1;
	for (; *text != '\0'; text++)
		if ((*text == '\'' && buf_put_u8(out, '\'', e) == -1) ||
		    buf_put_u8(out, (uint8_t)*text, e) == -1)
			return -1;
	return buf_put_u8(out, '\'', e);
}

/* Is there another shape that the glob of this one would take in? */
static bool
mixed(const struct suggest *s, const struct shape *shape)
{
	for (size_t i = 0; i < s->count; i++)
		if (&s->shapes[i] != shape && strcmp(s->shapes[i].folder, shape->folder) == 0 &&
		    (*shape->end == '\0' || strcmp(s->shapes[i].end, shape->end) == 0))
			return true;
	return false;
}

/* By what the records are linked to the table of people, as a comment. */
static int
write_link(const struct suggest *s, const struct shape *shape, struct buf *out, struct err *e)
{
	const struct profile *key, *link;
	const struct shape *table = suggest_table(s, &key);

	if (table == NULL || table == shape || (link = suggest_link(shape, key)) == NULL)
		return 0;
	if (buf_put_str(out, "    # subject: ", e) == -1 || suggest_quoted(out, link->name, e) == -1)
		return -1;
	return buf_put_str(out, "  # its values seem to be among those of the key above\n", e);
}

static int
write_fields(const struct suggest *s, const struct shape *shape, struct buf *out, struct err *e)
{
	if (write_link(s, shape, out, e) == -1)
		return -1;
	if (buf_put_str(out, shape->format == FORMAT_CSV ? "    columns:\n" : "    fields:\n", e) == -1)
		return -1;
	for (size_t i = 0; i < shape->count; i++) {
		if (buf_put_str(out, "      ", e) == -1 ||
		    suggest_quoted(out, shape->fields[i].name, e) == -1 ||
		    buf_printf(out, e, ": %s  # ", suggest_action(&shape->fields[i])) == -1 ||
		    suggest_comment(&shape->fields[i], out, e) == -1 || buf_put_u8(out, '\n', e) == -1)
			return -1;
	}
	return 0;
}

static int
write_delimiter(const struct shape *shape, struct buf *out, struct err *e)
{
	if (shape->delimiter == '\t')
		return buf_put_str(out, "    format: tsv\n", e);
	return buf_printf(out, e, "    format: csv\n    csv: {delimiter: '%c', decimal: '%c'}\n",
	    shape->delimiter, shape->decimal);
}

static int
write_image(const struct shape *shape, struct buf *out, struct err *e)
{
	if (buf_put_str(out,
		"    format: drop\n    # Images. To let them out, cleaned by the profile of DICOM PS3.15, "
		"their pixels "
		"as they are:\n    # format: dicom\n    # subject: PatientID\n    # modality: [",
		e) == -1)
		return -1;
	for (size_t i = 0; i < shape->modalities; i++)
		if (buf_printf(out, e, "%s%s", i == 0 ? "" : ", ", shape->modality[i]) == -1)
			return -1;
	return buf_put_str(out, "]\n    # burned_in: hold\n", e);
}

static int
write_shape(const struct suggest *s, const struct shape *shape, struct buf *out, struct err *e)
{
	bool many = shape->files > 1;

	if (shape->why != NULL || (many && mixed(s, shape))) {
		if (buf_put_str(out, "  # held, for it has no rule: ", e) == -1 ||
		    suggest_quoted(out, shape->name, e) == -1 ||
		    (many && buf_printf(out, e, " and %" PRIu64 " more like it", shape->files - 1) == -1))
			return -1;
		return buf_printf(out, e, ": %s\n",
		    shape->why != NULL ? shape->why
				       : "other files have names like these: write one rule for each kind");
	}
	if (buf_printf(out, e, "  # %" PRIu64 " %s", shape->files, many ? "files" : "file") == -1 ||
	    (shape->format != FORMAT_DICOM && shape->format != FORMAT_TEXT &&
		(shape->records < RECORDS_LEAST
			? buf_printf(out, e, ", fewer than %d records", RECORDS_LEAST)
			: buf_printf(out, e, ", %" PRIu64 " records", shape->records)) == -1) ||
	    (shape->cut && buf_printf(out, e, "; of each the first %u MiB were looked at",
			       SUGGEST_READ_MAX >> 20) == -1) ||
	    buf_put_str(out, "\n  - match: ", e) == -1)
		return -1;
	if (!many) {
		if (suggest_quoted(out, shape->name, e) == -1)
			return -1;
	} else {
		char *glob = NULL;
		int rc;

		if (asprintf(&glob, "%s*%s", shape->folder, shape->end) == -1)
			return err_set(e, ERR_SYSTEM, "suggest: out of memory");
		rc = suggest_quoted(out, glob, e);
		free(glob);
		if (rc == -1)
			return -1;
	}
	if (buf_put_u8(out, '\n', e) == -1)
		return -1;
	switch (shape->format) {
	case FORMAT_CSV:
		return write_delimiter(shape, out, e) == -1 ? -1 : write_fields(s, shape, out, e);
	case FORMAT_JSONL:
	case FORMAT_JSON:
		return buf_printf(
			   out, e, "    format: %s\n", shape->format == FORMAT_JSON ? "json" : "jsonl") == -1
			   ? -1
			   : write_fields(s, shape, out, e);
	case FORMAT_DICOM:
		return write_image(shape, out, e);
	default:
		if (buf_put_str(out, "    format: drop\n    # Text: ", e) == -1 ||
		    suggest_comment(&shape->fields[0], out, e) == -1)
			return -1;
		/* Read as plain text these would leave encoded, or with their tags. */
		if (strcasecmp(shape->end, ".eml") == 0)
			return buf_put_str(out,
			    "\n    # To let mail out with all finds replaced: format: eml, with headers: "
			    "{Subject: text}\n",
			    e);
		if (strcasecmp(shape->end, ".xml") == 0)
			return buf_put_str(out,
			    "\n    # To let XML out: format: xml, with an action for each path "
			    "(deploy/policies/cda.yaml is one for HL7 CDA)\n",
			    e);
		return buf_put_str(out,
		    "\n    # To let it out with all finds replaced: format: text. Lines with columns of "
		    "fixed width: "
		    "format: fixed\n",
		    e);
	}
}

int
suggest_write(const struct suggest *s, struct buf *out, struct err *e)
{
	bool rule = false;

	if (buf_printf(out, e,
		"# A draft by `stager policy suggest`, from %" PRIu64
		" files. Nothing leaves under it but pseudonyms of what is called a patient's or\n"
		"# subject's number. Read each line, write what may leave in place of `drop`, and see with "
		"`stager push "
		"--dry-run`\n# what comes of it. The comments are guesses from the data: they say how values "
		"look, not "
		"what they mean.\n"
		"policy: 1\nname: draft\nproject: draft           # one person has one pseudonym within "
		"project and "
		"domain\npseudonym: {domain: draft, key: 1}\ntext: {language: [nl], default: tag, bsn: {do: "
		"tag, context: "
		"any}}\n\n",
		s->files) == -1 ||
	    suggest_subject(s, out, e) == -1 || buf_put_str(out, "\nfiles:\n", e) == -1)
		return -1;
	for (size_t i = 0; i < s->count; i++) {
		if (write_shape(s, &s->shapes[i], out, e) == -1)
			return -1;
		rule = rule ||
		       (s->shapes[i].why == NULL && !(s->shapes[i].files > 1 && mixed(s, &s->shapes[i])));
	}
	/* A policy has a rule; one for files that nobody has does no harm. */
	if (!rule && buf_put_str(out, "  - match: 'no-such-file'\n    format: drop\n", e) == -1)
		return -1;
	return buf_put_str(out,
	    "\naccept: {files: 0, records: 0}      # more than this held back, and a steward must "
	    "look\nsets:\n"
	    "  # Which countries may hold the sealed shards, and which sites may open them: put yours in the "
	    "place of "
	    "nowhere.\n"
	    "  # A set called domestic is never sent; one that may be is called abroad.\n"
	    "  domestic: {hold: [NL], open: [nowhere]}\n",
	    e);
}
