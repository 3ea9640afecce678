/* stager: the supervisor's command line. It opens files, passes descriptors, keeps the ledger; it sees no dataset and holds no key. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "stager/sandbox.h"

static const struct command commands[] = {
    {"init", "make a house",
	"stager init HOUSE --name NAME [--root-key FILE | --passphrase | --root-given] [--allow-swap]\n\n"
	"Makes the folder HOUSE with its keys, its ledger and its log. The root secret, which opens all "
	"keys:\n"
	"--root-key: a file with 32 bytes that stands elsewhere. --passphrase: made from a passphrase, which "
	"is "
	"asked for\nnow and by every command that needs it (--passphrase-fd N: a line of that descriptor). "
	"--root-given: kept elsewhere\naltogether, and given to every command: --root-fd N or STAGER_ROOT_FD "
	"(a "
	"descriptor with the 32 bytes), or the\nsystemd credential stager-root. Else HOUSE/root.key is made: "
	"move "
	"it to a safer place and link it there.\n",
	cmd_init},
    {"ingest-key", "the public key that sources are sealed for",
	"stager ingest-key [--out FILE]\n\nA Crypt4GH public key file. What `stager crypt4gh encrypt "
	"--recipient_pk FILE`, or any other Crypt4GH tool, seals\nfor it, `stager push` takes as a source "
	"under a name that ends in .c4gh.\n",
	cmd_ingest_key},
    {"holder", "add an institution that owns datasets", "stager holder add NAME\nstager holder list\n",
	cmd_holder},
    {"steward", "add a person who decides for a holder",
	"stager steward add ENVELOPE [ENVELOPE ENVELOPE]\nstager steward list\n\n"
	"The first envelope is the newcomer's own (stager-sign steward). A holder's third steward, and every "
	"one after,\n"
	"needs two more: the same statement signed by two of its stewards.\n",
	cmd_steward},
    {"policy", "draft and check a scrubbing policy, and say what a change lets out",
	"stager policy suggest SOURCE... [--out FILE]\nstager policy check FILE\nstager policy diff OLD "
	"NEW\n\nsuggest: a "
	"draft for these sources, which drops nearly everything and says in comments what each column looks "
	"like.\ncheck: names the line and the reason where "
	"something is wrong. --json prints the resolved policy.\ndiff: in words what NEW lets out that OLD "
	"did not, most dangerous first. Each is a file, or a version, whose policy is\nmeant. Status 0: "
	"nothing "
	"more is let out; 6: something may be, and a person must look.\n",
	cmd_policy},
    {"push", "scrub, seal and log a dataset",
	"stager push SOURCE... --name NAME --policy FILE [--holder NAME] [--meta FILE]\n"
	"            [--exclude LIST=FILE]... [--append] [--jobs N] [--stall SECONDS] [--dry-run [--html "
	"FILE [--lang "
	"nl|en]]]\n"
	"stager push SOURCE... --list-files\n\n"
	"SOURCE: a folder, a file, or an archive (tar, tar.gz, tar.xz, tar.zst, zip); or these sealed for "
	"the house (stager\ningest-key), NAME.c4gh. Prints the version's "
	"id last. Status 6: the\n"
	"version is HELD, because it goes past what the policy accepts unseen; a steward decides (stager "
	"report, stager accept).\n"
	"--exclude: for each list that the policy names (subject: exclude) a file with a key a line; nothing "
	"that is linked to\nthese subjects, or names them by key, leaves.\n"
	"Unchanged sources and lists under an unchanged policy give back the version that there is.\n"
	"--append: a version of all that the dataset's latest one has and of what is new in the sources, "
	"under "
	"its policy; the\nsubject table must be among them.\n"
	"--jobs: so many parts are scrubbed at once, 1 to 8; else one a processor, one for each 1.5 GiB of "
	"free memory at most.\nThe result is the same.\n"
	"--stall: a program in which nothing moves for so long, or that computes three times as long and "
	"moves "
	"nothing, ends the\npush, which can be done again; 600, and 0: never.\n"
	"--list-files: no push, but which number reports and errors give to which file of these sources.\n"
	"--dry-run: scrub and check alone, and the report of it; nothing is sealed, kept or logged. Status "
	"6: a "
	"push would be HELD.\n",
	cmd_push},
    {"list", "list versions", "stager list [--holder NAME]\n", cmd_list},
    {"show", "show one version", "stager show VERSION\n", cmd_show},
    {"report", "show what was scrubbed and what was held back",
	"stager report VERSION [--html FILE [--lang nl|en]] [--out FILE]\n\n--html: one page for people, "
	"Dutch "
	"and English; no script, nothing from elsewhere.\n--out: the document that a steward signs "
	"(stager-sign "
	"FILE) to accept the version.\n",
	cmd_report},
    {"review", "look at a sample of a version before it is accepted",
	"stager review VERSION --reviewer PERSON [--set SET] [--letters N] [--scans N]\n"
	"stager review VERSION --reviewer PERSON --list | --show MEMBER | --verdicts FILE\n"
	"stager review VERSION [--record FILE]\n\n"
	"On a terminal: scrubbed letters, and the attributes of scans (their pixels are not shown), one "
	"after the other, "
	"drawn\nby a key that nobody chose; of each, whether something is in it that should not be. The same "
	"command goes "
	"on where it\nwas left. What is said enters the report, which is then signed with it (stager report "
	"--out). PERSON: "
	"a steward of the\nversion's holder.\n--list: the sample. --show: one of it, on standard output. "
	"--verdicts: what "
	"was said of "
	"members, from a "
	"file:\n{\"type\":\"stager.verdicts.1\",\"version-id\":ID,\"set\":SET,\"verdicts\":[{\"member\":"
	"N,"
	"\"verdict\":\"ok\"},\n{\"member\":N,\"verdict\":\"found\",\"kind\":KIND}]}, all of it or nothing. "
	"Without "
	"--reviewer: how far it is. --record:\nevery verdict, who gave it and when.\n",
	cmd_review},
    {"verify", "re-read and prove everything",
	"stager verify [VERSION]\n\nSignatures, tree, openings, every sum of every body, every "
	"wrapped key. Status 4 where anything is damaged or forged.\n",
	cmd_verify},
    {"accept", "accept a version, with a steward's signature",
	"stager accept ENVELOPE\n\nENVELOPE: stager report VERSION --out FILE, "
	"then stager-sign --key KEY FILE.\n",
	cmd_accept},
    {"reject", "reject a version and delete its shards", "stager reject VERSION\n", cmd_reject},
    {"request", "ask for a release",
	"stager request new VERSION --site SITE --job-key FILE --requester PERSON [--slots N] [--redemptions "
	"M]\n"
	"                   [--days D | --until SECONDS-SINCE-1970] [--set SET] [--out FILE]\n"
	"stager request list\nstager request show REQUEST [--out FILE]\nstager request cancel REQUEST\n\n"
	"--job-key: the public key (PEM) of the job, from stager-node keygen. --out: the document that two "
	"stewards sign.\n",
	cmd_request},
    {"approve", "hand in a steward's approval of a request", "stager approve ENVELOPE\n", cmd_approve},
    {"root", "change, split and join the root secret",
	"stager root rotate [--new-root-key FILE | --new-passphrase [--new-passphrase-fd N] | --new-root-fd "
	"N]\n"
	"stager root split --shares N --threshold K --out DIR\n"
	"stager root join SHARE... --out FILE\n"
	"stager root join SHARE... -- COMMAND ...\n\n"
	"rotate: everything in the key store under a new root secret; alone of its kind unless said "
	"otherwise. "
	"Shares of the\nold one are worth nothing afterwards. split: files of which any K give the root "
	"secret "
	"back. join: into a new file\nof 32 bytes, or for one command (it gets STAGER_ROOT_FD).\n",
	cmd_root},
    {"withdraw", "take people out of what is sealed already",
	"stager withdraw VERSION|NAME --subjects FILE [--holder HOLDER] [--unknown] [--no-new-version] "
	"[--yes]\n\nWithout --yes it shows what would go, and takes nothing out (status 6).\nFILE: a key a "
	"line, "
	"as in the subject table. A new version is made without these people: "
	"shards that hold nothing of them\nare shared, the others are opened and sealed anew inside the "
	"house. The old version is WITHDRAWN: its keys and bodies go,\nits requests end. NAME: of the "
	"dataset's latest version; its others that hold them are WITHDRAWN, too. Later pushes of\nthe "
	"dataset leave these people out. A key that nobody has refuses the withdrawal, and "
	"its\nline is "
	"named; --unknown takes it for later pushes. --no-new-version: only end the version; push again "
	"then. What was released cannot be recalled.\n",
	cmd_withdraw},
    {"erase", "erase a dataset, keys first",
	"stager erase --dataset NAME --holder HOLDER [--yes]\n\nWithout --yes it shows what would go, and "
	"does "
	"nothing (status 6).\n"
	"Deletes the keys and bodies of all its versions, and rewrites the key store under a new generation, "
	"in "
	"which no old\ncopy of its key opens; then removes what was sent elsewhere (stager prune). Nothing "
	"brings it back but backups of the whole key store, "
	"until "
	"the root secret is changed\n(stager root rotate) and the old one destroyed. The log keeps that it "
	"was "
	"there.\n",
	cmd_erase},
    {"prune", "remove from remote places what was erased or withdrawn",
	"stager prune [--dataset NAME --holder HOLDER] [--to ENDPOINT|URL] [--gone] [--streams N] [--tries "
	"N] [--plain-http] [--ca "
	"FILE]\n\n"
	"Removes the bodies, sums, tables and manifests of versions that are ERASED or WITHDRAWN from "
	"wherever they were "
	"sent\n(stager erase does so at its end), each entered in the log before. What the house did not put "
	"there stays. A place "
	"that\ncannot be reached is named, stays open, and is tried again by the next call (status 5). So "
	"does one that has "
	"nothing of\nwhat was sent there: it may be another disk, or one that is not mounted; --gone: it is "
	"gone, and that is all "
	"right.\n",
	cmd_prune},
    {"endpoint", "name places that sealed sets may be sent to",
	"stager endpoint add NAME --url URL --country CC --site SITE [--gateway https://HOST]\nstager "
	"endpoint "
	"remove NAME\nstager endpoint list\n\n"
	"URL: dir:/PATH, s3://BUCKET/PREFIX, https://HOST/PATH. --gateway: the S3 service that has the "
	"bucket "
	"(AWS_ENDPOINT_URL\nwhere not said); sends go there, whatever the environment says then. CC: the "
	"country that it stands in (two "
	"letters). SITE: the "
	"site\nthat reads there. A set is sent only where its policy lists both. A name stands for one place "
	"for good.\n",
	cmd_endpoint},
    {"send", "send an accepted version's sealed shards to an endpoint",
	"stager send VERSION --to ENDPOINT|URL [--set SET] [--check] [--deep] [--streams N] [--max-rate "
	"BYTES] [--part BYTES]\n"
	"            [--tries N] [--plain-http] [--ca FILE]\n\n"
	"URL: at or below an endpoint's. Sends what is not there yet, bodies and sums first, the manifest "
	"last, and looks at "
	"all of it\nin the end; the same command goes on where one was cut, and sends again what changed or "
	"vanished. --check: "
	"only what\nwas sent there before. --deep: read everything that is there. --receipt: the signed "
	"record of the "
	"delivery. --json: a line\nfor each object, and the result last. --plain-http: http:// may be "
	"used.\n",
	cmd_send},
    {"release", "speak with one node, on stdin and stdout",
	"stager release --house DIR\n\nThe command that stager-node is given: "
	"--house 'ssh house.example stager release --house DIR'.\n",
	cmd_release},
    {"crypt4gh", "seal and open Crypt4GH files", "stager crypt4gh --help\n", cmd_crypt4gh},
};

/* The lines that say how it is used, up to the empty one, each below the other. Returns what follows. */
static const char *
synopsis(FILE *to, const char *usage)
{
	(void)fputs("usage: ", to);
	for (; *usage != '\0' && strncmp(usage, "\n\n", 2) != 0; usage++) {
		(void)fputc(*usage, to);
		if (strncmp(usage, "\nstager ", 8) == 0)
			(void)fputs("       ", to);
	}
	return usage;
}

