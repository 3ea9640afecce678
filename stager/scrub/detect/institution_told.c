/* Institutions that the words before them tell: "werkt bij X", "Thuiszorg: X", "in De Zandstee", "via ZuidZorg". */
#include "house.h"

static bool
among(const struct work *w, const struct token *t, const char *const *words)
{
	for (; t->len > 0 && *words != NULL; words++)
		if (token_is(w, t, *words))
			return true;
	return false;
}

/* "werkt bij X", "verzekerd bij X", "Werkgever: X": capitals alone tell, and no place, title or first name. */
int
house_told(struct work *w, const struct token *t, const struct token **behind, struct err *e)
{
	static const char *const joints[] = {"bij", "van", "voor", "op", NULL};
	const struct token *at = t, *first, *last;
	uint8_t after = text_at(&w->in, token_end(t));
	size_t start, end;
	uint8_t mark;
	uint32_t flags;

	if (after == ':' || after == ' ') {
		for (int i = 0; i < 6 && after != ':' && at[1].len > 0 && at[1].start - token_end(at) == 1;
		     i++) {
			bool joint = false;

			at++;
			for (const char *const *word = joints; *word != NULL; word++)
				joint = joint || token_is(w, at, *word);
			if (joint && (token_is(w, at, "bij") || i == 0))
				break;
			if (i == 5 || at->shape & TOKEN_TITLE)
				return 0;
		}
	}
	first = at + 1;
	if (at == t && after != ':')
		return 0;
	if (after != ':' && !token_is(w, at, "bij"))
		return 0;
	if (first + 2 >= w->tokens + w->token_count + TOKEN_PAD)
		return 0;
	if (token_is(w, first, "de") || token_is(w, first, "het"))
		first++;
	if (first->len < 2 || first->start - token_end(at) > 6 || house_breaks(w, at, first) ||
	    !(first->shape & TOKEN_TITLE) || first->shape & TOKEN_DIGIT ||
	    first->classes & (W_STOP | W_MONTH | W_WEEKDAY) || place_at(w, first, &start, &end, &mark))
		return 0;
	last = house_name_end(w, first - 1);
	if (last < first)
		last = first;
	flags = name_look(w->in.s + first->start, first->len, first->hash);
	if (flags & (NAME_TITLE | NAME_ROLE | NAME_OTHER | NAME_STOP) ||
	    (last == first && flags & (NAME_FIRST | NAME_COMMON | NAME_MED) && !(flags & NAME_PROPER)) ||
	    (flags & NAME_FIRST && after == ':') ||
	    (after == ':' && last == first && !(flags & NAME_ANY) &&
		house_capitals(first) != house_capitals(t)))
		return 0;
	*behind = last + 1;
	return house_put(w, first, last, "institution/works", 60, e);
}

/* Its last token: words in capitals behind token i, a place too. */
static long
last_of(const struct work *w, long i)
{
	const struct token *t = name_token(w, i), *end = house_name_end(w, t);

	return i + (end - t);
}

/* "de monteur van Feenstra", "bureau, Arvexa": who comes from a firm to do a job is of it. */
static bool
works_for(const struct work *w, long i)
{
	static const char *const men[] = {"monteur", "monteurs", "loodgieter", "bezorger", "koerier",
	    "installateur", "accountmanager", "servicemonteur", "klantenservice", "helpdesk", "uitvoerder",
	    "verkoper", "storingsmonteur", NULL};

	return i > 1 && name_token(w, i - 1)->len == 3 && token_is(w, name_token(w, i - 1), "van") &&
	       among(w, name_token(w, i - 2), men) && name_gap(w, i - 2) == GAP_SPACE &&
	       name_token(w, i)->len > 3 && !name_shouted(w, i) && !name_placed(w, i) &&
	       !(name_of(w, i) & (NAME_MED | NAME_OTHER | NAME_STOP | NAME_TITLE)) &&
	       (name_of(w, i) & (NAME_FIRST | NAME_COMMON)) == 0;
}

/* "bij De Zilverreiger", "van De Kleine Dollard": a word of every day behind the article, which no list has as a name. */
static bool
everyday_house(const struct work *w, long i)
{
	static const char *const by[] = {"bij", "van", "voor", "door", "aan", NULL};
	uint32_t flags;

	if (!token_is(w, name_token(w, i), "de") || !name_capital(w, i) || name_gap(w, i) != GAP_SPACE ||
	    !name_capital(w, i + 1) || name_shouted(w, i + 1) || name_token(w, i + 1)->len < 5 ||
	    (name_gap(w, i - 1) == GAP_SPACE && !among(w, name_token(w, i - 1), by)) ||
	    (i > 1 && name_of_light(w, i - 2) & (NAME_TITLE | NAME_ROLE)))
		return false;
	flags = name_of(w, i + 1);
	return flags & NAME_COMMON && (flags & (NAME_ANY | NAME_ROLE | NAME_TITLE | NAME_STOP | NAME_STREET |
						   NAME_OTHER | NAME_MED)) == 0;
}

