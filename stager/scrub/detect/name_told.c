/* Persons that the words before them tell, whatever the name: "vraag naar Beer", "dienst over aan Vlieland", "02:10 Opmeer: ". */
#include "name.h"

#include <string.h>

static bool
among(const struct work *w, long i, const char *const *words)
{
	for (; i >= 0 && *words != NULL; words++)
		if (token_is(w, name_token(w, i), *words))
			return true;
	return false;
}

/* "iedereen zegt X", "vraag naar X", "Contactpersoon X", "hij heet X". */
static bool
is_called(const struct work *w, long i)
{
	static const char *const says[] = {"zegt", "noemt", "noem", NULL};
	static const char *const who[] = {"iedereen", "men", "allemaal", "altijd", NULL};
	static const char *const ask[] = {"vraag", "vragen", "gevraagd", "vraagt", NULL};

	if (name_gap(w, i - 1) != GAP_SPACE)
		return false;
	if (name_token(w, i - 1)->len == 14 && token_is(w, name_token(w, i - 1), "contactpersoon"))
		return true;
	if (i < 2 || name_gap(w, i - 2) != GAP_SPACE)
		return false;
	return (token_is(w, name_token(w, i - 1), "naar") && among(w, i - 2, ask)) ||
	       (among(w, i - 1, says) && among(w, i - 2, who));
}

/* "dienst over aan X", "overgedragen aan X": who goes on with the work. */
static bool
is_handed(const struct work *w, long i)
{
	static const char *const done[] = {"over", "overgedragen", "overgegeven", "overdracht", NULL};
	static const char *const what[] = {
	    "dienst", "zorg", "patiënt", "pt", "patiente", "draag", "draagt", NULL};

	if (i < 2 || name_gap(w, i - 1) != GAP_SPACE || name_gap(w, i - 2) != GAP_SPACE ||
	    !token_is(w, name_token(w, i - 1), "aan") || !among(w, i - 2, done))
		return false;
	return !token_is(w, name_token(w, i - 2), "over") || among(w, i - 3, what);
}

/* "23-12 02:10 X: ": a line of a log; the hour before it, and nothing but figures in its line. */
static bool
heads_log_line(const struct work *w, long i)
{
	const struct token *t = name_token(w, i);
	long k = i - 1;

	if (text_at(&w->in, token_end(t)) != ':' || text_at(&w->in, token_end(t) + 1) != ' ' ||
	    name_gap(w, k) != GAP_SPACE || k < 1 || name_token(w, k)->shape != TOKEN_DIGIT ||
	    name_token(w, k)->len != 2 || name_gap(w, k - 1) != GAP_COLON ||
	    name_token(w, k)->start != token_end(name_token(w, k - 1)) + 1)
		return false;
	for (; k >= 0 && name_token(w, k)->shape == TOKEN_DIGIT; k--)
		if (k == 0 || memchr(w->in.s + token_end(name_token(w, k - 1)), '\n',
				  name_token(w, k)->start - token_end(name_token(w, k - 1))) != NULL)
			return true;
	return false;
}

/* The last word before a name that is told. */
static bool
may_tell(const struct work *w, const struct token *t)
{
	switch (t->len) {
	case 2:
		return t->shape == TOKEN_DIGIT;
	case 3:
		return token_is(w, t, "aan");
	case 4:
		return token_is(w, t, "naar") || token_is(w, t, "zegt") || token_is(w, t, "noem");
	case 5:
		return token_is(w, t, "noemt");
	default:
		return t->len == 14;
	}
}

struct verdict
name_told(const struct work *w, long i, long *end, size_t *end_at)
{
	static const struct verdict no = {0};
	const struct token *t = name_token(w, i);
	uint32_t flags = name_of_light(w, i);
	bool called, log = false;

	/* Mostly none of these stands there. */
	if (!may_tell(w, t - 1) || t->len < 2 || name_shouted(w, i) || t->shape & TOKEN_DIGIT)
		return no;
	called = is_called(w, i);
	if (!called && !is_handed(w, i) && !(log = heads_log_line(w, i)))
		return no;
	/* the name alone: others have what is longer */
	if (name_gap(w, i) == GAP_HYPHEN || (name_gap(w, i) == GAP_SPACE && name_capital(w, i + 1)))
		return no;
	if (called ? !(flags & NAME_FIRST) && !((name_of(w, i) & (NAME_COMMON | NAME_STOP | NAME_PLACE |
								     NAME_NEVER | NAME_ROLE)) == 0)
		   : !(flags & (NAME_LAST | NAME_FIRST | NAME_PLACE)) ||
			 name_of(w, i) & (NAME_COMMON | NAME_STOP | NAME_NEVER))
		return no;
	if (flags & ((NAME_NEVER & ~(called ? NAME_MED : 0)) | NAME_INTERFIX | NAME_TITLE | NAME_EPONYM) ||
	    (called && name_placed(w, i) && !(flags & NAME_FIRST)))
		return no;
	*end = i + 1;
	*end_at = token_end(t);
	return log ? VERDICT(90, "log", true) : VERDICT(85, "told", true);
}
