"""The templates of the half `dev`: notes that the authors of detectors may look at. Syntax: engine.py; slots: slots.py."""
import dev_words
from slots import Slots

NAME = "dev"


def slots(rng):
    return Slots(rng, dev_words)


POOLS = {
    # Nothing in these is to be found.
    "near": [
        "Contract loopt {n 2 9} jaar.",
        "Garantie {n 1 4},5 jaar.",
        "De scanner (type MX-4500 AB) gaat al {n 2 9} jaar mee.",
        "Ruimte B2-{n 100 190}, versie {n 2 12}.{n 0 9}.{n 1 9}.",
        "Besteld: {n 2 24} x 500 ml, 1.200 stuks à € {n 10 99},50.",
        "Zie art. 6:{n 100 300} BW en NEN 7510 par. 9.4.{n 1 9}.",
        "ISBN 978-90-8850-{n 100 999}-4.",
        "Binnen {n 2 5} jaar vervangen, 24 uur per dag bereikbaar.",
        "Verhouding 1:4, maat 38-40, 10-12 km/u, 3/4 vol, korting {n 5 50}%.",
        "Kinderen jonger dan 12: halve dosis.",
        "Vijfjaarsoverleving {n 40 95}%, mediaan {n 2 9},5 jaar.",
        "Bij ouderen eGFR \\<30: {n 100 900} mg.",
        "Apgar 9/10, Glasgow E4M6V5, Wells \\>4, Killip II, Child-Pugh B.",
        "{n 2 9}-{n 10 14} dagen, daarna om de 3 weken; totaal {n 20 90} zittingen.",
        "Windows 10, update KB50{n 10000 99999}.",
        "In {year} waren er {n 1100 9900} en in {year} {n 1100 9900} in totaal.",
        "Onderzoek bij mensen van boven de grens; {n 2 9} jaar geleden herzien.",
        "Bloem, suiker, wit brood en een roos in de vaas; de kok is ziek.",
        "De bakker op de hoek levert in mei weer; koning winter is voorbij.",
        "Schaal {n 2 12} trede {n 0 9}, {n 16 40} uur, {n 1 5}e verdieping, lift {n 1 6}.",
        "Kleurcode RAL {n 1000 9000}, maat {n 30 60} x {n 30 60} x {n 30 60} cm.",
        "Volgens de methode van Kaplan-Meier; Cox-model, HR 1,{n 10 90} (1,02-2,10), p=0,0{n 1 4}.",
        "Route {n 10 99}, balie {n 1 9}, afd. {n 1 9}{n 1 9}B, kamer {n 1 9}.{n 10 40}.",
    ],
    "vg": [
        "Voorgeschiedenis: {ziekte}, {ziekte}, appendectomie {year}.",
        "VG: {year} {ziekte}; {my} opname i.v.m. {klacht}.\nMed: {middel} {dose} {freq}, {middel} {dose} {freq}.",
        "Relevante voorgeschiedenis:\n- {year}: {ziekte}\n- {my}: {klacht}, geen afwijkingen\n- {season}: heupprothese rechts",
        "Bekend met {ziekte} en {ziekte}. Sinds {my} gebruikt {P.hij} {middel} {dose} {freq}.",
        "<Moeder|Vader> bekend met {ziekte}, overleden op {jarige 50 92} leeftijd.",
    ],
    "lo": [
        "Lichamelijk onderzoek: RR {rr} mmHg, pols {n 52 120}/min regulair, temp {dec 36 39}, sat {n 88 100}%. Gewicht {dec 48 120} kg.",
        "LO: RR {rr}, P {n 52 120} r.a., T {dec 36 39}. Cor/pulm ga. Abdomen soepel. EMV 15.",
        "Bij onderzoek een niet zieke {P.man}. Bloeddruk {rr}, geen oedemen, huidplooien normaal. Romberg negatief, Babinski beiderzijds afwezig, Lasègue 70 graden.",
        "O/ RR {rr} mmHg, SpO2 {n 90 100}%, BMI {dec 19 38}. Hb {dec 5 10}, CRP \\<{n 3 12}, kreat {n 50 190}, eGFR \\>60, HbA1c {n 38 90}.",
    ],
    "lab": [
        "Lab: Hb {dec 5 10} mmol/l, leuko {dec 3 18} x 10^9/l, CRP {n 2 240} mg/l, natrium {n 128 146}, kalium {dec 3 5}, kreatinine {n 45 210} umol/l.",
        "| bepaling | waarde | referentie |\n| Hb | {dec 5 10} | 8,5-11,0 |\n| CRP | {n 2 240} | 0-10 |\n| glucose | {dec 4 14} | 4,0-7,8 |",
        "ECG: SR {n 55 110}/min, PQ {n 120 220} ms, QRS {n 80 130} ms, geen ST-deviaties. X-thorax: geen infiltraat, CTR 0,{n 42 55}.",
        "MRI lwk: HNP L4-L5 met compressie van wortel L5. Geen myelopathie op niveau Th11-Th12.",
    ],
    "beleid": [
        "Beleid: {middel} {dose} {freq}, controle over {n 2 12} weken.",
        "Wij startten met {middel} {dose} {freq}; bij onvoldoende effect ophogen tot 3 x daags 500 mg. Poli {vak} over {n 3 6} maanden.",
        "P/ {middel} {dose} {freq}. Retour {n 2 8} wk, eerder zn. Vangnetadvies gegeven.",
        "Patiënt is op {date 20} in goede conditie met ontslag gegaan naar {care}. Controleafspraak op {weekday 5} bij {A.dri}, polikliniek {vak}.",
        "Na overleg met {B.dr} werd besloten tot expectatief beleid. <Familie ging hiermee akkoord.|>",
    ],
    "groet": [
        "Met vriendelijke groet,\n\n{A.il}, {specialist}",
        "Met collegiale hoogachting,\n\nmede namens {B.dri},\n{A.il}\n{specialist}\n{hosp}",
        "Hoogachtend,\n{A.full}\n{specialist}, {hosp}\ntel. {fixed}",
        "m.vr.gr.\n{A.first}",
        "Vriendelijke groeten,\n{A.full}\nT {phone}\nE {A.mail}\n{url}",
        "Met vriendelijke groet,\n\n{A.il}\nBIG-nummer {big}",
    ],
}

