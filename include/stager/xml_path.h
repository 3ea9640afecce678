/* The paths of a rule for XML, step by step as they are spelled. stager/scrub/format/xml_path.c. */
#ifndef STAGER_XML_PATH_H
#define STAGER_XML_PATH_H

#include <stddef.h>

enum xml_step { XML_STEP_NAME, XML_STEP_ANY, XML_STEP_DEEP, XML_STEP_ATTRIBUTE, XML_STEP_ATTRIBUTE_ANY };

/* A step of a path, as spelled; parts of the path. Lengths are 0 where there is none. */
struct xml_spelled {
	enum xml_step step;
	const char *prefix, *name, *where, *is; /* prefix:name[@where=is] */
	size_t prefix_len, name_len, where_len, is_len;
};

/* The step at path, which begins with a full stop: how long it is, 0 where it has another form. */
size_t xml_step_read(const char *path, struct xml_spelled *out);

#endif
