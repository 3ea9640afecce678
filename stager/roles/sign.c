/* stager-sign: a steward's tool, on his own machine: makes his key, shows what it signs, and signs it. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "stager/acceptance.h"
#include "stager/dsse.h"
#include "stager/enc.h"
#include "stager/io.h"
#include "stager/release.h"
#include "stager/sandbox.h"
#include "stager/secret.h"
#include "stager/sign.h"

#include "sign_show.h"

#define PROGRAM "stager-sign"

static const char help[] =
    "Usage:\n"
    "  stager-sign keygen --out FILE\n"
    "      Make a new Ed25519 key (PKCS #8 PEM, mode 0600; a file that stands is never overwritten)\n"
    "      and print its public key in hex.\n"
    "  stager-sign public --key FILE [--pem]\n"
    "      Print a key's public key.\n"
    "  stager-sign steward --key FILE --holder HOLDER --person PERSON > ENVELOPE\n"
    "      State that this key is this person's, for `stager steward add`.\n"
    "  stager-sign --key FILE [--yes] REQUEST|REPORT|STEWARD-ENVELOPE > ENVELOPE\n"
    "      Show what is to be signed, ask, and sign it. - reads it from standard input, with --yes.\n"
    "\n"
    "  --key FILE   the steward's private key\n"
    "  --yes        do not ask; what is signed is shown all the same\n"
    "  --help       this text; --version: which one this is\n"
    "\n"
    "Exit status: 0 signed, 1 failed, 2 usage, 3 refused, 4 forged or damaged, 6 nobody there to ask.\n";

enum command { COMMAND_SIGN, COMMAND_KEYGEN, COMMAND_PUBLIC, COMMAND_STEWARD };

struct options {
	enum command command;
	const char *out, *key, *holder, *person;
	bool pem, yes, help, version;
	const char *document;
};

/* ---- the command line ---- */

static int
parse(int argc, char **argv, struct options *o, struct err *e)
{
	static const struct option longs[] = {{"out", required_argument, NULL, 'o'},
	    {"key", required_argument, NULL, 'k'}, {"holder", required_argument, NULL, 'H'},
	    {"person", required_argument, NULL, 'P'}, {"pem", no_argument, NULL, 'm'},
	    {"yes", no_argument, NULL, 'y'}, {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'v'}, {NULL, 0, NULL, 0}};
	/* Which options go with which command. */
	static const char *const allowed[] = {[COMMAND_SIGN] = "kyhv",
	    [COMMAND_KEYGEN] = "oh",
	    [COMMAND_PUBLIC] = "kmh",
	    [COMMAND_STEWARD] = "kHPh"};
	static const char *const names[] = {
	    [COMMAND_KEYGEN] = "keygen", [COMMAND_PUBLIC] = "public", [COMMAND_STEWARD] = "steward"};
	int c, rest;

	for (size_t i = COMMAND_KEYGEN; argc > 1 && i <= COMMAND_STEWARD; i++)
		if (strcmp(argv[1], names[i]) == 0)
			o->command = (enum command)i;
	if (o->command != COMMAND_SIGN) {
		argc--;
		argv++;
	}
	opterr = 0;
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (c == '?')
			return err_set(e, ERR_USAGE,
			    "%s: no such option, or its value is missing (see --help)", argv[optind - 1]);
		if (strchr(allowed[o->command], c) == NULL)
			return err_set(e, ERR_USAGE, "an option does not go with this command (see --help)");
		switch (c) {
		case 'o':
			o->out = optarg;
			break;
		case 'k':
			o->key = optarg;
			break;
		case 'H':
			o->holder = optarg;
			break;
		case 'P':
			o->person = optarg;
			break;
		case 'm':
			o->pem = true;
			break;
		case 'y':
			o->yes = true;
			break;
		case 'v':
			o->version = true;
			break;
		default:
			o->help = true;
		}
	}
	rest = argc - optind;
	if (o->help || o->version)
		return 0;
	if (rest != (o->command == COMMAND_SIGN ? 1 : 0))
		return err_set(e, ERR_USAGE, "%s (see --help)",
		    o->command == COMMAND_SIGN ? "one document is wanted" : "too many arguments");
	if (rest == 1)
		o->document = argv[optind];
	if (o->command == COMMAND_KEYGEN ? o->out == NULL : o->key == NULL)
		return err_set(e, ERR_USAGE, "%s is missing (see --help)",
		    o->command == COMMAND_KEYGEN ? "--out" : "--key");
	if (o->command != COMMAND_STEWARD)
		return 0;
	if (o->holder == NULL || o->person == NULL)
		return err_set(e, ERR_USAGE, "--holder or --person is missing (see --help)");
	if (!manifest_name_ok(o->holder))
		return err_set(e, ERR_USAGE, "--holder: a name has a to z, 0 to 9, dots and hyphens");
	if (!release_person_ok(o->person))
		return err_set(e, ERR_USAGE, "--person: printable ASCII without spaces");
	return 0;
}

