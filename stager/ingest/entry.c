/* The entry stream: scrubbed members on a pipe, each led by a head that says whose it is and how long. */
#include "stager/entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "stager/buf.h"
#include "stager/encoding.h"
#include "stager/io.h"

#define ENTRY_MAGIC UINT32_C(0x45474453) /* "SDGE" */
#define ENTRY_VERSION 4
#define ENTRY_CONTINUES 0x01
#define DIRECT_MIN 4096 /* bytes worth a read of their own */

/* 1 to max characters of [a-z0-9]. */
static bool
word_ok(const char *word, size_t len, size_t max)
{
	if (len == 0 || len > max)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!((word[i] >= 'a' && word[i] <= 'z') || (word[i] >= '0' && word[i] <= '9')))
			return false;
	return true;
}

static bool
rescan_ok(unsigned rescan)
{
	return rescan >= RESCAN_TEXT && rescan <= RESCAN_XML;
}

void
entry_init(struct entry *entry, const char *subject, const char *ext, enum rescan rescan, uint64_t size)
{
	size_t subject_len = strlen(subject), ext_len = strlen(ext);

	if (!word_ok(subject, subject_len, ENTRY_SUBJECT_MAX) || !word_ok(ext, ext_len, ENTRY_EXT_MAX) ||
	    !rescan_ok(rescan))
		abort();
	*entry = (struct entry){.rescan = rescan, .size = size};
	memcpy(entry->subject, subject, subject_len + 1);
	memcpy(entry->ext, ext, ext_len + 1);
}

void
entry_writer_init(struct entry_writer *w, int fd)
{
	*w = (struct entry_writer){.fd = fd};
}

void
entry_writer_nowhere(struct entry_writer *w)
{
	*w = (struct entry_writer){.fd = -1, .nowhere = true};
}

static void
put_le(uint8_t *to, uint64_t v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)(v >> (8 * i));
}

void
entry_writer_hold(struct entry_writer *w, uint8_t *held)
{
	w->held = held;
}

/* What is held, the waiting head, and data, in as few system calls as the pipe allows. */
static int
write_now(struct entry_writer *w, const void *data, size_t len, struct err *e)
{
	struct iovec part[] = {
	    {.iov_base = w->held, .iov_len = w->held_len}, {.iov_base = w->head, .iov_len = w->head_len},
	    {.iov_base = (void *)(uintptr_t)data, .iov_len = len}, /* writev only reads it */
	};
	const size_t count = sizeof(part) / sizeof(part[0]);
	size_t at = 0, step;
	ssize_t n;

	while (at < count && !w->nowhere) {
		if (part[at].iov_len == 0) {
			at++;
			continue;
		}
		n = writev(w->fd, &part[at], (int)(count - at));
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_sys(e, "entry stream: write");
		for (; at < count && n > 0; at += part[at].iov_len == 0 ? 1 : 0) {
			step = (size_t)n < part[at].iov_len ? (size_t)n : part[at].iov_len;
			part[at].iov_base = (uint8_t *)part[at].iov_base + step;
			part[at].iov_len -= step;
			n -= (ssize_t)step;
		}
	}
	w->head_len = w->held_len = 0;
	return 0;
}

/* The waiting head and data: held where there is room, else out with all before it. */
static int
write_out(struct entry_writer *w, const void *data, size_t len, struct err *e)
{
	if (w->held == NULL || w->held_len + w->head_len > ENTRY_HELD_LEN ||
	    len > ENTRY_HELD_LEN - w->held_len - w->head_len)
		return write_now(w, data, len, e);
	memcpy(w->held + w->held_len, w->head, w->head_len);
	w->held_len += w->head_len;
	w->head_len = 0;
	if (len > 0)
		memcpy(w->held + w->held_len, data, len);
	w->held_len += len;
	return 0;
}

int
entry_flush(struct entry_writer *w, struct err *e)
{
	return write_now(w, NULL, 0, e);
}

