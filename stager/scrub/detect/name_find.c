/* Persons: which words that look like names are names, by what they are and by what stands around them. */
#include "house.h"

#include <string.h>

static int
put_name(struct work *w, long start, long end, size_t end_at, const struct verdict *v, struct err *e)
{
	struct find f = {.start = name_token(w, start)->start, .end = end_at, .type = SPAN_PERSON};

	/* 't Hoen */
	if (name_token(w, start)->len == 1 && f.start > 1 && w->in.s[f.start - 1] == '\'' &&
	    w->in.s[f.start - 2] == ' ')
		f.start--;
	f.score = v->score;
	f.rule = v->rule;
	f.value = text_value(w->in.s + f.start, f.end - f.start, " .-'\n\r\t");
	if (v->sure)
		for (long i = start; i < end; i++)
			if (name_capital(w, i) ? !name_initial(w, i) : (name_of_light(w, i) & NAME_ANY) != 0)
				name_learn(w, i);
	return find_add(w, &f, e);
}

/* "Vries, J.P. de": initials and interfixes behind the surname. */
static bool
turned(const struct work *w, struct name_parts *p)
{
	long k = p->end, from = k;
	bool dotted = false;
	enum gap gap;

	if (name_gap(w, p->end - 1) != GAP_COMMA || !name_initial(w, k))
		return false;
	while (name_initial(w, k) && k - from < 6) {
		dotted = dotted || text_at(&w->in, token_end(name_token(w, k))) == '.';
		gap = name_gap(w, k++);
		if (gap != GAP_DOT && gap != GAP_DOT_SPACE && gap != GAP_SPACE)
			break;
	}
	gap = name_gap(w, k - 1);
	if (gap == GAP_SPACE || gap == GAP_DOT_SPACE) {
		long behind = k;

		while (behind - k < 4 && (name_of_light(w, behind) & NAME_INTERFIX) &&
		       !name_capital(w, behind)) {
			gap = name_gap(w, behind++);
			if (gap != GAP_SPACE && gap != GAP_QUOTE)
				break;
		}
		/* "Jansen, J. de Boer": two persons; "Jansen, J. Bekend met": the next sentence */
		if (behind > k && (gap == GAP_SPACE || gap == GAP_QUOTE) && name_capital(w, behind))
			return false;
		if (behind > k && !name_interfix_weak(w, k)) {
			p->end = behind;
			p->end_at = token_end(name_token(w, behind - 1));
			return true;
		}
		if (behind == k && name_capital(w, k) && (name_of(w, k) & (NAME_COMMON | NAME_STOP)) == 0)
			return false;
	}
	if (!dotted && gap != GAP_BREAK && gap != GAP_COMMA && gap != GAP_WRAP)
		return false;
	p->end = k;
	p->end_at =
	    token_end(name_token(w, k - 1)) + (text_at(&w->in, token_end(name_token(w, k - 1))) == '.');
	return true;
}

/* "Jansen en X", "Jansen/X": behind a name that ends before token `done`. */
static bool
follows_a_name(const struct work *w, long i, long done)
{
	enum gap gap = name_gap(w, i - 1);

	if (done == 0)
		return false;
	if (done == i)
		return gap == GAP_SLASH ||
		       (gap == GAP_COMMA && text_before(&w->in, name_token(w, i)->start, 1) == ' ');
	return done == i - 1 && gap == GAP_SPACE && name_gap(w, done - 1) == GAP_SPACE &&
	       (token_is(w, name_token(w, done), "en") || token_is(w, name_token(w, done), "of"));
}

/* "Jans moeder": hers or his, before a word for kin. */
static bool
is_whose(const struct work *w, long i)
{
	const struct token *t = name_token(w, i);

	return t->len > 3 && !name_shouted(w, i) && w->in.s[token_end(t) - 1] == 's' &&
	       name_gap(w, i) == GAP_SPACE && !(name_token(w, i + 1)->shape & TOKEN_TITLE) &&
	       (name_of_light(w, i + 1) & NAME_ROLE) && !(name_of_light(w, i) & NAME_STOP) &&
	       (name_flags(token_hash(w->in.s + t->start, t->len - 1)) & (NAME_FIRST | NAME_STOP)) ==
		   NAME_FIRST;
}

static int
put_house(struct work *w, size_t start, size_t end, const char *rule, struct err *e)
{
	struct find f = {.start = start, .end = end, .type = SPAN_INSTITUTION, .score = 55, .rule = rule};

	f.value = text_value(w->in.s + f.start, f.end - f.start, " -\n");
	return find_add(w, &f, e);
}