long
house_capital(const struct work *w, long i)
{
	static const char *const in[] = {"in", "naar", "vanuit", "via", "anders", NULL};
	static const char *const by[] = {"bij", "via", "van", "door", "naar", "aan", "namens", "met", "in",
	    "vanuit", "leverancier", "werkgever", "thuiszorg", "taxi", NULL};
	const struct token *t = name_token(w, i), *before = t - 1, *next = t + 1;
	bool de = token_is(w, t, "de"), het = token_is(w, t, "het");
	uint32_t flags;
	bool camel = false;
	long last;

	/* "Gerarda, De Zilverreiger, gerarda@..." */
	if (de && i > 0 && name_gap(w, i - 1) == GAP_COMMA && everyday_house(w, i) && !name_held(w, i + 1) &&
	    !name_placed(w, i + 1) && !name_shouted(w, i) && text_at(&w->in, token_end(next)) == ',')
		return 2;
	if (i < 1 || before->len == 0 || before->shape & (TOKEN_TITLE | TOKEN_DIGIT) ||
	    (!de && !het && !(camel = name_camel(w, i)) && !works_for(w, i)) ||
	    name_gap(w, i - 1) != GAP_SPACE)
		return 0;
	if (de || het) {
		/* "in De Zandstee", "woonde Het Dijkhuis"; but "bij De Vries", "van Het Hof" */
		if (!house_next(w, t, next) || text_at(&w->in, token_end(t)) != ' ' ||
		    !name_capital(w, i + 1) || name_shouted(w, i) || name_shouted(w, i + 1) ||
		    next->len < 4 || name_placed(w, i) || name_held(w, i + 1) || name_placed(w, i + 1) ||
		    (de && !among(w, before, in) && !everyday_house(w, i)) ||
		    (token_is(w, before, "van") && !everyday_house(w, i)) ||
		    (name_of_light(w, i - 1) & NAME_INTERFIX && het && !among(w, before, in)))
			return 0;
		flags = name_of(w, i + 1);
		if (flags & (NAME_STREET | NAME_OTHER | NAME_TITLE | NAME_MED) || (de && flags & NAME_LAST))
			return 0;
		last = last_of(w, i);
		/* "naar De Wieken 8a": a street */
		return name_token(w, last + 1)->shape & TOKEN_DIGIT && name_gap(w, last) == GAP_SPACE
			   ? 0
			   : last + 1 - i;
	}
	if (!camel && !de && !het)
		return last_of(w, i) + 1 - i;
	if (camel && t->len >= 6 && t->shape & TOKEN_LOWER && among(w, before, by) && !name_held(w, i) &&
	    !(name_of(w, i) & (NAME_MED | NAME_ANY)) && detect_class[w->in.s[token_end(t) - 1]] & IS_LOWER &&
	    detect_class[w->in.s[token_end(t) - 2]] & IS_LOWER)
		return last_of(w, i) + 1 - i;
	return 0;
}

/* "School (Het Palet, ...": the name's last token; NULL: there is none. */
const struct token *
house_in_brackets(const struct work *w, const struct token *t)
{
	static const char *const houses[] = {"school", "basisschool", "kdv", "opvang", "kinderdagverblijf",
	    "verpleeghuis", "thuiszorg", "praktijkschool", "dagbesteding", "werkgever", "bso",
	    "peuterspeelzaal", NULL};
	const struct token *last;
	uint8_t after;

	if (text_at(&w->in, token_end(t)) != ' ' || text_at(&w->in, token_end(t) + 1) != '(' ||
	    t[1].len == 0 || t[1].start != token_end(t) + 2 || !(t[1].shape & TOKEN_TITLE) ||
	    t[1].classes & W_STOP || !(t[1].classes & W_ARTICLE) || !house_next(w, t + 1, t + 2) ||
	    !(t[2].shape & TOKEN_TITLE))
		return NULL;
	for (const char *const *word = houses;; word++) {
		if (*word == NULL)
			return NULL;
		if (token_is(w, t, *word))
			break;
	}
	last = house_name_end(w, t + 1);
	after = text_at(&w->in, token_end(last));
	return last > t + 1 && (after == ')' || after == ',') ? last : NULL;
}

/* "groep 6 De Wegwijzer": a school behind the class; NULL: there is none. */
const struct token *
house_of_class(const struct work *w, const struct token *t)
{
	if (!token_is(w, t, "groep") || t[1].shape != TOKEN_DIGIT || t[1].len != 1 ||
	    !house_next(w, t, t + 1) || !house_next(w, t + 1, t + 2) || house_breaks(w, t + 1, t + 2) ||
	    !(t[2].classes & W_ARTICLE) || !(t[2].shape & TOKEN_TITLE) || !house_next(w, t + 2, t + 3) ||
	    house_breaks(w, t + 2, t + 3) || !(t[3].shape & TOKEN_TITLE) || t[3].shape & TOKEN_DIGIT ||
	    t[3].classes & W_STOP || name_flags(t[3].hash) & NAME_LAST)
		return NULL;
	return house_name_end(w, t + 2);
}

/* "Sint-Martinusschool", "St. Jozefschool": with the saint before it. */
const struct token *
house_saint_before(const struct work *w, const struct token *t)
{
	return (token_is(w, t - 1, "sint") || token_is(w, t - 1, "st")) && t[-1].shape & TOKEN_TITLE &&
		       house_next(w, t - 1, t) && !house_breaks(w, t - 1, t)
		   ? t - 1
		   : t;
}
