/* A guess at what the rules left open: runs of words in capitals, and what the model of guess_weights.c makes of them. */
#include "guess.h"

#include <string.h>

/* In 1/GUESS_SCALE: what is added for a label where no rule found anything, set so that persons are found at a precision above
 * 0.90, institutions above 0.93, on notes kept apart (tests/bench/RESULTS.md). */
static const int more_of[GUESS_LABELS] = {[GUESS_PERSON] = 4, [GUESS_HOUSE] = 4};
/* By what the rules say, and by what the guess is instead: how much more must speak for the guess than for the next. */
#define NEVER INT32_MAX
static const int least_lead[GUESS_LABELS][GUESS_LABELS] = {
    [GUESS_PERSON] = {[GUESS_NONE] = 60, [GUESS_PLACE] = 16, [GUESS_HOUSE] = 6},
    [GUESS_PLACE] = {[GUESS_NONE] = NEVER, [GUESS_PERSON] = NEVER, [GUESS_HOUSE] = 16},
};

#define SCORE_DROPPED 55 /* the surest that may be taken for nothing */
#define SCORE_LISTED 75
#define LISTED 20     /* taken from all else where a list has the name */
#define EVERYDAY 24   /* taken from a person where a word of every day begins a sentence */
#define SCORE_WEAK 85 /* the surest find of a person that may be taken for something else */

static const enum span_type type_of[GUESS_LABELS] = {
    [GUESS_PERSON] = SPAN_PERSON, [GUESS_PLACE] = SPAN_PLACE, [GUESS_HOUSE] = SPAN_INSTITUTION};
static const char *const rule_of[GUESS_LABELS] = {
    [GUESS_PERSON] = "person/guess", [GUESS_PLACE] = "place/guess", [GUESS_HOUSE] = "institution/guess"};

/* By token, the longest find that has it: its index and one; 0: none. Not noted, where a block has no find that could become
 * another: then few are asked for. */
struct held {
	bool noted;
	uint16_t by[BLOCK_TOKENS];
};

static const struct find *
held_by(const struct work *w, const struct held *held, long i)
{
	const struct find *longest = NULL;
	const struct token *t = name_token(w, i);

	if (i < 0 || i >= (long)w->token_count)
		return NULL;
	if (held->noted)
		return held->by[i] != 0 ? &w->finds[held->by[i] - 1] : NULL;
	for (size_t k = 0; k < w->find_count; k++) {
		const struct find *f = &w->finds[k];

		if (f->start < token_end(t) && t->start < f->end &&
		    (longest == NULL || longest->end - longest->start < f->end - f->start))
			longest = f;
	}
	return longest;
}

/* What the rules are not sure of. */
static bool
weak(const struct find *f)
{
	if (f->type == SPAN_PERSON)
		return f->score <= SCORE_WEAK;
	return f->type == SPAN_PLACE &&
	       (strcmp(f->rule, "place/list") == 0 || strcmp(f->rule, "place/name") == 0);
}

static bool
strong_at(const struct work *w, const struct held *held, long i)
{
	const struct find *f = held_by(w, held, i);

	return f != NULL && !weak(f);
}

static bool
any_weak(const struct work *w)
{
	for (size_t k = 0; k < w->find_count; k++)
		if (weak(&w->finds[k]))
			return true;
	return false;
}

static void
note_finds(const struct work *w, struct held *held)
{
	held->noted = true;
	memset(held->by, 0, w->token_count * sizeof(held->by[0]));
	for (size_t k = 0; k < w->find_count && k < UINT16_MAX; k++) {
		const struct find *f = &w->finds[k];
		size_t low = 0, half;

		/* The first token that ends behind its start, as in name_find.c: without a branch. */
		for (size_t left = w->token_count; left > 1; left -= half) {
			half = left / 2;
			low += token_end(&w->tokens[low + half - 1]) <= f->start ? half : 0;
		}
		low += w->token_count > 0 && token_end(&w->tokens[low]) <= f->start;
		for (; low < w->token_count && w->tokens[low].start < f->end; low++) {
			const struct find *other = held_by(w, held, (long)low);

			if (other == NULL || other->end - other->start < f->end - f->start)
				held->by[low] = (uint16_t)(k + 1);
		}
	}
}

