/* The page's part on what would follow a push that was only tried: what it would be held for, what people must do, who gets what. */
#include "page.h"

#include <string.h>

#include "stager/json.h"

/* {"count": n} or {"ppm": n} */
static void
limit(struct page *p, const struct json *max, const char *dutch, const char *english, const char *dutch_share,
    const char *english_share)
{
	const struct json *ppm = json_get(max, "ppm");
	const int64_t count = page_int(max, "count");

	if (ppm == NULL || ppm->type != JSON_INT) {
		page_say(p, dutch, english, &count);
		return;
	}
	page_share(p, ppm->integer);
	page_say(p, dutch_share, english_share, NULL);
}

static void
limits(struct page *p, const struct json *accept)
{
	page_raw(p, "<li>");
	page_say(p, "Zonder besluit van een mens mag zijn vastgehouden: ",
	    "Without a person's decision there may be held back: ", NULL);
	limit(p, json_get(accept, "files"), "#1 {1:bestand|bestanden}", "#1 {1:file|files}",
	    " van de bestanden", " of the files");
	page_say(p, " en ", " and ", NULL);
	limit(p, json_get(accept, "records"), "#1 {1:record|records}", "#1 {1:record|records}",
	    " van de records", " of the records");
	page_raw(p, ".</li>");
}

static void
held_for(struct page *p, const struct json *reasons)
{
	static const struct {
		const char *word, *dutch, *english;
	} all[] = {{"files", "er zijn meer bestanden vastgehouden dan het beleid toelaat",
		       "more files were held back than the policy allows"},
	    {"records", "er zijn meer records vastgehouden dan het beleid toelaat",
		"more records were held back than the policy allows"},
	    {"check", "de tweede controle hield iets tegen, wat geen beleid ongezien aanvaardt",
		"the second check withheld something, which no policy accepts unseen"},
	    {"disclosure",
		"er staan er meer alleen, of er zouden er meer worden leeggemaakt, dan het beleid toelaat",
		"more stand alone, or would be blanked, than the policy accepts"},
	    {"nothing", "er blijft niets over om te verzegelen", "nothing is left that could be sealed"}};

	for (size_t i = 0; reasons != NULL && reasons->type == JSON_ARRAY && i < reasons->count; i++)
		for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++) {
			if (reasons->items[i]->type != JSON_STRING ||
			    strcmp(reasons->items[i]->string, all[k].word) != 0)
				continue;
			page_raw(p, "<li><strong>");
			page_say(
			    p, "De versie zou worden VASTGEHOUDEN: ", "The version would be HELD: ", NULL);
			page_say(p, all[k].dutch, all[k].english, NULL);
			page_raw(p, ".</strong></li>");
		}
}

static void
review(struct page *p, const struct json *wanted)
{
	const int64_t numbers[] = {
	    page_int(wanted, "letters"), page_int(wanted, "scans"), page_int(wanted, "found")};

	page_raw(p, "<li>");
	if (numbers[0] == 0 && numbers[1] == 0)
		page_say(p,
		    "Het beleid vraagt niet dat een mens erin kijkt; een datasteward ondertekent het "
		    "rapport.",
		    "The policy does not ask a person to look into it; a steward signs the report.", NULL);
	else
		page_say(p,
		    "Eerst bekijkt een mens van elke set #1 {1:brief|brieven} en #2 {2:beeld|beelden} (of "
		    "alle, waar "
		    "er minder zijn) en mag daarin #3 keer iets vinden; dan ondertekent een datasteward het "
		    "rapport.",
		    "First a person looks at #1 {1:letter|letters} and #2 {2:scan|scans} of each set (or "
		    "all, where "
		    "there are fewer), and may find something #3 {3:time|times}; then a steward signs the "
		    "report.",
		    numbers);
	page_raw(p, "</li>");
}

/* A list's strings, with commas. */
static void
cell(struct page *p, const struct json *list)
{
	page_raw(p, "<td>");
	for (size_t i = 0; list != NULL && list->type == JSON_ARRAY && i < list->count; i++) {
		page_raw(p, i == 0 ? "" : ", ");
		if (list->items[i]->type == JSON_STRING)
			page_text(p, list->items[i]->string);
	}
	page_raw(p, "</td>");
}

static void
sets(struct page *p, const struct json *all)
{
	static const char *const columns[][2] = {{"set", "set"}, {"verlaat het huis", "leaves the house"},
	    {"mag staan in", "may be held in"}, {"mag geopend worden bij", "may be opened at"}};

	if (all == NULL || all->type != JSON_OBJECT || all->count == 0)
		return;
	page_raw(p, "<div class=\"wide\"><table><thead><tr>");
	for (size_t i = 0; i < 4; i++)
		page_say_in(p, "th scope=\"col\"", columns[i][0], columns[i][1], NULL);
	page_raw(p, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < all->count; i++) {
		page_raw(p, "<tr><th scope=\"row\">");
		page_text(p, all->keys[i]);
		page_raw(p, "</th>");
		if (strcmp(all->keys[i], "domestic") == 0)
			page_say_in(p, "td", "nooit", "never", NULL);
		else
			page_say_in(p, "td", "mag", "may", NULL);
		cell(p, json_get(all->items[i], "hold"));
		cell(p, json_get(all->items[i], "open"));
		page_raw(p, "</tr>\n");
	}
	page_raw(p, "</tbody></table></div>");
}

void
page_follows(struct page *p)
{
	const struct json *accept = json_get(p->document, "accept");
	const int64_t k = page_int(json_get(p->document, "disclosure"), "k");

	if (p->digest != NULL || accept == NULL || accept->type != JSON_OBJECT)
		return;
	page_raw(p, "<section>");
	page_say_in(p, "h2", "Wat er na een push volgt", "What follows a push", NULL);
	page_raw(p, "<ul>");
	held_for(p, json_get(p->document, "held-for"));
	limits(p, accept);
	review(p, json_get(accept, "review"));
	if (k > 0)
		page_say_in(p, "li",
		    "Van wat indirect naar iemand wijst laten er steeds minstens #1 hetzelfde zien.",
		    "Of what points to somebody indirectly at least #1 show the same.", &k);
	page_raw(p, "</ul>");
	sets(p, json_get(p->document, "sets"));
	page_raw(p, "</section>\n");
}
