/* Persons: which words that look like names are names, by what they are and by what stands around them. */
#include "name.h"

#include <string.h>

/* What was decided of a name: how sure, by which rule. Score 0: none. */
struct verdict {
	uint8_t score;
	const char *rule;
	bool sure; /* what is remembered for the rest of the text */
};
#define VERDICT(points, name, certain) \
	((struct verdict){.score = (points), .rule = "person/" name, .sure = (certain)})

/* What follows says that these words are no person: "Parkinson-patiënt", "Jansen Kliniek", "Apgar score". */
static bool
tail_denies(const struct work *w, enum lead lead, const struct name_parts *p)
{
	enum gap gap = name_gap(w, p->end - 1);
	uint32_t flags = name_of_light(w, p->end);
	bool known = p->first > 0 || p->initials > 0 || lead == LEAD_TITLE;

	if (gap == GAP_HYPHEN && !name_capital(w, p->end))
		return (flags & (NAME_DISEASE | NAME_INST)) || p->eponym > 0 || !known;
	/* "Cor/pulm" */
	if (gap == GAP_SLASH && lead == LEAD_NONE && !name_capital(w, p->end) && p->words == 1 &&
	    name_token(w, p->start)->len <= 3)
		return true;
	if (gap != GAP_SPACE)
		return false;
	if (flags & NAME_DISEASE)
		return p->eponym > 0 || !known;
	if (flags & NAME_INST)
		return lead != LEAD_TITLE && (name_capital(w, p->end) || !known || p->words > 1);
	/* a dose: "Zantac 150 mg" */
	return (name_token(w, p->end)->shape & TOKEN_DIGIT) && p->unknown == p->words && lead == LEAD_NONE;
}

/* "Jansen (54 jaar)", "Jansen, 54 jaar", "Jansen belt" */
static bool
tail_tells(const struct work *w, const struct name_parts *p)
{
	const struct token *next = name_token(w, p->end);
	size_t at = token_end(name_token(w, p->end - 1));

	if (name_gap(w, p->end - 1) == GAP_SPACE && (name_of_light(w, p->end) & NAME_VERB) &&
	    !(next->shape & TOKEN_TITLE))
		return true;
	if ((next->shape & TOKEN_DIGIT) == 0 || next->len > 3)
		return false;
	while (at < next->start && text_at(&w->in, at) == ' ')
		at++;
	return (text_at(&w->in, at) == '(' || text_at(&w->in, at) == ',') &&
	       (token_is(w, next + 1, "jaar") || token_is(w, next + 1, "jr") ||
		   text_at(&w->in, token_end(next)) == ')');
}

/* It fills a cell of a table: between bars or semicolons, or alone between one of these and the line's edge. */
static bool
in_cell(const struct work *w, long start, const struct name_parts *p)
{
	size_t from = name_token(w, start)->start, to = p->end_at;
	uint8_t left, right;

	while (from > 0 && (w->in.s[from - 1] == ' ' || w->in.s[from - 1] == '\t'))
		from--;
	while (to < w->in.len && (w->in.s[to] == ' ' || w->in.s[to] == '\t'))
		to++;
	left = from == 0 ? '\n' : w->in.s[from - 1];
	right = to == w->in.len ? '\n' : w->in.s[to];
	return (left == '|' || left == ';' || left == '\n') &&
	       (right == '|' || right == ';' || right == '\n' || right == '\r') &&
	       (left != '\n' || right == '|' || right == ';');
}

