/* What the page says in plain words: the figures, what was not removed, the second check, how to decide. */
#include "page.h"

#include <string.h>

#include "stager/json.h"

static void
item(struct page *p, const char *dutch, const char *english, int64_t n)
{
	page_say_in(p, "li", dutch, english, (const int64_t[]){n});
}

static void
heading(struct page *p, const char *dutch, const char *english)
{
	page_say_in(p, "h2", dutch, english, NULL);
}

/* A figure that is read at a glance: a number, and under it what it counts. */
static void
figure(struct page *p, int64_t n, bool bytes, const char *dutch, const char *english)
{
	page_raw(p, "<div><b>");
	if (bytes)
		page_bytes(p, n);
	else
		page_number(p, n);
	page_raw(p, "</b><span>");
	page_say(p, dutch, english, (const int64_t[]){n});
	page_raw(p, "</span></div>");
}

/* Where a version has several sets: what goes where. */
static void
each_set(struct page *p)
{
	const struct json *sets = json_get(p->document, "sets");

	if (sets == NULL || sets->type != JSON_OBJECT || sets->count < 2)
		return;
	page_raw(p,
	    "<div class=\"wide\"><table><thead><tr><th scope=\"col\">set</th><th scope=\"col\" class=\"n\">");
	page_say(p, "onderdelen", "members", NULL);
	page_raw(p, "</th><th scope=\"col\" class=\"n\">");
	page_say(p, "omvang", "size", NULL);
	page_raw(p, "</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < sets->count; i++) {
		page_raw(p, "<tr><th scope=\"row\">");
		page_text(p, sets->keys[i]);
		page_raw(p, "</th><td class=\"n\">");
		page_number(p, page_int(sets->items[i], "members"));
		page_raw(p, "</td><td class=\"n\">");
		page_bytes(p, page_int(sets->items[i], "bytes"));
		page_raw(p, "</td></tr>\n");
	}
	page_raw(p, "</tbody></table></div>");
}

void
page_summary(struct page *p)
{
	page_raw(p, "<section>");
	page_verdict(p);
	page_raw(p, "<div class=\"figures\">");
	figure(
	    p, page_count(p, "files", "seen"), false, "{1:bestand|bestanden} gezien", "{1:file|files} seen");
	figure(p, page_count(p, "files", "passed"), false, "doorgelaten", "passed");
	figure(p, page_count(p, "files", "held"), false, "vastgehouden", "held back");
	figure(p, page_count(p, "files", "dropped"), false, "weggelaten", "dropped");
	figure(p, page_count(p, "records", "passed"), false, "{1:record|records} doorgelaten",
	    "{1:record|records} passed");
	figure(p, page_count(p, "records", "held"), false, "{1:record|records} vastgehouden",
	    "{1:record|records} held back");
	figure(p, page_count(p, "bytes", "in"), true, "gelezen", "read");
	figure(p, page_count(p, "bytes", "out"), true, "blijft over", "remains");
	page_raw(p, "</div>");
	each_set(p);
	page_raw(p, "</section>\n");
}

/* How the counts are told, where they are not exact. */
void
page_told(struct page *p)
{
	if (p->least == 1)
		return;
	page_say_in(p, "p class=\"told\"",
	    "Aantallen die over mensen gaan (records, waarden, vondsten, personen) zijn afgerond op een "
	    "veelvoud van #1, zoals "
	    "het beleid vraagt: totalen naar boven, zodat #1 ook 1 kan zijn; per regel en per bestand naar "
	    "beneden. Aantallen "
	    "bestanden, onderdelen en bytes zijn precies.",
	    "Counts about people (records, values, finds, persons) are rounded to a multiple of #1, as the "
	    "policy wants: totals "
	    "upwards, so that #1 may be 1; by rule and by file downwards. Counts of files, members and bytes "
	    "are exact.",
	    &p->least);
}

/* How much of what leaves is free text, by values: where what is not recognised can hide. */
static void
page_free_text(struct page *p, int64_t text, int64_t all)
{
	page_say(p, " Van alle waarden die uitgaan is ", " Of all values that leave ", NULL);
	page_share(p, all <= 0 ? 0 : (int64_t)((double)text * 1000000 / (double)all));
	page_say(p, " vrije tekst.", " are free text.", NULL);
}

