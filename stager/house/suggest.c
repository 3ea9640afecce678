/* A draft of a policy: the sources are opened here, and read in the sandbox. */
#include <unistd.h>

#include "children.h"
#include "plan.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/suggest.h"
#include "stager/utf8.h"

static int
give(struct helper *scrub, const struct plan *plan, size_t i, struct err *e)
{
	return plan->files[i].sealed
		   ? err_set(e, ERR_REFUSED, "source file %zu: it is sealed; a draft is made from open files",
			 i + 1)
		   : plan_give(plan, i, scrub, e);
}

/* Names of columns come from the data: nothing that a terminal would obey. */
static int
check_text(const struct buf *draft, struct err *e)
{
	bool good = utf8_valid(draft->data, draft->len);

	for (size_t i = 0; good && i < draft->len; i++)
		good = (draft->data[i] >= 0x20 && draft->data[i] != 0x7f &&
			   !(draft->data[i] == 0xc2 && i + 1 < draft->len && draft->data[i + 1] < 0xa0)) ||
		       draft->data[i] == '\n';
	return good ? 0 : err_set(e, ERR_INPUT, "stager-scrub: its draft is no plain text");
}

int
house_suggest(const char *const *sources, size_t count, struct buf *draft, struct err *e)
{
	static const char *const argv[] = {"stager-scrub", "suggest", NULL};
	struct plan *plan = plan_make(sources, count, NULL, e);
	struct helper scrub = HELPER_NONE;
	struct json *done = NULL;
	int rc = -1;

	if (plan == NULL || helper_start(&scrub, argv, NULL, 0, e) == -1)
		goto out;
	for (size_t i = 0; i < plan->count; i++)
		if (give(&scrub, plan, i, e) == -1)
			goto out;
	if ((done = helper_ask(&scrub, WIRE_END, json_object(), WIRE_DONE, e)) == NULL ||
	    json_need_base64(done, "draft", draft, "stager-scrub", e) == -1 || check_text(draft, e) == -1 ||
	    helper_end(&scrub, e) == -1)
		goto out;
	rc = 0;
out:
	json_free(done);
	helper_kill(&scrub);
	plan_free(plan);
	return rc;
}
