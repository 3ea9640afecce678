/* Hostile tables: byte 0 chooses the rule, byte 1 the window, byte 2 sets and threads; the rest is the file. Whatever comes out must
 * be a table of the header's width again, at every window and on any threads the same, and what one set gets the others get, too. */
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
#define THREADS 4
#define SETS 3

static char names[COLUMNS][2] = {"a", "b", "c", "d", "e", "f"};
static char value_m[] = "M", value_v[] = "V", nothing[] = "", na[] = "NA";
static char *values[] = {value_m, value_v}, *missing[] = {nothing, na};
static enum date_order orders[] = {DATE_DMY, DATE_YMD, DATE_MDY};
/* Patterns and keys are one thread's each; the last are for what runs beside the threads. */
static struct pattern *anything[THREADS + 1];
static struct pseudonym_key *keys[THREADS + 1];
/* The same rule for each. */
static struct own {
	struct field fields[COLUMNS];
	struct rule rule;
	struct policy policy;
} own[THREADS + 1];
static struct scrub_thread threads[THREADS];
static const struct policy *const policy = &own[THREADS].policy;

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
	for (size_t i = 0; i <= THREADS; i++) {
		must((keys[i] = pseudonym_key_of(0, &e)) != NULL);
		must((anything[i] = pattern_compile("(.|\\s)*", &e)) != NULL);
		own[i].policy = (struct policy){
		    .date_orders = orders, .date_order_count = 3, .rules = &own[i].rule, .rule_count = 1};
		if (i < THREADS)
			threads[i] = (struct scrub_thread){.policy = &own[i].policy, .key = keys[i]};
	}
}

/* What one set gets of a part, the others get too. */
static void
check_sets(const struct rule *rule, int fd)
{
	struct entry_reader reader;
	struct entry entry;
	uint8_t piece[4096];
	size_t count[SETS] = {0}, got;
	struct err e;
	int rc;

	must(lseek(fd, 0, SEEK_SET) == 0);
	entry_reader_init(&reader, fd);
	while ((rc = entry_next(&reader, &entry, &e)) == 1) {
		must(entry.set < SETS);
		count[entry.set]++;
		do
			must(entry_read(&reader, piece, sizeof(piece), &got, &e) == 0);
		while (got > 0);
	}
	must(rc == 0);
	for (size_t i = 1; i < rule->set_count; i++)
		must(count[i] == count[0]);
}

/* All that comes out, and the report, as one run of bytes. */
static void
run(const struct rule *rule, const uint8_t *data, size_t size, const struct csv_limits *limits,
    unsigned thread_count, struct buf *out)
{
	struct entry_writer writer;
	struct scrub s = {.policy = policy,
	    .rule = rule,
	    .key = keys[THREADS],
	    .out = &writer,
	    .threads = threads,
	    .thread_count = thread_count};
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
	check_sets(rule, fd);
	close(fd);
}

/* The members of the rule's own set again, all columns kept as they are: nothing is held, and nothing changes. */
static void
run_again(const struct rule *rule, const uint8_t *data, size_t size)
{
	const struct csv_limits limits = {
	    .window = 4096, .record_max = 1000 + 30 * size, .part_max = 1000 + 30 * size};
	struct field fields[COLUMNS];
	struct rule keep = {.delimiter = rule->delimiter, .decimal = '.', .fields = fields};
	struct entry_writer writer;
	struct scrub s = {.policy = policy, .rule = rule, .key = keys[THREADS], .out = &writer};
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
		if (rule->fields[i].action.kind != ACTION_DROP &&
		    (rule->set_count < 2 || policy_action_in(&rule->fields[i].action, rule->set)))
			fields[keep.field_count++] = (struct field){.name = rule->fields[i].name,
			    .action = {.kind = ACTION_KEEP_CODE, .pattern = anything[THREADS]}};
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

/* The rule that the first and the third byte choose, with this thread's patterns. */
static void
choose(struct own *o, struct pattern *mine, const uint8_t *data)
{
	static const char delimiters[] = {',', ';', '\t', ' '};
	const struct field fields[COLUMNS] = {
	    {.name = names[0], .action = {.kind = ACTION_PSEUDONYM}},
	    {.name = names[1],
		.action = {.kind = ACTION_KEEP_NUMBER, .has_range = true, .min = -10, .max = 1e6}},
	    {.name = names[2], .action = {.kind = ACTION_KEEP_ENUM, .values = values, .value_count = 2}},
	    {.name = names[3], .action = {.kind = ACTION_YEAR}},
	    {.name = names[4], .action = {.kind = ACTION_FIRST, .first = 3}},
	    {.name = names[5], .action = {.kind = ACTION_DROP}},
	};

	memcpy(o->fields, fields, sizeof(fields));
	o->rule = (struct rule){.delimiter = delimiters[data[0] & 3],
	    .decimal = (data[0] & 4) != 0 ? ',' : '.',
	    .fields = o->fields,
	    .field_count = 1 + (data[0] >> 3) % COLUMNS,
	    .missing = missing,
	    .missing_count = 2,
	    .sets = {0, 1, 2},
	    .set_count = 1 + (data[2] & 3) % SETS};
	if ((data[0] & 0x80) != 0)
		for (size_t i = 0; i < 2; i++)
			o->fields[i].action = (struct action){.kind = ACTION_KEEP_CODE, .pattern = mine};
	for (size_t i = 0; i < COLUMNS; i++)
		o->fields[i].action.set = i == 0 ? POLICY_SET_EVERY : (uint8_t)(i % o->rule.set_count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct csv_limits limits = {.window = 4096, .record_max = 200, .part_max = 300}, other = limits;
	const struct rule *rule = &own[THREADS].rule;
	unsigned thread_count;
	struct buf out[2];

	if (keys[THREADS] == NULL)
		start();
	if (size < 3)
		return 0;
	for (size_t i = 0; i <= THREADS; i++)
		choose(&own[i], anything[i], data);
	other.window = CSV_WINDOW_MIN + data[1];
	other.out_max = (data[2] & 0x20) != 0 ? 64 : 4 * other.window;
	/* Threads are dear: most inputs do without. */
	thread_count = (data[2] & 0x10) != 0 ? 2 + (data[2] >> 2) % (THREADS - 1) : 1;
	data += 3;
	size -= 3;
	for (size_t i = 0; i < 2; i++) {
		buf_init(&out[i], 1 << 20);
		run(rule, data, size, i == 0 ? &limits : &other, i == 0 ? 1 : thread_count, &out[i]);
	}
	must(out[0].len == out[1].len && memcmp(out[0].data, out[1].data, out[0].len) == 0);
	buf_free(&out[0]);
	buf_free(&out[1]);
	run_again(rule, data, size);
	return 0;
}
