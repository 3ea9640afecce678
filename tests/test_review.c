/* What a steward is shown: which members are drawn, that nothing on the screen acts, and how large a share may be missed. */
#include <stdlib.h>
#include <unistd.h>

#include "check.h"
#include "stager/json.h"
#include "stager/review.h"

static struct err e;

/* ---- the sample ---- */

/* An index of `count` members whose extensions take turns, behind a key of 32 zeros; as a pipe's end. */
static int
index_pipe(const char *const *extensions, size_t kinds, size_t count, const char *spoil, size_t *bytes)
{
	static const uint8_t key[REVIEW_KEY_LEN];
	char *text = calloc(count + 1, 200);
	int ends[2];
	size_t len = 0;

	if (text == NULL || pipe(ends) == -1)
		abort();
	for (size_t i = 0; i < count; i++)
		len += (size_t)sprintf(text + len,
		    "{\"member\":\"x/%06zu.%s\",\"offset\":%zu,\"shard\":%zu,\"size\":7,\"subject\":\"x\"}\n",
		    i + 1, extensions[i % kinds], 512 + 1024 * i, i % 3);
	if (spoil != NULL)
		len = (size_t)sprintf(text, "%s", spoil);
	*bytes = len;
	if (write(ends[1], key, sizeof(key)) != sizeof(key) || write(ends[1], text, len) != (ssize_t)len)
		abort();
	(void)close(ends[1]);
	free(text);
	return ends[0];
}

static int
drawn(const char *const *extensions, size_t kinds, size_t count, const char *spoil, size_t more,
    const uint64_t want[2], struct json **out)
{
	size_t bytes;
	int fd = index_pipe(extensions, kinds, count, spoil, &bytes), rc;

	rc = review_draw(fd, bytes + more, 3, want, out, &e);
	(void)close(fd);
	return rc;
}