/* Words of a name stand on both sides of what is between token i and the next. */
static bool
goes_on(const struct work *w, long i)
{
	size_t from = token_end(name_token(w, i));

	switch (name_gap(w, i)) {
	case GAP_SPACE:
	case GAP_HYPHEN:
	case GAP_QUOTE:
		return true;
	case GAP_DOT:
	case GAP_DOT_SPACE:
		return name_token(w, i)->len == 1 || token_is(w, name_token(w, i), "st");
	case GAP_BREAK:
		return name_token(w, i + 1)->start == from + 3 && w->in.s[from] == ' ' &&
		       w->in.s[from + 1] == '&';
	default:
		return false;
	}
}

/* Small words inside names, which lead no place. */
static bool
between_words(const struct work *w, long i)
{
	static const char *const words[] = {
	    "van", "de", "der", "den", "het", "voor", "t", "la", "al", "el", NULL};

	if (name_gap(w, i) != GAP_SPACE || name_token(w, i)->len > 4)
		return false;
	for (const char *const *word = words; *word != NULL; word++)
		if (token_is(w, name_token(w, i), *word))
			return true;
	return false;
}

/* The last token of the run that begins with token i. */
static long
run_end(const struct work *w, const struct held *held, long i)
{
	long last = i;

	while (last - i < GUESS_TOKENS_MAX - 1 && goes_on(w, last)) {
		long k = last + 1;

		while (k - last <= 2 && k - i < GUESS_TOKENS_MAX - 1 && between_words(w, k))
			k++;
		if ((name_token(w, k)->shape & TOKEN_TITLE) == 0 || k >= (long)w->token_count ||
		    strong_at(w, held, k))
			break;
		last = k;
	}
	return last;
}

/* What can be no name, and most capitals are: a word of every day alone, where a sentence begins; a day, a drug; what is
 * measured ("Hb 7,2"). */
static bool
idle(const struct work *w, long i)
{
	const struct token *t = name_token(w, i);
	uint32_t flags = name_of_light(w, i);

	/* "38 °C", "een E en een D" */
	if (t->len == 1 &&
	    (text_at(&w->in, token_end(t)) != '.' || (text_before(&w->in, t->start, 1) & 0x80) != 0 ||
		class_at(&w->in, token_end(t) + 1) & IS_LOWER))
		return true;
	if (t->len == 2 && token_is(w, t, "er"))
		return true;
	if (flags & (NAME_STOP | NAME_MED | NAME_OTHER | NAME_INTERFIX | NAME_TITLE | NAME_ROLE | NAME_LABEL |
			NAME_GREET))
		return (flags & (NAME_FIRST | NAME_LAST)) == 0 || flags & NAME_STOP;
	/* "1234 Ab" */
	if (t->len == 2 && name_gap(w, i - 1) == GAP_SPACE && name_token(w, i - 1)->shape & TOKEN_DIGIT)
		return true;
	/* "Roos met doorns" */
	if ((flags & NAME_ANY) != 0)
		return name_of(w, i) & NAME_COMMON && name_begins(w, i) && name_gap(w, i) == GAP_SPACE &&
		       (name_of_light(w, i + 1) & (NAME_STOP | NAME_VERB)) == NAME_STOP;
	if (t->len <= 4 && (name_token(w, i + 1)->shape & TOKEN_DIGIT) && name_gap(w, i) == GAP_SPACE)
		return true;
	return t->len > 40 || (name_of(w, i) & NAME_COMMON && name_begins(w, i));
}

/* In a text in capitals they say nothing: three words, or a run and a word beside it. */
static bool
shouted(const struct work *w, const struct guess_run *run)
{
	for (long i = run->first; i <= run->last; i++)
		if (name_token(w, i)->shape & TOKEN_LOWER)
			return false;
	if (run->last - run->first >= 2)
		return true;
	return (name_shouted(w, run->first - 1) || name_shouted(w, run->last + 1)) &&
	       (run->last > run->first || name_token(w, run->first)->len > 4);
}

/* "Overdracht van Ank": the name that is found begins further on. */
static long
name_inside(const struct work *w, const struct held *held, const struct guess_run *run)
{
	for (long k = run->first + 1; k <= run->last; k++) {
		const struct find *f = held_by(w, held, k);

		if (f != NULL)
			return f->type == SPAN_PERSON && f->start == name_token(w, k)->start &&
				       token_is(w, name_token(w, k - 1), "van")
				   ? k
				   : 0;
	}
	return 0;
}

