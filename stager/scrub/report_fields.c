/* Whose value it was that something was held for: columns, paths, headers and tags, by their places in the policy. */
#include <stdlib.h>
#include <string.h>

#include "report_parts.h"
#include "stager/json.h"

static const char *const of_field[] = {"value-type", "value-range", "date-form", "value-unlisted",
    "reference-form", "text-too-large",
    /* Of a header of mail. */
    "mail-address", "mail-header", "mail-charset", "mail-encoding", "not-utf8", NULL};

bool
report_reason_of_field(const char *reason)
{
	return report_listed(of_field, reason);
}

/* From 1 to most, as we write it; *end is behind it. */
static bool
place(const char *text, uint64_t most, const char **end, uint64_t *out)
{
	*out = 0;
	if (*text < '1' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9'; text++)
		if ((*out = *out * 10 + (uint64_t)(*text - '0')) > most)
			return false;
	*end = text;
	return true;
}

bool
report_field_key(const char *key, uint64_t *rule, uint64_t *field)
{
	return place(key, REPORT_RULE_MAX, &key, rule) && *key == ':' &&
	       place(key + 1, REPORT_COLUMN_MAX, &key, field) && *key == '\0';
}

static int
misshapen(struct err *e)
{
	return err_set(e, ERR_INPUT, "report: fields is not of the form it must have");
}

/* "file:REASON" or "record:REASON": no check has columns. */
static bool
held_for_value(const char *key)
{
	for (size_t i = HOLD_FILE; i <= HOLD_RECORD; i++) {
		size_t len = strlen(report_hold_prefix[i]);

		if (strncmp(key, report_hold_prefix[i], len) == 0)
			return report_reason_of_field(key + len);
	}
	return false;
}

int
report_fields_check(const struct json *total, const struct json *delta, struct err *e)
{
	uint64_t rule, field;

	if (delta == NULL)
		return 0;
	if (delta->type != JSON_OBJECT || delta->count == 0 || delta->count > REPORT_FIELDS_MAX ||
	    (total != NULL && total->type != JSON_OBJECT))
		return misshapen(e);
	for (size_t i = 0; i < delta->count; i++) {
		const struct json *one = delta->items[i], *have = json_get(total, delta->keys[i]);

		if (!report_field_key(delta->keys[i], &rule, &field) || one->type != JSON_OBJECT ||
		    one->count == 0 || (have != NULL && have->type != JSON_OBJECT))
			return misshapen(e);
		for (size_t k = 0; k < one->count; k++) {
			if (!held_for_value(one->keys[k]))
				return misshapen(e);
			if (report_check_number(have, one->keys[k], one->items[k], "fields", e) == -1)
				return -1;
		}
	}
	return 0;
}

void
report_fields_add(struct json *total, const struct json *delta)
{
	struct json *fields = report_child(total, "fields", json_object), *to;

	for (size_t i = 0; i < delta->count; i++) {
		const struct json *one = delta->items[i];

		if (json_get(fields, delta->keys[i]) == NULL && fields->count >= REPORT_FIELDS_MAX)
			continue;
		to = report_child(fields, delta->keys[i], json_object);
		for (size_t k = 0; k < one->count; k++)
			report_bump(
			    report_child(to, one->keys[k], report_zero), (uint64_t)one->items[k]->integer);
	}
}

/* The rule and the field of it at these places of the resolved policy; NULL where it has none there. */
static const struct json *
find(const struct json *policy, uint64_t rule, uint64_t field, const struct json **of)
{
	static const char *const lists[] = {"columns", "fields", "headers", "tags"};
	const struct json *files = json_get(policy, "files"), *list;

	if (files == NULL || files->type != JSON_ARRAY || rule > files->count)
		return NULL;
	*of = files->items[rule - 1];
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if ((list = json_get(*of, lists[i])) != NULL && list->type == JSON_ARRAY &&
		    field <= list->count)
			return list->items[field - 1];
	return NULL;
}

int
report_fields_known(const struct json *report, const struct json *policy, struct err *e)
{
	const struct json *fields = json_get(report, "fields"), *of;
	uint64_t rule, field;

	for (size_t i = 0; fields != NULL && i < fields->count; i++)
		if (!report_field_key(fields->keys[i], &rule, &field) ||
		    find(policy, rule, field, &of) == NULL)
			return err_set(e, ERR_INPUT,
			    "report: tells of a column, path, header or tag that the policy does not have");
	return 0;
}

void
report_fields_name(struct json *told, const struct json *policy)
{
	struct json *fields;
	uint64_t rule, field;

	if (json_get(told, "fields") == NULL)
		return;
	fields = report_child(told, "fields", json_object);
	for (size_t i = 0; i < fields->count; i++) {
		const struct json *of = NULL, *one = NULL, *match, *name;

		if (report_field_key(fields->keys[i], &rule, &field))
			one = find(policy, rule, field, &of);
		match = json_get(of, "match");
		name = json_get(one, json_get(one, "tag") != NULL ? "tag" : "name");
		if (match == NULL || match->type != JSON_STRING || name == NULL || name->type != JSON_STRING)
			continue;
		json_set_string(fields->items[i], "match", match->string);
		json_set_string(fields->items[i], "name", name->string);
	}
}
