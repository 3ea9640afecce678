/* Values written so that a machine misses them: what is found of them, and what looks alike and stays. */
#include <stdlib.h>

#include "check.h"
#include "exact.h"
#include "stager/detect.h"
#include "stager/policy.h"

static struct err e;
static const struct text_rules rules = {.bsn_any = true};
static const struct detect_with with = {.rules = &rules};

/* The text with <word> in place of each find. */
static void
found(const char *text, const char *want)
{
	const size_t len = strlen(text);
	/* Of its own length, so that a byte too far is seen. */
	char *exact = exact_copy(text, len), got[1000];
	struct spans spans = {0};
	size_t at = 0, put = 0;

	CHECK_OK(detect_text(&with, exact, len, &spans, &e));
	for (size_t i = 0; i < spans.count; i++) {
		const struct span *s = &spans.items[i];

		CHECK(s->start >= at && s->end > s->start && s->end <= len);
		memcpy(got + put, text + at, s->start - at);
		put += s->start - at;
		put += (size_t)sprintf(got + put, "<%s>", span_word(s->type));
		at = s->end;
	}
	memcpy(got + put, text + at, len - at);
	got[put + len - at] = '\0';
	if (strcmp(got, want) != 0) {
		fprintf(stderr, "%s\nis     %s\nwanted %s\n", text, got, want);
		CHECK(!"what is found of it");
	}
	check_count++;
	spans_free(&spans);
	free(exact);
}

struct disguise {
	const char *text, *want;
};

static void
all_of(const struct disguise *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		found(cases[i].text, cases[i].want);
}

#define ALL_OF(cases) all_of(cases, sizeof(cases) / sizeof((cases)[0]))

/* Characters that stand for others. */
static void
test_characters(void)
{
	static const struct disguise cases[] = {
	    {"De heer J\xd0\xb0nsen belt.", "De heer <person> belt."},
	    {"De heer J\xe2\x80\x8d"
	     "ansen belt.",
		"De heer <person> belt."},
	    {"De heer \xef\xbc\xaa\xef\xbd\x81\xef\xbd\x8esen belt.", "De heer <person> belt."},
	    {"De heer \xe1\xb4\x8a\xe1\xb4\x80\xc9\xb4sen belt.", "De heer <person> belt."},
	    {"De heer \xf0\x9f\x84\xb9"
	     "ansen belt.",
		"De heer <person> belt."},
	    {"BSN \xe0\xa5\xa7\xe0\xa5\xa7\xe0\xa5\xa7"
	     "222333",
		"BSN <bsn>"},
	    {"BSN \xc2\xb9\xc2\xb9\xc2\xb9\xc2\xb2\xc2\xb2\xc2\xb2\xc2\xb3\xc2\xb3\xc2\xb3.", "BSN <bsn>."},
	    {"10\xe2\x81\xb9/l, m\xc2\xb2, cm\xc2\xb3, 10\xe2\x81\xbb\xc2\xb9\xc2\xb2, \xce\xb1-blokker, "
	     "\xc2\xb5g",
		"10\xe2\x81\xb9/l, m\xc2\xb2, cm\xc2\xb3, 10\xe2\x81\xbb\xc2\xb9\xc2\xb2, \xce\xb1-blokker, "
		"\xc2\xb5g"},
	    /* backwards, by a sign of direction; or not, and the sign is there */
	    {"Mevrouw \xe2\x80\xaenesnaJ\xe2\x80\xac belt.", "Mevrouw <person> belt."},
	    {"Mevrouw \xe2\x80\xaeJansen\xe2\x80\xac belt.",
		"Mevrouw \xe2\x80\xae<person>\xe2\x80\xac belt."},
	    {"IBAN \xe2\x80\xae"
	     "0034617140ANBA19LN\xe2\x80\xac.",
		"IBAN <iban>."},
	    {"de \xe2\x80\xaetrohc\xe2\x80\xac", "de \xe2\x80\xaetrohc\xe2\x80\xac"},
	    /* references and per cent signs */
	    {"Mevrouw J&auml;nsen, mevrouw &#74;ansen, mevrouw &#x4A;ansen",
		"Mevrouw <person>, mevrouw <person>, mevrouw <person>"},
	    {"jan.jansen&#64;example.nl en jan.jansen&commat;example.nl", "<email> en <email>"},
	    {"jan.jansen%40example.nl", "<email>"},
	    {"B S N 1 1 1 2 2 2 3 3 3 en a b 1 2", "B S N <bsn> en a b 1 2"},
	    /* a per cent sign before a number is none of it */
	    {"98 %412345675 en %0612345678, %4Aansen", "98 %<bsn> en %<phone>, <person>"},
	    {"het bsn%20111222333", "het bsn%20<bsn>"},
	    {"AT&T, R&D; Q&amp;A, &c; 50%40 en 10%ab en 5% 40",
		"AT&T, R&D; Q&amp;A, &c; 50%40 en 10%ab en 5% 40"},
	};

	ALL_OF(cases);
}

