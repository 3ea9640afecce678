/* Archives: what is plain is read whole, the same from every format; all else is refused, and for its reason.
 */
#include <dirent.h>
#include <errno.h> /* in the plain build */
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "stager/archive.h"
#include "stager/buf.h"
#include "stager/io.h"
#include "stager/names.h"
#include "stager/sandbox.h"
#include "stager/source.h"

static struct err e;

static int
open_vector(const char *name, uint64_t *size)
{
	const char *tests = getenv("STAGER_TESTS");
	char path[4096];
	struct stat st;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/vectors/archives/%s", tests == NULL ? "tests" : tests, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1 || fstat(fd, &st) == -1) {
		perror(path);
		exit(1);
	}
	*size = (uint64_t)st.st_size;
	return fd;
}

/*
 * Read the archive to its end, and (out not NULL) append "NUMBER NAME: CONTENT|" of each file. 0 or -1.
 * skip: members are not read by us, so that archive_next has to.
 */
static int
read_fd(int fd, uint64_t size, const char *prefix, bool skip, const struct archive_limits *limits,
    struct buf *out)
{
	struct archive_reader *r = NULL;
	struct source *member;
	uint64_t number = 4;
	uint8_t bytes[777];
	ssize_t n = 0;
	int rc = -1;

	if ((r = archive_open(fd, size, prefix, &number, &e)) == NULL)
		return -1;
	if (limits != NULL)
		archive_set_limits(r, limits);
	while ((rc = archive_next(r, &member, &e)) == 1) {
		if (out != NULL)
			CHECK_OK(buf_printf(out, &e, "%d %s: ", (int)member->number, member->name));
		while (!skip && (n = member->read(member, bytes, sizeof(bytes), &e)) > 0)
			if (out != NULL && out->len < 4096)
				CHECK_OK(buf_put(out, bytes, (size_t)n, &e));
		if (n == -1) {
			/* it stays refused */
			CHECK(member->read(member, bytes, sizeof(bytes), NULL) == -1);
			CHECK(archive_next(r, &member, NULL) == -1);
			rc = -1;
			break;
		}
		if (out != NULL)
			CHECK_OK(buf_put_str(out, "|", &e));
	}
	archive_close(r);
	return rc;
}

static int
read_vector(const char *name, const char *prefix, bool skip, struct buf *out)
{
	uint64_t size;
	int fd = open_vector(name, &size), rc;

	rc = read_fd(fd, size, prefix, skip, NULL, out);
	(void)close(fd);
	return rc;
}

#define LONG_FOLDERS                                                                  \
	"very-long-folder-name-00/very-long-folder-name-01/very-long-folder-name-02/" \
	"very-long-folder-name-03/very-long-folder-name-04/very-long-folder-name-05/" \
	"very-long-folder-name-06/very-long-folder-name-07/"
#define THREE "5 a.csv: id;x\n1;2\n|6 folder/b.txt: \303\251\303\251n regel\n|7 empty.txt: |"

static void
test_good(void)
{
	static const struct {
		const char *name, *content;
	} good[] = {
	    {"good-ustar.tar", THREE},
	    {"good-dot.tar", THREE},
	    {"good-pax.tar", THREE "8 " LONG_FOLDERS "\303\251.txt: deep|"},
	    {"good-gnu.tar", THREE "8 " LONG_FOLDERS "\303\251.txt: deep|"},
	    {"good.tar.gz", THREE},
	    {"good.tar.xz", THREE},
	    {"good.tar.zst", THREE},
	    {"good-two.tar", THREE "8 second.txt: also read|"},
	    {"good.zip", THREE},
	    {"good-stored.zip", THREE},
	    {"good-empty.tar.gz", ""},
	    {"good-fifo.zip", "5 l: target|"},
	    {"good-backslash.zip", "5 a/b: x|"},
	};
	struct buf out;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		buf_init(&out, 65536);
		CHECK_OK(read_vector(good[i].name, "", false, &out));
		CHECK(out.len == strlen(good[i].content) &&
		      (out.len == 0 || memcmp(out.data, good[i].content, out.len) == 0));
		CHECK_OK(read_vector(good[i].name, "", true, NULL));
		buf_free(&out);
	}
	buf_init(&out, 65536);
	CHECK_OK(read_vector("good.zip", "some/where", true, &out));
	CHECK(strcmp(buf_cstr(&out, &e),
		  "5 some/where/a.csv: |6 some/where/folder/b.txt: |7 some/where/empty.txt: |") == 0);
	buf_free(&out);
}