static struct verdict
judge_one(const struct work *w, long start, enum lead lead, const struct name_parts *p, bool begins)
{
	static const struct verdict no = {0};
	bool tells = tail_tells(w, p), van, firm = false, interfix = p->interfixes > 0;
	long prev = start - 1;
	enum gap before = start > 0 ? name_gap(w, prev) : GAP_BREAK;

	if (interfix)
		name_interfix_end(w, start, &van, &firm);
	if (p->eponym > 0)
		return no;
	if (interfix && firm && (p->place == 0 || p->last + p->last_loose > 0))
		return VERDICT(85, "interfix", true);
	if (p->place > 0) {
		if (lead == LEAD_PLACE || before == GAP_COMMA)
			return no;
		if (p->first > 0 && (tells || !begins))
			return VERDICT(55, "first", false);
		if (p->last > 0 && (tells || interfix))
			return VERDICT(55, "last", false);
		return no;
	}
	if (p->first > 0)
		return VERDICT(lead == LEAD_PLACE ? 55 : 80, "first", true);
	if (p->last > 0)
		return VERDICT(lead == LEAD_PLACE ? 50 : 75, "last", true);
	if (p->loose > 0 || p->last_loose > 0) {
		if (interfix && p->last_loose > 0 && !p->shouted)
			return VERDICT(70, "interfix", true);
		if (p->shouted || lead == LEAD_PLACE)
			return no;
		if (begins)
			return tells && p->loose > 0 ? VERDICT(50, "loose", false) : no;
		/* headings have capitals everywhere */
		if ((before == GAP_SPACE && name_capital(w, prev)) ||
		    (name_gap(w, p->end - 1) == GAP_SPACE && name_capital(w, p->end)))
			return no;
		return VERDICT(55, "loose", false);
	}
	if (p->proper > 0) {
		if (lead == LEAD_PLACE || (p->shouted && !tells))
			return no;
		/* "Oude Pekela" */
		if (before == GAP_SPACE && name_capital(w, prev) && !interfix && !tells)
			return no;
		if (interfix || tells)
			return VERDICT(65, "proper", true);
		return begins ? no : VERDICT(50, "proper", false);
	}
	if (p->guessed > 0 && before == GAP_SPACE && !p->shouted &&
	    (token_is(w, name_token(w, prev), "door") || token_is(w, name_token(w, prev), "namens") ||
		token_is(w, name_token(w, prev), "aldus")))
		return VERDICT(45, "by", false);
	if (p->unknown > 0) {
		if (lead == LEAD_PLACE || p->shouted)
			return no;
		if (interfix || tells)
			return VERDICT(55, "unknown", !begins);
		if (name_misspelt(w, p->start))
			return VERDICT(50, "misspelt", false);
		if (in_cell(w, start, p))
			return VERDICT(45, "cell", false);
		/* "een Opel Astra" */
		if (before == GAP_SPACE && name_capital(w, prev) &&
		    (name_of(w, prev) & (NAME_MED | NAME_COMMON | NAME_OTHER)))
			return no;
		if (begins || before == GAP_BREAK || name_token(w, p->start)->len < 4)
			return no;
		/* after an article it is a thing */
		if (before == GAP_SPACE &&
		    (token_is(w, name_token(w, prev), "de") || token_is(w, name_token(w, prev), "het") ||
			token_is(w, name_token(w, prev), "een") ||
			token_is(w, name_token(w, prev), "volgens") ||
			token_is(w, name_token(w, prev), "dag")))
			return no;
		return VERDICT(40, "unknown", false);
	}
	return no;
}

