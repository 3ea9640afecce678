/* One pass over a DICOM dataset: every attribute, at any depth, is kept, emptied, replaced or removed. */
#include "dicom_parts.h"

#include <string.h>

#include "../subject.h"
#include "stager/policy.h"
#include "stager/scrub.h"

#define TAG_PATIENT_ID DICOM_TAG(0x0010, 0x0020)

enum mode {
	MODE_SCRUB,
	MODE_DUMMY, /* inside a sequence whose action is D: every value becomes a dummy */
	MODE_SKIP,  /* inside what is removed: only its end is looked for */
};

/* A stretch of the file being walked. */
struct walk {
	size_t at, end;
	bool delimited; /* ends with an item delimiter rather than at end */
	struct dicom_syntax syntax;
	unsigned depth; /* of sequences around it */
	enum mode mode;
	struct dicom_image image; /* as far as its attributes have said */
};

static int
hold(struct dicom *d, const char *reason)
{
	d->hold = reason;
	return 1;
}

static int
broken(struct dicom *d)
{
	return hold(d, "dicom-broken");
}

static unsigned
get16(const uint8_t *from, bool big)
{
	return big ? (unsigned)from[0] << 8 | from[1] : (unsigned)from[1] << 8 | from[0];
}

static uint32_t
get32(const uint8_t *from, bool big)
{
	return big ? (uint32_t)get16(from, true) << 16 | get16(from + 2, true)
		   : (uint32_t)get16(from + 2, false) << 16 | get16(from, false);
}

bool
dicom_head(const uint8_t *data, size_t *at, size_t end, struct dicom_syntax syntax,
    struct dicom_element *element, bool *unknown_vr)
{
	const uint8_t *head = data + *at;
	size_t size = 8;

	*unknown_vr = false;
	if (end - *at < size)
		return false;
	*element = (struct dicom_element){.vr = VR_UN, .start = *at};
	element->tag = DICOM_TAG(get16(head, syntax.big), get16(head + 2, syntax.big));
	if (!syntax.explicit_vr || element->tag >> 16 == 0xfffe) {
		element->len = get32(head + 4, syntax.big);
	} else {
		if ((element->vr = dicom_vr_of(head + 4)) == VR_COUNT) {
			*unknown_vr = true;
			return false;
		}
		if (!dicom_vr_long(element->vr)) {
			element->len = get16(head + 6, syntax.big);
		} else {
			size = 12;
			if (end - *at < size)
				return false;
			element->len = get32(head + 8, syntax.big);
		}
	}
	*at += size;
	return true;
}

/* The next head of the walk; 1 where the file must be held. */
static int
next(struct dicom *d, struct walk *w, struct dicom_element *el)
{
	bool unknown_vr;

	if (!dicom_head(d->data, &w->at, w->end, w->syntax, el, &unknown_vr))
		return unknown_vr ? hold(d, "dicom-vr") : broken(d);
	if (el->len != DICOM_UNDEFINED && el->len > w->end - w->at)
		return broken(d);
	return 0;
}

static int dataset(struct dicom *d, struct walk *w, struct err *e);

/* Past the fragments of encapsulated data, its sequence delimiter included. */
static int
fragments(struct dicom *d, struct walk *w)
{
	struct dicom_element el;
	int rc;

	for (;;) {
		if ((rc = next(d, w, &el)) != 0)
			return rc;
		if (el.tag == DICOM_SEQUENCE_END)
			return el.len == 0 ? 0 : broken(d);
		if (el.tag != DICOM_ITEM || el.len == DICOM_UNDEFINED)
			return broken(d);
		w->at += el.len;
	}
}

/*
 * The items of a sequence whose head, el, has been read: written to the output with undefined lengths, or
 * passed over in MODE_SKIP. Of a dummy only the first item stays.
 */
static int
sequence(struct dicom *d, struct walk *w, const struct dicom_element *el, struct dicom_syntax syntax,
    enum mode mode, struct err *e)
{
	bool delimited = el->len == DICOM_UNDEFINED;
	struct walk items = *w;
	int rc;

