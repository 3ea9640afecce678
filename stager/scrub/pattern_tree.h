/* The tree between a pattern's text and its automaton. */
#ifndef SCRUB_PATTERN_TREE_H
#define SCRUB_PATTERN_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/err.h"

/* A text of 256 characters makes fewer: a set, a repetition and a row for each of them. */
#define PIECES_MAX 1024

enum piece_kind { PIECE_EMPTY, PIECE_SET, PIECE_CAT, PIECE_ALT, PIECE_REPEAT };

struct piece {
	enum piece_kind kind;
	bool takes;      /* some byte, in some match */
	int left, right; /* CAT, ALT: both; REPEAT: left; else -1 */
	int min, max;    /* REPEAT; max -1: no bound */
	uint64_t set[4]; /* SET: the bytes it takes, a bit each */
};

struct piece_tree {
	struct piece pieces[PIECES_MAX];
	size_t count;
	int root;
};

/* 0, or -1 with ERR_INPUT that says what is wrong at which character. */
int pattern_parse(const char *text, struct piece_tree *tree, struct err *e) MUST_CHECK;

#endif
