/*
 * The detectors of free text, each a file: what they are given and what they say. Only for these and text.c.
 *
 * detect.c folds the text, cuts it into blocks and those into tokens, once, and gives each block to the finders in
 * its list. A finder adds what it finds with find_add, in any order, overlapping or not; detect.c sorts, joins what
 * overlaps, and gives the spans in the original's offsets. To plug in another: a function `int X_find(struct work
 * *w, struct err *e)` in a file of its own, and one line in the list of detect.c.
 */
#ifndef SCRUB_DETECT_H
#define SCRUB_DETECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "stager/detect.h"
#include "stager/policy.h"
#include "stager/scrub.h"
#include "fold.h"

/* The text being read, folded (fold.c): what detectors see is ASCII where it matters. */
struct text_in {
	const uint8_t *s;
	size_t len;
	size_t floor; /* nothing before this may become part of a find: it has been dealt with */
};

/* As a span is, but start and end are in the folded text. */
struct find {
	size_t start, end;
	enum span_type type;
	uint8_t score;
	const char *rule;
	size_t extra;
	uint64_t value;
	unsigned age;
	struct span_date date;
};

/* A word: letters and digits without a break. Dashes, apostrophes and full stops stand between tokens. */
struct token {
	uint64_t classes;    /* of words.c */
	uint64_t first;      /* its first eight bytes, bit 5 set in each; zero past its end */
	uint32_t start, len; /* in the folded text */
	uint32_t hash;       /* token_hash: the same in any case */
	uint8_t shape;
	uint8_t gap;     /* enum gap (name.h): what stands between it and the next */
	uint8_t figures; /* digits at its front, at most 8 of them counted */
};
enum {
	TOKEN_DIGIT = 1, /* holds one */
	TOKEN_LOWER = 2,
	TOKEN_UPPER = 4,  /* holds a capital */
	TOKEN_WIDE = 8,   /* holds letters beyond ASCII */
	TOKEN_TITLE = 16, /* begins with a capital */
};

#define BLOCK_TOKENS 1024
/* So many tokens before the first and behind the last are in sight, empty where the text has none: nobody who looks so
 * far needs to check. The longest look is that of an address that is spelled out (13). */
#define TOKEN_PAD 16

struct work {
	const struct detect_with *with;
	struct text_in in;    /* the whole folded text */
	size_t start, end;    /* the block: its tokens begin in here */
	struct token *tokens; /* those of the block, with padding on both sides */
	size_t token_count;
	size_t digit_count, mark_count;
	bool caseless; /* hardly a word of the block begins with a capital */
	/* A bit for each token: it begins with a capital; a name may begin with it (a capital and no digit, or what leads small names). */
	uint64_t titles[BLOCK_TOKENS / 64 + 1], heads[BLOCK_TOKENS / 64 + 1];
	/* Numbers and addresses are read in one row (scan.c): how far, and the next address. */
	size_t scanned;
	size_t scan_token, scan_digit; /* of tokens; of digits */
	bool have_address;
	struct find address;
	struct names *names; /* name.h */
	/* What was found in this block. */
	struct find *finds;
	size_t find_count, find_cap;
	size_t number_count; /* the first of them, in order: those of scan_find */
	/* Indices of the tokens with digits; of those without whose classes or capitals a finder asks for. */
	uint16_t digits[BLOCK_TOKENS + TOKEN_PAD], marks[BLOCK_TOKENS + TOKEN_PAD];
	struct token store[BLOCK_TOKENS + 2 * TOKEN_PAD];
};

int find_add(struct work *w, const struct find *f, struct err *e) MUST_CHECK;

/* The tokens from w->end on into w->tokens; w->start and w->end are moved. A block ends where a line does, if one
 * ends in its second half. False where there is no text left. */
