/* stager-node's command line. */
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"
#include "stager/courier.h"
#include "stager/endpoint.h"
#include "stager/gateway.h"

/* Restarts of one job in a chain: the request's restart count is CHAIN_STEP times the place in the chain, and these. */
#define CHAIN_STEP 1000

/* Where an option's value goes in struct node_options. */
struct setting {
	const char *name;
	enum { FLAG, TEXT, NUMBER, SIZE } kind; /* SIZE: a NUMBER that may end in K, M, G or T */
	size_t offset;
	uint64_t least, most; /* of a NUMBER, which goes into an uint64_t */
	const char *or_else;  /* variable of the environment that stands in for a NUMBER; NULL */
};

#define AT(member) offsetof(struct node_options, member)

static const struct setting settings[] = {
    {"out", TEXT, AT(out), 0, 0, NULL},
    {"pub", TEXT, AT(pub), 0, 0, NULL},
    {"house", TEXT, AT(house), 0, 0, NULL},
    {"pin", TEXT, AT(pin), 0, 0, NULL},
    {"request", TEXT, AT(request), 0, 0, NULL},
    {"job-key", TEXT, AT(job_key), 0, 0, NULL},
    {"from", TEXT, AT(from), 0, 0, NULL},
    {"slot", NUMBER, AT(slot), 0, RELEASE_SLOTS_MAX - 1, "SLURM_NODEID"},
    {"restart", NUMBER, AT(restart), 0, RELEASE_SLOTS_MAX - 1, "SLURM_RESTART_COUNT"},
    {"to", TEXT, AT(to), 0, 0, NULL},
    {"version", TEXT, AT(version), 0, 0, NULL},
    {"set", TEXT, AT(set), 0, 0, NULL},
    {"streams", NUMBER, AT(streams), 1, ENDPOINT_STREAMS_MAX, NULL},
    {"tries", NUMBER, AT(tries), 1, 1000, NULL},
    {"max-rate", NUMBER, AT(max_rate), 0, INT64_MAX, NULL},
    {"ca", TEXT, AT(ca), 0, 0, NULL},
    {"plain-http", FLAG, AT(plain_http), 0, 0, NULL},
    {"manifest", TEXT, AT(manifest), 0, 0, NULL},
    {"policy-minimum", TEXT, AT(minimum), 0, 0, NULL},
    {"chain", NUMBER, AT(chain), 0, RELEASE_SLOTS_MAX / CHAIN_STEP - 1, "STAGER_CHAIN"},
    {"wait", NUMBER, AT(wait), 0, COURIER_WAIT_MAX, NULL},
    {"receipts", TEXT, AT(receipts), 0, 0, NULL},
    {"memory", SIZE, AT(memory), GATEWAY_MEMORY_MIN, GATEWAY_MEMORY_MAX, NULL},
    {"port", NUMBER, AT(port), 1, UINT16_MAX, NULL},
    {"results", TEXT, AT(results), 0, 0, NULL},
    {"ready", TEXT, AT(ready), 0, 0, NULL},
    {"ready-fd", NUMBER, AT(ready_fd), 1, 1023, NULL},
    {"listen-fd", NUMBER, AT(listen_fd), 3, 1023, NULL},
    {"json", FLAG, AT(json), 0, 0, NULL},
    {"help", FLAG, AT(help), 0, 0, NULL},
};
#define SETTINGS (sizeof(settings) / sizeof(settings[0]))
#define FIRST_SETTING 256 /* for getopt: past every letter */

/* What release OPTIONS are: all commands that ask the house have them. */
#define RELEASE_NEEDS "house pin request job-key from"
#define RELEASE_TAKES "slot restart chain wait receipts " SOURCE_TAKES
/* Of --from, where it is no folder. */
#define SOURCE_TAKES "streams tries max-rate ca plain-http"

/* A command: the names of the options that it cannot do without and of those that it takes beside them (and --help),
 * one space between two; what may follow them. */
