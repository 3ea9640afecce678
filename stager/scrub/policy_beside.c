/* The files that stand beside a policy: which it wants, and what they say. */
#include "policy_resolve.h"

#include <string.h>

#include "hierarchy.h"
#include "policy_form.h"
#include "stager/policy.h"
#include "stager/utf8.h"

static bool
ends(const char *text, const char *with)
{
	size_t len = strlen(text), tail = strlen(with);

	return len > tail && strcmp(text + len - tail, with) == 0;
}

static void
want(struct json *list, const struct yaml_node *n, const char *kind)
{
	if (n->kind != YAML_TEXT || !policy_file_ok(n->text) || !ends(n->text, kind))
		return;
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i]->string, n->text) == 0)
			return;
	json_push(list, json_string(n->text));
}

/* Whatever stands under the key `hierarchy`. */
static void
want_hierarchies(struct json *list, const struct yaml_node *n)
{
	for (size_t i = 0; i < n->count; i++) {
		if (n->kind == YAML_MAP && strcmp(n->keys[i]->text, "hierarchy") == 0)
			want(list, n->items[i], ".csv");
		want_hierarchies(list, n->items[i]);
	}
}

struct json *
policy_files_wanted(const void *yaml, size_t len, struct err *e)
{
	struct yaml_node *root = yaml_tree_parse(yaml, len, e);
	struct json *list;

	if (root == NULL)
		return NULL;
	list = json_array();
	want_hierarchies(list, root);
	for (size_t i = 0; policy_word_lists[i] != NULL; i++) {
		const struct yaml_node *words = yaml_get(yaml_get(root, "text"), policy_word_lists[i]);

		for (size_t k = 0; words != NULL && k < words->count; k++)
			want(list, words->items[k], ".txt");
	}
	if (list->count > POLICY_BESIDE_MAX) {
		err_set(e, ERR_INPUT, "line 1: more than %d files beside the policy", POLICY_BESIDE_MAX);
		json_free(list);
		list = NULL;
	}
	yaml_tree_free(root);
	return list;
}

static const struct policy_file *
file_of(const struct beside *beside, const struct yaml_node *n, struct err *e)
{
	for (size_t i = 0; i < beside->count; i++)
		if (strcmp(beside->files[i].name, n->text) == 0)
			return &beside->files[i];
	yaml_bad(n, e, "there is no file `%.100s` beside the policy", n->text);
	return NULL;
}

int
resolve_hierarchy(const struct yaml_node *map, const struct linking *linking, struct json *out,
    const struct json **found, struct err *e)
{
	const struct yaml_node *n = yaml_get(map, "hierarchy"), *level = yaml_get(map, "level"),
			       *other = yaml_get(map, "other");
	const char *name = yaml_need_text(n, "`hierarchy`", e), *text;
	const struct policy_file *file;
	struct json *used = linking->beside->hierarchies, *one = NULL;
	struct err why = {0};
	int64_t number = 1;

	if (name == NULL)
		return -1;
	if (!policy_file_ok(name) || !ends(name, ".csv"))
		return yaml_bad(n, e,
		    "`hierarchy` is not the name of a file beside the policy: letters, figures, . _ -, and "
		    ".csv");
	for (size_t i = 0; i < used->count; i++)
		if (strcmp(json_get(used->items[i], "name")->string, name) == 0)
			one = used->items[i];
	if (one == NULL) {
		if ((file = file_of(linking->beside, n, e)) == NULL)
			return -1;
		if ((one = hierarchy_read(name, file->data, file->len, &why)) == NULL)
			return yaml_bad(n, e, "%s", why.text);
		json_push(used, one);
	}
	if (level != NULL) {
		if ((text = yaml_need_text(level, "`level`", e)) == NULL)
			return -1;
		if (!policy_integer(text, 1, json_get(one, "columns")->integer - 1, &number))
			return yaml_bad(level, e, "`level` is not between 1 and the %lld that `%.100s` has",
			    (long long)json_get(one, "columns")->integer - 1, name);
	}
	if ((text = other == NULL ? "hold" : yaml_need_text(other, "`other`", e)) == NULL)
		return -1;
	if (strcmp(text, "hold") != 0 && strcmp(text, "blank") != 0)
		return yaml_bad(other, e, "`other` is not hold or blank");
	json_set_string(out, "hierarchy", name);
	json_set_int(out, "level", number);
	json_set_string(out, "other", text);
	if (found != NULL)
		*found = one;
	return 0;
}

