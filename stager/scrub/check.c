/* The second scan of one member, by its kind. */
#include "stager/check.h"

#include <stdlib.h>
#include <string.h>

#include "check_parts.h"
#include "stager/utf8.h"

/* What is no UTF-8 text, or has NULs in it, could hold anything in a form that nothing here sees. */
static bool
is_text(const uint8_t *data, size_t len)
{
	return memchr(data, '\0', len) == NULL && utf8_valid(data, len);
}

static const char *
matches(const struct check_text *t)
{
	const char *reason = check_numbers(t, CHECK_ALL);

	if (reason == NULL && check_bsn_apart(t))
		reason = "check-bsn";
	return reason != NULL ? reason : check_emails(t);
}

int
check_plain(const struct check_text *t, const char **reason, struct err *e)
{
	struct check_text seen = *t;
	uint8_t *text;
	int rc;

	if ((*reason = matches(t)) != NULL)
		return 1;
	if ((rc = check_seen(t->s, t->len, true, &text, &seen.len, e)) == 1) {
		seen.s = text;
		*reason = matches(&seen);
	}
	if (text != NULL)
		explicit_bzero(text, seen.len);
	free(text);
	if (rc == -1)
		return -1;
	return *reason != NULL ? 1 : check_encoded(t->s, t->len, reason, e);
}

static int
check_dicom(const uint8_t *data, size_t len, const char **reason)
{
	struct check_tail tail;
	size_t used = 0;

	if (check_dicom_head(data, len, len, &used, &tail, reason) != 0)
		return 1;
	if (check_tail_feed(&tail, data + used, len - used) && check_tail_end(&tail))
		return 0;
	*reason = "check-dicom";
	return 1;
}

int
check_member(enum rescan rescan, const uint8_t *data, size_t len, const char **reason, struct err *e)
{
	int rc;

	*reason = NULL;
	if (len > ENTRY_BUFFERED_MAX) {
		*reason = "check-form";
		return 1;
	}
	if (rescan == RESCAN_NONE)
		return 0;
	if (len == 0) {
		/* Nothing to read is nothing to find; but no DICOM. */
		*reason = rescan == RESCAN_DICOM ? "check-dicom" : NULL;
		return *reason != NULL ? 1 : 0;
	}
	if (rescan == RESCAN_DICOM)
		return check_dicom(data, len, reason);
	if (!is_text(data, len)) {
		*reason = rescan == RESCAN_CSV     ? "check-csv"
			  : rescan == RESCAN_JSONL ? "check-jsonl"
			  : rescan == RESCAN_XML   ? "check-xml"
						   : "check-text";
		return 1;
	}
	if (rescan == RESCAN_XML)
		return check_xml(data, len, reason, e);
	if (rescan == RESCAN_CSV && (rc = check_csv(data, len, reason, e)) != 0)
		return rc;
	if (rescan == RESCAN_CSV)
		return check_encoded(data, len, reason, e);
	if (rescan == RESCAN_JSONL)
		return check_json(data, len, reason, e);
	return check_plain(&(struct check_text){.s = data, .len = len, .quote = '"'}, reason, e);
}
