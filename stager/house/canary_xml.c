/* A canary as an XML document: an element or attribute for each path of the rule, with a value where it is not kept as it is. */
#include <stdlib.h>
#include <string.h>

#include "canary.h"
#include "stager/json.h"
#include "stager/xml_path.h"

/* What a wildcard takes. No path of a policy has it, we hope: else that path decides, as in any document. */
#define ANY_NAME "kanarie"
#define DEPTH_MAX 128

#define STEPS_MAX 64

/* An element or attribute of the document; what it is called is a part of a path. */
struct node {
	struct xml_spelled step;
	char *value; /* NULL: none */
	bool used;   /* it has a value, or something in it has: else it is left out */
	size_t parent, first, last, next;
};

struct document {
	const struct json *fields; /* of the rule */
	struct node *nodes;        /* 0: nothing; 1: the document's element */
	size_t count;
	bool planted;
};

static const char *
text_of(const struct json *object, const char *key)
{
	const struct json *j = json_get(object, key);

	return j == NULL || j->type != JSON_STRING ? "" : j->string;
}

static bool
same(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

static bool
same_step(const struct xml_spelled *a, const struct xml_spelled *b)
{
	return a->step == b->step && same(a->prefix, a->prefix_len, b->prefix, b->prefix_len) &&
	       same(a->name, a->name_len, b->name, b->name_len) &&
	       same(a->where, a->where_len, b->where, b->where_len) &&
	       same(a->is, a->is_len, b->is, b->is_len);
}

static bool
is_attribute(const struct xml_spelled *s)
{
	return s->step == XML_STEP_ATTRIBUTE || s->step == XML_STEP_ATTRIBUTE_ANY;
}

/* The child of that step, made where it is not there. */
static size_t
child_for(struct document *d, size_t parent, const struct xml_spelled *step)
{
	size_t n;

	for (n = d->nodes[parent].first; n != 0; n = d->nodes[n].next)
		if (same_step(&d->nodes[n].step, step))
			return n;
	n = d->count++;
	d->nodes[n] = (struct node){.step = *step, .parent = parent};
	if (d->nodes[parent].first == 0)
		d->nodes[parent].first = n;
	else
		d->nodes[d->nodes[parent].last].next = n;
	d->nodes[parent].last = n;
	return n;
}

/* Steps of a path; 0 where it has another form. */
static size_t
steps_of(const char *path, struct xml_spelled steps[static STEPS_MAX])
{
	size_t count = 0, len;

	for (path += *path == '$'; *path != '\0'; path += len)
		if (count == STEPS_MAX || (len = xml_step_read(path, &steps[count++])) == 0)
			return 0;
	return count;
}

/* What stands in the document, by its own step, is one of those that a step of a path takes. */
static bool
takes(const struct xml_spelled *step, const struct xml_spelled *there)
{
	if (step->step == XML_STEP_ANY || step->step == XML_STEP_ATTRIBUTE_ANY)
		return true;
	/* What has no name was made for a wildcard, and has ours, which no policy names. */
	return same(step->prefix, step->prefix_len, there->prefix, there->prefix_len) &&
	       same(step->name, step->name_len, there->name, there->name_len) &&
	       (step->where_len == 0 || (same(step->where, step->where_len, there->where, there->where_len) &&
					    same(step->is, step->is_len, there->is, there->is_len)));
}

/*
 * Whether steps lead to the end of a chain, from the document's element down. Step by step, with all places of the chain that the steps so
 * far lead to: each .** can end at many of them.
 */
static bool
leads(const struct xml_spelled *steps, size_t count, const struct xml_spelled *const *chain, size_t len)
{
	bool before[DEPTH_MAX + 1] = {true}, any = true;

	for (size_t i = 0; i < count && any; i++) {
		bool behind[DEPTH_MAX + 1] = {false};

		any = false;
		for (size_t at = 0; at <= len; at++) {
			bool on = at > 0 && steps[i].step == XML_STEP_DEEP
				      ? behind[at - 1] && !is_attribute(chain[at - 1])
				      : at > 0 && before[at - 1] &&
					    is_attribute(&steps[i]) == is_attribute(chain[at - 1]) &&
					    takes(&steps[i], chain[at - 1]);

			behind[at] = on || (steps[i].step == XML_STEP_DEEP && before[at]);
			any = any || behind[at];
		}
		memcpy(before, behind, sizeof(before));
	}
	return any && before[len];
}

/* What the rule may do to a place: all paths that lead there, for which of them is the most exact is the scrubber's to know. */
struct may {
	bool keep, text, day, reference, other, drop;
	bool refuse; /* of the attribute that an element is known by: another value is wanted there */
};

/* Whether an action takes only listed values, and not this one. */
static bool
refuses(const struct json *action, const char *is, size_t len)
{
	const struct json *values = json_get(action, "values");

	if (strcmp(text_of(action, "keep"), "enum") != 0 || values == NULL || values->type != JSON_ARRAY)
		return false;
	for (size_t i = 0; i < values->count; i++)
		if (values->items[i]->type == JSON_STRING &&
		    same(values->items[i]->string, strlen(values->items[i]->string), is, len))
			return false;
	return true;
}

static struct may
may_at(const struct document *d, size_t at, const struct xml_spelled *attribute)
{
	const struct xml_spelled *chain[DEPTH_MAX];
	struct xml_spelled steps[STEPS_MAX];
	const struct xml_spelled own = d->nodes[at].step;
	struct may may = {.keep = false};
	size_t len = 0, count;

	if (attribute != NULL)
		chain[len++] = attribute;
	for (; at != 0 && len < DEPTH_MAX; at = d->nodes[at].parent)
		chain[len++] = &d->nodes[at].step;
	for (size_t i = 0; i < len / 2; i++) {
		const struct xml_spelled *other = chain[i];

		chain[i] = chain[len - 1 - i];
		chain[len - 1 - i] = other;
	}
	for (size_t i = 0; i < d->fields->count; i++) {
		const struct json *action = json_get(d->fields->items[i], "action");
		const char *word = text_of(action, "do");

		if ((count = steps_of(text_of(d->fields->items[i], "name"), steps)) == 0 ||
		    !leads(steps, count, chain, len))
			continue;
		if (strcmp(word, "text") == 0)
			may.text = true;
		else if (strcmp(word, "shift") == 0 || strcmp(word, "year") == 0)
			may.day = true;
		else if (json_get(action, "reference") != NULL)
			may.reference = true;
		else if (strcmp(word, "drop") == 0)
			may.drop = true;
		else if (strcmp(word, "blank") == 0 || strcmp(word, "pseudonym") == 0 ||
			 json_get(action, "attribute") != NULL)
			may.other = true;
		else
			may.keep = true;
		may.refuse = may.refuse || refuses(action, own.is, own.is_len);
	}
	return may;
}

/* A value that is gone whichever of them it is; NULL where none is for sure. */
static const char *
value_at(const struct canaries *c, const struct may *may, const char *own)
{
	if (may->keep || (may->text && may->day))
		return NULL;
	if (may->reference)
		return may->text || may->day || may->other || may->drop ? NULL : own;
	return may->text ? c->text : !may->day ? c->key : *c->day != '\0' ? c->day : NULL;
}

/*
 * An element that a path knows by an attribute: whether the rule says of that what our document may have there. It is written as it is
 * spelled, for a value with a reference is another one.
 */
static bool
says_of(const struct document *d, size_t at)
{
	const struct xml_spelled *s = &d->nodes[at].step;
	const struct xml_spelled attribute = {
	    .step = XML_STEP_ATTRIBUTE, .name = s->where, .name_len = s->where_len};
	struct may may;

	if (s->where_len == 0)
		return true;
	for (size_t i = 0; i < s->is_len; i++)
		if (strchr("\"<&", s->is[i]) != NULL)
			return false;
	may = may_at(d, at, &attribute);
	return !may.refuse && !may.day && !may.reference && (may.keep || may.text || may.other || may.drop);
}

/* The place that a path leads to, made with what lies before it; 0 where it leads nowhere in this document. */
static size_t
place_of(struct document *d, const char *path)
{
	struct xml_spelled steps[STEPS_MAX];
	const size_t count = steps_of(path, steps);
	size_t at = 1;

	for (size_t i = 0; i < count; i++) {
		if (i == 0 && steps[i].step == XML_STEP_NAME && !same_step(&steps[i], &d->nodes[1].step))
			return 0;
		if (i == 0 && (steps[i].step == XML_STEP_NAME || steps[i].step == XML_STEP_ANY))
			continue;
		if (steps[i].step == XML_STEP_ATTRIBUTE && steps[i].prefix_len == 0 &&
		    same(steps[i].name, steps[i].name_len, d->nodes[at].step.where,
			d->nodes[at].step.where_len))
			return 0; /* it has that one already */
		at = child_for(d, at, &steps[i]);
		/* Two deep, so that a path with one wildcard leads elsewhere. */
		if (steps[i].step == XML_STEP_DEEP)
			at = child_for(d, at, &steps[i]);
		if (!says_of(d, at))
			return 0;
	}
	return count == 0 ? 0 : at;
}

/* The element that the document is: that of the first path that names one. False where it may be dropped, or its attribute not be there. */
static bool
choose_root(struct document *d)
{
	struct xml_spelled root = {.step = XML_STEP_ANY}, step;

	for (size_t i = 0; i < d->fields->count && root.step != XML_STEP_NAME; i++) {
		const char *path = text_of(d->fields->items[i], "name");

		if (*path == '$' && xml_step_read(path + 1, &step) > 0 && step.step == XML_STEP_NAME)
			root = step;
	}
	return child_for(d, 0, &root) == 1 && says_of(d, 1) && !may_at(d, 1, NULL).drop;
}

/* ---- as text ---- */

static int
put_escaped(struct buf *out, const char *text, struct err *e)
{
	for (; *text != '\0'; text++) {
		const char *as = *text == '&'   ? "&amp;"
				 : *text == '<' ? "&lt;"
				 : *text == '>' ? "&gt;"
				 : *text == '"' ? "&quot;"
						: NULL;

		if ((as == NULL ? buf_put_u8(out, (uint8_t)*text, e) : buf_put_str(out, as, e)) == -1)
			return -1;
	}
	return 0;
}

static int
put_name(struct buf *out, const struct xml_spelled *step, struct err *e)
{
	if (step->name_len == 0)
		return buf_put_str(out, ANY_NAME, e);
	if (step->prefix_len > 0 &&
	    (buf_put(out, step->prefix, step->prefix_len, e) == -1 || buf_put_u8(out, ':', e) == -1))
		return -1;
	return buf_put(out, step->name, step->name_len, e);
}

/* name="value" behind a space. */
static int
put_attribute(struct buf *out, const struct xml_spelled *name, const char *value, struct err *e)
{
	return buf_put_u8(out, ' ', e) == -1 || put_name(out, name, e) == -1 ||
		       buf_put_str(out, "=\"", e) == -1 || put_escaped(out, value, e) == -1
		   ? -1
		   : buf_put_u8(out, '"', e);
}

/* What the rule's prefixes stand for: no document may declare others. */
static int
put_namespaces(struct buf *out, const struct json *list, struct err *e)
{
	for (size_t i = 0; list != NULL && list->type == JSON_ARRAY && i < list->count; i++) {
		const char *prefix = text_of(list->items[i], "prefix");

		if (buf_put_str(out, *prefix == '\0' ? " xmlns" : " xmlns:", e) == -1 ||
		    buf_put_str(out, prefix, e) == -1 || buf_put_str(out, "=\"", e) == -1 ||
		    put_escaped(out, text_of(list->items[i], "uri"), e) == -1 ||
		    buf_put_u8(out, '"', e) == -1)
			return -1;
	}
	return 0;
}

static int
put_element(const struct document *d, size_t at, const struct json *namespaces, unsigned depth,
    struct buf *out, struct err *e)
{
	const struct node *n = &d->nodes[at];

	if (depth == DEPTH_MAX)
		return err_set(e, ERR_LIMIT, "canary: a path with too many steps");
	if (buf_put_u8(out, '<', e) == -1 || put_name(out, &n->step, e) == -1 ||
	    (depth == 0 && put_namespaces(out, namespaces, e) == -1))
		return -1;
	if (n->step.where_len > 0 &&
	    (buf_put_u8(out, ' ', e) == -1 || buf_put(out, n->step.where, n->step.where_len, e) == -1 ||
		buf_put_str(out, "=\"", e) == -1 || buf_put(out, n->step.is, n->step.is_len, e) == -1 ||
		buf_put_u8(out, '"', e) == -1))
		return -1;
	for (size_t i = n->first; i != 0; i = d->nodes[i].next)
		if (is_attribute(&d->nodes[i].step) && d->nodes[i].value != NULL &&
		    put_attribute(out, &d->nodes[i].step, d->nodes[i].value, e) == -1)
			return -1;
	if (buf_put_u8(out, '>', e) == -1 || (n->value != NULL && put_escaped(out, n->value, e) == -1))
		return -1;
	for (size_t i = n->first; i != 0; i = d->nodes[i].next)
		if (!is_attribute(&d->nodes[i].step) && d->nodes[i].used &&
		    put_element(d, i, namespaces, depth + 1, out, e) == -1)
			return -1;
	return buf_put_str(out, "</", e) == -1 || put_name(out, &n->step, e) == -1
		   ? -1
		   : buf_put_str(out, ">\n", e);
}

/* ---- all of it ---- */

/*
 * A value where each path leads. 0 where there is none, or where the rule wants to know whom a file is about and says nothing of that
 * value: such a document would be held.
 */
static int
plant(struct document *d, const struct canaries *c, const struct json *rule, struct err *e)
{
	const struct json *subject = json_get(rule, "subject");
	const char *path, *value;
	char made[CANARY_REFERENCE];
	struct may may;
	size_t at;

	for (size_t i = 0; i < d->fields->count; i++) {
		value = canaries_value(c, json_get(d->fields->items[i], "action"), made);
		path = text_of(d->fields->items[i], "name");
		if (*value == '\0' || (at = place_of(d, path)) == 0 || d->nodes[at].value != NULL)
			continue;
		may = may_at(d, at, NULL);
		if ((value = value_at(c, &may, value)) == NULL)
			continue;
		if ((d->nodes[at].value = strdup(value)) == NULL)
			return err_set(e, ERR_SYSTEM, "canary: out of memory");
		d->planted = true;
		for (; at != 0; at = d->nodes[at].parent)
			d->nodes[at].used = true;
	}
	if (c->linked || subject == NULL || subject->type != JSON_STRING || subject->string[0] != '$')
		return d->planted;
	at = place_of(d, subject->string);
	return d->planted && at != 0 && d->nodes[at].value != NULL;
}

int
canaries_xml(const struct canaries *c, const struct json *rule, struct buf *out, struct err *e)
{
	const struct json *fields = json_get(rule, "fields");
	struct document d = {.fields = fields, .count = 1};
	size_t nodes = 2;
	int rc = -1;

	if (fields == NULL || fields->type != JSON_ARRAY)
		return 0;
	/* No path makes more of them than it has bytes; a step of .** is two. */
	for (size_t i = 0; i < fields->count; i++)
		nodes += strlen(text_of(fields->items[i], "name"));
	nodes += strlen(text_of(rule, "subject"));
	if ((d.nodes = calloc(nodes, sizeof(*d.nodes))) == NULL)
		return err_set(e, ERR_SYSTEM, "canary: out of memory");
	if (!choose_root(&d))
		rc = 0;
	else if ((rc = plant(&d, c, rule, e)) == 1 &&
		 put_element(&d, 1, json_get(rule, "namespaces"), 0, out, e) == -1)
		rc = -1;
	for (size_t i = 0; i < d.count; i++)
		free(d.nodes[i].value);
	free(d.nodes);
	return rc;
}
