/* Edit lists and ranges: which bytes of a body's plaintext go out. */
#include "stager/crypt4gh.h"

void
cut_init(struct cut *c, const uint64_t *edits, size_t edit_count, uint64_t start, uint64_t len)
{
	*c = (struct cut){.edits = edits,
	    .edit_count = edit_count,
	    .edit_left = edit_count > 0 ? edits[0] : 0,
	    .skip = start,
	    .left = len};
}

/*
 * The state of the list: how many bytes from here on share one fate, UINT64_MAX for all there are, and which.
 * Lengths of 0 are passed over.
 */
static uint64_t
list_run(struct cut *c, bool *keep)
{
	if (c->edits == NULL) {
		*keep = true;
		return UINT64_MAX;
	}
	while (c->edit_left == 0 && c->edit_at < c->edit_count) {
		c->edit_at++;
		c->edit_left = c->edit_at < c->edit_count ? c->edits[c->edit_at] : 0;
	}
	if (c->edit_at < c->edit_count) {
		*keep = c->edit_at % 2 == 1;
		return c->edit_left;
	}
	/* Behind the list: an odd count ends with a discard, and all after it is kept. */
	*keep = c->edit_count % 2 == 1;
	return UINT64_MAX;
}

size_t
cut_take(struct cut *c, size_t len, bool *keep)
{
	uint64_t run = list_run(c, keep), n = run < len ? run : len;

	if (*keep) {
		if (c->skip > 0) {
			*keep = false;
			if (n > c->skip)
				n = c->skip;
			c->skip -= n;
		} else if (c->left == 0) {
			*keep = false;
		} else if (c->left != UINT64_MAX) {
			if (n > c->left)
				n = c->left;
			c->left -= n;
		}
	}
	if (c->edits != NULL && c->edit_at < c->edit_count)
		c->edit_left -= n;
	return (size_t)n;
}

bool
cut_wants(const struct cut *c, size_t len)
{
	struct cut copy = *c;
	bool keep;

	while (len > 0) {
		len -= cut_take(&copy, len, &keep);
		if (keep)
			return true;
	}
	return false;
}

bool
cut_done(const struct cut *c)
{
	struct cut copy = *c;
	bool keep;

	if (c->left == 0)
		return true;
	if (c->edits == NULL || c->edit_count % 2 == 1)
		return false;
	(void)list_run(&copy, &keep);
	return copy.edit_at >= copy.edit_count;
}
