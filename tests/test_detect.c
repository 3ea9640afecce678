/*
 * The detectors, case by case (tests/vectors/detect.tsv), and what holds of every text: spans in order, apart, on
 * whole characters; what is not in a span stays byte for byte.
 */
#include <malloc.h>
#include <stdlib.h>
#include <time.h>

#include "vectors.h"
#include "stager/detect.h"
#include "stager/policy.h"
#include "stager/scrub.h"
#include "stager/utf8.h"

#define CASE_SPANS_MAX 32
#define CASE_LEN_MAX 1024

static struct err e;
static struct text_rules rules = {.bsn_any = true};
static const struct detect_with with = {.rules = &rules};

struct wanted {
	size_t start, end;
	char word[24];
};

/*
 * "op {date|3 mei}": the text without the braces, and what must be found in it. \n is a line's end, \{ a brace.
 * Returns the text's length.
 */
static size_t
take_apart(const char *in, size_t len, char *text, struct wanted *spans, size_t *count)
{
	size_t made = 0;

	*count = 0;
	for (size_t i = 0; i < len; i++) {
		struct wanted *s = &spans[*count];
		const char *bar;

		if (in[i] == '\\' && i + 1 < len) {
			i++;
			text[made++] = in[i] == 'n' ? '\n' : in[i];
		} else if (in[i] == '{' && (bar = memchr(in + i, '|', len - i)) != NULL) {
			CHECK(*count < CASE_SPANS_MAX && (size_t)(bar - in) - i - 1 < sizeof(s->word));
			s->start = made;
			snprintf(s->word, sizeof(s->word), "%.*s", (int)(bar - in - (long)i - 1), in + i + 1);
			i = (size_t)(bar - in);
		} else if (in[i] == '}') {
			s->end = made;
			(*count)++;
		} else {
			text[made++] = in[i];
		}
	}
	return made;
}

static void
say(const char *text, size_t line, const char *what, size_t start, size_t end, const char *word)
{
	fprintf(
	    stderr, "detect.tsv:%zu: %s %s \"%.*s\"\n", line, what, word, (int)(end - start), text + start);
}

/* Sorted, apart, not empty, inside, on whole characters. */
static void
check_order(const struct spans *spans, const char *text, size_t len)
{
	size_t last = 0;

	for (size_t i = 0; i < spans->count; i++) {
		const struct span *s = &spans->items[i];

		CHECK(s->start >= last && s->end > s->start && s->end <= len);
		CHECK(s->rule != NULL && s->score > 0 && s->score <= 100 && (unsigned)s->type < SPAN_TYPES);
		if (utf8_valid((const uint8_t *)text, len)) {
			CHECK(utf8_valid((const uint8_t *)text + s->start, s->end - s->start));
			CHECK(utf8_valid((const uint8_t *)text + last, s->start - last));
		}
		last = s->end;
	}
}

/* Persons have tests of their own: here they count only where a case names them. */
static bool
counts(const struct span *s, const char *spans_named)
{
	return s->type != SPAN_PERSON || strstr(spans_named, "{person|") != NULL;
}

static void
one_case(const char *in, size_t len, size_t line)
{
	struct wanted wanted[CASE_SPANS_MAX + 1];
	char text[CASE_LEN_MAX], original[CASE_LEN_MAX];
	struct spans spans = {0};
	size_t count, text_len, at = 0;

	CHECK(len < sizeof(text));
	snprintf(original, sizeof(original), "%.*s", (int)len, in);
	text_len = take_apart(in, len, text, wanted, &count);
	CHECK_OK(detect_text(&with, text, text_len, &spans, &e));
	check_order(&spans, text, text_len);
	for (size_t i = 0; i < spans.count; i++) {
		const struct span *s = &spans.items[i];

		if (!counts(s, original))
			continue;
		while (at < count && wanted[at].start < s->start) {
			say(text, line, "missed", wanted[at].start, wanted[at].end, wanted[at].word);
			CHECK(false);
			at++;
		}
		if (at < count && wanted[at].start == s->start && wanted[at].end == s->end &&
		    strcmp(wanted[at].word, span_word(s->type)) == 0) {
			at++;
			continue;
		}
		say(text, line, s->rule, s->start, s->end, span_word(s->type));
		CHECK(false);
		while (at < count && wanted[at].start < s->end)
			at++;
	}
	for (; at < count; at++) {
		say(text, line, "missed", wanted[at].start, wanted[at].end, wanted[at].word);
		CHECK(false);
	}
	check_count++;
	spans_free(&spans);
}

