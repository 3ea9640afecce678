/*
 * Patterns: a Thompson automaton, made deterministic as values are met. A byte costs one table look-up, or
 * one step over at most 1024 states where the table has not met it yet; the table is bounded and begins anew
 * when it is full. What has few and short forms is not met at all: a value is compared with each of them.
 */
#include "stager/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "pattern_forms.h"

#define NFA_STATES_MAX 1024
#define DFA_STATES_MAX 254 /* the last one's row begins before NO_STATE */
#define DFA_SLOTS 512      /* of the hash table over DFA states; a power of two */
#define PREFIX_MAX 4096
#define NO_STATE UINT16_MAX

#define ROW_ACCEPTS 1
#define ROW_DEAD 2

enum nfa_kind { NFA_MATCH, NFA_SET, NFA_SPLIT };

struct nfa_state {
	enum nfa_kind kind;
	uint16_t set;       /* SET: which of the sets */
	uint16_t next, alt; /* SET: next; SPLIT: both */
};

struct pattern {
	struct nfa_state *states;
	size_t state_count;
	uint16_t start;
	size_t words; /* 64-bit words in a set of states */

	struct pattern_forms forms; /* where it has so few */

	/* Bytes that no set tells apart are one class; members[set] holds a bit for each class. */
	uint8_t class_of[256];
	size_t class_count;
	uint64_t (*members)[4];
	size_t set_count;

	/* The deterministic states met so far. */
	size_t dfa_count;
	uint64_t resets;    /* how often they were all forgotten */
	uint64_t *dfa_sets; /* words each */
	/*
	 * A row a state: for each class the row of the next state (NO_STATE: not worked out yet), and behind them ROW_ACCEPTS
	 * and ROW_DEAD. A state is named by where its row begins: a byte of a value costs two look-ups and an addition.
	 */
	uint16_t *dfa_next;
	size_t row; /* class_count + 1 */
	uint16_t slots[DFA_SLOTS];
	uint16_t dfa_start; /* NO_STATE: not made yet */
	uint64_t *scratch;  /* words */
	uint16_t *stack;    /* state_count */
};

/* The compiler: from the tree to states, from the end to the front, so that where to go next is always known.
 */
struct compiler {
	const struct piece_tree *tree;
	struct pattern *p;
	struct nfa_state states[NFA_STATES_MAX];
	uint16_t set_of[PIECES_MAX];
	struct err *e;
};

static int
state_new(struct compiler *c, enum nfa_kind kind, uint16_t next, uint16_t alt)
{
	struct nfa_state *s;

	if (c->p->state_count == NFA_STATES_MAX)
		return err_set(c->e, ERR_INPUT,
		    "pattern: larger than %d states when its repetitions are written out", NFA_STATES_MAX);
	s = &c->states[c->p->state_count];
	s->kind = kind;
	s->next = next;
	s->alt = alt;
	return (int)c->p->state_count++;
}

static int compile_piece(struct compiler *c, int id, int next);

static int
compile_repeat(struct compiler *c, const struct piece *piece, int next)
{
	int at = next, loop, body;

	/* What takes no byte matches the same however often it stands there. */
	if (!c->tree->pieces[piece->left].takes)
		return next;
	if (piece->max == -1) {
		if ((loop = state_new(c, NFA_SPLIT, 0, (uint16_t)next)) == -1)
			return -1;
		if ((body = compile_piece(c, piece->left, loop)) == -1)
			return -1;
		c->states[loop].next = (uint16_t)body;
		at = loop;
	}
	for (int i = piece->min; i < piece->max; i++) {
		if ((body = compile_piece(c, piece->left, at)) == -1)
			return -1;
		if ((at = state_new(c, NFA_SPLIT, (uint16_t)body, (uint16_t)next)) == -1)
			return -1;
	}
	for (int i = 0; i < piece->min; i++)
		if ((at = compile_piece(c, piece->left, at)) == -1)
			return -1;
	return at;
}

/* The state where the piece begins, which goes on to `next`. As deep as the tree, whose text has 256
 * characters. */
static int
compile_piece(struct compiler *c, int id, int next)
{
	const struct piece *piece = &c->tree->pieces[id];
	int left, right;

	switch (piece->kind) {
	case PIECE_EMPTY:
		return next;
	case PIECE_SET:
		if ((left = state_new(c, NFA_SET, (uint16_t)next, 0)) != -1)
			c->states[left].set = c->set_of[id];
		return left;
	case PIECE_CAT:
		if ((right = compile_piece(c, piece->right, next)) == -1)
			return -1;
		return compile_piece(c, piece->left, right);
	case PIECE_ALT:
		if ((right = compile_piece(c, piece->right, next)) == -1 ||
		    (left = compile_piece(c, piece->left, next)) == -1)
			return -1;
		return state_new(c, NFA_SPLIT, (uint16_t)left, (uint16_t)right);
	case PIECE_REPEAT:
		return compile_repeat(c, piece, next);
	}
	abort();
}

