/* What a change lets out of what a policy says of persons: who is known, who is left out, and who looks alike. */
#include <stdio.h>
#include <string.h>

#include "policy_diff.h"
#include "stager/json.h"

#define WHERE_MAX 1024

static const char *
text_of(const struct json *object, const char *key)
{
	const struct json *j = json_get(object, key);

	return j == NULL || j->type != JSON_STRING ? "" : j->string;
}

/* A number of which less is worse. lost: what it means that it is not there any more. */
static void
diff_least(struct changes *c, const char *where, const char *what, const struct json *before,
    const struct json *after)
{
	if (change_same(before, after))
		return;
	if (before == NULL || after == NULL || before->type != JSON_INT || after->type != JSON_INT) {
		change_add(c, after == NULL ? DANGER_OUT : DANGER_LOOK, where, "%s: %s", what,
		    after == NULL ? "no longer asked for" : "changed");
		return;
	}
	change_add(c, after->integer < before->integer ? DANGER_OUT : DANGER_TIGHTER, where,
	    "%s: %lld, no longer %lld", what, (long long)after->integer, (long long)before->integer);
}

/* What is done about small groups: of how many people everything may be blanked before the version waits for a person. */
static void
change_below(struct changes *c, const struct json *before, const struct json *after)
{
	const struct json *was = json_get(before, "max"), *is = json_get(after, "max");

	if (was == NULL || is == NULL || was->type != JSON_INT || is->type != JSON_INT) {
		change_any(c, "disclosure.below", before, after);
		return;
	}
	if (was->integer != is->integer)
		change_add(c, is->integer > was->integer ? DANGER_LOOSER : DANGER_TIGHTER,
		    "disclosure.below.max",
		    "of %lld in a million persons the attributes may be blanked before the version is HELD, "
		    "no longer of %lld",
		    (long long)is->integer, (long long)was->integer);
	change_rest(c, "disclosure.below", before, after, (const char *const[]){"max", NULL});
}

/* Several records may be one person's: k of them is less than k persons. */
static void
diff_unit(struct changes *c, const char *before, const char *after)
{
	if (strcmp(before, after) == 0)
		return;
	if (strcmp(after, "record") == 0)
		change_add(c, DANGER_OUT, "disclosure.unit",
		    "records are counted, no longer persons: one person may have several");
	else
		change_add(c, DANGER_TIGHTER, "disclosure.unit", "persons are counted, no longer records");
}

void
change_disclosure(struct changes *c, const struct json *before, const struct json *after)
{
	const struct json *l;
	char where[WHERE_MAX];

	if (before == NULL && after == NULL)
		return;
	if (after == NULL || before == NULL) {
		change_add(c, after == NULL ? DANGER_OUT : DANGER_TIGHTER, "disclosure",
		    after == NULL ? "nothing is done any more about who stands alone in a group"
				  : "who stands alone in a group is now widened, blanked or held");
		return;
	}
	diff_unit(c, text_of(before, "unit"), text_of(after, "unit"));
	diff_least(c, "disclosure.k", "the smallest group that looks alike", json_get(before, "k"),
	    json_get(after, "k"));
	diff_least(c, "disclosure.min_cell", "the smallest count that a report shows",
	    json_get(before, "min_cell"), json_get(after, "min_cell"));
	l = json_get(before, "l");
	for (size_t i = 0; l != NULL && l->type == JSON_OBJECT && i < l->count; i++) {
		(void)snprintf(where, sizeof(where), "disclosure.l.%s", l->keys[i]);
		diff_least(c, where, "how many different values such a group must have", l->items[i],
		    json_get(json_get(after, "l"), l->keys[i]));
	}
	change_list(c, "disclosure.quasi", json_get(before, "quasi"), json_get(after, "quasi"),
	    DANGER_TIGHTER, "one attribute or column more counts for who looks alike: %s", DANGER_OUT,
	    "an attribute or column no longer counts for who looks alike: %s");
	change_below(c, json_get(before, "below"), json_get(after, "below"));
	change_rest(c, "disclosure", before, after,
	    (const char *const[]){"unit", "below", "k", "l", "min_cell", "quasi", NULL});
}

void
change_subject(struct changes *c, const struct json *before, const struct json *after)
{
	const struct json *known = json_get(before, "known"), *now = json_get(after, "known");
	char where[WHERE_MAX];

	if (before == NULL || after == NULL || before->type != JSON_OBJECT || after->type != JSON_OBJECT) {
		change_any(c, "subject", before, after);
		return;
	}
	for (size_t i = 0; known != NULL && known->type == JSON_OBJECT && i < known->count; i++) {
		(void)snprintf(where, sizeof(where), "subject.known.%s", known->keys[i]);
		change_list(c, where, known->items[i], json_get(now, known->keys[i]), DANGER_TIGHTER,
		    "values of one column more are removed from the person's own texts: %s", DANGER_OUT,
		    "values of this column are no longer removed from the person's own texts: %s");
	}
	for (size_t i = 0; now != NULL && now->type == JSON_OBJECT && i < now->count; i++) {
		(void)snprintf(where, sizeof(where), "subject.known.%s", now->keys[i]);
		if (json_get(known, now->keys[i]) == NULL)
			change_add(c, DANGER_TIGHTER, where,
			    "these columns' values are removed from the person's own texts");
	}
	if (json_get(before, "exclude") != NULL && json_get(after, "exclude") == NULL)
		change_add(c, DANGER_OUT, "subject.exclude", "nobody is left out any more");
	else
		change_any(c, "subject.exclude", json_get(before, "exclude"), json_get(after, "exclude"));
	if (strcmp(text_of(before, "unmatched"), "hold") == 0 &&
	    strcmp(text_of(after, "unmatched"), "hold") != 0)
		change_add(c, DANGER_OUT, "subject.unmatched",
		    "texts and images of persons who are not in the table are no longer held");
	else
		change_any(
		    c, "subject.unmatched", json_get(before, "unmatched"), json_get(after, "unmatched"));
	change_attributes(c, json_get(before, "attributes"), json_get(after, "attributes"));
	change_rest(c, "subject", before, after,
	    (const char *const[]){"attributes", "known", "exclude", "unmatched", NULL});
}
