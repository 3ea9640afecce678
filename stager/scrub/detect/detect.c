/* The finders over one text, block by block, and the spans out of what they find. */
#include "detect.h"

#include <stdlib.h>
#include <string.h>

/* So many are sorted by moving them. */
#define SORT_FEW 24

static int (*const finders[])(struct work *w, struct err *e) = {scan_find, address_find, spoken_find,
    age_find, age_told_find, url_find, spelled_find, place_find, institution_find, lists_find, name_find,
    age_beside_find, guess_find, age_group_find, date_signed_find};

/* By enum span_type. */
static const struct {
	const char *kind, *word, *tag;
} types[SPAN_TYPES] = {
    [SPAN_PERSON] = {"person", "person", "PERSOON"},
    [SPAN_ADDRESS] = {"location", "address", "ADRES"},
    [SPAN_POSTCODE] = {"location", "postcode", "POSTCODE"},
    [SPAN_PLACE] = {"location", "place", "PLAATS"},
    [SPAN_INSTITUTION] = {"institution", "institution", "INSTELLING"},
    [SPAN_DATE] = {"date", "date", "DATUM"},
    [SPAN_AGE] = {"age", "age", "LEEFTIJD"},
    [SPAN_PHONE] = {"phone", "phone", "TELEFOON"},
    [SPAN_EMAIL] = {"email", "email", "EMAIL"},
    [SPAN_URL] = {"url", "url", "URL"},
    [SPAN_BSN] = {"id", "bsn", "BSN"},
    [SPAN_RSIN] = {"id", "rsin", "RSIN"},
    [SPAN_EDUCATION] = {"id", "onderwijsnummer", "ONDERWIJSNR"},
    [SPAN_VAT] = {"id", "btw", "BTW"},
    [SPAN_BRIN] = {"id", "brin", "BRIN"},
    [SPAN_IBAN] = {"id", "iban", "IBAN"},
    [SPAN_PLATE] = {"id", "kenteken", "KENTEKEN"},
    [SPAN_DOCUMENT] = {"id", "document", "DOCUMENT"},
    [SPAN_AGB] = {"id", "agb", "AGB"},
    [SPAN_BIG] = {"id", "big", "BIG"},
    [SPAN_KVK] = {"id", "kvk", "KVK"},
    [SPAN_VNUMBER] = {"id", "v-nummer", "V-NUMMER"},
    [SPAN_PATIENT] = {"id", "patient", "PATIENTNR"},
    [SPAN_NUMBER] = {"id", "number", "NUMMER"},
    [SPAN_IP] = {"id", "ip", "IP"},
    [SPAN_MAC] = {"id", "mac", "MAC"},
    [SPAN_CARD] = {"id", "card", "KAART"},
    [SPAN_KNOWN] = {"person", "known", "BEKEND"},
    [SPAN_EXTRA] = {"id", "extra", "EXTRA"},
};

const char *
span_kind(enum span_type type)
{
	return types[type].kind;
}

const char *
span_word(enum span_type type)
{
	return types[type].word;
}

const char *
span_tag(enum span_type type)
{
	return types[type].tag;
}

void
spans_free(struct spans *s)
{
	free(s->items);
	*s = (struct spans){0};
}

/* Room for one more of `size` bytes each; NULL with e set. */
static void *
grown(void *items, size_t *cap, size_t size, struct err *e)
{
	size_t more = *cap == 0 ? 16 : *cap * 2;

	if ((items = realloc(items, more * size)) == NULL)
		err_sys(e, "text: memory for what is found");
	else
		*cap = more;
	return items;
}

int
find_add(struct work *w, const struct find *f, struct err *e)
{
	if (w->find_count == w->find_cap) {
		struct find *finds = grown(w->finds, &w->find_cap, sizeof(*finds), e);

		if (finds == NULL)
			return -1;
		w->finds = finds;
	}
	w->finds[w->find_count++] = *f;
	return 0;
}

static int
compare_finds(const void *a, const void *b)
{
	const struct find *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end > y->end ? -1 : 1;
	return x->type < y->type ? -1 : x->type > y->type;
}

/* They come in a few rows that are in order each. Equal ones stay in theirs. */
static void
sort_finds(struct find *finds, size_t count)
{
	struct find one;
	size_t to;

	if (count > SORT_FEW) {
		qsort(finds, count, sizeof(*finds), compare_finds);
		return;
	}
	for (size_t i = 1; i < count; i++) {
		if (compare_finds(&finds[i - 1], &finds[i]) <= 0)
			continue;
		one = finds[i];
		for (to = i; to > 0 && compare_finds(&finds[to - 1], &one) > 0; to--)
			finds[to] = finds[to - 1];
		finds[to] = one;
	}
}

/* Both overlap: all of both goes, under the name of the longer. */
static void
join(struct find *a, const struct find *b)
{
	size_t start = a->start < b->start ? a->start : b->start, end = a->end > b->end ? a->end : b->end;

	if (b->end - b->start > a->end - a->start)
		*a = *b;
	if (a->start != start || a->end != end)
		a->date = (struct span_date){0};
	a->start = start;
	a->end = end;
}

static bool
inside_character(const char *text, size_t at, size_t len)
{
	return at < len && ((uint8_t)text[at] & 0xc0) == 0x80;
}

/* The find's bytes of the original say by themselves what was read there: where its date's parts are is known. */
static bool
reads_alone(const struct text_in *in, const struct find *f, const struct span *s, const uint8_t *original)
{
	uint8_t folded[2 * UINT8_MAX];
	const size_t len = f->end - f->start;

	return s->end - s->start <= sizeof(folded) &&
	       fold_text(original + s->start, s->end - s->start, false, folded) == len &&
	       memcmp(folded, in->s + f->start, len) == 0;
}

