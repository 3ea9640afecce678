/* Days without a year, in figures: what stands around them says that they are no range, no score and no address. */
#include "name.h"

/* A first name that is nothing else stands before it, and a line's end, a comma or a colon behind. */
static bool
signed_by(const struct number *n, const struct token *before, size_t end)
{
	uint8_t c = text_at(n->in, end);
	uint32_t flags;

	if (!(before->shape & TOKEN_TITLE) || before->len < 2 || n->token->start != token_end(before) + 1 ||
	    text_at(n->in, token_end(before)) != ' ' ||
	    (c != 0 && c != '\n' && c != '\r' && c != ',' && c != ':' && c != ';' && c != ')'))
		return false;
	flags = name_flags(before->hash);
	return (flags & NAME_FIRST) && !(flags & (NAME_MED | NAME_EPONYM | NAME_STOP));
}

/* "ND 21-11: ", "07:10 Lab 3/4: ": a word at the front of a line, and a colon behind; but "NRS 3/10: ". */
static bool
heads_note(const struct number *n, const struct token *before, size_t end, unsigned second)
{
	static const char *const none[] = {"rr", "bd", "tensie", "ratio", "vod", "vos", "od", "os", "nrs",
	    "vas", "pijn", "week", "dag", "art", "artikel", "regel", "kamer", "versie", NULL};
	uint8_t c;

	if (text_at(n->in, end) != ':' ||
	    (text_at(n->in, end + 1) != ' ' && text_at(n->in, end + 1) != '\n') || before->len < 2 ||
	    before->shape & TOKEN_DIGIT || n->token->start != token_end(before) + 1 ||
	    text_at(n->in, token_end(before)) != ' ' || (text_at(n->in, end - 3) == '/' && second == 10) ||
	    date_scores_before(n))
		return false;
	for (const char *const *word = none; *word != NULL; word++)
		if (token_is(n->w, before, *word))
			return false;
	c = before->start == 0 ? '\n' : text_before(n->in, before->start, 1);
	return c == '\n' || c == '\r' ||
	       (c == ' ' && before[-1].shape & TOKEN_DIGIT && token_end(before - 1) + 1 == before->start);
}

/* "30-8 - ", "28 juni - ", behind a word for a date or with a month's name: a range goes on. */
static bool
ends_range(const struct number *n, const struct token *before)
{
	uint8_t c = text_before(n->in, n->token->start, 2);
	const struct token *first = before - 1;

	if (text_before(n->in, n->token->start, 1) != ' ' || c != '-' ||
	    text_before(n->in, n->token->start, 3) != ' ' || before->len == 0 ||
	    token_end(before) + 3 != n->token->start)
		return false;
	if (before->classes & W_MONTH)
		return first->shape == TOKEN_DIGIT && first->len <= 2;
	if (before->shape != TOKEN_DIGIT || first->shape != TOKEN_DIGIT || first->len > 2 ||
	    before->len > 2 || token_end(first) + 1 != before->start ||
	    !date_gap(text_at(n->in, token_end(first))))
		return false;
	return (first[-1].classes & W_DATEWORD) != 0;
}

/* "verslag van 3-5", "lab 4/5", "formulier voor 10-6": what has a date. */
bool
date_of_paper(const struct number *n, const struct token *before)
{
	static const char *const papers[] = {"mri", "ct", "echo", "scan", "foto", "brief", "verslag", "lab",
	    "labuitslag", "uitslag", "notulen", "gesprek", "mail", "email", "consult", "overleg", "mdo",
	    "bericht", "formulier", "recept", "rapport", "rapportage", "afspraak", "zitting", "besluit",
	    "aanvraag", "bezoek", "factuur", "nota", "ecg", "kweek", "bloed", "bloedafname", "kuur",
	    "vergadering", "overdracht", "huisbezoek", "operatie", "opname", "intake", "melding", NULL};

	if (before->len > 0 && n->token->start != token_end(before) + 1)
		return false;
	if (token_is(n->w, before, "van") || token_is(n->w, before, "voor"))
		before--;
	for (const char *const *word = papers; before->len > 1 && *word != NULL; word++)
		if (token_is(n->w, before, *word))
			return true;
	return false;
}

