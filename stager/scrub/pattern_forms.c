/* The forms of a pattern, out of its tree: concatenation is every one of the left before every one of the right. */
#include "pattern_forms.h"

/* The empty form: any byte at every place behind its end. */
static struct pattern_form
nothing(void)
{
	struct pattern_form form = {.len = 0};

	memset(form.high, 0xff, sizeof(form.high));
	return form;
}

static bool
add(struct pattern_forms *forms, const struct pattern_form *form)
{
	if (forms->count == FORMS_MAX)
		return false;
	forms->of[forms->count++] = *form;
	return true;
}

/* A form for each run of neighbours in the set. False where there are too many. */
static bool
of_set(const uint64_t set[4], struct pattern_forms *out)
{
	struct pattern_form form = nothing();
	bool inside = false;

	form.len = 1;
	for (unsigned c = 0; c <= 256; c++) {
		bool in = c < 256 && (set[c / 64] >> (c % 64) & 1) != 0;

		if (in && !inside)
			form.low[0] = (uint8_t)c;
		if (!in && inside) {
			form.high[0] = (uint8_t)(c - 1);
			if (!add(out, &form))
				return false;
		}
		inside = in;
	}
	return true;
}

static bool
joined(const struct pattern_forms *left, const struct pattern_forms *right, struct pattern_forms *out)
{
	out->count = 0;
	for (size_t i = 0; i < left->count; i++)
		for (size_t k = 0; k < right->count; k++) {
			struct pattern_form form = left->of[i];
			const struct pattern_form *more = &right->of[k];

			if (form.len + more->len > FORM_LEN_MAX)
				return false;
			memcpy(form.low + form.len, more->low, more->len);
			memcpy(form.high + form.len, more->high, more->len);
			form.len = (uint8_t)(form.len + more->len);
			if (!add(out, &form))
				return false;
		}
	return true;
}

static bool of_piece(const struct piece_tree *tree, int id, struct pattern_forms *out);

/* min to max times, one behind the other. */
static bool
of_repeat(const struct piece_tree *tree, const struct piece *piece, struct pattern_forms *out)
{
	struct pattern_forms one = {0}, so_far = {0}, more;
	const struct pattern_form empty = nothing();

	/* What takes no byte matches the same however often it stands there. */
	if (!tree->pieces[piece->left].takes)
		return add(out, &empty);
	if (piece->max < 0 || !of_piece(tree, piece->left, &one) || !add(&so_far, &empty))
		return false;
	for (int times = 0;; times++) {
		for (size_t i = 0; times >= piece->min && i < so_far.count; i++)
			if (!add(out, &so_far.of[i]))
				return false;
		if (times == piece->max)
			return true;
		if (!joined(&so_far, &one, &more))
			return false;
		so_far = more;
	}
}

/* Behind those of out. Every step adds a form or a byte to one, or comes to an end: as deep as the tree. */
static bool
of_piece(const struct piece_tree *tree, int id, struct pattern_forms *out)
{
	const struct piece *piece = &tree->pieces[id];
	const struct pattern_form empty = nothing();
	struct pattern_forms left = {0}, right = {0}, both;

	switch (piece->kind) {
	case PIECE_EMPTY:
		return add(out, &empty);
	case PIECE_SET:
		return of_set(piece->set, out);
	case PIECE_CAT:
		if (!of_piece(tree, piece->left, &left) || !of_piece(tree, piece->right, &right) ||
		    !joined(&left, &right, &both))
			return false;
		for (size_t i = 0; i < both.count; i++)
			if (!add(out, &both.of[i]))
				return false;
		return true;
	case PIECE_ALT:
		return of_piece(tree, piece->left, out) && of_piece(tree, piece->right, out);
	case PIECE_REPEAT:
		return of_repeat(tree, piece, out);
	}
	return false;
}

void
pattern_forms_make(struct pattern_forms *forms, const struct piece_tree *tree)
{
	forms->count = 0;
	if (!of_piece(tree, tree->root, forms))
		forms->count = 0;
}
