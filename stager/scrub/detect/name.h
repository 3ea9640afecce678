/*
 * Names of persons: what is known of words, and what the parts of the finder share.
 *
 * name_words.c looks words up; name_around.c reads what stands between and before tokens; name_parse.c reads a
 * name from its first token on; name_judge.c decides, name_find.c goes through the text; name_seen.c remembers the names of a text.
 */
#ifndef SCRUB_NAME_H
#define SCRUB_NAME_H

#include "detect.h"

/* What a word can be, several at once. make_names.py has the same order. */
enum {
	NAME_FIRST = 1 << 0,
	NAME_LAST = 1 << 1,
	NAME_PLACE = 1 << 2,
	NAME_PROPER = 1 << 3,   /* has a capital in the dictionary, and nobody says why: mostly a surname */
	NAME_STOP = 1 << 4,     /* of the most frequent words */
	NAME_MED = 1 << 5,      /* a drug, a scale, a make: written with a capital, and nobody */
	NAME_EPONYM = 1 << 6,   /* a person who is a disease by now */
	NAME_TITLE = 1 << 7,    /* a name follows */
	NAME_ROLE = 1 << 8,     /* a name may follow */
	NAME_INTERFIX = 1 << 9, /* van, de, el */
	NAME_LABEL = 1 << 10,   /* with a colon behind it, a name follows */
	NAME_GREET = 1 << 11,   /* begins a salutation */
	NAME_INST = 1 << 12,    /* names beside it are of houses and streets */
	NAME_DISEASE = 1 << 13, /* names beside it are eponyms */
	NAME_COMMON = 1 << 14,  /* a word of the dictionary, too */
	NAME_OTHER = 1 << 15,   /* days, months, peoples */
	NAME_VERB = 1 << 16,    /* what persons do */
	NAME_PREP = 1 << 17,    /* a place follows */
	NAME_SIGN = 1 << 18,    /* closes a letter */
	NAME_FIRM = 1 << 19,    /* a word of the dictionary, but with a capital a name */
	NAME_STREET = 1 << 20,  /* ends like a street; not of the table */
	NAME_GUESSED = 1 << 21, /* taken for a word because its parts are; not of the table */
	NAME_HELD = 1 << 27,   /* part of an address, a house's name, a date: others found it in this block */
	NAME_PLACED = 1 << 28, /* the same, part of a place's name */
	NAME_WHOLE = 1 << 29,  /* looked up, in the dictionary, too */
	NAME_LOOKED = 1 << 30, /* looked up in the table */
	NAME_NOTES = NAME_HELD | NAME_PLACED | NAME_WHOLE | NAME_LOOKED, /* of this block */
	NAME_ANY = NAME_FIRST | NAME_LAST | NAME_PROPER,
	/* words that are no part of a name, capital or not */
	NAME_NEVER = NAME_MED | NAME_OTHER | NAME_INST | NAME_STREET,
};

/* The table that make_names.py makes. Slots: 12 bits of the hash, 20 of flags; 0 is free. Blocks of 512 bits. */
extern const uint32_t name_slots[];
extern const uint32_t name_slot_count;
extern const uint64_t name_common[];
extern const uint32_t name_common_blocks;
extern const uint64_t
    name_triggers[1024]; /* one bit for 16 bits of the hash of a title, role, label, greeting */

/* What the table says of a word; 0: nothing. */
uint32_t name_flags(uint32_t hash);
/* The dictionary has the word, or (one in 150) something with the same bits. */
bool name_is_common(uint32_t hash);
static inline bool
name_is_trigger(uint32_t hash)
{
	return (name_triggers[hash >> 16 >> 6] >> (hash >> 16 & 63) & 1) != 0;
}
/* The word will be looked up soon: both tables are larger than what the processor has close at hand. */
static inline void
name_look_ahead(uint32_t hash)
{
	__builtin_prefetch(&name_slots[(uint64_t)hash * name_slot_count >> 32]);
	__builtin_prefetch(&name_common[((uint64_t)hash * name_common_blocks >> 32) * 8]);
}
/* The same for words with NAME_SIGN, by the bits of the hash that the table keeps. */
extern uint64_t name_signs[64];
static inline bool
name_may_sign(uint32_t hash)
{
	return (name_signs[hash >> 6 & 63] >> (hash & 63) & 1) != 0;
}
/* Once, before the others: what is made of the table. */
void name_ready(void);
void name_parse_ready(void);
/* All that is known of a word: the table, the dictionary, compounds, the endings of drugs and streets. */
uint32_t name_look(const uint8_t *s, size_t len, uint32_t hash);

/* Endings of words, in lower case; {0} ends a list. */
struct name_tail {
	uint8_t len;
	const char *text;
};
#define TAIL(tail)                     \
	{                              \
		sizeof(tail) - 1, tail \
	}