static const struct command {
	const char *name;
	enum node_command command;
	enum { NOTHING, SHARDS, COMMAND } rest;
	const char *needs, *takes;
	const char *help;
} commands[] = {
    {"doctor", NODE_DOCTOR, NOTHING, "", "json policy-minimum manifest pin set from ca plain-http",
	"  stager-node doctor [--json] [--policy-minimum LIST] [--manifest FILE --pin FILE [--set NAME]] "
	"[--from URL]\n"
	"      What this node gives. Status 3 where stager-node cannot work here, where the manifest's set "
	"asks for\n"
	"      more, or something of LIST is lacking: names that doctor prints, locked=BYTES, ram=BYTES "
	"(64M, 8G),\n"
	"      commas between. --from is asked for one object, to see whether it can be reached; nobody else "
	"is.\n"},
    {"keygen", NODE_KEYGEN, NOTHING, "out", "pub",
	"  stager-node keygen --out FILE [--pub FILE]\n"
	"      Make a job key (Ed25519, PKCS #8 PEM, mode 0600; no file is overwritten). Its public key "
	"(PEM),\n"
	"      for `stager request new --job-key`, goes to --pub or to standard output.\n"},
    {"list", NODE_LIST, NOTHING, RELEASE_NEEDS, RELEASE_TAKES " json",
	"  stager-node list OPTIONS [--json]\n"
	"      List the members of all shards: shard, size, name; or (--json) a JSON object a line.\n"},
    {"cat", NODE_CAT, SHARDS, RELEASE_NEEDS, RELEASE_TAKES,
	"  stager-node cat OPTIONS [SHARD...] > TAR\n"
	"      One tar with the members of all shards, or of the named ones (shard-00007, or 7) in the "
	"order\n"
	"      given. A single shard's tar comes out as it was sealed.\n"},
    {"fetch", NODE_FETCH, SHARDS, "from to pin", "version request set json " SOURCE_TAKES,
	"  stager-node fetch --from URL --to DIR --pin FILE --version ID|--request FILE [--set NAME] "
	"[--json]\n"
	"              [SHARD...]\n"
	"      Bodies, sums, shards.jsonl and manifest.json of a version into DIR/ID, sealed as they are "
	"and\n"
	"      proven; no release is needed. Run again it fetches what is missing or damaged.\n"},
    {"run", NODE_RUN, COMMAND, "", "",
	"  stager-node run [--join NAME] [--ranks N] GATEWAY-OPTIONS -- COMMAND...\n"
	"      Start one gateway on this node, for all ranks of a Slurm job (of --join NAME elsewhere; "
	"--ranks N\n"
	"      of them are waited for), and run COMMAND with STAGER_URL, AWS_* and CURL_HOME set to it. Ends "
	"as\n"
	"      COMMAND does (128 + N: killed by signal N), or, where the gateway ends first, with its "
	"status.\n"},
    {"gateway", NODE_GATEWAY, NOTHING, RELEASE_NEEDS,
	RELEASE_TAKES " memory port results ready ready-fd listen-fd",
	"  stager-node gateway OPTIONS --ready FILE|--ready-fd N [--memory SIZE] [--port N] [--results DIR]\n"
	"      Serve the set's plaintext on 127.0.0.1 until SIGTERM, as S3 and as plain HTTP, opened in "
	"memory:\n"
	"      /VERSION-ID/shard-00000.tar, members/..., and indexes for WIDS, DALI and Energon. What is "
	"PUT\n"
	"      below /results/ is sealed for the house and written to DIR as NAME.c4gh. Once it serves, "
	"FILE\n"
	"      (0600, in a folder that nobody else can enter) or N gets a line with the url and its keys.\n"},
    {"receipt", NODE_RECEIPT, NOTHING, "house receipts", "",
	"  stager-node receipt --house HOUSE --receipts DIR\n"
	"      Send the receipts that wait in DIR.\n"},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const char help_options[] =
    "\n"
    "  --house 'COMMAND'  how to reach the house: 'ssh house.example stager release --house DIR'; or\n"
    "                     unix:PATH, a socket behind which a `stager release` speaks\n"
    "  --pin FILE         the house's card, house.json, had by another way than --house\n"
    "  --request FILE     the approved request, as `stager request new --out` wrote it\n"
    "  --job-key FILE     the job key\n"
    "  --from WHERE       where VERSION-ID/SET/shard-00000.body and .sums lie, or the version's own folder: "
    "DIR,\n"
    "                     dir:DIR, s3://BUCKET/PREFIX (AWS_* in the environment), https://HOST/PATH/\n"
    "  --streams N        requests to a remote --from at once, 1 to 64 (default 16)\n"
    "  --tries N          how often a request that gets nowhere is made, with growing pauses (default 10: "
    "about\n"
    "                     a minute)\n"
    "  --max-rate BYTES   a second, at most\n"
    "  --ca FILE          certificates to trust in place of the system's\n"
    "  --plain-http       let --from be http://: what lies there is sealed\n"
    "  --slot N           this node's place in the request, from 0; else SLURM_NODEID, else 0\n"
    "  --restart N        how often this slot was started before; else SLURM_RESTART_COUNT, else 0.\n"
    "                     Every run of list and cat is a release of its own, with a key of its own: a\n"
    "                     second run of the same slot wants a higher number, and one more of the request's\n"
    "                     redemptions\n"
    "  --chain N          of jobs that follow each other under one request, which one this is, from 0; else\n"
    "                     STAGER_CHAIN, else 0: 1000 N is added to the restart count\n"
    "  --wait SECONDS     how long a house that cannot be reached or is busy is tried again, always with "
    "the\n"
    "                     same node key; then status 5 (default 120)\n"
    "  --receipts DIR     where receipts wait that could not be sent; the next run sends them, or\n"
    "                     `stager-node receipt`. The folder must be there, others may not write to it\n"
    "  --memory SIZE      of plaintext that the gateway keeps, 64M and more (default 4G)\n"
    "  --port N           of the gateway (default: any)\n"
    "  --listen-fd N      a TCP socket, not bound yet, to serve on: whoever started the gateway holds it, "
    "too, so "
    "that\n"
    "                     nobody else has its port while that one lives\n"
    "  --help             this text\n"
    "\n"
    "Plaintext goes to standard output alone, segment by segment, each proven first. Where a fault is met "
    "in\n"
    "the middle the tar breaks off in a way that every reader takes for an error.\n"
    "Exit status: 0 done, 1 failed, 2 usage, 3 refused, 4 forged or damaged, 5 remote or not there: try "
    "again,\n"
    "6 waiting for a person.\n";

void
node_help(void)
{
	(void)fputs("Usage:\n", stdout);
	for (size_t i = 0; i < COMMANDS; i++)
		(void)fputs(commands[i].help, stdout);
	(void)fputs(help_options, stdout);
}

/* Is name one of the words of list? */
static bool
is_among(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = list; (at = strstr(at, name)) != NULL; at += len)
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

static int
read_number(const char *text, const char *name, uint64_t least, uint64_t most, uint64_t *out, struct err *e)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	if (errno != 0 || text[0] < '0' || text[0] > '9' || *end != '\0' || *out < least || *out > most)
		return err_set(e, ERR_USAGE, "%s: a whole number from %llu to %llu is wanted", name,
		    (unsigned long long)least, (unsigned long long)most);
	return 0;
}

