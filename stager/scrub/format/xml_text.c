/* Values of an XML document: actions on them, text that markup cuts in pieces as one, and the document made anew. */
#include "xml.h"

#include <stdlib.h>
#include <string.h>

#include "../action.h"
#include "../reference.h"
#include "stager/entry.h"

static int
held(struct xml_doc *d, const char *reason)
{
	d->reason = reason;
	return 0;
}

static int
add_edit(struct xml_doc *d, size_t start, size_t end, size_t made, struct err *e)
{
	struct xml_edit *grown;
	size_t cap;

	if (d->edit_count == d->edit_cap) {
		cap = d->edit_cap == 0 ? 256 : d->edit_cap * 2;
		if ((grown = reallocarray(d->edits, cap, sizeof(*grown))) == NULL)
			return err_sys(e, "xml: memory for changes");
		d->edits = grown;
		d->edit_cap = cap;
	}
	d->edits[d->edit_count++] =
	    (struct xml_edit){.start = start, .end = end, .at = made, .len = d->made.len - made};
	return 0;
}

int
xml_edit(struct xml_doc *d, size_t start, size_t end, const uint8_t *bytes, size_t len, bool attribute,
    struct err *e)
{
	size_t made = d->made.len;

	if (len > 0 && xml_encode(bytes, len, attribute, d->narrow, &d->made, e) == -1)
		return -1;
	return add_edit(d, start, end, made, e);
}

/* --- one value --- */

/* The subject's key stands here: once, or again as it was. */
static int
note_subject(struct xml_doc *d, const uint8_t *s, size_t len, struct err *e)
{
	const char *key = (const char *)s;

	while (len > 0 && *key == ' ') {
		key++;
		len--;
	}
	while (len > 0 && key[len - 1] == ' ')
		len--;
	if (len == 0)
		return 1;
	if (d->has_subject)
		return d->subject.len == len && memcmp(d->subject.data, key, len) == 0
			   ? 1
			   : held(d, "subject-several");
	d->has_subject = true;
	buf_clear(&d->subject);
	return buf_put(&d->subject, key, len, e) == -1 ? -1 : 1;
}

/* The value of the record's own subject, as it is spelled where the rule says. */
static bool
is_subject(const struct xml_doc *d, const uint8_t *s, size_t len)
{
	return d->scrub->subject != NULL && d->has_subject && d->subject.len == len &&
	       memcmp(d->subject.data, s, len) == 0;
}

static int
apply(struct xml_doc *d, const struct action *a, const uint8_t *s, size_t len, struct buf *out, struct err *e)
{
	int rc;

	/* The key's pseudonym is that of its one form, not of how it is spelled here. */
	if ((a->kind == ACTION_PSEUDONYM || a->kind == ACTION_REFERENCE) && is_subject(d, s, len))
		return action_subject(d->scrub, a, (const char *)s, len, out, e) == -1 ? -1 : 1;
	rc = action_apply(d->scrub, a, len == 0 ? "" : (const char *)s, len, out, &d->finds, &d->reason, e);
	if (rc == 0)
		d->wrong = a;
	return rc;
}

int
xml_value(struct xml_doc *d, const struct action *a, const struct xml_attribute *attribute, struct err *e)
{
	const struct xml_part value = attribute->value;
	size_t len = d->value.len;
	int rc;

	if (d->finding)
		return note_subject(d, d->value.data, len, e);
	d->actions[a->kind]++;
	if (a->kind == ACTION_DROP)
		return add_edit(d, attribute->start, attribute->end, d->made.len, e) == -1 ? -1 : 1;
	buf_clear(&d->cleaned);
	if ((rc = apply(d, a, d->value.data, len, &d->cleaned, e)) != 1)
		return rc;
	if (d->cleaned.len == len && (len == 0 || memcmp(d->cleaned.data, d->value.data, len) == 0))
		return 1;
	return xml_edit(d, value.at, value.at + value.len, d->cleaned.data, d->cleaned.len, true, e) == -1
		   ? -1
		   : 1;
}

/* --- text between tags --- */

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int
add_piece(struct xml_doc *d, struct err *e)
{
	struct xml_piece *grown;
	size_t cap;

	if (d->piece_count == d->piece_cap) {
		cap = d->piece_cap == 0 ? 64 : d->piece_cap * 2;
		if ((grown = reallocarray(d->pieces, cap, sizeof(*grown))) == NULL)
			return err_sys(e, "xml: memory for text");
		d->pieces = grown;
		d->piece_cap = cap;
	}
	d->pieces[d->piece_count++] = (struct xml_piece){
	    .start = d->run_start, .end = d->run_end, .at = d->group.len, .len = d->run.len};
	return buf_put(&d->group, d->run.data, d->run.len, e);
}