bool tokens_read(struct work *w);
/* The same for two spellings that differ in case alone, within ASCII and Latin-1. */
uint32_t token_hash(const uint8_t *s, size_t len);
/* The first eight letters of a word, as struct token has them. */
static inline __attribute__((always_inline)) uint64_t
word_first(const char *word, size_t len)
{
	uint64_t first = 0;

	for (size_t i = 0; i < 8; i++)
		first |= i < len ? (uint64_t)((uint8_t)word[i] | 0x20) << 8 * i : 0;
	return first;
}
/* The token is this word (lower case, letters of Latin-1 too), in any case. Of a word that the compiler knows it is one comparison. */
static inline __attribute__((always_inline)) bool
token_is(const struct work *w, const struct token *t, const char *word)
{
	const uint8_t *s = w->in.s + t->start;
	size_t n = 0;

	/* Of one that it does not know, the first two letters: most words fail there. */
	if (!__builtin_constant_p(__builtin_strlen(word)) &&
	    (uint16_t)t->first !=
		(uint16_t)((uint8_t)word[0] | 0x20 | (word[1] != '\0' ? (uint8_t)word[1] | 0x20 : 0) << 8))
		return false;
	if (__builtin_constant_p(__builtin_strlen(word)) &&
	    (t->first != word_first(word, __builtin_strlen(word)) ||
		(__builtin_strlen(word) >= 8 && t->len != __builtin_strlen(word))))
		return false;
	if (__builtin_constant_p(__builtin_strlen(word)) && __builtin_strlen(word) <= 8)
		return true;
	while (n < t->len && word[n] != '\0' && (s[n] | 0x20) == ((uint8_t)word[n] | 0x20))
		n++;
	return n == t->len && n > 0 && word[n] == '\0';
}
/* The first eight bytes at most, the first lowest; zero past len. */
static inline uint64_t
bytes_load(const uint8_t *s, size_t len)
{
	uint64_t word = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint32_t four, last;

	/* How long it is cannot be foreseen: of four bytes and more two loads, which may overlap. */
	if (len >= sizeof(word)) {
		memcpy(&word, s, sizeof(word));
		return word;
	}
	if (len >= sizeof(four)) {
		memcpy(&four, s, sizeof(four));
		memcpy(&last, s + len - sizeof(last), sizeof(last));
		return four | (uint64_t)last << 8 * (len - sizeof(last));
	}
#endif
	for (size_t i = 0; i < len && i < sizeof(word); i++)
		word |= (uint64_t)s[i] << 8 * i;
	return word;
}
/* Classes of the words that detectors know (words.c). */
#define W_MONTH (UINT64_C(1) << 0) /* value 1 to 12 */
#define W_SHORT (UINT64_C(1) << 1)
#define W_ENGLISH (UINT64_C(1) << 2) /* and not Dutch */
#define W_WEEKDAY (UINT64_C(1) << 3) /* value 1, Monday, to 7 */
#define W_SEASON (UINT64_C(1) << 4)
#define W_BIRTH (UINT64_C(1) << 5) /* a date stands behind it */
#define W_RSIN (UINT64_C(1) << 6)
#define W_EDUCATION (UINT64_C(1) << 7)
#define W_VAT (UINT64_C(1) << 8)
#define W_BRIN (UINT64_C(1) << 9)
#define W_PLATE (UINT64_C(1) << 10)
#define W_DOCUMENT (UINT64_C(1) << 11)
#define W_AGB (UINT64_C(1) << 12)
#define W_BIG (UINT64_C(1) << 13)
#define W_KVK (UINT64_C(1) << 14)
#define W_VNUMBER (UINT64_C(1) << 15)
#define W_CARD (UINT64_C(1) << 16)
#define W_IP (UINT64_C(1) << 17)
#define W_VERSION (UINT64_C(1) << 18) /* what stands behind it is nobody's number */
#define W_PATIENT (UINT64_C(1) << 19)
#define W_OTHER (UINT64_C(1) << 20) /* a number of somebody, of another kind */
#define W_POSTCODE (UINT64_C(1) << 21)
#define W_PHONE (UINT64_C(1) << 22)
#define W_EXTENSION (UINT64_C(1) << 23) /* a short telephone number */
#define W_FILLER (UINT64_C(1) << 24)
#define W_UNIT (UINT64_C(1) << 25)
#define W_WEAK (UINT64_C(1) << 26) /* with W_PATIENT, W_OTHER: says little alone, more with W_NUMBER */
#define W_NUMBER (UINT64_C(1) << 27)
#define W_NOSTREET (UINT64_C(1) << 28) /* ends as a street does, and is none */
#define W_STREET (UINT64_C(1) << 29)   /* a street by itself: Laan van X 3 */
#define W_LEAD (UINT64_C(1) << 30)     /* before a street, and no part of it */
#define W_INSIDE (UINT64_C(1) << 31)   /* small words inside names of streets and places */
#define W_HOUSE (UINT64_C(1) << 32)    /* additions to a house's number */
#define W_BOX (UINT64_C(1) << 33)
#define W_SCHEME (UINT64_C(1) << 34)
#define W_TOP (UINT64_C(1) << 35)     /* top domains */
#define W_TOPWORD (UINT64_C(1) << 36) /* that are words too */
#define W_CUE (UINT64_C(1) << 37)     /* a place stands behind it */
#define W_FAMILY (UINT64_C(1) << 38)
#define W_AGE (UINT64_C(1) << 39)
#define W_DURATION (UINT64_C(1) << 40) /* before "3 jaar": no age */
#define W_ABOUT (UINT64_C(1) << 41)
#define W_AFTER (UINT64_C(1) << 42)       /* behind "3 jaar": no age */
#define W_PLACE (UINT64_C(1) << 43)       /* first word of a place of the list */
#define W_INSTITUTION (UINT64_C(1) << 44) /* a generic word: a name stands behind it */
#define W_AFTERNAME (UINT64_C(1) << 45)   /* or before it */
#define W_NAMED (UINT64_C(1) << 46)       /* part of an institution's name */
#define W_HALF (UINT64_C(1) << 47)        /* that wants another */
#define W_ORDINARY (UINT64_C(1) << 48)    /* that is another word too */
#define W_TAKESPLACE (UINT64_C(1) << 49)  /* a place behind it belongs to it */
#define W_FIRM (UINT64_C(1) << 50)        /* BV */
#define W_ARTICLE (UINT64_C(1) << 51)
#define W_NAMEWORD (UINT64_C(1) << 52) /* small words inside names of institutions */
#define W_DEPARTMENT (UINT64_C(1) << 53)
#define W_STOP (UINT64_C(1) << 54)      /* no part of a name */
#define W_STREETADJ (UINT64_C(1) << 55) /* Oude, Nieuwe: a street's name goes on */
#define W_NOID (UINT64_C(1) << 56)      /* what stands behind it is nobody's number */
#define W_DATEWORD (UINT64_C(1) << 57)  /* "3-5" behind it is a date */
#define W_NOAGE (UINT64_C(1) << 58)     /* "(6)" behind it is no age */
#define W_TAIL (UINT64_C(1) << 59)      /* ends as a street's name does, plainly (token.c) */
#define W_WWW (UINT64_C(1) << 60)
/* Two that no other word has together. */
#define W_AGEWORD (W_AGE | W_NUMBER) /* "twaalfjarige"; value: 12 */
#define W_SPENT (W_AFTER | W_NOAGE)  /* "3 jaar in gebruik" */
#define W_KNOWN (UINT64_C(1) << 61)  /* first word of an institution of the list */
#define W_WORKS (UINT64_C(1) << 62)  /* "bij" and an institution stand behind it */
#define W_DWELLS (UINT64_C(1) << 63) /* "te" or "in" and a place stand behind it */
/* Tokens of these are in work.marks; so are long ones that begin with a capital. */
#define W_MARKS                                                                                     \
	(W_TAIL | W_WWW | W_SCHEME | W_TOP | W_PLACE | W_INSTITUTION | W_NAMED | W_FIRM | W_KNOWN | \
	    W_WORKS | W_DWELLS | W_AGE | W_MONTH)
