/* stager-crypt4gh's command line: that of the Python reference tool, so that its scripts run unchanged. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypt4gh.h"

static const char help[] =
    "Crypt4GH, the GA4GH format for sealed files: from standard input to standard output.\n"
    "\n"
    "Usage:\n"
    "  %s encrypt [--sk FILE] --recipient_pk FILE... [--range START-END] [--header FILE]\n"
    "  %s decrypt --sk FILE [--sender_pk FILE] [--range START-END]\n"
    "  %s reencrypt --sk FILE --recipient_pk FILE... [--trim] [--header-only]\n"
    "  %s rearrange --sk FILE --range START-END\n"
    "  %s keygen [--sk FILE] [--pk FILE] [--nocrypt] [-C COMMENT] [-f]\n"
    "\n"
    "  --sk FILE            private key: Crypt4GH's, or OpenSSH's Ed25519; else C4GH_SECRET_KEY names it; "
    "encrypt\n"
    "                       without one makes one for this file alone\n"
    "  --recipient_pk FILE  public key of one who may read; again for each\n"
    "  --sender_pk FILE     take header packets of this writer alone\n"
    "  --range START-END    END - START - 1 bytes from START on (as the reference tool counts); START-: to "
    "the end\n"
    "  --header FILE        write the header there, and the body alone to standard output\n"
    "  --header-only        standard input holds a header alone\n"
    "  -t, --trim           leave out header packets that the key does not open\n"
    "  --passphrase-fd N    read the private key's passphrase from descriptor N; else C4GH_PASSPHRASE, else "
    "the terminal\n"
    "  --log FILE           taken, and ignored\n"
    "\n"
    "decrypt proves the order of what encrypt here sealed, and says so where another writer's file does not "
    "let it.\n"
    "Exit status: 0 done, 1 failed, 2 usage, 3 refused, 4 damaged or forged, 6 nobody there to ask.\n";

static const char help_keygen[] =
    "  %s [--sk FILE] [--pk FILE] [--nocrypt] [-C COMMENT] [-f]\n"
    "\n"
    "  --sk FILE            the private key to make; default C4GH_SECRET_KEY, else ~/.c4gh/key\n"
    "  --pk FILE            the public key to make; default C4GH_PUBLIC_KEY, else ~/.c4gh/key.pub\n"
    "  --nocrypt            no passphrase\n"
    "  --passphrase-fd N    read the passphrase from descriptor N; else C4GH_PASSPHRASE, else the terminal\n"
    "  -C COMMENT           goes into the private key's file\n"
    "  -f                   overwrite\n";

void
crypt4gh_help(const struct crypt4gh_options *o)
{
	if (o->command == CRYPT4GH_KEYGEN) {
		(void)printf("Make a Crypt4GH key pair.\n\nUsage:\n");
		(void)printf(help_keygen,
		    strcmp(o->called, "crypt4gh-keygen") == 0 ? o->called : "stager crypt4gh keygen");
		return;
	}
	(void)printf(help, o->called, o->called, o->called, o->called, o->called);
}

static int
parse_number(const char **text, uint64_t *out)
{
	uint64_t n = 0;
	const char *p = *text;

	if (*p < '0' || *p > '9')
		return -1;
	for (; *p >= '0' && *p <= '9'; p++) {
		if (n > (UINT64_C(1) << 62) / 10)
			return -1;
		n = 10 * n + (uint64_t)(*p - '0');
	}
	*text = p;
	*out = n;
	return 0;
}

/* START-END, START- or START. The reference tool takes END - START - 1 bytes, and its scripts count on that. */
static int
parse_range(const char *text, struct crypt4gh_options *o, struct err *e)
{
	uint64_t end;

	if (parse_number(&text, &o->start) == -1)
		goto bad;
	if (*text == '-')
		text++;
	else if (*text != '\0')
		goto bad;
	if (*text == '\0')
		return 0;
	if (parse_number(&text, &end) == -1 || *text != '\0' || end <= o->start || end - o->start < 2)
		goto bad;
	o->len = end - o->start - 1;
	return 0;
bad:
	return err_set(e, ERR_USAGE, "--range: not START-END with at least one byte (see --help)");
}

static int
parse_descriptor(const char *text, int *fd, struct err *e)
{
	uint64_t n;

	if (parse_number(&text, &n) == -1 || *text != '\0' || n > 1u << 20)
		return err_set(e, ERR_USAGE, "--passphrase-fd: not a descriptor");
	*fd = (int)n;
	return 0;
}

/* What stands for an option with no letter of its own. */
enum {
	OPTION_SK = 'k',
	OPTION_PK = 'p',
	OPTION_RECIPIENT = 'r',
	OPTION_SENDER = 's',
	OPTION_RANGE = 'R',
	OPTION_HEADER = 'H',
	OPTION_HEADER_ONLY = 'o',
	OPTION_NOCRYPT = 'n',
	OPTION_FD = 'F',
	OPTION_LOG = 'L'
};

static const struct {
	const char *name, *takes;
} commands[] = {
    [CRYPT4GH_ENCRYPT] = {"encrypt", "krRHF"},
    [CRYPT4GH_DECRYPT] = {"decrypt", "ksRF"},
    [CRYPT4GH_REENCRYPT] = {"reencrypt", "krotF"},
    [CRYPT4GH_REARRANGE] = {"rearrange", "kRF"},
    [CRYPT4GH_KEYGEN] = {"keygen", "kpnCfF"},
};

