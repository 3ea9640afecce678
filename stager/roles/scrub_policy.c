/* stager-scrub: one policy from YAML to its resolved form. */
#include "scrub_unit.h"

#include <string.h>

#include "stager/enc.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/wire.h"

#define POLICY_YAML_MAX (1u << 20)

/* The files beside a policy, as they were asked for. -1 with e set; files of data are freed by the caller also then. */
static int
take_beside(const struct json *names, struct buf *data, struct policy_file *files, struct err *e)
{
	struct json *wanted = json_object(), *beside = NULL;
	const struct json *list;
	int rc = -1;

	json_set(wanted, "files", json_copy(names));
	if (wire_send(WIRE_FD, WIRE_WANTED, wanted, NULL, 0, e) == -1 ||
	    (beside = wire_expect(WIRE_FD, WIRE_BESIDE, NULL, 0, e)) == NULL ||
	    (list = json_need(beside, "files", JSON_ARRAY, "control message", e)) == NULL)
		goto out;
	if (list->count != names->count) {
		err_set(e, ERR_INPUT, "control message: not the files that were asked for");
		goto out;
	}
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i]->type != JSON_STRING ||
		    base64_decode(list->items[i]->string, strlen(list->items[i]->string), &data[i],
			"control message", e) == -1)
			goto out;
		files[i] = (struct policy_file){names->items[i]->string, data[i].data, data[i].len};
	}
	rc = 0;
out:
	json_free(wanted);
	json_free(beside);
	return rc;
}

int
scrub_policy_serve(struct err *e)
{
	struct json *source = NULL, *resolved = NULL, *names = NULL;
	struct policy_file files[POLICY_BESIDE_MAX];
	struct buf yaml, data[POLICY_BESIDE_MAX];
	int rc = -1;

	/* One byte more than may be, so that too large is told apart from just large enough. */
	buf_init(&yaml, POLICY_YAML_MAX + 1);
	for (size_t i = 0; i < POLICY_BESIDE_MAX; i++)
		buf_init(&data[i], POLICY_BESIDE_BYTES_MAX);
	if ((source = wire_expect(WIRE_FD, WIRE_SOURCE, NULL, 0, e)) == NULL ||
	    json_need_base64(source, "yaml", &yaml, "control message", e) == -1 ||
	    (names = policy_files_wanted(yaml.data, yaml.len, e)) == NULL ||
	    take_beside(names, data, files, e) == -1 ||
	    (resolved = policy_from_files(yaml.data, yaml.len, files, names->count, e)) == NULL)
		goto out;
	rc = wire_send(WIRE_FD, WIRE_POLICY, resolved, NULL, 0, e);
out:
	json_free(source);
	json_free(resolved);
	json_free(names);
	for (size_t i = 0; i < POLICY_BESIDE_MAX; i++)
		buf_free(&data[i]);
	buf_free(&yaml);
	return rc;
}
