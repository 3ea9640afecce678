/* What the model of guesses looks at in one text, as one number: training writes it down, a test asks for it again. */
#ifndef TESTS_GUESS_DIGEST_H
#define TESTS_GUESS_DIGEST_H

#include <string.h>

#include "../stager/scrub/detect/guess.h"

#define GUESS_DIGEST_TEXT                                                                            \
	"Begeleider: Q. Zorvelt van Budget & Bewind Twente, via Krantek in het Wolderhuis.\n"        \
	"- Heeft bij Mooiveld gewerkt (afd. Inkoop); Dr. Xandrik belt Team JGZ-Oost, 06-12345678.\n" \
	"Zus Ilvira woont te Drachterveen. Gebruikt Zorvastine 20 mg volgens Stolk. AKKOORD: B.\n"

static inline void
guess_digest_take(void *arg, const struct work *w, const struct guess_run *run)
{
	struct guess_looks looks;
	uint32_t *digest = arg;

	guess_look(w, run, &looks);
	for (size_t i = 0; i < looks.count; i++)
		*digest = (*digest ^ looks.slot[i]) * UINT32_C(0x01000193);
}

/* 0 where memory failed. */
static inline uint32_t
guess_digest(const struct text_rules *rules)
{
	uint32_t digest = UINT32_C(0x811c9dc5);
	const struct guess_tap tap = {.take = guess_digest_take, .arg = &digest};
	const struct detect_with with = {.rules = rules, .tap = &tap};
	struct spans spans = {0};
	struct err e = {0};

	if (detect_text(&with, GUESS_DIGEST_TEXT, strlen(GUESS_DIGEST_TEXT), &spans, &e) == -1)
		digest = 0;
	spans_free(&spans);
	return digest;
}

#endif
