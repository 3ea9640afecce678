/*
 * References of FHIR that lead to a resource of the same document: by the fullUrl of a Bundle's entry, or to a contained one (#id). Whom such a
 * resource is about it says itself. Source: HL7 FHIR R4 (4.0.1), Bundle, "Resolving references in Bundles"
 * (hl7.org/fhir/R4/bundle.html#references), and References, "Contained resources" (references.html#contained).
 */
#include "jsonl.h"

#include <stdlib.h>
#include <string.h>

#include "../reference.h"

#define HISTORY "/_history/"

/* A piece of b->words. */
struct words {
	size_t at, len;
};

/* A resource that can be referred to. */
struct resource {
	size_t
	    within; /* index of the resource that contains it; NOWHERE: of an entry, or the document itself */
	struct words name; /* fullUrl, or of a contained one its id */
	struct words type, id;
	size_t from, to; /* of the record */
	enum {
		UNSEEN,
		SAYS,
		SAYS_NOT
	} whose; /* does one of the subject's paths lead to a key inside of it? */
};
#define NOWHERE SIZE_MAX

/* A value at one of the subject's paths that is no key itself. */
struct pending {
	size_t which; /* of r->subject_at */
	struct words value;
};

struct jsonl_bundle {
	struct buf words; /* the values of all strings below */
	struct resource
	    *resources; /* in the order of the document, a contained one behind what it stands in */
	size_t count, cap;
	struct resource **sorted; /* by within, then name */
	struct pending *pending;
	size_t pending_count, pending_cap;
};

void
jsonl_bundle_free(struct jsonl_bundle *b)
{
	if (b == NULL)
		return;
	buf_free(&b->words);
	free(b->resources);
	free(b->sorted);
	free(b->pending);
	free(b);
}

static int
keep(struct jsonl_bundle *b, const uint8_t *bytes, size_t len, struct words *out, struct err *e)
{
	*out = (struct words){b->words.len, len};
	return len == 0 ? 0 : buf_put(&b->words, bytes, len, e);
}

/* Room for one more of an array. */
static void *
grown(void *array, size_t count, size_t *cap, size_t size, struct err *e)
{
	size_t more = *cap == 0 ? 16 : 2 * *cap;

	if (count < *cap)
		return array;
	if ((array = reallocarray(array, more, size)) == NULL)
		err_sys(e, "record: memory for its references");
	else
		*cap = more;
	return array;
}

void
jsonl_bundle_begin(struct jsonl_record *r)
{
	if (r->bundle != NULL)
		r->bundle->pending_count = r->bundle->count = r->bundle->words.len = 0;
}

int
jsonl_bundle_ask(struct jsonl_record *r, const char *value, size_t len, size_t which, struct err *e)
{
	struct jsonl_bundle *b = r->bundle;
	struct pending *p;

	if (b == NULL) {
		if ((r->bundle = b = calloc(1, sizeof(*b))) == NULL)
			return err_sys(e, "record: memory for its references");
		buf_init_wiped(&b->words, 4 * JSONL_RECORD_MAX);
	}
	if ((p = grown(b->pending, b->pending_count, &b->pending_cap, sizeof(*p), e)) == NULL)
		return -1;
	b->pending = p;
	p = &b->pending[b->pending_count++];
	*p = (struct pending){.which = which};
	return keep(b, (const uint8_t *)value, len, &p->value, e);
}

/* ---- what there is ---- */

static bool
is(const struct jsonl_string *string, const char *text)
{
	return string->len == strlen(text) && memcmp(string->bytes, text, string->len) == 0;
}

/* The next member of an object, r->at behind its '{' or behind a value: 1; END behind its '}'; 0 where it cannot be followed; -1. */
#define END 2
static int
member(struct jsonl_record *r, bool first, struct jsonl_string *key, struct err *e)
{
	jsonl_space(r);
	if (r->at >= r->len || r->s[r->at] != '}')
		return jsonl_next_key(r, first, key, e);
	r->at++;
	return END;
}

/* The string at r->at into *out; what is none is left out. 1, 0, -1. */
static int
take_word(struct jsonl_record *r, struct words *out, struct err *e)
{
	struct jsonl_string string;
	int rc;

	if (r->at >= r->len || r->s[r->at] != '"')
		return jsonl_skip(r, e);
	if ((rc = jsonl_string(r, &string, e)) != 1)
		return rc;
	return keep(r->bundle, string.bytes, string.len, out, e) == -1 ? -1 : 1;
}

static int take_resource(
    struct jsonl_record *r, size_t within, struct words name, size_t *index, struct err *e);

