/* One column or path of a dataset: what its values look like, and what may be said of it. */
#include <stdlib.h>
#include <string.h>

#include "stager/utf8.h"
#include "suggest.h"
#include "value_date.h"

#define NAME_MAX_LEN 128

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* FNV-1a, stirred; a sketch needs no more. */
static uint64_t
hash(const uint8_t *s, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < len; i++)
		h = (h ^ s[i]) * UINT64_C(1099511628211);
	h ^= h >> 33;
	h *= UINT64_C(0xff51afd7ed558ccd);
	h ^= h >> 33;
	h *= UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

static void
sketch(struct profile *p, const uint8_t *value, size_t len)
{
	uint64_t h = hash(value, len);
	uint8_t zeros = 1;

	for (uint64_t rest = h >> 8; zeros < 56 && (rest & 1) == 0; rest >>= 1)
		zeros++;
	if (p->sketch[h & 0xff] < zeros)
		p->sketch[h & 0xff] = zeros;
}

uint64_t
suggest_different(const struct profile *p)
{
	double sum = 0, estimate;
	unsigned none = 0;

	for (size_t i = 0; i < SKETCH_LEN; i++) {
		sum += 1 / (double)(UINT64_C(1) << p->sketch[i]);
		none += p->sketch[i] == 0;
	}
	estimate = 0.7182 * SKETCH_LEN * SKETCH_LEN / sum;
	if (estimate >= 2.5 * SKETCH_LEN || none == 0)
		return (uint64_t)(estimate + 0.5);
	/* So many draws leave `none` of the places empty, on average. */
	estimate = 0;
	for (unsigned i = none + 1; i <= SKETCH_LEN; i++)
		estimate += (double)SKETCH_LEN / i;
	return (uint64_t)(estimate + 0.5);
}

static bool
eleven(const uint8_t *s, size_t len)
{
	int sum = 0;

	if (len != 9)
		return false;
	for (size_t i = 0; i < 8; i++)
		sum += (s[i] - '0') * (9 - (int)i);
	return (sum - (s[8] - '0')) % 11 == 0 && sum > 0;
}

/* What kind of thing a value is, by its signs alone. */
static void
sort_out(struct profile *p, const uint8_t *s, size_t len)
{
	size_t digits = 0, marks = 0, spaces = 0, others = 0, from = len > 0 && s[0] == '-' ? 1 : 0;

	for (size_t i = from; i < len; i++) {
		digits += is_digit(s[i]);
		marks += s[i] == '.' || s[i] == ',';
		spaces += s[i] == ' ' || s[i] == '\n' || s[i] == '\t';
		others += !is_digit(s[i]) && s[i] != '.' && s[i] != ',';
	}
	if (others == 0 && digits > 0 && marks == 0) {
		p->whole++;
		p->eleven += eleven(s + from, len - from);
	} else if (others == 0 && digits > 0 && marks == 1) {
		p->decimal++;
	} else if (spaces >= 3) {
		p->sentences++;
	} else {
		p->words++;
	}
}

/* In which orders it is a date. */
static void
read_date(struct profile *p, const char *value, size_t len)
{
	struct value_date date;

	for (size_t i = 0; i < SUGGEST_ORDERS; i++)
		p->orders[i] += value_date_in((enum date_order)i, value, len, &date);
}

int
suggest_order(const struct profile *p)
{
	static const enum date_order orders[] = {DATE_YMD, DATE_DMY, DATE_MDY};
	int best = -1;

	for (size_t i = 0; i < SUGGEST_ORDERS; i++)
		if (p->orders[orders[i]] > 0 && p->orders[orders[i]] * 10 >= p->values * 9 &&
		    (best == -1 || p->orders[orders[i]] > p->orders[best]))
			best = (int)orders[i];
	return best;
}

void
suggest_count(struct profile *p, const void *value, size_t len)
{
	if (len == 0) {
		p->empty++;
		return;
	}
	p->values++;
	if (len > p->longest)
		p->longest = len;
	sketch(p, value, len);
	sort_out(p, value, len);
}

