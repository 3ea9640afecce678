/* The parts of the JSON Lines reader: the policy's paths, and one record. Only for jsonl*.c. */
#ifndef SCRUB_JSONL_H
#define SCRUB_JSONL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "stager/policy.h"
#include "../subject.h"
#include "stager/scrub.h"

#define JSONL_DEPTH_MAX 64
#define JSONL_RECORD_MAX (8u << 20)
#define JSONL_PART_MAX (16u << 20)
#define JSONL_ACTIONS ACTION_KINDS

/* The paths of a rule as a tree; node 0 is $. */
struct jsonl_node {
	uint32_t parent;
	uint32_t any_key, any_element; /* children; 0: none */
	const char *name;              /* of the rule; NULL for * and [*] */
	size_t name_len;
	const struct action *action; /* of the rule; NULL where no path ends here */
	bool away;                   /* all that it and what is below it lead to is another set's */
};

/* One step of a subject's path, or what one asks for of the object that it leads to: a member `key` that is the string `value`. */
struct jsonl_step {
	enum { STEP_NAME, STEP_KEY, STEP_ELEMENT } kind; /* .name, .*, [*] */
	const char *name, *key, *value;                  /* of the rule; key NULL: it asks for nothing */
	size_t name_len, key_len, value_len;
};

struct jsonl_subject_path {
	struct jsonl_step steps[SUBJECT_STEPS_MAX];
	struct jsonl_step asks[SUBJECT_STEPS_MAX + 1]; /* of the value that so many steps lead to */
	size_t count;
	const struct action
	    *reference; /* of the field with this path, where that is a reference; else NULL */
};

struct jsonl_paths {
	struct jsonl_node *nodes;
	size_t count, cap;
	uint32_t *table; /* named children by parent and name; 0: free */
	size_t table_cap;
	struct jsonl_subject_path *subjects; /* where the subject's key stands */
	size_t subject_count;
	bool subject_plain; /* one path without wildcards: it leads to one value */
	bool chosen;        /* some are away */
	bool
	    second; /* chosen for another set than the rule's own: what stands in every set is counted there */
};

/* From rule->fields and rule->subject; -1 with ERR_INPUT for a path of another form. p is to be freed also
 * then. */
int jsonl_paths_make(struct jsonl_paths *p, const struct rule *rule, struct err *e) MUST_CHECK;
/* Only what stands in this set stays: what is away is left out without being looked at. */
void jsonl_paths_choose(struct jsonl_paths *p, const struct rule *rule, uint8_t set);
void jsonl_paths_free(struct jsonl_paths *p);
/* The child of that name; 0 where there is none. */
uint32_t jsonl_paths_child(const struct jsonl_paths *p, uint32_t parent, const uint8_t *name, size_t len);

struct jsonl_key {
	size_t at; /* in the record, or in `keys_text` where it has escapes */
	size_t len;
	bool escaped;
};

/* What was met at a node of the paths, in this record or one before. */
struct jsonl_met {
	uint64_t serial; /* of the object that had this key last */
	uint32_t first,
	    next; /* the node of its first key, and of the key behind it, the last time; 0: none yet */
};

struct record_tuple;
struct jsonl_string;

/* Where a value stands. */
struct jsonl_place {
	size_t from, to; /* r->active[from..to): the nodes of its path */
	bool gone;       /* inside of what is dropped */
	unsigned depth;
};

/* A value that names the subject. */
struct jsonl_subject_at {
	size_t start;
	const struct action
	    *asks; /* of a reference that leads to what may say it (jsonl_bundle.c); else NULL */
	uint32_t
	    type; /* then, where it does, of the resource there: its place among the types of asks, from 1 */
};

struct jsonl_bundle;

/* One record being read; the memory is used again for the next. */
struct jsonl_record {
	struct jsonl_record *also; /* the same line as it goes to the next set; NULL: to none */
	const struct scrub *scrub;
	const struct jsonl_paths *paths;
	uint8_t set;      /* that this is for, where paths are chosen */
	const uint8_t *s; /* the line */
	size_t len, at;
	size_t copied;              /* up to here it stands in out, changed or not */
	struct buf out;             /* the scrubbed record */
	const char *reason;         /* why it is held */
	const struct action *wrong; /* of the path whose value it is held for; NULL: of none */
	bool has_subject;
	struct buf subject;                  /* its key as it stands there; of a reference the id */
	struct jsonl_subject_at *subject_at; /* its values, in the order of the record */
	size_t subject_at_count, subject_at_cap, subject_at_next;
	struct jsonl_bundle *bundle; /* references within the document; NULL: there were none yet */
	struct subject person;       /* where there is a context: whom that is */
	/*
	 * What disclosure control sees of the record, the same for all sets that it goes to; NULL where it does not look. And where in out the
	 * quasi-identifiers stand that go to this one, in their order.
	 */
	struct record_tuple *tuple;
	bool shared;   /* it is another record's */
	bool counting; /* it is only counted: what free text is made into is nobody's */
	struct {
		size_t part, at, len;
	} places[ANONYMITY_QUASI_MAX];
	size_t place_count;
	uint64_t actions[JSONL_ACTIONS];
	bool texts; /* the rule has any: else there are no finds */
	struct text_finds finds;
	/* within */
	struct jsonl_met *met; /* by node */
	uint64_t objects;      /* read so far */
	struct buf text, made, keys_text;
	struct jsonl_key *keys;
	size_t key_count, key_cap;
	uint32_t *active; /* the nodes that the present path matches, a level behind the other */
	size_t active_count;
};

