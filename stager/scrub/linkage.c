/* Known-person linkage: a subject's names, numbers and addresses, wherever they stand in that subject's own texts. */
#include "linkage.h"

#include <stdlib.h>
#include <string.h>

#include "detect/fold.h"
#include "linkage_known.h"

#define NEAR_LEAST 4 /* letters of a word that is also found with one letter wrong */
#define NEAR_ANY_CASE 6
#define GAP_MAX 3 /* characters between the figures of a number, or the words of a phrase */

/* One letter changed, left out, put in, or two neighbours swapped. */
static bool
near_word(const struct word *a, const struct word *b)
{
	const struct word *longer = a->len >= b->len ? a : b, *shorter = a->len >= b->len ? b : a;
	size_t i = 0, rest;

	if (longer->len - shorter->len > 1)
		return false;
	while (i < shorter->len && a->text[i] == b->text[i])
		i++;
	rest = shorter->len - i;
	if (longer->len > shorter->len)
		return memcmp(longer->text + i + 1, shorter->text + i, rest) == 0;
	if (rest == 0)
		return true;
	if (memcmp(a->text + i + 1, b->text + i + 1, rest - 1) == 0)
		return true;
	return rest >= 2 && a->text[i] == b->text[i + 1] && a->text[i + 1] == b->text[i] &&
	       memcmp(a->text + i + 2, b->text + i + 2, rest - 2) == 0;
}

/* The name that this is, or NULL. */
static const struct word *
is_name(const struct known *k, const struct token *t)
{
	const struct word *w = &t->word;

	if (k->word_count == 0 || w->len + 1u < k->shortest || w->len < 2 ||
	    ((letter_bit(w->text[0]) & k->first) == 0 && (letter_bit(w->text[w->len - 1]) & k->last) == 0 &&
		!t->mixed))
		return NULL;
	if (w->len > k->longest + 1)
		return linkage_compound(k, w);
	for (size_t i = 0; i < k->word_count; i++) {
		const struct word *name = &k->words[i];

		/* Of two letters many words are made. */
		if (w->len == name->len && memcmp(w->text, name->text, w->len) == 0 &&
		    (w->len > 2 || t->capital))
			return name;
		/* A possessive s: "Jansens". */
		if (w->len == name->len + 1u && w->len > 3 && w->text[w->len - 1] == 's' &&
		    memcmp(w->text, name->text, name->len) == 0 && t->capital)
			return name;
		if (name->len >= NEAR_LEAST && w->len >= NEAR_LEAST &&
		    (t->capital || name->len >= NEAR_ANY_CASE) && near_word(w, name))
			return name;
		if (t->mixed && linkage_disguised(w, name))
			return name;
	}
	return linkage_compound(k, w);
}

/* Only what stands between the parts of one name or phrase: spaces, full stops, dashes, apostrophes, commas. */
static bool
joins(const uint8_t *s, size_t from, size_t to)
{
	if (to - from > GAP_MAX)
		return false;
	for (size_t i = from; i < to; i++)
		if (strchr(" .-',\t", s[i]) == NULL || s[i] == '\0')
			return false;
	return true;
}

static int
add_span(struct spans *out, size_t start, size_t end, enum known_kind kind, struct err *e)
{
	struct span *grown;
	size_t cap;

	if (out->count == out->cap) {
		cap = out->cap == 0 ? 16 : out->cap * 2;
		if ((grown = reallocarray(out->items, cap, sizeof(*grown))) == NULL)
			return err_sys(e, "text: memory for what is known");
		out->items = grown;
		out->cap = cap;
	}
	out->items[out->count++] = (struct span){.start = start,
	    .end = end,
	    .type = SPAN_KNOWN,
	    .score = 100,
	    .rule = "known",
	    .extra = (size_t)kind,
	    .value = (uint64_t)kind};
	return 0;
}

