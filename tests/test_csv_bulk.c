/* CSV in bulk: limits, parts, many numbers, Python's csv module beside it, and tables from elsewhere. */
#include "csv_run.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/wait.h>

#include "stager/io.h"

/* Numbers in a table and alone: the same verdict, on ranges of all kinds. */
static void
test_numbers(void)
{
	static const double bounds[][2] = {{0, 1000}, {-5, 5}, {0.1, 0.3}, {0, 0}, {-9, -1}, {99999999, 1e9},
	    {1e-7, 0.1234567}, {5, 1}, {12.5, 12.5}};
	static const char pieces[] = "0123456789012345678901234567890123456789..,,-+e \x30\x2f\x3a";
	struct field fields[] = {KEEP(name_a)};
	struct rule rule = {.delimiter = ';', .fields = fields, .field_count = 1};
	struct scrub alone = {.rule = &rule};
	uint32_t seed = 1;

	for (unsigned i = 0; i < 400; i++) {
		const double *bound = bounds[i % (sizeof(bounds) / sizeof(bounds[0]))];
		char text[4096] = "a\n", want[4096] = "a\n", *at = text + 2, *to = want + 2;
		struct action *a = &fields[0].action;
		struct result r;
		struct buf out;

		*a = (struct action){
		    .kind = ACTION_KEEP_NUMBER, .has_range = i % 7 != 0, .min = bound[0], .max = bound[1]};
		rule.decimal = i % 2 == 0 ? '.' : ',';
		for (unsigned k = 0; k < 200; k++) {
			char value[16];
			struct text_finds finds = {0};
			const char *reason = NULL;
			size_t len;

			seed = seed * 1664525 + 1013904223;
			len = 1 + (seed >> 28) % 10;
			for (size_t c = 0; c < len; c++) {
				seed = seed * 1664525 + 1013904223;
				value[c] = pieces[(seed >> 16) % (sizeof(pieces) - 1)];
			}
			memcpy(at, value, len);
			at += len;
			*at++ = '\n';
			buf_init(&out, 64);
			if (action_apply(&alone, a, value, len, &out, &finds, &reason, &e) == 1) {
				memcpy(to, value, len);
				to += len;
				*to++ = '\n';
			}
			buf_free(&out);
		}
		*to = '\0';
		CHECK_OK(scrub_bytes(&r, &rule, text, (size_t)(at - text), 0, &usual));
		CHECK(is_out(&r, to == want + 2 ? "" : want));
		CHECK(r.seen == 200);
		result_free(&r);
	}
}

/* Words of every length around eight bytes, more of them than are looked at together: good, cut, longer, with one byte changed. */
static void
test_enums(void)
{
	static char words[20][24];
	char *values[20];
	struct field fields[] = {KEEP(name_a)};
	struct rule rule = {.delimiter = ';', .fields = fields, .field_count = 1};
	struct scrub alone = {.rule = &rule};

	for (size_t i = 0; i < 20; i++) {
		snprintf(
		    words[i], sizeof(words[i]), "%.*s%c", (int)i, "waardevanachtbytesenmeer", 'A' + (char)i);
		values[i] = words[i];
	}
	for (size_t count = 0; count <= 20; count += count < 10 ? 1 : 5) {
		char text[8192] = "a\n", want[8192] = "a\n", *at = text + 2, *to = want + 2;
		struct result r;
		struct buf out;

		fields[0].action =
		    (struct action){.kind = ACTION_KEEP_ENUM, .values = values, .value_count = count};
		for (size_t i = 0; i < 20; i++)
			for (unsigned change = 0; change < 4; change++) {
				struct text_finds finds = {0};
				const char *reason = NULL;
				char value[32];
				size_t len = (size_t)snprintf(
				    value, sizeof(value), "%s%s", words[i], change == 1 ? "x" : "");

				if (change == 2)
					value[len / 2] ^= 1;
				if (change == 3 && --len == 0)
					continue;
				at = mempcpy(at, value, len);
				*at++ = '\n';
				buf_init(&out, 64);
				if (action_apply(&alone, &fields[0].action, value, len, &out, &finds, &reason,
					&e) == 1) {
					to = mempcpy(to, value, len);
					*to++ = '\n';
				}
				buf_free(&out);
			}
		*to = '\0';
		CHECK_OK(scrub_bytes(&r, &rule, text, (size_t)(at - text), 0, &usual));
		CHECK(is_out(&r, to == want + 2 ? "" : want));
		CHECK(r.seen == 79 && r.passed >= (int64_t)count);
		result_free(&r);
	}
}

