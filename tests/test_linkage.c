/* Known-person linkage: what is known of a subject is gone from its text, in any spelling; what is not stays byte for byte. */
#include <stdlib.h>

#include "../stager/scrub/linkage.h"
#include "check.h"
#include "exact.h"

static struct err e;

/* A body with these known values, each after its kind's letter: p, n, a. */
static struct subject
made_of(const char *const *known, uint8_t *body)
{
	size_t len = SUBJECT_HEAD_LEN;

	memset(body, 0, SUBJECT_HEAD_LEN);
	for (; *known != NULL; known++) {
		body[len++] = **known == 'p' ? KNOWN_PERSON : **known == 'n' ? KNOWN_NUMBER : KNOWN_ADDRESS;
		body[len++] = (uint8_t)strlen(*known + 1);
		memcpy(body + len, *known + 1, strlen(*known + 1));
		len += strlen(*known + 1);
	}
	return (struct subject){.body = body, .body_len = len};
}

static const char *const jansen[] = {"pJan Willem", "pvan der Bérgh-Smid", "n0123456", "n111222333",
    "aKerkstraat 12 b", "a1234 AB", "aNieuw-Zandwolde", "aBest", NULL};

static void
cleaned(const char *text, const char *want)
{
	static uint8_t body[CONTEXT_BODY_MAX];
	struct subject s = made_of(jansen, body);
	struct spans spans = {0};
	char got[1000];
	size_t at = 0, len = 0;

	CHECK_OK(linkage_find(&s, text, strlen(text), &spans, &e));
	for (size_t i = 0; i < spans.count; i++) {
		const struct span *x = &spans.items[i];

		CHECK(x->start >= at && x->end > x->start && x->end <= strlen(text) && x->type == SPAN_KNOWN);
		memcpy(got + len, text + at, x->start - at);
		len += x->start - at;
		got[len++] = "PNA"[x->extra];
		at = x->end;
	}
	memcpy(got + len, text + at, strlen(text) - at + 1);
	if (strcmp(got, want) != 0) {
		fprintf(stderr, "%s\nis     %s\nwanted %s\n", text, got, want);
		CHECK(!"what is left of it");
	}
	spans_free(&spans);
}

static void
test_texts(void)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	    {"", ""},
	    {"Geen van deze woorden.", "Geen van deze woorden."},
	    {"Jan kwam.", "P kwam."},
	    {"JAN WILLEM VAN DER BERGH", "P"},
	    {"jan willem van der bergh-smid kwam", "P kwam"},
	    {"Dhr. J.W. van der Bergh kwam", "Dhr. P kwam"},
	    {"mevr. Smid, J.", "mevr. P, J."},
	    {"van der Bergh-Smid", "P"},
	    {"van der Be\xcc\x81rgh", "P"},
	    {"de heer v.d. Bergh", "de heer P"},
	    {"Willems jas", "P jas"},
	    {"Wilem, Willen, Wilelm, Willlem", "P"},
	    {"Wallum kwam", "Wallum kwam"},
	    {"berg en dal", "berg en dal"},
	    {"Berg en dal", "P en dal"},
	    {"januari, Janssen, jam", "januari, Janssen, jam"},
	    {"smid of smidt", "P of smidt"},
	    {"BSN 111222333.", "BSN N."},
	    {"BSN 111.222.333, of 1112 22 333", "BSN N, of N"},
	    {"111-222-333 en 0111222333", "N en N"},
	    {"BSN111222333", "BSNN"},
	    {"1112223334 of 2111222333", "1112223334 of 2111222333"},
	    {"nr 123456 en 0123456 en 12 34 56", "nr N en N en N"},
	    {"nr 1234567 of 123 4567", "nr 1234567 of 123 4567"},
	    {"nr 123\r\n456 en 123\t456", "nr N en N"},
	    {"Kerkstraat 12b", "A"},
	    {"kerkstraat 12 B te nieuw zandwolde", "A te A"},
	    {"Kerkstraat 14, Best", "A, A"},
	    {"Kerkstraten", "Kerkstraten"},
	    {"1234AB, 1234 ab en 1234 AC", "N, N en 1234 AC"},
	    {"best wel, in Best", "best wel, in A"},
	    {"\xe2\x80\x98Jan\xe2\x80\x99\xc2\xa0Willem", "\xe2\x80\x98P"},
	    {"Jan\nWillem", "P\nP"},
	    {"wil\xc2\xadlem kwam", "P kwam"},
	    {"Will\xe2\x80\x8b\xe2\x81\xa0"
	     "em\xe2\x80\x8b kwam",
		"P\xe2\x80\x8b kwam"},
	    {"\xe2\x80\x8bJa\xef\xbb\xbfn, \xef\xbb\xbfSmid", "\xe2\x80\x8bP"},
	    {"J\xe2\x80\x89"
	     "an",
		"J\xe2\x80\x89"
		"an"},
	    {"Kerk\xc2\xadstraat 12", "A"},
	    {"nr 1\xe2\x80\x8b"
	     "2\xe2\x80\x8b"
	     "3\xe2\x80\x8b"
	     "4\xe2\x80\x8b"
	     "5\xef\xbb\xbf"
	     "6",
		"nr N"},
	    {"\xe2\x80\x8b", "\xe2\x80\x8b"},
	    {"Jan\xe2\x80", "Jan\xe2\x80"},
	    {"x\xff\xfeJan\xff", "x\xff\xfeJan\xff"},
	    /* letters apart, and what is none of it */
	    {"W i l l e m kwam", "P kwam"},
	    {"J a n  W i l l e m kwam", "P kwam"},
	    {"W.i.l.l.e.m en W-i-l-l-e-m en W_i_l_l_e_m en W|i|l|l|e|m", "P en P en P en P"},
	    {"Wil-\nlem en WIL-\nLEM en Wil lem en Wil_lem", "P en P en P en P"},
	    {"wil lem, Wil len, W i l l e n", "wil lem, Wil len, P"},
	    {"Wil\n\n\n\nlem", "Wil\n\n\n\nlem"},
	    /* figures for letters */
	    {"W1llem, W1ll3m, 5m1d, Sm1d", "P"},
	    {"W1lkem, W2llem, 1234", "W1lkem, P, 1234"},
	    /* run together */
	    {"JanWillem, janwillem, vanderbergh, jwsmid, smidj, willem.smid", "P"},
	    {"Smidse, smidsebaan, willemien, xxwillem", "Smidse, smidsebaan, willemien, xxwillem"},
	    /* other scripts, styles, references, per cent signs, backwards */
	    {"W\xd1\x96llem, \xef\xbc\xb7illem, \xf0\x9d\x93\xa6illem, W\xcc\x88illem", "P"},
	    {"W&iacute;llem, &#87;illem, W&#x69;llem, van%20der%20Bergh, B%C3%A9rgh", "P"},
	    {"W&iacutellem, &#9999999;illems, &amp;", "W&iacutellem, &#9999999;illems, &amp;"},
	    {"\xe2\x80\xaemelliW\xe2\x80\xac kwam, \xe2\x80\xaeWillem\xe2\x80\xac kwam",
		"P kwam, \xe2\x80\xaeP\xe2\x80\xac kwam"},
	    {"jAN wILLEM", "P"},
	    /* numbers with any signs, and letters for figures */
	    {"111*222*333, 111|222|333, 111_222_333, 111#222#333, 1=1=1=2=2=2=3=3=3", "N, N, N, N, N"},
	    {"11I222333 en 1l1222333", "N en N"},
	    {"111a222a333", "111a222a333"},
	    {"\xc2\xb9\xc2\xb9\xc2\xb9\xc2\xb2\xc2\xb2\xc2\xb2\xc2\xb3\xc2\xb3\xc2\xb3, "
	     "\xd9\xa1\xd9\xa1\xd9\xa1 222 333",
		"N, N"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cleaned(cases[i].text, cases[i].want);
}

