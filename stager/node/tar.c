/* Following a shard's tar as it passes, and the header that makes a reader fail. */
#include <stdio.h>
#include <string.h>

#include "stager/node.h"

static const uint8_t zeros[NODE_TAR_BLOCK];

void
node_tar_init(struct node_tar *t)
{
	memset(t, 0, sizeof(*t));
	t->pax_size = UINT64_MAX;
}

bool
node_tar_between(const struct node_tar *t)
{
	return t->skip == 0 && t->have == 0 && !t->in_pax;
}

static int
broken(struct err *e)
{
	return err_set(e, ERR_FORGED, "what is sealed is no tar of ours");
}

/* Octal digits up to a NUL or a space. */
static int
read_octal(const uint8_t *field, size_t len, uint64_t *out, struct err *e)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < len && field[i] >= '0' && field[i] <= '7'; i++)
		v = v << 3 | (uint64_t)(field[i] - '0'); /* len is at most 12: 36 bits */
	if (i == 0 || i == len || (field[i] != '\0' && field[i] != ' '))
		return broken(e);
	*out = v;
	return 0;
}

/* The one record that our writer makes: "LEN size=N\n". */
static int
read_pax(struct node_tar *t, struct err *e)
{
	unsigned long long size;
	unsigned len;
	char text[64], again[64];

	memcpy(text, t->block, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	if (sscanf(text, "%2u size=%12llu\n", &len, &size) != 2 ||
	    (unsigned)snprintf(again, sizeof(again), "%u size=%llu\n", len, size) != len ||
	    memcmp(text, again, len) != 0)
		return broken(e);
	t->pax_size = size;
	return 0;
}

static int
read_header(struct node_tar *t, struct err *e)
{
	uint64_t size = 0;

	if (memcmp(t->block, zeros, NODE_TAR_BLOCK) == 0) {
		t->ended = true;
		return t->pax_size == UINT64_MAX ? 0 : broken(e);
	}
	if (memcmp(t->block + 257, "ustar", 6) != 0 || read_octal(t->block + 124, 12, &size, e) == -1)
		return broken(e);
	if (t->block[156] == 'x') {
		t->in_pax = true;
		return t->pax_size == UINT64_MAX && size <= NODE_TAR_BLOCK ? 0 : broken(e);
	}
	if (t->block[156] != '0')
		return broken(e);
	if (t->pax_size != UINT64_MAX)
		size = t->pax_size;
	t->pax_size = UINT64_MAX;
	t->skip = (size + NODE_TAR_BLOCK - 1) / NODE_TAR_BLOCK * NODE_TAR_BLOCK;
	return 0;
}

int
node_tar_feed(struct node_tar *t, const uint8_t *data, size_t len, size_t *keep, struct err *e)
{
	size_t at = 0, piece;

	*keep = t->ended ? 0 : len;
	while (at < len) {
		if (t->ended) {
			piece = len - at < NODE_TAR_BLOCK ? len - at : NODE_TAR_BLOCK;
			if (memcmp(data + at, zeros, piece) != 0)
				return broken(e);
			at += piece;
			continue;
		}
		if (t->skip > 0) {
			piece = t->skip < len - at ? (size_t)t->skip : len - at;
			t->skip -= piece;
			at += piece;
			continue;
		}
		piece = NODE_TAR_BLOCK - t->have < len - at ? NODE_TAR_BLOCK - t->have : len - at;
		memcpy(t->block + t->have, data + at, piece);
		t->have += piece;
		at += piece;
		if (t->have < NODE_TAR_BLOCK)
			continue;
		t->have = 0;
		if (t->in_pax) {
			t->in_pax = false;
			if (read_pax(t, e) == -1)
				return -1;
		} else if (read_header(t, e) == -1) {
			return -1;
		}
		if (t->ended)
			/* The block may have begun in an earlier piece: those bytes have passed already. */
			*keep = at < NODE_TAR_BLOCK ? 0 : at - NODE_TAR_BLOCK;
	}
	return 0;
}

void
node_tar_error(uint8_t out[static NODE_TAR_BLOCK])
{
	unsigned sum = 0;

	memset(out, 0, NODE_TAR_BLOCK);
	memcpy(out, "stager-error", 12);
	memcpy(out + 100, "0000644", 8);
	memcpy(out + 108, "0000000", 8);
	memcpy(out + 116, "0000000", 8);
	memcpy(out + 124, "00004000000", 12); /* 1 MiB */
	memcpy(out + 136, "00000000000", 12);
	memset(out + 148, ' ', 8);
	out[156] = '0';
	memcpy(out + 257, "ustar\00000", 8);
	for (size_t i = 0; i < NODE_TAR_BLOCK; i++)
		sum += out[i];
	(void)snprintf((char *)out + 148, 7, "%06o", sum);
}