/* Refused with this code; and the text has this in it. */
static const struct bad {
	const char *name;
	enum err_code code;
	const char *text;
} bad[] = {
    {"absolute.tar", ERR_INPUT, "member 2: name: absolute"},
    {"absolute.zip", ERR_INPUT, "member 2: name: absolute"},
    {"dotdot.tar", ERR_INPUT, "member 2: name: a part is"},
    {"dotdot.zip", ERR_INPUT, "member 2: name: a part is"},
    {"dot.tar", ERR_INPUT, "member 2: name: a part is"},
    {"dot.zip", ERR_INPUT, "member 2: name: a part is"},
    {"dots-only.tar", ERR_INPUT, "member 1: name: a part is"},
    {"folder-dotdot.tar", ERR_INPUT, "member 1: name: a part is"},
    {"empty-part.tar", ERR_INPUT, "empty part"},
    {"empty-part.zip", ERR_INPUT, "empty part"},
    {"slash-only.tar", ERR_INPUT, "name: "},
    {"no-name.tar", ERR_INPUT, "name: empty"},
    {"control.tar", ERR_INPUT, "control character"},
    {"control.zip", ERR_INPUT, "control character"},
    {"backslash.tar", ERR_INPUT, "backslash"},
    {"backslash.zip", ERR_INPUT, "backslash"},
    {"backslash-up.zip", ERR_INPUT, "name: a part is"},
    {"empty.zip", ERR_INPUT, "damaged or cut short"},
    {"latin1.tar", ERR_INPUT, "not UTF-8"},
    {"latin1.zip", ERR_INPUT, "not UTF-8"},
    {"overlong.tar", ERR_INPUT, "not UTF-8"},
    {"part-long.tar", ERR_LIMIT, "a part of more than 255"},
    {"part-long.zip", ERR_LIMIT, "a part of more than 255"},
    {"too-long.tar", ERR_LIMIT, "more than 4096"},
    {"twice.tar", ERR_INPUT, "came before"},
    {"twice.zip", ERR_INPUT, "came before"},
    {"twice-dot.tar", ERR_INPUT, "came before"},
    {"symlink.tar", ERR_INPUT, "symbolic link"},
    {"symlink.zip", ERR_INPUT, "symbolic link"},
    {"hardlink.tar", ERR_INPUT, "member 2: a hard link"},
    {"character.tar", ERR_INPUT, "device"},
    {"block.tar", ERR_INPUT, "device"},
    {"fifo.tar", ERR_INPUT, "pipe"},
    {"socket.zip", ERR_INPUT, "socket"},
    {"nested-tar-in-zip.zip", ERR_INPUT, "nested deeper than 1"},
    {"nested-zip-in-tar.tar", ERR_INPUT, "nested deeper than 1"},
    {"nested-docx.tar.gz", ERR_INPUT, "office documents"},
    {"nested-gz.tar", ERR_INPUT, "nested deeper than 1"},
    {"nested-xz.tar", ERR_INPUT, "nested deeper than 1"},
    {"nested-zst.tar", ERR_INPUT, "nested deeper than 1"},
    {"gz-of-gz.tar.gz", ERR_INPUT, "not a tar inside"},
    {"gz-of-zip.gz", ERR_INPUT, "not a tar inside"},
    {"not-tar.gz", ERR_INPUT, "not a tar inside"},
    {"not-tar.xz", ERR_INPUT, "not a tar inside"},
    {"not-tar.zst", ERR_INPUT, "not a tar inside"},
    {"bomb.zip", ERR_LIMIT, "100 times"},
    {"bomb.tar.xz", ERR_LIMIT, "100 times"},
    {"bomb.tar.zst", ERR_LIMIT, "100 times"},
    {"sparse.tar", ERR_INPUT, "sparse"},
    {"encrypted.zip", ERR_INPUT, "encrypted"},
    {"bzip2.zip", ERR_INPUT, "another method"},
    {"lzma.zip", ERR_INPUT, "another method"},
    {"crc.zip", ERR_INPUT, "damaged"},
    {"no-mark.tar", ERR_INPUT, "cut short"},
    {"half-mark.tar", ERR_INPUT, "cut short"},
    {"garbage.tar", ERR_INPUT, "damaged"},
    {"text.txt", ERR_INPUT, "neither tar nor zip"},
};

static void
test_bad(void)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (int skip = 0; skip < 2; skip++) {
			memset(&e, 0, sizeof(e));
			CHECK_ERR(read_vector(bad[i].name, "", skip == 1, NULL), bad[i].code);
			CHECK(strstr(e.text, bad[i].text) != NULL);
			if (strstr(e.text, bad[i].text) == NULL)
				fprintf(stderr, "%s: %s\n", bad[i].name, e.text); /* which it was */
			/* never a name */
			CHECK(strstr(e.text, "first") == NULL && strstr(e.text, "passwd") == NULL);
		}
	}
}