static bool
set_has(const uint64_t set[4], unsigned c)
{
	return (set[c / 64] >> (c % 64) & 1) != 0;
}

/* Split the bytes into the classes that the sets tell apart. */
static void
classes_make(struct pattern *p, const struct piece_tree *tree)
{
	memset(p->class_of, 0, sizeof(p->class_of));
	p->class_count = 1;
	for (size_t i = 0; i < tree->count; i++) {
		int inside[256]; /* of each class: the class that its bytes inside the set get; -1: none met
				  */
		bool outside[256] = {false};
		size_t before = p->class_count;

		if (tree->pieces[i].kind != PIECE_SET)
			continue;
		for (size_t k = 0; k < before; k++)
			inside[k] = -1;
		for (unsigned c = 0; c < 256; c++)
			if (!set_has(tree->pieces[i].set, c))
				outside[p->class_of[c]] = true;
		for (unsigned c = 0; c < 256; c++) {
			size_t k = p->class_of[c];

			if (!set_has(tree->pieces[i].set, c))
				continue;
			if (inside[k] == -1)
				inside[k] = outside[k] ? (int)p->class_count++ : (int)k;
			p->class_of[c] = (uint8_t)inside[k];
		}
	}
}

/* The sets in terms of classes, numbered. */
static int
sets_make(struct compiler *c)
{
	struct pattern *p = c->p;

	if ((p->members = calloc(c->tree->count, sizeof(*p->members))) == NULL)
		return err_sys(c->e, "pattern");
	for (size_t i = 0; i < c->tree->count; i++) {
		const struct piece *piece = &c->tree->pieces[i];

		if (piece->kind != PIECE_SET)
			continue;
		for (unsigned b = 0; b < 256; b++)
			if (set_has(piece->set, b))
				p->members[p->set_count][p->class_of[b] / 64] |= UINT64_C(1)
										 << (p->class_of[b] % 64);
		c->set_of[i] = (uint16_t)p->set_count++;
	}
	return 0;
}

static void
dfa_reset(struct pattern *p)
{
	p->dfa_count = 0;
	p->dfa_start = NO_STATE;
	memset(p->slots, 0xff, sizeof(p->slots));
}

struct pattern *
pattern_compile(const char *text, struct err *e)
{
	struct piece_tree *tree = malloc(sizeof(*tree));
	struct pattern *p = calloc(1, sizeof(*p));
	struct compiler *c = calloc(1, sizeof(*c));
	int match, start;
	bool done = false;

	if (tree == NULL || p == NULL || c == NULL) {
		err_sys(e, "pattern");
		goto out;
	}
	if (pattern_parse(text, tree, e) == -1)
		goto out;
	c->tree = tree;
	c->p = p;
	c->e = e;
	classes_make(p, tree);
	if (sets_make(c) == -1)
		goto out;
	if ((match = state_new(c, NFA_MATCH, 0, 0)) == -1 ||
	    (start = compile_piece(c, tree->root, match)) == -1)
		goto out;
	p->start = (uint16_t)start;
	p->words = (p->state_count + 63) / 64;
	p->states = calloc(p->state_count, sizeof(*p->states));
	p->stack = calloc(p->state_count, sizeof(*p->stack));
	p->dfa_sets = calloc(DFA_STATES_MAX * p->words, sizeof(*p->dfa_sets));
	p->row = p->class_count + 1;
	p->dfa_next = calloc(DFA_STATES_MAX * p->row, sizeof(*p->dfa_next));
	p->scratch = calloc(p->words, sizeof(*p->scratch));
	if (p->states == NULL || p->stack == NULL || p->dfa_sets == NULL || p->dfa_next == NULL ||
	    p->scratch == NULL) {
		err_sys(e, "pattern");
		goto out;
	}
	memcpy(p->states, c->states, p->state_count * sizeof(*p->states));
	dfa_reset(p);
	pattern_forms_make(&p->forms, tree);
	done = true;
out:
	free(c);
	free(tree);
	if (!done) {
		pattern_free(p);
		p = NULL;
	}
	return p;
}

void
pattern_free(struct pattern *p)
{
	if (p == NULL)
		return;
	free(p->states);
	free(p->stack);
	free(p->members);
	free(p->dfa_sets);
	free(p->dfa_next);
	free(p->scratch);
	free(p);
}

