/* Where the root secret comes from: a file, a passphrase, a descriptor. It goes from there to the programs that need it. */
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stager/enc.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/root.h"

void
root_name(uint32_t generation, char out[static ROOT_NAME_MAX])
{
	if (generation == 1)
		(void)snprintf(out, ROOT_NAME_MAX, "root.key");
	else
		(void)snprintf(out, ROOT_NAME_MAX, "root-%u.key", generation);
}

/* 32 random bytes for the root secret. stager holds no key: the bytes go from the kernel to the file without
 * a look at them. */
static int
make_file(int folder, const char *name, struct err *e)
{
	int from = -1, to = -1, rc = -1, pipe_fds[2] = {-1, -1};

	if ((from = open("/dev/urandom", O_RDONLY | O_CLOEXEC)) == -1 ||
	    (to = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) == -1 ||
	    pipe2(pipe_fds, O_CLOEXEC) == -1) {
		err_sys(e, "%s: make", name);
		goto out;
	}
	/* By splice: through a pipe's pages, never through this program's memory. */
	if (splice(from, NULL, pipe_fds[1], NULL, 32, 0) != 32 ||
	    splice(pipe_fds[0], NULL, to, NULL, 32, 0) != 32 || fsync(to) == -1) {
		err_sys(e, "%s: write", name);
		goto out;
	}
	rc = io_sync_parent(folder, name, e);
out:
	io_close(&from);
	io_close(&to);
	io_close(&pipe_fds[0]);
	io_close(&pipe_fds[1]);
	return rc;
}

int
root_keeper(struct helper *x, const char *source, int fd, struct err *e)
{
	const char *const argv[] = {"stager-key", "root", source, NULL};
	const struct spawn_fd fds = {.from = fd, .to = 4};

	return helper_start(x, argv, &fds, fd == -1 ? 0 : 1, e);
}

struct json *
root_ask(struct helper *keeper, enum wire_type type, struct json *json, int fd, struct err *e)
{
	struct json *got = NULL;
	int rc = wire_send(keeper->control, type, json, &fd, fd == -1 ? 0 : 1, e);

	json_free(json);
	if (rc == -1 || (got = wire_expect(keeper->control, WIRE_OK, NULL, 0, e)) == NULL)
		(void)helper_failed(keeper, e);
	return got;
}

/* The passphrase, from the descriptor that was named or from the person at the terminal. */
static int
ask_passphrase(struct root *r, const struct root_from *from, bool new_one, struct err *e)
{
	int terminal, rc;

	if (from->passphrase_fd != -1)
		return root_keeper(&r->keeper, "line", from->passphrase_fd, e);
	if ((terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)) == -1)
		return err_set(e, ERR_WAIT,
		    "the root secret is behind a passphrase, and there is no terminal to ask for it: see "
		    "--passphrase-fd and --root-fd");
	rc = root_keeper(&r->keeper, new_one ? "terminal-new" : "terminal", terminal, e);
	io_close(&terminal);
	return rc;
}

