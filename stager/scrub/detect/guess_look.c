/* What the model of guess.c looks at: words in and around a run, their shapes and spellings, the lists that have them. */
#include "guess.h"

#include <string.h>

/* What is looked at; each has slots of its own. The order is part of the model. */
enum look {
	LOOK_BIAS,
	LOOK_BEFORE,
	LOOK_BEFORE2,
	LOOK_BEFORE3,
	LOOK_BEFORE_PAIR,
	LOOK_BEHIND,
	LOOK_BEHIND2,
	LOOK_BEHIND_PAIR,
	LOOK_BOTH,
	LOOK_GAPS,
	LOOK_LINE,
	LOOK_LABEL,
	LOOK_BEFORE_FLAGS,
	LOOK_BEHIND_FLAGS,
	LOOK_BEFORE_CLASSES,
	LOOK_BEHIND_CLASSES,
	LOOK_FIRST,
	LOOK_LAST,
	LOOK_ANY,
	LOOK_FIRST_FLAGS,
	LOOK_LAST_FLAGS,
	LOOK_FLAG,
	LOOK_SHAPE,
	LOOK_COUNT,
	LOOK_HEAD,
	LOOK_TAIL,
	LOOK_TAIL4,
	LOOK_LIKE,
	LOOK_RULE,
	LOOK_RULE_BEFORE,
	LOOK_BEFORE_KIND,
	LOOK_BEHIND_KIND,
	LOOK_EDGE,
	LOOK_SEEN,
	LOOK_LEFT_TAIL,
	LOOK_BEFORE2_KIND,
};

static void
look(struct guess_looks *looks, enum look what, uint32_t value)
{
	uint32_t h = ((uint32_t)what + 1) * UINT32_C(0x9e3779b1) ^ value * UINT32_C(0x85ebca6b);

	h ^= h >> 15;
	h *= UINT32_C(0xc2b2ae35);
	if (looks->count < GUESS_LOOKS_MAX) {
		/* The weights are more than what the processor has close at hand, and are wanted only when all looks are there. */
		__builtin_prefetch(&guess_weights[(h >> (32 - GUESS_BITS)) * GUESS_KINDS]);
		looks->slot[looks->count++] = (uint16_t)(h >> (32 - GUESS_BITS));
	}
}

/* A word as it stands beside a run: figures are all the same. */
static uint32_t
word(const struct work *w, long i)
{
	const struct token *t = name_token(w, i);

	if (t->len == 0)
		return 1;
	if (t->shape & TOKEN_DIGIT)
		return 2 + ((t->shape & (TOKEN_LOWER | TOKEN_UPPER)) != 0) + 2 * (t->len > 4);
	return t->hash;
}

static unsigned
shape(const struct work *w, long i)
{
	const struct token *t = name_token(w, i);

	if (t->len == 0)
		return 0;
	if (t->shape & TOKEN_DIGIT)
		return 1;
	if ((t->shape & TOKEN_UPPER) == 0)
		return 2;
	if ((t->shape & TOKEN_LOWER) == 0)
		return t->len == 1 ? 3 : t->len <= 3 ? 4 : t->len <= 5 ? 5 : 6;
	return (t->shape & TOKEN_TITLE) == 0 ? 7 : name_camel(w, i) ? 8 : 9;
}

/* The kind of word that stands there, coarser than the word: four bits. */
static unsigned
kind(const struct work *w, long i)
{
	uint32_t flags = name_of(w, i);

	if (name_token(w, i)->len == 0)
		return 0;
	if (name_token(w, i)->shape & TOKEN_DIGIT)
		return 1;
	if (flags & NAME_TITLE)
		return 2;
	if (flags & NAME_ROLE)
		return 3;
	if (flags & NAME_INST)
		return 4;
	if (flags & NAME_STOP)
		return 5;
	if (flags & (NAME_MED | NAME_DISEASE))
		return 6;
	if (flags & NAME_OTHER)
		return 7;
	if (flags & NAME_FIRST)
		return flags & NAME_COMMON ? 8 : 9;
	if (flags & NAME_LAST)
		return flags & NAME_COMMON ? 10 : 11;
	if (flags & NAME_PLACE)
		return 12;
	if (flags & NAME_PROPER)
		return 13;
	return name_profession(w, i) ? 3 : flags & NAME_COMMON ? 14 : 15;
}

/* What stands between two tokens: its kind, and the first sign in it that is no space. */
static unsigned
between(const struct work *w, long i)
{
	size_t from = token_end(name_token(w, i)), to = name_token(w, i + 1)->start;
	unsigned sign = 0;

	if (name_token(w, i)->len == 0)
		from = to > 0 ? to - 1 : 0;
	if (name_token(w, i + 1)->len == 0)
		to = w->in.len < from + 3 ? w->in.len : from + 3;
	for (size_t at = from; at < to && at < from + 4 && sign == 0; at++)
		if (w->in.s[at] != ' ')
			sign = w->in.s[at];
	return sign << 4 | (unsigned)name_gap(w, i);
}

