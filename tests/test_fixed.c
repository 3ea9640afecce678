/* Tables of fixed columns: cut by characters, read as CSV, and held where a line is not what the policy says. */
#include "../stager/scrub/format/fixed.h"

#include "scrub_run.h"

static struct err e;
static const struct action number = {.kind = ACTION_KEEP_NUMBER}, text = {.kind = ACTION_TEXT},
			   drop = {.kind = ACTION_DROP};
static const struct policy policy = {.text = {.bsn_any = true}};
static struct rule rule = {
    .format = FORMAT_FIXED,
    .delimiter = ',',
    .decimal = '.',
    .missing = (char *[]){(char[]){""}},
    .missing_count = 1,
};

/* The reader as scrub_file has it. */
static int
fixed_scrub(struct scrub *s, struct source *in, struct err *err)
{
	struct fixed fixed;
	int rc = fixed_init(&fixed, in, s->rule, err) == -1 ? -1 : csv_scrub(s, &fixed.source, err);

	fixed_free(&fixed);
	return rc;
}

/* What comes out, and what is held (NULL: nothing). */
static void
expect(int line, const char *in, size_t len, const char *want, const char *held, int64_t count)
{
	static const size_t chunks[] = {0, 1, 2, 3, 7};
	struct scrub_run run;

	for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		bool good;

		CHECK_OK(scrub_run(&run, fixed_scrub, &policy, &rule, NULL, in, len, chunks[i], &e));
		good = scrub_run_is(&run, want) &&
		       (held == NULL ? scrub_run_number(&run, "records", "held") == 0 &&
					   scrub_run_number(&run, "files", "held") == 0
				     : scrub_run_held(&run, held) == count);
		if (!good)
			fprintf(stderr, "line %d, chunk %zu: %.300s\n", line, chunks[i],
			    run.members.len > 0 ? (const char *)run.members.data : "nothing");
		CHECK(good);
		scrub_run_free(&run);
	}
}
#define GIVES(in, want) expect(__LINE__, in, sizeof(in) - 1, want, NULL, 0)
#define HELD(in, want, held, count) expect(__LINE__, in, sizeof(in) - 1, want, held, count)

int
main(void)
{
	struct field fields[] = {{(char[]){"nr"}, number}, {(char[]){"t"}, text}, {(char[]){"x"}, drop}};
	struct column_place places[] = {{1, 3}, {5, 6}, {12, 2}};
	static char large[FIXED_LINE_MAX + 64];

	rule.fields = fields;
	rule.places = places;
	rule.field_count = 3;
	GIVES("1   abc    yy\n22  d\n  3\n", "<x.csv>nr,t\n1,abc\n22,d\n3,\n");
	GIVES("123 abcdef yy\r\n  4 \"x\",y  zz\r\n", "<x.csv>nr,t\n123,abcdef\n4,\"\"\"x\"\",y\"\n");
	GIVES("\xef\xbb\xbf"
	      "1   a\n\n   \n\t\n2   b",
	    "<x.csv>nr,t\n1,a\n2,b\n");
	/* Characters, not bytes; and what is behind the last column may be blank. */
	GIVES("1   \u00e9\u00e9\u00e9\u20ac\u00e9\u00e9 zz  \n",
	    "<x.csv>nr,t\n1,\u00e9\u00e9\u00e9\u20ac\u00e9\u00e9\n");
	GIVES("1   \U0001f600      zz\n", "<x.csv>nr,t\n1,\U0001f600\n");
	/* Something between two columns, and behind the last one. */
	HELD("1  Zabc    yy\n2   b\n", "<x.csv>nr,t\n2,b\n", "record:field-count", 1);
	HELD("1   abc   Zyy\n2   b\n", "<x.csv>nr,t\n2,b\n", "record:field-count", 1);
	HELD("1   abc    yyZ\n2   b\n3   c    z  zZ\n", "<x.csv>nr,t\n2,b\n", "record:field-count", 2);
	HELD("a   abc    yy\n2   b\n", "<x.csv>nr,t\n2,b\n", "record:value-type", 1);
	HELD("1   a\xff"
	     "b    yy\n2   b\n",
	    "<x.csv>nr,t\n2,b\n", "record:not-utf8", 1);
	HELD("1   a\0b    yy\n2   b\n", "<x.csv>nr,t\n2,b\n", "record:nul-byte", 1);
	/* A CR is no line's end here, and could hide one: each may have been a record. */
	HELD("1   a\r2  yy\n2   b\r\n\r3  c\n", "<x.csv>nr,t\n2,b\n", "record:field-count", 4);
	GIVES("", "");
	/* The longest line, and a longer one: what stands before it does not leave without what is behind it. */
	memset(large, ' ', sizeof(large));
	large[0] = '7';
	large[FIXED_LINE_MAX] = '\n';
	large[FIXED_LINE_MAX + 1] = '8';
	expect(__LINE__, large, FIXED_LINE_MAX + 2, "<x.csv>nr,t\n7,\n8,\n", NULL, 0);
	large[FIXED_LINE_MAX] = ' ';
	large[FIXED_LINE_MAX + 1] = '\n';
	expect(__LINE__, large, FIXED_LINE_MAX + 2, "", "file:record-too-long", 1);
	memset(large, '1', sizeof(large));
	expect(__LINE__, large, sizeof(large), "", "file:record-too-long", 1);
	return check_done();
}
