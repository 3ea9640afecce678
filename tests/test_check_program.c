/* stager-check as a program: entries over pipes, what goes on and what does not, and every wrong end. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/report.h"
#include "stager/wire.h"

static struct err e;

struct member {
	enum rescan rescan;
	const char *text; /* repeated up to size */
	uint64_t size;    /* 0: the text once */
	uint8_t encoding;
	bool continues;
	bool canary;
};

struct talk {
	const struct member *members;
	size_t count;
	uint64_t cut;        /* so many bytes of the stream are left off */
	int64_t end;         /* entries that END says; -1: the peer goes away instead */
	bool no_reader;      /* of what goes on */
	bool one_file;       /* all members are of file 1 */
	const char *planted; /* a value that must be gone from the canaries; NULL: none is told of */

	int status;
	bool done;
	int64_t entries, bytes;
	struct json *report;
	int out; /* what went on: a memory file */
};

static int
memory_file(void)
{
	int fd = memfd_create("entries", MFD_CLOEXEC);

	if (fd == -1)
		abort();
	return fd;
}

static void
write_stream(const struct talk *t, int fd)
{
	static uint8_t block[1 << 16];
	struct entry_writer w;
	struct entry entry;

	entry_writer_init(&w, fd);
	for (size_t i = 0; i < t->count; i++) {
		const struct member *m = &t->members[i];
		size_t len = strlen(m->text);
		uint64_t size = m->size != 0 ? m->size : len;

		entry_init(&entry, "x", "bin", m->rescan, size);
		entry.continues = m->continues;
		entry.encoding = m->encoding;
		w.file = m->canary ? ENTRY_FILE_CANARY : t->one_file ? 1 : i + 1;
		CHECK_OK(entry_begin(&w, &entry, &e));
		for (size_t at = 0; at < sizeof(block); at++)
			block[at] = len > 0 ? (uint8_t)m->text[at % len] : 0;
		while (size > 0) {
			size_t step = size < sizeof(block) ? (size_t)size : sizeof(block);

			CHECK_OK(entry_write(&w, block, step, &e));
			size -= step;
		}
	}
	if (t->cut > 0)
		CHECK(ftruncate(fd, lseek(fd, 0, SEEK_CUR) - (off_t)t->cut) == 0);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
}

/* Start it with these descriptors as 3, 4 and 5. */
static pid_t
start(int control, int in, int out, const char *prove)
{
	char path[4096];
	pid_t pid;

	(void)snprintf(path, sizeof(path), "%s/stager-check", getenv("STAGER_BUILD"));
	if ((pid = fork()) == 0) {
		int fds[3] = {fcntl(control, F_DUPFD, 20), fcntl(in, F_DUPFD, 20), fcntl(out, F_DUPFD, 20)};
		int quiet = open("/dev/null", O_WRONLY);

		for (int i = 0; i < 3; i++)
			if (fds[i] == -1 || dup2(fds[i], 3 + i) == -1)
				_exit(99);
		if (getenv("STAGER_LOUD") == NULL && dup2(quiet, 2) == -1)
			_exit(99);
		(void)close_range(6, ~0u, 0);
		(void)execl(path, "stager-check", prove != NULL ? "--prove" : NULL, prove, (char *)NULL);
		_exit(99);
	}
	return pid;
}