static int
push_word(const struct yaml_node *n, const char *word, size_t len, const char *where, size_t line,
    struct json *list, struct err *e)
{
	char copy[POLICY_PHRASE_MAX + 1];

	while (len > 0 && (word[len - 1] == ' ' || word[len - 1] == '\r' || word[len - 1] == '\t'))
		len--;
	while (len > 0 && (*word == ' ' || *word == '\t')) {
		word++;
		len--;
	}
	if (len == 0 || *word == '#')
		return 0;
	if (len > POLICY_PHRASE_MAX)
		return yaml_bad(
		    n, e, "%.100s, line %zu: longer than %d bytes", where, line, POLICY_PHRASE_MAX);
	memcpy(copy, word, len);
	copy[len] = '\0';
	if (!policy_phrase_ok(copy))
		return yaml_bad(n, e,
		    "%.100s, line %zu: not a name or words of letters and digits, 2 to 64 bytes", where,
		    line);
	if (list->count == POLICY_WORDS_MAX)
		return yaml_bad(n, e, "%.100s: more than %d words", where, POLICY_WORDS_MAX);
	json_push(list, json_string(copy));
	return 0;
}

static int
read_words(const struct yaml_node *n, const struct beside *beside, struct json *list, struct err *e)
{
	const struct policy_file *file = file_of(beside, n, e);
	const char *at, *end, *next;

	if (file == NULL)
		return -1;
	at = file->data;
	end = at + file->len;
	if (memchr(at, '\0', file->len) != NULL || !utf8_valid(file->data, file->len))
		return yaml_bad(n, e, "%.100s: it is not text in UTF-8", n->text);
	if (file->len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
		at += 3;
	for (size_t line = 1; at < end; line++, at = next + 1) {
		if ((next = memchr(at, '\n', (size_t)(end - at))) == NULL)
			next = end;
		if (push_word(n, at, (size_t)(next - at), n->text, line, list, e) == -1)
			return -1;
	}
	return 0;
}

struct json *
resolve_words(const struct yaml_node *map, const char *key, const struct linking *linking, struct err *e)
{
	const struct yaml_node *n = yaml_get(map, key);
	struct json *list = json_array();

	if (n == NULL)
		return list;
	if (yaml_need_list(n, 0, key, e) == -1)
		goto fail;
	for (size_t i = 0; i < n->count; i++) {
		const char *text = yaml_need_text(n->items[i], key, e);

		if (text == NULL)
			goto fail;
		if (policy_file_ok(text) && ends(text, ".txt")) {
			if (read_words(n->items[i], linking->beside, list, e) == -1)
				goto fail;
			continue;
		}
		if (!policy_phrase_ok(text)) {
			yaml_bad(n->items[i], e,
			    "`%.64s` in %s is not a name or a word (2 to 64 bytes, words of letters and "
			    "digits "
			    "with single spaces, dashes, full stops or apostrophes between), nor a file "
			    "NAME.txt "
			    "beside the policy",
			    text, key);
			goto fail;
		}
		for (size_t k = 0; k < i; k++) {
			if (n->items[k]->kind == YAML_TEXT && strcmp(n->items[k]->text, text) == 0) {
				yaml_bad(n->items[i], e, "`%.64s` stands twice in %s", text, key);
				goto fail;
			}
		}
		if (list->count == POLICY_WORDS_MAX) {
			yaml_bad(n, e, "%s has more than %d entries", key, POLICY_WORDS_MAX);
			goto fail;
		}
		json_push(list, json_string(text));
	}
	return list;
fail:
	json_free(list);
	return NULL;
}