int
xml_run_end(struct xml_doc *d, struct err *e)
{
	const struct xml_level *in = &d->levels[d->depth];
	const struct action *a;
	size_t front = 0, back = d->run.len;
	bool deep;
	int rc;

	if (!d->running)
		return 1;
	d->running = false;
	while (front < back && is_space(d->run.data[front]))
		front++;
	while (back > front && is_space(d->run.data[back - 1]))
		back--;
	if (front == back || in->gone)
		return 1;
	if (d->depth == 0)
		return held(d, "xml-broken");
	a = xml_text_action(d, in, &deep);
	if (d->finding)
		return a == NULL ? 1 : note_subject(d, d->run.data + front, back - front, e);
	if (a == NULL)
		return held(d, "field-unnamed");
	d->actions[a->kind]++;
	if (a->kind == ACTION_DROP || a->kind == ACTION_BLANK)
		return add_edit(d, d->run_start, d->run_end, d->made.len, e) == -1 ? -1 : 1;
	if (a->kind == ACTION_TEXT) {
		if (add_piece(d, e) == -1)
			return -1;
		return d->grouping ? 1 : xml_group_end(d, e);
	}
	/* White space around a value is the document's. */
	buf_clear(&d->cleaned);
	if (buf_put(&d->cleaned, d->run.data, front, e) == -1 ||
	    (rc = apply(d, a, d->run.data + front, back - front, &d->cleaned, e)) == -1)
		return -1;
	if (rc != 1)
		return rc;
	if (buf_put(&d->cleaned, d->run.data + back, d->run.len - back, e) == -1)
		return -1;
	if (d->cleaned.len == d->run.len && memcmp(d->cleaned.data, d->run.data, d->run.len) == 0)
		return 1;
	return xml_edit(d, d->run_start, d->run_end, d->cleaned.data, d->cleaned.len, false, e) == -1 ? -1
												      : 1;
}

/* --- text that markup cuts in pieces --- */

int
xml_group_gap(struct xml_doc *d, const struct xml_level *in, struct err *e)
{
	/* Within a line: of CDA's narrative, and of XHTML. */
	static const char *const inline_names[] = {"a", "abbr", "b", "code", "content", "em", "footnoteRef",
	    "i", "linkHtml", "small", "span", "strong", "sub", "sup", "u"};
	const char *name = (const char *)d->s + in->local.at;
	const uint8_t *s = d->group.data;
	const size_t len = d->group.len;
	bool cell;

	for (size_t i = 0; i < sizeof(inline_names) / sizeof(inline_names[0]); i++)
		if (strlen(inline_names[i]) == in->local.len &&
		    memcmp(inline_names[i], name, in->local.len) == 0)
			return 0;
	cell = in->local.len == 2 && (memcmp(name, "td", 2) == 0 || memcmp(name, "th", 2) == 0);
	if (len == 0 || s[len - 1] == '\n' || (cell && s[len - 1] == '\t'))
		return 0;
	return buf_put_u8(&d->group, cell ? '\t' : '\n', e);
}

int
xml_group_end(struct xml_doc *d, struct err *e)
{
	const size_t count = d->piece_count * 2;
	size_t *grown;

	d->grouping = false;
	if (d->piece_count == 0) {
		buf_clear(&d->group);
		return 1;
	}
	if (count > d->cut_cap) {
		if ((grown = reallocarray(d->cuts, count, 2 * sizeof(*grown))) == NULL)
			return err_sys(e, "xml: memory for text");
		d->cuts = grown;
		d->cut_cap = count;
	}
	d->cut_out = d->cuts + count;
	for (size_t i = 0; i < d->piece_count; i++) {
		d->cuts[2 * i] = d->pieces[i].at;
		d->cuts[2 * i + 1] = d->pieces[i].at + d->pieces[i].len;
	}
	buf_clear(&d->cleaned);
	if (text_clean_cut(d->scrub, (const char *)d->group.data, d->group.len, d->cuts, d->cut_out, count,
		&d->cleaned, &d->finds, e) == -1)
		return -1;
	for (size_t i = 0; i < d->piece_count; i++) {
		const struct xml_piece *p = &d->pieces[i];
		const size_t from = d->cut_out[2 * i], len = d->cut_out[2 * i + 1] - from;

		if (len == p->len && memcmp(d->cleaned.data + from, d->group.data + p->at, len) == 0)
			continue;
		if (xml_edit(d, p->start, p->end, d->cleaned.data + from, len, false, e) == -1)
			return -1;
	}
	d->piece_count = 0;
	buf_clear(&d->group);
	return 1;
}

/* --- the document made anew --- */

/* The outer one of two that begin together first. */
static int
compare_edits(const void *a, const void *b)
{
	const struct xml_edit *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->end == y->end ? 0 : x->end > y->end ? -1 : 1;
}

int
xml_build(struct xml_doc *d, struct err *e)
{
	size_t copied = 0;

	if (d->edit_count > 1)
		qsort(d->edits, d->edit_count, sizeof(*d->edits), compare_edits);
	buf_clear(&d->out);
	for (size_t i = 0; i < d->edit_count; i++) {
		const struct xml_edit *edit = &d->edits[i];

		/* Inside of what is gone or replaced already. */
		if (edit->start < copied)
			continue;
		if (buf_put(&d->out, d->s + copied, edit->start - copied, e) == -1 ||
		    (edit->len > 0 && buf_put(&d->out, d->made.data + edit->at, edit->len, e) == -1))
			return -1;
		copied = edit->end;
		/* "]<!-- -->]>": without what is gone these would be the end of a CDATA section that has no beginning. */
		if (d->out.len > 0 && d->out.data[d->out.len - 1] == ']' && copied < d->len &&
		    (d->s[copied] == ']' || d->s[copied] == '>') && buf_put_str(&d->out, "<!---->", e) == -1)
			return -1;
	}
	return buf_put(&d->out, d->s + copied, d->len - copied, e);
}