static void
test_limits(void)
{
	struct csv_limits limits = {.window = 16, .record_max = 20, .part_max = 29};
	static const char parts[] = "a\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\na\n13\n14\n";
	struct result r;

	/* Twenty bytes fit, twenty-one do not, in and out of quotes, with and without an end. */
	CHECK_OK(scrub_bytes(&r, &one, BYTES("a\n12345678901234567890\nx\n"), 0, &limits));
	CHECK(r.passed == 2 && r.members == 1 && strcmp(r.held, "") == 0);
	result_free(&r);
	CHECK_OK(scrub_bytes(&r, &one, BYTES("a\nx\n123456789012345678901\nx\n"), 0, &limits));
	CHECK(r.passed == 0 && r.members == 0 &&
	      strcmp(r.held, "file:record-too-long=1 record:record-too-long=1 ") == 0);
	result_free(&r);
	CHECK_OK(scrub_bytes(&r, &one, BYTES("a\n\"1234567890123456789"), 0, &limits));
	CHECK(strcmp(r.held, "file:quote-open=1 ") == 0);
	result_free(&r);
	CHECK_OK(scrub_bytes(&r, &one, BYTES("a\n\"12345678901234567890"), 0, &limits));
	CHECK(strcmp(r.held, "file:record-too-long=1 ") == 0);
	result_free(&r);
	CHECK_OK(scrub_bytes(&r, &one, BYTES("a\n\"12345678901234567890\"\n"), 0, &limits));
	CHECK(strcmp(r.held, "file:record-too-long=1 ") == 0);
	result_free(&r);
	CHECK_OK(scrub_bytes(&r, &one, BYTES("a234567890123456789012345678901234567890"), 0, &limits));
	CHECK(strcmp(r.held, "file:record-too-long=1 ") == 0);
	result_free(&r);

	/* No end to the header row: what it is does not depend on how much of it was read. */
	for (limits.window = 16; limits.window < 40; limits.window++) {
		CHECK_OK(scrub_bytes(&r, &one,
		    BYTES("\n\na234567890123456789\0"
			  "1234567890123456789012"),
		    0, &limits));
		CHECK(strcmp(r.held, "file:kind-unknown=1 ") == 0);
		result_free(&r);
		CHECK_OK(scrub_bytes(&r, &one,
		    BYTES("\n\na2345678901234567890\0"
			  "123456789012345678901"),
		    0, &limits));
		CHECK(strcmp(r.held, "file:record-too-long=1 ") == 0);
		result_free(&r);
	}
	limits.window = 16;

	/* Parts: cut at record ends, each with the header row, none longer than it may be. */
	CHECK_OK(
	    scrub_bytes(&r, &one, BYTES("a\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n"), 0, &limits));
	CHECK(r.members == 2 && r.passed == 14 && r.largest == 29);
	CHECK(is_out(&r, parts));
	result_free(&r);
	/* A record that no part could take is held; the same with one byte less passes. */
	limits.record_max = 100;
	CHECK_OK(scrub_bytes(
	    &r, &one, BYTES("a\n1\n123456789012345678901234567\n12345678901234567890123456\n"), 0, &limits));
	CHECK(r.passed == 2 && r.members == 2 && strcmp(r.held, "record:record-too-long=1 ") == 0);
	result_free(&r);
	/* Parts that were written before a quote is left open stay; the file counts as held all the same. */
	CHECK_OK(scrub_bytes(&r, &one, BYTES("a\n123456789012345678901234\n12345\n\""), 0, &limits));
	CHECK(r.passed == 1 && r.seen == 2 && r.members == 1 &&
	      strcmp(r.held, "file:quote-open=1 record:quote-open=1 ") == 0);
	result_free(&r);
}

