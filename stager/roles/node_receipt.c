/* stager-node receipt: sends what waits in a folder of receipts. It holds no key and opens nothing sealed. */
#include <stdio.h>

#include "node.h"
#include "stager/courier.h"

int
node_receipt(const struct node_options *o, struct err *e)
{
	size_t sent, left;
	int rc = courier_empty(o->house, o->receipts, &sent, &left, e);

	if (rc == 0 || sent > 0 || left > 0)
		(void)fprintf(stderr, "stager-node: %zu receipts sent, %zu wait\n", sent, left);
	return rc;
}
