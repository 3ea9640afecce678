/* Sealed objects in a folder, and the calls that are the same for every store. */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "stager/c4gh.h"
#include "stager/io.h"

struct folder_store {
	struct node_store store;
	int folder;
};

struct folder_object {
	struct node_object object;
	int fd;
	char name[NODE_STORE_NAME_MAX]; /* for messages */
};

static int
folder_size(struct node_store *s, const char *name, uint64_t *size, struct err *e)
{
	struct stat st;

	if (fstatat(((struct folder_store *)s)->folder, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0 : err_set(e, ERR_REMOTE, "%s: look: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size < 0)
		return err_set(e, ERR_FORGED, "%s: it is no file", name);
	*size = (uint64_t)st.st_size;
	return 1;
}

static int
folder_open(struct node_store *s, const char *name, uint64_t size, struct node_object **out, struct err *e)
{
	struct folder_object *o = calloc(1, sizeof(*o));
	struct stat st;

	if (o == NULL)
		return err_set(e, ERR_SYSTEM, "%s: out of memory", name);
	o->object.store = s;
	(void)strncpy(o->name, name, sizeof(o->name) - 1);
	o->fd =
	    openat(((struct folder_store *)s)->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (o->fd == -1)
		err_set(e, errno == ELOOP ? ERR_FORGED : ERR_REMOTE, "%s: open: %s", name, strerror(errno));
	else if (fstat(o->fd, &st) == -1)
		err_sys(e, "%s", name);
	else if (!S_ISREG(st.st_mode) || st.st_size < 0 || (uint64_t)st.st_size != size)
		err_set(e, ERR_FORGED, "%s: it has not the length that the manifest says", name);
	else {
		*out = &o->object;
		return 0;
	}
	io_close(&o->fd);
	free(o);
	return -1;
}

/* A file that cannot be read is the storage's fault, one that shrank is a damaged one. */
static int
folder_read(struct node_object *object, uint64_t offset, uint8_t *out, size_t len, struct err *e)
{
	struct folder_object *o = (struct folder_object *)object;
	ssize_t n = io_pread(o->fd, out, len, offset, o->name, e);

	if (n == -1) {
		if (e != NULL)
			e->code = ERR_REMOTE;
		return -1;
	}
	return (size_t)n == len ? 0 : err_set(e, ERR_FORGED, "%s: cut short", o->name);
}

static void
folder_close(struct node_object *object)
{
	struct folder_object *o = (struct folder_object *)object;

	io_close(&o->fd);
	free(o);
}

static void
folder_free(struct node_store *s)
{
	io_close(&((struct folder_store *)s)->folder);
	free(s);
}

int
node_store_folder(int folder, struct node_store **out, struct err *e)
{
	static const struct node_store_ops ops = {
	    folder_size, folder_open, folder_read, folder_close, folder_free};
	struct folder_store *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return err_set(e, ERR_SYSTEM, "store: out of memory");
	s->store.ops = &ops;
	s->folder = folder;
	*out = &s->store;
	return 0;
}

void
node_store_free(struct node_store *s)
{
	if (s != NULL)
		s->ops->free(s);
}

unsigned
node_store_streams(const struct node_store *s)
{
	return s->streams;
}

int
node_store_size(struct node_store *s, const char *name, uint64_t *size, struct err *e)
{
	return s->ops->size(s, name, size, e);
}

int
node_object_open(
    struct node_store *s, const char *name, uint64_t size, struct node_object **out, struct err *e)
{
	return s->ops->open(s, name, size, out, e);
}

int
node_object_read(struct node_object *o, uint64_t offset, uint8_t *out, size_t len, struct err *e)
{
	return o->store->ops->read(o, offset, out, len, e);
}

void
node_object_free(struct node_object *o)
{
	if (o != NULL)
		o->store->ops->close(o);
}

int
node_object_read_all(struct node_object *o, uint8_t *out, size_t len, struct err *e)
{
	const size_t piece = NODE_READ_MAX * C4GH_PLAIN_MAX;

	for (size_t at = 0; at < len; at += piece)
		if (node_object_read(o, at, out + at, len - at < piece ? len - at : piece, e) == -1)
			return -1;
	return 0;
}

int
node_store_load(struct node_store *s, const char *name, struct buf *out, struct err *e)
{
	struct node_object *o = NULL;
	uint64_t size = 0;
	uint8_t *into;
	int there, rc = -1;

	if ((there = node_store_size(s, name, &size, e)) != 1)
		return there;
	if (size > out->limit)
		return err_set(e, ERR_FORGED, "%s: too long", name);
	if ((into = buf_reserve(out, (size_t)size, e)) == NULL ||
	    node_object_open(s, name, size, &o, e) == -1)
		return -1;
	if (node_object_read_all(o, into, (size_t)size, e) == 0) {
		out->len += (size_t)size;
		rc = 1;
	}
	node_object_free(o);
	return rc;
}