/* Rows of different lengths up to nearly len bytes; how many bytes they are. */
static size_t
fill_rows(char *text, size_t len)
{
	size_t at = (size_t)snprintf(text, len, "a,b,c\n");

	for (unsigned i = 0; at + 100 < len; i++)
		at += (size_t)snprintf(text + at, len - at, "%u,row of some length %u,%u\n", i, i * i, i % 7);
	return at;
}

/* The real limits, at full size. */
static void
test_large(void)
{
	size_t len = 3u << 20;
	char *text = malloc(len);
	struct result r;
	size_t at = 0;

	CHECK(text != NULL);
	if (text == NULL)
		return;
	memset(text, 'x', len);
	memcpy(text, "a\n\"", 3);
	text[2 + (1 << 20) - 1] = '"';
	text[2 + (1 << 20)] = '\n';
	CHECK_OK(scrub_bytes(&r, &one, text, 2 + (1 << 20) + 1, 0, &usual));
	CHECK(r.passed == 1 && r.out.len == 2 + (1 << 20) - 2 + 1);
	result_free(&r);
	CHECK_OK(scrub_bytes(&r, &one, text, len, 0, &usual));
	CHECK(strcmp(r.held, "file:record-too-long=1 record:record-too-long=1 ") == 0);
	result_free(&r);
	free(text);

	len = 20u << 20;
	text = malloc(len);
	CHECK(text != NULL);
	if (text == NULL)
		return;
	at = fill_rows(text, len);
	CHECK_OK(scrub_bytes(&r, &three, text, at, 0, &usual));
	CHECK(r.members == 2 && r.largest <= 16u << 20 && r.largest > (16u << 20) - 100);
	CHECK(r.seen == r.passed && r.out.len == at + 6);
	result_free(&r);
	free(text);
}

static ssize_t
broken_read(struct source *s, void *out, size_t len, struct err *err)
{
	if (s->size++ == 0) {
		memset(out, '\n', len);
		return (ssize_t)len;
	}
	return err_set(err, ERR_INPUT, "file: changed");
}

static void
test_failures(void)
{
	struct source source = {.read = broken_read, .number = 1, .name = "x.csv"};
	static const char wrong[] = {'\0', '"', '\r', '\n', (char)0x80, (char)0xff};
	struct entry_writer out;
	struct source_mem memory;
	struct rule rule = three;
	static const struct policy policy;
	struct scrub s = {.policy = &policy, .rule = &rule, .key = key, .out = &out};
	struct result r;

	CHECK_ERR(scrub_source(&r, &three, &source, &usual), ERR_INPUT);
	result_free(&r);
	for (size_t i = 0; i < sizeof(wrong); i++) {
		rule.delimiter = wrong[i];
		CHECK_ERR(scrub_bytes(&r, &rule, "a,b,c\n", 6, 0, &usual), ERR_INPUT);
		result_free(&r);
	}
	rule.delimiter = ',';
	/* Nobody takes the members. */
	entry_writer_init(&out, -1);
	s.report = report_new();
	source_mem_init(&memory, "a,b,c\n1,2,3\n", 12, "x.csv");
	CHECK_ERR(csv_scrub(&s, &memory.source, &e), ERR_SYSTEM);
	report_free(s.report);
}