/* Each object of the array at r->at. 1, 0 where it cannot be followed, -1. */
static int
take_each(struct jsonl_record *r, size_t within,
    int (*take)(struct jsonl_record *r, size_t within, struct err *e), struct err *e)
{
	int rc;

	if (r->at >= r->len || r->s[r->at] != '[')
		return jsonl_skip(r, e);
	r->at++;
	for (bool first = true;; first = false) {
		jsonl_space(r);
		if (r->at < r->len && r->s[r->at] == ']') {
			r->at++;
			return 1;
		}
		if (!first) {
			if (r->at >= r->len || r->s[r->at++] != ',')
				return 0;
			jsonl_space(r);
		}
		if ((rc = r->at < r->len && r->s[r->at] == '{' ? take(r, within, e) : jsonl_skip(r, e)) != 1)
			return rc;
	}
}

static int
take_contained(struct jsonl_record *r, size_t within, struct err *e)
{
	size_t index;
	int rc = take_resource(r, within, (struct words){0, 0}, &index, e);

	if (rc == 1)
		r->bundle->resources[index].name = r->bundle->resources[index].id;
	return rc;
}

/* The resource that is the object at r->at, and those that it contains, which contain none. */
static int
take_resource(struct jsonl_record *r, size_t within, struct words name, size_t *index, struct err *e)
{
	struct jsonl_bundle *b = r->bundle;
	struct resource *all = grown(b->resources, b->count, &b->cap, sizeof(*all), e);
	struct words type = {0, 0}, id = {0, 0};
	struct jsonl_string key;
	bool first = true;
	int rc;

	if (all == NULL)
		return -1;
	b->resources = all;
	*index = b->count++;
	b->resources[*index] = (struct resource){.within = within, .name = name, .from = r->at};
	r->at++;
	for (; (rc = member(r, first, &key, e)) == 1; first = false) {
		rc = is(&key, "resourceType")                     ? take_word(r, &type, e)
		     : is(&key, "id")                             ? take_word(r, &id, e)
		     : is(&key, "contained") && within == NOWHERE ? take_each(r, *index, take_contained, e)
								  : jsonl_skip(r, e);
		if (rc != 1)
			return rc;
	}
	if (rc != END)
		return rc;
	b->resources[*index].type = type;
	b->resources[*index].id = id;
	b->resources[*index].to = r->at;
	return 1;
}

/* An entry of a Bundle: fullUrl and resource, in any order. */
static int
take_entry(struct jsonl_record *r, size_t within, struct err *e)
{
	struct words url = {0, 0};
	size_t index = NOWHERE;
	struct jsonl_string key;
	bool first = true;
	int rc;

	r->at++;
	for (; (rc = member(r, first, &key, e)) == 1; first = false) {
		rc = is(&key, "fullUrl") ? take_word(r, &url, e)
		     : is(&key, "resource") && r->at < r->len && r->s[r->at] == '{'
			 ? take_resource(r, within, url, &index, e)
			 : jsonl_skip(r, e);
		if (rc != 1)
			return rc;
	}
	if (rc != END)
		return rc;
	if (index != NOWHERE)
		r->bundle->resources[index].name = url;
	return 1;
}

/* The document: a Bundle's entries, or a resource by itself. */
static int
take_document(struct jsonl_record *r, struct err *e)
{
	const size_t start = r->at;
	struct jsonl_string key;
	bool first = true;
	size_t index;
	int rc;

	if (r->at >= r->len || r->s[r->at++] != '{')
		return 0;
	for (; (rc = member(r, first, &key, e)) == 1; first = false)
		if ((rc = is(&key, "entry") ? take_each(r, NOWHERE, take_entry, e) : jsonl_skip(r, e)) != 1)
			return rc;
	if (rc != END)
		return rc;
	if (r->bundle->count > 0)
		return 1;
	r->at = start;
	return take_resource(r, NOWHERE, (struct words){0, 0}, &index, e);
}

/* ---- where a reference leads ---- */

static int
order(size_t within, const uint8_t *name, size_t len, const struct resource *y, const struct buf *words)
{
	const size_t least = len < y->name.len ? len : y->name.len;
	int by = within == y->within ? 0 : within < y->within ? -1 : 1;

	if (by == 0 && least > 0)
		by = memcmp(name, words->data + y->name.at, least);
	return by != 0 ? by : (len > y->name.len) - (len < y->name.len);
}

static int
compare(const void *a, const void *b, void *words)
{
	const struct resource *x = *(const struct resource *const *)a,
			      *y = *(const struct resource *const *)b;
	const struct buf *w = words;

	return order(x->within, w->data + x->name.at, x->name.len, y, w);
}

