/* A steward at a terminal, one member after the other. What is shown goes past this program; it asks, and notes the answer. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd_review.h"
#include "stager/house_review.h"

#define LINES_LEAST 5
#define LINES_OWN 5 /* head, and the question */

/* The other screen of a terminal, which has no memory: nothing of a member is left to be scrolled back to. */
#define SCREEN_ENTER "\x1b[?1049h"
#define SCREEN_CLEAR "\x1b[0m\x1b[H\x1b[2J"
#define SCREEN_LEAVE SCREEN_CLEAR "\x1b[?1049l"

struct prompt {
	struct house_review *r;
	const struct review_member *members;
	size_t count, at;
	size_t lines, from, page, seen; /* of the open member: seen up to this line */
	const char *remark;
};

static void
leave(int signal)
{
	ssize_t n = write(STDOUT_FILENO, SCREEN_LEAVE, sizeof(SCREEN_LEAVE) - 1);

	(void)n;
	(void)raise(signal);
}

/* Whoever stops it finds the terminal as it was. */
static void
catch_signals(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction action = {.sa_handler = leave, .sa_flags = (int)SA_RESETHAND};

	(void)sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaction(signals[i], &action, NULL);
	/* Taken up again it would go on outside of that screen. */
	action.sa_handler = SIG_IGN;
	(void)sigaction(SIGTSTP, &action, NULL);
}

static void
screen_size(size_t *lines, size_t *columns)
{
	struct winsize size;

	*lines = 24;
	*columns = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
		*lines = size.ws_row;
		*columns = size.ws_col;
	}
	*lines = *lines > LINES_OWN + LINES_LEAST ? *lines - LINES_OWN : LINES_LEAST;
}

/* Of the letters or of the scans. */
static size_t
of_stratum(const struct prompt *p, enum review_stratum stratum)
{
	size_t n = 0;

	for (size_t i = 0; i < p->count; i++)
		n += p->members[i].stratum == stratum;
	return n;
}

static int
draw(struct prompt *p, struct err *e)
{
	const struct review_member *m = &p->members[p->at];
	size_t end = p->from + p->page < p->lines ? p->from + p->page : p->lines;

	if (end > p->seen)
		p->seen = end;
	(void)printf(SCREEN_CLEAR
	    "%s: %s %lld of %zu (member %lld, %s, %lld bytes), lines %zu to %zu of %zu%s%s%s\n\n",
	    house_review_set(p->r), m->stratum == REVIEW_LETTERS ? "letter" : "scan", (long long)m->rank,
	    of_stratum(p, m->stratum), (long long)m->number, m->extension, (long long)m->size,
	    p->lines == 0 ? 0 : p->from + 1, end, p->lines,
	    m->verdict[0] == '\0' ? "" : "; said: ", m->verdict, m->kind[0] == '\0' ? "" : " something");
	if (fflush(stdout) == EOF)
		return err_sys(e, "output");
	if (house_review_page(p->r, p->from, p->page, e) == -1)
		return -1;
	(void)printf("\n%s%s", p->remark == NULL ? "" : p->remark, p->remark == NULL ? "" : "\n");
	(void)printf("[o]k  [f]ound something  [enter] next page  [p]age before  [s]kip  [b]ack  [q]uit > ");
	p->remark = NULL;
	return fflush(stdout) == EOF ? err_sys(e, "output") : 0;
}

/* A line's first letter; '\n' for an empty one, 'q' at the end of input. */
static int
answer(char *line, size_t size)
{
	if (fgets(line, (int)size, stdin) == NULL)
		return 'q';
	line[strcspn(line, "\r\n")] = '\0';
	return line[0] == '\0' ? '\n' : line[0];
}

/* 1 and the kind, or 0 where none was named. */
static int
ask_kind(const char **kind)
{
	char line[64];

	(void)printf("what is it?");
	for (size_t i = 0; review_kinds[i] != NULL; i++)
		(void)printf(" %s", review_kinds[i]);
	(void)printf(" > ");
	(void)fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL)
		return 0;
	line[strcspn(line, "\r\n")] = '\0';
	for (size_t i = 0; line[0] != '\0' && review_kinds[i] != NULL; i++) {
		if (strncmp(review_kinds[i], line, strlen(line)) == 0) {
			*kind = review_kinds[i];
			return 1;
		}
	}
	return 0;
}

static int
say(struct prompt *p, const char *verdict, const char *kind, struct err *e)
{
	if (house_review_say(p->r, p->at, verdict, kind, e) == -1)
		return -1;
	p->at++;
	return 0;
}

/* The open member until something is said of it. 1: go on with p->at, 0: stop, -1. */
static int
ask(struct prompt *p, struct err *e)
{
	const char *kind = NULL;
	char line[64];

	for (;;) {
		if (draw(p, e) == -1)
			return -1;
		switch (answer(line, sizeof(line))) {
		case 'o':
			if (p->seen >= p->lines)
				return say(p, "ok", NULL, e) == -1 ? -1 : 1;
			p->remark = "There is more of it: go to its end first.";
			break;
		case 'f':
			if (ask_kind(&kind) == 1)
				return say(p, "found", kind, e) == -1 ? -1 : 1;
			p->remark = "Not noted: that is none of the kinds.";
			break;
		case '\n':
		case 'n':
			if (p->from + p->page < p->lines)
				p->from += p->page;
			else
				p->remark = "That was all of it.";
			break;
		case 'p':
			p->from = p->from > p->page ? p->from - p->page : 0;
			break;
		case 's':
			p->at++;
			return 1;
		case 'b':
			p->at -= p->at > 0;
			return 1;
		case 'q':
			return 0;
		default:
			p->remark = "One of these letters, please.";
		}
	}
}

int
review_prompt(struct house_review *r, struct err *e)
{
	struct prompt p = {.r = r};
	size_t columns;
	int rc = 1;

	p.members = house_review_members(r, &p.count);
	/* Where it was left off. */
	while (p.at < p.count && p.members[p.at].verdict[0] != '\0')
		p.at++;
	if (p.at == p.count)
		return 0;
	catch_signals();
	(void)fputs(SCREEN_ENTER, stdout);
	while (rc == 1 && p.at < p.count) {
		screen_size(&p.page, &columns);
		p.from = p.seen = 0;
		if (house_review_take(r, p.at, STDOUT_FILENO, columns, &p.lines, e) == -1)
			rc = -1;
		else
			rc = ask(&p, e);
	}
	(void)fputs(SCREEN_LEAVE, stdout);
	(void)fflush(stdout);
	/* All of it was looked at, or skipped; else the steward stopped. */
	return rc == 1 ? 0 : rc == 0 ? 1 : -1;
}
