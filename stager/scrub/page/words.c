/* What the report's keys and reasons are called, in both languages. */
#include "page.h"

#include <string.h>

#include "stager/report.h"

struct word {
	const char *key, *dutch, *english;
};

static const struct word section_words[] = {
    {"files", "bestanden", "files"},
    {"records", "records", "records"},
    {"members", "onderdelen", "members"},
    {"bytes", "bytes", "bytes"},
    {"formats", "bestanden naar soort", "files by format"},
    {"actions", "waarden naar handeling", "values by action"},
    {"found", "gevonden in vrije tekst", "found in free text"},
    {"check", "tweede controle", "second check"},
    {"held", "vastgehouden", "held back"},
    {"sealed", "bronnen die verzegeld aankwamen", "sources that came sealed"},
    {"canaries", "kanaries", "canaries"},
    {"disclosure", "herleidbaarheid", "disclosure control"},
    {"quasi", "wat van elk indirect kenmerk wordt getoond", "what is shown of each quasi-identifier"},
    {"appended", "overgenomen uit de versie waaraan is toegevoegd",
	"carried over from the version that was added to"},
    {"subjects", "gekoppeld aan een persoon", "linked to a person"},
    {"rules", "per regel van het beleid", "by rule of the policy"},
    {NULL, NULL, NULL},
};

static const struct word format_words[] = {
    {"csv", "tabellen (CSV, TSV)", "tables (CSV, TSV)"},
    {"jsonl", "records (JSON Lines)", "records (JSON Lines)"},
    {"json", "documenten (JSON)", "documents (JSON)"},
    {"text", "vrije tekst", "free text"},
    {"dicom", "beelden (DICOM)", "images (DICOM)"},
    {"fixed", "tabellen met vaste kolombreedte", "fixed-width tables"},
    {"xml", "XML-documenten", "XML documents"},
    {"eml", "e-mailberichten", "e-mails"},
    {"xml", "documenten (XML)", "documents (XML)"},
    {"eml", "e-mail", "e-mail"},
    {"opaque", "ongelezen doorgelaten", "passed on unread"},
    {"drop", "weggelaten", "dropped"},
    {NULL, NULL, NULL},
};

static const struct word found_words[] = {
    {"person", "namen van personen", "names of persons"},
    {"address", "adressen", "addresses"},
    {"institution", "instellingen", "institutions"},
    {"date", "datums", "dates"},
    {"age", "leeftijden", "ages"},
    {"phone", "telefoonnummers", "telephone numbers"},
    {"email", "e-mailadressen", "e-mail addresses"},
    {"url", "webadressen", "web addresses"},
    {"iban", "bankrekeningen (IBAN)", "bank accounts (IBAN)"},
    {"bsn", "burgerservicenummers", "citizen service numbers"},
    {"postcode", "postcodes", "postcodes"},
    {"place", "plaatsen", "places"},
    {"rsin", "RSIN-nummers", "RSINs (legal persons)"},
    {"onderwijsnummer", "onderwijsnummers", "education numbers"},
    {"btw", "btw-nummers", "VAT numbers"},
    {"brin", "BRIN-nummers van scholen", "BRIN numbers of schools"},
    {"kenteken", "kentekens", "licence plates"},
    {"document", "paspoorten, identiteitskaarten en rijbewijzen",
	"passports, identity cards, driving licences"},
    {"agb", "AGB-codes van zorgverleners", "AGB codes of care providers"},
    {"big", "BIG-nummers van zorgverleners", "BIG numbers of care providers"},
    {"kvk", "KvK-nummers", "chamber of commerce numbers"},
    {"v-nummer", "V-nummers", "V-numbers (aliens)"},
    {"patient", "patiënt- en dossiernummers", "patient and dossier numbers"},
    {"number", "andere nummers van personen", "other numbers of persons"},
    {"ip", "IP-adressen", "IP addresses"},
    {"mac", "MAC-adressen", "MAC addresses"},
    {"card", "betaalkaarten", "payment cards"},
    {"known", "bekende gegevens van de persoon zelf", "known values of the person concerned"},
    {"extra", "eigen patronen van het beleid", "the policy's own patterns"},
    {NULL, NULL, NULL},
};

