/* What is known of a word: the table of names, the dictionary, and what endings tell. */
#include "name.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define FLAG_BITS 20
#define PROBE 8    /* slots that are looked at together */
#define PART_MIN 4 /* letters of a part of a compound */
#define WORD_MAX 40
#define LIKE_LONGEST 5 /* bytes of a piece */
#define LIKE_SHIFT 18  /* leaves 14 bits of its hash */

uint64_t name_signs[64];

void
name_ready(void)
{
	for (uint32_t i = 0; i < name_slot_count; i++) {
		uint32_t tag = name_slots[i] >> FLAG_BITS;

		if (name_slots[i] & NAME_SIGN)
			name_signs[tag >> 6] |= UINT64_C(1) << (tag & 63);
	}
}

uint32_t
name_flags(uint32_t hash)
{
	uint32_t at = (uint32_t)((uint64_t)hash * name_slot_count >> 32), slot;

#ifdef __SSE2__
	/* The first slot that is free or the word's is among eight, nearly always: no branch for each. */
	if (at + PROBE <= name_slot_count) {
		const __m128i tag = _mm_set1_epi32((int)(hash & 0xfff)), none = _mm_setzero_si128();
		const __m128i low = _mm_loadu_si128((const __m128i *)(const void *)(name_slots + at));
		const __m128i high = _mm_loadu_si128((const __m128i *)(const void *)(name_slots + at + 4));
		const __m128i low_ends = _mm_or_si128(
		    _mm_cmpeq_epi32(_mm_srli_epi32(low, FLAG_BITS), tag), _mm_cmpeq_epi32(low, none));
		const __m128i high_ends = _mm_or_si128(
		    _mm_cmpeq_epi32(_mm_srli_epi32(high, FLAG_BITS), tag), _mm_cmpeq_epi32(high, none));
		const unsigned ends = (unsigned)_mm_movemask_ps(_mm_castsi128_ps(low_ends)) |
				      (unsigned)_mm_movemask_ps(_mm_castsi128_ps(high_ends)) << 4;

		if (ends != 0)
			return name_slots[at + (unsigned)__builtin_ctz(ends)] & ((1u << FLAG_BITS) - 1);
		at += PROBE;
	}
#endif
	/* Half of the slots are free, so this ends. */
	while ((slot = name_slots[at]) != 0) {
		if (slot >> FLAG_BITS == (hash & 0xfff))
			return slot & ((1u << FLAG_BITS) - 1);
		if (++at == name_slot_count)
			at = 0;
	}
	return 0;
}

bool
name_is_common(uint32_t hash)
{
	const uint64_t *block = name_common + ((uint64_t)hash * name_common_blocks >> 32) * 8;
	uint64_t mix = hash * UINT64_C(0x9e3779b97f4a7c15);

	for (int i = 0; i < 6; i++) {
		unsigned bit = mix >> (10 + 9 * i) & 511;

		if ((block[bit >> 6] >> (bit & 63) & 1) == 0)
			return false;
	}
	return true;
}

/* Listed: in the dictionary, or a word of the table that is also in it. */
static bool
is_word(const uint8_t *s, size_t len)
{
	uint32_t hash = token_hash(s, len), flags = name_flags(hash);

	if (flags != 0)
		return (flags & (NAME_COMMON | NAME_FIRM | NAME_STOP | NAME_MED | NAME_DISEASE | NAME_INST |
				    NAME_ROLE)) != 0;
	return name_is_common(hash);
}

bool
name_ends_in(const uint8_t *s, size_t len, const struct name_tail *tails)
{
	unsigned last;

	if (len < 4)
		return false;
	last = (unsigned)(s[len - 2] | 0x20) << 8 | (s[len - 1] | 0x20);
	for (; tails->len > 0; tails++) {
		size_t n = tails->len, i = 0;

		/* Most fail by their last two letters. */
		if (((unsigned)(uint8_t)tails->text[n - 2] << 8 | (uint8_t)tails->text[n - 1]) != last ||
		    len < n + 2)
			continue;
		while (i < n && (s[len - n + i] | 0x20) == (uint8_t)tails->text[i])
			i++;
		if (i == n)
			return true;
	}
	return false;
}

/* Dutch writes compounds as one word: two parts that are words, with an s between or not, are a word. */
static bool
is_compound(const uint8_t *s, size_t len)
{
	if (len < 2 * PART_MIN || len > WORD_MAX)
		return false;
	for (size_t cut = PART_MIN; cut + PART_MIN <= len; cut++) {
		if ((s[cut] & 0xc0) == 0x80 || !is_word(s + cut, len - cut))
			continue;
		if (is_word(s, cut) || ((s[cut - 1] | 0x20) == 's' && cut > PART_MIN && is_word(s, cut - 1)))
			return true;
	}
	return false;
}

int
name_like(const uint8_t *s, size_t len)
{
	uint8_t word[WORD_MAX + 2];
	int total = 0;

	if (len > WORD_MAX)
		return INT16_MIN;
	word[0] = 1;
	for (size_t i = 0; i < len; i++)
		word[i + 1] = s[i] | 0x20;
	word[len + 1] = 2;
	for (size_t from = 0; from < len + 1; from++) {
		uint32_t hash = 0;

		for (size_t at = from; at < from + LIKE_LONGEST && at < len + 2; at++) {
			hash = (hash ^ word[at]) * 0x01000193;
			if (at > from)
				total += name_like_weights[hash * 0x9e3779b1 >> LIKE_SHIFT];
		}
	}
	return total;
}