	if (w->depth >= DICOM_DEPTH_MAX)
		return hold(d, "dicom-depth");
	items.syntax = syntax;
	if (!delimited)
		items.end = w->at + el->len;
	for (;;) {
		struct dicom_element item;
		struct walk inner;

		if (!delimited && items.at == items.end)
			break;
		if ((rc = next(d, &items, &item)) != 0)
			return rc;
		if (delimited && item.tag == DICOM_SEQUENCE_END) {
			if (item.len != 0)
				return broken(d);
			break;
		}
		if (item.tag != DICOM_ITEM)
			return broken(d);
		inner = items;
		inner.delimited = item.len == DICOM_UNDEFINED;
		if (!inner.delimited)
			inner.end = items.at + item.len;
		inner.depth = w->depth + 1;
		inner.mode = mode;
		inner.image = (struct dicom_image){0};
		if (mode != MODE_SKIP &&
		    dicom_out_mark(&d->out, syntax, DICOM_ITEM, DICOM_UNDEFINED, e) == -1)
			return -1;
		if ((rc = dataset(d, &inner, e)) != 0)
			return rc;
		if (mode != MODE_SKIP && dicom_out_mark(&d->out, syntax, DICOM_ITEM_END, 0, e) == -1)
			return -1;
		items.at = inner.at;
		if (mode == MODE_DUMMY)
			mode = MODE_SKIP;
	}
	w->at = items.at;
	return 0;
}

/* Past a value that leaves. */
static int
skip(struct dicom *d, struct walk *w, const struct dicom_element *el, struct err *e)
{
	struct dicom_syntax syntax = w->syntax;

	if (el->len != DICOM_UNDEFINED) {
		w->at += el->len;
		return 0;
	}
	if (w->syntax.explicit_vr && (el->vr == VR_OB || el->vr == VR_OW))
		return fragments(d, w);
	if (w->syntax.explicit_vr && el->vr == VR_UN)
		syntax = (struct dicom_syntax){0}; /* PS3.5 section 6.2.2: implicit, little endian */
	else if (w->syntax.explicit_vr && el->vr != VR_SQ)
		return broken(d);
	return sequence(d, w, el, syntax, MODE_SKIP, e);
}

/* The action for an element, and the attribute that it is (NULL: none of the standard's). */
static enum dicom_action
decide(struct dicom *d, const struct walk *w, const struct dicom_element *el,
    const struct dicom_attribute **attribute)
{
	const struct dicom_attribute *a = NULL;
	const struct tag_rule *rule;
	enum dicom_action action;

	*attribute = NULL;
	if ((el->tag >> 16) % 2 != 0) {
		d->private_removed++;
		return DICOM_REMOVE;
	}
	if ((el->tag & 0xffff) == 0)
		return DICOM_REMOVE; /* a group's length, which is another one now */
	if ((a = dicom_attribute(el->tag)) == NULL)
		goto remove;
	/* A value in another form than its attribute has cannot be judged. */
	if (w->syntax.explicit_vr && el->vr != VR_UN && !dicom_vr_fits(el->vr, (enum dicom_vr)a->vr))
		goto remove;
	action = (enum dicom_action)a->action;
	if (w->mode == MODE_SCRUB && (rule = dicom_rule_of(d->s->rule, el->tag)) != NULL)
		action = dicom_action_of(rule);
	else if (w->mode == MODE_SCRUB && d->s->rule->shift_dates && dicom_longitudinal(a))
		action = a->vr == VR_TM ? DICOM_KEEP : DICOM_SHIFT;
	if (w->mode == MODE_DUMMY && (action == DICOM_ZERO || (action == DICOM_KEEP && a->vr != VR_UI)))
		action = DICOM_DUMMY;
	*attribute = a;
	if (action != DICOM_REMOVE)
		return action;
remove:
	d->removed++;
	return DICOM_REMOVE;
}

static int
keep_value(struct dicom *d, struct walk *w, const struct dicom_element *el, const struct dicom_attribute *a,
    struct err *e)
{
	const uint8_t *value = d->data + w->at;
	enum dicom_vr vr = dicom_vr_plain((enum dicom_vr)a->vr);
	size_t size = w->at - el->start + el->len;
	int found;

