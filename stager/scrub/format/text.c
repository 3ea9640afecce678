/* Files of plain text: one document, one member. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../subject.h"
#include "stager/entry.h"
#include "stager/report.h"
#include "stager/scrub.h"
#include "stager/source.h"
#include "stager/utf8.h"

/* What a file that is no text begins with; DICOM's mark stands at 128. */
static const struct {
	uint8_t at, len;
	const char *bytes;
} marks[] = {{0, 5, "%PDF-"}, {0, 4, "%!PS"}, {0, 5, "{\\rtf"}, {0, 4, "PK\x03\x04"}, {0, 4, "PK\x05\x06"},
    {0, 4, "PK\x07\x08"}, {0, 8, "\x89PNG\r\n\x1a\n"}, {0, 3, "\xff\xd8\xff"}, {0, 6, "GIF87a"},
    {0, 6, "GIF89a"}, {0, 4, "II*\0"}, {0, 4, "MM\0*"}, {0, 4, "RIFF"}, {0, 2, "\x1f\x8b"}, {0, 3, "BZh"},
    {0, 6,
	"\xfd"
	"7zXZ\0"},
    {0, 4, "\x28\xb5\x2f\xfd"}, {0, 6, "7z\xbc\xaf\x27\x1c"}, {0, 4, "\xd0\xcf\x11\xe0"},
    {0, 4,
	"\x7f"
	"ELF"},
    {0, 16, "SQLite format 3\0"}, {0, 4, "\0\0\0\x0c"}, {128, 4, "DICM"}};

/* Why these bytes are no text, or NULL. */
static const char *
not_text(const uint8_t *s, size_t len)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (len >= (size_t)marks[i].at + marks[i].len &&
		    memcmp(s + marks[i].at, marks[i].bytes, marks[i].len) == 0)
			return "kind-unknown";
	if (len >= 2 && (memcmp(s, "\xff\xfe", 2) == 0 || memcmp(s, "\xfe\xff", 2) == 0))
		return "not-utf8"; /* UTF-16, UTF-32 */
	if (memchr(s, '\0', len) != NULL)
		return "nul-byte";
	return utf8_valid(s, len) ? NULL : "not-utf8";
}

int
text_scrub(struct scrub *s, struct source *in, struct err *e)
{
	struct text_finds finds = {0};
	struct buf text, clean;
	struct entry entry;
	const char *held = NULL;
	size_t skip = 0;
	int rc = -1;

	buf_init_wiped(&text, ENTRY_BUFFERED_MAX + 1);
	buf_init_wiped(&clean, ENTRY_BUFFERED_MAX);
	if (source_read_all(in, &text, e) == -1)
		goto out;
	report_add(s->report, "bytes", "in", text.len);
	if (text.len > ENTRY_BUFFERED_MAX)
		held = "text-too-large";
	else if (text.len > 0)
		held = not_text(text.data, text.len);
	if (held == NULL && text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
		skip = 3;
	if (held == NULL && text.len > skip &&
	    text_clean(s, (const char *)text.data + skip, text.len - skip, &clean, &finds, e) == -1) {
		/* Tags are longer than what they stand for: it may have grown too large. */
		if (e->code != ERR_LIMIT)
			goto out;
		held = "text-too-large";
	}
	if (held != NULL) {
		report_hold(s->report, HOLD_FILE, held, in->number, 1);
	} else if (text.len > skip) {
		text_finds_report(&finds, s->report);
		report_add(s->report, "actions", "text", 1);
		if (clean.len > 0) {
			entry_init(&entry, subject_of(s), "txt", RESCAN_TEXT, clean.len);
			if (entry_put(s->out, &entry, clean.data, clean.len, e) == -1)
				goto out;
			report_add(s->report, "members", "out", 1);
		}
	}
	rc = 0;
out:
	buf_free(&text);
	buf_free(&clean);
	return rc;
}
