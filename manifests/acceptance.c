/* The report that a steward signs to accept a version: reading and writing. */
#include "stager/acceptance.h"

#include <inttypes.h>
#include <string.h>

#include "stager/enc.h"
#include "stager/json.h"

#include "acceptance_review.h"
#include "fields.h"

#define KEY_MAX 40
#define HELD_FILES_MAX 100
#define HELD_FIELDS_MAX 100
#define MATCH_MAX 512      /* bytes of a rule's glob */
#define FIELD_NAME_MAX 256 /* bytes of a column's name or a path */

static const char what[] = "report";

/* {KEY: n} */
static int
check_counters(const struct json *section, struct err *e)
{
	if (section->type != JSON_OBJECT)
		return err_set(e, ERR_INPUT, "%s: a section is no object", what);
	for (size_t i = 0; i < section->count; i++) {
		const struct json *n = section->items[i];

		if (!field_word_ok(section->keys[i], KEY_MAX) || n->type != JSON_INT || n->integer < 0)
			return err_set(e, ERR_INPUT, "%s: a counter has a bad form", what);
	}
	return 0;
}

/* Up to HELD_FILES_MAX numbers of files, or of columns. */
static int
check_numbers(const struct json *list, struct err *e)
{
	if (list->count > HELD_FILES_MAX)
		return err_set(e, ERR_INPUT, "%s: held: too many file numbers", what);
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i]->type != JSON_INT || list->items[i]->integer < 0)
			return err_set(e, ERR_INPUT, "%s: held: bad file number", what);
	return 0;
}

/* {"file:REASON": {"count", "files": [numbers]}}, and "columns", as many numbers, where a REASON has columns. */
static int
check_held(const struct json *held, struct err *e)
{
	static const char *const keys[] = {"count", "files", NULL}, *const with[] = {
									"count", "files", "columns", NULL};
	static const char *const units[] = {"file:", "record:", "check:"};
	int64_t count;

	if (held->type != JSON_OBJECT)
		return err_set(e, ERR_INPUT, "%s: held is no object", what);
	for (size_t i = 0; i < held->count; i++) {
		const struct json *one = held->items[i], *files, *columns = NULL;
		bool more = json_get(one, "columns") != NULL;
		const char *reason = NULL;

		for (size_t k = 0; k < sizeof(units) / sizeof(units[0]); k++)
			if (strncmp(held->keys[i], units[k], strlen(units[k])) == 0)
				reason = held->keys[i] + strlen(units[k]);
		if (reason == NULL || !field_word_ok(reason, KEY_MAX))
			return err_set(e, ERR_INPUT, "%s: held: a reason has a bad form", what);
		if (json_expect_keys(one, more ? with : keys, what, e) == -1 ||
		    json_need_int(one, "count", 0, JSON_INT_MAX, what, &count, e) == -1 ||
		    (files = json_need(one, "files", JSON_ARRAY, what, e)) == NULL ||
		    check_numbers(files, e) == -1 ||
		    (more && ((columns = json_need(one, "columns", JSON_ARRAY, what, e)) == NULL ||
				 check_numbers(columns, e) == -1)))
			return -1;
		if (more && columns->count != files->count)
			return err_set(e, ERR_INPUT, "%s: held: not a column for each file", what);
	}
	return 0;
}

/* {NUMBER: {SECTION: {KEY: n}}}, and "rule": n beside the sections. */
static int
check_parts(const struct json *parts, struct err *e)
{
	if (parts->type != JSON_OBJECT)
		return err_set(e, ERR_INPUT, "%s: a list of parts is no object", what);
	for (size_t i = 0; i < parts->count; i++) {
		const struct json *part = parts->items[i];

		if (part->type != JSON_OBJECT || strlen(parts->keys[i]) > 16 ||
		    parts->keys[i][strspn(parts->keys[i], "0123456789")] != '\0')
			return err_set(e, ERR_INPUT, "%s: a part has a bad form", what);
		for (size_t k = 0; k < part->count; k++) {
			const struct json *n = part->items[k];

			if (!field_word_ok(part->keys[k], KEY_MAX))
				return err_set(e, ERR_INPUT, "%s: a part has a bad form", what);
			if (strcmp(part->keys[k], "rule") == 0 ? n->type != JSON_INT || n->integer < 0
							       : check_counters(n, e) == -1)
				return err_set(e, ERR_INPUT, "%s: a part has a bad form", what);
		}
	}
	return 0;
}

