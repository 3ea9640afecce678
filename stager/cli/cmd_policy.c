/* stager policy: a draft of one, checking one, and what a change of one lets out. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "stager/house.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/policy_diff.h"

#define RESOLVED_MAX (16u << 20)
#define WORDS_MAX 1024

/* What a policy says may be anything that YAML can; a terminal gets none of its control characters. */
static void
print_clean(const char *text)
{
	for (; *text != '\0'; text++)
		(void)putchar((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text);
}

static int
check(const struct common *common, const char *path, struct err *e)
{
	struct buf resolved;
	struct json *j;
	int rc = -1;

	buf_init(&resolved, RESOLVED_MAX);
	if (house_policy(path, &resolved, e) == 0 &&
	    (j = json_parse(resolved.data, resolved.len, "policy", e)) != NULL)
		rc = cli_result(common, j, "policy is good", e);
	buf_free(&resolved);
	return rc;
}

static int
suggest(const struct common *common, const char *const *sources, size_t count, const char *out, struct err *e)
{
	struct buf draft;
	struct json *j;
	int rc = -1;

	buf_init(&draft, RESOLVED_MAX);
	if (house_suggest(sources, count, &draft, e) == -1 ||
	    (out != NULL && cli_write(out, draft.data, draft.len, e) == -1) ||
	    (out == NULL && !common->json &&
		io_write(STDOUT_FILENO, draft.data, draft.len, "output", e) == -1))
		goto out;
	j = json_object();
	json_set(j, "draft", json_string_len((const char *)draft.data, draft.len));
	rc = cli_result(common, j, NULL, e);
out:
	buf_free(&draft);
	return rc;
}

/* A file, or where there is none of that name a version's id. */
static struct json *
either(const struct common *common, const char *word, struct err *e)
{
	struct json *j = NULL;
	struct house *h = NULL;
	struct buf resolved;
	int rc = -1;

	buf_init(&resolved, RESOLVED_MAX);
	if (strlen(word) != MANIFEST_ID_LEN || strchr(word, '.') != NULL || access(word, F_OK) == 0)
		rc = house_policy(word, &resolved, e);
	else if ((h = cli_house(common, e)) != NULL)
		rc = house_version_policy(h, word, &resolved, e);
	if (rc == 0)
		j = json_parse(resolved.data, resolved.len, "policy", e);
	house_close(h);
	buf_free(&resolved);
	return j;
}

static int
diff(const struct common *common, const char *old, const char *new, struct err *e)
{
	static const struct {
		const char *danger, *words;
	} titles[] = {{"out", "LETS OUT"}, {"looser", "LOOSER"}, {"look", "LOOK AT"}, {"tighter", "TIGHTER"}};
	struct json *before = NULL, *after = NULL, *changes = NULL, *result;
	const char *last = "";
	size_t weighty = 0;
	int rc = -1;

	if ((before = either(common, old, e)) == NULL || (after = either(common, new, e)) == NULL)
		goto out;
	changes = policy_diff(before, after);
	for (size_t i = 0; i < changes->count; i++) {
		const char *danger = json_get(changes->items[i], "danger")->string;

		weighty += strcmp(danger, "tighter") != 0;
		if (common->json)
			continue;
		for (size_t k = 0; strcmp(danger, last) != 0 && k < sizeof(titles) / sizeof(titles[0]); k++)
			if (strcmp(titles[k].danger, danger) == 0)
				(void)printf("%s%s\n", i == 0 ? "" : "\n", titles[k].words);
		last = danger;
		(void)printf("  ");
		print_clean(json_get(changes->items[i], "where")->string);
		(void)printf("\n    ");
		print_clean(json_get(changes->items[i], "text")->string);
		(void)printf("\n");
	}
	if (!common->json && changes->count == 0)
		(void)printf("the policies are the same\n");
	result = json_object();
	json_set(result, "changes", changes);
	changes = NULL;
	if (cli_result(common, result, NULL, e) == 0)
		rc = weighty > 0 ? err_exit_status(ERR_WAIT) : 0;
out:
	json_free(before);
	json_free(after);
	json_free(changes);
	return rc;
}

int
cmd_policy(int argc, char **argv, struct err *e)
{
	const char *words[WORDS_MAX], *out = NULL;
	const struct option_spec specs[] = {{.name = "out", .value = &out}, {.name = NULL}};
	struct common common = {.house = NULL};
	size_t count;

	if (options_parse(argc, argv, specs, &common, words, WORDS_MAX, &count, e) == -1)
		return -1;
	if (common.help)
		return CLI_HELP;
	if (count > 1 && strcmp(words[0], "suggest") == 0)
		return suggest(&common, words + 1, count - 1, out, e);
	if (out != NULL)
		return err_set(e, ERR_USAGE, "policy: --out goes with suggest");
	if (count == 2 && strcmp(words[0], "check") == 0)
		return check(&common, words[1], e);
	if (count == 3 && strcmp(words[0], "diff") == 0)
		return diff(&common, words[1], words[2], e);
	return err_set(e, ERR_USAGE, "policy: `suggest SOURCE...`, `check FILE` or `diff OLD NEW` is wanted");
}
