/* What stands around a word and says that it is nobody: methods, tests, what is given, letters that count something. */
#include "name.h"

#include <string.h>

#define CHANGES_ODD 4 /* of case, in a word: "McDonald" has three */

/* "Thomas neg", "Thomas -": a test and what came of it. */
static bool
tests_something(const struct work *w, long i)
{
	static const char *const words[] = {
	    "neg", "pos", "negatief", "positief", "neg.", "pos.", "bdz", "niet-afwijkend", NULL};
	size_t at = token_end(name_token(w, i));

	if (text_at(&w->in, at) == ' ' &&
	    (text_at(&w->in, at + 1) == '+' || text_at(&w->in, at + 1) == '-') && !word_at(&w->in, at + 2) &&
	    text_at(&w->in, at + 2) != ' ')
		return true;
	if (name_gap(w, i) != GAP_SPACE && name_gap(w, i) != GAP_COLON)
		return false;
	for (const char *const *word = words; *word != NULL; word++)
		if (token_is(w, name_token(w, i + 1), *word))
			return true;
	return false;
}

/* What follows says that these words are no person: "Parkinson-patiënt", "Jansen Kliniek", "Apgar score". */
bool
name_tail_denies(const struct work *w, enum lead lead, const struct name_parts *p)
{
	enum gap gap = name_gap(w, p->end - 1);
	uint32_t flags = name_of_light(w, p->end);
	bool known = p->first > 0 || p->initials > 0 || lead == LEAD_TITLE;

	/* "Lachman neg, Thomas +" */
	if (lead != LEAD_TITLE && p->initials == 0 && p->words == 1 && p->interfixes == 0 &&
	    tests_something(w, p->end - 1))
		return true;
	/* "Jay-kussen"; but "Anna-van Dijk" */
	if (gap == GAP_HYPHEN && !name_capital(w, p->end))
		return (flags & (NAME_DISEASE | NAME_INST)) || p->eponym > 0 || !known ||
		       (lead == LEAD_NONE && p->initials == 0 && p->words == 1 && !(flags & NAME_INTERFIX) &&
			   (name_of(w, p->end) & NAME_COMMON));
	/* "Verz.nr.:" */
	if (gap == GAP_DOT && p->words == 1 &&
	    (token_is(w, name_token(w, p->end), "nr") || token_is(w, name_token(w, p->end), "nummer")))
		return true;
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
	/* "Berg 51": a score */
	if (name_token(w, p->end)->shape == TOKEN_DIGIT && lead == LEAD_NONE && p->words == 1 &&
	    p->last_loose == 1 && p->initials == 0 && p->interfixes == 0)
		return true;
	/* a dose: "Zantac 150 mg" */
	return (name_token(w, p->end)->shape & TOKEN_DIGIT) && p->unknown == p->words && lead == LEAD_NONE &&
	       p->initials == 0;
}

/* "vaccinatie met X", "gestart met X": what is given. */
bool
name_is_given(const struct work *w, long start)
{
	static const char *const words[] = {"vaccinatie", "gevaccineerd", "behandeling", "behandeld", "start",
	    "gestart", "therapie", "ingespoten", "verdoving", "spoelen", NULL};

	if (start < 2 || !token_is(w, name_token(w, start - 1), "met"))
		return false;
	for (const char *const *word = words; *word != NULL; word++)
		if (token_is(w, name_token(w, start - 2), *word))
			return true;
	return false;
}

/* "slokdarmresectie volgens X", "graad 2 volgens X", "Echo volgens X": what is done, measured or graded. */
static bool
is_procedure(const struct work *w, long i)
{
	static const char *const words[] = {"stadium", "score", "schaal", "classificatie", "criteria",
	    "formule", "methode", "procedure", "incisie", "indeling", "techniek", "operatie", "type",
	    "sectio", "echo", "duplex", "graad", "gradering", "berekend", "gemeten", "gehecht", "beoordeeld",
	    "gescoord", "kloktekening", "groep", "klasse", "test", "fractuur", "buis", "mat", "kleuring",
	    "hechting", "meting", "anastomose", "reconstructie", "teken", "verband", "stoma", "pouch",
	    "tekening", "ok", "kaart", "dieet", "rooster", "regime", NULL};
	static const struct name_tail tails[] = {TAIL("resectie"), TAIL("ectomie"), TAIL("plastiek"),
	    TAIL("tomie"), TAIL("scopie"), TAIL("grafie"), TAIL("graad"), TAIL("score"), TAIL("correctie"),
	    TAIL("fixatie"), TAIL("operatie"), TAIL("reconstructie"), TAIL("classificatie"), TAIL("fractuur"),
	    TAIL("stomie"), TAIL("desis"), TAIL("ectie"), TAIL("pexie"), TAIL("methode"), TAIL("schaal"),
	    TAIL("test"), TAIL("ntgen"), TAIL("ering"), {0}};
	const struct token *t = name_token(w, i);

	if (t->len == 0 || name_gap(w, i) != GAP_SPACE)
		return false;
	if (t->shape == TOKEN_DIGIT || (name_shouted(w, i) && t->len <= 5))
		return true;
	for (const char *const *word = words; *word != NULL; word++)
		if (token_is(w, t, *word))
			return true;
	return t->len >= 6 && name_ends_in(w->in.s + t->start, t->len, tails);
}