/* A word of the policy, and its longest. */
static bool
name_ok(const struct json *name, size_t most)
{
	return name->type == JSON_STRING && name->string[0] != '\0' && strlen(name->string) <= most;
}

/* {"RULE:FIELD": {"file:REASON" | "record:REASON": n, "match", "name": words of the policy}} */
static int
check_fields(const struct json *fields, struct err *e)
{
	if (fields->type != JSON_OBJECT || fields->count > HELD_FIELDS_MAX)
		return err_set(e, ERR_INPUT, "%s: fields has a bad form", what);
	for (size_t i = 0; i < fields->count; i++) {
		const struct json *one = fields->items[i];
		const char *key = fields->keys[i];
		const size_t rule = strspn(key, "0123456789"),
			     field = key[rule] == ':' ? strspn(key + rule + 1, "0123456789") : 0;

		if (one->type != JSON_OBJECT || rule == 0 || field == 0 || rule > 16 || field > 16 ||
		    key[rule + 1 + field] != '\0')
			return err_set(e, ERR_INPUT, "%s: a field has a bad form", what);
		for (size_t k = 0; k < one->count; k++) {
			const char *why = one->keys[k], *reason = strchr(why, ':');
			const struct json *n = one->items[k];

			if (strcmp(why, "match") == 0 ? !name_ok(n, MATCH_MAX)
			    : strcmp(why, "name") == 0
				? !name_ok(n, FIELD_NAME_MAX)
				: (strncmp(why, "file:", 5) != 0 && strncmp(why, "record:", 7) != 0) ||
				      !field_word_ok(reason + 1, KEY_MAX) || n->type != JSON_INT ||
				      n->integer < 0)
				return err_set(e, ERR_INPUT, "%s: a field has a bad form", what);
		}
	}
	return 0;
}

/* What changed since the version before: {"difference": {SECTION: {KEY: n, also less than 0}},"policy","version","version-id"}. */
static int
check_previous(const struct json *previous, struct err *e)
{
	static const char *const keys[] = {"difference", "policy", "scrubber", "version", "version-id", NULL};
	const struct json *all;
	const char *policy, *scrubber;
	char id[MANIFEST_ID_LEN + 1];
	int64_t n;

	if (previous->type != JSON_OBJECT)
		return err_set(e, ERR_INPUT, "%s: previous is no object", what);
	if (json_expect_keys(previous, keys, what, e) == -1 ||
	    (all = json_need(previous, "difference", JSON_OBJECT, what, e)) == NULL ||
	    (policy = json_need_string(previous, "policy", what, e)) == NULL ||
	    (scrubber = json_need_string(previous, "scrubber", what, e)) == NULL ||
	    json_need_int(previous, "version", 1, JSON_INT_MAX, what, &n, e) == -1 ||
	    field_id(previous, "version-id", id, what, e) == -1)
		return -1;
	if ((strcmp(policy, "same") != 0 && strcmp(policy, "changed") != 0) ||
	    (strcmp(scrubber, "same") != 0 && strcmp(scrubber, "changed") != 0))
		return err_set(e, ERR_INPUT, "%s: previous: neither same nor changed", what);
	for (size_t i = 0; i < all->count; i++) {
		const struct json *section = all->items[i];

		if (!field_word_ok(all->keys[i], KEY_MAX) || section->type != JSON_OBJECT)
			return err_set(e, ERR_INPUT, "%s: previous: a section has a bad form", what);
		for (size_t k = 0; k < section->count; k++)
			if (section->keys[k][strspn(
				section->keys[k], "abcdefghijklmnopqrstuvwxyz0123456789-:")] != '\0' ||
			    strlen(section->keys[k]) > 2 * KEY_MAX || section->items[k]->type != JSON_INT)
				return err_set(e, ERR_INPUT, "%s: previous: a counter has a bad form", what);
	}
	return 0;
}

