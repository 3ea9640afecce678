/* The paths of an XML rule, as a tree that a document is walked along. */
#include "xml.h"

#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 32
#define NODES_MAX (1u << 22)

static size_t
name_span(const char *s)
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	static const char all[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789-";

	/* A full stop is of the path. */
	return *s != '\0' && strchr(first, *s) != NULL ? strspn(s, all) : 0;
}

size_t
xml_step_read(const char *path, struct xml_spelled *out)
{
	const char *at = path;
	size_t len;

	*out = (struct xml_spelled){.step = XML_STEP_NAME};
	if (*at++ != '.')
		return 0;
	if (strncmp(at, "**", 2) == 0 || *at == '*') {
		out->step = at[1] == '*' ? XML_STEP_DEEP : XML_STEP_ANY;
		return out->step == XML_STEP_DEEP ? 3 : 2;
	}
	if (*at == '@') {
		out->step = XML_STEP_ATTRIBUTE;
		if (*++at == '*') {
			out->step = XML_STEP_ATTRIBUTE_ANY;
			return at[1] == '\0' ? 3 : 0;
		}
	}
	if ((len = name_span(at)) == 0)
		return 0;
	out->name = at;
	out->name_len = len;
	at += len;
	if (*at == ':') {
		out->prefix = out->name;
		out->prefix_len = len;
		if ((len = name_span(++at)) == 0)
			return 0;
		out->name = at;
		out->name_len = len;
		at += len;
	}
	if (out->step == XML_STEP_ATTRIBUTE)
		return *at == '\0' ? (size_t)(at - path) : 0;
	if (strncmp(at, "[@", 2) == 0) {
		out->where = at += 2;
		if ((out->where_len = name_span(at)) == 0 || at[out->where_len] != '=')
			return 0;
		out->is = at += out->where_len + 1;
		out->is_len = strcspn(at, "]");
		if (out->is_len == 0 || at[out->is_len] != ']')
			return 0;
		at += out->is_len + 1;
	}
	return (size_t)(at - path);
}

bool
xml_path_ok(const char *path, bool wildcards)
{
	enum xml_step last = XML_STEP_NAME;
	struct xml_spelled step;
	size_t steps = 0, len;

	if (*path++ != '$' || strlen(path) >= 256)
		return false;
	for (; *path != '\0'; path += len) {
		if ((len = xml_step_read(path, &step)) == 0 || ++steps > STEPS_MAX)
			return false;
		if (!wildcards && step.step != XML_STEP_NAME && step.step != XML_STEP_ATTRIBUTE)
			return false;
		/* "any and any" is "any". */
		if (step.step == XML_STEP_DEEP && last == XML_STEP_DEEP && steps > 1)
			return false;
		last = step.step;
	}
	return steps > 0;
}

static bool
same(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

/* XML_FOREIGN where the rule does not name it. */
static size_t
namespace_of(const struct rule *rule, const struct xml_spelled *step)
{
	if (step->prefix_len == 0 &&
	    (step->step == XML_STEP_ATTRIBUTE || step->step == XML_STEP_ATTRIBUTE_ANY))
		return XML_NO_NAMESPACE;
	if (same(step->prefix, step->prefix_len, "xml", 3))
		return XML_PREFIX_XML;
	for (size_t i = 0; i < rule->namespace_count; i++)
		if (same(step->prefix, step->prefix_len, rule->prefixes[i], strlen(rule->prefixes[i])))
			return i;
	return step->prefix_len == 0 ? XML_NO_NAMESPACE : XML_FOREIGN;
}

/* The child that this step leads to, made where it is not there. 0 with e set. */
static uint32_t
child_for(struct xml_paths *p, uint32_t parent, const struct xml_spelled *step, struct err *e)
{
	const size_t ns = namespace_of(p->rule, step);
	uint32_t *place = &p->nodes[parent].first;

	if (ns == XML_FOREIGN) {
		err_set(e, ERR_INPUT, "policy: a path has a prefix that is none of the rule's `namespaces`");
		return 0;
	}
	for (; *place != 0; place = &p->nodes[*place].next) {
		const struct xml_node *node = &p->nodes[*place];

		if (node->step == step->step && node->ns == ns &&
		    same(node->name, node->name_len, step->name, step->name_len) &&
		    same(node->where, node->where_len, step->where, step->where_len) &&
		    same(node->is, node->is_len, step->is, step->is_len))
			return *place;
	}
	*place = (uint32_t)p->count++;
	p->nodes[*place] = (struct xml_node){.step = step->step,
	    .ns = ns,
	    .name = step->name,
	    .name_len = step->name_len,
	    .where = step->where,
	    .where_len = step->where_len,
	    .is = step->is,
	    .is_len = step->is_len};
	if (step->step == XML_STEP_DEEP)
		p->nodes[parent].deep = *place;
	return *place;
}

static int
add_path(struct xml_paths *p, const char *path, const struct action *action, struct err *e)
{
	struct xml_spelled step;
	uint32_t at = 0;
	size_t len;

	if (!xml_path_ok(path, true))
		return err_set(e, ERR_INPUT, "policy: a path of the rule has another form");
	for (path++; *path != '\0'; path += len) {
		len = xml_step_read(path, &step);
		if ((at = child_for(p, at, &step, e)) == 0)
			return -1;
	}
	if (p->nodes[at].action != NULL)
		return err_set(e, ERR_INPUT, "policy: a path of the rule stands there twice");
	p->nodes[at].action = action;
	return 0;
}

int
xml_paths_make(struct xml_paths *p, const struct rule *rule, bool subject, struct err *e)
{
	static const struct action found = {.kind = ACTION_BLANK};
	size_t steps = 2;

	*p = (struct xml_paths){.rule = rule};
	for (size_t i = 0; !subject && i < rule->field_count; i++)
		steps += strlen(rule->fields[i].name); /* no path has more steps than bytes */
	if (subject)
		steps += strlen(rule->subject);
	if (steps > NODES_MAX)
		return err_set(e, ERR_LIMIT, "policy: too many paths");
	if ((p->nodes = calloc(steps, sizeof(*p->nodes))) == NULL)
		return err_set(e, ERR_SYSTEM, "policy: out of memory for paths");
	p->count = 1;
	if (subject)
		return add_path(p, rule->subject, &found, e);
	for (size_t i = 0; i < rule->field_count; i++)
		if (add_path(p, rule->fields[i].name, &rule->fields[i].action, e) == -1)
			return -1;
	return 0;
}

void
xml_paths_free(struct xml_paths *p)
{
	free(p->nodes);
	*p = (struct xml_paths){0};
}
