/* What is known of subjects, in the second scan: every form of member, a find beside a near miss, and other people's values. */
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../stager/scrub/subject.h"
#include "check.h"
#include "exact.h"
#include "stager/check.h"
#include "stager/context.h"

#define JAN "abcdefghijklmnopqrstuvwxyz"
#define FATMA "234567abcdefghijklmnopqrst"
#define NOBODY "zzzzzzzzzzzzzzzzzzzzzzzzzz"

static struct err e;
static struct check_known *known;

struct value {
	enum known_kind kind;
	const char *text;
};

static void
add(struct context_maker *m, const char *pseudonym, const struct value *values, size_t count)
{
	uint8_t body[512] = {0, 0, 0, 0, 1, 0, 2, '1', '8'};
	size_t len = 9;

	for (size_t i = 0; i < count; i++) {
		body[len++] = (uint8_t)values[i].kind;
		body[len++] = (uint8_t)strlen(values[i].text);
		memcpy(body + len, values[i].text, strlen(values[i].text));
		len += strlen(values[i].text);
	}
	CHECK_OK(context_add(m, pseudonym, SUBJECT_GOOD, body, len, &e));
}

static struct context *
make(void)
{
	static const struct value jan[] = {{KNOWN_PERSON, "Jan"}, {KNOWN_PERSON, "van der Veldhuis-Voor"},
	    {KNOWN_PERSON, "Willem"}, {KNOWN_NUMBER, "0012345"}, {KNOWN_NUMBER, "123456782"},
	    {KNOWN_ADDRESS, "Lange Dreef 12"}, {KNOWN_ADDRESS, "1234 AB"}, {KNOWN_ADDRESS, "Veenendaal"},
	    {KNOWN_PERSON, "Persoon"}};
	static const struct value fatma[] = {{KNOWN_PERSON, "Fatma"}, {KNOWN_PERSON, "Öztürk"}};
	int fd = memfd_create("context", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct context_maker *m = context_maker_new(fd, &e);
	uint8_t digest[DIGEST_LEN];
	uint64_t subjects;
	struct context *c;

	add(m, JAN, jan, sizeof(jan) / sizeof(jan[0]));
	add(m, FATMA, fatma, sizeof(fatma) / sizeof(fatma[0]));
	CHECK_OK(context_finish(m, digest, &subjects, &e));
	context_maker_free(m);
	CHECK((c = context_open(fd, &e)) != NULL);
	close(fd);
	return c;
}

struct sample {
	const char *subject, *text;
	bool found;
};

static void
each(enum rescan rescan, const struct sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *reason = NULL;
		const size_t len = strlen(samples[i].text);
		uint8_t *copy = exact_copy(samples[i].text, len);
		const int rc = check_known_member(known, rescan, samples[i].subject, copy, len, &reason, &e);

		if (rc != samples[i].found || (reason != NULL) != samples[i].found)
			fprintf(stderr, "wanted %d of: %s\n", samples[i].found, samples[i].text);
		CHECK(rc == samples[i].found);
		CHECK((reason != NULL) == samples[i].found);
		free(copy);
	}
}

