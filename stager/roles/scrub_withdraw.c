/* stager-scrub withdraw: a list of subjects, a key a line, into their pseudonyms and their marks. */
#include "scrub_withdraw.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "stager/gather.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/policy.h"
#include "stager/scrub.h"
#include "stager/sift.h"
#include "stager/source.h"
#include "stager/wire.h"
#include "stager/withdrawn.h"

_Static_assert(SIFT_PSEUDONYM_LEN == PSEUDONYM_LEN, "the list is of pseudonyms");

struct one {
	char pseudonym[PSEUDONYM_LEN + 1];
	uint64_t line;
	uint8_t mark[WITHDRAWN_MARK_LEN];
};

struct listing {
	struct pseudonym_key *key;
	struct withdrawn *marks;
	struct one *all;
	size_t count, cap;
};

static int
take_key(void *ctx, const char *key, size_t len, uint64_t line, struct err *e)
{
	struct listing *l = ctx;
	struct one *one, *more;

	if (l->count == SIFT_LIST_MAX)
		return err_set(e, ERR_LIMIT, "list: more than %d subjects at once", SIFT_LIST_MAX);
	if (l->count == l->cap) {
		size_t cap = l->cap == 0 ? 256 : 2 * l->cap;

		if ((more = reallocarray(l->all, cap, sizeof(*more))) == NULL)
			return err_set(e, ERR_SYSTEM, "list: out of memory");
		l->all = more;
		l->cap = cap;
	}
	one = &l->all[l->count++];
	pseudonym_make(l->key, key, len, one->pseudonym);
	one->line = line;
	withdrawn_mark(l->marks, key, len, one->mark);
	return 0;
}

/* By pseudonym, then by line. */
static int
compare(const void *a, const void *b)
{
	const struct one *x = a, *y = b;
	int order = memcmp(x->pseudonym, y->pseudonym, PSEUDONYM_LEN);

	return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

/* In order, none twice. */
static void
sort_list(struct listing *l)
{
	size_t to = 0;

	qsort(l->all, l->count, sizeof(*l->all), compare);
	for (size_t i = 0; i < l->count; i++)
		if (i == 0 || memcmp(l->all[i].pseudonym, l->all[to - 1].pseudonym, PSEUDONYM_LEN) != 0)
			l->all[to++] = l->all[i];
	l->count = to;
}

static int
write_list(const struct listing *l, int fd, struct json *out, struct err *e)
{
	struct json *lines = json_array();
	struct buf records, marks;
	int rc = -1;

	json_set(out, "lines", lines);
	buf_init_wiped(&records, (size_t)SIFT_LIST_MAX * PSEUDONYM_LEN);
	buf_init(&marks, (size_t)SIFT_LIST_MAX * WITHDRAWN_MARK_LEN);
	for (size_t i = 0; i < l->count; i++) {
		if (buf_put(&records, l->all[i].pseudonym, PSEUDONYM_LEN, e) == -1 ||
		    buf_put(&marks, l->all[i].mark, WITHDRAWN_MARK_LEN, e) == -1)
			goto out;
		json_push(lines, json_int((int64_t)l->all[i].line));
	}
	json_set_int(out, "keys", (int64_t)l->count);
	json_set(out, "marks", json_base64(marks.data, marks.len));
	rc = records.len == 0 ? 0 : io_write(fd, records.data, records.len, "list", e);
out:
	buf_free(&records);
	buf_free(&marks);
	return rc;
}

int
scrub_withdraw(const struct policy *policy, struct pseudonym_key *key, const struct secret *marks,
    int list_fd, struct err *e)
{
	struct listing l = {.key = key};
	uint8_t salt[DIGEST_LEN], commitment[DIGEST_LEN];
	struct json *ask = NULL, *out = json_object();
	struct source_fd source;
	struct stat st;
	int rc = -1, fd = -1;
	uint64_t keys;

	if ((l.marks = withdrawn_new(marks, NULL, 0, e)) == NULL ||
	    (ask = wire_expect(WIRE_FD, WIRE_EXCLUDE, &fd, 1, e)) == NULL ||
	    json_need_hex(ask, "salt", salt, sizeof(salt), "control message", e) == -1)
		goto out;
	if (fstat(fd, &st) == -1) {
		err_sys(e, "list: stat");
		goto out;
	}
	if (st.st_size > EXCLUSION_LIST_MAX) {
		err_set(e, ERR_LIMIT, "list: larger than %u MiB", EXCLUSION_LIST_MAX >> 20);
		goto out;
	}
	source_fd_init(&source, fd, (uint64_t)st.st_size, 1, "");
	if (gather_list(
		"subjects", policy->subject, &source.source, salt, take_key, &l, commitment, &keys, e) == -1)
		goto out;
	sort_list(&l);
	json_set_hex(out, "commitment", commitment, sizeof(commitment));
	if (write_list(&l, list_fd, out, e) == 0)
		rc = wire_send(WIRE_FD, WIRE_SUBJECTS, out, NULL, 0, e);
out:
	io_close(&fd);
	if (l.all != NULL)
		explicit_bzero(l.all, l.cap * sizeof(*l.all));
	free(l.all);
	withdrawn_free(l.marks);
	json_free(ask);
	json_free(out);
	return rc;
}