int
suggest_value(struct suggest *s, struct profile *p, const void *value, size_t len, struct err *e)
{
	bool seen[SPAN_TYPES] = {false};
	size_t name = strlen(p->name);

	suggest_count(p, value, len);
	if (len == 0)
		return 0;
	read_date(p, value, len);
	/* Behind its name: "bsn: 123..." is what a keyword is for. */
	buf_clear(&s->text);
	if (buf_put(&s->text, p->name, name, e) == -1 || buf_put_str(&s->text, ": ", e) == -1 ||
	    buf_put(&s->text, value, len, e) == -1 ||
	    detect_text(&(struct detect_with){.rules = &s->rules}, (const char *)s->text.data, s->text.len,
		&s->spans, e) == -1)
		return -1;
	for (size_t i = 0; i < s->spans.count; i++)
		if (s->spans.items[i].start >= name)
			seen[s->spans.items[i].type] = true;
	for (size_t i = 0; i < SPAN_TYPES; i++)
		p->hits[i] += seen[i];
	if (seen[SPAN_DATE] && len <= 32)
		p->dates++;
	return 0;
}

struct profile *
suggest_field(struct shape *shape, const char *name, size_t len, struct err *e)
{
	for (size_t i = 0; i < shape->count; i++)
		if (strlen(shape->fields[i].name) == len && memcmp(shape->fields[i].name, name, len) == 0)
			return &shape->fields[i];
	if (shape->count == SUGGEST_FIELDS_MAX) {
		err_set(e, ERR_LIMIT, "more than %d fields", SUGGEST_FIELDS_MAX);
		return NULL;
	}
	if (shape->count == shape->cap) {
		size_t cap = shape->cap == 0 ? 16 : shape->cap * 2;
		struct profile *fields = reallocarray(shape->fields, cap, sizeof(*fields));

		if (fields == NULL) {
			err_set(e, ERR_SYSTEM, "suggest: out of memory");
			return NULL;
		}
		shape->fields = fields;
		shape->cap = cap;
	}
	memset(&shape->fields[shape->count], 0, sizeof(*shape->fields));
	if ((shape->fields[shape->count].name = strndup(name, len)) == NULL) {
		err_set(e, ERR_SYSTEM, "suggest: out of memory");
		return NULL;
	}
	return &shape->fields[shape->count++];
}

bool
suggest_printable(const char *text, size_t len)
{
	const uint8_t *s = (const uint8_t *)text;

	for (size_t i = 0; i < len; i++) {
		/* C0 and DEL; C1; U+2028 and U+2029, which end a line in YAML; a byte order mark, U+FFFE and U+FFFF. */
		if (s[i] < 0x20 || s[i] == 0x7f || (s[i] == 0xc2 && i + 1 < len && s[i + 1] < 0xa0) ||
		    (i + 2 < len &&
			((s[i] == 0xe2 && s[i + 1] == 0x80 && (s[i + 2] == 0xa8 || s[i + 2] == 0xa9)) ||
			    (s[i] == 0xef && s[i + 1] == 0xbb && s[i + 2] == 0xbf) ||
			    (s[i] == 0xef && s[i + 1] == 0xbf && s[i + 2] >= 0xbe))))
			return false;
	}
	return utf8_valid(s, len);
}

bool
suggest_name_ok(struct suggest *s, const char *name, size_t len)
{
	struct err e = {.code = ERR_NONE};
	size_t digits = 0;

	if (len == 0 || len > NAME_MAX_LEN || !suggest_printable(name, len))
		return false;
	for (size_t i = 0; i < len; i++)
		digits += is_digit((uint8_t)name[i]);
	if (digits > 4 || digits == len)
		return false;
	return detect_text(&(struct detect_with){.rules = &s->rules}, name, len, &s->spans, &e) == 0 &&
	       s->spans.count == 0;
}

void
suggest_letters(const struct profile *p, char out[static 40])
{
	size_t len = 0;

	for (const char *c = strrchr(p->name, '.') != NULL ? strrchr(p->name, '.') + 1 : p->name;
	     *c != '\0' && len < 39; c++)
		if ((*c | 0x20) >= 'a' && (*c | 0x20) <= 'z')
			out[len++] = (char)(*c | 0x20);
	out[len] = '\0';
}

