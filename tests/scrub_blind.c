/* A stager-scrub whose free text goes through as it is: what canaries are for. Linked in place of stager/scrub/text.c. */
#include "stager/scrub.h"

int
text_clean(const struct scrub *s, const char *text, size_t len, struct buf *out, struct text_finds *finds,
    struct err *e)
{
	(void)s;
	(void)finds;
	return buf_put(out, text, len, e);
}

int
text_clean_cut(const struct scrub *s, const char *text, size_t len, const size_t *cuts, size_t *out_cuts,
    size_t count, struct buf *out, struct text_finds *finds, struct err *e)
{
	(void)s;
	(void)finds;
	for (size_t i = 0; i < count; i++)
		out_cuts[i] = out->len + cuts[i];
	return buf_put(out, text, len, e);
}

void
text_finds_report(const struct text_finds *finds, struct report *report)
{
	(void)finds;
	(void)report;
}

int
text_wild_name(const struct scrub *s, const char *name, size_t len, struct err *e)
{
	(void)s;
	(void)name;
	(void)len;
	(void)e;
	return 0;
}
