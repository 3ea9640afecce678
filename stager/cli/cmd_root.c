/* stager root, erase: what becomes of the key store. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "stager/house.h"
#include "stager/json.h"
#include "stager/preview.h"
#include "stager/prune.h"
#include "stager/send.h"
#include "stager/share.h"

static int
rotate(struct house *h, const struct common *common, const struct root_choice *choice, struct err *e)
{
	struct json *j;
	char line[128];

	if (house_rotate(h, choice, e) == -1)
		return -1;
	j = json_object();
	json_set_int(j, "generation", h->generation);
	(void)snprintf(
	    line, sizeof(line), "the key store is under a new root secret, generation %u", h->generation);
	return cli_result(common, j, line, e);
}

static int
cmd_rotate(int argc, char **argv, struct err *e)
{
	const char *file = NULL, *fd = NULL, *passphrase_fd = NULL;
	struct root_choice choice = {.kind = ROOT_FILE, .from = ROOT_FROM_NONE};
	bool passphrase = false;
	const struct option_spec specs[] = {{.name = "new-root-key", .value = &file},
	    {.name = "new-root-fd", .value = &fd}, {.name = "new-passphrase", .flag = &passphrase},
	    {.name = "new-passphrase-fd", .value = &passphrase_fd}, {.name = NULL}};
	struct common common = {.house = NULL};
	struct house *h;
	int rc;

	if (!options_words(argc, argv, specs, &common, NULL, 0, NULL, &rc, e))
		return rc;
	passphrase |= passphrase_fd != NULL;
	if ((file != NULL) + (fd != NULL) + passphrase > 1)
		return err_set(
		    e, ERR_USAGE, "root rotate: one of --new-root-key, --new-root-fd and --new-passphrase");
	choice.file = file;
	choice.kind = passphrase ? ROOT_PASSPHRASE : fd != NULL ? ROOT_GIVEN : ROOT_FILE;
	if (cli_descriptor(fd, "new-root-fd", &choice.from.fd, e) == -1 ||
	    cli_descriptor(passphrase_fd, "new-passphrase-fd", &choice.from.passphrase_fd, e) == -1 ||
	    (h = cli_house(&common, e)) == NULL)
		return -1;
	rc = rotate(h, &common, file == NULL && fd == NULL && !passphrase ? NULL : &choice, e);
	house_close(h);
	return rc;
}

static int
cmd_split(int argc, char **argv, struct err *e)
{
	const char *shares = NULL, *threshold = NULL, *out = NULL;
	const struct option_spec specs[] = {{.name = "shares", .value = &shares},
	    {.name = "threshold", .value = &threshold}, {.name = "out", .value = &out}, {.name = NULL}};
	struct common common = {.house = NULL};
	int64_t n, k;
	struct house *h;
	struct json *j;
	char line[512];
	int rc = -1;

	if (!options_words(argc, argv, specs, &common, NULL, 0, NULL, &rc, e))
		return rc;
	if (shares == NULL || threshold == NULL || out == NULL)
		return err_set(e, ERR_USAGE, "root split: --shares, --threshold and --out are wanted");
	if (options_number(shares, "shares", 2, SHARES_MAX, &n, e) == -1 ||
	    options_number(threshold, "threshold", 2, n, &k, e) == -1 || (h = cli_house(&common, e)) == NULL)
		return -1;
	if (house_split(h, (unsigned)k, (unsigned)n, out, e) == 0) {
		j = json_object();
		json_set_int(j, "shares", n);
		json_set_int(j, "threshold", k);
		(void)snprintf(line, sizeof(line),
		    "%d shares in %s, any %d of which give the root secret: one to each keeper, and none "
		    "left here",
		    (int)n, out, (int)k);
		rc = cli_result(&common, j, line, e);
	}
	house_close(h);
	return rc;
}

/* The command's descriptor is the pipe with the 32 bytes. Returns only where it fails. */
static int
run_with(int fd, char **command, struct err *e)
{
	char number[16];
	int kept = dup(fd); /* without close-on-exec */

	if (kept == -1)
		return err_sys(e, "root join: descriptor");
	(void)snprintf(number, sizeof(number), "%d", kept);
	if (setenv("STAGER_ROOT_FD", number, 1) == -1)
		return err_sys(e, "root join: STAGER_ROOT_FD");
	(void)execvp(command[0], command);
	return err_sys(e, "root join: %s", command[0]);
}

