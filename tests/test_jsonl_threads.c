/*
 * JSON Lines on several threads: whatever the bytes, the number of threads, and the size of windows, batches and parts, what comes
 * out and what is told of it are those of one thread.
 */
#include <errno.h>
#include <stdatomic.h>

#include "../stager/scrub/format/jsonl_reader.h"
#include "threads_run.h"

/* Under a sanitizer a thread costs many times more. */
#ifdef STAGER_SANITIZED
#define FILES 60
#define LARGE (5u << 20)
#define LONG_LINE (UINT64_C(64) << 20)
#else
#define FILES 400
#define LARGE (24u << 20)
#define LONG_LINE (UINT64_C(2) << 30)
#endif

static const char yaml[] =
    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\ndates: {order: [dd-MM-yyyy]}\n"
    "text: {language: [nl], default: tag, bsn: {do: tag, context: any}}\n"
    "files:\n"
    "  - match: '*.a'\n    format: jsonl\n    subject: $.nr\n    sample: record\n    fields:\n"
    "      $.nr: pseudonym\n      $.datum: year\n      $.soort: {keep: enum, values: [a, bb, ccc]}\n"
    "      $.in.waarde: {keep: number, range: [0, 1000]}\n      $.weg: drop\n      $.tekst: text\n"
    "  - match: '*.b'\n    format: jsonl\n    subject: $.nr\n    sample: file\n    fields:\n"
    "      $.nr: pseudonym\n      $.datum: year\n      $.soort: {keep: enum, values: [a, bb, ccc]}\n"
    "      $.in.waarde: {keep: number, range: [0, 1000]}\n      $.weg: drop\n      $.tekst: text\n"
    "  - match: '*.c'\n    format: jsonl\n    subject: $.nr\n    sample: record\n    fields:\n"
    "      $.nr: pseudonym\n      $.datum: {do: year, set: domestic}\n      $.soort: {keep: enum, values: "
    "[a, bb, ccc]}\n"
    "      $.in.waarde: {keep: number, range: [0, 1000], set: third}\n      $.weg: drop\n"
    "      $.tekst: {do: text, set: domestic}\n"
    "  - match: '*.d'\n    format: jsonl\n    subject: $.nr\n    sample: file\n    fields:\n"
    "      $.nr: pseudonym\n      $.datum: {do: year, set: domestic}\n      $.soort: {keep: enum, values: "
    "[a, bb, ccc]}\n"
    "      $.in.waarde: {keep: number, range: [0, 1000], set: third}\n      $.weg: drop\n"
    "      $.tekst: {do: text, set: domestic}\n"
    "sets: {abroad: {hold: [NL, FI], open: [lumi]}, domestic: {hold: [NL], open: [nl]}, third: {hold: [NL], "
    "open: [nl]}}\n";

static const struct jsonl_limits usual = {.window = 256 << 10,
    .record_max = 8 << 20,
    .part_max = 16 << 20,
    .line_max = 1 << 20,
    .out_max = 1 << 20};
static const unsigned counts[] = {2, 3, 7, 0}, two[] = {2, 0};

static int
reader(struct scrub *s, struct source *in, const void *limits, struct err *err)
{
	return jsonl_scrub_limits(s, in, limits, err);
}

/* A line that is good, or one of the ways to be wrong. wrong: one of so many. */
static size_t
put_line(char *to, size_t room, unsigned wrong)
{
	static const char *const texts[] = {"", "opname", "twee\\nregels; en een mail jan@example.org",
	    "zei \\\"nee\\\"", "\\u00e9\\u0041 \\r\\n", "bel 06-12345678 op 3 maart 2026",
	    "een lange regel, langer dan menig venster, van iemand die op 06-12345678 wacht op mw. A. Bakker "
	    "en haar "
	    "uitslag van 1 mei 2026 die er nog niet is"};
	static const char *const lines[] = {"{\n", "\n", "\r\n", "   \t \n", "[]\n", "{\"x\":1}\n",
	    "{\"nr\":1,\"nr\":2}\n", "{\"nr\":1}x\n", "{\"nr\":1,\"tekst\":\"\xff\"}\n", "{\"nr\":\"\"}\n",
	    "{\"nr\":1,\"soort\":\"zz\"}\n", "{\"nr\":1,\"in\":{\"waarde\":5000}}\n",
	    "{\"datum\":\"1-2-2020\"}\n", "{\"nr\":\"1\r\"}\n", "{\"nr\":1}\r{\"nr\":2}\n"};

	if (pick(wrong) == 0)
		return (size_t)snprintf(to, room, "%s", lines[pick(sizeof(lines) / sizeof(lines[0]))]);
	return (size_t)snprintf(to, room,
	    "{\"nr\":%u,\"datum\":\"%02u-%02u-%u\",\"soort\":%s, "
	    "\"in\":{\"waarde\":%u},\"weg\":\"%s\",\"tekst\":\"%s\"}%s",
	    pick(50), 1 + pick(28), 1 + pick(12), 1900 + pick(130),
	    pick(2)   ? "\"a\""
	    : pick(2) ? "\"bb\""
		      : "null",
	    pick(1000), texts[pick(4)], texts[pick(7)], pick(9) ? "\n" : "\r\n");
}

