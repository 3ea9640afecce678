/*
 * Dutch places, written from general knowledge: municipalities, towns and larger villages, and some cities over the
 * border. Read off once into a table by the hash of the first word.
 */
#include "detect.h"

#include <stdlib.h>
#include <string.h>

/* ?NAME is another word or a surname too: a word for a place must stand before it. ~NAME is one in small letters. */
/* clang-format off */
static const char *const names[] = {
	"groningen", "delfzijl", "appingedam", "~leek", "hoogezand", "veendam", "winschoten", "stadskanaal", "winsum",
	"bedum", "loppersum", "zuidhorn", "?haren", "ter apel", "musselkanaal", "oude pekela", "nieuwe pekela",
	"zuidlaren", "uithuizen", "uithuizermeeden", "eelde", "paterswolde", "~roden", "norg", "sappemeer",
	"slochteren", "siddeburen", "scheemda", "bellingwolde", "vlagtwedde", "middelstum", "marum", "grootegast",
	"leens", "ten boer", "haren gn", "leeuwarden", "sneek", "drachten", "heerenveen", "harlingen", "franeker",
	"dokkum", "bolsward", "workum", "joure", "lemmer", "wolvega", "oosterwolde", "gorredijk", "burgum",
	"surhuisterveen", "kollum", "buitenpost", "~grou", "?makkum", "stiens", "?balk", "hindeloopen", "stavoren",
	"ijlst", "sloten fr", "beetsterzwaag", "appelscha", "noordwolde", "gaasterland", "st annaparochie",
	"sint annaparochie", "west terschelling", "nes ameland", "schiermonnikoog", "vlieland", "terschelling",
	"ameland", "texel", "den burg", "assen", "emmen", "hoogeveen", "meppel", "coevorden", "klazienaveen",
	"beilen", "~borger", "~gieten", "~rolde", "westerbork", "dwingeloo", "havelte", "~ruinen", "zuidwolde",
	"nieuw-amsterdam", "?erica", "schoonebeek", "?dalen", "sleen", "odoorn", "exloo", "?vries", "smilde",
	"zwolle", "enschede", "hengelo", "almelo", "deventer", "~kampen", "hardenberg", "ommen", "raalte", "rijssen",
	"nijverdal", "oldenzaal", "~losser", "haaksbergen", "delden", "~goor", "?borne", "vriezenveen", "tubbergen",
	"ootmarsum", "denekamp", "wierden", "?holten", "markelo", "steenwijk", "vollenhove", "giethoorn",
	"genemuiden", "hasselt", "zwartsluis", "ijsselmuiden", "dalfsen", "nieuwleusen", "staphorst", "dedemsvaart",
	"olst", "wijhe", "bathmen", "heino", "gramsbergen", "almere", "lelystad", "dronten", "zeewolde", "emmeloord",
	"~urk", "?ens", "swifterbant", "biddinghuizen", "marknesse", "arnhem", "nijmegen", "apeldoorn", "~ede",
	"doetinchem", "zutphen", "tiel", "wageningen", "harderwijk", "barneveld", "nijkerk", "winterswijk",
	"zevenaar", "ermelo", "?putten", "?epe", "~heerde", "vaassen", "nunspeet", "elburg", "hattem", "oldebroek",
	"wezep", "'t harde", "veenendaal", "rhenen", "renkum", "oosterbeek", "~velp", "rheden", "~dieren", "~brummen",
	"eerbeek", "~loenen", "lochem", "borculo", "eibergen", "groenlo", "lichtenvoorde", "aalten", "dinxperlo",
	"~varsseveld", "ulft", "gendringen", "terborg", "gaanderen", "wehl", "didam", "'s-heerenberg", "~duiven",
	"westervoort", "?elst", "bemmel", "huissen", "~gendt", "~lent", "wijchen", "druten", "beuningen", "malden",
	"groesbeek", "berg en dal", "heumen", "culemborg", "geldermalsen", "zaltbommel", "?buren", "beesd",
	"kesteren", "opheusden", "ochten", "dodewaard", "andelst", "~zetten", "heteren", "bennekom", "lunteren",
	"otterlo", "garderen", "voorthuizen", "kootwijkerbroek", "scherpenzeel", "?hoevelaken", "uddel", "vorden",
	"hengelo gld", "zelhem", "hummelo", "doesburg", "steenderen", "ruurlo", "neede", "twello", "terwolde",
	"~voorst", "klarenbeek", "beekbergen", "ugchelen", "utrecht", "amersfoort", "nieuwegein", "zeist", "~houten",
	"woerden", "ijsselstein", "~vianen", "leusden", "soest", "?baarn", "bunschoten", "spakenburg", "bunnik",
	"?doorn", "driebergen", "rijsenburg", "de bilt", "bilthoven", "maarssen", "maarssenbroek", "breukelen",
	"vleuten", "de meern", "harmelen", "montfoort", "oudewater", "lopik", "wijk bij duurstede", "leersum",
	"amerongen", "maarn", "maarsbergen", "woudenberg", "renswoude", "mijdrecht", "vinkeveen", "wilnis", "abcoude",
	"kockengen", "linschoten", "schalkwijk", "cothen", "odijk", "werkhoven", "soesterberg", "den dolder",
	"eemnes", "~stichtse vecht", "amsterdam", "haarlem", "zaandam", "hilversum", "alkmaar", "den helder",
	"?hoorn", "purmerend", "amstelveen", "haarlemmermeer", "hoofddorp", "heerhugowaard", "beverwijk", "heemskerk",
	"velsen", "ijmuiden", "zandvoort", "bloemendaal", "heemstede", "aalsmeer", "uithoorn", "diemen", "weesp",
	"?muiden", "naarden", "bussum", "?huizen", "?laren", "blaricum", "edam", "volendam", "monnickendam",
	"enkhuizen", "medemblik", "schagen", "langedijk", "?bergen nh", "castricum", "heiloo", "uitgeest", "limmen",
	"akersloot", "krommenie", "wormerveer", "wormer", "assendelft", "koog aan de zaan", "zaandijk", "westzaan",
	"oostzaan", "landsmeer", "ilpendam", "broek in waterland", "nieuw-vennep", "badhoevedorp", "lisserbroek",
	"zwanenburg", "halfweg", "spaarndam", "santpoort", "driehuis", "overveen", "aerdenhout", "bennebroek",
	"vogelenzang", "kudelstaart", "ouderkerk aan de amstel", "duivendrecht", "schiphol", "amsterdam-zuidoost",
	"nederhorst den berg", "kortenhoef", "'s-graveland", "loosdrecht", "ankeveen", "hollandsche rading",
	"wieringerwerf", "hippolytushoef", "den oever", "anna paulowna", "julianadorp", "callantsoog", "~petten",
	"schoorl", "egmond aan zee", "egmond aan den hoef", "egmond-binnen", "bergen aan zee", "broek op langedijk",
	"noord-scharwoude", "zuid-scharwoude", "obdam", "wognum", "~zwaag", "?blokker", "hoogkarspel", "bovenkarspel",
	"grootebroek", "andijk", "wervershoof", "opmeer", "spanbroek", "avenhorn", "de rijp", "~graft",
	"middenbeemster", "kwadijk", "oosthuizen", "scharwoude", "zuidoostbeemster", "den haag", "'s-gravenhage",
	"rotterdam", "leiden", "dordrecht", "delft", "zoetermeer", "gouda", "schiedam", "vlaardingen", "spijkenisse",
	"capelle aan den ijssel", "alphen aan den rijn", "westland", "katwijk", "gorinchem", "papendrecht",
	"sliedrecht", "zwijndrecht", "ridderkerk", "barendrecht", "hoogvliet", "rijswijk", "voorburg", "leidschendam",
	"wassenaar", "pijnacker", "nootdorp", "maassluis", "hellevoetsluis", "brielle", "oostvoorne", "rockanje",
	"hoek van holland", "naaldwijk", "'s-gravenzande", "?monster", "poeldijk", "wateringen", "de lier",
	"honselersdijk", "kwintsheul", "maasdijk", "den hoorn", "schipluiden", "bleiswijk", "bergschenhoek",
	"berkel en rodenrijs", "lansingerland", "krimpen aan den ijssel", "krimpen aan de lek", "bodegraven",
	"reeuwijk", "waddinxveen", "boskoop", "hazerswoude", "zoeterwoude", "leiderdorp", "oegstgeest", "voorschoten",
	"valkenburg", "rijnsburg", "katwijk aan zee", "noordwijk", "noordwijkerhout", "sassenheim", "voorhout",
	"warmond", "lisse", "hillegom", "~kaag", "nieuwkoop", "ter aar", "roelofarendsveen", "rijpwetering",
	"leimuiden", "koudekerk aan den rijn", "moordrecht", "nieuwerkerk aan den ijssel", "zevenhuizen",
	"moerkapelle", "schoonhoven", "bergambacht", "stolwijk", "haastrecht", "lekkerkerk", "nederlek",
	"alblasserdam", "hendrik-ido-ambacht", "heerjansdam", "puttershoek", "oud-beijerland", "nieuw-beijerland",
	"numansdorp", "strijen", "'s-gravendeel", "middelharnis", "sommelsdijk", "dirksland", "ouddorp", "goedereede",
	"stellendam", "oude-tonge", "ooltgensplaat", "leerdam", "hardinxveld-giessendam", "hardinxveld",
	"giessenburg", "ameide", "meerkerk", "rhoon", "poortugaal", "rozenburg", "nieuw-lekkerland", "?maasland",
	"scheveningen", "loosduinen", "ypenburg", "kijkduin", "ijsselmonde", "pernis", "overschie", "kralingen",
	"charlois", "feijenoord", "middelburg", "vlissingen", "~goes", "terneuzen", "zierikzee", "~hulst", "oostburg",
	"~sluis", "breskens", "~axel", "sas van gent", "~kapelle", "yerseke", "kruiningen", "krabbendijke", "domburg",
	"~veere", "westkapelle", "oost-souburg", "tholen", "sint-maartensdijk", "sint annaland", "renesse",
	"burgh-haamstede", "brouwershaven", "heinkenszand", "'s-heerenhoek", "borssele", "koudekerke", "zoutelande",
	"vrouwenpolder", "sint philipsland", "kloosterzande", "eindhoven", "tilburg", "breda", "'s-hertogenbosch",
	"den bosch", "helmond", "~oss", "roosendaal", "bergen op zoom", "waalwijk", "oosterhout", "veldhoven", "uden",
	"veghel", "boxtel", "etten-leur", "dongen", "kaatsheuvel", "drunen", "vlijmen", "vught", "rosmalen",
	"schijndel", "sint-oedenrode", "?best", "son en breugel", "nuenen", "geldrop", "mierlo", "valkenswaard",
	"waalre", "aalst", "heeze", "~leende", "someren", "?asten", "deurne", "gemert", "bakel", "boekel", "cuijk",
	"boxmeer", "?grave", "?mill", "sint anthonis", "oirschot", "hilvarenbeek", "goirle", "gilze", "?rijen",
	"baarle-nassau", "chaam", "zundert", "rijsbergen", "rucphen", "sint willebrord", "oudenbosch", "zevenbergen",
	"klundert", "willemstad", "fijnaart", "dinteloord", "steenbergen", "halsteren", "hoogerheide", "woensdrecht",
	"ossendrecht", "~putte", "?made", "drimmelen", "raamsdonksveer", "geertruidenberg", "werkendam",
	"?nieuwendijk", "woudrichem", "?almkerk", "sleeuwijk", "aalburg", "wijk en aalburg", "heusden", "haaren",
	"udenhout", "berkel-enschot", "oisterwijk", "moergestel", "loon op zand", "?esch", "sint-michielsgestel",
	"berlicum", "den dungen", "heeswijk-dinther", "nistelrode", "zeeland nb", "schaijk", "ravenstein", "~megen",
	"heesch", "geffen", "~lith", "bladel", "reusel", "eersel", "bergeijk", "budel", "maarheeze", "soerendonk",
	"liempde", "olland", "eerde", "?erp", "mariahout", "aarle-rixtel", "beek en donk", "lieshout", "prinsenbeek",
	"teteringen", "~bavel", "ulvenhout", "terheijden", "wagenberg", "?lage zwaluwe", "hooge zwaluwe", "alphen nb",
	"~riel", "sprang-capelle", "waspik", "sprundel", "schijf", "?wouw", "wernhout", "maastricht", "venlo",
	"sittard", "geleen", "heerlen", "roermond", "kerkrade", "~weert", "venray", "landgraaf", "brunssum",
	"horst aan de maas", "?horst", "panningen", "?echt", "susteren", "?stein", "elsloo", "?beek lb", "meerssen",
	"valkenburg aan de geul", "gulpen", "?vaals", "simpelveld", "voerendaal", "nuth", "hoensbroek", "schinnen",
	"spaubeek", "~bunde", "eijsden", "margraten", "?bocholtz", "eygelshoven", "~born", "grevenbicht", "obbicht",
	"swalmen", "reuver", "tegelen", "blerick", "belfeld", "arcen", "?velden lb", "baarlo", "?kessel", "~helden",
	"maasbree", "sevenum", "grubbenvorst", "?america", "gennep", "ottersum", "?bergen lb", "nieuw-bergen",
	"?heel", "?thorn", "wessem", "maasbracht", "~linne", "sint odiliënberg", "montfort", "posterholt", "herten",
	"heythuysen", "nederweert", "?ell", "hunsel", "maasgouw", "leudal", "peel en maas", "roerdalen", "antwerpen",
	"brussel", "gent", "brugge", "leuven", "?luik", "turnhout", "?genk", "?mol", "maaseik", "lommel", "knokke",
	"düsseldorf", "keulen", "aken", "kleve", "gronau", "nordhorn", "bocholt", "emmerich", "londen", "parijs",
	"berlijn", "hamburg", "münchen", "madrid", "?rome", "istanbul", "ankara", "casablanca", "?tanger",
	"paramaribo", "oranjestad", "philipsburg", "kralendijk", "nador", "oujda", "warschau", "boekarest",
	"bad nieuweschans", "bad bentheim", "nieuw-nickerie", "budel-schoot", "budel-dorplein", "nickerie", "lelydorp", "willemstad", "al hoceima", "alhoceima", "meknes", "tetouan", "rabat", "marrakech", "marrakesh", "agadir", "berkane", "izmir", "konya", "kayseri", "trabzon", "gaziantep", "diyarbakir", "adana", "samsun", "krakau", "gdansk", "poznan", "wroclaw", "lodz", "sofia", "lissabon", "porto", "kumasi", "accra", "lagos", "addis abeba", "hargeisa", "kismayo", "basra", "mosul", "erbil", "sulaymaniyah", "homs", "raqqa", "idlib", "herat", "kandahar", "mazar-i-sharif", "isfahan", "shiraz", "tabriz", "karachi", "lahore", "mumbai", "delhi", "jakarta", "bandung", "surabaya", "hongkong", "hong kong", "shanghai", "peking", "kinshasa", "luanda", "praia", "kiev", "kyiv", "odessa", "charkov", "lviv", "moskou", "belgrado", "sarajevo", "zagreb", "athene", "boedapest", "praag", "wenen", "barcelona", "malaga", "milaan", "napels", "lyon", "marseille", "new york", "damascus", "aleppo", "kabul", "bagdad", "teheran", "mogadishu", "asmara",
};
/* clang-format on */

