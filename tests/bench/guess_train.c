/* Makes stager/scrub/detect/guess_weights.c: guess_train [WEIGHT:]CASES... > guess_weights.c. How: DESIGN.md, "Guesses". */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deid_case.h"
#include "../../stager/scrub/detect/fold.h"
#include "guess_digest.h"
#include "stager/policy.h"

#define ROUNDS 12
#define RATE 0.15   /* of the first step; a weight that has moved moves less (AdaGrad) */
#define SHRINK 2e-3 /* of a weight, a step: what is met seldom stays small */
#define DROP 0.3    /* of what is looked at, left out of a step: no look may carry all */

/* A run, as training sees it. */
struct example {
	size_t looks, count; /* in train.slots */
	float weight;
	uint8_t label;
};

struct train {
	struct example *examples;
	uint16_t *slots;
	size_t example_count, example_cap, slot_count, slot_cap;
	/* the case being read */
	struct deid_case c;
	size_t *original; /* by character: its byte; and of folded ones, the other way */
	size_t *folded;   /* by byte of the original: where it is in the folded text */
	float weight;
	bool failed;
	size_t labels[GUESS_LABELS];
};

static const struct text_rules everything = {.bsn_any = true, .english = true};

static void *
room(void *items, size_t *cap, size_t count, size_t more, size_t size)
{
	void *grown;

	if (count + more <= *cap)
		return items;
	*cap = (count + more) * 2;
	if ((grown = reallocarray(items, *cap, size)) == NULL) {
		fputs("guess_train: memory\n", stderr);
		exit(1);
	}
	return grown;
}

/* What the annotator says of a run: the kind that most of it has. */
static uint8_t
gold_label(const struct train *t, const struct work *w, const struct guess_run *run)
{
	size_t start = w->tokens[run->first].start, end = token_end(&w->tokens[run->last]), most = 0;
	uint8_t label = GUESS_NONE;

	for (size_t i = 0; i < t->c.gold.count; i++) {
		const struct deid_span *g = &t->c.gold.items[i];
		size_t from = t->folded[t->original[g->start]], to = t->folded[t->original[g->end]];
		size_t a = from > start ? from : start, b = to < end ? to : end;

		if (a >= b || b - a <= most)
			continue;
		most = b - a;
		label = g->kind == DEID_PERSON        ? GUESS_PERSON
			: g->kind == DEID_LOCATION    ? GUESS_PLACE
			: g->kind == DEID_INSTITUTION ? GUESS_HOUSE
						      : GUESS_NONE;
	}
	return label;
}

static void
take(void *arg, const struct work *w, const struct guess_run *run)
{
	struct train *t = arg;
	struct guess_looks looks;
	struct example *x;

	guess_look(w, run, &looks);
	t->slots = room(t->slots, &t->slot_cap, t->slot_count, looks.count, sizeof(*t->slots));
	t->examples = room(t->examples, &t->example_cap, t->example_count, 1, sizeof(*t->examples));
	x = &t->examples[t->example_count++];
	*x = (struct example){.looks = t->slot_count,
	    .count = looks.count,
	    .weight = t->weight,
	    .label = gold_label(t, w, run)};
	t->labels[x->label]++;
	memcpy(t->slots + t->slot_count, looks.slot, looks.count * sizeof(looks.slot[0]));
	t->slot_count += looks.count;
}

