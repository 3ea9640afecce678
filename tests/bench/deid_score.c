/* Compares the finds of a case with its gold spans, and adds up. */
#include "deid_score.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The line of that name, made where there is none. NULL with e set without memory. */
static struct deid_count *
named(struct deid_table *t, const char *name, struct err *e)
{
	struct deid_named *items;

	for (size_t i = 0; i < t->count; i++)
		if (strcmp(t->items[i].name, name) == 0)
			return &t->items[i].count;
	if ((items = reallocarray(t->items, t->count + 1, sizeof(*items))) == NULL) {
		err_sys(e, "memory for a table");
		return NULL;
	}
	t->items = items;
	items[t->count] = (struct deid_named){0};
	snprintf(items[t->count].name, sizeof(items->name), "%s", name);
	return &items[t->count++].count;
}

static void
keep_kinds(const struct deid_score *s, struct deid_spans *spans)
{
	size_t kept = 0;

	for (size_t i = 0; i < spans->count; i++)
		if (s->kinds[spans->items[i].kind])
			spans->items[kept++] = spans->items[i];
	spans->count = kept;
}

static int
marks_ready(struct deid_marks *m, size_t need, struct err *e)
{
	if (need > m->cap || m->cap == 0) {
		size_t cap = need * 2 + 64;

		free(m->gold);
		free(m->found);
		m->gold = malloc(cap);
		m->found = malloc(cap);
		m->cap = cap;
		if (m->gold == NULL || m->found == NULL) {
			deid_marks_free(m);
			return err_sys(e, "memory for marks");
		}
	}
	memset(m->gold, 0, m->cap);
	memset(m->found, 0, m->cap);
	return 0;
}

void
deid_marks_free(struct deid_marks *m)
{
	free(m->gold);
	free(m->found);
	*m = (struct deid_marks){0};
}

/* The first find that ends behind `start`. */
static size_t
first_behind(const struct deid_spans *found, size_t start)
{
	size_t low = 0, high = found->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (found->items[middle].end > start)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Marks of one gold span and of the finds that touch it; the count of its characters in finds. */
static size_t
compare(const struct deid_span *gold, uint8_t *mark, const struct deid_spans *found, uint8_t *found_marks)
{
	size_t covered = 0;

	for (size_t i = first_behind(found, gold->start);
	     i < found->count && found->items[i].start < gold->end; i++) {
		const struct deid_span *f = &found->items[i];
		uint8_t how = DEID_ANY;

		if (f->kind == gold->kind)
			how |= DEID_OVERLAP;
		if (f->kind == gold->kind && f->start == gold->start && f->end == gold->end)
			how |= DEID_EXACT;
		*mark |= how;
		found_marks[i] |= how;
		covered += (f->end < gold->end ? f->end : gold->end) -
			   (f->start > gold->start ? f->start : gold->start);
	}
	return covered;
}

static void
add_gold(struct deid_count *n, const struct deid_span *gold, uint8_t mark, size_t covered)
{
	n->gold++;
	n->exact += (mark & DEID_EXACT) != 0;
	n->hit += (mark & DEID_OVERLAP) != 0;
	n->chars += gold->end - gold->start;
	n->covered += covered;
}

static int
add_case(struct deid_score *s, const struct deid_case *c, const struct deid_spans *found,
    struct deid_marks *marks, struct err *e)
{
	for (size_t i = 0; i < c->gold.count; i++) {
		const struct deid_span *gold = &c->gold.items[i];
		size_t covered = compare(gold, &marks->gold[i], found, marks->found);
		char name[64];
		struct deid_count *sub;

		add_gold(&s->kind[gold->kind], gold, marks->gold[i], covered);
		add_gold(&s->any, gold, (marks->gold[i] & DEID_ANY) != 0 ? DEID_OVERLAP : 0, covered);
		snprintf(name, sizeof(name), "%s%s%s", deid_kinds[gold->kind],
		    gold->sub[0] != '\0' ? ":" : "", gold->sub);
		if ((sub = named(&s->subs, name, e)) == NULL)
			return -1;
		add_gold(sub, gold, marks->gold[i], covered);
	}
	for (size_t i = 0; i < found->count; i++) {
		const struct deid_span *f = &found->items[i];
		struct deid_count *rule = named(&s->rules, f->rule, e);

		if (rule == NULL)
			return -1;
		rule->found++;
		rule->exact += (marks->found[i] & DEID_EXACT) != 0;
		rule->right += (marks->found[i] & DEID_OVERLAP) != 0;
		s->kind[f->kind].found++;
		s->kind[f->kind].right += (marks->found[i] & DEID_OVERLAP) != 0;
		s->any.found++;
		s->any.right += (marks->found[i] & DEID_ANY) != 0;
	}
	return 0;
}

int
deid_score_case(struct deid_score *s, struct deid_case *c, struct deid_spans *found, struct deid_marks *marks,
    struct err *e)
{
	keep_kinds(s, &c->gold);
	keep_kinds(s, found);
	if (marks_ready(marks, c->gold.count > found->count ? c->gold.count : found->count, e) == -1 ||
	    add_case(s, c, found, marks, e) == -1)
		return -1;
	s->cases++;
	s->characters += c->characters;
	s->repeated += c->repeated;
	return 0;
}

void
deid_score_free(struct deid_score *s)
{
	free(s->subs.items);
	free(s->rules.items);
	s->subs = s->rules = (struct deid_table){0};
}

struct deid_count
deid_score_all(const struct deid_score *s)
{
	struct deid_count all = {0};

	for (int kind = 0; kind < DEID_KINDS; kind++) {
		const struct deid_count *n = &s->kind[kind];

		all.gold += n->gold;
		all.found += n->found;
		all.exact += n->exact;
		all.hit += n->hit;
		all.right += n->right;
		all.chars += n->chars;
		all.covered += n->covered;
	}
	return all;
}

double
deid_ratio(uint64_t part, uint64_t whole)
{
	return whole == 0 ? -1 : (double)part / (double)whole;
}

double
deid_f1(uint64_t hit, uint64_t gold, uint64_t right, uint64_t found)
{
	double r = deid_ratio(hit, gold), p = deid_ratio(right, found);

	if (r < 0 || p < 0)
		return -1;
	return r + p == 0 ? 0 : 2 * r * p / (r + p);
}