/* "St. Jozef": a saint's house; "St. Annaland" is a place. */
static bool
is_saint(const struct work *w, long i)
{
	return token_is(w, name_token(w, i), "st") && name_gap(w, i) == GAP_DOT_SPACE &&
	       name_capital(w, i + 1) && (name_of(w, i + 1) & (NAME_FIRST | NAME_PLACE)) == NAME_FIRST &&
	       !name_placed(w, i + 1) && !name_held(w, i + 1) && name_gap(w, i + 1) != GAP_HYPHEN &&
	       name_lead(w, i) != LEAD_TITLE;
}

/* "Haring, B." and then a comma, a bracket, a quote: an item of a list, whatever the word. Where it ends; 0: it is none. */
static size_t
turned_end(const struct work *w, long i)
{
	uint8_t before = text_before(&w->in, name_token(w, i)->start, 2);
	size_t at;

	if (name_gap(w, i) != GAP_COMMA || !name_initial(w, i + 1) || name_shouted(w, i) ||
	    name_token(w, i)->len < 3 || (!name_begins(w, i) && before != ')' && before != ';'))
		return 0;
	at = token_end(name_token(w, i + 1));
	if (text_at(&w->in, at) != '.')
		return 0;
	while (class_at(&w->in, at + 1) & IS_UPPER && text_at(&w->in, at + 2) == '.')
		at += 2;
	at++;
	return text_at(&w->in, at) == ',' || text_at(&w->in, at) == ';' || text_at(&w->in, at) == '|' ||
		       text_at(&w->in, at) == '"' ||
		       (text_at(&w->in, at) == ' ' && text_at(&w->in, at + 1) == '(')
		   ? at
		   : 0;
}

/* "drs. K. Mensink, PhD" */
static bool
is_degree(const struct work *w, long i)
{
	static const char *const words[] = {"phd", "msc", "bsc", "mba", "llm", "llb", NULL};

	for (const char *const *word = words; *word != NULL; word++)
		if (token_is(w, name_token(w, i), *word))
			return true;
	return false;
}

/* "door Van der Wel": a capital and two interfixes, in the midst of a sentence, before any word. Where it begins; 0: no such thing. */
static long
of_van_der(const struct work *w, long i)
{
	static const char *const second[] = {"der", "den", "de", "het", NULL};

	if (name_token(w, i - 2)->len != 3 || !name_capital(w, i - 2) || name_capital(w, i - 1) ||
	    !token_is(w, name_token(w, i - 2), "van") || name_shouted(w, i) || name_token(w, i)->len < 3 ||
	    name_gap(w, i - 1) != GAP_SPACE || name_gap(w, i - 2) != GAP_SPACE || name_begins(w, i - 2) ||
	    (name_gap(w, i) == GAP_SPACE && name_capital(w, i + 1)) || name_of(w, i) & NAME_NEVER)
		return 0;
	for (const char *const *word = second; *word != NULL; word++)
		if (token_is(w, name_token(w, i - 1), *word))
			return i - 2;
	return 0;
}

/* "(...) zaag ik hem zelf. Van Everdingen": who wrote it, behind the last sentence, a town or not. Where it ends; 0: no such thing. */
static long
van_at_end(const struct work *w, long i)
{
	const struct token *t = name_token(w, i);
	long k = i + 1;
	uint8_t before;

	if (t->len != 3 || !token_is(w, t, "van") || name_shouted(w, i))
		return 0;
	before = text_before(&w->in, t->start, 2);
	if ((before != '.' && before != '!' && before != '?') || text_before(&w->in, t->start, 1) != ' ')
		return 0;
	while (k - i < 3 && !name_capital(w, k) && name_of_light(w, k) & NAME_INTERFIX &&
	       name_gap(w, k - 1) == GAP_SPACE)
		k++;
	if (!name_capital(w, k) || name_shouted(w, k) || name_token(w, k)->len < 4 ||
	    name_gap(w, k - 1) != GAP_SPACE || name_of(w, k) & NAME_NEVER ||
	    token_end(name_token(w, k)) < w->in.len - (text_before(&w->in, w->in.len, 1) == '\n'))
		return 0;
	return k + 1;
}