int jsonl_record_init(
    struct jsonl_record *r, const struct scrub *s, const struct jsonl_paths *paths, struct err *e) MUST_CHECK;
void jsonl_record_free(struct jsonl_record *r);
/* 1: r->out holds the scrubbed record; 0: held, r->reason says why; JSONL_DROPPED: it leaves with its subject, r->reason is
 * then a word of the report's "subjects"; -1 with e set. */
#define JSONL_DROPPED 2
int jsonl_record_scrub(struct jsonl_record *r, const uint8_t *line, size_t len, struct err *e) MUST_CHECK;

/*
 * jsonl_subject.c: the value at the subject's paths into r->subject, before anything else is done with the record, which r->at stays at. All
 * values there must be of one person. r->has_subject stays false where there is none, or where the record cannot be followed that
 * far. 1, 0 where the record is held (r->reason: another person, or no reference where one is wanted), -1.
 */
int jsonl_subject_read(struct jsonl_record *r, struct err *e) MUST_CHECK;
/* A key of the subject: of the same person as the one before, or the first. 1, 0 held (subject-several), -1. */
int jsonl_subject_same(struct jsonl_record *r, const char *value, size_t len, struct err *e) MUST_CHECK;
/* Past the value at r->at, which is not looked into. 1, 0 where it cannot be followed, -1. */
int jsonl_skip(struct jsonl_record *r, struct err *e) MUST_CHECK;
/* The key of the next member of an object, r->at behind its '{' or behind a value; then r->at is at its value. 1, 0 behind the last, -1. */
int jsonl_next_key(struct jsonl_record *r, bool first, struct jsonl_string *key, struct err *e) MUST_CHECK;

/*
 * jsonl_bundle.c: values at the subject's paths that are no key by themselves (urn:uuid:, #p1, another fullUrl) are noted, and settled when all
 * paths were followed: the resource that each leads to, of a type that the action lists, must be about the same person: by a value at one of the
 * subject's paths in it, else by its id. What leads nowhere is its own key, if it has one, else held (reference-form). 1, 0, -1.
 */
void jsonl_bundle_begin(struct jsonl_record *r);
int jsonl_bundle_ask(
    struct jsonl_record *r, const char *value, size_t len, size_t which, struct err *e) MUST_CHECK;
int jsonl_bundle_settle(struct jsonl_record *r, struct err *e) MUST_CHECK;
void jsonl_bundle_free(struct jsonl_bundle *b); /* wipes; takes NULL */

/* It is held for this reason: 0. */
static inline int
jsonl_held(struct jsonl_record *r, const char *reason)
{
	r->reason = reason;
	return 0;
}

/*
 * jsonl_quasi.c: records that are units of disclosure control. Nothing for others: r->tuple stays NULL. share: of a record that is the same as it
 * goes to another set, once both are open.
 */
int jsonl_quasi_open(struct jsonl_record *r, struct err *e) MUST_CHECK;
void jsonl_quasi_share(struct jsonl_record *r, struct jsonl_record *other);
void jsonl_quasi_close(struct jsonl_record *r);
/* As jsonl_leaf, where r->tuple is not NULL. */
int jsonl_quasi_leaf(struct jsonl_record *r, const struct jsonl_place *at, struct err *e) MUST_CHECK;
/* The record as it goes to each set is in out: it is changed to what may be shown. 1; 0 where it is held, r->reason says why; -1. */
int jsonl_quasi_end(struct jsonl_record *r, struct err *e) MUST_CHECK;