static void
test_cases(void)
{
	struct buf b;
	size_t line = 0;

	CHECK_OK(vector_read("detect.tsv", &b, &e));
	for (size_t at = 0; at < b.len;) {
		const char *from = (const char *)b.data + at, *end = memchr(from, '\n', b.len - at);
		size_t len = end == NULL ? b.len - at : (size_t)(end - from);

		line++;
		if (len > 0 && from[0] != '#')
			one_case(from, len, line);
		at += len + 1;
	}
	CHECK(line >= 10);
	buf_free(&b);
}

static void
test_values(void)
{
	static const char text[] = "45 jaar, 45-jarige, 46 jaar; 3 mei 2019, 03-05-2019; a@b.nl A@B.NL";
	struct spans s = {0};

	CHECK_OK(detect_text(&with, text, sizeof(text) - 1, &s, &e));
	CHECK(s.count == 7);
	CHECK(s.items[0].type == SPAN_AGE && s.items[0].age == 45 && s.items[1].age == 45 &&
	      s.items[2].age == 46);
	CHECK(s.items[3].value == s.items[4].value && s.items[3].date.year == 2019 &&
	      s.items[3].date.month == 5 && s.items[3].date.day == 3);
	CHECK(s.items[5].value == s.items[6].value);
	CHECK(strcmp(span_kind(s.items[5].type), "email") == 0 && strcmp(span_kind(SPAN_BSN), "id") == 0 &&
	      strcmp(span_tag(SPAN_DATE), "DATUM") == 0);
	/* used again; nothing in nothing */
	CHECK_OK(detect_text(&with, text, 0, &s, &e));
	CHECK(s.count == 0);
	spans_free(&s);
	CHECK(s.items == NULL);
}

/* A text of many blocks is read as one: the same finds wherever the blocks end. */
static void
test_blocks(void)
{
	static const char *const parts[] = {"zag patient, ", "op 3 mei\n2019 ", "45 jaar ",
	    "bel 06-12345678 ", "\n", "mail a.b@c.nl ", "en ", "BSN 111222333. ", "z\xc3\xa9\xc3\xa9r "};
	static const bool found[] = {false, true, true, true, false, true, false, true, false};
	uint64_t state = 1;
	struct spans s = {0};
	size_t want = 0;
	struct buf b;

	buf_init(&b, 1 << 20);
	for (int i = 0; i < 30000; i++) {
		size_t k;

		state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
		k = (size_t)(state >> 33) % 9;
		CHECK_OK(buf_put_str(&b, parts[k], &e));
		want += found[k];
	}
	CHECK_OK(detect_text(&with, (const char *)b.data, b.len, &s, &e));
	check_order(&s, (const char *)b.data, b.len);
	CHECK(s.count == want);
	spans_free(&s);
	buf_free(&b);
}

/* What goes on for many words stands at each place around a block's first and last word: nothing is read past what is in sight. */
static void
test_block_edges(void)
{
	static const char *const longest[] = {"jan at a dot b dot c dot d dot e dot f dot g dot h dot nl ",
	    "a dot b dot c dot d dot e dot f dot g dot h at voorbeeld dot nl ",
	    "bij het Universitair Medisch Centrum Sint Jans Gasthuis te 's-Gravenhage aan den Rijn ",
	    "in het Leids Universitair Medisch Centrum Ziekenhuis Alphen aan den Rijn "};

	for (size_t i = 0; i < sizeof(longest) / sizeof(longest[0]); i++)
		for (size_t before = 1000; before < 1032; before++) {
			struct spans s = {0};
			struct buf b;

			buf_init(&b, 1 << 16);
			for (size_t k = 0; k < before; k++)
				CHECK_OK(buf_put_str(&b, "en ", &e));
			CHECK_OK(buf_put_str(&b, longest[i], &e));
			for (size_t k = 0; k < 40; k++)
				CHECK_OK(buf_put_str(&b, "en ", &e));
			CHECK_OK(detect_text(&with, (const char *)b.data, b.len, &s, &e));
			check_order(&s, (const char *)b.data, b.len);
			spans_free(&s);
			buf_free(&b);
		}
}

