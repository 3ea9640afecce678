/* What would follow a push that was only tried: what it would be held for, what people must do before it is accepted, who gets what. */
#include <inttypes.h>
#include <string.h>

#include "cli.h"
#include "stager/json.h"

/* {"count": n} or {"ppm": n} */
static int
limit(struct buf *out, const struct json *accept, const char *what, struct err *e)
{
	const struct json *max = json_get(accept, what), *count = json_get(max, "count"),
			  *ppm = json_get(max, "ppm");

	if (ppm != NULL && ppm->type == JSON_INT)
		return buf_printf(out, e, "%g%% of the %s", (double)ppm->integer / 10000, what);
	return buf_printf(
	    out, e, "%" PRId64 " %s", count == NULL || count->type != JSON_INT ? 0 : count->integer, what);
}

static int
say_held(struct buf *out, const struct json *document, struct err *e)
{
	static const struct {
		const char *word, *text;
	} reasons[] = {{"files", "more files were held back than `accept` allows"},
	    {"records", "more records were held back than `accept` allows"},
	    {"check", "the second scan withheld something, which no policy accepts unseen"},
	    {"disclosure", "more stand alone, or would be blanked, than the policy accepts"},
	    {"nothing", "nothing is left that could be sealed"}};
	const struct json *held = json_get(document, "held-for"), *accept = json_get(document, "accept");

	if (buf_put_str(out, "\nWhat follows a push\n  held back unseen, the policy allows ", e) == -1 ||
	    limit(out, accept, "files", e) == -1 || buf_put_str(out, " and ", e) == -1 ||
	    limit(out, accept, "records", e) == -1 || buf_put_u8(out, '\n', e) == -1)
		return -1;
	for (size_t i = 0; held != NULL && held->type == JSON_ARRAY && i < held->count; i++)
		for (size_t k = 0; k < sizeof(reasons) / sizeof(reasons[0]); k++)
			if (held->items[i]->type == JSON_STRING &&
			    strcmp(held->items[i]->string, reasons[k].word) == 0 &&
			    buf_printf(out, e, "  it would be HELD: %s\n", reasons[k].text) == -1)
				return -1;
	return 0;
}

static int64_t
asked(const struct json *review, const char *key)
{
	const struct json *n = json_get(review, key);

	return n == NULL || n->type != JSON_INT ? 0 : n->integer;
}

static int
say_review(struct buf *out, const struct json *accept, struct err *e)
{
	const struct json *review = json_get(accept, "review");
	const int64_t letters = asked(review, "letters"), scans = asked(review, "scans");

	if (letters == 0 && scans == 0)
		return buf_put_str(out, "  no review is asked for; a steward signs its report\n", e);
	return buf_printf(out, e,
	    "  before it is accepted a person looks, with `stager review`, at %" PRId64
	    " letters and %" PRId64
	    " scans of each set\n  (or all, where there are fewer), and may find something in %" PRId64
	    "; then a steward signs its report\n",
	    letters, scans, asked(review, "found"));
}

/* The items of a list of strings, with commas. */
static int
words(struct buf *out, const struct json *list, struct err *e)
{
	for (size_t i = 0; list != NULL && list->type == JSON_ARRAY && i < list->count; i++)
		if (list->items[i]->type == JSON_STRING &&
		    buf_printf(out, e, "%s%s", i == 0 ? "" : ", ", list->items[i]->string) == -1)
			return -1;
	return 0;
}

int
dry_table(const struct json *document, struct buf *out, struct err *e)
{
	const struct json *sets = json_get(document, "sets"), *control = json_get(document, "disclosure");
	const struct json *k = json_get(control, "k");

	if (say_held(out, document, e) == -1 || say_review(out, json_get(document, "accept"), e) == -1)
		return -1;
	if (k != NULL && k->type == JSON_INT &&
	    buf_printf(out, e, "  at least %" PRId64 " people show the same (disclosure control)\n",
		k->integer) == -1)
		return -1;
	for (size_t i = 0; sets != NULL && sets->type == JSON_OBJECT && i < sets->count; i++) {
		const struct json *set = sets->items[i];

		if (buf_printf(out, e, "  set %s: %s ", sets->keys[i],
			strcmp(sets->keys[i], "domestic") == 0 ? "never sent; held in"
							       : "may be sent; held in") == -1 ||
		    words(out, json_get(set, "hold"), e) == -1 || buf_put_str(out, "; opened at ", e) == -1 ||
		    words(out, json_get(set, "open"), e) == -1 || buf_put_u8(out, '\n', e) == -1)
			return -1;
	}
	return 0;
}
