/* Free text: every span that the detectors give replaced by its tag. */
#include "stager/scrub.h"

#include <ctype.h>

#include "detect/detect.h"
#include "stager/policy.h"
#include "linkage.h"
#include "subject.h"
#include "stager/report.h"

#define WILD_NAME_MAX 64 /* readers refuse longer ones */
#define TAG_MAX 40       /* "[", a kind of at most 20, "-", a number, "]" */

struct cleaner {
	const struct text_rules *rules;
	bool shifts; /* dates move, by so many days */
	long days;
	bool bands;                    /* ages are told by their band */
	unsigned age_step;             /* and so many steps wider */
	const struct subject *subject; /* NULL: nobody's text */
	const char *text;
	size_t copied;
	const size_t *cuts; /* of the text; those from here on have not been passed */
	size_t *out_cuts, cut_count;
	struct tags tags;
	struct buf *out;
	struct text_finds *finds;
};

/* The text up to a place, with the cuts that it passes. */
static int
copy_to(struct cleaner *c, size_t to, struct err *e)
{
	size_t upto;

	/* Those inside of what a tag stands for. */
	for (; c->cut_count > 0 && *c->cuts < c->copied; c->cut_count--, c->cuts++)
		*c->out_cuts++ = c->out->len;
	do {
		upto = c->cut_count > 0 && *c->cuts <= to ? *c->cuts : to;
		if (upto > c->copied && buf_put(c->out, c->text + c->copied, upto - c->copied, e) == -1)
			return -1;
		c->copied = upto;
		for (; c->cut_count > 0 && *c->cuts == upto; c->cut_count--, c->cuts++)
			*c->out_cuts++ = c->out->len;
	} while (upto < to);
	return 0;
}

/* An age past the cap: "93 jaar" is "90+ jaar". Where its figures end; 0 where they are no plain ones. */
static size_t
capped(const struct cleaner *c, const struct span *s)
{
	size_t end = s->start;

	while (end < s->end && c->text[end] >= '0' && c->text[end] <= '9')
		end++;
	return end == s->start ? 0 : end;
}

/* Copy the text up to the span, and put its tag, or what else takes its place. */
/* What is known of the subject: its pseudonym where a name or a number stood, a tag for where it lives. */
static int
put_known(struct cleaner *c, const struct span *s, struct err *e)
{
	static const enum span_type as[] = {
	    [KNOWN_PERSON] = SPAN_PERSON, [KNOWN_NUMBER] = SPAN_NUMBER, [KNOWN_ADDRESS] = SPAN_ADDRESS};
	const enum span_type type = as[s->extra];

	c->finds->count[SPAN_KNOWN]++;
	if (copy_to(c, s->start, e) == -1)
		return -1;
	c->copied = s->end;
	if (c->rules->action[type] == TEXT_BLANK)
		return 0;
	if (type == SPAN_ADDRESS)
		return buf_printf(c->out, e, "[%s]", span_tag(type));
	return buf_printf(c->out, e, "[%s]", c->subject->pseudonym);
}

static int
put_span(struct cleaner *c, const struct span *s, struct err *e)
{
	const char *name = s->type == SPAN_EXTRA ? c->rules->extra[s->extra].kind : span_tag(s->type);
	bool cap = s->type == SPAN_AGE && c->rules->age_cap != 0;
	char tag[TAG_MAX], figures[10];
	char band[ATTRIBUTE_VALUE_MAX];
	size_t len = 0, count = 0, end;
	uint32_t number;
	int done;

	if (s->type == SPAN_KNOWN)
		return put_known(c, s, e);
	if (cap ? s->age < c->rules->age_cap : c->rules->action[s->type] == TEXT_KEEP)
		return 0;
	c->finds->count[s->type]++;
	if (copy_to(c, s->start, e) == -1)
		return -1;
	c->copied = s->end;
	if (cap && (end = capped(c, s)) != 0) {
		c->copied = end;
		return buf_printf(c->out, e, "%u+", c->rules->age_cap);
	}
	if (s->type == SPAN_DATE && c->shifts &&
	    (done = span_date_shift(s, c->text, c->days, c->out, e)) != 0)
		return done == 1 ? 0 : -1;
	if (s->type == SPAN_AGE && c->bands)
		return buf_printf(c->out, e, "[%s %.*s]", span_tag(SPAN_AGE),
		    attribute_band(c->rules->age, c->age_step, s->age, band), band);
	if (c->rules->action[s->type] == TEXT_BLANK)
		return 0;
	if (tags_number(&c->tags, s, &number, e) == -1)
		return -1;
	tag[len++] = '[';
	for (size_t i = 0; i < 20 && name[i] != '\0'; i++)
		tag[len++] = (char)toupper((unsigned char)name[i]);
	tag[len++] = '-';
	do
		figures[count++] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	while (count > 0)
		tag[len++] = figures[--count];
	tag[len++] = ']';
	return buf_put(c->out, tag, len, e);
}

