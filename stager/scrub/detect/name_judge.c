/* What a name is worth: by its words, by what stands before and behind it. */
#include "name.h"

#include <string.h>

#define LIKE_LEAST (-32) /* name_like, of a word in the midst of a sentence that no list has */

/* "de buurman", "haar dochter", from token i on, in small letters and with a sign behind it. */
static bool
is_whose_kin(const struct work *w, long i)
{
	static const char *const words[] = {"de", "zijn", "haar", "mijn", "hun", "onze", "een", NULL};
	const struct token *t = name_token(w, i + 1);
	uint8_t after;

	if (name_capital(w, i) || name_gap(w, i) != GAP_SPACE || t->shape & (TOKEN_TITLE | TOKEN_DIGIT) ||
	    (!(name_of_light(w, i + 1) & NAME_ROLE) && !name_profession(w, i + 1)))
		return false;
	after = text_at(&w->in, token_end(t));
	if (after != ',' && after != '.' && after != ')' && after != 0)
		return false;
	for (const char *const *word = words; *word != NULL; word++)
		if (token_is(w, name_token(w, i), *word))
			return true;
	return false;
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
	/* "Storm (zoontje, 2 jr)" */
	if (text_at(&w->in, at) == ' ' && text_at(&w->in, at + 1) == '(' && next->start == at + 2 &&
	    (name_of_light(w, p->end) & NAME_ROLE) && !(next->shape & TOKEN_TITLE) &&
	    (text_at(&w->in, token_end(next)) == ')' || text_at(&w->in, token_end(next)) == ','))
		return true;
	/* "Parwin (v, 6)", "Omid (m, 10 mnd)" */
	if (text_at(&w->in, at) == ' ' && text_at(&w->in, at + 1) == '(' && next->start == at + 2 &&
	    next->len == 1 && (token_is(w, next, "v") || token_is(w, next, "m")) &&
	    text_at(&w->in, at + 3) == ',' && class_at(&w->in, at + 5) & IS_DIGIT)
		return true;
	/* "Wendelmoet, wondconsulent.": who it is */
	if (text_at(&w->in, at) == ',' && name_gap(w, p->end - 1) == GAP_COMMA &&
	    !(next->shape & TOKEN_TITLE) && next->len > 3 &&
	    (name_profession(w, p->end) || (name_of_light(w, p->end) & NAME_ROLE)) &&
	    (text_at(&w->in, token_end(next)) == '.' || text_at(&w->in, token_end(next)) == ',' ||
		text_at(&w->in, token_end(next)) == ';' || text_at(&w->in, token_end(next)) == ')' ||
		text_at(&w->in, token_end(next)) == '\n' || text_at(&w->in, token_end(next)) == 0))
		return true;
	/* "Beer, de buurman, belt": the same */
	if (text_at(&w->in, at) == ',' && name_gap(w, p->end - 1) == GAP_COMMA && is_whose_kin(w, p->end))
		return true;
	if ((next->shape & TOKEN_DIGIT) == 0 || next->len > 3)
		return false;
	while (at < next->start && text_at(&w->in, at) == ' ')
		at++;
	/* "Sylvana, 12, belt" */
	if (next->len == 2 && text_at(&w->in, at) == ',' && text_at(&w->in, at + 1) == ' ' &&
	    next->start == at + 2 && w->in.s[next->start] != '0' && text_at(&w->in, token_end(next)) == ',' &&
	    text_at(&w->in, token_end(next) + 1) == ' ')
		return true;
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

/* A line ends behind token i, and before the next. */
static bool
line_between(const struct work *w, long i)
{
	size_t from = token_end(name_token(w, i));

	return name_token(w, i + 1)->len == 0 ||
	       memchr(w->in.s + from, '\n', name_token(w, i + 1)->start - from) != NULL;
}

/* Its line has a digit: it is none of headings. */
static bool
digit_in_line(const struct work *w, long i)
{
	for (long side = -1; side <= 1; side += 2)
		for (long k = i; k >= 0 && k < (long)w->token_count && (k - i) * side < 16; k += side) {
			if (name_token(w, k)->shape & TOKEN_DIGIT)
				return true;
			if (line_between(w, side < 0 ? k - 1 : k))
				break;
		}
	return false;
}

/* Nothing stands behind it in its line, and a sentence before it ("Slaapt nu. Bas"). */
static bool
ends_the_line(const struct work *w, const struct name_parts *p)
{
	size_t at = p->end_at, from = name_token(w, p->start)->start;

	while (text_at(&w->in, at) == ' ')
		at++;
	return (at >= w->in.len || w->in.s[at] == '\n' || w->in.s[at] == '\r') &&
	       text_before(&w->in, from, 1) == ' ' &&
	       (text_before(&w->in, from, 2) == '.' || text_before(&w->in, from, 2) == '!');
}

/* "Van" with its capital: of a surname that stands alone. */
static bool
van_of_surname(const struct work *w, long start)
{
	/* scales, museums, dictionaries */
	static const char *const others[] = {"wiechen", "herick", "gogh", "nelle", "dale", "abbe", NULL};

	for (const char *const *word = others; *word != NULL; word++)
		if (token_is(w, name_token(w, start + 1), *word))
			return false;
	return name_capital(w, start) && !name_shouted(w, start) && token_is(w, name_token(w, start), "van");
}

/* "OK1: ", "Bed 2: ", "Kamer 14: ": in a list of rooms the first word is who lies there. */
static bool
behind_room(const struct work *w, long start)
{
	static const char *const rooms[] = {
	    "bed", "kamer", "ok", "k", "km", "kmr", "plek", "box", "stoel", "unit", NULL};
	const struct token *t = name_token(w, start - 1), *room = name_token(w, start - 2);

	if (start < 1 || name_gap(w, start - 1) != GAP_COLON || !(t->shape & TOKEN_DIGIT) || t->len > 4)
		return false;
	if (t->shape != TOKEN_DIGIT)
		return t->len >= 3 && t->shape & TOKEN_UPPER && (w->in.s[t->start] | 0x20) == 'o' &&
		       (w->in.s[t->start + 1] | 0x20) == 'k';
	for (const char *const *word = rooms; *word != NULL; word++)
		if (token_is(w, room, *word))
			return name_gap(w, start - 2) == GAP_SPACE;
	return false;
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
	/* "wissel met Van Pelt", ". Van der Elst": a capital that no place has */
	if (interfix && !p->shouted && van_of_surname(w, start) &&
	    ((!begins && lead != LEAD_PLACE && lead != LEAD_INST && !name_capital(w, prev)) ||
		(p->place > 0 && (tells || (firm && token_is(w, name_token(w, start + 1), "der"))))))
		return VERDICT(55, "van", true);
	if (interfix && firm && (p->place == 0 || p->last + p->last_loose > 0))
		return VERDICT(85, "interfix", true);
	/* "| Arts: Sewradj" */
	if ((p->head & (NAME_ROLE | NAME_LABEL)) && lead == LEAD_NONE && p->first == 0 && !interfix && !tells)
		return no;
	if (lead == LEAD_ALSO && p->place == 0 && !p->shouted &&
	    p->first + p->last + p->loose + p->last_loose + p->proper + p->unknown + p->maybe > 0)
		return VERDICT(60, "also", false);
	if (p->place > 0) {
		if (lead == LEAD_PLACE || before == GAP_COMMA)
			return no;
		if (p->first > 0 && (tells || !begins))
			return VERDICT(55, "first", false);
		if (p->last > 0 && (tells || interfix))
			return VERDICT(55, "last", false);
		return no;
	}
	/* "As: Li." */
	if (begins && !tells && lead == LEAD_NONE && p->first + p->last > 0 &&
	    name_token(w, p->start)->len == 2 && !interfix)
		return no;
	/* "icc neuro (vd Wouw)" */
	if (interfix && (token_is(w, name_token(w, start), "vd") || token_is(w, name_token(w, start), "vdr")))
		return VERDICT(80, "interfix", true);
	if (p->first > 0)
		return VERDICT(lead == LEAD_PLACE ? 55 : 80, "first", true);
	if (p->last + p->last_loose + p->proper + (p->like >= LIKE_LEAST ? p->unknown : 0) +
		    (p->like >= 0 ? p->maybe : 0) >
		0 &&
	    in_cell(w, start, p) && digit_in_line(w, start))
		return VERDICT(50, "cell", true);
	if (p->last + p->last_loose + p->loose + p->proper +
		    (p->like >= 0 ? p->unknown + p->maybe + p->guessed : 0) >
		0 &&
	    !p->shouted && behind_room(w, start))
		return VERDICT(50, "room", false);
	/* the nurse's name alone behind what she wrote: "Temp 37,2. Zuetenhorst" */
	if (begins && p->unknown > 0 && p->like >= 0 && !p->shouted && ends_the_line(w, p) &&
	    name_token(w, p->start)->len >= 4)
		return VERDICT(45, "end", false);
	if (p->last > 0)
		return VERDICT(lead == LEAD_PLACE ? 50 : 75, "last", true);
	if (p->loose > 0 || p->last_loose > 0) {
		if (interfix && p->last_loose > 0 && !p->shouted)
			return VERDICT(70, "interfix", true);
		if (p->shouted || lead == LEAD_PLACE)
			return no;
		/* "18:00 Wil liever niet" */
		if ((p->head & NAME_VERB) && !interfix && start > 0 && !tells &&
		    name_gap(w, p->end - 1) == GAP_SPACE && !name_capital(w, p->end) &&
		    ((name_token(w, prev)->shape & TOKEN_DIGIT) || (name_of(w, prev) & NAME_OTHER)))
			return no;
		/* the nurse's name, behind what she wrote */
		if (begins)
			return (tells || ends_the_line(w, p)) &&
				       (p->loose > 0 || (text_at(&w->in, p->end_at + 1) == '(' &&
							    name_token(w, p->end)->shape & TOKEN_DIGIT))
				   ? VERDICT(50, "loose", false)
				   : no;
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
	/* "Van de Lindensloot belt", "Boekenstede (operateur)" */
	if (p->guessed + p->maybe > 0 && tells && !p->shouted &&
	    ((interfix && name_capital(w, start) && token_is(w, name_token(w, start), "van")) ||
		text_at(&w->in, p->end_at + 1) == '(' ||
		(text_at(&w->in, p->end_at) == ',' && p->like >= LIKE_LEAST &&
		    !(name_token(w, p->end)->shape & TOKEN_DIGIT))))
		return VERDICT(50, "told", false);
	if (p->guessed > 0 && before == GAP_SPACE && !p->shouted &&
	    (token_is(w, name_token(w, prev), "door") || token_is(w, name_token(w, prev), "namens") ||
		token_is(w, name_token(w, prev), "aldus") || token_is(w, name_token(w, prev), "via")))
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
		if (name_is_given(w, start))
			return no;
		/* in a row of drugs */
		if ((before == GAP_COMMA && (name_of(w, prev) & NAME_MED)) ||
		    (name_gap(w, p->end - 1) == GAP_COMMA && (name_of(w, p->end) & NAME_MED)))
			return no;
		/* "een Opel Astra" */
		if (before == GAP_SPACE && name_capital(w, prev) &&
		    (name_of(w, prev) & (NAME_MED | NAME_COMMON | NAME_OTHER)) &&
		    !((name_of(w, prev) & NAME_VERB) && name_begins(w, prev) && p->like >= 0))
			return no;
		/* a name by its spelling, that does something: "Ouchene belt" comes above */
		if (begins || before == GAP_BREAK || name_token(w, p->start)->len < 4 || p->like < LIKE_LEAST)
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

/* Who is called by one letter in reports: "verdachte D.", "getuige K.". */
static bool
is_party(const struct work *w, long i)
{
	static const char *const words[] = {"verdachte", "medeverdachte", "slachtoffer", "getuige",
	    "aangever", "aangeefster", "betrokkene", "minderjarige", "jongere", "dader", NULL};

	for (const char *const *word = words; *word != NULL; word++)
		if (token_is(w, name_token(w, i), *word))
			return true;
	return false;
}

struct verdict
name_judge(const struct work *w, long start, enum lead lead, const struct name_parts *p)
{
	static const struct verdict no = {0};
	bool begins = name_begins(w, start);
	int known = p->first + p->last + p->proper + p->unknown, everyday = p->loose + p->last_loose;

	if (p->words == 0 && p->dotted && lead == LEAD_LABEL &&
	    (token_is(w, name_token(w, start - 1), "voorletters") ||
		token_is(w, name_token(w, start - 1), "initialen") ||
		token_is(w, name_token(w, start - 1), "voorletter")))
		return VERDICT(90, "letters", false);
	/* "Betrokken cliënt: J.F." */
	if (p->words == 0 && p->dotted && p->initials == 1 && p->end - p->start >= 2 && lead == LEAD_LABEL &&
	    (text_at(&w->in, p->end_at) == '\n' || text_at(&w->in, p->end_at) == ',' ||
		text_at(&w->in, p->end_at) == 0))
		return VERDICT(70, "letters", false);
	/* "Dhr. L. slaapt" */
	if (p->words == 0 && p->dotted && !p->house &&
	    (lead == LEAD_TITLE ||
		(lead == LEAD_SIGN && p->end == p->start + 1 && (name_of_light(w, start - 1) & NAME_SIGN))))
		return VERDICT(75, "letters", false);
	/* "verdachte D. verklaarde" */
	if (p->words == 0 && p->dotted && !p->house && lead == LEAD_ROLE && p->end == p->start + 1 &&
	    name_gap(w, start - 1) == GAP_SPACE && name_gap(w, p->start) == GAP_DOT_SPACE &&
	    !name_capital(w, p->end) && !(name_token(w, p->end)->shape & TOKEN_DIGIT) &&
	    is_party(w, start - 1))
		return VERDICT(75, "letters", false);
	if (p->words == 0 || p->house || name_tail_denies(w, lead, p))
		return no;
	/* "Charcot-Marie-Tooth", "Child-Pugh B. Schaal" */
	bool before_is_hyphen = start > 0 && name_gap(w, start - 1) == GAP_HYPHEN;

	if ((p->head & NAME_EPONYM) && (p->hyphen || before_is_hyphen) && lead == LEAD_NONE &&
	    !name_initial(w, p->start))
		return no;
	/* "hoor ik van U. U kunt" */
	if (p->initials > 0 && token_is(w, name_token(w, p->start), "u") && lead != LEAD_TITLE)
		return no;
	/* "B&W van X" */
	if (p->initials > 0 && text_before(&w->in, name_token(w, start)->start, 1) == '&')
		return no;
	/* "BELL'S PARESE" */
	if (p->initials > 0 && start > 0 && name_gap(w, start - 1) == GAP_QUOTE)
		return no;
	if (lead == LEAD_TITLE) {
		/* in capitals all verbs look like surnames */
		if (p->shouted && known + everyday + p->interfixes + p->initials == 0 && p->like < 0)
			return no;
		return VERDICT(95, "title", true);
	}
	if (p->initials == 0 && lead != LEAD_LABEL && lead != LEAD_GREET && name_of_method(w, start))
		return no;
	/* "Biopten volgens Seattle": no name that is on a list, and no "Volgens" that begins a sentence */
	if (start > 0 && p->initials + p->first + p->loose + p->last + p->last_loose + p->interfixes == 0 &&
	    token_is(w, name_token(w, start - 1), "volgens") &&
	    !(name_token(w, start - 1)->shape & TOKEN_TITLE))
		return no;
	/* "Op de Beck Depression Inventory" */
	if ((p->head & NAME_EPONYM) && p->interfixes > 0 && p->words > 2 && p->first + p->initials == 0 &&
	    lead == LEAD_NONE)
		return no;
	/* "Den Bosch", "te Uden", "Hoek van Holland" */
	if (p->interfixes > 0 && p->place == p->words && p->initials == 0 && lead != LEAD_GREET &&
	    p->words == 1 &&
	    (token_is(w, name_token(w, p->end - 2), "den") || token_is(w, name_token(w, p->end - 2), "te") ||
		(token_is(w, name_token(w, p->end - 2), "van") && name_capital(w, p->end - 2) &&
		    (lead == LEAD_NONE || lead == LEAD_PLACE) &&
		    ((begins && !tail_tells(w, p)) || lead == LEAD_PLACE || name_capital(w, start - 1)))) &&
	    !(p->end - 2 > start && token_is(w, name_token(w, start), "van")))
		return no;
	/* "Berkel-Enschot" */
	if (p->hyphen && p->place > 0 && p->first + p->initials == 0 && lead != LEAD_LABEL)
		return p->interfixes > 0 && van_of_surname(w, start) && !begins && lead != LEAD_PLACE
			   ? VERDICT(55, "van", true)
			   : no;
	if (lead == LEAD_DISEASE && (p->first == 0 || p->eponym > 0) && p->initials == 0 &&
	    (p->words < 2 || known < 2 || p->eponym > 0 || p->like < 0))
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
			return !p->shouted && (p->interfixes > 0 || (everyday > 0 && begins) ||
						  (p->last_loose > 0 && !name_takes_letters(w, start - 1)) ||
						  (p->guessed + p->maybe > 0 && lead != LEAD_NONE &&
						      lead != LEAD_PLACE))
				   ? VERDICT(50, "initials", false)
				   : no;
		/* "hepatitis B. Bekend": an end of a sentence */
		if (sole && start > 0 && name_gap(w, start - 1) == GAP_SPACE && !name_capital(w, start - 1) &&
		    everyday + p->interfixes == 0 &&
		    (p->guessed + p->maybe == 0 || name_takes_letters(w, start - 1)) &&
		    !((p->guessed > 0 || (p->head & NAME_PROPER)) &&
			((name_of_light(w, start - 1) & NAME_INTERFIX) || lead == LEAD_ROLE ||
			    lead == LEAD_ALSO)))
			return no;
		if (p->shouted && everyday == 0)
			return no;
		return VERDICT(80, "initials", true);
	}
	if (lead == LEAD_LINE && name_gap(w, p->end - 1) == GAP_COLON && known + everyday > 0)
		return VERDICT(85, "line", true);
	if (lead == LEAD_LABEL || lead == LEAD_SIGN || lead == LEAD_GREET) {
		if (lead == LEAD_LABEL && name_label_misleads(w, start, p, known))
			return no;
		const char *rule = lead == LEAD_LABEL  ? "person/label"
				   : lead == LEAD_SIGN ? "person/sign"
						       : "person/greet";

		if (p->eponym > 0 ||
		    (known + everyday + p->interfixes + p->guessed + p->maybe == 0 &&
			!(p->words > 1 && p->place < p->words)) ||
		    (p->place == p->words && p->first + p->loose + p->last + p->last_loose == 0 &&
			!(p->interfixes > 0 && van_of_surname(w, start) && tail_tells(w, p))))
			return no;
		if (p->shouted && p->first + p->last + p->proper + p->interfixes == 0 &&
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
		/* "Flaminal Hydro", "Spondylolisthesis Meyerding" */
		if (p->unknown + p->common + p->proper == p->words && lead == LEAD_NONE &&
		    (p->like < 0 || p->unlike < 3 * LIKE_LEAST))
			return no;
		if (p->unknown > 0 && p->words == 2 && p->place == 0 && in_cell(w, start, p))
			return VERDICT(60, "cell", true);
		if (p->interfixes > 0 && p->unknown > 0 && p->guessed > 0 &&
		    !(p->head & (NAME_INTERFIX | NAME_STOP)) && p->like >= LIKE_LEAST && !p->shouted)
			return VERDICT(60, "two", true);
		if (p->unknown == 1 && p->common == 1 && !begins && !p->shouted)
			return VERDICT(45, "two", false);
		if (known + everyday >= 2 && known > 0 && !p->shouted)
			return VERDICT(60, "two", p->place == 0);
		if (p->hyphen && everyday >= 2 && !begins)
			return VERDICT(60, "hyphen", false);
		if (lead != LEAD_ROLE)
			return no;
	}
	/* "huisarts te Holwerd" */
	if (lead == LEAD_ROLE && p->interfixes == 1 && p->last + p->last_loose + p->first == 0 &&
	    token_is(w, name_token(w, start), "te") && (p->place > 0 || p->shouted))
		return no;
	if (lead == LEAD_ROLE && p->eponym == 0) {
		if (p->place == p->words && p->first + p->last == 0 &&
		    !(p->words == 1 && !p->shouted && name_close_role(w, start - 1)) &&
		    !(p->interfixes > 0 &&
			(name_close_role(w, start - 1) || token_is(w, name_token(w, start), "van"))) &&
		    (p->last_loose == 0 || p->interfixes == 0))
			return no;
		if (p->first + p->last + p->proper > 0 ||
		    (p->unknown > 0 && (!p->shouted || name_token(w, p->start)->len > 3)))
			return VERDICT(85, "role", p->unknown == 0 || !p->shouted);
		if (everyday + p->guessed + p->maybe + p->common + (p->interfixes > 0 ? p->place : 0) > 0 &&
		    (!p->shouted || p->like >= 0))
			return VERDICT(70, "role", false);
	}
	return p->words == 1 ? judge_one(w, start, lead, p, begins) : no;
}