/* A text tells nothing of another one: who was named there is a word like any other here. */
static void
test_texts_apart(void)
{
	static const char named[] = "Gezien door dr. Qulbrex en mw. Vexolum.",
			  other[] = "kreeg Qulbrex 5 mg voorgeschreven.";
	struct spans alone = {0}, behind = {0};

	/* What is freed keeps its bytes for whoever has the memory next. */
	(void)mallopt(M_PERTURB, 0);
	CHECK_OK(detect_text(&with, other, sizeof(other) - 1, &alone, &e));
	CHECK_OK(detect_text(&with, named, sizeof(named) - 1, &behind, &e));
	CHECK(behind.count == 2);
	CHECK_OK(detect_text(&with, other, sizeof(other) - 1, &behind, &e));
	CHECK(alone.count == behind.count);
	for (size_t i = 0; i < alone.count && i < behind.count; i++)
		CHECK(alone.items[i].start == behind.items[i].start &&
		      alone.items[i].end == behind.items[i].end);
	spans_free(&alone);
	spans_free(&behind);
}

/* The first date of a text, some days later; NULL: it cannot be. */
static void
shifts(int line, const char *text, long days, const char *want)
{
	struct spans s = {0};
	struct buf out;
	int done;

	buf_init(&out, 256);
	CHECK_OK(detect_text(&with, text, strlen(text), &s, &e));
	CHECK(s.count == 1 && s.items[0].type == SPAN_DATE);
	done = s.count == 1 ? span_date_shift(&s.items[0], text, days, &out, &e) : -1;
	if (want == NULL ? done != 0 || out.len != 0
			 : done != 1 || out.len != strlen(want) || memcmp(out.data, want, out.len) != 0) {
		fprintf(stderr, "line %d: \"%s\" gave %d \"%.*s\"\n", line, text, done, (int)out.len,
		    out.data == NULL ? "" : (const char *)out.data);
		CHECK(false);
	}
	buf_free(&out);
	spans_free(&s);
}

#define SHIFTS(text, days, want) shifts(__LINE__, text, days, want)

