/* What a review came to: for the document that is signed, and for whether a version may be accepted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "review.h"
#include "stager/enc.h"
#include "stager/json.h"
#include "stager/ledger.h"

#define RECORD_MAX (64u << 20)

/* One stratum of one set, its verdicts in the order of their ranks, of each rank the last one last. */
struct count {
	int64_t
	    reviewed; /* ranks from 1 on, none left out: who skips what is hard has not looked at a sample */
	int64_t found, changed;
	int64_t rank;             /* the one at hand */
	bool is_found, was_found; /* its last verdict; any of its verdicts */
};

static void
end_rank(struct count *c)
{
	if (c->rank == 0)
		return;
	if (c->rank == c->reviewed + 1)
		c->reviewed++;
	if (c->is_found)
		c->found++;
	else if (c->was_found)
		c->changed++;
	c->rank = 0;
}

static int
count_stratum(
    struct house *h, const char *id, const char *set, const char *stratum, struct count *c, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT rank, verdict FROM verdict WHERE version = ? AND set_name = ? AND stratum = ? ORDER BY "
	    "rank, id",
	    "sss", id, set, stratum);
	int more;

	*c = (struct count){.rank = 0};
	while ((more = ledger_next(q, e)) == 1) {
		if (ledger_int(q, 0) != c->rank) {
			end_rank(c);
			c->rank = ledger_int(q, 0);
			c->was_found = false;
		}
		c->is_found = strcmp(ledger_text(q, 1), "found") == 0;
		c->was_found = c->was_found || c->is_found;
	}
	end_rank(c);
	ledger_end(q);
	return more;
}

static int
sum_set(struct house *h, const char *id, const char *set, const int64_t *population, struct json *sets,
    struct err *e)
{
	struct json *one = json_object(), *part;
	struct count c;

	json_set(sets, set, one);
	for (size_t s = 0; s < REVIEW_STRATA; s++) {
		if (count_stratum(h, id, set, review_strata[s], &c, e) == -1)
			return -1;
		json_set(one, review_strata[s], part = json_object());
		json_set_int(part, "population", population[s]);
		json_set_int(part, "reviewed", c.reviewed);
		json_set_int(part, "found", c.found);
		json_set_int(part, "changed", c.changed);
		/* Of nothing there is nothing to miss. */
		json_set_int(
		    part, "at-most-ppm", population[s] == 0 ? 0 : review_bound_ppm(c.found, c.reviewed));
	}
	json_set_int(one, "others", population[REVIEW_OTHERS]);
	return 0;
}

/* Every set whose index was open. */
static int
sum_sets(struct house *h, const char *id, struct json *sets, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT set_name, letters, scans, others FROM review WHERE version = ? AND letters IS NOT NULL "
	    "ORDER BY "
	    "set_name",
	    "s", id);
	int more;

	while ((more = ledger_next(q, e)) == 1) {
		const int64_t population[] = {ledger_int(q, 1), ledger_int(q, 2), ledger_int(q, 3)};

		if (sum_set(h, id, ledger_text(q, 0), population, sets, e) == -1) {
			more = -1;
			break;
		}
	}
	ledger_end(q);
	return more;
}

static int
sum_people(struct house *h, const char *id, struct json *j, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT person, min(at), max(at) FROM verdict WHERE version = ? GROUP BY person ORDER BY person",
	    "s", id);
	struct json *by = json_array();
	int64_t from = 0, until = 0;
	int more;

	while ((more = ledger_next(q, e)) == 1) {
		json_push(by, json_string(ledger_text(q, 0)));
		if (from == 0 || ledger_int(q, 1) < from)
			from = ledger_int(q, 1);
		if (ledger_int(q, 2) > until)
			until = ledger_int(q, 2);
	}
	ledger_end(q);
	json_set(j, "by", by);
	json_set_int(j, "from", from);
	json_set_int(j, "until", until);
	return more;
}

