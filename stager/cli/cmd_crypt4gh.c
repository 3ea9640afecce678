/* stager crypt4gh: hands over to stager-crypt4gh, so that no key comes into the supervisor. */
#include <stdlib.h>

#include "cli.h"
#include "stager/spawn.h"

int
cmd_crypt4gh(int argc, char **argv, struct err *e)
{
	static char name[] = "stager-crypt4gh";
	char **all = calloc((size_t)argc + 2, sizeof(char *));

	if (all == NULL)
		return err_set(e, ERR_SYSTEM, "out of memory");
	all[0] = name;
	for (int i = 0; i < argc; i++)
		all[i + 1] = argv[i];
	(void)!spawn_instead(all, e);
	free(all);
	return -1;
}