/* 4096, 64M, 4G: a letter stands for a power of 1024. */
static int
read_size(const char *text, const char *name, uint64_t least, uint64_t most, uint64_t *out, struct err *e)
{
	static const char letters[] = "KMGT";
	size_t len = strlen(text);
	const char *letter = len > 1 ? strchr(letters, text[len - 1]) : NULL;
	unsigned shift = letter == NULL ? 0 : 10 * (unsigned)(letter - letters + 1);
	char digits[32];

	if (len >= sizeof(digits))
		return err_set(e, ERR_USAGE, "%s: a size is wanted: bytes, or 512M, 4G", name);
	(void)snprintf(digits, sizeof(digits), "%.*s", (int)(letter == NULL ? len : len - 1), text);
	if (read_number(digits, name, 0, UINT64_MAX >> shift, out, e) == -1)
		return err_set(e, ERR_USAGE, "%s: a size is wanted: bytes, or 512M, 4G", name);
	*out <<= shift;
	if (*out < least || *out > most)
		return err_set(e, ERR_USAGE, "%s: a size from %lluM to %lluM is wanted", name,
		    (unsigned long long)least >> 20, (unsigned long long)most >> 20);
	return 0;
}

/* An option as it was met. text: its value, NULL for a flag. */
static int
take_setting(const struct setting *s, const char *text, struct node_options *o, struct err *e)
{
	void *to = (char *)o + s->offset;
	char name[40];

	switch (s->kind) {
	case FLAG:
		*(bool *)to = true;
		return 0;
	case TEXT:
		*(const char **)to = text;
		return 0;
	default:
		(void)snprintf(name, sizeof(name), "--%s", s->name);
		return s->kind == SIZE ? read_size(text, name, s->least, s->most, to, e)
				       : read_number(text, name, s->least, s->most, to, e);
	}
}