/* How much its spelling is that of a name, in 1/32: 0 or more of four names in five, and of one other word in
 * twenty (make_like.py). */
int name_like(const uint8_t *s, size_t len);
extern const int8_t name_like_weights[1 << 14];
/* The word has one of the endings, in any case, and two bytes before it. */
bool name_ends_in(const uint8_t *s, size_t len, const struct name_tail *tails);

#define SEEN_SLOTS 1024
#define SEEN_NEAR 64

/* The finder's state over one text. */
struct names {
	uint32_t flags[BLOCK_TOKENS + 2 * TOKEN_PAD +
		       1];         /* of this block's tokens, once looked up; the last of none */
	uint32_t seen[SEEN_SLOTS]; /* hashes of words of names found for sure; 0: free */
	struct {
		uint32_t start, len;
	} near[SEEN_NEAR]; /* where the last of them stand, for near spellings */
	uint32_t near_count, seen_count;
};

/* What stands between a token and the next. */
enum gap {
	GAP_BREAK, /* anything else */
	GAP_SPACE, /* one or two spaces, or a tab */
	GAP_WRAP,  /* one line end */
	GAP_NONE,  /* nothing */
	GAP_HYPHEN,
	GAP_DOT,       /* "J.P" */
	GAP_DOT_SPACE, /* "dr. J" */
	GAP_COMMA,     /* "Jansen, J" */
	GAP_COLON,     /* "Naam: Jansen", and "Naam    Jansen" */
	GAP_QUOTE,     /* "in 't Veld", "O'Brien" */
	GAP_SLASH,
};

/* Tokens are named by their index in the block. Some of the neighbours' may be asked for; behind them there are only empty
 * ones. */
extern const struct token name_no_token;
static inline const struct token *
name_token(const struct work *w, long i)
{
	return (unsigned long)i + TOKEN_PAD < w->token_count + 2 * TOKEN_PAD ? &w->tokens[i] : &name_no_token;
}
static inline uint32_t *
name_note(const struct work *w, long i)
{
	return &w->names->flags[(unsigned long)i + TOKEN_PAD < w->token_count + 2 * TOKEN_PAD
				    ? i + TOKEN_PAD
				    : BLOCK_TOKENS + 2 * TOKEN_PAD];
}
/* Between these two, of a text; tokens_read asks for it once for each. */
enum gap name_gap_wide(const struct text_in *in, const struct token *t, const struct token *next);
extern const uint8_t name_gap_of[256]; /* a gap of one byte */
static inline enum gap
name_gap(const struct work *w, long i)
{
	return (enum gap)name_token(w, i)->gap;
}
/* What is known of a token; `light`: only what the table says. */
uint32_t name_of(const struct work *w, long i);
static inline uint32_t
name_of_light(const struct work *w, long i)
{
	uint32_t *memo = name_note(w, i);

	if ((*memo & NAME_LOOKED) == 0) {
		const struct token *t = name_token(w, i);

		*memo |= (t->len == 0 ? 0 : name_flags(t->hash)) | NAME_LOOKED;
	}
	return *memo & ~(uint32_t)NAME_NOTES;
}
static inline bool
name_held(const struct work *w, long i)
{
	return (*name_note(w, i) & NAME_HELD) != 0;
}
static inline bool
name_placed(const struct work *w, long i)
{
	return (*name_note(w, i) & NAME_PLACED) != 0;
}
static inline bool
name_capital(const struct work *w, long i)
{
	return (name_token(w, i)->shape & (TOKEN_TITLE | TOKEN_DIGIT)) == TOKEN_TITLE;
}
/* In capitals all through, two letters at least. */
bool name_shouted(const struct work *w, long i);
/* One capital letter, or one of the short forms that stand for a first name: Chr., Th., IJ. */
bool name_initial(const struct work *w, long i);
/* Who is called by a surname, as a rule ("collega", "agent"): a word of every day behind it, or "van" and a place, is one. */
bool name_close_role(const struct work *w, long i);
/* The first of the interfixes that end just before token i; i where there are none. */
long name_interfix_back(const struct work *w, long i);
/* "Ben" where it is a first name: elsewhere it is a verb, and an interfix. */
bool name_is_ben(const struct work *w, long i);
/* "wijkverpleegkundige", "kinderpsycholoog": token i ends like a profession. */
bool name_profession(const struct work *w, long i);
/* No word that anybody knows, but perhaps a name; what is taken for a compound counts where it is spelled like a name. */
bool name_unlisted(const struct work *w, long i);
/* A sentence, a line or an item begins with token i. */
bool name_begins(const struct work *w, long i);

