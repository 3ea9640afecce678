/* The words that decide what a number is: keywords, months, units. Written from general knowledge. */
#include "detect.h"

#include <pthread.h>
#include <string.h>

struct entry {
	const char *text; /* lower case */
	uint32_t classes;
	unsigned value;
};

/* clang-format off */
static const struct entry entries[] = {
	{"jan", W_MONTH | W_SHORT, 1}, {"januari", W_MONTH, 1}, {"january", W_MONTH | W_ENGLISH, 1},
	{"feb", W_MONTH | W_SHORT, 2}, {"febr", W_MONTH | W_SHORT, 2}, {"februari", W_MONTH, 2},
	{"february", W_MONTH | W_ENGLISH, 2}, {"mrt", W_MONTH | W_SHORT, 3}, {"maart", W_MONTH, 3},
	{"mar", W_MONTH | W_SHORT | W_ENGLISH, 3}, {"march", W_MONTH | W_ENGLISH, 3}, {"apr", W_MONTH | W_SHORT, 4},
	{"april", W_MONTH, 4}, {"mei", W_MONTH, 5}, {"may", W_MONTH | W_ENGLISH, 5}, {"jun", W_MONTH | W_SHORT, 6},
	{"juni", W_MONTH, 6}, {"june", W_MONTH | W_ENGLISH, 6}, {"jul", W_MONTH | W_SHORT, 7}, {"juli", W_MONTH, 7},
	{"july", W_MONTH | W_ENGLISH, 7}, {"aug", W_MONTH | W_SHORT, 8}, {"augustus", W_MONTH, 8},
	{"august", W_MONTH | W_ENGLISH, 8}, {"sep", W_MONTH | W_SHORT, 9}, {"sept", W_MONTH | W_SHORT, 9},
	{"september", W_MONTH, 9}, {"okt", W_MONTH | W_SHORT, 10}, {"oktober", W_MONTH, 10},
	{"oct", W_MONTH | W_SHORT | W_ENGLISH, 10}, {"october", W_MONTH | W_ENGLISH, 10}, {"nov", W_MONTH | W_SHORT, 11},
	{"november", W_MONTH, 11}, {"dec", W_MONTH | W_SHORT, 12}, {"december", W_MONTH, 12},

	{"maandag", W_WEEKDAY, 1}, {"dinsdag", W_WEEKDAY, 2}, {"woensdag", W_WEEKDAY, 3}, {"donderdag", W_WEEKDAY, 4},
	{"vrijdag", W_WEEKDAY, 5}, {"zaterdag", W_WEEKDAY, 6}, {"zondag", W_WEEKDAY, 7}, {"ma", W_WEEKDAY, 1},
	{"di", W_WEEKDAY, 2}, {"wo", W_WEEKDAY, 3}, {"do", W_WEEKDAY, 4}, {"vr", W_WEEKDAY, 5}, {"za", W_WEEKDAY, 6},
	{"zo", W_WEEKDAY, 7}, {"monday", W_WEEKDAY, 1}, {"tuesday", W_WEEKDAY, 2}, {"wednesday", W_WEEKDAY, 3},
	{"thursday", W_WEEKDAY, 4}, {"friday", W_WEEKDAY, 5}, {"saturday", W_WEEKDAY, 6}, {"sunday", W_WEEKDAY, 7},

	{"voorjaar", W_SEASON, 1}, {"lente", W_SEASON, 1}, {"zomer", W_SEASON, 2}, {"najaar", W_SEASON, 3},
	{"herfst", W_SEASON, 3}, {"winter", W_SEASON, 4}, {"kerst", W_SEASON, 5}, {"kerstmis", W_SEASON, 5},
	{"pasen", W_SEASON, 6}, {"pinksteren", W_SEASON, 7}, {"hemelvaart", W_SEASON, 8}, {"sinterklaas", W_SEASON, 9},
	{"carnaval", W_SEASON, 10}, {"koningsdag", W_SEASON, 11}, {"zomervakantie", W_SEASON, 12},
	{"kerstvakantie", W_SEASON, 13}, {"herfstvakantie", W_SEASON, 14}, {"nieuwjaar", W_SEASON, 15},
	{"voorjaarsvakantie", W_SEASON, 16}, {"meivakantie", W_SEASON, 17}, {"oudjaar", W_SEASON, 18},
	{"spring", W_SEASON | W_ENGLISH, 1}, {"summer", W_SEASON | W_ENGLISH, 2}, {"autumn", W_SEASON | W_ENGLISH, 3},
	{"christmas", W_SEASON | W_ENGLISH, 5}, {"easter", W_SEASON | W_ENGLISH, 6},

	{"geb", W_BIRTH, 0}, {"geboren", W_BIRTH, 0}, {"geboortedatum", W_BIRTH, 0}, {"gebdat", W_BIRTH, 0},
	{"geboortejaar", W_BIRTH, 0}, {"bouwjaar", W_BIRTH, 0}, {"dob", W_BIRTH, 0}, {"born", W_BIRTH, 0},
	{"datum", W_BIRTH, 0}, {"dd", W_BIRTH, 0}, {"gebd", W_BIRTH, 0}, {"geboortedd", W_BIRTH, 0},

	{"rsin", W_RSIN, 0}, {"fiscaal", W_RSIN, 0}, {"fiscaalnummer", W_RSIN, 0}, {"finummer", W_RSIN, 0},
	{"loonheffingennummer", W_RSIN, 0}, {"loonheffingen", W_RSIN, 0},
	{"onderwijsnummer", W_EDUCATION, 0}, {"pgn", W_EDUCATION, 0}, {"persoonsgebonden", W_EDUCATION, 0},
	{"leerlingnummer", W_EDUCATION, 0}, {"onderwijsnr", W_EDUCATION, 0}, {"eckid", W_EDUCATION, 0},
	{"btw", W_VAT, 0}, {"vat", W_VAT, 0}, {"omzetbelasting", W_VAT, 0}, {"omzetbelastingnummer", W_VAT, 0},
	{"btwid", W_VAT, 0}, {"btwnummer", W_VAT, 0}, {"btwnr", W_VAT, 0},
	{"brin", W_BRIN, 0}, {"brincode", W_BRIN, 0}, {"brinnummer", W_BRIN, 0}, {"brinnr", W_BRIN, 0},
	{"kenteken", W_PLATE, 0}, {"kentekennummer", W_PLATE, 0}, {"nummerbord", W_PLATE, 0}, {"auto", W_PLATE, 0},
	{"nummerplaat", W_PLATE, 0}, {"kentekenplaat", W_PLATE, 0}, {"voertuig", W_PLATE, 0}, {"bromfiets", W_PLATE, 0},
	{"scooter", W_PLATE, 0}, {"motor", W_PLATE, 0}, {"scootmobiel", W_PLATE, 0}, {"kent", W_PLATE, 0},
	{"paspoort", W_DOCUMENT, 0}, {"paspoortnummer", W_DOCUMENT, 0}, {"paspoortnr", W_DOCUMENT, 0},
	{"passport", W_DOCUMENT, 0}, {"identiteitskaart", W_DOCUMENT, 0}, {"identiteitsbewijs", W_DOCUMENT, 0},
	{"idkaart", W_DOCUMENT, 0}, {"id", W_DOCUMENT, 0}, {"documentnummer", W_DOCUMENT, 0}, {"documentnr", W_DOCUMENT, 0},
	{"rijbewijs", W_DOCUMENT, 0}, {"rijbewijsnummer", W_DOCUMENT, 0}, {"rijbewijsnr", W_DOCUMENT, 0},
	{"legitimatie", W_DOCUMENT, 0}, {"legitimatiebewijs", W_DOCUMENT, 0}, {"verblijfsdocument", W_DOCUMENT, 0},
	{"verblijfsvergunning", W_DOCUMENT, 0}, {"vreemdelingendocument", W_DOCUMENT, 0}, {"wid", W_DOCUMENT, 0},
	{"reisdocument", W_DOCUMENT, 0}, {"vluchtelingenpaspoort", W_DOCUMENT, 0}, {"w-document", W_DOCUMENT, 0},
	{"agb", W_AGB, 0}, {"agbcode", W_AGB, 0}, {"agbnummer", W_AGB, 0}, {"agbnr", W_AGB, 0}, {"agbcodes", W_AGB, 0},
	{"big", W_BIG, 0}, {"bignummer", W_BIG, 0}, {"bignr", W_BIG, 0}, {"bigregistratie", W_BIG, 0},
	{"bigregister", W_BIG, 0}, {"bigregistratienummer", W_BIG, 0},
	{"kvk", W_KVK, 0}, {"kvknummer", W_KVK, 0}, {"kvknr", W_KVK, 0}, {"koophandel", W_KVK, 0},
	{"handelsregister", W_KVK, 0}, {"vestigingsnummer", W_KVK, 0}, {"vestigingsnr", W_KVK, 0},
	{"handelsregisternummer", W_KVK, 0},
	{"vnummer", W_VNUMBER, 0}, {"vnr", W_VNUMBER, 0}, {"vreemdelingennummer", W_VNUMBER, 0}, {"v", W_VNUMBER, 0},
	{"vreemdelingnummer", W_VNUMBER, 0}, {"ind", W_VNUMBER, 0},
	{"creditcard", W_CARD, 0}, {"creditcardnummer", W_CARD, 0}, {"creditcardnr", W_CARD, 0}, {"visa", W_CARD, 0},
	{"mastercard", W_CARD, 0}, {"maestro", W_CARD, 0}, {"amex", W_CARD, 0}, {"kaartnummer", W_CARD, 0},
	{"pasnummer", W_CARD, 0},
	{"ip", W_IP, 0}, {"ipadres", W_IP, 0}, {"ipv4", W_IP, 0}, {"ipv6", W_IP, 0}, {"server", W_IP, 0}, {"host", W_IP, 0},
	{"werkstation", W_IP, 0}, {"pc", W_IP, 0}, {"computer", W_IP, 0}, {"ping", W_IP, 0},
	{"versie", W_VERSION, 0}, {"version", W_VERSION, 0}, {"release", W_VERSION, 0}, {"firmware", W_VERSION, 0},
	{"software", W_VERSION, 0}, {"softwareversie", W_VERSION, 0}, {"paragraaf", W_VERSION, 0}, {"hoofdstuk", W_VERSION, 0},
	{"sectie", W_VERSION, 0}, {"artikel", W_VERSION, 0}, {"oid", W_VERSION, 0}, {"uid", W_VERSION, 0}, {"ver", W_VERSION, 0},
	{"isbn", W_VERSION, 0}, {"issn", W_VERSION, 0}, {"doi", W_VERSION, 0}, {"pmid", W_VERSION, 0},

	{"mrn", W_PATIENT, 0}, {"zis", W_PATIENT, 0}, {"epd", W_PATIENT | W_WEAK, 0}, {"patientnummer", W_PATIENT, 0},
	{"patiëntnummer", W_PATIENT, 0}, {"patientnr", W_PATIENT, 0}, {"patiëntnr", W_PATIENT, 0}, {"patnr", W_PATIENT, 0},
	{"patiëntennummer", W_PATIENT, 0}, {"patientennummer", W_PATIENT, 0}, {"patid", W_PATIENT, 0}, {"pid", W_PATIENT | W_WEAK, 0},
	{"patient", W_PATIENT | W_WEAK, 0}, {"patiënt", W_PATIENT | W_WEAK, 0}, {"pat", W_PATIENT | W_WEAK, 0}, {"pt", W_PATIENT | W_WEAK, 0},
	{"patientid", W_PATIENT, 0}, {"dossier", W_PATIENT | W_WEAK, 0}, {"dossiernummer", W_PATIENT, 0}, {"dossiernr", W_PATIENT, 0},
	{"zisnummer", W_PATIENT, 0}, {"zisnr", W_PATIENT, 0}, {"statusnummer", W_PATIENT, 0}, {"opnamenummer", W_PATIENT, 0},
	{"opnamenr", W_PATIENT, 0}, {"cliënt", W_PATIENT | W_WEAK, 0}, {"client", W_PATIENT | W_WEAK, 0}, {"cliëntnummer", W_PATIENT, 0},
	{"clientnummer", W_PATIENT, 0}, {"cliëntnr", W_PATIENT, 0}, {"clientnr", W_PATIENT, 0}, {"ponskaartnummer", W_PATIENT, 0},
	{"ponsplaatje", W_PATIENT, 0}, {"medischdossier", W_PATIENT, 0}, {"ziekenhuisnummer", W_PATIENT, 0},
	{"registratienummer", W_PATIENT, 0}, {"regnr", W_PATIENT, 0}, {"bewonersnummer", W_PATIENT, 0},
	{"nummerbewoner", W_PATIENT, 0}, {"hospitalnumber", W_PATIENT, 0}, {"casenummer", W_PATIENT, 0},

	{"polis", W_OTHER | W_WEAK, 0}, {"klant", W_OTHER | W_WEAK, 0}, {"zaak", W_OTHER | W_WEAK, 0}, {"relatie", W_OTHER | W_WEAK, 0}, {"verzekerde", W_OTHER | W_WEAK, 0},
	{"verzekerden", W_OTHER | W_WEAK, 0}, {"uzovi", W_OTHER, 0}, {"kenmerk", W_OTHER | W_WEAK, 0}, {"referentie", W_OTHER | W_WEAK, 0},
	{"ref", W_OTHER | W_WEAK, 0}, {"accession", W_OTHER, 0}, {"lidnummer", W_OTHER, 0}, {"digid", W_OTHER, 0}, {"giro", W_OTHER, 0},
	{"rekening", W_OTHER | W_WEAK, 0}, {"rek", W_OTHER | W_WEAK, 0}, {"personeels", W_OTHER | W_WEAK, 0}, {"studie", W_OTHER | W_WEAK, 0},
	{"deelnemer", W_OTHER | W_WEAK, 0}, {"proefpersoon", W_OTHER | W_WEAK, 0}, {"factuur", W_OTHER | W_WEAK, 0}, {"order", W_OTHER | W_WEAK, 0},
	{"imei", W_OTHER, 0}, {"serienr", W_OTHER, 0}, {"sn", W_OTHER, 0}, {"lidmaatschap", W_OTHER | W_WEAK, 0}, {"uzi", W_OTHER, 0},
	{"postcode", W_POSTCODE, 0}, {"pc4", W_POSTCODE, 0}, {"zip", W_POSTCODE, 0},

	{"tel", W_PHONE, 0}, {"telefoon", W_PHONE, 0}, {"telefoonnummer", W_PHONE, 0}, {"telefoonnr", W_PHONE, 0},
	{"telnr", W_PHONE, 0}, {"telnummer", W_PHONE, 0}, {"bel", W_PHONE, 0}, {"bellen", W_PHONE, 0}, {"gsm", W_PHONE, 0},
	{"mobiel", W_PHONE, 0}, {"mob", W_PHONE, 0}, {"mobielnummer", W_PHONE, 0}, {"fax", W_PHONE, 0}, {"faxnummer", W_PHONE, 0},
	{"toestel", W_PHONE | W_EXTENSION, 0}, {"tst", W_PHONE | W_EXTENSION, 0}, {"sein", W_PHONE | W_EXTENSION, 0},
	{"pieper", W_PHONE | W_EXTENSION, 0}, {"doorkiesnummer", W_PHONE | W_EXTENSION, 0}, {"dect", W_PHONE | W_EXTENSION, 0},
	{"seinnummer", W_PHONE | W_EXTENSION, 0}, {"toestelnummer", W_PHONE | W_EXTENSION, 0},
	{"telefonisch", W_PHONE, 0}, {"phone", W_PHONE, 0}, {"mobile", W_PHONE, 0}, {"call", W_PHONE, 0}, {"t", W_PHONE, 0},
	{"bereikbaar", W_PHONE, 0}, {"whatsapp", W_PHONE, 0}, {"noodnummer", W_PHONE, 0}, {"sms", W_PHONE, 0},

	{"nr", W_FILLER | W_NUMBER, 0}, {"nummer", W_FILLER | W_NUMBER, 0}, {"no", W_FILLER | W_NUMBER, 0}, {"num", W_FILLER | W_NUMBER, 0}, {"number", W_FILLER | W_NUMBER, 0},
	{"is", W_FILLER, 0}, {"van", W_FILLER, 0}, {"code", W_FILLER, 0}, {"met", W_FILLER, 0}, {"het", W_FILLER, 0},
	{"de", W_FILLER, 0}, {"onder", W_FILLER, 0}, {"op", W_FILLER, 0}, {"luidt", W_FILLER, 0}, {"nrs", W_FILLER | W_NUMBER, 0},
	{"registratie", W_FILLER, 0}, {"identificatie", W_FILLER, 0}, {"kaart", W_FILLER, 0}, {"adres", W_FILLER, 0},

	{"mg", W_UNIT, 0}, {"ml", W_UNIT, 0}, {"kg", W_UNIT, 0}, {"gr", W_UNIT, 0}, {"g", W_UNIT, 0}, {"mcg", W_UNIT, 0},
	{"µg", W_UNIT, 0}, {"ie", W_UNIT, 0}, {"iu", W_UNIT, 0}, {"mm", W_UNIT, 0}, {"cm", W_UNIT, 0}, {"m", W_UNIT, 0},
	{"km", W_UNIT, 0}, {"mmol", W_UNIT, 0}, {"umol", W_UNIT, 0}, {"µmol", W_UNIT, 0}, {"dd", W_UNIT, 0}, {"x", W_UNIT, 0},
	{"keer", W_UNIT, 0}, {"uur", W_UNIT, 0}, {"u", W_UNIT, 0}, {"min", W_UNIT, 0}, {"minuten", W_UNIT, 0}, {"sec", W_UNIT, 0},
	{"dag", W_UNIT, 0}, {"dagen", W_UNIT, 0}, {"week", W_UNIT, 0}, {"weken", W_UNIT, 0}, {"wk", W_UNIT, 0},
	{"maand", W_UNIT, 0}, {"maanden", W_UNIT, 0}, {"mnd", W_UNIT, 0}, {"jaar", W_UNIT, 0}, {"jaren", W_UNIT, 0},
	{"tabletten", W_UNIT, 0}, {"tablet", W_UNIT, 0}, {"stuks", W_UNIT, 0}, {"graad", W_UNIT, 0}, {"graden", W_UNIT, 0},
	{"euro", W_UNIT, 0}, {"procent", W_UNIT, 0}, {"mmhg", W_UNIT, 0}, {"slagen", W_UNIT, 0}, {"kilo", W_UNIT, 0},
	{"meter", W_UNIT, 0}, {"liter", W_UNIT, 0}, {"l", W_UNIT, 0}, {"dl", W_UNIT, 0}, {"cc", W_UNIT, 0}, {"mv", W_UNIT, 0},
	{"hz", W_UNIT, 0}, {"kcal", W_UNIT, 0}, {"gy", W_UNIT, 0}, {"fracties", W_UNIT, 0}, {"kuren", W_UNIT, 0},
	{"tot", W_UNIT, 0}, {"punten", W_UNIT, 0}, {"personen", W_UNIT, 0}, {"mensen", W_UNIT, 0}, {"kinderen", W_UNIT, 0},
	{"patiënten", W_UNIT, 0}, {"bij", W_UNIT, 0},
};
/* clang-format on */