/* Add a state to the scratch set, and all that it leads to without taking a byte. */
static void
scratch_add(struct pattern *p, uint16_t state)
{
	size_t depth = 0;

	p->stack[depth++] = state;
	while (depth > 0) {
		uint16_t at = p->stack[--depth];

		for (;;) {
			if ((p->scratch[at / 64] >> (at % 64) & 1) != 0)
				break;
			p->scratch[at / 64] |= UINT64_C(1) << (at % 64);
			if (p->states[at].kind != NFA_SPLIT)
				break;
			/* Each split comes here once, as it enters the set once: the stack holds them all. */
			p->stack[depth++] = p->states[at].alt;
			at = p->states[at].next;
		}
	}
}

/* The number of the deterministic state with the scratch set, made where it is new. */
static uint16_t
dfa_intern(struct pattern *p)
{
	uint64_t hash = 0;
	size_t slot, bytes = p->words * sizeof(*p->scratch);
	uint16_t id;
	bool dead = true;

	for (size_t i = 0; i < p->words; i++) {
		hash = (hash ^ p->scratch[i]) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
		dead = dead && p->scratch[i] == 0;
	}
	for (slot = hash % DFA_SLOTS; p->slots[slot] != NO_STATE; slot = (slot + 1) % DFA_SLOTS)
		if (memcmp(p->dfa_sets + p->slots[slot] * p->words, p->scratch, bytes) == 0)
			return p->slots[slot];
	if (p->dfa_count == DFA_STATES_MAX) {
		dfa_reset(p);
		p->resets++;
		slot = hash % DFA_SLOTS;
	}
	id = (uint16_t)p->dfa_count++;
	p->slots[slot] = id;
	memcpy(p->dfa_sets + id * p->words, p->scratch, bytes);
	for (size_t i = 0; i < p->class_count; i++)
		p->dfa_next[id * p->row + i] = NO_STATE;
	p->dfa_next[id * p->row + p->class_count] =
	    (uint16_t)((p->scratch[0] & 1 ? ROW_ACCEPTS : 0) |
		       (dead ? ROW_DEAD : 0)); /* the match is state 0 */
	return id;
}

static uint16_t
dfa_first(struct pattern *p)
{
	if (p->dfa_start == NO_STATE) {
		uint16_t id;

		memset(p->scratch, 0, p->words * sizeof(*p->scratch));
		scratch_add(p, p->start);
		id = dfa_intern(p);
		p->dfa_start = (uint16_t)(id * p->row);
	}
	return p->dfa_start;
}

/* Where `from` goes with a byte of this class, worked out for the first time. */
static uint16_t
dfa_learn(struct pattern *p, uint16_t from, size_t class)
{
	const uint64_t *set = p->dfa_sets + from / p->row * p->words;
	uint64_t resets = p->resets;
	uint16_t to;

	memset(p->scratch, 0, p->words * sizeof(*p->scratch));
	for (size_t w = 0; w < p->words; w++) {
		for (uint64_t left = set[w]; left != 0; left &= left - 1) {
			const struct nfa_state *s = &p->states[w * 64 + (size_t)__builtin_ctzll(left)];

			if (s->kind == NFA_SET && set_has(p->members[s->set], (unsigned)class))
				scratch_add(p, s->next);
		}
	}
	to = (uint16_t)(dfa_intern(p) * p->row);
	/* After a new beginning `from` is no more. */
	if (resets == p->resets)
		p->dfa_next[from + class] = to;
	return to;
}

static inline uint16_t
dfa_step(struct pattern *p, uint16_t from, uint8_t byte)
{
	size_t class = p->class_of[byte];
	uint16_t to = p->dfa_next[from + class];

	return to != NO_STATE ? to : dfa_learn(p, from, class);
}

static inline unsigned
dfa_says(const struct pattern *p, uint16_t at)
{
	return p->dfa_next[at + p->class_count];
}

bool
pattern_match(struct pattern *p, const char *value, size_t len)
{
	uint16_t at;

	if (p->forms.count > 0)
		return pattern_forms_match(&p->forms, value, len);
	at = dfa_first(p);
	/* A dead state leads to itself: to look for it at each byte costs more than to go on. */
	for (size_t i = 0; i < len; i++)
		at = dfa_step(p, at, (uint8_t)value[i]);
	return (dfa_says(p, at) & ROW_ACCEPTS) != 0;
}

long
pattern_prefix(struct pattern *p, const char *value, size_t len)
{
	uint16_t at = dfa_first(p);
	long longest = (dfa_says(p, at) & ROW_ACCEPTS) != 0 ? 0 : -1;

	for (size_t i = 0; i < len && i < PREFIX_MAX && (dfa_says(p, at) & ROW_DEAD) == 0; i++) {
		at = dfa_step(p, at, (uint8_t)value[i]);
		if ((dfa_says(p, at) & ROW_ACCEPTS) != 0)
			longest = (long)i + 1;
	}
	return longest;
}
