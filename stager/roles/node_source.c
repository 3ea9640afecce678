/* Where sealed objects come from: a folder, or what stager-send reaches. Opened before confinement. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "node.h"
#include "stager/carrier.h"
#include "stager/io.h"

#define STREAMS_DEFAULT 16 /* over 40 ms and some loss: DESIGN.md, "Fetching" */

/* The folder below path that is the version's, or path itself. */
static int
open_folder(
    const char *path, const char *version_id, const char *set_name, struct node_source *s, struct err *e)
{
	const int how = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	int from = -1, version = -1, set = -1, rc = -1;

	if ((from = open(path, how)) == -1) {
		err_sys(e, "%s: open", path);
		goto out;
	}
	if ((version = openat(from, version_id, how | O_NOFOLLOW)) == -1 && errno == ENOENT) {
		version = from;
		from = -1;
	}
	if (version == -1) {
		err_sys(e, "%s/%s: open", path, version_id);
		goto out;
	}
	if (set_name != NULL && (set = openat(version, set_name, how | O_NOFOLLOW)) == -1) {
		err_set(e, ERR_REMOTE, "%s: there is no version %s with a set %s in it", path, version_id,
		    set_name);
		goto out;
	}
	if (node_store_folder(version, &s->store, e) == -1)
		goto out;
	s->folder = version;
	version = -1;
	rc = 0;
out:
	io_close(&set);
	io_close(&version);
	io_close(&from);
	return rc;
}

/* "dir:PATH", "s3://...", "https://...": letters and digits, a colon. */
static bool
has_scheme(const char *from)
{
	size_t len = strspn(from, "abcdefghijklmnopqrstuvwxyz0123456789");

	return len > 1 && from[len] == ':';
}

/* Does the URL end with the version's own folder? Then nothing stands before the set's name. */
static bool
ends_with(const char *url, const char *version_id)
{
	size_t len = strlen(url), want = strlen(version_id);

	while (len > 0 && url[len - 1] == '/')
		len--;
	return len > want && url[len - want - 1] == '/' && strncmp(url + len - want, version_id, want) == 0;
}

int
node_source_open(const struct node_options *o, const char *version_id, const char *set, bool near,
    struct node_source *out, struct err *e)
{
	const struct endpoint_options options = {
	    .streams = o->streams > 0 ? (unsigned)o->streams : STREAMS_DEFAULT,
	    .tries = (unsigned)o->tries,
	    .max_rate = o->max_rate,
	    .ca = o->ca,
	    .plain_http = o->plain_http,
	    .reads = true,
	    .foreign = true};
	char url[4096], prefix[64] = "";
	bool remote = has_scheme(o->from);

	*out = (struct node_source){.folder = -1};
	if (near && (!remote || strncmp(o->from, "dir:", 4) == 0))
		return open_folder(o->from + (remote ? 4 : 0), version_id, set, out, e);
	if ((size_t)snprintf(url, sizeof(url), "%s%s", remote ? "" : "dir:", o->from) >= sizeof(url))
		return err_set(e, ERR_USAGE, "--from: too long");
	if (!ends_with(url, version_id))
		(void)snprintf(prefix, sizeof(prefix), "%s/", version_id);
	if (carrier_start(url, &options, &out->carrier, e) == -1 ||
	    node_store_carrier(out->carrier, prefix, carrier_streams(out->carrier), &out->store, e) == -1) {
		node_source_close(out);
		return -1;
	}
	return 0;
}

void
node_source_close(struct node_source *s)
{
	node_store_free(s->store);
	carrier_free(s->carrier);
	*s = (struct node_source){.folder = -1};
}