	if ((el->tag == DICOM_FLOAT_PIXELS || el->tag == DICOM_DOUBLE_PIXELS) &&
	    !dicom_pixels_native(&w->image, el->tag, value, el->len, false))
		return hold(d, "dicom-pixels");
	switch (dicom_value_check(a, value, el->len)) {
	case DICOM_VALUE_BROKEN:
		return broken(d);
	case DICOM_VALUE_BAD:
		if (dicom_replace(d, w->syntax, el, value, a, DICOM_ZERO, e) == -1)
			return -1;
		break;
	case DICOM_VALUE_GOOD:
		if ((found = dicom_text_found(d->s, a, value, el->len, e)) == -1)
			return -1;
		if (found == 1) {
			d->texts++;
			if (dicom_out_element(&d->out, w->syntax, el->tag, vr, NULL, 0, e) == -1)
				return -1;
			break;
		}
		if (dicom_out_keep(&d->out, d->data + el->start, size, e) == -1)
			return -1;
		break;
	}
	w->at += el->len;
	return 0;
}

/* The fragments of pixel data, whose head has been read and put, with their delimiter. */
static int
keep_fragments(struct dicom *d, struct walk *w, struct err *e)
{
	struct dicom_fragments f = {.stream = {.codec = d->codec}, .several = d->several};
	struct dicom_element el;
	const char *reason;
	bool table = true; /* the first item is the offset table (PS3.5 section A.4) */
	int rc;

	for (;; table = false) {
		if ((rc = next(d, w, &el)) != 0)
			return rc;
		if (el.tag == DICOM_SEQUENCE_END)
			break;
		if (el.tag != DICOM_ITEM || el.len == DICOM_UNDEFINED)
			return broken(d);
		if (table) {
			if (!dicom_fragments_begin(&f, &w->image, d->data + w->at, el.len))
				return hold(d, "dicom-pixels");
			if (dicom_out_keep(&d->out, d->data + el.start, 8 + (size_t)el.len, e) == -1)
				return -1;
		} else if ((rc = dicom_fragments_put(&f, &d->out, d->data + el.start, el.len, &reason, e)) !=
			   0) {
			return rc == 1 ? hold(d, reason) : -1;
		}
		w->at += el.len;
	}
	if (el.len != 0 || table)
		return broken(d);
	if ((reason = dicom_fragments_end(&f)) != NULL)
		return hold(d, reason);
	d->overwritten += f.stream.overwritten;
	return dicom_out_keep(&d->out, d->data + el.start, 8, e);
}

static int
keep_pixels(struct dicom *d, struct walk *w, const struct dicom_element *el, struct err *e)
{
	const uint8_t *value = d->data + w->at;
	bool swapped = w->syntax.big && el->vr == VR_OW;

	/* Inside a sequence (an icon) pixels are never in fragments. PS3.5 section A.4. */
	if ((el->len == DICOM_UNDEFINED) != (w->syntax.encapsulated && w->depth == 0))
		return broken(d);
	if (w->syntax.explicit_vr && el->vr != VR_OB && el->vr != VR_OW)
		return broken(d);
	if (el->len == DICOM_UNDEFINED) {
		if (dicom_out_keep(&d->out, d->data + el->start, w->at - el->start, e) == -1)
			return -1;
		return keep_fragments(d, w, e);
	}
	if (!dicom_pixels_native(&w->image, el->tag, value, el->len, swapped))
		return hold(d, "dicom-pixels");
	w->at += el->len;
	return dicom_out_keep(&d->out, d->data + el->start, w->at - el->start, e);
}

/* Is the element a sequence here, and how are its items written? */
static bool
is_sequence(const struct walk *w, const struct dicom_element *el, const struct dicom_attribute *a,
    struct dicom_syntax *inner)
{
	*inner = w->syntax;
	if (a->vr != VR_SQ)
		return false;
	if (w->syntax.explicit_vr && el->vr == VR_UN)
		*inner = (struct dicom_syntax){0};
	return true;
}

