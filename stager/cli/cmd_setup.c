/* stager init, holder, steward, policy: setting a house up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "stager/enc.h"
#include "stager/house.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/keyfile.h"
#include "stager/ledger.h"

#define ENVELOPE_MAX (1u << 20)
#define ENVELOPES_MAX 3

int
cmd_init(int argc, char **argv, struct err *e)
{
	const char *name = NULL, *words[1];
	bool allow_swap = false, passphrase = false, given = false;
	struct root_choice root = {.kind = ROOT_FILE};
	const struct option_spec specs[] = {{.name = "name", .value = &name},
	    {.name = "root-key", .value = &root.file}, {.name = "passphrase", .flag = &passphrase},
	    {.name = "root-given", .flag = &given}, {.name = "allow-swap", .flag = &allow_swap},
	    {.name = NULL}};
	struct common common = {.house = NULL};
	char line[512], credential[4096];
	size_t count;
	struct json *j;

	if (options_parse(argc, argv, specs, &common, words, 1, &count, e) == -1)
		return -1;
	if (common.help)
		return CLI_HELP;
	if (count != 1 || name == NULL)
		return err_set(e, ERR_USAGE, "init: a folder and --name are wanted");
	if (cli_root_from(&common, &root.from, credential, sizeof(credential), e) == -1)
		return -1;
	given |= common.root_fd != NULL;
	passphrase |= common.passphrase_fd != NULL;
	if ((root.file != NULL) + passphrase + given > 1)
		return err_set(e, ERR_USAGE,
		    "init: one of --root-key, --passphrase (--passphrase-fd) and --root-given (--root-fd)");
	root.kind = given ? ROOT_GIVEN : passphrase ? ROOT_PASSPHRASE : ROOT_FILE;
	/* A passphrase is asked for, whatever else this command could have had. */
	if (passphrase)
		root.from = (struct root_from){.fd = -1, .passphrase_fd = root.from.passphrase_fd};
	if (house_init(words[0], name, &root, allow_swap, e) == -1)
		return -1;
	j = json_object();
	json_set_string(j, "house", name);
	json_set_string(j, "folder", words[0]);
	(void)snprintf(
	    line, sizeof(line), "house %s made in %s; nodes pin %s/house.json", name, words[0], words[0]);
	return cli_result(&common, j, line, e);
}

int
cmd_ingest_key(int argc, char **argv, struct err *e)
{
	const char *out = NULL, *words[1];
	const struct option_spec specs[] = {{.name = "out", .value = &out}, {.name = NULL}};
	struct common common = {.house = NULL};
	char key[2 * X25519_LEN + 1];
	struct house *h;
	struct buf text;
	struct json *j;
	size_t count;
	int rc = -1;

	if (options_parse(argc, argv, specs, &common, words, 1, &count, e) == -1)
		return -1;
	if (common.help)
		return CLI_HELP;
	if (count != 0)
		return err_set(e, ERR_USAGE, "ingest-key: takes no words");
	if ((h = cli_house(&common, e)) == NULL)
		return -1;
	buf_init(&text, KEYFILE_LEN_MAX);
	if (keyfile_write_public(h->card.ingest, &text, e) == -1 ||
	    (out != NULL && cli_write(out, text.data, text.len, e) == -1))
		goto out;
	hex_encode(h->card.ingest, X25519_LEN, key);
	j = json_object();
	json_set_string(j, "house", h->card.house);
	json_set_string(j, "ingest", key);
	if ((rc = cli_result(&common, j, NULL, e)) == 0 && out == NULL && !common.json)
		rc = io_write(STDOUT_FILENO, text.data, text.len, "output", e);
out:
	buf_free(&text);
	house_close(h);
	return rc;
}

static int
holder_list(struct house *h, const struct common *common, struct err *e)
{
	struct ledger_query *q = ledger_query(h->ledger, e,
	    "SELECT h.name, (SELECT count(*) FROM steward s WHERE s.holder = h.name), (SELECT count(*) FROM "
	    "dataset d WHERE d.holder ="
	    " h.name) FROM holder h ORDER BY h.name",
	    "");
	struct json *list = json_array(), *j;
	int more;

	if (!common->json)
		(void)printf("%-40s %8s %8s\n", "HOLDER", "STEWARDS", "DATASETS");
	while ((more = ledger_next(q, e)) == 1) {
		j = json_object();
		json_set_string(j, "holder", ledger_text(q, 0));
		json_set_int(j, "stewards", ledger_int(q, 1));
		json_set_int(j, "datasets", ledger_int(q, 2));
		json_push(list, j);
		if (!common->json)
			(void)printf("%-40s %8lld %8lld\n", ledger_text(q, 0), (long long)ledger_int(q, 1),
			    (long long)ledger_int(q, 2));
	}
	return cli_list_end(common, q, more, list, e);
}

