/*
 * Institutions that are known by their names, written from general knowledge: hospitals, mental health and long-term care, insurers, schools,
 * housing, employers. National bodies that everybody has to do with (UWV, SVB, CAK, IND, DUO, COA) are none: they tell nobody apart. Read off
 * once into a table by the hash of the first word.
 */
#include "detect.h"

#include <string.h>

/* ~NAME is a word or a person's name too: a capital must begin it. !NAME the same, and an article or "bij" must stand before it. */
/* clang-format off */
static const char *const names[] = {
	/* hospitals */
	"umc utrecht", "umc groningen", "umc st radboud", "umc amsterdam", "amsterdam umc", "maastricht umc", "maastricht umc+", "leids universitair medisch centrum",
	"radboud umc", "radboudumc", "umcg", "lumc", "umcu", "mumc", "mumc+", "vumc", "amc", "olvg", "olvg oost", "olvg west", "erasmus mc", "erasmus mc sophia",
	"sophia kinderziekenhuis", "wilhelmina kinderziekenhuis", "emma kinderziekenhuis", "beatrix kinderziekenhuis", "beatrixziekenhuis", "prinses máxima centrum",
	"prinses maxima centrum", "máxima medisch centrum", "maxima medisch centrum", "máxima mc", "maxima mc", "mmc", "antoni van leeuwenhoek", "antoni van leeuwenhoekziekenhuis",
	"nki-avl", "nki avl", "avl", "catharina ziekenhuis", "catharinaziekenhuis", "reinier de graaf", "reinier de graaf gasthuis", "haga ziekenhuis", "hagaziekenhuis",
	"hmc westeinde", "hmc bronovo", "hmc antoniushove", "haaglanden medisch centrum", "mch westeinde", "bronovo", "antoniushove", "albert schweitzer", "albert schweitzer ziekenhuis",
	"ikazia", "franciscus gasthuis", "franciscus vlietland", "vlietland ziekenhuis", "maasstad ziekenhuis", "maasstadziekenhuis", "ijsselland ziekenhuis", "van weel-bethesda",
	"het van weel-bethesda", "spijkenisse medisch centrum", "groene hart ziekenhuis", "langeland ziekenhuis", "alrijne", "diaconessenhuis", "diakonessenhuis", "martini ziekenhuis",
	"martiniziekenhuis", "ommelander ziekenhuis", "wilhelmina ziekenhuis", "treant", "treant zorggroep", "scheper ziekenhuis", "bethesda ziekenhuis", "refaja", "tjongerschans",
	"nij smellinghe", "antonius ziekenhuis", "sint antonius ziekenhuis", "st antonius ziekenhuis", "st. antonius ziekenhuis", "st. antonius", "medisch centrum leeuwarden", "mcl",
	"frisius mc", "isala", "isala klinieken", "saxenburgh", "röpcke-zweers", "deventer ziekenhuis", "gelre ziekenhuizen", "gelre ziekenhuis", "slingeland", "santiz", "streekziekenhuis koningin beatrix",
	"skb winterswijk", "medisch spectrum twente", "mst", "ziekenhuisgroep twente", "zgt", "rijnstate", "canisius-wilhelmina ziekenhuis", "canisius wilhelmina ziekenhuis", "cwz",
	"sint maartenskliniek", "maartenskliniek", "gelderse vallei", "ziekenhuis gelderse vallei", "rivierenland", "ziekenhuis rivierenland", "meander mc", "meander medisch centrum", "tergooi",
	"tergooi mc", "tergooiziekenhuizen", "flevoziekenhuis", "~mc zuiderzee", "zuyderland", "zuyderland mc", "laurentius ziekenhuis", "viecuri", "sjg weert", "bernhoven", "jeroen bosch ziekenhuis", "jbz",
	"elisabeth-tweesteden ziekenhuis", "elisabeth tweesteden", "etz", "tweesteden ziekenhuis", "elkerliek", "sint anna ziekenhuis", "st. anna ziekenhuis", "anna ziekenhuis", "sint jans gasthuis", "amphia", "bravis", "admiraal de ruyter ziekenhuis",
	"adrz", "zorgsaam", "spaarne gasthuis", "kennemer gasthuis", "rode kruis ziekenhuis", "dijklander ziekenhuis", "westfriesgasthuis", "waterlandziekenhuis", "noordwest ziekenhuisgroep", "nwz",
	"gemini ziekenhuis", "boven-ij ziekenhuis", "bovenij ziekenhuis", "zaans medisch centrum", "amstelland ziekenhuis", "slotervaartziekenhuis", "mc slotervaart", "sint lucas andreas", "bergman clinics",
	"zbc multicare", "xpert clinics", "velthuis kliniek", "rotterdam eye hospital", "oogziekenhuis rotterdam", "havenziekenhuis", "daniel den hoed", "daniël den hoed", "oncologisch centrum", "centraal militair hospitaal",
	"uz leuven", "uz gent", "uza", "az sint-jan", "uniklinik aachen",
	/* rehabilitation, mental health */
	"!adelante", "adelante revalidatie", "de hoogstraat", "hoogstraat revalidatie", "klimmendaal", "heliomare", "rijndam", "basalt revalidatie", "sophia revalidatie", "roessingh", "het roessingh", "libra revalidatie", "blixembosch",
	"revant", "merem", "vogellanden", "tolbrug", "leijpark", "!reade", "beatrixoord", "militair revalidatie centrum", "winnock", "ciran", "~parnassia", "!antes", "bavo europoort", "psyq", "brijder", "altrecht", "arkin", "jellinek", "mentrum",
	"ggz ingeest", "ggz drenthe", "ggz friesland", "ggz noord-holland-noord", "ggz centraal", "ggz rivierduinen", "ggz delfland", "ggz breburg", "ggz oost brabant", "ggz eindhoven", "ggz westelijk noord-brabant", "ggz delfzicht", "lentis", "dimence", "mediant", "tactus",
	"iriszorg", "pro persona", "propersona", "reinier van arkel", "novadic-kentron", "novadic kentron", "~mondriaan", "met ggz", "vincent van gogh", "~lievegoed", "emergis", "yulius", "trajectum", "fivoor", "pompestichting", "oldenkotte", "van mesdag", "van mesdagkliniek", "de rooyse wissel",
	"oostvaarderskliniek", "hoeve boschoord", "inforsa", "kijvelanden", "molemann", "u-center", "ggnet", "!indigo", "!karakter", "accare", "de bascule", "levvel", "curium", "herlaarhof", "triversum", "spirit jeugdhulp", "pactum", "entrea", "lindenhout",
	"horizon jeugdzorg", "pluryn", "intermetzo", "youké", "jarabee", "cardea", "juzt", "combinatie jeugdzorg", "jeugdbescherming brabant", "jeugdbescherming west", "jeugdbescherming noord", "william schrikker", "william schrikker groep", "leger des heils", "samen veilig midden-nederland",
	"moviera", "blijf groep", "!fier", "kadera", "limor", "hvo-querido", "hvo querido", "lister", "kwintes", "riwis", "ribw", "anton constandse", "pameijer", "asvz", "philadelphia", "s heeren loo", "'s heeren loo", "cordaan", "ons tweede thuis", "amerpoort", "bartiméus", "bartimeus", "!visio",
	"koninklijke visio", "kentalis", "koninklijke kentalis", "auris", "esdégé-reigersdaal", "odion", "middin", "ipse de bruggen", "gemiva", "prinsenstichting", "!dichterbij", "~lunet", "severinus", "!cello", "~amarant", "!prisma", "!siza", "driestroom", "estinea", "aveleijn", "de twentse zorgcentra",
	"vanboeijen", "cosis", "talant", "humanitas dmh", "!sherpa", "abrona", "reinaerde", "syndion", "swz zorg", "de zijlen", "philadelphia zorg", "elver",
	/* care of the old, at home */
	"buurtzorg", "amstelring", "zorggroep amsterdam oost", "cordaan thuiszorg", "evean", "viva! zorggroep", "viva zorggroep", "sint jacob", "zorgbalans", "sensire", "carint", "carintreggeland", "liberein", "trivium meulenbelt", "zorgaccent", "icare", "zorggroep drenthe", "tangenborgh", "interzorg", "~noorderbreedte",
	"kwadrantgroep", "!palet", "patyna", "zorggroep apeldoorn", "zorggroep noorderbreedte", "!atlant", "innoforte", "vilente", "opella", "zinzia", "!attent", "pleyade", "zzg zorggroep", "waalboog", "kalorama", "brabantzorg", "zorggroep elde", "vivent", "van neynsel", "thebe", "!surplus", "mijzo", "volckaert", "de wever",
	"tante louise", "groenhuysen", "avoord", "park zuiderhout", "allevo", "svrz", "wvo zorg", "zorgstroom", "eilandzorg", "careyn", "~humanitas", "lelie zorggroep", "waardeburgh", "swinhove", "crabbehoff", "argos zorggroep", "frankelandgroep", "pieter van foreest", "!saffier", "respect zorggroep",
	"haagse wijk- en woonzorg", "woonzorgcentra haaglanden", "marente", "!topaz", "libertas leiden", "activite", "activité", "alrijne zorggroep", "wijdezorg", "zorgpartners", "fundis", "vierstroom", "de zellingen", "axion continu", "axioncontinu", "!warande", "accolade zorg", "beweging 3.0", "king arthur groep", "amaris", "hilverzorg",
	"vivium", "inovum", "woonzorg flevoland", "!coloriet", "zorggroep almere", "zorggroep oude en nieuwe land", "proteion", "de zorggroep", "land van horne", "meandergroep", "cicero zorggroep", "sevagram", "envida", "vivantes", "!archipel", "!savant", "zorgboog", "de zorgboog", "oktober zorg", "joris zorg", "rsz", "st. jozefzorg",
	"privazorg", "tzorg", "allerzorg", "zorgservice xl", "het zorghuis", "domus magnus", "martha flora", "dagelijks leven", "!herbergier", "thomashuis",
	/* insurers */
	"zilveren kruis", "achmea", "vgz", "univé", "unive", "cz groep", "~cz", "ohra", "nationale-nederlanden", "menzis", "anderzorg", "dsw", "onvz", "zorg en zekerheid", "de friesland", "friesland zorgverzekeraar", "~iza", "~umc zorgverzekering", "interpolis", "fbto", "ditzo", "~asr", "aevitae", "caresq", "zekur", "!zorgzaam", "stad holland",
	"salland zorgverzekeraar", "eno zorgverzekeraar", "aegon", "allianz", "centraal beheer", "loyalis", "promovendum", "besured", "just zorgverzekering", "pno zorg", "~ing", "ing bank", "rabobank", "abn amro", "~abn", "sns bank", "asn bank", "triodos", "knab", "bunq", "van lanschot",
	/* schools and universities */
	"universiteit utrecht", "universiteit leiden", "universiteit van amsterdam", "universiteit maastricht", "universiteit twente", "universiteit van tilburg", "tilburg university", "vrije universiteit", "vrije universiteit amsterdam", "rijksuniversiteit groningen", "radboud universiteit", "erasmus universiteit", "erasmus universiteit rotterdam", "wageningen university",
	"tu delft", "tu eindhoven", "technische universiteit delft", "technische universiteit eindhoven", "open universiteit", "~uva", "~rug", "hogeschool utrecht", "hogeschool rotterdam", "hogeschool van amsterdam", "hogeschool van arnhem en nijmegen", "hogeschool leiden", "haagse hogeschool", "hanzehogeschool", "hanzehogeschool groningen", "fontys", "avans",
	"saxion", "windesheim", "inholland", "nhl stenden", "zuyd hogeschool", "christelijke hogeschool ede", "hogeschool viaa", "aeres", "van hall larenstein", "has green academy", "design academy", "roc van twente", "roc van amsterdam", "roc midden nederland", "roc mondriaan", "roc nijmegen", "roc tilburg", "roc ter aa", "roc de leijgraaf", "roc horizon college",
	"roc van flevoland", "roc friese poort", "roc rivor", "summa college", "koning willem i college", "albeda", "albeda college", "zadkine", "graafschap college", "noorderpoort", "noorderpoortcollege", "alfa-college", "alfa college", "drenthe college", "deltion", "deltion college", "landstede", "aventus", "rijn ijssel", "rijnijssel", "gilde opleidingen", "vista college", "da vinci college",
	"hoornbeeck college", "scalda", "curio", "nova college", "regio college", "clusius college", "wellantcollege", "mbo utrecht", "mbo amersfoort", "grafisch lyceum", "hout- en meubileringscollege", "firda", "mbo rijnland", "id college", "lentiz",
	/* housing, courts, police */
	"ymere", "eigen haard", "rochdale", "de key", "!stadgenoot", "vestia", "haag wonen", "staedion", "woonbron", "havensteder", "!portaal", "mitros", "woonin", "bo-ex", "vidomes", "de alliantie", "woonstad rotterdam", "!rentree", "domesta", "lefier", "nijestee", "de huismeesters", "elkien", "!accolade", "wonenbreburg", "tbv wonen", "tiwos", "woonbedrijf", "trudo", "sint trudo", "vivare",
	"volkshuisvesting arnhem", "!talis", "woongoed", "de woonplaats", "!domijn", "mijande wonen", "welbions", "ons huis", "openbaar ministerie", "het juridisch loket", "gilze-rijen azc", "ter apel azc",
	/* employers, shops */
	"albert heijn", "jumbo supermarkten", "~jumbo", "~lidl", "~aldi", "~plus supermarkt", "~hema", "~action", "~ikea", "~praxis", "~gamma", "~karwei", "~kruidvat", "~etos", "mediamarkt", "coolblue", "bol.com", "zalando", "~blokker", "~xenos", "~zeeman", "primark", "c&a", "h&m", "decathlon", "~intertoys", "!philips", "asml", "nxp", "~vdl", "vdl groep", "daf trucks", "~daf", "scania", "tata steel", "hoogovens", "corus",
	"shell nederland", "~shell", "akzo nobel", "akzonobel", "~dsm", "unilever", "heineken", "grolsch", "bavaria brouwerij", "frieslandcampina", "campina", "vion", "~nestlé", "danone", "nutricia", "douwe egberts", "van oord", "boskalis", "damen shipyards", "~heijmans", "bam bouw", "volkerwessels", "strukton", "dura vermeer", "ballast nedam", "tno", "sanquin", "postnl", "dhl", "dpd", "klm", "schiphol group", "transavia",
	"~ns", "prorail", "arriva", "connexxion", "qbuzz", "~gvb", "~ret", "~htm", "kpn", "ziggo", "vodafone", "t-mobile", "odido", "tele2", "essent", "eneco", "vattenfall", "vitens", "evides", "brabant water", "dunea", "wehkamp", "werkzaak rivierenland", "nuon", "greenchoice", "alliander", "liander", "enexis", "stedin", "tennet", "gasunie", "capgemini", "ordina", "~cgi", "~accenture", "deloitte", "kpmg", "pwc", "ernst & young", "tempo-team", "tempo team", "randstad uitzendbureau", "manpower", "adecco", "start people", "olympia uitzendbureau",
	"young capital", "youngcapital", "timing uitzendbureau", "luba", "unique uitzendbureau", "otto workforce", "covebo", "tempo team", "picnic", "~thuisbezorgd", "~uber", "booking.com", "~sodexo", "~albron", "vebego", "~hago", "csu schoonmaak", "~asito", "~trigion", "g4s", "securitas", "facilicom", "benu apotheek", "service apotheek", "mediq apotheek", "alphega apotheek", "kring-apotheek", "boots apotheek", "medsen apotheek", "brocacef", "fagron",
	"mediq", "medux", "welzorg", "hulpmiddelencentrum", "kersten hulpmiddelen", "vegro", "medipoint", "livit", "oim orthopedie", "star-shl", "star shl", "saltro", "atalmedial", "unilabs", "certe", "medlon", "diagnovum", "eurofins", "salt diagnostisch centrum", "zorgned", "unik", "incluzio", "vilans", "trimbos-instituut", "trimbos instituut", "nivel", "integraal kankercentrum nederland", "iknl", "hersenstichting", "alzheimer nederland",
	"vluchtelingenwerk", "nidos", "het rode kruis", "rode kruis",
	/* more of all of these */
	"!jeroen bosch", "haga juliana", "haga leyweg", "haga zoetermeer", "~maasstad", "!ommelander", "ronald mcdonald huis", "ronald mcdonaldhuis", "kempenhaeghe", "dianet", "~dialyse centrum groningen", "nefrovisie", "sint anna", "vivisol", "westfalen medical", "linde homecare", "~mediveen",
	"medireva", "mathot", "monuta", "!dela", "yarden", "bodar", "pcm uitvaart", "~vnn", "verslavingszorg noord nederland", "antes zorg", "!libra", "rijndam revalidatie", "de hoogstraat revalidatie", "roessingh revalidatie", "merem revalidatie", "nocepta", "equipe zorgbedrijven", "bergman kliniek", "mohs klinieken", "oogziekenhuis zonnestraal",
	"eyescan", "de oogartsen", "orthopedium", "orthoparc", "viasana", "annatommie mc", "annatommie", "nederlandse obesitas kliniek", "ggn", "flanderijn", "lavg", "syncasso", "cannock chase", "intrum", "vesting finance", "kredietbank nederland", "plangroep", "zuidweg & partners", "modus vivendi", "humanitas thuisadministratie", "schuldhulpmaatje",
	"uitgekookt", "apetito", "!regiotaxi", "valys", "transvision", "munckhof", "~witte kruis", "ambulance amsterdam", "rav brabant", "umcg ambulancezorg", "axira", "regionale ambulance voorziening", "meldkamer noord-nederland", "bijlmerbajes", "pi vught", "pi lelystad", "pi ter apel", "pi zwolle", "pi nieuwegein", "pi krimpen", "pi alphen", "pi dordrecht", "pi grave", "pi sittard", "justitieel complex zaanstad",
	"justitieel complex schiphol", "teylingereind", "de hunnerberg", "lelystad jji", "den hey-acker", "het keerpunt", "ajax", "feyenoord", "fc groningen", "fc utrecht", "fc twente", "vitesse", "~psv", "sc heerenveen", "~nac", "~nec", "willem ii", "roda jc", "heracles almelo", "az alkmaar", "~mbo amersfoort", "vos logistics", "jan de rijk", "kuehne nagel", "~fedex", "bakker bart", "la place", "~efteling",
	"~xindao", "plus retail", "~dirk van den broek", "hoogvliet supermarkt", "~vomar", "~spar", "~poiesz", "~boni", "~dekamarkt", "~makro", "~hanos", "~sligro", "hornbach", "leen bakker", "~kwantum", "~jysk", "~wibra", "~terstal", "~budget energie", "essent energie", "oxxio", "~engie", "~vandebron", "waternet", "wml", "pwn", "oasen", "techem",
	"reclassering nederland", "palier", "kliniek de woenselse poort", "de woenselse poort", "woenselse poort", "fpc de kijvelanden", "fpc de oostvaarderskliniek", "fpc van der hoeven", "van der hoeven kliniek", "van der hoevenkliniek", "veldzicht", "ctp veldzicht", "fpk assen", "centrum '45", "centrum 45", "stichting arq", "psytrec", "!sinai", "sinai centrum", "!yes we can", "yes we can clinics", "castle craig", "trubendorffer",
	/* petrol, shops, energy, loans, collection, clubs */
	"~tinq", "~welkoop", "boerenbond", "scapino", "~texaco", "~esso", "tamoil", "tango tankstation", "gamma bouwmarkt", "~hubo", "~formido", "kringloop het goed", "rituals", "douglas parfumerie", "pets place", "ranzijn", "~intratuin", "groenrijk",
	"big bazar", "~nettorama", "~ekoplaza", "coop supermarkt", "obvion", "florius", "~munt hypotheken", "~moneyou", "lloyds bank", "regiobank",
	"~santander", "credivance", "infomedics", "famed", "fa-med", "~riverty", "collectro", "bosveld incasso", "direct pay", "janssen & janssen gerechtsdeurwaarders", "bazuin & partners", "~budget thuis", "~energiedirect",
	"~delta fiber", "~caiway", "~lebara", "hoffmann bedrijfsrecherche", "samen veilig", "samen veilig midden nederland", "jeugdbescherming gelderland", "jeugdbescherming overijssel", "partners voor jeugd", "stichting jeugdbescherming brabant", "mee nederland", "landelijk bureau inning onderhoudsbijdragen",
	"feenstra verwarming", "~engie services", "~wolter & dros", "~croonwolter&dros", "bam infra", "dura vermeer infra", "~heijmans infra", "~kws", "~ballast nedam infra", "ect delta", "apm terminals", "~rotterdam world gateway", "~vopak", "~hutchison ports",
	"u-center epen", "mind korrelatie", "113 zelfmoordpreventie", "de luisterlijn", "!fonk", "veilig verkeer nederland", "zorgkantoor zilveren kruis", "~vgz zorgkantoor", "~msd", "~organon", "tata steel ijmuiden", "~sabic", "~ecolab", "~thyssen", "asml veldhoven", "vdl nedcar", "~nedcar", "paccar", "bosch rexroth", "~fokker", "~thales", "~imtech", "~spie", "~equans", "~bam", "~vanderlande",
};
/* clang-format on */