/* A word with a capital: what may begin with it. Returns the token to go on with, or -1 with e set. */
static long
at_capital(struct work *w, long i, long done, struct err *e)
{
	struct name_parts p;
	struct verdict v;
	enum lead lead;
	bool van, firm;
	uint32_t flags = name_of_light(w, i);
	long start;
	size_t letters, listed;

	if (name_held(w, i))
		return i + 1;
	if (i > 0 && (start = house_capital(w, i)) > 0)
		return put_house(w, name_token(w, i)->start, token_end(name_token(w, i + start - 1)),
			   "institution/told", e) == -1
			   ? -1
			   : i + start;
	if (name_token(w, i)->len <= 4 && (letters = name_paraph_end(w, i)) != 0) {
		v = VERDICT(70, "letters", false);
		if (put_name(w, i, i + 1, letters, &v, e) == -1)
			return -1;
		for (start = i + 1; name_token(w, start)->len > 0 && name_token(w, start)->start < letters;)
			start++;
		return start;
	}
	if (name_token(w, i)->len == 3 && is_degree(w, i))
		return i + 1;
	if (i > 0 && (v = name_told(w, i, &start, &letters)).score > 0)
		return put_name(w, i, start, letters, &v, e) == -1 ? -1 : start;
	if (name_token(w, i)->len == 3 && name_is_ben(w, i)) {
		v = VERDICT(60, "first", false);
		return put_name(w, i, i + 1, token_end(name_token(w, i)), &v, e) == -1 ? -1 : i + 1;
	}
	listed = name_gap(w, i) == GAP_COMMA ? turned_end(w, i) : 0;
	if (name_token(w, i)->len == 2 && is_saint(w, i))
		return put_house(w, name_token(w, i)->start, token_end(name_token(w, i + 1)),
			   "institution/saint", e) == -1
			   ? -1
			   : i + 2;
	if (i > 1 && (flags & NAME_STOP) && (start = of_van_der(w, i)) > 0) {
		v = VERDICT(70, "van", false);
		return put_name(w, start, i + 1, token_end(name_token(w, i)), &v, e) == -1 ? -1 : i + 1;
	}
	if (i > 0 && (start = van_at_end(w, i)) > 0) {
		v = VERDICT(60, "end", true);
		return put_name(w, i, start, token_end(name_token(w, start - 1)), &v, e) == -1 ? -1 : start;
	}
	/* Most capitals begin a sentence, with a word of every day; but "de heer van de Pas". */
	if ((flags & NAME_STOP) &&
	    !(i > 1 && (name_of_light(w, i - 1) & NAME_INTERFIX) && (start = name_interfix_back(w, i)) < i &&
		name_lead(w, start) == LEAD_TITLE) &&
	    !(listed != 0 && i > 0 && name_gap(w, i - 1) == GAP_COLON) &&
	    !(flags & (NAME_ANY | NAME_INTERFIX)) && name_token(w, i)->len > 1)
		return i + 1;
	/* "1234 EL Ede" */
	if ((flags & NAME_INTERFIX) && name_token(w, i)->len == 2 && name_shouted(w, i) && i > 0 &&
	    (name_token(w, i - 1)->shape & TOKEN_DIGIT))
		return i + 1;
	start = name_interfix_back(w, i);
	if (start == i && !(flags & (NAME_ANY | NAME_INTERFIX)) && name_token(w, i)->len > 3 &&
	    (name_of(w, i) & (NAME_COMMON | NAME_NEVER)) && listed == 0 &&
	    !(i > 0 && ((name_of_light(w, i - 1) & NAME_TITLE) || name_gap(w, i - 1) == GAP_COLON ||
			   name_close_role(w, i - 1))) &&
	    !(name_of(w, i) & NAME_GUESSED))
		return i + 1;
	while (start < i && start > 0 && (name_token(w, start - 1)->shape & TOKEN_DIGIT) &&
	       name_shouted(w, start))
		start++;
	while (start < i && name_interfix_weak(w, start) && (start == 0 || name_lead(w, start) != LEAD_TITLE))
		start++;
	if (start < done)
		start = i;
	lead = name_lead(w, start);
	if (lead == LEAD_NONE && start > 0 && follows_a_name(w, start, done))
		lead = LEAD_ALSO;
	if (start < i) {
		/* "ziekte van X", "dochter van X": no part of the name */
		name_interfix_end(w, start, &van, &firm);
		if (van && !name_capital(w, start) && !(lead == LEAD_ROLE && name_close_role(w, start - 1)) &&
		    (lead == LEAD_ROLE || lead == LEAD_DISEASE || lead == LEAD_INST || lead == LEAD_NONE ||
			lead == LEAD_PLACE)) {
			start = i;
			if (lead == LEAD_INST || lead == LEAD_PLACE)
				lead = LEAD_NONE;
		}
	}
	if (name_is_cipher(w, i, lead) || is_whose(w, i)) {
		v = VERDICT(50, "cipher", false);
		return put_name(w, i, i + 1, token_end(name_token(w, i)), &v, e) == -1 ? -1 : i + 1;
	}
	if (lead != LEAD_TITLE && lead != LEAD_ROLE && name_camel(w, i))
		return i + 1;
	if (listed != 0 && !(flags & (NAME_STOP | NAME_NEVER)) && (name_of(w, i) & NAME_COMMON)) {
		v = VERDICT(70, "turned", true);
		if (put_name(w, start, i + 1, listed, &v, e) == -1)
			return -1;
		for (i++; name_token(w, i)->len > 0 && name_token(w, i)->start < listed;)
			i++;
		return i;
	}
	if (!name_parse(w, i, lead, start < i, &p) && !(lead == LEAD_TITLE && (flags & NAME_INTERFIX)))
		return i + 1;
	/* "Geachte heer Le" */
	if (p.words == 0 && lead == LEAD_TITLE && name_token(w, i)->len == 2 &&
	    (token_is(w, name_token(w, i), "le") || token_is(w, name_token(w, i), "do")) &&
	    !name_capital(w, i + 1)) {
		v = VERDICT(80, "title", false);
		return put_name(w, i, i + 1, token_end(name_token(w, i)), &v, e) == -1 ? -1 : i + 1;
	}
	if (p.words == 0 && lead == LEAD_TITLE && !name_initial(w, i) && name_gap(w, i - 1) != GAP_COLON &&
	    (flags & NAME_ANY) && !name_shouted(w, i)) { /* "Dhr. Das": an interfix alone */
		v = VERDICT(90, "title", false);
		return put_name(w, i, i + 1, token_end(name_token(w, i)), &v, e) == -1 ? -1 : i + 1;
	}
	if (start > 0 && start != done && name_gap(w, start - 1) == GAP_HYPHEN && p.first == 0 &&
	    p.initials == 0)
		return i + 1; /* "Nieuw-Vennep": the end of something */
	v = name_judge(w, start, lead, &p);
	if (v.score == 0 && p.words > 0 && p.initials == 0 && !p.house && turned(w, &p) &&
	    (listed != 0 || p.first + p.loose + p.last + p.last_loose + p.unknown + p.proper > 0))
		v = VERDICT(75, "turned", true);
	else if (v.score > 0)
		turned(w, &p);
	/* "in Panningen": a place that only the dictionary knows */
	if (v.score == 0 && lead == LEAD_PLACE && p.words == 1 && p.place == 1 && p.end == i + 1 &&
	    start == i && !name_placed(w, i) &&
	    (name_of(w, i) & (NAME_COMMON | NAME_STOP | NAME_EPONYM | NAME_NEVER)) == 0 &&
	    name_gap(w, i) != GAP_HYPHEN && !name_shouted(w, i)) {
		struct find f = {.start = name_token(w, i)->start,
		    .end = p.end_at,
		    .type = SPAN_PLACE,
		    .score = 55,
		    .rule = "place/name"};

		f.value = text_value(w->in.s + f.start, f.end - f.start, " -\n");
		return find_add(w, &f, e) == -1 ? -1 : p.end;
	}
	/* "in het Lambertus": nobody is called so */
	if (v.score > 0 && lead == LEAD_NONE && p.words == 1 && p.first == 1 && start == i && i > 1 &&
	    name_gap(w, i - 2) == GAP_SPACE &&
	    (name_of_light(w, i - 2) & NAME_INTERFIX || token_is(w, name_token(w, i - 2), "naar") ||
		token_is(w, name_token(w, i - 2), "via")) &&
	    p.initials + p.interfixes == 0 && p.end == i + 1 && token_is(w, name_token(w, i - 1), "het") &&
	    name_gap(w, i - 1) == GAP_SPACE)
		return put_house(w, name_token(w, i)->start, p.end_at, "institution/het", e) == -1 ? -1
												   : p.end;
	if (v.score == 0)
		return (p.head & NAME_EPONYM) && p.hyphen ? p.end
		       : p.house                          ? p.end + 1
		       : lead == LEAD_INST && p.end > i   ? p.end
							  : i + 1;
	return put_name(w, start, p.end, p.end_at, &v, e) == -1 ? -1 : p.end;
}

