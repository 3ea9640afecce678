/* Patterns: from text to a tree of pieces, everything that is not plainly in the subset refused. */
#include "pattern_tree.h"

#include <stdlib.h>
#include <string.h>

#define PATTERN_TEXT_MAX 256
#define PATTERN_DEPTH_MAX 32
#define PATTERN_REPEAT_MAX 255

struct parser {
	const unsigned char *text;
	size_t len;
	size_t at;
	struct piece_tree *tree;
	struct err *e;
};

static int parse_alternatives(struct parser *p, unsigned depth);

static int
bad(struct parser *p, const char *why)
{
	return err_set(p->e, ERR_INPUT, "pattern: %s, at character %zu", why, p->at + 1);
}

static int
piece_new(struct parser *p, enum piece_kind kind, int left, int right)
{
	struct piece *piece;

	if (p->tree->count == PIECES_MAX)
		return bad(p, "too many parts");
	piece = &p->tree->pieces[p->tree->count];
	memset(piece, 0, sizeof(*piece));
	piece->kind = kind;
	piece->left = left;
	piece->right = right;
	/* Whether any byte is ever taken: what takes none need not be repeated. */
	if (kind == PIECE_SET)
		piece->takes = true;
	else if (kind != PIECE_EMPTY)
		piece->takes = p->tree->pieces[left].takes || (right != -1 && p->tree->pieces[right].takes);
	return (int)p->tree->count++;
}

static void
set_add(struct piece *piece, unsigned c)
{
	piece->set[c / 64] |= UINT64_C(1) << (c % 64);
}

static void
set_add_range(struct piece *piece, unsigned from, unsigned to)
{
	for (unsigned c = from; c <= to; c++)
		set_add(piece, c);
}

static void
set_invert(struct piece *piece)
{
	for (size_t i = 0; i < 4; i++)
		piece->set[i] = ~piece->set[i];
}

/* \d, \w, \s into the set. False where c names no class. */
static bool
set_add_class(struct piece *piece, unsigned char c)
{
	switch (c) {
	case 'd':
		set_add_range(piece, '0', '9');
		return true;
	case 'w':
		set_add_range(piece, '0', '9');
		set_add_range(piece, 'A', 'Z');
		set_add_range(piece, 'a', 'z');
		set_add(piece, '_');
		return true;
	case 's':
		set_add(piece, ' ');
		set_add_range(piece, '\t', '\r');
		return true;
	default:
		return false;
	}
}

