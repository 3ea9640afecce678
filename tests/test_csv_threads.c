/*
 * Tables on several threads: whatever the bytes, the number of threads and the size of windows and parts, what comes out
 * and what is told of it are those of one thread.
 */
#include "../stager/scrub/format/csv.h"
#include "../stager/scrub/format/fixed.h"
#include "threads_run.h"

/* Under a sanitizer a thread costs many times more. */
#ifdef STAGER_SANITIZED
#define TABLES (400 / 6)
#define ENCODINGS 3
#define LARGE (5u << 20)
#else
#define TABLES 400
#define ENCODINGS 9
#define LARGE (24u << 20)
#endif

static const char yaml[] =
    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\ndates: {order: [dd-MM-yyyy]}\n"
    "text: {language: [nl], default: tag, bsn: {do: tag, context: any}, extra: [{kind: "
    "abcdefghijklmnopqrst, pattern: q}]}\n"
    "files:\n  - match: '*.csv'\n    format: csv\n    csv: {delimiter: ';', missing: [NA]}\n    columns:\n"
    "      nr: pseudonym\n      datum: year\n      soort: {keep: enum, values: [a, bb, ccc]}\n"
    "      waarde: {keep: number, range: [0, 1000]}\n      weg: drop\n      tekst: text\n"
    "  - match: '*.sets'\n    format: csv\n    csv: {delimiter: ';', missing: [NA]}\n    columns:\n"
    "      nr: pseudonym\n      datum: {do: year, set: domestic}\n      soort: {keep: enum, values: [a, bb, "
    "ccc]}\n"
    "      waarde: {keep: number, range: [0, 1000], set: third}\n      weg: drop\n"
    "      tekst: {do: text, set: domestic}\n"
    "  - {match: '*.fix', format: fixed, fixed: {a: [1, 3], b: [5, 20]}, columns: {a: {keep: number}, b: "
    "text}}\n"
    "  - {match: '*.grown', format: csv, columns: {a: {keep: number}, b: text}}\n"
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

/* Lines of fixed columns, as file.c reads them. */
static int
fixed_reader(struct scrub *s, struct source *in, const void *limits, struct err *err)
{
	struct fixed fixed;
	int rc = fixed_init(&fixed, in, s->rule, err);

	encoded_over(s->out, in, &fixed.source, &fixed.plain);
	if (rc == 0)
		rc = csv_scrub_limits(s, &fixed.source, limits, err);
	encoded_over(s->out, in, NULL, NULL);
	fixed_free(&fixed);
	return rc;
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
		    pick(3) == 0 ? strlen(header) + pick((unsigned)(len - strlen(header)) + 1) : len, &limits,
		    counts);
	}
}

/*
 * Lines of fixed columns, of which one has a letter past ASCII: parts before it name no other encoding, whatever has been read by then, and
 * the part that has it names one.
 */
