/* The parts of the XML reader: a strict scanner, the policy's paths, and one document. Only for xml*.c and html.c. */
#ifndef SCRUB_XML_H
#define SCRUB_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../subject.h"
#include "stager/encoding.h"
#include "stager/policy.h"
#include "stager/scrub.h"
#include "stager/xml_path.h"

#define XML_DOCUMENT_MAX (16u << 20)
#define XML_MADE_MAX (20u << 20) /* of the scrubbed one: tags are longer than what they stand for */
#define XML_DEPTH_MAX 128
#define XML_ATTRIBUTES_MAX 256  /* of one element */
#define XML_NAME_MAX 128        /* bytes of a name, prefix included */
#define XML_NAMESPACES_OPEN 256 /* declared at one time */
#define XML_ACTIONS ACTION_KINDS

/* A part of the document, by offsets. */
struct xml_part {
	size_t at, len;
};

struct xml_attribute {
	size_t start, end;             /* with the white space before it, and its closing quote */
	struct xml_part prefix, local; /* prefix.len 0: none */
	struct xml_part value;         /* between the quotes, as it is spelled */
};

enum xml_kind {
	XML_TEXT,    /* characters and references, up to the next < */
	XML_CDATA,   /* value: what is inside */
	XML_START,   /* prefix, local, attributes; empty: its own end */
	XML_END,     /* prefix, local */
	XML_COMMENT, /* or a processing instruction, or the declaration at the front */
	XML_OVER,
};

struct xml_token {
	enum xml_kind kind;
	size_t start, end;
	struct xml_part prefix, local, value;
	bool empty;
	bool declaration; /* of XML_COMMENT: <?xml ...?>; value: the name of the encoding, if it says one */
	size_t attribute_count;
	struct xml_attribute attributes[XML_ATTRIBUTES_MAX];
};

/*
 * xml_token.c: XML 1.0 with namespaces, without a document type, names in ASCII. Checks what stands within one token; that
 * elements close as they open is for who reads them. s is valid UTF-8.
 */
struct xml_scan {
	const uint8_t *s;
	size_t len, at;
	const char *reason; /* why it cannot go on: a word for report_hold */
};
/* False with s->reason. */
bool xml_next(struct xml_scan *s, struct xml_token *t);
enum xml_as { XML_AS_TEXT, XML_AS_ATTRIBUTE, XML_AS_CDATA };
/*
 * Append what a text, an attribute's value or a CDATA section says: references read, line ends and white space as XML 1.0 (2.11, 3.3.3) has them.
 * 1; 0 with *reason; -1 with e set.
 */
int xml_decode(const uint8_t *s, size_t len, enum xml_as as, struct buf *out, const char **reason,
    struct err *e) MUST_CHECK;
/* Append as text or as an attribute's value. narrow: what is not ASCII as references, which read the same in any encoding. */
int xml_encode(
    const uint8_t *s, size_t len, bool attribute, bool narrow, struct buf *out, struct err *e) MUST_CHECK;

/*
 * xml_path.c: the paths of a rule as a tree; node 0 is the document. Steps:
 *
 * .name .p:name   an element; p is one of the rule's namespaces, and without it the one that it gives no prefix, or none
 * .name[@a=V]     the same, where its attribute a is V
 * .*              any element
 * .**             any elements, one inside the other, or none: what is before it, and all that is in it
 * .@name .@p:name .@*    an attribute; the last step
 */
#define XML_NO_NAMESPACE SIZE_MAX
#define XML_FOREIGN (SIZE_MAX - 1)    /* one that the rule does not name */
#define XML_PREFIX_XML (SIZE_MAX - 2) /* of xml:lang and its like */

struct xml_node {
	enum xml_step step;
	uint32_t first, next; /* child, sibling; 0: none */
	uint32_t deep;        /* the child .** */
	size_t ns;
	const char *name; /* of the rule */
	size_t name_len;
	const char *where, *is; /* [@where=is]; NULL: none */
	size_t where_len, is_len;
	const struct action *action; /* NULL where no path ends here */
};

struct xml_paths {
	const struct rule *rule;
	struct xml_node *nodes;
	size_t count;
};

/* The form of a path alone; wildcards: * and ** are allowed. Namespaces are not looked up. */
bool xml_path_ok(const char *path, bool wildcards);
/* From rule->fields; subject: from rule->subject alone, whose end has an action that means nothing. -1 with ERR_INPUT. p is to be
 * freed also then. */
int xml_paths_make(struct xml_paths *p, const struct rule *rule, bool subject, struct err *e) MUST_CHECK;
void xml_paths_free(struct xml_paths *p);

