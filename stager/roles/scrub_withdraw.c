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

/* The same person's key as a value that is not linked to the table may spell it: its own pseudonym. */
struct spelling {
	char pseudonym[PSEUDONYM_LEN + 1], of[PSEUDONYM_LEN + 1];
};

struct listing {
	const struct subject_rules *rules;
	struct pseudonym_key *key;
	struct withdrawn *marks;
	struct one *all;
	size_t count, cap;
	struct spelling *spellings;
	size_t spelling_count, spelling_cap;
};

/* Room for one more in an array of count elements. NULL with e set. */
static void *
room_for(void *array, size_t count, size_t *cap, size_t each, struct err *e)
{
	const size_t more = *cap == 0 ? 256 : 2 * *cap;
	void *grown;

	if (count < *cap)
		return array;
	if ((grown = reallocarray(array, more, each)) == NULL)
		err_set(e, ERR_SYSTEM, "list: out of memory");
	else
		*cap = more;
	return grown;
}

/* One of the person whose key was taken last. */
static int
take_spelling(void *ctx, const char *value, size_t len, struct err *e)
{
	struct listing *l = ctx;
	struct spelling *grown;

	if (l->spelling_count == SIFT_SPELLINGS_MAX)
		return err_set(
		    e, ERR_LIMIT, "list: more than %d spellings at once: fewer subjects", SIFT_SPELLINGS_MAX);
	if ((grown = room_for(l->spellings, l->spelling_count, &l->spelling_cap, sizeof(*grown), e)) == NULL)
		return -1;
	l->spellings = grown;
	grown = &l->spellings[l->spelling_count++];
	pseudonym_make(l->key, value, len, grown->pseudonym);
	memcpy(grown->of, l->all[l->count - 1].pseudonym, sizeof(grown->of));
	return 0;
}

static int
take_key(void *ctx, const char *key, size_t len, uint64_t line, struct err *e)
{
	struct listing *l = ctx;
	struct one *one;

	if (l->count == SIFT_LIST_MAX)
		return err_set(e, ERR_LIMIT, "list: more than %d subjects at once", SIFT_LIST_MAX);
	if ((one = room_for(l->all, l->count, &l->cap, sizeof(*one), e)) == NULL)
		return -1;
	l->all = one;
	one = &l->all[l->count++];
	pseudonym_make(l->key, key, len, one->pseudonym);
	one->line = line;
	withdrawn_mark(l->marks, key, len, one->mark);
	return gather_spellings(l->rules, key, len, take_spelling, l, e);
}

/* By pseudonym, then by line. */
static int
compare(const void *a, const void *b)
{
	const struct one *x = a, *y = b;
	int order = memcmp(x->pseudonym, y->pseudonym, PSEUDONYM_LEN);

	return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

static int
compare_spellings(const void *a, const void *b)
{
	const struct spelling *x = a, *y = b;

	return memcmp(x->pseudonym, y->pseudonym, PSEUDONYM_LEN);
}

/* In order, none twice. */
static void
sort_list(struct listing *l)
{
	size_t to = 0;

	if (l->spelling_count > 0)
		qsort(l->spellings, l->spelling_count, sizeof(*l->spellings), compare_spellings);
	for (size_t i = 0; i < l->spelling_count; i++)
		if (i == 0 || compare_spellings(&l->spellings[i], &l->spellings[to - 1]) != 0)
			l->spellings[to++] = l->spellings[i];
	l->spelling_count = to;
	to = 0;

	qsort(l->all, l->count, sizeof(*l->all), compare);
	for (size_t i = 0; i < l->count; i++)
		if (i == 0 || memcmp(l->all[i].pseudonym, l->all[to - 1].pseudonym, PSEUDONYM_LEN) != 0)
			l->all[to++] = l->all[i];
	l->count = to;
}

static int
compare_to(const void *pseudonym, const void *one)
{
	return memcmp(pseudonym, ((const struct one *)one)->pseudonym, PSEUDONYM_LEN);
}

/* Behind the list: each with its person's place. */
static int
put_spellings(const struct listing *l, struct buf *out, struct err *e)
{
	for (size_t i = 0; i < l->spelling_count; i++) {
		const struct one *of =
		    bsearch(l->spellings[i].of, l->all, l->count, sizeof(*l->all), compare_to);
		const size_t place = (size_t)(of - l->all);
		const uint8_t le[4] = {
		    (uint8_t)place, (uint8_t)(place >> 8), (uint8_t)(place >> 16), (uint8_t)(place >> 24)};

		if (buf_put(out, l->spellings[i].pseudonym, PSEUDONYM_LEN, e) == -1 ||
		    buf_put(out, le, sizeof(le), e) == -1)
			return -1;
	}
	return 0;
}

/* Types of references that name something else than a subject, each once. */
static struct json *
other_types(const struct policy *policy)
{
	struct json *list = json_array();

	for (size_t i = 0; i < policy->rule_count; i++)
		for (size_t k = 0; k < policy->rules[i].field_count; k++) {
			const struct action *a = &policy->rules[i].fields[k].action;

			for (size_t n = 0; a->kind == ACTION_REFERENCE && n < a->value_count; n++) {
				bool there =
				    policy_type_of_subject(policy, a->values[n], strlen(a->values[n]));

				for (size_t at = 0; at < list->count && !there; at++)
					there = strcmp(list->items[at]->string, a->values[n]) == 0;
				if (!there && list->count < SIFT_OTHERS_MAX)
					json_push(list, json_string(a->values[n]));
			}
		}
	return list;
}

static int
write_list(const struct listing *l, int fd, struct json *out, struct err *e)
{
	struct json *lines = json_array();
	struct buf records, marks;
	int rc = -1;

	json_set(out, "lines", lines);
	buf_init_wiped(
	    &records, (size_t)SIFT_LIST_MAX * PSEUDONYM_LEN + (size_t)SIFT_SPELLINGS_MAX * SIFT_SPELLING_LEN);
	buf_init(&marks, (size_t)SIFT_LIST_MAX * WITHDRAWN_MARK_LEN);
	for (size_t i = 0; i < l->count; i++) {
		if (buf_put(&records, l->all[i].pseudonym, PSEUDONYM_LEN, e) == -1 ||
		    buf_put(&marks, l->all[i].mark, WITHDRAWN_MARK_LEN, e) == -1)
			goto out;
		json_push(lines, json_int((int64_t)l->all[i].line));
	}
	if (put_spellings(l, &records, e) == -1)
		goto out;
	json_set_int(out, "keys", (int64_t)l->count);
	json_set_int(out, "spellings", (int64_t)l->spelling_count);
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
	struct listing l = {.rules = policy->subject, .key = key};
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
	json_set(out, "others", other_types(policy));
	if (write_list(&l, list_fd, out, e) == 0)
		rc = wire_send(WIRE_FD, WIRE_SUBJECTS, out, NULL, 0, e);
out:
	io_close(&fd);
	if (l.all != NULL)
		explicit_bzero(l.all, l.cap * sizeof(*l.all));
	free(l.all);
	if (l.spellings != NULL)
		explicit_bzero(l.spellings, l.spelling_cap * sizeof(*l.spellings));
	free(l.spellings);
	withdrawn_free(l.marks);
	json_free(ask);
	json_free(out);
	return rc;
}