void
page_remains(struct page *p)
{
	int64_t keep = page_count(p, "actions", "keep"), text = page_count(p, "actions", "text"),
		texts = page_count(p, "formats", "text"), pseudonym = page_count(p, "actions", "pseudonym"),
		year = page_count(p, "actions", "year"), first = page_count(p, "actions", "first"),
		shift = page_count(p, "actions", "shift") + page_count(p, "actions", "dicom-shifted"),
		attribute = page_count(p, "actions", "attribute") +
			    page_count(p, "actions", "dicom-attribute") + page_count(p, "actions", "coarse") +
			    page_count(p, "actions", "hierarchy"),
		unlinked = page_count(p, "subjects", "unlinked"), opaque = page_count(p, "formats", "opaque"),
		dicom = page_count(p, "formats", "dicom");
	const struct json *found = json_get(p->report, "found");

	page_raw(p, "<section class=\"remains\">");
	heading(p, "Wat NIET is verwijderd", "What was NOT removed");
	page_say_in(p, "p",
	    "Wat overblijft is gepseudonimiseerd, niet anoniem: het blijven persoonsgegevens. Weeg vooral "
	    "dit:",
	    "What remains is pseudonymised, not anonymous: it is personal data still. Weigh this above all:",
	    NULL);
	page_raw(p, "<ul>");
	if (keep > 0)
		item(p,
		    "#1 {1:waarde ging|waarden gingen} door zoals {1:zij was|ze waren}, omdat het beleid die "
		    "kolommen en velden behoudt. Samen kunnen ze iemand aanwijzen, ook zonder naam.",
		    "#1 {1:value|values} left as {1:it was|they were}, because the policy keeps those "
		    "columns "
		    "and fields. Together they may point to a person, without a name too.",
		    keep);
	if (text + texts > 0) {
		page_raw(p, "<li>");
		page_say(p,
		    "#1 {1:vrije tekst is|vrije teksten zijn} doorzocht. Wat de zoekregels niet herkennen "
		    "staat "
		    "er nog: een bijnaam, een beroep, een gebeurtenis die maar één mens overkwam.",
		    "#1 {1:free text was|free texts were} searched. What the rules do not recognise is still "
		    "in "
		    "{1:it|them}: a nickname, a profession, an event that happened to one person alone.",
		    (const int64_t[]){text + texts});
		if (text > 0)
			page_free_text(p, text, keep + text + pseudonym + year + first + shift + attribute);
		if (json_get(found, "person") == NULL)
			page_say(p, " In deze versie is geen naam van een persoon in tekst gevonden.",
			    " In this version no name of a person was found in text.", NULL);
		page_raw(p, "</li>");
	}
	if (pseudonym > 0)
		item(p,
		    "Eén persoon heeft overal in dit project hetzelfde pseudoniem. Wie iemand op één plaats "
		    "herkent, kent dan al diens gegevens.",
		    "One person has the same pseudonym everywhere in this project. Whoever recognises "
		    "somebody "
		    "in one place then knows all data of that person.",
		    pseudonym);
	if (year > 0)
		item(p, "Van #1 {1:datum|datums} bleef het jaar staan.",
		    "Of #1 {1:date|dates} the year remains.", year);
	if (first > 0)
		item(p, "Van #1 {1:waarde bleven|waarden bleven} de eerste tekens staan.",
		    "Of #1 {1:value|values} the first characters remain.", first);
	if (shift > 0)
		item(p,
		    "#1 {1:datum is|datums zijn} verschoven, voor één persoon overal even ver. Hoeveel tijd "
		    "er tussen "
		    "twee gebeurtenissen zit blijft, en daarmee soms wie het is.",
		    "#1 {1:date was|dates were} moved, as far for one person everywhere. How much time lies "
		    "between two "
		    "events remains, and with it at times who it is.",
		    shift);
	if (attribute > 0)
		item(p,
		    "#1 {1:waarde is|waarden zijn} vergroofd (tot een leeftijdsgroep, een postcodegebied). "
		    "Zeldzame "
		    "combinaties kunnen nog steeds één persoon zijn.",
		    "#1 {1:value was|values were} generalised (to an age band, a postcode area). Rare "
		    "combinations may "
		    "still be one person.",
		    attribute);
	if (unlinked > 0)
		item(p, "#1 {1:bestand of record is|bestanden of records zijn} aan geen persoon gekoppeld.",
		    "#1 {1:file or record is|files or records are} linked to no person.", unlinked);
	if (dicom > 0)
		item(p,
		    "Van #1 {1:beeld|beelden} zijn de kenmerken geschoond en is het beeld zelf niet "
		    "veranderd: "
		    "een gezicht, een litteken of een schouderprothese blijft te zien.",
		    "Of #1 {1:image|images} the attributes were cleaned and the picture itself was not "
		    "changed: "
		    "a face, a scar or an implant can still be seen.",
		    dicom);
	if (opaque > 0)
		item(p,
		    "#1 {1:bestand ging|bestanden gingen} ONGELEZEN door, byte voor byte, omdat het beleid "
		    "dat "
		    "zegt. Niets daarin is gezocht of gecontroleerd.",
		    "#1 {1:file was|files were} passed on UNREAD, byte for byte, because the policy says so. "
		    "Nothing in {1:it|them} was searched or checked.",
		    opaque);
	if (keep + text + texts + pseudonym + year + first + shift + attribute + dicom + opaque == 0)
		item(p, "Er bleven geen waarden over.", "No values remain.", 0);
	page_raw(p, "</ul></section>\n");
}

