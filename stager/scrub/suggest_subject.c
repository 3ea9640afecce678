/* A draft's `subject`: which table seems to say who there is, which records seem to be about those people. All of it a comment: people decide. */
#include <stdio.h>
#include <string.h>

#include "suggest.h"

/* Of every row filled, and as often different as a sketch can tell. */
static bool
unique(const struct shape *shape, const struct profile *p)
{
	return p->empty == 0 && p->values == shape->records && p->values > 1 &&
	       suggest_different(p) * 100 >= p->values * 85;
}

static const struct profile *
key_of(const struct shape *shape)
{
	const struct profile *found = NULL;

	for (size_t i = 0; i < shape->count; i++) {
		if (!suggest_is_key(&shape->fields[i]))
			continue;
		if (found != NULL)
			return NULL; /* two of them: nobody knows which */
		found = &shape->fields[i];
	}
	return found;
}

const struct shape *
suggest_table(const struct suggest *s, const struct profile **key)
{
	const struct shape *table = NULL;

	*key = NULL;
	for (size_t i = 0; i < s->count; i++) {
		const struct shape *shape = &s->shapes[i];
		const struct profile *p;

		if (shape->why != NULL || shape->format != FORMAT_CSV || shape->files != 1 ||
		    (p = key_of(shape)) == NULL || !unique(shape, p))
			continue;
		/* Of several the one that says more of people. */
		if (table != NULL && table->count >= shape->count)
			continue;
		table = shape;
		*key = p;
	}
	return table;
}

/* Do the values of one seem to be among those of the other? Their sketches together then hold hardly more. */
static bool
among(const struct profile *some, const struct profile *all)
{
	struct profile both = *all;

	for (size_t i = 0; i < SKETCH_LEN; i++)
		if (both.sketch[i] < some->sketch[i])
			both.sketch[i] = some->sketch[i];
	return some->values > 0 && suggest_different(&both) * 100 <= suggest_different(all) * 110;
}

const struct profile *
suggest_link(const struct shape *shape, const struct profile *key)
{
	const struct profile *p = key_of(shape);

	return p != NULL && strpbrk(p->name, "*[") == NULL && among(p, key) ? p : NULL;
}

/* What the columns' names say, in a person's own table; NULL where they say nothing. */
static const char *
known_kind(const struct profile *p)
{
	static const struct {
		const char *part, *kind;
	} parts[] = {{"straat", "address"}, {"street", "address"}, {"adres", "address"},
	    {"address", "address"}, {"postcode", "address"}, {"zip", "address"}, {"plaats", "address"},
	    {"city", "address"}, {"bsn", "number"}, {"iban", "number"}, {"telefoon", "number"},
	    {"phone", "number"}, {"mobiel", "number"}, {"naam", "person"}, {"name", "person"},
	    {"initial", "person"}, {"voorletter", "person"}};
	char name[40];

	suggest_words(p, name);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(name, parts[i].part) != NULL)
			return parts[i].kind;
	return suggest_is_key(p) ? "number" : NULL;
}

static int
write_known(const struct shape *table, const char *kind, struct buf *out, struct err *e)
{
	bool any = false;

	for (size_t i = 0; i < table->count; i++) {
		const char *is = known_kind(&table->fields[i]);

		if (is == NULL || strcmp(is, kind) != 0)
			continue;
		if (buf_printf(out, e, any ? ", " : "#     %s: [", kind) == -1 ||
		    suggest_quoted(out, table->fields[i].name, e) == -1)
			return -1;
		any = true;
	}
	return any ? buf_put_str(out, "]\n", e) : 0;
}

/* What may be said of a person less exactly: where a name says birth, postcode or sex. */
static int
write_attributes(const struct shape *table, struct buf *out, struct err *e)
{
	static const struct {
		const char *part, *line;
	} kinds[] = {{"geboorte", "age: {from: %s, at: yyyy-MM-dd, bands: [0, 18, 30, 45, 60, 75, 90]}     # "
				  "at: the day that ages are of, or a column"},
	    {"birth", "age: {from: %s, at: yyyy-MM-dd, bands: [0, 18, 30, 45, 60, 75, 90]}     # at: the day "
		      "that ages are of, or a column"},
	    {"postcode", "pc: {from: %s, prefix: 4, wider: [2]}"},
	    {"zip", "pc: {from: %s, prefix: 4, wider: [2]}"}};
	bool any = false;

	for (size_t i = 0; i < table->count; i++) {
		char name[40];

		suggest_letters(&table->fields[i], name);
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
			const char *at = strstr(kinds[k].line, "%s");

			if (strstr(name, kinds[k].part) == NULL)
				continue;
			if ((!any &&
				buf_put_str(out,
				    "#   attributes:                      # one a kind: names must differ\n",
				    e) == -1) ||
			    buf_put_str(out, "#     ", e) == -1 ||
			    buf_put(out, kinds[k].line, (size_t)(at - kinds[k].line), e) == -1 ||
			    suggest_quoted(out, table->fields[i].name, e) == -1 ||
			    buf_put_str(out, at + 2, e) == -1 || buf_put_u8(out, '\n', e) == -1)
				return -1;
			any = true;
			break;
		}
	}
	return 0;
}

int
suggest_subject(const struct suggest *s, struct buf *out, struct err *e)
{
	const struct profile *key;
	const struct shape *table = suggest_table(s, &key);

	if (table == NULL)
		return buf_put_str(out,
		    "# No table was found with one row a person (a number of theirs in every row, nearly "
		    "each one "
		    "different): no `subject` is proposed.\n",
		    e);
	if (buf_put_str(out,
		"# This table seems to have one row a person: the number is in every row, and nearly each "
		"one is "
		"different. If that is so, take the # away, and\n"
		"# give every rule but `drop` its `subject` (some are proposed below; `subject: none` is "
		"nobody's). "
		"A person with two rows is held.\n"
		"# subject:\n#   from: ",
		e) == -1 ||
	    suggest_quoted(out, table->name, e) == -1 || buf_put_str(out, "\n#   key: {column: ", e) == -1 ||
	    suggest_quoted(out, key->name, e) == -1 ||
	    buf_put_str(out,
		"}\n#   unmatched: hold                  # what is about somebody without a row\n"
		"#   known:                           # taken out of the person's own texts and headers\n",
		e) == -1 ||
	    write_known(table, "person", out, e) == -1 || write_known(table, "number", out, e) == -1 ||
	    write_known(table, "address", out, e) == -1)
		return -1;
	return write_attributes(table, out, e);
}
