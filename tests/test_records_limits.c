/* What records as units of disclosure control refuse: a table of decisions that is none, too many combinations, policies. */
#include "records_run.h"

/* A table that another program made: whatever byte is another, or wherever it is cut, it is refused, or read to some end. */
static void
test_hostile_table(void)
{
	static const char text[] =
	    HEAD "1000AB,1,m,1,\n1000AB,7,v,2,\n2000AB,1,m,1,\n3000AB,1,m,2,\n4000AB,1,m,2,\n";
	struct report *report = report_new();
	struct scrub_run run;
	struct record_sum sum;
	struct records *r, *other;
	uint8_t bytes[4096];
	size_t len;
	int fd;

	CHECK(policy_with("from: t.csv, quasi: [pc], k: 2, below: {widen: {pc: [1]}, max: 100%}", false));
	r = count("t.csv", text, strlen(text), report, &sum);
	CHECK(r != NULL && r->tuples == 3 && r->len < sizeof(bytes));
	len = r->len;
	memcpy(bytes, r->data, len);
	for (size_t i = 0; i <= 2 * len; i++) {
		size_t cut = i <= len ? i : len;

		if (i > len)
			bytes[i - len - 1] ^= 0xff;
		fd = memfd_create("records", MFD_CLOEXEC);
		CHECK(write(fd, bytes, cut) == (ssize_t)cut);
		other = records_open(policies[0], fd, &e);
		CHECK((other == NULL) == (cut < len) || i > len);
		if (other != NULL) {
			CHECK_OK(show(&run, 0, other, text, strlen(text), 1));
			scrub_run_free(&run);
		}
		records_free(other);
		close(fd);
		if (i > len)
			bytes[i - len - 1] ^= 0xff;
	}
	records_free(r);
	report_free(report);
}

/* As many different combinations as there is memory for, and one more: the step and the limit are named, and no value. */
static void
test_limit(void)
{
	static const char most[] =
	    HEAD "1000AB,1,m,1,\n2000AB,1,m,1,\n3000AB,1,m,1,\n1000AB,9,v,2,\n3000AB,9,v,2,\n";
	static const char past[] =
	    HEAD "1000AB,1,m,1,\n2000AB,1,m,1,\n3000AB,1,m,1,\n1000AB,9,v,2,\n4000AB,9,v,2,\n";
	/* Of each its hash, how many show it, a code, two slots and a first row. */
	const size_t each = RECORD_HASH_LEN + 5 * sizeof(uint32_t);
	struct report *report = report_new();
	struct record_sum sum;
	struct records *r;

	CHECK(policy_with("from: t.csv, quasi: [pc], k: 2, below: {max: 100%}", false));
	for (size_t bytes = 3 * each; bytes < 4 * each; bytes += each - 1) {
		r = count_within(bytes, "t.csv", most, strlen(most), report, &sum);
		CHECK(r != NULL && sum.count == 5);
		records_free(r);
		CHECK(count_within(bytes, "t.csv", past, strlen(past), report, &sum) == NULL);
		CHECK(e.code == ERR_LIMIT && strstr(e.text, "more than 3 different combinations") != NULL);
		CHECK(strstr(e.text, "4000") == NULL);
	}
	r = count_within(4 * each, "t.csv", past, strlen(past), report, &sum);
	CHECK(r != NULL && sum.count == 5);
	records_free(r);
	report_free(report);
}

static void
refused(const char *disclosure, const char *why)
{
	bool taken = policy_with(disclosure, false);

	CHECK(!taken && strstr(e.text, why) != NULL);
	if (taken || strstr(e.text, why) == NULL)
		fprintf(stderr, "%s: %s\n", disclosure, taken ? "taken" : e.text);
}

static void
test_policy(void)
{
	static const struct {
		const char *disclosure, *why;
	} cases[] = {
	    {"quasi: [pc], k: 2", "more than one rule"},
	    {"from: x.csv, quasi: [pc], k: 2", "no rule of `files`"},
	    {"from: t.csv, quasi: [pc]", "`k` is missing"},
	    {"from: t.csv, k: 2", "`quasi` is missing"},
	    {"from: t.csv, quasi: [], k: 2", "`quasi`"},
	    {"from: t.csv, quasi: [pc], k: 1", "`k` is not between"},
	    {"from: t.csv, quasi: [pc, pc], k: 2", "stands twice"},
	    {"from: t.csv, quasi: [town], k: 2", "no column or field `town`"},
	    {"from: t.csv, quasi: [t], k: 2", "is under `text`"},
	    {"from: t.csv, quasi: [pc], k: 2, l: {pc: 2}", "stands in `quasi`"},
	    {"from: t.csv, quasi: [pc], k: 2, l: {t: 2}", "is under `text`"},
	    {"from: t.csv, quasi: [pc], k: 2, l: {d: 1}", "`d` is not between"},
	    {"from: t.csv, quasi: [pc], k: 2, below: {widen: pc}", "not a mapping"},
	    {"from: t.csv, quasi: [pc], k: 2, below: {widen: {age: [10]}}", "none of `quasi`"},
	    {"from: t.csv, quasi: [pc], k: 2, below: {widen: {pc: [4]}}", "fewer than before"},
	    {"from: t.csv, quasi: [pc], k: 2, below: {widen: {pc: [2, 3]}}", "fewer than before"},
	    {"from: t.csv, quasi: [pc], k: 2, below: {widen: {pc: [0]}}", "fewer than before"},
	    {"from: t.csv, quasi: [age], k: 2, below: {widen: {age: [5]}}", "more than before"},
	    {"from: t.csv, quasi: [age], k: 2, below: {widen: {age: [20, 10]}}", "more than before"},
	    {"from: t.csv, quasi: [age], k: 2, below: {widen: {age: [ten]}}", "more than before"},
	    {"from: t.csv, quasi: [age], k: 2, below: {widen: {age: [6,7,8,9,10,11,12,13,14]}}",
		"more than 8 steps"},
	    {"from: t.csv, quasi: [sex], k: 2, below: {widen: {sex: [1]}}", "a `hierarchy` has"},
	    {"from: t.csv, quasi: [pc], k: 2, below: {max: 5}", "`max` is a share"},
	    {"from: t.csv, quasi: [pc], k: 2, whose: x", "`whose`"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refused(cases[i].disclosure, cases[i].why);
	CHECK(policy_with(
	    "from: t.csv, quasi: [pc], k: 2, below: {widen: {pc: [3, 2, 1]}, then: blank, max: 2%}", false));
}

int
main(void)
{
	if (records_start() > 0)
		return check_done();
	test_hostile_table();
	test_limit();
	test_policy();
	return records_done();
}