int
entry_begin(struct entry_writer *w, const struct entry *entry, struct err *e)
{
	size_t subject_len = strlen(entry->subject), ext_len = strlen(entry->ext);

	if (w->left > 0)
		return err_set(e, ERR_SYSTEM, "entry stream: an entry was left unfinished");
	if (entry->size > ENTRY_SIZE_MAX)
		return err_set(e, ERR_LIMIT, "entry stream: a member of more than 64 GiB");
	put_le(w->head, ENTRY_MAGIC, 4);
	w->head[4] = ENTRY_VERSION;
	w->head[5] = (uint8_t)entry->rescan;
	w->head[6] = entry->continues ? ENTRY_CONTINUES : 0;
	w->head[7] = entry->encoding;
	w->head[8] = w->set;
	w->head[9] = (uint8_t)subject_len;
	w->head[10] = (uint8_t)ext_len;
	put_le(w->head + 11, entry->size, 8);
	put_le(w->head + 19, w->file, 8);
	memcpy(w->head + ENTRY_FIXED_LEN, entry->subject, subject_len);
	memcpy(w->head + ENTRY_FIXED_LEN + subject_len, entry->ext, ext_len);
	w->head_len = ENTRY_FIXED_LEN + subject_len + ext_len;
	w->left = entry->size;
	w->entries++;
	/* A head without content has nothing to wait for. */
	return entry->size == 0 ? write_out(w, NULL, 0, e) : 0;
}

int
entry_write(struct entry_writer *w, const void *data, size_t len, struct err *e)
{
	if (len > w->left)
		return err_set(e, ERR_SYSTEM, "entry stream: more bytes than the entry has");
	if (len == 0)
		return 0;
	if (write_out(w, data, len, e) == -1)
		return -1;
	w->left -= len;
	w->bytes += len;
	return 0;
}

int
entry_put(struct entry_writer *w, const struct entry *entry, const void *data, size_t len, struct err *e)
{
	struct entry changed = *entry;

	if (entry->size != len)
		return err_set(e, ERR_SYSTEM, "entry stream: size and content differ");
	if (w->recode != NULL && w->recode(w->recode_ctx, &changed, &data, &len, e) == -1)
		return -1;
	if (entry_begin(w, &changed, e) == -1)
		return -1;
	return entry_write(w, data, len, e);
}

void
entry_reader_init(struct entry_reader *r, int fd)
{
	memset(r, 0, offsetof(struct entry_reader, ahead));
	r->fd = fd;
}

void
entry_reader_pulling(
    struct entry_reader *r, ssize_t (*pull)(void *ctx, void *out, size_t len, struct err *e), void *ctx)
{
	entry_reader_init(r, -1);
	r->pull = pull;
	r->pull_ctx = ctx;
}

void
entry_reader_free(struct entry_reader *r)
{
	explicit_bzero(r->ahead, sizeof(r->ahead));
	r->start = r->end = 0;
}

static ssize_t
read_some(struct entry_reader *r, void *out, size_t len, struct err *e)
{
	ssize_t n;

	if (r->pull != NULL)
		return r->pull(r->pull_ctx, out, len, e);
	do
		n = read(r->fd, out, len);
	while (n == -1 && errno == EINTR);
	return n == -1 ? err_sys(e, "entry stream: read") : n;
}

/* At least len bytes into ahead, len <= ENTRY_HEAD_MAX, unless the stream ends before. */
static int
fill(struct entry_reader *r, size_t len, struct err *e)
{
	ssize_t n;

	if (r->end - r->start >= len)
		return 0;
	memmove(r->ahead, r->ahead + r->start, r->end - r->start);
	r->end -= r->start;
	r->start = 0;
	while (r->end < len) {
		if ((n = read_some(r, r->ahead + r->end, sizeof(r->ahead) - r->end, e)) == -1)
			return -1;
		if (n == 0)
			break;
		r->end += (size_t)n;
	}
	return 0;
}

