/* stager-scrub shows how far it is: the positions of two descriptors, which its supervisor looks at. */
#include <unistd.h>

#include "scrub_unit.h"
#include "stager/wire.h"

int
scrub_meter_take(struct unit *u, struct wire_message *m, struct err *e)
{
	if ((u->mode != MODE_UNIT && u->mode != MODE_UNIT_CONTEXT && u->mode != MODE_GATHER) ||
	    u->files > 0 || u->meter[0] != -1 || m->fds[0] == -1 || m->fds[1] == -1 || m->fds[2] != -1)
		return err_set(e, ERR_INPUT, "control message: a meter where none was due");
	for (size_t i = 0; i < 2; i++) {
		u->meter[i] = m->fds[i];
		m->fds[i] = -1;
	}
	return 0;
}

static ssize_t
metered_read(struct source *s, void *out, size_t len, struct err *e)
{
	struct metered *m = (struct metered *)s; /* source is its first member */
	ssize_t n = m->inner->read(m->inner, out, len, e);

	if (n > 0) {
		m->unit->read += (uint64_t)n;
		(void)!lseek(m->unit->meter[0], (off_t)m->unit->read, SEEK_SET);
	}
	return n;
}

struct source *
scrub_metered(struct metered *s, struct source *in, struct unit *u)
{
	if (u->meter[0] == -1)
		return in;
	(void)!lseek(u->meter[1], (off_t)in->number, SEEK_SET);
	*s = (struct metered){.source = *in, .inner = in, .unit = u};
	s->source.read = metered_read;
	return &s->source;
}