static int
cmd_join(int argc, char **argv, struct err *e)
{
	const char *out = NULL, *words[SHARES_MAX];
	const struct option_spec specs[] = {{.name = "out", .value = &out}, {.name = NULL}};
	struct common common = {.house = NULL};
	char line[256], house[MANIFEST_NAME_MAX + 1], **command = NULL;
	struct json *j;
	size_t count;
	int fd = -1;

	for (int i = 0; command == NULL && i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			command = argv + i + 1;
			argc = i;
		}
	}
	if (options_parse(argc, argv, specs, &common, words, SHARES_MAX, &count, e) == -1)
		return -1;
	if (common.help)
		return CLI_HELP;
	if (count == 0 || (out == NULL) == (command == NULL || command[0] == NULL))
		return err_set(e, ERR_USAGE, "root join: shares, and --out FILE or -- COMMAND are wanted");
	if (house_join(words, count, out, &fd, house, e) == -1)
		return -1;
	if (out == NULL)
		return run_with(fd, command, e);
	j = json_object();
	json_set_string(j, "house", house);
	(void)snprintf(line, sizeof(line), "the root secret of house %s", house);
	return cli_result(&common, j, line, e);
}

int
cmd_root(int argc, char **argv, struct err *e)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv, struct err *e);
	} all[] = {{"rotate", cmd_rotate}, {"split", cmd_split}, {"join", cmd_join}};

	if (argc > 0 && (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0))
		return CLI_HELP;
	for (size_t i = 0; argc > 0 && i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(argv[0], all[i].name) == 0)
			return all[i].run(argc - 1, argv + 1, e);
	return err_set(e, ERR_USAGE, "root: rotate, split or join is wanted");
}

/* Without --yes. */
static int
show_erase(
    struct house *h, const struct common *common, const char *holder, const char *dataset, struct err *e)
{
	struct json *versions = json_array(), *j;

	if (house_erasing(h, holder, dataset, versions, e) == -1) {
		json_free(versions);
		return -1;
	}
	j = json_object();
	json_set_string(j, "holder", holder);
	json_set_string(j, "dataset", dataset);
	return preview_tell(common, "erase",
	    "Keys and bodies of all versions would go, and the dataset's own key:", j, versions, e);
}

int
cmd_erase(int argc, char **argv, struct err *e)
{
	const char *dataset = NULL, *holder = NULL;
	bool yes = false;
	const struct option_spec specs[] = {{.name = "dataset", .value = &dataset},
	    {.name = "holder", .value = &holder}, {.name = "yes", .flag = &yes}, {.name = NULL}};
	struct common common = {.house = NULL};
	size_t count;
	struct prune prune = {.holder = NULL};
	size_t open = 0;
	struct house *h;
	struct json *j;
	char line[256];
	int rc = -1;

	if (!options_words(argc, argv, specs, &common, NULL, 0, NULL, &rc, e))
		return rc;
	if (dataset == NULL || holder == NULL)
		return err_set(e, ERR_USAGE, "erase: --dataset and --holder are wanted");
	if (!yes && common.receipt != NULL)
		return err_set(e, ERR_USAGE, "erase: --receipt goes with --yes");
	if ((h = cli_house(&common, e)) == NULL)
		return -1;
	if (!yes) {
		rc = show_erase(h, &common, holder, dataset, e);
		house_close(h);
		return rc;
	}
	/* First what cannot fail for want of another: bodies without their keys are noise, wherever they lie. */
	if (house_erase(h, holder, dataset, &count, e) == 0) {
		prune.holder = holder;
		prune.dataset = dataset;
		j = json_object();
		if (prune_report(h, &common, &prune, j, &open, e) == -1) {
			json_free(j);
			house_close(h);
			return -1;
		}
		json_set_string(j, "holder", holder);
		json_set_string(j, "dataset", dataset);
		json_set_int(j, "versions", (int64_t)count);
		json_set_int(j, "generation", h->generation);
		(void)snprintf(line, sizeof(line), "dataset %.64s of %.64s is erased, %zu versions", dataset,
		    holder, count);
		rc = cli_result(&common, j, line, e);
	}
	if (rc == 0 && open > 0)
		rc = err_set(e, ERR_REMOTE,
		    "erase: it is done here; %zu places still hold bodies, which are noise now: stager prune "
		    "tries again",
		    open);
	house_close(h);
	return rc;
}
