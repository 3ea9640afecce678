/* The table, the JSON and the lists of errors of the bench of de-identification. */
#include "deid_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT 40 /* characters on both sides of an error */

static void
cell(FILE *out, double ratio)
{
	if (ratio < 0)
		fprintf(out, " %6s", "-");
	else
		fprintf(out, " %6.4f", ratio);
}

static void
row(FILE *out, const char *name, const struct deid_count *n, bool exact)
{
	fprintf(out, "%-14s %7" PRIu64 " %7" PRIu64, name, n->gold, n->found);
	if (exact) {
		fprintf(out, " | %7" PRIu64, n->exact);
		cell(out, deid_ratio(n->exact, n->found));
		cell(out, deid_ratio(n->exact, n->gold));
		cell(out, deid_f1(n->exact, n->gold, n->exact, n->found));
	} else {
		fprintf(out, " | %7s %6s %6s %6s", "", "", "", "");
	}
	fprintf(out, " | %7" PRIu64 " %7" PRIu64, n->hit, n->right);
	cell(out, deid_ratio(n->right, n->found));
	cell(out, deid_ratio(n->hit, n->gold));
	cell(out, deid_f1(n->hit, n->gold, n->right, n->found));
	fprintf(out, " |");
	cell(out, deid_ratio(n->covered, n->chars));
	fputc('\n', out);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct deid_named *)a)->name, ((const struct deid_named *)b)->name);
}

static void
sorted(const struct deid_table *t)
{
	if (t->count > 0)
		qsort(t->items, t->count, sizeof(*t->items), by_name);
}

void
deid_report_table(
    FILE *out, const struct deid_score *s, bool subs, bool rules, const struct deid_speed *speed)
{
	struct deid_count all = deid_score_all(s);

	fprintf(out, "%" PRIu64 " cases, %" PRIu64 " characters", s->cases, s->characters);
	if (s->repeated > 0)
		fprintf(out, "; %" PRIu64 " gold spans stood there twice and count once", s->repeated);
	fprintf(out,
	    "\n%-14s %7s %7s | exact                        | overlap                              |\n", "",
	    "", "");
	fprintf(out, "%-14s %7s %7s | %7s %6s %6s %6s | %7s %7s %6s %6s %6s | %s\n", "kind", "gold", "found",
	    "true", "prec", "recall", "F1", "true", "right", "prec", "recall", "F1", "covered");
	for (int kind = 0; kind < DEID_KINDS; kind++)
		if (s->kinds[kind])
			row(out, deid_kinds[kind], &s->kind[kind], true);
	row(out, "all", &all, true);
	row(out, "any", &s->any, false);
	if (subs) {
		sorted(&s->subs);
		fprintf(out, "\n%-22s %7s | %7s %6s | %7s %6s | %s\n", "sub-kind of gold", "gold", "exact",
		    "recall", "overlap", "recall", "covered");
		for (size_t i = 0; i < s->subs.count; i++) {
			const struct deid_count *n = &s->subs.items[i].count;

			fprintf(
			    out, "%-22s %7" PRIu64 " | %7" PRIu64, s->subs.items[i].name, n->gold, n->exact);
			cell(out, deid_ratio(n->exact, n->gold));
			fprintf(out, " | %7" PRIu64, n->hit);
			cell(out, deid_ratio(n->hit, n->gold));
			fprintf(out, " |");
			cell(out, deid_ratio(n->covered, n->chars));
			fputc('\n', out);
		}
	}
	if (rules) {
		sorted(&s->rules);
		fprintf(out, "\n%-28s %7s | %7s %6s | %7s %6s\n", "rule", "found", "exact", "prec", "right",
		    "prec");
		for (size_t i = 0; i < s->rules.count; i++) {
			const struct deid_count *n = &s->rules.items[i].count;

			fprintf(out, "%-28s %7" PRIu64 " | %7" PRIu64, s->rules.items[i].name, n->found,
			    n->exact);
			cell(out, deid_ratio(n->exact, n->found));
			fprintf(out, " | %7" PRIu64, n->right);
			cell(out, deid_ratio(n->right, n->found));
			fputc('\n', out);
		}
	}
	if (speed->mb_per_second > 0)
		fprintf(out, "\n%" PRIu64 " bytes, %.1f MB a second of processor time\n", speed->bytes,
		    speed->mb_per_second);
}

static void
json_ratio(FILE *out, const char *key, double ratio)
{
	if (ratio < 0)
		fprintf(out, ",\"%s\":null", key);
	else
		fprintf(out, ",\"%s\":%.6f", key, ratio);
}

static void
json_count(FILE *out, const char *name, const struct deid_count *n, bool exact)
{
	fprintf(out, "\"%s\":{\"gold\":%" PRIu64 ",\"found\":%" PRIu64, name, n->gold, n->found);
	if (exact) {
		fprintf(out, ",\"exact\":{\"true\":%" PRIu64, n->exact);
		json_ratio(out, "precision", deid_ratio(n->exact, n->found));
		json_ratio(out, "recall", deid_ratio(n->exact, n->gold));
		json_ratio(out, "f1", deid_f1(n->exact, n->gold, n->exact, n->found));
		fprintf(out, "}");
	}
	fprintf(out, ",\"overlap\":{\"true\":%" PRIu64 ",\"right\":%" PRIu64, n->hit, n->right);
	json_ratio(out, "precision", deid_ratio(n->right, n->found));
	json_ratio(out, "recall", deid_ratio(n->hit, n->gold));
	json_ratio(out, "f1", deid_f1(n->hit, n->gold, n->right, n->found));
	fprintf(out, "}");
	json_ratio(out, "covered", deid_ratio(n->covered, n->chars));
	fprintf(out, "}");
}