/* "stadium volgens X", "kenmerken van X": who found it, and what it is called by now. */
bool
name_of_method(const struct work *w, long start)
{
	static const char *const van[] = {"kenmerken", "symptomen", "verschijnselen", NULL};

	/* its second word, and what "Sharp/van der Heijde" and "X en Y" have behind the first */
	if (start > 2 && name_capital(w, start - 1) &&
	    (name_gap(w, start - 1) == GAP_SPACE || name_gap(w, start - 1) == GAP_SLASH))
		start--;
	else if (start > 3 && name_capital(w, start - 2) && name_gap(w, start - 1) == GAP_SPACE &&
		 name_gap(w, start - 2) == GAP_SPACE && token_is(w, name_token(w, start - 1), "en"))
		start -= 2;
	if (start < 2 || name_gap(w, start - 1) == GAP_BREAK)
		return false;
	if (token_is(w, name_token(w, start - 1), "volgens"))
		return is_procedure(w, start - 2);
	if (!token_is(w, name_token(w, start - 1), "van"))
		return false;
	for (const char *const *word = van; *word != NULL; word++)
		if (token_is(w, name_token(w, start - 2), *word))
			return name_gap(w, start - 2) == GAP_SPACE;
	return false;
}

bool
name_camel(const struct work *w, long i)
{
	static const char *const fronts[] = {"Mc", "Mac", "De", "Di", "Du", "La", "Le", "Van", "Ter", "Ten",
	    "Den", "Fitz", "Al", "El", "Ben", "D", NULL};
	const struct token *t = name_token(w, i);
	const uint8_t *s = w->in.s + t->start;
	size_t at = 1, changes = 0;

	if (!name_capital(w, i) || t->len < 4 ||
	    (t->shape & (TOKEN_UPPER | TOKEN_LOWER)) != (TOKEN_UPPER | TOKEN_LOWER))
		return false;
	while (at < t->len && !(detect_class[s[at]] & IS_UPPER))
		at++;
	if (at == t->len || !(detect_class[s[at - 1]] & IS_LOWER))
		return false;
	/* "jAnSeN", "JaNsEn" */
	for (size_t k = 1; k < t->len; k++)
		changes += ((detect_class[s[k]] ^ detect_class[s[k - 1]]) & IS_LOWER) != 0;
	if (changes >= CHANGES_ODD)
		return false;
	for (const char *const *front = fronts; *front != NULL; front++)
		if (strlen(*front) == at && memcmp(s, *front, at) == 0)
			return false;
	return true;
}

/* Behind a label that has no name: "interviewer: Kunt u", "58-jarige man: Spirometrie: ". */
bool
name_label_misleads(const struct work *w, long start, const struct name_parts *p, int known)
{
	const struct token *before = name_token(w, start - 1), *next = name_token(w, p->end);
	enum gap gap = name_gap(w, p->end - 1);

	if (p->words != 1 || p->interfixes > 0 || p->initials > 0)
		return false;
	if (p->head & NAME_STOP)
		return gap == GAP_SPACE && next->len > 0 && !(next->shape & (TOKEN_UPPER | TOKEN_DIGIT));
	return known == 0 &&
	       (gap == GAP_COLON || ((token_is(w, before, "man") || token_is(w, before, "vrouw")) &&
					start > 1 && name_gap(w, start - 2) == GAP_SPACE));
}

/* Words behind which a letter stands alone: "type A. Bekend met" */
bool
name_takes_letters(const struct work *w, long i)
{
	static const char *const words[] = {"hepatitis", "vitamine", "vit", "type", "groep", "klasse",
	    "graad", "stadium", "categorie", "influenza", "punt", "bijlage", "optie", "kamer", "variant",
	    "lijn", "deel", "blok", "onderdeel", "bloedgroep", "streptokok", "child", "weber", "lid", "sub",
	    "arm", "cohort", "niveau", "plan", "versie", "afdeling", "gebouw", "serie", "hemofilie", NULL};

	for (const char *const *word = words; *word != NULL; word++)
		if (token_is(w, name_token(w, i), *word))
			return true;
	return false;
}
