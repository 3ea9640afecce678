/* Who is on the list, and where the bytes of a member name them. */
#include "stager/sift.h"

#include <stdlib.h>
#include <string.h>

struct sift_list {
	uint8_t *pseudonyms; /* SIFT_PSEUDONYM_LEN bytes each, in order */
	bool *met;
	size_t count;
	uint8_t *spellings; /* SIFT_SPELLING_LEN bytes each, in order */
	size_t spelling_count;
	char others[SIFT_OTHERS_MAX][SIFT_OTHER_LEN_MAX + 1];
	size_t other_count;
};

/* Pseudonyms, each at the front of so many bytes. */
static bool
in_order(const uint8_t *all, size_t each, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (memcmp(all + (i - 1) * each, all + i * each, SIFT_PSEUDONYM_LEN) >= 0)
			return false;
	return true;
}

struct sift_list *
sift_list_new(const uint8_t *pseudonyms, size_t count, struct err *e)
{
	struct sift_list *l = calloc(1, sizeof(*l));

	if (l == NULL) {
		err_set(e, ERR_SYSTEM, "list: out of memory");
		return NULL;
	}
	if (!in_order(pseudonyms, SIFT_PSEUDONYM_LEN, count)) {
		err_set(e, ERR_INPUT, "list: not in order");
		goto fail;
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

static size_t
place_of(const uint8_t *spelling)
{
	const uint8_t *at = spelling + SIFT_PSEUDONYM_LEN;

	return (size_t)at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24;
}

int
sift_list_spellings(struct sift_list *l, const uint8_t *spellings, size_t count, struct err *e)
{
	if (l->spellings != NULL || count == 0 || count > SIFT_SPELLINGS_MAX)
		return err_set(
		    e, ERR_INPUT, "list: spellings where none were due, or more than %d", SIFT_SPELLINGS_MAX);
	if (!in_order(spellings, SIFT_SPELLING_LEN, count))
		return err_set(e, ERR_INPUT, "list: spellings are not in order");
	for (size_t i = 0; i < count; i++)
		if (place_of(spellings + i * SIFT_SPELLING_LEN) >= l->count)
			return err_set(e, ERR_INPUT, "list: a spelling of nobody");
	if ((l->spellings = malloc(count * SIFT_SPELLING_LEN)) == NULL)
		return err_set(e, ERR_SYSTEM, "list: out of memory");
	memcpy(l->spellings, spellings, count * SIFT_SPELLING_LEN);
	l->spelling_count = count;
	return 0;
}

static bool
word_char(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

int
sift_list_other(struct sift_list *l, const char *type, struct err *e)
{
	size_t len = 0;

	while (word_char((uint8_t)type[len]))
		len++;
	if (l->other_count == SIFT_OTHERS_MAX || len == 0 || len > SIFT_OTHER_LEN_MAX || type[len] != '\0')
		return err_set(e, ERR_INPUT, "list: a type of reference that is no word, or more than %d",
		    SIFT_OTHERS_MAX);
	memcpy(l->others[l->other_count++], type, len + 1);
	return 0;
}

void
sift_list_free(struct sift_list *l)
{
	if (l == NULL)
		return;
	if (l->pseudonyms != NULL)
		explicit_bzero(l->pseudonyms, l->count * SIFT_PSEUDONYM_LEN);
	if (l->spellings != NULL)
		explicit_bzero(l->spellings, l->spelling_count * SIFT_SPELLING_LEN);
	free(l->pseudonyms);
	free(l->spellings);
	free(l->met);
	free(l);
}

/* Where it stands among pseudonyms at the front of so many bytes each; NULL where it does not. */
static const uint8_t *
find(const uint8_t *all, size_t each, size_t count, const char *pseudonym)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t at = low + (high - low) / 2;
		int order = memcmp(all + at * each, pseudonym, SIFT_PSEUDONYM_LEN);

		if (order == 0)
			return all + at * each;
		if (order < 0)
			low = at + 1;
		else
			high = at;
	}
	return NULL;
}

bool
sift_listed(struct sift_list *l, const char pseudonym[static SIFT_PSEUDONYM_LEN])
{
	const uint8_t *found;

	if (l == NULL)
		return false;
	if ((found = find(l->pseudonyms, SIFT_PSEUDONYM_LEN, l->count, pseudonym)) != NULL)
		l->met[(size_t)(found - l->pseudonyms) / SIFT_PSEUDONYM_LEN] = true;
	else if ((found = find(l->spellings, SIFT_SPELLING_LEN, l->spelling_count, pseudonym)) != NULL)
		l->met[place_of(found)] = true;
	return found != NULL;
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

/* Is the word of len characters at unit, behind which a slash stands, a type of reference by which nobody of the list is named? */
static bool
other_type(const struct sift_list *l, const uint8_t *data, const struct width *w, size_t unit, size_t len)
{
	for (size_t i = 0; i < l->other_count; i++) {
		size_t at = 0;

		while (at < len && l->others[i][at] == (char)unit_at(data, w, unit + at))
			at++;
		if (at == len && l->others[i][at] == '\0')
			return true;
	}
	return false;
}

/* Units [from, end) of data. A word behind a backslash is read both ways: what is JSON, and what only looks so, is not told here. */
static bool
names_between(struct sift_list *l, const uint8_t *data, const struct width *w, size_t from, size_t end)
{
	bool found = false, escaped = false, other = false;
	size_t start = from, len, escape;

	for (size_t i = from; i <= end; i++) {
		uint8_t c = i < end ? unit_at(data, w, i) : 0;

		if (word_char(c))
			continue;
		len = i - start;
		escape = escaped ? escape_len(data, w, start, len) : 0;
		if (len == SIFT_PSEUDONYM_LEN && !other && listed_at(l, data, w, start))
			found = true;
		if (escape > 0 && len - escape == SIFT_PSEUDONYM_LEN && listed_at(l, data, w, start + escape))
			found = true;
		other = c == '/' && len > 0 && !escaped && other_type(l, data, w, start, len);
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