#define STREET_LEN_LEAST 7
/* word_lists.c */
extern const struct word_list {
	uint64_t classes;
	const char *words; /* a space between */
} word_lists[];
extern const struct word_value {
	const char *word;
	uint64_t classes;
	unsigned value;
} word_values[];
extern const size_t word_list_count, word_value_count;
/* Once, before the others. */
void words_ready(void);
/* The same word but for case, within ASCII and Latin-1. */
bool word_same(const uint8_t *s, size_t len, const char *text, size_t text_len);
#define WORDS_SEEN_BITS 65536                     /* 8 KiB: what most words fail */
extern uint64_t words_seen[WORDS_SEEN_BITS / 64]; /* bit set: a word has this hash, mod WORDS_SEEN_BITS */
static inline bool
words_may_have(uint32_t hash)
{
	return (words_seen[hash % WORDS_SEEN_BITS / 64] >> (hash % 64) & 1) != 0;
}
/* The classes of a word, and its value where it has one (value may be NULL; else it is unchanged). */
uint64_t word_classes(const uint8_t *s, size_t len, uint32_t hash, unsigned *value);
/* The same where its first eight bytes are at hand, the first lowest, zero past its end. */
uint64_t word_classes_of(const uint8_t *s, size_t len, uint32_t hash, uint64_t first, unsigned *value);
/* The same for a token; compounds with -nummer and -nr are known too. */
uint64_t token_classes(const struct work *w, const struct token *t);
/* The classes of the words before a token: as far as no number stands between, and no wide gap. */
#define CONTEXT_TOKENS 5
#define CONTEXT_GAP 40
uint64_t context_before(const struct work *w, const struct token *t);