static bool
numbers(const struct json *j, const char *stratum, const int64_t *want, size_t count)
{
	const struct json *list = json_get(json_get(j, stratum), "members");

	if (list == NULL || list->count != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (list->items[i]->items[0]->integer != want[i])
			return false;
	return true;
}

static void
test_draw(void)
{
	static const char *const text[] = {"txt"}, *const mixed[] = {"txt", "dcm", "csv", "json", "nii"};
	/* tests/peer_review.py --sample 00...00 8 40 */
	static const int64_t ranks[] = {16, 39, 27, 33, 18};
	struct json *j = NULL;
	const struct json *one;

	CHECK_OK(drawn(text, 1, 40, NULL, 0, (const uint64_t[]){5, 5}, &j));
	CHECK(numbers(j, "letters", ranks, 5) && numbers(j, "scans", ranks, 0));
	CHECK(json_get(json_get(j, "letters"), "population")->integer == 40 &&
	      json_get(j, "others")->integer == 0);
	one = json_get(json_get(j, "letters"), "members")->items[0];
	CHECK(one->count == 5 && one->items[1]->integer == 15 % 3 &&
	      one->items[2]->integer == 512 + 1024 * 15 && one->items[3]->integer == 7 &&
	      strcmp(one->items[4]->string, "txt") == 0);
	json_free(j);
	/* A smaller sample is the beginning of the larger one. */
	for (uint64_t n = 0; n <= 5; n++) {
		CHECK_OK(drawn(text, 1, 40, NULL, 0, (const uint64_t[]){n, 0}, &j));
		CHECK(numbers(j, "letters", ranks, (size_t)n));
		json_free(j);
	}
	/* More than there are: all of them, once. */
	CHECK_OK(drawn(text, 1, 40, NULL, 0, (const uint64_t[]){1000, 1000}, &j));
	one = json_get(json_get(j, "letters"), "members");
	CHECK(one->count == 40);
	for (int64_t i = 1; i <= 40; i++) {
		size_t seen = 0;

		for (size_t k = 0; k < one->count; k++)
			seen += one->items[k]->items[0]->integer == i;
		CHECK(seen == 1);
	}
	json_free(j);
	CHECK_OK(drawn(mixed, 5, 40, NULL, 0, (const uint64_t[]){3, 2}, &j));
	CHECK(json_get(json_get(j, "letters"), "population")->integer == 16 &&
	      json_get(json_get(j, "scans"), "population")->integer == 8 &&
	      json_get(j, "others")->integer == 16);
	CHECK(json_get(json_get(j, "letters"), "members")->count == 3 &&
	      json_get(json_get(j, "scans"), "members")->count == 2);
	json_free(j);
}

static void
test_draw_hostile(void)
{
	static const char *const text[] = {"txt"};
	static const char *const lines[] = {"{}\n", "{\"member\":\"x/1.txt\"}\n", "x\n", "\n",
	    "{\"member\":\"x/1.txt\",\"offset\":512,\"shard\":3,\"size\":7,\"subject\":\"x\"}\n",
	    "{\"member\":\"x/1.txt\",\"offset\":512,\"shard\":-1,\"size\":7,\"subject\":\"x\"}\n",
	    "{\"member\":\"x/1.txt\",\"offset\":-1,\"shard\":0,\"size\":7,\"subject\":\"x\"}\n",
	    "{\"member\":\"x/1.\\u001b[2J\",\"offset\":512,\"shard\":0,\"size\":7,\"subject\":\"x\"}\n",
	    "{\"member\":\"x/1\",\"offset\":512,\"shard\":0,\"size\":7,\"subject\":\"x\"}\n",
	    "{\"member\":\"1.abcdefghijklmnopq\",\"offset\":5,\"shard\":0,\"size\":7,\"subject\":\"x\"}\n",
	    "{\"member\":\"x/1.txt\",\"offset\":512,\"shard\":0,\"size\":7,\"subject\":\"x\"}"};
	struct json *j = NULL;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		CHECK_ERR(drawn(text, 1, 1, lines[i], 0, (const uint64_t[]){5, 5}, &j), ERR_FORGED);
	/* Cut short. */
	CHECK_ERR(drawn(text, 1, 4, NULL, 1, (const uint64_t[]){5, 5}, &j), ERR_INPUT);
}

/* ---- the screen ---- */

static bool
shows(const char *extension, const char *data, size_t len, size_t columns, const char *want)
{
	struct review_text t;
	const uint8_t *lines;
	bool ok;
	size_t n;

	review_text_init(&t, columns);
	CHECK_OK(review_render(&t, extension, (const uint8_t *)data, len, len, &e));
	lines = review_lines(&t, 0, SIZE_MAX, &n);
	ok = n == strlen(want) && (n == 0 || memcmp(lines, want, n) == 0);
	if (!ok)
		fprintf(stderr, "got {%.*s}\n", (int)n, lines == NULL ? (const uint8_t *)"" : lines);
	review_text_free(&t);
	return ok;
}
#define SHOWS(extension, data, want) CHECK(shows(extension, data, sizeof(data) - 1, 0, want))

static void
test_text(void)
{
	SHOWS("txt", "een\ntwee", "een\ntwee\n");
	SHOWS("txt", "een\r\ntwee\rdrie\n\nvier", "een\ntwee\ndrie\n\nvier\n");
	SHOWS("txt", "", "");
	SHOWS("txt", "a\tb", "a       b\n");
	SHOWS("txt",
	    "\xef\xbb\xbf"
	    "ge\xc3\xafnd",
	    "ge\xc3\xafnd\n");
	/* Windows-1252, and UTF-16 of both kinds. */
	SHOWS("txt", "\x93ge\xefnd\x94 \x80", "\xe2\x80\x9cge\xc3\xafnd\xe2\x80\x9d \xe2\x82\xac\n");
	SHOWS("txt", "\xff\xfeg\0\xef\0\x3d\xd8\x00\xde", "g\xc3\xaf\xf0\x9f\x98\x80\n");
	SHOWS("txt", "\0a\0b\0c\0d", "abcd\n");
	SHOWS("txt", "a\0b\0c\0d\0", "abcd\n");
	/* Broken at the screen's edge; what is two wide does not stand half outside. */
	CHECK(shows("txt", "aaaaaaaaaabbbbbbbbbbcccccccccc", 30, 20, "aaaaaaaaaabbbbbbbbbb\ncccccccccc\n"));
	CHECK(
	    shows("txt", "aaaaaaaaaabbbbbbbbb\xe4\xb8\x80z", 23, 20, "aaaaaaaaaabbbbbbbbb\n\xe4\xb8\x80z\n"));
	CHECK(shows("txt", "aaaaaaaaaabbbbbbbb\x1bz", 20, 20, "aaaaaaaaaabbbbbbbb\n<1B>z\n"));
}

/* Nothing that reaches the screen is anything but printable text and newlines. */
static void
test_hostile_text(void)
{
	struct review_text t;
	const uint8_t *lines;
	size_t len;

	SHOWS("txt", "\x1b[2J\x1b]0;title\x07", "<1B>[2J<1B>]0;title<07>\n");
	SHOWS("txt",
	    "\xc2\x9b"
	    "31m",
	    "<9B>31m\n");
	SHOWS("txt", "\x9b\x81", "\xe2\x80\xba<81>\n");
	SHOWS("txt",
	    "a\xe2\x80\xae"
	    "b\xe2\x81\xa6\xe2\x80\x8b\xef\xbb\xbf",
	    "a<U+202E>b<U+2066><U+200B><U+FEFF>\n");
	SHOWS("txt", "\xf3\xa0\x81\xa1\xee\x80\x80\xc2\xad", "<U+E0061><U+E000><AD>\n");
	SHOWS("txt", "\x08\x7f\x0c", "<08><7F><0C>\n");
	/* A mark at the beginning of a line does not fall on what is before. */
	SHOWS("txt", "e\xcc\x81", "e\xcc\x81\n");
	SHOWS("json", "{\"a\":\"\\u001b[2J\\u202e\\u009b\"}", "{\n  \"a\": \"<1B>[2J<U+202E><9B>\"\n}\n");
	for (int file = 0; file < 3; file++) {
		static const char *const extensions[] = {"txt", "json", "dcm"};
		uint8_t all[2048] = {0};

		for (size_t i = 132; i < sizeof(all); i++)
			all[i] = (uint8_t)(i * 7 + i / 256);
		memcpy(all + 128, "DICM", 4);
		review_text_init(&t, 40);
		CHECK_OK(review_render(&t, extensions[file], all, sizeof(all), sizeof(all), &e));
		lines = review_lines(&t, 0, SIZE_MAX, &len);
		for (size_t i = 0; i < len; i++)
			CHECK((lines[i] >= 0x20 && lines[i] != 0x7f) || lines[i] == '\n');
		for (size_t i = 0; i + 1 < len; i++)
			CHECK(!(lines[i] == 0xc2 && lines[i + 1] < 0xa0));
		review_text_free(&t);
	}
}

static void
test_json(void)
{
	SHOWS("json", "{\"nr\":7,\"tekst\":\"een\\ntwee \\\"x\\\" \\u00e9\",\"l\":[1,true]}",
	    "{\n  \"nr\": 7\n  \"tekst\": \"een\n    twee \"x\" \xc3\xa9\"\n  \"l\": [\n    1\n    true\n  "
	    "]\n}\n");
	SHOWS("json", "{\"a\":\"b\\r\\nc\\ud83d\\ude00\"}", "{\n  \"a\": \"b\n    c\xf0\x9f\x98\x80\"\n}\n");
	/* Two records, one after the other. */
	SHOWS("jsonl", "{\"a\":1}\n{\"a\":2}\n", "{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}\n");
	/* What is broken is shown as far as it goes. */
	SHOWS("json", "{\"a\":\"b", "{\n  \"a\": \"b\"\n");
	SHOWS("json", "]}\\\"\\u12",
	    "]\n}\n\\\"\xef\xbf\xbd"
	    "12\"\n");
}

static void
test_pages(void)
{
	struct review_text t;
	const uint8_t *lines;
	size_t len;

	review_text_init(&t, 0);
	CHECK_OK(review_render(&t, "txt", (const uint8_t *)"1\n2\n3\n4", 7, 100, &e));
	CHECK(t.lines == 5);
	lines = review_lines(&t, 1, 2, &len);
	CHECK(len == 4 && memcmp(lines, "2\n3\n", 4) == 0);
	lines = review_lines(&t, 4, 9, &len);
	CHECK(len > 0 && memcmp(lines, "[cut here: 93 of 100 bytes are not shown]\n", len) == 0);
	CHECK(review_lines(&t, 5, 1, &len) == NULL && len == 0);
	CHECK(review_lines(&t, SIZE_MAX, 1, &len) == NULL);
	review_text_free(&t);
}

#define PREAMBLE_HEAD                                                                                        \
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" \
	"\0\0\0"                                                                                             \
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" \
	"\0\0\0\0\0"                                                                                         \
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0DICM"
#define EXPLICIT                             \
	PREAMBLE_HEAD "\x02\0\x10\0UI\x14\0" \
		      "1.2.840.10008.1.2.1\0"
#define IMPLICIT                             \
	PREAMBLE_HEAD "\x02\0\x10\0UI\x12\0" \
		      "1.2.840.10008.1.2\0"

static void
test_dicom(void)
{
	SHOWS("dcm",
	    EXPLICIT "\x10\0\x20\0LO\x04\0"
		     "abc "
		     "\x28\0\x10\0US\x02\0\x40\0"
		     "\xe0\x7f\x10\0OW\0\0\x02\0\0\0xx",
	    "(0002,0010) UI TransferSyntaxUID: 1.2.840.10008.1.2.1\n(0010,0020) LO PatientID: "
	    "abc\n(0028,0010) US "
	    "Rows: 64\n[here are the pixels; they, and what stands behind them, are not shown]\n");
	SHOWS("dcm",
	    IMPLICIT "\x10\0\x20\0\x04\0\0\0"
		     "a\x1b"
		     "c "
		     "\x28\0\x10\0\x02\0\0\0\x40\0",
	    "(0002,0010) UI TransferSyntaxUID: 1.2.840.10008.1.2\n(0010,0020) LO PatientID: "
	    "a<1B>c\n(0028,0010) US "
	    "Rows: 64\n[no pixels in what was read]\n");
	/* A sequence, of unknown length, and one that says more than there is. */
	SHOWS("dcm",
	    EXPLICIT "\x08\0\x15\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
		     "\x08\0\x55\x11UI\x04\0"
		     "1.2\0"
		     "\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
		     "\x10\0\x20\0LO\xff\0"
		     "abc ",
	    "(0002,0010) UI TransferSyntaxUID: 1.2.840.10008.1.2.1\n(0008,1115) SQ ReferencedSeriesSequence: "
	    "\n  item "
	    "1\n  (0008,1155) UI ReferencedSOPInstanceUID: 1.2\n(0010,0020) LO PatientID: \n[cannot be "
	    "followed from byte "
	    "216 on: not shown]\n");
	SHOWS("dcm", "no", "[this is no DICOM file: not shown]\n");
	SHOWS("dcm",
	    EXPLICIT "\x10\0\x20\0Q!\x04\0"
		     "abc ",
	    "(0002,0010) UI TransferSyntaxUID: 1.2.840.10008.1.2.1\n[cannot be followed from byte 160 on: "
	    "not shown]\n");
}

/* ---- the bound ---- */

static void
test_bound(void)
{
	/* tests/peer_review.py */
	static const int64_t rows[][3] = {{0, 1, 950000}, {0, 2, 776394}, {0, 3, 631597}, {0, 20, 139109},
	    {0, 50, 58156}, {1, 50, 91399}, {2, 50, 120615}, {5, 50, 198834}, {49, 50, 998975},
	    {0, 100, 29514}, {3, 100, 75711}, {0, 299, 9970}, {0, 300, 9937}, {1, 300, 15715},
	    {0, 1000, 2992}, {10, 1000, 16904}, {500, 1000, 526483}, {999, 1000, 999949}, {7, 20, 558035},
	    {2000, 4000, 513126}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK(review_bound_ppm(rows[i][0], rows[i][1]) == rows[i][2]);
	/* Of nothing nothing is known; all of them may be. */
	CHECK(review_bound_ppm(0, 0) == 1000000 && review_bound_ppm(50, 50) == 1000000 &&
	      review_bound_ppm(7, 3) == 1000000 && review_bound_ppm(-1, 3) == 1000000);
	/* 0 of n is near 3/n, and never above it; more found is never less. */
	for (int64_t n = 1; n <= REVIEW_DRAW_MAX; n = n * 3 / 2 + 1) {
		CHECK(review_bound_ppm(0, n) <= 3000000 / n + 1 && review_bound_ppm(0, n) > 900000 / n);
		CHECK(review_bound_ppm(1, n) >= review_bound_ppm(0, n));
		CHECK(review_bound_ppm(0, n + 1) <= review_bound_ppm(0, n));
	}
}

int
main(void)
{
	test_draw();
	test_draw_hostile();
	test_text();
	test_hostile_text();
	test_json();
	test_pages();
	test_dicom();
	test_bound();
	return check_done();
}