void
page_withdrawn(struct page *p)
{
	const int64_t numbers[] = {page_count(p, "withdrawn", "subjects"),
	    page_count(p, "withdrawn", "members"), page_count(p, "withdrawn", "records"),
	    page_count(p, "withdrawn", "shards")};

	if (json_get(p->report, "withdrawn") == NULL)
		return;
	page_raw(p, "<section class=\"remains\">");
	heading(p, "Sindsdien teruggetrokken", "Withdrawn since");
	page_say_in(p, "p",
	    "Deze versie is gemaakt uit een eerdere. Daaruit {1:is|zijn} #1 {1:persoon|personen} verwijderd: "
	    "#2 {2:onderdeel|onderdelen} in zijn geheel en #3 {3:record|records} uit andere; #4 "
	    "{4:pakket (shard) is|pakketten (shards) zijn} daarvoor opnieuw gemaakt.",
	    "This version was made out of an earlier one. #1 {1:person was|persons were} taken out of it: #2 "
	    "{2:member as a whole|members as a whole}, and #3 {3:record|records} out of others; #4 "
	    "{4:shard was|shards were} made anew for that.",
	    numbers);
	page_say_in(p, "p",
	    "De aantallen bestanden, records, waarden en vondsten op deze bladzijde zijn van vóór die tijd, "
	    "met "
	    "wat van hen was. Wat eerder is vrijgegeven is niet terug te halen.",
	    "Counts of files, records, values and finds on this page are of before, with what was theirs. "
	    "What "
	    "was released before cannot be recalled.",
	    NULL);
	page_raw(p, "</section>\n");
}