static inline size_t
token_end(const struct token *t)
{
	return (size_t)t->start + t->len;
}

/* The first word of each, for words.c. */
void places_each(void (*add)(const char *word, size_t len, uint64_t classes, unsigned value));
/* Those of villages.c, as places.c has its own. */
extern const char *const village_names[];
extern const size_t village_count;
/* The longest place of the list that begins with this token ("'s-" before it counts); mark: ' ', or '?' or '~' as in
 * places.c. */
bool place_at(const struct work *w, const struct token *t, size_t *start, size_t *end, uint8_t *mark);

/* The same for institutions (houses.c); mark: ' ', '~' or '!'. */
void houses_each(void (*add)(const char *word, size_t len, uint64_t classes, unsigned value));
bool house_at(const struct work *w, const struct token *t, size_t *start, size_t *end, uint8_t *mark);

/* The text from `at` on is this phrase (phrases_new says how exactly), and no word goes on there: its length, or 0. */
size_t phrase_same(const struct text_in *in, size_t at, const char *phrase, size_t len);
/* The longest of the list that begins with this token, signs before it counted. */
bool phrases_at(
    const struct phrases *p, const struct text_in *in, const struct token *t, size_t *start, size_t *end);
/* Takes out of the finds those that are nothing but a word that the policy keeps; what is surer than that stays. */
#define KEPT_SCORE_LEAST 95
void drop_kept(struct work *w);

/* "een" to "negenennegentig" (date_spoken.c): its value; 0: it is none. */
unsigned number_word(const uint8_t *s, size_t len);

/* The finders. */
int lists_find(struct work *w, struct err *e) MUST_CHECK; /* the policy's names, places, institutions */
void scan_start(struct work *w);
int scan_find(struct work *w, struct err *e) MUST_CHECK;   /* numbers, dates, e-mail, the policy's patterns */
int spoken_find(struct work *w, struct err *e) MUST_CHECK; /* dates in words */
int age_find(struct work *w, struct err *e) MUST_CHECK;
int age_told_find(struct work *w, struct err *e) MUST_CHECK;
int url_find(struct work *w, struct err *e) MUST_CHECK;
int spelled_find(struct work *w, struct err *e) MUST_CHECK; /* e-mail with its signs written out */
int address_find(
    struct work *w, struct err *e) MUST_CHECK; /* right after scan_find, whose finds it looks at */
int institution_find(struct work *w, struct err *e) MUST_CHECK;
int place_find(struct work *w, struct err *e) MUST_CHECK; /* after scan_find: it looks behind postcodes */
int name_find(struct work *w, struct err *e) MUST_CHECK;  /* late: it leaves alone what the others hold */
int age_beside_find(
    struct work *w, struct err *e) MUST_CHECK; /* after name_find, whose finds it looks behind */