/* The first token from i on whose bit is set; the count of tokens, or more, where there is none. */
static inline long
next_bit(const struct work *w, const uint64_t *bits, long i)
{
	long count = (long)w->token_count;
	uint64_t some;

	while (i < count) {
		if ((some = bits[i / 64] >> i % 64) != 0)
			return i + __builtin_ctzll(some);
		i = (i / 64 + 1) * 64;
	}
	return count;
}

/* What was learnt, in the tokens that no find of this block holds. */
static int
look_again(struct work *w, size_t from, struct err *e)
{
	size_t own = from, count = w->find_count;
	struct verdict v = VERDICT(65, "again", false);
	uint64_t again[BLOCK_TOKENS / 64 + 1];

	name_again(w, again);
	for (long i = 0; (i = next_bit(w, again, i)) < (long)w->token_count; i++) {
		const struct token *t = name_token(w, i);
		uint32_t flags;
		bool capital = (t->shape & TOKEN_TITLE) != 0, seen = name_seen(w, i);
		long start;

		while (own < count && w->finds[own].end <= t->start)
			own++;
		if (own < count && w->finds[own].start < token_end(t))
			continue;
		flags = name_of(w, i);
		if (flags & (NAME_STOP | NAME_NEVER | NAME_INTERFIX | NAME_TITLE))
			continue;
		if (!seen && ((flags & (NAME_COMMON | NAME_PLACE | NAME_EPONYM)) || !name_seen_near(w, i)))
			continue;
		if (flags & NAME_COMMON && (!capital || name_shouted(w, i) || name_begins(w, i)))
			continue;
		if (!capital && (t->len < 4 || (flags & (NAME_PLACE | NAME_ROLE)) ||
				    (i > 0 && name_token(w, i - 1)->classes & W_ARTICLE && !w->caseless)))
			continue;
		if (name_lead(w, i) == LEAD_INST || name_lead(w, i) == LEAD_DISEASE ||
		    ((flags & NAME_PLACE) && name_lead(w, i) == LEAD_PLACE) ||
		    (name_of_light(w, i + 1) & NAME_INST && name_gap(w, i) == GAP_SPACE))
			continue;
		start = name_interfix_back(w, i);
		while (
		    start < i && (name_interfix_weak(w, start) || token_is(w, name_token(w, start), "van")))
			start++;
		if (put_name(w, start, i + 1, token_end(t), &v, e) == -1)
			return -1;
	}
	return 0;
}

