/* What a report's document says of the review: its form, and in plain words. */
#include "acceptance_review.h"

#include <inttypes.h>
#include <string.h>

#include "stager/json.h"
#include "stager/manifest.h"
#include "stager/release.h"

#include "fields.h"

#define MILLION 1000000
#define PEOPLE_MAX 1000

static const char what[] = "report: review";
static const char *const strata[] = {"letters", "scans"};

static int
check_stratum(const struct json *part, struct err *e)
{
	static const char *const keys[] = {"population", "reviewed", "found", "changed", "at-most-ppm", NULL};
	int64_t population, reviewed, n;

	if (json_expect_keys(part, keys, what, e) == -1 ||
	    json_need_int(part, "population", 0, JSON_INT_MAX, what, &population, e) == -1 ||
	    json_need_int(part, "reviewed", 0, population, what, &reviewed, e) == -1 ||
	    json_need_int(part, "found", 0, population, what, &n, e) == -1 ||
	    json_need_int(part, "changed", 0, population, what, &n, e) == -1)
		return -1;
	return json_need_int(part, "at-most-ppm", 0, MILLION, what, &n, e);
}

static int
check_set(const char *name, const struct json *set, struct err *e)
{
	static const char *const keys[] = {"letters", "scans", "others", NULL};
	const struct json *part;
	int64_t n;

	if (!manifest_name_ok(name))
		return err_set(e, ERR_INPUT, "%s: a set has a bad name", what);
	if (json_expect_keys(set, keys, what, e) == -1 ||
	    json_need_int(set, "others", 0, JSON_INT_MAX, what, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < 2; i++)
		if ((part = json_need(set, strata[i], JSON_OBJECT, what, e)) == NULL ||
		    check_stratum(part, e) == -1)
			return -1;
	return 0;
}

static int
check_people(const struct json *by, struct err *e)
{
	if (by->count > PEOPLE_MAX)
		return err_set(e, ERR_INPUT, "%s: too many people", what);
	for (size_t i = 0; i < by->count; i++)
		if (by->items[i]->type != JSON_STRING || !release_person_ok(by->items[i]->string))
			return err_set(e, ERR_INPUT, "%s: a person has a bad form", what);
	return 0;
}

int
acceptance_review_check(const struct json *review, struct err *e)
{
	static const char *const keys[] = {"wanted", "sets", "by", "from", "until", "digest", NULL};
	static const char *const wanted_keys[] = {"letters", "scans", "found", NULL};
	const struct json *wanted, *sets, *by;
	uint8_t digest[DIGEST_LEN];
	int64_t n;

	if (review->type != JSON_OBJECT)
		return err_set(e, ERR_INPUT, "%s: no object", what);
	if (json_expect_keys(review, keys, what, e) == -1 ||
	    (wanted = json_need(review, "wanted", JSON_OBJECT, what, e)) == NULL ||
	    json_expect_keys(wanted, wanted_keys, what, e) == -1 ||
	    (sets = json_need(review, "sets", JSON_OBJECT, what, e)) == NULL ||
	    (by = json_need(review, "by", JSON_ARRAY, what, e)) == NULL || check_people(by, e) == -1 ||
	    json_need_int(review, "from", 0, JSON_INT_MAX, what, &n, e) == -1 ||
	    json_need_int(review, "until", n, JSON_INT_MAX, what, &n, e) == -1 ||
	    json_need_hex(review, "digest", digest, DIGEST_LEN, what, e) == -1)
		return -1;
	for (size_t i = 0; wanted_keys[i] != NULL; i++)
		if (json_need_int(wanted, wanted_keys[i], 0, JSON_INT_MAX, what, &n, e) == -1)
			return -1;
	if (sets->count > MANIFEST_SETS_MAX)
		return err_set(e, ERR_INPUT, "%s: too many sets", what);
	for (size_t i = 0; i < sets->count; i++)
		if (check_set(sets->keys[i], sets->items[i], e) == -1)
			return -1;
	return 0;
}

static int64_t
number(const struct json *part, const char *key)
{
	const struct json *n = json_get(part, key);

	return n == NULL ? 0 : n->integer;
}

/* "12.35%", upwards. */
static int
put_share(struct buf *out, int64_t ppm, struct err *e)
{
	int64_t hundredths = (ppm + 99) / 100;

	return buf_printf(out, e, "%" PRId64 ".%02" PRId64 "%%", hundredths / 100, hundredths % 100);
}

static int
describe_stratum(
    const char *set, const char *stratum, const struct json *part, struct buf *out, struct err *e)
{
	if (number(part, "population") == 0)
		return 0;
	if (buf_printf(out, e,
		"  looked at      %s: %" PRId64 " of %" PRId64 " %s, something found in %" PRId64
		"; at 95%% at most ",
		set, number(part, "reviewed"), number(part, "population"), stratum,
		number(part, "found")) == -1 ||
	    put_share(out, number(part, "at-most-ppm"), e) == -1 ||
	    buf_put_str(out, " of them have something\n", e) == -1)
		return -1;
	if (number(part, "changed") == 0)
		return 0;
	return buf_printf(out, e,
	    "                 of %" PRId64 " it was first said that something was found\n",
	    number(part, "changed"));
}

int
acceptance_review_describe(const struct json *review, struct buf *out, struct err *e)
{
	const struct json *sets = json_get(review, "sets"), *wanted = json_get(review, "wanted"),
			  *by = json_get(review, "by");

	if (review == NULL)
		return 0;
	if (number(wanted, "letters") + number(wanted, "scans") > 0 &&
	    buf_printf(out, e, "  to look at     %" PRId64 " letters, %" PRId64 " scans of each set\n",
		number(wanted, "letters"), number(wanted, "scans")) == -1)
		return -1;
	for (size_t i = 0; i < sets->count; i++)
		for (size_t s = 0; s < 2; s++)
			if (describe_stratum(
				sets->keys[i], strata[s], json_get(sets->items[i], strata[s]), out, e) == -1)
				return -1;
	for (size_t i = 0; i < by->count; i++)
		if (buf_printf(out, e, "  %-15s%s\n", i == 0 ? "by" : "", by->items[i]->string) == -1)
			return -1;
	return by->count == 0
		   ? 0
		   : buf_printf(out, e, "  verdicts       %s\n", json_get(review, "digest")->string);
}