static const struct word action_words[] = {
    {"keep", "gelaten zoals het was", "left as it was"},
    {"drop", "weggelaten, met de naam van het veld", "removed with its field"},
    {"blank", "leeggemaakt", "emptied"},
    {"pseudonym", "vervangen door een pseudoniem", "replaced by a pseudonym"},
    {"year", "teruggebracht tot het jaar", "reduced to the year"},
    {"first", "teruggebracht tot de eerste tekens", "reduced to the first characters"},
    {"text", "vrije tekst, doorzocht", "free text, searched"},
    {"shift", "datum verschoven", "date shifted"},
    {"coarse", "getal afgerond of begrensd", "number rounded or cut off"},
    {"hierarchy", "door iets algemeners vervangen", "replaced by something wider"},
    {"attachment-dropped", "bijlage weggelaten", "attachment dropped"},
    {"attribute", "vergroofd tot een kenmerk", "generalised to an attribute"},
    {"dicom-shifted", "DICOM: datums verschoven", "DICOM: dates shifted"},
    {"dicom-attribute", "DICOM: vervangen door een kenmerk", "DICOM: replaced by an attribute"},
    {"dicom-removed", "DICOM: kenmerken verwijderd", "DICOM: attributes removed"},
    {"dicom-private-removed", "DICOM: eigen kenmerken van fabrikanten verwijderd",
	"DICOM: private attributes removed"},
    {"dicom-emptied", "DICOM: kenmerken leeggemaakt", "DICOM: attributes emptied"},
    {"dicom-dummy", "DICOM: vervangen door een vaste waarde", "DICOM: replaced by a fixed value"},
    {"dicom-uid", "DICOM: UID's vervangen", "DICOM: UIDs replaced"},
    {"dicom-text-emptied", "DICOM: vrije tekst leeggemaakt", "DICOM: free text emptied"},
    {"dicom-overwritten", "DICOM: bytes overschreven", "DICOM: bytes overwritten"},
    {NULL, NULL, NULL},
};

static const struct word count_words[] = {
    {"seen", "gezien", "seen"},
    {"passed", "doorgelaten", "passed"},
    {"held", "vastgehouden", "held"},
    {"dropped", "weggelaten", "dropped"},
    {"in", "gelezen", "read"},
    {"out", "gemaakt", "made"},
    {"members", "onderdelen", "members"},
    {"bytes", "bytes", "bytes"},
    {"planted", "geplant", "planted"},
    {"checked", "nagekeken", "checked"},
    {"linked", "gekoppeld", "linked"},
    {"subjects", "personen", "persons"},
    {"records", "records", "records"},
    {"below", "onder de grens: te weinig die op elkaar lijken", "below the limit: too few that look alike"},
    {"widened", "verder vergroofd", "widened"},
    {"blanked", "leeggemaakt", "blanked"},
    {"classes", "groepen die op elkaar lijken", "groups that look alike"},
    {"smallest", "kleinste groep", "smallest group"},
    {"unlinked", "niet gekoppeld", "not linked"},
    {"excluded", "van de uitsluitlijst: weggelaten", "on the exclusion list: dropped"},
    {"unmatched", "zonder rij in de persoonstabel: weggelaten",
	"without a row in the subject table: dropped"},
    {"carried", "rij staat al in de versie: weggelaten", "row stands in the version already: dropped"},
    {"files", "bestanden", "files"},
    {"shards", "shards", "shards"},
    {"version", "uit versie", "from version"},
    {"groups-differ", "groepen niet over het geheel te tellen: een beheerder kijkt",
	"groups cannot be counted over the whole: a steward looks"},
    {"not-rescanned", "niet nogmaals gelezen", "not read again"},
    {"order-proven", "volgorde bewezen", "order proven"},
    {"order-not-proven", "volgorde niet bewezen", "order not proven"},
    {NULL, NULL, NULL},
};

static const struct word *const lists[] = {
    [WORDS_SECTION] = section_words,
    [WORDS_FORMAT] = format_words,
    [WORDS_FOUND] = found_words,
    [WORDS_ACTION] = action_words,
    [WORDS_COUNT] = count_words,
};

static const struct word *
find(const struct word *list, const char *key)
{
	for (; list->key != NULL; list++)
		if (strcmp(list->key, key) == 0)
			return list;
	return NULL;
}