static bool
is_word(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* What follows a backslash, into the piece. *single: the character it stands for, or -1 for a class. */
static int
parse_escape(struct parser *p, struct piece *piece, int *single)
{
	unsigned char c;

	*single = -1;
	if (p->at == p->len)
		return bad(p, "nothing follows the backslash");
	c = p->text[p->at];
	if (set_add_class(piece, c)) {
		p->at++;
		return 0;
	}
	if (is_word(c) || c >= 0x80 || c < 0x20)
		return bad(p, "this character cannot be escaped");
	p->at++;
	set_add(piece, c);
	*single = c;
	return 0;
}

/* One end of a range in a class, or one whole member of it. */
static int
parse_class_member(struct parser *p, struct piece *piece, int *single)
{
	unsigned char c = p->text[p->at];

	if (c == '\\') {
		p->at++;
		return parse_escape(p, piece, single);
	}
	if (c == '[')
		return bad(p, "a '[' inside a class wants a backslash");
	if (c >= 0x80)
		return bad(p, "only ASCII characters may stand in a class");
	p->at++;
	set_add(piece, c);
	*single = c;
	return 0;
}

/* [...], its '[' taken already. */
static int
parse_class(struct parser *p)
{
	int id = piece_new(p, PIECE_SET, -1, -1), from, to;
	struct piece *piece;
	bool invert = false, first = true;

	if (id == -1)
		return -1;
	piece = &p->tree->pieces[id];
	if (p->at < p->len && p->text[p->at] == '^') {
		invert = true;
		p->at++;
	}
	for (;; first = false) {
		if (p->at == p->len)
			return bad(p, "the class is not closed");
		if (p->text[p->at] == ']')
			break;
		if (parse_class_member(p, piece, &from) == -1)
			return -1;
		if (p->at + 1 >= p->len || p->text[p->at] != '-' || p->text[p->at + 1] == ']')
			continue;
		p->at++;
		if (from == -1)
			return bad(p, "a range cannot begin with a class");
		if (parse_class_member(p, piece, &to) == -1)
			return -1;
		if (to == -1)
			return bad(p, "a range cannot end with a class");
		if (to < from)
			return bad(p, "the range runs backwards");
		set_add_range(piece, (unsigned)from, (unsigned)to);
	}
	if (first)
		return bad(p, "the class is empty");
	p->at++;
	if (invert)
		set_invert(piece);
	return id;
}

/* A character beyond ASCII: its bytes in a row, as one piece, so that a quantifier takes all of it. */
static int
parse_utf8(struct parser *p)
{
	unsigned char c = p->text[p->at];
	size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
	int id = -1, byte;

	if (c < 0xc2 || c > 0xf4 || p->len - p->at <= more)
		return bad(p, "not UTF-8");
	for (size_t i = 0; i <= more; i++, p->at++) {
		c = p->text[p->at];
		if (i > 0 && (c & 0xc0) != 0x80)
			return bad(p, "not UTF-8");
		if ((byte = piece_new(p, PIECE_SET, -1, -1)) == -1)
			return -1;
		set_add(&p->tree->pieces[byte], c);
		if ((id = id == -1 ? byte : piece_new(p, PIECE_CAT, id, byte)) == -1)
			return -1;
	}
	return id;
}

static int
parse_atom(struct parser *p, unsigned depth)
{
	unsigned char c = p->text[p->at];
	struct piece *piece;
	int id, single;

	switch (c) {
	case '(':
		p->at++;
		if (p->at < p->len && p->text[p->at] == '?')
			return bad(p, "groups cannot have options");
		if ((id = parse_alternatives(p, depth + 1)) == -1)
			return -1;
		if (p->at == p->len)
			return bad(p, "the group is not closed");
		p->at++;
		return id;
	case '[':
		p->at++;
		return parse_class(p);
	case '*':
	case '+':
	case '?':
	case '{':
		return bad(p, "there is nothing to repeat");
	case '}':
	case ']':
		return bad(p, "this character wants a backslash");
	case '^':
	case '$':
		return bad(p, "a pattern is always for the whole value: no '^' or '$'");
	default:
		break;
	}
	if (c >= 0x80)
		return parse_utf8(p);
	if ((id = piece_new(p, PIECE_SET, -1, -1)) == -1)
		return -1;
	piece = &p->tree->pieces[id];
	p->at++;
	if (c == '\\')
		return parse_escape(p, piece, &single) == -1 ? -1 : id;
	set_add(piece, c == '.' ? '\n' : c);
	if (c == '.')
		set_invert(piece);
	return id;
}

/* Digits up to the largest repetition; -1 without e set where there are none. */
static int
parse_number(struct parser *p, int *out)
{
	size_t start = p->at;

	*out = 0;
	while (p->at < p->len && p->text[p->at] >= '0' && p->text[p->at] <= '9') {
		*out = *out * 10 + (p->text[p->at] - '0');
		if (*out > PATTERN_REPEAT_MAX)
			return bad(p, "more than 255 repetitions");
		p->at++;
	}
	if (p->at == start)
		return bad(p, "a number is missing");
	return 0;
}

/* {m}, {m,} or {m,n}, its '{' taken already; *max is -1 for no bound. */
static int
parse_bounds(struct parser *p, int *min, int *max)
{
	if (parse_number(p, min) == -1)
		return -1;
	*max = *min;
	if (p->at < p->len && p->text[p->at] == ',') {
		p->at++;
		*max = -1;
		if (p->at < p->len && p->text[p->at] != '}' && parse_number(p, max) == -1)
			return -1;
	}
	if (p->at == p->len || p->text[p->at] != '}')
		return bad(p, "the '{' is not closed");
	p->at++;
	if (*max != -1 && *max < *min)
		return bad(p, "the repetition runs backwards");
	return 0;
}

/* An atom and what repeats it. */
static int
parse_repeated(struct parser *p, unsigned depth)
{
	int id = parse_atom(p, depth), min = 0, max = -1;
	unsigned char c;

	if (id == -1 || p->at == p->len)
		return id;
	c = p->text[p->at];
	if (c != '*' && c != '+' && c != '?' && c != '{')
		return id;
	p->at++;
	if (c == '+')
		min = 1;
	else if (c == '?')
		max = 1;
	else if (c == '{' && parse_bounds(p, &min, &max) == -1)
		return -1;
	if (p->at < p->len && p->text[p->at] != '\0' && strchr("*+?{", p->text[p->at]) != NULL)
		return bad(p, "a repetition is repeated: put it in a group");
	if ((id = piece_new(p, PIECE_REPEAT, id, -1)) == -1)
		return -1;
	p->tree->pieces[id].min = min;
	p->tree->pieces[id].max = max;
	return id;
}

static int
parse_row(struct parser *p, unsigned depth)
{
	int id = -1, next;

	while (p->at < p->len && p->text[p->at] != '|' && p->text[p->at] != ')') {
		if ((next = parse_repeated(p, depth)) == -1)
			return -1;
		if ((id = id == -1 ? next : piece_new(p, PIECE_CAT, id, next)) == -1)
			return -1;
	}
	return id != -1 ? id : piece_new(p, PIECE_EMPTY, -1, -1);
}

static int
parse_alternatives(struct parser *p, unsigned depth)
{
	int id, next;

	if (depth > PATTERN_DEPTH_MAX)
		return bad(p, "groups are nested too deep");
	if ((id = parse_row(p, depth)) == -1)
		return -1;
	while (p->at < p->len && p->text[p->at] == '|') {
		p->at++;
		if ((next = parse_row(p, depth)) == -1 || (id = piece_new(p, PIECE_ALT, id, next)) == -1)
			return -1;
	}
	return id;
}

int
pattern_parse(const char *text, struct piece_tree *tree, struct err *e)
{
	struct parser p = {.text = (const unsigned char *)text, .len = strlen(text), .tree = tree, .e = e};

	tree->count = 0;
	if (p.len > PATTERN_TEXT_MAX)
		return err_set(e, ERR_INPUT, "pattern: longer than %d characters", PATTERN_TEXT_MAX);
	if ((tree->root = parse_alternatives(&p, 0)) == -1)
		return -1;
	if (p.at != p.len)
		return bad(&p, "a group is closed that was never opened");
	return 0;
}