int date_signed_find(struct work *w, struct err *e) MUST_CHECK; /* behind names */
int age_group_find(struct work *w, struct err *e) MUST_CHECK;   /* after all other ages, and names */
int guess_find(struct work *w, struct err *e) MUST_CHECK;       /* last: what the rules left open (guess.h) */
/* The state of name_find over one text; NULL with e set. */
struct names *names_new(struct err *e) MUST_CHECK;
void names_free(struct names *n);

/* What a byte is. */
enum {
	IS_DIGIT = 1,
	IS_LOWER = 2,
	IS_UPPER = 4,
	IS_LOCAL = 8, /* inside the local part of an address */
	IS_GAP = 16,  /* between the groups of a written number */
	IS_LETTER = IS_LOWER | IS_UPPER,
	IS_ALNUM = IS_DIGIT | IS_LETTER,
};
extern const uint8_t detect_class[256];

/* The byte at an index, and its class; 0 outside of the text. */
static inline uint8_t
text_at(const struct text_in *in, size_t at)
{
	return at < in->len ? in->s[at] : 0;
}

static inline unsigned
class_at(const struct text_in *in, size_t at)
{
	return at < in->len ? detect_class[in->s[at]] : 0;
}

/* The byte `back` before `at`, where it may still be read as context (so the floor does not matter); else 0.
 */
static inline uint8_t
text_before(const struct text_in *in, size_t at, size_t back)
{
	return at >= back ? in->s[at - back] : 0;
}

static inline unsigned
class_before(const struct text_in *in, size_t at, size_t back)
{
	return at >= back ? detect_class[in->s[at - back]] : 0;
}

/* A letter or digit stands at an index, or ends before it. Outside ASCII: U+00C0 to U+1FFF but for U+00D7 and
 * U+00F7; what lies beyond is taken for punctuation. */
bool word_at(const struct text_in *in, size_t at);
bool word_before(const struct text_in *in, size_t at);

/* A written number: groups of digits with one to three gap bytes (space, dash, dot, slash, parentheses)
 * between. */
#define DIGITS_MAX 20
#define GROUPS_MAX 12
struct digits {
	size_t count, groups;
	uint8_t digit[DIGITS_MAX];
	size_t after[DIGITS_MAX];   /* where the text goes on behind each digit */
	bool group_end[DIGITS_MAX]; /* no digit follows it directly */
	size_t at[GROUPS_MAX], len[GROUPS_MAX];
	size_t run_end; /* behind the first group, also where that is longer than DIGITS_MAX */
};
void digits_collect(const struct text_in *in, size_t at, struct digits *d);
/* The same with one to three of this sign between, and nothing else: "06*12*34". */
void digits_collect_odd(const struct text_in *in, size_t at, uint8_t sign, struct digits *d);
/* The value of a group; it has at most 9 digits. */
unsigned digits_value(const struct text_in *in, const struct digits *d, size_t group);
/* The one byte between group and the next; 0 where there is no next, or more than one byte between. */
uint8_t digits_gap(const struct text_in *in, const struct digits *d, size_t group);

/* One of the words stands in the `reach` bytes before `at`, any case. Words in lower case; NULL ends the
 * list. */
bool text_keyword_before(const struct text_in *in, size_t at, size_t reach, const char *const *words);
/* For values that are no number. Lower-case letters count as their upper case; bytes of `skip`, all below 64, do not count.
 */
uint64_t text_value(const uint8_t *s, size_t len, const char *skip);

/* What the detectors are given that start at the first digit of a run. */
struct number {
	const struct work *w;
	const struct text_in *in;
	const struct token *token; /* that holds the digit */
	struct digits d;
	uint64_t context; /* context_before the token */
};
/* Where the first n digits end, if a group ends there and each gap before is one of the bytes in `gaps`; else 0.
 */
size_t digits_end(const struct number *n, size_t count, const char *gaps);
/* The first count digits as a number. */
uint64_t digits_number(const struct digits *d, size_t count);

