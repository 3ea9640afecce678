/* The index of a set, line by line: read strictly, and written again. */
#include "stager/sift.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stager/entry.h"
#include "stager/io.h"

#define LINE_MAX_LEN 512 /* as seal writes them */

static int
bad(struct err *e)
{
	return err_set(e, ERR_FORGED, "index: a line of another form than it must have");
}

/* The line as it is written; its length, or 0. */
static size_t
line_text(const struct sift_line *l, char out[static LINE_MAX_LEN])
{
	int len = snprintf(out, LINE_MAX_LEN,
	    "{\"member\":\"%s/%s\",\"offset\":%" PRIu64 ",\"shard\":%" PRIu64 ",\"size\":%" PRIu64
	    ",\"subject\":\"%s\"}\n",
	    l->subject, l->name, l->offset, l->shard, l->size, l->subject);

	return len < 0 || len >= LINE_MAX_LEN ? 0 : (size_t)len;
}

/* From *at up to, not with, end; false where that does not come within size. */
static bool
take_word(const char **at, char end, char *out, size_t size)
{
	size_t len = strcspn(*at, (const char[]){end, '\0'});

	if ((*at)[len] != end || len == 0 || len >= size)
		return false;
	memcpy(out, *at, len);
	out[len] = '\0';
	*at += len;
	return true;
}

static bool
take_text(const char **at, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*at, text, len) != 0)
		return false;
	*at += len;
	return true;
}

static bool
take_number(const char **at, uint64_t *out)
{
	size_t len = strspn(*at, "0123456789");

	*out = 0;
	if (len == 0 || len > 16)
		return false;
	for (; len > 0; len--)
		*out = *out * 10 + (uint64_t)(*(*at)++ - '0');
	return true;
}

static bool
form_ok(const struct sift_line *l)
{
	const char *dot = strchr(l->name, '.');

	return l->subject[strspn(l->subject, "abcdefghijklmnopqrstuvwxyz0123456789")] == '\0' &&
	       dot != NULL && dot > l->name && strspn(l->name, "0123456789") == (size_t)(dot - l->name) &&
	       dot[1 + strspn(dot + 1, "abcdefghijklmnopqrstuvwxyz0123456789")] == '\0' && dot[1] != '\0' &&
	       strlen(dot + 1) <= ENTRY_EXT_MAX && l->size <= ENTRY_SIZE_MAX;
}

/* What is read must be what would be written: nothing else has a meaning. */
static int
parse_line(const char *text, size_t len, struct sift_line *l, struct err *e)
{
	char again[LINE_MAX_LEN], line[LINE_MAX_LEN];
	const char *at = line;

	if (len >= sizeof(line) || memchr(text, '\0', len) != NULL)
		return bad(e);
	memcpy(line, text, len);
	line[len] = '\0';
	if (!take_text(&at, "{\"member\":\"") || !take_word(&at, '/', l->subject, sizeof(l->subject)) ||
	    !take_text(&at, "/") || !take_word(&at, '"', l->name, sizeof(l->name)) ||
	    !take_text(&at, "\",\"offset\":") || !take_number(&at, &l->offset) ||
	    !take_text(&at, ",\"shard\":") || !take_number(&at, &l->shard) || !take_text(&at, ",\"size\":") ||
	    !take_number(&at, &l->size) || !form_ok(l) || line_text(l, again) != len ||
	    memcmp(again, text, len) != 0)
		return bad(e);
	return 0;
}

/* More bytes behind those that are there. */
static int
fill(struct sift_index *x, struct err *e)
{
	size_t room;
	ssize_t n;

	memmove(x->ahead, x->ahead + x->start, x->end - x->start);
	x->end -= x->start;
	x->start = 0;
	room = sizeof(x->ahead) - x->end;
	if (room > x->left)
		room = (size_t)x->left;
	if ((n = io_read(x->fd, x->ahead + x->end, room, "index", e)) == -1)
		return -1;
	if ((size_t)n != room)
		return err_set(e, ERR_FORGED, "index: cut short");
	x->end += room;
	x->left -= room;
	return 0;
}

int
sift_index_next(struct sift_index *x, struct err *e)
{
	const uint8_t *newline;
	uint8_t more;
	size_t len;
	ssize_t n;

	x->there = false;
	if (x->end - x->start < LINE_MAX_LEN && x->left > 0 && fill(x, e) == -1)
		return -1;
	if (x->start == x->end) {
		if ((n = io_read(x->fd, &more, 1, "index", e)) == -1)
			return -1;
		return n == 0 ? 0 : err_set(e, ERR_FORGED, "index: longer than it is said to be");
	}
	if ((newline = memchr(x->ahead + x->start, '\n', x->end - x->start)) == NULL)
		return bad(e);
	len = (size_t)(newline - (x->ahead + x->start)) + 1;
	if (parse_line((const char *)x->ahead + x->start, len, &x->line, e) == -1)
		return -1;
	x->start += len;
	x->members++;
	x->there = true;
	return 0;
}

int
sift_index_begin(struct sift_index *x, int fd, uint64_t plain, struct err *e)
{
	*x = (struct sift_index){.fd = fd, .left = plain};
	return sift_index_next(x, e);
}

int
sift_index_read(struct sift_list *l, int fd, uint64_t plain, bool wide, struct sift_found *shards,
    size_t count, uint64_t *samples, struct err *e)
{
	struct sift_index *x = calloc(1, sizeof(*x));
	uint64_t shard = 0, sample;
	int rc = -1;

	*samples = 0;
	if (x == NULL)
		return err_set(e, ERR_SYSTEM, "index: out of memory");
	if (sift_index_begin(x, fd, plain, e) == -1)
		goto out;
	while (x->there) {
		const struct sift_line *line = &x->line;
		struct sift_found *f;

		if (line->shard < shard || line->shard >= count) {
			err_set(e, ERR_FORGED, "index: its members are not in order");
			goto out;
		}
		shard = line->shard;
		f = &shards[shard];
		f->members++;
		if (strlen(line->subject) == SIFT_PSEUDONYM_LEN && sift_listed(l, line->subject))
			f->listed++;
		else if (wide || strcmp(line->subject, "x") == 0)
			f->look = true;
		sample = strtoull(line->name, NULL, 10);
		if (sample > *samples)
			*samples = sample;
		if (sift_index_next(x, e) == -1)
			goto out;
	}
	rc = 0;
out:
	explicit_bzero(x, sizeof(*x));
	free(x);
	return rc;
}

static int
flush(struct sift_writer *w, struct err *e)
{
	if (w->len > 0 && io_write(w->fd, w->held, w->len, "index", e) == -1)
		return -1;
	w->bytes += w->len;
	w->len = 0;
	return 0;
}

int
sift_write_line(struct sift_writer *w, const struct sift_line *line, struct err *e)
{
	char text[LINE_MAX_LEN];
	size_t len = line_text(line, text);

	if (len == 0)
		return bad(e);
	if (len > sizeof(w->held) - w->len && flush(w, e) == -1)
		return -1;
	memcpy(w->held + w->len, text, len);
	w->len += len;
	w->members++;
	return 0;
}

int
sift_write_end(struct sift_writer *w, struct err *e)
{
	int rc = flush(w, e);

	explicit_bzero(w->held, sizeof(w->held));
	return rc;
}