/* "komt 21-3", "De scan van 24-10": who counts from one to another begins with the less, so these are a day and a month. */
static bool
goes_down(const struct number *n, const struct token *before, uint8_t gap, unsigned day, unsigned month)
{
	static const char *const none[] = {"rr", "bd", "tensie", "visus", "stand", "uitslag", "score", "won",
	    "wonnen", "verloor", "verloren", "gelijk", "regel", "paragraaf", "kamer", "stelling", "bladzijde",
	    "pagina", "artikel", "hoofdstuk", "maat", "mm", "verhouding", "bed", "nr", "nummer", "huisnummer",
	    "versie", "model", "type", NULL};

	if (day <= 12 || day <= month || gap != '-' || before->len < 2 || before->shape & TOKEN_DIGIT ||
	    n->token->start != token_end(before) + 1 || text_at(n->in, token_end(before)) != ' ' ||
	    date_scores_before(n))
		return false;
	for (const char *const *word = none; *word != NULL; word++)
		if (token_is(n->w, before, *word))
			return false;
	/* an address: "Kerkstraat 21-3" */
	return before->shape == TOKEN_LOWER && !(before->classes & (W_STREET | W_TAIL | W_NOSTREET));
}

/*
 * "d.d. 3-5", "op 3/5": without a year only behind a word for it, and where no unit follows that makes it a range
 * ("3-5 dagen").
 */
bool
date_no_year(const struct number *n, struct find *f)
{
	const struct digits *d = &n->d;
	const struct token *before = n->token - 1, *behind = n->token + 2;
	uint8_t gap = digits_gap(n->in, d, 0);
	unsigned day, month;
	size_t end;
	bool word = false;

	if (d->groups < 2 || (gap != '-' && gap != '/') || d->len[0] > 2 || d->len[1] > 2 ||
	    n->token->len != d->len[0])
		return false;
	word =
	    before->classes & W_DATEWORD || (token_is(n->w, before, "m") && token_is(n->w, before - 1, "t"));
	/* "Anna 12/8": who wrote it, and when */
	word = word || signed_by(n, before, d->at[1] + d->len[1]);
	/* "di 7-2"; and a note that begins so */
	word = word || (before->len > 0 && token_classes(n->w, before) & W_WEEKDAY) ||
	       ((n->d.at[0] == 0 || text_before(n->in, n->d.at[0], 1) == '\n') &&
		   behind->shape & (TOKEN_LOWER | TOKEN_UPPER) && !(behind->shape & TOKEN_DIGIT));
	day = digits_value(n->in, d, 0);
	month = digits_value(n->in, d, 1);
	end = d->at[1] + d->len[1];
	/* "2/10 09.30", "22-12 07:30" */
	word =
	    word ||
	    (behind->shape == TOKEN_DIGIT && behind->len == 2 && behind->start == end + 1 &&
		text_at(n->in, end) == ' ' && (gap == '/' || (d->len[0] == 2 && d->len[1] == 2)) &&
		(text_at(n->in, token_end(behind)) == ':' || text_at(n->in, token_end(behind)) == '.') &&
		class_at(n->in, token_end(behind) + 1) & class_at(n->in, token_end(behind) + 2) & IS_DIGIT &&
		!date_scores_before(n));
	word = word || heads_note(n, before, end, month) || ends_range(n, before) ||
	       date_of_paper(n, before) || goes_down(n, before, gap, day, month);
	if (!word || !day_exists(0, month, day) || date_goes_on(n->in, d->at[0], end) ||
	    word_at(n->in, end) || text_at(n->in, end) == gap || text_at(n->in, end) == '%' ||
	    (text_at(n->in, end) == ',' && class_at(n->in, end + 1) & IS_DIGIT))
		return false;
	if (behind->len > 0 && behind->start == end + 1 && behind->shape == TOKEN_LOWER) {
		const uint8_t *first = n->in->s + behind->start, *last = first + behind->len - 1;
		bool plural = behind->len > 4 && !token_is(n->w, behind, "omstreeks") && day < month &&
			      (*last == 's' || (last[-1] == 'e' && *last == 'n')) &&
			      (first[0] != 'g' || first[1] != 'e');

		/* a unit, or more of something: "op 3-5 plaatsen" */
		if (token_classes(n->w, behind) & W_UNIT || (plural && gap == '-'))
			return false;
	}
	date_set(f, d->at[0], end, 0, month, day);
	f->rule = "date/no-year";
	f->score = 70;
	date_groups(f, d, -1, 1, 0);
	return true;
}