#define ENTRY_COUNT (sizeof(entries) / sizeof(entries[0]))
#define SLOTS 2048

static struct {
	uint32_t hash;
	uint16_t entry; /* its index and 1; 0: free */
} slots[SLOTS];
static pthread_once_t built = PTHREAD_ONCE_INIT;

_Static_assert(ENTRY_COUNT < SLOTS / 2, "the table of words is too full");

static void
build(void)
{
	for (size_t i = 0; i < ENTRY_COUNT; i++) {
		uint32_t hash = token_hash((const uint8_t *)entries[i].text, strlen(entries[i].text));
		size_t slot = hash % SLOTS;

		while (slots[slot].entry != 0)
			slot = (slot + 1) % SLOTS;
		slots[slot].hash = hash;
		slots[slot].entry = (uint16_t)(i + 1);
	}
}

void
words_ready(void)
{
	(void)pthread_once(&built, build);
}

bool
word_same(const uint8_t *s, size_t len, const char *text)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0' || (s[i] | 0x20) != ((uint8_t)text[i] | 0x20))
			return false;
	return text[len] == '\0';
}

uint32_t
word_classes(const uint8_t *s, size_t len, uint32_t hash, unsigned *value)
{
	uint32_t classes = 0;

	/* A word can stand in the list twice, with another class. */
	for (size_t slot = hash % SLOTS; slots[slot].entry != 0; slot = (slot + 1) % SLOTS) {
		const struct entry *entry = &entries[slots[slot].entry - 1];

		if (slots[slot].hash != hash || !word_same(s, len, entry->text))
			continue;
		classes |= entry->classes;
		if (value != NULL && entry->value != 0)
			*value = entry->value;
	}
	return classes;
}