static void
test_text(void)
{
	static const struct sample samples[] = {
	    {JAN, "De heer Veldhuis kwam op het spreekuur.", true},
	    {JAN, "De heer VELDHUIS kwam.", true},
	    {JAN, "Willem.", true},
	    {JAN, "Hij heet Willems.", false},        /* another word: the first scan's to judge */
	    {JAN, "de veldhuis is leeg", false},      /* no capital: perhaps a word */
	    {JAN, "Jan is een korte naam.", false},   /* three letters are too few to be sure of */
	    {JAN, "Voor wie het leest.", false},      /* what stands between names is nobody's */
	    {JAN, "[PERSOON-1] en [PERSOON]", false}, /* a tag, though he is called so */
	    {JAN, "Persoon kwam", true},
	    {FATMA, "De heer Veldhuis kwam.", false}, /* somebody else's */
	    {"x", "De heer Veldhuis kwam.", false},
	    {NOBODY, "De heer Veldhuis kwam.", false},
	    {FATMA, "mevrouw Öztürk", true},
	    {FATMA, "mevrouw ÖZTÜRK", true},
	    {FATMA, "mevrouw Özturk", true},
	    {FATMA, "mevrouw Oztu\u0308rk", true},
	    {FATMA, "mevrouw Ozturg", false},
	    /* as it looks */
	    {JAN, "De heer V\u0435ldhuis kwam.", true},
	    {JAN, "De heer \uff36eldhuis kwam.", true},
	    {JAN, "De heer Veld\u200bhuis kwam.", true},
	    {JAN, "De heer V e l d h u i s kwam.", true},
	    {JAN, "De heer V.e.l.d.h.u.i.s kwam.", true},
	    {JAN, "De heer V e l d h u i z kwam.", false},
	    {JAN, "De heer Veld-\nhuis kwam.", true},
	    {JAN, "De heer Veld-\n\nhuis kwam.", false},
	    {JAN, "De heer &#86;eldhuis kwam.", true},
	    {JAN, "De heer &#87;eldhuis kwam.", false},
	    {JAN, "De heer V3ldhu1s kwam.", true},
	    {JAN, "De heer V4ldhu1s kwam.", false},
	    {JAN, "De heer vELDHUIS kwam.", true},
	    {JAN, "De heer \u202esiuhdleV\u202c kwam.", true},
	    {JAN, "De heer \u202esiuhdlaV\u202c kwam.", false},
	    {JAN, "nummer 123_45 of 12*3*45", true},
	    {JAN, "nummer 12/3/4/5", true},
	    {JAN, "nummer 12/3/4/6", false},
	    {JAN, "nummer \uff11\uff12\uff1345", true},
	    /* encoded */
	    {JAN, "zie VmVsZGh1aXM= daar", true},
	    {JAN, "zie VmVsZGh1aXo= daar", false},
	    {JAN, "zie %56eldhuis daar", true},
	    {JAN, "zie =56eldhuis daar", true},
	    {JAN, "zie =?utf-8?Q?=56eldhuis?= daar", true},
	    {FATMA, "zie VmVsZGh1aXM= daar", false},
	    {JAN, "nummer 12345", true},
	    {JAN, "nummer 0000012345.", true},
	    {JAN, "nummer 123 45", true},
	    {JAN, "nummer 12.345", true},
	    {JAN, "nummer 123456", false}, /* goes on */
	    {JAN, "nummer 912345", false},
	    {JAN, "nummer 12  345", false},
	    {JAN, "bsn 1234.56.782", true},
	    {JAN, "nummer 12345\u2013oud", true}, /* a dash and a space that are not ASCII end it */
	    {JAN, "nummer 12345\u00a0is oud", true},
	    {JAN, "nummer 12345\u00eb", false}, /* a letter does not */
	    {JAN, "op de Lange Dreef 12 woont hij", true},
	    {JAN, "op de lange dreef 12", true},
	    {JAN, "op de Lange Dreef 13", false},
	    {JAN, "Lange\n\n\nDreef 12", false},
	    {JAN, "te 1234AB", true},
	    {JAN, "te 1234 ab", true},
	    {JAN, "te 1234 AC", false},
	    {JAN, "uit Veenendaal", true},
	    {JAN, "", false},
	    {JAN, "\xff\xc3", false},
	};

	each(RESCAN_TEXT, samples, sizeof(samples) / sizeof(samples[0]));
}

static void
test_table(void)
{
	static const struct sample samples[] = {
	    {"x", "wie;wat\n" JAN ";Veldhuis\n", false}, /* one name alone may be any word */
	    {"x", "wie;wat;nog\n" JAN ";Veldhuis;Willem\n", true},
	    {"x", "wat;nog;wie\nVeldhuis;Willem;" JAN "\n", true},
	    {"x", "wat;nog;wie\n\"Veldhuis\";\"Willem\";\"" JAN "\"\r\n", true},
	    {"x", "wat;nog;wie\nVeldhuis;Willem;" FATMA "\n", false},
	    {"x", "wat;nog;wie\nVeldhuis;Willem;x\na;b;" JAN "\n", false}, /* another record's */
	    {"x", "Veldhuis;Willem;wie\na;b;" JAN "\n", false},            /* the header is no record */
	    {"x", "wie;wat;nog\n" JAN ";Veldhuis;Veldhuis\n", false},
	    {"x", "wie;wat;nog\n" JAN ";Veldhuis;a\n" JAN ";Willem;a\n", false},
	    {"x", "wie;wat\n" JAN ";deze patiënt is Veldhuis en hij woont hier al lang\n", true},
	    {"x", "wie;wat\n" JAN ";123456782\n", true},
	    {"x", "wie;wat\n" JAN ";123_456_782\n", true},
	    {"x", "wie;wat\n" JAN ";\uff11\uff12\uff13456782\n", true},
	    {"x", "wie;wat\n" JAN ";123_456_783\n", false},
	    {"x", "wie;wat;nog\n" JAN ";V\u0435ldhuis;Willem\n", true},
	    {"x", "wie;wat\n" JAN ";12345\n", false}, /* may be chance */
	    {"x", "wie;wat\n" JAN ";het nummer dat hij noemde was 12345 zei hij\n", true},
	    {"x", "wie;wat\n" JAN ";1234AB\n", false},
	    {"x", "wie;wat\n" FATMA ";123456782\n", false},
	    {JAN, "wat\n123456782\n", true},
	    {"x", "wie\tander\twat\n" FATMA "\t" JAN "\t123456782\n", true}, /* two people's record */
	    {"x", "", false},
	};

	each(RESCAN_CSV, samples, sizeof(samples) / sizeof(samples[0]));
}