/* The 32 bytes as the front gave them: 1, 0 where it gave none, -1. */
static int
take_given(struct root *r, const struct root_from *from, struct err *e)
{
	int fd = from->fd, file = -1, rc;

	if (fd == -1 && from->credential == NULL)
		return 0;
	if (fd == -1 && (fd = file = open(from->credential, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
		return err_sys(e, "root secret: open %s", from->credential);
	rc = root_keeper(&r->keeper, "raw", fd, e);
	io_close(&file);
	return rc == -1 ? -1 : 1;
}

/* ROOT_OPEN; where it is a new one, its check goes into its setting. */
static int
open_keeper(struct root *r, const char *house, const struct json *setting, bool is_passphrase, struct err *e)
{
	static const char *const kdf[] = {"salt", "passes", "memory"};
	struct json *j = json_object(), *got;
	const char *check;
	int rc = -1;

	json_set_string(j, "house", house);
	if (json_get(setting, "check") != NULL)
		json_set(j, "check", json_copy(json_get(setting, "check")));
	for (size_t i = 0; is_passphrase && i < sizeof(kdf) / sizeof(kdf[0]); i++)
		if (json_get(setting, kdf[i]) != NULL)
			json_set(j, kdf[i], json_copy(json_get(setting, kdf[i])));
	if ((got = root_ask(&r->keeper, WIRE_ROOT_OPEN, j, -1, e)) == NULL)
		return -1;
	if ((check = json_need_string(got, "check", "root secret", e)) != NULL) {
		if (r->setting != NULL)
			json_set_string(r->setting, "check", check);
		rc = 0;
	}
	json_free(got);
	return rc;
}

int
root_start(struct root *r, int folder, const char *house, const struct json *setting,
    const struct root_from *from, struct err *e)
{
	const char *kind = json_need_string(setting, "kind", "ledger: root", e), *path;
	int rc = -1, given;

	*r = ROOT_NONE;
	r->folder = folder;
	if (kind == NULL || (given = take_given(r, from, e)) == -1)
		goto out;
	if (given == 1) {
		rc = open_keeper(r, house, setting, false, e);
	} else if (strcmp(kind, "file") == 0) {
		if ((path = json_need_string(setting, "path", "ledger: root", e)) != NULL) {
			rc = (r->file = strdup(path)) == NULL ? err_sys(e, "root secret") : 0;
		}
	} else if (strcmp(kind, "passphrase") == 0) {
		rc = ask_passphrase(r, from, false, e) == -1 ? -1 : open_keeper(r, house, setting, true, e);
	} else {
		err_set(e, ERR_INPUT,
		    "the root secret of house %s is kept elsewhere: give it with --root-fd, STAGER_ROOT_FD, "
		    "the "
		    "credential stager-root, or stager root join",
		    house);
	}
out:
	if (rc == -1)
		root_end(r);
	return rc;
}

/* A file as the kind says; a keeper reads it once, for its check. */
static int
make_of_file(struct root *r, const struct root_choice *choice, uint32_t generation, struct err *e)
{
	char name[ROOT_NAME_MAX];
	int fd, rc;

	if (choice->file == NULL) {
		root_name(generation, name);
		/* One that a crash left before it came into force. */
		if (generation > 1 && unlinkat(r->folder, name, 0) == -1 && errno != ENOENT)
			return err_sys(e, "%s: remove", name);
		if (make_file(r->folder, name, e) == -1)
			return -1;
		r->file = strdup(name);
	} else {
		r->file = realpath(choice->file, NULL);
	}
	if (r->file == NULL)
		return err_sys(e, "root secret: %s", choice->file == NULL ? "make" : choice->file);
	json_set_string(r->setting, "path", r->file);
	if ((fd = openat(r->folder, r->file, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
		return err_sys(e, "root secret: open");
	rc = root_keeper(&r->keeper, "raw", fd, e);
	io_close(&fd);
	return rc;
}

int
root_make(struct root *r, int folder, const char *house, const struct root_choice *choice,
    uint32_t generation, struct err *e)
{
	static const char *const kinds[] = {
	    [ROOT_FILE] = "file", [ROOT_PASSPHRASE] = "passphrase", [ROOT_GIVEN] = "given"};
	char salt[2 * ROOT_SALT_LEN + 1];
	struct root_kdf kdf;
	int rc = -1;

	*r = ROOT_NONE;
	r->folder = folder;
	r->setting = json_object();
	json_set_string(r->setting, "kind", kinds[choice->kind]);
	json_set_int(r->setting, "generation", generation);
	json_set_int(r->setting, "since", generation);
	if (choice->kind == ROOT_FILE) {
		rc = make_of_file(r, choice, generation, e);
	} else if (choice->kind == ROOT_PASSPHRASE) {
		root_kdf_new(&kdf);
		hex_encode(kdf.salt, ROOT_SALT_LEN, salt);
		json_set_string(r->setting, "salt", salt);
		json_set_int(r->setting, "passes", kdf.passes);
		json_set_int(r->setting, "memory", (int64_t)kdf.memory);
		rc = ask_passphrase(r, &choice->from, true, e);
	} else {
		rc = take_given(r, &choice->from, e);
		if (rc == 0)
			rc = err_set(e, ERR_USAGE,
			    "root secret: no descriptor with it was given: --root-fd, STAGER_ROOT_FD or the "
			    "credential "
			    "stager-root");
	}
	if (rc != -1)
		rc = open_keeper(r, house, r->setting, choice->kind == ROOT_PASSPHRASE, e);
	if (rc == -1)
		root_end(r);
	return rc;
}

int
root_prove(const struct house *h, struct err *e)
{
	const struct json *setting = h->root_setting;
	struct root r = ROOT_NONE;
	struct root_from from = h->root_from;
	int64_t since;
	int fd, rc;

	if (json_need_int(setting, "since", 1, h->generation, "ledger: root", &since, e) == -1) {
		e->code = ERR_FORGED;
		return -1;
	}
	if (root_start(&r, h->folder, h->card.house, setting, &from, e) == -1)
		return -1;
	/* A keeper has compared it already; a file is read by no one who compares. */
	if (r.keeper.control != -1 || (fd = root_fd(&r, e)) == -1) {
		rc = r.keeper.control != -1 ? 0 : -1;
		goto out;
	}
	rc = root_keeper(&r.keeper, "raw", fd, e);
	io_close(&fd);
	if (rc == 0 && (rc = open_keeper(&r, h->card.house, setting, false, e)) == -1 &&
	    e->code == ERR_REFUSED)
		e->code = ERR_FORGED;
out:
	root_end(&r);
	return rc;
}

int
root_fd(struct root *r, struct err *e)
{
	int pipe_fds[2] = {-1, -1}, fd;
	struct json *got;

	if (r->keeper.control == -1) {
		if ((fd = openat(r->folder, r->file, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
			err_sys(e, "root secret: open %s", r->file);
		return fd;
	}
	if (pipe2(pipe_fds, O_CLOEXEC) == -1)
		return err_sys(e, "root secret: pipe");
	got = root_ask(&r->keeper, WIRE_ROOT_GIVE, json_object(), pipe_fds[1], e);
	io_close(&pipe_fds[1]);
	if (got == NULL)
		io_close(&pipe_fds[0]);
	json_free(got);
	return pipe_fds[0];
}

void
root_end(struct root *r)
{
	helper_kill(&r->keeper);
	free(r->file);
	json_free(r->setting);
	*r = ROOT_NONE;
}