static bool
ends_with(const uint8_t *s, size_t len, const char *end)
{
	size_t n = strlen(end);

	return len > n && word_same(s + len - n, n, end);
}

uint32_t
token_classes(const struct work *w, const struct token *t)
{
	/* compounds with "nummer" that name no one */
	static const char *const none[] = {"huis", "kamer", "versie", "lot", "batch", "charge", "type",
	    "model", "artikel", "catalogus", "volg", "rang", "lijn", "bus", "bed", "loket", "spoor", "pagina",
	    "ge", "be", "atoom", "jaar"};
	const uint8_t *s = w->in.s + t->start;
	uint32_t classes;
	size_t len = t->len;

	if (len == 0)
		return 0;
	if ((classes = word_classes(s, len, t->hash, NULL)) != 0)
		return classes;
	if (ends_with(s, len, "nummer"))
		len -= 6;
	else if (ends_with(s, len, "nr"))
		len -= 2;
	else
		return 0;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (word_same(s, len, none[i]))
			return 0;
	return W_OTHER;
}

uint32_t
context_before(const struct work *w, const struct token *t)
{
	uint32_t all = 0;
	size_t from = t->start;

	for (int i = 0; i < CONTEXT_TOKENS; i++) {
		const struct token *before = t - 1 - i;
		uint32_t classes;

		if (before->len == 0 || from - token_end(before) > CONTEXT_GAP || before->shape & TOKEN_DIGIT)
			break;
		classes = token_classes(w, before);
		all |= classes;
		from = before->start;
	}
	return all;
}
