/* Who is on the list, and where the bytes of a member name them. */
#include "stager/sift.h"

#include <stdlib.h>
#include <string.h>

struct sift_list {
	uint8_t *pseudonyms; /* SIFT_PSEUDONYM_LEN bytes each, in order */
	bool *met;
	size_t count;
};

struct sift_list *
sift_list_new(const uint8_t *pseudonyms, size_t count, struct err *e)
{
	struct sift_list *l = calloc(1, sizeof(*l));

	if (l == NULL) {
		err_set(e, ERR_SYSTEM, "list: out of memory");
		return NULL;
	}
	for (size_t i = 1; i < count; i++) {
		if (memcmp(pseudonyms + (i - 1) * SIFT_PSEUDONYM_LEN, pseudonyms + i * SIFT_PSEUDONYM_LEN,
			SIFT_PSEUDONYM_LEN) >= 0) {
			err_set(e, ERR_INPUT, "list: not in order");
			goto fail;
		}
	}
	if (count == 0 || count > SIFT_LIST_MAX) {
		err_set(e, ERR_INPUT, "list: empty, or more than %d", SIFT_LIST_MAX);
		goto fail;
	}
	if ((l->pseudonyms = malloc(count * SIFT_PSEUDONYM_LEN)) == NULL ||
	    (l->met = calloc(count, sizeof(*l->met))) == NULL) {
		err_set(e, ERR_SYSTEM, "list: out of memory");
		goto fail;
	}
	memcpy(l->pseudonyms, pseudonyms, count * SIFT_PSEUDONYM_LEN);
	l->count = count;
	return l;
fail:
	sift_list_free(l);
	return NULL;
}

void
sift_list_free(struct sift_list *l)
{
	if (l == NULL)
		return;
	if (l->pseudonyms != NULL)
		explicit_bzero(l->pseudonyms, l->count * SIFT_PSEUDONYM_LEN);
	free(l->pseudonyms);
	free(l->met);
	free(l);
}

bool
sift_listed(struct sift_list *l, const char pseudonym[static SIFT_PSEUDONYM_LEN])
{
	size_t low = 0, high = l == NULL ? 0 : l->count;

	while (low < high) {
		size_t at = low + (high - low) / 2;
		int order = memcmp(l->pseudonyms + at * SIFT_PSEUDONYM_LEN, pseudonym, SIFT_PSEUDONYM_LEN);

		if (order == 0) {
			l->met[at] = true;
			return true;
		}
		if (order < 0)
			low = at + 1;
		else
			high = at;
	}
	return false;
}

bool
sift_met(const struct sift_list *l, size_t place, bool *there)
{
	*there = place < l->count;
	return *there && l->met[place];
}

/* How the characters of ASCII stand in the bytes: so far apart, and at which of them. */
struct width {
	size_t step, at;
};
static const struct width widths[] = {{1, 0}, {2, 0}, {2, 1}};

/* The character at unit, or 0 where it is none of ASCII. */
static uint8_t
unit_at(const uint8_t *data, const struct width *w, size_t unit)
{
	const uint8_t *at = data + unit * w->step;

	if (w->step == 1)
		return *at < 0x80 ? *at : 0;
	return at[1 - w->at] == 0 && at[w->at] < 0x80 ? at[w->at] : 0;
}

static bool
word_char(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
hex_char(uint8_t c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool
listed_at(struct sift_list *l, const uint8_t *data, const struct width *w, size_t unit)
{
	char word[SIFT_PSEUDONYM_LEN];

	for (size_t i = 0; i < SIFT_PSEUDONYM_LEN; i++)
		word[i] = (char)unit_at(data, w, unit + i);
	return sift_listed(l, word);
}

/* How many characters of a word behind a backslash are an escape of JSON: \n and the like, \u000a. */
static size_t
escape_len(const uint8_t *data, const struct width *w, size_t unit, size_t len)
{
	const uint8_t first = len == 0 ? 0 : unit_at(data, w, unit);

	if (first == 0 || strchr("bfnrtu", first) == NULL)
		return 0;
	if (first != 'u')
		return 1;
	for (size_t i = 1; i < 5; i++)
		if (i >= len || !hex_char(unit_at(data, w, unit + i)))
			return 0;
	return 5;
}

/* Units [from, end) of data. A word behind a backslash is read both ways: what is JSON, and what only looks so, is not told here. */
static bool
names_between(struct sift_list *l, const uint8_t *data, const struct width *w, size_t from, size_t end)
{
	bool found = false, escaped = false;
	size_t start = from, len, escape;

	for (size_t i = from; i <= end; i++) {
		uint8_t c = i < end ? unit_at(data, w, i) : 0;

		if (word_char(c))
			continue;
		len = i - start;
		escape = escaped ? escape_len(data, w, start, len) : 0;
		if (len == SIFT_PSEUDONYM_LEN && listed_at(l, data, w, start))
			found = true;
		if (escape > 0 && len - escape == SIFT_PSEUDONYM_LEN && listed_at(l, data, w, start + escape))
			found = true;
		start = i + 1;
		escaped = c == '\\';
	}
	return found;
}

/* Under which width one of them is named; NULL for none. All are tried: a mark at the front is no promise. */
static const struct width *
named_under(struct sift_list *l, const uint8_t *data, size_t len)
{
	const struct width *found = NULL;
	bool wide = memchr(data, '\0', len) != NULL;

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++)
		if ((i == 0 || wide) && names_between(l, data, &widths[i], 0, len / widths[i].step))
			found = found == NULL ? &widths[i] : found;
	return found;
}

bool
sift_names(struct sift_list *l, const uint8_t *data, size_t len)
{
	return len > 0 && named_under(l, data, len) != NULL;
}

ssize_t
sift_member(struct sift_list *l, const char *ext, uint8_t *data, size_t len, uint64_t *records, struct err *e)
{
	const struct width *w = len == 0 ? NULL : named_under(l, data, len);
	bool table = strcmp(ext, "csv") == 0 || strcmp(ext, "tsv") == 0, quoted = false, header = table;
	size_t units, begin = 0, to = 0, left = 0;

	if (w == NULL)
		return (ssize_t)len;
	if (!table && strcmp(ext, "jsonl") != 0) {
		(*records)++;
		return 0;
	}
	units = len / w->step;
	/* A byte order mark is no record's. */
	if (w->step == 2 && ((data[0] == 0xff && data[1] == 0xfe) || (data[0] == 0xfe && data[1] == 0xff)))
		begin = to = 1;
	for (size_t i = begin; i < units; i++) {
		uint8_t c = unit_at(data, w, i);

		/* In a table that scrub made, a quote stands around a field or doubled within one. In JSON a line is a record. */
		if (table && c == '"')
			quoted = !quoted;
		if ((c != '\n' || quoted) && i + 1 < units)
			continue;
		if (!header && names_between(l, data, w, begin, i + 1)) {
			(*records)++;
		} else {
			memmove(data + to * w->step, data + begin * w->step, (i + 1 - begin) * w->step);
			to += i + 1 - begin;
			left += !header;
		}
		header = false;
		begin = i + 1;
	}
	if (quoted || len % w->step != 0)
		return err_set(e, ERR_FORGED, "shard: a table whose records cannot be told apart");
	explicit_bzero(data + to * w->step, len - to * w->step);
	return left == 0 ? 0 : (ssize_t)(to * w->step);
}
