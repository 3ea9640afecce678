/* What an object may be called; apart, for the parent of stager-send knows it too. */
#include <string.h>

#include "stager/endpoint.h"

bool
endpoint_name_valid(const char *name)
{
	size_t len = strlen(name), at = 0, part;

	if (len == 0 || len > ENDPOINT_NAME_MAX)
		return false;
	for (;; at++) {
		part = strspn(name + at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
		if (part == 0 || (part == 1 && name[at] == '.') ||
		    (part == 2 && name[at] == '.' && name[at + 1] == '.'))
			return false;
		at += part;
		if (name[at] == '\0')
			return true;
		if (name[at] != '/')
			return false;
	}
}
