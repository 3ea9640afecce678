/* A draft of a policy: the YAML. What stands in it without a # lets nothing out but pseudonyms; all else is a comment. */
#include "stager/suggest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "policy_form.h"
#include "suggest.h"

#define RECORDS_LEAST 10      /* fewer are not counted out */
#define TAIL_MAX (200u << 10) /* of the draft, for what has no rule and for what stands behind the rules */

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

char *
suggest_glob(const struct shape *shape)
{
	char *glob = NULL;

	if (shape->files == 1)
		return strdup(shape->name);
	return asprintf(&glob, "%s*%s", shape->folder, shape->end) == -1 ? NULL : glob;
}

/* Is there another shape that the glob of this one would take in? */
static bool
mixed(const struct suggest *s, const struct shape *shape)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct shape *other = &s->shapes[i];

		if (other == shape || strcmp(other->folder, shape->folder) != 0)
			continue;
		if (shape->files == 1 ? strcmp(other->name, shape->name) == 0
				      : *shape->end == '\0' || strcmp(other->end, shape->end) == 0)
			return true;
	}
	return false;
}

/* For which files no rule can be written, and why: their `why`. */
static int
find_unnamed(struct suggest *s, struct err *e)
{
	for (size_t i = 0; i < s->count; i++) {
		struct shape *shape = &s->shapes[i];
		const char *literal = shape->files == 1 ? shape->name : shape->folder;
		char *glob;

		if (shape->why != NULL)
			continue;
		if ((glob = suggest_glob(shape)) == NULL)
			return err_set(e, ERR_SYSTEM, "suggest: out of memory");
		if (mixed(s, shape))
			shape->why = "other files have names like these: write one rule for each kind";
		else if (strpbrk(literal, "*?[]\\") != NULL || strpbrk(shape->end, "*?[]\\") != NULL ||
			 !suggest_printable(shape->name, strlen(shape->name)) ||
			 !suggest_printable(glob, strlen(glob)) || policy_glob_wrong(glob) != NULL)
			shape->why = "a `match` cannot hold such a name: write one with * or ? in its place";
		free(glob);
	}
	return 0;
}

/* The order of days and months that the draft reads: the month first where nothing else is seen. */
static enum date_order
first_order(const struct suggest *s, bool *both)
{
	bool seen[SUGGEST_ORDERS] = {false};

	for (size_t i = 0; i < s->count; i++)
		for (size_t k = 0; s->shapes[i].why == NULL && k < s->shapes[i].count; k++) {
			int order = suggest_order(&s->shapes[i].fields[k]);

			if (order != -1)
				seen[order] = true;
		}
	*both = seen[DATE_MDY] && seen[DATE_DMY];
	return seen[DATE_MDY] && !seen[DATE_DMY] ? DATE_MDY : DATE_DMY;
}

/* By what the records are linked to the table of people, as a comment; where there is one every rule that takes something has a line. */
static int
write_link(const struct suggest *s, const struct shape *shape, struct buf *out, struct err *e)
{
	const struct profile *key, *link;
	const struct shape *table = suggest_table(s, &key);

	if (table == NULL)
		return 0;
	if ((link = table == shape ? key : suggest_link(shape, key)) == NULL)
		return buf_put_str(
		    out, "    # subject: none  # nobody's, as far as the names of its columns say\n", e);
	if (buf_put_str(out, "    # subject: ", e) == -1 || suggest_quoted(out, link->name, e) == -1)
		return -1;
	return buf_put_str(out,
	    table == shape ? "  # the table itself\n"
			   : "  # its values seem to be among those of the key above\n",
	    e);
}

/* The same of files whose names may say it. */
static int
write_named(const struct suggest *s, const struct shape *shape, struct buf *out, struct err *e)
{
	const struct profile *key;
	const struct shape *table = suggest_table(s, &key);
	char *glob = NULL;
	int rc;

	if (table == NULL)
		return 0;
	if (!suggest_named(shape, key))
		return buf_put_str(out,
		    "    # subject: none  # or their names with {key} where the person's number stands\n", e);
	if (shape->behind == '\0'
		? asprintf(&glob, "%s{key}%s", shape->folder, shape->end) == -1
		: asprintf(&glob, "%s{key}%c*%s", shape->folder, shape->behind, shape->end) == -1)
		return err_set(e, ERR_SYSTEM, "suggest: out of memory");
	rc = policy_key_glob_wrong(glob) != NULL ? buf_put_str(out, "    # subject: none\n", e)
	     : buf_put_str(out, "    # subject: ", e) == -1 || suggest_quoted(out, glob, e) == -1
		 ? -1
		 : buf_put_str(out, "  # their names seem to begin with the key above\n", e);
	free(glob);
	return rc;
}

