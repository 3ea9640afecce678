/* What the commands share: options, the house, what they print. stager/cli/options.c, output.c. */
#ifndef STAGER_CLI_H
#define STAGER_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stager/buf.h"
#include "stager/err.h"
#include "stager/progress.h"
#include "stager/report_html.h"

struct house;
struct json;

/* Options that every command takes. */
struct common {
	const char *house;   /* --house, or STAGER_HOUSE */
	bool json;           /* --json: one JSON object on stdout instead of words */
	const char *receipt; /* --receipt FILE: what was made, written at once */
	const char *root_fd,
	    *passphrase_fd; /* --root-fd N, --passphrase-fd N: where the root secret is from */
	bool help;
};

/* One option of a command. value: "--name VALUE"; flag: "--name"; list: may be given again and again. */
struct option_spec {
	const char *name; /* without its dashes; NULL ends the table */
	const char **value;
	bool *flag;
	const char **list;
	size_t *list_count; /* at most list_max go into list */
	size_t list_max;
};

/*
 * Parse what follows the command's name. Words that are no options go to words (at most max; *count of them). ERR_USAGE names what is
 * wrong. "--" ends the options.
 */
int options_parse(int argc, char **argv, const struct option_spec *specs, struct common *common,
    const char **words, size_t max, size_t *count, struct err *e) MUST_CHECK __attribute__((nonnull(4)));
/*
 * As options_parse, for a command that takes exactly count words; wanted: what is said (ERR_USAGE) where there are fewer, for count > 0.
 * False where the command is over: *rc is then what it returns, CLI_HELP or -1, and else unchanged.
 */
bool options_words(int argc, char **argv, const struct option_spec *specs, struct common *common,
    const char **words, size_t count, const char *wanted, int *rc, struct err *e) MUST_CHECK;
/* A whole number within bounds from an option's text. */
int options_number(
    const char *text, const char *name, int64_t min, int64_t max, int64_t *out, struct err *e) MUST_CHECK;

/* The house that --house or STAGER_HOUSE names. Caller closes. */
struct house *cli_house(const struct common *common, struct err *e) MUST_CHECK;
/*
 * Where the root secret is to be had from: --root-fd, STAGER_ROOT_FD, $CREDENTIALS_DIRECTORY/stager-root (into path), and
 * --passphrase-fd, STAGER_PASSPHRASE_FD.
 */
struct root_from;
int cli_root_from(
    const struct common *common, struct root_from *out, char *path, size_t size, struct err *e) MUST_CHECK;
/* The descriptor that an option or a variable names, which must be open; -1 in *out where text is NULL. */
int cli_descriptor(const char *text, const char *name, int *out, struct err *e) MUST_CHECK;
/* A whole file, "-" for stdin, at most max bytes. */
int cli_read(const char *path, size_t max, struct buf *out, struct err *e) MUST_CHECK;
/* Put a file in place at once, relative to the current folder. */
int cli_write(const char *path, const void *data, size_t len, struct err *e) MUST_CHECK;
/*
 * What a command ends with: result as JSON where --json was said, else words (a line, may be NULL); and the receipt where one was
 * asked for. result is freed.
 */
int cli_result(const struct common *common, struct json *result, const char *words, struct err *e) MUST_CHECK;
struct ledger_query;
/* The end of a query (NULL: it was ended) that made a list, which is freed: more is what ledger_next said last, 0 or -1. */
int cli_list_end(const struct common *common, struct ledger_query *q, int more, struct json *list,
    struct err *e) MUST_CHECK;
/* The document that a steward signs (acceptance.h), as a table; appended to out. state: the version's; NULL of a dry run. */
int report_table(const struct json *document, const char *state, struct buf *out, struct err *e) MUST_CHECK;
/* What a version's state means for whoever reads its report: a line; NULL where the report says enough. */
const char *report_ended(const char *state);
/* What would follow a push that was only tried (push_result.document), appended below it. dry_table.c */
int dry_table(const struct json *document, struct buf *out, struct err *e) MUST_CHECK;

/* What --lang says: "nl", "en", or nothing for both. Without --html it is ERR_USAGE. report_page.c */
int report_page_language(
    const char *lang, const char *html, enum report_language *out, struct err *e) MUST_CHECK;
/* The document as a page into a file of mode 0600; bytes: the document as it is signed, state: the version's; both NULL for a dry run. */
int report_page(const char *path, const struct json *document, const struct buf *bytes, const char *state,
    enum report_language language, struct err *e) MUST_CHECK;

/* One command. run gets what follows its name. */
struct command {
	const char *name;
	const char *summary; /* a line for `stager --help` */
	const char *usage;   /* for `stager NAME --help` */
	int (*run)(int argc, char **argv, struct err *e);
};

int cmd_init(int argc, char **argv, struct err *e);
int cmd_ingest_key(int argc, char **argv, struct err *e);
int cmd_holder(int argc, char **argv, struct err *e);
int cmd_steward(int argc, char **argv, struct err *e);
int cmd_policy(int argc, char **argv, struct err *e);
int cmd_prune(int argc, char **argv, struct err *e);
int cmd_push(int argc, char **argv, struct err *e);
int cmd_list(int argc, char **argv, struct err *e);
int cmd_show(int argc, char **argv, struct err *e);
int cmd_report(int argc, char **argv, struct err *e);
int cmd_review(int argc, char **argv, struct err *e);
int cmd_verify(int argc, char **argv, struct err *e);
int cmd_accept(int argc, char **argv, struct err *e);
int cmd_reject(int argc, char **argv, struct err *e);
int cmd_request(int argc, char **argv, struct err *e);
int cmd_approve(int argc, char **argv, struct err *e);
int cmd_crypt4gh(int argc, char **argv, struct err *e);
int cmd_release(int argc, char **argv, struct err *e);
int cmd_root(int argc, char **argv, struct err *e);
int cmd_withdraw(int argc, char **argv, struct err *e);
int cmd_erase(int argc, char **argv, struct err *e);
int cmd_endpoint(int argc, char **argv, struct err *e);
int cmd_send(int argc, char **argv, struct err *e);

/*
 * Remove what a holder's dataset (NULL: whatever was erased or withdrawn) left at remote places, a line for each; "removed-from"
 * and "held-at" of j receive what became of it. *open: places that hold bodies still. cmd_prune.c
 */
struct prune;
int prune_report(struct house *h, const struct common *common, const struct prune *p, struct json *j,
    size_t *open, struct err *e) MUST_CHECK;

/*
 * What would go, without --yes: words (may be NULL) and each of `versions` (preview.h) as lines; with --json j, of which they become a
 * part. j and versions are taken. Always -1: ERR_WAIT where it could be shown. preview.c
 */
int preview_tell(const struct common *common, const char *command, const char *words, struct json *j,
    struct json *versions, struct err *e) MUST_CHECK;

/* Returned by a command whose --help was asked for: main prints its usage. */
#define CLI_HELP 1000

/* Add "uses" to j: a request's releases, refusals and receipts, with their places in the log; a line each where no JSON
 * is wanted. request_uses.c */
int request_uses(
    struct house *h, const struct common *common, const char *id, struct json *j, struct err *e) MUST_CHECK;

#endif
