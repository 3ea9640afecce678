/* The report as a page: every number and reason is there in both languages, nothing in it runs or comes from elsewhere. */
#include <stdlib.h>

#include "check.h"
#include "stager/buf.h"
#include "stager/json.h"
#include "stager/report_html.h"

static struct err e;

#define ID "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DOCUMENT                                                                                           \
	"{\"bytes\":9,\"dataset\":\"ct\",\"holder\":\"umc\",\"house\":\"h\",\"members\":1,\"policy\":"     \
	"\"00\","                                                                                          \
	"\"report\":{\"actions\":{\"keep\":1234567,\"pseudonym\":3},\"by-file\":{\"10\":{\"rule\":2},"     \
	"\"9\":{\"files\":{\"held\":1},\"rule\":4}},\"check\":{\"members\":7,\"not-rescanned\":1},"        \
	"\"fields\":{\"1:4\":{\"match\":\"pat*.csv\",\"name\":\"crp<b>\",\"record:value-type\":4321},"     \
	"\"3:5\":{\"file:date-form\":1}},"                                                                 \
	"\"files\":{\"dropped\":0,\"held\":2,\"passed\":1,\"seen\":3},\"formats\":{\"text\":2},"           \
	"\"found\":{\"bsn\":5,\"new-kind\":1},\"held\":{\"check:check-bsn\":{\"count\":4,\"files\":[2]},"  \
	"\"file:column-unnamed\":{\"columns\":[8],\"count\":1,\"files\":[77]}},\"later\":{\"set-2-"        \
	"smallest\":5,\"some\":6},"                                                                        \
	"\"quasi\":{\"2-smallest\":11,\"2-values\":4},"                                                    \
	"\"previous\":{\"difference\":{\"files\":{\"seen\":-2}},\"policy\":\"changed\",\"scrubber\":"      \
	"\"same\",\"version\":1,\"version-id\":\"" ID "\"},\"records\":{\"passed\":1},"                    \
	"\"rules\":{\"0\":{\"files\":{\"seen\":1}},\"2\":{\"files\":{\"seen\":2}}}},\"set\":\"abroad\","   \
	"\"shards\":1,\"state\":\"held\",\"type\":\"stager.report.1\",\"version\":12,\"version-id\":\"" ID \
	"\"}"

/* What the ledger says of the version. */
static const char *state = "LOGGED";

static char *
page(const char *document, const char *digest, enum report_language language)
{
	struct json *j = json_parse(document, strlen(document), "test", &e);
	char *text = NULL;
	struct buf out;

	buf_init(&out, 1 << 20);
	CHECK(j != NULL);
	if (report_html(j, digest, state, language, &out, &e) == 0)
		text = strndup((const char *)out.data, out.len);
	json_free(j);
	buf_free(&out);
	return text;
}

static bool
has(const char *text, const char *part)
{
	return text != NULL && strstr(text, part) != NULL;
}

static void
test_languages(void)
{
	char *both = page(DOCUMENT, "d1", REPORT_BOTH), *nl = page(DOCUMENT, "d1", REPORT_DUTCH),
	     *en = page(DOCUMENT, "d1", REPORT_ENGLISH);

	CHECK(has(both, "<html lang=\"nl\">") && has(both, "<main class=\"page en\" lang=\"en\">") &&
	      has(both, "id=\"in-en\""));
	CHECK(has(nl, "<html lang=\"nl\">") && !has(nl, "page en") && !has(nl, "id=\"in-en\""));
	CHECK(has(en, "<html lang=\"en\">") && !has(en, "page nl"));
	CHECK(has(en, "What it was: column, path") && has(nl, "Wat het was: kolom, pad"));
	CHECK(has(en,
	    "<td class=\"n\">4,321</td><td>records</td><td>pat*.csv</td><td>crp&lt;b&gt;</td><td><span>a "
	    "value is "
	    "not of the type"));
	CHECK(has(nl, "<td class=\"n\">1</td><td>bestand</td><td>3</td><td>5</td><td>"));
	CHECK(has(nl, "1.234.567") && !has(nl, "1,234,567") && has(en, "1,234,567"));
	CHECK(has(nl, "burgerservicenummers") && has(en, "citizen service numbers"));
	CHECK(has(nl, "een kolom die het beleid niet noemt") &&
	      has(en, "a column that the policy does not name"));
	CHECK(has(nl, "77 (kolom 8)") && has(en, "77 (column 8)"));
	/* What this build has no word for is shown as it is: a key and a section. */
	CHECK(has(en, "new-kind") && has(en, "<h2 class=\"word\">later</h2>") && has(nl, "some") &&
	      has(en, "set 2: smallest group") && has(nl, "set 2: kleinste groep"));
	CHECK(has(en, "HELD") && has(en, "It withheld 4 members.") &&
	      has(en, "1 member it could not read: it was"));
	CHECK(has(nl, "Verschil met versie 1") &&
	      has(nl, "\xe2\x88\x92"
		      "2") &&
	      has(nl, "stager policy diff"));
	CHECK(has(en, "version 12") && has(en, "d1") && has(en, "--out report.json"));
	CHECK(has(nl, "personen met de zeldzaamste") && has(en, "persons with the rarest</th>") &&
	      has(en, "class=\"n\">2</th><td class=\"n\">4</td><td class=\"n\">11</td>"));
	/* By number and not by text: 9 stands before 10. */
	CHECK(strstr(en, "class=\"n\">9</th>") < strstr(en, "class=\"n\">10</th>"));
	free(both);
	free(nl);
	free(en);
}