/* Something else in the place of a part of the document. */
struct xml_edit {
	size_t start, end;
	size_t at, len; /* in `made` */
};

/* A run of text between two tags: it may be in several parts, with comments between. */
struct xml_piece {
	size_t start, end; /* in the document */
	size_t at, len;    /* in `group` */
};

struct xml_level {
	size_t from, to; /* active[from..to): the nodes of the path to this element, more exact ones first */
	size_t bindings; /* declared outside of it */
	struct xml_part name; /* as spelled */
	struct xml_part local;
	size_t start; /* of its tag */
	bool gone;    /* inside of what is dropped */
	bool dropped; /* this is what is dropped */
	bool group;   /* all text in it is one, to the detectors */
};

struct xml_binding {
	struct xml_part prefix;
	size_t ns;
};

/* One document being read. */
struct xml_doc {
	const struct scrub *scrub;
	const struct xml_paths *paths;
	bool finding; /* only the subject is looked for */
	bool narrow;  /* it says that it is in another encoding than UTF-8 or UTF-16 */
	const uint8_t *s;
	size_t len;
	const char *reason;         /* why it is held */
	const struct action *wrong; /* of the path whose value it is held for; NULL: of none */
	bool has_subject;
	struct buf subject;
	struct subject person;
	uint64_t actions[XML_ACTIONS];
	struct text_finds finds;
	struct buf out; /* the scrubbed document */
	/* within */
	struct xml_token token;
	struct xml_level levels[XML_DEPTH_MAX];
	size_t depth;
	struct xml_binding bindings[XML_NAMESPACES_OPEN];
	size_t binding_count;
	uint32_t *active;
	size_t active_count, active_cap;
	uint32_t *seen; /* a mark for each node */
	uint32_t mark;
	struct xml_edit *edits;
	size_t edit_count, edit_cap;
	struct buf made;  /* what edits put there */
	struct buf value; /* of the attribute in hand */
	struct buf run;   /* of the text in hand */
	bool running;
	size_t run_start, run_end;
	struct buf group, cleaned;
	struct xml_piece *pieces;
	size_t piece_count, piece_cap;
	size_t *cuts, *cut_out;
	size_t cut_cap;
	bool grouping;
};

int xml_doc_init(struct xml_doc *d, const struct scrub *s, struct err *e) MUST_CHECK;
void xml_doc_free(struct xml_doc *d);
/*
 * Walk one document. 1: d->out holds the scrubbed one (not where d->finding); 0: held, d->reason says why; -1 with e set.
 */
int xml_doc_walk(struct xml_doc *d, const struct xml_paths *paths, enum encoding is, const uint8_t *s,
    size_t len, struct err *e) MUST_CHECK;

/* xml_match.c: the nodes that are active inside an element, from those around it. 1, or -1. */
int xml_step_into(struct xml_doc *d, const struct xml_level *around, struct xml_level *in, size_t ns,
    bool *named, struct err *e) MUST_CHECK;
/* The action on the text of an element; NULL: none. deep: it comes from a path that ends in .** */
const struct action *xml_text_action(const struct xml_doc *d, const struct xml_level *in, bool *deep);
/* The action on one of its attributes. */
const struct action *xml_attribute_action(
    const struct xml_doc *d, const struct xml_level *in, size_t ns, struct xml_part local, bool *named);
/* The element is dropped whole. */
bool xml_dropped(const struct xml_doc *d, const struct xml_level *in);
/* The namespace of a prefix here. */
size_t xml_namespace(const struct xml_doc *d, struct xml_part prefix, bool attribute);

/* xml_text.c */
int xml_edit(struct xml_doc *d, size_t start, size_t end, const uint8_t *bytes, size_t len, bool attribute,
    struct err *e) MUST_CHECK;
/* The text in hand is over: an action on it. As xml_doc_walk. */
int xml_run_end(struct xml_doc *d, struct err *e) MUST_CHECK;
/* An attribute's value, decoded in d->value. */
int xml_value(struct xml_doc *d, const struct action *a, const struct xml_attribute *attribute,
    struct err *e) MUST_CHECK;
/* Between two tags of a group: what the detectors read there. */
int xml_group_gap(struct xml_doc *d, const struct xml_level *in, struct err *e) MUST_CHECK;
/* All of its text is there: one look at it. */
int xml_group_end(struct xml_doc *d, struct err *e) MUST_CHECK;
/* The document with all edits into d->out. */
int xml_build(struct xml_doc *d, struct err *e) MUST_CHECK;

#endif