static int
help(FILE *to)
{
	(void)fprintf(to, "stager: a clearing house for sensitive data\n\nusage: stager COMMAND [--house "
			  "DIR] [--json] [--receipt FILE] "
			  "...\n\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		(void)fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].summary);
	(void)fprintf(to, "\n`stager COMMAND --help` says more. Exit status: 0 done, 1 failed, 2 usage, 3 "
			  "refused, 4 damaged or\n"
			  "forged, 5 busy or remote: try again, 6 waiting for a person.\n");
	return to == stdout ? 0 : 2;
}

int
main(int argc, char **argv)
{
	struct err e = {.code = ERR_NONE};
	int rc;

	sandbox_first();
	if (argc < 2)
		return help(stderr);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
		return help(stdout);
	if (strcmp(argv[1], "--version") == 0) {
		(void)printf("stager 0.1.0\n");
		return 0;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		rc = commands[i].run(argc - 2, argv + 2, &e);
		if (rc == CLI_HELP) {
			(void)fputs(synopsis(stdout, commands[i].usage), stdout);
			if (strcmp(commands[i].name, "crypt4gh") != 0)
				(void)printf(
				    "\n--house DIR, or STAGER_HOUSE: the house. --json: one JSON object on "
				    "standard output. --receipt FILE: the same, to a file.\n");
			return 0;
		}
		if (rc >= 0 && fflush(stdout) == EOF)
			rc = err_sys(&e, "output");
		if (rc >= 0)
			return rc;
		if (e.code == ERR_USAGE)
			/* What was wrong comes last, and must not drown. */
			(void)fputs(*synopsis(stderr, commands[i].usage) == '\0' ? "" : "\n", stderr);
		return err_report("stager", &e);
	}
	err_set(&e, ERR_USAGE,
	    *argv[1] == '-' ? "%s: the command comes first; see stager --help"
			    : "%s: no such command; see stager --help",
	    argv[1]);
	return err_report("stager", &e);
}
