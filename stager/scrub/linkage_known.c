/* What is known of a subject: names, numbers and addresses out of its body, folded. */
#include "linkage_known.h"

#include <string.h>

#define NUMBER_MAX 40
#define NUMBER_LEAST 5 /* fewer figures stand in texts for too many other things */

bool
linkage_infix(const struct word *w)
{
	static const char *const list[] = {"van", "de", "der", "den", "het", "t", "ten", "ter", "te", "in",
	    "op", "aan", "bij", "onder", "over", "uit", "voor", "la", "le", "les", "du", "des", "d", "el",
	    "al", "von", "zu", "zur", "vom", "dos", "da", "di", "s", "tot", "v", "vd"};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (strlen(list[i]) == w->len && memcmp(list[i], w->text, w->len) == 0)
			return true;
	return false;
}

/* The letter without its accent of a character U+00C0 to U+017F in two bytes; 0 where it has none. */
static char
plain_letter(uint8_t lead, uint8_t next)
{
	static const char latin1[] = "aaaaaaaceeeeiiiidnooooo/ouuuuy/saaaaaaaceeeeiiiidnooooo/ouuuuy/y";
	static const char extended[] = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii//jjkkkllllllllll"
				       "nnnnnnnnnoooooo//rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
	unsigned code = (unsigned)(lead & 0x1f) << 6 | (next & 0x3f);
	char c = 0;

	if (code >= 0xc0 && code <= 0xff)
		c = latin1[code - 0xc0];
	else if (code >= 0x100 && code < 0x100 + sizeof(extended) - 1)
		c = extended[code - 0x100];
	return c == '/' ? 0 : c;
}

size_t
linkage_mark(const uint8_t *s, size_t len)
{
	if (len >= 2 && s[0] == 0xc2)
		return 2;
	return len >= 3 && s[0] == 0xe2 && (s[1] == 0x80 || s[1] == 0x81) ? 3 : 0;
}

size_t
linkage_unseen(const uint8_t *s, size_t len)
{
	if (len >= 2 && s[0] == 0xc2)
		return s[1] == 0xad ? 2 : 0; /* a soft hyphen */
	if (len < 3)
		return 0;
	if (s[0] == 0xe2 && s[1] == 0x80) /* no width, directions */
		return (s[2] >= 0x8b && s[2] <= 0x8f) || (s[2] >= 0xaa && s[2] <= 0xae) ? 3 : 0;
	if (s[0] == 0xe2 && s[1] == 0x81) /* joiners, directions */
		return s[2] >= 0xa0 && s[2] <= 0xa9 ? 3 : 0;
	return s[0] == 0xef && s[1] == 0xbb && s[2] == 0xbf ? 3 : 0;
}

/* A word's characters from s[*at] on, folded; *at moves past it. False where none begins there. */
static bool
take_word(const uint8_t *s, size_t len, size_t *at, struct token *t)
{
	size_t i = *at, unseen;

	if (i >= len || linkage_unseen(s + i, len - i) != 0 || linkage_mark(s + i, len - i) != 0 ||
	    (!letter(s[i]) && !figure(s[i])))
		return false;
	bool letters = false, any_figure = false;

	*t = (struct token){.start = i, .figures = true};
	t->capital = capital(s[i]) || (s[i] == 0xc3 && i + 1 < len && s[i + 1] < 0x9f);
	while (i < len && (letter(s[i]) || figure(s[i]))) {
		char c = (char)s[i];

		/* What shows nothing does not end a word, and is not its end. */
		if (s[i] >= 0xc2 && (unseen = linkage_unseen(s + i, len - i)) != 0) {
			i += unseen;
			continue;
		}
		if (linkage_mark(s + i, len - i) != 0)
			break;
		t->figures = t->figures && figure(s[i]);
		any_figure = any_figure || figure(s[i]);
		letters = letters || !figure(s[i]);
		if (capital(s[i]))
			c = (char)(s[i] | 0x20);
		if ((s[i] == 0xcc || s[i] == 0xcd) && i + 1 < len) {
			t->end = i += 2; /* an accent of its own */
			continue;
		}
		if (s[i] >= 0xc3 && s[i] <= 0xc5 && i + 1 < len && plain_letter(s[i], s[i + 1]) != 0) {
			c = plain_letter(s[i], s[i + 1]);
			i++;
		}
		i++;
		if (t->word.len < WORD_MAX)
			t->word.text[t->word.len++] = c;
		t->end = i;
	}
	t->mixed = letters && any_figure;
	*at = t->end;
	return true;
}

