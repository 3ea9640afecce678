/* Persons in Dutch text: cases by hand, what the finder must bear, and that its tables are what they say. */
#include <time.h>

#include "text_run.h"
#include "stager/detect.h"
#include "../stager/scrub/detect/name.h"

static struct text_rules rules;
static const struct detect_with with = {.rules = &rules};

/* The persons of a text, between [[ and ]]. */
static void
mark(const char *text, size_t len, struct buf *out)
{
	struct spans found = {0};
	size_t at = 0;

	CHECK_OK(detect_text(&with, text, len, &found, &e));
	for (size_t i = 0; i < found.count; i++) {
		const struct span *s = &found.items[i];

		CHECK(s->start >= at && s->end > s->start && s->end <= len);
		if (s->type != SPAN_PERSON)
			continue;
		CHECK(s->score > 0 && s->score <= 100 && strncmp(s->rule, "person/", 7) == 0);
		CHECK_OK(buf_put(out, text + at, s->start - at, &e));
		CHECK_OK(buf_put(out, "[[", 2, &e));
		CHECK_OK(buf_put(out, text + s->start, s->end - s->start, &e));
		CHECK_OK(buf_put(out, "]]", 2, &e));
		at = s->end;
	}
	CHECK_OK(buf_put(out, text + at, len - at, &e));
	spans_free(&found);
}

/* A line of the file: \n and \t stand for themselves, the marks are taken out. */
static size_t
plain_text(char *line, char *text)
{
	size_t len = 0;

	for (const char *s = line; *s != '\0'; s++) {
		if ((s[0] == '[' && s[1] == '[') || (s[0] == ']' && s[1] == ']'))
			s++;
		else if (s[0] == '\\' && (s[1] == 'n' || s[1] == 't'))
			text[len++] = *++s == 'n' ? '\n' : '\t';
		else
			text[len++] = *s;
	}
	text[len] = '\0';
	return len;
}

static void
test_vectors(void)
{
	char path[4096], line[1000], text[1000], want[1000], *end;
	size_t number = 0, wrong = 0, len;
	struct buf out;
	FILE *f;

	snprintf(path, sizeof(path), "%s/vectors/names.txt", getenv("STAGER_TESTS"));
	f = fopen(path, "r");
	CHECK(f != NULL);
	buf_init(&out, 1 << 20);
	while (fgets(line, sizeof(line), f) != NULL) {
		number++;
		if (line[0] == '#')
			continue;
		end = strchr(line, '\n');
		CHECK(end != NULL);
		*end = '\0';
		len = plain_text(line, text);
		for (size_t i = 0, k = 0; i <= strlen(line); i++) { /* as it must come out, marks and all */
			if (line[i] == '\\' && (line[i + 1] == 'n' || line[i + 1] == 't'))
				want[k++] = line[++i] == 'n' ? '\n' : '\t';
			else
				want[k++] = line[i];
		}
		buf_clear(&out);
		mark(text, len, &out);
		if (out.len != strlen(want) || memcmp(out.data, want, out.len) != 0) {
			fprintf(stderr, "names.txt %zu: \"%s\" gave \"%.*s\"\n", number, line, (int)out.len,
			    (const char *)out.data);
			wrong++;
		}
	}
	fclose(f);
	buf_free(&out);
	CHECK(number > 300);
	CHECK(wrong == 0);
}

/* What text_clean makes of persons: tags, the same for the same name. */
static void
test_tags(void)
{
	GIVES("Mevrouw Jansen en dhr. Bouali. Mevrouw Jansen slaapt.",
	    "Mevrouw [PERSOON-1] en dhr. [PERSOON-2]. Mevrouw [PERSOON-1] slaapt.");
	GIVES("MW. JANSEN, mw. Jansen, mw. jansen", "MW. [PERSOON-1], mw. [PERSOON-1], mw. [PERSOON-1]");
	GIVES("Mevrouw Jan\302\255sen belt.", "Mevrouw [PERSOON-1] belt."); /* a soft hyphen */
	GIVES("J.\302\240Jansen belt.", "[PERSOON-1] belt.");
	/* an address wins over the name in it, an e-mail address too */
	GIVES("Van: Jan Jansen <jan.jansen@voorbeeld.nl>", "Van: [PERSOON-1] <[EMAIL-1]>");
	GIVES("Jan van Galenstraat 12", "[ADRES-1]");
}

