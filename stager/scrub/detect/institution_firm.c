/* Firms by their form or their trade: "Jansen B.V.", "Kras Verhuur". */
#include "house.h"

#include <string.h>

/* Words that are nothing but a trade, so that a word of every day may stand before them: "Kras Verhuur". */
static bool
plain_trade(const struct work *w, const struct token *t)
{
	static const char *const words[] = {"dakwerken", "verhuur", "stukadoors", "loodgieters", "schilders",
	    "dakdekkers", "logistics", "stukadoorswerken", "hoveniers", "sloopwerken", "koeriers", "express",
	    "makelaars", "accountants", "advocaten", "notarissen", "infra", "panden", "geluid",
	    "geluidstechniek", "groente", "financieel", "zonwering", "elektrotechniek", "bestratingen",
	    "grondverzet", NULL};

	for (const char *const *word = words; *word != NULL; word++)
		if (token_is(w, t, *word))
			return true;
	return false;
}

/* "Jansen B.V.", "Schildersbedrijf Jansen BV", "Transport De Wit vof". */
int
house_firm(struct work *w, const struct token *t, struct err *e)
{
	const struct token *last = t, *first;
	bool dotted =
	    (t->len == 1 && (token_is(w, t, "b") || token_is(w, t, "n")) && t[1].len == 1 &&
		token_is(w, t + 1, "v") && t[1].start == token_end(t) + 1 && w->in.s[token_end(t)] == '.');

	if (!dotted && t->len == 1)
		return 0;
	if (dotted && text_at(&w->in, token_end(t + 1)) == '.' && token_is(w, t + 2, "t"))
		return 0; /* n.v.t. */
	if (dotted)
		last = t + 1;
	if (t->len == 0 || !house_next(w, t - 1, t) || !(t[-1].shape & TOKEN_TITLE))
		return 0;
	/* "Jansen Transport", no "Palliatieve Zorg" */
	if (t->len > 3 && text_at(&w->in, token_end(t - 1)) == '.')
		return 0;
	if (token_is(w, t, "partners") && text_before(&w->in, t->start, 2) != '&')
		return 0;
	if (t->len > 3 && !token_is(w, t, "holding") && !token_is(w, t, "beheer") &&
	    (!(t->shape & TOKEN_TITLE) || t[-1].len < 3 || t[-1].classes & W_STOP ||
		house_capitals(t) != house_capitals(t - 1) || house_breaks(w, t - 1, t) ||
		text_at(&w->in, token_end(t)) == ':' || (house_everyday(w, t - 1) && !plain_trade(w, t)) ||
		(name_look(w->in.s + t[-1].start, t[-1].len, t[-1].hash) &
		    (NAME_MED | NAME_OTHER | NAME_ROLE))))
		return 0;
	/* "Jansen & Partners advocaten" */
	if (token_is(w, t, "partners") && house_next(w, t, t + 1) && !house_breaks(w, t, t + 1) &&
	    t[1].classes & W_FIRM && t[1].len > 3)
		last = t + 1;
	/* "Van Gelder Groente & Fruit" */
	if (last == t && t->len > 3 && house_next(w, t, t + 1) && !house_breaks(w, t, t + 1) &&
	    t[1].shape & TOKEN_TITLE &&
	    memchr(w->in.s + token_end(t), '&', t[1].start - token_end(t)) != NULL)
		last = t + 1;
	/* "Jansen & Zn. Transport BV": what stands before the form is a name in itself */
	first = house_name_before(w, t->len <= 3 && t[-1].len > 3 && !house_capitals(t - 1) ? t - 1 : t);
	if (first == t && (first = t - 1)->classes & W_STOP)
		return 0;
	return house_put(w, first, last, "institution/firm", 80, e);
}