static bool
ends_line(const struct work *w, size_t at)
{
	while (text_at(&w->in, at) == ' ' || text_at(&w->in, at) == '.')
		at++;
	return at >= w->in.len || w->in.s[at] == '\n' || w->in.s[at] == '\r';
}

/* The first token of its line, or eight tokens back. *label: a colon stands behind one of those between. */
static long
line_start(const struct work *w, long i, long *label)
{
	long from = i;

	*label = -1;
	for (; i - from < 8 && name_token(w, from - 1)->len > 0; from--) {
		size_t at = token_end(name_token(w, from - 1)), to = name_token(w, from)->start;

		if (memchr(w->in.s + at, '\n', to - at) != NULL)
			return from;
		if (*label == -1 && text_at(&w->in, at) == ':')
			*label = from - 1;
	}
	return name_token(w, from - 1)->len == 0 ? from : -1;
}

/* Spelling of one word: three letters before, three and four behind. */
static void
spelling(const struct work *w, long i, bool last, struct guess_looks *looks)
{
	const struct token *t = name_token(w, i);
	const uint8_t *s = w->in.s + t->start;
	uint32_t three = 0, four, head = 0;

	if (t->len < 4)
		return;
	for (size_t k = 0; k < 3; k++) {
		head = head << 8 | (s[k] | 0x20);
		three = three << 8 | (s[t->len - 3 + k] | 0x20);
	}
	four = three | (uint32_t)(s[t->len - 4] | 0x20) << 24;
	look(looks, LOOK_HEAD, head);
	look(looks, LOOK_TAIL, three << 1 | last);
	look(looks, LOOK_TAIL4, four);
}

#define FLAGS_LOOKED                                                                              \
	(NAME_FIRST | NAME_LAST | NAME_PLACE | NAME_PROPER | NAME_STOP | NAME_MED | NAME_EPONYM | \
	    NAME_ROLE | NAME_INST | NAME_COMMON | NAME_OTHER | NAME_GUESSED)
#define FLAGS_BESIDE                                                                                 \
	(NAME_STOP | NAME_TITLE | NAME_ROLE | NAME_INTERFIX | NAME_LABEL | NAME_GREET | NAME_INST |  \
	    NAME_DISEASE | NAME_COMMON | NAME_VERB | NAME_PREP | NAME_SIGN | NAME_MED | NAME_FIRST | \
	    NAME_PLACE | NAME_LAST)
#define CLASSES_BESIDE                                                                                \
	(W_CUE | W_WORKS | W_DWELLS | W_INSTITUTION | W_AFTERNAME | W_NAMED | W_TAKESPLACE | W_FIRM | \
	    W_DEPARTMENT | W_FAMILY | W_STREET | W_LEAD | W_OTHER | W_PATIENT | W_BIRTH)

static uint32_t
rule_hash(const char *rule)
{
	return token_hash((const uint8_t *)rule, strlen(rule));
}

static uint32_t
classes(const struct work *w, long i)
{
	uint64_t c = name_token(w, i)->classes & CLASSES_BESIDE;

	return (uint32_t)(c ^ c >> 31);
}

/* The words of the run itself; how its first and last are told. */
static uint32_t
inside(const struct work *w, const struct guess_run *run, struct guess_looks *looks)
{
	uint32_t first = name_of(w, run->first) & FLAGS_LOOKED, last = name_of(w, run->last) & FLAGS_LOOKED;
	uint32_t all = 0, kinds;
	int most = INT16_MIN;

	look(looks, LOOK_FIRST, word(w, run->first));
	look(looks, LOOK_LAST, word(w, run->last));
	look(looks, LOOK_FIRST_FLAGS, first);
	look(looks, LOOK_LAST_FLAGS, last);
	for (long i = run->first; i <= run->last; i++) {
		const struct token *t = name_token(w, i);
		int like;

		if ((t->shape & TOKEN_TITLE) == 0) {
			look(looks, LOOK_ANY, word(w, i));
			continue;
		}
		all |= name_of(w, i) & FLAGS_LOOKED;
		if (i > run->first && i < run->last)
			look(looks, LOOK_ANY, word(w, i));
		if (name_seen(w, i))
			look(looks, LOOK_SEEN, i == run->first);
		spelling(w, i, i == run->last, looks);
		like = t->len >= 4 && (name_of(w, i) & (NAME_FIRST | NAME_LAST | NAME_STOP)) == 0
			   ? name_like_of(w, i)
			   : 0;
		most = like > most ? like : most;
	}
	for (uint32_t bit = 1; bit <= NAME_GUESSED; bit <<= 1)
		if (all & bit)
			look(looks, LOOK_FLAG, bit);
	/* "alleen een gewoon woord", "een voornaam en een onbekend": what both are together */
	kinds = kind(w, run->first) << 4 | kind(w, run->last);
	look(looks, LOOK_SHAPE, shape(w, run->first) << 4 | shape(w, run->last));
	look(looks, LOOK_COUNT, (uint32_t)(run->last - run->first));
	look(looks, LOOK_LIKE, (uint32_t)(most < -128 ? 0 : most > 127 ? 9 : 1 + (most + 128) / 32));
	return kinds << 4 | (uint32_t)(run->last - run->first > 0) << 3 | (shape(w, run->last) < 7);
}

