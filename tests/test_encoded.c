/* Text in other encodings: found out, read as UTF-8, written back, and decoded once more by the second scan. */
#include "stager/encoding.h"

#include <iconv.h>
#include <unistd.h>

#include "check.h"
#include "stager/buf.h"
#include "stager/check.h"
#include "stager/entry.h"
#include "stager/utf8.h"

static struct err e;

/* What a reader sees of these bytes, read `step` at a time out of a source that gives `chunk`; and which it was. */
static enum encoding
read_as(const void *bytes, size_t len, size_t chunk, size_t step, struct buf *out, struct encoded *keep)
{
	struct source_mem mem;
	struct encoded c;
	uint8_t *to;
	ssize_t n;

	source_mem_init(&mem, bytes, len, "x");
	mem.chunk = chunk;
	buf_clear(out);
	CHECK_OK(encoded_init(&c, &mem.source, &e));
	CHECK(c.source.number == mem.source.number);
	do {
		CHECK((to = buf_reserve(out, step, &e)) != NULL);
		CHECK((n = c.source.read(&c.source, to, step, &e)) != -1);
		out->len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	if (keep != NULL)
		*keep = c;
	else
		encoded_free(&c, NULL);
	return (enum encoding)c.encoding;
}

/* These bytes are seen as this text, whatever the pieces. */
static void
expect(const char *what, const void *bytes, size_t len, enum encoding encoding, const void *text,
    size_t text_len)
{
	static const size_t pieces[] = {1, 2, 3, 7, 4096, 1 << 20};
	struct buf out;

	buf_init(&out, 1 << 24);
	for (size_t i = 0; i < 36; i++) {
		enum encoding got = read_as(bytes, len, pieces[i / 6], pieces[i % 6], &out, NULL);

		CHECK(got == encoding);
		CHECK(out.len == text_len && (text_len == 0 || memcmp(out.data, text, text_len) == 0));
		if (got != encoding || out.len != text_len || memcmp(out.data, text, text_len) != 0)
			fprintf(stderr, "    %s, pieces of %zu and %zu: encoding %d, %zu bytes\n", what,
			    pieces[i / 6], pieces[i % 6], (int)got, out.len);
	}
	buf_free(&out);
}
#define EXPECT(bytes, encoding, text) \
	expect(#bytes, bytes, sizeof(bytes) - 1, encoding, text, sizeof(text) - 1)

static void
test_found(void)
{
	EXPECT("", ENCODING_UTF8, "");
	EXPECT("abc\r\n", ENCODING_UTF8, "abc\r\n");
	EXPECT("caf\xc3\xa9 \xe2\x82\xac", ENCODING_UTF8, "caf\xc3\xa9 \xe2\x82\xac");
	/* Its mark is the readers' to deal with. */
	EXPECT("\xef\xbb\xbf"
	       "a",
	    ENCODING_UTF8,
	    "\xef\xbb\xbf"
	    "a");
	EXPECT("caf\xe9", ENCODING_WINDOWS_1252, "caf\xc3\xa9");
	EXPECT("\x80 12,50\x97 Jos\xe9", ENCODING_WINDOWS_1252, "\u20ac 12,50\u2014 Jos\u00e9");
	EXPECT("\xff\xfe"
	       "a\0\xe9\0\xac\x20=\xd8\0\xde",
	    ENCODING_UTF16LE, "a\u00e9\u20ac\U0001f600");
	EXPECT("\xfe\xff\0a\0\xe9\x20\xac\xd8=\xde\0", ENCODING_UTF16BE, "a\u00e9\u20ac\U0001f600");
	EXPECT("n\0a\0a\0m\0;\0\r\0\n\0", ENCODING_UTF16LE, "naam;\r\n");
	EXPECT("\0n\0a\0a\0m\0;\0\r\0\n", ENCODING_UTF16BE, "naam;\r\n");
	/* Too short to be told, or UTF-32: the reader meets the zeros. */
	EXPECT("n\0a\0", ENCODING_UTF8, "n\0a\0");
	EXPECT("\xff\xfe\0\0a\0\0\0", ENCODING_UTF8, "\xff\xfe\0\0a\0\0\0");
	EXPECT("n\0a\0a\0mm\0", ENCODING_UTF8, "n\0a\0a\0mm\0");
}

/* What is not there, or stands in no text, becomes what no reader takes. */
static void
test_broken(void)
{
	EXPECT("\xff\xfe"
	       "a\0b",
	    ENCODING_UTF16LE, "a\xff");
	EXPECT("\xff\xfe"
	       "a\0\0\xd8"
	       "b\0",
	    ENCODING_UTF16LE,
	    "a\xff"
	    "b");
	EXPECT("\xff\xfe"
	       "a\0\0\xdc"
	       "b\0\0\xd8",
	    ENCODING_UTF16LE,
	    "a\xff"
	    "b\xff");
	EXPECT("\xff\xfe"
	       "a\0\x1b\0\0\0",
	    ENCODING_UTF16LE, "a\xff\xff");
	/* Windows-1252 is what is left, so it is not taken for granted: these stay what they are, no UTF-8. */
	EXPECT("caf\xe9\x01", ENCODING_UTF8, "caf\xe9\x01");
	EXPECT("caf\xe9\x81", ENCODING_UTF8, "caf\xe9\x81");
	EXPECT("\xff\xd8\xff\xe0\0\x10JFIF", ENCODING_UTF8, "\xff\xd8\xff\xe0\0\x10JFIF");
	/* ASCII that says it is UTF-16, all of it or a cell; one such unit is a sign that text has. */
	EXPECT("\xff\xfe"
	       "NL91ABNA0417",
	    ENCODING_UTF16LE, "\u4c4e\xff\xff\xff\xff\xff");
	EXPECT("\xfe\xff"
	       "1 2 3 4 ",
	    ENCODING_UTF16BE, "\u3120\xff\xff\xff");
	EXPECT("\xff\xfe"
	       "a\0"
	       "1 2 "
	       "b\0",
	    ENCODING_UTF16LE,
	    "a\u2031\xff"
	    "b");
	EXPECT("\xff\xfe"
	       "a\0\x22\x20 \0\x26\x20",
	    ENCODING_UTF16LE, "a\u2022 \u2026");
	/* Two encodings in one file. */
	EXPECT("\xe9 06\xe2\x80\x91"
	       "12",
	    ENCODING_WINDOWS_1252,
	    "\u00e9 06\xff\u20ac\u2018"
	    "12");
	EXPECT("caf\xe9 caf\xc3\xa9 caf\xe9", ENCODING_WINDOWS_1252, "caf\u00e9 caf\xff\u00a9 caf\u00e9");
}

/* Far behind the front, and across the end of what is read ahead. */
static void
test_far(void)
{
	static const char *const signs[] = {"\xe9", "\xc3\xa9", "\xf0\x9f\x98\x80", "\xe2\x82"};
	static const enum encoding want[] = {
	    ENCODING_WINDOWS_1252, ENCODING_UTF8, ENCODING_UTF8, ENCODING_WINDOWS_1252};
	size_t len = 3 * ENCODED_AHEAD;
	struct buf in, out;

	buf_init(&in, 1 << 24);
	buf_init(&out, 1 << 24);
	for (size_t k = 0; k < 4; k++)
		for (size_t from = ENCODED_AHEAD - 3; from <= ENCODED_AHEAD + 3; from++) {
			buf_clear(&in);
			CHECK(buf_reserve(&in, len, &e) != NULL);
			memset(in.data, 'a', len);
			in.len = len;
			memcpy(in.data + from, signs[k], strlen(signs[k]));
			CHECK(read_as(in.data, in.len, 0, 1 << 16, &out, NULL) == want[k]);
			CHECK(utf8_valid(out.data, out.len));
			/* A second one at the end of what is read ahead then, cut there: that says nothing. */
			memcpy(in.data + from + ENCODED_AHEAD - 1, "\xc3\xa9", 2);
			if (k == 1 || k == 2) {
				CHECK(read_as(in.data, in.len, 0, 1 << 16, &out, NULL) == ENCODING_UTF8);
				CHECK(out.len == in.len && memcmp(out.data, in.data, in.len) == 0);
			}
			/* And what comes later does not change it. */
			memcpy(in.data + len - 2, "\xe9z", 2);
			if (k == 1)
				CHECK(read_as(in.data, in.len, 0, 1 << 16, &out, NULL) == ENCODING_UTF8 &&
				      !utf8_valid(out.data, out.len));
		}
	buf_free(&in);
	buf_free(&out);
}

/* Every byte of Windows-1252, by libc's iconv, by us, and by the second scan. */
static void
test_table(void)
{
	iconv_t cd = iconv_open("UTF-8", "CP1252");
	uint8_t mine[8], scan[8], back[ENCODED_MOST(8)];
	size_t mine_len, scan_len;
	struct buf out;

	buf_init(&out, 1 << 24);
	CHECK(cd != (iconv_t)-1);
	for (unsigned byte = 0x80; byte < 0x100; byte++) {
		char in[] = {'e', (char)byte, 'e'}, want[16], *from = in, *to = want;
		size_t left = sizeof(in), room = sizeof(want);
		bool there = iconv(cd, &from, &left, &to, &room) == 0;

		(void)iconv(cd, NULL, NULL, NULL, NULL);
		(void)read_as(in, sizeof(in), 0, 64, &out, NULL);
		CHECK(utf8_valid(out.data, out.len) == there);
		CHECK(check_decode(ENCODING_WINDOWS_1252, (uint8_t *)in, 3, scan, sizeof(scan), &scan_len) ==
		      there);
		if (!there)
			continue;
		CHECK(out.len == sizeof(want) - room && memcmp(out.data, want, out.len) == 0);
		CHECK(scan_len == out.len && memcmp(scan, want, scan_len) == 0);
		CHECK(encoded_bytes(ENCODING_WINDOWS_1252, false, out.data, out.len, back) == 3 &&
		      memcmp(back, in, 3) == 0);
	}
	(void)iconv_close(cd);
	/* All code points there and back in UTF-16. */
	for (uint32_t code = 1; code <= 0x10ffff; code++) {
		if (code >= 0xd800 && code <= 0xdfff)
			continue;
		mine_len = utf8_encode(code, mine);
		for (int to = ENCODING_UTF16LE; to <= ENCODING_UTF16BE; to++) {
			size_t n = encoded_bytes((enum encoding)to, true, mine, mine_len, back);

			if (n != (code < 0x10000 ? 4u : 6u) ||
			    !check_decode((uint8_t)to, back, n, scan, sizeof(scan), &scan_len) ||
			    (code != 0xfeff && (scan_len != mine_len || memcmp(scan, mine, scan_len) != 0)))
				CHECK(code == 0);
		}
	}
	/* No place, no UTF-8, no room, halves. */
	CHECK(encoded_bytes(ENCODING_WINDOWS_1252, false, (const uint8_t *)"a\u0100", 3, back) == 0);
	CHECK(encoded_bytes(ENCODING_WINDOWS_1252, false, (const uint8_t *)"\xc2\x80", 2, back) == 0);
	for (int to = 0; to < ENCODING_COUNT; to++)
		CHECK(encoded_bytes((enum encoding)to, false, (const uint8_t *)"a\xff", 2, back) == 0);
	CHECK(!check_decode(ENCODING_UTF16LE, (const uint8_t *)"a\0b", 3, scan, 8, &scan_len));
	CHECK(!check_decode(ENCODING_UTF16LE, (const uint8_t *)"\0\xd8", 2, scan, 8, &scan_len));
	CHECK(!check_decode(ENCODING_UTF16LE, (const uint8_t *)"\0\xdc", 2, scan, 8, &scan_len));
	CHECK(!check_decode(ENCODING_UTF16BE, (const uint8_t *)"\xd8\0\0a", 4, scan, 8, &scan_len));
	CHECK(!check_decode(ENCODING_UTF16BE, (const uint8_t *)"\0a\0b", 4, scan, 1, &scan_len) &&
	      scan_len == 1);
	CHECK(!check_decode(
	    ENCODING_WINDOWS_1252, (const uint8_t *)"\xe9 \xe2\x80\x91", 5, scan, 8, &scan_len));
	CHECK(!check_decode(ENCODING_COUNT, (const uint8_t *)"a", 1, scan, 8, &scan_len));
	buf_free(&out);
}

/* An entry that is put leaves in the encoding that the source had; what is no text, or ASCII, as it is. */
static void
test_entries(void)
{
	static const uint8_t file[] = "\xff\xfe"
				      "a\0\xe9\0";
	FILE *f = tmpfile();
	struct entry_writer w;
	struct entry_reader r;
	struct entry entry;
	struct encoded c;
	struct buf out;
	uint8_t got[64];
	size_t n;

	buf_init(&out, 1 << 24);
	CHECK(read_as(file, sizeof(file) - 1, 0, 64, &out, &c) == ENCODING_UTF16LE);
	entry_writer_init(&w, fileno(f));
	encoded_writer(&c, &w);
	entry_init(&entry, "x", "txt", RESCAN_TEXT, 5);
	CHECK_OK(entry_put(&w, &entry, "[X]\u00e9", 5, &e));
	CHECK(entry.size == 5 && entry.encoding == ENCODING_UTF8);
	entry_init(&entry, "x", "bin", RESCAN_NONE, 3);
	CHECK_OK(entry_put(&w, &entry, "abc", 3, &e));
	entry_init(&entry, "x", "txt", RESCAN_TEXT, 0);
	CHECK_OK(entry_put(&w, &entry, "", 0, &e));
	entry_init(&entry, "x", "txt", RESCAN_TEXT, 2);
	CHECK_ERR(entry_put(&w, &entry, "a\xff", 2, &e), ERR_SYSTEM);
	encoded_free(&c, &w);
	/* What the encoding has no place for stays UTF-8. */
	CHECK(read_as("caf\xe9", 4, 0, 64, &out, &c) == ENCODING_WINDOWS_1252);
	encoded_writer(&c, &w);
	CHECK_OK(entry_put(&w, &entry, "\u0142", 2, &e));
	encoded_free(&c, &w);
	CHECK_OK(entry_put(&w, &entry, "ab", 2, &e));
	CHECK(lseek(fileno(f), 0, SEEK_SET) == 0);
	entry_reader_init(&r, fileno(f));
	CHECK(entry_next(&r, &entry, &e) == 1 && entry.encoding == ENCODING_UTF16LE && entry.size == 10);
	CHECK(entry_read(&r, got, sizeof(got), &n, &e) == 0 && n == 10 &&
	      memcmp(got, "\xff\xfe[\0X\0]\0\xe9\0", 10) == 0);
	CHECK(entry_next(&r, &entry, &e) == 1 && entry.encoding == ENCODING_UTF8 && entry.size == 3);
	CHECK(entry_read(&r, got, sizeof(got), &n, &e) == 0 && n == 3);
	CHECK(entry_next(&r, &entry, &e) == 1 && entry.encoding == ENCODING_UTF8 && entry.size == 0);
	for (int i = 0; i < 2; i++) {
		CHECK(entry_next(&r, &entry, &e) == 1 && entry.encoding == ENCODING_UTF8 && entry.size == 2);
		CHECK(entry_read(&r, got, sizeof(got), &n, &e) == 0 && n == 2);
	}
	CHECK(entry_next(&r, &entry, &e) == 0);
	entry_reader_free(&r);
	(void)fclose(f);
	buf_free(&out);
}

static ssize_t
fails(struct source *s, void *out, size_t len, struct err *e2)
{
	(void)s;
	(void)out;
	(void)len;
	return err_set(e2, ERR_INPUT, "source: gone");
}

int
main(void)
{
	struct source broken = {.read = fails};
	struct encoded c;
	char byte;

	test_found();
	test_broken();
	test_far();
	test_table();
	test_entries();
	CHECK_OK(encoded_init(&c, &broken, &e));
	CHECK_ERR(c.source.read(&c.source, &byte, 1, &e), ERR_INPUT);
	encoded_free(&c, NULL);
	return check_done();
}
