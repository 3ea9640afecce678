/*
 * What is known of a subject in the second scan: names, numbers and addresses of its row of the subject table, which may stand in
 * nothing that leaves about it. Its matching is its own: whole words as they are spelled, compared by hash.
 *
 * In free text a single find is one. A short value (a cell of a table, a string of a record) may be a city or a profession that
 * is somebody's name too: there a number counts, and two different names of the same subject in one record.
 */
#include "check_facts.h"

#include <string.h>
#include <strings.h>
#include <wctype.h>

#include "check_parts.h"
#include "subject.h"

#define NAME_LEAST 4   /* letters: shorter ones are words, too */
#define NUMBER_FREE 5  /* figures and letters of a number in free text */
#define NUMBER_SHORT 7 /* in a short value, where one of fewer may be chance */
#define GAPS_MAX 3     /* signs between two characters of a number */
#define FREE_WORDS 8   /* a value of so many words is free text */

/* Latin letters from U+00C0 on without what is on them. */
static const char marked[] = /* U+00C0 */
    "AAAAAA?CEEEEIIIIDNOOOOO?OUUUUY?saaaaaa?ceeeeiiiidnooooo?ouuuuy?y"
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi??JjKk?LlLlLlLlLlNnNnNn???OoOoOo??"
    "RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

/* A run of letters and figures. */
struct token {
	size_t start, end;
	uint64_t hash; /* of its characters, small, without accents */
	uint64_t like; /* the same with figures and the letters that look like them as one */
	size_t letters, others;
	bool capital; /* holds one */
};

/* The character at s[at], and how many bytes it has; what is no UTF-8 is a byte that is no letter. */
static uint32_t
character(const uint8_t *s, size_t len, size_t at, size_t *used)
{
	const uint8_t lead = s[at];
	const size_t want = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	uint32_t code = lead;

	*used = 1;
	if (lead < 0x80 || want == 1 || len - at < want)
		return lead < 0x80 ? lead : ' ';
	code = lead & (want == 2 ? 0x1f : want == 3 ? 0x0f : 0x07);
	for (size_t i = 1; i < want; i++)
		code = code << 6 | (s[at + i] & 0x3f);
	*used = want;
	return code;
}

static bool
is_letter(uint32_t c)
{
	return c < 0x80 ? check_letter((uint8_t)c)
			: c >= 0xc0 && c != 0xd7 && c != 0xf7 && iswalpha((wint_t)c) != 0;
}