/* What stands before a name. */
enum lead {
	LEAD_NONE,
	LEAD_TITLE,
	LEAD_ROLE,
	LEAD_LABEL,
	LEAD_GREET,
	LEAD_SIGN, /* a closing formula */
	LEAD_LINE, /* the time of a message */
	LEAD_ALSO, /* a name, and "en" */
	LEAD_DISEASE,
	LEAD_INST,
	LEAD_PLACE,
};
/* What leads token i, which is the first of a name or of its interfixes. */
enum lead name_lead(const struct work *w, long i);

/* A name as it is read from its first token on. */
struct name_parts {
	long start, end; /* tokens; end is behind the last */
	size_t end_at;   /* in the text: behind the last token, and the dot of an initial */
	int initials;    /* groups of them */
	bool dotted;
	int words; /* with capitals, but for interfixes and initials */
	int first; /* first names that are no words of every day */
	int loose; /* first names that are */
	int last;  /* surnames that are no such words */
	int last_loose;
	int proper, unknown, common, guessed, place, eponym;
	int maybe; /* in the dictionary with a capital, and made of two words: half of them are surnames */
	int like, unlike; /* the greatest and the least name_like of those that no list has */
	bool house;       /* runs on into a street or an institution */
	int interfixes;   /* groups */
	bool shouted;     /* a word in capitals */
	bool hyphen;
	uint32_t head; /* flags of the first word */
};
/* lead: what stands before it; interfix: an interfix does. False where no name can begin here. */
/* name_like of a token. */
int name_like_of(const struct work *w, long i);
bool name_parse(const struct work *w, long i, enum lead lead, bool interfix, struct name_parts *p);
/* Behind a run of interfixes that begins with token i: the word that they lead; i where it is none. only_van: it is
 * "van" alone; firm: no other words begin so ("van der", "ten"). */
long name_interfix_end(const struct work *w, long i, bool *only_van, bool *firm);
/* "v/d Hoek": tokens i and the next. */
bool name_van_der(const struct work *w, long i);
/* An interfix that is a preposition on other days: "in", "op". */
bool name_interfix_weak(const struct work *w, long i);
/* Names in small letters behind token i, which is a title or the like; how many tokens of a name follow (0: none),
 * from *start on. */
long name_small(const struct work *w, long i, long *start);
/* The same in a text without capitals, for a name that begins with token i. */
long name_caseless(const struct work *w, long i, long *start);
/* A listed name with a letter too many, or two exchanged. */
bool name_misspelt(const struct work *w, long i);

/* What was decided of a name: how sure, by which rule. Score 0: none. */
struct verdict {
	uint8_t score;
	const char *rule;
	bool sure; /* what is remembered for the rest of the text */
};
#define VERDICT(points, name, certain) \
	((struct verdict){.score = (points), .rule = "person/" name, .sure = (certain)})
/* What a name is worth that was read from token `start` on, with its interfixes; score 0: it is none. */
struct verdict name_judge(const struct work *w, long start, enum lead lead, const struct name_parts *p);

/* What denies a name (name_deny.c): what follows it; "vaccinatie met X"; "stadium volgens X"; a label that has none
 * ("man: Spirometrie:"); a word behind which a letter stands alone ("type A"). */
bool name_tail_denies(const struct work *w, enum lead lead, const struct name_parts *p);
bool name_is_given(const struct work *w, long start);
bool name_of_method(const struct work *w, long start);
bool name_label_misleads(const struct work *w, long start, const struct name_parts *p, int known);
bool name_takes_letters(const struct work *w, long i);
/* "PrEP", "MediReva": a capital behind a small letter, and no "McDonald", "DeBoer". */
bool name_camel(const struct work *w, long i);

/* Adds listed names with figures in place of letters (name_figures.c). */
int name_figures(struct work *w, struct err *e) MUST_CHECK;

/* The words of names that were found for sure. */
void name_learn(struct work *w, long i);
bool name_seen(const struct work *w, long i);
bool name_seen_near(const struct work *w, long i);
/* A bit for each token of the block: it begins with a capital or was learnt. */
void name_again(const struct work *w, uint64_t again[static BLOCK_TOKENS / 64 + 1]);

/* name_paraph.c. "MvdB", "HvD": who signs with the letters of a name. */
bool name_is_cipher(const struct work *w, long i, enum lead lead);
/* "Paraaf: G.R.", "geprikt door D.O.", "12. SN, 12-01-1971": letters alone. Where they end; 0: none do. */
size_t name_paraph_end(const struct work *w, long i);
/* "paraaf hk", "(...) tot 29 april. lvdw": token i, in small letters, ends the text and signs it. Where it ends; 0: it does not. */
size_t name_small_paraph(const struct work *w, long i);
/* name_told.c. A name of one word, with a capital, that the words before token i tell: where it ends. Score 0: none is told. */
struct verdict name_told(const struct work *w, long i, long *end, size_t *end_at);

#endif
