/* Errors: one struct that says what the caller can do, and a text that names the thing and the step. */
#ifndef STAGER_ERR_H
#define STAGER_ERR_H

#include <stdarg.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* What the caller can do; err_exit_status() maps each to the exit status users see (README, "Exit status").
 */
enum err_code {
	ERR_NONE = 0,
	ERR_USAGE,   /* 2: the command line is wrong */
	ERR_UNKNOWN, /* 2: what it names is not there */
	ERR_INPUT,   /* 3: reject the dataset, file or message: it does not have the form it must have */
	ERR_LIMIT,   /* 3: reject it: it is past a named limit */
	ERR_REFUSED, /* 3: a rule of the policy or of the house says no */
	ERR_FORGED,  /* 4: stop and alarm: damaged or forged */
	ERR_REMOTE,  /* 5: the other side failed, or it is busy: try again */
	ERR_WAIT,    /* 6: a person must act first */
	ERR_SYSTEM,  /* 1: give up: the machine failed us */
};

#define ERR_TEXT_MAX 512

struct err {
	enum err_code code;
	char text[ERR_TEXT_MAX]; /* no newline; bytes outside printable ASCII stand as \xNN */
};

/*
 * Set e (NULL is allowed) and return -1, so that setting and returning is one line. The text names the thing
 * and the step ("shard 12: write body"), never a value from a dataset. err_sys appends strerror(errno), with
 * code ERR_SYSTEM. err_context puts "text: " before what stands there and leaves the code.
 */
int err_set(struct err *e, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);
int err_sys(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
int err_context(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Compilers and analysers see one file at a time, and else not that these always return -1. */
static inline int
err_always(int failed)
{
	(void)failed;
	return -1;
}
#define err_set(...) err_always((err_set)(__VA_ARGS__))
#define err_sys(...) err_always((err_sys)(__VA_ARGS__))
#define err_context(...) err_always((err_context)(__VA_ARGS__))

/* The exit status for a code, and the code for a child's exit status (an unknown one is ERR_SYSTEM). */
int err_exit_status(enum err_code code);
enum err_code err_from_exit_status(int status);

/* Print "program: text" and a newline to stderr in one write, and return err_exit_status(e->code); 1 where
 * nobody set e. */
int err_report(const char *program, const struct err *e);

#endif
