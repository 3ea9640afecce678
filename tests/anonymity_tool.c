/* Disclosure control for peer_anonymity.py: cases of numbers on standard input, decisions on standard output. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "anonymity_rows.h"

static uint32_t
number(void)
{
	uint32_t n;

	if (scanf("%" SCNu32, &n) != 1)
		exit(2);
	return n;
}

static uint32_t *
numbers(size_t count)
{
	uint32_t *list = calloc(count + 1, sizeof(*list));

	if (list == NULL)
		exit(2);
	for (size_t i = 0; i < count; i++)
		list[i] = number();
	return list;
}

/* k, parts per million, KiB, steps, quasi, sensitive, rows; which each step widens, values, l, wider of each that is widened, rows. */
static void
run_case(void)
{
	struct anonymity a = {0};
	uint32_t *wider[ANONYMITY_QUASI_MAX] = {NULL}, *codes;
	struct anonymity_result r;
	struct table t;
	struct anonymity_rows rows = {.ctx = &t, .rewind = table_rewind, .next = table_next};
	uint8_t *decisions;
	struct err e = {.code = ERR_NONE};

	a.k = number();
	a.max_blank = number();
	a.memory = (size_t)number() << 10;
	a.steps = number();
	a.quasi_count = number();
	a.sensitive_count = number();
	rows.count = number();
	for (unsigned i = 0; i < a.steps; i++)
		a.turn[i] = (uint8_t)number();
	for (size_t i = 0; i < a.quasi_count; i++)
		a.quasi[i].values = number();
	for (size_t i = 0; i < a.sensitive_count; i++)
		a.sensitive[i].l = number();
	for (size_t i = 0; i < a.quasi_count; i++)
		if (memchr(a.turn, (int)i, a.steps) != NULL)
			a.quasi[i].wider = wider[i] = numbers(a.quasi[i].values);
	codes = numbers(rows.count * (a.quasi_count + a.sensitive_count));
	decisions = calloc(rows.count + 1, 1);
	t = (struct table){.codes = codes,
	    .width = a.quasi_count + a.sensitive_count,
	    .count = rows.count,
	    .fails_after = -1};
	if (decisions == NULL || anonymity_run(&a, &rows, decisions, &r, &e) == -1)
		exit(err_report("anonymity_tool", &e));
	printf("%d %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu32, r.held, r.below, r.widened,
	    r.blanked, r.classes, r.smallest);
	for (size_t i = 0; i < a.quasi_count; i++)
		printf(" %" PRIu32 " %" PRIu32, r.shown[i].values, r.shown[i].smallest);
	for (uint64_t i = 0; i < rows.count; i++)
		printf(" %u", decisions[i]);
	printf("\n");
	for (size_t i = 0; i < a.quasi_count; i++)
		free(wider[i]);
	free(codes);
	free(decisions);
}

int
main(void)
{
	for (uint32_t cases = number(); cases > 0; cases--)
		run_case();
	return 0;
}
