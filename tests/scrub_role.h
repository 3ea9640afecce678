/* stager-scrub as its supervisor starts it: what goes in, and how it ended. */
#ifndef TESTS_SCRUB_ROLE_H
#define TESTS_SCRUB_ROLE_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "stager/buf.h"
#include "stager/enc.h"
#include "stager/entry.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/wire.h"

static struct err e;
static char program[4096];
static uint8_t role_key[64] = {7}; /* the pseudonym subkey that it gets */

struct run {
	pid_t pid;
	int control, entries, complaint;
};

/* A file in memory that holds these bytes. */
static inline int
file_of(const void *data, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	if (fd == -1 || io_write(fd, data, len, "test", &e) == -1 || lseek(fd, 0, SEEK_SET) == -1)
		abort();
	return fd;
}

/* A pipe that gives them: no more than one holds. */
static inline int
pipe_of(const void *data, size_t len)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) == -1 || len > 65536 || io_write(fds[1], data, len, "test", &e) == -1)
		abort();
	(void)close(fds[1]);
	return fds[0];
}

/* Entries go to a file in memory, or where `entries` says. */
static inline struct run
start(const char *mode, size_t key_len, int entries, const char *prove)
{
	struct run r = {.entries = entries != -1 ? entries : file_of("", 0)};
	int pair[2], complaint[2], key[2];

	if (wire_pair(pair, &e) == -1 || pipe2(complaint, O_CLOEXEC) == -1 || pipe2(key, O_CLOEXEC) == -1 ||
	    write(key[1], role_key, key_len) != (ssize_t)key_len || close(key[1]) == -1 ||
	    (r.pid = fork()) == -1)
		abort();
	if (r.pid == 0) {
		int high[] = {
		    fcntl(pair[1], F_DUPFD, 20), fcntl(r.entries, F_DUPFD, 20), fcntl(key[0], F_DUPFD, 20)};

		for (int i = 0; i < 3; i++)
			if (dup2(high[i], 3 + i) == -1)
				_exit(99);
		for (int i = 0; i < 3; i++)
			(void)close(high[i]);
		if (dup2(complaint[1], 2) == -1 || (prove != NULL && dup2(complaint[1], 1) == -1))
			_exit(99);
		if (prove != NULL)
			(void)execl(program, "stager-scrub", mode, "--prove", prove, (char *)NULL);
		else
			(void)execl(program, "stager-scrub", mode, (char *)NULL);
		_exit(99);
	}
	(void)close(pair[1]);
	(void)close(complaint[1]);
	(void)close(key[0]);
	r.control = pair[0];
	r.complaint = complaint[0];
	return r;
}

/* Close the conversation; the exit status (or minus the signal), and what it said. */
static inline int
finish(struct run *r, char said[static 600])
{
	ssize_t n;
	int status;

	io_close(&r->control);
	n = io_read(r->complaint, said, 599, "complaint", &e);
	said[n < 0 ? 0 : n] = '\0';
	io_close(&r->complaint);
	io_close(&r->entries);
	if (waitpid(r->pid, &status, 0) != r->pid)
		abort();
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* The resolved policy from the program itself; NULL where it refuses, with its status and words. */
static inline struct json *
resolve(const char *yaml, int *status, char said[static 600])
{
	struct run r = start("policy", 0, -1, NULL);
	struct json *j = json_object(), *resolved, *wanted;
	struct buf b;

	buf_init(&b, 1 << 24);
	CHECK_OK(base64_encode(yaml, strlen(yaml), &b, &e));
	json_set_string(j, "yaml", buf_cstr(&b, &e));
	CHECK_OK(wire_send(r.control, WIRE_SOURCE, j, NULL, 0, &e));
	/* It wants no files beside it, or does not come so far. */
	if ((wanted = wire_expect(r.control, WIRE_WANTED, NULL, 0, &e)) != NULL) {
		CHECK_OK(wire_send(r.control, WIRE_BESIDE, wanted, NULL, 0, &e));
		json_free(wanted);
	}
	resolved = wire_expect(r.control, WIRE_POLICY, NULL, 0, &e);
	*status = finish(&r, said);
	json_free(j);
	buf_free(&b);
	return resolved;
}

static const char yaml[] =
    "policy: 1\nname: n\nproject: p\npseudonym: {domain: d}\n"
    "files:\n"
    "  - {match: '**/*.csv', format: csv, columns: {nr: pseudonym, bsn: drop, age: {keep: number}}}\n"
    "  - {match: '**/*.txt', format: text}\n"
    "  - {match: '**/*.jsonl', format: jsonl, fields: {$.a: {keep: enum, values: [x]}}}\n"
    "  - {match: '**/*.bin', format: opaque, ext: bin}\n"
    "  - {match: 'two.*', format: drop}\n"
    "  - {match: '**/*.tmp', format: drop}\n"
    "sets: {abroad: {hold: [NL], open: [lumi]}}\n";

static inline void
send_source(const struct run *r, enum wire_type type, const char *name, int64_t number, const void *data,
    size_t len, int64_t size)
{
	const bool piped = type == WIRE_PIPED_FILE || type == WIRE_PIPED_ARCHIVE;
	struct json *j = json_object();
	int fd = piped ? pipe_of(data, len) : file_of(data, len);

	json_set_string(j, "name", name);
	json_set_int(j, "number", number);
	json_set_int(j, "size", size);
	CHECK_OK(wire_send(r->control, type, j, &fd, 1, &e));
	json_free(j);
	(void)close(fd);
}

static inline void
send_policy(const struct run *r, const char *text)
{
	static const char *last; /* a policy is resolved once in a row */
	static struct json *resolved;
	char said[600];
	int status;

	if (text != last) {
		json_free(resolved);
		resolved = resolve(text, &status, said);
		CHECK(resolved != NULL);
		last = text;
	}
	if (resolved != NULL)
		CHECK_OK(wire_send(r->control, WIRE_POLICY, resolved, NULL, 0, &e));
}

static inline int64_t
number_at(const struct json *j, const char *section, const char *key)
{
	const struct json *n = json_get(json_get(j, section), key);

	return n == NULL ? 0 : n->integer;
}

/* A tar with one member in ustar form. */
static inline size_t
tar_of(uint8_t *out, const char *name, const char *text)
{
	unsigned sum = 0;

	memset(out, 0, 4 * 512);
	snprintf((char *)out, 100, "%s", name);
	memcpy(out + 100, "0000644\0000000000\0000000000\000", 24);
	snprintf((char *)out + 124, 12, "%011zo", strlen(text));
	memcpy(out + 136, "00000000000", 11);
	memset(out + 148, ' ', 8);
	out[156] = '0';
	memcpy(out + 257, "ustar\00000", 8);
	for (int i = 0; i < 512; i++)
		sum += out[i];
	snprintf((char *)out + 148, 8, "%06o", sum);
	memcpy(out + 512, text, strlen(text));
	return 4 * 512;
}

/* Whether the program is known: before anything else. */
static inline bool
role_start(void)
{
	const char *build = getenv("STAGER_BUILD");

	if (build == NULL || getenv("STAGER_TESTS") == NULL) {
		printf("skipped: STAGER_BUILD does not name the folder of stager-scrub\n");
		return false;
	}
	snprintf(program, sizeof(program), "%s/stager-scrub", build);
	return true;
}

#endif