static void
test_apart(void)
{
	static const char *const never[] = {"<script", "http://", "https://", "src=", "url(", "@import",
	    "onload", "javascript:", " style=", "<link", "<img", "<iframe", NULL};
	char *text = page(DOCUMENT, "d1", REPORT_BOTH);

	for (size_t i = 0; never[i] != NULL; i++)
		CHECK(!has(text, never[i]));
	CHECK(has(text, "default-src 'none'; style-src 'sha256-"));
	free(text);
	/* Whatever a document holds is text. */
	text = page(
	    "{\"dataset\":\"<script>a&'\\\"\",\"holder\":\"<b>\",\"version\":1,\"version-id\":\"</pre>\","
	    "\"report\":{\"<i>\":{\"<u>\":1},\"held\":{\"file:<em>\":{\"count\":1,\"files\":[]}}}}",
	    "d1", REPORT_BOTH);
	CHECK(has(text, "&lt;script&gt;a&amp;&#39;&quot;") && has(text, "&lt;i&gt;") &&
	      has(text, "&lt;u&gt;") && has(text, "&lt;em&gt;"));
	CHECK(!has(text, "<script>") && !has(text, "<b>&") && !has(text, "<i>") && !has(text, "<u>") &&
	      !has(text, "<em>"));
	free(text);
}

/* What people looked at, in sets; and what may not be accepted for it. */
static void
test_review(void)
{
#define PART(found, reviewed)                                                                               \
	"{\"at-most-ppm\":58156,\"changed\":1,\"found\":" found ",\"population\":90,\"reviewed\":" reviewed \
	"}"
#define LOOKED(found, reviewed)                                                                              \
	"{\"dataset\":\"ct\",\"holder\":\"umc\",\"members\":1,\"state\":\"sealed\",\"version\":1,\"version-" \
	"id\":\"" ID "\",\"report\":{},\"sets\":{\"abroad\":{\"bytes\":5,\"members\":1},\"home\":{"          \
	"\"bytes\":5,\"members\":2}},\"review\":{"                                                           \
	"\"by\":[\"<a@b>\"],\"from\":86400,\"until\":259200,\"wanted\":{\"found\":0,\"letters\":50,"         \
	"\"scans\":0},\"sets\":{"                                                                            \
	"\"abroad\":{\"letters\":" PART(found, reviewed) ",\"others\":4,\"scans\":" PART("0", "0") "}}}}"
	char *text = page(LOOKED("0", "50"), "d1", REPORT_BOTH);

	CHECK(has(text, "5,82%") && has(text, "5.82%") && has(text, "&lt;a@b&gt;") && !has(text, "<a@b>"));
	CHECK(has(text, "1970-01-02") && has(text, "1970-01-04") && has(text, "4 other members"));
	CHECK(!has(text, "Not to be accepted yet") && !has(text, "A person found something"));
	CHECK(has(text, "<th scope=\"row\">home</th>"));
	free(text);
	text = page(LOOKED("0", "49"), "d1", REPORT_BOTH);
	CHECK(has(text, "Not to be accepted yet") && has(text, "Nog niet te aanvaarden") &&
	      has(text, "still too few"));
	free(text);
	text = page(LOOKED("1", "50"), "d1", REPORT_BOTH);
	CHECK(has(text, "A person found something") && has(text, "Een mens vond iets"));
	free(text);
#undef LOOKED
#undef PART
}

/* Where counts are told in multiples, it is said, and nothing is called none. */
static void
test_told(void)
{
	char *text =
	    page("{\"dataset\":\"ct\",\"holder\":\"umc\",\"version\":1,\"version-id\":\"" ID
		 "\",\"report\":{\"rules\":{\"1\":{\"files\":{\"seen\":1}}},\"told\":{\"least\":10}}}",
		"d1", REPORT_BOTH);

	CHECK(has(text, "rounded to a multiple of 10") && has(text, "below 10") && has(text, "onder 10"));
	CHECK(!has(text, ">told<"));
	free(text);
}

static void
test_dry(void)
{
	char *text =
	    page("{\"dataset\":\"ct\",\"holder\":\"umc\",\"members\":1,\"report\":{},\"state\":\"sealed\"}",
		NULL, REPORT_ENGLISH);

	CHECK(has(text, "(dry run)") && has(text, "A push now would go through.") &&
	      !has(text, "stager accept"));
	free(text);
	CHECK(page("{\"dataset\":\"ct\",\"holder\":\"umc\"}", NULL, REPORT_BOTH) == NULL);
	CHECK(page("{\"dataset\":\"ct\",\"report\":{}}", NULL, REPORT_BOTH) == NULL);
	CHECK(page("{\"dataset\":\"ct\",\"holder\":\"umc\",\"report\":{}}", "d1", REPORT_BOTH) == NULL);
}

