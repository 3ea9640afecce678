/* A draft's `subject`: which table seems to say who there is, which records seem to be about those people. All of it a comment: people decide. */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "suggest.h"

#define QUASI_MOST 8 /* of what is proposed to be counted together */
#include "value_date.h"

#define TABLE_COLUMNS_MAX 1000 /* what has more is no table of people, and its rule would fill the draft */

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
		    shape->count > TABLE_COLUMNS_MAX || (p = key_of(shape)) == NULL || !unique(shape, p))
			continue;
		/* Of several the one that says more of people. */
		if (table != NULL && table->count >= shape->count)
			continue;
		table = shape;
		*key = p;
	}
	return table;
}

/* Are they all numbers, or all something else? */
static int
numbers(const struct profile *p)
{
	return p->whole == p->values ? 1 : p->whole == 0 ? 0 : -1;
}

/* Do the values of one seem to be among those of the other? Their sketches together then hold hardly more. */
static bool
among(const struct profile *some, const struct profile *all)
{
	struct profile both = *all;

	for (size_t i = 0; i < SKETCH_LEN; i++)
		if (both.sketch[i] < some->sketch[i])
			both.sketch[i] = some->sketch[i];
	return some->values > 0 && some->longest <= all->longest &&
	       (numbers(all) == -1 || numbers(some) == numbers(all)) &&
	       suggest_different(&both) * 100 <= suggest_different(all) * 110;
}

const struct profile *
suggest_link(const struct shape *shape, const struct profile *key)
{
	const struct profile *p = key_of(shape);

	return p != NULL && strpbrk(p->name, "*[") == NULL && among(p, key) ? p : NULL;
}

bool
suggest_named(const struct shape *shape, const struct profile *key)
{
	/* A word that many names begin with is nobody's number. */
	return shape->files > 1 && shape->behind != '/' && shape->named.empty == 0 &&
	       suggest_different(&shape->named) * 4 >= shape->files && among(&shape->named, key);
}

/* Days in nearly each value, which a policy with this order reads? */
static bool
readable(const struct profile *p, enum date_order first)
{
	return suggest_order(p) != -1 &&
	       (p->orders[DATE_YMD] * 10 >= p->values * 9 || p->orders[first] * 10 >= p->values * 9);
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

/* What may be said of a person less exactly: where a name says birth or postcode. */
enum told { TOLD_NOT, TOLD_AGE, TOLD_POSTCODE };

static enum told
told(const struct profile *p, enum date_order first)
{
	static const struct {
		const char *part;
		enum told told;
	} parts[] = {{"geboorte", TOLD_AGE}, {"geboren", TOLD_AGE}, {"birth", TOLD_AGE},
	    {"postcode", TOLD_POSTCODE}, {"zip", TOLD_POSTCODE}};
	char name[40];

	suggest_letters(p, name);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(name, parts[i].part) != NULL)
			/* An age wants a day that the policy can read. */
			return parts[i].told == TOLD_AGE && !readable(p, first) ? TOLD_NOT : parts[i].told;
	return TOLD_NOT;
}

/* Ages are of a day: that of another column which has one in every row, else that of the draft. */
static int
write_day(const struct shape *table, enum date_order first, struct buf *out, struct err *e)
{
	struct value_date today;
	struct timespec now;

	for (size_t i = 0; i < table->count; i++)
		if (table->fields[i].empty == 0 && told(&table->fields[i], first) == TOLD_NOT &&
		    readable(&table->fields[i], first))
			return suggest_quoted(out, table->fields[i].name, e);
	if (clock_gettime(CLOCK_REALTIME, &now) == -1)
		return err_sys(e, "suggest: the day");
	value_date_of(now.tv_sec / 86400, &today);
	return buf_printf(out, e, "%04u-%02u-%02u", today.year, today.month, today.day);
}

