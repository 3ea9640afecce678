/*
 * An endpoint by hand, for flows and benches:
 *   endpoint_tool put|get|head|list|rm|clean URL [NAME] [FILE]
 *   endpoint_tool range URL NAME OFFSET LEN       on stdout
 *   endpoint_tool puts URL FOLDER FILE...         each as FOLDER/its last part; OBJECTS of them at once (1)
 * put prints the tag; get writes FILE, in ranges of PART by STREAMS threads; head "SIZE TAG"; list "SIZE TAG NAME" lines.
 * Environment: STREAMS, PART, RATE, TRIES, PAUSE, STALL, CA; PLAIN=1; SHA=1: put checks the file's SHA-256; KEEP=1: clean leaves
 * what a put would go on with; SENDER: 16 hexadecimal digits.
 */
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stager/endpoint.h"
#include "stager/io.h"

static struct err e;

static struct endpoint *stopped;

static void
on_signal(int number)
{
	(void)number;
	endpoint_stop(stopped);
}

static uint64_t
number(const char *name)
{
	return getenv(name) == NULL ? 0 : strtoull(getenv(name), NULL, 0);
}

static int
put(struct endpoint *p, const char *name, const char *path)
{
	uint8_t sha256[32] = {0}, piece[65536];
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	struct endpoint_info info;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -1;
	ssize_t n;

	if (fd == -1 || fstat(fd, &st) == -1 || c == NULL || EVP_DigestInit_ex(c, EVP_sha256(), NULL) != 1) {
		err_sys(&e, "%s", path);
		goto out;
	}
	while (number("SHA") != 0 && (n = read(fd, piece, sizeof(piece))) > 0)
		(void)EVP_DigestUpdate(c, piece, (size_t)n);
	(void)EVP_DigestFinal_ex(c, sha256, NULL);
	rc = endpoint_put(
	    p, name, fd, (uint64_t)st.st_size, number("SHA") != 0 ? sha256 : NULL, NULL, NULL, &info, &e);
	if (rc == 0)
		printf("%s\n", info.tag);
out:
	EVP_MD_CTX_free(c);
	io_close(&fd);
	return rc;
}

/* What put and puts share. */
struct many {
	struct endpoint *p;
	const char *folder;
	char **files; /* NULL ends them */
	pthread_mutex_t lock;
	int rc;
	struct err e;
};

static void *
put_many(void *arg)
{
	struct many *m = arg;
	char name[ENDPOINT_NAME_MAX + 1];
	struct err fault = {0};
	struct stat st;
	const char *path;
	int fd, rc;

	for (;;) {
		(void)pthread_mutex_lock(&m->lock);
		path = m->rc == 0 ? *m->files : NULL;
		m->files += path != NULL;
		(void)pthread_mutex_unlock(&m->lock);
		if (path == NULL)
			return NULL;
		(void)snprintf(name, sizeof(name), "%s/%s", m->folder,
		    strrchr(path, '/') == NULL ? path : strrchr(path, '/') + 1);
		if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1 || fstat(fd, &st) == -1)
			rc = err_sys(&fault, "%s", path);
		else
			rc = endpoint_put(
			    m->p, name, fd, (uint64_t)st.st_size, NULL, NULL, NULL, NULL, &fault);
		io_close(&fd);
		if (rc == -1) {
			(void)pthread_mutex_lock(&m->lock);
			m->rc = -1;
			m->e = fault;
			(void)pthread_mutex_unlock(&m->lock);
		}
	}
}

static int
puts_all(struct endpoint *p, const char *folder, char **files)
{
	struct many m = {.p = p, .folder = folder, .files = files, .lock = PTHREAD_MUTEX_INITIALIZER};
	pthread_t threads[ENDPOINT_STREAMS_MAX];
	unsigned count = number("OBJECTS") == 0 ? 1 : (unsigned)number("OBJECTS");

	if (count > ENDPOINT_STREAMS_MAX)
		return err_set(&e, ERR_USAGE, "OBJECTS");
	for (unsigned i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, put_many, &m) != 0)
			return err_set(&e, ERR_SYSTEM, "threads");
	for (unsigned i = 0; i < count; i++)
		(void)pthread_join(threads[i], NULL);
	if (m.rc == -1)
		e = m.e;
	return m.rc;
}

struct job {
	struct endpoint *p;
	const char *name;
	uint64_t size, next, part;
	int fd, rc;
	struct err e;
	pthread_mutex_t lock;
};

