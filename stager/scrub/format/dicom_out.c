/* What the DICOM reader writes: pieces of the input by reference, and what was made anew, in order. */
#include "dicom_parts.h"

#include <stdlib.h>
#include <string.h>

#include "stager/entry.h"

/* Shorter kept runs are copied: a piece costs a system call. */
#define RUN_MIN 4096

void
dicom_out_init(struct dicom_out *o)
{
	*o = (struct dicom_out){0};
	buf_init(&o->made, DICOM_MADE_MAX);
}

void
dicom_out_free(struct dicom_out *o)
{
	buf_free(&o->made);
	free(o->pieces);
	o->pieces = NULL;
	o->count = o->cap = 0;
}

static int
piece_add(struct dicom_out *o, const uint8_t *data, size_t len, struct err *e)
{
	struct dicom_piece *pieces;
	size_t cap;

	if (o->count == o->cap) {
		/* At most two for RUN_MIN bytes of input: bounded by DICOM_FILE_MAX. */
		cap = o->cap == 0 ? 16 : o->cap * 2;
		if ((pieces = realloc(o->pieces, cap * sizeof(*pieces))) == NULL)
			return err_set(e, ERR_SYSTEM, "dicom: out of memory for %zu pieces", cap);
		o->pieces = pieces;
		o->cap = cap;
	}
	o->pieces[o->count++] = (struct dicom_piece){.data = data, .len = len};
	o->size += len;
	return 0;
}

/* What was made since the last piece becomes one. */
static int
made_end(struct dicom_out *o, struct err *e)
{
	size_t len = o->made.len - o->made_done;

	if (len == 0)
		return 0;
	if (piece_add(o, NULL, len, e) == -1)
		return -1;
	o->made_done = o->made.len;
	return 0;
}

static int
run_end(struct dicom_out *o, struct err *e)
{
	const uint8_t *run = o->run;

	if (run == NULL)
		return 0;
	o->run = NULL;
	if (o->run_len < RUN_MIN)
		return buf_put(&o->made, run, o->run_len, e);
	if (made_end(o, e) == -1)
		return -1;
	return piece_add(o, run, o->run_len, e);
}

int
dicom_out_keep(struct dicom_out *o, const uint8_t *data, size_t len, struct err *e)
{
	if (o->run != NULL && o->run + o->run_len == data) {
		o->run_len += len;
		return 0;
	}
	if (run_end(o, e) == -1)
		return -1;
	o->run = data;
	o->run_len = len;
	return 0;
}

int
dicom_out_zeros(struct dicom_out *o, size_t len, struct err *e)
{
	static const uint8_t zeros[(size_t)64 << 10];

	while (len > 0) {
		size_t part = len < sizeof(zeros) ? len : sizeof(zeros);

		/* Never one run with the last: the next zeros begin where these did. */
		if (run_end(o, e) == -1 || dicom_out_keep(o, zeros, part, e) == -1)
			return -1;
		len -= part;
	}
	return run_end(o, e);
}

static void
put16(uint8_t *to, bool big, unsigned v)
{
	to[big ? 1 : 0] = (uint8_t)v;
	to[big ? 0 : 1] = (uint8_t)(v >> 8);
}

static void
put32(uint8_t *to, bool big, uint32_t v)
{
	put16(to + (big ? 2 : 0), big, v & 0xffff);
	put16(to + (big ? 0 : 2), big, v >> 16);
}

int
dicom_out_head(struct dicom_out *o, struct dicom_syntax syntax, uint32_t tag, enum dicom_vr vr, uint32_t len,
    struct err *e)
{
	uint8_t head[12] = {0};
	size_t size = 8;

	if (run_end(o, e) == -1)
		return -1;
	put16(head, syntax.big, tag >> 16);
	put16(head + 2, syntax.big, tag & 0xffff);
	if (!syntax.explicit_vr) {
		put32(head + 4, syntax.big, len);
	} else {
		memcpy(head + 4, dicom_vr_letters(vr), 2);
		if (dicom_vr_long(vr)) {
			put32(head + 8, syntax.big, len);
			size = 12;
		} else if (len <= 0xffff) {
			put16(head + 6, syntax.big, len);
		} else {
			return err_set(e, ERR_LIMIT, "dicom: a value of more than 65535 bytes");
		}
	}
	return buf_put(&o->made, head, size, e);
}

int
dicom_out_element(struct dicom_out *o, struct dicom_syntax syntax, uint32_t tag, enum dicom_vr vr,
    const void *value, size_t len, struct err *e)
{
	if (dicom_out_head(o, syntax, tag, vr, (uint32_t)len, e) == -1)
		return -1;
	return buf_put(&o->made, value, len, e);
}

int
dicom_out_text(struct dicom_out *o, struct dicom_syntax syntax, uint32_t tag, enum dicom_vr vr,
    const char *text, struct err *e)
{
	size_t len = strlen(text);

	if (dicom_out_head(o, syntax, tag, vr, (uint32_t)(len + len % 2), e) == -1 ||
	    buf_put(&o->made, text, len, e) == -1)
		return -1;
	return len % 2 == 0 ? 0 : buf_put_u8(&o->made, vr == VR_UI ? '\0' : ' ', e);
}

int
dicom_out_mark(struct dicom_out *o, struct dicom_syntax syntax, uint32_t tag, uint32_t len, struct err *e)
{
	struct dicom_syntax plain = {.big = syntax.big};

	return dicom_out_head(o, plain, tag, VR_UN, len, e);
}

int
dicom_out_end(struct dicom_out *o, struct err *e)
{
	if (run_end(o, e) == -1)
		return -1;
	return made_end(o, e);
}

int
dicom_out_write(const struct dicom_out *o, struct entry_writer *w, struct err *e)
{
	size_t made = 0;

	for (size_t i = 0; i < o->count; i++) {
		const struct dicom_piece *p = &o->pieces[i];
		const uint8_t *from = p->data != NULL ? p->data : o->made.data + made;

		if (p->data == NULL)
			made += p->len;
		if (entry_write(w, from, p->len, e) == -1)
			return -1;
	}
	return 0;
}
