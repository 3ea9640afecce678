/* One XML document, walked along the policy's paths: what is named is done to, what is not named holds it. */
#include "xml.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "stager/entry.h"
#include "stager/utf8.h"

/* A name that only a wildcard takes: with figures for a number, but not for a person's. */
#define WILD_NAME_MAX 64
#define WILD_NAME_FIGURES_MAX 6
#define URI_MAX 256

static int
held(struct xml_doc *d, const char *reason)
{
	d->reason = reason;
	return 0;
}

static bool
spelled(const struct xml_doc *d, struct xml_part part, const char *word)
{
	return part.len == strlen(word) && memcmp(d->s + part.at, word, part.len) == 0;
}

/* It could say who somebody is. */
static int
wild_name(struct xml_doc *d, struct xml_part prefix, struct xml_part local, struct err *e)
{
	size_t figures = 0;
	int person;

	for (size_t i = 0; i < prefix.len; i++)
		figures += d->s[prefix.at + i] >= '0' && d->s[prefix.at + i] <= '9';
	for (size_t i = 0; i < local.len; i++)
		figures += d->s[local.at + i] >= '0' && d->s[local.at + i] <= '9';
	if (prefix.len + local.len > WILD_NAME_MAX || figures > WILD_NAME_FIGURES_MAX)
		return held(d, "field-unnamed");
	if ((person = text_wild_name(d->scrub, (const char *)d->s + local.at, local.len, e)) == -1)
		return -1;
	return person == 1 ? held(d, "field-unnamed") : 1;
}

/* --- namespaces --- */

static bool
declares(const struct xml_doc *d, const struct xml_attribute *a)
{
	return a->prefix.len == 0 ? spelled(d, a->local, "xmlns") : spelled(d, a->prefix, "xmlns");
}

/* What a tag declares, before its own name is looked up. foreign: a namespace that the rule does not name. */
static int
declare(struct xml_doc *d, bool *foreign, struct err *e)
{
	const struct rule *rule = d->paths->rule;
	int rc;

	for (size_t i = 0; i < d->token.attribute_count; i++) {
		const struct xml_attribute *a = &d->token.attributes[i];
		const struct xml_part prefix =
		    a->prefix.len == 0 ? (struct xml_part){a->local.at, 0} : a->local;
		size_t ns = XML_FOREIGN;

		if (!declares(d, a))
			continue;
		buf_clear(&d->value);
		if ((rc = xml_decode(
			 d->s + a->value.at, a->value.len, XML_AS_ATTRIBUTE, &d->value, &d->reason, e)) != 1)
			return rc;
		if (spelled(d, prefix, "xml") || spelled(d, prefix, "xmlns") ||
		    (prefix.len > 0 && d->value.len == 0))
			return held(d, "xml-broken");
		for (size_t k = 0; k < rule->namespace_count && d->value.len > 0; k++)
			if (strlen(rule->uris[k]) == d->value.len &&
			    memcmp(rule->uris[k], d->value.data, d->value.len) == 0)
				ns = k;
		if (d->value.len == 0)
			ns = XML_NO_NAMESPACE;
		*foreign = *foreign || ns == XML_FOREIGN;
		if (d->binding_count == XML_NAMESPACES_OPEN)
			return held(d, "xml-depth");
		d->bindings[d->binding_count++] = (struct xml_binding){.prefix = prefix, .ns = ns};
	}
	return 1;
}

/* Was the prefix declared? What is dropped may use namespaces that the rule does not name. */
static bool
declared(const struct xml_doc *d, struct xml_part prefix)
{
	if (prefix.len == 0 || spelled(d, prefix, "xml"))
		return true;
	for (size_t i = 0; i < d->binding_count; i++)
		if (d->bindings[i].prefix.len == prefix.len &&
		    memcmp(d->s + d->bindings[i].prefix.at, d->s + prefix.at, prefix.len) == 0)
			return true;
	return false;
}

/* --- tags --- */

/* Two attributes of one name by two prefixes. */
static bool
repeats(const struct xml_doc *d, size_t which, size_t ns)
{
	const struct xml_attribute *a = &d->token.attributes[which];

	for (size_t i = 0; i < which && a->prefix.len > 0; i++) {
		const struct xml_attribute *b = &d->token.attributes[i];

		if (b->prefix.len > 0 && !declares(d, b) && b->local.len == a->local.len &&
		    memcmp(d->s + b->local.at, d->s + a->local.at, a->local.len) == 0 &&
		    xml_namespace(d, b->prefix, true) == ns)
			return true;
	}
	return false;
}