void
page_check(struct page *p)
{
	int64_t members = page_count(p, "check", "members"), bytes = page_count(p, "check", "bytes"),
		unread = page_count(p, "check", "not-rescanned"), finds = page_check_finds(p),
		planted = page_count(p, "canaries", "planted"),
		checked = page_count(p, "canaries", "checked");

	page_raw(p, "<section>");
	heading(p, "De tweede controle", "The second check");
	page_raw(p, "<p>");
	page_say(p,
	    "Een tweede programma, met zoekregels die los van de eerste zijn geschreven, las alles wat het "
	    "huis "
	    "uit mag nog eens: #1 {1:onderdeel|onderdelen}, ",
	    "A second program, whose rules were written apart from the first, read all that may leave once "
	    "more: #1 {1:member|members}, ",
	    (const int64_t[]){members});
	page_bytes(p, bytes);
	page_raw(p, ".</p><p><strong>");
	if (finds == 0)
		page_say(p, "Het vond niets dat weg had gemoeten.",
		    "It found nothing that should have been gone.", NULL);
	else
		page_say(p, "Het hield #1 {1:onderdeel|onderdelen} tegen.",
		    "It withheld #1 {1:member|members}.", (const int64_t[]){finds});
	page_raw(p, "</strong> ");
	if (unread > 0)
		page_say(p,
		    "#1 {1:onderdeel|onderdelen} kon het niet lezen: {1:dat is|die zijn} NIET nogmaals "
		    "gecontroleerd.",
		    "#1 {1:member|members} it could not read: {1:it was|they were} NOT checked again.",
		    (const int64_t[]){unread});
	page_raw(p, "</p>");
	if (planted > 0 && planted == checked)
		page_say_in(p, "p",
		    "Als proef zijn #1 {1:bestand|bestanden} met verzonnen gegevens (burgerservicenummers, "
		    "rekeningen, telefoonnummers, adressen) mee geschoond. Geen van die gegevens kwam "
		    "erdoor; de "
		    "proefbestanden zelf zijn weggegooid.",
		    "As a trial #1 {1:file|files} with made-up values (citizen service numbers, accounts, "
		    "telephone "
		    "numbers, addresses) went through scrubbing, too. None of those values came through; the "
		    "trial "
		    "files themselves were dropped.",
		    (const int64_t[]){planted});
	else if (planted > 0)
		page_say_in(p, "p",
		    "Van de #1 {1:proefbestand|proefbestanden} met verzonnen gegevens kwamen er #2 bij de "
		    "tweede "
		    "controle: of het schonen werkt is voor de andere niet aangetoond.",
		    "Of #1 trial {1:file|files} with made-up values #2 reached the second check: that "
		    "scrubbing works "
		    "was not shown for the others.",
		    (const int64_t[]){planted, checked});
	page_raw(p, "</section>\n");
}

/* A name and what it is. text: shown as code. */
static void
fact(struct page *p, const char *dutch, const char *english, const char *text)
{
	page_say_in(p, "dt", dutch, english, NULL);
	page_raw(p, "<dd><code>");
	page_text(p, text);
	page_raw(p, "</code></dd>");
}

static const char *
document_text(const struct page *p, const char *key)
{
	const struct json *text = json_get(p->document, key);

	return text == NULL || text->type != JSON_STRING ? "" : text->string;
}

void
page_digests(struct page *p)
{
	const struct json *sets = json_get(p->document, "sets");

	page_raw(p, "<section>");
	heading(p, "Waar dit over gaat", "What this is about");
	page_raw(p, "<dl>");
	fact(p, "huis", "house", document_text(p, "house"));
	fact(p, "houder", "holder", document_text(p, "holder"));
	fact(p, "dataset", "dataset", document_text(p, "dataset"));
	if (p->digest != NULL)
		fact(p, "versie", "version", document_text(p, "version-id"));
	for (size_t i = 0; sets != NULL && i < sets->count; i++)
		fact(p, "set", "set", sets->keys[i]);
	fact(p, "beleid (SHA-256)", "policy (SHA-256)", document_text(p, "policy"));
	if (p->digest != NULL)
		fact(p, "rapport (SHA-256)", "report (SHA-256)", p->digest);
	page_raw(p, "</dl>");
	if (p->digest == NULL || page_ended(p)) {
		page_raw(p, "</section>\n");
		return;
	}
	page_say_in(p, "p",
	    "Deze pagina is een weergave. Getekend wordt het rapport zelf; uw programma toont bij het "
	    "tekenen "
	    "dezelfde SHA-256. Aanvaarden:",
	    "This page is a rendering. What is signed is the report itself; your program shows the same "
	    "SHA-256 "
	    "when you sign. To accept:",
	    NULL);
	page_raw(p, "<pre>stager report ");
	page_text(p, document_text(p, "version-id"));
	page_raw(p, " --out report.json\nstager-sign --key ");
	page_say(p, "SLEUTEL", "KEY", NULL);
	page_raw(p, " report.json &gt; report.env\nstager accept report.env</pre>");
	page_say_in(p, "p", "Niet aanvaarden, en alles van deze versie weggooien:",
	    "Not to accept, and to delete all of this version:", NULL);
	page_raw(p, "<pre>stager reject ");
	page_text(p, document_text(p, "version-id"));
	page_raw(p, "</pre></section>\n");
}