/* ---- the file system, before confinement ---- */

static int
keygen(const char *path, struct err *e)
{
	char hex[2 * SIGN_PUBLIC_LEN + 2];
	uint8_t key[SIGN_PUBLIC_LEN];
	struct secret *seed = NULL;
	bool made = false;
	int fd = -1, rc = -1;

	if ((seed = secret_random(SIGN_SEED_LEN, e)) == NULL || sign_public(seed, key, e) == -1)
		goto out;
	if ((fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) == -1) {
		err_sys(e, errno == EEXIST ? "%s: a key file is never overwritten" : "%s: make", path);
		goto out;
	}
	made = true;
	if (sign_write_pem(seed, fd, e) == -1)
		goto out;
	if (fsync(fd) == -1) {
		err_sys(e, "%s: sync", path);
		goto out;
	}
	if (io_sync_parent(AT_FDCWD, path, e) == -1)
		goto out;
	hex_encode(key, sizeof(key), hex);
	hex[2 * SIGN_PUBLIC_LEN] = '\n';
	rc = io_write(1, hex, 2 * SIGN_PUBLIC_LEN + 1, "public key", e);
out:
	io_close(&fd);
	if (rc == -1 && made)
		(void)unlink(path);
	secret_free(seed);
	return rc;
}

/* The key file, open. A file that others may read is no steward's key. */
static int
open_key(const char *path, struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd == -1)
		return err_sys(e, "%s: open", path);
	if (fstat(fd, &st) == -1) {
		err_sys(e, "%s", path);
	} else if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0) {
		err_set(e, ERR_REFUSED, "%s: others may read this key (chmod 600)", path);
	} else {
		return fd;
	}
	io_close(&fd);
	return -1;
}

/* ---- confined ---- */

static int
print_public(const uint8_t key[static SIGN_PUBLIC_LEN], bool pem, struct err *e)
{
	char hex[2 * SIGN_PUBLIC_LEN + 1];
	struct buf text;
	int rc = -1;

	buf_init(&text, 1024);
	hex_encode(key, SIGN_PUBLIC_LEN, hex);
	if ((pem ? sign_public_pem(key, &text, e) : buf_printf(&text, e, "%s\n", hex)) == -1)
		goto out;
	rc = io_write(1, text.data, text.len, "public key", e);
out:
	buf_free(&text);
	return rc;
}

static int
put_envelope(const struct secret *seed, const char *type, const struct buf *payload, struct err *e)
{
	struct buf envelope;
	int rc = -1;

	buf_init(&envelope, 2 * DOCUMENT_MAX);
	if (dsse_sign(seed, type, payload->data, payload->len, &envelope, e) == -1 ||
	    buf_put_u8(&envelope, '\n', e) == -1)
		goto out;
	rc = io_write(1, envelope.data, envelope.len, "envelope", e);
out:
	buf_free(&envelope);
	return rc;
}

static int
state(const struct options *o, const struct secret *seed, const uint8_t key[static SIGN_PUBLIC_LEN],
    struct err *e)
{
	struct buf payload;
	struct steward s;
	int rc = -1;

	buf_init(&payload, STEWARD_MAX);
	memset(&s, 0, sizeof(s));
	memcpy(s.holder, o->holder, strlen(o->holder) + 1);
	memcpy(s.person, o->person, strlen(o->person) + 1);
	memcpy(s.key, key, SIGN_PUBLIC_LEN);
	if (steward_encode(&s, &payload, e) == -1)
		goto out;
	rc = put_envelope(seed, DSSE_STEWARD, &payload, e);
out:
	buf_free(&payload);
	return rc;
}