static struct verdict
judge(const struct work *w, long start, enum lead lead, const struct name_parts *p)
{
	static const struct verdict no = {0};
	bool begins = name_begins(w, start);
	int known = p->first + p->last + p->proper + p->unknown, everyday = p->loose + p->last_loose;

	if (p->words == 0 && p->dotted && lead == LEAD_LABEL &&
	    (token_is(w, name_token(w, start - 1), "voorletters") ||
		token_is(w, name_token(w, start - 1), "initialen") ||
		token_is(w, name_token(w, start - 1), "voorletter")))
		return VERDICT(90, "letters", false);
	if (p->words == 0 || p->house || tail_denies(w, lead, p))
		return no;
	/* "BELL'S PARESE" */
	if (p->initials > 0 && start > 0 && name_gap(w, start - 1) == GAP_QUOTE)
		return no;
	if (lead == LEAD_TITLE) {
		/* in capitals all verbs look like surnames */
		if (p->shouted && known + everyday == 0)
			return no;
		return VERDICT(95, "title", true);
	}
	/* "Den Bosch", "te Uden", "Hoek van Holland" */
	if (p->interfixes > 0 && p->place == p->words && p->initials == 0 && lead != LEAD_GREET &&
	    p->words == 1 &&
	    (token_is(w, name_token(w, p->end - 2), "den") || token_is(w, name_token(w, p->end - 2), "te") ||
		(token_is(w, name_token(w, p->end - 2), "van") && name_capital(w, p->end - 2) &&
		    lead != LEAD_ROLE)) &&
	    !(p->end - 2 > start && token_is(w, name_token(w, start), "van")))
		return no;
	/* "Berkel-Enschot" */
	if (p->hyphen && p->place > 0 && p->first + p->initials == 0 && lead != LEAD_LABEL)
		return no;
	if (lead == LEAD_DISEASE && (p->first == 0 || p->eponym > 0) && p->initials == 0)
		return no;
	if (lead == LEAD_INST && p->initials == 0)
		return no;
	if (p->initials > 0) {
		bool sole = p->initials == 1 && p->end - p->start - p->words - p->interfixes <= 1 &&
			    name_token(w, p->start)->len == 1;

		if (p->eponym > 0 && sole && token_is(w, name_token(w, p->start), "m"))
			return no; /* M. Crohn */
		if (known > 0)
			return VERDICT(90, "initials", p->dotted || p->last + p->first > 0);
		if (!p->dotted)
			return !p->shouted && (p->interfixes > 0 || (everyday > 0 && begins))
				   ? VERDICT(50, "initials", false)
				   : no;
		/* "hepatitis B. Bekend": an end of a sentence */
		if (sole && start > 0 && name_gap(w, start - 1) == GAP_SPACE && !name_capital(w, start - 1) &&
		    everyday + p->interfixes == 0 &&
		    !((p->guessed > 0 || (p->head & NAME_PROPER)) &&
			(name_of_light(w, start - 1) & NAME_INTERFIX)))
			return no;
		if (p->shouted && everyday == 0)
			return no;
		return VERDICT(80, "initials", true);
	}
	if (lead == LEAD_LINE && name_gap(w, p->end - 1) == GAP_COLON && known + everyday > 0)
		return VERDICT(85, "line", true);
	if (lead == LEAD_LABEL || lead == LEAD_SIGN || lead == LEAD_GREET) {
		const char *rule = lead == LEAD_LABEL  ? "person/label"
				   : lead == LEAD_SIGN ? "person/sign"
						       : "person/greet";

		if (p->eponym > 0 ||
		    (known + everyday + p->interfixes + p->guessed == 0 &&
			!(p->words > 1 && p->place < p->words)) ||
		    (p->place == p->words && p->first + p->loose + p->last + p->last_loose == 0))
			return no;
		if (p->shouted && p->first + p->last + p->proper == 0 &&
		    (p->words < 2 || known + everyday < 2))
			return no;
		return (struct verdict){.score = 90, .rule = rule, .sure = true};
	}
	if (p->words >= 2) {
		if (p->first > 0 && p->first + p->loose == p->words)
			return VERDICT(80, "first", true);
		if (p->first > 0)
			return VERDICT(90, "first-last", true);
		if (p->loose > 0 && p->last + p->last_loose + p->proper + p->unknown > 0 &&
		    !(p->shouted && p->last + p->proper == 0))
			return VERDICT(75, "first-last", p->last + p->proper + p->unknown > 0);
		if (p->eponym > 0 || p->place == p->words)
			return no;
		if (p->last > 0 && (known + everyday > 1 || p->interfixes > 0))
			return VERDICT(75, "last", true);
		if (p->unknown > 0 && p->words == 2 && p->place == 0 && in_cell(w, start, p))
			return VERDICT(60, "cell", true);
		if (p->unknown == 1 && p->common == 1 && !begins && !p->shouted)
			return VERDICT(45, "two", false);
		if (known + everyday >= 2 && known > 0 && !p->shouted)
			return VERDICT(60, "two", p->place == 0);
		if (p->hyphen && everyday >= 2 && !begins)
			return VERDICT(60, "hyphen", false);
		if (lead != LEAD_ROLE)
			return no;
	}
	if (lead == LEAD_ROLE && p->eponym == 0) {
		if (p->place == p->words && p->first + p->last == 0 &&
		    (p->last_loose == 0 || p->interfixes == 0))
			return no;
		if (p->first + p->last + p->proper > 0 ||
		    (p->unknown > 0 && (!p->shouted || name_token(w, p->start)->len > 3)))
			return VERDICT(85, "role", p->unknown == 0 || !p->shouted);
		if (everyday + p->guessed > 0 && !p->shouted)
			return VERDICT(70, "role", false);
	}
	return p->words == 1 ? judge_one(w, start, lead, p, begins) : no;
}