static void
test_join(void)
{
	struct spans spans = {0}, known = {0};
	static const struct {
		size_t start, end;
		enum span_type type;
	} others[] = {{2, 5, SPAN_DATE}, {8, 20, SPAN_PERSON}, {30, 33, SPAN_EMAIL}},
	  knowns[] = {{0, 1, SPAN_KNOWN}, {4, 9, SPAN_KNOWN}, {30, 33, SPAN_KNOWN}, {40, 41, SPAN_KNOWN}},
	  want[] = {{0, 1, SPAN_KNOWN}, {2, 20, SPAN_KNOWN}, {30, 33, SPAN_KNOWN}, {40, 41, SPAN_KNOWN}};

	spans.items = calloc(3, sizeof(*spans.items));
	known.items = calloc(4, sizeof(*known.items));
	for (size_t i = 0; i < 3; i++)
		spans.items[i] =
		    (struct span){.start = others[i].start, .end = others[i].end, .type = others[i].type};
	for (size_t i = 0; i < 4; i++)
		known.items[i] =
		    (struct span){.start = knowns[i].start, .end = knowns[i].end, .type = SPAN_KNOWN};
	spans.count = spans.cap = 3;
	known.count = known.cap = 4;
	CHECK_OK(linkage_join(&spans, &known, &e));
	CHECK(spans.count == 4);
	for (size_t i = 0; i < 4 && i < spans.count; i++)
		CHECK(spans.items[i].start == want[i].start && spans.items[i].end == want[i].end &&
		      spans.items[i].type == want[i].type);
	spans_free(&spans);
	spans_free(&known);
}

/* Bodies of any bytes: nothing is read past them. */
static void
test_bodies(void)
{
	uint8_t body[40];
	struct spans spans = {0};
	unsigned seed = 1;

	for (unsigned n = 0; n < 20000; n++) {
		size_t len = n % (sizeof(body) + 1);
		struct subject s = {.body_len = len};
		struct view v;
		uint8_t *exact;
		long days;

		for (size_t i = 0; i < len; i++) {
			seed = seed * 1103515245 + 12345;
			body[i] = (uint8_t)(seed >> 16) & (n % 3 == 0 ? 0xff : 0x07);
		}
		exact = exact_copy(body, len);
		s.body = exact;
		CHECK_OK(linkage_find(&s, "Een brief over 123456 van Jan", 29, &spans, &e));
		(void)subject_attribute(&s, n % 4, &v);
		(void)subject_shift(&s, &days);
		spans_free(&spans);
		spans = (struct spans){0};
		free(exact);
	}
}

int
main(void)
{
	test_texts();
	test_join();
	test_bodies();
	return check_done();
}