static int
take_attributes(struct xml_doc *d, const struct xml_level *in, struct err *e)
{
	const struct action *a;
	bool named;
	size_t ns;
	int rc;

	for (size_t i = 0; i < d->token.attribute_count; i++) {
		const struct xml_attribute *attribute = &d->token.attributes[i];

		if (declares(d, attribute))
			continue;
		if (!declared(d, attribute->prefix))
			return held(d, "xml-broken");
		ns = xml_namespace(d, attribute->prefix, true);
		if (repeats(d, i, ns))
			return held(d, "xml-broken");
		buf_clear(&d->value);
		if ((rc = xml_decode(d->s + attribute->value.at, attribute->value.len, XML_AS_ATTRIBUTE,
			 &d->value, &d->reason, e)) != 1)
			return rc;
		if (in->gone)
			continue;
		if ((a = xml_attribute_action(d, in, ns, attribute->local, &named)) == NULL) {
			if (d->finding)
				continue;
			return held(d, "field-unnamed");
		}
		if (!named && a->kind != ACTION_DROP &&
		    (rc = wild_name(d, attribute->prefix, attribute->local, e)) != 1)
			return rc;
		if ((rc = xml_value(d, a, attribute, e)) != 1)
			return rc;
	}
	return 1;
}

/* The element that ends is done with. */
static int
leave(struct xml_doc *d, size_t end, struct err *e)
{
	struct xml_level *in = &d->levels[d->depth];
	int rc = 1;

	if (in->dropped && xml_edit(d, in->start, end, NULL, 0, false, e) == -1)
		return -1;
	if (in->group)
		rc = xml_group_end(d, e);
	else if (d->grouping && !in->gone && xml_group_gap(d, in, e) == -1)
		rc = -1;
	d->active_count = in->from;
	d->binding_count = in->bindings;
	d->depth--;
	return rc;
}

static int
enter(struct xml_doc *d, struct err *e)
{
	const struct xml_token *t = &d->token;
	const struct xml_level *around = &d->levels[d->depth];
	struct xml_level *in;
	const struct action *a;
	bool named = true, foreign = false, deep;
	size_t ns;
	int rc;

	if (d->depth + 1 == XML_DEPTH_MAX)
		return held(d, "xml-depth");
	in = &d->levels[++d->depth];
	*in = (struct xml_level){.from = d->active_count,
	    .to = d->active_count,
	    .bindings = d->binding_count,
	    .name = t->prefix.len > 0 ? (struct xml_part){t->prefix.at, t->prefix.len + 1 + t->local.len}
				      : t->local,
	    .local = t->local,
	    .start = t->start,
	    .gone = around->gone};
	if ((rc = declare(d, &foreign, e)) != 1)
		return rc;
	if (!declared(d, t->prefix) || spelled(d, t->prefix, "xmlns"))
		return held(d, "xml-broken");
	ns = xml_namespace(d, t->prefix, false);
	if (!in->gone) {
		if ((rc = xml_step_into(d, around, in, ns, &named, e)) != 1)
			return rc;
		if (d->finding) {
			/* Whatever else there is: the walk that follows looks at it. */
		} else if (in->to == in->from) {
			return held(d, foreign ? "xml-namespace" : "field-unnamed");
		} else if (xml_dropped(d, in)) {
			d->actions[ACTION_DROP]++;
			in->gone = in->dropped = true;
		} else if (!named && (rc = wild_name(d, t->prefix, t->local, e)) != 1) {
			return rc;
		}
	}
	/* It could say anything. */
	if (foreign && !in->gone && !d->finding)
		return held(d, "xml-namespace");
	if (!in->gone && !d->finding) {
		a = xml_text_action(d, in, &deep);
		if (d->grouping) {
			if (xml_group_gap(d, in, e) == -1)
				return -1;
		} else if (a != NULL && a->kind == ACTION_TEXT && deep) {
			d->grouping = in->group = true;
		}
	}
	if ((rc = take_attributes(d, in, e)) != 1)
		return rc;
	return t->empty ? leave(d, t->end, e) : 1;
}

static int
close_tag(struct xml_doc *d, struct err *e)
{
	const struct xml_token *t = &d->token;
	const struct xml_level *in = &d->levels[d->depth];
	const struct xml_part name =
	    t->prefix.len > 0 ? (struct xml_part){t->prefix.at, t->prefix.len + 1 + t->local.len} : t->local;

	if (d->depth == 0 || name.len != in->name.len ||
	    memcmp(d->s + name.at, d->s + in->name.at, name.len) != 0)
		return held(d, "xml-broken");
	return leave(d, t->end, e);
}

static int
take_text(struct xml_doc *d, enum xml_as as, struct err *e)
{
	const struct xml_token *t = &d->token;

	if (!d->running) {
		buf_clear(&d->run);
		d->running = true;
		d->run_start = t->start;
	}
	d->run_end = t->end;
	if (as == XML_AS_CDATA && d->depth == 0)
		return held(d, "xml-broken");
	return xml_decode(d->s + t->value.at, t->value.len, as, &d->run, &d->reason, e);
}