/* Small windows: batches begin and end at every place that there is, and lines are longer than batches. */
static void
random_files(void)
{
	static char text[1 << 17];

	for (unsigned file = 0; file < FILES; file++) {
		struct jsonl_limits limits = {
		    .window = 4 + pick(300), .record_max = 150 + pick(400), .part_max = 100 + pick(5000)};
		size_t len = (size_t)snprintf(text, sizeof(text), "%s", pick(8) == 0 ? "\xef\xbb\xbf" : ""),
		       lines = pick(300);
		unsigned wrong = (unsigned[]){2, 10, 100, 100000}[pick(4)];

		limits.line_max = pick(limits.record_max);
		limits.out_max = pick(4) == 0 ? 64 : 4 * limits.window;
		while (lines-- > 0)
			len += put_line(text + len, sizeof(text) - len, wrong);
		/* Often cut in the middle of something. */
		if (!compare(
			reader, pick(4), text, pick(3) == 0 ? pick((unsigned)len + 1) : len, &limits, counts))
			fprintf(stderr, "file %u\n", file);
	}
}

/* A small file with a bad line in its middle: every window, every length of a batch's line, every cut. */
static void
every_border(void)
{
	static const char text[] =
	    "{\"nr\":1,\"tekst\":\"bel 06-12345678\"}\n{\"nr\":2,\"weg\":1}\r\n{\"nr\":3,\n\n"
	    "{\"nr\":4,\"tekst\":\"opname\"}";
	struct jsonl_limits limits = {.record_max = 60, .part_max = 70, .out_max = 200};
	size_t len = sizeof(text) - 1;

	for (limits.window = 4; limits.window <= len + 1; limits.window++)
		for (limits.line_max = 0; limits.line_max < 40; limits.line_max += 13)
			compare(reader, limits.window % 4, text, len, &limits, two);
	limits.window = 16;
	limits.line_max = 4;
	for (size_t cut = 0; cut <= len; cut++)
		compare(reader, cut % 4, text, cut, &limits, two);
	/* The longest record that may be, and one byte more. */
	for (limits.record_max = 20; limits.record_max < 40; limits.record_max++)
		compare(reader, limits.record_max % 2 + 1, text, len, &limits, counts);
}

/* The real limits; where there is time, past what a part holds. */
static void
large(void)
{
	size_t size = LARGE, len = 0;
	char *text = malloc(size + 1000);

	CHECK(text != NULL);
	if (text == NULL)
		return;
	while (len < size)
		len += put_line(text + len, 1000, 1000);
	compare(reader, 0, text, len, &usual, two);
	compare(reader, 1, text, len, &usual, counts);
	compare(reader, 2, text, len, &usual, two);
	compare(reader, 3, text, len, &usual, two);
	/* One record longer than a batch; and than any may be, where there is enough. */
	memset(text + len / 2, 'x', 2 << 20);
	compare(reader, 1, text, len, &usual, two);
	compare(reader, 3, text, len, &usual, two);
	memset(text + len / 4, 'x', len / 2);
	compare(reader, 1, text, len, &usual, two);
	free(text);
}

/* A source of one record and a line that does not end. */
static ssize_t
endless_read(struct source *s, void *out, size_t len, struct err *err)
{
	static const char head[] = "{\"nr\":1}\n";

	(void)err;
	if (s->size == 0)
		return 0;
	if (len > s->size)
		len = (size_t)s->size;
	memset(out, 'x', len);
	if (s->number++ == 1)
		memcpy(out, head, len < sizeof(head) - 1 ? len : sizeof(head) - 1);
	s->size -= len;
	return (ssize_t)len;
}

static void
endless(unsigned count)
{
	struct source source = {.read = endless_read, .number = 1, .name = "x", .size = LONG_LINE};
	struct entry_writer writer;
	struct scrub s = scrub_with(1, &writer, count);

	entry_writer_init(&writer, open("/dev/null", O_WRONLY | O_CLOEXEC));
	CHECK_OK(jsonl_scrub(&s, &source, &e));
	CHECK(report_get(s.report, "records", "passed") == 1 && report_get(s.report, "members", "out") == 1);
	CHECK(report_get(s.report, "files", "held") == 1 && report_get(s.report, "bytes", "in") == LONG_LINE);
	close(writer.fd);
	report_free(s.report);
}

/* The source breaks after so many windows: an error, and no more than that. */
static ssize_t
breaking_read(struct source *s, void *out, size_t len, struct err *err)
{
	static const char line[] = "{\"nr\":1,\"soort\":\"a\"}\n";
	char *to = out;

	if (s->number++ == 40)
		return err_set(err, ERR_INPUT, "file: changed");
	while (to + sizeof(line) < (char *)out + len)
		to = mempcpy(to, line, sizeof(line) - 1);
	memset(to, '\n', (size_t)((char *)out + len - to));
	return (ssize_t)len;
}

