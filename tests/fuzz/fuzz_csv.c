/* Hostile tables: byte 0 chooses the rule, byte 1 the window; the rest is the file. Whatever comes out must
 * be a table of the header's width again, at every window the same. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../stager/scrub/format/csv.h"
#include "../pseudonym_key.h"
#include "stager/entry.h"
#include "stager/json.h"
#include "stager/pattern.h"
#include "stager/policy.h"
#include "stager/report.h"
#include "stager/secret.h"
#include "stager/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define COLUMNS 6

static char names[COLUMNS][2] = {"a", "b", "c", "d", "e", "f"};
static char value_m[] = "M", value_v[] = "V", nothing[] = "", na[] = "NA";
static char *values[] = {value_m, value_v}, *missing[] = {nothing, na};
static enum date_order orders[] = {DATE_DMY, DATE_YMD, DATE_MDY};
static const struct policy policy = {.date_orders = orders, .date_order_count = 3};
static struct pattern *anything;
static struct pseudonym_key *key;

static void
must(bool true_here)
{
	if (!true_here)
		abort();
}

static void
start(void)
{
	static struct err e;

	must(secret_start(&e) == 0);
	must((key = pseudonym_key_of(0, &e)) != NULL);
	must((anything = pattern_compile("(.|\\s)*", &e)) != NULL);
}

/* All that comes out, and the report, as one run of bytes. */
static void
run(const struct rule *rule, const uint8_t *data, size_t size, const struct csv_limits *limits,
    struct buf *out)
{
	struct entry_writer writer;
	struct scrub s = {.policy = &policy, .rule = rule, .key = key, .out = &writer};
	struct source_mem source;
	struct err e;
	struct json *report;
	off_t len;
	uint8_t *to;
	int fd = memfd_create("out", MFD_CLOEXEC);

	s.report = report_new();
	entry_writer_init(&writer, fd);
	source_mem_init(&source, data, size, "x");
	must(csv_scrub_limits(&s, &source.source, limits, &e) == 0);
	must((len = lseek(fd, 0, SEEK_END)) >= 0);
	must((to = buf_reserve(out, (size_t)len, &e)) != NULL);
	must(pread(fd, to, (size_t)len, 0) == len);
	out->len += (size_t)len;
	report = report_json(s.report);
	/* A held file stops where it is found out, which the window may move. */
	json_set(report, "bytes", json_null());
	must(json_encode(report, out, &e) == 0);
	json_free(report);
	report_free(s.report);
	close(fd);
}

/* The members again, all columns kept as they are: nothing is held, and nothing changes. */
static void
run_again(const struct rule *rule, const uint8_t *data, size_t size)
{
	const struct csv_limits limits = {
	    .window = 4096, .record_max = 1000 + 30 * size, .part_max = 1000 + 30 * size};
	struct field fields[COLUMNS];
	struct rule keep = {.delimiter = rule->delimiter, .decimal = '.', .fields = fields};
	struct entry_writer writer;
	struct scrub s = {.policy = &policy, .rule = rule, .key = key, .out = &writer};
	struct source_mem source;
	struct entry_reader reader;
	struct entry entry;
	struct err e;
	struct json *report;
	uint8_t *text, *same;
	size_t got;
	int fd[2] = {memfd_create("out", MFD_CLOEXEC), memfd_create("again", MFD_CLOEXEC)};

	/* A first run with limits that make no more than one member. */
	s.report = report_new();
	entry_writer_init(&writer, fd[0]);
	source_mem_init(&source, data, size, "x");
	must(csv_scrub_limits(&s, &source.source, &limits, &e) == 0);
	report_free(s.report);
	must(lseek(fd[0], 0, SEEK_SET) == 0);
	entry_reader_init(&reader, fd[0]);
	if (entry_next(&reader, &entry, &e) != 1)
		goto out;
	must((text = malloc(entry.size)) != NULL && (same = malloc(entry.size)) != NULL);
	for (size_t at = 0; at < entry.size; at += got)
		must(entry_read(&reader, text + at, entry.size - at, &got, &e) == 0 && got > 0);
	for (size_t i = 0; i < rule->field_count; i++)
		if (rule->fields[i].action.kind != ACTION_DROP)
			fields[keep.field_count++] = (struct field){.name = rule->fields[i].name,
			    .action = {.kind = ACTION_KEEP_CODE, .pattern = anything}};
	s.rule = &keep;
	s.report = report_new();
	entry_writer_init(&writer, fd[1]);
	source_mem_init(&source, text, entry.size, "x");
	must(csv_scrub_limits(&s, &source.source, &limits, &e) == 0);
	report = report_json(s.report);
	must(json_get(report, "held")->count == 0);
	json_free(report);
	report_free(s.report);
	must(lseek(fd[1], 0, SEEK_SET) == 0);
	entry_reader_init(&reader, fd[1]);
	must(entry_next(&reader, &entry, &e) == 1 && entry.size == source.len);
	for (size_t at = 0; at < entry.size; at += got)
		must(entry_read(&reader, same + at, entry.size - at, &got, &e) == 0 && got > 0);
	must(memcmp(text, same, entry.size) == 0);
	free(text);
	free(same);
out:
	close(fd[0]);
	close(fd[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char delimiters[] = {',', ';', '\t', ' '};
	struct field fields[COLUMNS] = {
	    {.name = names[0], .action = {.kind = ACTION_PSEUDONYM}},
	    {.name = names[1],
		.action = {.kind = ACTION_KEEP_NUMBER, .has_range = true, .min = -10, .max = 1e6}},
	    {.name = names[2], .action = {.kind = ACTION_KEEP_ENUM, .values = values, .value_count = 2}},
	    {.name = names[3], .action = {.kind = ACTION_YEAR}},
	    {.name = names[4], .action = {.kind = ACTION_FIRST, .first = 3}},
	    {.name = names[5], .action = {.kind = ACTION_DROP}},
	};
	struct rule rule = {.fields = fields, .missing = missing, .missing_count = 2};
	struct csv_limits limits = {.window = 4096, .record_max = 200, .part_max = 300}, other = limits;
	struct buf out[2];

	if (key == NULL)
		start();
	if (size < 2)
		return 0;
	rule.delimiter = delimiters[data[0] & 3];
	rule.decimal = (data[0] & 4) != 0 ? ',' : '.';
	rule.field_count = 1 + (data[0] >> 3) % COLUMNS;
	if ((data[0] & 0x80) != 0)
		for (size_t i = 0; i < 2; i++)
			fields[i].action = (struct action){.kind = ACTION_KEEP_CODE, .pattern = anything};
	other.window = CSV_WINDOW_MIN + data[1];
	data += 2;
	size -= 2;
	for (size_t i = 0; i < 2; i++) {
		buf_init(&out[i], 1 << 20);
		run(&rule, data, size, i == 0 ? &limits : &other, &out[i]);
	}
	must(out[0].len == out[1].len && memcmp(out[0].data, out[1].data, out[0].len) == 0);
	buf_free(&out[0]);
	buf_free(&out[1]);
	run_again(&rule, data, size);
	return 0;
}
