/*
 * A draft of a policy from what a dataset looks like: types, how many different values, what the detectors find. It lets
 * nothing leave but pseudonyms of columns whose names say that they hold a person's number; what else might leave stands in its
 * comments, in words and shares, never in values. stager/scrub/suggest*.c; in a sandbox, for it reads raw data.
 */
#ifndef STAGER_SUGGEST_H
#define STAGER_SUGGEST_H

#include "stager/buf.h"
#include "stager/err.h"

struct source;
struct suggest;

/* So much of each file is looked at. */
#define SUGGEST_READ_MAX (16u << 20)
#define SUGGEST_DRAFT_MAX (1u << 20)

struct suggest *suggest_new(void); /* aborts without memory */
void suggest_free(struct suggest *s);
/* Look at one file. Whatever is in it is never an error: what cannot be read becomes a comment. -1 with e set where it cannot be
 * read, or without memory. */
int suggest_file(struct suggest *s, struct source *in, struct err *e) MUST_CHECK;
/* The draft, YAML with comments, appended to out, which is empty: a policy that can be pushed under. What would make it longer than
 * SUGGEST_DRAFT_MAX has no rule, and a comment says so as far as there is room. Once. */
int suggest_write(struct suggest *s, struct buf *out, struct err *e) MUST_CHECK;

#endif