/* What would follow a push: as the document says, and of a dry run alone. */
static void
test_follows(void)
{
#define DRY                                                                                                  \
	"{\"dataset\":\"ct\",\"holder\":\"umc\",\"members\":1,\"report\":{},\"state\":\"held\",\"version\":" \
	"1,"                                                                                                 \
	"\"version-id\":\"" ID                                                                               \
	"\",\"accept\":{\"files\":{\"count\":3},\"records\":{\"ppm\":15000},\"review\":{"                    \
	"\"found\":1,\"letters\":7,\"scans\":1}},\"disclosure\":{\"k\":10},\"held-for\":[\"records\","       \
	"\"check\"],"                                                                                        \
	"\"sets\":{\"abroad\":{\"hold\":[\"NL\",\"FI\"],\"open\":[\"<lumi>\"]},\"domestic\":{\"hold\":["     \
	"\"NL\"],"                                                                                           \
	"\"open\":[]}}}"
	char *text = page(DRY, NULL, REPORT_BOTH);

	CHECK(has(text, "What follows a push") && has(text, "Wat er na een push volgt"));
	CHECK(has(text, "held back: 3 files and 1.50% of the records.") &&
	      has(text, "vastgehouden: 3 bestanden en 1,50% van de records."));
	CHECK(has(text, "looks at 7 letters and 1 scan of each set") && has(text, "something 1 time;"));
	CHECK(has(text, "The version would be HELD: more records were held") &&
	      has(text, "VASTGEHOUDEN: de tweede controle hield") && !has(text, "HELD: more files"));
	CHECK(has(text, "at least 10 show the same"));
	CHECK(has(text, "<th scope=\"row\">abroad</th><td>may</td><td>NL, FI</td><td>&lt;lumi&gt;</td>") &&
	      has(text, "<th scope=\"row\">domestic</th><td>never</td><td>NL</td><td></td>"));
	free(text);
	text = page(DRY, "d1", REPORT_BOTH);
	CHECK(!has(text, "What follows a push") && !has(text, "volgt"));
	free(text);
#undef DRY
}

/* What became of a version since: said first, and nobody is told how to accept it. */
static void
test_states(void)
{
	static const struct {
		const char *state, *english, *dutch;
		bool ended;
	} all[] = {{"LOGGED", "HELD: your decision is needed", "uw besluit is nodig", false},
	    {"WITHDRAWN", "WITHDRAWN: nothing of this version is released", "TERUGGETROKKEN: van deze", true},
	    {"REJECTED", "REJECTED: this version was deleted", "AFGEWEZEN: deze", true},
	    {"ERASED", "ERASED: nothing of this dataset", "GEWIST: van", true},
	    {"ACCEPTED", "Accepted by a steward.", "Door een datasteward aanvaard.", false},
	    {"SENT", "Accepted by a steward.", "Door een datasteward aanvaard.", false}};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char *text;

		state = all[i].state;
		text = page(DOCUMENT, "d1", REPORT_BOTH);
		for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
			CHECK(has(text, all[k].english) == (strcmp(all[i].english, all[k].english) == 0) &&
			      has(text, all[k].dutch) == (strcmp(all[i].dutch, all[k].dutch) == 0));
		CHECK(has(text, "stager accept report.env") == !all[i].ended);
		free(text);
	}
	state = "LOGGED";
}

/* Of a version that people were withdrawn from: said in words, once, where the numbers are; and nowhere else. */
static void
test_withdrawn(void)
{
	const char *at = strstr(DOCUMENT, "\"rules\"");
	char document[sizeof(DOCUMENT) + 100], *nl, *en, *without;

	(void)snprintf(document, sizeof(document),
	    "%.*s\"withdrawn\":{\"members\":1234,\"records\":1,\"shards\":5,\"subjects\":1},%s",
	    (int)(at - DOCUMENT), DOCUMENT, at);
	nl = page(document, "d1", REPORT_DUTCH);
	en = page(document, "d1", REPORT_ENGLISH);
	without = page(DOCUMENT, "d1", REPORT_BOTH);
	CHECK(has(nl, "<h2>Sindsdien teruggetrokken</h2>") &&
	      has(nl, "Daaruit is 1 persoon verwijderd: 1.234 onderdelen in "
		      "zijn geheel en 1 record uit andere; 5 pakketten"));
	CHECK(has(en, "<h2>Withdrawn since</h2>") &&
	      has(en, "1 person was taken out of it: 1,234 members as a whole, and 1 "
		      "record out of others; 5 shards were"));
	CHECK(!has(en, "class=\"word\">withdrawn") && !has(without, "Withdrawn since") &&
	      !has(without, "teruggetrokken"));
	free(nl);
	free(en);
	free(without);
}

int
main(void)
{
	test_languages();
	test_withdrawn();
	test_apart();
	test_review();
	test_told();
	test_dry();
	test_follows();
	test_states();
	return check_done();
}