/* Real tables that nobody here made: handled, or held with a reason. */
static void
test_real(void)
{
	static const char folder[] = "/usr/lib/python3/dist-packages/sklearn/datasets/data";
	struct dirent *entry;
	size_t files = 0, passed = 0;
	struct result r;
	struct buf text;
	DIR *dir;

	if ((dir = opendir(folder)) == NULL) {
		printf("no python3-sklearn here: its tables are not tried\n");
		return;
	}
	buf_init(&text, 64 << 20);
	while ((entry = readdir(dir)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');
		struct field fields[64];
		char *names, *at, *end;
		struct rule rule = {.decimal = '.', .fields = fields};

		if (dot == NULL || strcmp(dot, ".csv") != 0)
			continue;
		buf_clear(&text);
		CHECK_OK(io_read_file(dirfd(dir), entry->d_name, &text, &e));
		files++;
		/* Under a rule for something else. */
		CHECK_OK(scrub_bytes(&r, &three, (const char *)text.data, text.len, 0, &usual));
		CHECK(strncmp(r.held, "file:column-", 12) == 0 && r.members == 0);
		result_free(&r);
		/* Under a rule made from its first line, as numbers. */
		names = strndup((const char *)text.data, text.len);
		CHECK(names != NULL);
		if (names == NULL)
			break;
		names[strcspn(names, "\r\n")] = '\0';
		rule.delimiter = strchr(names, ',') != NULL ? ',' : ' ';
		for (at = names; at != NULL && rule.field_count < 64; at = end) {
			if ((end = strchr(at, rule.delimiter)) != NULL)
				*end++ = '\0';
			fields[rule.field_count++] =
			    (struct field){.name = at, .action = {.kind = ACTION_KEEP_NUMBER}};
		}
		CHECK_OK(scrub_bytes(&r, &rule, (const char *)text.data, text.len, 7, &usual));
		CHECK(r.held[0] != '\0' || r.passed > 0);
		passed += r.passed > 0 ? 1 : 0;
		result_free(&r);
		free(names);
	}
	closedir(dir);
	buf_free(&text);
	CHECK(files >= 4 && passed >= 2);
}

static int
run_peer(const char *what, const char *folder)
{
	const char *tests = getenv("STAGER_TESTS");
	char script[4096];
	int status;
	pid_t pid;

	snprintf(script, sizeof(script), "%s/peer_csv.py", tests != NULL ? tests : "tests");
	if ((pid = fork()) == 0) {
		execlp("python3", "python3", script, what, folder, (char *)NULL);
		_exit(77);
	}
	if (pid == -1 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* Tables that Python's csv module wrote, read by it and by us: the same values. */
static void
test_peer(void)
{
	char folder[] = "/tmp/stager-csv-XXXXXX", name[32];
	struct field fields[8];
	struct rule rule = {.decimal = '.', .fields = fields};
	struct result r;
	struct buf text;
	int dirfd = -1, made;

	CHECK(mkdtemp(folder) != NULL);
	dirfd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	buf_init(&text, 64 << 20);
	if ((made = run_peer("make", folder)) == 77)
		printf("no python3 here: its tables are not tried\n");
	else
		CHECK(made == 0);
	for (unsigned i = 0; made == 0 && i < 200; i++) {
		static char names[8][3] = {"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"};
		size_t chunk = i % 7, end;

		snprintf(name, sizeof(name), "%u.in", i);
		buf_clear(&text);
		CHECK_OK(io_read_file(dirfd, name, &text, &e));
		/* The first two bytes are for us: the delimiter and the number of columns. */
		CHECK(text.len > 2);
		if (text.len <= 2)
			break;
		rule.delimiter = (char)text.data[0];
		rule.field_count = (size_t)(text.data[1] - '0');
		for (size_t k = 0; k < rule.field_count; k++)
			fields[k] = (struct field){
			    .name = names[k], .action = {.kind = ACTION_KEEP_CODE, .pattern = anything}};
		end = text.len;
		CHECK_OK(scrub_bytes(&r, &rule, (const char *)text.data + 2, end - 2, chunk, &usual));
		/* Values are made of delimiters and line ends: some look like swallowed records, to the peer too. */
		CHECK(strcmp(r.held, "") == 0 || strncmp(r.held, "record:quote-records=", 21) == 0);
		CHECK(r.members <= 1);
		snprintf(name, sizeof(name), "%u.out", i);
		CHECK_OK(io_replace_file(dirfd, name, r.out.data, r.out.len, 0600, &e));
		result_free(&r);
	}
	if (made == 0)
		CHECK(run_peer("compare", folder) == 0);
	buf_free(&text);
	close(dirfd);
	CHECK_OK(io_remove_tree(AT_FDCWD, folder, &e));
}

int
main(void)
{
	if (csv_run_start() != 0)
		return check_done();
	test_numbers();
	test_enums();
	test_limits();
	test_large();
	test_failures();
	test_real();
	test_peer();
	return csv_run_done();
}
