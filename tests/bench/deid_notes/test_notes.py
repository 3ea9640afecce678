"""The templates of the half `test`: for the figures alone. Authors of detectors read neither this file nor what is made of it; their half is
`dev`. Otherwise the figures would say how well the detectors know these pages."""
import test_words
from slots import Slots

NAME = "test"


def slots(rng):
    return Slots(rng, test_words, extra=True)


POOLS = {
    # Nothing in these is to be found.
    "near": [
        "METC 19-{n 100 999}; mediane follow-up {n 1 6},5 jaar.",
        "Student's t-test, Mann-Whitney, Bland-Altman, Bonferroni.",
        "ISBN 978-90-368-{n 1000 9999}-1; DOI volgt.",
        "Vergelijk art. 7:{n 400 499} BW en NEN 7510-1:2017.",
        "Zie tabel 3-{n 4 9}, pag. {n 10 19}-{n 20 40}, kamer 3.{n 10 40}.",
        "Na {n 2 9} jaar {n 3 12} van de {n 13 40} in remissie.",
        "{n 5 20} jaar geleden waren het er {n 2 9}.",
        "Het apparaat (model SX{n 1000 9999} AB) is {n 2 9} jaar in gebruik.",
        "Browser 1{n 10 30}.0.{n 4000 7000}.{n 10 120}, poort 8443.",
        "Groep van {n 1100 9900} in totaal, {n 1100 9900} op de wachtlijst.",
        "Score {n 1 9}/{n 10 20}, {n 2 3}-{n 4 6} maal per dag, {n 10 90}%.",
        "De smid en de molenaar; een wolf, een haan en wilde rozen.",
        "De lange winter, het groot onderhoud en de jonge honden.",
        "Cohort uit {year}, herhaald in {year}.",
        "Bestelcode {n 10 99}-{n 1000 9999}, doos van {n 10 500}.",
        "Volgens Maslow, Piaget en Erikson; zie ook de wet van Murphy.",
        "Lasercode {n 100 999} nm, {n 10 40} J, Fitzpatrick III.",
        "De termijn is {n 2 6} weken of {n 1 3} maanden; artikel {n 2 9}:{n 10 20}a Awb.",
    ],
    "anamnese": [
        "Anamnese: sinds {n 2 9} weken {klacht}. {P.Hij} zag op {date 60} al {B.dr}, zonder duidelijke verklaring.",
        "Sinds {my} last van {klacht}, vooral 's nachts. Roken 10 py, alcohol 2 EH/dag. Werkt als {beroep}.",
        "Hetero-anamnese ({Q.rel} {Q.first}): {klacht}, achteruitgang sinds {season}, vergeet de pan op het vuur.",
        "A/ {klacht} x {n 2 10} dgn. Geen koorts. Kleinkind {R.first} ({childage}) was verkouden. Reis naar {city} in {my 300}.",
    ],
    "vg": [
        "VG\n{year} {ziekte}\n{year} sectio caesarea\n{mynum} {ziekte}, {hosp}",
        "Blanco voorgeschiedenis, behoudens {ziekte} ({year}).",
        "Voorgesch.: {ziekte} (dx {my}), {ziekte}; HNP-operatie {hosp} {year}. Gebruikt {middel} {dose} {freq}.",
        "Familieanamnese: vader {ziekte} op {jarige 40 80} leeftijd, tante met {ziekte}.",
    ],
    "lo": [
        "LO: matig ziek. RR {rr} mmHg, HF {n 50 130}, AH {n 10 30}, T {dec 36 40}. Murphy negatief, McBurney drukpijnlijk, Blumberg -.",
        "Onderzoek: lengte 1,7{n 0 9} m, gewicht {n 50 130} kg, buikomvang {n 80 130} cm. Visus ODS 0,8/1,0. Trendelenburg +/-.",
        "Tensie {rr}, pols {n 55 110} ir. ir., EWS {n 0 8}. Holman-Sign negatief, Ottawa enkel regels negatief. VAS {n 1 9}/10.",
    ],
    "lab": [
        "Labuitslagen: BSE {n 2 80}, Hb {dec 5 10}, MCV {n 75 105}, trombo's {n 120 420}, TSH {dec 0 9}, vit. B12 {n 90 600}, PSA {dec 0 20}, NT-proBNP {n 100 4500}.",
        "Na+ {n 128 146} K+ {dec 3 5} Ureum {dec 3 18} ALAT {n 10 120} GGT {n 12 300} INR {dec 1 4}. Urinesediment: leuko's 10-20/veld, 10^5 E. coli.",
        "Echo cor (Simpson): LVEF {n 20 60}-{n 61 65}%. FFR 0,8{n 0 9}. Agatston-score {n 0 900}.",
    ],
    "plan": [
        "Plan: start {middel} {dose} {freq}. Herbeoordeling na 6-8 weken. Bij koorts boven 38,5 contact.",
        "Afgesproken: {middel} afbouwen met 5 mg per 3 dagen, evaluatie op {date 9} bij {C.il}.",
        "Beleid in overleg met {C.dri}: CT-abdomen, daarna MDO op {weekday 6}. {Q.T} is geïnformeerd.",
        "Ontslag naar {care} te {city} d.d. {date 9}. {middel} {dose} tot {dmn 5}, hechtingen eruit dag 12-14.",
    ],
    "slot": [
        "Vriendelijke groet,\n{A.il}, {specialist}",
        "Hoogachtend,\n\n\n{A.dri}\n{specialist} {hosp}, BIG {big}",
        "Collegiale groet,\n{A.full}\n{specialist} i.o.\n(o.s.v. {B.dri})",
        "Met vriendelijke groeten,\n\nnamens {B.il}, {specialist}\n\nsecretariaat: {fixed} / {mail}",
        "groetjes {A.first}",
        "w.g. {A.lower}",
    ],
}

