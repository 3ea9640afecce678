/*
 * The report as one HTML page that a steward reads in five minutes: Dutch and English, no script, nothing from elsewhere.
 * stager/scrub/page/.
 */
#ifndef STAGER_REPORT_HTML_H
#define STAGER_REPORT_HTML_H

#include "stager/buf.h"
#include "stager/err.h"

struct json;

enum report_language {
	REPORT_DUTCH,
	REPORT_ENGLISH,
	REPORT_BOTH
}; /* both: a switch in the page, Dutch first */

/*
 * document   what a steward signs (acceptance.h), or the same without "version" and "version-id" of a dry run
 * digest     SHA-256 of the document's bytes in hex; NULL for a dry run
 * state      the version's in the ledger, which no document says; NULL for a dry run. One that has ended, or was accepted, is told as that
 *
 * Every number on the page is one of the document, or a sum of some. Appended to out; ERR_INPUT where the document lacks
 * something.
 */
int report_html(const struct json *document, const char *digest, const char *state,
    enum report_language language, struct buf *out, struct err *e) MUST_CHECK;

#endif