/* One option, whatever the command. */
static int
take_option(int c, struct crypt4gh_options *o, struct err *e)
{
	switch (c) {
	case OPTION_SK:
		o->sk = optarg;
		return 0;
	case OPTION_PK:
		o->pk = optarg;
		return 0;
	case OPTION_RECIPIENT:
		o->recipients[o->recipient_count++] = optarg;
		return 0;
	case OPTION_SENDER:
		o->sender_pk = optarg;
		return 0;
	case OPTION_RANGE:
		return parse_range(optarg, o, e);
	case OPTION_HEADER:
		o->header = optarg;
		return 0;
	case OPTION_HEADER_ONLY:
		o->header_only = true;
		return 0;
	case OPTION_NOCRYPT:
		o->nocrypt = true;
		return 0;
	case OPTION_FD:
		return parse_descriptor(optarg, &o->passphrase_fd, e);
	case OPTION_LOG:
		return 0;
	case 't':
		o->trim = true;
		return 0;
	case 'f':
		o->force = true;
		return 0;
	case 'C':
		o->comment = optarg;
		return 0;
	case 'v':
		o->version = true;
		return 0;
	case 'h':
		o->help = true;
		return 0;
	default:
		return err_set(e, ERR_USAGE, "no such option, or its value is missing (see --help)");
	}
}

/* The command: from the name it was started under, or the one word. */
static int
take_command(int argc, char **argv, struct crypt4gh_options *o, struct err *e)
{
	if (strcmp(o->called, "crypt4gh-keygen") == 0) {
		o->command = CRYPT4GH_KEYGEN;
		return optind == argc ? 0 : err_set(e, ERR_USAGE, "too many arguments (see --help)");
	}
	for (size_t i = 0; optind < argc && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[optind], commands[i].name) != 0)
			continue;
		o->command = (enum crypt4gh_command)i;
		return optind + 1 == argc ? 0 : err_set(e, ERR_USAGE, "too many arguments (see --help)");
	}
	if (o->help || o->version)
		return 0;
	return err_set(
	    e, ERR_USAGE, "encrypt, decrypt, reencrypt, rearrange or keygen is wanted (see --help)");
}

int
crypt4gh_parse(int argc, char **argv, struct crypt4gh_options *o, struct err *e)
{
	static const struct option longs[] = {{"sk", required_argument, NULL, OPTION_SK},
	    {"pk", required_argument, NULL, OPTION_PK},
	    {"recipient_pk", required_argument, NULL, OPTION_RECIPIENT},
	    {"sender_pk", required_argument, NULL, OPTION_SENDER},
	    {"range", required_argument, NULL, OPTION_RANGE},
	    {"header", required_argument, NULL, OPTION_HEADER},
	    {"header-only", no_argument, NULL, OPTION_HEADER_ONLY}, {"trim", no_argument, NULL, 't'},
	    {"nocrypt", no_argument, NULL, OPTION_NOCRYPT},
	    {"passphrase-fd", required_argument, NULL, OPTION_FD},
	    {"log", required_argument, NULL, OPTION_LOG}, {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'v'}, {NULL, 0, NULL, 0}};
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	char seen[64] = "";
	size_t count = 0;
	int c;

	*o = (struct crypt4gh_options){.len = UINT64_MAX, .passphrase_fd = -1};
	o->called = argc == 0 ? "stager-crypt4gh" : slash == NULL ? argv[0] : slash + 1;
	if ((o->recipients = calloc((size_t)argc + 1, sizeof(char *))) == NULL)
		return err_set(e, ERR_SYSTEM, "out of memory");
	opterr = 0;
	while ((c = getopt_long(argc, argv, "hvtfC:", longs, NULL)) != -1) {
		if (take_option(c, o, e) == -1)
			return -1;
		if (strchr("hvL", c) == NULL && strchr(seen, c) == NULL && count + 1 < sizeof(seen))
			seen[count++] = (char)c;
	}
	if (take_command(argc, argv, o, e) == -1)
		return -1;
	if (o->help || o->version)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (strchr(commands[o->command].takes, seen[i]) == NULL)
			return err_set(e, ERR_USAGE, "an option does not go with %s (see --help)",
			    commands[o->command].name);
	if (o->sk == NULL && (o->sk = getenv("C4GH_SECRET_KEY")) != NULL && *o->sk == '\0')
		o->sk = NULL;
	if (o->command == CRYPT4GH_KEYGEN)
		return 0;
	if ((o->command == CRYPT4GH_ENCRYPT || o->command == CRYPT4GH_REENCRYPT) && o->recipient_count == 0)
		return err_set(e, ERR_USAGE, "--recipient_pk is missing (see --help)");
	if (o->command != CRYPT4GH_ENCRYPT && o->sk == NULL)
		return err_set(e, ERR_USAGE, "--sk is missing, and so is C4GH_SECRET_KEY (see --help)");
	if (o->command == CRYPT4GH_REARRANGE && o->start == 0 && o->len == UINT64_MAX)
		return err_set(e, ERR_USAGE, "--range is missing, or takes all (see --help)");
	return 0;
}