/* 0 where a person said yes. */
static int
ask(bool terminal, struct err *e)
{
	static const char question[] = "Sign? [y/N] ";
	char line[16];
	size_t len = 0;

	if (!terminal)
		return err_set(e, ERR_WAIT, "not signed: a person must say yes on a terminal (or --yes)");
	if (io_write(2, question, strlen(question), "question", e) == -1)
		return -1;
	/* A terminal gives a line at a time; a longer one is no yes. */
	while (len < sizeof(line) - 1 && read(0, line + len, 1) == 1 && line[len] != '\n')
		len++;
	line[len] = '\0';
	if (strcasecmp(line, "y") != 0 && strcasecmp(line, "yes") != 0)
		return err_set(e, ERR_REFUSED, "not signed");
	return 0;
}

static int
sign(const struct options *o, int fd, const struct secret *seed, const uint8_t key[static SIGN_PUBLIC_LEN],
    bool terminal, int64_t now, struct err *e)
{
	struct document d;
	struct buf data;
	int rc = -1;

	document_init(&d);
	buf_init(&data, DOCUMENT_MAX);
	if (io_read_all(fd, &data, "document", e) == -1 ||
	    document_read(&d, data.data, data.len, key, now, e) == -1)
		goto out;
	if (io_write(2, d.text.data, d.text.len, "description", e) == -1)
		goto out;
	if (!o->yes && ask(terminal, e) == -1)
		goto out;
	rc = put_envelope(seed, d.type, &d.payload, e);
out:
	buf_free(&data);
	document_free(&d);
	return rc;
}

static int
run(const struct options *o, int argc, char **argv, struct err *e)
{
	/* Landlock is not to be had everywhere that a steward may sit. */
	const struct sandbox box = {
	    .allow = SANDBOX_SECRETS | SANDBOX_FOREIGN, .folder = -1, .memory = UINT64_C(256) << 20};
	bool terminal = isatty(0) == 1 && isatty(2) == 1;
	int64_t now = (int64_t)time(NULL);
	uint8_t key[SIGN_PUBLIC_LEN];
	struct secret *seed = NULL;
	int key_fd = -1, document_fd = -1, rc = -1;

	if (secret_start(e) == -1)
		goto out;
	if (o->command == COMMAND_KEYGEN) {
		rc = keygen(o->out, e);
		goto out;
	}
	if (o->key != NULL && (key_fd = open_key(o->key, e)) == -1)
		goto out;
	if (o->document != NULL && strcmp(o->document, "-") == 0) {
		document_fd = 0;
	} else if (o->document != NULL &&
		   (document_fd = open(o->document, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1) {
		err_sys(e, "%s: open", o->document);
		goto out;
	}
	if (sandbox_enter(&box, NULL, e) == -1)
		goto out;
	sandbox_prove(argc, argv);

	if ((seed = sign_read_pem(key_fd, "key", e)) == NULL || sign_public(seed, key, e) == -1)
		goto out;
	if (o->command == COMMAND_PUBLIC)
		rc = print_public(key, o->pem, e);
	else if (o->command == COMMAND_STEWARD)
		rc = state(o, seed, key, e);
	else
		rc = sign(o, document_fd, seed, key, terminal && document_fd != 0, now, e);
out:
	io_close(&key_fd);
	if (document_fd > 0)
		io_close(&document_fd);
	secret_free(seed);
	return rc;
}

int
main(int argc, char **argv)
{
	struct options o = {.command = COMMAND_SIGN};
	struct err e = {.code = ERR_NONE};
	bool prove = argc == 3 && strcmp(argv[1], "--prove") == 0;

	sandbox_first();
	if (!prove && parse(argc, argv, &o, &e) == -1)
		return err_report(PROGRAM, &e);
	if (o.help) {
		(void)fputs(help, stdout);
		return 0;
	}
	if (o.version) {
		(void)printf("stager-sign 0.1.0\n");
		return 0;
	}
	if (run(&o, argc, argv, &e) == -1)
		return err_report(PROGRAM, &e);
	return 0;
}
