/* The words that decide what something is: keywords, months, units, parts of addresses. Written from general knowledge. */
#include "detect.h"

/* clang-format off */
const struct word_list word_lists[] = {
	{W_BIRTH,
	 "geb geboren geboortedatum gebdat geboortejaar bouwjaar dob born datum dd gebd geboortedd"},
	{W_RSIN,
	 "rsin fiscaal fiscaalnummer finummer loonheffingennummer loonheffingen"},
	{W_EDUCATION | W_OTHER,
	 "onderwijsnummer pgn leerlingnummer leerlingnr onderwijsnr eckid"},
	{W_EDUCATION,
	 "persoonsgebonden"},
	{W_VAT,
	 "btw vat omzetbelasting omzetbelastingnummer btwid btwnummer btwnr"},
	{W_BRIN,
	 "brin brincode brinnummer brinnr"},
	{W_PLATE,
	 "kenteken kentekennummer nummerbord auto nummerplaat kentekenplaat voertuig bromfiets "
	 "scooter motor scootmobiel kent"},
	{W_DOCUMENT,
	 "paspoort paspoortnummer paspoortnr passport identiteitskaart identiteitsbewijs idkaart "
	 "id documentnummer documentnr rijbewijs rijbewijsnummer rijbewijsnr legitimatie "
	 "legitimatiebewijs verblijfsdocument verblijfsvergunning vreemdelingendocument wid "
	 "reisdocument vluchtelingenpaspoort w-document"},
	{W_AGB,
	 "agb agbcode agbnummer agbnr agbcodes"},
	{W_BIG,
	 "big bignummer bignr bigregistratie bigregister bigregistratienummer"},
	{W_KVK,
	 "kvk kvknummer kvknr koophandel handelsregister vestigingsnummer vestigingsnr "
	 "handelsregisternummer"},
	{W_VNUMBER,
	 "vnummer vnr vreemdelingennummer v vreemdelingnummer ind"},
	{W_CARD,
	 "creditcard creditcardnummer creditcardnr visa mastercard maestro amex kaartnummer "
	 "pasnummer"},
	{W_IP,
	 "ip ipadres ipv4 ipv6 server host werkstation pc computer ping"},
	{W_VERSION,
	 "versie version release firmware software softwareversie paragraaf hoofdstuk sectie "
	 "artikel oid uid ver isbn issn doi pmid"},
	{W_PATIENT,
	 "mrn pnr patnummer zis patientnummer patiëntnummer patientnr patiëntnr patnr patiëntennummer "
	 "patientennummer patid patientid dossiernummer dossiernr zisnummer zisnr statusnummer "
	 "opnamenummer opnamenr cliëntnummer clientnummer cliëntnr clientnr ponskaartnummer "
	 "ponsplaatje medischdossier ziekenhuisnummer registratienummer regnr bewonersnummer "
	 "nummerbewoner hospitalnumber casenummer"},
	{W_PATIENT | W_WEAK,
	 "epd pid patient patiënt pat pt dossier cliënt client"},
	{W_OTHER | W_WEAK,
	 "polis klant zaak relatie verzekerde verzekerden verzekering verzekeraar zorgverzekeraar "
	 "verz kenmerk referentie ref rekening rek personeels studie deelnemer proefpersoon "
	 "factuur order lidmaatschap recept melding datalek aangifte rit ritformulier ovv vermelding "
	 "beschikking vergunning aanvraag zaaknr bezwaar"},
	{W_OTHER,
	 "uzovi accession lidnummer digid giro imei serienr sn uzi"},
	{W_POSTCODE,
	 "postcode pc4 zip"},
	{W_PHONE,
	 "tel telefoon telefoonnummer telefoonnr telnr telnummer bel bellen gsm mobiel mob "
	 "mobielnummer fax faxnummer telefonisch phone mobile call bereikbaar whatsapp "
	 "noodnummer sms"},
	{W_PHONE | W_EXTENSION,
	 "toestel tst sein pieper doorkiesnummer dect seinnummer toestelnummer"},
	{W_FILLER | W_NUMBER,
	 "nr nummer no num number nrs"},
	{W_FILLER,
	 "is van code met het de onder op luidt registratie identificatie kaart adres"},
	{W_UNIT,
	 "mg ml kg gr g mcg µg ie iu mm cm m km mmol umol µmol dd x keer uur u min minuten sec dag "
	 "dagen week weken wk maand maanden mnd jaar jaren tabletten tablet stuks graad graden "
	 "euro procent mmhg slagen kilo meter liter l dl cc mv hz kcal gy fracties kuren tot "
	 "punten personen mensen kinderen patiënten"},
	{W_NOSTREET,
	 "abces achterzijde ademweg adres afweg allergies anamnes baan begeleidingsplaats berg bes "
	 "bezwaar bijwerking binnenzijde bloedbaan bos bovenhoek bovenzijde brink brug buitenzijde "
	 "burg complicaties dam deel des diabetes diagnoses diep elleboog enkel erf es "
	 "familieanamnes fietspad fles functies galweg gastric geboorteplaats gegevens gehoor "
	 "genees ges gezichtsveld haven heide herpes hoek hof hoven huisarts ies infecties "
	 "injecties intoxicaties jicht kamp kerk kies klinischpad kringloop kunstknie kwartalen "
	 "kwartier laan les ligplaats linkerzijde loo loopbaan luchtweg luchtwegen maart mark "
	 "markt medicaties meer mes omweg onderarm onderhoek onderweg onderzijde oord operaties "
	 "pad park plaats plein poort premies prijs proces processes rechterzijde res rijn ring "
	 "schouder serie series sinds sluis snelweg species spoorbaan standplaats straat stress "
	 "terp test tersteeg terlaan verkade versteeg verstraat tractus tuin uitweg urineweg veld verlies vervolgens vindplaats voedingsplaats "
	 "voedselweg voetpad voorzijde waarvoor wal weg werf werkplaats woonplaats zijde zorgpad"},
	{W_STREET,
	 "achter achterom allee boompjes boulevard breestraat brink dam damrak dijk dreef "
	 "esplanade gracht haag haven hoek hof kade kamp kerkhof laan markt meent neude oudezijds "
	 "pad park plaats plantage plantsoen plein poort rapenburg ring rokin singel spui steeg "
	 "straat vrijthof wal weg"},
	{W_LEAD,
	 "aan adres bezoekadres bij de dhr en heer het huisadres huisnummer in met mevr mevrouw mw "
	 "naar nu of op patient patiënt postadres straat straatnaam te thuis verblijft verhuisd "
	 "voor wonend wonende woonadres woont"},
	{W_INSIDE,
	 "a aan bij d de den der du en het in la op te ten ter van"},
	{W_HOUSE,
	 "achter bel beneden bg bis boven hg hoog hs huis i ii iii iv rd sous souterrain zw"},
	{W_BOX,
	 "postbus antwoordnummer pb"},
	{W_SCHEME,
	 "at apenstaartje apestaartje http https ftp sftp ftps"},
	{W_TOP,
	 "nl com org eu edu gov frl io uk example"},
	{W_TOP | W_TOPWORD,
	 "nu net be de info app online amsterdam health"},
	{W_CUE,
	 "te in uit naar woonplaats plaats geboorteplaats bij nabij richting locatie regio woont "
	 "wonende"},
	{W_FAMILY,
	 "kinderen kind zoon dochter zoontje dochtertje zoons zonen dochters broer broertje zus "
	 "zusje kleinkinderen kleinkind kleinzoon kleindochter gezin tweeling"},
	{W_AGE,
	 "leeftijd lft age aged kalenderleeftijd"},
	{W_DURATION,
	 "al sinds sedert over na binnen gedurende elke iedere per afgelopen laatste voorbije "
	 "komende eerste volgende ruim bijna om voor tot minstens minimaal maximaal nog de x vanaf "
	 "circa ca ongeveer ieder"},
	{W_ABOUT,
	 "circa ca ongeveer rond plusminus bijna ruim"},
	{W_AFTER,
	 "geleden later lang terug daarna eerder follow overleving gerookt roken getrouwd gehuwd "
	 "samen ervaring garantie na voor bekend gewerkt durend durende"},
	{W_INSTITUTION | W_AFTERNAME,
	 "ziekenhuis gasthuis kliniek hospitaal college lyceum gymnasium apotheek "
	 "huisartsenpraktijk tandartspraktijk praktijk verpleeghuis verzorgingshuis zorgcentrum "
	 "woonzorgcentrum gezondheidscentrum hospice school basisschool umc mc universiteit "
	 "hogeschool zorggroep hospital revalidatiecentrum kinderziekenhuis medisch academisch "
	 "diaconessenhuis"},
	{W_INSTITUTION,
	 "gemeente stichting scholengemeenschap openbare obs cbs rkbs pcbs kbs sbo roc mbo vmbo "
	 "brede peuterspeelzaal kinderdagverblijf kdv kinderopvang bso crèche ggz ggd thuiszorg "
	 "thuiszorgorganisatie thuiszorginstelling huisartsenpost huisartsencentrum dierenkliniek "
	 "fysiotherapie fysiotherapiepraktijk psychologenpraktijk logopediepraktijk "
	 "verloskundigenpraktijk woningcorporatie woningstichting woningbouwvereniging "
	 "gerechtshof politie advocatenkantoor notariskantoor advocaten bouwbedrijf "
	 "transportbedrijf schildersbedrijf schoonmaakbedrijf installatiebedrijf loonbedrijf "
	 "garagebedrijf garage restaurant hotel supermarkt bakkerij slagerij uitzendbureau "
	 "woongroep zorgboerderij wijkteam buurtteam woonvorm ministerie provincie waterschap "
	 "bibliotheek parochie moskee kerkgenootschap sportvereniging voetbalvereniging "
	 "wooncentrum asielzoekerscentrum opvanglocatie zorginstelling zorgverzekeraar "
	 "verzekeraar bank firma bedrijf onderneming administratiekantoor makelaardij "
	 "accountantskantoor drogisterij laboratorium dienstencentrum zorgorganisatie gevangenis "
	 "hogeschool academie instituut"},
	{W_INSTITUTION | W_AFTERNAME,
	 "rijksuniversiteit kinderkliniek dierenkliniek oogkliniek huidkliniek privékliniek "
	 "revalidatiekliniek apotheek kunstacademie conservatorium scholengroep scholengemeenschap "
	 "ziekenhuisgroep woonzorghuis zorghotel zorgvilla ziekenhuizen klinieken bibliotheek "
	 "muziekschool volksuniversiteit zorghuis"},
	{W_INSTITUTION,
	 "rechtbank gevangenis tbs-kliniek ziekenhuislocatie revalidatiecentrum "
	 "woonstichting wooncorporatie woningbouwcorporatie woonvorm woonzorglocatie "
	 "woonvoorziening cjg ikc kindcentrum woonlocatie zorglocatie huize zorghuis jeugdzorg jeugdbescherming "
	 "jeugdgezondheidszorg jeugdhulp stadskantoor gemeentehuis stadhuis stadsdeel werkplein "
	 "werkbedrijf dorpsteam wijkcentrum buurthuis vso sbo montessorischool vrijeschool "
	 "daltonschool islamitische kinderdagverblijf kdc dagbesteding dagcentrum "
	 "aannemersbedrijf aannemer kwekerij tuinderij boomkwekerij autobedrijf "
	 "autogarage garagebedrijf taxibedrijf vervoersbedrijf verhuisbedrijf timmerbedrijf "
	 "hoveniersbedrijf klusbedrijf dakdekkersbedrijf metaalbedrijf drukkerij uitgeverij "
	 "café eetcafé cafetaria snackbar kapsalon schoonheidssalon slijterij "
	 "dierenasiel manege camping vakantiepark sportclub hockeyclub tennisvereniging "
	 "muziekvereniging zangvereniging zwembad sporthal sportschool fitnesscentrum "
	 "psychologenpraktijk huisartsenmaatschap maatschap groepspraktijk praktijkcentrum "
	 "tandartsenpraktijk mondzorg mondzorgcentrum orthodontiepraktijk "
	 "diëtistenpraktijk ergotherapiepraktijk oefentherapie oefentherapiepraktijk podotherapie "
	 "logopedie kraamzorg thuiszorgteam wijkverpleging verslavingszorg "
	 "vrouwenopvang daklozenopvang noodopvang crisisopvang "
	 "bewindvoerderskantoor deurwaarderskantoor makelaarskantoor adviesbureau "
	 "ingenieursbureau architectenbureau uitvaartonderneming uitvaartcentrum crematorium "
	 "begraafplaats zorgkantoor omgevingsdienst veiligheidsregio "
	 "hoogheemraadschap politiebureau politie-eenheid arrondissementsparket "
	 "parket reclassering kazerne marechaussee gymnasium atheneum havo-vwo "
	 "woonzorgcomplex serviceflat aanleunwoning verzorgingstehuis verpleegtehuis bejaardentehuis "
	 "bejaardenhuis kinderhuis internaat asielzoekerscentrum azc opvangcentrum "
	 "speeltuinvereniging buitenschoolse peutergroep speelzaal voorschool"},
	{W_INSTITUTION,
	 "arbodienst budgetbeheer bewindvoering incassobureau praktijkschool rijschool ambulancedienst "
	 "ambulancevoorziening stadsbank kredietbank voedselbank kringloop kringloopwinkel "
	 "kringloopbedrijf trombosedienst streekziekenhuis kinderpraktijk schuldhulp "
	 "schuldhulpverlening veiligheidshuis taxicentrale werkvoorziening "
	 "belastinggroep priklaboratorium dierenartsenpraktijk dierenopvang apotheekgroep"},
	{W_INSTITUTION,
	 "dialysecentrum longcentrum hartcentrum oogcentrum kankercentrum vaatcentrum diabetescentrum "
	 "slaapcentrum brandwondencentrum radiotherapiegroep centrum centrale hap zh olv isd"},
	{W_AFTER,
	 "lid"},
	{W_DATEWORD,
	 "belde belt mailde appte komt kwam"},
	{W_UNIT,
	 "maal"},
	{W_DWELLS,
	 "geboren geb woont woonde wonende woonachtig wonen verblijft verbleef verblijvende "
	 "te komt kwam komen kwamen opgegroeid overleden gevestigd verhuisd vertrokken woonplaats getrouwd afkomstig"},
	{W_WORKS,
	 "werkt werkte werkzaam werken werkend gewerkt werkgever leverancier verzekerd "
	 "zorgverzekeraar verzekeraar dienstverband dienst baan stage bijbaan baantje vrijwilligster "
	 "vrijwilliger contract werkneemster werknemer zorgverzekering apotheek school"},
	{W_WORKS,
	 "thuiszorg ontslagbestemming bestemming instelling zorginstelling kraamzorg dagbesteding revalidatie "
	 "dialyseert dialyse bestelling besteld opleiding studeert werkervaringsplek detachering uitzendkracht "
	 "lid abonnement huurt huurwoning opvang kinderopvang dagopvang logeeropvang sollicitatie proefplaatsing"},
	{W_INSTITUTION,
	 "az zna uz fc vv kv pi fpc fpk jji taxi harmonie fanfare zuivelfabriek fabriek fysio "
	 "huisartsenspoedpost spoedpost brasserie bistro pizzeria eethuis abdij klooster inloophuis "
	 "logeerhuis broedergemeente gerechtsdeurwaarders deurwaarders bewegingscentrum"},
	{W_NAMED,
	 "umcg lumc olvg amc vumc radboudumc mumc umc umcu"},
	{W_NAMED | W_HALF,
	 "albert erasmus martini maasstad franciscus gelderse vallei diakonessen wilhelmina "
	 "schweitzer elisabeth tweesteden máxima maxima haga slotervaart antonius persona noordwest "
	 "princess sophia beatrix amstelland isala catharina laurentius meander tergooi"},
	{W_TAKESPLACE,
	 "umc universiteit hogeschool gemeente rechtbank azc"},
	{W_NAMED | W_TAKESPLACE,
	 "umc"},
	{W_FIRM,
	 "bv nv vof holding beheer zorg wonen groep bouw transport logistiek logistics group "
	 "advocaten advocatuur notarissen accountants makelaars makelaardij revalidatie consultancy "
	 "techniek installaties verzekeringen uitvaartzorg uitvaart catering metaal reizen mode "
	 "optiek schilderwerken hoveniers tuinen keukens automobielen bouwbedrijf thuiszorg "
	 "kinderopvang wonen jeugdzorg jeugdhulp bewindvoering mediation coaching partners"},
	{W_ARTICLE,
	 "de het t 't st sint den"},
	{W_NAMEWORD,
	 "de het van voor der den en ten ter op aan t s st sint hart"},
	{W_DEPARTMENT,
	 "afdeling poli polikliniek betreft datum aan adres postbus antwoordnummer telefoon tel "
	 "fax"},
	{W_STOP,
	 "een deze dit mijn zijn haar hun ons onze uw en of maar want dus als op in bij "
	 "naar met is was wordt heeft afdeling poli polikliniek burgemeester betreft datum tel telefoon fax "
	 "dhr mevr mw mevrouw heer dr drs prof patiënt patient via geachte beste collega postbus "
	 "antwoordnummer spoed nieuwe huidige vorige zelfde dezelfde academische perifere ander "
	 "andere elk elke geen"},
	{W_STREETADJ,
	 "oude nieuwe hoge lage lange korte grote kleine groene zwarte rode witte eerste tweede derde noord zuid oost west achter"},
	{W_PHONE,
	 "faxnr belnr terugbelnr belnummer terugbelnummer terugbellen contactnummer contactnr doorkies "
	 "noodnr mobnr telefonnummer"},
	{W_NOID,
	 "isbn issn doi pmid ean gtin lot lotnr lotnummer batch batchnr charge udi nct snomed loinc icd "
	 "dbc atc zindex artikelnummer artikelnr bestelnummer bestelnr hpk gpk"},
	{W_SPENT,
	 "gebruik dienst behandeling therapie nederland bedrijf functie huis onderhoud"},
	{W_OTHER | W_WEAK,
	 "tnr akte aanslag aanslagbiljet begroting claim ticket zending pakket transactie mandaat machtiging "
	 "debiteur crediteur inschrijving monster"},
	{W_DATEWORD,
	 "gedaan zien aangifte retour ingediend ontvangen verzonden geplaatst verwijderd uiterlijk deadline "
	 "geweest morgen gisteren vandaag geb geboren ziekmelding hersteld ziek ziekgemeld betermelding "
	 "beter gemeld verzuim"},
	{W_DATEWORD,
	 "op dd d datum per vanaf sinds gestopt gestart start gezien gaat opname opgenomen ontslag "
	 "ontslagen controle afspraak consult operatie bezoek brief ingang tot verslag geopereerd "
	 "overleden vervolgafspraak belafspraak herhaald gebeld"},
	{W_FAMILY,
	 "tante oom oma opa moeder vader mama papa ouders nicht neef stiefvader stiefmoeder "
	 "partner voogd echtgenoot echtgenote logeert zusje halfbroer halfzus pleegkind kids "
	 "kiddo kleintje kleintjes kleinkids stiefzoon stiefdochter pleegkinderen pleegzoon pleegdochter"},
	{W_DURATION,
	 "werkt werkte woont woonde rookt rookte bestaat gehuwd getrouwd werkzaam actief trouwe loopt mediaan garantie duurt duurde looptijd overleving gemiddeld totaal"},
	{W_NOAGE,
	 "figuur tabel hoofdstuk artikel bijlage paragraaf stap punt fase graad stadium type "
	 "versie groep level fig tab sectie vraag item score noot ref maandag dinsdag woensdag "
	 "donderdag vrijdag zaterdag zondag"},
	{W_OTHER | W_WEAK,
	 "pers personeel"},
	{W_FIRM,
	 "dakwerken verhuur stukadoors advies adviseurs loodgieters schilders dakdekkers bouwgroep makelaar "
	 "vastgoed services service solutions media studio juristen incasso interieurs vloeren meubelen "
	 "cateraars events evenementen support detachering personeelsdiensten uitzend schoonmaak beveiliging "
	 "security koeriers express tours tandartsen dierenartsen mondzorg thuishulp huishoudhulp medical "
	 "care clinics klinieken zorgverlening dagopvang gastouderbureau stukadoorswerken "
	 "afbouw hovenier tuinaanleg sloopwerken recycling foods trading import export gerechtsdeurwaarders"},
	{W_INSTITUTION,
	 "weekblad dagblad krant archief buurtbemiddeling thuishulp jeugdfonds omroep mee"},
	{W_CUE,
	 "herkomst geboorteland vakantie"},
	{W_WWW,
	 "www"},
	{W_FIRM,
	 "infra panden geluid geluidstechniek groente groenten financieel zonwering elektrotechniek bestratingen "
	 "grondverzet accountancy administraties vastgoedbeheer projecten bestrating isolatie dakbedekking "
	 "glaszetters riooltechniek cleaning trucks verhuizingen"},
	{W_INSTITUTION,
	 "gebr tankstation jeugdopvang peuteropvang kleuterschool groentewinkel bouwmarkt "
	 "woonwinkel sociëteit scouting muziekvereniging schaakclub zeilschool "
	 "politieacademie brandweerkazerne"},
	{W_INSTITUTION | W_AFTERNAME,
	 "mavo"},
	{W_INSTITUTION,
	 "huisartsen hengelsport tuincentrum dierenspeciaalzaak fietsenwinkel rijwielhandel "
	 "dierenpension autorijschool zorgbureau thuiszorgbureau zorghoeve"},
	{W_WORKS,
	 "spoor re-integratie proefplaatsing outplacement gedetacheerd stageplek"},
	{W_WORKS,
	 "handballen voetballen hockeyen tennissen korfballen volleyballen handbalt voetbalt hockeyt volleybalt "
	 "korfbalt traint"},
	{W_FIRM,
	 "b n"},
	{W_UNIT,
	 "jarig jarige jarigen jr j y yr year years old oud mnden wkn dgn"},
};