/* Half a word: "Capelle a/d IJssel", "Jansen-methode". */
static bool
cut(const struct work *w, const struct guess_run *run)
{
	enum gap before = name_gap(w, run->first - 1), behind = name_gap(w, run->last);

	return before == GAP_HYPHEN || before == GAP_SLASH || before == GAP_NONE || behind == GAP_NONE ||
	       (behind == GAP_HYPHEN && !name_capital(w, run->last + 1));
}

static void
change(struct work *w, const struct guess_run *run, enum guess_label label)
{
	size_t start = w->tokens[run->first].start, end = token_end(&w->tokens[run->last]), kept = 0;

	for (size_t k = 0; k < w->find_count; k++) {
		struct find *f = &w->finds[k];

		/* its place is another find */
		bool apart = label == GUESS_HOUSE && f->type == SPAN_PLACE && f->start > start;

		if (f->start >= start && f->end <= end + 1 && weak(f) && !apart) {
			if (label == GUESS_NONE && f->type == SPAN_PERSON)
				continue;
			if (label != GUESS_NONE) {
				f->type = type_of[label];
				f->rule = rule_of[label];
			}
		}
		w->finds[kept++] = *f;
	}
	w->find_count = kept;
}

/* Words before the name: "Vriendin Iris", "Mevrouw". */
static long
person_first(const struct work *w, const struct guess_run *run)
{
	long i = run->first;

	while (i < run->last &&
	       ((name_of(w, i) & (NAME_TITLE | NAME_ROLE)) ||
		   ((name_of(w, i) & (NAME_COMMON | NAME_STOP)) && name_begins(w, i))) &&
	       (name_of(w, i) & (NAME_FIRST | NAME_LAST)) == 0)
		i++;
	return i;
}

/* A word of it is one that persons have: none of every day, no place alone, no method ("volgens Seldinger"). */
static bool
can_be_person(const struct work *w, const struct guess_run *run)
{
	long first = person_first(w, run);

	/* "stadium II" */
	if (run->first == run->last && name_shouted(w, run->first)) {
		const struct token *t = name_token(w, run->first);
		size_t at = t->start;

		while (at < token_end(t) && (w->in.s[at] == 'I' || w->in.s[at] == 'V' || w->in.s[at] == 'X'))
			at++;
		if (at == token_end(t))
			return false;
	}
	if (name_token(w, first - 1)->len == 0 && name_token(w, run->last + 1)->len == 0 &&
	    name_shouted(w, first))
		return false;
	if (name_of_method(w, first))
		return false;
	for (long i = first; i <= run->last; i++) {
		uint32_t flags = name_of(w, i);

		if (name_capital(w, i) && (flags & (NAME_STOP | NAME_MED | NAME_OTHER)) == 0 &&
		    ((flags & NAME_PLACE) == 0 || flags & NAME_FIRST))
			return flags & (NAME_FIRST | NAME_LAST) ||
			       !token_is(w, name_token(w, first - 1), "volgens");
	}
	return false;
}

static int
put_guess(struct work *w, const struct guess_run *run, enum guess_label label, struct err *e)
{
	long first = run->first, last = run->last;
	struct find f = {.type = type_of[label], .rule = rule_of[label], .score = 50};

	if (label == GUESS_PERSON)
		first = person_first(w, run);
	/* "Laurentius Roermond": its place, which was found, is another find */
	while (label == GUESS_HOUSE && last > first && run->placed && name_placed(w, last))
		last--;
	for (long i = first; label == GUESS_PERSON && i <= last; i++)
		if (name_capital(w, i) && (name_of(w, i) & NAME_COMMON) == 0)
			name_learn(w, i);
	f.start = w->tokens[first].start;
	f.end = token_end(&w->tokens[last]);
	f.end += w->tokens[last].len == 1 && text_at(&w->in, f.end) == '.';
	f.value = text_value(w->in.s + f.start, f.end - f.start, " .-'\n\r\t");
	return find_add(w, &f, e);
}

static enum guess_label
had_label(const struct guess_run *run)
{
	return run->had == NULL ? GUESS_NONE : run->had->type == SPAN_PERSON ? GUESS_PERSON : GUESS_PLACE;
}

/* "Roos met doorns", "Reden Van Komst": what begins a sentence, or a heading, in words of every day. */
static bool
everyday(const struct work *w, const struct guess_run *run)
{
	for (long i = run->first; i <= run->last; i++)
		if (name_capital(w, i) && (name_of(w, i) & (NAME_COMMON | NAME_STOP | NAME_INTERFIX)) == 0)
			return false;
	return run->last > run->first || name_begins(w, run->first);
}

