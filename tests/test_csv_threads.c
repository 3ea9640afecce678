/*
 * Tables on several threads: whatever the bytes, the number of threads and the size of windows and parts, what comes out
 * and what is told of it are those of one thread.
 */
#include "../stager/scrub/format/csv.h"
#include "threads_run.h"

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
    "  - match: '*.sets'\n    format: csv\n    csv: {delimiter: ';', missing: [NA]}\n    columns:\n"
    "      nr: pseudonym\n      datum: {do: year, set: domestic}\n      soort: {keep: enum, values: [a, bb, "
    "ccc]}\n"
    "      waarde: {keep: number, range: [0, 1000], set: third}\n      weg: drop\n"
    "      tekst: {do: text, set: domestic}\n"
    "sets: {abroad: {hold: [NL, FI], open: [lumi]}, domestic: {hold: [NL], open: [nl]}, third: {hold: [NL], "
    "open: [nl]}}\n";
static const char header[] = "nr;datum;soort;waarde;weg;tekst\n";

static const struct csv_limits usual = {
    .window = 256 << 10, .record_max = 1 << 20, .part_max = 16 << 20, .out_max = 1 << 20};

static const unsigned counts[] = {2, 3, 4, 0}, three[] = {3, 0};

static int
reader(struct scrub *s, struct source *in, const void *limits, struct err *err)
{
	return csv_scrub_limits(s, in, limits, err);
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
		compare(reader, pick(2), text,
		    pick(3) == 0 ? sizeof(header) + pick((unsigned)(len - sizeof(header)) + 1) : len, &limits,
		    counts);
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
	compare(reader, 0, text, len, &usual, counts);
	compare(reader, 1, text, len, &usual, three);
	/* A quote that is never closed; and one record that is too long. */
	text[len / 2] = '"';
	compare(reader, 0, text, len, &usual, counts);
	compare(reader, 1, text, len, &usual, three);
	memset(text + len / 2, 'x', 2 << 20);
	compare(reader, 0, text, len, &usual, counts);
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
	struct scrub s = scrub_with(0, &writer, 3);
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
	if (threads_start(yaml) > 0)
		return check_done();
	random_tables();
	large();
	failures();
	return threads_done();
}