/* What shows nothing, or stands on the letter before. */
static bool
is_nothing(uint32_t c)
{
	return c == 0xad || (c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

static uint64_t
hash_on(uint64_t hash, uint32_t c)
{
	hash = (hash ^ c) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 31;
}

/* A figure as the letter that it is taken for, and so of letters of which two are taken for one figure. */
static uint32_t
looks_like(uint32_t c)
{
	static const char figures[] = "olzeasgtbg";

	return c >= '0' && c <= '9' ? (uint32_t)figures[c - '0'] : c == 'i' ? 'l' : c;
}

/* The next token from *at on; false at the end. */
static bool
next_token(const uint8_t *s, size_t len, size_t *at, struct token *t)
{
	size_t i = *at, end = *at, used;

	*t = (struct token){.hash = UINT64_C(0xcbf29ce484222325), .like = UINT64_C(0xcbf29ce484222325)};
	for (; i < len; i += used) {
		const uint32_t c = character(s, len, i, &used);
		const bool figure = c < 0x80 && check_digit((uint8_t)c), alpha = !figure && is_letter(c);
		uint32_t folded = c;

		if (!figure && !alpha) {
			if (c >= 0x80 && t->letters + t->others > 0 && is_nothing(c))
				continue;
			if (t->letters + t->others > 0)
				break;
			continue;
		}
		if (alpha)
			folded = c < 0x80 ? c | 0x20 : (uint32_t)towlower((wint_t)c);
		if (t->letters + t->others == 0)
			t->start = i;
		t->capital = t->capital || (alpha && folded != c);
		if (folded >= 0xc0 && folded < 0xc0 + sizeof(marked) - 1 && marked[folded - 0xc0] != '?')
			folded = (uint8_t)marked[folded - 0xc0] | 0x20;
		t->letters += alpha;
		t->others += figure;
		t->hash = hash_on(t->hash, folded);
		t->like = hash_on(t->like, looks_like(folded));
		end = i + used;
	}
	t->end = end;
	*at = i;
	return t->letters + t->others > 0;
}

static void
add_name(struct facts *f, uint64_t hash, uint64_t like, bool place)
{
	for (size_t i = 0; i < f->name_count; i++)
		if (f->names[i].hash == hash)
			return;
	if (f->name_count == FACTS_NAMES)
		return;
	f->names[f->name_count++] = (struct fact_name){.hash = hash, .like = like, .place = place};
	f->mask |= UINT64_C(1) << (hash & 63);
	f->mask_like |= UINT64_C(1) << (like & 63);
}

/* Words between the parts of names, of four letters and more. */
static bool
is_between(const uint8_t *s, size_t len)
{
	return (len == 4 && strncasecmp((const char *)s, "voor", 4) == 0) ||
	       (len == 4 && strncasecmp((const char *)s, "over", 4) == 0) ||
	       (len == 5 && strncasecmp((const char *)s, "onder", 5) == 0);
}

static void
add_names(struct facts *f, const uint8_t *s, size_t len)
{
	struct token t;

	for (size_t at = 0; next_token(s, len, &at, &t);)
		if (t.letters >= NAME_LEAST && t.others == 0 && !is_between(s + t.start, t.end - t.start))
			add_name(f, t.hash, t.like, false);
}

static void
add_number(struct facts *f, const uint8_t *s, size_t len)
{
	size_t n = 0;

	if (f->number_count == FACTS_NUMBERS)
		return;
	for (size_t i = 0; i < len && n < FACTS_NUMBER; i++) {
		if (!check_digit(s[i]) && !check_letter(s[i]))
			continue;
		if (n == 0 && s[i] == '0')
			continue;
		f->numbers[f->number_count].text[n++] = check_digit(s[i]) ? s[i] : s[i] | 0x20;
	}
	f->numbers[f->number_count].len = n;
	if (n >= NUMBER_FREE)
		f->number_count++;
}

/* A postcode is a number; of the rest the words, or the one that there is. */
static void
add_address(struct facts *f, const uint8_t *s, size_t len)
{
	struct token t;
	size_t count = 0, letters = 0, figures = 0;

	for (size_t i = 0; i < len; i++) {
		letters += check_letter(s[i]);
		figures += check_digit(s[i]);
	}
	if (figures == 4 && letters == 2) {
		add_number(f, s, len);
		return;
	}
	if (f->phrase_count == FACTS_PHRASES)
		return;
	for (size_t at = 0; count < FACTS_TOKENS && next_token(s, len, &at, &t); count++) {
		f->phrases[f->phrase_count].tokens[count] = t.hash;
		letters = t.others == 0 ? t.letters : 0;
	}
	f->phrases[f->phrase_count].count = count;
	f->phrases[f->phrase_count].at = 0;
	if (count == 1 && letters >= 6)
		add_name(f, f->phrases[f->phrase_count].tokens[0], 0, true);
	else if (count > 1)
		f->phrase_count++;
}

/* One of the subjects that the record is about, where the context knows it. */
static void
add_subject(struct facts *f, const struct context *context, const char *pseudonym)
{
	struct subject subject = {.body = NULL};
	enum subject_state state;
	enum known_kind kind;
	struct view v;

	for (size_t i = 0; i < f->subject_count; i++)
		if (memcmp(f->subjects[i], pseudonym, PSEUDONYM_LEN) == 0)
			return;
	if (f->subject_count == FACTS_SUBJECTS ||
	    !context_find(context, pseudonym, &state, &subject.body, &subject.body_len) ||
	    state != SUBJECT_GOOD)
		return;
	memcpy(f->subjects[f->subject_count++], pseudonym, PSEUDONYM_LEN);
	for (size_t at = 0; subject_known(&subject, &at, &kind, &v);) {
		if (kind == KNOWN_PERSON)
			add_names(f, v.data, v.len);
		else if (kind == KNOWN_NUMBER)
			add_number(f, v.data, v.len);
		else if (kind == KNOWN_ADDRESS)
			add_address(f, v.data, v.len);
	}
}

void
facts_begin(struct facts *f, const struct context *context, const char *subject)
{
	f->name_count = f->phrase_count = f->number_count = 0;
	f->subject_count = f->names_seen = 0;
	f->mask = f->mask_like = 0;
	if (strlen(subject) == PSEUDONYM_LEN)
		add_subject(f, context, subject);
}

void
facts_subject(struct facts *f, const struct context *context, const uint8_t *s, size_t len)
{
	if (len != PSEUDONYM_LEN)
		return;
	for (size_t i = 0; i < len; i++)
		if ((s[i] < 'a' || s[i] > 'z') && (s[i] < '2' || s[i] > '7'))
			return;
	add_subject(f, context, (const char *)s);
}

/* "[PERSOON-1]": what was put in, though somebody may be called so. */
static bool
is_tag(const uint8_t *s, size_t len, const struct token *t)
{
	return t->start > 0 && s[t->start - 1] == '[' && t->end < len &&
	       (s[t->end] == '-' || s[t->end] == ']');
}

/* A sign that may stand inside of a number, several of them: any but a quote, which ends a string. */
static bool
is_sign(uint8_t c)
{
	return c > ' ' && c < 0x7f && c != '"' && !check_digit(c) && !check_letter(c);
}

/* A known number begins at s[at]: zeros in front, and a few signs between any two of its characters. */
static bool
number_at(const struct facts *f, const uint8_t *s, size_t len, size_t at, size_t least)
{
	size_t gap;

	while (at < len && s[at] == '0')
		at++;
	for (size_t i = 0; i < f->number_count; i++) {
		const uint8_t *want = f->numbers[i].text;
		const size_t count = f->numbers[i].len;
		size_t to = at, done = 0, gaps = 0, used;

		if (count < least)
			continue;
		while (done < count && to < len) {
			const uint8_t c = check_letter(s[to]) ? s[to] | 0x20 : s[to];

			if (c == want[done]) {
				done++;
				to++;
				gaps = 0;
			} else if (done > 0 && gaps < GAPS_MAX && is_sign(s[to])) {
				gaps++;
				to++;
			} else if (done > 0 && gaps == 0 && (gap = check_gap(s, len, to)) > 0 &&
				   to + gap < len && check_gap(s, len, to + gap) == 0) {
				gaps = GAPS_MAX;
				to += gap;
			} else {
				break;
			}
		}
		/* What follows is no more of the same word: also a dash or a space that is not ASCII. */
		if (done == count &&
		    (to == len || (!check_digit(s[to]) && !is_letter(character(s, len, to, &used)))))
			return true;
	}
	return false;
}

static void
phrases_reset(struct facts *f)
{
	for (size_t i = 0; i < f->phrase_count; i++)
		f->phrases[i].at = 0;
}

/* The next token of a run with little between: does an address end with it? */
static bool
phrase_step(struct facts *f, uint64_t hash)
{
	for (size_t i = 0; i < f->phrase_count; i++) {
		size_t at = f->phrases[i].at;

		if (f->phrases[i].tokens[at] != hash)
			at = 0;
		if (f->phrases[i].tokens[at] == hash)
			at++;
		if (at == f->phrases[i].count)
			return true;
		f->phrases[i].at = at;
	}
	return false;
}

bool
facts_in(struct facts *f, const uint8_t *s, size_t len, bool free_text)
{
	struct token t;
	size_t words = 0, last = 0;

	if (f->subject_count == 0)
		return false;
	for (size_t at = 0; !free_text && words < FREE_WORDS && next_token(s, len, &at, &t);)
		words++;
	free_text = free_text || words == FREE_WORDS;
	phrases_reset(f);
	for (size_t at = 0; next_token(s, len, &at, &t); last = t.end) {
		if (is_tag(s, len, &t)) {
			phrases_reset(f);
			continue;
		}
		if (t.others > 0 && number_at(f, s, len, t.start, free_text ? NUMBER_FREE : NUMBER_SHORT))
			return true;
		if (free_text && f->phrase_count > 0) {
			if (t.start - last > 2)
				phrases_reset(f);
			if (phrase_step(f, t.hash))
				return true;
		}
		if (t.others > 0 && t.letters > t.others && (f->mask_like >> (t.like & 63) & 1) != 0)
			for (size_t i = 0; i < f->name_count; i++)
				if (f->names[i].like == t.like && !f->names[i].place &&
				    t.letters + t.others > NAME_LEAST)
					return true;
		if (!t.capital || t.others > 0 || (f->mask >> (t.hash & 63) & 1) == 0)
			continue;
		for (size_t i = 0; i < f->name_count; i++) {
			struct fact_name *n = &f->names[i];

			if (n->hash != t.hash || (n->place && !free_text))
				continue;
			if (free_text)
				return true;
			f->names_seen += !n->seen;
			n->seen = true;
		}
	}
	return f->names_seen >= 2;
}
