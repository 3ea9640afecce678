/* Guesses at what the rules left open: words that no list has, told by what stands around them, and their near misses; the model and the code that made it. */
#include "guess_digest.h"

#include "check.h"
#include "stager/policy.h"

static struct err e;
static const struct text_rules rules = {.bsn_any = true, .english = true};
static const struct detect_with with = {.rules = &rules};

/* Training ran with this code: what it looked at in one text is what is looked at now. */
static void
test_made_with(void)
{
	uint32_t digest = guess_digest(&rules);

	CHECK(digest != 0);
	CHECK(digest == guess_made_with);
	CHECK(guess_digest(&rules) == digest);
}

/* The kind that the needle was found as; "" where nothing of it was. */
static const char *
found(const char *text, const char *needle)
{
	static struct spans spans;
	const char *at = strstr(text, needle);
	size_t start = at == NULL ? 0 : (size_t)(at - text), end = start + strlen(needle);

	CHECK(at != NULL);
	if (detect_text(&with, text, strlen(text), &spans, &e) == -1)
		return "failed";
	for (size_t i = 0; i < spans.count; i++)
		if (spans.items[i].start < end && start < spans.items[i].end) {
			const char *kind = span_kind(spans.items[i].type);

			spans_free(&spans);
			return kind;
		}
	spans_free(&spans);
	return "";
}

#define FOUND(text, needle, kind) CHECK(strcmp(found(text, needle), kind) == 0)

static void
test_institutions(void)
{
	FOUND("Heeft een betalingsregeling met Krantewold, maar komt die niet na.", "Krantewold",
	    "institution");
	FOUND("Zij is aangemeld bij Wolderstaete voor begeleiding.", "Wolderstaete", "institution");
	FOUND("Dagbesteding via De Korenspil in overleg.", "De Korenspil", "institution");
	/* the same places, and nobody's names */
	FOUND("Zij is aangemeld bij de Balie voor uitleg.", "Balie", "");
	FOUND("Heeft een regeling met de Belastingdienst.", "Belastingdienst", "");
}

static void
test_persons(void)
{
	FOUND("Overleg met Zorvelt (teamleider) gehad, akkoord.", "Zorvelt", "person");
	FOUND("Groetjes van Ilvira en Tjomke", "Tjomke", "person");
	FOUND("Geparafeerd: Q.W.", "Q.W.", "person");
	/* a drug, a make, a disease, a measure, a heading */
	FOUND("Gestart met Zorvastatine 20 mg en Krempril 5 mg.", "Krempril", "");
	FOUND("Wasmachine (merk Zwolex, 379 euro).", "Zwolex", "");
	FOUND("Temp 38 °C en Hb 7,2. Beleid: Afwachten.", "Afwachten", "");
	FOUND("HET BESLUIT IS GENOMEN OP GROND VAN DE WET.", "GROND", "");
}

/* What the rules are sure of stays what it is, whatever the words around it. */
static void
test_sure(void)
{
	FOUND("Zij is aangemeld bij mevrouw Krantewold.", "Krantewold", "person");
	FOUND("Huurt bij 1234 AB Wolderdam", "1234 AB", "location");
	FOUND("Regeling met BSN 123456782.", "123456782", "id");
	FOUND("Werkt bij stichting De Korenspil.", "De Korenspil", "institution");
}

static void
test_ages(void)
{
	FOUND("Ik was zeventien jaar. Mijn oom betaalde.", "zeventien jaar", "age");
	FOUND("Maar hij was toen al 53 jaar. Onze Jo ging.", "53 jaar", "age");
	FOUND("Een kind van 10 maanden gaat mee.", "10 maanden", "age");
	FOUND("De jongste is 4 maanden, zegt zij.", "4 maanden", "age");
	FOUND("Geen papieren. Ca. 30 jr. Blond.", "30 jr", "age");
	FOUND("Zij werd vierenzestig jaar oud.", "vierenzestig jaar oud", "age");
	/* how long something lasts */
	FOUND("Ik was zeventien jaar getrouwd.", "zeventien jaar", "");
	FOUND("Dat was tien jaar geleden.", "tien jaar", "");
	FOUND("Een traject van 10 maanden.", "10 maanden", "");
	FOUND("De wachttijd is 4 maanden.", "4 maanden", "");
}

/* Nothing to be seen before, behind or between; runs up to the text's end. */
static void
test_edges(void)
{
	static const char *const texts[] = {"A", "Aa", "Aa Bb Cc Dd Ee Ff Gg Hh Ii Jj", "B.", "bij X",
	    "- Z & Q", "A-B-C-D-E-F-G-H", "\nQ\n", "Zz & ", "van De van Der van Den", "O'", "'t",
	    "Aaaa:", ":Aaaa", "\xc3\x89", NULL};
	struct spans spans = {0};

	for (const char *const *text = texts; *text != NULL; text++) {
		CHECK_OK(detect_text(&with, *text, strlen(*text), &spans, &e));
		for (size_t i = 0; i < spans.count; i++)
			CHECK(
			    spans.items[i].start < spans.items[i].end && spans.items[i].end <= strlen(*text));
	}
	spans_free(&spans);
}

int
main(void)
{
	test_made_with();
	test_institutions();
	test_persons();
	test_sure();
	test_ages();
	test_edges();
	return check_done();
}
