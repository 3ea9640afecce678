/* Letters that stand for a name: who signs with "MvdB", "G.R.", "hk". */
#include "name.h"

#include <string.h>

/* "MvdB", "HvD": who signs with the letters of a name. */
bool
name_is_cipher(const struct work *w, long i, enum lead lead)
{
	static const char *const others[] = {"crvb", "abrvs", "rvb", "rvs", "rvt", "rvc", "rvk", "cvb", "cva",
	    "cvz", "ovj", "mvt", "mva", "rvo", "cvt", "hvk", "vve", "vvt", "wvs", "wvk", "bve", "nvt", "hvj",
	    "hva", "nvb", "ivm", "tav", "wvb", "pvb", "pvda", "pvdd", "ovc", "kvk", "pva", "bvo", "dvt",
	    NULL};
	const struct token *t = name_token(w, i);
	const uint8_t *s = w->in.s + t->start;
	size_t at = 0, from;
	bool dated; /* "gestart. PdW 09-03" */

	if (t->len < 3 || t->len > 6 || t->shape & (TOKEN_DIGIT | TOKEN_WIDE) || lead == LEAD_INST)
		return false;
	while (at < t->len && detect_class[s[at]] & IS_UPPER)
		at++;
	from = at;
	while (at < t->len && (s[at] == 'v' || s[at] == 'd' || s[at] == 't' || s[at] == 'r'))
		at++;
	dated = name_gap(w, i) == GAP_SPACE && name_token(w, i + 1)->shape & TOKEN_DIGIT && i > 0 &&
		name_gap(w, i - 1) == GAP_DOT_SPACE;
	if (from == 0 || from > 3 || at == from || at - from > 3 || at == t->len || t->len - at > 2 ||
	    (s[from] != 'v' && !dated && (text_at(&w->in, token_end(t)) | 0x0f) != 0x0f))
		return false;
	while (at < t->len && detect_class[s[at]] & IS_UPPER)
		at++;
	for (const char *const *word = others; *word != NULL; word++)
		if (token_is(w, t, *word))
			return false;
	/* in the midst of a sentence it is an office */
	if (name_gap(w, i) == GAP_SPACE && !dated && !(name_of_light(w, i + 1) & NAME_VERB) &&
	    lead != LEAD_ROLE && lead != LEAD_LABEL)
		return false;
	return at == t->len;
}

static bool
token_ends_line(const struct work *w, size_t at)
{
	while (text_at(&w->in, at) == ' ')
		at++;
	return at >= w->in.len || w->in.s[at] == '\n' || w->in.s[at] == '\r';
}

/* "Paraaf: G.R.", "geprikt door D.O.", "12. SN, 12-01-1971": letters alone. Where they end; 0: none do. */
size_t
name_paraph_end(const struct work *w, long i)
{
	const struct token *t = name_token(w, i), *before = name_token(w, i - 1);
	size_t at = token_end(t), start = t->start;
	enum gap gap = i > 0 ? name_gap(w, i - 1) : GAP_BREAK;
	bool dotted = false;

	if (i == 0 || (!name_shouted(w, i) && t->len > 1))
		return 0;
	if (t->len == 1)
		while (text_at(&w->in, at) == '.' && class_at(&w->in, at + 1) & IS_UPPER && at < start + 8) {
			dotted = true;
			for (at++; class_at(&w->in, at) & IS_ALNUM && at < start + 12;)
				at++;
		}
	if (t->len == 1 && !dotted)
		return 0;
	at += dotted && text_at(&w->in, at) == '.';
	if (gap == GAP_COLON && (token_is(w, before, "paraaf") || token_is(w, before, "par") ||
				    token_is(w, before, "handtekening") || token_is(w, before, "handt")))
		return at;
	/* "paraaf DV", "initialen H.K." */
	if (gap == GAP_SPACE &&
	    (token_is(w, before, "paraaf") || token_is(w, before, "initialen") ||
		token_is(w, before, "voorletters")) &&
	    (dotted || (t->len <= 3 && !(class_at(&w->in, at) & IS_ALNUM))))
		return at;
	/* "bezoek van broer. JB": who wrote it, at the end of the line */
	if (gap == GAP_DOT_SPACE && t->len >= 2 && t->len <= 3 && !(t->shape & TOKEN_WIDE) &&
	    (name_of(w, i) & (NAME_MED | NAME_STOP | NAME_OTHER | NAME_LABEL | NAME_ROLE | NAME_INST)) == 0 &&
	    !(before->shape & TOKEN_UPPER) && before->len > 1 && token_ends_line(w, at))
		return at;
	if (gap == GAP_SPACE && dotted && token_is(w, before, "door") &&
	    (text_at(&w->in, at) == 0 || text_at(&w->in, at) == '\n' || text_at(&w->in, at) == '\r' ||
		text_at(&w->in, at) == ')'))
		return at;
	if (gap == GAP_DOT_SPACE && before->shape == TOKEN_DIGIT && before->len <= 2 && at - start >= 2 &&
	    at - start <= 8 && text_at(&w->in, at) == ',' && text_at(&w->in, at + 1) == ' ' &&
	    class_at(&w->in, at + 2) & IS_DIGIT && name_begins(w, i - 1))
		return at;
	return 0;
}

