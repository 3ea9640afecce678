/* Free text: one pass over the candidates, every find replaced by its tag. */
#include "stager/scrub.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detect.h"
#include "stager/pattern.h"
#include "stager/policy.h"
#include "stager/report.h"

#define TAG_MAX 40 /* "[", a kind of at most 20, "-", a number, "]" */

/* Tags and report keys by enum text_kind. */
static const struct {
	const char *tag, *key;
} kinds[] = {
    [TEXT_EMAIL] = {"EMAIL", "email"},
    [TEXT_PHONE] = {"TELEFOON", "phone"},
    [TEXT_IBAN] = {"IBAN", "iban"},
    [TEXT_BSN] = {"BSN", "bsn"},
    [TEXT_POSTCODE] = {"POSTCODE", "postcode"},
    [TEXT_DATE] = {"DATUM", "date"},
    [TEXT_EXTRA] = {"EXTRA", "extra"},
};

struct cleaner {
	const struct text_rules *rules;
	struct text_in in;
	struct fold_cursor original; /* where the folded text stands in the original */
	bool folded;
	const char *text;
	size_t copied; /* of the original */
	struct tags tags;
	struct buf *out;
	struct text_finds *finds;
};

/* The longest of the policy's own patterns that matches a whole token or more here. */
static bool
extra_find(const struct cleaner *c, size_t at, struct find *f)
{
	const struct text_in *in = &c->in;
	bool have = false;

	if (word_before(in, at) || in->s[at] <= ' ')
		return false;
	for (size_t i = 0; i < c->rules->extra_count; i++) {
		long n = pattern_prefix(c->rules->extra[i].pattern, (const char *)in->s + at, in->len - at);

		if (n <= 0 || (word_at(in, at + (size_t)n) && word_before(in, at + (size_t)n)) ||
		    (have && (size_t)n <= f->end - f->start))
			continue;
		*f = (struct find){.start = at, .end = at + (size_t)n, .kind = TEXT_EXTRA, .extra = i};
		f->value = text_value(in->s + at, (size_t)n, "");
		have = true;
	}
	return have;
}

/* Numbers that begin inside a find of the policy's own and reach past it. */
static void
extra_widen(const struct cleaner *c, struct find *f)
{
	struct find inner;
	size_t at = f->start, next;

	while (at < f->end) {
		if (!(class_at(&c->in, at) & IS_DIGIT)) {
			at++;
			continue;
		}
		if (number_find(&c->in, at, c->rules->bsn_any, &inner, &next) && inner.end > f->end)
			f->end = inner.end;
		at = next;
	}
}

/* The next find that starts before `limit`, from *at on; false where there is none, with *at moved up. */
static bool
next_find(struct cleaner *c, size_t *at, size_t limit, struct find *f)
{
	const uint8_t *s = c->in.s;
	size_t i = *at, next;
	bool extras = c->rules->extra_count > 0;

	while (i < limit) {
		if (extras) {
			if (extra_find(c, i, f)) {
				extra_widen(c, f);
				return true;
			}
			if (!(detect_class[s[i]] & IS_DIGIT)) {
				i++;
				continue;
			}
		} else {
			while (i < limit && !(detect_class[s[i]] & IS_DIGIT))
				i++;
			if (i == limit)
				break;
		}
		if (number_find(&c->in, i, c->rules->bsn_any, f, &next))
			return true;
		i = next;
	}
	*at = i;
	return false;
}

/* Copy the original up to the find, and put its tag. */
static int
put_find(struct cleaner *c, const struct find *f, struct err *e)
{
	size_t start = c->folded ? fold_original(&c->original, f->start) : f->start;
	size_t end = c->folded ? fold_original(&c->original, f->end) : f->end;
	char tag[TAG_MAX + 1];
	const char *name;
	uint32_t number;
	size_t len = 0;

	c->finds->count[f->kind]++;
	if (buf_put(c->out, c->text + c->copied, start - c->copied, e) == -1)
		return -1;
	c->copied = end;
	c->in.floor = f->end;
	if (c->rules->action == TEXT_BLANK)
		return 0;
	if (tags_number(&c->tags, f, &number, e) == -1)
		return -1;
	name = f->kind == TEXT_EXTRA ? c->rules->extra[f->extra].kind : kinds[f->kind].tag;
	tag[len++] = '[';
	for (size_t i = 0; i < 20 && name[i] != '\0'; i++)
		tag[len++] = (char)toupper((unsigned char)name[i]);
	len += (size_t)snprintf(tag + len, sizeof(tag) - len, "-%" PRIu32 "]", number);
	return buf_put(c->out, tag, len, e);
}

/* The pass. Addresses are looked for ahead: a number that begins in one belongs to it. */
static int
clean(struct cleaner *c, struct err *e)
{
	struct find f, address;
	size_t at = 0;
	bool have_address = email_next(&c->in, 0, &address);

	while (at < c->in.len) {
		size_t limit = have_address ? address.start : c->in.len;

		if (next_find(c, &at, limit, &f)) {
			/* Where the two overlap all of both goes, under the name of the longer. */
			if (have_address && f.end > address.start) {
				if (address.end - address.start > f.end - f.start) {
					address.start = f.start;
					f.kind = address.kind;
					f.value = address.value;
				}
				if (address.end > f.end)
					f.end = address.end;
				have_address = email_next(&c->in, f.end, &address);
			}
		} else if (have_address) {
			f = address;
			have_address = email_next(&c->in, f.end, &address);
		} else {
			break;
		}
		if (put_find(c, &f, e) == -1)
			return -1;
		at = f.end;
	}
	return 0;
}

int
text_clean(const struct scrub *s, const char *text, size_t len, struct buf *out, struct text_finds *finds,
    struct err *e)
{
	struct cleaner c = {
	    .rules = &s->policy->text,
	    .in = {.s = (const uint8_t *)text, .len = len},
	    .original = {.s = (const uint8_t *)text, .len = len},
	    .text = text,
	    .out = out,
	    .finds = finds,
	};
	uint8_t *folded = NULL;
	int rc = -1;

	if (len == 0)
		return 0;
	if (fold_needed(c.in.s, len)) {
		if ((folded = malloc(len)) == NULL) {
			err_sys(e, "text: memory for folding");
			goto out;
		}
		c.in.len = fold_text((const uint8_t *)text, len, folded);
		c.in.s = folded;
		c.folded = true;
	}
	tags_init(&c.tags, c.rules->extra_count);
	if (clean(&c, e) == -1 || buf_put(out, text + c.copied, len - c.copied, e) == -1)
		goto out;
	rc = 0;
out:
	tags_free(&c.tags);
	free(folded);
	return rc;
}

void
text_finds_report(const struct text_finds *finds, struct report *report)
{
	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++)
		if (finds->count[kind] > 0)
			report_add(report, "found", kinds[kind].key, finds->count[kind]);
}