void
page_word(struct page *p, enum page_words list, const char *key)
{
	const struct word *word = find(lists[list], key);

	if (word == NULL)
		page_text(p, key);
	else
		page_text(p, p->dutch ? word->dutch : word->english);
}

/* The reasons in Dutch; in English they stand in report_text.c. */
static const struct word reason_words[] = {
    {"file-unmatched", "geen regel van het beleid noemt dit bestand", NULL},
    {"file-several-rules", "meer dan één regel van het beleid noemt dit bestand", NULL},
    {"kind-unknown", "de inhoud lijkt niet op wat de regel zegt", NULL},
    {"size-unknown", "de grootte is vooraf niet bekend, en de regel laat het ongelezen door", NULL},
    {"too-large", "groter dan deze soort mag zijn", NULL},
    {"not-utf8", "geen tekst in UTF-8", NULL},
    {"nul-byte", "een NUL-byte in de tekst", NULL},
    {"subject-missing", "het veld dat de persoon aanwijst ontbreekt of is leeg", NULL},
    {"subject-key", "de sleutel van de persoon heeft niet de vorm die het beleid noemt", NULL},
    {"subject-unmatched", "de persoon heeft geen rij in de persoonstabel", NULL},
    {"subject-repeated", "de persoon heeft twee rijen in de persoonstabel", NULL},
    {"subject-broken", "de rij van de persoon in de persoonstabel is niet te lezen", NULL},
    {"attribute-unknown", "een kenmerk van de persoon is niet bekend", NULL},
    {"header-missing", "geen kopregel", NULL},
    {"column-unnamed", "een kolom die het beleid niet noemt", NULL},
    {"column-missing", "een kolom die het beleid noemt ontbreekt", NULL},
    {"column-repeated", "twee kolommen met dezelfde naam", NULL},
    {"field-count", "een rij met meer of minder velden dan de kopregel", NULL},
    {"quote-open", "een aanhalingsteken dat nooit wordt gesloten", NULL},
    {"quote-records", "een waarde tussen aanhalingstekens lijkt andere records te bevatten", NULL},
    {"quote-stray", "een aanhalingsteken waar er geen mag staan", NULL},
    {"record-too-long", "een record is langer dan mag", NULL},
    {"value-type", "een waarde is niet van de soort die het beleid doorlaat", NULL},
    {"value-range", "een getal buiten de grenzen die het beleid doorlaat", NULL},
    {"date-form", "een datum in geen van de vormen die het beleid noemt", NULL},
    {"quasi-missing", "een veld dat telt voor wie op elkaar lijkt (`quasi`) ontbreekt", NULL},
    {"quasi-too-long", "een waarde die telt voor wie op elkaar lijkt (`quasi`, `l`) is langer dan mag", NULL},
    {"value-unlisted", "een waarde staat niet in de hiërarchie die het beleid noemt", NULL},
    {"reference-form", "een verwijzing heeft niet de vorm en een soort die het beleid noemt", NULL},
    {"text-too-large", "een vrije tekst is langer dan mag", NULL},
    {"json-broken", "een regel is geen geldige JSON", NULL},
    {"json-duplicate-key", "een object heeft tweemaal dezelfde sleutel", NULL},
    {"json-depth", "objecten zijn dieper genest dan mag", NULL},
    {"mail-header", "een kop van een bericht is niet te lezen", NULL},
    {"mail-address", "wat het beleid voor adressen in een bericht houdt zijn er geen", NULL},
    {"mail-broken", "de delen van een bericht zijn niet uit elkaar te houden", NULL},
    {"mail-encoding",
	"een deel van een bericht is gecodeerd op een wijze die niet wordt gelezen, of beschadigd", NULL},
    {"mail-charset", "een deel van een bericht heeft een tekenset die niet wordt gelezen", NULL},
    {"mail-attachment", "een bericht heeft een bijlage", NULL},
    {"mail-html", "een bericht heeft tekst in HTML", NULL},
    {"mail-depth", "delen van een bericht zijn dieper genest dan mag", NULL},
    {"mail-parts", "een bericht heeft meer delen dan mag", NULL},
    {"subject-several", "wat de persoon aanwijst staat er meer dan eens, met verschillende waarden", NULL},
    {"xml-broken", "geen welgevormde XML, of met namen buiten ASCII", NULL},
    {"xml-doctype", "er is een documenttype, dat entiteiten kan verklaren", NULL},
    {"xml-entity", "een verwijzing naar een entiteit die geen van de vijf van XML is", NULL},
    {"xml-encoding", "de tekencodering is niet die het document noemt, of een die niet wordt gelezen", NULL},
    {"xml-namespace", "een naamruimte die het beleid niet noemt", NULL},
    {"xml-depth", "elementen zijn dieper genest dan mag", NULL},
    {"xml-attributes", "een element heeft meer attributen dan mag", NULL},
    {"field-unnamed", "een veld dat het beleid niet noemt", NULL},
    {"dicom-preamble", "begint niet als een DICOM-bestand", NULL},
    {"dicom-broken", "de gegevenselementen zijn niet tot het einde te volgen", NULL},
    {"dicom-vr", "een gegevenselement van een soort die de norm niet kent", NULL},
    {"dicom-syntax", "een transfer syntax die niet wordt gelezen", NULL},
    {"dicom-deflated", "gecomprimeerd (deflate), wat niet wordt gelezen", NULL},
    {"dicom-pixels", "de beeldgegevens hebben niet de omvang die de kenmerken noemen", NULL},
    {"dicom-modality", "een modaliteit die het beleid niet noemt", NULL},
    {"dicom-burned-in", "er kan tekst in het beeld gebrand staan", NULL},
    {"dicom-recognizable", "er kan een persoon herkenbaar in beeld zijn", NULL},
    {"dicom-too-large", "groter dan een DICOM-bestand mag zijn", NULL},
    {"dicom-depth", "reeksen zijn dieper genest dan mag", NULL},
    {"dicom-sop-class", "een soort object (verslag, document, map) die niet is te schonen", NULL},
    {"check-bsn", "de tweede controle vond een burgerservicenummer", NULL},
    {"check-iban", "de tweede controle vond een bankrekening", NULL},
    {"check-email", "de tweede controle vond een e-mailadres", NULL},
    {"check-phone", "de tweede controle vond een telefoonnummer", NULL},
    {"check-postcode", "de tweede controle vond een postcode", NULL},
    {"check-date", "de tweede controle vond een datum", NULL},
    {"check-name", "de tweede controle vond de naam van een persoon", NULL},
    {"check-known", "de tweede controle vond wat de tabel van personen over deze persoon zegt", NULL},
    {"check-dicom-tag", "de tweede controle vond een identificerend DICOM-kenmerk met een waarde", NULL},
    {"check-private-tag", "de tweede controle vond eigen kenmerken van een fabrikant in DICOM", NULL},
    {"check-dicom", "de tweede controle kon een DICOM-onderdeel niet lezen", NULL},
    {"check-encoded", "de tweede controle vond iets gecodeerds dat zij niet kan lezen", NULL},
    {"check-xml", "de tweede controle kon XML niet lezen", NULL},
    {"check-csv", "de tweede controle kon een tabel niet lezen", NULL},
    {"check-jsonl", "de tweede controle kon JSON niet lezen", NULL},
    {"check-text", "de tweede controle kon een tekst niet lezen", NULL},
    {"check-sample", "hoort bij een geheel waarvan de tweede controle het eerste deel tegenhield", NULL},
    {"check-bsn-share", "getallen van een kolom doorstaan de elfproef veel vaker dan toeval", NULL},
    {"check-canary", "een waarde die bij wijze van proef was geplant kwam niet bij de tweede controle", NULL},
    {"check-form", "een onderdeel heeft niet de vorm die zijn soort zegt", NULL},
    {NULL, NULL, NULL},
};

void
page_reason(struct page *p, const char *reason)
{
	const struct word *word = find(reason_words, reason);
	const char *english = report_reason_text(reason);

	if (p->dutch && word != NULL) {
		page_text(p, word->dutch);
	} else if (english != NULL) {
		page_raw(p, p->dutch ? "<span lang=\"en\">" : "<span>");
		page_text(p, english);
		page_raw(p, "</span>");
	} else {
		page_text(p, reason);
	}
}