/* Where disclosure control blanked the subject's own band, texts about it show none either. */
static bool
shows_bands(const struct scrub *s)
{
	const struct attribute *age = s->policy->text.age;
	struct view v;

	if (age == NULL || s->policy->disclosure == NULL || s->subject == NULL)
		return age != NULL;
	return subject_attribute(s->subject, (size_t)(age - s->policy->subject->attributes), &v) && v.len > 0;
}

int
text_clean(const struct scrub *s, const char *text, size_t len, struct buf *out, struct text_finds *finds,
    struct err *e)
{
	return text_clean_cut(s, text, len, NULL, NULL, 0, out, finds, e);
}

int
text_clean_cut(const struct scrub *s, const char *text, size_t len, const size_t *cuts, size_t *out_cuts,
    size_t count, struct buf *out, struct text_finds *finds, struct err *e)
{
	const struct detect_with with = {.rules = &s->policy->text};
	struct cleaner c = {.rules = with.rules,
	    .text = text,
	    .cuts = cuts,
	    .out_cuts = out_cuts,
	    .cut_count = count,
	    .out = out,
	    .finds = finds};
	struct spans spans = {0}, known = {0};
	int rc = -1;

	c.subject = s->subject;

	c.shifts = c.rules->date_shift && s->subject != NULL && subject_shift(s->subject, &c.days);
	c.bands = shows_bands(s);
	c.age_step = c.bands && s->subject != NULL ? subject_age_step(s->subject, c.rules->age) : 0;
	tags_init(&c.tags, c.rules->extra_count);
	if (detect_text(&with, text, len, &spans, e) == -1)
		goto out;
	if (s->subject != NULL &&
	    (linkage_find(s->subject, text, len, &known, e) == -1 || linkage_join(&spans, &known, e) == -1))
		goto out;
	for (size_t i = 0; i < spans.count; i++)
		if (put_span(&c, &spans.items[i], e) == -1)
			goto out;
	rc = copy_to(&c, len, e);
out:
	tags_free(&c.tags);
	spans_free(&spans);
	spans_free(&known);
	return rc;
}

int
text_wild_name(const struct scrub *s, const char *name, size_t len, struct err *e)
{
	const struct detect_with with = {.rules = &s->policy->text};
	struct spans spans = {0}, known = {0};
	char words[WILD_NAME_MAX];
	int rc;

	if (len == 0 || len > sizeof(words) || name[0] < 'A' || name[0] > 'Z')
		return 0;
	for (size_t i = 0; i < len; i++)
		words[i] = name[i] == '_' || name[i] == '.' ? ' ' : name[i];
	rc = detect_text(&with, words, len, &spans, e);
	if (rc == 0 && s->subject != NULL)
		rc = linkage_find(s->subject, words, len, &known, e);
	for (size_t i = 0; rc == 0 && i < spans.count; i++)
		rc = spans.items[i].type == SPAN_PERSON;
	if (rc == 0 && known.count > 0)
		rc = 1;
	spans_free(&spans);
	spans_free(&known);
	return rc;
}

void
text_finds_report(const struct text_finds *finds, struct report *report)
{
	for (size_t type = 0; type < SPAN_TYPES; type++)
		if (finds->count[type] > 0)
			report_add(report, "found", span_word((enum span_type)type), finds->count[type]);
}