/* What the files of dates share (date.c, date_words.c, date_shift.c). */
#define YEAR_LEAST 1800
#define YEAR_MOST 2199
/* year 0: not given, so 29 February may be. */
bool day_exists(unsigned year, unsigned month, unsigned day);
bool year_plausible(unsigned year);
unsigned year_of_two(unsigned two);
/* Exactly count digits at an index, with none behind them. */
bool digits_at(const struct text_in *in, size_t at, size_t count, unsigned *value);
/* Where a part of a date stands; len 0: nowhere. */
struct place {
	size_t at, len;
};
/* A date from start to end; true. */
bool date_set(struct find *f, size_t start, size_t end, unsigned year, unsigned month, unsigned day);
void date_places(struct find *f, struct place year, struct place month, struct place day);
/* The groups of digits in which they stand; -1: nowhere. */
void date_groups(struct find *f, const struct digits *d, int year, int month, int day);
/* What may stand between the parts of a date. */
bool date_gap(uint8_t c);
/* It is the middle of something longer: 1.2.12.3, 10-1-10-2. */
bool date_goes_on(const struct text_in *in, size_t start, size_t end);
/* Behind these numbers are no date: "Apgar 8/9/10". */
bool date_scores_before(const struct number *n);
/* "verslag van", "lab": what has a date ends with this token. */
bool date_of_paper(const struct number *n, const struct token *before);
/* "d.d. 3-5", "op 3/5" */
bool date_no_year(const struct number *n, struct find *f);
/* With a month's name, a season, a year behind a word. */
bool date_words_find(const struct number *n, bool english, bool *whole, struct find *f);

/* True with f filled where they find something that holds or touches that digit. */
bool iban_find(const struct text_in *in, size_t at, struct find *f);
bool phone_find(const struct number *n, bool english, struct find *f);
/* keyword: set where one stands before it. any: without one too. */
bool bsn_find(const struct text_in *in, const struct digits *d, bool any, bool *keyword, struct find *f);
/* The 11-test: weights 9 to 2 and -1 over nine digits, or over eight with a zero before them; not all zero. */
bool bsn_eleven(const uint8_t *digit, size_t count);
bool postcode_find(const struct number *n, struct find *f);
/* whole: set where day, month and a year of four digits are there. */
bool date_find(const struct number *n, bool english, bool *whole, struct find *f);
bool plate_find(const struct number *n, struct find *f);
bool document_find(const struct number *n, struct find *f);
bool address_ip_find(const struct number *n, struct find *f); /* IPv4, IPv6, MAC */
bool card_find(const struct number *n, struct find *f);
bool register_find(const struct number *n, struct find *f); /* ECLI, parcels of land */
bool vat_find(const struct number *n, struct find *f);
/* Numbers that their keyword makes what they are. strong: the keyword leaves little doubt. */
bool keyword_find(const struct number *n, bool *strong, struct find *f);
/* Long ones that nothing else is, with no keyword: asked last. */
bool coded_find(const struct number *n, struct find *f);
bool long_find(const struct number *n, struct find *f);
/* What is written with signs between that no number has, in groups of which one is known: "111_222_333", "06*12345678". */
bool odd_find(struct number *n, bool bsn_any, struct find *f);
/* The groups that people write a citizen service number in. */
bool bsn_usual_groups(const struct digits *d, size_t groups);
/* All of these, and the choice among them. next: where to go on where there is none. */
bool number_find(const struct work *w, const struct token *t, size_t at, struct find *f, size_t *next);

/* The next address that starts at or after `at`. */
bool email_next(const struct text_in *in, size_t at, struct find *f);

/* Which number a value has in this document: 1, 2, ... for each kind. */
struct tags {
	uint64_t *keys; /* owned; 0: free */
	uint32_t *numbers;
	size_t count, cap;
	uint32_t *next; /* by kind, then by extra */
	size_t kinds;
};
void tags_init(struct tags *t, size_t extras);
void tags_free(struct tags *t);
int tags_number(struct tags *t, const struct span *f, uint32_t *number, struct err *e) MUST_CHECK;

#endif
