/* The page's part on what people looked at: how many, what they found, and how much may have escaped them. */
#include "page.h"

#include <string.h>

#include "stager/json.h"

static void
cell(struct page *p, int64_t n)
{
	page_raw(p, n == 0 ? "<td class=\"n zero\">" : "<td class=\"n\">");
	page_number(p, n);
	page_raw(p, "</td>");
}

/* One stratum of a set. */
static void
row(struct page *p, const char *set, const char *stratum, const struct json *part, int64_t wanted)
{
	int64_t population = page_int(part, "population"), least = wanted < population ? wanted : population;

	page_raw(p, "<tr><td>");
	page_text(p, set);
	page_raw(p, "</td><td>");
	if (strcmp(stratum, "letters") == 0)
		page_say(p, "brieven", "letters", NULL);
	else
		page_say(p, "beelden, alleen hun kenmerken", "scans, their attributes alone", NULL);
	page_raw(p, "</td>");
	cell(p, population);
	cell(p, page_int(part, "reviewed"));
	page_raw(p, "<td class=\"n\">");
	if (population > 0 && page_int(part, "reviewed") < least)
		page_say(p, "#1, nog te weinig", "#1, still too few", &least);
	else
		page_number(p, least);
	page_raw(p, "</td>");
	cell(p, page_int(part, "found"));
	page_raw(p, "<td class=\"n\">");
	if (population == 0)
		page_raw(p, "\xe2\x80\x93");
	else
		page_share(p, page_int(part, "at-most-ppm"));
	page_raw(p, "</td><td class=\"chart\">");
	page_bar(p, page_int(part, "at-most-ppm"), 1000000);
	page_raw(p, "</td></tr>\n");
}

static void
column(struct page *p, bool right, const char *dutch, const char *english)
{
	page_raw(p, right ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
	page_say(p, dutch, english, NULL);
	page_raw(p, "</th>");
}

static void
table(struct page *p, const struct json *sets, const struct json *wanted)
{
	static const char *const strata[] = {"letters", "scans"};

	page_raw(p, "<div class=\"wide\"><table><thead><tr>");
	column(p, false, "set", "set");
	column(p, false, "wat", "what");
	column(p, true, "er zijn", "there are");
	column(p, true, "bekeken", "looked at");
	column(p, true, "het beleid vraagt", "the policy wants");
	column(p, true, "iets gevonden in", "something found in");
	column(p, true, "hooguit zo veel hebben iets", "at most so many have something");
	page_raw(p, "<td></td></tr></thead><tbody>\n");
	for (size_t i = 0; i < sets->count; i++)
		for (size_t s = 0; s < 2; s++)
			row(p, sets->keys[i], strata[s], json_get(sets->items[i], strata[s]),
			    page_int(wanted, strata[s]));
	page_raw(p, "</tbody></table></div>");
}

/* Who looked, and what became of a first word. */
static void
people(struct page *p, const struct json *review, int64_t changed)
{
	const struct json *by = json_get(review, "by");

	if (by == NULL || by->type != JSON_ARRAY || by->count == 0)
		return;
	page_raw(p, "<p>");
	page_say(p, "Bekeken door ", "Looked at by ", NULL);
	for (size_t i = 0; i < by->count; i++) {
		page_raw(p, i == 0 ? "" : ", ");
		page_text(p, by->items[i]->type == JSON_STRING ? by->items[i]->string : "");
	}
	page_raw(p, " (");
	page_day(p, page_int(review, "from"));
	if (page_int(review, "until") / 86400 != page_int(review, "from") / 86400) {
		page_raw(p, " \xe2\x80\x93 ");
		page_day(p, page_int(review, "until"));
	}
	page_raw(p, "). ");
	if (changed > 0)
		page_say(p,
		    "Van #1 {1:onderdeel|onderdelen} is eerst gezegd dat er iets in stond, en later van "
		    "niet.",
		    "Of #1 {1:member|members} it was first said that something was in {1:it|them}, and later "
		    "that there was not.",
		    &changed);
	page_raw(p, "</p>");
}

void
page_review(struct page *p)
{
	const struct json *review = json_get(p->document, "review"), *sets = json_get(review, "sets"),
			  *wanted = json_get(review, "wanted");
	int64_t want[] = {page_int(wanted, "letters"), page_int(wanted, "scans")}, changed = 0, others = 0;

	if (review == NULL || sets == NULL || sets->type != JSON_OBJECT)
		return;
	page_raw(p, "<section>");
	page_say_in(p, "h2", "Door een mens bekeken", "Looked at by a person", NULL);
	if (sets->count == 0) {
		page_raw(p, "<p><strong>");
		page_say(p, "Nog niets. ", "Nothing yet. ", NULL);
		page_raw(p, "</strong>");
		page_say(p,
		    "Het beleid vraagt dat een mens van elke set #1 {1:brief|brieven} en #2 "
		    "{2:beeld|beelden} bekijkt voordat "
		    "deze versie kan worden aanvaard: ",
		    "The policy wants a person to look at #1 {1:letter|letters} and #2 {2:scan|scans} of "
		    "each set before this "
		    "version can be accepted: ",
		    want);
		page_raw(p, "<code>stager review</code>.</p></section>\n");
		return;
	}
	for (size_t i = 0; i < sets->count; i++) {
		others += page_int(sets->items[i], "others");
		changed += page_int(json_get(sets->items[i], "letters"), "changed") +
			   page_int(json_get(sets->items[i], "scans"), "changed");
	}
	table(p, sets, wanted);
	people(p, review, changed);
	page_say_in(p, "p",
	    "Welke onderdelen zijn bekeken koos een sleutel, niet een mens. De laatste kolom is een "
	    "bovengrens: is het aandeel "
	    "waarin iets staat groter, dan was de kans op zo weinig vondsten hooguit 5%.",
	    "Which members were looked at was chosen by a key, not by a person. The last column is an upper "
	    "bound: if the "
	    "share that has something were larger, the chance of so few finds would be 5% at most.",
	    NULL);
	if (others > 0)
		page_say_in(p, "p",
		    "#1 {1:ander onderdeel (een tabel, een ongelezen bestand) is|andere onderdelen "
		    "(tabellen, ongelezen "
		    "bestanden) zijn} niet bekeken.",
		    "#1 other {1:member (a table, an unread file) was|members (tables, unread files) were} "
		    "not looked at.",
		    &others);
	page_raw(p, "</section>\n");
}