/* Every file among the vectors is in one of the two tables. */
static void
test_all_there(void)
{
	char path[4096];
	struct dirent *d;
	size_t count = 0;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "%s/vectors/archives", getenv("STAGER_TESTS"));
	if ((dir = opendir(path)) == NULL) {
		perror(path);
		exit(1);
	}
	while ((d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.' || strncmp(d->d_name, "good", 4) == 0 ||
		    strcmp(d->d_name, "make.py") == 0)
			continue;
		count++;
		for (size_t i = 0; i <= sizeof(bad) / sizeof(bad[0]); i++) {
			CHECK(i < sizeof(bad) / sizeof(bad[0]));
			if (i < sizeof(bad) / sizeof(bad[0]) && strcmp(bad[i].name, d->d_name) == 0)
				break;
		}
	}
	(void)closedir(dir);
	CHECK(count == sizeof(bad) / sizeof(bad[0]));
}

/* A file in memory with the bytes. */
static int
file_of(const uint8_t *data, size_t len)
{
	char path[] = "/tmp/stager-test-XXXXXX";
	int fd = mkstemp(path);

	if (fd == -1 || unlink(path) == -1 || io_write(fd, data, len, "test file", &e) == -1)
		abort();
	return fd;
}

/* Cut at every length (tars at every block and around it), and with one byte flipped: never read as whole. */
static void
test_cut(void)
{
	static const char *const names[] = {
	    "good-ustar.tar", "good-pax.tar", "good.tar.gz", "good.tar.xz", "good.tar.zst", "good.zip"};
	struct buf b;
	uint64_t size;
	int fd;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		buf_init(&b, 65536);
		fd = open_vector(names[i], &size);
		CHECK_OK(io_read_all(fd, &b, "vector", &e));
		(void)close(fd);
		fd = file_of(b.data, b.len);
		for (size_t len = 0; len < b.len; len += i < 2 && len % 512 == 1 ? 510 : 1) {
			CHECK_ERR(read_fd(fd, len, "", len % 2 == 0, NULL, NULL), ERR_INPUT);
			/* the file itself shorter than it was measured */
			if (len % 16 == 0) {
				if (ftruncate(fd, (off_t)len) == -1)
					abort();
				CHECK_ERR(read_fd(fd, b.len, "", false, NULL, NULL), ERR_INPUT);
				if (io_write(fd, b.data, 0, "", &e) == -1 || lseek(fd, 0, SEEK_SET) != 0 ||
				    io_write(fd, b.data, b.len, "test file", &e) == -1)
					abort();
			}
		}
		CHECK_OK(read_fd(fd, b.len, "", false, NULL, NULL));
		(void)close(fd);
		buf_free(&b);
	}
}

static void
test_limits(void)
{
	struct archive_limits limits = {.members = 4, .member_bytes = 12, .ratio = 100, .slack = 1 << 20};
	uint64_t size;
	int fd = open_vector("good-ustar.tar", &size);

	/* five headers, two of them folders; the longest file has 12 bytes */
	CHECK_ERR(read_fd(fd, size, "", false, &limits, NULL), ERR_LIMIT);
	CHECK(strstr(e.text, "member 5: more than 4 members") != NULL);
	limits.members = 5;
	CHECK_OK(read_fd(fd, size, "", false, &limits, NULL));
	limits.member_bytes = 11;
	CHECK_ERR(read_fd(fd, size, "", false, &limits, NULL), ERR_LIMIT);
	CHECK(strstr(e.text, "member 4: more than 11 bytes") != NULL);
	limits.member_bytes = 12;
	limits.ratio = 0;
	limits.slack = size;
	CHECK_OK(read_fd(fd, size, "", false, &limits, NULL));
	limits.slack = size - 1;
	CHECK_ERR(read_fd(fd, size, "", false, &limits, NULL), ERR_LIMIT);
	(void)close(fd);
	CHECK(ARCHIVE_MEMBERS_MAX == 1000000 && ARCHIVE_RATIO_MAX == 100);
}

static void
test_magic(void)
{
	uint8_t head[512] = {0};

	CHECK(!archive_magic(head, 512) && !archive_magic(head, 0));
	CHECK(archive_magic((const uint8_t *)"\x1f\x8b\x08", 3));
	CHECK(!archive_magic((const uint8_t *)"\x1f\x8b", 2));
	CHECK(archive_magic((const uint8_t *)"\xfd\x37zXZ\0", 6));
	CHECK(archive_magic((const uint8_t *)"\x28\xb5\x2f\xfd", 4));
	CHECK(archive_magic((const uint8_t *)"PK\3\4", 4));
	CHECK(archive_magic((const uint8_t *)"PK\5\6", 4));
	CHECK(!archive_magic((const uint8_t *)"PK\3\5", 4));
	memcpy(head + 257, "ustar", 6);
	CHECK(archive_magic(head, 512) && archive_magic(head, 263));
	CHECK(!archive_magic(head, 262));
}

