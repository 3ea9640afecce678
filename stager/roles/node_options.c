/* stager-node's command line. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"

static const char help[] =
    "Usage:\n"
    "  stager-node keygen --out FILE [--pub FILE]\n"
    "      Make a job key (Ed25519, PKCS #8 PEM, mode 0600; no file is overwritten). Its public key (PEM), "
    "for\n"
    "      `stager request new --job-key`, goes to --pub or to standard output.\n"
    "  stager-node list OPTIONS [--json]\n"
    "      List the members of all shards: shard, size, name; or (--json) a JSON object a line.\n"
    "  stager-node cat OPTIONS [SHARD...] > TAR\n"
    "      One tar with the members of all shards, or of the named ones (shard-00007, or 7) in the order "
    "given.\n"
    "      A single shard's tar comes out as it was sealed.\n"
    "\n"
    "  --house 'COMMAND'  how to reach the house: 'ssh house.example stager release --house DIR'\n"
    "  --pin FILE         the house's card, house.json, had by another way than --house\n"
    "  --request FILE     the approved request, as `stager request new --out` wrote it\n"
    "  --job-key FILE     the job key\n"
    "  --from DIR         a folder with VERSION-ID/SET/shard-00000.body and .sums, or the version's own\n"
    "  --slot N           this node's place in the request, from 0; else SLURM_NODEID, else 0\n"
    "  --restart N        how often this slot was started before; else SLURM_RESTART_COUNT, else 0.\n"
    "                     Every run of list and cat is a release of its own, with a key of its own: a "
    "second\n"
    "                     run of the same slot wants a higher number, and one more of the request's "
    "redemptions\n"
    "  --help             this text\n"
    "\n"
    "Plaintext goes to standard output alone, segment by segment, each proven first. Where a fault is met in "
    "the\n"
    "middle the tar breaks off in a way that every reader takes for an error.\n"
    "Exit status: 0 done, 1 failed, 2 usage, 3 refused, 4 forged or damaged, 5 remote or not there: try "
    "again,\n"
    "6 waiting for a person.\n";

void
node_help(void)
{
	(void)fputs(help, stdout);
}

static int
read_number(const char *text, const char *name, uint64_t max, uint64_t *out, struct err *e)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	if (errno != 0 || text[0] < '0' || text[0] > '9' || *end != '\0' || *out > max)
		return err_set(e, ERR_USAGE, "%s: a whole number from 0 to %llu is wanted", name,
		    (unsigned long long)max);
	return 0;
}

/* --slot and --restart: the option, else the variable that Slurm sets, else 0. */
static int
choose_number(const char *option, const char *name, const char *variable, uint32_t *out, struct err *e)
{
	uint64_t n = 0;

	if (option == NULL && (option = getenv(variable)) != NULL)
		name = variable;
	if (option != NULL && read_number(option, name, RELEASE_SLOTS_MAX - 1, &n, e) == -1)
		return -1;
	*out = (uint32_t)n;
	return 0;
}

static int
read_rows(char **words, size_t count, struct node_options *o, struct err *e)
{
	static bool seen[MANIFEST_SHARDS_MAX];

	if (count == 0)
		return 0;
	if (count > MANIFEST_SHARDS_MAX)
		return err_set(e, ERR_USAGE, "more shards than there can be");
	if ((o->rows = calloc(count, sizeof(*o->rows))) == NULL)
		return err_set(e, ERR_SYSTEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		const char *word = words[i];

		if (strncmp(word, "shard-", 6) == 0)
			word += 6;
		if (read_number(word, "SHARD", MANIFEST_SHARDS_MAX - 1, &o->rows[i], e) == -1)
			return -1;
		if (seen[o->rows[i]])
			return err_set(e, ERR_USAGE, "%s: named twice", words[i]);
		seen[o->rows[i]] = true;
	}
	o->row_count = count;
	return 0;
}

int
node_options_parse(int argc, char **argv, struct node_options *o, struct err *e)
{
	static const struct option longs[] = {{"out", required_argument, NULL, 'o'},
	    {"pub", required_argument, NULL, 'p'}, {"house", required_argument, NULL, 'H'},
	    {"pin", required_argument, NULL, 'P'}, {"request", required_argument, NULL, 'r'},
	    {"job-key", required_argument, NULL, 'k'}, {"from", required_argument, NULL, 'f'},
	    {"slot", required_argument, NULL, 's'}, {"restart", required_argument, NULL, 'n'},
	    {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	static const char *const names[] = {"keygen", "list", "cat"};
	static const char *const allowed[] = {"oph", "HPrkfsnjh", "HPrkfsnh"};
	const char *slot = NULL, *restart = NULL;
	int c;

	o->command = (enum node_command) - 1;
	for (int i = NODE_KEYGEN; argc > 1 && i <= NODE_CAT; i++)
		if (strcmp(argv[1], names[i]) == 0)
			o->command = (enum node_command)i;
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		o->help = true;
		return 0;
	}
	if (o->command == (enum node_command) - 1)
		return err_set(e, ERR_USAGE, "keygen, list or cat is wanted (see --help)");
	argc--;
	argv++;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (c == '?')
			return err_set(e, ERR_USAGE,
			    "%s: no such option, or its value is missing (see --help)", argv[optind - 1]);
		if (strchr(allowed[o->command], c) == NULL)
			return err_set(
			    e, ERR_USAGE, "an option does not go with %s (see --help)", names[o->command]);
		switch (c) {
		case 'o':
			o->out = optarg;
			break;
		case 'p':
			o->pub = optarg;
			break;
		case 'H':
			o->house = optarg;
			break;
		case 'P':
			o->pin = optarg;
			break;
		case 'r':
			o->request = optarg;
			break;
		case 'k':
			o->job_key = optarg;
			break;
		case 'f':
			o->from = optarg;
			break;
		case 's':
			slot = optarg;
			break;
		case 'n':
			restart = optarg;
			break;
		case 'j':
			o->json = true;
			break;
		default:
			o->help = true;
		}
	}
	if (o->help)
		return 0;
	if (o->command != NODE_CAT && optind < argc)
		return err_set(e, ERR_USAGE, "too many arguments (see --help)");
	if (o->command == NODE_KEYGEN)
		return o->out != NULL ? 0 : err_set(e, ERR_USAGE, "--out is missing (see --help)");
	if (o->house == NULL || o->pin == NULL || o->request == NULL || o->job_key == NULL || o->from == NULL)
		return err_set(e, ERR_USAGE,
		    "--house, --pin, --request, --job-key and --from are all wanted (see --help)");
	if (choose_number(slot, "--slot", "SLURM_NODEID", &o->slot, e) == -1 ||
	    choose_number(restart, "--restart", "SLURM_RESTART_COUNT", &o->restart, e) == -1)
		return -1;
	return read_rows(argv + optind, (size_t)(argc - optind), o, e);
}