const struct word_value word_values[] = {
	{"jan", W_MONTH | W_SHORT, 1}, {"januari", W_MONTH, 1}, {"january", W_MONTH | W_ENGLISH, 1},
	{"feb", W_MONTH | W_SHORT, 2}, {"febr", W_MONTH | W_SHORT, 2}, {"februari", W_MONTH, 2},
	{"february", W_MONTH | W_ENGLISH, 2}, {"mrt", W_MONTH | W_SHORT, 3}, {"maart", W_MONTH, 3},
	{"mar", W_MONTH | W_SHORT | W_ENGLISH, 3}, {"march", W_MONTH | W_ENGLISH, 3}, {"apr", W_MONTH | W_SHORT, 4},
	{"april", W_MONTH, 4}, {"mei", W_MONTH, 5}, {"may", W_MONTH | W_ENGLISH, 5}, {"jun", W_MONTH | W_SHORT, 6},
	{"juni", W_MONTH, 6}, {"june", W_MONTH | W_ENGLISH, 6}, {"jul", W_MONTH | W_SHORT, 7}, {"juli", W_MONTH, 7},
	{"july", W_MONTH | W_ENGLISH, 7}, {"aug", W_MONTH | W_SHORT, 8}, {"augustus", W_MONTH, 8},
	{"august", W_MONTH | W_ENGLISH, 8}, {"sep", W_MONTH | W_SHORT, 9}, {"sept", W_MONTH | W_SHORT, 9},
	{"september", W_MONTH, 9}, {"okt", W_MONTH | W_SHORT, 10}, {"oktober", W_MONTH, 10},
	{"oct", W_MONTH | W_SHORT | W_ENGLISH, 10}, {"october", W_MONTH | W_ENGLISH, 10},
	{"nov", W_MONTH | W_SHORT, 11}, {"november", W_MONTH, 11}, {"dec", W_MONTH | W_SHORT, 12},
	{"december", W_MONTH, 12}, {"maandag", W_WEEKDAY, 1}, {"dinsdag", W_WEEKDAY, 2}, {"woensdag", W_WEEKDAY, 3},
	{"donderdag", W_WEEKDAY, 4}, {"vrijdag", W_WEEKDAY, 5}, {"zaterdag", W_WEEKDAY, 6}, {"zondag", W_WEEKDAY, 7},
	{"ma", W_WEEKDAY, 1}, {"di", W_WEEKDAY, 2}, {"wo", W_WEEKDAY, 3}, {"do", W_WEEKDAY, 4}, {"vr", W_WEEKDAY, 5},
	{"za", W_WEEKDAY, 6}, {"zo", W_WEEKDAY, 7}, {"monday", W_WEEKDAY, 1}, {"tuesday", W_WEEKDAY, 2},
	{"wednesday", W_WEEKDAY, 3}, {"thursday", W_WEEKDAY, 4}, {"friday", W_WEEKDAY, 5}, {"saturday", W_WEEKDAY, 6},
	{"sunday", W_WEEKDAY, 7}, {"voorjaar", W_SEASON, 1}, {"lente", W_SEASON, 1}, {"zomer", W_SEASON, 2},
	{"najaar", W_SEASON, 3}, {"herfst", W_SEASON, 3}, {"winter", W_SEASON, 4}, {"kerst", W_SEASON, 5},
	{"kerstmis", W_SEASON, 5}, {"pasen", W_SEASON, 6}, {"pinksteren", W_SEASON, 7}, {"hemelvaart", W_SEASON, 8},
	{"sinterklaas", W_SEASON, 9}, {"carnaval", W_SEASON, 10}, {"koningsdag", W_SEASON, 11},
	{"zomervakantie", W_SEASON, 12}, {"kerstvakantie", W_SEASON, 13}, {"herfstvakantie", W_SEASON, 14},
	{"nieuwjaar", W_SEASON, 15}, {"voorjaarsvakantie", W_SEASON, 16}, {"meivakantie", W_SEASON, 17},
	{"oudjaar", W_SEASON, 18}, {"oudejaarsdag", W_SEASON, 18}, {"oudejaarsavond", W_SEASON, 18}, {"nieuwjaarsdag", W_SEASON, 15},
	{"kerstavond", W_SEASON, 19}, {"kerstdag", W_SEASON, 5}, {"paasdag", W_SEASON, 6}, {"paasmaandag", W_SEASON, 6},
	{"pinksterdag", W_SEASON, 7}, {"hemelvaartsdag", W_SEASON, 8}, {"moederdag", W_SEASON, 20}, {"vaderdag", W_SEASON, 21},
	{"bevrijdingsdag", W_SEASON, 22}, {"krokusvakantie", W_SEASON, 16}, {"prinsjesdag", W_SEASON, 23}, {"spring", W_SEASON | W_ENGLISH, 1}, {"summer", W_SEASON | W_ENGLISH, 2},
	{"autumn", W_SEASON | W_ENGLISH, 3}, {"christmas", W_SEASON | W_ENGLISH, 5},
	{"easter", W_SEASON | W_ENGLISH, 6}, {"tiende", W_AGEWORD, 10}, {"elfde", W_AGEWORD, 11},
	{"twaalfde", W_AGEWORD, 12}, {"dertiende", W_AGEWORD, 13}, {"veertiende", W_AGEWORD, 14},
	{"vijftiende", W_AGEWORD, 15}, {"zestiende", W_AGEWORD, 16}, {"zeventiende", W_AGEWORD, 17},
	{"achttiende", W_AGEWORD, 18}, {"negentiende", W_AGEWORD, 19}, {"twintigste", W_AGEWORD, 20},
	{"dertigste", W_AGEWORD, 30}, {"veertigste", W_AGEWORD, 40}, {"vijftigste", W_AGEWORD, 50},
	{"zestigste", W_AGEWORD, 60}, {"zeventigste", W_AGEWORD, 70}, {"tachtigste", W_AGEWORD, 80},
	{"negentigste", W_AGEWORD, 90},
};
/* clang-format on */
const size_t word_list_count = sizeof(word_lists) / sizeof(word_lists[0]);
const size_t word_value_count = sizeof(word_values) / sizeof(word_values[0]);
