/* The words of word_lists.c and the first ones of places and institutions, looked up by hash. */
#include "name.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 8192
#define SLOTS 16384
#define CASE_BITS UINT64_C(0x2020202020202020) /* as word_same compares */

uint64_t words_seen[WORDS_SEEN_BITS / 64];
static struct {
	const char *text;
	uint64_t classes;
	uint64_t first; /* its first eight bytes, with CASE_BITS */
	uint32_t hash;
	uint8_t len, value;
} words[WORDS_MAX];
static size_t word_count;
static uint32_t slots[SLOTS]; /* upper half of the hash, and the index of a word and 1; 0: free */
static pthread_once_t built = PTHREAD_ONCE_INIT;

/* A word that stands in several lists is of all their classes. */
static void
add(const char *text, size_t len, uint64_t classes, unsigned value)
{
	uint32_t hash = token_hash((const uint8_t *)text, len);
	size_t slot = hash % SLOTS;

	for (; slots[slot] != 0; slot = (slot + 1) % SLOTS) {
		size_t i = (slots[slot] & UINT16_MAX) - 1;

		if (words[i].hash == hash && words[i].len == len && memcmp(words[i].text, text, len) == 0) {
			words[i].classes |= classes;
			words[i].value = value != 0 ? (uint8_t)value : words[i].value;
			return;
		}
	}
	if (word_count == WORDS_MAX)
		abort(); /* met by every test */
	words[word_count].text = text;
	words[word_count].len = (uint8_t)len;
	words[word_count].hash = hash;
	words[word_count].first = bytes_load((const uint8_t *)text, len) | CASE_BITS;
	words[word_count].classes = classes;
	words[word_count].value = (uint8_t)value;
	words_seen[hash % WORDS_SEEN_BITS / 64] |= UINT64_C(1) << (hash % 64);
	slots[slot] = (hash & ~(uint32_t)UINT16_MAX) | (uint32_t)++word_count;
}

/* "eenjarige" to "negenennegentigjarigen". */
static void
add_ages(void)
{
	static const char *const ones[] = {
	    "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"};
	static const char *const teens[] = {"tien", "elf", "twaalf", "dertien", "veertien", "vijftien",
	    "zestien", "zeventien", "achttien", "negentien"};
	static const char *const tens[] = {
	    "twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig"};
	static const char *const ends[] = {"jarige", "jarig", "jarigen"};
	static char texts[99 * 3][40];
	size_t at = 0;

	for (unsigned age = 1; age <= 99; age++)
		for (size_t end = 0; end < sizeof(ends) / sizeof(ends[0]); end++, at++) {
			unsigned one = age % 10;
			const char *joint = one == 2 || one == 3 ? "\303\253n" : "en"; /* tweeëntwintig */
			int len;

			if (age < 10)
				len =
				    snprintf(texts[at], sizeof(texts[at]), "%s%s", ones[age - 1], ends[end]);
			else if (age < 20)
				len = snprintf(
				    texts[at], sizeof(texts[at]), "%s%s", teens[age - 10], ends[end]);
			else
				len = snprintf(texts[at], sizeof(texts[at]), "%s%s%s%s",
				    one > 0 ? ones[one - 1] : "", one > 0 ? joint : "", tens[age / 10 - 2],
				    ends[end]);
			add(texts[at], (size_t)len, W_AGEWORD, age);
		}
}

static void
build(void)
{
	add_ages();
	for (size_t i = 0; i < word_list_count; i++)
		for (const char *at = word_lists[i].words; *at != '\0';) {
			size_t len = strcspn(at, " ");

			add(at, len, word_lists[i].classes, 0);
			at += len;
			at += *at == ' ';
		}
	for (size_t i = 0; i < word_value_count; i++)
		add(word_values[i].word, strlen(word_values[i].word), word_values[i].classes,
		    word_values[i].value);
	places_each(add);
	houses_each(add);
	name_ready();
	name_parse_ready();
}

