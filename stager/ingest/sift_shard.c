/* A shard's tar passing by, without the members and records of those who are on the list. */
#include "stager/sift.h"

#include <stdlib.h>
#include <string.h>

#include "stager/entry.h"
#include "stager/io.h"
#include "tar.h"

#define PIECE (256u << 10)

struct passing {
	struct sift_list *list;
	struct sift_shard *s;
	uint64_t left;   /* bytes that are still to come */
	uint8_t *piece;  /* PIECE bytes */
	uint8_t *member; /* of the one that is looked through */
	size_t room;     /* bytes of it */
};

static int
bad(struct err *e, const char *what)
{
	return err_set(e, ERR_FORGED, "shard: %s", what);
}

static int
take(struct passing *p, void *out, size_t len, struct err *e)
{
	ssize_t n;

	if (len > p->left)
		return bad(e, "it ends within a member");
	if ((n = io_read(p->s->in, out, len, "shard", e)) == -1)
		return -1;
	if ((size_t)n != len)
		return bad(e, "cut short");
	p->left -= len;
	return 0;
}

static int
give(struct passing *p, const void *data, size_t len, struct err *e)
{
	if (p->s->out == -1 || len == 0)
		return 0;
	if (io_write(p->s->out, data, len, "shard", e) == -1)
		return -1;
	p->s->bytes += len;
	return 0;
}

static int
give_zeros(struct passing *p, uint64_t len, struct err *e)
{
	size_t n;

	memset(p->piece, 0, PIECE);
	for (; len > 0; len -= n) {
		n = len < PIECE ? (size_t)len : PIECE;
		if (give(p, p->piece, n, e) == -1)
			return -1;
	}
	return 0;
}

static bool
all_zero(const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] != 0)
			return false;
	return true;
}

/* Octal digits of a field. */
static uint64_t
octal(const uint8_t *field, size_t len)
{
	uint64_t v = 0;

	for (size_t i = 0; i < len && field[i] >= '0' && field[i] <= '7'; i++)
		v = v << 3 | (uint64_t)(field[i] - '0');
	return v;
}

/* The size that a pax record says, "LEN size=N\n". */
static uint64_t
pax_size(const uint8_t *record)
{
	const uint8_t *equals = memchr(record, '=', TAR_BLOCK);
	uint64_t v = 0;

	if (equals == NULL)
		return 0;
	for (const uint8_t *at = equals + 1; at < record + TAR_BLOCK && *at >= '0' && *at <= '9'; at++)
		v = v > ENTRY_SIZE_MAX ? v : v * 10 + (uint64_t)(*at - '0');
	return v;
}

/*
 * The next member's header: 1, or 0 at the end-of-archive mark. The blocks that we would write for what it says must be those that are
 * there: no other spelling has a meaning.
 */
static int
next_head(struct passing *p, struct sift_line *line, struct err *e)
{
	uint8_t head[TAR_HEAD_MAX], again[TAR_HEAD_MAX];
	const uint8_t *last = head;
	size_t len = TAR_BLOCK, name_len, folder_len;
	char path[101];

	if (take(p, head, TAR_BLOCK, e) == -1)
		return -1;
	if (all_zero(head, TAR_BLOCK))
		return 0;
	line->size = octal(head + 124, 12);
	if (head[156] == 'x') {
		if (take(p, head + TAR_BLOCK, TAR_HEAD_MAX - TAR_BLOCK, e) == -1)
			return -1;
		len = TAR_HEAD_MAX;
		line->size = pax_size(head + TAR_BLOCK);
		last = head + TAR_HEAD_MAX - TAR_BLOCK;
	}
	/* Folder and name as tar_block put them: in the name field together, or apart. */
	memcpy(path, last, 100);
	path[100] = '\0';
	if (last[345] != '\0') {
		folder_len = strnlen((const char *)last + 345, 155);
		name_len = strlen(path);
		if (folder_len >= sizeof(line->subject) || name_len >= sizeof(line->name))
			return bad(e, "a member's name is too long");
		memcpy(line->subject, last + 345, folder_len);
		line->subject[folder_len] = '\0';
		memcpy(line->name, path, name_len + 1);
	} else {
		const char *slash = strchr(path, '/');

		folder_len = slash == NULL ? 0 : (size_t)(slash - path);
		if (folder_len == 0 || folder_len >= sizeof(line->subject))
			return bad(e, "a member's name has another form than it must have");
		memcpy(line->subject, path, folder_len);
		line->subject[folder_len] = '\0';
		memcpy(line->name, slash + 1, strlen(slash + 1) + 1);
	}
	if (line->name[0] == '\0' || strchr(line->name, '/') != NULL || strchr(line->name, '.') == NULL ||
	    strlen(line->name) > TAR_NAME_MAX || line->size > ENTRY_SIZE_MAX ||
	    tar_head(line->subject, line->name, line->size, again) != len || memcmp(head, again, len) != 0)
		return bad(e, "a member's header is none of ours");
	return 1;
}