static void
test_records(void)
{
	static const struct sample samples[] = {
	    {"x", "{\"wie\":\"" JAN "\",\"tekst\":\"Dit is een brief over de heer Veldhuis uit een dorp\"}\n",
		true},
	    {"x", "{\"tekst\":\"Dit is een brief over de heer Veldhuis uit een dorp\",\"wie\":\"" JAN "\"}\n",
		true},
	    {"x",
		"{\"tekst\":\"Dit is een brief over de heer \\u0056eldhuis uit een dorp\",\"wie\":\"" JAN
		"\"}\n",
		true},
	    {"x",
		"{\"tekst\":\"Dit is een brief over de heer\\nVeldhuis uit een dorp\",\"wie\":\"" JAN "\"}\n",
		true},
	    {"x",
		"{\"tekst\":\"Dit is een brief over de heer Veldhuis uit een dorp\",\"wie\":\"" FATMA "\"}\n",
		false},
	    {"x",
		"{\"tekst\":\"Dit is een brief over de heer Veldhuis uit een dorp\"}\n{\"wie\":\"" JAN
		"\"}\n",
		false},
	    {JAN, "{\"tekst\":\"Dit is een brief over de heer Veldhuis uit een dorp\"}\n", true},
	    {JAN, "{\"a\":\"Veldhuis\",\"b\":\"Willem\"}\n", true},
	    {JAN, "{\"a\":\"Veldhuis\"}\n{\"b\":\"Willem\"}\n", false},
	    {JAN, "{\"Veldhuis\":\"a\",\"Willem\" : \"b\"}\n", false}, /* keys are the policy's */
	    {JAN, "{\"a\":123456782}\n", true},
	    {JAN, "{\"a\":\"V\\u0435ldhuis\",\"b\":\"Willem\"}\n", true},
	    {JAN, "{\"a\":\"123\\u005f456_782\"}\n", true},
	    {JAN, "{\"a\":\"123\\u005f456_783\"}\n", false},
	    {JAN, "[1,123456782]", true},
	    {JAN, "123456782", true},
	    {JAN, "{\"a\":12345}\n", false},
	    {JAN, "{\"a\":\"", false},
	};

	each(RESCAN_JSONL, samples, sizeof(samples) / sizeof(samples[0]));
}

static void
test_header(void)
{
	static const struct sample samples[] = {
	    {JAN, "LO\b\x01Veldhuis\x02\x03LO\b\x01Willem", true},
	    {JAN, "LO\b\x01Veldhuis\x02\x03LO\b\x01Philips", false},
	    {JAN,
		"LO\b\x01"
		"123456782\x02",
		true},
	    {FATMA,
		"LO\b\x01"
		"123456782\x02",
		false},
	};

	each(RESCAN_DICOM, samples, sizeof(samples) / sizeof(samples[0]));
}

/* A record of many values, the first of which says whose it is. */
static void
test_wide(void)
{
	static char wide[1 << 16];
	size_t len = 0;
	const char *reason = NULL;

	for (unsigned i = 0; i < 3000; i++)
		wide[len++] = i == 2999 ? '\n' : ';';
	memcpy(wide + len, JAN, PSEUDONYM_LEN);
	len += PSEUDONYM_LEN;
	for (unsigned i = 0; i < 2998; i++)
		wide[len++] = ';';
	memcpy(wide + len, "123456782\n", 10);
	len += 10;
	CHECK(check_known_member(known, RESCAN_CSV, "x", (const uint8_t *)wide, len, &reason, &e) == 1);
	CHECK(reason != NULL && strcmp(reason, "check-known") == 0);
	CHECK(check_known_member(NULL, RESCAN_CSV, JAN, (const uint8_t *)wide, len, &reason, &e) == 0);
	CHECK(check_known_member(known, RESCAN_NONE, JAN, (const uint8_t *)"Veldhuis", 8, &reason, &e) == 0);
}

int
main(void)
{
	struct context *c;

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return 77;
	c = make();
	known = check_known_new(c);
	CHECK(known != NULL);
	test_text();
	test_table();
	test_records();
	test_header();
	test_wide();
	check_known_free(known);
	context_close(c);
	return check_done();
}