/* The sections that are not {KEY: n}. */
static const struct {
	const char *name;
	int (*check)(const struct json *section, struct err *e);
} shapes[] = {
    {"held", check_held},
    {"fields", check_fields},
    {"rules", check_parts},
    {"by-file", check_parts},
    {"previous", check_previous},
};

static int
check_report(const struct json *report, struct err *e)
{
	for (size_t i = 0; i < report->count; i++) {
		int (*check)(const struct json *section, struct err *e) = check_counters;

		if (!field_word_ok(report->keys[i], KEY_MAX))
			return err_set(e, ERR_INPUT, "%s: a section has a bad name", what);
		for (size_t k = 0; k < sizeof(shapes) / sizeof(shapes[0]); k++)
			if (strcmp(report->keys[i], shapes[k].name) == 0)
				check = shapes[k].check;
		if (check(report->items[i], e) == -1)
			return -1;
	}
	return 0;
}

static int
counts_encode(struct json *j, uint64_t shards, uint64_t members, uint64_t bytes, struct err *e)
{
	return field_set_u64(j, "shards", shards, e) == -1 || field_set_u64(j, "members", members, e) == -1
		   ? -1
		   : field_set_u64(j, "bytes", bytes, e);
}

/* Each set, and what they come to. */
static int
sets_encode(const struct acceptance *a, struct json *j, struct err *e)
{
	struct json *sets = json_object();
	uint64_t shards = 0, members = 0, bytes = 0;

	json_set(j, "sets", sets);
	for (size_t i = 0; i < a->set_count; i++) {
		const struct acceptance_set *set = &a->sets[i];
		struct json *one = json_object();

		json_set(sets, set->name, one);
		if (counts_encode(one, set->shards, set->members, set->bytes, e) == -1)
			return -1;
		shards += set->shards;
		members += set->members;
		bytes += set->bytes;
	}
	return counts_encode(j, shards, members, bytes, e);
}

static int
sets_decode(const struct json *sets, struct acceptance *a, struct err *e)
{
	static const char *const keys[] = {"shards", "members", "bytes", NULL};

	if (sets == NULL || sets->type != JSON_OBJECT || sets->count < 1 || sets->count > MANIFEST_SETS_MAX)
		return err_set(e, ERR_INPUT, "%s: not 1 to %d sets", what, MANIFEST_SETS_MAX);
	for (size_t i = 0; i < sets->count; i++) {
		struct acceptance_set *set = &a->sets[a->set_count++];

		if (!manifest_name_ok(sets->keys[i]))
			return err_set(e, ERR_INPUT, "%s: bad name of a set", what);
		memcpy(set->name, sets->keys[i], strlen(sets->keys[i]) + 1);
		if (json_expect_keys(sets->items[i], keys, what, e) == -1 ||
		    field_u64(sets->items[i], "shards", 0, MANIFEST_SHARDS_MAX, what, &set->shards, e) ==
			-1 ||
		    field_u64(sets->items[i], "members", 0, JSON_INT_MAX, what, &set->members, e) == -1 ||
		    field_u64(sets->items[i], "bytes", 0, JSON_INT_MAX, what, &set->bytes, e) == -1)
			return -1;
		a->shards += set->shards;
		a->members += set->members;
		a->bytes += set->bytes;
	}
	return 0;
}

