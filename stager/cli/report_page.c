/* The report as an HTML page in a file: `--html` and `--lang` of report and push. */
#include <string.h>

#include "cli.h"
#include "stager/digest.h"
#include "stager/enc.h"

/* Two languages, hundreds of files, a few hundred bytes each. */
#define PAGE_MAX (8u << 20)

int
report_page_language(const char *lang, const char *html, enum report_language *out, struct err *e)
{
	*out = REPORT_BOTH;
	if (lang == NULL)
		return 0;
	if (html == NULL)
		return err_set(e, ERR_USAGE, "--lang: goes with --html");
	if (strcmp(lang, "nl") == 0)
		*out = REPORT_DUTCH;
	else if (strcmp(lang, "en") == 0)
		*out = REPORT_ENGLISH;
	else
		return err_set(e, ERR_USAGE, "--lang: nl or en; without it, both");
	return 0;
}

int
report_page(const char *path, const struct json *document, const struct buf *bytes, const char *state,
    enum report_language language, struct err *e)
{
	char hex[DIGEST_HEX_LEN + 1] = "";
	uint8_t digest[DIGEST_LEN];
	struct buf page;
	int rc = -1;

	buf_init(&page, PAGE_MAX);
	if (bytes != NULL) {
		digest_bytes(bytes->data, bytes->len, digest);
		hex_encode(digest, DIGEST_LEN, hex);
	}
	if (report_html(document, bytes == NULL ? NULL : hex, state, language, &page, e) == 0)
		rc = cli_write(path, page.data, page.len, e);
	buf_free(&page);
	return rc;
}