static void
failures(void)
{
	struct source source = {.read = breaking_read, .number = 1, .name = "x"};
	struct jsonl_limits limits = {
	    .window = 1000, .record_max = 500, .part_max = 1500, .line_max = 500, .out_max = 4000};
	struct entry_writer writer;
	struct scrub s = scrub_with(0, &writer, 3);

	entry_writer_init(&writer, open("/dev/null", O_WRONLY | O_CLOEXEC));
	CHECK_ERR(jsonl_scrub_limits(&s, &source, &limits, &e), ERR_INPUT);
	close(writer.fd);
	/* Nobody takes the members. */
	source.number = 1;
	entry_writer_init(&writer, -1);
	CHECK_ERR(jsonl_scrub_limits(&s, &source, &limits, &e), ERR_SYSTEM);
	report_free(s.report);
}

#ifndef STAGER_SANITIZED
/* The next so many allocations are given; then one, of at least fail_least bytes, is not. A sanitizer has its own malloc. */
extern void *__libc_malloc(size_t len);
extern void *__libc_calloc(size_t count, size_t len);
extern void *__libc_memalign(size_t boundary, size_t len);
static atomic_long left = -1;
#define FAIL_LEAST 1024

static bool
refused(size_t len)
{
	if (len < FAIL_LEAST || atomic_load(&left) < 0 || atomic_fetch_sub(&left, 1) != 0)
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t len)
{
	return refused(len) ? NULL : __libc_malloc(len);
}

void *
calloc(size_t count, size_t len)
{
	return refused(count * len) ? NULL : __libc_calloc(count, len);
}

void *
aligned_alloc(size_t boundary, size_t len)
{
	return refused(len) ? NULL : __libc_memalign(boundary, len);
}

/* The n-th allocation fails, whichever that is: in the thread that reads, or in one that works. */
static void
no_memory(size_t rule)
{
	static const char line[] = "{\"nr\":1,\"tekst\":\"opname op 3 maart\"}\n";
	struct jsonl_limits limits = {
	    .window = 1000, .record_max = 5000, .part_max = 15000, .line_max = 500, .out_max = 4000};
	static char text[20000];
	struct source_mem source;
	struct entry_writer writer;
	long refusals = 0;
	int rc = -1;

	for (size_t at = 0; at + sizeof(line) < sizeof(text); at += sizeof(line) - 1)
		memcpy(text + at, line, sizeof(line) - 1);
	entry_writer_init(&writer, open("/dev/null", O_WRONLY | O_CLOEXEC));
	for (long n = 0; rc == -1 && n < 10000; n++) {
		struct scrub s = scrub_with(rule, &writer, 3);

		source_mem_init(&source, text, strlen(text), "x");
		atomic_store(&left, n);
		rc = jsonl_scrub_limits(&s, &source.source, &limits, &e);
		/* What had enough came to its end. */
		CHECK(atomic_exchange(&left, -1) < 0 || rc == 0);
		CHECK(rc == 0 || e.code == ERR_SYSTEM);
		refusals += rc == -1;
		report_free(s.report);
	}
	CHECK(rc == 0 && refusals > 10);
	close(writer.fd);
}
#endif

/* Whose value it was; of a line that is broken, nobody's. */
static void
whose(void)
{
	static const char text[] =
	    "{\"nr\":1,\"soort\":\"zz\",\"in\":{\"waarde\":5000}}\n{\"nr\":1,\"in\":{\"waarde\":5000}}\n"
	    "{\"nr\":1,\"soort\":true}\n{\"nr\":1,\"in\":{\"waarde\":5}}\n{\"nr\":1,\"datum\":\"geen\"}\n"
	    "{\"nr\":1,\"in\":{\"waarde\":\"veel\"}}\n{\"nr\":1,\"soort\":\"zz\n{\"nr\":1,\"other\":\"zz\"}"
	    "\n";
	static const struct jsonl_limits limits = {
	    .window = 64, .record_max = 200, .part_max = 4000, .line_max = 100, .out_max = 4000};

	for (size_t rule = 0; rule < 4; rule++) {
		char want[256];

		(void)snprintf(want, sizeof(want),
		    "\"fields\":{\"%zu:2\":{\"record:date-form\":1},\"%zu:3\":{\"record:value-type\":2},"
		    "\"%zu:4\":{\"record:value-range\":1,\"record:value-type\":1}},\"files\"",
		    rule + 1, rule + 1, rule + 1);
		held_for(reader, rule, text, &limits, want);
	}
}

int
main(void)
{
	if (threads_start(yaml) > 0)
		return check_done();
	whose();
	random_files();
	every_border();
	large();
	endless(1);
	endless(3);
	failures();
#ifndef STAGER_SANITIZED
	no_memory(1);
	no_memory(3);
#endif
	return threads_done();
}