/* Names apart, in other cases, with figures, over a line's end, beside signs. */
static void
test_names(void)
{
	static const struct disguise cases[] = {
	    {"De heer J a n s e n belt, J.a.n.s.e.n niet; de heer J-a-n-s-e-n ook.",
		"De heer <person> belt, <person> niet; de heer <person> ook."},
	    {"Opties a b c d e; T.a.v. het bestuur; i.v.m. de d.d. en o.a. M/V/X/O, I-II-I-V",
		"Opties a b c d e; T.a.v. het bestuur; i.v.m. de d.d. en o.a. M/V/X/O, I-II-I-V"},
	    {"Mevrouw Hendrik-\nsen, 45 jaar.", "Mevrouw <person>, <age>."},
	    {"De heer jAnSeN, patient jAnSeN, de heer jANSEN, mevrouw J4nsen, mevrouw P3tersen",
		"De heer <person>, patient <person>, de heer <person>, mevrouw <person>, mevrouw <person>"},
	    {"mRNA, eHealth, pH, iPad, cT2N0M0, T4, B12, Covid19, Jansen2000",
		"mRNA, eHealth, pH, iPad, cT2N0M0, T4, B12, Covid19, Jansen2000"},
	    {"Gezien: de heer Willem\nKwakernaat, 45 jaar.", "Gezien: de heer <person>, <age>."},
	    {"De heer Willem\nAnamnese: geen. De heer Willem\nGeen klachten.",
		"De heer <person>\nAnamnese: geen. De heer <person>\nGeen klachten."},
	    {"mevrouw #Kwakernaat, mevrouw [Kwakernaat], mevrouw |Kwakernaat|, mevrouw *Kwakernaat*",
		"mevrouw #<person>, mevrouw [<person>], mevrouw |<person>|, mevrouw *<person>*"},
	    {"| Naam | Kwakernaat |\n| Naam | Functie |\n| Pati\xc3\xabnt | Arts |",
		"| Naam | <person> |\n| Naam | Functie |\n| Pati\xc3\xabnt | Arts |"},
	    {"De patient is #1 op [lijst] | 45", "De patient is #1 op [lijst] | 45"},
	    {"Het bloed-\nonderzoek, in- en\nuitademing, hart-\nen vaatziekten",
		"Het bloed-\nonderzoek, in- en\nuitademing, hart-\nen vaatziekten"},
	};

	ALL_OF(cases);
}

/* Addresses whose signs are written out. */
static void
test_addresses(void)
{
	static const struct disguise cases[] = {
	    {"jan.jansen(at)example.nl, jan.jansen[at]example.nl, jan.jansen (at) example.nl",
		"<email>, <email>, <email>"},
	    {"jan.jansen at example.nl, jansen at example dot nl, jansen [at] example [punt] nl",
		"<email>, <email>, <email>"},
	    {"jan dot jansen at example dot org, j_jansen apenstaartje example.nl", "<email>, <email>"},
	    {"Mail naar jansen at example.nl; jansen(at)praktijk.de", "Mail naar <email>; <email>"},
	    {"We spraken af at noon. Kijk at home. Hij at vijf. Look at page.",
		"We spraken af at noon. Kijk at home. Hij at vijf. Look at page."},
	    {"(at) en [at] en punt (punt) 3", "(at) en [at] en punt (punt) 3"},
	};

	ALL_OF(cases);
}

/* Numbers with other signs between. */
static void
test_numbers(void)
{
	static const struct disguise cases[] = {
	    {"bel 06*12*34*56*78, 06_1234_5678, 06|12345678, 06~12345678",
		"bel <phone>, <phone>, <phone>, <phone>"},
	    {"0*6*1*2*3*4*5*6*7*8 en 020_1234567 en 06\xe2\x80\xa2"
	     "12\xe2\x80\xa2"
	     "34\xe2\x80\xa2"
	     "56\xe2\x80\xa2"
	     "78",
		"<phone> en <phone> en <phone>"},
	    {"6*12*34, 1*2*3*4, 12_34, 06:12:34:56:78, 2*06*12*34*56*78, 06_123_45_678_9",
		"6*12*34, 1*2*3*4, 12_34, 06:12:34:56:78, 2*06*12*34*56*78, 06_123_45_678_9"},
	    {"NL91_ABNA_0417_1643_00, NL91*ABNA*0417*1643*00, NL91/ABNA/0417/1643/00, NL91|ABNA|0417|1643|00",
		"<iban>, <iban>, <iban>, <iban>"},
	    {"N L 9 1 A B N A 0 4 1 7 1 6 4 3 0 0 en NL91, ABNA: 0417.1643-00", "<iban> en <iban>"},
	    {"NL92_ABNA_0417_1643_00", "NL92_ABNA_0417_1643_00"},
	    {"111_222_333, 111|222|333, 1112*22*333, 111#222#333, 111~222~333",
		"<bsn>, <bsn>, <bsn>, <bsn>, <bsn>"},
	    {"111_222_334, 1_112_22333, 111,222,333, 111:222:333, 111+222+333, a_111_222_333, 111_222|333",
		"111_222_334, 1_112_22333, 111,222,333, 111:222:333, 111+222+333, a_111_222_333, "
		"111_222|333"},
	    {"4111_1111_1111_1111, 4111.1111.1111.1111", "<card>, <card>"},
	    {"4111_1111_1111_1112", "4111_1111_1111_1112"},
	};

	ALL_OF(cases);
}

int
main(void)
{
	test_characters();
	test_names();
	test_addresses();
	test_numbers();
	return check_done();
}
