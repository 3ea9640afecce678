/* The numbers by which reports and errors call the files of a source, and the paths that they have there. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "children.h"
#include "plan.h"
#include "stager/io.h"
#include "stager/json.h"
#include "withdraw.h"

#define LINES_MAX (256u << 20)

int
plan_give(const struct plan *p, size_t i, struct helper *scrub, struct err *e)
{
	const struct plan_file *f = &p->files[i];
	struct json *j;
	int fd, rc;

	if ((fd = plan_open(p, i, e)) == -1)
		return -1;
	j = json_object();
	json_set_string(j, "name", f->prefix != NULL ? f->prefix : f->name);
	json_set_int(j, "number", (int64_t)f->number);
	json_set_int(j, "size", (int64_t)f->size);
	rc = wire_send(scrub->control, f->prefix == NULL ? WIRE_FILE : WIRE_ARCHIVE, j, &fd, 1, e);
	json_free(j);
	io_close(&fd);
	return rc == -1 ? helper_failed(scrub, e) : 0;
}

/* A sealed file has its name outside; of a sealed archive nobody knows here how many files are in it. */
static int
give(struct helper *scrub, const struct plan *plan, size_t i, struct err *e)
{
	const struct plan_file *f = &plan->files[i];

	return f->sealed && f->prefix != NULL ? err_set(e, ERR_REFUSED,
						    "source file %zu: a sealed archive: how many files it "
						    "holds, by which those behind it "
						    "are numbered, is sealed, too",
						    f->number)
					      : plan_give(plan, i, scrub, e);
}

/* What stands in the memory, a line each: NUMBER, a tab, NAME. */
static int
take(int fd, struct json *files, struct err *e)
{
	uint8_t step[65536];
	struct buf text;
	uint64_t at = 0;
	ssize_t n;
	int rc = -1;

	buf_init(&text, LINES_MAX);
	while ((n = io_pread(fd, step, sizeof(step), at, "names", e)) > 0) {
		if (buf_put(&text, step, (size_t)n, e) == -1)
			goto out;
		at += (uint64_t)n;
	}
	if (n == -1 || buf_put_u8(&text, '\0', e) == -1)
		goto out;
	for (char *line = (char *)text.data, *end; *line != '\0'; line = end + 1) {
		char *tab = strchr(line, '\t');
		struct json *one;

		if ((end = strchr(line, '\n')) == NULL || tab == NULL || tab > end) {
			err_set(e, ERR_INPUT, "stager-scrub: no number and name where they were due");
			goto out;
		}
		*end = '\0';
		one = json_object();
		json_set_int(one, "number", strtoll(line, NULL, 10));
		json_set_string(one, "path", tab + 1);
		json_push(files, one);
	}
	rc = 0;
out:
	buf_free(&text);
	return rc;
}

int
house_files(const char *const *sources, size_t count, struct json *files, struct err *e)
{
	static const char *const argv[] = {"stager-scrub", "names", NULL};
	struct plan *plan = plan_make(sources, count, NULL, e);
	struct helper scrub = HELPER_NONE;
	struct json *done = NULL;
	int names = -1, rc = -1;

	if (plan == NULL || (names = withdraw_memory("stager-names", e)) == -1 ||
	    helper_start(&scrub, argv, &(struct spawn_fd){.from = names, .to = 4}, 1, e) == -1)
		goto out;
	for (size_t i = 0; i < plan->count; i++)
		if (give(&scrub, plan, i, e) == -1)
			goto out;
	if ((done = helper_ask(&scrub, WIRE_END, json_object(), WIRE_DONE, e)) == NULL ||
	    helper_end(&scrub, e) == -1 || take(names, files, e) == -1)
		goto out;
	rc = 0;
out:
	json_free(done);
	helper_kill(&scrub);
	io_close(&names);
	plan_free(plan);
	return rc;
}