bool
suggest_is_key(const struct profile *p)
{
	static const char *const words[] = {"patient", "pat", "client", "subject", "deelnemer", "respondent",
	    "participant", "persoon", "person", "pseudoniem", NULL};
	static const char *const ends[] = {"", "nr", "id", "nummer", "number", "key", "no", NULL};
	char name[40];

	suggest_letters(p, name);
	for (size_t i = 0; words[i] != NULL; i++)
		for (size_t k = 0; ends[k] != NULL; k++)
			if (strncmp(name, words[i], strlen(words[i])) == 0 &&
			    strcmp(name + strlen(words[i]), ends[k]) == 0)
				return p->sentences == 0 && p->values > 0;
	return false;
}

/* The same, without the words that have a name's in them and are none: opname is an admission, a stadium no stad. */
void
suggest_words(const struct profile *p, char out[static 40])
{
	static const char *const other[] = {"opname", "inname", "afname", "deelname", "toename", "overname",
	    "hartslag", "hartstil", "stadium", NULL};
	char *at;

	suggest_letters(p, out);
	for (size_t i = 0; other[i] != NULL; i++)
		while ((at = strstr(out, other[i])) != NULL)
			memset(at, '-', strlen(other[i]));
}

/* Does its name say that it tells who somebody is, whatever the values look like? */
static bool
is_personal(const struct profile *p)
{
	static const char *const parts[] = {"naam", "name", "straat", "street", "adres", "address", "plaats",
	    "city", "stad", "gemeente", "mail", "telefoon", "phone", "mobiel", "bsn", "iban", "initial",
	    "voorletter", "geboren", "tussenvoegsel", "contact", "huisarts", "behandelaar", "arts", NULL};
	char name[40];

	suggest_words(p, name);
	for (size_t i = 0; parts[i] != NULL; i++)
		if (strstr(name, parts[i]) != NULL)
			return true;
	return false;
}

const char *
suggest_action(const struct profile *p)
{
	return suggest_is_key(p) ? "pseudonym" : "drop";
}

static const char *
band(const struct profile *p)
{
	uint64_t n = suggest_different(p);

	if (n <= 1)
		return p->values <= 1 ? "one only" : "always the same";
	if (n <= 10)
		return "2 to 10 different";
	if (p->values >= 20 && n * 10 >= p->values * 9)
		return "nearly each one different";
	return n <= 100    ? "11 to 100 different"
	       : n <= 1000 ? "101 to 1000 different"
			   : "more than 1000 different";
}

/* A share in steps that tell nothing of one value. */
static const char *
share(uint64_t part, uint64_t of)
{
	if (part == of)
		return "all";
	if (part * 10 >= of * 9)
		return "most";
	if (part * 2 >= of)
		return "more than half";
	return part * 10 >= of ? "some" : "few";
}

static bool
is_date(const struct profile *p)
{
	return p->dates * 2 >= p->values || suggest_order(p) != -1;
}

/* What could leave of a date. */
static const char *
could_be_date(const struct profile *p, enum date_order first)
{
	int order = suggest_order(p);

	if (order == -1)
		return "they are written as no `dates: order` reads them: leave it dropped, or text";
	if (order != DATE_YMD && order != (int)first && p->orders[first] * 10 < p->values * 9)
		return first == DATE_DMY
			   ? "the month comes first here, and elsewhere the day: leave it dropped"
			   : "the day comes first here, and elsewhere the month: leave it dropped";
	return "could be: year, or shift where the rule has a subject";
}

static bool
has_part(const char *name, const char *const *parts)
{
	for (; *parts != NULL; parts++)
		if (strstr(name, *parts) != NULL)
			return true;
	return false;
}