static int
finish(pid_t pid)
{
	int status = 0;

	(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* What was planted, before anything else. */
static void
send_canaries(int fd, const char *planted)
{
	struct json *j = json_object(), *values = json_array(), *one;

	if (planted != NULL) {
		one = json_object();
		json_set_string(one, "kind", "phone");
		json_set_string(one, "value", planted);
		json_push(values, one);
	}
	json_set(j, "values", values);
	(void)!wire_send(fd, WIRE_CANARIES, j, NULL, 0, &e);
	json_free(j);
}

static void
talk(struct talk *t)
{
	int pair[2], in = memory_file(), dead[2];
	struct json *j;
	pid_t pid;

	write_stream(t, in);
	t->out = memory_file();
	if (wire_pair(pair, &e) == -1 || pipe2(dead, O_CLOEXEC) == -1)
		abort();
	(void)close(dead[0]);
	pid = start(pair[1], in, t->no_reader ? dead[1] : t->out, NULL);
	(void)close(pair[1]);
	(void)close(dead[1]);
	(void)close(in);
	if (t->end >= 0 || t->planted != NULL)
		send_canaries(pair[0], t->planted);
	if (t->end >= 0) {
		j = json_object();
		json_set_int(j, "entries", t->end);
		(void)!wire_send(pair[0], WIRE_END, j, NULL, 0, &e);
		json_free(j);
		j = wire_expect(pair[0], WIRE_DONE, NULL, 0, &e);
		t->done = j != NULL;
		if (t->done) {
			const struct json *report = json_need(j, "report", JSON_OBJECT, "DONE", &e);
			int64_t files = -1;

			CHECK(report != NULL);
			t->report = json_copy(report);
			CHECK_OK(json_need_int(j, "entries", 0, JSON_INT_MAX, "DONE", &t->entries, &e));
			CHECK_OK(json_need_int(j, "bytes", 0, JSON_INT_MAX, "DONE", &t->bytes, &e));
			CHECK_OK(json_need_int(j, "files", 0, JSON_INT_MAX, "DONE", &files, &e));
			CHECK(files == 0);
		}
		json_free(j);
	}
	(void)close(pair[0]);
	t->status = finish(pid);
	CHECK(lseek(t->out, 0, SEEK_SET) == 0);
}

static void
talk_free(struct talk *t)
{
	json_free(t->report);
	io_close(&t->out);
}

static int64_t
number(const struct json *j, const char *a, const char *b, const char *c)
{
	const struct json *found = json_get(json_get(j, a), b);

	if (c != NULL)
		found = json_get(found, c);
	return found != NULL ? found->integer : 0;
}

/* What went on is exactly these members, byte for byte. */
static void
check_out(const struct talk *t, const size_t *which, size_t count)
{
	struct entry_reader *r = malloc(sizeof(*r));
	struct entry entry;
	uint64_t bytes = 0;
	uint8_t piece[4096];
	size_t got;

	if (r == NULL)
		abort();
	entry_reader_init(r, t->out);
	for (size_t i = 0; i < count; i++) {
		const struct member *m = &t->members[which[i]];
		size_t len = strlen(m->text), at = 0;
		bool same = true;

		CHECK(entry_next(r, &entry, &e) == 1);
		CHECK(entry.rescan == m->rescan && entry.continues == m->continues);
		CHECK(entry.size == (m->size != 0 ? m->size : len));
		do {
			CHECK_OK(entry_read(r, piece, sizeof(piece), &got, &e));
			for (size_t k = 0; k < got; k++, at++)
				same = same && piece[k] == (uint8_t)m->text[at % (1 << 16) % len];
		} while (got > 0);
		CHECK(same);
		bytes += entry.size;
	}
	CHECK(entry_next(r, &entry, &e) == 0);
	CHECK(t->entries == (int64_t)count && t->bytes == (int64_t)bytes);
	entry_reader_free(r);
	free(r);
}

static void
test_passes(void)
{
	static const struct member members[] = {
	    {.rescan = RESCAN_TEXT, .text = "niets aan de hand"},
	    {.rescan = RESCAN_TEXT, .text = "jan@example.org"},
	    {.rescan = RESCAN_TEXT, .text = "hoort bij jan", .continues = true},
	    {.rescan = RESCAN_TEXT, .text = "ook van jan", .continues = true},
	    {.rescan = RESCAN_CSV, .text = "a,b\n1,2\n"},
	    {.rescan = RESCAN_CSV, .text = "a,b\n1,NL91ABNA0417164300\n", .continues = true},
	    {.rescan = RESCAN_TEXT, .text = "hoort bij de tabel", .continues = true},
	    {.rescan = RESCAN_NONE, .text = "jan@example.org ", .size = 1000000},
	    {.rescan = RESCAN_JSONL, .text = "{\"bsn\":999993653}"},
	    {.rescan = RESCAN_DICOM, .text = "geen DICOM"},
	    {.rescan = RESCAN_TEXT, .text = "groot ", .size = (UINT64_C(32) << 20) + 1},
	    {.rescan = RESCAN_TEXT, .text = "net goed ", .size = UINT64_C(32) << 20},
	    {.rescan = RESCAN_DICOM, .text = "groot en geen DICOM ", .size = (UINT64_C(32) << 20) + 1},
	    /* Windows-1252; and UTF-16, which these bytes are, too: whoever reads them reads the account. */
	    {.rescan = RESCAN_TEXT, .text = "caf\xe9", .encoding = 1},
	    {.rescan = RESCAN_TEXT, .text = "caf\xe9 NL91ABNA0417164300", .encoding = 1},
	    {.rescan = RESCAN_TEXT, .text = "rekening NL91ABNA0417164300 ", .encoding = 2},
	    {.rescan = RESCAN_TEXT, .text = " rekening NL91ABNA0417164300", .encoding = 3},
	};
	static const size_t forwarded[] = {0, 4, 6, 7, 11, 13};
	struct talk t = {.members = members, .count = 17, .end = 17};

	talk(&t);
	CHECK(t.status == 0 && t.done);
	check_out(&t, forwarded, 6);
	CHECK(number(t.report, "check", "members", NULL) == 17);
	CHECK(number(t.report, "check", "not-rescanned", NULL) == 1);
	CHECK(number(t.report, "held", "check:check-email", "count") == 1);
	CHECK(number(t.report, "held", "check:check-sample", "count") == 2);
	CHECK(number(t.report, "held", "check:check-iban", "count") == 4);
	CHECK(number(t.report, "held", "check:check-bsn", "count") == 1);
	CHECK(number(t.report, "held", "check:check-dicom", "count") == 2);
	CHECK(number(t.report, "held", "check:check-form", "count") == 1);
	talk_free(&t);
	t = (struct talk){.members = members, .count = 0, .end = 0};
	talk(&t);
	CHECK(t.status == 0 && t.done && t.entries == 0);
	check_out(&t, NULL, 0);
	talk_free(&t);
}

/* A column without a telling name, over the members of one file: what is in each of them is on its way, and the alarm is said. */
static void
test_share(void)
{
	static const char *const bsns[] = {"999993653", "999991723", "999995078", "111222333", "123456782",
	    "555555021", "100000009", "100000022", "100000034", "100000046"};
	struct member members[12] = {{.rescan = RESCAN_TEXT, .text = "niets"}};
	static char tables[11][64];
	struct talk t = {.members = members, .count = 11, .end = 11, .one_file = true};

	for (int i = 0; i < 10; i++) {
		snprintf(tables[i], sizeof(tables[i]), "nr;waarde\n%d;%s\n", i, bsns[i]);
		members[i + 1] = (struct member){.rescan = RESCAN_CSV, .text = tables[i]};
	}
	talk(&t);
	CHECK(t.done && t.entries == 11);
	CHECK(number(t.report, "held", "check:check-bsn-share", "count") == 1);
	talk_free(&t);
	/* Each in a file of its own: one number says nothing. */
	t = (struct talk){.members = members, .count = 11, .end = 11};
	talk(&t);
	CHECK(t.done && t.entries == 11 &&
	      json_get(json_get(t.report, "held"), "check:check-bsn-share") == NULL);
	talk_free(&t);
}

/* A planted value that is gone: its member is counted and goes nowhere. One that is there, in whatever spelling: the end. */
static void
test_canaries(void)
{
	static const struct {
		struct member member;
		bool survives;
	} cases[] = {
	    {{.rescan = RESCAN_TEXT, .text = "Bel [TELEFOON-1]."}, false},
	    {{.rescan = RESCAN_TEXT, .text = "Bel 0612345678."}, true},
	    {{.rescan = RESCAN_TEXT, .text = "Bel 06 - 123.456.78"}, true},
	    {{.rescan = RESCAN_TEXT, .text = "Bel 0612345679."}, false},
	    {{.rescan = RESCAN_CSV, .text = "a;b\n1;\"06-1234\"\"5678\"\n"}, true},
	    {{.rescan = RESCAN_JSONL, .text = "{\"a\":\"\\u0030612345678\"}"}, true},
	    {{.rescan = RESCAN_JSONL, .text = "{\"a\":\"[TELEFOON-1]\"}"}, false},
	    /* Nothing else is asked of it. */
	    {{.rescan = RESCAN_TEXT, .text = "jan@example.org"}, false},
	    {{.rescan = RESCAN_TEXT, .text = "leeg", .size = (UINT64_C(4) << 20) + 1}, true},
	};
	static const size_t forwarded[] = {0, 2};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct member members[] = {{.rescan = RESCAN_TEXT, .text = "een"}, cases[i].member,
		    {.rescan = RESCAN_TEXT, .text = "hoort bij een", .continues = true}};
		struct talk t = {.members = members, .count = 3, .end = 3, .planted = "0612345678"};

		members[1].canary = true;
		talk(&t);
		CHECK(t.done != cases[i].survives);
		if (cases[i].survives) {
			CHECK(t.status == err_exit_status(ERR_FORGED) ||
			      t.status == err_exit_status(ERR_INPUT));
		} else {
			check_out(&t, forwarded, 2);
			CHECK(number(t.report, "canaries", "checked", NULL) == 1);
			CHECK(number(t.report, "check", "members", NULL) == 2);
		}
		talk_free(&t);
	}
}

/* Nothing that could pass for the whole. */
static void
refused(const struct member *members, size_t count, uint64_t cut, int64_t end, bool no_reader)
{
	struct talk t = {.members = members, .count = count, .cut = cut, .end = end, .no_reader = no_reader};

	talk(&t);
	CHECK(t.status > 0 && t.status < 99 && !t.done);
	if (t.status <= 0 || t.status >= 99 || t.done)
		fprintf(stderr, "  cut %llu, end %lld: status %d\n", (unsigned long long)cut, (long long)end,
		    t.status);
	talk_free(&t);
}

static void
test_refused(void)
{
	static const struct member members[] = {
	    {.rescan = RESCAN_TEXT, .text = "een"}, {.rescan = RESCAN_NONE, .text = "twee"}};

	for (int64_t end = 0; end < 5; end++)
		if (end != 2)
			refused(members, 2, 0, end, false);
	refused(members, 2, 0, -1, false);
	/* A head with 4 letters in it, 4 of content: cut at the end of an entry only END can tell */
	for (uint64_t cut = 1; cut <= ENTRY_FIXED_LEN + 4 + 4; cut++)
		refused(members, 2, cut, 2, false);
	refused(members, 2, 0, 2, true);
}

/* A long DICOM member whose pixel data end wrongly past the buffer: too late to withhold it. */
static void
test_late(void)
{
	static const uint8_t front[] = "DICM"
				       "\x02\x00\x10\x00UI\x16\x00"
				       "1.2.840.10008.1.2.4.50"
				       "\x12\x00\x62\x00"
				       "CS\x04\x00YES "
				       "\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff"
				       "\xfe\xff\x00\xe0\x00\x00\x00\x00"
				       "\xfe\xff\x00\xe0\x00\x00\x00\x03"; /* 48 MiB */
	static const uint8_t good[] = "\xfe\xff\xdd\xe0\x00\x00\x00\x00",
			     bad[] = "\xfe\xff\xdd\xe0\x00\x00\x00\x01";
	static uint8_t block[1 << 20];
	const size_t head_len = 128 + sizeof(front) - 1;

	for (int i = 0; i < 2; i++) {
		int pair[2], in = memory_file(), out = memory_file();
		struct entry_writer w;
		struct entry entry;
		struct json *j = json_object(), *done;
		pid_t pid;
		int status;

		entry_writer_init(&w, in);
		entry_init(&entry, "x", "dcm", RESCAN_DICOM, head_len + (48u << 20) + 8);
		CHECK_OK(entry_begin(&w, &entry, &e));
		CHECK_OK(entry_write(&w, block, 128, &e));
		CHECK_OK(entry_write(&w, front, sizeof(front) - 1, &e));
		for (int k = 0; k < 48; k++)
			CHECK_OK(entry_write(&w, block, sizeof(block), &e));
		CHECK_OK(entry_write(&w, i == 0 ? good : bad, 8, &e));
		CHECK(lseek(in, 0, SEEK_SET) == 0);
		if (wire_pair(pair, &e) == -1)
			abort();
		pid = start(pair[1], in, out, NULL);
		(void)close(pair[1]);
		json_set_int(j, "entries", 1);
		send_canaries(pair[0], NULL);
		CHECK_OK(wire_send(pair[0], WIRE_END, j, NULL, 0, &e));
		done = wire_expect(pair[0], WIRE_DONE, NULL, 0, &e);
		status = finish(pid);
		CHECK((done != NULL) == (i == 0));
		CHECK(status == (i == 0 ? 0 : err_exit_status(ERR_FORGED)));
		json_free(done);
		json_free(j);
		(void)close(pair[0]);
		(void)close(in);
		(void)close(out);
	}
}

static void
test_sandbox(void)
{
#ifdef STAGER_SANITIZED
	printf("the sandbox's proof is for the plain build: skipped\n");
	(void)start;
#else
	static const struct {
		const char *what;
		int status;
	} proofs[] = {{"open", 0}, {"create", 0}, {"socket", -SIGSYS}, {"udp", -SIGSYS}, {"unix", -SIGSYS},
	    {"exec", -SIGSYS}, {"ptrace", -SIGSYS}, {"mount", -SIGSYS}, {"fork", -SIGSYS},
	    {"executable", -SIGSYS}, {"read", 1 /* it is allowed */}};

	for (size_t i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++) {
		int pair[2], status;

		if (wire_pair(pair, &e) == -1)
			abort();
		status = finish(start(pair[0], pair[0], pair[0], proofs[i].what));
		CHECK(status == proofs[i].status);
		if (status != proofs[i].status)
			fprintf(stderr, "  %s: %d\n", proofs[i].what, status);
		(void)close(pair[0]);
		(void)close(pair[1]);
	}
#endif
}

int
main(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	test_passes();
	test_canaries();
	test_share();
	test_refused();
	test_late();
	test_sandbox();
	return check_done();
}
