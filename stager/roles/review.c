/*
 * stager-review: what a steward looks at. `draw` reads a set's index and says which members are in the sample; `show` takes
 * one member's plaintext out of a pipe and puts it on the steward's own screen or pipe (descriptor 4), safe for a
 * terminal. One member a process: none sees the next. Confined, without a key.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stager/io.h"
#include "stager/json.h"
#include "stager/review.h"
#include "stager/sandbox.h"
#include "stager/wire.h"

#define MEMORY_MAX (UINT64_C(512) << 20)
#define DATA_FD 4 /* draw: the index comes from it; show: the lines go to it */

static const char program[] = "stager-review";

static int
draw(const struct json *body, struct json **reply, struct err *e)
{
	static const char *const keys[] = {"bytes", "shards", "letters", "scans", NULL};
	uint64_t want[REVIEW_STRATA];
	int64_t bytes, shards, n;

	if (json_expect_keys(body, keys, "control message", e) == -1 ||
	    json_need_int(body, "bytes", 0, JSON_INT_MAX, "control message", &bytes, e) == -1 ||
	    json_need_int(body, "shards", 1, JSON_INT_MAX, "control message", &shards, e) == -1)
		return -1;
	for (size_t i = 0; i < REVIEW_STRATA; i++) {
		if (json_need_int(body, review_strata[i], 0, REVIEW_DRAW_MAX, "control message", &n, e) == -1)
			return -1;
		want[i] = (uint64_t)n;
	}
	return review_draw(DATA_FD, (uint64_t)bytes, (uint64_t)shards, want, reply, e);
}

/* One member, once. */
struct showing {
	struct review_text text;
	bool taken;
};

static int
take(struct showing *s, const struct json *body, int fd, struct json **reply, struct err *e)
{
	static const char *const keys[] = {"extension", "size", "columns", NULL};
	const char *extension;
	int64_t size, columns;
	struct buf data;
	int rc = -1;

	buf_init_wiped(&data, REVIEW_SCAN_MAX);
	if (s->taken || fd == -1) {
		err_set(e, ERR_INPUT, "control message: a member that is not due");
		goto out;
	}
	if (json_expect_keys(body, keys, "control message", e) == -1 ||
	    (extension = json_need_string(body, "extension", "control message", e)) == NULL ||
	    json_need_int(body, "size", 0, JSON_INT_MAX, "control message", &size, e) == -1 ||
	    json_need_int(body, "columns", 0, 10000, "control message", &columns, e) == -1 ||
	    io_read_all(fd, &data, "member", e) == -1)
		goto out;
	s->taken = true;
	review_text_init(&s->text, (size_t)columns);
	if (review_render(&s->text, extension, data.data, data.len, (uint64_t)size, e) == -1)
		goto out;
	*reply = json_object();
	json_set_int(*reply, "lines", (int64_t)s->text.lines);
	rc = 0;
out:
	buf_free(&data);
	return rc;
}

static int
page(const struct showing *s, const struct json *body, struct json **reply, struct err *e)
{
	static const char *const keys[] = {"from", "count", NULL};
	int64_t from, count;
	const uint8_t *lines;
	size_t len;

	if (!s->taken)
		return err_set(e, ERR_INPUT, "control message: a page that is not due");
	if (json_expect_keys(body, keys, "control message", e) == -1 ||
	    json_need_int(body, "from", 0, JSON_INT_MAX, "control message", &from, e) == -1 ||
	    json_need_int(body, "count", 0, JSON_INT_MAX, "control message", &count, e) == -1)
		return -1;
	lines = review_lines(&s->text, (size_t)from, (size_t)count, &len);
	if (lines != NULL && io_write(DATA_FD, lines, len, "screen", e) == -1)
		return -1;
	*reply = json_object();
	return 0;
}

struct role {
	bool drawing;
	struct showing showing;
};

static int
answer(void *ctx, const struct wire_message *m, const struct json *body, enum wire_type *type,
    struct json **reply, struct err *e)
{
	struct role *r = ctx;

	if (m->fds[1] != -1 || (m->fds[0] != -1 && m->type != WIRE_REVIEW_TAKE))
		return err_set(e, ERR_INPUT, "control message: type %d with a descriptor", (int)m->type);
	if (r->drawing && m->type == WIRE_REVIEW_DRAW) {
		*type = WIRE_REVIEW_DRAWN;
		return draw(body, reply, e);
	}
	*type = WIRE_OK;
	if (!r->drawing && m->type == WIRE_REVIEW_TAKE)
		return take(&r->showing, body, m->fds[0], reply, e);
	if (!r->drawing && m->type == WIRE_REVIEW_PAGE)
		return page(&r->showing, body, reply, e);
	return err_set(e, ERR_INPUT, "control message: type %d is not due", (int)m->type);
}

int
main(int argc, char **argv)
{
	const struct sandbox confined = {.allow = SANDBOX_PASS_FD, .folder = -1, .memory = MEMORY_MAX};
	struct err e = {.code = ERR_NONE};
	struct role r = {.drawing = false};
	int rc = -1;

	sandbox_first();
	sandbox_help(argc, argv, program);
	review_text_init(&r.showing.text, 0);
	if (argc < 2 || (strcmp(argv[1], "draw") != 0 && strcmp(argv[1], "show") != 0)) {
		err_set(&e, ERR_USAGE, "what to do is wanted: draw or show");
		goto out;
	}
	r.drawing = strcmp(argv[1], "draw") == 0;
	if (sandbox_enter(&confined, NULL, &e) == -1)
		goto out;
	sandbox_prove(argc, argv);
	while ((rc = wire_serve(WIRE_FD, answer, &r, &e)) == 1)
		continue;
out:
	review_text_free(&r.showing.text);
	return rc == 0 ? 0 : err_report(program, &e);
}
