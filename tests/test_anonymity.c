/* Disclosure control at its edges: tables all alike and all unlike, limits to the row, rows that change, faults. */
#include <stdlib.h>

#include "anonymity_rows.h"
#include "check.h"

#define ROWS 50000

static struct err e;
static uint32_t codes[ROWS * 3];
static uint8_t decisions[ROWS + 1], again[ROWS + 1];
static struct anonymity_result result;

static int
run(const struct anonymity *a, uint64_t count, uint8_t *out)
{
	struct table t = {
	    .codes = codes, .width = a->quasi_count + a->sensitive_count, .count = count, .fails_after = -1};
	struct anonymity_rows rows = {.ctx = &t, .count = count, .rewind = table_rewind, .next = table_next};

	return anonymity_run(a, &rows, out, &result, &e);
}

static size_t
tally(uint8_t decision, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += decisions[i] == decision;
	return n;
}

static struct anonymity
one(uint32_t k, uint32_t values)
{
	return (struct anonymity){.k = k, .quasi_count = 1, .quasi = {{.values = values}}, .memory = 1 << 20};
}

/* All rows alike: one class, whole or held. */
static void
alike(void)
{
	struct anonymity a = one(100, 1);

	memset(codes, 0, sizeof(codes));
	CHECK_OK(run(&a, 100, decisions));
	CHECK(!result.held && result.below == 0 && result.classes == 1 && result.smallest == 100);
	CHECK(result.shown[0].values == 1 && result.shown[0].smallest == 100);
	CHECK(tally(0, 100) == 100);
	/* k is more than there are rows: blanking all of them does not help, whatever may be blanked. */
	a.max_blank = 1000000;
	CHECK_OK(run(&a, 99, decisions));
	CHECK(result.held && result.below == 99 && result.classes == 0);
	CHECK_OK(run(&a, 0, decisions));
	CHECK(!result.held && result.classes == 0 && result.smallest == 0);
}

/* No two alike: k = 1 shows all, k = 2 nothing but blanks. */
static void
unlike(void)
{
	struct anonymity a = one(1, ROWS);

	for (uint32_t i = 0; i < ROWS; i++)
		codes[i] = i;
	CHECK_OK(run(&a, ROWS, decisions));
	CHECK(!result.held && result.classes == ROWS && result.smallest == 1);
	a.k = 2;
	a.max_blank = 999999;
	CHECK_OK(run(&a, ROWS, decisions));
	CHECK(result.held && result.below == ROWS && result.shown[0].values == 0);
	a.max_blank = 1000000;
	CHECK_OK(run(&a, ROWS, decisions));
	CHECK(!result.held && result.blanked == ROWS && tally(ANONYMITY_BLANK, ROWS) == ROWS);
	CHECK(result.smallest == ROWS && result.shown[0].values == 0 && result.shown[0].smallest == 0);
}

/* So little memory that the hashes are read in many ranges: the same decisions as with room for all. */
static void
memory(void)
{
	struct anonymity a = one(3, ROWS);
	uint64_t readings;

	for (uint32_t i = 0; i < ROWS; i++)
		codes[i] = (uint32_t)((uint64_t)i * i % 30011);
	a.max_blank = 1000000;
	a.memory = 8 << 20;
	CHECK_OK(run(&a, ROWS, decisions));
	CHECK(!result.held && result.blanked > 0 && result.classes > 1000);
	readings = result.readings;
	a.memory = ANONYMITY_MEMORY_MIN;
	CHECK_OK(run(&a, ROWS, again));
	CHECK(memcmp(decisions, again, ROWS) == 0);
	CHECK(result.readings > readings);
}

/* 100 rows: 98 alike, two that are not. The share is exact, and the two alone are too few to be blanked. */
static void
share(void)
{
	struct anonymity a = one(2, 3);

	memset(codes, 0, 100 * sizeof(*codes));
	codes[13] = 1;
	codes[77] = 2;
	a.max_blank = 20000;
	CHECK_OK(run(&a, 100, decisions));
	CHECK(!result.held && result.below == 2 && result.blanked == 2 && result.smallest == 2);
	CHECK(decisions[13] == ANONYMITY_BLANK && decisions[77] == ANONYMITY_BLANK && tally(0, 100) == 98);
	a.max_blank = 19999;
	CHECK_OK(run(&a, 100, decisions));
	CHECK(result.held && result.blanked == 2 && tally(ANONYMITY_BLANK, 100) == 2);
	CHECK(result.shown[0].values == 1 && result.shown[0].smallest == 98);
	/* k = 3: the two are not enough, and all others would have to join them. */
	a.k = 3;
	a.max_blank = 999999;
	CHECK_OK(run(&a, 100, decisions));
	CHECK(result.held);
	a.max_blank = 1000000;
	CHECK_OK(run(&a, 100, decisions));
	CHECK(!result.held && result.blanked == 100 && result.classes == 0);
}