/* Where characters and bytes of this case are. */
static void
lay_out(struct train *t)
{
	const uint8_t *s = t->c.text.data;
	size_t len = t->c.text.len, character = 0, from = 0;
	uint8_t *out = malloc(len + 1);
	struct fold_cursor cursor = {.s = s, .len = len};

	free(t->original);
	free(t->folded);
	t->original = calloc(len + 2, sizeof(*t->original));
	t->folded = calloc(len + 2, sizeof(*t->folded));
	if (out == NULL || t->original == NULL || t->folded == NULL)
		exit(1);
	for (size_t i = 0; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			t->original[character++] = i;
	t->original[character] = len;
	if (!fold_needed(s, len)) {
		for (size_t i = 0; i <= len; i++)
			t->folded[i] = i;
	} else {
		size_t folded = fold_text(s, len, false, out);

		for (size_t i = 0; i <= folded; i++)
			for (size_t at = i < folded ? fold_original(&cursor, i, false) : len; from <= at;
			     from++)
				t->folded[from] = i;
	}
	free(out);
}

static int
read_cases(struct train *t, const char *path)
{
	const struct guess_tap tap = {.take = take, .arg = t};
	const struct detect_with with = {.rules = &everything, .tap = &tap};
	struct spans spans = {0};
	FILE *in = fopen(path, "r");
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	struct err e = {0};

	if (in == NULL) {
		perror(path);
		return -1;
	}
	while ((len = getline(&line, &cap, in)) != -1) {
		if (deid_case_read(&t->c, line, (size_t)len, &e) == -1) {
			fprintf(stderr, "%s: a line is no case\n", path);
			return -1;
		}
		lay_out(t);
		if (detect_text(&with, (const char *)t->c.text.data, t->c.text.len, &spans, &e) == -1)
			return -1;
	}
	free(line);
	fclose(in);
	spans_free(&spans);
	return 0;
}

static uint64_t random_state = UINT64_C(0x9e3779b97f4a7c15);

static uint64_t
random_next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* Logistic regression over four classes, of which "none" has no weights; AdaGrad. */
static void
learn(struct train *t, double (*weights)[GUESS_KINDS])
{
	double(*moved)[GUESS_KINDS] = calloc(GUESS_SLOTS, sizeof(*moved));

	if (moved == NULL)
		exit(1);
	for (int round = 0; round < ROUNDS; round++) {
		double loss = 0;
		size_t right = 0;

		for (size_t i = t->example_count; i > 1; i--) {
			size_t k = random_next() % i;
			struct example x = t->examples[i - 1];

			t->examples[i - 1] = t->examples[k];
			t->examples[k] = x;
		}
		for (size_t i = 0; i < t->example_count; i++) {
			const struct example *x = &t->examples[i];
			uint16_t slots[GUESS_LOOKS_MAX] = {0};
			size_t count = 0;
			double sum[GUESS_LABELS] = {0}, all = 0, top = 0;
			int best = 0;

			for (size_t k = 0; k < x->count; k++)
				if ((double)(random_next() >> 11) / 9007199254740992.0 >= DROP)
					slots[count++] = t->slots[x->looks + k];
			for (size_t k = 0; k < count; k++)
				for (int c = 0; c < GUESS_KINDS; c++)
					sum[c + 1] += weights[slots[k]][c];
			for (int c = 1; c < GUESS_LABELS; c++)
				if (sum[c] > top) {
					top = sum[c];
					best = c;
				}
			for (int c = 0; c < GUESS_LABELS; c++)
				all += sum[c] = exp(sum[c] - top);
			right += best == x->label;
			loss -= log(sum[x->label] / all + 1e-12);
			for (int c = 0; c < GUESS_KINDS; c++) {
				double step = (sum[c + 1] / all - (x->label == c + 1)) * x->weight;

				if (fabs(step) < 1e-4)
					continue;
				for (size_t k = 0; k < count; k++) {
					double *v = &weights[slots[k]][c];
					double slope = step + SHRINK * *v;

					moved[slots[k]][c] += slope * slope;
					*v -= RATE * slope / sqrt(1e-6 + moved[slots[k]][c]);
				}
			}
		}
		fprintf(stderr, "round %d: loss %.4f, right %.4f\n", round + 1,
		    loss / (double)t->example_count, (double)right / (double)t->example_count);
	}
	free(moved);
}

static void
print(double (*weights)[GUESS_KINDS])
{
	puts("/* The model of guess.c. Made by tests/bench/guess_train.c; not to be edited. */\n#include "
	     "\"guess.h\"\n");
	printf("const uint32_t guess_made_with = UINT32_C(0x%08" PRIx32 ");\n\n", guess_digest(&everything));
	puts("/* clang-format off */\nconst int8_t guess_weights[GUESS_SLOTS * GUESS_KINDS] = {");
	for (size_t i = 0; i < GUESS_SLOTS; i++)
		for (int c = 0; c < GUESS_KINDS; c++) {
			long v = lround(weights[i][c] * GUESS_SCALE);

			printf("%ld,%s",
			    v < -127  ? -127
			    : v > 127 ? 127
				      : v,
			    i % 16 == 15 && c == GUESS_KINDS - 1 ? "\n" : "");
		}
	puts("};\n/* clang-format on */");
}

int
main(int argc, char **argv)
{
	double(*weights)[GUESS_KINDS] = calloc(GUESS_SLOTS, sizeof(*weights));
	struct train t = {0};

	deid_case_init(&t.c);
	for (int i = 1; i < argc; i++) {
		char *end;
		const char *path = argv[i];

		t.weight = strtof(argv[i], &end);
		if (end != argv[i] && *end == ':')
			path = end + 1;
		else
			t.weight = 1;
		if (read_cases(&t, path) == -1)
			return 1;
	}
	if (weights == NULL || t.example_count == 0) {
		fputs("usage: guess_train [WEIGHT:]CASES... > guess_weights.c\n", stderr);
		return 2;
	}
	fprintf(stderr, "%zu runs: %zu none, %zu persons, %zu places, %zu institutions\n", t.example_count,
	    t.labels[0], t.labels[1], t.labels[2], t.labels[3]);
	learn(&t, weights);
	print(weights);
	free(weights);
	free(t.examples);
	free(t.slots);
	free(t.original);
	free(t.folded);
	deid_case_free(&t.c);
	return fflush(stdout) != 0 || ferror(stdout);
}
