/* The allow-list for names of source files. */
#include "stager/names.h"

#include <stdbool.h>
#include <stdint.h>

#include "stager/utf8.h"

/* One part between slashes: not empty, "." or "..", not too long. */
static int
part_check(const char *part, size_t len, struct err *e)
{
	if (len == 0)
		return err_set(e, ERR_INPUT, "name: absolute, or with an empty part");
	if (part[0] == '.' && (len == 1 || (len == 2 && part[1] == '.')))
		return err_set(e, ERR_INPUT, "name: a part is \".\" or \"..\"");
	if (len > NAME_PART_MAX)
		return err_set(e, ERR_LIMIT, "name: a part of more than %d bytes", NAME_PART_MAX);
	return 0;
}

int
name_check(const char *name, size_t len, struct err *e)
{
	const uint8_t *s = (const uint8_t *)name;
	size_t start = 0, step;

	if (len == 0)
		return err_set(e, ERR_INPUT, "name: empty");
	if (len > NAME_MAX_LEN)
		return err_set(e, ERR_LIMIT, "name: more than %d bytes", NAME_MAX_LEN);
	for (size_t at = 0; at < len; at += step) {
		if ((step = utf8_sequence(s + at, len - at)) == 0)
			return err_set(e, ERR_INPUT, "name: not UTF-8");
		/* C0 and DEL are one byte; C1 is U+0080 to U+009F, which is C2 80 to C2 9F. */
		if (s[at] < 0x20 || s[at] == 0x7f || (s[at] == 0xc2 && s[at + 1] < 0xa0))
			return err_set(e, ERR_INPUT, "name: a control character");
		if (s[at] == '\\')
			return err_set(e, ERR_INPUT, "name: a backslash");
		if (s[at] == '/') {
			if (part_check(name + start, at - start, e) == -1)
				return -1;
			start = at + 1;
		}
	}
	return part_check(name + start, len - start, e);
}
