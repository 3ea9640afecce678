/* E-mail addresses whose signs are written out: "jan.jansen (at) example.nl", "jansen at example dot nl". */
#include "detect.h"

#include <string.h>

#define LABELS_MAX 6
#define SPACES_MAX 2

/* What is written out: the token, with brackets around it, from start to end. */
struct sign {
	size_t start, end;
	bool bracketed;
};

/* The sign that this token is, spaces around it included; false where it is part of a word. */
static bool
sign_at(const struct text_in *in, const struct token *t, struct sign *s)
{
	static const char open[] = "([{<", close[] = ")]}>";
	const char *bracket;
	uint8_t c = text_before(in, t->start, 1);

	*s = (struct sign){.start = t->start, .end = token_end(t)};
	if (c != 0 && (bracket = strchr(open, c)) != NULL && text_at(in, s->end) == close[bracket - open]) {
		s->bracketed = true;
		s->start--;
		s->end++;
	}
	for (int i = 0; i < SPACES_MAX && text_before(in, s->start, 1) == ' '; i++)
		s->start--;
	for (int i = 0; i < SPACES_MAX && text_at(in, s->end) == ' '; i++)
		s->end++;
	return s->bracketed || (s->start < t->start && s->end > token_end(t));
}

static bool
is_dot(const struct work *w, const struct token *t)
{
	return token_is(w, t, "dot") || token_is(w, t, "punt") || token_is(w, t, "punkt");
}

static bool
is_at(const struct work *w, const struct token *t)
{
	return token_is(w, t, "at") || token_is(w, t, "apenstaartje") || token_is(w, t, "apestaartje");
}

/* Where the part before the sign begins, from its last token back; plain: nothing but a word. */
static size_t
local_start(const struct work *w, const struct token *t, bool *plain)
{
	const struct text_in *in = &w->in;
	struct sign dot;

	*plain = (t->shape & TOKEN_DIGIT) == 0;
	for (int i = 0; i < LABELS_MAX && t[-1].len > 0; i++) {
		uint8_t gap = text_before(in, t->start, 1);

		if (token_end(&t[-1]) + 1 == t->start &&
		    (gap == '.' || gap == '_' || gap == '-' || gap == '+')) {
			t--;
		} else if (t[-2].len > 0 && is_dot(w, &t[-1]) && sign_at(in, &t[-1], &dot) &&
			   dot.start == token_end(&t[-2]) && dot.end == t->start) {
			t -= 2;
		} else {
			break;
		}
		*plain = false;
	}
	return t->start;
}

/* Where the domain that begins with this token ends; 0: it is none. sure: what stands before says that it is one.
 * spelled: one of its dots is written out. */
static size_t
domain_end(const struct work *w, const struct token *t, bool sure, bool *spelled)
{
	const struct text_in *in = &w->in;
	struct sign dot;
	bool dotted = false;

	*spelled = false;
	for (int i = 0; i < LABELS_MAX && t->len > 0; i++) {
		size_t end = token_end(t);
		uint8_t gap = text_at(in, end);

		if (t[1].len > 0 && t[1].start == end + 1 && (gap == '.' || gap == '-')) {
			/* The end of a sentence is none. */
			if (gap == '.' && t[1].classes & W_TOP && text_at(in, token_end(&t[1])) != '.' &&
			    text_at(in, token_end(&t[1])) != '-')
				return token_end(&t[1]);
			dotted = dotted || gap == '.';
			t++;
		} else if (t[2].len > 0 && is_dot(w, &t[1]) && sign_at(in, &t[1], &dot) && dot.start == end &&
			   dot.end == t[2].start) {
			*spelled = true;
			if (t[2].classes & W_TOP)
				return token_end(&t[2]);
			t += 2;
		} else {
			break;
		}
	}
	/* Any letters that a top domain may have. */
	return (sure || *spelled) && (dotted || *spelled) && t->len >= 2 && t->len <= 4 &&
		       !(t->shape & (TOKEN_DIGIT | TOKEN_WIDE))
		   ? token_end(t)
		   : 0;
}

/* "Mail naar jansen at gmail.com": what is said a little before. */
static bool
mail_before(const struct work *w, const struct token *t)
{
	for (int i = 1; i <= 4 && t[-i].len > 0; i++)
		if (token_is(w, &t[-i], "mail") || token_is(w, &t[-i], "email") ||
		    token_is(w, &t[-i], "mailen") || token_is(w, &t[-i], "mailadres") ||
		    token_is(w, &t[-i], "emailadres"))
			return true;
	return false;
}

int
spelled_find(struct work *w, struct err *e)
{
	for (size_t i = 0; i < w->mark_count; i++) {
		const struct token *t = &w->tokens[w->marks[i]], *local = t - 1;
		struct find f;
		struct sign sign;
		bool plain, spelled;

		if (!(t->classes & W_SCHEME) || !is_at(w, t) || local->len == 0 ||
		    !sign_at(&w->in, t, &sign) || sign.start != token_end(local) || sign.end != t[1].start)
			continue;
		f = (struct find){.type = SPAN_EMAIL, .score = 90, .rule = "email/spelled"};
		f.start = local_start(w, local, &plain);
		/* "We spraken at example.org": a word, and no address */
		if ((f.end = domain_end(w, t + 1, sign.bracketed || t->len > 2, &spelled)) == 0 ||
		    (plain && !spelled && !sign.bracketed && t->len == 2 && !mail_before(w, t)))
			continue;
		f.value = text_value(w->in.s + f.start, f.end - f.start, " ");
		if (find_add(w, &f, e) == -1)
			return -1;
	}
	return 0;
}