const char *
suggest_coarse(const struct profile *p)
{
	static const char *const ages[] = {"leeftijd", "ageat", "agein", "ageyears", NULL};
	static const char *const postcodes[] = {"postcode", "postalcode", "zipcode", NULL};
	static const char *const money[] = {"inkomen", "income", "salaris", "salary", "loon", "wage", NULL};
	static const char *const sizes[] = {"gewicht", "weight", "lengte", "height", NULL};
	const bool whole = p->whole * 10 >= p->values * 9,
		   number = (p->whole + p->decimal) * 10 >= p->values * 9;
	char name[40];

	if (p->values == 0 || p->sentences > 0 || is_date(p))
		return NULL;
	suggest_words(p, name);
	if (whole && (strcmp(name, "age") == 0 || has_part(name, ages)))
		return "{round: 5, top: 90}";
	if (has_part(name, postcodes) && p->longest <= 7)
		return whole ? "{first: 2, pattern: '[0-9]{4}'}"
			     : "{first: 4, pattern: '[0-9]{4} ?[A-Z]{2}'}";
	if (number && has_part(name, money))
		return "{round: 1000, top: 100000}";
	return number && has_part(name, sizes) ? "{round: 5}" : NULL;
}

/* What could leave, if a person knows that it may. `most`: there are finds in nearly each value. */
static const char *
could_be(const struct profile *p, enum date_order first, bool found, bool most)
{
	const uint64_t n = suggest_different(p);

	if (suggest_is_key(p))
		return "one person, one pseudonym";
	if (is_personal(p))
		return "its name says that it tells who somebody is: leave it dropped";
	if (is_date(p))
		return could_be_date(p, first);
	if (p->sentences * 2 >= p->values)
		return "could be: text, with all finds replaced";
	if (p->whole >= 9 && p->whole * 10 >= p->values * 9 && p->eleven * 2 >= p->whole)
		return "citizen service numbers: leave it dropped";
	if (most)
		return "it tells who somebody is: leave it dropped";
	if (found)
		return "could be: text, with all finds replaced";
	if (p->decimal > 0 && (p->decimal + p->whole) * 10 >= p->values * 9)
		return "could be: {keep: number, range: [LOW, HIGH]}";
	if (p->whole * 10 >= p->values * 9)
		return n <= 1000 ? "could be: {keep: number, range: [LOW, HIGH]}"
				 : "could be: pseudonym, where it is a key";
	if (n <= 100 && n * 4 <= p->values && p->longest <= 24)
		return "could be: {keep: enum, values: [...]}";
	if (p->longest <= 24)
		return "could be: {keep: code, pattern: '...'}, where it is a code";
	return "could be: text, with all finds replaced";
}

int
suggest_comment(const struct profile *p, enum date_order first, struct buf *out, struct err *e)
{
	bool found = false, most = false;

	if (p->values == 0)
		return buf_put_str(out, "always empty", e);
	if (buf_printf(out, e, "%s, %s",
		p->sentences * 2 >= p->values                   ? "free text"
		: is_date(p)                                    ? "dates"
		: p->whole * 10 >= p->values * 9                ? "whole numbers"
		: (p->whole + p->decimal) * 10 >= p->values * 9 ? "numbers"
								: "words or codes",
		band(p)) == -1 ||
	    (p->empty > 0 && buf_printf(out, e, ", %s empty", share(p->empty, p->values + p->empty)) == -1))
		return -1;
	for (size_t i = 0; i < SPAN_TYPES; i++) {
		if (p->hits[i] == 0)
			continue;
		if (buf_printf(out, e, "; %s in %s", span_word((enum span_type)i),
			share(p->hits[i], p->values)) == -1)
			return -1;
		found = found || i != SPAN_DATE;
		most = most || (i != SPAN_DATE && p->hits[i] * 2 >= p->values);
	}
	/* Where it stands alone it may tell who somebody is: less exact, and in groups. */
	if (!suggest_is_key(p) && suggest_coarse(p) != NULL)
		return buf_printf(out, e,
		    "; with others it tells who somebody is: could be: %s, under `disclosure`",
		    suggest_coarse(p));
	return buf_printf(out, e, "; %s", could_be(p, first, found, most));
}