int
entry_next(struct entry_reader *r, struct entry *entry, struct err *e)
{
	uint8_t version, rescan, flags, subject_len, ext_len;
	uint32_t magic;
	struct view v;

	if (r->left > 0)
		return err_set(e, ERR_SYSTEM, "entry stream: an entry was not read up");
	if (fill(r, ENTRY_FIXED_LEN, e) == -1)
		return -1;
	if (r->start == r->end)
		return 0;
	*entry = (struct entry){0};
	v = view_of(r->ahead + r->start, r->end - r->start, "entry stream: head");
	if (view_u32le(&v, &magic, e) == -1 || view_u8(&v, &version, e) == -1 ||
	    view_u8(&v, &rescan, e) == -1 || view_u8(&v, &flags, e) == -1 ||
	    view_u8(&v, &entry->encoding, e) == -1 || view_u8(&v, &entry->set, e) == -1 ||
	    view_u8(&v, &subject_len, e) == -1 || view_u8(&v, &ext_len, e) == -1 ||
	    view_u64le(&v, &entry->size, e) == -1 || view_u64le(&v, &entry->file, e) == -1)
		return -1;
	if (magic != ENTRY_MAGIC || version != ENTRY_VERSION)
		return err_set(e, ERR_INPUT, "entry stream: not the head of an entry");
	if (!rescan_ok(rescan) || (flags & ~ENTRY_CONTINUES) != 0 || entry->encoding >= ENCODING_COUNT ||
	    entry->set >= ENTRY_SETS_MAX ||
	    (entry->encoding != ENCODING_UTF8 && (rescan == RESCAN_DICOM || rescan == RESCAN_NONE)) ||
	    subject_len > ENTRY_SUBJECT_MAX || ext_len > ENTRY_EXT_MAX)
		return err_set(e, ERR_INPUT, "entry stream: a head with a field out of range");
	if (entry->size > ENTRY_SIZE_MAX)
		return err_set(e, ERR_LIMIT, "entry stream: a member of more than 64 GiB");
	if (entry->file > ENTRY_FILE_MAX)
		return err_set(e, ERR_LIMIT, "entry stream: a file's number that no push has");

	r->start += ENTRY_FIXED_LEN;
	if (fill(r, (size_t)subject_len + ext_len, e) == -1)
		return -1;
	v = view_of(r->ahead + r->start, r->end - r->start, "entry stream: head");
	if (view_copy(&v, entry->subject, subject_len, e) == -1 ||
	    view_copy(&v, entry->ext, ext_len, e) == -1)
		return -1;
	r->start += (size_t)subject_len + ext_len;
	if (!word_ok(entry->subject, subject_len, ENTRY_SUBJECT_MAX) ||
	    !word_ok(entry->ext, ext_len, ENTRY_EXT_MAX))
		return err_set(e, ERR_INPUT, "entry stream: subject or ext is not of [a-z0-9]");
	entry->rescan = (enum rescan)rescan;
	entry->continues = (flags & ENTRY_CONTINUES) != 0;
	/* One stem is one subject, in one set; at the stream's front r->subject is empty and equals none. */
	if (entry->continues && (strcmp(entry->subject, r->subject) != 0 || entry->set != r->set))
		return err_set(e, ERR_INPUT, "entry stream: an entry continues no sample of its subject");
	memcpy(r->subject, entry->subject, sizeof(r->subject));
	r->set = entry->set;
	r->left = entry->size;
	r->entries++;
	return 1;
}

int
entry_read(struct entry_reader *r, void *out, size_t len, size_t *got, struct err *e)
{
	ssize_t n;

	*got = 0;
	if (len > r->left)
		len = (size_t)r->left;
	if (len == 0)
		return 0;
	/* What is not yet here: large pieces go straight to the caller, small ones and the ends of entries bring the
	 * next heads along. */
	if (r->start == r->end && (len >= sizeof(r->ahead) || (len >= DIRECT_MIN && len < r->left))) {
		if ((n = read_some(r, out, len, e)) == -1)
			return -1;
	} else {
		if (fill(r, 1, e) == -1)
			return -1;
		n = (ssize_t)(len < r->end - r->start ? len : r->end - r->start);
		memcpy(out, r->ahead + r->start, (size_t)n);
		r->start += (size_t)n;
	}
	if (n == 0)
		return err_set(e, ERR_INPUT, "entry stream: cut short inside an entry");
	r->left -= (uint64_t)n;
	r->bytes += (uint64_t)n;
	*got = (size_t)n;
	return 0;
}