TEMPLATES = [
    ("poliklinische brief", """
{hosp} - polikliniek {vak} - {pobox} - {pc} {city}

Aan: {C.lf}, huisarts, {street}, {pc} {city}
Uw kenmerk: -            Ons kenmerk: MB/{n 100 999}
Datum: {today}
Patiëntgegevens: {P.lf} * {P.dob} * {street} * {city} * PID {pnr}

Geachte {C.dr},

Bovengenoemde patiënt(e) bezocht op {date 20} onze polikliniek.
{=anamnese}
{=vg}
{=lo}
{=lab}
Samenvattend een {P.jarige} {P.man} met waarschijnlijk {ziekte}.
{=plan}

{=slot}
"""),
    ("brief aan patient", """
{P.tl}
{street}
{pc}  {city}

{city}, {today}

Beste {P.tl},

Op {weekday 20} om {clock} heeft u een afspraak bij {A.tf} van {hosp}, route {n 10 99}, balie {n 1 9}. Neem uw identiteitsbewijs mee. Kunt u niet? Bel dan uiterlijk 24 uur van tevoren {fixed} of mail naar {mail}. Meer lezen: {url}.

{=slot}
"""),
    ("ontslag verpleegkundig", """
Verpleegkundige overdracht {vak} -> {care}
Naam pt: {P.lastcaps}   geb. {P.dob}   {P.jaar}   BSN {bsn}
Contact: {Q.full} ({Q.rel}), {mobile}; 2e contact {R.full} {fixed}
Opname {date 30} i.v.m. {klacht}. Ontslag {today}.
ADL: hulp bij wassen. Decubitus: graad 1 hiel. Katheter Ch 14, wissel over 6 weken. Barthel {n 4 20}/20, SNAQ {n 0 4}. Dieet: zoutarm 2400 mg Na.
Bijzonderheden: <{P.first} is slechthorend; liefst praten aan de rechterkant.|mevrouw/meneer houdt van bloemen en kaarten met {N.first} van kamer {n 2 30}.|reanimatiebeleid besproken met {B.dr} op {date 9}.>
Vpk {A.full}
"""),
    ("rapportage kort", """
{clock} <dhr|mw|pt> {P.last} {klacht} aangegeven, {middel} {dose} {freq}. {A.first} {dmn 3}
{clock} familie ({Q.first} en {R.first}) op bezoek geweest. {P.first} is daarna verdrietig. B/ {B.first} morgen nabellen.
"""),
    ("huisarts e-consult", """
Van: {P.mail}
Onderwerp: vraag over {middel}
Ontvangen: {iso}

Goedemorgen dokter {A.last}, ik ben {P.full} ({P.dob}). Ik slik nu {n 2 8} weken {middel} {dose} en heb last van {klacht}. Mijn {Q.rel} {Q.first} zegt dat ik moet stoppen. Mag dat? Bellen mag na 16.30 op {phone}. Groeten {P.first}

Antwoord: Beste {P.tl}, liever niet in 1 keer stoppen; 1 week om de dag. Maak een afspraak bij {B.first}. {A.il}
"""),
    ("huisarts journaal", """
{compact} C {icd} S: {klacht}. O: RR {rr}. E: {ziekte}. P: {middel} {dose} {freq}
{compact} T tel {Q.first} ({Q.rel}): gaat slechter. visite.
{date 90} V S: thuis bezocht, {street}. O: T {dec 37 40}. E: {ziekte}?? P: insturen {hosp}, overlegd met dd {vak}, {B.lower}
{date 60} B brief {B.lower} {hosp}: opname t/m {dmn 40}
"""),
    ("huisarts waarneming", """
Waarneembericht {care} {date 4} {clock}
patient {P.caps} {P.dob} {P.sex} bsn {bsn} {street} {city}
klacht {klacht} hulpvraag: kan dit wachten tot {dm 3}. toestand stabiel U3. zelfzorgadvies, {middel} 3x500. triagist {A.first}. geautoriseerd {B.lower}
"""),
    ("radiologie", """
Verrichting: <X-hand links|MRI-knie|CT-sinus|mammografie beiderzijds> d.d. {date 30}
Pat: {P.il} / {pnr} / {P.dob}
Verslaglegging ({clock}, {A.il}):
Ter vergelijking {date 1500} ({hosp}). <Geen fractuur. Heberden-noduli DIP II en III.|Bakerse cyste 3 x 1,5 cm. Voorste kruisband intact, Segond negatief.|Slijmvliesverdikking, Lund-Mackay 8, Haller-cel rechts.|BI-RADS 2. Cooperse ligamenten normaal.>
Wit/grijs-differentiatie normaal. Spiraal 4-5-6 mm.
Conclusie: geen {ziekte}.
Ass. {B.lower} / superv. {A.lower}
"""),
    ("endoscopie", """
Scopieverslag MDL
Patiënt {P.lf}, {P.jaar}, aangevraagd door {B.il} te {city}
Uitgevoerd {weekday 10} door {A.dri}; sedatie midazolam {n 2 5} mg, fentanyl 0,05 mg
Bevindingen: Boston {n 6 9} (3-3-3). Poliep 8 mm op 40 cm, Paris 0-Is, verwijderd (lis). Divertikels. Ileum t/m klep van Bauhin normaal. Mallory-Weiss: geen. Los Angeles graad A.
Controle over 3 jaar. PA volgt; uitslag via {C.il} of tel {fixed}.
"""),
    ("intake ggz", """
{care} te {city} - verslag eerste gesprek {today}

Betrokkene: {P.firsts} (roepnaam {P.first}), {P.dob}, {street} {city}, tel. {mobile}
Verzekerd bij {insurer}, polis {dossier}

Reden van komst. {P.jarige} {P.man}, verwezen door {C.dr} met {klacht}. Volgens {P.zijn} {Q.rel} {Q.first} is {P.first} veranderd sinds het overlijden van {N.full} in {my 1000}.

Biografie. Geboren in {city} als derde kind; vader ({R:m.lower}) was {beroep}, thuis was de sfeer streng. School: {school}. Op {jarige 15 20} leeftijd het huis uit. Werkte bij {firm}. Gehuwd in {year}, gescheiden {season}. Twee kinderen: {D.first} ({agenum 3 18}) en {E.first} ({agenum 3 18}).

Status mentalis. Verzorgd, coherent, MADRS {n 10 40}, geen waan. Denkt veel aan vroeger. Beck-score {n 8 40}.

{A.full}, {specialist}
Besproken in MDO met {B.full} en {E.il} op {date 5}
"""),
    ("crisisdienst", """
Acute dienst {clock} {weekday 2}
Melding politie {city}: {P.jarige} {P.man}, {P.il}, verward op {streetonly} bij station. Agent {N.lower} aanwezig. Moeder {Q:v.full} gebeld {mobile}. Voorgeschiedenis: {ziekte}, {middel} {dose}. Wvggz art. 7:1, lid 3. Opname {care}, beoordeling {A.il} (onafh. psychiater), geneesheer-directeur {B.dri}. Vervolg {dm 2} door {C.first}.
"""),
    ("wmo verslag", """
Onderzoeksverslag Wmo-melding
Naam inwoner: {P.il}, BSN {bsn}
Gespreksdatum: {date 30}, gevoerd door {A.full} ({gem}) ten huize van inwoner, {street} te {city}
Aanwezig: inwoner, {Q.tf} ({Q.rel}), cliëntondersteuner {B.first} van {care}

Situatie: inwoner ({P.jaar}) heeft {ziekte} en loopt max. 200 meter. Woont gelijkvloers. {Q.first} doet de boodschappen, {R.first} ({agenum 9 19}) helpt 2 x per week. Huisarts: {C.last}.
Beoordeling: CIZ-protocol, normtijd 108 min/week, artikel 3.1.2 verordening 2023. Toekenning 12-24 maanden. Leverancier {firm}.
Klant bereikbaar: {phone}. E-mail {P.mail}.
"""),
    ("beschikking", """
{gem}, {pobox}, {pc} {city}
{P.tl}
{street}, {pc} {city}
Datum {long}  Cliëntnummer {pnr}  Inlichtingen {A.il}, {service}
Betreft: bijzondere bijstand

Geachte {P.tl},
Uw aanvraag van {long} is toegewezen. U ontvangt € {n 50 900},75 op {iban}. Besluit ex artikel 35 PW. De kosten van {middel} komen niet in aanmerking, zie CRvB 12 uur-norm. Controleer of uw partner, {Q.tf} (geb. {date 20000}), heeft getekend.
U kunt bezwaar maken: {url}.

het college, voor deze,
{B.il}, afdelingshoofd
"""),
    ("klachtbrief", """
Geachte heer, mevrouw,

Hierbij dien ik een klacht in over <mijn behandeling|de bejegening|de rekening> door {A.tf}, {specialist} bij {hosp}. Op {date 100} kwam ik daar met mijn {Q.rel} {Q.first} ({Q.jaar}). Zij werd 3 uur lang niet geholpen; {B.t} aan de balie was onbeleefd. Later bleek dat zij {ziekte} had. {C.dr} heeft dat {dm 80} wel gezien, in {city}.

Ik verwacht binnen 4 weken een reactie. Mijn gegevens: {P.full}, {addr}, {phone}, {P.mail}.

{P.il}
"""),
    ("mail door elkaar", """
Beste {A.first},

Zoals {dm 4} besproken stuur ik je de gegevens van {P.full}. {P.Hij} is {P.jaar} en woont nu op {street} in {city}. Nieuwe tel: {phone}. {Q.full} is de bewindvoerder ({Q.mail}). Wil jij {B.first} inlichten? De heer {N:m.lower} van {firm} heeft nog niks gehoord.

Groet, {C.first}

> Op {weekday 6} om {clock} schreef {A.full} \\<{A.mail}\\>:
> Hoi {C.first}, heb jij het dossier {dossier}? Het BSN is {bsn}.
"""),
    ("politiemutatie", """
Mutatie {n 100000 999999} {city} {date 10} {clock}
Melder {P.full}, {P.dob}, {mobile}. Overlast buren {street}. Ter plaatse gesproken met {N.lf}. Voertuig {plate} (grijze Volvo V40) nagetrokken, t.n.v. {Q.il}. Rijbewijs gezien, ID-kaart {passport}. Collega's {A.lower} en {B.lower}. Signalement: man, fors, jas met nummer 10. Afgehandeld.
"""),
    ("verhoor", """
V: Wat is uw naam?
A: {P.full}.
V: Waar woont u?
A: {street} in {city}, sinds {my 900}.
V: Kent u {N.full}?
A: Ja, {N.first} is de ex van mijn {Q.rel} {Q.first}. Hij rijdt in die blauwe, {plate}.
V: Waar was u op {date 30} rond {clock}?
A: Bij {firm}, ik werk daar als {beroep}. Vraag maar aan {R.first}.
Verbalisanten: {A.il} en {B.il}. Gehoord op {long 10}.
"""),
    ("arrest", """
Beschikking van de kinderrechter van {long 200}, rekestnummer {dossier}
inzake de minderjarige {P:k.firsts}, geboren op {P.dob} te {city},
De kinderrechter merkt als belanghebbenden aan: {Q:v.full}, de moeder, wonende te {city}, advocaat {A.mr}, en {R:m.full}, de vader, advocaat: {B.mr} te {city}.
De GI ({care}, vertegenwoordigd door {C.t}) verzoekt op grond van artikel 1:265b BW machtiging voor 12 maanden. {P.first} ({P.jaar}) verblijft sinds {dm 90} bij {N.t} en gaat naar {school}. Mr. {A.last} stelt dat het verzoek tardief is; vgl. HR 2018, r.o. 3.4.2.
Deze beschikking is gegeven door {D.mr}, kinderrechter.
"""),
    ("bedrijfsarts", """
Probleemanalyse WVP
Werknemer {P:w.lf}, pers.nr {pnr}, geb. {P.dob}, functie {beroep}, {n 16 40} u/wk
Werkgever {firm} te {city}, KvK-nummer {kvk}, BTW-nr {vat}
1e ziektedag {date 100}, spreekuur {today}
Werknemer meldde zich ziek met {klacht}; in behandeling bij {A.dr}, {hosp}. Conflict met leidinggevende {B.t}. Prognose 6-12 weken. Opbouw 50-75-100%. Advies: mediation door {C.full} (tel {phone}).
{D.il}, {specialist}
"""),
    ("sollicitatie", """
CV {P:w.full}
Adres {addr}
Telefoon {mobile}  E-mail {P.mail}
Geboren {P.dob} te {city}
<2015-2019|2011 - 2014> {school}
<2019-heden|2014-2020> {firm}, functie: {beroep}
Referentie: {A.full}, {fixed}
Hobby's: koken, de roos kweken, schaken. Rijbewijs B. LinkedIn {url}
"""),
    ("functioneringsgesprek", """
Beoordeling {my 300}: {P:w.full} (schaal 7, trede 3). Beoordelaar {A.il}. {P.first} scoort 7,5. {A.first}: "meer initiatief graag". Doel: cursus Excel 2019 voor {dm 9}; SLA 24/7; ticket {n 10000 99999}. Kopie aan {B.first} van HR, {B.mail}. Uitbetaling op {iban}.
"""),
    ("maatschappelijk", """
Gespreksverslag schoolmaatschappelijk werk, {school}, {today}
Leerling: {P:k.full}, groep {n 3 8}, {P.jaar}
Gesproken met: moeder ({Q:v.full}), leerkracht {A.first}, IB {B.t}
Moeder vertelt dat vader {R:m.first} in {city} zit. {P.first} slaapt slecht sinds {season}. Opa ({age 60 85}) past op. Schuldhulp loopt via {gem}, begeleider {C.full}, {service}. Onderwijsnummer {edu}. Aangifte gedaan {dmn 30}.
"""),
    ("jgz", """
Contactmoment {babyage} - {P:b.firsts}, geb {P.dob}
gew {dec 5 15} lng {dec 60 95} SDS -1,2. Vaccinaties: DKTP, HiB lot {n 1000 9999}AB. {Q:v.first} (moeder, {age 19 42}) maakt zich zorgen over {klacht}. Barlow en Ortolani negatief, Moro aanwezig, Apgar 9/10. vpk {A.first}. Volgende: {weekday 1} {clock} op {streetonly}.
"""),
    ("recept", """
R/ {middel} {dose}
S/ {freq}
dtd no. {n 10 90}
{P.il} {P.dob} {street} {city}
{A.lower} agb {agb} {date 3}
"""),
    ("tabel opname", """
Opnamelijst afdeling {vak} {today}
kamer | naam | geb.datum | arts | bijz.
{n 1 20}.1 | {P.last} | {P.dob} | {A.lower} | NB DNR
{n 1 20}.2 | {Q.caps} | {Q.dob} | {B.lower} | isolatie MRSA
{n 1 20}.3 | {N.lf} | {N.dob} | {A.lower} | {middel} 1000 MG
"""),
    ("csv-achtig", """
nr;naam;adres;postcode;plaats;tel;bsn
1;{P.full};{street};{pc};{city};{mobile};{bsn}
2;{Q.full};{street};{pc};{city};{fixed};{bsn}
3;{N.lf};{street};{pc};{city};{mobile};{bsn}
"""),
    ("formulier", """
Achternaam            : {P.lower}
Voornaam              : {P.first}
Geb. datum            : {P.dob}
Leeftijd              : {P.agenum}
Straat + nr           : {street}
Pc/plaats             : {pc} {city}
Mobiel                : {mobile}
Mail                  : {P.mail}
Burgerservicenummer   : {bsn}
Paspoort-/ID-nr       : {passport}
Rekening (IBAN)       : {iban}
Kenteken              : {plate}
Huisarts              : {A.last} te {city}
Bezwaar tegen delen   : nee
"""),
    ("seh kort", """
{P.jaar} {P.man}, {P.lower}, {klacht} na val van fiets {streetonly} {city}. A vrij B sat {n 88 99} C {rr} D E4M6V5. FAST neg. Weber B li, Salter-Harris nvt, Danis. {A.full} i.o.m. {B.lower} ({vak}). ehbo {date 2}. familie {Q.first} {phone} op weg
"""),
    ("ok kort", """
OK-verslag {today} ({clock}-{clock})
Pat {P.lf} {pnr} {P.dob}
Team: {A.lower} (operateur), {B.lower}, anesth. {C.lower}, OK-ass {D.first} en {E.first}
Procedure: <Hartmann|Bankart-herstel|Swenson|Billroth II|Nissen-fundoplicatie>. Redon 1x, 0-Vicryl. Kocher-incisie. Tourniquet 250 mmHg 45 min. EBL 150 cc.
Post-op: {middel} {dose}, belasting o.g.v. pijn, controle 6 weken.
"""),
    ("telefonisch", """
tel.notitie: {Q.T} ({Q.rel} van {P.t}) belt {date 3} {clock}: {klacht}. wil spreken met {A.dr}. terugbelnr {phone}. <nb geboortedatum patient {P.dob}|nb verhuisd naar {street}, {pc} {city}> {B.first}
"""),
    ("beveiliging", """
Auditmelding: account {P.mail} heeft op {iso} vanaf {ip} ({mac}) dossier {dossier} van {Q.full} geopend zonder behandelrelatie. Medewerker {P.full}, functie {beroep}. Gemeld aan FG {A.full} op {date 9}. Browser 119.0.6045.105, poort 8443, NEN 7513:2018. Zie {url}.
"""),
    ("factuur", """
{firm}    factuurdatum {date 20}
t.a.v. {P.il}
{addr}
2 x sta-op stoel type SX1200 AB à € 899,00
Betalen: IBAN {iban} o.v.v. F{n 10000 99999}. Mastercard {card}. KvK {kvk}, btw {vat}, rsin {rsin}
{mail} - {service}
"""),
    ("asiel", """
Medisch advies in procedure van {P.full}, V-nr {vnr}, paspoort {passport}
Gehoor op {weekday 20} te {city}, tolk aanwezig. Betrokkene stelt geboren te zijn op {P.dob}; leeftijd {P.agenum}. Littekens consistent (Istanbul Protocol). {ziekte}. Reist met {Q.rel} {Q.first} en {R.first} ({childage}). Gemachtigde {A.mr}, {fixed}. Arts {B.il}, {care}.
"""),
    ("fysio", """
Eindverslag fysiotherapie - {care}
Betreft {P.tf}, {P.dob}, verwijzer {A.il}. Diagnosecode 3426, {n 6 18} zittingen van {date 200} t/m {date 20}. NPRS 7 -> 2, 6MWT {n 200 600} m, Berg {n 30 56}. Volgens Mulligan en McKenzie behandeld, excentrisch Alfredson 3 x 15. {P.T} is tevreden. {B.first}, FT
"""),
    ("app", """
{A.first}: weet iemand waar {P.first} is?? {P.zijn} {Q.rel} staat hier
{B.first}: bij {C.first} op de afd
{A.first}: o ja. bel ff {mobile}, dat is van {Q.first}
{C.first}: {P.t} heeft {middel} al gehad om {clock}, kamer {n 1 40}
{A.first}: 👍 dank
"""),
    ("overlijden", """
Condoleancebrief
Geachte familie {P.lower},
Met leedwezen vernam ik het overlijden van uw {Q.rel}, {P.tf}, op {date 20} in {hosp}. {P.Hij} werd {P.jaar}. Ik kende {P.hem} sinds {year} en denk aan onze gesprekken op de {streetonly}.
{A.full}
"""),
    ("wetenschap", """
Methode. Tussen januari en maart werden {n 40 300} patiënten geïncludeerd. {=near} {=near} Een {jarige} proefpersoon trok zich terug. {=near} {=near} {=near} Dosis 2 x daags 500 mg of 1000 MG eenmalig.
"""),
    ("logboek", """
{date 9} {A.first}: {=near} {=near}
{date 9} {B.first}: {=near} Gebeld met {phone}.
"""),
    ("medicatie", """
Thuismedicatie bij opname (bron: {care}, {fixed}, {date 3})
- {middel} {dose} {freq} (voorschr. {A.lower})
- {middel} {dose} {freq}
- {middel} 2000 IE 1 x per week op zondag
Geverifieerd met {P.t} en {Q.rel} {Q.first} door {B.full}, apothekersassistent. Volgende baxterrol {dm 5}.
"""),
    ("zorgplan", """
Zorgplan {P.full} ({P.dob}) - EVV {A.first}
Doel 1: {P.t} loopt 2 x daags 50 m. Actie: fysio ({B.first}). Evaluatie {my 30}.
Doel 2: gewicht boven {n 45 70} kg; bijvoeding Nutridrink 2x200 ml.
Doel 3: contact met {Q.rel}, {Q.first} belt elke zondag; {R.full} komt om de week uit {city}.
Mentor: {N.il}, {N.mail}, {mobile}. Akkoord d.d. {date 20}.
"""),
    ("verwijzing jeugd", """
Aan: {care}, t.a.v. aanmeldteam
Betreft {P:k.full} ({P.jongen}, {P.jaar}), {school}
Beste collega's, graag onderzoek i.v.m. vermoeden van <ADHD|ASS (Asperger)|dyslexie>. Ouders {Q:v.full} en {R:m.full} akkoord, bereikbaar op {mobile} of {Q.mail}. Juf {A:v.first} ziet sinds {my 400} achteruitgang. TIQ {n 70 130} (WISC-V, {my 900}). Mvg {B.il}, jeugdarts, {gem}
"""),
]