static void
test_shift(void)
{
	struct spans s = {0};
	struct buf out;

	SHIFTS("03-05-2019", 7, "10-05-2019");
	SHIFTS("03-05-2019", -7, "26-04-2019");
	SHIFTS("3-5-2019", 30, "2-6-2019");
	SHIFTS("28/12/2019", 7, "04/01/2020");
	SHIFTS("2019-05-03T12:30:00Z", 364, "2020-05-01T12:30:00Z");
	SHIFTS("20190503", 7, "20190510");
	SHIFTS("op 3 mei 2019,", 28, "31 mei 2019");
	SHIFTS("3 januari 2019", 28, "31 januari 2019");
	SHIFTS("30 JAN 2019", 7, "6 FEB 2019");
	SHIFTS("3 Sept. '19", 28, "1 Okt. '19");
	SHIFTS("03-OCT-2019", -14, "19-SEP-2019");
	SHIFTS("23-02-2020", 7, "01-03-2020");
	SHIFTS("22-02-2020", 7, "29-02-2020");
	SHIFTS("28-02-2100", 1, "01-03-2100");
	SHIFTS("31-12-99", 1, "01-01-00");
	SHIFTS("maandag 6 mei 2019", 7, "maandag 13 mei 2019");
	SHIFTS("maandag 6 mei 2019", 8, NULL);
	SHIFTS("3 - 5 - 2019", 7, "10 - 5 - 2019");
	SHIFTS("3\342\200\2215\342\200\2212019", 7, "10-5-2019");
	SHIFTS("mei 2019", 7, NULL);
	SHIFTS("3 mei", 7, NULL);
	SHIFTS("voorjaar 2019", 7, NULL);
	SHIFTS("3 en 4 mei 2019", 7, NULL);
	/* there and back, over a Gregorian cycle's worth of days */
	buf_init(&out, 64);
	CHECK_OK(detect_text(&with, "01-03-1900", 10, &s, &e));
	CHECK(s.count == 1);
	for (long days = 0; days <= DATE_SHIFT_MAX; days += 13) {
		struct spans back = {0};
		struct buf again;

		buf_clear(&out);
		buf_init(&again, 64);
		CHECK(span_date_shift(&s.items[0], "01-03-1900", days, &out, &e) == 1 && out.len == 10);
		CHECK_OK(detect_text(&with, (const char *)out.data, out.len, &back, &e));
		CHECK(back.count == 1 &&
		      span_date_shift(&back.items[0], (const char *)out.data, -days, &again, &e) == 1);
		CHECK(again.len == 10 && memcmp(again.data, "01-03-1900", 10) == 0);
		buf_free(&again);
		spans_free(&back);
	}
	CHECK_ERR(span_date_shift(&s.items[0], "01-03-1900", DATE_SHIFT_MAX + 1, &out, &e), ERR_LIMIT);
	buf_free(&out);
	spans_free(&s);
}

/* The policy's own lists; words that it keeps. */
static void
lists_give(int line, const char *in, const char *want)
{
	struct spans s = {0};
	char got[256];
	size_t len = 0, at = 0;

	CHECK_OK(detect_text(&with, in, strlen(in), &s, &e));
	for (size_t i = 0; i < s.count; i++) {
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%.*s<%s>",
		    (int)(s.items[i].start - at), in + at, span_word(s.items[i].type));
		at = s.items[i].end;
	}
	snprintf(got + len, sizeof(got) - len, "%s", in + at);
	if (strcmp(got, want) != 0) {
		fprintf(stderr, "line %d: %s\n", line, got);
		CHECK(false);
	}
	spans_free(&s);
}

static void
test_lists(void)
{
	char a[] = "Utrecht", b[] = "Zilveren Kruis", c[] = "Xander Q. Zwartjes", d[] = "'t Hoekske",
	     f[] = "De Wilg";
	char *keep[] = {a, b}, *names[] = {c}, *places[] = {d}, *institutions[] = {f};

	CHECK((rules.keep = phrases_new(keep, 2, &e)) != NULL &&
	      (rules.names = phrases_new(names, 1, &e)) != NULL &&
	      (rules.places = phrases_new(places, 1, &e)) != NULL &&
	      (rules.institutions = phrases_new(institutions, 1, &e)) != NULL);
	lists_give(__LINE__, "in Utrecht, in Delft, van zilveren kruis en CZ",
	    "in Utrecht, in <place>, van zilveren kruis en <institution>");
	lists_give(__LINE__, "bij xander q.\nzwartjes, Xander", "bij <person>, <person>");
	lists_give(__LINE__, "op 't Hoekske en hoekske, in DE-WILG, de wilgen",
	    "op <place> en hoekske, in <institution>, de wilgen");
	/* kept alone, not inside of more */
	lists_give(__LINE__, "UMC Utrecht", "<institution>");
	phrases_free(rules.keep);
	phrases_free(rules.names);
	phrases_free(rules.places);
	phrases_free(rules.institutions);
	rules = (struct text_rules){.bsn_any = true};
}

