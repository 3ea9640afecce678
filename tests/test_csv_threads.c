/*
 * Tables on several threads: whatever the bytes, the number of threads and the size of windows and parts, what comes out
 * and what is told of it are those of one thread.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../stager/scrub/format/csv.h"
#include "check.h"
#include "pseudonym_key.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/source.h"

#define THREADS_MAX 4
/* Under a sanitizer a thread costs many times more. */
#ifdef STAGER_SANITIZED
#define TABLES (400 / 6)
#define LARGE (5u << 20)
#else
#define TABLES 400
#define LARGE (24u << 20)
#endif

static const char yaml[] =
    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\ndates: {order: [dd-MM-yyyy]}\n"
    "text: {language: [nl], default: tag, bsn: {do: tag, context: any}}\n"
    "files:\n  - match: '*.csv'\n    format: csv\n    csv: {delimiter: ';', missing: [NA]}\n    columns:\n"
    "      nr: pseudonym\n      datum: year\n      soort: {keep: enum, values: [a, bb, ccc]}\n"
    "      waarde: {keep: number, range: [0, 1000]}\n      weg: drop\n      tekst: text\n"
    "sets: {abroad: {hold: [NL, FI], open: [lumi]}}\n";
static const char header[] = "nr;datum;soort;waarde;weg;tekst\n";

static const struct csv_limits usual = {
    .window = 256 << 10, .record_max = 1 << 20, .part_max = 16 << 20, .out_max = 1 << 20};

static struct err e;
static struct policy *policies[THREADS_MAX + 1];
static struct pseudonym_key *keys[THREADS_MAX + 1];
static struct scrub_thread threads[THREADS_MAX];

static unsigned
pick(unsigned count)
{
	static uint64_t state = 20260101;

	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(state >> 33) % count;
}

/* A row that is good, or one of the ways to be wrong. wrong: one of so many. */
static size_t
put_row(char *to, size_t room, unsigned wrong)
{
	static const char *const texts[] = {"", "opname", "\"twee\nregels; en een mail jan@example.org\"",
	    "\"zei \"\"nee\"\"\"", "\"\r\n\r\n\"", "bel 06-12345678 op 3 maart 2026",
	    "\"een\n12;01-02-2020;a;5;x;twee\ndrie\""};
	static const char *const rows[] = {"\"", "a;b\n", "\n", "\r", "1;2;3;4;5;6;7\n",
	    "1;1-1-2020;zz;5;x;y\n", "1;1-1-2020;a;5000;x;y\n", "\"1\"x;1-1-2020;a;5;x;y\n",
	    "x\"y;1-1-2020;a;5;x;y\n", "1;geen;a;5;x;\xff\n"};

	if (pick(wrong) == 0)
		return (size_t)snprintf(to, room, "%s", rows[pick(sizeof(rows) / sizeof(rows[0]))]);
	return (size_t)snprintf(to, room, "%u;%02u-%02u-%u;%s;%u;%s;%s%s", pick(50), 1 + pick(28),
	    1 + pick(12), 1900 + pick(130),
	    pick(2)   ? "a"
	    : pick(2) ? "bb"
		      : "NA",
	    pick(1000), texts[pick(4)], texts[pick(7)],
	    pick(9)   ? "\n"
	    : pick(2) ? "\r\n"
		      : "\r");
}

static void
scrubbed(const char *text, size_t len, const struct csv_limits *limits, unsigned count, struct buf *out,
    struct buf *told)
{
	struct entry_writer writer;
	struct source_mem source;
	struct scrub s = {.policy = policies[THREADS_MAX],
	    .rule = policies[THREADS_MAX]->rules,
	    .key = keys[THREADS_MAX],
	    .report = report_new(),
	    .out = &writer,
	    .threads = threads,
	    .thread_count = count};
	int fd = memfd_create("members", MFD_CLOEXEC);
	struct json *report;

	entry_writer_init(&writer, fd);
	source_mem_init(&source, text, len, "table.csv");
	source.source.size_known = pick(2) == 0;
	CHECK_OK(csv_scrub_limits(&s, &source.source, limits, &e));
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	buf_clear(out);
	buf_clear(told);
	CHECK_OK(io_read_all(fd, out, "members", &e));
	report = report_json(s.report);
	CHECK_OK(json_encode(report, told, &e));
	json_free(report);
	report_free(s.report);
	close(fd);
}