/* The first of each kind: names of attributes differ. With disclosure control over them. */
static int
write_attributes(const struct shape *table, enum date_order first, struct buf *out, struct err *e)
{
	const struct profile *birth = NULL, *postcode = NULL;

	for (size_t i = table->count; i-- > 0;) {
		enum told is = told(&table->fields[i], first);

		birth = is == TOLD_AGE ? &table->fields[i] : birth;
		postcode = is == TOLD_POSTCODE ? &table->fields[i] : postcode;
	}
	if (birth == NULL && postcode == NULL)
		return 0;
	if (buf_put_str(out,
		"#   attributes:                      # said less exactly, and the same in every file: "
		"{attribute: "
		"NAME} in the place of drop\n",
		e) == -1)
		return -1;
	if (birth != NULL &&
	    (buf_put_str(out, "#     age: {from: ", e) == -1 || suggest_quoted(out, birth->name, e) == -1 ||
		buf_put_str(out, ", at: ", e) == -1 || write_day(table, first, out, e) == -1 ||
		buf_put_str(out,
		    ", bands: [0, 18, 30, 45, 60, 75, 90], wider: [0, 30, 60]}     # at: the day that ages "
		    "are of, or a column\n",
		    e) == -1))
		return -1;
	if (postcode != NULL &&
	    (buf_put_str(out, "#     pc: {from: ", e) == -1 || suggest_quoted(out, postcode->name, e) == -1 ||
		buf_put_str(out, ", prefix: 4, wider: [2]}\n", e) == -1))
		return -1;
	return buf_printf(out, e,
	    "\n# So that nobody stands alone by what these show; with the subject above, without the #:\n"
	    "# disclosure:\n#   quasi: [%s%s%s]\n#   k: 10                            # at least 10 people "
	    "show "
	    "the same\n"
	    "#   below: {widen: [%s%s%s], then: blank, max: 2%%}\n",
	    birth != NULL ? "age" : "", birth != NULL && postcode != NULL ? ", " : "",
	    postcode != NULL ? "pc" : "", postcode != NULL ? "pc" : "",
	    birth != NULL && postcode != NULL ? ", " : "", birth != NULL ? "age" : "");
}

/* The table whose records disclosure control could count: it has columns that tell who somebody is only together. NULL: none. */
static const struct shape *
survey(const struct suggest *s)
{
	for (size_t i = 0; i < s->count; i++)
		for (size_t k = 0;
		     s->shapes[i].why == NULL && s->shapes[i].format == FORMAT_CSV && k < s->shapes[i].count;
		     k++)
			if (suggest_coarse(&s->shapes[i].fields[k]) != NULL)
				return &s->shapes[i];
	return NULL;
}

/* Disclosure control for records, where nobody has a key. Not to be taken as it stands: what is dropped shows nothing. */
static int
write_records(const struct suggest *s, struct buf *out, struct err *e)
{
	const struct shape *table = survey(s);
	const char *between = "";
	char *glob;
	int rc;

	if (table == NULL)
		return buf_put_str(out,
		    "# Where each record is somebody's own all the same (a survey), `disclosure: {unit: "
		    "record, ...}` sees to it that\n"
		    "# none stands alone by what its columns show: POLICY.md, \"Records as units\".\n",
		    e);
	if ((glob = suggest_glob(table)) == NULL)
		return err_set(e, ERR_SYSTEM, "suggest: out of memory");
	rc = buf_put_str(out,
		 "# Where each record is somebody's own all the same (a survey): what is said beside these "
		 "columns "
		 "in the place of `drop`, and this line,\n"
		 "# so that none stands alone by what they show (POLICY.md, \"Records as units\"):\n"
		 "#     disclosure: {unit: record, from: ",
		 e) == -1 ||
		     suggest_quoted(out, glob, e) == -1 || buf_put_str(out, ", quasi: [", e) == -1
		 ? -1
		 : 0;
	free(glob);
	for (size_t k = 0, count = 0; rc == 0 && k < table->count && count < QUASI_MOST; k++) {
		if (suggest_coarse(&table->fields[k]) == NULL)
			continue;
		if (buf_put_str(out, between, e) == -1 || suggest_quoted(out, table->fields[k].name, e) == -1)
			rc = -1;
		between = ", ";
		count++;
	}
	return rc == -1 ? -1 : buf_put_str(out, "], k: 10, below: {then: blank, max: 2%}}\n", e);
}

int
suggest_subject(const struct suggest *s, enum date_order first, struct buf *out, struct err *e)
{
	const struct profile *key;
	const struct shape *table = suggest_table(s, &key);

	if (table == NULL)
		return buf_put_str(out,
			   "# No table was found with one row a person (a number of theirs in every row, "
			   "nearly "
			   "each one "
			   "different): no `subject` is proposed.\n",
			   e) == -1
			   ? -1
			   : write_records(s, out, e);
	if (buf_put_str(out,
		"# This table seems to have one row a person: the number is in every row, and nearly each "
		"one is "
		"different. If that is so, take the # away\n"
		"# here, up to the next empty line, and before each `subject` below: every rule but `drop` "
		"wants one. A person with two rows is held.\n"
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
	return write_attributes(table, first, out, e);
}