TEMPLATES = [
    ("facilitair", """
Notitie facilitair {date 20} ({A.first}). {=near} {=near} {=near} {=near} {=near} Contact: {A.full} ({service}).
"""),
    ("richtlijn", """
Protocol {ziekte}. Stap 1: {middel} 500 mg 3 dd gedurende 7-10 dagen. {=near} Stap 2: {middel} 1000 MG. {=near} {=near} Bel bij twijfel {service}, zie {url}. Vastgesteld {my}. Eigenaar: {A.il}, {specialist}.
"""),
    ("ontslagbrief", """
{hosp}
Afdeling {vak}
{pobox}
{pc} {city}

<Aan de huisarts|Aan:> {C.il}
{street}
{pc} {city}

Betreft: {P.ti}, geboren {P.dob}<, BSN {bsn}|>
<Patiëntnummer|Pat.nr.|patiëntnr:> {pnr}

Geachte <collega|collega {C.last}>,

Van {date 40} tot {today} was bovengenoemde {P.jarige} {P.man} opgenomen op onze afdeling in verband met {klacht}.

{=vg}

{=lo}

{=lab}

Conclusie: {P.jarige} {P.man} met {klacht} bij {ziekte}.

{=beleid}

{=groet}
"""),
    ("ontslagbrief-kort", """
Geachte collega,

Op {date 30} zag ik op <de SEH|de polikliniek {vak}|mijn spreekuur> uw patiënt {P.full}, {P.jaar}, wonende te {city}. {P.Hij} kwam met {klacht} sinds {n 2 9} weken.

{=vg}
{=lo}
Conclusie: {ziekte} <waarschijnlijk|niet uitgesloten>.
{=beleid}

{=groet}
"""),
    ("verwijsbrief", """
Verwijsbrief {vak}
Datum: {today}
Patiënt: {P.lf}
Geb.datum: {P.dob} ({P.sex})
Adres: {addr}
Tel: {mobile}
BSN: {bsn}
Verzekeraar: {insurer}, polisnr {dossier}

Beste collega,

Graag uw beoordeling van {P.t}, {P.jaar}, met {klacht}. {=vg}
{=lo}
Vraagstelling: {ziekte}?

{C.il}, huisarts
AGB {agb}
{care}
"""),
    ("huisarts-soep", """
{date 300} <consult|visite|tel. consult|e-consult> ({C.il})
S {klacht} sinds {n 2 9} dgn, <wrs na griep|{Q.rel} {Q.first} had het ook|slaapt slecht>. <Werkt als {beroep} bij {firm}.|Is gestopt als {beroep}.|>
O RR {rr}, pulm VAG, T {dec 36 39}
E {ziekte} ({icd})
P {middel} {dose} {freq}, {n 7 90} stuks. co {n 1 6} wk. <bel {mobile} met uitslag|belt zelf ma 9.00 u>
"""),
    ("huisarts-telegram", """
{dmn 30} pt belt, {klacht}, al 3 dgn. {Q.zoon} {Q.first} maakt zich zorgen. gisteren gezien door {B.dr}, advies {middel} {dose}. nu 2 x daags 500, geen effect.
pols 88, rr {rr}. overleg <poh {C.first}|{C.il}>: morgen lab + evt ECG. wil niet naar {hosp}, liever {hosp}.
"""),
    ("huisarts-visite", """
VISITE {date 30}
{P.caps}, {P.jaar}, {street}, {city}
{klacht}. woont alleen, buur{N:v.man} {N.t} heeft de sleutel ({fixed}). {Q.zoon} {Q.full} contactpersoon, {mobile}.
{=lo}
{=beleid}
"""),
    ("radiologie", """
RADIOLOGIEVERSLAG
Patiënt: {P.caps}   Geb.: {P.dob}   Nr: {pnr}
Onderzoek: <CT thorax|X-knie rechts|MRI hersenen|echo abdomen>, {date 60} {clock}
Aanvrager: {A.dri}, {vak}

Klinische gegevens: {P.jarige} {P.man}, {klacht}. {ziekte}?

Verslag:
Vergeleken met het onderzoek van {date 900}. <Geen pulmonale noduli groter dan 4 mm. In segment 6 rechts een opaciteit van 12 x 9 mm.|Status na TKP, geen loslating. Kellgren 3 mediaal.|Geen acute ischemie. Enkele wittestofafwijkingen, Fazekas 1. Hydrocephalus: Evans-index 0,28.>
Normaal aspect van milt, pancreas en nieren. Cyste van Bosniak type I links. Geen lymfadenopathie.

Conclusie:
Geen aanwijzingen voor {ziekte}.

<Verslag:|Geautoriseerd door:> {B.il}, radioloog
"""),
    ("pathologie", """
PA-verslag {pa}
Naam: {P.lf}
Geboortedatum: {P.dob}
Ontvangen: {date 30}. Geautoriseerd: {today} door {A.il}, patholoog.
Klinische gegevens: {klacht}, {P.jaar}. Excisie mamma links, maligniteit?
Macroscopie: huidexcisie van 2,1 x 1,4 x 0,6 cm, ingekleurd, blok 1 t/m 4.
Microscopie: Her2 negatief, ER 90%, Ki67 {n 5 60}%. Gleason 3+4=7 niet van toepassing. pT1c N0 (sn) Mx. Breslow 0,{n 3 9} mm.
Aanvrager: {B.dri}, {hosp}, {city}.
"""),
    ("verpleging", """
{date 20} <Nachtdienst|Late dienst|Vroege dienst>: {P.T} <heeft goed geslapen|was onrustig|gaf pijn aan, NRS {n 3 9}>. <Om {clock} paracetamol 1000 mg gegeven.|{middel} geweigerd.> {P.Hij} had bezoek van {P.zijn} {Q.rel} {Q.first} <en van {R.first}|>. Mobiliseert met rollator op kamer {n 1 40}, bed {n 1 4}. Wond op stuit 2 x 3 cm, categorie II, Waterlow {n 8 20}.
Overdracht aan <collega {B.first}|{B.full}|zr. {B.first}>. {A.first}
"""),
    ("verpleging-thuis", """
Rapportage thuiszorg {care}
{weekday 10} {clock} - zorgmoment bij {P.t}. Steunkousen aangetrokken, ogen gedruppeld. Mevr/dhr vertelde dat <{Q.first} dit weekend komt|hij de hele nacht wakker lag|de bloem in de vaas mooi was>. Bloedsuiker {dec 4 15}. Medicijnrol opgehaald bij {care}.
{weekday 10} {clock} - <{B.first} heeft gebeld met huisarts {C.last}|sleutelkluis code gewijzigd>. Afgesproken: morgen extra controle. <{A.first} {B.first}|{A.full}>
"""),
    ("psychiatrie", """
Intakeverslag ambulant team {care}
Cliënt: {P.firsts}
Geboren: {P.dob} te {city}
Verwijzer: {C.il}, huisarts te {city}

Aanmelding: {P.jarige} {P.man} wordt verwezen wegens {klacht} en somberheid sinds {season}. {P.Hij} woont met {P.zijn} partner {Q.full} en hun kinderen {R.first} ({agenum 2 9}) en {N.first} ({agenum 2 9}) in {city}. {P.first} groeide op in {city} als oudste van {n 3 6}. De relatie met {P.zijn} moeder was moeizaam; stiefvader {D:m.first} dronk.

Psychiatrisch onderzoek: bewustzijn helder, aandacht te trekken. Stemming somber, affect vlak. GAF {n 40 65}. {P.T} ontkent suïcidale gedachten. <Wandelt graag en leest veel.|Reageert als de hond van Pavlov.|>
Diagnose: depressieve stoornis, {icd}. Differentiaal: ziekte van Huntington (familieanamnese).
Beleid: {middel} {dose} {freq}. CGT bij {B.full}, gz-psycholoog. Crisiskaart: bel {service} of {mobile}.

{A.dri}, psychiater
"""),
    ("psychiatrie-voortgang", """
{today} Voortgang. {P.first} kwam <op tijd|te laat|samen met {P.zijn} moeder, {Q:v.t}>. Vertelde over het conflict met {N.first}, een collega bij {firm}. EMDR sessie {n 2 9}, SUD van 8 naar {n 1 4}. <{B.first} (SPV) belt donderdag.|Ouders ({Q.full} en {R.full}) worden uitgenodigd.> Recidief: {ziekte} bij oma. Volgende afspraak {dm 9}.
"""),
    ("wmo-besluit", """
{gem}
{pobox}, {pc} {city}

<Aan de heer/mevrouw|Aan> {P.il}
{street}
{pc} {city}

{city}, {long}
Ons kenmerk: zaaknummer {dossier}
Behandeld door: {A.full}, tel. {service}

Onderwerp: besluit Wmo

Geachte <heer/mevrouw {P.last}|{P.tl}>,

Op {date 60} heeft u zich gemeld voor <huishoudelijke hulp|een scootmobiel|begeleiding>. Op {weekday 30} heeft {B.t}, Wmo-consulent, u thuis bezocht. Daarbij was ook uw {Q.rel} {Q.tf} aanwezig.
Wij hebben besloten u op grond van artikel 2.3.5 van de Wmo 2015 en artikel 4:13 Awb hulp toe te kennen voor {n 2 6} uur per week, van {date 20} tot en met {date 10}. De eigen bijdrage is € 19,00 per maand, geïnd door het CAK (artikel 3.8 Uitvoeringsbesluit).

Bent u het niet eens met dit besluit? Maak dan binnen zes weken bezwaar. Dat kan via {url} of per post.

Met vriendelijke groet,
namens het college van burgemeester en wethouders,

{D.il}
teammanager
"""),
    ("bijstand", """
Rapportage Participatiewet
Klant: {P.full}   BSN {bsn}
Adres: {street}, {city}
IBAN: {iban}
Datum aanvraag: {date 50}

Belanghebbende is {P.jaar} en sinds {my} werkzoekend na ontslag bij {firm}, waar {P.hij} als {beroep} werkte. Belanghebbende bewoont de woning met {Q.tf} (geb. {date 15000}). De auto, kenteken {plate}, staat op naam van {P.zijn} {relatie}. Op de overgelegde afschriften van rekening {iban} staat op {date 90} een bijschrijving van € {n 100 900},00 van {N.il}.
Vermogensgrens art. 34 lid 3 Pw: € 7.605. Norm gehuwden 2024.
Conclusie: recht op bijstand vanaf {date 30}. Controle over 12 maanden.
Consulent: {A.full}, {A.mail}
"""),
    ("klacht-mail", """
Van: {P.full} \\<{P.mail}\\>
Aan: {mail}
Datum: {weekday 10} {clock}
Onderwerp: klacht over <behandeling|wachttijd|factuur>

Beste <meneer, mevrouw|klachtenfunctionaris>,

Op {date 50} was ik met mijn <man {Q:m.first}|vrouw {Q:v.first}|moeder ({Q:v.jaar})> bij {A.dr} in {hosp}. Wij hebben {n 40 120} minuten moeten wachten. De assistente, <volgens mij heette ze {B:v.first}|{B:v.tf}>, zei dat wij "maar terug moesten komen over 3 weken". Ik vind dit niet kunnen. Ik heb ook al gebeld met {phone} en een bericht gestuurd via {url}, zonder reactie.

Graag hoor ik van u. U kunt mij bereiken op {mobile} (na 17.00 uur) of op dit adres: {addr}.

<mvg|Groet|Met vriendelijke groet>,
{P.full}
"""),
    ("klacht-kort", """
hallo ik ben {P.full} uit {city} en ik wil dat iemand mij terug belt op {mobile}, het gaat om mijn <zoontje {Q:m.first}|dochter {Q:v.first}> van {age 4 17}. we waren {dm 9} bij <dokter {A.last}|{A.dr}> en nu zegt {insurer} dat het niet vergoed wordt. klantnr {pnr}. gr {P.first}
"""),
    ("politie", """
PROCES-VERBAAL VAN AANGIFTE
Politie-eenheid {city}
Registratienummer: {dossier}

Ik, verbalisant {A.il}, hoofdagent, hoorde op {long} te {clock} een persoon die mij opgaf te zijn:
Achternaam: {P.lower}
Voornamen: {P.firsts}
Geboren: {P.dob} te {city}
Adres: {street}, {pc} {city}
Telefoon: {mobile}
Documentnummer paspoort: {passport}

Aangever verklaarde: "Ik parkeerde mijn auto, een grijze Opel Astra met kenteken {plate}, op {date 20} omstreeks {clock} aan de {streetonly} te {city}. Toen ik terugkwam was de ruit vernield. Getuige {N.full} zag een man van ongeveer {age 20 50} weglopen, 1.80 m lang, spijkerbroek maat 34. Hij noemde zich '{D.first}'."
Art. 350 Sr. Schade: € {n 150 900},00.
"""),
    ("vonnis", """
{court}
Zaaknummer: {dossier}
Uitspraak van {long 300}

in de zaak van
{P.firsts}, wonende te {city}, eiser, gemachtigde: {A.mr},
tegen
{inst}, gevestigd te {city}, verweerder, gemachtigden: {B.mr} en {C.mr}.

1. Procesverloop
1.1 Bij besluit van {long 300} heeft verweerder de aanvraag van eiser afgewezen op grond van artikel 8, eerste lid, van de Wajong.
1.2 Het onderzoek ter zitting heeft plaatsgevonden op {long 100}. Eiser is verschenen, bijgestaan door {A.mr}. Als deskundige is gehoord {D.dri}, psychiater.

2. Overwegingen
2.1 Eiser, thans {P.jaar}, lijdt aan {ziekte}. Volgens {D.dr} is sprake van duurzame beperkingen (rapport van {long 200}, par. 3.2.1).
2.2 De rechtbank ziet geen aanleiding voor een proceskostenveroordeling (Bpb, bijlage, € 907 per punt).

Deze uitspraak is gedaan door {N.mr}, rechter, in aanwezigheid van {Q.il}, griffier.
"""),
    ("hr-verzuim", """
Terugkoppeling bedrijfsarts
Werknemer: {P:w.full}, personeelsnummer {pnr}
Werkgever: {firm}, vestiging {city}
Leidinggevende: {A.t}
Datum spreekuur: {today}     Eerste ziektedag: {date 200}

Werknemer ({P.jaar}, {beroep}) is uitgevallen met {klacht}. Belastbaar voor 3 x 2 uur per week, opbouwen met 2 uur per 2 weken. Geen tillen boven 10 kg. Behandelaar is {B.dr} ({hosp}). Evaluatie WIA week {n 42 88}. FML d.d. {date 30}.
Casemanager: {C.full} ({C.mail}, {fixed})
<KvK werkgever: {kvk}.|Loonheffingennummer {rsin}, btw-id {vat}.|>
"""),
    ("hr-gesprek", """
Gespreksverslag {today}
Aanwezig: {P:w.full}, {A.full} (leidinggevende), {B.first} (HR)
{P.first} geeft aan dat de werkdruk in het team van {N.first} te hoog is. {A.first} begrijpt dit. Afspraak: per {dm 5} 4 x 8 uur, evaluatie na 6 weken. Salarisschaal 9, trede 4. Laptop SN MX450-2, versie 2.3.1. Reiskosten: auto {plate}, € 0,23 per km. Nieuw rekeningnummer: {iban}.
"""),
    ("maatschappelijk-werk", """
Verslag huisbezoek sociaal wijkteam
Gezin {P:v.lower}, {street} te {city}
Aanwezig: moeder {P:v.full} ({P.jaar}), {R.first} ({childage}), buurvrouw {N:v.first}. Vader, {Q:m.full}, woont sinds {my} in {city}.
{R.first} zit in groep {n 3 8} van {school}. Juf {B:v.first} maakt zich zorgen: vaak te laat, weinig eten mee. <IB'er {C.full} heeft melding gedaan bij Veilig Thuis.|Leerplicht is ingelicht; onderwijsnummer {edu}.>
Schulden: {insurer} € {n 300 4000}, huur bij {firm} 3 maanden. Inkomen: bijstand {gem}. Aangemeld bij de voedselbank. Moeder spreekt {P.zijn} taal thuis; tolk telefonisch ({service}).
Plan: {A.first} gaat mee naar {B.dr}. Volgende afspraak {weekday 2} {clock}.
"""),
    ("jeugd", """
Consultatiebureau {city}
{P:b.firsts}, geb. {P.dob}
{babyage}, lengte {dec 60 99} cm, gewicht {dec 5 15} kg, hoofdomtrek {dec 40 50}. Van Wiechen: kruipt, zegt "mama". BMR gegeven, batch A{n 10 99}CB{n 100 999}. <Moeder {Q:v.first} vraagt naar slapen.|Vader ({Q:m.full}) aanwezig.> JGZ-arts: {A.full}.
Volgende afspraak: {weekday 1}.
"""),
    ("apotheek", """
{care}
{street} {city} tel {fixed}

{P.il} {P.sex} {P.dob}
{pc} {street}
{middel} {dose} tablet FO
{freq}, {n 10 90} stuks. Lot 4F21B exp 2027. Arts: {A.last}
RECEPT {dossier}
"""),
    ("medicatielijst", """
Actueel medicatieoverzicht van {P.t} per {today}
| middel | sterkte | gebruik | start | arts |
| {middel} | {dose} | {freq} | {date 900} | {A.last} |
| {middel} | {dose} | {freq} | {date 900} | {B.last} |
| {middel} | 1500 MG | 1-0-1 | {mynum} | {A.last} |
Allergie: penicilline (sinds {year}). CYP2D6 PM.
"""),
    ("tabel-contacten", """
Contactpersonen dossier {dossier}
naam;relatie;telefoon;e-mail
{Q.full};{Q.rel};{mobile};{Q.mail}
{R.full};{R.rel};{fixed};{R.mail}
{A.il};huisarts;{fixed};{mail}
"""),
    ("formulier", """
AANMELDFORMULIER
Naam: {P.lower}
Voorletters: {P.initials}
Geboortedatum: {P.dob}
Leeftijd: {P.agenum}
Geslacht: {P.sex}
Straat en huisnummer: {street}
Postcode: {pc}
Woonplaats: {city}
Telefoon: {phone}
E-mailadres: {P.mail}
BSN: {bsn}
Huisarts: {C.last}, {city}
Verzekering: {insurer} nr. {dossier}
"""),
    ("mdo", """
MDO {today} - aanwezig: {A.full} (SO), {B.first} (EVV), {C.first} (fysio), {D.il} (psycholoog)
1. {P.T} (k. {n 1 40}): valrisico, Tinetti {n 9 24}/28. Start {middel} {dose}.
2. {N.T}: <roos op hoofdhuid, ketoconazolshampoo|MMSE {n 9 28}/30|wit beslag tong, nystatine>. Zoon {Q:m.first} wil <gesprek met {A.last}|verhuizing naar {care}>.
3. {R.tf}, {R.jaar}: gaat {dm 5} naar {hosp} voor controle pacemaker (Medtronic).
Volgende MDO: {weekday 1}.
"""),
    ("seh", """
SEH {hosp} triage {clock} {date 5}
{P.caps} {P.sex} {P.jaar} pnr {pnr}
ambu 07-{n 100 199} gebracht uit {city}. gevallen van trap ca. {n 1 3} m. GCS 15, RR {rr}. pijn NRS {n 4 9}. X-pols: Colles-fractuur li, gips volgens Sarmiento. tetanus {year}. {=vg}
1e contact: {Q.rel} {Q.full} {mobile}
arts-ass: {A.full}, superv. {B.last}
"""),
    ("operatie", """
OPERATIEVERSLAG
{P.lf} geb. {P.dob}
Operatiedatum: {today}    OK {n 1 12}
Operateur: {A.il}   Assistent: {B.il}   Anesthesioloog: {C.dri}
Ingreep: <laparoscopische cholecystectomie|THP links volgens Hardinge|Lichtenstein-plastiek rechts|Whipple-procedure>
Indicatie: {klacht}, {P.jaar}.
Beschrijving: time-out. Introductie 10 mm trocar volgens Hasson. Kocher-klem, Langenbeck haken. Vicryl 2-0, Monocryl 4-0. Bloedverlies {n 20 400} ml.
Postoperatief: Fraxiparine 2850 IE 1dd, mobiliseren dag 1. Wondcontrole over 10-14 dagen.
"""),
    ("telefoonnotitie", """
Telefoonnotitie {today} {clock}
<{Q.T} belde namens {P.t}.|Gebeld door {Q.full} ({Q.rel} van {P.full}).> Vraagt of de uitslag van {dm 9} bekend is. Terugbellen op {phone} <of {mobile}|>. Doorgezet naar {A.first}/{B.first}.
"""),
    ("ict-melding", """
Incident {n 100000 999999}: gebruiker {P.full} ({P.mail}) meldt dat mijnpoli niet opent. Client {ip}, MAC {mac}, HiX versie 6.3.1.{n 2 9}, foutcode 0x80070005. Inlog op {iso}. Zie {url}. Opgelost door {A.first} op {date 5} om {clock}. Windows 10, KB5031356.
"""),
    ("declaratie", """
Nota {n 2019 2026}-{n 1000 9999}
{P.il}, {street}, {pc} {city}
Behandeldatum {date 90}, prestatiecode 12001, zorgverlener {A.il} (AGB-code {agb})
Bedrag € {n 30 400},50 te voldoen binnen 14 dagen op {iban} t.n.v. {care}. Creditcard: {card}. KvK {kvk}. BTW {vat}.
Vragen? {mail} of {service}.
"""),
    ("ind-brief", """
{gem} - team inburgering
Betreft: {P.full}, V-nummer {vnr}, geboren {P.dob}
{P.T} is sinds {my} in Nederland en verblijft op {azc}. Contactpersoon COA: {A.full} {mobile}. Paspoortnummer {passport}. Gezinsleden: {Q:v.full} (echtgenote), {R.first} ({age 2 17}).
Intake op {weekday 10} om {clock}, {street}, {city}. Taalniveau A2, examen KNM 3-{n 10 12} onderdelen.
"""),
    ("onderzoek-nota", """
Casusbespreking {today}. Een {jarige} {P.man} met {ziekte} werd behandeld volgens de richtlijn (NHG-Standaard M{n 10 99}, versie 4.1). Zie ook Jaarverslag 2019, ISBN 978-90-313-7688-4, blz. 112-118. De methode van Kaplan-Meier gaf een overleving van 84% na 5 jaar. Cox-regressie: HR 1,{n 10 90} (1,02-2,10), p=0,0{n 1 4}. Inclusie 3-6 weken na operatie; follow-up 24 maanden. T.o.v. 1,5 jaar geleden minder klachten. {middel} 500 mg 2 x daags gedurende 10 dagen.
"""),
    ("kaart", """
Naam           : {P.lf}
Geslacht       : {P.sex}
Leeftijd       : {P.agenum}
Geb.           : {P.dob}
Pers.nr.       : {pnr}
Belnr          : {phone}
Adres          : {street}
                 {pc} {city}
Opname         : {care} {date 20} {clock}
Vorige         : {hosp} {date 900}, t/m {dmn 60}
"""),
    ("overdracht", """
{hosp} {date 9} {clock}
1. {P.last} ({P.jaar}), {klacht}, gezien {dmn 9}. {A.first}
2. {Q.il}, {middel} {dose} {freq}, gestopt {dmn 9}
3. {N.tf} gaat {dmn 9} naar {care}. Wil {B.first} bellen? ({phone})
4. {R.first} ({agenum 3 18}) logeert bij {D.first}, {D.jaar}. {care} {date 9} gebeld door {B.first}
"""),
    ("genogram", """
Gezin {P:v.last} ({city}): moeder {P.first} {P.jaar}; vader {Q:m.full}; kinderen: {R.first} ({agenum 2 18}) speelt voetbal, {D.first} ({agenum 2 18}) woont bij oma en {E.first} van {childage}. Tante {N:v.first} ({agenum 30 60}) is voogd. School {school}. Op {jarige 15 30} leeftijd verhuisd naar {city}, {streetonly}. Terugbelnr. {phone}.
"""),
    ("logregel", """
{date 30} {clock} [{A.last}] {P.il} {pnr} {street} {city} {date 30}
{city} {date 30} {clock} gesproken met {P.full} te {city} {date 30}, afspraak {dmn 9}
{care} {date 30}: {B.t} belt {phone} over {Q.full} {Q.dob} {street}
"""),
    ("whatsapp", """
[{clock}] {A.first}: heb jij {P.t} gezien vanmiddag?
[{clock}] {B.first}: ja, {klacht}. {Q.zoon} {Q.first} belde ook nog, {mobile}
[{clock}] {A.first}: ok, ik bel {C.dr} even. Zit ze nog op kamer {n 1 30}?
[{clock}] {B.first}: ja. {middel} {dose} gegeven om {clock}
"""),
    ("school", """
Geachte ouders van {P:k.full},

Op {weekday 10} had {P.first} op {school} een gesprek met mentor {A.full} en zorgcoördinator {B.full}. {P.Hij} (klas {n 1 4}B) verzuimde {n 8 30} uur sinds {dm 80}. De jeugdarts, {C.t}, nodigt u uit op {street} in {city}. Bellen kan met {fixed}.

{A.il}
"""),
]