int
version_review(struct house *h, const struct version *v, struct json **out, struct err *e)
{
	const struct json *policy = json_get(json_get(v->policy, "accept"), "review");
	struct json *j = json_object(), *wanted = json_object(), *sets = json_object();
	static const char *const keys[] = {"letters", "scans", "found"};
	char hex[DIGEST_HEX_LEN + 1];
	uint8_t digest[DIGEST_LEN];
	struct buf record;
	bool any = false;
	int rc = -1;

	*out = NULL;
	buf_init(&record, RECORD_MAX);
	for (size_t i = 0; i < 3; i++) {
		const struct json *n = json_get(policy, keys[i]);

		json_set_int(wanted, keys[i], n == NULL ? 0 : n->integer);
		any = any || (i < REVIEW_STRATA && n != NULL && n->integer > 0);
	}
	json_set(j, "wanted", wanted);
	json_set(j, "sets", sets);
	if (sum_sets(h, v->id, sets, e) == -1 || sum_people(h, v->id, j, e) == -1 ||
	    house_review_record(h, v->id, -1, &record, NULL, e) == -1)
		goto out;
	digest_bytes(record.data, record.len, digest);
	hex_encode(digest, DIGEST_LEN, hex);
	json_set_string(j, "digest", hex);
	if (any || json_get(j, "by")->count > 0) {
		*out = j;
		j = NULL;
	}
	rc = 0;
out:
	json_free(j);
	buf_free(&record);
	return rc;
}

int
house_review_summary(struct house *h, const char *version_id, struct json **out, struct err *e)
{
	struct version *v = version_load(h, version_id, e);
	int rc = v == NULL ? -1 : version_review(h, v, out, e);

	version_free(v);
	return rc;
}

static int64_t
number(const struct json *j, const char *key)
{
	const struct json *n = json_get(j, key);

	return n == NULL ? 0 : n->integer;
}

/* One stratum of a set: *found is added up; -1 where too few were looked at. */
static int
check_stratum(const struct json *wanted, const struct json *set, const char *name, const char *stratum,
    int64_t *found, struct err *e)
{
	const struct json *part = json_get(set, stratum);
	int64_t least = number(wanted, stratum), population = number(part, "population");

	*found += number(part, "found");
	if (least > population)
		least = population;
	if (number(part, "reviewed") >= least)
		return 0;
	return err_set(e, ERR_WAIT,
	    "set %s: %lld of the first %lld %s of its sample have been looked at: stager review", name,
	    (long long)number(part, "reviewed"), (long long)least, stratum);
}

/* Every set of the version that has shards must have been opened, where anything must be looked at. */
static int
check_sets(struct house *h, const struct version *v, const struct json *review, struct err *e)
{
	const struct json *wanted = json_get(review, "wanted"), *sets = json_get(review, "sets");
	struct ledger_query *q;
	int more;

	if (number(wanted, "letters") + number(wanted, "scans") == 0)
		return 0;
	q = ledger_query(h->ledger, e,
	    "SELECT name FROM shard_set WHERE version = ? AND shards > 0 ORDER BY name", "s", v->id);
	while ((more = ledger_next(q, e)) == 1) {
		if (json_get(sets, ledger_text(q, 0)) == NULL) {
			more = err_set(e, ERR_WAIT,
			    "set %s: the policy wants a person to look at some of it first: stager review %s "
			    "--reviewer PERSON, then sign a new stager report --out",
			    ledger_text(q, 0), v->id);
			break;
		}
	}
	ledger_end(q);
	return more;
}

int
version_check_review(struct house *h, const struct version *v, struct err *e)
{
	struct json *review = NULL;
	const struct json *sets;
	struct err wait = {.code = ERR_NONE};
	int64_t found = 0, may;
	int rc = -1;

	if (version_review(h, v, &review, e) == -1)
		return -1;
	if (review == NULL)
		return 0;
	sets = json_get(review, "sets");
	may = number(json_get(review, "wanted"), "found");
	for (size_t i = 0; i < sets->count; i++)
		for (size_t s = 0; s < REVIEW_STRATA; s++)
			if (check_stratum(json_get(review, "wanted"), sets->items[i], sets->keys[i],
				review_strata[s], &found,
				wait.code == ERR_NONE ? &wait : &(struct err){.code = ERR_NONE}) == -1)
				continue;
	if (found > may)
		err_set(e, ERR_REFUSED,
		    "version %s: its review found something in %lld members, where the policy allows %lld: "
		    "mend the policy or "
		    "the source, push again, and reject this version",
		    v->id, (long long)found, (long long)may);
	else if (wait.code != ERR_NONE)
		*e = wait;
	else
		rc = check_sets(h, v, review, e);
	json_free(review);
	return rc;
}