/* One blanked row alone would be found: the smallest class joins it, and no other does. */
static void
joins(void)
{
	struct anonymity a = one(5, 4);

	for (uint32_t i = 0; i < 100; i++)
		codes[i] = i < 10 ? 1 : i < 30 ? 2 : i == 99 ? 3 : 0;
	a.max_blank = 110000;
	CHECK_OK(run(&a, 100, decisions));
	CHECK(!result.held && result.below == 1 && result.blanked == 11 && result.smallest == 11 &&
	      result.classes == 2);
	for (size_t i = 0; i < 100; i++)
		CHECK((decisions[i] == ANONYMITY_BLANK) == (i < 10 || i == 99));
	a.max_blank = 109999;
	CHECK_OK(run(&a, 100, decisions));
	CHECK(result.held);
}

/* 0: "1011", "1012", "2011" > 3: "10", 4: "20". */
static void
widen(void)
{
	static const uint32_t wider[] = {3, 3, 4, 3, 4};
	struct anonymity a = one(3, 5);

	a.quasi[0].wider = wider;
	a.steps = 1;
	for (uint32_t i = 0; i < 10; i++)
		codes[i] = i < 2 ? 0 : i < 4 ? 1 : 2;
	CHECK_OK(run(&a, 10, decisions));
	CHECK(!result.held && result.below == 4 && result.widened == 4 && result.blanked == 0);
	CHECK(result.classes == 2 && result.smallest == 4 && tally(1, 10) == 4 && tally(0, 10) == 6);
	CHECK(result.shown[0].values == 2 && result.shown[0].smallest == 4);
	/* Two of "10" do not make three. */
	CHECK_OK(run(&a, 2, decisions));
	CHECK(result.held);
}

/* A missing value is no value, whatever stands beside it. */
static void
various(void)
{
	struct anonymity a = one(2, 2);

	a.sensitive_count = 1;
	a.sensitive[0].l = 2;
	for (uint32_t i = 0; i < 10; i++) {
		codes[2 * i] = 0;
		codes[2 * i + 1] = i == 0 ? 0 : 9;
	}
	a.max_blank = 1000000;
	CHECK_OK(run(&a, 10, decisions));
	CHECK(result.held && result.below == 10);
	codes[1] = 8;
	CHECK_OK(run(&a, 10, decisions));
	CHECK(!result.held && result.below == 0);
	a.sensitive[0].l = 3;
	CHECK_OK(run(&a, 10, decisions));
	CHECK(result.held);
	/* As many values as there can be of them. */
	a.sensitive[0].l = ANONYMITY_L_MAX;
	for (uint32_t i = 0; i < ANONYMITY_L_MAX; i++) {
		codes[2 * i] = 0;
		codes[2 * i + 1] = i + 1;
	}
	CHECK_OK(run(&a, ANONYMITY_L_MAX, decisions));
	CHECK(!result.held && result.below == 0);
	codes[1] = 2;
	CHECK_OK(run(&a, ANONYMITY_L_MAX, decisions));
	CHECK(result.held);
}

static void
limits(void)
{
	static const uint32_t outside[] = {1, 5, 1}, good[] = {1, 1, 1};
	struct anonymity a = one(0, 3);

	memset(codes, 0, sizeof(codes));
	CHECK_ERR(run(&a, 3, decisions), ERR_LIMIT);
	a = one(ANONYMITY_K_MAX + 1, 3);
	CHECK_ERR(run(&a, 3, decisions), ERR_LIMIT);
	a = one(1, 3);
	a.memory = ANONYMITY_MEMORY_MIN - 1;
	CHECK_ERR(run(&a, 3, decisions), ERR_LIMIT);
	a = one(1, 3);
	a.quasi_count = 0;
	CHECK_ERR(run(&a, 3, decisions), ERR_LIMIT);
	a = one(1, 3);
	a.sensitive_count = 1;
	a.sensitive[0].l = 1;
	CHECK_ERR(run(&a, 3, decisions), ERR_LIMIT);
	a.sensitive[0].l = ANONYMITY_L_MAX + 1;
	CHECK_ERR(run(&a, 3, decisions), ERR_LIMIT);
	a = one(1, 3);
	a.max_blank = 1000001;
	CHECK_ERR(run(&a, 3, decisions), ERR_LIMIT);
	a = one(1, 3);
	a.steps = 1;
	CHECK_ERR(run(&a, 3, decisions), ERR_INPUT);
	a.quasi[0].wider = outside;
	CHECK_ERR(run(&a, 3, decisions), ERR_INPUT);
	a.quasi[0].wider = good;
	CHECK_OK(run(&a, 3, decisions));
	a.turn[0] = 1; /* there is one quasi-identifier alone */
	CHECK_ERR(run(&a, 3, decisions), ERR_INPUT);
	a.turn[0] = 0;
	a.steps = ANONYMITY_STEPS_MAX + 1;
	CHECK_ERR(run(&a, 3, decisions), ERR_LIMIT);
	a.steps = 0;
	CHECK_ERR(run(&a, 3, decisions), ERR_INPUT);
	/* 64 bits of codes, and one more. */
	a = one(1, UINT32_MAX);
	a.quasi_count = 2;
	a.quasi[1].values = UINT32_MAX;
	a.k = 4;
	CHECK_OK(run(&a, 0, decisions));
	a.quasi_count = 3;
	a.quasi[2].values = 1;
	CHECK_OK(run(&a, 0, decisions));
	a.quasi[2].values = 2;
	CHECK_ERR(run(&a, 0, decisions), ERR_LIMIT);
	a = one(1, 3);
	codes[2] = 3;
	CHECK_ERR(run(&a, 3, decisions), ERR_INPUT);
}