static void
fixed_encodings(void)
{
	/* More than the reader of such lines takes at once. */
	const size_t room = 1u << 20;
	char *text = malloc(room);

	if (text == NULL)
		abort();
	always_encoded = true;
	for (unsigned table = 0; table < ENCODINGS; table++) {
		struct csv_limits limits = {
		    .window = 1000 + pick(30000), .record_max = 100, .part_max = 1000 + pick(20000)};
		unsigned rows = 50000 + pick(10000), other = pick(rows);
		const char *letter = (const char *[]){"\xe9", "\xc3\xa9", "e"}[table % 3];
		size_t len = 0;

		limits.out_max = 4 * limits.window;
		for (unsigned i = 0; i < rows; i++)
			len += (size_t)snprintf(text + len, room - len, "%3u caf%s%s\n", i % 1000,
			    i == other ? letter : "e", pick(90) == 0 ? "                  x" : "");
		compare(fixed_reader, 2, text, len, &limits, three);
	}
	/* UTF-16 leaves as that, also where all of it is ASCII. */
	for (unsigned count = 1; count <= 3; count += 2) {
		static const struct csv_limits limits = {
		    .window = 64, .record_max = 100, .part_max = 200, .out_max = 400};
		static const char want[] = "\xff\xfe"
					   "a\0,\0b\0\n\0";
		struct buf out, told;
		size_t len = 0, members = 0;

		buf_init(&out, 1 << 20);
		buf_init(&told, 1 << 20);
		text[len++] = '\xff';
		text[len++] = '\xfe';
		for (unsigned i = 0; i < 100; i++)
			for (const char *c = "  7 cafe\n"; *c != '\0'; c++) {
				text[len++] = *c;
				text[len++] = '\0';
			}
		encoded = true;
		scrubbed(fixed_reader, 2, text, len, &limits, count, &out, &told);
		for (size_t i = 0; i + sizeof(want) <= out.len; i++)
			members += memcmp(out.data + i, want, sizeof(want) - 1) == 0;
		CHECK(members > 1);
		buf_free(&out);
		buf_free(&told);
	}
	always_encoded = false;
	free(text);
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

/* Whose value it was: the first that is wrong of a record, in each set; of a record that is broken, nobody's. */
static void
whose(void)
{
	static const char text[] =
	    "nr;datum;soort;waarde;weg;tekst\n"
	    "1;01-02-2020;zz;5;x;y\n1;geen;zz;5;x;y\n1;01-02-2020;zz;5;x;y\n"
	    "1;01-02-2020;a;5000;x;y\n1;01-02-2020;a;5;x;y\n1;01-02-2020;a;veel;x;y\n1;geen;a;5;x;y\n"
	    "1;01-02-2020;NA;NA;x;y\n1;2\n\"1\"x;geen;zz;5;x;y\n";
	static const struct csv_limits limits = {
	    .window = 64, .record_max = 200, .part_max = 4000, .out_max = 4000};

	held_for(reader, 0, text, &limits,
	    "\"fields\":{\"1:2\":{\"record:date-form\":2},\"1:3\":{\"record:value-type\":2},"
	    "\"1:4\":{\"record:value-range\":1,\"record:value-type\":1}},\"files\"");
	/* The set's own columns first: what the others have is looked at only where those are right. */
	held_for(reader, 1, text, &limits,
	    "\"fields\":{\"2:2\":{\"record:date-form\":1},\"2:3\":{\"record:value-type\":3},"
	    "\"2:4\":{\"record:value-range\":1,\"record:value-type\":1}},\"files\"");
}

/* Rows whose texts are finds alone: a tag of 24 bytes for each byte. */
static size_t
put_grown(char *to, size_t room, unsigned rows, size_t row_len)
{
	size_t len = (size_t)snprintf(to, room, "a,b\n");

	for (unsigned i = 0; i < rows; i++) {
		len += (size_t)snprintf(to + len, room - len, "%u,", i % 10);
		for (size_t k = 0; k < row_len / 2; k++)
			len += (size_t)snprintf(to + len, room - len, "q;");
		len += (size_t)snprintf(to + len, room - len, "\n");
	}
	return len;
}

/* What a row is made into may be many times as long: it has a part of its own, or is held where none has room for it. */
static void
grown(void)
{
	static const struct csv_limits small = {
	    .window = 64, .record_max = 300, .part_max = 3000, .out_max = 1000};
	const size_t room = 4u << 20;
	char *text = malloc(room);
	size_t len;
	struct buf out, told;
	const char *want;

	if (text == NULL)
		abort();
	buf_init(&out, 256 << 20);
	buf_init(&told, 1 << 20);
	/* Some 13 MiB each, of which two are more than a part and all that is kept free behind it was. */
	len = put_grown(text, room, 2, (1 << 20) - 8);
	scrubbed(reader, 3, text, len, &usual, 3, &out, &told);
	CHECK(memmem(told.data, told.len, "\"passed\":2", 10) != NULL);
	CHECK(memmem(told.data, told.len, "\"out\":2", 7) != NULL);
	/* 119 finds have room in a part of 3,000 bytes, 120 have not. */
	for (size_t finds = 119; finds <= 120; finds++) {
		len = put_grown(text, room, 20, 2 * finds);
		compare(reader, 3, text, len, &small, counts);
		scrubbed(reader, 3, text, len, &small, 3, &out, &told);
		want = finds == 119 ? "\"passed\":20" : "\"record:record-too-long\":{\"count\":20";
		CHECK(memmem(told.data, told.len, want, strlen(want)) != NULL);
	}
	buf_free(&out);
	buf_free(&told);
	free(text);
}

#define WIDE 130 /* columns: more than are counted apart */

/* Which columns are counted does not hang on where batches begin, also where there are more than may be. */
static void
wide(void)
{
	size_t room = 4u << 20, len = 0;
	char *text = malloc(room);
	struct csv_limits limits = {.record_max = 8000, .part_max = 1 << 20, .out_max = 1 << 20};
	struct buf out, told;
	size_t fields = 0;

	if (text == NULL)
		abort();
	for (unsigned i = 1; i <= WIDE; i++)
		len += (size_t)snprintf(text + len, room - len, "c%u%c", i, i < WIDE ? ';' : '\n');
	for (unsigned row = 0; row < 600; row++) {
		/* Few columns at first, so that some are known when all come. */
		unsigned wrong = 1 + pick(row < 200 ? 20 : WIDE);

		for (unsigned i = 1; i <= WIDE; i++)
			len += (size_t)snprintf(text + len, room - len, "%s%c",
			    i != wrong     ? "7"
			    : pick(2) == 0 ? "x"
					   : "5000",
			    i < WIDE ? ';' : '\n');
	}
	for (limits.window = 500; limits.window <= 200000; limits.window *= 20)
		compare(reader, 4, text, len, &limits, counts);
	buf_init(&out, 1 << 20);
	buf_init(&told, 1 << 20);
	scrubbed(reader, 4, text, len, &limits, 3, &out, &told);
	for (size_t i = 0; i + 2 < told.len; i++)
		fields += memcmp(told.data + i, "\"5:", 3) == 0;
	CHECK(fields > REPORT_FIELDS_MAX / 2 && fields <= REPORT_FIELDS_MAX);
	buf_free(&out);
	buf_free(&told);
	free(text);
}

int
main(void)
{
	char all[sizeof(yaml) + 200 + WIDE * 60];
	const char *sets = strstr(yaml, "sets: {");
	size_t at = (size_t)snprintf(all, sizeof(all),
	    "%.*s  - match: '*.wide'\n    format: csv\n    csv: {delimiter: ';'}\n    columns:\n",
	    (int)(sets - yaml), yaml);

	for (unsigned i = 1; i <= WIDE; i++)
		at += (size_t)snprintf(
		    all + at, sizeof(all) - at, "      c%u: {keep: number, range: [0, 10]}\n", i);
	(void)snprintf(all + at, sizeof(all) - at, "%s", sets);
	if (threads_start(all) > 0)
		return check_done();
	whose();
	wide();
	grown();
	fixed_encodings();
	random_tables();
	large();
	failures();
	return threads_done();
}
