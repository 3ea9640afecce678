/* The part `sets` out of a policy's resolved form, and which of them each rule and field goes to. */
#include <stdlib.h>
#include <string.h>

#include "policy_decode.h"
#include "policy_form.h"
#include "stager/json.h"

static int
check_names(const struct json *set, const char *key, bool (*ok)(const char *), struct err *e)
{
	const struct json *list = decode_list(set, key, 1, POLICY_SITES_MAX, e);

	if (list == NULL)
		return -1;
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i]->type != JSON_STRING || !ok(list->items[i]->string))
			return decode_bad(e, key);
	return 0;
}

int
decode_sets(struct policy *p, const struct json *root, struct err *e)
{
	static const char *const keys[] = {"hold", "open", "evidence", "results", NULL};
	static const char *const evidence[] = {"none", NULL}, *const results[] = {"none", "sealed", NULL};
	const struct json *sets = json_need(root, "sets", JSON_OBJECT, "resolved policy", e);
	bool first = false;

	if (sets == NULL)
		return -1;
	if (sets->count < 1 || sets->count > POLICY_SETS_MAX)
		return decode_bad(e, "sets");
	for (size_t i = 0; i < sets->count; i++) {
		const struct json *set = sets->items[i];

		/* By name, as canonical JSON has them: their numbers are those of the entry stream. */
		if (!policy_name_ok(sets->keys[i]) ||
		    (i > 0 && strcmp(sets->keys[i - 1], sets->keys[i]) >= 0))
			return decode_bad(e, "sets");
		if (json_expect_keys(set, keys, "resolved policy: set", e) == -1 ||
		    check_names(set, "hold", policy_country_ok, e) == -1 ||
		    check_names(set, "open", policy_name_ok, e) == -1 ||
		    decode_choice(set, "evidence", evidence, e) == -1 ||
		    decode_choice(set, "results", results, e) == -1)
			return -1;
		if ((p->sets[i] = strdup(sets->keys[i])) == NULL)
			return err_sys(e, "resolved policy");
		p->set_count++;
		if (sets->count == 1 || strcmp(sets->keys[i], POLICY_SET_FIRST) == 0) {
			p->set_first = (uint8_t)i;
			first = true;
		}
	}
	return first ? 0 : decode_bad(e, "sets");
}

void
decode_sets_free(struct policy *p)
{
	for (size_t i = 0; i < p->set_count; i++)
		free(p->sets[i]);
}

int
decode_set_use(const struct policy *p, const struct json *j, uint8_t missing, uint8_t *set, struct err *e)
{
	const struct json *name = json_get(j, "set");

	*set = missing;
	if (name == NULL)
		return 0;
	if (name->type != JSON_STRING)
		return decode_bad(e, "set");
	for (size_t i = 0; i < p->set_count; i++) {
		if (strcmp(p->sets[i], name->string) == 0) {
			*set = (uint8_t)i;
			return 0;
		}
	}
	return decode_bad(e, "set");
}

static void
add_set(struct rule *r, uint8_t set)
{
	for (size_t i = 0; i < r->set_count; i++)
		if (r->sets[i] == set)
			return;
	r->sets[r->set_count++] = set;
}

void
decode_rule_sets(struct rule *r)
{
	r->set_count = 0;
	add_set(r, r->set);
	for (size_t i = 0; i < r->field_count; i++)
		if (r->fields[i].action.set != POLICY_SET_EVERY)
			add_set(r, r->fields[i].action.set);
}

bool
policy_action_in(const struct action *action, uint8_t set)
{
	return action->set == set || action->set == POLICY_SET_EVERY;
}
