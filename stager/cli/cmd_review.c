/* stager review: a sample of a version, looked at by a steward before it is accepted. */
#include "cmd_review.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "stager/house.h"
#include "stager/house_review.h"
#include "stager/io.h"
#include "stager/json.h"

#define FILE_MAX (16u << 20)
#define RECORD_MAX (64u << 20)

struct asked {
	const char *reviewer, *set, *show, *verdicts, *record;
	int64_t want[REVIEW_STRATA];
	bool list;
};

static int64_t
number(const struct json *part, const char *key)
{
	const struct json *n = json_get(part, key);

	return n == NULL ? 0 : n->integer;
}

/* How far it is, a line a stratum of a set. */
static void
say_state(const struct json *review)
{
	const struct json *sets = json_get(review, "sets"), *wanted = json_get(review, "wanted");

	if (review == NULL) {
		(void)printf("the policy wants nobody to look, and nobody has\n");
		return;
	}
	if (sets->count == 0)
		(void)printf("nobody has looked yet; the policy wants %" PRId64 " letters and %" PRId64
			     " scans of each set\n",
		    number(wanted, "letters"), number(wanted, "scans"));
	for (size_t i = 0; i < sets->count; i++) {
		for (size_t s = 0; s < REVIEW_STRATA; s++) {
			const struct json *part = json_get(sets->items[i], review_strata[s]);
			int64_t ppm = number(part, "at-most-ppm");

			(void)printf("%s: %-8s looked at %" PRId64 " of %" PRId64 " (wanted: %" PRId64
				     "), something found in %" PRId64 ", at 95%% at most %" PRId64
				     ".%02" PRId64 "%%\n",
			    sets->keys[i], review_strata[s], number(part, "reviewed"),
			    number(part, "population"), number(wanted, review_strata[s]),
			    number(part, "found"), (ppm + 99) / 10000, (ppm + 99) / 100 % 100);
		}
		(void)printf("%s: others   %" PRId64 ", in no sample\n", sets->keys[i],
		    number(sets->items[i], "others"));
	}
}

static int
state(struct house *h, const struct common *common, const char *id, struct err *e)
{
	struct json *review = NULL, *j;

	if (house_review_summary(h, id, &review, e) == -1)
		return -1;
	if (!common->json)
		say_state(review);
	j = json_object();
	json_set_string(j, "version-id", id);
	json_set(j, "review", review == NULL ? json_null() : review);
	return cli_result(common, j, NULL, e);
}

static int
record(struct house *h, const char *id, const char *path, struct err *e)
{
	struct buf text;
	int rc = -1;

	buf_init(&text, RECORD_MAX);
	if (house_review_record(h, id, -1, &text, NULL, e) == 0)
		rc = cli_write(path, text.data, text.len, e);
	buf_free(&text);
	return rc;
}

static struct json *
member(const struct review_member *m)
{
	struct json *j = json_object();

	json_set_int(j, "member", m->number);
	json_set_string(j, "stratum", review_strata[m->stratum]);
	json_set_int(j, "rank", m->rank);
	json_set_int(j, "bytes", m->size);
	json_set_string(j, "extension", m->extension);
	json_set(j, "verdict", m->verdict[0] == '\0' ? json_null() : json_string(m->verdict));
	if (m->kind[0] != '\0')
		json_set_string(j, "kind", m->kind);
	return j;
}

static int
list(const struct common *common, const char *id, struct house_review *r, struct err *e)
{
	struct json *j = json_object(), *all = json_array(), *population = json_object();
	const struct review_member *members;
	size_t count;

	members = house_review_members(r, &count);
	if (!common->json)
		(void)printf(
		    "%-8s %5s %10s %-5s %10s %s\n", "SAMPLE", "RANK", "MEMBER", "KIND", "BYTES", "VERDICT");
	for (size_t i = 0; i < count; i++) {
		const struct review_member *m = &members[i];

		json_push(all, member(m));
		if (!common->json)
			(void)printf("%-8s %5" PRId64 " %10" PRId64 " %-5s %10" PRId64 " %s %s\n",
			    review_strata[m->stratum], m->rank, m->number, m->extension, m->size, m->verdict,
			    m->kind);
	}
	for (size_t s = 0; s < REVIEW_STRATA; s++)
		json_set_int(
		    population, review_strata[s], house_review_population(r, (enum review_stratum)s));
	json_set_int(population, "others", house_review_population(r, REVIEW_OTHERS));
	json_set_string(j, "version-id", id);
	json_set_string(j, "set", house_review_set(r));
	json_set(j, "population", population);
	json_set(j, "members", all);
	return cli_result(common, j, NULL, e);
}