static void
compare(const char *text, size_t len, const struct csv_limits *limits)
{
	struct buf out, told, out_one, told_one;

	buf_init(&out, 256 << 20);
	buf_init(&told, 1 << 20);
	buf_init(&out_one, 256 << 20);
	buf_init(&told_one, 1 << 20);
	scrubbed(text, len, limits, 1, &out_one, &told_one);
	for (unsigned count = 2; count <= THREADS_MAX; count++) {
		scrubbed(text, len, limits, count, &out, &told);
		CHECK(
		    out.len == out_one.len && (out.len == 0 || memcmp(out.data, out_one.data, out.len) == 0));
		CHECK(told.len == told_one.len && memcmp(told.data, told_one.data, told.len) == 0);
	}
	buf_free(&out);
	buf_free(&told);
	buf_free(&out_one);
	buf_free(&told_one);
}

/* Small windows: batches begin and end at every place that there is. */
static void
random_tables(void)
{
	static char text[1 << 16];

	for (unsigned table = 0; table < TABLES; table++) {
		struct csv_limits limits = {
		    .window = 16 + pick(300), .record_max = 100 + pick(400), .part_max = 100 + pick(5000)};
		size_t len = (size_t)snprintf(text, sizeof(text), "%s", header), rows = pick(300);
		unsigned wrong = (unsigned[]){2, 10, 100, 100000}[pick(4)];

		limits.out_max = pick(4) == 0 ? 64 : 4 * limits.window;
		while (rows-- > 0)
			len += put_row(text + len, sizeof(text) - len, wrong);
		/* Often cut in the middle of something. */
		compare(text,
		    pick(3) == 0 ? sizeof(header) + pick((unsigned)(len - sizeof(header)) + 1) : len,
		    &limits);
	}
}

/* The real limits; where there is time, past what a part holds. */
static void
large(void)
{
	size_t size = LARGE, len;
	char *text = malloc(size + 1000);

	CHECK(text != NULL);
	if (text == NULL)
		return;
	len = (size_t)snprintf(text, size, "%s", header);
	while (len < size)
		len += put_row(text + len, 1000, 1000);
	compare(text, len, &usual);
	/* A quote that is never closed; and one record that is too long. */
	text[len / 2] = '"';
	compare(text, len, &usual);
	memset(text + len / 2, 'x', 2 << 20);
	compare(text, len, &usual);
	free(text);
}

/* The source breaks after so many windows: an error, and no more than that. */
static ssize_t
breaking_read(struct source *s, void *out, size_t len, struct err *err)
{
	static const char row[] = "1;01-02-2020;a;5;x;tekst\n";
	char *to = out;

	if (s->number++ == 40)
		return err_set(err, ERR_INPUT, "file: changed");
	if (s->number == 2) {
		memcpy(to, header, sizeof(header) - 1);
		to += sizeof(header) - 1;
	}
	while (to + sizeof(row) < (char *)out + len) {
		memcpy(to, row, sizeof(row) - 1);
		to += sizeof(row) - 1;
	}
	memset(to, '\n', (size_t)((char *)out + len - to));
	return (ssize_t)len;
}

static void
failures(void)
{
	struct source source = {.read = breaking_read, .number = 1, .name = "x.csv"};
	struct entry_writer writer;
	struct scrub s = {.policy = policies[0],
	    .rule = policies[0]->rules,
	    .key = keys[THREADS_MAX],
	    .report = report_new(),
	    .out = &writer,
	    .threads = threads + 1,
	    .thread_count = 3};
	struct csv_limits limits = {.window = 1000, .record_max = 500, .part_max = 1500, .out_max = 4000};

	entry_writer_init(&writer, open("/dev/null", O_WRONLY | O_CLOEXEC));
	CHECK_ERR(csv_scrub_limits(&s, &source, &limits, &e), ERR_INPUT);
	close(writer.fd);
	/* Nobody takes the members. */
	source.number = 1;
	entry_writer_init(&writer, -1);
	CHECK_ERR(csv_scrub_limits(&s, &source, &limits, &e), ERR_SYSTEM);
	report_free(s.report);
}

int
main(void)
{
	struct json *resolved;

	CHECK_OK(secret_start(&e));
	resolved = policy_from_yaml(yaml, sizeof(yaml) - 1, &e);
	CHECK(resolved != NULL);
	for (unsigned i = 0; i <= THREADS_MAX && resolved != NULL; i++) {
		policies[i] = policy_decode(resolved, &e);
		keys[i] = pseudonym_key_of(3, &e);
		CHECK(policies[i] != NULL && keys[i] != NULL);
		if (i < THREADS_MAX)
			threads[i] = (struct scrub_thread){.policy = policies[i], .key = keys[i]};
	}
	json_free(resolved);
	if (check_failures > 0) {
		fprintf(stderr, "%s\n", e.text);
		return check_done();
	}
	random_tables();
	large();
	failures();
	for (unsigned i = 0; i <= THREADS_MAX; i++) {
		policy_free(policies[i]);
		pseudonym_key_free(keys[i]);
	}
	return check_done();
}
