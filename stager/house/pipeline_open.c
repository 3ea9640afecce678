/* Sources that were sealed for the house: header to stager-key, body to stager-open, plaintext to scrub. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline_run.h"
#include "plan.h"
#include "stager/crypt4gh.h"
#include "stager/io.h"
#include "stager/json.h"

/* The two programs, where they are not there yet. */
static int
start(struct run *r, struct unit *u, struct err *e)
{
	static const char *const argv[] = {"stager-open", NULL};

	if (r->key_ingest.control == -1 &&
	    house_key_start(r->p->house, "ingest", false, &r->key_ingest, e) == -1)
		return -1;
	if (u->open.control == -1) {
		if (helper_start(&u->open, argv, NULL, 0, e) == -1)
			return -1;
		helper_patience(&u->open, r->p->stall);
	}
	return 0;
}

/* stager-open waits for the keys; stager-key writes them, or says why not. */
static int
hand_over(struct run *r, const struct buf *header, int keys, struct err *e)
{
	struct json *j = json_object(), *ok = NULL;

	json_set(j, "header", json_base64(header->data, header->len));
	if (wire_send(r->key_ingest.control, WIRE_KEY_UNSEAL, j, &keys, 1, e) == -1 ||
	    (ok = wire_expect(r->key_ingest.control, WIRE_OK, NULL, 0, e)) == NULL)
		(void)helper_failed(&r->key_ingest, e);
	json_free(j);
	json_free(ok);
	return ok == NULL ? -1 : 0;
}

static int
unseal(struct run *r, struct unit *u, int fd, int keys[2], int plain[2], uint64_t *size, struct err *e)
{
	struct json *j = NULL, *got = NULL;
	struct buf header;
	struct stat st;
	int64_t bytes;
	int rc = -1;

	buf_init(&header, PACKETS_LEN_MAX);
	if (fstat(fd, &st) == -1) {
		err_sys(e, "stat");
		goto out;
	}
	if (packets_read(fd, &header, e) == -1 || start(r, u, e) == -1)
		goto out;
	if ((uint64_t)st.st_size < header.len) {
		err_set(e, ERR_INPUT, "it changed while it was read");
		goto out;
	}
	j = json_object();
	json_set_int(j, "body", st.st_size - (int64_t)header.len);
	/* Before the keys are written, which may be more than a pipe holds. */
	if (wire_send(u->open.control, WIRE_UNSEAL, j, (const int[]){fd, keys[0], plain[1]}, 3, e) == -1) {
		(void)helper_failed(&u->open, e);
		goto out;
	}
	/* Its ends are its own now: where it dies, stager-key must not wait for a reader that is us. */
	io_close(&keys[0]);
	io_close(&plain[1]);
	if (hand_over(r, &header, keys[1], e) == -1)
		goto out;
	io_close(&keys[1]);
	if ((got = wire_expect(u->open.control, WIRE_UNSEALED, NULL, 0, e)) == NULL) {
		(void)helper_failed(&u->open, e);
		goto out;
	}
	rc = json_need_int(got, "size", 0, JSON_INT_MAX, "stager-open", &bytes, e);
	*size = rc == 0 ? (uint64_t)bytes : 0;
out:
	json_free(got);
	json_free(j);
	buf_free(&header);
	return rc;
}

int
pipeline_unseal(struct run *r, struct unit *u, const struct plan_file *f, int fd, int *plain, uint64_t *size,
    struct err *e)
{
	int keys[2] = {-1, -1}, data[2] = {-1, -1}, rc = -1;

	if (pipe2(keys, O_CLOEXEC) == -1)
		err_sys(e, "pipe");
	else if (pipeline_pipe(data, e) == 0)
		rc = unseal(r, u, fd, keys, data, size, e);
	if (rc == -1)
		err_context(e, "source file %zu", f->number);
	*plain = data[0];
	if (rc == 0)
		data[0] = -1;
	u->unsealing = rc == 0;
	for (size_t n = 0; n < 2; n++) {
		io_close(&keys[n]);
		io_close(&data[n]);
	}
	return rc;
}

int
pipeline_unsealed(struct unit *u, struct err *e)
{
	struct json *j = wire_expect(u->open.control, WIRE_DONE, NULL, 0, e);
	int64_t ordered;
	int rc = -1;

	if (j == NULL)
		return -1;
	if (!u->unsealing) {
		err_set(e, ERR_INPUT, "stager-open: done with a file that it was not given");
	} else if ((rc = json_need_int(j, "ordered", 0, 1, "stager-open", &ordered, e)) == 0) {
		u->unsealing = false;
		u->proven += (uint64_t)ordered;
		u->unproven += 1 - (uint64_t)ordered;
	}
	json_free(j);
	return rc;
}