/* The declaration must say what the bytes are: whoever reads the document believes it. */
static int
check_encoding(struct xml_doc *d, struct xml_part value, enum encoding is)
{
	static const struct {
		const char *name;
		enum encoding is;
	} names[] = {{"utf-8", ENCODING_UTF8}, {"iso-8859-1", ENCODING_WINDOWS_1252},
	    {"latin1", ENCODING_WINDOWS_1252}, {"windows-1252", ENCODING_WINDOWS_1252},
	    {"utf-16", ENCODING_UTF16LE}, {"us-ascii", ENCODING_UTF8}};
	enum encoding says = ENCODING_UTF8;
	bool known = value.len == 0, ascii = true;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (value.len == strlen(names[i].name) &&
		    strncasecmp((const char *)d->s + value.at, names[i].name, value.len) == 0) {
			says = names[i].is;
			known = true;
		}
	for (size_t i = 0; i < d->len && ascii; i++)
		ascii = d->s[i] < 0x80;
	d->narrow = says == ENCODING_WINDOWS_1252 || (value.len == 8 && says == ENCODING_UTF8);
	if (is == ENCODING_UTF16BE)
		is = ENCODING_UTF16LE;
	/* UTF-16 says so itself, by its mark or its zeros. */
	if (is == ENCODING_UTF16LE && value.len == 0)
		return 1;
	return known && (says == is || (ascii && says != ENCODING_UTF16LE && is != ENCODING_UTF16LE))
		   ? 1
		   : held(d, "xml-encoding");
}

static int
take_token(struct xml_doc *d, enum encoding is, bool *root, struct err *e)
{
	const struct xml_token *t = &d->token;
	int rc;

	if (t->start == 0 && !t->declaration && check_encoding(d, (struct xml_part){0, 0}, is) != 1)
		return 0;
	switch (t->kind) {
	case XML_TEXT:
		return take_text(d, XML_AS_TEXT, e);
	case XML_CDATA:
		return take_text(d, XML_AS_CDATA, e);
	case XML_COMMENT:
		if (t->declaration)
			return check_encoding(d, t->value, is);
		/* Nobody's data, so nobody's loss. */
		return d->finding || d->levels[d->depth].gone                   ? 1
		       : xml_edit(d, t->start, t->end, NULL, 0, false, e) == -1 ? -1
										: 1;
	case XML_START:
		if ((rc = xml_run_end(d, e)) != 1)
			return rc;
		if (d->depth == 0 && *root)
			return held(d, "xml-broken");
		*root = true;
		return enter(d, e);
	case XML_END:
		return (rc = xml_run_end(d, e)) != 1 ? rc : close_tag(d, e);
	case XML_OVER:
		break;
	}
	if ((rc = xml_run_end(d, e)) != 1)
		return rc;
	return d->depth == 0 && *root ? 1 : held(d, "xml-broken");
}

int
xml_doc_walk(struct xml_doc *d, const struct xml_paths *paths, enum encoding is, const uint8_t *s, size_t len,
    struct err *e)
{
	struct xml_scan scan = {.s = s, .len = len};
	bool root = false, named;
	int rc;

	d->paths = paths;
	d->s = s;
	d->len = len;
	d->reason = NULL;
	d->wrong = NULL;
	d->narrow = false;
	d->depth = d->binding_count = d->active_count = d->edit_count = d->piece_count = 0;
	d->running = d->grouping = false;
	buf_clear(&d->made);
	buf_clear(&d->group);
	free(d->seen);
	if ((d->seen = calloc(paths->count, sizeof(*d->seen))) == NULL)
		return err_sys(e, "xml: memory for paths");
	d->mark = 0;
	if (!utf8_valid(s, len))
		return held(d, "not-utf8");
	d->levels[0] = (struct xml_level){.from = 0};
	if (xml_step_into(d, NULL, &d->levels[0], XML_NO_NAMESPACE, &named, e) == -1)
		return -1;
	do {
		if (!xml_next(&scan, &d->token))
			return held(d, scan.reason);
		if ((rc = take_token(d, is, &root, e)) != 1)
			break;
	} while (d->token.kind != XML_OVER);
	if (rc == 1 && !d->finding)
		rc = xml_build(d, e) == -1 ? -1 : 1;
	/* Tags are longer than what they stand for. */
	if (rc == -1 && e->code == ERR_LIMIT)
		return held(d, "record-too-long");
	return rc;
}

int
xml_doc_init(struct xml_doc *d, const struct scrub *s, struct err *e)
{
	(void)e;
	d->scrub = s;
	buf_init_wiped(&d->subject, XML_DOCUMENT_MAX);
	buf_init_wiped(&d->out, XML_MADE_MAX);
	buf_init_wiped(&d->made, 2 * (size_t)XML_MADE_MAX);
	buf_init_wiped(&d->value, XML_DOCUMENT_MAX);
	buf_init_wiped(&d->run, XML_DOCUMENT_MAX);
	buf_init_wiped(&d->group, 2 * (size_t)XML_DOCUMENT_MAX);
	buf_init_wiped(&d->cleaned, 2 * (size_t)XML_MADE_MAX);
	return 0;
}

void
xml_doc_free(struct xml_doc *d)
{
	buf_free(&d->subject);
	buf_free(&d->out);
	buf_free(&d->made);
	buf_free(&d->value);
	buf_free(&d->run);
	buf_free(&d->group);
	buf_free(&d->cleaned);
	free(d->active);
	free(d->seen);
	free(d->edits);
	free(d->pieces);
	free(d->cuts);
}
