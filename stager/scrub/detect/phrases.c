/* Lists of names and words of an institution's own, looked up by the hash of their first word. */
#include "detect.h"

#include <stdlib.h>
#include <string.h>

struct phrases {
	char **items; /* owned */
	size_t count;
	uint32_t *hashes;
	uint32_t *slots; /* index of an item and 1; 0: free */
	size_t mask;
};

/* The letters and digits at the front, as token_next would take them. */
static size_t
first_word(const char *text, size_t *skip)
{
	struct text_in in = {.s = (const uint8_t *)text, .len = strlen(text)};
	size_t at = 0, end;

	while (at < in.len && !word_at(&in, at))
		at++;
	for (end = at; end < in.len && (word_at(&in, end) || (text[end] & 0xc0) == 0x80);)
		end++;
	*skip = at;
	return end - at;
}

struct phrases *
phrases_new(char **items, size_t count, struct err *e)
{
	struct phrases *p = calloc(1, sizeof(*p));
	size_t size = 16;

	while (size < count * 2)
		size *= 2;
	if (p == NULL || (p->items = calloc(count + 1, sizeof(*p->items))) == NULL ||
	    (p->hashes = calloc(count + 1, sizeof(*p->hashes))) == NULL ||
	    (p->slots = calloc(size, sizeof(*p->slots))) == NULL)
		goto fail;
	p->mask = size - 1;
	for (size_t i = 0; i < count; i++) {
		size_t skip, len = first_word(items[i], &skip), slot;

		if ((p->items[i] = strdup(items[i])) == NULL)
			goto fail;
		p->count = i + 1;
		p->hashes[i] = token_hash((const uint8_t *)items[i] + skip, len);
		for (slot = p->hashes[i] & p->mask; p->slots[slot] != 0; slot = (slot + 1) & p->mask)
			;
		p->slots[slot] = (uint32_t)(i + 1);
	}
	return p;
fail:
	err_sys(e, "text: memory for a list of words");
	phrases_free(p);
	return NULL;
}

void
phrases_free(struct phrases *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->count; i++)
		free(p->items[i]);
	free(p->items);
	free(p->hashes);
	free(p->slots);
	free(p);
}

size_t
phrase_same(const struct text_in *in, size_t at, const char *phrase, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t c = text_at(in, at + i);

		if (phrase[i] == ' ' || phrase[i] == '-' ? (c != ' ' && c != '-' && c != '\n')
							 : (c | 0x20) != ((uint8_t)phrase[i] | 0x20))
			return 0;
	}
	return word_at(in, at + len) && len > 0 && phrase[len - 1] != '.' ? 0 : len;
}

bool
phrases_at(
    const struct phrases *p, const struct text_in *in, const struct token *t, size_t *start, size_t *end)
{
	bool have = false;

	for (size_t slot = t->hash & p->mask; p->slots[slot] != 0; slot = (slot + 1) & p->mask) {
		size_t i = p->slots[slot] - 1, skip, n, from;

		if (p->hashes[i] != t->hash)
			continue;
		(void)first_word(p->items[i], &skip);
		if (t->start < skip)
			continue;
		from = t->start - skip;
		if ((n = phrase_same(in, from, p->items[i], strlen(p->items[i]))) == 0 ||
		    (have && from + n <= *end))
			continue;
		have = true;
		*start = from;
		*end = from + n;
	}
	return have;
}

int
lists_find(struct work *w, struct err *e)
{
	const struct text_rules *rules = w->with->rules;
	const struct {
		const struct phrases *list;
		enum span_type type;
		const char *rule;
	} lists[] = {{rules->names, SPAN_PERSON, "person/list"}, {rules->places, SPAN_PLACE, "place/policy"},
	    {rules->institutions, SPAN_INSTITUTION, "institution/policy"}};

	for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++) {
		for (size_t i = 0; lists[k].list != NULL && i < w->token_count; i++) {
			struct find f = {.type = lists[k].type, .rule = lists[k].rule, .score = 95};

			if (!phrases_at(lists[k].list, &w->in, &w->tokens[i], &f.start, &f.end))
				continue;
			f.value = text_value(w->in.s + f.start, f.end - f.start, " -.\n");
			if (find_add(w, &f, e) == -1)
				return -1;
		}
	}
	return 0;
}

/* All of the find is a word that the policy keeps. */
static bool
kept(const struct work *w, const struct find *f)
{
	struct text_in in = {.s = w->in.s + f->start, .len = f->end - f->start};
	struct token t = {.start = 0};
	size_t start, end;

	while (t.start < in.len && !word_at(&in, t.start))
		t.start++;
	for (end = t.start; end < in.len && (word_at(&in, end) || (in.s[end] & 0xc0) == 0x80);)
		end++;
	t.len = (uint32_t)(end - t.start);
	t.hash = token_hash(in.s + t.start, t.len);
	return phrases_at(w->with->rules->keep, &in, &t, &start, &end) && start == 0 && end == in.len;
}

void
drop_kept(struct work *w)
{
	size_t left = 0;

	if (w->with->rules->keep == NULL)
		return;
	for (size_t i = 0; i < w->find_count; i++) {
		const struct find *f = &w->finds[i];
		bool by_words = f->type == SPAN_PERSON || f->type == SPAN_PLACE ||
				f->type == SPAN_INSTITUTION || f->type == SPAN_ADDRESS;

		if (by_words && f->score < KEPT_SCORE_LEAST && kept(w, f))
			continue;
		w->finds[left++] = *f;
	}
	w->find_count = left;
}