static int
sort(struct jsonl_bundle *b, struct err *e)
{
	free(b->sorted);
	if ((b->sorted = calloc(b->count + 1, sizeof(*b->sorted))) == NULL)
		return err_sys(e, "record: memory for its references");
	for (size_t i = 0; i < b->count; i++)
		b->sorted[i] = &b->resources[i];
	qsort_r(b->sorted, b->count, sizeof(*b->sorted), compare, &b->words);
	return 0;
}

/* The first in their order that is not before this name. */
static size_t
first_of(const struct jsonl_bundle *b, size_t within, const uint8_t *name, size_t len)
{
	size_t low = 0, high = b->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (order(within, name, len, b->sorted[mid], &b->words) > 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The entry's resource, or the document's, that stands around this place. */
static size_t
around(const struct jsonl_bundle *b, size_t at)
{
	size_t low = 0, high = b->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (b->resources[mid].from <= at)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == 0)
		return NOWHERE;
	low = b->resources[low - 1].within == NOWHERE ? low - 1 : b->resources[low - 1].within;
	return at < b->resources[low].to ? low : NOWHERE;
}

/* The place of the type in the list of those that the action takes, from 1; 0: none of them. */
static uint32_t
listed(const struct jsonl_bundle *b, const struct action *a, const struct resource *x)
{
	for (size_t i = 0; i < a->value_count; i++)
		if (strlen(a->values[i]) == x->type.len &&
		    memcmp(a->values[i], b->words.data + x->type.at, x->type.len) == 0)
			return (uint32_t)i + 1;
	return 0;
}

static bool
says_whose(const struct jsonl_record *r, struct resource *x)
{
	size_t low = 0, high = r->subject_at_count;

	if (x->whose != UNSEEN)
		return x->whose == SAYS;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->subject_at[mid].start < x->from)
			low = mid + 1;
		else
			high = mid;
	}
	while (
	    low < r->subject_at_count && r->subject_at[low].start < x->to && r->subject_at[low].asks != NULL)
		low++;
	x->whose = low < r->subject_at_count && r->subject_at[low].start < x->to ? SAYS : SAYS_NOT;
	return x->whose == SAYS;
}

/* Without its version, which a fullUrl has not. */
static size_t
without_version(const uint8_t *s, size_t len)
{
	const uint8_t *history = memmem(s, len, HISTORY, strlen(HISTORY));

	return history == NULL ? len : (size_t)(history - s);
}

/* One reference: whom what it leads to is about is the record's person, or becomes it. 1, 0 held, -1. */
static int
settle(struct jsonl_record *r, const struct pending *p, struct err *e)
{
	struct jsonl_bundle *b = r->bundle;
	struct jsonl_subject_at *at = &r->subject_at[p->which];
	const uint8_t *value = b->words.data + p->value.at;
	const bool inside = p->value.len > 1 && value[0] == '#';
	const size_t len = inside ? p->value.len - 1 : without_version(value, p->value.len),
		     within = inside ? around(b, at->start) : NOWHERE;
	const char *key = (const char *)value;
	size_t key_len = p->value.len;
	uint32_t type = 0;
	int rc;

	if (inside && within == NOWHERE)
		return jsonl_held(r, "reference-form");
	value += inside;
	for (size_t i = first_of(b, within, value, len);
	     i < b->count && order(within, value, len, b->sorted[i], &b->words) == 0; i++) {
		struct resource *x = b->sorted[i];

		/* Several of one fullUrl are versions of one resource. */
		if ((type = listed(b, at->asks, x)) == 0)
			return jsonl_held(r, "reference-form");
		at->type = type;
		if (says_whose(r, x))
			continue;
		/* Nobody knows a contained one by its id. */
		if (inside || x->id.len == 0) {
			at->type = 0;
			type = 0;
			break;
		}
		rc = jsonl_subject_same(r, (const char *)b->words.data + x->id.at, x->id.len, e);
		if (rc != 1)
			return rc;
	}
	if (type != 0)
		return 1;
	/* It leads nowhere in here, or to what says nothing: a UUID may be a key all the same. */
	return reference_key(at->asks, &key, &key_len) ? jsonl_subject_same(r, key, key_len, e)
						       : jsonl_held(r, "reference-form");
}

int
jsonl_bundle_settle(struct jsonl_record *r, struct err *e)
{
	const size_t start = r->at;
	int rc;

	if (r->bundle == NULL || r->bundle->pending_count == 0)
		return 1;
	rc = take_document(r, e);
	r->at = start;
	/* What cannot be read is the walk's to tell. */
	r->reason = NULL;
	if (rc != 1)
		return rc == 0 ? 1 : -1;
	if (sort(r->bundle, e) == -1)
		return -1;
	for (size_t i = 0; rc == 1 && i < r->bundle->pending_count; i++)
		rc = settle(r, &r->bundle->pending[i], e);
	return rc;
}
