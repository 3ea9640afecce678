/* Options: one small parser for every command. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* "--name", "--name=value": the specification, and the value after '='. */
static const struct option_spec *
find(const struct option_spec *specs, const char *text, const char **value)
{
	const char *equals = strchr(text, '=');
	size_t len = equals == NULL ? strlen(text) : (size_t)(equals - text);

	*value = equals == NULL ? NULL : equals + 1;
	for (; specs->name != NULL; specs++)
		if (strlen(specs->name) == len && memcmp(specs->name, text, len) == 0)
			return specs;
	return NULL;
}

int
options_parse(int argc, char **argv, const struct option_spec *specs, struct common *common,
    const char **words, size_t max, size_t *count, struct err *e)
{
	const struct option_spec shared[] = {{.name = "house", .value = &common->house},
	    {.name = "json", .flag = &common->json}, {.name = "receipt", .value = &common->receipt},
	    {.name = "root-fd", .value = &common->root_fd},
	    {.name = "passphrase-fd", .value = &common->passphrase_fd},
	    {.name = "help", .flag = &common->help}, {.name = NULL}};
	bool only_words = false;

	*count = 0;
	for (int i = 0; i < argc; i++) {
		const struct option_spec *spec;
		const char *value;

		if (!only_words && strcmp(argv[i], "--") == 0) {
			only_words = true;
			continue;
		}
		if (!only_words && strcmp(argv[i], "-h") == 0) {
			common->help = true;
			continue;
		}
		if (only_words || strncmp(argv[i], "--", 2) != 0) {
			if (*count == max)
				return err_set(e, ERR_USAGE, "%s: one word too many", argv[i]);
			words[(*count)++] = argv[i];
			continue;
		}
		if ((spec = find(specs, argv[i] + 2, &value)) == NULL &&
		    (spec = find(shared, argv[i] + 2, &value)) == NULL)
			return err_set(e, ERR_USAGE, "%s: no such option", argv[i]);
		if (spec->flag != NULL) {
			if (value != NULL)
				return err_set(e, ERR_USAGE, "--%s: takes no value", spec->name);
			*spec->flag = true;
			continue;
		}
		if (value == NULL) {
			if (i + 1 == argc)
				return err_set(e, ERR_USAGE, "--%s: its value is missing", spec->name);
			value = argv[++i];
		}
		if (spec->list != NULL) {
			if (*spec->list_count == spec->list_max)
				return err_set(e, ERR_USAGE, "--%s: given too often", spec->name);
			spec->list[(*spec->list_count)++] = value;
		} else if (spec->value != NULL) {
			*spec->value = value;
		}
	}
	return 0;
}

bool
options_words(int argc, char **argv, const struct option_spec *specs, struct common *common,
    const char **words, size_t count, const char *wanted, int *rc, struct err *e)
{
	size_t found;

	if (options_parse(argc, argv, specs, common, words, count, &found, e) == -1)
		*rc = -1;
	else if (common->help)
		*rc = CLI_HELP;
	else if (found < count)
		*rc = err_set(e, ERR_USAGE, "%s", wanted);
	else
		return true;
	return false;
}

int
options_number(const char *text, const char *name, int64_t min, int64_t max, int64_t *out, struct err *e)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || n < min || n > max)
		return err_set(e, ERR_USAGE, "--%s: a whole number from %lld to %lld is wanted", name,
		    (long long)min, (long long)max);
	*out = n;
	return 0;
}