/* Names that stand in another block than what gives them away. */
static void
test_blocks(void)
{
	char *text = malloc(200000);
	struct spans found = {0};
	size_t len = 0, persons = 0;

	CHECK(text != NULL);
	len += (size_t)sprintf(text, "Mevrouw Kwistelaar komt.\n");
	for (int i = 0; i < 5000; i++)
		len += (size_t)sprintf(text + len, "de bloeddruk is goed%s", i % 10 == 9 ? ".\n" : ", ");
	len += (size_t)sprintf(text + len, "Kwistelaar slaapt.\n");
	CHECK_OK(detect_text(&with, text, len, &found, &e));
	for (size_t i = 0; i < found.count; i++)
		persons += found.items[i].type == SPAN_PERSON;
	CHECK(persons == 2);
	spans_free(&found);
	free(text);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Texts made to be slow take no more, by the byte, when they are eight times as long; and do no harm. */
static void
test_hostile(void)
{
	static const char *const pieces[] = {"A. ", "A.A", "Van de ", "van der Van ", "de ", "Dr. ", "Jan-",
	    "O'", "x'", "Jansen, J. ", "Jan Jansen ", "Xyzalba ", "\303\251", "\377", "Mevrouw Xyzalba ",
	    "a. b. ", "dhr. jan ", "[[", "\n", "JANSEN ", "V.D. ", "Geachte ",
	    "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "|Bouzid|"};
	size_t cap = 1 << 20;
	char *text = malloc(cap);
	struct spans found = {0};
	double took[2];

	CHECK(text != NULL);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t len = 0, n = strlen(pieces[i]);

		while (len + n <= cap) {
			memcpy(text + len, pieces[i], n);
			len += n;
		}
		for (int k = 0; k < 2; k++) {
			took[k] = 1e9;
			for (int round = 0; round < 3; round++) {
				double start = seconds();

				CHECK_OK(detect_text(&with, text, k == 0 ? len / 8 : len, &found, &e));
				start = seconds() - start;
				took[k] = start < took[k] ? start : took[k];
			}
		}
		if (took[1] > 32 * took[0] + 0.05)
			fprintf(stderr, "\"%s\": %.4f s, eight times as long %.4f s\n", pieces[i], took[0],
			    took[1]);
		CHECK(took[1] <= 32 * took[0] + 0.05);
	}
	spans_free(&found);
	free(text);
}

/* Every text of the cases, cut at each byte: nothing past the end (sanitizers see it), whole characters. */
static void
test_cut(void)
{
	static const char text[] = "Geachte mevr. \303\207elik-van 't Hof, J.P. de Vries (54 jr), O'Brien, "
				   "\n\nMvg,\nFatima el Amrani";
	struct spans found = {0};

	for (size_t from = 0; from < sizeof(text); from++)
		for (size_t to = from; to < sizeof(text); to++) {
			char *exact = malloc(to - from + 1);

			CHECK(exact != NULL);
			memcpy(exact, text + from, to - from);
			CHECK_OK(detect_text(&with, exact, to - from, &found, &e));
			for (size_t i = 0; i < found.count; i++)
				CHECK(found.items[i].end <= to - from &&
				      found.items[i].start < found.items[i].end);
			free(exact);
		}
	spans_free(&found);
}

/* The table holds what make_names.py says, under the hashes of token_hash. */
static void
test_table(void)
{
	static const struct {
		const char *word;
		uint32_t has, lacks;
	} words[] = {{"mevrouw", NAME_TITLE, NAME_FIRST}, {"Fatima", NAME_FIRST, NAME_COMMON},
	    {"JANSEN", NAME_LAST, NAME_COMMON}, {"parkinson", NAME_EPONYM, NAME_FIRST},
	    {"roos", NAME_FIRST | NAME_COMMON, NAME_TITLE}, {"zwolle", NAME_PLACE, NAME_LAST},
	    {"van", NAME_INTERFIX, NAME_TITLE}, {"bakker", NAME_LAST | NAME_FIRM, NAME_COMMON},
	    {"y\304\261lmaz", NAME_LAST, NAME_COMMON}, {"yilmaz", NAME_LAST, NAME_COMMON},
	    {"maandag", NAME_OTHER, NAME_LAST}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		uint32_t flags =
		    name_flags(token_hash((const uint8_t *)words[i].word, strlen(words[i].word)));

		CHECK((flags & words[i].has) == words[i].has && (flags & words[i].lacks) == 0);
	}
	CHECK(name_is_common(token_hash((const uint8_t *)"wandeling", 9)));
	CHECK(!name_is_common(token_hash((const uint8_t *)"xyzalba", 7)));
	CHECK(name_look((const uint8_t *)"Wondcontrolebeleid", 18,
		  token_hash((const uint8_t *)"Wondcontrolebeleid", 18)) &
	      NAME_COMMON);
}

int
main(void)
{
	test_table();
	test_vectors();
	test_tags();
	test_blocks();
	test_cut();
	test_hostile();
	return check_done();
}