#define PLACES (sizeof(names) / sizeof(names[0]))
#define PLACES_MAX 4096
#define SLOTS 8192

static uint32_t hashes[PLACES_MAX]; /* of the first word */
static uint8_t lens[PLACES_MAX];
static uint16_t slots[SLOTS]; /* index of a place and 1; 0: free */

_Static_assert(PLACES_MAX <= SLOTS / 2, "the table of places is too full");

/* Bits by the hashes of names of one word, and of the first two words of others: of "de" most are followed by none of them. */
#define FRONT_BITS 16384
static uint64_t fronts[FRONT_BITS / 64];

static size_t
front_of(uint32_t first, uint32_t second)
{
	return (first * 31 + second) * UINT32_C(0x9e3779b1) >> 18;
}

static const char *
name_at(size_t i)
{
	return i < PLACES ? names[i] : village_names[i - PLACES];
}

void
places_each(void (*add)(const char *word, size_t len, uint64_t classes, unsigned value))
{
	if (PLACES + village_count > PLACES_MAX)
		abort(); /* met by every test */
	for (size_t i = 0; i < PLACES + village_count; i++) {
		const char *name = name_at(i) + (name_at(i)[0] == '?' || name_at(i)[0] == '~');
		size_t slot;

		lens[i] = (uint8_t)strlen(name);
		/* 's-Hertogenbosch: by its second word; what stands before is looked at then */
		if (name[0] == '\'')
			name += 3;
		hashes[i] = token_hash((const uint8_t *)name, strcspn(name, " -"));
		slot = strcspn(name, " -");
		slot = front_of(hashes[i],
		    name[slot] == '\0' || name[slot + 1] == '\''
			? 0
			: token_hash((const uint8_t *)name + slot + 1, strcspn(name + slot + 1, " -'/")));
		fronts[slot / 64] |= UINT64_C(1) << slot % 64;
		add(name, strcspn(name, " -"), W_PLACE, 0);
		for (slot = hashes[i] % SLOTS; slots[slot] != 0; slot = (slot + 1) % SLOTS)
			;
		slots[slot] = (uint16_t)(i + 1);
	}
}

bool
place_at(const struct work *w, const struct token *t, size_t *start, size_t *end, uint8_t *mark)
{
	const struct text_in *in = &w->in;
	size_t one, two;
	bool have = false;

	if (!(t->classes & W_PLACE))
		return false;
	one = front_of(t->hash, 0);
	two = front_of(t->hash, t[1].hash);
	if ((fronts[one / 64] >> one % 64 & 1) == 0 && (fronts[two / 64] >> two % 64 & 1) == 0)
		return false;
	for (size_t slot = t->hash % SLOTS; slots[slot] != 0; slot = (slot + 1) % SLOTS) {
		size_t i = slots[slot] - 1, n, from = t->start;
		bool marked = name_at(i)[0] == '?' || name_at(i)[0] == '~';
		const char *name = name_at(i) + marked;

		if (hashes[i] != t->hash)
			continue;
		if (name[0] == '\'') {
			if (from < 3)
				continue;
			from -= 3;
		}
		if ((n = phrase_same(in, from, name, lens[i])) == 0 || (have && from + n <= *end))
			continue;
		have = true;
		*start = from;
		*end = from + n;
		*mark = marked ? (uint8_t)name_at(i)[0] : ' ';
	}
	return have;
}