/* What is told of all sets is what is told of each. */
static int
check_total(const struct json *j, const char *key, uint64_t total, struct err *e)
{
	uint64_t n;

	if (field_u64(j, key, 0, JSON_INT_MAX, what, &n, e) == -1)
		return -1;
	return n == total ? 0 : err_set(e, ERR_INPUT, "%s: %s of all sets are not those of each", what, key);
}

int
acceptance_decode(const void *data, size_t len, struct acceptance *out, struct err *e)
{
	static const char *const keys[] = {"type", "house", "holder", "dataset", "version-id", "version",
	    "state", "policy", "report", "sets", "shards", "members", "bytes", "review", NULL};
	const struct json *report, *review;
	struct json *j = NULL;
	struct acceptance a;
	const char *state;
	int rc = -1;

	memset(&a, 0, sizeof(a));
	if ((j = field_decode(data, len, ACCEPTANCE_MAX, ACCEPTANCE_TYPE, keys, what, e)) == NULL ||
	    field_name(j, "house", a.house, what, e) == -1 ||
	    field_name(j, "holder", a.holder, what, e) == -1 ||
	    field_name(j, "dataset", a.dataset, what, e) == -1 ||
	    field_id(j, "version-id", a.version_id, what, e) == -1 ||
	    field_u64(j, "version", 1, JSON_INT_MAX, what, &a.version, e) == -1 ||
	    (state = json_need_string(j, "state", what, e)) == NULL ||
	    json_need_hex(j, "policy", a.policy, DIGEST_LEN, what, e) == -1 ||
	    (report = json_need(j, "report", JSON_OBJECT, what, e)) == NULL ||
	    check_report(report, e) == -1 || sets_decode(json_get(j, "sets"), &a, e) == -1 ||
	    check_total(j, "shards", a.shards, e) == -1 || check_total(j, "members", a.members, e) == -1 ||
	    check_total(j, "bytes", a.bytes, e) == -1)
		goto out;
	a.held = strcmp(state, "held") == 0;
	if (!a.held && strcmp(state, "sealed") != 0) {
		err_set(e, ERR_INPUT, "%s: state is neither sealed nor held", what);
		goto out;
	}
	if ((review = json_get(j, "review")) != NULL && acceptance_review_check(review, e) == -1)
		goto out;
	a.report = json_copy(report);
	a.review = review == NULL ? NULL : json_copy(review);
	*out = a;
	rc = 0;
out:
	json_free(j);
	return rc;
}

int
acceptance_encode(const struct acceptance *a, struct buf *out, struct err *e)
{
	struct json *j = NULL;
	size_t before = out->len;
	struct acceptance again;
	int rc = -1;

	if (a->report == NULL)
		return err_set(e, ERR_INPUT, "%s: there is none", what);
	j = json_object();
	json_set_string(j, "type", ACCEPTANCE_TYPE);
	json_set_string(j, "house", a->house);
	json_set_string(j, "holder", a->holder);
	json_set_string(j, "dataset", a->dataset);
	json_set_string(j, "version-id", a->version_id);
	json_set_string(j, "state", a->held ? "held" : "sealed");
	json_set_hex(j, "policy", a->policy, DIGEST_LEN);
	json_set(j, "report", json_copy(a->report));
	if (a->review != NULL)
		json_set(j, "review", json_copy(a->review));
	if (field_set_u64(j, "version", a->version, e) == -1 || sets_encode(a, j, e) == -1)
		goto out;
	if (field_encode(j, ACCEPTANCE_MAX, what, out, e) == -1)
		goto out;
	/* Nothing is put before a steward that his tool would refuse. */
	if (acceptance_decode(out->data + before, out->len - before, &again, e) == -1) {
		out->len = before;
		goto out;
	}
	acceptance_free(&again);
	rc = 0;
out:
	json_free(j);
	return rc;
}

void
acceptance_free(struct acceptance *a)
{
	if (a == NULL)
		return;
	json_free(a->report);
	json_free(a->review);
	a->report = a->review = NULL;
}
