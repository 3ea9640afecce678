/* The paths of a JSON Lines rule, as a tree that a record is walked along. */
#include "jsonl.h"

#include <stdlib.h>
#include <string.h>

#define FIELDS_MAX (1u << 20)

static size_t
slot_of(const struct jsonl_paths *p, uint32_t parent, const uint8_t *name, size_t len)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ parent; /* FNV-1a */
	size_t slot;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ name[i]) * UINT64_C(0x100000001b3);
	slot = (size_t)(hash ^ hash >> 32) & (p->table_cap - 1);
	while (p->table[slot] != 0) {
		const struct jsonl_node *node = &p->nodes[p->table[slot]];

		if (node->parent == parent && node->name_len == len && memcmp(node->name, name, len) == 0)
			break;
		slot = (slot + 1) & (p->table_cap - 1);
	}
	return slot;
}

uint32_t
jsonl_paths_child(const struct jsonl_paths *p, uint32_t parent, const uint8_t *name, size_t len)
{
	return p->table[slot_of(p, parent, name, len)];
}

/* The next step of a path: its length; 0 where it has another form. A name stands at path + 1. */
static size_t
step_len(const char *path)
{
	size_t len;

	if (strncmp(path, "[*]", 3) == 0)
		return 3;
	if (*path != '.')
		return 0;
	if (path[1] == '*')
		return path[2] == '\0' || path[2] == '.' || path[2] == '[' ? 2 : 0;
	len = strcspn(path + 1, ".[]*");
	if (len == 0 || path[1 + len] == ']' || path[1 + len] == '*')
		return 0;
	return 1 + len;
}

/* The child that this step leads to, made where it is not there. */
static uint32_t
child_for(struct jsonl_paths *p, uint32_t parent, const char *step, size_t len)
{
	bool element = *step == '[', key = !element && step[1] == '*';
	uint32_t *place, child = (uint32_t)p->count;

	if (element)
		place = &p->nodes[parent].any_element;
	else if (key)
		place = &p->nodes[parent].any_key;
	else
		place = &p->table[slot_of(p, parent, (const uint8_t *)step + 1, len - 1)];
	if (*place == 0) {
		*place = child;
		p->nodes[p->count++] = (struct jsonl_node){.parent = parent,
		    .name = element || key ? NULL : step + 1,
		    .name_len = element || key ? 0 : len - 1};
	}
	return *place;
}

/* [key=value] behind a step: its length; 0 where there is none. */
static size_t
asks_len(const char *path, struct jsonl_step *asks)
{
	size_t key, value;

	if (*path != '[')
		return 0;
	key = strcspn(path + 1, "=.[]*");
	if (key == 0 || path[1 + key] != '=')
		return 0;
	value = strcspn(path + 2 + key, "=[]*");
	if (value == 0 || path[2 + key + value] != ']')
		return 0;
	*asks =
	    (struct jsonl_step){.key = path + 1, .key_len = key, .value = path + 2 + key, .value_len = value};
	return 3 + key + value;
}

static int
subject_path_make(struct jsonl_subject_path *to, const struct subject_path *from, struct err *e)
{
	const char *path = from->path;
	size_t len;

	to->reference = from->reference;
	if (*path++ != '$')
		return err_set(e, ERR_INPUT, "policy: the subject's path does not begin with $.");
	path += asks_len(path, &to->asks[0]);
	for (; *path != '\0'; path += len) {
		struct jsonl_step *step = &to->steps[to->count];

		if (to->count == SUBJECT_STEPS_MAX || (len = step_len(path)) == 0)
			return err_set(e, ERR_INPUT, "policy: the subject's path has another form");
		step->kind = *path == '[' ? STEP_ELEMENT : path[1] == '*' ? STEP_KEY : STEP_NAME;
		step->name = path + 1;
		step->name_len = len - 1;
		len += asks_len(path + len, &to->asks[++to->count]);
	}
	if (to->count == 0 || to->asks[to->count].key != NULL)
		return err_set(e, ERR_INPUT, "policy: the subject's path leads to no value");
	return 0;
}

static int
subject_paths_make(struct jsonl_paths *p, const struct rule *rule, struct err *e)
{
	if ((p->subjects = calloc(SUBJECT_PATHS_MAX, sizeof(*p->subjects))) == NULL)
		return err_set(e, ERR_SYSTEM, "policy: out of memory for paths");
	for (; p->subject_count < rule->subject_path_count; p->subject_count++)
		if (subject_path_make(
			&p->subjects[p->subject_count], &rule->subject_paths[p->subject_count], e) == -1)
			return -1;
	p->subject_plain = p->subject_count == 1 && strpbrk(rule->subject_paths[0].path, "*[") == NULL;
	return 0;
}

int
jsonl_paths_make(struct jsonl_paths *p, const struct rule *rule, struct err *e)
{
	size_t steps = 1, len;

	*p = (struct jsonl_paths){0};
	for (size_t i = 0; i < rule->field_count; i++)
		steps += strlen(rule->fields[i].name); /* no path has more steps than bytes */
	if (rule->field_count > FIELDS_MAX || steps > UINT32_MAX / 4)
		return err_set(e, ERR_LIMIT, "policy: too many paths");
	for (p->table_cap = 16; p->table_cap < steps * 2;)
		p->table_cap *= 2;
	p->nodes = calloc(steps, sizeof(*p->nodes));
	p->table = calloc(p->table_cap, sizeof(*p->table));
	if (p->nodes == NULL || p->table == NULL)
		return err_set(e, ERR_SYSTEM, "policy: out of memory for paths");
	p->count = 1;
	for (size_t i = 0; i < rule->field_count; i++) {
		const char *path = rule->fields[i].name;
		uint32_t at = 0;

		if (*path++ != '$' || *path == '\0')
			return err_set(
			    e, ERR_INPUT, "policy: path %zu of the rule does not begin with $.", i + 1);
		for (; *path != '\0'; path += len) {
			if ((len = step_len(path)) == 0)
				return err_set(
				    e, ERR_INPUT, "policy: path %zu of the rule has another form", i + 1);
			at = child_for(p, at, path, len);
		}
		if (p->nodes[at].action != NULL)
			return err_set(
			    e, ERR_INPUT, "policy: path %zu of the rule stands there twice", i + 1);
		p->nodes[at].action = &rule->fields[i].action;
	}
	return rule->subject_path_count > 0 ? subject_paths_make(p, rule, e) : 0;
}

void
jsonl_paths_choose(struct jsonl_paths *p, const struct rule *rule, uint8_t set)
{
	p->chosen = true;
	p->second = set != rule->set;
	/* Children stand behind their parents: whoever has none that stays goes, too. */
	for (size_t i = 1; i < p->count; i++)
		p->nodes[i].away = p->nodes[i].action == NULL || !policy_action_in(p->nodes[i].action, set);
	for (size_t i = p->count; i-- > 1;)
		if (!p->nodes[i].away)
			p->nodes[p->nodes[i].parent].away = false;
}

void
jsonl_paths_free(struct jsonl_paths *p)
{
	free(p->nodes);
	free(p->table);
	free(p->subjects);
	*p = (struct jsonl_paths){0};
}