static size_t
padding(uint64_t size)
{
	return (size_t)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

/* A member's head and its line of the index; its bytes follow. */
static int
keep_head(struct passing *p, struct sift_line *line, struct err *e)
{
	uint8_t head[TAR_HEAD_MAX];
	size_t len = tar_head(line->subject, line->name, line->size, head);

	p->s->kept++;
	p->s->content += line->size;
	if (p->s->out == -1)
		return 0;
	line->shard = p->s->number;
	line->offset = p->s->bytes + len;
	return give(p, head, len, e) == -1 ? -1 : sift_write_line(p->s->index, line, e);
}

/* size bytes and their padding: on, or (kept false) away. */
static int
stream(struct passing *p, uint64_t size, bool kept, struct err *e)
{
	uint64_t left = size + padding(size);
	size_t n;

	for (; left > 0; left -= n) {
		n = left < PIECE ? (size_t)left : PIECE;
		if (take(p, p->piece, n, e) == -1 || (kept && give(p, p->piece, n, e) == -1))
			return -1;
	}
	return 0;
}

/* A member is at most SIFT_MEMBER_MAX long. What was in the old room is wiped. */
static int
make_room(struct passing *p, size_t len, struct err *e)
{
	if (p->member != NULL)
		explicit_bzero(p->member, p->room);
	free(p->member);
	p->room = 0;
	if ((p->member = malloc(len)) == NULL)
		return err_set(e, ERR_SYSTEM, "shard: out of memory");
	p->room = len;
	return 0;
}

/* A member that may name somebody: whole into memory, and what is left of it on. */
static int
look_through(struct passing *p, struct sift_line *line, struct err *e)
{
	const char *ext = strchr(line->name, '.') + 1;
	uint8_t block[TAR_BLOCK];
	ssize_t left;

	if (line->size > p->room && make_room(p, (size_t)line->size, e) == -1)
		return -1;
	if (take(p, p->member, (size_t)line->size, e) == -1 || take(p, block, padding(line->size), e) == -1)
		return -1;
	if ((left = sift_member(p->list, ext, p->member, (size_t)line->size, &p->s->records, e)) == -1)
		return -1;
	if (left == 0 && line->size > 0) {
		p->s->dropped++;
		return 0;
	}
	line->size = (uint64_t)left;
	if (keep_head(p, line, e) == -1 || give(p, p->member, (size_t)left, e) == -1)
		return -1;
	memset(block, 0, sizeof(block));
	return give(p, block, padding(line->size), e);
}

static int
pass_member(struct passing *p, struct sift_line *line, struct err *e)
{
	bool others = strcmp(line->subject, "x") == 0 || p->s->wide;

	if (strlen(line->subject) == SIFT_PSEUDONYM_LEN && sift_listed(p->list, line->subject)) {
		p->s->dropped++;
		return stream(p, line->size, false, e);
	}
	if (others && line->size <= SIFT_MEMBER_MAX)
		return look_through(p, line, e);
	return keep_head(p, line, e) == -1 ? -1 : stream(p, line->size, true, e);
}

/* After the mark there are zeros to the end, and nothing behind it. */
static int
take_end(struct passing *p, struct err *e)
{
	size_t n;
	uint8_t more;
	ssize_t got;

	for (; p->left > 0;) {
		n = p->left < PIECE ? (size_t)p->left : PIECE;
		if (take(p, p->piece, n, e) == -1)
			return -1;
		if (!all_zero(p->piece, n))
			return bad(e, "something follows its end");
	}
	if ((got = io_read(p->s->in, &more, 1, "shard", e)) == -1)
		return -1;
	return got == 0 ? 0 : bad(e, "it is longer than it is said to be");
}

int
sift_shard_run(struct sift_list *l, struct sift_shard *s, struct err *e)
{
	struct passing p = {.list = l, .s = s, .left = s->plain};
	struct sift_line line;
	uint64_t members = 0;
	int rc = -1, more;

	s->bytes = s->kept = s->dropped = s->records = s->content = 0;
	if ((p.piece = malloc(PIECE)) == NULL)
		return err_set(e, ERR_SYSTEM, "shard: out of memory");
	while ((more = next_head(&p, &line, e)) == 1) {
		if (++members > s->members || pass_member(&p, &line, e) == -1) {
			if (members > s->members)
				bad(e, "it has more members than its table says");
			goto out;
		}
	}
	if (more == -1 || take_end(&p, e) == -1)
		goto out;
	if (members != s->members) {
		bad(e, "it has another number of members than its table says");
		goto out;
	}
	if (s->kept > 0 && give_zeros(&p, tar_padded_len(s->bytes + TAR_END) - s->bytes, e) == -1)
		goto out;
	rc = 0;
out:
	explicit_bzero(p.piece, PIECE);
	if (p.member != NULL)
		explicit_bzero(p.member, p.room);
	explicit_bzero(&line, sizeof(line));
	free(p.piece);
	free(p.member);
	return rc;
}