static int
write_fields(
    const struct suggest *s, const struct shape *shape, enum date_order first, struct buf *out, struct err *e)
{
	if (write_link(s, shape, out, e) == -1)
		return -1;
	if (buf_put_str(out, shape->format == FORMAT_CSV ? "    columns:\n" : "    fields:\n", e) == -1)
		return -1;
	for (size_t i = 0; i < shape->count; i++) {
		if (buf_put_str(out, "      ", e) == -1 ||
		    suggest_quoted(out, shape->fields[i].name, e) == -1 ||
		    buf_printf(out, e, ": %s  # ", suggest_action(&shape->fields[i])) == -1 ||
		    suggest_comment(&shape->fields[i], first, out, e) == -1 || buf_put_u8(out, '\n', e) == -1)
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

/* What stands before the lines that could take the place of `format: drop`. */
#define INSTEAD ": these lines, without #, in the place of `format: drop`\n"

static int
write_image(const struct shape *shape, struct buf *out, struct err *e)
{
	if (buf_put_str(out,
		"    format: drop\n    # Images. To let them out, cleaned by the profile of DICOM PS3.15, "
		"their pixels as they are" INSTEAD
		"    # format: dicom\n    # subject: PatientID\n    # modality: [",
		e) == -1)
		return -1;
	if (shape->modalities == 0)
		return buf_put_str(out,
		    "CT]  # none could be read here: put yours in the place of CT\n    # burned_in: hold\n",
		    e);
	for (size_t i = 0; i < shape->modalities; i++)
		if (buf_printf(out, e, "%s%s", i == 0 ? "" : ", ", shape->modality[i]) == -1)
			return -1;
	return buf_put_str(out, "]\n    # burned_in: hold\n", e);
}

static int
write_text(
    const struct suggest *s, const struct shape *shape, enum date_order first, struct buf *out, struct err *e)
{
	if (buf_put_str(out, "    format: drop\n    # Text: ", e) == -1 ||
	    suggest_comment(&shape->fields[0], first, out, e) == -1 || buf_put_u8(out, '\n', e) == -1)
		return -1;
	/* Read as plain text these would leave encoded, or with their tags. */
	if (strcasecmp(shape->end, ".xml") == 0)
		return buf_put_str(out,
		    "    # To let XML out: format xml, with an action for each path "
		    "(deploy/policies/cda.yaml is one for HL7 CDA).\n",
		    e);
	if (strcasecmp(shape->end, ".eml") == 0)
		return buf_put_str(out,
			   "    # To let mail out, its text with all finds replaced" INSTEAD
			   "    # format: eml\n    # headers: {Subject: text}\n    # attachments: hold\n",
			   e) == -1
			   ? -1
			   : write_named(s, shape, out, e);
	return buf_put_str(out,
		   "    # Lines with columns of fixed width want format fixed. To let text out with all "
		   "finds "
		   "replaced" INSTEAD "    # format: text\n",
		   e) == -1
		   ? -1
		   : write_named(s, shape, out, e);
}

/* The rule, with a comment before it that says how many files and records it is made from. */
static int
write_rule(const struct suggest *s, const struct shape *shape, const char *glob, enum date_order first,
    struct buf *out, struct err *e)
{
	if (buf_printf(out, e, "  # %" PRIu64 " %s", shape->files, shape->files > 1 ? "files" : "file") ==
		-1 ||
	    (shape->format != FORMAT_DICOM && shape->format != FORMAT_TEXT &&
		(shape->records < RECORDS_LEAST
			? buf_printf(out, e, ", fewer than %d records", RECORDS_LEAST)
			: buf_printf(out, e, ", %" PRIu64 " records", shape->records)) == -1) ||
	    (shape->cut && buf_printf(out, e, "; of each the first %u MiB were looked at",
			       SUGGEST_READ_MAX >> 20) == -1) ||
	    buf_put_str(out, "\n  - match: ", e) == -1 || suggest_quoted(out, glob, e) == -1 ||
	    buf_put_u8(out, '\n', e) == -1)
		return -1;
	switch (shape->format) {
	case FORMAT_CSV:
		return write_delimiter(shape, out, e) == -1 ? -1 : write_fields(s, shape, first, out, e);
	case FORMAT_JSONL:
	case FORMAT_JSON:
		return buf_printf(
			   out, e, "    format: %s\n", shape->format == FORMAT_JSON ? "json" : "jsonl") == -1
			   ? -1
			   : write_fields(s, shape, first, out, e);
	case FORMAT_DICOM:
		return write_image(shape, out, e);
	default:
		return write_text(s, shape, first, out, e);
	}
}

static int
write_held(const struct shape *shape, const char *why, struct buf *out, struct err *e)
{
	if (buf_put_str(out, "  # held, for it has no rule: ", e) == -1 ||
	    (suggest_printable(shape->name, strlen(shape->name))
		    ? suggest_quoted(out, shape->name, e)
		    : buf_put_str(out, "a name that cannot be shown", e)) == -1 ||
	    (shape->files > 1 && buf_printf(out, e, " and %" PRIu64 " more like it", shape->files - 1) == -1))
		return -1;
	return buf_printf(out, e, ": %s\n", why);
}

/* 1 where it is a rule, 0 where it is a comment, -1. */
static int
write_shape(
    const struct suggest *s, const struct shape *shape, enum date_order first, struct buf *out, struct err *e)
{
	char *glob = suggest_glob(shape);
	const size_t before = out->len;
	const char *why = shape->why;
	int rc = -1;

	if (glob == NULL)
		return err_set(e, ERR_SYSTEM, "suggest: out of memory");
	if (why == NULL) {
		rc = write_rule(s, shape, glob, first, out, e) == -1 ? -1 : 1;
		/* A policy that long is not read. */
		if ((rc == -1 && e->code == ERR_LIMIT) || out->len > SUGGEST_DRAFT_MAX - TAIL_MAX) {
			e->code = ERR_NONE;
			out->len = before;
			why = "the draft is as long as a policy may be: draft one for these files alone";
		}
	}
	if (why != NULL)
		rc = out->len > SUGGEST_DRAFT_MAX - TAIL_MAX / 2 ? 0 : write_held(shape, why, out, e);
	free(glob);
	return rc;
}

static int
write_head(const struct suggest *s, enum date_order first, bool both, struct buf *out, struct err *e)
{
	if (buf_printf(out, e,
		"# A draft by `stager policy suggest`, from %" PRIu64
		" file%s. Nothing leaves under it but pseudonyms of what is called a patient's or\n"
		"# subject's number. Read each line, write what may leave in the place of `drop`, and see "
		"with "
		"`stager push --dry-run`\n"
		"# what comes of it. The comments are guesses from the data: they say how values look, not "
		"what they mean. Of each column: what its\n"
		"# values look like, about how many different ones there are, what the detectors find and in "
		"how many values (all; most: nine of\n"
		"# ten; more than half; some: one of ten; few), and what it could be, if you know that it "
		"may.\n"
		"policy: 1\nname: draft\nproject: draft           # one person has one pseudonym within "
		"project and domain\npseudonym: {domain: draft, key: 1}\n"
		"dates: {order: [yyyy-MM-dd, %s]}   # shift: {step: 7, max: 364} beside it, where there is a "
		"subject: dates that move\n",
		s->files, s->files == 1 ? "" : "s", first == DATE_MDY ? "MM-dd-yyyy" : "dd-MM-yyyy") == -1 ||
	    (both && buf_put_str(out,
			 "# Some columns have the day first, others the month: a policy reads one of these "
			 "orders.\n",
			 e) == -1))
		return -1;
	return buf_put_str(out, "text: {language: [nl], default: tag, bsn: {do: tag, context: any}}\n\n", e);
}

int
suggest_write(struct suggest *s, struct buf *out, struct err *e)
{
	const struct profile *key;
	const struct shape *table;
	bool both, rule = false;
	enum date_order first;
	int rc;

	if (find_unnamed(s, e) == -1)
		return -1;
	first = first_order(s, &both);
	table = suggest_table(s, &key);
	if (write_head(s, first, both, out, e) == -1 || suggest_subject(s, first, out, e) == -1 ||
	    buf_put_str(out, "\nfiles:\n", e) == -1)
		return -1;
	/* The table first: however long the draft becomes, it has its rule. */
	if (table != NULL && (rc = write_shape(s, table, first, out, e)) != 1)
		return rc == 0 ? err_set(e, ERR_LIMIT, "suggest: a table of too many columns") : -1;
	for (size_t i = 0; i < s->count; i++) {
		if (&s->shapes[i] == table)
			continue;
		if ((rc = write_shape(s, &s->shapes[i], first, out, e)) == -1)
			return -1;
		rule = rule || rc == 1;
	}
	/* A policy has a rule; one for files that nobody has does no harm. */
	if (!rule && table == NULL &&
	    buf_put_str(out, "  - match: 'no-such-file'\n    format: drop\n", e) == -1)
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