int
cmd_holder(int argc, char **argv, struct err *e)
{
	const struct option_spec specs[] = {{.name = NULL}};
	struct common common = {.house = NULL};
	const char *words[2];
	struct house *h;
	size_t count;
	struct json *j;
	int rc = -1;

	if (options_parse(argc, argv, specs, &common, words, 2, &count, e) == -1)
		return -1;
	if (common.help)
		return CLI_HELP;
	if (!(count == 2 && strcmp(words[0], "add") == 0) && !(count == 1 && strcmp(words[0], "list") == 0))
		return err_set(e, ERR_USAGE, "holder: `add NAME` or `list` is wanted");
	if ((h = cli_house(&common, e)) == NULL)
		return -1;
	if (count == 1) {
		rc = holder_list(h, &common, e);
	} else if (house_add_holder(h, words[1], e) == 0) {
		j = json_object();
		json_set_string(j, "holder", words[1]);
		rc = cli_result(&common, j, words[1], e);
	}
	house_close(h);
	return rc;
}

static int
steward_list(struct house *h, const struct common *common, struct err *e)
{
	struct ledger_query *q =
	    ledger_query(h->ledger, e, "SELECT holder, person, key FROM steward ORDER BY holder, person", "");
	struct json *list = json_array(), *j;
	int more;

	while ((more = ledger_next(q, e)) == 1) {
		j = json_object();
		json_set_string(j, "holder", ledger_text(q, 0));
		json_set_string(j, "person", ledger_text(q, 1));
		json_set_string(j, "key", ledger_text(q, 2));
		json_push(list, j);
		if (!common->json)
			(void)printf(
			    "%-20s %-32s %.16s\n", ledger_text(q, 0), ledger_text(q, 1), ledger_text(q, 2));
	}
	ledger_end(q);
	return cli_list_end(common, NULL, more, list, e);
}

static int
steward_add(
    struct house *h, const struct common *common, const char *const *files, size_t count, struct err *e)
{
	struct buf envelopes[ENVELOPES_MAX];
	char line[512], key[2 * SIGN_PUBLIC_LEN + 1];
	struct steward added;
	struct json *j;
	int rc = -1;

	for (size_t i = 0; i < ENVELOPES_MAX; i++)
		buf_init(&envelopes[i], ENVELOPE_MAX);
	for (size_t i = 0; i < count; i++)
		if (cli_read(files[i], ENVELOPE_MAX, &envelopes[i], e) == -1)
			goto out;
	if (house_add_steward(h, envelopes, count, &added, e) == -1)
		goto out;
	hex_encode(added.key, sizeof(added.key), key);
	j = json_object();
	json_set_string(j, "holder", added.holder);
	json_set_string(j, "person", added.person);
	json_set_string(j, "key", key);
	(void)snprintf(line, sizeof(line), "steward of %s: %s, key %.16s", added.holder, added.person, key);
	rc = cli_result(common, j, line, e);
out:
	for (size_t i = 0; i < ENVELOPES_MAX; i++)
		buf_free(&envelopes[i]);
	return rc;
}

int
cmd_steward(int argc, char **argv, struct err *e)
{
	const struct option_spec specs[] = {{.name = NULL}};
	struct common common = {.house = NULL};
	const char *words[1 + ENVELOPES_MAX];
	struct house *h;
	size_t count;
	int rc;

	if (options_parse(argc, argv, specs, &common, words, 1 + ENVELOPES_MAX, &count, e) == -1)
		return -1;
	if (common.help)
		return CLI_HELP;
	if (count < 1 ||
	    !((strcmp(words[0], "add") == 0 && count > 1) || (strcmp(words[0], "list") == 0 && count == 1)))
		return err_set(e, ERR_USAGE, "steward: `add ENVELOPE...` or `list` is wanted");
	if ((h = cli_house(&common, e)) == NULL)
		return -1;
	rc = count == 1 ? steward_list(h, &common, e) : steward_add(h, &common, words + 1, count - 1, e);
	house_close(h);
	return rc;
}