/* Numbers that were not given, from the environment; what is needed, and was not given either, is missed. */
static int
complete(const struct command *c, const bool *given, struct node_options *o, struct err *e)
{
	const char *text;

	for (size_t i = 0; i < SETTINGS; i++) {
		const struct setting *s = &settings[i];

		if (!given[i] && is_among(c->needs, s->name))
			return err_set(e, ERR_USAGE, "%s: --%s is missing (see --help)", c->name, s->name);
		if (!given[i] && s->or_else != NULL && is_among(c->takes, s->name) &&
		    (text = getenv(s->or_else)) != NULL &&
		    read_number(
			text, s->or_else, s->least, s->most, (uint64_t *)((char *)o + s->offset), e) == -1)
			return -1;
	}
	if (o->chain > 0 && o->restart >= CHAIN_STEP)
		return err_set(e, ERR_USAGE, "%s: in a chain a job's restart count is at most %d", c->name,
		    CHAIN_STEP - 1);
	o->restart += o->chain * CHAIN_STEP;
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
		if (read_number(word, "SHARD", 0, MANIFEST_SHARDS_MAX - 1, &o->rows[i], e) == -1)
			return -1;
		if (seen[o->rows[i]])
			return err_set(e, ERR_USAGE, "%s: named twice", words[i]);
		seen[o->rows[i]] = true;
	}
	o->row_count = count;
	return 0;
}

/* Options of the command, up to the first word that is none. given: which settings were met. */
static int
read_options(
    int argc, char **argv, const struct command *c, bool *given, struct node_options *o, struct err *e)
{
	struct option longs[SETTINGS + 1] = {{NULL, 0, NULL, 0}};
	int found;

	for (size_t i = 0; i < SETTINGS; i++)
		longs[i] = (struct option){settings[i].name,
		    settings[i].kind == FLAG ? no_argument : required_argument, NULL, FIRST_SETTING + (int)i};
	opterr = 0;
	/* "+": what follows a command's first word belongs to that. */
	while ((found = getopt_long(argc, argv, c->rest == COMMAND ? "+h" : "h", longs, NULL)) != -1) {
		if (found == '?')
			return err_set(e, ERR_USAGE,
			    "%s: no such option, or its value is missing (see --help)", argv[optind - 1]);
		if (found == 'h' || strcmp(settings[found - FIRST_SETTING].name, "help") == 0) {
			o->help = true;
			continue;
		}
		found -= FIRST_SETTING;
		if (!is_among(c->needs, settings[found].name) && !is_among(c->takes, settings[found].name))
			return err_set(e, ERR_USAGE, "--%s does not go with %s (see --help)",
			    settings[found].name, c->name);
		given[found] = true;
		if (take_setting(&settings[found], optarg, o, e) == -1)
			return -1;
	}
	return 0;
}

int
node_options_parse(int argc, char **argv, struct node_options *o, struct err *e)
{
	const struct command *c = NULL;
	bool given[SETTINGS] = {false};

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		o->help = true;
		return 0;
	}
	for (size_t i = 0; argc > 1 && i < COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			c = &commands[i];
	if (c == NULL)
		return argc > 1 ? err_set(e, ERR_USAGE, "%s: no such command (see --help)", argv[1])
				: err_set(e, ERR_USAGE, "a command is wanted (see --help)");
	o->command = c->command;
	o->wait = COURIER_WAIT_DEFAULT;
	o->memory = GATEWAY_MEMORY_DEFAULT;
	argc--;
	argv++;
	if (read_options(argc, argv, c, given, o, e) == -1)
		return -1;
	if (o->help)
		return 0;
	if (c->rest == NOTHING && optind < argc)
		return err_set(e, ERR_USAGE, "too many arguments (see --help)");
	if (complete(c, given, o, e) == -1)
		return -1;
	if (o->command == NODE_GATEWAY && (o->ready == NULL) == (o->ready_fd == 0))
		return err_set(e, ERR_USAGE, "gateway: either --ready or --ready-fd is wanted (see --help)");
	if (c->rest == COMMAND) {
		o->argv = argv + optind;
		return optind < argc
			   ? 0
			   : err_set(e, ERR_USAGE, "%s: a command is missing (see --help)", c->name);
	}
	return c->rest == SHARDS ? read_rows(argv + optind, (size_t)(argc - optind), o, e) : 0;
}