/* A find as a span of the original. */
static int
put_span(struct spans *out, const struct find *f, const struct text_in *in, struct fold_cursor *original,
    bool folded, struct err *e)
{
	const char *text = (const char *)original->s;
	struct span *s;
	size_t least;

	if (out->count == out->cap) {
		if ((s = grown(out->items, &out->cap, sizeof(*s), e)) == NULL)
			return -1;
		out->items = s;
	}
	s = &out->items[out->count];
	least = out->count > 0 ? s[-1].end : 0;
	*s = (struct span){.start = folded ? fold_original(original, f->start, false) : f->start,
	    .end = folded ? fold_original(original, f->end, true) : f->end,
	    .type = f->type,
	    .score = f->score,
	    .rule = f->rule,
	    .extra = f->extra,
	    .value = f->value,
	    .age = f->age,
	    .date = f->date};
	if (s->end <= s->start)
		return 0; /* the find before has all of it */
	/* Whole characters, where it is UTF-8; else at most so far as a character could reach. */
	for (int i = 0; i < 3 && s->start > least && inside_character(text, s->start, original->len); i++)
		s->start--;
	for (int i = 0; i < 3 && inside_character(text, s->end, original->len); i++)
		s->end++;
	if (folded && s->date.year != 0 && !reads_alone(in, f, s, original->s))
		s->date = (struct span_date){0};
	out->count++;
	return 0;
}

/* What the finders found in this block, sorted and joined. The last is kept back in w->finds[0], for the next block
 * may have more of it. */
static int
settle(struct work *w, struct spans *out, struct fold_cursor *original, bool folded, bool last, struct err *e)
{
	size_t kept = 0;

	if (w->find_count == 0)
		return 0;
	sort_finds(w->finds, w->find_count);
	for (size_t i = 1; i < w->find_count; i++) {
		if (w->finds[i].start < w->finds[kept].end)
			join(&w->finds[kept], &w->finds[i]);
		else
			w->finds[++kept] = w->finds[i];
	}
	for (size_t i = 0; i < kept + (last ? 1 : 0); i++)
		if (put_span(out, &w->finds[i], &w->in, original, folded, e) == -1)
			return -1;
	w->finds[0] = w->finds[kept];
	w->find_count = last ? 0 : 1;
	return 0;
}

/* One reading of the text; its spans go behind those in out. *mirrors: there is another. */
static int
detect_reading(const struct detect_with *with, const char *text, size_t len, bool mirrored, struct spans *out,
    bool *mirrors, struct err *e)
{
	struct fold_cursor original = {.s = (const uint8_t *)text, .len = len, .mirrored = mirrored};
	struct work *w = NULL;
	uint8_t *folded = NULL;
	int rc = -1;

	if ((w = malloc(sizeof(*w))) == NULL) {
		err_sys(e, "text: memory for detecting");
		goto out;
	}
	memset(w, 0, offsetof(struct work, digits));
	w->with = with;
	if ((w->names = names_new(e)) == NULL)
		goto out;
	w->in = (struct text_in){.s = (const uint8_t *)text, .len = len};
	if (fold_needed(w->in.s, len)) {
		if ((folded = malloc(len)) == NULL) {
			err_sys(e, "text: memory for folding");
			goto out;
		}
		w->in.len = fold_text((const uint8_t *)text, len, mirrored, folded);
		w->in.s = folded;
		*mirrors = fold_mirrors((const uint8_t *)text, len);
	}
	words_ready();
	scan_start(w);
	while (tokens_read(w)) {
		for (size_t i = 0; i < sizeof(finders) / sizeof(finders[0]); i++)
			if (finders[i](w, e) == -1)
				goto out;
		drop_kept(w);
		if (settle(w, out, &original, folded != NULL, w->end == w->in.len, e) == -1)
			goto out;
	}
	rc = 0;
out:
	if (w != NULL) {
		names_free(w->names);
		free(w->finds);
	}
	free(w);
	free(folded);
	return rc;
}

static int
compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return x->start != y->start ? (x->start < y->start ? -1 : 1) : (x->end < y->end) - (x->end > y->end);
}

/* Those of two readings: where two overlap all of both goes, under the name of the longer. */
static void
join_readings(struct spans *s)
{
	size_t kept = 0;

	if (s->count == 0)
		return;
	qsort(s->items, s->count, sizeof(*s->items), compare_spans);
	for (size_t i = 1; i < s->count; i++) {
		struct span *last = &s->items[kept], next = s->items[i];
		size_t start = last->start;

		if (next.start >= last->end) {
			s->items[++kept] = next;
			continue;
		}
		if (next.end <= last->end)
			continue;
		if (next.end - next.start <= last->end - start) {
			last->end = next.end;
			last->date = (struct span_date){0};
			continue;
		}
		if (next.start != start)
			next.date = (struct span_date){0};
		*last = next;
		last->start = start;
	}
	s->count = kept + 1;
}

int
detect_text(const struct detect_with *with, const char *text, size_t len, struct spans *out, struct err *e)
{
	bool mirrors = false;

	out->count = 0;
	if (len == 0)
		return 0;
	if (len > DETECT_LEN_MAX)
		return err_set(e, ERR_LIMIT, "text: longer than detectors read");
	if (detect_reading(with, text, len, false, out, &mirrors, e) == -1)
		goto out;
	if (mirrors) {
		if (detect_reading(with, text, len, true, out, &mirrors, e) == -1)
			goto out;
		join_readings(out);
	}
	return 0;
out:
	out->count = 0;
	return -1;
}
