/* A shard's data key for stager-open, inside the house: what a steward is shown, and what is sealed anew. */
#include <string.h>

#include "key_open.h"
#include "stager/json.h"
#include "stager/upload.h"

int
key_lend(const struct key_open *k, const struct json *body, int fd, struct json **reply, struct err *e)
{
	static const char *const keys[] = {"shard", "commitment", "wrapped", NULL};
	struct packets p = {.key_count = 1, .data_packets = 1, .one_writer = true};
	const char *shard;
	int rc;

	if (json_expect_keys(body, keys, "data key", e) == -1 ||
	    (shard = json_need_string(body, "shard", "data key", e)) == NULL)
		return -1;
	if (fd == -1)
		return err_set(e, ERR_INPUT, "data key: no descriptor to write to");
	if ((p.keys = key_unwrap(k, body, shard, e)) == NULL)
		return -1;
	if ((rc = packets_give(&p, fd, e)) == 0)
		*reply = json_object();
	secret_free(p.keys);
	return rc;
}