void
deid_report_json(FILE *out, const struct deid_score *s, const struct deid_speed *speed)
{
	struct deid_count all = deid_score_all(s);

	fprintf(out, "{\"cases\":%" PRIu64 ",\"characters\":%" PRIu64 ",\"repeated\":%" PRIu64 ",\"kinds\":{",
	    s->cases, s->characters, s->repeated);
	for (int kind = 0, first = 1; kind < DEID_KINDS; kind++) {
		if (!s->kinds[kind])
			continue;
		fputs(first ? "" : ",", out);
		first = 0;
		json_count(out, deid_kinds[kind], &s->kind[kind], true);
	}
	fprintf(out, "},");
	json_count(out, "all", &all, true);
	fputc(',', out);
	json_count(out, "any", &s->any, false);
	fprintf(out, ",\"subkinds\":{");
	sorted(&s->subs);
	for (size_t i = 0; i < s->subs.count; i++) {
		const struct deid_count *n = &s->subs.items[i].count;

		fprintf(out, "%s\"%s\":{\"gold\":%" PRIu64 ",\"exact\":%" PRIu64 ",\"overlap\":%" PRIu64,
		    i > 0 ? "," : "", s->subs.items[i].name, n->gold, n->exact, n->hit);
		json_ratio(out, "covered", deid_ratio(n->covered, n->chars));
		fprintf(out, "}");
	}
	fprintf(out, "},\"rules\":{");
	sorted(&s->rules);
	for (size_t i = 0; i < s->rules.count; i++) {
		const struct deid_count *n = &s->rules.items[i].count;

		fprintf(out, "%s\"%s\":{\"found\":%" PRIu64 ",\"exact\":%" PRIu64 ",\"right\":%" PRIu64 "}",
		    i > 0 ? "," : "", s->rules.items[i].name, n->found, n->exact, n->right);
	}
	fprintf(out, "}");
	if (speed->mb_per_second > 0)
		fprintf(out, ",\"bytes\":%" PRIu64 ",\"mb_per_processor_second\":%.1f", speed->bytes,
		    speed->mb_per_second);
	fprintf(out, "}\n");
}

/* A place in a text: so many characters lie before so many bytes. It moves on only. */
struct place {
	const struct buf *text;
	size_t byte, character;
};

static void
place_to(struct place *p, size_t character)
{
	while (p->character < character && p->byte < p->text->len) {
		p->byte++;
		while (p->byte < p->text->len && (p->text->data[p->byte] & 0xc0) == 0x80)
			p->byte++;
		p->character++;
	}
}

/* What stands from p to a character further on, which p becomes, on one line. */
static void
piece(FILE *out, struct place *p, size_t to)
{
	size_t from = p->byte;

	place_to(p, to);
	for (; from < p->byte; from++) {
		uint8_t c = p->text->data[from];

		if (c == '\n')
			fputs("\\n", out);
		else if (c == '\r')
			fputs("\\r", out);
		else
			fputc(c < ' ' || c == 0x7f ? ' ' : c, out);
	}
}

/* context: before the last error of this case; moved up to before this one. */
static void
error_line(FILE *out, const char *what, uint64_t line, const struct deid_case *c, struct place *context,
    const struct deid_span *s, const char *more)
{
	struct place id = {.text = &c->id}, at;

	fprintf(out, "%s line %" PRIu64 " ", what, line);
	piece(out, &id, CONTEXT);
	fprintf(out, " %s%s%s %zu-%zu%s%s: ", deid_kinds[s->kind], s->sub[0] != '\0' ? ":" : "", s->sub,
	    s->start, s->end, s->rule != NULL ? " " : "", s->rule != NULL ? s->rule : "");
	place_to(context, s->start > CONTEXT ? s->start - CONTEXT : 0);
	at = *context;
	piece(out, &at, s->start);
	fputs("[[", out);
	piece(out, &at, s->end);
	fputs("]]", out);
	piece(out, &at, s->end + CONTEXT);
	fprintf(out, "%s\n", more);
}

void
deid_report_errors(FILE *out, const struct deid_case *c, const struct deid_spans *found,
    const struct deid_marks *marks, uint64_t line, bool bounds)
{
	struct place gold = {.text = &c->text}, finds = gold;

	for (size_t i = 0; i < c->gold.count; i++)
		if (!(marks->gold[i] & DEID_OVERLAP))
			error_line(out, "MISS ", line, c, &gold, &c->gold.items[i],
			    marks->gold[i] & DEID_ANY ? "   (found as another kind)" : "");
	for (size_t i = 0; i < found->count; i++) {
		if (!(marks->found[i] & DEID_OVERLAP))
			error_line(out, "FALSE", line, c, &finds, &found->items[i],
			    marks->found[i] & DEID_ANY ? "   (gold has another kind)" : "");
		else if (bounds && !(marks->found[i] & DEID_EXACT))
			error_line(out, "BOUND", line, c, &finds, &found->items[i], "");
	}
}

void
deid_report_spans(FILE *out, const struct deid_spans *found)
{
	fputs("{\"spans\":[", out);
	for (size_t i = 0; i < found->count; i++) {
		const struct deid_span *f = &found->items[i];

		fprintf(out, "%s[%zu,%zu,\"%s\",\"%s\"]", i > 0 ? "," : "", f->start, f->end,
		    deid_kinds[f->kind], f->rule);
	}
	fputs("]}\n", out);
}