static void *
get_ranges(void *arg)
{
	struct job *j = arg;
	uint8_t *data = malloc(j->part);
	struct err fault = {0};
	uint64_t at;
	size_t len;

	for (;;) {
		(void)pthread_mutex_lock(&j->lock);
		at = j->next;
		j->next += j->part;
		(void)pthread_mutex_unlock(&j->lock);
		if (at >= j->size || data == NULL)
			break;
		len = j->size - at < j->part ? (size_t)(j->size - at) : (size_t)j->part;
		if (endpoint_get(j->p, j->name, at, data, len, &fault) == -1 ||
		    pwrite(j->fd, data, len, (off_t)at) != (ssize_t)len) {
			(void)pthread_mutex_lock(&j->lock);
			j->rc = -1;
			j->e = fault;
			j->next = j->size;
			(void)pthread_mutex_unlock(&j->lock);
		}
	}
	free(data);
	return NULL;
}

static int
get(struct endpoint *p, const char *name, const char *path)
{
	struct job j = {.p = p, .name = name, .part = 16 << 20, .lock = PTHREAD_MUTEX_INITIALIZER};
	pthread_t threads[ENDPOINT_STREAMS_MAX];
	unsigned count = endpoint_settings(p)->streams;
	struct endpoint_info info;
	int there = endpoint_head(p, name, &info, &e);

	if (number("PART") != 0)
		j.part = number("PART");
	if (there == -1)
		return -1;
	if (there == 0)
		return err_set(&e, ERR_REMOTE, "%s: not there", name);
	j.size = info.size;
	if ((j.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600)) == -1)
		return err_sys(&e, "%s", path);
	for (unsigned i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, get_ranges, &j) != 0)
			return -1;
	for (unsigned i = 0; i < count; i++)
		(void)pthread_join(threads[i], NULL);
	if (j.rc == -1)
		e = j.e;
	return j.rc;
}

static int
print(void *ctx, const char *name, const struct endpoint_info *info, struct err *fault)
{
	(void)ctx;
	(void)fault;
	printf("%llu %s %s\n", (unsigned long long)info->size, info->tag, name);
	return 0;
}

static int
range(struct endpoint *p, const char *name, const char *offset, const char *length)
{
	size_t len = strtoull(length, NULL, 0);
	uint8_t *data = malloc(len);
	int rc;

	if (data == NULL)
		return -1;
	rc = endpoint_get(p, name, strtoull(offset, NULL, 0), data, len, &e);
	if (rc == 0)
		rc = io_write(STDOUT_FILENO, data, len, "stdout", &e);
	free(data);
	return rc;
}

int
main(int argc, char **argv)
{
	struct endpoint_options o = {.streams = (unsigned)number("STREAMS"),
	    .max_rate = number("RATE"),
	    .tries = (unsigned)number("TRIES"),
	    .pause_ms = (unsigned)number("PAUSE"),
	    .stall_s = (unsigned)number("STALL"),
	    .plain_http = number("PLAIN") != 0,
	    .sender = getenv("SENDER"),
	    .ca = getenv("CA")};
	const char *verb = argc > 2 ? argv[1] : "";
	struct endpoint_info info;
	struct endpoint *p;
	uint64_t count;
	int rc = -1;

	if (number("PART") >= ENDPOINT_PART_MIN)
		o.part = number("PART");
	if (argc < 3 || endpoint_open(argv[2], &o, &p, &e) == -1)
		return err_report("endpoint_tool", &e);
	stopped = p;
	(void)signal(SIGTERM, on_signal);
	if (strcmp(verb, "put") == 0 && argc == 5) {
		rc = put(p, argv[3], argv[4]);
	} else if (strcmp(verb, "puts") == 0 && argc > 4) {
		rc = puts_all(p, argv[3], argv + 4);
	} else if (strcmp(verb, "get") == 0 && argc == 5) {
		rc = get(p, argv[3], argv[4]);
	} else if (strcmp(verb, "range") == 0 && argc == 6) {
		rc = range(p, argv[3], argv[4], argv[5]);
	} else if (strcmp(verb, "head") == 0 && argc == 4) {
		if ((rc = endpoint_head(p, argv[3], &info, &e)) == 1)
			printf("%llu %s\n", (unsigned long long)info.size, info.tag);
		else if (rc == 0)
			printf("none\n");
		rc = rc == -1 ? -1 : 0;
	} else if (strcmp(verb, "list") == 0) {
		rc = endpoint_list(p, argc > 3 ? argv[3] : "", print, NULL, &e);
	} else if (strcmp(verb, "rm") == 0 && argc == 4) {
		rc = endpoint_remove(p, argv[3], &e);
	} else if (strcmp(verb, "clean") == 0) {
		if ((rc = endpoint_clean(p, argc > 3 ? argv[3] : "", number("KEEP") == 0, &count, &e)) == 0)
			printf("%llu\n", (unsigned long long)count);
	} else {
		err_set(&e, ERR_USAGE, "usage: endpoint_tool put|get|range|head|list|rm|clean URL ...");
	}
	endpoint_free(p);
	return rc == 0 ? 0 : err_report("endpoint_tool", &e);
}
