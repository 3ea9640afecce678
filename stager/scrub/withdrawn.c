/* Who was withdrawn from a dataset, as keyed marks of their keys: which pseudonym is theirs nobody can tell from a mark. */
#include "stager/withdrawn.h"

#include <stdlib.h>
#include <string.h>

#include "stager/io.h"
#include "stager/mac.h"
#include "stager/secret.h"
#include "reference.h"

struct withdrawn {
	struct secret *memory; /* holds mac */
	struct mac *mac;
	uint8_t *marks;        /* NULL: another's */
	const uint8_t *sorted; /* all of them */
	size_t count;
};

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, WITHDRAWN_MARK_LEN);
}

struct withdrawn *
withdrawn_new(const struct secret *subkey, const uint8_t *marks, size_t count, struct err *e)
{
	struct withdrawn *w = calloc(1, sizeof(*w));

	if (w == NULL || (count > 0 && (w->marks = malloc(count * WITHDRAWN_MARK_LEN)) == NULL)) {
		err_set(e, ERR_SYSTEM, "withdrawn subjects: out of memory");
		goto fail;
	}
	if ((w->memory = secret_new(sizeof(*w->mac), e)) == NULL)
		goto fail;
	w->mac = (struct mac *)(void *)w->memory->bytes;
	/* The label's NUL is its own terminator. */
	mac_prepare(w->mac, subkey->bytes, subkey->len, "withdrawn", sizeof("withdrawn"));
	if (count > 0) {
		memcpy(w->marks, marks, count * WITHDRAWN_MARK_LEN);
		qsort(w->marks, count, WITHDRAWN_MARK_LEN, compare);
	}
	w->sorted = w->marks;
	w->count = count;
	return w;
fail:
	withdrawn_free(w);
	return NULL;
}

struct withdrawn *
withdrawn_again(const struct withdrawn *of, struct err *e)
{
	struct withdrawn *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		err_set(e, ERR_SYSTEM, "withdrawn subjects: out of memory");
		return NULL;
	}
	if ((w->memory = secret_new(sizeof(*w->mac), e)) == NULL) {
		free(w);
		return NULL;
	}
	w->mac = (struct mac *)(void *)w->memory->bytes;
	*w->mac = *of->mac;
	w->sorted = of->sorted;
	w->count = of->count;
	return w;
}

void
withdrawn_free(struct withdrawn *w)
{
	if (w == NULL)
		return;
	secret_free(w->memory);
	free(w->marks);
	free(w);
}

void
withdrawn_mark(struct withdrawn *w, const char *key, size_t len, uint8_t out[static WITHDRAWN_MARK_LEN])
{
	uint8_t whole[MAC_LEN];

	mac_make(w->mac, key, len, whole);
	memcpy(out, whole, WITHDRAWN_MARK_LEN);
	explicit_bzero(whole, sizeof(whole));
}

static bool
has_mark(struct withdrawn *w, const char *key, size_t len)
{
	uint8_t mark[WITHDRAWN_MARK_LEN];

	withdrawn_mark(w, key, len, mark);
	return bsearch(mark, w->sorted, w->count, WITHDRAWN_MARK_LEN, compare) != NULL;
}

bool
withdrawn_has(struct withdrawn *w, const char *key, size_t len)
{
	char cased[REFERENCE_UUID_LEN];
	bool has;

	if (w == NULL || w->count == 0)
		return false;
	has = has_mark(w, key, len);
	for (int capital = 0; capital < 2 && !has; capital++)
		has = reference_uuid_cased(key, len, capital == 1, cased) && has_mark(w, cased, len);
	explicit_bzero(cased, sizeof(cased));
	return has;
}

struct withdrawn *
withdrawn_take(int marks_fd, size_t count, int key_fd, struct err *e)
{
	struct withdrawn *w = NULL;
	struct secret *subkey = NULL;
	uint8_t *marks = NULL;
	size_t len = count * WITHDRAWN_MARK_LEN;

	if (count == 0 || count > WITHDRAWN_MAX) {
		err_set(e, ERR_LIMIT, "withdrawn subjects: none, or more than %d", WITHDRAWN_MAX);
		return NULL;
	}
	if ((marks = malloc(len)) == NULL)
		err_set(e, ERR_SYSTEM, "withdrawn subjects: out of memory");
	else if (io_pread(marks_fd, marks, len, 0, "withdrawn subjects", e) != (ssize_t)len)
		err_set(e, ERR_INPUT, "withdrawn subjects: fewer than they are said to be");
	else if ((subkey = secret_read(key_fd, 32, "key of marks", e)) != NULL)
		w = withdrawn_new(subkey, marks, count, e);
	secret_free(subkey);
	free(marks);
	return w;
}