void
words_ready(void)
{
	(void)pthread_once(&built, build);
}

bool
word_same(const uint8_t *s, size_t len, const char *text, size_t text_len)
{
	if (len != text_len)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((s[i] | 0x20) != ((uint8_t)text[i] | 0x20))
			return false;
	return true;
}

uint64_t
word_classes_of(const uint8_t *s, size_t len, uint32_t hash, uint64_t first, unsigned *value)
{
	first |= CASE_BITS;
	for (size_t slot = hash % SLOTS; slots[slot] != 0; slot = (slot + 1) % SLOTS) {
		size_t i = (slots[slot] & UINT16_MAX) - 1;

		if ((slots[slot] ^ hash) >> 16 != 0 || words[i].hash != hash || words[i].len != len ||
		    words[i].first != first ||
		    (len > 8 && !word_same(s + 8, len - 8, words[i].text + 8, len - 8)))
			continue;
		if (value != NULL && words[i].value != 0)
			*value = words[i].value;
		return words[i].classes;
	}
	return 0;
}

uint64_t
word_classes(const uint8_t *s, size_t len, uint32_t hash, unsigned *value)
{
	return words_may_have(hash) ? word_classes_of(s, len, hash, bytes_load(s, len), value) : 0;
}

static bool
ends_with(const uint8_t *s, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && word_same(s + len - n, n, end, n);
}

uint64_t
token_classes(const struct work *w, const struct token *t)
{
	/* compounds with "nummer" that name no one */
	static const char *const none[] = {"huis", "kamer", "versie", "lot", "batch", "charge", "type",
	    "model", "artikel", "catalogus", "volg", "rang", "lijn", "bus", "bed", "loket", "spoor", "pagina",
	    "ge", "be", "atoom", "jaar", "antwoord", "bon", "nood"};
	const uint8_t *s = w->in.s + t->start;
	size_t len = t->len;

	if (t->classes != 0 || len < 4)
		return t->classes;
	/* Most words end otherwise. */
	switch (s[len - 1] | 0x20) {
	case 'r':
		if (ends_with(s, len, "nummer"))
			len -= 6;
		else if (ends_with(s, len, "nr"))
			len -= 2;
		else
			return len > 8 && ends_with(s, len, "dossier") ? W_OTHER | W_WEAK : 0;
		break;
	case 'k':
		return len > 8 && (ends_with(s, len, "kenmerk") || ends_with(s, len, "zaak"))
			   ? W_OTHER | W_WEAK
			   : 0;
	case 'e':
		return len > 8 && ends_with(s, len, "referentie") ? W_OTHER | W_WEAK : 0;
	default:
		return 0;
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (word_same(s, len, none[i], strlen(none[i])))
			return 0;
	return W_OTHER;
}

uint64_t
context_before(const struct work *w, const struct token *t)
{
	uint64_t all = 0, left = ~UINT64_C(0);
	size_t from = t->start;

	for (int i = 0; i < CONTEXT_TOKENS; i++) {
		const struct token *before = t - 1 - i;
		uint64_t classes;

		if (before->len == 0 || from - token_end(before) > CONTEXT_GAP || before->shape & TOKEN_DIGIT)
			break;
		/* "DOI volgt. Gebeld met 088": what is no number of anybody's ends with its sentence */
		if (text_at(&w->in, token_end(before)) == '.' && before->len > 2 &&
		    (text_at(&w->in, token_end(before) + 1) == '\n' ||
			text_at(&w->in, token_end(before) + 1) == '\r' ||
			(i > 0 && before[1].shape & TOKEN_TITLE)))
			left = ~W_NOID;
		/* "i.v. contrast" */
		classes = before->len == 1 && text_before(&w->in, before->start, 1) == '.'
			      ? 0
			      : token_classes(w, before);
		all |= classes & left;
		from = before->start;
	}
	return all;
}