static int
element(struct dicom *d, struct walk *w, const struct dicom_element *el, struct err *e)
{
	const struct dicom_attribute *a;
	struct dicom_syntax inner;
	enum dicom_action action;
	int rc;

	if (w->mode == MODE_SKIP)
		return skip(d, w, el, e);
	action = decide(d, w, el, &a);
	if (w->depth == 0)
		dicom_fact_note(d, el, d->data + w->at);
	if (a != NULL && el->len != DICOM_UNDEFINED)
		dicom_image_note(&w->image, el->tag, d->data + w->at, el->len, w->syntax.big);
	if (action == DICOM_REMOVE) {
		/* The holds below look at these: written as something else they cannot. */
		if (a == NULL && w->depth == 0 && dicom_fact_of(el->tag) != FACT_COUNT)
			return broken(d);
		return skip(d, w, el, e);
	}
	if (is_sequence(w, el, a, &inner)) {
		if (action >= DICOM_SHIFT)
			action = DICOM_ZERO;
		if (action == DICOM_ZERO || el->len == 0) {
			d->zeroed += el->len != 0;
			rc = dicom_out_head(&d->out, w->syntax, el->tag, VR_SQ, 0, e);
			return rc == -1 ? -1 : skip(d, w, el, e);
		}
		/* What was UN stays UN: its items are implicit, and undefined length says so. */
		if (dicom_out_head(&d->out, w->syntax, el->tag, el->vr == VR_UN ? VR_UN : VR_SQ,
			DICOM_UNDEFINED, e) == -1)
			return -1;
		rc = sequence(d, w, el, inner, action == DICOM_DUMMY ? MODE_DUMMY : w->mode, e);
		return rc != 0 ? rc : dicom_out_mark(&d->out, w->syntax, DICOM_SEQUENCE_END, 0, e);
	}
	if (el->tag == DICOM_PIXEL_DATA && action == DICOM_KEEP)
		return keep_pixels(d, w, el, e);
	if (el->len == DICOM_UNDEFINED)
		return broken(d);
	if (action == DICOM_KEEP)
		return keep_value(d, w, el, a, e);
	if ((rc = dicom_replace(d, w->syntax, el, d->data + w->at, a, action, e)) != 0)
		return rc;
	w->at += el->len;
	return 0;
}

static int
dataset(struct dicom *d, struct walk *w, struct err *e)
{
	struct dicom_element el;
	bool first = true;
	uint32_t last = 0;
	int rc;

	while (w->delimited || w->at < w->end) {
		if ((rc = next(d, w, &el)) != 0)
			return rc;
		if (w->delimited && el.tag == DICOM_ITEM_END)
			return el.len == 0 ? 0 : broken(d);
		if (el.tag >> 16 == 0xfffe)
			return broken(d);
		/* Ascending, each once (PS3.5 section 7.1): of two values only one could be judged. */
		if (w->mode != MODE_SKIP && (el.tag >> 16 == 0x0002 || (!first && el.tag <= last)))
			return broken(d);
		first = false;
		last = el.tag;
		if (w->depth == 0) {
			if (dicom_insert(d, w->syntax, el.tag, e) == -1)
				return -1;
			if (dicom_inserted(el.tag)) {
				if ((rc = skip(d, w, &el, e)) != 0)
					return rc;
				continue;
			}
		}
		if ((rc = element(d, w, &el, e)) != 0)
			return rc;
	}
	return 0;
}

int
dicom_patient(struct dicom *d, size_t at, struct dicom_syntax syntax, struct err *e)
{
	struct walk w = {.at = at, .end = d->len, .syntax = syntax, .mode = MODE_SKIP};
	struct dicom_element el;
	int rc;

	while (w.at < w.end) {
		if ((rc = next(d, &w, &el)) != 0)
			return rc;
		if (el.tag >= TAG_PATIENT_ID) {
			if (el.tag == TAG_PATIENT_ID)
				dicom_fact_note(d, &el, d->data + w.at);
			return 0;
		}
		if ((rc = skip(d, &w, &el, e)) != 0)
			return rc;
	}
	return 0;
}

int
dicom_dataset(struct dicom *d, size_t at, struct dicom_syntax syntax, struct err *e)
{
	struct walk w = {.at = at, .end = d->len, .syntax = syntax, .mode = MODE_SCRUB};
	int rc;

	if ((rc = dataset(d, &w, e)) != 0)
		return rc;
	if (dicom_insert(d, syntax, UINT32_MAX, e) == -1)
		return -1;
	return dicom_out_end(&d->out, e);
}
