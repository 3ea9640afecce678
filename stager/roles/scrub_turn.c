/* stager-scrub: a unit whose turn has not come begins nothing that is large, or that gains nothing by being early. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "scrub_unit.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/wire.h"

/* Bytes that are passed as they are before the turn: copying them twice, to wait in memory, costs more than it gains. */
#define PLAIN_MAX (UINT64_C(4) << 20)

int
scrub_turn_take(struct unit *u, struct wire_message *m, struct err *e)
{
	static const char *const keys[] = {"memory", NULL};
	struct json *j = json_parse(m->payload.data, m->payload.len, "control message", e);
	int64_t memory;
	int rc = -1;

	if (j == NULL || json_expect_keys(j, keys, "control message", e) == -1 ||
	    json_need_int(j, "memory", 0, JSON_INT_MAX, "control message", &memory, e) == -1)
		goto out;
	if ((u->mode != MODE_UNIT && u->mode != MODE_UNIT_CONTEXT) || u->files > 0 || u->turn != -1 ||
	    m->fds[0] == -1 || m->fds[1] != -1) {
		err_set(e, ERR_INPUT, "control message: a turn where none was due");
		goto out;
	}
	u->turn = m->fds[0];
	m->fds[0] = -1;
	u->before_memory = (uint64_t)memory;
	u->scrub.begin = scrub_turn_begin;
	u->scrub.begin_ctx = u;
	rc = 0;
out:
	json_free(j);
	return rc;
}

int
scrub_turn_begin(void *unit, const struct scrub_need *need, struct err *e)
{
	struct unit *u = unit;
	char byte;
	ssize_t n;

	if (u->turn == -1)
		return 0;
	u->before_plain += need->plain <= PLAIN_MAX ? need->plain : PLAIN_MAX + 1;
	if (need->memory <= u->before_memory && !need->threads && u->before_plain <= PLAIN_MAX)
		return 0;
	do
		n = read(u->turn, &byte, 1);
	while (n == -1 && errno == EINTR);
	if (n != 0)
		return n == -1 ? err_sys(e, "turn: read")
			       : err_set(e, ERR_INPUT, "turn: not as it should be");
	io_close(&u->turn);
	return 0;
}