/* Each call of the rows' owner fails once; and rows that are more, or fewer, than there were. */
static void
faults(void)
{
	static const uint32_t wider[] = {2, 2, 2};
	struct anonymity a = one(3, 3);
	struct table t;
	struct anonymity_rows rows = {.ctx = &t, .count = 20, .rewind = table_rewind, .next = table_next};
	int calls = 0, rc;

	a.quasi[0].wider = wider;
	a.steps = 1;
	a.max_blank = 1000000;
	for (uint32_t i = 0; i < 20; i++)
		codes[i] = i % 2;
	codes[19] = 2;
	do {
		t = (struct table){
		    .codes = codes, .width = 1, .count = 20, .block = 7, .fails_after = calls++};
		e.code = ERR_NONE;
		rc = anonymity_run(&a, &rows, decisions, &result, &e);
		CHECK(rc == 0 || e.code == ERR_SYSTEM);
	} while (rc == -1);
	CHECK(calls > 20 && !result.held);
	t = (struct table){.codes = codes, .width = 1, .count = 19, .fails_after = -1};
	CHECK_ERR(anonymity_run(&a, &rows, decisions, &result, &e), ERR_INPUT);
	t.count = 21;
	CHECK_ERR(anonymity_run(&a, &rows, decisions, &result, &e), ERR_INPUT);
}

/* Rows that stand for several are as good as the several; a weight of none, or of more than all, is refused. */
static void
weighted(void)
{
	static uint32_t some[2000 * 3], wider[8] = {4, 4, 5, 5, 6, 6, 6, 7};
	struct anonymity a = {.k = 7,
	    .quasi_count = 1,
	    .sensitive_count = 1,
	    .quasi = {{.values = 8, .wider = wider}},
	    .sensitive = {{.l = 2}},
	    .steps = 2,
	    .max_blank = 1000000,
	    .memory = 1 << 20};
	uint64_t state = 1;

	for (unsigned round = 0; round < 50; round++) {
		struct table t = {.codes = some, .width = 3, .fails_after = -1};
		struct anonymity_rows rows = {
		    .ctx = &t, .weighted = true, .rewind = table_rewind, .next = table_next};
		struct anonymity_result all;
		size_t at = 0;

		rows.count = t.count = 1 + round % 12;
		for (size_t i = 0; i < t.count; i++) {
			state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
			some[3 * i] = (uint32_t)(state >> 33) % 4;
			some[3 * i + 1] = (uint32_t)(state >> 40) % 3;
			some[3 * i + 2] = 1 + (uint32_t)(state >> 50) % 9;
			rows.total += some[3 * i + 2];
			for (uint32_t n = 0; n < some[3 * i + 2]; n++, at++)
				memcpy(codes + 2 * at, some + 3 * i, 2 * sizeof(*codes));
		}
		CHECK_OK(run(&a, at, decisions));
		all = result;
		CHECK_OK(anonymity_run(&a, &rows, again, &result, &e));
		CHECK(all.held == result.held && all.below == result.below && all.widened == result.widened &&
		      all.blanked == result.blanked && all.classes == result.classes &&
		      all.smallest == result.smallest && all.shown[0].values == result.shown[0].values &&
		      all.shown[0].smallest == result.shown[0].smallest);
		at = 0;
		for (size_t i = 0; i < t.count; i++)
			for (uint32_t n = 0; n < some[3 * i + 2]; n++)
				CHECK(decisions[at++] == again[i]);
		some[2] = 0;
		CHECK_ERR(anonymity_run(&a, &rows, again, &result, &e), ERR_INPUT);
		some[2] = (uint32_t)rows.total + 1;
		CHECK_ERR(anonymity_run(&a, &rows, again, &result, &e), ERR_INPUT);
		rows.total = UINT64_C(1) << 32;
		CHECK_ERR(anonymity_run(&a, &rows, again, &result, &e), ERR_LIMIT);
	}
}

int
main(void)
{
	weighted();
	alike();
	unlike();
	memory();
	share();
	joins();
	widen();
	various();
	limits();
	faults();
	return check_done();
}