/* One member, onto standard output. */
static int
show(struct house_review *r, const char *text, struct err *e)
{
	const struct review_member *members;
	size_t count, i, lines;
	int64_t wanted;

	if (options_number(text, "show", 1, JSON_INT_MAX, &wanted, e) == -1)
		return -1;
	members = house_review_members(r, &count);
	for (i = 0; i < count && members[i].number != wanted;)
		i++;
	if (i == count)
		return err_set(e, ERR_REFUSED, "review: member %lld is not in the sample", (long long)wanted);
	return house_review_take(r, i, STDOUT_FILENO, 0, &lines, e) == -1 ? -1
									  : house_review_page(r, 0, lines, e);
}

static int
take_verdicts(struct house_review *r, const char *path, struct err *e)
{
	struct buf file;
	size_t count = 0;
	int rc = -1;

	buf_init(&file, FILE_MAX);
	if (cli_read(path, FILE_MAX, &file, e) == 0)
		rc = house_review_take_file(r, file.data, file.len, &count, e);
	buf_free(&file);
	return rc;
}

/* What needs a session: the key of a set's index, at least. 1 where the steward stops. */
static int
session(struct house *h, const struct common *common, const char *id, const struct asked *a, const char *set,
    struct err *e)
{
	struct err later = {.code = ERR_NONE};
	struct house_review *r = NULL;
	int rc;

	if (house_review_open(h, id, set, a->reviewer, a->want, &r, e) == -1)
		return -1;
	if (a->verdicts != NULL)
		rc = take_verdicts(r, a->verdicts, e);
	else if (a->list)
		rc = list(common, id, r, e);
	else if (a->show != NULL)
		rc = show(r, a->show, e);
	else
		rc = review_prompt(r, e);
	/* Also after a failure: what was said stands, and goes into the log. */
	if (house_review_close(r, rc == -1 ? &later : e) == -1)
		rc = -1;
	return rc;
}

/* The set that was named, or at a terminal one after the other. */
static int
sessions(struct house *h, const struct common *common, const char *id, const struct asked *a, struct err *e)
{
	char(*names)[MANIFEST_NAME_MAX + 1] = NULL;
	size_t count = 0;
	int rc = 0;

	if (a->list || a->show != NULL)
		return session(h, common, id, a, a->set, e);
	if (a->set != NULL || a->verdicts != NULL) {
		rc = session(h, common, id, a, a->set, e);
	} else {
		if ((names = house_review_sets(h, id, &count, e)) == NULL)
			return -1;
		for (size_t i = 0; i < count && rc == 0; i++)
			rc = session(h, common, id, a, names[i], e);
		free(names);
	}
	return rc == -1 ? -1 : state(h, common, id, e);
}

static int
check(const struct asked *a, bool terminal, struct err *e)
{
	bool wants = a->list || a->show != NULL || a->verdicts != NULL;

	if (a->list + (a->show != NULL) + (a->verdicts != NULL) > 1)
		return err_set(e, ERR_USAGE, "review: one of --list, --show and --verdicts");
	if (wants && a->reviewer == NULL)
		return err_set(
		    e, ERR_USAGE, "review: who looks? --reviewer PERSON, a steward of the version's holder");
	if (a->reviewer != NULL && !wants && !terminal)
		return err_set(e, ERR_USAGE,
		    "review: without a terminal one of --list, --show and --verdicts is wanted beside "
		    "--reviewer");
	return 0;
}

int
cmd_review(int argc, char **argv, struct err *e)
{
	const char *letters = NULL, *scans = NULL, *words[1];
	struct asked a = {.want = {-1, -1}};
	const struct option_spec specs[] = {{.name = "reviewer", .value = &a.reviewer},
	    {.name = "set", .value = &a.set}, {.name = "letters", .value = &letters},
	    {.name = "scans", .value = &scans}, {.name = "list", .flag = &a.list},
	    {.name = "show", .value = &a.show}, {.name = "verdicts", .value = &a.verdicts},
	    {.name = "record", .value = &a.record}, {.name = NULL}};
	bool terminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
	struct common common = {.house = NULL};
	struct house *h;
	int rc = 0;

	if (!options_words(argc, argv, specs, &common, words, 1, "review: a version is wanted", &rc, e))
		return rc;
	if (check(&a, terminal && !common.json, e) == -1 ||
	    (letters != NULL &&
		options_number(letters, "letters", 0, REVIEW_DRAW_MAX, &a.want[REVIEW_LETTERS], e) == -1) ||
	    (scans != NULL &&
		options_number(scans, "scans", 0, REVIEW_DRAW_MAX, &a.want[REVIEW_SCANS], e) == -1))
		return -1;
	if ((h = cli_house(&common, e)) == NULL)
		return -1;
	if (a.reviewer != NULL)
		rc = sessions(h, &common, words[0], &a, e);
	else if (a.record == NULL)
		rc = state(h, &common, words[0], e);
	if (rc == 0 && a.record != NULL)
		rc = record(h, words[0], a.record, e);
	house_close(h);
	return rc;
}