#define HOUSES (sizeof(names) / sizeof(names[0]))
#define SLOTS 4096

static uint32_t hashes[HOUSES]; /* of the first word */
static uint8_t lens[HOUSES], skips[HOUSES];
static uint16_t slots[SLOTS]; /* index of a name and 1; 0: free */

_Static_assert(HOUSES < SLOTS / 2, "the table of institutions is too full");

/* What is looked up by its second word, for the first is one of the most frequent. */
static size_t
skip_of(const char *name)
{
	static const char *const fronts[] = {"de ", "het ", "ons ", "van ", "'s "};

	for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++)
		if (strncmp(name, fronts[i], strlen(fronts[i])) == 0)
			return strlen(fronts[i]);
	return 0;
}

void
houses_each(void (*add)(const char *word, size_t len, uint64_t classes, unsigned value))
{
	for (size_t i = 0; i < HOUSES; i++) {
		const char *name = names[i] + (names[i][0] == '~' || names[i][0] == '!');
		size_t slot, len;

		lens[i] = (uint8_t)strlen(name);
		skips[i] = (uint8_t)skip_of(name);
		name += skips[i];
		len = strcspn(name, " -.&+!");
		hashes[i] = token_hash((const uint8_t *)name, len);
		add(name, len, W_KNOWN, 0);
		for (slot = hashes[i] % SLOTS; slots[slot] != 0; slot = (slot + 1) % SLOTS)
			;
		slots[slot] = (uint16_t)(i + 1);
	}
}

bool
house_at(const struct work *w, const struct token *t, size_t *start, size_t *end, uint8_t *mark)
{
	const struct text_in *in = &w->in;
	bool have = false;

	if (!(t->classes & W_KNOWN))
		return false;
	for (size_t slot = t->hash % SLOTS; slots[slot] != 0; slot = (slot + 1) % SLOTS) {
		size_t i = slots[slot] - 1, n, from = t->start;
		bool marked = names[i][0] == '~' || names[i][0] == '!';
		const char *name = names[i] + marked;
		size_t skip = skips[i];

		if (hashes[i] != t->hash || from < skip || (skip > 0 && word_before(in, from - skip)) ||
		    (skip == 0 && from > 0 && in->s[from - 1] == '-') ||
		    (n = phrase_same(in, from - skip, name, lens[i])) == 0 ||
		    (have && from - skip + n <= *end))
			continue;
		have = true;
		*start = from - skip;
		*end = from - skip + n;
		*mark = marked ? (uint8_t)names[i][0] : ' ';
	}
	return have;
}