/* English forms, only where they are asked for. */
static void
test_english(void)
{
	static const char *const forms[][2] = {{"May 3, 2019", "<date>"}, {"3rd of May 2019", "<date>"},
	    {"summer of 2019", "<date>"}, {"(555) 123-4567", "<phone>"}, {"07700 900123", "<phone>"},
	    {"12 High Street", "<address>"}, {"45-year-old", "<age>"}};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct spans s = {0};

		rules.english = true;
		lists_give(1000 + (int)i, forms[i][0], forms[i][1]);
		rules.english = false;
		CHECK_OK(detect_text(&with, forms[i][0], strlen(forms[i][0]), &s, &e));
		CHECK(s.count == 0 || s.items[0].end - s.items[0].start < strlen(forms[i][0]));
		spans_free(&s);
	}
}

/*
 * What is planted is gone, and all else is there byte for byte: sentences without anything, with values between
 * them that are made here, each in a frame in which it is what it is.
 */
static void
test_planted(void)
{
	static const char *const plain[] = {"Pati\xc3\xabnt maakt een vermoeide indruk. ",
	    "Over de longen geen afwijkingen; ", "RR 130/80 mmHg, pols 72 per minuut, ",
	    "Hb 7,8 mmol/l en CRP 112. ", "Metoprolol 50 mg 2 dd, ", "controle over 6 weken. ",
	    "\xe2\x80\x98geen klachten\xe2\x80\x99 \xe2\x80\x93 ", "ICD-10 J18.9, 3x daags 500 mg. ",
	    "Sinds 3 weken pijn op de borst, 24/7. ", "GCS 15, SpO2 98%, temp 37,5. ", "\n",
	    "Over 2 jaar terug. "};
	static const char *const planted[] = {"BSN 123456782", "06-12345678", "+32 475 12 34 56",
	    "jan@voorbeeld.nl", "NL91ABNA0417164300", "3 mei 2019", "2019-05-03", "45-jarige",
	    "Kerkstraat 12-III", "1234 AB Utrecht", "https://www.voorbeeld.nl/pad", "kenteken 12-AB-34",
	    "BTW NL123456782B01", "KvK 12345678", "AGB 53530012", "pati\xc3\xabntnummer 1234567",
	    "10.20.30.40", "00:1B:44:11:3A:B7", "4111 1111 1111 1111", "voorjaar 2019", "Maasstad Ziekenhuis",
	    "gemeente Ede", "Postbus 1234", "paspoort NXK8R2J35", "BIG 19012345601"};
	static const char *const secret[] = {"123456782", "12345678", "475 12", "jan@", "ABNA0417", "mei",
	    "2019-05", "45", "Kerkstraat", "1234 AB", "voorbeeld.nl", "12-AB", "123456782B", "12345678",
	    "53530012", "1234567", "10.20", "44:11", "4111", "2019", "Maasstad", "Ede", "1234", "NXK8",
	    "19012345601"};
	const size_t kinds = sizeof(planted) / sizeof(planted[0]);
	uint64_t state = 7;

	for (int round = 0; round < 1000; round++) {
		struct buf text;
		struct spans s = {0};
		size_t from[64], to[64], which[64], count = 0, at = 0;

		buf_init(&text, 1 << 16);
		for (int i = 0; i < 12; i++) {
			state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
			CHECK_OK(buf_put_str(
			    &text, plain[(state >> 33) % (sizeof(plain) / sizeof(plain[0]))], &e));
			if ((state >> 60) % 3 != 0)
				continue;
			which[count] = (state >> 40) % kinds;
			from[count] = text.len;
			CHECK_OK(buf_put_str(&text, planted[which[count]], &e));
			to[count++] = text.len;
			CHECK_OK(buf_put_str(&text, ". ", &e));
		}
		CHECK_OK(detect_text(&with, (const char *)text.data, text.len, &s, &e));
		for (size_t i = 0; i < s.count; i++) {
			if (s.items[i].type == SPAN_PERSON)
				continue;
			while (at < count && to[at] < s.items[i].end)
				at++;
			/* no span outside of what was planted */
			if (at == count || s.items[i].start < from[at]) {
				fprintf(stderr, "%s took \"%.*s\"\n", s.items[i].rule,
				    (int)(s.items[i].end - s.items[i].start),
				    (const char *)text.data + s.items[i].start);
				CHECK(false);
			}
		}
		/* and nothing planted outside of a span */
		for (size_t k = 0; k < count; k++) {
			const char *value = secret[which[k]], *start = (const char *)text.data + from[k];
			size_t place =
			    (size_t)((const char *)memmem(start, to[k] - from[k], value, strlen(value)) -
				     (const char *)text.data);
			bool inside = false;

			for (size_t i = 0; i < s.count; i++)
				inside = inside || (s.items[i].start <= place &&
						       place + strlen(value) <= s.items[i].end);
			if (!inside)
				fprintf(stderr, "left: \"%s\"\n", planted[which[k]]);
			CHECK(inside);
		}
		spans_free(&s);
		buf_free(&text);
	}
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Eight times as much of the same takes about eight times as long, whatever it is; never as the square. */
static void
test_linear(void)
{
	static const char *const nasty[] = {"1", "@", "A", "a", "1 ", "1-", "a@", "A ", "Van ", "de ",
	    "12-12-", "[", "Kerkstraat ", "+", ":", "1:", "::", ".nl", "a.", "www.", "http://", "'",
	    "\xc3\xab", "\xe2\x80\x99", "\xff", "NL91", "Jan (1", "1,", "aan de ", "gemeente ", "ziekenhuis ",
	    "3 mei ", "1234 AB ", "maandag 3-", "UMC ", "Utrecht-", "'s-", "\n", "0612", "x.com", "B.V. "};
	const size_t small = 1 << 12;

	for (size_t i = 0; i < sizeof(nasty) / sizeof(nasty[0]); i++) {
		size_t len = strlen(nasty[i]);
		char *text = malloc(small * 8);
		struct spans s = {0};
		double least[2] = {1e9, 1e9};

		for (size_t at = 0; at < small * 8; at++)
			text[at] = nasty[i][at % len];
		for (int round = 0; round < 3; round++)
			for (int big = 0; big < 2; big++) {
				double start = seconds(), took;

				CHECK_OK(detect_text(&with, text, small * (big ? 8 : 1), &s, &e));
				took = seconds() - start;
				least[big] = took < least[big] ? took : least[big];
			}
		/* as the square it would be 64 times; a tenth of a millisecond is the clock's and the memory's */
		if (least[1] > 24 * least[0] + 1e-3) {
			fprintf(stderr, "\"%s\": %.1f times as long\n", nasty[i], least[1] / least[0]);
			CHECK(false);
		}
		check_order(&s, text, small * 8);
		spans_free(&s);
		free(text);
	}
}

/* An address of many kilobytes is one find to its end, whatever addresses stand in it: none is read once more for itself. */
static void
test_long_address(void)
{
	const size_t len = 60000;
	double least[2] = {1e9, 1e9};
	char *text = malloc(len);
	struct spans s = {0};

	memset(text, 'x', len);
	for (size_t at = 0; at + 4 < len - 100; at += 4)
		memcpy(text + at, "www.", 4);
	memcpy(text + len - 30, ") bij Zorg.", 11);
	text[len - 30 + 1] = ' ';
	CHECK_OK(detect_text(&with, text, len, &s, &e));
	CHECK(s.count == 1 && s.items[0].type == SPAN_URL && s.items[0].start == 0);
	CHECK(s.count == 1 && s.items[0].end >= len - 31);
	/* As long as numbers of one figure each at most: it was nine times. */
	for (int round = 0; round < 3; round++)
		for (int which = 0; which < 2; which++) {
			double start, took;

			for (size_t at = 0; at < len; at++)
				text[at] = (which == 0 ? "1 1 " : "www.")[at % 4];
			start = seconds();
			CHECK_OK(detect_text(&with, text, len, &s, &e));
			took = seconds() - start;
			least[which] = took < least[which] ? took : least[which];
		}
	CHECK(least[1] < 3 * least[0]);
	spans_free(&s);
	free(text);
}

int
main(void)
{
	test_planted();
	test_linear();
	test_long_address();
	test_lists();
	test_english();
	test_shift();
	test_cases();
	test_values();
	test_blocks();
	test_block_edges();
	test_texts_apart();
	return check_done();
}