void
guess_look(const struct work *w, const struct guess_run *run, struct guess_looks *looks)
{
	long b = run->first - 1, a = run->last + 1, label, line = line_start(w, run->first, &label);
	unsigned left = between(w, b), right = between(w, run->last), edge;
	unsigned before = kind(w, b), behind = kind(w, a);
	uint32_t kinds, one = word(w, b), two = word(w, b - 1), next = word(w, a);
	const char *rule = run->had != NULL ? run->had->rule : "none";

	looks->count = 0;
	look(looks, LOOK_BIAS, 0);
	kinds = inside(w, run, looks);
	edge = (line == run->first) | (unsigned)name_begins(w, run->first) << 1 |
	       (unsigned)ends_line(w, token_end(name_token(w, run->last))) << 2 | (unsigned)run->placed << 3 |
	       (unsigned)w->caseless << 4;
	look(looks, LOOK_BEFORE, one ^ left << 20);
	look(looks, LOOK_BEFORE, one ^ UINT32_C(0x5bd1e995));
	look(looks, LOOK_BEFORE2, two);
	look(looks, LOOK_BEFORE3, word(w, b - 2));
	look(looks, LOOK_BEFORE_PAIR, one * 31 + two);
	look(looks, LOOK_BEHIND, next ^ right << 20);
	look(looks, LOOK_BEHIND, next ^ UINT32_C(0x5bd1e995));
	look(looks, LOOK_BEHIND2, word(w, a + 1));
	look(looks, LOOK_BEHIND_PAIR, next * 31 + word(w, a + 1));
	look(looks, LOOK_BOTH, one * 31 + next);
	look(looks, LOOK_GAPS, left << 12 | right);
	look(looks, LOOK_GAPS, left | UINT32_C(1) << 30);
	look(looks, LOOK_GAPS, right | UINT32_C(1) << 31);
	look(looks, LOOK_EDGE, edge);
	look(looks, LOOK_EDGE, edge << 12 | kinds | UINT32_C(1) << 31);
	if (line >= 0 && line < run->first)
		look(looks, LOOK_LINE, word(w, line));
	if (label >= 0)
		look(looks, LOOK_LABEL, word(w, label) ^ (label == b));
	look(looks, LOOK_BEFORE_FLAGS, name_of(w, b) & FLAGS_BESIDE);
	look(looks, LOOK_BEHIND_FLAGS, name_of(w, a) & FLAGS_BESIDE);
	look(looks, LOOK_BEFORE_CLASSES, classes(w, b) ^ left << 16);
	look(looks, LOOK_BEHIND_CLASSES, classes(w, a) ^ right << 16);
	look(looks, LOOK_BEFORE_KIND, before << 20 | (left & 15) << 16 | kinds);
	look(looks, LOOK_BEFORE2_KIND, before << 12 | kind(w, b - 1) << 8 | (left & 15) << 4 | shape(w, b));
	look(looks, LOOK_BEHIND_KIND, behind << 20 | (right & 15) << 16 | kinds);
	look(looks, LOOK_BEFORE, (one ^ (left & 15)) * 31 + kinds);
	look(looks, LOOK_BEHIND, (next ^ (right & 15)) * 31 + kinds);
	look(looks, LOOK_RULE, rule_hash(rule));
	look(looks, LOOK_RULE, rule_hash(rule) * 31 + kinds);
	look(looks, LOOK_RULE_BEFORE, rule_hash(rule) * 31 + one);
	if (name_token(w, b)->len >= 5 && (name_token(w, b)->shape & TOKEN_DIGIT) == 0) {
		const uint8_t *end = w->in.s + token_end(name_token(w, b));

		look(looks, LOOK_LEFT_TAIL,
		    (uint32_t)(end[-4] | 0x20) << 24 | (uint32_t)(end[-3] | 0x20) << 16 |
			(uint32_t)(end[-2] | 0x20) << 8 | (end[-1] | 0x20));
	}
}