/* What the other finders hold in this block. */
static void
note_held(struct work *w, size_t count)
{
	for (size_t k = 0; k < count; k++) {
		const struct find *f = &w->finds[k];
		size_t low = 0, half;

		/* The first token that ends behind its start: half of those that are left each time, without a branch. */
		for (size_t left = w->token_count; left > 1; left -= half) {
			half = left / 2;
			low += token_end(&w->tokens[low + half - 1]) <= f->start ? half : 0;
		}
		low += w->token_count > 0 && token_end(&w->tokens[low]) <= f->start;
		for (; low < w->token_count && name_token(w, (long)low)->start < f->end; low++)
			*name_note(w, (long)low) |= f->type == SPAN_PLACE ? NAME_PLACED : NAME_HELD;
	}
}

int
name_find(struct work *w, struct err *e)
{
	size_t from = w->find_count;
	struct verdict small = VERDICT(70, "small", true);
	long done = 0, next, start, count = (long)w->token_count;
	size_t letters;

	memset(w->names->flags, 0, (w->token_count + 2 * TOKEN_PAD) * sizeof(w->names->flags[0]));
	w->names->flags[BLOCK_TOKENS + 2 * TOKEN_PAD] = 0;
	note_held(w, from);
	for (long i = 0; (i = w->caseless ? i : next_bit(w, w->heads, i)) < count;) {
		const struct token *t = name_token(w, i);

		next = name_is_trigger(t->hash) ? name_small(w, i, &start) : 0;
		if (next == 0 && w->caseless && i >= done)
			next = name_caseless(w, i, &start);
		if (next > 0) {
			if (put_name(w, start, start + next, token_end(name_token(w, start + next - 1)),
				&small, e) == -1)
				return -1;
			i = done = start + next;
			continue;
		}
		if ((t->shape & (TOKEN_TITLE | TOKEN_DIGIT)) != TOKEN_TITLE) {
			i++;
			continue;
		}
		size_t had = w->find_count;

		if ((next = at_capital(w, i, done, e)) == -1)
			return -1;
		i = next;
		if (w->find_count > had)
			done = next;
	}
	if (count > 1 && (letters = name_small_paraph(w, count - 1)) != 0 &&
	    put_name(w, count - 1, count, letters, &(struct verdict){.score = 60, .rule = "person/letters"},
		e) == -1)
		return -1;
	if (name_figures(w, e) == -1)
		return -1;
	return w->names->seen_count > 0 ? look_again(w, from, e) : 0;
}