/* "notulen", "paraaf": whose letters follow. */
static bool
asks_letters(const struct work *w, long i)
{
	static const char *const words[] = {
	    "paraaf", "par", "notulen", "notulist", "genoteerd", "initialen", "handtekening", NULL};

	for (const char *const *word = words; *word != NULL; word++)
		if (token_is(w, name_token(w, i), *word))
			return true;
	return false;
}

/* "ontv. 3 APR 2025 balie Geldrop mh": a stamp, and the letters of who set it. */
static bool
in_stamp(const struct work *w, long i)
{
	for (long k = i - 1; k >= 0 && i - k < 10; k--) {
		const struct token *t = name_token(w, k);

		if (memchr(w->in.s + token_end(t), '\n', t[1].start - token_end(t)) != NULL)
			return false;
		if (token_is(w, t, "ontv") || token_is(w, t, "ontvangen") || token_is(w, t, "ingeboekt") ||
		    token_is(w, t, "ingekomen"))
			return k == 0 || text_before(&w->in, t->start, 1) == '\n';
	}
	return false;
}

size_t
name_small_paraph(const struct work *w, long i)
{
	static const char *const others[] = {"gb", "gba", "nvt", "nb", "ok", "gr", "mvg", "zn", "aub", "svp",
	    "zsm", "tzt", "hr", "rr", "mg", "ml", "kg", "cm", "mm", "st", "dd", "ivm", "mn", "nl", "ed", "ea",
	    "ad", "bl", "ctrl", "etc", "vv", "sec", "xx", "xxx", "min", "wkn", "mnd", "dgn", "vlgs", "gdv",
	    "pdf", "tst", "lmk", "grtz", "grt", "thx", "thnx", "ff", "idd", "jr", "yr", "kcal", "mmol", NULL};
	const struct token *t = name_token(w, i);
	size_t at = token_end(t);
	enum gap gap = name_gap(w, i - 1);
	bool asked;

	if (t->len < 2 || t->len > 4 || t->shape != TOKEN_LOWER)
		return 0;
	while (at < w->in.len && (w->in.s[at] == ' ' || w->in.s[at] == '\n' || w->in.s[at] == '\r'))
		at++;
	if (at < w->in.len)
		return 0;
	asked = (gap == GAP_SPACE || gap == GAP_COLON || gap == GAP_WRAP) && asks_letters(w, i - 1);
	for (const char *const *word = others; *word != NULL; word++)
		if (token_is(w, t, *word))
			return 0;
	if ((name_of(w, i) & ~(uint32_t)NAME_ROLE) != 0 &&
	    !(asked && (name_of(w, i) & (NAME_STOP | NAME_TITLE | NAME_ROLE | NAME_MED)) == 0))
		return 0;
	if (asked || (gap == GAP_SPACE && in_stamp(w, i)))
		return token_end(t);
	/* behind a sentence: no vowel, as words have */
	if (gap != GAP_DOT_SPACE || name_token(w, i - 1)->len < 2)
		return 0;
	for (size_t k = 0; k < t->len; k++)
		if (memchr("aeiouy", w->in.s[t->start + k], 6) != NULL)
			return 0;
	return token_end(t);
}
