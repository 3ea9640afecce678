/* Lines of JSON, scrubbed and counted: what passed, what was held and why. */
#include "jsonl_reader.h"

#include <string.h>

#include "../record.h"
#include "stager/policy.h"

static bool
blank(const uint8_t *line, size_t len)
{
	size_t at = 0;

	while (at < len && (line[at] == ' ' || line[at] == '\t'))
		at++;
	return at == len;
}

/* A line ends with an LF; a document is left as it is. */
static int
end_line(struct jsonl_record *record, struct err *e)
{
	int rc;

	if (record->scrub->rule->format == FORMAT_JSON)
		return 1;
	record->out.limit++;
	rc = buf_put_u8(&record->out, '\n', e) == -1 ? -1 : 1;
	record->out.limit--;
	return rc;
}

/* For each set that it goes to: what is held from one of them is held from all. As jsonl_record_scrub. */
static int
scrub_line(struct jsonl_record *record, const uint8_t *line, size_t len, struct err *e)
{
	int rc;

	if (record->tuple != NULL)
		record_begin(record->tuple);
	rc = jsonl_record_scrub(record, line, len, e);
	for (struct jsonl_record *r = record->also; r != NULL && rc == 1; r = r->also)
		if ((rc = jsonl_record_scrub(r, line, len, e)) != 1) {
			record->reason = r->reason;
			record->wrong = r->wrong;
		}
	if (rc == 0 && subject_drops(record->reason))
		return JSONL_DROPPED;
	return rc == 1 && record->tuple != NULL ? jsonl_quasi_end(record, e) : rc;
}

int
jsonl_tally_line(struct jsonl_record *record, const struct jsonl_limits *limits, struct jsonl_tally *t,
    const uint8_t *line, size_t len, struct err *e)
{
	bool document = record->scrub->rule->format == FORMAT_JSON;
	int rc;

	if (!document && len > 0 && line[len - 1] == '\r')
		len--;
	/* Also of blanks: whether all of it was in sight when its end was not may not matter. */
	if (len > limits->record_max)
		return JSONL_TOO_LONG;
	if (!document && blank(line, len))
		return 0;
	t->records.seen++;
	if ((rc = scrub_line(record, line, len, e)) == -1)
		return -1;
	if (rc == JSONL_DROPPED) {
		tally_drop(&t->records, record->reason);
		return 0;
	}
	if (rc == 0) {
		tally_hold(&t->records, record->reason, 1);
		tally_hold_field(
		    &t->records, record->reason, tally_field(record->scrub->rule, record->wrong), 1);
		return 0;
	}
	t->records.passed++;
	if (record->tuple != NULL)
		record_sum_add(&t->records.sum, &record->tuple->sum);
	for (struct jsonl_record *r = record; r != NULL; r = r->also) {
		for (size_t i = 0; i < JSONL_ACTIONS; i++)
			t->actions[i] += r->actions[i];
		if (r->texts)
			tally_finds(&t->records.finds, &r->finds);
		if (end_line(r, e) == -1)
			return -1;
	}
	return 1;
}

void
jsonl_tally_subject(struct jsonl_record *record, char out[static PSEUDONYM_LEN + 1])
{
	memcpy(out, "x", 2);
	if (record->scrub->subject != NULL)
		memcpy(out, record->scrub->subject->pseudonym, PSEUDONYM_LEN + 1);
	else if (record->has_subject)
		pseudonym_make(
		    record->scrub->key, (const char *)record->subject.data, record->subject.len, out);
}