/* The action of the value at this place; NULL where no path leads there, or what is around it leaves whole. jsonl_leaf.c */
const struct action *jsonl_action(const struct jsonl_record *r, const struct jsonl_place *at);
/* jsonl_leaf.c: any of the three that follow. */
int jsonl_leaf(struct jsonl_record *r, const struct jsonl_place *at, struct err *e) MUST_CHECK;
/* jsonl_leaf.c: the string, number or word at r->at under its action. 1, 0 where the record is held, -1. */
int jsonl_leaf_string(struct jsonl_record *r, const struct jsonl_place *at, struct err *e) MUST_CHECK;
int jsonl_leaf_number(struct jsonl_record *r, const struct jsonl_place *at, struct err *e) MUST_CHECK;
int jsonl_leaf_word(
    struct jsonl_record *r, const struct jsonl_place *at, const char *word, struct err *e) MUST_CHECK;
/* Copy what has not been copied yet, up to an offset of the record. */
int jsonl_copy_to(struct jsonl_record *r, size_t offset, struct err *e) MUST_CHECK;

/* jsonl_keys.c: one more key; and whether two are the same of those from `first` on, which may be sorted. */
struct jsonl_string;
int jsonl_keys_push(struct jsonl_record *r, const struct jsonl_string *key, struct err *e) MUST_CHECK;
bool jsonl_keys_repeat(struct jsonl_record *r, size_t first);

/* Tokens (jsonl_token.c), at r->at. 1, or 0 with r->reason set, or -1. */
struct jsonl_string {
	size_t start, end;    /* of the token, quotes included */
	const uint8_t *bytes; /* its value: in the record, or in r->text until the next string */
	size_t len;
	bool escaped;
};
int jsonl_string_any(struct jsonl_record *r, struct jsonl_string *out, struct err *e) MUST_CHECK;
/* Moves past a number; false where there is none. */
bool jsonl_number(struct jsonl_record *r);
/* Append as a JSON string, quotes included. */
int jsonl_quote(struct buf *out, const uint8_t *s, size_t len, struct err *e) MUST_CHECK;

/* How many bytes at the front stand for themselves in a string: up to a quote, a backslash, a control character. */
static inline size_t
jsonl_plain(const uint8_t *s, size_t len)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = UINT64_C(0x8080808080808080);
	uint64_t word, quote, slash;
	size_t at = 0;

#ifdef __SSE2__
	for (; len - at >= 16; at += 16) {
		const __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(s + at));
		const __m128i ends = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')),
						      _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'))),
		    _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1f)), block));
		const unsigned bits = (unsigned)_mm_movemask_epi8(ends);

		if (bits != 0)
			return at + (size_t)__builtin_ctz(bits);
	}
#endif
	/* Eight at a time: a byte below n shows in (word - n) & ~word & high; one that equals c, as below 1 after XOR. */
	for (; len - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, s + at, sizeof(word));
		quote = word ^ ones * '"';
		slash = word ^ ones * '\\';
		if ((((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) &
		    high)
			break;
	}
	while (at < len && s[at] != '"' && s[at] != '\\' && s[at] >= 0x20)
		at++;
	return at;
}

/* The string token at r->at. */
static inline int
jsonl_string(struct jsonl_record *r, struct jsonl_string *out, struct err *e)
{
	size_t from = r->at + 1, end;

	if (r->at < r->len && r->s[r->at] == '"') {
		end = from + jsonl_plain(r->s + from, r->len - from);
		if (end < r->len && r->s[end] == '"') {
			*out = (struct jsonl_string){
			    .start = from - 1, .end = end + 1, .bytes = r->s + from, .len = end - from};
			r->at = end + 1;
			return 1;
		}
	}
	return jsonl_string_any(r, out, e);
}

/* Moves past blanks. */
static inline void
jsonl_space(struct jsonl_record *r)
{
	while (r->at < r->len && r->s[r->at] <= ' ' &&
	       (r->s[r->at] == ' ' || r->s[r->at] == '\t' || r->s[r->at] == '\r' || r->s[r->at] == '\n'))
		r->at++;
}

/* memcmp, for what is mostly short. */
static inline bool
jsonl_same(const void *a, const void *b, size_t len)
{
	const uint8_t *x = a, *y = b;
	uint64_t p, q;
	uint32_t g, h;

	if (len > 16)
		return memcmp(x, y, len) == 0;
	/* The first bytes and the last, which overlap. */
	if (len >= 8) {
		memcpy(&p, x, 8);
		memcpy(&q, y, 8);
		if (p != q)
			return false;
		memcpy(&p, x + len - 8, 8);
		memcpy(&q, y + len - 8, 8);
		return p == q;
	}
	if (len >= 4) {
		memcpy(&g, x, 4);
		memcpy(&h, y, 4);
		if (g != h)
			return false;
		memcpy(&g, x + len - 4, 4);
		memcpy(&h, y + len - 4, 4);
		return g == h;
	}
	while (len > 0 && x[len - 1] == y[len - 1])
		len--;
	return len == 0;
}

#endif