uint32_t
name_look(const uint8_t *s, size_t len, uint32_t hash)
{
	static const struct name_tail streets[] = {TAIL("straat"), TAIL("laan"), TAIL("weg"), TAIL("plein"),
	    TAIL("gracht"), TAIL("kade"), TAIL("singel"), TAIL("dreef"), TAIL("steeg"), TAIL("plantsoen"),
	    TAIL("straatweg"), TAIL("markt"), TAIL("boulevard"), TAIL("pad"), TAIL("park"),
	    TAIL("ziekenhuis"), TAIL("kliniek"), TAIL("school"), TAIL("lyceum"), TAIL("college"), {0}};
	static const struct name_tail drugs[] = {TAIL("mab"), TAIL("tinib"), TAIL("ciclib"), TAIL("sartan"),
	    TAIL("statine"), TAIL("olol"), TAIL("prazol"), TAIL("cilline"), TAIL("mycine"), TAIL("micine"),
	    TAIL("oxacine"), TAIL("tidine"), TAIL("triptan"), TAIL("ciclovir"), TAIL("parine"), TAIL("xaban"),
	    TAIL("gliptine"), TAIL("glutide"), TAIL("gliflozine"), TAIL("azepam"), TAIL("azolam"),
	    TAIL("dipine"), TAIL("lukast"), TAIL("terol"), TAIL("solon"), TAIL("sonide"), TAIL("caine"),
	    TAIL("setron"), TAIL("idazol"), TAIL("conazol"), TAIL("cycline"), TAIL("thiazide"),
	    TAIL("semide"), TAIL("oxetine"), TAIL("trexaat"), TAIL("platine"), TAIL("taxel"),
	    TAIL("rubicine"), TAIL("ectomie"), TAIL("scopie"), TAIL("stomie"), TAIL("grafie"), TAIL("tomie"),
	    TAIL("plastiek"), TAIL("itis"), TAIL("ose"), TAIL("emie"), TAIL("pathie"), TAIL("urie"),
	    TAIL("loog"), TAIL("logie"), TAIL("iteit"), TAIL("isch"), TAIL("ische"), TAIL("heid"),
	    TAIL("ingen"), TAIL("atie"), TAIL("aties"), TAIL("uur"), {0}};
	static const struct name_tail things[] = {TAIL("carcinoom"), TAIL("sarcoom"), TAIL("blokkade"),
	    TAIL("syndroom"), TAIL("formulier"), TAIL("kousen"), TAIL("wet"), TAIL("regeling"),
	    TAIL("medicatie"), TAIL("adenoom"), TAIL("lymfoom"), TAIL("parese"), TAIL("prothese"),
	    TAIL("infiltratie"), TAIL("punctie"), TAIL("injectie"), TAIL("besluit"), TAIL("verordening"),
	    TAIL("overleg"), TAIL("rapportage"), {0}};
	uint32_t flags = name_flags(hash);

	if (flags != 0 || len < 2)
		return flags;
	if (len > WORD_MAX)
		return NAME_COMMON;
	/* "Aafjes fiets": what is hers */
	if (len > 4 && (s[len - 1] | 0x20) == 's') {
		flags = name_flags(token_hash(s, len - 1)) &
			(NAME_FIRST | NAME_PLACE | NAME_COMMON | NAME_EPONYM);
		if ((flags & NAME_COMMON) == 0 && (flags & (NAME_FIRST | NAME_PLACE | NAME_EPONYM)) != 0)
			return flags;
	}
	if (name_is_common(hash))
		return NAME_COMMON;
	if (len > 6 && name_ends_in(s, len, streets))
		return NAME_STREET;
	if (len > 5 && name_ends_in(s, len, drugs))
		return NAME_COMMON;
	if (len > 9 && name_ends_in(s, len, things))
		return NAME_COMMON | NAME_MED;
	return is_compound(s, len) ? NAME_COMMON | NAME_GUESSED : 0;
}

bool
name_misspelt(const struct work *w, long i)
{
	const struct token *t = name_token(w, i);
	uint8_t word[WORD_MAX];

	if (t->len < 5 || t->len > WORD_MAX)
		return false;
	for (size_t k = 1; k < t->len; k++) {
		const uint8_t *s = w->in.s + t->start;
		uint8_t swap;

		if (s[k] >= 0x80 || s[k - 1] >= 0x80)
			continue;
		memcpy(word, s, k);
		memcpy(word + k, s + k + 1, t->len - k - 1);
		if (name_flags(token_hash(word, t->len - 1)) & NAME_FIRST)
			return true;
		memcpy(word, s, t->len);
		swap = word[k];
		word[k] = word[k - 1];
		word[k - 1] = swap;
		if (k > 1 && name_flags(token_hash(word, t->len)) & NAME_FIRST)
			return true;
	}
	return false;
}
