/* Proving that what was said in reviews stands in the ledger as it was said. */
#include "stager/enc.h"
#include "stager/house_review.h"
#include "stager/json.h"
#include "stager/ledger.h"
#include "verify.h"

#define RECORD_MAX (64u << 20)

/* One entry: so many verdicts, from the first on, and the digest of them. */
static int
check_entry(struct house *h, const char *id, const void *text, size_t len, struct err *e)
{
	struct json *j = json_parse(text, len, "opening", e);
	uint8_t logged[DIGEST_LEN], is[DIGEST_LEN];
	int64_t count, there;
	struct buf record;
	int rc = -1;

	buf_init(&record, RECORD_MAX);
	if (j == NULL || json_need_int(j, "count", 1, JSON_INT_MAX, "opening", &count, e) == -1 ||
	    json_need_hex(j, "review", logged, DIGEST_LEN, "opening", e) == -1) {
		e->code = ERR_FORGED;
		goto out;
	}
	if (house_review_record(h, id, count, &record, &there, e) == -1)
		goto out;
	digest_bytes(record.data, record.len, is);
	if (there != count || !digest_equal(is, logged))
		err_set(e, ERR_FORGED, "ledger: the verdicts on version %s are not as the log has them", id);
	else
		rc = 0;
out:
	json_free(j);
	buf_free(&record);
	return rc;
}

int
verify_review(struct house *h, const char *version_id, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT json FROM opening WHERE type = 'verdicts' AND about = ? AND place IS NOT NULL ORDER BY "
	    "place",
	    "s", version_id);
	int more;

	while ((more = ledger_next(q, e)) == 1) {
		size_t len;
		const void *text = ledger_blob(q, 0, &len);

		if (check_entry(h, version_id, text, len, e) == -1) {
			more = -1;
			break;
		}
	}
	ledger_end(q);
	return more;
}
