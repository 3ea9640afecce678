/* The page's table of the columns, paths, headers and tags whose values something was held for. */
#include "page.h"

#include <stdlib.h>
#include <string.h>

#include "stager/json.h"

static void
column(struct page *p, const char *dutch, const char *english)
{
	page_say_in(p, "th scope=\"col\"", dutch, english, NULL);
}

/* The policy's word for it, or where it has none any more the number of its place. */
static void
word(struct page *p, const struct json *name, const char *number)
{
	page_raw(p, "<td>");
	if (name != NULL && name->type == JSON_STRING)
		page_text(p, name->string);
	else
		page_number(p, (int64_t)strtoll(number, NULL, 10));
	page_raw(p, "</td>");
}

/* One column or path held for one reason. */
static void
row(struct page *p, const char *key, const struct json *one, size_t which)
{
	const char *why = one->keys[which], *reason = strchr(why, ':'), *place = strchr(key, ':');

	if (one->items[which]->type != JSON_INT || reason == NULL || place == NULL)
		return;
	page_raw(p, "<tr><td class=\"n\">");
	page_number(p, one->items[which]->integer);
	page_raw(p, "</td><td>");
	if (strncmp(why, "file:", 5) == 0)
		page_say(p, "{1:bestand|bestanden}", "{1:file|files}", &one->items[which]->integer);
	else
		page_say(p, "{1:record|records}", "{1:record|records}", &one->items[which]->integer);
	page_raw(p, "</td>");
	word(p, json_get(one, "match"), key);
	word(p, json_get(one, "name"), place + 1);
	page_raw(p, "<td>");
	page_reason(p, reason + 1);
	page_raw(p, "</td></tr>\n");
}

void
page_fields(struct page *p)
{
	const struct json *fields = json_get(p->report, "fields");

	if (fields == NULL || fields->type != JSON_OBJECT || fields->count == 0)
		return;
	page_raw(p, "<section>");
	page_say_in(p, "h2", "Wat het was: kolom, pad, kop of kenmerk",
	    "What it was: column, path, header or tag", NULL);
	page_say_in(p, "p",
	    "Waar iets is vastgehouden om een waarde. Regels en namen zijn die van het beleid.",
	    "Where something was held back for a value. Rules and names are those of the policy.", NULL);
	page_raw(p, "<div class=\"wide\"><table><thead><tr>");
	page_say_in(p, "th scope=\"col\" class=\"n\"", "aantal", "count", NULL);
	column(p, "van", "of");
	column(p, "regel", "rule");
	column(p, "naam in het beleid", "name in the policy");
	column(p, "reden", "reason");
	page_raw(p, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < fields->count; i++)
		for (size_t k = 0; k < fields->items[i]->count; k++)
			row(p, fields->keys[i], fields->items[i], k);
	page_raw(p, "</tbody></table></div></section>\n");
}
