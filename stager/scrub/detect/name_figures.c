/* Names with figures in place of letters. */
#include "name.h"

#define FIGURED_LEAST 5
#define FIGURED_MOST 24

/* "J4nsen", "P1etersen": a listed surname with one or two figures in place of letters that they look like. */
static bool
is_figured(const struct work *w, const struct token *t)
{
	static const char letters[] = "oizeasgtbg";
	const uint8_t *s = w->in.s + t->start;
	uint8_t word[FIGURED_MOST];
	size_t figures = 0;
	uint32_t flags;

	if (t->len < FIGURED_LEAST || t->len > FIGURED_MOST || t->shape & TOKEN_WIDE ||
	    detect_class[s[t->len - 1]] & IS_DIGIT)
		return false;
	for (size_t i = 0; i < t->len; i++) {
		word[i] = s[i];
		if (detect_class[s[i]] & IS_DIGIT) {
			figures++;
			word[i] = (uint8_t)letters[s[i] - '0'];
		} else if (i > 0 && detect_class[s[i]] & IS_UPPER) {
			return false;
		}
	}
	if (figures > 2)
		return false;
	flags = name_look(word, t->len, token_hash(word, t->len));
	return flags & (NAME_FIRST | NAME_LAST) &&
	       (flags & (NAME_COMMON | NAME_STOP | NAME_PLACE | NAME_NEVER | NAME_EPONYM | NAME_MED)) == 0;
}

int
name_figures(struct work *w, struct err *e)
{
	for (size_t k = 0; k < w->digit_count; k++) {
		const long i = w->digits[k];
		const struct token *t = name_token(w, i);

		if ((t->shape & (TOKEN_TITLE | TOKEN_LOWER)) != (TOKEN_TITLE | TOKEN_LOWER) ||
		    !is_figured(w, t) || name_held(w, i))
			continue;
		if (find_add(w,
			&(struct find){.start = t->start,
			    .end = token_end(t),
			    .type = SPAN_PERSON,
			    .score = 60,
			    .rule = "person/figures",
			    .value = text_value(w->in.s + t->start, t->len, "")},
			e) == -1)
			return -1;
	}
	return 0;
}
