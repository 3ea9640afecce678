/* Proving who was withdrawn: nobody's mark can go, come or change unseen. */
#include <inttypes.h>

#include "stager/enc.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "stager/withdrawn.h"
#include "verify.h"

/* An entry's opening against the row. */
static bool
same(const void *text, size_t len, const void *marks, size_t marks_len)
{
	struct json *j = json_parse(text, len, "opening", NULL);
	uint8_t digest[DIGEST_LEN], is[DIGEST_LEN];
	int64_t keys = 0;
	bool good;

	digest_bytes(marks, marks_len, digest);
	good = j != NULL && json_need_hex(j, "marks", is, sizeof(is), "opening", NULL) == 0 &&
	       json_need_int(j, "keys", 1, WITHDRAWN_MAX, "opening", &keys, NULL) == 0 &&
	       (size_t)keys * WITHDRAWN_MARK_LEN == marks_len && digest_equal(digest, is);
	json_free(j);
	return good;
}

int
verify_withdrawals(struct house *h, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT w.place, w.marks, o.json FROM withdrawal w LEFT JOIN opening o ON o.place = w.place AND "
	    "o.type = "
	    "'withdraw-list' AND o.about = w.dataset",
	    "");
	int more;

	while ((more = ledger_next(q, e)) == 1) {
		size_t marks_len, len;
		const void *marks = ledger_blob(q, 1, &marks_len), *text = ledger_blob(q, 2, &len);

		if (ledger_null(q, 2) || !same(text, len, marks, marks_len)) {
			more = err_set(e, ERR_FORGED,
			    "ledger: who was withdrawn at log entry %" PRId64 " is not as the log has it",
			    ledger_int(q, 0));
			break;
		}
	}
	ledger_end(q);
	return more;
}
