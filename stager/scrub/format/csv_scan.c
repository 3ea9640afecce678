/* Finding the records of a CSV file in a window of bytes: 64 at a time are reduced to a bit mask of the few
 * bytes that matter, and only those are looked at. */
#include "csv.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define BLOCK 64

#ifdef __SSE2__

static inline uint64_t
marks_of_block(const char *at, char delimiter, bool *unusual)
{
	const __m128i quote = _mm_set1_epi8('"'), lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r'),
		      between = _mm_set1_epi8(delimiter);
	__m128i least = _mm_set1_epi8((char)0xff), all = _mm_setzero_si128();
	uint64_t marks = 0;

	for (unsigned i = 0; i < BLOCK; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
		__m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, lf)),
		    _mm_or_si128(_mm_cmpeq_epi8(v, cr), _mm_cmpeq_epi8(v, between)));

		marks |= (uint64_t)(uint32_t)_mm_movemask_epi8(hit) << i;
		least = _mm_min_epu8(least, v);
		all = _mm_or_si128(all, v);
	}
	*unusual = _mm_movemask_epi8(_mm_or_si128(all, _mm_cmpeq_epi8(least, _mm_setzero_si128()))) != 0;
	return marks;
}

#endif

/* The same, byte by byte, for what is left at the end of a window and for machines without SSE2. */
static uint64_t
marks_of_bytes(const char *at, size_t len, char delimiter, bool *unusual)
{
	uint64_t marks = 0;

	*unusual = false;
	for (size_t i = 0; i < len; i++) {
		char c = at[i];

		marks |= (uint64_t)(c == delimiter || c == '"' || c == '\n' || c == '\r') << i;
		*unusual |= c == '\0' || (c & 0x80) != 0;
	}
	return marks;
}

static inline uint64_t
marks_at(const char *block, const char *end, char delimiter, bool *unusual)
{
#ifdef __SSE2__
	if (end - block >= BLOCK)
		return marks_of_block(block, delimiter, unusual);
#endif
	return marks_of_bytes(
	    block, end - block >= BLOCK ? BLOCK : (size_t)(end - block), delimiter, unusual);
}

void
csv_scan_window(struct csv_scan *scan, const char *at, const char *end, bool last)
{
	scan->at = scan->block = at;
	scan->end = end;
	scan->last = last;
	scan->marks = marks_at(at, end, scan->delimiter, &scan->unusual);
}

/* Where the scan stands, in locals, so that the inner loop keeps it in registers. */
struct cursor {
	const char *block, *end;
	uint64_t marks;
	char delimiter;
	bool unusual; /* this block */
	bool seen;    /* any block since the record began */
};

/* The next byte that matters; NULL at the end of the window. */
static inline const char *
next_mark(struct cursor *c)
{
	const char *at;

	while (c->marks == 0) {
		if (c->end - c->block <= BLOCK)
			return NULL;
		c->block += BLOCK;
		c->marks = marks_at(c->block, c->end, c->delimiter, &c->unusual);
		c->seen |= c->unusual;
	}
	at = c->block + __builtin_ctzll(c->marks);
	c->marks &= c->marks - 1;
	return at;
}

static inline void
add_field(
    struct csv_scan *scan, size_t count, const char *start, const char *close, const char *end, bool doubled)
{
	if (count >= scan->field_max)
		return;
	if (close != NULL)
		scan->fields[count] = (struct csv_field){
		    .at = start + 1, .len = (size_t)(close - start - 1), .quoted = true, .doubled = doubled};
	else
		scan->fields[count] = (struct csv_field){.at = start, .len = (size_t)(end - start)};
}

/*
 * From behind an opening quote to the closing one, past doubled ones. NULL where the window ends before, or
 * where only the byte behind it could tell.
 */
static const char *
closing_quote(struct cursor *c, bool last, bool *doubled, size_t *lines)
{
	const char *at;

	*doubled = false;
	while ((at = next_mark(c)) != NULL) {
		if (*at != '"') {
			/* That of CR LF counts once; behind the last byte of the window nothing is decided. */
			*lines += *at == '\n' || (*at == '\r' && at + 1 < c->end && at[1] != '\n');
			continue;
		}
		if (at + 1 == c->end)
			return last ? at : NULL;
		if (at[1] != '"')
			return at;
		*doubled = true;
		(void)next_mark(c);
	}
	return NULL;
}

enum csv_found
csv_scan_next(struct csv_scan *scan, struct csv_record *record)
{
	struct cursor c = {.block = scan->block,
	    .end = scan->end,
	    .marks = scan->marks,
	    .delimiter = scan->delimiter,
	    .unusual = scan->unusual,
	    .seen = scan->unusual};
	const char *begin = scan->at; /* of the record */
	const char *start = begin;    /* of the field */
	const char *close = NULL;     /* the quote that closed the field */
	const char *at;
	bool open = false, stray = false, doubled = false;
	size_t count = 0, lines = 0;

	while ((at = next_mark(&c)) != NULL) {
		if (*at == c.delimiter) {
			add_field(scan, count++, start, close, at, doubled);
			start = at + 1;
			close = NULL;
		} else if (*at != '"') {
			if (at != begin)
				break;
			/* An empty line, or the LF of a CR LF, is no record. */
			begin = start = at + 1;
			c.seen = c.unusual;
		} else if (at == start) {
			if ((close = closing_quote(&c, scan->last, &doubled, &lines)) == NULL) {
				open = true;
				break;
			}
			if (close + 1 < c.end && close[1] != c.delimiter && close[1] != '\n' &&
			    close[1] != '\r') {
				/* The record is lost; it ends with its line, as if the field had no quotes.
				 */
				stray = true;
				close = NULL;
			}
		} else {
			stray = true;
		}
	}
	if (at == NULL || open) {
		/* The end of the window, and with the last one of the file. */
		at = c.end;
		scan->at = begin;
		if ((size_t)(at - begin) > scan->record_max)
			return CSV_TOO_LONG;
		if (!scan->last)
			return CSV_MORE;
		if (open)
			return CSV_QUOTE_OPEN;
		if (begin == at)
			return CSV_END;
	}
	scan->at = begin;
	if ((size_t)(at - begin) > scan->record_max)
		return CSV_TOO_LONG;
	add_field(scan, count++, start, close, at, doubled);
	*record = (struct csv_record){.at = begin,
	    .len = (size_t)(at - begin),
	    .count = count,
	    .lines = lines,
	    .stray = stray,
	    .unusual = c.seen};
	scan->at = at < c.end ? at + 1 : at;
	scan->block = c.block;
	scan->marks = c.marks;
	scan->unusual = c.unusual;
	return CSV_RECORD;
}