#define NAME(text) name_check(text, sizeof(text) - 1, &e)

static void
test_names(void)
{
	char name[NAME_MAX_LEN + 2];

	CHECK_OK(NAME("a"));
	CHECK_OK(NAME("a b/c.d/...e/f..g/.h/~"));
	CHECK_OK(NAME("\303\251/\342\202\254/\360\237\230\200"));
	CHECK_OK(NAME("\302\240")); /* the first past C1 */
	CHECK_ERR(NAME(""), ERR_INPUT);
	CHECK_ERR(NAME("/"), ERR_INPUT);
	CHECK_ERR(NAME("/a"), ERR_INPUT);
	CHECK_ERR(NAME("a/"), ERR_INPUT);
	CHECK_ERR(NAME("a//b"), ERR_INPUT);
	CHECK_ERR(NAME("."), ERR_INPUT);
	CHECK_ERR(NAME(".."), ERR_INPUT);
	CHECK_ERR(NAME("a/.."), ERR_INPUT);
	CHECK_ERR(NAME("../a"), ERR_INPUT);
	CHECK_ERR(NAME("a/./b"), ERR_INPUT);
	CHECK_ERR(NAME("a\\b"), ERR_INPUT);
	CHECK_ERR(NAME("a\0b"), ERR_INPUT);
	CHECK_ERR(NAME("a\nb"), ERR_INPUT);
	CHECK_ERR(NAME("a\177"), ERR_INPUT);
	CHECK_ERR(NAME("a\302\205"), ERR_INPUT);        /* U+0085 */
	CHECK_ERR(NAME("a\303"), ERR_INPUT);            /* cut */
	CHECK_ERR(NAME("\300\257"), ERR_INPUT);         /* overlong slash */
	CHECK_ERR(NAME("\355\240\200"), ERR_INPUT);     /* a surrogate */
	CHECK_ERR(NAME("\364\220\200\200"), ERR_INPUT); /* past U+10FFFF */
	memset(name, 'n', sizeof(name));
	CHECK_OK(name_check(name, NAME_PART_MAX, &e));
	CHECK_ERR(name_check(name, NAME_PART_MAX + 1, &e), ERR_LIMIT);
	for (size_t i = 0; i < sizeof(name); i += 2)
		name[i + 1] = '/';
	CHECK_OK(name_check(name, NAME_MAX_LEN - 1, &e));
	CHECK_ERR(name_check(name, NAME_MAX_LEN + 1, &e), ERR_LIMIT);
}

/*
 * In a process that is confined as stager-scrub is, where open(2) gives EACCES: all formats are read, and bad
 * names are refused, with nothing loaded but what archive_warm made libarchive load.
 */
static void
test_confined(void)
{
	static const char *const names[] = {"good-pax.tar", "good-gnu.tar", "good.tar.gz", "good.tar.xz",
	    "good.tar.zst", "good.zip", "good-backslash.zip", "latin1.tar", "latin1.zip", "overlong.tar"};
	const size_t count = sizeof(names) / sizeof(names[0]);
	const struct sandbox confined = {.folder = -1};
	uint64_t sizes[sizeof(names) / sizeof(names[0])];
	int fds[sizeof(names) / sizeof(names[0])], status;
	pid_t pid;

	if ((pid = fork()) == 0) {
		sandbox_first();
		for (size_t i = 0; i < count; i++)
			fds[i] = open_vector(names[i], &sizes[i]);
		if (archive_warm(&e) == -1 || sandbox_enter(&confined, NULL, &e) == -1) {
			fprintf(stderr, "%s\n", e.text);
			_exit(77);
		}
#ifndef STAGER_SANITIZED
		if (open("/etc/localtime", O_RDONLY) != -1 || errno != EACCES)
			_exit(100);
#endif
		for (size_t i = 0; i < count; i++)
			if (read_fd(fds[i], sizes[i], "", false, NULL, NULL) != (i < 7 ? 0 : -1))
				_exit((int)i + 1);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		fprintf(stderr, "no confinement here: not tried\n");
		return;
	}
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fprintf(stderr, "status %#x\n", (unsigned)status);
}

int
main(void)
{
	test_confined();                         /* first: here libarchive has not yet loaded anything */
	CHECK_ERR(archive_warm(&e), ERR_SYSTEM); /* in the C locale */
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return 77;
	CHECK_OK(archive_warm(&e));
	test_magic();
	test_names();
	memset(&e, 0, sizeof(e));
	test_good();
	test_bad();
	test_all_there();
	test_cut();
	test_limits();
	return check_done();
}