/* A known phrase that begins with this token: where it ends, or 0. */
static size_t
phrase_end(const struct known *k, const uint8_t *s, size_t len, const struct token *first)
{
	size_t best = 0;

	for (size_t i = 0; i < k->phrase_count; i++) {
		struct token t = *first;
		size_t at = first->end, n = 0;

		for (;;) {
			const struct word *want = &k->phrases[i].words[n];
			size_t before = t.end;

			if (t.word.len != want->len || memcmp(t.word.text, want->text, want->len) != 0)
				break;
			if (++n == k->phrases[i].count) {
				/* A single word that may be any other begins with a capital. */
				if (t.end > best && (n > 1 || t.word.len > 6 || first->capital))
					best = t.end;
				break;
			}
			if (!linkage_word(s, len, &at, &t) || !joins(s, before, t.start))
				break;
		}
	}
	/* A street's number goes with it, whichever it is. */
	if (best > 0) {
		struct token t;
		size_t at = best;

		if (linkage_word(s, len, &at, &t) && joins(s, best, t.start) && figure(s[t.start]) &&
		    t.end - t.start <= 5)
			best = t.end;
	}
	return best;
}

/* A known number that begins at s[at], zeros in front and gaps included: where it ends, or 0. */
static size_t
number_end(const struct known *k, const uint8_t *s, size_t len, size_t at)
{
	size_t best = 0, zeros = at;

	while (zeros < len && s[zeros] == '0')
		zeros++;
	for (size_t i = 0; i < k->number_count; i++) {
		const struct word *n = &k->numbers[i];
		size_t to = n->text[0] == '0' ? at : zeros, done = 0, gap = 0;

		while (to < len && done < n->len) {
			size_t mark;
			uint8_t c = capital(s[to]) ? (uint8_t)(s[to] | 0x20) : s[to];

			if (c == (uint8_t)n->text[done]) {
				done++;
				gap = 0;
				to++;
			} else if (done > 0 && linkage_same_figure(c, (uint8_t)n->text[done])) {
				done++;
				gap = 0;
				to++;
			} else if (done > 0 && gap < GAP_MAX && s[to] < 0x80 && !figure(s[to]) &&
				   !ascii_letter(s[to]) && s[to] != '\0') {
				gap++;
				to++;
			} else if (done > 0 && (mark = linkage_unseen(s + to, len - to)) != 0) {
				to += mark;
			} else if (done > 0 && gap < GAP_MAX &&
				   (mark = linkage_mark(s + to, len - to)) != 0) {
				gap++;
				to += mark;
			} else {
				break;
			}
		}
		if (done == n->len && to > best &&
		    (to == len || !figure(s[to]) || !figure((uint8_t)n->text[n->len - 1])) &&
		    (to == len || !letter(s[to]) || figure((uint8_t)n->text[n->len - 1])))
			best = to;
	}
	return best;
}

/* Where the initials, and the words between of a name that has them, straight before a name begin. */
static size_t
before_name(const uint8_t *s, const struct token *seen, size_t count, size_t start, bool infixed)
{
	for (; count > 0; count--) {
		const struct token *t = &seen[count - 1];
		const bool initials =
		    t->capital && t->end - t->start <= 2 && t->end < start && s[t->end] == '.';

		if (!joins(s, t->end, start) || ((!infixed || !linkage_infix(&t->word)) && !initials))
			break;
		start = t->start;
	}
	return start;
}

#define SEEN_MAX 8

/* What is known, in this text; out has nothing of it yet. */
static int
find_known(const struct known *k, const uint8_t *s, size_t len, struct spans *out, struct err *e)
{
	struct token seen[SEEN_MAX], t;
	size_t seen_count = 0, end, last_name = SIZE_MAX;
	int rc = -1;

	for (size_t at = 0; linkage_word(s, len, &at, &t);) {
		const struct word *name;
		size_t from = t.start;

		/* A number begins where a word does, or where figures do inside of it. */
		for (end = 0; k->number_count > 0 && end == 0 && from < t.end; from++)
			if (from == t.start || (figure(s[from]) && !figure(s[from - 1])))
				if ((end = number_end(k, s, len, from)) > 0)
					break;
		if (end > 0) {
			if (add_span(out, from, end, KNOWN_NUMBER, e) == -1)
				goto out;
			at = end > at ? end : at;
			seen_count = 0;
			last_name = SIZE_MAX;
			continue;
		}
		if ((end = phrase_end(k, s, len, &t)) > 0) {
			if (add_span(out, t.start, end, KNOWN_ADDRESS, e) == -1)
				goto out;
			at = end > at ? end : at;
			seen_count = 0;
			last_name = SIZE_MAX;
			continue;
		}
		if ((end = linkage_spaced(k, s, len, &t)) > 0) {
			if (add_span(out, t.start, end, KNOWN_PERSON, e) == -1)
				goto out;
			at = end > at ? end : at;
			seen_count = 0;
			last_name = out->count - 1;
			continue;
		}
		if ((name = is_name(k, &t)) != NULL) {
			size_t start = before_name(s, seen, seen_count, t.start, name->infixed);

			/* One name goes on where the one before ended. */
			if (last_name != SIZE_MAX && joins(s, out->items[last_name].end, start)) {
				out->items[last_name].end = t.end;
			} else {
				if (add_span(out, start, t.end, KNOWN_PERSON, e) == -1)
					goto out;
				last_name = out->count - 1;
			}
			seen_count = 0;
			continue;
		}
		if (last_name != SIZE_MAX && !linkage_infix(&t.word))
			last_name = SIZE_MAX;
		if (seen_count == SEEN_MAX)
			memmove(seen, seen + 1, --seen_count * sizeof(seen[0]));
		seen[seen_count++] = t;
	}
	rc = 0;
out:
	explicit_bzero(seen, sizeof(seen));
	explicit_bzero(&t, sizeof(t));
	return rc;
}