static int
put_name(struct work *w, long start, long end, size_t end_at, const struct verdict *v, struct err *e)
{
	struct find f = {.start = name_token(w, start)->start, .end = end_at, .type = SPAN_PERSON};

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

	if (name_held(w, i))
		return i + 1;
	/* Most capitals begin a sentence, with a word of every day. */
	if ((flags & NAME_STOP) && !(flags & (NAME_ANY | NAME_INTERFIX)) && name_token(w, i)->len > 1)
		return i + 1;
	/* "1234 EL Ede" */
	if ((flags & NAME_INTERFIX) && name_token(w, i)->len == 2 && name_shouted(w, i) && i > 0 &&
	    (name_token(w, i - 1)->shape & TOKEN_DIGIT))
		return i + 1;
	start = name_interfix_back(w, i);
	if (start == i && !(flags & (NAME_ANY | NAME_INTERFIX)) && name_token(w, i)->len > 3 &&
	    (name_of(w, i) & (NAME_COMMON | NAME_NEVER)) &&
	    !(i > 0 && ((name_of_light(w, i - 1) & NAME_TITLE) || name_gap(w, i - 1) == GAP_COLON)) &&
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
	if (start < i) {
		/* "ziekte van X", "dochter van X": no part of the name */
		name_interfix_end(w, start, &van, &firm);
		if (van && !name_capital(w, start) &&
		    (lead == LEAD_ROLE || lead == LEAD_DISEASE || lead == LEAD_INST || lead == LEAD_NONE ||
			lead == LEAD_PLACE)) {
			start = i;
			if (lead == LEAD_INST || lead == LEAD_PLACE)
				lead = LEAD_NONE;
		}
	}
	if (!name_parse(w, i, lead, start < i, &p))
		return i + 1;
	if (start > 0 && start != done && name_gap(w, start - 1) == GAP_HYPHEN && p.first == 0 &&
	    p.initials == 0)
		return i + 1; /* "Nieuw-Vennep": the end of something */
	v = judge(w, start, lead, &p);
	if (v.score == 0 && p.words > 0 && p.initials == 0 && !p.house && turned(w, &p) &&
	    p.first + p.loose + p.last + p.last_loose + p.unknown + p.proper > 0)
		v = VERDICT(75, "turned", true);
	else if (v.score > 0)
		turned(w, &p);
	if (v.score == 0)
		return p.house ? p.end + 1 : lead == LEAD_INST && p.end > i ? p.end : i + 1;
	return put_name(w, start, p.end, p.end_at, &v, e) == -1 ? -1 : p.end;
}

/* What was learnt, in the tokens that no find of this block holds. */
static int
look_again(struct work *w, size_t from, struct err *e)
{
	size_t own = from, count = w->find_count;
	struct verdict v = VERDICT(65, "again", false);

	for (long i = 0; i < (long)w->token_count; i++) {
		const struct token *t = name_token(w, i);
		uint32_t flags;
		bool capital = (t->shape & TOKEN_TITLE) != 0, seen = name_seen(w, i);
		long start = i;

		if (!seen && !capital)
			continue;
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
		if (!capital && (t->len < 4 || (flags & NAME_PLACE)))
			continue;
		if (name_lead(w, i) == LEAD_INST || name_lead(w, i) == LEAD_DISEASE ||
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
		size_t low = 0, high = w->token_count;

		while (low < high) {
			size_t mid = low + (high - low) / 2;

			if (token_end(name_token(w, mid)) <= f->start)
				low = mid + 1;
			else
				high = mid;
		}
		for (; low < w->token_count && name_token(w, low)->start < f->end; low++)
			*name_note(w, (long)low) |= f->type == SPAN_PLACE ? NAME_PLACED : NAME_HELD;
	}
}

int
name_find(struct work *w, struct err *e)
{
	size_t from = w->find_count;
	struct verdict small = VERDICT(70, "small", true);
	long done = 0, next, start, count = (long)w->token_count, capitals = 0;
	bool caseless;

	memset(w->names->flags, 0, (w->token_count + 2 * TOKEN_PAD) * sizeof(w->names->flags[0]));
	w->names->flags[BLOCK_TOKENS + 2 * TOKEN_PAD] = 0;
	note_held(w, from);
	for (long i = 0; i < count; i++)
		capitals += (name_token(w, i)->shape & TOKEN_TITLE) != 0;
	caseless = capitals * 50 < count;
	for (long i = 0; i < count;) {
		const struct token *t = name_token(w, i);

		next = name_is_trigger(t->hash) ? name_small(w, i, &start) : 0;
		if (next == 0 && caseless && i >= done)
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
	return w->names->seen_count > 0 ? look_again(w, from, e) : 0;
}