/* The guess, where it is sure enough to say other than the rules; else what they say. */
static enum guess_label
guess(const struct work *w, const struct guess_run *run)
{
	enum guess_label had = had_label(run), best = GUESS_NONE;
	int sum[GUESS_LABELS] = {0}, second = INT32_MIN, lead;
	struct guess_looks looks;

	if (had == GUESS_NONE && everyday(w, run))
		sum[GUESS_PERSON] -= EVERYDAY;
	guess_look(w, run, &looks);
	for (size_t i = 0; i < looks.count; i++)
		for (int label = 1; label < GUESS_LABELS; label++)
			sum[label] += guess_weights[looks.slot[i] * GUESS_KINDS + label - 1];
	for (int label = 1; label < GUESS_LABELS && had == GUESS_NONE; label++)
		sum[label] += more_of[label];
	for (int label = 1; label < GUESS_LABELS; label++)
		if (sum[label] > sum[best])
			best = (enum guess_label)label;
	for (int label = 0; label < GUESS_LABELS; label++)
		if (label != (int)best && sum[label] > second)
			second = sum[label];
	lead = sum[best] - second;
	if (had == GUESS_PERSON && run->had->score >= SCORE_LISTED)
		lead -= LISTED;
	if ((best == GUESS_PLACE && name_of(w, run->last) & NAME_COMMON) || best == had ||
	    lead < least_lead[had][best] || (best == GUESS_PERSON && !can_be_person(w, run)))
		return had;
	/* "het Rijk", "B&W van Ede" are nobody */
	if (best == GUESS_PERSON && run->first > 0 &&
	    ((run->first == run->last && token_is(w, name_token(w, run->first - 1), "het") &&
		 name_gap(w, run->first - 1) == GAP_SPACE) ||
		text_before(&w->in, name_token(w, run->first)->start, 1) == '&'))
		return had;
	return best != GUESS_NONE || run->had->score <= SCORE_DROPPED ? best : had;
}

int
guess_find(struct work *w, struct err *e)
{
	const struct guess_tap *tap = w->with->tap;
	struct held held;
	long count = (long)w->token_count, next, k;

	held.noted = false;
	if (any_weak(w))
		note_finds(w, &held);
	for (long i = 0; i < count; i = next) {
		struct guess_run run;
		uint64_t titles = w->titles[i / 64] >> i % 64;
		enum guess_label label;

		if (titles == 0 || (titles & 1) == 0) {
			next = titles == 0 ? (i / 64 + 1) * 64 : i + __builtin_ctzll(titles);
			continue;
		}
		next = i + 1;
		/* no capital near: a word alone */
		if ((!held.noted || held.by[i] == 0) && (titles >> 1 & 7) == 0 && i % 64 < 60 && idle(w, i))
			continue;
		if (strong_at(w, &held, i) || name_token(w, i)->shape & TOKEN_DIGIT)
			continue;
		run = (struct guess_run){.first = i, .last = run_end(w, &held, i)};
		if (run.last == i && held_by(w, &held, i) == NULL && idle(w, i))
			continue;
		next = run.last + 1;
		if (cut(w, &run) || shouted(w, &run))
			continue;
		if (run.last > i && held_by(w, &held, i) == NULL && idle(w, i) &&
		    (k = name_inside(w, &held, &run)) > 0) {
			next = k;
			continue;
		}
		for (k = i; k <= run.last; k++) {
			const struct find *f = held_by(w, &held, k);

			if (f != NULL &&
			    (run.had == NULL || run.had->end - run.had->start < f->end - f->start))
				run.had = f;
		}
		run.placed = name_placed(w, run.last);
		if (tap != NULL) {
			tap->take(tap->arg, w, &run);
			continue;
		}
		/* a name that was guessed before, elsewhere in the text */
		label =
		    run.last == i && run.had == NULL && name_seen(w, i) && (name_of(w, i) & NAME_COMMON) == 0
			? GUESS_PERSON
			: guess(w, &run);
		if (label == had_label(&run))
			continue;
		if (run.had != NULL) {
			change(w, &run, label);
			note_finds(w, &held);
		}
		if (label != GUESS_NONE && put_guess(w, &run, label, e) == -1)
			return -1;
	}
	return 0;
}
