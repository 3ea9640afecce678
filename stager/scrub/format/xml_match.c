/* Where in the policy's paths an element or attribute of an XML document stands. */
#include "xml.h"

#include <stdlib.h>
#include <string.h>

static const struct xml_node *
node_at(const struct xml_doc *d, size_t i)
{
	return &d->paths->nodes[d->active[i]];
}

static bool
part_is(const struct xml_doc *d, struct xml_part part, const char *name, size_t len)
{
	return part.len == len && (len == 0 || memcmp(d->s + part.at, name, len) == 0);
}

size_t
xml_namespace(const struct xml_doc *d, struct xml_part prefix, bool attribute)
{
	if (attribute && prefix.len == 0)
		return XML_NO_NAMESPACE;
	if (part_is(d, prefix, "xml", 3))
		return XML_PREFIX_XML;
	for (size_t i = d->binding_count; i > 0; i--) {
		const struct xml_binding *b = &d->bindings[i - 1];

		if (part_is(d, prefix, (const char *)d->s + b->prefix.at, b->prefix.len))
			return b->ns;
	}
	return prefix.len == 0 ? XML_NO_NAMESPACE : XML_FOREIGN;
}

/* Its attribute of this name says just that. As it is spelled: a value with references is another one. */
static bool
where_holds(const struct xml_doc *d, const struct xml_node *node)
{
	for (size_t i = 0; i < d->token.attribute_count; i++) {
		const struct xml_attribute *a = &d->token.attributes[i];

		if (a->prefix.len == 0 && part_is(d, a->local, node->where, node->where_len))
			return part_is(d, a->value, node->is, node->is_len);
	}
	return false;
}

static int
activate(struct xml_doc *d, struct xml_level *in, uint32_t node, struct err *e)
{
	uint32_t *grown;
	size_t cap;

	if (d->seen[node] == d->mark)
		return 0;
	if (in->to == d->active_cap) {
		cap = d->active_cap == 0 ? 256 : d->active_cap * 2;
		if ((grown = reallocarray(d->active, cap, sizeof(*grown))) == NULL)
			return err_sys(e, "xml: memory for paths");
		d->active = grown;
		d->active_cap = cap;
	}
	d->seen[node] = d->mark;
	d->active[in->to++] = node;
	return 0;
}

static void
next_mark(struct xml_doc *d)
{
	if (++d->mark == 0) {
		memset(d->seen, 0, d->paths->count * sizeof(*d->seen));
		d->mark = 1;
	}
}

/* The children of one kind, of all nodes around. */
static int
children(struct xml_doc *d, const struct xml_level *around, struct xml_level *in, size_t ns,
    enum xml_step step, bool where, struct err *e)
{
	for (size_t i = around->from; i < around->to; i++) {
		for (uint32_t n = node_at(d, i)->first; n != 0; n = d->paths->nodes[n].next) {
			const struct xml_node *node = &d->paths->nodes[n];

			if (node->step != step || (node->where != NULL) != where)
				continue;
			if (step == XML_STEP_NAME &&
			    (node->ns != ns || !part_is(d, in->local, node->name, node->name_len)))
				continue;
			if (where && !where_holds(d, node))
				continue;
			if (activate(d, in, n, e) == -1)
				return -1;
		}
	}
	return 0;
}

/* Behind each node its .**, which begins where it does. */
static int
close_over(struct xml_doc *d, struct xml_level *in, struct err *e)
{
	for (size_t i = in->from; i < in->to; i++)
		if (node_at(d, i)->deep != 0 && activate(d, in, node_at(d, i)->deep, e) == -1)
			return -1;
	return 0;
}

int
xml_step_into(struct xml_doc *d, const struct xml_level *around, struct xml_level *in, size_t ns, bool *named,
    struct err *e)
{
	in->from = in->to = d->active_count;
	next_mark(d);
	/* The document itself. */
	if (around == NULL) {
		if (activate(d, in, 0, e) == -1 || close_over(d, in, e) == -1)
			return -1;
		d->active_count = in->to;
		return 1;
	}
	if (children(d, around, in, ns, XML_STEP_NAME, true, e) == -1 ||
	    children(d, around, in, ns, XML_STEP_NAME, false, e) == -1)
		return -1;
	*named = in->to > in->from;
	if (children(d, around, in, ns, XML_STEP_ANY, false, e) == -1 || close_over(d, in, e) == -1)
		return -1;
	for (size_t i = around->from; i < around->to; i++)
		if (node_at(d, i)->step == XML_STEP_DEEP && activate(d, in, d->active[i], e) == -1)
			return -1;
	d->active_count = in->to;
	return 1;
}

const struct action *
xml_text_action(const struct xml_doc *d, const struct xml_level *in, bool *deep)
{
	for (size_t i = in->from; i < in->to; i++)
		if (node_at(d, i)->action != NULL) {
			*deep = node_at(d, i)->step == XML_STEP_DEEP;
			return node_at(d, i)->action;
		}
	*deep = false;
	return NULL;
}

const struct action *
xml_attribute_action(
    const struct xml_doc *d, const struct xml_level *in, size_t ns, struct xml_part local, bool *named)
{
	const struct action *any = NULL;

	*named = true;
	for (size_t i = in->from; i < in->to; i++)
		for (uint32_t n = node_at(d, i)->first; n != 0; n = d->paths->nodes[n].next) {
			const struct xml_node *node = &d->paths->nodes[n];

			if (node->step == XML_STEP_ATTRIBUTE && node->ns == ns &&
			    part_is(d, local, node->name, node->name_len))
				return node->action;
			if (node->step == XML_STEP_ATTRIBUTE_ANY && any == NULL)
				any = node->action;
		}
	*named = false;
	return any;
}

bool
xml_dropped(const struct xml_doc *d, const struct xml_level *in)
{
	for (size_t i = in->from; i < in->to; i++) {
		const struct xml_node *node = node_at(d, i);

		if (node->action != NULL)
			return node->action->kind == ACTION_DROP;
		/* A more exact path goes on inside of it. */
		if (node->first != 0)
			return false;
	}
	return false;
}