bool
linkage_word(const uint8_t *s, size_t len, size_t *at, struct token *t)
{
	for (; *at < len; ++*at) {
		size_t mark = linkage_unseen(s + *at, len - *at);

		if (mark == 0)
			mark = linkage_mark(s + *at, len - *at);
		if (mark > 0)
			*at += mark - 1;
		else if (take_word(s, len, at, t))
			return true;
	}
	return false;
}

static void
add_names(struct known *k, const uint8_t *value, size_t len)
{
	struct token t;
	bool infix = false;

	for (size_t at = 0; linkage_word(value, len, &at, &t) && k->word_count < WORDS_MAX;) {
		struct word *w = &t.word;

		w->infixed = infix;
		infix = linkage_infix(w);
		if (w->len < 2 || infix || t.figures)
			continue;
		if (k->word_count == 0 || w->len < k->shortest)
			k->shortest = w->len;
		if (w->len > k->longest)
			k->longest = w->len;
		k->first |= letter_bit(w->text[0]);
		k->last |= letter_bit(w->text[w->len - 1]);
		k->words[k->word_count++] = *w;
	}
}

/* Figures and letters alone, without zeros in front; with them where too few would be left ("0000123"). */
static void
add_number(struct known *k, const uint8_t *value, size_t len, size_t least)
{
	struct word *n = &k->numbers[k->number_count];

	if (k->number_count == NUMBERS_MAX)
		return;
	for (unsigned zeros = 0; zeros < 2; zeros++) {
		n->len = 0;
		for (size_t i = 0; i < len && n->len < NUMBER_MAX; i++) {
			if (!figure(value[i]) && !ascii_letter(value[i]))
				continue;
			if (zeros == 0 && n->len == 0 && value[i] == '0')
				continue;
			n->text[n->len++] = (char)(figure(value[i]) ? value[i] : value[i] | 0x20);
		}
		if (n->len >= least) {
			k->number_count++;
			return;
		}
	}
}

static void
add_phrase(struct known *k, const uint8_t *value, size_t len, bool without_number)
{
	struct token t;
	size_t count = 0;

	if (k->phrase_count == PHRASES_MAX)
		return;
	for (size_t at = 0; count < PHRASE_WORDS && linkage_word(value, len, &at, &t);) {
		if (t.word.len == 0)
			continue;
		if (without_number && count > 0 && figure((uint8_t)t.word.text[0]))
			break;
		k->phrases[k->phrase_count].words[count++] = t.word;
	}
	k->phrases[k->phrase_count].count = count;
	/* A single short word, or a number alone, is no address. */
	if (count > 1 || (count == 1 && t.word.len > 0 && k->phrases[k->phrase_count].words[0].len >= 4 &&
			     !figure((uint8_t)k->phrases[k->phrase_count].words[0].text[0])))
		k->phrase_count++;
}

/* 1234 AB. */
static bool
is_postcode(const uint8_t *value, size_t len)
{
	size_t figures = 0, letters = 0;

	for (size_t i = 0; i < len; i++) {
		if (figure(value[i]) && letters == 0)
			figures++;
		else if (ascii_letter(value[i]))
			letters++;
		else if (value[i] != ' ')
			return false;
	}
	return figures == 4 && letters == 2;
}

void
linkage_known(struct known *k, const struct subject *s)
{
	struct view v;
	enum known_kind kind;

	for (size_t at = 0; subject_known(s, &at, &kind, &v);) {
		switch (kind) {
		case KNOWN_PERSON:
			add_names(k, v.data, v.len);
			break;
		case KNOWN_NUMBER:
			add_number(k, v.data, v.len, NUMBER_LEAST);
			break;
		case KNOWN_ADDRESS:
			if (is_postcode(v.data, v.len)) {
				add_number(k, v.data, v.len, 6);
			} else {
				add_phrase(k, v.data, v.len, false);
				add_phrase(k, v.data, v.len, true);
			}
			break;
		case KNOWN_KINDS:
			break;
		}
	}
}
