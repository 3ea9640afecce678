/* Opening the house, reading and writing the command's own files, and what is printed. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "stager/house.h"
#include "stager/io.h"
#include "stager/json.h"
#include "stager/ledger.h"

int
cli_descriptor(const char *text, const char *name, int *out, struct err *e)
{
	int64_t n;

	*out = -1;
	if (text == NULL)
		return 0;
	if (options_number(text, name, 0, 1 << 20, &n, e) == -1)
		return -1;
	if (fcntl((int)n, F_GETFD) == -1)
		return err_set(e, ERR_USAGE, "%s: descriptor %d is not open", name, (int)n);
	*out = (int)n;
	return 0;
}

int
cli_root_from(const struct common *common, struct root_from *out, char *path, size_t size, struct err *e)
{
	const char *credentials = getenv("CREDENTIALS_DIRECTORY");

	*out = ROOT_FROM_NONE;
	if (cli_descriptor(common->root_fd != NULL ? common->root_fd : getenv("STAGER_ROOT_FD"), "root-fd",
		&out->fd, e) == -1 ||
	    cli_descriptor(
		common->passphrase_fd != NULL ? common->passphrase_fd : getenv("STAGER_PASSPHRASE_FD"),
		"passphrase-fd", &out->passphrase_fd, e) == -1)
		return -1;
	if (credentials != NULL && (size_t)snprintf(path, size, "%s/stager-root", credentials) < size &&
	    access(path, F_OK) == 0)
		out->credential = path;
	return 0;
}

struct house *
cli_house(const struct common *common, struct err *e)
{
	static char credential[4096]; /* as long as the house */
	struct root_from from;
	const char *path = common->house != NULL ? common->house : getenv("STAGER_HOUSE");
	const struct json *kind;
	struct house *h;

	if (path == NULL || *path == '\0') {
		err_set(e, ERR_USAGE, "which house? say --house DIR, or set STAGER_HOUSE");
		return NULL;
	}
	if (cli_root_from(common, &from, credential, sizeof(credential), e) == -1)
		return NULL;
	if ((h = house_open(path, &from, e)) == NULL)
		return NULL;
	kind = json_get(h->root_setting, "kind");
	if (common->passphrase_fd != NULL &&
	    (kind == NULL || kind->type != JSON_STRING || strcmp(kind->string, "passphrase") != 0)) {
		err_set(e, ERR_USAGE, "--passphrase-fd: the root secret of house %s is behind no passphrase",
		    h->card.house);
		house_close(h);
		return NULL;
	}
	return h;
}

int
cli_read(const char *path, size_t max, struct buf *out, struct err *e)
{
	int fd = STDIN_FILENO, rc;

	out->limit = max;
	if (strcmp(path, "-") != 0 && (fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) == -1)
		return err_sys(e, "%s: open", path);
	rc = io_read_all(fd, out, path, e);
	if (fd != STDIN_FILENO)
		(void)close(fd);
	return rc;
}

int
cli_write(const char *path, const void *data, size_t len, struct err *e)
{
	return io_replace_file(AT_FDCWD, path, data, len, 0600, e);
}

int
cli_result(const struct common *common, struct json *result, const char *words, struct err *e)
{
	struct buf text;
	int rc = -1;

	buf_init(&text, 64u << 20);
	if (json_encode(result, &text, e) == -1 || buf_put_u8(&text, '\n', e) == -1)
		goto out;
	if (common->receipt != NULL && cli_write(common->receipt, text.data, text.len, e) == -1)
		goto out;
	rc = 0;
	if (common->json)
		rc = io_write(STDOUT_FILENO, text.data, text.len, "output", e);
	else if (words != NULL)
		rc = printf("%s\n", words) < 0 || fflush(stdout) == EOF ? err_sys(e, "output") : 0;
out:
	json_free(result);
	buf_free(&text);
	return rc;
}

int
cli_list_end(const struct common *common, struct ledger_query *q, int more, struct json *list, struct err *e)
{
	ledger_end(q);
	if (more == 0)
		return cli_result(common, list, NULL, e);
	json_free(list);
	return -1;
}
