/* Names of compressed files. */
#include "packed.h"

#include <string.h>

#include "stager/names.h"
#include "stager/unpack.h"

/* The name of what it holds; false where it says of itself that it is not compressed. */
static bool
inner_name(const char *name, char out[static NAME_MAX_LEN + 1])
{
	const size_t len = unpack_name(name);

	if (len == 0 || len > NAME_MAX_LEN)
		return false;
	memcpy(out, name, len);
	out[len] = '\0';
	return true;
}

const struct rule *
packed_rule(const struct policy *p, const char *name, bool *several, bool *inner)
{
	const struct rule *rule = policy_rule(p, name, several);
	char shorter[NAME_MAX_LEN + 1];

	*inner = false;
	if (rule != NULL || *several || !inner_name(name, shorter))
		return rule;
	*inner = true;
	return policy_rule(p, shorter, several);
}

bool
packed_glob(const char *glob, const char *name)
{
	char shorter[NAME_MAX_LEN + 1];

	return policy_glob(glob, name) || (inner_name(name, shorter) && policy_glob(glob, shorter));
}