/* The same in one of the readings of a text that is folded, in offsets of the original. */
static int
find_folded(
    const struct known *k, const char *text, size_t len, bool mirrored, struct spans *out, struct err *e)
{
	struct fold_cursor original = {.s = (const uint8_t *)text, .len = len, .mirrored = mirrored};
	struct spans found = {0};
	uint8_t *folded = malloc(len);
	size_t folded_len = 0, start, end;
	int rc = -1;

	if (folded == NULL)
		return err_sys(e, "text: memory for folding");
	folded_len = fold_text((const uint8_t *)text, len, mirrored, folded);
	if (find_known(k, folded, folded_len, &found, e) == -1)
		goto out;
	for (size_t i = 0; i < found.count; i++) {
		start = fold_original(&original, found.items[i].start, false);
		end = fold_original(&original, found.items[i].end, true);
		/* Empty: the one before has it all. */
		if (end > start && add_span(out, start, end, (enum known_kind)found.items[i].extra, e) == -1)
			goto out;
	}
	rc = 0;
out:
	spans_free(&found);
	explicit_bzero(folded, folded_len);
	free(folded);
	return rc;
}

static int compare_spans(const void *a, const void *b);

/* In order, and none over another. */
static void
settle(struct spans *s)
{
	size_t kept = 0;

	if (s->count == 0)
		return;
	qsort(s->items, s->count, sizeof(*s->items), compare_spans);
	for (size_t i = 1; i < s->count; i++) {
		struct span *last = &s->items[kept];

		if (s->items[i].start >= last->end)
			s->items[++kept] = s->items[i];
		else if (s->items[i].end > last->end)
			last->end = s->items[i].end;
	}
	s->count = kept + 1;
}

int
linkage_find(const struct subject *subject, const char *text, size_t len, struct spans *out, struct err *e)
{
	const uint8_t *s = (const uint8_t *)text;
	struct known *k;
	int rc;

	if (subject_known_none(subject))
		return 0;
	if ((k = calloc(1, sizeof(*k))) == NULL)
		return err_sys(e, "text: memory for what is known");
	linkage_known(k, subject);
	if (len == 0 || !fold_needed(s, len)) {
		rc = find_known(k, s, len, out, e);
	} else {
		rc = find_folded(k, text, len, false, out, e);
		if (rc == 0 && fold_mirrors(s, len)) {
			rc = find_folded(k, text, len, true, out, e);
			settle(out);
		}
	}
	explicit_bzero(k, sizeof(*k));
	free(k);
	return rc;
}

static int
compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

int
linkage_join(struct spans *spans, const struct spans *known, struct err *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < known->count; i++)
		if (add_span(spans, known->items[i].start, known->items[i].end,
			(enum known_kind)known->items[i].extra, e) == -1)
			return -1;
	if (known->count == 0)
		return 0;
	qsort(spans->items, spans->count, sizeof(*spans->items), compare_spans);
	for (size_t i = 1; i < spans->count; i++) {
		struct span *last = &spans->items[kept], *next = &spans->items[i];

		if (next->start >= last->end) {
			spans->items[++kept] = *next;
			continue;
		}
		if (next->end > last->end)
			last->end = next->end;
		if (next->type == SPAN_KNOWN && last->type != SPAN_KNOWN) {
			size_t start = last->start, to = last->end;

			*last = *next;
			last->start = start;
			last->end = to;
		}
	}
	spans->count = spans->count == 0 ? 0 : kept + 1;
	return 0;
}
